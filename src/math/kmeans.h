/*-------------------------------------------------------------------------
 *
 * kmeans.h
 *	  Clusters of points by k-means.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_KMEANS_H
#define CRM_KMEANS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/math/host.h"

/* Squares of larger coordinates could overflow when summed. */
#define KMEANS_MAX_COORDINATE 1e140

typedef struct KmeansOptions
{
	int			k;				/* > 0 */
	uint64_t	seed;			/* of the starts */
	int			restarts;		/* starts to choose from, > 0 */
	int			max_iterations; /* > 0 */
	const double *start;		/* k first centres, or NULL: choose them */
} KmeansOptions;

/* The arrays are the caller's. */
typedef struct KmeansFit
{
	size_t		n_distinct;		/* points that differ */
	int			iterations;
	bool		converged;
	double		inertia;		/* sum of squared distances to the centres */
	double		total_ss;		/* the same to the mean of all points */
	double	   *centres;		/* k rows of dims */
	double	   *sizes;			/* points in each cluster, whole numbers */
	double	   *within;			/* each cluster's part of inertia */
} KmeansFit;

extern bool crm_kmeans_fit_points(const double *points, size_t n, int dims,
								  const KmeansOptions *options,
								  const MathHost *host, KmeansFit *fit);
extern int	crm_kmeans_nearest(const double *centres, int k, int dims,
							   const double *point, double *distance);

#endif							/* CRM_KMEANS_H */
