/*-------------------------------------------------------------------------
 *
 * row_array.c
 *	  Arrays of rows, which aggregates return for want of sets.
 *
 * Rows are formed where they belong in the array.  To have heap_form_tuple
 * make each and construct_array copy it would cost about as much as computing
 * what is in it.  Values are put as heap_fill_tuple puts them, but in one pass
 * over narrow descriptions of the columns, with half the instructions.
 *
 * What a row's header says of its type is the server's affair: releases differ
 * in that, even minor ones.  It is taken from a row that the server forms,
 * which also has to be the very same as ours.
 *
 * Columns may be NULL, rows may not: nobody has a use for that.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/tupmacs.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "src/common/row_array.h"
#include "src/compat.h"

static void learn_columns(RowArrayType *type);
static void learn_header(RowArrayType *type);
static void make_room(RowArray *rows, Size more);
static char *write_varlena(char *pos, const RowColumn *column, Pointer value,
						   const RowArrayType *type);
static Size write_row(const RowArrayType *type, char *row, const Datum *values,
					  const bool *nulls, bool has_nulls);

/*
 * The type of the rows that the running function is declared to return an
 * array of, which must have so many columns.
 *
 * It is made anew, and lives as long as the function's call site; the function
 * keeps it there (in its fn_extra struct).
 */
const RowArrayType *
crm_row_array_type(FunctionCallInfo fcinfo, int n_columns)
{
	Oid			row_type = get_element_type(get_fn_expr_rettype(fcinfo->flinfo));
	MemoryContext old_context;
	RowArrayType *type;

	if (!OidIsValid(row_type))
		elog(ERROR, "function does not return an array");
	old_context = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	type = (RowArrayType *)
		palloc(offsetof(RowArrayType, columns) + n_columns * sizeof(RowColumn));
	type->varlenas = (int *) palloc(n_columns * sizeof(int));
	type->tupdesc = lookup_rowtype_tupdesc_copy(row_type, -1);
	if (type->tupdesc->natts != n_columns)
		elog(ERROR, "%s does not have %d columns", format_type_be(row_type), n_columns);
	learn_columns(type);
	type->header = (HeapTupleHeader) palloc0(MAXALIGN(SizeofHeapTupleHeader));
	MemoryContextSwitchTo(old_context);
	learn_header(type);
	return type;
}

/*
 * The same, kept in fn_extra, which the function uses for nothing else.
 */
const RowArrayType *
crm_row_array_cached_type(FunctionCallInfo fcinfo, int n_columns)
{
	if (fcinfo->flinfo->fn_extra == NULL)
		fcinfo->flinfo->fn_extra = (void *) crm_row_array_type(fcinfo, n_columns);
	return (const RowArrayType *) fcinfo->flinfo->fn_extra;
}

/*
 * Narrow descriptions of the columns.
 */
static void
learn_columns(RowArrayType *type)
{
	int			n_columns = type->tupdesc->natts;
	int			i;

	type->n_varlenas = 0;
	/* before each value and at the end as much as is zeroed there */
	type->fixed_size = MAXALIGN(SizeofHeapTupleHeader + BITMAPLEN(n_columns)) +
		(n_columns + 1) * MAXIMUM_ALIGNOF;
	for (i = 0; i < n_columns; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(type->tupdesc, i);
		RowColumn  *column = &type->columns[i];

		if (attribute->attlen < -1)
			elog(ERROR, "rows of an array with columns of type %s are not supported",
				 format_type_be(attribute->atttypid));
		column->len = attribute->attlen;
		column->byval = attribute->attbyval;
		column->packable = attribute->attlen == -1 &&
			attribute->attstorage != TYPSTORAGE_PLAIN;
		/* 1 becomes what it is aligned to */
		column->align = (uint8) att_align_nominal(1, attribute->attalign);
		if (column->len == -1)
			type->varlenas[type->n_varlenas++] = i;
		else
			type->fixed_size += column->len;
	}
}

/*
 * Take the header from rows that the server forms, of values that mean
 * nothing, and see that write_row makes the very same of them, with and
 * without a NULL.
 */
static void
learn_header(RowArrayType *type)
{
	int			n_columns = type->tupdesc->natts;
	Datum	   *values = (Datum *) palloc(n_columns * sizeof(Datum));
	bool	   *nulls = (bool *) palloc0(n_columns * sizeof(bool));
	Size		size = type->fixed_size;
	char	   *ours;
	int			i;

	for (i = 0; i < n_columns; i++)
	{
		const RowColumn *column = &type->columns[i];

		values[i] = (Datum) 1;
		if (!column->byval)
			values[i] = PointerGetDatum(palloc0(Max(column->len, VARHDRSZ)));
		if (column->len == -1)
		{
			SET_VARSIZE(DatumGetPointer(values[i]), VARHDRSZ);
			size += VARHDRSZ;
		}
	}
	ours = (char *) palloc(size);

	for (i = 0; i < 2; i++)
	{
		HeapTuple	row;

		nulls[0] = (i == 1);
		row = heap_form_tuple(type->tupdesc, values, nulls);
		memcpy(type->header, row->t_data, SizeofHeapTupleHeader);
		type->header->t_infomask &= ~(HEAP_HASNULL | HEAP_HASVARWIDTH);
		if (write_row(type, ours, values, nulls, nulls[0]) != MAXALIGN(row->t_len) ||
			memcmp(ours, row->t_data, row->t_len) != 0)
			elog(ERROR, "unexpected layout of %s",
				 format_type_be(type->tupdesc->tdtypeid));
		heap_freetuple(row);
	}
	pfree(ours);
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
	/* crm_row_array_add wants more room for the last row than it takes */
	rows->max = rows->size + Min(expected, MaxAllocSize / 2) + type->fixed_size;
	rows->array = (char *) palloc(rows->max);
	rows->n = 0;
}

/*
 * Room for so many bytes more.  An array of 1 GB is error 54000.
 */
static void
make_room(RowArray *rows, Size more)
{
	Size		needed = rows->size + more;

	if (!AllocSizeIsValid(needed))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("an array of more than %d rows would be larger than 1 GB", rows->n),
				 errhint("Group by more columns, or filter rows out.")));
	rows->max = Min(Max(needed, rows->max * 2), MaxAllocSize);
	rows->array = (char *) repalloc(rows->array, rows->max);
}

/*
 * Write a varlena at pos or where it is aligned; returns its end.
 */
static char *
write_varlena(char *pos, const RowColumn *column, Pointer value, const RowArrayType *type)
{
	Size		size;

	if (VARATT_IS_SHORT(value))
		size = VARSIZE_SHORT(value);
	else if (VARATT_IS_EXTERNAL(value))
		elog(ERROR, "row of an array of %s has a value that is elsewhere",
			 format_type_be(type->tupdesc->tdtypeid));
	else if (column->packable && VARATT_CAN_MAKE_SHORT(value))
	{
		SET_VARSIZE_SHORT(pos, VARATT_CONVERTED_SHORT_SIZE(value));
		pos += VARHDRSZ_SHORT;
		size = VARSIZE(value) - VARHDRSZ;
		value = VARDATA(value);
	}
	else
	{
		pos = (char *) TYPEALIGN(column->align, pos);
		size = VARSIZE(value);
	}
	memcpy(pos, value, size);
	return pos + size;
}

/*
 * Write a row, where there is room for its varlenas and fixed_size; returns
 * its size, aligned.
 */
static Size
write_row(const RowArrayType *type, char *row, const Datum *values, const bool *nulls,
		  bool has_nulls)
{
	HeapTupleHeader tuple = (HeapTupleHeader) row;
	int			n_columns = type->tupdesc->natts;
	char	   *pos = row + MAXALIGN(SizeofHeapTupleHeader);
	uint16		infomask = 0;
	int			i;

	memcpy(row, type->header, MAXALIGN(SizeofHeapTupleHeader));
	if (has_nulls)
	{
		pos = row + MAXALIGN(SizeofHeapTupleHeader + BITMAPLEN(n_columns));
		memset(tuple->t_bits, 0, pos - (char *) tuple->t_bits);
		infomask = HEAP_HASNULL;
	}
	tuple->t_hoff = (uint8) (pos - row);

	for (i = 0; i < n_columns; i++)
	{
		const RowColumn *column = &type->columns[i];

		if (nulls[i])
			continue;
		if (has_nulls)
			tuple->t_bits[i / BITS_PER_BYTE] |= 1 << (i % BITS_PER_BYTE);

		/* what is between values must be zero, for rows to compare by bytes */
		memset(pos, 0, MAXIMUM_ALIGNOF);
		if (column->len == -1)
		{
			pos = write_varlena(pos, column, DatumGetPointer(values[i]), type);
			infomask |= HEAP_HASVARWIDTH;
			continue;
		}
		pos = (char *) TYPEALIGN(column->align, pos);
		if (column->byval)
			store_att_byval(pos, values[i], column->len);
		else
			memcpy(pos, DatumGetPointer(values[i]), column->len);
		pos += column->len;
	}
	memset(pos, 0, MAXIMUM_ALIGNOF);

	tuple->t_infomask |= infomask;
	HeapTupleHeaderSetDatumLength(tuple, pos - row);
	return MAXALIGN(pos - row);
}

/*
 * Add a row.  Its values are copied; they may be compressed, but neither
 * stored out of line nor expanded.
 */
void
crm_row_array_add(RowArray *rows, const Datum *values, const bool *nulls)
{
	const RowArrayType *type = rows->type;
	int			n_columns = type->tupdesc->natts;
	bool		has_nulls = false;
	Size		most = type->fixed_size;
	int			i;

	for (i = 0; i < n_columns; i++)
		has_nulls |= nulls[i];
	for (i = 0; i < type->n_varlenas; i++)
	{
		int			varlena = type->varlenas[i];

		if (!nulls[varlena])
			most += VARSIZE_ANY(DatumGetPointer(values[varlena]));
	}
	if (rows->size + most > rows->max)
		make_room(rows, most);
	rows->size += write_row(type, rows->array + rows->size, values, nulls, has_nulls);
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
