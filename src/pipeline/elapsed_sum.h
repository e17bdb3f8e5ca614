/*-------------------------------------------------------------------------
 *
 * elapsed_sum.h
 *	  Exact sums of elapsed time in two counters: days and microseconds.
 *
 * A sum of microseconds leaves 64 bits after 300,000 years, which a billion
 * deals make; so whole days are counted apart, and a carry keeps microseconds
 * below a day.  The two numbers depend on the sum alone, not on the order.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_PIPELINE_ELAPSED_SUM_H
#define CRM_PIPELINE_ELAPSED_SUM_H

#include "postgres.h"

#include "common/int.h"
#include "datatype/timestamp.h"

#include "src/common/count_state.h"

/*
 * From opened_at to closed_at in microseconds.  Both must be finite, and the
 * second not before the first.
 */
static inline int64
elapsed_usecs(TimestampTz opened_at, TimestampTz closed_at)
{
	int64		usecs;

	if (TIMESTAMP_NOT_FINITE(opened_at) || TIMESTAMP_NOT_FINITE(closed_at))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("opened_at and closed_at must be finite")));
	if (closed_at < opened_at)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("closed_at must not be before opened_at")));
	if (pg_sub_s64_overflow(closed_at, opened_at, &usecs))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("interval out of range")));
	return usecs;
}

/*
 * Add to a sum, or take away what was added to it.
 */
static inline void
elapsed_add(int64 *sum_days, int64 *sum_usecs, int64 days, int64 usecs)
{
	crm_counter_add(sum_days, days);
	crm_counter_add(sum_usecs, usecs);
	crm_counter_add(sum_days, *sum_usecs / USECS_PER_DAY);
	*sum_usecs %= USECS_PER_DAY;
	if (*sum_usecs < 0)
	{
		crm_counter_add(sum_days, -1);
		*sum_usecs += USECS_PER_DAY;
	}
}

#endif							/* CRM_PIPELINE_ELAPSED_SUM_H */
