/*-------------------------------------------------------------------------
 *
 * mean_type.c
 *	  The stored type crm_mean_summary: text, binary and JSON forms.
 *
 * Text form: crm_mean_summary:1 n=3 sum=0x1bp0 sum_squares=0xf5p0, with the
 * sums in hexadecimal times a power of two, as printf's %a writes a double:
 * exact sums have too many decimals to read.  The cast to jsonb shows mean and
 * standard deviation.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "libpq/pqformat.h"

#include "src/common/summary_state.h"
#include "src/rates/mean.h"

#define TYPE_NAME "crm_mean_summary"

PG_FUNCTION_INFO_V1(crm_mean_summary_in);
PG_FUNCTION_INFO_V1(crm_mean_summary_out);
PG_FUNCTION_INFO_V1(crm_mean_summary_send);
PG_FUNCTION_INFO_V1(crm_mean_summary_recv);
PG_FUNCTION_INFO_V1(crm_to_jsonb_mean);

static void read_sum(TextReader *reader, const char *key, uint32 *limbs, int max_limbs,
					 LimbSpan *span, int unit);
static MeanSummary *make_summary(int64 n, const uint32 *sum, LimbSpan sum_span,
								 const uint32 *squares, LimbSpan squares_span);

static void
read_sum(TextReader *reader, const char *key, uint32 *limbs, int max_limbs,
		 LimbSpan *span, int unit)
{
	char	   *word = crm_text_read_word(reader, key);

	if (!crm_exact_from_text(word, limbs, max_limbs, span, unit))
	{
		reader->pos -= strlen(word);
		crm_text_error(reader, "a number such as \"0x1bp-3\", in range");
	}
}

/*
 * A stored summary of these sums; NULL when no values have such sums.
 */
static MeanSummary *
make_summary(int64 n, const uint32 *sum, LimbSpan sum_span,
			 const uint32 *squares, LimbSpan squares_span)
{
	MeanSummary *summary;

	if (!crm_exact_consistent(n, sum, sum_span, squares, squares_span))
		return NULL;
	summary = crm_mean_alloc(sum_span, squares_span);
	summary->n = n;
	memcpy(MEAN_SUM(summary), sum, sizeof(uint32) * sum_span.count);
	memcpy(MEAN_SQUARES(summary), squares, sizeof(uint32) * squares_span.count);
	return crm_mean_trimmed(summary);
}

Datum
crm_mean_summary_in(PG_FUNCTION_ARGS)
{
	TextReader	reader;
	int64		n;
	uint32		sum[EXACT_SUM_MAX_LIMBS];
	uint32		squares[EXACT_SQUARES_MAX_LIMBS];
	LimbSpan	sum_span;
	LimbSpan	squares_span;
	MeanSummary *summary;

	crm_text_read_begin(&reader, PG_GETARG_CSTRING(0), TYPE_NAME, MEAN_SUMMARY_VERSION);
	n = crm_text_read_int64(&reader, "n");
	read_sum(&reader, "sum", sum, EXACT_SUM_MAX_LIMBS, &sum_span, EXACT_SUM_UNIT);
	read_sum(&reader, "sum_squares", squares, EXACT_SQUARES_MAX_LIMBS, &squares_span,
			 EXACT_SQUARES_UNIT);
	crm_text_read_end(&reader);

	summary = make_summary(n, sum, sum_span, squares, squares_span);
	if (summary == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("no " INT64_FORMAT " values have this sum and this sum of squares",
						n)));
	PG_RETURN_POINTER(summary);
}

Datum
crm_mean_summary_out(PG_FUNCTION_ARGS)
{
	MeanSummary *summary = crm_mean_get(PG_GETARG_DATUM(0));
	StringInfoData buf;
	char		number[EXACT_TEXT_LENGTH];

	initStringInfo(&buf);
	crm_text_begin(&buf, TYPE_NAME, MEAN_SUMMARY_VERSION);
	crm_text_int64(&buf, "n", summary->n);
	crm_exact_to_text(number, MEAN_SUM(summary), mean_sum_span(summary), EXACT_SUM_UNIT);
	crm_text_word(&buf, "sum", number);
	crm_exact_to_text(number, MEAN_SQUARES(summary), mean_squares_span(summary),
					  EXACT_SQUARES_UNIT);
	crm_text_word(&buf, "sum_squares", number);
	PG_RETURN_CSTRING(buf.data);
}

/*
 * The fields of the binary form, which a serialised state has too.
 */
void
crm_mean_send_fields(StringInfo buf, const MeanSummary *summary)
{
	int			i;

	pq_sendint64(buf, summary->n);
	pq_sendint16(buf, summary->sum_first);
	pq_sendint16(buf, summary->sum_count);
	pq_sendint16(buf, summary->squares_first);
	pq_sendint16(buf, summary->squares_count);
	for (i = 0; i < summary->sum_count + summary->squares_count; i++)
		pq_sendint32(buf, summary->limbs[i]);
}

/*
 * Read what crm_mean_send_fields wrote, checked.
 */
MeanSummary *
crm_mean_recv_fields(StringInfo buf)
{
	int64		n = pq_getmsgint64(buf);
	uint32		sum[EXACT_SUM_MAX_LIMBS];
	uint32		squares[EXACT_SQUARES_MAX_LIMBS];
	LimbSpan	sum_span;
	LimbSpan	squares_span;
	MeanSummary *summary;
	int			i;

	/* unsigned, so that nothing is negative */
	sum_span.first = pq_getmsgint(buf, 2);
	sum_span.count = pq_getmsgint(buf, 2);
	squares_span.first = pq_getmsgint(buf, 2);
	squares_span.count = pq_getmsgint(buf, 2);
	if (sum_span.first + sum_span.count > EXACT_SUM_MAX_LIMBS ||
		squares_span.first + squares_span.count > EXACT_SQUARES_MAX_LIMBS)
		crm_summary_recv_error(TYPE_NAME);
	for (i = 0; i < sum_span.count; i++)
		sum[i] = pq_getmsgint(buf, 4);
	for (i = 0; i < squares_span.count; i++)
		squares[i] = pq_getmsgint(buf, 4);

	summary = make_summary(n, sum, sum_span, squares, squares_span);
	if (summary == NULL)
		crm_summary_recv_error(TYPE_NAME);
	return summary;
}

Datum
crm_mean_summary_send(PG_FUNCTION_ARGS)
{
	MeanSummary *summary = crm_mean_get(PG_GETARG_DATUM(0));
	StringInfoData buf;

	crm_summary_send_begin(&buf, summary);
	crm_mean_send_fields(&buf, summary);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

Datum
crm_mean_summary_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	uint8		flags;

	crm_summary_recv_begin(buf, SUMMARY_MEAN, MEAN_SUMMARY_VERSION, &flags, TYPE_NAME);
	if (flags != 0)
		crm_summary_recv_error(TYPE_NAME);
	PG_RETURN_POINTER(crm_mean_recv_fields(buf));
}

/*
 * crm_to_jsonb(crm_mean_summary) -> jsonb, behind the cast
 */
Datum
crm_to_jsonb_mean(PG_FUNCTION_ARGS)
{
	MeanSummary *summary = crm_mean_get(PG_GETARG_DATUM(0));
	double		std_dev = crm_exact_std_dev(summary->n,
											MEAN_SUM(summary), mean_sum_span(summary),
											MEAN_SQUARES(summary), mean_squares_span(summary));
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfo(&json, "{\"n\": " INT64_FORMAT ", \"mean\": ", summary->n);
	if (summary->n > 0)
		crm_append_float8(&json, crm_exact_mean(summary->n, MEAN_SUM(summary),
												mean_sum_span(summary)));
	else
		appendStringInfoString(&json, "null");
	appendStringInfoString(&json, ", \"std_dev\": ");
	if (isfinite(std_dev))
		crm_append_float8(&json, std_dev);
	else
		appendStringInfoString(&json, "null");
	appendStringInfoChar(&json, '}');
	return crm_json_result(&json);
}
