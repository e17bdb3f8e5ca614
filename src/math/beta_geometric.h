/*-------------------------------------------------------------------------
 *
 * beta_geometric.h
 *	  A geometric lifetime whose probability of ending is beta distributed.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_BETA_GEOMETRIC_H
#define CRM_BETA_GEOMETRIC_H

extern double crm_whole_periods(double t);
extern double crm_beta_geometric_sum(double a, double b, double delta, double n);

#endif							/* CRM_BETA_GEOMETRIC_H */
