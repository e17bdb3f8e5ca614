/*-------------------------------------------------------------------------
 *
 * stage_durations.c
 *	  Final function of crm_stage_durations: time spent in each stage.
 *
 * The events of an opportunity, in the order of time, are cut into stays: a
 * stay in a stage begins when the opportunity enters it from another one (or
 * from nowhere) and lasts until the next stay begins.  A row that names the
 * stage the opportunity is in already records no move.  The last stay is
 * still going on at as_of, which is where it is cut (censored); but if its
 * stage is one of the closed stages, nothing is measured there.
 *
 * Events of the same instant are taken in this order: open stages before
 * closed ones, then by name, byte by byte.  So the answer depends on the rows
 * and not on the order in which they come.
 *
 * Durations are elapsed time, in days of 24 hours as the server subtracts
 * timestamps: the clocks' changes in some time zone make no difference.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/int.h"
#include "miscadmin.h"
#include "utils/timestamp.h"

#include "src/common/aggstate.h"
#include "src/common/row_array.h"
#include "src/compat.h"
#include "src/pipeline/stage_history.h"

PG_FUNCTION_INFO_V1(crm_stage_durations_finalfn);

#define RESULT_COLUMNS	5

/* What a row may well take, with a name of up to 15 bytes */
#define ROW_SIZE		72

#define INTERRUPT_MASK	0xFFFF

/* Sorted by insertion up to here: nearly every deal, and they come sorted. */
#define SHORT_HISTORY	32

/* Histories up to here are sorted in memory that is used again. */
#define MAX_CACHED_EVENTS	1024

/* One element of the result */
typedef struct StageTotal
{
	int32		stage;
	int32		visits;
	TimestampTz first_at;
	int64		duration;		/* microseconds */
	bool		measured;
	bool		is_open;
} StageTotal;

/* What the function keeps from group to group */
typedef struct FinalCache
{
	const RowArrayType *type;

	/* where a stage's total is: valid if its epoch is the group's */
	uint32		epoch;
	int			n_slots;
	uint32	   *slot_epoch;
	int32	   *slot;

	StageTotal *totals;
	int			n_totals;
	int			max_totals;

	StageEvent	events[MAX_CACHED_EVENTS];
} FinalCache;

static FinalCache *final_cache(FunctionCallInfo fcinfo);
static int	compare_events(const StageEvent *a, const StageEvent *b,
						   const StageHistory *history);
static int	compare_events_arg(const void *a, const void *b, void *history);
static StageEvent *sorted_events(FinalCache *cache, const StageHistory *history);
static StageTotal *stage_total(FinalCache *cache, int32 stage, TimestampTz at);
static void sum_stays(FinalCache *cache, const StageHistory *history,
					  const StageEvent *events);
static void add_stay(StageTotal *total, TimestampTz from, TimestampTz to);
static void interval_from_usecs(Interval *interval, int64 usecs);
static Datum totals_array(const FinalCache *cache, const NameDictionary *names);

static FinalCache *
final_cache(FunctionCallInfo fcinfo)
{
	FinalCache *cache = fcinfo->flinfo->fn_extra;
	MemoryContext old_context;

	if (cache != NULL)
		return cache;

	old_context = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	cache = palloc0(sizeof(FinalCache));
	cache->max_totals = 16;
	cache->totals = palloc(cache->max_totals * sizeof(StageTotal));
	MemoryContextSwitchTo(old_context);
	cache->type = crm_row_array_type(fcinfo, RESULT_COLUMNS);
	fcinfo->flinfo->fn_extra = cache;
	return cache;
}

static int
compare_events(const StageEvent *a, const StageEvent *b, const StageHistory *history)
{
	bool		a_closed;
	bool		b_closed;

	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	if (a->stage == b->stage)
		return 0;
	a_closed = stage_is_closed(history->options, a->stage);
	b_closed = stage_is_closed(history->options, b->stage);
	if (a_closed != b_closed)
		return a_closed ? 1 : -1;
	return crm_names_compare(history->options->names, a->stage, b->stage);
}

static int
compare_events_arg(const void *a, const void *b, void *history)
{
	CHECK_FOR_INTERRUPTS();
	return compare_events(a, b, history);
}

/*
 * The events in order, in memory that the cache keeps for the next group, but
 * for very long histories.
 */
static StageEvent *
sorted_events(FinalCache *cache, const StageHistory *history)
{
	StageEvent *events = cache->events;
	int			n = history->n;
	bool		sorted = true;
	int			i;

	if (n > MAX_CACHED_EVENTS)
		events = palloc(n * sizeof(StageEvent));
	for (i = 0; i < n; i++)
	{
		events[i] = stage_event(history, i);
		if (sorted && i > 0 && compare_events(&events[i - 1], &events[i], history) > 0)
			sorted = false;
	}
	if (sorted)
		return events;

	if (n > SHORT_HISTORY)
	{
		qsort_arg(events, n, sizeof(StageEvent), compare_events_arg, (void *) history);
		return events;
	}
	for (i = 1; i < n; i++)
	{
		StageEvent	event = events[i];
		int			j;

		for (j = i; j > 0 && compare_events(&events[j - 1], &event, history) > 0; j--)
			events[j] = events[j - 1];
		events[j] = event;
	}
	return events;
}

/*
 * The total of a stage in this group; a new one if the stage was not entered
 * before.  The pointer holds until the next call.
 */
static StageTotal *
stage_total(FinalCache *cache, int32 stage, TimestampTz at)
{
	StageTotal *total;

	if (cache->slot_epoch[stage] == cache->epoch)
		return &cache->totals[cache->slot[stage]];

	if (cache->n_totals == cache->max_totals)
	{
		cache->max_totals *= 2;
		cache->totals = repalloc(cache->totals, cache->max_totals * sizeof(StageTotal));
	}
	cache->slot_epoch[stage] = cache->epoch;
	cache->slot[stage] = cache->n_totals;
	total = &cache->totals[cache->n_totals++];
	memset(total, 0, sizeof(StageTotal));
	total->stage = stage;
	total->first_at = at;
	return total;
}

/*
 * Fill cache->totals, in the order in which the stages were first entered.
 */
static void
sum_stays(FinalCache *cache, const StageHistory *history, const StageEvent *events)
{
	int			stay = 0;		/* the event that began the current stay */
	int			i;
	StageTotal *total;

	cache->n_totals = 0;
	total = stage_total(cache, events[0].stage, events[0].at);
	total->visits++;
	for (i = 1; i < history->n; i++)
	{
		if ((i & INTERRUPT_MASK) == INTERRUPT_MASK)
			CHECK_FOR_INTERRUPTS();
		if (events[i].stage == events[stay].stage)
			continue;
		add_stay(total, events[stay].at, events[i].at);
		stay = i;
		total = stage_total(cache, events[i].stage, events[i].at);
		total->visits++;
	}

	if (!stage_is_closed(history->options, events[stay].stage))
	{
		add_stay(total, events[stay].at, history->as_of);
		total->is_open = true;
	}
}

/*
 * Only the whole range of timestamps does not fit an interval.
 */
static void
add_stay(StageTotal *total, TimestampTz from, TimestampTz to)
{
	int64		usecs;

	if (pg_sub_s64_overflow(to, from, &usecs) ||
		pg_add_s64_overflow(total->duration, usecs, &total->duration))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("interval out of range")));
	total->measured = true;
}

static void
interval_from_usecs(Interval *interval, int64 usecs)
{
	interval->month = 0;
	interval->day = (int32) (usecs / USECS_PER_DAY);
	interval->time = usecs % USECS_PER_DAY;
}

/*
 * The totals as an array of crm_stage_duration.
 */
static Datum
totals_array(const FinalCache *cache, const NameDictionary *names)
{
	RowArray	rows;
	int			i;

	crm_row_array_begin(&rows, cache->type, (Size) cache->n_totals * ROW_SIZE);
	for (i = 0; i < cache->n_totals; i++)
	{
		const StageTotal *total = &cache->totals[i];
		Interval	duration;
		Datum		values[RESULT_COLUMNS];
		bool		nulls[RESULT_COLUMNS] = {false};

		if ((i & INTERRUPT_MASK) == INTERRUPT_MASK)
			CHECK_FOR_INTERRUPTS();
		interval_from_usecs(&duration, total->duration);
		values[0] = PointerGetDatum(names->entries[total->stage].name);
		values[1] = TimestampTzGetDatum(total->first_at);
		values[2] = IntervalPGetDatum(&duration);
		nulls[2] = !total->measured;
		values[3] = Int32GetDatum(total->visits);
		values[4] = BoolGetDatum(total->is_open);
		crm_row_array_add(&rows, values, nulls);
	}
	return crm_row_array_end(&rows);
}

/*
 * crm_stage_durations_finalfn(internal) -> crm_stage_duration[]
 *
 * NULL for a group without stage changes up to as_of.
 */
Datum
crm_stage_durations_finalfn(PG_FUNCTION_ARGS)
{
	StageHistory *history = PG_ARGISNULL(0) ? NULL : (StageHistory *) PG_GETARG_POINTER(0);
	FinalCache *cache;

	(void) crm_agg_context(fcinfo, "crm_stage_durations_finalfn");
	if (history == NULL || history->n == 0)
		PG_RETURN_NULL();

	cache = final_cache(fcinfo);
	if (cache->n_slots < history->options->names->n || cache->epoch == PG_UINT32_MAX)
	{
		MemoryContext old_context = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);

		if (cache->slot != NULL)
		{
			pfree(cache->slot);
			pfree(cache->slot_epoch);
		}
		cache->n_slots = history->options->names->capacity;
		cache->slot = palloc(cache->n_slots * sizeof(int32));
		cache->slot_epoch = palloc0(cache->n_slots * sizeof(uint32));
		cache->epoch = 0;
		MemoryContextSwitchTo(old_context);
	}
	cache->epoch++;

	sum_stays(cache, history, sorted_events(cache, history));
	PG_RETURN_DATUM(totals_array(cache, history->options->names));
}
