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
#include "utils/timestamp.h"

#include "src/common/event_list.h"
#include "src/journey/funnel.h"

static void search(FunnelPlan *plan, const FunnelEvent *events, uint32 n,
				   bool use_exclude, bool want_times, FunnelChain *chain);
static bool only_steps(const int64 *words, uint32 n);

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

static bool
only_steps(const int64 *words, uint32 n)
{
	uint32		i;

	for (i = 0; i < n; i++)
	{
		if ((words[i] & FUNNEL_CODE_MASK) >= FUNNEL_CODE_EXCLUDE)
			return false;
	}
	return true;
}

/*
 * Find the chain; the words are sorted if they are all keys.  Without
 * want_times only the level and the mark of exclusion are set.  Allocates in
 * the current memory context.
 */
void
crm_funnel_search_words(FunnelPlan *plan, int64 *words, uint32 n_words, bool want_times,
						FunnelChain *chain)
{
	FunnelEvent *events;
	bool		any_exclude = false;
	uint32		n;
	uint32		i;

	/* before the first that is not of exactly one step, each word is an event */
	if (plan->simple && only_steps(words, n_words))
	{
		crm_event_keys_sort(words, n_words);
		if (crm_funnel_search_simple(plan, words, n_words, want_times, chain))
			return;
	}

	events = crm_funnel_word_events(plan, words, n_words, &n);
	search(plan, events, n, true, want_times, chain);
	for (i = 0; i < n && plan->n_exclude > 0 && !any_exclude; i++)
		any_exclude = (events[i].mask & FUNNEL_EXCLUDE_BIT) != 0;
	if (any_exclude)
	{
		FunnelChain without;

		search(plan, events, n, false, false, &without);
		chain->excluded = without.level > chain->level;
	}
	pfree(events);
}

/*
 * The same for a state, which is not changed.
 */
void
crm_funnel_search(const FunnelState *state, bool want_times, FunnelChain *chain)
{
	uint32		n;
	int64	   *words;

	crm_funnel_state_settle(state);
	words = crm_event_log_copy(&state->log, &n);
	crm_funnel_search_words(state->plan, words, n, want_times, chain);
	pfree(words);
}

/*
 * The times of the steps reached; local ones become what the session's time
 * zone makes of them.  Of a time that a change of clocks leaves out it makes a
 * later one, which may be after the next step's: then it is that one's, as
 * times of steps never decrease.
 */
void
crm_funnel_instants(const FunnelPlan *plan, const FunnelChain *chain,
					int64 instants[FUNNEL_MAX_STEPS])
{
	bool		local = plan->time == FUNNEL_TIMESTAMP || plan->time == FUNNEL_DATE;
	uint32		left;
	uint32		others;

	for (left = chain->reached; left != 0; left &= left - 1)
	{
		int			i = pg_rightmost_one_pos32(left);

		instants[i] = !local ? chain->entered[i] :
			DatumGetTimestampTz(DirectFunctionCall1(timestamp_timestamptz,
													TimestampGetDatum(chain->entered[i])));
	}
	for (left = chain->reached; local && left != 0; left &= left - 1)
	{
		int			i = pg_rightmost_one_pos32(left);

		for (others = chain->reached; others != 0; others &= others - 1)
		{
			int			j = pg_rightmost_one_pos32(others);

			if (chain->entered[i] < chain->entered[j])
				instants[i] = Min(instants[i], instants[j]);
		}
	}
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
	int64		instants[FUNNEL_MAX_STEPS];
	Datum		elems[FUNNEL_MAX_STEPS];
	bool		nulls[FUNNEL_MAX_STEPS];
	int			dims[1];
	int			lbs[1] = {1};
	int			i;

	if (chain->reached == 0)
		return PointerGetDatum(construct_empty_array(type));
	crm_funnel_instants(plan, chain, instants);
	dims[0] = pg_leftmost_one_pos32(chain->reached) + 1;
	for (i = 0; i < dims[0]; i++)
	{
		nulls[i] = (chain->reached & STEP_BIT(i + 1)) == 0;
		elems[i] = nulls[i] ? (Datum) 0 : Int64GetDatum(instants[i]);
	}
	return PointerGetDatum(construct_md_array(elems, nulls, 1, dims, lbs, type,
											  sizeof(int64), FLOAT8PASSBYVAL,
											  TYPALIGN_DOUBLE));
}
