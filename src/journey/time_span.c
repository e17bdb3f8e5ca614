/*-------------------------------------------------------------------------
 *
 * time_span.c
 *	  Lengths of time between events.
 *
 * An interval is taken as SQL compares intervals: a day has 24 hours and a
 * month 30 days.  So "ts - lag(ts) > gap" in plain SQL says the same as we do,
 * neither depends on a time zone, and a later event is never nearer.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/int.h"
#include "utils/fmgrprotos.h"

#include "src/journey/time_span.h"

/*
 * The interval in microseconds; "what" names the argument.  Zero, negative,
 * infinite, or longer than 64 bits hold, is error 22023.
 */
int64
crm_span_usecs(const Interval *interval, const char *what)
{
	int64		days = (int64) interval->month * DAYS_PER_MONTH + interval->day;
	int64		usecs;

	if (pg_mul_s64_overflow(days, USECS_PER_DAY, &usecs) ||
		pg_add_s64_overflow(usecs, interval->time, &usecs))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s is out of range", what),
				 errhint("Give a length of time such as '30 minutes'.")));
	if (usecs <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be greater than zero", what),
				 errhint("Give a length of time such as '30 minutes'.")));
	return usecs;
}

/*
 * A length of time in units of a bigint, checked: zero or negative is error
 * 22023.
 */
int64
crm_span_units(int64 units, const char *what)
{
	if (units <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be greater than zero, got " INT64_FORMAT,
						what, units),
				 errhint("Give it in the units of the event's time.")));
	return units;
}

/*
 * A length of time as SQL has it, palloc'd: an interval for timestamps, with
 * days as their difference has them, and a bigint for bigint.
 */
Datum
crm_span_datum(uint64 span, EventTimeKind kind)
{
	Interval   *interval;

	if (span > PG_INT64_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("length of time is out of range")));
	if (kind == EVENT_BIGINT)
		return Int64GetDatum((int64) span);
	interval = palloc0(sizeof(Interval));
	interval->day = (int32) (span / USECS_PER_DAY);
	interval->time = (TimeOffset) (span % USECS_PER_DAY);
	return IntervalPGetDatum(interval);
}

/*
 * A date as an event's time: its midnight without a time zone, so that days
 * have 24 hours whatever the clocks do.
 */
int64
crm_event_date(Datum date)
{
	return DatumGetTimestamp(DirectFunctionCall1(date_timestamp, date));
}

void
crm_event_not_finite_error(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("ts must be finite"),
			 errhint("Filter such rows out, or make ts NULL.")));
}
