/*-------------------------------------------------------------------------
 *
 * mean.h
 *	  The stored type crm_mean_summary, for the files of rates.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_MEAN_H
#define CRM_MEAN_H

#include "postgres.h"

#include "fmgr.h"
#include "lib/stringinfo.h"

#include "src/common/summary.h"
#include "src/math/exact_moments.h"

#define MEAN_SUMMARY_VERSION 1

/*
 * Stored type crm_mean_summary, version 1; no flags.  The sums are exact: see
 * src/math/exact_moments.h.  A stored value has trimmed spans; a transition
 * state need not.
 */
typedef struct MeanSummary
{
	SummaryHeader header;
	int64		n;
	int16		sum_first;
	int16		sum_count;
	int16		squares_first;
	int16		squares_count;
	uint32		limbs[FLEXIBLE_ARRAY_MEMBER];	/* the sum's, the squares' */
} MeanSummary;

static inline LimbSpan
mean_sum_span(const MeanSummary *summary)
{
	LimbSpan	span = {summary->sum_first, summary->sum_count};

	return span;
}

static inline LimbSpan
mean_squares_span(const MeanSummary *summary)
{
	LimbSpan	span = {summary->squares_first, summary->squares_count};

	return span;
}

#define MEAN_SUM(summary) ((summary)->limbs)
#define MEAN_SQUARES(summary) ((summary)->limbs + (summary)->sum_count)

/* mean.c */
extern MeanSummary *crm_mean_alloc(LimbSpan sum_span, LimbSpan squares_span);
extern MeanSummary *crm_mean_get(Datum datum);
extern double crm_mean_argument(FunctionCallInfo fcinfo, bool is_numeric);
extern MeanSummary *crm_mean_change(MeanSummary *state, double x, ExactSign sign);
extern MeanSummary *crm_mean_merge(MeanSummary *state, const MeanSummary *other,
								   ExactSign sign);
extern MeanSummary *crm_mean_trimmed(const MeanSummary *summary);
extern Datum crm_mean_interval_result(FunctionCallInfo fcinfo,
									  const MeanSummary *summary, double conf_level);

/* mean_type.c */
extern void crm_mean_send_fields(StringInfo buf, const MeanSummary *summary);
extern MeanSummary *crm_mean_recv_fields(StringInfo buf);

#endif							/* CRM_MEAN_H */
