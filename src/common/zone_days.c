/*-------------------------------------------------------------------------
 *
 * zone_days.c
 *	  From instants, in any order, to the days of a time zone.
 *
 * LocalDayCache remembers one day, which serves events in time order.  A table
 * that is clustered by customer has another day in nearly every row.  A zone's
 * offset from UTC, on the other hand, changes twice a year, so that a small
 * table of offsets by time answers for years of events in any order, and the
 * day is a division.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "src/common/zone_days.h"

/* Seconds from the Unix epoch to 2000-01-01 */
#define EPOCH_SHIFT_SECS \
	((int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY)

/*
 * Make an empty table for a zone, such as session_timezone.
 */
void
crm_zone_days_init(ZoneDays *days, pg_tz *zone)
{
	int			i;

	days->zone = zone;
	for (i = 0; i < ZONE_STRETCHES; i++)
		days->stretches[i].number = PG_INT64_MAX;
}

/*
 * The offset at a finite timestamp as the zone has it, without the table.
 */
int32
crm_zone_days_lookup(const ZoneDays *days, TimestampTz ts)
{
	pg_time_t	unix_secs = (pg_time_t) (crm_floor_div(ts, USECS_PER_SEC) + EPOCH_SHIFT_SECS);
	struct pg_tm *tm = pg_localtime(&unix_secs, days->zone);

	if (tm == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range")));
	return (int32) tm->tm_gmtoff;
}

/*
 * Fill an entry of the table for the stretch of that number.
 */
void
crm_zone_days_fill(ZoneDays *days, ZoneStretch *stretch, int64 number)
{
	int64		from = number * ZONE_STRETCH_USECS;
	int64		from_secs = crm_floor_div(from, USECS_PER_SEC);
	int64		to_secs = from_secs + ZONE_STRETCH_USECS / USECS_PER_SEC + 1;
	pg_time_t	probe = (pg_time_t) (from_secs + EPOCH_SHIFT_SECS);
	long		before;
	long		after;
	int			before_isdst;
	int			after_isdst;
	pg_time_t	boundary;
	int			found;

	/* The first change after from_secs, if there is one. */
	found = pg_next_dst_boundary(&probe, &before, &before_isdst, &boundary,
								 &after, &after_isdst, days->zone);
	if (found < 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range")));

	stretch->number = PG_INT64_MAX;
	stretch->before = (int32) before;
	stretch->after = (int32) before;
	stretch->change = from;
	stretch->many = false;
	if (found > 0 && boundary - EPOCH_SHIFT_SECS <= to_secs)
	{
		stretch->after = (int32) after;
		stretch->change = (boundary - EPOCH_SHIFT_SECS) * USECS_PER_SEC;

		probe = boundary;
		found = pg_next_dst_boundary(&probe, &before, &before_isdst, &boundary,
									 &after, &after_isdst, days->zone);
		stretch->many = found < 0 ||
			(found > 0 && boundary - EPOCH_SHIFT_SECS <= to_secs);
	}
	stretch->number = number;
}
