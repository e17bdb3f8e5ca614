/*-------------------------------------------------------------------------
 *
 * period_clock.c
 *	  Which period a row's event lies in, for the aggregates that take events.
 *
 * Unit and zone are arguments of every row and nearly always constants: they
 * are compared with those of the row before, byte by byte, because a pointer
 * to a column's value may stay the same while the value changes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "utils/builtins.h"

#include "src/common/args.h"
#include "src/common/local_time.h"
#include "src/retention/period_clock.h"

/*
 * Make a clock for the running transition function, whose argument ts_arg is
 * the event's time.
 */
void
crm_period_clock_init(PeriodClock *clock, FunctionCallInfo fcinfo, int ts_arg)
{
	Oid			type = get_fn_expr_argtype(fcinfo->flinfo, ts_arg);

	memset(clock, 0, sizeof(PeriodClock));
	switch (type)
	{
		case TIMESTAMPTZOID:
			clock->kind = EVENT_TIMESTAMPTZ;
			break;
		case TIMESTAMPOID:
			clock->kind = EVENT_TIMESTAMP;
			break;
		case DATEOID:
			clock->kind = EVENT_DATE;
			break;
		default:
			elog(ERROR, "unexpected type %u of an event's time", type);
	}
	clock->unit_len = clock->zone_len = CLOCK_NAME_UNSET;
}

/*
 * Set unit and zone; NULL means day, and the session's zone.
 */
void
crm_period_clock_set(PeriodClock *clock, const text *unit, const text *zone)
{
	clock->unit_len = clock->zone_len = CLOCK_NAME_UNSET;

	clock->unit = PERIOD_DAY;
	if (unit != NULL)
	{
		char	   *name = text_to_cstring(unit);

		clock->unit = crm_period_unit_by_name(name);
		strlcpy(clock->unit_name, name, sizeof(clock->unit_name));
	}
	if (clock->unit == PERIOD_24H && clock->kind == EVENT_DATE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unit \"24h\" needs times, got dates"),
				 errhint("Pass a timestamp, or use the unit day.")));

	if (clock->kind == EVENT_TIMESTAMPTZ)
	{
		pg_tz	   *tz = session_timezone;
		const char *tz_name;

		if (zone != NULL)
		{
			char	   *name = text_to_cstring(zone);

			tz = crm_lookup_time_zone(name);
			strlcpy(clock->zone_name, name, sizeof(clock->zone_name));
		}
		tz_name = pg_get_timezone_name(tz);
		clock->zone_hash = DatumGetUInt32(hash_any((const unsigned char *) tz_name,
												   strlen(tz_name)));
		crm_zone_days_init(&clock->zone_days, tz);
	}

	clock->unit_len = unit == NULL ? CLOCK_NAME_NULL : VARSIZE_ANY_EXHDR(unit);
	clock->zone_len = zone == NULL ? CLOCK_NAME_NULL : VARSIZE_ANY_EXHDR(zone);
}

/*
 * Report an infinite time or date.
 */
void
crm_period_clock_infinite(void)
{
	crm_check_finite(INFINITY, "event time");
	pg_unreachable();
}
