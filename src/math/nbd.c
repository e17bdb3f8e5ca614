/*-------------------------------------------------------------------------
 *
 * nbd.c
 *	  The negative binomial distribution of the number of purchases in time t
 *	  at a gamma distributed rate.
 *
 * K is the number of events by time t > 0 of a Poisson process whose rate has
 * the gamma distribution with shape r and rate parameter alpha:
 *
 *	  P(K = k) = Gamma(r + k) / (Gamma(r) k!) q^k (1 - q)^r
 *	  q = t / (alpha + t)
 *
 * Tails are sums and integrals of positive terms: one minus the rest would
 * have no digits left where a tail is small.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/nbd.h"

#include <float.h>
#include <math.h>

#include "src/math/gammafn.h"
#include "src/math/time_integral.h"

/*
 * Where successive terms of the tail fall by this factor or faster, 16 digits
 * take at most 350 of them; that is quicker than the integral.
 */
#define SERIES_RATIO 0.9

/*
 * crm_nbd_log_pmf
 *
 * ln P(K = n) for a whole n >= 0.  For n > 0 the probability is the kernel of
 * the beta distribution, over n: it is computed as a deviance, which has no
 * large terms that cancel.
 */
double
crm_nbd_log_pmf(double n, double r, double alpha, double t)
{
	if (n == 0.0)
		return -r * log1p(t / alpha);
	if (t <= 0.0)
		return -INFINITY;
	return crm_log_beta_kernel(n, r, t, alpha) - log(n);
}

/*
 * crm_nbd_upper_tail
 *
 * P(K > n) for a whole n >= 0: that the purchase number n + 1 comes before t.
 * That purchase's time has the density, per unit of ln u,
 * (n + r) P(K = n by u) u / (alpha + u).
 */
double
crm_nbd_upper_tail(double n, double r, double alpha, double t)
{
	double		q = t / (alpha + t);
	TimeIntegrand f = {.alpha = alpha,.beta = alpha};
	double		mode;
	double		integral;

	if (t <= 0.0)
		return 0.0;

	if (n == 0.0)
		return -expm1(-r * log1p(t / alpha));

	if (q < SERIES_RATIO && (r + n + 1.0) / (n + 2.0) * q < SERIES_RATIO)
	{
		double		k = n + 1.0;
		double		term = exp(crm_nbd_log_pmf(k, r, alpha, t));
		double		sum = 0.0;

		/* a term that is not normal would be rounded up for ever */
		do
		{
			sum += term;
			term *= (r + k) / (k + 1.0) * q;
			k += 1.0;
		} while (term > 1e-17 * sum && term > DBL_MIN);
		return sum;
	}

	f.a_up = n + 1.0;
	f.a_down = r;
	integral = crm_time_integral(&f, t, &mode);
	return integral * (n + r) * (mode / (alpha + mode)) *
		exp(crm_nbd_log_pmf(n, r, alpha, mode));
}
