/*-------------------------------------------------------------------------
 *
 * response_summary.h
 *	  The stored type crm_response_summary: counts and the sum of response
 *	  times.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_SERVICE_RESPONSE_SUMMARY_H
#define CRM_SERVICE_RESPONSE_SUMMARY_H

#include "postgres.h"

#include "fmgr.h"

#include "src/common/summary.h"

/*
 * The sum is kept as seconds and microseconds, so that it is exact and does not
 * overflow before the counts do.
 */
typedef struct ResponseSummary
{
	SummaryHeader header;
	int64		answered;
	int64		open;
	int64		overdue;		/* of the open ones: past their target */
	int64		targeted;		/* answered ones with a target, and overdue */
	int64		within;			/* of the targeted: answered in time */
	int64		seconds;		/* sum over the answered */
	int64		microseconds;	/* 0 to 999999, to be added to that */
} ResponseSummary;

extern ResponseSummary *crm_response_summary_get(Datum datum);
extern ResponseSummary *crm_response_summary_state(FunctionCallInfo fcinfo,
												   const char *function);
extern void crm_response_summary_add(ResponseSummary *state,
									 const ResponseSummary *other, int sign);

#endif							/* CRM_SERVICE_RESPONSE_SUMMARY_H */
