/*-------------------------------------------------------------------------
 *
 * period.h
 *	  Calendar periods by number: days, ISO weeks, months.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_PERIOD_H
#define CRM_PERIOD_H

#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/date.h"

#include "src/common/floor_div.h"

/* In stored values: never renumber. */
typedef enum PeriodUnit
{
	PERIOD_DAY = 1,				/* days since 2000-01-01, as type date counts */
	PERIOD_WEEK = 2,			/* weeks from Monday since that of 1999-12-27 */
	PERIOD_MONTH = 3,			/* months since January 2000 */
	PERIOD_24H = 4				/* 24 hours since a customer's first event,
								 * counted from that event's day */
} PeriodUnit;

/* 2000-01-01 was a Saturday, the sixth day of week 0. */
#define PERIOD_WEEK_SHIFT 5

/* The first and last finite dates */
#define PERIOD_MIN_DAY (DATETIME_MIN_JULIAN - POSTGRES_EPOCH_JDATE)
#define PERIOD_MAX_DAY (DATE_END_JULIAN - POSTGRES_EPOCH_JDATE - 1)

extern PeriodUnit crm_period_unit_by_name(const char *name);
extern const char *crm_period_unit_name(PeriodUnit unit);
extern int32 crm_period_month(DateADT day);
extern DateADT crm_period_start(PeriodUnit unit, int64 period);
extern int32 crm_period_last_complete(PeriodUnit unit, DateADT observed_to);
extern DateADT crm_period_date_arg(DateADT day, const char *what);
extern void crm_period_append_day(StringInfo buf, DateADT day);
extern bool crm_period_parse_day(const char *word, DateADT *day);

/* The number of the period that a finite date lies in. */
static inline int32
crm_period_of_day(PeriodUnit unit, DateADT day)
{
	if (unit == PERIOD_WEEK)
		return (int32) crm_floor_div((int64) day + PERIOD_WEEK_SHIFT, 7);
	if (unit == PERIOD_MONTH)
		return crm_period_month(day);
	return day;
}

#endif							/* CRM_PERIOD_H */
