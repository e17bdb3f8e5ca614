/*-------------------------------------------------------------------------
 *
 * summary_state.h
 *	  Summaries as aggregate states, and comparing summaries.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_SUMMARY_STATE_H
#define CRM_SUMMARY_STATE_H

#include "postgres.h"

#include "common/int.h"
#include "fmgr.h"

#include "src/common/summary.h"

extern void *crm_summary_own(FunctionCallInfo fcinfo, Size min_size, SummaryTag tag,
							 uint8 max_version, const char *type_name);
extern void *crm_summary_copy(const void *summary);
extern Datum crm_json_result(StringInfo json);
extern void crm_summary_recv_error(const char *type_name) pg_attribute_noreturn();
extern void crm_count_overflow_error(void) pg_attribute_noreturn();

/*
 * a + b for counts of rows, neither of them negative.
 */
static inline int64
crm_count_add(int64 a, int64 b)
{
	int64		sum;

	if (unlikely(pg_add_s64_overflow(a, b, &sum)))
		crm_count_overflow_error();
	return sum;
}

#endif							/* CRM_SUMMARY_STATE_H */
