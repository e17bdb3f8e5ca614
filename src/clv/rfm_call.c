/*-------------------------------------------------------------------------
 *
 * rfm_call.c
 *	  What the transition functions of crm_rfm and crm_rfm_holdout share: the
 *	  meaning of their arguments.
 *
 * The time may be timestamptz, timestamp or date, the amount numeric or
 * float8, the end of the observation of the same type as the time or a date
 * (which means that whole day).  What they are is looked up at the first call.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "common/int.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "src/clv/rfm.h"
#include "src/clv/rfm_call.h"
#include "src/common/args.h"
#include "src/common/floor_div.h"
#include "src/common/numeric_value.h"

static bool same_text(const text *value, const char *string);
static RfmGrain grain_by_name(const char *name);
static int64 day_end(RfmCall *call, DateADT day);
static int64 order_key(RfmCall *call, int64 at);
static void options_vary_check(const RfmCall *call, const RfmState *state);

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
bool
crm_rfm_after_end(RfmCall *call, int64 at)
{
	if (call->end_is_date && call->time_kind == RFM_TIMESTAMPTZ)
		return crm_local_day(&call->local_day, at) > (DateADT) call->end;
	return at > call->end_at;
}

/*
 * Look up the arguments' types.  end_arg is the position of the end of the
 * observation, options_arg that of the time unit after it, if there is one.
 */
void
crm_rfm_call_init(RfmCall *call, FunctionCallInfo fcinfo, int end_arg,
				  int options_arg)
{
	Oid			time_type = get_fn_expr_argtype(fcinfo->flinfo, RFM_ARG_ORDERED_AT);
	Oid			amount_type = get_fn_expr_argtype(fcinfo->flinfo, RFM_ARG_AMOUNT);
	Oid			end_type = get_fn_expr_argtype(fcinfo->flinfo, end_arg);

	if ((time_type != TIMESTAMPTZOID && time_type != TIMESTAMPOID &&
		 time_type != DATEOID) ||
		(amount_type != NUMERICOID && amount_type != FLOAT8OID) ||
		(end_type != time_type && end_type != DATEOID))
		elog(ERROR, "crm_rfm called with unexpected argument types");

	call->time_kind = time_type == TIMESTAMPTZOID ? RFM_TIMESTAMPTZ :
		time_type == TIMESTAMPOID ? RFM_TIMESTAMP : RFM_DATE;
	call->numeric_amount = amount_type == NUMERICOID;
	call->end_is_date = end_type == DATEOID;
	call->end_arg = end_arg;
	call->options_arg = options_arg;
}

/*
 * Parse the options unless they are those of the call before.
 */
void
crm_rfm_call_options(RfmCall *call, FunctionCallInfo fcinfo)
{
	int			n_args = PG_NARGS();
	int			unit_arg = call->options_arg;
	int			grain_arg = unit_arg + 1;
	int			zone_arg = unit_arg + 2;
	const Interval *time_unit = NULL;
	const text *grain = NULL;
	const text *zone = NULL;
	int64		end = call->end_is_date ? PG_GETARG_DATEADT(call->end_arg) :
		PG_GETARG_TIMESTAMP(call->end_arg);

	if (n_args > unit_arg && !PG_ARGISNULL(unit_arg))
		time_unit = PG_GETARG_INTERVAL_P(unit_arg);
	if (n_args > grain_arg && !PG_ARGISNULL(grain_arg))
		grain = PG_GETARG_TEXT_PP(grain_arg);
	if (n_args > zone_arg && !PG_ARGISNULL(zone_arg))
		zone = PG_GETARG_TEXT_PP(zone_arg);

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
 * Read and check the order, whose time and amount are not NULL.
 */
void
crm_rfm_read_order(const RfmCall *call, FunctionCallInfo fcinfo, RfmOrderArg *order)
{
	if (call->time_kind == RFM_DATE)
	{
		DateADT		day = PG_GETARG_DATEADT(RFM_ARG_ORDERED_AT);

		if (DATE_NOT_FINITE(day))
			crm_check_finite(day > 0 ? INFINITY : -INFINITY, "order time");
		order->at = day;
	}
	else
	{
		order->at = PG_GETARG_TIMESTAMP(RFM_ARG_ORDERED_AT);
		if (TIMESTAMP_NOT_FINITE(order->at))
			crm_check_finite(order->at > 0 ? INFINITY : -INFINITY, "order time");
	}

	order->scale = -1;
	if (call->numeric_amount)
		order->amount = crm_numeric_to_float8(PG_GETARG_DATUM(RFM_ARG_AMOUNT), &order->scale);
	else
		order->amount = PG_GETARG_FLOAT8(RFM_ARG_AMOUNT);
	if (unlikely(!isfinite(order->amount)))
		crm_check_finite(order->amount, "order amount");
}

/*
 * The state of a group with these options: a new one in the given context
 * where state is NULL, else state itself, which must have the same.
 */
RfmState *
crm_rfm_start(const RfmCall *call, MemoryContext context, RfmState *state)
{
	if (state != NULL)
	{
		options_vary_check(call, state);
		return state;
	}
	state = crm_rfm_state_create(context, RFM_INITIAL_ORDERS);
	state->end_at = call->end_at;
	state->end_key = call->end_key;
	state->unit = call->unit;
	state->grain = call->grain;
	state->time_kind = call->time_kind;
	state->zone_hash = call->zone_hash;
	state->scale = call->numeric_amount ? 0 : -1;
	return state;
}

/*
 * Add an order that is not after the end.  The state may move: use the one
 * returned.
 */
RfmState *
crm_rfm_add_order(RfmCall *call, FunctionCallInfo fcinfo, MemoryContext context,
				  RfmState *state, const RfmOrderArg *order)
{
	if (order->amount >= 0)
	{
		state->first_at = Min(state->first_at, order->at);
		state->last_at = Max(state->last_at, order->at);
	}
	if (order->scale > state->scale && state->scale >= 0)
		state->scale = order->scale;
	if (unlikely(order->scale > RFM_UNIT_DECIMALS ||
				 fabs(order->amount) >= RFM_MAX_UNITS / RFM_UNITS_PER_ONE - 1))
	{
		if (call->numeric_amount)
			crm_rfm_state_add_rest(context, state, PG_GETARG_NUMERIC(RFM_ARG_AMOUNT),
								   order->amount);
	}
	return crm_rfm_state_add(state, order_key(call, order->at), order->amount);
}
