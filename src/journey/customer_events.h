/*-------------------------------------------------------------------------
 *
 * customer_events.h
 *	  A hash table of customers, each with a list of packed events.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_CUSTOMER_EVENTS_H
#define CRM_CUSTOMER_EVENTS_H

#include "postgres.h"

#include "fmgr.h"
#include "utils/typcache.h"

/* Events of one customer, in the order in which they came */
#define EVENT_BLOCK_KEYS 7
typedef struct EventBlock
{
	int64		keys[EVENT_BLOCK_KEYS];
	struct EventBlock *next;
} EventBlock;

typedef struct CustomerEventsEntry
{
	Datum		customer;
	uint32		hash;
	uint32		n;				/* events */
	EventBlock *head;
	EventBlock *tail;
} CustomerEventsEntry;

typedef struct CustomerEvents
{
	MemoryContext context;
	Oid			type;			/* of customers */
	Oid			collation;
	int16		typlen;
	bool		typbyval;
	bool		bitwise;		/* equal if all bits are */
	TypeCacheEntry *typcache;
	uint32		n_customers;
	uint32		size;			/* slots, a power of two */
	CustomerEventsEntry *slots;
	uint8	   *occupied;
	EventBlock *free_blocks;
	uint32		n_free_blocks;
	uint64		bytes;
	uint64		max_bytes;
} CustomerEvents;

extern CustomerEvents *crm_customer_events_create(MemoryContext context, Oid type,
												Oid collation);
extern CustomerEventsEntry *crm_customer_events_find(CustomerEvents *table, Datum customer);
extern EventBlock *crm_customer_events_block(CustomerEvents *table);
extern void crm_customer_events_copy(const CustomerEventsEntry *entry, int64 *keys);
extern void crm_customer_events_merge(CustomerEvents *into, const CustomerEvents *from);
extern void crm_customer_events_write(StringInfo buf, const CustomerEvents *table);
extern CustomerEvents *crm_customer_events_read(MemoryContext context, StringInfo buf,
											  const char *what);

/* Add an event to a customer's. */
static inline void
crm_customer_event_add(CustomerEvents *table, CustomerEventsEntry *entry, int64 key)
{
	uint32		at = entry->n % EVENT_BLOCK_KEYS;

	if (at == 0)
	{
		EventBlock *block = crm_customer_events_block(table);

		if (entry->n == 0)
			entry->head = block;
		else
			entry->tail->next = block;
		entry->tail = block;
	}
	entry->tail->keys[at] = key;
	entry->n++;
}

#endif							/* CRM_CUSTOMER_EVENTS_H */
