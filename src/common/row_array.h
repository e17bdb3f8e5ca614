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

/* How the values of a column are stored */
typedef struct RowColumn
{
	int16		len;			/* in bytes; -1: varlena */
	bool		byval;
	bool		packable;		/* a varlena that may have a short header */
	uint8		align;			/* in bytes */
} RowColumn;

/* What a call site knows of the rows */
typedef struct RowArrayType
{
	TupleDesc	tupdesc;		/* of a named type */
	HeapTupleHeader header;		/* of a row, without what depends on values */
	Size		fixed_size;		/* of a row without varlenas, at most */
	int			n_varlenas;
	int		   *varlenas;		/* the columns that are */
	RowColumn	columns[FLEXIBLE_ARRAY_MEMBER];
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
extern const RowArrayType *crm_row_array_cached_type(FunctionCallInfo fcinfo, int n_columns);
extern void crm_row_array_begin(RowArray *rows, const RowArrayType *type, Size expected);
extern void crm_row_array_add(RowArray *rows, const Datum *values, const bool *nulls);
extern Datum crm_row_array_end(RowArray *rows);

#endif							/* CRM_ROW_ARRAY_H */
