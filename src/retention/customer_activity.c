/*-------------------------------------------------------------------------
 *
 * customer_activity.c
 *	  The activity of every customer, for aggregates that are not grouped by
 *	  customer.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "libpq/pqformat.h"
#include "miscadmin.h"

#include "src/retention/customer_activity.h"

/* What the allocator adds to a piece of memory, at most */
#define CHUNK_OVERHEAD 16

static Size state_bytes(const ActivityState *state);
static void set_activity(CustomerActivities *table, CustomerEntry *entry,
						 ActivityState *state);
static void flush(CustomerActivities *table);
static void mark(CustomerActivities *table, CustomerEntry *entry, int32 period);

/*
 * An empty table in the given context, for customers of that type.
 */
CustomerActivities *
crm_customer_activity_create(MemoryContext context, Oid type, Oid collation,
							 PeriodUnit unit, uint32 zone_hash)
{
	CustomerActivities *table = (CustomerActivities *)
		MemoryContextAlloc(context, sizeof(CustomerActivities));

	crm_customer_table_init(&table->customers, context, type, collation);
	table->unit = unit;
	table->zone_hash = zone_hash;
	return table;
}

static Size
state_bytes(const ActivityState *state)
{
	return offsetof(ActivityState, words) + state->n_words * sizeof(uint64) + CHUNK_OVERHEAD;
}

/*
 * Give a customer a state that is new or has grown, and account for it.
 */
static void
set_activity(CustomerActivities *table, CustomerEntry *entry, ActivityState *state)
{
	/* n is what has been counted of this customer */
	table->customers.bytes -= entry->n;
	entry->n = (uint32) state_bytes(state);
	entry->value = state;
	crm_customer_table_count(&table->customers, entry->n);
}

/*
 * Mark a period of a customer as active.
 */
static inline void
mark(CustomerActivities *table, CustomerEntry *entry, int32 period)
{
	ActivityState *state = (ActivityState *) entry->value;
	uint32		i;

	if (unlikely(state == NULL))
	{
		state = crm_activity_state_create(table->customers.context, table->unit,
										  table->zone_hash, period);
		set_activity(table, entry, state);
	}
	i = activity_word(period) - state->first_word;
	if (likely(i < state->n_words))
		state->words[i] |= activity_bit(period);
	else
		set_activity(table, entry, crm_activity_state_add(state, period));
}

/*
 * Mark a period of a customer, who is added if need be, as active.
 */
void
crm_customer_activity_add(CustomerActivities *table, Datum customer, int32 period)
{
	if (!table->customers.typbyval)
		mark(table, crm_customer_table_find(&table->customers, customer), period);
	else if (crm_customer_table_put(&table->customers, customer, period))
		flush(table);
}

/*
 * Mark the periods that wait, before the entries are read.
 */
static void
flush(CustomerActivities *table)
{
	CustomerEntry *entries[CUSTOMER_ROWS];
	int64		periods[CUSTOMER_ROWS];
	int			n = crm_customer_table_take(&table->customers, entries, periods);
	int			i;

	for (i = 0; i < n; i++)
		mark(table, entries[i], (int32) periods[i]);
}

/*
 * Add the activities of another table of the same type, unit and zone.
 */
void
crm_customer_activity_merge(CustomerActivities *into, CustomerActivities *from)
{
	const CustomerEntry *entry;
	uint32		at = 0;

	flush(into);
	flush(from);
	crm_customer_table_reserve(&into->customers, from->customers.n_customers);
	while ((entry = crm_customer_table_next(&from->customers, &at)) != NULL)
	{
		CustomerEntry *to = crm_customer_table_find_same(&into->customers, entry);
		const ActivityState *activity = (const ActivityState *) entry->value;
		ActivityState *state = (ActivityState *) to->value;

		CHECK_FOR_INTERRUPTS();
		if (state == NULL)
			state = crm_activity_state_create(into->customers.context, into->unit,
											  into->zone_hash,
											  activity_period(activity->first_word, 0));
		set_activity(into, to, crm_activity_state_merge(state, activity->first_word,
														activity->n_words, activity->words));
	}
}

/*
 * Append to a serialised state.
 */
void
crm_customer_activity_write(StringInfo buf, CustomerActivities *table)
{
	const CustomerEntry *entry;
	uint32		at = 0;

	pq_sendint32(buf, table->unit);
	pq_sendint32(buf, table->zone_hash);
	flush(table);
	crm_customer_table_write(buf, &table->customers);
	while ((entry = crm_customer_table_next(&table->customers, &at)) != NULL)
	{
		const ActivityState *state = (const ActivityState *) entry->value;

		CHECK_FOR_INTERRUPTS();
		crm_customer_table_write_entry(buf, &table->customers, entry, state_bytes(state));
		crm_activity_state_write(buf, state);
	}
}

/*
 * Read what crm_customer_activity_write wrote into a new table in the given
 * context.
 */
CustomerActivities *
crm_customer_activity_read(MemoryContext context, StringInfo buf, const char *what)
{
	CustomerActivities *table = (CustomerActivities *)
		MemoryContextAlloc(context, sizeof(CustomerActivities));
	uint32		n;
	uint32		i;

	table->unit = (PeriodUnit) pq_getmsgint(buf, 4);
	table->zone_hash = (uint32) pq_getmsgint(buf, 4);
	n = crm_customer_table_read(&table->customers, context, buf, what);
	for (i = 0; i < n; i++)
	{
		CustomerEntry *entry = crm_customer_table_read_entry(&table->customers, buf, what);

		CHECK_FOR_INTERRUPTS();
		set_activity(table, entry, crm_activity_state_read(context, buf, what));
	}
	return table;
}

/*
 * Call a function for each customer's activity.  The activity is gone when it
 * returns.
 */
void
crm_customer_activity_visit(CustomerActivities *table,
							void (*visit) (void *target, const Activity *activity),
							void *target)
{
	const CustomerEntry *entry;
	uint32		at = 0;

	flush(table);
	while ((entry = crm_customer_table_next(&table->customers, &at)) != NULL)
	{
		Activity   *activity = crm_activity_state_value((const ActivityState *) entry->value);

		CHECK_FOR_INTERRUPTS();
		visit(target, activity);
		pfree(activity);
	}
}
