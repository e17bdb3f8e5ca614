/*-------------------------------------------------------------------------
 *
 * csat.c
 *	  Customer satisfaction: the share of ratings at or above a threshold.
 *
 * crm_csat(rating, top_from) is a rate like any other; the counting and the
 * final functions are those of crm_rate_summary, only the transition functions
 * differ.  The threshold may come from the row, so that surveys with scales
 * of different lengths can be taken together.
 *
 * (Customer effort, crm_ces, is a mean: it needs no C code of its own.)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "utils/builtins.h"

#include "src/common/args.h"
#include "src/common/numeric_value.h"
#include "src/common/rate_counts.h"

PG_FUNCTION_INFO_V1(crm_csat_transfn_float8);
PG_FUNCTION_INFO_V1(crm_csat_transfn_numeric);
PG_FUNCTION_INFO_V1(crm_csat_invfn_float8);
PG_FUNCTION_INFO_V1(crm_csat_invfn_numeric);
PG_FUNCTION_INFO_V1(crm_csat_interval_transfn_float8);
PG_FUNCTION_INFO_V1(crm_csat_interval_transfn_numeric);
PG_FUNCTION_INFO_V1(crm_csat_interval_invfn_float8);
PG_FUNCTION_INFO_V1(crm_csat_interval_invfn_numeric);

static void check_finite_numeric(Datum value, const char *what);
static inline bool is_top_float8(FunctionCallInfo fcinfo);
static inline bool is_top_numeric(FunctionCallInfo fcinfo);
static inline Datum count_rating(FunctionCallInfo fcinfo, bool hit, int sign);
static Datum change_state(FunctionCallInfo fcinfo, bool (*is_top) (FunctionCallInfo fcinfo),
						  int sign);

static void
check_finite_numeric(Datum value, const char *what)
{
	int			display_scale;

	crm_check_finite(crm_numeric_to_float8(value, &display_scale), what);
}

/*
 * Is the rating in argument 1 at or above the threshold in argument 2?
 */
static inline bool
is_top_float8(FunctionCallInfo fcinfo)
{
	double		rating = PG_GETARG_FLOAT8(1);
	double		top_from = PG_GETARG_FLOAT8(2);

	if (unlikely(!isfinite(rating) || !isfinite(top_from)))
	{
		crm_check_finite(rating, "rating");
		crm_check_finite(top_from, "top_from");
	}
	return rating >= top_from;
}

static inline bool
is_top_numeric(FunctionCallInfo fcinfo)
{
	Datum		rating = PG_GETARG_DATUM(1);
	Datum		top_from = PG_GETARG_DATUM(2);
	int64		rating_mantissa;
	int64		top_mantissa;
	int			rating_scale;
	int			top_scale;
	int			display_scale;
	NumericKind rating_kind = crm_numeric_decode(rating, &rating_mantissa,
												 &rating_scale, &display_scale);
	NumericKind top_kind = crm_numeric_decode(top_from, &top_mantissa,
											  &top_scale, &display_scale);

	if (rating_kind == NUMERIC_VALUE_NOT_FINITE)
		check_finite_numeric(rating, "rating");
	if (top_kind == NUMERIC_VALUE_NOT_FINITE)
		check_finite_numeric(top_from, "top_from");
	if (rating_kind == NUMERIC_VALUE_SMALL && top_kind == NUMERIC_VALUE_SMALL &&
		rating_scale == top_scale)
		return rating_mantissa >= top_mantissa;
	return DatumGetBool(DirectFunctionCall2(numeric_ge, rating, top_from));
}

static inline Datum
count_rating(FunctionCallInfo fcinfo, bool hit, int sign)
{
	RateSummary *state = rate_summary_own(fcinfo);

	rate_summary_count(state, hit, sign);
	PG_RETURN_POINTER(state);
}

/*
 * crm_csat_transfn(state crm_rate_summary, rating, top_from), both float8 or
 * both numeric: strict, so that NULL rows are skipped.
 */
Datum
crm_csat_transfn_float8(PG_FUNCTION_ARGS)
{
	return count_rating(fcinfo, is_top_float8(fcinfo), 1);
}

Datum
crm_csat_transfn_numeric(PG_FUNCTION_ARGS)
{
	return count_rating(fcinfo, is_top_numeric(fcinfo), 1);
}

/*
 * crm_csat_invfn(state crm_rate_summary, rating, top_from): the row leaves the
 * window.
 */
Datum
crm_csat_invfn_float8(PG_FUNCTION_ARGS)
{
	return count_rating(fcinfo, is_top_float8(fcinfo), -1);
}

Datum
crm_csat_invfn_numeric(PG_FUNCTION_ARGS)
{
	return count_rating(fcinfo, is_top_numeric(fcinfo), -1);
}

/*
 * A row of crm_csat_interval(rating, top_from, conf) joins or leaves.
 */
static Datum
change_state(FunctionCallInfo fcinfo, bool (*is_top) (FunctionCallInfo fcinfo), int sign)
{
	RateState  *state = crm_rate_state(fcinfo, sign > 0 ? "crm_csat_interval_transfn" :
									   "crm_csat_interval_invfn");

	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2) && !PG_ARGISNULL(3))
		crm_rate_state_count(state, is_top(fcinfo), sign, PG_GETARG_FLOAT8(3),
							 PROPORTION_WILSON);
	PG_RETURN_POINTER(state);
}

/*
 * crm_csat_interval_transfn(internal, rating, top_from, conf float8)
 */
Datum
crm_csat_interval_transfn_float8(PG_FUNCTION_ARGS)
{
	return change_state(fcinfo, is_top_float8, 1);
}

Datum
crm_csat_interval_transfn_numeric(PG_FUNCTION_ARGS)
{
	return change_state(fcinfo, is_top_numeric, 1);
}

/*
 * crm_csat_interval_invfn(internal, rating, top_from, conf float8)
 */
Datum
crm_csat_interval_invfn_float8(PG_FUNCTION_ARGS)
{
	return change_state(fcinfo, is_top_float8, -1);
}

Datum
crm_csat_interval_invfn_numeric(PG_FUNCTION_ARGS)
{
	return change_state(fcinfo, is_top_numeric, -1);
}
