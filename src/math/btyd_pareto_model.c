/*-------------------------------------------------------------------------
 *
 * btyd_pareto_model.c
 *	  The Pareto/NBD model as one of the models: its functions, starting points
 *	  and limits of the fit, and what becomes of a customer who is alive.
 *
 * Given that the customer is alive at T, the posterior rates are gamma again,
 * (r + x, alpha + T) and (s, beta + T).
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/btyd_ops.h"

#include <math.h>
#include <string.h>

#include "src/math/btyd_living.h"
#include "src/math/btyd_pareto.h"

#define N_STARTS 6

static void add_rows(const BtydParams *params, const BtydRow *rows, size_t n,
					 FitSums *sums);
static void add_counts(const BtydParams *params, const XCounts *counts,
					   FitSums *sums);
static void start(int i, double rate, double time_scale, double *theta);
static void nobody_bought(BtydKind kind, double time_scale, double *v);
static double log_likelihood(const BtydParams *params, const BtydHistory *h);
static double log_odds_dead(const BtydParams *params, const BtydHistory *h);
static void living(const BtydParams *params, const BtydHistory *h, double *v);

static const BtydLimit limits[] = {
	{BTYD_BOUNDARY, 2, false, 3, false},
	{BTYD_RIDGE, 0, true, 1, true},
	{BTYD_RIDGE, 2, true, 3, true}
};

static const BtydFitOps fit_ops = {
	.add_rows = add_rows,
	.add_counts = add_counts,
	.n_starts = N_STARTS,
	.start = start,
	.nobody_bought = nobody_bought,
	.n_limits = sizeof(limits) / sizeof(limits[0]),
	.limits = limits
};

const BtydModelOps crm_btyd_pareto_ops = {
	.fit = &fit_ops,
	.log_likelihood = log_likelihood,
	.log_odds_dead = log_odds_dead,
	.living = living,
	.survival = crm_pareto_living_survival,
	.purchases = crm_pareto_living_purchases,
	.variance = crm_pareto_living_variance,
	.discounted = crm_pareto_living_discounted,
	.pmf = crm_pareto_living_pmf,
	.upper_tail = crm_pareto_living_upper_tail
};

static void
add_rows(const BtydParams *params, const BtydRow *rows, size_t n, FitSums *sums)
{
	crm_pareto_add_rows(params->v, rows, n, sums);
}

static void
add_counts(const BtydParams *params, const XCounts *counts, FitSums *sums)
{
	crm_pareto_add_counts(params->v, counts, sums);
}

/*
 * Rates of purchase vary, and those alive buy faster than rate says.  The last
 * starts are near "no dropout", near equal customers, and near "dropout at once
 * or never".
 */
static void
start(int i, double rate, double time_scale, double *theta)
{
	/* r, alpha * rate / r, s, beta / time_scale */
	static const double shape[N_STARTS][4] = {
		{0.5, 0.6, 0.5, 0.3},
		{1.0, 0.7, 1.5, 2.0},
		{2.0, 0.9, 0.3, 0.1},
		{0.8, 1.0, 0.05, 1.0},
		{8.0, 0.8, 8.0, 16.0},
		{0.8, 0.8, 0.05, 1e-6}
	};
	int			j;

	for (j = 0; j < 4; j++)
		theta[j] = log(shape[i][j]);
	theta[1] += theta[0] - log(rate);
	theta[3] += log(time_scale);
}

static void
nobody_bought(BtydKind kind, double time_scale, double *v)
{
	(void) kind;
	v[0] = BTYD_NEAR_ZERO;
	v[1] = time_scale;
	v[2] = 1.0;
	v[3] = time_scale;
}

static double
log_likelihood(const BtydParams *params, const BtydHistory *h)
{
	return crm_pareto_log_likelihood(params->v, h->x, h->t_x, h->T);
}

static double
log_odds_dead(const BtydParams *params, const BtydHistory *h)
{
	const double *v = params->v;

	if (h == NULL)
		return -INFINITY;
	return crm_pareto_log_i(v[0], v[1], v[2], v[3], h->x, h->t_x, h->T);
}

static void
living(const BtydParams *params, const BtydHistory *h, double *v)
{
	memcpy(v, params->v, sizeof(params->v));
	if (h != NULL)
	{
		v[0] += h->x;
		v[1] += h->T;
		v[3] += h->T;
	}
}
