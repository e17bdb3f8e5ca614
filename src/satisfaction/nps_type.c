/*-------------------------------------------------------------------------
 *
 * nps_type.c
 *	  The stored type crm_nps_summary: text, binary and JSON forms.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "libpq/pqformat.h"

#include "src/common/summary_state.h"
#include "src/satisfaction/nps.h"

#define TYPE_NAME "crm_nps_summary"

PG_FUNCTION_INFO_V1(crm_nps_summary);
PG_FUNCTION_INFO_V1(crm_nps_summary_in);
PG_FUNCTION_INFO_V1(crm_nps_summary_out);
PG_FUNCTION_INFO_V1(crm_nps_summary_send);
PG_FUNCTION_INFO_V1(crm_nps_summary_recv);
PG_FUNCTION_INFO_V1(crm_to_jsonb_nps);

static NpsSummary *make_summary(const int64 *counts);

static const char *const category_names[NPS_CATEGORIES] = {
	"promoters", "passives", "detractors"
};

/*
 * A summary of these counts, checked.
 */
static NpsSummary *
make_summary(const int64 *counts)
{
	NpsSummary *summary;
	int64		total = 0;
	int			i;

	for (i = 0; i < NPS_CATEGORIES; i++)
	{
		if (counts[i] < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s must not be negative, got " INT64_FORMAT,
							category_names[i], counts[i])));
		total = crm_count_add(total, counts[i]);
	}

	summary = (NpsSummary *) crm_summary_alloc(sizeof(NpsSummary), SUMMARY_NPS,
											   NPS_SUMMARY_VERSION);
	memcpy(summary->counts, counts, sizeof(summary->counts));
	return summary;
}

/*
 * crm_nps_summary(promoters bigint, passives bigint, detractors bigint)
 *		-> crm_nps_summary: from counts that were made elsewhere.
 */
Datum
crm_nps_summary(PG_FUNCTION_ARGS)
{
	int64		counts[NPS_CATEGORIES];
	int			i;

	for (i = 0; i < NPS_CATEGORIES; i++)
		counts[i] = PG_GETARG_INT64(i);
	PG_RETURN_POINTER(make_summary(counts));
}

/*
 * Text form: crm_nps_summary:1 promoters=6 passives=3 detractors=1
 */
Datum
crm_nps_summary_in(PG_FUNCTION_ARGS)
{
	TextReader	reader;
	int64		counts[NPS_CATEGORIES];
	int			i;

	crm_text_read_begin(&reader, PG_GETARG_CSTRING(0), TYPE_NAME, NPS_SUMMARY_VERSION);
	for (i = 0; i < NPS_CATEGORIES; i++)
		counts[i] = crm_text_read_int64(&reader, category_names[i]);
	crm_text_read_end(&reader);
	PG_RETURN_POINTER(make_summary(counts));
}

Datum
crm_nps_summary_out(PG_FUNCTION_ARGS)
{
	NpsSummary *summary = crm_nps_summary_get(PG_GETARG_DATUM(0));
	StringInfoData buf;
	int			i;

	initStringInfo(&buf);
	crm_text_begin(&buf, TYPE_NAME, NPS_SUMMARY_VERSION);
	for (i = 0; i < NPS_CATEGORIES; i++)
		crm_text_int64(&buf, category_names[i], summary->counts[i]);
	PG_RETURN_CSTRING(buf.data);
}

/*
 * Binary form: header, the three counts.
 */
Datum
crm_nps_summary_send(PG_FUNCTION_ARGS)
{
	NpsSummary *summary = crm_nps_summary_get(PG_GETARG_DATUM(0));
	StringInfoData buf;
	int			i;

	crm_summary_send_begin(&buf, summary);
	for (i = 0; i < NPS_CATEGORIES; i++)
		pq_sendint64(&buf, summary->counts[i]);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

Datum
crm_nps_summary_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	uint8		flags;
	int64		counts[NPS_CATEGORIES];
	int			i;

	crm_summary_recv_begin(buf, SUMMARY_NPS, NPS_SUMMARY_VERSION, &flags, TYPE_NAME);
	if (flags != 0)
		crm_summary_recv_error(TYPE_NAME);
	for (i = 0; i < NPS_CATEGORIES; i++)
		counts[i] = pq_getmsgint64(buf);
	PG_RETURN_POINTER(make_summary(counts));
}

/*
 * crm_to_jsonb(crm_nps_summary) -> jsonb, behind the cast
 */
Datum
crm_to_jsonb_nps(PG_FUNCTION_ARGS)
{
	NpsSummary *summary = crm_nps_summary_get(PG_GETARG_DATUM(0));
	int64		n = nps_total(summary->counts);
	StringInfoData json;
	int			i;

	initStringInfo(&json);
	appendStringInfoChar(&json, '{');
	for (i = 0; i < NPS_CATEGORIES; i++)
		appendStringInfo(&json, "\"%s\": " INT64_FORMAT ", ", category_names[i],
						 summary->counts[i]);
	appendStringInfoString(&json, "\"nps\": ");
	if (n == 0)
		appendStringInfoString(&json, "null");
	else
		crm_append_float8(&json, 100.0 * (double) (summary->counts[NPS_PROMOTERS] -
												   summary->counts[NPS_DETRACTORS]) /
						  (double) n);
	appendStringInfoChar(&json, '}');
	return crm_json_result(&json);
}
