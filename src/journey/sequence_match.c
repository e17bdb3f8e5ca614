/*-------------------------------------------------------------------------
 *
 * sequence_match.c
 *	  Matches of a pattern in a list of events, in linear time.
 *
 * A pattern is a list of items, each with a range of times since the item
 * before (sequence_pattern.c).  Let R(i) be the events at which the first i
 * items can be matched with item i on that event.  An event belongs to
 * R(i + 1) if it meets item i + 1 and some earlier event of R(i) is in its
 * range.  It is enough to look at one: the latest of R(i) that is at least
 * the least time ago, because if that is too long ago then all are.  As time
 * goes on it only moves forward, so that a queue finds it: each event enters
 * and leaves a queue for each item at most once.
 *
 * The limit over the whole chain needs the latest start with which an event
 * of R(i) can be reached.  Ranges are convex: where two matches of the first
 * items cross, either can go on as the other does.  It follows that a later
 * event of R(i) has a start that is no earlier, so that the latest event of
 * R(i) in range gives the best start, too.
 *
 * By the same argument the match that begins first (and then has its second
 * event first, and so on) also ends first: it is found by its end, then walked
 * back.  Backtracking, as others do it, takes exponential time, or gives up
 * after so many steps.
 *
 * Time is n events times m items at most, space as much for patterns with a
 * least time, else m.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "src/journey/sequence_match.h"

#define ST_SORT sort_events
#define ST_ELEMENT_TYPE SequenceEvent
#define ST_COMPARE(a, b) crm_sequence_compare(a, b)
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

/* An event of R(i) */
typedef struct ReachedEvent
{
	int64		ts;
	int64		start;			/* of the latest match that reaches it */
} ReachedEvent;

/* R(i), as far as the next item needs it */
typedef struct ReachedSet
{
	bool		has_latest;		/* there is an event that the next item can
								 * refer to: */
	ReachedEvent latest;
	int64		position;		/* of latest, if the next item has no least
								 * time */

	/* If it has: those that are not yet so long ago, oldest first */
	ReachedEvent *queue;
	int64		head;
	int64		tail;
	int64		max;			/* allocated */
} ReachedSet;

static void enqueue(ReachedSet *set, int64 ts, int64 start);
static bool can_follow(const SequenceItem *item, ReachedSet *set, int64 position,
					   int64 ts, int64 *start);
static bool follows(const SequenceItem *item, const SequenceEvent *events,
					int64 before, int64 after);

/*
 * Order of time; at the same time, the order of the lists of the conditions'
 * numbers: {1}, {1,2}, {1,3}, {2}.
 */
int
crm_sequence_compare(const SequenceEvent *a, const SequenceEvent *b)
{
	uint32		differ = a->mask ^ b->mask;
	uint32		lowest;
	bool		a_has_lowest;

	if (a->ts != b->ts)
		return a->ts < b->ts ? -1 : 1;
	if (differ == 0)
		return 0;
	lowest = differ & -differ;
	a_has_lowest = (a->mask & lowest) != 0;

	/* The other list goes on with a greater number, or ends here. */
	if (((a_has_lowest ? b->mask : a->mask) & ~(lowest | (lowest - 1))) != 0)
		return a_has_lowest ? -1 : 1;
	return a_has_lowest ? 1 : -1;
}

void
crm_sequence_sort(SequenceEvent *events, size_t n)
{
	sort_events(events, n);
}

static void
enqueue(ReachedSet *set, int64 ts, int64 start)
{
	if (set->tail >= set->max)
	{
		if (set->head > set->max / 2)
		{
			memmove(set->queue, set->queue + set->head,
					(set->tail - set->head) * sizeof(ReachedEvent));
			set->tail -= set->head;
			set->head = 0;
		}
		else
		{
			set->max = Max(2 * set->max, 16);
			if (set->queue == NULL)
				set->queue = palloc(set->max * sizeof(ReachedEvent));
			else
				set->queue = repalloc_huge(set->queue, set->max * sizeof(ReachedEvent));
		}
	}
	set->queue[set->tail].ts = ts;
	set->queue[set->tail].start = start;
	set->tail++;
}

/*
 * Whether the event at position can be the item that follows those reached by
 * set; sets *start if so.
 */
static bool
can_follow(const SequenceItem *item, ReachedSet *set, int64 position, int64 ts,
		   int64 *start)
{
	if (!item->is_next && item->min_time > 0)
	{
		while (set->head < set->tail &&
			   crm_span_between(set->queue[set->head].ts, ts) >= item->min_time)
		{
			set->latest = set->queue[set->head++];
			set->has_latest = true;
		}
	}
	if (!set->has_latest)
		return false;
	*start = set->latest.start;
	if (item->is_next)
		return set->position == position - 1;
	return crm_span_between(set->latest.ts, ts) <= item->max_time;
}

/*
 * How many matches there are that do not overlap, taking the first each time.
 * If first_end is given, stop at the first and store the position of its last
 * event.  Events must be sorted, and the pattern have items.
 */
int64
crm_sequence_scan(const SequencePattern *pattern, const SequenceEvent *events,
				  int64 n, int64 *first_end)
{
	int			n_items = pattern->n_items;
	const SequenceItem *items = pattern->items;
	ReachedSet *sets = palloc0(n_items * sizeof(ReachedSet));
	int			reached = 0;	/* sets[reached] and above are empty */
	int64		count = 0;
	int64		position;
	int			i;

	for (position = 0; position < n; position++)
	{
		int64		ts = events[position].ts;
		uint32		mask = events[position].mask;

		CHECK_FOR_INTERRUPTS();

		/* Downwards, so that the event does not follow itself. */
		for (i = Min(reached, n_items - 1); i >= 0; i--)
		{
			int64		start = ts;
			ReachedSet *set = &sets[i];

			if ((mask & items[i].mask) == 0)
				continue;
			if (i > 0 && !can_follow(&items[i], &sets[i - 1], position, ts, &start))
				continue;
			if (i == n_items - 1)
			{
				if (crm_span_between(start, ts) > pattern->max_total)
					continue;
				count++;
				if (first_end != NULL)
				{
					*first_end = position;
					goto done;
				}
				/* The next match begins after this one. */
				for (i = 0; i < n_items; i++)
				{
					sets[i].has_latest = false;
					sets[i].head = sets[i].tail = 0;
				}
				reached = 0;
				break;
			}
			if (!items[i + 1].is_next && items[i + 1].min_time > 0)
				enqueue(set, ts, start);
			else
			{
				set->latest.ts = ts;
				set->latest.start = start;
				set->position = position;
				set->has_latest = true;
			}
			reached = Max(reached, i + 1);
		}
	}

done:
	for (i = 0; i < n_items; i++)
	{
		if (sets[i].queue != NULL)
			pfree(sets[i].queue);
	}
	pfree(sets);
	return count;
}

/*
 * Whether one event can be the item, and the other the item before.
 */
static bool
follows(const SequenceItem *item, const SequenceEvent *events, int64 before,
		int64 after)
{
	uint64		time = crm_span_between(events[before].ts, events[after].ts);

	if (item->is_next)
		return after == before + 1;
	return time >= item->min_time && time <= item->max_time;
}

/*
 * The positions of the events of the first match, which ends at the given
 * position (crm_sequence_scan), into an array of as many as there are items.
 *
 * Backwards, the events from which the last items can be matched are found for
 * each item in turn: as in crm_sequence_scan it is enough to look at one event
 * of the item after, the earliest that is at least the least time later.
 */
void
crm_sequence_first(const SequencePattern *pattern, const SequenceEvent *events,
				   int64 end, int64 *positions)
{
	int			n_items = pattern->n_items;
	Size		n_words = (Size) end / 64 + 1;
	uint64	   *can_end;		/* bits: item, position */
	uint64	   *bits;
	int			i;
	int64		position;

	can_end = MemoryContextAllocExtended(CurrentMemoryContext,
										 n_items * n_words * sizeof(uint64),
										 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);

#define BIT_IS_SET(position) \
	((bits[(position) / 64] >> ((position) % 64) & 1) != 0)

	can_end[(n_items - 1) * n_words + end / 64] |= UINT64CONST(1) << (end % 64);
	for (i = n_items - 2; i >= 0; i--)
	{
		const SequenceItem *next = &pattern->items[i + 1];
		int64		later = -1; /* earliest event in range of the item after */
		int64		to_look;	/* those at this position and above are known
								 * to be late enough */

		bits = &can_end[(i + 1) * n_words];
		to_look = end + 1;
		for (position = end - 1; position >= 0; position--)
		{
			CHECK_FOR_INTERRUPTS();
			while (to_look > position + 1 &&
				   (next->is_next ||
					crm_span_between(events[position].ts, events[to_look - 1].ts) >= next->min_time))
			{
				to_look--;
				if (BIT_IS_SET(to_look))
					later = to_look;
			}
			if (later >= 0 && (events[position].mask & pattern->items[i].mask) != 0 &&
				follows(next, events, position, later))
				can_end[i * n_words + position / 64] |= UINT64CONST(1) << (position % 64);
		}
	}

	/* Now the first of each, as each follows from the one before. */
	position = 0;
	for (i = 0; i < n_items; i++)
	{
		bits = &can_end[i * n_words];
		for (;; position++)
		{
			CHECK_FOR_INTERRUPTS();
			if (position > end)
				elog(ERROR, "lost the match of a pattern");
			if (!BIT_IS_SET(position))
				continue;
			if (i == 0 ?
				crm_span_between(events[position].ts, events[end].ts) <= pattern->max_total :
				follows(&pattern->items[i], events, positions[i - 1], position))
				break;
		}
		positions[i] = position++;
	}
#undef BIT_IS_SET
	pfree(can_end);
}
