/*-------------------------------------------------------------------------
 *
 * attribution_paths.c
 *	  Aggregates over paths: attribution by Markov chain and Shapley value.
 *
 *		crm_attribution_agg(path, converted [, value]) -> crm_attribution_summary
 *		crm_attribution_markov(path, converted [, value]) -> crm_attribution_effect[]
 *		crm_attribution_shapley(path, converted [, value]) -> crm_attribution_effect[]
 *
 * One state serves both models.
 *
 * Markov: how often paths moved from one channel to another; staying in a
 * channel changes nothing in a chain of first order and is not counted.
 *
 * Shapley: a conversion belongs to the coalition of the channels in its path,
 * and the value of a set of channels is the conversions of all coalitions
 * within it.  Such a game is a sum of unanimity games, in each of which the
 * members share equally (Shapley, A Value for n-Person Games, 1953), so that
 * phi_i = sum over coalitions T with i of conversions(T) / |T|.  All that this
 * needs is, for each channel, how many conversions had it in a path of how
 * many channels: there is no need to keep the coalitions, let alone to
 * enumerate sets of channels.
 *
 * Counts and values are exact; floating point begins in the final functions
 * (attribution_models.c), from a summary that does not depend on the order of
 * rows.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "src/common/aggstate.h"
#include "src/journey/attribution_paths.h"

#define STATE_NAME "crm_attribution_agg state"
#define SERIAL_VERSION 1

/* A move, from << 32 | to, or a share, channel << 32 | size */
typedef struct CellEntry
{
	uint64		key;
	int64		count;
	Amount		value;
	char		status;
} CellEntry;

/* Fibonacci hashing: the keys are small numbers in both halves. */
static inline uint32
hash_cell(uint64 key)
{
	return (uint32) ((key * UINT64CONST(0x9E3779B97F4A7C15)) >> 32);
}

#define SH_PREFIX cellhash
#define SH_ELEMENT_TYPE CellEntry
#define SH_KEY_TYPE uint64
#define SH_KEY key
#define SH_HASH_KEY(tb, key) hash_cell(key)
#define SH_EQUAL(tb, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

#define INITIAL_CELLS 64

/*
 * Channels are numbered from 1 here, in order of arrival; 0 is the outside.
 */
struct PathState
{
	MemoryContext context;
	ChannelSet *channels;
	cellhash_hash *moves;
	cellhash_hash *shares;
	int64		untouched;
	Amount		untouched_value;
	Amount		touched_value;
	uint32		path;			/* counts paths, not for show */
	uint32	   *last_path;		/* by channel: the last path with it */
	uint32		max_last_path;
};

PG_FUNCTION_INFO_V1(crm_attribution_paths_transfn);
PG_FUNCTION_INFO_V1(crm_attribution_paths_transfn_counts);
PG_FUNCTION_INFO_V1(crm_attribution_rollup_transfn);
PG_FUNCTION_INFO_V1(crm_attribution_paths_combinefn);
PG_FUNCTION_INFO_V1(crm_attribution_paths_serialfn);
PG_FUNCTION_INFO_V1(crm_attribution_paths_deserialfn);
PG_FUNCTION_INFO_V1(crm_attribution_agg_finalfn);

static void add_cell(cellhash_hash *cells, uint32 high, uint32 low, int64 count,
					 const Amount *value);
static void add_path(PathState *state, ArrayType *path, int64 converted, int64 lost,
					 const Amount *value);
static void add_summary(PathState *state, const PathSummary *summary);
static CellEntry *sorted_cells(cellhash_hash *cells, const uint32 *ranks, bool both);
static void check_count(int64 count, const char *what);
static int	compare_cells(const void *a, const void *b);
static int	compare_channels(const void *a, const void *b, void *channels);
static PathState *make_state(MemoryContext context);
static PathState *state_argument(FunctionCallInfo fcinfo, int i);

static PathState *
state_argument(FunctionCallInfo fcinfo, int i)
{
	return PG_ARGISNULL(i) ? NULL : (PathState *) PG_GETARG_POINTER(i);
}

static PathState *
make_state(MemoryContext context)
{
	PathState  *state = (PathState *) MemoryContextAllocZero(context, sizeof(PathState));

	state->context = context;
	state->channels = crm_channel_set_create(context, PATHS_MAX_CHANNELS);
	state->moves = cellhash_create(context, INITIAL_CELLS, NULL);
	state->shares = cellhash_create(context, INITIAL_CELLS, NULL);
	state->max_last_path = 16;
	state->last_path = (uint32 *)
		MemoryContextAllocZero(context, state->max_last_path * sizeof(uint32));
	return state;
}

/*
 * The current context must be the state's.
 */
static void
add_cell(cellhash_hash *cells, uint32 high, uint32 low, int64 count,
		 const Amount *value)
{
	uint64		key = ((uint64) high << 32) | low;
	CellEntry  *cell;
	bool		found;

	if (count == 0)
		return;
	cell = cellhash_insert(cells, key, &found);
	if (!found)
	{
		if (cells->members > PATHS_MAX_CELLS)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("more than %d different moves between channels",
							PATHS_MAX_CELLS),
					 errhint("Group rare channels under one name.")));
		cell->count = 0;
		memset(&cell->value, 0, sizeof(cell->value));
	}
	cell->count = crm_path_count_add(cell->count, count);
	if (value != NULL)
		crm_attribution_amount_add(&cell->value, value);
}

static void
check_count(int64 count, const char *what)
{
	if (count < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must not be negative, got " INT64_FORMAT, what, count),
				 errhint("Give how often the path was taken, 0 if never.")));
}

/*
 * A path that was taken so many times with and without conversion; value is
 * that of all conversions.
 */
static void
add_path(PathState *state, ArrayType *path, int64 converted, int64 lost,
		 const Amount *value)
{
	int64		count = crm_path_count_add(converted, lost);
	MemoryContext old_context;
	Datum	   *elements;
	bool	   *nulls;
	uint32	   *distinct;
	uint32		size = 0;
	uint32		at = 0;
	int			n;
	int			i;

	if (count == 0)
		return;
	if (ARR_NDIM(path) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("path must have one dimension, got %d", ARR_NDIM(path)),
				 errhint("Give the channels in order of time, as array_agg(channel ORDER BY ts) does.")));
	deconstruct_array(path, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &n);
	distinct = (uint32 *) palloc((n + 1) * sizeof(uint32));

	old_context = MemoryContextSwitchTo(state->context);
	if (++state->path == 0)
	{
		memset(state->last_path, 0, state->max_last_path * sizeof(uint32));
		state->path = 1;
	}
	for (i = 0; i < n; i++)
	{
		text	   *name;
		uint32		channel;

		if (nulls[i])
			continue;
		name = (text *) DatumGetPointer(elements[i]);
		channel = 1 + crm_channel_number(state->channels, VARDATA_ANY(name),
										 VARSIZE_ANY_EXHDR(name));
		if (channel >= state->max_last_path)
		{
			uint32		old = state->max_last_path;

			state->max_last_path *= 2;
			state->last_path = (uint32 *) repalloc(state->last_path,
												   state->max_last_path * sizeof(uint32));
			memset(state->last_path + old, 0, old * sizeof(uint32));
		}
		if (channel != at)
			add_cell(state->moves, at, channel, count, NULL);
		at = channel;
		if (state->last_path[channel] != state->path)
		{
			state->last_path[channel] = state->path;
			distinct[size++] = channel;
		}
	}

	if (at == 0)
	{
		state->untouched = crm_path_count_add(state->untouched, converted);
		if (converted > 0)
			crm_attribution_amount_add(&state->untouched_value, value);
	}
	else if (converted > 0)
	{
		uint32		j;

		add_cell(state->moves, at, 0, converted, NULL);
		for (j = 0; j < size; j++)
			add_cell(state->shares, distinct[j], size, converted, value);
		crm_attribution_amount_add(&state->touched_value, value);
	}
	MemoryContextSwitchTo(old_context);
}

/*
 * Add what a summary has.
 */
static void
add_summary(PathState *state, const PathSummary *summary)
{
	MemoryContext old_context;
	uint32	   *numbers;
	uint32		i;

	numbers = (uint32 *) palloc((summary->n_channels + 1) * sizeof(uint32));
	old_context = MemoryContextSwitchTo(state->context);
	numbers[0] = 0;
	for (i = 0; i < summary->n_channels; i++)
		numbers[i + 1] = 1 + crm_channel_number(state->channels, summary->channels[i].name,
												summary->channels[i].len);
	while (state->max_last_path <= state->channels->n)
	{
		uint32		old = state->max_last_path;

		state->max_last_path *= 2;
		state->last_path = (uint32 *) repalloc(state->last_path,
											   state->max_last_path * sizeof(uint32));
		memset(state->last_path + old, 0, old * sizeof(uint32));
	}

	for (i = 0; i < summary->n_moves; i++)
		add_cell(state->moves, numbers[summary->moves[i].from],
				 numbers[summary->moves[i].to], summary->moves[i].count, NULL);
	for (i = 0; i < summary->n_shares; i++)
	{
		CHECK_FOR_INTERRUPTS();
		add_cell(state->shares, numbers[summary->shares[i].channel],
				 summary->shares[i].size, summary->shares[i].count,
				 &summary->shares[i].value);
	}
	state->untouched = crm_path_count_add(state->untouched, summary->untouched);
	crm_attribution_amount_add(&state->untouched_value, &summary->untouched_value);
	crm_attribution_amount_add(&state->touched_value, &summary->touched_value);
	MemoryContextSwitchTo(old_context);
}

static int
compare_cells(const void *a, const void *b)
{
	uint64		left = ((const CellEntry *) a)->key;
	uint64		right = ((const CellEntry *) b)->key;

	return (left > right) - (left < right);
}

static int
compare_channels(const void *a, const void *b, void *channels)
{
	return crm_channel_compare((const Channel *) channels + *(const uint32 *) a,
							   (const Channel *) channels + *(const uint32 *) b);
}

/*
 * The cells with the channels' ranks instead of their numbers, in order.  The
 * low half of the key is a channel as well where "both" says so.
 */
static CellEntry *
sorted_cells(cellhash_hash *cells, const uint32 *ranks, bool both)
{
	CellEntry  *sorted;
	CellEntry  *cell;
	cellhash_iterator iterator;
	uint32		n = 0;

	sorted = (CellEntry *) MemoryContextAllocHuge(CurrentMemoryContext,
												  ((Size) cells->members + 1) * sizeof(CellEntry));
	cellhash_start_iterate(cells, &iterator);
	while ((cell = cellhash_iterate(cells, &iterator)) != NULL)
	{
		uint32		low = (uint32) cell->key;

		sorted[n] = *cell;
		sorted[n++].key = ((uint64) ranks[cell->key >> 32] << 32) |
			(both ? ranks[low] : low);
	}
	CHECK_FOR_INTERRUPTS();
	qsort(sorted, n, sizeof(CellEntry), compare_cells);
	return sorted;
}

/*
 * The state in canonical form.  Names and big values are the state's own.
 */
PathSummary *
crm_path_summarize(const PathState *state)
{
	PathSummary *summary = (PathSummary *) palloc0(sizeof(PathSummary));
	uint32		n = state->channels->n;
	uint32	   *order = (uint32 *) palloc((n + 1) * sizeof(uint32));
	uint32	   *ranks = (uint32 *) palloc((n + 1) * sizeof(uint32));
	CellEntry  *cells;
	uint32		i;

	for (i = 0; i < n; i++)
		order[i] = i;
	qsort_arg(order, n, sizeof(uint32), compare_channels, state->channels->channels);
	summary->n_channels = n;
	summary->channels = (Channel *) palloc((n + 1) * sizeof(Channel));
	ranks[0] = 0;
	for (i = 0; i < n; i++)
	{
		ranks[order[i] + 1] = i + 1;
		summary->channels[i] = state->channels->channels[order[i]];
	}

	summary->n_moves = state->moves->members;
	summary->moves = (PathMove *)
		MemoryContextAllocHuge(CurrentMemoryContext,
							   ((Size) summary->n_moves + 1) * sizeof(PathMove));
	cells = sorted_cells(state->moves, ranks, true);
	for (i = 0; i < summary->n_moves; i++)
	{
		summary->moves[i].from = (uint32) (cells[i].key >> 32);
		summary->moves[i].to = (uint32) cells[i].key;
		summary->moves[i].count = cells[i].count;
	}
	pfree(cells);

	summary->n_shares = state->shares->members;
	summary->shares = (PathShare *)
		MemoryContextAllocHuge(CurrentMemoryContext,
							   ((Size) summary->n_shares + 1) * sizeof(PathShare));
	cells = sorted_cells(state->shares, ranks, false);
	for (i = 0; i < summary->n_shares; i++)
	{
		summary->shares[i].channel = (uint32) (cells[i].key >> 32);
		summary->shares[i].size = (uint32) cells[i].key;
		summary->shares[i].count = cells[i].count;
		summary->shares[i].value = cells[i].value;
	}
	pfree(cells);

	summary->untouched = state->untouched;
	summary->untouched_value = state->untouched_value;
	summary->touched_value = state->touched_value;
	return summary;
}

/*
 * crm_attribution_paths_transfn(internal, path text[], converted boolean
 *		[, value numeric]) -> internal
 *
 * Rows with a NULL path or converted are skipped, as are NULLs within a path.
 * The value of a path that did not convert is not looked at; one that is NaN
 * or infinite is error 22023.
 */
Datum
crm_attribution_paths_transfn(PG_FUNCTION_ARGS)
{
	MemoryContext agg_context = crm_agg_context(fcinfo, "crm_attribution_paths_transfn");
	PathState  *state = state_argument(fcinfo, 0);
	Amount		value;
	bool		converted;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	if (state == NULL)
		state = make_state(agg_context);

	converted = PG_GETARG_BOOL(2);
	memset(&value, 0, sizeof(value));
	if (converted && PG_NARGS() > 3 && !PG_ARGISNULL(3))
		crm_attribution_amount_decode(PG_GETARG_DATUM(3), &value, "value of a conversion");
	add_path(state, PG_GETARG_ARRAYTYPE_P(1), converted ? 1 : 0, converted ? 0 : 1, &value);
	PG_RETURN_POINTER(state);
}

/*
 * crm_attribution_paths_transfn(internal, path text[], conversions bigint,
 *		losses bigint, value numeric) -> internal
 *
 * Paths that were counted before: how often each was taken with and without a
 * conversion, and the value of all its conversions.  Rows with a NULL path or
 * count are skipped.  Negative counts are error 22023.
 */
Datum
crm_attribution_paths_transfn_counts(PG_FUNCTION_ARGS)
{
	MemoryContext agg_context = crm_agg_context(fcinfo, "crm_attribution_paths_transfn_counts");
	PathState  *state = state_argument(fcinfo, 0);
	Amount		value;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	check_count(PG_GETARG_INT64(2), "number of conversions");
	check_count(PG_GETARG_INT64(3), "number of paths without conversion");
	if (state == NULL)
		state = make_state(agg_context);

	memset(&value, 0, sizeof(value));
	if (PG_GETARG_INT64(2) > 0 && !PG_ARGISNULL(4))
		crm_attribution_amount_decode(PG_GETARG_DATUM(4), &value, "value of conversions");
	add_path(state, PG_GETARG_ARRAYTYPE_P(1), PG_GETARG_INT64(2), PG_GETARG_INT64(3), &value);
	PG_RETURN_POINTER(state);
}

/*
 * crm_attribution_rollup_transfn(internal, crm_attribution_summary) -> internal
 */
Datum
crm_attribution_rollup_transfn(PG_FUNCTION_ARGS)
{
	MemoryContext agg_context = crm_agg_context(fcinfo, "crm_attribution_rollup_transfn");
	PathState  *state = state_argument(fcinfo, 0);

	if (PG_ARGISNULL(1))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	if (state == NULL)
		state = make_state(agg_context);
	add_summary(state, crm_path_summary_get(PG_GETARG_DATUM(1)));
	PG_RETURN_POINTER(state);
}

/*
 * crm_attribution_paths_combinefn(internal, internal) -> internal
 */
Datum
crm_attribution_paths_combinefn(PG_FUNCTION_ARGS)
{
	MemoryContext agg_context = crm_agg_context(fcinfo, "crm_attribution_paths_combinefn");
	PathState  *state = state_argument(fcinfo, 0);
	PathState  *other = state_argument(fcinfo, 1);

	if (other == NULL)
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	if (state == NULL)
		state = make_state(agg_context);
	add_summary(state, crm_path_summarize(other));
	PG_RETURN_POINTER(state);
}

/*
 * crm_attribution_paths_serialfn(internal) -> bytea
 */
Datum
crm_attribution_paths_serialfn(PG_FUNCTION_ARGS)
{
	StringInfoData buf;

	crm_agg_context(fcinfo, "crm_attribution_paths_serialfn");
	crm_serial_begin(&buf, SERIAL_VERSION);
	crm_path_summary_write(&buf, crm_path_summarize((PathState *) PG_GETARG_POINTER(0)), false);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_attribution_paths_deserialfn(bytea, internal) -> internal
 */
Datum
crm_attribution_paths_deserialfn(PG_FUNCTION_ARGS)
{
	PathState  *state;
	PathSummary *summary;
	StringInfoData buf;

	crm_agg_context(fcinfo, "crm_attribution_paths_deserialfn");
	crm_deserial_begin(&buf, PG_GETARG_BYTEA_PP(0), SERIAL_VERSION, STATE_NAME);
	summary = crm_path_summary_read(&buf, false);
	crm_deserial_end(&buf, STATE_NAME);

	state = make_state(CurrentMemoryContext);
	add_summary(state, summary);
	PG_RETURN_POINTER(state);
}

/*
 * crm_attribution_agg_finalfn(internal) -> crm_attribution_summary
 *
 * NULL for no rows.
 */
Datum
crm_attribution_agg_finalfn(PG_FUNCTION_ARGS)
{
	PathState  *state = state_argument(fcinfo, 0);

	crm_agg_context(fcinfo, "crm_attribution_agg_finalfn");
	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(crm_path_summary_datum(crm_path_summarize(state)));
}
