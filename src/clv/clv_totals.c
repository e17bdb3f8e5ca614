/*-------------------------------------------------------------------------
 *
 * clv_totals.c
 *	  The aggregates crm_expected_purchases_total and crm_clv_total: what a
 *	  group of customers will buy, and be worth, together.
 *
 * Predictions are made at the end, once for each distinct history; until then
 * equal histories are counted, and for values sums over their customers' spend
 * are kept beside (src/math/btyd_total.c).
 *
 * The error is that of predicting what will happen: each customer's own
 * chance, and the parameters' uncertainty, which all share.  A model whose
 * parameters were given is taken at its word.  One that was fitted but has no
 * covariance matrix (its maximum is on a boundary or a ridge, or was not
 * found) leaves the error unknown: NULL.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/timestamp.h"

#include "src/clv/discrete.h"
#include "src/clv/history_table.h"
#include "src/clv/rfm.h"
#include "src/clv/spend_model.h"
#include "src/common/aggstate.h"
#include "src/common/args.h"
#include "src/common/result.h"
#include "src/common/summary_state.h"
#include "src/math/btyd_total.h"

#define STATE_WHAT "crm_clv_total state"
#define STATE_VERSION 1

/* Arguments that are one for the group, as numbers */
typedef struct TotalOptions
{
	double		horizon;		/* in the model's time units */
	double		delta;			/* discount rate per time unit */
	double		margin;
	double		conf_level;
} TotalOptions;

typedef struct TotalState
{
	BtydModel  *model;
	SpendModel *spend;			/* NULL: purchases only */
	TotalOptions options;
	int64		n;				/* customers */
	HistoryTable *table;
	SpendTotal *amounts;		/* of each row of the table; NULL without
								 * spend */
	uint32		max_amounts;	/* allocated */
} TotalState;

PG_FUNCTION_INFO_V1(crm_expected_purchases_total_transfn);
PG_FUNCTION_INFO_V1(crm_clv_total_transfn);
PG_FUNCTION_INFO_V1(crm_clv_total_combinefn);
PG_FUNCTION_INFO_V1(crm_clv_total_serialfn);
PG_FUNCTION_INFO_V1(crm_clv_total_deserialfn);
PG_FUNCTION_INFO_V1(crm_clv_total_finalfn);

static bool any_null(FunctionCallInfo fcinfo);
static bool read_rfm(FunctionCallInfo fcinfo, int arg, RfmHistory *rfm);
static TotalState *make_state(MemoryContext context, const BtydModel *model,
							  const SpendModel *spend, const TotalOptions *options);
static TotalState *group_state(MemoryContext context, TotalState *state,
							   const BtydModel *model, const SpendModel *spend,
							   const TotalOptions *options);
static SpendTotal *amounts_at(TotalState *state, uint32 row);
static void write_model(StringInfo buf, const void *model);
static void *read_model(StringInfo buf);
static void sum_up(const TotalState *state, BtydTotal *total);
static double total_variance(const TotalState *state, const BtydTotal *total);

/*
 * Is any argument but the state NULL?
 */
static bool
any_null(FunctionCallInfo fcinfo)
{
	int			i;

	for (i = 1; i < PG_NARGS(); i++)
	{
		if (PG_ARGISNULL(i))
			return true;
	}
	return false;
}

static bool
read_rfm(FunctionCallInfo fcinfo, int arg, RfmHistory *rfm)
{
	if (fcinfo->flinfo->fn_extra == NULL)
		fcinfo->flinfo->fn_extra = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt,
														  sizeof(RfmReader));
	return crm_rfm_read((RfmReader *) fcinfo->flinfo->fn_extra,
						fcinfo->flinfo->fn_mcxt, PG_GETARG_DATUM(arg), rfm);
}

/*
 * An empty state in the given context, with copies of the models.
 */
static TotalState *
make_state(MemoryContext context, const BtydModel *model, const SpendModel *spend,
		   const TotalOptions *options)
{
	MemoryContext old_context = MemoryContextSwitchTo(context);
	TotalState *state = (TotalState *) palloc0(sizeof(TotalState));

	if (crm_btyd_traits((BtydKind) model->kind) & BTYD_CONTRACTUAL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model %s does not predict purchases",
						crm_btyd_kind_name((BtydKind) model->kind))));
	state->model = (BtydModel *) crm_summary_copy(model);
	if (spend != NULL)
		state->spend = (SpendModel *) crm_summary_copy(spend);
	state->options = *options;
	state->table = crm_history_table_create(context, 0);
	MemoryContextSwitchTo(old_context);
	return state;
}

/*
 * The state of the group, new where it is NULL; else the models and options
 * must be the same as before.
 */
static TotalState *
group_state(MemoryContext context, TotalState *state, const BtydModel *model,
			const SpendModel *spend, const TotalOptions *options)
{
	if (state == NULL)
		return make_state(context, model, spend, options);
	if (VARSIZE(state->model) != VARSIZE(model) ||
		memcmp(state->model, model, VARSIZE(model)) != 0)
		crm_option_varies_error("model");
	if (spend != NULL &&
		(VARSIZE(state->spend) != VARSIZE(spend) ||
		 memcmp(state->spend, spend, VARSIZE(spend)) != 0))
		crm_option_varies_error("spend model");
	if (state->options.horizon != options->horizon)
		crm_option_varies_error("horizon");
	if (state->options.delta != options->delta)
		crm_option_varies_error("discount rate");
	if (state->options.margin != options->margin)
		crm_option_varies_error("margin");
	if (state->options.conf_level != options->conf_level)
		crm_option_varies_error("confidence level");
	return state;
}

/*
 * The sums over the spend of customers with a history; zero for a new one.
 */
static SpendTotal *
amounts_at(TotalState *state, uint32 row)
{
	if (row >= state->max_amounts)
	{
		uint32		max_amounts = state->table->set.max_rows;
		Size		size = (Size) max_amounts * sizeof(SpendTotal);

		if (state->amounts == NULL)
			state->amounts = (SpendTotal *) MemoryContextAllocHuge(state->table->set.context,
																   size);
		else
			state->amounts = (SpendTotal *) repalloc_huge(state->amounts, size);
		memset(state->amounts + state->max_amounts, 0,
			   (Size) (max_amounts - state->max_amounts) * sizeof(SpendTotal));
		state->max_amounts = max_amounts;
	}
	return &state->amounts[row];
}

/*
 * crm_expected_purchases_total_transfn(internal, model crm_btyd_model,
 *										rfm crm_rfm, t float8 | interval
 *										[, conf_level float8]) -> internal
 *
 * Adds one customer.  Rows with a NULL are skipped.
 */
Datum
crm_expected_purchases_total_transfn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_expected_purchases_total_transfn");
	TotalState *state = PG_ARGISNULL(0) ? NULL : (TotalState *) PG_GETARG_POINTER(0);
	BtydModel  *model;
	TotalOptions options = {0, -1, 1, CRM_DEFAULT_CONF_LEVEL};
	RfmHistory	rfm;

	if (any_null(fcinfo) || !read_rfm(fcinfo, 2, &rfm))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	model = crm_btyd_model_get(PG_GETARG_DATUM(1));
	crm_check_same_unit(model, &rfm);
	if (get_fn_expr_argtype(fcinfo->flinfo, 3) == INTERVALOID)
		options.horizon = crm_interval_to_units(PG_GETARG_INTERVAL_P(3), model->unit_days);
	else
		options.horizon = PG_GETARG_FLOAT8(3);
	crm_check_number(options.horizon, "horizon", HORIZON_HINT);
	crm_check_opportunities((BtydKind) model->kind, options.horizon);
	if (PG_NARGS() > 4)
		options.conf_level = PG_GETARG_FLOAT8(4);
	crm_check_conf_level(options.conf_level);

	state = group_state(context, state, model, NULL, &options);
	crm_history_table_add(state->table, &rfm.history, 1);
	state->n++;
	PG_RETURN_POINTER(state);
}

/*
 * crm_clv_total_transfn(internal, model crm_btyd_model,
 *						 spend_model crm_spend_model, rfm crm_rfm,
 *						 horizon interval, annual_discount_rate float8
 *						 [, margin float8 [, conf_level float8]]) -> internal
 *
 * Adds one customer.  Rows with a NULL are skipped.
 */
Datum
crm_clv_total_transfn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_clv_total_transfn");
	TotalState *state = PG_ARGISNULL(0) ? NULL : (TotalState *) PG_GETARG_POINTER(0);
	BtydModel  *model;
	SpendModel *spend_model;
	SpendParams spend;
	TotalOptions options = {0, 0, 1, CRM_DEFAULT_CONF_LEVEL};
	RfmHistory	rfm;
	uint32		row;

	if (any_null(fcinfo) || !read_rfm(fcinfo, 3, &rfm))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	model = crm_btyd_model_get(PG_GETARG_DATUM(1));
	crm_check_same_unit(model, &rfm);
	spend_model = crm_spend_model_get(PG_GETARG_DATUM(2));
	options.horizon = crm_interval_to_units(PG_GETARG_INTERVAL_P(4), model->unit_days);
	if (isinf(options.horizon))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("horizon of an interval must be finite"),
				 errhint("Use a horizon of some years, such as '5 years'.")));
	crm_check_opportunities((BtydKind) model->kind, options.horizon);
	options.delta = crm_check_discount(PG_GETARG_FLOAT8(5), model->unit_days,
									   options.horizon);
	if (PG_NARGS() > 6)
		options.margin = PG_GETARG_FLOAT8(6);
	crm_check_number(options.margin, "margin",
					 "Give the share of revenue that is profit, such as 0.3.");
	if (PG_NARGS() > 7)
		options.conf_level = PG_GETARG_FLOAT8(7);
	crm_check_conf_level(options.conf_level);

	state = group_state(context, state, model, spend_model, &options);
	crm_spend_model_params(spend_model, &spend);
	row = crm_history_table_add(state->table, &rfm.history, 1);
	crm_spend_total_add(amounts_at(state, row), &spend, rfm.paid_frequency,
						rfm.paid_frequency > 0 ? rfm.monetary : 0);
	state->n++;
	PG_RETURN_POINTER(state);
}

/*
 * crm_clv_total_combinefn(internal, internal) -> internal, of both aggregates
 */
Datum
crm_clv_total_combinefn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_clv_total_combinefn");
	TotalState *into = PG_ARGISNULL(0) ? NULL : (TotalState *) PG_GETARG_POINTER(0);
	TotalState *from = PG_ARGISNULL(1) ? NULL : (TotalState *) PG_GETARG_POINTER(1);
	uint32		i;

	if (from == NULL)
	{
		if (into == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(into);
	}
	into = group_state(context, into, from->model, from->spend, &from->options);
	for (i = 0; i < from->table->set.n_rows; i++)
	{
		uint32		row = crm_history_table_add(into->table, &crm_history_rows(from->table)[i].h,
												crm_history_rows(from->table)[i].weight);

		if (from->spend != NULL)
			crm_spend_total_merge(amounts_at(into, row), &from->amounts[i]);
		CHECK_FOR_INTERRUPTS();
	}
	into->n = crm_count_add(into->n, from->n);
	PG_RETURN_POINTER(into);
}

static void
write_model(StringInfo buf, const void *model)
{
	int			size = model == NULL ? 0 : VARSIZE(model);

	pq_sendint32(buf, size);
	pq_sendbytes(buf, (const char *) model, size);
}

/*
 * What write_model wrote, not checked yet, or NULL.
 */
static void *
read_model(StringInfo buf)
{
	uint32		size = pq_getmsgint(buf, 4);
	const char *bytes = pq_getmsgbytes(buf, size);	/* checks the size */
	void	   *model;

	if (size == 0)
		return NULL;
	if (size < VARHDRSZ)
		elog(ERROR, "invalid serialized %s", STATE_WHAT);
	model = palloc(size);
	memcpy(model, bytes, size);
	SET_VARSIZE(model, size);
	return model;
}

/*
 * crm_clv_total_serialfn(internal) -> bytea
 */
Datum
crm_clv_total_serialfn(PG_FUNCTION_ARGS)
{
	TotalState *state = (TotalState *) PG_GETARG_POINTER(0);
	StringInfoData buf;
	uint32		i;
	int			j;

	(void) crm_agg_context(fcinfo, "crm_clv_total_serialfn");
	crm_serial_begin(&buf, STATE_VERSION);
	write_model(&buf, state->model);
	write_model(&buf, state->spend);
	pq_sendfloat8(&buf, state->options.horizon);
	pq_sendfloat8(&buf, state->options.delta);
	pq_sendfloat8(&buf, state->options.margin);
	pq_sendfloat8(&buf, state->options.conf_level);
	pq_sendint64(&buf, state->n);
	crm_history_table_write(&buf, state->table);
	for (i = 0; state->spend != NULL && i < state->table->set.n_rows; i++)
	{
		const ExactSum *sums = (const ExactSum *) &state->amounts[i];

		for (j = 0; j < (int) (sizeof(SpendTotal) / sizeof(ExactSum)); j++)
		{
			pq_sendfloat8(&buf, sums[j].sum);
			pq_sendfloat8(&buf, sums[j].error);
		}
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_clv_total_deserialfn(bytea, internal) -> internal
 */
Datum
crm_clv_total_deserialfn(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	TotalState *state;
	TotalOptions options;
	void	   *model;
	void	   *spend;
	int64		n;
	uint32		i;
	int			j;

	(void) crm_agg_context(fcinfo, "crm_clv_total_deserialfn");
	(void) crm_deserial_begin(&buf, PG_GETARG_BYTEA_PP(0), STATE_VERSION, STATE_WHAT);
	model = read_model(&buf);
	spend = read_model(&buf);
	if (model == NULL)
		elog(ERROR, "invalid serialized %s", STATE_WHAT);
	options.horizon = pq_getmsgfloat8(&buf);
	options.delta = pq_getmsgfloat8(&buf);
	options.margin = pq_getmsgfloat8(&buf);
	options.conf_level = pq_getmsgfloat8(&buf);
	n = pq_getmsgint64(&buf);
	state = make_state(CurrentMemoryContext, crm_btyd_model_get(PointerGetDatum(model)),
					   spend == NULL ? NULL : crm_spend_model_get(PointerGetDatum(spend)),
					   &options);
	state->n = n;
	state->table = crm_history_table_read(CurrentMemoryContext, &buf, STATE_WHAT);
	for (i = 0; spend != NULL && i < state->table->set.n_rows; i++)
	{
		ExactSum   *sums = (ExactSum *) amounts_at(state, i);

		for (j = 0; j < (int) (sizeof(SpendTotal) / sizeof(ExactSum)); j++)
		{
			sums[j].sum = pq_getmsgfloat8(&buf);
			sums[j].error = pq_getmsgfloat8(&buf);
		}
	}
	crm_deserial_end(&buf, STATE_WHAT);
	PG_RETURN_POINTER(state);
}

/*
 * Predict for each distinct history.
 */
static void
sum_up(const TotalState *state, BtydTotal *total)
{
	BtydParams	params;
	SpendParams spend = {0};
	bool		with_gradient = (state->model->header.flags & MODEL_HAS_COVARIANCE) != 0;
	uint32		i;

	memset(total, 0, sizeof(BtydTotal));
	crm_btyd_model_params(state->model, &params);
	if (state->spend != NULL)
		crm_spend_model_params(state->spend, &spend);
	for (i = 0; i < state->table->set.n_rows; i++)
	{
		const BtydRow *row = &crm_history_rows(state->table)[i];

		if (state->spend != NULL)
			crm_clv_total_add(total, &params, &spend, &row->h, &state->amounts[i],
							  state->options.horizon, state->options.delta,
							  with_gradient);
		else
			crm_purchases_total_add(total, &params, &row->h, row->weight,
									state->options.horizon, with_gradient);
		CHECK_FOR_INTERRUPTS();
	}
}

/*
 * The variance of the total, NaN where the parameters' part is not known.
 */
static double
total_variance(const TotalState *state, const BtydTotal *total)
{
	double		variance = exact_sum_value(&total->variance);

	if (state->model->header.flags & MODEL_HAS_COVARIANCE)
		variance += crm_total_parameter_variance(total->purchase_gradient,
												 state->model->params,
												 state->model->covariance,
												 crm_btyd_n_params((BtydKind) state->model->kind));
	else if (state->model->status != BTYD_KNOWN)
		return (double) NAN;

	if (state->spend == NULL)
		return variance;
	if (state->spend->header.flags & MODEL_HAS_COVARIANCE)
		variance += crm_total_parameter_variance(total->spend_gradient,
												 state->spend->params,
												 state->spend->covariance, SPEND_PARAMS);
	else if (state->spend->status != BTYD_KNOWN)
		return (double) NAN;
	return variance;
}

/*
 * crm_clv_total_finalfn(internal) -> crm_interval, of both aggregates
 *
 * n is the number of customers, estimate the total's mean, std_error the
 * standard deviation of what will happen about it.  NULL without customers.
 */
Datum
crm_clv_total_finalfn(PG_FUNCTION_ARGS)
{
	TotalState *state = PG_ARGISNULL(0) ? NULL : (TotalState *) PG_GETARG_POINTER(0);
	BtydTotal	total;
	CrmInterval result;
	double		mean;
	double		variance;

	(void) crm_agg_context(fcinfo, "crm_clv_total_finalfn");
	if (state == NULL)
		PG_RETURN_NULL();
	sum_up(state, &total);
	mean = exact_sum_value(&total.mean);
	variance = total_variance(state, &total);

	result.n = state->n;
	result.estimate = result.std_error = result.lower = result.upper = NAN;
	result.conf_level = state->options.conf_level;
	if (isfinite(mean))
	{
		result.estimate = crm_check_prediction(state->options.margin * mean);
		if (isfinite(variance))
		{
			crm_total_interval(mean, variance, result.conf_level, &result.lower,
							   &result.upper);
			result.std_error = state->options.margin * sqrt(variance);
			result.lower *= state->options.margin;
			result.upper *= state->options.margin;
		}
	}
	PG_RETURN_DATUM(crm_interval_result(fcinfo, NULL, &result));
}
