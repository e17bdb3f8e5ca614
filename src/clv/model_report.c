/*-------------------------------------------------------------------------
 *
 * model_report.c
 *	  What a fitted model says of itself: parameters with standard errors,
 *	  likelihood, information criteria, status; for purchase and spend models
 *	  alike.
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
#include "utils/jsonb.h"

#include "src/clv/btyd_model.h"
#include "src/clv/clv_host.h"
#include "src/clv/model_criteria.h"
#include "src/clv/spend_model.h"
#include "src/common/result.h"

/* A model of either type, laid open */
typedef struct ModelReport
{
	const char *model;
	BtydStatus	status;
	int			n_params;		/* with coefficients of covariates */
	const char *names[BTYD_MAX_FREE];
	double		params[BTYD_MAX_FREE];
	const double *covariance;	/* lower triangle, or NULL */
	double		prior_mean[BTYD_MAX_FREE];	/* of the parameter's logarithm or
											 * of the coefficient; NaN: none */
	double		prior_precision[BTYD_MAX_FREE]; /* 0: none */
	int			n_logs;			/* so many parameters have logarithms */
	int			k;				/* regularity; 0: the model has none */
	double		customers;
	int64		histories;
	int			iterations;
	double		unit_days;		/* NaN for a spend model */
	double		log_likelihood;
	bool		has_prior;
	bool		is_spend;
	double		correlation;	/* spend models only; NaN: unknown */
} ModelReport;

PG_FUNCTION_INFO_V1(crm_model_parameters);
PG_FUNCTION_INFO_V1(crm_model_status);
PG_FUNCTION_INFO_V1(crm_log_likelihood_model);
PG_FUNCTION_INFO_V1(crm_aic);
PG_FUNCTION_INFO_V1(crm_bic);
PG_FUNCTION_INFO_V1(crm_model_info);
PG_FUNCTION_INFO_V1(crm_model_jsonb);

static void report_open(Datum datum, ModelReport *report);
static double std_error(const ModelReport *report, int i);
static void open_btyd(const BtydModel *model, ModelReport *report);
static double prior_weight(const ModelReport *report, int i);
static double prior_median(const ModelReport *report, int i);
static Datum float8_array(const double *values, int n);
static double covariance_at(const ModelReport *report, int i, int j);
static double report_aic(const ModelReport *report);
static double report_bic(const ModelReport *report);
static void json_number(StringInfo buf, double value);

/*
 * Which of the two types it is, the header tells.
 */
static void
report_open(Datum datum, ModelReport *report)
{
	SummaryHeader *header = (SummaryHeader *) PG_DETOAST_DATUM(datum);
	int			i;

	memset(report, 0, sizeof(ModelReport));
	if (header->tag == SUMMARY_SPEND_MODEL)
	{
		SpendModel *model = crm_spend_model_get(PointerGetDatum(header));

		report->model = "gamma-gamma";
		report->is_spend = true;
		report->status = (BtydStatus) model->status;
		report->n_params = SPEND_PARAMS;
		for (i = 0; i < SPEND_PARAMS; i++)
			report->names[i] = crm_spend_param_name(i, NULL);
		memcpy(report->params, model->params, sizeof(model->params));
		report->covariance = model->covariance;
		report->customers = model->customers;
		report->histories = model->rows;
		report->iterations = model->iterations;
		report->unit_days = NAN;
		report->log_likelihood = model->log_likelihood;
		report->correlation = (header->flags & MODEL_HAS_CORRELATION) ?
			model->correlation : (double) NAN;
	}
	else
	{
		open_btyd(crm_btyd_model_get(PointerGetDatum(header)), report);
	}
	if (!(header->flags & MODEL_HAS_COVARIANCE))
		report->covariance = NULL;
	report->has_prior = (header->flags & MODEL_HAS_PRIOR) != 0;
	for (i = 0; i < report->n_params; i++)
		report->has_prior |= report->prior_precision[i] > 0;
	if (report->status == BTYD_KNOWN || report->log_likelihood == NO_LOG_LIKELIHOOD)
		report->log_likelihood = NAN;
}

/*
 * A purchase model; a contiguous covariance matrix is made where it has
 * coefficients.
 */
static void
open_btyd(const BtydModel *model, ModelReport *report)
{
	BtydKind	kind = (BtydKind) model->kind;
	int			n = crm_btyd_n_params(kind);
	int			i;
	int			j;

	report->model = crm_btyd_kind_name(kind);
	report->status = (BtydStatus) model->status;
	report->n_params = n + model->n_coefs;
	report->n_logs = n;
	for (i = 0; i < n; i++)
	{
		report->names[i] = crm_btyd_param_name(kind, i);
		report->params[i] = model->params[i];
		if (model->prior_sd[i] > 0)
		{
			report->prior_mean[i] = model->prior_mean[i];
			report->prior_precision[i] = 1 / (model->prior_sd[i] * model->prior_sd[i]);
		}
	}
	for (i = 0; i < model->n_coefs; i++)
	{
		report->names[n + i] = crm_btyd_coef_name(model, i);
		report->params[n + i] = model->tail[i];
	}

	/* a penalty of lambda times the square is a normal prior around 0 */
	for (i = 0; i < model->n_covariates; i++)
	{
		if (model->purchase[i] >= 0)
			report->prior_precision[n + model->purchase[i]] += 2 * model->ridge[0];
		if (model->dropout[i] >= 0)
			report->prior_precision[n + model->dropout[i]] += 2 * model->ridge[1];
	}
	report->covariance = model->covariance;
	if (model->n_coefs > 0)
	{
		int			n_all = report->n_params;
		double	   *all = (double *) palloc(n_all * (n_all + 1) / 2 * sizeof(double));

		report->covariance = all;
		for (i = 0; i < n_all; i++)
		{
			for (j = 0; j <= i; j++)
				*all++ = crm_btyd_model_covariance(model, i, j);
		}
	}
	if (crm_btyd_traits(kind) & BTYD_REGULAR)
		report->k = model->k;
	report->customers = model->customers;
	report->histories = model->histories;
	report->iterations = model->iterations;
	report->unit_days = model->unit_days;
	report->log_likelihood = model->log_likelihood;
	report->correlation = NAN;
}

/*
 * The part of what is known of a parameter that is the prior's, from 0 to 1: its
 * posterior variance, of the logarithm, over the prior's.  If the data say
 * nothing of it that is 1.  NaN without a prior, or without a covariance matrix.
 */
static double
prior_weight(const ModelReport *report, int i)
{
	double		variance = covariance_at(report, i, i);

	if (!(report->prior_precision[i] > 0))
		return (double) NAN;
	if (i < report->n_logs)
		variance /= report->params[i] * report->params[i];
	return Min(1.0, variance * report->prior_precision[i]);
}

/* NaN without a prior */
static double
prior_median(const ModelReport *report, int i)
{
	if (!(report->prior_precision[i] > 0))
		return (double) NAN;
	return i < report->n_logs ? exp(report->prior_mean[i]) : 0;
}

/* NaN becomes NULL */
static Datum
float8_array(const double *values, int n)
{
	Datum		elements[BTYD_MAX_FREE];
	bool		nulls[BTYD_MAX_FREE];
	int			lower_bound = 1;
	int			i;

	for (i = 0; i < n; i++)
		crm_set_float8(elements, nulls, i, values[i]);
	return PointerGetDatum(construct_md_array(elements, nulls, 1, &n, &lower_bound,
											  FLOAT8OID, sizeof(float8),
											  FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

/* NaN without a covariance matrix */
static double
covariance_at(const ModelReport *report, int i, int j)
{
	int			row = Max(i, j);

	if (report->covariance == NULL)
		return (double) NAN;
	return report->covariance[row * (row + 1) / 2 + Min(i, j)];
}

static double
std_error(const ModelReport *report, int i)
{
	return sqrt(covariance_at(report, i, i));
}

/* Akaike's information criterion; NaN when parameters were given */
static double
report_aic(const ModelReport *report)
{
	return 2 * report->n_params - 2 * report->log_likelihood;
}

/* Schwarz's information criterion, n being customers */
static double
report_bic(const ModelReport *report)
{
	return report->n_params * log(report->customers) - 2 * report->log_likelihood;
}

/*
 * By what purchase models are compared.
 */
void
crm_model_criteria(Datum btyd_model, ModelCriteria *criteria)
{
	ModelReport report;

	report_open(btyd_model, &report);
	criteria->model = report.model;
	criteria->kind = (BtydKind) crm_btyd_model_get(btyd_model)->kind;
	criteria->status = report.status;
	criteria->n_params = report.n_params;
	criteria->names = (const char **) palloc(sizeof(report.names));
	memcpy(criteria->names, report.names, sizeof(report.names));
	criteria->customers = report.customers;
	criteria->unit_days = report.unit_days;
	criteria->has_prior = report.has_prior;
	criteria->log_likelihood = report.log_likelihood;
	criteria->aic = report_aic(&report);
	criteria->bic = report_bic(&report);
}

/*
 * crm_model_parameters(model) -> setof (name, estimate, std_error) and, of a
 * purchase model, prior_weight
 *
 * In the order of the literature, then coefficients of covariates; std_error is
 * NULL unless the fit converged, prior_weight also without a prior.  The
 * regularity k, of models that have it, comes last and has no standard error.
 */
Datum
crm_model_parameters(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	ModelReport report;
	int			i;

	report_open(PG_GETARG_DATUM(0), &report);
	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < report.n_params; i++)
	{
		Datum		values[4];
		bool		nulls[4] = {false};

		values[0] = CStringGetTextDatum(report.names[i]);
		values[1] = Float8GetDatum(report.params[i]);
		crm_set_float8(values, nulls, 2, std_error(&report, i));
		crm_set_float8(values, nulls, 3, prior_weight(&report, i));
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	if (report.k > 0)
	{
		Datum		values[4] = {0};
		bool		nulls[4] = {false, false, true, true};

		values[0] = CStringGetTextDatum("k");
		values[1] = Float8GetDatum(report.k);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * crm_model_status(model) -> text: converged, boundary, ridge, failed, known
 */
Datum
crm_model_status(PG_FUNCTION_ARGS)
{
	ModelReport report;

	report_open(PG_GETARG_DATUM(0), &report);
	PG_RETURN_TEXT_P(cstring_to_text(crm_status_name(report.status)));
}

/*
 * crm_log_likelihood(model) -> float8: of the data that it was fitted to,
 * NULL when parameters were given
 */
Datum
crm_log_likelihood_model(PG_FUNCTION_ARGS)
{
	ModelReport report;

	report_open(PG_GETARG_DATUM(0), &report);
	if (isnan(report.log_likelihood))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(report.log_likelihood);
}

/*
 * crm_aic(model) -> float8, NULL when parameters were given
 */
Datum
crm_aic(PG_FUNCTION_ARGS)
{
	ModelReport report;

	report_open(PG_GETARG_DATUM(0), &report);
	if (isnan(report.log_likelihood))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(report_aic(&report));
}

/*
 * crm_bic(model) -> float8, NULL when parameters were given
 */
Datum
crm_bic(PG_FUNCTION_ARGS)
{
	ModelReport report;

	report_open(PG_GETARG_DATUM(0), &report);
	if (isnan(report.log_likelihood))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(report_bic(&report));
}

/*
 * crm_model_info(model) -> one row with everything
 *
 * model, status, customers, histories, iterations, log_likelihood, aic, bic,
 * names, parameters, std_errors, covariance, prior, then unit_days,
 * prior_medians and prior_weights for a purchase model and correlation for
 * a spend model.
 */
Datum
crm_model_info(PG_FUNCTION_ARGS)
{
	ModelReport report;
	TupleDesc	tupdesc = crm_result_tupdesc(fcinfo, NULL);
	Datum		values[16];
	bool		nulls[16] = {false};
	Datum		names[BTYD_MAX_FREE];
	Datum		covariance[BTYD_MAX_FREE * BTYD_MAX_FREE];
	double		errors[BTYD_MAX_FREE];
	double		medians[BTYD_MAX_FREE];
	double		weights[BTYD_MAX_FREE];
	int			dims[2];
	int			lower_bounds[2] = {1, 1};
	int			n;
	int			i;
	int			j;

	report_open(PG_GETARG_DATUM(0), &report);
	n = report.n_params;
	for (i = 0; i < n; i++)
	{
		names[i] = CStringGetTextDatum(report.names[i]);
		errors[i] = std_error(&report, i);
		medians[i] = prior_median(&report, i);
		weights[i] = prior_weight(&report, i);
		for (j = 0; j < n; j++)
			covariance[i * n + j] = Float8GetDatum(covariance_at(&report, i, j));
	}
	dims[0] = dims[1] = n;

	if (tupdesc->natts != lengthof(values) - (report.is_spend ? 2 : 0))
		elog(ERROR, "crm_model_info does not have %d columns", (int) lengthof(values));
	values[0] = CStringGetTextDatum(report.model);
	values[1] = CStringGetTextDatum(crm_status_name(report.status));
	values[2] = Float8GetDatum(report.customers);
	values[3] = Int64GetDatum(report.histories);
	values[4] = Int32GetDatum(report.iterations);
	crm_set_float8(values, nulls, 5, report.log_likelihood);
	crm_set_float8(values, nulls, 6, report_aic(&report));
	crm_set_float8(values, nulls, 7, report_bic(&report));
	values[8] = PointerGetDatum(construct_array(names, n, TEXTOID, -1, false,
												TYPALIGN_INT));
	values[9] = float8_array(report.params, n);
	nulls[10] = nulls[11] = report.covariance == NULL;
	values[10] = nulls[10] ? (Datum) 0 : float8_array(errors, n);
	values[11] = nulls[11] ? (Datum) 0 :
		PointerGetDatum(construct_md_array(covariance, NULL, 2, dims, lower_bounds,
										   FLOAT8OID, sizeof(float8),
										   FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	values[12] = BoolGetDatum(report.has_prior);
	crm_set_float8(values, nulls, 13, report.is_spend ? report.correlation : report.unit_days);
	nulls[14] = nulls[15] = !report.has_prior;
	values[14] = nulls[14] ? (Datum) 0 : float8_array(medians, n);
	values[15] = nulls[15] ? (Datum) 0 : float8_array(weights, n);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(tupdesc, values, nulls)));
}

/* A JSON number, or null for what is none */
static void
json_number(StringInfo buf, double value)
{
	if (!isfinite(value))
		appendStringInfoString(buf, "null");
	else
		crm_append_float8(buf, value);
}

/*
 * crm_model_jsonb(model) -> jsonb, the cast of both model types
 */
Datum
crm_model_jsonb(PG_FUNCTION_ARGS)
{
	ModelReport report;
	StringInfoData buf;
	int			i;

	report_open(PG_GETARG_DATUM(0), &report);
	initStringInfo(&buf);
	appendStringInfo(&buf, "{\"model\": \"%s\", \"status\": \"%s\", \"parameters\": {",
					 report.model, crm_status_name(report.status));
	for (i = 0; i < report.n_params; i++)
	{
		appendStringInfo(&buf, "%s\"%s\": ", i > 0 ? ", " : "", report.names[i]);
		json_number(&buf, report.params[i]);
	}
	if (report.k > 0)
		appendStringInfo(&buf, ", \"k\": %d", report.k);
	appendStringInfoString(&buf, "}, \"std_errors\": {");
	for (i = 0; i < report.n_params; i++)
	{
		appendStringInfo(&buf, "%s\"%s\": ", i > 0 ? ", " : "", report.names[i]);
		json_number(&buf, std_error(&report, i));
	}
	if (report.has_prior && !report.is_spend)
	{
		appendStringInfoString(&buf, "}, \"prior_medians\": {");
		for (i = 0; i < report.n_params; i++)
		{
			appendStringInfo(&buf, "%s\"%s\": ", i > 0 ? ", " : "", report.names[i]);
			json_number(&buf, prior_median(&report, i));
		}
		appendStringInfoString(&buf, "}, \"prior_weights\": {");
		for (i = 0; i < report.n_params; i++)
		{
			appendStringInfo(&buf, "%s\"%s\": ", i > 0 ? ", " : "", report.names[i]);
			json_number(&buf, prior_weight(&report, i));
		}
	}
	appendStringInfoString(&buf, "}, \"log_likelihood\": ");
	json_number(&buf, report.log_likelihood);
	appendStringInfoString(&buf, ", \"aic\": ");
	json_number(&buf, report_aic(&report));
	appendStringInfoString(&buf, ", \"bic\": ");
	json_number(&buf, report_bic(&report));
	appendStringInfoString(&buf, ", \"customers\": ");
	json_number(&buf, report.customers);
	appendStringInfo(&buf, ", \"histories\": " INT64_FORMAT ", \"iterations\": %d, \"prior\": %s",
					 report.histories, report.iterations,
					 report.has_prior ? "true" : "false");
	appendStringInfoString(&buf, report.is_spend ? ", \"correlation\": " : ", \"unit_days\": ");
	json_number(&buf, report.is_spend ? report.correlation : report.unit_days);
	appendStringInfoChar(&buf, '}');
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(buf.data));
}
