/*-------------------------------------------------------------------------
 *
 * prediction_accuracy.c
 *	  The aggregate crm_prediction_accuracy: how far predictions were from
 *	  what happened.
 *
 * The measures are those that the papers on customer base analysis report of a
 * holdout: totals, mean error, mean absolute error, root mean square error,
 * correlation.  All follow from a few sums.  The sums are exact
 * (src/math/exact_moments.h), a product of two doubles being a sum of two, so
 * that neither the order of rows nor the number of workers shows.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "funcapi.h"
#include "libpq/pqformat.h"

#include "src/common/aggstate.h"
#include "src/common/args.h"
#include "src/common/result.h"
#include "src/common/summary_state.h"
#include "src/math/exact_moments.h"
#include "src/math/exact_sum.h"

#define STATE_WHAT "crm_prediction_accuracy state"
#define STATE_VERSION 1

#define ACCURACY_COLUMNS 8

/* What is added up; a is the actual value, p the prediction */
typedef enum AccuracySum
{
	SUM_A,
	SUM_P,
	SUM_ABS_ERROR,				/* |p - a| */
	SUM_SQ_ERROR,				/* (p - a)^2 */
	SUM_AA,
	SUM_PP,
	SUM_AP,
	ACCURACY_SUMS
} AccuracySum;

/* An exact sum, as wide as it needs to be so far */
typedef struct ExactTotal
{
	LimbSpan	span;
	uint32	   *limbs;			/* NULL while the span is empty */
} ExactTotal;

typedef struct AccuracyState
{
	int64		n;
	double		min_a;
	double		max_a;
	double		min_p;
	double		max_p;
	ExactTotal	sums[ACCURACY_SUMS];
} AccuracyState;

/* A sum as two doubles, the second below the last place of the first */
typedef struct TwoDoubles
{
	double		high;
	double		low;
} TwoDoubles;

PG_FUNCTION_INFO_V1(crm_prediction_accuracy_transfn);
PG_FUNCTION_INFO_V1(crm_prediction_accuracy_combinefn);
PG_FUNCTION_INFO_V1(crm_prediction_accuracy_serialfn);
PG_FUNCTION_INFO_V1(crm_prediction_accuracy_deserialfn);
PG_FUNCTION_INFO_V1(crm_prediction_accuracy_finalfn);

static AccuracyState *make_state(MemoryContext context);
static void widen(MemoryContext context, ExactTotal *total, LimbSpan span);
static void add_value(MemoryContext context, ExactTotal *total, double x);
static void add_product(MemoryContext context, ExactTotal *total, double x, double y);
static TwoDoubles total_value(const ExactTotal *total);
static void add_scaled(ExactSum *sum, double factor, TwoDoubles value);
static double centred(double n, TwoDoubles xy, TwoDoubles x, TwoDoubles y);
static double correlation(const AccuracyState *state, const TwoDoubles *sums);

static AccuracyState *
make_state(MemoryContext context)
{
	AccuracyState *state;

	state = (AccuracyState *) MemoryContextAllocZero(context, sizeof(AccuracyState));
	state->min_a = state->min_p = INFINITY;
	state->max_a = state->max_p = -INFINITY;
	return state;
}

/*
 * Make room for another span.
 */
static void
widen(MemoryContext context, ExactTotal *total, LimbSpan span)
{
	LimbSpan	wider = crm_exact_union(total->span, span);
	uint32	   *limbs;

	if (wider.first == total->span.first && wider.count == total->span.count)
		return;
	limbs = (uint32 *) MemoryContextAllocZero(context, wider.count * sizeof(uint32));
	crm_exact_merge(limbs, wider, total->limbs, total->span, EXACT_ADD);
	if (total->limbs != NULL)
		pfree(total->limbs);
	total->limbs = limbs;
	total->span = wider;
}

static void
add_value(MemoryContext context, ExactTotal *total, double x)
{
	if (!crm_exact_add(total->limbs, total->span, x, EXACT_ADD))
	{
		widen(context, total, crm_exact_span(x));
		(void) crm_exact_add(total->limbs, total->span, x, EXACT_ADD);
	}
}

/*
 * Add x y: the rounded product and, by a fused multiply-add, its error.
 */
static void
add_product(MemoryContext context, ExactTotal *total, double x, double y)
{
	double		product = x * y;

	if (isinf(product))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("product of %g and %g is out of range", x, y)));
	add_value(context, total, product);
	add_value(context, total, fma(x, y, -product));
}

/*
 * crm_prediction_accuracy_transfn(internal, actual float8, predicted float8)
 *		-> internal
 *
 * Rows with a NULL are skipped.
 */
Datum
crm_prediction_accuracy_transfn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_prediction_accuracy_transfn");
	AccuracyState *state = PG_ARGISNULL(0) ? NULL : (AccuracyState *) PG_GETARG_POINTER(0);
	double		a;
	double		p;
	double		error;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	a = PG_GETARG_FLOAT8(1);
	p = PG_GETARG_FLOAT8(2);
	crm_check_finite(a, "actual value");
	crm_check_finite(p, "predicted value");
	error = p - a;
	crm_check_finite(error, "difference of predicted and actual value");

	if (state == NULL)
		state = make_state(context);
	state->n = crm_count_add(state->n, 1);
	state->min_a = Min(state->min_a, a);
	state->max_a = Max(state->max_a, a);
	state->min_p = Min(state->min_p, p);
	state->max_p = Max(state->max_p, p);
	add_value(context, &state->sums[SUM_A], a);
	add_value(context, &state->sums[SUM_P], p);
	add_value(context, &state->sums[SUM_ABS_ERROR], fabs(error));
	add_product(context, &state->sums[SUM_SQ_ERROR], error, error);
	add_product(context, &state->sums[SUM_AA], a, a);
	add_product(context, &state->sums[SUM_PP], p, p);
	add_product(context, &state->sums[SUM_AP], a, p);
	PG_RETURN_POINTER(state);
}

/*
 * crm_prediction_accuracy_combinefn(internal, internal) -> internal
 */
Datum
crm_prediction_accuracy_combinefn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_prediction_accuracy_combinefn");
	AccuracyState *into = PG_ARGISNULL(0) ? NULL : (AccuracyState *) PG_GETARG_POINTER(0);
	AccuracyState *from = PG_ARGISNULL(1) ? NULL : (AccuracyState *) PG_GETARG_POINTER(1);
	int			i;

	if (from == NULL)
	{
		if (into == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(into);
	}
	if (into == NULL)
		into = make_state(context);
	into->n = crm_count_add(into->n, from->n);
	into->min_a = Min(into->min_a, from->min_a);
	into->max_a = Max(into->max_a, from->max_a);
	into->min_p = Min(into->min_p, from->min_p);
	into->max_p = Max(into->max_p, from->max_p);
	for (i = 0; i < ACCURACY_SUMS; i++)
	{
		widen(context, &into->sums[i], from->sums[i].span);
		crm_exact_merge(into->sums[i].limbs, into->sums[i].span,
						from->sums[i].limbs, from->sums[i].span, EXACT_ADD);
	}
	PG_RETURN_POINTER(into);
}

/*
 * crm_prediction_accuracy_serialfn(internal) -> bytea
 */
Datum
crm_prediction_accuracy_serialfn(PG_FUNCTION_ARGS)
{
	AccuracyState *state = (AccuracyState *) PG_GETARG_POINTER(0);
	StringInfoData buf;
	int			i;
	int			j;

	(void) crm_agg_context(fcinfo, "crm_prediction_accuracy_serialfn");
	crm_serial_begin(&buf, STATE_VERSION);
	pq_sendint64(&buf, state->n);
	pq_sendfloat8(&buf, state->min_a);
	pq_sendfloat8(&buf, state->max_a);
	pq_sendfloat8(&buf, state->min_p);
	pq_sendfloat8(&buf, state->max_p);
	for (i = 0; i < ACCURACY_SUMS; i++)
	{
		const ExactTotal *total = &state->sums[i];

		pq_sendint16(&buf, total->span.first);
		pq_sendint16(&buf, total->span.count);
		for (j = 0; j < total->span.count; j++)
			pq_sendint32(&buf, total->limbs[j]);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_prediction_accuracy_deserialfn(bytea, internal) -> internal
 */
Datum
crm_prediction_accuracy_deserialfn(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	AccuracyState *state;
	int			i;
	int			j;

	(void) crm_agg_context(fcinfo, "crm_prediction_accuracy_deserialfn");
	(void) crm_deserial_begin(&buf, PG_GETARG_BYTEA_PP(0), STATE_VERSION, STATE_WHAT);
	state = make_state(CurrentMemoryContext);
	state->n = pq_getmsgint64(&buf);
	state->min_a = pq_getmsgfloat8(&buf);
	state->max_a = pq_getmsgfloat8(&buf);
	state->min_p = pq_getmsgfloat8(&buf);
	state->max_p = pq_getmsgfloat8(&buf);
	for (i = 0; i < ACCURACY_SUMS; i++)
	{
		LimbSpan	span;

		/* unsigned, so that neither is negative */
		span.first = pq_getmsgint(&buf, 2);
		span.count = pq_getmsgint(&buf, 2);
		if (span.first + span.count > EXACT_SUM_MAX_LIMBS)
			elog(ERROR, "invalid serialized %s", STATE_WHAT);
		widen(CurrentMemoryContext, &state->sums[i], span);
		for (j = 0; j < span.count; j++)
			state->sums[i].limbs[j] = pq_getmsgint(&buf, 4);
	}
	crm_deserial_end(&buf, STATE_WHAT);
	PG_RETURN_POINTER(state);
}

static TwoDoubles
total_value(const ExactTotal *total)
{
	const LimbSpan widest = {0, EXACT_SUM_MAX_LIMBS};
	uint32		rest[EXACT_SUM_MAX_LIMBS] = {0};
	TwoDoubles	value;

	value.high = crm_exact_mean(1, total->limbs, total->span);
	value.low = 0;
	if (isfinite(value.high))
	{
		crm_exact_merge(rest, widest, total->limbs, total->span, EXACT_ADD);
		(void) crm_exact_add(rest, widest, value.high, EXACT_SUBTRACT);
		value.low = crm_exact_mean(1, rest, widest);
	}
	return value;
}

/*
 * sum += factor value, without rounding but in the last terms.
 */
static void
add_scaled(ExactSum *sum, double factor, TwoDoubles value)
{
	double		product = factor * value.high;

	exact_sum_add(sum, product);
	exact_sum_add(sum, fma(factor, value.high, -product));
	exact_sum_add(sum, factor * value.low);
}

/*
 * n sum(x y) - sum(x) sum(y), to twice the digits of a double before what
 * cancels
 */
static double
centred(double n, TwoDoubles xy, TwoDoubles x, TwoDoubles y)
{
	ExactSum	sum = EXACT_SUM_ZERO;

	add_scaled(&sum, n, xy);
	add_scaled(&sum, -x.high, y);
	add_scaled(&sum, -x.low, y);
	return exact_sum_value(&sum);
}

/*
 * Pearson's correlation; NaN where either of the two does not vary, and of
 * two rows, which is always 1 or -1.
 */
static double
correlation(const AccuracyState *state, const TwoDoubles *sums)
{
	double		n = (double) state->n;
	double		aa;
	double		pp;
	double		result;

	if (state->n < 3 || state->min_a == state->max_a || state->min_p == state->max_p)
		return (double) NAN;
	aa = centred(n, sums[SUM_AA], sums[SUM_A], sums[SUM_A]);
	pp = centred(n, sums[SUM_PP], sums[SUM_P], sums[SUM_P]);
	if (!(aa > 0) || !(pp > 0))
		return (double) NAN;
	result = centred(n, sums[SUM_AP], sums[SUM_A], sums[SUM_P]) / sqrt(aa) / sqrt(pp);
	return Max(-1, Min(1, result));
}

/*
 * crm_prediction_accuracy_finalfn(internal) -> crm_prediction_accuracy
 *
 * NULL without rows.
 */
Datum
crm_prediction_accuracy_finalfn(PG_FUNCTION_ARGS)
{
	AccuracyState *state = PG_ARGISNULL(0) ? NULL : (AccuracyState *) PG_GETARG_POINTER(0);
	TupleDesc	tupdesc;
	TwoDoubles	sums[ACCURACY_SUMS];
	ExactSum	difference = EXACT_SUM_ZERO;
	double		results[ACCURACY_COLUMNS];
	Datum		values[ACCURACY_COLUMNS];
	bool		nulls[ACCURACY_COLUMNS] = {false};
	double		n;
	int			i;

	(void) crm_agg_context(fcinfo, "crm_prediction_accuracy_finalfn");
	if (state == NULL || state->n == 0)
		PG_RETURN_NULL();
	tupdesc = crm_result_tupdesc(fcinfo, NULL);
	if (tupdesc->natts != ACCURACY_COLUMNS)
		elog(ERROR, "crm_prediction_accuracy does not have %d columns", ACCURACY_COLUMNS);

	for (i = 0; i < ACCURACY_SUMS; i++)
		sums[i] = total_value(&state->sums[i]);
	add_scaled(&difference, 1, sums[SUM_P]);
	add_scaled(&difference, -1, sums[SUM_A]);
	n = (double) state->n;
	results[1] = sums[SUM_A].high;
	results[2] = sums[SUM_P].high;
	results[3] = exact_sum_value(&difference) / n;
	results[4] = sums[SUM_A].high == 0 ? (double) NAN :
		exact_sum_value(&difference) / sums[SUM_A].high;
	results[5] = sums[SUM_ABS_ERROR].high / n;
	results[6] = sqrt(sums[SUM_SQ_ERROR].high / n);
	results[7] = correlation(state, sums);

	values[0] = Int64GetDatum(state->n);
	for (i = 1; i < ACCURACY_COLUMNS; i++)
	{
		nulls[i] = !isfinite(results[i]);
		values[i] = nulls[i] ? (Datum) 0 : Float8GetDatum(results[i]);
	}
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(tupdesc, values, nulls)));
}
