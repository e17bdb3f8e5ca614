/*-------------------------------------------------------------------------
 *
 * opening_hours.h
 *	  The opening hours of a calendar on the local clock.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_SERVICE_OPENING_HOURS_H
#define CRM_SERVICE_OPENING_HOURS_H

#include "postgres.h"

#include "src/service/calendar.h"

/* A stretch of one local day that is open, and the open time before it */
typedef struct OpenSpan
{
	int64		from;			/* since midnight */
	int64		to;
	int64		before;			/* on this day */
} OpenSpan;

/* The open stretches of a local day, in order, none touching another */
typedef struct DayHours
{
	int			n;
	OpenSpan   *spans;
	int64		total;
} DayHours;

/* Local days first to last all have hours of their own */
typedef struct ExceptionRun
{
	int32		first;
	int32		last;
	DayHours	hours;
	int64		before;			/* L at the start of the first day */
	int64		gain;			/* after the last day, L minus the weekly sum */
} ExceptionRun;

typedef struct OpeningHours
{
	DayHours	week[WEEK_DAYS];	/* Monday first */
	int64		before_weekday[WEEK_DAYS];	/* since Monday 00:00 */
	int64		week_total;
	int			n_runs;
	ExceptionRun *runs;			/* in order, disjoint */
} OpeningHours;

extern void crm_opening_hours_init(OpeningHours *hours, const CalendarSpec *spec);
extern int64 crm_open_before_local(const OpeningHours *hours, int64 local);
extern bool crm_is_open_local(const OpeningHours *hours, int64 local);
extern int64 crm_local_of_open(const OpeningHours *hours, int64 open, int64 from,
							   int64 to, bool latest);

#endif							/* CRM_SERVICE_OPENING_HOURS_H */
