/*-------------------------------------------------------------------------
 *
 * engagement_score.c
 *	  Engagement as a sum of weights that halve with every half-life.
 *
 *		score = sum of weight * 2^(-(as_of - ts) / half_life)
 *
 * Each term depends on its own event alone, and the sum keeps its rounding
 * errors (src/math/exact_sum.h), so that the order of events does not show and
 * partial sums merge.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "common/int.h"
#include "utils/timestamp.h"

#include "src/common/args.h"
#include "src/engagement/engagement_summary.h"

PG_FUNCTION_INFO_V1(crm_engagement_score_transfn);
PG_FUNCTION_INFO_V1(crm_engagement_score_transfn_timestamp);
PG_FUNCTION_INFO_V1(crm_engagement_score_transfn_bigint);
PG_FUNCTION_INFO_V1(crm_engagement_score_finalfn);
PG_FUNCTION_INFO_V1(crm_engagement_score);
PG_FUNCTION_INFO_V1(crm_engagement_score_as_of);
PG_FUNCTION_INFO_V1(crm_engagement_score_as_of_timestamp);

static int64 read_half_life(Datum half_life, EngagementTime time);
static int64 read_time(Datum datum, EngagementTime time, const char *what);
static Datum accumulate(FunctionCallInfo fcinfo, EngagementTime time);
static double score(const EngagementSummary *summary);
static Datum score_as_of(FunctionCallInfo fcinfo, EngagementTime time);

/*
 * In microseconds or units.  A day has 24 hours and a month 30 days, as where
 * SQL compares intervals.
 */
static int64
read_half_life(Datum half_life, EngagementTime time)
{
	int64		result;

	if (time == ENGAGEMENT_BIGINT)
		result = DatumGetInt64(half_life);
	else
	{
		const Interval *interval = DatumGetIntervalP(half_life);
		int64		days = (int64) interval->month * DAYS_PER_MONTH + interval->day;

		if (pg_mul_s64_overflow(days, USECS_PER_DAY, &result) ||
			pg_add_s64_overflow(result, interval->time, &result))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("half_life is out of range"),
					 errhint("Give the time in which an event's weight halves, such as '14 days'.")));
	}
	if (result <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("half_life must be greater than zero"),
				 errhint("Give the time in which an event's weight halves, such as '14 days'.")));
	return result;
}

static int64
read_time(Datum datum, EngagementTime time, const char *what)
{
	int64		result = DatumGetInt64(datum);

	if (time != ENGAGEMENT_BIGINT && TIMESTAMP_NOT_FINITE(result))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be finite", what),
				 errhint("Filter such rows out, or make the value NULL.")));
	return result;
}

static Datum
accumulate(FunctionCallInfo fcinfo, EngagementTime time)
{
	EngagementSummary *state;
	int64		ts;
	double		weight;
	int64		half_life;
	int64		as_of;

	state = crm_engagement_summary_state(fcinfo, "crm_engagement_score_transfn");
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3) || PG_ARGISNULL(4))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	ts = read_time(PG_GETARG_DATUM(1), time, "ts");
	weight = PG_GETARG_FLOAT8(2);
	half_life = read_half_life(PG_GETARG_DATUM(3), time);
	as_of = read_time(PG_GETARG_DATUM(4), time, "as_of");
	crm_check_finite(weight, "weight");

	if (state == NULL)
	{
		/* The executor copies it to where it keeps states. */
		state = crm_engagement_summary_make();
		state->time = time;
		state->half_life = half_life;
		state->as_of = as_of;
	}
	else
	{
		if (unlikely(half_life != state->half_life))
			crm_option_varies_error("half_life");
		if (unlikely(as_of != state->as_of))
			crm_option_varies_error("as_of");
	}
	if (ts <= as_of)
	{
		state->events++;
		exact_sum_add(&state->sum, weight * crm_engagement_decay(ts, as_of, half_life));
	}
	PG_RETURN_POINTER(state);
}

/*
 * crm_engagement_score_transfn(state, ts timestamptz, weight float8,
 *								half_life interval, as_of timestamptz)
 * -> crm_engagement_summary
 *
 * Rows with a NULL are skipped, events after as_of ignored.  half_life and
 * as_of must be the same for all rows of a group.  A weight that is not finite
 * or a half_life that is not positive is error 22023.
 */
Datum
crm_engagement_score_transfn(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, ENGAGEMENT_TIMESTAMPTZ);
}

/*
 * The same for timestamp.
 */
Datum
crm_engagement_score_transfn_timestamp(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, ENGAGEMENT_TIMESTAMP);
}

/*
 * The same for bigint.
 */
Datum
crm_engagement_score_transfn_bigint(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, ENGAGEMENT_BIGINT);
}

static double
score(const EngagementSummary *summary)
{
	double		result = exact_sum_value(&summary->sum);

	if (!isfinite(result))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("engagement score is out of range")));
	return result;
}

/*
 * crm_engagement_score_finalfn(state) -> float8
 *
 * NULL if no row counted.
 */
Datum
crm_engagement_score_finalfn(PG_FUNCTION_ARGS)
{
	EngagementSummary *state = crm_engagement_summary_state(fcinfo, "crm_engagement_score_finalfn");

	if (state == NULL || state->events == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(score(state));
}

/*
 * crm_engagement_score(crm_engagement_summary) -> float8
 *
 * As of the moment of the summary.  NULL if it has no event.
 */
Datum
crm_engagement_score(PG_FUNCTION_ARGS)
{
	EngagementSummary *summary = crm_engagement_summary_get(PG_GETARG_DATUM(0));

	if (summary->events == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(score(summary));
}

static Datum
score_as_of(FunctionCallInfo fcinfo, EngagementTime time)
{
	EngagementSummary summary = *crm_engagement_summary_get(PG_GETARG_DATUM(0));
	int64		as_of = read_time(PG_GETARG_DATUM(1), time, "as_of");

	if (summary.time != time)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the summary was made from times of type %s, as_of is of another",
						crm_engagement_time_name((EngagementTime) summary.time)),
				 summary.time == ENGAGEMENT_BIGINT ?
				 errhint("Read it as of its own moment, with crm_engagement_score(summary).") :
				 errhint("Cast as_of to that type.")));
	if (as_of < summary.as_of)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("as_of is before that of the summary"),
				 errhint("Compute the score of an earlier moment from the events.")));
	if (summary.events == 0)
		PG_RETURN_NULL();
	crm_engagement_move(&summary, as_of);
	PG_RETURN_FLOAT8(score(&summary));
}

/*
 * crm_engagement_score(crm_engagement_summary, as_of timestamptz) -> float8
 *
 * As of a later moment, if nothing happens until then.  An earlier one is
 * error 22023: which events had not happened by then is forgotten.
 */
Datum
crm_engagement_score_as_of(PG_FUNCTION_ARGS)
{
	return score_as_of(fcinfo, ENGAGEMENT_TIMESTAMPTZ);
}

/*
 * The same for timestamp.  (There is none for bigint: a string for as_of could
 * then be a moment or a number.)
 */
Datum
crm_engagement_score_as_of_timestamp(PG_FUNCTION_ARGS)
{
	return score_as_of(fcinfo, ENGAGEMENT_TIMESTAMP);
}
