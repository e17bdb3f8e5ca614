/*-------------------------------------------------------------------------
 *
 * event_list.h
 *	  A customer's events as packed 8-byte keys: collect in any order, read in
 *	  time order.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_EVENT_LIST_H
#define CRM_EVENT_LIST_H

#include "postgres.h"

#include "lib/stringinfo.h"

/* 2^28 events of one group take 2 GB. */
#define EVENT_LIST_MAX (1 << 28)

/*
 * Embedded in an aggregate's state.  A key sorts as the event's time does: the
 * time is in the high bits, what the capability needs of the event below.
 */
typedef struct EventList
{
	int64	   *keys;
	uint32		n;
	uint32		max;			/* allocated */
	bool		sorted;			/* ascending so far */
} EventList;

extern void crm_event_list_init(EventList *list, MemoryContext context, uint32 expected);
extern void crm_event_list_grow(EventList *list, uint32 needed);
extern void crm_event_keys_sort(int64 *keys, uint32 n);
extern void crm_event_list_merge(EventList *into, const EventList *from);
extern void crm_event_list_write(StringInfo buf, const EventList *list);
extern void crm_event_list_read(EventList *list, MemoryContext context,
								StringInfo buf, const char *what);

/* Add an event.  The list stays in the memory context that it was made in. */
static inline void
crm_event_list_add(EventList *list, int64 key)
{
	if (unlikely(list->n >= list->max))
		crm_event_list_grow(list, list->n + 1);
	if (list->n > 0 && key < list->keys[list->n - 1])
		list->sorted = false;
	list->keys[list->n++] = key;
}

#endif							/* CRM_EVENT_LIST_H */
