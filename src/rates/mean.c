/*-------------------------------------------------------------------------
 *
 * mean.c
 *	  Means with Student's t interval: crm_mean_interval, crm_mean_agg,
 *	  crm_rollup and what reads a crm_mean_summary.
 *
 * The state holds exact sums (src/math/exact_moments.c).  So rows leave a
 * moving window without a trace, the order of rows and the number of workers
 * do not show, and large values with a small spread keep all their digits.
 *
 * numeric values are taken as the nearest double.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"

#include "src/common/args.h"
#include "src/common/numeric_value.h"
#include "src/common/result.h"
#include "src/common/summary_state.h"
#include "src/math/probability.h"
#include "src/rates/mean.h"

#define TYPE_NAME "crm_mean_summary"

PG_FUNCTION_INFO_V1(crm_mean_transfn_float8);
PG_FUNCTION_INFO_V1(crm_mean_transfn_numeric);
PG_FUNCTION_INFO_V1(crm_mean_invfn_float8);
PG_FUNCTION_INFO_V1(crm_mean_invfn_numeric);
PG_FUNCTION_INFO_V1(crm_mean_combinefn);
PG_FUNCTION_INFO_V1(crm_mean_rollup_invfn);
PG_FUNCTION_INFO_V1(crm_mean_agg_finalfn);
PG_FUNCTION_INFO_V1(crm_mean);
PG_FUNCTION_INFO_V1(crm_mean_count);
PG_FUNCTION_INFO_V1(crm_mean_std_dev);
PG_FUNCTION_INFO_V1(crm_mean_interval_summary);

static Size mean_size(LimbSpan sum_span, LimbSpan squares_span);
static MeanSummary *widen(const MeanSummary *summary, LimbSpan sum_span,
						  LimbSpan squares_span);
static MeanSummary *own_state(FunctionCallInfo fcinfo);

static Size
mean_size(LimbSpan sum_span, LimbSpan squares_span)
{
	return offsetof(MeanSummary, limbs) +
		sizeof(uint32) * (sum_span.count + squares_span.count);
}

/*
 * A summary of nothing, with these spans.
 */
MeanSummary *
crm_mean_alloc(LimbSpan sum_span, LimbSpan squares_span)
{
	MeanSummary *summary;

	summary = (MeanSummary *) crm_summary_alloc(mean_size(sum_span, squares_span),
												SUMMARY_MEAN, MEAN_SUMMARY_VERSION);
	summary->sum_first = (int16) sum_span.first;
	summary->sum_count = (int16) sum_span.count;
	summary->squares_first = (int16) squares_span.first;
	summary->squares_count = (int16) squares_span.count;
	return summary;
}

/*
 * A summary to read.  Its spans lie within its memory and the widest ones.
 */
MeanSummary *
crm_mean_get(Datum datum)
{
	MeanSummary *summary = (MeanSummary *)
		crm_summary_detoast(datum, offsetof(MeanSummary, limbs), SUMMARY_MEAN,
							MEAN_SUMMARY_VERSION, TYPE_NAME);

	if (summary->sum_first < 0 || summary->sum_count < 0 ||
		summary->squares_first < 0 || summary->squares_count < 0 ||
		summary->sum_first + summary->sum_count > EXACT_SUM_MAX_LIMBS ||
		summary->squares_first + summary->squares_count > EXACT_SQUARES_MAX_LIMBS ||
		VARSIZE(summary) != mean_size(mean_sum_span(summary), mean_squares_span(summary)))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("value is not a valid %s", TYPE_NAME)));
	return summary;
}

/*
 * The same sums in wider spans, in the current memory context.
 */
static MeanSummary *
widen(const MeanSummary *summary, LimbSpan sum_span, LimbSpan squares_span)
{
	MeanSummary *wide = crm_mean_alloc(sum_span, squares_span);

	wide->n = summary->n;
	crm_exact_merge(MEAN_SUM(wide), sum_span,
					MEAN_SUM(summary), mean_sum_span(summary), EXACT_ADD);
	crm_exact_merge(MEAN_SQUARES(wide), squares_span,
					MEAN_SQUARES(summary), mean_squares_span(summary), EXACT_ADD);
	return wide;
}

/*
 * Argument 1, a float8 or a numeric, as a finite double.
 */
double
crm_mean_argument(FunctionCallInfo fcinfo, bool is_numeric)
{
	int			display_scale;
	double		x = is_numeric ?
		crm_numeric_to_float8(PG_GETARG_DATUM(1), &display_scale) : PG_GETARG_FLOAT8(1);

	crm_check_finite(x, "value");
	return x;
}

/*
 * A value joins or leaves.  Returns the state, or a wider one in the current
 * memory context where the value did not fit.
 */
MeanSummary *
crm_mean_change(MeanSummary *state, double x, ExactSign sign)
{
	if (!crm_exact_add(MEAN_SUM(state), mean_sum_span(state), x, sign))
	{
		state = widen(state,
					  crm_exact_union(mean_sum_span(state), crm_exact_span(x)),
					  crm_exact_union(mean_squares_span(state), crm_exact_square_span(x)));
		crm_exact_add(MEAN_SUM(state), mean_sum_span(state), x, sign);
	}
	if (!crm_exact_add_square(MEAN_SQUARES(state), mean_squares_span(state), x, sign))
	{
		state = widen(state, mean_sum_span(state),
					  crm_exact_union(mean_squares_span(state), crm_exact_square_span(x)));
		crm_exact_add_square(MEAN_SQUARES(state), mean_squares_span(state), x, sign);
	}
	state->n = (sign == EXACT_ADD) ? crm_count_add(state->n, 1) : state->n - 1;
	return state;
}

/*
 * A summary joins or leaves; result as of crm_mean_change.
 */
MeanSummary *
crm_mean_merge(MeanSummary *state, const MeanSummary *other, ExactSign sign)
{
	LimbSpan	sum_span = crm_exact_union(mean_sum_span(state), mean_sum_span(other));
	LimbSpan	squares_span = crm_exact_union(mean_squares_span(state),
											   mean_squares_span(other));

	if (sum_span.count != state->sum_count || squares_span.count != state->squares_count)
		state = widen(state, sum_span, squares_span);
	if (sign == EXACT_ADD)
		state->n = crm_count_add(state->n, other->n);
	else
		state->n -= other->n;
	if (state->n < 0)
		elog(ERROR, "summary to remove is not part of the state");
	crm_exact_merge(MEAN_SUM(state), sum_span,
					MEAN_SUM(other), mean_sum_span(other), sign);
	crm_exact_merge(MEAN_SQUARES(state), squares_span,
					MEAN_SQUARES(other), mean_squares_span(other), sign);
	return state;
}

/*
 * The one form in which these sums are stored: a palloc'd copy with trimmed
 * spans.
 */
MeanSummary *
crm_mean_trimmed(const MeanSummary *summary)
{
	const LimbSpan widest_sum = {0, EXACT_SUM_MAX_LIMBS};
	const LimbSpan widest_squares = {0, EXACT_SQUARES_MAX_LIMBS};
	uint32		sum[EXACT_SUM_MAX_LIMBS] = {0};
	uint32		squares[EXACT_SQUARES_MAX_LIMBS] = {0};
	LimbSpan	sum_span;
	LimbSpan	squares_span;
	MeanSummary *trimmed;

	crm_exact_merge(sum, widest_sum,
					MEAN_SUM(summary), mean_sum_span(summary), EXACT_ADD);
	crm_exact_merge(squares, widest_squares,
					MEAN_SQUARES(summary), mean_squares_span(summary), EXACT_ADD);
	sum_span = crm_exact_trim(sum, widest_sum);
	squares_span = crm_exact_trim(squares, widest_squares);

	trimmed = crm_mean_alloc(sum_span, squares_span);
	trimmed->n = summary->n;
	memcpy(MEAN_SUM(trimmed), sum + sum_span.first, sizeof(uint32) * sum_span.count);
	memcpy(MEAN_SQUARES(trimmed), squares + squares_span.first,
		   sizeof(uint32) * squares_span.count);
	return trimmed;
}

/*
 * The mean with its standard error and the interval of Student's t
 * distribution with n - 1 degrees of freedom; NULL without values.  The error
 * and the bounds are NULL when there is one value, or all are equal: then the
 * sample does not tell them.
 */
Datum
crm_mean_interval_result(FunctionCallInfo fcinfo, const MeanSummary *summary,
						 double conf_level)
{
	CrmInterval interval;
	double		std_dev;

	crm_check_conf_level(conf_level);
	if (summary->n <= 0)
		PG_RETURN_NULL();

	interval.n = summary->n;
	interval.estimate = crm_exact_mean(summary->n, MEAN_SUM(summary), mean_sum_span(summary));
	interval.std_error = interval.lower = interval.upper = NAN;
	interval.conf_level = conf_level;
	std_dev = crm_exact_std_dev(summary->n, MEAN_SUM(summary), mean_sum_span(summary),
								MEAN_SQUARES(summary), mean_squares_span(summary));
	if (std_dev > 0 && isfinite(std_dev))
	{
		double		t = -crm_t_quantile((1 - conf_level) / 2, (double) (summary->n - 1));

		interval.std_error = std_dev / sqrt((double) summary->n);
		interval.lower = interval.estimate - t * interval.std_error;
		interval.upper = interval.estimate + t * interval.std_error;
		if (!isfinite(interval.lower) || !isfinite(interval.upper))
			interval.lower = interval.upper = NAN;
	}
	return crm_interval_result(fcinfo, NULL, &interval);
}

/*
 * Argument 0 of a transition function as memory that may be changed.
 */
static MeanSummary *
own_state(FunctionCallInfo fcinfo)
{
	MeanSummary *state = crm_mean_get(PG_GETARG_DATUM(0));

	if (state == (MeanSummary *) PG_GETARG_POINTER(0) && !AggCheckCallContext(fcinfo, NULL))
		state = (MeanSummary *) crm_summary_copy(state);
	return state;
}

/*
 * crm_mean_transfn(state, x float8 | numeric): strict, so that NULL rows are
 * skipped.
 */
Datum
crm_mean_transfn_float8(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(crm_mean_change(own_state(fcinfo),
									  crm_mean_argument(fcinfo, false), EXACT_ADD));
}

Datum
crm_mean_transfn_numeric(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(crm_mean_change(own_state(fcinfo),
									  crm_mean_argument(fcinfo, true), EXACT_ADD));
}

/*
 * crm_mean_invfn(state, x float8 | numeric): the row leaves the window.
 */
Datum
crm_mean_invfn_float8(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(crm_mean_change(own_state(fcinfo),
									  crm_mean_argument(fcinfo, false), EXACT_SUBTRACT));
}

Datum
crm_mean_invfn_numeric(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(crm_mean_change(own_state(fcinfo),
									  crm_mean_argument(fcinfo, true), EXACT_SUBTRACT));
}

/*
 * crm_mean_combinefn(state, crm_mean_summary): merge two partial results; the
 * transition function of crm_rollup too.
 */
Datum
crm_mean_combinefn(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(crm_mean_merge(own_state(fcinfo), crm_mean_get(PG_GETARG_DATUM(1)),
									 EXACT_ADD));
}

/*
 * crm_mean_rollup_invfn(state, crm_mean_summary): the summary leaves the
 * window.
 */
Datum
crm_mean_rollup_invfn(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(crm_mean_merge(own_state(fcinfo), crm_mean_get(PG_GETARG_DATUM(1)),
									 EXACT_SUBTRACT));
}

/*
 * crm_mean_agg_finalfn(state) -> crm_mean_summary; NULL without rows.
 */
Datum
crm_mean_agg_finalfn(PG_FUNCTION_ARGS)
{
	MeanSummary *state = crm_mean_get(PG_GETARG_DATUM(0));

	if (state->n == 0)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(crm_mean_trimmed(state));
}

/*
 * crm_mean(crm_mean_summary) -> float8; NULL without values.
 */
Datum
crm_mean(PG_FUNCTION_ARGS)
{
	MeanSummary *summary = crm_mean_get(PG_GETARG_DATUM(0));

	if (summary->n <= 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(crm_exact_mean(summary->n, MEAN_SUM(summary), mean_sum_span(summary)));
}

/*
 * crm_mean_count(crm_mean_summary) -> bigint
 */
Datum
crm_mean_count(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(crm_mean_get(PG_GETARG_DATUM(0))->n);
}

/*
 * crm_mean_std_dev(crm_mean_summary) -> float8: the sample standard
 * deviation, as stddev_samp; NULL for fewer than two values.
 */
Datum
crm_mean_std_dev(PG_FUNCTION_ARGS)
{
	MeanSummary *summary = crm_mean_get(PG_GETARG_DATUM(0));
	double		std_dev = crm_exact_std_dev(summary->n,
											MEAN_SUM(summary), mean_sum_span(summary),
											MEAN_SQUARES(summary), mean_squares_span(summary));

	if (!isfinite(std_dev))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(std_dev);
}

/*
 * crm_mean_interval(crm_mean_summary [, conf float8]) -> crm_interval
 */
Datum
crm_mean_interval_summary(PG_FUNCTION_ARGS)
{
	return crm_mean_interval_result(fcinfo, crm_mean_get(PG_GETARG_DATUM(0)),
									PG_NARGS() > 1 ? PG_GETARG_FLOAT8(1) :
									CRM_DEFAULT_CONF_LEVEL);
}
