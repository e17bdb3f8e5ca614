/*-------------------------------------------------------------------------
 *
 * btyd_bg.c
 *	  The BG/NBD and MBG/NBD models: one customer's likelihood and odds of
 *	  dropout.
 *
 * A customer buys at a gamma(r, alpha) rate and drops out after a purchase with
 * a beta(a, b) probability: after each repeat purchase in the BG/NBD model
 * (Fader, Hardie, Lee 2005, "Counting your customers the easy way", formula 6),
 * after the first purchase too in the MBG/NBD model (Batislam, Denizel,
 * Filiztekin 2007).  With n = x survived dropout chances (BG) or x + 1 (MBG),
 * p = r + x and n > 0,
 *		L = Gamma(p) / Gamma(r) alpha^r B(a, b + n) / B(a, b)
 *			[ (alpha + T)^-p + a / (b + n - 1) (alpha + t_x)^-p ]
 * and with n = 0 the second term of the bracket is absent.
 *
 * The fit's sums over many customers are in btyd_bg_sums.c.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/btyd_bg.h"

#include <math.h>

#include "src/math/gammafn.h"

static double log_beta_ratio(double a, double b, double n);

/*
 * ln(B(a, b + n) / B(a, b)), the log probability of n survived chances.
 *
 * That is [lnG(b + n) - lnG(b)] - [lnG(a + b + n) - lnG(a + b)], where the two
 * brackets differ little if a is small; the same difference taken in steps of
 * a, [lnG(b + a) - lnG(b)] - [lnG(b + n + a) - lnG(b + n)], has small brackets
 * then.
 */
static double
log_beta_ratio(double a, double b, double n)
{
	if (a < n)
		return crm_lgamma_diff(b, a) - crm_lgamma_diff(b + n, a);
	return crm_lgamma_diff(b, n) - crm_lgamma_diff(a + b, n);
}

/*
 * ln((1 - P(alive)) / P(alive)) for a customer with x repeat purchases, the
 * last at t_x, seen until T.  -infinity for the BG/NBD model and x = 0: such a
 * customer had no occasion to drop out.
 */
double
crm_bg_log_odds_dead(BtydKind kind, double r, double alpha, double a, double b,
					 double x, double t_x, double T)
{
	double		n_less_1 = kind == BTYD_MBG_NBD ? x : x - 1.0;

	if (n_less_1 < 0.0)
		return -INFINITY;
	return log(a) - log(b + n_less_1) +
		(r + x) * log1p((T - t_x) / (alpha + t_x));
}

/*
 * ln of the likelihood of (x, t_x, T), v = r, alpha, a, b.
 */
double
crm_bg_log_likelihood(BtydKind kind, const double *v, double x, double t_x,
					  double T)
{
	double		r = v[0],
				alpha = v[1],
				a = v[2],
				b = v[3];
	double		n = kind == BTYD_MBG_NBD ? x + 1.0 : x;
	double		idle;

	if (x == 0.0)
	{
		/* ln of (alpha / (alpha + T))^r, and with it the dropped out at once */
		idle = -r * log1p(T / alpha);
		if (n == 0.0)
			return idle;
		return log1p(b / (a + b) * expm1(idle));
	}

	idle = -(r + x) * log1p((T - t_x) / (alpha + t_x));
	return crm_lgamma_diff(r, x) + log_beta_ratio(a, b, n)
		- r * log1p(t_x / alpha) - x * log(alpha + t_x)
		+ log(exp(idle) + a / (b + (n - 1.0)));
}
