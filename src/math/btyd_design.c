/*-------------------------------------------------------------------------
 *
 * btyd_design.c
 *	  Covariates of customers apart from the fit: can their coefficients be
 *	  told from the data, and what is the model at given covariates?
 *
 * See btyd_covariates.c for how they act.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/btyd_fit.h"

#include <math.h>
#include <string.h>

/* Variation of a covariate less than this part of its size is none. */
#define LEAST_VARIATION 1e-9

/*
 * Covariates are collinear if the least eigenvalue of their correlations is
 * below this.
 */
#define LEAST_EIGENVALUE 1e-9

/* Rows between two checks for interrupts */
#define ROWS_PER_CHECK 4096

static bool collinear(const BtydRow *rows, size_t n_rows,
					  const BtydCovariates *covariates, const MathHost *host,
					  const double *mean, const double *scale,
					  const int *used, int *which);

/*
 * Does the model take covariates?
 */
bool
crm_btyd_takes_covariates(BtydKind kind)
{
	const BtydFitOps *fit = crm_btyd_ops(kind)->fit;

	return fit != NULL && fit->covariates != NULL;
}

/*
 * Weighted mean and standard deviation of each covariate, and which do not
 * vary (their scale is 1).  Two passes, so that nothing cancels.
 */
void
crm_btyd_covariate_moments(const BtydRow *rows, size_t n_rows,
						   const BtydCovariates *covariates,
						   const MathHost *host, double *mean, double *scale,
						   bool *is_constant)
{
	int			m = covariates->design->n_covariates;
	ExactSum	weight = EXACT_SUM_ZERO;
	ExactSum	sum[BTYD_MAX_COVARIATES];
	double		size[BTYD_MAX_COVARIATES] = {0.0};
	int			pass,
				j;
	size_t		i;

	for (i = 0; i < n_rows; i++)
	{
		exact_sum_add(&weight, rows[i].weight);
		if (i % ROWS_PER_CHECK == 0)
			host->check_interrupts();
	}
	for (pass = 0; pass < 2; pass++)
	{
		memset(sum, 0, sizeof(sum));
		for (i = 0; i < n_rows; i++)
		{
			const double *x = covariates->x + (size_t) m * covariates->pattern[i];

			for (j = 0; j < m; j++)
			{
				double		off = pass == 0 ? x[j] : x[j] - mean[j];

				size[j] = fmax(size[j], fabs(x[j]));
				exact_sum_add(&sum[j], rows[i].weight *
							  (pass == 0 ? off : off * off));
			}
			if (i % ROWS_PER_CHECK == 0)
				host->check_interrupts();
		}
		for (j = 0; j < m; j++)
		{
			double		value = exact_sum_value(&sum[j]) / exact_sum_value(&weight);

			if (pass == 0)
				mean[j] = value;
			else
			{
				scale[j] = sqrt(value);
				is_constant[j] = !(scale[j] > LEAST_VARIATION * size[j]);
				if (is_constant[j])
					scale[j] = 1.0;
			}
		}
	}
}

/*
 * Is one of the covariates with used[j] >= 0 a linear combination of others?
 * *which is then the last that takes part.
 */
static bool
collinear(const BtydRow *rows, size_t n_rows, const BtydCovariates *covariates,
		  const MathHost *host, const double *mean, const double *scale,
		  const int *used, int *which)
{
	int			m = covariates->design->n_covariates;
	int			index[BTYD_MAX_COVARIATES];
	int			n = 0;
	ExactSum	sum[BTYD_MAX_COVARIATES][BTYD_MAX_COVARIATES];
	double		a[NEWTON_MAX][NEWTON_MAX];
	double		value[NEWTON_MAX];
	double		vector[NEWTON_MAX][NEWTON_MAX];
	double		trace = 0.0;
	size_t		i;
	int			j,
				k,
				least = 0;

	for (j = 0; j < m; j++)
		if (used[j] >= 0)
			index[n++] = j;
	if (n < 2)
		return false;
	memset(sum, 0, sizeof(sum));
	for (i = 0; i < n_rows; i++)
	{
		const double *x = covariates->x + (size_t) m * covariates->pattern[i];
		double		z[BTYD_MAX_COVARIATES];

		for (j = 0; j < n; j++)
			z[j] = (x[index[j]] - mean[index[j]]) / scale[index[j]];
		for (j = 0; j < n; j++)
			for (k = j; k < n; k++)
				exact_sum_add(&sum[j][k], rows[i].weight * z[j] * z[k]);
		if (i % ROWS_PER_CHECK == 0)
			host->check_interrupts();
	}
	for (j = 0; j < n; j++)
		trace += exact_sum_value(&sum[j][j]);
	for (j = 0; j < n; j++)
		for (k = j; k < n; k++)
			a[j][k] = a[k][j] = exact_sum_value(&sum[j][k]) * n / trace;
	crm_symmetric_eigen(n, a, value, vector);
	for (j = 1; j < n; j++)
		if (value[j] < value[least])
			least = j;
	if (value[least] >= LEAST_EIGENVALUE)
		return false;
	for (j = 0; j < n; j++)
		if (fabs(vector[j][least]) > 1e-3)
			*which = index[j];
	return true;
}

/*
 * Can the coefficients be told from the data at all?  *which is the covariate
 * (from 0) at fault.  A penalty makes up for covariates that are collinear.
 */
BtydDesignFault
crm_btyd_check_design(const BtydRow *rows, size_t n_rows,
					  const BtydCovariates *covariates, const MathHost *host,
					  int *which)
{
	const BtydDesign *design = covariates->design;
	double		mean[BTYD_MAX_COVARIATES];
	double		scale[BTYD_MAX_COVARIATES];
	bool		is_constant[BTYD_MAX_COVARIATES];
	int			j;

	crm_btyd_covariate_moments(rows, n_rows, covariates, host, mean, scale, is_constant);
	for (j = 0; j < design->n_covariates; j++)
	{
		if (is_constant[j] && (design->purchase[j] >= 0 || design->dropout[j] >= 0))
		{
			*which = j;
			return BTYD_DESIGN_CONSTANT;
		}
	}
	if ((!(design->ridge[0] > 0.0) &&
		 collinear(rows, n_rows, covariates, host, mean, scale,
				   design->purchase, which)) ||
		(!(design->ridge[1] > 0.0) &&
		 collinear(rows, n_rows, covariates, host, mean, scale,
				   design->dropout, which)))
		return BTYD_DESIGN_COLLINEAR;
	return BTYD_DESIGN_GOOD;
}

/*
 * P and Q of covariates x.
 */
void
crm_btyd_linear_predictors(const BtydDesign *design, const double *coefs,
						   const double *x, double *P, double *Q)
{
	int			j;

	*P = *Q = 0.0;
	for (j = 0; j < design->n_covariates; j++)
	{
		if (design->purchase[j] >= 0)
			*P += coefs[design->purchase[j]] * x[j];
		if (design->dropout[j] >= 0)
			*Q += coefs[design->dropout[j]] * x[j];
	}
}

/*
 * The plain model of customers with covariates x: v, parameters at x = 0 on
 * input, is changed to those at x, and covariance_at (not NULL if covariance is
 * not; n_params squared) is theirs by the delta method, covariance being that
 * of parameters and coefficients.
 */
void
crm_btyd_at_covariates(BtydKind kind, const BtydDesign *design,
					   const double *coefs, const double *x, double *v,
					   const double *covariance, double *covariance_at)
{
	const BtydCovariateOps *ops = crm_btyd_ops(kind)->fit->covariates;
	int			n_params = crm_btyd_n_params(kind);
	int			n = n_params + design->n_coefs;
	double		slope[BTYD_MAX_PARAMS][BTYD_MAX_FREE];
	double		P,
				Q;
	int			i,
				j,
				k,
				l;

	crm_btyd_linear_predictors(design, coefs, x, &P, &Q);
	memset(slope, 0, sizeof(slope));
	for (k = 0; k < n_params; k++)
	{
		double		factor = exp(ops->purchase[k] * P + ops->dropout[k] * Q);

		v[k] *= factor;
		slope[k][k] = factor;
		for (j = 0; j < design->n_covariates; j++)
		{
			if (design->purchase[j] >= 0)
				slope[k][n_params + design->purchase[j]] +=
					v[k] * ops->purchase[k] * x[j];
			if (design->dropout[j] >= 0)
				slope[k][n_params + design->dropout[j]] +=
					v[k] * ops->dropout[k] * x[j];
		}
	}
	if (covariance == NULL)
		return;
	for (k = 0; k < n_params; k++)
	{
		double		row[BTYD_MAX_FREE] = {0.0};

		for (i = 0; i < n; i++)
		{
			if (slope[k][i] == 0.0)
				continue;
			for (j = 0; j < n; j++)
				row[j] += slope[k][i] * covariance[i * n + j];
		}
		for (l = 0; l < n_params; l++)
		{
			double		sum = 0.0;

			for (j = 0; j < n; j++)
				sum += row[j] * slope[l][j];
			covariance_at[k * n_params + l] = sum;
		}
	}
}
