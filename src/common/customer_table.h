/*-------------------------------------------------------------------------
 *
 * customer_table.h
 *	  A hash table of customers, of any type that has a hash function.
 *
 * What is kept for each customer is up to the user: a number and a pointer
 * stand beside the customer's value, so that a row costs one probe.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_CUSTOMER_TABLE_H
#define CRM_CUSTOMER_TABLE_H

#include "postgres.h"

#include "fmgr.h"
#include "lib/stringinfo.h"

#include "src/compat.h"

typedef struct CustomerEntry
{
	Datum		customer;
	uint32		hash;			/* 0: no customer is here */
	uint32		n;				/* the user's, 0 at first */
	void	   *value;			/* the user's, NULL at first */
} CustomerEntry;

/*
 * Rows wait until there are so many, and the memory that they need is fetched
 * meanwhile: in order of time each row is of a customer whom no cache holds
 * any more.
 */
#define CUSTOMER_ROWS 16
typedef struct CustomerRow
{
	Datum		customer;
	int64		key;			/* the user's */
	uint32		hash;
} CustomerRow;

/* Part of a larger structure of the user's, as a rule */
typedef struct CustomerTable
{
	MemoryContext context;
	Oid			type;			/* of customers */
	Oid			collation;
	int16		typlen;
	bool		typbyval;
	bool		is_integer;		/* compared here */
	FmgrInfo	hash_function;	/* of other types */
	FmgrInfo	eq_function;
	uint32		n_customers;
	uint32		size;			/* slots, a power of two */
	CustomerEntry *slots;
	int			n_rows;			/* that wait */
	CustomerRow rows[CUSTOMER_ROWS];
	uint64		bytes;			/* in use, by slots and what was counted */
	uint64		max_bytes;
} CustomerTable;

extern void crm_customer_table_init(CustomerTable *table, MemoryContext context,
									Oid type, Oid collation);
extern void crm_customer_table_reserve(CustomerTable *table, uint32 more);
extern bool crm_customer_table_put(CustomerTable *table, Datum customer, int64 key);
extern int	crm_customer_table_take(CustomerTable *table, CustomerEntry **entries,
									int64 *keys);
extern CustomerEntry *crm_customer_table_find(CustomerTable *table, Datum customer);
extern CustomerEntry *crm_customer_table_find_same(CustomerTable *table,
												   const CustomerEntry *other);
extern CustomerEntry *crm_customer_table_next(const CustomerTable *table, uint32 *at);
pg_noreturn extern void crm_customer_table_too_large(const CustomerTable *table);

extern void crm_customer_table_write(StringInfo buf, const CustomerTable *table);
extern void crm_customer_table_write_entry(StringInfo buf, const CustomerTable *table,
										   const CustomerEntry *entry, Size value_bytes);
extern uint32 crm_customer_table_read(CustomerTable *table, MemoryContext context,
									  StringInfo buf, const char *what);
extern CustomerEntry *crm_customer_table_read_entry(CustomerTable *table, StringInfo buf,
													const char *what);

/*
 * Account for memory that is kept for customers, and refuse it past the limit.
 */
static inline void
crm_customer_table_count(CustomerTable *table, Size bytes)
{
	table->bytes += bytes;
	if (unlikely(table->bytes > table->max_bytes))
		crm_customer_table_too_large(table);
}

#endif							/* CRM_CUSTOMER_TABLE_H */
