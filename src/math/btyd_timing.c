/*-------------------------------------------------------------------------
 *
 * btyd_timing.c
 *	  When a customer of a "buy till you die" model buys next.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/btyd.h"

#include <math.h>

/* The bracket grows and shrinks by this factor. */
#define BRACKET_FACTOR 8.0

/* Bisection ends at this relative width. */
#define TIME_TOLERANCE 1e-12

/* No time is shorter than this: a quantile below it is 0. */
#define EARLIEST 1e-300

/*
 * crm_btyd_next_purchase_quantile
 *
 * The shortest time t such that the customer buys in (T, T + t] with
 * probability prob, 0 < prob < 1 (h NULL: a new customer's first repeat
 * purchase).  Infinity where that is after the time "latest", as with customers
 * who may have left, or may yet leave, before they buy again.
 *
 * P(at least one purchase by t) is continuous and rises with t, so it is
 * bracketed and bisected on a logarithmic scale: some 50 to 100 probabilities.
 */
double
crm_btyd_next_purchase_quantile(const BtydParams *params, const BtydHistory *h,
								double prob, double latest)
{
	double		low,
				high = h != NULL && h->T > 0.0 ? h->T : 1.0;

	high = fmin(high, latest);
	if (crm_btyd_p_purchase(params, h, high) >= prob)
	{
		low = high;
		do
		{
			high = low;
			low /= BRACKET_FACTOR;
		} while (low > EARLIEST && crm_btyd_p_purchase(params, h, low) >= prob);
		if (low <= EARLIEST)
			return 0.0;
	}
	else
	{
		do
		{
			if (high >= latest)
				return INFINITY;
			low = high;
			high = fmin(high * BRACKET_FACTOR, latest);
		} while (crm_btyd_p_purchase(params, h, high) < prob);
	}

	/* invariant from here: P(low) < prob <= P(high) */
	while (high > low * (1.0 + TIME_TOLERANCE))
	{
		double		middle = sqrt(low) * sqrt(high);

		if (middle <= low || middle >= high)
			break;
		if (crm_btyd_p_purchase(params, h, middle) >= prob)
			high = middle;
		else
			low = middle;
	}
	return high;
}
