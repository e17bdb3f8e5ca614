/*-------------------------------------------------------------------------
 *
 * active_customers.h
 *	  Counting the customers who are active within a moving window.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_ACTIVE_CUSTOMERS_H
#define CRM_ACTIVE_CUSTOMERS_H

#include "postgres.h"

#include "fmgr.h"

#include "src/retention/activity.h"

/* A window in periods */
#define ACTIVE_MAX_WINDOW 100000

/*
 * changes[i] is by how much the number of customers in period first + i
 * differs from that of the period before.
 */
typedef struct ActiveCustomers
{
	MemoryContext context;
	PeriodUnit	unit;
	int32		window;
	bool		has_range;
	int64		from;			/* periods to report, if has_range ... */
	int64		to;
	int64		first_active;	/* ... else from the first to the last active */
	int64		last_active;
	int64		first;
	int64		n;				/* allocated */
	int64	   *changes;
} ActiveCustomers;

extern int32 crm_active_check_window(int32 window);
extern ActiveCustomers *crm_active_create(MemoryContext context, PeriodUnit unit,
										  int32 window);
extern void crm_active_set_range(ActiveCustomers *active, int64 from, int64 to);
extern void crm_active_add(ActiveCustomers *active, const Activity *activity);
extern void crm_active_merge(ActiveCustomers *active, const ActiveCustomers *other);
extern Datum crm_active_rows(FunctionCallInfo fcinfo, const ActiveCustomers *active);

#endif							/* CRM_ACTIVE_CUSTOMERS_H */
