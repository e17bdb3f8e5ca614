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

#include "fmgr.h"

/* Rows that an aggregate returns at most */
#define ROW_ARRAY_MAX_ROWS (1 << 20)

extern int64 crm_row_array_range(int64 from, int64 to);
extern Datum crm_row_array(FunctionCallInfo fcinfo, int n_rows, int n_columns,
						   const int64 *columns);

#endif							/* CRM_ROW_ARRAY_H */
