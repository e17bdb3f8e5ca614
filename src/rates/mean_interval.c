/*-------------------------------------------------------------------------
 *
 * mean_interval.c
 *	  crm_mean_interval(x, conf): the aggregate that takes the confidence
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
#include "src/rates/mean.h"

#define STATE_VERSION 1

PG_FUNCTION_INFO_V1(crm_mean_interval_transfn_float8);
PG_FUNCTION_INFO_V1(crm_mean_interval_transfn_numeric);
PG_FUNCTION_INFO_V1(crm_mean_interval_invfn_float8);
PG_FUNCTION_INFO_V1(crm_mean_interval_invfn_numeric);
PG_FUNCTION_INFO_V1(crm_mean_interval_combinefn);
PG_FUNCTION_INFO_V1(crm_mean_interval_serialfn);
PG_FUNCTION_INFO_V1(crm_mean_interval_deserialfn);
PG_FUNCTION_INFO_V1(crm_mean_interval_finalfn);

/* Without values there is no level either. */
typedef struct MeanState
{
	double		conf_level;
	MeanSummary *summary;		/* in the aggregate's context */
} MeanState;

static MeanState *get_state(FunctionCallInfo fcinfo, MemoryContext context);
static void set_summary(MeanState *state, MeanSummary *changed);
static Datum change_state(FunctionCallInfo fcinfo, bool is_numeric, ExactSign sign,
						  const char *function);

/*
 * Argument 0, a new state when it is NULL.
 */
static MeanState *
get_state(FunctionCallInfo fcinfo, MemoryContext context)
{
	MeanState  *state;
	MemoryContext old_context;
	LimbSpan	empty = {0, 0};

	if (!PG_ARGISNULL(0))
		return (MeanState *) PG_GETARG_POINTER(0);
	old_context = MemoryContextSwitchTo(context);
	state = (MeanState *) palloc0(sizeof(MeanState));
	state->summary = crm_mean_alloc(empty, empty);
	MemoryContextSwitchTo(old_context);
	return state;
}

static void
set_summary(MeanState *state, MeanSummary *changed)
{
	if (changed != state->summary)
		pfree(state->summary);
	state->summary = changed;
}

/*
 * A row joins or leaves.
 */
static Datum
change_state(FunctionCallInfo fcinfo, bool is_numeric, ExactSign sign,
			 const char *function)
{
	MemoryContext context = crm_agg_context(fcinfo, function);
	MeanState  *state = get_state(fcinfo, context);

	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2))
	{
		double		x = crm_mean_argument(fcinfo, is_numeric);
		double		conf_level = PG_GETARG_FLOAT8(2);
		MemoryContext old_context;

		if (state->summary->n == 0)
		{
			crm_check_conf_level(conf_level);
			state->conf_level = conf_level;
		}
		else if (conf_level != state->conf_level)
			crm_option_varies_error("confidence level");

		old_context = MemoryContextSwitchTo(context);
		set_summary(state, crm_mean_change(state->summary, x, sign));
		MemoryContextSwitchTo(old_context);
	}
	PG_RETURN_POINTER(state);
}

/*
 * crm_mean_interval_transfn(internal, x float8 | numeric, conf float8)
 */
Datum
crm_mean_interval_transfn_float8(PG_FUNCTION_ARGS)
{
	return change_state(fcinfo, false, EXACT_ADD, "crm_mean_interval_transfn");
}

Datum
crm_mean_interval_transfn_numeric(PG_FUNCTION_ARGS)
{
	return change_state(fcinfo, true, EXACT_ADD, "crm_mean_interval_transfn");
}

/*
 * crm_mean_interval_invfn(internal, x float8 | numeric, conf float8)
 */
Datum
crm_mean_interval_invfn_float8(PG_FUNCTION_ARGS)
{
	return change_state(fcinfo, false, EXACT_SUBTRACT, "crm_mean_interval_invfn");
}

Datum
crm_mean_interval_invfn_numeric(PG_FUNCTION_ARGS)
{
	return change_state(fcinfo, true, EXACT_SUBTRACT, "crm_mean_interval_invfn");
}

/*
 * crm_mean_interval_combinefn(internal, internal)
 */
Datum
crm_mean_interval_combinefn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_mean_interval_combinefn");
	MeanState  *state = get_state(fcinfo, context);
	MeanState  *other = PG_ARGISNULL(1) ? NULL : (MeanState *) PG_GETARG_POINTER(1);

	if (other != NULL && other->summary->n > 0)
	{
		MemoryContext old_context = MemoryContextSwitchTo(context);

		if (state->summary->n == 0)
			state->conf_level = other->conf_level;
		else if (other->conf_level != state->conf_level)
			crm_option_varies_error("confidence level");
		set_summary(state, crm_mean_merge(state->summary, other->summary, EXACT_ADD));
		MemoryContextSwitchTo(old_context);
	}
	PG_RETURN_POINTER(state);
}

Datum
crm_mean_interval_serialfn(PG_FUNCTION_ARGS)
{
	MeanState  *state = (MeanState *) PG_GETARG_POINTER(0);
	StringInfoData buf;

	crm_agg_context(fcinfo, "crm_mean_interval_serialfn");
	crm_serial_begin(&buf, STATE_VERSION);
	pq_sendfloat8(&buf, state->conf_level);
	crm_mean_send_fields(&buf, state->summary);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

Datum
crm_mean_interval_deserialfn(PG_FUNCTION_ARGS)
{
	MeanState  *state;
	StringInfoData buf;

	crm_agg_context(fcinfo, "crm_mean_interval_deserialfn");
	crm_deserial_begin(&buf, PG_GETARG_BYTEA_PP(0), STATE_VERSION, "mean state");
	state = (MeanState *) palloc(sizeof(MeanState));
	state->conf_level = pq_getmsgfloat8(&buf);
	state->summary = crm_mean_recv_fields(&buf);
	crm_deserial_end(&buf, "mean state");
	PG_RETURN_POINTER(state);
}

/*
 * crm_mean_interval_finalfn(internal) -> crm_interval; NULL without rows.
 */
Datum
crm_mean_interval_finalfn(PG_FUNCTION_ARGS)
{
	MeanState  *state = PG_ARGISNULL(0) ? NULL : (MeanState *) PG_GETARG_POINTER(0);

	crm_agg_context(fcinfo, "crm_mean_interval_finalfn");
	if (state == NULL || state->summary->n == 0)
		PG_RETURN_NULL();
	return crm_mean_interval_result(fcinfo, state->summary, state->conf_level);
}
