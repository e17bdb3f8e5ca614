/*-------------------------------------------------------------------------
 *
 * btyd_cnbd_discount.c
 *	  What a living BG/CNBD-k customer will buy, discounted.
 *
 * Given the rate of stages l, a stage is discounted by y = l / (l + delta), the
 * next purchase by y^(k-j) with j stages passed, and each one after that by y^k
 * more.  With m(n) = E[(1 - dropout)^n], dropout ~ Beta(a, b), all purchases ever
 * are worth
 *
 *	  y^(k-j) sum over n of m(n) y^(k n) = y^(k-j) F(1, b; a + b; y^k)
 *
 * where F is Gauss's hypergeometric function.  Left is the mean over the rate's
 * posterior, a mixture over j of gamma distributions: an integral over ln l, by
 * the trapezoidal rule, which converges exponentially there (see beta_mean.c).
 *
 * With a horizon it is an integral over time, by parts, of E[X(t)].
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/btyd_cnbd_stages.h"

#include <math.h>

#include "src/math/beta_mean.h"
#include "src/math/expint.h"
#include "src/math/gammafn.h"
#include "src/math/quadrature.h"

/*
 * First step in ln l, at most and in widths of the distribution.  By the rates of
 * convergence for a gamma function, exp(-pi^2 / step), and for a normal density,
 * exp(-2 (pi / step)^2), half of it leaves an error of 1e-12 or less.
 */
#define FIRST_STEP 0.6
#define STEP_PER_WIDTH 1.0

/* The finer of two steps that differ by less is good to the square of that. */
#define STEP_TOL 1e-6
#define MAX_HALVINGS 5

/* Points on a side at most; 40 are usual. */
#define MAX_SIDE 400

/*
 * Up to 1 - w of this F(1, b; c; w) is computed as a mean, beyond it as a
 * continued fraction, whose steps are proportional to (1 - w)^-1/2.
 */
#define FRACTION_MIN_REST 1e-3
#define FRACTION_MAX_STEPS 2000

/* Beyond this discount a horizon is as good as none. */
#define NO_HORIZON 45.0

/* Enough for scales that differ by 8^18. */
#define MAX_BREAKS 20

/* What the integrand needs to know. */
typedef struct RateArg
{
	const CnbdLiving *c;
	int			n_hidden;
	double		u[BTYD_MAX_K];	/* P(J = j) */
	double		zeta;			/* delta over the rate parameter */
	double		centre;			/* the points are at centre * exp(d) */
	double		log_scale;		/* ln of the gamma density there */
} RateArg;

typedef struct TimeArg
{
	const CnbdLiving *c;
	double		delta;
	double		scale;
} TimeArg;

static double log_of_survivors(double p, double q, const void *arg);
static double hypergeometric(double a, double b, double rest);
static double integrand(const RateArg *arg, double d);
static double discounted_for_ever(const CnbdLiving *c, double delta);
static double discounted_purchases(double w, const void *arg);

/* LogFn: ln of the sum over n of ((1 - p) w)^n, *arg being 1 - w */
static double
log_of_survivors(double p, double q, const void *arg)
{
	double		rest = *(const double *) arg;

	return -log(rest * q + p);
}

/*
 * F(1, b; a + b; w), w = 1 - rest, 0 < rest <= 1: the mean of 1 / (1 - (1-p) w)
 * over p ~ Beta(a, b).  Gauss's continued fraction, by Steed's forward algorithm;
 * all of its coefficients have one sign.
 */
static double
hypergeometric(double a, double b, double rest)
{
	double		w = 1.0 - rest;
	double		c = a + b;
	double		d = 1.0;
	double		step = 1.0;
	double		value = 1.0;

	if (rest < FRACTION_MIN_REST)
		return crm_beta_mean(a, b, log_of_survivors, &rest, 1.0 / rest, 2.0);

	for (int n = 1; n < FRACTION_MAX_STEPS; n++)
	{
		int			m = n / 2;
		double		coefficient;

		if (n == 1)
			coefficient = b / c;
		else if (n % 2 == 1)
			coefficient = (b + m) * (c - 1.0 + m) /
				((c - 1.0 + 2.0 * m) * (c + 2.0 * m));
		else
			coefficient = m * (a - 1.0 + m) /
				((c - 2.0 + 2.0 * m) * (c - 1.0 + 2.0 * m));
		d = 1.0 / (1.0 - coefficient * w * d);
		step *= d - 1.0;
		value += step;
		if (fabs(step) <= 1e-16 * value)
			break;
	}
	return value;
}

/*
 * The gamma density of the rate, mixed over j, times the value, per unit of d.
 */
static double
integrand(const RateArg *arg, double d)
{
	const CnbdLiving *c = arg->c;
	double		z = arg->centre * exp(d);	/* rate parameter times l */
	double		ratio = arg->zeta / z;
	double		rest = -expm1(-c->k * log1p(ratio));	/* 1 - y^k */
	double		power = 1.0;
	double		sum = 0.0;

	for (int j = 0; j < arg->n_hidden; j++)
	{
		sum += arg->u[j] * power;
		power *= (z + arg->zeta) / (c->shape + j);	/* z / y over shape + j */
	}
	return sum * hypergeometric(c->a, c->b, rest) *
		exp(arg->log_scale + c->shape * d - arg->centre * expm1(d)
			- c->k * log1p(ratio));
}

/*
 * Without a horizon, delta > 0.
 */
static double
discounted_for_ever(const CnbdLiving *c, double delta)
{
	RateArg		arg = {.c = c,.zeta = delta * (c->rate + c->idle)};
	double		h;
	double		sum;
	double		result = 0.0;
	int			n_side[2];

	arg.n_hidden = crm_cnbd_hidden_stages(c, arg.u);

	/* about where the largest values are */
	arg.centre = c->shape + 0.5 * (arg.n_hidden - 1) + 1.0;
	if (arg.centre < 100.0)
		arg.log_scale = c->shape * log(arg.centre) - arg.centre -
			crm_lgamma(c->shape);
	else
	{
		double		off = (arg.centre - c->shape) / c->shape;

		/* centre = shape (1 + off) */
		arg.log_scale = c->shape * crm_log1pmx(off) +
			0.5 * log(c->shape / (8.0 * atan(1.0))) -
			crm_stirling_correction(c->shape);
	}
	h = fmin(FIRST_STEP, STEP_PER_WIDTH / sqrt(arg.centre));

	sum = integrand(&arg, 0.0);
	for (int side = 0; side < 2; side++)
	{
		double		sign = side == 0 ? -1.0 : 1.0;
		double		last = 0.0;
		int			i;

		for (i = 1; i < MAX_SIDE; i++)
		{
			double		term = integrand(&arg, sign * i * h);

			sum += term;
			if (term < 1e-17 * sum && term <= last)
				break;
			last = term;
		}
		n_side[side] = i;
	}

	for (int halving = 0;; halving++)
	{
		double		previous = result;

		result = sum * h;
		if (halving > 0 && (fabs(result - previous) <= STEP_TOL * result ||
							halving == MAX_HALVINGS))
			return result;

		/* the points half way between those there are */
		h *= 0.5;
		n_side[0] *= 2;
		n_side[1] *= 2;
		for (int i = 1 - n_side[0]; i < n_side[1]; i += 2)
			sum += integrand(&arg, i * h);
	}
}

/*
 * delta exp(-delta t) E[X(t)] over w = ln(1 + t / scale)
 */
static double
discounted_purchases(double w, const void *arg)
{
	const TimeArg *a = arg;
	double		t = a->scale * expm1(w);

	return a->delta * exp(-a->delta * t) * crm_cnbd_living_purchases(a->c, t) *
		(a->scale + t);
}

double
crm_cnbd_living_discounted(const CnbdLiving *c, double delta, double horizon)
{
	TimeArg		arg = {.c = c,.delta = delta,.scale = c->rate + c->idle};
	double		breaks[MAX_BREAKS];
	double		top;
	int			n;

	if (horizon <= 0.0)
		return 0.0;
	if (delta <= 0.0 && isinf(horizon))
		return c->a > 1.0 ? 1.0 + c->b / (c->a - 1.0) : INFINITY;
	if (delta <= 0.0)
		return crm_cnbd_living_purchases(c, horizon);
	if (delta * horizon > NO_HORIZON)
		return discounted_for_ever(c, delta);

	/* the integrand's scales run from that of a purchase to the horizon */
	top = crm_log1p_ratio(horizon, arg.scale);
	breaks[0] = 0.0;
	breaks[1] = fmin(top, 1.0 / (c->shape + c->k + delta * arg.scale));
	for (n = 2; n < MAX_BREAKS - 1 && 10.0 * breaks[n - 1] < top; n++)
		breaks[n] = 8.0 * breaks[n - 1];
	breaks[n++] = top;
	return exp(-delta * horizon) * crm_cnbd_living_purchases(c, horizon) +
		crm_integrate(discounted_purchases, &arg, breaks, n, 1e-13);
}
