/*-------------------------------------------------------------------------
 *
 * spend.c
 *	  The Gamma-Gamma model of spend per purchase: likelihood and expectation.
 *
 * A customer's purchases are gamma(p, nu), and nu is gamma(q, gamma) over
 * customers (Fader, Hardie, Lee 2005, "RFM and CLV"; Fader and Hardie 2013,
 * note 025, formula 1a).  With u = m x / (gamma + m x), the density of the mean
 * m of x purchases is
 *		u^(p x) (1 - u)^q / (m B(p x, q)).
 *
 * The fit is in spend_fit.c.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/spend.h"

#include <math.h>

#include "src/math/gammafn.h"

/*
 * ln of the density of a mean of m > 0 in x > 0 purchases.
 */
double
crm_spend_log_likelihood(const SpendParams *params, double x, double m)
{
	return crm_log_beta_kernel(params->p * x, params->q, m * x, params->gamma)
		- log(m);
}

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
