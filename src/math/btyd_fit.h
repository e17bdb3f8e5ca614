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

/* Covariates with what is computed from them once: btyd_covariates.c */
typedef struct BtydCovariateData
{
	const BtydDesign *design;
	const double *z;			/* of each pattern, centred and scaled */
	const uint32_t *pattern;	/* of each row */
	double		mean[BTYD_MAX_COVARIATES];
	double		scale[BTYD_MAX_COVARIATES];
	double		reach[BTYD_MAX_COEFS];	/* of the search, each way */
	double		runaway[BTYD_MAX_COEFS];	/* a coefficient beyond this is on
											 * its way to infinity */
	double	   *own_z;			/* to be freed, or NULL */
	uint32_t   *own_pattern;
} BtydCovariateData;

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
	BtydCovariateData *covariates;	/* NULL: none */
	const BtydFitOptions *options;	/* NULL: none */
	const MathHost *host;
	double		total_weight;
	double		time_scale;		/* mean T, to a power of 2 */
	int			evaluations;	/* passes over the rows so far */
} BtydFitData;

/*
 * A fit's variables are the logarithms of the parameters, then the coefficients
 * of covariates, centred and scaled.
 */
extern int	crm_btyd_n_free(const BtydFitData *data);
extern void crm_btyd_fit_function(void *arg, const double *theta,
								  NewtonPoint *point);

extern double crm_btyd_penalty(const BtydFitData *data, const double *theta,
							   NewtonPoint *point);

/* btyd_design.c */
extern void crm_btyd_covariate_moments(const BtydRow *rows, size_t n_rows,
									   const BtydCovariates *covariates,
									   const MathHost *host, double *mean,
									   double *scale, bool *is_constant);
extern void crm_btyd_linear_predictors(const BtydDesign *design,
									   const double *coefs, const double *x,
									   double *P, double *Q);

/* btyd_covariates.c */
extern void crm_btyd_covariates_prepare(BtydFitData *data,
										const BtydCovariates *covariates,
										BtydCovariateData *result);
extern void crm_btyd_covariates_free(BtydFitData *data);
extern void crm_btyd_covariates_sum(BtydFitData *data, const double *theta,
									NewtonPoint *point);
extern double crm_btyd_covariates_penalty(const BtydFitData *data,
										  const double *theta,
										  NewtonPoint *point);
extern void crm_btyd_covariates_natural(const BtydFitData *data,
										const double *theta, double *natural);
extern void crm_btyd_covariates_covariance(const BtydFitData *data,
										   double *covariance);
extern bool crm_btyd_covariates_run_away(const BtydFitData *data,
										 const double *theta);
extern double crm_btyd_covariates_hash(const BtydFitData *data, size_t row);

/* btyd_limits.c */
extern void crm_btyd_conclude(BtydFitData *data, const NewtonProblem *problem,
							  NewtonResult *result, BtydFit *fit);

#endif							/* CRM_BTYD_FIT_H */
