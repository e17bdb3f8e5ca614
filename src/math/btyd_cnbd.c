/*-------------------------------------------------------------------------
 *
 * btyd_cnbd.c
 *	  The BG/CNBD-k and MBG/CNBD-k models: one customer's likelihood and odds of
 *	  dropout.
 *
 * As the BG/NBD and MBG/NBD models of btyd_bg.c, but purchases come at more
 * regular times: the time between two of them is the sum of k exponential
 * stages (an Erlang distribution), whose rate is gamma(r, alpha) distributed
 * over customers.  Platzer, Reutterer 2016, "Ticking away the moments: timing
 * regularity helps to better predict customer activity", Marketing Science
 * 35(5), whose Pareto/GGG model is the general case; Reutterer, Platzer,
 * Schroeder 2021, "Leveraging purchase regularity for predicting customer
 * behavior the easy way", International Journal of Research in Marketing 38(1).
 *
 * With p = r + k x, n the survived dropout chances (x, or x + 1 in the MBG
 * models), w = (T - t_x) / (alpha + T), and t_1 .. t_x the times between
 * purchases,
 *
 *	  L = prod t_i^(k-1) / (k-1)!^x
 *		  Gamma(p) / Gamma(r) alpha^r B(a, b + n) / B(a, b)
 *		  [ (alpha + T)^-p sum over j < k of (p)_j / j! w^j
 *			+ a / (b + n - 1) (alpha + t_x)^-p ]
 *
 * where j is the number of stages since the last purchase, which nobody sees.
 * With k = 1 it is the likelihood of btyd_bg.c.
 *
 * The times between purchases enter by their product alone, which does not
 * depend on the parameters.  The functions here leave it out; the fit adds
 * (k - 1) times the sum of the logarithms, without which likelihoods for
 * different k could not be compared.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/btyd_cnbd_stages.h"

#include <math.h>

#include "src/math/gammafn.h"

static double log_beta_ratio(double a, double b, double n);

/*
 * ln P(fewer than k stages in t) at a Gamma(shape, rate) distributed rate of
 * stages: a negative binomial distribution function, as a sum of k terms.
 */
double
crm_cnbd_log_no_purchase(int k, double shape, double rate, double t)
{
	double		w = t / (rate + t);
	double		term = 1.0;
	double		rest = 0.0;		/* the terms from the second on */

	for (int j = 0; j + 1 < k; j++)
	{
		term *= (shape + j) / (j + 1) * w;
		rest += term;
	}
	return log1p(rest) - shape * log1p(t / rate);
}

/*
 * ln(B(a, b + n) / B(a, b)), as in btyd_bg.c.
 */
static double
log_beta_ratio(double a, double b, double n)
{
	if (a < n)
		return crm_lgamma_diff(b, a) - crm_lgamma_diff(b + n, a);
	return crm_lgamma_diff(b, n) - crm_lgamma_diff(a + b, n);
}

/*
 * crm_cnbd_log_odds_dead
 *
 * ln((1 - P) / P) with P = P(alive at T | x, t_x, T).  -infinity in the BG model
 * where x = 0.
 */
double
crm_cnbd_log_odds_dead(bool first_chance, int k, const double *v,
					   const BtydHistory *h)
{
	double		n_less_1 = first_chance ? h->x : h->x - 1.0;

	if (n_less_1 < 0.0)
		return -INFINITY;
	return log(v[2]) - log(v[3] + n_less_1) -
		crm_cnbd_log_no_purchase(k, v[0] + k * h->x, v[1] + h->t_x, h->T - h->t_x);
}

/*
 * crm_cnbd_log_likelihood
 *
 * ln of the likelihood of (x, t_x, T), but for (k - 1) times the sum of the
 * logarithms of the times between purchases.
 */
double
crm_cnbd_log_likelihood(bool first_chance, int k, const double *v,
						const BtydHistory *h)
{
	double		r = v[0],
				alpha = v[1],
				a = v[2],
				b = v[3];
	double		stages = k * h->x;
	double		n = first_chance ? h->x + 1.0 : h->x;
	double		idle;

	if (h->x == 0.0)
	{
		idle = crm_cnbd_log_no_purchase(k, r, alpha, h->T);
		if (n == 0.0)
			return idle;
		return log1p(b / (a + b) * expm1(idle));
	}

	idle = crm_cnbd_log_no_purchase(k, r + stages, alpha + h->t_x, h->T - h->t_x);
	return crm_lgamma_diff(r, stages) - h->x * crm_lgamma(k) +
		log_beta_ratio(a, b, n) -
		r * log1p(h->t_x / alpha) - stages * log(alpha + h->t_x) +
		log(exp(idle) + a / (b + (n - 1.0)));
}
