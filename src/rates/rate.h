/*-------------------------------------------------------------------------
 *
 * rate.h
 *	  What the files of rates share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_RATE_H
#define CRM_RATE_H

#include "postgres.h"

#include "src/common/rate_counts.h"

extern void crm_rate_check_counts(int64 successes, int64 trials);
extern ProportionMethod crm_rate_method(const text *name);
extern Datum crm_rate_interval_result(FunctionCallInfo fcinfo, int64 successes,
									  int64 trials, double conf_level,
									  ProportionMethod method);

#endif							/* CRM_RATE_H */
