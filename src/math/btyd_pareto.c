/*-------------------------------------------------------------------------
 *
 * btyd_pareto.c
 *	  The Pareto/NBD model: one customer's likelihood and odds of dropout.
 *
 * A customer buys at a gamma(r, alpha) rate lambda until dropping out, at a
 * gamma(s, beta) rate mu (Schmittlein, Morrison, Colombo 1987).  Integrating
 * both rates out of
 *		lambda^x [ e^-(lambda + mu) T
 *				   + integral over y in (t_x, T) of mu e^-(lambda + mu) y ]
 * gives, with p = r + x,
 *		L = Gamma(p) / Gamma(r) alpha^r beta^s
 *			[ (alpha + T)^-p (beta + T)^-s
 *			  + s * integral of (alpha + y)^-p (beta + y)^-(s + 1) ]
 * The published form (Fader and Hardie 2005, "A note on deriving the
 * Pareto/NBD model") turns the integral into a difference of two hypergeometric
 * functions, which has no correct digit left for frequent buyers.  Here
 * the integral itself is computed, by Gauss-Legendre rules on the logarithmic
 * scale of pareto_integral.h: all terms are positive, nothing cancels.
 *
 * The fit's sums over many customers are in btyd_pareto_sums.c.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/btyd_pareto.h"

#include "src/math/gammafn.h"
#include "src/math/pareto_integral.h"

/* The rest of the integral is left out once it is below this part of it. */
#define TAIL_LEFT_OUT 1e-17

static double scaled_integral(double alpha, double p, double beta, double s,
							  double t_x, double T, double idle_a,
							  double idle_b);

/*
 * The integral over y from t_x to T of
 *		((alpha + y) / (alpha + t_x))^-p ((beta + y) / (beta + t_x))^-s dy,
 * p >= 0, s >= 0, p + s > 0.  Between 0 and T - t_x.  idle_a and idle_b are
 * ln((alpha + T) / (alpha + t_x)) and the same with beta.
 */
static double
scaled_integral(double alpha, double p, double beta, double s,
				double t_x, double T, double idle_a, double idle_b)
{
	bool		swap = beta < alpha;
	double		m = (swap ? beta : alpha) + t_x;
	double		M = (swap ? alpha : beta) + t_x;
	double		c1 = (swap ? s : p) - 1.0;
	double		c2 = swap ? p : s;
	double		q = m / M;
	double		width = swap ? idle_b : idle_a;
	double		u_end = swap ? (beta + T) / (alpha + T) : (alpha + T) / (beta + T);
	double		slope = c1 + c2 * q;
	double		lo = 0.0;
	double		sum = 0.0;

	while (lo < width)
	{
		double		h = width - lo;
		double		slope_hi;
		double		first;
		Vec2		panel = vec2_all(0.0);
		ParetoNodes nodes;
		int			i;

		if (h > PARETO_PANEL_WIDTH)
			h = PARETO_PANEL_WIDTH;
		if (slope * h > PARETO_PANEL_FALL)
			h = PARETO_PANEL_FALL / slope;
		slope_hi = c1 + c2 * u_end;
		while (lo + h < width || slope_hi * h > PARETO_PANEL_FALL * 1.05)
		{
			double		em = expm1(lo + h);

			slope_hi = c1 + c2 * q * (1.0 + em) / (1.0 + q * em);
			if (slope_hi * h <= PARETO_PANEL_FALL * 1.05)
				break;
			h *= 0.6;
		}
		pareto_nodes(c1, c2, q, lo, h,
					 pareto_rule(fmax(fabs(slope), fabs(slope_hi)) * h, h, true),
					 c2 <= PARETO_FAST_EXPONENT, &nodes);
		for (i = 0; i < nodes.n_pairs; i++)
			panel += nodes.f[i];
		sum += h * (panel[0] + panel[1]);
		lo += h;
		slope = slope_hi;

		/* From here on the logarithm falls at least as fast as slope. */
		if (slope > 0.0 && lo < width)
		{
			first = exp(-c1 * lo - c2 * log1p(q * expm1(lo)));
			if (first * fmin(1.0 / slope, width - lo) < TAIL_LEFT_OUT * sum)
				break;
		}
	}
	return m * sum;
}

/*
 * ln I with I = (1 - P(alive)) / P(alive), for a customer with x repeat
 * purchases, the last at t_x, seen until T:
 *		I = s * integral over y from t_x to T of
 *			((alpha + T) / (alpha + y))^(r + x) ((beta + T) / (beta + y))^s
 *			/ (beta + y)
 * I itself may be 1e800.  -infinity where T = t_x.
 */
double
crm_pareto_log_i(double r, double alpha, double s, double beta,
				 double x, double t_x, double T)
{
	double		p = r + x;
	double		idle_a = log1p((T - t_x) / (alpha + t_x)),
				idle_b = log1p((T - t_x) / (beta + t_x));

	if (T <= t_x)
		return -INFINITY;
	return p * idle_a + s * idle_b +
		log(s * (scaled_integral(alpha, p, beta, s + 1.0, t_x, T, idle_a,
								 idle_b) / (beta + t_x)));
}

/*
 * ln of the likelihood of (x, t_x, T), v = r, alpha, s, beta.
 *
 * The bracket of L is taken relative to (alpha + t_x)^-p (beta + t_x)^-s, which
 * leaves a sum of two terms of which at least one is not small.
 */
double
crm_pareto_log_likelihood(const double *v, double x, double t_x, double T)
{
	double		r = v[0],
				alpha = v[1],
				s = v[2],
				beta = v[3];
	double		p = r + x;
	double		idle_a = log1p((T - t_x) / (alpha + t_x)),
				idle_b = log1p((T - t_x) / (beta + t_x));
	double		bracket;

	if (x == 0.0)
	{
		/*
		 * Nothing bought until T has a probability near 1 when T is short or
		 * r small: take its complement, r times an integral of the same kind
		 * (the density of the first purchase), while that is small.
		 */
		double		bought = r / alpha *
			scaled_integral(alpha, r + 1.0, beta, s, 0.0, T, idle_a, idle_b);

		if (bought < 0.5)
			return log1p(-bought);
	}

	bracket = exp(-p * idle_a - s * idle_b);
	if (T > t_x)
		bracket += s * (scaled_integral(alpha, p, beta, s + 1.0, t_x, T, idle_a,
										idle_b) / (beta + t_x));

	return crm_lgamma_diff(r, x) - x * log(alpha + t_x)
		- r * log1p(t_x / alpha) - s * log1p(t_x / beta) + log(bracket);
}
