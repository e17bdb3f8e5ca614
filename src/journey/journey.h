/*-------------------------------------------------------------------------
 *
 * journey.h
 *	  The stored type crm_journey: a customer's events in order of time.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_JOURNEY_JOURNEY_H
#define CRM_JOURNEY_JOURNEY_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "src/journey/name_table.h"

typedef struct JourneyEvent
{
	TimestampTz ts;
	double		value;			/* 0 if there is none */
	int32		name;			/* in a table, or of the journey */
	bool		has_value;
} JourneyEvent;

/*
 * What is stored.  The payload is the names, sorted by their bytes, and the
 * events, sorted by time and name, each as three numbers: time since the one
 * before (the first: since 2000, with the sign in the lowest bit), twice the
 * name's number plus whether a value follows, and the value.
 */
typedef struct JourneyData
{
	SummaryHeader header;
	int32		n_events;
	int32		n_names;
	char		payload[FLEXIBLE_ARRAY_MEMBER];
} JourneyData;

/* Reads a stored journey; what it returns points into that */
typedef struct JourneyReader
{
	EventName  *names;
	int32		n_names;
	int32		n_events;
	int32		i;				/* the next event */
	TimestampTz ts;				/* of the last one */
	const char *pos;
	const char *end;
} JourneyReader;

extern JourneyData *crm_journey_build(const NameTable *table, const JourneyEvent *events,
									  int64 n);
extern void crm_journey_open(JourneyReader *reader, Datum journey);
extern void crm_journey_open_payload(JourneyReader *reader, const char *payload, Size size,
									 int32 n_events, int32 n_names);
extern bool crm_journey_next(JourneyReader *reader, JourneyEvent *event);

#endif							/* CRM_JOURNEY_JOURNEY_H */
