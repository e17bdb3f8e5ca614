/*-------------------------------------------------------------------------
 *
 * btyd_total.h
 *	  What many customers will buy, and be worth, together.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_BTYD_TOTAL_H
#define CRM_BTYD_TOTAL_H

#include "src/math/btyd.h"
#include "src/math/exact_sum.h"
#include "src/math/spend.h"

/* Sums over customers; starts zeroed. */
typedef struct BtydTotal
{
	ExactSum	mean;			/* of what they will buy or be worth */
	ExactSum	variance;		/* of that, at the given parameters; NaN: none */

	/* derivatives of the mean with respect to the logarithms of parameters */
	ExactSum	purchase_gradient[BTYD_MAX_PARAMS];
	ExactSum	spend_gradient[SPEND_PARAMS];
} BtydTotal;

/*
 * What a total needs of the spend of customers with one history, whoever they
 * are: sums over them.  Starts zeroed.
 */
typedef struct SpendTotal
{
	ExactSum	mean;			/* expected spend per purchase */
	ExactSum	mean_below;		/* the same over (p x + q - 1) */
	ExactSum	p_below;		/* p / (p x + q - 1) */
	ExactSum	square;			/* square of the mean */
	ExactSum	second;			/* p^2 E[1 / nu^2]; NaN: infinite */
} SpendTotal;

extern void crm_spend_total_add(SpendTotal *total, const SpendParams *spend,
								double x, double m);
extern void crm_spend_total_merge(SpendTotal *total, const SpendTotal *other);

extern void crm_purchases_total_add(BtydTotal *total, const BtydParams *params,
									const BtydHistory *h, double customers,
									double t, bool with_gradient);
extern void crm_clv_total_add(BtydTotal *total, const BtydParams *params,
							  const SpendParams *spend, const BtydHistory *h,
							  const SpendTotal *amounts, double horizon,
							  double delta, bool with_gradient);

extern double crm_total_parameter_variance(const ExactSum *gradient,
										   const double *params,
										   const double *covariance, int n);
extern void crm_total_interval(double mean, double variance, double conf_level,
							   double *lower, double *upper);

#endif							/* CRM_BTYD_TOTAL_H */
