/*-------------------------------------------------------------------------
 *
 * fit_common.c
 *	  What the maximum-likelihood fits of src/math share: priors, the choice of
 *	  a start, the covariance matrix, and the hash that picks a sample.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/fit_common.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "src/math/mix_bits.h"

/* See crm_fit_set_weak_priors. */
#define WEAK_LOG_SD 1.5

static uint64_t hash_double(uint64_t seed, double x);

/*
 * The sums as a point for the optimiser.
 */
void
crm_fit_point(const FitSums *sums, NewtonPoint *point)
{
	int			i,
				j;
	int			k = FIT_H00;

	point->value = exact_sum_value(&sums->term[FIT_VALUE]);
	for (i = 0; i < 4; i++)
		point->grad[i] = exact_sum_value(&sums->term[FIT_G0 + i]);
	for (i = 0; i < 4; i++)
		for (j = i; j < 4; j++, k++)
			point->hess[i][j] = point->hess[j][i] = exact_sum_value(&sums->term[k]);
}

/*
 * Does parameter i have a prior that is not flat?  options may be NULL.
 */
bool
crm_fit_has_prior(const BtydFitOptions *options, int i)
{
	return options && options->has_prior && !isinf(options->prior_sd[i]);
}

/*
 * The prior of a parameter that the data may say little of: a median of 1, or
 * of the mean observed time for a parameter that is one, and a factor of
 * e^WEAK_LOG_SD either way as the standard deviation.  A model of
 * usual customers is within two of these; 1e-8 and 1e7, which
 * stand for the limits of the model, are not.
 */
void
crm_fit_set_weak_priors(BtydKind kind, double mean_T, BtydFitOptions *options)
{
	int			i;

	for (i = 0; i < crm_btyd_n_params(kind); i++)
	{
		if (crm_fit_has_prior(options, i))
			continue;
		options->prior_mean[i] = crm_btyd_param_is_time(kind, i) && mean_T > 0.0 ?
			log(mean_T) : 0.0;
		options->prior_sd[i] = WEAK_LOG_SD;
	}
	options->has_prior = true;
}

/*
 * Add the logarithm of the prior density of theta (the logarithms of n
 * parameters), but for its constant, to *point if that is not NULL; returns it.
 */
double
crm_fit_add_prior(const BtydFitOptions *options, int n, const double *theta,
				  NewtonPoint *point)
{
	double		value = 0.0;
	int			i;

	for (i = 0; i < n; i++)
	{
		double		precision;
		double		off;

		if (!crm_fit_has_prior(options, i))
			continue;
		off = theta[i] - options->prior_mean[i];
		precision = 1.0 / (options->prior_sd[i] * options->prior_sd[i]);
		value -= 0.5 * off * off * precision;
		if (point)
		{
			point->grad[i] -= off * precision;
			point->hess[i][i] -= precision;
		}
	}
	if (point)
		point->value += value;
	return value;
}

/*
 * Mix the bits of x into seed.
 */
static uint64_t
hash_double(uint64_t seed, double x)
{
	uint64_t	bits;

	x += 0.0;					/* minus zero is zero */
	memcpy(&bits, &x, sizeof(bits));
	return crm_mix_bits((seed ^ bits) + UINT64_C(0x9e3779b97f4a7c15));
}

/*
 * A number in [0, 1) that depends on the three values alone.  Samples are drawn
 * by it, so that they do not depend on the order of rows.
 */
double
crm_fit_hash(double a, double b, double c)
{
	uint64_t	hash = hash_double(hash_double(hash_double(0, a), b), c);

	return crm_mix_unit(hash);
}

/*
 * Climb a little from each start; *best is where the highest point was reached.
 * The problem's tolerances are changed.
 */
void
crm_fit_best_start(NewtonProblem *problem, double starts[][NEWTON_MAX],
				   int n_starts, double *best)
{
	double		best_value = -INFINITY;
	int			i;

	problem->step_tolerance = FIT_ROUGH_STEP;
	problem->value_tolerance = FIT_ROUGH_GAIN;
	memcpy(best, starts[0], sizeof(double) * NEWTON_MAX);
	for (i = 0; i < n_starts; i++)
	{
		NewtonResult result;

		crm_newton_maximize(problem, starts[i], NULL, &result);
		if (result.value > best_value)
		{
			best_value = result.value;
			memcpy(best, result.theta, sizeof(double) * NEWTON_MAX);
		}
	}
}

/*
 * The covariance matrix of n parameters on their natural scale, n x n,
 * from the Hessian with respect to their logarithms: at a maximum the
 * gradient is zero and the two Hessians differ by the parameters alone.  False,
 * and covariance left alone, if the Hessian is not negative definite.
 */
bool
crm_fit_covariance(int n, const NewtonPoint *point, const double *natural,
				   double *covariance)
{
	double		information[NEWTON_MAX][NEWTON_MAX];
	double		inverse[NEWTON_MAX][NEWTON_MAX];
	int			i,
				j;

	for (i = 0; i < n; i++)
		for (j = 0; j < n; j++)
			information[i][j] = -point->hess[i][j];
	if (!crm_symmetric_inverse(n, information, inverse))
		return false;
	for (i = 0; i < n; i++)
		for (j = 0; j < n; j++)
			covariance[i * n + j] = inverse[i][j] * natural[i] * natural[j];
	return true;
}

/*
 * The least eigenvalue of minus the Hessian: the information, with respect to
 * the logarithms of n parameters, in the direction the data say least about.
 */
double
crm_fit_least_curvature(int n, const NewtonPoint *point)
{
	double		information[NEWTON_MAX][NEWTON_MAX];
	double		value[NEWTON_MAX];
	double		vector[NEWTON_MAX][NEWTON_MAX];
	double		least = INFINITY;
	int			i,
				j;

	for (i = 0; i < n; i++)
		for (j = 0; j < n; j++)
			information[i][j] = -point->hess[i][j];
	crm_symmetric_eigen(n, information, value, vector);
	for (i = 0; i < n; i++)
		least = fmin(least, value[i]);
	return least;
}
