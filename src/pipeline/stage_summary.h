/*-------------------------------------------------------------------------
 *
 * stage_summary.h
 *	  The stored type crm_stage_summary: how far opportunities came.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_PIPELINE_STAGE_SUMMARY_H
#define CRM_PIPELINE_STAGE_SUMMARY_H

#include "postgres.h"

#include "fmgr.h"

#include "src/common/summary.h"

/* A pipeline longer than this is no pipeline; the value stays below 16 kB. */
#define MAX_STAGES		1000

#define STAGE_SUMMARY_VERSION	1
#define STAGE_SUMMARY_NAME		"crm_stage_summary"

/* flag: it was said which opportunities are lost */
#define STAGE_LOST_KNOWN		0x01

/*
 * counts holds, for each stage, the opportunities that came this far and no
 * farther; then, again for each stage, those of them that are lost (zeros
 * unless STAGE_LOST_KNOWN).  n_stages is 0 where no opportunity was seen.
 */
typedef struct StageSummary
{
	SummaryHeader header;
	int32		n_stages;
	int32		reserve;		/* zero */
	int64		counts[FLEXIBLE_ARRAY_MEMBER];
} StageSummary;

#define STAGE_SUMMARY_SIZE(n_stages) \
	(offsetof(StageSummary, counts) + 2 * (Size) (n_stages) * sizeof(int64))

static inline int64 *
stage_reached_counts(const StageSummary *summary)
{
	return (int64 *) summary->counts;
}

static inline int64 *
stage_lost_counts(const StageSummary *summary)
{
	return (int64 *) summary->counts + summary->n_stages;
}

extern StageSummary *crm_stage_summary_alloc(int n_stages);
extern StageSummary *crm_stage_summary_get(Datum datum);
extern int64 crm_stage_summary_total(const StageSummary *summary);

#endif							/* CRM_PIPELINE_STAGE_SUMMARY_H */
