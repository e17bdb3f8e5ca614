/*-------------------------------------------------------------------------
 *
 * customer_table.h
 *	  The activity of every customer, for aggregates that are not grouped by
 *	  customer.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_CUSTOMER_TABLE_H
#define CRM_CUSTOMER_TABLE_H

#include "postgres.h"

#include "fmgr.h"
#include "lib/stringinfo.h"

#include "src/retention/activity.h"

/*
 * A customer with up to ten months of days takes some 120 bytes, so that this
 * is about eight million customers.
 */
#define CUSTOMER_TABLE_MAX_BYTES ((Size) 1024 * 1024 * 1024)

typedef struct CustomerEntry
{
	Datum		customer;
	ActivityState *activity;
	uint32		hash;
	char		status;			/* of simplehash */
} CustomerEntry;

struct customers_hash;

typedef struct CustomerTable
{
	MemoryContext context;
	PeriodUnit	unit;
	uint32		zone_hash;
	Oid			type;			/* of customers */
	Oid			collation;
	bool		is_integer;		/* equal if the datums are */
	bool		byval;
	int16		typlen;
	FmgrInfo	hash_function;
	FmgrInfo	eq_function;
	struct customers_hash *hash;
	Size		bytes;			/* but for the hash table's own */
} CustomerTable;

extern CustomerTable *crm_customer_table_create(MemoryContext context, Oid type,
												Oid collation, PeriodUnit unit,
												uint32 zone_hash, uint32 expected);
extern void crm_customer_table_add(CustomerTable *table, Datum customer, int32 period);
extern void crm_customer_table_merge(CustomerTable *table, const CustomerTable *other);
extern void crm_customer_table_write(StringInfo buf, const CustomerTable *table);
extern CustomerTable *crm_customer_table_read(MemoryContext context, StringInfo buf,
											  const char *what);
extern void crm_customer_table_visit(const CustomerTable *table,
									 void (*visit) (void *target, const Activity *activity),
									 void *target);

#endif							/* CRM_CUSTOMER_TABLE_H */
