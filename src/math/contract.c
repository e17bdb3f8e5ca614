/*-------------------------------------------------------------------------
 *
 * contract.c
 *	  Survival in the shifted beta-geometric (sBG) and the beta-discrete-Weibull
 *	  (BdW) model.
 *
 * With u(t) = t^c, and c = 1 in the sBG model,
 *		S(t) = B(alpha, beta + u(t)) / B(alpha, beta)
 * Given a customer's probability theta ~ Beta(alpha, beta), S is
 * (1 - theta)^u: a constant probability of leaving at each renewal (c = 1), one
 * that grows with tenure (c > 1) or falls (c < 1).  Sources: Fader and Hardie
 * 2007, "How to project customer retention"; Fader, Hardie, Liu, Davin and
 * Steenburgh 2018, "'How to project customer retention' revisited: the role of
 * duration dependence", which calls the parameters gamma, delta, c.
 *
 * Everything is written with the ratio S(t1) / S(t0), of which the chance of
 * leaving in between is one minus that: no difference of survivals is taken.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/contract.h"

#include <math.h>

#include "src/math/contract_parts.h"
#include "src/math/gammafn.h"

/* From this argument on Stirling's series is used. */
#define STIRLING_FROM 16.0

/*
 * Below this the midpoint rule is exact to 1e-14, and the difference of
 * Stirling's corrections no longer is.
 */
#define SMALL 1e-5

/*
 * ln(B(a, b + n) / B(a, b)) for any n >= 0, infinite too.
 *
 * As crm_beta_log_moment, which takes whole n only: b is raised until
 * Stirling's series holds, here by b (a + b + n) / ((a + b) (b + n)) at a time.
 */
double
crm_contract_log_beta_ratio(double a, double b, double n)
{
	double		sum = 0.0;
	double		lo,
				hi;

	if (n == 0.0)
		return 0.0;
	if (isinf(n))
		return -INFINITY;
	while (b < STIRLING_FROM)
	{
		double		less = a / (a + b) * (n / (b + n));

		sum += less < 0.5 ? log1p(-less)
			: log(b / (a + b)) + log((a + b + n) / (b + n));
		b += 1.0;
	}

	/* a and n have equal roles in the rest */
	lo = fmin(a, n);
	hi = fmax(a, n);
	if (lo < SMALL)
		return sum - lo * crm_digamma_diff(b + 0.5 * lo, hi);
	return sum
		- lo * log1p(hi / (b + lo))
		+ b * crm_log1pmx(lo / b) - (b + hi) * crm_log1pmx(lo / (b + hi))
		- 0.5 * log1p(lo / b * (hi / (b + lo + hi)))
		+ (crm_stirling_correction(b + n) - crm_stirling_correction(b))
		+ (crm_stirling_correction(a + b) - crm_stirling_correction(a + b + n));
}

/*
 * t^c with its derivatives; u may be infinite.
 */
void
crm_contract_clock(const BtydParams *params, double t, ContractClock *clock)
{
	double		log_t;

	if (params->kind == BTYD_SBG || t <= 1.0)
	{
		/* 1^c and 0^c do not depend on c */
		clock->u = t;
		clock->u_1 = clock->u_2 = 0.0;
		return;
	}
	log_t = params->v[2] * log(t);
	clock->u = exp(log_t);
	clock->u_1 = clock->u * log_t;
	clock->u_2 = clock->u_1 * (1.0 + log_t);
}

/*
 * u(t1) - u(t0) without cancellation, t1 >= t0.
 */
double
crm_contract_lapse(const BtydParams *params, double t0, double t1)
{
	if (params->kind == BTYD_SBG)
		return t1 - t0;
	if (t0 == 0.0)
		return t1 <= 1.0 ? t1 : exp(params->v[2] * log(t1));
	return exp(params->v[2] * log(t0)) *
		expm1(params->v[2] * log1p((t1 - t0) / t0));
}

/*
 * See contract.h.
 */
double
crm_contract_log_survival(const BtydParams *params, double from, double t)
{
	ContractClock clock;

	if (t == 0.0)
		return 0.0;
	crm_contract_clock(params, from, &clock);
	if (isinf(clock.u))
		return -INFINITY;
	return crm_contract_log_beta_ratio(params->v[0], params->v[1] + clock.u,
									   crm_contract_lapse(params, from, from + t));
}

/*
 * The logarithm of S(to) / S(from) with its derivatives with respect to the
 * logarithms of the parameters; the result's u(to) must be finite.
 */
void
crm_contract_term(const BtydParams *params, double from, double to,
				  ContractTerm *term)
{
	double		a = params->v[0],
				b = params->v[1];
	double		n = crm_contract_lapse(params, from, to);
	ContractClock c0,
				c1;
	double		of_ab,
				of_ab_2,
				of_b_2,
				end_0,
				end_1,
				end_0_2,
				end_1_2;

	crm_contract_clock(params, from, &c0);
	crm_contract_clock(params, to, &c1);

	/*
	 * With f = lnG(b + u) - lnG(a + b + u), the value is f(u1) - f(u0): its
	 * derivatives in a and b are differences over n, those in u values at the
	 * ends.
	 */
	of_ab = crm_digamma_diff(a + b + c0.u, n);
	of_ab_2 = crm_trigamma_diff(a + b + c0.u, n);
	of_b_2 = crm_trigamma_diff(b + c0.u, n);
	end_0 = -crm_digamma_diff(b + c0.u, a);
	end_1 = -crm_digamma_diff(b + c1.u, a);
	end_0_2 = -crm_trigamma_diff(b + c0.u, a);
	end_1_2 = -crm_trigamma_diff(b + c1.u, a);

	term->value = crm_contract_log_beta_ratio(a, b + c0.u, n);
	term->g[0] = -a * of_ab;
	term->g[1] = b * (crm_digamma_diff(b + c0.u, n) - of_ab);
	term->h[0][0] = term->g[0] - a * a * of_ab_2;
	term->h[0][1] = -a * b * of_ab_2;
	term->h[1][1] = term->g[1] + b * b * (of_b_2 - of_ab_2);

	/* d end / d a = -trigamma(a + b + u), d end / d b = d end / d u */
	term->g[2] = end_1 * c1.u_1 - end_0 * c0.u_1;
	term->h[0][2] = -a * (crm_trigamma(a + b + c1.u) * c1.u_1 -
						  crm_trigamma(a + b + c0.u) * c0.u_1);
	term->h[1][2] = b * (end_1_2 * c1.u_1 - end_0_2 * c0.u_1);
	term->h[2][2] = end_1_2 * c1.u_1 * c1.u_1 + end_1 * c1.u_2 -
		(end_0_2 * c0.u_1 * c0.u_1 + end_0 * c0.u_2);
	term->h[1][0] = term->h[0][1];
	term->h[2][0] = term->h[0][2];
	term->h[2][1] = term->h[1][2];
}

/*
 * See contract.h.
 */
void
crm_contract_survival_slopes(const BtydParams *params, double from, double t,
							 ContractValue *result)
{
	int			n = crm_btyd_n_params(params->kind);
	ContractTerm term;
	int			i;

	for (i = 0; i < BTYD_MAX_PARAMS; i++)
		result->slope[i] = 0.0;
	result->value = crm_contract_log_survival(params, from, t);
	if (t == 0.0 || isinf(result->value))
		return;
	crm_contract_term(params, from, from + t, &term);
	for (i = 0; i < n; i++)
		result->slope[i] = term.g[i] / params->v[i];
}
