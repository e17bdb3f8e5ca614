/*-------------------------------------------------------------------------
 *
 * quadrature.h
 *	  Adaptive Gauss-Kronrod integration over a finite interval.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_QUADRATURE_H
#define CRM_QUADRATURE_H

typedef double (*QuadratureFn) (double x, const void *arg);

extern double crm_integrate(QuadratureFn fn, const void *arg,
							const double *breaks, int n_breaks,
							double rel_tol);

#endif							/* CRM_QUADRATURE_H */
