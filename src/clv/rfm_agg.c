/*-------------------------------------------------------------------------
 *
 * rfm_agg.c
 *	  The aggregate crm_rfm: from a customer's orders to frequency, recency,
 *	  age and monetary value.
 *
 * All its forms share one transition function.  The time may be timestamptz,
 * timestamp or date, the amount numeric or float8, the end of the observation
 * of the same type as the time or a date (which means that whole day).  What
 * they are is looked up at the first call.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "common/int.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "src/clv/rfm.h"
#include "src/clv/rfm_state.h"
#include "src/common/aggstate.h"
#include "src/common/args.h"
#include "src/common/floor_div.h"
#include "src/common/local_time.h"
#include "src/common/numeric_value.h"
#include "src/common/result.h"

/* Positions of the transition function's arguments; 0 is the state */
enum
{
	ARG_ORDERED_AT = 1,
	ARG_AMOUNT,
	ARG_END,
	ARG_TIME_UNIT,
	ARG_GRAIN,
	ARG_TIME_ZONE
};

/* The most decimals that numeric_round can be asked for */
#define MAX_ROUND_SCALE NUMERIC_MAX_PRECISION

/*
 * What the transition function keeps from call to call (in fn_extra): the
 * options as they came, and what they mean.  A group that differs from the
 * group before costs a second look at them, no more.
 */
typedef struct RfmCall
{
	RfmTimeKind time_kind;
	bool		numeric_amount;
	bool		end_is_date;

	/* The options as passed, and whether they were not NULL */
	bool		valid;
	int64		end;
	bool		has_time_unit;
	Interval	time_unit;
	bool		has_grain;
	char		grain_name[16];
	bool		has_zone;
	char		zone_name[TZ_STRLEN_MAX + 1];

	/* What they mean */
	int64		end_at;
	int64		end_key;
	int64		unit;
	RfmGrain	grain;
	LocalDayCache local_day;
	uint32		zone_hash;
} RfmCall;

PG_FUNCTION_INFO_V1(crm_rfm_transfn);
PG_FUNCTION_INFO_V1(crm_rfm_combinefn);
PG_FUNCTION_INFO_V1(crm_rfm_serialfn);
PG_FUNCTION_INFO_V1(crm_rfm_deserialfn);
PG_FUNCTION_INFO_V1(crm_rfm_finalfn);

static RfmCall *rfm_call(FunctionCallInfo fcinfo);
static void rfm_call_options(RfmCall *call, FunctionCallInfo fcinfo);
static bool same_text(const text *value, const char *string);
static RfmGrain grain_by_name(const char *name);
static int64 day_end(RfmCall *call, DateADT day);
static int64 order_key(RfmCall *call, int64 at);
static bool after_end(RfmCall *call, int64 at);
static TimestampTz order_instant(RfmTimeKind kind, int64 at);
static void options_vary_check(const RfmCall *call, const RfmState *state);
static Datum total_numeric(const RfmState *state, const RfmSummary *summary);

static bool
same_text(const text *value, const char *string)
{
	size_t		len = strlen(string);

	return VARSIZE_ANY_EXHDR(value) == len &&
		memcmp(VARDATA_ANY(value), string, len) == 0;
}

static RfmGrain
grain_by_name(const char *name)
{
	if (strcmp(name, "none") == 0)
		return RFM_GRAIN_NONE;
	if (strcmp(name, "hour") == 0)
		return RFM_GRAIN_HOUR;
	if (strcmp(name, "day") == 0)
		return RFM_GRAIN_DAY;
	if (strcmp(name, "week") == 0)
		return RFM_GRAIN_WEEK;
	crm_unknown_name_error("grain", name, "none, hour, day, week");
}

/*
 * The last instant of a local day, in the unit of the orders' time.
 */
static int64
day_end(RfmCall *call, DateADT day)
{
	struct pg_tm tm;
	fsec_t		fsec;
	Timestamp	next_midnight;
	TimestampTz next_day;
	int			tz;

	if (call->time_kind == RFM_DATE)
		return day;

	next_midnight = DatumGetTimestamp(DirectFunctionCall1(date_timestamp,
														  DateADTGetDatum(day + 1)));
	if (call->time_kind == RFM_TIMESTAMP)
		return next_midnight - 1;

	if (timestamp2tm(next_midnight, NULL, &tm, &fsec, NULL, NULL) != 0)
		elog(ERROR, "timestamp out of range");
	tz = DetermineTimeZoneOffset(&tm, call->local_day.zone);
	if (tm2timestamp(&tm, fsec, &tz, &next_day) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range")));
	return next_day - 1;
}

/*
 * Which grain an order's time lies in: see RfmOrder.
 */
static int64
order_key(RfmCall *call, int64 at)
{
	int64		day;

	if (call->grain == RFM_GRAIN_NONE || call->grain == RFM_GRAIN_HOUR)
	{
		int64		offset = 0;

		if (call->time_kind == RFM_DATE)
		{
			if (pg_mul_s64_overflow(at, USECS_PER_DAY, &at))
				ereport(ERROR,
						(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
						 errmsg("date out of range for timestamp")));
			return at;
		}
		if (call->grain == RFM_GRAIN_NONE)
			return at;
		/* the beginning of the zone's hour: some zones are half an hour off */
		if (call->time_kind == RFM_TIMESTAMPTZ)
		{
			(void) crm_local_day(&call->local_day, at);
			offset = (int64) call->local_day.offset * USECS_PER_SEC;
		}
		return crm_floor_div(at + offset, USECS_PER_HOUR) * USECS_PER_HOUR - offset;
	}

	if (call->time_kind == RFM_TIMESTAMPTZ)
		day = crm_local_day(&call->local_day, at);
	else if (call->time_kind == RFM_TIMESTAMP)
		day = crm_floor_div(at, USECS_PER_DAY);
	else
		day = at;
	if (call->grain == RFM_GRAIN_DAY)
		return day;
	/* 2000-01-01 was a Saturday, so that Monday is five days on */
	return crm_floor_div(day + 5, 7);
}

/*
 * Was the order after the end of the observation?  Where that is a day, the
 * order's local day decides: where clocks go back over midnight, a day comes
 * again after the next one has begun.
 */
static bool
after_end(RfmCall *call, int64 at)
{
	if (call->end_is_date && call->time_kind == RFM_TIMESTAMPTZ)
		return crm_local_day(&call->local_day, at) > (DateADT) call->end;
	return at > call->end_at;
}

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
 * The call's memory, made at the first call.
 */
static RfmCall *
rfm_call(FunctionCallInfo fcinfo)
{
	RfmCall    *call = (RfmCall *) fcinfo->flinfo->fn_extra;

	if (call == NULL)
	{
		Oid			time_type = get_fn_expr_argtype(fcinfo->flinfo, ARG_ORDERED_AT);
		Oid			amount_type = get_fn_expr_argtype(fcinfo->flinfo, ARG_AMOUNT);
		Oid			end_type = get_fn_expr_argtype(fcinfo->flinfo, ARG_END);

		if ((time_type != TIMESTAMPTZOID && time_type != TIMESTAMPOID &&
			 time_type != DATEOID) ||
			(amount_type != NUMERICOID && amount_type != FLOAT8OID) ||
			(end_type != time_type && end_type != DATEOID))
			elog(ERROR, "crm_rfm called with unexpected argument types");

		call = (RfmCall *) MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt,
												  sizeof(RfmCall));
		call->time_kind = time_type == TIMESTAMPTZOID ? RFM_TIMESTAMPTZ :
			time_type == TIMESTAMPOID ? RFM_TIMESTAMP : RFM_DATE;
		call->numeric_amount = amount_type == NUMERICOID;
		call->end_is_date = end_type == DATEOID;
		fcinfo->flinfo->fn_extra = call;
	}
	return call;
}

/*
 * Parse the options unless they are those of the call before.
 */
static void
rfm_call_options(RfmCall *call, FunctionCallInfo fcinfo)
{
	int			n_args = PG_NARGS();
	const Interval *time_unit = NULL;
	const text *grain = NULL;
	const text *zone = NULL;
	int64		end = call->end_is_date ? PG_GETARG_DATEADT(ARG_END) :
		PG_GETARG_TIMESTAMP(ARG_END);

	if (n_args > ARG_TIME_UNIT && !PG_ARGISNULL(ARG_TIME_UNIT))
		time_unit = PG_GETARG_INTERVAL_P(ARG_TIME_UNIT);
	if (n_args > ARG_GRAIN && !PG_ARGISNULL(ARG_GRAIN))
		grain = PG_GETARG_TEXT_PP(ARG_GRAIN);
	if (n_args > ARG_TIME_ZONE && !PG_ARGISNULL(ARG_TIME_ZONE))
		zone = PG_GETARG_TEXT_PP(ARG_TIME_ZONE);

	if (call->valid && call->end == end &&
		call->has_time_unit == (time_unit != NULL) &&
		call->has_grain == (grain != NULL) && call->has_zone == (zone != NULL) &&
		(time_unit == NULL ||
		 memcmp(time_unit, &call->time_unit, sizeof(Interval)) == 0) &&
		(grain == NULL || same_text(grain, call->grain_name)) &&
		(zone == NULL || same_text(zone, call->zone_name)))
		return;

	call->valid = false;
	call->end = end;
	call->has_time_unit = time_unit != NULL;
	call->has_grain = grain != NULL;
	call->has_zone = zone != NULL;

	call->unit = 7 * USECS_PER_DAY;
	if (time_unit != NULL)
	{
		call->unit = crm_time_unit_usecs(time_unit);
		call->time_unit = *time_unit;
	}

	call->grain = RFM_GRAIN_DAY;
	if (grain != NULL)
	{
		char	   *name = text_to_cstring(grain);

		call->grain = grain_by_name(name);
		strlcpy(call->grain_name, name, sizeof(call->grain_name));
	}

	if (call->time_kind == RFM_TIMESTAMPTZ)
	{
		pg_tz	   *tz = session_timezone;
		const char *zone_name;

		if (zone != NULL)
		{
			char	   *name = text_to_cstring(zone);

			tz = crm_lookup_time_zone(name);
			strlcpy(call->zone_name, name, sizeof(call->zone_name));
		}
		crm_local_day_init(&call->local_day, tz);
		zone_name = pg_get_timezone_name(tz);
		call->zone_hash = hash_bytes((const unsigned char *) zone_name,
									 strlen(zone_name));
	}

	if (call->end_is_date ? DATE_NOT_FINITE((DateADT) end) : TIMESTAMP_NOT_FINITE(end))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("observation end must be finite, got %s",
						end > 0 ? "infinity" : "-infinity"),
				 errhint("Pass the last moment that the orders cover, such as now().")));
	call->end_at = call->end_is_date ? day_end(call, (DateADT) end) : end;
	call->end_key = order_key(call, call->end_at);
	if (call->end_is_date && call->grain == RFM_GRAIN_DAY)
		call->end_key = end;	/* also where no such day was */
	call->valid = true;
}

/*
 * A group has one end of observation, time unit, grain and zone.
 */
static void
options_vary_check(const RfmCall *call, const RfmState *state)
{
	if (unlikely(state->unit != call->unit))
		crm_option_varies_error("time unit");
	if (unlikely(state->grain != call->grain))
		crm_option_varies_error("grain");
	if (unlikely(state->zone_hash != call->zone_hash))
		crm_option_varies_error("time zone");
	/* last, because a day's end follows from the zone */
	if (unlikely(state->end_at != call->end_at))
		crm_option_varies_error("observation end");
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
	RfmCall    *call = rfm_call(fcinfo);
	int64		at;
	double		amount;
	int			scale = -1;

	if (PG_ARGISNULL(ARG_ORDERED_AT) || PG_ARGISNULL(ARG_AMOUNT))
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

	rfm_call_options(call, fcinfo);
	if (state == NULL)
	{
		state = crm_rfm_state_create(context, RFM_INITIAL_ORDERS);
		state->end_at = call->end_at;
		state->end_key = call->end_key;
		state->unit = call->unit;
		state->grain = call->grain;
		state->time_kind = call->time_kind;
		state->zone_hash = call->zone_hash;
		state->scale = call->numeric_amount ? 0 : -1;
	}
	else
		options_vary_check(call, state);

	if (call->time_kind == RFM_DATE)
	{
		DateADT		day = PG_GETARG_DATEADT(ARG_ORDERED_AT);

		if (DATE_NOT_FINITE(day))
			crm_check_finite(day > 0 ? INFINITY : -INFINITY, "order time");
		at = day;
	}
	else
	{
		at = PG_GETARG_TIMESTAMP(ARG_ORDERED_AT);
		if (TIMESTAMP_NOT_FINITE(at))
			crm_check_finite(at > 0 ? INFINITY : -INFINITY, "order time");
	}

	if (call->numeric_amount)
		amount = crm_numeric_to_float8(PG_GETARG_DATUM(ARG_AMOUNT), &scale);
	else
		amount = PG_GETARG_FLOAT8(ARG_AMOUNT);
	if (unlikely(!isfinite(amount)))
		crm_check_finite(amount, "order amount");

	if (after_end(call, at))
		PG_RETURN_POINTER(state);

	if (amount >= 0)
	{
		state->first_at = Min(state->first_at, at);
		state->last_at = Max(state->last_at, at);
	}
	if (scale > state->scale && state->scale >= 0)
		state->scale = scale;
	if (unlikely(scale > RFM_UNIT_DECIMALS ||
				 fabs(amount) >= RFM_MAX_UNITS / RFM_UNITS_PER_ONE - 1))
	{
		if (call->numeric_amount)
			crm_rfm_state_add_rest(context, state, PG_GETARG_NUMERIC(ARG_AMOUNT),
								   amount);
	}
	PG_RETURN_POINTER(crm_rfm_state_add(state, order_key(call, at), amount));
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
	PG_RETURN_POINTER(crm_rfm_state_merge(context, into, from));
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
static Datum
total_numeric(const RfmState *state, const RfmSummary *summary)
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
 * crm_rfm_finalfn(internal) -> crm_rfm
 *
 * NULL without a purchase.
 */
Datum
crm_rfm_finalfn(PG_FUNCTION_ARGS)
{
	RfmState   *state = PG_ARGISNULL(0) ? NULL : (RfmState *) PG_GETARG_POINTER(0);
	RfmSummary	summary;
	TupleDesc	tupdesc;
	Datum		values[11];
	bool		nulls[11] = {false};

	(void) crm_agg_context(fcinfo, "crm_rfm_finalfn");
	if (state == NULL || !crm_rfm_state_summarize(state, &summary))
		PG_RETURN_NULL();

	tupdesc = crm_result_tupdesc(fcinfo, NULL);
	if (tupdesc->natts != lengthof(values))
		elog(ERROR, "crm_rfm does not have %d columns", (int) lengthof(values));
	values[0] = Int32GetDatum(summary.frequency);
	values[1] = Float8GetDatum(summary.recency);
	values[2] = Float8GetDatum(summary.age);
	values[3] = Float8GetDatum(summary.monetary);
	nulls[3] = isnan(summary.monetary);
	values[4] = Int32GetDatum(summary.paid_frequency);
	values[5] = Float8GetDatum(summary.unit_days);
	values[6] = TimestampTzGetDatum(order_instant(state->time_kind, state->first_at));
	values[7] = TimestampTzGetDatum(order_instant(state->time_kind, state->last_at));
	values[8] = Int32GetDatum(summary.frequency + 1);
	values[9] = total_numeric(state, &summary);
	values[10] = Float8GetDatum(summary.log_intervals);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(tupdesc, values, nulls)));
}
