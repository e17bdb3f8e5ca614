/*-------------------------------------------------------------------------
 *
 * spend_fit.c
 *	  Maximum likelihood fit of the Gamma-Gamma model of spend.
 *
 * A customer's purchases are gamma(p, nu), and nu is gamma(q, gamma) over
 * customers (Fader, Hardie, Lee 2005, "RFM and CLV"; Fader and Hardie 2013,
 * note 025, formula 1a).  With u = m x / (gamma + m x), the density of the mean
 * m of x purchases is
 *		u^(p x) (1 - u)^q / (m B(p x, q)).
 *
 * Newton's method on ln p, ln q, ln gamma.  The gamma functions depend on a
 * customer through x alone and are summed over the distinct x; what is left for
 * each row is two logarithms and a division.  Where there are many rows the
 * start is chosen on a sample, drawn by a hash of the row's values.
 *
 * Statuses:
 * - total weight zero: BTYD_FAILED, all parameters 1.
 * - the search ended at a maximum inside its box, and the Hessian is negative
 *	 definite: BTYD_CONVERGED.
 * - it ended at the edge of the box, or where nothing is gained any more by
 *	 moving: BTYD_RIDGE.  That is so if a customer's purchases do not vary (p
 *	 and 1 / gamma infinite, p gamma finite), or customers do not (q and gamma
 *	 infinite), or neither, where the likelihood has no bound.
 * - otherwise BTYD_FAILED.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/spend.h"

#include <math.h>
#include <string.h>

#include "src/math/fit_common.h"
#include "src/math/gammafn.h"

/* Rows of the sample on which the start is chosen. */
#define SAMPLE_ROWS 3000

/* Rows between two checks for interrupts, 0.1 ms */
#define ROWS_PER_CHECK (64 * FIT_BLOCK)

/* Box of the search: shapes, and gamma relative to the mean spend */
#define SHAPE_MAX 1e6
#define SCALE_MAX 1e9

#define DEFAULT_MAX_ITERATIONS 100

typedef struct SpendFitData
{
	const SpendRow *rows;
	size_t		n;
	XCounts		counts;
	double		sum_log_m;		/* over customers */
	const BtydFitOptions *options;
	const MathHost *host;
	int			evaluations;
} SpendFitData;

static void add_rows(const double *v, const SpendRow *rows, size_t n,
					 FitSums *sums);
static void add_counts(const double *v, const XCounts *counts, FitSums *sums);
static void fit_function(void *arg, const double *theta, NewtonPoint *point);
static void data_prepare(SpendFitData *data);
static void draw_sample(const SpendRow *rows, size_t n_rows, double weight,
						SpendFitData *sample);

/*
 * Add the terms of n <= FIT_BLOCK rows, but for ln m and the gamma functions;
 * v = p, q, gamma.  The derivatives are with respect to ln p, ln q, ln gamma,
 * and the fourth variable's are zero.
 */
static void
add_rows(const double *v, const SpendRow *rows, size_t n, FitSums *sums)
{
	double		gamma = v[2];
	double		inv_gamma = 1.0 / gamma;
	bool		fast = v[0] <= 1e3 && v[1] <= 1e3;
	double		log_g = 0.0,	/* sums of ln((gamma + m x) / gamma), */
				x_log_m = 0.0,	/* of x ln((gamma + m x) / (m x)), */
				u_sum = 0.0,	/* of u, */
				xv_sum = 0.0,	/* of x (1 - u), */
				uv_sum = 0.0,	/* of u (1 - u), */
				xuv_sum = 0.0;	/* of x u (1 - u) */
	double		p = v[0],
				q = v[1];
	ExactSum   *t = sums->term;
	size_t		i;

	for (i = 0; i < n; i++)
	{
		double		x = rows[i].x,
					weight = rows[i].weight;
		double		total = rows[i].m * x;
		double		inv = 1.0 / (gamma + total);
		double		share = total * inv;	/* u */
		double		rest = gamma * inv; /* 1 - u */
		double		weight_rest = weight * rest;

		if (fast)
		{
			log_g += weight * log((gamma + total) * inv_gamma);
			x_log_m -= weight * x * log(share);
		}
		else
		{
			log_g += weight * log1p(total * inv_gamma);
			x_log_m += weight * x * log1p(gamma / total);
		}
		u_sum += weight * share;
		xv_sum += x * weight_rest;
		uv_sum += share * weight_rest;
		xuv_sum += x * share * weight_rest;
	}

	exact_sum_add(&t[FIT_VALUE], -q * log_g);
	exact_sum_add(&t[FIT_VALUE], -p * x_log_m);
	exact_sum_add(&t[FIT_G0], -p * x_log_m);
	exact_sum_add(&t[FIT_G1], -q * log_g);
	exact_sum_add(&t[FIT_G2], q * u_sum);
	exact_sum_add(&t[FIT_G2], -p * xv_sum);
	exact_sum_add(&t[FIT_H00], -p * x_log_m);
	exact_sum_add(&t[FIT_H11], -q * log_g);
	exact_sum_add(&t[FIT_H02], -p * xv_sum);
	exact_sum_add(&t[FIT_H12], q * u_sum);
	exact_sum_add(&t[FIT_H22], -q * uv_sum);
	exact_sum_add(&t[FIT_H22], -p * xuv_sum);
}

/*
 * Add -ln B(p x, q) over all customers.
 */
static void
add_counts(const double *v, const XCounts *counts, FitSums *sums)
{
	double		p = v[0],
				q = v[1];
	double		digamma_q = crm_digamma(q);
	double		trigamma_q = crm_trigamma(q);
	ExactSum   *t = sums->term;
	size_t		i;

	for (i = 0; i < counts->n; i++)
	{
		double		weight = counts->weight[i];
		double		px = p * counts->x[i];
		double		tri_sum = crm_trigamma(px + q);
		double		g_p = px * crm_digamma_diff(px, q);
		double		g_q = q * (crm_digamma(px + q) - digamma_q);

		exact_sum_add(&t[FIT_VALUE], -weight * crm_log_beta(px, q));
		exact_sum_add(&t[FIT_G0], weight * g_p);
		exact_sum_add(&t[FIT_G1], weight * g_q);
		exact_sum_add(&t[FIT_H00], weight *
					  (g_p + px * px * crm_trigamma_diff(px, q)));
		exact_sum_add(&t[FIT_H01], weight * (px * q * tri_sum));
		exact_sum_add(&t[FIT_H11], weight *
					  (g_q + q * q * (tri_sum - trigamma_q)));
	}
}

/*
 * Log-likelihood plus log prior with derivatives; a NewtonFunction, arg is a
 * SpendFitData.
 */
static void
fit_function(void *arg, const double *theta, NewtonPoint *point)
{
	SpendFitData *data = arg;
	double		v[SPEND_PARAMS];
	FitSums		sums;
	size_t		i;
	int			k;

	for (k = 0; k < SPEND_PARAMS; k++)
		v[k] = exp(theta[k]);
	memset(&sums, 0, sizeof(sums));
	exact_sum_add(&sums.term[FIT_VALUE], -data->sum_log_m);
	for (i = 0; i < data->n; i += FIT_BLOCK)
	{
		add_rows(v, data->rows + i,
				 data->n - i < FIT_BLOCK ? data->n - i : FIT_BLOCK, &sums);
		if (i % ROWS_PER_CHECK == 0)
			data->host->check_interrupts();
	}
	add_counts(v, &data->counts, &sums);
	crm_fit_point(&sums, point);
	crm_fit_add_prior(data->options, SPEND_PARAMS, theta, point);
	data->evaluations++;
}

/*
 * What is computed once of data whose rows are set.
 */
static void
data_prepare(SpendFitData *data)
{
	ExactSum	sum = {0.0, 0.0};
	size_t		i;

	crm_xcounts_build(&data->counts, &data->rows[0].x, &data->rows[0].weight,
					  sizeof(SpendRow), data->n, data->host);
	for (i = 0; i < data->n; i++)
	{
		exact_sum_add(&sum, data->rows[i].weight * log(data->rows[i].m));
		if (i % ROWS_PER_CHECK == 0)
			data->host->check_interrupts();
	}
	data->sum_log_m = exact_sum_value(&sum);
	data->evaluations = 0;
}

/*
 * Choose about SAMPLE_ROWS rows, each with a probability in proportion to its
 * weight, with weights that make up for the choice.
 */
static void
draw_sample(const SpendRow *rows, size_t n_rows, double weight,
			SpendFitData *sample)
{
	double		per_weight = SAMPLE_ROWS / weight;
	SpendRow   *copy = NULL;
	size_t		n = 0;
	size_t		i;
	int			pass;

	for (pass = 0; pass < 2; pass++)
	{
		n = 0;
		for (i = 0; i < n_rows; i++)
		{
			double		p = rows[i].weight * per_weight;

			if (crm_fit_hash(rows[i].x, rows[i].m, 0.0) < p)
			{
				if (copy)
				{
					copy[n] = rows[i];
					if (p < 1.0)
						copy[n].weight = rows[i].weight / p;
				}
				n++;
			}
			if (i % ROWS_PER_CHECK == 0)
				sample->host->check_interrupts();
		}
		if (pass == 0)
			copy = sample->host->alloc((n + 1) * sizeof(SpendRow));
	}
	sample->rows = copy;
	sample->n = n;
}

/*
 * Fit the model to n_rows rows; *fit is filled in whatever happens.  options may
 * be NULL; its priors are in the order p, q, gamma.
 */
void
crm_spend_fit_rows(const SpendRow *rows, size_t n_rows,
				   const BtydFitOptions *options, const MathHost *host,
				   SpendFit *fit)
{
	/* p, q, gamma / mean spend */
	static const double shape[][SPEND_PARAMS] = {
		{1.0, 2.0, 1.0},
		{6.0, 4.0, 0.5},
		{2.0, 20.0, 10.0},
		{50.0, 3.0, 0.04}
	};
	int			n_starts = (int) (sizeof(shape) / sizeof(shape[0]));
	double		starts[4][NEWTON_MAX] = {{0.0}};
	double		theta[NEWTON_MAX];
	SpendFitData data = {rows, n_rows, {0}, 0.0, options, host, 0};
	ExactSum	weight = {0.0, 0.0},
				spend = {0.0, 0.0};
	double		mean;
	NewtonProblem problem;
	NewtonResult result;
	double		natural[SPEND_PARAMS];
	size_t		i;
	int			k,
				s;

	memset(fit, 0, sizeof(*fit));
	fit->status = BTYD_FAILED;
	fit->params.p = fit->params.q = fit->params.gamma = 1.0;

	for (i = 0; i < n_rows; i++)
	{
		exact_sum_add(&weight, rows[i].weight);
		exact_sum_add(&spend, rows[i].weight * rows[i].m);
		if (i % ROWS_PER_CHECK == 0)
			host->check_interrupts();
	}
	if (!(exact_sum_value(&weight) > 0.0) || isinf(exact_sum_value(&weight)))
		return;
	mean = exact_sum_value(&spend) / exact_sum_value(&weight);
	mean = exp2(rint(log2(mean)));

	memset(&problem, 0, sizeof(problem));
	problem.n = SPEND_PARAMS;
	problem.function = fit_function;
	problem.max_step = FIT_MAX_STEP;
	for (k = 0; k < SPEND_PARAMS; k++)
	{
		double		reach = log(k == 2 ? SCALE_MAX : SHAPE_MAX);
		double		centre = k == 2 ? log(mean) : 0.0;

		problem.lower[k] = centre - reach;
		problem.upper[k] = centre + reach;
		for (s = 0; s < n_starts; s++)
			starts[s][k] = centre + log(shape[s][k]);
	}

	data_prepare(&data);
	problem.arg = &data;
	problem.max_evaluations = 40;
	if (n_rows > 2 * SAMPLE_ROWS)
	{
		SpendFitData sample = data;

		draw_sample(rows, n_rows, exact_sum_value(&weight), &sample);
		data_prepare(&sample);
		problem.arg = &sample;
		crm_fit_best_start(&problem, starts, n_starts, theta);
		crm_xcounts_free(&sample.counts, host);
		host->release((void *) sample.rows);
		problem.arg = &data;
	}
	else
		crm_fit_best_start(&problem, starts, n_starts, theta);

	problem.step_tolerance = FIT_FINAL_STEP;
	problem.value_tolerance = FIT_VALUE_NOISE;
	problem.max_evaluations = options && options->max_iterations > 0 ?
		options->max_iterations : DEFAULT_MAX_ITERATIONS;
	data.evaluations = 0;
	crm_newton_maximize(&problem, theta, NULL, &result);
	crm_xcounts_free(&data.counts, host);

	for (k = 0; k < SPEND_PARAMS; k++)
		natural[k] = exp(result.theta[k]);
	fit->params.p = natural[0];
	fit->params.q = natural[1];
	fit->params.gamma = natural[2];
	fit->iterations = data.evaluations;
	fit->log_likelihood = result.value -
		crm_fit_add_prior(options, SPEND_PARAMS, result.theta, NULL);
	switch (result.reason)
	{
		case NEWTON_STEP:
			fit->has_covariance = crm_fit_covariance(SPEND_PARAMS, &result.last,
													 natural, fit->covariance);
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
}
