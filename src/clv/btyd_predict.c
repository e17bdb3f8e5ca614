/*-------------------------------------------------------------------------
 *
 * btyd_predict.c
 *	  What a purchase model says of a customer: alive or not, how many
 *	  purchases to come, and what they are worth today.
 *
 * Each SQL function has forms for a crm_rfm, for plain numbers (frequency,
 * recency, age), and for a new customer, with times as a number of the
 * model's time units or as an interval.  Which form it is follows from the
 * number of arguments and from two of their types, looked up once.  The
 * mathematics is in src/math.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "src/clv/btyd_data.h"
#include "src/clv/btyd_model.h"
#include "src/clv/discrete.h"
#include "src/clv/rfm.h"
#include "src/common/args.h"
#include "src/common/result.h"
#include "src/math/exact_sum.h"

/* What these functions keep from call to call (in fn_extra) */
typedef struct PredictCall
{
	int			first_arg;		/* after the model and the history */
	RfmReader	reader;
	TupleDesc	result;
} PredictCall;

/* A call's arguments, checked */
typedef struct PredictArgs
{
	PredictCall *call;
	BtydModel  *model;
	BtydParams	params;
	BtydHistory history;
	const BtydHistory *h;		/* &history, or NULL for a new customer */
	double		log_intervals;	/* of the history, NaN: not known */
} PredictArgs;

PG_FUNCTION_INFO_V1(crm_p_alive);
PG_FUNCTION_INFO_V1(crm_expected_purchases);
PG_FUNCTION_INFO_V1(crm_discounted_purchases);
PG_FUNCTION_INFO_V1(crm_purchases_pmf);
PG_FUNCTION_INFO_V1(crm_purchases_interval);
PG_FUNCTION_INFO_V1(crm_p_purchase);
PG_FUNCTION_INFO_V1(crm_expected_purchases_window);
PG_FUNCTION_INFO_V1(crm_next_purchase_quantile);
PG_FUNCTION_INFO_V1(crm_log_likelihood);

static bool read_args(FunctionCallInfo fcinfo, PredictArgs *args);
static double time_arg(FunctionCallInfo fcinfo, int arg, double unit_days);
static double finite_time_arg(FunctionCallInfo fcinfo, int arg, double unit_days);
static double discount_per_unit(double annual_rate, double unit_days);
static double log_of_times(const BtydParams *params, double log_intervals);
static Datum prediction(double value);

/* A function with arguments for plain numbers has at least so many. */
#define MIN_NUMBERS_ARGS 4

/* A next purchase later than this never comes. */
#define LATEST_YEARS 1e6

/*
 * Read the model and the history.  False when the history is a crm_rfm of
 * NULLs: the result is NULL then.
 */
static bool
read_args(FunctionCallInfo fcinfo, PredictArgs *args)
{
	PredictCall *call = (PredictCall *) fcinfo->flinfo->fn_extra;

	if (call == NULL)
	{
		call = (PredictCall *) MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt,
													  sizeof(PredictCall));
		if (PG_NARGS() > 1 &&
			type_is_rowtype(get_fn_expr_argtype(fcinfo->flinfo, 1)))
			call->first_arg = 2;
		else if (PG_NARGS() >= MIN_NUMBERS_ARGS)
			call->first_arg = 4;
		else
			call->first_arg = 1;
		fcinfo->flinfo->fn_extra = call;
	}

	args->call = call;
	args->model = crm_btyd_model_get(PG_GETARG_DATUM(0));
	crm_btyd_model_params(args->model, &args->params);
	args->h = NULL;
	if (call->first_arg == 2)
	{
		RfmHistory	rfm;

		if (!crm_rfm_read(&call->reader, fcinfo->flinfo->fn_mcxt,
						  PG_GETARG_DATUM(1), &rfm))
			return false;
		crm_check_same_unit(args->model, &rfm);
		args->history = rfm.history;
		args->h = &args->history;
		args->log_intervals = rfm.log_intervals;
	}
	else if (call->first_arg == 4)
	{
		args->history.x = PG_GETARG_FLOAT8(1);
		args->history.t_x = PG_GETARG_FLOAT8(2);
		args->history.T = PG_GETARG_FLOAT8(3);
		crm_check_history(&args->history);
		crm_check_kind_history(args->params.kind, &args->history);
		args->h = &args->history;
		args->log_intervals = args->history.x == 0 ? 0.0 : (double) NAN;
	}
	return true;
}

/*
 * A model and the history that it is applied to must count time alike: in the
 * same unit, and in whole opportunities where the model does.
 */
void
crm_check_same_unit(const BtydModel *model, const RfmHistory *rfm)
{
	if (rfm->unit_days != model->unit_days)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model has a time unit of %g days but the history one of %g days",
						model->unit_days, rfm->unit_days),
				 errhint("Pass the same time_unit to crm_rfm as for the model's data.")));
	crm_check_kind_history((BtydKind) model->kind, &rfm->history);
}

/*
 * A time span in the model's units, given as float8 or interval; it may be
 * infinite.
 */
static double
time_arg(FunctionCallInfo fcinfo, int arg, double unit_days)
{
	double		t;

	if (get_fn_expr_argtype(fcinfo->flinfo, arg) == INTERVALOID)
		return crm_interval_to_units(PG_GETARG_INTERVAL_P(arg), unit_days);
	t = PG_GETARG_FLOAT8(arg);
	if (isnan(t) || t < 0)
		crm_check_number(t, "horizon", HORIZON_HINT);
	return t;
}

static double
finite_time_arg(FunctionCallInfo fcinfo, int arg, double unit_days)
{
	double		t = time_arg(fcinfo, arg, unit_days);

	crm_check_number(t, "horizon", HORIZON_HINT);
	return t;
}

/*
 * A prediction; an error where parameters, history and time are so far apart
 * that it cannot be told in double precision.
 */
double
crm_check_prediction(double value)
{
	if (!isfinite(value))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("prediction is out of range"),
				 errhint("Look at the model's parameters, and at the times: they count the model's time units.")));
	return value;
}

static Datum
prediction(double value)
{
	return Float8GetDatum(crm_check_prediction(value));
}

/*
 * crm_p_alive(model, history [, t]) -> float8
 *
 * The probability that the customer is still one at the end of the
 * observation, or t after it.
 */
Datum
crm_p_alive(PG_FUNCTION_ARGS)
{
	PredictArgs args;
	double		t = 0;

	if (!read_args(fcinfo, &args))
		PG_RETURN_NULL();
	if (PG_NARGS() > args.call->first_arg)
		t = finite_time_arg(fcinfo, args.call->first_arg, args.model->unit_days);
	return prediction(crm_btyd_p_alive(&args.params, args.h, t));
}

/*
 * crm_expected_purchases(model [, history], t) -> float8
 *
 * Expected purchases in the time t after the end of the observation, or
 * repeat purchases of a new customer in the time t after the first.
 */
Datum
crm_expected_purchases(PG_FUNCTION_ARGS)
{
	PredictArgs args;
	double		t;

	if (!read_args(fcinfo, &args))
		PG_RETURN_NULL();
	t = finite_time_arg(fcinfo, args.call->first_arg, args.model->unit_days);
	return prediction(crm_btyd_expected_purchases(&args.params, args.h, t));
}

/*
 * crm_discounted_purchases(model [, history], annual_discount_rate [, horizon])
 *		-> float8
 *
 * Expected purchases to come, each discounted to the end of the observation.
 * Without a horizon, or with an infinite one, all purchases ever.
 */
Datum
crm_discounted_purchases(PG_FUNCTION_ARGS)
{
	PredictArgs args;
	int			arg;
	double		horizon = INFINITY;
	double		delta;

	if (!read_args(fcinfo, &args))
		PG_RETURN_NULL();
	arg = args.call->first_arg;
	if (PG_NARGS() > arg + 1)
		horizon = time_arg(fcinfo, arg + 1, args.model->unit_days);
	delta = crm_check_discount(PG_GETARG_FLOAT8(arg), args.model->unit_days, horizon);
	return prediction(crm_btyd_discounted_purchases(&args.params, args.h, delta,
													horizon));
}

/*
 * The continuous discount rate per time unit of an annual rate: 0.15 a year
 * is ln(1.15) / 52 a week.
 */
static double
discount_per_unit(double annual_rate, double unit_days)
{
	crm_check_number(annual_rate, "annual discount rate",
					 "Give a fraction: 0.15 is 15 percent a year.");
	return log1p(annual_rate) / crm_units_per_year(unit_days);
}

/*
 * The discount rate per time unit.  Without a discount the purchases ever to
 * come need not have a finite expectation, so that is refused.
 */
double
crm_check_discount(double annual_rate, double unit_days, double horizon)
{
	double		delta = discount_per_unit(annual_rate, unit_days);

	if (delta == 0 && isinf(horizon))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("an infinite horizon needs a positive discount rate"),
				 errhint("Pass a rate such as 0.1, or a finite horizon.")));
	return delta;
}

/*
 * crm_purchases_pmf(model [, history], t, n) -> float8
 *
 * The probability of exactly n purchases in the time t after the end of the
 * observation (a new customer's repeat purchases: after the first).
 */
Datum
crm_purchases_pmf(PG_FUNCTION_ARGS)
{
	PredictArgs args;
	int			arg;
	double		t;
	int64		n;

	if (!read_args(fcinfo, &args))
		PG_RETURN_NULL();
	arg = args.call->first_arg;
	t = finite_time_arg(fcinfo, arg, args.model->unit_days);
	crm_check_opportunities(args.params.kind, t);
	n = PG_GETARG_INT64(arg + 1);
	crm_check_not_negative((double) n, "number of purchases");
	return prediction(crm_btyd_pmf(&args.params, args.h, t, (double) n));
}

/*
 * crm_purchases_interval(model [, history], t, conf_level) -> crm_interval
 *
 * The central interval of the number of purchases: estimate is its mean,
 * std_error its standard deviation, lower and upper its quantiles.
 */
Datum
crm_purchases_interval(PG_FUNCTION_ARGS)
{
	PredictArgs args;
	int			arg;
	double		t;
	double		conf_level;
	double		tail;
	double		variance;
	CrmInterval result;

	if (!read_args(fcinfo, &args))
		PG_RETURN_NULL();
	arg = args.call->first_arg;
	t = finite_time_arg(fcinfo, arg, args.model->unit_days);
	crm_check_opportunities(args.params.kind, t);
	conf_level = PG_GETARG_FLOAT8(arg + 1);
	crm_check_conf_level(conf_level);

	tail = (1 - conf_level) / 2;
	crm_btyd_moments(&args.params, args.h, t, &result.estimate, &variance);
	(void) crm_check_prediction(result.estimate);
	result.n = -1;
	result.std_error = sqrt(variance);
	result.lower = crm_btyd_quantile(&args.params, args.h, t, tail);
	result.upper = crm_btyd_quantile(&args.params, args.h, t, 1 - tail);
	result.conf_level = conf_level;
	PG_RETURN_DATUM(crm_interval_result(fcinfo, &args.call->result, &result));
}

/*
 * crm_p_purchase(model [, history], t) -> float8
 *
 * The probability of at least one purchase in the time t after the end of the
 * observation (a new customer's repeat purchase: after the first).
 */
Datum
crm_p_purchase(PG_FUNCTION_ARGS)
{
	PredictArgs args;
	double		t;

	if (!read_args(fcinfo, &args))
		PG_RETURN_NULL();
	t = finite_time_arg(fcinfo, args.call->first_arg, args.model->unit_days);
	crm_check_opportunities(args.params.kind, t);
	return prediction(crm_btyd_p_purchase(&args.params, args.h, t));
}

/*
 * crm_expected_purchases(model [, history], from_t, to_t) -> float8
 *
 * Expected purchases later than from_t and not later than to_t after the end
 * of the observation (a new customer's repeat purchases: after the first).
 */
Datum
crm_expected_purchases_window(PG_FUNCTION_ARGS)
{
	PredictArgs args;
	int			arg;
	double		from_t;
	double		to_t;
	double		until;

	if (!read_args(fcinfo, &args))
		PG_RETURN_NULL();
	arg = args.call->first_arg;
	from_t = finite_time_arg(fcinfo, arg, args.model->unit_days);
	to_t = finite_time_arg(fcinfo, arg + 1, args.model->unit_days);
	if (from_t > to_t)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("window ends at %g before it begins at %g", to_t, from_t),
				 errhint("Both times count from the end of the observation.")));
	until = crm_btyd_expected_purchases(&args.params, args.h, to_t);
	return prediction(isfinite(until) ?
					  Max(until - crm_btyd_expected_purchases(&args.params, args.h,
															  from_t), 0) : until);
}

/*
 * crm_next_purchase_quantile(model [, history], prob) -> float8
 *
 * The time after the end of the observation, in time units, by which the
 * customer has bought again with probability prob (a new customer: after the
 * first purchase).  NULL where that does not come within a million years.
 */
Datum
crm_next_purchase_quantile(PG_FUNCTION_ARGS)
{
	PredictArgs args;
	double		prob;
	double		t;

	if (!read_args(fcinfo, &args))
		PG_RETURN_NULL();
	prob = PG_GETARG_FLOAT8(args.call->first_arg);
	if (!(prob > 0 && prob < 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("probability must be between 0 and 1, got %g", prob),
				 errhint("Use 0.5 for the median.")));
	if (crm_btyd_traits((BtydKind) args.model->kind) & BTYD_DISCRETE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model %s does not tell the time of a purchase",
						crm_btyd_kind_name((BtydKind) args.model->kind))));
	t = crm_btyd_next_purchase_quantile(&args.params, args.h, prob,
										LATEST_YEARS *
										crm_units_per_year(args.model->unit_days));
	if (isinf(t))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(t);
}

/*
 * What the times between purchases add to a log-likelihood: nothing but where
 * the model has a regularity above 1.  NaN where it is not known.
 */
static double
log_of_times(const BtydParams *params, double log_intervals)
{
	return params->k == 1 ? 0.0 : (params->k - 1) * log_intervals;
}

/*
 * crm_log_likelihood(model, history) -> float8: one customer's contribution
 * crm_log_likelihood(model, data crm_btyd_data) -> float8: of all of them
 *
 * NULL for a model of regular purchases (k > 1) where the times between
 * purchases are not known.
 */
Datum
crm_log_likelihood(PG_FUNCTION_ARGS)
{
	PredictArgs args;
	double		times;

	if (PG_NARGS() == 2 &&
		!type_is_rowtype(get_fn_expr_argtype(fcinfo->flinfo, 1)))
	{
		BtydModel  *model = crm_btyd_model_get(PG_GETARG_DATUM(0));
		BtydData   *data = crm_btyd_data_get(PG_GETARG_DATUM(1));
		BtydParams	params;
		ExactSum	sum = EXACT_SUM_ZERO;
		int64		i;

		if (data->unit_days != model->unit_days)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("model has a time unit of %g days but the data one of %g days",
							model->unit_days, data->unit_days),
					 errhint("Pass the same time_unit to crm_rfm as for the model's data.")));
		crm_btyd_model_params(model, &params);
		for (i = 0; i < data->n_rows; i++)
		{
			crm_check_kind_history(params.kind, &data->rows[i].h);
			exact_sum_add(&sum, data->rows[i].weight *
						  crm_btyd_log_likelihood(&params, &data->rows[i].h));
			CHECK_FOR_INTERRUPTS();
		}
		times = log_of_times(&params, data->log_intervals);
		if (isnan(times))
			PG_RETURN_NULL();
		exact_sum_add(&sum, times);
		PG_RETURN_FLOAT8(exact_sum_value(&sum));
	}

	if (!read_args(fcinfo, &args))
		PG_RETURN_NULL();
	times = log_of_times(&args.params, args.log_intervals);
	if (isnan(times))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(crm_btyd_log_likelihood(&args.params, args.h) + times);
}
