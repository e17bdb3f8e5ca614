/*-------------------------------------------------------------------------
 *
 * btyd_pareto.h
 *	  The Pareto/NBD model's own functions: one customer's likelihood.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_BTYD_PARETO_H
#define CRM_BTYD_PARETO_H

/*
 * ln I, where P(alive at T | x, t_x, T) = 1 / (1 + I): the log odds that the
 * customer has dropped out.  -infinity where t_x = T.
 */
extern double crm_pareto_log_i(double r, double alpha, double s, double beta,
							   double x, double t_x, double T);

/* ln of the likelihood of one history, v = r, alpha, s, beta */
extern double crm_pareto_log_likelihood(const double *v, double x, double t_x,
										double T);

#endif							/* CRM_BTYD_PARETO_H */
