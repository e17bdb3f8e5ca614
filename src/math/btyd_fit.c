/*-------------------------------------------------------------------------
 *
 * btyd_fit.c
 *	  Maximum likelihood fit of the "buy till you die" models.
 *
 * Newton's method on the logarithms of the parameters, with exact first and
 * second derivatives (btyd_*_sums.c, newton.c).
 *
 * Where there are many rows, a full pass over them is what costs:
 *
 * 1. Several starts climb a little on a sample of SMALL_SAMPLE rows; the best
 *	  one goes on.
 * 2. It is brought to the maximum on a sample of LARGE_SAMPLE rows.
 * 3. One pass over all rows gives their value, gradient and Hessian there.  The
 *	  sample's log-likelihood plus the quadratic that makes the first two
 *	  derivatives agree with those of all rows is a surrogate whose third
 *	  and higher derivatives are right but for sampling error (compare M. Jordan,
 *	  J. Lee, Y. Yang 2019, "Communication-efficient distributed statistical
 *	  inference").  Its maximum is a far better next point than Newton's step.  A
 *	  second pass there, and the remaining step is so short that the surrogate
 *	  is exact for all purposes.
 *
 * A sample holds each row with a probability in proportion to its weight, up to
 * 1, and twice as many repeat buyers as not, as these say less; which rows
 * is decided by a hash of the row's values, so that the order of rows does not
 * matter.
 *
 * What status the result has is decided in btyd_limits.c.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/btyd_fit.h"

#include <math.h>
#include <string.h>

#include "src/math/fit_common.h"

/* Enough rows to tell a good start from a bad one. */
#define SMALL_SAMPLE 1500

/*
 * A sample with fewer than this part of the rows wanted is not used.  The hash
 * gives equal rows the same number: if the caller has not counted them, all are
 * drawn or none.
 */
#define SAMPLE_SHORTFALL 0.5

/*
 * The sample of the surrogate, and the number of rows from which on it pays.
 * With 40,000 rows the sample's maximum is typically within 3 to 8 % of that of
 * a million rows, and the surrogate's within 3e-4.
 */
#define LARGE_SAMPLE 40000
#define LARGE_ROWS 150000

/*
 * The surrogate's step is final when not longer than this: its error is then of
 * the order of the step's square times the relative sampling error of
 * third derivatives.  Measured on a million rows, steps of 2.6e-4 and 4.2e-4 left
 * errors of 3e-9 and 6e-9, a millionth of a standard error.
 */
#define SURROGATE_STEP 5e-4

/* The share of repeat buyers in samples. */
#define SAMPLE_REPEATERS 0.65

/* Rows between two checks for interrupts: 0.1 ms, 3 ms for the worst rows. */
#define ROWS_PER_CHECK (4 * FIT_BLOCK)

/*
 * Passes over all rows: in all, and in one search unless the caller allows more.
 */
#define DEFAULT_MAX_ITERATIONS 500
#define SEARCH_MAX_ITERATIONS 100

/*
 * Box of the search, relative to the time scale where a parameter is a time.
 * Where a maximum outside it, if there were one, could not be told from the limit
 * by any data of 16 million rows.
 */
#define SHAPE_MAX 1e6
#define TIME_MAX 1e9

/*
 * A fit on more rows does not start from a shape parameter more extreme than
 * this: the sample may have run off to a limit that all rows rule out, and near
 * the limit derivatives vanish.
 */
#define START_EXTREME 50.0

typedef struct Surrogate
{
	BtydFitData *sample;
	double		centre[NEWTON_MAX];
	NewtonPoint correction;		/* all rows less the sample, at the centre */
} Surrogate;

static void data_prepare(BtydFitData *data);
static void data_free(BtydFitData *data);
static bool draw_sample(const BtydFitData *data, const double *weight,
						double target, BtydFitData *sample,
						BtydCovariateData *sample_covariates);
static void surrogate_function(void *arg, const double *theta,
							   NewtonPoint *point);
static void surrogate_fit(NewtonProblem *problem, BtydFitData *data,
						  BtydFitData *sample, NewtonResult *result);
static void moderate(double *theta, int n);
static void nobody_bought(BtydFitData *data, double time_scale,
						  BtydFit *fit);

/*
 * The number of variables of the fit.
 */
int
crm_btyd_n_free(const BtydFitData *data)
{
	return crm_btyd_n_params(data->kind) +
		(data->covariates ? data->covariates->design->n_coefs : 0);
}

/*
 * Log prior density at theta less the penalty on coefficients, added to *point
 * if that is not NULL; returns it.
 */
double
crm_btyd_penalty(const BtydFitData *data, const double *theta,
				 NewtonPoint *point)
{
	if (data->covariates)
		return crm_btyd_covariates_penalty(data, theta, point);
	return crm_fit_add_prior(data->options, crm_btyd_n_params(data->kind), theta,
							 point);
}

/*
 * Log-likelihood plus log prior less penalty, with derivatives, at theta.  A
 * NewtonFunction; arg is a BtydFitData.
 */
void
crm_btyd_fit_function(void *arg, const double *theta, NewtonPoint *point)
{
	BtydFitData *data = arg;
	BtydParams	params = {data->kind, {0.0}, data->k};
	FitSums		sums;
	size_t		i;
	int			k;

	data->evaluations++;
	if (data->covariates)
	{
		crm_btyd_covariates_sum(data, theta, point);
		crm_btyd_penalty(data, theta, point);
		return;
	}
	for (k = 0; k < crm_btyd_n_params(data->kind); k++)
		params.v[k] = exp(theta[k]);
	memset(&sums, 0, sizeof(sums));
	for (i = 0; i < data->n; i += FIT_BLOCK)
	{
		size_t		n = data->n - i < FIT_BLOCK ? data->n - i : FIT_BLOCK;

		data->ops->add_rows(&params, data->rows + i, n, &sums);
		if (i % ROWS_PER_CHECK == 0)
			data->host->check_interrupts();
	}
	data->ops->add_counts(&params, &data->counts, &sums);
	crm_fit_point(&sums, point);
	crm_btyd_penalty(data, theta, point);
}

/*
 * Build the table of x of data whose rows are set.
 */
static void
data_prepare(BtydFitData *data)
{
	crm_xcounts_build(&data->counts, &data->rows[0].h.x, &data->rows[0].weight,
					  sizeof(BtydRow), data->n, data->host);
	data->evaluations = 0;
}

/*
 * Free what data_prepare and draw_sample took.
 */
static void
data_free(BtydFitData *data)
{
	crm_xcounts_free(&data->counts, data->host);
	crm_btyd_covariates_free(data);
	if (data->own_rows)
		data->host->release(data->own_rows);
}

/*
 * Prepare a sample of about target rows of data, with weights that make up for
 * the choice; weight[0] and weight[1] are the total weights of the rows without
 * and with repeat purchases.  *sample_covariates is used if data has covariates,
 * whose scales the sample shares.  False, and nothing to free, if there are too
 * few.
 */
static bool
draw_sample(const BtydFitData *data, const double *weight, double target,
			BtydFitData *sample, BtydCovariateData *sample_covariates)
{
	double		per_weight[2] = {0.0, 0.0};
	double		expected = 0.0;
	size_t		n = 0;
	size_t		i;
	int			pass;

	if (weight[0] > 0.0)
		per_weight[0] = target / weight[0] *
			(weight[1] > 0.0 ? 1.0 - SAMPLE_REPEATERS : 1.0);
	if (weight[1] > 0.0)
		per_weight[1] = target / weight[1] *
			(weight[0] > 0.0 ? SAMPLE_REPEATERS : 1.0);

	*sample = *data;
	if (data->covariates)
	{
		*sample_covariates = *data->covariates;
		sample_covariates->own_z = NULL;
		sample->covariates = sample_covariates;
	}
	for (pass = 0; pass < 2; pass++)
	{
		n = 0;
		for (i = 0; i < data->n; i++)
		{
			const BtydRow *row = &data->rows[i];
			double		p = row->weight * per_weight[row->h.x > 0.0];

			if (pass == 0)
				expected += p < 1.0 ? p : 1.0;
			if ((data->covariates ? crm_btyd_covariates_hash(data, i)
				 : crm_fit_hash(row->h.x, row->h.t_x, row->h.T)) < p)
			{
				if (pass == 1)
				{
					if (data->covariates)
						sample_covariates->own_pattern[n] =
							data->covariates->pattern[i];
					sample->own_rows[n] = *row;
					if (p < 1.0)
						sample->own_rows[n].weight = row->weight / p;
				}
				n++;
			}
			if (i % 16384 == 0)
				data->host->check_interrupts();
		}
		if (n < SAMPLE_SHORTFALL * expected)
			return false;
		if (pass == 0)
		{
			sample->own_rows = data->host->alloc((n + 1) * sizeof(BtydRow));
			if (data->covariates)
				sample_covariates->own_pattern =
					data->host->alloc((n + 1) * sizeof(uint32_t));
		}
	}
	sample->rows = sample->own_rows;
	if (data->covariates)
		sample_covariates->pattern = sample_covariates->own_pattern;
	sample->n = n;
	data_prepare(sample);
	return true;
}

/*
 * The sample's function, corrected by a quadratic.  A NewtonFunction; arg is
 * a Surrogate.
 */
static void
surrogate_function(void *arg, const double *theta, NewtonPoint *point)
{
	Surrogate  *surrogate = arg;
	const NewtonPoint *c = &surrogate->correction;
	double		off[NEWTON_MAX];
	int			n = crm_btyd_n_free(surrogate->sample);
	int			i,
				j;

	crm_btyd_fit_function(surrogate->sample, theta, point);
	point->value += c->value;
	for (i = 0; i < n; i++)
		off[i] = theta[i] - surrogate->centre[i];
	for (i = 0; i < n; i++)
	{
		double		slope = c->grad[i];

		for (j = 0; j < n; j++)
		{
			point->hess[i][j] += c->hess[i][j];
			slope += c->hess[i][j] * off[j];
		}
		point->grad[i] += slope;
		point->value += 0.5 * (slope + c->grad[i]) * off[i];
	}
}

/*
 * The maximum over all rows, from result->theta, the maximum over the sample.
 * If the surrogate does not do its work, Newton's method on all rows does.
 */
static void
surrogate_fit(NewtonProblem *problem, BtydFitData *data, BtydFitData *sample,
			  NewtonResult *result)
{
	Surrogate	surrogate;
	NewtonProblem inner = *problem;
	NewtonPoint at,
				at_sample;
	double		theta[NEWTON_MAX];
	int			n = problem->n;
	int			i,
				j,
				round;

	memcpy(theta, result->theta, sizeof(theta));
	crm_btyd_fit_function(data, theta, &at);
	surrogate.sample = sample;
	inner.function = surrogate_function;
	inner.arg = &surrogate;
	inner.max_evaluations = 20;

	for (round = 0; round < 4; round++)
	{
		NewtonResult next;
		NewtonPoint at_next;
		double		length = 0.0;

		crm_btyd_fit_function(sample, theta, &at_sample);
		memcpy(surrogate.centre, theta, sizeof(theta));
		surrogate.correction.value = at.value - at_sample.value;
		for (i = 0; i < n; i++)
		{
			surrogate.correction.grad[i] = at.grad[i] - at_sample.grad[i];
			for (j = 0; j < n; j++)
				surrogate.correction.hess[i][j] =
					at.hess[i][j] - at_sample.hess[i][j];
		}
		crm_newton_maximize(&inner, theta, &at, &next);
		if (next.reason != NEWTON_STEP)
			break;
		for (i = 0; i < n; i++)
			length = fmax(length, fabs(next.theta[i] - theta[i]));
		if (length <= SURROGATE_STEP)
		{
			*result = next;
			return;
		}
		if (data->evaluations >= problem->max_evaluations)
			break;
		crm_btyd_fit_function(data, next.theta, &at_next);
		if (!(at_next.value > at.value))
			break;
		memcpy(theta, next.theta, sizeof(theta));
		at = at_next;
	}
	crm_newton_maximize(problem, theta, &at, result);
}

/*
 * Take a sample's maximum back from the extremes before all rows are used.  A
 * shape parameter that is too large keeps its ratio to its companion.
 */
static void
moderate(double *theta, int n)
{
	double		limit = log(START_EXTREME);
	int			i;

	for (i = 0; i + 1 < n; i += 2)
	{
		if (theta[i] > limit)
		{
			theta[i + 1] -= theta[i] - limit;
			theta[i] = limit;
		}
		else if (theta[i] < -limit)
			theta[i] = -limit;
	}
}

/*
 * The fit where no customer came back: see btyd_limits.c, rule 2.
 */
static void
nobody_bought(BtydFitData *data, double time_scale, BtydFit *fit)
{
	double		theta[NEWTON_MAX] = {0.0};
	NewtonPoint point;
	int			n = crm_btyd_n_params(data->kind);
	int			i;

	fit->status = BTYD_BOUNDARY;
	data->ops->nobody_bought(data->kind, time_scale, fit->params.v);
	for (i = 0; i < n; i++)
	{
		if (crm_fit_has_prior(data->options, i))
			fit->params.v[i] = exp(data->options->prior_mean[i]);
		theta[i] = log(fit->params.v[i]);
	}
	crm_btyd_fit_function(data, theta, &point);
	fit->log_likelihood = point.value - crm_btyd_penalty(data, theta, NULL);
}

/*
 * Fit the model to n_rows rows, where it is one that is fitted to histories;
 * *fit is filled in whatever happens.  options may be NULL.  See btyd.h for
 * units and btyd_limits.c for the statuses.
 */
void
crm_btyd_fit_rows(BtydKind kind, const BtydRow *rows, size_t n_rows,
				  const BtydFitOptions *options, const MathHost *host,
				  BtydFit *fit)
{
	crm_btyd_fit_covariates(kind, rows, n_rows, NULL, options, host, fit);
}

/*
 * The same with covariates, which may be NULL: none.  Their design has passed
 * crm_btyd_check_design.
 */
void
crm_btyd_fit_covariates(BtydKind kind, const BtydRow *rows, size_t n_rows,
						const BtydCovariates *covariates,
						const BtydFitOptions *options, const MathHost *host,
						BtydFit *fit)
{
	const BtydFitOps *ops = crm_btyd_ops(kind)->fit;
	int			n = crm_btyd_n_params(kind);
	BtydFitOptions own_options = {0};
	BtydFitData data = {
		.kind = kind,.k = options && options->k > 0 ? options->k : 1,
		.ops = ops,.rows = rows,.n = n_rows,.options = &own_options,.host = host
	};
	BtydFitData sample;
	BtydCovariateData of_rows,
				of_sample;
	ExactSum	sum_weight[2] = {{0.0, 0.0}, {0.0, 0.0}};
	ExactSum	sum_x = {0.0, 0.0},
				sum_T = {0.0, 0.0};
	double		weight[2];
	double		mean_T;
	double		time_scale;
	double		starts[BTYD_MAX_STARTS][NEWTON_MAX] = {{0.0}};
	double		theta[NEWTON_MAX];
	NewtonProblem problem;
	NewtonResult result;
	size_t		i;
	int			k;

	memset(fit, 0, sizeof(*fit));
	fit->params.kind = kind;
	fit->params.k = data.k;
	fit->status = BTYD_FAILED;
	for (k = 0; k < n; k++)
		fit->params.v[k] = 1.0;
	if (covariates)
		fit->n_coefs = covariates->design->n_coefs;

	for (i = 0; i < n_rows; i++)
	{
		const BtydRow *row = &rows[i];

		exact_sum_add(&sum_weight[row->h.x > 0.0], row->weight);
		exact_sum_add(&sum_x, row->weight * row->h.x);
		exact_sum_add(&sum_T, row->weight * row->h.T);
		if (i % 16384 == 0)
			host->check_interrupts();
	}
	weight[0] = exact_sum_value(&sum_weight[0]);
	weight[1] = exact_sum_value(&sum_weight[1]);
	data.total_weight = weight[0] + weight[1];
	if (!(data.total_weight > 0.0) || isinf(data.total_weight))
		return;

	/* A power of 2, so that it does not show rounding. */
	mean_T = exact_sum_value(&sum_T) / data.total_weight;
	time_scale = mean_T > 0.0 ? exp2(rint(log2(mean_T))) : 1.0;
	data.time_scale = time_scale;
	data_prepare(&data);

	if (options)
		own_options = *options;
	for (k = 0; k < BTYD_MAX_PARAMS && !own_options.has_prior; k++)
		own_options.prior_sd[k] = INFINITY;
	if (own_options.weak_prior)
		crm_fit_set_weak_priors(kind, mean_T, &own_options);
	fit->has_prior = own_options.has_prior;
	memcpy(fit->prior_mean, own_options.prior_mean, sizeof(fit->prior_mean));
	memcpy(fit->prior_sd, own_options.prior_sd, sizeof(fit->prior_sd));
	if (own_options.max_iterations <= 0)
		own_options.max_iterations = DEFAULT_MAX_ITERATIONS;

	if (ops->nobody_bought && !(weight[1] > 0.0) &&
		!crm_fit_has_prior(&own_options, 0))
	{
		nobody_bought(&data, time_scale, fit);
		data_free(&data);
		return;
	}

	memset(&problem, 0, sizeof(problem));
	problem.n = n;
	problem.function = crm_btyd_fit_function;
	problem.arg = &data;
	problem.max_step = FIT_MAX_STEP;
	for (k = 0; k < n; k++)
	{
		bool		is_time = crm_btyd_param_is_time(kind, k);
		double		centre = is_time ? log(time_scale) : 0.0;
		double		reach = log(is_time ? TIME_MAX :
								ops->reach ? ops->reach[k] : SHAPE_MAX);

		problem.lower[k] = centre - reach;
		problem.upper[k] = centre + reach;
	}
	for (k = 0; k < ops->n_starts; k++)
		ops->start(k, data.k * fmax(exact_sum_value(&sum_x), 0.5) /
				   fmax(exact_sum_value(&sum_T), 1e-300),
				   time_scale, starts[k]);

	/* Where to start, without the covariates: their coefficients start at 0. */
	problem.max_evaluations = 40;
	if (n_rows > 2 * SMALL_SAMPLE &&
		draw_sample(&data, weight, SMALL_SAMPLE, &sample, NULL))
	{
		problem.arg = &sample;
		crm_fit_best_start(&problem, starts, ops->n_starts, theta);
		data_free(&sample);
		moderate(theta, n);
	}
	else
		crm_fit_best_start(&problem, starts, ops->n_starts, theta);

	if (covariates)
	{
		crm_btyd_covariates_prepare(&data, covariates, &of_rows);
		problem.n = crm_btyd_n_free(&data);
		for (k = n; k < problem.n; k++)
		{
			theta[k] = 0.0;
			problem.upper[k] = of_rows.reach[k - n];
			problem.lower[k] = -problem.upper[k];
		}
	}
	problem.arg = &data;
	problem.step_tolerance = FIT_FINAL_STEP;
	problem.value_tolerance = FIT_VALUE_NOISE;
	problem.max_evaluations = own_options.max_iterations < SEARCH_MAX_ITERATIONS ?
		own_options.max_iterations : SEARCH_MAX_ITERATIONS;
	if (options && options->max_iterations > SEARCH_MAX_ITERATIONS)
		problem.max_evaluations = options->max_iterations;
	data.evaluations = 0;

	if (n_rows > LARGE_ROWS &&
		draw_sample(&data, weight, LARGE_SAMPLE, &sample, &of_sample))
	{
		NewtonProblem inner = problem;

		inner.arg = &sample;
		inner.max_evaluations = SEARCH_MAX_ITERATIONS;
		inner.step_tolerance = SURROGATE_STEP;
		crm_newton_maximize(&inner, theta, NULL, &result);
		if (result.reason == NEWTON_STEP)
			surrogate_fit(&problem, &data, &sample, &result);
		else
			crm_newton_maximize(&problem, result.theta, NULL, &result);
		data_free(&sample);
	}
	else
		crm_newton_maximize(&problem, theta, NULL, &result);

	crm_btyd_conclude(&data, &problem, &result, fit);
	fit->iterations = data.evaluations;
	data_free(&data);
}
