/*-------------------------------------------------------------------------
 *
 * period_clock.h
 *	  Which period a row's event lies in, for the aggregates that take events.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_PERIOD_CLOCK_H
#define CRM_PERIOD_CLOCK_H

#include "postgres.h"

#include "fmgr.h"
#include "utils/timestamp.h"

#include "src/common/zone_days.h"
#include "src/compat.h"
#include "src/retention/period.h"

/* What type the events' times are of */
typedef enum EventTimeKind
{
	EVENT_TIMESTAMPTZ,
	EVENT_TIMESTAMP,
	EVENT_DATE
} EventTimeKind;

/* In place of a name's length */
#define CLOCK_NAME_NULL (-1)	/* not passed, or NULL */
#define CLOCK_NAME_UNSET (-2)	/* before the first row */

/*
 * What a transition function remembers from row to row (part of what it keeps
 * in fn_extra): the options as they came, and what they mean.
 */
typedef struct PeriodClock
{
	EventTimeKind kind;
	PeriodUnit	unit;
	uint32		zone_hash;		/* of the zone's name; 0 if there is no zone */

	/* As passed, with the names' lengths or one of the values below */
	int			unit_len;
	char		unit_name[8];
	int			zone_len;
	char		zone_name[TZ_STRLEN_MAX + 1];

	ZoneDays	zone_days;
} PeriodClock;

extern void crm_period_clock_init(PeriodClock *clock, FunctionCallInfo fcinfo,
								  int ts_arg);
extern void crm_period_clock_set(PeriodClock *clock, const text *unit,
								 const text *zone);
pg_noreturn extern void crm_period_clock_infinite(void);

/*
 * Set the unit and zone from the arguments of those numbers, where the call
 * has them.  NULL means day, and the session's zone.
 */
static inline void
crm_period_clock_options(PeriodClock *clock, FunctionCallInfo fcinfo,
						 int unit_arg, int zone_arg)
{
	const text *unit = NULL;
	const text *zone = NULL;

	if (PG_NARGS() > unit_arg && !PG_ARGISNULL(unit_arg))
		unit = PG_GETARG_TEXT_PP(unit_arg);
	if (PG_NARGS() > zone_arg && !PG_ARGISNULL(zone_arg))
		zone = PG_GETARG_TEXT_PP(zone_arg);

	/* The same bytes as in the row before mean the same. */
	if (likely((unit == NULL ? clock->unit_len == CLOCK_NAME_NULL :
				(int) VARSIZE_ANY_EXHDR(unit) == clock->unit_len &&
				memcmp(VARDATA_ANY(unit), clock->unit_name, clock->unit_len) == 0) &&
			   (zone == NULL ? clock->zone_len == CLOCK_NAME_NULL :
				(int) VARSIZE_ANY_EXHDR(zone) == clock->zone_len &&
				memcmp(VARDATA_ANY(zone), clock->zone_name, clock->zone_len) == 0)))
		return;
	crm_period_clock_set(clock, unit, zone);
}

/*
 * An event's time: microseconds, or days if the kind is date.  It is finite.
 */
static inline int64
crm_period_clock_time(const PeriodClock *clock, Datum ts)
{
	if (clock->kind == EVENT_DATE)
	{
		if (unlikely(DATE_NOT_FINITE(DatumGetDateADT(ts))))
			crm_period_clock_infinite();
		return DatumGetDateADT(ts);
	}
	if (unlikely(TIMESTAMP_NOT_FINITE(DatumGetTimestamp(ts))))
		crm_period_clock_infinite();
	return DatumGetTimestamp(ts);
}

/*
 * The local day of an event's time.
 */
static inline DateADT
crm_period_clock_day(PeriodClock *clock, int64 at)
{
	if (clock->kind == EVENT_TIMESTAMPTZ)
		return crm_zone_day(&clock->zone_days, at);
	if (clock->kind == EVENT_TIMESTAMP)
		return (DateADT) crm_floor_div(at, USECS_PER_DAY);
	return (DateADT) at;
}

#endif							/* CRM_PERIOD_CLOCK_H */
