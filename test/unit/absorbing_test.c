/*-------------------------------------------------------------------------
 *
 * absorbing_test.c
 *	  Removal effects: published examples, an ill-conditioned chain with a
 *	  known answer, and random chains against the definition.
 *
 *-------------------------------------------------------------------------
 */
#include <stdint.h>
#include <string.h>

#include "src/math/absorbing.h"
#include "test/unit/unit.h"

#define MAX_STATES 12

static double success_without(const PathCounts *counts, int removed);
static void examples(void);
static void circles(void);
static void random_chains(void);

static int	checks;

static void
count_check(void)
{
	checks++;
}

/*
 * Successes when all paths that come to a state fail there (-1: none does), by
 * the definition: paths are followed step by step until nobody is left.
 */
static double
success_without(const PathCounts *counts, int removed)
{
	int			n = counts->n;
	double		here[MAX_STATES];
	double		successes = 0;
	double		walking = 1;
	int			i;
	int			j;

	memcpy(here, counts->starts, n * sizeof(double));
	while (walking > 1e-17)
	{
		double		next[MAX_STATES] = {0};

		walking = 0;
		for (i = 0; i < n; i++)
		{
			double		out = counts->conversions[i] + counts->losses[i];

			if (i == removed)
				continue;
			for (j = 0; j < n; j++)
				out += counts->moves[i * n + j];
			if (out == 0)
				continue;
			successes += here[i] * counts->conversions[i] / out;
			for (j = 0; j < n; j++)
				next[j] += here[i] * counts->moves[i * n + j] / out;
		}
		for (i = 0; i < n; i++)
		{
			here[i] = next[i];
			walking += next[i];
		}
	}
	return successes;
}

/*
 * S. Bryl's example (C1 > C2 > C3 converts, C1 and C2 > C3 do not), and the
 * six-path case of a CRM, whose values come from solving the chain anew
 * without each channel in numpy.
 */
static void
examples(void)
{
	double		bryl_moves[9] = {0, 1, 0, 0, 0, 2, 0, 0, 0};
	double		bryl_starts[3] = {2, 1, 0};
	double		bryl_conversions[3] = {0, 0, 1};
	double		bryl_losses[3] = {1, 0, 1};
	PathCounts	bryl = {3, bryl_moves, bryl_starts, bryl_conversions, bryl_losses, count_check};

	/* display, email, search, social */
	double		crm_moves[16] = {
		0, 0, 0, 15,
		0, 0, 0, 0,
		0, 45, 5, 0,
		0, 0, 25, 0
	};
	double		crm_starts[4] = {15, 35, 35, 61};
	double		crm_conversions[4] = {0, 21, 3, 1};
	double		crm_losses[4] = {0, 59, 12, 50};
	PathCounts	crm = {4, crm_moves, crm_starts, crm_conversions, crm_losses, NULL};
	double		effects[4];
	double		work[CRM_REMOVAL_WORK(4)];

	CHECK(crm_removal_effects(&bryl, effects, work));
	CHECK(checks > 0);
	CHECK_NEAR(effects[0], 0.5, 1e-15, 0);
	CHECK_NEAR(effects[1], 1, 1e-15, 0);
	CHECK_NEAR(effects[2], 1, 1e-15, 0);

	CHECK(crm_removal_effects(&crm, effects, work));
	CHECK_NEAR(effects[0], 0.0566200657895, 1e-12, 0);
	CHECK_NEAR(effects[1], 0.84, 1e-14, 0);
	CHECK_NEAR(effects[2], 0.5925, 1e-14, 0);
	CHECK_NEAR(effects[3], 0.286875, 1e-14, 0);
}

/*
 * Two states that hand over to each other 10^15 times for each success, which
 * only the second has; a third that a tenth of the paths take instead.  The
 * exact effects are 10/11, 10/11 and 1/11.
 */
static void
circles(void)
{
	double		moves[9] = {0, 1e15 + 10, 0, 1e15, 0, 0, 0, 0, 0};
	double		starts[3] = {10, 0, 1};
	double		conversions[3] = {0, 10, 1};
	double		losses[3] = {0, 0, 0};
	PathCounts	counts = {3, moves, starts, conversions, losses, NULL};
	double		effects[3];
	double		work[CRM_REMOVAL_WORK(3)];

	CHECK(crm_removal_effects(&counts, effects, work));
	CHECK_NEAR(effects[0], 10.0 / 11, 1e-15, 0);
	CHECK_NEAR(effects[1], 10.0 / 11, 1e-15, 0);
	CHECK_NEAR(effects[2], 1.0 / 11, 1e-15, 0);
}

/*
 * Random paths over up to twelve states; chains without success or exit.
 */
static void
random_chains(void)
{
	uint64_t	seed = 42;
	int			run;
	int			i;

	for (run = 0; run < 300; run++)
	{
		int			n = 1 + run % MAX_STATES;
		double		moves[MAX_STATES * MAX_STATES] = {0};
		double		copy[MAX_STATES * MAX_STATES];
		double		starts[MAX_STATES] = {0};
		double		conversions[MAX_STATES] = {0};
		double		losses[MAX_STATES] = {0};
		PathCounts	counts = {n, moves, starts, conversions, losses, NULL};
		double		effects[MAX_STATES];
		double		work[CRM_REMOVAL_WORK(MAX_STATES)];
		double		base;
		int			path;

		for (path = 0; path < 30; path++)
		{
			int			at = -1;

			for (;;)
			{
				int			next;

				seed = seed * 6364136223846793005u + 1442695040888963407u;
				next = (int) ((seed >> 33) % (uint64_t) (n + 2));
				if (at == -1)
				{
					at = next % n;
					starts[at]++;
				}
				else if (next < n)
				{
					moves[at * n + next]++;
					at = next;
				}
				else
				{
					(next == n ? conversions : losses)[at]++;
					break;
				}
			}
		}

		base = success_without(&counts, -1);
		memcpy(copy, moves, sizeof(copy));
		CHECK(base > 0);
		CHECK(crm_removal_effects(&counts, effects, work));
		memcpy(moves, copy, sizeof(moves));
		for (i = 0; i < n; i++)
			CHECK_NEAR(effects[i], 1 - success_without(&counts, i) / base, 1e-11, 1e-12);
	}

	{
		double		moves[4] = {0, 1, 1, 0};
		double		starts[2] = {1, 0};
		double		none[2] = {0, 0};
		double		lost[2] = {0, 1};
		PathCounts	no_exit = {2, moves, starts, none, none, NULL};
		PathCounts	no_success = {2, moves, starts, none, lost, NULL};
		double		effects[2];
		double		work[CRM_REMOVAL_WORK(2)];

		CHECK(!crm_removal_effects(&no_exit, effects, work));
		moves[1] = 1;
		moves[2] = 0;
		CHECK(!crm_removal_effects(&no_success, effects, work));
	}
}

int
main(void)
{
	examples();
	circles();
	random_chains();
	return unit_report();
}
