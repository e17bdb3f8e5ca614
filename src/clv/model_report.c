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
#include "src/clv/spend_model.h"
#include "src/common/result.h"

/* A model of either type, laid open */
typedef struct ModelReport
{
	const char *model;
	BtydStatus	status;
	int			n_params;
	const char *names[BTYD_MAX_PARAMS];
	const double *params;
	const double *covariance;	/* lower triangle, or NULL */
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
static double covariance_at(const ModelReport *report, int i, int j);
static double report_aic(const ModelReport *report);
static double report_bic(const ModelReport *report);
static Datum float8_or_null(double value, bool *is_null);
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
		report->params = model->params;
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
		BtydModel  *model = crm_btyd_model_get(PointerGetDatum(header));
		BtydKind	kind = (BtydKind) model->kind;

		report->model = crm_btyd_kind_name(kind);
		report->status = (BtydStatus) model->status;
		report->n_params = crm_btyd_n_params(kind);
		for (i = 0; i < report->n_params; i++)
			report->names[i] = crm_btyd_param_name(kind, i);
		report->params = model->params;
		report->covariance = model->covariance;
		if (crm_btyd_traits(kind) & BTYD_REGULAR)
			report->k = model->k;
		report->customers = model->customers;
		report->histories = model->histories;
		report->iterations = model->iterations;
		report->unit_days = model->unit_days;
		report->log_likelihood = model->log_likelihood;
		report->correlation = NAN;
	}
	if (!(header->flags & MODEL_HAS_COVARIANCE))
		report->covariance = NULL;
	report->has_prior = (header->flags & MODEL_HAS_PRIOR) != 0;
	if (report->status == BTYD_KNOWN || report->log_likelihood == NO_LOG_LIKELIHOOD)
		report->log_likelihood = NAN;
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

static Datum
float8_or_null(double value, bool *is_null)
{
	*is_null = isnan(value);
	return *is_null ? (Datum) 0 : Float8GetDatum(value);
}

/*
 * crm_model_parameters(model) -> setof (name, estimate, std_error)
 *
 * In the order of the literature; std_error is NULL unless the fit converged.
 * The regularity k, of models that have it, comes last and has no standard
 * error.
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
		Datum		values[3];
		bool		nulls[3] = {false};

		values[0] = CStringGetTextDatum(report.names[i]);
		values[1] = Float8GetDatum(report.params[i]);
		values[2] = float8_or_null(std_error(&report, i), &nulls[2]);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	if (report.k > 0)
	{
		Datum		values[3];
		bool		nulls[3] = {false, false, true};

		values[0] = CStringGetTextDatum("k");
		values[1] = Float8GetDatum(report.k);
		values[2] = (Datum) 0;
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
 * names, parameters, std_errors, covariance, prior, then unit_days for a
 * purchase model and correlation for a spend model.
 */
Datum
crm_model_info(PG_FUNCTION_ARGS)
{
	ModelReport report;
	TupleDesc	tupdesc = crm_result_tupdesc(fcinfo, NULL);
	Datum		values[14];
	bool		nulls[14] = {false};
	Datum		names[BTYD_MAX_PARAMS];
	Datum		params[BTYD_MAX_PARAMS];
	Datum		errors[BTYD_MAX_PARAMS];
	Datum		covariance[BTYD_MAX_PARAMS * BTYD_MAX_PARAMS];
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
		params[i] = Float8GetDatum(report.params[i]);
		errors[i] = Float8GetDatum(std_error(&report, i));
		for (j = 0; j < n; j++)
			covariance[i * n + j] = Float8GetDatum(covariance_at(&report, i, j));
	}
	dims[0] = dims[1] = n;

	if (tupdesc->natts != lengthof(values))
		elog(ERROR, "crm_model_info does not have %d columns", (int) lengthof(values));
	values[0] = CStringGetTextDatum(report.model);
	values[1] = CStringGetTextDatum(crm_status_name(report.status));
	values[2] = Float8GetDatum(report.customers);
	values[3] = Int64GetDatum(report.histories);
	values[4] = Int32GetDatum(report.iterations);
	values[5] = float8_or_null(report.log_likelihood, &nulls[5]);
	values[6] = float8_or_null(report_aic(&report), &nulls[6]);
	values[7] = float8_or_null(report_bic(&report), &nulls[7]);
	values[8] = PointerGetDatum(construct_array(names, n, TEXTOID, -1, false,
												TYPALIGN_INT));
	values[9] = PointerGetDatum(construct_array(params, n, FLOAT8OID, sizeof(float8),
												FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	nulls[10] = nulls[11] = report.covariance == NULL;
	values[10] = nulls[10] ? (Datum) 0 :
		PointerGetDatum(construct_array(errors, n, FLOAT8OID, sizeof(float8),
										FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	values[11] = nulls[11] ? (Datum) 0 :
		PointerGetDatum(construct_md_array(covariance, NULL, 2, dims, lower_bounds,
										   FLOAT8OID, sizeof(float8),
										   FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	values[12] = BoolGetDatum(report.has_prior);
	values[13] = float8_or_null(report.is_spend ? report.correlation : report.unit_days,
								&nulls[13]);
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
