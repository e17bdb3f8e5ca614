/*-------------------------------------------------------------------------
 *
 * concentration.c
 *	  How unequally an amount is shared: Gini's coefficient, the
 *	  Herfindahl-Hirschman index, Theil's index, shares of the largest.
 *
 * All values are finite, not negative and ascending; they are the population,
 * not a sample of one (there is no factor n / (n - 1)).
 *
 * Gini's coefficient is the mean difference over twice the mean, and the mean
 * difference an integral of F (1 - F) over the values:
 *
 *		G = sum over i < n of (x(i+1) - x(i)) P(i) (W - P(i)) / (W sum(w x))
 *
 * with P(i) the weight of the first i values and W of all.  Every term is
 * positive, so nothing cancels, and ties add nothing, however they are ordered.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "src/math/concentration.h"
#include "src/math/exact_sum.h"

/* So many values are added between two looks for an interrupt. */
#define INTERRUPT_STRIDE ((size_t) 1 << 18)

/*
 * Beyond 2^900 sums of values could overflow, below 2^-900 products of shares
 * vanish.  Such values are scaled by a power of two, which changes no quotient;
 * 2^1000 is enough for the least subnormal.
 */
#define ORDINARY_EXPONENT 900
#define MAX_SCALE_EXPONENT 1000

static int	clamp_exponent(int exponent);
static double scale_for(double largest);
static double top_share(const double *values, size_t n, double fraction, double total,
						double scale, const MathHost *host);
static double sum_scaled(const double *values, size_t n, double scale,
						 const MathHost *host);

static int
clamp_exponent(int exponent)
{
	return exponent > MAX_SCALE_EXPONENT ? MAX_SCALE_EXPONENT :
		exponent < -MAX_SCALE_EXPONENT ? -MAX_SCALE_EXPONENT : exponent;
}

/*
 * What to multiply values by, the largest of which is this (positive) one.
 */
static double
scale_for(double largest)
{
	int			exponent = ilogb(largest);

	if (exponent >= -ORDINARY_EXPONENT && exponent <= ORDINARY_EXPONENT)
		return 1;
	return ldexp(1.0, clamp_exponent(-exponent));
}

static double
sum_scaled(const double *values, size_t n, double scale, const MathHost *host)
{
	ExactSum	sum = EXACT_SUM_ZERO;
	size_t		i;

	for (i = 0; i < n; i++)
	{
		exact_sum_add(&sum, values[i] * scale);
		if (i % INTERRUPT_STRIDE == 0)
			host->check_interrupts();
	}
	return exact_sum_value(&sum);
}

/*
 * Gini's coefficient of n ascending values; NaN when they sum to zero.
 */
double
crm_gini_sorted(const double *values, size_t n, const MathHost *host)
{
	double		scale;
	ExactSum	total = EXACT_SUM_ZERO;
	ExactSum	sum = EXACT_SUM_ZERO;
	size_t		i;

	if (n == 0 || values[n - 1] == 0)
		return (double) NAN;
	scale = scale_for(values[n - 1]);
	for (i = 0; i < n; i++)
	{
		exact_sum_add(&total, values[i] * scale);
		/* P (W - P) / W, which is below n: no overflow */
		if (i > 0 && values[i] != values[i - 1])
			exact_sum_add(&sum, (values[i] - values[i - 1]) * scale *
						  ((double) i * (double) (n - i) / (double) n));
		if (i % INTERRUPT_STRIDE == 0)
			host->check_interrupts();
	}
	return exact_sum_value(&sum) / exact_sum_value(&total);
}

/*
 * The same of values with positive weights, ascending by value.
 */
double
crm_gini_weighted(const DoublePair *pairs, size_t n, const MathHost *host)
{
	double		scale;
	double		weight_scale;
	double		largest_weight = 0;
	double		weight_sum;
	ExactSum	weight = EXACT_SUM_ZERO;
	ExactSum	total = EXACT_SUM_ZERO;
	ExactSum	below = EXACT_SUM_ZERO;
	ExactSum	sum = EXACT_SUM_ZERO;
	size_t		i;

	if (n == 0 || pairs[n - 1].key == 0)
		return (double) NAN;
	for (i = 0; i < n; i++)
	{
		if (pairs[i].with > largest_weight)
			largest_weight = pairs[i].with;
	}

	/* A product of two may leave the range sooner: bring both near 1. */
	scale = ldexp(1.0, clamp_exponent(-ilogb(pairs[n - 1].key)));
	weight_scale = ldexp(1.0, clamp_exponent(-ilogb(largest_weight)));

	for (i = 0; i < n; i++)
		exact_sum_add(&weight, pairs[i].with * weight_scale);
	weight_sum = exact_sum_value(&weight);
	for (i = 0; i < n; i++)
	{
		double		w = pairs[i].with * weight_scale;

		exact_sum_add(&total, pairs[i].key * scale * w);
		if (i > 0 && pairs[i].key != pairs[i - 1].key)
		{
			double		p = exact_sum_value(&below);

			exact_sum_add(&sum, (pairs[i].key - pairs[i - 1].key) * scale *
						  (p * ((weight_sum - p) / weight_sum)));
		}
		exact_sum_add(&below, w);
		if (i % INTERRUPT_STRIDE == 0)
			host->check_interrupts();
	}
	return exact_sum_value(&sum) / exact_sum_value(&total);
}

/*
 * The share of the largest values that are the given fraction of all: a point
 * of the Lorenz curve, between two customers on a straight line.
 */
static double
top_share(const double *values, size_t n, double fraction, double total, double scale,
		  const MathHost *host)
{
	double		count = fraction * (double) n;
	size_t		whole = (size_t) count;
	double		sum;

	if (whole >= n)
		return 1;
	sum = sum_scaled(values + (n - whole), whole, scale, host);
	sum += (count - (double) whole) * values[n - 1 - whole] * scale;
	return sum / total;
}

/*
 * Everything of n ascending values, n > 0.  Only the total is not NaN when
 * they sum to zero.  The total may overflow to infinity; nothing else does.
 */
void
crm_concentration_sorted(const double *values, size_t n, const MathHost *host,
						 Concentration *result)
{
	double		largest = values[n - 1];
	double		scale = largest > 0 ? scale_for(largest) : 1.0;
	double		total = sum_scaled(values, n, scale, host);
	ExactSum	squares = EXACT_SUM_ZERO;
	ExactSum	theil = EXACT_SUM_ZERO;
	size_t		i;

	result->total = total / scale;
	if (largest == 0)
	{
		result->gini = result->hhi = result->theil = result->top_1_share =
			result->top_1_percent_share = result->top_5_percent_share =
			result->top_10_percent_share = result->top_20_percent_share =
			result->top_50_percent_share = (double) NAN;
		return;
	}

	for (i = 0; i < n; i++)
	{
		double		share = values[i] * scale / total;

		exact_sum_add(&squares, share * share);
		if (share > 0)
			exact_sum_add(&theil, share * log(share * (double) n));
		if (i % INTERRUPT_STRIDE == 0)
			host->check_interrupts();
	}
	result->gini = crm_gini_sorted(values, n, host);
	result->hhi = exact_sum_value(&squares);
	/* not negative but for rounding */
	result->theil = fmax(exact_sum_value(&theil), 0.0);
	result->top_1_share = largest * scale / total;
	result->top_1_percent_share = top_share(values, n, 0.01, total, scale, host);
	result->top_5_percent_share = top_share(values, n, 0.05, total, scale, host);
	result->top_10_percent_share = top_share(values, n, 0.1, total, scale, host);
	result->top_20_percent_share = top_share(values, n, 0.2, total, scale, host);
	result->top_50_percent_share = top_share(values, n, 0.5, total, scale, host);
}
