/*-------------------------------------------------------------------------
 *
 * nps_interval.c
 *	  crm_nps_interval(score, conf): the aggregate that takes the confidence
 *	  level with each row.
 *
 * The level is part of the state, so that one which varies within the group
 * is an error rather than an accident.  Rows with a NULL argument are skipped.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "libpq/pqformat.h"

#include "src/common/aggstate.h"
#include "src/common/args.h"
#include "src/common/summary_state.h"
#include "src/satisfaction/nps.h"

#define STATE_VERSION 1

PG_FUNCTION_INFO_V1(crm_nps_interval_transfn_int2);
PG_FUNCTION_INFO_V1(crm_nps_interval_transfn_int4);
PG_FUNCTION_INFO_V1(crm_nps_interval_transfn_numeric);
PG_FUNCTION_INFO_V1(crm_nps_interval_transfn_float8);
PG_FUNCTION_INFO_V1(crm_nps_interval_invfn_int2);
PG_FUNCTION_INFO_V1(crm_nps_interval_invfn_int4);
PG_FUNCTION_INFO_V1(crm_nps_interval_invfn_numeric);
PG_FUNCTION_INFO_V1(crm_nps_interval_invfn_float8);
PG_FUNCTION_INFO_V1(crm_nps_interval_combinefn);
PG_FUNCTION_INFO_V1(crm_nps_interval_serialfn);
PG_FUNCTION_INFO_V1(crm_nps_interval_deserialfn);
PG_FUNCTION_INFO_V1(crm_nps_interval_finalfn);

/* Without answers there is no level either. */
typedef struct NpsState
{
	double		conf_level;
	int64		counts[NPS_CATEGORIES];
} NpsState;

static NpsState *get_state(FunctionCallInfo fcinfo, const char *function);
static inline Datum change_state(FunctionCallInfo fcinfo, NpsScoreType type, int sign);

/*
 * Argument 0, a new state when it is NULL.
 */
static NpsState *
get_state(FunctionCallInfo fcinfo, const char *function)
{
	MemoryContext context = crm_agg_context(fcinfo, function);

	if (PG_ARGISNULL(0))
		return (NpsState *) MemoryContextAllocZero(context, sizeof(NpsState));
	return (NpsState *) PG_GETARG_POINTER(0);
}

/*
 * A row joins (sign 1) or leaves (-1).
 */
static inline Datum
change_state(FunctionCallInfo fcinfo, NpsScoreType type, int sign)
{
	NpsState   *state = get_state(fcinfo, sign > 0 ? "crm_nps_interval_transfn" :
								  "crm_nps_interval_invfn");

	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2))
	{
		double		conf_level = PG_GETARG_FLOAT8(2);

		if (nps_total(state->counts) == 0)
		{
			crm_check_conf_level(conf_level);
			state->conf_level = conf_level;
		}
		else if (conf_level != state->conf_level)
			crm_option_varies_error("confidence level");
		state->counts[nps_category(fcinfo, type)] += sign;
	}
	PG_RETURN_POINTER(state);
}

/*
 * crm_nps_interval_transfn(internal, score smallint | integer | numeric |
 *		float8, conf float8)
 */
Datum
crm_nps_interval_transfn_int2(PG_FUNCTION_ARGS)
{
	return change_state(fcinfo, NPS_SCORE_INT2, 1);
}

Datum
crm_nps_interval_transfn_int4(PG_FUNCTION_ARGS)
{
	return change_state(fcinfo, NPS_SCORE_INT4, 1);
}

Datum
crm_nps_interval_transfn_numeric(PG_FUNCTION_ARGS)
{
	return change_state(fcinfo, NPS_SCORE_NUMERIC, 1);
}

Datum
crm_nps_interval_transfn_float8(PG_FUNCTION_ARGS)
{
	return change_state(fcinfo, NPS_SCORE_FLOAT8, 1);
}

/*
 * crm_nps_interval_invfn(internal, score, conf float8)
 */
Datum
crm_nps_interval_invfn_int2(PG_FUNCTION_ARGS)
{
	return change_state(fcinfo, NPS_SCORE_INT2, -1);
}

Datum
crm_nps_interval_invfn_int4(PG_FUNCTION_ARGS)
{
	return change_state(fcinfo, NPS_SCORE_INT4, -1);
}

Datum
crm_nps_interval_invfn_numeric(PG_FUNCTION_ARGS)
{
	return change_state(fcinfo, NPS_SCORE_NUMERIC, -1);
}

Datum
crm_nps_interval_invfn_float8(PG_FUNCTION_ARGS)
{
	return change_state(fcinfo, NPS_SCORE_FLOAT8, -1);
}

/*
 * crm_nps_interval_combinefn(internal, internal)
 */
Datum
crm_nps_interval_combinefn(PG_FUNCTION_ARGS)
{
	NpsState   *state = get_state(fcinfo, "crm_nps_interval_combinefn");
	NpsState   *other = PG_ARGISNULL(1) ? NULL : (NpsState *) PG_GETARG_POINTER(1);
	int			i;

	if (other != NULL && nps_total(other->counts) > 0)
	{
		if (nps_total(state->counts) == 0)
			state->conf_level = other->conf_level;
		else if (other->conf_level != state->conf_level)
			crm_option_varies_error("confidence level");
		(void) crm_count_add(nps_total(state->counts), nps_total(other->counts));
		for (i = 0; i < NPS_CATEGORIES; i++)
			state->counts[i] += other->counts[i];
	}
	PG_RETURN_POINTER(state);
}

Datum
crm_nps_interval_serialfn(PG_FUNCTION_ARGS)
{
	NpsState   *state = (NpsState *) PG_GETARG_POINTER(0);
	StringInfoData buf;
	int			i;

	crm_agg_context(fcinfo, "crm_nps_interval_serialfn");
	crm_serial_begin(&buf, STATE_VERSION);
	pq_sendfloat8(&buf, state->conf_level);
	for (i = 0; i < NPS_CATEGORIES; i++)
		pq_sendint64(&buf, state->counts[i]);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

Datum
crm_nps_interval_deserialfn(PG_FUNCTION_ARGS)
{
	NpsState   *state;
	StringInfoData buf;
	int			i;

	crm_agg_context(fcinfo, "crm_nps_interval_deserialfn");
	crm_deserial_begin(&buf, PG_GETARG_BYTEA_PP(0), STATE_VERSION, "NPS state");
	state = (NpsState *) palloc(sizeof(NpsState));
	state->conf_level = pq_getmsgfloat8(&buf);
	for (i = 0; i < NPS_CATEGORIES; i++)
		state->counts[i] = pq_getmsgint64(&buf);
	crm_deserial_end(&buf, "NPS state");
	PG_RETURN_POINTER(state);
}

/*
 * crm_nps_interval_finalfn(internal) -> crm_interval; NULL without rows.
 */
Datum
crm_nps_interval_finalfn(PG_FUNCTION_ARGS)
{
	NpsState   *state = PG_ARGISNULL(0) ? NULL : (NpsState *) PG_GETARG_POINTER(0);

	crm_agg_context(fcinfo, "crm_nps_interval_finalfn");
	if (state == NULL || nps_total(state->counts) == 0)
		PG_RETURN_NULL();
	return crm_nps_interval_result(fcinfo, state->counts, state->conf_level);
}
