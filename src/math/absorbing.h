/*-------------------------------------------------------------------------
 *
 * absorbing.h
 *	  Removal effects in an absorbing Markov chain given by its counts.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_ABSORBING_H
#define CRM_ABSORBING_H

#include <stdbool.h>

/*
 * Paths through n states, as counts.  What goes into a state comes out of it.
 */
typedef struct PathCounts
{
	int			n;
	double	   *moves;			/* n * n, from row to column; overwritten. The
								 * diagonal is not looked at. */
	const double *starts;		/* paths that begin in the state */
	const double *conversions;	/* paths that end in it with success */
	const double *losses;		/* paths that end in it without */
	void		(*check_interrupts) (void); /* or NULL */
} PathCounts;

extern bool crm_removal_effects(PathCounts *counts, double *effects, double *work);

/* How many doubles of work space crm_removal_effects wants */
#define CRM_REMOVAL_WORK(n) (4 * (n))

#endif							/* CRM_ABSORBING_H */
