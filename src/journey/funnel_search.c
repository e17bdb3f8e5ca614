/*-------------------------------------------------------------------------
 *
 * funnel_search.c
 *	  The best chain of a customer's events: which search finds it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "src/journey/funnel.h"

static void search(FunnelPlan *plan, const FunnelEvent *events, uint32 n,
				   bool use_exclude, bool want_times, FunnelChain *chain);

static void
search(FunnelPlan *plan, const FunnelEvent *events, uint32 n, bool use_exclude,
	   bool want_times, FunnelChain *chain)
{
	if (plan->mode == FUNNEL_ANY_ORDER)
		crm_funnel_search_any_order(plan, events, n, use_exclude, want_times, chain);
	else
		(void) crm_funnel_search_ordered(plan, events, n, use_exclude, false,
										 want_times, chain);
}

/*
 * Find the chain; the state is not changed.  Without want_times only the level
 * and the mark of exclusion are set.  Allocates in the current memory context.
 */
void
crm_funnel_search(const FunnelState *state, bool want_times, FunnelChain *chain)
{
	FunnelPlan *plan = state->plan;
	FunnelEvent *events;
	bool		any_exclude = false;
	uint32		n;
	uint32		i;

	if (plan->simple && !state->mixed && state->wide == NULL)
	{
		const int64 *keys = crm_event_list_sorted(&state->list);
		bool		found = crm_funnel_search_simple(plan, keys, state->list.n,
													 want_times, chain);

		if (keys != state->list.keys)
			pfree((void *) keys);
		if (found)
			return;
	}

	events = crm_funnel_state_events(state, &n);
	search(plan, events, n, true, want_times, chain);
	for (i = 0; i < n && plan->n_exclude > 0 && !any_exclude; i++)
		any_exclude = (events[i].mask & FUNNEL_EXCLUDE_BIT) != 0;
	if (any_exclude)
	{
		FunnelChain without;

		search(plan, events, n, false, false, &without);
		chain->excluded = without.level > chain->level;
	}
	if (events != state->wide)
		pfree(events);
}
