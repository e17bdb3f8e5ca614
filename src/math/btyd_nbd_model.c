/*-------------------------------------------------------------------------
 *
 * btyd_nbd_model.c
 *	  The NBD model among the models: everybody buys at a steady rate and nobody
 *	  ever leaves.
 *
 * Ehrenberg 1959, "The pattern of consumer purchases", Applied Statistics 8(1).
 * Rates of purchase are gamma(r, alpha) distributed over customers, so that the
 * number of purchases in a time T is negative binomial, and given x of them the
 * rate is gamma(r + x, alpha + T) again.  With the purchases' order in time as
 * part of the event, as in the other models,
 *
 *	  L = Gamma(r + x) / Gamma(r) alpha^r (alpha + T)^-(r + x)
 *
 * It is the limit without dropout of Pareto/NBD and BG/NBD, and what they are
 * measured by: a model with dropout that does no better has no dropout to show.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/btyd_ops.h"

#include <math.h>

#include "src/math/expint.h"
#include "src/math/gammafn.h"
#include "src/math/nbd.h"

#define N_STARTS 4

static void add_rows(const BtydParams *params, const BtydRow *rows, size_t n,
					 FitSums *sums);
static void add_counts(const BtydParams *params, const XCounts *counts,
					   FitSums *sums);
static void start(int i, double rate, double time_scale, double *theta);
static void nobody_bought(BtydKind kind, double time_scale, double *v);
static double log_likelihood(const BtydParams *params, const BtydHistory *h);
static double log_odds_dead(const BtydParams *params, const BtydHistory *h);
static void living(const BtydParams *params, const BtydHistory *h, double *v);
static double survival(const double *v, double t);
static double purchases(const double *v, double t);
static double variance(const double *v, double t);
static double discounted(const double *v, double delta, double horizon);
static double pmf(const double *v, double t, double n);
static double upper_tail(const double *v, double t, double n);

/* all buy at the same rate */
static const BtydLimit limits[] = {
	{BTYD_RIDGE, 0, true, 1, true}
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

const BtydModelOps crm_btyd_nbd_ops = {
	.fit = &fit_ops,
	.log_likelihood = log_likelihood,
	.log_odds_dead = log_odds_dead,
	.living = living,
	.survival = survival,
	.purchases = purchases,
	.variance = variance,
	.discounted = discounted,
	.pmf = pmf,
	.upper_tail = upper_tail
};

/*
 * The terms that depend on T, with derivatives with respect to ln r and
 * ln alpha.  As in btyd_bg_sums.c they are those of (alpha / (alpha + T))^r
 * (alpha + T)^-x, which keep their accuracy where alpha is large.
 */
static void
add_rows(const BtydParams *params, const BtydRow *rows, size_t n, FitSums *sums)
{
	double		r = params->v[0];
	double		alpha = params->v[1];
	double		log_alpha = log(alpha);
	double		sum[FIT_TERMS] = {0.0};

	for (size_t i = 0; i < n; i++)
	{
		double		x = rows[i].h.x;
		double		weight = rows[i].weight;
		double		grown = log1p(rows[i].h.T / alpha);
		double		share = rows[i].h.T / (alpha + rows[i].h.T);

		sum[FIT_VALUE] -= weight * (r * grown + x * (log_alpha + grown));
		sum[FIT_G0] -= weight * (r * grown);
		sum[FIT_G1] += weight * ((r + x) * share - x);
		sum[FIT_H00] -= weight * (r * grown);
		sum[FIT_H01] += weight * (r * share);
		sum[FIT_H11] -= weight * ((r + x) * share * (1.0 - share));
	}
	for (int t = 0; t < FIT_TERMS; t++)
		exact_sum_add(&sums->term[t], sum[t]);
}

/*
 * The sum of ln Gamma(r + x) - ln Gamma(r).
 */
static void
add_counts(const BtydParams *params, const XCounts *counts, FitSums *sums)
{
	double		r = params->v[0];
	double		of_r[3];

	crm_xcounts_gamma_sums(counts, r, 0.0, of_r);
	exact_sum_add(&sums->term[FIT_VALUE], of_r[0]);
	exact_sum_add(&sums->term[FIT_G0], r * of_r[1]);
	exact_sum_add(&sums->term[FIT_H00], r * of_r[1] + r * r * of_r[2]);
}

/*
 * The mean rate is known from the start, its spread is not.
 */
static void
start(int i, double rate, double time_scale, double *theta)
{
	static const double shape[N_STARTS] = {0.5, 0.1, 2.0, 20.0};

	(void) time_scale;
	theta[0] = log(shape[i]);
	theta[1] = theta[0] - log(rate);
}

static void
nobody_bought(BtydKind kind, double time_scale, double *v)
{
	(void) kind;
	v[0] = BTYD_NEAR_ZERO;
	v[1] = time_scale;
}

static double
log_likelihood(const BtydParams *params, const BtydHistory *h)
{
	double		r = params->v[0];
	double		alpha = params->v[1];
	double		grown = log1p(h->T / alpha);
	double		value = -r * grown;

	if (h->x > 0.0)
		value += crm_lgamma_diff(r, h->x) - h->x * (log(alpha) + grown);
	return value;
}

static double
log_odds_dead(const BtydParams *params, const BtydHistory *h)
{
	(void) params;
	(void) h;
	return -INFINITY;
}

static void
living(const BtydParams *params, const BtydHistory *h, double *v)
{
	v[0] = params->v[0];
	v[1] = params->v[1];
	if (h != NULL)
	{
		v[0] += h->x;
		v[1] += h->T;
	}
}

static double
survival(const double *v, double t)
{
	(void) v;
	(void) t;
	return 1.0;
}

static double
purchases(const double *v, double t)
{
	return v[0] * (t / v[1]);
}

static double
variance(const double *v, double t)
{
	return v[0] * (t / v[1]) * (1.0 + t / v[1]);
}

/*
 * Purchases come at a steady mean rate.
 */
static double
discounted(const double *v, double delta, double horizon)
{
	double		rate = v[0] / v[1];

	if (isinf(horizon))
		return delta > 0.0 ? rate / delta : INFINITY;
	return rate * horizon * crm_phi1(-delta * horizon);
}

static double
pmf(const double *v, double t, double n)
{
	return exp(crm_nbd_log_pmf(n, v[0], v[1], t));
}

static double
upper_tail(const double *v, double t, double n)
{
	return crm_nbd_upper_tail(n, v[0], v[1], t);
}
