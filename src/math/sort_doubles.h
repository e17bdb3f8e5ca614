/*-------------------------------------------------------------------------
 *
 * sort_doubles.h
 *	  Sort doubles, alone or with another double beside each.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_SORT_DOUBLES_H
#define CRM_SORT_DOUBLES_H

#include <stddef.h>

#include "src/math/host.h"

/* A number, and what goes with it */
typedef struct DoublePair
{
	double		key;
	double		with;
} DoublePair;

extern void crm_sort_doubles(double *values, size_t n, const MathHost *host);
extern void crm_sort_pairs_by_key(DoublePair *pairs, size_t n, const MathHost *host);
extern void crm_sort_pairs(DoublePair *pairs, size_t n, const MathHost *host);

#endif							/* CRM_SORT_DOUBLES_H */
