/*-------------------------------------------------------------------------
 *
 * amount_sum.h
 *	  Exact sums of numeric amounts inside an aggregate's state.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_PIPELINE_AMOUNT_SUM_H
#define CRM_PIPELINE_AMOUNT_SUM_H

#include "postgres.h"

#include "fmgr.h"
#include "lib/stringinfo.h"

/* The server's state of sum(numeric); NULL before the first amount */
typedef void *AmountSum;

extern bool crm_amount_add(FunctionCallInfo fcinfo, AmountSum *sum, int sign,
						   bool is_null, Datum amount);
extern void crm_amount_merge(FunctionCallInfo fcinfo, AmountSum *sum, AmountSum other);
extern void crm_amount_send(FunctionCallInfo fcinfo, StringInfo buf, AmountSum sum);
extern AmountSum crm_amount_recv(FunctionCallInfo fcinfo, StringInfo buf,
								 const char *what);
extern bool crm_amount_total(FunctionCallInfo fcinfo, AmountSum sum, Datum *total);

#endif							/* CRM_PIPELINE_AMOUNT_SUM_H */
