/*-------------------------------------------------------------------------
 *
 * clv_value.h
 *	  The distribution of what a customer will be worth.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_CLV_VALUE_H
#define CRM_CLV_VALUE_H

#include "src/math/btyd.h"
#include "src/math/spend.h"

typedef struct ClvDistribution
{
	double		mean;			/* infinite where expected spend is */
	double		std_dev;		/* NaN where it does not exist */
	double		lower;			/* quantiles */
	double		upper;
} ClvDistribution;

extern double crm_clv_mean(const BtydParams *params, const SpendParams *spend,
						   const BtydHistory *h, double paid, double monetary,
						   double horizon, double delta);
extern void crm_clv_distribution(const BtydParams *params, const SpendParams *spend,
								 const BtydHistory *h, double paid, double monetary,
								 double horizon, double delta, double conf_level,
								 ClvDistribution *result);

#endif							/* CRM_CLV_VALUE_H */
