/*-------------------------------------------------------------------------
 *
 * history_table.c
 *	  Distinct customer histories with their counts: what a fit needs of any
 *	  number of customers.
 *
 * A million customers whose times are whole days have some ten thousand
 * different histories, and the likelihood is a sum over them.  They are kept by
 * vector_table.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "libpq/pqformat.h"

#include "src/clv/history_table.h"

#define TOO_MANY_HINT "Use a coarser grain, such as days, so that more customers share a history, or a sample of the customers."

/*
 * An empty table in the given context.
 */
HistoryTable *
crm_history_table_create(MemoryContext context, uint32 expected_rows)
{
	HistoryTable *table = (HistoryTable *)
		MemoryContextAllocZero(context, sizeof(HistoryTable));

	crm_vector_table_init(&table->set, context, HISTORY_WIDTH, expected_rows,
						  TOO_MANY_HINT);
	return table;
}

/*
 * Make *table one of rows that are there, to be read or merged, not added to.
 */
void
crm_history_table_wrap(HistoryTable *table, double unit_days, BtydRow *rows,
					   uint32 n_rows)
{
	memset(table, 0, sizeof(HistoryTable));
	table->unit_days = unit_days;
	table->set.width = HISTORY_WIDTH;
	table->set.rows = (double *) rows;
	table->set.n_rows = n_rows;
}

/*
 * State the time unit of the rows to come; it is one for the whole table.
 */
void
crm_history_table_unit(HistoryTable *table, double unit_days)
{
	if (table->unit_days == 0)
		table->unit_days = unit_days;
	else if (table->unit_days != unit_days)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("histories of different time units: %g days and %g days",
						table->unit_days, unit_days),
				 errhint("Pass the same time_unit to crm_rfm for all customers.")));
}

/*
 * Count weight more customers of a history, which the caller has checked.
 * Returns the number of its row.
 */
uint32
crm_history_table_add(HistoryTable *table, const BtydHistory *h, double weight)
{
	return crm_vector_table_count(&table->set, (const double *) h, HISTORY_WIDTH,
								  weight);
}

/*
 * Add the sum of the logarithms of the times between purchases of weight
 * customers with x repeat purchases; NaN: not known.  Of all customers together
 * it is all that a model of regular purchases needs beside the rows: for each
 * customer it is a term of the log-likelihood that no parameter changes.
 */
void
crm_history_table_intervals(HistoryTable *table, double x, double weight,
							double log_intervals)
{
	if (x == 0)
		return;
	if (isnan(log_intervals))
		table->lacks_intervals = true;
	else
		exact_sum_add(&table->log_intervals, weight * log_intervals);
}

/*
 * The sum over all customers, NaN where it is not known for one.
 */
double
crm_history_table_log_intervals(const HistoryTable *table)
{
	return table->lacks_intervals ? (double) NAN :
		exact_sum_value(&table->log_intervals);
}

/*
 * Add all rows of another table.
 */
void
crm_history_table_merge(HistoryTable *table, const HistoryTable *other)
{
	if (other->unit_days != 0)
		crm_history_table_unit(table, other->unit_days);
	exact_sum_merge(&table->log_intervals, &other->log_intervals);
	table->lacks_intervals |= other->lacks_intervals;
	crm_vector_table_merge(&table->set, &other->set);
}

/*
 * Append to a serialised state or a binary form.
 */
void
crm_history_table_write(StringInfo buf, const HistoryTable *table)
{
	pq_sendfloat8(buf, table->unit_days);
	crm_vector_table_write(buf, &table->set);
}

/*
 * Read what crm_history_table_write wrote, from this server's own workers:
 * lengths are checked, contents are trusted.
 */
HistoryTable *
crm_history_table_read(MemoryContext context, StringInfo buf, const char *what)
{
	HistoryTable *table = (HistoryTable *)
		MemoryContextAllocZero(context, sizeof(HistoryTable));

	table->unit_days = pq_getmsgfloat8(buf);
	crm_vector_table_read(&table->set, context, buf, HISTORY_WIDTH, TOO_MANY_HINT,
						  what);
	return table;
}

/*
 * qsort_arg_comparator of rows: by frequency, recency, age.
 */
int
crm_history_compare(const void *a, const void *b, void *arg)
{
	const BtydHistory *left = &((const BtydRow *) a)->h;
	const BtydHistory *right = &((const BtydRow *) b)->h;

	if (left->x != right->x)
		return left->x < right->x ? -1 : 1;
	if (left->t_x != right->t_x)
		return left->t_x < right->t_x ? -1 : 1;
	if (left->T != right->T)
		return left->T < right->T ? -1 : 1;
	return 0;
}
