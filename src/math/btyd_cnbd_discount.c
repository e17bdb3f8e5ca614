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
 * where F is Gauss's hypergeometric function, from beta_stieltjes.c.  Left is the
 * mean over the rate's posterior, a mixture over j of gamma distributions: an
 * integral over ln l, by the trapezoidal rule, which converges exponentially there
 * (see beta_mean.c).
 *
 * With a horizon, the stage s comes by then with the probability Q(s) that a
 * Poisson variable of mean (l + delta) horizon is s or more, the clock of a
 * discounted process being l + delta: purchases are worth
 *
 *	  sum over n of m(n) y^(k (n + 1) - j) Q(k (n + 1) - j)
 *
 * Q is 1, to the last digit, up to a stage that is nine standard deviations below
 * the mean, so that these n are a sum over a beta-geometric distribution; after as
 * many above the mean it is 0.
 *
 * The trapezoidal rule's step.  Turning l by an angle in the complex plane
 * does to the terms of stage s what it does to a gamma density of shape p + s:
 * the step for such a density is right for all terms together.  Late stages
 * do not need it: after some multiple of k^2 stages the phase between two purchases
 * is uniform to exp(-2 pi^2 s / k^2), and what is left is as smooth in ln l as m.
 *
 * Where there are too many stages for that it is an integral over time, by parts,
 * of E[X(t)].
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/btyd_cnbd_stages.h"

#include <math.h>
#include <stdbool.h>

#include "src/math/beta_geometric.h"
#include "src/math/beta_mean.h"
#include "src/math/beta_stieltjes.h"
#include "src/math/expint.h"
#include "src/math/gammafn.h"
#include "src/math/host.h"
#include "src/math/quadrature.h"

/* What may be left out, relative to the sum; points on a side at most. */
#define NEGLIGIBLE 1e-17
#define MAX_SIDE 4000

/* After this many times k^2 stages the phase between purchases is uniform. */
#define UNIFORM_AFTER 4.0

/*
 * The stages that may or may not come by the horizon, 18 standard deviations
 * and some: a mean up to MAX_MEAN has room.
 */
#define WINDOW 8192
#define MAX_MEAN 180000.0
#define SURE 100.0				/* below this mean none is sure to come */

/* Beyond this discount a horizon is as good as none. */
#define NO_HORIZON 45.0

/* Enough for scales that differ by 8^18. */
#define MAX_BREAKS 20

#define PI 3.14159265358979323846264338328

/* What the integrand needs to know. */
typedef struct RateArg
{
	const CnbdLiving *c;
	int			n_hidden;
	double		u[BTYD_MAX_K];	/* P(J = j) */
	double		zeta;			/* delta over the rate parameter */
	double		centre;			/* the points are at centre * exp(d) */
	double		log_scale;		/* ln of the gamma density there */
	double		tau;			/* the horizon over the rate parameter; may be
								 * infinite */
	BetaNodes	nodes;			/* of the dropout probability, where tau is */
} RateArg;

typedef struct TimeArg
{
	const CnbdLiving *c;
	double		delta;
	double		scale;
} TimeArg;

static void poisson_tail(double mean, int first, int last, double *tail);
static double by_horizon(const RateArg *arg, double z, const double *weight);
static double integrand(const RateArg *arg, double d);
static double largest_rate(double centre);
static double rate_centre(const CnbdLiving *c, int n_hidden);
static bool stages_are_few(const CnbdLiving *c, double delta, double horizon);
static double mean_over_rate(const CnbdLiving *c, double delta,
							 double horizon);
static double discounted_purchases(double w, const void *arg);

/*
 * P(N >= s) for s = first .. last, N being Poisson distributed with that mean;
 * last is so far above it that what is beyond does not count.
 */
static void
poisson_tail(double mean, int first, int last, double *tail)
{
	int			mode = (int) fmin(fmax(floor(mean), first), last);
	double		sum = 0.0;

	/* single probabilities, from about the largest one to both sides */
	if (mode < 20)
		tail[mode - first] = exp(mode * log(mean) - mean -
								 crm_lgamma(mode + 1.0));
	else
		tail[mode - first] = exp(mode * crm_log1pmx((mean - mode) / mode) -
								 crm_stirling_correction(mode)) /
			sqrt(2.0 * PI * mode);
	for (int s = mode + 1; s <= last; s++)
		tail[s - first] = tail[s - 1 - first] * (mean / s);
	for (int s = mode - 1; s >= first; s--)
		tail[s - first] = tail[s + 1 - first] * ((s + 1) / mean);

	for (int s = last; s >= first; s--)
	{
		sum += tail[s - first];
		tail[s - first] = sum;
	}
}

/*
 * What purchases up to the horizon are worth, given the rate z / A of stages;
 * weight[j] is that of J = j, times the discount of the first purchase.
 */
static double
by_horizon(const RateArg *arg, double z, const double *weight)
{
	const CnbdLiving *c = arg->c;
	int			k = c->k;
	double		mean = (z + arg->zeta) * arg->tau;
	double		at_least = fmax(mean, k);
	double		delta = k * log1p(arg->zeta / z);	/* from purchase to
													 * purchase */
	double		shrink = exp(-delta);
	double		tail[WINDOW];
	double		value = 0.0;
	double		worth = 1.0;	/* m(n) y^(k n) */
	int			sure;			/* stages that will have come */
	int			last;			/* that may have */
	int			n = 0;

	sure = mean > SURE ? (int) (mean - 9.0 * sqrt(mean) - 5.0) : 0;
	last = (int) (at_least + 9.0 * sqrt(at_least) + 45.0);
	if (sure >= k)
	{
		double		sum = 0.0;

		n = sure / k;
		for (int j = 0; j < arg->n_hidden; j++)
			sum += weight[j];
		value = sum * (1.0 + crm_beta_geometric_sum(c->a, c->b, delta, n - 1.0));
		worth = exp(crm_beta_log_moment(c->a, c->b, n) - n * delta);
		if (worth * sum <= NEGLIGIBLE * value / (last - sure))
			return value;
	}

	poisson_tail(mean, sure + 1, last, tail);
	for (; k * n < last; n++)
	{
		double		sum = 0.0;

		for (int j = 0; j < arg->n_hidden; j++)
		{
			int			stage = k * (n + 1) - j;

			if (stage <= sure)
				sum += weight[j];
			else if (stage <= last)
				sum += weight[j] * tail[stage - sure - 1];
		}
		value += worth * sum;
		worth *= (c->b + n) / (c->a + c->b + n) * shrink;
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
	double		grow = expm1(d);
	double		z = arg->centre * (1.0 + grow); /* rate parameter times l */
	double		density = exp(arg->log_scale + c->shape * d - arg->centre * grow);
	double		y = z / (z + arg->zeta);
	double		y_power = 1.0;
	double		powers = 0.0;	/* 1 + y + .. + y^(k-1) */
	double		z_power = 1.0;	/* z^j over p (p + 1) .. (p + j - 1) */
	double		weight[BTYD_MAX_K];
	double		sum = 0.0;

	for (int j = 0; j < arg->n_hidden; j++)
	{
		weight[j] = arg->u[j] * z_power;
		z_power *= z / (c->shape + j);
	}
	for (int j = c->k - 1; j >= 0; j--)
	{
		powers += y_power;
		y_power *= y;
		if (j < arg->n_hidden)
		{
			weight[j] *= y_power;
			sum += weight[j];
		}
	}
	if (isinf(arg->tau))
		return density * sum *
			crm_beta_stieltjes(&arg->nodes, arg->zeta / (z + arg->zeta) * powers);
	if (!(density * sum > 0.0))
		return 0.0;
	crm_math_check_interrupts();
	return density * by_horizon(arg, z, weight);
}

/*
 * Where the largest values are, about, and beyond which rate there is nothing:
 * of z, the rate times the rate parameter.
 */
static double
rate_centre(const CnbdLiving *c, int n_hidden)
{
	return c->shape + 0.5 * (n_hidden - 1) + 1.0;
}

static double
largest_rate(double centre)
{
	return centre + 14.0 * sqrt(centre) + 70.0;
}

/*
 * Is there room for the stages that mean_over_rate() looks at, whatever the
 * rate?
 */
static bool
stages_are_few(const CnbdLiving *c, double delta, double horizon)
{
	double		A = c->rate + c->idle;

	return (largest_rate(rate_centre(c, c->k)) + delta * A) * (horizon / A) <
		MAX_MEAN;
}

/*
 * The mean over the rate, delta > 0.  The horizon is infinite, or
 * stages_are_few().
 */
static double
mean_over_rate(const CnbdLiving *c, double delta, double horizon)
{
	double		A = c->rate + c->idle;
	RateArg		arg = {.c = c,.zeta = delta * A,.tau = horizon / A};
	double		shape = c->shape;
	double		most;			/* the largest rate that matters */
	double		stages = 0.0;	/* that the step must be fit for */
	double		h;
	double		sum;

	arg.n_hidden = crm_cnbd_hidden_stages(c, arg.u);
	arg.centre = rate_centre(c, arg.n_hidden);
	if (arg.centre < 100.0)
		arg.log_scale = shape * log(arg.centre) - arg.centre - crm_lgamma(shape);
	else
	{
		double		off = (arg.centre - shape) / shape;

		/* centre = shape (1 + off) */
		arg.log_scale = shape * crm_log1pmx(off) +
			0.5 * log(shape / (2.0 * PI)) - crm_stirling_correction(shape);
	}

	most = largest_rate(arg.centre);
	if (isinf(horizon))
		crm_beta_nodes(&arg.nodes, c->a, c->b,
					   -expm1(-c->k * log1p(arg.zeta / most)));
	else
	{
		double		mean = (shape + c->k) * arg.tau;

		stages = c->k + fmin(mean + 4.0 * sqrt(mean * (1.0 + arg.tau)),
							 UNIFORM_AFTER * c->k * c->k);
	}
	h = crm_trapezoid_step(shape + arg.n_hidden + stages, INFINITY);

	sum = integrand(&arg, 0.0);
	for (int side = 0; side < 2; side++)
	{
		double		last = 0.0;
		double		top = side == 0 ? INFINITY : log(most / arg.centre);

		for (int i = 1; i < MAX_SIDE && i * h < top; i++)
		{
			double		term = integrand(&arg, side == 0 ? -i * h : i * h);

			sum += term;
			if (term < NEGLIGIBLE * sum && term <= last)
				break;
			last = term;
		}
	}
	return sum * h;
}

/*
 * delta exp(-delta t) E[X(t)] over w = ln(1 + t / scale)
 */
static double
discounted_purchases(double w, const void *arg)
{
	const TimeArg *a = arg;
	double		t = a->scale * expm1(w);

	crm_math_check_interrupts();
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
		return mean_over_rate(c, delta, INFINITY);
	if (stages_are_few(c, delta, horizon))
		return mean_over_rate(c, delta, horizon);

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
