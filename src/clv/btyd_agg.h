/*-------------------------------------------------------------------------
 *
 * btyd_agg.h
 *	  The state that the fitting aggregates share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_BTYD_AGG_H
#define CRM_BTYD_AGG_H

#include "postgres.h"

#include "fmgr.h"
#include "utils/jsonb.h"

#include "src/clv/btyd_model.h"
#include "src/clv/history_table.h"
#include "src/clv/rfm.h"

/* The aggregates' state */
typedef struct BtydAggState
{
	int32		kind;			/* BtydKind, or 0 when only collecting */
	Jsonb	   *options;		/* of the fit, or NULL */
	HistoryTable *table;
} BtydAggState;

/* What the transition functions keep from call to call */
typedef struct BtydAggCall
{
	KindCache	kind;
	RfmReader	reader;
} BtydAggCall;

extern BtydAggState *crm_btyd_agg_state(FunctionCallInfo fcinfo, const char *function);
extern void crm_btyd_agg_start(FunctionCallInfo fcinfo, BtydAggState *state,
							   int options_arg);
extern BtydModel *crm_btyd_fit_model(BtydKind kind, Jsonb *options, double unit_days,
									 double log_intervals, const BtydRow *rows, uint32 n_rows);

#endif							/* CRM_BTYD_AGG_H */
