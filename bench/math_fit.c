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
 * times, the published parameters of each model.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <time.h>

#include "test/unit/simulate.h"

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

		for (i = 0; i < n; i++)
			rows[i] = sim_customer(&seed, kind, truth[model],
								   27.0 + 12.0 * sim_uniform(&seed));
		start = clock();
		crm_btyd_fit_rows(kind, rows, n, NULL, &sim_host, &fit);
		printf("%-12s %7.3f s  %2d passes  status %d  log-likelihood %.9g\n",
			   name[model], (double) (clock() - start) / CLOCKS_PER_SEC,
			   fit.iterations, (int) fit.status, fit.log_likelihood);
		for (k = 0; k < 4; k++)
			printf("    %-6s %.10g (true %g, standard error %.3g)\n",
				   crm_btyd_param_name(kind, k), fit.params.v[k],
				   truth[model][k], sqrt(fit.covariance[5 * k]));
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
