/*-------------------------------------------------------------------------
 *
 * funnel_any_order.c
 *	  The best chain when steps may come in any order: as many different steps
 *	  as there are in one window.
 *
 * From the last instant back, the next time of each step is known, and with
 * it what a window that starts here reaches.  Only where an event could serve
 * several steps, but may serve one, it takes a matching; that is done for
 * starts that might be better than the best so far.
 *
 * An exclusion ends a window: events up to its time count.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "src/journey/funnel.h"

/* Events chosen for a chain, in order of time */
typedef struct Chosen
{
	int			n;
	int64		ts[FUNNEL_MAX_STEPS];
	uint32		mask[FUNNEL_MAX_STEPS];
} Chosen;

static void choose(const FunnelPlan *plan, const FunnelEvent *events, uint32 n,
				   uint32 first, int64 end, int enough, Chosen *chosen);
static bool can_assign(const Chosen *chosen, uint32 left, uint32 steps);
static void assign(const FunnelPlan *plan, const Chosen *chosen, FunnelChain *chain);

/*
 * The earliest events from the given one to the end of the window that serve
 * different steps, as many as can be.  Where times must increase, all events
 * of one time are as one.
 */
static void
choose(const FunnelPlan *plan, const FunnelEvent *events, uint32 n, uint32 first,
	   int64 end, int enough, Chosen *chosen)
{
	uint32		owner[FUNNEL_MAX_STEPS];
	uint32		taken = 0;
	uint32		i = first;

	chosen->n = 0;
	while (i < n && events[i].ts <= end && chosen->n < enough)
	{
		int64		ts = events[i].ts;
		uint32		mask = (uint32) events[i].mask;
		uint32		visited = 0;

		if (unlikely((i & 0xFFFF) == 0xFFFF))
			CHECK_FOR_INTERRUPTS();
		i++;
		while (plan->must_increase && i < n && events[i].ts == ts)
			mask |= (uint32) events[i++].mask;
		if (crm_funnel_augment(mask, &visited, owner, &taken))
		{
			chosen->ts[chosen->n] = ts;
			chosen->mask[chosen->n] = mask;
			chosen->n++;
		}
	}
}

/*
 * Can the events left (bits) all serve one of the steps?
 */
static bool
can_assign(const Chosen *chosen, uint32 left, uint32 steps)
{
	uint32		owner[FUNNEL_MAX_STEPS];
	uint32		taken = 0;
	int			i;

	for (i = 0; i < chosen->n; i++)
	{
		uint32		visited = ~steps;

		if ((left & (UINT32_C(1) << i)) != 0 &&
			!crm_funnel_augment(chosen->mask[i], &visited, owner, &taken))
			return false;
	}
	return true;
}

/*
 * Give the chosen events their steps: the first step its earliest, and so on.
 */
static void
assign(const FunnelPlan *plan, const Chosen *chosen, FunnelChain *chain)
{
	uint32		left = step_bits(1, chosen->n);
	int			step;
	int			i;

	chain->reached = 0;
	for (step = 1; step <= plan->n_steps; step++)
	{
		uint32		later = step_bits(step + 1, plan->n_steps);

		for (i = 0; i < chosen->n; i++)
		{
			uint32		bit = UINT32_C(1) << i;

			if ((left & bit) == 0 || (chosen->mask[i] & STEP_BIT(step)) == 0 ||
				!can_assign(chosen, left & ~bit, later))
				continue;
			chain->entered[step - 1] = chosen->ts[i];
			chain->reached |= STEP_BIT(step);
			left &= ~bit;
			break;
		}
	}
}

/*
 * Search the events, which are in order of time.
 */
void
crm_funnel_search_any_order(FunnelPlan *plan, const FunnelEvent *events, uint32 n,
							bool use_exclude, bool want_times, FunnelChain *chain)
{
	int64		next[FUNNEL_MAX_STEPS]; /* time of each step to come */
	uint32		to_come = 0;	/* steps that do come */
	int64		next_exclude = PG_INT64_MAX;
	int64		start_at = 0;
	bool		has_start = false;
	bool		matching = plan->must_increase;
	uint32		end = n;
	uint32		i;

	chain->level = 0;
	chain->reached = 0;
	chain->excluded = false;

	for (i = 0; i < n; i++)
	{
		uint32		steps = (uint32) events[i].mask;

		if (!plan->reuse_event && (steps & (steps - 1)) != 0)
			matching = true;
		if (steps != 0 && plan->entry != FUNNEL_ENTRY_ANY &&
			(!has_start || plan->entry == FUNNEL_ENTRY_LAST))
		{
			start_at = events[i].ts;
			has_start = true;
		}
	}

	while (end > 0)
	{
		int64		ts = events[end - 1].ts;
		uint32		first = end;
		uint64		any = 0;
		uint32		bits;

		CHECK_FOR_INTERRUPTS();
		while (first > 0 && events[first - 1].ts == ts)
			any |= events[--first].mask;
		for (bits = (uint32) any; bits != 0; bits &= bits - 1)
			next[pg_rightmost_one_pos32(bits)] = ts;
		to_come |= (uint32) any;

		if ((uint32) any != 0 && (plan->entry == FUNNEL_ENTRY_ANY || ts == start_at))
		{
			int64		window_end = crm_funnel_span_end(&plan->within, plan->time, ts);
			uint32		within = 0;
			int			level;

			window_end = Min(window_end, next_exclude);
			for (bits = to_come; bits != 0; bits &= bits - 1)
			{
				int			step = pg_rightmost_one_pos32(bits);

				if (next[step] <= window_end)
					within |= UINT32_C(1) << step;
			}
			level = pg_popcount32(within);
			if (level > chain->level && matching)
			{
				Chosen		chosen;

				choose(plan, events, n, first, window_end, level, &chosen);
				level = chosen.n;
				if (level > chain->level && want_times)
					assign(plan, &chosen, chain);
			}
			else if (level > chain->level && want_times)
			{
				chain->reached = within;
				memcpy(chain->entered, next, sizeof(next));
			}
			chain->level = Max(chain->level, level);
		}
		if (use_exclude && (any & FUNNEL_EXCLUDE_BIT) != 0)
			next_exclude = ts;
		end = first;
	}
}
