/*-------------------------------------------------------------------------
 *
 * btyd_covariates.c
 *	  Time-invariant covariates of customers in the "buy till you die" models.
 *
 * Covariates x multiply the customer's rates: with P = gamma'x and Q = delta'x,
 * a customer of the Pareto/NBD model buys at exp(P) times and drops out at
 * exp(Q) times the rate of one with x = 0, that is alpha exp(-P) for alpha and
 * beta exp(-Q) for beta; in the (M)BG/NBD models alpha exp(-P), a exp(Q), b
 * exp(Q) (Fader and Hardie 2007, "Incorporating time-invariant covariates into
 * the Pareto/NBD and BG/NBD models").
 *
 * The logarithms of a customer's parameters are linear in the logarithms of the
 * model's and the coefficients, so the derivatives follow from those of the
 * plain model by the chain rule.  Per pattern of covariates the plain sums with
 * their 4 first and 10 second derivatives are computed, extended by those with
 * respect to P and Q, and added up times 1, x and x x'; which coefficients the
 * covariates have in which process enters once, at the end.
 *
 * Inside the fit covariates are centred and divided by their standard
 * deviation: neither their units nor their zero then matter to the search.
 * Penalty and priors are on the natural scale.
 *
 * A covariate that separates the customers, such as a group in which nobody
 * bought, has a likelihood that grows as its coefficient goes to infinity.  The
 * search ends where nothing is gained any more; see btyd_limits.c.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/btyd_fit.h"

#include <math.h>
#include <string.h>

#include "src/math/fit_common.h"

/*
 * How far a coefficient may go: the logarithm of the ratio of rates over the
 * covariate's range.
 */
#define REACH 60.0

/* Patterns that are added up in plain doubles, as rows in FIT_BLOCK */
#define PATTERN_BLOCK 64

/* Rows between two checks for interrupts */
#define ROWS_PER_CHECK (4 * FIT_BLOCK)

/*
 * What is summed: value, gradient and Hessian with respect to the 4 parameters,
 * P and Q, times powers of the covariates.
 */
typedef struct Totals
{
	double		value;
	double		grad[4];
	double		hess[4][4];		/* upper triangle */
	double		grad_x[2][BTYD_MAX_COVARIATES];
	double		hess_x[4][2][BTYD_MAX_COVARIATES];
	/* PP, PQ, QQ */
	double		hess_xx[3][BTYD_MAX_COVARIATES * (BTYD_MAX_COVARIATES + 1) / 2];
} Totals;

#define N_TOTALS ((int) (sizeof(Totals) / sizeof(double)))

static void add_pattern(const BtydCovariateOps *ops, const FitSums *sums,
						const double *z, int m, Totals *totals);
static void flush(Totals *block, ExactSum *totals);
static void fold(const BtydDesign *design, int n_params, const Totals *totals,
				 NewtonPoint *point);
static void jacobian(const BtydFitData *data, double *scale,
					 double jac[][BTYD_MAX_COEFS]);

/*
 * Centre and scale the covariates of data's rows into *result, which becomes
 * data's.
 */
void
crm_btyd_covariates_prepare(BtydFitData *data, const BtydCovariates *covariates,
							BtydCovariateData *result)
{
	const BtydDesign *design = covariates->design;
	int			m = design->n_covariates;
	bool		is_constant[BTYD_MAX_COVARIATES];
	double		low[BTYD_MAX_COVARIATES],
				high[BTYD_MAX_COVARIATES];
	size_t		i;
	int			j;

	memset(result, 0, sizeof(*result));
	result->design = design;
	result->pattern = covariates->pattern;
	crm_btyd_covariate_moments(data->rows, data->n, covariates, data->host,
							   result->mean, result->scale, is_constant);
	result->own_z = data->host->alloc((covariates->n_patterns * m + 1) *
									  sizeof(double));
	for (j = 0; j < m; j++)
	{
		low[j] = INFINITY;
		high[j] = -INFINITY;
	}
	for (i = 0; i < covariates->n_patterns; i++)
	{
		for (j = 0; j < m; j++)
		{
			double		z = (covariates->x[i * m + j] - result->mean[j]) /
				result->scale[j];

			result->own_z[i * m + j] = z;
			low[j] = fmin(low[j], z);
			high[j] = fmax(high[j], z);
		}
		if (i % ROWS_PER_CHECK == 0)
			data->host->check_interrupts();
	}
	result->z = result->own_z;
	for (j = 0; j < m; j++)
	{
		double		range = fmax(high[j] - low[j], 1e-3);
		int			coef[2] = {design->purchase[j], design->dropout[j]};
		int			k;

		for (k = 0; k < 2; k++)
		{
			if (coef[k] < 0)
				continue;
			result->reach[coef[k]] = REACH / range;
			result->runaway[coef[k]] = -log(BTYD_NEAR_ZERO) / range;
		}
	}
	data->covariates = result;
}

/*
 * Free what crm_btyd_covariates_prepare, or the making of a sample, took.
 */
void
crm_btyd_covariates_free(BtydFitData *data)
{
	if (data->covariates == NULL)
		return;
	if (data->covariates->own_z)
		data->host->release(data->covariates->own_z);
	if (data->covariates->own_pattern)
		data->host->release(data->covariates->own_pattern);
}

/*
 * The number in [0, 1) by which a row gets into a sample.  Patterns are in
 * order of their values, whatever the order of rows.
 */
double
crm_btyd_covariates_hash(const BtydFitData *data, size_t row)
{
	const BtydHistory *h = &data->rows[row].h;

	return crm_fit_hash(crm_fit_hash(h->x, h->t_x, h->T),
						(double) data->covariates->pattern[row], 1.0);
}

/*
 * Add the plain sums of the customers with covariates z to the totals.
 */
static void
add_pattern(const BtydCovariateOps *ops, const FitSums *sums, const double *z,
			int m, Totals *totals)
{
	const double *direction[2] = {ops->purchase, ops->dropout};
	double		grad[4];
	double		hess[4][4];
	double		along[4][2];	/* Hessian times direction */
	double		slope[2];
	double		curve[3];
	int			i,
				j,
				k,
				d,
				e;

	totals->value += exact_sum_value(&sums->term[FIT_VALUE]);
	for (i = 0; i < 4; i++)
		totals->grad[i] += grad[i] = exact_sum_value(&sums->term[FIT_G0 + i]);
	for (i = 0, k = FIT_H00; i < 4; i++)
	{
		for (j = i; j < 4; j++, k++)
		{
			hess[i][j] = hess[j][i] = exact_sum_value(&sums->term[k]);
			totals->hess[i][j] += hess[i][j];
		}
	}

	for (d = 0; d < 2; d++)
	{
		slope[d] = 0.0;
		for (i = 0; i < 4; i++)
		{
			slope[d] += direction[d][i] * grad[i];
			along[i][d] = 0.0;
			for (j = 0; j < 4; j++)
				along[i][d] += hess[i][j] * direction[d][j];
		}
	}
	for (d = 0, k = 0; d < 2; d++)
	{
		for (e = d; e < 2; e++, k++)
		{
			curve[k] = 0.0;
			for (i = 0; i < 4; i++)
				curve[k] += direction[d][i] * along[i][e];
		}
	}

	for (d = 0; d < 2; d++)
	{
		for (j = 0; j < m; j++)
			totals->grad_x[d][j] += slope[d] * z[j];
		for (i = 0; i < 4; i++)
			for (j = 0; j < m; j++)
				totals->hess_x[i][d][j] += along[i][d] * z[j];
	}
	for (i = 0, k = 0; i < m; i++)
	{
		for (j = i; j < m; j++, k++)
		{
			double		zz = z[i] * z[j];

			totals->hess_xx[0][k] += curve[0] * zz;
			totals->hess_xx[1][k] += curve[1] * zz;
			totals->hess_xx[2][k] += curve[2] * zz;
		}
	}
}

/*
 * Add a block's totals to the compensated ones, and empty it.
 */
static void
flush(Totals *block, ExactSum *totals)
{
	double	   *term = (double *) block;
	int			i;

	for (i = 0; i < N_TOTALS; i++)
	{
		if (term[i] != 0.0)
		{
			exact_sum_add(&totals[i], term[i]);
			term[i] = 0.0;
		}
	}
}

/*
 * The totals as value, gradient and Hessian with respect to the parameters and
 * coefficients.
 */
static void
fold(const BtydDesign *design, int n_params, const Totals *totals,
	 NewtonPoint *point)
{
	const int  *coef[2] = {design->purchase, design->dropout};
	int			m = design->n_covariates;
	int			n = n_params + design->n_coefs;
	int			i,
				j,
				k,
				d,
				e;

	for (i = 0; i < n; i++)
	{
		point->grad[i] = 0.0;
		for (j = 0; j < n; j++)
			point->hess[i][j] = 0.0;
	}
	point->value = totals->value;
	for (i = 0; i < n_params; i++)
	{
		point->grad[i] = totals->grad[i];
		for (j = i; j < n_params; j++)
			point->hess[i][j] = point->hess[j][i] = totals->hess[i][j];
	}
	for (d = 0; d < 2; d++)
	{
		for (j = 0; j < m; j++)
		{
			int			at = n_params + coef[d][j];

			if (coef[d][j] < 0)
				continue;
			point->grad[at] += totals->grad_x[d][j];
			for (i = 0; i < n_params; i++)
			{
				point->hess[i][at] += totals->hess_x[i][d][j];
				point->hess[at][i] += totals->hess_x[i][d][j];
			}
		}
	}
	for (d = 0; d < 2; d++)
	{
		for (e = 0; e < 2; e++)
		{
			const double *xx = totals->hess_xx[d + e];

			for (i = 0; i < m; i++)
			{
				for (j = 0; j < m; j++)
				{
					int			lo = i < j ? i : j,
								hi = i < j ? j : i;

					if (coef[d][i] < 0 || coef[e][j] < 0)
						continue;
					/* row lo of the upper triangle begins after lo rows */
					k = lo * m - lo * (lo - 1) / 2 + (hi - lo);
					point->hess[n_params + coef[d][i]][n_params + coef[e][j]] +=
						xx[k];
				}
			}
		}
	}
}

/*
 * Log-likelihood with derivatives at theta, without penalty and prior.
 */
void
crm_btyd_covariates_sum(BtydFitData *data, const double *theta,
						NewtonPoint *point)
{
	const BtydCovariateData *c = data->covariates;
	const BtydFitOps *ops = data->ops;
	const BtydCovariateOps *cops = ops->covariates;
	int			n_params = crm_btyd_n_params(data->kind);
	int			m = c->design->n_covariates;
	BtydParams	params = {data->kind, {0.0}, data->k};
	FitSums		sums;
	Totals		block;
	union
	{
		double		term[sizeof(Totals) / sizeof(double)];
		Totals		totals;
	}			result;
	ExactSum	totals[sizeof(Totals) / sizeof(double)];
	int			in_block = 0;
	size_t		checked = 0;
	size_t		i,
				end;
	int			k;

	memset(&block, 0, sizeof(block));
	memset(totals, 0, sizeof(totals));

	for (i = 0; i < data->n; i = end)
	{
		const double *z = c->z + (size_t) m * c->pattern[i];
		double		P,
					Q;
		size_t		from;

		crm_btyd_linear_predictors(c->design, theta + n_params, z, &P, &Q);
		for (k = 0; k < n_params; k++)
			params.v[k] = exp(theta[k] + cops->purchase[k] * P +
							  cops->dropout[k] * Q);
		memset(&sums, 0, sizeof(sums));
		for (end = i + 1; end < data->n && c->pattern[end] == c->pattern[i];)
			end++;
		for (from = i; from < end; from += FIT_BLOCK)
		{
			size_t		n = end - from < FIT_BLOCK ? end - from : FIT_BLOCK;

			ops->add_rows(&params, data->rows + from, n, &sums);
			if (from >= checked)
			{
				data->host->check_interrupts();
				checked = from + ROWS_PER_CHECK;
			}
		}
		if (cops->add_row_counts)
			cops->add_row_counts(&params, data->rows + i, end - i, &sums);
		add_pattern(cops, &sums, z, m, &block);
		if (++in_block == PATTERN_BLOCK)
		{
			flush(&block, totals);
			in_block = 0;
		}
	}
	if (cops->add_counts)
	{
		double		none[BTYD_MAX_COVARIATES] = {0.0};

		for (k = 0; k < n_params; k++)
			params.v[k] = exp(theta[k]);
		memset(&sums, 0, sizeof(sums));
		cops->add_counts(&params, &data->counts, &sums);
		add_pattern(cops, &sums, none, m, &block);
	}
	flush(&block, totals);

	for (k = 0; k < N_TOTALS; k++)
		result.term[k] = exact_sum_value(&totals[k]);
	fold(c->design, n_params, &result.totals, point);
}

/*
 * The natural coefficient is the fit's divided by scale[s]; the natural logarithm
 * of parameter k is theta[k] plus the sum over coefficients s of jac[k][s] times
 * the fit's coefficient.
 */
static void
jacobian(const BtydFitData *data, double *scale,
		 double jac[][BTYD_MAX_COEFS])
{
	const BtydCovariateData *c = data->covariates;
	const BtydCovariateOps *ops = data->ops->covariates;
	const BtydDesign *design = c->design;
	int			n_params = crm_btyd_n_params(data->kind);
	int			j,
				k;

	for (k = 0; k < n_params; k++)
		memset(jac[k], 0, sizeof(jac[k]));
	for (j = 0; j < design->n_covariates; j++)
	{
		int			p = design->purchase[j],
					d = design->dropout[j];
		double		shift = c->mean[j] / c->scale[j];

		for (k = 0; k < n_params; k++)
		{
			if (p >= 0)
				jac[k][p] -= ops->purchase[k] * shift;
			if (d >= 0)
				jac[k][d] -= ops->dropout[k] * shift;
		}
		if (p >= 0)
			scale[p] = c->scale[j];
		if (d >= 0)
			scale[d] = c->scale[j];
	}
}

/*
 * Logarithms of parameters and coefficients on their natural scale.
 */
void
crm_btyd_covariates_natural(const BtydFitData *data, const double *theta,
							double *natural)
{
	int			n_params = crm_btyd_n_params(data->kind);
	int			n_coefs = data->covariates->design->n_coefs;
	double		scale[BTYD_MAX_COEFS];
	double		jac[BTYD_MAX_PARAMS][BTYD_MAX_COEFS];
	int			k,
				s;

	jacobian(data, scale, jac);
	for (k = 0; k < n_params; k++)
	{
		natural[k] = theta[k];
		for (s = 0; s < n_coefs; s++)
			natural[k] += jac[k][s] * theta[n_params + s];
	}
	for (s = 0; s < n_coefs; s++)
		natural[n_params + s] = theta[n_params + s] / scale[s];
}

/*
 * Turn the covariance of the fit's variables into that of the logarithms of
 * parameters and of coefficients on their natural scale.
 */
void
crm_btyd_covariates_covariance(const BtydFitData *data, double *covariance)
{
	int			n_params = crm_btyd_n_params(data->kind);
	int			n_coefs = data->covariates->design->n_coefs;
	int			n = n_params + n_coefs;
	double		scale[BTYD_MAX_COEFS];
	double		jac[BTYD_MAX_PARAMS][BTYD_MAX_COEFS];
	int			i,
				k,
				s,
				pass;

	jacobian(data, scale, jac);
	/* J C, then the same on the other side */
	for (pass = 0; pass < 2; pass++)
	{
		int			down = pass == 0 ? n : 1,
					across = pass == 0 ? 1 : n;

		for (i = 0; i < n; i++)
		{
			double	   *line = covariance + i * across;

			for (k = 0; k < n_params; k++)
				for (s = 0; s < n_coefs; s++)
					line[k * down] += jac[k][s] * line[(n_params + s) * down];
			for (s = 0; s < n_coefs; s++)
				line[(n_params + s) * down] /= scale[s];
		}
	}
}

/*
 * Log prior density of the natural parameters less the penalty on the natural
 * coefficients, added to *point if that is not NULL; returns it.
 */
double
crm_btyd_covariates_penalty(const BtydFitData *data, const double *theta,
							NewtonPoint *point)
{
	const BtydDesign *design = data->covariates->design;
	int			n_params = crm_btyd_n_params(data->kind);
	int			n_coefs = design->n_coefs;
	int			n = n_params + n_coefs;
	double		natural[NEWTON_MAX];
	double		ridge[BTYD_MAX_COEFS] = {0.0};
	double		scale[BTYD_MAX_COEFS];
	double		jac[BTYD_MAX_PARAMS][BTYD_MAX_COEFS];
	NewtonPoint own;
	double		value;
	int			i,
				j,
				k;

	crm_btyd_covariates_natural(data, theta, natural);
	for (j = 0; j < design->n_covariates; j++)
	{
		if (design->purchase[j] >= 0)
			ridge[design->purchase[j]] += design->ridge[0];
		if (design->dropout[j] >= 0)
			ridge[design->dropout[j]] += design->ridge[1];
	}
	memset(&own, 0, sizeof(own));
	value = crm_fit_add_prior(data->options, n_params, natural, &own);
	for (i = 0; i < n_coefs; i++)
	{
		double		coef = natural[n_params + i];

		value -= ridge[i] * coef * coef;
		own.grad[n_params + i] = -2.0 * ridge[i] * coef;
		own.hess[n_params + i][n_params + i] = -2.0 * ridge[i];
	}
	if (point == NULL)
		return value;

	/* Only the diagonal of own.hess is set. */
	jacobian(data, scale, jac);
	point->value += value;
	for (i = 0; i < n; i++)
	{
		double		in_i[BTYD_MAX_PARAMS];	/* parameters' slopes in i */

		for (k = 0; k < n_params; k++)
		{
			in_i[k] = i < n_params ? (k == i ? 1.0 : 0.0) : jac[k][i - n_params];
			point->grad[i] += in_i[k] * own.grad[k];
		}
		for (j = 0; j < n; j++)
			for (k = 0; k < n_params; k++)
				point->hess[i][j] += in_i[k] * own.hess[k][k] *
					(j < n_params ? (k == j ? 1.0 : 0.0) : jac[k][j - n_params]);
		if (i >= n_params)
		{
			double		s = scale[i - n_params];

			point->grad[i] += own.grad[i] / s;
			point->hess[i][i] += own.hess[i][i] / (s * s);
		}
	}
	return value;
}

/*
 * Is a coefficient on its way to infinity: does it change the rates by a factor
 * of more than 1 / BTYD_NEAR_ZERO over its covariate's range?
 */
bool
crm_btyd_covariates_run_away(const BtydFitData *data, const double *theta)
{
	int			n_params = crm_btyd_n_params(data->kind);
	int			s;

	if (data->covariates == NULL)
		return false;
	for (s = 0; s < data->covariates->design->n_coefs; s++)
		if (fabs(theta[n_params + s]) > data->covariates->runaway[s])
			return true;
	return false;
}
