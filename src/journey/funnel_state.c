/*-------------------------------------------------------------------------
 *
 * funnel_state.c
 *	  A customer's events while an aggregate collects them.
 *
 * Nearly always an event is one step, or foreign, or an exclusion, at a time
 * within 4500 years of 2000: then it is a key of 8 bytes, time and code.  A
 * row of several conditions that hold at once, or a time further off (numbers
 * may be anything), makes the state wide: 16 bytes an event, time and mask.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "libpq/pqformat.h"
#include "utils/memutils.h"

#include "src/common/aggstate.h"
#include "src/common/floor_div.h"
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
#include "miscadmin.h"
#include "lib/sort_template.h"

static void unpack(const FunnelPlan *plan, const int64 *keys, uint32 n, FunnelEvent *events);
static void make_wide(FunnelState *state, uint32 expected);
static void add_wide(FunnelState *state, int64 ts, uint64 mask);

/*
 * No events yet, in the given memory context, with room for as many keys as
 * expected; the plan is only referred to.
 */
void
crm_funnel_state_init(FunnelState *state, FunnelPlan *plan, MemoryContext context,
					  uint32 expected)
{
	state->plan = plan;
	crm_event_list_init(&state->list, context, expected);
	state->wide = NULL;
	state->n_wide = state->max_wide = 0;
	state->wide_sorted = true;
	state->mixed = false;
}

static void
unpack(const FunnelPlan *plan, const int64 *keys, uint32 n, FunnelEvent *events)
{
	uint32		i;

	for (i = 0; i < n; i++)
	{
		uint32		code = (uint32) (keys[i] & FUNNEL_CODE_MASK);

		events[i].ts = (keys[i] - code) / (1 << FUNNEL_CODE_BITS);
		events[i].mask = plan->masks[code];
	}
}

/*
 * Change to wide events, with room for as many more.
 */
static void
make_wide(FunnelState *state, uint32 expected)
{
	uint32		n = state->list.n;
	MemoryContext context = GetMemoryChunkContext(state->list.keys);

	if (expected > EVENT_LIST_MAX - n)
		crm_event_list_grow(&state->list, EVENT_LIST_MAX + 1U);
	state->max_wide = Max(n + expected, 16);
	state->wide = (FunnelEvent *) MemoryContextAllocHuge(context,
														 (Size) state->max_wide * sizeof(FunnelEvent));
	unpack(state->plan, state->list.keys, n, state->wide);
	state->n_wide = n;
	/* by time they may be sorted, but at one time codes are not masks */
	state->wide_sorted = n == 0;
	state->list.n = 0;
	state->list.sorted = true;
}

static void
add_wide(FunnelState *state, int64 ts, uint64 mask)
{
	FunnelEvent *event;

	if (state->n_wide >= state->max_wide)
	{
		if (state->n_wide >= EVENT_LIST_MAX)
			crm_event_list_grow(&state->list, EVENT_LIST_MAX + 1U);
		state->max_wide = Min(state->max_wide * 2, EVENT_LIST_MAX);
		state->wide = (FunnelEvent *) repalloc_huge(state->wide,
													(Size) state->max_wide * sizeof(FunnelEvent));
	}
	event = &state->wide[state->n_wide++];
	event->ts = ts;
	event->mask = mask;
	if (state->n_wide > 1 && compare_events(event - 1, event) > 0)
		state->wide_sorted = false;
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

	if (code >= FUNNEL_CODE_EXCLUDE)
		state->mixed = true;
	if (state->wide == NULL && code != FUNNEL_CODE_MASK &&
		ts > -FUNNEL_KEY_LIMIT && ts < FUNNEL_KEY_LIMIT)
	{
		crm_event_list_add(&state->list, ts * (1 << FUNNEL_CODE_BITS) + code);
		return;
	}
	if (state->wide == NULL)
		make_wide(state, 1);
	add_wide(state, ts, mask);
}

/*
 * Add the events of another state of the same plan.
 */
void
crm_funnel_state_merge(FunnelState *into, const FunnelState *from)
{
	uint32		n;
	uint32		i;
	FunnelEvent *events;

	into->mixed = into->mixed || from->mixed;
	if (into->wide == NULL && from->wide == NULL)
	{
		crm_event_list_merge(&into->list, &from->list);
		return;
	}
	events = crm_funnel_state_events(from, &n);
	if (into->wide == NULL)
		make_wide(into, n);
	for (i = 0; i < n; i++)
		add_wide(into, events[i].ts, events[i].mask);
}

/*
 * Append to a serialised state, without the plan.
 */
void
crm_funnel_state_write(StringInfo buf, const FunnelState *state)
{
	uint32		i;

	pq_sendbyte(buf, state->mixed);
	pq_sendbyte(buf, state->wide != NULL);
	if (state->wide == NULL)
	{
		crm_event_list_write(buf, &state->list);
		return;
	}
	pq_sendint64(buf, state->n_wide);
	for (i = 0; i < state->n_wide; i++)
	{
		pq_sendint64(buf, state->wide[i].ts);
		pq_sendint64(buf, (int64) state->wide[i].mask);
	}
}

/*
 * Read what crm_funnel_state_write wrote into a new state.
 */
void
crm_funnel_state_read(FunnelState *state, FunnelPlan *plan, MemoryContext context,
					  StringInfo buf, const char *what)
{
	bool		mixed = pq_getmsgbyte(buf) != 0;
	bool		wide = pq_getmsgbyte(buf) != 0;
	int64		n;
	int64		i;

	if (!wide)
	{
		state->plan = plan;
		crm_event_list_read(&state->list, context, buf, what);
		state->wide = NULL;
		state->n_wide = state->max_wide = 0;
		state->wide_sorted = true;
		state->mixed = mixed;
		return;
	}
	crm_funnel_state_init(state, plan, context, 0);
	state->mixed = mixed;
	n = crm_deserial_count(buf, EVENT_LIST_MAX, sizeof(FunnelEvent), what);
	make_wide(state, (uint32) n);
	for (i = 0; i < n; i++)
	{
		int64		ts = pq_getmsgint64(buf);

		add_wide(state, ts, (uint64) pq_getmsgint64(buf));
	}
}

/*
 * All events in order: the state's own array where it is in order, else a new
 * one in the current memory context.  Not to be changed.
 */
FunnelEvent *
crm_funnel_state_events(const FunnelState *state, uint32 *n)
{
	FunnelEvent *events;

	if (state->wide != NULL)
	{
		*n = state->n_wide;
		if (state->wide_sorted)
			return state->wide;
		events = (FunnelEvent *) MemoryContextAllocHuge(CurrentMemoryContext,
														(Size) *n * sizeof(FunnelEvent));
		memcpy(events, state->wide, (Size) *n * sizeof(FunnelEvent));
		sort_events(events, *n);
	}
	else
	{
		*n = state->list.n;
		events = (FunnelEvent *) MemoryContextAllocHuge(CurrentMemoryContext,
														(Size) Max(*n, 1) * sizeof(FunnelEvent));
		unpack(state->plan, crm_event_list_sorted(&state->list), *n, events);
	}
	return events;
}
