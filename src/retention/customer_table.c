/*-------------------------------------------------------------------------
 *
 * customer_table.c
 *	  The activity of every customer, for aggregates that are not grouped by
 *	  customer.
 *
 * A GROUP BY customer with an aggregate on top spends most of its time on the
 * grouping.  One aggregate that keeps a hash table of the customers is
 * quicker, but cannot spill to disk as the grouping does: hence the limit, and
 * the error that says what to do.
 *
 * Integers are hashed and compared here, other types by their own functions.
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
#include "src/compat.h"
#include "src/math/mix_bits.h"
#include "src/retention/customer_table.h"

/* What the allocator adds to a piece of memory, at most */
#define CHUNK_OVERHEAD 16

static bool customers_equal(const CustomerTable *table, Datum a, Datum b);
static uint32 customer_hash(const CustomerTable *table, Datum customer);

#define SH_PREFIX customers
#define SH_ELEMENT_TYPE CustomerEntry
#define SH_KEY_TYPE Datum
#define SH_KEY customer
#define SH_HASH_KEY(tb, key) customer_hash((const CustomerTable *) (tb)->private_data, key)
#define SH_EQUAL(tb, a, b) customers_equal((const CustomerTable *) (tb)->private_data, a, b)
#define SH_STORE_HASH
#define SH_GET_HASH(tb, a) ((a)->hash)
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

static CustomerEntry *find_entry(CustomerTable *table, Datum customer, uint32 hash,
								 bool *found);
static void count_bytes(CustomerTable *table, Size more);
static Size state_bytes(const ActivityState *state);
static void write_customer(StringInfo buf, const CustomerTable *table, Datum customer);
static Datum read_customer(StringInfo buf, const CustomerTable *table);

static bool
customers_equal(const CustomerTable *table, Datum a, Datum b)
{
	if (table->is_integer)
		return a == b;
	return DatumGetBool(FunctionCall2Coll((FmgrInfo *) &table->eq_function,
										  table->collation, a, b));
}

static uint32
customer_hash(const CustomerTable *table, Datum customer)
{
	if (!table->is_integer)
		return DatumGetUInt32(FunctionCall1Coll((FmgrInfo *) &table->hash_function,
												table->collation, customer));
	return (uint32) crm_mix_bits((uint64) customer);
}

/*
 * An empty table in the given context, for customers of that type, with room
 * for as many as expected.
 */
CustomerTable *
crm_customer_table_create(MemoryContext context, Oid type, Oid collation,
						  PeriodUnit unit, uint32 zone_hash, uint32 expected)
{
	CustomerTable *table;
	TypeCacheEntry *entry;
	Oid			base_type = getBaseType(type);

	table = (CustomerTable *) MemoryContextAllocZero(context, sizeof(CustomerTable));
	table->context = context;
	table->unit = unit;
	table->zone_hash = zone_hash;
	table->type = type;
	table->collation = collation;
	table->is_integer = base_type == INT2OID || base_type == INT4OID || base_type == INT8OID;
	get_typlenbyval(type, &table->typlen, &table->byval);
	if (!table->is_integer)
	{
		entry = lookup_type_cache(type, TYPECACHE_HASH_PROC | TYPECACHE_EQ_OPR_FINFO);
		if (!OidIsValid(entry->hash_proc) || !OidIsValid(entry->eq_opr_finfo.fn_oid))
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("customers of type %s cannot be hashed", format_type_be(type)),
					 errhint("Pass a number, text or uuid that identifies the customer.")));
		fmgr_info_cxt(entry->hash_proc, &table->hash_function, context);
		fmgr_info_cxt(entry->eq_opr_finfo.fn_oid, &table->eq_function, context);
	}
	table->hash = customers_create(context, Max(expected, 1024), table);
	return table;
}

/*
 * Account for more memory, and refuse it past the limit.
 */
static void
count_bytes(CustomerTable *table, Size more)
{
	table->bytes += more;
	if (table->bytes + table->hash->size * sizeof(CustomerEntry) > CUSTOMER_TABLE_MAX_BYTES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("more than %d MB for " UINT64_FORMAT " customers at once",
						(int) (CUSTOMER_TABLE_MAX_BYTES / (1024 * 1024)),
						(uint64) table->hash->members),
				 errhint("Use crm_activity_agg with GROUP BY customer, and crm_retention or crm_active_customers over its result: that spills to disk.")));
}

static Size
state_bytes(const ActivityState *state)
{
	return offsetof(ActivityState, words) + state->n_words * sizeof(uint64) + CHUNK_OVERHEAD;
}

/*
 * The entry of a customer, whose value is copied if it is new.
 */
static CustomerEntry *
find_entry(CustomerTable *table, Datum customer, uint32 hash, bool *found)
{
	CustomerEntry *entry = customers_insert_hash(table->hash, customer, hash, found);

	if (!*found)
	{
		entry->activity = NULL;
		if (!table->byval)
		{
			MemoryContext old_context;

			if (table->typlen == -1)
				customer = PointerGetDatum(PG_DETOAST_DATUM_PACKED(customer));
			old_context = MemoryContextSwitchTo(table->context);
			entry->customer = datumCopy(customer, table->byval, table->typlen);
			MemoryContextSwitchTo(old_context);
			count_bytes(table, datumGetSize(customer, table->byval, table->typlen) +
						CHUNK_OVERHEAD);
		}
	}
	return entry;
}

/*
 * Mark a period of a customer as active.
 */
void
crm_customer_table_add(CustomerTable *table, Datum customer, int32 period)
{
	bool		found;
	CustomerEntry *entry = find_entry(table, customer, customer_hash(table, customer),
									  &found);
	ActivityState *state = entry->activity;

	if (unlikely(state == NULL))
	{
		state = crm_activity_state_create(table->context, table->unit,
										  table->zone_hash, period);
		entry->activity = state;
		count_bytes(table, state_bytes(state));
	}
	if (unlikely(activity_word(period) - state->first_word >= state->n_words))
	{
		table->bytes -= state_bytes(state);
		state = crm_activity_state_add(state, period);
		entry->activity = state;
		count_bytes(table, state_bytes(state));
	}
	else
		(void) crm_activity_state_add(state, period);
}

/*
 * Add the activities of another table of the same type, unit and zone.
 */
void
crm_customer_table_merge(CustomerTable *table, const CustomerTable *other)
{
	customers_iterator iterator;
	CustomerEntry *from;
	uint64		members = (uint64) table->hash->members + other->hash->members;

	/*
	 * Entries come in the order of their hashes.  Inserting them so into a
	 * smaller table would pile them up at its beginning, so make it large
	 * enough now.
	 */
	if (members * 2 > table->hash->size)
		customers_grow(table->hash, members * 2);
	count_bytes(table, 0);

	customers_start_iterate(other->hash, &iterator);
	while ((from = customers_iterate(other->hash, &iterator)) != NULL)
	{
		bool		found;
		CustomerEntry *entry = find_entry(table, from->customer, from->hash, &found);
		const ActivityState *activity = from->activity;

		CHECK_FOR_INTERRUPTS();
		if (entry->activity == NULL)
			entry->activity = crm_activity_state_create(table->context, table->unit,
														table->zone_hash,
														activity_period(activity->first_word, 0));
		else
			table->bytes -= state_bytes(entry->activity);
		entry->activity = crm_activity_state_merge(entry->activity, activity->first_word,
												   activity->n_words, activity->words);
		count_bytes(table, state_bytes(entry->activity));
	}
}

/*
 * A customer's value, for a process of the same server: byte by byte.
 */
static void
write_customer(StringInfo buf, const CustomerTable *table, Datum customer)
{
	Size		size;

	if (table->byval)
	{
		pq_sendint64(buf, (int64) customer);
		return;
	}
	size = datumGetSize(customer, table->byval, table->typlen);
	pq_sendint64(buf, (int64) size);
	pq_sendbytes(buf, DatumGetPointer(customer), (int) size);
}

/* What write_customer wrote, in the current memory context */
static Datum
read_customer(StringInfo buf, const CustomerTable *table)
{
	int64		size = pq_getmsgint64(buf);
	char	   *bytes;

	if (table->byval)
		return (Datum) size;
	if (size < 1 || size > buf->len - buf->cursor)
		elog(ERROR, "invalid length of a serialized customer");
	bytes = (char *) palloc(size);
	memcpy(bytes, pq_getmsgbytes(buf, (int) size), size);
	return PointerGetDatum(bytes);
}

/*
 * Append to a serialised state.
 */
void
crm_customer_table_write(StringInfo buf, const CustomerTable *table)
{
	customers_iterator iterator;
	CustomerEntry *entry;

	pq_sendint32(buf, table->type);
	pq_sendint32(buf, table->collation);
	pq_sendint32(buf, table->unit);
	pq_sendint32(buf, table->zone_hash);
	pq_sendint64(buf, table->hash->members);
	customers_start_iterate(table->hash, &iterator);
	while ((entry = customers_iterate(table->hash, &iterator)) != NULL)
	{
		CHECK_FOR_INTERRUPTS();
		write_customer(buf, table, entry->customer);
		crm_activity_state_write(buf, entry->activity);
	}
}

/*
 * Read what crm_customer_table_write wrote into a new table in the given
 * context.
 */
CustomerTable *
crm_customer_table_read(MemoryContext context, StringInfo buf, const char *what)
{
	Oid			type = (Oid) pq_getmsgint(buf, 4);
	Oid			collation = (Oid) pq_getmsgint(buf, 4);
	PeriodUnit	unit = (PeriodUnit) pq_getmsgint(buf, 4);
	uint32		zone_hash = (uint32) pq_getmsgint(buf, 4);
	int64		n = crm_deserial_count(buf, PG_INT32_MAX, sizeof(int64), what);
	CustomerTable *table;
	int64		i;

	/* in the order of hashes: see crm_customer_table_merge */
	table = crm_customer_table_create(context, type, collation, unit, zone_hash, (uint32) n);
	for (i = 0; i < n; i++)
	{
		MemoryContext old_context = MemoryContextSwitchTo(context);
		Datum		customer = read_customer(buf, table);
		bool		found;
		CustomerEntry *entry = customers_insert(table->hash, customer, &found);

		CHECK_FOR_INTERRUPTS();
		if (found)
			elog(ERROR, "customer occurs twice in a serialized table");
		entry->activity = crm_activity_state_read(context, buf, what);
		count_bytes(table, state_bytes(entry->activity) +
					(table->byval ? 0 :
					 datumGetSize(customer, table->byval, table->typlen) + CHUNK_OVERHEAD));
		MemoryContextSwitchTo(old_context);
	}
	return table;
}

/*
 * Call a function for each customer's activity.  The activity is gone when it
 * returns.
 */
void
crm_customer_table_visit(const CustomerTable *table,
						 void (*visit) (void *target, const Activity *activity),
						 void *target)
{
	customers_iterator iterator;
	CustomerEntry *entry;

	customers_start_iterate(table->hash, &iterator);
	while ((entry = customers_iterate(table->hash, &iterator)) != NULL)
	{
		Activity   *activity = crm_activity_state_value(entry->activity);

		CHECK_FOR_INTERRUPTS();
		visit(target, activity);
		pfree(activity);
	}
}
