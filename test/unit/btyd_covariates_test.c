/*-------------------------------------------------------------------------
 *
 * btyd_covariates_test.c
 *	  Fits with covariates: derivatives, recovery, statuses, large data.
 *
 * Expected values: the log-likelihood of each customer at the parameters that
 * the covariates give, from the plain models' own function, and differences of
 * it; parameters that the simulation was given.  Maxima from another
 * implementation are in test/sql/clv_covariates.sql.
 *
 *-------------------------------------------------------------------------
 */
#include "test/unit/unit.h"

#include <string.h>

#include "src/math/btyd_fit.h"
#include "src/math/exact_sum.h"
#include "src/math/fit_common.h"
#include "test/unit/simulate.h"

#define MAX_ROWS 200000
#define MAX_X 4

static BtydRow rows[MAX_ROWS];
static double x[MAX_ROWS * MAX_X];
static uint32_t pattern[MAX_ROWS];
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

/*
 * A design in which each covariate has a coefficient of its own in each process,
 * the purchase process's first.
 */
static BtydDesign
full_design(int m)
{
	BtydDesign	design;
	int			j;

	memset(&design, 0, sizeof(design));
	design.n_covariates = m;
	design.n_coefs = 2 * m;
	for (j = 0; j < m; j++)
	{
		design.purchase[j] = j;
		design.dropout[j] = m + j;
	}
	return design;
}

/*
 * The parameters of a customer with covariates at; written out, and not as the
 * library does.
 */
static BtydParams
params_at(BtydKind kind, const BtydDesign *design, const double *v,
		  const double *coefs, const double *at)
{
	BtydParams	p = {kind, {v[0], v[1], v[2], v[3]}, 1};
	int			j;

	for (j = 0; j < design->n_covariates; j++)
	{
		double		g = design->purchase[j] < 0 ? 0.0 : coefs[design->purchase[j]];
		double		d = design->dropout[j] < 0 ? 0.0 : coefs[design->dropout[j]];

		p.v[1] /= exp(g * at[j]);
		if (kind == BTYD_PARETO_NBD)
			p.v[3] /= exp(d * at[j]);
		else
		{
			p.v[2] *= exp(d * at[j]);
			p.v[3] *= exp(d * at[j]);
		}
	}
	return p;
}

/*
 * n customers in groups of same_x with the same covariates: binary, uniform,
 * one of four, and noise.
 */
static void
simulate(BtydKind kind, size_t n, size_t same_x, const BtydDesign *design,
		 const double *v, const double *coefs, uint64_t seed)
{
	int			m = design->n_covariates;
	size_t		i;

	for (i = 0; i < n; i++)
	{
		double	   *at = x + (i / same_x) * m;
		BtydParams	p;

		if (i % same_x == 0)
		{
			double		all[MAX_X] = {
				sim_uniform(&seed) < 0.4, sim_uniform(&seed),
				floor(4.0 * sim_uniform(&seed)), sim_exponential(&seed)
			};

			memcpy(at, all, m * sizeof(double));
		}
		pattern[i] = (uint32_t) (i / same_x);
		p = params_at(kind, design, v, coefs, at);
		rows[i] = sim_customer(&seed, kind, p.v, 30.0 + 20.0 * sim_uniform(&seed));
	}
}

static BtydCovariates
covariates_of(const BtydDesign *design, size_t n)
{
	BtydCovariates result = {design, (size_t) pattern[n - 1] + 1, x, pattern};

	return result;
}

/*
 * Log-likelihood of all rows, one by one.
 */
static double
whole(BtydKind kind, const BtydDesign *design, const double *v,
	  const double *coefs, size_t n)
{
	ExactSum	sum = EXACT_SUM_ZERO;
	size_t		i;

	for (i = 0; i < n; i++)
	{
		BtydParams	p = params_at(kind, design, v, coefs,
								  x + (size_t) pattern[i] * design->n_covariates);

		exact_sum_add(&sum, rows[i].weight * crm_btyd_log_likelihood(&p, &rows[i].h));
	}
	return exact_sum_value(&sum);
}

/*
 * The sums' value is that of the customers one by one, and its derivatives are
 * those of the value by differences; also with shared and missing coefficients.
 */
static void
test_derivatives(void)
{
	static const double v[3][4] = {
		{0.7, 5.0, 0.6, 9.0}, {0.5, 5.0, 0.8, 2.5}, {0.6, 6.0, 0.9, 1.6}
	};
	static const double truth[6] = {0.5, -0.8, 0.2, -0.4, 0.9, 0.1};
	int			model,
				variant;

	for (model = 0; model < 3; model++)
	{
		for (variant = 0; variant < 3; variant++)
		{
			BtydKind	kind = all_kinds[model];
			BtydDesign	design = full_design(3);
			BtydCovariates covariates;
			BtydCovariateData of_rows;
			BtydFitOptions options = {
				.has_prior = true,.prior_mean = {0.1, 2.0, -0.3, 0.0},
				.prior_sd = {0.7, 1.5, INFINITY, 2.0}
			};
			BtydFitData data = {
				.kind = kind,.k = 1,.ops = crm_btyd_ops(kind)->fit,.rows = rows,
				.n = 400,.options = &options,.host = &counting_host
			};
			double		theta[NEWTON_MAX] = {0.0};
			double		natural[NEWTON_MAX];
			double		natural_v[4];
			double		penalty = 0.0;
			NewtonPoint at;
			int			n,
						i,
						j;

			if (variant == 1)	/* the first equal in both, the last in one */
			{
				design.dropout[0] = 0;
				design.dropout[1] = 3;
				design.dropout[2] = -1;
				design.n_coefs = 4;
			}
			design.ridge[0] = variant == 2 ? 3.0 : 0.0;
			design.ridge[1] = variant == 2 ? 0.5 : 0.0;
			simulate(kind, 400, variant == 0 ? 1 : 7, &design, v[model], truth,
					 17 + model);
			covariates = covariates_of(&design, 400);
			crm_xcounts_build(&data.counts, &rows[0].h.x, &rows[0].weight,
							  sizeof(BtydRow), 400, &counting_host);
			crm_btyd_covariates_prepare(&data, &covariates, &of_rows);
			n = crm_btyd_n_free(&data);
			CHECK(n == 4 + design.n_coefs);
			for (i = 0; i < n; i++)
				theta[i] = i < 4 ? log(v[model][i]) + 0.1 * i : 0.2 - 0.07 * i;

			crm_btyd_fit_function(&data, theta, &at);
			crm_btyd_covariates_natural(&data, theta, natural);
			for (i = 0; i < 4; i++)
				natural_v[i] = exp(natural[i]);
			for (i = 0; i < 4; i++)
				penalty += 0.5 * pow((natural[i] - options.prior_mean[i]) /
									 options.prior_sd[i], 2.0);
			for (j = 0; j < 3; j++)
			{
				if (design.purchase[j] >= 0)
					penalty += design.ridge[0] *
						pow(natural[4 + design.purchase[j]], 2.0);
				if (design.dropout[j] >= 0)
					penalty += design.ridge[1] *
						pow(natural[4 + design.dropout[j]], 2.0);
			}
			CHECK_NEAR(at.value, whole(kind, &design, natural_v, natural + 4, 400) -
					   penalty, 1e-12, 0.0);

			for (i = 0; i < n; i++)
			{
				const double h = 1e-4;
				NewtonPoint up,
							down;
				double		other[NEWTON_MAX];

				memcpy(other, theta, sizeof(other));
				other[i] = theta[i] + h;
				crm_btyd_fit_function(&data, other, &up);
				other[i] = theta[i] - h;
				crm_btyd_fit_function(&data, other, &down);
				CHECK_NEAR(at.grad[i], (up.value - down.value) / (2.0 * h),
						   1e-6, 1e-4);
				for (j = 0; j < n; j++)
				{
					CHECK_NEAR(at.hess[i][j], at.hess[j][i], 1e-13, 1e-10);
					CHECK_NEAR(at.hess[i][j], (up.grad[j] - down.grad[j]) / (2.0 * h),
							   1e-6, 1e-4);
				}
			}
			crm_btyd_covariates_free(&data);
			crm_xcounts_free(&data.counts, &counting_host);
			CHECK(allocations == 0);
		}
	}
}

/*
 * Is the fit a maximum: is Newton's step from it a small part of a standard
 * error?  And are the standard errors those of its Hessian, turned to the
 * natural scale by differences?
 */
static void
check_maximum(BtydKind kind, const BtydCovariates *covariates, size_t n_rows,
			  const BtydFit *fit, double tolerance)
{
	const BtydDesign *design = covariates->design;
	int			n = 4 + design->n_coefs;
	double		base = fit->log_likelihood;
	int			i;

	CHECK_NEAR(whole(kind, design, fit->params.v, fit->coefs, n_rows), base,
			   1e-12, 1e-9);
	/* with many customers, some of the parameters */
	for (i = 0; i < n; i += n_rows > 10000 ? 5 : 1)
	{
		double		v[4];
		double		coefs[BTYD_MAX_COEFS];
		double		se = sqrt(fit->covariance[i * n + i]);
		double		value[2];
		double		h = 0.002 * se;
		int			sign;

		for (sign = 0; sign < 2; sign++)
		{
			double		off = sign == 0 ? h : -h;

			memcpy(v, fit->params.v, sizeof(v));
			memcpy(coefs, fit->coefs, sizeof(coefs));
			if (i < 4)
				v[i] += off;
			else
				coefs[i - 4] += off;
			value[sign] = whole(kind, design, v, coefs, n_rows);
		}
		CHECK(value[0] < base && value[1] < base);
		/* slope times standard error: 0 at a maximum */
		CHECK(fabs(value[0] - value[1]) / 0.004 < tolerance);
	}
}

/*
 * The parameters that made the data are found, within four standard errors; few
 * customers, and so many that the fit works on a sample with a surrogate.
 */
static void
test_recovery(void)
{
	static const double v[3][4] = {
		{0.7, 5.0, 0.6, 9.0}, {0.5, 5.0, 0.8, 2.5}, {0.6, 6.0, 0.9, 1.6}
	};
	static const double truth[8] = {0.5, -0.8, 0.2, 0.0, -0.4, 0.9, 0.0, 0.1};
	static const size_t sizes[] = {5000, 160000, 160000};
	static const size_t same_x[] = {1, 1, 500};
	int			model,
				s,
				i;

	for (model = 0; model < 3; model++)
	{
		for (s = 0; s < 3; s++)
		{
			BtydKind	kind = all_kinds[model];
			BtydDesign	design = full_design(4);
			BtydCovariates covariates;
			BtydFit		fit;
			int			which;

			simulate(kind, sizes[s], same_x[s], &design, v[model], truth,
					 100 + 10 * model + s);
			covariates = covariates_of(&design, sizes[s]);
			CHECK(crm_btyd_check_design(rows, sizes[s], &covariates, &counting_host,
										&which) == BTYD_DESIGN_GOOD);
			interrupt_checks = 0;
			crm_btyd_fit_covariates(kind, rows, sizes[s], &covariates, NULL,
									&counting_host, &fit);
			CHECK(allocations == 0);
			CHECK(interrupt_checks > (int) (sizes[s] / 1000));
			CHECK(fit.status == BTYD_CONVERGED && fit.has_covariance);
			CHECK(fit.n_coefs == 8);
			CHECK(fit.iterations <= 40);
			for (i = 0; i < 12; i++)
			{
				double		got = i < 4 ? fit.params.v[i] : fit.coefs[i - 4];
				double		want = i < 4 ? v[model][i] : truth[i - 4];

				CHECK_NEAR(got, want, 0.0, 4.0 * sqrt(fit.covariance[13 * i]));
			}
			check_maximum(kind, &covariates, sizes[s], &fit, 2e-4);
		}
	}
}

/*
 * Worlds of 50 to 500 customers with 1 to 3 covariates, whose effects are drawn
 * too: each fit ends in a status that says what happened, none fails, and no
 * point around it, nor the truth, is likelier.
 */
static void
test_worlds(void)
{
	static const double v[3][4] = {
		{0.7, 5.0, 0.6, 9.0}, {0.5, 5.0, 0.8, 2.5}, {0.6, 6.0, 0.9, 1.6}
	};
	uint64_t	seed = 99;
	int			converged = 0;
	int			world,
				model,
				i;

	for (world = 0; world < 25; world++)
	{
		for (model = 0; model < 3; model++)
		{
			BtydKind	kind = all_kinds[model];
			size_t		n = 50 + (size_t) (450.0 * sim_uniform(&seed));
			BtydDesign	design = full_design(1 + (int) (3.0 * sim_uniform(&seed)));
			double		truth[6];
			BtydCovariates covariates;
			BtydFit		fit;
			int			trial;

			for (i = 0; i < design.n_coefs; i++)
				truth[i] = 2.0 * sim_uniform(&seed) - 1.0;
			simulate(kind, n, 1, &design, v[model], truth, seed);
			sim_uniform(&seed);
			covariates = covariates_of(&design, n);
			crm_btyd_fit_covariates(kind, rows, n, &covariates, NULL,
									&counting_host, &fit);
			CHECK(allocations == 0);
			CHECK(fit.status != BTYD_FAILED && fit.status != BTYD_KNOWN);
			CHECK(fit.has_covariance == (fit.status == BTYD_CONVERGED));
			CHECK(fit.iterations < 200);
			converged += fit.status == BTYD_CONVERGED;
			for (i = 0; i < 4; i++)
				CHECK(fit.params.v[i] > 0.0 && isfinite(fit.params.v[i]));
			for (trial = 0; trial < 30; trial++)
			{
				double		other_v[4];
				double		coefs[6];
				double		wide = trial % 5;

				for (i = 0; i < 4; i++)
					other_v[i] = trial == 0 ? v[model][i] :
						fit.params.v[i] * exp(wide * (sim_uniform(&seed) - 0.5));
				for (i = 0; i < design.n_coefs; i++)
					coefs[i] = trial == 0 ? truth[i] :
						fit.coefs[i] + wide * (sim_uniform(&seed) - 0.5);
				CHECK(whole(kind, &design, other_v, coefs, n) <
					  fit.log_likelihood + 1e-4);
			}
		}
	}
	CHECK(converged > 45);
}

/*
 * Constant and collinear covariates are found; those that nobody uses do not
 * matter.
 */
static void
test_design(void)
{
	static const double v[4] = {0.7, 5.0, 0.6, 9.0};
	static const double truth[8] = {0.0};
	BtydDesign	design = full_design(4);
	BtydCovariates covariates;
	int			which = -1;
	size_t		i;

	simulate(BTYD_PARETO_NBD, 300, 1, &design, v, truth, 5);
	covariates = covariates_of(&design, 300);
	CHECK(crm_btyd_check_design(rows, 300, &covariates, &sim_host, &which) ==
		  BTYD_DESIGN_GOOD);
	for (i = 0; i < 300; i++)
		x[4 * i + 3] = 1e3 + 2.0 * x[4 * i] - 3.0 * x[4 * i + 1];
	CHECK(crm_btyd_check_design(rows, 300, &covariates, &sim_host, &which) ==
		  BTYD_DESIGN_COLLINEAR && which == 3);
	design.purchase[1] = -1;
	CHECK(crm_btyd_check_design(rows, 300, &covariates, &sim_host, &which) ==
		  BTYD_DESIGN_COLLINEAR);
	design.ridge[1] = 0.1;
	CHECK(crm_btyd_check_design(rows, 300, &covariates, &sim_host, &which) ==
		  BTYD_DESIGN_GOOD);
	for (i = 0; i < 300; i++)
		x[4 * i + 2] = -7.0;
	CHECK(crm_btyd_check_design(rows, 300, &covariates, &sim_host, &which) ==
		  BTYD_DESIGN_CONSTANT && which == 2);
	design.purchase[2] = design.dropout[2] = -1;
	CHECK(crm_btyd_check_design(rows, 300, &covariates, &sim_host, &which) ==
		  BTYD_DESIGN_GOOD);
	CHECK(crm_btyd_takes_covariates(BTYD_BG_NBD));
}

int
main(void)
{
	test_derivatives();
	test_design();
	test_worlds();
	test_recovery();
	return unit_report();
}
