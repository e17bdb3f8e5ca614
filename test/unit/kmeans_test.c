/*-------------------------------------------------------------------------
 *
 * kmeans_test.c
 *	  src/math/kmeans.c.
 *
 * The best clustering of a few points is known from trying all of them.  A fit
 * over many points is held against what defines it: every point is with its
 * nearest centre, every centre is the mean of its points.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/math/kmeans.h"
#include "test/unit/simulate.h"
#include "test/unit/unit.h"

#define MAX_N 200000
#define MAX_K 9
#define MAX_DIMS 5

static double points[MAX_N * MAX_DIMS];
static double centres[MAX_K * MAX_DIMS];
static double sizes[MAX_K];
static double within[MAX_K];

static void *
test_alloc(size_t size)
{
	void	   *ptr = malloc(size);

	if (ptr == NULL)
		abort();
	return ptr;
}

static void
test_check_interrupts(void)
{
}

static const MathHost test_host = {test_alloc, free, test_check_interrupts};

static KmeansFit
fit_points(size_t n, int dims, int k, uint64_t seed)
{
	KmeansOptions options = {k, seed, 10, 300, NULL};
	KmeansFit	fit = {.centres = centres,.sizes = sizes,.within = within};

	CHECK(crm_kmeans_fit_points(points, n, dims, &options, &test_host, &fit));
	return fit;
}

/*
 * The least sum of squares of n points in k clusters, by trying all k^n ways.
 */
static double
least_inertia(int n, int dims, int k)
{
	int			cluster[10] = {0};
	double		least = INFINITY;

	for (;;)
	{
		double		sum = 0;
		int			c;
		int			i;
		int			j;

		for (c = 0; c < k; c++)
		{
			for (j = 0; j < dims; j++)
			{
				double		count = 0;
				double		total = 0;

				for (i = 0; i < n; i++)
				{
					if (cluster[i] == c)
					{
						count++;
						total += points[i * dims + j];
					}
				}
				for (i = 0; i < n; i++)
				{
					if (cluster[i] == c)
						sum += pow(points[i * dims + j] - total / count, 2);
				}
			}
		}
		least = fmin(least, sum);
		for (i = 0; i < n && ++cluster[i] == k; i++)
			cluster[i] = 0;
		if (i == n)
			return least;
	}
}

static void
test_all_clusterings(void)
{
	uint64_t	seed = 3;
	int			trial;

	for (trial = 0; trial < 40; trial++)
	{
		int			k = 2 + trial % 2;
		int			i;

		for (i = 0; i < 8 * 2; i++)
			points[i] = floor(20 * sim_uniform(&seed)) / 4;
		CHECK_NEAR(fit_points(8, 2, k, trial).inertia, least_inertia(8, 2, k), 1e-12, 1e-12);
	}
}

/* k from 1 to more than fit a block of centres; a sample and larger data */
static void
test_definition(void)
{
	const int	ks[] = {1, 2, 4, 5, 9};
	const int	ns[] = {300, 5000, 200000};
	uint64_t	seed = 4;
	int			t;

	for (t = 0; t < 15; t++)
	{
		int			k = ks[t % 5];
		int			n = ns[t / 5];
		int			dims = 1 + t % MAX_DIMS;
		double		means[MAX_K * MAX_DIMS] = {0};
		double		counts[MAX_K] = {0};
		double		inertia = 0;
		double		worst = 0;
		KmeansFit	fit;
		int			i;
		int			j;

		for (i = 0; i < n * dims; i++)
			points[i] = sim_uniform(&seed) + floor(3 * sim_uniform(&seed));
		fit = fit_points(n, dims, k, 1);
		CHECK(fit.converged);
		for (i = 0; i < n; i++)
		{
			double		distance;
			int			c = crm_kmeans_nearest(centres, k, dims, points + i * dims, &distance);

			counts[c]++;
			inertia += distance * distance;
			for (j = 0; j < dims; j++)
				means[c * dims + j] += points[i * dims + j];
		}
		CHECK_NEAR(fit.inertia, inertia, 1e-10, 0);
		for (i = 0; i < k; i++)
		{
			CHECK(sizes[i] == counts[i]);
			for (j = 0; j < dims; j++)
				worst = fmax(worst, fabs(means[i * dims + j] / counts[i] - centres[i * dims + j]));
		}
		CHECK(worst < (n <= 32768 ? 1e-12 : 0.02));
	}
}

static void
test_order(void)
{
	uint64_t	seed = 5;
	double		first[MAX_K * MAX_DIMS];
	int			n = 40000;
	int			i;
	int			j;

	for (i = 0; i < n * 3; i++)
		points[i] = floor(100 * sim_uniform(&seed));
	(void) fit_points(n, 3, 6, 9);
	memcpy(first, centres, sizeof(first));
	for (i = 0; i < n / 2; i++)
	{
		for (j = 0; j < 3; j++)
		{
			double		swap = points[i * 3 + j];

			points[i * 3 + j] = points[(n - 1 - i) * 3 + j];
			points[(n - 1 - i) * 3 + j] = swap;
		}
	}
	(void) fit_points(n, 3, 6, 9);
	CHECK(memcmp(first, centres, sizeof(double) * 18) == 0);
}

static void
test_degenerate(void)
{
	KmeansOptions options = {3, 0, 10, 300, NULL};
	KmeansFit	fit = {.centres = centres,.sizes = sizes,.within = within};
	int			i;

	for (i = 0; i < 1000; i++)
		points[i] = i % 2;
	CHECK(!crm_kmeans_fit_points(points, 1000, 1, &options, &test_host, &fit));
	CHECK(fit.n_distinct == 2);
	CHECK(fit_points(1000, 1, 2, 0).inertia == 0);
	CHECK(centres[0] == 0 && centres[1] == 1 && sizes[0] == 500);

	/* differences whose squares vanish */
	points[0] = 0;
	points[1] = 1e-200;
	points[2] = 1e-250;
	CHECK(fit_points(3, 1, 3, 0).inertia == 0);

	/* the largest coordinates */
	points[0] = -KMEANS_MAX_COORDINATE;
	points[1] = KMEANS_MAX_COORDINATE;
	points[2] = 0;
	CHECK_NEAR(fit_points(3, 1, 1, 0).inertia, 2e280, 1e-12, 0);
}

int
main(void)
{
	test_all_clusterings();
	test_definition();
	test_order();
	test_degenerate();
	return unit_report();
}
