/*-------------------------------------------------------------------------
 *
 * activity_agg.c
 *	  The aggregates that make and merge crm_activity: crm_activity_agg of
 *	  events' times, crm_rollup of activities.
 *
 * Days, weeks and months are a bitmap at once.  Periods of 24 hours count from
 * the first event, which is known when all have been seen: that unit keeps the
 * events' times.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "libpq/pqformat.h"

#include "src/common/aggstate.h"
#include "src/common/args.h"
#include "src/common/event_list.h"
#include "src/retention/activity.h"
#include "src/retention/period_clock.h"

#define ACTIVITY_SERIAL_VERSION 1
#define STATE_NAME "crm_activity_agg state"

/* Positions of the transition function's arguments; 0 is the state */
enum
{
	ARG_TS = 1,
	ARG_UNIT,
	ARG_ZONE
};

/*
 * The state of the unit 24h.  It begins as ActivityState does, and an
 * aggregate's state is one or the other by its unit.
 */
typedef struct TimesState
{
	uint32		unit;
	uint32		zone_hash;
	DateADT		first_day;		/* local day of first_at */
	int64		first_at;		/* the least of the times */
	EventList	times;
} TimesState;

PG_FUNCTION_INFO_V1(crm_activity_agg_transfn);
PG_FUNCTION_INFO_V1(crm_activity_agg_combinefn);
PG_FUNCTION_INFO_V1(crm_activity_agg_serialfn);
PG_FUNCTION_INFO_V1(crm_activity_agg_deserialfn);
PG_FUNCTION_INFO_V1(crm_activity_agg_finalfn);
PG_FUNCTION_INFO_V1(crm_activity_rollup_transfn);

static TimesState *times_create(MemoryContext context, uint32 zone_hash,
								uint32 expected);
static void times_add(TimesState *state, PeriodClock *clock, int64 at);
static ActivityState *times_to_periods(const TimesState *state);
static void check_same(const ActivityState *state, uint32 unit, uint32 zone_hash);

static TimesState *
times_create(MemoryContext context, uint32 zone_hash, uint32 expected)
{
	TimesState *state;

	state = (TimesState *) MemoryContextAllocZero(context, sizeof(TimesState));
	state->unit = PERIOD_24H;
	state->zone_hash = zone_hash;
	state->first_at = PG_INT64_MAX;
	crm_event_list_init(&state->times, context, expected);
	return state;
}

static void
times_add(TimesState *state, PeriodClock *clock, int64 at)
{
	if (at < state->first_at)
	{
		state->first_at = at;
		state->first_day = crm_period_clock_day(clock, at);
	}
	crm_event_list_add(&state->times, at);
}

/*
 * Period N of a customer is from N * 24 hours after the first event; its
 * number is that of the first event's day plus N.
 */
static ActivityState *
times_to_periods(const TimesState *state)
{
	ActivityState *periods;
	uint32		i;

	periods = crm_activity_state_create(CurrentMemoryContext, PERIOD_24H,
										state->zone_hash, state->first_day);
	for (i = 0; i < state->times.n; i++)
	{
		/* the difference of two finite timestamps fits if not signed */
		uint64		since = (uint64) state->times.keys[i] - (uint64) state->first_at;

		periods = crm_activity_state_add(periods,
										 (int32) (state->first_day + since / USECS_PER_DAY));
	}
	return periods;
}

/*
 * A group has one unit and one time zone.
 */
static void
check_same(const ActivityState *state, uint32 unit, uint32 zone_hash)
{
	if (unlikely(state->unit != unit))
		crm_option_varies_error("unit");
	if (unlikely(state->zone_hash != zone_hash))
		crm_option_varies_error("time zone");
}

/*
 * crm_activity_agg_transfn(internal, ts [, unit text [, time_zone text]])
 * -> internal
 *
 * Adds an event.  A NULL time is skipped.
 */
Datum
crm_activity_agg_transfn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_activity_agg_transfn");
	ActivityState *state = PG_ARGISNULL(0) ? NULL : (ActivityState *) PG_GETARG_POINTER(0);
	PeriodClock *clock = (PeriodClock *) fcinfo->flinfo->fn_extra;
	int64		at;
	int32		period;

	if (PG_ARGISNULL(ARG_TS))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	if (unlikely(clock == NULL))
	{
		clock = (PeriodClock *) MemoryContextAlloc(fcinfo->flinfo->fn_mcxt,
												   sizeof(PeriodClock));
		crm_period_clock_init(clock, fcinfo, ARG_TS);
		fcinfo->flinfo->fn_extra = clock;
	}
	crm_period_clock_options(clock, fcinfo, ARG_UNIT, ARG_ZONE);
	if (state != NULL)
		check_same(state, clock->unit, clock->zone_hash);

	at = crm_period_clock_time(clock, PG_GETARG_DATUM(ARG_TS));
	if (unlikely(clock->unit == PERIOD_24H))
	{
		TimesState *times = (TimesState *) state;

		if (times == NULL)
			times = times_create(context, clock->zone_hash, 0);
		times_add(times, clock, at);
		PG_RETURN_POINTER(times);
	}

	period = crm_period_of_day(clock->unit, crm_period_clock_day(clock, at));
	if (state == NULL)
		state = crm_activity_state_create(context, clock->unit, clock->zone_hash,
										  period);
	PG_RETURN_POINTER(crm_activity_state_add(state, period));
}

/*
 * crm_activity_agg_combinefn(internal, internal) -> internal
 */
Datum
crm_activity_agg_combinefn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_activity_agg_combinefn");
	ActivityState *into = PG_ARGISNULL(0) ? NULL : (ActivityState *) PG_GETARG_POINTER(0);
	ActivityState *from = PG_ARGISNULL(1) ? NULL : (ActivityState *) PG_GETARG_POINTER(1);

	if (from == NULL)
	{
		if (into == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(into);
	}
	if (into != NULL)
		check_same(into, from->unit, from->zone_hash);

	if (from->unit == PERIOD_24H)
	{
		TimesState *times = (TimesState *) into;
		TimesState *other = (TimesState *) from;

		if (times == NULL)
			times = times_create(context, other->zone_hash, other->times.n);
		if (other->first_at < times->first_at)
		{
			times->first_at = other->first_at;
			times->first_day = other->first_day;
		}
		crm_event_list_merge(&times->times, &other->times);
		PG_RETURN_POINTER(times);
	}

	if (into == NULL)
		into = crm_activity_state_create(context, (PeriodUnit) from->unit, from->zone_hash,
										 activity_period(from->first_word, 0));
	PG_RETURN_POINTER(crm_activity_state_merge(into, from->first_word, from->n_words,
											   from->words));
}

/*
 * crm_activity_agg_serialfn(internal) -> bytea
 */
Datum
crm_activity_agg_serialfn(PG_FUNCTION_ARGS)
{
	ActivityState *state = (ActivityState *) PG_GETARG_POINTER(0);
	StringInfoData buf;

	(void) crm_agg_context(fcinfo, "crm_activity_agg_serialfn");
	crm_serial_begin(&buf, ACTIVITY_SERIAL_VERSION);
	pq_sendbyte(&buf, (uint8) state->unit);
	if (state->unit == PERIOD_24H)
	{
		TimesState *times = (TimesState *) state;

		pq_sendint32(&buf, times->zone_hash);
		pq_sendint32(&buf, times->first_day);
		pq_sendint64(&buf, times->first_at);
		crm_event_list_write(&buf, &times->times);
	}
	else
		crm_activity_state_write(&buf, state);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_activity_agg_deserialfn(bytea, internal) -> internal
 */
Datum
crm_activity_agg_deserialfn(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	void	   *state;

	(void) crm_agg_context(fcinfo, "crm_activity_agg_deserialfn");
	(void) crm_deserial_begin(&buf, PG_GETARG_BYTEA_PP(0), ACTIVITY_SERIAL_VERSION,
							  STATE_NAME);
	if (pq_getmsgbyte(&buf) == PERIOD_24H)
	{
		TimesState *times = (TimesState *) palloc0(sizeof(TimesState));

		times->unit = PERIOD_24H;
		times->zone_hash = (uint32) pq_getmsgint(&buf, 4);
		times->first_day = (DateADT) pq_getmsgint(&buf, 4);
		times->first_at = pq_getmsgint64(&buf);
		crm_event_list_read(&times->times, CurrentMemoryContext, &buf, STATE_NAME);
		state = times;
	}
	else
		state = crm_activity_state_read(CurrentMemoryContext, &buf, STATE_NAME);
	crm_deserial_end(&buf, STATE_NAME);
	PG_RETURN_POINTER(state);
}

/*
 * crm_activity_agg_finalfn(internal) -> crm_activity
 *
 * NULL if no row counted.
 */
Datum
crm_activity_agg_finalfn(PG_FUNCTION_ARGS)
{
	ActivityState *state = PG_ARGISNULL(0) ? NULL : (ActivityState *) PG_GETARG_POINTER(0);

	(void) crm_agg_context(fcinfo, "crm_activity_agg_finalfn");
	if (state == NULL)
		PG_RETURN_NULL();
	if (state->unit == PERIOD_24H)
		state = times_to_periods((TimesState *) state);
	PG_RETURN_POINTER(crm_activity_state_value(state));
}

/*
 * crm_activity_rollup_transfn(internal, crm_activity) -> internal
 *
 * Adds another activity of the same customer.  NULL is skipped; an empty
 * activity is a row.
 */
Datum
crm_activity_rollup_transfn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_activity_rollup_transfn");
	ActivityState *state = PG_ARGISNULL(0) ? NULL : (ActivityState *) PG_GETARG_POINTER(0);
	Activity   *activity;

	if (PG_ARGISNULL(1))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	activity = crm_activity_get_calendar(PG_GETARG_DATUM(1));
	if (state == NULL)
		state = crm_activity_state_create(context, (PeriodUnit) activity->header.flags, 0,
										  activity_period(activity->first_word, 0));
	else
		crm_activity_check_unit((PeriodUnit) state->unit, (PeriodUnit) activity->header.flags);
	PG_RETURN_POINTER(crm_activity_state_merge(state, activity->first_word,
											   activity->n_words, activity->words));
}
