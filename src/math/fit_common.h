/*-------------------------------------------------------------------------
 *
 * fit_common.h
 *	  What the maximum-likelihood fits of src/math share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_FIT_COMMON_H
#define CRM_FIT_COMMON_H

#include <stdbool.h>

#include "src/math/btyd.h"
#include "src/math/fit_sums.h"
#include "src/math/newton.h"

/* A gain in log-likelihood, relative to it, that is rounding error */
#define FIT_VALUE_NOISE 2e-15

/*
 * Where the search for a good start stops: 2 % steps, or a gain of 1e-9 of the
 * log-likelihood.
 */
#define FIT_ROUGH_STEP 0.02
#define FIT_ROUGH_GAIN 1e-9

/* The last step of a fit, in logarithms of parameters, is shorter than this. */
#define FIT_FINAL_STEP 1e-7

/* The trust region: a parameter changes by e^2 at most in an iteration. */
#define FIT_MAX_STEP 2.0

extern void crm_fit_point(const FitSums *sums, NewtonPoint *point);
extern bool crm_fit_has_prior(const BtydFitOptions *options, int i);
extern void crm_fit_set_weak_priors(BtydKind kind, double mean_T,
									BtydFitOptions *options);
extern double crm_fit_add_prior(const BtydFitOptions *options, int n,
								const double *theta, NewtonPoint *point);
extern double crm_fit_hash(double a, double b, double c);
extern void crm_fit_best_start(NewtonProblem *problem,
							   double starts[][NEWTON_MAX], int n_starts,
							   double *best);
extern bool crm_fit_covariance(int n, const NewtonPoint *point,
							   const double *natural, double *covariance);
extern double crm_fit_least_curvature(int n, const NewtonPoint *point);

#endif							/* CRM_FIT_COMMON_H */
