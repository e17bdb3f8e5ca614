/*-------------------------------------------------------------------------
 *
 * funnel_match.c
 *	  Which steps can events serve, when each serves at most one?
 *
 * Matters only where an event is several steps at once: a bipartite matching
 * of events and steps, by augmenting paths (H. W. Kuhn, Naval Research
 * Logistics Quarterly 2 (1955)).  An event is known by its mask of steps.
 *
 * When some events must be used (those of a strict funnel's instant) and some
 * steps must be served, it is enough that each can be done alone: then one
 * matching does both (N. S. Mendelsohn and A. L. Dulmage, Canadian Journal of
 * Mathematics 10 (1958)).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "src/journey/funnel.h"

/*
 * Give a step to one more event of the given mask, moving others if need be.
 * owner[] has the masks of the events that serve the steps in *taken;
 * *visited (at first the steps that must not be used) grows on the way.
 * Returns false, and changes nothing else, when that cannot be.
 */
bool
crm_funnel_augment(uint32 mask, uint32 *visited, uint32 owner[FUNNEL_MAX_STEPS],
				   uint32 *taken)
{
	uint32		open;

	while ((open = mask & ~*visited) != 0)
	{
		int			i = pg_rightmost_one_pos32(open);
		uint32		bit = UINT32_C(1) << i;

		*visited |= bit;
		if ((*taken & bit) == 0 ||
			crm_funnel_augment(owner[i], visited, owner, taken))
		{
			owner[i] = mask;
			*taken |= bit;
			return true;
		}
	}
	return false;
}

/*
 * How many of the steps the events can serve.
 */
int
crm_funnel_match_rows(const FunnelEvent *rows, uint32 n, uint32 steps)
{
	uint32		owner[FUNNEL_MAX_STEPS];
	uint32		taken = 0;
	uint32		i;

	for (i = 0; i < n && taken != steps; i++)
	{
		uint32		visited = ~steps;

		(void) crm_funnel_augment((uint32) rows[i].mask, &visited, owner, &taken);
	}
	return pg_popcount32(taken);
}

/*
 * Can all of the events (or those which have one of the bits of "which")
 * serve one of the steps each?
 */
bool
crm_funnel_rows_fit(const FunnelEvent *rows, uint32 n, uint64 which, bool all,
					uint32 steps)
{
	uint32		owner[FUNNEL_MAX_STEPS];
	uint32		taken = 0;
	uint32		i;

	for (i = 0; i < n; i++)
	{
		uint32		visited = ~steps;

		if (!all && (rows[i].mask & which) == 0)
			continue;
		if (!crm_funnel_augment((uint32) rows[i].mask, &visited, owner, &taken))
			return false;
	}
	return true;
}
