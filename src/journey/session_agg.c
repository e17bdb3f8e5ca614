/*-------------------------------------------------------------------------
 *
 * session_agg.c
 *	  Aggregates over the sessions of a customer.
 *
 *		crm_session_stats(ts, gap)	-> how many, how long, bounces
 *		crm_sessions(ts, gap)		-> an array of crm_session
 *
 * What is kept is sessions, not events: an event that lies in a session, or
 * within gap of it, widens it and is counted.  While events come in order of
 * time this needs one comparison an event and is final.  An event out of order
 * begins a piece of its own, which overlaps or touches others; when the pieces
 * outgrow their room they are sorted and joined, and only if that leaves the
 * room more than three quarters full does it grow.  So any order of events gives the
 * same sessions, and memory follows their number, not that of the events (24
 * bytes a session and as much slack).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "port/pg_bswap.h"
#include "utils/memutils.h"

#include "src/common/aggstate.h"
#include "src/common/args.h"
#include "src/common/result.h"
#include "src/journey/session_result.h"

#define ST_SORT sort_sessions
#define ST_ELEMENT_TYPE SessionSpan
#define ST_COMPARE(a, b) ((a)->start < (b)->start ? -1 : ((a)->start > (b)->start ? 1 : 0))
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

#define STATE_VERSION 1

/* Columns of crm_session_stats */
#define STATS_COLUMNS 5

/* 10 * 24 bytes just fit a memory chunk of 256, and so do all doubles. */
#define INITIAL_SESSIONS 10

/* 2^27 sessions take 3 GB. */
#define MAX_SESSIONS (1 << 27)

/*
 * The pieces are before[] and last, of which last is the one that the latest
 * row went to.  There is always a last.
 */
typedef struct SessionState
{
	int64		gap;
	SessionSpan last;
	SessionSpan *before;		/* NULL while max is 0 */
	uint32		n;
	uint32		max;			/* allocated */
	bool		apart;			/* before[] is ascending with more than gap
								 * between its pieces */
} SessionState;

PG_FUNCTION_INFO_V1(crm_sessions_transfn);
PG_FUNCTION_INFO_V1(crm_sessions_transfn_timestamp);
PG_FUNCTION_INFO_V1(crm_sessions_transfn_date);
PG_FUNCTION_INFO_V1(crm_sessions_transfn_bigint);
PG_FUNCTION_INFO_V1(crm_sessions_combinefn);
PG_FUNCTION_INFO_V1(crm_sessions_serialfn);
PG_FUNCTION_INFO_V1(crm_sessions_deserialfn);
PG_FUNCTION_INFO_V1(crm_session_stats_finalfn);
PG_FUNCTION_INFO_V1(crm_session_stats_finalfn_bigint);
PG_FUNCTION_INFO_V1(crm_sessions_finalfn);
PG_FUNCTION_INFO_V1(crm_sessions_finalfn_timestamp);
PG_FUNCTION_INFO_V1(crm_sessions_finalfn_bigint);

static inline bool is_apart(const SessionSpan *a, const SessionSpan *b, int64 gap);
static uint32 join_sorted(SessionSpan *sessions, uint32 n, int64 gap);
static void make_room(SessionState *state, uint32 needed);
static void push(SessionState *state, const SessionSpan *session);
static void add_elsewhere(SessionState *state, int64 ts);
static Datum accumulate(FunctionCallInfo fcinfo, EventTimeKind kind);
static void reserve(StringInfo buf, Size size);
static SessionSpan *all_sessions(const SessionState *state, uint32 *n);
static Datum stats_result(FunctionCallInfo fcinfo, EventTimeKind kind);
static Datum sessions_result(FunctionCallInfo fcinfo, EventTimeKind kind);

/*
 * Whether b begins more than gap after the end of a.
 */
static inline bool
is_apart(const SessionSpan *a, const SessionSpan *b, int64 gap)
{
	return b->start > a->end && crm_span_between(a->end, b->start) > (uint64) gap;
}

/*
 * Join pieces, ascending by start, that are not apart, in place; returns how
 * many are left.
 */
static uint32
join_sorted(SessionSpan *sessions, uint32 n, int64 gap)
{
	uint32		joined = 0;
	uint32		i;

	for (i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (joined > 0 && !is_apart(&sessions[joined - 1], &sessions[i], gap))
		{
			SessionSpan *into = &sessions[joined - 1];

			into->end = Max(into->end, sessions[i].end);
			into->events += sessions[i].events;
		}
		else
			sessions[joined++] = sessions[i];
	}
	return joined;
}

/*
 * Make room in before[] for so many more.
 */
static void
make_room(SessionState *state, uint32 needed)
{
	uint64		max = Max(state->max, INITIAL_SESSIONS);
	uint64		n;
	bool		joined = false;

	if (state->n + (uint64) needed <= state->max)
		return;
	if (!state->apart)
	{
		sort_sessions(state->before, state->n);
		state->n = join_sorted(state->before, state->n, state->gap);
		state->apart = true;
		joined = true;
	}

	/* Joining again and again to gain a place or two would take for ever. */
	n = state->n + (uint64) needed;
	while (n > max || (joined && n > max / 4 * 3))
		max *= 2;
	if (max <= state->max)
		return;
	if (max > MAX_SESSIONS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("more than %d sessions in one group", MAX_SESSIONS),
				 errhint("Group by customer, and leave out events without a customer.")));
	if (state->before == NULL)
		state->before = MemoryContextAllocHuge(GetMemoryChunkContext(state),
											   max * sizeof(SessionSpan));
	else
		state->before = repalloc_huge(state->before, max * sizeof(SessionSpan));
	state->max = (uint32) max;
}

/*
 * Add a piece to before[].
 */
static void
push(SessionState *state, const SessionSpan *session)
{
	if (unlikely(state->n >= state->max))
		make_room(state, 1);
	if (state->n > 0 && !is_apart(&state->before[state->n - 1], session, state->gap))
		state->apart = false;
	state->before[state->n++] = *session;
}

/*
 * Add an event that lies outside of the last piece.
 */
static void
add_elsewhere(SessionState *state, int64 ts)
{
	SessionSpan *last = &state->last;

	if (ts < last->start && crm_span_between(ts, last->start) <= (uint64) state->gap)
	{
		last->start = ts;
		last->events++;
		return;
	}
	push(state, last);
	last->start = last->end = ts;
	last->events = 1;
}

static Datum
accumulate(FunctionCallInfo fcinfo, EventTimeKind kind)
{
	SessionState *state;
	SessionSpan *last;
	int64		ts;
	int64		gap;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	ts = crm_event_time(PG_GETARG_DATUM(1), kind);
	gap = crm_span_argument(PG_GETARG_DATUM(2), kind, "gap");

	if (unlikely(PG_ARGISNULL(0)))
	{
		state = MemoryContextAlloc(crm_agg_context(fcinfo, "crm_sessions_transfn"),
								   sizeof(SessionState));
		state->gap = gap;
		state->last.start = state->last.end = ts;
		state->last.events = 1;
		state->before = NULL;
		state->n = state->max = 0;
		state->apart = true;
		PG_RETURN_POINTER(state);
	}

	state = (SessionState *) PG_GETARG_POINTER(0);
	if (unlikely(gap != state->gap))
		crm_option_varies_error("gap");
	last = &state->last;
	if (likely(ts >= last->start && ts <= last->end))
		last->events++;
	else if (ts > last->end && crm_span_between(last->end, ts) <= (uint64) gap)
	{
		last->end = ts;
		last->events++;
	}
	else
		add_elsewhere(state, ts);
	PG_RETURN_POINTER(state);
}

/*
 * crm_sessions_transfn(internal, ts timestamptz, gap interval) -> internal
 *
 * Rows where ts or gap is NULL are skipped.  gap must be the same for all
 * rows of a group.
 */
Datum
crm_sessions_transfn(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, EVENT_TIMESTAMPTZ);
}

/*
 * The same for timestamp.
 */
Datum
crm_sessions_transfn_timestamp(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, EVENT_TIMESTAMP);
}

/*
 * The same for date.
 */
Datum
crm_sessions_transfn_date(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, EVENT_DATE);
}

/*
 * The same for bigint.
 */
Datum
crm_sessions_transfn_bigint(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, EVENT_BIGINT);
}

/*
 * crm_sessions_combinefn(internal, internal) -> internal
 */
Datum
crm_sessions_combinefn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_sessions_combinefn");
	SessionState *into = PG_ARGISNULL(0) ? NULL : (SessionState *) PG_GETARG_POINTER(0);
	const SessionState *from = PG_ARGISNULL(1) ? NULL : (SessionState *) PG_GETARG_POINTER(1);

	if (from == NULL)
	{
		if (into == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(into);
	}
	if (into == NULL)
	{
		into = MemoryContextAlloc(context, sizeof(SessionState));
		*into = *from;
		if (from->before != NULL)
		{
			into->before = MemoryContextAllocHuge(context, from->max * sizeof(SessionSpan));
			memcpy(into->before, from->before, from->n * sizeof(SessionSpan));
		}
		PG_RETURN_POINTER(into);
	}
	if (into->gap != from->gap)
		crm_option_varies_error("gap");

	make_room(into, from->n + 1);
	if (into->apart && from->apart && into->n > 0 && from->n > 0 &&
		from->before[0].start < into->before[into->n - 1].start)
	{
		/* two sorted runs: merge them from the end, in place, then join */
		uint32		n_into = into->n;
		uint32		n_from = from->n;
		uint32		to = n_into + n_from;

		into->n = to;
		while (n_from > 0)
		{
			if (n_into > 0 &&
				into->before[n_into - 1].start > from->before[n_from - 1].start)
				into->before[--to] = into->before[--n_into];
			else
				into->before[--to] = from->before[--n_from];
		}
		into->n = join_sorted(into->before, into->n, into->gap);
	}
	else
	{
		uint32		i;

		for (i = 0; i < from->n; i++)
			push(into, &from->before[i]);
		into->apart = into->apart && from->apart;
	}
	push(into, &from->last);
	PG_RETURN_POINTER(into);
}

/*
 * Make room for so many bytes at once, rather than for each number.
 */
static void
reserve(StringInfo buf, Size size)
{
	if (size > MaxAllocSize - 64)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many sessions to move between processes"),
				 errhint("Group by customer, or set max_parallel_workers_per_gather to 0.")));
	enlargeStringInfo(buf, (int) size);
}

/*
 * crm_sessions_serialfn(internal) -> bytea
 */
Datum
crm_sessions_serialfn(PG_FUNCTION_ARGS)
{
	const SessionState *state;
	StringInfoData buf;
	uint32		i;

	(void) crm_agg_context(fcinfo, "crm_sessions_serialfn");
	state = (SessionState *) PG_GETARG_POINTER(0);
	crm_serial_begin(&buf, STATE_VERSION);
	pq_sendint64(&buf, state->gap);
	pq_sendint64(&buf, state->last.start);
	pq_sendint64(&buf, state->last.end);
	pq_sendint64(&buf, state->last.events);
	pq_sendbyte(&buf, state->apart);
	pq_sendint64(&buf, state->n);
	reserve(&buf, state->n * sizeof(SessionSpan));
	for (i = 0; i < state->n; i++)
	{
		pq_writeint64(&buf, state->before[i].start);
		pq_writeint64(&buf, state->before[i].end);
		pq_writeint64(&buf, state->before[i].events);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_sessions_deserialfn(bytea, internal) -> internal
 */
Datum
crm_sessions_deserialfn(PG_FUNCTION_ARGS)
{
	const char *what = "sessions";
	SessionState *state;
	StringInfoData buf;
	const char *from;
	uint32		i;

	(void) crm_agg_context(fcinfo, "crm_sessions_deserialfn");
	crm_deserial_begin(&buf, PG_GETARG_BYTEA_PP(0), STATE_VERSION, what);
	state = palloc(sizeof(SessionState));
	state->gap = pq_getmsgint64(&buf);
	state->last.start = pq_getmsgint64(&buf);
	state->last.end = pq_getmsgint64(&buf);
	state->last.events = pq_getmsgint64(&buf);
	state->apart = pq_getmsgbyte(&buf) != 0;
	state->n = (uint32) crm_deserial_count(&buf, MAX_SESSIONS, sizeof(SessionSpan), what);
	state->max = state->n;
	state->before = state->n == 0 ? NULL :
		MemoryContextAllocHuge(CurrentMemoryContext, state->n * sizeof(SessionSpan));
	from = pq_getmsgbytes(&buf, (int) (state->n * sizeof(SessionSpan)));
	for (i = 0; i < state->n; i++)
	{
		int64		numbers[3];

		memcpy(numbers, from + i * sizeof(numbers), sizeof(numbers));
		state->before[i].start = (int64) pg_ntoh64(numbers[0]);
		state->before[i].end = (int64) pg_ntoh64(numbers[1]);
		state->before[i].events = (int64) pg_ntoh64(numbers[2]);
	}
	crm_deserial_end(&buf, what);
	PG_RETURN_POINTER(state);
}

/*
 * The sessions of a state, in order, in the current memory context.
 */
static SessionSpan *
all_sessions(const SessionState *state, uint32 *n)
{
	SessionSpan *sessions = MemoryContextAllocHuge(CurrentMemoryContext,
												   (state->n + (Size) 1) * sizeof(SessionSpan));

	if (state->n > 0)
		memcpy(sessions, state->before, state->n * sizeof(SessionSpan));
	sessions[state->n] = state->last;
	*n = state->n + 1;
	if (!state->apart ||
		(state->n > 0 && !is_apart(&state->before[state->n - 1], &state->last, state->gap)))
	{
		sort_sessions(sessions, *n);
		*n = join_sorted(sessions, *n, state->gap);
	}
	return sessions;
}

static Datum
stats_result(FunctionCallInfo fcinfo, EventTimeKind kind)
{
	TupleDesc	tupdesc = crm_result_tupdesc(fcinfo, NULL);
	SessionSpan *sessions;
	uint32		n;
	uint32		i;
	int64		events = 0;
	int64		bounces = 0;
	uint64		total = 0;
	uint64		longest = 0;
	Datum		values[STATS_COLUMNS];
	bool		nulls[STATS_COLUMNS] = {false};

	(void) crm_agg_context(fcinfo, "crm_session_stats_finalfn");
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (tupdesc->natts != STATS_COLUMNS)
		elog(ERROR, "crm_session_stats does not have %d columns", STATS_COLUMNS);

	sessions = all_sessions((SessionState *) PG_GETARG_POINTER(0), &n);
	for (i = 0; i < n; i++)
	{
		uint64		length = crm_span_between(sessions[i].start, sessions[i].end);

		CHECK_FOR_INTERRUPTS();
		events += sessions[i].events;
		bounces += sessions[i].events == 1;
		total += length;
		longest = Max(longest, length);
	}
	pfree(sessions);

	values[0] = Int64GetDatum(n);
	values[1] = Int64GetDatum(events);
	values[2] = crm_span_datum(total, kind);
	values[3] = crm_span_datum(longest, kind);
	values[4] = Int64GetDatum(bounces);
	return HeapTupleGetDatum(heap_form_tuple(tupdesc, values, nulls));
}

/*
 * crm_session_stats_finalfn(internal) -> crm_session_stats
 *		(sessions, events, total_duration, longest_duration, bounces)
 *
 * A bounce is a session of one event.  NULL if no row counted.
 */
Datum
crm_session_stats_finalfn(PG_FUNCTION_ARGS)
{
	return stats_result(fcinfo, EVENT_TIMESTAMPTZ);
}

/*
 * crm_session_stats_finalfn_bigint(internal) -> crm_session_stats_bigint
 *
 * Durations are in units of ts.
 */
Datum
crm_session_stats_finalfn_bigint(PG_FUNCTION_ARGS)
{
	return stats_result(fcinfo, EVENT_BIGINT);
}

static Datum
sessions_result(FunctionCallInfo fcinfo, EventTimeKind kind)
{
	SessionSpan *sessions;
	uint32		n;

	(void) crm_agg_context(fcinfo, "crm_sessions_finalfn");
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	sessions = all_sessions((SessionState *) PG_GETARG_POINTER(0), &n);
	return crm_session_array(fcinfo, sessions, n, kind);
}

/*
 * crm_sessions_finalfn(internal) -> crm_session[]
 *
 * In order of time, numbered from 1.  NULL if no row counted.
 */
Datum
crm_sessions_finalfn(PG_FUNCTION_ARGS)
{
	return sessions_result(fcinfo, EVENT_TIMESTAMPTZ);
}

/*
 * crm_sessions_finalfn_timestamp(internal) -> crm_session_timestamp[]
 */
Datum
crm_sessions_finalfn_timestamp(PG_FUNCTION_ARGS)
{
	return sessions_result(fcinfo, EVENT_TIMESTAMP);
}

/*
 * crm_sessions_finalfn_bigint(internal) -> crm_session_bigint[]
 */
Datum
crm_sessions_finalfn_bigint(PG_FUNCTION_ARGS)
{
	return sessions_result(fcinfo, EVENT_BIGINT);
}
