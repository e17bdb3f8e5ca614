/*-------------------------------------------------------------------------
 *
 * btyd_fit_test.c
 *	  Maximum likelihood fits of the purchase models, their statuses, and that
 *	  they do not depend on the form the data come in.
 *
 * Expected values: the published and recomputed fits of the CDNOW sample
 * (Fader, Hardie, Lee 2005; Fader, Hardie 2013), where the shared data are
 * present; otherwise properties that hold by the models' definitions, on
 * simulated customers, and parameters that the simulation was given.
 *
 *-------------------------------------------------------------------------
 */
#include "test/unit/unit.h"

#include <string.h>

#include "src/math/exact_sum.h"
#include "test/unit/simulate.h"

#define MAX_ROWS 200000

static const BtydHistory came_back = {3.0, 20.0, 30.0};
static const BtydHistory never = {0.0, 0.0, 30.0};
static BtydRow rows[MAX_ROWS];
static const BtydKind all_kinds[] = {BTYD_PARETO_NBD, BTYD_BG_NBD, BTYD_MBG_NBD};

static int	interrupt_checks = 0;
static long allocations = 0;

static void *
counting_alloc(size_t size)
{
	allocations++;
	return sim_alloc(size);
}

static void
counting_release(void *ptr)
{
	allocations--;
	sim_release(ptr);
}

static void
counting_check(void)
{
	interrupt_checks++;
}

static const MathHost counting_host =
{counting_alloc, counting_release, counting_check};

static void
simulate(size_t n, BtydKind kind, double v0, double v1, double v2, double v3,
		 double T_min, double T_max, uint64_t seed)
{
	double		v[4] = {v0, v1, v2, v3};
	size_t		i;

	for (i = 0; i < n; i++)
		rows[i] = sim_customer(&seed, kind, v,
							   T_min + (T_max - T_min) * sim_uniform(&seed));
}

/*
 * Fit, and check what holds of any fit.
 */
static BtydFit
fit_rows(BtydKind kind, size_t n, const BtydFitOptions *options)
{
	BtydFit		fit;
	ExactSum	sum = {0.0, 0.0};
	size_t		i;
	int			k;

	crm_btyd_fit_rows(kind, rows, n, options, &counting_host, &fit);
	CHECK(allocations == 0);
	CHECK(fit.params.kind == kind);
	for (k = 0; k < 4; k++)
	{
		CHECK(isfinite(fit.params.v[k]) && fit.params.v[k] > 0.0);
		CHECK(!fit.has_covariance || fit.covariance[5 * k] > 0.0);
	}
	CHECK(fit.has_covariance == (fit.status == BTYD_CONVERGED));

	/* The log-likelihood is that of the parameters. */
	for (i = 0; i < n; i++)
		exact_sum_add(&sum, rows[i].weight *
					  crm_btyd_log_likelihood(&fit.params, &rows[i].h));
	CHECK_NEAR(fit.log_likelihood, exact_sum_value(&sum), 1e-11, 1e-7);
	return fit;
}

/*
 * The highest log-likelihood around the parameters, each 5 % up or down: no
 * higher at a maximum.
 */
static void
check_maximum(const BtydFit *fit, size_t n)
{
	int			k,
				sign;
	size_t		i;

	for (k = 0; k < 4; k++)
	{
		for (sign = -1; sign <= 1; sign += 2)
		{
			BtydParams	p = fit->params;
			double		sum = 0.0;

			p.v[k] *= 1.0 + 0.05 * sign;
			for (i = 0; i < n; i++)
				sum += rows[i].weight * crm_btyd_log_likelihood(&p, &rows[i].h);
			CHECK(sum < fit->log_likelihood + 1e-6);
		}
	}
}

static void
test_cdnow(void)
{
	/* parameters, standard errors, log-likelihood */
	static const double want[3][9] = {
		{.553277047, 10.5776835, .606239989, 11.6687353,
		.0476279, .842723, .187281, 6.21111, -9594.97617894},
		{.242594522, 4.41360202, .792922017, 2.42590678,
		.0125574, .378224, .185734, .705414, -9582.42920667},
		{.524843159, 6.18308528, .891359391, 1.61400224,
		.0832682, .695621, .15479, .537495, -9582.13571555}
	};
	FILE	   *file = fopen("../shared/data/cdnow_cbs.csv", "r");
	char		line[256];
	size_t		n = 0;
	int			i,
				k;

	if (!file)
	{
		printf("skipped: ../shared/data/cdnow_cbs.csv is not there\n");
		return;
	}
	while (fgets(line, sizeof(line), file) && n < MAX_ROWS)
	{
		BtydRow    *row = &rows[n];

		row->weight = 1.0;
		if (sscanf(line, "%*d,%lf,%lf,%lf", &row->h.x, &row->h.t_x,
				   &row->h.T) == 3)
			n++;
	}
	fclose(file);
	CHECK(n == 2357);

	for (i = 0; i < 3; i++)
	{
		BtydFit		fit = fit_rows(all_kinds[i], n, NULL);

		CHECK(fit.status == BTYD_CONVERGED);
		for (k = 0; k < 4; k++)
		{
			CHECK_NEAR(fit.params.v[k], want[i][k], 1e-8, 0.0);
			CHECK_NEAR(sqrt(fit.covariance[5 * k]), want[i][4 + k], 1e-5, 0.0);
		}
		CHECK_NEAR(fit.log_likelihood, want[i][8], 0.0, 1e-8);
	}
}

/*
 * The parameters that customers were simulated with are found, within four
 * standard errors; by the sample and surrogate where there are many.
 */
static void
test_recovery(void)
{
	static const double truth[3][4] = {
		{0.553, 10.578, 0.606, 11.669},
		{0.243, 4.414, 0.793, 2.426},
		{0.525, 6.183, 0.891, 1.614}
	};
	static const size_t size[] = {20000, 160000};
	int			i,
				j,
				k;

	for (i = 0; i < 3; i++)
	{
		for (j = 0; j < 2; j++)
		{
			BtydFit		fit;

			simulate(size[j], all_kinds[i], truth[i][0], truth[i][1],
					 truth[i][2], truth[i][3], 27.0, 39.0, 100 + i);
			fit = fit_rows(all_kinds[i], size[j], NULL);
			CHECK(fit.status == BTYD_CONVERGED);
			for (k = 0; k < 4; k++)
				CHECK(fabs(fit.params.v[k] - truth[i][k]) <
					  4.0 * sqrt(fit.covariance[5 * k]));
			if (j == 0)
				check_maximum(&fit, size[j]);
			else
				CHECK(fit.iterations <= 4);
		}
	}
}

static void
check_same(const BtydFit *a, const BtydFit *b, double rel)
{
	int			k;

	CHECK(a->status == b->status);
	CHECK_NEAR(a->log_likelihood, b->log_likelihood, 1e-12, 1e-9);
	for (k = 0; k < 4; k++)
		CHECK_NEAR(a->params.v[k], b->params.v[k], rel, 0.0);
	for (k = 0; k < 16; k++)
		CHECK_NEAR(a->covariance[k], b->covariance[k], 10.0 * rel, 0.0);
}

/*
 * The order of rows, and the split of a row into several of its weight, do not
 * show; a weight counts as that many customers.
 */
static void
test_invariance(void)
{
	static const size_t size[] = {50, 5000, 160000};
	int			i,
				j;
	size_t		k,
				n;

	for (j = 0; j < 3; j++)
	{
		for (i = 0; i < 3; i++)
		{
			uint64_t	seed = 5;
			BtydFit		first,
						shuffled,
						doubled;

			/* Times are unlike in size, so that rounding has its chance. */
			n = size[j];
			simulate(n, BTYD_PARETO_NBD, 0.6, 10.0, 0.6, 12.0, 1e-3, 390.0, 7);
			first = fit_rows(all_kinds[i], n, NULL);
			for (k = n - 1; k > 0; k--)
			{
				size_t		other = (size_t) (sim_uniform(&seed) * (k + 1));
				BtydRow		row = rows[k];

				rows[k] = rows[other];
				rows[other] = row;
			}
			shuffled = fit_rows(all_kinds[i], n, NULL);
			check_same(&first, &shuffled, 1e-10);

			if (j == 2)
				continue;
			for (k = 0; k < n; k++)
			{
				rows[n + k] = rows[k];
				rows[k].weight = 0.25;
				rows[n + k].weight = 0.75;
			}
			doubled = fit_rows(all_kinds[i], 2 * n, NULL);
			check_same(&first, &doubled, 1e-8);
		}
	}
}

/*
 * A change of the unit of time changes the times among the parameters alone.
 */
static void
test_unit_of_time(void)
{
	int			i,
				k;
	size_t		j;

	for (i = 0; i < 3; i++)
	{
		BtydFit		weeks,
					seconds;

		simulate(3000, all_kinds[i], 0.6, 8.0, 0.9, i == 0 ? 12.0 : 2.0,
				 27.0, 39.0, 3);
		weeks = fit_rows(all_kinds[i], 3000, NULL);
		for (j = 0; j < 3000; j++)
		{
			rows[j].h.t_x *= 604800.0;
			rows[j].h.T *= 604800.0;
		}
		seconds = fit_rows(all_kinds[i], 3000, NULL);
		CHECK(weeks.status == BTYD_CONVERGED);
		CHECK(seconds.status == BTYD_CONVERGED);
		for (k = 0; k < 4; k++)
		{
			bool		is_time = k == 1 || (k == 3 && i == 0);

			CHECK_NEAR(seconds.params.v[k],
					   weeks.params.v[k] * (is_time ? 604800.0 : 1.0), 1e-8, 0.0);
		}
	}
}

/*
 * The log-likelihood of the NBD model.
 */
static double
nbd_at(size_t n, double r, double alpha)
{
	double		sum = 0.0;
	size_t		i;

	for (i = 0; i < n; i++)
	{
		const BtydHistory *h = &rows[i].h;

		sum += lgamma(r + h->x) - lgamma(r) + r * log(alpha)
			- (r + h->x) * log(alpha + h->T);
	}
	return sum;
}

/*
 * Its maximum by golden section, slow and independent: over ln alpha at a given
 * r > 0, or, with r = 0, over ln r of the former.  *at is the place.
 */
static double
golden(size_t n, double lo, double hi, double r, double *at)
{
	const double g = 0.61803398874989484820;
	double		inner;
	double		f[2] = {0.0, 0.0};
	bool		known[2] = {false, false};
	double		t[2];
	int			k;

	t[0] = hi - g * (hi - lo);
	t[1] = lo + g * (hi - lo);
	while (hi - lo > 1e-5)
	{
		for (k = 0; k < 2; k++)
		{
			if (!known[k])
				f[k] = r > 0.0 ? nbd_at(n, r, exp(t[k])) :
					golden(n, -5.0, 5.0, exp(t[k]), &inner);
			known[k] = true;
		}
		if (f[0] > f[1])
		{
			hi = t[1];
			t[1] = t[0];
			f[1] = f[0];
			t[0] = hi - g * (hi - lo);
			known[0] = false;
		}
		else
		{
			lo = t[0];
			t[0] = t[1];
			f[0] = f[1];
			t[1] = lo + g * (hi - lo);
			known[1] = false;
		}
	}
	*at = exp(0.5 * (lo + hi));
	return fmax(f[0], f[1]);
}

/*
 * Without dropout in the data, the fit is the NBD model (or, by chance, says
 * that there is a trace of dropout).
 */
static void
test_no_dropout(void)
{
	int			i;
	size_t		j;
	const size_t n = 200;
	double		r,
				nbd;
	uint64_t	seed;

	/* Seen to be alive at the very end: dropout is ruled out. */
	simulate(n, BTYD_PARETO_NBD, 2.0, 4.0, 0.0, 0.0, 20.0, 40.0, 8);
	for (j = 0; j < n; j++)
		if (rows[j].h.x > 0.0)
			rows[j].h.t_x = rows[j].h.T;
	nbd = golden(n, -3.0, 3.0, 0.0, &r);
	for (i = 0; i < 3; i++)
	{
		BtydFit		fit = fit_rows(all_kinds[i], n, NULL);

		CHECK(fit.status == BTYD_BOUNDARY);
		CHECK_NEAR(fit.params.v[0], r, 1e-3, 0.0);
		CHECK_NEAR(fit.log_likelihood, nbd, 0.0, 1e-4);

		/* Such a model hardly lets anybody drop out. */
		CHECK(fit.params.v[2] / fit.params.v[3] < 1e-6);
	}

	/* Simulated: never failed, never worse than the NBD model. */
	for (seed = 1; seed <= 4; seed++)
	{
		simulate(n, BTYD_PARETO_NBD, 1.5, 4.0, 0.0, 0.0, 20.0, 40.0, seed);
		nbd = golden(n, -3.0, 3.0, 0.0, &r);
		for (i = 0; i < 3; i++)
		{
			BtydFit		fit = fit_rows(all_kinds[i], n, NULL);

			CHECK(fit.status != BTYD_FAILED);
			CHECK(fit.log_likelihood > nbd - 1e-4);
		}
	}
}

/*
 * Customers all alike in one respect: the ratio is found, the parameters are
 * large and finite.
 */
static void
test_ridge(void)
{
	BtydFit		fit;
	int			ridges = 0;
	uint64_t	seed;

	for (seed = 10; seed < 14; seed++)
	{
		simulate(2000, BTYD_PARETO_NBD, INFINITY, 0.2, 0.6, 10.0, 50.0, 100.0,
				 seed);
		fit = fit_rows(BTYD_PARETO_NBD, 2000, NULL);
		CHECK(fit.status == BTYD_RIDGE || fit.status == BTYD_CONVERGED);
		CHECK(fit.params.v[0] > 50.0);
		CHECK_NEAR(fit.params.v[0] / fit.params.v[1], 0.2, 0.03, 0.0);
		ridges += fit.status == BTYD_RIDGE;
	}
	CHECK(ridges > 0);

	ridges = 0;
	for (seed = 12; seed < 16; seed++)
	{
		simulate(2000, BTYD_PARETO_NBD, 1.0, 5.0, INFINITY, 0.02, 50.0, 100.0,
				 seed);
		fit = fit_rows(BTYD_PARETO_NBD, 2000, NULL);
		CHECK(fit.status == BTYD_RIDGE || fit.status == BTYD_CONVERGED);
		CHECK_NEAR(fit.params.v[2] / fit.params.v[3], 0.02, 0.15, 0.0);
		ridges += fit.status == BTYD_RIDGE;
	}
	CHECK(ridges > 0);

	/*
	 * Half of the customers drop out at once, the others never: all models
	 * can say so in a limit, and the share of those who do is a / (a + b) in
	 * the MBG/NBD model.
	 */
	simulate(1000, BTYD_PARETO_NBD, 8.0, 10.0, 0.0, 0.0, 30.0, 40.0, 3);
	for (seed = 0; seed < 500; seed++)
		rows[2 * seed].h.x = rows[2 * seed].h.t_x = 0.0;
	CHECK(fit_rows(BTYD_PARETO_NBD, 1000, NULL).status == BTYD_RIDGE);
	fit = fit_rows(BTYD_MBG_NBD, 1000, NULL);
	CHECK(fit.status == BTYD_RIDGE);
	CHECK_NEAR(fit.params.v[2] / (fit.params.v[2] + fit.params.v[3]), 0.5,
			   0.01, 0.0);
	CHECK_NEAR(fit.params.v[0] / fit.params.v[1], 0.8, 0.05, 0.0);
}

/*
 * Data that say little or nothing.
 */
static void
test_degenerate(void)
{
	static const BtydHistory one[] = {
		{0.0, 0.0, 10.0}, {1.0, 1.0, 100.0}, {2.0, 7.0, 10.0},
		{2.0, 10.0, 10.0}, {3000.0, 1.0, 100.0}, {70000.0, 99.0, 100.0},
		{0.0, 0.0, 0.0}
	};
	int			i,
				j;
	size_t		k;

	for (i = 0; i < 3; i++)
	{
		BtydKind	kind = all_kinds[i];
		BtydFit		fit = fit_rows(kind, 0, NULL);

		/* no customer */
		CHECK(fit.status == BTYD_FAILED);
		CHECK(fit.params.v[0] == 1.0 && fit.params.v[3] == 1.0);
		rows[0].h = one[2];
		rows[0].weight = 0.0;
		CHECK(fit_rows(kind, 1, NULL).status == BTYD_FAILED);

		/* one customer: no maximum in the inside */
		for (j = 0; j < (int) (sizeof(one) / sizeof(one[0])); j++)
		{
			rows[0].h = one[j];
			rows[0].weight = 1.0;
			fit = fit_rows(kind, 1, NULL);
			CHECK(fit.status == BTYD_BOUNDARY || fit.status == BTYD_RIDGE);
		}

		/*
		 * Two purchases in 10, seen alive: without dropout and at one rate,
		 * (2 / 10)^2 e^-2 is the highest likelihood of such a history.
		 */
		rows[0].h = one[3];
		fit = fit_rows(kind, 1, NULL);
		CHECK(fit.status == BTYD_BOUNDARY);
		CHECK_NEAR(fit.log_likelihood, 2.0 * log(0.2) - 2.0, 0.0, 1e-6);
		CHECK_NEAR(fit.params.v[0] / fit.params.v[1], 0.2, 1e-6, 0.0);

		/* nobody came back */
		for (k = 0; k < 300; k++)
		{
			rows[k].h.x = rows[k].h.t_x = 0.0;
			rows[k].h.T = 1.0 + k;
			rows[k].weight = 1.0;
		}
		fit = fit_rows(kind, 300, NULL);
		CHECK(fit.status == BTYD_BOUNDARY);
		CHECK_NEAR(fit.log_likelihood, 0.0, 0.0, 1e-4);

		/* everybody identical, and the same as one row of that weight */
		for (k = 0; k < 300; k++)
			rows[k].h = one[2];
		fit = fit_rows(kind, 300, NULL);
		CHECK(fit.status == BTYD_BOUNDARY || fit.status == BTYD_RIDGE);
		rows[0].weight = 300.0;
		CHECK_NEAR(fit_rows(kind, 1, NULL).log_likelihood, fit.log_likelihood,
				   1e-10, 0.0);

		/* 60 customers */
		simulate(60, kind, 0.5, 8.0, 0.8, i == 0 ? 10.0 : 2.0, 27.0, 39.0, 31);
		fit = fit_rows(kind, 60, NULL);
		CHECK(fit.status != BTYD_FAILED);

		/* purchases in the thousands */
		simulate(2000, kind, 0.8, 0.01, 0.6, i == 0 ? 10.0 : 200.0, 50.0, 100.0,
				 17);
		fit = fit_rows(kind, 2000, NULL);
		CHECK(fit.status == BTYD_CONVERGED);
		check_maximum(&fit, 2000);

		/* equal rows that the caller has not counted, as many as take samples */
		for (k = 0; k < 160000; k++)
		{
			rows[k].h = one[k % 3];
			rows[k].weight = 1.0;
		}
		fit = fit_rows(kind, 160000, NULL);
		CHECK(fit.status != BTYD_FAILED);
		rows[0].weight = 53334.0;
		rows[1].weight = rows[2].weight = 53333.0;
		CHECK_NEAR(fit_rows(kind, 3, NULL).log_likelihood, fit.log_likelihood,
				   1e-10, 0.0);
	}
}

/*
 * A strong prior is where the parameters go, a flat one changes nothing, and
 * weak data with a prior have a maximum.
 */
static void
test_prior(void)
{
	BtydFitOptions options = {0, true, {0.0, 2.0, -1.0, 1.0},
	{1e-4, 1e-4, 1e-4, 1e-4}};
	BtydFit		fit,
				flat;
	int			i,
				k;

	for (i = 0; i < 3; i++)
	{
		simulate(500, all_kinds[i], 0.6, 8.0, 0.9, i == 0 ? 12.0 : 2.0,
				 27.0, 39.0, 3);
		for (k = 0; k < 4; k++)
			options.prior_sd[k] = 1e-4;
		fit = fit_rows(all_kinds[i], 500, &options);
		CHECK(fit.status == BTYD_CONVERGED);
		for (k = 0; k < 4; k++)
		{
			CHECK_NEAR(log(fit.params.v[k]), options.prior_mean[k], 0.0, 1e-4);
			CHECK_NEAR(sqrt(fit.covariance[5 * k]) / fit.params.v[k], 1e-4,
					   1e-3, 0.0);
		}

		for (k = 0; k < 4; k++)
			options.prior_sd[k] = INFINITY;
		fit = fit_rows(all_kinds[i], 500, &options);
		flat = fit_rows(all_kinds[i], 500, NULL);
		for (k = 0; k < 4; k++)
			CHECK(fit.params.v[k] == flat.params.v[k]);

		/* one customer, and nobody who came back */
		for (k = 0; k < 4; k++)
			options.prior_sd[k] = 1.0;
		rows[0].h = came_back;
		CHECK(fit_rows(all_kinds[i], 1, &options).status == BTYD_CONVERGED);
		rows[0].h = never;
		CHECK(fit_rows(all_kinds[i], 1, &options).status == BTYD_CONVERGED);
	}
}

/*
 * Interrupts are looked for at least once in 1,000 rows, and too few iterations
 * are reported as such.
 */
static void
test_interrupts_and_limit(void)
{
	BtydFitOptions options = {1, false, {0.0}, {0.0}};
	BtydFit		fit;

	simulate(100000, BTYD_PARETO_NBD, 0.6, 8.0, 0.9, 12.0, 27.0, 39.0, 3);
	interrupt_checks = 0;
	fit = fit_rows(BTYD_PARETO_NBD, 100000, NULL);
	CHECK(interrupt_checks >= fit.iterations * 100);

	fit = fit_rows(BTYD_PARETO_NBD, 5000, &options);
	CHECK(fit.status == BTYD_FAILED);
}

int
main(void)
{
	test_cdnow();
	test_recovery();
	test_invariance();
	test_unit_of_time();
	test_no_dropout();
	test_ridge();
	test_degenerate();
	test_prior();
	test_interrupts_and_limit();
	return unit_report();
}
