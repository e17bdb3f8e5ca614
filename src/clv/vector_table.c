/*-------------------------------------------------------------------------
 *
 * vector_table.c
 *	  Distinct rows of numbers with their weights: customer histories, alone
 *	  (history_table.c) or together with covariates (covariate_agg.c).
 *
 * The rows are an array, so that a fit reads them as they are; a table of
 * indexes into it, at most half full, finds equal ones.  Numbers are finite; zero
 * and minus zero are the same.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "src/clv/history_table.h"
#include "src/clv/vector_table.h"
#include "src/common/aggstate.h"

#define INITIAL_ROWS 64

static void make_slots(VectorTable *table, uint32 n_slots);

static inline double *
row_at(const VectorTable *table, uint32 i)
{
	return table->rows + (Size) i * (table->width + 1);
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
		uint32		slot = crm_vector_hash(row_at(table, i), table->width) & table->slot_mask;

		while (table->slots[slot] != 0)
			slot = (slot + 1) & table->slot_mask;
		table->slots[slot] = i + 1;
	}
}

/*
 * Make room for more rows.
 */
void
crm_vector_table_grow(VectorTable *table)
{
	if (table->max_rows >= HISTORY_MAX_ROWS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("more than %d distinct customer histories", HISTORY_MAX_ROWS),
				 errhint("%s", table->hint)));
	CHECK_FOR_INTERRUPTS();
	table->max_rows *= 2;
	table->rows = (double *)
		repalloc_huge(table->rows, (Size) table->max_rows * (table->width + 1) *
					  sizeof(double));
	make_slots(table, table->max_rows * 2);
}

void
crm_vector_table_weight_overflow(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("sum of weights is out of range")));
}

/*
 * Make *table an empty one in the given context; hint is kept.
 */
void
crm_vector_table_init(VectorTable *table, MemoryContext context, int width,
					  uint32 expected_rows, const char *hint)
{
	uint32		max_rows = INITIAL_ROWS;

	while (max_rows < expected_rows && max_rows < HISTORY_MAX_ROWS)
		max_rows *= 2;

	memset(table, 0, sizeof(VectorTable));
	table->context = context;
	table->width = width;
	table->hint = hint;
	table->max_rows = max_rows;
	table->rows = (double *)
		MemoryContextAllocHuge(context, (Size) max_rows * (width + 1) * sizeof(double));
	make_slots(table, max_rows * 2);
}

uint32
crm_vector_table_add(VectorTable *table, const double *row, double weight)
{
	return crm_vector_table_count(table, row, table->width, weight);
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
 * Make *table what crm_vector_table_write wrote, in this server's own workers:
 * lengths are checked, contents are trusted.
 */
void
crm_vector_table_read(VectorTable *table, MemoryContext context, StringInfo buf,
					  int width, const char *hint, const char *what)
{
	uint32		n_rows = (uint32) crm_deserial_count(buf, HISTORY_MAX_ROWS,
													 (width + 1) * sizeof(double), what);
	double	   *row = (double *) palloc(width * sizeof(double));
	uint32		i;
	int			j;

	crm_vector_table_init(table, context, width, n_rows, hint);
	for (i = 0; i < n_rows; i++)
	{
		for (j = 0; j < width; j++)
			row[j] = pq_getmsgfloat8(buf);
		crm_vector_table_add(table, row, pq_getmsgfloat8(buf));
		CHECK_FOR_INTERRUPTS();
	}
	pfree(row);
}
