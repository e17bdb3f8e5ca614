/*-------------------------------------------------------------------------
 *
 * btyd_cnbd_test.c
 *	  The BG/CNBD-k, MBG/CNBD-k and NBD models: likelihood, derivatives, fit and
 *	  predictions.
 *
 * Run in the project's top directory.  Reference values are those of
 * test/unit/data/cnbd_reference.csv (numerical integrals over the rate and the
 * time of the next purchase, see test/unit/cnbd_reference.py).  With k = 1 the
 * models are the BG/NBD and MBG/NBD, which have tests of their own.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "src/math/btyd_cnbd_stages.h"
#include "src/math/btyd_ops.h"
#include "src/math/quadrature.h"
#include "test/unit/unit.h"

#define REFERENCE "test/unit/data/cnbd_reference.csv"

/* The table's own error is some 1e-13, a pmf's absolute one 1e-12. */
#define REFERENCE_TOL 1e-11
#define REFERENCE_ABS 1e-12

#define MAX_FIELDS 13

static const BtydHistory histories[] = {
	{0, 0, 38.86}, {2, 30.43, 38.86}, {26, 30.86, 31}, {1, 1, 39}, {100, 20, 39}
};

#define N_HISTORIES ((int) (sizeof(histories) / sizeof(histories[0])))

static const double some_params[][4] = {
	{.243, 4.414, .793, 2.426}, {1.329, 2.813, .425, .790}, {.01, 100, .05, 3},
	{5, .1, 2, 1}, {.5, 1e-4, 1, 2}, {50, 3, 1, 1e4}
};

/* Of the integral that discounted purchases are */
typedef struct DiscountedArg
{
	const CnbdLiving *c;
	double		delta;
	double		scale;
} DiscountedArg;

#define MAX_BREAKS 16

#define N_PARAMS ((int) (sizeof(some_params) / sizeof(some_params[0])))

static double worst_error = 0.0;

/*
 * Fields of a line, split in place at commas.
 */
static int
split(char *line, char **field)
{
	int			n = 0;

	line[strcspn(line, "\n")] = '\0';
	while (line != NULL && n < MAX_FIELDS)
	{
		field[n++] = line;
		line = strchr(line, ',');
		if (line != NULL)
			*line++ = '\0';
	}
	return n;
}

static BtydParams
make_params(BtydKind kind, int k, const double *v)
{
	BtydParams	params = {kind, {v[0], v[1], v[2], v[3]}, k};

	return params;
}

static void
test_reference(void)
{
	FILE	   *file = fopen(REFERENCE, "r");
	char		line[512];
	int			rows = 0;

	CHECK(file != NULL);
	if (file == NULL)
		return;
	while (fgets(line, sizeof(line), file) != NULL)
	{
		char		row[512];
		char	   *field[MAX_FIELDS];
		BtydParams	params;
		BtydHistory history;
		const BtydHistory *h = NULL;
		double		arg1,
					arg2,
					got,
					want,
					mean;
		const char *quantity;

		strcpy(row, line);
		if (split(line, field) != MAX_FIELDS || strcmp(field[0], "model") == 0)
			continue;
		params.kind = strcmp(field[0], "bg") == 0 ? BTYD_BG_CNBD_K : BTYD_MBG_CNBD_K;
		params.k = atoi(field[1]);
		for (int i = 0; i < 4; i++)
			params.v[i] = strtod(field[2 + i], NULL);
		if (field[6][0] != '\0')
		{
			history.x = strtod(field[6], NULL);
			history.t_x = strtod(field[7], NULL);
			history.T = strtod(field[8], NULL);
			h = &history;
		}
		quantity = field[9];
		arg1 = strtod(field[10], NULL);
		arg2 = strtod(field[11], NULL);
		want = strtod(field[12], NULL);

		if (strcmp(quantity, "log_likelihood") == 0)
			got = crm_btyd_log_likelihood(&params, h);
		else if (strcmp(quantity, "p_alive") == 0)
			got = crm_btyd_p_alive(&params, h, arg1);
		else if (strcmp(quantity, "purchases") == 0)
			got = crm_btyd_expected_purchases(&params, h, arg1);
		else if (strcmp(quantity, "pmf") == 0)
			got = crm_btyd_pmf(&params, h, arg1, arg2);
		else if (strcmp(quantity, "variance") == 0)
			crm_btyd_moments(&params, h, arg1, &mean, &got);
		else
			got = crm_btyd_discounted_purchases(&params, h, arg1, arg2);
		unit_near(got, want, REFERENCE_TOL, REFERENCE_ABS, row, __FILE__, __LINE__);
		if (fabs(want) > 1e-4)
			worst_error = fmax(worst_error, fabs(got / want - 1.0));
		rows++;
	}
	fclose(file);
	printf("%d rows of %s checked, worst error %.1e\n", rows, REFERENCE, worst_error);
	CHECK(rows >= 300);
}

/*
 * With k = 1 all is as in BG/NBD and MBG/NBD.
 */
static void
test_k_1(void)
{
	static const double t[] = {.1, 4, 52, 520};

	for (int m = 0; m < 2; m++)
		for (int i = 0; i < N_PARAMS; i++)
			for (int j = -1; j < N_HISTORIES; j++)
			{
				const BtydHistory *h = j < 0 ? NULL : &histories[j];
				BtydParams	bg = make_params(m ? BTYD_MBG_NBD : BTYD_BG_NBD, 1,
											 some_params[i]);
				BtydParams	cnbd = make_params(m ? BTYD_MBG_CNBD_K : BTYD_BG_CNBD_K,
											   1, some_params[i]);

				if (h != NULL)
					CHECK_NEAR(crm_btyd_log_likelihood(&cnbd, h),
							   crm_btyd_log_likelihood(&bg, h), 1e-14, 0);
				for (int l = 0; l < 4; l++)
				{
					double		mean,
								variance,
								bg_variance;

					CHECK_NEAR(crm_btyd_p_alive(&cnbd, h, t[l]),
							   crm_btyd_p_alive(&bg, h, t[l]), 1e-11, 0);
					CHECK_NEAR(crm_btyd_expected_purchases(&cnbd, h, t[l]),
							   crm_btyd_expected_purchases(&bg, h, t[l]), 1e-11, 0);
					CHECK_NEAR(crm_btyd_pmf(&cnbd, h, t[l], 3),
							   crm_btyd_pmf(&bg, h, t[l], 3), 1e-12, 0);
					CHECK_NEAR(crm_btyd_discounted_purchases(&cnbd, h, .003, t[l]),
							   crm_btyd_discounted_purchases(&bg, h, .003, t[l]),
							   1e-11, 0);
					crm_btyd_moments(&bg, h, t[l], &mean, &bg_variance);
					crm_btyd_moments(&cnbd, h, t[l], &mean, &variance);
					CHECK_NEAR(variance, bg_variance, 3e-11, 0);
				}
				CHECK_NEAR(crm_btyd_discounted_purchases(&cnbd, h, .003, INFINITY),
						   crm_btyd_discounted_purchases(&bg, h, .003, INFINITY),
						   1e-11, 0);
			}
}

/*
 * The pmf sums to 1, its mean and variance are the moments, and its partial
 * sums give the quantiles.
 */
static void
test_distribution(const BtydParams *params, const BtydHistory *h, double t)
{
	static const double prob[] = {1e-3, .05, .25, .5, .75, .95, .999};
	const int	n_prob = sizeof(prob) / sizeof(prob[0]);
	double		mean,
				variance;
	double		sum = 0.0,
				first = 0.0,
				second = 0.0;
	int			next = 0;

	crm_btyd_moments(params, h, t, &mean, &variance);
	for (int n = 0; n < 20000; n++)
	{
		double		p = crm_btyd_pmf(params, h, t, n);

		sum += p;
		first += n * p;
		second += (n - mean) * (n - mean) * p;
		for (; next < n_prob && sum >= prob[next]; next++)
			CHECK_NEAR(crm_btyd_quantile(params, h, t, prob[next]), n, 0, 0);
		if (n > mean && p * n * n < 1e-17 * variance)
			break;
	}
	CHECK_NEAR(sum, 1.0, 1e-12, 0);
	CHECK_NEAR(first, mean, 1e-11, 0);
	CHECK_NEAR(second, variance, 1e-11, 0);
	CHECK(next == n_prob);
}

static void
test_distributions(void)
{
	static const double v[4] = {1.329, 2.813, .425, .790};
	static const int ks[] = {2, 5, 32};

	for (int i = 0; i < 3; i++)
		for (int m = 0; m < 2; m++)
		{
			BtydParams	params = make_params(m ? BTYD_MBG_CNBD_K : BTYD_BG_CNBD_K,
											 ks[i], v);

			test_distribution(&params, NULL, 52.0);
			test_distribution(&params, NULL, 0.1);
			for (int j = 0; j < N_HISTORIES; j++)
				test_distribution(&params, &histories[j], 39.0);
		}
}

/*
 * The two ways of computing, stage by stage and by roots of unity, agree where
 * both can be used.
 */
static void
test_long(void)
{
	static const int ks[] = {1, 2, 3, 7, 32};
	static const double times[] = {300, 2000};

	for (int i = 0; i < 5; i++)
		for (int j = 0; j < N_PARAMS; j++)
			for (int l = 0; l < 2; l++)
				for (int idle = 0; idle < 2; idle++)
				{
					const double *v = some_params[j];
					CnbdLiving	c = {
						.k = ks[i],.shape = v[0],.rate = fmax(v[1], .1),
						.idle = 20.0 * idle,.a = v[2],.b = v[3]
					};
					double		t = times[l];
					double		mean;

					/* many stages, but not too many to walk through */
					if (v[0] * t / v[1] < 20.0 * c.k || !crm_cnbd_walk_is_short(&c, t))
						continue;
					mean = crm_cnbd_living_purchases(&c, t);
					CHECK_NEAR(crm_cnbd_long_purchases(&c, t), mean, 1e-11, 0);
					CHECK_NEAR(crm_cnbd_long_survival(&c, t),
							   crm_cnbd_living_survival(&c, t), 1e-10, 0);
					CHECK_NEAR(crm_cnbd_long_variance(&c, t, mean),
							   crm_cnbd_living_variance(&c, t), 1e-9, 0);
				}
}

/*
 * Discounting: a long horizon is none, a small rate is E[X], and one so small
 * that the continued fraction is left for a mean.
 */
static void
test_discounted(void)
{
	static const double v[4] = {1.329, 2.813, 1.425, .790};

	for (int k = 1; k <= 8; k++)
	{
		BtydParams	params = make_params(BTYD_MBG_CNBD_K, k, v);

		for (int j = -1; j < N_HISTORIES; j++)
		{
			const BtydHistory *h = j < 0 ? NULL : &histories[j];

			/* just below the horizon that counts as none */
			CHECK_NEAR(crm_btyd_discounted_purchases(&params, h, .05, 890),
					   crm_btyd_discounted_purchases(&params, h, .05, INFINITY),
					   1e-11, 0);
			CHECK_NEAR(crm_btyd_discounted_purchases(&params, h, 1e-13, 52),
					   crm_btyd_expected_purchases(&params, h, 52), 1e-11, 0);
			/* dropout is certain in the end: E[1/p] */
			CHECK_NEAR(crm_btyd_discounted_purchases(&params, h, 1e-14, INFINITY),
					   crm_btyd_discounted_purchases(&params, h, 0, INFINITY),
					   2e-4, 0);
		}
	}
}

/*
 * delta e^(-delta t) E[X(t)] over w = ln(1 + t / scale)
 */
static double
discounted_at(double w, const void *arg)
{
	const DiscountedArg *a = arg;
	double		t = a->scale * expm1(w);

	return a->delta * exp(-a->delta * t) *
		crm_cnbd_living_purchases(a->c, t) * (a->scale + t);
}

/*
 * Discounted purchases up to a horizon, a mean over the rate, are an integral of
 * E[X(t)] over time, by parts.  The E[X(t)] are those of the other tests.
 */
static void
test_discounted_by_parts(void)
{
	static const int ks[] = {1, 3, 12, 32};
	static const double horizons[] = {2, 60, 700};
	static const double deltas[] = {1e-9, .3, 20};	/* times the horizon */
	CnbdLiving	one = {.k = 32,.shape = 2,.rate = 3,.a = 2,.b = 3};

	for (int i = 0; i < 4; i++)
		for (int j = 0; j < N_PARAMS; j++)
			for (int l = 0; l < 3; l++)
				for (int d = 0; d < 3; d++)
					for (int idle = 0; idle < 2; idle++)
					{
						const double *v = some_params[j];
						double		horizon = horizons[l];
						double		delta = deltas[d] / horizon;
						CnbdLiving	c = {
							.k = ks[i],.shape = v[0] + 2.0 * idle * ks[i],
							.rate = fmax(v[1], 1.0) + 10.0 * idle,
							.idle = 7.0 * idle,.a = v[2],.b = v[3]
						};
						DiscountedArg arg = {&c, delta, c.rate / (c.shape + c.k)};
						double		breaks[MAX_BREAKS];
						double		top = log1p(horizon / arg.scale);
						double		want;

						for (int n = 0; n < MAX_BREAKS; n++)
							breaks[n] = top * n / (MAX_BREAKS - 1);
						want = exp(-delta * horizon) *
							crm_cnbd_living_purchases(&c, horizon) +
							crm_integrate(discounted_at, &arg, breaks,
										  MAX_BREAKS, 1e-13);
						CHECK_NEAR(crm_cnbd_living_discounted(&c, delta, horizon),
								   want, 1e-11, 0);
					}

	/*
	 * mpmath, 30 digits: the sum over n of E[(1-p)^n] times the integral of
	 * e^(-.001 t) Gamma(2 + s) / Gamma(s) t^(s-1) 3^2 / (3 + t)^(2+s), s = 32
	 * (n + 1), up to t = 20
	 */
	CHECK_NEAR(crm_cnbd_living_discounted(&one, .001, 20), .058867572884776695,
			   1e-13, 0);
}

/*
 * Discounted purchases are remembered: the same again, in whatever order and
 * however many others were asked for in between.
 */
static void
test_memo(void)
{
	enum
	{
		N = 3000
	};
	static double first[N];
	static const BtydKind kinds[] = {BTYD_BG_NBD, BTYD_MBG_NBD, BTYD_MBG_CNBD_K};
	int			differ = 0;

	for (int pass = 0; pass < 2; pass++)
		for (int j = 0; j < N; j++)
		{
			int			i = pass == 0 ? j : (int) (j * 1009L % N);
			BtydParams	params = make_params(kinds[i % 3], i % 3 == 2 ? 2 : 1,
											 some_params[i % 2]);
			BtydHistory h = {i % 7, i % 7 == 0 ? 0.0 : 10.0, 20.0 + i % 50};
			double		value = crm_btyd_discounted_purchases(&params, &h,
															  .001 * (1 + i % 5),
															  i % 4 ? INFINITY : 9.0);

			if (pass == 0)
				first[i] = value;
			else if (value != first[i])
				differ++;
		}
	CHECK(differ == 0);
}

/*
 * Probabilities below the range of doubles are zero, and end.
 */
static void
test_underflow(void)
{
	static const double v[4] = {1.3, .0875, .4, .8};
	BtydParams	cnbd = make_params(BTYD_MBG_CNBD_K, 32, v);
	BtydParams	bg = make_params(BTYD_BG_NBD, 1, v);
	const BtydHistory h = {4, 20, 22};

	for (double n = 1.0; n < 1e9; n *= 1.5)
	{
		double		p = crm_btyd_pmf(&cnbd, &h, 30, floor(n));

		CHECK(p >= 0.0 && p < 1.0);
		p = crm_btyd_pmf(&bg, &h, 30, floor(n));
		CHECK(p >= 0.0 && p < 1.0);
	}
}

static double
log_likelihood_of(BtydKind kind, int k, const double *theta, const BtydRow *rows,
				  int n, const XCounts *counts, FitSums *sums)
{
	BtydParams	params = {kind, {0.0}, k};
	const BtydFitOps *ops = crm_btyd_ops(kind)->fit;

	for (int i = 0; i < crm_btyd_n_params(kind); i++)
		params.v[i] = exp(theta[i]);
	memset(sums, 0, sizeof(*sums));
	ops->add_rows(&params, rows, n, sums);
	ops->add_counts(&params, counts, sums);
	return exact_sum_value(&sums->term[FIT_VALUE]);
}

static void *
unit_alloc(size_t size)
{
	return malloc(size);
}

static void
no_interrupts(void)
{
}

static const MathHost host = {unit_alloc, free, no_interrupts};

/*
 * Sums of rows: the value against that of single histories, derivatives against
 * differences.
 */
static void
test_derivatives(void)
{
	static const BtydKind kinds[] = {BTYD_NBD, BTYD_BG_CNBD_K, BTYD_MBG_CNBD_K};
	static const int ks[] = {1, 2, 3, 8};
	BtydRow		rows[N_HISTORIES];
	XCounts		counts;

	for (int i = 0; i < N_HISTORIES; i++)
	{
		rows[i].h = histories[i];
		rows[i].weight = 1.0 + 0.5 * i;
	}
	crm_xcounts_build(&counts, &rows[0].h.x, &rows[0].weight, sizeof(BtydRow),
					  N_HISTORIES, &host);
	for (int m = 0; m < 3; m++)
		for (int ki = 0; ki < (m == 0 ? 1 : 4); ki++)
			for (int j = 0; j < N_PARAMS; j++)
			{
				int			n = crm_btyd_n_params(kinds[m]);
				int			triangle = FIT_H00;
				double		theta[4];
				double		sum = 0.0;
				FitSums		at;
				BtydParams	params = {kinds[m], {0.0}, ks[ki]};

				for (int i = 0; i < n; i++)
				{
					params.v[i] = some_params[j][i];
					theta[i] = log(params.v[i]);
				}
				for (int i = 0; i < N_HISTORIES; i++)
					sum += rows[i].weight *
						crm_btyd_log_likelihood(&params, &rows[i].h);
				CHECK_NEAR(log_likelihood_of(kinds[m], ks[ki], theta, rows,
											 N_HISTORIES, &counts, &at),
						   sum, 1e-12, 0);
				for (int i = 0; i < 4; i++)
					for (int l = i; l < 4; l++, triangle++)
					{
						const double e = 1e-4;
						double		scale = fabs(sum);
						double		up[4],
									down[4];
						FitSums		above,
									below;

						if (i >= n || l >= n)
							continue;
						memcpy(up, theta, sizeof(up));
						memcpy(down, theta, sizeof(down));
						up[i] += e;
						down[i] -= e;
						sum = log_likelihood_of(kinds[m], ks[ki], up, rows,
												N_HISTORIES, &counts, &above) -
							log_likelihood_of(kinds[m], ks[ki], down, rows,
											  N_HISTORIES, &counts, &below);
						if (i == l)
							CHECK_NEAR(exact_sum_value(&at.term[FIT_G0 + i]),
									   sum / (2 * e), 1e-6, 1e-10 * scale);
						CHECK_NEAR(exact_sum_value(&at.term[triangle]),
								   (exact_sum_value(&above.term[FIT_G0 + l]) -
									exact_sum_value(&below.term[FIT_G0 + l])) / (2 * e),
								   1e-6, 1e-10 * scale);
						sum = scale;
					}
			}
	crm_xcounts_free(&counts, &host);
}

/*
 * NBD: the limit of Pareto/NBD without dropout.
 */
static void
test_nbd(void)
{
	for (int i = 0; i < N_PARAMS; i++)
	{
		const double *v = some_params[i];
		double		still[4] = {v[0], v[1], 1e-14, 1.0};
		BtydParams	nbd = make_params(BTYD_NBD, 1, v);
		BtydParams	pareto = make_params(BTYD_PARETO_NBD, 1, still);

		for (int j = -1; j < N_HISTORIES; j++)
		{
			const BtydHistory *h = j < 0 ? NULL : &histories[j];
			double		t = 26.0;
			double		mean,
						variance,
						other;

			if (h != NULL)
			{
				/* so frequent that the least chance of dropout explains more */
				if (crm_btyd_p_alive(&pareto, h, 0) < 1.0 - 1e-10)
					continue;
				CHECK_NEAR(crm_btyd_log_likelihood(&nbd, h),
						   crm_btyd_log_likelihood(&pareto, h), 1e-9, 1e-9);
			}
			CHECK(crm_btyd_p_alive(&nbd, h, t) == 1.0);
			CHECK_NEAR(crm_btyd_expected_purchases(&nbd, h, t),
					   crm_btyd_expected_purchases(&pareto, h, t), 1e-9, 0);
			crm_btyd_moments(&nbd, h, t, &mean, &variance);
			crm_btyd_moments(&pareto, h, t, &mean, &other);
			CHECK_NEAR(variance, other, 1e-9, 0);
			for (int n = 0; n < 6; n++)
				CHECK_NEAR(crm_btyd_pmf(&nbd, h, t, n),
						   crm_btyd_pmf(&pareto, h, t, n), 1e-9, 1e-10);
			CHECK_NEAR(crm_btyd_discounted_purchases(&nbd, h, .003, t),
					   crm_btyd_discounted_purchases(&pareto, h, .003, t), 1e-9, 0);
			CHECK_NEAR(crm_btyd_discounted_purchases(&nbd, h, .003, INFINITY),
					   crm_btyd_discounted_purchases(&pareto, h, .003, INFINITY),
					   1e-9, 0);
			if (mean < 1000)
				test_distribution(&nbd, h, t);
		}
	}
}

int
main(void)
{
	test_reference();
	test_k_1();
	test_distributions();
	test_long();
	test_discounted();
	test_discounted_by_parts();
	test_underflow();
	test_memo();
	test_derivatives();
	test_nbd();
	return unit_report();
}
