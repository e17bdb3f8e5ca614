/*-------------------------------------------------------------------------
 *
 * journey_agg.c
 *	  Aggregates that make journeys and merge them.
 *
 *		crm_journey_agg(ts, event [, value])
 *		crm_rollup(crm_journey)
 *
 * A state is a list of events (24 bytes each) in any order; names are numbers
 * of a table that the call site has for all groups.  Between processes a
 * state travels as the journey that it would be: sorted and delta-coded.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "libpq/pqformat.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "src/common/aggstate.h"
#include "src/common/args.h"
#include "src/journey/journey.h"

#define STATE_VERSION 1

/* 5 * 24 bytes just fit a memory chunk of 128, and so do all doubles. */
#define INITIAL_EVENTS 5

/* 2^27 events of one group take 3 GB. */
#define MAX_EVENTS (1 << 27)

typedef struct JourneyState
{
	NameTable  *names;			/* lives as long as the call site */
	JourneyEvent *events;		/* NULL while max is 0 */
	uint32		n;
	uint32		max;			/* allocated */
} JourneyState;

PG_FUNCTION_INFO_V1(crm_journey_agg_transfn);
PG_FUNCTION_INFO_V1(crm_journey_rollup_transfn);
PG_FUNCTION_INFO_V1(crm_journey_agg_combinefn);
PG_FUNCTION_INFO_V1(crm_journey_agg_serialfn);
PG_FUNCTION_INFO_V1(crm_journey_agg_deserialfn);
PG_FUNCTION_INFO_V1(crm_journey_agg_finalfn);

static NameTable *get_names(FunctionCallInfo fcinfo);
static JourneyState *make_state(FunctionCallInfo fcinfo, MemoryContext context);
static void make_room(JourneyState *state, uint64 needed);
static void add_event(JourneyState *state, const JourneyEvent *event);
static void add_journey(JourneyState *state, JourneyReader *reader);

static NameTable *
get_names(FunctionCallInfo fcinfo)
{
	if (fcinfo->flinfo->fn_extra == NULL)
		fcinfo->flinfo->fn_extra = crm_names_make(fcinfo->flinfo->fn_mcxt);
	return (NameTable *) fcinfo->flinfo->fn_extra;
}

static JourneyState *
make_state(FunctionCallInfo fcinfo, MemoryContext context)
{
	JourneyState *state = MemoryContextAllocZero(context, sizeof(JourneyState));

	state->names = get_names(fcinfo);
	return state;
}

/*
 * Make room for so many events in all.
 */
static void
make_room(JourneyState *state, uint64 needed)
{
	uint64		max = Max(state->max, INITIAL_EVENTS);

	if (needed <= state->max)
		return;
	if (needed > MAX_EVENTS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("more than %d events in one group", MAX_EVENTS),
				 errhint("Group by customer, and leave out events without a customer.")));
	while (max < needed)
		max *= 2;
	if (state->events == NULL)
		state->events = MemoryContextAllocHuge(GetMemoryChunkContext(state),
											   max * sizeof(JourneyEvent));
	else
		state->events = repalloc_huge(state->events, max * sizeof(JourneyEvent));
	state->max = (uint32) max;
}

static void
add_event(JourneyState *state, const JourneyEvent *event)
{
	if (unlikely(state->n >= state->max))
		make_room(state, (uint64) state->n + 1);
	state->events[state->n++] = *event;
}

/*
 * Add all events of a stored journey.
 */
static void
add_journey(JourneyState *state, JourneyReader *reader)
{
	int32	   *ids = palloc(Max(reader->n_names, 1) * sizeof(int32));
	JourneyEvent event;
	int32		i;

	for (i = 0; i < reader->n_names; i++)
		ids[i] = crm_names_add(state->names, reader->names[i].data, reader->names[i].len);
	make_room(state, (uint64) state->n + reader->n_events);
	while (crm_journey_next(reader, &event))
	{
		event.name = ids[event.name];
		add_event(state, &event);
	}
	pfree(ids);
}

/*
 * crm_journey_agg_transfn(internal, ts timestamptz, event text [, value float8])
 * -> internal
 *
 * Rows where ts or event is NULL are skipped.  A ts or value that is not finite
 * is error 22023.
 */
Datum
crm_journey_agg_transfn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_journey_agg_transfn");
	JourneyState *state = PG_ARGISNULL(0) ? NULL : (JourneyState *) PG_GETARG_POINTER(0);
	JourneyEvent event;
	text	   *name;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	if (state == NULL)
		state = make_state(fcinfo, context);
	event.ts = PG_GETARG_TIMESTAMPTZ(1);
	if (TIMESTAMP_NOT_FINITE(event.ts))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("ts must be finite"),
				 errhint("Filter such rows out, or make ts NULL.")));
	name = PG_GETARG_TEXT_PP(2);
	event.name = crm_names_add(state->names, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
	event.has_value = PG_NARGS() > 3 && !PG_ARGISNULL(3);
	event.value = 0;
	if (event.has_value)
	{
		crm_check_finite(PG_GETARG_FLOAT8(3), "value");
		event.value = PG_GETARG_FLOAT8(3) + 0.0;	/* no negative zero */
	}
	add_event(state, &event);
	PG_RETURN_POINTER(state);
}

/*
 * crm_journey_rollup_transfn(internal, crm_journey) -> internal
 *
 * NULL is skipped.
 */
Datum
crm_journey_rollup_transfn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_journey_rollup_transfn");
	JourneyState *state = PG_ARGISNULL(0) ? NULL : (JourneyState *) PG_GETARG_POINTER(0);
	JourneyReader reader;

	if (PG_ARGISNULL(1))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	if (state == NULL)
		state = make_state(fcinfo, context);
	crm_journey_open(&reader, PG_GETARG_DATUM(1));
	add_journey(state, &reader);
	PG_RETURN_POINTER(state);
}

/*
 * crm_journey_agg_combinefn(internal, internal) -> internal
 */
Datum
crm_journey_agg_combinefn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_journey_agg_combinefn");
	JourneyState *into = PG_ARGISNULL(0) ? NULL : (JourneyState *) PG_GETARG_POINTER(0);
	const JourneyState *from = PG_ARGISNULL(1) ? NULL : (JourneyState *) PG_GETARG_POINTER(1);
	uint32		i;

	if (from == NULL)
	{
		if (into == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(into);
	}
	if (into == NULL)
	{
		into = MemoryContextAllocZero(context, sizeof(JourneyState));
		into->names = from->names;
	}
	make_room(into, (uint64) into->n + from->n);
	for (i = 0; i < from->n; i++)
	{
		JourneyEvent event = from->events[i];

		if (into->names != from->names)
			event.name = crm_names_add_from(into->names, &from->names->names[event.name]);
		into->events[into->n++] = event;
	}
	PG_RETURN_POINTER(into);
}

/*
 * crm_journey_agg_serialfn(internal) -> bytea
 */
Datum
crm_journey_agg_serialfn(PG_FUNCTION_ARGS)
{
	const JourneyState *state;
	const JourneyData *journey;
	StringInfoData buf;

	(void) crm_agg_context(fcinfo, "crm_journey_agg_serialfn");
	state = (JourneyState *) PG_GETARG_POINTER(0);
	journey = crm_journey_build(state->names, state->events, state->n);
	crm_serial_begin(&buf, STATE_VERSION);
	pq_sendint32(&buf, journey->n_events);
	pq_sendint32(&buf, journey->n_names);
	pq_sendbytes(&buf, journey->payload, VARSIZE(journey) - offsetof(JourneyData, payload));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_journey_agg_deserialfn(bytea, internal) -> internal
 */
Datum
crm_journey_agg_deserialfn(PG_FUNCTION_ARGS)
{
	JourneyState *state;
	JourneyReader reader;
	StringInfoData buf;
	int32		n_events;
	int32		n_names;

	(void) crm_agg_context(fcinfo, "crm_journey_agg_deserialfn");
	crm_deserial_begin(&buf, PG_GETARG_BYTEA_PP(0), STATE_VERSION, "journey");
	n_events = pq_getmsgint(&buf, 4);
	n_names = pq_getmsgint(&buf, 4);
	crm_journey_open_payload(&reader, buf.data + buf.cursor, buf.len - buf.cursor,
							 n_events, n_names);
	state = make_state(fcinfo, CurrentMemoryContext);
	add_journey(state, &reader);
	PG_RETURN_POINTER(state);
}

/*
 * crm_journey_agg_finalfn(internal) -> crm_journey
 *
 * NULL if no row counted.
 */
Datum
crm_journey_agg_finalfn(PG_FUNCTION_ARGS)
{
	const JourneyState *state;

	(void) crm_agg_context(fcinfo, "crm_journey_agg_finalfn");
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (JourneyState *) PG_GETARG_POINTER(0);
	PG_RETURN_POINTER(crm_journey_build(state->names, state->events, state->n));
}
