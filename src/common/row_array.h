/*-------------------------------------------------------------------------
 *
 * row_array.h
 *	  Arrays of rows, which aggregates return for want of sets.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_ROW_ARRAY_H
#define CRM_ROW_ARRAY_H

#include "postgres.h"

#include "access/htup_details.h"
#include "fmgr.h"

/* What a call site knows of the rows */
typedef struct RowArrayType
{
	TupleDesc	tupdesc;		/* of a named type */
	HeapTupleHeaderData header; /* of a row */
} RowArrayType;

/* An array while rows are added to it */
typedef struct RowArray
{
	const RowArrayType *type;
	char	   *array;			/* the ArrayType to be */
	Size		size;			/* so far, aligned for another row */
	Size		max;
	int			n;
} RowArray;

extern const RowArrayType *crm_row_array_type(FunctionCallInfo fcinfo, int n_columns);
extern void crm_row_array_begin(RowArray *rows, const RowArrayType *type, Size expected);
extern void crm_row_array_add(RowArray *rows, Datum *values, bool *nulls);
extern Datum crm_row_array_end(RowArray *rows);

#endif							/* CRM_ROW_ARRAY_H */
