/*-------------------------------------------------------------------------
 *
 * period_rows.h
 *	  Counts by period, which aggregates return as an array of rows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_RETENTION_PERIOD_ROWS_H
#define CRM_RETENTION_PERIOD_ROWS_H

#include "postgres.h"

#include "fmgr.h"

/* Rows that an aggregate returns at most */
#define PERIOD_ROWS_MAX (1 << 20)

extern int64 crm_period_rows_count(int64 from, int64 to);
extern Datum crm_period_rows(FunctionCallInfo fcinfo, int n_rows, int n_columns,
							 const int64 *columns);

#endif							/* CRM_RETENTION_PERIOD_ROWS_H */
