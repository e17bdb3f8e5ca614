/*-------------------------------------------------------------------------
 *
 * rate_type.c
 *	  The stored type crm_rate_summary: text, binary and JSON forms.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "libpq/pqformat.h"

#include "src/common/summary_state.h"
#include "src/rates/rate.h"

PG_FUNCTION_INFO_V1(crm_rate_summary);
PG_FUNCTION_INFO_V1(crm_rate_summary_in);
PG_FUNCTION_INFO_V1(crm_rate_summary_out);
PG_FUNCTION_INFO_V1(crm_rate_summary_send);
PG_FUNCTION_INFO_V1(crm_rate_summary_recv);
PG_FUNCTION_INFO_V1(crm_to_jsonb_rate);

static RateSummary *make_summary(int64 successes, int64 trials);

/*
 * Counts that a person or a program gives: not negative, no more successes
 * than trials.
 */
void
crm_rate_check_counts(int64 successes, int64 trials)
{
	if (successes < 0 || trials < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must not be negative, got " INT64_FORMAT,
						successes < 0 ? "successes" : "trials",
						successes < 0 ? successes : trials)));
	if (successes > trials)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("successes must not exceed trials, got " INT64_FORMAT
						" of " INT64_FORMAT, successes, trials),
				 errhint("The first argument counts successes, the second all trials.")));
}

static RateSummary *
make_summary(int64 successes, int64 trials)
{
	RateSummary *summary;

	crm_rate_check_counts(successes, trials);
	summary = (RateSummary *) crm_summary_alloc(sizeof(RateSummary), SUMMARY_RATE,
												RATE_SUMMARY_VERSION);
	summary->successes = successes;
	summary->trials = trials;
	return summary;
}

/*
 * crm_rate_summary(successes bigint, trials bigint) -> crm_rate_summary: from
 * counts that were made elsewhere.
 */
Datum
crm_rate_summary(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(make_summary(PG_GETARG_INT64(0), PG_GETARG_INT64(1)));
}

/*
 * Text form: crm_rate_summary:1 successes=3 trials=10
 */
Datum
crm_rate_summary_in(PG_FUNCTION_ARGS)
{
	TextReader	reader;
	int64		successes;
	int64		trials;

	crm_text_read_begin(&reader, PG_GETARG_CSTRING(0), RATE_SUMMARY_NAME, RATE_SUMMARY_VERSION);
	successes = crm_text_read_int64(&reader, "successes");
	trials = crm_text_read_int64(&reader, "trials");
	crm_text_read_end(&reader);
	PG_RETURN_POINTER(make_summary(successes, trials));
}

Datum
crm_rate_summary_out(PG_FUNCTION_ARGS)
{
	RateSummary *summary = crm_rate_summary_get(PG_GETARG_DATUM(0));
	StringInfoData buf;

	initStringInfo(&buf);
	crm_text_begin(&buf, RATE_SUMMARY_NAME, RATE_SUMMARY_VERSION);
	crm_text_int64(&buf, "successes", summary->successes);
	crm_text_int64(&buf, "trials", summary->trials);
	PG_RETURN_CSTRING(buf.data);
}

/*
 * Binary form: header, successes, trials.
 */
Datum
crm_rate_summary_send(PG_FUNCTION_ARGS)
{
	RateSummary *summary = crm_rate_summary_get(PG_GETARG_DATUM(0));
	StringInfoData buf;

	crm_summary_send_begin(&buf, summary);
	pq_sendint64(&buf, summary->successes);
	pq_sendint64(&buf, summary->trials);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

Datum
crm_rate_summary_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	uint8		flags;
	int64		successes;
	int64		trials;

	crm_summary_recv_begin(buf, SUMMARY_RATE, RATE_SUMMARY_VERSION, &flags, RATE_SUMMARY_NAME);
	if (flags != 0)
		crm_summary_recv_error(RATE_SUMMARY_NAME);
	successes = pq_getmsgint64(buf);
	trials = pq_getmsgint64(buf);
	PG_RETURN_POINTER(make_summary(successes, trials));
}

/*
 * crm_to_jsonb(crm_rate_summary) -> jsonb, behind the cast
 */
Datum
crm_to_jsonb_rate(PG_FUNCTION_ARGS)
{
	RateSummary *summary = crm_rate_summary_get(PG_GETARG_DATUM(0));
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfo(&json, "{\"successes\": " INT64_FORMAT ", \"trials\": " INT64_FORMAT
					 ", \"rate\": ", summary->successes, summary->trials);
	if (summary->trials == 0)
		appendStringInfoString(&json, "null");
	else
		crm_append_float8(&json, (double) summary->successes / (double) summary->trials);
	appendStringInfoChar(&json, '}');
	return crm_json_result(&json);
}
