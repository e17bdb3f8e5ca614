/*-------------------------------------------------------------------------
 *
 * customer_events.h
 *	  A table of customers, each with a list of packed events.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_CUSTOMER_EVENTS_H
#define CRM_CUSTOMER_EVENTS_H

#include "postgres.h"

#include "src/common/customer_table.h"

/* Events of one customer, in the order in which they came */
#define EVENT_BLOCK_KEYS 7
typedef struct EventBlock
{
	int64		keys[EVENT_BLOCK_KEYS];
	struct EventBlock *next;	/* of the last one: the first */
} EventBlock;

/* An entry's n is the number of events, its value the last block. */
typedef struct CustomerEvents
{
	CustomerTable customers;
	EventBlock *free_blocks;
	uint32		n_free_blocks;
} CustomerEvents;

extern CustomerEvents *crm_customer_events_create(MemoryContext context, Oid type,
												  Oid collation);
extern void crm_customer_events_block(CustomerEvents *table, CustomerEntry *entry);
extern void crm_customer_events_copy(const CustomerEntry *entry, void *keys);
extern void crm_customer_events_merge(CustomerEvents *into, const CustomerEvents *from);
extern void crm_customer_events_write(StringInfo buf, const CustomerEvents *table);
extern CustomerEvents *crm_customer_events_read(MemoryContext context, StringInfo buf,
												const char *what);

/* Add an event to a customer's. */
static inline void
crm_customer_event_add(CustomerEvents *table, CustomerEntry *entry, int64 key)
{
	uint32		at = entry->n % EVENT_BLOCK_KEYS;

	if (at == 0)
		crm_customer_events_block(table, entry);
	((EventBlock *) entry->value)->keys[at] = key;
	entry->n++;
}

#endif							/* CRM_CUSTOMER_EVENTS_H */
