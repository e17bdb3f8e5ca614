/*-------------------------------------------------------------------------
 *
 * btyd_bg_model.c
 *	  The BG/NBD and MBG/NBD models among the models: their functions, starting
 *	  points and limits of the fit, and what becomes of a customer who is alive.
 *
 * Given that the customer is alive at T, the posteriors are gamma and beta
 * again, (r + x, alpha + T) and (a, b + x) or, MBG, (a, b + x + 1).  The two
 * models differ only in whether one may drop out right after the first
 * purchase, which a living customer has not done.  A new MBG/NBD customer is
 * alive with probability b / (a + b).
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/btyd_ops.h"

#include <math.h>
#include <string.h>

#include "src/math/btyd_bg.h"
#include "src/math/btyd_living.h"

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
	{BTYD_BOUNDARY, 3, false, 2, false},
	{BTYD_RIDGE, 0, true, 1, true},
	{BTYD_RIDGE, 3, true, 2, true},
	{BTYD_RIDGE, 3, false, 2, true}
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

#define OPS { \
	.fit = &fit_ops, \
	.log_likelihood = log_likelihood, \
	.log_odds_dead = log_odds_dead, \
	.living = living, \
	.survival = crm_bg_living_survival, \
	.purchases = crm_bg_living_purchases, \
	.variance = crm_bg_living_variance, \
	.discounted = crm_bg_living_discounted, \
	.pmf = crm_bg_living_pmf, \
	.upper_tail = crm_bg_living_upper_tail \
}

const BtydModelOps crm_btyd_bg_ops = OPS;
const BtydModelOps crm_btyd_mbg_ops = OPS;

static void
add_rows(const BtydParams *params, const BtydRow *rows, size_t n, FitSums *sums)
{
	crm_bg_add_rows(params->kind, params->v, rows, n, sums);
}

static void
add_counts(const BtydParams *params, const XCounts *counts, FitSums *sums)
{
	crm_bg_add_counts(params->kind, params->v, counts, sums);
}

/*
 * As in btyd_pareto_model.c.
 */
static void
start(int i, double rate, double time_scale, double *theta)
{
	/* r, alpha * rate / r, a, b */
	static const double shape[N_STARTS][4] = {
		{0.3, 0.6, 0.8, 2.5},
		{0.8, 0.6, 0.5, 1.0},
		{2.0, 0.8, 0.3, 3.0},
		{0.8, 1.0, 0.05, 1.0},
		{8.0, 0.8, 5.0, 20.0},
		{0.8, 0.8, 0.01, 0.03}
	};
	int			j;

	(void) time_scale;
	for (j = 0; j < 4; j++)
		theta[j] = log(shape[i][j]);
	theta[1] += theta[0] - log(rate);
}

static void
nobody_bought(BtydKind kind, double time_scale, double *v)
{
	v[0] = BTYD_NEAR_ZERO;
	v[1] = time_scale;
	v[2] = kind == BTYD_MBG_NBD ? BTYD_NEAR_ZERO : 1.0;
	v[3] = 1.0;
}

static double
log_likelihood(const BtydParams *params, const BtydHistory *h)
{
	return crm_bg_log_likelihood(params->kind, params->v, h->x, h->t_x, h->T);
}

static double
log_odds_dead(const BtydParams *params, const BtydHistory *h)
{
	const double *v = params->v;

	if (h != NULL)
		return crm_bg_log_odds_dead(params->kind, v[0], v[1], v[2], v[3],
									h->x, h->t_x, h->T);
	return params->kind == BTYD_MBG_NBD ? log(v[2]) - log(v[3]) : -INFINITY;
}

static void
living(const BtydParams *params, const BtydHistory *h, double *v)
{
	memcpy(v, params->v, sizeof(params->v));
	if (h != NULL)
	{
		v[0] += h->x;
		v[1] += h->T;
		v[3] += h->x;
	}
	if (params->kind == BTYD_MBG_NBD)
		v[3] += 1.0;
}
