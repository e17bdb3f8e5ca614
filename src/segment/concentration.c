/*-------------------------------------------------------------------------
 *
 * concentration.c
 *	  The aggregates crm_gini and crm_concentration: how unequally an amount
 *	  is shared.
 *
 * Both need all values in order, so the state keeps them (8 bytes each, 16
 * with a weight) and the final function sorts them.  Sorting them in place
 * leaves the state what it was, a bag of values, and another final function
 * over it or more rows find it so.
 *
 * The formulas are in src/math/concentration.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "utils/memutils.h"

#include "src/common/aggstate.h"
#include "src/common/args.h"
#include "src/common/result.h"
#include "src/math/concentration.h"
#include "src/segment/segment_host.h"

#define STATE_VERSION 1
#define STATE_WHAT "state of crm_gini or crm_concentration"

/* The first array: most groups are small. */
#define INITIAL_NUMBERS 32

/* Numbers (values and weights) that a state can hold: 8 GB */
#define MAX_NUMBERS (INT64CONST(1) << 30)

/* Columns of crm_concentration_report */
#define REPORT_COLUMNS 12

typedef struct ValuesState
{
	int			width;			/* numbers a row: 1, or 2 with a weight */
	bool		sorted;
	int64		n;				/* numbers, width * rows */
	int64		max;			/* allocated */
	double	   *numbers;
} ValuesState;

PG_FUNCTION_INFO_V1(crm_gini_transfn);
PG_FUNCTION_INFO_V1(crm_gini_transfn_weight);
PG_FUNCTION_INFO_V1(crm_concentration_combinefn);
PG_FUNCTION_INFO_V1(crm_concentration_serialfn);
PG_FUNCTION_INFO_V1(crm_concentration_deserialfn);
PG_FUNCTION_INFO_V1(crm_gini_finalfn);
PG_FUNCTION_INFO_V1(crm_concentration_finalfn);

static ValuesState *make_state(MemoryContext context, int width, int64 expected);
static ValuesState *agg_state(FunctionCallInfo fcinfo, const char *function, int width);
static void grow(ValuesState *state, int64 needed);
static void sort_state(ValuesState *state);

static ValuesState *
make_state(MemoryContext context, int width, int64 expected)
{
	ValuesState *state = (ValuesState *) MemoryContextAllocZero(context,
																sizeof(ValuesState));

	state->width = width;
	state->max = Max(expected, INITIAL_NUMBERS);
	state->numbers = (double *) MemoryContextAllocHuge(context,
													   sizeof(double) * state->max);
	return state;
}

/*
 * Argument 0, made if it is NULL.
 */
static ValuesState *
agg_state(FunctionCallInfo fcinfo, const char *function, int width)
{
	MemoryContext context = crm_agg_context(fcinfo, function);

	if (likely(!PG_ARGISNULL(0)))
		return (ValuesState *) PG_GETARG_POINTER(0);
	return make_state(context, width, 0);
}

static void
grow(ValuesState *state, int64 needed)
{
	if (needed > MAX_NUMBERS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("more than " INT64_FORMAT " rows in a group",
						MAX_NUMBERS / state->width)));
	state->max = Min(Max(needed, state->max * 2), MAX_NUMBERS);
	state->numbers = (double *) repalloc_huge(state->numbers,
											  sizeof(double) * state->max);
}

static void
sort_state(ValuesState *state)
{
	if (state->sorted)
		return;
	if (state->width == 1)
		crm_sort_doubles(state->numbers, state->n, &segment_host);
	else
		crm_sort_pairs((DoublePair *) state->numbers, state->n / 2, &segment_host);
	state->sorted = true;
}

/*
 * crm_gini_transfn(internal, x float8) -> internal
 *
 * NULL is skipped; a negative x, NaN or infinity is error 22023.
 */
Datum
crm_gini_transfn(PG_FUNCTION_ARGS)
{
	ValuesState *state = agg_state(fcinfo, "crm_gini_transfn", 1);
	double		x;

	if (PG_ARGISNULL(1))
		PG_RETURN_POINTER(state);
	x = PG_GETARG_FLOAT8(1);
	crm_check_not_negative(x, "x");

	if (unlikely(state->n >= state->max))
		grow(state, state->n + 1);
	state->numbers[state->n++] = x + 0.0;	/* -0 becomes 0 */
	state->sorted = false;
	PG_RETURN_POINTER(state);
}

/*
 * crm_gini_transfn(internal, x float8, weight float8) -> internal
 *
 * A row stands for weight equal ones; NULL and a weight of zero are skipped.
 */
Datum
crm_gini_transfn_weight(PG_FUNCTION_ARGS)
{
	ValuesState *state = agg_state(fcinfo, "crm_gini_transfn", 2);
	double		x;
	double		weight;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_POINTER(state);
	x = PG_GETARG_FLOAT8(1);
	weight = PG_GETARG_FLOAT8(2);
	crm_check_not_negative(x, "x");
	crm_check_not_negative(weight, "weight");
	if (weight == 0)
		PG_RETURN_POINTER(state);

	if (unlikely(state->n + 2 > state->max))
		grow(state, state->n + 2);
	state->numbers[state->n++] = x + 0.0;
	state->numbers[state->n++] = weight;
	state->sorted = false;
	PG_RETURN_POINTER(state);
}

/*
 * crm_concentration_combinefn(internal, internal) -> internal
 */
Datum
crm_concentration_combinefn(PG_FUNCTION_ARGS)
{
	ValuesState *from = PG_ARGISNULL(1) ? NULL : (ValuesState *) PG_GETARG_POINTER(1);
	ValuesState *into;

	if (from == NULL && PG_ARGISNULL(0))
		PG_RETURN_NULL();
	into = agg_state(fcinfo, "crm_concentration_combinefn",
					 from == NULL ? 1 : from->width);
	if (from != NULL && from->n > 0)
	{
		if (from->n > into->max - into->n)
			grow(into, into->n + from->n);
		memcpy(into->numbers + into->n, from->numbers, sizeof(double) * from->n);
		into->n += from->n;
		into->sorted = false;
	}
	PG_RETURN_POINTER(into);
}

/*
 * crm_concentration_serialfn(internal) -> bytea
 */
Datum
crm_concentration_serialfn(PG_FUNCTION_ARGS)
{
	ValuesState *state = (ValuesState *) PG_GETARG_POINTER(0);
	StringInfoData buf;
	int64		i;

	(void) crm_agg_context(fcinfo, "crm_concentration_serialfn");
	if ((Size) state->n > (MaxAllocSize - 64) / sizeof(double))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many rows for a parallel worker: " INT64_FORMAT,
						state->n / state->width),
				 errhint("Set max_parallel_workers_per_gather to 0 for this query.")));

	crm_serial_begin(&buf, STATE_VERSION);
	pq_sendbyte(&buf, state->width);
	pq_sendint64(&buf, state->n);
	enlargeStringInfo(&buf, (int) (sizeof(double) * state->n));
	for (i = 0; i < state->n; i++)
	{
		uint64		bits;

		memcpy(&bits, &state->numbers[i], sizeof(bits));
		pq_writeint64(&buf, bits);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_concentration_deserialfn(bytea, internal) -> internal
 */
Datum
crm_concentration_deserialfn(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	ValuesState *state;
	int			width;
	int64		n;
	int64		i;

	(void) crm_agg_context(fcinfo, "crm_concentration_deserialfn");
	(void) crm_deserial_begin(&buf, PG_GETARG_BYTEA_PP(0), STATE_VERSION, STATE_WHAT);
	width = pq_getmsgbyte(&buf);
	n = crm_deserial_count(&buf, MAX_NUMBERS, sizeof(double), STATE_WHAT);
	if (width < 1 || width > 2 || n % width != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid width of serialized %s", STATE_WHAT)));
	state = make_state(CurrentMemoryContext, width, n);
	for (i = 0; i < n; i++)
	{
		state->numbers[i] = pq_getmsgfloat8(&buf);
		crm_check_not_negative(state->numbers[i], "x");
	}
	state->n = n;
	crm_deserial_end(&buf, STATE_WHAT);
	PG_RETURN_POINTER(state);
}

/*
 * crm_gini_finalfn(internal) -> float8
 *
 * NULL without rows, or when the values sum to zero.
 */
Datum
crm_gini_finalfn(PG_FUNCTION_ARGS)
{
	ValuesState *state;
	double		gini;

	(void) crm_agg_context(fcinfo, "crm_gini_finalfn");
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (ValuesState *) PG_GETARG_POINTER(0);
	sort_state(state);
	gini = state->width == 1 ?
		crm_gini_sorted(state->numbers, state->n, &segment_host) :
		crm_gini_weighted((DoublePair *) state->numbers, state->n / 2, &segment_host);
	if (isnan(gini))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(gini);
}

/*
 * crm_concentration_finalfn(internal) -> crm_concentration_report
 *
 * NULL without rows; all but n and total are NULL when the values sum to zero.
 */
Datum
crm_concentration_finalfn(PG_FUNCTION_ARGS)
{
	ValuesState *state;
	Concentration report;
	Datum		values[REPORT_COLUMNS];
	bool		nulls[REPORT_COLUMNS];
	double		numbers[REPORT_COLUMNS - 1];
	TupleDesc	tupdesc;
	int			i;

	(void) crm_agg_context(fcinfo, "crm_concentration_finalfn");
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (ValuesState *) PG_GETARG_POINTER(0);
	if (state->n == 0)
		PG_RETURN_NULL();
	sort_state(state);
	crm_concentration_sorted(state->numbers, state->n, &segment_host, &report);
	if (isinf(report.total))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("sum of x is out of range")));

	tupdesc = crm_result_tupdesc(fcinfo, NULL);
	if (tupdesc->natts != REPORT_COLUMNS)
		elog(ERROR, "crm_concentration_report does not have %d columns", REPORT_COLUMNS);
	numbers[0] = report.total;
	numbers[1] = report.gini;
	numbers[2] = report.hhi;
	numbers[3] = 1 / report.hhi;
	numbers[4] = report.theil;
	numbers[5] = report.top_1_share;
	numbers[6] = report.top_1_percent_share;
	numbers[7] = report.top_5_percent_share;
	numbers[8] = report.top_10_percent_share;
	numbers[9] = report.top_20_percent_share;
	numbers[10] = report.top_50_percent_share;
	values[0] = Int64GetDatum(state->n);
	nulls[0] = false;
	for (i = 0; i < REPORT_COLUMNS - 1; i++)
		crm_set_float8(values, nulls, i + 1, numbers[i]);
	return HeapTupleGetDatum(heap_form_tuple(tupdesc, values, nulls));
}
