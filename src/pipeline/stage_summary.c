/*-------------------------------------------------------------------------
 *
 * stage_summary.c
 *	  Input and output of crm_stage_summary.
 *
 * Text form:
 *	  crm_stage_summary:1 stages=4 reached=[10,5,3,2] lost=[4,2,1,0]
 * without "lost" where it was not said which opportunities are lost.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"


#include "common/int.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "src/pipeline/stage_summary.h"

PG_FUNCTION_INFO_V1(crm_stage_summary_in);
PG_FUNCTION_INFO_V1(crm_stage_summary_out);
PG_FUNCTION_INFO_V1(crm_stage_summary_recv);
PG_FUNCTION_INFO_V1(crm_stage_summary_send);
PG_FUNCTION_INFO_V1(crm_stage_summary_to_jsonb);

static void append_counts(StringInfo buf, const int64 *counts, int n);
static void read_counts(TextReader *reader, const char *key, int64 *counts, int n);
static bool is_valid(const StageSummary *summary);

/*
 * A summary of nothing, in the current memory context.
 */
StageSummary *
crm_stage_summary_alloc(int n_stages)
{
	StageSummary *summary;

	summary = crm_summary_alloc(STAGE_SUMMARY_SIZE(n_stages), SUMMARY_STAGE,
								STAGE_SUMMARY_VERSION);
	summary->n_stages = n_stages;
	return summary;
}

/*
 * The summary behind a datum, checked for its shape.  It may be the datum's
 * own memory.
 */
StageSummary *
crm_stage_summary_get(Datum datum)
{
	StageSummary *summary;

	summary = crm_summary_detoast(datum, offsetof(StageSummary, counts), SUMMARY_STAGE,
								  STAGE_SUMMARY_VERSION, STAGE_SUMMARY_NAME);
	if (summary->n_stages < 0 || summary->n_stages > MAX_STAGES ||
		VARSIZE(summary) != STAGE_SUMMARY_SIZE(summary->n_stages))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("value is not a valid %s", STAGE_SUMMARY_NAME)));
	return summary;
}

/*
 * All opportunities.
 */
int64
crm_stage_summary_total(const StageSummary *summary)
{
	const int64 *reached = stage_reached_counts(summary);
	int64		total = 0;
	int			i;

	for (i = 0; i < summary->n_stages; i++)
		total += reached[i];
	return total;
}

/*
 * Counts are not negative, no more are lost than there are, the total fits.
 */
static bool
is_valid(const StageSummary *summary)
{
	const int64 *reached = stage_reached_counts(summary);
	const int64 *lost = stage_lost_counts(summary);
	int64		total = 0;
	int			i;

	for (i = 0; i < summary->n_stages; i++)
		if (reached[i] < 0 || lost[i] < 0 || lost[i] > reached[i] ||
			pg_add_s64_overflow(total, reached[i], &total))
			return false;
	return true;
}

static void
append_counts(StringInfo buf, const int64 *counts, int n)
{
	int			i;

	appendStringInfoChar(buf, '[');
	for (i = 0; i < n; i++)
		appendStringInfo(buf, "%s" INT64_FORMAT, i > 0 ? "," : "", counts[i]);
	appendStringInfoChar(buf, ']');
}

/*
 * Read " key=[1,2,3]" with exactly n numbers.
 */
static void
read_counts(TextReader *reader, const char *key, int64 *counts, int n)
{
	crm_text_read_key(reader, key);
	crm_text_read_char(reader, '[');
	crm_text_read_counts(reader, counts, n);
	crm_text_read_char(reader, ']');
}

/*
 * crm_stage_summary_in(cstring) -> crm_stage_summary
 */
Datum
crm_stage_summary_in(PG_FUNCTION_ARGS)
{
	TextReader	reader;
	int64		n_stages;
	StageSummary *summary;

	(void) crm_text_read_begin(&reader, PG_GETARG_CSTRING(0), STAGE_SUMMARY_NAME,
							   STAGE_SUMMARY_VERSION);
	n_stages = crm_text_read_int64(&reader, "stages");
	if (n_stages < 0 || n_stages > MAX_STAGES)
		crm_text_error(&reader, psprintf("0 to %d stages", MAX_STAGES));
	summary = crm_stage_summary_alloc((int) n_stages);
	read_counts(&reader, "reached", stage_reached_counts(summary), summary->n_stages);
	if (*reader.pos == ' ' && strncmp(reader.pos, " lost=", 6) == 0)
	{
		read_counts(&reader, "lost", stage_lost_counts(summary), summary->n_stages);
		summary->header.flags |= STAGE_LOST_KNOWN;
	}
	crm_text_read_end(&reader);

	if (!is_valid(summary))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid counts in %s", STAGE_SUMMARY_NAME),
				 errdetail("No stage can lose more opportunities than ended in it, and all must fit 64 bits.")));
	PG_RETURN_POINTER(summary);
}

/*
 * crm_stage_summary_out(crm_stage_summary) -> cstring
 */
Datum
crm_stage_summary_out(PG_FUNCTION_ARGS)
{
	StageSummary *summary = crm_stage_summary_get(PG_GETARG_DATUM(0));
	StringInfoData buf;

	initStringInfo(&buf);
	crm_text_begin(&buf, STAGE_SUMMARY_NAME, summary->header.version);
	crm_text_int64(&buf, "stages", summary->n_stages);
	crm_text_key(&buf, "reached");
	append_counts(&buf, stage_reached_counts(summary), summary->n_stages);
	if (summary->header.flags & STAGE_LOST_KNOWN)
	{
		crm_text_key(&buf, "lost");
		append_counts(&buf, stage_lost_counts(summary), summary->n_stages);
	}
	PG_RETURN_CSTRING(buf.data);
}

/*
 * crm_stage_summary_recv(internal) -> crm_stage_summary
 */
Datum
crm_stage_summary_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	StageSummary *summary;
	uint8		flags;
	int32		n_stages;
	int			i;

	(void) crm_summary_recv_begin(buf, SUMMARY_STAGE, STAGE_SUMMARY_VERSION, &flags,
								  STAGE_SUMMARY_NAME);
	n_stages = pq_getmsgint(buf, 4);
	if ((flags & ~STAGE_LOST_KNOWN) != 0 || n_stages < 0 || n_stages > MAX_STAGES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid header in external \"%s\" value", STAGE_SUMMARY_NAME)));

	summary = crm_stage_summary_alloc(n_stages);
	summary->header.flags = flags;
	for (i = 0; i < n_stages; i++)
		stage_reached_counts(summary)[i] = pq_getmsgint64(buf);
	if (flags & STAGE_LOST_KNOWN)
		for (i = 0; i < n_stages; i++)
			stage_lost_counts(summary)[i] = pq_getmsgint64(buf);

	if (!is_valid(summary))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid counts in external \"%s\" value", STAGE_SUMMARY_NAME)));
	PG_RETURN_POINTER(summary);
}

/*
 * crm_stage_summary_send(crm_stage_summary) -> bytea
 */
Datum
crm_stage_summary_send(PG_FUNCTION_ARGS)
{
	StageSummary *summary = crm_stage_summary_get(PG_GETARG_DATUM(0));
	StringInfoData buf;
	int			i;

	crm_summary_send_begin(&buf, summary);
	pq_sendint32(&buf, summary->n_stages);
	for (i = 0; i < summary->n_stages; i++)
		pq_sendint64(&buf, stage_reached_counts(summary)[i]);
	if (summary->header.flags & STAGE_LOST_KNOWN)
		for (i = 0; i < summary->n_stages; i++)
			pq_sendint64(&buf, stage_lost_counts(summary)[i]);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_stage_summary_to_jsonb(crm_stage_summary) -> jsonb
 *
 * {"stages": 4, "reached": [10, 5, 3, 2], "lost": [4, 2, 1, 0]}
 */
Datum
crm_stage_summary_to_jsonb(PG_FUNCTION_ARGS)
{
	StageSummary *summary = crm_stage_summary_get(PG_GETARG_DATUM(0));
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfo(&buf, "{\"stages\": %d, \"reached\": ", summary->n_stages);
	append_counts(&buf, stage_reached_counts(summary), summary->n_stages);
	if (summary->header.flags & STAGE_LOST_KNOWN)
	{
		appendStringInfoString(&buf, ", \"lost\": ");
		append_counts(&buf, stage_lost_counts(summary), summary->n_stages);
	}
	appendStringInfoChar(&buf, '}');
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(buf.data));
}
