/*-------------------------------------------------------------------------
 *
 * btyd_regular.c
 *	  Fit of the models with a regularity k, given or searched for.
 *
 * The likelihood of the times between purchases has a factor that no other
 * parameter changes, the product of all times to the power of k - 1
 * (btyd_cnbd.c).  With it, likelihoods for different k compare.  As in Platzer's
 * and Reutterer's BTYDplus, k = 1, 2, .. are fitted until the likelihood falls.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/btyd.h"

#include <math.h>

static bool any_repeat(const BtydRow *rows, size_t n_rows, const MathHost *host);
static void fit_one(BtydKind kind, int k, const BtydRow *rows, size_t n_rows,
					const BtydFitOptions *options, const MathHost *host,
					BtydFit *fit);

/*
 * Is there a repeat purchase?  Without any nothing can be said of k.
 */
static bool
any_repeat(const BtydRow *rows, size_t n_rows, const MathHost *host)
{
	for (size_t i = 0; i < n_rows; i++)
	{
		if (rows[i].h.x > 0.0)
			return true;
		if (i % 65536 == 0)
			host->check_interrupts();
	}
	return false;
}

/*
 * Fit with the regularity k.
 */
static void
fit_one(BtydKind kind, int k, const BtydRow *rows, size_t n_rows,
		const BtydFitOptions *options, const MathHost *host, BtydFit *fit)
{
	BtydFitOptions with_k = *options;

	with_k.k = k;
	crm_btyd_fit_rows(kind, rows, n_rows, &with_k, host, fit);
	if (k > 1)
		fit->log_likelihood += (k - 1) * options->log_intervals;
}

/*
 * crm_btyd_fit_regular
 *
 * Fit to n_rows rows, with options->k if it is given, else with that of 1 ..
 * options->k_max whose likelihood is the first to be followed by none higher;
 * options->log_intervals must be known for a search.  Where it is not and
 * k > 1, the log-likelihood is NaN.
 */
void
crm_btyd_fit_regular(BtydKind kind, const BtydRow *rows, size_t n_rows,
					 const BtydFitOptions *options, const MathHost *host,
					 BtydFit *fit)
{
	if (options->k > 0)
	{
		fit_one(kind, options->k, rows, n_rows, options, host, fit);
		return;
	}

	fit_one(kind, 1, rows, n_rows, options, host, fit);
	if (!any_repeat(rows, n_rows, host))
		return;
	for (int k = 2; k <= options->k_max; k++)
	{
		BtydFit		next;

		fit_one(kind, k, rows, n_rows, options, host, &next);
		if (!(next.log_likelihood > fit->log_likelihood))
			break;
		*fit = next;
	}
}
