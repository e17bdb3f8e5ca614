/*-------------------------------------------------------------------------
 *
 * funnel_simple.c
 *	  The usual funnel in one pass over the packed keys: order and window are
 *	  all that counts, and an event is one step.
 *
 * For each step, the chain with the latest start that has reached it is all
 * that need be known: a later start has the later end.  (Calendar windows can
 * break that, where months are cut short or clocks change; then the caller
 * uses the general search.)  Once level and start are known, taking the
 * earliest event for each later step gives the chain.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "src/journey/funnel.h"

#define KEY_TS(key) (((key) - ((key) & FUNNEL_CODE_MASK)) / (1 << FUNNEL_CODE_BITS))
#define KEY_STEP(key) ((int) ((key) & FUNNEL_CODE_MASK) + 1)

/* The chain with the latest start that has reached a step */
typedef struct Reach
{
	int64		start;
	int64		end;			/* of its window; the least time: no chain */
	uint32		index;			/* of the start */
} Reach;

static int64 only_start(const FunnelPlan *plan, const int64 *keys, uint32 n);

/*
 * With entry first or last, the one time at which a chain may start.
 */
static int64
only_start(const FunnelPlan *plan, const int64 *keys, uint32 n)
{
	uint32		i;

	if (plan->entry == FUNNEL_ENTRY_FIRST)
	{
		for (i = 0; i < n; i++)
		{
			if (KEY_STEP(keys[i]) == 1)
				return KEY_TS(keys[i]);
		}
	}
	else
	{
		for (i = n; i > 0; i--)
		{
			if (KEY_STEP(keys[i - 1]) == 1)
				return KEY_TS(keys[i - 1]);
		}
	}
	return PG_INT64_MIN;
}

/*
 * Search the keys, which are in order.  Returns false when a window that
 * starts later ends earlier, and the chain was not found therefore.  Without
 * want_times, only the level is set.
 */
bool
crm_funnel_search_simple(FunnelPlan *plan, const int64 *keys, uint32 n,
						 bool want_times, FunnelChain *chain)
{
	Reach		reach[FUNNEL_MAX_STEPS + 1];
	Reach		best = {PG_INT64_MIN, PG_INT64_MIN, 0};
	int			best_level = 0;
	int64		last_end = PG_INT64_MIN;
	int64		start_at = PG_INT64_MIN;
	int64		previous;
	uint32		group_start = 0;
	uint32		group_end = 0;
	uint32		i;
	int			step;

	chain->level = 0;
	chain->reached = 0;
	chain->excluded = false;
	for (step = 0; step <= plan->n_steps; step++)
		reach[step].end = PG_INT64_MIN;
	if (plan->entry != FUNNEL_ENTRY_ANY)
		start_at = only_start(plan, keys, n);

	for (i = 0; i < n; i++)
	{
		uint32		at = i;
		int64		ts;

		if (unlikely((i & 0xFFFF) == 0xFFFF))
			CHECK_FOR_INTERRUPTS();

		/*
		 * Events of one time are in the order of steps, so that they advance
		 * a chain together.  Where they must not, take them in reverse.
		 */
		if (plan->must_increase)
		{
			if (i >= group_end)
			{
				for (group_end = i + 1;
					 group_end < n && KEY_TS(keys[group_end]) == KEY_TS(keys[i]);
					 group_end++)
					 /* nothing */ ;
				group_start = i;
			}
			at = group_start + (group_end - 1 - i);
		}

		ts = KEY_TS(keys[at]);
		step = KEY_STEP(keys[at]);
		if (step == 1)
		{
			int64		end;

			if (plan->entry != FUNNEL_ENTRY_ANY && ts != start_at)
				continue;
			end = crm_funnel_span_end(&plan->within, plan->time, ts);
			if (unlikely(end < last_end))
				return false;
			last_end = end;
			reach[1].start = ts;
			reach[1].end = end;
			reach[1].index = at;
		}
		else if (ts <= reach[step - 1].end)
			reach[step] = reach[step - 1];
		else
			continue;
		if (step > best_level ||
			(step == best_level && reach[step].start > best.start))
		{
			best_level = step;
			best = reach[step];
		}
	}

	chain->level = best_level;
	if (best_level == 0 || !want_times)
		return true;

	chain->reached = step_bits(1, best_level);
	chain->entered[0] = previous = best.start;
	for (i = best.index + 1, step = 2; step <= best_level; i++)
	{
		int64		ts = KEY_TS(keys[i]);

		Assert(i < n);
		if (KEY_STEP(keys[i]) != step || (plan->must_increase && ts <= previous))
			continue;
		chain->entered[step - 1] = previous = ts;
		step++;
	}
	return true;
}
