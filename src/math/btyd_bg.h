/*-------------------------------------------------------------------------
 *
 * btyd_bg.h
 *	  The BG/NBD and MBG/NBD models' own functions: one customer's likelihood.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_BTYD_BG_H
#define CRM_BTYD_BG_H

#include "src/math/btyd.h"

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

#endif							/* CRM_BTYD_BG_H */
