/*-------------------------------------------------------------------------
 *
 * nps.c
 *	  Net Promoter Score: crm_nps, crm_nps_agg, crm_rollup, crm_nps_interval
 *	  and crm_nps_compare.
 *
 * The score is 100 (promoters - detractors) / answers, -100 to 100 (F. F.
 * Reichheld, Harvard Business Review, December 2003).  An answer is worth 1,
 * 0 or -1, so the variance of the mean is that of a trinomial:
 * (p (1 - p) + d (1 - d) + 2 p d) / n.
 *
 * The interval is the adjusted Wald interval: three answers are added, 3/4
 * promoters, 3/4 detractors and 3/2 passives (B. Rocks, "Interval Estimation
 * for the 'Net Promoter Score'", American Statistician 70 (2016)), which keeps
 * its coverage in small samples and has a width when all answers agree.  The
 * comparison of two scores is Wald's, as in the R package NPS.
 *
 * Each aggregate here has the summary as its state and can also take rows out
 * of it again, for moving windows; the aggregates that take a confidence level
 * with each row are in nps_interval.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "utils/builtins.h"

#include "src/common/args.h"
#include "src/common/result.h"
#include "src/common/summary_state.h"
#include "src/math/probability.h"
#include "src/satisfaction/nps.h"

#define TYPE_NAME "crm_nps_summary"

/* Answers that the adjusted interval adds: see above */
#define ADDED_EXTREMES 0.75
#define ADDED_PASSIVES 1.5

/* Scores are shown as percentages. */
#define SCALE 100.0

PG_FUNCTION_INFO_V1(crm_nps_transfn_int2);
PG_FUNCTION_INFO_V1(crm_nps_transfn_int4);
PG_FUNCTION_INFO_V1(crm_nps_transfn_numeric);
PG_FUNCTION_INFO_V1(crm_nps_transfn_float8);
PG_FUNCTION_INFO_V1(crm_nps_invfn_int2);
PG_FUNCTION_INFO_V1(crm_nps_invfn_int4);
PG_FUNCTION_INFO_V1(crm_nps_invfn_numeric);
PG_FUNCTION_INFO_V1(crm_nps_invfn_float8);
PG_FUNCTION_INFO_V1(crm_nps_combinefn);
PG_FUNCTION_INFO_V1(crm_nps_rollup_invfn);
PG_FUNCTION_INFO_V1(crm_nps_agg_finalfn);
PG_FUNCTION_INFO_V1(crm_nps);
PG_FUNCTION_INFO_V1(crm_nps_promoters);
PG_FUNCTION_INFO_V1(crm_nps_passives);
PG_FUNCTION_INFO_V1(crm_nps_detractors);
PG_FUNCTION_INFO_V1(crm_nps_interval);
PG_FUNCTION_INFO_V1(crm_nps_compare);

static NpsSummary *own_state(FunctionCallInfo fcinfo);
static inline Datum count_score(FunctionCallInfo fcinfo, NpsScoreType type);
static inline Datum uncount_score(FunctionCallInfo fcinfo, NpsScoreType type);
static void score_and_error(double promoters, double passives, double detractors,
							double *score, double *std_error);

/*
 * The score in argument 1 is none: say which.
 */
void
crm_nps_score_error(FunctionCallInfo fcinfo, NpsScoreType type)
{
	Datum		score = PG_GETARG_DATUM(1);
	const int	max_quoted = 40;	/* a numeric may have thousands of digits */
	const char *got = NULL;

	switch (type)
	{
		case NPS_SCORE_INT2:
			got = psprintf("%d", DatumGetInt16(score));
			break;
		case NPS_SCORE_INT4:
			got = psprintf("%d", DatumGetInt32(score));
			break;
		case NPS_SCORE_NUMERIC:
			got = DatumGetCString(DirectFunctionCall1(numeric_out, score));
			break;
		case NPS_SCORE_FLOAT8:
			got = DatumGetCString(DirectFunctionCall1(float8out, score));
			break;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("NPS score must be a whole number from %d to %d, got %.*s%s",
					NPS_MIN_SCORE, NPS_MAX_SCORE, max_quoted, got,
					strlen(got) > max_quoted ? "..." : ""),
			 errhint("Make a missing answer NULL, which is skipped, and convert other scales first.")));
}

/*
 * A summary to read.
 */
NpsSummary *
crm_nps_summary_get(Datum datum)
{
	return (NpsSummary *) crm_summary_detoast(datum, sizeof(NpsSummary), SUMMARY_NPS,
											  NPS_SUMMARY_VERSION, TYPE_NAME);
}

/*
 * Argument 0 as a state to change; see crm_summary_own.
 */
static NpsSummary *
own_state(FunctionCallInfo fcinfo)
{
	return (NpsSummary *) crm_summary_own(fcinfo, sizeof(NpsSummary), SUMMARY_NPS,
										  NPS_SUMMARY_VERSION, TYPE_NAME);
}

static pg_attribute_always_inline Datum
count_score(FunctionCallInfo fcinfo, NpsScoreType type)
{
	NpsSummary *state = own_state(fcinfo);

	if (unlikely(nps_total(state->counts) == PG_INT64_MAX))
		crm_count_overflow_error();
	state->counts[nps_category(fcinfo, type)]++;
	PG_RETURN_POINTER(state);
}

static pg_attribute_always_inline Datum
uncount_score(FunctionCallInfo fcinfo, NpsScoreType type)
{
	NpsSummary *state = own_state(fcinfo);

	if (--state->counts[nps_category(fcinfo, type)] < 0)
		elog(ERROR, "score to remove is not part of the state");
	PG_RETURN_POINTER(state);
}

/*
 * crm_nps_transfn(state, score smallint | integer | numeric | float8): strict,
 * so that NULL rows are skipped.
 */
Datum
crm_nps_transfn_int2(PG_FUNCTION_ARGS)
{
	return count_score(fcinfo, NPS_SCORE_INT2);
}

Datum
crm_nps_transfn_int4(PG_FUNCTION_ARGS)
{
	return count_score(fcinfo, NPS_SCORE_INT4);
}

Datum
crm_nps_transfn_numeric(PG_FUNCTION_ARGS)
{
	return count_score(fcinfo, NPS_SCORE_NUMERIC);
}

Datum
crm_nps_transfn_float8(PG_FUNCTION_ARGS)
{
	return count_score(fcinfo, NPS_SCORE_FLOAT8);
}

/*
 * crm_nps_invfn(state, score): the row leaves the window.
 */
Datum
crm_nps_invfn_int2(PG_FUNCTION_ARGS)
{
	return uncount_score(fcinfo, NPS_SCORE_INT2);
}

Datum
crm_nps_invfn_int4(PG_FUNCTION_ARGS)
{
	return uncount_score(fcinfo, NPS_SCORE_INT4);
}

Datum
crm_nps_invfn_numeric(PG_FUNCTION_ARGS)
{
	return uncount_score(fcinfo, NPS_SCORE_NUMERIC);
}

Datum
crm_nps_invfn_float8(PG_FUNCTION_ARGS)
{
	return uncount_score(fcinfo, NPS_SCORE_FLOAT8);
}

/*
 * crm_nps_combinefn(state, crm_nps_summary): merge two partial results; the
 * transition function of crm_rollup too.
 */
Datum
crm_nps_combinefn(PG_FUNCTION_ARGS)
{
	NpsSummary *state = own_state(fcinfo);
	NpsSummary *other = crm_nps_summary_get(PG_GETARG_DATUM(1));
	int			i;

	(void) crm_count_add(nps_total(state->counts), nps_total(other->counts));
	for (i = 0; i < NPS_CATEGORIES; i++)
		state->counts[i] += other->counts[i];
	PG_RETURN_POINTER(state);
}

/*
 * crm_nps_rollup_invfn(state, crm_nps_summary): the summary leaves the window.
 */
Datum
crm_nps_rollup_invfn(PG_FUNCTION_ARGS)
{
	NpsSummary *state = own_state(fcinfo);
	NpsSummary *other = crm_nps_summary_get(PG_GETARG_DATUM(1));
	int			i;

	for (i = 0; i < NPS_CATEGORIES; i++)
	{
		state->counts[i] -= other->counts[i];
		if (state->counts[i] < 0)
			elog(ERROR, "summary to remove is not part of the state");
	}
	PG_RETURN_POINTER(state);
}

/*
 * crm_nps_agg_finalfn(state) -> crm_nps_summary: a copy; NULL without rows.
 */
Datum
crm_nps_agg_finalfn(PG_FUNCTION_ARGS)
{
	NpsSummary *state = crm_nps_summary_get(PG_GETARG_DATUM(0));

	if (nps_total(state->counts) == 0)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(crm_summary_copy(state));
}

/*
 * Score and standard error of the score, in units of 1, from counts that need
 * not be whole.  No two terms of the variance cancel.
 */
static void
score_and_error(double promoters, double passives, double detractors,
				double *score, double *std_error)
{
	double		n = promoters + passives + detractors;
	double		p = promoters / n;
	double		d = detractors / n;

	*score = (promoters - detractors) / n;
	*std_error = sqrt((p * ((passives + detractors) / n) +
					   d * ((passives + promoters) / n) + 2 * p * d) / n);
}

/*
 * The crm_interval of a score; NULL without answers.  The standard error is
 * that of the plain score, NULL when all answers agree; the bounds are those
 * of the adjusted Wald interval, cut to the scale.
 */
Datum
crm_nps_interval_result(FunctionCallInfo fcinfo, const int64 *counts, double conf_level)
{
	CrmInterval interval;
	double		promoters = (double) counts[NPS_PROMOTERS];
	double		passives = (double) counts[NPS_PASSIVES];
	double		detractors = (double) counts[NPS_DETRACTORS];
	double		score;
	double		std_error;
	double		z;

	crm_check_conf_level(conf_level);
	if (nps_total(counts) == 0)
		PG_RETURN_NULL();

	score_and_error(promoters, passives, detractors, &score, &std_error);
	interval.n = nps_total(counts);
	interval.estimate = SCALE * (promoters - detractors) / (double) nps_total(counts);
	interval.std_error = std_error > 0 ? SCALE * std_error : NAN;
	interval.conf_level = conf_level;

	score_and_error(promoters + ADDED_EXTREMES, passives + ADDED_PASSIVES,
					detractors + ADDED_EXTREMES, &score, &std_error);
	z = -crm_normal_quantile((1 - conf_level) / 2);
	interval.lower = fmax(SCALE * (score - z * std_error), -SCALE);
	interval.upper = fmin(SCALE * (score + z * std_error), SCALE);
	return crm_interval_result(fcinfo, NULL, &interval);
}

/*
 * crm_nps(crm_nps_summary) -> float8, -100 to 100; NULL without answers.  Also
 * the final function of crm_nps(score).
 */
Datum
crm_nps(PG_FUNCTION_ARGS)
{
	NpsSummary *summary = crm_nps_summary_get(PG_GETARG_DATUM(0));
	int64		n = nps_total(summary->counts);

	if (n == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(SCALE * (double) (summary->counts[NPS_PROMOTERS] -
									   summary->counts[NPS_DETRACTORS]) / (double) n);
}

/*
 * crm_nps_promoters, _passives, _detractors(crm_nps_summary) -> bigint
 */
Datum
crm_nps_promoters(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(crm_nps_summary_get(PG_GETARG_DATUM(0))->counts[NPS_PROMOTERS]);
}

Datum
crm_nps_passives(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(crm_nps_summary_get(PG_GETARG_DATUM(0))->counts[NPS_PASSIVES]);
}

Datum
crm_nps_detractors(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(crm_nps_summary_get(PG_GETARG_DATUM(0))->counts[NPS_DETRACTORS]);
}

/*
 * crm_nps_interval(crm_nps_summary [, conf float8]) -> crm_interval
 */
Datum
crm_nps_interval(PG_FUNCTION_ARGS)
{
	return crm_nps_interval_result(fcinfo,
								   crm_nps_summary_get(PG_GETARG_DATUM(0))->counts,
								   PG_NARGS() > 1 ? PG_GETARG_FLOAT8(1) :
								   CRM_DEFAULT_CONF_LEVEL);
}

/*
 * crm_nps_compare(control crm_nps_summary, treatment crm_nps_summary
 *		[, conf float8]) -> crm_comparison
 *
 * The difference of two independent scores with Wald's interval and z test,
 * on the scale of the scores.  NULL when either has no answers; error, bounds
 * and test are NULL when neither score has a standard error.  There is no
 * lift: a score can be zero or negative, and has no natural unit.
 */
Datum
crm_nps_compare(PG_FUNCTION_ARGS)
{
	const int64 *a = crm_nps_summary_get(PG_GETARG_DATUM(0))->counts;
	const int64 *b = crm_nps_summary_get(PG_GETARG_DATUM(1))->counts;
	double		conf_level = PG_NARGS() > 2 ? PG_GETARG_FLOAT8(2) : CRM_DEFAULT_CONF_LEVEL;
	CrmComparison comparison;
	double		error_a;
	double		error_b;
	double		std_error;

	crm_check_conf_level(conf_level);
	if (nps_total(a) == 0 || nps_total(b) == 0)
		PG_RETURN_NULL();

	comparison.n_control = nps_total(a);
	comparison.n_treatment = nps_total(b);
	score_and_error((double) a[NPS_PROMOTERS], (double) a[NPS_PASSIVES],
					(double) a[NPS_DETRACTORS], &comparison.control, &error_a);
	score_and_error((double) b[NPS_PROMOTERS], (double) b[NPS_PASSIVES],
					(double) b[NPS_DETRACTORS], &comparison.treatment, &error_b);
	comparison.control *= SCALE;
	comparison.treatment *= SCALE;
	comparison.difference = comparison.treatment - comparison.control;
	std_error = SCALE * hypot(error_a, error_b);

	comparison.std_error = comparison.lower = comparison.upper = NAN;
	comparison.statistic = comparison.p_value = NAN;
	if (std_error > 0)
	{
		double		z = -crm_normal_quantile((1 - conf_level) / 2);

		comparison.std_error = std_error;
		comparison.lower = comparison.difference - z * std_error;
		comparison.upper = comparison.difference + z * std_error;
		comparison.statistic = comparison.difference / std_error;
		comparison.p_value = 2 * crm_normal_cdf(-fabs(comparison.statistic));
	}
	comparison.lift = comparison.lift_lower = comparison.lift_upper = NAN;
	comparison.df = NAN;
	comparison.method = "wald";
	return crm_comparison_result(fcinfo, NULL, &comparison);
}
