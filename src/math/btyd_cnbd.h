/*-------------------------------------------------------------------------
 *
 * btyd_cnbd.h
 *	  The BG/CNBD-k and MBG/CNBD-k models' own functions: one customer's
 *	  likelihood, the sums of a fit, and the future of a living customer.
 *
 * v is r, alpha, a, b throughout, and k the number of stages between two
 * purchases, from 1 to BTYD_MAX_K.  first_chance tells the MBG/CNBD-k model,
 * whose customers may drop out right after the first purchase too.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_BTYD_CNBD_H
#define CRM_BTYD_CNBD_H

#include "src/math/btyd.h"
#include "src/math/fit_sums.h"

/* btyd_cnbd.c */
extern double crm_cnbd_log_odds_dead(bool first_chance, int k, const double *v,
									 const BtydHistory *h);
extern double crm_cnbd_log_likelihood(bool first_chance, int k,
									  const double *v, const BtydHistory *h);

/* btyd_cnbd_sums.c */
extern void crm_cnbd_add_rows(bool first_chance, int k, const double *v,
							  const BtydRow *rows, size_t n, FitSums *sums);
extern void crm_cnbd_add_counts(bool first_chance, int k, const double *v,
								const XCounts *counts, FitSums *sums);

/*
 * A customer known to be alive, by what is known of the process: its rate of
 * stages is Gamma(shape, rate), idle is the time since the last purchase, in
 * which fewer than k stages passed, and the dropout probability is Beta(a, b).
 */
typedef struct CnbdLiving
{
	int			k;
	double		shape;			/* r + k x */
	double		rate;			/* alpha + t_x */
	double		idle;			/* T - t_x; 0 for a new customer */
	double		a;
	double		b;
} CnbdLiving;

/*
 * As the functions of btyd_living.h.  btyd_cnbd_living.c, btyd_cnbd_long.c,
 * btyd_cnbd_discount.c
 */
extern double crm_cnbd_living_survival(const CnbdLiving *c, double t);
extern double crm_cnbd_living_purchases(const CnbdLiving *c, double t);
extern double crm_cnbd_living_variance(const CnbdLiving *c, double t);
extern double crm_cnbd_living_discounted(const CnbdLiving *c, double delta,
										 double horizon);
extern double crm_cnbd_living_pmf(const CnbdLiving *c, double t, double n);
extern double crm_cnbd_living_upper_tail(const CnbdLiving *c, double t,
										 double n);

#endif							/* CRM_BTYD_CNBD_H */
