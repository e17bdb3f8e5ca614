/*-------------------------------------------------------------------------
 *
 * schedule.h
 *	  A calendar made ready to compute with.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_SERVICE_SCHEDULE_H
#define CRM_SERVICE_SCHEDULE_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "fmgr.h"

#include "src/service/calendar.h"

typedef struct Schedule Schedule;

/* schedule.c */
extern Schedule *crm_schedule_create(const CalendarSpec *spec);
extern int64 crm_schedule_open_usecs(Schedule *schedule, TimestampTz from,
									 TimestampTz to);
extern TimestampTz crm_schedule_add(Schedule *schedule, TimestampTz ts,
									int64 open_usecs);
extern bool crm_schedule_is_open(Schedule *schedule, TimestampTz ts);

/* schedule_cache.c */
extern Schedule *crm_schedule_get(FunctionCallInfo fcinfo, Datum calendar);

#endif							/* CRM_SERVICE_SCHEDULE_H */
