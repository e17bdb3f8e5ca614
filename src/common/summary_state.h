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
#include "nodes/nodes.h"

#include "src/common/summary.h"
#include "src/compat.h"

extern void *crm_summary_own_slow(FunctionCallInfo fcinfo, Size min_size, SummaryTag tag,
								  uint8 max_version, const char *type_name);
extern void *crm_summary_copy(const void *summary);
extern Datum crm_json_result(StringInfo json);
pg_noreturn extern void crm_summary_recv_error(const char *type_name);
pg_noreturn extern void crm_count_overflow_error(void);

/*
 * Argument 0 of a transition function as memory that the function may change
 * and return: the state itself inside an aggregate, a copy elsewhere.
 * Arguments as those of crm_summary_detoast.
 *
 * The test of the context is AggCheckCallContext's, in line: together with the
 * call it would cost as much as counting.
 */
static inline void *
crm_summary_own(FunctionCallInfo fcinfo, Size min_size, SummaryTag tag,
				uint8 max_version, const char *type_name)
{
	SummaryHeader *header = (SummaryHeader *) PG_GETARG_POINTER(0);

	if (likely(!VARATT_IS_EXTENDED(header) && VARSIZE(header) >= min_size &&
			   header->tag == (uint8) tag && header->version == max_version &&
			   fcinfo->context != NULL &&
			   (IsA(fcinfo->context, AggState) ||
				IsA(fcinfo->context, WindowAggState))))
		return header;
	return crm_summary_own_slow(fcinfo, min_size, tag, max_version, type_name);
}

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
