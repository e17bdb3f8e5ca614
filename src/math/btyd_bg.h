/*-------------------------------------------------------------------------
 *
 * btyd_bg.h
 *	  The BG/NBD and MBG/NBD models' own functions: one customer's
 *	  likelihood, and the sums of many.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_BTYD_BG_H
#define CRM_BTYD_BG_H

#include "src/math/btyd.h"
#include "src/math/fit_sums.h"

/*
 * ln((1 - P) / P) with P = P(alive at T | x, t_x, T): the log odds that the
 * customer has dropped out.  -infinity in the BG/NBD model where x = 0.
 */
extern double crm_bg_log_odds_dead(BtydKind kind, double r, double alpha,
								   double a, double b, double x, double t_x,
								   double T);

/* ln of the likelihood of one history, v = r, alpha, a, b */
extern double crm_bg_log_likelihood(BtydKind kind, const double *v, double x,
									double t_x, double T);

/*
 * Add the terms of n rows (at most FIT_BLOCK) that depend on more than x, and
 * those that depend on x alone: btyd_bg_sums.c
 */
extern void crm_bg_add_rows(BtydKind kind, const double *v,
							const BtydRow *rows, size_t n, FitSums *sums);
extern void crm_bg_add_counts(BtydKind kind, const double *v,
							  const XCounts *counts, FitSums *sums);

#endif							/* CRM_BTYD_BG_H */
