/*-------------------------------------------------------------------------
 *
 * event_list.c
 *	  A customer's events as packed 8-byte keys: collect in any order, read in
 *	  time order.
 *
 * Events come in time order from an index on (customer, time), nearly so from
 * a table in order of time, and in any order from parallel workers.  One
 * comparison an event notices which it is, so that only lists out of order are
 * sorted, and two that are in order are merged.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "port/pg_bswap.h"
#include "utils/memutils.h"

#include "src/common/aggstate.h"
#include "src/common/event_list.h"

#define ST_SORT sort_keys
#define ST_ELEMENT_TYPE int64
#define ST_COMPARE(a, b) (*(a) < *(b) ? -1 : (*(a) > *(b) ? 1 : 0))
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

/* Room for this many at first: most customers have few events. */
#define INITIAL_EVENTS 8

/*
 * Keys in so many ascending runs are merged rather than sorted: one for each
 * process of a parallel plan over a table in order of time.
 */
#define MAX_RUNS 8

static void merge_runs(int64 *keys, uint32 *ends, int n_runs);

/* A serialised state makes room for this many at a time. */
#define ROOM_FOR_KEYS 1024

/*
 * An empty list in the given context, with room for as many events as
 * expected.
 */
void
crm_event_list_init(EventList *list, MemoryContext context, uint32 expected)
{
	list->n = 0;
	list->max = Max(expected, INITIAL_EVENTS);
	list->sorted = true;
	list->keys = (int64 *) MemoryContextAllocHuge(context,
												  (Size) list->max * sizeof(int64));
}

/*
 * Make room for as many events.
 */
void
crm_event_list_grow(EventList *list, uint32 needed)
{
	uint32		max = list->max;

	if (needed <= max)
		return;
	if (needed > EVENT_LIST_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("more than %d events in one group", EVENT_LIST_MAX),
				 errhint("Group by customer, and leave out events without a customer.")));
	while (max < needed)
		max *= 2;
	list->keys = (int64 *) repalloc_huge(list->keys, (Size) max * sizeof(int64));
	list->max = max;
}

/*
 * Merge neighbouring ascending runs of keys, each of which ends before ends[i],
 * until one is left.
 */
static void
merge_runs(int64 *keys, uint32 *ends, int n_runs)
{
	int64	   *left;
	int			i;

	left = (int64 *) MemoryContextAllocHuge(CurrentMemoryContext,
											(Size) ends[n_runs - 1] * sizeof(int64));
	while (n_runs > 1)
	{
		uint32		from = 0;
		int			merged = 0;

		CHECK_FOR_INTERRUPTS();
		for (i = 0; i + 1 < n_runs; i += 2)
		{
			const int64 *right = keys + ends[i];
			const int64 *right_end = keys + ends[i + 1];
			const int64 *a = left;
			const int64 *a_end = left + (ends[i] - from);
			int64	   *to = keys + from;

			memcpy(left, to, (Size) (ends[i] - from) * sizeof(int64));
			/* which is taken is anybody's guess, a branch's too */
			while (a < a_end && right < right_end)
			{
				int64		left_key = *a;
				int64		right_key = *right;
				bool		take_right = right_key < left_key;

				*to++ = take_right ? right_key : left_key;
				right += take_right;
				a += !take_right;
			}
			memcpy(to, a, (Size) (a_end - a) * sizeof(int64));
			from = ends[i + 1];
			ends[merged++] = from;
		}
		if (i < n_runs)
			ends[merged++] = ends[i];
		n_runs = merged;
	}
	pfree(left);
}

/*
 * Sort keys in place, quickly where they are few ascending runs.
 */
void
crm_event_keys_sort(int64 *keys, uint32 n)
{
	uint32		ends[MAX_RUNS];
	int			n_runs = 0;
	uint32		i;

	for (i = 1; i < n; i++)
	{
		if (keys[i] >= keys[i - 1])
			continue;
		if (n_runs == MAX_RUNS - 1)
		{
			sort_keys(keys, n);
			return;
		}
		ends[n_runs++] = i;
	}
	if (n_runs > 0)
	{
		ends[n_runs++] = n;
		merge_runs(keys, ends, n_runs);
	}
}

/*
 * Add all events of another list.
 */
void
crm_event_list_merge(EventList *into, const EventList *from)
{
	uint32		n_into = into->n;
	uint32		n_from = from->n;
	uint32		n;

	if (n_from == 0)
		return;
	if (n_from > EVENT_LIST_MAX - n_into)
		crm_event_list_grow(into, EVENT_LIST_MAX + 1U);
	n = n_into + n_from;
	crm_event_list_grow(into, n);

	if (!into->sorted || !from->sorted ||
		n_into == 0 || into->keys[n_into - 1] <= from->keys[0])
	{
		memcpy(into->keys + n_into, from->keys, (Size) n_from * sizeof(int64));
		into->sorted = into->sorted && from->sorted;
	}
	else
	{
		/* from the end, so that it can be done in place */
		uint32		to = n;

		while (n_from > 0)
		{
			if (n_into > 0 && into->keys[n_into - 1] > from->keys[n_from - 1])
				into->keys[--to] = into->keys[--n_into];
			else
				into->keys[--to] = from->keys[--n_from];
		}
	}
	into->n = n;
}

/*
 * Append to a serialised state.
 */
void
crm_event_list_write(StringInfo buf, const EventList *list)
{
	uint32		i;

	pq_sendbyte(buf, list->sorted);
	pq_sendint64(buf, list->n);
	for (i = 0; i < list->n; i++)
	{
		/* make room once in a while; too long a buffer is an error there */
		if (i % ROOM_FOR_KEYS == 0)
			enlargeStringInfo(buf, (int) (Min(list->n - i, ROOM_FOR_KEYS) * sizeof(int64)));
		pq_writeint64(buf, list->keys[i]);
	}
}

/*
 * Read what crm_event_list_write wrote into a new list in the given context.
 */
void
crm_event_list_read(EventList *list, MemoryContext context, StringInfo buf,
					const char *what)
{
	bool		sorted = pq_getmsgbyte(buf) != 0;
	uint32		n = (uint32) crm_deserial_count(buf, EVENT_LIST_MAX, sizeof(int64), what);
	uint32		i;

	crm_event_list_init(list, context, n);
	pq_copymsgbytes(buf, (char *) list->keys, (int) (n * sizeof(int64)));
	for (i = 0; i < n; i++)
		list->keys[i] = (int64) pg_ntoh64(list->keys[i]);
	list->n = n;
	list->sorted = sorted;
}
