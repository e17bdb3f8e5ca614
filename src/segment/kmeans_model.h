/*-------------------------------------------------------------------------
 *
 * kmeans_model.h
 *	  The stored type crm_kmeans_model.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_KMEANS_MODEL_H
#define CRM_KMEANS_MODEL_H

#include "postgres.h"

#include "utils/array.h"

#include "src/common/summary.h"

#define KMEANS_MAX_CLUSTERS 1000
#define KMEANS_MAX_DIMS 1000

typedef struct KmeansModel
{
	SummaryHeader header;
	int32		k;
	int32		dims;
	int64		n;				/* points */
	int32		iterations;
	int32		converged;		/* 0 or 1 */
	double		inertia;
	double		total_ss;
	double		numbers[FLEXIBLE_ARRAY_MEMBER]; /* see below */
} KmeansModel;

#define KMEANS_SIZES(model) ((model)->numbers)
#define KMEANS_WITHIN(model) ((model)->numbers + (model)->k)
#define KMEANS_CENTRES(model) ((model)->numbers + 2 * (model)->k)

extern KmeansModel *crm_kmeans_model_alloc(int k, int dims);
extern int	crm_kmeans_read_point(ArrayType *array, double *x, int max_dims);
extern void crm_kmeans_check_k(int64 k);

#endif							/* CRM_KMEANS_MODEL_H */
