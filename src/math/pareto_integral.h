/*-------------------------------------------------------------------------
 *
 * pareto_integral.h
 *	  The plan by which the Pareto/NBD integral is cut into panels, shared by
 *	  one customer's likelihood and by the sums of the fit.
 *
 * The integral over y from t_x to T of
 *		((alpha + y) / (alpha + t_x))^-P ((beta + y) / (beta + t_x))^-S
 * becomes, with m = min(alpha, beta), M = max(alpha, beta) and
 * w = ln((m + y) / (m + t_x)),
 *		(m + t_x) * integral over w from 0 to W of exp(-c1 w - c2 ln v(w)),
 *		v(w) = (M + y) / (M + t_x) = 1 + q (e^w - 1),
 *		q = (m + t_x) / (M + t_x) <= 1,
 * where c1 + 1 is the exponent that belongs to m, and c2 the one that belongs to
 * M.  The integrand starts at 1; the logarithm of it is concave, its slope is
 * -(c1 + c2 u) with u = q e^w / v rising from q to at most 1, and it is analytic
 * within pi of the real axis.  Hence a Gauss-Legendre rule on a panel of a few
 * units of w needs a number of nodes that depends only on the panel's width and
 * on how far the logarithm falls within it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_PARETO_INTEGRAL_H
#define CRM_PARETO_INTEGRAL_H

#include <math.h>
#include <stdbool.h>

#include "src/math/gauss_legendre.h"
#include "src/math/vec2.h"

/* Panels are not wider than this in w ... */
#define PARETO_PANEL_WIDTH 2.5

/* ... and the logarithm of the integrand falls no more than this in one. */
#define PARETO_PANEL_FALL 40.0

/*
 * Up to this exponent, log(1 + q (exp(w) - 1)) times the exponent has an error
 * of 1e-14 at most; log1p() and expm1() are needed above it.
 */
#define PARETO_FAST_EXPONENT 64.0

/* The integrand at a panel's nodes, in pairs */
typedef struct ParetoNodes
{
	int			n_pairs;
	Vec2		w[GAUSS_LEGENDRE_MAX / 2];
	Vec2		em[GAUSS_LEGENDRE_MAX / 2]; /* e^w - 1 */
	Vec2		v[GAUSS_LEGENDRE_MAX / 2];	/* 1 + q (e^w - 1) */
	Vec2		log_v[GAUSS_LEGENDRE_MAX / 2];
	Vec2		f[GAUSS_LEGENDRE_MAX / 2];	/* weight times integrand */
} ParetoNodes;

/*
 * The rule for a panel of width h in which the logarithm changes by up to k.
 * The formulas were found by experiment over c1, c2 and q: the least numbers of
 * nodes that keep the relative error of the integral under 1e-14 (fine) or under
 * 3e-12; the second moments, which the fit needs, are within three times that.
 * The number is made even, as nodes are taken in pairs.
 */
static inline const GaussRule *
pareto_rule(double k, double h, bool fine)
{
	double		width;
	int			n;

	if (fine)
	{
		width = h * (1.9 - 0.12 * k);
		n = (int) (4.4 + 2.6 * sqrt(k) + (width > 0 ? width : 0));
	}
	else
	{
		width = h * (1.1 - 0.1 * k);
		n = (int) (4.4 + 2.2 * sqrt(k) + (width > 0 ? width : 0));
	}
	return crm_gauss_legendre((n + 1) & ~1);
}

/*
 * The integrand at the nodes of the panel from lo to lo + h.  fast: c2 does not
 * exceed PARETO_FAST_EXPONENT.
 */
static inline void
pareto_nodes(double c1, double c2, double q, double lo, double h,
			 const GaussRule *rule, bool fast, ParetoNodes *nodes)
{
	int			i;

	nodes->n_pairs = rule->n / 2;
	for (i = 0; i < nodes->n_pairs; i++)
	{
		Vec2		weight = vec2(rule->weight[2 * i], rule->weight[2 * i + 1]);
		Vec2		w = vec2_all(lo) +
			vec2_all(h) * vec2(rule->node[2 * i], rule->node[2 * i + 1]);
		Vec2		em,
					v,
					log_v;

		if (fast)
		{
			em = vec2_exp(w) - vec2_all(1.0);
			v = vec2_all(1.0) + vec2_all(q) * em;
			log_v = vec2_log(v);
		}
		else
		{
			em = vec2(expm1(w[0]), expm1(w[1]));
			v = vec2_all(1.0) + vec2_all(q) * em;
			log_v = vec2(log1p(q * em[0]), log1p(q * em[1]));
		}
		nodes->w[i] = w;
		nodes->em[i] = em;
		nodes->v[i] = v;
		nodes->log_v[i] = log_v;
		nodes->f[i] = weight *
			vec2_exp(-vec2_all(c1) * w - vec2_all(c2) * log_v);
	}
}

#endif							/* CRM_PARETO_INTEGRAL_H */
