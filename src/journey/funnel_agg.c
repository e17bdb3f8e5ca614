/*-------------------------------------------------------------------------
 *
 * funnel_agg.c
 *	  The aggregates crm_funnel and crm_window_funnel:
 *	  one customer's events to that customer's way through a funnel.
 *
 * Rows may come in any order and from any number of workers; events that are
 * no step are not kept, except in strict mode.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "libpq/pqformat.h"

#include "src/common/aggstate.h"
#include "src/common/args.h"
#include "src/common/result.h"
#include "src/journey/funnel_call.h"

#define STATE_VERSION 1
#define STATE_WHAT "crm_funnel state"

PG_FUNCTION_INFO_V1(crm_funnel_transfn_event);
PG_FUNCTION_INFO_V1(crm_funnel_transfn_steps);
PG_FUNCTION_INFO_V1(crm_window_funnel_transfn);
PG_FUNCTION_INFO_V1(crm_funnel_combinefn);
PG_FUNCTION_INFO_V1(crm_funnel_serialfn);
PG_FUNCTION_INFO_V1(crm_funnel_deserialfn);
PG_FUNCTION_INFO_V1(crm_funnel_finalfn);
PG_FUNCTION_INFO_V1(crm_funnel_finalfn_units);
PG_FUNCTION_INFO_V1(crm_window_funnel_finalfn);

static inline Datum transfn(FunctionCallInfo fcinfo, FunnelForm form);
static FunnelState *new_state(FunctionCallInfo fcinfo, FunnelPlan *plan);
static void same_plan(const FunnelState *state, const FunnelPlan *plan);

static FunnelState *
new_state(FunctionCallInfo fcinfo, FunnelPlan *plan)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_funnel");
	FunnelState *state = (FunnelState *) MemoryContextAlloc(context, sizeof(FunnelState));

	crm_funnel_state_init(state, plan);
	return state;
}

/*
 * All rows of a group are for one funnel.
 */
static void
same_plan(const FunnelState *state, const FunnelPlan *plan)
{
	if (state->plan == plan ||
		crm_funnel_plan_is(state->plan, plan->def, plan->time, plan->n_conditions))
		return;
	crm_option_varies_error(state->plan->n_conditions != plan->n_conditions ?
							"the number of conditions" : "the funnel's definition");
}

static inline Datum
transfn(FunctionCallInfo fcinfo, FunnelForm form)
{
	FunnelState *state = PG_ARGISNULL(0) ? NULL : (FunnelState *) PG_GETARG_POINTER(0);
	FunnelRow	row;
	int64		word;

	if (crm_funnel_read_row(fcinfo, form, 1, &row))
	{
		if (state == NULL)
		{
			state = new_state(fcinfo, row.plan);
			crm_event_delay_made(&row.plan->delay, &state->log);
		}
		else if (row.fixed)
		{
			/* most states are in no cache: leave this one alone */
			if (row.mask == 0 && !row.plan->keep_foreign)
				PG_RETURN_POINTER(state);
			if (crm_funnel_key(row.ts, row.code, &word))
			{
				crm_event_delay_add(&row.plan->delay, fcinfo, &state->log, state, word);
				PG_RETURN_POINTER(state);
			}
		}
		else if (unlikely(state->plan != row.plan))
			same_plan(state, row.plan);
		crm_funnel_state_add(state, row.ts, row.mask, row.code);
	}
	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(state);
}

/*
 * crm_funnel_transfn(internal, crm_funnel_def, ts, event text) -> internal
 */
Datum
crm_funnel_transfn_event(PG_FUNCTION_ARGS)
{
	return transfn(fcinfo, FUNNEL_FORM_EVENT);
}

/*
 * crm_funnel_transfn(internal, crm_funnel_def, ts, VARIADIC "any") -> internal
 */
Datum
crm_funnel_transfn_steps(PG_FUNCTION_ARGS)
{
	return transfn(fcinfo, FUNNEL_FORM_STEPS);
}

/*
 * crm_window_funnel_transfn(internal, within, ts, VARIADIC "any") -> internal
 */
Datum
crm_window_funnel_transfn(PG_FUNCTION_ARGS)
{
	return transfn(fcinfo, FUNNEL_FORM_WINDOW);
}

/*
 * crm_funnel_combinefn(internal, internal) -> internal
 */
Datum
crm_funnel_combinefn(PG_FUNCTION_ARGS)
{
	FunnelState *into = PG_ARGISNULL(0) ? NULL : (FunnelState *) PG_GETARG_POINTER(0);
	FunnelState *from = PG_ARGISNULL(1) ? NULL : (FunnelState *) PG_GETARG_POINTER(1);

	if (from != NULL)
	{
		if (into == NULL)
			into = new_state(fcinfo, from->plan);
		else
			same_plan(into, from->plan);
		crm_funnel_state_merge(into, from);
	}
	if (into == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(into);
}

/*
 * crm_funnel_serialfn(internal) -> bytea
 */
Datum
crm_funnel_serialfn(PG_FUNCTION_ARGS)
{
	FunnelState *state = (FunnelState *) PG_GETARG_POINTER(0);
	StringInfoData buf;

	(void) crm_agg_context(fcinfo, "crm_funnel_serialfn");
	crm_serial_begin(&buf, STATE_VERSION);
	crm_funnel_plan_write(&buf, state->plan);
	crm_funnel_state_write(&buf, state);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_funnel_deserialfn(bytea, internal) -> internal
 */
Datum
crm_funnel_deserialfn(PG_FUNCTION_ARGS)
{
	FunnelState *state = (FunnelState *) palloc(sizeof(FunnelState));
	FunnelPlan *plan;
	StringInfoData buf;

	(void) crm_agg_context(fcinfo, "crm_funnel_deserialfn");
	(void) crm_deserial_begin(&buf, PG_GETARG_BYTEA_PP(0), STATE_VERSION, STATE_WHAT);
	plan = crm_funnel_plan_read(fcinfo, &buf, STATE_WHAT);
	crm_funnel_state_read(state, plan, &buf, STATE_WHAT);
	crm_deserial_end(&buf, STATE_WHAT);
	PG_RETURN_POINTER(state);
}

/*
 * A state's best chain as a row of the type that the running function returns:
 * crm_funnel_result or crm_funnel_units_result.  slot is as crm_result_tupdesc
 * has it.
 */
Datum
crm_funnel_state_result(FunctionCallInfo fcinfo, TupleDesc *slot, const FunnelState *state)
{
	FunnelChain chain;
	Datum		values[3];
	bool		nulls[3] = {false, false, false};

	crm_funnel_search(state, true, &chain);
	values[0] = Int32GetDatum(chain.level);
	values[1] = crm_funnel_entered(state->plan, &chain);
	values[2] = BoolGetDatum(chain.excluded);
	return HeapTupleGetDatum(heap_form_tuple(crm_result_tupdesc(fcinfo, slot),
											 values, nulls));
}

/*
 * crm_funnel_finalfn(internal) -> crm_funnel_result
 */
Datum
crm_funnel_finalfn(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(crm_funnel_state_result(fcinfo, NULL,
											(FunnelState *) PG_GETARG_POINTER(0)));
}

/*
 * crm_funnel_finalfn_units(internal) -> crm_funnel_units_result
 */
Datum
crm_funnel_finalfn_units(PG_FUNCTION_ARGS)
{
	return crm_funnel_finalfn(fcinfo);
}

/*
 * crm_window_funnel_finalfn(internal) -> int
 */
Datum
crm_window_funnel_finalfn(PG_FUNCTION_ARGS)
{
	FunnelChain chain;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	crm_funnel_search((FunnelState *) PG_GETARG_POINTER(0), false, &chain);
	PG_RETURN_INT32(chain.level);
}
