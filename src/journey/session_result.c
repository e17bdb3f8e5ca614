/*-------------------------------------------------------------------------
 *
 * session_result.c
 *	  Sessions as SQL returns them: an array of crm_session, to be unnested.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "src/common/row_array.h"
#include "src/journey/session_result.h"

/* Columns of crm_session: session_no, started, ended, events, duration */
#define SESSION_COLUMNS 5

/* What a row takes: a header, four bigints, and a bigint or an interval */
#define SESSION_SIZE(kind) ((kind) == EVENT_BIGINT ? 64 : 72)

/*
 * The sessions, numbered from 1 in the order given, as the array type that the
 * running function returns.  Uses fn_extra.
 */
Datum
crm_session_array(FunctionCallInfo fcinfo, const SessionSpan *sessions,
				  int64 n, EventTimeKind kind)
{
	RowArray	rows;
	int64		i;

	if (n > MaxAllocSize / SESSION_SIZE(kind))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg(INT64_FORMAT " sessions do not fit an array", n),
				 errhint("Group by customer, or use crm_session_stats or crm_session_no.")));

	crm_row_array_begin(&rows, crm_row_array_cached_type(fcinfo, SESSION_COLUMNS),
						n * SESSION_SIZE(kind));
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
		crm_row_array_add(&rows, values, nulls);
	}
	return crm_row_array_end(&rows);
}
