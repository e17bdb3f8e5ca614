/*-------------------------------------------------------------------------
 *
 * session_result.c
 *	  Sessions as SQL returns them: an array of crm_session, to be unnested.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "src/journey/session_result.h"

/* Columns of crm_session: session_no, started, ended, events, duration */
#define SESSION_COLUMNS 5

/* An element of the array takes at least this: five values and a header. */
#define SESSION_MIN_SIZE 64

static TupleDesc element_tupdesc(FunctionCallInfo fcinfo);

/*
 * The row type of the elements of the array that the running function is
 * declared to return, kept in fn_extra as long as the function is.
 */
static TupleDesc
element_tupdesc(FunctionCallInfo fcinfo)
{
	FmgrInfo   *flinfo = fcinfo->flinfo;
	Oid			element_type;
	MemoryContext old_context;

	if (flinfo->fn_extra != NULL)
		return (TupleDesc) flinfo->fn_extra;
	element_type = get_element_type(get_fn_expr_rettype(flinfo));
	if (!OidIsValid(element_type))
		elog(ERROR, "function does not return an array");
	old_context = MemoryContextSwitchTo(flinfo->fn_mcxt);
	flinfo->fn_extra = lookup_rowtype_tupdesc_copy(element_type, -1);
	MemoryContextSwitchTo(old_context);
	if (((TupleDesc) flinfo->fn_extra)->natts != SESSION_COLUMNS)
		elog(ERROR, "crm_session does not have %d columns", SESSION_COLUMNS);
	return (TupleDesc) flinfo->fn_extra;
}

/*
 * The sessions, numbered from 1 in the order given, as the array type that the
 * running function returns.  Uses fn_extra.
 */
Datum
crm_session_array(FunctionCallInfo fcinfo, const SessionSpan *sessions,
				  int64 n, EventTimeKind kind)
{
	TupleDesc	tupdesc = element_tupdesc(fcinfo);
	Datum	   *elements;
	int64		i;

	if (n > MaxAllocSize / SESSION_MIN_SIZE)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg(INT64_FORMAT " sessions do not fit an array", n),
				 errhint("Group by customer, or use crm_session_stats or crm_session_no.")));

	elements = palloc(Max(n, 1) * sizeof(Datum));
	for (i = 0; i < n; i++)
	{
		const SessionSpan *session = &sessions[i];
		Datum		values[SESSION_COLUMNS];
		bool		nulls[SESSION_COLUMNS] = {false};

		CHECK_FOR_INTERRUPTS();
		values[0] = Int64GetDatum(i + 1);
		values[1] = Int64GetDatum(session->start);
		values[2] = Int64GetDatum(session->end);
		values[3] = Int64GetDatum(session->events);
		values[4] = crm_span_datum(crm_span_between(session->start, session->end), kind);
		elements[i] = HeapTupleGetDatum(heap_form_tuple(tupdesc, values, nulls));
	}
	PG_RETURN_POINTER(construct_array(elements, (int) n, tupdesc->tdtypeid, -1,
									  false, TYPALIGN_DOUBLE));
}
