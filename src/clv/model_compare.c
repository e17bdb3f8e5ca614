/*-------------------------------------------------------------------------
 *
 * model_compare.c
 *	  Which of several fitted purchase models: crm_model_compare and
 *	  crm_likelihood_ratio_test.
 *
 * Weights are those of Akaike (Burnham and Anderson 2002, "Model selection and
 * multimodel inference", 2.9) and, from BIC, approximate posterior
 * probabilities of the models where all were equally likely before (Raftery
 * 1995): exp(-delta / 2), scaled to add up to 1.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "src/clv/clv_host.h"
#include "src/clv/model_criteria.h"
#include "src/common/args.h"
#include "src/common/result.h"
#include "src/math/chi_square.h"

#define COMPARE_COLUMNS 11
#define TEST_COLUMNS 4

/* Sums of weights are compared to so many digits. */
#define SAME_CUSTOMERS 1e-9

/*
 * A full model whose likelihood is lower than the restricted one's by more
 * than rounding and the optimiser leave was not fitted to its maximum.
 */
#define LOWER_BY 1e-3

typedef struct ComparedModel
{
	int			position;		/* among the arguments, from 1 */
	ModelCriteria c;
} ComparedModel;

/*
 * Models that others contain.  On the boundary: the restricted model is a
 * limit of the full one, that of no dropout, and not a point inside of it.
 */
typedef struct Nesting
{
	BtydKind	restricted;
	BtydKind	full;
	bool		boundary;
} Nesting;

static const Nesting nestings[] = {
	{BTYD_NBD, BTYD_PARETO_NBD, true},
	{BTYD_NBD, BTYD_BG_NBD, true},
	{BTYD_NBD, BTYD_MBG_NBD, true},
	{BTYD_SBG, BTYD_BDW, false}
};

PG_FUNCTION_INFO_V1(crm_model_compare);
PG_FUNCTION_INFO_V1(crm_likelihood_ratio_test);
PG_FUNCTION_INFO_V1(crm_likelihood_ratio_test_values);

static void check_comparable(const ModelCriteria *a, const ModelCriteria *b);
static int	compare_models(const void *a, const void *b);
static bool is_nested(const ModelCriteria *restricted, const ModelCriteria *full,
					  bool *boundary);
static Datum test_result(FunctionCallInfo fcinfo, double restricted, double full,
						 int df, bool boundary);

/*
 * Raise an error unless the likelihoods are of the same data, as far as the
 * models tell.
 */
static void
check_comparable(const ModelCriteria *a, const ModelCriteria *b)
{
	const unsigned kinds_of_data = BTYD_DISCRETE | BTYD_CONTRACTUAL;

	if ((crm_btyd_traits(a->kind) & kinds_of_data) !=
		(crm_btyd_traits(b->kind) & kinds_of_data))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("models %s and %s are not fitted to the same kind of data",
						a->model, b->model)));
	if (isnan(a->log_likelihood) || isnan(b->log_likelihood))
		return;
	if (fabs(a->customers - b->customers) > SAME_CUSTOMERS * a->customers)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("models are fitted to different data: %g customers and %g",
						a->customers, b->customers),
				 errhint("Fit them to the same customers; likelihoods of different data cannot be compared.")));
	if (a->unit_days != b->unit_days)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("models have different time units: %g days and %g days",
						a->unit_days, b->unit_days),
				 errhint("Likelihoods are densities per time unit; fit to histories of one time_unit.")));
}

/*
 * qsort comparator: the smallest BIC first, models without one last.
 */
static int
compare_models(const void *a, const void *b)
{
	const ComparedModel *left = (const ComparedModel *) a;
	const ComparedModel *right = (const ComparedModel *) b;

	if (isnan(left->c.bic) != isnan(right->c.bic))
		return isnan(left->c.bic) ? 1 : -1;
	if (!isnan(left->c.bic) && left->c.bic != right->c.bic)
		return left->c.bic < right->c.bic ? -1 : 1;
	return left->position - right->position;
}

/*
 * crm_model_compare(VARIADIC models crm_btyd_model[])
 *		-> setof (model, position, status, parameters, log_likelihood,
 *				  aic, aic_delta, aic_weight, bic, bic_delta, bic_weight)
 *
 * The best by BIC first.  NULL models are skipped.
 */
Datum
crm_model_compare(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(0);
	ComparedModel *models;
	Datum	   *elements;
	bool	   *element_nulls;
	int16		typlen;
	bool		typbyval;
	char		typalign;
	int			n_elements;
	int			n = 0;
	int			reference = -1; /* one with a likelihood */
	double		best_aic = INFINITY;
	double		best_bic = INFINITY;
	double		aic_sum = 0;
	double		bic_sum = 0;
	int			i;

	get_typlenbyvalalign(ARR_ELEMTYPE(array), &typlen, &typbyval, &typalign);
	deconstruct_array(array, ARR_ELEMTYPE(array), typlen, typbyval, typalign,
					  &elements, &element_nulls, &n_elements);
	models = (ComparedModel *) palloc(Max(n_elements, 1) * sizeof(ComparedModel));
	for (i = 0; i < n_elements; i++)
	{
		ComparedModel *model = &models[n];

		if (element_nulls[i])
			continue;
		model->position = i + 1;
		crm_model_criteria(elements[i], &model->c);
		check_comparable(&models[reference < 0 ? 0 : reference].c, &model->c);
		if (!isnan(model->c.log_likelihood))
		{
			reference = n;
			best_aic = Min(best_aic, model->c.aic);
			best_bic = Min(best_bic, model->c.bic);
		}
		n++;
	}
	for (i = 0; i < n; i++)
	{
		if (!isnan(models[i].c.log_likelihood))
		{
			aic_sum += exp(-0.5 * (models[i].c.aic - best_aic));
			bic_sum += exp(-0.5 * (models[i].c.bic - best_bic));
		}
	}
	qsort(models, n, sizeof(ComparedModel), compare_models);

	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < n; i++)
	{
		const ModelCriteria *c = &models[i].c;
		Datum		values[COMPARE_COLUMNS];
		bool		nulls[COMPARE_COLUMNS] = {false};

		values[0] = CStringGetTextDatum(c->model);
		values[1] = Int32GetDatum(models[i].position);
		values[2] = CStringGetTextDatum(crm_status_name(c->status));
		values[3] = Int32GetDatum(c->n_params);
		crm_set_float8(values, nulls, 4, c->log_likelihood);
		crm_set_float8(values, nulls, 5, c->aic);
		crm_set_float8(values, nulls, 6, c->aic - best_aic);
		crm_set_float8(values, nulls, 7, exp(-0.5 * (c->aic - best_aic)) / aic_sum);
		crm_set_float8(values, nulls, 8, c->bic);
		crm_set_float8(values, nulls, 9, c->bic - best_bic);
		crm_set_float8(values, nulls, 10, exp(-0.5 * (c->bic - best_bic)) / bic_sum);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * Is the one model a special case of the other: by its kind, or of the same
 * kind with some of the other's parameters, as with fewer covariates, whose
 * coefficients are zero then?
 */
static bool
is_nested(const ModelCriteria *restricted, const ModelCriteria *full, bool *boundary)
{
	int			i;
	int			j;

	*boundary = false;
	for (i = 0; i < (int) lengthof(nestings); i++)
	{
		if (nestings[i].restricted == restricted->kind && nestings[i].full == full->kind)
		{
			*boundary = nestings[i].boundary;
			return true;
		}
	}
	if (restricted->kind != full->kind || restricted->n_params >= full->n_params)
		return false;
	for (i = 0; i < restricted->n_params; i++)
	{
		for (j = 0; j < full->n_params; j++)
		{
			if (strcmp(restricted->names[i], full->names[j]) == 0)
				break;
		}
		if (j == full->n_params)
			return false;
	}
	return true;
}

/*
 * The test of two log-likelihoods.  On the boundary of the full model the
 * statistic is not chi-square but, to a good approximation, one half of each of
 * df - 1 and df degrees of freedom (Self and Liang 1987; Stram and Lee 1994).
 */
static Datum
test_result(FunctionCallInfo fcinfo, double restricted, double full, int df,
			bool boundary)
{
	TupleDesc	tupdesc = crm_result_tupdesc(fcinfo, NULL);
	double		difference = full - restricted;
	double		statistic = 2 * Max(difference, 0);
	double		p_value = crm_chi_square_survival(statistic, df);
	Datum		values[TEST_COLUMNS];
	bool		nulls[TEST_COLUMNS] = {false};

	if (tupdesc->natts != TEST_COLUMNS)
		elog(ERROR, "crm_likelihood_ratio does not have %d columns", TEST_COLUMNS);
	if (boundary)
		p_value = statistic == 0 ? 1 :
			0.5 * (p_value + crm_chi_square_survival(statistic, df - 1));
	if (difference < -LOWER_BY)
		statistic = p_value = NAN;
	crm_set_float8(values, nulls, 0, statistic);
	values[1] = Int32GetDatum(df);
	crm_set_float8(values, nulls, 2, p_value);
	values[3] = BoolGetDatum(boundary);
	return HeapTupleGetDatum(heap_form_tuple(tupdesc, values, nulls));
}

/*
 * crm_likelihood_ratio_test(restricted crm_btyd_model, full crm_btyd_model)
 *		-> crm_likelihood_ratio
 *
 * NULL when parameters were given or a fit failed; NULL statistic when the full
 * model's likelihood is the lower one.
 */
Datum
crm_likelihood_ratio_test(PG_FUNCTION_ARGS)
{
	ModelCriteria restricted;
	ModelCriteria full;
	bool		boundary;

	crm_model_criteria(PG_GETARG_DATUM(0), &restricted);
	crm_model_criteria(PG_GETARG_DATUM(1), &full);
	if (!is_nested(&restricted, &full, &boundary))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model %s is not a special case of model %s",
						restricted.model, full.model),
				 errhint("Pass the model with fewer parameters first; compare models of other kinds by crm_model_compare.")));
	check_comparable(&restricted, &full);
	if (restricted.has_prior || full.has_prior)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a model with a prior is not at its highest likelihood"),
				 errhint("Fit both models without a prior.")));
	if (isnan(restricted.log_likelihood) || isnan(full.log_likelihood) ||
		restricted.status == BTYD_FAILED || full.status == BTYD_FAILED)
		PG_RETURN_NULL();
	return test_result(fcinfo, restricted.log_likelihood, full.log_likelihood,
					   full.n_params - restricted.n_params, boundary);
}

/*
 * crm_likelihood_ratio_test(restricted float8, full float8, df integer
 *							 [, boundary boolean]) -> crm_likelihood_ratio
 *
 * Of two log-likelihoods.
 */
Datum
crm_likelihood_ratio_test_values(PG_FUNCTION_ARGS)
{
	double		restricted = PG_GETARG_FLOAT8(0);
	double		full = PG_GETARG_FLOAT8(1);
	int32		df = PG_GETARG_INT32(2);

	crm_check_finite(restricted, "log-likelihood");
	crm_check_finite(full, "log-likelihood");
	if (df < 1 || df > 1000)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("degrees of freedom must be from 1 to 1000, got %d", df),
				 errhint("They are the number of parameters that the full model has more.")));
	return test_result(fcinfo, restricted, full, df, PG_GETARG_BOOL(3));
}
