/*-------------------------------------------------------------------------
 *
 * local_time.h
 *	  From instants to the calendar of a time zone, fast.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_LOCAL_TIME_H
#define CRM_LOCAL_TIME_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "pgtime.h"

/*
 * The stretch of time, at most a day long, that the last answer came from: all
 * of it lies on one local day and has one offset from UTC.
 */
typedef struct LocalDayCache
{
	pg_tz	   *zone;
	TimestampTz from;			/* inclusive */
	TimestampTz to;				/* exclusive */
	int32		day;			/* days since 2000-01-01, as type date counts */
	int32		offset;			/* local time minus UTC, seconds */
} LocalDayCache;

extern pg_tz *crm_lookup_time_zone(const char *name);
extern void crm_local_day_init(LocalDayCache *cache, pg_tz *zone);
extern void crm_local_day_find(LocalDayCache *cache, TimestampTz ts);

/*
 * The local calendar day of a finite timestamp, in days since 2000-01-01.
 * Afterwards cache->offset is the zone's offset at that instant.
 */
static inline int32
crm_local_day(LocalDayCache *cache, TimestampTz ts)
{
	if (unlikely(ts < cache->from || ts >= cache->to))
		crm_local_day_find(cache, ts);
	return cache->day;
}

#endif							/* CRM_LOCAL_TIME_H */
