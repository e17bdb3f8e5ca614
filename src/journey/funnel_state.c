/*-------------------------------------------------------------------------
 *
 * funnel_state.c
 *	  A customer's events while an aggregate collects them.
 *
 * Nearly always an event is one step, or foreign, or an exclusion, at a time
 * within 4500 years of 2000: then it is a key of 8 bytes, time and code.  A
 * row of several conditions that hold at once, or a time further off (numbers
 * may be anything), is wide: two words, the mask with FUNNEL_CODE_WIDE, and the
 * time.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "src/common/event_list.h"
#include "src/journey/funnel.h"

static inline int compare_events(const FunnelEvent *a, const FunnelEvent *b);

static inline int
compare_events(const FunnelEvent *a, const FunnelEvent *b)
{
	if (a->ts != b->ts)
		return a->ts < b->ts ? -1 : 1;
	if (a->mask != b->mask)
		return a->mask < b->mask ? -1 : 1;
	return 0;
}

#define ST_SORT sort_events
#define ST_ELEMENT_TYPE FunnelEvent
#define ST_COMPARE(a, b) compare_events(a, b)
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

static bool any_wide(const int64 *words, uint32 n);

/*
 * No events yet; the plan is only referred to.
 */
void
crm_funnel_state_init(FunnelState *state, FunnelPlan *plan)
{
	state->plan = plan;
	crm_event_log_init(&state->log);
}

/*
 * crm_funnel_state_add for what is not the usual case.
 */
void
crm_funnel_state_add_slow(FunnelState *state, int64 ts, uint64 mask, uint32 code)
{
	const FunnelPlan *plan = state->plan;

	if (mask == 0 && !plan->keep_foreign)
		return;

	/* the row's steps apart, where that is the same */
	if ((mask & (mask - 1)) != 0 && plan->split_rows)
	{
		while (mask != 0)
		{
			uint64		bit = mask & -mask;

			crm_funnel_state_add(state, ts, bit, crm_funnel_code(bit));
			mask &= ~bit;
		}
		return;
	}

	if (code != FUNNEL_CODE_WIDE && ts > -FUNNEL_KEY_LIMIT && ts < FUNNEL_KEY_LIMIT)
	{
		crm_event_log_add(&state->log, state, ts * (1 << FUNNEL_CODE_BITS) + code);
		return;
	}
	crm_event_log_add(&state->log, state,
					  (int64) (mask << FUNNEL_CODE_BITS) + FUNNEL_CODE_WIDE);
	crm_event_log_add(&state->log, state, ts);
}

/*
 * Add the events of another state of the same plan.
 */
void
crm_funnel_state_merge(FunnelState *into, const FunnelState *from)
{
	crm_funnel_state_settle(into);
	crm_funnel_state_settle(from);
	crm_event_log_append(&into->log, into, &from->log);
}

/*
 * Append to a serialised state, without the plan.
 */
void
crm_funnel_state_write(StringInfo buf, const FunnelState *state)
{
	crm_funnel_state_settle(state);
	crm_event_log_write(buf, &state->log);
}

/*
 * Read what crm_funnel_state_write wrote into a new state.
 */
void
crm_funnel_state_read(FunnelState *state, FunnelPlan *plan, StringInfo buf,
					  const char *what)
{
	crm_funnel_state_init(state, plan);
	crm_event_log_read(&state->log, state, buf, what);
}

static bool
any_wide(const int64 *words, uint32 n)
{
	uint32		i;

	/* before the first wide event, each word is one */
	for (i = 0; i < n; i++)
	{
		if ((words[i] & FUNNEL_CODE_MASK) == FUNNEL_CODE_WIDE)
			return true;
	}
	return false;
}

/*
 * The events of a state's words, in order, as a new array in the current memory
 * context.  The words are sorted if they are all keys.
 */
FunnelEvent *
crm_funnel_word_events(const FunnelPlan *plan, int64 *words, uint32 n_words, uint32 *n)
{
	bool		wide = any_wide(words, n_words);
	FunnelEvent *events;
	uint32		i;

	if (!wide)
		crm_event_keys_sort(words, n_words);
	events = (FunnelEvent *) MemoryContextAllocHuge(CurrentMemoryContext,
													(Size) Max(n_words, 1) * sizeof(FunnelEvent));
	*n = 0;
	for (i = 0; i < n_words; i++)
	{
		FunnelEvent *event = &events[(*n)++];
		uint32		code = (uint32) (words[i] & FUNNEL_CODE_MASK);

		if (unlikely(i % 65536 == 65535))
			CHECK_FOR_INTERRUPTS();
		if (likely(code != FUNNEL_CODE_WIDE))
		{
			event->ts = (words[i] - code) / (1 << FUNNEL_CODE_BITS);
			event->mask = plan->masks[code];
			continue;
		}
		if (i + 1 == n_words)
			elog(ERROR, "funnel state ends within an event");
		event->mask = (uint64) words[i] >> FUNNEL_CODE_BITS;
		event->ts = words[++i];
	}

	/* at one time, codes are not in the order of masks */
	if (wide)
		sort_events(events, *n);
	return events;
}

/*
 * All events of a state in order, a new array in the current memory context.
 */
FunnelEvent *
crm_funnel_state_events(const FunnelState *state, uint32 *n)
{
	uint32		n_words;
	int64	   *words;
	FunnelEvent *events;

	crm_funnel_state_settle(state);
	words = crm_event_log_copy(&state->log, &n_words);
	events = crm_funnel_word_events(state->plan, words, n_words, n);

	pfree(words);
	return events;
}
