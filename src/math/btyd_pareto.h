/*-------------------------------------------------------------------------
 *
 * btyd_pareto.h
 *	  The Pareto/NBD model's own functions: one customer's likelihood,
 *	  and the sums of many.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_BTYD_PARETO_H
#define CRM_BTYD_PARETO_H

#include "src/math/fit_sums.h"

/*
 * ln I, where P(alive at T | x, t_x, T) = 1 / (1 + I): the log odds that the
 * customer has dropped out.  -infinity where t_x = T.
 */
extern double crm_pareto_log_i(double r, double alpha, double s, double beta,
							   double x, double t_x, double T);

/* ln of the likelihood of one history, v = r, alpha, s, beta */
extern double crm_pareto_log_likelihood(const double *v, double x, double t_x,
										double T);

/*
 * Add the terms of n rows (at most FIT_BLOCK) that depend on more than x, and
 * those that depend on x alone: btyd_pareto_sums.c
 */
extern void crm_pareto_add_rows(const double *v, const BtydRow *rows, size_t n,
								FitSums *sums);
extern void crm_pareto_add_counts(const double *v, const XCounts *counts,
								  FitSums *sums);

#endif							/* CRM_BTYD_PARETO_H */
