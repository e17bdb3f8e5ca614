/*-------------------------------------------------------------------------
 *
 * attribution_summary_text.c
 *	  The stored type crm_attribution_summary as text and as jsonb.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "src/journey/attribution_paths.h"

PG_FUNCTION_INFO_V1(crm_attribution_summary_in);
PG_FUNCTION_INFO_V1(crm_attribution_summary_out);
PG_FUNCTION_INFO_V1(crm_attribution_summary_to_jsonb);

static void append_amount(StringInfo buf, const Amount *amount);
static void append_cells(StringInfo buf, const PathSummary *summary);
static void read_amount(TextReader *reader, Amount *amount);
static void read_moves(TextReader *reader, PathSummary *summary);
static void read_names(TextReader *reader, PathSummary *summary);
static void read_shares(TextReader *reader, PathSummary *summary);
static uint32 read_small(TextReader *reader);
static PathSummary *parse_summary(const char *string);

static void
append_amount(StringInfo buf, const Amount *amount)
{
	if (!amount->present)
		appendStringInfoString(buf, "null");
	else
		appendStringInfoString(buf,
							   DatumGetCString(DirectFunctionCall1(numeric_out,
																   NumericGetDatum(crm_attribution_amount_numeric(amount)))));
}

/*
 * The lists of moves and shares of the text form.
 */
static void
append_cells(StringInfo buf, const PathSummary *summary)
{
	uint32		i;

	crm_text_key(buf, "moves");
	appendStringInfoChar(buf, '[');
	for (i = 0; i < summary->n_moves; i++)
		appendStringInfo(buf, "%s[%u,%u," INT64_FORMAT "]", i > 0 ? "," : "",
						 summary->moves[i].from, summary->moves[i].to,
						 summary->moves[i].count);
	appendStringInfoChar(buf, ']');
	crm_text_key(buf, "shares");
	appendStringInfoChar(buf, '[');
	for (i = 0; i < summary->n_shares; i++)
	{
		CHECK_FOR_INTERRUPTS();
		appendStringInfo(buf, "%s[%u,%u," INT64_FORMAT ",", i > 0 ? "," : "",
						 summary->shares[i].channel, summary->shares[i].size,
						 summary->shares[i].count);
		append_amount(buf, &summary->shares[i].value);
		appendStringInfoChar(buf, ']');
	}
	appendStringInfoChar(buf, ']');
}

/*
 * crm_attribution_summary_out(crm_attribution_summary) -> cstring
 */
Datum
crm_attribution_summary_out(PG_FUNCTION_ARGS)
{
	PathSummary *summary = crm_path_summary_get(PG_GETARG_DATUM(0));
	StringInfoData buf;
	uint32		i;

	initStringInfo(&buf);
	crm_text_begin(&buf, PATHS_TYPE, PATHS_VERSION);
	crm_text_int64(&buf, "untouched", summary->untouched);
	crm_text_key(&buf, "untouched_value");
	append_amount(&buf, &summary->untouched_value);
	crm_text_key(&buf, "touched_value");
	append_amount(&buf, &summary->touched_value);
	crm_text_key(&buf, "channels");
	appendStringInfoChar(&buf, '[');
	for (i = 0; i < summary->n_channels; i++)
	{
		if (i > 0)
			appendStringInfoChar(&buf, ',');
		crm_attribution_append_name(&buf, summary->channels[i].name,
									(int) summary->channels[i].len);
	}
	appendStringInfoChar(&buf, ']');
	append_cells(&buf, summary);
	PG_RETURN_CSTRING(buf.data);
}

static uint32
read_small(TextReader *reader)
{
	int64		value = crm_text_read_count(reader);

	if (value > PATHS_MAX_CHANNELS)
		crm_text_error(reader, psprintf("a number up to %d", PATHS_MAX_CHANNELS));
	crm_text_read_char(reader, ',');
	return (uint32) value;
}

static void
read_amount(TextReader *reader, Amount *amount)
{
	size_t		len = strcspn(reader->pos, " ,]");
	char	   *word = pnstrdup(reader->pos, len);

	memset(amount, 0, sizeof(*amount));
	if (strcmp(word, "null") != 0)
		crm_attribution_amount_decode(DirectFunctionCall3(numeric_in, CStringGetDatum(word),
														  ObjectIdGetDatum(InvalidOid),
														  Int32GetDatum(-1)),
									  amount, "value");
	reader->pos += len;
}

static void
read_names(TextReader *reader, PathSummary *summary)
{
	summary->channels = (Channel *) palloc0(PATHS_MAX_CHANNELS * sizeof(Channel));
	crm_text_read_char(reader, '[');
	if (crm_text_read_optional_char(reader, ']'))
		return;
	do
	{
		char	   *name;

		if (summary->n_channels == PATHS_MAX_CHANNELS)
			crm_text_error(reader, psprintf("at most %d channels", PATHS_MAX_CHANNELS));
		name = crm_attribution_read_name(reader);
		summary->channels[summary->n_channels].name = name;
		summary->channels[summary->n_channels++].len = strlen(name);
	} while (crm_text_read_optional_char(reader, ','));
	crm_text_read_char(reader, ']');
}

static void
read_moves(TextReader *reader, PathSummary *summary)
{
	uint32		max = 64;

	summary->moves = (PathMove *) palloc(max * sizeof(PathMove));
	crm_text_read_char(reader, '[');
	if (crm_text_read_optional_char(reader, ']'))
		return;
	do
	{
		PathMove   *move;

		if (summary->n_moves == PATHS_MAX_CELLS)
			crm_text_error(reader, psprintf("at most %d moves", PATHS_MAX_CELLS));
		if (summary->n_moves == max)
		{
			max *= 2;
			summary->moves = (PathMove *)
				repalloc_huge(summary->moves, (Size) max * sizeof(PathMove));
		}
		move = &summary->moves[summary->n_moves++];
		crm_text_read_char(reader, '[');
		move->from = read_small(reader);
		move->to = read_small(reader);
		move->count = crm_text_read_count(reader);
		crm_text_read_char(reader, ']');
	} while (crm_text_read_optional_char(reader, ','));
	crm_text_read_char(reader, ']');
}

static void
read_shares(TextReader *reader, PathSummary *summary)
{
	uint32		max = 64;

	summary->shares = (PathShare *) palloc(max * sizeof(PathShare));
	crm_text_read_char(reader, '[');
	if (crm_text_read_optional_char(reader, ']'))
		return;
	do
	{
		PathShare  *share;

		CHECK_FOR_INTERRUPTS();
		if (summary->n_shares == PATHS_MAX_CELLS)
			crm_text_error(reader, psprintf("at most %d shares", PATHS_MAX_CELLS));
		if (summary->n_shares == max)
		{
			max *= 2;
			summary->shares = (PathShare *)
				repalloc_huge(summary->shares, (Size) max * sizeof(PathShare));
		}
		share = &summary->shares[summary->n_shares++];
		crm_text_read_char(reader, '[');
		share->channel = read_small(reader);
		share->size = read_small(reader);
		share->count = crm_text_read_count(reader);
		crm_text_read_char(reader, ',');
		read_amount(reader, &share->value);
		crm_text_read_char(reader, ']');
	} while (crm_text_read_optional_char(reader, ','));
	crm_text_read_char(reader, ']');
}

static PathSummary *
parse_summary(const char *string)
{
	PathSummary *summary = (PathSummary *) palloc0(sizeof(PathSummary));
	TextReader	reader;

	crm_text_read_begin(&reader, string, PATHS_TYPE, PATHS_VERSION);
	summary->untouched = crm_text_read_int64(&reader, "untouched");
	crm_text_read_key(&reader, "untouched_value");
	read_amount(&reader, &summary->untouched_value);
	crm_text_read_key(&reader, "touched_value");
	read_amount(&reader, &summary->touched_value);
	crm_text_read_key(&reader, "channels");
	read_names(&reader, summary);
	crm_text_read_key(&reader, "moves");
	read_moves(&reader, summary);
	crm_text_read_key(&reader, "shares");
	read_shares(&reader, summary);
	crm_text_read_end(&reader);
	crm_path_summary_check(summary);
	return summary;
}

/*
 * crm_attribution_summary_in(cstring) -> crm_attribution_summary
 */
Datum
crm_attribution_summary_in(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(crm_path_summary_datum(parse_summary(PG_GETARG_CSTRING(0))));
}

/*
 * crm_attribution_summary_to_jsonb(crm_attribution_summary) -> jsonb
 *
 * Moves by name, null being the outside.
 */
Datum
crm_attribution_summary_to_jsonb(PG_FUNCTION_ARGS)
{
	PathSummary *summary = crm_path_summary_get(PG_GETARG_DATUM(0));
	int64	   *losses = crm_path_losses(summary);
	StringInfoData buf;
	char	  **names;
	uint32		i;

	/* escaped once each; number 0 is the outside */
	names = (char **) palloc((summary->n_channels + 1) * sizeof(char *));
	names[0] = "null";
	for (i = 0; i < summary->n_channels; i++)
	{
		StringInfoData name;

		initStringInfo(&name);
		escape_json(&name, pnstrdup(summary->channels[i].name, summary->channels[i].len));
		names[i + 1] = name.data;
	}

	initStringInfo(&buf);
	appendStringInfo(&buf, "{\"untouched\":" INT64_FORMAT ",\"untouched_value\":",
					 summary->untouched);
	append_amount(&buf, &summary->untouched_value);
	appendStringInfoString(&buf, ",\"touched_value\":");
	append_amount(&buf, &summary->touched_value);
	appendStringInfoString(&buf, ",\"moves\":[");
	for (i = 0; i < summary->n_moves; i++)
		appendStringInfo(&buf, "%s{\"from\":%s,\"to\":%s,\"count\":" INT64_FORMAT "}",
						 i > 0 ? "," : "", names[summary->moves[i].from],
						 names[summary->moves[i].to], summary->moves[i].count);
	appendStringInfoString(&buf, "],\"lost\":{");
	for (i = 1; i <= summary->n_channels; i++)
		appendStringInfo(&buf, "%s%s:" INT64_FORMAT, i > 1 ? "," : "", names[i], losses[i]);
	appendStringInfoString(&buf, "}}");
	PG_RETURN_DATUM(DirectFunctionCall1(jsonb_in, CStringGetDatum(buf.data)));
}
