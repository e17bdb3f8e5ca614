/*-------------------------------------------------------------------------
 *
 * history_table.c
 *	  Distinct customer histories with their counts: what a fit needs of any
 *	  number of customers.
 *
 * A million customers whose times are whole days have some ten thousand
 * different histories, and the likelihood is a sum over them.  The rows are
 * an array, so that the fit reads them as they are; a table of indexes into
 * it, at most half full, finds equal ones.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "src/clv/history_table.h"
#include "src/common/aggstate.h"
#include "src/math/mix_bits.h"

#define INITIAL_ROWS 64

static uint32 history_hash(const BtydHistory *h);
static void make_slots(HistoryTable *table, uint32 n_slots);
static void grow(HistoryTable *table);

/*
 * Equal histories have equal bits: adding zero makes -0 into 0, and there is
 * no NaN.
 */
static uint32
history_hash(const BtydHistory *h)
{
	double		key[3] = {h->x + 0.0, h->t_x + 0.0, h->T + 0.0};
	uint64		bits[3];

	memcpy(bits, key, sizeof(bits));
	return (uint32) crm_mix_bits(crm_mix_bits(crm_mix_bits(bits[0]) + bits[1]) + bits[2]);
}

/*
 * Build the slots anew for the rows that are there.
 */
static void
make_slots(HistoryTable *table, uint32 n_slots)
{
	uint32		i;

	if (table->slots != NULL)
		pfree(table->slots);
	table->slots = (uint32 *)
		MemoryContextAllocExtended(table->context, (Size) n_slots * sizeof(uint32),
								   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	table->slot_mask = n_slots - 1;
	for (i = 0; i < table->n_rows; i++)
	{
		uint32		slot = history_hash(&table->rows[i].h) & table->slot_mask;

		while (table->slots[slot] != 0)
			slot = (slot + 1) & table->slot_mask;
		table->slots[slot] = i + 1;
	}
}

static void
grow(HistoryTable *table)
{
	if (table->max_rows >= HISTORY_MAX_ROWS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("more than %d distinct customer histories", HISTORY_MAX_ROWS),
				 errhint("Use a coarser grain, such as days, so that more customers share a history, or a sample of the customers.")));
	CHECK_FOR_INTERRUPTS();
	table->max_rows *= 2;
	table->rows = (BtydRow *) repalloc_huge(table->rows,
											(Size) table->max_rows * sizeof(BtydRow));
	make_slots(table, table->max_rows * 2);
}

/*
 * An empty table in the given context.
 */
HistoryTable *
crm_history_table_create(MemoryContext context, uint32 expected_rows)
{
	HistoryTable *table;
	uint32		max_rows = INITIAL_ROWS;

	while (max_rows < expected_rows && max_rows < HISTORY_MAX_ROWS)
		max_rows *= 2;

	table = (HistoryTable *) MemoryContextAllocZero(context, sizeof(HistoryTable));
	table->context = context;
	table->max_rows = max_rows;
	table->rows = (BtydRow *) MemoryContextAllocHuge(context,
													 (Size) max_rows * sizeof(BtydRow));
	make_slots(table, max_rows * 2);
	return table;
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
	uint32		slot = history_hash(h) & table->slot_mask;
	BtydRow    *row;

	while (table->slots[slot] != 0)
	{
		row = &table->rows[table->slots[slot] - 1];
		if (row->h.x == h->x && row->h.t_x == h->t_x && row->h.T == h->T)
		{
			row->weight += weight;
			if (unlikely(isinf(row->weight)))
				ereport(ERROR,
						(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						 errmsg("sum of weights is out of range")));
			return table->slots[slot] - 1;
		}
		slot = (slot + 1) & table->slot_mask;
	}

	if (unlikely(table->n_rows >= table->max_rows))
	{
		grow(table);
		slot = history_hash(h) & table->slot_mask;
		while (table->slots[slot] != 0)
			slot = (slot + 1) & table->slot_mask;
	}
	row = &table->rows[table->n_rows++];
	row->h.x = h->x + 0.0;
	row->h.t_x = h->t_x + 0.0;
	row->h.T = h->T + 0.0;
	row->weight = weight;
	table->slots[slot] = table->n_rows;
	return table->n_rows - 1;
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
	uint32		i;

	if (other->unit_days != 0)
		crm_history_table_unit(table, other->unit_days);
	exact_sum_merge(&table->log_intervals, &other->log_intervals);
	table->lacks_intervals |= other->lacks_intervals;
	for (i = 0; i < other->n_rows; i++)
	{
		crm_history_table_add(table, &other->rows[i].h, other->rows[i].weight);
		CHECK_FOR_INTERRUPTS();
	}
}

/*
 * Append to a serialised state or a binary form.
 */
void
crm_history_table_write(StringInfo buf, const HistoryTable *table)
{
	uint32		i;

	pq_sendfloat8(buf, table->unit_days);
	pq_sendint64(buf, table->n_rows);
	for (i = 0; i < table->n_rows; i++)
	{
		const BtydRow *row = &table->rows[i];

		pq_sendfloat8(buf, row->h.x);
		pq_sendfloat8(buf, row->h.t_x);
		pq_sendfloat8(buf, row->h.T);
		pq_sendfloat8(buf, row->weight);
		CHECK_FOR_INTERRUPTS();
	}
}

/*
 * Read what crm_history_table_write wrote, from this server's own workers:
 * lengths are checked, contents are trusted.
 */
HistoryTable *
crm_history_table_read(MemoryContext context, StringInfo buf, const char *what)
{
	double		unit_days = pq_getmsgfloat8(buf);
	uint32		n_rows = (uint32) crm_deserial_count(buf, HISTORY_MAX_ROWS,
													 sizeof(BtydRow), what);
	HistoryTable *table = crm_history_table_create(context, n_rows);
	uint32		i;

	table->unit_days = unit_days;
	for (i = 0; i < n_rows; i++)
	{
		BtydHistory h;

		h.x = pq_getmsgfloat8(buf);
		h.t_x = pq_getmsgfloat8(buf);
		h.T = pq_getmsgfloat8(buf);
		crm_history_table_add(table, &h, pq_getmsgfloat8(buf));
		CHECK_FOR_INTERRUPTS();
	}
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
