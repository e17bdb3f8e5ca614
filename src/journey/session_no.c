/*-------------------------------------------------------------------------
 *
 * session_no.c
 *	  Window function: the number of the session that each event belongs to.
 *
 *		crm_session_no(ts, gap [, max_length [, starts_new]])
 *			OVER (PARTITION BY customer ORDER BY ts)
 *
 * The rows of a partition come in order of time, so all that is needed of the
 * past is the time of the last event and of the session's first: they are kept
 * in partition-local memory.  The mark follows the current row, so that the
 * partition need not be kept.  In plain SQL this takes two window functions,
 * one above the other: lag() and a running sum.
 *
 * A support function tells the planner that the number never falls within a
 * partition, so that "WHERE session_no <= 3" ends each partition early.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "funcapi.h"
#include "nodes/nodes.h"
#include "nodes/parsenodes.h"
#include "nodes/plannodes.h"
#include "nodes/supportnodes.h"
#include "windowapi.h"

#include "src/journey/time_span.h"

/* Arguments */
#define ARG_TS			0
#define ARG_GAP			1
#define ARG_MAX_LENGTH	2
#define ARG_STARTS_NEW	3

/* What a partition carries from row to row; zeroed before its first row */
typedef struct SessionNoState
{
	int64		session_no;		/* 0 before the first row */
	bool		has_last;		/* last and start are set */
	bool		has_start;		/* the session has an event with a time */
	int64		last;			/* time of the last event that has one */
	int64		start;			/* time of the session's first event */
} SessionNoState;

/* What a call site carries (fn_extra) */
typedef struct SessionNoCache
{
	bool		gap_is_stable;
	bool		max_length_is_stable;
	bool		starts_new_is_stable;
	uint64		gap;			/* PG_UINT64_MAX: no limit */
	uint64		max_length;
	bool		gap_is_null;
	bool		starts_new;		/* where it is stable */
} SessionNoCache;

PG_FUNCTION_INFO_V1(crm_session_no);
PG_FUNCTION_INFO_V1(crm_session_no_timestamp);
PG_FUNCTION_INFO_V1(crm_session_no_date);
PG_FUNCTION_INFO_V1(crm_session_no_bigint);
PG_FUNCTION_INFO_V1(crm_session_no_support);

static void read_gap(SessionNoCache *cache, WindowObject winobj, EventTimeKind kind);
static void read_max_length(SessionNoCache *cache, WindowObject winobj,
							EventTimeKind kind);
static bool read_starts_new(WindowObject winobj);
static SessionNoCache *make_cache(FunctionCallInfo fcinfo, EventTimeKind kind);
static Datum session_no(FunctionCallInfo fcinfo, EventTimeKind kind);

static void
read_gap(SessionNoCache *cache, WindowObject winobj, EventTimeKind kind)
{
	Datum		gap = WinGetFuncArgCurrent(winobj, ARG_GAP, &cache->gap_is_null);

	if (!cache->gap_is_null)
		cache->gap = (uint64) crm_span_argument(gap, kind, "gap");
}

static void
read_max_length(SessionNoCache *cache, WindowObject winobj, EventTimeKind kind)
{
	bool		isnull;
	Datum		max_length = WinGetFuncArgCurrent(winobj, ARG_MAX_LENGTH, &isnull);

	cache->max_length = isnull ? PG_UINT64_MAX :
		(uint64) crm_span_argument(max_length, kind, "max_length");
}

/* NULL is false. */
static bool
read_starts_new(WindowObject winobj)
{
	bool		isnull;
	Datum		starts_new = WinGetFuncArgCurrent(winobj, ARG_STARTS_NEW, &isnull);

	return !isnull && DatumGetBool(starts_new);
}

/*
 * Options that are constant are read once.
 */
static SessionNoCache *
make_cache(FunctionCallInfo fcinfo, EventTimeKind kind)
{
	WindowObject winobj = PG_WINDOW_OBJECT();
	FmgrInfo   *flinfo = fcinfo->flinfo;
	SessionNoCache *cache = MemoryContextAllocZero(flinfo->fn_mcxt,
												   sizeof(SessionNoCache));

	cache->gap_is_stable = get_fn_expr_arg_stable(flinfo, ARG_GAP);
	cache->max_length_is_stable = get_fn_expr_arg_stable(flinfo, ARG_MAX_LENGTH);
	cache->starts_new_is_stable = get_fn_expr_arg_stable(flinfo, ARG_STARTS_NEW);
	read_gap(cache, winobj, kind);
	read_max_length(cache, winobj, kind);
	cache->starts_new = read_starts_new(winobj);
	flinfo->fn_extra = cache;
	return cache;
}

static Datum
session_no(FunctionCallInfo fcinfo, EventTimeKind kind)
{
	WindowObject winobj = PG_WINDOW_OBJECT();
	SessionNoCache *cache = (SessionNoCache *) fcinfo->flinfo->fn_extra;
	SessionNoState *state;
	Datum		ts_datum;
	bool		isnull;
	bool		is_new;
	int64		ts = 0;

	if (unlikely(cache == NULL))
		cache = make_cache(fcinfo, kind);
	if (unlikely(!cache->gap_is_stable))
		read_gap(cache, winobj, kind);
	if (unlikely(!cache->max_length_is_stable))
		read_max_length(cache, winobj, kind);
	state = (SessionNoState *) WinGetPartitionLocalMemory(winobj, sizeof(SessionNoState));

	/* Rows before this one will not be asked for again. */
	WinSetMarkPosition(winobj, WinGetCurrentPosition(winobj));

	if (cache->gap_is_null)
		PG_RETURN_NULL();

	is_new = state->session_no == 0 ||
		(cache->starts_new_is_stable ? cache->starts_new : read_starts_new(winobj));

	ts_datum = WinGetFuncArgCurrent(winobj, ARG_TS, &isnull);
	if (!isnull)
	{
		ts = crm_event_time(ts_datum, kind);
		if (state->has_last)
		{
			if (unlikely(ts < state->last))
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("an event comes after a later one"),
						 errhint("The window needs ORDER BY ts, ascending.")));
			is_new |= crm_span_between(state->last, ts) > cache->gap;
		}
		if (state->has_start)
			is_new |= crm_span_between(state->start, ts) > cache->max_length;
		state->last = ts;
		state->has_last = true;
	}

	if (is_new)
	{
		state->session_no++;
		state->has_start = false;
	}
	if (!isnull && !state->has_start)
	{
		state->start = ts;
		state->has_start = true;
	}
	PG_RETURN_INT64(state->session_no);
}

/*
 * crm_session_no(ts timestamptz, gap interval, max_length interval,
 *				  starts_new boolean) OVER (...) -> bigint
 *
 * The number, from 1, of the session in its partition.  An event starts a new
 * session when it comes more than gap after the event before (at the gap
 * exactly it does not), or more than max_length after the session's first, or
 * when starts_new is true.  max_length NULL is no limit.  An event with a NULL
 * ts belongs to the current session and moves no clock.  gap NULL gives NULL.
 * Rows that are not in ascending order of ts are error 22023.
 */
Datum
crm_session_no(PG_FUNCTION_ARGS)
{
	return session_no(fcinfo, EVENT_TIMESTAMPTZ);
}

/*
 * The same for timestamp.
 */
Datum
crm_session_no_timestamp(PG_FUNCTION_ARGS)
{
	return session_no(fcinfo, EVENT_TIMESTAMP);
}

/*
 * The same for date.
 */
Datum
crm_session_no_date(PG_FUNCTION_ARGS)
{
	return session_no(fcinfo, EVENT_DATE);
}

/*
 * The same for bigint; gap and max_length are bigint in the same unit.
 */
Datum
crm_session_no_bigint(PG_FUNCTION_ARGS)
{
	return session_no(fcinfo, EVENT_BIGINT);
}

/*
 * crm_session_no_support(internal) -> internal
 *
 * Planner support: the number never falls from row to row.  Where gap could be
 * NULL in some rows, so is the number, and a scan must not end there.
 */
Datum
crm_session_no_support(PG_FUNCTION_ARGS)
{
	Node	   *rawreq = (Node *) PG_GETARG_POINTER(0);

	if (IsA(rawreq, SupportRequestWFuncMonotonic))
	{
		SupportRequestWFuncMonotonic *req = (SupportRequestWFuncMonotonic *) rawreq;
		Node	   *gap = (Node *) list_nth(req->window_func->args, ARG_GAP);

		if (!IsA(gap, Const) || ((Const *) gap)->constisnull)
			PG_RETURN_POINTER(NULL);
		req->monotonic = MONOTONICFUNC_INCREASING;
		PG_RETURN_POINTER(req);
	}
	PG_RETURN_POINTER(NULL);
}
