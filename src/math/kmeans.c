/*-------------------------------------------------------------------------
 *
 * kmeans.c
 *	  Clusters of points by k-means.
 *
 * The first centres are chosen in kmeans_start.c, and improved in
 * kmeans_lloyd.c.
 *
 * The result depends on the points and the seed, not on the order of rows: the
 * points are first put in the order of a hash of their coordinates, and equal
 * ones become one with a weight.  A beginning of that order is also a random
 * sample.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "src/math/exact_sum.h"
#include "src/math/kmeans_parts.h"
#include "src/math/mix_bits.h"
#include "src/math/sort_doubles.h"

/*
 * With more than KMEANS_SAMPLE_POINTS distinct points centres have come to rest
 * when their squared moves sum to this part of the mean variance of a
 * coordinate (scikit-learn's default): in data without clusters hundreds of
 * iterations more would lower the sum of squares by less than a thousandth.
 * Fewer points are iterated until none of them changes its cluster.
 */
#define REST 1e-4

static uint32_t hash_point(const double *x, int dims);
static KmeansPoints distinct_points(const double *rows, size_t n, int dims,
									const MathHost *host);
static double spread(KmeansPoints points, const MathHost *host);
static void order_centres(double *centres, int k, int dims, double *row);
static void measure(KmeansLloyd *lloyd, KmeansFit *fit);

/*
 * The number of the centre nearest to the point, the first of equally near
 * ones, and its distance.
 */
int
crm_kmeans_nearest(const double *centres, int k, int dims, const double *point,
				   double *distance)
{
	double		least = INFINITY;
	int			nearest = 0;
	int			c;

	for (c = 0; c < k; c++)
	{
		double		d = squared_distance(point, centres + (size_t) c * dims, dims);

		if (d < least)
		{
			least = d;
			nearest = c;
		}
	}
	*distance = sqrt(least);
	return nearest;
}

/*
 * The mixing of splitmix64 (S. Vigna) over the coordinates.
 */
static uint32_t
hash_point(const double *x, int dims)
{
	uint64_t	hash = 0;
	int			j;

	for (j = 0; j < dims; j++)
	{
		uint64_t	bits;

		memcpy(&bits, &x[j], sizeof(bits));
		hash = crm_mix_bits(hash + bits + UINT64_C(0x9e3779b97f4a7c15));
	}
	return (uint32_t) (hash >> 32);
}

/*
 * The points in canonical order, equal ones once.  Points of equal hash are
 * ordered by their coordinates.  The memory is the host's, and the caller
 * releases x and weight.
 */
static KmeansPoints
distinct_points(const double *rows, size_t n, int dims, const MathHost *host)
{
	size_t		size = sizeof(double) * dims;
	DoublePair *order = (DoublePair *) host->alloc(sizeof(DoublePair) * n);
	double	   *x = (double *) host->alloc(size * n);
	double	   *weight = (double *) host->alloc(sizeof(double) * n);
	size_t		mask = interrupt_mask((size_t) 10 * dims);
	size_t		n_distinct = 0;
	size_t		run = 0;		/* the first distinct point of this hash */
	KmeansPoints result;
	size_t		i;

	for (i = 0; i < n; i++)
	{
		order[i].key = hash_point(rows + i * dims, dims);
		order[i].with = (double) i;
		if ((i & mask) == 0)
			host->check_interrupts();
	}
	crm_sort_pairs_by_key(order, n, host);

	for (i = 0; i < n; i++)
	{
		const double *row = rows + (size_t) order[i].with * dims;
		size_t		place = n_distinct;
		int			compared = 1;

		if ((i & mask) == 0)
			host->check_interrupts();
		if (i == 0 || order[i].key != order[i - 1].key)
			run = n_distinct;
		while (place > run)
		{
			const double *other = x + (place - 1) * dims;
			int			j = 0;

			while (j < dims && row[j] == other[j])
				j++;
			compared = j == dims ? 0 : row[j] > other[j] ? 1 : -1;
			if (compared >= 0)
				break;
			place--;
		}
		if (place > run && compared == 0)
		{
			weight[place - 1] += 1;
			continue;
		}
		memmove(x + (place + 1) * dims, x + place * dims, size * (n_distinct - place));
		memmove(weight + place + 1, weight + place, sizeof(double) * (n_distinct - place));
		memcpy(x + place * dims, row, size);
		weight[place] = 1;
		n_distinct++;
	}
	host->release(order);

	result.x = x;
	result.weight = weight;
	result.n = n_distinct;
	result.dims = dims;
	return result;
}

/*
 * The mean squared distance of the points from their mean.
 */
static double
spread(KmeansPoints points, const MathHost *host)
{
	ExactSum	weight = EXACT_SUM_ZERO;
	double		sum_squares = 0;
	size_t		i;
	int			j;

	for (i = 0; i < points.n; i++)
		exact_sum_add(&weight, points.weight[i]);
	for (j = 0; j < points.dims; j++)
	{
		ExactSum	sum = EXACT_SUM_ZERO;
		ExactSum	squares = EXACT_SUM_ZERO;
		double		mean;

		host->check_interrupts();
		for (i = 0; i < points.n; i++)
			exact_sum_add(&sum, points.weight[i] * points.x[i * points.dims + j]);
		mean = exact_sum_value(&sum) / exact_sum_value(&weight);
		for (i = 0; i < points.n; i++)
		{
			double		d = points.x[i * points.dims + j] - mean;

			exact_sum_add(&squares, points.weight[i] * (d * d));
		}
		sum_squares += exact_sum_value(&squares);
	}
	return sum_squares / exact_sum_value(&weight);
}

/*
 * Sort centres by their first coordinate, then the second, and so on, so that
 * the numbers of clusters say something.  row is memory for one.
 */
static void
order_centres(double *centres, int k, int dims, double *row)
{
	size_t		size = sizeof(double) * dims;
	int			a;

	for (a = 1; a < k; a++)
	{
		int			b = a;

		memcpy(row, centres + (size_t) a * dims, size);
		while (b > 0)
		{
			const double *other = centres + (size_t) (b - 1) * dims;
			int			j = 0;

			while (j < dims - 1 && other[j] == row[j])
				j++;
			if (other[j] <= row[j])
				break;
			memcpy(centres + (size_t) b * dims, other, size);
			b--;
		}
		memcpy(centres + (size_t) b * dims, row, size);
	}
}

/*
 * Sizes and sums of squares of the centres as they are.
 */
static void
measure(KmeansLloyd *lloyd, KmeansFit *fit)
{
	int			dims = lloyd->points.dims;
	double		inertia = 0;
	ExactSum   *within = (ExactSum *) lloyd->host->alloc(sizeof(ExactSum) * lloyd->k);
	size_t		i;
	int			c;

	(void) crm_kmeans_assign_all(lloyd);
	memset(within, 0, sizeof(ExactSum) * lloyd->k);
	for (i = 0; i < lloyd->points.n; i++)
	{
		c = lloyd->cluster[i];
		exact_sum_add(&within[c], lloyd->points.weight[i] *
					  squared_distance(lloyd->points.x + i * dims,
									   lloyd->centres + (size_t) c * dims, dims));
	}
	for (c = 0; c < lloyd->k; c++)
	{
		fit->sizes[c] = lloyd->weights[c];
		fit->within[c] = exact_sum_value(&within[c]);
		inertia += fit->within[c];
	}
	fit->inertia = inertia;
	lloyd->host->release(within);
}

/*
 * Cluster n rows of dims coordinates, each at most KMEANS_MAX_COORDINATE in
 * magnitude; -0 must not be among them.  fit->centres, sizes and within are
 * the caller's arrays of k.  Clusters are numbered as options->start, or else
 * in the order of their centres' coordinates.
 *
 * False, with only n_distinct set, when there are fewer distinct points than
 * clusters.
 */
bool
crm_kmeans_fit_points(const double *points, size_t n, int dims,
					  const KmeansOptions *options, const MathHost *host, KmeansFit *fit)
{
	KmeansPoints distinct = distinct_points(points, n, dims, host);
	double		mean_square;
	double		rest = 0;
	KmeansLloyd lloyd;

	fit->n_distinct = distinct.n;
	if (distinct.n < (size_t) options->k)
	{
		host->release((void *) distinct.x);
		host->release((void *) distinct.weight);
		return false;
	}

	mean_square = spread(distinct, host);
	fit->total_ss = mean_square * (double) n;
	if (distinct.n > KMEANS_SAMPLE_POINTS)
		rest = REST * mean_square / dims;
	if (options->start != NULL)
		memcpy(fit->centres, options->start, sizeof(double) * options->k * dims);
	else
		crm_kmeans_start(distinct, options, rest, fit->centres, host);

	crm_kmeans_lloyd_init(&lloyd, distinct, options->k, fit->centres, host);
	fit->iterations = crm_kmeans_iterate(&lloyd, options->max_iterations, rest, &fit->converged);
	if (options->start == NULL)
		order_centres(fit->centres, options->k, dims, lloyd.old_centre);
	measure(&lloyd, fit);
	crm_kmeans_lloyd_free(&lloyd);
	host->release((void *) distinct.x);
	host->release((void *) distinct.weight);
	return true;
}
