/*-------------------------------------------------------------------------
 *
 * business_time.h
 *	  Checks of the arguments of business time.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_SERVICE_BUSINESS_TIME_H
#define CRM_SERVICE_BUSINESS_TIME_H

#include "postgres.h"

#include "utils/timestamp.h"

extern TimestampTz crm_finite_timestamp(TimestampTz ts, const char *what);
extern int64 crm_hours_usecs(const Interval *interval, const char *what);
extern int64 crm_target_usecs(const Interval *target);
extern Interval *crm_usecs_interval(int64 usecs);

#endif							/* CRM_SERVICE_BUSINESS_TIME_H */
