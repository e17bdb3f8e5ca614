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

/* An entry's n is the number of events, its value the last block of them. */
typedef struct CustomerEvents
{
	CustomerTable customers;
	struct EventBlock *free_blocks;
	uint32		n_free_blocks;
} CustomerEvents;

extern CustomerEvents *crm_customer_events_create(MemoryContext context, Oid type,
												  Oid collation);
extern void crm_customer_events_add(CustomerEvents *table, Datum customer, int64 key);
extern void crm_customer_events_flush(CustomerEvents *table);
extern void crm_customer_events_copy(const CustomerEntry *entry, void *keys);
extern void crm_customer_events_merge(CustomerEvents *into, CustomerEvents *from);
extern void crm_customer_events_write(StringInfo buf, CustomerEvents *table);
extern CustomerEvents *crm_customer_events_read(MemoryContext context, StringInfo buf,
												const char *what);

#endif							/* CRM_CUSTOMER_EVENTS_H */
