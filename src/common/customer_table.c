/*-------------------------------------------------------------------------
 *
 * customer_table.c
 *	  A hash table of customers, of any type that has a hash function.
 *
 * For aggregates that do without GROUP BY customer: the server's hash of
 * groups and its call of a transition function by way of the group's state are
 * replaced by one probe.  Nothing is spilled to disk as the grouping does:
 * there is a limit of memory, and an error that tells the way out.
 *
 * Open addressing with linear probing, at most seven eighths full.  Integers
 * are hashed and compared here, other types by the functions of their default
 * operator class.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "src/common/aggstate.h"
#include "src/common/customer_table.h"
#include "src/math/mix_bits.h"

/* Slots at first: there may be many tables of few customers each. */
#define INITIAL_SLOTS 64

/* Hashes have 32 bits. */
#define MAX_SLOTS (UINT32_C(1) << 31)

/* The least limit of memory; work_mem can raise it. */
#define MIN_LIMIT (UINT64_C(1) << 30)

static Datum own_bits(const CustomerTable *table, Datum customer);
static uint32 hash_customer(CustomerTable *table, Datum customer);
static bool same_customer(CustomerTable *table, Datum a, Datum b);
static void resize(CustomerTable *table, uint32 size);
static CustomerEntry *find_hashed(CustomerTable *table, Datum customer, uint32 hash);
static CustomerEntry *add_customer(CustomerTable *table, CustomerEntry *entry,
								   Datum customer, uint32 hash);

/*
 * An empty table of customers of a type, whose memory is in the given context.
 */
void
crm_customer_table_init(CustomerTable *table, MemoryContext context, Oid type,
						Oid collation)
{
	Oid			base_type = getBaseType(type);

	memset(table, 0, sizeof(CustomerTable));
	table->context = context;
	table->type = type;
	table->collation = collation;
	table->is_integer = base_type == INT2OID || base_type == INT4OID || base_type == INT8OID;
	get_typlenbyval(type, &table->typlen, &table->typbyval);
	if (!table->is_integer)
	{
		TypeCacheEntry *typcache = lookup_type_cache(type, TYPECACHE_HASH_PROC |
													 TYPECACHE_EQ_OPR_FINFO);

		if (!OidIsValid(typcache->hash_proc) || !OidIsValid(typcache->eq_opr_finfo.fn_oid))
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("customers cannot be of type %s, which has no hash function",
							format_type_be(type)),
					 errhint("Cast the customer to text.")));
		fmgr_info_cxt(typcache->hash_proc, &table->hash_function, context);
		fmgr_info_cxt(typcache->eq_opr_finfo.fn_oid, &table->eq_function, context);
	}
	table->max_bytes = Max(MIN_LIMIT, (uint64) get_hash_memory_limit());
	resize(table, INITIAL_SLOTS);
}

/*
 * Say that customers need more than the limit.
 */
void
crm_customer_table_too_large(const CustomerTable *table)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("%u customers at once need more than " UINT64_FORMAT " MB of memory",
					table->n_customers, table->max_bytes >> 20),
			 errhint("Group by customer with the aggregate for one customer, which can spill to disk; or raise work_mem.")));
}

/*
 * A short integer, extended from its own length: what the rest of a datum holds
 * differs between a column and a function's result.  Others as they are.
 */
static inline Datum
own_bits(const CustomerTable *table, Datum customer)
{
	if (!table->is_integer)
		return customer;
	switch (table->typlen)
	{
		case sizeof(int16):
			return Int16GetDatum(DatumGetInt16(customer));
		case sizeof(int32):
			return Int32GetDatum(DatumGetInt32(customer));
		default:
			return customer;
	}
}

/* Never 0 */
static inline uint32
hash_customer(CustomerTable *table, Datum customer)
{
	uint32		hash;

	if (table->is_integer)
		hash = (uint32) crm_mix_bits((uint64) customer);
	else
		hash = DatumGetUInt32(FunctionCall1Coll(&table->hash_function, table->collation, customer));
	return hash == 0 ? 1 : hash;
}

static inline bool
same_customer(CustomerTable *table, Datum a, Datum b)
{
	if (table->is_integer)
		return a == b;
	return DatumGetBool(FunctionCall2Coll(&table->eq_function, table->collation, a, b));
}

/*
 * Make it so many slots, more than now.
 */
static void
resize(CustomerTable *table, uint32 size)
{
	CustomerEntry *old_slots = table->slots;
	uint32		old_size = table->size;
	uint32		mask = size - 1;
	uint32		i;

	crm_customer_table_count(table, (Size) (size - old_size) * sizeof(CustomerEntry));
	table->slots = (CustomerEntry *)
		MemoryContextAllocExtended(table->context, (Size) size * sizeof(CustomerEntry),
								   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	table->size = size;
	for (i = 0; i < old_size; i++)
	{
		uint32		at = old_slots[i].hash & mask;

		if (old_slots[i].hash == 0)
			continue;
		while (table->slots[at].hash != 0)
			at = (at + 1) & mask;
		table->slots[at] = old_slots[i];
	}
	if (old_slots != NULL)
		pfree(old_slots);
}

/*
 * Make room for more customers.
 *
 * To be called before customers of another table are added, at least: they
 * come in the order of their hashes, and would pile up at the beginning of a
 * smaller table.
 */
void
crm_customer_table_reserve(CustomerTable *table, uint32 more)
{
	uint64		size = table->size;

	while (((uint64) table->n_customers + more) * 8 > size * 7)
		size *= 2;
	if (size > MAX_SLOTS)
		crm_customer_table_too_large(table);
	if (size > table->size)
		resize(table, (uint32) size);
}

/*
 * The entry of a customer, as own_bits gives it.
 */
static inline CustomerEntry *
find_hashed(CustomerTable *table, Datum customer, uint32 hash)
{
	uint32		mask = table->size - 1;
	uint32		at = hash & mask;

	for (;;)
	{
		CustomerEntry *entry = &table->slots[at];

		if (entry->hash == hash && same_customer(table, entry->customer, customer))
			return entry;
		if (entry->hash == 0)
			return add_customer(table, entry, customer, hash);
		at = (at + 1) & mask;
	}
}

/*
 * Add a copy of a customer at the slot where it was not found.
 */
static CustomerEntry *
add_customer(CustomerTable *table, CustomerEntry *entry, Datum customer, uint32 hash)
{
	if (unlikely(((uint64) table->n_customers + 1) * 8 > (uint64) table->size * 7))
	{
		crm_customer_table_reserve(table, 1);
		return find_hashed(table, customer, hash);
	}
	if (!table->typbyval)
	{
		MemoryContext old_context = MemoryContextSwitchTo(table->context);

		/* uncompressed, and with the header that functions want */
		if (table->typlen == -1)
			customer = PointerGetDatum(PG_DETOAST_DATUM_COPY(customer));
		else
			customer = datumCopy(customer, false, table->typlen);
		crm_customer_table_count(table, datumGetSize(customer, false, table->typlen));
		MemoryContextSwitchTo(old_context);
	}
	entry->customer = customer;
	entry->hash = hash;
	entry->n = 0;
	entry->value = NULL;
	table->n_customers++;
	return entry;
}

/*
 * The entry of a customer, who is added if need be; valid until the next one
 * is added.
 */
CustomerEntry *
crm_customer_table_find(CustomerTable *table, Datum customer)
{
	customer = own_bits(table, customer);
	return find_hashed(table, customer, hash_customer(table, customer));
}

/*
 * Let a row wait, whose customer is passed by value: the memory of others may
 * go.  Returns whether that was the last row for which there is room.
 */
bool
crm_customer_table_put(CustomerTable *table, Datum customer, int64 key)
{
	CustomerRow *row = &table->rows[table->n_rows++];

	Assert(table->typbyval);
	row->customer = own_bits(table, customer);
	row->hash = hash_customer(table, row->customer);
	row->key = key;
	__builtin_prefetch(&table->slots[row->hash & (table->size - 1)]);
	return table->n_rows == CUSTOMER_ROWS;
}

/*
 * The entries and keys of the rows that wait, in their order; none waits any
 * more.  They are valid until the next customer is added.  Returns how many.
 */
int
crm_customer_table_take(CustomerTable *table, CustomerEntry **entries, int64 *keys)
{
	int			n = table->n_rows;
	int			i;

	crm_customer_table_reserve(table, n);
	for (i = 0; i < n; i++)
	{
		const CustomerRow *row = &table->rows[i];

		entries[i] = find_hashed(table, row->customer, row->hash);
		keys[i] = row->key;
		if (entries[i]->value != NULL)
			__builtin_prefetch(entries[i]->value);
	}
	table->n_rows = 0;
	return n;
}

/*
 * The same of the customer of another table of the same type.
 */
CustomerEntry *
crm_customer_table_find_same(CustomerTable *table, const CustomerEntry *other)
{
	return find_hashed(table, other->customer, other->hash);
}

/*
 * One entry after the other, at first with *at = 0; NULL after the last.
 */
CustomerEntry *
crm_customer_table_next(const CustomerTable *table, uint32 *at)
{
	Assert(table->n_rows == 0);
	while (*at < table->size)
	{
		CustomerEntry *entry = &table->slots[(*at)++];

		if (entry->hash != 0)
			return entry;
	}
	return NULL;
}

/*
 * Begin to write a table for a process of the same server.  An entry for each
 * customer must follow.
 */
void
crm_customer_table_write(StringInfo buf, const CustomerTable *table)
{
	pq_sendint32(buf, table->type);
	pq_sendint32(buf, table->collation);
	pq_sendint64(buf, table->n_customers);
}

/*
 * Write a customer, byte by byte; the user will add no more than value_bytes.
 */
void
crm_customer_table_write_entry(StringInfo buf, const CustomerTable *table,
							   const CustomerEntry *entry, Size value_bytes)
{
	Size		size = table->typbyval ? 0 : datumGetSize(entry->customer, false, table->typlen);

	/* the buffer grows by doubling */
	if ((Size) buf->len + size + value_bytes + 64 > MaxAllocSize / 2)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%u customers are too many to pass from a parallel worker",
						table->n_customers),
				 errhint("Group by customer with the aggregate for one customer; or set max_parallel_workers_per_gather to 0.")));
	pq_sendint32(buf, entry->hash);
	if (table->typbyval)
		pq_sendint64(buf, (int64) entry->customer);
	else
	{
		pq_sendint64(buf, (int64) size);
		pq_sendbytes(buf, DatumGetPointer(entry->customer), (int) size);
	}
}

/*
 * Make a table with room for what crm_customer_table_write wrote.  Returns the
 * number of entries to be read.
 */
uint32
crm_customer_table_read(CustomerTable *table, MemoryContext context, StringInfo buf,
						const char *what)
{
	Oid			type = (Oid) pq_getmsgint(buf, 4);
	Oid			collation = (Oid) pq_getmsgint(buf, 4);
	int64		n = crm_deserial_count(buf, PG_INT32_MAX, sizeof(uint32) + sizeof(int64), what);

	crm_customer_table_init(table, context, type, collation);
	crm_customer_table_reserve(table, (uint32) n);
	return (uint32) n;
}

/*
 * Read what crm_customer_table_write_entry wrote.
 */
CustomerEntry *
crm_customer_table_read_entry(CustomerTable *table, StringInfo buf, const char *what)
{
	uint32		hash = (uint32) pq_getmsgint(buf, 4);
	CustomerEntry *entry;
	char	   *copy;
	int			size;

	if (table->typbyval)
		return find_hashed(table, (Datum) pq_getmsgint64(buf), hash);
	/* aligned, as in the buffer it is not */
	size = (int) crm_deserial_count(buf, MaxAllocSize, 1, what);
	copy = (char *) palloc(Max(size, 1));
	pq_copymsgbytes(buf, copy, size);
	entry = find_hashed(table, PointerGetDatum(copy), hash);
	pfree(copy);
	return entry;
}
