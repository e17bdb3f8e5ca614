/*-------------------------------------------------------------------------
 *
 * expint.c
 *	  The generalized exponential integral of real order, and the discounted
 *	  integral of a power over a finite or infinite horizon.
 *
 * exp(z) E_s(z) = integral of exp(-z v) (1+v)^-s over v >= 0 is what a customer
 * whose hazard of dropout falls as 1 / (beta + time) is worth, discounted (the
 * confluent hypergeometric U of Fader, Hardie and Lee 2005, "RFM and CLV",
 * formula 3, is this integral).  s and z are positive, any size.
 *
 * Two methods share the work (the numbers are those of the NIST Digital Library
 * of Mathematical Functions):
 *
 * - z >= 2 or s >= 12: the even part of the continued fraction 8.19.17.  Its
 *	 terms are positive; z = 2 takes about 30 steps.
 * - else the power series 8.19.10 for an order in (0, 1.5), with its two
 *	 singular terms (the pole of the gamma function at s = 1, and 1 / (s - 1))
 *	 combined by expm1() so that s = 1 is no special case; then the recurrence
 *	 8.19.12 upwards to s.  At z < 2 neither loses more than two digits.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/expint.h"

#include <math.h>

#include "src/math/gammafn.h"
#include "src/math/quadrature.h"

/* The regions of the two methods, see above. */
#define FRACTION_MIN_Z 2.0
#define FRACTION_MIN_S 12.0

/* More steps than the continued fraction takes anywhere in its region. */
#define FRACTION_MAX_STEPS 200

#define EULER_GAMMA 0.577215664901532860606512090082

/* (zeta(k) - 1) / k for k = 2 .. 26: times 2^-(k-1) the next is under 1e-17 */
static const double zeta_term[] = {
	0.322467033424113218, 0.0673523010531980951, 0.0205808084277845479,
	0.00738555102867398527, 0.00289051033074152329, 0.00119275391170326098,
	5.09669524743042422e-4, 2.2315475845357938e-4, 9.94575127818085337e-5,
	4.49262367381331417e-5, 2.05072127756706916e-5, 9.4394882752683959e-6,
	4.3748667899074878e-6, 2.03921575380136624e-6, 9.55141213040741983e-7,
	4.49246919876456604e-7, 2.12071848055546659e-7, 1.00432248239680996e-7,
	4.76981016936398057e-8, 2.27110946089431649e-8, 1.08386592148969541e-8,
	5.18347504197004666e-9, 2.48367454380247832e-9, 1.19214014058609121e-9,
	5.73136724167886201e-10
};

#define N_ZETA_TERMS ((int) (sizeof(zeta_term) / sizeof(zeta_term[0])))

typedef struct PowerIntegrand
{
	double		s;
	double		z;
} PowerIntegrand;

static double by_fraction(double s, double z);
static double by_series(double s, double z);
static double log_gamma_ratio(double e);
static double power_integrand(double w, const void *arg);

/*
 * crm_phi1
 *
 * expm1(z) / z, and 1 at z = 0.
 */
double
crm_phi1(double z)
{
	return z == 0.0 ? 1.0 : expm1(z) / z;
}

/*
 * crm_log1p_ratio
 *
 * ln(1 + t / beta), t >= 0, beta > 0, also where the quotient overflows.
 */
double
crm_log1p_ratio(double t, double beta)
{
	double		ratio = t / beta;

	return isinf(ratio) ? log(t) - log(beta) : log1p(ratio);
}

/*
 * crm_expint_scaled
 *
 * exp(z) E_s(z), s > 0, z >= 0.  At z = 0 this is 1 / (s - 1), or infinite
 * where s <= 1.
 */
double
crm_expint_scaled(double s, double z)
{
	if (z <= 0.0)
		return s > 1.0 ? 1.0 / (s - 1.0) : INFINITY;
	if (z >= FRACTION_MIN_Z || s >= FRACTION_MIN_S)
		return by_fraction(s, z);
	return by_series(s, z);
}

/*
 * 1/(z+s - 1 s/(z+s+2 - 2 (s+1)/(z+s+4 - ...))), by Steed's forward algorithm.
 */
static double
by_fraction(double s, double z)
{
	double		b = z + s;
	double		d = 1.0 / b;
	double		step = d;
	double		value = d;

	for (int n = 1; n < FRACTION_MAX_STEPS; n++)
	{
		double		a = -n * (s + (n - 1));

		b += 2.0;
		d = 1.0 / (b + a * d);
		step *= b * d - 1.0;
		value += step;
		if (fabs(step) <= 1e-17 * value)
			break;
	}
	return value;
}

/*
 * With e = s - 1 in (-1, 1/2),
 *	  E_s(z) = Gamma(-e) z^e - sum over k >= 0 of (-z)^k / (k! (k - e))
 * where the term k = 0 and Gamma(-e) z^e together are
 *	  (1 - Gamma(1 - e) z^e) / e = -expm1(e w) / e,
 *	  w = ln Gamma(1 - e) / e + ln z.
 */
static double
by_series(double s, double z)
{
	double		steps = s < 1.5 ? 0.0 : floor(s - 0.5);
	double		e = s - steps - 1.0;
	double		w = log_gamma_ratio(e) + log(z);
	double		value = -w * crm_phi1(e * w);
	double		power = 1.0;

	for (int k = 1; k < 40; k++)
	{
		double		term;

		power *= -z / k;
		term = power / (k - e);
		value -= term;
		if (fabs(term) <= 1e-17 * fabs(value))
			break;
	}
	value *= exp(z);

	/* o E_{o+1} = exp(-z) - z E_o, from order o = 1 + e up to s */
	for (double o = 1.0 + e; steps > 0.0; steps -= 1.0, o += 1.0)
		value = (1.0 - z * value) / o;
	return value;
}

/*
 * ln Gamma(1 - e) / e for -1 < e <= 1/2; Euler's constant at e = 0.  For a
 * small e by the Taylor series (Abramowitz and Stegun 1964, formula 6.1.33).
 */
static double
log_gamma_ratio(double e)
{
	double		sum = 0.0;

	if (e < -0.5)
		return crm_lgamma(1.0 - e) / e;
	if (e == 0.0)
		return EULER_GAMMA;
	for (int i = N_ZETA_TERMS - 1; i >= 0; i--)
		sum = sum * e + zeta_term[i];
	return EULER_GAMMA - 1.0 - log1p(-e) / e + e * sum;
}

/*
 * crm_discounted_power
 *
 * The integral of exp(-z v) (1+v)^-s over v from 0 to h; s > 0, z >= 0, h >= 0
 * and h may be infinite.  Infinite only where h is, z = 0 and s <= 1.
 *
 * The whole less the tail beyond h, where the tail is the smaller part.  Where
 * it is not, that would cancel; but then the integrand varies little enough
 * before h to be integrated numerically, over w = ln(1+v).
 */
double
crm_discounted_power(double s, double z, double h)
{
	double		l;
	PowerIntegrand integrand = {s, z};
	double		breaks[2];

	if (isinf(h))
		return crm_expint_scaled(s, z);

	l = log1p(h);
	if (z == 0.0)
		return l * crm_phi1((1.0 - s) * l);

	if (z * h > 0.5 || (s - 1.0) * l > 0.5)
	{
		double		whole = crm_expint_scaled(s, z);
		double		tail = exp(-z * h + (1.0 - s) * l) *
			crm_expint_scaled(s, z * (1.0 + h));

		if (tail < 0.5 * whole && isfinite(whole))
			return whole - tail;
	}

	breaks[0] = 0.0;
	breaks[1] = l;
	return crm_integrate(power_integrand, &integrand, breaks, 2, 1e-13);
}

static double
power_integrand(double w, const void *arg)
{
	const PowerIntegrand *p = arg;

	return exp((1.0 - p->s) * w - p->z * expm1(w));
}
