/*-------------------------------------------------------------------------
 *
 * btyd_bgbb.c
 *	  The BG/BB model: one customer's likelihood and odds of dropout.
 *
 * Before each opportunity a customer drops out with a beta(gamma, delta)
 * probability theta; a customer who has not, buys at it with a
 * beta(alpha, beta) probability p (Fader, Hardie, Shang 2010, "Customer-base
 * analysis in a discrete-time noncontractual setting").  With S(m) =
 * B(gamma, delta + m) / B(gamma, delta), the probability of surviving m
 * opportunities, and b(m) = B(alpha + x, beta + m - x) / B(alpha, beta), that
 * of the x purchases in their order among the first m, formula 5 is
 *
 *		L = b(T) S(T) + sum over m from t_x to T - 1 of
 *			b(m) S(m) gamma / (gamma + delta + m)
 *
 * Here it is taken relative to b(t_x) S(t_x), which leaves a sum that starts
 * at gamma / (gamma + delta + t_x), or at 1, and whose terms follow from each
 * other by a factor below 1.
 *
 * The fit's sums over many customers are in btyd_bgbb_sums.c.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/btyd_bgbb.h"

#include <math.h>

#include "src/math/beta_mean.h"
#include "src/math/gammafn.h"

static double dropped_out(const double *v, double x, double t_x, double T,
						  double *alive);

/*
 * The sum over m, relative to b(t_x) S(t_x): the customer dropped out
 * after opportunity m; *alive is the other term, zero where it underflows.
 */
static double
dropped_out(const double *v, double x, double t_x, double T, double *alive)
{
	double		term = 1.0;
	double		sum = 0.0;
	double		m;

	for (m = t_x; m < T; m += 1.0)
	{
		double		at_risk = v[2] + v[3] + m;

		sum += term * (v[2] / at_risk);
		term *= (v[1] + (m - x)) / (v[0] + v[1] + m) * ((v[3] + m) / at_risk);
	}
	*alive = term;
	return sum;
}

/*
 * See btyd_bgbb.h.
 */
double
crm_bgbb_log_odds_dead(const double *v, double x, double t_x, double T)
{
	double		alive;
	double		dead;

	if (x > t_x || T > BTYD_MAX_OPPORTUNITIES)
		return NAN;
	dead = dropped_out(v, x, t_x, T, &alive);
	return log(dead) -
		crm_beta_log_moment(v[0] + x, v[1] + (t_x - x), T - t_x) -
		crm_beta_log_moment(v[2], v[3] + t_x, T - t_x);
}

/*
 * See btyd_bgbb.h.
 */
double
crm_bgbb_log_likelihood(const double *v, double x, double t_x, double T)
{
	double		alive;
	double		dead;

	if (x > t_x || T > BTYD_MAX_OPPORTUNITIES)
		return -INFINITY;
	dead = dropped_out(v, x, t_x, T, &alive);
	return crm_beta_log_moment(v[1], v[0], x) +
		crm_beta_log_moment(v[0] + x, v[1], t_x - x) +
		crm_beta_log_moment(v[2], v[3], t_x) + log(alive + dead);
}
