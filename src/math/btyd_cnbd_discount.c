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
 * With a horizon it is an integral over time, by parts, of E[X(t)].
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/btyd_cnbd_stages.h"

#include <math.h>

#include "src/math/beta_stieltjes.h"
#include "src/math/expint.h"
#include "src/math/gammafn.h"
#include "src/math/quadrature.h"

/* What may be left out, relative to the sum; points on a side at most. */
#define NEGLIGIBLE 1e-17
#define MAX_SIDE 400

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
	BetaNodes	nodes;			/* of the dropout probability */
} RateArg;

typedef struct TimeArg
{
	const CnbdLiving *c;
	double		delta;
	double		scale;
} TimeArg;

static double integrand(const RateArg *arg, double d);
static double discounted_for_ever(const CnbdLiving *c, double delta);
static double discounted_purchases(double w, const void *arg);

/*
 * The gamma density of the rate, mixed over j, times the value, per unit of d.
 */
static double
integrand(const RateArg *arg, double d)
{
	const CnbdLiving *c = arg->c;
	double		grow = expm1(d);
	double		z = arg->centre * (1.0 + grow); /* rate parameter times l */
	double		y = z / (z + arg->zeta);
	double		y_k = y;
	double		powers = 1.0;	/* 1 + y + .. + y^(k-1) */
	double		power = 1.0;
	double		sum = 0.0;

	for (int i = 1; i < c->k; i++)
	{
		powers += y_k;
		y_k *= y;
	}
	for (int j = 0; j < arg->n_hidden; j++)
	{
		sum += arg->u[j] * power;
		power *= (z + arg->zeta) / (c->shape + j);	/* z / y over shape + j */
	}
	return sum * y_k *
		crm_beta_stieltjes(&arg->nodes, arg->zeta / (z + arg->zeta) * powers) *
		exp(arg->log_scale + c->shape * d - arg->centre * grow);
}

/*
 * Without a horizon, delta > 0.
 */
static double
discounted_for_ever(const CnbdLiving *c, double delta)
{
	RateArg		arg = {.c = c,.zeta = delta * (c->rate + c->idle)};
	double		shape = c->shape;
	double		most;			/* the largest rate that matters */
	double		h;
	double		sum;

	arg.n_hidden = crm_cnbd_hidden_stages(c, arg.u);

	/* about where the largest values are */
	arg.centre = shape + 0.5 * (arg.n_hidden - 1) + 1.0;
	if (arg.centre < 100.0)
		arg.log_scale = shape * log(arg.centre) - arg.centre - crm_lgamma(shape);
	else
	{
		double		off = (arg.centre - shape) / shape;

		/* centre = shape (1 + off) */
		arg.log_scale = shape * crm_log1pmx(off) +
			0.5 * log(shape / (2.0 * PI)) - crm_stirling_correction(shape);
	}
	h = crm_trapezoid_step(shape + arg.n_hidden, INFINITY);

	most = arg.centre + 14.0 * sqrt(arg.centre) + 70.0;
	crm_beta_nodes(&arg.nodes, c->a, c->b,
				   -expm1(-c->k * log1p(arg.zeta / most)));

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
