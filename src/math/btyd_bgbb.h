/*-------------------------------------------------------------------------
 *
 * btyd_bgbb.h
 *	  The BG/BB model's own functions.
 *
 * Time is counted in opportunities to buy, 1, 2, ... after the first purchase;
 * a history is x purchases, the last one at opportunity t_x, seen until
 * opportunity T.  All three are whole, x <= t_x <= T <= BTYD_MAX_OPPORTUNITIES.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_BTYD_BGBB_H
#define CRM_BTYD_BGBB_H

#include "src/math/fit_sums.h"

/*
 * ln((1 - P) / P) with P = P(alive at T | x, t_x, T), v = alpha, beta, gamma,
 * delta.  -infinity where t_x = T; NaN of an impossible history.
 */
extern double crm_bgbb_log_odds_dead(const double *v, double x, double t_x,
									 double T);

/* ln of the likelihood of one history; -infinity of an impossible one */
extern double crm_bgbb_log_likelihood(const double *v, double x, double t_x,
									  double T);

/* The likelihood of n rows with derivatives, for the fit */
extern void crm_bgbb_add_rows(const double *v, const BtydRow *rows, size_t n,
							  FitSums *sums);

#endif							/* CRM_BTYD_BGBB_H */
