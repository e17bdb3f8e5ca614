/*-------------------------------------------------------------------------
 *
 * zone_days.h
 *	  From instants, in any order, to the days of a time zone.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_ZONE_DAYS_H
#define CRM_ZONE_DAYS_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "pgtime.h"

#include "src/common/floor_div.h"

/*
 * Time in stretches of 2^41 microseconds, some 25 days: a zone rarely changes
 * its clocks twice in one.  128 of them are nine years.
 */
#define ZONE_STRETCH_USECS (INT64CONST(1) << 41)
#define ZONE_STRETCHES 128

typedef struct ZoneStretch
{
	int64		number;			/* of this stretch since the epoch */
	TimestampTz change;			/* when the clocks change in it */
	int32		before;			/* local time minus UTC before then, seconds */
	int32		after;			/* ... and from then on */
	bool		many;			/* they change more than once: ask the zone */
} ZoneStretch;

typedef struct ZoneDays
{
	pg_tz	   *zone;
	ZoneStretch stretches[ZONE_STRETCHES];	/* a cache, by the last bits of
											 * the number */
} ZoneDays;

extern void crm_zone_days_init(ZoneDays *days, pg_tz *zone);
extern void crm_zone_days_fill(ZoneDays *days, ZoneStretch *stretch, int64 number);
extern int32 crm_zone_days_lookup(const ZoneDays *days, TimestampTz ts);

/*
 * The zone's offset from UTC at a finite timestamp, in seconds.
 */
static inline int32
crm_zone_offset(ZoneDays *days, TimestampTz ts)
{
	int64		number = crm_floor_div(ts, ZONE_STRETCH_USECS);
	ZoneStretch *stretch = &days->stretches[(uint64) number % ZONE_STRETCHES];

	if (unlikely(stretch->number != number))
		crm_zone_days_fill(days, stretch, number);
	if (unlikely(stretch->many))
		return crm_zone_days_lookup(days, ts);
	return ts < stretch->change ? stretch->before : stretch->after;
}

/*
 * The local calendar day of a finite timestamp, in days since 2000-01-01.
 */
static inline int32
crm_zone_day(ZoneDays *days, TimestampTz ts)
{
	/* the last finite timestamp is eight days before the last int64 */
	return (int32) crm_floor_div(ts + crm_zone_offset(days, ts) * USECS_PER_SEC,
								 USECS_PER_DAY);
}

#endif							/* CRM_ZONE_DAYS_H */
