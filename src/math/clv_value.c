/*-------------------------------------------------------------------------
 *
 * clv_value.c
 *	  The distribution of what a customer will be worth.
 *
 * Value is the discounted sum of the spend of all purchases within a horizon.
 * The number of purchases N comes from a purchase model.  In the Gamma-Gamma
 * model a customer's purchases are Gamma(p, nu) with nu ~ Gamma(q', gamma')
 * after x paid purchases of mean m: q' = q + p x, gamma' = gamma + x m (Fader
 * and Hardie 2013, note 025).  So the sum S of n purchases given nu is
 * Gamma(p n, nu), and mixed over nu S / (gamma' + S) ~ Beta(p n, q'):
 *
 *		P(S <= s) = P(N = 0) + sum over n of P(N = n) I_{s/(gamma'+s)}(p n, q')
 *
 * Discounting shrinks the sum by the ratio of expected discounted to expected
 * purchases, as if all purchases were discounted alike: exact for the mean,
 * and over a year or two close for the quantiles, because the time of a
 * purchase within the horizon matters far less than their number.
 *
 * The distribution is that of the customer's own future at the model's
 * parameters; the parameters' uncertainty is not in it.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "src/math/clv_value.h"
#include "src/math/probability.h"

/* The sum over n stops where this much probability is left. */
#define TAIL_LEFT 1e-10

/*
 * At most so many values of n are looked at; where there are more, each
 * stands for a stretch of neighbours.
 */
#define MAX_POINTS 256

/* The search for a quantile ends at this relative width. */
#define QUANTILE_TOLERANCE 1e-10
#define QUANTILE_ITERATIONS 200

/* Steps of its logarithm by which the search for a bracket goes up or down */
#define BRACKET_STEP 1.4

/* The mixture that the value is distributed as, before scaling */
typedef struct SpendMixture
{
	double		p;
	double		q;				/* posterior */
	double		gamma;			/* posterior */
	int			n_points;
	double		n[MAX_POINTS];
	double		prob[MAX_POINTS];
} SpendMixture;

static void mixture_init(SpendMixture *mixture, const BtydParams *params,
						 const BtydHistory *h, double horizon);
static double mixture_cdf(const SpendMixture *mixture, double s);
static double mixture_quantile(const SpendMixture *mixture, double prob);

/*
 * The expected discounted spend within the horizon: expected discounted
 * purchases times expected spend per purchase.
 *
 * h NULL means a new customer; paid is the number of paid repeat purchases
 * (0: none) and monetary their mean amount; horizon is in the model's time
 * units, delta the discount rate per unit.
 */
double
crm_clv_mean(const BtydParams *params, const SpendParams *spend,
			 const BtydHistory *h, double paid, double monetary,
			 double horizon, double delta)
{
	double		purchases = crm_btyd_discounted_purchases(params, h, delta, horizon);

	if (purchases == 0)
		return 0;
	return purchases * crm_spend_expected(spend, paid, monetary);
}

/*
 * The points and probabilities of the number of purchases.
 */
static void
mixture_init(SpendMixture *mixture, const BtydParams *params,
			 const BtydHistory *h, double horizon)
{
	double		last = crm_btyd_quantile(params, h, horizon, 1 - TAIL_LEFT);
	double		step = fmax(1, ceil(last / (MAX_POINTS - 1)));
	double		total = 0;
	int			i;

	mixture->n_points = 0;
	for (i = 0; i == 0 || (i < MAX_POINTS && (i - 1) * step < last); i++)
	{
		/* none at all is always a point of its own */
		double		n = i == 0 ? 0 : (i - 1) * step + (step + 1) / 2;
		double		width = i == 0 ? 1 : step;

		mixture->n[i] = n;
		mixture->prob[i] = width * crm_btyd_pmf(params, h, horizon, floor(n));
		total += mixture->prob[i];
		mixture->n_points++;
	}

	/* the last stretch, cut off above, and stretches' errors */
	if (mixture->n_points > 1)
	{
		double		rest = 1 - mixture->prob[0];
		double		others = total - mixture->prob[0];

		for (i = 1; i < mixture->n_points && others > 0; i++)
			mixture->prob[i] *= rest / others;
	}
}

/*
 * P(S <= s)
 */
static double
mixture_cdf(const SpendMixture *mixture, double s)
{
	double		cdf = mixture->prob[0];
	double		share = s / (mixture->gamma + s);
	int			i;

	for (i = 1; i < mixture->n_points; i++)
	{
		if (mixture->prob[i] > 0)
			cdf += mixture->prob[i] *
				crm_beta_cdf(share, mixture->p * mixture->n[i], mixture->q);
	}
	return cdf;
}

/*
 * The smallest s with P(S <= s) >= prob.
 *
 * Bisection of the logarithm, by secants where these promise more: Chandrupatla
 * (1997), "A new hybrid quadratic/bisection algorithm for finding the zero of a
 * nonlinear function", Advances in Engineering Software 28.  Each evaluation is
 * a sum of incomplete beta functions, so that their number is what it costs.
 */
static double
mixture_quantile(const SpendMixture *mixture, double prob)
{
	double		a;				/* logarithms: latest point, */
	double		b;				/* the other end of the bracket, */
	double		c;				/* the latest point that was dropped */
	double		fa;
	double		fb;
	double		fc;
	double		t = 0.5;		/* where the next is, from a to b */
	int			i;

	if (mixture->prob[0] >= prob || mixture->n_points == 1)
		return 0;

	a = b = log(mixture->gamma);
	fa = fb = mixture_cdf(mixture, mixture->gamma) - prob;
	for (i = 0; i < QUANTILE_ITERATIONS && (fa < 0) == (fb < 0); i++)
	{
		a = b;
		fa = fb;
		b += fa < 0 ? BRACKET_STEP : -BRACKET_STEP;
		fb = mixture_cdf(mixture, exp(b)) - prob;
	}
	c = a;
	fc = fa;

	for (i = 0; i < QUANTILE_ITERATIONS && fabs(b - a) > QUANTILE_TOLERANCE; i++)
	{
		double		x = a + t * (b - a);
		double		fx = mixture_cdf(mixture, exp(x)) - prob;
		double		least;
		double		xi;
		double		phi;

		if ((fx < 0) == (fa < 0))
		{
			c = a;
			fc = fa;
		}
		else
		{
			c = b;
			fc = fb;
			b = a;
			fb = fa;
		}
		a = x;
		fa = fx;
		if (fa == 0)
			break;

		/* inverse quadratic interpolation where it is sure to stay inside */
		xi = (a - b) / (c - b);
		phi = (fa - fb) / (fc - fb);
		if (phi * phi < xi && (1 - phi) * (1 - phi) < 1 - xi)
			t = fa / (fb - fa) * fc / (fb - fc) +
				(c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb);
		else
			t = 0.5;
		least = fmin(0.5, 0.5 * QUANTILE_TOLERANCE / fabs(b - a));
		t = fmin(1 - least, fmax(least, t));
	}
	return exp(fabs(fa) < fabs(fb) ? a : b);
}

/*
 * Mean, standard deviation and central quantiles of the value; arguments as
 * for crm_clv_mean, with a finite horizon.
 */
void
crm_clv_distribution(const BtydParams *params, const SpendParams *spend,
					 const BtydHistory *h, double paid, double monetary,
					 double horizon, double delta, double conf_level,
					 ClvDistribution *result)
{
	SpendMixture mixture = {0};
	double		tail = (1 - conf_level) / 2;
	double		mean_n;
	double		variance_n;
	double		shrink = 1;

	mixture.p = spend->p;
	mixture.q = spend->q + spend->p * paid;
	mixture.gamma = spend->gamma + (paid > 0 ? paid * monetary : 0);

	crm_btyd_moments(params, h, horizon, &mean_n, &variance_n);
	result->mean = crm_clv_mean(params, spend, h, paid, monetary, horizon, delta);
	if (!(mean_n > 0))
	{
		result->std_dev = result->lower = result->upper = 0;
		return;
	}
	shrink = crm_btyd_discounted_purchases(params, h, delta, horizon) / mean_n;

	if (mixture.q > 2)
	{
		double		mean_1 = mixture.gamma / (mixture.q - 1);	/* E[1 / nu] */
		double		mean_2 = mean_1 * mixture.gamma / (mixture.q - 2);
		double		second = mixture.p * mean_n +
			mixture.p * mixture.p * (variance_n + mean_n * mean_n);
		double		mean_s = mixture.p * mean_n * mean_1;

		result->std_dev = shrink * sqrt(mean_2 * second - mean_s * mean_s);
	}
	else
		result->std_dev = NAN;

	mixture_init(&mixture, params, h, horizon);
	result->lower = shrink * mixture_quantile(&mixture, tail);
	result->upper = shrink * mixture_quantile(&mixture, 1 - tail);
}
