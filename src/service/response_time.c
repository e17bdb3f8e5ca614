/*-------------------------------------------------------------------------
 *
 * response_time.c
 *	  Aggregates of response and resolution times: how many are answered, how
 *	  fast, and what share within its target.
 *
 * Time is business time if there is a calendar, else elapsed time.  Calendar
 * and target may differ from row to row, as teams and priorities do.
 *
 * The share within target is of those whose outcome is known: the answered
 * that have a target, and, in the form that is told the moment of the report,
 * the open ones whose clock has passed it.  Without the latter a help desk
 * looks the better the longer it lets its late tickets lie.  The interval of
 * that share is Wilson's.
 *
 * Quantiles need the times themselves: percentile_cont over
 * crm_business_interval.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "common/int.h"
#include "funcapi.h"
#include "utils/timestamp.h"

#include "src/common/args.h"
#include "src/common/result.h"
#include "src/math/proportion.h"
#include "src/service/business_time.h"
#include "src/service/response_summary.h"
#include "src/service/schedule.h"

#define RESULT_COLUMNS 10

PG_FUNCTION_INFO_V1(crm_response_time_transfn);
PG_FUNCTION_INFO_V1(crm_response_time_invfn);
PG_FUNCTION_INFO_V1(crm_response_time);
PG_FUNCTION_INFO_V1(crm_response_time_finalfn);

static bool read_row(FunctionCallInfo fcinfo, ResponseSummary *row);
static ResponseSummary *accumulate(FunctionCallInfo fcinfo, const char *function,
								   int sign);
static int64 elapsed_usecs(TimestampTz from, TimestampTz to, Schedule *schedule);
static int64 mean_usecs(const ResponseSummary *summary);
static Datum summary_result(FunctionCallInfo fcinfo, const ResponseSummary *summary,
							double conf_level);

static int64
elapsed_usecs(TimestampTz from, TimestampTz to, Schedule *schedule)
{
	int64		result;

	if (schedule != NULL)
		return crm_schedule_open_usecs(schedule, from, to);
	if (pg_sub_s64_overflow(to, from, &result))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("interval out of range")));
	return result;
}

/*
 * What the row that is in arguments 1 and up adds to a summary: started_at,
 * answered_at [, calendar [, target [, as_of]]].  False if it is to be skipped:
 * started_at, a calendar or an as_of that is given is NULL, or it started
 * after as_of.
 */
static bool
read_row(FunctionCallInfo fcinfo, ResponseSummary *row)
{
	bool		has_calendar = PG_NARGS() > 3;
	bool		has_target = PG_NARGS() > 4 && !PG_ARGISNULL(4);
	bool		has_as_of = PG_NARGS() > 5;
	bool		is_answered = !PG_ARGISNULL(2);
	TimestampTz started;
	TimestampTz answered = 0;
	TimestampTz as_of = 0;
	int64		target = 0;
	int64		elapsed;
	Schedule   *schedule = NULL;

	memset(row, 0, sizeof(ResponseSummary));

	if (PG_ARGISNULL(1) || (has_calendar && PG_ARGISNULL(3)) ||
		(has_as_of && PG_ARGISNULL(5)))
		return false;

	started = crm_finite_timestamp(PG_GETARG_TIMESTAMPTZ(1), "started_at");
	if (has_target)
		target = crm_target_usecs(PG_GETARG_INTERVAL_P(4));
	if (is_answered)
	{
		answered = crm_finite_timestamp(PG_GETARG_TIMESTAMPTZ(2), "answered_at");
		if (answered < started)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("answered_at must not be before started_at, got %s and %s",
							pstrdup(timestamptz_to_str(answered)),
							pstrdup(timestamptz_to_str(started))),
					 errhint("Leave such rows out with FILTER (WHERE answered_at >= started_at OR answered_at IS NULL).")));
	}
	if (has_as_of)
	{
		as_of = crm_finite_timestamp(PG_GETARG_TIMESTAMPTZ(5), "as_of");
		if (started > as_of)
			return false;
		is_answered = is_answered && answered <= as_of;
	}

	if (is_answered || (has_as_of && has_target))
	{
		if (has_calendar)
			schedule = crm_schedule_get(fcinfo, PG_GETARG_DATUM(3));
		elapsed = elapsed_usecs(started, is_answered ? answered : as_of, schedule);
		if (is_answered)
		{
			row->answered = 1;
			row->targeted = has_target;
			row->within = has_target && elapsed <= target;
			row->seconds = elapsed / USECS_PER_SEC;
			row->microseconds = elapsed % USECS_PER_SEC;
		}
		else
			row->overdue = row->targeted = elapsed > target;
	}
	row->open = !is_answered;
	return true;
}

/*
 * The state that is the first argument with the row that the others are added
 * (sign 1) or taken out (-1).
 */
static ResponseSummary *
accumulate(FunctionCallInfo fcinfo, const char *function, int sign)
{
	ResponseSummary *state = crm_response_summary_state(fcinfo, function);
	ResponseSummary row;

	if (read_row(fcinfo, &row))
		crm_response_summary_add(state, &row, sign);
	return state;
}

/*
 * crm_response_time_transfn(state, started_at, answered_at
 *							 [, calendar [, target [, as_of]]]) -> state
 *
 * One more row.  The state is never NULL afterwards, as moving aggregates
 * need.
 */
Datum
crm_response_time_transfn(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(accumulate(fcinfo, "crm_response_time_transfn", 1));
}

/*
 * crm_response_time_invfn(state, ...) -> state
 *
 * One row less.
 */
Datum
crm_response_time_invfn(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(accumulate(fcinfo, "crm_response_time_invfn", -1));
}

/*
 * The mean to the nearest microsecond, halves up.  There must be answered ones.
 */
static int64
mean_usecs(const ResponseSummary *summary)
{
	int64		n = summary->answered;
	int64		rest = summary->seconds % n;
	int64		fraction;
	int64		mean;

	/* The rest is less than n, so that this fits up to 9e12 rows. */
	if (pg_mul_s64_overflow(rest, USECS_PER_SEC, &fraction) ||
		pg_add_s64_overflow(fraction, summary->microseconds, &fraction))
		fraction = (int64) rint((double) rest / (double) n * USECS_PER_SEC);
	else
		fraction = fraction / n + (fraction % n >= n - n / 2);

	if (pg_add_s64_overflow(summary->seconds / n * USECS_PER_SEC, fraction, &mean))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("interval out of range")));
	return mean;
}

/*
 * A crm_response_times datum; NULL if the summary is of no rows.
 */
static Datum
summary_result(FunctionCallInfo fcinfo, const ResponseSummary *summary,
			   double conf_level)
{
	TupleDesc	tupdesc = crm_result_tupdesc(fcinfo, NULL);
	Datum		values[RESULT_COLUMNS];
	bool		nulls[RESULT_COLUMNS] = {false};
	double		lower;
	double		upper;

	if (tupdesc->natts != RESULT_COLUMNS)
		elog(ERROR, "crm_response_times does not have %d columns", RESULT_COLUMNS);
	if (summary->answered == 0 && summary->open == 0)
		PG_RETURN_NULL();

	values[0] = Int64GetDatum(summary->answered);
	values[1] = Int64GetDatum(summary->open);
	values[2] = Int64GetDatum(summary->overdue);
	nulls[3] = summary->answered == 0;
	if (!nulls[3])
		values[3] = IntervalPGetDatum(crm_usecs_interval(mean_usecs(summary)));
	values[4] = Int64GetDatum(summary->targeted);
	values[5] = Int64GetDatum(summary->within);
	values[9] = Float8GetDatum(conf_level);
	if (summary->targeted > 0)
	{
		crm_proportion_interval(PROPORTION_WILSON, (double) summary->within,
								(double) summary->targeted, conf_level,
								&lower, &upper);
		values[6] = Float8GetDatum((double) summary->within /
								   (double) summary->targeted);
		values[7] = Float8GetDatum(lower);
		values[8] = Float8GetDatum(upper);
	}
	else
		nulls[6] = nulls[7] = nulls[8] = true;
	return HeapTupleGetDatum(heap_form_tuple(tupdesc, values, nulls));
}

/*
 * crm_response_time(crm_response_summary [, conf float8])
 * -> crm_response_times
 *
 * What the summary says; NULL if it is of no rows.  Strict.
 */
Datum
crm_response_time(PG_FUNCTION_ARGS)
{
	ResponseSummary *summary = crm_response_summary_get(PG_GETARG_DATUM(0));
	double		conf_level = CRM_DEFAULT_CONF_LEVEL;

	if (PG_NARGS() > 1)
		conf_level = PG_GETARG_FLOAT8(1);
	crm_check_conf_level(conf_level);
	return summary_result(fcinfo, summary, conf_level);
}

/*
 * crm_response_time_finalfn(state) -> crm_response_times
 */
Datum
crm_response_time_finalfn(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return summary_result(fcinfo, crm_response_summary_get(PG_GETARG_DATUM(0)),
						  CRM_DEFAULT_CONF_LEVEL);
}
