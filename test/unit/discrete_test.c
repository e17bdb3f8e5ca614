/*-------------------------------------------------------------------------
 *
 * discrete_test.c
 *	  The BG/BB model and the contract models: likelihood, derivatives and
 *	  predictions.
 *
 * Expected values: data/bgbb_reference.csv, data/contract_reference.csv and, for
 * parameters at the ends of the range, data/contract_far_reference.csv, made with mpmath from the papers' formulas (discrete_reference.py).  Fits are
 * tested in test/sql/clv_bgbb.sql and clv_contract.sql.
 *
 *-------------------------------------------------------------------------
 */
#include "test/unit/unit.h"

#include <string.h>

#include "src/math/btyd_ops.h"
#include "src/math/contract.h"
#include "test/unit/reference.h"

#define MAX_FIELDS 32

typedef struct Line
{
	char		content[1024];
	char	   *field[MAX_FIELDS];
	int			n;
} Line;

/*
 * The next line's fields, empty ones too; false at the end.
 */
static bool
read_line(FILE *file, Line *line)
{
	char	   *pos;

	if (!fgets(line->content, sizeof(line->content), file))
		return false;
	line->content[strcspn(line->content, "\n")] = '\0';
	line->n = 0;
	pos = line->content;
	while (pos && line->n < MAX_FIELDS)
	{
		line->field[line->n++] = pos;
		pos = strchr(pos, ',');
		if (pos)
			*pos++ = '\0';
	}
	return true;
}

static double
number(const Line *line, int i)
{
	return strtod(line->field[i], NULL);
}

/*
 * Derivatives of one row's log-likelihood.  A sum of terms is not better than
 * the rounding of the largest of them; where a parameter is 1e7, some of the
 * derivatives are differences of terms of the size of the history.
 */
static void
check_derivatives(const BtydParams *p, const BtydHistory *h, const Line *line,
				  const char *name, int line_number)
{
	static const int place_3[] = {FIT_H00, FIT_H01, FIT_H02, FIT_H11, FIT_H12, FIT_H22};
	static const int place_2[] = {FIT_H00, FIT_H01, FIT_H11};
	BtydRow		row = {*h, 1.0};
	FitSums		sums;
	int			n = crm_btyd_n_params(p->kind);
	int			i;
	double		size = 1.0 + h->T;

	memset(&sums, 0, sizeof(sums));
	crm_btyd_ops(p->kind)->fit->add_rows(p, &row, 1, &sums);
	unit_near(exact_sum_value(&sums.term[FIT_VALUE]),
			  crm_btyd_log_likelihood(p, h), 1e-12, 1e-14 * size, "value",
			  name, line_number);
	CHECK(line->n == 11 + n + n * (n + 1) / 2);
	for (i = 0; i < n; i++)
		unit_near(exact_sum_value(&sums.term[FIT_G0 + i]), number(line, 11 + i),
				  1e-9, 1e-11 * size, "gradient", name, line_number);
	for (i = 0; i < n * (n + 1) / 2; i++)
	{
		int			place = n == 4 ? FIT_H00 + i :
			n == 3 ? place_3[i] : place_2[i];

		unit_near(exact_sum_value(&sums.term[place]), number(line, 11 + n + i),
				  1e-8, 1e-10 * size * size, "Hessian", name, line_number);
	}
}

/*
 * ln S(x + t) / S(x) and its derivatives, of which that in beta is a difference.
 */
static void
check_survival(const BtydParams *p, const BtydHistory *h, double t,
			   const Line *line, const char *name, int line_number)
{
	ContractValue got;
	int			i;

	crm_contract_survival_slopes(p, h->x, t, &got);
	unit_near(got.value, number(line, 11), 5e-12, 0.0, "survival", name, line_number);
	CHECK(got.value == crm_contract_log_survival(p, h->x, t));
	for (i = 0; i < 3; i++)
		unit_near(got.slope[i], number(line, 12 + i), 1e-9,
				  1e-14 * fmax(-got.value, 1.0) / p->v[i], "slope", name, line_number);
}

static void
test_table(const char *name, int n_expected)
{
	char		path[100];
	FILE	   *file;
	Line		line;
	int			n = 0;
	int			line_number = 0;

	snprintf(path, sizeof(path), "test/unit/data/%s", name);
	file = reference_open(path);
	CHECK(file != NULL);
	if (!file)
		return;
	while (read_line(file, &line))
	{
		BtydParams	p = {.k = 1};
		BtydHistory h;
		const char *quantity;
		double		arg1,
					arg2,
					want,
					got;
		int			i;

		line_number++;
		if (line.n < 12 || strcmp(line.field[0], "model") == 0)
			continue;
		if (strcmp(line.field[0], "bgbb") == 0)
			p.kind = BTYD_BG_BB;
		else if (strcmp(line.field[0], "sbg") == 0)
			p.kind = BTYD_SBG;
		else
			p.kind = BTYD_BDW;
		for (i = 0; i < 4; i++)
			p.v[i] = number(&line, 1 + i);
		h.x = number(&line, 5);
		h.t_x = number(&line, 6);
		h.T = number(&line, 7);
		quantity = line.field[8];
		arg1 = number(&line, 9);
		arg2 = number(&line, 10);
		want = number(&line, 11);
		n++;

		if (strcmp(quantity, "derivatives") == 0)
		{
			check_derivatives(&p, &h, &line, name, line_number + 1);
			continue;
		}
		if (strcmp(quantity, "survival") == 0)
		{
			check_survival(&p, &h, arg1, &line, name, line_number + 1);
			continue;
		}
		if (strcmp(quantity, "loglik") == 0)
			got = crm_btyd_log_likelihood(&p, &h);
		else if (strcmp(quantity, "p_alive") == 0)
			got = crm_btyd_p_alive(&p, &h, arg1);
		else if (strcmp(quantity, "purchases") == 0)
			got = crm_btyd_expected_purchases(&p, &h, arg1);
		else if (strcmp(quantity, "pmf") == 0)
			got = crm_btyd_pmf(&p, &h, arg1, arg2);
		else if (strcmp(quantity, "variance") == 0)
		{
			double		mean;

			crm_btyd_moments(&p, &h, arg1, &mean, &got);
		}
		else if (strcmp(quantity, "discounted") == 0)
			got = crm_btyd_discounted_purchases(&p, &h, arg1, arg2);
		else if (strcmp(quantity, "lifetime") == 0)
			got = crm_contract_discounted(&p, h.x, arg1, arg2);
		else
		{
			CHECK(!"a known quantity");
			continue;
		}
		unit_near(got, want, 5e-12, strcmp(quantity, "loglik") == 0 ? 2e-15 * (1 + h.T) : 0.0,
				  quantity, name, line_number + 1);
	}
	fclose(file);
	CHECK(n == n_expected);
}

int
main(void)
{
	test_table("contract_reference.csv", 505);
	test_table("contract_far_reference.csv", 537);
	test_table("bgbb_reference.csv", 2352);
	return unit_report();
}
