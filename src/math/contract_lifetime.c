/*-------------------------------------------------------------------------
 *
 * contract_lifetime.c
 *	  How many more periods a contract will last, with or without discounting.
 *
 * The sum over j from 1 to the horizon of S(from + j) / S(from)
 * e^(-delta (j - 1)).  In the sBG model it is a sum over a beta mixture of
 * geometric lifetimes (beta_geometric.c).  In the BdW model the terms are added
 * until they are negligible or vary so slowly that the rest is an integral, by
 * the Euler-Maclaurin formula.  The integral is taken over the logarithm of
 * time, on which survival is a power in the long run.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/contract.h"

#include <math.h>

#include "src/math/beta_geometric.h"
#include "src/math/contract_parts.h"
#include "src/math/gammafn.h"
#include "src/math/quadrature.h"

/* So many terms are added in any case, ... */
#define DIRECT_MIN 500.0

/* ... and more until they fall by less than this part from one to the next. */
#define SLOW 0.01

/* A term this small, relative to the sum, ends it. */
#define NEGLIGIBLE 1e-18

/* The integral ends where the integrand has fallen to e^-this. */
#define FALL 50.0

/* Beyond this u is so large that survival is a power of it. */
#define LARGE_LOG_U 200.0

#define MAX_BREAKS 40

typedef struct Tail
{
	const BtydParams *params;
	double		from;
	double		delta;
	double		origin;			/* from + the time the integral starts at */
	double		log_scale;		/* of the integrand there */
} Tail;

static double log_term(const BtydParams *params, double from, double delta,
					   double j);
static double slope_at(const BtydParams *params, double from, double delta,
					   double j);
static double correction(const BtydParams *params, double from, double delta,
						 double j);
static double tail_integrand(double y, const void *arg);
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
	double		t = from + j;
	double		u = exp(params->v[2] * log(t));

	return -crm_digamma_diff(params->v[1] + u, params->v[0]) *
		(params->v[2] * u / t) - delta;
}

/*
 * f / 2 - f' / 12 + f''' / 720 at j: what is left of the Euler-Maclaurin
 * formula at the lower end, relative to f.
 */
static double
correction(const BtydParams *params, double from, double delta, double j)
{
	double		g = slope_at(params, from, delta, j);
	double		g_2 = 0.5 * (slope_at(params, from, delta, j + 1.0) -
							 slope_at(params, from, delta, j - 1.0));

	return 0.5 - g / 12.0 + (g * g * g + 3.0 * g * g_2) / 720.0;
}

/*
 * The term at the time origin * e^y, times the width of dy.
 */
static double
tail_integrand(double y, const void *arg)
{
	const Tail *tail = arg;
	double		t = tail->origin * exp(y);

	return exp(log_term(tail->params, tail->from, tail->delta, t - tail->from) +
			   y - tail->log_scale);
}

/*
 * The integral of the terms from start to end, which may be infinite.
 */
static double
tail_integral(const BtydParams *params, double from, double delta,
			  double start, double end)
{
	Tail		tail = {params, from, delta, from + start, 0.0};
	double		power = params->v[0] * params->v[2] - 1.0;
	double		top = isinf(end) ? INFINITY : log((from + end) / tail.origin);
	double		breaks[MAX_BREAKS];
	double		step = 1.0;
	double		rest = 0.0;
	int			n = 1;

	tail.log_scale = log_term(params, from, delta, start);
	if (delta > 0.0)
		top = fmin(top, log1p(FALL / delta / tail.origin));
	else if (isinf(end))
	{
		/* where survival is a power, the rest of its integral is known */
		top = fmin(FALL / power, LARGE_LOG_U / params->v[2]);
		rest = tail_integrand(top, &tail) / power;
	}

	breaks[0] = 0.0;
	while (n < MAX_BREAKS - 1 && breaks[n - 1] + step < top)
	{
		breaks[n] = breaks[n - 1] + step;
		step *= 1.3;
		n++;
	}
	breaks[n++] = top;
	return exp(tail.log_scale) * tail.origin *
		(crm_integrate(tail_integrand, &tail, breaks, n, 1e-12) + rest);
}

/*
 * crm_contract_discounted
 *
 * The expected number of renewals among the next horizon opportunities of a
 * customer who has taken from of them, the renewal j from now weighed by
 * e^(-delta (j - 1)): seen from just before the next renewal is due.  delta >= 0
 * per period; horizon whole, >= 0, or infinite.  Infinite where both have no
 * end and alpha c <= 1.
 */
double
crm_contract_discounted(const BtydParams *params, double from, double delta,
						double horizon)
{
	double		sum = 0.0;
	double		previous = 1.0;
	double		j;

	if (params->kind == BTYD_SBG)
		return exp(delta) * crm_beta_geometric_sum(params->v[0],
												   params->v[1] + from,
												   delta, horizon);
	if (delta == 0.0 && isinf(horizon) && params->v[0] * params->v[2] <= 1.0)
		return INFINITY;

	for (j = 1.0; j <= horizon; j += 1.0)
	{
		double		term = exp(log_term(params, from, delta, j));

		sum += term;
		/* (also where parameters are such that nothing can be computed) */
		if (!(term > 0.0) || (term < NEGLIGIBLE * sum && term < 0.99 * previous))
			return sum;
		previous = term;
		if (j >= DIRECT_MIN && j + 2.0 < horizon &&
			slope_at(params, from, delta, j) > -SLOW)
			break;
	}
	if (j > horizon)
		return sum;

	/* the terms from j + 1 on; the formula is symmetric at a finite end */
	sum += tail_integral(params, from, delta, j + 1.0, horizon);
	sum += exp(log_term(params, from, delta, j + 1.0)) *
		correction(params, from, delta, j + 1.0);
	if (!isinf(horizon))
	{
		double		g = slope_at(params, from, delta, horizon);

		sum += exp(log_term(params, from, delta, horizon)) *
			(0.5 + g / 12.0 - g * g * g / 720.0);
	}
	return sum;
}
