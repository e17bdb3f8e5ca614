/*-------------------------------------------------------------------------
 *
 * clv_coverage.c
 *	  Do intervals of the purchase models cover the truth as often as they
 *	  claim?  Simulated shops of 50 to 500 customers.
 *
 * Run from the top directory:
 *		scripts/bench.sh clv_coverage
 * or, without a server,
 *		gcc -O2 -I. bench/clv_coverage.c src/math/?*.c -lm -o clv_coverage
 *		./clv_coverage [worlds a row]
 *
 * A world has parameters of its own, drawn from ranges that shops lie in, and
 * customers who behave as the model says: seen for half a year to a year and a
 * half, then for 52 weeks more.  Everything follows from one seed.  The tables
 * are those of docs/design/clv_coverage.md.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <string.h>

#include "src/math/btyd_total.h"
#include "src/math/chi_square.h"
#include "src/math/probability.h"
#include "test/unit/simulate.h"

#define MAX_CUSTOMERS 500
#define HORIZON 52.0
#define DELTA (0.09531017980432493 / 52.0)	/* ln(1.1) a year */

/* Confidence levels that are checked */
#define N_LEVELS 2
static const double levels[N_LEVELS] = {0.80, 0.95};

static const int sizes[] = {50, 100, 200, 500};

#define N_SIZES ((int) (sizeof(sizes) / sizeof(sizes[0])))

static const double spend_truth[] = {6.25, 3.74, 15.44};

/* How often an interval held the truth */
typedef struct Coverage
{
	int			tries;
	int			hits[N_LEVELS];
} Coverage;

/* What a row of the tables is about */
typedef struct Results
{
	int			status[BTYD_FAILED + 1];
	int			spend_status[BTYD_FAILED + 1];
	Coverage	param[BTYD_MAX_PARAMS];
	Coverage	purchases;		/* of all customers together */
	Coverage	customers_only; /* the same without the parameters' part */
	Coverage	ten;			/* ten customers' purchases together */
	Coverage	clv;
	Coverage	single;			/* one customer's purchases */
	Coverage	single_truth;	/* the same at the true parameters */
	double		bias;			/* sum of ln(predicted / happened) */
} Results;

/* A customer, with what the models do not see */
typedef struct Customer
{
	BtydHistory h;
	double		spend;			/* mean of the repeat purchases */
	double		future;			/* purchases in the horizon */
	double		future_value;	/* their discounted spend */
} Customer;

static Customer customers[MAX_CUSTOMERS];
static BtydRow rows[MAX_CUSTOMERS];
static SpendRow spend_rows[MAX_CUSTOMERS];

static double
between(uint64_t *seed, double low, double high)
{
	return low * pow(high / low, sim_uniform(seed));
}

/*
 * Parameters of a shop: customers buy every 4 to 25 weeks on average, and half
 * of them leave within some months to some years.
 */
static void
draw_parameters(uint64_t *seed, BtydKind kind, double *v)
{
	v[0] = between(seed, 0.4, 1.6);
	v[1] = v[0] * between(seed, 4.0, 25.0);
	v[2] = between(seed, 0.4, 1.6);
	if (kind == BTYD_PARETO_NBD)
		v[3] = v[2] * between(seed, 10.0, 60.0);
	else
		v[3] = v[2] * between(seed, 2.0, 8.0);
}

/*
 * One customer seen until T and for the horizon after it.
 */
static void
draw_customer(uint64_t *seed, BtydKind kind, const double *v, double T,
			  Customer *c)
{
	double		rate = sim_gamma(seed, v[0]) / v[1];
	double		nu = sim_gamma(seed, spend_truth[1]) / spend_truth[2];
	double		end = INFINITY;
	double		dropout = 0.0;
	double		t = 0.0;
	double		spent = 0.0;

	memset(c, 0, sizeof(Customer));
	c->h.T = T;
	if (kind == BTYD_PARETO_NBD)
		end = sim_exponential(seed) / (sim_gamma(seed, v[2]) / v[3]);
	else
	{
		double		a = sim_gamma(seed, v[2]);

		dropout = a / (a + sim_gamma(seed, v[3]));
		if (kind == BTYD_MBG_NBD && sim_uniform(seed) < dropout)
			end = 0.0;
	}
	for (;;)
	{
		double		amount;

		t += sim_exponential(seed) / rate;
		if (t > T + HORIZON || t > end)
			break;
		amount = sim_gamma(seed, spend_truth[0]) / nu;
		if (t <= T)
		{
			c->h.x += 1.0;
			c->h.t_x = t;
			spent += amount;
		}
		else
		{
			c->future += 1.0;
			c->future_value += amount * exp(-DELTA * (t - T));
		}
		if (kind != BTYD_PARETO_NBD && sim_uniform(seed) < dropout)
			break;
	}
	if (c->h.x > 0.0)
		c->spend = spent / c->h.x;
}

static void
check(Coverage *coverage, int level, double lower, double upper, double truth)
{
	if (level == 0)
		coverage->tries++;
	coverage->hits[level] += lower <= truth && truth <= upper;
}

static void
lower_triangle(const double *matrix, int n, double *triangle)
{
	int			i,
				j,
				k = 0;

	for (i = 0; i < n; i++)
		for (j = 0; j <= i; j++)
			triangle[k++] = matrix[i * n + j];
}

/*
 * Fit a world of n customers, and see what the intervals hold.
 */
static void
try_world(int n, BtydKind kind, const double *v, const BtydFitOptions *options,
		  Results *results)
{
	BtydFit		fit;
	SpendFit	spend;
	BtydParams	truth = {kind, {v[0], v[1], v[2], v[3]}, 1};
	BtydTotal	total = {0};
	BtydTotal	value_total = {0};
	double		triangle[BTYD_MAX_PARAMS * (BTYD_MAX_PARAMS + 1) / 2];
	double		future = 0.0;
	double		future_value = 0.0;
	double		future_ten = 0.0;
	double		mean,
				variance,
				own_variance;
	int			n_spend = 0;
	int			i,
				level;

	for (i = 0; i < n; i++)
	{
		rows[i].h = customers[i].h;
		rows[i].weight = 1.0;
		if (customers[i].h.x > 0.0)
			spend_rows[n_spend++] = (SpendRow)
		{
			customers[i].h.x, customers[i].spend, 1.0
		};
		future += customers[i].future;
		future_value += customers[i].future_value;
	}
	crm_btyd_fit_rows(kind, rows, n, options, &sim_host, &fit);
	results->status[fit.status]++;
	if (!fit.has_covariance)
		return;
	lower_triangle(fit.covariance, BTYD_MAX_PARAMS, triangle);

	for (i = 0; i < BTYD_MAX_PARAMS; i++)
	{
		for (level = 0; level < N_LEVELS; level++)
		{
			double		z = crm_normal_quantile(0.5 + 0.5 * levels[level]);
			double		factor = exp(z * sqrt(fit.covariance[5 * i]) / fit.params.v[i]);

			check(&results->param[i], level, fit.params.v[i] / factor,
				  fit.params.v[i] * factor, v[i]);
		}
	}

	for (i = 0; i < n; i++)
		crm_purchases_total_add(&total, &fit.params, &customers[i].h, 1.0,
								HORIZON, true);
	mean = exact_sum_value(&total.mean);
	own_variance = exact_sum_value(&total.variance);
	variance = own_variance +
		crm_total_parameter_variance(total.purchase_gradient, fit.params.v,
									 triangle, BTYD_MAX_PARAMS);
	results->bias += log(mean / fmax(future, 0.5));
	for (level = 0; level < N_LEVELS; level++)
	{
		double		tail = 0.5 - 0.5 * levels[level];
		double		lower,
					upper;

		crm_total_interval(mean, variance, levels[level], &lower, &upper);
		check(&results->purchases, level, lower, upper, future);
		crm_total_interval(mean, own_variance, levels[level], &lower, &upper);
		check(&results->customers_only, level, lower, upper, future);

		memset(&total, 0, sizeof(BtydTotal));
		for (future_ten = 0.0, i = 0; i < 10; i++)
		{
			crm_purchases_total_add(&total, &fit.params, &customers[i].h, 1.0,
									HORIZON, true);
			future_ten += customers[i].future;
		}
		crm_total_interval(exact_sum_value(&total.mean),
						   exact_sum_value(&total.variance) +
						   crm_total_parameter_variance(total.purchase_gradient,
														fit.params.v, triangle,
														BTYD_MAX_PARAMS),
						   levels[level], &lower, &upper);
		check(&results->ten, level, lower, upper, future_ten);

		/* every tenth customer is as good as all of them */
		for (i = 0; i < n; i += 10)
		{
			check(&results->single, level,
				  crm_btyd_quantile(&fit.params, &customers[i].h, HORIZON, tail),
				  crm_btyd_quantile(&fit.params, &customers[i].h, HORIZON,
									1.0 - tail), customers[i].future);
			check(&results->single_truth, level,
				  crm_btyd_quantile(&truth, &customers[i].h, HORIZON, tail),
				  crm_btyd_quantile(&truth, &customers[i].h, HORIZON,
									1.0 - tail), customers[i].future);
		}
	}

	crm_spend_fit_rows(spend_rows, n_spend, NULL, &sim_host, &spend);
	results->spend_status[spend.status]++;
	if (!spend.has_covariance || spend.params.q <= 2.0)
		return;
	for (i = 0; i < n; i++)
	{
		SpendTotal	amounts = {0};

		crm_spend_total_add(&amounts, &spend.params, customers[i].h.x,
							customers[i].spend);
		crm_clv_total_add(&value_total, &fit.params, &spend.params,
						  &customers[i].h, &amounts, HORIZON, DELTA, true);
	}
	variance = exact_sum_value(&value_total.variance) +
		crm_total_parameter_variance(value_total.purchase_gradient, fit.params.v,
									 triangle, BTYD_MAX_PARAMS);
	lower_triangle(spend.covariance, SPEND_PARAMS, triangle);
	variance += crm_total_parameter_variance(value_total.spend_gradient,
											 &spend.params.p, triangle,
											 SPEND_PARAMS);
	for (level = 0; level < N_LEVELS; level++)
	{
		double		lower,
					upper;

		crm_total_interval(exact_sum_value(&value_total.mean), variance,
						   levels[level], &lower, &upper);
		check(&results->clv, level, lower, upper, future_value);
	}
}

static void
print_coverage(const Coverage *coverage)
{
	if (coverage->tries == 0)
		printf(" - |");
	else
		printf(" %.0f / %.0f |", 100.0 * coverage->hits[0] / coverage->tries,
			   100.0 * coverage->hits[1] / coverage->tries);
}

static void
print_parameters(const char *name, int size, const Results *r)
{
	int			i;

	printf("| %s | %d |", name, size);
	for (i = 0; i <= BTYD_FAILED; i++)
		printf(" %d |", r->status[i]);
	printf(" %d |", r->spend_status[BTYD_CONVERGED]);
	for (i = 0; i < BTYD_MAX_PARAMS; i++)
		print_coverage(&r->param[i]);
	printf("\n");
}

static void
print_predictions(const char *name, int size, const Results *r)
{
	printf("| %s | %d |", name, size);
	print_coverage(&r->purchases);
	print_coverage(&r->clv);
	print_coverage(&r->ten);
	print_coverage(&r->customers_only);
	print_coverage(&r->single);
	print_coverage(&r->single_truth);
	printf(" %+.2f |\n", r->bias / fmax(r->purchases.tries, 1));
}

/*
 * How often does the likelihood-ratio test find dropout in worlds without any?
 * Levels are 20, 10 and 5 percent, for half of one and half of two degrees of
 * freedom, and for two.
 */
static void
print_test_sizes(int worlds)
{
	static const double alphas[] = {0.20, 0.10, 0.05};
	static const BtydKind kinds[] = {BTYD_PARETO_NBD, BTYD_BG_NBD, BTYD_MBG_NBD};
	int			kind_no,
				size_no,
				world,
				i;

	printf("\nPercent of tests that find dropout where there is none, at 20 / 10 / 5 percent, %d worlds a row.\n\n"
		   "| full model | customers | half of 1 and half of 2 degrees | 2 degrees |\n"
		   "|---|---|---|---|\n", worlds);
	for (kind_no = 0; kind_no < 3; kind_no++)
	{
		for (size_no = 0; size_no < N_SIZES; size_no++)
		{
			int			mixed[3] = {0};
			int			plain[3] = {0};

			for (world = 0; world < worlds; world++)
			{
				uint64_t	seed = 77000 + 1000 * sizes[size_no] + world;
				double		v[BTYD_MAX_PARAMS] = {0.0};
				BtydFit		full,
							restricted;
				double		statistic,
							one,
							two;

				v[0] = between(&seed, 0.4, 1.6);
				v[1] = v[0] * between(&seed, 4.0, 25.0);
				for (i = 0; i < sizes[size_no]; i++)
					rows[i] = sim_customer(&seed, BTYD_PARETO_NBD, v,
										   between(&seed, 26.0, 78.0));
				crm_btyd_fit_rows(BTYD_NBD, rows, sizes[size_no], NULL, &sim_host,
								  &restricted);
				crm_btyd_fit_rows(kinds[kind_no], rows, sizes[size_no], NULL,
								  &sim_host, &full);
				statistic = 2.0 * fmax(full.log_likelihood - restricted.log_likelihood,
									   0.0);
				one = crm_chi_square_survival(statistic, 1);
				two = crm_chi_square_survival(statistic, 2);
				for (i = 0; i < 3; i++)
				{
					mixed[i] += 0.5 * (one + two) < alphas[i];
					plain[i] += two < alphas[i];
				}
			}
			printf("| %s | %d | %.1f / %.1f / %.1f | %.1f / %.1f / %.1f |\n",
				   crm_btyd_kind_name(kinds[kind_no]), sizes[size_no],
				   100.0 * mixed[0] / worlds, 100.0 * mixed[1] / worlds,
				   100.0 * mixed[2] / worlds, 100.0 * plain[0] / worlds,
				   100.0 * plain[1] / worlds, 100.0 * plain[2] / worlds);
		}
	}
}

int
main(int argc, char **argv)
{
	static const BtydKind kinds[] = {BTYD_PARETO_NBD, BTYD_BG_NBD, BTYD_MBG_NBD};
	static Results results[2][3][N_SIZES];
	int			worlds = argc > 1 ? atoi(argv[1]) : 200;
	int			kind_no,
				size_no,
				with_prior,
				world,
				table,
				i;

	for (with_prior = 0; with_prior < 2; with_prior++)
	{
		for (kind_no = 0; kind_no < 3; kind_no++)
		{
			BtydKind	kind = kinds[kind_no];
			BtydFitOptions options = {0};

			options.has_prior = with_prior != 0;
			options.prior_mean[0] = log(0.8);
			options.prior_mean[1] = log(8.0);
			options.prior_mean[2] = log(0.8);
			options.prior_mean[3] = kind == BTYD_PARETO_NBD ? log(20.0) : log(3.0);
			for (i = 0; i < BTYD_MAX_PARAMS; i++)
				options.prior_sd[i] = 1.0;
			for (size_no = 0; size_no < N_SIZES; size_no++)
			{
				/* the same worlds with and without a prior */
				for (world = 0; world < worlds; world++)
				{
					uint64_t	seed = 1000 * (1000 * kind_no + sizes[size_no]) + world;
					double		v[BTYD_MAX_PARAMS];

					draw_parameters(&seed, kind, v);
					for (i = 0; i < sizes[size_no]; i++)
						draw_customer(&seed, kind, v, between(&seed, 26.0, 78.0),
									  &customers[i]);
					try_world(sizes[size_no], kind, v,
							  with_prior ? &options : NULL,
							  &results[with_prior][kind_no][size_no]);
				}
			}
		}
	}

	printf("Percent of intervals at 80 / 95 percent that held the truth, %d worlds a row.\n",
		   worlds);
	for (table = 0; table < 2; table++)
	{
		printf(table == 0 ?
			   "\n| model | customers | converged | boundary | ridge | failed |"
			   " spend converged | r | alpha | s or a | beta or b |\n"
			   "|---|---|---|---|---|---|---|---|---|---|---|\n" :
			   "\n| model | customers | purchases of all | value of all |"
			   " purchases of ten | all, parameters taken for certain |"
			   " one customer | one, true parameters | bias |\n"
			   "|---|---|---|---|---|---|---|---|---|\n");
		for (with_prior = 0; with_prior < 2; with_prior++)
		{
			for (kind_no = 0; kind_no < 3; kind_no++)
			{
				for (size_no = 0; size_no < N_SIZES; size_no++)
				{
					char		name[40];

					snprintf(name, sizeof(name), "%s%s",
							 crm_btyd_kind_name(kinds[kind_no]),
							 with_prior ? ", prior" : "");
					(table == 0 ? print_parameters : print_predictions)
						(name, sizes[size_no], &results[with_prior][kind_no][size_no]);
				}
			}
		}
	}
	if (crm_btyd_kind_known(BTYD_NBD))
		print_test_sizes(2 * worlds);
	return 0;
}
