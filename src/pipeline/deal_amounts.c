/*-------------------------------------------------------------------------
 *
 * deal_amounts.c
 *	  Money in the pipeline: win rate by amount, average deal size, weighted
 *	  pipeline.
 *
 * Outcomes are told by a boolean: true won, false lost, NULL open.  Amounts
 * are summed exactly (amount_sum.c).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "src/common/aggstate.h"
#include "src/common/args.h"
#include "src/compat.h"
#include "src/pipeline/amount_sum.h"

PG_FUNCTION_INFO_V1(crm_average_deal_size_transfn);
PG_FUNCTION_INFO_V1(crm_average_deal_size_invfn);
PG_FUNCTION_INFO_V1(crm_win_rate_amount_transfn);
PG_FUNCTION_INFO_V1(crm_win_rate_amount_invfn);
PG_FUNCTION_INFO_V1(crm_win_rate_amount_combinefn);
PG_FUNCTION_INFO_V1(crm_win_rate_amount_serialfn);
PG_FUNCTION_INFO_V1(crm_win_rate_amount_deserialfn);
PG_FUNCTION_INFO_V1(crm_win_rate_amount_finalfn);
PG_FUNCTION_INFO_V1(crm_weighted_pipeline_transfn);
PG_FUNCTION_INFO_V1(crm_weighted_pipeline_transfn_float8);
PG_FUNCTION_INFO_V1(crm_weighted_pipeline_invfn);
PG_FUNCTION_INFO_V1(crm_weighted_pipeline_invfn_float8);

#define WIN_RATE_VERSION	1
#define WIN_RATE_NAME		"state of crm_win_rate_amount"

/* State of crm_win_rate_amount */
typedef struct WinRateAmount
{
	AmountSum	won;
	AmountSum	closed;			/* won and lost */
} WinRateAmount;

static Datum add_won_amount(FunctionCallInfo fcinfo, int sign);
static Datum add_closed_amount(FunctionCallInfo fcinfo, const char *function, int sign);
static Datum add_weighted_amount(FunctionCallInfo fcinfo, int sign, bool float8_probability);
static Datum weight(FunctionCallInfo fcinfo, Datum amount, Datum probability);

/*
 * crm_average_deal_size: the state is the server's, of avg(numeric).
 */
static Datum
add_won_amount(FunctionCallInfo fcinfo, int sign)
{
	AmountSum	sum = PG_ARGISNULL(0) ? NULL : PG_GETARG_POINTER(0);
	bool		counts = !PG_ARGISNULL(1) && PG_GETARG_BOOL(1) && !PG_ARGISNULL(2);

	if (!crm_amount_add(fcinfo, &sum, sign, !counts, counts ? PG_GETARG_DATUM(2) : (Datum) 0))
		PG_RETURN_NULL();
	PG_RETURN_POINTER(sum);
}

/*
 * crm_average_deal_size_transfn(internal, is_won boolean, amount numeric)
 *	-> internal
 */
Datum
crm_average_deal_size_transfn(PG_FUNCTION_ARGS)
{
	return add_won_amount(fcinfo, 1);
}

/*
 * The inverse, for moving windows
 */
Datum
crm_average_deal_size_invfn(PG_FUNCTION_ARGS)
{
	return add_won_amount(fcinfo, -1);
}

static Datum
add_closed_amount(FunctionCallInfo fcinfo, const char *function, int sign)
{
	MemoryContext context = crm_agg_context(fcinfo, function);
	WinRateAmount *state = PG_ARGISNULL(0) ?
		MemoryContextAllocZero(context, sizeof(WinRateAmount)) :
		(WinRateAmount *) PG_GETARG_POINTER(0);

	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2))
	{
		Datum		amount = PG_GETARG_DATUM(2);

		if (!crm_amount_add(fcinfo, &state->closed, sign, false, amount))
			PG_RETURN_NULL();
		if (PG_GETARG_BOOL(1) &&
			!crm_amount_add(fcinfo, &state->won, sign, false, amount))
			PG_RETURN_NULL();
	}
	PG_RETURN_POINTER(state);
}

/*
 * crm_win_rate_amount_transfn(internal, is_won boolean, amount numeric)
 *	-> internal
 */
Datum
crm_win_rate_amount_transfn(PG_FUNCTION_ARGS)
{
	return add_closed_amount(fcinfo, "crm_win_rate_amount_transfn", 1);
}

/*
 * The inverse, for moving windows
 */
Datum
crm_win_rate_amount_invfn(PG_FUNCTION_ARGS)
{
	return add_closed_amount(fcinfo, "crm_win_rate_amount_invfn", -1);
}

/*
 * crm_win_rate_amount_combinefn(internal, internal) -> internal
 */
Datum
crm_win_rate_amount_combinefn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_win_rate_amount_combinefn");
	WinRateAmount *state = PG_ARGISNULL(0) ?
		MemoryContextAllocZero(context, sizeof(WinRateAmount)) :
		(WinRateAmount *) PG_GETARG_POINTER(0);

	if (!PG_ARGISNULL(1))
	{
		WinRateAmount *other = (WinRateAmount *) PG_GETARG_POINTER(1);

		crm_amount_merge(fcinfo, &state->won, other->won);
		crm_amount_merge(fcinfo, &state->closed, other->closed);
	}
	PG_RETURN_POINTER(state);
}

/*
 * crm_win_rate_amount_serialfn(internal) -> bytea
 */
Datum
crm_win_rate_amount_serialfn(PG_FUNCTION_ARGS)
{
	WinRateAmount *state = (WinRateAmount *) PG_GETARG_POINTER(0);
	StringInfoData buf;

	(void) crm_agg_context(fcinfo, "crm_win_rate_amount_serialfn");
	crm_serial_begin(&buf, WIN_RATE_VERSION);
	crm_amount_send(fcinfo, &buf, state->won);
	crm_amount_send(fcinfo, &buf, state->closed);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_win_rate_amount_deserialfn(bytea, internal) -> internal
 */
Datum
crm_win_rate_amount_deserialfn(PG_FUNCTION_ARGS)
{
	WinRateAmount *state = palloc(sizeof(WinRateAmount));
	StringInfoData buf;

	(void) crm_agg_context(fcinfo, "crm_win_rate_amount_deserialfn");
	(void) crm_deserial_begin(&buf, PG_GETARG_BYTEA_PP(0), WIN_RATE_VERSION, WIN_RATE_NAME);
	state->won = crm_amount_recv(fcinfo, &buf, WIN_RATE_NAME);
	state->closed = crm_amount_recv(fcinfo, &buf, WIN_RATE_NAME);
	crm_deserial_end(&buf, WIN_RATE_NAME);
	PG_RETURN_POINTER(state);
}

/*
 * crm_win_rate_amount_finalfn(internal) -> float8
 *
 * Amount won / amount won and lost.  NULL unless the latter is positive.
 */
Datum
crm_win_rate_amount_finalfn(PG_FUNCTION_ARGS)
{
	WinRateAmount *state = PG_ARGISNULL(0) ? NULL : (WinRateAmount *) PG_GETARG_POINTER(0);
	Datum		zero = NumericGetDatum(int64_to_numeric(0));
	Datum		won;
	Datum		closed;

	(void) crm_agg_context(fcinfo, "crm_win_rate_amount_finalfn");
	if (state == NULL || !crm_amount_total(fcinfo, state->closed, &closed) ||
		!DatumGetBool(DirectFunctionCall2(numeric_gt, closed, zero)))
		PG_RETURN_NULL();
	if (!crm_amount_total(fcinfo, state->won, &won))
		won = zero;
	return DirectFunctionCall1(numeric_float8,
							   DirectFunctionCall2(numeric_div, won, closed));
}

/*
 * amount * probability, a numeric, in the scale that argument 3 names.
 */
static Datum
weight(FunctionCallInfo fcinfo, Datum amount, Datum probability)
{
	bool		percent = false;
	Numeric		limit;

	if (PG_NARGS() > 3)
	{
		const char *scale;

		if (PG_ARGISNULL(3))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("probability scale must not be NULL"),
					 errhint("Valid names are fraction, percent.")));
		scale = text_to_cstring(PG_GETARG_TEXT_PP(3));
		if (strcmp(scale, "percent") == 0)
			percent = true;
		else if (strcmp(scale, "fraction") != 0)
			crm_unknown_name_error("probability scale", scale, "fraction, percent");
	}

	/* NaN is greater than any number. */
	limit = int64_to_numeric(percent ? 100 : 1);
	if (DatumGetBool(DirectFunctionCall2(numeric_lt, probability,
										 NumericGetDatum(int64_to_numeric(0)))) ||
		DatumGetBool(DirectFunctionCall2(numeric_gt, probability, NumericGetDatum(limit))))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("probability must be between 0 and %d, got %s",
						percent ? 100 : 1,
						DatumGetCString(DirectFunctionCall1(numeric_out, probability))),
				 percent ? 0 :
				 errhint("Name the scale 'percent' if probabilities go from 0 to 100.")));

	/* A hundredth is exact in decimal. */
	if (percent)
		probability = DirectFunctionCall2(numeric_mul, probability,
										  NumericGetDatum(int64_div_fast_to_numeric(1, 2)));
	return DirectFunctionCall2(numeric_mul, amount, probability);
}

/*
 * crm_weighted_pipeline: the state is the server's, of sum(numeric).
 */
static Datum
add_weighted_amount(FunctionCallInfo fcinfo, int sign, bool float8_probability)
{
	AmountSum	sum = PG_ARGISNULL(0) ? NULL : PG_GETARG_POINTER(0);
	bool		counts = !PG_ARGISNULL(1) && !PG_ARGISNULL(2);
	Datum		term = (Datum) 0;

	if (counts)
	{
		Datum		probability = PG_GETARG_DATUM(2);

		if (float8_probability)
			probability = DirectFunctionCall1(float8_numeric, probability);
		term = weight(fcinfo, PG_GETARG_DATUM(1), probability);
	}
	if (!crm_amount_add(fcinfo, &sum, sign, !counts, term))
		PG_RETURN_NULL();
	PG_RETURN_POINTER(sum);
}

/*
 * crm_weighted_pipeline_transfn(internal, amount numeric, probability numeric
 *	[, scale text]) -> internal
 *
 * scale is 'fraction' (the default) or 'percent'; each row is brought to
 * fractions by itself, so that it may differ from row to row.
 */
Datum
crm_weighted_pipeline_transfn(PG_FUNCTION_ARGS)
{
	return add_weighted_amount(fcinfo, 1, false);
}

/*
 * The same with probability float8, taken as the decimal number of at most
 * 15 digits that it stands for
 */
Datum
crm_weighted_pipeline_transfn_float8(PG_FUNCTION_ARGS)
{
	return add_weighted_amount(fcinfo, 1, true);
}

/*
 * The inverses, for moving windows
 */
Datum
crm_weighted_pipeline_invfn(PG_FUNCTION_ARGS)
{
	return add_weighted_amount(fcinfo, -1, false);
}

Datum
crm_weighted_pipeline_invfn_float8(PG_FUNCTION_ARGS)
{
	return add_weighted_amount(fcinfo, -1, true);
}
