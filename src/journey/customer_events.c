/*-------------------------------------------------------------------------
 *
 * customer_events.c
 *	  A table of customers, each with a list of packed events.
 *
 * Events are in blocks of one cache line, cut from larger pieces, so that none
 * is copied as a list grows.  A list is a ring, known by its last block.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "src/common/aggstate.h"
#include "src/common/event_list.h"
#include "src/journey/customer_events.h"

/* Blocks are cut from pieces of this many, but the first ones are small. */
#define PIECE_BLOCKS 1024

/* A processor's cache line, on which blocks are aligned. */
#define LINE 64

/* Events of one customer, in the order in which they came */
#define EVENT_BLOCK_KEYS 7
typedef struct EventBlock
{
	int64		keys[EVENT_BLOCK_KEYS];
	struct EventBlock *next;	/* of the last one: the first */
} EventBlock;

StaticAssertDecl(sizeof(EventBlock) == LINE, "a block fills a cache line");

static void append_block(CustomerEvents *table, CustomerEntry *entry);
static void append_key(CustomerEvents *table, CustomerEntry *entry, int64 key);

/*
 * An empty table in the given context, for customers of a type, which must
 * have a hash function.
 */
CustomerEvents *
crm_customer_events_create(MemoryContext context, Oid type, Oid collation)
{
	CustomerEvents *table = (CustomerEvents *) MemoryContextAllocZero(context, sizeof(CustomerEvents));

	crm_customer_table_init(&table->customers, context, type, collation);
	return table;
}

/*
 * Append a block to the list of a customer, all of whose blocks are full.
 */
static void
append_block(CustomerEvents *table, CustomerEntry *entry)
{
	EventBlock *last = (EventBlock *) entry->value;
	EventBlock *block;

	if (table->n_free_blocks == 0)
	{
		/* few blocks for few customers: there may be many tables */
		uint32		n = Min(PIECE_BLOCKS, Max(8, table->customers.n_customers));
		Size		size = n * sizeof(EventBlock) + LINE;

		crm_customer_table_count(&table->customers, size);
		table->free_blocks = (EventBlock *)
			TYPEALIGN(LINE, MemoryContextAlloc(table->customers.context, size));
		table->n_free_blocks = n;
	}
	block = table->free_blocks++;
	table->n_free_blocks--;
	if (last == NULL)
		block->next = block;
	else
	{
		block->next = last->next;
		last->next = block;
	}
	entry->value = block;
}

/*
 * Append an event to the list of a customer.
 */
static inline void
append_key(CustomerEvents *table, CustomerEntry *entry, int64 key)
{
	uint32		at = entry->n % EVENT_BLOCK_KEYS;

	if (at == 0)
		append_block(table, entry);
	((EventBlock *) entry->value)->keys[at] = key;
	entry->n++;
}

/*
 * Add an event of a customer, who is added if need be.
 */
void
crm_customer_events_add(CustomerEvents *table, Datum customer, int64 key)
{
	if (!table->customers.typbyval)
		append_key(table, crm_customer_table_find(&table->customers, customer), key);
	else if (crm_customer_table_put(&table->customers, customer, key))
		crm_customer_events_flush(table);
}

/*
 * Add the events that wait, before the entries are read.
 */
void
crm_customer_events_flush(CustomerEvents *table)
{
	CustomerEntry *entries[CUSTOMER_ROWS];
	int64		keys[CUSTOMER_ROWS];
	int			n = crm_customer_table_take(&table->customers, entries, keys);
	int			i;

	for (i = 0; i < n; i++)
		append_key(table, entries[i], keys[i]);
}

/*
 * Copy a customer's keys, as they came, to where there is room for them.
 */
void
crm_customer_events_copy(const CustomerEntry *entry, void *keys)
{
	char	   *to = (char *) keys;
	const EventBlock *block = (const EventBlock *) entry->value;
	uint32		left = entry->n;

	while (left > 0)
	{
		uint32		n = Min(left, EVENT_BLOCK_KEYS);

		block = block->next;
		memcpy(to, block->keys, n * sizeof(int64));
		to += n * sizeof(int64);
		left -= n;
	}
}

/*
 * Add all customers and events of another table of the same type.
 */
void
crm_customer_events_merge(CustomerEvents *into, CustomerEvents *from)
{
	const CustomerEntry *entry;
	uint32		at = 0;

	crm_customer_events_flush(into);
	crm_customer_events_flush(from);
	crm_customer_table_reserve(&into->customers, from->customers.n_customers);
	while ((entry = crm_customer_table_next(&from->customers, &at)) != NULL)
	{
		CustomerEntry *to = crm_customer_table_find_same(&into->customers, entry);
		const EventBlock *block = (const EventBlock *) entry->value;
		uint32		i;

		CHECK_FOR_INTERRUPTS();
		for (i = 0; i < entry->n; i++)
		{
			if (i % EVENT_BLOCK_KEYS == 0)
				block = block->next;
			append_key(into, to, block->keys[i % EVENT_BLOCK_KEYS]);
		}
	}
}

/*
 * Append to a serialised state.
 */
void
crm_customer_events_write(StringInfo buf, CustomerEvents *table)
{
	const CustomerEntry *entry;
	uint32		at = 0;

	crm_customer_events_flush(table);
	crm_customer_table_write(buf, &table->customers);
	while ((entry = crm_customer_table_next(&table->customers, &at)) != NULL)
	{
		Size		size = (Size) entry->n * sizeof(int64);

		CHECK_FOR_INTERRUPTS();
		crm_customer_table_write_entry(buf, &table->customers, entry, size);
		pq_sendint64(buf, entry->n);
		enlargeStringInfo(buf, (int) size);
		crm_customer_events_copy(entry, buf->data + buf->len);
		buf->len += (int) size;
	}
}

/*
 * Read what crm_customer_events_write wrote into a new table.
 */
CustomerEvents *
crm_customer_events_read(MemoryContext context, StringInfo buf, const char *what)
{
	CustomerEvents *table = (CustomerEvents *) MemoryContextAllocZero(context, sizeof(CustomerEvents));
	uint32		n = crm_customer_table_read(&table->customers, context, buf, what);
	uint32		i;

	for (i = 0; i < n; i++)
	{
		CustomerEntry *entry = crm_customer_table_read_entry(&table->customers, buf, what);
		int64		n_events = crm_deserial_count(buf, EVENT_LIST_MAX, sizeof(int64), what);
		int64		j;

		CHECK_FOR_INTERRUPTS();
		for (j = 0; j < n_events; j++)
		{
			int64		key;

			pq_copymsgbytes(buf, (char *) &key, sizeof(key));
			append_key(table, entry, key);
		}
	}
	return table;
}
