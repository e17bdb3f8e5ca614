/*-------------------------------------------------------------------------
 *
 * contract_lifetime.c
 *	  How many more periods a contract will last, with or without discounting.
 *
 * The sum over j from 1 to the horizon of S(from + j) / S(from)
 * e^(-delta (j - 1)).  In the sBG model it is a sum over a beta mixture of
 * geometric lifetimes (beta_geometric.c).  In the BdW model the terms are added
 * until they are negligible, or vary so slowly that the rest is an integral, by
 * the Euler-Maclaurin formula.  The integral is taken over the logarithm of
 * time, on which survival is a power in the long run.
 *
 * Why a negligible term ends the sum.  With t = from + j, s = -d ln S / d ln t
 * = c u (digamma(alpha + beta + u) - digamma(beta + u)) grows with t, to
 * alpha c.  A term that has fallen to e^-41 of the first thus means that s is
 * 41 / ln(t / (from + 1)) at least, then and afterwards, and what is left of
 * the sum at most t / (s - 1) of the term: nothing beside the sum within the few
 * thousand terms that are added at all, SLOW being what it is.  For the same
 * reason the integrand is log-concave on ln t: it has one peak, and ends where
 * it has fallen far below that.
 *
 * When the terms may become an integral.  A sum differs from an integral, the
 * ends apart, by the integrand's Fourier transform from one wave per period on,
 * about e^(-2 pi w) where it is analytic w periods off the real line.  Turning t
 * by an angle turns u by c times that, and S stays tame up to a quarter turn of
 * u: w = pi t / (2 c).  That t > 4 c will do.  Where c is larger still, u is soon
 * so large that survival is a power of t, which has no such limit.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/contract.h"

#include <math.h>

#include "src/math/beta_geometric.h"
#include "src/math/contract_parts.h"
#include "src/math/quadrature.h"

/* So many terms are added in any case, ... */
#define DIRECT_MIN 500.0

/* ... more until they fall by less than this part from one to the next, ... */
#define SLOW 0.01

/* ... and until t is so many times c. */
#define TIMES_C 4.0

/* A term this small, relative to the sum, ends it. */
#define NEGLIGIBLE 1e-18

/* The integral ends where the integrand has fallen to e^-this of its peak. */
#define FALL 50.0

/* e^-this is nothing beside 1. */
#define DIGITS 40.0

/* Break points on ln t; their distances grow by so much. */
#define MAX_BREAKS 56
#define GROWTH 1.5

/* An integrand of more than e^this overflows. */
#define LOG_OVERFLOW 700.0

typedef struct Tail
{
	const BtydParams *params;
	double		from;
	double		delta;
	double		start;			/* of the integral, from the time from on */
	double		log_scale;		/* of the integrand there */
} Tail;

static double log_term(const BtydParams *params, double from, double delta,
					   double j);
static double slope_at(const BtydParams *params, double from, double delta,
					   double j);
static double correction(const BtydParams *params, double from, double delta,
						 double j, double side);
static double log_power_time(const BtydParams *params);
static double log_integrand(double y, const Tail *tail);
static double integrand(double y, const void *arg);
static double tail_integral(const BtydParams *params, double from, double delta,
							double start, double end);

/*
 * The logarithm of term j, which need not be whole.
 */
static double
log_term(const BtydParams *params, double from, double delta, double j)
{
	return crm_contract_log_survival(params, from, j) - delta * (j - 1.0);
}

/*
 * Its derivative in j.
 */
static double
slope_at(const BtydParams *params, double from, double delta, double j)
{
	return crm_contract_log_survival_slope(params, from + j) - delta;
}

/*
 * What the Euler-Maclaurin formula has at the lower end (side -1) and the upper
 * one (side 1), half the term and its first and third derivative, relative to
 * the term.
 */
static double
correction(const BtydParams *params, double from, double delta, double j,
		   double side)
{
	double		g = slope_at(params, from, delta, j);
	double		before = slope_at(params, from, delta, j - 1.0);
	double		after = slope_at(params, from, delta, j + 1.0);
	double		g_2 = 0.5 * (after - before);
	double		g_3 = after - 2.0 * g + before;

	return 0.5 + side *
		(g / 12.0 - (g * g * g + 3.0 * g * g_2 + g_3) / 720.0);
}

/*
 * The logarithm of the time from which on survival is a power of time: ln S is
 * that, but for alpha (alpha + 2 beta - 1) / (2 u) and less.
 */
static double
log_power_time(const BtydParams *params)
{
	double		log_a = log(params->v[0]);
	double		log_b = log(params->v[1]);

	return (DIGITS + fmax(fmax(log_a, log_b), 0.0) + fmax(log_a, 0.0)) /
		params->v[2];
}

/*
 * The term at the time (from + start) e^y, which may be beyond what a number
 * holds, times the width of dy; relative to that at the start, its logarithm.
 */
static double
log_integrand(double y, const Tail *tail)
{
	double		log_growth = y + (tail->from > 0.0 ?
								  log1p(tail->start / tail->from) :
								  log(tail->start));
	double		value = crm_contract_log_survival_ratio(tail->params, tail->from,
														log_growth) +
		y - tail->log_scale;

	if (tail->delta > 0.0)
		value -= tail->delta *
			(tail->start - 1.0 + (tail->from + tail->start) * expm1(y));
	return value;
}

static double
integrand(double y, const void *arg)
{
	return exp(log_integrand(y, arg));
}

/*
 * The integral of the terms from start to end, which may be infinite.
 *
 * Break points are set while the integrand has not fallen, the first one at a
 * distance that is short beside the scale on which it falls at the start.
 */
static double
tail_integral(const BtydParams *params, double from, double delta,
			  double start, double end)
{
	Tail		tail = {params, from, delta, start, 0.0};
	double		origin = from + start;
	double		log_origin = log(origin);
	double		top = isinf(end) ? INFINITY : log1p((end - start) / origin);
	double		power_from = log_power_time(params) - log_origin;
	double		slope = 1.0 + origin * slope_at(params, from, delta, start);
	double		step = fmin(1.0, 4.0 / fabs(slope));
	double		peak = 0.0;
	double		rest = 0.0;
	double		breaks[MAX_BREAKS];
	int			n = 1;

	tail.log_scale = log_term(params, from, delta, start);
	breaks[0] = 0.0;
	while (n < MAX_BREAKS && breaks[n - 1] < top)
	{
		double		log_value = log_integrand(breaks[n - 1], &tail);

		peak = fmax(peak, log_value);
		if (!(log_value > peak - FALL))
			break;
		if (isinf(end) && delta == 0.0 && breaks[n - 1] >= power_from)
		{
			/* the integral of a power */
			rest = exp(log_value) / (params->v[0] * params->v[2] - 1.0);
			break;
		}
		breaks[n] = fmin(breaks[n - 1] + step, top);
		step *= GROWTH;
		n++;
	}
	if (peak + tail.log_scale + log_origin > LOG_OVERFLOW)
		return INFINITY;
	return exp(tail.log_scale + log_origin) *
		(crm_integrate(integrand, &tail, breaks, n, 1e-12) + rest);
}

/*
 * crm_contract_discounted
 *
 * The expected number of renewals among the next horizon opportunities of a
 * customer who has taken from of them, the renewal j from now weighed by
 * e^(-delta (j - 1)): seen from just before the next renewal is due.  delta >= 0
 * per period; horizon whole, >= 0, or infinite.  Infinite where both have no
 * end and alpha c <= 1, or the result is too large for a number.
 */
double
crm_contract_discounted(const BtydParams *params, double from, double delta,
						double horizon)
{
	double		sum = 0.0;
	double		previous = 1.0;
	double		last = horizon;
	double		times_c;
	double		j;

	if (params->kind == BTYD_SBG)
		return exp(delta) * crm_beta_geometric_sum(params->v[0],
												   params->v[1] + from,
												   delta, horizon);
	if (delta == 0.0 && isinf(horizon) && params->v[0] * params->v[2] <= 1.0)
		return INFINITY;

	times_c = fmin(TIMES_C * params->v[2], exp(log_power_time(params)));
	for (j = 1.0; j <= horizon; j += 1.0)
	{
		double		term = exp(log_term(params, from, delta, j));

		sum += term;
		/* (also where parameters are such that nothing can be computed) */
		if (!(term > 0.0) || (term < NEGLIGIBLE * sum && term < 0.99 * previous))
			return sum;
		previous = term;
		if (j >= DIRECT_MIN && j + 2.0 < horizon && from + j > times_c &&
			slope_at(params, from, delta, j) > -SLOW)
			break;
	}
	if (j > horizon)
		return sum;

	/*
	 * The terms from j + 1 on.  At a finite end they may fall fast again, and
	 * are added there as well.
	 */
	j += 1.0;
	if (!isinf(horizon))
	{
		double		term = exp(log_term(params, from, delta, last));

		while (last > j && term > NEGLIGIBLE * sum &&
			   slope_at(params, from, delta, last) < -SLOW)
		{
			sum += term;
			last -= 1.0;
			term = exp(log_term(params, from, delta, last));
		}
		sum += term * correction(params, from, delta, last, 1.0);
	}
	sum += tail_integral(params, from, delta, j, last);
	sum += exp(log_term(params, from, delta, j)) *
		correction(params, from, delta, j, -1.0);
	return sum;
}
