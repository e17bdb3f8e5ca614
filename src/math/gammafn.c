/*-------------------------------------------------------------------------
 *
 * gammafn.c
 *	  The gamma function's logarithm, its derivatives, and differences of
 *	  them, for positive arguments.
 *
 * Likelihoods of count models need ln Gamma(z + n) - ln Gamma(z), where z may
 * be 1e-8 or 1e8 and n may be 1 or 1e6.  Subtracting two values of lgamma()
 * loses all digits when z is large and n small, so the differences are computed
 * as such: a product of the factors for a small whole n, and Stirling's series
 * written with log1p() otherwise, after the recurrence has brought z above
 * STIRLING_MIN.
 *
 * lgamma() of the C library sets the global signgam; nothing here calls it.
 *
 * Source of the series: Abramowitz and Stegun 1964, formulas 6.1.41, 6.3.18
 * and 6.4.12, and the recurrences 6.1.15, 6.3.5 and 6.4.6.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/gammafn.h"

#include <math.h>

/*
 * The asymptotic series below, cut off after the terms written here, have a
 * relative error under 1e-17 from this argument on: the first term left out of
 * the series of ln Gamma is 1/156 / z^13.
 */
#define STIRLING_MIN 13.0

/* Longest product of factors z (z + 1) ... that is formed one by one. */
#define PRODUCT_MAX 24

#define LN_SQRT_2PI 0.918938533204672741780329736406

static double digamma_correction(double z);
static double trigamma_correction(double z);
static double deviance(double n, double expected, double d);

/*
 * ln Gamma(z) - [(z - 1/2) ln z - z + ln sqrt(2 pi)] for z >= STIRLING_MIN.
 */
double
crm_stirling_correction(double z)
{
	double		u = 1.0 / (z * z);

	return (1.0 / 12 - u * (1.0 / 360 - u * (1.0 / 1260 - u *
											 (1.0 / 1680 - u *
											  (1.0 / 1188 - u *
											   (691.0 / 360360 - u / 156)))))) / z;
}

/*
 * log(z) - 1 / (2 z) - digamma(z) for z >= STIRLING_MIN.
 */
static double
digamma_correction(double z)
{
	double		u = 1.0 / (z * z);

	return u * (1.0 / 12 - u * (1.0 / 120 - u *
								(1.0 / 252 - u *
								 (1.0 / 240 - u *
								  (1.0 / 132 - u *
								   (691.0 / 32760 - u / 12))))));
}

/*
 * trigamma(z) - 1 / z - 1 / (2 z^2) for z >= STIRLING_MIN.
 */
static double
trigamma_correction(double z)
{
	double		u = 1.0 / (z * z);

	return u / z * (1.0 / 6 - u * (1.0 / 30 - u *
								   (1.0 / 42 - u *
									(1.0 / 30 - u *
									 (5.0 / 66 - u *
									  (691.0 / 2730 - u * (7.0 / 6)))))));
}

/*
 * log(1 + z) - z without cancellation, z > -1.
 *
 * With v = z / (2 + z), log(1 + z) = 2 atanh(v) and z - 2 v = z v, so that the
 * wanted difference is 2 (atanh(v) - v) - z v.
 */
double
crm_log1pmx(double z)
{
	double		v,
				v2,
				term,
				sum;
	int			k;

	if (z < -0.4 || z > 0.7)
		return log1p(z) - z;

	v = z / (2.0 + z);
	v2 = v * v;
	term = v2;
	sum = 0.0;
	for (k = 3; k < 60; k += 2)
	{
		double		t = term / k;

		sum += t;
		if (t < 1e-18 * sum)
			break;
		term *= v2;
	}
	return v * (2.0 * sum - z);
}

/*
 * ln Gamma(x), x > 0.  Relative accuracy near the zeros at 1 and 2 is kept by
 * lgamma_r().
 */
double
crm_lgamma(double x)
{
	int			sign;

	return lgamma_r(x, &sign);
}

/*
 * The digamma function, derivative of ln Gamma, x > 0.
 */
double
crm_digamma(double x)
{
	double		shift = 0.0;

	while (x < STIRLING_MIN)
	{
		shift += 1.0 / x;
		x += 1.0;
	}
	return log(x) - 0.5 / x - digamma_correction(x) - shift;
}

/*
 * The trigamma function, second derivative of ln Gamma, x > 0.
 */
double
crm_trigamma(double x)
{
	double		shift = 0.0;
	double		u;

	while (x < STIRLING_MIN)
	{
		shift += 1.0 / (x * x);
		x += 1.0;
	}
	u = 1.0 / (x * x);
	return shift + 1.0 / x + 0.5 * u + trigamma_correction(x);
}

/*
 * ln Gamma(z + n) - ln Gamma(z), z > 0, n >= 0 (not always whole).
 */
double
crm_lgamma_diff(double z, double n)
{
	double		shift = 0.0;

	if (n == 0.0)
		return 0.0;

	if (n <= PRODUCT_MAX && n == floor(n))
	{
		/* Factors up to 1e8 and more: take the log before 1e300 is passed. */
		double		product = 1.0;
		double		sum = 0.0;
		int			j;

		for (j = 0; j < (int) n; j++)
		{
			product *= z + j;
			if (product > 1e150 || product < 1e-150)
			{
				sum += log(product);
				product = 1.0;
			}
		}
		return sum + log(product);
	}

	/* Gamma(z + n) / Gamma(z), one factor (z + n) / z at a time */
	while (z < STIRLING_MIN)
	{
		shift -= log1p(n / z);
		z += 1.0;
	}

	/*
	 * For a small n Stirling's corrections below would leave an absolute
	 * error that is no longer small next to n: the midpoint rule with the
	 * correction n^3 psi''(mid) / 24.  The next term, in n^5, is under 1e-18
	 * n here.
	 */
	if (n < 1e-3)
	{
		double		mid = z + 0.5 * n;
		double		u = 1.0 / mid;

		return shift + n * (crm_digamma(mid) - n * n / 24.0 *
							(u * u * (1.0 + u * (1.0 + 0.5 * u))));
	}

	return shift + (n * log(z + n) - 0.5 * log1p(n / z)
					+ z * crm_log1pmx(n / z))
		+ (crm_stirling_correction(z + n) - crm_stirling_correction(z));
}

/*
 * digamma(z + n) - digamma(z), z > 0, n >= 0.
 */
double
crm_digamma_diff(double z, double n)
{
	double		shift = 0.0;

	if (n <= PRODUCT_MAX && n == floor(n))
	{
		int			j;

		for (j = 0; j < (int) n; j++)
			shift += 1.0 / (z + j);
		return shift;
	}

	while (z < STIRLING_MIN)
	{
		shift += n / (z * (z + n));
		z += 1.0;
	}

	/* As in crm_lgamma_diff, with the third derivative */
	if (n < 1e-3)
	{
		double		mid = z + 0.5 * n;
		double		u = 1.0 / mid;

		return shift + n * (crm_trigamma(mid) + n * n / 24.0 *
							(u * u * u * (2.0 + u * (3.0 + 2.0 * u))));
	}

	return shift + log1p(n / z) + 0.5 * n / (z * (z + n))
		+ (digamma_correction(z) - digamma_correction(z + n));
}

/*
 * trigamma(z + n) - trigamma(z), z > 0, n >= 0: never positive.
 */
double
crm_trigamma_diff(double z, double n)
{
	double		sum = 0.0;

	if (n <= PRODUCT_MAX && n == floor(n))
	{
		int			j;

		for (j = 0; j < (int) n; j++)
			sum -= 1.0 / ((z + j) * (z + j));
		return sum;
	}

	while (z < STIRLING_MIN)
	{
		sum -= n / z / (z + n) * (1.0 / z + 1.0 / (z + n));
		z += 1.0;
	}

	/* As in crm_lgamma_diff, with the third and fifth derivative of ln Gamma */
	if (n < 1e-3)
	{
		double		mid = z + 0.5 * n;
		double		u = 1.0 / mid;
		double		u2 = u * u;

		return sum - n * u2 * (1.0 + u * (1.0 + u * (0.5 - u2 * (1.0 / 6 - u2 *
																 (1.0 / 6 - u2 * (3.0 / 10 - u2 * (5.0 / 6)))))) +
							   n * n / 24.0 * u2 * (6.0 + 12.0 * u));
	}

	return sum - n / z / (z + n) * (1.0 + 0.5 * (1.0 / z + 1.0 / (z + n)))
		+ (trigamma_correction(z + n) - trigamma_correction(z));
}

/*
 * ln Beta(a, b) = ln Gamma(a) + ln Gamma(b) - ln Gamma(a + b).
 */
double
crm_log_beta(double a, double b)
{
	double		lo = a < b ? a : b;
	double		hi = a < b ? b : a;

	return crm_lgamma(lo) - crm_lgamma_diff(hi, lo);
}

/*
 * a ln u + b ln(1 - u) - ln Beta(a, b), where u = y / (y + g) and y, g > 0.
 *
 * With large a and b this is a small difference of large terms.  Then it is
 * written as a deviance from the mean a / (a + b) and Stirling corrections, as
 * C. Loader does for the binomial ("Fast and accurate computation of binomial
 * probabilities", 2000).
 */
double
crm_log_beta_kernel(double a, double b, double y, double g)
{
	double		lo = a < b ? a : b;

	if (lo >= STIRLING_MIN)
	{
		/*
		 * u (a + b) - a = d: the observed less the expected count, of which
		 * the first-order parts a (d / a) and b (-d / b) cancel exactly.
		 */
		double		d = (b * y - a * g) / (y + g);

		return deviance(a, (a + b) * (y / (y + g)), d)
			+ deviance(b, (a + b) * (g / (y + g)), -d)
			+ 0.5 * (log(lo) - log1p(lo / (a < b ? b : a))) - LN_SQRT_2PI
			+ (crm_stirling_correction(a + b) - crm_stirling_correction(a)
			   - crm_stirling_correction(b));
	}
	return -a * log1p(g / y) - b * log1p(y / g) - crm_log_beta(a, b);
}

/*
 * n ln(expected / n) - d, where d = expected - n is given by itself: both
 * small differences and far tails keep their digits.
 */
static double
deviance(double n, double expected, double d)
{
	if (d < -0.4 * n)
		return n * log(expected / n) - d;
	return n * crm_log1pmx(d / n);
}
