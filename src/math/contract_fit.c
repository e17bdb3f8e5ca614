/*-------------------------------------------------------------------------
 *
 * contract_fit.c
 *	  The contract models among the models: likelihood, starting points and
 *	  limits of the fit.
 *
 * A customer with x renewals who then left has the likelihood
 * S(x) - S(x + 1) = S(x) (1 - S(x + 1) / S(x)), one who is still there S(x).
 * The only thing not seen is the future: that the others count for, too, is
 * what survival analysis calls censoring.
 *
 * There is nothing to predict about purchases; the lifetime to come is in
 * contract_lifetime.c.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/btyd_ops.h"

#include <math.h>

#include "src/math/contract.h"
#include "src/math/contract_parts.h"

#define N_STARTS 5

/* Survival to the next renewal below e^-this is none. */
#define NO_SURVIVAL 700.0

static void add_row(const BtydParams *params, const BtydRow *row, FitSums *sums);
static void add_rows(const BtydParams *params, const BtydRow *rows, size_t n,
					 FitSums *sums);
static void add_counts(const BtydParams *params, const XCounts *counts,
					   FitSums *sums);
static void start(int i, double rate, double time_scale, double *theta);
static double log_likelihood(const BtydParams *params, const BtydHistory *h);

/*
 * Nobody leaves; all leave at the first renewal; all have the same probability
 * of leaving; some leave at the first renewal and the others never.  Then BdW
 * alone: nobody stays beyond the second renewal.
 */
static const BtydLimit limits[] = {
	{BTYD_BOUNDARY, 0, false, 1, false},
	{BTYD_BOUNDARY, 1, false, 0, false},
	{BTYD_RIDGE, 1, true, 0, true},
	{BTYD_RIDGE, 1, false, 0, true},
	{BTYD_BOUNDARY, 2, true, 0, false}
};

#define N_LIMITS ((int) (sizeof(limits) / sizeof(limits[0])))

/*
 * alpha, beta as in all models; c of 50 makes 2 periods into 10^15.  Beyond,
 * alpha to zero and c to infinity with alpha c finite is a ridge on which the
 * search would go on for ever.
 */
static const double bdw_reach[] = {1e6, 1e6, 50.0};

static const BtydFitOps sbg_fit_ops = {
	.add_rows = add_rows,
	.add_counts = add_counts,
	.n_starts = N_STARTS,
	.start = start,
	.n_limits = N_LIMITS - 1,
	.limits = limits
};

static const BtydFitOps bdw_fit_ops = {
	.add_rows = add_rows,
	.add_counts = add_counts,
	.n_starts = N_STARTS,
	.start = start,
	.reach = bdw_reach,
	.n_limits = N_LIMITS,
	.limits = limits
};

const BtydModelOps crm_btyd_sbg_ops = {
	.fit = &sbg_fit_ops,
	.log_likelihood = log_likelihood
};

const BtydModelOps crm_btyd_bdw_ops = {
	.fit = &bdw_fit_ops,
	.log_likelihood = log_likelihood
};

/*
 * ln of the likelihood of one customer.
 */
double
crm_contract_log_likelihood(const BtydParams *params, double renewals,
							bool churned)
{
	double		stayed = crm_contract_log_survival(params, 0.0, renewals);

	if (!churned)
		return stayed;
	return stayed +
		log(-expm1(crm_contract_log_survival(params, renewals, 1.0)));
}

static double
log_likelihood(const BtydParams *params, const BtydHistory *h)
{
	return crm_contract_log_likelihood(params, h->x, h->T > h->x);
}

/*
 * Add one row's terms; each exactly, so that the order of rows does not show.
 */
static void
add_row(const BtydParams *params, const BtydRow *row, FitSums *sums)
{
	/* the places of h[i][j] */
	static const int place[3][3] = {
		{FIT_H00, FIT_H01, FIT_H02},
		{FIT_H01, FIT_H11, FIT_H12},
		{FIT_H02, FIT_H12, FIT_H22}
	};
	int			n = crm_btyd_n_params(params->kind);
	double		x = row->h.x;
	double		sum[FIT_TERMS] = {0.0};
	ContractClock end;
	ContractTerm term;
	int			i,
				j;

	/* a u that is not finite is out of the reach of c: not a place to be */
	crm_contract_clock(params, row->h.T, &end);
	if (isinf(end.u))
	{
		exact_sum_add(&sums->term[FIT_VALUE], -INFINITY);
		return;
	}
	if (x > 0.0)
	{
		crm_contract_term(params, 0.0, x, &term);
		sum[FIT_VALUE] = term.value;
		for (i = 0; i < n; i++)
		{
			sum[FIT_G0 + i] = term.g[i];
			for (j = i; j < n; j++)
				sum[place[i][j]] = term.h[i][j];
		}
	}

	/* ln(1 - e^-d), d = -ln S(x + 1) / S(x), where the customer left */
	if (row->h.T > x)
	{
		double		d = -crm_contract_log_survival(params, x, 1.0);

		if (d <= NO_SURVIVAL)
		{
			double		first = 1.0 / expm1(d);
			double		second = -first * (1.0 + first);

			crm_contract_term(params, x, x + 1.0, &term);
			sum[FIT_VALUE] += log(-expm1(-d));
			for (i = 0; i < n; i++)
			{
				sum[FIT_G0 + i] -= first * term.g[i];
				for (j = i; j < n; j++)
					sum[place[i][j]] += second * term.g[i] * term.g[j] -
						first * term.h[i][j];
			}
		}
	}
	for (i = 0; i < FIT_TERMS; i++)
		exact_sum_add(&sums->term[i], row->weight * sum[i]);
}

static void
add_rows(const BtydParams *params, const BtydRow *rows, size_t n, FitSums *sums)
{
	size_t		i;

	for (i = 0; i < n; i++)
		add_row(params, &rows[i], sums);
}

/*
 * Nothing depends on x alone that the rows' own terms do not hold.
 */
static void
add_counts(const BtydParams *params, const XCounts *counts, FitSums *sums)
{
	(void) params;
	(void) counts;
	(void) sums;
}

/*
 * rate is the share of renewals taken, of all that came up.
 */
static void
start(int i, double rate, double time_scale, double *theta)
{
	/* alpha + beta, c */
	static const double shape[N_STARTS][2] = {
		{2.0, 1.0},
		{5.0, 1.0},
		{1.0, 1.5},
		{20.0, 0.6},
		{100.0, 1.2}
	};
	double		stay = fmin(fmax(rate, 0.01), 0.99);

	(void) time_scale;
	theta[0] = log(shape[i][0] * (1.0 - stay));
	theta[1] = log(shape[i][0] * stay);
	theta[2] = log(shape[i][1]);
}
