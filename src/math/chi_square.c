/*-------------------------------------------------------------------------
 *
 * chi_square.c
 *	  The chi-square distribution with a whole number of degrees of freedom.
 *
 * With one degree P(X > x) = erfc(sqrt(x / 2)), with two exp(-x / 2), and
 *		Q(x; n + 2) = Q(x; n) + (x / 2)^(n/2) exp(-x / 2) / Gamma(n / 2 + 1)
 * (Abramowitz and Stegun 1964, 26.4.4 and 26.4.8): sums of positive terms.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/chi_square.h"

#include <math.h>

#include "src/math/gammafn.h"

/*
 * P(X > x) of the chi-square distribution with df >= 0 degrees of freedom; zero
 * degrees are a point mass at 0.  1 where x <= 0 (0 with no degrees), NaN for
 * NaN.
 */
double
crm_chi_square_survival(double x, int df)
{
	double		half = 0.5 * x;
	double		q;
	int			n;

	if (isnan(x) || df < 0)
		return NAN;
	if (df == 0)
		return x < 0.0 ? 1.0 : 0.0;
	if (x <= 0.0)
		return 1.0;
	if (isinf(x))
		return 0.0;

	q = df % 2 == 1 ? erfc(sqrt(half)) : exp(-half);
	for (n = df % 2 == 1 ? 1 : 2; n < df; n += 2)
		q += exp(0.5 * n * log(half) - half - crm_lgamma(0.5 * n + 1.0));
	return fmin(q, 1.0);
}
