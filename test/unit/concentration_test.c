/*-------------------------------------------------------------------------
 *
 * concentration_test.c
 *	  src/math/concentration.c and sort_doubles.c.
 *
 * Indexes of the example in the documentation of R's ineq 0.2-13; the sort is
 * compared with the C library's.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/math/concentration.h"
#include "test/unit/simulate.h"
#include "test/unit/unit.h"

#define MAX_N 5000

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

static int
compare_doubles(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return (x > y) - (x < y);
}

static int
compare_pairs(const void *a, const void *b)
{
	const DoublePair *x = (const DoublePair *) a;
	const DoublePair *y = (const DoublePair *) b;
	int			by_key = compare_doubles(&x->key, &y->key);

	return by_key != 0 ? by_key : compare_doubles(&x->with, &y->with);
}

/* Numbers of all sizes and signs, with ties */
static void
test_sort(void)
{
	static double got[MAX_N];
	static double want[MAX_N];
	static DoublePair got_pairs[MAX_N];
	static DoublePair want_pairs[MAX_N];
	const int	sizes[] = {0, 1, 2, 63, 64, 65, 200, 4999};
	uint64_t	seed = 1;
	size_t		s;

	for (s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++)
	{
		int			n = sizes[s];
		int			i;

		for (i = 0; i < n; i++)
		{
			int			kind = (int) (5 * sim_uniform(&seed));
			double		x = sim_uniform(&seed) - 0.5;

			got[i] = kind == 0 ? floor(10 * x) + 0.0 : kind == 1 ? x * 1e308 :
				kind == 2 ? x * 1e-310 : kind == 3 ? (x < 0 ? -INFINITY : 0.0) : x;
			got_pairs[i].key = floor(4 * x) + 0.0;
			got_pairs[i].with = got[i];
		}
		memcpy(want, got, sizeof(got));
		memcpy(want_pairs, got_pairs, sizeof(got_pairs));
		qsort(want, n, sizeof(double), compare_doubles);
		qsort(want_pairs, n, sizeof(DoublePair), compare_pairs);
		crm_sort_doubles(got, n, &test_host);
		crm_sort_pairs(got_pairs, n, &test_host);
		CHECK(memcmp(got, want, n * sizeof(double)) == 0);
		CHECK(memcmp(got_pairs, want_pairs, n * sizeof(DoublePair)) == 0);
	}
}

static void
test_reference(void)
{
	const double x[] = {541, 1463, 2445, 3438, 4437, 5401, 6392, 8304, 11904, 22261};
	const double zeros[] = {0, 0};
	const DoublePair weighted[] = {{10, 5}, {20, 3}, {30, 2}};
	Concentration c;

	crm_concentration_sorted(x, 10, &test_host, &c);
	CHECK_NEAR(c.gini, 0.462091130268, 1e-12, 0);
	CHECK_NEAR(c.hhi, 0.184081230915, 1e-11, 0);
	CHECK_NEAR(c.theil, 0.362341242344, 1e-11, 0);
	CHECK_NEAR(c.top_20_percent_share, 0.513095845974, 1e-11, 0);
	CHECK_NEAR(crm_gini_weighted(weighted, 3, &test_host), 0.241176470588, 1e-11, 0);

	CHECK(isnan(crm_gini_sorted(zeros, 2, &test_host)));
	CHECK(isnan(crm_gini_sorted(zeros, 0, &test_host)));
	crm_concentration_sorted(zeros, 2, &test_host, &c);
	CHECK(c.total == 0 && isnan(c.gini) && isnan(c.theil));
}

int
main(void)
{
	test_sort();
	test_reference();
	return unit_report();
}
