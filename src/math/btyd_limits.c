/*-------------------------------------------------------------------------
 *
 * btyd_limits.c
 *	  The status of a fit: a maximum, or a limit of the model?
 *
 * With weak data the likelihood may have no maximum: it grows towards a limit in
 * which a parameter is zero or infinite.  The rules, in this order:
 *
 * 1. Total weight zero: BTYD_FAILED, all parameters 1.
 * 2. No repeat purchase at all, and no prior on r: BTYD_BOUNDARY.  The
 *	  likelihood is highest, 1, if nobody ever buys again (r = 0); nothing can
 *	  be said of dropout.
 * 3. The search ended at a maximum inside its box, and the information about the
 *	  least known combination of logarithms of parameters is FIRM_CURVATURE
 *	  at least (its standard error is 4.5 at most: e^4.5 is a factor of
 *	  90): BTYD_CONVERGED.
 * 4. Otherwise each limit of the model (btyd_*_model.c) is fitted, with its fixed parameters held and
 *	  the others free, if the search ended near it or the rows are few.  If the
 *	  best reaches the log-likelihood of the search less the tolerance, the
 *	  limit is the result; this is repeated with the rest of the
 *	  parameters, as limits combine.  The limits are
 *		no dropout: the NBD model. s = 0, or a = 0.  BTYD_BOUNDARY
 *		certain dropout at the first chance (BG): b = 0.  BTYD_BOUNDARY
 *		all buy at the same rate: r, alpha infinite, r / alpha finite.
 *			BTYD_RIDGE
 *		all drop out alike: s, beta or a, b infinite, their ratio finite.
 *			BTYD_RIDGE
 *		dropout at the first chance or never: a, b zero, their ratio finite.
 *			BTYD_RIDGE
 *	  BTYD_BOUNDARY if any of the limits applied has that status.
 * 5. No limit is as good: BTYD_CONVERGED if the search ended at a maximum
 *	  inside its box, BTYD_RIDGE if at its edge or where nothing is gained
 *	  any more by moving, BTYD_FAILED if it ended otherwise, or if the limits
 *	  could not be seen to within the passes allowed.  BTYD_BOUNDARY in place of
 *	  BTYD_RIDGE if a covariate's coefficient has run away: the covariate
 *	  separates customers who buy, or drop out, from some who never do.  The edge is where
 *	  Pareto/NBD fits end whose s and beta go to zero together: one part of
 *	  the customers drops out at once and the rest never.  The likelihood
 *	  tends to that of the limit as slowly as 1 / ln beta does to zero, so that
 *	  the limit itself cannot be written with usable parameters.
 *
 * With priors the same holds for the log-likelihood plus the log prior; a prior
 * on a parameter rules out the limits in which it is zero or infinite.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/btyd_fit.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "src/math/fit_common.h"

/* See rule 3. */
#define FIRM_CURVATURE 0.05

/*
 * A limit is as good as the search's result if its log-likelihood is less by no
 * more than LIMIT_TOLERANCE, plus the error of the sums over customers.
 */
#define LIMIT_TOLERANCE 1e-6
#define SUM_TOLERANCE 1e-11

/* What a customer may lose by reporting BTYD_NEAR_INFINITY for infinity */
#define BACK_TOLERANCE 1e-4

/* Up to this many rows, all limits are tried. */
#define FEW_ROWS 10000

/* Near a limit: a parameter beyond this, or less dropout than the inverse */
#define NEAR_LIMIT 1000.0

/*
 * What stands for zero and infinity where the likelihoods are compared: beyond
 * what is reported, and exact to rounding.
 */
#define LIMIT_ZERO 1e-13
#define LIMIT_INFINITY 1e12

/* Up to how far from the centre a free parameter goes in a limit, as a log. */
#define LIMIT_REACH 60.0

static int	allowed(const BtydFitData *data, const NewtonProblem *problem);
static bool is_firm(const NewtonProblem *problem, const NewtonResult *result);
static bool is_near(const BtydFitData *data, const BtydLimit *limit,
					const double *theta);
static void hold_coefs(const BtydFitData *data, const BtydLimit *limit,
					   NewtonProblem *problem, double *start);
static void report_params(const BtydFitData *data, const double *theta,
						  BtydFit *fit);
static void report_covariance(const BtydFitData *data,
							  const NewtonResult *result, BtydFit *fit);
static void fit_limit(const BtydFitData *data, const BtydLimit *limit,
					  NewtonProblem *problem, const double *theta,
					  NewtonResult *result);

/*
 * Rule 3, for the parameters that are free.
 */
static bool
is_firm(const NewtonProblem *problem, const NewtonResult *result)
{
	NewtonPoint free_part;
	int			n = 0;
	int			index[NEWTON_MAX];
	int			i,
				j;

	if (result->reason != NEWTON_STEP)
		return false;
	for (i = 0; i < problem->n; i++)
		if (problem->lower[i] < problem->upper[i])
			index[n++] = i;
	for (i = 0; i < n; i++)
		for (j = 0; j < n; j++)
			free_part.hess[i][j] = result->last.hess[index[i]][index[j]];
	return crm_fit_least_curvature(n, &free_part) >= FIRM_CURVATURE;
}

/*
 * Passes over the rows that one more search may take; one is left for the
 * report.
 */
static int
allowed(const BtydFitData *data, const NewtonProblem *problem)
{
	int			left = data->options->max_iterations - data->evaluations - 1;

	return left < problem->max_evaluations ? left : problem->max_evaluations;
}

/*
 * Has theta run off in the direction of the limit?
 */
static bool
is_near(const BtydFitData *data, const BtydLimit *limit, const double *theta)
{
	double		fixed = theta[limit->fixed];
	double		companion = theta[limit->companion];
	bool		is_time = crm_btyd_param_is_time(data->kind, limit->companion);

	if (data->n <= FEW_ROWS)
		return true;
	if (limit->infinite)
		return fixed > log(NEAR_LIMIT) || companion > log(NEAR_LIMIT) +
			(is_time ? log(data->time_scale) : 0.0);
	if (limit->companion_free)
		return fixed < -log(NEAR_LIMIT) && companion < -log(NEAR_LIMIT);
	if (is_time)
		return exp(fixed) * log1p(data->time_scale / exp(companion)) <
			1.0 / NEAR_LIMIT;
	return fixed - companion < -log(NEAR_LIMIT);
}

/*
 * Hold at zero the coefficients of covariates that do not matter in the limit:
 * those of the dropout process if nobody drops out or, in models in which they
 * act on both of its parameters, if only the ratio of these counts.
 */
static void
hold_coefs(const BtydFitData *data, const BtydLimit *limit,
		   NewtonProblem *problem, double *start)
{
	const BtydDesign *design;
	int			n = crm_btyd_n_params(data->kind);
	int			i,
				j;

	if (data->covariates == NULL)
		return;
	if (data->ops->covariates->dropout[limit->fixed] == 0.0 &&
		(limit->companion_free ||
		 data->ops->covariates->dropout[limit->companion] == 0.0))
		return;
	if (limit->companion_free &&
		data->ops->covariates->dropout[limit->companion] !=
		data->ops->covariates->dropout[limit->fixed])
		return;
	design = data->covariates->design;
	for (i = 0; i < design->n_coefs; i++)
	{
		bool		buys = false;

		for (j = 0; j < design->n_covariates; j++)
			buys |= design->purchase[j] == i;
		if (!buys)
			start[n + i] = problem->lower[n + i] = problem->upper[n + i] = 0.0;
	}
}

/*
 * Fit the limit, starting from theta.  *problem comes with the parameters held
 * so far, and is changed to hold those of this limit.
 */
static void
fit_limit(const BtydFitData *data, const BtydLimit *limit,
		  NewtonProblem *problem, const double *theta, NewtonResult *result)
{
	double		start[NEWTON_MAX];
	double		value = log(limit->infinite ? LIMIT_INFINITY : LIMIT_ZERO);
	int			f = limit->fixed;
	int			c = limit->companion;

	memcpy(start, theta, sizeof(start));
	problem->lower[f] = problem->upper[f] = value;
	if (limit->companion_free)
	{
		start[c] += value - theta[f];
		problem->lower[c] = start[c] - LIMIT_REACH;
		problem->upper[c] = start[c] + LIMIT_REACH;
	}
	else
	{
		start[c] = crm_fit_has_prior(data->options, c) ?
			data->options->prior_mean[c] :
			crm_btyd_param_is_time(data->kind, c) ? log(data->time_scale) : 0.0;
		problem->lower[c] = problem->upper[c] = start[c];
	}
	hold_coefs(data, limit, problem, start);
	crm_newton_maximize(problem, start, NULL, result);
}

/*
 * Parameters and coefficients at theta, on their natural scale.
 */
static void
report_params(const BtydFitData *data, const double *theta, BtydFit *fit)
{
	double		natural[NEWTON_MAX];
	int			n = crm_btyd_n_params(data->kind);
	int			i;

	if (data->covariates)
		crm_btyd_covariates_natural(data, theta, natural);
	else
		memcpy(natural, theta, n * sizeof(double));
	for (i = 0; i < n; i++)
		fit->params.v[i] = fmin(fmax(exp(natural[i]), DBL_MIN), DBL_MAX);
	for (i = 0; i < fit->n_coefs; i++)
		fit->coefs[i] = natural[n + i];
}

/*
 * The covariance matrix on the natural scale, if there is one.
 */
static void
report_covariance(const BtydFitData *data, const NewtonResult *result,
				  BtydFit *fit)
{
	double		unit[NEWTON_MAX];
	int			n_params = crm_btyd_n_params(data->kind);
	int			n = crm_btyd_n_free(data);
	int			i,
				j;

	for (i = 0; i < n; i++)
		unit[i] = 1.0;
	fit->has_covariance = crm_fit_covariance(n, &result->last, unit,
											 fit->covariance);
	if (!fit->has_covariance)
		return;
	if (data->covariates)
		crm_btyd_covariates_covariance(data, fit->covariance);
	for (i = 0; i < n; i++)
		for (j = 0; j < n; j++)
			fit->covariance[i * n + j] *=
				(i < n_params ? fit->params.v[i] : 1.0) *
				(j < n_params ? fit->params.v[j] : 1.0);
}

/*
 * Decide the status and fill in *fit (but for iterations), by the rules at the
 * head of this file.
 */
void
crm_btyd_conclude(BtydFitData *data, const NewtonProblem *problem,
				  NewtonResult *result, BtydFit *fit)
{
	const BtydLimit *limits = data->ops->limits;
	int			n_limits = data->ops->n_limits;
	NewtonProblem held = *problem;
	double		theta[NEWTON_MAX];
	bool		applied[BTYD_MAX_LIMITS] = {false};
	bool		is_held[NEWTON_MAX] = {false};
	bool		any = false;
	bool		cut_short = false;
	int			k;

	for (;;)
	{
		NewtonProblem best_problem = held;
		NewtonResult best;
		int			chosen = -1;

		if (is_firm(&held, result))
			break;
		best.value = -INFINITY;
		for (k = 0; k < n_limits; k++)
		{
			NewtonProblem trial = held;
			NewtonResult of_trial;

			if (is_held[limits[k].fixed] || is_held[limits[k].companion] ||
				!is_near(data, &limits[k], result->theta))
				continue;
			trial.max_evaluations = allowed(data, problem);
			if (trial.max_evaluations < 1)
			{
				cut_short = true;
				continue;
			}
			fit_limit(data, &limits[k], &trial, result->theta, &of_trial);
			cut_short |= of_trial.reason == NEWTON_EVALUATIONS;

			/* Of limits that agree, the first is taken. */
			if (of_trial.value > best.value + LIMIT_TOLERANCE +
				SUM_TOLERANCE * data->total_weight)
			{
				best = of_trial;
				best_problem = trial;
				chosen = k;
			}
		}
		if (chosen < 0 || !(best.value >= result->value - LIMIT_TOLERANCE -
							SUM_TOLERANCE * data->total_weight))
			break;
		if (!any || limits[chosen].status == BTYD_BOUNDARY)
			fit->status = limits[chosen].status;
		any = applied[chosen] = true;
		is_held[limits[chosen].fixed] = true;
		is_held[limits[chosen].companion] = true;
		held = best_problem;
		*result = best;
	}

	memcpy(theta, result->theta, sizeof(theta));
	if (any)
	{
		/* Come back from the limit to where parameters are of use. */
		NewtonPoint point;

		for (k = 0; k < n_limits; k++)
		{
			if (applied[k])
			{
				double		value = log(limits[k].infinite ?
										BTYD_NEAR_INFINITY : BTYD_NEAR_ZERO);

				if (limits[k].companion_free)
					theta[limits[k].companion] += value - theta[limits[k].fixed];
				theta[limits[k].fixed] = value;
			}
		}
		crm_btyd_fit_function(data, theta, &point);

		/*
		 * Where the ratio is tiny, BTYD_NEAR_INFINITY is not far enough out
		 * for its other part: stay where the limit was found.
		 */
		if (!(point.value >= result->value - BACK_TOLERANCE * data->total_weight))
		{
			memcpy(theta, result->theta, sizeof(theta));
			crm_btyd_fit_function(data, theta, &point);
		}
		result->value = point.value;
	}
	report_params(data, theta, fit);
	fit->log_likelihood = result->value - crm_btyd_penalty(data, theta, NULL);
	if (any)
	{
		/* exactly, and not as exp() of a logarithm */
		for (k = 0; k < n_limits; k++)
		{
			double		value = limits[k].infinite ?
				BTYD_NEAR_INFINITY : BTYD_NEAR_ZERO;
			double	   *reported = &fit->params.v[limits[k].fixed];

			if (applied[k] && fabs(*reported / value - 1.0) < 1e-9)
				*reported = value;
		}
		return;
	}

	switch (result->reason)
	{
		case NEWTON_STEP:
			report_covariance(data, result, fit);
			fit->status = fit->has_covariance ? BTYD_CONVERGED : BTYD_RIDGE;
			break;
		case NEWTON_BOUND:
		case NEWTON_FLAT:
			fit->status = BTYD_RIDGE;
			break;
		case NEWTON_EVALUATIONS:
		case NEWTON_STUCK:
			fit->status = BTYD_FAILED;
			break;
	}
	if (cut_short && data->evaluations + 1 >= data->options->max_iterations)
	{
		/* a limit that is as good may not have been seen */
		fit->status = BTYD_FAILED;
		fit->has_covariance = false;
	}
	if (fit->status == BTYD_RIDGE &&
		crm_btyd_covariates_run_away(data, result->theta))
		fit->status = BTYD_BOUNDARY;
}
