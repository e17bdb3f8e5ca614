/*-------------------------------------------------------------------------
 *
 * spend_agg.c
 *	  The aggregate crm_spend_fit: the Gamma-Gamma model of spend per
 *	  purchase, fitted to customers.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "src/clv/btyd_data.h"
#include "src/clv/clv_host.h"
#include "src/clv/rfm.h"
#include "src/clv/spend_model.h"
#include "src/common/aggstate.h"
#include "src/common/args.h"
#include "src/math/exact_sum.h"

#define STATE_VERSION 1
#define STATE_WHAT "crm_spend_fit state"

/* The model assumes that frequency and spend are independent. */
#define CORRELATION_NOTICE 0.3

/*
 * Rows are kept in a HistoryTable: x is the paid frequency, t_x the mean
 * amount, T zero.
 */
typedef struct SpendAggState
{
	Jsonb	   *options;		/* of the fit, or NULL */
	bool		started;		/* options are those of the first row */
	HistoryTable *table;
} SpendAggState;

PG_FUNCTION_INFO_V1(crm_spend_fit_transfn);
PG_FUNCTION_INFO_V1(crm_spend_fit_combinefn);
PG_FUNCTION_INFO_V1(crm_spend_fit_serialfn);
PG_FUNCTION_INFO_V1(crm_spend_fit_deserialfn);
PG_FUNCTION_INFO_V1(crm_spend_fit_finalfn);

static SpendAggState *agg_state(FunctionCallInfo fcinfo, const char *function);
static void take_options(SpendAggState *state, Jsonb *options);
static double correlation(const BtydRow *rows, uint32 n_rows);

static SpendAggState *
agg_state(FunctionCallInfo fcinfo, const char *function)
{
	MemoryContext context = crm_agg_context(fcinfo, function);
	SpendAggState *state;

	if (!PG_ARGISNULL(0))
		return (SpendAggState *) PG_GETARG_POINTER(0);
	state = (SpendAggState *) MemoryContextAllocZero(context, sizeof(SpendAggState));
	state->table = crm_history_table_create(context, 0);
	return state;
}

/*
 * Keep the options of the first row; refuse others after it.
 */
static void
take_options(SpendAggState *state, Jsonb *options)
{
	if (!state->started)
	{
		BtydFitOptions parsed;

		crm_fit_options_parse(options, SPEND_PARAMS, crm_spend_param_name, NULL,
							  0, &parsed);
		if (parsed.weak_prior)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("prior \"weak\" is for models of purchases"),
					 errhint("Name parameters, such as {\"prior\": {\"q\": [4, 1]}}.")));
		if (options != NULL)
		{
			state->options = (Jsonb *) MemoryContextAlloc(state->table->set.context,
														  VARSIZE(options));
			memcpy(state->options, options, VARSIZE(options));
		}
		state->started = true;
	}
	else if (!crm_same_options(state->options, options))
		crm_option_varies_error("fit options");
}

/*
 * crm_spend_fit_transfn(internal, rfm crm_rfm [, options jsonb])
 * crm_spend_fit_transfn(internal, frequency, monetary [, weight [, options jsonb]])
 *
 * Skips customers without a paid repeat purchase: they say nothing of spend.
 */
Datum
crm_spend_fit_transfn(PG_FUNCTION_ARGS)
{
	SpendAggState *state = agg_state(fcinfo, "crm_spend_fit_transfn");
	bool		is_rfm = PG_NARGS() == 2 || get_fn_expr_argtype(fcinfo->flinfo, 2) == JSONBOID;
	int			options_arg = is_rfm ? 2 : 4;
	BtydHistory row = {0};
	double		weight = 1;
	Jsonb	   *options = NULL;

	if (PG_NARGS() > options_arg && !PG_ARGISNULL(options_arg))
		options = PG_GETARG_JSONB_P(options_arg);
	take_options(state, options);

	if (is_rfm)
	{
		RfmHistory	rfm;

		if (fcinfo->flinfo->fn_extra == NULL)
			fcinfo->flinfo->fn_extra =
				MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(RfmReader));
		if (PG_ARGISNULL(1) ||
			!crm_rfm_read((RfmReader *) fcinfo->flinfo->fn_extra,
						  fcinfo->flinfo->fn_mcxt, PG_GETARG_DATUM(1), &rfm))
			PG_RETURN_POINTER(state);
		row.x = rfm.paid_frequency;
		row.t_x = rfm.monetary;
	}
	else
	{
		if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || (PG_NARGS() > 3 && PG_ARGISNULL(3)))
			PG_RETURN_POINTER(state);
		row.x = PG_GETARG_FLOAT8(1);
		row.t_x = PG_GETARG_FLOAT8(2);
		if (PG_NARGS() > 3)
			weight = PG_GETARG_FLOAT8(3);
		crm_check_count(row.x, "frequency",
						"Frequency is the number of paid repeat purchases, the first one not counted.");
		crm_check_number(row.t_x, "monetary",
						 "Monetary is the mean amount of the paid repeat purchases.");
		if (weight == 0)
			PG_RETURN_POINTER(state);
		crm_check_weight(weight);
	}
	if (row.x > 0 && row.t_x > 0)
		crm_history_table_add(state->table, &row, weight);
	else if (row.x > 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("monetary must be positive where frequency is, got %g", row.t_x),
				 errhint("Count only repeat purchases with a positive amount in frequency, and take the mean of those.")));
	PG_RETURN_POINTER(state);
}

/*
 * crm_spend_fit_combinefn(internal, internal) -> internal
 */
Datum
crm_spend_fit_combinefn(PG_FUNCTION_ARGS)
{
	SpendAggState *into = agg_state(fcinfo, "crm_spend_fit_combinefn");
	SpendAggState *from;

	if (PG_ARGISNULL(1))
		PG_RETURN_POINTER(into);
	from = (SpendAggState *) PG_GETARG_POINTER(1);
	if (from->started)
		take_options(into, from->options);
	crm_history_table_merge(into->table, from->table);
	PG_RETURN_POINTER(into);
}

/*
 * crm_spend_fit_serialfn(internal) -> bytea
 */
Datum
crm_spend_fit_serialfn(PG_FUNCTION_ARGS)
{
	SpendAggState *state = (SpendAggState *) PG_GETARG_POINTER(0);
	StringInfoData buf;

	(void) crm_agg_context(fcinfo, "crm_spend_fit_serialfn");
	crm_serial_begin(&buf, STATE_VERSION);
	pq_sendbyte(&buf, state->started);
	crm_options_write(&buf, state->options);
	crm_history_table_write(&buf, state->table);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_spend_fit_deserialfn(bytea, internal) -> internal
 */
Datum
crm_spend_fit_deserialfn(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	SpendAggState *state;

	(void) crm_agg_context(fcinfo, "crm_spend_fit_deserialfn");
	(void) crm_deserial_begin(&buf, PG_GETARG_BYTEA_PP(0), STATE_VERSION, STATE_WHAT);
	state = (SpendAggState *) palloc0(sizeof(SpendAggState));
	state->started = pq_getmsgbyte(&buf) != 0;
	state->options = crm_options_read(&buf);
	state->table = crm_history_table_read(CurrentMemoryContext, &buf, STATE_WHAT);
	crm_deserial_end(&buf, STATE_WHAT);
	PG_RETURN_POINTER(state);
}

/*
 * Weighted correlation of frequency and mean amount, in two passes so that
 * nothing cancels; NaN when either does not vary, and of two rows, which is
 * always 1 or -1.
 */
static double
correlation(const BtydRow *rows, uint32 n_rows)
{
	ExactSum	weight = EXACT_SUM_ZERO;
	ExactSum	sum_x = EXACT_SUM_ZERO;
	ExactSum	sum_m = EXACT_SUM_ZERO;
	ExactSum	xx = EXACT_SUM_ZERO;
	ExactSum	mm = EXACT_SUM_ZERO;
	ExactSum	xm = EXACT_SUM_ZERO;
	double		mean_x;
	double		mean_m;
	double		result;
	uint32		i;

	for (i = 0; i < n_rows; i++)
	{
		exact_sum_add(&weight, rows[i].weight);
		exact_sum_add(&sum_x, rows[i].weight * rows[i].h.x);
		exact_sum_add(&sum_m, rows[i].weight * rows[i].h.t_x);
		CHECK_FOR_INTERRUPTS();
	}
	mean_x = exact_sum_value(&sum_x) / exact_sum_value(&weight);
	mean_m = exact_sum_value(&sum_m) / exact_sum_value(&weight);
	for (i = 0; i < n_rows; i++)
	{
		double		dx = rows[i].h.x - mean_x;
		double		dm = rows[i].h.t_x - mean_m;

		exact_sum_add(&xx, rows[i].weight * dx * dx);
		exact_sum_add(&mm, rows[i].weight * dm * dm);
		exact_sum_add(&xm, rows[i].weight * dx * dm);
		CHECK_FOR_INTERRUPTS();
	}
	if (n_rows < 3 || !(exact_sum_value(&xx) > 0) || !(exact_sum_value(&mm) > 0))
		return (double) NAN;
	result = exact_sum_value(&xm) /
		(sqrt(exact_sum_value(&xx)) * sqrt(exact_sum_value(&mm)));
	return Max(-1.0, Min(1.0, result));
}

/*
 * crm_spend_fit_finalfn(internal) -> crm_spend_model, NULL without rows
 *
 * A NOTICE says when frequency and spend are correlated.
 */
Datum
crm_spend_fit_finalfn(PG_FUNCTION_ARGS)
{
	SpendAggState *state;
	HistoryTable *table;
	BtydFitOptions options;
	SpendFit	fit;
	SpendRow   *rows;
	MemoryContext fit_context;
	MemoryContext old_context;
	double		r;
	uint32		i;

	(void) crm_agg_context(fcinfo, "crm_spend_fit_finalfn");
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (SpendAggState *) PG_GETARG_POINTER(0);
	table = state->table;
	if (table->set.n_rows == 0)
		PG_RETURN_NULL();

	crm_fit_options_parse(state->options, SPEND_PARAMS, crm_spend_param_name, NULL,
						  0, &options);
	fit_context = AllocSetContextCreate(CurrentMemoryContext, "crm_spend_fit",
										ALLOCSET_DEFAULT_SIZES);
	old_context = MemoryContextSwitchTo(fit_context);
	rows = (SpendRow *) MemoryContextAllocHuge(fit_context,
											   (Size) table->set.n_rows * sizeof(SpendRow));
	for (i = 0; i < table->set.n_rows; i++)
	{
		rows[i].x = crm_history_rows(table)[i].h.x;
		rows[i].m = crm_history_rows(table)[i].h.t_x;
		rows[i].weight = crm_history_rows(table)[i].weight;
	}
	crm_spend_fit_rows(rows, table->set.n_rows, &options, &crm_math_host, &fit);
	MemoryContextSwitchTo(old_context);
	MemoryContextDelete(fit_context);

	r = correlation(crm_history_rows(table), table->set.n_rows);
	if (fabs(r) > CORRELATION_NOTICE)
		ereport(NOTICE,
				(errmsg("frequency and spend are correlated (%.2f)", r),
				 errhint("The Gamma-Gamma model assumes that they are not: fit segments apart, or read its predictions with care.")));
	PG_RETURN_POINTER(crm_spend_model_make(&fit,
										   crm_btyd_total_weight(crm_history_rows(table), table->set.n_rows),
										   table->set.n_rows, r, options.has_prior));
}
