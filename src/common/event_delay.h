/*-------------------------------------------------------------------------
 *
 * event_delay.h
 *	  Events on their way to the logs of groups that no cache holds.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_EVENT_DELAY_H
#define CRM_EVENT_DELAY_H

#include "postgres.h"

#include "fmgr.h"

#include "src/common/event_log.h"

/* Rows between the asking for a log's memory and its use, a power of two */
#define EVENT_DELAY_ROWS 8

typedef struct LateEvent
{
	EventLog   *log;			/* NULL: none */
	int64		word;
} LateEvent;

/*
 * One for each call site of a transition function, which lives as long.
 * Whoever reads a log, in whatever support function, settles first.
 */
typedef struct EventDelay
{
	MemoryContext context;		/* of the logs that events wait for, or NULL */
	const EventLog *last;		/* the last row's; only to compare with */
	uint32		next;			/* row, modulo EVENT_DELAY_ROWS */
	bool		any;			/* is anything waiting? */
	LateEvent	waiting[EVENT_DELAY_ROWS];
} EventDelay;

extern void crm_event_delay_init(EventDelay *delay);
extern bool crm_event_delay_use(EventDelay *delay, MemoryContext context);
extern void crm_event_delay_settle_all(EventDelay *delay);

/*
 * Add a word to the log of a group in some while.  fcinfo is the transition
 * function's call, state the chunk of memory that the log is embedded in.
 */
static inline void
crm_event_delay_add(EventDelay *delay, FunctionCallInfo fcinfo, EventLog *log,
					const void *state, int64 word)
{
	MemoryContext context;
	LateEvent  *place;
	LateEvent	due;

	/* rows clustered by group find its log in the cache */
	if (log == delay->last ||
		!AggCheckCallContext(fcinfo, &context) ||
		(unlikely(context != delay->context) && !crm_event_delay_use(delay, context)))
	{
		crm_event_log_add(log, state, word);
		return;
	}

	__builtin_prefetch(log, 1);
	__builtin_prefetch(&log->recent[EVENT_LOG_RECENT - 1], 1);
	delay->last = log;
	delay->any = true;
	place = &delay->waiting[delay->next++ % EVENT_DELAY_ROWS];
	due = *place;
	place->log = log;
	place->word = word;
	if (due.log != NULL)
		crm_event_log_add_in(due.log, context, due.word);
}

/*
 * The row at hand made the state of this log: it is in the cache.
 */
static inline void
crm_event_delay_made(EventDelay *delay, const EventLog *log)
{
	delay->last = log;
}

/*
 * Add what is waiting.
 */
static inline void
crm_event_delay_settle(EventDelay *delay)
{
	if (delay->any)
		crm_event_delay_settle_all(delay);
}

#endif							/* CRM_EVENT_DELAY_H */
