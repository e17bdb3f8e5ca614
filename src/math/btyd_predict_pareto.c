/*-------------------------------------------------------------------------
 *
 * btyd_predict_pareto.c
 *	  What a living Pareto/NBD customer will do.
 *
 * The customer buys at a rate with distribution Gamma(r, rate alpha) until
 * dropout, and dropout comes at a rate with distribution Gamma(s, rate beta)
 * (Schmittlein, Morrison, Colombo 1987).  So the lifetime is Pareto:
 * P(lifetime > u) = (beta / (beta + u))^s, and all that follows is an
 * expectation over it.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/btyd_living.h"

#include <math.h>

#include "src/math/expint.h"
#include "src/math/nbd.h"
#include "src/math/quadrature.h"
#include "src/math/time_integral.h"

typedef struct SpreadIntegrand
{
	double		s;
	double		mean;
} SpreadIntegrand;

static double spread_integrand(double w, const void *arg);

double
crm_pareto_living_survival(const double *v, double t)
{
	return exp(-v[2] * crm_log1p_ratio(t, v[3]));
}

/*
 * r / alpha times the expected time alive before t, which is the integral of
 * the survival function.  With w = ln(1 + u / beta) it is elementary, and
 * phi1() makes s = 1 no special case.
 */
double
crm_pareto_living_purchases(const double *v, double t)
{
	double		l = crm_log1p_ratio(t, v[3]);

	return v[0] / v[1] * (v[3] * l * crm_phi1((1.0 - v[2]) * l));
}

/*
 * Given the rate and the lifetime the number is Poisson, so that with D the
 * time alive before t
 *	  Var X = (r / alpha) E[D] + (r (r+1) / alpha^2) Var D + (r / alpha^2) E[D]^2
 * and Var D is a mean square deviation: the density's part before t, and the
 * part of those alive at t.  An error in E[D] only has a second order effect.
 */
double
crm_pareto_living_variance(const double *v, double t)
{
	double		r = v[0];
	double		rate = v[0] / v[1];
	double		s = v[2];
	double		beta = v[3];
	double		l = crm_log1p_ratio(t, beta);
	double		mean = l * crm_phi1((1.0 - s) * l); /* in units of beta */
	SpreadIntegrand integrand = {s, mean};
	double		breaks[5];
	double		spread;

	if (t <= 0.0)
		return 0.0;

	/* the density's own scale is 1 / s */
	breaks[0] = 0.0;
	breaks[1] = fmin(l, 1.0 / s);
	breaks[2] = fmin(l, 8.0 / s);
	breaks[3] = fmin(l, 60.0 / s);
	breaks[4] = l;
	spread = crm_integrate(spread_integrand, &integrand, breaks, 5, 1e-13);
	spread += exp(-s * l) * (t / beta - mean) * (t / beta - mean);

	mean *= beta;
	spread *= beta * beta;
	return rate * mean + rate * (r + 1.0) / v[1] * spread
		+ rate / v[1] * mean * mean;
}

static double
spread_integrand(double w, const void *arg)
{
	const SpreadIntegrand *p = arg;
	double		d = expm1(w) - p->mean;

	return p->s * exp(-p->s * w) * d * d;
}

/*
 * (r / alpha) times the discounted survival function.
 */
double
crm_pareto_living_discounted(const double *v, double delta, double horizon)
{
	return v[0] / v[1] *
		(v[3] * crm_discounted_power(v[2], delta * v[3], horizon / v[3]));
}

/*
 * Alive at t with n purchases, or dropped out at some u < t with n purchases
 * by then: two positive terms.  The density of dropout, per unit of ln u, is
 * s u / (beta + u) (beta / (beta + u))^s.
 */
double
crm_pareto_living_pmf(const double *v, double t, double n)
{
	TimeIntegrand f = {.alpha = v[1],.a_up = n,.a_down = v[0],
	.beta = v[3],.b_up = 1.0,.b_down = v[2]};
	double		mode;
	double		dropped;

	if (t <= 0.0)
		return n == 0.0 ? 1.0 : 0.0;

	dropped = crm_time_integral(&f, t, &mode);
	dropped *= v[2] * (mode / (v[3] + mode));
	return exp(crm_nbd_log_pmf(n, v[0], v[1], t)
			   - v[2] * crm_log1p_ratio(t, v[3]))
		+ dropped * exp(crm_nbd_log_pmf(n, v[0], v[1], mode)
						- v[2] * crm_log1p_ratio(mode, v[3]));
}

/*
 * The purchase number n + 1 comes before t and before dropout.  Its time, were
 * there no dropout, has the density (n + r) P(K = n by u) u / (alpha + u) per
 * unit of ln u, K being the negative binomial number of purchases.
 */
double
crm_pareto_living_upper_tail(const double *v, double t, double n)
{
	TimeIntegrand f = {.alpha = v[1],.a_up = n + 1.0,.a_down = v[0],
	.beta = v[3],.b_up = 0.0,.b_down = v[2]};
	double		mode;
	double		value;

	if (t <= 0.0)
		return 0.0;

	value = crm_time_integral(&f, t, &mode);
	value *= (n + v[0]) * (mode / (v[1] + mode));
	return value * exp(crm_nbd_log_pmf(n, v[0], v[1], mode)
					   - v[2] * crm_log1p_ratio(mode, v[3]));
}
