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

/*
 * A summary to read.
 */
RateSummary *
crm_rate_summary_get(Datum datum)
{
	return (RateSummary *) crm_summary_detoast(datum, sizeof(RateSummary), SUMMARY_RATE,
											   RATE_SUMMARY_VERSION, RATE_SUMMARY_NAME);
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
