/*-------------------------------------------------------------------------
 *
 * expint.h
 *	  The generalized exponential integral of real order, and the discounted
 *	  integral of a power over a finite or infinite horizon.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_EXPINT_H
#define CRM_EXPINT_H

/* expm1(z) / z, 1 at 0: the integral of exp(z v) over v from 0 to 1 */
extern double crm_phi1(double z);

/* log1p(t / beta), whatever the scale of the two */
extern double crm_log1p_ratio(double t, double beta);

/* exp(z) E_s(z): the integral of exp(-z v) (1+v)^-s over v >= 0 */
extern double crm_expint_scaled(double s, double z);

/* the integral of exp(-z v) (1+v)^-s over v from 0 to h, h may be infinite */
extern double crm_discounted_power(double s, double z, double h);

#endif							/* CRM_EXPINT_H */
