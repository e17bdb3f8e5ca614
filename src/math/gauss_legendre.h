/*-------------------------------------------------------------------------
 *
 * gauss_legendre.h
 *	  Gauss-Legendre rules on the interval [0, 1].
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_GAUSS_LEGENDRE_H
#define CRM_GAUSS_LEGENDRE_H

#define GAUSS_LEGENDRE_MAX 32

/*
 * The integral of f from lo to lo + h is close to
 * h * sum of weight[i] * f(lo + h * node[i]), i = 0 .. n - 1; it is exact for
 * polynomials of degree 2 n - 1.  Nodes ascend; the weights add up to 1.
 */
typedef struct GaussRule
{
	int			n;
	const double *node;
	const double *weight;
} GaussRule;

/*
 * The smallest rule with at least n nodes: there are rules with 2 to 16, 18,
 * 20, 24, 28 and 32 nodes (32 for any larger n).
 */
extern const GaussRule *crm_gauss_legendre(int n);

#endif							/* CRM_GAUSS_LEGENDRE_H */
