/*-------------------------------------------------------------------------
 *
 * time_integral.c
 *	  Integrals over time of products of powers of u/(alpha+u), alpha/(alpha+u),
 *	  u/(beta+u) and beta/(beta+u).
 *
 * The tail of a negative binomial distribution, and the Pareto/NBD model's
 * probabilities, are integrals of this one family over the time u at which
 * something happens: a purchase (the powers with alpha, from the gamma mixed
 * Poisson process) or dropout (the powers with beta, from the gamma mixed
 * exponential lifetime).
 *
 * In y = ln u every factor is a power of a logistic function, so the integrand
 * is log-concave: it has one mode, which Newton's method finds, and falls away
 * from it at least as fast as exponentially.  The integral is taken relative to
 * the value at the mode, so that nothing overflows or underflows however
 * improbable the event, and all terms are positive, so that nothing cancels.
 * This replaces the hypergeometric functions of Schmittlein, Morrison and
 * Colombo 1987 and of Fader and Hardie's notes, which lose all digits in the
 * tails.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/time_integral.h"

#include <math.h>
#include <stdbool.h>

#include "src/math/quadrature.h"

/*
 * The integrand is cut off where it is exp(-CUTOFF) of the mode: by
 * log-concavity what is left out is less than CUTOFF exp(-CUTOFF) = 2e-16 of
 * the whole.
 */
#define CUTOFF 40.0

#define REL_TOL 1e-12

/* The integrand, prepared for evaluation at u = mode * exp(d). */
typedef struct Centred
{
	const TimeIntegrand *f;
	double		p_alpha;		/* mode / (alpha + mode) */
	double		q_alpha;		/* alpha / (alpha + mode) */
	double		p_beta;
	double		q_beta;
} Centred;

static double find_mode(const TimeIntegrand *f, double t);
static double log_relative(const Centred *c, double d);
static double relative(double d, const void *arg);
static double reach(const Centred *c, double direction, double limit,
					double start);

/*
 * crm_time_integral
 *
 * The integral of the integrand over u from 0 to t (may be infinite), per unit
 * of ln u, divided by the integrand at *mode.  *mode is the place of the
 * largest value within (0, t], near enough; the caller works out the
 * integrand there in whichever way keeps its digits.
 */
double
crm_time_integral(const TimeIntegrand *integrand, double t, double *mode)
{
	const TimeIntegrand *f = integrand;
	Centred		c;
	double		u = find_mode(f, t);
	double		slope;
	double		curvature;
	double		width;
	double		breaks[3];

	c.f = f;
	c.p_alpha = u / (f->alpha + u);
	c.q_alpha = f->alpha / (f->alpha + u);
	c.p_beta = u / (f->beta + u);
	c.q_beta = f->beta / (f->beta + u);

	/* how far the integrand reaches: some widths, or some slopes' lengths */
	curvature = (f->a_up + f->a_down) * c.p_alpha * c.q_alpha
		+ (f->b_up + f->b_down) * c.p_beta * c.q_beta;
	slope = fabs(f->a_up * c.q_alpha - f->a_down * c.p_alpha
				 + f->b_up * c.q_beta - f->b_down * c.p_beta);
	width = 1.0 / (slope + sqrt(curvature));

	breaks[0] = -reach(&c, -1.0, INFINITY, width);
	breaks[1] = 0.0;
	breaks[2] = u < t ? reach(&c, 1.0, log(t / u), width) : 0.0;

	*mode = u;
	return crm_integrate(relative, &c, breaks, 3, REL_TOL);
}

/*
 * The u in (0, t] at which the integrand is largest, to within a small part of
 * its width.
 *
 * The derivative of the logarithm by ln u falls from a_up + b_up to
 * -(a_down + b_down).  With alpha = beta its zero is at alpha times the ratio
 * of the two; else it lies between that and beta times the same ratio.
 */
static double
find_mode(const TimeIntegrand *f, double t)
{
	double		up = f->a_up + f->b_up;
	double		down = f->a_down + f->b_down;
	double		lo = log(up) - log(down) + log(fmin(f->alpha, f->beta));
	double		hi = log(up) - log(down) + log(fmax(f->alpha, f->beta));
	double		y;

	if (f->a_up + f->a_down == 0.0)
		lo = hi;
	if (f->b_up + f->b_down == 0.0)
		hi = lo = log(up) - log(down) + log(f->alpha);
	y = 0.5 * (lo + hi);

	for (int i = 0; i < 60 && hi - lo > 1e-3; i++)
	{
		double		u = exp(y);
		double		pa = u / (f->alpha + u);
		double		qa = f->alpha / (f->alpha + u);
		double		pb = u / (f->beta + u);
		double		qb = f->beta / (f->beta + u);
		double		slope = f->a_up * qa - f->a_down * pa
			+ f->b_up * qb - f->b_down * pb;
		double		curvature = (f->a_up + f->a_down) * pa * qa
			+ (f->b_up + f->b_down) * pb * qb;
		double		step = slope / curvature;

		if (slope > 0.0)
			lo = y;
		else
			hi = y;
		if (step * slope < 1e-4)
			break;
		y += step;
		if (!(y > lo && y < hi))
			y = 0.5 * (lo + hi);
	}
	return fmin(exp(y), t);
}

/*
 * ln of the integrand at mode * exp(d), relative to the mode.
 */
static double
log_relative(const Centred *c, double d)
{
	const TimeIntegrand *f = c->f;
	double		grow = expm1(d);
	double		shrink = d < -1.0 ? -expm1(-d) : grow / (1.0 + grow);
	double		value = 0.0;

	/* here shrink = 1 - exp(-d) and grow = exp(d) - 1 */
	if (f->a_up > 0.0)
		value -= f->a_up * log1p(-c->q_alpha * shrink);
	if (f->a_down > 0.0)
		value -= f->a_down * log1p(c->p_alpha * grow);
	if (f->b_up > 0.0)
		value -= f->b_up * log1p(-c->q_beta * shrink);
	if (f->b_down > 0.0)
		value -= f->b_down * log1p(c->p_beta * grow);
	return value;
}

static double
relative(double d, const void *arg)
{
	return exp(log_relative(arg, d));
}

/*
 * How far from the mode, in the given direction, the integrand is negligible:
 * a distance at which its log has fallen by CUTOFF, and not twice as far as
 * need be; or the limit when that is nearer.  start is a first guess at a
 * distance where it has fallen little.
 */
static double
reach(const Centred *c, double direction, double limit, double start)
{
	double		d = fmin(8.0 * start, 700.0);

	while (d < limit && d < 700.0 &&
		   log_relative(c, direction * d) > -CUTOFF)
		d *= 1.5;
	while (log_relative(c, direction * d / 1.3) < -CUTOFF)
		d /= 1.3;
	return fmin(fmin(d, 700.0), limit);
}
