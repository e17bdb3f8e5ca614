/*-------------------------------------------------------------------------
 *
 * btyd_predict_bg.c
 *	  What a living BG/NBD customer will do.
 *
 * The customer buys at a rate with distribution Gamma(r, rate alpha) and drops
 * out after each purchase with probability p ~ Beta(a, b) (Fader, Hardie, Lee
 * 2005, "Counting Your Customers the Easy Way").  Write K for the number of
 * purchases by t if there were no dropout, negative binomial, and
 * m(n) = E[(1 - p)^n].  Then X > n when K > n and the first n purchases were
 * survived:
 *
 *	  P(X > n) = m(n) P(K > n)
 *
 * from which sums over K follow, of positive terms.  Where K is large the same
 * quantities are taken as means over p of elementary functions.  The paper's
 * hypergeometric form of E[X] subtracts two large numbers and divides by a - 1;
 * neither happens here.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/btyd_living.h"

#include <math.h>
#include <stdbool.h>

#include "src/math/beta_mean.h"
#include "src/math/btyd_cnbd.h"
#include "src/math/expint.h"
#include "src/math/gammafn.h"
#include "src/math/nbd.h"
#include "src/math/quadrature.h"

/*
 * Sums over K of up to this many terms, about 5 ns each, are quicker than the
 * mean over p.  Two arrays of this size are on the stack in one place.
 */
#define SERIES_MAX 1000

/* Enough for scales that differ by 8^18. */
#define MAX_BREAKS 20

/* What the means over p need to know. */
typedef struct MeanArg
{
	double		r;
	double		tau;			/* t / alpha, or horizon / alpha */
	double		zeta;			/* delta * alpha */
	double		mean;			/* E[X] */
} MeanArg;

typedef struct DiscountArg
{
	const double *v;
	double		zeta;
} DiscountArg;

static bool series_is_short(const double *v, double t);
static double log_survival_given_p(double p, double q, const void *arg);
static double log_purchases_given_p(double p, double q, const void *arg);
static double log_spread_given_p(double p, double q, const void *arg);
static double log_discounted_given_p(double p, double q, const void *arg);
static double discounted_rate(double w, const void *arg);
static double variance_by_series(const double *v, double t, double mean);
static double purchases_given_p(const MeanArg *m, double p);

/*
 * Does the distribution of K, to the last digit, end before SERIES_MAX, and is
 * P(K = 0), from which the sums start, no underflow?
 */
static bool
series_is_short(const double *v, double t)
{
	double		tau = t / v[1];
	double		mean = v[0] * tau;

	return v[0] * log1p(tau) < 600.0 &&
		mean + 10.0 * sqrt(mean * (1.0 + tau)) + 40.0 * (1.0 + tau) <
		SERIES_MAX;
}

/*
 * The sum over k of P(K = k) m(k), or the mean over p of (1 + p t/alpha)^-r.
 */
double
crm_bg_living_survival(const double *v, double t)
{
	double		r = v[0];
	double		a = v[2];
	double		b = v[3];
	double		tau = t / v[1];
	double		q = t / (v[1] + t);
	double		term;
	double		sum;

	if (!series_is_short(v, t))
	{
		MeanArg		arg = {.r = r,.tau = tau};

		return fmin(1.0, crm_beta_mean(a, b, log_survival_given_p, &arg,
									   r * tau, r));
	}

	sum = term = exp(-r * log1p(tau));
	for (int k = 0; k < 2 * SERIES_MAX; k++)
	{
		double		ratio = (r + k) * q / (k + 1);

		term *= ratio * ((b + k) / (a + b + k));
		sum += term;
		if (ratio < 1.0 && term < 1e-17 * (1.0 - ratio) * sum)
			break;
	}
	return fmin(1.0, sum);
}

/*
 * The sum over k of P(K = k) times the sum of m(0) .. m(k-1), or the mean over
 * p of (1 - (1 + p t/alpha)^-r) / p.
 */
double
crm_bg_living_purchases(const double *v, double t)
{
	double		r = v[0];
	double		a = v[2];
	double		b = v[3];
	double		tau = t / v[1];
	double		q = t / (v[1] + t);
	double		p_k;
	double		m = 1.0;
	double		m_sum = 1.0;
	double		sum;

	if (t <= 0.0)
		return 0.0;

	if (!series_is_short(v, t))
	{
		MeanArg		arg = {.r = r,.tau = tau};

		return crm_beta_mean(a, b, log_purchases_given_p, &arg,
							 (r + 1.0) * tau, r + 1.0);
	}

	p_k = exp(-r * log1p(tau)) * r * q;
	sum = p_k;
	for (int k = 1; k < 2 * SERIES_MAX; k++)
	{
		double		ratio = (r + k) * q / (k + 1);
		double		term;

		/* k - 1 first: b may be tiny */
		m *= (b + (k - 1)) / (a + b + (k - 1));
		m_sum += m;
		p_k *= ratio;
		term = p_k * m_sum;
		sum += term;
		if (ratio < 1.0 && term < 1e-17 * (1.0 - ratio) * sum)
			break;
	}
	return sum;
}

/*
 * The mean square deviation: over the distribution of X, or over p of the
 * variance given p and the square deviation of the mean given p.
 */
double
crm_bg_living_variance(const double *v, double t)
{
	double		mean;

	if (t <= 0.0)
		return 0.0;
	mean = crm_bg_living_purchases(v, t);

	if (!series_is_short(v, t))
	{
		MeanArg		arg = {.r = v[0],.tau = t / v[1],.mean = mean};
		double		rise = 4.0 * (v[0] + 2.0) * (1.0 + sqrt(v[0]));

		/* at p = 1 the spread may come to nearly nothing: X is 0 or 1 there */
		return crm_beta_mean(v[2], v[3], log_spread_given_p, &arg,
							 rise * arg.tau,
							 rise * (1.0 + (1.0 + mean) /
									 exp(log_spread_given_p(1.0, 0.0, &arg))));
	}
	return variance_by_series(v, t, mean);
}

static double
variance_by_series(const double *v, double t, double mean)
{
	double		p_k[SERIES_MAX];
	double		m[SERIES_MAX];
	double		q = t / (v[1] + t);
	double		tail = 0.0;
	double		sum = 0.0;
	int			n = 0;

	p_k[0] = exp(-v[0] * log1p(t / v[1]));
	m[0] = 1.0;
	while (n + 1 < SERIES_MAX)
	{
		double		ratio = (v[0] + n) * q / (n + 1);

		p_k[n + 1] = p_k[n] * ratio;
		m[n + 1] = m[n] * ((v[3] + n) / (v[2] + v[3] + n));
		n++;
		if (ratio < 1.0 && n > mean &&
			p_k[n] * n * n < 1e-20 * (1.0 - ratio) * v[0] * q * p_k[0])
			break;
	}

	/* P(X = n) as in the pmf, tail being P(K >= n) from the small end */
	for (; n > 0; n--)
	{
		tail += p_k[n];
		sum += (n - mean) * (n - mean) *
			(m[n] * p_k[n] +
			 m[n - 1] * (v[2] / (v[2] + v[3] + (n - 1))) * tail);
	}
	return sum + mean * mean * p_k[0];
}

/*
 * Given p the rate of purchases at u is (r / alpha) (1 + p u/alpha)^-(r+1), so
 * that the discounted value is r / p times crm_discounted_power(); left is the
 * mean over p.  Without discounting and without end it is the mean of 1 / p.
 * Without a horizon the mean over the rate comes last instead, as for regular
 * purchases (btyd_cnbd_discount.c), which is quicker.
 *
 * With a horizon that is not long it is quicker to do the mean over p first: an
 * integral over time of the rate of purchases, which is r / alpha times the
 * survival function with r + 1 for r, a short sum.
 */
double
crm_bg_living_discounted(const double *v, double delta, double horizon)
{
	double		r = v[0];
	double		a = v[2];
	double		b = v[3];
	double		zeta = delta * v[1];
	double		up[4] = {r + 1.0, v[1], a, b};	/* r + 1 for r */
	DiscountArg arg = {up, zeta};
	double		breaks[MAX_BREAKS];
	double		top;
	int			n;

	if (horizon <= 0.0)
		return 0.0;

	if (delta <= 0.0 && isinf(horizon))
		return a > 1.0 ? 1.0 + b / (a - 1.0) : INFINITY;
	if (delta <= 0.0)
		return crm_bg_living_purchases(v, horizon);

	if (isinf(horizon))
	{
		CnbdLiving	living = {.k = 1,.shape = r,.rate = v[1],.a = a,.b = b};

		return crm_cnbd_living_discounted(&living, delta, horizon);
	}
	if (!series_is_short(up, horizon))
	{
		MeanArg		mean_arg = {.r = r,.zeta = zeta,.tau = horizon / v[1]};

		return crm_beta_mean(a, b, log_discounted_given_p, &mean_arg,
							 (r + 2.0) * fmin(1.0 / zeta, mean_arg.tau),
							 r + 2.0);
	}

	/* the integrand's scales run from the fastest rate's to the horizon */
	top = crm_log1p_ratio(horizon, v[1]);
	breaks[0] = 0.0;
	breaks[1] = fmin(top, 1.0 / (r + 1.0 + zeta));
	for (n = 2; n < MAX_BREAKS - 1 && 10.0 * breaks[n - 1] < top; n++)
		breaks[n] = 8.0 * breaks[n - 1];
	breaks[n++] = top;
	return r * crm_integrate(discounted_rate, &arg, breaks, n, 1e-13);
}

static double
discounted_rate(double w, const void *arg)
{
	const DiscountArg *d = arg;
	double		tau = expm1(w);

	return exp(w - d->zeta * tau) *
		crm_bg_living_survival(d->v, d->v[1] * tau);
}

/*
 * P(X = n) = m(n) P(K = n) + E[p (1-p)^(n-1)] P(K >= n): alive after n
 * purchases with no time left for another, or dropped out at the last of them.
 */
double
crm_bg_living_pmf(const double *v, double t, double n)
{
	double		r = v[0];
	double		a = v[2];
	double		b = v[3];
	double		p_n;
	double		m;
	double		chances;

	if (t <= 0.0)
		return n == 0.0 ? 1.0 : 0.0;

	p_n = exp(crm_nbd_log_pmf(n, r, v[1], t));
	if (n == 0.0)
		return p_n;

	m = exp(crm_beta_log_moment(a, b, n - 1.0));
	chances = a + b + (n - 1.0);
	return m * ((b + (n - 1.0)) / chances) * p_n
		+ m * (a / chances) * (p_n + crm_nbd_upper_tail(n, r, v[1], t));
}

double
crm_bg_living_upper_tail(const double *v, double t, double n)
{
	return exp(crm_beta_log_moment(v[2], v[3], n)) *
		crm_nbd_upper_tail(n, v[0], v[1], t);
}

static double
log_survival_given_p(double p, double q, const void *arg)
{
	const MeanArg *m = arg;

	(void) q;
	return -m->r * log1p(p * m->tau);
}

/* E[X | p] */
static double
purchases_given_p(const MeanArg *m, double p)
{
	double		l = log1p(p * m->tau);

	if (p <= 0.0)
		return m->r * m->tau;
	return -expm1(-m->r * l) / p;
}

static double
log_purchases_given_p(double p, double q, const void *arg)
{
	(void) q;
	return log(purchases_given_p(arg, p));
}

/*
 * E[X (X-1) | p] / (2 (1 - p)) = r (r+1) times the integral of
 * u (1 + p u)^-(r+2) over u from 0 to tau
 *	  = [1 - (1 + p tau)^-(r+1) (1 + (r+1) p tau)] / p^2
 */
double
crm_bg_pairs_given_p(double r, double tau, double p)
{
	double		x = p * tau;
	double		l = log1p(x);

	if ((r + 2.0) * x < 1e-17)
		return r * (r + 1.0) * tau * (tau / 2.0);
	if (r >= 1.0)
		return -expm1(crm_log1pmx((r + 1.0) * x)
					  - (r + 1.0) * crm_log1pmx(x)) / p / p;
	if (l > 0.25)
		return r * (r + 1.0) / p / p *
			(l * (crm_phi1(-r * l) - crm_phi1(-(r + 1.0) * l)));
	else
	{
		/* the same difference by its power series */
		double		diff = 1.0;
		double		power = 1.0;
		double		scale = l / 2.0;
		double		sum = 0.0;

		for (int k = 1; k < 30; k++)
		{
			sum += diff * scale;
			power *= -(r + 1.0);
			diff = -r * diff + power;
			scale *= l / (k + 2);
		}
		return r * (r + 1.0) * (l / p) * (sum / p);
	}
}

/*
 * ln of E[(X - mean)^2 | p].  With S = (1 + p tau)^-r, the chance of being
 * alive given p, Var[X | p] is
 *	  [(1 - S) (q + S) - 2 q S r p tau / (1 + p tau)] / p^2
 * which is used where S is small; else it is built from E[X (X-1) | p].
 */
static double
log_spread_given_p(double p, double q, const void *arg)
{
	const MeanArg *m = arg;
	double		x = p * m->tau;
	double		decay = m->r * log1p(x);
	double		mean = purchases_given_p(m, p);
	double		d = mean - m->mean;
	double		variance;

	if (decay > 1.6)
	{
		double		alive = exp(-decay);

		variance = ((1.0 - alive) * (q + alive)
					- 2.0 * q * alive * m->r * (x / (1.0 + x))) / p / p;
	}
	else
		variance = 2.0 * q * crm_bg_pairs_given_p(m->r, m->tau, p) + mean * (1.0 - mean);

	/* rounding may leave nothing, whose logarithm the sum could not bear */
	return log(fmax(variance, 0.0) + d * d + 1e-300);
}

static double
log_discounted_given_p(double p, double q, const void *arg)
{
	const MeanArg *m = arg;

	(void) q;
	if (p < 1e-290)
		return log(m->r / m->zeta * -expm1(-m->zeta * m->tau));
	return log(m->r / p *
			   crm_discounted_power(m->r + 1.0, m->zeta / p, p * m->tau));
}
