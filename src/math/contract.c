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
#include <stdbool.h>

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
 * From this ln u on, 10^260, only the logarithm of u is used: u itself would
 * overflow soon, which with a large c it does after few periods, while with a
 * small alpha most customers are still there.
 */
#define FAR_LOG_U 600.0

/* With an alpha of this size nobody is there at such a u. */
#define FAR_ALPHA 1e100

/* Beta + u of this size leaves no more of Gamma's ratio than a power. */
#define FAR_B 1e120

/* What there is to say about a u(to) that is far */
typedef struct FarRatio
{
	double		b0;				/* beta + u(from), perhaps infinite */
	double		log_ratio;		/* ln((beta + u(to)) / (beta + u(from))) */
} FarRatio;

static double lapse(const BtydParams *params, double t0, double t1);
static double log_1p_exp(double x);
static double log_expm1(double x);
static double log_growth_of(double from, double t);
static bool is_far(const BtydParams *params, double log_t);
static void far_ratio(const BtydParams *params, double from, double log_growth,
					  FarRatio *result);
static double far_log_survival(const BtydParams *params, double from,
							   double log_growth);
static void far_slopes(const BtydParams *params, double from, double t,
					   double *slope);

/*
 * ln(1 + e^x) and, for x > 0, ln(e^x - 1): without overflow.
 */
static double
log_1p_exp(double x)
{
	return x > 40.0 ? x : log1p(exp(x));
}

static double
log_expm1(double x)
{
	return x > 40.0 ? x : log(expm1(x));
}

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
static double
lapse(const BtydParams *params, double t0, double t1)
{
	if (params->kind == BTYD_SBG)
		return t1 - t0;
	if (t0 == 0.0)
		return t1 <= 1.0 ? t1 : exp(params->v[2] * log(t1));
	return exp(params->v[2] * log(t0)) *
		expm1(params->v[2] * log1p((t1 - t0) / t0));
}

/*
 * ln((from + t) / from), or without a from ln t: a time that u can be computed
 * from without cancellation.
 */
static double
log_growth_of(double from, double t)
{
	return from > 0.0 ? log1p(t / from) : log(t);
}

/*
 * Whether u at the time t is known by its logarithm only.
 */
static bool
is_far(const BtydParams *params, double log_t)
{
	return params->kind == BTYD_BDW && params->v[2] * log_t > FAR_LOG_U;
}

/*
 * (beta + u(to)) / (beta + u(from)) is 1 + e^d; in d, what u(from) and u(to)
 * have in common is cancelled before it is computed.
 */
static void
far_ratio(const BtydParams *params, double from, double log_growth,
		  FarRatio *result)
{
	double		log_b = log(params->v[1]);
	double		d = params->v[2] * log_growth;

	if (from == 0.0)
	{
		result->b0 = params->v[1];
		d -= log_b;
	}
	else
	{
		double		log_u = params->v[2] * log(from);

		result->b0 = params->v[1] + exp(log_u);
		d = log_expm1(d) - log_1p_exp(log_b - log_u);
	}
	result->log_ratio = log_1p_exp(d);
}

/*
 * ln S(to) / S(from) where to is far.
 *
 * With b0 = beta + u(from), b1 = beta + u(to) it is ln G(b1) / G(alpha + b1) -
 * ln G(b0) / G(alpha + b0).  Of both b^-alpha is the leading part; what is
 * left, of the order of alpha^2 / b, is nothing at b1.
 */
static double
far_log_survival(const BtydParams *params, double from, double log_growth)
{
	double		a = params->v[0];
	FarRatio	ratio;
	double		value;

	if (a > FAR_ALPHA)
		return -INFINITY;
	far_ratio(params, from, log_growth, &ratio);
	value = -a * ratio.log_ratio;
	if (ratio.b0 < FAR_B)
		value += crm_lgamma_diff(ratio.b0, a) - a * log(ratio.b0);
	return value;
}

/*
 * Its derivatives with respect to alpha, beta and c.
 */
static void
far_slopes(const BtydParams *params, double from, double t, double *slope)
{
	double		a = params->v[0],
				b = params->v[1],
				c = params->v[2];
	double		log_b = log(b);

	/* the shares of beta and of u in beta + u, at both ends */
	double		beta_0 = 1.0,
				u_0 = 0.0,
				beta_1 = exp(-log_1p_exp(c * log(from + t) - log_b)),
				u_1 = exp(-log_1p_exp(log_b - c * log(from + t)));

	/* of ln G(alpha + b0) / G(b0) - alpha ln(b0): in alpha; in ln b0 */
	double		in_alpha = 0.0,
				in_log_b0 = 0.0;
	FarRatio	ratio;

	far_ratio(params, from, log_growth_of(from, t), &ratio);
	if (from > 0.0)
	{
		beta_0 = exp(-log_1p_exp(c * log(from) - log_b));
		u_0 = exp(-log_1p_exp(log_b - c * log(from)));
	}
	if (ratio.b0 < FAR_B)
	{
		in_alpha = crm_digamma(a + ratio.b0) - log(ratio.b0);
		in_log_b0 = ratio.b0 * crm_digamma_diff(ratio.b0, a) - a;
	}
	slope[0] = in_alpha - ratio.log_ratio;
	slope[1] = (a * (beta_0 - beta_1) + in_log_b0 * beta_0) / b;
	slope[2] = -a * u_1 * log(from + t);
	if (from > 0.0)
		slope[2] = -a * (u_1 * log1p(t / from) + (u_1 - u_0) * log(from)) +
			in_log_b0 * u_0 * log(from);
}

/*
 * crm_contract_log_survival_ratio
 *
 * ln S(to) / S(from) in the BdW model.  log_growth is ln(to / from), or where
 * from is 0, ln(to), which must be 0 at least then: a time that need not be a
 * number.
 */
double
crm_contract_log_survival_ratio(const BtydParams *params, double from,
								double log_growth)
{
	double		c = params->v[2];
	double		log_from = from > 0.0 ? log(from) : 0.0;
	double		u;

	if (is_far(params, log_from + log_growth))
		return far_log_survival(params, from, log_growth);
	if (from == 0.0)
		return crm_contract_log_beta_ratio(params->v[0], params->v[1],
										   exp(c * log_growth));
	u = exp(c * log_from);
	return crm_contract_log_beta_ratio(params->v[0], params->v[1] + u,
									   u * expm1(c * log_growth));
}

/*
 * See contract.h.
 */
double
crm_contract_log_survival(const BtydParams *params, double from, double t)
{
	if (t == 0.0)
		return 0.0;
	if (isinf(t))
		return -INFINITY;
	if (params->kind == BTYD_SBG)
		return crm_contract_log_beta_ratio(params->v[0], params->v[1] + from, t);
	return crm_contract_log_survival_ratio(params, from, log_growth_of(from, t));
}

/*
 * The slope of ln S at the time t, per period, t > 1.
 */
double
crm_contract_log_survival_slope(const BtydParams *params, double t)
{
	double		a = params->v[0];
	double		b = params->v[1];
	double		c = params->kind == BTYD_SBG ? 1.0 : params->v[2];
	double		log_u = c * log(t);
	double		u;

	if (is_far(params, log(t)))
		return -a * exp(-log_1p_exp(log(b) - log_u)) * (c / t);
	u = exp(log_u);
	return -crm_digamma_diff(b + u, a) * u * (c / t);
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
	double		n = lapse(params, from, to);
	ContractClock c0,
				c1;
	double		of_ab,
				of_ab_2,
				end_0,
				end_1,
				end_0_2,
				end_1_2;

	crm_contract_clock(params, from, &c0);
	crm_contract_clock(params, to, &c1);

	/*
	 * With f = lnG(b + u) - lnG(a + b + u), the value is f(u1) - f(u0): its
	 * derivative in a is a difference over n, those in u are values at the
	 * ends.  That in b is the difference of either kind; of the smaller ones,
	 * which lose less.
	 */
	of_ab = crm_digamma_diff(a + b + c0.u, n);
	of_ab_2 = crm_trigamma_diff(a + b + c0.u, n);
	end_0 = -crm_digamma_diff(b + c0.u, a);
	end_1 = -crm_digamma_diff(b + c1.u, a);
	end_0_2 = -crm_trigamma_diff(b + c0.u, a);
	end_1_2 = -crm_trigamma_diff(b + c1.u, a);

	term->value = crm_contract_log_beta_ratio(a, b + c0.u, n);
	term->g[0] = -a * of_ab;
	term->g[1] = b * (n < a ? crm_digamma_diff(b + c0.u, n) - of_ab
					  : end_1 - end_0);
	term->h[0][0] = term->g[0] - a * a * of_ab_2;
	term->h[0][1] = -a * b * of_ab_2;
	term->h[1][1] = term->g[1] + b * b *
		(n < a ? crm_trigamma_diff(b + c0.u, n) - of_ab_2 : end_1_2 - end_0_2);

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
	if (is_far(params, log(from + t)))
	{
		far_slopes(params, from, t, result->slope);
		return;
	}
	crm_contract_term(params, from, from + t, &term);
	for (i = 0; i < n; i++)
		result->slope[i] = term.g[i] / params->v[i];
}
