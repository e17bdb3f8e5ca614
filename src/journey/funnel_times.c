/*-------------------------------------------------------------------------
 *
 * funnel_times.c
 *	  How long steps took: counts of durations in bins.
 *
 * Bins get wider with the duration: each power of two is split into 128 of
 * equal width, so that a bin is at most 1/128 of its durations wide.  A bin
 * keeps its shortest and longest duration.  All this adds up exactly, in any
 * order.  The quantiles read from it are exact as long as no bin holds more
 * than two different durations, and otherwise at most 0.8 % off, because the
 * duration sought is in the same bin.
 *
 * (The idea is that of G. Tene's HdrHistogram; the ends of bins are ours.)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "port/pg_bitutils.h"
#include "utils/memutils.h"

#include "src/journey/funnel_times.h"

static double at_rank(const TimeBin *list, int n, int64 rank);

/*
 * The bin of a duration, which is not negative.
 */
void
crm_time_bin_place(int64 time, int *octave, int *sub)
{
	if (time < TIME_SUBS)
	{
		*octave = 0;
		*sub = (int) time;
	}
	else
	{
		*octave = pg_leftmost_one_pos64((uint64) time) - TIME_SUB_BITS + 1;
		*sub = (int) ((time >> (*octave - 1)) - TIME_SUBS);
	}
}

/*
 * Add durations that are all of one bin.
 */
void
crm_time_bins_add(TimeBins *bins, const TimeBin *bin)
{
	TimeBin    *into;
	int			octave;
	int			sub;

	crm_time_bin_place(bin->low, &octave, &sub);
	if (bins->octaves[octave] == NULL)
		bins->octaves[octave] = (TimeBin *)
			MemoryContextAllocZero(bins->context, TIME_SUBS * sizeof(TimeBin));
	into = &bins->octaves[octave][sub];
	if (into->count == 0)
		*into = *bin;
	else
	{
		into->count += bin->count;
		into->low = Min(into->low, bin->low);
		into->high = Max(into->high, bin->high);
	}
}

/*
 * Copy the bins that are not empty, shortest first, and return how many they
 * are; with NULL, only that.
 */
int
crm_time_bins_list(const TimeBins *bins, TimeBin *list)
{
	int			n = 0;
	int			octave;
	int			sub;

	for (octave = 0; octave < TIME_OCTAVES; octave++)
	{
		for (sub = 0; bins->octaves[octave] != NULL && sub < TIME_SUBS; sub++)
		{
			if (bins->octaves[octave][sub].count == 0)
				continue;
			if (list != NULL)
				list[n] = bins->octaves[octave][sub];
			n++;
		}
	}
	return n;
}

/*
 * Merge two lists into one that has room for both; returns its length.
 */
int
crm_time_bins_merge(const TimeBin *a, int n_a, const TimeBin *b, int n_b,
					TimeBin *merged)
{
	int			n = 0;

	while (n_a > 0 || n_b > 0)
	{
		int			octave_a = TIME_OCTAVES;
		int			octave_b = TIME_OCTAVES;
		int			sub_a = 0;
		int			sub_b = 0;
		int			order;

		if (n_a > 0)
			crm_time_bin_place(a->low, &octave_a, &sub_a);
		if (n_b > 0)
			crm_time_bin_place(b->low, &octave_b, &sub_b);
		order = (octave_a - octave_b) * TIME_SUBS + sub_a - sub_b;
		if (order <= 0)
		{
			merged[n] = *a++;
			n_a--;
			if (order == 0)
			{
				merged[n].count += b->count;
				merged[n].low = Min(merged[n].low, b->low);
				merged[n].high = Max(merged[n].high, b->high);
				b++;
				n_b--;
			}
		}
		else
		{
			merged[n] = *b++;
			n_b--;
		}
		n++;
	}
	return n;
}

/*
 * The duration of that rank, from 0.
 */
static double
at_rank(const TimeBin *list, int n, int64 rank)
{
	int			i = 0;

	while (i < n - 1 && rank >= list[i].count)
		rank -= list[i++].count;
	if (list[i].count == 1)
		return (double) list[i].low;
	return (double) list[i].low +
		(double) (list[i].high - list[i].low) *
		((double) rank / (double) (list[i].count - 1));
}

/*
 * The quantile at a share from 0 to 1, between neighbours as percentile_cont
 * does it, in microseconds; NaN without durations.
 */
double
crm_time_bins_quantile(const TimeBin *list, int n, double share)
{
	int64		count = 0;
	double		rank;
	double		below;
	int			i;

	for (i = 0; i < n; i++)
		count += list[i].count;
	if (count == 0)
		return NAN;
	rank = share * (double) (count - 1);
	below = at_rank(list, n, (int64) floor(rank));
	return below + (at_rank(list, n, (int64) ceil(rank)) - below) * (rank - floor(rank));
}
