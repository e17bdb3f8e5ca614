/*-------------------------------------------------------------------------
 *
 * customer_activity.h
 *	  The activity of every customer, for aggregates that are not grouped by
 *	  customer.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_CUSTOMER_ACTIVITY_H
#define CRM_CUSTOMER_ACTIVITY_H

#include "postgres.h"

#include "src/common/customer_table.h"
#include "src/retention/activity.h"

/* An entry's value is an ActivityState. */
typedef struct CustomerActivities
{
	CustomerTable customers;
	PeriodUnit	unit;
	uint32		zone_hash;
} CustomerActivities;

extern CustomerActivities *crm_customer_activity_create(MemoryContext context, Oid type,
														Oid collation, PeriodUnit unit,
														uint32 zone_hash);
extern void crm_customer_activity_add(CustomerActivities *table, Datum customer,
									  int32 period);
extern void crm_customer_activity_merge(CustomerActivities *into,
										CustomerActivities *from);
extern void crm_customer_activity_write(StringInfo buf, CustomerActivities *table);
extern CustomerActivities *crm_customer_activity_read(MemoryContext context, StringInfo buf,
													  const char *what);
extern void crm_customer_activity_visit(CustomerActivities *table,
										void (*visit) (void *target, const Activity *activity),
										void *target);

#endif							/* CRM_CUSTOMER_ACTIVITY_H */
