/*-------------------------------------------------------------------------
 *
 * btyd_data.h
 *	  The stored type crm_btyd_data: distinct histories with their counts.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_BTYD_DATA_H
#define CRM_BTYD_DATA_H

#include "postgres.h"

#include "src/clv/history_table.h"
#include "src/clv/rfm.h"
#include "src/common/summary.h"

typedef struct BtydData
{
	SummaryHeader header;
	double		unit_days;
	double		log_intervals;	/* of all customers, NaN: not known */
	int64		n_rows;
	BtydRow		rows[FLEXIBLE_ARRAY_MEMBER];	/* sorted, distinct */
} BtydData;

extern BtydData *crm_btyd_data_make(const HistoryTable *table);
extern BtydData *crm_btyd_data_get(Datum datum);
extern double crm_btyd_total_weight(const BtydRow *rows, uint32 n_rows);
extern void crm_check_weight(double weight);

/* btyd_agg.c */
extern bool crm_btyd_read_history(FunctionCallInfo fcinfo, BtydKind kind, RfmReader *reader,
								  int first_arg, int n_args, BtydHistory *h,
								  double *weight, double *unit_days,
								  double *log_intervals);

#endif							/* CRM_BTYD_DATA_H */
