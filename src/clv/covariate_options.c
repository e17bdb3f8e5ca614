/*-------------------------------------------------------------------------
 *
 * covariate_options.c
 *	  Covariates as arguments: the customer's values and the options that say
 *	  what coefficients they have.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "utils/numeric.h"

#include "src/clv/btyd_model.h"
#include "src/clv/clv_host.h"
#include "src/clv/covariate_options.h"
#include "src/common/args.h"
#include "src/common/numeric_value.h"

/* Larger than any covariate in use; its square is no overflow. */
#define COVARIATE_MAX 1e100

typedef struct CovariateNames
{
	int			n;
	const char **names;
} CovariateNames;

static const char *param_name(int i, void *arg);
static bool find_option(Jsonb *json, const char *name, JsonbValue *value);
static void parse_names(Jsonb *json, CovariateNames *covariates);
static void parse_list(const JsonbValue *value, const char *option,
					   const CovariateNames *covariates, bool *chosen);
static int	covariate_number(const JsonbValue *value, const char *option,
							 const CovariateNames *covariates);
static double parse_penalty(const JsonbValue *value);
static void parse_ridge(const JsonbValue *value, double *ridge);

/*
 * The values of a customer's covariates, inside the array: an error unless there
 * are n_wanted (0: as many as one likes) finite numbers.
 */
const double *
crm_covariates_get(ArrayType *array, int n_wanted)
{
	int			n = ARR_NDIM(array) == 1 ? ARR_DIMS(array)[0] : 0;
	const double *x = (const double *) ARR_DATA_PTR(array);
	int			i;

	if (n < 1 || n > BTYD_MAX_COVARIATES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("covariates must be an array of 1 to %d numbers",
						BTYD_MAX_COVARIATES)));
	if (n_wanted > 0 && n != n_wanted)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("expected %d covariates, got %d", n_wanted, n),
				 errhint("Pass the same covariates, in the same order, for all customers.")));
	if (ARR_HASNULL(array) && array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("covariates must not be null"),
				 errhint("Leave out customers whose covariates are not known, or code \"unknown\" as a covariate of its own.")));
	for (i = 0; i < n; i++)
	{
		if (!(fabs(x[i]) <= COVARIATE_MAX))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("covariate %d must be a finite number, at most %g, got %g",
							i + 1, COVARIATE_MAX, x[i])));
	}
	return x;
}

/* ParamNameFunction */
static const char *
param_name(int i, void *arg)
{
	return crm_btyd_param_name(*(BtydKind *) arg, i);
}

static bool
find_option(Jsonb *json, const char *name, JsonbValue *value)
{
	return json != NULL &&
		getKeyJsonValueFromContainer(&json->root, name, strlen(name), value) != NULL;
}

/*
 * "covariates": ["channel", "region"]; without, they are called 1, 2 and so on.
 */
static void
parse_names(Jsonb *json, CovariateNames *covariates)
{
	JsonbValue	value;
	int			i;
	int			j;

	if (!find_option(json, "covariates", &value))
	{
		for (i = 0; i < covariates->n; i++)
			covariates->names[i] = psprintf("%d", i + 1);
		return;
	}
	if (value.type != jbvBinary || !JsonContainerIsArray(value.val.binary.data) ||
		JsonContainerSize(value.val.binary.data) != covariates->n)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("covariates in fit options must be an array of %d names",
						covariates->n),
				 errhint("Name each element of the array of covariates.")));
	for (i = 0; i < covariates->n; i++)
	{
		JsonbValue *name = getIthJsonbValueFromContainer(value.val.binary.data, i);
		char	   *text = name->type == jbvString ?
			pnstrdup(name->val.string.val, name->val.string.len) : NULL;

		if (text == NULL || !crm_covariate_name_valid(text))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("invalid name of covariate %d", i + 1),
					 errhint("A name is a string of up to %d bytes without blanks, commas, brackets, quotes, backslashes and equals signs.",
							 NAMEDATALEN - 1)));
		for (j = 0; j < i; j++)
		{
			if (strcmp(covariates->names[j], text) == 0)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("covariate name \"%s\" is used twice", text)));
		}
		covariates->names[i] = text;
	}
}

/*
 * The covariate that an element of a list means, by name or by number from 1.
 */
static int
covariate_number(const JsonbValue *value, const char *option,
				 const CovariateNames *covariates)
{
	int			i;

	if (value->type == jbvString)
	{
		for (i = 0; i < covariates->n; i++)
		{
			if (strlen(covariates->names[i]) == (size_t) value->val.string.len &&
				memcmp(covariates->names[i], value->val.string.val,
					   value->val.string.len) == 0)
				return i;
		}
	}
	else if (value->type == jbvNumeric)
	{
		int			scale;
		double		number = crm_numeric_to_float8(NumericGetDatum(value->val.numeric), &scale);

		if (number >= 1 && number <= covariates->n && number == floor(number))
			return (int) number - 1;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown covariate in fit option \"%s\"", option),
			 errhint("Give names from the option \"covariates\", or numbers from 1 to %d.",
					 covariates->n)));
}

/*
 * A list of covariates, or true for all of them and false for none.
 */
static void
parse_list(const JsonbValue *value, const char *option,
		   const CovariateNames *covariates, bool *chosen)
{
	int			n;
	int			i;

	if (value->type == jbvBool)
	{
		for (i = 0; i < covariates->n; i++)
			chosen[i] = value->val.boolean;
		return;
	}
	if (value->type != jbvBinary || !JsonContainerIsArray(value->val.binary.data))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("fit option \"%s\" must be an array of covariates, true or false",
						option)));
	memset(chosen, 0, covariates->n * sizeof(bool));
	n = JsonContainerSize(value->val.binary.data);
	for (i = 0; i < n; i++)
		chosen[covariate_number(getIthJsonbValueFromContainer(value->val.binary.data, i),
								option, covariates)] = true;
}

static double
parse_penalty(const JsonbValue *value)
{
	int			scale;
	double		penalty = -1;

	if (value->type == jbvNumeric)
		penalty = crm_numeric_to_float8(NumericGetDatum(value->val.numeric), &scale);
	if (!(penalty >= 0) || isinf(penalty))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("ridge in fit options must be a number that is not negative, or two of them"),
				 errhint("Two are for the purchase and the dropout process.")));
	return penalty;
}

/*
 * "ridge": a penalty for both processes, or [purchase, dropout].
 */
static void
parse_ridge(const JsonbValue *value, double *ridge)
{
	if (value->type == jbvBinary && JsonContainerIsArray(value->val.binary.data) &&
		JsonContainerSize(value->val.binary.data) == 2)
	{
		ridge[0] = parse_penalty(getIthJsonbValueFromContainer(value->val.binary.data, 0));
		ridge[1] = parse_penalty(getIthJsonbValueFromContainer(value->val.binary.data, 1));
	}
	else
		ridge[0] = ridge[1] = parse_penalty(value);
}

/*
 * Read the options of a fit with covariates, those of every fit and
 *		"covariates": names
 *		"purchase", "dropout": the covariates that act on that process, else all
 *		"equal": those with the same coefficient in both
 *		"ridge": penalty
 * json may be NULL.  names[n_covariates] are allocated in the current memory
 * context.
 */
void
crm_covariate_options_parse(Jsonb *json, BtydKind kind, int n_covariates,
							BtydFitOptions *options, BtydDesign *design,
							const char **names)
{
	static const char *const own[] = {
		"covariates", "purchase", "dropout", "equal", "ridge"
	};
	CovariateNames covariates = {n_covariates, names};
	bool		purchase[BTYD_MAX_COVARIATES];
	bool		dropout[BTYD_MAX_COVARIATES];
	bool		equal[BTYD_MAX_COVARIATES] = {false};
	JsonbValue	value;
	int			i;

	if (!crm_btyd_takes_covariates(kind))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model %s takes no covariates", crm_btyd_kind_name(kind)),
				 errhint("Models that do are pareto/nbd, bg/nbd and mbg/nbd.")));
	crm_fit_options_parse_more(json, crm_btyd_n_params(kind), param_name, &kind,
							   crm_btyd_traits(kind), own, lengthof(own), options);

	memset(design, 0, sizeof(BtydDesign));
	memset(purchase, true, sizeof(purchase));
	memset(dropout, true, sizeof(dropout));
	design->n_covariates = n_covariates;
	parse_names(json, &covariates);
	if (find_option(json, "purchase", &value))
		parse_list(&value, "purchase", &covariates, purchase);
	if (find_option(json, "dropout", &value))
		parse_list(&value, "dropout", &covariates, dropout);
	if (find_option(json, "equal", &value))
	{
		parse_list(&value, "equal", &covariates, equal);
		for (i = 0; i < n_covariates; i++)
		{
			if (!equal[i] || (purchase[i] && dropout[i]))
				continue;
			if (value.type != jbvBool)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("covariate %s cannot have equal coefficients in both processes",
								names[i]),
						 errhint("It does not act on both.")));
			equal[i] = false;
		}
	}
	if (find_option(json, "ridge", &value))
		parse_ridge(&value, design->ridge);

	/* purchase coefficients first, then those of dropout alone */
	for (i = 0; i < n_covariates; i++)
		design->purchase[i] = purchase[i] ? design->n_coefs++ : -1;
	for (i = 0; i < n_covariates; i++)
		design->dropout[i] = equal[i] ? design->purchase[i] :
			dropout[i] ? design->n_coefs++ : -1;
	if (design->n_coefs == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("no covariate acts on either process"),
				 errhint("Name some in \"purchase\" or \"dropout\", or fit without covariates.")));
}
