/*-------------------------------------------------------------------------
 *
 * row_array.c
 *	  Arrays of rows, which aggregates return for want of sets.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/date.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "src/retention/row_array.h"

/*
 * The number of rows from one number to another, which is an error if they
 * are too many or none.
 */
int64
crm_row_array_range(int64 from, int64 to)
{
	if (from > to)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the first period must not be after the last one"),
				 errhint("Both dates are inclusive.")));
	if (to - from >= ROW_ARRAY_MAX_ROWS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("more than %d periods", ROW_ARRAY_MAX_ROWS),
				 errhint("Leave out wrong dates, or use a longer unit.")));
	return to - from + 1;
}

/*
 * An array of the composite type that the running function is declared to
 * return an array of: one column date, then columns bigint.  The columns' values are
 * given row by row.
 */
Datum
crm_row_array(FunctionCallInfo fcinfo, int n_rows, int n_columns, const int64 *columns)
{
	Oid			row_type = get_element_type(get_fn_expr_rettype(fcinfo->flinfo));
	TupleDesc	tupdesc;
	Datum	   *rows;
	Datum		values[8];
	bool		nulls[8] = {false};
	int			i;
	int			j;

	if (!OidIsValid(row_type))
		elog(ERROR, "function does not return an array");
	tupdesc = lookup_rowtype_tupdesc(row_type, -1);
	if (tupdesc->natts != n_columns || n_columns > (int) lengthof(values))
		elog(ERROR, "row type does not have %d columns", n_columns);

	rows = (Datum *) palloc(Max(n_rows, 1) * sizeof(Datum));
	for (i = 0; i < n_rows; i++)
	{
		CHECK_FOR_INTERRUPTS();
		values[0] = DateADTGetDatum((DateADT) columns[0]);
		for (j = 1; j < n_columns; j++)
			values[j] = Int64GetDatum(columns[j]);
		rows[i] = HeapTupleGetDatum(heap_form_tuple(tupdesc, values, nulls));
		columns += n_columns;
	}
	ReleaseTupleDesc(tupdesc);
	return PointerGetDatum(construct_array(rows, n_rows, row_type, -1, false,
										   TYPALIGN_DOUBLE));
}
