/*-------------------------------------------------------------------------
 *
 * args.c
 *	  Checks of arguments that several capabilities share.
 *
 * Each raises SQLSTATE 22023 (invalid_parameter_value) with what was got and
 * a way out, so that the same mistake reads the same wherever it is made.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "src/common/args.h"

/*
 * A confidence level lies strictly between 0 and 1; NaN does not.
 */
void
crm_check_conf_level(double conf_level)
{
	if (!(conf_level > 0 && conf_level < 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("confidence level must be between 0 and 1, got %g",
						conf_level),
				 errhint("Give a fraction such as 0.95, not a percentage.")));
}

/*
 * "what" names the argument, as in "recency".
 */
void
crm_check_finite(double value, const char *what)
{
	if (!isfinite(value))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be finite, got %g", what, value),
				 errhint("Filter such rows out, or make the value NULL where NULL rows are skipped.")));
}

/*
 * Finite and at least zero.
 */
void
crm_check_not_negative(double value, const char *what)
{
	crm_check_finite(value, what);
	if (value < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must not be negative, got %g", what, value)));
}

/*
 * A count that arrives as float8: finite, at least zero, and whole.
 */
void
crm_check_whole(double value, const char *what)
{
	crm_check_not_negative(value, what);
	if (value != floor(value))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be a whole number, got %g", what, value)));
}

/*
 * An unknown method, model or mode.  "valid" lists the valid names, as
 * "wilson, agresti-coull, jeffreys, exact".
 */
void
crm_unknown_name_error(const char *what, const char *got, const char *valid)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown %s \"%s\"", what, got),
			 errhint("Valid names are %s.", valid)));
}

/*
 * A direct option of an aggregate changed from one row of a group to another.
 */
void
crm_option_varies_error(const char *option)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s must be the same for all rows of a group", option),
			 errhint("Pass a constant, or group by the column that it comes from.")));
}
