/*-------------------------------------------------------------------------
 *
 * time_span.h
 *	  Lengths of time between events: from an interval or a whole number to a
 *	  count of units, and the comparison of two events with it.
 *
 * Events are int64: microseconds for timestamps, any unit for bigint.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_JOURNEY_TIME_SPAN_H
#define CRM_JOURNEY_TIME_SPAN_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "fmgr.h"
#include "utils/timestamp.h"

#include "src/compat.h"

/* What the int64 of an event is */
typedef enum EventTimeKind
{
	EVENT_TIMESTAMPTZ = 1,		/* serialised: never renumber */
	EVENT_TIMESTAMP = 2,
	EVENT_BIGINT = 3,
	EVENT_DATE = 4				/* its midnight, as timestamp has it */
} EventTimeKind;

extern int64 crm_span_usecs(const Interval *interval, const char *what);
extern int64 crm_span_units(int64 units, const char *what);
extern Datum crm_span_datum(uint64 span, EventTimeKind kind);
extern int64 crm_event_date(Datum date);
pg_noreturn extern void crm_event_not_finite_error(void);

/*
 * The time from one event to one that is not earlier.  It fits 64 bits without
 * a sign whatever the two are.
 */
static inline uint64
crm_span_between(int64 from, int64 to)
{
	return (uint64) to - (uint64) from;
}

/*
 * The argument in units of events of that kind: an interval for timestamps, a
 * bigint for bigint.  Called for every row; most are plain hours and minutes.
 */
static inline int64
crm_span_argument(Datum span, EventTimeKind kind, const char *what)
{
	const Interval *interval;

	if (kind == EVENT_BIGINT)
		return likely(DatumGetInt64(span) > 0) ? DatumGetInt64(span) :
			crm_span_units(DatumGetInt64(span), what);
	interval = DatumGetIntervalP(span);
	if (likely((interval->month | interval->day) == 0 && interval->time > 0))
		return interval->time;
	return crm_span_usecs(interval, what);
}

/*
 * An event's time, checked: an infinite timestamp or date is error 22023.
 */
static inline int64
crm_event_time(Datum ts, EventTimeKind kind)
{
	int64		time = kind == EVENT_DATE ? crm_event_date(ts) : DatumGetInt64(ts);

	if (kind != EVENT_BIGINT && unlikely(TIMESTAMP_NOT_FINITE(time)))
		crm_event_not_finite_error();
	return time;
}

#endif							/* CRM_JOURNEY_TIME_SPAN_H */
