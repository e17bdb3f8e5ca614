/*-------------------------------------------------------------------------
 *
 * btyd_predict_test.c
 *	  Predictions of the purchase models against reference values, and against
 *	  one another.
 *
 * Run in the project's top directory.  Reference values come from
 * test/unit/data/btyd_predict_reference.csv (mpmath, other formulas; see
 * test/unit/btyd_reference.py) and from ../shared/reference/clv_gold_values.csv
 * where that is present (published papers and other packages).
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "src/math/btyd.h"
#include "test/unit/unit.h"

#define GOLD "../shared/reference/clv_gold_values.csv"
#define REFERENCE "test/unit/data/btyd_predict_reference.csv"

/* The aim for all values, and for those the project promises. */
#define REFERENCE_TOL 1e-11
#define GOLD_TOL 1e-9
#define GOLD_ABS 1e-12

#define MAX_FIELDS 12

/* ln(1.15) / 52: 15% a year, time in weeks */
static const double weekly_delta = 0.0026877337515;

static const BtydParams cdnow[] = {
	{BTYD_PARETO_NBD, {.553, 10.578, .606, 11.669}},
	{BTYD_BG_NBD, {.243, 4.414, .793, 2.426}},
	{BTYD_MBG_NBD, {.525, 6.183, .891, 1.614}}
};

/* Largest relative error seen, by quantity, to print at the end. */
typedef struct Worst
{
	char		name[64];
	double		error;
	int			count;
} Worst;

static Worst worst[64];
static int	n_worst = 0;

static void
note_error(const char *model, const char *quantity, double got, double want)
{
	char		name[64];
	double		error = got == want ? 0.0 : fabs(got - want) / fabs(want);
	int			i;

	snprintf(name, sizeof(name), "%s %s", model, quantity);
	for (i = 0; i < n_worst; i++)
		if (strcmp(worst[i].name, name) == 0)
			break;
	if (i == n_worst)
	{
		if (n_worst == 64)
			return;
		strcpy(worst[n_worst++].name, name);
	}
	worst[i].count++;
	if (!(error <= worst[i].error))
		worst[i].error = error;
}

/*
 * Split a line in place at commas outside double quotes, which are dropped.
 */
static int
split(char *line, char **field)
{
	int			n = 0;
	bool		quoted = false;
	char	   *out = line;

	field[n++] = line;
	for (char *in = line; *in != '\0' && *in != '\n'; in++)
	{
		if (*in == '"')
			quoted = !quoted;
		else if (*in == ',' && !quoted && n < MAX_FIELDS)
		{
			*out++ = '\0';
			field[n++] = out;
		}
		else
			*out++ = *in;
	}
	*out = '\0';
	return n;
}

static void
check_value(const char *model, const char *quantity, const char *row,
			double got, double want, double rel, double abs_tol)
{
	char		what[256];

	snprintf(what, sizeof(what), "%s %s %s", model, quantity, row);
	unit_near(got, want, rel, abs_tol, what, __FILE__, __LINE__);
	if (fabs(want) > abs_tol)
		note_error(model, quantity, got, want);
}

static void
test_gold(void)
{
	FILE	   *file = fopen(GOLD, "r");
	char		line[512];
	int			rows = 0;

	if (file == NULL)
	{
		printf("notice: %s is not there, its rows are not checked\n", GOLD);
		return;
	}
	while (fgets(line, sizeof(line), file) != NULL)
	{
		char		row[512];
		char	   *field[MAX_FIELDS];
		const char *quantity;
		const char *arg;
		BtydParams	params;
		BtydHistory history;
		const BtydHistory *h = NULL;
		double		n = 0.0,
					t = 0.0;
		double		got;

		strcpy(row, line);
		row[strcspn(row, "\n")] = '\0';
		if (split(line, field) != 8)
			continue;
		if (strcmp(field[0], "pnbd") == 0)
			params.kind = BTYD_PARETO_NBD;
		else if (strcmp(field[0], "bgnbd") == 0)
			params.kind = BTYD_BG_NBD;
		else if (strcmp(field[0], "mbgnbd") == 0)
			params.kind = BTYD_MBG_NBD;
		else
			continue;
		if (sscanf(field[1], "%lf %lf %lf %lf", &params.v[0], &params.v[1],
				   &params.v[2], &params.v[3]) != 4)
			continue;
		if (field[2][0] != '\0')
		{
			history.x = strtod(field[2], NULL);
			history.t_x = strtod(field[3], NULL);
			history.T = strtod(field[4], NULL);
			h = &history;
		}
		quantity = field[5];
		arg = field[6];
		if (sscanf(arg, "n=%lf t=%lf", &n, &t) != 2)
			sscanf(arg, "t=%lf", &t);

		/* the file cuts days short: 1/7 of a week is there as 0.1428571 */
		if (fabs(t * 7.0 - round(t * 7.0)) < 1e-5)
			t = round(t * 7.0) / 7.0;

		if (strcmp(quantity, "p_alive") == 0 ||
			strcmp(quantity, "p_alive_at_T_plus") == 0)
			got = crm_btyd_p_alive(&params, h, t);
		else if (strcmp(quantity, "cond_expected_transactions") == 0 ||
				 strcmp(quantity, "expected_transactions") == 0)
			got = crm_btyd_expected_purchases(&params, h, t);
		else if (strcmp(quantity, "pmf") == 0 ||
				 strcmp(quantity, "cond_pmf") == 0)
			got = crm_btyd_pmf(&params, h, t, n);
		else if (strcmp(quantity, "DERT") == 0)
			got = crm_btyd_discounted_purchases(&params, h,
												log(1.15) / 52.0, INFINITY);
		else
			continue;
		check_value(field[0], quantity, row, got, strtod(field[7], NULL),
					GOLD_TOL, GOLD_ABS);
		rows++;
	}
	fclose(file);
	printf("%d rows of %s checked\n", rows, GOLD);
	CHECK(rows > 0);
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
		const char *quantity;
		BtydParams	params;
		BtydHistory history;
		const BtydHistory *h = NULL;
		double		arg1,
					arg2;
		double		got,
					mean;

		strcpy(row, line);
		row[strcspn(row, "\n")] = '\0';
		if (line[0] == '#' || split(line, field) != 12)
			continue;
		if (strcmp(field[0], "pareto") == 0)
			params.kind = BTYD_PARETO_NBD;
		else if (strcmp(field[0], "bg") == 0)
			params.kind = BTYD_BG_NBD;
		else if (strcmp(field[0], "mbg") == 0)
			params.kind = BTYD_MBG_NBD;
		else
			continue;
		for (int i = 0; i < 4; i++)
			params.v[i] = strtod(field[1 + i], NULL);
		if (field[5][0] != '\0')
		{
			history.x = strtod(field[5], NULL);
			history.t_x = strtod(field[6], NULL);
			history.T = strtod(field[7], NULL);
			h = &history;
		}
		quantity = field[8];
		arg1 = strtod(field[9], NULL);
		arg2 = strtod(field[10], NULL);

		if (strcmp(quantity, "p_alive") == 0)
			got = crm_btyd_p_alive(&params, h, arg1);
		else if (strcmp(quantity, "purchases") == 0)
			got = crm_btyd_expected_purchases(&params, h, arg1);
		else if (strcmp(quantity, "pmf") == 0)
			got = crm_btyd_pmf(&params, h, arg1, arg2);
		else if (strcmp(quantity, "variance") == 0)
			crm_btyd_moments(&params, h, arg1, &mean, &got);
		else
			got = crm_btyd_discounted_purchases(&params, h, arg1, arg2);
		check_value(field[0], quantity, row, got, strtod(field[11], NULL),
					REFERENCE_TOL, 0.0);
		rows++;
	}
	fclose(file);
	printf("%d rows of %s checked\n", rows, REFERENCE);
	CHECK(rows >= 300);
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
	int			n;

	crm_btyd_moments(params, h, t, &mean, &variance);
	CHECK_NEAR(mean, crm_btyd_expected_purchases(params, h, t), 1e-15, 0);
	for (n = 0; n < 20000; n++)
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
	static const BtydHistory history[] = {
		{0, 0, 38.86}, {2, 30.43, 38.86}, {26, 30.86, 31}, {300, 38, 39}
	};

	for (int m = 0; m < 3; m++)
	{
		test_distribution(&cdnow[m], NULL, 52.0);
		test_distribution(&cdnow[m], NULL, 0.01);
		for (int i = 0; i < 4; i++)
			test_distribution(&cdnow[m], &history[i], 39.0);
	}
}

/*
 * Large counts: the quantile against both of its defining inequalities, with
 * P(X <= n) as the sum of the pmf from n down.
 */
static void
test_large_quantiles(void)
{
	static const double prob[] = {.01, .3, .5, .9, .999};
	const BtydHistory h = {5000, 400, 400};

	for (int m = 0; m < 3; m++)
		for (int i = 0; i < 5; i++)
		{
			double		n = crm_btyd_quantile(&cdnow[m], &h, 100.0, prob[i]);
			double		below = 0.0;
			double		at = crm_btyd_pmf(&cdnow[m], &h, 100.0, n);

			for (double k = 0.0; k < n; k++)
				below += crm_btyd_pmf(&cdnow[m], &h, 100.0, k);
			CHECK(below < prob[i]);
			CHECK(below + at >= prob[i]);
		}
}

/*
 * What holds whatever the model: limits, order in t, and the finite horizon
 * tending to the infinite one.
 */
static void
test_relations(const BtydParams *params, const BtydHistory *h)
{
	double		last_purchases = 0.0;
	double		last_alive = 2.0;
	double		last_value = 0.0;
	double		whole;
	double		mean,
				variance;

	CHECK(crm_btyd_expected_purchases(params, h, 0.0) == 0.0);
	CHECK(crm_btyd_discounted_purchases(params, h, 0.1, 0.0) == 0.0);
	CHECK_NEAR(crm_btyd_pmf(params, h, 0.0, 0.0), 1.0, 1e-15, 0);
	CHECK(crm_btyd_pmf(params, h, 0.0, 1.0) == 0.0);
	CHECK(crm_btyd_pmf(params, h, 10.0, 1.5) == 0.0);
	CHECK(crm_btyd_pmf(params, h, 10.0, -1.0) == 0.0);
	CHECK(crm_btyd_quantile(params, h, 0.0, 0.9) == 0.0);
	CHECK(isinf(crm_btyd_quantile(params, h, 1.0, 1.0)));
	crm_btyd_moments(params, h, 0.0, &mean, &variance);
	CHECK(mean == 0.0 && variance == 0.0);

	whole = crm_btyd_discounted_purchases(params, h, weekly_delta, INFINITY);
	CHECK(isfinite(whole));
	for (double t = 1e-6; t < 1e6; t *= 3.0)
	{
		double		purchases = crm_btyd_expected_purchases(params, h, t);
		double		alive = crm_btyd_p_alive(params, h, t);
		double		value = crm_btyd_discounted_purchases(params, h,
														  weekly_delta, t);

		CHECK(purchases > last_purchases);
		CHECK(alive < last_alive || t < 1e-3);
		CHECK(value >= last_value * (1.0 - 1e-13));
		CHECK(value < purchases);
		CHECK(value > purchases * exp(-weekly_delta * t));
		CHECK(value <= whole * (1.0 + 1e-13));
		last_purchases = purchases;
		last_alive = alive;
		last_value = value;
	}
	CHECK_NEAR(last_value, whole, 1e-12, 0);

	/* no discount, finite horizon: the expected number of purchases */
	CHECK_NEAR(crm_btyd_discounted_purchases(params, h, 0.0, 77.0),
			   crm_btyd_expected_purchases(params, h, 77.0), 1e-13, 0);
	/* and hardly any discount tends to it: first order, delta t / 2 */
	CHECK_NEAR(crm_btyd_discounted_purchases(params, h, 1e-13, 77.0),
			   crm_btyd_expected_purchases(params, h, 77.0), 2e-11, 0);
}

/*
 * The conditional quantities are P(alive) times those of a new customer with
 * updated parameters.
 */
static void
test_identity(void)
{
	const BtydHistory h = {7, 29.43, 38.86};

	for (int m = 0; m < 3; m++)
	{
		BtydParams	up = cdnow[m];
		double		alive = crm_btyd_p_alive(&cdnow[m], &h, 0.0);

		up.v[0] += h.x;
		up.v[1] += h.T;
		if (m == 0)
			up.v[3] += h.T;
		else
		{
			up.kind = BTYD_BG_NBD;
			up.v[3] += h.x + (m == 2 ? 1.0 : 0.0);
		}
		CHECK_NEAR(crm_btyd_expected_purchases(&cdnow[m], &h, 39.0),
				   alive * crm_btyd_expected_purchases(&up, NULL, 39.0), 1e-14, 0);
		CHECK_NEAR(crm_btyd_p_alive(&cdnow[m], &h, 39.0),
				   alive * crm_btyd_p_alive(&up, NULL, 39.0), 1e-14, 0);
		CHECK_NEAR(crm_btyd_pmf(&cdnow[m], &h, 39.0, 3.0),
				   alive * crm_btyd_pmf(&up, NULL, 39.0, 3.0), 1e-14, 0);
		CHECK_NEAR(crm_btyd_discounted_purchases(&cdnow[m], &h, 0.01, 39.0),
				   alive * crm_btyd_discounted_purchases(&up, NULL, 0.01, 39.0),
				   1e-14, 0);
	}
}

/*
 * Extreme parameters and histories give a number, never NaN, and keep the
 * obvious bounds.
 */
static void
test_extremes(void)
{
	static const double value[] = {1e-8, 1e-3, 1.0, 1e3, 1e8};
	static const BtydHistory history[] = {
		{0, 0, 0}, {1, 1e-6, 1e6}, {5000, 400, 401}, {5000, 1, 1e6}, {1, 10, 10}
	};

	for (int code = 0; code < 5 * 5 * 5 * 5 * 3; code++)
	{
		BtydParams	params = {(BtydKind) (1 + code % 3),
			{value[code / 3 % 5], value[code / 15 % 5],
			value[code / 75 % 5], value[code / 375 % 5]}
		};

		for (int i = -1; i < 5; i++)
		{
			const BtydHistory *h = i < 0 ? NULL : &history[i];
			double		t = code % 2 == 0 ? 10.0 : 1e6;
			double		alive = crm_btyd_p_alive(&params, h, t);
			double		purchases = crm_btyd_expected_purchases(&params, h, t);
			double		value_left = crm_btyd_discounted_purchases(&params, h,
																   0.01, INFINITY);
			double		p = crm_btyd_pmf(&params, h, t, 2.0);
			bool		ok = alive >= 0.0 && alive <= 1.0 &&
				purchases >= 0.0 && isfinite(purchases) &&
				value_left >= 0.0 && isfinite(value_left) &&
				p >= 0.0 && p <= 1.0;

			if ((code + i) % 7 == 0)
			{
				double		mean,
							variance;
				double		finite_value =
					crm_btyd_discounted_purchases(&params, h, 0.01, t);
				double		median = crm_btyd_quantile(&params, h, t, 0.5);

				crm_btyd_moments(&params, h, t, &mean, &variance);
				ok = ok && finite_value >= 0.0 &&
					finite_value <= purchases * (1.0 + 1e-12) &&
					variance >= 0.0 && median >= 0.0;
			}
			if (!ok)
				printf("kind %d (%g, %g, %g, %g), history %d, t %g: %g %g %g %g\n",
					   params.kind, params.v[0], params.v[1], params.v[2],
					   params.v[3], i, t, alive, purchases, value_left, p);
			CHECK(ok);
		}
	}
}

int
main(void)
{
	static const BtydHistory history[] = {{0, 0, 38.86}, {7, 29.43, 38.86}};

	test_gold();
	test_reference();
	test_distributions();
	test_large_quantiles();
	for (int m = 0; m < 3; m++)
	{
		test_relations(&cdnow[m], NULL);
		test_relations(&cdnow[m], &history[0]);
		test_relations(&cdnow[m], &history[1]);
	}
	test_identity();
	test_extremes();

	for (int i = 0; i < n_worst; i++)
		printf("%-36s %4d values, largest relative error %.1e\n",
			   worst[i].name, worst[i].count, worst[i].error);
	return unit_report();
}
