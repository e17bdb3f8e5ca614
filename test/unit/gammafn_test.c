/*-------------------------------------------------------------------------
 *
 * gammafn_test.c
 *	  The gamma function and its relatives, Gauss-Legendre rules, and exp and
 *	  log of pairs.
 *
 * Expected values: data/gammafn_reference.csv, made with mpmath.
 *
 *-------------------------------------------------------------------------
 */
#include "test/unit/unit.h"

#include "src/math/gammafn.h"
#include "src/math/gauss_legendre.h"
#include "src/math/vec2.h"
#include "test/unit/reference.h"

static void
test_reference(void)
{
	FILE	   *file = reference_open("test/unit/data/gammafn_reference.csv");
	char		name[32];
	double		c[REFERENCE_MAX_COLUMNS];
	int			n = 0;

	CHECK(file != NULL);
	if (!file)
		return;
	while (reference_read(file, name, c) == 3)
	{
		double		z = c[0],
					add = c[1],
					got = NAN,
					abs_tol = 0.0;

		if (strcmp(name, "digamma") == 0)
		{
			got = crm_digamma(z);
			abs_tol = 1e-15;	/* it is zero at 1.4616 */
		}
		else if (strcmp(name, "trigamma") == 0)
			got = crm_trigamma(z);
		else if (strcmp(name, "lgamma") == 0)
			got = crm_lgamma(z);
		else if (strcmp(name, "lgamma_diff") == 0)
		{
			got = crm_lgamma_diff(z, add);
			/* zero where Gamma has the same value twice, about 1.46 */
			abs_tol = 5e-15 * (add < 1.0 ? add : 1.0);
		}
		else if (strcmp(name, "digamma_diff") == 0)
			got = crm_digamma_diff(z, add);
		else if (strcmp(name, "trigamma_diff") == 0)
		{
			got = crm_trigamma_diff(z, add);
			abs_tol = 2e-13 * fabs(c[2]);	/* small n: a series at 13 */
		}
		unit_near(got, c[2], 5e-15, abs_tol, name, "gammafn_reference.csv", n + 2);
		n++;
	}
	fclose(file);
	CHECK(n == 396);
}

/*
 * A rule with n nodes is exact for powers up to 2 n - 1 (the definition), whose
 * integrals over [0, 1] are 1 / (k + 1).
 */
static void
test_gauss_legendre(void)
{
	int			n,
				i,
				k;

	for (n = -1; n <= GAUSS_LEGENDRE_MAX + 1; n++)
	{
		const GaussRule *rule = crm_gauss_legendre(n);

		CHECK(rule->n >= n || n > GAUSS_LEGENDRE_MAX);
		for (k = 0; k < 2 * rule->n; k++)
		{
			double		sum = 0.0;

			for (i = 0; i < rule->n; i++)
				sum += rule->weight[i] * pow(rule->node[i], k);
			CHECK_NEAR(sum, 1.0 / (k + 1), 4e-15, 0.0);
		}
	}
}

/*
 * exp and log of pairs against the C library, whose error is under 1e-16.
 */
static void
test_vec2(void)
{
	double		worst_exp = 0.0,
				worst_log = 0.0;
	double		x;

	for (x = -699.0; x < 700.0; x += 0.0137)
	{
		Vec2		e = vec2_exp(vec2(x, x / 700.0));

		worst_exp = fmax(worst_exp, fabs(e[0] / exp(x) - 1.0));
		worst_exp = fmax(worst_exp, fabs(e[1] / exp(x / 700.0) - 1.0));
	}
	for (x = -300.0; x < 300.0; x += 0.00137)
	{
		double		y = pow(10.0, x);
		double		near_1 = 1.0 + 1e-3 * x;
		Vec2		l = vec2_log(vec2(y, near_1));

		worst_log = fmax(worst_log, fabs(l[0] / log(y) - 1.0));
		worst_log = fmax(worst_log, fabs(l[1] / log(near_1) - 1.0));
	}
	CHECK(worst_exp < 1e-15);
	CHECK(worst_log < 1e-15);
}

/*
 * ln B(a, b) and ln(u^a (1-u)^b / B(a, b)), u = y / (y + g), against mpmath and
 * elementary cases.
 */
static void
test_log_beta(void)
{
	CHECK_NEAR(crm_log_beta(1.0, 1.0), 0.0, 0.0, 1e-16);
	CHECK_NEAR(crm_log_beta(2.0, 3.0), log(1.0 / 12), 1e-15, 0.0);
	CHECK_NEAR(crm_log_beta(1e-8, 1e8), 18.420680553973401495, 1e-15, 0.0);
	CHECK_NEAR(crm_log_beta_kernel(1.0, 1.0, 3.0, 1.0), log(3.0 / 16), 1e-15,
			   0.0);
	CHECK_NEAR(crm_log_beta_kernel(12.5, 40.0, 2.0, 7.0),
			   0.1631582711520579723, 1e-13, 0.0);
	CHECK_NEAR(crm_log_beta_kernel(13.0, 13.0, 2.0, 1.0),
			   -1.5238299264348153136, 1e-14, 0.0);
	CHECK_NEAR(crm_log_beta_kernel(1e6, 2e6, 1.0, 2.001),
			   5.7027970354834268035, 1e-12, 0.0);
	CHECK_NEAR(crm_log_beta_kernel(1e7, 20.0, 3e6, 5.5),
			   0.50119954964400705153, 1e-12, 0.0);
}

int
main(void)
{
	test_reference();
	test_gauss_legendre();
	test_vec2();
	test_log_beta();
	return unit_report();
}
