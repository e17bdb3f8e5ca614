/*-------------------------------------------------------------------------
 *
 * btyd_model.c
 *	  The stored type crm_btyd_model: a fitted (or given) model, how it is
 *	  made, checked and read.
 *
 * Its forms outside the server are in btyd_model_io.c, covariates in
 * covariate_model.c.
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

#include "src/clv/btyd_model.h"
#include "src/clv/clv_host.h"
#include "src/clv/discrete.h"
#include "src/clv/rfm.h"
#include "src/common/args.h"
#include "src/compat.h"

PG_FUNCTION_INFO_V1(crm_btyd_model);

static BtydModel *make(BtydModel *model, const BtydFit *fit, double unit_days,
					   double customers, int64 histories, bool has_prior);
static void copy_params(const BtydModel *model, BtydParams *params);
static char *list_params(BtydKind kind);

/*
 * The model of that name, or an error that lists them.
 */
BtydKind
crm_btyd_kind_named(const char *name)
{
	BtydKind	kind;
	StringInfoData valid;
	const char *other;
	int			i;

	if (crm_btyd_kind_by_name(name, &kind))
		return kind;
	initStringInfo(&valid);
	for (i = 0; (other = crm_btyd_kind_name_at(i)) != NULL; i++)
		appendStringInfo(&valid, "%s%s", i > 0 ? ", " : "", other);
	crm_unknown_name_error("model", name, valid.data);
}

/*
 * The same, looked up only when the name is another one than before.  The name
 * is kept in context.
 */
BtydKind
crm_btyd_kind_cached(KindCache *cache, text *model, MemoryContext context)
{
	if (cache->name == NULL ||
		VARSIZE_ANY_EXHDR(model) != VARSIZE_ANY_EXHDR(cache->name) ||
		memcmp(VARDATA_ANY(model), VARDATA_ANY(cache->name),
			   VARSIZE_ANY_EXHDR(model)) != 0)
	{
		char	   *name = text_to_cstring(model);

		cache->kind = crm_btyd_kind_named(name);
		if (cache->name != NULL)
			pfree(cache->name);
		cache->name = (text *) MemoryContextAlloc(context, VARSIZE_ANY(model));
		memcpy(cache->name, model, VARSIZE_ANY(model));
		pfree(name);
	}
	return cache->kind;
}

/*
 * The names of all that makes up the model, as "r, alpha, a, b, k".
 */
static char *
list_params(BtydKind kind)
{
	StringInfoData names;
	int			i;

	initStringInfo(&names);
	for (i = 0; i < crm_btyd_n_params(kind); i++)
		appendStringInfo(&names, "%s%s", i > 0 ? ", " : "",
						 crm_btyd_param_name(kind, i));
	if (crm_btyd_traits(kind) & BTYD_REGULAR)
		appendStringInfoString(&names, ", k");
	return names.data;
}

/*
 * An empty model, with the regularity of those that have none.
 */
BtydModel *
crm_btyd_model_new(void)
{
	return crm_btyd_model_alloc(0, 0, 0, NULL);
}

/*
 * The same with room for coefficients of covariates, whose names are put in
 * place.
 */
BtydModel *
crm_btyd_model_alloc(int n_params, int n_covariates, int n_coefs,
					 const char *const *names)
{
	BtydModel  *model;
	char	   *name;
	int			i;

	model = (BtydModel *) crm_summary_alloc(crm_btyd_model_size(n_params, n_covariates,
																n_coefs, names),
											SUMMARY_BTYD_MODEL, BTYD_MODEL_VERSION);
	model->k = 1;
	model->n_covariates = n_covariates;
	model->n_coefs = n_coefs;
	name = (char *) model + crm_btyd_model_size(n_params, 0, n_coefs, NULL);
	for (i = 0; i < n_covariates; i++)
	{
		strcpy(name, names[i]);
		name += strlen(name) + 1;
	}
	return model;
}

/*
 * Detoast and check; do not change the result.
 */
BtydModel *
crm_btyd_model_get(Datum datum)
{
	BtydModel  *model = (BtydModel *) crm_summary_detoast(datum, sizeof(BtydModel),
														  SUMMARY_BTYD_MODEL,
														  BTYD_MODEL_VERSION, BTYD_MODEL_TYPE);

	if (!crm_btyd_model_tail_valid(model))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("value is not a valid %s", BTYD_MODEL_TYPE)));
	return model;
}

/*
 * A stored model from a fit, in the current memory context.
 */
BtydModel *
crm_btyd_model_make(const BtydFit *fit, double unit_days, double customers,
					int64 histories, bool has_prior)
{
	return make(crm_btyd_model_new(), fit, unit_days, customers, histories, has_prior);
}

/*
 * The same with covariates.
 */
BtydModel *
crm_btyd_model_make_covariates(const BtydFit *fit, const BtydDesign *design,
							   const char *const *names, double unit_days,
							   double customers, int64 histories)
{
	BtydModel  *model = crm_btyd_model_alloc(crm_btyd_n_params(fit->params.kind),
											 design->n_covariates, design->n_coefs,
											 names);
	int			i;

	for (i = 0; i < design->n_covariates; i++)
	{
		model->purchase[i] = (int8) design->purchase[i];
		model->dropout[i] = (int8) design->dropout[i];
	}
	memcpy(model->ridge, design->ridge, sizeof(model->ridge));
	memcpy(model->tail, fit->coefs, design->n_coefs * sizeof(double));
	return make(model, fit, unit_days, customers, histories, fit->has_prior);
}

static BtydModel *
make(BtydModel *model, const BtydFit *fit, double unit_days, double customers,
	 int64 histories, bool has_prior)
{
	int			n = crm_btyd_n_params(fit->params.kind);
	int			n_free = n + model->n_coefs;
	double	   *in_tail;
	int			i;
	int			j;
	int			k = 0;

	model->kind = fit->params.kind;
	model->status = fit->status;
	model->iterations = fit->iterations;
	model->k = fit->params.k;
	model->unit_days = unit_days;
	model->customers = customers;
	model->histories = histories;
	model->log_likelihood = isfinite(fit->log_likelihood) ?
		fit->log_likelihood : NO_LOG_LIKELIHOOD;
	for (i = 0; i < n; i++)
		model->params[i] = fit->params.v[i];
	if (has_prior)
	{
		model->header.flags |= MODEL_HAS_PRIOR;
		for (i = 0; i < n; i++)
		{
			if (fit->prior_sd[i] > 0 && !isinf(fit->prior_sd[i]))
			{
				model->prior_mean[i] = fit->prior_mean[i];
				model->prior_sd[i] = fit->prior_sd[i];
			}
		}
	}
	if (fit->has_covariance)
	{
		model->header.flags |= MODEL_HAS_COVARIANCE;
		in_tail = crm_btyd_model_tail_covariance(model);
		for (i = 0; i < n_free; i++)
		{
			for (j = 0; j <= i; j++)
			{
				if (i < n)
					model->covariance[k++] = fit->covariance[i * n_free + j];
				else
					*in_tail++ = fit->covariance[i * n_free + j];
			}
		}
	}
	return model;
}

/*
 * The parameters in the form that src/math takes, of a model of purchases; an
 * error where they are different for each customer.
 */
void
crm_btyd_model_params(const BtydModel *model, BtydParams *params)
{
	crm_check_purchase_kind((BtydKind) model->kind);
	if (model->n_covariates > 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model has covariates, and the customer's are not given"),
				 errhint("Pass crm_model_at(model, x) in place of the model.")));
	copy_params(model, params);
}

/*
 * The same of a model of contracts.
 */
void
crm_contract_model_params(const BtydModel *model, BtydParams *params)
{
	crm_check_contract_kind((BtydKind) model->kind);
	copy_params(model, params);
}

static void
copy_params(const BtydModel *model, BtydParams *params)
{
	params->kind = (BtydKind) model->kind;
	params->k = model->k;
	memcpy(params->v, model->params, sizeof(params->v));
}

/*
 * Raise an error unless the fields of a value from outside make sense.
 */
void
crm_btyd_model_check(const BtydModel *model)
{
	BtydKind	kind = (BtydKind) model->kind;
	int			n = crm_btyd_n_params(kind);
	int			n_covariances = 0;
	int			i;
	int			k = 0;

	if (model->header.flags & MODEL_HAS_COVARIANCE)
		n_covariances = n * (n + 1) / 2;
	for (i = 0; i < n; i++)
	{
		if (!(model->params[i] > 0) || !isfinite(model->params[i]))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("parameter %s must be positive and finite, got %g",
							crm_btyd_param_name(kind, i), model->params[i]),
					 errhint("All parameters of these models are.")));
	}
	if (model->k < 1 ||
		model->k > (crm_btyd_traits(kind) & BTYD_REGULAR ? BTYD_MAX_K : 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("regularity k of model %s is out of range: %d",
						crm_btyd_kind_name(kind), model->k),
				 errhint("It is a whole number from 1 to %d where the model has it, else 1.",
						 BTYD_MAX_K)));
	for (i = 0; i < BTYD_MAX_COVARIANCE; i++)
	{
		if (!isfinite(model->covariance[i]) ||
			(i >= n_covariances && model->covariance[i] != 0))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("covariance must be finite, and zero where there is none")));
	}
	for (i = 0; i < n; i++)
	{
		k += i + 1;
		if (model->covariance[k - 1] < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("variance must not be negative, got %g",
							model->covariance[k - 1])));
	}
	for (i = 0; i < BTYD_MAX_PARAMS; i++)
	{
		if (!isfinite(model->prior_mean[i]) || !isfinite(model->prior_sd[i]) ||
			model->prior_sd[i] < 0 ||
			(model->prior_sd[i] > 0 &&
			 (i >= n || !(model->header.flags & MODEL_HAS_PRIOR))))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("prior must be finite, with standard deviations that are not negative")));
	}
	if (!crm_btyd_model_tail_valid(model))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("value is not a valid %s", BTYD_MODEL_TYPE)));
	if (!(model->unit_days > 0) || !isfinite(model->unit_days))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unit_days must be positive and finite, got %g",
						model->unit_days),
				 errhint("It is the time unit in days, 7 for weeks.")));
	crm_check_not_negative(model->customers, "customers");
	crm_check_finite(model->log_likelihood, "log_likelihood");
	if ((model->customers > 0) == (model->status == BTYD_KNOWN) ||
		model->histories < 0 || model->iterations < 0 ||
		(model->header.flags & ~(MODEL_HAS_COVARIANCE | MODEL_HAS_PRIOR)) != 0 ||
		model->status < BTYD_CONVERGED || model->status > BTYD_KNOWN)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("value is not a valid %s", BTYD_MODEL_TYPE)));
}

/*
 * crm_btyd_model(model text, parameters float8[] [, time_unit interval])
 *		-> crm_btyd_model
 *
 * A model from known parameters, such as a paper's or last year's.  Where the
 * model has a regularity k, that is the last of the parameters.
 */
Datum
crm_btyd_model(PG_FUNCTION_ARGS)
{
	BtydModel  *model = crm_btyd_model_new();
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(1);
	BtydKind	kind = crm_btyd_kind_named(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	int			n = crm_btyd_n_params(kind);
	bool		has_k = (crm_btyd_traits(kind) & BTYD_REGULAR) != 0;
	double	   *values;

	model->kind = kind;
	if (ARR_NDIM(array) != 1 || ARR_DIMS(array)[0] != n + (has_k ? 1 : 0) ||
		array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model %s takes an array of %d parameters",
						crm_btyd_kind_name(kind), n + (has_k ? 1 : 0)),
				 errhint("They are %s, in this order.", list_params(kind))));
	values = (double *) ARR_DATA_PTR(array);
	memcpy(model->params, values, n * sizeof(double));
	if (has_k)
	{
		double		k = values[n];

		if (!(k >= 1 && k <= BTYD_MAX_K) || k != floor(k))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("regularity k must be a whole number from 1 to %d, got %g",
							BTYD_MAX_K, k)));
		model->k = (int32) k;
	}
	model->status = BTYD_KNOWN;
	model->unit_days = crm_kind_unit_days(kind, PG_NARGS() > 2 ?
										  PG_GETARG_INTERVAL_P(2) : NULL);
	crm_btyd_model_check(model);
	PG_RETURN_POINTER(model);
}

/*
 * How many time units make a year: 52 weeks where the unit is a whole number
 * of weeks (the papers' convention), 365 days otherwise.
 */
double
crm_units_per_year(double unit_days)
{
	if (fmod(unit_days, 7) == 0)
		return 364 / unit_days;
	return 365 / unit_days;
}

/*
 * A horizon in time units.  A year is as in crm_units_per_year, a month a
 * twelfth of it.  The interval may be infinite.
 */
double
crm_interval_to_units(const Interval *horizon, double unit_days)
{
	double		days = horizon->day + (double) horizon->time / (double) USECS_PER_DAY;
	double		units = horizon->month * crm_units_per_year(unit_days) / MONTHS_PER_YEAR +
		days / unit_days;

	if (INTERVAL_IS_NOEND(horizon))
		return INFINITY;
	crm_check_number(units, "horizon", HORIZON_HINT);
	return units;
}
