/*-------------------------------------------------------------------------
 *
 * period_rows.c
 *	  Counts by period, which aggregates return as an array of rows.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/date.h"

#include "src/common/row_array.h"
#include "src/retention/period_rows.h"

/* The period and its counts, of all aggregates at most */
#define MAX_COLUMNS 8

/* What a row takes: a header, the date, and the counts */
#define ROW_SIZE(n_columns) (24 + (n_columns) * sizeof(int64))

/*
 * The number of rows from one number to another, which is an error if they
 * are too many or none.
 */
int64
crm_period_rows_count(int64 from, int64 to)
{
	if (from > to)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the first period must not be after the last one"),
				 errhint("Both dates are inclusive.")));
	if (to - from >= PERIOD_ROWS_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("more than %d periods", PERIOD_ROWS_MAX),
				 errhint("Leave out wrong dates, or use a longer unit.")));
	return to - from + 1;
}

/*
 * An array of the composite type that the running function is declared to
 * return an array of: one column date, then columns bigint.  The columns'
 * values are given row by row.  Uses fn_extra.
 */
Datum
crm_period_rows(FunctionCallInfo fcinfo, int n_rows, int n_columns, const int64 *columns)
{
	RowArray	rows;
	Datum		values[MAX_COLUMNS];
	bool		nulls[MAX_COLUMNS] = {false};
	int			i;
	int			j;

	Assert(n_columns <= MAX_COLUMNS);
	crm_row_array_begin(&rows, crm_row_array_cached_type(fcinfo, n_columns),
						n_rows * ROW_SIZE(n_columns));
	for (i = 0; i < n_rows; i++)
	{
		CHECK_FOR_INTERRUPTS();
		values[0] = DateADTGetDatum((DateADT) columns[0]);
		for (j = 1; j < n_columns; j++)
			values[j] = Int64GetDatum(columns[j]);
		crm_row_array_add(&rows, values, nulls);
		columns += n_columns;
	}
	return crm_row_array_end(&rows);
}
