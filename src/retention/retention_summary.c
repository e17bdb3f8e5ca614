/*-------------------------------------------------------------------------
 *
 * retention_summary.c
 *	  The stored type crm_retention_summary: counts of customers by cohort and
 *	  cell.
 *
 * Text form, a cohort's numbers being its customers, then the retained:
 *
 *	  crm_retention_summary:1 unit=day mode=on cells=3 cohorts=1 2026-03-01:9,9,4,2
 *
 * and for brackets "mode=brackets bounds=0,1,8,31".
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"


#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "src/common/args.h"
#include "src/retention/retention_summary.h"

#define TYPE_NAME "crm_retention_summary"
#define SUMMARY_VERSION 1

PG_FUNCTION_INFO_V1(crm_retention_summary_in);
PG_FUNCTION_INFO_V1(crm_retention_summary_out);
PG_FUNCTION_INFO_V1(crm_retention_summary_recv);
PG_FUNCTION_INFO_V1(crm_retention_summary_send);
PG_FUNCTION_INFO_V1(crm_retention_summary_to_jsonb);

static const char *mode_name(RetentionMode mode);
static Size data_words(int32 mode, int32 n_cells, int32 n_cohorts);
static RetentionSummary *make_summary(int32 unit, int32 mode, int32 n_cells,
									  int32 n_cohorts);
static bool head_valid(int64 unit, int64 mode, int64 n_cells, int64 n_cohorts);
static const char *summary_fault(const RetentionSummary *summary);

static const char *
mode_name(RetentionMode mode)
{
	switch (mode)
	{
		case RETENTION_ON:
			return "on";
		case RETENTION_ON_OR_AFTER:
			return "on_or_after";
		case RETENTION_BRACKETS:
			return "brackets";
	}
	return NULL;
}

/*
 * The mode of that name, or an error.  Brackets need bounds, and so have a
 * form of their own.
 */
RetentionMode
crm_retention_mode_by_name(const char *name)
{
	if (strcmp(name, "on") == 0)
		return RETENTION_ON;
	if (strcmp(name, "on_or_after") == 0)
		return RETENTION_ON_OR_AFTER;
	if (strcmp(name, "brackets") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("mode \"brackets\" needs bounds"),
				 errhint("Pass an array of bounds in place of the number of periods, such as '{0,1,8,31}', and no mode.")));
	crm_unknown_name_error("retention mode", name, "on, on_or_after");
}

/*
 * Raise an error unless two specs are the same, so that what they count can be
 * added.
 */
void
crm_retention_check_spec(const RetentionSpec *a, const RetentionSpec *b)
{
	crm_activity_check_unit(a->unit, b->unit);
	if (a->mode != b->mode)
		crm_option_varies_error("retention mode");
	if (a->n_cells != b->n_cells)
		crm_option_varies_error("number of periods");
	if (a->mode == RETENTION_BRACKETS &&
		memcmp(a->bounds, b->bounds, (a->n_cells + 1) * sizeof(int64)) != 0)
		crm_option_varies_error("array of bounds");
}

/*
 * How many words follow the fixed fields, which are valid.
 */
static Size
data_words(int32 mode, int32 n_cells, int32 n_cohorts)
{
	return (mode == RETENTION_BRACKETS ? n_cells + 1 : 0) +
		(Size) n_cohorts * (n_cells + 2);
}

static RetentionSummary *
make_summary(int32 unit, int32 mode, int32 n_cells, int32 n_cohorts)
{
	RetentionSummary *summary;

	summary = (RetentionSummary *)
		crm_summary_alloc(offsetof(RetentionSummary, data) +
						  data_words(mode, n_cells, n_cohorts) * sizeof(int64),
						  SUMMARY_RETENTION, SUMMARY_VERSION);
	summary->unit = unit;
	summary->mode = mode;
	summary->n_cells = n_cells;
	summary->n_cohorts = n_cohorts;
	return summary;
}

static bool
head_valid(int64 unit, int64 mode, int64 n_cells, int64 n_cohorts)
{
	return unit >= PERIOD_DAY && unit <= PERIOD_24H &&
		mode >= RETENTION_ON && mode <= RETENTION_BRACKETS &&
		n_cells >= 1 && n_cells <= RETENTION_MAX_CELLS && n_cohorts >= 0 &&
		n_cohorts <= RETENTION_MAX_BYTES / (int64) sizeof(int64) / (n_cells + 2);
}

/*
 * What is wrong with a summary from outside, whose fixed fields are valid and
 * fit its size; NULL if nothing.
 */
static const char *
summary_fault(const RetentionSummary *summary)
{
	const int64 *cohort = retention_summary_cohorts(summary);
	PeriodUnit	unit = (PeriodUnit) summary->unit;
	int64		previous = PG_INT64_MIN;
	int32		i;
	int32		j;

	if (summary->mode == RETENTION_BRACKETS)
	{
		for (i = 0; i <= summary->n_cells; i++)
		{
			if (summary->data[i] < 0 || summary->data[i] >= RETENTION_MAX_CELLS ||
				(i > 0 && summary->data[i] <= summary->data[i - 1]))
				return "The bounds do not ascend, or are out of range.";
		}
	}
	for (i = 0; i < summary->n_cohorts; i++, cohort += summary->n_cells + 2)
	{
		if (cohort[0] <= previous ||
			cohort[0] < crm_period_of_day(unit, PERIOD_MIN_DAY) ||
			cohort[0] > crm_period_of_day(unit, PERIOD_MAX_DAY))
			return "The cohorts do not ascend, or are out of range.";
		previous = cohort[0];
		if (cohort[1] < 1)
			return "A cohort has no customers.";
		for (j = 0; j < summary->n_cells; j++)
		{
			if (cohort[2 + j] < 0 || cohort[2 + j] > cohort[1] ||
				(summary->mode == RETENTION_ON_OR_AFTER && j > 0 &&
				 cohort[2 + j] > cohort[1 + j]))
				return "The counts contradict one another.";
		}
	}
	return NULL;
}

/*
 * The summary in a datum; do not change it.
 */
RetentionSummary *
crm_retention_summary_get(Datum datum)
{
	RetentionSummary *summary;

	summary = crm_summary_detoast(datum, offsetof(RetentionSummary, data),
								  SUMMARY_RETENTION, SUMMARY_VERSION, TYPE_NAME);
	if (!head_valid(summary->unit, summary->mode, summary->n_cells, summary->n_cohorts) ||
		VARSIZE(summary) != offsetof(RetentionSummary, data) +
		data_words(summary->mode, summary->n_cells, summary->n_cohorts) * sizeof(int64) ||
		summary_fault(summary) != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("value is not a valid %s", TYPE_NAME)));
	return summary;
}

/*
 * crm_retention_summary_in(cstring) -> crm_retention_summary
 */
Datum
crm_retention_summary_in(PG_FUNCTION_ARGS)
{
	TextReader	reader;
	RetentionSummary *summary;
	PeriodUnit	unit;
	RetentionMode mode = RETENTION_BRACKETS;
	int64		n_cells;
	int64		n_cohorts;
	int64	   *data;
	const char *bounds = NULL;
	const char *fault;
	char	   *word;
	int64		i;

	crm_text_read_begin(&reader, PG_GETARG_CSTRING(0), TYPE_NAME, SUMMARY_VERSION);
	unit = crm_period_unit_by_name(crm_text_read_word(&reader, "unit"));
	word = crm_text_read_word(&reader, "mode");
	if (strcmp(word, "brackets") != 0)
		mode = crm_retention_mode_by_name(word);
	n_cells = crm_text_read_int64(&reader, "cells");
	if (mode == RETENTION_BRACKETS)
	{
		/* read again when there is a place for them */
		crm_text_read_key(&reader, "bounds");
		bounds = reader.pos;
		while (*reader.pos != '\0' && *reader.pos != ' ')
			reader.pos++;
	}
	n_cohorts = crm_text_read_int64(&reader, "cohorts");
	/* a cohort's text is longer than twice its cells: do not allocate more */
	if (!head_valid(unit, mode, n_cells, n_cohorts) ||
		n_cohorts * n_cells > (int64) strlen(reader.pos))
		crm_text_error(&reader, "as many cohorts and cells as announced");

	summary = make_summary(unit, mode, (int32) n_cells, (int32) n_cohorts);
	data = summary->data;
	if (bounds != NULL)
	{
		const char *pos = reader.pos;

		reader.pos = bounds;
		crm_text_read_counts(&reader, data, n_cells + 1);
		if (*reader.pos != ' ')
			crm_text_error(&reader, "as many bounds as cells and one");
		reader.pos = pos;
		data += n_cells + 1;
	}
	for (i = 0; i < n_cohorts; i++)
	{
		DateADT		day;
		const char *colon;

		crm_text_read_char(&reader, ' ');
		colon = strchr(reader.pos, ':');
		if (colon == NULL ||
			!crm_period_parse_day(pnstrdup(reader.pos, colon - reader.pos), &day) ||
			crm_period_start(unit, crm_period_of_day(unit, day)) != day)
			crm_text_error(&reader, "the first day of a period and a colon");
		reader.pos = colon + 1;
		*data++ = crm_period_of_day(unit, day);
		crm_text_read_counts(&reader, data, n_cells + 1);
		data += n_cells + 1;
		CHECK_FOR_INTERRUPTS();
	}
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
 * crm_retention_summary_out(crm_retention_summary) -> cstring
 */
Datum
crm_retention_summary_out(PG_FUNCTION_ARGS)
{
	RetentionSummary *summary = crm_retention_summary_get(PG_GETARG_DATUM(0));
	const int64 *cohort = retention_summary_cohorts(summary);
	StringInfoData buf;
	int32		i;
	int32		j;

	initStringInfo(&buf);
	crm_text_begin(&buf, TYPE_NAME, SUMMARY_VERSION);
	crm_text_word(&buf, "unit", crm_period_unit_name((PeriodUnit) summary->unit));
	crm_text_word(&buf, "mode", mode_name((RetentionMode) summary->mode));
	crm_text_int64(&buf, "cells", summary->n_cells);
	if (summary->mode == RETENTION_BRACKETS)
	{
		crm_text_int64(&buf, "bounds", summary->data[0]);
		for (i = 1; i <= summary->n_cells; i++)
			appendStringInfo(&buf, "," INT64_FORMAT, summary->data[i]);
	}
	crm_text_int64(&buf, "cohorts", summary->n_cohorts);
	for (i = 0; i < summary->n_cohorts; i++, cohort += summary->n_cells + 2)
	{
		appendStringInfoChar(&buf, ' ');
		crm_period_append_day(&buf, crm_period_start((PeriodUnit) summary->unit, cohort[0]));
		for (j = 0; j <= summary->n_cells; j++)
			appendStringInfo(&buf, "%c" INT64_FORMAT, j == 0 ? ':' : ',', cohort[1 + j]);
		CHECK_FOR_INTERRUPTS();
	}
	PG_RETURN_CSTRING(buf.data);
}

/*
 * Append the fields of a summary to a binary form or a serialised state.
 */
void
crm_retention_summary_write(StringInfo buf, const RetentionSummary *summary)
{
	Size		n_words = data_words(summary->mode, summary->n_cells, summary->n_cohorts);
	Size		i;

	pq_sendint32(buf, summary->unit);
	pq_sendint32(buf, summary->mode);
	pq_sendint32(buf, summary->n_cells);
	pq_sendint32(buf, summary->n_cohorts);
	for (i = 0; i < n_words; i++)
		pq_sendint64(buf, summary->data[i]);
}

/*
 * Read what crm_retention_summary_write wrote and the rest of the buffer is.
 */
RetentionSummary *
crm_retention_summary_read(StringInfo buf)
{
	int32		unit = (int32) pq_getmsgint(buf, 4);
	int32		mode = (int32) pq_getmsgint(buf, 4);
	int32		n_cells = (int32) pq_getmsgint(buf, 4);
	int32		n_cohorts = (int32) pq_getmsgint(buf, 4);
	bool		valid = head_valid(unit, mode, n_cells, n_cohorts);
	RetentionSummary *summary = NULL;
	Size		n_words;
	Size		i;

	if (valid)
	{
		n_words = data_words(mode, n_cells, n_cohorts);
		valid = n_words == (Size) (buf->len - buf->cursor) / sizeof(int64);
	}
	if (valid)
	{
		summary = make_summary(unit, mode, n_cells, n_cohorts);
		for (i = 0; i < n_words; i++)
			summary->data[i] = pq_getmsgint64(buf);
		valid = summary_fault(summary) == NULL;
	}
	if (!valid)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid external \"%s\" value", TYPE_NAME)));
	return summary;
}

/*
 * crm_retention_summary_recv(internal) -> crm_retention_summary
 */
Datum
crm_retention_summary_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	uint8		flags;

	crm_summary_recv_begin(buf, SUMMARY_RETENTION, SUMMARY_VERSION, &flags, TYPE_NAME);
	if (flags != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid external \"%s\" value", TYPE_NAME)));
	PG_RETURN_POINTER(crm_retention_summary_read(buf));
}

/*
 * crm_retention_summary_send(crm_retention_summary) -> bytea
 */
Datum
crm_retention_summary_send(PG_FUNCTION_ARGS)
{
	RetentionSummary *summary = crm_retention_summary_get(PG_GETARG_DATUM(0));
	StringInfoData buf;

	crm_summary_send_begin(&buf, summary);
	crm_retention_summary_write(&buf, summary);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_retention_summary_to_jsonb(crm_retention_summary) -> jsonb
 */
Datum
crm_retention_summary_to_jsonb(PG_FUNCTION_ARGS)
{
	RetentionSummary *summary = crm_retention_summary_get(PG_GETARG_DATUM(0));
	const int64 *cohort = retention_summary_cohorts(summary);
	StringInfoData buf;
	int32		i;
	int32		j;

	initStringInfo(&buf);
	appendStringInfo(&buf, "{\"unit\": \"%s\", \"mode\": \"%s\"",
					 crm_period_unit_name((PeriodUnit) summary->unit),
					 mode_name((RetentionMode) summary->mode));
	if (summary->mode == RETENTION_BRACKETS)
	{
		appendStringInfoString(&buf, ", \"bounds\": [");
		for (i = 0; i <= summary->n_cells; i++)
			appendStringInfo(&buf, "%s" INT64_FORMAT, i > 0 ? ", " : "", summary->data[i]);
		appendStringInfoChar(&buf, ']');
	}
	appendStringInfoString(&buf, ", \"cohorts\": [");
	for (i = 0; i < summary->n_cohorts; i++, cohort += summary->n_cells + 2)
	{
		appendStringInfo(&buf, "%s{\"cohort\": \"", i > 0 ? ", " : "");
		crm_period_append_day(&buf, crm_period_start((PeriodUnit) summary->unit, cohort[0]));
		appendStringInfo(&buf, "\", \"customers\": " INT64_FORMAT ", \"retained\": [", cohort[1]);
		for (j = 0; j < summary->n_cells; j++)
			appendStringInfo(&buf, "%s" INT64_FORMAT, j > 0 ? ", " : "", cohort[2 + j]);
		appendStringInfoString(&buf, "]}");
		CHECK_FOR_INTERRUPTS();
	}
	appendStringInfoString(&buf, "]}");
	PG_RETURN_DATUM(DirectFunctionCall1(jsonb_in, CStringGetDatum(buf.data)));
}
