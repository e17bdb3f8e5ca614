/*-------------------------------------------------------------------------
 *
 * proportion.h
 *	  Confidence intervals for a proportion.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_PROPORTION_H
#define CRM_PROPORTION_H

/* In serialised states: never renumber. */
typedef enum ProportionMethod
{
	PROPORTION_WILSON = 1,
	PROPORTION_AGRESTI_COULL = 2,
	PROPORTION_JEFFREYS = 3,
	PROPORTION_EXACT = 4
} ProportionMethod;

extern double crm_proportion_std_error(double successes, double trials);
extern void crm_proportion_interval(ProportionMethod method, double successes,
									double trials, double conf_level,
									double *lower, double *upper);

#endif							/* CRM_PROPORTION_H */
