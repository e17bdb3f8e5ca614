/*-------------------------------------------------------------------------
 *
 * btyd_bgbb_model.c
 *	  The BG/BB model among the models: its functions, starting points and
 *	  limits of the fit, and what becomes of a customer who is alive.
 *
 * Given that the customer is alive at T, the posteriors are beta again,
 * (alpha + x, beta + T - x) and (gamma, delta + T).
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/btyd_ops.h"

#include <math.h>
#include <string.h>

#include "src/math/btyd_bgbb.h"
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

/*
 * No dropout; a purchase at every opportunity while alive; all alike in
 * buying; all alike in dropout; dropout at once or never; purchases always or
 * never.
 */
static const BtydLimit limits[] = {
	{BTYD_BOUNDARY, 2, false, 3, false},
	{BTYD_BOUNDARY, 1, false, 0, false},
	{BTYD_RIDGE, 1, true, 0, true},
	{BTYD_RIDGE, 3, true, 2, true},
	{BTYD_RIDGE, 3, false, 2, true},
	{BTYD_RIDGE, 1, false, 0, true}
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

const BtydModelOps crm_btyd_bgbb_ops = {
	.fit = &fit_ops,
	.log_likelihood = log_likelihood,
	.log_odds_dead = log_odds_dead,
	.living = living,
	.survival = crm_bgbb_living_survival,
	.purchases = crm_bgbb_living_purchases,
	.variance = crm_bgbb_living_variance,
	.discounted = crm_bgbb_living_discounted,
	.pmf = crm_bgbb_living_pmf,
	.upper_tail = crm_bgbb_living_upper_tail
};

static void
add_rows(const BtydParams *params, const BtydRow *rows, size_t n, FitSums *sums)
{
	crm_bgbb_add_rows(params->v, rows, n, sums);
}

/*
 * Nothing depends on x alone in a way that more than one row could share.
 */
static void
add_counts(const BtydParams *params, const XCounts *counts, FitSums *sums)
{
	(void) params;
	(void) counts;
	(void) sums;
}

/*
 * rate is the share of opportunities used: those alive use more of theirs.
 */
static void
start(int i, double rate, double time_scale, double *theta)
{
	/* alpha + beta, mean p in odds of rate, gamma + delta, mean theta */
	static const double shape[N_STARTS][4] = {
		{2.0, 2.0, 3.0, 0.2},
		{1.0, 1.2, 1.0, 0.5},
		{10.0, 1.5, 10.0, 0.1},
		{2.0, 1.0, 1.0, 0.02},
		{1.0, 4.0, 0.1, 0.4},
		{100.0, 1.5, 100.0, 0.1}
	};
	double		odds = shape[i][1] * rate / fmax(1.0 - rate, 1e-3);

	(void) time_scale;
	theta[0] = log(shape[i][0] * odds / (1.0 + odds));
	theta[1] = log(shape[i][0] / (1.0 + odds));
	theta[2] = log(shape[i][2] * shape[i][3]);
	theta[3] = log(shape[i][2] * (1.0 - shape[i][3]));
}

static void
nobody_bought(BtydKind kind, double time_scale, double *v)
{
	(void) kind;
	(void) time_scale;
	v[0] = BTYD_NEAR_ZERO;
	v[1] = v[2] = v[3] = 1.0;
}

static double
log_likelihood(const BtydParams *params, const BtydHistory *h)
{
	return crm_bgbb_log_likelihood(params->v, h->x, h->t_x, h->T);
}

static double
log_odds_dead(const BtydParams *params, const BtydHistory *h)
{
	if (h == NULL)
		return -INFINITY;
	return crm_bgbb_log_odds_dead(params->v, h->x, h->t_x, h->T);
}

static void
living(const BtydParams *params, const BtydHistory *h, double *v)
{
	memcpy(v, params->v, sizeof(params->v));
	if (h != NULL)
	{
		v[0] += h->x;
		v[1] += h->T - h->x;
		v[3] += h->T;
	}
}
