/*-------------------------------------------------------------------------
 *
 * btyd_predict.c
 *	  Predictions from a "buy till you die" model, for a customer with a history
 *	  or a new one.
 *
 * One identity covers all models and quantities: given the history, the number
 * of future purchases is 0 with probability 1 - P(alive), else that of a living
 * customer, who is as good as new with updated parameters (btyd_*_model.c).
 *
 * P(alive) may be far below 1e-308 and is kept as log odds.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/btyd_ops.h"

#include <math.h>

/* Beyond these log odds exp() is near the end of its range. */
#define LOG_ODDS_MAX 700.0

/* A customer: alive with some probability, and if alive, then this. */
typedef struct Customer
{
	const BtydModelOps *ops;
	double		v[BTYD_LIVING]; /* of the living customer */
	double		log_odds_dead;
} Customer;

static void resolve(Customer *c, const BtydParams *params,
					const BtydHistory *h);
static double log_odds_dead(const BtydParams *params, const BtydHistory *h);
static double times_p_alive(const Customer *c, double value);
static double p_dead(const Customer *c);
static double upper_tail(const Customer *c, double t, double n);

/*
 * The living customer behind a history, or behind a new customer (h NULL).
 */
static void
resolve(Customer *c, const BtydParams *params, const BtydHistory *h)
{
	c->ops = crm_btyd_ops(params->kind);
	for (int i = 0; i < BTYD_LIVING; i++)
		c->v[i] = 0.0;
	c->ops->living(params, h, c->v);
	c->log_odds_dead = h == NULL ? c->ops->log_odds_dead(params, NULL)
		: log_odds_dead(params, h);
}

/*
 * ln((1 - P) / P) with P = P(alive at T | history).
 *
 * A query commonly asks for several quantities of one customer after another,
 * P(alive), expected purchases and value, in separate calls.  This is their
 * common part and the slowest, so the last result is remembered, keyed on
 * everything it depends on.  Nothing else is shared between calls; a program
 * with threads would need it to be thread local.
 */
static double
log_odds_dead(const BtydParams *params, const BtydHistory *h)
{
	static BtydParams last_params;	/* kind 0, no model, at first */
	static BtydHistory last_h;
	static double last_value;
	const double *v = params->v;

	if (last_params.kind != params->kind || last_params.k != params->k ||
		last_h.x != h->x || last_h.t_x != h->t_x || last_h.T != h->T ||
		last_params.v[0] != v[0] || last_params.v[1] != v[1] ||
		last_params.v[2] != v[2] || last_params.v[3] != v[3])
	{
		last_value = crm_btyd_ops(params->kind)->log_odds_dead(params, h);
		last_params = *params;
		last_h = *h;
	}
	return last_value;
}

/*
 * P(alive) * value, value >= 0 and perhaps infinite: P(alive) is positive, so
 * that an infinite value stays infinite.
 */
static double
times_p_alive(const Customer *c, double value)
{
	if (value == 0.0 || isinf(value))
		return value;
	if (c->log_odds_dead > LOG_ODDS_MAX)
		return exp(log(value) - c->log_odds_dead);
	return value / (1.0 + exp(c->log_odds_dead));
}

static double
p_dead(const Customer *c)
{
	return 1.0 / (1.0 + exp(-c->log_odds_dead));
}

/* P(X > n), X the number of purchases in the next t */
static double
upper_tail(const Customer *c, double t, double n)
{
	return times_p_alive(c, c->ops->upper_tail(c->v, t, n));
}

/*
 * crm_btyd_p_alive
 *
 * The probability that the customer is alive at T + t, given the history up to
 * T; for a new customer (h NULL) at t after the first purchase.  t >= 0.
 */
double
crm_btyd_p_alive(const BtydParams *params, const BtydHistory *h, double t)
{
	Customer	c;

	resolve(&c, params, h);
	if (t <= 0.0)
		return times_p_alive(&c, 1.0);
	return times_p_alive(&c, c.ops->survival(c.v, t));
}

/*
 * crm_btyd_expected_purchases
 *
 * The expected number of purchases in (T, T + t], given the history up to T;
 * for a new customer the repeat purchases in the first t.  t >= 0; 0 gives 0.
 */
double
crm_btyd_expected_purchases(const BtydParams *params, const BtydHistory *h,
							double t)
{
	Customer	c;

	if (t <= 0.0)
		return 0.0;
	resolve(&c, params, h);
	return times_p_alive(&c, c.ops->purchases(c.v, t));
}

/*
 * crm_btyd_discounted_purchases
 *
 * The expected sum, over the purchases in (T, T + horizon], of
 * exp(-delta (time since T)): discounted expected residual transactions.
 * delta >= 0 is per unit of time, continuously compounded; horizon >= 0 may be
 * infinite.  Infinite only where delta is 0, the horizon infinite, and the
 * expected number of purchases without end.  A new customer's first purchase is
 * not counted.
 */
double
crm_btyd_discounted_purchases(const BtydParams *params, const BtydHistory *h,
							  double delta, double horizon)
{
	Customer	c;

	if (horizon <= 0.0)
		return 0.0;
	resolve(&c, params, h);
	return times_p_alive(&c, crm_btyd_living_discounted(c.ops, c.v, delta,
														horizon));
}

/*
 * crm_btyd_pmf
 *
 * The probability of exactly n purchases in (T, T + t]; 0 where n is negative
 * or not whole.
 */
double
crm_btyd_pmf(const BtydParams *params, const BtydHistory *h, double t, double n)
{
	Customer	c;
	double		value;

	if (n < 0.0 || n != floor(n) || isinf(n))
		return 0.0;
	resolve(&c, params, h);
	value = times_p_alive(&c, c.ops->pmf(c.v, t, n));
	return n == 0.0 ? p_dead(&c) + value : value;
}

/*
 * crm_btyd_p_purchase
 *
 * The probability of at least one purchase in (T, T + t].  t >= 0; 0 gives 0.
 */
double
crm_btyd_p_purchase(const BtydParams *params, const BtydHistory *h, double t)
{
	Customer	c;

	if (t <= 0.0)
		return 0.0;
	resolve(&c, params, h);
	return upper_tail(&c, t, 0.0);
}

/*
 * crm_btyd_moments
 *
 * Mean and variance of the number of purchases in (T, T + t].  The variance is
 * that of the living customer, and that from not knowing whether there is one.
 */
void
crm_btyd_moments(const BtydParams *params, const BtydHistory *h, double t,
				 double *mean, double *variance)
{
	Customer	c;
	double		living_mean;
	double		living_variance;

	*mean = *variance = 0.0;
	if (t <= 0.0)
		return;

	resolve(&c, params, h);
	living_mean = c.ops->purchases(c.v, t);
	living_variance = c.ops->variance(c.v, t);
	*mean = times_p_alive(&c, living_mean);
	*variance = times_p_alive(&c, living_variance +
							  p_dead(&c) * living_mean * living_mean);
}

/*
 * crm_btyd_quantile
 *
 * The smallest whole n with P(X <= n) >= prob, X the number of purchases in
 * (T, T + t].  prob <= 0 gives 0; prob >= 1 infinity, or 0 where t is 0.
 *
 * The condition is taken as P(X > n) <= 1 - prob.  n is bracketed by steps that
 * start at a standard deviation and double, then bisected: no more than some
 * 60 tail probabilities whatever the size of n, and about 5 where n is small.
 */
double
crm_btyd_quantile(const BtydParams *params, const BtydHistory *h, double t,
				  double prob)
{
	Customer	c;
	double		mean,
				variance;
	double		target = 1.0 - prob;
	double		lo,
				hi,
				step;

	if (t <= 0.0 || prob <= 0.0)
		return 0.0;
	if (prob >= 1.0)
		return INFINITY;

	resolve(&c, params, h);
	if (upper_tail(&c, t, 0.0) <= target)
		return 0.0;

	/* invariant from here: P(X > lo) > target, P(X > hi) <= target */
	crm_btyd_moments(params, h, t, &mean, &variance);
	step = ceil(sqrt(variance));
	lo = 0.0;
	hi = ceil(mean) + step;
	while (hi < 1e300 && upper_tail(&c, t, hi) > target)
	{
		lo = hi;
		step *= 2.0;
		hi += step;
	}
	while (hi - lo > 1.0)
	{
		double		mid = floor(0.5 * (lo + hi));

		if (mid <= lo || mid >= hi)
			break;
		if (upper_tail(&c, t, mid) <= target)
			hi = mid;
		else
			lo = mid;
	}
	return hi;
}
