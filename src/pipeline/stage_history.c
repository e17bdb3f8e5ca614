/*-------------------------------------------------------------------------
 *
 * stage_history.c
 *	  State of crm_stage_durations: the stage changes of one opportunity.
 *
 * Rows come in any order and from any number of workers, so the state keeps
 * them all, 16 bytes each, and the final function sorts them.  Stage names are
 * numbers into a dictionary that all groups of a query share (names.c).
 *
 * What the answer means is in stage_durations.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "src/common/aggstate.h"
#include "src/common/args.h"
#include "src/compat.h"
#include "src/pipeline/stage_history.h"

PG_FUNCTION_INFO_V1(crm_stage_durations_transfn);
PG_FUNCTION_INFO_V1(crm_stage_durations_combinefn);
PG_FUNCTION_INFO_V1(crm_stage_durations_serialfn);
PG_FUNCTION_INFO_V1(crm_stage_durations_deserialfn);

#define STATE_VERSION	1
#define STATE_NAME		"state of crm_stage_durations"

/* Look for a cancel request once in so many events. */
#define INTERRUPT_MASK	0xFFFF

/* A value of the option closed_stages seen by this call site */
typedef struct ClosedOption
{
	struct ClosedOption *next;
	ArrayType  *array;
	ClosedStages *closed;
} ClosedOption;

/* What a support function keeps from call to call */
typedef struct CallCache
{
	NameDictionary *names;
	ClosedOption *options;		/* the last one used comes first */
} CallCache;

static CallCache *call_cache(FunctionCallInfo fcinfo);
static const ClosedStages *closed_option(FunctionCallInfo fcinfo, CallCache *cache,
										 Datum datum);
static const ClosedStages *remember_closed(CallCache *cache, ArrayType *array,
										   const int32 *stages, int n);
static bool same_closed(const StageHistory *a, const StageHistory *b);
static StageHistory *new_history(MemoryContext context, int64 capacity);
static StageHistory *make_room(StageHistory *history, int64 n);
static int	compare_ids(const void *a, const void *b);

static CallCache *
call_cache(FunctionCallInfo fcinfo)
{
	CallCache  *cache = fcinfo->flinfo->fn_extra;

	if (unlikely(cache == NULL))
	{
		cache = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(CallCache));
		cache->names = crm_names_create(fcinfo->flinfo->fn_mcxt);
		fcinfo->flinfo->fn_extra = cache;
	}
	return cache;
}

/*
 * The closed stages that the argument lists, as an object that is the same
 * one for equal arrays, so that groups can tell by the pointer whether their
 * rows agree.
 */
static const ClosedStages *
closed_option(FunctionCallInfo fcinfo, CallCache *cache, Datum datum)
{
	ArrayType  *array = DatumGetArrayTypeP(datum);
	ClosedOption *option;
	ClosedOption **link;
	const ClosedStages *closed;
	Datum	   *elems;
	bool	   *nulls;
	int32	   *stages;
	int			n;
	int			i;

	for (link = &cache->options; (option = *link) != NULL; link = &option->next)
		if (option->array != NULL && VARSIZE(option->array) == VARSIZE(array) &&
			memcmp(option->array, array, VARSIZE(array)) == 0)
		{
			*link = option->next;
			option->next = cache->options;
			cache->options = option;
			return option->closed;
		}

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &elems, &nulls, &n);
	stages = palloc(n * sizeof(int32));
	for (i = 0; i < n; i++)
	{
		text	   *name;

		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("closed_stages must not contain NULL")));
		name = DatumGetTextPP(elems[i]);
		stages[i] = crm_names_intern(cache->names, VARDATA_ANY(name),
									 VARSIZE_ANY_EXHDR(name));
	}
	closed = remember_closed(cache, array, stages, n);
	pfree(stages);
	return closed;
}

/*
 * Put a set of closed stages, sorted and without repetition, into the cache.
 * array is NULL if it was not made from one.
 */
static const ClosedStages *
remember_closed(CallCache *cache, ArrayType *array, const int32 *stages, int n)
{
	MemoryContext context = cache->names->context;
	ClosedOption *option = MemoryContextAlloc(context, sizeof(ClosedOption));
	ClosedStages *closed = MemoryContextAlloc(context,
											  offsetof(ClosedStages, stages) +
											  n * sizeof(int32));
	int			i;

	memcpy(closed->stages, stages, n * sizeof(int32));
	qsort(closed->stages, n, sizeof(int32), compare_ids);
	closed->n = 0;
	for (i = 0; i < n; i++)
		if (closed->n == 0 || closed->stages[closed->n - 1] != closed->stages[i])
			closed->stages[closed->n++] = closed->stages[i];

	option->closed = closed;
	option->array = NULL;
	if (array != NULL)
	{
		option->array = MemoryContextAlloc(context, VARSIZE(array));
		memcpy(option->array, array, VARSIZE(array));
	}
	option->next = cache->options;
	cache->options = option;
	return closed;
}

/*
 * Do two states name the same closed stages?
 */
static bool
same_closed(const StageHistory *a, const StageHistory *b)
{
	int			n_a = a->closed ? a->closed->n : 0;
	int			n_b = b->closed ? b->closed->n : 0;
	int			i;
	int			j;

	if (a->closed == b->closed)
		return true;
	if (n_a != n_b)
		return false;
	/* Both are sets, but their numbering may differ. */
	for (i = 0; i < n_a; i++)
	{
		for (j = 0; j < n_b; j++)
			if (crm_names_equal(a->names, a->closed->stages[i],
								b->names, b->closed->stages[j]))
				break;
		if (j == n_b)
			return false;
	}
	return true;
}

/*
 * An empty history with room for that many events.
 */
static StageHistory *
new_history(MemoryContext context, int64 capacity)
{
	StageHistory *history;

	history = MemoryContextAlloc(context, offsetof(StageHistory, events) +
								 capacity * sizeof(StageEvent));
	history->closed = NULL;
	history->n = 0;
	history->capacity = (int32) capacity;
	return history;
}

/*
 * Let the history hold n events; it may move.
 */
static StageHistory *
make_room(StageHistory *history, int64 n)
{
	Size		size;

	if (n <= history->capacity)
		return history;
	if (n > MAX_STAGE_EVENTS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("more than %d stage changes in one group", MAX_STAGE_EVENTS),
				 errhint("Group by opportunity.")));

	/* With its header the state stays a power of two, as memory is handed out. */
	while (history->capacity < n)
		history->capacity = Min(2 * history->capacity + 2, MAX_STAGE_EVENTS);
	size = offsetof(StageHistory, events) + history->capacity * sizeof(StageEvent);
	return repalloc(history, size);
}

static int
compare_ids(const void *a, const void *b)
{
	int32		x = *(const int32 *) a;
	int32		y = *(const int32 *) b;

	return (x > y) - (x < y);
}

/*
 * crm_stage_durations_transfn(internal, stage text, entered_at timestamptz,
 *	as_of timestamptz [, closed_stages text[]]) -> internal
 *
 * Rows with a NULL stage or time are skipped, and so are those after as_of.
 * as_of and closed_stages must be the same for all rows of the group; as_of
 * must not be NULL, closed_stages may be (there are none).
 */
Datum
crm_stage_durations_transfn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_stage_durations_transfn");
	CallCache  *cache = call_cache(fcinfo);
	StageHistory *history = PG_ARGISNULL(0) ? NULL : (StageHistory *) PG_GETARG_POINTER(0);
	const ClosedStages *closed = NULL;
	TimestampTz as_of;
	TimestampTz at;
	text	   *stage;
	StageEvent *event;

	if (PG_ARGISNULL(3))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("as_of must not be NULL"),
				 errhint("Give the time up to which the history is known, such as now().")));
	as_of = PG_GETARG_TIMESTAMPTZ(3);
	if (PG_NARGS() > 4 && !PG_ARGISNULL(4))
		closed = closed_option(fcinfo, cache, PG_GETARG_DATUM(4));

	if (history == NULL)
	{
		if (TIMESTAMP_NOT_FINITE(as_of))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("as_of must be finite, got %s",
							TIMESTAMP_IS_NOBEGIN(as_of) ? "-infinity" : "infinity")));
		history = new_history(context, FIRST_EVENTS);
		history->names = cache->names;
		history->closed = closed;
		history->as_of = as_of;
	}
	else
	{
		if (history->as_of != as_of)
			crm_option_varies_error("as_of");
		if (history->closed != closed)
			crm_option_varies_error("closed_stages");
	}

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_POINTER(history);
	at = PG_GETARG_TIMESTAMPTZ(2);
	if (TIMESTAMP_NOT_FINITE(at))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("entered_at must be finite, got %s",
						TIMESTAMP_IS_NOBEGIN(at) ? "-infinity" : "infinity")));
	if (at > as_of)
		PG_RETURN_POINTER(history);

	stage = PG_GETARG_TEXT_PP(1);
	history = make_room(history, (int64) history->n + 1);
	event = &history->events[history->n++];
	event->at = at;
	event->stage = crm_names_intern(history->names, VARDATA_ANY(stage),
									VARSIZE_ANY_EXHDR(stage));
	PG_RETURN_POINTER(history);
}

/*
 * crm_stage_durations_combinefn(internal, internal) -> internal
 *
 * The first state grows by the second, which stays as it is.
 */
Datum
crm_stage_durations_combinefn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_stage_durations_combinefn");
	StageHistory *history = PG_ARGISNULL(0) ? NULL : (StageHistory *) PG_GETARG_POINTER(0);
	StageHistory *other = PG_ARGISNULL(1) ? NULL : (StageHistory *) PG_GETARG_POINTER(1);
	int			i;

	if (other == NULL)
	{
		if (history == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(history);
	}

	if (history == NULL)
	{
		history = new_history(context, Max(other->n, FIRST_EVENTS));
		history->names = other->names;
		history->closed = other->closed;
		history->as_of = other->as_of;
	}
	else
	{
		if (history->as_of != other->as_of)
			crm_option_varies_error("as_of");
		if (!same_closed(history, other))
			crm_option_varies_error("closed_stages");
		history = make_room(history, (int64) history->n + other->n);
	}

	for (i = 0; i < other->n; i++)
	{
		StageEvent *event = &history->events[history->n++];

		if ((i & INTERRUPT_MASK) == INTERRUPT_MASK)
			CHECK_FOR_INTERRUPTS();
		event->at = other->events[i].at;
		event->stage = crm_names_intern_from(history->names, other->names,
											 other->events[i].stage);
	}
	PG_RETURN_POINTER(history);
}

/*
 * crm_stage_durations_serialfn(internal) -> bytea
 *
 * as_of, the names that the events use, the closed stages' names, the events
 * with their stages numbered in that order.
 */
Datum
crm_stage_durations_serialfn(PG_FUNCTION_ARGS)
{
	StageHistory *history = (StageHistory *) PG_GETARG_POINTER(0);
	StringInfoData buf;
	int32	   *used;
	int			n_used = 0;
	int			i;

	(void) crm_agg_context(fcinfo, "crm_stage_durations_serialfn");

	used = palloc(Max(history->n, 1) * sizeof(int32));
	for (i = 0; i < history->n; i++)
		used[i] = history->events[i].stage;
	qsort(used, history->n, sizeof(int32), compare_ids);
	for (i = 0; i < history->n; i++)
		if (n_used == 0 || used[n_used - 1] != used[i])
			used[n_used++] = used[i];

	crm_serial_begin(&buf, STATE_VERSION);
	pq_sendint64(&buf, history->as_of);
	pq_sendint64(&buf, n_used);
	for (i = 0; i < n_used; i++)
		crm_names_send(&buf, history->names, used[i]);
	pq_sendint64(&buf, history->closed ? history->closed->n : 0);
	for (i = 0; history->closed && i < history->closed->n; i++)
		crm_names_send(&buf, history->names, history->closed->stages[i]);
	pq_sendint64(&buf, history->n);
	for (i = 0; i < history->n; i++)
	{
		int32	   *found = bsearch(&history->events[i].stage, used, n_used,
									sizeof(int32), compare_ids);

		if ((i & INTERRUPT_MASK) == INTERRUPT_MASK)
			CHECK_FOR_INTERRUPTS();
		pq_sendint64(&buf, history->events[i].at);
		pq_sendint32(&buf, (int32) (found - used));
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_stage_durations_deserialfn(bytea, internal) -> internal
 *
 * The names go into a dictionary that all states of this call site share.
 */
Datum
crm_stage_durations_deserialfn(PG_FUNCTION_ARGS)
{
	CallCache  *cache = call_cache(fcinfo);
	StageHistory *history;
	StringInfoData buf;
	TimestampTz as_of;
	int32	   *stages;
	int64		n_stages;
	int32	   *closed;
	int64		n_closed;
	int64		n;
	int64		i;

	(void) crm_agg_context(fcinfo, "crm_stage_durations_deserialfn");
	(void) crm_deserial_begin(&buf, PG_GETARG_BYTEA_PP(0), STATE_VERSION, STATE_NAME);

	as_of = pq_getmsgint64(&buf);
	n_stages = crm_deserial_count(&buf, MAX_NAMES, sizeof(int32), STATE_NAME);
	stages = palloc(Max(n_stages, 1) * sizeof(int32));
	for (i = 0; i < n_stages; i++)
		stages[i] = crm_names_recv(&buf, cache->names);
	n_closed = crm_deserial_count(&buf, MAX_NAMES, sizeof(int32), STATE_NAME);
	closed = palloc(Max(n_closed, 1) * sizeof(int32));
	for (i = 0; i < n_closed; i++)
		closed[i] = crm_names_recv(&buf, cache->names);

	n = crm_deserial_count(&buf, MAX_STAGE_EVENTS, sizeof(int64) + sizeof(int32),
						   STATE_NAME);
	history = new_history(CurrentMemoryContext, Max(n, 1));
	history->names = cache->names;
	history->as_of = as_of;
	if (n_closed > 0)
	{
		ClosedOption *option;

		/* One call site sees one or a few sets: look for an equal one. */
		qsort(closed, n_closed, sizeof(int32), compare_ids);
		for (option = cache->options; option != NULL; option = option->next)
			if (option->closed->n == n_closed &&
				memcmp(option->closed->stages, closed, n_closed * sizeof(int32)) == 0)
				break;
		history->closed = option != NULL ? option->closed :
			remember_closed(cache, NULL, closed, n_closed);
	}
	for (i = 0; i < n; i++)
	{
		StageEvent *event = &history->events[history->n++];
		int32		stage;

		if ((i & INTERRUPT_MASK) == INTERRUPT_MASK)
			CHECK_FOR_INTERRUPTS();
		event->at = pq_getmsgint64(&buf);
		stage = pq_getmsgint(&buf, 4);
		if (stage < 0 || stage >= n_stages || TIMESTAMP_NOT_FINITE(event->at) ||
			event->at > as_of)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
					 errmsg("invalid event in serialized %s", STATE_NAME)));
		event->stage = stages[stage];
	}
	crm_deserial_end(&buf, STATE_NAME);
	PG_RETURN_POINTER(history);
}
