/*-------------------------------------------------------------------------
 *
 * customer_events.c
 *	  A hash table of customers, each with a list of packed events.
 *
 * For aggregates that do without GROUP BY customer: the server's hash of
 * groups, its call of a transition function by way of the group's state, and
 * a list that is copied as it grows, are replaced by one probe and one store.
 *
 * Open addressing with linear probing, at most three quarters full.  Events
 * are in blocks of one cache line, cut from larger pieces.  Nothing is spilled
 * to disk: there is a limit of memory, and an error that tells the way out.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "src/common/aggstate.h"
#include "src/common/event_list.h"
#include "src/journey/customer_events.h"

/* Slots at first */
#define INITIAL_SLOTS 64

/* Blocks are cut from pieces of this many, but the first ones are small. */
#define PIECE_BLOCKS 1024

/* A processor's cache line, on which blocks are aligned. */
#define LINE 64

/* The least limit of memory; work_mem can raise it. */
#define MIN_LIMIT (UINT64_C(1) << 30)

static uint32 hash_customer(const CustomerEvents *table, Datum customer);
static bool same_customer(const CustomerEvents *table, Datum a, Datum b);
static void allocate_slots(CustomerEvents *table, uint32 size);
static void grow(CustomerEvents *table);
static void count_bytes(CustomerEvents *table, uint64 bytes);
static CustomerEventsEntry *find_hashed(CustomerEvents *table, Datum customer, uint32 hash);

/*
 * An empty table in the given context, for customers of a type, which must
 * have a hash function.
 */
CustomerEvents *
crm_customer_events_create(MemoryContext context, Oid type, Oid collation)
{
	CustomerEvents *table = (CustomerEvents *) MemoryContextAllocZero(context, sizeof(CustomerEvents));
	TypeCacheEntry *typcache = lookup_type_cache(type,
												 TYPECACHE_HASH_PROC_FINFO |
												 TYPECACHE_EQ_OPR_FINFO);

	if (!OidIsValid(typcache->hash_proc_finfo.fn_oid) ||
		!OidIsValid(typcache->eq_opr_finfo.fn_oid))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("customers cannot be of type %s, which has no hash function",
						format_type_be(type)),
				 errhint("Cast the customer to text.")));
	table->context = context;
	table->type = type;
	table->collation = collation;
	table->typlen = typcache->typlen;
	table->typbyval = typcache->typbyval;
	table->bitwise = type == INT4OID || type == INT8OID || type == INT2OID || type == OIDOID;
	table->typcache = typcache;
	table->max_bytes = Max(MIN_LIMIT, (uint64) get_hash_memory_limit());
	allocate_slots(table, INITIAL_SLOTS);
	return table;
}

static void
count_bytes(CustomerEvents *table, uint64 bytes)
{
	table->bytes += bytes;
	if (table->bytes > table->max_bytes)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("events of %u customers need more than " UINT64_FORMAT " MB of memory",
						table->n_customers, table->max_bytes >> 20),
				 errhint("Group by customer with the aggregate for one customer, which can spill to disk; or raise work_mem.")));
}

static void
allocate_slots(CustomerEvents *table, uint32 size)
{
	count_bytes(table, (uint64) size * (sizeof(CustomerEventsEntry) + 1));
	table->size = size;
	table->slots = (CustomerEventsEntry *)
		MemoryContextAllocHuge(table->context, (Size) size * sizeof(CustomerEventsEntry));
	table->occupied = (uint8 *) MemoryContextAllocHuge(table->context, size);
	memset(table->occupied, 0, size);
}

/*
 * A block without events.
 */
EventBlock *
crm_customer_events_block(CustomerEvents *table)
{
	EventBlock *block;

	if (table->n_free_blocks == 0)
	{
		/* few blocks for few customers: there may be many tables */
		uint32		n = Min(PIECE_BLOCKS, Max(8, table->n_customers));
		char	   *piece;

		count_bytes(table, n * sizeof(EventBlock) + LINE);
		piece = (char *) MemoryContextAlloc(table->context, n * sizeof(EventBlock) + LINE);
		table->free_blocks = (EventBlock *) TYPEALIGN(LINE, piece);
		table->n_free_blocks = n;
	}
	block = table->free_blocks++;
	table->n_free_blocks--;
	block->next = NULL;
	return block;
}

static uint32
hash_customer(const CustomerEvents *table, Datum customer)
{
	if (table->bitwise)
	{
		/* the finalizer of MurmurHash3 (A. Appleby) */
		uint64		h = (uint64) customer;

		h ^= h >> 33;
		h *= UINT64CONST(0xff51afd7ed558ccd);
		h ^= h >> 33;
		h *= UINT64CONST(0xc4ceb9fe1a85ec53);
		h ^= h >> 33;
		return (uint32) h;
	}
	/* the servers' hash functions of integers are sound in all their bits */
	return DatumGetUInt32(FunctionCall1Coll(&table->typcache->hash_proc_finfo,
											table->collation, customer));
}

static bool
same_customer(const CustomerEvents *table, Datum a, Datum b)
{
	if (table->bitwise)
		return a == b;
	return DatumGetBool(FunctionCall2Coll(&table->typcache->eq_opr_finfo,
										  table->collation, a, b));
}

static void
grow(CustomerEvents *table)
{
	CustomerEventsEntry *old_slots = table->slots;
	uint8	   *old_occupied = table->occupied;
	uint32		old_size = table->size;
	uint32		mask;
	uint32		i;

	if (old_size > PG_UINT32_MAX / 4)
		count_bytes(table, table->max_bytes);
	allocate_slots(table, old_size * 2);
	mask = table->size - 1;
	for (i = 0; i < old_size; i++)
	{
		uint32		at;

		if (!old_occupied[i])
			continue;
		at = old_slots[i].hash & mask;
		while (table->occupied[at])
			at = (at + 1) & mask;
		table->occupied[at] = 1;
		table->slots[at] = old_slots[i];
	}
	pfree(old_slots);
	pfree(old_occupied);
	table->bytes -= (uint64) old_size * (sizeof(CustomerEventsEntry) + 1);
}

static CustomerEventsEntry *
find_hashed(CustomerEvents *table, Datum customer, uint32 hash)
{
	uint32		mask = table->size - 1;
	uint32		at = hash & mask;
	CustomerEventsEntry *entry;

	while (table->occupied[at])
	{
		entry = &table->slots[at];
		if (entry->hash == hash && same_customer(table, entry->customer, customer))
			return entry;
		at = (at + 1) & mask;
	}

	if (unlikely((uint64) table->n_customers * 4 >= (uint64) table->size * 3))
	{
		grow(table);
		return find_hashed(table, customer, hash);
	}
	entry = &table->slots[at];
	if (table->typbyval)
		entry->customer = customer;
	else
	{
		MemoryContext old_context = MemoryContextSwitchTo(table->context);

		if (table->typlen == -1)
		{
			struct varlena *copy = PG_DETOAST_DATUM_COPY(customer);

			count_bytes(table, VARSIZE(copy));
			entry->customer = PointerGetDatum(copy);
		}
		else
		{
			count_bytes(table, datumGetSize(customer, false, table->typlen));
			entry->customer = datumCopy(customer, false, table->typlen);
		}
		MemoryContextSwitchTo(old_context);
	}
	entry->hash = hash;
	entry->n = 0;
	entry->head = entry->tail = NULL;
	table->occupied[at] = 1;
	table->n_customers++;
	return entry;
}

/*
 * The customer's entry, new if need be; valid until the next one is added.
 */
CustomerEventsEntry *
crm_customer_events_find(CustomerEvents *table, Datum customer)
{
	return find_hashed(table, customer, hash_customer(table, customer));
}

/*
 * Copy a customer's keys, as they came, to an array with room for them.
 */
void
crm_customer_events_copy(const CustomerEventsEntry *entry, int64 *keys)
{
	const EventBlock *block = entry->head;
	uint32		left = entry->n;

	while (left > 0)
	{
		uint32		n = Min(left, EVENT_BLOCK_KEYS);

		memcpy(keys, block->keys, n * sizeof(int64));
		keys += n;
		left -= n;
		block = block->next;
	}
}

/*
 * Add all customers and events of another table of the same type.
 */
void
crm_customer_events_merge(CustomerEvents *into, const CustomerEvents *from)
{
	uint32		i;

	for (i = 0; i < from->size; i++)
	{
		const CustomerEventsEntry *entry = &from->slots[i];
		const EventBlock *block;
		CustomerEventsEntry *to;
		uint32		j;

		if (!from->occupied[i])
			continue;
		CHECK_FOR_INTERRUPTS();
		to = find_hashed(into, entry->customer, entry->hash);
		block = entry->head;
		for (j = 0; j < entry->n; j++)
		{
			crm_customer_event_add(into, to, block->keys[j % EVENT_BLOCK_KEYS]);
			if (j % EVENT_BLOCK_KEYS == EVENT_BLOCK_KEYS - 1)
				block = block->next;
		}
	}
}

/*
 * Append to a serialised state.
 */
void
crm_customer_events_write(StringInfo buf, const CustomerEvents *table)
{
	uint32		i;

	pq_sendint32(buf, table->type);
	pq_sendint32(buf, table->collation);
	pq_sendint64(buf, table->n_customers);
	for (i = 0; i < table->size; i++)
	{
		const CustomerEventsEntry *entry = &table->slots[i];
		const EventBlock *block = entry->head;
		uint32		j;

		if (!table->occupied[i])
			continue;
		if ((Size) buf->len + (Size) entry->n * sizeof(int64) > MaxAllocSize / 2)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("events of %u customers are too many to pass from a parallel worker",
							table->n_customers),
					 errhint("Group by customer with the aggregate for one customer; or set max_parallel_workers_per_gather to 0.")));
		pq_sendint32(buf, entry->hash);
		if (table->typbyval)
			pq_sendint64(buf, (int64) entry->customer);
		else
		{
			Size		size = datumGetSize(entry->customer, false, table->typlen);

			pq_sendint64(buf, (int64) size);
			pq_sendbytes(buf, DatumGetPointer(entry->customer), (int) size);
		}
		pq_sendint64(buf, entry->n);
		for (j = 0; j < entry->n; j++)
		{
			pq_sendint64(buf, block->keys[j % EVENT_BLOCK_KEYS]);
			if (j % EVENT_BLOCK_KEYS == EVENT_BLOCK_KEYS - 1)
				block = block->next;
		}
	}
}

/*
 * Read what crm_customer_events_write wrote into a new table.
 */
CustomerEvents *
crm_customer_events_read(MemoryContext context, StringInfo buf, const char *what)
{
	Oid			type = pq_getmsgint(buf, 4);
	Oid			collation = pq_getmsgint(buf, 4);
	CustomerEvents *table = crm_customer_events_create(context, type, collation);
	int64		n = crm_deserial_count(buf, PG_INT32_MAX, 20, what);
	int64		i;

	for (i = 0; i < n; i++)
	{
		uint32		hash = pq_getmsgint(buf, 4);
		CustomerEventsEntry *entry;
		Datum		customer;
		int64		n_events;
		int64		j;

		if (table->typbyval)
			customer = (Datum) pq_getmsgint64(buf);
		else
		{
			int			size = (int) crm_deserial_count(buf, MaxAllocSize, 1, what);
			char	   *copy = (char *) palloc(Max(size, 1));

			memcpy(copy, pq_getmsgbytes(buf, size), size);
			customer = PointerGetDatum(copy);
		}
		entry = find_hashed(table, customer, hash);
		n_events = crm_deserial_count(buf, EVENT_LIST_MAX, sizeof(int64), what);
		for (j = 0; j < n_events; j++)
			crm_customer_event_add(table, entry, pq_getmsgint64(buf));
		if (!table->typbyval)
			pfree(DatumGetPointer(customer));
	}
	return table;
}
