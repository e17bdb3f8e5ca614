/*-------------------------------------------------------------------------
 *
 * beta_mean.c
 *	  Means of functions of a beta distributed probability.
 *
 * p ~ Beta(a, b) is the probability of dropping out after a purchase in the
 * BG/NBD and MBG/NBD models.  Given p most quantities are elementary, so that
 * what is wanted is a mean over p; the hypergeometric functions of the papers
 * are these means.
 *
 * a and b may be anything from 1e-8 to 1e8, and the function may be peaked near
 * p = 0.  Over y = ln(p/(1-p)) the integrand is analytic and falls
 * exponentially on both sides: the trapezoidal rule then converges
 * exponentially (Trefethen and Weideman 2014, "The exponentially convergent
 * trapezoidal rule").  Halving the step squares the error, which gives both the
 * stopping rule and, all points being used again, a rule that costs no more
 * than the last step's.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/beta_mean.h"

#include <math.h>
#include <stdbool.h>

#include "src/math/gammafn.h"

/*
 * First step in y.  The integrand is analytic within pi/2 of the real axis at
 * least, so that two halvings, the fewest, leave an error of the order of
 * exp(-pi^2 / 0.35) = 6e-13; where neither a nor b is large it is pi, and the
 * error that of rounding.
 */
#define FIRST_STEP 1.4

/* The same where the integrand is like a normal density: in its widths. */
#define STEP_PER_WIDTH 1.8

/*
 * Two steps that differ by so much: the finer one is good to the square.  The
 * error has a sign that varies with the step, so a small difference may be
 * luck; the difference before must have been small too.
 */
#define STEP_TOL 1e-6
#define LAST_STEP_TOL 1e-2

/* All points together are at most 48,000, some 4 ms; 70 to 200 are usual. */
#define MAX_SIDE 750
#define MAX_HALVINGS 5

/* What may be left out, relative to the sum. */
#define NEGLIGIBLE 1e-16

/* The integrand, prepared for evaluation at y = y0 + d. */
typedef struct Centred
{
	double		a;
	double		b;
	double		p0;				/* a / (a + b) */
	double		q0;
	double		log_scale;		/* ln of the beta weight at y0 */
	LogFn		log_fn;
	const void *arg;
} Centred;

/* A sum of exponentials, kept relative to the largest of them. */
typedef struct LogSum
{
	double		log_max;
	double		sum;
} LogSum;

static double log_integrand(const Centred *c, double d, double *p, double *q);
static void log_sum_add(LogSum *s, double log_term, double factor);
static int	march(const Centred *c, double step, double rate, double rise,
				  LogSum *sum, bool *open);

/*
 * crm_beta_log_moment
 *
 * ln E[(1 - p)^n] for p ~ Beta(a, b), a whole n >= 0: the logarithm of
 * Gamma(b + n) Gamma(a + b) / (Gamma(b) Gamma(a + b + n)).
 *
 * The factors (b + j) / (a + b + j) one by one until b + j is large enough for
 * Stirling's series, then the series for all four gamma functions together,
 * arranged so that no term is much larger than the result.
 */
double
crm_beta_log_moment(double a, double b, double n)
{
	double		product = 1.0;
	double		lo,
				hi;
	double		c;

	while (n > 0.0 && (b < 16.0 || n < 8.0))
	{
		product *= b / (a + b);
		b += 1.0;
		n -= 1.0;
	}
	if (n == 0.0)
		return log(product);

	/* a and n have equal roles in the rest */
	lo = fmin(a, n);
	hi = fmax(a, n);
	c = b + lo + hi;
	return log(product)
		- lo * log1p(hi / (b + lo))
		+ b * crm_log1pmx(lo / b) - (b + hi) * crm_log1pmx(lo / (b + hi))
		- 0.5 * log1p(lo / b * (hi / c))
		+ (crm_stirling_correction(b + n) - crm_stirling_correction(b))
		+ (crm_stirling_correction(a + b) - crm_stirling_correction(c));
}

/*
 * crm_beta_mean
 *
 * E[f(p)] for p ~ Beta(a, b), where ln f is given.  f is positive, does not
 * rise with p, or only a little, and is smooth on the scale of ln(p/(1-p)).
 * rise_at_0 bounds |d ln f / dp| near p = 0, rise_at_1 near p = 1: they tell
 * where f is as good as constant, so that the rest of a tail is a geometric
 * series.  Without that an a of 1e-6 would need millions of points.
 */
double
crm_beta_mean(double a, double b, LogFn log_fn, const void *arg,
			  double rise_at_0, double rise_at_1)
{
	Centred		c = {.a = a,.b = b,.log_fn = log_fn,.arg = arg};
	LogSum		sum = {-INFINITY, 0.0};
	double		kappa = a / (a + b) * b;
	double		h = fmin(FIRST_STEP, STEP_PER_WIDTH / sqrt(kappa));
	double		p,
				q;
	double		result = 0.0;
	double		last_error = 1.0;
	int			n_left,
				n_right;
	bool		open_left,
				open_right;

	c.p0 = a / (a + b);
	c.q0 = b / (a + b);
	c.log_scale = crm_log_beta_kernel(a, b, a, b);

	log_sum_add(&sum, log_integrand(&c, 0.0, &p, &q), 1.0);
	n_left = march(&c, -h, a, a + b + rise_at_0, &sum, &open_left);
	n_right = march(&c, h, b, a + b + rise_at_1, &sum, &open_right);

	/*
	 * sum holds all points of the present step but the open tails, which are
	 * added anew at each step; result is ln of the integral.
	 */
	for (int halving = 0;; halving++)
	{
		LogSum		all = sum;
		double		previous = result;

		if (open_left)
			log_sum_add(&all, log_integrand(&c, -n_left * h, &p, &q),
						1.0 / expm1(a * h));
		if (open_right)
			log_sum_add(&all, log_integrand(&c, n_right * h, &p, &q),
						1.0 / expm1(b * h));
		result = all.log_max + log(all.sum) + log(h);

		if (halving > 0)
		{
			double		error = fabs(result - previous);

			if ((error < STEP_TOL && last_error < LAST_STEP_TOL) ||
				halving == MAX_HALVINGS)
				return exp(result);
			last_error = error;
		}

		/* the points half way between those there are */
		h *= 0.5;
		n_left *= 2;
		n_right *= 2;
		for (int i = -n_left + 1; i < n_right; i += 2)
			log_sum_add(&sum, log_integrand(&c, i * h, &p, &q), 1.0);
	}
}

/*
 * ln of the beta weight, per unit of y, times f at y0 + d; sets p and
 * q = 1 - p.
 */
static double
log_integrand(const Centred *c, double d, double *p, double *q)
{
	double		grow = expm1(d);
	double		shrink = fabs(d) > 1.0 ? -expm1(-d) : grow / (1.0 + grow);
	double		to_p = 1.0 - c->q0 * shrink;	/* p0 / p */
	double		to_q = 1.0 + c->p0 * grow;	/* q0 / q */

	*p = c->p0 / to_p;
	*q = c->q0 / to_q;
	return c->log_scale - c->a * log1p(-c->q0 * shrink)
		- c->b * log1p(c->p0 * grow) + c->log_fn(*p, *q, c->arg);
}

/*
 * Add factor * exp(log_term).
 */
static void
log_sum_add(LogSum *s, double log_term, double factor)
{
	if (log_term == -INFINITY)
		return;
	if (log_term > s->log_max)
	{
		s->sum = s->sum * exp(s->log_max - log_term) + factor;
		s->log_max = log_term;
	}
	else
		s->sum += factor * exp(log_term - s->log_max);
}

/*
 * Add the points at step, 2 step, ... until what remains is negligible, or
 * (*open) is a geometric series: near p = 0 the integrand is exp(rate y) up to
 * a relative rise * p, and near p = 1 exp(-rate y) up to rise * (1 - p).
 * Returns the number of points.
 */
static int
march(const Centred *c, double step, double rate, double rise, LogSum *sum,
	  bool *open)
{
	double		remainder = 1.0 / expm1(rate * fabs(step));
	double		previous = INFINITY;

	*open = false;
	for (int i = 1; i <= MAX_SIDE; i++)
	{
		double		p,
					q;
		double		term = log_integrand(c, i * step, &p, &q);
		double		share;

		log_sum_add(sum, term, 1.0);

		/* what a geometric series would add, as a part of the sum so far */
		share = remainder * exp(term - sum->log_max) / sum->sum;
		if (term < previous)
		{
			double		miss = rise * (step < 0.0 ? p : q);

			if (miss < 1.0 && share * miss < NEGLIGIBLE * (1.0 + share))
			{
				*open = true;
				return i;
			}
			if (exp(term - sum->log_max) < NEGLIGIBLE * sum->sum)
				return i;
		}
		previous = term;
	}
	return MAX_SIDE;
}
