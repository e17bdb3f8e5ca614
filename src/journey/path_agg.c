/*-------------------------------------------------------------------------
 *
 * path_agg.c
 *	  From which event to which customers go: the links of a Sankey diagram.
 *
 *		crm_path_agg(path text[])				-> crm_path_summary
 *		crm_rollup(crm_path_summary)			-> crm_path_summary
 *		crm_path_links(crm_path_summary, ...)	-> from, to, customers
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "src/common/aggstate.h"
#include "src/journey/path_summary.h"

#define STATE_VERSION 1

/* Columns of crm_path_links */
#define LINK_COLUMNS 5

PG_FUNCTION_INFO_V1(crm_path_agg_transfn);
PG_FUNCTION_INFO_V1(crm_path_rollup_transfn);
PG_FUNCTION_INFO_V1(crm_path_agg_combinefn);
PG_FUNCTION_INFO_V1(crm_path_agg_serialfn);
PG_FUNCTION_INFO_V1(crm_path_agg_deserialfn);
PG_FUNCTION_INFO_V1(crm_path_agg_finalfn);
PG_FUNCTION_INFO_V1(crm_path_links);

/*
 * crm_path_agg_transfn(internal, path text[]) -> internal
 *
 * Paths that are NULL or empty are skipped, and NULLs in a path left out.  A
 * path of several dimensions is error 22023.
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
	{
		ArrayType  *path = PG_GETARG_ARRAYTYPE_P(1);

		if (ARR_NDIM(path) > 1)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("path must have one dimension, got %d", ARR_NDIM(path)),
					 errhint("Give the events in order of time, as crm_path does.")));
		deconstruct_array(path, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls,
						  &n_elements);
	}
	ids = palloc(Max(n_elements, 1) * sizeof(int32));
	for (i = 0; i < n_elements; i++)
	{
		text	   *name;

		if (nulls[i])
			continue;
		if (state == NULL)
			state = crm_path_links_make(context);
		name = DatumGetTextPP(elements[i]);
		ids[n++] = crm_names_add(state->names, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
	}
	if (n == 0)
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}

	crm_path_links_count(state, 1);
	pairs = palloc(n * sizeof(PathLinkKey));
	for (i = 0; i < n; i++)
	{
		PathLinkKey key;

		key.step = i + 1;
		key.from = ids[i];
		key.to = i + 1 < n ? ids[i + 1] : PATH_END;
		crm_path_links_add(state, &key, 1);
		pairs[i] = key;
		pairs[i].step = PATH_ANY_STEP;
	}
	qsort(pairs, n, sizeof(PathLinkKey), crm_path_links_compare);
	for (i = 0; i < n; i++)
	{
		if (i == 0 || crm_path_links_compare(&pairs[i], &pairs[i - 1]) != 0)
			crm_path_links_add(state, &pairs[i], 1);
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
		state = crm_path_links_make(context);
	crm_path_links_open(&reader, PG_GETARG_DATUM(1));
	crm_path_links_merge(state, &reader);
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
		into = crm_path_links_make(context);
	crm_path_links_count(into, from->paths);
	hash_seq_init(&status, from->links);
	while ((link = hash_seq_search(&status)) != NULL)
	{
		PathLinkKey key = link->key;

		key.from = crm_names_add_from(into->names, &from->names->names[key.from]);
		if (key.to != PATH_END)
			key.to = crm_names_add_from(into->names, &from->names->names[key.to]);
		crm_path_links_add(into, &key, link->customers);
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
	summary = crm_path_links_build((PathState *) PG_GETARG_POINTER(0));
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
	crm_path_links_open_payload(&reader, paths, buf.data + buf.cursor,
								buf.len - buf.cursor, n_names, n_links);
	state = crm_path_links_make(CurrentMemoryContext);
	crm_path_links_merge(state, &reader);
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
	PG_RETURN_POINTER(crm_path_links_build((PathState *) PG_GETARG_POINTER(0)));
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
		crm_path_links_open(reader, PointerGetDatum(PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(0))));
		reader->by_step = PG_GETARG_BOOL(1);
		funcctx->user_fctx = reader;
		MemoryContextSwitchTo(old_context);
	}

	funcctx = SRF_PERCALL_SETUP();
	reader = (PathReader *) funcctx->user_fctx;
	do
	{
		if (!crm_path_links_next(reader, &link))
			SRF_RETURN_DONE(funcctx);
	} while ((link.key.step != PATH_ANY_STEP) != reader->by_step);

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
