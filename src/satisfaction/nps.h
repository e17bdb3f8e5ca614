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

#include <math.h>

#include "fmgr.h"

#include "src/common/numeric_value.h"
#include "src/common/summary.h"
#include "src/compat.h"

#define NPS_SUMMARY_VERSION 1

#define NPS_MIN_SCORE 0
#define NPS_MAX_SCORE 10

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
pg_noreturn extern void crm_nps_score_error(FunctionCallInfo fcinfo,
											NpsScoreType type);
extern NpsSummary *crm_nps_summary_get(Datum datum);
extern Datum crm_nps_interval_result(FunctionCallInfo fcinfo, const int64 *counts,
									 double conf_level);

/*
 * The category of the score in argument 1; an error when it is none.  Inline,
 * and called with a constant type: it is most of the work for a row.
 */
static inline NpsCategory
nps_category(FunctionCallInfo fcinfo, NpsScoreType type)
{
	int64		score = -1;

	switch (type)
	{
		case NPS_SCORE_INT2:
			score = PG_GETARG_INT16(1);
			break;
		case NPS_SCORE_INT4:
			score = PG_GETARG_INT32(1);
			break;
		case NPS_SCORE_NUMERIC:
			{
				int			scale;
				int			display_scale;

				/* zero has no digits and hence any scale */
				if (crm_numeric_decode(PG_GETARG_DATUM(1), &score, &scale,
									   &display_scale) != NUMERIC_VALUE_SMALL ||
					(scale != 0 && score != 0))
					score = -1;
				break;
			}
		case NPS_SCORE_FLOAT8:
			{
				double		value = PG_GETARG_FLOAT8(1);

				if (value >= NPS_MIN_SCORE && value <= NPS_MAX_SCORE &&
					value == floor(value))
					score = (int64) value;
				break;
			}
	}
	if (unlikely(score < NPS_MIN_SCORE || score > NPS_MAX_SCORE))
		crm_nps_score_error(fcinfo, type);
	if (score >= 9)
		return NPS_PROMOTERS;
	return score >= 7 ? NPS_PASSIVES : NPS_DETRACTORS;
}

#endif							/* CRM_NPS_H */
