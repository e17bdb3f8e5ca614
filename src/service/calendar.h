/*-------------------------------------------------------------------------
 *
 * calendar.h
 *	  The stored type crm_calendar and what its text says.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_SERVICE_CALENDAR_H
#define CRM_SERVICE_CALENDAR_H

#include "postgres.h"

#include "pgtime.h"

#include "src/common/summary.h"
#include "src/compat.h"

#define CALENDAR_TYPE_NAME "crm_calendar"
#define CALENDAR_VERSION 1

#define WEEK_DAYS 7
#define DAY_MINUTES 1440

/* On disk: the canonical text, not terminated, up to the end of the value. */
typedef struct Calendar
{
	SummaryHeader header;
	char		canonical[FLEXIBLE_ARRAY_MEMBER];
} Calendar;

#define CALENDAR_TEXT_LEN(calendar) (VARSIZE(calendar) - offsetof(Calendar, canonical))

/*
 * One opening time, in minutes since midnight of the day on which it starts.
 * It is never empty; an overnight one ends after DAY_MINUTES.
 */
typedef struct CalendarSpan
{
	int16		from;
	int16		to;
} CalendarSpan;

/* The opening times that start on one day, in order and disjoint. */
typedef struct CalendarDay
{
	int			n;
	CalendarSpan *spans;
} CalendarDay;

/* Days first to last (since 2000-01-01) have these hours; n = 0 is closed. */
typedef struct CalendarException
{
	int32		first;
	int32		last;
	CalendarDay hours;
	int			where;			/* in the input, for error messages */
} CalendarException;

/* What a calendar's text says, parsed. */
typedef struct CalendarSpec
{
	pg_tz	   *zone;
	CalendarDay week[WEEK_DAYS];	/* Monday first */
	int			n_exceptions;
	CalendarException *exceptions;	/* in order, disjoint, not mergeable */
} CalendarSpec;

extern const char *const crm_weekday_names[WEEK_DAYS];

/* calendar_text.c */
extern CalendarSpec *crm_calendar_parse(const char *string);
extern void crm_calendar_add_exception(CalendarSpec *spec, int32 first, int32 last,
									   int where);
extern bool crm_calendar_arrange(CalendarSpec *spec, int32 *day, int *where);

/* calendar_print.c */
extern bool crm_calendar_same_hours(const CalendarDay *a, const CalendarDay *b);
extern void crm_calendar_deparse(StringInfo buf, const CalendarSpec *spec);
extern void crm_calendar_append_date(StringInfo buf, int32 day);
extern void crm_calendar_append_time(StringInfo buf, int minutes);

/* calendar.c */
extern CalendarSpec *crm_calendar_spec(const Calendar *calendar);

#endif							/* CRM_SERVICE_CALENDAR_H */
