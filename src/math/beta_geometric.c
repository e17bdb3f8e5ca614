/*-------------------------------------------------------------------------
 *
 * beta_geometric.c
 *	  A geometric lifetime whose probability of ending is beta distributed.
 *
 * At each of the opportunities 1, 2, ... a life ends with probability p, which
 * is Beta(a, b) over customers: survival is S(j) = E[(1 - p)^j] =
 * B(a, b + j) / B(a, b).  This is the dropout of the BG/BB model and all of the
 * shifted beta-geometric model.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/beta_geometric.h"

#include <math.h>

#include "src/math/beta_mean.h"

/* Sums of up to this many terms are quicker than the mean over p. */
#define DIRECT_MAX 2000.0

/* With an a below this, a life ends at once or never, to 11 digits. */
#define NEVER_ENDS 1e-12

typedef struct SumArg
{
	double		delta;
	double		n;				/* may be infinite */
} SumArg;

static double log_sum_given_p(double p, double q, const void *arg);

/*
 * crm_whole_periods
 *
 * The number of opportunities in the time t.  Times made from intervals may
 * miss a whole number by rounding.
 */
double
crm_whole_periods(double t)
{
	return isinf(t) ? t : floor(t * (1.0 + 1e-12) + 1e-9);
}

/*
 * With q = 1 - p, the sum over j from 1 to n of q^(j-1) e^(-delta (j-1)), less
 * the factor e^delta.
 */
static double
log_sum_given_p(double p, double q, const void *arg)
{
	const SumArg *s = arg;
	double		whole = -log(expm1(s->delta) + p);

	if (isinf(s->n))
		return whole;
	if (p < 1e-300 && s->delta == 0.0)
		return log(s->n);
	return whole + log(-expm1(s->n * ((q < 0.5 ? log(q) : log1p(-p)) -
									  s->delta)));
}

/*
 * crm_beta_geometric_sum
 *
 * The sum over j from 1 to n of S(j) exp(-delta j); a, b > 0, delta >= 0, and
 * n whole, >= 0, or infinite.  Infinite where n is, delta is 0 and a <= 1.
 *
 * Short sums term by term; else, one factor q being taken into the beta
 * distribution, a mean over p of a geometric series.  The closed form of
 * Fader, Hardie and Shang divides by a - 1.
 */
double
crm_beta_geometric_sum(double a, double b, double delta, double n)
{
	SumArg		arg = {delta, n};
	double		scale = b / (a + b);

	if (n <= DIRECT_MAX)
	{
		double		shrink = exp(-delta);
		double		term = 1.0;
		double		sum = 0.0;
		double		j;

		for (j = 0.0; j < n; j += 1.0)
		{
			term *= (b + j) / (a + b + j) * shrink;
			sum += term;
			if (term < 1e-18 * (1.0 - shrink) * sum)
				break;
		}
		return sum;
	}
	if (delta == 0.0 && isinf(n))
		return a > 1.0 ? b / (a - 1.0) : INFINITY;
	if (a < NEVER_ENDS)
		return scale * (delta == 0.0 ? n : -expm1(-delta * n) / expm1(delta));
	return scale * crm_beta_mean(a, b + 1.0, log_sum_given_p, &arg,
								 fmin(1.0 / expm1(delta), n), 1.0);
}
