/*-------------------------------------------------------------------------
 *
 * rfm_agg.c
 *	  The aggregate crm_rfm: from a customer's orders to frequency, recency,
 *	  age and monetary value.
 *
 * All its forms share one transition function, which looks up at the first
 * call what its arguments are: see rfm_call.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "src/clv/rfm_call.h"
#include "src/common/aggstate.h"
#include "src/common/args.h"
#include "src/common/numeric_value.h"
#include "src/common/result.h"

/* The most decimals that numeric_round can be asked for */
#define MAX_ROUND_SCALE NUMERIC_MAX_PRECISION

/* Positions of the transition function's options; 0 is the state */
enum
{
	ARG_END = RFM_ARG_AMOUNT + 1,
	ARG_TIME_UNIT
};

PG_FUNCTION_INFO_V1(crm_rfm_transfn);
PG_FUNCTION_INFO_V1(crm_rfm_combinefn);
PG_FUNCTION_INFO_V1(crm_rfm_serialfn);
PG_FUNCTION_INFO_V1(crm_rfm_deserialfn);
PG_FUNCTION_INFO_V1(crm_rfm_finalfn);

static TimestampTz order_instant(RfmTimeKind kind, int64 at);

/*
 * An order's time as an instant, for first_at and last_at.
 */
static TimestampTz
order_instant(RfmTimeKind kind, int64 at)
{
	if (kind == RFM_TIMESTAMPTZ)
		return at;
	if (kind == RFM_TIMESTAMP)
		return DatumGetTimestampTz(DirectFunctionCall1(timestamp_timestamptz,
													   TimestampGetDatum(at)));
	return DatumGetTimestampTz(DirectFunctionCall1(date_timestamptz,
												   DateADTGetDatum((DateADT) at)));
}

/*
 * crm_rfm_transfn(internal, ordered_at, amount, observation_end
 *				   [, time_unit interval [, grain text [, time_zone text]]])
 *
 * Adds one order.  Rows with a NULL time or amount, and orders after the end
 * of the observation, are skipped.  NULL options other than the end mean
 * their defaults: one week, day, the session's zone.
 */
Datum
crm_rfm_transfn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_rfm_transfn");
	RfmState   *state = PG_ARGISNULL(0) ? NULL : (RfmState *) PG_GETARG_POINTER(0);
	RfmCall    *call = (RfmCall *) fcinfo->flinfo->fn_extra;
	RfmOrderArg order;

	if (call == NULL)
	{
		call = (RfmCall *) MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt,
												  sizeof(RfmCall));
		crm_rfm_call_init(call, fcinfo, ARG_END, ARG_TIME_UNIT);
		fcinfo->flinfo->fn_extra = call;
	}
	if (PG_ARGISNULL(RFM_ARG_ORDERED_AT) || PG_ARGISNULL(RFM_ARG_AMOUNT))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	if (PG_ARGISNULL(ARG_END))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("observation end must not be null"),
				 errhint("Pass the last moment that the orders cover, such as now().")));

	crm_rfm_call_options(call, fcinfo);
	state = crm_rfm_start(call, context, state);
	crm_rfm_read_order(call, fcinfo, &order);
	if (crm_rfm_after_end(call, order.at))
		PG_RETURN_POINTER(state);
	PG_RETURN_POINTER(crm_rfm_add_order(call, fcinfo, context, state, &order));
}

/*
 * Add the orders of one state to another, NULL to begin with; an error where
 * their options differ.
 */
RfmState *
crm_rfm_combine(MemoryContext context, RfmState *into, const RfmState *from)
{
	if (into != NULL)
	{
		if (into->unit != from->unit)
			crm_option_varies_error("time unit");
		if (into->grain != from->grain)
			crm_option_varies_error("grain");
		if (into->zone_hash != from->zone_hash)
			crm_option_varies_error("time zone");
		if (into->end_at != from->end_at)
			crm_option_varies_error("observation end");
	}
	return crm_rfm_state_merge(context, into, from);
}

/*
 * crm_rfm_combinefn(internal, internal) -> internal
 */
Datum
crm_rfm_combinefn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_rfm_combinefn");
	RfmState   *into = PG_ARGISNULL(0) ? NULL : (RfmState *) PG_GETARG_POINTER(0);
	RfmState   *from = PG_ARGISNULL(1) ? NULL : (RfmState *) PG_GETARG_POINTER(1);

	if (from == NULL)
	{
		if (into == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(into);
	}
	PG_RETURN_POINTER(crm_rfm_combine(context, into, from));
}

/*
 * crm_rfm_serialfn(internal) -> bytea
 */
Datum
crm_rfm_serialfn(PG_FUNCTION_ARGS)
{
	StringInfoData buf;

	(void) crm_agg_context(fcinfo, "crm_rfm_serialfn");
	crm_rfm_state_write(&buf, (RfmState *) PG_GETARG_POINTER(0));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_rfm_deserialfn(bytea, internal) -> internal
 */
Datum
crm_rfm_deserialfn(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	RfmState   *state;

	(void) crm_agg_context(fcinfo, "crm_rfm_deserialfn");
	(void) crm_deserial_begin(&buf, PG_GETARG_BYTEA_PP(0), 1, "crm_rfm state");
	state = crm_rfm_state_read(CurrentMemoryContext, &buf);
	crm_deserial_end(&buf, "crm_rfm state");
	PG_RETURN_POINTER(state);
}

/*
 * The sum of the amounts: exact, and with as many decimals as sum() shows,
 * where they are numeric.
 */
Datum
crm_rfm_total(const RfmState *state, const RfmSummary *summary)
{
	static const int64 units_per_decimal[] = {10000, 1000, 100, 10, 1};
	Datum		total;

	if (state->scale < 0)
		return crm_numeric_from_float8(summary->total);

	/* cents, mostly */
	if (state->total_rest == NULL && state->scale <= RFM_UNIT_DECIMALS)
		return NumericGetDatum(int64_div_fast_to_numeric(summary->total_units /
														 units_per_decimal[state->scale],
														 state->scale));

	total = NumericGetDatum(int64_div_fast_to_numeric(summary->total_units,
													  RFM_UNIT_DECIMALS));
	if (state->total_rest != NULL)
		total = DirectFunctionCall2(numeric_add, total,
									NumericGetDatum(state->total_rest));
	if (state->scale <= MAX_ROUND_SCALE)
		total = DirectFunctionCall2(numeric_round, total,
									Int32GetDatum(state->scale));
	return total;
}

/*
 * A summary as a crm_rfm, in the current memory context; tupdesc is the row
 * type's.
 */
Datum
crm_rfm_datum(TupleDesc tupdesc, const RfmState *state, const RfmSummary *summary)
{
	Datum		values[11];
	bool		nulls[11] = {false};

	if (tupdesc->natts != lengthof(values))
		elog(ERROR, "crm_rfm does not have %d columns", (int) lengthof(values));
	values[0] = Int32GetDatum(summary->frequency);
	values[1] = Float8GetDatum(summary->recency);
	values[2] = Float8GetDatum(summary->age);
	values[3] = Float8GetDatum(summary->monetary);
	nulls[3] = isnan(summary->monetary);
	values[4] = Int32GetDatum(summary->paid_frequency);
	values[5] = Float8GetDatum(summary->unit_days);
	values[6] = TimestampTzGetDatum(order_instant(state->time_kind, state->first_at));
	values[7] = TimestampTzGetDatum(order_instant(state->time_kind, state->last_at));
	values[8] = Int32GetDatum(summary->frequency + 1);
	values[9] = crm_rfm_total(state, summary);
	values[10] = Float8GetDatum(summary->log_intervals);
	return HeapTupleGetDatum(heap_form_tuple(tupdesc, values, nulls));
}

/*
 * crm_rfm_finalfn(internal) -> crm_rfm
 *
 * NULL without a purchase.
 */
Datum
crm_rfm_finalfn(PG_FUNCTION_ARGS)
{
	RfmState   *state = PG_ARGISNULL(0) ? NULL : (RfmState *) PG_GETARG_POINTER(0);
	RfmSummary	summary;

	(void) crm_agg_context(fcinfo, "crm_rfm_finalfn");
	if (state == NULL || !crm_rfm_state_summarize(state, &summary))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(crm_rfm_datum(crm_result_tupdesc(fcinfo, NULL), state, &summary));
}
