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

#include "src/common/summary_state.h"
#include "src/math/proportion.h"

/* Stored type crm_rate_summary, version 1; no flags. */
typedef struct RateSummary
{
	SummaryHeader header;
	int64		successes;		/* 0 <= successes <= trials */
	int64		trials;
} RateSummary;

#define RATE_SUMMARY_VERSION 1
#define RATE_SUMMARY_NAME "crm_rate_summary"

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

extern RateSummary *crm_rate_summary_get(Datum datum);

extern RateState *crm_rate_state(FunctionCallInfo fcinfo, const char *function);
extern void crm_rate_state_count(RateState *state, bool hit, int sign,
								 double conf_level, ProportionMethod method);

/*
 * Argument 0 as a state to change; see crm_summary_own.
 */
static inline RateSummary *
rate_summary_own(FunctionCallInfo fcinfo)
{
	return (RateSummary *) crm_summary_own(fcinfo, sizeof(RateSummary), SUMMARY_RATE,
										   RATE_SUMMARY_VERSION, RATE_SUMMARY_NAME);
}

/*
 * One trial joins (sign 1) or leaves (-1) the summary.
 */
static inline void
rate_summary_count(RateSummary *summary, bool hit, int sign)
{
	if (sign > 0)
	{
		summary->trials = crm_count_add(summary->trials, 1);
		summary->successes += hit;
	}
	else
	{
		summary->trials--;
		summary->successes -= hit;
		if (unlikely(summary->successes < 0 || summary->successes > summary->trials))
			elog(ERROR, "trial to remove is not part of the state");
	}
}

#endif							/* CRM_RATE_COUNTS_H */
