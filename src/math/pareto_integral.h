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

/* Panels are not wider than this in w ... */
#define PARETO_PANEL_WIDTH 2.5

/* ... and the logarithm of the integrand falls no more than this in one. */
#define PARETO_PANEL_FALL 40.0

/*
 * Up to this exponent, log(1 + q (exp(w) - 1)) times the exponent has an error
 * of 1e-14 at most; log1p() and expm1() are needed above it.
 */
#define PARETO_FAST_EXPONENT 64.0

/*
 * Nodes for a panel of width h in which the logarithm changes by up to k.
 * Found by experiment over c1, c2 and q, the least that keep the relative error
 * of the integral under 1e-14 (fine) or under 3e-12; the second moments, which
 * the fit needs, are within three times that.
 */
static inline int
pareto_nodes(double k, double h, bool fine)
{
	double		width;

	if (fine)
	{
		width = h * (1.9 - 0.12 * k);
		return (int) (4.4 + 2.6 * sqrt(k) + (width > 0 ? width : 0));
	}
	width = h * (1.1 - 0.1 * k);
	return (int) (4.4 + 2.2 * sqrt(k) + (width > 0 ? width : 0));
}

#endif							/* CRM_PARETO_INTEGRAL_H */
