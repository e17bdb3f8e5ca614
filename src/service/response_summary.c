/*-------------------------------------------------------------------------
 *
 * response_summary.c
 *	  The stored type crm_response_summary: counts and the sum of response
 *	  times.
 *
 * It is also the state of the aggregates that make and merge it, changed in
 * place while it is theirs.  All of it is whole numbers, so that the order of
 * rows does not show, and taking a row out again is exact.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/int.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

#include "src/common/aggstate.h"
#include "src/service/response_summary.h"

#define TYPE_NAME "crm_response_summary"
#define SUMMARY_VERSION 1

PG_FUNCTION_INFO_V1(crm_response_summary_in);
PG_FUNCTION_INFO_V1(crm_response_summary_out);
PG_FUNCTION_INFO_V1(crm_response_summary_recv);
PG_FUNCTION_INFO_V1(crm_response_summary_send);
PG_FUNCTION_INFO_V1(crm_response_summary_to_jsonb);
PG_FUNCTION_INFO_V1(crm_response_summary_combinefn);
PG_FUNCTION_INFO_V1(crm_response_summary_invfn);
PG_FUNCTION_INFO_V1(crm_response_summary_finalfn);

static ResponseSummary *make_summary(void);
static const char *summary_fault(const ResponseSummary *summary);
static void add_count(int64 *count, int64 other, int sign);
static ResponseSummary *merge(FunctionCallInfo fcinfo, const char *function,
							  int sign);

static ResponseSummary *
make_summary(void)
{
	return (ResponseSummary *) crm_summary_alloc(sizeof(ResponseSummary),
												 SUMMARY_RESPONSE_TIME,
												 SUMMARY_VERSION);
}

/*
 * The summary in a datum; do not change it.
 */
ResponseSummary *
crm_response_summary_get(Datum datum)
{
	ResponseSummary *summary = crm_summary_detoast(datum, sizeof(ResponseSummary),
												   SUMMARY_RESPONSE_TIME,
												   SUMMARY_VERSION, TYPE_NAME);

	/* A value forged on the way to disk must not break the arithmetic. */
	if (summary_fault(summary) != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("value is not a valid %s", TYPE_NAME)));
	return summary;
}

/*
 * The state that is the first argument of an aggregate's support function, to
 * be changed in place; an empty one if it is NULL.  Raises an error outside an
 * aggregate, where the argument is somebody's value.
 */
ResponseSummary *
crm_response_summary_state(FunctionCallInfo fcinfo, const char *function)
{
	(void) crm_agg_context(fcinfo, function);

	/* The executor copies a new state to where it keeps states. */
	if (PG_ARGISNULL(0))
		return make_summary();
	return (ResponseSummary *) crm_summary_detoast(PG_GETARG_DATUM(0),
												   sizeof(ResponseSummary),
												   SUMMARY_RESPONSE_TIME,
												   SUMMARY_VERSION, TYPE_NAME);
}

static void
add_count(int64 *count, int64 other, int sign)
{
	bool		overflow;

	if (sign > 0)
		overflow = pg_add_s64_overflow(*count, other, count);
	else
		overflow = pg_sub_s64_overflow(*count, other, count);
	if (overflow)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("sum of response times is out of range")));
}

/*
 * Add what another summary holds to the state (sign 1), or take it out (-1).
 */
void
crm_response_summary_add(ResponseSummary *state, const ResponseSummary *other,
						 int sign)
{
	add_count(&state->answered, other->answered, sign);
	add_count(&state->open, other->open, sign);
	add_count(&state->overdue, other->overdue, sign);
	add_count(&state->targeted, other->targeted, sign);
	add_count(&state->within, other->within, sign);
	add_count(&state->seconds, other->seconds, sign);
	state->microseconds += sign * other->microseconds;
	if (state->microseconds >= USECS_PER_SEC)
	{
		state->microseconds -= USECS_PER_SEC;
		add_count(&state->seconds, 1, 1);
	}
	else if (state->microseconds < 0)
	{
		state->microseconds += USECS_PER_SEC;
		add_count(&state->seconds, 1, -1);
	}
}

/*
 * What is wrong with a summary from outside; NULL if nothing.
 */
static const char *
summary_fault(const ResponseSummary *summary)
{
	if (summary->answered < 0 || summary->open < 0 || summary->overdue < 0 ||
		summary->targeted < 0 || summary->within < 0 || summary->seconds < 0 ||
		summary->microseconds < 0 || summary->microseconds >= USECS_PER_SEC)
		return "A count is negative, or there is more than a second of microseconds.";
	if (summary->overdue > summary->open || summary->within > summary->targeted ||
		summary->overdue > summary->targeted ||
		summary->within > summary->targeted - summary->overdue ||
		summary->targeted - summary->overdue > summary->answered)
		return "The counts contradict one another.";
	/* the longest interval there is, in seconds, bounds the mean */
	if (summary->seconds > 0 &&
		(summary->answered == 0 ||
		 summary->seconds / summary->answered > PG_INT64_MAX / USECS_PER_SEC))
		return "The sum of times does not fit the count.";
	if (summary->answered == 0 && summary->microseconds > 0)
		return "The sum of times does not fit the count.";
	return NULL;
}

/*
 * crm_response_summary_in(cstring) -> crm_response_summary
 */
Datum
crm_response_summary_in(PG_FUNCTION_ARGS)
{
	ResponseSummary *summary = make_summary();
	const char *fault;
	TextReader	reader;

	crm_text_read_begin(&reader, PG_GETARG_CSTRING(0), TYPE_NAME, SUMMARY_VERSION);
	summary->answered = crm_text_read_int64(&reader, "answered");
	summary->open = crm_text_read_int64(&reader, "open");
	summary->overdue = crm_text_read_int64(&reader, "overdue");
	summary->targeted = crm_text_read_int64(&reader, "targeted");
	summary->within = crm_text_read_int64(&reader, "within");
	summary->seconds = crm_text_read_int64(&reader, "seconds");
	summary->microseconds = crm_text_read_int64(&reader, "microseconds");
	crm_text_read_end(&reader);

	fault = summary_fault(summary);
	if (fault != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s", TYPE_NAME),
				 errdetail("%s", fault)));
	PG_RETURN_POINTER(summary);
}

/*
 * crm_response_summary_out(crm_response_summary) -> cstring
 */
Datum
crm_response_summary_out(PG_FUNCTION_ARGS)
{
	ResponseSummary *summary = crm_response_summary_get(PG_GETARG_DATUM(0));
	StringInfoData buf;

	initStringInfo(&buf);
	crm_text_begin(&buf, TYPE_NAME, SUMMARY_VERSION);
	crm_text_int64(&buf, "answered", summary->answered);
	crm_text_int64(&buf, "open", summary->open);
	crm_text_int64(&buf, "overdue", summary->overdue);
	crm_text_int64(&buf, "targeted", summary->targeted);
	crm_text_int64(&buf, "within", summary->within);
	crm_text_int64(&buf, "seconds", summary->seconds);
	crm_text_int64(&buf, "microseconds", summary->microseconds);
	PG_RETURN_CSTRING(buf.data);
}

/*
 * crm_response_summary_recv(internal) -> crm_response_summary
 */
Datum
crm_response_summary_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	ResponseSummary *summary = make_summary();
	uint8		flags;

	crm_summary_recv_begin(buf, SUMMARY_RESPONSE_TIME, SUMMARY_VERSION, &flags,
						   TYPE_NAME);
	summary->answered = pq_getmsgint64(buf);
	summary->open = pq_getmsgint64(buf);
	summary->overdue = pq_getmsgint64(buf);
	summary->targeted = pq_getmsgint64(buf);
	summary->within = pq_getmsgint64(buf);
	summary->seconds = pq_getmsgint64(buf);
	summary->microseconds = pq_getmsgint64(buf);
	if (flags != 0 || summary_fault(summary) != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid external \"%s\" value", TYPE_NAME)));
	PG_RETURN_POINTER(summary);
}

/*
 * crm_response_summary_send(crm_response_summary) -> bytea
 */
Datum
crm_response_summary_send(PG_FUNCTION_ARGS)
{
	ResponseSummary *summary = crm_response_summary_get(PG_GETARG_DATUM(0));
	StringInfoData buf;

	crm_summary_send_begin(&buf, summary);
	pq_sendint64(&buf, summary->answered);
	pq_sendint64(&buf, summary->open);
	pq_sendint64(&buf, summary->overdue);
	pq_sendint64(&buf, summary->targeted);
	pq_sendint64(&buf, summary->within);
	pq_sendint64(&buf, summary->seconds);
	pq_sendint64(&buf, summary->microseconds);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_response_summary_to_jsonb(crm_response_summary) -> jsonb
 *
 * The counts, and the sum of response times in seconds.
 */
Datum
crm_response_summary_to_jsonb(PG_FUNCTION_ARGS)
{
	ResponseSummary *summary = crm_response_summary_get(PG_GETARG_DATUM(0));
	char	   *json;

	json = psprintf("{\"answered\": " INT64_FORMAT ", \"open\": " INT64_FORMAT
					", \"overdue\": " INT64_FORMAT ", \"targeted\": " INT64_FORMAT
					", \"within\": " INT64_FORMAT ", \"seconds\": " INT64_FORMAT ".%06d}",
					summary->answered, summary->open, summary->overdue,
					summary->targeted, summary->within, summary->seconds,
					(int) summary->microseconds);
	PG_RETURN_DATUM(DirectFunctionCall1(jsonb_in, CStringGetDatum(json)));
}

/*
 * The state that is the first argument with the summary that is the second
 * added (sign 1) or taken out (-1); NULL counts for nothing.
 */
static ResponseSummary *
merge(FunctionCallInfo fcinfo, const char *function, int sign)
{
	ResponseSummary *state = crm_response_summary_state(fcinfo, function);

	if (!PG_ARGISNULL(1))
		crm_response_summary_add(state, crm_response_summary_get(PG_GETARG_DATUM(1)),
								 sign);
	return state;
}

/*
 * crm_response_summary_combinefn(state, crm_response_summary)
 * -> crm_response_summary
 *
 * Merge a summary into the state.  It combines partial aggregates, and is the
 * transition function of crm_rollup.  NULL counts for nothing.
 */
Datum
crm_response_summary_combinefn(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(merge(fcinfo, "crm_response_summary_combinefn", 1));
}

/*
 * crm_response_summary_invfn(state, crm_response_summary)
 * -> crm_response_summary
 *
 * Take a summary out of the state again, as a window moves on.
 */
Datum
crm_response_summary_invfn(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(merge(fcinfo, "crm_response_summary_invfn", -1));
}

/*
 * crm_response_summary_finalfn(state) -> crm_response_summary
 *
 * The summary, or NULL if no row counted.  A copy, because the state may go on
 * to change.
 */
Datum
crm_response_summary_finalfn(PG_FUNCTION_ARGS)
{
	ResponseSummary *state;
	ResponseSummary *result;

	(void) crm_agg_context(fcinfo, "crm_response_summary_finalfn");
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = crm_response_summary_get(PG_GETARG_DATUM(0));
	if (state->answered == 0 && state->open == 0)
		PG_RETURN_NULL();
	result = palloc(sizeof(ResponseSummary));
	memcpy(result, state, sizeof(ResponseSummary));
	PG_RETURN_POINTER(result);
}
