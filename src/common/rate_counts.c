/*-------------------------------------------------------------------------
 *
 * rate_counts.c
 *	  Successes among trials: what every rate is made of.
 *
 * Rates of a boolean and shares of satisfied customers count alike; the
 * capabilities differ in what they call a success.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "src/common/aggstate.h"
#include "src/common/args.h"
#include "src/common/rate_counts.h"
#include "src/common/summary_state.h"

#define TYPE_NAME "crm_rate_summary"

/*
 * Argument 0 as a state to change; see crm_summary_own.
 */
RateSummary *
crm_rate_summary_own(FunctionCallInfo fcinfo)
{
	return (RateSummary *) crm_summary_own(fcinfo, sizeof(RateSummary), SUMMARY_RATE,
										   RATE_SUMMARY_VERSION, TYPE_NAME);
}

/*
 * A summary to read.
 */
RateSummary *
crm_rate_summary_get(Datum datum)
{
	return (RateSummary *) crm_summary_detoast(datum, sizeof(RateSummary), SUMMARY_RATE,
											   RATE_SUMMARY_VERSION, TYPE_NAME);
}

/*
 * One trial joins (sign 1) or leaves (-1) the summary.
 */
void
crm_rate_summary_count(RateSummary *summary, bool hit, int sign)
{
	if (sign > 0)
	{
		summary->trials = crm_count_add(summary->trials, 1);
		summary->successes += hit;
	}
	else
	{
		summary->trials--;
		summary->successes -= hit;
		if (summary->successes < 0 || summary->successes > summary->trials)
			elog(ERROR, "trial to remove is not part of the state");
	}
}

/*
 * Argument 0 of a transition function, a new state when it is NULL.
 */
RateState *
crm_rate_state(FunctionCallInfo fcinfo, const char *function)
{
	MemoryContext context = crm_agg_context(fcinfo, function);

	if (PG_ARGISNULL(0))
		return (RateState *) MemoryContextAllocZero(context, sizeof(RateState));
	return (RateState *) PG_GETARG_POINTER(0);
}

/*
 * One trial joins (sign 1) or leaves (-1) the state.  Options are taken from
 * the first trial and must not change until the last has left.
 */
void
crm_rate_state_count(RateState *state, bool hit, int sign,
					 double conf_level, ProportionMethod method)
{
	if (state->trials == 0)
	{
		crm_check_conf_level(conf_level);
		state->conf_level = conf_level;
		state->method = method;
	}
	else if (conf_level != state->conf_level)
		crm_option_varies_error("confidence level");
	else if (method != state->method)
		crm_option_varies_error("method");
	state->trials += sign;
	state->successes += hit ? sign : 0;
}
