/*-------------------------------------------------------------------------
 *
 * xcounts.c
 *	  How many customers made x purchases, for each x that occurs.
 *
 * The likelihoods hold ln Gamma(r + x) - ln Gamma(r) and the like, which depend
 * on a customer through x alone.  A table of the distinct x, built once for
 * all iterations, makes them cost next to nothing: the sum over customers
 * telescopes into steps from one distinct x to the next, each weighted with the
 * number of customers at or beyond it.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/xcounts.h"

#include <stdlib.h>

#include "src/math/exact_sum.h"
#include "src/math/gammafn.h"

/*
 * x below this are counted in an array (1 MB of it at most); the few customers
 * above are sorted.
 */
#define DIRECT_LIMIT 65536

/* Rows between two checks for interrupts: well under a millisecond. */
#define ROWS_PER_CHECK 65536

typedef struct LargeX
{
	double		x;
	double		weight;
} LargeX;

static int	large_x_cmp(const void *a, const void *b);
static void sort_large(LargeX *item, size_t n, const MathHost *host);

/*
 * Order by x, then weight: equal x are summed in an order that does not depend
 * on that of the rows.
 */
static int
large_x_cmp(const void *a, const void *b)
{
	const LargeX *p = a;
	const LargeX *q = b;

	if (p->x != q->x)
		return p->x < q->x ? -1 : 1;
	if (p->weight != q->weight)
		return p->weight < q->weight ? -1 : 1;
	return 0;
}

/*
 * Heap sort, and not qsort(), which may take memory that an interrupt would
 * leave behind, and cannot be interrupted.
 */
static void
sort_large(LargeX *item, size_t n, const MathHost *host)
{
	size_t		start = n / 2;
	size_t		end = n;
	size_t		steps = 0;

	while (end > 1)
	{
		size_t		root,
					child;
		LargeX		moved;

		if (start > 0)
			start--;
		else
		{
			LargeX		top = item[0];

			end--;
			item[0] = item[end];
			item[end] = top;
		}
		root = start;
		moved = item[root];
		while ((child = 2 * root + 1) < end)
		{
			if (child + 1 < end && large_x_cmp(&item[child], &item[child + 1]) < 0)
				child++;
			if (large_x_cmp(&moved, &item[child]) >= 0)
				break;
			item[root] = item[child];
			root = child;
		}
		item[root] = moved;
		if (++steps % 4096 == 0)
			host->check_interrupts();
	}
}

/*
 * Build the table.  See xcounts.h.
 */
void
crm_xcounts_build(XCounts *counts, const double *x_base,
				  const double *weight_base, size_t stride, size_t n,
				  const MathHost *host)
{
	const char *x_at = (const char *) x_base;
	const char *weight_at = (const char *) weight_base;
	size_t		n_direct = 0;
	size_t		n_large = 0;
	size_t		n_distinct = 0;
	size_t		i,
				k;
	ExactSum   *direct = NULL;
	LargeX	   *large = NULL;
	ExactSum	tail = {0.0, 0.0};

	for (i = 0; i < n; i++)
	{
		double		x = *(const double *) (x_at + i * stride);

		if (x >= DIRECT_LIMIT)
			n_large++;
		else if (x >= n_direct)
			n_direct = (size_t) x + 1;
		if (i % ROWS_PER_CHECK == 0)
			host->check_interrupts();
	}
	if (n_direct > 0)
	{
		direct = host->alloc(n_direct * sizeof(ExactSum));
		for (k = 0; k < n_direct; k++)
			direct[k].sum = direct[k].error = 0.0;
	}
	if (n_large > 0)
		large = host->alloc(n_large * sizeof(LargeX));

	for (i = k = 0; i < n; i++)
	{
		double		x = *(const double *) (x_at + i * stride);
		double		weight = *(const double *) (weight_at + i * stride);

		if (x < DIRECT_LIMIT)
			exact_sum_add(&direct[(size_t) x], weight);
		else
		{
			large[k].x = x;
			large[k++].weight = weight;
		}
		if (i % ROWS_PER_CHECK == 0)
			host->check_interrupts();
	}
	sort_large(large, n_large, host);

	for (k = 0; k < n_direct; k++)
		n_distinct += direct[k].sum > 0.0;
	for (k = 0; k < n_large; k++)
		n_distinct += k == 0 || large[k].x != large[k - 1].x;

	counts->n = n_distinct;
	counts->x = host->alloc((n_distinct + 1) * sizeof(double));
	counts->weight = host->alloc((n_distinct + 1) * sizeof(double));
	counts->at_least = host->alloc((n_distinct + 1) * sizeof(double));

	n_distinct = 0;
	for (k = 0; k < n_direct; k++)
	{
		if (direct[k].sum > 0.0)
		{
			counts->x[n_distinct] = (double) k;
			counts->weight[n_distinct++] = exact_sum_value(&direct[k]);
		}
	}
	for (k = 0; k < n_large;)
	{
		ExactSum	same = {0.0, 0.0};

		counts->x[n_distinct] = large[k].x;
		do
			exact_sum_add(&same, large[k].weight);
		while (++k < n_large && large[k].x == large[k - 1].x);
		counts->weight[n_distinct++] = exact_sum_value(&same);
	}
	for (k = n_distinct; k-- > 0;)
	{
		exact_sum_add(&tail, counts->weight[k]);
		counts->at_least[k] = exact_sum_value(&tail);
	}

	if (direct)
		host->release(direct);
	if (large)
		host->release(large);
}

/*
 * Give the table's memory back to the host.
 */
void
crm_xcounts_free(XCounts *counts, const MathHost *host)
{
	host->release(counts->x);
	host->release(counts->weight);
	host->release(counts->at_least);
	counts->n = 0;
}

void
crm_xcounts_gamma_sums(const XCounts *counts, double z, double extra,
					   double *sums)
{
	crm_xcounts_multiple_gamma_sums(counts, 1.0, z, extra, sums);
}

/*
 * See xcounts.h.  The table has one entry per distinct x, so that this takes
 * time that does not depend on the number of customers.
 */
void
crm_xcounts_multiple_gamma_sums(const XCounts *counts, double times, double z,
								double extra, double *sums)
{
	ExactSum	s[3] = {{0.0, 0.0}, {0.0, 0.0}, {0.0, 0.0}};
	double		done = 0.0;
	size_t		i;

	for (i = 0; i < counts->n; i++)
	{
		double		upto = times * counts->x[i] + extra;
		double		step = upto - done;

		if (step > 0.0)
		{
			double		weight = counts->at_least[i];
			double		from = z + done;

			exact_sum_add(&s[0], weight * crm_lgamma_diff(from, step));
			exact_sum_add(&s[1], weight * crm_digamma_diff(from, step));
			exact_sum_add(&s[2], weight * crm_trigamma_diff(from, step));
		}
		done = upto;
	}
	sums[0] = exact_sum_value(&s[0]);
	sums[1] = exact_sum_value(&s[1]);
	sums[2] = exact_sum_value(&s[2]);
}
