/*-------------------------------------------------------------------------
 *
 * contract_agg.c
 *	  Fitting models of contracts, from customers or from counts of survivors.
 *
 * Both become rows for the fit that all models share: a customer with x
 * renewals is the history x, x, T with T = x + 1 if the next renewal was
 * refused and T = x if it has not come up yet.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "src/clv/btyd_agg.h"
#include "src/clv/btyd_data.h"
#include "src/clv/discrete.h"
#include "src/common/args.h"

PG_FUNCTION_INFO_V1(crm_contract_fit_transfn);
PG_FUNCTION_INFO_V1(crm_btyd_fit_survivors);

static void add_customers(HistoryTable *table, double renewals, bool churned,
						  double weight);

static void
add_customers(HistoryTable *table, double renewals, bool churned, double weight)
{
	BtydHistory h;

	h.x = h.t_x = renewals;
	h.T = churned ? renewals + 1 : renewals;
	crm_history_table_add(table, &h, weight);
}

/*
 * crm_contract_fit_transfn(internal, model text, renewals bigint,
 *		churned boolean [, weight [, time_unit [, options jsonb]]]) -> internal
 *
 * The state and the other support functions are those of crm_btyd_fit for
 * purchases.  A row with NULL renewals, churned or weight is skipped.
 */
Datum
crm_contract_fit_transfn(PG_FUNCTION_ARGS)
{
	BtydAggState *state = crm_btyd_agg_state(fcinfo, "crm_contract_fit_transfn");
	int64		renewals;
	double		weight = 1;
	const Interval *time_unit = NULL;

	crm_btyd_agg_start(fcinfo, state, PG_NARGS() > 6 ? 6 : -1);
	crm_check_contract_kind((BtydKind) state->kind);

	if (PG_ARGISNULL(2) || PG_ARGISNULL(3) || (PG_NARGS() > 4 && PG_ARGISNULL(4)))
		PG_RETURN_POINTER(state);
	renewals = PG_GETARG_INT64(2);
	if (renewals < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("renewals must not be negative, got " INT64_FORMAT,
						renewals),
				 errhint("A customer who left at the first renewal has 0 renewals.")));
	if (PG_NARGS() > 4)
	{
		weight = PG_GETARG_FLOAT8(4);
		/* a weight of zero is a customer that does not exist */
		if (weight == 0)
			PG_RETURN_POINTER(state);
		crm_check_weight(weight);
	}
	if (PG_NARGS() > 5 && !PG_ARGISNULL(5))
		time_unit = PG_GETARG_INTERVAL_P(5);
	crm_history_table_unit(state->table,
						   crm_kind_unit_days((BtydKind) state->kind, time_unit));
	add_customers(state->table, (double) renewals, PG_GETARG_BOOL(3), weight);
	PG_RETURN_POINTER(state);
}

/*
 * crm_btyd_fit(model text, survivors float8[], time_unit interval,
 *				options jsonb) -> crm_btyd_model
 *
 * survivors[1] customers at the start, survivors[i + 1] of them left after i
 * renewals.  NULL when the model or the array is NULL or nobody started; a NULL
 * time_unit is a year, NULL options none.
 */
Datum
crm_btyd_fit_survivors(PG_FUNCTION_ARGS)
{
	BtydKind	kind;
	ArrayType  *array;
	HistoryTable *table;
	const double *survivors;
	const Interval *time_unit = PG_ARGISNULL(2) ? NULL : PG_GETARG_INTERVAL_P(2);
	Jsonb	   *options = PG_ARGISNULL(3) ? NULL : PG_GETARG_JSONB_P(3);
	int			n;
	int			i;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	kind = crm_btyd_kind_named(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	crm_check_contract_kind(kind);
	array = PG_GETARG_ARRAYTYPE_P(1);
	n = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	if (ARR_NDIM(array) != 1 || n < 2 || array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("survivors must be an array of two or more numbers, none of them null"),
				 errhint("The first is how many customers there were at the start, the next how many after one renewal.")));
	survivors = (const double *) ARR_DATA_PTR(array);
	for (i = 0; i < n; i++)
	{
		crm_check_number(survivors[i], "number of survivors",
						 "It is how many customers are left after each renewal.");
		if (i > 0 && survivors[i] > survivors[i - 1])
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("number of survivors must not increase, got %g after %g",
							survivors[i], survivors[i - 1]),
					 errhint("Count the customers of one cohort who are left. Several cohorts are fitted together from rows (renewals, churned, weight).")));
	}
	if (survivors[0] == 0)
		PG_RETURN_NULL();

	table = crm_history_table_create(CurrentMemoryContext, n);
	for (i = 1; i < n; i++)
	{
		if (survivors[i] < survivors[i - 1])
			add_customers(table, i - 1, true, survivors[i - 1] - survivors[i]);
	}
	if (survivors[n - 1] > 0)
		add_customers(table, n - 1, false, survivors[n - 1]);
	PG_RETURN_POINTER(crm_btyd_fit_model(kind, options,
										 crm_kind_unit_days(kind, time_unit), NAN,
										 crm_history_rows(table), table->set.n_rows));
}
