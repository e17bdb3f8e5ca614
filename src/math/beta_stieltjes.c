/*-------------------------------------------------------------------------
 *
 * beta_stieltjes.c
 *	  Means of 1 / (p + eps (1 - p)) of a beta distributed probability p, for many
 *	  eps.
 *
 * With p the probability of dropping out after a purchase and each purchase
 * discounted by w = 1 - eps over the one before, this is what all purchases to
 * come are worth: the sum over n of E[(1-p)^n] w^n, Gauss's hypergeometric
 * function F(1, b; a + b; w).  Discounted purchases need it for some dozens of
 * eps (btyd_cnbd_discount.c), between 0 and 1 and often near 0, where its power
 * series and continued fractions are slow.
 *
 * As in beta_mean.c, the trapezoidal rule over ln(p / (1-p)).  The points and
 * weights do not depend on eps, so that each eps costs one division a point.
 * With o = p / (1-p) and weights w(o) = o^a (1+o)^-(a+b) / B(a, b), the terms are
 *
 *	  w(o) (1 + o) / (o + eps)
 *
 * and beyond an end where o is small to 1 and to eps, or 1/o to 1, they are
 * geometric series times a power series, of which a few terms are kept.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/beta_stieltjes.h"

#include <math.h>
#include <stdbool.h>

#include "src/math/gammafn.h"

/*
 * The step: the transform of the weight at the frequency f = 2 pi / step, which is
 * the error of the rule, is about exp(-32) of the weight's integral.  It is
 * |Gamma(a + i f) Gamma(b - i f)| / (Gamma(a) Gamma(b)).
 */
#define LOG_STEP_ERROR -32.0
#define PI 3.14159265358979323846264338328

/* Where a tail becomes a series: this to the power of BETA_END_TERMS is 1e-15. */
#define SERIES_MAX_ODDS 3e-3

/* Up to this a + b the weight can be computed the simple way. */
#define PLAIN_MAX 50.0

/* What may be left out, relative to the weight's largest value. */
#define NEGLIGIBLE 1e-17

/* The weight over its value at the centre, by the logit's distance from there */
typedef struct Centred
{
	double		a;
	double		b;
	double		p0;				/* a / (a + b) */
	double		q0;
} Centred;

static double log_transform(double s, double f);
static double log_weight(const Centred *c, double d);
static void set_end(BetaNodes *nodes, int side, double rate, double odds,
					double weight);
static double beyond(const BetaNodes *nodes, int side, double eps);

/*
 * About ln |Gamma(s + i f) / Gamma(s)|, by Stirling's formula; for s < 1 that
 * of s = 1, which is larger.
 */
static double
log_transform(double s, double f)
{
	s = fmax(s, 1.0);
	return 0.5 * (s - 0.5) * log1p(f * f / (s * s)) - f * atan(f / s);
}

/*
 * crm_trapezoid_step
 *
 * The step of the trapezoidal rule over ln(p / (1-p)), p ~ Beta(a, b), or, b being
 * infinite, over the logarithm of a rate with a gamma distribution of shape a.
 */
double
crm_trapezoid_step(double a, double b)
{
	double		kappa = isinf(b) ? a : a / (a + b) * b;
	double		f = sqrt(100.0 + 50.0 * kappa);

	/* the logarithm is nearly a straight line, concave */
	for (int i = 0; i < 3; i++)
	{
		double		slope = atan(f / fmax(a, 1.0));
		double		value = log_transform(a, f);

		if (!isinf(b))
		{
			slope += atan(f / fmax(b, 1.0));
			value += log_transform(b, f);
		}
		f += (value - LOG_STEP_ERROR) / slope;
	}
	return 2.0 * PI / f;
}

/*
 * As in beta_mean.c, where the arrangement is explained.
 */
static double
log_weight(const Centred *c, double d)
{
	double		grow = expm1(d);
	double		shrink = fabs(d) > 1.0 ? -expm1(-d) : grow / (1.0 + grow);

	return -c->a * log1p(-c->q0 * shrink) - c->b * log1p(c->p0 * grow);
}

/*
 * What is beyond an end with these odds, p / (1-p) or its inverse: the sums over
 * i >= 1 of exp(-(rate + m) step i), times the m-th term of (1 + odds)^(1-a-b).
 */
static void
set_end(BetaNodes *nodes, int side, double rate, double odds, double weight)
{
	double		c = 1.0 - (nodes->a + nodes->b);
	double		term = weight * exp((nodes->a + nodes->b) * log1p(odds));
	double		shrink = exp(-nodes->step);

	/* 1 - exp(-(rate + m) step) */
	double		less = -expm1(-rate * nodes->step);

	nodes->end_odds[side] = odds;
	for (int m = 0; m < BETA_END_TERMS; m++)
	{
		nodes->end_coefficient[side][m] = term;
		nodes->end_sum[side][m] = (1.0 - less) / less;
		term *= (c - m) / (m + 1) * odds;
		less = 1.0 - (1.0 - less) * shrink;
	}
}

/*
 * crm_beta_nodes
 *
 * Prepare the rule for p ~ Beta(a, b) and any eps from eps_min to 1, 0 < eps_min.
 */
void
crm_beta_nodes(BetaNodes *nodes, double a, double b, double eps_min)
{
	Centred		c = {a, b, a / (a + b), b / (a + b)};
	double		centre = exp(crm_log_beta_kernel(a, b, a, b));
	double		odds0 = a / b;

	nodes->a = a;
	nodes->b = b;
	nodes->step = crm_trapezoid_step(a, b);
	nodes->odds[0] = odds0;
	nodes->weight[0] = centre * nodes->step * (1.0 + odds0);
	nodes->n = 1;
	nodes->end_odds[0] = nodes->end_odds[1] = 0.0;

	for (int side = 0; side < 2; side++)
	{
		double		sign = side == 0 ? -1.0 : 1.0;
		double		rate = side == 0 ? a : b;
		double		series = SERIES_MAX_ODDS /
			(1.0 + a + b + (side == 0 ? 1.0 / eps_min : 0.0));
		double		ratio = exp(sign * nodes->step);
		double		odds = odds0;

		for (int i = 1; nodes->n < BETA_NODES_MAX; i++)
		{
			double		d = sign * i * nodes->step;
			double		weight;
			double		small;

			odds *= ratio;
			weight = exp(a + b < PLAIN_MAX ?
						 a * d - (a + b) * log((1.0 + odds) / (1.0 + odds0)) :
						 log_weight(&c, d));
			small = side == 0 ? odds : 1.0 / odds;

			nodes->odds[nodes->n] = odds;
			nodes->weight[nodes->n] = centre * nodes->step * weight * (1.0 + odds);
			nodes->n++;

			/* to the left the function may rise like 1 / p */
			if (weight * (side == 0 ? 1.0 + odds0 / odds : 1.0) < NEGLIGIBLE)
				break;
			if (small < series)
			{
				set_end(nodes, side, rate, small, centre * nodes->step * weight);
				break;
			}
		}
	}
}

/*
 * What is beyond an end: the power series of
 *	  left:	 1/eps (1 + o)^(1-a-b) (1 + o / eps)^-1
 *	  right: (1 + 1/o)^(1-a-b) (1 + eps / o)^-1
 * each of whose powers is a geometric series over the points beyond.
 */
static double
beyond(const BetaNodes *nodes, int side, double eps)
{
	double		e = side == 0 ? 1.0 / eps : eps;
	double		x = e * nodes->end_odds[side];
	double		term = 0.0;
	double		sum = 0.0;

	if (nodes->end_odds[side] == 0.0)
		return 0.0;
	for (int m = 0; m < BETA_END_TERMS; m++)
	{
		term = nodes->end_coefficient[side][m] - x * term;
		sum += term * nodes->end_sum[side][m];
	}
	return side == 0 ? e * sum : sum;
}

/*
 * crm_beta_stieltjes
 *
 * E[1 / (p + eps (1 - p))], eps from the nodes' eps_min to 1.
 */
double
crm_beta_stieltjes(const BetaNodes *nodes, double eps)
{
	const double *o = nodes->odds;
	const double *w = nodes->weight;
	double		sum = 0.0;
	int			i;

	/* one division for two points */
	for (i = 0; i + 1 < nodes->n; i += 2)
	{
		double		d1 = o[i] + eps;
		double		d2 = o[i + 1] + eps;

		sum += (w[i] * d2 + w[i + 1] * d1) / (d1 * d2);
	}
	if (i < nodes->n)
		sum += w[i] / (o[i] + eps);
	return sum + beyond(nodes, 0, eps) + beyond(nodes, 1, eps);
}
