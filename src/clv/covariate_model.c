/*-------------------------------------------------------------------------
 *
 * covariate_model.c
 *	  Covariates in the stored type crm_btyd_model, and the plain model of
 *	  customers with given covariates.
 *
 * How covariates act is in src/math/btyd_covariates.c; the layout of the value
 * is in btyd_model.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "libpq/pqformat.h"
#include "utils/array.h"

#include "src/clv/btyd_model.h"
#include "src/clv/covariate_options.h"
#include "src/common/args.h"

#define MODEL_TYPE "crm_btyd_model"

PG_FUNCTION_INFO_V1(crm_model_at);

static int	n_tail_covariances(int n_params, int n_coefs);
static const char *model_names(const BtydModel *model);
static void read_slots(TextReader *reader, const char *key, int n, int8 *slots);
static void text_slots(StringInfo buf, const char *key, int n, const int8 *slots);
static BtydModel *enlarge(const BtydModel *model, int n_coefs, const char *const *names);
static int	count_coefs(const BtydModel *model);

/*
 * How many numbers the rows of the covariance matrix have that belong to
 * coefficients.
 */
static int
n_tail_covariances(int n_params, int n_coefs)
{
	return n_coefs * n_params + n_coefs * (n_coefs + 1) / 2;
}

/*
 * The size of a model; without names (n_covariates 0) that of what comes before
 * them.
 */
Size
crm_btyd_model_size(int n_params, int n_covariates, int n_coefs,
					const char *const *names)
{
	Size		size = offsetof(BtydModel, tail) +
		(n_coefs + n_tail_covariances(n_params, n_coefs)) * sizeof(double);
	int			i;

	for (i = 0; i < n_covariates; i++)
		size += strlen(names[i]) + 1;
	return size;
}

/*
 * Where the rows of the covariance matrix begin that belong to coefficients.
 */
double *
crm_btyd_model_tail_covariance(BtydModel *model)
{
	return model->tail + model->n_coefs;
}

int
crm_btyd_model_tail_covariances(const BtydModel *model)
{
	return n_tail_covariances(crm_btyd_n_params((BtydKind) model->kind), model->n_coefs);
}

/*
 * Element i, j of the covariance matrix of parameters, then coefficients; NaN
 * where there is none.
 */
double
crm_btyd_model_covariance(const BtydModel *model, int i, int j)
{
	int			n = crm_btyd_n_params((BtydKind) model->kind);
	int			row = Max(i, j);
	int			at = row * (row + 1) / 2 + Min(i, j);

	if (!(model->header.flags & MODEL_HAS_COVARIANCE))
		return (double) NAN;
	if (row < n)
		return model->covariance[at];
	return model->tail[model->n_coefs + at - n * (n + 1) / 2];
}

/*
 * What coefficients the covariates have, in the form that src/math takes.
 */
void
crm_btyd_model_design(const BtydModel *model, BtydDesign *design)
{
	int			i;

	memset(design, 0, sizeof(BtydDesign));
	design->n_covariates = model->n_covariates;
	design->n_coefs = model->n_coefs;
	for (i = 0; i < model->n_covariates; i++)
	{
		design->purchase[i] = model->purchase[i];
		design->dropout[i] = model->dropout[i];
	}
	memcpy(design->ridge, model->ridge, sizeof(design->ridge));
}

/* The names' first byte */
static const char *
model_names(const BtydModel *model)
{
	return (const char *) model +
		crm_btyd_model_size(crm_btyd_n_params((BtydKind) model->kind), 0,
							model->n_coefs, NULL);
}

/*
 * The names of the covariates, inside the value.
 */
void
crm_btyd_model_names(const BtydModel *model, const char **names)
{
	const char *name = model_names(model);
	int			i;

	for (i = 0; i < model->n_covariates; i++)
	{
		names[i] = name;
		name += strlen(name) + 1;
	}
}

/*
 * The name of a coefficient: gamma_, delta_ or both_ and the covariate's name.
 */
char *
crm_btyd_coef_name(const BtydModel *model, int coef)
{
	const char *names[BTYD_MAX_COVARIATES];
	int			i;

	crm_btyd_model_names(model, names);
	for (i = 0; i < model->n_covariates; i++)
	{
		bool		buys = model->purchase[i] == coef;
		bool		leaves = model->dropout[i] == coef;

		if (buys || leaves)
			return psprintf("%s_%s", buys ? (leaves ? "both" : "gamma") : "delta",
							names[i]);
	}
	elog(ERROR, "coefficient %d has no covariate", coef);
}

/*
 * A covariate's name is a word, so that it can stand in the text form and in
 * the name of a coefficient.
 */
bool
crm_covariate_name_valid(const char *name)
{
	const char *c;

	if (name[0] == '\0' || strlen(name) >= NAMEDATALEN)
		return false;
	for (c = name; *c != '\0'; c++)
	{
		if ((unsigned char) *c <= ' ' || *c == 0x7f || strchr(",[]=\"\\", *c) != NULL)
			return false;
	}
	return true;
}

/*
 * Does what a model says of covariates make sense, and is the value as long as
 * that needs?
 */
bool
crm_btyd_model_tail_valid(const BtydModel *model)
{
	int			n_params;
	int			n_values;
	int			seen[BTYD_MAX_COEFS] = {0};
	const char *name;
	const char *end = (const char *) model + VARSIZE(model);
	int			i;
	int			j;

	if (!crm_btyd_kind_known(model->kind))
		return false;
	if (model->n_covariates == 0)
		return model->n_coefs == 0 && VARSIZE(model) == offsetof(BtydModel, tail) &&
			model->ridge[0] == 0 && model->ridge[1] == 0;
	n_params = crm_btyd_n_params((BtydKind) model->kind);
	if (!crm_btyd_takes_covariates((BtydKind) model->kind) ||
		model->n_covariates < 0 || model->n_covariates > BTYD_MAX_COVARIATES ||
		model->n_coefs < 1 || model->n_coefs > BTYD_MAX_COEFS ||
		VARSIZE(model) < crm_btyd_model_size(n_params, 0, model->n_coefs, NULL) ||
		!(model->ridge[0] >= 0) || isinf(model->ridge[0]) ||
		!(model->ridge[1] >= 0) || isinf(model->ridge[1]))
		return false;

	/* each coefficient belongs to one covariate */
	for (i = 0; i < model->n_covariates; i++)
	{
		int			slots[2] = {model->purchase[i], model->dropout[i]};

		for (j = 0; j < 2; j++)
		{
			if (slots[j] < -1 || slots[j] >= model->n_coefs)
				return false;
			if (slots[j] < 0)
				continue;
			if (seen[slots[j]] != 0 && seen[slots[j]] != i + 1)
				return false;
			seen[slots[j]] = i + 1;
		}
	}
	for (i = 0; i < model->n_coefs; i++)
	{
		if (seen[i] == 0)
			return false;
	}

	n_values = model->n_coefs + n_tail_covariances(n_params, model->n_coefs);
	for (i = 0; i < n_values; i++)
	{
		if (!isfinite(model->tail[i]) ||
			(i >= model->n_coefs && model->tail[i] != 0 &&
			 !(model->header.flags & MODEL_HAS_COVARIANCE)))
			return false;
	}
	for (i = 0; i < model->n_coefs; i++)
	{
		if (crm_btyd_model_covariance(model, n_params + i, n_params + i) < 0)
			return false;
	}

	name = model_names(model);
	for (i = 0; i < model->n_covariates; i++)
	{
		size_t		length = strnlen(name, end - name);

		if (length == (size_t) (end - name) || !crm_covariate_name_valid(name))
			return false;
		name += length + 1;
	}
	return name == end;
}

/*
 * A model like this one, with room for coefficients and names.
 */
static BtydModel *
enlarge(const BtydModel *model, int n_coefs, const char *const *names)
{
	BtydModel  *result = crm_btyd_model_alloc(crm_btyd_n_params((BtydKind) model->kind),
											  model->n_covariates, n_coefs, names);
	Size		size = VARSIZE(result);

	memcpy(result, model, offsetof(BtydModel, tail));
	SET_VARSIZE(result, size);
	result->n_coefs = n_coefs;
	return result;
}

/*
 * The number of coefficients that purchase and dropout speak of.
 */
static int
count_coefs(const BtydModel *model)
{
	int			n = 0;
	int			i;

	for (i = 0; i < model->n_covariates; i++)
		n = Max(n, Max(model->purchase[i], model->dropout[i]) + 1);
	return Min(n, BTYD_MAX_COEFS);
}

static void
text_slots(StringInfo buf, const char *key, int n, const int8 *slots)
{
	double		values[BTYD_MAX_COVARIATES];
	int			i;

	for (i = 0; i < n; i++)
		values[i] = slots[i];
	crm_text_float8_list(buf, key, values, n);
}

static void
read_slots(TextReader *reader, const char *key, int n, int8 *slots)
{
	double		values[BTYD_MAX_COVARIATES];
	int			i;

	if (crm_text_read_float8_list(reader, key, values, n) != n)
		crm_text_error(reader, psprintf("%d numbers before this", n));
	for (i = 0; i < n; i++)
	{
		if (!(values[i] >= -1 && values[i] < BTYD_MAX_COEFS) ||
			values[i] != floor(values[i]))
			crm_text_error(reader, "numbers of coefficients, or -1, before this");
		slots[i] = (int8) values[i];
	}
}

/*
 * The end of the text form of a model with covariates: covariates=[a,b]
 * purchase=[0,1] dropout=[2,-1] ridge=[0,0] coefficients=[...]
 * [coefficient_covariance=[rows of the lower triangle]]
 */
void
crm_btyd_model_covariates_out(StringInfo buf, const BtydModel *model)
{
	const char *names[BTYD_MAX_COVARIATES];
	int			i;

	crm_btyd_model_names(model, names);
	crm_text_key(buf, "covariates");
	for (i = 0; i < model->n_covariates; i++)
		appendStringInfo(buf, "%c%s", i > 0 ? ',' : '[', names[i]);
	appendStringInfoChar(buf, ']');
	text_slots(buf, "purchase", model->n_covariates, model->purchase);
	text_slots(buf, "dropout", model->n_covariates, model->dropout);
	crm_text_float8_list(buf, "ridge", model->ridge, 2);
	crm_text_float8_list(buf, "coefficients", model->tail, model->n_coefs);
	if (model->header.flags & MODEL_HAS_COVARIANCE)
		crm_text_float8_list(buf, "coefficient_covariance",
							 model->tail + model->n_coefs,
							 crm_btyd_model_tail_covariances(model));
}

/*
 * Read what crm_btyd_model_covariates_out wrote; returns a larger model.
 */
BtydModel *
crm_btyd_model_covariates_in(TextReader *reader, BtydModel *model)
{
	const char *names[BTYD_MAX_COVARIATES];
	int			n = 0;
	int			n_coefs;

	crm_text_read_key(reader, "covariates");
	crm_text_read_char(reader, '[');
	do
	{
		size_t		length = strcspn(reader->pos, " ,]");
		char	   *name = pnstrdup(reader->pos, length);

		if (n >= BTYD_MAX_COVARIATES)
			crm_text_error(reader, psprintf("at most %d covariates", BTYD_MAX_COVARIATES));
		if (!crm_covariate_name_valid(name))
			crm_text_error(reader, "the name of a covariate");
		names[n++] = name;
		reader->pos += length;
	} while (crm_text_read_optional_char(reader, ','));
	crm_text_read_char(reader, ']');
	model->n_covariates = n;
	read_slots(reader, "purchase", n, model->purchase);
	read_slots(reader, "dropout", n, model->dropout);
	if (crm_text_read_float8_list(reader, "ridge", model->ridge, 2) != 2)
		crm_text_error(reader, "2 numbers before this");

	n_coefs = count_coefs(model);
	model = enlarge(model, n_coefs, names);
	if (crm_text_read_float8_list(reader, "coefficients", model->tail, n_coefs) != n_coefs)
		crm_text_error(reader, psprintf("%d coefficients before this", n_coefs));
	if (model->header.flags & MODEL_HAS_COVARIANCE)
	{
		int			n_values = crm_btyd_model_tail_covariances(model);

		if (crm_text_read_float8_list(reader, "coefficient_covariance",
									  crm_btyd_model_tail_covariance(model),
									  n_values) != n_values)
			crm_text_error(reader, psprintf("%d covariances before this", n_values));
	}
	return model;
}

/*
 * The end of the binary form of a model with covariates.
 */
void
crm_btyd_model_covariates_send(StringInfo buf, const BtydModel *model)
{
	const char *names[BTYD_MAX_COVARIATES];
	int			n_values = model->n_coefs;
	int			i;

	crm_btyd_model_names(model, names);
	for (i = 0; i < model->n_covariates; i++)
	{
		pq_sendstring(buf, names[i]);
		pq_sendbyte(buf, (uint8) model->purchase[i]);
		pq_sendbyte(buf, (uint8) model->dropout[i]);
	}
	pq_sendfloat8(buf, model->ridge[0]);
	pq_sendfloat8(buf, model->ridge[1]);
	if (model->header.flags & MODEL_HAS_COVARIANCE)
		n_values += crm_btyd_model_tail_covariances(model);
	for (i = 0; i < n_values; i++)
		pq_sendfloat8(buf, model->tail[i]);
}

/*
 * Read what crm_btyd_model_covariates_send wrote; the number of covariates is in
 * the model already.  Returns a larger model, which the caller checks.
 */
BtydModel *
crm_btyd_model_covariates_recv(StringInfo buf, BtydModel *model)
{
	const char *names[BTYD_MAX_COVARIATES];
	int			n_values;
	int			i;

	for (i = 0; i < model->n_covariates; i++)
	{
		names[i] = pq_getmsgstring(buf);
		model->purchase[i] = (int8) pq_getmsgbyte(buf);
		model->dropout[i] = (int8) pq_getmsgbyte(buf);
	}
	model->ridge[0] = pq_getmsgfloat8(buf);
	model->ridge[1] = pq_getmsgfloat8(buf);
	model = enlarge(model, count_coefs(model), names);
	n_values = model->n_coefs;
	if (model->header.flags & MODEL_HAS_COVARIANCE)
		n_values += crm_btyd_model_tail_covariances(model);
	for (i = 0; i < n_values; i++)
		model->tail[i] = pq_getmsgfloat8(buf);
	return model;
}

/*
 * crm_model_at(model, x float8[]) -> crm_btyd_model
 *
 * The plain model of customers with covariates x: parameters, and their
 * covariance by the delta method.  It has no log-likelihood, which is that of
 * the model with covariates.
 */
Datum
crm_model_at(PG_FUNCTION_ARGS)
{
	BtydModel  *model = crm_btyd_model_get(PG_GETARG_DATUM(0));
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(1);
	int			n = crm_btyd_n_params((BtydKind) model->kind);
	int			n_free = n + model->n_coefs;
	bool		has_covariance = (model->header.flags & MODEL_HAS_COVARIANCE) != 0;
	BtydModel  *result;
	BtydDesign	design;
	const double *x;
	double	   *covariance = NULL;
	double		covariance_at[BTYD_MAX_PARAMS * BTYD_MAX_PARAMS];
	Size		size;
	int			i;
	int			j;
	int			k = 0;

	if (model->n_covariates == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model has no covariates"),
				 errhint("Use the model as it is.")));
	x = crm_covariates_get(array, model->n_covariates);

	result = crm_btyd_model_alloc(n, 0, 0, NULL);
	size = VARSIZE(result);
	memcpy(result, model, offsetof(BtydModel, prior_mean));
	SET_VARSIZE(result, size);
	result->log_likelihood = model->status == BTYD_KNOWN ? 0 : NO_LOG_LIKELIHOOD;

	crm_btyd_model_design(model, &design);
	if (has_covariance)
	{
		covariance = (double *) palloc(n_free * n_free * sizeof(double));
		for (i = 0; i < n_free; i++)
		{
			for (j = 0; j < n_free; j++)
				covariance[i * n_free + j] = crm_btyd_model_covariance(model, i, j);
		}
	}
	crm_btyd_at_covariates((BtydKind) model->kind, &design, model->tail, x,
						   result->params, covariance, covariance_at);
	for (i = 0; i < n; i++)
	{
		if (!(result->params[i] > 0) || !isfinite(result->params[i]))
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("parameter %s at these covariates is out of range",
							crm_btyd_param_name((BtydKind) model->kind, i))));
		for (j = 0; j <= i && has_covariance; j++)
		{
			double		value = covariance_at[i * n + j];

			if (!isfinite(value))
				ereport(ERROR,
						(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						 errmsg("covariance at these covariates is out of range")));
			result->covariance[k++] = i == j ? Max(value, 0) : value;
		}
	}
	PG_RETURN_POINTER(result);
}
