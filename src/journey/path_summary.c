/*-------------------------------------------------------------------------
 *
 * path_summary.c
 *	  The stored type crm_path_summary: links of paths, how they are counted,
 *	  and their text and binary forms.
 *
 * A path counts once for each of its steps, and once for each pair of events
 * that it has anywhere: links of the whole path are kept under step 0, because
 * sums over steps would count a path twice that goes from a to b twice.  All
 * of it is counts, so that summaries merge.
 *
 * Stored are the names, sorted by their bytes, then the links, sorted by step,
 * from and to, each as four numbers: step, from, to + 1 (0: the path ends),
 * customers.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/int.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "src/journey/path_summary.h"

#define TYPE_NAME "crm_path_summary"
#define SUMMARY_VERSION 1

PG_FUNCTION_INFO_V1(crm_path_summary_in);
PG_FUNCTION_INFO_V1(crm_path_summary_out);
PG_FUNCTION_INFO_V1(crm_path_summary_recv);
PG_FUNCTION_INFO_V1(crm_path_summary_send);
PG_FUNCTION_INFO_V1(crm_path_summary_to_jsonb);

static int	compare_links(const void *a, const void *b);

/*
 * No paths yet, in the given context.
 */
PathState *
crm_path_links_make(MemoryContext context)
{
	PathState  *state = MemoryContextAllocZero(context, sizeof(PathState));
	HASHCTL		control = {0};

	state->names = crm_names_make(context);
	control.keysize = sizeof(PathLinkKey);
	control.entrysize = sizeof(PathLink);
	control.hcxt = context;
	state->links = hash_create("crm_path_agg links", 64, &control,
							   HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	return state;
}

/*
 * Add customers to a link, whose names have the state's numbers.
 */
void
crm_path_links_add(PathState *state, const PathLinkKey *key, int64 customers)
{
	bool		found;
	PathLink   *link = hash_search(state->links, key, HASH_ENTER, &found);

	if (!found)
		link->customers = 0;
	if (pg_add_s64_overflow(link->customers, customers, &link->customers))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("number of paths is out of range")));
}

/*
 * Count so many paths more.
 */
void
crm_path_links_count(PathState *state, int64 paths)
{
	if (pg_add_s64_overflow(state->paths, paths, &state->paths))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("number of paths is out of range")));
}

/*
 * Order of two PathLinkKey, for qsort.
 */
int
crm_path_links_compare(const void *a, const void *b)
{
	const PathLinkKey *key_a = a;
	const PathLinkKey *key_b = b;

	if (key_a->step != key_b->step)
		return key_a->step < key_b->step ? -1 : 1;
	if (key_a->from != key_b->from)
		return key_a->from < key_b->from ? -1 : 1;
	return key_a->to < key_b->to ? -1 : key_a->to > key_b->to;
}

static int
compare_links(const void *a, const void *b)
{
	return crm_path_links_compare(&((const PathLink *) a)->key, &((const PathLink *) b)->key);
}

/*
 * The summary of a state, in the current memory context.
 */
PathSummary *
crm_path_links_build(const PathState *state)
{
	int64		n = hash_get_num_entries(state->links);
	PathLink   *links;
	int32	   *ids;
	int32	   *names;
	int32		n_names;
	HASH_SEQ_STATUS status;
	PathLink   *link;
	StringInfoData buf;
	PathSummary *summary;
	int64		i = 0;

	if (n > MaxAllocSize / 8)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg(INT64_FORMAT " links are too many for a summary", n),
				 errhint("Take shorter paths, or fewer kinds of events.")));
	links = MemoryContextAllocHuge(CurrentMemoryContext, Max(n, 1) * sizeof(PathLink));
	ids = MemoryContextAllocHuge(CurrentMemoryContext, Max(2 * n, 1) * sizeof(int32));
	hash_seq_init(&status, state->links);
	while ((link = hash_seq_search(&status)) != NULL)
	{
		links[i] = *link;
		ids[2 * i] = link->key.from;
		ids[2 * i + 1] = link->key.to == PATH_END ? link->key.from : link->key.to;
		i++;
	}
	names = crm_names_rank(state->names, ids, (int32) (2 * n), &n_names);
	for (i = 0; i < n; i++)
	{
		links[i].key.from = ids[2 * i];
		if (links[i].key.to != PATH_END)
			links[i].key.to = ids[2 * i + 1];
	}
	qsort(links, n, sizeof(PathLink), compare_links);

	initStringInfo(&buf);
	for (i = 0; i < n_names; i++)
		crm_put_name(&buf, &state->names->names[names[i]]);
	for (i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		crm_put_varint(&buf, links[i].key.step);
		crm_put_varint(&buf, links[i].key.from);
		crm_put_varint(&buf, links[i].key.to + 1);
		crm_put_varint(&buf, links[i].customers);
	}
	summary = crm_summary_alloc(offsetof(PathSummary, payload) + buf.len,
								SUMMARY_PATHS, SUMMARY_VERSION);
	summary->paths = state->paths;
	summary->n_names = n_names;
	summary->n_links = (int32) n;
	memcpy(summary->payload, buf.data, buf.len);
	return summary;
}

/*
 * Read what is stored behind a summary's counts.  The names are palloc'd, their
 * bytes the payload's.
 */
void
crm_path_links_open_payload(PathReader *reader, int64 paths, const char *payload,
							Size size, int32 n_names, int32 n_links)
{
	int32		i;

	if (paths <= 0 || n_names < 0 || n_links < 0 ||
		(Size) n_names + 4 * (Size) n_links > size)
		crm_stored_value_error(TYPE_NAME);
	reader->paths = paths;
	reader->pos = payload;
	reader->end = payload + size;
	reader->n_names = n_names;
	reader->n_links = n_links;
	reader->i = 0;
	reader->names = palloc(Max(n_names, 1) * sizeof(EventName));
	for (i = 0; i < n_names; i++)
		crm_get_name(&reader->pos, reader->end, &reader->names[i], TYPE_NAME);
}

/*
 * Read a stored summary.
 */
void
crm_path_links_open(PathReader *reader, Datum datum)
{
	PathSummary *summary = crm_summary_detoast(datum, offsetof(PathSummary, payload),
											   SUMMARY_PATHS, SUMMARY_VERSION, TYPE_NAME);

	crm_path_links_open_payload(reader, summary->paths, summary->payload,
								VARSIZE(summary) - offsetof(PathSummary, payload),
								summary->n_names, summary->n_links);
}

/*
 * The next link; false at the end.
 */
bool
crm_path_links_next(PathReader *reader, PathLink *link)
{
	uint64		step;
	uint64		from;
	uint64		to;
	uint64		customers;

	if (reader->i >= reader->n_links)
	{
		if (reader->pos != reader->end)
			crm_stored_value_error(TYPE_NAME);
		return false;
	}
	step = crm_get_varint(&reader->pos, reader->end, TYPE_NAME);
	from = crm_get_varint(&reader->pos, reader->end, TYPE_NAME);
	to = crm_get_varint(&reader->pos, reader->end, TYPE_NAME);
	customers = crm_get_varint(&reader->pos, reader->end, TYPE_NAME);
	if (step > PG_INT32_MAX || from >= (uint64) reader->n_names ||
		to > (uint64) reader->n_names || customers < 1 ||
		customers > (uint64) reader->paths)
		crm_stored_value_error(TYPE_NAME);
	link->key.step = (int32) step;
	link->key.from = (int32) from;
	link->key.to = (int32) to - 1;
	link->customers = (int64) customers;
	reader->i++;
	return true;
}

/*
 * Add all that a summary holds.
 */
void
crm_path_links_merge(PathState *state, PathReader *reader)
{
	int32	   *ids = palloc(Max(reader->n_names, 1) * sizeof(int32));
	PathLink	link;
	int32		i;

	for (i = 0; i < reader->n_names; i++)
		ids[i] = crm_names_add(state->names, reader->names[i].data, reader->names[i].len);
	crm_path_links_count(state, reader->paths);
	while (crm_path_links_next(reader, &link))
	{
		CHECK_FOR_INTERRUPTS();
		link.key.from = ids[link.key.from];
		if (link.key.to != PATH_END)
			link.key.to = ids[link.key.to];
		crm_path_links_add(state, &link.key, link.customers);
	}
	pfree(ids);
}

/*
 * crm_path_summary_in(cstring) -> crm_path_summary
 */
Datum
crm_path_summary_in(PG_FUNCTION_ARGS)
{
	PathState  *state = crm_path_links_make(CurrentMemoryContext);
	TextReader	reader;

	crm_text_read_begin(&reader, PG_GETARG_CSTRING(0), TYPE_NAME, SUMMARY_VERSION);
	state->paths = crm_text_read_int64(&reader, "paths");
	if (state->paths < 1)
		crm_text_error(&reader, "a positive number of paths before this");
	state->names = crm_text_read_names(&reader);
	crm_text_read_key(&reader, "links");
	crm_text_read_char(&reader, '[');
	if (!crm_text_read_optional_char(&reader, ']'))
	{
		do
		{
			int64		step = crm_text_read_integer(&reader);
			int64		from;
			int64		to = PATH_END;
			int64		customers;
			PathLinkKey key;

			crm_text_read_char(&reader, ':');
			from = crm_text_read_integer(&reader);
			crm_text_read_char(&reader, '>');
			if (*reader.pos != '=')
			{
				to = crm_text_read_integer(&reader);
				if (to < 0)
					crm_text_error(&reader, "the number of a name before this");
			}
			crm_text_read_char(&reader, '=');
			customers = crm_text_read_integer(&reader);
			if (step < 0 || step > PG_INT32_MAX || from < 0 || from >= state->names->n ||
				to >= state->names->n || customers < 1 || customers > state->paths)
				crm_text_error(&reader, "a link in range before this");
			key.step = (int32) step;
			key.from = (int32) from;
			key.to = (int32) to;
			if (hash_search(state->links, &key, HASH_FIND, NULL) != NULL)
				crm_text_error(&reader, "another link before this");
			crm_path_links_add(state, &key, customers);
		} while (crm_text_read_optional_char(&reader, ','));
		crm_text_read_char(&reader, ']');
	}
	crm_text_read_end(&reader);
	PG_RETURN_POINTER(crm_path_links_build(state));
}

/*
 * crm_path_summary_out(crm_path_summary) -> cstring
 *
 * A link is step:from>to=customers, without a to where paths end.
 */
Datum
crm_path_summary_out(PG_FUNCTION_ARGS)
{
	PathReader	reader;
	PathLink	link;
	StringInfoData buf;

	crm_path_links_open(&reader, PG_GETARG_DATUM(0));
	initStringInfo(&buf);
	crm_text_begin(&buf, TYPE_NAME, SUMMARY_VERSION);
	crm_text_int64(&buf, "paths", reader.paths);
	crm_text_names(&buf, reader.names, reader.n_names);
	crm_text_key(&buf, "links");
	appendStringInfoChar(&buf, '[');
	while (crm_path_links_next(&reader, &link))
	{
		appendStringInfo(&buf, "%s%d:%d>", reader.i > 1 ? "," : "", link.key.step, link.key.from);
		if (link.key.to != PATH_END)
			appendStringInfo(&buf, "%d", link.key.to);
		appendStringInfo(&buf, "=" INT64_FORMAT, link.customers);
	}
	appendStringInfoChar(&buf, ']');
	PG_RETURN_CSTRING(buf.data);
}

/*
 * crm_path_summary_recv(internal) -> crm_path_summary
 */
Datum
crm_path_summary_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	PathState  *state = crm_path_links_make(CurrentMemoryContext);
	uint8		flags;
	int32		n;
	int32		i;
	bool		valid;

	crm_summary_recv_begin(buf, SUMMARY_PATHS, SUMMARY_VERSION, &flags, TYPE_NAME);
	state->paths = pq_getmsgint64(buf);
	state->names = crm_recv_names(buf, TYPE_NAME);
	n = pq_getmsgint(buf, 4);
	valid = flags == 0 && state->paths > 0 && n >= 0;
	for (i = 0; valid && i < n; i++)
	{
		PathLinkKey key;
		int64		customers;

		key.step = pq_getmsgint(buf, 4);
		key.from = pq_getmsgint(buf, 4);
		key.to = pq_getmsgint(buf, 4);
		customers = pq_getmsgint64(buf);
		valid = key.step >= 0 && key.from >= 0 && key.from < state->names->n &&
			key.to >= PATH_END && key.to < state->names->n &&
			customers > 0 && customers <= state->paths &&
			hash_search(state->links, &key, HASH_FIND, NULL) == NULL;
		if (valid)
			crm_path_links_add(state, &key, customers);
	}
	if (!valid)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid external \"%s\" value", TYPE_NAME)));
	PG_RETURN_POINTER(crm_path_links_build(state));
}

/*
 * crm_path_summary_send(crm_path_summary) -> bytea
 */
Datum
crm_path_summary_send(PG_FUNCTION_ARGS)
{
	PathReader	reader;
	PathLink	link;
	StringInfoData buf;
	SummaryHeader header = {0};

	crm_path_links_open(&reader, PG_GETARG_DATUM(0));
	header.tag = SUMMARY_PATHS;
	header.version = SUMMARY_VERSION;
	crm_summary_send_begin(&buf, &header);
	pq_sendint64(&buf, reader.paths);
	crm_send_names(&buf, reader.names, reader.n_names);
	pq_sendint32(&buf, reader.n_links);
	while (crm_path_links_next(&reader, &link))
	{
		pq_sendint32(&buf, link.key.step);
		pq_sendint32(&buf, link.key.from);
		pq_sendint32(&buf, link.key.to);
		pq_sendint64(&buf, link.customers);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_path_summary_to_jsonb(crm_path_summary) -> jsonb
 *
 * The number of paths, and the links by step.
 */
Datum
crm_path_summary_to_jsonb(PG_FUNCTION_ARGS)
{
	PathReader	reader;
	PathLink	link;
	StringInfoData json;
	bool		first = true;

	crm_path_links_open(&reader, PG_GETARG_DATUM(0));
	initStringInfo(&json);
	appendStringInfo(&json, "{\"paths\": " INT64_FORMAT ", \"links\": [", reader.paths);
	while (crm_path_links_next(&reader, &link))
	{
		const EventName *from = &reader.names[link.key.from];

		if (link.key.step == PATH_ANY_STEP)
			continue;
		appendStringInfo(&json, "%s{\"step\": %d, \"from\": ", first ? "" : ", ", link.key.step);
		escape_json(&json, pnstrdup(from->data, from->len));
		appendStringInfoString(&json, ", \"to\": ");
		if (link.key.to == PATH_END)
			appendStringInfoString(&json, "null");
		else
			escape_json(&json, pnstrdup(reader.names[link.key.to].data,
										reader.names[link.key.to].len));
		appendStringInfo(&json, ", \"customers\": " INT64_FORMAT "}", link.customers);
		first = false;
	}
	appendStringInfoString(&json, "]}");
	PG_RETURN_DATUM(DirectFunctionCall1(jsonb_in, CStringGetDatum(json.data)));
}
