/*-------------------------------------------------------------------------
 *
 * funnel_counts.c
 *	  Funnels of many customers in one aggregate, without GROUP BY customer:
 *	  crm_funnel_counts, and crm_funnel_report over events.
 *
 * The answer is that of crm_funnel for each customer; only events by name are
 * taken, and none can be wide (see funnel_state.c).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "src/common/aggstate.h"
#include "src/common/args.h"
#include "src/journey/customer_events.h"
#include "src/journey/funnel_call.h"
#include "src/journey/funnel_report.h"

#define STATE_VERSION 1
#define STATE_WHAT "crm_funnel_counts state"

typedef struct CountsState
{
	FunnelPlan *plan;
	CustomerEvents *table;
} CountsState;

PG_FUNCTION_INFO_V1(crm_funnel_counts_transfn);
PG_FUNCTION_INFO_V1(crm_funnel_counts_transfn_report);
PG_FUNCTION_INFO_V1(crm_funnel_counts_combinefn);
PG_FUNCTION_INFO_V1(crm_funnel_counts_serialfn);
PG_FUNCTION_INFO_V1(crm_funnel_counts_deserialfn);
PG_FUNCTION_INFO_V1(crm_funnel_counts_finalfn);
PG_FUNCTION_INFO_V1(crm_funnel_counts_finalfn_report);

static inline Datum transfn(FunctionCallInfo fcinfo, bool all_customers);
static CountsState *new_state(FunctionCallInfo fcinfo, FunnelPlan *plan, Oid type,
							  Oid collation);
static void same_plan(const CountsState *state, const FunnelPlan *plan);
static void search_all(const CountsState *state, int64 *reached, ReportState *report);

static CountsState *
new_state(FunctionCallInfo fcinfo, FunnelPlan *plan, Oid type, Oid collation)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_funnel_counts");
	CountsState *state = (CountsState *) MemoryContextAlloc(context, sizeof(CountsState));

	state->plan = plan;
	state->table = crm_customer_events_create(context, type, collation);
	return state;
}

static void
same_plan(const CountsState *state, const FunnelPlan *plan)
{
	if (state->plan != plan &&
		!crm_funnel_plan_is(state->plan, plan->def, plan->time, plan->n_conditions))
		crm_option_varies_error("the funnel's definition");
}

/*
 * A report counts customers without any step too, counts do not need them.
 */
static inline Datum
transfn(FunctionCallInfo fcinfo, bool all_customers)
{
	CountsState *state = PG_ARGISNULL(0) ? NULL : (CountsState *) PG_GETARG_POINTER(0);
	FunnelRow	row;

	if (!PG_ARGISNULL(1) && crm_funnel_read_row(fcinfo, FUNNEL_FORM_EVENT, 2, &row))
	{
		bool		keep = row.mask != 0 || row.plan->keep_foreign;

		if (state == NULL)
			state = new_state(fcinfo, row.plan, get_fn_expr_argtype(fcinfo->flinfo, 1),
							  PG_GET_COLLATION());
		else if (unlikely(state->plan != row.plan))
			same_plan(state, row.plan);
		if (keep || all_customers)
		{
			if (unlikely(row.ts <= -FUNNEL_KEY_LIMIT || row.ts >= FUNNEL_KEY_LIMIT))
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("time of an event is too far from zero"),
						 errhint("Group by customer with crm_funnel, which takes all times.")));
			if (keep)
				crm_customer_events_add(state->table, PG_GETARG_DATUM(1),
										row.ts * (1 << FUNNEL_CODE_BITS) + row.code);
			else
				(void) crm_customer_table_find(&state->table->customers, PG_GETARG_DATUM(1));
		}
	}
	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(state);
}

/*
 * crm_funnel_counts_transfn(internal, customer anyelement, crm_funnel_def, ts,
 *							 event text) -> internal
 */
Datum
crm_funnel_counts_transfn(PG_FUNCTION_ARGS)
{
	return transfn(fcinfo, false);
}

/*
 * crm_funnel_counts_transfn_report(internal, customer anyelement,
 *									crm_funnel_def, ts, event text) -> internal
 */
Datum
crm_funnel_counts_transfn_report(PG_FUNCTION_ARGS)
{
	return transfn(fcinfo, true);
}

/*
 * crm_funnel_counts_combinefn(internal, internal) -> internal
 */
Datum
crm_funnel_counts_combinefn(PG_FUNCTION_ARGS)
{
	CountsState *into = PG_ARGISNULL(0) ? NULL : (CountsState *) PG_GETARG_POINTER(0);
	CountsState *from = PG_ARGISNULL(1) ? NULL : (CountsState *) PG_GETARG_POINTER(1);

	if (from != NULL)
	{
		if (into == NULL)
			into = new_state(fcinfo, from->plan, from->table->customers.type,
							 from->table->customers.collation);
		else
			same_plan(into, from->plan);
		crm_customer_events_merge(into->table, from->table);
	}
	if (into == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(into);
}

/*
 * crm_funnel_counts_serialfn(internal) -> bytea
 */
Datum
crm_funnel_counts_serialfn(PG_FUNCTION_ARGS)
{
	CountsState *state = (CountsState *) PG_GETARG_POINTER(0);
	StringInfoData buf;

	(void) crm_agg_context(fcinfo, "crm_funnel_counts_serialfn");
	crm_serial_begin(&buf, STATE_VERSION);
	crm_funnel_plan_write(&buf, state->plan);
	crm_customer_events_write(&buf, state->table);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_funnel_counts_deserialfn(bytea, internal) -> internal
 */
Datum
crm_funnel_counts_deserialfn(PG_FUNCTION_ARGS)
{
	CountsState *state = (CountsState *) palloc(sizeof(CountsState));
	StringInfoData buf;

	(void) crm_agg_context(fcinfo, "crm_funnel_counts_deserialfn");
	(void) crm_deserial_begin(&buf, PG_GETARG_BYTEA_PP(0), STATE_VERSION, STATE_WHAT);
	state->plan = crm_funnel_plan_read(fcinfo, &buf, STATE_WHAT);
	state->table = crm_customer_events_read(CurrentMemoryContext, &buf, STATE_WHAT);
	crm_deserial_end(&buf, STATE_WHAT);
	PG_RETURN_POINTER(state);
}

/*
 * Search each customer's events; count levels, or report chains.
 */
static void
search_all(const CountsState *state, int64 *reached, ReportState *report)
{
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "crm_funnel_counts",
												  ALLOCSET_DEFAULT_SIZES);
	int64	   *keys = NULL;
	uint32		max_keys = 0;
	uint32		at = 0;
	const CustomerEntry *entry;

	crm_customer_events_flush(state->table);
	while ((entry = crm_customer_table_next(&state->table->customers, &at)) != NULL)
	{
		FunnelChain chain;
		MemoryContext old_context;
		int			step;

		CHECK_FOR_INTERRUPTS();
		if (entry->n > max_keys || keys == NULL)
		{
			if (keys != NULL)
				pfree(keys);
			max_keys = pg_nextpower2_32(Max(entry->n, 1024));
			keys = (int64 *) MemoryContextAllocHuge(CurrentMemoryContext,
													(Size) max_keys * sizeof(int64));
		}
		crm_customer_events_copy(entry, keys);

		old_context = MemoryContextSwitchTo(scratch);
		crm_funnel_search_words(state->plan, keys, entry->n, report != NULL, &chain);
		if (report != NULL)
		{
			int64		instants[FUNNEL_MAX_STEPS];
			bool		nulls[FUNNEL_MAX_STEPS];

			crm_funnel_instants(state->plan, &chain, instants);
			for (step = 1; step <= FUNNEL_MAX_STEPS; step++)
				nulls[step - 1] = (chain.reached & STEP_BIT(step)) == 0;
			crm_report_state_chain(report, chain.level, chain.excluded, instants, nulls,
								   FUNNEL_MAX_STEPS);
		}
		for (step = 0; reached != NULL && step < chain.level; step++)
			reached[step]++;
		MemoryContextSwitchTo(old_context);
		if (!MemoryContextIsEmpty(scratch))
			MemoryContextReset(scratch);
	}
	MemoryContextDelete(scratch);
}

/*
 * crm_funnel_counts_finalfn(internal) -> bigint[]
 *
 * For each step, the number of customers who reached it.
 */
Datum
crm_funnel_counts_finalfn(PG_FUNCTION_ARGS)
{
	CountsState *state;
	int64		reached[FUNNEL_MAX_STEPS] = {0};
	Datum		elems[FUNNEL_MAX_STEPS];
	int			i;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (CountsState *) PG_GETARG_POINTER(0);
	search_all(state, reached, NULL);
	for (i = 0; i < state->plan->n_steps; i++)
		elems[i] = Int64GetDatum(reached[i]);
	PG_RETURN_ARRAYTYPE_P(construct_array(elems, state->plan->n_steps, INT8OID,
										  sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

/*
 * crm_funnel_counts_finalfn_report(internal) -> crm_funnel_report
 */
Datum
crm_funnel_counts_finalfn_report(PG_FUNCTION_ARGS)
{
	ReportState *report;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	report = crm_report_state_create(CurrentMemoryContext);
	search_all((CountsState *) PG_GETARG_POINTER(0), NULL, report);
	if (report->customers == 0)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(crm_funnel_report_make(report));
}
