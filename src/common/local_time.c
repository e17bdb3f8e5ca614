/*-------------------------------------------------------------------------
 *
 * local_time.c
 *	  From instants to the calendar of a time zone, fast.
 *
 * Turning a timestamptz into a local date through the time zone database
 * costs as much as reading the row.  Neighbouring rows mostly lie on the same
 * day, so the day's bounds are kept and most rows cost two comparisons.
 *
 * A local day need not be one stretch of 24 hours: it has 23 or 25 where the
 * clocks change, and where they change around midnight (as they did in
 * St. John's at 00:01) it is even in two pieces.  So the cached stretch ends
 * at every change of offset.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "src/common/floor_div.h"
#include "src/common/local_time.h"

/* Seconds from the Unix epoch to 2000-01-01 */
#define EPOCH_SHIFT_SECS \
	((int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY)

/*
 * The time zone of that name (a full name or a POSIX specification), or an
 * error.  It lives as long as the backend.
 */
pg_tz *
crm_lookup_time_zone(const char *name)
{
	pg_tz	   *zone = pg_tzset(name);

	if (zone == NULL || !pg_tz_acceptable(zone))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time zone \"%s\" not recognized", name),
				 errhint("The view pg_timezone_names lists the names.")));
	return zone;
}

/*
 * Make an empty cache for a zone, such as session_timezone.
 */
void
crm_local_day_init(LocalDayCache *cache, pg_tz *zone)
{
	cache->zone = zone;
	cache->from = cache->to = 0;
	cache->day = 0;
	cache->offset = 0;
}

/*
 * Fill the cache for the instant ts, which must be finite.
 */
void
crm_local_day_find(LocalDayCache *cache, TimestampTz ts)
{
	int64		ts_secs = crm_floor_div(ts, USECS_PER_SEC);
	pg_time_t	unix_secs = (pg_time_t) (ts_secs + EPOCH_SHIFT_SECS);
	struct pg_tm *tm = pg_localtime(&unix_secs, cache->zone);
	int64		from_secs;
	int64		to_secs;
	pg_time_t	probe;

	if (TIMESTAMP_NOT_FINITE(ts) || tm == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range")));

	cache->offset = (int32) tm->tm_gmtoff;
	cache->day = (int32) crm_floor_div(ts_secs + cache->offset, SECS_PER_DAY);

	/* The day's bounds if the offset held all day ... */
	from_secs = (int64) cache->day * SECS_PER_DAY - cache->offset;
	to_secs = from_secs + SECS_PER_DAY;

	/* ... cut at each change of offset in between. */
	probe = (pg_time_t) (from_secs - 1 + EPOCH_SHIFT_SECS);
	for (;;)
	{
		long		before_offset;
		long		after_offset;
		int			before_isdst;
		int			after_isdst;
		pg_time_t	boundary;
		int64		boundary_secs;

		if (pg_next_dst_boundary(&probe, &before_offset, &before_isdst, &boundary,
								 &after_offset, &after_isdst, cache->zone) != 1)
			break;
		boundary_secs = (int64) boundary - EPOCH_SHIFT_SECS;
		if (boundary_secs >= to_secs)
			break;
		if (boundary_secs > ts_secs)
		{
			to_secs = boundary_secs;
			break;
		}
		if (boundary_secs > from_secs)
			from_secs = boundary_secs;
		probe = boundary;
	}

	cache->from = from_secs * USECS_PER_SEC;
	cache->to = to_secs * USECS_PER_SEC;
}
