/*-------------------------------------------------------------------------
 *
 * btyd_living.h
 *	  The future of a customer known to be alive, by model.
 *
 * "Living" is a customer who has not dropped out at the time the prediction
 * starts from, with parameters that already hold what the history tells: the
 * distribution is that of a new customer with these parameters.  In all
 * functions t >= 0 is the time from the start of the prediction.
 *
 *	  survival		P(still alive at t)
 *	  purchases		E[number of purchases X by t]
 *	  variance		of X
 *	  discounted	E[sum of exp(-delta * time) over purchases by the horizon,
 *					which may be infinite]
 *	  pmf			P(X = n), n whole, >= 0
 *	  upper_tail	P(X > n)
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_BTYD_LIVING_H
#define CRM_BTYD_LIVING_H

/* Pareto/NBD: v = r, alpha, s, beta */
extern double crm_pareto_living_survival(const double *v, double t);
extern double crm_pareto_living_purchases(const double *v, double t);
extern double crm_pareto_living_variance(const double *v, double t);
extern double crm_pareto_living_discounted(const double *v, double delta,
										   double horizon);
extern double crm_pareto_living_pmf(const double *v, double t, double n);
extern double crm_pareto_living_upper_tail(const double *v, double t, double n);

/* BG/NBD, also the MBG/NBD's living: v = r, alpha, a, b */
extern double crm_bg_living_survival(const double *v, double t);
extern double crm_bg_living_purchases(const double *v, double t);
extern double crm_bg_living_variance(const double *v, double t);
extern double crm_bg_living_discounted(const double *v, double delta,
									   double horizon);
extern double crm_bg_living_pmf(const double *v, double t, double n);
extern double crm_bg_living_upper_tail(const double *v, double t, double n);

/* E[X (X - 1) | dropout probability p] / (2 (1 - p)), tau = t / alpha */
extern double crm_bg_pairs_given_p(double r, double tau, double p);

/* BG/BB: v = alpha, beta, gamma, delta; t counts opportunities */
extern double crm_bgbb_living_survival(const double *v, double t);
extern double crm_bgbb_living_purchases(const double *v, double t);
extern double crm_bgbb_living_variance(const double *v, double t);
extern double crm_bgbb_living_discounted(const double *v, double delta,
										 double horizon);
extern double crm_bgbb_living_pmf(const double *v, double t, double n);
extern double crm_bgbb_living_upper_tail(const double *v, double t, double n);

#endif							/* CRM_BTYD_LIVING_H */
