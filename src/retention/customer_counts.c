/*-------------------------------------------------------------------------
 *
 * customer_counts.c
 *	  The one-level aggregates crm_retention_counts and
 *	  crm_active_customer_counts: from events of all customers at once.
 *
 * They give what crm_retention and crm_active_customers over crm_activity_agg
 * with GROUP BY customer give.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "libpq/pqformat.h"

#include "src/common/aggstate.h"
#include "src/common/args.h"
#include "src/retention/active_customers.h"
#include "src/retention/customer_activity.h"
#include "src/retention/period_clock.h"
#include "src/retention/retention_options.h"

#define COUNTS_SERIAL_VERSION 1
#define STATE_NAME "crm_retention_counts state"

/* Positions of the transition functions' arguments; 0 is the state */
enum
{
	ARG_CUSTOMER = 1,
	ARG_TS,
	ARG_OPTION,					/* periods, or the window */
	RETENTION_ARG_MODE,
	RETENTION_ARG_UNIT,
	RETENTION_ARG_ZONE,
	ACTIVE_ARG_UNIT = ARG_OPTION + 1,
	ACTIVE_ARG_ZONE
};

typedef struct CountsState
{
	CustomerActivities *table;
	RetentionSpec spec;			/* of crm_retention_counts, ... */
	int32		window;			/* ... or of crm_active_customer_counts */
} CountsState;

/* What the transition functions keep in fn_extra */
typedef struct CountsCall
{
	Oid			customer_type;
	RetentionOptions options;
	PeriodClock clock;
} CountsCall;

PG_FUNCTION_INFO_V1(crm_retention_counts_transfn);
PG_FUNCTION_INFO_V1(crm_retention_counts_finalfn);
PG_FUNCTION_INFO_V1(crm_active_customer_counts_transfn);
PG_FUNCTION_INFO_V1(crm_active_customer_counts_finalfn);
PG_FUNCTION_INFO_V1(crm_customer_counts_combinefn);
PG_FUNCTION_INFO_V1(crm_customer_counts_serialfn);
PG_FUNCTION_INFO_V1(crm_customer_counts_deserialfn);

static CountsCall *counts_call(FunctionCallInfo fcinfo);
static CountsState *add_event(FunctionCallInfo fcinfo, CountsState *state,
							  CountsCall *call, int unit_arg, int zone_arg);
static void visit_retention(void *target, const Activity *activity);
static void visit_active(void *target, const Activity *activity);

static CountsCall *
counts_call(FunctionCallInfo fcinfo)
{
	CountsCall *call = (CountsCall *) fcinfo->flinfo->fn_extra;

	if (call == NULL)
	{
		call = (CountsCall *) MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt,
													 sizeof(CountsCall));
		crm_period_clock_init(&call->clock, fcinfo, ARG_TS);
		call->customer_type = get_fn_expr_argtype(fcinfo->flinfo, ARG_CUSTOMER);
		if (!OidIsValid(call->customer_type))
			elog(ERROR, "could not determine the type of customers");
		fcinfo->flinfo->fn_extra = call;
	}
	return call;
}

/*
 * Add the row's event, which has a customer and a time, to a state, made if it
 * is NULL.
 */
static CountsState *
add_event(FunctionCallInfo fcinfo, CountsState *state, CountsCall *call,
		  int unit_arg, int zone_arg)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_retention_counts_transfn");
	PeriodClock *clock = &call->clock;
	int64		at;

	crm_period_clock_options(clock, fcinfo, unit_arg, zone_arg);
	if (state == NULL)
	{
		if (clock->unit == PERIOD_24H)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("unit \"24h\" needs all events of a customer together"),
					 errhint("Use crm_activity_agg with GROUP BY customer, and crm_retention over its result.")));
		state = (CountsState *) MemoryContextAllocZero(context, sizeof(CountsState));
		state->table = crm_customer_activity_create(context, call->customer_type,
													PG_GET_COLLATION(), clock->unit,
													clock->zone_hash);
	}
	else
	{
		if (unlikely(state->table->unit != clock->unit))
			crm_option_varies_error("unit");
		if (unlikely(state->table->zone_hash != clock->zone_hash))
			crm_option_varies_error("time zone");
	}

	at = crm_period_clock_time(clock, PG_GETARG_DATUM(ARG_TS));
	crm_customer_activity_add(state->table, PG_GETARG_DATUM(ARG_CUSTOMER),
							  crm_period_of_day(clock->unit, crm_period_clock_day(clock, at)));
	return state;
}

/*
 * crm_retention_counts_transfn(internal, customer anyelement, ts,
 *		periods integer [, mode text [, unit text [, time_zone text]]])
 * -> internal
 *
 * Adds an event; one with a NULL customer or time is skipped.
 */
Datum
crm_retention_counts_transfn(PG_FUNCTION_ARGS)
{
	CountsState *state = PG_ARGISNULL(0) ? NULL : (CountsState *) PG_GETARG_POINTER(0);
	CountsCall *call;
	bool		is_new = state == NULL;

	(void) crm_agg_context(fcinfo, "crm_retention_counts_transfn");
	call = counts_call(fcinfo);
	(void) crm_retention_options(&call->options, fcinfo, ARG_OPTION);
	if (PG_ARGISNULL(ARG_CUSTOMER) || PG_ARGISNULL(ARG_TS))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}

	state = add_event(fcinfo, state, call, RETENTION_ARG_UNIT, RETENTION_ARG_ZONE);
	call->options.spec.unit = state->table->unit;
	if (is_new)
		state->spec = call->options.spec;
	else
		crm_retention_check_spec(&state->spec, &call->options.spec);
	PG_RETURN_POINTER(state);
}

/*
 * crm_active_customer_counts_transfn(internal, customer anyelement, ts,
 *		window integer [, unit text [, time_zone text]])
 * -> internal
 *
 * Adds an event; one with a NULL customer or time is skipped.
 */
Datum
crm_active_customer_counts_transfn(PG_FUNCTION_ARGS)
{
	CountsState *state = PG_ARGISNULL(0) ? NULL : (CountsState *) PG_GETARG_POINTER(0);
	CountsCall *call;
	int32		window;

	(void) crm_agg_context(fcinfo, "crm_active_customer_counts_transfn");
	call = counts_call(fcinfo);
	if (PG_ARGISNULL(ARG_OPTION))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("window of active customers must not be null"),
				 errhint("Pass its length in periods.")));
	window = crm_active_check_window(PG_GETARG_INT32(ARG_OPTION));
	if (PG_ARGISNULL(ARG_CUSTOMER) || PG_ARGISNULL(ARG_TS))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}

	if (state != NULL && state->window != window)
		crm_option_varies_error("window");
	state = add_event(fcinfo, state, call, ACTIVE_ARG_UNIT, ACTIVE_ARG_ZONE);
	state->window = window;
	PG_RETURN_POINTER(state);
}

/*
 * crm_customer_counts_combinefn(internal, internal) -> internal
 */
Datum
crm_customer_counts_combinefn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_customer_counts_combinefn");
	CountsState *into = PG_ARGISNULL(0) ? NULL : (CountsState *) PG_GETARG_POINTER(0);
	CountsState *from = PG_ARGISNULL(1) ? NULL : (CountsState *) PG_GETARG_POINTER(1);

	if (from == NULL)
	{
		if (into == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(into);
	}
	if (into == NULL)
	{
		into = (CountsState *) MemoryContextAlloc(context, sizeof(CountsState));
		*into = *from;
		into->table = crm_customer_activity_create(context, from->table->customers.type,
												   from->table->customers.collation,
												   from->table->unit,
												   from->table->zone_hash);
	}
	else
	{
		if (into->window != from->window)
			crm_option_varies_error("window");
		if (into->spec.n_cells > 0)
			crm_retention_check_spec(&into->spec, &from->spec);
		if (into->table->unit != from->table->unit)
			crm_option_varies_error("unit");
		if (into->table->zone_hash != from->table->zone_hash)
			crm_option_varies_error("time zone");
	}
	crm_customer_activity_merge(into->table, from->table);
	PG_RETURN_POINTER(into);
}

/*
 * crm_customer_counts_serialfn(internal) -> bytea
 */
Datum
crm_customer_counts_serialfn(PG_FUNCTION_ARGS)
{
	CountsState *state = (CountsState *) PG_GETARG_POINTER(0);
	StringInfoData buf;

	(void) crm_agg_context(fcinfo, "crm_customer_counts_serialfn");
	crm_serial_begin(&buf, COUNTS_SERIAL_VERSION);
	pq_sendint32(&buf, state->spec.unit);
	pq_sendint32(&buf, state->spec.mode);
	pq_sendint32(&buf, state->spec.n_cells);
	pq_sendint32(&buf, state->window);
	crm_customer_activity_write(&buf, state->table);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_customer_counts_deserialfn(bytea, internal) -> internal
 */
Datum
crm_customer_counts_deserialfn(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	CountsState *state = (CountsState *) palloc0(sizeof(CountsState));

	(void) crm_agg_context(fcinfo, "crm_customer_counts_deserialfn");
	(void) crm_deserial_begin(&buf, PG_GETARG_BYTEA_PP(0), COUNTS_SERIAL_VERSION, STATE_NAME);
	state->spec.unit = (PeriodUnit) pq_getmsgint(&buf, 4);
	state->spec.mode = (RetentionMode) pq_getmsgint(&buf, 4);
	state->spec.n_cells = (int32) pq_getmsgint(&buf, 4);
	state->window = (int32) pq_getmsgint(&buf, 4);
	state->table = crm_customer_activity_read(CurrentMemoryContext, &buf, STATE_NAME);
	crm_deserial_end(&buf, STATE_NAME);
	PG_RETURN_POINTER(state);
}

static void
visit_retention(void *target, const Activity *activity)
{
	crm_retention_state_count((RetentionState *) target, activity_first(activity), activity);
}

/*
 * crm_retention_counts_finalfn(internal) -> crm_retention_summary
 *
 * NULL if no event counted.
 */
Datum
crm_retention_counts_finalfn(PG_FUNCTION_ARGS)
{
	CountsState *state = PG_ARGISNULL(0) ? NULL : (CountsState *) PG_GETARG_POINTER(0);
	RetentionState *retention;

	(void) crm_agg_context(fcinfo, "crm_retention_counts_finalfn");
	if (state == NULL)
		PG_RETURN_NULL();
	retention = crm_retention_state_create(CurrentMemoryContext, &state->spec);
	crm_customer_activity_visit(state->table, visit_retention, retention);
	PG_RETURN_POINTER(crm_retention_state_value(retention));
}

static void
visit_active(void *target, const Activity *activity)
{
	crm_active_add((ActiveCustomers *) target, activity);
}

/*
 * crm_active_customer_counts_finalfn(internal) -> crm_period_customers[]
 *
 * NULL if no event counted.
 */
Datum
crm_active_customer_counts_finalfn(PG_FUNCTION_ARGS)
{
	CountsState *state = PG_ARGISNULL(0) ? NULL : (CountsState *) PG_GETARG_POINTER(0);
	ActiveCustomers *active;

	(void) crm_agg_context(fcinfo, "crm_active_customer_counts_finalfn");
	if (state == NULL)
		PG_RETURN_NULL();
	active = crm_active_create(CurrentMemoryContext, state->table->unit, state->window);
	crm_customer_activity_visit(state->table, visit_active, active);
	PG_RETURN_DATUM(crm_active_rows(fcinfo, active));
}
