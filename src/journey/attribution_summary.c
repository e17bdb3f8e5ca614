/*-------------------------------------------------------------------------
 *
 * attribution_summary.c
 *	  The stored type crm_attribution_summary, and its text and binary forms.
 *
 * What is stored is the binary form behind the usual header, with names in the
 * server's encoding, so that one reader and one set of checks serve the disk,
 * the wire and the states that workers send.
 *
 * The checks include that paths are conserved: what comes to a channel leaves
 * it, converts or ends there; and that both halves of the summary, moves and
 * shares, count the same conversions.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <ctype.h>
#include <errno.h>

#include "common/int.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "src/common/aggstate.h"
#include "src/journey/attribution_paths.h"

PG_FUNCTION_INFO_V1(crm_attribution_summary_in);
PG_FUNCTION_INFO_V1(crm_attribution_summary_out);
PG_FUNCTION_INFO_V1(crm_attribution_summary_recv);
PG_FUNCTION_INFO_V1(crm_attribution_summary_send);
PG_FUNCTION_INFO_V1(crm_attribution_summary_to_jsonb);

/* The stored value: the binary form from here on */
typedef struct StoredSummary
{
	SummaryHeader header;
	char		body[FLEXIBLE_ARRAY_MEMBER];
} StoredSummary;

static void append_amount(StringInfo buf, const Amount *amount);
static void append_cells(StringInfo buf, const PathSummary *summary);
static void check_summary(const PathSummary *summary);
pg_noreturn static void invalid_summary(const char *detail);
static void read_amount(TextReader *reader, Amount *amount);
static int64 read_count(TextReader *reader);
static void read_moves(TextReader *reader, PathSummary *summary);
static void read_names(TextReader *reader, PathSummary *summary);
static void read_shares(TextReader *reader, PathSummary *summary);
static uint32 read_small(TextReader *reader);
static PathSummary *parse_summary(const char *string);

static void
invalid_summary(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid value for type %s", PATHS_TYPE),
			 errdetail_internal("%s", detail)));
}

/*
 * a + b of two counts that are not negative.
 */
int64
crm_path_count_add(int64 a, int64 b)
{
	int64		sum;

	if (pg_add_s64_overflow(a, b, &sum))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("number of paths out of range")));
	return sum;
}

/*
 * Paths that ended in each channel without conversion, by number, palloc'd.
 */
int64 *
crm_path_losses(const PathSummary *summary)
{
	int64	   *come = (int64 *) palloc0((summary->n_channels + 1) * sizeof(int64));
	int64	   *gone = (int64 *) palloc0((summary->n_channels + 1) * sizeof(int64));
	uint32		i;

	for (i = 0; i < summary->n_moves; i++)
	{
		const PathMove *move = &summary->moves[i];

		come[move->to] = crm_path_count_add(come[move->to], move->count);
		gone[move->from] = crm_path_count_add(gone[move->from], move->count);
	}
	for (i = 0; i <= summary->n_channels; i++)
		come[i] -= gone[i];
	pfree(gone);
	return come;
}

/*
 * Everything that a summary must keep, wherever it comes from.
 */
static void
check_summary(const PathSummary *summary)
{
	int64	   *losses;
	int64		converted = 0;
	int64		shared = 0;
	uint32		i;

	if (summary->untouched < 0)
		invalid_summary("A count is negative.");
	if (summary->untouched == 0 && summary->untouched_value.present)
		invalid_summary("There is a value without a conversion.");
	for (i = 1; i < summary->n_channels; i++)
	{
		if (crm_channel_compare(&summary->channels[i - 1], &summary->channels[i]) >= 0)
			invalid_summary("Channels are not in order of their names.");
	}

	for (i = 0; i < summary->n_moves; i++)
	{
		const PathMove *move = &summary->moves[i];

		if (move->from > summary->n_channels || move->to > summary->n_channels ||
			move->from == move->to || move->count <= 0)
			invalid_summary("A move is not one between channels.");
		if (i > 0 && (move[-1].from > move->from ||
					  (move[-1].from == move->from && move[-1].to >= move->to)))
			invalid_summary("Moves are not in order.");
		if (move->to == 0)
			converted = crm_path_count_add(converted, move->count);
	}
	losses = crm_path_losses(summary);
	for (i = 1; i <= summary->n_channels; i++)
	{
		if (losses[i] < 0)
			invalid_summary("More paths leave a channel than come to it.");
	}
	pfree(losses);

	for (i = 0; i < summary->n_shares; i++)
	{
		const PathShare *share = &summary->shares[i];

		if (share->channel < 1 || share->channel > summary->n_channels ||
			share->size < 1 || share->size > summary->n_channels || share->count <= 0)
			invalid_summary("A share is not one of a channel.");
		if (i > 0 && (share[-1].channel > share->channel ||
					  (share[-1].channel == share->channel && share[-1].size >= share->size)))
			invalid_summary("Shares are not in order.");
	}

	/* each conversion has as many shares as its path has channels */
	if (summary->n_channels > 0)
	{
		int64	   *by_size = (int64 *) palloc0((summary->n_channels + 1) * sizeof(int64));

		for (i = 0; i < summary->n_shares; i++)
		{
			const PathShare *share = &summary->shares[i];

			by_size[share->size] = crm_path_count_add(by_size[share->size], share->count);
		}
		for (i = 1; i <= summary->n_channels; i++)
		{
			if (by_size[i] % i != 0)
				invalid_summary("Shares are not those of whole conversions.");
			shared = crm_path_count_add(shared, by_size[i] / i);
		}
		pfree(by_size);
	}
	if (shared != converted)
		invalid_summary("Moves and shares do not count the same conversions.");
	if (converted == 0 && summary->touched_value.present)
		invalid_summary("There is a value without a conversion.");
}

/*
 * Append the binary form.  Names are in the client's encoding where it is
 * external, else in the server's.
 */
void
crm_path_summary_write(StringInfo buf, const PathSummary *summary, bool external)
{
	uint32		i;

	pq_sendint64(buf, summary->n_channels);
	for (i = 0; i < summary->n_channels; i++)
	{
		char	   *name = (char *) summary->channels[i].name;

		if (external)
			name = pg_server_to_client(name, (int) summary->channels[i].len);
		if (name == summary->channels[i].name)
		{
			pq_sendint64(buf, summary->channels[i].len);
			pq_sendbytes(buf, name, (int) summary->channels[i].len);
		}
		else
		{
			pq_sendint64(buf, strlen(name));
			pq_sendbytes(buf, name, (int) strlen(name));
			pfree(name);
		}
	}

	pq_sendint64(buf, summary->untouched);
	crm_attribution_amount_write(buf, &summary->untouched_value);
	crm_attribution_amount_write(buf, &summary->touched_value);

	pq_sendint64(buf, summary->n_moves);
	for (i = 0; i < summary->n_moves; i++)
	{
		pq_sendint32(buf, summary->moves[i].from);
		pq_sendint32(buf, summary->moves[i].to);
		pq_sendint64(buf, summary->moves[i].count);
	}

	pq_sendint64(buf, summary->n_shares);
	for (i = 0; i < summary->n_shares; i++)
	{
		pq_sendint32(buf, summary->shares[i].channel);
		pq_sendint32(buf, summary->shares[i].size);
		pq_sendint64(buf, summary->shares[i].count);
		crm_attribution_amount_write(buf, &summary->shares[i].value);
	}
}

/*
 * Read what crm_path_summary_write wrote, and check it; palloc'd.  Names are
 * the buffer's own where it is not external.
 */
PathSummary *
crm_path_summary_read(StringInfo buf, bool external)
{
	PathSummary *summary = (PathSummary *) palloc0(sizeof(PathSummary));
	uint32		i;

	summary->n_channels = (uint32) crm_deserial_count(buf, PATHS_MAX_CHANNELS,
													  sizeof(int64), PATHS_TYPE);
	summary->channels = (Channel *) palloc0((summary->n_channels + 1) * sizeof(Channel));
	for (i = 0; i < summary->n_channels; i++)
	{
		int			len = (int) crm_deserial_count(buf, MaxAllocSize - 1, 1, PATHS_TYPE);

		if (external)
			summary->channels[i].name = pq_getmsgtext(buf, len, &len);
		else
			summary->channels[i].name = pq_getmsgbytes(buf, len);
		summary->channels[i].len = (uint32) len;
	}

	summary->untouched = pq_getmsgint64(buf);
	crm_attribution_amount_read(buf, &summary->untouched_value, "value");
	crm_attribution_amount_read(buf, &summary->touched_value, "value");

	summary->n_moves = (uint32) crm_deserial_count(buf, PATHS_MAX_CELLS, 16, PATHS_TYPE);
	summary->moves = (PathMove *)
		MemoryContextAllocHuge(CurrentMemoryContext,
							   ((Size) summary->n_moves + 1) * sizeof(PathMove));
	for (i = 0; i < summary->n_moves; i++)
	{
		summary->moves[i].from = pq_getmsgint(buf, 4);
		summary->moves[i].to = pq_getmsgint(buf, 4);
		summary->moves[i].count = pq_getmsgint64(buf);
	}

	summary->n_shares = (uint32) crm_deserial_count(buf, PATHS_MAX_CELLS, 17, PATHS_TYPE);
	summary->shares = (PathShare *)
		MemoryContextAllocHuge(CurrentMemoryContext,
							   ((Size) summary->n_shares + 1) * sizeof(PathShare));
	for (i = 0; i < summary->n_shares; i++)
	{
		CHECK_FOR_INTERRUPTS();
		summary->shares[i].channel = pq_getmsgint(buf, 4);
		summary->shares[i].size = pq_getmsgint(buf, 4);
		summary->shares[i].count = pq_getmsgint64(buf);
		crm_attribution_amount_read(buf, &summary->shares[i].value, "value");
	}
	check_summary(summary);
	return summary;
}

/*
 * The stored value.
 */
Datum
crm_path_summary_datum(const PathSummary *summary)
{
	StoredSummary *stored;
	StringInfoData buf;

	initStringInfo(&buf);
	crm_path_summary_write(&buf, summary, false);
	stored = (StoredSummary *) crm_summary_alloc(offsetof(StoredSummary, body) + buf.len,
												 SUMMARY_ATTRIBUTION, PATHS_VERSION);
	memcpy(stored->body, buf.data, buf.len);
	pfree(buf.data);
	return PointerGetDatum(stored);
}

/*
 * What a stored value says.  Names may be in the datum's own memory.
 */
PathSummary *
crm_path_summary_get(Datum datum)
{
	StoredSummary *stored;
	StringInfoData buf;
	PathSummary *summary;

	stored = (StoredSummary *) crm_summary_detoast(datum, offsetof(StoredSummary, body),
												   SUMMARY_ATTRIBUTION, PATHS_VERSION,
												   PATHS_TYPE);
	buf.data = stored->body;
	buf.len = (int) (VARSIZE(stored) - offsetof(StoredSummary, body));
	buf.maxlen = buf.len;
	buf.cursor = 0;
	summary = crm_path_summary_read(&buf, false);
	crm_deserial_end(&buf, PATHS_TYPE);
	return summary;
}

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

static int64
read_count(TextReader *reader)
{
	char	   *end;
	long long	value;

	if (!isdigit((unsigned char) *reader->pos))
		crm_text_error(reader, "a count");
	errno = 0;
	value = strtoll(reader->pos, &end, 10);
	if (errno != 0)
		crm_text_error(reader, "a count that fits 64 bits");
	reader->pos = end;
	return (int64) value;
}

static uint32
read_small(TextReader *reader)
{
	int64		value = read_count(reader);

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
		move->count = read_count(reader);
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
		share->count = read_count(reader);
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
	check_summary(summary);
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
 * crm_attribution_summary_recv(internal) -> crm_attribution_summary
 */
Datum
crm_attribution_summary_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	uint8		flags;

	crm_summary_recv_begin(buf, SUMMARY_ATTRIBUTION, PATHS_VERSION, &flags, PATHS_TYPE);
	if (flags != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid flags in external \"%s\" value", PATHS_TYPE)));
	PG_RETURN_DATUM(crm_path_summary_datum(crm_path_summary_read(buf, true)));
}

/*
 * crm_attribution_summary_send(crm_attribution_summary) -> bytea
 */
Datum
crm_attribution_summary_send(PG_FUNCTION_ARGS)
{
	StoredSummary *stored = (StoredSummary *)
		crm_summary_detoast(PG_GETARG_DATUM(0), offsetof(StoredSummary, body),
							SUMMARY_ATTRIBUTION, PATHS_VERSION, PATHS_TYPE);
	StringInfoData buf;

	crm_summary_send_begin(&buf, stored);
	crm_path_summary_write(&buf, crm_path_summary_get(PointerGetDatum(stored)), true);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
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
