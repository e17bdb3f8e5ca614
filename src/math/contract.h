/*-------------------------------------------------------------------------
 *
 * contract.h
 *	  Models of contracts, in which the end of a customer is seen: the shifted
 *	  beta-geometric and the beta-discrete-Weibull model.
 *
 * A contract is renewed, or not, at the end of each period: renewal
 * opportunities 1, 2, ...; survival S(t) is the probability that the customer
 * takes the first t of them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_CONTRACT_H
#define CRM_CONTRACT_H

#include "src/math/btyd.h"

/* A quantity with its derivatives with respect to the parameters */
typedef struct ContractValue
{
	double		value;
	double		slope[BTYD_MAX_PARAMS]; /* per unit of each parameter */
} ContractValue;

/* ln S(from + t) / S(from); from and t whole, >= 0 */
extern double crm_contract_log_survival(const BtydParams *params, double from,
										double t);

/* The same with derivatives */
extern void crm_contract_survival_slopes(const BtydParams *params, double from,
										 double t, ContractValue *result);

/* The lifetime to come, in periods; contract_lifetime.c */
extern double crm_contract_discounted(const BtydParams *params, double from,
									  double delta, double horizon);

#endif							/* CRM_CONTRACT_H */
