/*-------------------------------------------------------------------------
 *
 * funnel_search.c
 *	  The best chain of a customer's events: which search finds it, and its
 *	  times as SQL has them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/fmgrprotos.h"

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

/*
 * The times of the steps up to the last one reached, NULL where one was
 * skipped: timestamptz[], or bigint[] where times are numbers.
 */
Datum
crm_funnel_entered(const FunnelPlan *plan, const FunnelChain *chain)
{
	bool		units = plan->time == FUNNEL_UNITS;
	Oid			type = units ? INT8OID : TIMESTAMPTZOID;
	Datum		elems[FUNNEL_MAX_STEPS];
	bool		nulls[FUNNEL_MAX_STEPS];
	int			dims[1];
	int			lbs[1] = {1};
	int			i;

	if (chain->reached == 0)
		return PointerGetDatum(construct_empty_array(type));
	dims[0] = pg_leftmost_one_pos32(chain->reached) + 1;
	for (i = 0; i < dims[0]; i++)
	{
		nulls[i] = (chain->reached & STEP_BIT(i + 1)) == 0;
		elems[i] = (Datum) 0;
		if (nulls[i])
			continue;
		elems[i] = Int64GetDatum(chain->entered[i]);

		/* a local time is the instant that the session's zone makes of it */
		if (plan->time == FUNNEL_TIMESTAMP || plan->time == FUNNEL_DATE)
			elems[i] = DirectFunctionCall1(timestamp_timestamptz, elems[i]);
	}
	return PointerGetDatum(construct_md_array(elems, nulls, 1, dims, lbs, type,
											  sizeof(int64), FLOAT8PASSBYVAL,
											  TYPALIGN_DOUBLE));
}
