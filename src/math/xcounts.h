/*-------------------------------------------------------------------------
 *
 * xcounts.h
 *	  How many customers made x purchases, for each x that occurs.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_XCOUNTS_H
#define CRM_XCOUNTS_H

#include <stddef.h>

#include "src/math/btyd.h"

typedef struct XCounts
{
	size_t		n;
	double	   *x;				/* ascending, whole, >= 0 */
	double	   *weight;			/* customers with exactly x[i] */
	double	   *at_least;		/* customers with x[i] or more */
} XCounts;

/*
 * x and weight are read from n rows, row i at x_base + i * stride and
 * weight_base + i * stride bytes.  Memory is from host; free it with
 * crm_xcounts_free.
 */
extern void crm_xcounts_build(XCounts *counts, const double *x_base,
							  const double *weight_base, size_t stride,
							  size_t n, const MathHost *host);
extern void crm_xcounts_free(XCounts *counts, const MathHost *host);

/*
 * The sums over customers of f(z + x + extra) - f(z) for f = ln Gamma, digamma,
 * trigamma, in sums[0 .. 2]; extra is whole, >= 0.
 */
extern void crm_xcounts_gamma_sums(const XCounts *counts, double z,
								   double extra, double *sums);

/* The same with times * x for x; times is whole, > 0. */
extern void crm_xcounts_multiple_gamma_sums(const XCounts *counts, double times,
											double z, double extra,
											double *sums);

#endif							/* CRM_XCOUNTS_H */
