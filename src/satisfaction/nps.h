/*-------------------------------------------------------------------------
 *
 * nps.h
 *	  Counts behind the Net Promoter Score, for the files of satisfaction.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_NPS_H
#define CRM_NPS_H

#include "postgres.h"

#include "fmgr.h"

#include "src/common/summary.h"

#define NPS_SUMMARY_VERSION 1

/* Scores 9 and 10; 7 and 8; 0 to 6 */
typedef enum NpsCategory
{
	NPS_PROMOTERS = 0,
	NPS_PASSIVES = 1,
	NPS_DETRACTORS = 2
} NpsCategory;

#define NPS_CATEGORIES 3

/*
 * Stored type crm_nps_summary, version 1; no flags.  Counts are not negative
 * and their sum fits 64 bits.
 */
typedef struct NpsSummary
{
	SummaryHeader header;
	int64		counts[NPS_CATEGORIES];
} NpsSummary;

/* The type of a score argument */
typedef enum NpsScoreType
{
	NPS_SCORE_INT2,
	NPS_SCORE_INT4,
	NPS_SCORE_NUMERIC,
	NPS_SCORE_FLOAT8
} NpsScoreType;

static inline int64
nps_total(const int64 *counts)
{
	return counts[NPS_PROMOTERS] + counts[NPS_PASSIVES] + counts[NPS_DETRACTORS];
}

/* nps.c */
extern NpsCategory crm_nps_category(FunctionCallInfo fcinfo, NpsScoreType type);
extern NpsSummary *crm_nps_summary_get(Datum datum);
extern Datum crm_nps_interval_result(FunctionCallInfo fcinfo, const int64 *counts,
									 double conf_level);

#endif							/* CRM_NPS_H */
