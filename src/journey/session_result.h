/*-------------------------------------------------------------------------
 *
 * session_result.h
 *	  Sessions as SQL returns them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_JOURNEY_SESSION_RESULT_H
#define CRM_JOURNEY_SESSION_RESULT_H

#include "postgres.h"

#include "fmgr.h"

#include "src/journey/time_span.h"

/* The events from start to end, both included */
typedef struct SessionSpan
{
	int64		start;
	int64		end;
	int64		events;
} SessionSpan;

extern Datum crm_session_array(FunctionCallInfo fcinfo, const SessionSpan *sessions,
							   int64 n, EventTimeKind kind);

#endif							/* CRM_JOURNEY_SESSION_RESULT_H */
