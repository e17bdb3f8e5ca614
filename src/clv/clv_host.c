/*-------------------------------------------------------------------------
 *
 * clv_host.c
 *	  The server as the host of the model fits in src/math, and options of a
 *	  fit.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "libpq/pqformat.h"
#include "utils/numeric.h"

#include "src/clv/clv_host.h"
#include "src/common/args.h"
#include "src/common/host.h"
#include "src/common/numeric_value.h"

/* Names of options that a fit may have */
#define MAX_OPTIONS 16

static double json_number(const JsonbValue *value, const char *what);
static void parse_prior(JsonbContainer *object, int n_params,
						ParamNameFunction param_name, void *arg,
						BtydFitOptions *options);
static int	whole_number(JsonbContainer *object, const char *name, int most);
static void check_keys(JsonbContainer *object, const char *what,
					   const char *const *valid, int n_valid);
static char *list_names(const char *const *names, int n);

const MathHost crm_math_host = {
	crm_host_alloc,
	crm_host_release,
	crm_host_check_interrupts
};

/* Indexed by BtydStatus */
static const char *const status_names[] = {
	"converged", "boundary", "ridge", "failed", "known"
};

const char *
crm_status_name(BtydStatus status)
{
	return status_names[status];
}

/*
 * -1 when there is none of that name.
 */
BtydStatus
crm_status_by_name(const char *name)
{
	int			i;

	for (i = 0; i < (int) lengthof(status_names); i++)
	{
		if (strcmp(name, status_names[i]) == 0)
			return (BtydStatus) i;
	}
	return (BtydStatus) -1;
}

static double
json_number(const JsonbValue *value, const char *what)
{
	int			scale;

	if (value == NULL || value->type != jbvNumeric)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s in fit options must be a number", what)));
	return crm_numeric_to_float8(NumericGetDatum(value->val.numeric), &scale);
}

static char *
list_names(const char *const *names, int n)
{
	StringInfoData buf;
	int			i;

	initStringInfo(&buf);
	for (i = 0; i < n; i++)
		appendStringInfo(&buf, "%s%s", i > 0 ? ", " : "", names[i]);
	return buf.data;
}

/*
 * Refuse keys that nobody reads: a misspelt option must not pass in silence.
 */
static void
check_keys(JsonbContainer *object, const char *what, const char *const *valid,
		   int n_valid)
{
	JsonbIterator *it = JsonbIteratorInit(object);
	JsonbIteratorToken token;
	JsonbValue	value;
	int			i;

	while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_DONE)
	{
		char	   *key;

		if (token != WJB_KEY)
			continue;
		key = pnstrdup(value.val.string.val, value.val.string.len);
		for (i = 0; i < n_valid; i++)
		{
			if (strcmp(key, valid[i]) == 0)
				break;
		}
		if (i == n_valid)
			crm_unknown_name_error(what, key, list_names(valid, n_valid));
	}
}

/*
 * "prior": {"r": [median, log_sd], ...}: the logarithm of the parameter has a
 * normal prior around log(median).
 */
static void
parse_prior(JsonbContainer *object, int n_params, ParamNameFunction param_name,
			void *arg, BtydFitOptions *options)
{
	const char *names[BTYD_MAX_PARAMS] = {NULL};
	int			i;

	for (i = 0; i < n_params; i++)
		names[i] = param_name(i, arg);
	check_keys(object, "parameter in prior", names, n_params);

	for (i = 0; i < n_params; i++)
	{
		JsonbValue	pair;
		double		median;
		double		log_sd;

		options->prior_mean[i] = 0;
		options->prior_sd[i] = INFINITY;
		if (getKeyJsonValueFromContainer(object, names[i], strlen(names[i]), &pair) == NULL)
			continue;
		if (pair.type != jbvBinary ||
			!JsonContainerIsArray(pair.val.binary.data) ||
			JsonContainerSize(pair.val.binary.data) != 2)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("prior of %s must be an array of two numbers", names[i]),
					 errhint("Give the median and the standard deviation of the logarithm, such as [0.5, 1].")));
		median = json_number(getIthJsonbValueFromContainer(pair.val.binary.data, 0),
							 "prior median");
		log_sd = json_number(getIthJsonbValueFromContainer(pair.val.binary.data, 1),
							 "prior log_sd");
		if (!(median > 0) || !isfinite(median) || !(log_sd > 0) || !isfinite(log_sd))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("prior of %s must have a positive median and log_sd, got [%g, %g]",
							names[i], median, log_sd)));
		options->prior_mean[i] = log(median);
		options->prior_sd[i] = log_sd;
		options->has_prior = true;
	}
}

/*
 * The number of that name as a whole one from 1 to most; 0 if it is not there.
 */
static int
whole_number(JsonbContainer *object, const char *name, int most)
{
	JsonbValue	value;
	double		n;

	if (getKeyJsonValueFromContainer(object, name, strlen(name), &value) == NULL)
		return 0;
	n = json_number(&value, name);
	if (!(n >= 1 && n <= most) || n != floor(n))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be a whole number from 1 to %d, got %g",
						name, most, n)));
	return (int) n;
}

/*
 * Read the options of a fit, {"max_iterations": n, "prior": "weak" or {...}}, and of
 * BTYD_REGULAR models {"k": n, "k_max": n, "log_intervals": number}; json may
 * be NULL.  param_name(i, arg) names the parameters.
 */
void
crm_fit_options_parse(Jsonb *json, int n_params, ParamNameFunction param_name,
					  void *arg, unsigned traits, BtydFitOptions *options)
{
	crm_fit_options_parse_more(json, n_params, param_name, arg, traits, NULL, 0, options);
}

/*
 * The same where there may be more[n_more] other options, which the caller reads.
 */
void
crm_fit_options_parse_more(Jsonb *json, int n_params, ParamNameFunction param_name,
						   void *arg, unsigned traits, const char *const *more,
						   int n_more, BtydFitOptions *options)
{
	const char *valid[MAX_OPTIONS] = {
		"max_iterations", "prior", "k", "k_max", "log_intervals"
	};
	const int	most_iterations = 10000;
	int			n_valid = traits & BTYD_REGULAR ? 5 : 2;
	JsonbValue	value;

	Assert(n_valid + n_more <= MAX_OPTIONS);
	memset(options, 0, sizeof(BtydFitOptions));
	options->k_max = BTYD_DEFAULT_K_MAX;
	options->log_intervals = NAN;
	if (json == NULL)
		return;
	while (n_more-- > 0)
		valid[n_valid++] = *more++;
	if (!JB_ROOT_IS_OBJECT(json))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("fit options must be a JSON object"),
				 errhint("Valid names are %s.", list_names(valid, n_valid))));
	check_keys(&json->root, "fit option", valid, n_valid);

	options->max_iterations = whole_number(&json->root, "max_iterations",
										   most_iterations);
	options->k = whole_number(&json->root, "k", BTYD_MAX_K);
	if (getKeyJsonValueFromContainer(&json->root, "k_max", 5, &value))
		options->k_max = whole_number(&json->root, "k_max", BTYD_MAX_K);
	if (getKeyJsonValueFromContainer(&json->root, "log_intervals", 13, &value))
	{
		options->log_intervals = json_number(&value, "log_intervals");
		crm_check_finite(options->log_intervals, "log_intervals");
	}
	if (getKeyJsonValueFromContainer(&json->root, valid[1], strlen(valid[1]), &value))
	{
		if (value.type == jbvString && value.val.string.len == 4 &&
			memcmp(value.val.string.val, "weak", 4) == 0)
			options->weak_prior = true;
		else if (value.type == jbvBinary &&
				 JsonContainerIsObject(value.val.binary.data))
			parse_prior(value.val.binary.data, n_params, param_name, arg, options);
		else
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("prior in fit options must be a JSON object or \"weak\""),
					 errhint("Name parameters, such as {\"prior\": {\"r\": [0.5, 1]}}.")));
	}
}

/*
 * Are the options of two rows the same?  Either may be NULL.
 */
bool
crm_same_options(const Jsonb *a, const Jsonb *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return VARSIZE(a) == VARSIZE(b) && memcmp(a, b, VARSIZE(a)) == 0;
}

/*
 * Append options, which may be NULL, to a serialised state.
 */
void
crm_options_write(StringInfo buf, const Jsonb *options)
{
	int			size = options == NULL ? 0 : VARSIZE(options);

	pq_sendint32(buf, size);
	if (size > 0)
		pq_sendbytes(buf, (const char *) options, size);
}

/*
 * Read what crm_options_write wrote, in the current memory context.
 */
Jsonb *
crm_options_read(StringInfo buf)
{
	int			size = pq_getmsgint(buf, 4);
	const char *bytes = pq_getmsgbytes(buf, size);	/* checks the size */
	Jsonb	   *options;

	if (size == 0)
		return NULL;
	options = (Jsonb *) palloc(size);
	memcpy(options, bytes, size);
	return options;
}
