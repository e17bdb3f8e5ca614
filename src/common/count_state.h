/*-------------------------------------------------------------------------
 *
 * count_state.h
 *	  Aggregate states that are a few exact counters.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_COUNT_STATE_H
#define CRM_COUNT_STATE_H

#include "postgres.h"

#include "fmgr.h"

extern int64 *crm_count_state(FunctionCallInfo fcinfo, int argno, int n,
							  Datum *state);
extern void crm_counter_add(int64 *counter, int64 value);

#endif							/* CRM_COUNT_STATE_H */
