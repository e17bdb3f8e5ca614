/*-------------------------------------------------------------------------
 *
 * beta_mean.h
 *	  Means of functions of a beta distributed probability.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_BETA_MEAN_H
#define CRM_BETA_MEAN_H

/* ln of a positive function of p in (0, 1); q is 1 - p, without rounding */
typedef double (*LogFn) (double p, double q, const void *arg);

extern double crm_beta_log_moment(double a, double b, double n);
extern double crm_beta_mean(double a, double b, LogFn log_fn, const void *arg,
							double rise_at_0, double rise_at_1);

#endif							/* CRM_BETA_MEAN_H */
