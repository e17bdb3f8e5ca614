/*-------------------------------------------------------------------------
 *
 * btyd_regularity.c
 *	  How regular customers' purchases are, whatever their rates and dropout.
 *
 * Let the times between a customer's purchases be gamma distributed with shape k,
 * at a rate of the customer's own.  Given their sum t_x, the shares of it are
 * Dirichlet distributed, and the rate drops out:
 *
 *	  ln L(k) = sum over customers of
 *		  ln Gamma(k x) - x ln Gamma(k) + (k - 1) sum of ln(t_i / t_x)
 *
 * The k with the highest conditional likelihood is a consistent estimate (Andersen
 * 1970, "Asymptotic properties of conditional maximum-likelihood estimators",
 * Journal of the Royal Statistical Society B 32(2)) with no assumption on how
 * rates are distributed.  With two times a customer it is the likelihood of what
 * Wheat and Morrison look at, the share of one of the two ("Estimating purchase
 * regularity with two interpurchase times", Journal of Marketing Research 27(1),
 * 1990).  A customer with one repeat purchase says nothing and adds zero.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/btyd.h"

#include <math.h>

#include "src/math/exact_sum.h"
#include "src/math/gammafn.h"
#include "src/math/xcounts.h"

/* Where the estimate is looked for; beyond it is infinite. */
#define LEAST 1e-4
#define MOST 1e6

static double slope(const XCounts *counts, double k, double log_shares);

/*
 * The derivative of ln L by k, which falls: the sum of x (digamma(k x) -
 * digamma(k)) and log_shares, the sum of ln(t_i / t_x).
 */
static double
slope(const XCounts *counts, double k, double log_shares)
{
	ExactSum	sum = {log_shares, 0.0};

	for (size_t i = 0; i < counts->n; i++)
	{
		double		x = counts->x[i];

		if (x > 1.0)
			exact_sum_add(&sum, counts->weight[i] * x *
						  crm_digamma_diff(k, k * (x - 1.0)));
	}
	return exact_sum_value(&sum);
}

/*
 * crm_btyd_regularity
 *
 * The estimate of k from n_rows rows and the sum over customers of the logarithms
 * of their times between purchases, not NaN.  NaN where nobody has two of them,
 * or the sum is more than the rows allow; INFINITY where they are all equal.
 */
double
crm_btyd_regularity(const BtydRow *rows, size_t n_rows, double log_intervals,
					const MathHost *host)
{
	XCounts		counts;
	ExactSum	shares = {log_intervals, 0.0};
	ExactSum	most_shares = {0.0, 0.0};	/* if all times were equal */
	double		log_shares;
	double		most;
	double		k;

	if (n_rows == 0)
		return NAN;
	crm_xcounts_build(&counts, &rows[0].h.x, &rows[0].weight, sizeof(BtydRow),
					  n_rows, host);
	for (size_t i = 0; i < n_rows; i++)
	{
		double		x = rows[i].h.x;

		if (x > 0.0)
		{
			exact_sum_add(&shares, -rows[i].weight * x * log(rows[i].h.t_x));
			exact_sum_add(&most_shares, -rows[i].weight * x * log(x));
		}
		if (i % 16384 == 0)
			host->check_interrupts();
	}
	log_shares = exact_sum_value(&shares);
	most = exact_sum_value(&most_shares);

	/* rounding, of times and logarithms, aside */
	if (most == 0.0 || log_shares > most * (1.0 - 1e-9))
		k = NAN;
	else if (slope(&counts, MOST, log_shares) >= 0.0)
		k = INFINITY;
	else
	{
		double		lo = log(LEAST);
		double		hi = log(MOST);

		while (hi - lo > 1e-14)
		{
			double		mid = 0.5 * (lo + hi);

			if (mid <= lo || mid >= hi)
				break;
			if (slope(&counts, exp(mid), log_shares) > 0.0)
				lo = mid;
			else
				hi = mid;
			host->check_interrupts();
		}
		k = exp(0.5 * (lo + hi));
	}
	crm_xcounts_free(&counts, host);
	return k;
}
