/*-------------------------------------------------------------------------
 *
 * clv_value.c
 *	  Customer lifetime value: purchases to come times spend per purchase.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "utils/timestamp.h"

#include "src/clv/btyd_model.h"
#include "src/clv/discrete.h"
#include "src/clv/rfm.h"
#include "src/clv/spend_model.h"
#include "src/common/args.h"
#include "src/common/result.h"
#include "src/math/clv_value.h"

/* What these functions keep from call to call (in fn_extra) */
typedef struct ClvCall
{
	RfmReader	reader;
	TupleDesc	result;
} ClvCall;

/* A call's arguments, checked */
typedef struct ClvArgs
{
	ClvCall    *call;
	BtydModel  *model;
	BtydParams	params;
	SpendParams spend;
	RfmHistory	rfm;
	double		horizon;		/* in the model's time units */
	double		delta;			/* discount rate per time unit */
	double		paid;			/* paid repeat purchases */
	double		monetary;		/* their mean amount, 0 without any */
	double		margin;
} ClvArgs;

PG_FUNCTION_INFO_V1(crm_expected_spend);
PG_FUNCTION_INFO_V1(crm_clv);
PG_FUNCTION_INFO_V1(crm_clv_interval);

static ClvCall *clv_call(FunctionCallInfo fcinfo);
static bool read_args(FunctionCallInfo fcinfo, ClvArgs *args);

static ClvCall *
clv_call(FunctionCallInfo fcinfo)
{
	if (fcinfo->flinfo->fn_extra == NULL)
		fcinfo->flinfo->fn_extra =
			MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(ClvCall));
	return (ClvCall *) fcinfo->flinfo->fn_extra;
}

/*
 * crm_expected_spend(spend_model) -> float8: of a customer nothing is known of
 * crm_expected_spend(spend_model, rfm crm_rfm) -> float8
 * crm_expected_spend(spend_model, frequency, monetary) -> float8
 *
 * Expected spend per purchase.  frequency counts paid repeat purchases and
 * monetary is their mean amount, which may be NULL when frequency is 0.  NULL
 * where the model has no finite mean (q <= 1).
 */
Datum
crm_expected_spend(PG_FUNCTION_ARGS)
{
	SpendParams spend;
	double		x = 0;
	double		m = 0;
	double		result;

	if (PG_ARGISNULL(0) || (PG_NARGS() > 1 && PG_ARGISNULL(1)))
		PG_RETURN_NULL();
	crm_spend_model_params(crm_spend_model_get(PG_GETARG_DATUM(0)), &spend);
	if (PG_NARGS() == 2)
	{
		ClvCall    *call = clv_call(fcinfo);
		RfmHistory	rfm;

		if (!crm_rfm_read(&call->reader, fcinfo->flinfo->fn_mcxt,
						  PG_GETARG_DATUM(1), &rfm))
			PG_RETURN_NULL();
		x = rfm.paid_frequency;
		m = rfm.monetary;
	}
	else if (PG_NARGS() == 3)
	{
		x = PG_GETARG_FLOAT8(1);
		crm_check_count(x, "frequency",
						"Frequency is the number of paid repeat purchases, the first one not counted.");
		if (x > 0)
		{
			if (PG_ARGISNULL(2))
				PG_RETURN_NULL();
			m = PG_GETARG_FLOAT8(2);
			crm_check_number(m, "monetary",
							 "Monetary is the mean amount of the paid repeat purchases.");
			if (m == 0)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("monetary must be positive where frequency is, got %g", m),
						 errhint("Monetary is the mean amount of the paid repeat purchases.")));
		}
	}
	result = crm_spend_expected(&spend, x, x > 0 ? m : 0);
	if (!isfinite(result))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(result);
}

/*
 * Read model, spend_model, rfm, horizon, annual_discount_rate, margin.  False
 * when the history is a crm_rfm of NULLs.
 */
static bool
read_args(FunctionCallInfo fcinfo, ClvArgs *args)
{
	args->call = clv_call(fcinfo);
	args->model = crm_btyd_model_get(PG_GETARG_DATUM(0));
	crm_btyd_model_params(args->model, &args->params);
	crm_spend_model_params(crm_spend_model_get(PG_GETARG_DATUM(1)), &args->spend);
	if (!crm_rfm_read(&args->call->reader, fcinfo->flinfo->fn_mcxt,
					  PG_GETARG_DATUM(2), &args->rfm))
		return false;
	crm_check_same_unit(args->model, &args->rfm);
	args->horizon = crm_interval_to_units(PG_GETARG_INTERVAL_P(3),
										  args->model->unit_days);
	args->delta = crm_check_discount(PG_GETARG_FLOAT8(4), args->model->unit_days,
									 args->horizon);
	args->paid = args->rfm.paid_frequency;
	args->monetary = args->paid > 0 ? args->rfm.monetary : 0;
	args->margin = PG_GETARG_FLOAT8(5);
	crm_check_number(args->margin, "margin",
					 "Give the share of revenue that is profit, such as 0.3.");
	return true;
}

/*
 * crm_clv(model, spend_model, rfm, horizon, annual_discount_rate, margin)
 *		-> float8
 *
 * The expected margin of the purchases within the horizon after the end of
 * the observation, discounted to it, in the currency of the amounts.  What
 * was bought before is not in it.  NULL where the spend model has no finite
 * mean.
 */
Datum
crm_clv(PG_FUNCTION_ARGS)
{
	ClvArgs		args;
	double		mean;

	if (!read_args(fcinfo, &args))
		PG_RETURN_NULL();
	mean = crm_clv_mean(&args.params, &args.spend, &args.rfm.history, args.paid,
						args.monetary, args.horizon, args.delta);
	if (!isfinite(mean))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(crm_check_prediction(args.margin * mean));
}

/*
 * crm_clv_interval(model, spend_model, rfm, horizon, annual_discount_rate,
 *					margin, conf_level) -> crm_interval
 *
 * The central interval of what the customer will be worth: estimate is the
 * mean, as crm_clv gives it, std_error the standard deviation, lower and
 * upper the quantiles.  See src/math/clv_value.c.
 */
Datum
crm_clv_interval(PG_FUNCTION_ARGS)
{
	ClvArgs		args;
	double		conf_level;
	ClvDistribution value;
	CrmInterval result;

	if (!read_args(fcinfo, &args))
		PG_RETURN_NULL();
	conf_level = PG_GETARG_FLOAT8(6);
	crm_check_conf_level(conf_level);
	if (isinf(args.horizon))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("horizon of an interval must be finite"),
				 errhint("Use a horizon of some years, such as '5 years'.")));
	crm_check_opportunities(args.params.kind, args.horizon);

	crm_clv_distribution(&args.params, &args.spend, &args.rfm.history,
						 args.paid, args.monetary, args.horizon, args.delta, conf_level,
						 &value);
	result.n = -1;
	result.estimate = isfinite(value.mean) ?
		crm_check_prediction(args.margin * value.mean) : (double) NAN;
	result.std_error = args.margin * value.std_dev;
	result.lower = args.margin * value.lower;
	result.upper = args.margin * value.upper;
	result.conf_level = conf_level;
	PG_RETURN_DATUM(crm_interval_result(fcinfo, &args.call->result, &result));
}
