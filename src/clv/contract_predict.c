/*-------------------------------------------------------------------------
 *
 * contract_predict.c
 *	  What a model of contracts says: survival and retention, and how long and
 *	  how much a customer will still last.
 *
 * The mathematics is in src/math/contract*.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/timestamp.h"

#include "src/clv/btyd_model.h"
#include "src/clv/discrete.h"
#include "src/clv/rfm.h"
#include "src/common/args.h"
#include "src/math/beta_geometric.h"
#include "src/math/contract.h"
#include "src/math/probability.h"

PG_FUNCTION_INFO_V1(crm_retention_curve);
PG_FUNCTION_INFO_V1(crm_contract_survival);
PG_FUNCTION_INFO_V1(crm_discounted_lifetime);
PG_FUNCTION_INFO_V1(crm_discounted_residual_lifetime);
PG_FUNCTION_INFO_V1(crm_expected_residual_lifetime);
PG_FUNCTION_INFO_V1(crm_log_likelihood_contract);

static BtydModel *read_model(FunctionCallInfo fcinfo, BtydParams *params);
static double renewals_arg(FunctionCallInfo fcinfo, int arg);
static double horizon_arg(FunctionCallInfo fcinfo, int arg, double unit_days);
static void put_interval(const BtydModel *model, const ContractValue *log_value,
						 double z, Datum *values, bool *nulls);

static BtydModel *
read_model(FunctionCallInfo fcinfo, BtydParams *params)
{
	BtydModel  *model = crm_btyd_model_get(PG_GETARG_DATUM(0));

	crm_contract_model_params(model, params);
	return model;
}

static double
renewals_arg(FunctionCallInfo fcinfo, int arg)
{
	int			renewals = PG_GETARG_INT32(arg);

	crm_check_not_negative(renewals, "renewals");
	return renewals;
}

/*
 * How many renewals come up within a time given as float8 or interval, perhaps
 * an infinite one; infinity too where the function has no such argument.
 */
static double
horizon_arg(FunctionCallInfo fcinfo, int arg, double unit_days)
{
	double		t;

	if (PG_NARGS() <= arg)
		return INFINITY;
	if (get_fn_expr_argtype(fcinfo->flinfo, arg) == INTERVALOID)
		t = crm_interval_to_units(PG_GETARG_INTERVAL_P(arg), unit_days);
	else
	{
		t = PG_GETARG_FLOAT8(arg);
		if (isnan(t) || t < 0)
			crm_check_number(t, "horizon", HORIZON_HINT);
	}
	return isinf(t) ? t : crm_whole_periods(t);
}

/*
 * Put a probability, and the bounds of its interval where the model has a
 * covariance matrix, into three columns.
 *
 * The interval is made by the delta method for ln(-ln P), as is usual for
 * survival: it stays between 0 and 1, and is the same for the chance of leaving.
 */
static void
put_interval(const BtydModel *model, const ContractValue *log_value, double z,
			 Datum *values, bool *nulls)
{
	double		p = exp(log_value->value);
	double		lower = p;
	double		upper = p;
	int			i,
				j,
				k = 0;

	values[0] = Float8GetDatum(p);
	nulls[0] = false;
	nulls[1] = nulls[2] = !(model->header.flags & MODEL_HAS_COVARIANCE);
	if (nulls[1])
		return;
	if (log_value->value < 0 && p > 0)
	{
		int			n = crm_btyd_n_params((BtydKind) model->kind);
		double		variance = 0;
		double		factor;

		for (i = 0; i < n; i++)
		{
			for (j = 0; j <= i; j++)
				variance += (i == j ? 1 : 2) * model->covariance[k++] *
					log_value->slope[i] * log_value->slope[j];
		}
		factor = exp(z * sqrt(fmax(variance, 0)) / -log_value->value);
		lower = exp(log_value->value * factor);
		upper = exp(log_value->value / factor);
	}
	values[1] = Float8GetDatum(lower);
	values[2] = Float8GetDatum(upper);
}

/*
 * crm_retention_curve(model, periods integer, conf_level float8)
 *		-> setof (period, survival and its bounds, retention_rate and its
 *				  bounds)
 *
 * From period 0, before the first renewal, on: survival is the probability of
 * being there after that many renewals, retention_rate that of taking this
 * renewal for those who are still there.  Bounds are NULL without standard
 * errors.
 */
Datum
crm_retention_curve(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	BtydParams	params;
	BtydModel  *model = read_model(fcinfo, &params);
	int			periods = PG_GETARG_INT32(1);
	double		conf_level = PG_GETARG_FLOAT8(2);
	double		z;
	int			t;

	if (periods < 0 || periods > BTYD_MAX_OPPORTUNITIES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("periods must be from 0 to %d, got %d",
						BTYD_MAX_OPPORTUNITIES, periods)));
	crm_check_conf_level(conf_level);
	z = crm_normal_quantile(0.5 + conf_level / 2);

	InitMaterializedSRF(fcinfo, 0);
	for (t = 0; t <= periods; t++)
	{
		ContractValue value;
		Datum		values[7] = {0};
		bool		nulls[7];

		memset(nulls, true, sizeof(nulls));
		values[0] = Int32GetDatum(t);
		nulls[0] = false;
		crm_contract_survival_slopes(&params, 0, t, &value);
		put_interval(model, &value, z, &values[1], &nulls[1]);
		if (t > 0)
		{
			crm_contract_survival_slopes(&params, t - 1, 1, &value);
			put_interval(model, &value, z, &values[4], &nulls[4]);
		}
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		CHECK_FOR_INTERRUPTS();
	}
	return (Datum) 0;
}

/*
 * crm_contract_survival(model, renewals integer, t float8 | interval) -> float8
 *
 * The probability that a customer with so many renewals takes all those that
 * come up within t, too.
 */
Datum
crm_contract_survival(PG_FUNCTION_ARGS)
{
	BtydParams	params;
	BtydModel  *model = read_model(fcinfo, &params);
	double		renewals = renewals_arg(fcinfo, 1);
	double		t = horizon_arg(fcinfo, 2, model->unit_days);

	crm_check_number(t, "horizon", HORIZON_HINT);
	PG_RETURN_FLOAT8(exp(crm_contract_log_survival(&params, renewals, t)));
}

/*
 * crm_discounted_lifetime(model, annual_discount_rate [, horizon]) -> float8
 *
 * E[CLV] per unit of margin: the expected number of periods that a new
 * customer will pay for, the first one included and paid for at once, each
 * discounted to now.  The horizon counts renewals.
 */
Datum
crm_discounted_lifetime(PG_FUNCTION_ARGS)
{
	BtydParams	params;
	BtydModel  *model = read_model(fcinfo, &params);
	double		horizon = horizon_arg(fcinfo, 2, model->unit_days);
	double		delta = crm_check_discount(PG_GETARG_FLOAT8(1), model->unit_days,
										   horizon);

	PG_RETURN_FLOAT8(1 + exp(-delta) *
					 crm_contract_discounted(&params, 0, delta, horizon));
}

/*
 * crm_discounted_residual_lifetime(model, renewals integer,
 *									annual_discount_rate [, horizon]) -> float8
 *
 * DERL: the expected number of renewals to come of a customer with so many
 * behind, seen just before the next one is due, which is not discounted; those
 * after it are, to that time.
 */
Datum
crm_discounted_residual_lifetime(PG_FUNCTION_ARGS)
{
	BtydParams	params;
	BtydModel  *model = read_model(fcinfo, &params);
	double		renewals = renewals_arg(fcinfo, 1);
	double		horizon = horizon_arg(fcinfo, 3, model->unit_days);
	double		delta = crm_check_discount(PG_GETARG_FLOAT8(2), model->unit_days,
										   horizon);

	PG_RETURN_FLOAT8(crm_contract_discounted(&params, renewals, delta, horizon));
}

/*
 * crm_expected_residual_lifetime(model, renewals integer [, horizon])
 *		-> float8
 *
 * The expected number of renewals to come, not discounted.  NULL where it is
 * infinite: without a horizon when alpha (bdw: alpha c) is not above 1.
 */
Datum
crm_expected_residual_lifetime(PG_FUNCTION_ARGS)
{
	BtydParams	params;
	BtydModel  *model = read_model(fcinfo, &params);
	double		result;

	result = crm_contract_discounted(&params, renewals_arg(fcinfo, 1), 0,
									 horizon_arg(fcinfo, 2, model->unit_days));
	if (!isfinite(result))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(result);
}

/*
 * crm_log_likelihood(model, renewals integer, churned boolean) -> float8: one
 * contract
 */
Datum
crm_log_likelihood_contract(PG_FUNCTION_ARGS)
{
	BtydParams	params;
	BtydHistory h;

	(void) read_model(fcinfo, &params);
	h.x = h.t_x = renewals_arg(fcinfo, 1);
	h.T = PG_GETARG_BOOL(2) ? h.x + 1 : h.x;
	PG_RETURN_FLOAT8(crm_btyd_log_likelihood(&params, &h));
}
