/*-------------------------------------------------------------------------
 *
 * probability.h
 *	  Distribution functions and quantiles that intervals, tests and values need:
 *	  normal, Student's t, beta.
 *
 * An argument outside a function's domain (a probability outside [0,1], a
 * parameter that is not positive, NaN) gives NaN.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_PROBABILITY_H
#define CRM_PROBABILITY_H

extern double crm_normal_cdf(double x);
extern double crm_normal_quantile(double p);

extern double crm_t_quantile(double p, double df);

extern double crm_beta_cdf(double x, double a, double b);
extern double crm_beta_quantile(double p, double a, double b);

#endif							/* CRM_PROBABILITY_H */
