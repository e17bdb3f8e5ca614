/*-------------------------------------------------------------------------
 *
 * stage_history.h
 *	  The stage changes of one opportunity, collected by an aggregate.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_PIPELINE_STAGE_HISTORY_H
#define CRM_PIPELINE_STAGE_HISTORY_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "src/pipeline/names.h"

/*
 * Stage changes of one opportunity.  More than any deal has seen; the state
 * stays below the 1 GB that palloc and a serialised state are limited to.
 */
#define MAX_STAGE_EVENTS	50000000

typedef struct StageEvent
{
	TimestampTz at;
	int32		stage;			/* id in the history's names */
} StageEvent;

/* The stages in which no time is measured, as won and lost */
typedef struct ClosedStages
{
	int			n;
	int32		stages[FLEXIBLE_ARRAY_MEMBER];
} ClosedStages;

/*
 * The state.  names and closed belong to the support function that made them
 * (its fn_mcxt, which lives as long as the query) and are shared by its groups.
 */
typedef struct StageHistory
{
	NameDictionary *names;
	const ClosedStages *closed; /* NULL: none */
	TimestampTz as_of;
	int32		n;
	int32		capacity;
	StageEvent	events[FLEXIBLE_ARRAY_MEMBER];
} StageHistory;

/*
 * Eight deals of ten have at most six stage changes; with them the state is
 * 128 bytes.
 */
#define FIRST_EVENTS	6

static inline bool
stage_is_closed(const ClosedStages *closed, int32 stage)
{
	int			i;

	if (closed != NULL)
		for (i = 0; i < closed->n; i++)
			if (closed->stages[i] == stage)
				return true;
	return false;
}

#endif							/* CRM_PIPELINE_STAGE_HISTORY_H */
