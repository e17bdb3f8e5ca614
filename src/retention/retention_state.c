/*-------------------------------------------------------------------------
 *
 * retention_state.c
 *	  Counting customers by cohort and cell.
 *
 * A cohort is an entry of an array by period, because cohorts are neighbours
 * in time: days of a year are 365 entries.  Counts are whole numbers, so that
 * neither the order of customers nor how they were split shows.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/int.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "src/retention/retention_summary.h"

#define INITIAL_SLOTS 64

static void check_bytes(const RetentionState *state, Size more);
static void grow_slots(RetentionState *state, int32 cohort);
static int64 *find_cohort(RetentionState *state, int32 cohort);
static void add_counts(RetentionState *state, int32 cohort, const int64 *counts);

/*
 * A state that counts nobody yet, in the given context; the bounds are copied.
 */
RetentionState *
crm_retention_state_create(MemoryContext context, const RetentionSpec *spec)
{
	RetentionState *state;

	state = (RetentionState *) MemoryContextAllocZero(context, sizeof(RetentionState));
	state->spec = *spec;
	state->context = context;
	if (spec->mode == RETENTION_BRACKETS)
	{
		Size		size = (spec->n_cells + 1) * sizeof(int64);

		state->spec.bounds = (int64 *) MemoryContextAlloc(context, size);
		memcpy(state->spec.bounds, spec->bounds, size);
	}
	return state;
}

static void
check_bytes(const RetentionState *state, Size more)
{
	if (state->bytes + more > RETENTION_MAX_BYTES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("retention of too many cohorts and periods: more than %d MB",
						RETENTION_MAX_BYTES / (1024 * 1024)),
				 errhint("Use a longer unit or fewer periods, or leave out wrong dates.")));
}

/*
 * Make a slot for a cohort.
 */
static void
grow_slots(RetentionState *state, int32 cohort)
{
	int64		first = cohort;
	int64		end = (int64) cohort + 1;
	int64		n;
	int64	  **cohorts;

	if (state->n_slots > 0)
	{
		first = Min(first, state->first_cohort);
		end = Max(end, (int64) state->first_cohort + state->n_slots);
	}
	/* double it, in the direction in which it grows */
	n = Max(end - first, 2 * (int64) state->n_slots);
	n = Max(n, INITIAL_SLOTS);
	if (first < state->first_cohort && state->n_slots > 0)
		first = Max(end - n, PG_INT32_MIN);
	n = Min(n, PG_INT32_MAX - first);
	n = Max(n, end - first);

	check_bytes(state, (Size) n * sizeof(int64 *));
	cohorts = (int64 **) MemoryContextAllocExtended(state->context,
													(Size) n * sizeof(int64 *),
													MCXT_ALLOC_ZERO);
	if (state->n_slots > 0)
	{
		memcpy(cohorts + (state->first_cohort - first), state->cohorts,
			   (Size) state->n_slots * sizeof(int64 *));
		pfree(state->cohorts);
	}
	state->bytes += (Size) (n - state->n_slots) * sizeof(int64 *);
	state->cohorts = cohorts;
	state->first_cohort = (int32) first;
	state->n_slots = (int32) n;
}

/*
 * The counts of a cohort, made if it is new.
 */
static int64 *
find_cohort(RetentionState *state, int32 cohort)
{
	int64		slot = (int64) cohort - state->first_cohort;

	if (slot < 0 || slot >= state->n_slots)
	{
		grow_slots(state, cohort);
		slot = (int64) cohort - state->first_cohort;
	}
	if (state->cohorts[slot] == NULL)
	{
		Size		size = (1 + (Size) state->spec.n_cells) * sizeof(int64);

		check_bytes(state, size);
		state->cohorts[slot] = (int64 *) MemoryContextAllocZero(state->context, size);
		state->bytes += size;
	}
	return state->cohorts[slot];
}

/*
 * Count a customer of a cohort, whose activity may be NULL or empty: one who
 * was never active again.  Activity before the cohort's period is passed over.
 */
void
crm_retention_state_count(RetentionState *state, int32 cohort,
						  const Activity *activity)
{
	const RetentionSpec *spec = &state->spec;
	int64	   *counts = find_cohort(state, cohort);
	int64	   *retained = counts + 1;
	ActivityWalk walk;
	int32		period;
	int64		since;

	counts[0]++;
	if (activity == NULL || activity->n_words == 0)
		return;

	if (spec->mode == RETENTION_ON_OR_AFTER)
	{
		int64		i;

		since = (int64) activity_last(activity) - cohort;
		since = Min(since, spec->n_cells - 1);
		for (i = 0; i <= since; i++)
			retained[i]++;
		return;
	}

	activity_walk_begin(&walk, activity);
	activity_walk_skip_to(&walk, cohort);
	if (spec->mode == RETENTION_ON)
	{
		while (activity_walk_next(&walk, &period))
		{
			since = (int64) period - cohort;
			if (since >= spec->n_cells)
				break;
			retained[since]++;
		}
	}
	else
	{
		int32		cell = 0;

		while (cell < spec->n_cells && activity_walk_next(&walk, &period))
		{
			since = (int64) period - cohort;
			if (since < spec->bounds[cell])
				continue;
			while (cell < spec->n_cells && since >= spec->bounds[cell + 1])
				cell++;
			/* one activity in a bracket is enough */
			if (cell < spec->n_cells)
				retained[cell++]++;
		}
	}
}

static void
add_counts(RetentionState *state, int32 cohort, const int64 *counts)
{
	int64	   *into = find_cohort(state, cohort);
	int32		i;

	for (i = 0; i <= state->spec.n_cells; i++)
	{
		if (pg_add_s64_overflow(into[i], counts[i], &into[i]))
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("bigint out of range")));
	}
}

/*
 * Add all counts of another state, which must be of the same spec.
 */
void
crm_retention_state_merge(RetentionState *state, const RetentionState *other)
{
	int32		i;

	crm_retention_check_spec(&state->spec, &other->spec);
	for (i = 0; i < other->n_slots; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (other->cohorts[i] != NULL)
			add_counts(state, other->first_cohort + i, other->cohorts[i]);
	}
}

/*
 * Add all counts of a summary to a state, which must be of the same spec, or
 * to a new one in the given context if it is NULL.
 */
RetentionState *
crm_retention_state_add_summary(MemoryContext context, RetentionState *state,
								RetentionSummary *summary)
{
	const int64 *cohort = retention_summary_cohorts(summary);
	RetentionSpec spec;
	int32		i;

	spec.unit = (PeriodUnit) summary->unit;
	spec.mode = (RetentionMode) summary->mode;
	spec.n_cells = summary->n_cells;
	spec.bounds = spec.mode == RETENTION_BRACKETS ? summary->data : NULL;
	if (state == NULL)
		state = crm_retention_state_create(context, &spec);
	else
		crm_retention_check_spec(&state->spec, &spec);

	for (i = 0; i < summary->n_cohorts; i++, cohort += spec.n_cells + 2)
	{
		CHECK_FOR_INTERRUPTS();
		add_counts(state, (int32) cohort[0], cohort + 1);
	}
	return state;
}

/*
 * The stored value, in the current memory context.
 */
RetentionSummary *
crm_retention_state_value(const RetentionState *state)
{
	const RetentionSpec *spec = &state->spec;
	int32		n_cohorts = 0;
	Size		n_bounds = spec->mode == RETENTION_BRACKETS ? spec->n_cells + 1 : 0;
	RetentionSummary *summary;
	int64	   *data;
	int32		i;

	for (i = 0; i < state->n_slots; i++)
	{
		if (state->cohorts[i] != NULL)
			n_cohorts++;
	}
	summary = (RetentionSummary *)
		crm_summary_alloc(offsetof(RetentionSummary, data) +
						  (n_bounds + (Size) n_cohorts * (spec->n_cells + 2)) * sizeof(int64),
						  SUMMARY_RETENTION, 1);
	summary->unit = spec->unit;
	summary->mode = spec->mode;
	summary->n_cells = spec->n_cells;
	summary->n_cohorts = n_cohorts;

	data = summary->data;
	if (n_bounds > 0)
		memcpy(data, spec->bounds, n_bounds * sizeof(int64));
	data += n_bounds;
	for (i = 0; i < state->n_slots; i++)
	{
		if (state->cohorts[i] == NULL)
			continue;
		*data++ = (int64) state->first_cohort + i;
		memcpy(data, state->cohorts[i], (spec->n_cells + 1) * sizeof(int64));
		data += spec->n_cells + 1;
	}
	return summary;
}
