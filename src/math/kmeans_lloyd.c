/*-------------------------------------------------------------------------
 *
 * kmeans_lloyd.c
 *	  Clusters of points by k-means: the iterations.
 *
 * Lloyd's iterations (IEEE Transactions on Information Theory 28, 1982): each
 * point goes to its nearest centre, each centre to the mean of its points.
 * Hamerly's bounds (SIAM Data Mining 2010) spare most of the distances once the
 * centres move little: a point whose distance to its own centre is at most
 * half the way to the next centre, or at most the bound kept for all others,
 * cannot change.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "src/math/kmeans_parts.h"

/* Centres to which distances are computed at a time */
#define BLOCK 4

static void set_columns(KmeansLloyd *lloyd);
static void set_nearest(KmeansLloyd *lloyd, size_t i);
static void change_cluster(KmeansLloyd *lloyd, size_t i, int to);
static size_t assign_moved(KmeansLloyd *lloyd);
static void fill_empty(KmeansLloyd *lloyd);
static double move_centres(KmeansLloyd *lloyd);

/*
 * centres is the caller's, and changed.
 */
void
crm_kmeans_lloyd_init(KmeansLloyd *lloyd, KmeansPoints points, int k, double *centres, const MathHost *host)
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

void
crm_kmeans_lloyd_free(KmeansLloyd *lloyd)
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
set_columns(KmeansLloyd *lloyd)
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
set_nearest(KmeansLloyd *lloyd, size_t i)
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
size_t
crm_kmeans_assign_all(KmeansLloyd *lloyd)
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
change_cluster(KmeansLloyd *lloyd, size_t i, int to)
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
assign_moved(KmeansLloyd *lloyd)
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
fill_empty(KmeansLloyd *lloyd)
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
		crm_kmeans_assign_all(lloyd);
		c = 0;
	}
}

/*
 * Each centre to the mean of its points.  Returns the sum of squared moves.
 */
static double
move_centres(KmeansLloyd *lloyd)
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
int
crm_kmeans_iterate(KmeansLloyd *lloyd, int max_iterations, double rest, bool *converged)
{
	int			iterations = 0;

	*converged = false;
	crm_kmeans_assign_all(lloyd);
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
		 * Sums that points joined and left are rounded, and so are the
		 * bounds: look once more without them.
		 */
		if (crm_kmeans_assign_all(lloyd) == 0 || moved <= rest)
			*converged = true;
	}
	(void) move_centres(lloyd);
	return iterations;
}
