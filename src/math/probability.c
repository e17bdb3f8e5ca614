/*-------------------------------------------------------------------------
 *
 * probability.c
 *	  Distribution functions and quantiles that intervals and tests need:
 *	  normal, Student's t, beta.
 *
 * Everything rests on the logarithm of a lower tail of the beta distribution,
 * which keeps its relative accuracy however far out the tail is:
 *
 *	- its leading factor x^a (1-x)^b / B(a,b) is written with the deviance from
 *	  the mean and Stirling's error terms, so that no large logarithms are
 *	  subtracted (C. Loader, "Fast and Accurate Computation of Binomial
 *	  Probabilities", 2000);
 *	- mostly, the continued fraction of the incomplete beta function
 *	  (Abramowitz and Stegun 26.5.8) by Lentz's method;
 *	- where a and b are both large, when the fraction would need some
 *	  sqrt(min(a,b)) terms, or 1 - x is small, when it would lose digits,
 *	  Gauss-Legendre quadrature of the density from x outwards.
 *
 * Quantiles of the beta distribution are found by Newton's method on the
 * logarithm of the tail as a function of logit(x).  The density of logit(x) is
 * log-concave, hence so is its distribution function: from the left Newton's
 * steps never overshoot, from the right the first step lands on the left.
 * Near the root Halley's correction saves a step or two.
 *
 * The normal quantile is M. J. Wichura's algorithm AS 241 (PPND16), Applied
 * Statistics 37 (1988), good to about 1 part in 10^16.
 *
 * Left to others: incomplete beta functions whose complement is far below the
 * smallest double, and the gamma family.
 *
 *-------------------------------------------------------------------------
 */
#include <float.h>
#include <math.h>
#include <stdbool.h>

#include "src/math/probability.h"

#define LOG_2PI 1.83787706640934548356

/* Both parameters above this: quadrature rather than the continued fraction. */
#define LARGE_PARAMETER 1000.0

/*
 * The first denominators of the continued fraction are of the order of 1 - x
 * and come about by subtraction: below this, quadrature again.
 */
#define SMALL_COMPLEMENT 0.01

/*
 * With min(a,b) <= LARGE_PARAMETER the continued fraction ends within a few
 * hundred terms; this only bounds the loop.
 */
#define MAX_FRACTION_TERMS 100000

/* Newton takes 2 to 10 steps; this only bounds the loop. */
#define MAX_NEWTON_STEPS 200

/* Below this logit(x), x is zero to double precision. */
#define LOWEST_LOGIT (-708.0)

/* Nodes and weights of 16-point Gauss-Legendre quadrature, the upper half */
#define GAUSS_PAIRS 8
static const double gauss_node[GAUSS_PAIRS] = {
	0.095012509837637440185, 0.28160355077925891323,
	0.45801677765722738634, 0.61787624440264374845,
	0.7554044083550030339, 0.86563120238783174388,
	0.94457502307323257608, 0.9894009349916499326
};
static const double gauss_weight[GAUSS_PAIRS] = {
	0.18945061045506849629, 0.18260341504492358887,
	0.16915651939500253819, 0.14959598881657673208,
	0.12462897125553387205, 0.09515851168249278481,
	0.062253523938647892863, 0.027152459411754094852
};

static double log1p_minus(double u);
static double log_ratio_minus(double x, double mean, double distance);
static double stirling_error(double z);
static double log_beta_scale(double a, double b);
static double distance_from_mean(double x, double y, double a, double b);
static double log_beta_deviance(double x, double y, double a, double b);
static double beta_fraction(double x, double a, double b);
static double beta_tail_integral(double x, double y, double a, double b);
static double log_beta_near_tail(double x, double y, double a, double b,
								 double log_factor);
static double log_beta_lower(double x, double y, double a, double b,
							 double log_factor);
static double beta_lower(double x, double y, double a, double b);
static double beta_logit_quantile(double p, double a, double b, double start);
static double t_tail_start(double tail, double df);

/*
 * log(1 + u) - u without cancellation, for u > -1.
 *
 * With s = u / (2 + u), log(1 + u) = 2 (s + s^3/3 + s^5/5 + ...).
 */
static double
log1p_minus(double u)
{
	double		s;
	double		s2;
	double		power;
	double		sum;
	int			k;

	if (fabs(u) > 0.3)
		return log1p(u) - u;

	s = u / (2 + u);
	s2 = s * s;
	sum = 1.0 / 3;
	power = 1;
	for (k = 5; k < 60; k += 2)
	{
		double		term;

		power *= s2;
		term = power / k;
		sum += term;
		if (term < DBL_EPSILON / 8)
			break;
	}
	return 2 * s * s2 * sum - s * u;
}

/*
 * log(x / mean) - (x - mean) / mean, where distance = x - mean may be known
 * better than the difference of the two.
 */
static double
log_ratio_minus(double x, double mean, double distance)
{
	double		u = distance / mean;

	if (fabs(u) > 0.3)
		return log(x / mean) - u;
	return log1p_minus(u);
}

/*
 * log Gamma(z) less Stirling's formula (z - 1/2) log z - z + log(2 pi) / 2,
 * for z > 0: its asymptotic series from 10 on, its recurrence below.
 */
static double
stirling_error(double z)
{
	double		sum = 0;
	double		r;
	double		r2;

	while (z < 10)
	{
		sum += (z + 0.5) * log1p(1 / z) - 1;
		z += 1;
	}
	r = 1 / z;
	r2 = r * r;
	return sum + r * (1.0 / 12 - r2 * (1.0 / 360 - r2 * (1.0 / 1260 - r2 *
														 (1.0 / 1680 - r2 * (1.0 / 1188 - r2 *
																			 (691.0 / 360360 - r2 / 156))))));
}

/*
 * log (m^a (1-m)^b / B(a,b)) where m = a / (a + b) is the mean.
 */
static double
log_beta_scale(double a, double b)
{
	return 0.5 * (log(a) + log(b / (a + b)) - LOG_2PI) +
		stirling_error(a + b) - stirling_error(a) - stirling_error(b);
}

/*
 * x - a / (a + b), by way of y = 1 - x when that is the smaller.
 */
static double
distance_from_mean(double x, double y, double a, double b)
{
	return (x < y) ? x - a / (a + b) : b / (a + b) - y;
}

/*
 * log (x^a y^b) less its value at the mean, where y = 1 - x, both > 0.  With
 * log_beta_scale(a, b) added it is the factor log (x^a y^b / B(a,b)).
 */
static double
log_beta_deviance(double x, double y, double a, double b)
{
	double		distance = distance_from_mean(x, y, a, b);

	return a * log_ratio_minus(x, a / (a + b), distance) +
		b * log_ratio_minus(y, b / (a + b), -distance);
}

/*
 * The continued fraction f of the lower tail: I_x(a,b) = x^a y^b / (a B(a,b)) f.
 * Converges fast for x < (a + 1) / (a + b + 2).
 */
static double
beta_fraction(double x, double a, double b)
{
	/* keeps the denominators of Lentz's method away from zero */
	const double tiny = 1e-300;
	double		c = 1;
	double		d = 1 - (a + b) * x / (a + 1);
	double		f;
	double		m;

	if (fabs(d) < tiny)
		d = tiny;
	d = 1 / d;
	f = d;
	for (m = 1; m < MAX_FRACTION_TERMS; m++)
	{
		double		coefficient;
		double		factor;

		coefficient = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		d = 1 + coefficient * d;
		c = 1 + coefficient / c;
		if (fabs(d) < tiny)
			d = tiny;
		if (fabs(c) < tiny)
			c = tiny;
		d = 1 / d;
		f *= d * c;

		coefficient = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
		d = 1 + coefficient * d;
		c = 1 + coefficient / c;
		if (fabs(d) < tiny)
			d = tiny;
		if (fabs(c) < tiny)
			c = tiny;
		d = 1 / d;
		factor = d * c;
		f *= factor;
		if (fabs(factor - 1) < DBL_EPSILON)
			break;
	}
	return f;
}

/*
 * I_x(a,b) / (x^a y^b / B(a,b)) for large a and x not much above the mean, by
 * integrating the density downwards from x.
 *
 * A panel is at most two standard deviations wide, narrower where the density
 * falls off faster, and no wider than half the way to the density's
 * singularity at y = 0.  (That at x = 0 does not matter: there is nothing
 * there when a is large.)
 */
static double
beta_tail_integral(double x, double y, double a, double b)
{
	double		mean = a / (a + b);
	double		mean_y = b / (a + b);
	double		distance = distance_from_mean(x, y, a, b);
	double		std_dev = sqrt(mean * mean_y / (a + b));
	double		slope = (a + b) * fabs(distance) / (x * y);
	double		log_at_x = log_beta_deviance(x, y, a, b);
	double		from = 0;
	double		sum = 0;

	while (from < x)
	{
		double		width = 1 / (1 / (2 * std_dev) + slope / 6 + 2 / (y + from));
		double		half = fmin(width, x - from) / 2;
		double		panel = 0;
		int			i;

		for (i = 0; i < 2 * GAUSS_PAIRS; i++)
		{
			double		node = gauss_node[i / 2];
			double		down = from + half * (1 + ((i & 1) ? node : -node));
			double		at = x - down;
			double		at_distance = distance - down;

			if (at <= 0)
				continue;
			panel += gauss_weight[i / 2] / (at * (y + down)) *
				exp(a * log_ratio_minus(at, mean, at_distance) +
					b * log_ratio_minus(y + down, mean_y, -at_distance) -
					log_at_x);
		}
		sum += panel * half;
		if (panel * half <= sum * (DBL_EPSILON / 16))
			break;
		from += 2 * half;
	}
	return sum;
}

/*
 * log I_x(a,b) where x is not much above the mean; log_factor is
 * log (x^a y^b / B(a,b)).
 */
static double
log_beta_near_tail(double x, double y, double a, double b, double log_factor)
{
	if (fmin(a, b) > LARGE_PARAMETER || y < SMALL_COMPLEMENT)
		return log_factor + log(beta_tail_integral(x, y, a, b));
	return log_factor + log(beta_fraction(x, a, b) / a);
}

/*
 * log I_x(a,b) for x, y > 0: y = 1 - x is given too, since either may be the
 * one that carries the digits.
 */
static double
log_beta_lower(double x, double y, double a, double b, double log_factor)
{
	if (fmin(a, b) > LARGE_PARAMETER ?
		distance_from_mean(x, y, a, b) <= 0 :
		x < (a + 1) / (a + b + 2))
		return log_beta_near_tail(x, y, a, b, log_factor);
	return log1p(-exp(log_beta_near_tail(y, x, b, a, log_factor)));
}

/*
 * I_x(a,b), y = 1 - x.
 */
static double
beta_lower(double x, double y, double a, double b)
{
	if (x <= 0 || y <= 0)
		return x <= 0 ? 0 : 1;
	return exp(log_beta_lower(x, y, a, b,
							  log_beta_scale(a, b) + log_beta_deviance(x, y, a, b)));
}

/*
 * The logit of the p quantile, log(x / (1 - x)), for 0 < p <= 1/2, from a
 * first guess.
 */
static double
beta_logit_quantile(double p, double a, double b, double start)
{
	double		log_p = log(p);
	double		log_scale = log_beta_scale(a, b);
	double		u = start;
	int			step;

	for (step = 0; step < MAX_NEWTON_STEPS; step++)
	{
		double		e = exp(-fabs(u));
		double		x = (u < 0) ? e / (1 + e) : 1 / (1 + e);
		double		y = (u < 0) ? 1 / (1 + e) : e / (1 + e);
		double		log_factor;
		double		log_tail;
		double		slope;
		double		change;
		double		bend;

		if (u < LOWEST_LOGIT || u > -LOWEST_LOGIT)
			break;

		/* the tail's logarithm and its first two derivatives by u */
		log_factor = log_scale + log_beta_deviance(x, y, a, b);
		log_tail = log_beta_lower(x, y, a, b, log_factor);
		slope = exp(log_factor - log_tail);
		change = (log_p - log_tail) / slope;

		/* Halley's correction where it is one */
		bend = change * ((a * y - b * x) - slope) / 2;
		if (fabs(bend) < 0.25)
			change /= 1 + bend;
		if (!isfinite(change))
			change = -1;		/* so far right that I = 1 */
		u += change;
		if (fabs(change) <= 2 * DBL_EPSILON * (1 + fabs(u)) ||
			(fabs(bend) < 1e-5 && fabs(change) < 1e-6) ||
			(step > 20 && fabs(change) <= 1e-13 * (1 + fabs(u))))
			break;
	}
	return u;
}

/*
 * P(Z <= x) of the standard normal distribution.
 */
double
crm_normal_cdf(double x)
{
	return 0.5 * erfc(-x * M_SQRT1_2);
}

/*
 * The x with P(Z <= x) = p; infinite at 0 and 1.
 */
double
crm_normal_quantile(double p)
{
	double		q = p - 0.5;
	double		r;
	double		x;

	if (!(p >= 0 && p <= 1))
		return NAN;
	if (p == 0 || p == 1)
		return (p == 0) ? -INFINITY : INFINITY;

	if (fabs(q) <= 0.425)
	{
		r = 0.180625 - q * q;
		return q * (((((((2509.0809287301226727 * r + 33430.575583588128105) * r +
						 67265.770927008700853) * r + 45921.953931549871457) * r +
					   13731.693765509461125) * r + 1971.5909503065514427) * r +
					 133.14166789178437745) * r + 3.387132872796366608) /
			(((((((5226.495278852854561 * r + 28729.085735721942674) * r +
				  39307.89580009271061) * r + 21213.794301586595867) * r +
				5394.1960214247511077) * r + 687.1870074920579083) * r +
			  42.313330701600911252) * r + 1);
	}

	r = sqrt(-log(q < 0 ? p : 1 - p));
	if (r <= 5)
	{
		r -= 1.6;
		x = (((((((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r +
				  0.24178072517745061177) * r + 1.27045825245236838258) * r +
				3.64784832476320460504) * r + 5.7694972214606914055) * r +
			  4.6303378461565452959) * r + 1.42343711074968357734) /
			(((((((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r +
				  0.0151986665636164571966) * r + 0.14810397642748007459) * r +
				0.68976733498510000455) * r + 1.6763848301838038494) * r +
			  2.05319162663775882187) * r + 1);
	}
	else
	{
		r -= 5;
		x = (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r +
				  0.0012426609473880784386) * r + 0.026532189526576123093) * r +
				0.29656057182850489123) * r + 1.7848265399172913358) * r +
			  5.4637849111641143699) * r + 6.6579046435011037772) /
			(((((((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r +
				  1.8463183175100546818e-5) * r + 7.868691311456132591e-4) * r +
				0.0148753612908506148525) * r + 0.13692988092273580531) * r +
			  0.59983220655588793769) * r + 1);
	}
	return q < 0 ? -x : x;
}

/*
 * A first guess at the t with P(T > t) = tail < 1/2: Cornish and Fisher's
 * expansion about the normal quantile (Abramowitz and Stegun 26.7.5); for few
 * degrees of freedom and far out, the tail's leading term.
 */
static double
t_tail_start(double tail, double df)
{
	double		z = -crm_normal_quantile(tail);
	double		z2 = z * z;
	double		t = z * (1 + ((z2 + 1) / 4 + ((5 * z2 + 16) * z2 + 3) / (96 * df)) / df);

	if (z2 > df)
		t = sqrt(df) * pow(2 * tail * sqrt(df), -1 / df);
	return t;
}

/*
 * The t with P(T <= t) = p; infinite at 0 and 1.
 */
double
crm_t_quantile(double p, double df)
{
	double		tail = fmin(p, 1 - p);
	double		start;
	double		t;

	if (!(p >= 0 && p <= 1) || !(df > 0))
		return NAN;
	if (isinf(df) || tail == 0)
		return crm_normal_quantile(p);
	if (tail == 0.5)
		return 0;

	/* df / (df + t^2) has a beta distribution, or t^2 / (df + t^2) */
	start = 2 * log(t_tail_start(tail, df)) - log(df);
	if (tail <= 0.25)
		t = exp(-0.5 * beta_logit_quantile(2 * tail, df / 2, 0.5, -start));
	else
		t = exp(0.5 * beta_logit_quantile(1 - 2 * tail, 0.5, df / 2, start));
	t *= sqrt(df);
	return p < 0.5 ? -t : t;
}

/*
 * P(X <= x) of the beta distribution: the regularised incomplete beta function
 * I_x(a,b), for a, b > 0.
 */
double
crm_beta_cdf(double x, double a, double b)
{
	if (isnan(x) || !(a > 0 && b > 0) || isinf(a) || isinf(b))
		return NAN;
	return beta_lower(x, 1 - x, a, b);
}

/*
 * The x with P(X <= x) = p.  One minus the quantile at p of (b, a) is the
 * quantile at 1 - p of (a, b): callers with a small upper tail use that.
 */
double
crm_beta_quantile(double p, double a, double b)
{
	double		start;
	double		u;

	if (!(p >= 0 && p <= 1) || !(a > 0 && b > 0) || isinf(a) || isinf(b))
		return NAN;
	if (p == 0 || p == 1)
		return p;

	/* logit(x) is roughly normal */
	start = log(a / b) + crm_normal_quantile(p) * sqrt(1 / a + 1 / b);
	if (p <= 0.5)
		u = beta_logit_quantile(p, a, b, start);
	else
		u = -beta_logit_quantile(1 - p, b, a, -start);
	if (u < LOWEST_LOGIT)
		return 0;
	return 1 / (1 + exp(-u));
}
