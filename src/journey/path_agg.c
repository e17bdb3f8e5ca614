/*-------------------------------------------------------------------------
 *
 * path_agg.c
 *	  From which event to which customers go: the links of a Sankey diagram.
 *
 *		crm_path_agg(path text[])				-> crm_path_summary
 *		crm_rollup(crm_path_summary)			-> crm_path_summary
 *		crm_path_links(crm_path_summary, ...)	-> from, to, customers
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

#include "catalog/pg_type.h"
#include "common/int.h"
#include "fmgr.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "src/common/aggstate.h"
#include "src/journey/name_table.h"

#define TYPE_NAME "crm_path_summary"
#define SUMMARY_VERSION 1
#define STATE_VERSION 1

/* Columns of crm_path_links */
#define LINK_COLUMNS 5

/* Where a path ends */
#define PATH_END (-1)

/* Links of the whole path, whatever the step */
#define ANY_STEP 0

typedef struct PathLinkKey
{
	int32		step;			/* of from, from 1; or ANY_STEP */
	int32		from;
	int32		to;				/* or PATH_END */
} PathLinkKey;

typedef struct PathLink
{
	PathLinkKey key;
	int64		customers;
} PathLink;

typedef struct PathState
{
	int64		paths;
	NameTable  *names;
	HTAB	   *links;			/* of PathLink */
} PathState;

/* What is stored */
typedef struct PathSummary
{
	SummaryHeader header;
	int64		paths;
	int32		n_names;
	int32		n_links;
	char		payload[FLEXIBLE_ARRAY_MEMBER];
} PathSummary;

typedef struct PathReader
{
	int64		paths;
	EventName  *names;
	int32		n_names;
	int32		n_links;
	int32		i;				/* the next link */
	const char *pos;
	const char *end;
	/* crm_path_links */
	bool		by_step;
} PathReader;

PG_FUNCTION_INFO_V1(crm_path_summary_in);
PG_FUNCTION_INFO_V1(crm_path_summary_out);
PG_FUNCTION_INFO_V1(crm_path_summary_recv);
PG_FUNCTION_INFO_V1(crm_path_summary_send);
PG_FUNCTION_INFO_V1(crm_path_summary_to_jsonb);
PG_FUNCTION_INFO_V1(crm_path_agg_transfn);
PG_FUNCTION_INFO_V1(crm_path_rollup_transfn);
PG_FUNCTION_INFO_V1(crm_path_agg_combinefn);
PG_FUNCTION_INFO_V1(crm_path_agg_serialfn);
PG_FUNCTION_INFO_V1(crm_path_agg_deserialfn);
PG_FUNCTION_INFO_V1(crm_path_agg_finalfn);
PG_FUNCTION_INFO_V1(crm_path_links);

static PathState *make_state(MemoryContext context);
static void add_link(PathState *state, const PathLinkKey *key, int64 customers);
static void add_paths(PathState *state, int64 paths);
static int	compare_keys(const void *a, const void *b);
static int	compare_links(const void *a, const void *b);
static PathSummary *build(const PathState *state);
static void open_payload(PathReader *reader, int64 paths, const char *payload,
						 Size size, int32 n_names, int32 n_links);
static void open_summary(PathReader *reader, Datum datum);
static bool next_link(PathReader *reader, PathLink *link);
static void add_summary(PathState *state, PathReader *reader);

static PathState *
make_state(MemoryContext context)
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

static void
add_link(PathState *state, const PathLinkKey *key, int64 customers)
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

static void
add_paths(PathState *state, int64 paths)
{
	if (pg_add_s64_overflow(state->paths, paths, &state->paths))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("number of paths is out of range")));
}

static int
compare_keys(const void *a, const void *b)
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
	return compare_keys(&((const PathLink *) a)->key, &((const PathLink *) b)->key);
}

/*
 * The summary of a state, in the current memory context.
 */
static PathSummary *
build(const PathState *state)
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

static void
open_payload(PathReader *reader, int64 paths, const char *payload, Size size,
			 int32 n_names, int32 n_links)
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

static void
open_summary(PathReader *reader, Datum datum)
{
	PathSummary *summary = crm_summary_detoast(datum, offsetof(PathSummary, payload),
											   SUMMARY_PATHS, SUMMARY_VERSION, TYPE_NAME);

	open_payload(reader, summary->paths, summary->payload,
				 VARSIZE(summary) - offsetof(PathSummary, payload),
				 summary->n_names, summary->n_links);
}

/*
 * The next link; false at the end.
 */
static bool
next_link(PathReader *reader, PathLink *link)
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
static void
add_summary(PathState *state, PathReader *reader)
{
	int32	   *ids = palloc(Max(reader->n_names, 1) * sizeof(int32));
	PathLink	link;
	int32		i;

	for (i = 0; i < reader->n_names; i++)
		ids[i] = crm_names_add(state->names, reader->names[i].data, reader->names[i].len);
	add_paths(state, reader->paths);
	while (next_link(reader, &link))
	{
		CHECK_FOR_INTERRUPTS();
		link.key.from = ids[link.key.from];
		if (link.key.to != PATH_END)
			link.key.to = ids[link.key.to];
		add_link(state, &link.key, link.customers);
	}
	pfree(ids);
}

/*
 * crm_path_summary_in(cstring) -> crm_path_summary
 */
Datum
crm_path_summary_in(PG_FUNCTION_ARGS)
{
	PathState  *state = make_state(CurrentMemoryContext);
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
			add_link(state, &key, customers);
		} while (crm_text_read_optional_char(&reader, ','));
		crm_text_read_char(&reader, ']');
	}
	crm_text_read_end(&reader);
	PG_RETURN_POINTER(build(state));
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

	open_summary(&reader, PG_GETARG_DATUM(0));
	initStringInfo(&buf);
	crm_text_begin(&buf, TYPE_NAME, SUMMARY_VERSION);
	crm_text_int64(&buf, "paths", reader.paths);
	crm_text_names(&buf, reader.names, reader.n_names);
	crm_text_key(&buf, "links");
	appendStringInfoChar(&buf, '[');
	while (next_link(&reader, &link))
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
	PathState  *state = make_state(CurrentMemoryContext);
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
			add_link(state, &key, customers);
	}
	if (!valid)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid external \"%s\" value", TYPE_NAME)));
	PG_RETURN_POINTER(build(state));
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

	open_summary(&reader, PG_GETARG_DATUM(0));
	header.tag = SUMMARY_PATHS;
	header.version = SUMMARY_VERSION;
	crm_summary_send_begin(&buf, &header);
	pq_sendint64(&buf, reader.paths);
	crm_send_names(&buf, reader.names, reader.n_names);
	pq_sendint32(&buf, reader.n_links);
	while (next_link(&reader, &link))
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

	open_summary(&reader, PG_GETARG_DATUM(0));
	initStringInfo(&json);
	appendStringInfo(&json, "{\"paths\": " INT64_FORMAT ", \"links\": [", reader.paths);
	while (next_link(&reader, &link))
	{
		const EventName *from = &reader.names[link.key.from];

		if (link.key.step == ANY_STEP)
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

/*
 * crm_path_agg_transfn(internal, path text[]) -> internal
 *
 * Paths that are NULL or empty are skipped, and NULLs in a path left out.
 */
Datum
crm_path_agg_transfn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_path_agg_transfn");
	PathState  *state = PG_ARGISNULL(0) ? NULL : (PathState *) PG_GETARG_POINTER(0);
	Datum	   *elements;
	bool	   *nulls;
	int			n_elements = 0;
	int32	   *ids;
	PathLinkKey *pairs;
	int			n = 0;
	int			i;

	if (!PG_ARGISNULL(1))
		deconstruct_array(PG_GETARG_ARRAYTYPE_P(1), TEXTOID, -1, false, TYPALIGN_INT,
						  &elements, &nulls, &n_elements);
	ids = palloc(Max(n_elements, 1) * sizeof(int32));
	for (i = 0; i < n_elements; i++)
	{
		text	   *name;

		if (nulls[i])
			continue;
		if (state == NULL)
			state = make_state(context);
		name = DatumGetTextPP(elements[i]);
		ids[n++] = crm_names_add(state->names, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
	}
	if (n == 0)
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}

	add_paths(state, 1);
	pairs = palloc(n * sizeof(PathLinkKey));
	for (i = 0; i < n; i++)
	{
		PathLinkKey key;

		key.step = i + 1;
		key.from = ids[i];
		key.to = i + 1 < n ? ids[i + 1] : PATH_END;
		add_link(state, &key, 1);
		pairs[i] = key;
		pairs[i].step = ANY_STEP;
	}
	qsort(pairs, n, sizeof(PathLinkKey), compare_keys);
	for (i = 0; i < n; i++)
	{
		if (i == 0 || compare_keys(&pairs[i], &pairs[i - 1]) != 0)
			add_link(state, &pairs[i], 1);
	}
	PG_RETURN_POINTER(state);
}

/*
 * crm_path_rollup_transfn(internal, crm_path_summary) -> internal
 *
 * NULL is skipped.
 */
Datum
crm_path_rollup_transfn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_path_rollup_transfn");
	PathState  *state = PG_ARGISNULL(0) ? NULL : (PathState *) PG_GETARG_POINTER(0);
	PathReader	reader;

	if (PG_ARGISNULL(1))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	if (state == NULL)
		state = make_state(context);
	open_summary(&reader, PG_GETARG_DATUM(1));
	add_summary(state, &reader);
	PG_RETURN_POINTER(state);
}

/*
 * crm_path_agg_combinefn(internal, internal) -> internal
 */
Datum
crm_path_agg_combinefn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_path_agg_combinefn");
	PathState  *into = PG_ARGISNULL(0) ? NULL : (PathState *) PG_GETARG_POINTER(0);
	const PathState *from = PG_ARGISNULL(1) ? NULL : (PathState *) PG_GETARG_POINTER(1);
	HASH_SEQ_STATUS status;
	PathLink   *link;

	if (from == NULL)
	{
		if (into == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(into);
	}
	if (into == NULL)
		into = make_state(context);
	add_paths(into, from->paths);
	hash_seq_init(&status, from->links);
	while ((link = hash_seq_search(&status)) != NULL)
	{
		PathLinkKey key = link->key;

		key.from = crm_names_add_from(into->names, &from->names->names[key.from]);
		if (key.to != PATH_END)
			key.to = crm_names_add_from(into->names, &from->names->names[key.to]);
		add_link(into, &key, link->customers);
	}
	PG_RETURN_POINTER(into);
}

/*
 * crm_path_agg_serialfn(internal) -> bytea
 */
Datum
crm_path_agg_serialfn(PG_FUNCTION_ARGS)
{
	const PathSummary *summary;
	StringInfoData buf;

	(void) crm_agg_context(fcinfo, "crm_path_agg_serialfn");
	summary = build((PathState *) PG_GETARG_POINTER(0));
	crm_serial_begin(&buf, STATE_VERSION);
	pq_sendint64(&buf, summary->paths);
	pq_sendint32(&buf, summary->n_names);
	pq_sendint32(&buf, summary->n_links);
	pq_sendbytes(&buf, summary->payload, VARSIZE(summary) - offsetof(PathSummary, payload));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_path_agg_deserialfn(bytea, internal) -> internal
 */
Datum
crm_path_agg_deserialfn(PG_FUNCTION_ARGS)
{
	PathState  *state;
	PathReader	reader;
	StringInfoData buf;
	int64		paths;
	int32		n_names;
	int32		n_links;

	(void) crm_agg_context(fcinfo, "crm_path_agg_deserialfn");
	crm_deserial_begin(&buf, PG_GETARG_BYTEA_PP(0), STATE_VERSION, "paths");
	paths = pq_getmsgint64(&buf);
	n_names = pq_getmsgint(&buf, 4);
	n_links = pq_getmsgint(&buf, 4);
	open_payload(&reader, paths, buf.data + buf.cursor, buf.len - buf.cursor,
				 n_names, n_links);
	state = make_state(CurrentMemoryContext);
	add_summary(state, &reader);
	PG_RETURN_POINTER(state);
}

/*
 * crm_path_agg_finalfn(internal) -> crm_path_summary
 *
 * NULL if no path counted.
 */
Datum
crm_path_agg_finalfn(PG_FUNCTION_ARGS)
{
	(void) crm_agg_context(fcinfo, "crm_path_agg_finalfn");
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_POINTER(build((PathState *) PG_GETARG_POINTER(0)));
}

/*
 * crm_path_links(summary crm_path_summary, by_step boolean)
 * -> setof (step int, from_event text, to_event text, customers bigint,
 *			 share float8)
 *
 * By step, each path is in one row for each of its events; else step is NULL,
 * and each path in one row for each pair of events that it has.  to_event is
 * NULL where paths end.  share is of all paths.
 */
Datum
crm_path_links(PG_FUNCTION_ARGS)
{
	FuncCallContext *funcctx;
	PathReader *reader;
	PathLink	link;
	Datum		values[LINK_COLUMNS];
	bool		nulls[LINK_COLUMNS] = {false};

	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext old_context;
		TupleDesc	tupdesc;

		funcctx = SRF_FIRSTCALL_INIT();
		old_context = MemoryContextSwitchTo(funcctx->multi_call_memory_ctx);
		if (get_call_result_type(fcinfo, NULL, &tupdesc) != TYPEFUNC_COMPOSITE ||
			tupdesc->natts != LINK_COLUMNS)
			elog(ERROR, "crm_path_links does not return %d columns", LINK_COLUMNS);
		funcctx->tuple_desc = BlessTupleDesc(tupdesc);
		reader = palloc(sizeof(PathReader));
		/* a copy, because the argument may go before the last row */
		open_summary(reader, PointerGetDatum(PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(0))));
		reader->by_step = PG_GETARG_BOOL(1);
		funcctx->user_fctx = reader;
		MemoryContextSwitchTo(old_context);
	}

	funcctx = SRF_PERCALL_SETUP();
	reader = (PathReader *) funcctx->user_fctx;
	do
	{
		if (!next_link(reader, &link))
			SRF_RETURN_DONE(funcctx);
	} while ((link.key.step != ANY_STEP) != reader->by_step);

	values[0] = Int32GetDatum(link.key.step);
	nulls[0] = !reader->by_step;
	values[1] = PointerGetDatum(cstring_to_text_with_len(reader->names[link.key.from].data,
														 reader->names[link.key.from].len));
	nulls[2] = link.key.to == PATH_END;
	values[2] = nulls[2] ? (Datum) 0 :
		PointerGetDatum(cstring_to_text_with_len(reader->names[link.key.to].data,
												 reader->names[link.key.to].len));
	values[3] = Int64GetDatum(link.customers);
	values[4] = Float8GetDatum((double) link.customers / (double) reader->paths);
	SRF_RETURN_NEXT(funcctx, HeapTupleGetDatum(heap_form_tuple(funcctx->tuple_desc,
															   values, nulls)));
}
