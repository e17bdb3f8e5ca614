/*-------------------------------------------------------------------------
 *
 * funnel_times.h
 *	  How long steps took: counts of durations in bins, to any of which a
 *	  quantile is within one per cent.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_FUNNEL_TIMES_H
#define CRM_FUNNEL_TIMES_H

#include "postgres.h"

/* What of all durations lies in one bin */
typedef struct TimeBin
{
	int64		count;
	int64		low;			/* the shortest, microseconds */
	int64		high;			/* the longest */
} TimeBin;

/* Bins by octave, made as they are needed */
#define TIME_SUB_BITS 7
#define TIME_SUBS (1 << TIME_SUB_BITS)
#define TIME_OCTAVES (63 - TIME_SUB_BITS + 1)

typedef struct TimeBins
{
	MemoryContext context;
	TimeBin    *octaves[TIME_OCTAVES];
} TimeBins;

extern void crm_time_bin_place(int64 time, int *octave, int *sub);
extern void crm_time_bins_add(TimeBins *bins, const TimeBin *bin);
extern int	crm_time_bins_list(const TimeBins *bins, TimeBin *list);
extern int	crm_time_bins_merge(const TimeBin *a, int n_a, const TimeBin *b, int n_b,
								TimeBin *merged);
extern double crm_time_bins_quantile(const TimeBin *list, int n, double share);

#endif							/* CRM_FUNNEL_TIMES_H */
