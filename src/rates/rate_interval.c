/*-------------------------------------------------------------------------
 *
 * rate_interval.c
 *	  Aggregates that take the confidence level, or the method too, with each
 *	  row: crm_rate_interval(hit, conf [, method]).
 *
 * The options are part of the state, so that a value which varies within the
 * group is an error rather than an accident.  Rows with a NULL argument, be it
 * an option, are skipped: without such a level there is no answer.
 *
 * The state is internal: crm_rate_interval(crm_rate_agg(hit), conf, method)
 * says the same with a state that is an ordinary value.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "libpq/pqformat.h"

#include "src/common/aggstate.h"
#include "src/common/args.h"
#include "src/common/summary_state.h"
#include "src/rates/rate.h"

#define STATE_VERSION 1

PG_FUNCTION_INFO_V1(crm_rate_interval_transfn);
PG_FUNCTION_INFO_V1(crm_rate_interval_invfn);
PG_FUNCTION_INFO_V1(crm_rate_interval_combinefn);
PG_FUNCTION_INFO_V1(crm_rate_interval_serialfn);
PG_FUNCTION_INFO_V1(crm_rate_interval_deserialfn);
PG_FUNCTION_INFO_V1(crm_rate_interval_finalfn);

static Datum change_state(FunctionCallInfo fcinfo, int sign, const char *function);

/*
 * A row joins or leaves.  Not strict, because an internal state starts as
 * NULL.
 */
static Datum
change_state(FunctionCallInfo fcinfo, int sign, const char *function)
{
	RateState  *state = crm_rate_state(fcinfo, function);
	ProportionMethod method = PROPORTION_WILSON;

	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2) && !(PG_NARGS() > 3 && PG_ARGISNULL(3)))
	{
		if (PG_NARGS() > 3)
			method = crm_rate_method(PG_GETARG_TEXT_PP(3));
		crm_rate_state_count(state, PG_GETARG_BOOL(1), sign, PG_GETARG_FLOAT8(2), method);
	}
	PG_RETURN_POINTER(state);
}

/*
 * crm_rate_interval_transfn(internal, hit boolean, conf float8 [, method text])
 */
Datum
crm_rate_interval_transfn(PG_FUNCTION_ARGS)
{
	return change_state(fcinfo, 1, "crm_rate_interval_transfn");
}

/*
 * crm_rate_interval_invfn(internal, hit boolean, conf float8 [, method text])
 */
Datum
crm_rate_interval_invfn(PG_FUNCTION_ARGS)
{
	return change_state(fcinfo, -1, "crm_rate_interval_invfn");
}

/*
 * crm_rate_interval_combinefn(internal, internal)
 */
Datum
crm_rate_interval_combinefn(PG_FUNCTION_ARGS)
{
	RateState  *state = crm_rate_state(fcinfo, "crm_rate_interval_combinefn");
	RateState  *other = PG_ARGISNULL(1) ? NULL : (RateState *) PG_GETARG_POINTER(1);

	if (other != NULL && other->trials > 0)
	{
		if (state->trials == 0)
			*state = *other;
		else
		{
			if (other->conf_level != state->conf_level)
				crm_option_varies_error("confidence level");
			if (other->method != state->method)
				crm_option_varies_error("method");
			state->trials = crm_count_add(state->trials, other->trials);
			state->successes += other->successes;
		}
	}
	PG_RETURN_POINTER(state);
}

Datum
crm_rate_interval_serialfn(PG_FUNCTION_ARGS)
{
	RateState  *state = (RateState *) PG_GETARG_POINTER(0);
	StringInfoData buf;

	crm_agg_context(fcinfo, "crm_rate_interval_serialfn");
	crm_serial_begin(&buf, STATE_VERSION);
	pq_sendint64(&buf, state->successes);
	pq_sendint64(&buf, state->trials);
	pq_sendfloat8(&buf, state->conf_level);
	pq_sendint32(&buf, state->method);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

Datum
crm_rate_interval_deserialfn(PG_FUNCTION_ARGS)
{
	RateState  *state;
	StringInfoData buf;

	crm_agg_context(fcinfo, "crm_rate_interval_deserialfn");
	crm_deserial_begin(&buf, PG_GETARG_BYTEA_PP(0), STATE_VERSION, "rate state");
	state = (RateState *) palloc(sizeof(RateState));
	state->successes = pq_getmsgint64(&buf);
	state->trials = pq_getmsgint64(&buf);
	state->conf_level = pq_getmsgfloat8(&buf);
	state->method = (ProportionMethod) pq_getmsgint(&buf, 4);
	crm_deserial_end(&buf, "rate state");
	PG_RETURN_POINTER(state);
}

/*
 * crm_rate_interval_finalfn(internal) -> crm_interval; NULL without rows.
 */
Datum
crm_rate_interval_finalfn(PG_FUNCTION_ARGS)
{
	RateState  *state = PG_ARGISNULL(0) ? NULL : (RateState *) PG_GETARG_POINTER(0);

	crm_agg_context(fcinfo, "crm_rate_interval_finalfn");
	if (state == NULL || state->trials == 0)
		PG_RETURN_NULL();
	return crm_rate_interval_result(fcinfo, state->successes, state->trials,
									state->conf_level, state->method);
}
