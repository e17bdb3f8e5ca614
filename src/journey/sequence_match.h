/*-------------------------------------------------------------------------
 *
 * sequence_match.h
 *	  Matches of a pattern in a list of events.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_JOURNEY_SEQUENCE_MATCH_H
#define CRM_JOURNEY_SEQUENCE_MATCH_H

#include "postgres.h"

#include "src/journey/sequence_pattern.h"

/* An event for which some conditions hold: never none */
typedef struct SequenceEvent
{
	int64		ts;
	uint32		mask;			/* bit i: condition i + 1 */
} SequenceEvent;

extern int	crm_sequence_compare(const SequenceEvent *a, const SequenceEvent *b);
extern void crm_sequence_sort(SequenceEvent *events, size_t n);
extern int64 crm_sequence_scan(const SequencePattern *pattern,
							   const SequenceEvent *events, int64 n,
							   int64 *first_end);
extern void crm_sequence_first(const SequencePattern *pattern,
							   const SequenceEvent *events, int64 end,
							   int64 *positions);

#endif							/* CRM_JOURNEY_SEQUENCE_MATCH_H */
