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
#include "port/pg_bswap.h"
#include "utils/memutils.h"

/* 2^28 words of one group take 2 GB, and as much again when they are read. */
#define EVENT_LOG_MAX (1 << 28)

/*
 * So many words make a state of 128 bytes together with the log's head and a
 * pointer, and nearly so a block: the allocator's chunks are powers of two.
 */
#define EVENT_LOG_RECENT 13

/* Words that will not change any more, and room for more */
typedef struct EventLogBlock
{
	struct EventLogBlock *previous;
	uint32		n;
	uint32		max;
	int64		words[FLEXIBLE_ARRAY_MEMBER];
} EventLogBlock;

/* Embedded in an aggregate's state */
typedef struct EventLog
{
	EventLogBlock *blocks;		/* the newest */
	uint32		n_in_blocks;
	uint32		n_recent;
	int64		recent[EVENT_LOG_RECENT];
} EventLog;

extern void crm_event_log_flush(EventLog *log, MemoryContext context);
extern int64 *crm_event_log_room(EventLog *log, const void *state, uint32 n);
extern void crm_event_log_give_back(EventLog *log, uint32 n);
extern void crm_event_log_add_all(EventLog *log, const void *state, const int64 *words,
								  uint32 n);
extern void crm_event_log_append(EventLog *log, const void *state, const EventLog *other);
extern const int64 *crm_event_log_in_place(const EventLog *log, uint32 *n);
extern int64 *crm_event_log_copy(const EventLog *log, uint32 *n);
extern char *crm_event_log_copy_to_buffer(StringInfo buf, const EventLog *log, Size max);
extern void crm_event_log_write(StringInfo buf, const EventLog *log);
extern void crm_event_log_read(EventLog *log, const void *state, StringInfo buf,
							   const char *what);

static inline void
crm_event_log_init(EventLog *log)
{
	log->blocks = NULL;
	log->n_in_blocks = 0;
	log->n_recent = 0;
}

static inline uint32
crm_event_log_count(const EventLog *log)
{
	return log->n_in_blocks + log->n_recent;
}

/*
 * Add a word; blocks go to the given context, the one that the state is in.
 */
static inline void
crm_event_log_add_in(EventLog *log, MemoryContext context, int64 word)
{
	if (unlikely(log->n_recent == EVENT_LOG_RECENT))
		crm_event_log_flush(log, context);
	log->recent[log->n_recent++] = word;
}

/*
 * Add a word.  state is the chunk of memory that the log is embedded in.
 */
static inline void
crm_event_log_add(EventLog *log, const void *state, int64 word)
{
	if (unlikely(log->n_recent == EVENT_LOG_RECENT))
		crm_event_log_flush(log, GetMemoryChunkContext((void *) state));
	log->recent[log->n_recent++] = word;
}

/*
 * Words in a serialised state, which are not aligned: as
 * crm_event_log_copy_to_buffer leaves them, and as they are sent.
 */
static inline int64
crm_event_word_copied(const char *words, Size i)
{
	int64		word;

	memcpy(&word, words + i * sizeof(word), sizeof(word));
	return word;
}

static inline int64
crm_event_word_receive(const char *words, Size i)
{
	return (int64) pg_ntoh64((uint64) crm_event_word_copied(words, i));
}

static inline void
crm_event_word_send(char *words, Size i, int64 word)
{
	uint64		sent = pg_hton64((uint64) word);

	memcpy(words + i * sizeof(sent), &sent, sizeof(sent));
}

#endif							/* CRM_EVENT_LOG_H */
