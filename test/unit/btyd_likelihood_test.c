/*-------------------------------------------------------------------------
 *
 * btyd_likelihood_test.c
 *	  One customer's likelihood and odds of dropout; sums with derivatives.
 *
 * Expected values: data/btyd_loglik_reference.csv and
 * data/btyd_derivatives_reference.csv, made with mpmath from the models'
 * definitions (make_reference.py), and the gold values of the shared
 * reference, where that is present.
 *
 *-------------------------------------------------------------------------
 */
#include "test/unit/unit.h"

#include "src/math/btyd.h"
#include "src/math/btyd_bg.h"
#include "src/math/btyd_pareto.h"
#include "src/math/fit_sums.h"
#include "test/unit/reference.h"
#include "test/unit/simulate.h"

static double
log_odds_dead(const BtydParams *p, const BtydHistory *h)
{
	if (p->kind == BTYD_PARETO_NBD)
		return crm_pareto_log_i(p->v[0], p->v[1], p->v[2], p->v[3],
								h->x, h->t_x, h->T);
	return crm_bg_log_odds_dead(p->kind, p->v[0], p->v[1], p->v[2], p->v[3],
								h->x, h->t_x, h->T);
}

/*
 * The log-likelihood to 1e-12, but that a sum of terms much larger than itself
 * cannot be better than their rounding errors.
 */
static void
test_reference(void)
{
	FILE	   *file = reference_open("test/unit/data/btyd_loglik_reference.csv");
	double		c[REFERENCE_MAX_COLUMNS];
	int			n = 0;

	CHECK(file != NULL);
	if (!file)
		return;
	while (reference_read(file, NULL, c) == 11)
	{
		BtydParams	p = {(BtydKind) c[0], {c[1], c[2], c[3], c[4]}};
		BtydHistory h = {c[5], c[6], c[7]};
		double		size = c[10];

		n++;
		unit_near(crm_btyd_log_likelihood(&p, &h), c[8], 1e-12, 2e-15 * size,
				  "log-likelihood", "btyd_loglik_reference.csv", n + 1);
		unit_near(log_odds_dead(&p, &h), c[9], 1e-13, 2e-13,
				  "log odds of dropout", "btyd_loglik_reference.csv", n + 1);
	}
	fclose(file);
	CHECK(n == 368);
}

/*
 * Gradient and Hessian of one row with respect to the logarithms of parameters.
 * The sums' integrals are good to 3e-12 of terms that may be some tens.
 */
static void
test_derivatives(void)
{
	FILE	   *file =
		reference_open("test/unit/data/btyd_derivatives_reference.csv");
	double		c[REFERENCE_MAX_COLUMNS];
	int			n = 0;
	int			i;

	CHECK(file != NULL);
	if (!file)
		return;
	while (reference_read(file, NULL, c) == 22)
	{
		BtydParams	p = {(BtydKind) c[0], {c[1], c[2], c[3], c[4]}};
		BtydRow		row = {{c[5], c[6], c[7]}, 1.0};
		FitSums		sums;
		XCounts		counts;

		n++;
		memset(&sums, 0, sizeof(sums));
		crm_xcounts_build(&counts, &row.h.x, &row.weight, sizeof(row), 1,
						  &sim_host);
		if (p.kind == BTYD_PARETO_NBD)
		{
			crm_pareto_add_rows(p.v, &row, 1, &sums);
			crm_pareto_add_counts(p.v, &counts, &sums);
		}
		else
		{
			crm_bg_add_rows(p.kind, p.v, &row, 1, &sums);
			crm_bg_add_purchase_counts(p.v, &counts, &sums);
			crm_bg_add_dropout_counts(p.kind, p.v, &counts, &sums);
		}
		crm_xcounts_free(&counts, &sim_host);
		CHECK_NEAR(exact_sum_value(&sums.term[FIT_VALUE]),
				   crm_btyd_log_likelihood(&p, &row.h), 1e-11, 1e-11);
		for (i = 0; i < 14; i++)
			unit_near(exact_sum_value(&sums.term[FIT_G0 + i]), c[8 + i],
					  3e-10, 3e-10, "derivative",
					  "btyd_derivatives_reference.csv", n + 1);
	}
	fclose(file);
	CHECK(n == 22);
}

/*
 * Where t_x = T the customer was seen alive; a BG/NBD customer without repeat
 * purchases cannot have dropped out.
 */
static void
test_certain(void)
{
	CHECK(crm_pareto_log_i(0.5, 10.0, 0.6, 12.0, 3.0, 39.0, 39.0) == -INFINITY);
	CHECK(crm_bg_log_odds_dead(BTYD_BG_NBD, 0.2, 4.0, 0.8, 2.4,
							   0.0, 0.0, 39.0) == -INFINITY);
	CHECK(crm_btyd_n_params(BTYD_PARETO_NBD) == 4);
	CHECK(strcmp(crm_btyd_param_name(BTYD_PARETO_NBD, 3), "beta") == 0);
	CHECK(strcmp(crm_btyd_param_name(BTYD_MBG_NBD, 2), "a") == 0);
}

/*
 * All values of log-likelihood in the shared table, to 1e-9.
 */
static void
test_gold(void)
{
	FILE	   *file = fopen("../shared/reference/clv_gold_values.csv", "r");
	char		line[1024];
	int			n = 0;

	if (!file)
	{
		printf("skipped: ../shared/reference/clv_gold_values.csv is not there\n");
		return;
	}
	while (fgets(line, sizeof(line), file))
	{
		char		model[32],
					params[100],
					quantity[40];
		BtydParams	p;
		BtydHistory h;

		if (sscanf(line, "%31[^,],%99[^,],%lf,%lf,%lf,%39[^,]", model, params,
				   &h.x, &h.t_x, &h.T, quantity) < 6 ||
			strcmp(quantity, "loglik") != 0)
			continue;
		if (strcmp(model, "pnbd") == 0)
			p.kind = BTYD_PARETO_NBD;
		else if (strcmp(model, "bgnbd") == 0)
			p.kind = BTYD_BG_NBD;
		else if (strcmp(model, "mbgnbd") == 0)
			p.kind = BTYD_MBG_NBD;
		else
			continue;
		if (sscanf(params, "%lf %lf %lf %lf", &p.v[0], &p.v[1], &p.v[2],
				   &p.v[3]) != 4)
			continue;
		n++;
		CHECK_NEAR(crm_btyd_log_likelihood(&p, &h),
				   atof(strrchr(line, ',') + 1), 1e-9, 1e-12);
	}
	fclose(file);
	CHECK(n >= 25);
}

int
main(void)
{
	test_reference();
	test_derivatives();
	test_certain();
	test_gold();
	return unit_report();
}
