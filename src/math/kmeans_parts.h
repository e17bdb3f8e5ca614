/*-------------------------------------------------------------------------
 *
 * kmeans_parts.h
 *	  What the parts of k-means share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_KMEANS_PARTS_H
#define CRM_KMEANS_PARTS_H

#include "src/math/kmeans.h"

/* Restarts look at a sample of so many points, or more for many clusters. */
#define KMEANS_SAMPLE_POINTS 32768

/* Coordinates to be worked on between two looks for an interrupt */
#define KMEANS_WORK_PER_INTERRUPT 1000000

/* Distinct points with weights, in canonical order */
typedef struct KmeansPoints
{
	const double *x;			/* n rows of dims */
	const double *weight;
	size_t		n;
	int			dims;
} KmeansPoints;

/* A state of the iterations */
typedef struct KmeansLloyd
{
	KmeansPoints points;
	int			k;
	double	   *centres;		/* k rows of dims */
	double	   *columns;		/* the centres in blocks, see set_columns */
	double	   *old_centre;		/* one row */
	double	   *sums;			/* of the weighted points of each cluster */
	double	   *weights;		/* of each cluster */
	size_t	   *counts;			/* distinct points in each cluster */
	double	   *moves;			/* distance that each centre moved */
	double	   *gaps;			/* half the distance to the nearest other */
	int		   *cluster;		/* of each point */
	double	   *upper;			/* distance to the own centre, at most */
	double	   *lower;			/* distance to any other centre, at least */
	size_t		mask;			/* i & mask == 0: look for an interrupt */
	const MathHost *host;
} KmeansLloyd;

/* kmeans_lloyd.c */
extern void crm_kmeans_lloyd_init(KmeansLloyd *lloyd, KmeansPoints points, int k,
								  double *centres, const MathHost *host);
extern void crm_kmeans_lloyd_free(KmeansLloyd *lloyd);
extern size_t crm_kmeans_assign_all(KmeansLloyd *lloyd);
extern int	crm_kmeans_iterate(KmeansLloyd *lloyd, int max_iterations, double rest,
							   bool *converged);

/* kmeans_start.c */
extern void crm_kmeans_start(KmeansPoints points, const KmeansOptions *options, double rest,
							 double *centres, const MathHost *host);

static inline double
squared_distance(const double *a, const double *b, int dims)
{
	double		sum = 0;
	int			j;

	for (j = 0; j < dims; j++)
	{
		double		d = a[j] - b[j];

		sum += d * d;
	}
	return sum;
}

/*
 * One less than a power of two: how many points, each this much work, may pass
 * between two looks for an interrupt.
 */
static inline size_t
interrupt_mask(size_t work)
{
	size_t		points = 1;

	while (points * work < KMEANS_WORK_PER_INTERRUPT)
		points *= 2;
	return points - 1;
}

#endif							/* CRM_KMEANS_PARTS_H */
