/*-------------------------------------------------------------------------
 *
 * engagement_summary.h
 *	  The stored type crm_engagement_summary: a sum of decayed weights.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_ENGAGEMENT_SUMMARY_H
#define CRM_ENGAGEMENT_SUMMARY_H

#include "postgres.h"

#include "fmgr.h"

#include "src/common/summary.h"
#include "src/math/exact_sum.h"

/* What the times of a summary are */
typedef enum EngagementTime
{
	ENGAGEMENT_TIMESTAMPTZ = 1, /* stored: never renumber */
	ENGAGEMENT_TIMESTAMP = 2,
	ENGAGEMENT_BIGINT = 3
} EngagementTime;

typedef struct EngagementSummary
{
	SummaryHeader header;
	int64		time;			/* EngagementTime */
	int64		as_of;			/* microseconds, or units of a bigint */
	int64		half_life;
	int64		events;			/* that count; 0 only in a state */
	ExactSum	sum;			/* of the weights, decayed to as_of */
} EngagementSummary;

extern const char *crm_engagement_time_name(EngagementTime time);
extern EngagementSummary *crm_engagement_summary_make(void);
extern EngagementSummary *crm_engagement_summary_get(Datum datum);
extern EngagementSummary *crm_engagement_summary_state(FunctionCallInfo fcinfo,
													   const char *function);
extern double crm_engagement_decay(int64 from, int64 to, int64 half_life);
extern void crm_engagement_move(EngagementSummary *summary, int64 as_of);

#endif							/* CRM_ENGAGEMENT_SUMMARY_H */
