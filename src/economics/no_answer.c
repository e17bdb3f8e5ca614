/*-------------------------------------------------------------------------
 *
 * no_answer.c
 *	  Why a unit-economics formula has no answer.
 *
 * The formulas of sql/install/12_economics.sql are SQL functions that the
 * planner inlines, so that crm_cac(spend, n) costs what spend / n does.  An
 * inlined expression cannot raise an error of its own.  So each formula is
 *
 *		CASE WHEN arguments are fine THEN formula ELSE crm_no_answer(...) END
 *
 * and only what fails the test gets here: NULL, a zero denominator (both give
 * NULL), and values that no such argument can have, which are errors.  The
 * function returns NULL or raises, depends on its arguments alone, and is
 * therefore IMMUTABLE.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

PG_FUNCTION_INFO_V1(crm_no_answer_numeric);
PG_FUNCTION_INFO_V1(crm_no_answer_float8);

/* What must hold of one argument's value */
typedef enum ArgumentRule
{
	RULE_ANY,					/* an amount: anything */
	RULE_COUNT,					/* a count or duration: finite, at least 0 */
	RULE_PART,					/* a count, at most the argument after it */
	RULE_FRACTION,				/* 0 to 1 */
	RULE_MARGIN					/* at most 1; selling below cost is negative */
} ArgumentRule;

static const struct
{
	const char *word;
	ArgumentRule rule;
}			rule_words[] = {
	{"any", RULE_ANY},
	{"count", RULE_COUNT},
	{"part", RULE_PART},
	{"fraction", RULE_FRACTION},
	{"margin", RULE_MARGIN}
};

/* Both number types have what the checks need. */
typedef struct NumberType
{
	Oid			type;
	int			len;
	bool		by_value;
	char		align;
	bool		(*is_finite) (Datum value);
	int			(*compare) (Datum a, Datum b);
	PGFunction	out;
	Datum		zero;
	Datum		one;
} NumberType;

static bool numeric_is_finite(Datum value);
static int	compare_numerics(Datum a, Datum b);
static bool float8_is_finite(Datum value);
static int	compare_floats(Datum a, Datum b);
static ArgumentRule parse_rule(const char *spec, const char **name);
static void no_answer(ArrayType *specs, ArrayType *values, const NumberType *type);

static bool
numeric_is_finite(Datum value)
{
	Numeric		number = DatumGetNumeric(value);

	return !numeric_is_nan(number) && !numeric_is_inf(number);
}

static int
compare_numerics(Datum a, Datum b)
{
	return DatumGetInt32(DirectFunctionCall2(numeric_cmp, a, b));
}

static bool
float8_is_finite(Datum value)
{
	return isfinite(DatumGetFloat8(value));
}

static int
compare_floats(Datum a, Datum b)
{
	double		x = DatumGetFloat8(a);
	double		y = DatumGetFloat8(b);

	return (x > y) - (x < y);
}

/*
 * Split "count new_customers" into the rule and the argument's name.
 */
static ArgumentRule
parse_rule(const char *spec, const char **name)
{
	int			i;

	for (i = 0; i < lengthof(rule_words); i++)
	{
		size_t		len = strlen(rule_words[i].word);

		if (strncmp(spec, rule_words[i].word, len) == 0 && spec[len] == ' ')
		{
			*name = spec + len + 1;
			return rule_words[i].rule;
		}
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid argument rule \"%s\"", spec)));
}

/*
 * Raise the error that the first offending value deserves, if there is one.
 * A NULL among the values comes before everything: the answer is NULL then,
 * as it is for a strict function.
 */
static void
no_answer(ArrayType *specs, ArrayType *values, const NumberType *type)
{
	Datum	   *spec;
	bool	   *spec_is_null;
	int			n_specs;
	Datum	   *value;
	bool	   *is_null;
	int			n;
	int			i;

	deconstruct_array(specs, TEXTOID, -1, false, TYPALIGN_INT,
					  &spec, &spec_is_null, &n_specs);
	deconstruct_array(values, type->type, type->len, type->by_value, type->align,
					  &value, &is_null, &n);
	if (n != n_specs)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%d argument rules for %d values", n_specs, n)));

	for (i = 0; i < n; i++)
		if (is_null[i] || spec_is_null[i])
			return;

	for (i = 0; i < n; i++)
	{
		const char *name;
		ArgumentRule rule = parse_rule(TextDatumGetCString(spec[i]), &name);
		const char *got = DatumGetCString(DirectFunctionCall1(type->out, value[i]));

		if (rule == RULE_ANY)
			continue;
		if (!type->is_finite(value[i]))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s must be finite, got %s", name, got)));
		if (rule != RULE_MARGIN && type->compare(value[i], type->zero) < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s must not be negative, got %s", name, got)));
		if ((rule == RULE_FRACTION || rule == RULE_MARGIN) &&
			type->compare(value[i], type->one) > 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s must be a fraction of at most 1, got %s", name, got),
					 errhint("Give 0.25 for 25 percent.")));
		if (rule == RULE_PART && i + 1 < n && type->is_finite(value[i + 1]) &&
			type->compare(value[i + 1], type->zero) >= 0 &&
			type->compare(value[i], value[i + 1]) > 0)
		{
			const char *whole_name;

			(void) parse_rule(TextDatumGetCString(spec[i + 1]), &whole_name);
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s must not exceed %s, got %s of %s", name, whole_name, got,
							DatumGetCString(DirectFunctionCall1(type->out, value[i + 1]))),
					 errhint("Count only what is in %s, and each one once.",
							 whole_name)));
		}
	}
}

/*
 * crm_no_answer(rules text[], VARIADIC "values" numeric[]) -> numeric
 *
 * Each rule is one of the words any, count, part, fraction, margin, and the
 * name of the argument that it is about, as "count new_customers"; there are
 * as many rules as values.  Raises 22023 for the first value that breaks its
 * rule; otherwise, and whenever a value is NULL, the result is NULL.
 */
Datum
crm_no_answer_numeric(PG_FUNCTION_ARGS)
{
	NumberType	type = {NUMERICOID, -1, false, TYPALIGN_INT,
	numeric_is_finite, compare_numerics, numeric_out};

	type.zero = NumericGetDatum(int64_to_numeric(0));
	type.one = NumericGetDatum(int64_to_numeric(1));
	no_answer(PG_GETARG_ARRAYTYPE_P(0), PG_GETARG_ARRAYTYPE_P(1), &type);
	PG_RETURN_NULL();
}

/*
 * crm_no_answer(rules text[], VARIADIC "values" float8[]) -> float8
 *
 * The same for float8.
 */
Datum
crm_no_answer_float8(PG_FUNCTION_ARGS)
{
	NumberType	type = {FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
	float8_is_finite, compare_floats, float8out};

	type.zero = Float8GetDatum(0.0);
	type.one = Float8GetDatum(1.0);
	no_answer(PG_GETARG_ARRAYTYPE_P(0), PG_GETARG_ARRAYTYPE_P(1), &type);
	PG_RETURN_NULL();
}
