/*-------------------------------------------------------------------------
 *
 * business_time.c
 *	  Business time as SQL functions: between instants, and added to one.
 *
 * The arithmetic is in schedule.c.  Intervals come and go as hours and less:
 * a day or a month of business time is not a fixed length, and which was meant
 * (24 hours, a working day, the same time tomorrow) is not for us to guess.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "src/service/business_time.h"
#include "src/service/schedule.h"

PG_FUNCTION_INFO_V1(crm_business_interval);
PG_FUNCTION_INFO_V1(crm_business_add);
PG_FUNCTION_INFO_V1(crm_sla_due);
PG_FUNCTION_INFO_V1(crm_is_open);

static char *interval_to_str(const Interval *interval);

static char *
interval_to_str(const Interval *interval)
{
	return DatumGetCString(DirectFunctionCall1(interval_out,
											   IntervalPGetDatum(interval)));
}

/*
 * The timestamp, or SQLSTATE 22023 if it is infinite.
 */
TimestampTz
crm_finite_timestamp(TimestampTz ts, const char *what)
{
	if (TIMESTAMP_NOT_FINITE(ts))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be finite, got %s", what,
						TIMESTAMP_IS_NOBEGIN(ts) ? "-infinity" : "infinity"),
				 errhint("Filter such rows out, or make the value NULL.")));
	return ts;
}

/*
 * The microseconds of an interval that is made of hours and less, or SQLSTATE
 * 22023.  (An infinite interval has days and months.)
 */
int64
crm_hours_usecs(const Interval *interval, const char *what)
{
	if (interval->month != 0 || interval->day != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be given in hours, minutes and seconds, got %s", what,
						interval_to_str(interval)),
				 errhint("A day of business time has no fixed length: two days of eight hours are interval '16 hours'.")));
	return interval->time;
}

/*
 * The same for a target, which must not be negative.
 */
int64
crm_target_usecs(const Interval *target)
{
	int64		usecs = crm_hours_usecs(target, "target");

	if (usecs < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("target must not be negative, got %s",
						interval_to_str(target))));
	return usecs;
}

/*
 * An interval of that many microseconds, shown as hours; palloc'd.
 */
Interval *
crm_usecs_interval(int64 usecs)
{
	Interval   *interval = palloc(sizeof(Interval));

	interval->time = usecs;
	interval->day = 0;
	interval->month = 0;
	return interval;
}

/*
 * crm_business_interval(from_at timestamptz, to_at timestamptz,
 *						 calendar crm_calendar) -> interval
 *
 * The time in the calendar's opening hours from one instant to another, in
 * hours and less; negative when to_at is the earlier.
 */
Datum
crm_business_interval(PG_FUNCTION_ARGS)
{
	TimestampTz from = crm_finite_timestamp(PG_GETARG_TIMESTAMPTZ(0), "from_at");
	TimestampTz to = crm_finite_timestamp(PG_GETARG_TIMESTAMPTZ(1), "to_at");
	Schedule   *schedule = crm_schedule_get(fcinfo, PG_GETARG_DATUM(2));
	int64		open_usecs = crm_schedule_open_usecs(schedule, from, to);

	PG_RETURN_INTERVAL_P(crm_usecs_interval(open_usecs));
}

/*
 * crm_business_add(ts timestamptz, amount interval, calendar crm_calendar)
 * -> timestamptz
 *
 * The instant until which the business time since ts is the given amount:
 * the earliest such instant, so that a deadline is not after closing time; for
 * a negative amount the latest, so that it is not before opening time; for
 * zero, ts or the next opening.  Of those, crm_business_interval from ts gives
 * the amount back.
 */
Datum
crm_business_add(PG_FUNCTION_ARGS)
{
	TimestampTz ts = crm_finite_timestamp(PG_GETARG_TIMESTAMPTZ(0), "ts");
	int64		amount = crm_hours_usecs(PG_GETARG_INTERVAL_P(1), "amount");
	Schedule   *schedule = crm_schedule_get(fcinfo, PG_GETARG_DATUM(2));

	PG_RETURN_TIMESTAMPTZ(crm_schedule_add(schedule, ts, amount));
}

/*
 * crm_sla_due(opened_at timestamptz, target interval, calendar crm_calendar)
 * -> timestamptz
 *
 * When a target runs out for what was opened then: crm_business_add of an
 * amount that must not be negative.
 */
Datum
crm_sla_due(PG_FUNCTION_ARGS)
{
	TimestampTz opened = crm_finite_timestamp(PG_GETARG_TIMESTAMPTZ(0), "opened_at");
	int64		target = crm_target_usecs(PG_GETARG_INTERVAL_P(1));
	Schedule   *schedule = crm_schedule_get(fcinfo, PG_GETARG_DATUM(2));

	PG_RETURN_TIMESTAMPTZ(crm_schedule_add(schedule, opened, target));
}

/*
 * crm_is_open(ts timestamptz, calendar crm_calendar) -> boolean
 *
 * Whether the instant lies in the opening hours: opening time does, closing
 * time does not.
 */
Datum
crm_is_open(PG_FUNCTION_ARGS)
{
	TimestampTz ts = crm_finite_timestamp(PG_GETARG_TIMESTAMPTZ(0), "ts");
	Schedule   *schedule = crm_schedule_get(fcinfo, PG_GETARG_DATUM(1));

	PG_RETURN_BOOL(crm_schedule_is_open(schedule, ts));
}
