/*-------------------------------------------------------------------------
 *
 * attribution_summary.c
 *	  The stored type crm_attribution_summary: its binary form and its checks.
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

#include "common/int.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "src/common/aggstate.h"
#include "src/journey/attribution_paths.h"

PG_FUNCTION_INFO_V1(crm_attribution_summary_recv);
PG_FUNCTION_INFO_V1(crm_attribution_summary_send);

/* The stored value: the binary form from here on */
typedef struct StoredSummary
{
	SummaryHeader header;
	char		body[FLEXIBLE_ARRAY_MEMBER];
} StoredSummary;

pg_noreturn static void invalid_summary(const char *detail);

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
void
crm_path_summary_check(const PathSummary *summary)
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
	crm_path_summary_check(summary);
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
