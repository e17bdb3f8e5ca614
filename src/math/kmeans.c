/*-------------------------------------------------------------------------
 *
 * kmeans.c
 *	  Clusters of points by k-means.
 *
 * Lloyd's iterations (IEEE Transactions on Information Theory 28, 1982): each
 * point goes to its nearest centre, each centre to the mean of its points.
 * Hamerly's bounds (SIAM Data Mining 2010) spare most of the distances once the
 * centres move little: a point whose distance to its own centre is at most
 * half the way to the next centre, or at most the bound kept for all others,
 * cannot change.
 *
 * Starts are drawn by greedy k-means++ (Arthur and Vassilvitskii, SODA 2007):
 * a point becomes a centre with probability in proportion to its squared
 * distance from the centres so far; of several draws the best is kept.
 * Restarts are carried out on a sample of the points; the best of them goes on
 * over larger samples and at last over all points.
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
#include "src/math/kmeans.h"
#include "src/math/mix_bits.h"
#include "src/math/sort_doubles.h"

/* Restarts look at so many points, or so many for each cluster. */
#define SAMPLE_POINTS 32768
#define SAMPLE_POINTS_PER_CLUSTER 20

/* After the restarts samples grow by this factor until they are all points. */
#define SAMPLE_GROWTH 4

/* Iterations of a restart, at most: only the best will go on. */
#define SAMPLE_ITERATIONS 100

/*
 * Where there are more distinct points than that, centres have come to rest
 * when their squared moves sum to this part of the mean variance of a
 * coordinate (scikit-learn's default): in data without clusters hundreds of
 * iterations more would lower the sum of squares by less than a thousandth.
 * Fewer points are iterated until none of them changes its cluster.
 */
#define REST 1e-4

/* Coordinates to be worked on between two looks for an interrupt */
#define WORK_PER_INTERRUPT 1000000

/* Centres to which distances are computed at a time */
#define BLOCK 4

/* Distinct points with weights, in canonical order */
typedef struct Points
{
	const double *x;			/* n rows of dims */
	const double *weight;
	size_t		n;
	int			dims;
} Points;

/* A state of the iterations */
typedef struct Lloyd
{
	Points		points;
	int			k;
	double	   *centres;		/* k rows of dims */
	double	   *columns;		/* the centres in blocks, see set_columns */
	double	   *old_centre;		/* one row */
	double	   *sums;			/* of the weighted points of each cluster */
	double	   *weights;		/* of each cluster */
	size_t	   *counts;			/* distinct points in each cluster */
	double	   *moves;			/* distance that each centre moved */
	double	   *gaps;			/* half the distance to the nearest other */
	int		   *cluster;		/* of each point */
	double	   *upper;			/* distance to the own centre, at most */
	double	   *lower;			/* distance to any other centre, at least */
	size_t		mask;			/* i & mask == 0: look for an interrupt */
	const MathHost *host;
} Lloyd;

static double squared_distance(const double *a, const double *b, int dims);
static size_t interrupt_mask(size_t work);
static uint32_t hash_point(const double *x, int dims);
static double next_uniform(uint64_t *seed);
static Points distinct_points(const double *rows, size_t n, int dims,
							  const MathHost *host);
static void lloyd_init(Lloyd *lloyd, Points points, int k, double *centres,
					   const MathHost *host);
static void lloyd_free(Lloyd *lloyd);
static size_t assign_all(Lloyd *lloyd);
static size_t assign_moved(Lloyd *lloyd);
static void set_columns(Lloyd *lloyd);
static void set_nearest(Lloyd *lloyd, size_t i);
static void change_cluster(Lloyd *lloyd, size_t i, int to);
static void fill_empty(Lloyd *lloyd);
static double move_centres(Lloyd *lloyd);
static int	iterate(Lloyd *lloyd, int max_iterations, double rest, bool *converged);
static void choose_start(Points points, int k, uint64_t *seed, double *centres,
						 double *nearest, double *trial, double *best_trial,
						 const MathHost *host);
static size_t draw(Points points, const double *nearest, double total, double u);
static void best_start(Points points, const KmeansOptions *options, double *centres,
					   const MathHost *host);
static void approach(Points points, const KmeansOptions *options, double rest,
					 double *centres, const MathHost *host);
static void order_centres(double *centres, int k, int dims, double *row);
static double spread(Points points, const MathHost *host);
static void measure(Lloyd *lloyd, KmeansFit *fit);

static inline double
squared_distance(const double *a, const double *b, int dims)
{
	double		sum = 0;
	int			j;

	for (j = 0; j < dims; j++)
	{
		double		d = a[j] - b[j];

		sum += d * d;
	}
	return sum;
}

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
 * One less than a power of two: how many points, each this much work, may pass
 * between two looks for an interrupt.
 */
static size_t
interrupt_mask(size_t work)
{
	size_t		points = 1;

	while (points * work < WORK_PER_INTERRUPT)
		points *= 2;
	return points - 1;
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
 * In [0, 1), by splitmix64.
 */
static double
next_uniform(uint64_t *seed)
{
	*seed += UINT64_C(0x9e3779b97f4a7c15);
	return (double) (crm_mix_bits(*seed) >> 11) * 0x1p-53;
}

/*
 * The points in canonical order, equal ones once.  Points of equal hash are
 * ordered by their coordinates.  The memory is the host's, and the caller
 * releases x and weight.
 */
static Points
distinct_points(const double *rows, size_t n, int dims, const MathHost *host)
{
	size_t		size = sizeof(double) * dims;
	DoublePair *order = (DoublePair *) host->alloc(sizeof(DoublePair) * n);
	double	   *x = (double *) host->alloc(size * n);
	double	   *weight = (double *) host->alloc(sizeof(double) * n);
	size_t		mask = interrupt_mask((size_t) 10 * dims);
	size_t		n_distinct = 0;
	size_t		run = 0;		/* the first distinct point of this hash */
	Points		result;
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
 * centres is the caller's, and changed.
 */
static void
lloyd_init(Lloyd *lloyd, Points points, int k, double *centres, const MathHost *host)
{
	size_t		n = points.n;

	lloyd->points = points;
	lloyd->k = k;
	lloyd->centres = centres;
	lloyd->host = host;
	lloyd->columns = (double *) host->alloc(sizeof(double) * (k + BLOCK) * points.dims);
	lloyd->old_centre = (double *) host->alloc(sizeof(double) * points.dims);
	lloyd->sums = (double *) host->alloc(sizeof(double) * k * points.dims);
	lloyd->weights = (double *) host->alloc(sizeof(double) * k);
	lloyd->counts = (size_t *) host->alloc(sizeof(size_t) * k);
	lloyd->moves = (double *) host->alloc(sizeof(double) * k);
	lloyd->gaps = (double *) host->alloc(sizeof(double) * k);
	lloyd->cluster = (int *) host->alloc(sizeof(int) * n);
	lloyd->upper = (double *) host->alloc(sizeof(double) * n);
	lloyd->lower = (double *) host->alloc(sizeof(double) * n);
	lloyd->mask = interrupt_mask((size_t) k * points.dims + 10);
	memset(lloyd->cluster, 0, sizeof(int) * n);
}

static void
lloyd_free(Lloyd *lloyd)
{
	const MathHost *host = lloyd->host;

	host->release(lloyd->columns);
	host->release(lloyd->old_centre);
	host->release(lloyd->sums);
	host->release(lloyd->weights);
	host->release(lloyd->counts);
	host->release(lloyd->moves);
	host->release(lloyd->gaps);
	host->release(lloyd->cluster);
	host->release(lloyd->upper);
	host->release(lloyd->lower);
}

/*
 * Lay the centres out in blocks of BLOCK, in each the first coordinates of
 * all, then the second ones, and so on, so that BLOCK distances are summed at
 * a time.  The last block is filled up with its first centre.
 */
static void
set_columns(Lloyd *lloyd)
{
	int			dims = lloyd->points.dims;
	double	   *place = lloyd->columns;
	int			block;
	int			j;
	int			b;

	for (block = 0; block < lloyd->k; block += BLOCK)
	{
		for (j = 0; j < dims; j++)
		{
			for (b = 0; b < BLOCK; b++)
			{
				int			c = block + b < lloyd->k ? block + b : block;

				*place++ = lloyd->centres[(size_t) c * dims + j];
			}
		}
	}
}

/*
 * Find the nearest centre of point i and set its bounds; the cluster's sums are
 * the caller's task.
 */
static inline void
set_nearest(Lloyd *lloyd, size_t i)
{
	int			dims = lloyd->points.dims;
	const double *x = lloyd->points.x + i * dims;
	const double *place = lloyd->columns;
	double		least = INFINITY;
	double		second = INFINITY;
	int			nearest = 0;
	int			block;
	int			j;
	int			b;

	for (block = 0; block < lloyd->k; block += BLOCK)
	{
		double		d[BLOCK] = {0};
		int			n = lloyd->k - block < BLOCK ? lloyd->k - block : BLOCK;

		for (j = 0; j < dims; j++)
		{
			for (b = 0; b < BLOCK; b++)
			{
				double		difference = x[j] - place[b];

				d[b] += difference * difference;
			}
			place += BLOCK;
		}
		for (b = 0; b < n; b++)
		{
			bool		is_nearer = d[b] < least;
			double		farther = is_nearer ? least : d[b];

			/* no branches, which nobody could predict */
			second = farther < second ? farther : second;
			least = is_nearer ? d[b] : least;
			nearest = is_nearer ? block + b : nearest;
		}
	}
	lloyd->upper[i] = sqrt(least);
	lloyd->lower[i] = sqrt(second);
	lloyd->cluster[i] = nearest;
}

/*
 * Every point to its nearest centre, and the sums anew.  Returns how many
 * changed.
 */
static size_t
assign_all(Lloyd *lloyd)
{
	int			dims = lloyd->points.dims;
	size_t		changed = 0;
	size_t		i;
	int			j;

	set_columns(lloyd);
	memset(lloyd->sums, 0, sizeof(double) * lloyd->k * dims);
	memset(lloyd->weights, 0, sizeof(double) * lloyd->k);
	memset(lloyd->counts, 0, sizeof(size_t) * lloyd->k);
	for (i = 0; i < lloyd->points.n; i++)
	{
		const double *x = lloyd->points.x + i * dims;
		double		weight = lloyd->points.weight[i];
		int			before = lloyd->cluster[i];
		int			c;

		set_nearest(lloyd, i);
		c = lloyd->cluster[i];
		changed += (c != before);
		for (j = 0; j < dims; j++)
			lloyd->sums[(size_t) c * dims + j] += weight * x[j];
		lloyd->weights[c] += weight;
		lloyd->counts[c]++;
		if ((i & lloyd->mask) == 0)
			lloyd->host->check_interrupts();
	}
	return changed;
}

static void
change_cluster(Lloyd *lloyd, size_t i, int to)
{
	int			dims = lloyd->points.dims;
	const double *x = lloyd->points.x + i * dims;
	double		weight = lloyd->points.weight[i];
	double	   *from_sums = lloyd->sums + (size_t) lloyd->cluster[i] * dims;
	double	   *to_sums = lloyd->sums + (size_t) to * dims;
	int			j;

	for (j = 0; j < dims; j++)
	{
		from_sums[j] -= weight * x[j];
		to_sums[j] += weight * x[j];
	}
	lloyd->weights[lloyd->cluster[i]] -= weight;
	lloyd->weights[to] += weight;
	lloyd->counts[lloyd->cluster[i]]--;
	lloyd->counts[to]++;
	lloyd->cluster[i] = to;
}

/*
 * As assign_all after the centres moved, but only where the bounds leave a
 * doubt.
 */
static size_t
assign_moved(Lloyd *lloyd)
{
	int			dims = lloyd->points.dims;
	int			k = lloyd->k;
	int			farthest = 0;	/* the centre that moved most */
	double		most = 0;
	double		next_most = 0;
	size_t		changed = 0;
	size_t		i;
	int			a;
	int			b;

	set_columns(lloyd);
	for (a = 0; a < k; a++)
	{
		double		least = INFINITY;

		for (b = 0; b < k; b++)
		{
			if (b != a)
				least = fmin(least, squared_distance(lloyd->centres + (size_t) a * dims,
													 lloyd->centres + (size_t) b * dims,
													 dims));
		}
		lloyd->gaps[a] = sqrt(least) / 2;
		if (lloyd->moves[a] > most)
		{
			next_most = most;
			most = lloyd->moves[a];
			farthest = a;
		}
		else if (lloyd->moves[a] > next_most)
			next_most = lloyd->moves[a];
	}

	for (i = 0; i < lloyd->points.n; i++)
	{
		int			before = lloyd->cluster[i];
		double		upper = lloyd->upper[i] + lloyd->moves[before];
		double		lower = lloyd->lower[i] - (before == farthest ? next_most : most);
		double		bound = fmax(lower, lloyd->gaps[before]);

		if ((i & lloyd->mask) == 0)
			lloyd->host->check_interrupts();
		lloyd->upper[i] = upper;
		lloyd->lower[i] = lower;
		if (upper < bound)
			continue;
		upper = sqrt(squared_distance(lloyd->points.x + i * dims,
									  lloyd->centres + (size_t) before * dims, dims));
		lloyd->upper[i] = upper;
		if (upper < bound)
			continue;
		set_nearest(lloyd, i);
		if (lloyd->cluster[i] != before)
		{
			int			to = lloyd->cluster[i];

			lloyd->cluster[i] = before;
			change_cluster(lloyd, i, to);
			changed++;
		}
	}
	return changed;
}

/*
 * Give each centre without points the point that is farthest from its own
 * centre.  Each time the sum of squares falls, so that this ends.
 */
static void
fill_empty(Lloyd *lloyd)
{
	int			dims = lloyd->points.dims;
	int			c = 0;

	while (c < lloyd->k)
	{
		double		most = 0;
		size_t		farthest = 0;
		size_t		i;

		if (lloyd->counts[c] > 0)
		{
			c++;
			continue;
		}
		for (i = 0; i < lloyd->points.n; i++)
		{
			double		d = squared_distance(lloyd->points.x + i * dims,
											 lloyd->centres + (size_t) lloyd->cluster[i] * dims,
											 dims);

			if (d > most)
			{
				most = d;
				farthest = i;
			}
		}
		if (most == 0)
			return;				/* differences too small to be squared */
		memcpy(lloyd->centres + (size_t) c * dims, lloyd->points.x + farthest * dims,
			   sizeof(double) * dims);
		assign_all(lloyd);
		c = 0;
	}
}

/*
 * Each centre to the mean of its points.  Returns the sum of squared moves.
 */
static double
move_centres(Lloyd *lloyd)
{
	int			dims = lloyd->points.dims;
	double		sum = 0;
	int			c;
	int			j;

	for (c = 0; c < lloyd->k; c++)
	{
		double	   *centre = lloyd->centres + (size_t) c * dims;
		double		move;

		lloyd->moves[c] = 0;
		if (lloyd->counts[c] == 0)
			continue;
		memcpy(lloyd->old_centre, centre, sizeof(double) * dims);
		for (j = 0; j < dims; j++)
			centre[j] = lloyd->sums[(size_t) c * dims + j] / lloyd->weights[c];
		move = squared_distance(lloyd->old_centre, centre, dims);
		lloyd->moves[c] = sqrt(move);
		sum += move;
	}
	return sum;
}

/*
 * Iterate until no point changes its cluster, or the centres' squared moves
 * sum to at most rest.  Returns the number of iterations; the centres are the
 * means of their points then.
 */
static int
iterate(Lloyd *lloyd, int max_iterations, double rest, bool *converged)
{
	int			iterations = 0;

	*converged = false;
	assign_all(lloyd);
	fill_empty(lloyd);
	while (iterations < max_iterations && !*converged)
	{
		double		moved = move_centres(lloyd);
		size_t		changed = assign_moved(lloyd);
		int			c;

		iterations++;
		for (c = 0; c < lloyd->k; c++)
		{
			if (lloyd->counts[c] == 0)
				break;
		}
		if (c < lloyd->k)
		{
			fill_empty(lloyd);
			continue;
		}
		if (changed > 0 && moved > rest)
			continue;

		/*
		 * Sums that points joined and left are rounded, and so are the bounds:
		 * look once more without them.
		 */
		if (assign_all(lloyd) == 0 || moved <= rest)
			*converged = true;
	}
	(void) move_centres(lloyd);
	return iterations;
}

/*
 * The point at which the running sum of weight * nearest passes u * total.
 */
static size_t
draw(Points points, const double *nearest, double total, double u)
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
choose_start(Points points, int k, uint64_t *seed, double *centres,
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
best_start(Points points, const KmeansOptions *options, double *centres,
		   const MathHost *host)
{
	int			k = options->k;
	size_t		size = sizeof(double) * k * points.dims;
	size_t		sample = (size_t) k * SAMPLE_POINTS_PER_CLUSTER;
	uint64_t	seed = options->seed;
	double		best = INFINITY;
	double	   *start;
	Lloyd		lloyd;
	int			r;

	if (sample < SAMPLE_POINTS)
		sample = SAMPLE_POINTS;
	if (points.n > sample)
		points.n = sample;

	start = (double *) host->alloc(size);
	lloyd_init(&lloyd, points, k, start, host);
	for (r = 0; r < options->restarts; r++)
	{
		ExactSum	sum = EXACT_SUM_ZERO;
		bool		converged;
		double	   *best_trial = (double *) host->alloc(sizeof(double) * points.n);
		size_t		i;

		/* lloyd's memory is not in use yet */
		choose_start(points, k, &seed, start, lloyd.upper, lloyd.lower, best_trial, host);
		host->release(best_trial);
		(void) iterate(&lloyd, options->max_iterations < SAMPLE_ITERATIONS ?
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
	lloyd_free(&lloyd);
	host->release(start);
}

/*
 * Iterate over larger and larger samples: most of the way to the centres of
 * all points can be gone with a part of them.
 */
static void
approach(Points points, const KmeansOptions *options, double rest, double *centres,
		 const MathHost *host)
{
	size_t		n;

	for (n = (size_t) SAMPLE_POINTS * SAMPLE_GROWTH; n < points.n; n *= SAMPLE_GROWTH)
	{
		Points		sample = points;
		Lloyd		lloyd;
		bool		converged;

		sample.n = n;
		lloyd_init(&lloyd, sample, options->k, centres, host);
		(void) iterate(&lloyd, options->max_iterations, rest, &converged);
		lloyd_free(&lloyd);
	}
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
 * The mean squared distance of the points from their mean.
 */
static double
spread(Points points, const MathHost *host)
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
 * Sizes and sums of squares of the centres as they are.
 */
static void
measure(Lloyd *lloyd, KmeansFit *fit)
{
	int			dims = lloyd->points.dims;
	double		inertia = 0;
	ExactSum   *within = (ExactSum *) lloyd->host->alloc(sizeof(ExactSum) * lloyd->k);
	size_t		i;
	int			c;

	(void) assign_all(lloyd);
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
	Points		distinct = distinct_points(points, n, dims, host);
	double		mean_square;
	double		rest = 0;
	Lloyd		lloyd;

	fit->n_distinct = distinct.n;
	if (distinct.n < (size_t) options->k)
	{
		host->release((void *) distinct.x);
		host->release((void *) distinct.weight);
		return false;
	}

	mean_square = spread(distinct, host);
	fit->total_ss = mean_square * (double) n;
	if (distinct.n > SAMPLE_POINTS)
		rest = REST * mean_square / dims;
	if (options->start != NULL)
		memcpy(fit->centres, options->start, sizeof(double) * options->k * dims);
	else
	{
		best_start(distinct, options, fit->centres, host);
		approach(distinct, options, rest, fit->centres, host);
	}

	lloyd_init(&lloyd, distinct, options->k, fit->centres, host);
	fit->iterations = iterate(&lloyd, options->max_iterations, rest, &fit->converged);
	if (options->start == NULL)
		order_centres(fit->centres, options->k, dims, lloyd.old_centre);
	measure(&lloyd, fit);
	lloyd_free(&lloyd);
	host->release((void *) distinct.x);
	host->release((void *) distinct.weight);
	return true;
}
