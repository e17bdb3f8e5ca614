/*-------------------------------------------------------------------------
 *
 * spend.c
 *	  The Gamma-Gamma model of spend per purchase: expectation.
 *
 * The model and its fit are in spend_fit.c.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/spend.h"

#include <math.h>

/*
 * Expected spend per purchase given x purchases of mean m (note 025, formula
 * 5): p (gamma + m x) / (p x + q - 1).  The mean does not exist, and is
 * infinite here, where p x + q <= 1.
 */
double
crm_spend_expected(const SpendParams *params, double x, double m)
{
	double		p = params->p;
	double		below = x > 0.0 ? p * x + (params->q - 1.0) : params->q - 1.0;
	double		total = x > 0.0 ? m * x : 0.0;

	if (below <= 0.0)
		return INFINITY;
	return p / below * (params->gamma + total);
}
