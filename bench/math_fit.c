/*-------------------------------------------------------------------------
 *
 * math_fit.c
 *	  CPU seconds of the fits of src/math on simulated customers, all different.
 *
 * Build and run from the top directory:
 *		gcc -O2 -I. bench/math_fit.c src/math/?*.c -lm -o math_fit
 *		./math_fit [customers]
 *
 * The customers are like those of CDNOW: seen for 27 to 39 weeks, continuous
 * times, the published parameters of each model.  Then the same customers with
 * 4 covariates each that explain nothing: two binary, one of five values,
 * and a continuous one, so that no two customers are alike.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <time.h>

#include "test/unit/simulate.h"

#define N_X 4

/*
 * Fit with covariates and say how long it took, and how much longer than plain.
 */
static void
fit_covariates(BtydKind kind, const BtydRow *rows, size_t n, double plain)
{
	BtydDesign	design = {.n_covariates = N_X,.n_coefs = 2 * N_X};
	double	   *x = malloc(n * N_X * sizeof(double));
	uint32_t   *pattern = malloc(n * sizeof(uint32_t));
	BtydCovariates covariates = {&design, n, x, pattern};
	BtydFit		fit;
	uint64_t	seed = 7;
	size_t		i;
	int			j;
	clock_t		start;
	double		seconds;

	if (!x || !pattern)
		exit(1);
	for (j = 0; j < N_X; j++)
	{
		design.purchase[j] = j;
		design.dropout[j] = N_X + j;
	}
	for (i = 0; i < n; i++)
	{
		pattern[i] = (uint32_t) i;
		x[N_X * i] = sim_uniform(&seed) < 0.5;
		x[N_X * i + 1] = sim_uniform(&seed) < 0.1;
		x[N_X * i + 2] = floor(5.0 * sim_uniform(&seed));
		x[N_X * i + 3] = sim_exponential(&seed);
	}
	start = clock();
	crm_btyd_fit_covariates(kind, rows, n, &covariates, NULL, &sim_host, &fit);
	seconds = (double) (clock() - start) / CLOCKS_PER_SEC;
	printf("  with covariates %7.3f s, %.1f times as long, %d passes, status %d,"
		   " log-likelihood %.9g\n", seconds, seconds / plain, fit.iterations,
		   (int) fit.status, fit.log_likelihood);
	for (j = 0; j < fit.n_coefs; j++)
		printf("    %s%d %7.4f (true 0, standard error %.4f)\n",
			   j < N_X ? "gamma_" : "delta_", j % N_X + 1, fit.coefs[j],
			   sqrt(fit.covariance[(4 + j) * (4 + fit.n_coefs + 1)]));
	free(x);
	free(pattern);
}

int
main(int argc, char **argv)
{
	static const double truth[][4] = {
		{0.553, 10.578, 0.606, 11.669},
		{0.243, 4.414, 0.793, 2.426},
		{0.525, 6.183, 0.891, 1.614}
	};
	static const char *const name[] = {"Pareto/NBD", "BG/NBD", "MBG/NBD"};
	static const double spend_truth[] = {6.25, 3.74, 15.44};
	size_t		n = argc > 1 ? (size_t) atof(argv[1]) : 1000000;
	BtydRow    *rows = malloc(n * sizeof(BtydRow));
	SpendRow   *spend = malloc(n * sizeof(SpendRow));
	uint64_t	seed = 1;
	size_t		i;
	int			model,
				k;
	clock_t		start;
	SpendFit	spend_fit;

	if (!rows || !spend)
		return 1;
	for (model = 0; model < 3; model++)
	{
		BtydKind	kind = (BtydKind) (model + 1);
		BtydFit		fit;
		double		plain;

		for (i = 0; i < n; i++)
			rows[i] = sim_customer(&seed, kind, truth[model],
								   27.0 + 12.0 * sim_uniform(&seed));
		start = clock();
		crm_btyd_fit_rows(kind, rows, n, NULL, &sim_host, &fit);
		plain = (double) (clock() - start) / CLOCKS_PER_SEC;
		printf("%-12s %7.3f s  %2d passes  status %d  log-likelihood %.9g\n",
			   name[model], plain, fit.iterations, (int) fit.status, fit.log_likelihood);
		for (k = 0; k < 4; k++)
			printf("    %-6s %.10g (true %g, standard error %.3g)\n",
				   crm_btyd_param_name(kind, k), fit.params.v[k],
				   truth[model][k], sqrt(fit.covariance[5 * k]));
		fit_covariates(kind, rows, n, plain);
	}

	for (i = 0; i < n; i++)
		spend[i] = sim_spend(&seed, spend_truth,
							 1.0 + floor(2.0 * sim_exponential(&seed)));
	start = clock();
	crm_spend_fit_rows(spend, n, NULL, &sim_host, &spend_fit);
	printf("%-12s %7.3f s  %2d passes  status %d  log-likelihood %.9g\n"
		   "    p %.10g q %.10g gamma %.10g\n", "Gamma-Gamma",
		   (double) (clock() - start) / CLOCKS_PER_SEC,
		   spend_fit.iterations, (int) spend_fit.status,
		   spend_fit.log_likelihood, spend_fit.params.p, spend_fit.params.q,
		   spend_fit.params.gamma);
	free(rows);
	free(spend);
	return 0;
}
