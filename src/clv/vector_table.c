/*-------------------------------------------------------------------------
 *
 * vector_table.c
 *	  Distinct rows of numbers with their weights: customer histories together
 *	  with covariates.
 *
 * As history_table.c, with rows as wide as the number of covariates demands.
 * Numbers are finite; zero and minus zero are the same.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "src/clv/history_table.h"
#include "src/clv/vector_table.h"
#include "src/common/aggstate.h"
#include "src/math/mix_bits.h"

#define INITIAL_ROWS 64

static uint32 row_hash(const double *row, int width);
static void make_slots(VectorTable *table, uint32 n_slots);
static void grow(VectorTable *table);

static inline double *
row_at(const VectorTable *table, uint32 i)
{
	return table->rows + (Size) i * (table->width + 1);
}

/*
 * As of a history, see history_table.c.
 */
static uint32
row_hash(const double *row, int width)
{
	uint64		hash = 0;
	int			i;

	for (i = 0; i < width; i++)
	{
		double		value = row[i] + 0.0;
		uint64		bits;

		memcpy(&bits, &value, sizeof(bits));
		hash = crm_mix_bits(hash + bits);
	}
	return (uint32) hash;
}

/*
 * Build the slots anew for the rows that are there.
 */
static void
make_slots(VectorTable *table, uint32 n_slots)
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
		uint32		slot = row_hash(row_at(table, i), table->width) & table->slot_mask;

		while (table->slots[slot] != 0)
			slot = (slot + 1) & table->slot_mask;
		table->slots[slot] = i + 1;
	}
}

static void
grow(VectorTable *table)
{
	if (table->max_rows >= HISTORY_MAX_ROWS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("more than %d distinct customer histories", HISTORY_MAX_ROWS),
				 errhint("Use a coarser grain, such as days, and covariates of few values, so that more customers are alike, or a sample of the customers.")));
	CHECK_FOR_INTERRUPTS();
	table->max_rows *= 2;
	table->rows = (double *)
		repalloc_huge(table->rows, (Size) table->max_rows * (table->width + 1) *
					  sizeof(double));
	make_slots(table, table->max_rows * 2);
}

/*
 * An empty table in the given context.
 */
VectorTable *
crm_vector_table_create(MemoryContext context, int width, uint32 expected_rows)
{
	VectorTable *table;
	uint32		max_rows = INITIAL_ROWS;

	while (max_rows < expected_rows && max_rows < HISTORY_MAX_ROWS)
		max_rows *= 2;

	table = (VectorTable *) MemoryContextAllocZero(context, sizeof(VectorTable));
	table->context = context;
	table->width = width;
	table->max_rows = max_rows;
	table->rows = (double *)
		MemoryContextAllocHuge(context, (Size) max_rows * (width + 1) * sizeof(double));
	make_slots(table, max_rows * 2);
	return table;
}

/*
 * Count weight more of a row, which the caller has checked.
 */
void
crm_vector_table_add(VectorTable *table, const double *row, double weight)
{
	int			width = table->width;
	uint32		hash = row_hash(row, width);
	uint32		slot;
	double	   *at;
	int			i;

	for (slot = hash & table->slot_mask; table->slots[slot] != 0;
		 slot = (slot + 1) & table->slot_mask)
	{
		at = row_at(table, table->slots[slot] - 1);
		for (i = 0; i < width && at[i] == row[i]; i++)
			 /* compare */ ;
		if (i < width)
			continue;
		at[width] += weight;
		if (unlikely(isinf(at[width])))
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("sum of weights is out of range")));
		return;
	}

	if (unlikely(table->n_rows >= table->max_rows))
	{
		grow(table);
		slot = hash & table->slot_mask;
		while (table->slots[slot] != 0)
			slot = (slot + 1) & table->slot_mask;
	}
	at = row_at(table, table->n_rows);
	for (i = 0; i < width; i++)
		at[i] = row[i] + 0.0;
	at[width] = weight;
	table->slots[slot] = ++table->n_rows;
}

/*
 * Add all rows of another table of the same width.
 */
void
crm_vector_table_merge(VectorTable *table, const VectorTable *other)
{
	uint32		i;

	for (i = 0; i < other->n_rows; i++)
	{
		const double *row = row_at(other, i);

		crm_vector_table_add(table, row, row[other->width]);
		CHECK_FOR_INTERRUPTS();
	}
}

/*
 * Append to a serialised state.
 */
void
crm_vector_table_write(StringInfo buf, const VectorTable *table)
{
	uint32		i;
	int			j;

	pq_sendint64(buf, table->n_rows);
	for (i = 0; i < table->n_rows; i++)
	{
		const double *row = row_at(table, i);

		for (j = 0; j <= table->width; j++)
			pq_sendfloat8(buf, row[j]);
		CHECK_FOR_INTERRUPTS();
	}
}

/*
 * Read what crm_vector_table_write wrote, from this server's own workers:
 * lengths are checked, contents are trusted.
 */
VectorTable *
crm_vector_table_read(MemoryContext context, StringInfo buf, int width, const char *what)
{
	uint32		n_rows = (uint32) crm_deserial_count(buf, HISTORY_MAX_ROWS,
													 (width + 1) * sizeof(double), what);
	VectorTable *table = crm_vector_table_create(context, width, n_rows);
	double	   *row = (double *) palloc(width * sizeof(double));
	uint32		i;
	int			j;

	for (i = 0; i < n_rows; i++)
	{
		for (j = 0; j < width; j++)
			row[j] = pq_getmsgfloat8(buf);
		crm_vector_table_add(table, row, pq_getmsgfloat8(buf));
		CHECK_FOR_INTERRUPTS();
	}
	pfree(row);
	return table;
}
