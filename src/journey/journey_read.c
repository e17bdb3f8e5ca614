/*-------------------------------------------------------------------------
 *
 * journey_read.c
 *	  What can be asked of a stored journey.
 *
 *		crm_sessions_of(journey, gap [, max_length])
 *		crm_path(journey [, steps [, start [, collapse]]])
 *		crm_next_event(journey, event [, within [, direction [, occurrence]]])
 *		crm_matches(journey, pattern [, VARIADIC events])
 *		crm_events_of(journey)
 *
 * A funnel over a journey is with the funnels, in funnel_of.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "src/common/args.h"
#include "src/journey/journey.h"
#include "src/journey/sequence_match.h"
#include "src/journey/session_result.h"

/* Columns of crm_events_of */
#define EVENT_COLUMNS 4

/* What a call site of crm_matches carries (fn_extra) */
typedef struct MatchesCache
{
	MemoryContext context;		/* of pattern */
	SequencePattern *pattern;	/* the last one */
	int			n_numbered;
} MatchesCache;

PG_FUNCTION_INFO_V1(crm_sessions_of);
PG_FUNCTION_INFO_V1(crm_path);
PG_FUNCTION_INFO_V1(crm_next_event);
PG_FUNCTION_INFO_V1(crm_matches);
PG_FUNCTION_INFO_V1(crm_events_of);

static Datum event_name_text(const JourneyReader *reader, int32 name);
static int32 find_name(const JourneyReader *reader, const char *data, int32 len);
static bool is_second_name(FunctionCallInfo fcinfo, int argument, const char *what,
						   const char *first, const char *second);
static const SequencePattern *get_pattern(FunctionCallInfo fcinfo, int n_numbered);

static Datum
event_name_text(const JourneyReader *reader, int32 name)
{
	return PointerGetDatum(cstring_to_text_with_len(reader->names[name].data,
													reader->names[name].len));
}

/*
 * The number of a name; -1 if it does not occur.
 */
static int32
find_name(const JourneyReader *reader, const char *data, int32 len)
{
	int32		i;

	for (i = 0; i < reader->n_names; i++)
	{
		if (reader->names[i].len == len && memcmp(reader->names[i].data, data, len) == 0)
			return i;
	}
	return -1;
}

/*
 * crm_sessions_of(journey crm_journey, gap interval, max_length interval)
 * -> crm_session[]
 *
 * As crm_session_no has them.  max_length NULL is no limit; journey or gap NULL
 * gives NULL.
 */
Datum
crm_sessions_of(PG_FUNCTION_ARGS)
{
	JourneyReader reader;
	JourneyEvent event;
	SessionSpan *sessions;
	int64		n = 0;
	int64		max = 16;
	uint64		gap;
	uint64		max_length = PG_UINT64_MAX;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	gap = (uint64) crm_span_usecs(PG_GETARG_INTERVAL_P(1), "gap");
	if (!PG_ARGISNULL(2))
		max_length = (uint64) crm_span_usecs(PG_GETARG_INTERVAL_P(2), "max_length");
	crm_journey_open(&reader, PG_GETARG_DATUM(0));
	sessions = palloc(max * sizeof(SessionSpan));
	while (crm_journey_next(&reader, &event))
	{
		SessionSpan *last = &sessions[n - 1];

		if (n > 0 && crm_span_between(last->end, event.ts) <= gap &&
			crm_span_between(last->start, event.ts) <= max_length)
		{
			last->end = event.ts;
			last->events++;
			continue;
		}
		if (n >= max)
		{
			max *= 2;
			sessions = repalloc_huge(sessions, max * sizeof(SessionSpan));
		}
		sessions[n].start = sessions[n].end = event.ts;
		sessions[n].events = 1;
		n++;
	}
	return crm_session_array(fcinfo, sessions, n, EVENT_TIMESTAMPTZ);
}

/*
 * crm_path(journey crm_journey, steps int, start text, collapse boolean)
 * -> text[]
 *
 * The names of the first so many events, from the first event called start on.
 * With collapse, an event that repeats the one before is left out.  steps NULL
 * is no limit, start NULL the journey's beginning.  NULL if start does not
 * occur, or journey is NULL.  steps below 1 is error 22023.
 */
Datum
crm_path(PG_FUNCTION_ARGS)
{
	JourneyReader reader;
	JourneyEvent event;
	Datum	   *path;
	int32		steps = PG_INT32_MAX;
	int32		start = -1;
	bool		collapse = !PG_ARGISNULL(3) && PG_GETARG_BOOL(3);
	int32		n = 0;
	int32		last = -1;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (!PG_ARGISNULL(1))
		steps = PG_GETARG_INT32(1);
	if (steps < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("steps must be at least 1, got %d", steps),
				 errhint("NULL means all steps.")));
	crm_journey_open(&reader, PG_GETARG_DATUM(0));
	if (!PG_ARGISNULL(2))
	{
		text	   *name = PG_GETARG_TEXT_PP(2);

		start = find_name(&reader, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
		if (start < 0)
			PG_RETURN_NULL();
	}

	path = MemoryContextAllocHuge(CurrentMemoryContext,
								  ((Size) Min(steps, reader.n_events) + 1) * sizeof(Datum));
	while (n < steps && crm_journey_next(&reader, &event))
	{
		if (start >= 0 && n == 0 && event.name != start)
			continue;
		if (collapse && event.name == last)
			continue;
		path[n++] = event_name_text(&reader, event.name);
		last = event.name;
	}
	if (n == 0)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(construct_array(path, n, TEXTOID, -1, false, TYPALIGN_INT));
}

/*
 * An argument that is one of two names, the first of them if it is NULL:
 * whether it is the second.
 */
static bool
is_second_name(FunctionCallInfo fcinfo, int argument, const char *what,
			   const char *first, const char *second)
{
	char	   *name;

	if (PG_ARGISNULL(argument))
		return false;
	name = text_to_cstring(PG_GETARG_TEXT_PP(argument));
	if (strcmp(name, second) == 0)
		return true;
	if (strcmp(name, first) != 0)
		crm_unknown_name_error(what, name, psprintf("%s, %s", first, second));
	return false;
}

/*
 * crm_next_event(journey crm_journey, event text, within interval,
 *		direction text, occurrence text) -> text
 *
 * The event after the first one of that name, or before it, or after or before
 * the last one; NULL if there is none, or there is more than within between
 * them.  within NULL is no limit.  Any but forward and backward, and first and
 * last, is error 22023.
 */
Datum
crm_next_event(PG_FUNCTION_ARGS)
{
	JourneyReader reader;
	JourneyEvent event;
	JourneyEvent previous = {0};
	bool		has_previous = false;
	text	   *name;
	int32		wanted;
	int32		found = -1;
	uint64		within = PG_UINT64_MAX;
	bool		is_backward;
	bool		is_last;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	if (!PG_ARGISNULL(2))
		within = (uint64) crm_span_usecs(PG_GETARG_INTERVAL_P(2), "within");
	is_backward = is_second_name(fcinfo, 3, "direction", "forward", "backward");
	is_last = is_second_name(fcinfo, 4, "occurrence", "first", "last");
	crm_journey_open(&reader, PG_GETARG_DATUM(0));
	name = PG_GETARG_TEXT_PP(1);
	wanted = find_name(&reader, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
	if (wanted < 0)
		PG_RETURN_NULL();

	while (crm_journey_next(&reader, &event))
	{
		if (is_backward ? event.name == wanted : has_previous && previous.name == wanted)
		{
			found = -1;
			if (has_previous && crm_span_between(previous.ts, event.ts) <= within)
				found = is_backward ? previous.name : event.name;
			if (!is_last)
				break;
		}
		previous = event;
		has_previous = true;
	}
	/* nothing comes after the last event */
	if (is_last && !is_backward && previous.name == wanted)
		found = -1;
	if (found < 0)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(event_name_text(&reader, found));
}

/*
 * The compiled pattern of argument 1; compiles it if it is not that of the call
 * before.
 */
static const SequencePattern *
get_pattern(FunctionCallInfo fcinfo, int n_numbered)
{
	MatchesCache *cache = (MatchesCache *) fcinfo->flinfo->fn_extra;
	text	   *source = PG_GETARG_TEXT_PP(1);
	int			len = VARSIZE_ANY_EXHDR(source);

	if (cache == NULL)
	{
		cache = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(MatchesCache));
		cache->context = AllocSetContextCreate(fcinfo->flinfo->fn_mcxt,
											   "crm_matches pattern",
											   ALLOCSET_SMALL_SIZES);
		fcinfo->flinfo->fn_extra = cache;
	}
	if (cache->pattern == NULL || cache->n_numbered != n_numbered ||
		cache->pattern->source_len != len ||
		memcmp(cache->pattern->source, VARDATA_ANY(source), len) != 0)
	{
		cache->pattern = NULL;
		MemoryContextReset(cache->context);
		cache->pattern = crm_sequence_compile(VARDATA_ANY(source), len, EVENT_TIMESTAMPTZ,
											  n_numbered, true, cache->context);
		cache->n_numbered = n_numbered;
	}
	return cache->pattern;
}

/*
 * crm_matches(journey crm_journey, pattern text [, VARIADIC events text[]])
 * -> boolean
 *
 * As crm_sequence_match, where condition (?N) is the N-th name of events, and
 * (?'name') any other.  Events with other names are not seen.  NULL for NULL,
 * but a NULL name is one that no event has.
 */
Datum
crm_matches(PG_FUNCTION_ARGS)
{
	Datum	   *names = NULL;
	bool	   *nulls = NULL;
	int			n_numbered = 0;
	const SequencePattern *pattern;
	JourneyReader reader;
	JourneyEvent event;
	uint32	   *masks;
	SequenceEvent *events;
	int64		n = 0;
	int64		end;
	int			i;

	if (PG_NARGS() > 2)
	{
		deconstruct_array(PG_GETARG_ARRAYTYPE_P(2), TEXTOID, -1, false, TYPALIGN_INT,
						  &names, &nulls, &n_numbered);
		if (n_numbered > SEQUENCE_MAX_CONDITIONS)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("more than %d events", SEQUENCE_MAX_CONDITIONS),
					 errhint("Leave out events that the pattern does not name.")));
	}
	pattern = get_pattern(fcinfo, n_numbered);
	crm_journey_open(&reader, PG_GETARG_DATUM(0));
	if (pattern->n_items == 0)
		PG_RETURN_BOOL(true);

	masks = palloc0(Max(reader.n_names, 1) * sizeof(uint32));
	for (i = 0; i < pattern->n_conditions; i++)
	{
		int32		name;

		if (i >= n_numbered)
			name = find_name(&reader, pattern->names[i - n_numbered],
							 (int32) strlen(pattern->names[i - n_numbered]));
		else if (nulls[i])
			continue;
		else
		{
			text	   *string = DatumGetTextPP(names[i]);

			name = find_name(&reader, VARDATA_ANY(string), VARSIZE_ANY_EXHDR(string));
		}
		if (name >= 0)
			masks[name] |= (uint32) 1 << i;
	}

	events = MemoryContextAllocHuge(CurrentMemoryContext,
									((Size) reader.n_events + 1) * sizeof(SequenceEvent));
	while (crm_journey_next(&reader, &event))
	{
		if (masks[event.name] == 0)
			continue;
		events[n].ts = event.ts;
		events[n].mask = masks[event.name];
		n++;
	}
	/* At one instant the conditions' order counts, not that of the names. */
	crm_sequence_sort(events, n);
	PG_RETURN_BOOL(crm_sequence_scan(pattern, events, n, &end) > 0);
}

/*
 * crm_events_of(journey crm_journey)
 * -> setof (event_no bigint, ts timestamptz, event text, value float8)
 */
Datum
crm_events_of(PG_FUNCTION_ARGS)
{
	FuncCallContext *funcctx;
	JourneyReader *reader;
	JourneyEvent event;
	Datum		values[EVENT_COLUMNS];
	bool		nulls[EVENT_COLUMNS] = {false};

	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext old_context;
		TupleDesc	tupdesc;

		funcctx = SRF_FIRSTCALL_INIT();
		old_context = MemoryContextSwitchTo(funcctx->multi_call_memory_ctx);
		if (get_call_result_type(fcinfo, NULL, &tupdesc) != TYPEFUNC_COMPOSITE ||
			tupdesc->natts != EVENT_COLUMNS)
			elog(ERROR, "crm_events_of does not return %d columns", EVENT_COLUMNS);
		funcctx->tuple_desc = BlessTupleDesc(tupdesc);
		reader = palloc(sizeof(JourneyReader));
		/* a copy, because the argument may go before the last row */
		crm_journey_open(reader, PointerGetDatum(PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(0))));
		funcctx->user_fctx = reader;
		MemoryContextSwitchTo(old_context);
	}

	funcctx = SRF_PERCALL_SETUP();
	reader = (JourneyReader *) funcctx->user_fctx;
	if (!crm_journey_next(reader, &event))
		SRF_RETURN_DONE(funcctx);
	values[0] = Int64GetDatum(reader->i);
	values[1] = TimestampTzGetDatum(event.ts);
	values[2] = event_name_text(reader, event.name);
	values[3] = Float8GetDatum(event.value);
	nulls[3] = !event.has_value;
	SRF_RETURN_NEXT(funcctx, HeapTupleGetDatum(heap_form_tuple(funcctx->tuple_desc,
															   values, nulls)));
}
