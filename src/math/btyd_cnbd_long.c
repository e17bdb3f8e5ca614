/*-------------------------------------------------------------------------
 *
 * btyd_cnbd_long.c
 *	  What a living BG/CNBD-k customer will do, where that takes many stages.
 *
 * Given the dropout probability, everything follows from powers of z = 1 -
 * dropout, and what is wanted is a mean over the beta distribution.  With M and
 * N as in btyd_cnbd_living.c,
 *
 *	  E[X] = sum over n of z^n P(M >= k (n + 1))
 *
 * converges fast where z <= 1/2.  Elsewhere a purchase, every k-th stage, is
 * picked out by the k-th roots of unity: with c running through the k numbers
 * whose k-th power is z, and E[c^N | j] = (1 + (1 - c) tau)^-(p + j),
 * tau = t / A,
 *
 *	  E[X | j]	   = 1/k sum over c of c^(j-k+1) (1 - E[c^N | j]) / (1 - c)
 *	  P(alive | j) = 1/k sum over c of c^j E[c^N | j] (1 + c^-1 .. + c^-(k-1))
 *
 * The positive c is what remains after many stages.  The others say where
 * between two purchases the customer is, which matters less the more there
 * are, so that nothing cancels here.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/btyd_cnbd_stages.h"

#include <math.h>

#include "src/math/beta_mean.h"
#include "src/math/btyd_living.h"
#include "src/math/nbd.h"

/* The sums over n: 0.5^64 is negligible. */
#define SERIES_TERMS 64

/* Up to this z they are used. */
#define SERIES_MAX_Z 0.5

#define PI 3.14159265358979323846264338328

typedef struct Complex
{
	double		re,
				im;
} Complex;

/* What the means over the dropout probability need to know. */
typedef struct LongArg
{
	int			k;
	int			n_hidden;
	double		shape;
	double		tau;
	double		mean;			/* E[X], for the variance */
	double		u[BTYD_MAX_K];	/* P(J = j) */
	double		exactly[SERIES_TERMS];	/* P(k n <= M < k (n + 1)) */
	double		more[SERIES_TERMS]; /* P(M >= k (n + 1)) */
} LongArg;

/* Of X given the dropout probability */
typedef struct Given
{
	double		purchases;		/* E[X] */
	double		square;			/* E[X^2] */
} Given;

static Complex c_make(double re, double im);
static Complex c_mul(Complex a, Complex b);
static Complex c_div(Complex a, Complex b);
static Complex c_exp(Complex a);
static void prepare(LongArg *arg, const CnbdLiving *c, double t);
static void given_dropout(const LongArg *arg, double p, double q, bool square,
						  Given *given);
static double log_purchases(double p, double q, const void *arg);
static double log_spread(double p, double q, const void *arg);
static double log_survival(double p, double q, const void *arg);

static Complex
c_make(double re, double im)
{
	Complex		c;

	c.re = re;
	c.im = im;
	return c;
}

static Complex
c_mul(Complex a, Complex b)
{
	return c_make(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re);
}

static Complex
c_div(Complex a, Complex b)
{
	double		norm = b.re * b.re + b.im * b.im;

	return c_make((a.re * b.re + a.im * b.im) / norm,
				  (a.im * b.re - a.re * b.im) / norm);
}

static Complex
c_exp(Complex a)
{
	double		size = exp(a.re);

	return c_make(size * cos(a.im), size * sin(a.im));
}

/*
 * Fill in *arg, the probabilities of few purchases too.
 */
static void
prepare(LongArg *arg, const CnbdLiving *c, double t)
{
	double		A = c->rate + c->idle;
	double		sum = 0.0;
	double		shrink;
	CnbdWalk	w;

	arg->k = c->k;
	arg->n_hidden = crm_cnbd_hidden_stages(c, arg->u);
	arg->shape = c->shape;
	arg->tau = t / A;
	arg->mean = 0.0;
	for (crm_cnbd_walk_start(&w, c, t); w.purchases < SERIES_TERMS;
		 crm_cnbd_walk_step(&w))
	{
		if (w.phase == 0)
			arg->exactly[w.purchases] = 0.0;
		arg->exactly[w.purchases] += w.mass;
		shrink = crm_cnbd_walk_rescale(&w);
		if (shrink < 1.0)
		{
			for (int n = 0; n <= w.purchases; n++)
				arg->exactly[n] *= shrink;
		}
	}
	for (int n = 0; n < SERIES_TERMS; n++)
		arg->exactly[n] = exp(log(arg->exactly[n]) + w.log_scale);
	for (int j = 0; j < arg->n_hidden; j++)
		sum += arg->u[j] * crm_nbd_upper_tail(c->k * (double) SERIES_TERMS - 1.0 - j,
											  c->shape + j, A, t);
	for (int n = SERIES_TERMS - 1; n >= 0; n--)
	{
		arg->more[n] = sum;
		sum += arg->exactly[n];
	}
}

/*
 * E[X | dropout probability p], q = 1 - p without rounding, and E[X^2 | p] if
 * square.
 */
static void
given_dropout(const LongArg *arg, double p, double q, bool square, Given *given)
{
	int			k = arg->k;
	double		log_c;
	double		less;			/* 1 - c, c positive */
	double		log_base;
	double		power;
	double		slope = 0.0;	/* k c d/dc of E[X] */

	given->purchases = given->square = 0.0;
	if (q <= SERIES_MAX_Z)
	{
		double		z_n = 1.0;

		for (int n = 0; n < SERIES_TERMS; n++)
		{
			double		term = z_n * arg->more[n];

			given->purchases += term;
			given->square += (2.0 * n + 1.0) * term;
			z_n *= q;
		}
		return;
	}

	/* the positive root */
	log_c = log1p(-p) / k;
	less = -expm1(log_c);
	log_base = log1p(less * arg->tau);
	for (int j = 0; j < arg->n_hidden; j++)
	{
		double		shape = arg->shape + j;
		double		gain = less > 0.0 ?
			-expm1(-shape * log_base) / less : shape * arg->tau;

		power = exp((j - k + 1) * log_c);
		given->purchases += arg->u[j] * power * gain;
		if (square)
			slope += arg->u[j] * power *
				((j - k + 1) * gain +
				 exp(log_c) * crm_bg_pairs_given_p(shape, arg->tau, less));
	}

	/* the others, conjugate pairs together */
	for (int l = 1; 2 * l <= k; l++)
	{
		double		count = 2 * l == k ? 1.0 : 2.0;
		double		angle = 2.0 * PI * l / k;
		Complex		one_less;	/* 1 - c */
		Complex		base;
		Complex		log_of_base;
		Complex		inverse_less;	/* 1 / (1 - c) */
		Complex		inverse;	/* 1 / base */
		Complex		c_root;
		Complex		c_power;	/* c^(j-k+1) */
		Complex		last;		/* base^-(shape + j) */
		double		half = sin(0.5 * angle);

		one_less.re = less + exp(log_c) * 2.0 * half * half;
		one_less.im = -exp(log_c) * sin(angle);
		base.re = 1.0 + one_less.re * arg->tau;
		base.im = one_less.im * arg->tau;
		log_of_base.re = 0.5 * log1p(one_less.re * arg->tau * (1.0 + base.re) +
									 base.im * base.im);
		log_of_base.im = atan2(base.im, base.re);

		/* for each j another power of c and of the base's inverse */
		c_root = c_exp(c_make(log_c, angle));
		c_power = c_exp(c_make((1 - k) * log_c, (1 - k) * angle));
		inverse = c_exp(c_make(-log_of_base.re, -log_of_base.im));
		last = c_exp(c_make(-arg->shape * log_of_base.re,
							-arg->shape * log_of_base.im));
		inverse_less = c_div(c_make(1.0, 0.0), one_less);
		for (int j = 0; j < arg->n_hidden; j++)
		{
			double		weight = count * arg->u[j];
			Complex		gain = c_mul(c_make(1.0 - last.re, -last.im), inverse_less);
			Complex		term = c_mul(c_power, gain);

			given->purchases += weight * term.re;
			last = c_mul(last, inverse);
			c_power = c_mul(c_power, c_root);
			if (square)
			{
				double		mean = (arg->shape + j) * arg->tau;
				Complex		pairs;

				/* both powers are those of j + 1 by now, as wanted */
				pairs = c_mul(c_make(gain.re - mean * last.re,
									 gain.im - mean * last.im), inverse_less);
				slope += weight *
					((j - k + 1) * term.re + c_mul(c_power, pairs).re);
			}
		}
	}
	given->purchases /= k;

	/*
	 * The sum of (2 n + 1) z^n P(M >= k (n + 1)): n comes by z d/dz, which is
	 * 1/k times c d/dc.
	 */
	given->square = given->purchases + 2.0 * slope / k / k;
}

static double
log_purchases(double p, double q, const void *arg)
{
	Given		given;

	given_dropout(arg, p, q, false, &given);
	return log(given.purchases);
}

/* ln of E[(X - mean)^2 | p] */
static double
log_spread(double p, double q, const void *arg)
{
	const LongArg *l = arg;
	Given		given;
	double		off;

	given_dropout(l, p, q, true, &given);
	off = given.purchases - l->mean;
	return log(fmax(given.square - given.purchases * given.purchases, 0.0) +
			   off * off + 1e-300);
}

static double
log_survival(double p, double q, const void *arg)
{
	const LongArg *l = arg;
	int			k = l->k;
	double		log_c = log1p(-p) / k;
	double		less = -expm1(log_c);
	double		log_base = log1p(less * l->tau);
	double		inverse_sum = 0.0;
	double		sum = 0.0;

	if (q <= SERIES_MAX_Z)
	{
		double		z_n = 1.0;
		double		term = 0.0;

		for (int n = 0; n < SERIES_TERMS; n++)
		{
			term = z_n * l->exactly[n];
			sum += term;
			z_n *= q;
		}

		/* else the customer has more purchases to survive than that */
		if (q < 1e-290 || (term <= 1e-16 * sum && sum > 0.0))
			return log(sum);
		sum = 0.0;
	}

	/* relative to the positive root's power */
	for (int i = 0; i < k; i++)
		inverse_sum += exp(-i * log_c);
	for (int j = 0; j < l->n_hidden; j++)
		sum += l->u[j] * exp(j * (log_c - log_base)) * inverse_sum;
	for (int i = 1; 2 * i <= k; i++)
	{
		double		count = 2 * i == k ? 1.0 : 2.0;
		double		angle = 2.0 * PI * i / k;
		double		half = sin(0.5 * angle);
		Complex		one_less = {less + exp(log_c) * 2.0 * half * half,
		-exp(log_c) * sin(angle)};
		Complex		base = {1.0 + one_less.re * l->tau, one_less.im * l->tau};
		Complex		ratio = {0.5 * log(base.re * base.re + base.im * base.im) -
		log_base, atan2(base.im, base.re)};

		/* 1 + c^-1 + .. = (1 - 1/z) / (1 - 1/c) = (p/q) c / (1 - c) */
		Complex		factor = c_div(c_exp(c_make(log_c, angle)), one_less);

		for (int j = 0; j < l->n_hidden; j++)
		{
			double		shape = l->shape + j;
			Complex		term = c_exp(c_make(j * (log_c - log_base) - shape * ratio.re,
											j * angle - shape * ratio.im));

			term = c_mul(term, factor);
			sum += count * l->u[j] * (p / q) * term.re;
		}
	}
	return log(fmax(sum, 1e-300) / k) - l->shape * log_base;
}

double
crm_cnbd_long_survival(const CnbdLiving *c, double t)
{
	LongArg		arg;
	double		at_1;

	prepare(&arg, c, t);
	at_1 = arg.exactly[0] > 0.0 ? arg.exactly[1] / arg.exactly[0] : 1e9;
	return fmin(1.0, crm_beta_mean(c->a, c->b, log_survival, &arg,
								   (c->shape + c->k) * arg.tau + 1.0,
								   at_1 + 1.0));
}

double
crm_cnbd_long_purchases(const CnbdLiving *c, double t)
{
	LongArg		arg;

	prepare(&arg, c, t);
	return crm_beta_mean(c->a, c->b, log_purchases, &arg,
						 (c->shape + c->k) * arg.tau + 1.0, 2.0);
}

double
crm_cnbd_long_variance(const CnbdLiving *c, double t, double mean)
{
	LongArg		arg;
	double		rise = 4.0 * (c->shape + c->k + 2.0) *
		(1.0 + sqrt(c->shape + c->k));

	prepare(&arg, c, t);
	arg.mean = mean;
	return crm_beta_mean(c->a, c->b, log_spread, &arg, rise * arg.tau,
						 rise * (1.0 + (1.0 + mean) /
								 exp(log_spread(1.0, 0.0, &arg))));
}
