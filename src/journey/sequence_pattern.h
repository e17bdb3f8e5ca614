/*-------------------------------------------------------------------------
 *
 * sequence_pattern.h
 *	  Patterns of events, as (?1).*(?2)(?t<=3600)(?3), compiled.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_JOURNEY_SEQUENCE_PATTERN_H
#define CRM_JOURNEY_SEQUENCE_PATTERN_H

#include "postgres.h"

#include "src/journey/time_span.h"

/* Conditions are the bits of a uint32. */
#define SEQUENCE_MAX_CONDITIONS 32

/* An item with this mask takes any event: events have at least one bit. */
#define SEQUENCE_ANY PG_UINT32_MAX

/* One event that the pattern asks for */
typedef struct SequenceItem
{
	uint32		mask;			/* the event has one of these conditions */
	bool		is_next;		/* it follows the item before at once; else
								 * any events may be between, and ... */
	uint64		min_time;		/* ... so much time since the item before */
	uint64		max_time;
} SequenceItem;

typedef struct SequencePattern
{
	char	   *source;
	int			source_len;
	EventTimeKind kind;
	int			n_conditions;	/* with those given by name */
	char	  **names;			/* of conditions given by name, after the
								 * numbered ones */
	int			n_names;
	uint64		max_total;		/* from first to last event of the chain */
	int			n_items;
	SequenceItem *items;
} SequencePattern;

extern SequencePattern *crm_sequence_compile(const char *source, int source_len,
											 EventTimeKind kind, int n_numbered,
											 bool allow_names, MemoryContext context);

#endif							/* CRM_JOURNEY_SEQUENCE_PATTERN_H */
