/*-------------------------------------------------------------------------
 *
 * retention_agg.c
 *	  The aggregate crm_retention of customers' activities, its rollup, and
 *	  the table that it is read as.
 *
 * A customer's cohort is the period of the first activity, or, where starting
 * and returning are different things, of the first start.  The end of the
 * observation is no part of the counts.  It decides which cells are known when
 * they are read.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "src/common/aggstate.h"
#include "src/common/args.h"
#include "src/math/proportion.h"
#include "src/retention/retention_options.h"
#include "src/retention/retention_summary.h"

#define RETENTION_SERIAL_VERSION 1
#define STATE_NAME "crm_retention state"
#define ROW_COLUMNS 9

/* What the transition function keeps in fn_extra */
typedef struct RetentionCall
{
	bool		has_returned;	/* there is a second activity */
	RetentionOptions options;
	const RetentionState *checked;	/* has the options of this call */
} RetentionCall;

PG_FUNCTION_INFO_V1(crm_retention_transfn);
PG_FUNCTION_INFO_V1(crm_retention_combinefn);
PG_FUNCTION_INFO_V1(crm_retention_serialfn);
PG_FUNCTION_INFO_V1(crm_retention_deserialfn);
PG_FUNCTION_INFO_V1(crm_retention_finalfn);
PG_FUNCTION_INFO_V1(crm_retention_rollup_transfn);
PG_FUNCTION_INFO_V1(crm_retention_rows);

static RetentionCall *retention_call(FunctionCallInfo fcinfo);
static void put_cell(ReturnSetInfo *rsinfo, const RetentionSummary *summary,
					 const int64 *cohort, int32 cell, int32 last_complete,
					 double conf_level);

static RetentionCall *
retention_call(FunctionCallInfo fcinfo)
{
	RetentionCall *call = (RetentionCall *) fcinfo->flinfo->fn_extra;

	if (call == NULL)
	{
		Oid			type = get_fn_expr_argtype(fcinfo->flinfo, 2);

		call = (RetentionCall *) MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt,
														sizeof(RetentionCall));
		call->has_returned = type != INT4OID && type != INT4ARRAYOID;
		fcinfo->flinfo->fn_extra = call;
	}
	return call;
}

/*
 * crm_retention_transfn(internal, [started,] activity crm_activity,
 *						 periods integer [, mode text] | bounds integer[])
 * -> internal
 *
 * Counts a customer.  One whose (first) activity is NULL or empty is skipped;
 * one who has started and whose second activity is NULL never returned.
 */
Datum
crm_retention_transfn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_retention_transfn");
	RetentionState *state = PG_ARGISNULL(0) ? NULL : (RetentionState *) PG_GETARG_POINTER(0);
	RetentionCall *call = retention_call(fcinfo);
	int			option_arg = call->has_returned ? 3 : 2;
	Activity   *started = PG_ARGISNULL(1) ? NULL : crm_activity_get(PG_GETARG_DATUM(1));
	Activity   *returned = started;
	PeriodUnit	unit;

	if (crm_retention_options(&call->options, fcinfo, option_arg))
		call->checked = NULL;
	if (started == NULL || started->n_words == 0)
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}

	unit = (PeriodUnit) started->header.flags;
	if (call->has_returned)
	{
		returned = PG_ARGISNULL(2) ? NULL : crm_activity_get_calendar(PG_GETARG_DATUM(2));
		if (unit == PERIOD_24H)
			(void) crm_activity_get_calendar(PG_GETARG_DATUM(1));
		if (returned != NULL)
			crm_activity_check_unit(unit, (PeriodUnit) returned->header.flags);
	}

	if (state == NULL)
	{
		call->options.spec.unit = unit;
		state = crm_retention_state_create(context, &call->options.spec);
		call->checked = state;
	}
	else if (unlikely(state != call->checked))
	{
		call->options.spec.unit = state->spec.unit;
		crm_retention_check_spec(&state->spec, &call->options.spec);
		call->checked = state;
	}
	crm_activity_check_unit(state->spec.unit, unit);

	crm_retention_state_count(state, activity_first(started), returned);
	PG_RETURN_POINTER(state);
}

/*
 * crm_retention_combinefn(internal, internal) -> internal
 */
Datum
crm_retention_combinefn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_retention_combinefn");
	RetentionState *into = PG_ARGISNULL(0) ? NULL : (RetentionState *) PG_GETARG_POINTER(0);
	RetentionState *from = PG_ARGISNULL(1) ? NULL : (RetentionState *) PG_GETARG_POINTER(1);

	if (from == NULL)
	{
		if (into == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(into);
	}
	if (into == NULL)
		into = crm_retention_state_create(context, &from->spec);
	crm_retention_state_merge(into, from);
	PG_RETURN_POINTER(into);
}

/*
 * crm_retention_serialfn(internal) -> bytea
 */
Datum
crm_retention_serialfn(PG_FUNCTION_ARGS)
{
	RetentionSummary *summary;
	StringInfoData buf;

	(void) crm_agg_context(fcinfo, "crm_retention_serialfn");
	summary = crm_retention_state_value((RetentionState *) PG_GETARG_POINTER(0));
	crm_serial_begin(&buf, RETENTION_SERIAL_VERSION);
	crm_retention_summary_write(&buf, summary);
	pfree(summary);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_retention_deserialfn(bytea, internal) -> internal
 */
Datum
crm_retention_deserialfn(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	RetentionSummary *summary;

	(void) crm_agg_context(fcinfo, "crm_retention_deserialfn");
	(void) crm_deserial_begin(&buf, PG_GETARG_BYTEA_PP(0), RETENTION_SERIAL_VERSION,
							  STATE_NAME);
	summary = crm_retention_summary_read(&buf);
	crm_deserial_end(&buf, STATE_NAME);
	PG_RETURN_POINTER(crm_retention_state_add_summary(CurrentMemoryContext, NULL, summary));
}

/*
 * crm_retention_finalfn(internal) -> crm_retention_summary
 *
 * NULL if no customer counted.
 */
Datum
crm_retention_finalfn(PG_FUNCTION_ARGS)
{
	(void) crm_agg_context(fcinfo, "crm_retention_finalfn");
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_POINTER(crm_retention_state_value((RetentionState *) PG_GETARG_POINTER(0)));
}

/*
 * crm_retention_rollup_transfn(internal, crm_retention_summary) -> internal
 *
 * Adds a summary; NULL is skipped.
 */
Datum
crm_retention_rollup_transfn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_retention_rollup_transfn");
	RetentionState *state = PG_ARGISNULL(0) ? NULL : (RetentionState *) PG_GETARG_POINTER(0);

	if (!PG_ARGISNULL(1))
		state = crm_retention_state_add_summary(context, state,
												crm_retention_summary_get(PG_GETARG_DATUM(1)));
	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(state);
}

/*
 * One cell as a row: cohort, period, period_to, customers, retained, share,
 * share_lower, share_upper, complete.
 */
static void
put_cell(ReturnSetInfo *rsinfo, const RetentionSummary *summary,
		 const int64 *cohort, int32 cell, int32 last_complete, double conf_level)
{
	Datum		values[ROW_COLUMNS];
	bool		nulls[ROW_COLUMNS] = {false};
	int64		from = cell;
	int64		to = cell;
	double		customers = (double) cohort[1];
	double		retained = (double) cohort[2 + cell];
	double		lower;
	double		upper;
	bool		complete;

	if (summary->mode == RETENTION_BRACKETS)
	{
		from = summary->data[cell];
		to = summary->data[cell + 1] - 1;
	}
	complete = cohort[0] + to <= last_complete;

	values[0] = DateADTGetDatum(crm_period_start((PeriodUnit) summary->unit, cohort[0]));
	values[1] = Int32GetDatum((int32) from);
	values[2] = Int32GetDatum((int32) to);
	nulls[2] = summary->mode == RETENTION_ON_OR_AFTER;
	values[3] = Int64GetDatum(cohort[1]);
	if (complete)
	{
		crm_proportion_interval(PROPORTION_WILSON, retained, customers, conf_level,
								&lower, &upper);
		values[4] = Int64GetDatum(cohort[2 + cell]);
		values[5] = Float8GetDatum(retained / customers);
		values[6] = Float8GetDatum(lower);
		values[7] = Float8GetDatum(upper);
	}
	else
		nulls[4] = nulls[5] = nulls[6] = nulls[7] = true;
	values[8] = BoolGetDatum(complete);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/*
 * crm_retention_rows(crm_retention_summary, observed_to date,
 *					  conf double precision)
 * -> set of (cohort, period, period_to, customers, retained, share,
 *			  share_lower, share_upper, complete)
 *
 * The cells, by cohort and period.  A cell whose last period has not ended by
 * the end of the day observed_to is not complete: its counts are NULL.
 * Cohorts that begin after that day are left out.
 */
Datum
crm_retention_rows(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	RetentionSummary *summary = crm_retention_summary_get(PG_GETARG_DATUM(0));
	DateADT		observed_to = crm_period_date_arg(PG_GETARG_DATEADT(1), "observation end");
	double		conf_level = PG_GETARG_FLOAT8(2);
	PeriodUnit	unit = (PeriodUnit) summary->unit;
	int32		last_complete = crm_period_last_complete(unit, observed_to);
	int32		last_begun = crm_period_of_day(unit, observed_to);
	const int64 *cohort = retention_summary_cohorts(summary);
	int32		i;
	int32		cell;

	crm_check_conf_level(conf_level);
	InitMaterializedSRF(fcinfo, 0);
	if (rsinfo->setDesc->natts != ROW_COLUMNS)
		elog(ERROR, "crm_retention_rows does not return %d columns", ROW_COLUMNS);

	for (i = 0; i < summary->n_cohorts && cohort[0] <= last_begun; i++)
	{
		CHECK_FOR_INTERRUPTS();
		for (cell = 0; cell < summary->n_cells; cell++)
			put_cell(rsinfo, summary, cohort, cell, last_complete, conf_level);
		cohort += summary->n_cells + 2;
	}
	return (Datum) 0;
}
