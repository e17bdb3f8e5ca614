/*-------------------------------------------------------------------------
 *
 * rate.c
 *	  The share of true values: crm_rate, crm_rate_agg, crm_rollup, and the
 *	  intervals of counts and summaries.
 *
 * Every aggregate here has the summary as its state and can also take rows out
 * of it again, exactly, for moving windows.  The formulas are in
 * src/math/proportion.c; aggregates that take options with each row are in
 * rate_interval.c.
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
#include "src/compat.h"
#include "src/rates/rate.h"

PG_FUNCTION_INFO_V1(crm_rate_transfn);
PG_FUNCTION_INFO_V1(crm_rate_invfn);
PG_FUNCTION_INFO_V1(crm_rate_combinefn);
PG_FUNCTION_INFO_V1(crm_rate_rollup_invfn);
PG_FUNCTION_INFO_V1(crm_rate_agg_finalfn);
PG_FUNCTION_INFO_V1(crm_rate_value);
PG_FUNCTION_INFO_V1(crm_rate_successes);
PG_FUNCTION_INFO_V1(crm_rate_trials);
PG_FUNCTION_INFO_V1(crm_rate_interval_summary);
PG_FUNCTION_INFO_V1(crm_rate_interval_counts);

static const struct
{
	const char *name;
	ProportionMethod method;
}			methods[] = {
	{"wilson", PROPORTION_WILSON},
	{"agresti-coull", PROPORTION_AGRESTI_COULL},
	{"jeffreys", PROPORTION_JEFFREYS},
	{"exact", PROPORTION_EXACT}
};

#define METHOD_NAMES "wilson, agresti-coull, jeffreys, exact"

/*
 * The method of that name, or an error that lists them.
 */
ProportionMethod
crm_rate_method(const text *name)
{
	int			i;

	for (i = 0; i < lengthof(methods); i++)
	{
		if (VARSIZE_ANY_EXHDR(name) == strlen(methods[i].name) &&
			memcmp(VARDATA_ANY(name), methods[i].name, strlen(methods[i].name)) == 0)
			return methods[i].method;
	}
	crm_unknown_name_error("interval method", text_to_cstring(name), METHOD_NAMES);
}

/*
 * The crm_interval of successes among trials, NULL without trials.
 */
Datum
crm_rate_interval_result(FunctionCallInfo fcinfo, int64 successes, int64 trials,
						 double conf_level, ProportionMethod method)
{
	CrmInterval interval;

	crm_check_conf_level(conf_level);
	if (trials == 0)
		PG_RETURN_NULL();

	interval.n = trials;
	interval.estimate = (double) successes / (double) trials;
	interval.std_error = crm_proportion_std_error((double) successes, (double) trials);
	interval.conf_level = conf_level;
	crm_proportion_interval(method, (double) successes, (double) trials, conf_level,
							&interval.lower, &interval.upper);
	return crm_interval_result(fcinfo, NULL, &interval);
}

/*
 * crm_rate_transfn(state, hit boolean): strict, so that NULL rows are skipped.
 */
Datum
crm_rate_transfn(PG_FUNCTION_ARGS)
{
	RateSummary *state = rate_summary_own(fcinfo);

	rate_summary_count(state, PG_GETARG_BOOL(1), 1);
	PG_RETURN_POINTER(state);
}

/*
 * crm_rate_invfn(state, hit boolean): the row leaves the window.
 */
Datum
crm_rate_invfn(PG_FUNCTION_ARGS)
{
	RateSummary *state = rate_summary_own(fcinfo);

	rate_summary_count(state, PG_GETARG_BOOL(1), -1);
	PG_RETURN_POINTER(state);
}

/*
 * crm_rate_combinefn(state, crm_rate_summary): merge two partial results; the
 * transition function of crm_rollup too.
 */
Datum
crm_rate_combinefn(PG_FUNCTION_ARGS)
{
	RateSummary *state = rate_summary_own(fcinfo);
	RateSummary *other = crm_rate_summary_get(PG_GETARG_DATUM(1));

	state->trials = crm_count_add(state->trials, other->trials);
	state->successes += other->successes;
	PG_RETURN_POINTER(state);
}

/*
 * crm_rate_rollup_invfn(state, crm_rate_summary): the summary leaves the
 * window.
 */
Datum
crm_rate_rollup_invfn(PG_FUNCTION_ARGS)
{
	RateSummary *state = rate_summary_own(fcinfo);
	RateSummary *other = crm_rate_summary_get(PG_GETARG_DATUM(1));

	state->trials -= other->trials;
	state->successes -= other->successes;
	if (state->successes < 0 || state->successes > state->trials)
		elog(ERROR, "summary to remove is not part of the state");
	PG_RETURN_POINTER(state);
}

/*
 * crm_rate_agg_finalfn(state) -> crm_rate_summary: a copy; NULL without rows.
 */
Datum
crm_rate_agg_finalfn(PG_FUNCTION_ARGS)
{
	RateSummary *state = crm_rate_summary_get(PG_GETARG_DATUM(0));

	if (state->trials == 0)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(crm_summary_copy(state));
}

/*
 * crm_rate(crm_rate_summary) -> float8: the share, 0 to 1; NULL without
 * trials.  Also the final function of crm_rate(boolean).
 */
Datum
crm_rate_value(PG_FUNCTION_ARGS)
{
	RateSummary *summary = crm_rate_summary_get(PG_GETARG_DATUM(0));

	if (summary->trials == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8((double) summary->successes / (double) summary->trials);
}

/*
 * crm_rate_successes(crm_rate_summary) -> bigint
 */
Datum
crm_rate_successes(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(crm_rate_summary_get(PG_GETARG_DATUM(0))->successes);
}

/*
 * crm_rate_trials(crm_rate_summary) -> bigint
 */
Datum
crm_rate_trials(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(crm_rate_summary_get(PG_GETARG_DATUM(0))->trials);
}

/*
 * crm_rate_interval(crm_rate_summary [, conf float8 [, method text]])
 *		-> crm_interval
 *
 * NULL without trials; 0.95 and wilson where not said.  Also the final
 * function of crm_rate_interval(boolean).
 */
Datum
crm_rate_interval_summary(PG_FUNCTION_ARGS)
{
	RateSummary *summary = crm_rate_summary_get(PG_GETARG_DATUM(0));
	double		conf_level = PG_NARGS() > 1 ? PG_GETARG_FLOAT8(1) : CRM_DEFAULT_CONF_LEVEL;
	ProportionMethod method = PG_NARGS() > 2 ?
		crm_rate_method(PG_GETARG_TEXT_PP(2)) : PROPORTION_WILSON;

	return crm_rate_interval_result(fcinfo, summary->successes, summary->trials,
									conf_level, method);
}

/*
 * crm_rate_interval(successes bigint, trials bigint, conf float8, method text)
 *		-> crm_interval
 *
 * NULL when trials is 0.
 */
Datum
crm_rate_interval_counts(PG_FUNCTION_ARGS)
{
	int64		successes = PG_GETARG_INT64(0);
	int64		trials = PG_GETARG_INT64(1);
	double		conf_level = PG_GETARG_FLOAT8(2);
	ProportionMethod method = crm_rate_method(PG_GETARG_TEXT_PP(3));

	crm_rate_check_counts(successes, trials);
	return crm_rate_interval_result(fcinfo, successes, trials, conf_level, method);
}
