/*-------------------------------------------------------------------------
 *
 * concentration.h
 *	  How unequally an amount is shared.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_CONCENTRATION_H
#define CRM_CONCENTRATION_H

#include <stddef.h>

#include "src/math/host.h"
#include "src/math/sort_doubles.h"

typedef struct Concentration
{
	double		total;
	double		gini;
	double		hhi;			/* sum of squared shares */
	double		theil;
	double		top_1_share;	/* of the largest value */
	double		top_1_percent_share;
	double		top_5_percent_share;
	double		top_10_percent_share;
	double		top_20_percent_share;
	double		top_50_percent_share;
} Concentration;

extern double crm_gini_sorted(const double *values, size_t n, const MathHost *host);
extern double crm_gini_weighted(const DoublePair *pairs, size_t n, const MathHost *host);
extern void crm_concentration_sorted(const double *values, size_t n,
									 const MathHost *host, Concentration *result);

#endif							/* CRM_CONCENTRATION_H */
