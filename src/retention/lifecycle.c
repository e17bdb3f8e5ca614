/*-------------------------------------------------------------------------
 *
 * lifecycle.c
 *	  New, returning, resurrected and dormant customers: the aggregate
 *	  crm_lifecycle of activities, and one customer's state.
 *
 * In a period, an active customer is
 *
 *	  new			if never active before,
 *	  returning		if active in the period before,
 *	  resurrected	if active before, but not in the period before,
 *
 * and a customer who is not active is dormant in the first period after an
 * active one.  So the active customers of a period are those of the period
 * before plus the new, plus the resurrected, minus the dormant.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "libpq/pqformat.h"
#include "utils/builtins.h"

#include "src/common/aggstate.h"
#include "src/common/args.h"
#include "src/retention/activity.h"
#include "src/retention/period_rows.h"

#define LIFECYCLE_SERIAL_VERSION 1
#define STATE_NAME "crm_lifecycle state"

typedef enum LifecycleState
{
	LIFECYCLE_NEW,
	LIFECYCLE_RETURNING,
	LIFECYCLE_RESURRECTED,
	LIFECYCLE_DORMANT
} LifecycleState;

#define LIFECYCLE_STATES 4
#define LIFECYCLE_COLUMNS (1 + LIFECYCLE_STATES)

/* Positions of the transition function's arguments; 0 is the state */
enum
{
	ARG_ACTIVITY = 1,
	ARG_FROM,
	ARG_TO
};

typedef struct LifecycleCounts
{
	PeriodUnit	unit;
	int64		from;
	int64		n;				/* periods */
	int64		counts[FLEXIBLE_ARRAY_MEMBER];	/* LIFECYCLE_STATES a period */
} LifecycleCounts;

PG_FUNCTION_INFO_V1(crm_lifecycle_transfn);
PG_FUNCTION_INFO_V1(crm_lifecycle_combinefn);
PG_FUNCTION_INFO_V1(crm_lifecycle_serialfn);
PG_FUNCTION_INFO_V1(crm_lifecycle_deserialfn);
PG_FUNCTION_INFO_V1(crm_lifecycle_finalfn);
PG_FUNCTION_INFO_V1(crm_lifecycle_state);

static LifecycleCounts *make_counts(MemoryContext context, PeriodUnit unit,
									int64 from, int64 n);
static void count_state(LifecycleCounts *counts, int64 period, LifecycleState state);
static void count_customer(LifecycleCounts *counts, const Activity *activity);

static LifecycleCounts *
make_counts(MemoryContext context, PeriodUnit unit, int64 from, int64 n)
{
	LifecycleCounts *counts;

	counts = (LifecycleCounts *)
		MemoryContextAllocZero(context, offsetof(LifecycleCounts, counts) +
							   (Size) n * LIFECYCLE_STATES * sizeof(int64));
	counts->unit = unit;
	counts->from = from;
	counts->n = n;
	return counts;
}

static void
count_state(LifecycleCounts *counts, int64 period, LifecycleState state)
{
	int64		i = period - counts->from;

	if (i >= 0 && i < counts->n)
		counts->counts[i * LIFECYCLE_STATES + state]++;
}

/*
 * Walk the active periods: each is in a state itself, and the period after a
 * run of them is dormant.
 */
static void
count_customer(LifecycleCounts *counts, const Activity *activity)
{
	ActivityWalk walk;
	int32		period;
	int64		first;
	int64		previous;

	if (activity->n_words == 0)
		return;
	first = previous = activity_first(activity);
	count_state(counts, first, LIFECYCLE_NEW);

	activity_walk_begin(&walk, activity);
	if (counts->from - 1 > first)
	{
		/* only whether the period before the first one was active matters */
		activity_walk_skip_to(&walk, (int32) (counts->from - 1));
		previous = counts->from - 2;
		if (!activity_test(activity, previous))
			previous = PG_INT64_MIN;
	}
	else
		(void) activity_walk_next(&walk, &period);

	while (activity_walk_next(&walk, &period) && previous < counts->from + counts->n)
	{
		if (period == previous + 1)
			count_state(counts, period, LIFECYCLE_RETURNING);
		else
		{
			if (previous != PG_INT64_MIN)
				count_state(counts, previous + 1, LIFECYCLE_DORMANT);
			count_state(counts, period, LIFECYCLE_RESURRECTED);
		}
		previous = period;
	}
	if (previous == activity_last(activity))
		count_state(counts, previous + 1, LIFECYCLE_DORMANT);
}

/*
 * crm_lifecycle_transfn(internal, crm_activity, from date, to date) -> internal
 *
 * Counts a customer; one whose activity is NULL is skipped.
 */
Datum
crm_lifecycle_transfn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_lifecycle_transfn");
	LifecycleCounts *counts = PG_ARGISNULL(0) ? NULL : (LifecycleCounts *) PG_GETARG_POINTER(0);
	Activity   *activity;
	PeriodUnit	unit;
	int64		from;
	int64		to;

	if (PG_ARGISNULL(ARG_FROM) || PG_ARGISNULL(ARG_TO))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("first and last period must not be null"),
				 errhint("Pass dates in the first and the last period to report.")));
	if (PG_ARGISNULL(ARG_ACTIVITY))
	{
		if (counts == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(counts);
	}

	activity = crm_activity_get_calendar(PG_GETARG_DATUM(ARG_ACTIVITY));
	unit = (PeriodUnit) activity->header.flags;
	from = crm_period_of_day(unit, crm_period_date_arg(PG_GETARG_DATEADT(ARG_FROM), "from"));
	to = crm_period_of_day(unit, crm_period_date_arg(PG_GETARG_DATEADT(ARG_TO), "to"));
	if (counts == NULL)
		counts = make_counts(context, unit, from, crm_period_rows_count(from, to));
	else
	{
		crm_activity_check_unit(counts->unit, unit);
		if (counts->from != from || counts->n != to - from + 1)
			crm_option_varies_error("range of periods");
	}
	count_customer(counts, activity);
	PG_RETURN_POINTER(counts);
}

/*
 * crm_lifecycle_combinefn(internal, internal) -> internal
 */
Datum
crm_lifecycle_combinefn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_lifecycle_combinefn");
	LifecycleCounts *into = PG_ARGISNULL(0) ? NULL : (LifecycleCounts *) PG_GETARG_POINTER(0);
	LifecycleCounts *from = PG_ARGISNULL(1) ? NULL : (LifecycleCounts *) PG_GETARG_POINTER(1);
	int64		i;

	if (from == NULL)
	{
		if (into == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(into);
	}
	if (into == NULL)
		into = make_counts(context, from->unit, from->from, from->n);
	else
	{
		crm_activity_check_unit(into->unit, from->unit);
		if (into->from != from->from || into->n != from->n)
			crm_option_varies_error("range of periods");
	}
	for (i = 0; i < from->n * LIFECYCLE_STATES; i++)
		into->counts[i] += from->counts[i];
	PG_RETURN_POINTER(into);
}

/*
 * crm_lifecycle_serialfn(internal) -> bytea
 */
Datum
crm_lifecycle_serialfn(PG_FUNCTION_ARGS)
{
	LifecycleCounts *counts = (LifecycleCounts *) PG_GETARG_POINTER(0);
	StringInfoData buf;
	int64		i;

	(void) crm_agg_context(fcinfo, "crm_lifecycle_serialfn");
	crm_serial_begin(&buf, LIFECYCLE_SERIAL_VERSION);
	pq_sendint32(&buf, counts->unit);
	pq_sendint64(&buf, counts->from);
	pq_sendint64(&buf, counts->n);
	for (i = 0; i < counts->n * LIFECYCLE_STATES; i++)
		pq_sendint64(&buf, counts->counts[i]);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_lifecycle_deserialfn(bytea, internal) -> internal
 */
Datum
crm_lifecycle_deserialfn(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	LifecycleCounts *counts;
	PeriodUnit	unit;
	int64		from;
	int64		n;
	int64		i;

	(void) crm_agg_context(fcinfo, "crm_lifecycle_deserialfn");
	(void) crm_deserial_begin(&buf, PG_GETARG_BYTEA_PP(0), LIFECYCLE_SERIAL_VERSION, STATE_NAME);
	unit = (PeriodUnit) pq_getmsgint(&buf, 4);
	from = pq_getmsgint64(&buf);
	n = crm_deserial_count(&buf, PERIOD_ROWS_MAX, LIFECYCLE_STATES * sizeof(int64),
						   STATE_NAME);
	counts = make_counts(CurrentMemoryContext, unit, from, n);
	for (i = 0; i < n * LIFECYCLE_STATES; i++)
		counts->counts[i] = pq_getmsgint64(&buf);
	crm_deserial_end(&buf, STATE_NAME);
	PG_RETURN_POINTER(counts);
}

/*
 * crm_lifecycle_finalfn(internal) -> crm_lifecycle_counts[]
 *
 * An array of (period, new, returning, resurrected, dormant), one for each
 * period; NULL if no customer counted.
 */
Datum
crm_lifecycle_finalfn(PG_FUNCTION_ARGS)
{
	LifecycleCounts *counts = PG_ARGISNULL(0) ? NULL : (LifecycleCounts *) PG_GETARG_POINTER(0);
	int64	   *columns;
	int64		i;

	(void) crm_agg_context(fcinfo, "crm_lifecycle_finalfn");
	if (counts == NULL)
		PG_RETURN_NULL();

	columns = (int64 *) palloc(counts->n * LIFECYCLE_COLUMNS * sizeof(int64));
	for (i = 0; i < counts->n; i++)
	{
		columns[i * LIFECYCLE_COLUMNS] = crm_period_start(counts->unit, counts->from + i);
		memcpy(columns + i * LIFECYCLE_COLUMNS + 1, counts->counts + i * LIFECYCLE_STATES,
			   LIFECYCLE_STATES * sizeof(int64));
	}
	PG_RETURN_DATUM(crm_period_rows(fcinfo, (int) counts->n, LIFECYCLE_COLUMNS, columns));
}

/*
 * crm_lifecycle_state(crm_activity, period date) -> text
 *
 * The customer's state in the period that the date lies in: new, returning,
 * resurrected, dormant, or inactive for longer.  NULL before the first active
 * period.
 */
Datum
crm_lifecycle_state(PG_FUNCTION_ARGS)
{
	Activity   *activity = crm_activity_get_calendar(PG_GETARG_DATUM(0));
	DateADT		day = crm_period_date_arg(PG_GETARG_DATEADT(1), "period");
	int64		period = crm_period_of_day((PeriodUnit) activity->header.flags, day);
	bool		was_active = activity_test(activity, period - 1);
	const char *state;

	if (activity->n_words == 0 || period < activity_first(activity))
		PG_RETURN_NULL();
	if (activity_test(activity, period))
		state = period == activity_first(activity) ? "new" :
			was_active ? "returning" : "resurrected";
	else
		state = was_active ? "dormant" : "inactive";
	PG_RETURN_TEXT_P(cstring_to_text(state));
}
