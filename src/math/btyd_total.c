/*-------------------------------------------------------------------------
 *
 * btyd_total.c
 *	  What many customers will buy, and be worth, together.
 *
 * Given the parameters customers are independent, so that the means and the
 * variances of their futures add up.  The parameters are estimates; what that
 * adds is common to all customers and does not average out.  By the delta
 * method it is g' C g, with C the covariance matrix of the parameters and g the
 * gradient of the total's mean:
 *
 *		variance = sum of Var(X_i | history, parameters) + g' C g
 *
 * (C. R. Rao, "Linear statistical inference and its applications", 1973, 6a.2;
 * for a prediction, the two parts are those of a regression's prediction
 * interval.)  g is taken by central differences of the logarithms of the
 * purchase model's parameters, and in closed form for the spend model's.
 *
 * The value of a customer is D S, D discounted purchases and S = p (gamma + x
 * m) / (p x + q - 1) expected spend, as in clv_value.c.  The sums over
 * customers with one history that the total needs of S are few (SpendTotal),
 * so that purchases are predicted once for each distinct history.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/btyd_total.h"

#include <math.h>

#include "src/math/probability.h"

/*
 * Step of the logarithm of a parameter.  The error of the difference is some
 * step^2 of its value, and what predictions are rounded by over the step.
 */
#define GRADIENT_STEP 1e-4

/* A prediction for one history */
typedef struct Prediction
{
	const BtydHistory *h;
	double		t;
	double		delta;			/* negative: not discounted */
} Prediction;

static double predict(const BtydParams *params, const Prediction *what);
static double log_derivative(const BtydParams *params, int i,
							 const Prediction *what);

/*
 * Add a customer with x paid purchases of mean m (x = 0: none).
 */
void
crm_spend_total_add(SpendTotal *total, const SpendParams *spend, double x,
					double m)
{
	double		mean = crm_spend_expected(spend, x, m);
	double		q = spend->q + spend->p * x;	/* posterior */
	double		below = q - 1.0;

	exact_sum_add(&total->mean, mean);
	exact_sum_add(&total->mean_below, mean / below);
	exact_sum_add(&total->p_below, spend->p / below);
	exact_sum_add(&total->square, mean * mean);
	exact_sum_add(&total->second, q > 2.0 ?
				  mean * mean * (below / (q - 2.0)) : (double) NAN);
}

void
crm_spend_total_merge(SpendTotal *total, const SpendTotal *other)
{
	exact_sum_merge(&total->mean, &other->mean);
	exact_sum_merge(&total->mean_below, &other->mean_below);
	exact_sum_merge(&total->p_below, &other->p_below);
	exact_sum_merge(&total->square, &other->square);
	exact_sum_merge(&total->second, &other->second);
}

static double
predict(const BtydParams *params, const Prediction *what)
{
	if (what->delta < 0.0)
		return crm_btyd_expected_purchases(params, what->h, what->t);
	return crm_btyd_discounted_purchases(params, what->h, what->delta, what->t);
}

/*
 * Derivative of a prediction with respect to the logarithm of parameter i.
 */
static double
log_derivative(const BtydParams *params, int i, const Prediction *what)
{
	BtydParams	moved = *params;
	double		above,
				below;

	moved.v[i] = params->v[i] * exp(GRADIENT_STEP);
	above = predict(&moved, what);
	moved.v[i] = params->v[i] * exp(-GRADIENT_STEP);
	below = predict(&moved, what);
	return (above - below) / (2.0 * GRADIENT_STEP);
}

/*
 * Add the purchases of so many customers with one history in the time t after
 * the end of their observation.
 */
void
crm_purchases_total_add(BtydTotal *total, const BtydParams *params,
						const BtydHistory *h, double customers, double t,
						bool with_gradient)
{
	Prediction	what = {h, t, -1.0};
	int			n = crm_btyd_n_params(params->kind);
	double		mean,
				variance;
	int			i;

	crm_btyd_moments(params, h, t, &mean, &variance);
	exact_sum_add(&total->mean, customers * mean);
	exact_sum_add(&total->variance, customers * variance);
	for (i = 0; with_gradient && i < n; i++)
		exact_sum_add(&total->purchase_gradient[i],
					  customers * log_derivative(params, i, &what));
}

/*
 * Add the discounted value, within the finite horizon, of customers with one
 * history, whose spend is known by its sums.
 *
 * Given n purchases and the posterior of nu, their sum has mean p n / nu and
 * variance p n / nu^2; see crm_clv_distribution for the discount.
 */
void
crm_clv_total_add(BtydTotal *total, const BtydParams *params,
				  const SpendParams *spend, const BtydHistory *h,
				  const SpendTotal *amounts, double horizon, double delta,
				  bool with_gradient)
{
	Prediction	what = {h, horizon, delta};
	int			n = crm_btyd_n_params(params->kind);
	double		discounted = predict(params, &what);
	double		amount = exact_sum_value(&amounts->mean);
	double		below = exact_sum_value(&amounts->mean_below);
	double		mean,
				variance;
	int			i;

	exact_sum_add(&total->mean, discounted * amount);

	crm_btyd_moments(params, h, horizon, &mean, &variance);
	if (mean > 0.0)
	{
		double		shrink = discounted / mean;

		exact_sum_add(&total->variance, shrink * shrink *
					  (exact_sum_value(&amounts->second) *
					   (mean / spend->p + variance + mean * mean) -
					   exact_sum_value(&amounts->square) * mean * mean));
	}

	for (i = 0; with_gradient && i < n; i++)
		exact_sum_add(&total->purchase_gradient[i],
					  amount * log_derivative(params, i, &what));
	exact_sum_add(&total->spend_gradient[0], discounted * (spend->q - 1.0) * below);
	exact_sum_add(&total->spend_gradient[1], -discounted * spend->q * below);
	exact_sum_add(&total->spend_gradient[2], discounted * spend->gamma *
				  exact_sum_value(&amounts->p_below));
}

/*
 * g' C g for n parameters with the lower triangle of their covariance matrix,
 * by rows, on the natural scale.
 */
double
crm_total_parameter_variance(const ExactSum *gradient, const double *params,
							 const double *covariance, int n)
{
	ExactSum	sum = EXACT_SUM_ZERO;
	int			i,
				j,
				k = 0;

	for (i = 0; i < n; i++)
	{
		double		g_i = exact_sum_value(&gradient[i]) / params[i];

		for (j = 0; j <= i; j++)
		{
			double		g_j = exact_sum_value(&gradient[j]) / params[j];

			exact_sum_add(&sum, (i == j ? 1.0 : 2.0) * g_i * g_j * covariance[k++]);
		}
	}
	return fmax(exact_sum_value(&sum), 0.0);
}

/*
 * Interval of a total that is not negative, of which mean and variance are
 * known: the normal one, from 0 where it would begin below.
 *
 * A log-normal one covers no better where customers are many
 * (docs/design/clv_coverage.md), and where they are few it never holds 0, which
 * may be the likeliest total.
 */
void
crm_total_interval(double mean, double variance, double conf_level,
				   double *lower, double *upper)
{
	double		half = -crm_normal_quantile((1.0 - conf_level) / 2.0) *
		sqrt(variance);

	*lower = mean - half < 0.0 ? 0.0 : mean - half;
	*upper = mean + half;
}
