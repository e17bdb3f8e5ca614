/*-------------------------------------------------------------------------
 *
 * row_array.c
 *	  Arrays of rows, which aggregates return for want of sets.
 *
 * Rows are formed where they belong in the array.  To have heap_form_tuple
 * make each and construct_array copy it would cost about as much as computing
 * what is in it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "src/common/row_array.h"

static void make_room(RowArray *rows, Size more);

/*
 * The type of the rows that the running function is declared to return an
 * array of; it lives as long as the function's call site.
 *
 * What a header says of the type is the server's affair, and is taken from a
 * row that it forms.
 */
const RowArrayType *
crm_row_array_type(FunctionCallInfo fcinfo, int n_columns)
{
	Oid			row_type = get_element_type(get_fn_expr_rettype(fcinfo->flinfo));
	MemoryContext old_context;
	RowArrayType *type;
	HeapTuple	row;
	Datum	   *values;
	bool	   *nulls;

	if (!OidIsValid(row_type))
		elog(ERROR, "function does not return an array");
	old_context = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	type = (RowArrayType *) palloc(sizeof(RowArrayType));
	type->tupdesc = lookup_rowtype_tupdesc_copy(row_type, -1);
	MemoryContextSwitchTo(old_context);
	if (type->tupdesc->natts != n_columns)
		elog(ERROR, "%s does not have %d columns", format_type_be(row_type), n_columns);

	values = (Datum *) palloc0(n_columns * sizeof(Datum));
	nulls = (bool *) palloc(n_columns * sizeof(bool));
	memset(nulls, true, n_columns * sizeof(bool));
	row = heap_form_tuple(type->tupdesc, values, nulls);
	memcpy(&type->header, row->t_data, SizeofHeapTupleHeader);
	heap_freetuple(row);
	return type;
}

/*
 * An array without rows, in the current memory context.  It grows as need be;
 * expected is how many bytes a row may well have, times their number.
 */
void
crm_row_array_begin(RowArray *rows, const RowArrayType *type, Size expected)
{
	rows->type = type;
	rows->size = ARR_OVERHEAD_NONULLS(1);
	rows->max = rows->size + Min(expected, MaxAllocSize / 2);
	rows->array = (char *) palloc(rows->max);
	rows->n = 0;
}

static void
make_room(RowArray *rows, Size more)
{
	Size		needed = rows->size + more;

	if (!AllocSizeIsValid(needed))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%d rows and more do not fit an array", rows->n),
				 errhint("Group by more columns, or filter rows out.")));
	rows->max = Min(Max(needed, rows->max * 2), MaxAllocSize);
	rows->array = (char *) repalloc(rows->array, rows->max);
}

/*
 * Add a row.  Its values must not be toasted, as heap_form_tuple's may.
 */
void
crm_row_array_add(RowArray *rows, Datum *values, bool *nulls)
{
	TupleDesc	tupdesc = rows->type->tupdesc;
	int			n_columns = tupdesc->natts;
	bool		has_nulls = false;
	HeapTupleHeader tuple;
	Size		header;
	Size		data;
	Size		size;
	int			i;

	for (i = 0; i < n_columns; i++)
		has_nulls |= nulls[i];
	header = MAXALIGN(SizeofHeapTupleHeader + (has_nulls ? BITMAPLEN(n_columns) : 0));
	data = heap_compute_data_size(tupdesc, values, nulls);
	size = MAXALIGN(header + data);
	if (rows->size + size > rows->max)
		make_room(rows, size);

	/* what is between values must be zero, for rows to compare by bytes */
	tuple = (HeapTupleHeader) (rows->array + rows->size);
	memset(tuple, 0, size);
	memcpy(tuple, &rows->type->header, SizeofHeapTupleHeader);
	HeapTupleHeaderSetDatumLength(tuple, header + data);
	tuple->t_hoff = (uint8) header;
	heap_fill_tuple(tupdesc, values, nulls, (char *) tuple + header, data,
					&tuple->t_infomask, has_nulls ? tuple->t_bits : NULL);
	if (HeapTupleHeaderHasExternal(tuple))
		elog(ERROR, "row of an array has a toasted value");
	rows->size += size;
	rows->n++;
}

/*
 * The array.  It is as construct_array would have made it.
 */
Datum
crm_row_array_end(RowArray *rows)
{
	ArrayType  *array = (ArrayType *) rows->array;

	if (rows->n == 0)
	{
		pfree(rows->array);
		return PointerGetDatum(construct_empty_array(rows->type->tupdesc->tdtypeid));
	}
	SET_VARSIZE(array, rows->size);
	array->ndim = 1;
	array->dataoffset = 0;
	array->elemtype = rows->type->tupdesc->tdtypeid;
	ARR_DIMS(array)[0] = rows->n;
	ARR_LBOUND(array)[0] = 1;
	return PointerGetDatum(array);
}
