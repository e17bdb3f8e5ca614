/*-------------------------------------------------------------------------
 *
 * btyd_fit.h
 *	  What the parts of the "buy till you die" fit share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_BTYD_FIT_H
#define CRM_BTYD_FIT_H

#include "src/math/btyd.h"
#include "src/math/btyd_ops.h"
#include "src/math/newton.h"
#include "src/math/xcounts.h"

/* Rows with what is computed from them once */
typedef struct BtydFitData
{
	BtydKind	kind;
	int			k;				/* regularity, or 1 */
	const BtydFitOps *ops;
	const BtydRow *rows;
	size_t		n;
	BtydRow    *own_rows;		/* rows, if they are to be freed, or NULL */
	XCounts		counts;
	const BtydFitOptions *options;	/* NULL: none */
	const MathHost *host;
	double		total_weight;
	double		time_scale;		/* mean T, to a power of 2 */
	int			evaluations;	/* passes over the rows so far */
} BtydFitData;

extern void crm_btyd_fit_function(void *arg, const double *theta,
								  NewtonPoint *point);

/* btyd_limits.c */
extern void crm_btyd_conclude(BtydFitData *data, const NewtonProblem *problem,
							  NewtonResult *result, BtydFit *fit);

#endif							/* CRM_BTYD_FIT_H */
