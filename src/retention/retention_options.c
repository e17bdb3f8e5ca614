/*-------------------------------------------------------------------------
 *
 * retention_options.c
 *	  What crm_retention and crm_retention_counts are asked to count.
 *
 * Options are arguments of every row and nearly always constants: only their
 * bytes are compared with those of the row before.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "src/common/args.h"
#include "src/retention/retention_options.h"

static void set_bounds(RetentionOptions *options, FunctionCallInfo fcinfo,
					   const ArrayType *array);
static void set_periods(RetentionOptions *options, int32 periods, const text *mode);

/*
 * Brackets from an array of bounds {0,1,8,31}: period 0, 1 to 7, 8 to 30.
 */
static void
set_bounds(RetentionOptions *options, FunctionCallInfo fcinfo, const ArrayType *array)
{
	int			n = ARR_NDIM(array) == 1 ? ARR_DIMS(array)[0] : 0;
	const int32 *elements = (const int32 *) ARR_DATA_PTR(array);
	MemoryContext context = fcinfo->flinfo->fn_mcxt;
	int64	   *bounds;
	int			i;

	if (n < 2 || array_contains_nulls((ArrayType *) array))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("brackets need an array of at least two bounds, none of them null"),
				 errhint("'{0,1,8,31}' makes the brackets 0, 1 to 7, and 8 to 30.")));
	for (i = 0; i < n; i++)
	{
		if (elements[i] < 0 || elements[i] >= RETENTION_MAX_CELLS ||
			(i > 0 && elements[i] <= elements[i - 1]))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("bounds of brackets must ascend from 0 or more to at most %d, got %d",
							RETENTION_MAX_CELLS - 1, elements[i]),
					 errhint("'{0,1,8,31}' makes the brackets 0, 1 to 7, and 8 to 30.")));
	}

	bounds = (int64 *) MemoryContextAlloc(context, n * sizeof(int64));
	for (i = 0; i < n; i++)
		bounds[i] = elements[i];
	options->spec.mode = RETENTION_BRACKETS;
	options->spec.n_cells = n - 1;
	options->spec.bounds = bounds;
	options->bounds = (bytea *) MemoryContextAlloc(context, VARSIZE(array));
	memcpy(options->bounds, array, VARSIZE(array));
}

static void
set_periods(RetentionOptions *options, int32 periods, const text *mode)
{
	if (periods < 0 || periods >= RETENTION_MAX_CELLS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of periods must be between 0 and %d, got %d",
						RETENTION_MAX_CELLS - 1, periods),
				 errhint("Pass the number of the last period to look at, such as 30.")));
	options->spec.mode = RETENTION_ON;
	options->has_mode = mode != NULL;
	if (mode != NULL)
	{
		char	   *name = text_to_cstring(mode);

		options->spec.mode = crm_retention_mode_by_name(name);
		strlcpy(options->mode_name, name, sizeof(options->mode_name));
	}
	options->spec.n_cells = periods + 1;
	options->spec.bounds = NULL;
	options->periods = periods;
}

/*
 * Read the options from the arguments option_arg (periods integer, or bounds
 * integer[]) and the one after it (mode text, if there is one; NULL means on).
 * Returns whether they differ from those of the row before.
 */
bool
crm_retention_options(RetentionOptions *options, FunctionCallInfo fcinfo,
					  int option_arg)
{
	bool		first = !options->valid;

	if (unlikely(PG_ARGISNULL(option_arg)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of periods must not be null"),
				 errhint("Pass the number of the last period to look at, or, to crm_retention, an array of bounds.")));

	if (unlikely(first))
		options->is_array = get_fn_expr_argtype(fcinfo->flinfo, option_arg) == INT4ARRAYOID;
	if (options->is_array)
	{
		ArrayType  *array = PG_GETARG_ARRAYTYPE_P(option_arg);

		if (!first && VARSIZE(options->bounds) == VARSIZE(array) &&
			memcmp(options->bounds, array, VARSIZE(array)) == 0)
			return false;
		options->valid = false;
		set_bounds(options, fcinfo, array);
	}
	else
	{
		int32		periods = PG_GETARG_INT32(option_arg);
		const text *mode = NULL;

		if (PG_NARGS() > option_arg + 1 && !PG_ARGISNULL(option_arg + 1))
			mode = PG_GETARG_TEXT_PP(option_arg + 1);
		if (!first && options->periods == periods &&
			options->has_mode == (mode != NULL) &&
			(mode == NULL ||
			 (VARSIZE_ANY_EXHDR(mode) == strlen(options->mode_name) &&
			  memcmp(VARDATA_ANY(mode), options->mode_name,
					 VARSIZE_ANY_EXHDR(mode)) == 0)))
			return false;
		options->valid = false;
		set_periods(options, periods, mode);
	}
	options->valid = true;
	return true;
}
