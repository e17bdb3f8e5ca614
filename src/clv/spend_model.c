/*-------------------------------------------------------------------------
 *
 * spend_model.c
 *	  The stored type crm_spend_model: a fitted (or given) Gamma-Gamma model.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "libpq/pqformat.h"

#include "src/clv/clv_host.h"
#include "src/clv/spend_model.h"
#include "src/common/args.h"

#define MODEL_TYPE "crm_spend_model"
#define MODEL_VERSION 1
#define MODEL_FLAGS (MODEL_HAS_COVARIANCE | MODEL_HAS_PRIOR | MODEL_HAS_CORRELATION)

PG_FUNCTION_INFO_V1(crm_spend_model_in);
PG_FUNCTION_INFO_V1(crm_spend_model_out);
PG_FUNCTION_INFO_V1(crm_spend_model_send);
PG_FUNCTION_INFO_V1(crm_spend_model_recv);
PG_FUNCTION_INFO_V1(crm_spend_model);
PG_FUNCTION_INFO_V1(crm_spend_correlation);

static SpendModel *model_alloc(void);
static void model_check(const SpendModel *model);

static const char *const param_names[SPEND_PARAMS] = {"p", "q", "gamma"};

/* ParamNameFunction */
const char *
crm_spend_param_name(int i, void *arg)
{
	return param_names[i];
}

static SpendModel *
model_alloc(void)
{
	return (SpendModel *) crm_summary_alloc(sizeof(SpendModel), SUMMARY_SPEND_MODEL,
											MODEL_VERSION);
}

/*
 * Detoast and check; do not change the result.
 */
SpendModel *
crm_spend_model_get(Datum datum)
{
	return (SpendModel *) crm_summary_detoast(datum, sizeof(SpendModel),
											  SUMMARY_SPEND_MODEL, MODEL_VERSION,
											  MODEL_TYPE);
}

/*
 * A stored model from a fit, in the current memory context; a correlation of
 * NaN is unknown.
 */
SpendModel *
crm_spend_model_make(const SpendFit *fit, double customers, int64 rows,
					 double correlation, bool has_prior)
{
	SpendModel *model = model_alloc();
	int			i;
	int			j;
	int			k = 0;

	model->status = fit->status;
	model->iterations = fit->iterations;
	model->customers = customers;
	model->rows = rows;
	model->log_likelihood = isfinite(fit->log_likelihood) ?
		fit->log_likelihood : NO_LOG_LIKELIHOOD;
	model->params[0] = fit->params.p;
	model->params[1] = fit->params.q;
	model->params[2] = fit->params.gamma;
	if (has_prior)
		model->header.flags |= MODEL_HAS_PRIOR;
	if (!isnan(correlation))
	{
		model->header.flags |= MODEL_HAS_CORRELATION;
		model->correlation = correlation;
	}
	if (fit->has_covariance)
	{
		model->header.flags |= MODEL_HAS_COVARIANCE;
		for (i = 0; i < SPEND_PARAMS; i++)
		{
			for (j = 0; j <= i; j++)
				model->covariance[k++] = fit->covariance[i * SPEND_PARAMS + j];
		}
	}
	return model;
}

/*
 * The parameters in the form that src/math takes.
 */
void
crm_spend_model_params(const SpendModel *model, SpendParams *params)
{
	params->p = model->params[0];
	params->q = model->params[1];
	params->gamma = model->params[2];
}

/*
 * Raise an error unless the fields of a value from outside make sense.
 */
static void
model_check(const SpendModel *model)
{
	int			i;
	int			k = 0;

	for (i = 0; i < SPEND_PARAMS; i++)
	{
		if (!(model->params[i] > 0) || !isfinite(model->params[i]))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("parameter %s must be positive and finite, got %g",
							param_names[i], model->params[i]),
					 errhint("All parameters of this model are.")));
	}
	for (i = 0; i < SPEND_COVARIANCE; i++)
	{
		if (!isfinite(model->covariance[i]) ||
			(!(model->header.flags & MODEL_HAS_COVARIANCE) &&
			 model->covariance[i] != 0))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("covariance must be finite, and zero where there is none")));
	}
	for (i = 0; i < SPEND_PARAMS; i++)
	{
		k += i + 1;
		if (model->covariance[k - 1] < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("variance must not be negative, got %g",
							model->covariance[k - 1])));
	}
	crm_check_not_negative(model->customers, "customers");
	crm_check_finite(model->log_likelihood, "log_likelihood");
	if ((model->customers > 0) == (model->status == BTYD_KNOWN) ||
		model->rows < 0 || model->iterations < 0 ||
		(model->header.flags & ~MODEL_FLAGS) != 0 ||
		model->status < BTYD_CONVERGED || model->status > BTYD_KNOWN ||
		!(fabs(model->correlation) <=
		  ((model->header.flags & MODEL_HAS_CORRELATION) ? 1 : 0)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("value is not a valid %s", MODEL_TYPE)));
}

/*
 * Text form: crm_spend_model:1 status=converged customers=946 rows=921
 * iterations=6 log_likelihood=-4055.9 parameters=[p,q,gamma] prior=0
 * [correlation=0.1] [covariance=[lower triangle]]
 */
Datum
crm_spend_model_in(PG_FUNCTION_ARGS)
{
	TextReader	reader;
	SpendModel *model = model_alloc();
	BtydStatus	status;
	int64		iterations;

	crm_text_read_begin(&reader, PG_GETARG_CSTRING(0), MODEL_TYPE, MODEL_VERSION);
	status = crm_status_by_name(crm_text_read_word(&reader, "status"));
	if ((int) status < 0)
		crm_text_error(&reader, "a known status");
	model->status = status;
	model->customers = crm_text_read_float8(&reader, "customers");
	model->rows = crm_text_read_int64(&reader, "rows");
	iterations = crm_text_read_int64(&reader, "iterations");
	if (iterations < 0 || iterations > PG_INT32_MAX)
		crm_text_error(&reader, "iterations from 0 to 2147483647 before this");
	model->iterations = (int32) iterations;
	model->log_likelihood = crm_text_read_float8(&reader, "log_likelihood");
	if (crm_text_read_float8_list(&reader, "parameters", model->params,
								  SPEND_PARAMS) != SPEND_PARAMS)
		crm_text_error(&reader, "3 parameters");
	if (crm_text_read_int64(&reader, "prior") != 0)
		model->header.flags |= MODEL_HAS_PRIOR;
	if (crm_text_read_has_key(&reader, "correlation"))
	{
		model->header.flags |= MODEL_HAS_CORRELATION;
		model->correlation = crm_text_read_number(&reader);
	}
	if (*reader.pos == ' ')
	{
		model->header.flags |= MODEL_HAS_COVARIANCE;
		if (crm_text_read_float8_list(&reader, "covariance", model->covariance,
									  SPEND_COVARIANCE) != SPEND_COVARIANCE)
			crm_text_error(&reader, "6 covariances");
	}
	crm_text_read_end(&reader);
	model_check(model);
	PG_RETURN_POINTER(model);
}

Datum
crm_spend_model_out(PG_FUNCTION_ARGS)
{
	SpendModel *model = crm_spend_model_get(PG_GETARG_DATUM(0));
	StringInfoData buf;

	initStringInfo(&buf);
	crm_text_begin(&buf, MODEL_TYPE, MODEL_VERSION);
	crm_text_word(&buf, "status", crm_status_name((BtydStatus) model->status));
	crm_text_float8(&buf, "customers", model->customers);
	crm_text_int64(&buf, "rows", model->rows);
	crm_text_int64(&buf, "iterations", model->iterations);
	crm_text_float8(&buf, "log_likelihood", model->log_likelihood);
	crm_text_float8_list(&buf, "parameters", model->params, SPEND_PARAMS);
	crm_text_int64(&buf, "prior", (model->header.flags & MODEL_HAS_PRIOR) != 0);
	if (model->header.flags & MODEL_HAS_CORRELATION)
		crm_text_float8(&buf, "correlation", model->correlation);
	if (model->header.flags & MODEL_HAS_COVARIANCE)
		crm_text_float8_list(&buf, "covariance", model->covariance, SPEND_COVARIANCE);
	PG_RETURN_CSTRING(buf.data);
}

Datum
crm_spend_model_send(PG_FUNCTION_ARGS)
{
	SpendModel *model = crm_spend_model_get(PG_GETARG_DATUM(0));
	StringInfoData buf;
	int			i;

	crm_summary_send_begin(&buf, model);
	pq_sendint32(&buf, model->status);
	pq_sendint32(&buf, model->iterations);
	pq_sendfloat8(&buf, model->customers);
	pq_sendint64(&buf, model->rows);
	pq_sendfloat8(&buf, model->log_likelihood);
	pq_sendfloat8(&buf, model->correlation);
	for (i = 0; i < SPEND_PARAMS; i++)
		pq_sendfloat8(&buf, model->params[i]);
	for (i = 0; i < SPEND_COVARIANCE; i++)
		pq_sendfloat8(&buf, model->covariance[i]);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

Datum
crm_spend_model_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	SpendModel *model = model_alloc();
	int			i;

	(void) crm_summary_recv_begin(buf, SUMMARY_SPEND_MODEL, MODEL_VERSION,
								  &model->header.flags, MODEL_TYPE);
	model->status = pq_getmsgint(buf, 4);
	model->iterations = pq_getmsgint(buf, 4);
	model->customers = pq_getmsgfloat8(buf);
	model->rows = pq_getmsgint64(buf);
	model->log_likelihood = pq_getmsgfloat8(buf);
	model->correlation = pq_getmsgfloat8(buf);
	for (i = 0; i < SPEND_PARAMS; i++)
		model->params[i] = pq_getmsgfloat8(buf);
	for (i = 0; i < SPEND_COVARIANCE; i++)
		model->covariance[i] = pq_getmsgfloat8(buf);
	model_check(model);
	PG_RETURN_POINTER(model);
}

/*
 * crm_spend_model(p, q, gamma) -> crm_spend_model: a model from known
 * parameters.
 */
Datum
crm_spend_model(PG_FUNCTION_ARGS)
{
	SpendModel *model = model_alloc();
	int			i;

	for (i = 0; i < SPEND_PARAMS; i++)
		model->params[i] = PG_GETARG_FLOAT8(i);
	model->status = BTYD_KNOWN;
	model_check(model);
	PG_RETURN_POINTER(model);
}

/*
 * crm_spend_correlation(crm_spend_model) -> float8
 *
 * Pearson's correlation of paid frequency and mean spend in the data of the
 * fit.  The model assumes none.  NULL when it cannot be told.
 */
Datum
crm_spend_correlation(PG_FUNCTION_ARGS)
{
	SpendModel *model = crm_spend_model_get(PG_GETARG_DATUM(0));

	if (!(model->header.flags & MODEL_HAS_CORRELATION))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(model->correlation);
}
