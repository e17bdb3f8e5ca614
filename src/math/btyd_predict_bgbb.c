/*-------------------------------------------------------------------------
 *
 * btyd_predict_bgbb.c
 *	  What a living BG/BB customer will do.
 *
 * At each opportunity the customer first drops out with probability
 * theta ~ Beta(gamma, delta) and, if not, buys with probability p ~
 * Beta(alpha, beta) (Fader, Hardie, Shang 2010).  A time t holds the
 * opportunities 1 to floor(t).  Probabilities are sums over the opportunity at
 * which the customer dropped out, or bought for the n-th time: positive
 * terms that follow from each other by a ratio.
 *
 * Beyond BTYD_MAX_OPPORTUNITIES what takes a loop over opportunities is NaN:
 * variance, probability of a number of purchases.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/btyd_living.h"

#include <math.h>

#include "src/math/beta_geometric.h"
#include "src/math/beta_mean.h"
#include "src/math/btyd.h"

/* When a running sum passes this, it is divided by it. */
#define RESCALE 1e200

/* A sum of terms, of which the first is exp(log_scale) */
typedef struct RunningSum
{
	double		log_scale;
	double		term;
	double		sum;
} RunningSum;

static void next_term(RunningSum *s, double ratio);
static double value_of(const RunningSum *s);

/*
 * Multiply the term by ratio; terms may grow over any range.
 */
static void
next_term(RunningSum *s, double ratio)
{
	s->term *= ratio;
	if (s->sum + s->term > RESCALE)
	{
		s->sum /= RESCALE;
		s->term /= RESCALE;
		s->log_scale += log(RESCALE);
	}
}

static double
value_of(const RunningSum *s)
{
	return fmin(1.0, exp(s->log_scale + log(s->sum)));
}

/*
 * See btyd_living.h; so for all below.
 */
double
crm_bgbb_living_survival(const double *v, double t)
{
	return exp(crm_beta_log_moment(v[2], v[3], crm_whole_periods(t)));
}

double
crm_bgbb_living_purchases(const double *v, double t)
{
	return v[0] / (v[0] + v[1]) *
		crm_beta_geometric_sum(v[2], v[3], 0.0, crm_whole_periods(t));
}

double
crm_bgbb_living_discounted(const double *v, double delta, double horizon)
{
	return v[0] / (v[0] + v[1]) *
		crm_beta_geometric_sum(v[2], v[3], delta, crm_whole_periods(horizon));
}

/*
 * Given the number D of opportunities before dropout, X is beta-binomial: the
 * variance is the mean of that one's plus the variance of its mean.
 */
double
crm_bgbb_living_variance(const double *v, double t)
{
	double		n = crm_whole_periods(t);
	double		p = v[0] / (v[0] + v[1]);
	double		q = v[1] / (v[0] + v[1]);
	double		mean = crm_beta_geometric_sum(v[2], v[3], 0.0, n);
	double		alive = 1.0;
	double		variance = 0.0;
	double		j;

	if (n > BTYD_MAX_OPPORTUNITIES)
		return NAN;
	for (j = 0.0; j < n; j += 1.0)
	{
		double		at_risk = v[2] + v[3] + j;

		variance += alive * (v[2] / at_risk) * (j - mean) * (j - mean);
		alive *= (v[3] + j) / at_risk;
	}
	variance += alive * (n - mean) * (n - mean);
	return p * q * (mean + (variance + mean * mean - mean) /
					(v[0] + v[1] + 1.0)) + p * p * variance;
}

/*
 * n purchases among the first i opportunities, dropout right after, summed over
 * i; or among all and no dropout.  Their order is free here.
 */
double
crm_bgbb_living_pmf(const double *v, double t, double n)
{
	double		last = crm_whole_periods(t);
	RunningSum	s;
	double		i;

	if (n > last)
		return 0.0;
	if (last > BTYD_MAX_OPPORTUNITIES)
		return NAN;
	s.log_scale = crm_beta_log_moment(v[1], v[0], n) +
		crm_beta_log_moment(v[2], v[3], n);
	s.term = 1.0;
	s.sum = 0.0;
	for (i = n; i < last; i += 1.0)
	{
		double		at_risk = v[2] + v[3] + i;

		s.sum += s.term * (v[2] / at_risk);
		next_term(&s, (i + 1.0) / (i + 1.0 - n) *
				  ((v[1] + (i - n)) / (v[0] + v[1] + i)) *
				  ((v[3] + i) / at_risk));
	}
	s.sum += s.term;
	return value_of(&s);
}

/*
 * The purchase n + 1 falls on opportunity i, summed over i.
 */
double
crm_bgbb_living_upper_tail(const double *v, double t, double n)
{
	double		last = crm_whole_periods(t);
	RunningSum	s;
	double		i;

	if (n >= last)
		return 0.0;
	if (last > BTYD_MAX_OPPORTUNITIES)
		return NAN;
	s.log_scale = crm_beta_log_moment(v[1], v[0], n + 1.0) +
		crm_beta_log_moment(v[2], v[3], n + 1.0);
	s.term = s.sum = 1.0;
	for (i = n + 1.0; i < last; i += 1.0)
	{
		next_term(&s, i / (i - n) * ((v[1] + (i - n - 1.0)) / (v[0] + v[1] + i)) *
				  ((v[3] + i) / (v[2] + v[3] + i)));
		s.sum += s.term;
	}
	return value_of(&s);
}
