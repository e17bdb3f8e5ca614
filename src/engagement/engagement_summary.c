/*-------------------------------------------------------------------------
 *
 * engagement_summary.c
 *	  The stored type crm_engagement_summary: a sum of decayed weights.
 *
 * It is also the state of the aggregates that make and merge it, changed in
 * place while it is theirs.  Decay is exponential, so that a sum as of one
 * moment becomes that of a later one by a single factor: summaries of
 * different days merge into the score of the last.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

#include "src/common/aggstate.h"
#include "src/common/args.h"
#include "src/engagement/engagement_summary.h"

#define TYPE_NAME "crm_engagement_summary"
#define SUMMARY_VERSION 1

PG_FUNCTION_INFO_V1(crm_engagement_summary_in);
PG_FUNCTION_INFO_V1(crm_engagement_summary_out);
PG_FUNCTION_INFO_V1(crm_engagement_summary_recv);
PG_FUNCTION_INFO_V1(crm_engagement_summary_send);
PG_FUNCTION_INFO_V1(crm_engagement_summary_to_jsonb);
PG_FUNCTION_INFO_V1(crm_engagement_summary_combinefn);
PG_FUNCTION_INFO_V1(crm_engagement_summary_finalfn);

static const char *const time_names[] = {
	[ENGAGEMENT_TIMESTAMPTZ] = "timestamptz",
	[ENGAGEMENT_TIMESTAMP] = "timestamp",
	[ENGAGEMENT_BIGINT] = "bigint"
};

static bool is_valid(const EngagementSummary *summary);

/*
 * The name of the type that the times of a valid summary are of.
 */
const char *
crm_engagement_time_name(EngagementTime time)
{
	return time_names[time];
}

/*
 * An empty summary in the current memory context.
 */
EngagementSummary *
crm_engagement_summary_make(void)
{
	return (EngagementSummary *) crm_summary_alloc(sizeof(EngagementSummary),
												   SUMMARY_ENGAGEMENT,
												   SUMMARY_VERSION);
}

/*
 * Whether a summary from outside makes sense.  One without events is the state
 * of an aggregate that has seen nothing but later ones: it must survive the
 * text form, in which a distributed database moves partial states.
 */
static bool
is_valid(const EngagementSummary *summary)
{
	if (summary->time < ENGAGEMENT_TIMESTAMPTZ || summary->time > ENGAGEMENT_BIGINT)
		return false;
	if (summary->time != ENGAGEMENT_BIGINT && !IS_VALID_TIMESTAMP(summary->as_of))
		return false;
	if (summary->events == 0 && (summary->sum.sum != 0 || summary->sum.error != 0))
		return false;
	return summary->half_life > 0 && summary->events >= 0 &&
		isfinite(summary->sum.sum) && isfinite(summary->sum.error);
}

/*
 * The summary in a datum; do not change it.
 */
EngagementSummary *
crm_engagement_summary_get(Datum datum)
{
	EngagementSummary *summary = crm_summary_detoast(datum, sizeof(EngagementSummary),
													 SUMMARY_ENGAGEMENT,
													 SUMMARY_VERSION, TYPE_NAME);

	if (!is_valid(summary))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("value is not a valid %s", TYPE_NAME)));
	return summary;
}

/*
 * The state that is the first argument of an aggregate's support function, to
 * be changed in place, or NULL.  Raises an error outside an aggregate, where
 * the argument is somebody's value.
 */
EngagementSummary *
crm_engagement_summary_state(FunctionCallInfo fcinfo, const char *function)
{
	(void) crm_agg_context(fcinfo, function);

	if (PG_ARGISNULL(0))
		return NULL;
	return (EngagementSummary *) crm_summary_detoast(PG_GETARG_DATUM(0),
													 sizeof(EngagementSummary),
													 SUMMARY_ENGAGEMENT,
													 SUMMARY_VERSION, TYPE_NAME);
}

/*
 * What remains of 1 from one moment to another that is not earlier:
 * 2^(-(to - from) / half_life).
 */
double
crm_engagement_decay(int64 from, int64 to, int64 half_life)
{
	/* The difference fits 64 bits without a sign. */
	return exp2(-((double) ((uint64) to - (uint64) from) / (double) half_life));
}

/*
 * Let the summary be as of a later moment.
 */
void
crm_engagement_move(EngagementSummary *summary, int64 as_of)
{
	double		decay;

	if (as_of == summary->as_of)
		return;
	decay = crm_engagement_decay(summary->as_of, as_of, summary->half_life);
	summary->sum.sum *= decay;
	summary->sum.error *= decay;
	summary->as_of = as_of;
}

/*
 * crm_engagement_summary_in(cstring) -> crm_engagement_summary
 */
Datum
crm_engagement_summary_in(PG_FUNCTION_ARGS)
{
	EngagementSummary *summary = crm_engagement_summary_make();
	TextReader	reader;
	char	   *time_name;
	int			i;

	crm_text_read_begin(&reader, PG_GETARG_CSTRING(0), TYPE_NAME, SUMMARY_VERSION);
	time_name = crm_text_read_word(&reader, "time");
	for (i = ENGAGEMENT_TIMESTAMPTZ; i <= ENGAGEMENT_BIGINT; i++)
	{
		if (strcmp(time_name, time_names[i]) == 0)
			summary->time = i;
	}
	summary->as_of = crm_text_read_int64(&reader, "as_of");
	summary->half_life = crm_text_read_int64(&reader, "half_life");
	summary->events = crm_text_read_int64(&reader, "events");
	summary->sum.sum = crm_text_read_float8(&reader, "sum");
	summary->sum.error = crm_text_read_float8(&reader, "error");
	crm_text_read_end(&reader);
	if (!is_valid(summary))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s", TYPE_NAME),
				 errdetail("A field is out of range.")));
	PG_RETURN_POINTER(summary);
}

/*
 * crm_engagement_summary_out(crm_engagement_summary) -> cstring
 *
 * Times are microseconds since 2000-01-01 (in UTC), or the bigint's units.
 */
Datum
crm_engagement_summary_out(PG_FUNCTION_ARGS)
{
	EngagementSummary *summary = crm_engagement_summary_get(PG_GETARG_DATUM(0));
	StringInfoData buf;

	initStringInfo(&buf);
	crm_text_begin(&buf, TYPE_NAME, SUMMARY_VERSION);
	crm_text_word(&buf, "time", time_names[summary->time]);
	crm_text_int64(&buf, "as_of", summary->as_of);
	crm_text_int64(&buf, "half_life", summary->half_life);
	crm_text_int64(&buf, "events", summary->events);
	crm_text_float8(&buf, "sum", summary->sum.sum);
	crm_text_float8(&buf, "error", summary->sum.error);
	PG_RETURN_CSTRING(buf.data);
}

/*
 * crm_engagement_summary_recv(internal) -> crm_engagement_summary
 */
Datum
crm_engagement_summary_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	EngagementSummary *summary = crm_engagement_summary_make();
	uint8		flags;

	crm_summary_recv_begin(buf, SUMMARY_ENGAGEMENT, SUMMARY_VERSION, &flags, TYPE_NAME);
	summary->time = pq_getmsgbyte(buf);
	summary->as_of = pq_getmsgint64(buf);
	summary->half_life = pq_getmsgint64(buf);
	summary->events = pq_getmsgint64(buf);
	summary->sum.sum = pq_getmsgfloat8(buf);
	summary->sum.error = pq_getmsgfloat8(buf);
	if (flags != 0 || !is_valid(summary))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid external \"%s\" value", TYPE_NAME)));
	PG_RETURN_POINTER(summary);
}

/*
 * crm_engagement_summary_send(crm_engagement_summary) -> bytea
 */
Datum
crm_engagement_summary_send(PG_FUNCTION_ARGS)
{
	EngagementSummary *summary = crm_engagement_summary_get(PG_GETARG_DATUM(0));
	StringInfoData buf;

	crm_summary_send_begin(&buf, summary);
	pq_sendbyte(&buf, (uint8) summary->time);
	pq_sendint64(&buf, summary->as_of);
	pq_sendint64(&buf, summary->half_life);
	pq_sendint64(&buf, summary->events);
	pq_sendfloat8(&buf, summary->sum.sum);
	pq_sendfloat8(&buf, summary->sum.error);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_engagement_summary_to_jsonb(crm_engagement_summary) -> jsonb
 *
 * Of a timestamptz the moment is in UTC; the half-life is in seconds, or the
 * bigint's units.
 */
Datum
crm_engagement_summary_to_jsonb(PG_FUNCTION_ARGS)
{
	EngagementSummary *summary = crm_engagement_summary_get(PG_GETARG_DATUM(0));
	StringInfoData json;

	initStringInfo(&json);
	if (summary->time == ENGAGEMENT_BIGINT)
		appendStringInfo(&json, "{\"as_of\": " INT64_FORMAT ", \"half_life\": " INT64_FORMAT,
						 summary->as_of, summary->half_life);
	else
	{
		struct pg_tm tm;
		fsec_t		fsec;
		char		moment[MAXDATELEN + 1];

		if (timestamp2tm(summary->as_of, NULL, &tm, &fsec, NULL, NULL) != 0)
			ereport(ERROR,
					(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
					 errmsg("timestamp out of range")));
		tm.tm_isdst = 0;		/* else no zone is shown */
		EncodeDateTime(&tm, fsec, summary->time == ENGAGEMENT_TIMESTAMPTZ, 0, NULL,
					   USE_XSD_DATES, moment);
		appendStringInfo(&json, "{\"as_of\": \"%s\", \"half_life\": " INT64_FORMAT ".%06d",
						 moment, summary->half_life / USECS_PER_SEC,
						 (int) (summary->half_life % USECS_PER_SEC));
	}
	appendStringInfo(&json, ", \"events\": " INT64_FORMAT ", \"score\": ", summary->events);
	if (summary->events > 0)
		crm_append_float8(&json, exact_sum_value(&summary->sum));
	else
		appendStringInfoString(&json, "null");
	appendStringInfoChar(&json, '}');
	PG_RETURN_DATUM(DirectFunctionCall1(jsonb_in, CStringGetDatum(json.data)));
}

/*
 * crm_engagement_summary_combinefn(state, crm_engagement_summary)
 * -> crm_engagement_summary
 *
 * Merge a summary into the state; the earlier one is moved to the moment of
 * the later.  It combines partial aggregates, and is the transition function
 * of crm_rollup.  NULL counts for nothing.
 */
Datum
crm_engagement_summary_combinefn(PG_FUNCTION_ARGS)
{
	EngagementSummary *state = crm_engagement_summary_state(fcinfo, "crm_engagement_summary_combinefn");
	EngagementSummary other;

	if (PG_ARGISNULL(1))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	other = *(EngagementSummary *) crm_summary_detoast(PG_GETARG_DATUM(1),
													   sizeof(EngagementSummary),
													   SUMMARY_ENGAGEMENT,
													   SUMMARY_VERSION, TYPE_NAME);
	if (!isfinite(exact_sum_value(&other.sum)))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("engagement score is out of range")));
	if (!is_valid(&other))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("value is not a valid %s", TYPE_NAME)));
	if (state == NULL)
	{
		/* The executor copies it to where it keeps states. */
		state = crm_engagement_summary_make();
		state->time = other.time;
		state->as_of = other.as_of;
		state->half_life = other.half_life;
		state->events = other.events;
		state->sum = other.sum;
		PG_RETURN_POINTER(state);
	}
	if (state->half_life != other.half_life)
		crm_option_varies_error("half_life");
	if (state->time != other.time)
		crm_option_varies_error("the type of ts");
	if (state->as_of < other.as_of)
		crm_engagement_move(state, other.as_of);
	else
		crm_engagement_move(&other, state->as_of);
	state->events += other.events;
	exact_sum_merge(&state->sum, &other.sum);
	PG_RETURN_POINTER(state);
}

/*
 * crm_engagement_summary_finalfn(state) -> crm_engagement_summary
 *
 * The summary, or NULL if no row counted.  A copy, because the state may go on
 * to change.
 */
Datum
crm_engagement_summary_finalfn(PG_FUNCTION_ARGS)
{
	EngagementSummary *state;
	EngagementSummary *result;

	state = crm_engagement_summary_state(fcinfo, "crm_engagement_summary_finalfn");
	if (state == NULL || state->events == 0)
		PG_RETURN_NULL();
	if (!is_valid(state))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("engagement score is out of range")));
	result = palloc(sizeof(EngagementSummary));
	memcpy(result, state, sizeof(EngagementSummary));
	PG_RETURN_POINTER(result);
}
