/*-------------------------------------------------------------------------
 *
 * btyd_cnbd_model.c
 *	  The BG/CNBD-k and MBG/CNBD-k models among the models: their functions,
 *	  starting points and limits of the fit, and what becomes of a customer who
 *	  is alive.
 *
 * As btyd_bg_model.c, with alpha and its rates counting stages, k of them to a
 * purchase.  What is new of a living customer is that the time since the last
 * purchase tells how far the next one is.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/btyd_ops.h"

#include <math.h>

#include "src/math/btyd_cnbd.h"

#define N_STARTS 6

/* A living customer as an array, see BTYD_LIVING */
enum
{
	LIVING_SHAPE,
	LIVING_RATE,
	LIVING_A,
	LIVING_B,
	LIVING_IDLE,
	LIVING_K
};

static bool first_chance(const BtydParams *params);
static void add_rows(const BtydParams *params, const BtydRow *rows, size_t n,
					 FitSums *sums);
static void add_counts(const BtydParams *params, const XCounts *counts,
					   FitSums *sums);
static void start(int i, double rate, double time_scale, double *theta);
static void nobody_bought(BtydKind kind, double time_scale, double *v);
static double log_likelihood(const BtydParams *params, const BtydHistory *h);
static double log_odds_dead(const BtydParams *params, const BtydHistory *h);
static void living(const BtydParams *params, const BtydHistory *h, double *v);
static CnbdLiving unpack(const double *v);
static double survival(const double *v, double t);
static double purchases(const double *v, double t);
static double variance(const double *v, double t);
static double discounted(const double *v, double delta, double horizon);
static double pmf(const double *v, double t, double n);
static double upper_tail(const double *v, double t, double n);

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
	.survival = survival, \
	.purchases = purchases, \
	.variance = variance, \
	.discounted = discounted, \
	.pmf = pmf, \
	.upper_tail = upper_tail \
}

const BtydModelOps crm_btyd_bg_cnbd_ops = OPS;
const BtydModelOps crm_btyd_mbg_cnbd_ops = OPS;

static bool
first_chance(const BtydParams *params)
{
	return params->kind == BTYD_MBG_CNBD_K;
}

static void
add_rows(const BtydParams *params, const BtydRow *rows, size_t n, FitSums *sums)
{
	crm_cnbd_add_rows(first_chance(params), params->k, params->v, rows, n, sums);
}

static void
add_counts(const BtydParams *params, const XCounts *counts, FitSums *sums)
{
	crm_cnbd_add_counts(first_chance(params), params->k, params->v, counts, sums);
}

/*
 * As in btyd_bg_model.c; rate is that of stages.
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

	(void) time_scale;
	for (int j = 0; j < 4; j++)
		theta[j] = log(shape[i][j]);
	theta[1] += theta[0] - log(rate);
}

static void
nobody_bought(BtydKind kind, double time_scale, double *v)
{
	v[0] = BTYD_NEAR_ZERO;
	v[1] = time_scale;
	v[2] = kind == BTYD_MBG_CNBD_K ? BTYD_NEAR_ZERO : 1.0;
	v[3] = 1.0;
}

static double
log_likelihood(const BtydParams *params, const BtydHistory *h)
{
	return crm_cnbd_log_likelihood(first_chance(params), params->k, params->v, h);
}

static double
log_odds_dead(const BtydParams *params, const BtydHistory *h)
{
	if (h != NULL)
		return crm_cnbd_log_odds_dead(first_chance(params), params->k,
									  params->v, h);
	return first_chance(params) ? log(params->v[2]) - log(params->v[3]) :
		-INFINITY;
}

static void
living(const BtydParams *params, const BtydHistory *h, double *v)
{
	v[LIVING_SHAPE] = params->v[0];
	v[LIVING_RATE] = params->v[1];
	v[LIVING_A] = params->v[2];
	v[LIVING_B] = params->v[3];
	v[LIVING_K] = params->k;
	if (h != NULL)
	{
		v[LIVING_SHAPE] += params->k * h->x;
		v[LIVING_RATE] += h->t_x;
		v[LIVING_B] += h->x;
		v[LIVING_IDLE] = h->T - h->t_x;
	}
	if (first_chance(params))
		v[LIVING_B] += 1.0;
}

static CnbdLiving
unpack(const double *v)
{
	CnbdLiving	c = {
		.k = (int) v[LIVING_K],.shape = v[LIVING_SHAPE],.rate = v[LIVING_RATE],
		.idle = v[LIVING_IDLE],.a = v[LIVING_A],.b = v[LIVING_B]
	};

	return c;
}

static double
survival(const double *v, double t)
{
	CnbdLiving	c = unpack(v);

	return crm_cnbd_living_survival(&c, t);
}

static double
purchases(const double *v, double t)
{
	CnbdLiving	c = unpack(v);

	return crm_cnbd_living_purchases(&c, t);
}

static double
variance(const double *v, double t)
{
	CnbdLiving	c = unpack(v);

	return crm_cnbd_living_variance(&c, t);
}

static double
discounted(const double *v, double delta, double horizon)
{
	CnbdLiving	c = unpack(v);

	return crm_cnbd_living_discounted(&c, delta, horizon);
}

static double
pmf(const double *v, double t, double n)
{
	CnbdLiving	c = unpack(v);

	return crm_cnbd_living_pmf(&c, t, n);
}

static double
upper_tail(const double *v, double t, double n)
{
	CnbdLiving	c = unpack(v);

	return crm_cnbd_living_upper_tail(&c, t, n);
}
