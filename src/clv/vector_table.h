/*-------------------------------------------------------------------------
 *
 * vector_table.h
 *	  Distinct rows of numbers with their weights.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_VECTOR_TABLE_H
#define CRM_VECTOR_TABLE_H

#include "postgres.h"

#include <math.h>

#include "lib/stringinfo.h"

#include "src/compat.h"
#include "src/math/mix_bits.h"

typedef struct VectorTable
{
	MemoryContext context;
	int			width;			/* numbers in a row, the weight not counted */
	double	   *rows;			/* each width numbers and the weight */
	uint32	   *slots;			/* open addressing: index of a row + 1, or 0 */
	uint32		n_rows;
	uint32		max_rows;		/* allocated */
	uint32		slot_mask;		/* number of slots - 1 */
	const char *hint;			/* what to do about too many distinct rows */
} VectorTable;

extern void crm_vector_table_init(VectorTable *table, MemoryContext context, int width,
								  uint32 expected_rows, const char *hint);
extern void crm_vector_table_grow(VectorTable *table);
pg_noreturn extern void crm_vector_table_weight_overflow(void);
extern uint32 crm_vector_table_add(VectorTable *table, const double *row, double weight);
extern void crm_vector_table_merge(VectorTable *table, const VectorTable *other);
extern void crm_vector_table_write(StringInfo buf, const VectorTable *table);
extern void crm_vector_table_read(VectorTable *table, MemoryContext context, StringInfo buf,
								  int width, const char *hint, const char *what);

/*
 * Equal rows have equal bits: adding zero makes -0 into 0, and there is no NaN.
 */
static inline uint32
crm_vector_hash(const double *row, int width)
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
 * Count weight more of a row, which the caller has checked; returns the row's
 * index.  width is the table's: where it is a constant, the compiler makes of the
 * loops what one would write for that width.
 */
static inline uint32
crm_vector_table_count(VectorTable *table, const double *row, int width, double weight)
{
	uint32		hash = crm_vector_hash(row, width);
	uint32		slot;
	double	   *at;
	int			i;

	for (slot = hash & table->slot_mask; table->slots[slot] != 0;
		 slot = (slot + 1) & table->slot_mask)
	{
		at = table->rows + (Size) (table->slots[slot] - 1) * (width + 1);
		for (i = 0; i < width && at[i] == row[i]; i++)
			 /* compare */ ;
		if (i < width)
			continue;
		at[width] += weight;
		if (unlikely(isinf(at[width])))
			crm_vector_table_weight_overflow();
		return table->slots[slot] - 1;
	}

	if (unlikely(table->n_rows >= table->max_rows))
	{
		crm_vector_table_grow(table);
		slot = hash & table->slot_mask;
		while (table->slots[slot] != 0)
			slot = (slot + 1) & table->slot_mask;
	}
	at = table->rows + (Size) table->n_rows * (width + 1);
	for (i = 0; i < width; i++)
		at[i] = row[i] + 0.0;
	at[width] = weight;
	table->slots[slot] = ++table->n_rows;
	return table->n_rows - 1;
}

#endif							/* CRM_VECTOR_TABLE_H */
