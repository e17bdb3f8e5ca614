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

#include "lib/stringinfo.h"

typedef struct VectorTable
{
	MemoryContext context;
	int			width;			/* numbers in a row, the weight not counted */
	double	   *rows;			/* each width numbers and the weight */
	uint32	   *slots;			/* open addressing: index of a row + 1, or 0 */
	uint32		n_rows;
	uint32		max_rows;		/* allocated */
	uint32		slot_mask;		/* number of slots - 1 */
} VectorTable;

extern VectorTable *crm_vector_table_create(MemoryContext context, int width,
											uint32 expected_rows);
extern void crm_vector_table_add(VectorTable *table, const double *row, double weight);
extern void crm_vector_table_merge(VectorTable *table, const VectorTable *other);
extern void crm_vector_table_write(StringInfo buf, const VectorTable *table);
extern VectorTable *crm_vector_table_read(MemoryContext context, StringInfo buf, int width,
										  const char *what);

#endif							/* CRM_VECTOR_TABLE_H */
