/*-------------------------------------------------------------------------
 *
 * proportion.c
 *	  Confidence intervals for a proportion.
 *
 * Two-sided, at a given confidence level:
 *
 *	wilson			E. B. Wilson, JASA 22 (1927): the proportions that a score
 *					test does not reject.  Good for any n and any share.
 *	agresti-coull	A. Agresti and B. A. Coull, American Statistician 52
 *					(1998): Wilson's midpoint with the textbook width, cut to
 *					[0, 1].
 *	jeffreys		the equal-tailed interval of the beta posterior under
 *					Jeffreys' prior, beta(1/2, 1/2); not moved to 0 and 1 at
 *					the ends, so that it is the same formula everywhere.
 *	exact			C. J. Clopper and E. S. Pearson, Biometrika 26 (1934):
 *					covers at least as often as it says.
 *
 * L. D. Brown, T. T. Cai and A. DasGupta, Statistical Science 16 (2001),
 * compare them; Wald's textbook interval, which is [0, 0] when there is no
 * success, is not offered.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "src/math/probability.h"
#include "src/math/proportion.h"

static void wilson(double x, double n, double tail, double *lower, double *upper);
static void agresti_coull(double x, double n, double tail, double *lower, double *upper);
static void jeffreys(double x, double n, double tail, double *lower, double *upper);
static void exact(double x, double n, double tail, double *lower, double *upper);

static void
wilson(double x, double n, double tail, double *lower, double *upper)
{
	double		z = -crm_normal_quantile(tail);
	double		center = x + z * z / 2;
	double		half = z * sqrt(x * ((n - x) / n) + z * z / 4);

	/* The ends are exact where rounding could step over them. */
	*lower = (x == 0) ? 0 : (center - half) / (n + z * z);
	*upper = (x == n) ? 1 : (center + half) / (n + z * z);
}

static void
agresti_coull(double x, double n, double tail, double *lower, double *upper)
{
	double		z = -crm_normal_quantile(tail);
	double		n_adjusted = n + z * z;
	double		p = (x + z * z / 2) / n_adjusted;
	double		half = z * sqrt(p * (1 - p) / n_adjusted);

	*lower = fmax(p - half, 0);
	*upper = fmin(p + half, 1);
}

static void
jeffreys(double x, double n, double tail, double *lower, double *upper)
{
	*lower = crm_beta_quantile(tail, x + 0.5, n - x + 0.5);
	*upper = 1 - crm_beta_quantile(tail, n - x + 0.5, x + 0.5);
}

static void
exact(double x, double n, double tail, double *lower, double *upper)
{
	*lower = (x == 0) ? 0 : crm_beta_quantile(tail, x, n - x + 1);
	*upper = (x == n) ? 1 : 1 - crm_beta_quantile(tail, n - x, x + 1);
}

/*
 * The textbook standard error sqrt(p (1 - p) / n) of p = successes / trials,
 * for 0 <= successes <= trials.  NaN where the sample cannot tell it: no
 * trials, or all alike.
 */
double
crm_proportion_std_error(double successes, double trials)
{
	double		p = successes / trials;

	if (successes == 0 || successes == trials)
		return NAN;
	return sqrt(p * (1 - p) / trials);
}

/*
 * The interval at conf_level, 0 < conf_level < 1, for 0 <= successes <=
 * trials; both bounds NaN without trials.
 */
void
crm_proportion_interval(ProportionMethod method, double successes,
						double trials, double conf_level,
						double *lower, double *upper)
{
	double		tail = (1 - conf_level) / 2;

	*lower = *upper = NAN;
	if (!(trials > 0))
		return;
	switch (method)
	{
		case PROPORTION_WILSON:
			wilson(successes, trials, tail, lower, upper);
			break;
		case PROPORTION_AGRESTI_COULL:
			agresti_coull(successes, trials, tail, lower, upper);
			break;
		case PROPORTION_JEFFREYS:
			jeffreys(successes, trials, tail, lower, upper);
			break;
		case PROPORTION_EXACT:
			exact(successes, trials, tail, lower, upper);
			break;
	}
}
