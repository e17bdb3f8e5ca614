/*-------------------------------------------------------------------------
 *
 * btyd_tracking.h
 *	  The state of the aggregate crm_btyd_tracking.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_BTYD_TRACKING_H
#define CRM_BTYD_TRACKING_H

#include "postgres.h"

#include "utils/date.h"

#include "src/clv/btyd_model.h"

/* Arguments that are one for the group */
typedef struct TrackingOptions
{
	DateADT		calibration_end;
	DateADT		observation_end;
	DateADT		start;			/* DATEVAL_NOBEGIN: the earliest first day */
	int32		period_days;	/* with period_months; both 0: the model's
								 * unit */
	int32		period_months;
} TrackingOptions;

typedef struct DayCount
{
	DateADT		day;
	char		status;
	int64		customers;		/* whose first purchase it was */
	int64		repeats;		/* purchases that were not the first */
} DayCount;

typedef struct TrackingState
{
	BtydModel  *model;
	TrackingOptions options;
	struct day_table_hash *days;
} TrackingState;

extern DayCount *crm_btyd_tracking_counts(const TrackingState *state, int64 *n);

#endif							/* CRM_BTYD_TRACKING_H */
