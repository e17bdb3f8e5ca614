/*-------------------------------------------------------------------------
 *
 * btyd_total_test.c
 *	  Unit tests of totals over customers, of the time of the next purchase, and
 *	  of the chi-square distribution.
 *
 * Chi-square values are mpmath's gammainc(df / 2, x / 2, regularized) at 30
 * digits.  The rest is checked against sums and differences written out here.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "src/math/btyd_total.h"
#include "src/math/chi_square.h"
#include "src/math/clv_value.h"
#include "test/unit/unit.h"

static const BtydParams models[] = {
	{BTYD_PARETO_NBD, {0.553, 10.578, 0.606, 11.669}, 1},
	{BTYD_BG_NBD, {0.243, 4.414, 0.793, 2.426}, 1},
	{BTYD_MBG_NBD, {0.525, 6.183, 0.891, 1.614}, 1}
};
static const SpendParams spend = {6.25, 3.74, 15.44};

static const BtydHistory histories[] = {
	{0.0, 0.0, 38.86}, {2.0, 30.43, 38.86}, {7.0, 29.43, 38.86}, {26.0, 30.86, 31.0}
};

#define N_HISTORIES ((int) (sizeof(histories) / sizeof(histories[0])))

static void
test_chi_square(void)
{
	static const struct
	{
		double		x;
		int			df;
		double		survival;
	}			cases[] = {
		{3.8414588206941236, 1, 0.05},
		{5.991464547107979, 2, 0.05},
		{7.814727903251179, 3, 0.05},
		{18.307038053275146, 10, 0.05},
		{337.36, 1, 2.397850656103736e-75},
		{337.36, 2, 5.536136537402572e-74},
		{337.36, 7, 6.247921441672997e-69}
	};
	size_t		i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK_NEAR(crm_chi_square_survival(cases[i].x, cases[i].df),
				   cases[i].survival, 1e-12, 0.0);
	CHECK(crm_chi_square_survival(0.0, 3) == 1.0);
	CHECK(crm_chi_square_survival(-1.0, 1) == 1.0);
	CHECK(crm_chi_square_survival(0.0, 0) == 0.0);
	CHECK(crm_chi_square_survival(INFINITY, 2) == 0.0);
	CHECK(crm_chi_square_survival(1e-300, 1000) == 1.0);
	CHECK(isnan(crm_chi_square_survival(NAN, 2)));
	CHECK(isnan(crm_chi_square_survival(1.0, -1)));
}

/*
 * Means and variances add up over customers, and the gradient is that of the
 * sum: by a fourth-order difference here.
 */
static void
test_purchases(void)
{
	int			k,
				i,
				j;

	for (k = 0; k < 3; k++)
	{
		BtydTotal	total = {0};
		double		mean = 0.0;
		double		variance = 0.0;

		for (i = 0; i < N_HISTORIES; i++)
		{
			double		m,
						v;

			crm_purchases_total_add(&total, &models[k], &histories[i], i + 0.5,
									26.0, true);
			crm_btyd_moments(&models[k], &histories[i], 26.0, &m, &v);
			mean += (i + 0.5) * m;
			variance += (i + 0.5) * v;
		}
		CHECK_NEAR(exact_sum_value(&total.mean), mean, 1e-14, 0.0);
		CHECK_NEAR(exact_sum_value(&total.variance), variance, 1e-14, 0.0);
		for (j = 0; j < BTYD_MAX_PARAMS; j++)
		{
			const double step = 1e-2;
			double		f[5] = {0.0};
			int			s;

			for (s = -2; s <= 2; s++)
			{
				BtydParams	moved = models[k];

				moved.v[j] *= exp(s * step);
				for (i = 0; i < N_HISTORIES; i++)
					f[s + 2] += (i + 0.5) *
						crm_btyd_expected_purchases(&moved, &histories[i], 26.0);
			}
			CHECK_NEAR(exact_sum_value(&total.purchase_gradient[j]),
					   (f[0] - 8.0 * f[1] + 8.0 * f[3] - f[4]) / (12.0 * step),
					   1e-6, 1e-7);
		}
	}
}

/*
 * Values: the mean and the variance of each customer are those of
 * crm_clv_distribution, whether sums are kept apart or together, and the
 * gradient for the spend model is that of the sum.
 */
static void
test_value(void)
{
	static const double paid[] = {0.0, 2.0, 5.0, 25.0};
	static const double amount[] = {0.0, 22.35, 73.74, 40.0};
	const double delta = log(1.1) / 52.0;
	const double step = 1e-5;
	int			k,
				i,
				j;

	for (k = 0; k < 3; k++)
	{
		BtydTotal	total = {0};
		double		mean = 0.0;
		double		variance = 0.0;

		for (i = 0; i < N_HISTORIES; i++)
		{
			SpendTotal	one = {0};
			SpendTotal	other = {0};
			ClvDistribution value;

			/* two customers of one history */
			crm_spend_total_add(&one, &spend, paid[i], amount[i]);
			crm_spend_total_add(&other, &spend, paid[i], amount[i]);
			crm_spend_total_merge(&one, &other);
			crm_clv_total_add(&total, &models[k], &spend, &histories[i], &one,
							  52.0, delta, true);
			crm_clv_distribution(&models[k], &spend, &histories[i], paid[i],
								 amount[i], 52.0, delta, 0.95, &value);
			mean += 2.0 * value.mean;
			variance += 2.0 * value.std_dev * value.std_dev;
		}
		CHECK_NEAR(exact_sum_value(&total.mean), mean, 1e-13, 0.0);
		CHECK_NEAR(exact_sum_value(&total.variance), variance, 1e-12, 0.0);
		for (j = 0; j < SPEND_PARAMS; j++)
		{
			SpendParams up = spend;
			SpendParams down = spend;
			double		difference = 0.0;

			(&up.p)[j] *= exp(step);
			(&down.p)[j] *= exp(-step);
			for (i = 0; i < N_HISTORIES; i++)
				difference += 2.0 *
					(crm_clv_mean(&models[k], &up, &histories[i], paid[i],
								  amount[i], 52.0, delta) -
					 crm_clv_mean(&models[k], &down, &histories[i], paid[i],
								  amount[i], 52.0, delta));
			CHECK_NEAR(exact_sum_value(&total.spend_gradient[j]),
					   difference / (2.0 * step), 1e-7, 1e-7);
		}
	}
}

static void
test_interval(void)
{
	/* parameters 2 and 5, gradient of their logarithms (4, 10): g = (2, 2) */
	const ExactSum gradient[] = {{4.0, 0.0}, {10.0, 0.0}};
	const double params[] = {2.0, 5.0};
	const double covariance[] = {1.0, 0.5, 2.0};
	double		lower,
				upper;

	CHECK_NEAR(crm_total_parameter_variance(gradient, params, covariance, 2),
			   4.0 * 1.0 + 2.0 * 4.0 * 0.5 + 4.0 * 2.0, 1e-15, 0.0);
	crm_total_interval(100.0, 25.0, 0.95, &lower, &upper);
	CHECK_NEAR(lower, 100.0 - 5.0 * 1.959963984540054, 1e-12, 0.0);
	CHECK_NEAR(upper, 100.0 + 5.0 * 1.959963984540054, 1e-12, 0.0);
	crm_total_interval(1.0, 25.0, 0.95, &lower, &upper);
	CHECK(lower == 0.0);
	crm_total_interval(0.0, 0.0, 0.95, &lower, &upper);
	CHECK(lower == 0.0 && upper == 0.0);
	crm_total_interval(1.0, NAN, 0.95, &lower, &upper);
	CHECK(isnan(lower) && isnan(upper));
}

/*
 * The time of the next purchase inverts its probability, also of a customer
 * who buys a million times a unit, or once in a million; where the probability
 * stays below, it is infinite.
 */
static void
test_next_purchase(void)
{
	static const double probs[] = {1e-9, 0.1, 0.5, 0.9};
	int			k,
				i,
				j,
				scale;

	for (k = 0; k < 3; k++)
	{
		for (i = -1; i < N_HISTORIES; i++)
		{
			const BtydHistory *h = i < 0 ? NULL : &histories[i];

			for (j = 0; j < 4; j++)
			{
				double		t = crm_btyd_next_purchase_quantile(&models[k], h,
																probs[j], 1e9);

				if (isinf(t))
					CHECK(crm_btyd_p_purchase(&models[k], h, 1e9) < probs[j]);
				else
					CHECK_NEAR(crm_btyd_p_purchase(&models[k], h, t), probs[j],
							   1e-9, 0.0);
			}
		}

		/* another unit of time, another time */
		for (scale = -6; scale <= 6; scale += 6)
		{
			BtydParams	scaled = models[k];
			BtydHistory h = histories[2];
			double		unit = pow(10.0, scale);

			scaled.v[1] *= unit;
			if (scaled.kind == BTYD_PARETO_NBD)
				scaled.v[3] *= unit;
			h.t_x *= unit;
			h.T *= unit;
			CHECK_NEAR(crm_btyd_next_purchase_quantile(&scaled, &h, 0.5, INFINITY) / unit,
					   crm_btyd_next_purchase_quantile(&models[k], &histories[2], 0.5, 1e9),
					   1e-10, 0.0);
		}
		CHECK(isinf(crm_btyd_next_purchase_quantile(&models[k], &histories[2], 0.5, 1.0)));
		CHECK(crm_btyd_p_purchase(&models[k], &histories[2], 0.0) == 0.0);
	}
}

int
main(void)
{
	test_chi_square();
	test_purchases();
	test_value();
	test_interval();
	test_next_purchase();
	return unit_report();
}
