/*-------------------------------------------------------------------------
 *
 * partition.c
 *	  All values of a window's partition, sorted.
 *
 * A window function that classifies a row by its place among all rows asks
 * for them once, with the first row of the partition, keeps the few limits
 * that it needs and forgets the values.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "src/math/sort_doubles.h"
#include "src/segment/partition.h"
#include "src/segment/segment_host.h"

/*
 * Rows between two resets of the memory that evaluating the argument takes (a
 * numeric becomes a double by way of text).
 */
#define ROWS_PER_RESET 1024

/*
 * Argument 0 of all rows of the partition, without NULLs, ascending.  Memory:
 * the current context, for the caller to pfree (it may be large).
 */
double *
crm_partition_sorted(WindowObject winobj, PartitionValue value, int64 *n)
{
	int64		n_rows = WinGetPartitionRowCount(winobj);
	double	   *values;
	MemoryContext eval_context;
	MemoryContext old_context;
	int64		row;

	/* The window API numbers rows so. */
	if (n_rows > PG_INT32_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("partition has more than %d rows", PG_INT32_MAX)));

	values = (double *) MemoryContextAllocHuge(CurrentMemoryContext,
											   sizeof(double) * n_rows);
	eval_context = AllocSetContextCreate(CurrentMemoryContext, "crm partition values",
										 ALLOCSET_DEFAULT_SIZES);
	old_context = MemoryContextSwitchTo(eval_context);
	*n = 0;
	for (row = 0; row < n_rows; row++)
	{
		bool		isnull;
		bool		isout;
		Datum		datum = WinGetFuncArgInPartition(winobj, 0, (int) row,
													 WINDOW_SEEK_HEAD, false,
													 &isnull, &isout);

		if (!isnull && !isout)
			values[(*n)++] = value(datum);
		if (row % ROWS_PER_RESET == 0)
		{
			CHECK_FOR_INTERRUPTS();
			MemoryContextReset(eval_context);
		}
	}
	MemoryContextSwitchTo(old_context);
	MemoryContextDelete(eval_context);

	crm_sort_doubles(values, *n, &segment_host);
	return values;
}
