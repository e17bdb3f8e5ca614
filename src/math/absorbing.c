/*-------------------------------------------------------------------------
 *
 * absorbing.c
 *	  Removal effects in an absorbing Markov chain given by its counts.
 *
 * A path goes from a start through states to success or failure.  The removal
 * effect of a state c is the share of the successes that would be lost if all
 * paths that come to c failed there: 1 - P(success without c) / P(success).
 * A path succeeds without c unless it first hits c and then succeeds from
 * there, so that the effect is
 *
 *		RE_c = P(hit c) h_c / h,	P(hit c) = N_sc / N_cc,
 *
 * with N the expected visits, the inverse of I - Q, h_c the probability of
 * success from c and h that from the start.  (Kemeny and Snell, Finite Markov
 * Chains, 1976, theorems 3.2.4 and 3.5.7.)  One inverse serves all states.
 *
 * With counts C instead of probabilities, A = diag(out) - C, and N = A^-1
 * diag(out), where "out" cancels from the ratio.  A has positive pivots and
 * nothing positive beside them.  Each pivot is computed from what lies beside
 * it and the exits, never by a subtraction (Grassmann, Taksar and Heyman,
 * Operations Research 33, 1985), and so every entry of the factors, of their
 * inverses and of the result is a sum of non-negative products.  All are
 * accurate to many digits even where paths go in circles a billion times.
 *
 *-------------------------------------------------------------------------
 */
#include <stddef.h>

#include "src/math/absorbing.h"

static bool factor(PathCounts *counts, double *exits, double *pivots);
static void invert_factors(PathCounts *counts, const double *pivots, double *row);

/*
 * A = L U, in place of the moves: below the diagonal are the multipliers, which
 * are -L, above it is -U; the pivots are apart.  Returns false where a state
 * cannot be left, which no set of paths makes.
 */
static bool
factor(PathCounts *counts, double *exits, double *pivots)
{
	int			n = counts->n;
	double	   *moves = counts->moves;
	int			i;
	int			j;
	int			k;

	for (k = 0; k < n; k++)
	{
		const double *row_k = moves + (size_t) k * n;
		double		pivot = exits[k];

		if (counts->check_interrupts != NULL)
			counts->check_interrupts();
		for (j = k + 1; j < n; j++)
			pivot += row_k[j];
		if (!(pivot > 0))
			return false;
		pivots[k] = pivot;

		for (i = k + 1; i < n; i++)
		{
			double	   *row_i = moves + (size_t) i * n;
			double		multiplier = row_i[k] / pivot;

			row_i[k] = multiplier;
			if (multiplier == 0)
				continue;
			for (j = k + 1; j < n; j++)
				row_i[j] += multiplier * row_k[j];
			exits[i] += multiplier * exits[k];
		}
	}
	return true;
}

/*
 * The inverse of L, without its diagonal of ones, below the diagonal, and that
 * of U above and on it.
 */
static void
invert_factors(PathCounts *counts, const double *pivots, double *row)
{
	int			n = counts->n;
	double	   *moves = counts->moves;
	int			i;
	int			j;
	int			k;

	/* row i of L^-1: e_i + sum over k < i of multiplier_ik times row k */
	for (i = 1; i < n; i++)
	{
		double	   *row_i = moves + (size_t) i * n;

		if (counts->check_interrupts != NULL)
			counts->check_interrupts();
		for (k = 0; k < i; k++)
			row[k] = row_i[k];
		for (k = 1; k < i; k++)
		{
			const double *row_k = moves + (size_t) k * n;

			if (row[k] == 0)
				continue;
			for (j = 0; j < k; j++)
				row_i[j] += row[k] * row_k[j];
		}
	}

	/* row i of U^-1: (e_i + sum over k > i of moves_ik times row k) / pivot_i */
	for (i = n - 1; i >= 0; i--)
	{
		double	   *row_i = moves + (size_t) i * n;

		if (counts->check_interrupts != NULL)
			counts->check_interrupts();
		for (k = i + 1; k < n; k++)
		{
			row[k] = row_i[k];
			row_i[k] = 0;
		}
		for (k = i + 1; k < n; k++)
		{
			const double *row_k = moves + (size_t) k * n;

			if (row[k] == 0)
				continue;
			for (j = k; j < n; j++)
				row_i[j] += row[k] * row_k[j];
		}
		for (j = i + 1; j < n; j++)
			row_i[j] /= pivots[i];
		row_i[i] = 1 / pivots[i];
	}
}

/*
 * The removal effect of each state, 0 to 1.
 *
 * effects has room for n, work for CRM_REMOVAL_WORK(n).  Returns false where
 * the chain is none of paths, or no path succeeds: then there are no effects.
 * Takes about n^3 multiplications, and calls the interrupt check n times for
 * each third of that.
 */
bool
crm_removal_effects(PathCounts *counts, double *effects, double *work)
{
	int			n = counts->n;
	const double *moves = counts->moves;
	double	   *exits = work;
	double	   *pivots = work + n;
	double	   *success = work + 2 * n;
	double	   *visits = work + 3 * n;
	double		successes = 0;
	int			i;
	int			k;

	for (i = 0; i < n; i++)
	{
		counts->moves[(size_t) i * n + i] = 0;
		exits[i] = counts->conversions[i] + counts->losses[i];
	}
	if (!factor(counts, exits, pivots))
		return false;
	invert_factors(counts, pivots, success);

	/* success = U^-1 L^-1 conversions, by way of exits */
	for (i = 0; i < n; i++)
	{
		exits[i] = counts->conversions[i];
		for (k = 0; k < i; k++)
			exits[i] += moves[(size_t) i * n + k] * counts->conversions[k];
	}
	for (i = 0; i < n; i++)
	{
		success[i] = 0;
		for (k = i; k < n; k++)
			success[i] += moves[(size_t) i * n + k] * exits[k];
		successes += counts->starts[i] * success[i];
	}
	if (!(successes > 0))
		return false;

	/* visits = starts U^-1 L^-1, by way of exits */
	for (k = 0; k < n; k++)
		exits[k] = 0;
	for (i = 0; i < n; i++)
	{
		for (k = i; k < n; k++)
			exits[k] += counts->starts[i] * moves[(size_t) i * n + k];
	}
	for (i = 0; i < n; i++)
		visits[i] = exits[i];
	for (k = 1; k < n; k++)
	{
		for (i = 0; i < k; i++)
			visits[i] += exits[k] * moves[(size_t) k * n + i];
	}

	for (i = 0; i < n; i++)
	{
		/* the diagonal of U^-1 L^-1 */
		double		own = moves[(size_t) i * n + i];

		for (k = i + 1; k < n; k++)
			own += moves[(size_t) i * n + k] * moves[(size_t) k * n + i];
		effects[i] = visits[i] / own * success[i] / successes;
		if (effects[i] > 1)
			effects[i] = 1;
	}
	return true;
}
