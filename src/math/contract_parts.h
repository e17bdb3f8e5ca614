/*-------------------------------------------------------------------------
 *
 * contract_parts.h
 *	  What the parts of the contract models share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_CONTRACT_PARTS_H
#define CRM_CONTRACT_PARTS_H

#include "src/math/fit_sums.h"

/* The time t as the model counts it, u = t^c, with derivatives in ln c */
typedef struct ContractClock
{
	double		u;
	double		u_1;
	double		u_2;
} ContractClock;

/*
 * ln S(to) / S(from) with derivatives in the logarithms of the parameters
 */
typedef struct ContractTerm
{
	double		value;
	double		g[3];
	double		h[3][3];
} ContractTerm;

/* contract.c */
extern double crm_contract_log_beta_ratio(double a, double b, double n);
extern void crm_contract_clock(const BtydParams *params, double t,
							   ContractClock *clock);
extern double crm_contract_log_survival_ratio(const BtydParams *params,
											  double from, double log_growth);
extern double crm_contract_log_survival_slope(const BtydParams *params, double t);
extern void crm_contract_term(const BtydParams *params, double from, double to,
							  ContractTerm *term);

/* contract_fit.c */
extern double crm_contract_log_likelihood(const BtydParams *params, double renewals,
										  bool churned);

#endif							/* CRM_CONTRACT_PARTS_H */
