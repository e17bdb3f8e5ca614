/*-------------------------------------------------------------------------
 *
 * spend_test.c
 *	  The Gamma-Gamma model of spend: likelihood, expectation, fit.
 *
 * Expected values: data/spend_loglik_reference.csv, made with mpmath; Fader and
 * Hardie 2013, note 025, and its fit of the CDNOW sample recomputed, where the
 * shared data are present; otherwise properties of the definition, on simulated
 * customers.
 *
 *-------------------------------------------------------------------------
 */
#include "test/unit/unit.h"

#include "src/math/exact_sum.h"
#include "src/math/gammafn.h"
#include "test/unit/reference.h"
#include "test/unit/simulate.h"

#define MAX_ROWS 100000

static const SpendRow one_row = {3.0, 20.0, 1.0};
static SpendRow rows[MAX_ROWS];

/*
 * ln of the density of a mean of m > 0 in x > 0 purchases (note 025, formula 1a).
 */
static double
log_likelihood(const SpendParams *params, double x, double m)
{
	return crm_log_beta_kernel(params->p * x, params->q, m * x, params->gamma)
		- log(m);
}

static double
sum_log_likelihood(const SpendParams *params, size_t n)
{
	ExactSum	sum = {0.0, 0.0};
	size_t		i;

	for (i = 0; i < n; i++)
		exact_sum_add(&sum, rows[i].weight *
					  log_likelihood(params, rows[i].x, rows[i].m));
	return exact_sum_value(&sum);
}

/*
 * Fit, and check what holds of any fit.
 */
static SpendFit
fit_rows(size_t n, const BtydFitOptions *options)
{
	SpendFit	fit;

	crm_spend_fit_rows(rows, n, options, &sim_host, &fit);
	CHECK(isfinite(fit.params.p) && fit.params.p > 0.0);
	CHECK(isfinite(fit.params.q) && fit.params.q > 0.0);
	CHECK(isfinite(fit.params.gamma) && fit.params.gamma > 0.0);
	CHECK(fit.has_covariance == (fit.status == BTYD_CONVERGED));
	CHECK_NEAR(fit.log_likelihood, sum_log_likelihood(&fit.params, n),
			   1e-10, 1e-6);
	return fit;
}

static void
test_reference(void)
{
	FILE	   *file = reference_open("test/unit/data/spend_loglik_reference.csv");
	double		c[REFERENCE_MAX_COLUMNS];
	int			n = 0;

	CHECK(file != NULL);
	if (!file)
		return;
	while (reference_read(file, NULL, c) == 6)
	{
		SpendParams params = {c[0], c[1], c[2]};

		n++;
		unit_near(log_likelihood(&params, c[3], c[4]), c[5],
				  1e-12, 1e-12, "log-likelihood", "spend_loglik_reference.csv",
				  n + 1);
	}
	fclose(file);
	CHECK(n == 48);
}

/*
 * E[M | x, m] at the published parameters: note 025, recomputed to 15 digits.
 */
static void
test_expected(void)
{
	SpendParams params = {6.25, 3.74, 15.44};

	CHECK_NEAR(crm_spend_expected(&params, 2.0, 22.35), 24.6637139107612,
			   1e-14, 0.0);
	CHECK_NEAR(crm_spend_expected(&params, 1.0, 11.77), 18.916852057842,
			   1e-14, 0.0);
	CHECK_NEAR(crm_spend_expected(&params, 0.0, 0.0), 35.2189781021898,
			   1e-14, 0.0);
	CHECK_NEAR(crm_spend_expected(&params, 7.0, 73.74), 71.4696708969671,
			   1e-14, 0.0);
	CHECK_NEAR(crm_spend_expected(&params, 2.0, 40.0), 39.1404199475066,
			   1e-14, 0.0);
	params.q = 1.0;
	CHECK(crm_spend_expected(&params, 0.0, 0.0) == INFINITY);
	params.q = 0.5;
	CHECK(crm_spend_expected(&params, 0.0, 0.0) == INFINITY);
	CHECK(isfinite(crm_spend_expected(&params, 1.0, 3.0)));
	params.p = 0.1;
	CHECK(crm_spend_expected(&params, 1.0, 3.0) == INFINITY);
}

static void
test_cdnow(void)
{
	FILE	   *file = fopen("../shared/data/cdnow_cbs.csv", "r");
	char		line[256];
	size_t		n = 0;
	SpendFit	fit;
	SpendParams published = {6.25, 3.74, 15.44};
	SpendParams ones = {1.0, 1.0, 1.0};

	if (!file)
	{
		printf("skipped: ../shared/data/cdnow_cbs.csv is not there\n");
		return;
	}
	while (fgets(line, sizeof(line), file) && n < MAX_ROWS)
	{
		rows[n].weight = 1.0;
		if (sscanf(line, "%*d,%lf,%*f,%*f,%lf", &rows[n].x, &rows[n].m) == 2 &&
			rows[n].x > 0.0)
			n++;
	}
	fclose(file);
	CHECK(n == 946);
	CHECK_NEAR(sum_log_likelihood(&published, n), -4055.91923205, 0.0, 1e-8);
	CHECK_NEAR(sum_log_likelihood(&ones, n), -6350.86927727, 0.0, 1e-8);

	fit = fit_rows(n, NULL);
	CHECK(fit.status == BTYD_CONVERGED);
	CHECK_NEAR(fit.params.p, 6.24957227, 1e-8, 0.0);
	CHECK_NEAR(fit.params.q, 3.74422467, 1e-8, 0.0);
	CHECK_NEAR(fit.params.gamma, 15.443521, 1e-8, 0.0);
	CHECK_NEAR(fit.log_likelihood, -4055.91769480, 0.0, 1e-8);
	CHECK_NEAR(sqrt(fit.covariance[0]), 1.19006, 1e-5, 0.0);
	CHECK_NEAR(sqrt(fit.covariance[4]), .290133, 1e-5, 0.0);
	CHECK_NEAR(sqrt(fit.covariance[8]), 4.15942, 1e-5, 0.0);
}

static void
simulate(size_t n, double p, double q, double gamma, double mean_x,
		 uint64_t seed)
{
	double		v[3] = {p, q, gamma};
	size_t		i;

	for (i = 0; i < n; i++)
		rows[i] = sim_spend(&seed, v, 1.0 + floor(mean_x * sim_exponential(&seed)));
}

/*
 * The covariance is the inverse of minus the Hessian, here by central
 * differences of the log-likelihood on the natural scale, at a maximum.
 */
static void
test_recovery(void)
{
	double		truth[3] = {6.25, 3.74, 15.44};
	static const size_t size[] = {3000, 50000};
	int			i,
				j,
				k,
				l;

	for (k = 0; k < 2; k++)
	{
		size_t		n = size[k];
		SpendFit	fit;
		double		at[3],
					hess[3][3];

		simulate(n, truth[0], truth[1], truth[2], 2.0, 77 + k);
		fit = fit_rows(n, NULL);
		CHECK(fit.status == BTYD_CONVERGED);
		at[0] = fit.params.p;
		at[1] = fit.params.q;
		at[2] = fit.params.gamma;
		for (i = 0; i < 3; i++)
			CHECK(fabs(at[i] - truth[i]) < 4.0 * sqrt(fit.covariance[4 * i]));
		if (n > 3000)
			continue;
		for (i = 0; i < 3; i++)
		{
			for (j = 0; j < 3; j++)
			{
				double		sum = 0.0;
				int			sign;

				for (sign = 0; sign < 4; sign++)
				{
					double		moved[3] = {at[0], at[1], at[2]};
					SpendParams params;

					moved[i] += (sign & 1 ? 1e-3 : -1e-3) * at[i];
					moved[j] += (sign & 2 ? 1e-3 : -1e-3) * at[j];
					params.p = moved[0];
					params.q = moved[1];
					params.gamma = moved[2];
					sum += (sign == 0 || sign == 3 ? 1.0 : -1.0) *
						sum_log_likelihood(&params, n);
				}
				hess[i][j] = sum / (4e-6 * at[i] * at[j]);
			}
		}
		for (i = 0; i < 3; i++)
		{
			for (j = 0; j < 3; j++)
			{
				double		product = 0.0;

				for (l = 0; l < 3; l++)
					product -= hess[i][l] * fit.covariance[3 * l + j];
				CHECK_NEAR(product * at[i] / at[j], i == j, 0.0, 2e-3);
			}
		}
	}
}

/*
 * Order and split of rows do not show.
 */
static void
test_invariance(void)
{
	static const size_t size[] = {40, 2000, 50000};
	int			k;
	size_t		i;

	for (k = 0; k < 3; k++)
	{
		size_t		n = size[k];
		SpendFit	a,
					b;

		simulate(n, 2.0, 3.0, 100.0, 3.0, 9);
		a = fit_rows(n, NULL);
		for (i = 0; i < n / 2; i++)
		{
			SpendRow	row = rows[i];

			rows[i] = rows[n - 1 - i];
			rows[n - 1 - i] = row;
		}
		b = fit_rows(n, NULL);
		CHECK(a.status == b.status);
		CHECK_NEAR(a.params.p, b.params.p, 1e-10, 0.0);
		CHECK_NEAR(a.params.q, b.params.q, 1e-10, 0.0);
		CHECK_NEAR(a.params.gamma, b.params.gamma, 1e-10, 0.0);
		CHECK_NEAR(a.log_likelihood, b.log_likelihood, 1e-13, 0.0);
		if (2 * n > MAX_ROWS)
			continue;
		for (i = 0; i < n; i++)
		{
			rows[n + i] = rows[i];
			rows[n + i].weight = 0.75;
			rows[i].weight = 0.25;
		}
		b = fit_rows(2 * n, NULL);
		CHECK(a.status == b.status);
		CHECK_NEAR(a.params.p, b.params.p, 1e-9, 0.0);
		CHECK_NEAR(a.params.q, b.params.q, 1e-9, 0.0);
		CHECK_NEAR(a.params.gamma, b.params.gamma, 1e-9, 0.0);
	}
}

/*
 * Data without a maximum inside, or hardly any.
 */
static void
test_degenerate(void)
{
	SpendFit	fit;
	size_t		i;
	uint64_t	seed = 4;

	fit = fit_rows(0, NULL);
	CHECK(fit.status == BTYD_FAILED && fit.params.p == 1.0);

	/* one customer, and everybody identical: the likelihood has no bound */
	rows[0] = one_row;
	CHECK(fit_rows(1, NULL).status == BTYD_RIDGE);
	for (i = 0; i < 1000; i++)
		rows[i] = one_row;
	fit = fit_rows(1000, NULL);
	CHECK(fit.status == BTYD_RIDGE);
	CHECK_NEAR(crm_spend_expected(&fit.params, 3.0, 20.0), 20.0, 1e-3, 0.0);

	/* one purchase each */
	simulate(3000, 4.0, 3.0, 30.0, 0.0, 5);
	CHECK(fit_rows(3000, NULL).status != BTYD_FAILED);

	/* customers do not differ: m x is gamma(p x, nu) with one nu for all */
	for (i = 0; i < 2000; i++)
	{
		rows[i].x = 1.0 + (double) (i % 5);
		rows[i].m = sim_gamma(&seed, 4.0 * rows[i].x) / rows[i].x * 5.0;
		rows[i].weight = 1.0;
	}
	fit = fit_rows(2000, NULL);
	CHECK(fit.status == BTYD_RIDGE || fit.status == BTYD_CONVERGED);
	CHECK(fit.params.q > 50.0);
	CHECK_NEAR(crm_spend_expected(&fit.params, 0.0, 0.0), 20.0, 0.03, 0.0);

	/* a customer's purchases do not vary */
	for (i = 0; i < 2000; i++)
	{
		rows[i].x = 1.0 + (double) (i % 5);
		rows[i].m = 20.0 / sim_gamma(&seed, 3.0);
	}
	fit = fit_rows(2000, NULL);
	CHECK(fit.status == BTYD_RIDGE || fit.params.p > 50.0);

	/* amounts in cents, and in thousands of millions */
	simulate(2000, 6.25, 3.74, 15.44, 2.0, 6);
	fit = fit_rows(2000, NULL);
	for (i = 0; i < 2000; i++)
		rows[i].m *= 1e9;
	CHECK_NEAR(fit_rows(2000, NULL).params.gamma, fit.params.gamma * 1e9,
			   1e-8, 0.0);
	for (i = 0; i < 2000; i++)
		rows[i].m *= 1e-15;
	CHECK_NEAR(fit_rows(2000, NULL).params.q, fit.params.q, 1e-8, 0.0);

	/* thousands of purchases, one customer beyond the table of counts */
	simulate(2000, 2.0, 3.0, 30.0, 2.0, 7);
	for (i = 0; i < 200; i++)
	{
		double		v[3] = {2.0, 3.0, 30.0};

		rows[i] = sim_spend(&seed, v, i == 0 ? 200000.0 : 20.0 * (double) i);
	}
	CHECK(fit_rows(2000, NULL).status == BTYD_CONVERGED);
}

/*
 * A strong prior is where the parameters go.
 */
static void
test_prior(void)
{
	BtydFitOptions options = {0, true, {1.0, 0.5, 2.0}, {1e-4, 1e-4, 1e-4}};
	SpendFit	fit;

	simulate(300, 6.25, 3.74, 15.44, 2.0, 6);
	fit = fit_rows(300, &options);
	CHECK(fit.status == BTYD_CONVERGED);
	CHECK_NEAR(log(fit.params.p), 1.0, 0.0, 1e-4);
	CHECK_NEAR(log(fit.params.q), 0.5, 0.0, 1e-4);
	CHECK_NEAR(log(fit.params.gamma), 2.0, 0.0, 1e-4);

	options.prior_sd[0] = options.prior_sd[1] = options.prior_sd[2] = 1.0;
	rows[0] = one_row;
	CHECK(fit_rows(1, &options).status == BTYD_CONVERGED);
}

int
main(void)
{
	test_reference();
	test_expected();
	test_cdnow();
	test_recovery();
	test_invariance();
	test_degenerate();
	test_prior();
	return unit_report();
}
