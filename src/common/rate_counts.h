/*-------------------------------------------------------------------------
 *
 * rate_counts.h
 *	  Successes among trials: what every rate is made of.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_RATE_COUNTS_H
#define CRM_RATE_COUNTS_H

#include "postgres.h"

#include "fmgr.h"

#include "src/common/summary.h"
#include "src/math/proportion.h"

/* Stored type crm_rate_summary, version 1; no flags. */
typedef struct RateSummary
{
	SummaryHeader header;
	int64		successes;		/* 0 <= successes <= trials */
	int64		trials;
} RateSummary;

#define RATE_SUMMARY_VERSION 1

/*
 * State of the aggregates that take the confidence level, or the method too,
 * with each row: these must not vary within a group.  Without trials there are
 * no options either.
 */
typedef struct RateState
{
	int64		successes;
	int64		trials;
	double		conf_level;
	ProportionMethod method;
} RateState;

extern RateSummary *crm_rate_summary_own(FunctionCallInfo fcinfo);
extern RateSummary *crm_rate_summary_get(Datum datum);
extern void crm_rate_summary_count(RateSummary *summary, bool hit, int sign);

extern RateState *crm_rate_state(FunctionCallInfo fcinfo, const char *function);
extern void crm_rate_state_count(RateState *state, bool hit, int sign,
								 double conf_level, ProportionMethod method);

#endif							/* CRM_RATE_COUNTS_H */
