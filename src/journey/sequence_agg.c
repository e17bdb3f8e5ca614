/*-------------------------------------------------------------------------
 *
 * sequence_agg.c
 *	  Aggregates that look for a pattern in the events of a group.
 *
 *		crm_sequence_match(pattern, ts, condition, ...)		is there a match
 *		crm_sequence_count(pattern, ts, condition, ...)		how many
 *		crm_sequence_events(pattern, ts, condition, ...)	times of the first
 *
 * Events for which no condition holds are not kept: the pattern does not see
 * them.  The others take 16 bytes each.  They are sorted in the end, if they
 * did not come in order.
 *
 * VARIADIC "any" saves the building of an array for each row, but checks no
 * types: that is done on the first call.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "libpq/pqformat.h"
#include "nodes/pg_list.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "src/common/aggstate.h"
#include "src/common/args.h"
#include "src/journey/sequence_match.h"

#define STATE_VERSION 1

/* Arguments of the transition functions */
#define ARG_PATTERN		1
#define ARG_TS			2
#define ARG_CONDITIONS	3

/* 8 events are 128 bytes. */
#define INITIAL_EVENTS	8

/* 2^28 events of one group take 4 GB. */
#define MAX_EVENTS (1 << 28)

/* State of a group */
typedef struct SequenceState
{
	const SequencePattern *pattern; /* lives as long as the call site */
	SequenceEvent *events;		/* NULL while max is 0 */
	uint32		n;
	uint32		max;			/* allocated */
	bool		sorted;
} SequenceState;

/* What a call site carries (fn_extra) */
typedef struct SequenceCache
{
	SequencePattern *pattern;	/* the last one; NULL before the first */
	List	   *patterns;		/* all of them */
	bool		is_checked;		/* types of arguments */
	bool		is_array;		/* conditions come as one array */
} SequenceCache;

PG_FUNCTION_INFO_V1(crm_sequence_transfn);
PG_FUNCTION_INFO_V1(crm_sequence_transfn_timestamp);
PG_FUNCTION_INFO_V1(crm_sequence_transfn_date);
PG_FUNCTION_INFO_V1(crm_sequence_transfn_bigint);
PG_FUNCTION_INFO_V1(crm_sequence_combinefn);
PG_FUNCTION_INFO_V1(crm_sequence_serialfn);
PG_FUNCTION_INFO_V1(crm_sequence_deserialfn);
PG_FUNCTION_INFO_V1(crm_sequence_match_finalfn);
PG_FUNCTION_INFO_V1(crm_sequence_count_finalfn);
PG_FUNCTION_INFO_V1(crm_sequence_events_finalfn);
PG_FUNCTION_INFO_V1(crm_sequence_events_finalfn_timestamp);
PG_FUNCTION_INFO_V1(crm_sequence_events_finalfn_bigint);

static SequenceCache *get_cache(FunctionCallInfo fcinfo);
static void check_types(FunctionCallInfo fcinfo, SequenceCache *cache);
static bool is_pattern(const SequencePattern *pattern, const char *source, int source_len,
					   EventTimeKind kind, int n_conditions);
static const SequencePattern *get_pattern(FunctionCallInfo fcinfo, SequenceCache *cache,
										  const char *source, int source_len,
										  EventTimeKind kind, int n_conditions);
static uint32 array_conditions(FunctionCallInfo fcinfo, int *n_conditions);
static uint32 read_conditions(FunctionCallInfo fcinfo);
static void make_room(SequenceState *state, uint64 needed);
static Datum accumulate(FunctionCallInfo fcinfo, EventTimeKind kind);
static const SequenceEvent *sorted_events(const SequenceState *state);
static Datum events_result(FunctionCallInfo fcinfo, EventTimeKind kind);

static SequenceCache *
get_cache(FunctionCallInfo fcinfo)
{
	if (fcinfo->flinfo->fn_extra == NULL)
		fcinfo->flinfo->fn_extra = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt,
														  sizeof(SequenceCache));
	return (SequenceCache *) fcinfo->flinfo->fn_extra;
}

/*
 * That every condition is boolean, once for a call site.
 */
static void
check_types(FunctionCallInfo fcinfo, SequenceCache *cache)
{
	FmgrInfo   *flinfo = fcinfo->flinfo;
	int			i;

	cache->is_array = get_fn_expr_variadic(flinfo);
	if (cache->is_array)
	{
		if (getBaseType(get_fn_expr_argtype(flinfo, ARG_CONDITIONS)) != BOOLARRAYOID)
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("conditions must be an array of type boolean, not type %s",
							format_type_be(get_fn_expr_argtype(flinfo, ARG_CONDITIONS))),
					 errhint("Write each condition as a comparison, such as event = 'view'.")));
	}
	else
	{
		if (PG_NARGS() - ARG_CONDITIONS > SEQUENCE_MAX_CONDITIONS)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("more than %d conditions", SEQUENCE_MAX_CONDITIONS),
					 errhint("Leave out conditions that the pattern does not name.")));
		for (i = ARG_CONDITIONS; i < PG_NARGS(); i++)
		{
			Oid			type = get_fn_expr_argtype(flinfo, i);

			if (getBaseType(type) != BOOLOID)
				ereport(ERROR,
						(errcode(ERRCODE_DATATYPE_MISMATCH),
						 errmsg("condition %d must be of type boolean, not type %s",
								i - ARG_CONDITIONS + 1, format_type_be(type)),
						 errhint("Write each condition as a comparison, such as event = 'view'.")));
		}
	}
	cache->is_checked = true;
}

static bool
is_pattern(const SequencePattern *pattern, const char *source, int source_len,
		   EventTimeKind kind, int n_conditions)
{
	return pattern->source_len == source_len && pattern->n_conditions == n_conditions &&
		pattern->kind == kind && memcmp(pattern->source, source, source_len) == 0;
}

/*
 * The compiled pattern.  States of groups point to it, so that it lives as long
 * as the call site; where groups have different patterns, rows of one and of
 * the other come in turn, and each is compiled but once.
 */
static const SequencePattern *
get_pattern(FunctionCallInfo fcinfo, SequenceCache *cache, const char *source,
			int source_len, EventTimeKind kind, int n_conditions)
{
	MemoryContext old_context;
	ListCell   *lc;

	if (cache->pattern != NULL &&
		is_pattern(cache->pattern, source, source_len, kind, n_conditions))
		return cache->pattern;

	foreach(lc, cache->patterns)
	{
		SequencePattern *pattern = (SequencePattern *) lfirst(lc);

		if (is_pattern(pattern, source, source_len, kind, n_conditions))
		{
			cache->pattern = pattern;
			return pattern;
		}
	}

	cache->pattern = crm_sequence_compile(source, source_len, kind, n_conditions,
										  false, fcinfo->flinfo->fn_mcxt);
	old_context = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	cache->patterns = lappend(cache->patterns, cache->pattern);
	MemoryContextSwitchTo(old_context);
	return cache->pattern;
}

/*
 * The conditions that come as an array, as a mask.
 */
static uint32
array_conditions(FunctionCallInfo fcinfo, int *n_conditions)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(ARG_CONDITIONS);
	int			n = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	const bits8 *nulls = ARR_NULLBITMAP(array);
	const char *element = ARR_DATA_PTR(array);
	uint32		mask = 0;
	int			i;

	if (n > SEQUENCE_MAX_CONDITIONS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("more than %d conditions", SEQUENCE_MAX_CONDITIONS),
				 errhint("Leave out conditions that the pattern does not name.")));
	for (i = 0; i < n; i++)
	{
		if (nulls != NULL && (nulls[i / 8] & (1 << (i % 8))) == 0)
			continue;
		if (*element++)
			mask |= (uint32) 1 << i;
	}
	*n_conditions = n;
	return mask;
}

/*
 * The conditions that come as arguments, as a mask; NULL is false.
 */
static uint32
read_conditions(FunctionCallInfo fcinfo)
{
	uint32		mask = 0;
	int			i;

	for (i = ARG_CONDITIONS; i < PG_NARGS(); i++)
	{
		if (!PG_ARGISNULL(i) && PG_GETARG_BOOL(i))
			mask |= (uint32) 1 << (i - ARG_CONDITIONS);
	}
	return mask;
}

/*
 * Make room for so many events in all.
 */
static void
make_room(SequenceState *state, uint64 needed)
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
											   max * sizeof(SequenceEvent));
	else
		state->events = repalloc_huge(state->events, max * sizeof(SequenceEvent));
	state->max = (uint32) max;
}

static Datum
accumulate(FunctionCallInfo fcinfo, EventTimeKind kind)
{
	SequenceCache *cache = get_cache(fcinfo);
	SequenceState *state = PG_ARGISNULL(0) ? NULL : (SequenceState *) PG_GETARG_POINTER(0);
	SequenceEvent event;
	text	   *source;
	int			n_conditions = PG_NARGS() - ARG_CONDITIONS;

	if (unlikely(!cache->is_checked))
		check_types(fcinfo, cache);
	if (PG_ARGISNULL(ARG_PATTERN) || PG_ARGISNULL(ARG_TS) ||
		(cache->is_array && PG_ARGISNULL(ARG_CONDITIONS)))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	event.ts = crm_event_time(PG_GETARG_DATUM(ARG_TS), kind);
	event.mask = cache->is_array ? array_conditions(fcinfo, &n_conditions) :
		read_conditions(fcinfo);

	source = PG_GETARG_TEXT_PP(ARG_PATTERN);
	(void) get_pattern(fcinfo, cache, VARDATA_ANY(source), VARSIZE_ANY_EXHDR(source), kind,
					   n_conditions);
	if (unlikely(state == NULL))
	{
		state = MemoryContextAllocZero(crm_agg_context(fcinfo, "crm_sequence_transfn"),
									   sizeof(SequenceState));
		state->pattern = cache->pattern;
		state->sorted = true;
	}
	else if (unlikely(state->pattern != cache->pattern))
	{
		if (state->pattern->n_conditions != n_conditions)
			crm_option_varies_error("number of conditions");
		if (state->pattern->source_len != cache->pattern->source_len ||
			memcmp(state->pattern->source, cache->pattern->source,
				   state->pattern->source_len) != 0)
			crm_option_varies_error("pattern");
	}

	if (event.mask != 0)
	{
		if (unlikely(state->n >= state->max))
			make_room(state, (uint64) state->n + 1);
		if (state->n > 0 && event.ts <= state->events[state->n - 1].ts &&
			crm_sequence_compare(&event, &state->events[state->n - 1]) < 0)
			state->sorted = false;
		state->events[state->n++] = event;
	}
	PG_RETURN_POINTER(state);
}

/*
 * crm_sequence_transfn(internal, pattern text, ts timestamptz, VARIADIC "any")
 * -> internal
 *
 * Rows where pattern or ts is NULL are skipped; a condition that is NULL does
 * not hold.  Conditions must be boolean (42804), at most 32, or one array.
 */
Datum
crm_sequence_transfn(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, EVENT_TIMESTAMPTZ);
}

/*
 * The same for timestamp.
 */
Datum
crm_sequence_transfn_timestamp(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, EVENT_TIMESTAMP);
}

/*
 * The same for date.
 */
Datum
crm_sequence_transfn_date(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, EVENT_DATE);
}

/*
 * The same for bigint.
 */
Datum
crm_sequence_transfn_bigint(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, EVENT_BIGINT);
}

/*
 * crm_sequence_combinefn(internal, internal) -> internal
 */
Datum
crm_sequence_combinefn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_sequence_combinefn");
	SequenceState *into = PG_ARGISNULL(0) ? NULL : (SequenceState *) PG_GETARG_POINTER(0);
	const SequenceState *from = PG_ARGISNULL(1) ? NULL : (SequenceState *) PG_GETARG_POINTER(1);
	uint32		n_into;
	uint32		n_from;

	if (from == NULL)
	{
		if (into == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(into);
	}
	if (into == NULL)
	{
		into = MemoryContextAllocZero(context, sizeof(SequenceState));
		into->pattern = from->pattern;
		into->sorted = true;
	}
	if (into->pattern != from->pattern &&
		(into->pattern->source_len != from->pattern->source_len ||
		 memcmp(into->pattern->source, from->pattern->source,
				into->pattern->source_len) != 0))
		crm_option_varies_error("pattern");
	if (into->pattern->n_conditions != from->pattern->n_conditions)
		crm_option_varies_error("number of conditions");

	n_into = into->n;
	n_from = from->n;
	if (n_from == 0)
		PG_RETURN_POINTER(into);
	make_room(into, (uint64) n_into + n_from);
	into->n = n_into + n_from;
	if (into->sorted && from->sorted && n_into > 0 &&
		crm_sequence_compare(&into->events[n_into - 1], &from->events[0]) > 0)
	{
		/* two sorted runs: merge them from the end, in place */
		uint32		to = into->n;

		while (n_from > 0)
		{
			if (n_into > 0 && crm_sequence_compare(&into->events[n_into - 1],
												   &from->events[n_from - 1]) > 0)
				into->events[--to] = into->events[--n_into];
			else
				into->events[--to] = from->events[--n_from];
		}
	}
	else
	{
		memcpy(into->events + n_into, from->events, n_from * sizeof(SequenceEvent));
		into->sorted = into->sorted && from->sorted;
	}
	PG_RETURN_POINTER(into);
}

/*
 * crm_sequence_serialfn(internal) -> bytea
 */
Datum
crm_sequence_serialfn(PG_FUNCTION_ARGS)
{
	const SequenceState *state;
	StringInfoData buf;
	uint32		i;

	(void) crm_agg_context(fcinfo, "crm_sequence_serialfn");
	state = (SequenceState *) PG_GETARG_POINTER(0);
	crm_serial_begin(&buf, STATE_VERSION);
	pq_sendbyte(&buf, (uint8) state->pattern->kind);
	pq_sendbyte(&buf, (uint8) state->pattern->n_conditions);
	pq_sendint64(&buf, state->pattern->source_len);
	pq_sendbytes(&buf, state->pattern->source, state->pattern->source_len);
	pq_sendbyte(&buf, state->sorted);
	pq_sendint64(&buf, state->n);
	for (i = 0; i < state->n; i++)
	{
		pq_sendint64(&buf, state->events[i].ts);
		pq_sendint32(&buf, state->events[i].mask);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_sequence_deserialfn(bytea, internal) -> internal
 */
Datum
crm_sequence_deserialfn(PG_FUNCTION_ARGS)
{
	const char *what = "sequence";
	SequenceState *state;
	StringInfoData buf;
	EventTimeKind kind;
	int			n_conditions;
	int			source_len;
	int64		n;
	uint32		i;

	(void) crm_agg_context(fcinfo, "crm_sequence_deserialfn");
	crm_deserial_begin(&buf, PG_GETARG_BYTEA_PP(0), STATE_VERSION, what);
	state = palloc0(sizeof(SequenceState));
	kind = (EventTimeKind) pq_getmsgbyte(&buf);
	n_conditions = pq_getmsgbyte(&buf);
	source_len = (int) crm_deserial_count(&buf, MaxAllocSize, 1, what);
	state->pattern = get_pattern(fcinfo, get_cache(fcinfo),
								 pq_getmsgbytes(&buf, source_len), source_len,
								 kind, n_conditions);
	state->sorted = pq_getmsgbyte(&buf) != 0;
	n = crm_deserial_count(&buf, MAX_EVENTS, sizeof(int64) + sizeof(uint32), what);
	make_room(state, (uint64) n);
	for (i = 0; i < n; i++)
	{
		state->events[i].ts = pq_getmsgint64(&buf);
		state->events[i].mask = pq_getmsgint(&buf, 4);
	}
	state->n = (uint32) n;
	crm_deserial_end(&buf, what);
	PG_RETURN_POINTER(state);
}

/*
 * The state's events, or a sorted copy of them.
 */
static const SequenceEvent *
sorted_events(const SequenceState *state)
{
	SequenceEvent *events;

	if (state->sorted)
		return state->events;
	events = MemoryContextAllocHuge(CurrentMemoryContext,
									state->n * sizeof(SequenceEvent));
	memcpy(events, state->events, state->n * sizeof(SequenceEvent));
	crm_sequence_sort(events, state->n);
	return events;
}

/*
 * crm_sequence_match_finalfn(internal) -> boolean
 *
 * NULL if no row counted.
 */
Datum
crm_sequence_match_finalfn(PG_FUNCTION_ARGS)
{
	const SequenceState *state;
	int64		end;

	(void) crm_agg_context(fcinfo, "crm_sequence_match_finalfn");
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (SequenceState *) PG_GETARG_POINTER(0);
	if (state->pattern->n_items == 0)
		PG_RETURN_BOOL(true);
	PG_RETURN_BOOL(crm_sequence_scan(state->pattern, sorted_events(state), state->n, &end) > 0);
}

/*
 * crm_sequence_count_finalfn(internal) -> bigint
 *
 * NULL if no row counted.  A pattern that asks for no event is error 22023.
 */
Datum
crm_sequence_count_finalfn(PG_FUNCTION_ARGS)
{
	const SequenceState *state;

	(void) crm_agg_context(fcinfo, "crm_sequence_count_finalfn");
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (SequenceState *) PG_GETARG_POINTER(0);
	if (state->pattern->n_items == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("pattern asks for no event, so that there is nothing to count"),
				 errhint("Name at least one event, as in (?1).")));
	PG_RETURN_INT64(crm_sequence_scan(state->pattern, sorted_events(state), state->n, NULL));
}

/*
 * The times of the first match.  An event that stands for "." has no place in
 * them, so that the place of a (?N) in the pattern is that of its time.
 */
static Datum
events_result(FunctionCallInfo fcinfo, EventTimeKind kind)
{
	const SequenceState *state;
	const SequencePattern *pattern;
	const SequenceEvent *events;
	Oid			type;
	int64		end;
	int64	   *positions;
	Datum	   *times;
	int			n_times = 0;
	int			i;

	(void) crm_agg_context(fcinfo, "crm_sequence_events_finalfn");
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (SequenceState *) PG_GETARG_POINTER(0);
	pattern = state->pattern;
	type = kind == EVENT_TIMESTAMPTZ ? TIMESTAMPTZOID :
		kind == EVENT_TIMESTAMP ? TIMESTAMPOID : INT8OID;
	if (pattern->n_items == 0)
		PG_RETURN_POINTER(construct_empty_array(type));
	events = sorted_events(state);
	if (crm_sequence_scan(pattern, events, state->n, &end) == 0)
		PG_RETURN_NULL();

	positions = palloc(pattern->n_items * sizeof(int64));
	crm_sequence_first(pattern, events, end, positions);
	times = palloc(pattern->n_items * sizeof(Datum));
	for (i = 0; i < pattern->n_items; i++)
	{
		if (pattern->items[i].mask != SEQUENCE_ANY)
			times[n_times++] = Int64GetDatum(events[positions[i]].ts);
	}
	PG_RETURN_POINTER(construct_array(times, n_times, type, sizeof(int64), FLOAT8PASSBYVAL,
									  TYPALIGN_DOUBLE));
}

/*
 * crm_sequence_events_finalfn(internal) -> timestamptz[]
 *
 * The times of the events of the first match that conditions of the pattern
 * name, as many as it has (?N); NULL if there is no match.
 */
Datum
crm_sequence_events_finalfn(PG_FUNCTION_ARGS)
{
	return events_result(fcinfo, EVENT_TIMESTAMPTZ);
}

/*
 * crm_sequence_events_finalfn_timestamp(internal) -> timestamp[]
 *
 * Of dates too: their midnights.
 */
Datum
crm_sequence_events_finalfn_timestamp(PG_FUNCTION_ARGS)
{
	return events_result(fcinfo, EVENT_TIMESTAMP);
}

/*
 * crm_sequence_events_finalfn_bigint(internal) -> bigint[]
 */
Datum
crm_sequence_events_finalfn_bigint(PG_FUNCTION_ARGS)
{
	return events_result(fcinfo, EVENT_BIGINT);
}
