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

/* One stage change, as the functions see it */
typedef struct StageEvent
{
	TimestampTz at;
	int32		stage;			/* id in the history's names */
} StageEvent;

/*
 * What all groups of a query have in common: the numbering of names, and the
 * stages in which no time is measured (won and lost), sorted.  It belongs to
 * the support function that made it, in its fn_mcxt, which lives as long as
 * the query.
 */
typedef struct StageOptions
{
	NameDictionary *names;
	int			n_closed;
	int32		closed[FLEXIBLE_ARRAY_MEMBER];
} StageOptions;

/*
 * The state.  Memory is what the aggregate spends its time on, so an event is
 * one word where it fits: microseconds before as_of (48 bits, which is eight
 * years) and the stage (16 bits).  As soon as one event does not fit, all take
 * two words: time and stage.
 */
typedef struct StageHistory
{
	const StageOptions *options;
	TimestampTz as_of;
	int32		n;				/* events */
	uint32		is_wide:1;
	uint32		capacity:31;	/* words */
	uint64		words[FLEXIBLE_ARRAY_MEMBER];
} StageHistory;

#define STAGE_BITS			16
#define STAGE_MASK			((UINT64CONST(1) << STAGE_BITS) - 1)
#define MAX_PACKED_DISTANCE	(UINT64CONST(1) << (64 - STAGE_BITS))

/* With these the state has 128 bytes. */
#define FIRST_WORDS			13

/*
 * Event number i, from 0.
 */
static inline StageEvent
stage_event(const StageHistory *history, int i)
{
	StageEvent	event;

	if (history->is_wide)
	{
		event.at = (TimestampTz) history->words[2 * (Size) i];
		event.stage = (int32) history->words[2 * (Size) i + 1];
	}
	else
	{
		event.at = history->as_of - (TimestampTz) (history->words[i] >> STAGE_BITS);
		event.stage = (int32) (history->words[i] & STAGE_MASK);
	}
	return event;
}

static inline bool
stage_is_closed(const StageOptions *options, int32 stage)
{
	int			i;

	for (i = 0; i < options->n_closed; i++)
		if (options->closed[i] == stage)
			return true;
	return false;
}

#endif							/* CRM_PIPELINE_STAGE_HISTORY_H */
