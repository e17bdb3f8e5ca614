/*-------------------------------------------------------------------------
 *
 * event_log.h
 *	  A customer's events as 8-byte words in the order in which they come.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_EVENT_LOG_H
#define CRM_EVENT_LOG_H

#include "postgres.h"

#include "lib/stringinfo.h"

/* 2^28 words of one group take 2 GB, and as much again when they are read. */
#define EVENT_LOG_MAX (1 << 28)

/*
 * So many words make a state of 128 bytes together with the log's head and a
 * pointer, and so they do a block: the allocator's chunks are powers of two.
 */
#define EVENT_LOG_RECENT 13

/* Words that will not change any more */
typedef struct EventLogBlock
{
	struct EventLogBlock *previous;
	int64		words[EVENT_LOG_RECENT];
} EventLogBlock;

/* Embedded in an aggregate's state */
typedef struct EventLog
{
	EventLogBlock *blocks;		/* the newest */
	uint32		n_blocks;
	uint32		n_recent;
	int64		recent[EVENT_LOG_RECENT];
} EventLog;

extern void crm_event_log_flush(EventLog *log, const void *state);
extern void crm_event_log_add_all(EventLog *log, const void *state, const int64 *words,
								  uint32 n);
extern int64 *crm_event_log_copy(const EventLog *log, uint32 *n);
extern void crm_event_log_write(StringInfo buf, const EventLog *log);
extern void crm_event_log_read(EventLog *log, const void *state, StringInfo buf,
							   const char *what);

static inline void
crm_event_log_init(EventLog *log)
{
	log->blocks = NULL;
	log->n_blocks = 0;
	log->n_recent = 0;
}

static inline uint32
crm_event_log_count(const EventLog *log)
{
	return log->n_blocks * EVENT_LOG_RECENT + log->n_recent;
}

/*
 * Add a word.  state is the chunk of memory that the log is embedded in; blocks
 * go to the same memory context.
 */
static inline void
crm_event_log_add(EventLog *log, const void *state, int64 word)
{
	if (unlikely(log->n_recent == EVENT_LOG_RECENT))
		crm_event_log_flush(log, state);
	log->recent[log->n_recent++] = word;
}

#endif							/* CRM_EVENT_LOG_H */
