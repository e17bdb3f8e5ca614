/*-------------------------------------------------------------------------
 *
 * kmeans_start.c
 *	  Clusters of points by k-means: the first centres.
 *
 * Starts are drawn by greedy k-means++ (Arthur and Vassilvitskii, SODA 2007):
 * a point becomes a centre with probability in proportion to its squared
 * distance from the centres so far; of several draws the best is kept.
 * Restarts are carried out on a sample of the points; the best of them goes on
 * over larger samples.  A beginning of the points' canonical order is a random
 * sample.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "src/math/exact_sum.h"
#include "src/math/kmeans_parts.h"
#include "src/math/mix_bits.h"

/* A restart's sample has so many points for each cluster at least. */
#define SAMPLE_POINTS_PER_CLUSTER 20

/* After the restarts samples grow by this factor until they are all points. */
#define SAMPLE_GROWTH 4

/* Iterations of a restart, at most: only the best will go on. */
#define SAMPLE_ITERATIONS 100

static double next_uniform(uint64_t *seed);
static size_t draw(KmeansPoints points, const double *nearest, double total, double u);
static void choose_start(KmeansPoints points, int k, uint64_t *seed, double *centres,
						 double *nearest, double *trial, double *best_trial,
						 const MathHost *host);
static void best_start(KmeansPoints points, const KmeansOptions *options, double *centres,
					   const MathHost *host);
static void approach(KmeansPoints points, const KmeansOptions *options, double rest,
					 double *centres, const MathHost *host);

/*
 * In [0, 1), by splitmix64.
 */
static double
next_uniform(uint64_t *seed)
{
	*seed += UINT64_C(0x9e3779b97f4a7c15);
	return crm_mix_unit(crm_mix_bits(*seed));
}

/*
 * The point at which the running sum of weight * nearest passes u * total.
 */
static size_t
draw(KmeansPoints points, const double *nearest, double total, double u)
{
	double		sum = 0;
	size_t		last = 0;
	size_t		i;

	for (i = 0; i < points.n; i++)
	{
		double		part = points.weight[i] * nearest[i];

		if (part <= 0)
			continue;
		last = i;
		sum += part;
		if (sum > u * total)
			break;
	}
	return last;
}

/*
 * k centres by greedy k-means++.  nearest, trial and best_trial are memory for
 * a number each point: the squared distance to the nearest centre.
 */
static void
choose_start(KmeansPoints points, int k, uint64_t *seed, double *centres,
			 double *nearest, double *trial, double *best_trial, const MathHost *host)
{
	int			dims = points.dims;
	int			trials = 2 + (int) log((double) k);
	double		total = 0;
	size_t		i;
	int			c;
	int			t;

	for (i = 0; i < points.n; i++)
	{
		nearest[i] = 1;			/* the first draw is by weight alone */
		total += points.weight[i];
	}
	for (c = 0; c < k; c++)
	{
		double		best = INFINITY;
		size_t		best_point = 0;
		double	   *swap;

		for (t = 0; t < (c == 0 ? 1 : trials); t++)
		{
			size_t		point = draw(points, nearest, total, next_uniform(seed));
			double		sum = 0;

			host->check_interrupts();
			for (i = 0; i < points.n; i++)
			{
				double		d = squared_distance(points.x + i * dims,
												 points.x + point * dims, dims);

				trial[i] = c > 0 && nearest[i] < d ? nearest[i] : d;
				sum += points.weight[i] * trial[i];
			}
			if (sum < best)
			{
				best = sum;
				best_point = point;
				swap = best_trial;
				best_trial = trial;
				trial = swap;
			}
		}
		memcpy(centres + (size_t) c * dims, points.x + best_point * dims,
			   sizeof(double) * dims);
		swap = nearest;
		nearest = best_trial;
		best_trial = swap;
		total = best;
	}
}

/*
 * The best of several starts on a sample.
 */
static void
best_start(KmeansPoints points, const KmeansOptions *options, double *centres,
		   const MathHost *host)
{
	int			k = options->k;
	size_t		size = sizeof(double) * k * points.dims;
	size_t		sample = (size_t) k * SAMPLE_POINTS_PER_CLUSTER;
	uint64_t	seed = options->seed;
	double		best = INFINITY;
	double	   *start;
	KmeansLloyd lloyd;
	int			r;

	if (sample < KMEANS_SAMPLE_POINTS)
		sample = KMEANS_SAMPLE_POINTS;
	if (points.n > sample)
		points.n = sample;

	start = (double *) host->alloc(size);
	crm_kmeans_lloyd_init(&lloyd, points, k, start, host);
	for (r = 0; r < options->restarts; r++)
	{
		ExactSum	sum = EXACT_SUM_ZERO;
		bool		converged;
		double	   *best_trial = (double *) host->alloc(sizeof(double) * points.n);
		size_t		i;

		/* lloyd's memory is not in use yet */
		choose_start(points, k, &seed, start, lloyd.upper, lloyd.lower, best_trial, host);
		host->release(best_trial);
		(void) crm_kmeans_iterate(&lloyd, options->max_iterations < SAMPLE_ITERATIONS ?
								  options->max_iterations : SAMPLE_ITERATIONS, 0, &converged);
		for (i = 0; i < points.n; i++)
			exact_sum_add(&sum, points.weight[i] *
						  squared_distance(points.x + i * points.dims,
										   start + (size_t) lloyd.cluster[i] * points.dims,
										   points.dims));
		if (exact_sum_value(&sum) < best)
		{
			best = exact_sum_value(&sum);
			memcpy(centres, start, size);
		}
	}
	crm_kmeans_lloyd_free(&lloyd);
	host->release(start);
}

/*
 * Iterate over larger and larger samples: most of the way to the centres of
 * all points can be gone with a part of them.
 */
static void
approach(KmeansPoints points, const KmeansOptions *options, double rest, double *centres,
		 const MathHost *host)
{
	size_t		n;

	for (n = (size_t) KMEANS_SAMPLE_POINTS * SAMPLE_GROWTH; n < points.n; n *= SAMPLE_GROWTH)
	{
		KmeansPoints sample = points;
		KmeansLloyd lloyd;
		bool		converged;

		sample.n = n;
		crm_kmeans_lloyd_init(&lloyd, sample, options->k, centres, host);
		(void) crm_kmeans_iterate(&lloyd, options->max_iterations, rest, &converged);
		crm_kmeans_lloyd_free(&lloyd);
	}
}

/*
 * Centres from which the iterations over all points are to start.  rest: as
 * for crm_kmeans_iterate.
 */
void
crm_kmeans_start(KmeansPoints points, const KmeansOptions *options, double rest,
				 double *centres, const MathHost *host)
{
	best_start(points, options, centres, host);
	approach(points, options, rest, centres, host);
}
