/*-------------------------------------------------------------------------
 *
 * btyd_model_io.c
 *	  Text and binary form of the stored type crm_btyd_model.
 *
 * Whatever comes in is checked; covariates are read and written by
 * covariate_model.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "libpq/pqformat.h"

#include "src/clv/btyd_model.h"
#include "src/clv/clv_host.h"

PG_FUNCTION_INFO_V1(crm_btyd_model_in);
PG_FUNCTION_INFO_V1(crm_btyd_model_out);
PG_FUNCTION_INFO_V1(crm_btyd_model_send);
PG_FUNCTION_INFO_V1(crm_btyd_model_recv);

/*
 * Text form: crm_btyd_model:1 model=bg/nbd status=converged unit_days=7
 * customers=2357 histories=1016 iterations=7 log_likelihood=-9582.4
 * parameters=[r,alpha,a,b] [k=2] prior=0 [prior_mean=[...] prior_sd=[...]]
 * [covariance=[lower triangle]] [covariates], see covariate_model.c; k with the
 * models that have it.
 */
Datum
crm_btyd_model_in(PG_FUNCTION_ARGS)
{
	TextReader	reader;
	BtydModel  *model = crm_btyd_model_new();
	BtydStatus	status;
	BtydKind	kind;
	int64		iterations;
	int			n;

	crm_text_read_begin(&reader, PG_GETARG_CSTRING(0), BTYD_MODEL_TYPE, BTYD_MODEL_VERSION);
	kind = crm_btyd_kind_named(crm_text_read_word(&reader, "model"));
	model->kind = kind;
	n = crm_btyd_n_params(kind);
	status = crm_status_by_name(crm_text_read_word(&reader, "status"));
	if ((int) status < 0)
		crm_text_error(&reader, "a known status");
	model->status = status;
	model->unit_days = crm_text_read_float8(&reader, "unit_days");
	model->customers = crm_text_read_float8(&reader, "customers");
	model->histories = crm_text_read_int64(&reader, "histories");
	iterations = crm_text_read_int64(&reader, "iterations");
	if (iterations < 0 || iterations > PG_INT32_MAX)
		crm_text_error(&reader, "iterations from 0 to 2147483647 before this");
	model->iterations = (int32) iterations;
	model->log_likelihood = crm_text_read_float8(&reader, "log_likelihood");
	if (crm_text_read_float8_list(&reader, "parameters", model->params, n) != n)
		crm_text_error(&reader, psprintf("%d parameters", n));
	if (crm_btyd_traits(kind) & BTYD_REGULAR)
	{
		int64		k = crm_text_read_int64(&reader, "k");

		if (k < 1 || k > BTYD_MAX_K)
			crm_text_error(&reader, psprintf("k from 1 to %d before this", BTYD_MAX_K));
		model->k = (int32) k;
	}
	if (crm_text_read_int64(&reader, "prior") != 0)
	{
		model->header.flags |= MODEL_HAS_PRIOR;
		if (crm_text_read_float8_list(&reader, "prior_mean", model->prior_mean, n) != n ||
			crm_text_read_float8_list(&reader, "prior_sd", model->prior_sd, n) != n)
			crm_text_error(&reader, psprintf("%d numbers before this", n));
	}
	if (crm_text_read_has_key(&reader, "covariance"))
	{
		model->header.flags |= MODEL_HAS_COVARIANCE;
		reader.pos -= strlen(" covariance=");
		if (crm_text_read_float8_list(&reader, "covariance", model->covariance,
									  n * (n + 1) / 2) != n * (n + 1) / 2)
			crm_text_error(&reader, psprintf("%d covariances", n * (n + 1) / 2));
	}
	if (*reader.pos == ' ')
		model = crm_btyd_model_covariates_in(&reader, model);
	crm_text_read_end(&reader);
	crm_btyd_model_check(model);
	PG_RETURN_POINTER(model);
}

Datum
crm_btyd_model_out(PG_FUNCTION_ARGS)
{
	BtydModel  *model = crm_btyd_model_get(PG_GETARG_DATUM(0));
	BtydKind	kind = (BtydKind) model->kind;
	int			n = crm_btyd_n_params(kind);
	StringInfoData buf;

	initStringInfo(&buf);
	crm_text_begin(&buf, BTYD_MODEL_TYPE, BTYD_MODEL_VERSION);
	crm_text_word(&buf, "model", crm_btyd_kind_name(kind));
	crm_text_word(&buf, "status", crm_status_name((BtydStatus) model->status));
	crm_text_float8(&buf, "unit_days", model->unit_days);
	crm_text_float8(&buf, "customers", model->customers);
	crm_text_int64(&buf, "histories", model->histories);
	crm_text_int64(&buf, "iterations", model->iterations);
	crm_text_float8(&buf, "log_likelihood", model->log_likelihood);
	crm_text_float8_list(&buf, "parameters", model->params, n);
	if (crm_btyd_traits(kind) & BTYD_REGULAR)
		crm_text_int64(&buf, "k", model->k);
	crm_text_int64(&buf, "prior", (model->header.flags & MODEL_HAS_PRIOR) != 0);
	if (model->header.flags & MODEL_HAS_PRIOR)
	{
		crm_text_float8_list(&buf, "prior_mean", model->prior_mean, n);
		crm_text_float8_list(&buf, "prior_sd", model->prior_sd, n);
	}
	if (model->header.flags & MODEL_HAS_COVARIANCE)
		crm_text_float8_list(&buf, "covariance", model->covariance, n * (n + 1) / 2);
	if (model->n_covariates > 0)
		crm_btyd_model_covariates_out(&buf, model);
	PG_RETURN_CSTRING(buf.data);
}

Datum
crm_btyd_model_send(PG_FUNCTION_ARGS)
{
	BtydModel  *model = crm_btyd_model_get(PG_GETARG_DATUM(0));
	int			n = crm_btyd_n_params((BtydKind) model->kind);
	StringInfoData buf;
	int			i;

	crm_summary_send_begin(&buf, model);
	pq_sendint32(&buf, model->kind);
	pq_sendint32(&buf, model->status);
	pq_sendint32(&buf, model->iterations);
	pq_sendint32(&buf, model->k);
	pq_sendfloat8(&buf, model->unit_days);
	pq_sendfloat8(&buf, model->customers);
	pq_sendint64(&buf, model->histories);
	pq_sendfloat8(&buf, model->log_likelihood);
	for (i = 0; i < n; i++)
		pq_sendfloat8(&buf, model->params[i]);
	for (i = 0; i < n * (n + 1) / 2; i++)
		pq_sendfloat8(&buf, model->covariance[i]);
	if (model->header.flags & MODEL_HAS_PRIOR)
	{
		for (i = 0; i < n; i++)
		{
			pq_sendfloat8(&buf, model->prior_mean[i]);
			pq_sendfloat8(&buf, model->prior_sd[i]);
		}
	}
	pq_sendint32(&buf, model->n_covariates);
	if (model->n_covariates > 0)
		crm_btyd_model_covariates_send(&buf, model);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

Datum
crm_btyd_model_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	BtydModel  *model = crm_btyd_model_new();
	int			n_covariates;
	int			n;
	int			i;

	(void) crm_summary_recv_begin(buf, SUMMARY_BTYD_MODEL, BTYD_MODEL_VERSION,
								  &model->header.flags, BTYD_MODEL_TYPE);
	model->kind = pq_getmsgint(buf, 4);
	if (!crm_btyd_kind_known(model->kind))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("unknown model number %d in external \"%s\" value",
						model->kind, BTYD_MODEL_TYPE)));
	model->status = pq_getmsgint(buf, 4);
	model->iterations = pq_getmsgint(buf, 4);
	model->k = pq_getmsgint(buf, 4);
	model->unit_days = pq_getmsgfloat8(buf);
	model->customers = pq_getmsgfloat8(buf);
	model->histories = pq_getmsgint64(buf);
	model->log_likelihood = pq_getmsgfloat8(buf);
	n = crm_btyd_n_params((BtydKind) model->kind);
	for (i = 0; i < n; i++)
		model->params[i] = pq_getmsgfloat8(buf);
	for (i = 0; i < n * (n + 1) / 2; i++)
		model->covariance[i] = pq_getmsgfloat8(buf);
	if (model->header.flags & MODEL_HAS_PRIOR)
	{
		for (i = 0; i < n; i++)
		{
			model->prior_mean[i] = pq_getmsgfloat8(buf);
			model->prior_sd[i] = pq_getmsgfloat8(buf);
		}
	}
	n_covariates = pq_getmsgint(buf, 4);
	if (n_covariates < 0 || n_covariates > BTYD_MAX_COVARIATES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid number of covariates in external \"%s\" value",
						BTYD_MODEL_TYPE)));
	model->n_covariates = n_covariates;
	if (n_covariates > 0)
		model = crm_btyd_model_covariates_recv(buf, model);
	crm_btyd_model_check(model);
	PG_RETURN_POINTER(model);
}
