/*-------------------------------------------------------------------------
 *
 * stage_history.c
 *	  State of crm_stage_durations: the stage changes of one opportunity.
 *
 * Rows come in any order and from any number of workers, so the state keeps
 * them all, mostly in 8 bytes each, and the final function sorts them.  Stage
 * names are numbers into a dictionary that all groups of a query share
 * (names.c).
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
	ArrayType  *array;			/* NULL: given as ids */
	StageOptions *options;
} ClosedOption;

/* What a support function keeps from call to call */
typedef struct CallCache
{
	NameDictionary *names;
	StageOptions *none_closed;
	ClosedOption *closed;		/* the last one used comes first */
} CallCache;

static CallCache *call_cache(FunctionCallInfo fcinfo);
static StageOptions *make_options(NameDictionary *names, const int32 *stages, int n);
static const StageOptions *array_options(CallCache *cache, Datum datum);
static const StageOptions *id_options(CallCache *cache, int32 *stages, int n);
static const StageOptions *remember_options(CallCache *cache, ArrayType *array,
											const int32 *stages, int n);
static bool same_closed(const StageOptions *a, const StageOptions *b);
static StageHistory *new_history(MemoryContext context, const StageOptions *options,
								 TimestampTz as_of, int64 words);
static StageHistory *make_room(StageHistory *history, int64 n_words);
static StageHistory *widen(StageHistory *history);
static StageHistory *add_event(StageHistory *history, TimestampTz at, int32 stage);
static int	compare_ids(const void *a, const void *b);

static CallCache *
call_cache(FunctionCallInfo fcinfo)
{
	CallCache  *cache = fcinfo->flinfo->fn_extra;

	if (unlikely(cache == NULL))
	{
		cache = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(CallCache));
		cache->names = crm_names_create(fcinfo->flinfo->fn_mcxt);
		cache->none_closed = make_options(cache->names, NULL, 0);
		fcinfo->flinfo->fn_extra = cache;
	}
	return cache;
}

/*
 * Options with the given closed stages, which are sorted and freed from
 * repetition, beside the names.
 */
static StageOptions *
make_options(NameDictionary *names, const int32 *stages, int n)
{
	StageOptions *options = MemoryContextAlloc(names->context,
											   offsetof(StageOptions, closed) +
											   n * sizeof(int32));
	int			i;

	options->names = names;
	options->n_closed = 0;
	if (n > 0)
	{
		memcpy(options->closed, stages, n * sizeof(int32));
		qsort(options->closed, n, sizeof(int32), compare_ids);
		for (i = 0; i < n; i++)
			if (options->n_closed == 0 ||
				options->closed[options->n_closed - 1] != options->closed[i])
				options->closed[options->n_closed++] = options->closed[i];
	}
	return options;
}

/*
 * The options that an array of closed stages makes, the same object for equal
 * arrays, so that groups can tell by the pointer whether their rows agree.
 */
static const StageOptions *
array_options(CallCache *cache, Datum datum)
{
	ArrayType  *array = DatumGetArrayTypeP(datum);
	ClosedOption *seen;
	ClosedOption **link;
	const StageOptions *options;
	Datum	   *elems;
	bool	   *nulls;
	int32	   *stages;
	int			n;
	int			i;

	for (link = &cache->closed; (seen = *link) != NULL; link = &seen->next)
		if (seen->array != NULL && VARSIZE(seen->array) == VARSIZE(array) &&
			memcmp(seen->array, array, VARSIZE(array)) == 0)
		{
			*link = seen->next;
			seen->next = cache->closed;
			cache->closed = seen;
			return seen->options;
		}

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &elems, &nulls, &n);
	stages = palloc(Max(n, 1) * sizeof(int32));
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
	options = remember_options(cache, array, stages, n);
	pfree(stages);
	return options;
}

/*
 * The same for ids of names, in any order but without repetition.
 */
static const StageOptions *
id_options(CallCache *cache, int32 *stages, int n)
{
	ClosedOption *seen;

	if (n == 0)
		return cache->none_closed;
	qsort(stages, n, sizeof(int32), compare_ids);
	for (seen = cache->closed; seen != NULL; seen = seen->next)
		if (seen->options->n_closed == n &&
			memcmp(seen->options->closed, stages, n * sizeof(int32)) == 0)
			return seen->options;
	return remember_options(cache, NULL, stages, n);
}

static const StageOptions *
remember_options(CallCache *cache, ArrayType *array, const int32 *stages, int n)
{
	MemoryContext context = cache->names->context;
	ClosedOption *seen = MemoryContextAlloc(context, sizeof(ClosedOption));

	seen->options = make_options(cache->names, stages, n);
	seen->array = NULL;
	if (array != NULL)
	{
		seen->array = MemoryContextAlloc(context, VARSIZE(array));
		memcpy(seen->array, array, VARSIZE(array));
	}
	seen->next = cache->closed;
	cache->closed = seen;
	return seen->options;
}

/*
 * Do two states name the same closed stages?  Their numbering may differ.
 */
static bool
same_closed(const StageOptions *a, const StageOptions *b)
{
	int			i;
	int			j;

	if (a == b)
		return true;
	if (a->n_closed != b->n_closed)
		return false;
	for (i = 0; i < a->n_closed; i++)
	{
		for (j = 0; j < b->n_closed; j++)
			if (crm_names_equal(a->names, a->closed[i], b->names, b->closed[j]))
				break;
		if (j == b->n_closed)
			return false;
	}
	return true;
}

/*
 * An empty history with room for that many words.
 */
static StageHistory *
new_history(MemoryContext context, const StageOptions *options, TimestampTz as_of,
			int64 words)
{
	StageHistory *history;

	words = Max(words, FIRST_WORDS);
	history = MemoryContextAlloc(context, offsetof(StageHistory, words) +
								 words * sizeof(uint64));
	history->options = options;
	history->as_of = as_of;
	history->n = 0;
	history->is_wide = false;
	history->capacity = (uint32) words;
	return history;
}

/*
 * Let the history hold that many words; it may move.
 */
static StageHistory *
make_room(StageHistory *history, int64 n_words)
{
	int64		capacity = history->capacity;

	if (likely(n_words <= capacity))
		return history;

	/*
	 * With its header the state stays a power of two, as memory is handed
	 * out.
	 */
	while (capacity < n_words)
		capacity = 2 * capacity + 3;
	capacity = Min(capacity, 2 * (int64) MAX_STAGE_EVENTS);
	history = repalloc(history, offsetof(StageHistory, words) + capacity * sizeof(uint64));
	history->capacity = (uint32) capacity;
	return history;
}

/*
 * From one word an event to two.
 */
static StageHistory *
widen(StageHistory *history)
{
	int			i;

	history = make_room(history, 2 * (int64) history->n);
	for (i = history->n - 1; i >= 0; i--)
	{
		StageEvent	event = stage_event(history, i);

		history->words[2 * (Size) i] = (uint64) event.at;
		history->words[2 * (Size) i + 1] = (uint64) event.stage;
	}
	history->is_wide = true;
	return history;
}

/*
 * Append an event that is not after as_of; the history may move.
 */
static StageHistory *
add_event(StageHistory *history, TimestampTz at, int32 stage)
{
	/* Modulo 2^64 this is right for any two timestamps. */
	uint64		distance = (uint64) history->as_of - (uint64) at;

	if (unlikely(history->n >= MAX_STAGE_EVENTS))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("more than %d stage changes in one group", MAX_STAGE_EVENTS),
				 errhint("Group by opportunity.")));

	if (likely(!history->is_wide && distance < MAX_PACKED_DISTANCE &&
			   (uint64) stage <= STAGE_MASK))
	{
		history = make_room(history, (int64) history->n + 1);
		history->words[history->n] = distance << STAGE_BITS | (uint64) stage;
	}
	else
	{
		if (!history->is_wide)
			history = widen(history);
		history = make_room(history, 2 * ((int64) history->n + 1));
		history->words[2 * (Size) history->n] = (uint64) at;
		history->words[2 * (Size) history->n + 1] = (uint64) stage;
	}
	history->n++;
	return history;
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
	const StageOptions *options = cache->none_closed;
	TimestampTz as_of;
	TimestampTz at;
	text	   *stage;

	if (PG_ARGISNULL(3))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("as_of must not be NULL"),
				 errhint("Give the time up to which the history is known, such as now().")));
	as_of = PG_GETARG_TIMESTAMPTZ(3);
	if (PG_NARGS() > 4 && !PG_ARGISNULL(4))
		options = array_options(cache, PG_GETARG_DATUM(4));

	if (history == NULL)
	{
		if (TIMESTAMP_NOT_FINITE(as_of))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("as_of must be finite, got %s",
							TIMESTAMP_IS_NOBEGIN(as_of) ? "-infinity" : "infinity")));
		history = new_history(context, options, as_of, 0);
	}
	else
	{
		if (history->as_of != as_of)
			crm_option_varies_error("as_of");
		if (history->options != options)
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
	history = add_event(history, at,
						crm_names_intern(cache->names, VARDATA_ANY(stage),
										 VARSIZE_ANY_EXHDR(stage)));
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
		history = new_history(context, other->options, other->as_of,
							  other->is_wide ? 2 * (int64) other->n : other->n);
	else
	{
		if (history->as_of != other->as_of)
			crm_option_varies_error("as_of");
		if (!same_closed(history->options, other->options))
			crm_option_varies_error("closed_stages");
	}

	for (i = 0; i < other->n; i++)
	{
		StageEvent	event = stage_event(other, i);

		if ((i & INTERRUPT_MASK) == INTERRUPT_MASK)
			CHECK_FOR_INTERRUPTS();
		history = add_event(history, event.at,
							crm_names_intern_from(history->options->names,
												  other->options->names, event.stage));
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
	const StageOptions *options = history->options;
	StringInfoData buf;
	int32	   *used;
	int			n_used = 0;
	int			i;

	(void) crm_agg_context(fcinfo, "crm_stage_durations_serialfn");

	used = palloc(Max(history->n, 1) * sizeof(int32));
	for (i = 0; i < history->n; i++)
		used[i] = stage_event(history, i).stage;
	qsort(used, history->n, sizeof(int32), compare_ids);
	for (i = 0; i < history->n; i++)
		if (n_used == 0 || used[n_used - 1] != used[i])
			used[n_used++] = used[i];

	crm_serial_begin(&buf, STATE_VERSION);
	pq_sendint64(&buf, history->as_of);
	pq_sendint64(&buf, n_used);
	for (i = 0; i < n_used; i++)
		crm_names_send(&buf, options->names, used[i]);
	pq_sendint64(&buf, options->n_closed);
	for (i = 0; i < options->n_closed; i++)
		crm_names_send(&buf, options->names, options->closed[i]);
	pq_sendint64(&buf, history->n);
	for (i = 0; i < history->n; i++)
	{
		StageEvent	event = stage_event(history, i);
		int32	   *found = bsearch(&event.stage, used, n_used, sizeof(int32),
									compare_ids);

		if ((i & INTERRUPT_MASK) == INTERRUPT_MASK)
			CHECK_FOR_INTERRUPTS();
		pq_sendint64(&buf, event.at);
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
	history = new_history(CurrentMemoryContext, id_options(cache, closed, (int) n_closed),
						  as_of, n);
	for (i = 0; i < n; i++)
	{
		TimestampTz at = pq_getmsgint64(&buf);
		int32		stage = pq_getmsgint(&buf, 4);

		if ((i & INTERRUPT_MASK) == INTERRUPT_MASK)
			CHECK_FOR_INTERRUPTS();
		if (stage < 0 || stage >= n_stages || TIMESTAMP_NOT_FINITE(at) || at > as_of)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
					 errmsg("invalid event in serialized %s", STATE_NAME)));
		history = add_event(history, at, stages[stage]);
	}
	crm_deserial_end(&buf, STATE_NAME);
	PG_RETURN_POINTER(history);
}
