/*-------------------------------------------------------------------------
 *
 * event_log.c
 *	  A customer's events as 8-byte words in the order in which they come.
 *
 * A table in order of time comes to another customer with every row, and what
 * a row costs then is how many places in memory it touches that no cache
 * holds.  So the last few words are in the state itself.  They go to memory
 * that is new, which the allocator hands out in sequence, and nothing that was
 * written before is looked at or moved until the log is read.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "port/pg_bswap.h"
#include "utils/memutils.h"

#include "src/common/aggstate.h"
#include "src/common/event_log.h"

/* A serialised state makes room for this many words at a time. */
#define ROOM_FOR_WORDS 1024

/*
 * Put the recent words, which fill their room, in a block of their own, in the
 * memory context of the state that has the log.
 */
void
crm_event_log_flush(EventLog *log, const void *state)
{
	EventLogBlock *block;

	if (unlikely(log->n_blocks >= EVENT_LOG_MAX / EVENT_LOG_RECENT))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("more than %d events in one group", EVENT_LOG_MAX),
				 errhint("Group by customer, and leave out events without a customer.")));
	block = (EventLogBlock *) MemoryContextAlloc(GetMemoryChunkContext((void *) state),
												 sizeof(EventLogBlock));
	block->previous = log->blocks;
	memcpy(block->words, log->recent, sizeof(block->words));
	log->blocks = block;
	log->n_blocks++;
	log->n_recent = 0;
}

/*
 * Add words; state is as for crm_event_log_add.
 */
void
crm_event_log_add_all(EventLog *log, const void *state, const int64 *words, uint32 n)
{
	while (n > 0)
	{
		uint32		some;

		if (log->n_recent == EVENT_LOG_RECENT)
			crm_event_log_flush(log, state);
		some = Min(n, EVENT_LOG_RECENT - log->n_recent);
		memcpy(log->recent + log->n_recent, words, some * sizeof(int64));
		log->n_recent += some;
		words += some;
		n -= some;
	}
}

/*
 * All words, the first that came first, in the current memory context, with
 * room for one more.
 */
int64 *
crm_event_log_copy(const EventLog *log, uint32 *n)
{
	const EventLogBlock *block;
	int64	   *words;
	uint32		at = log->n_blocks * EVENT_LOG_RECENT;

	*n = at + log->n_recent;
	words = (int64 *) MemoryContextAllocHuge(CurrentMemoryContext,
											 ((Size) *n + 1) * sizeof(int64));
	memcpy(words + at, log->recent, log->n_recent * sizeof(int64));
	for (block = log->blocks; block != NULL; block = block->previous)
	{
		at -= EVENT_LOG_RECENT;
		memcpy(words + at, block->words, sizeof(block->words));
		if (at % (EVENT_LOG_RECENT << 14) == 0)
			CHECK_FOR_INTERRUPTS();
	}
	return words;
}

/*
 * Append to a serialised state.
 */
void
crm_event_log_write(StringInfo buf, const EventLog *log)
{
	uint32		n;
	int64	   *words = crm_event_log_copy(log, &n);
	uint32		i;

	pq_sendint64(buf, n);
	for (i = 0; i < n; i++)
	{
		/* make room once in a while; too long a buffer is an error there */
		if (i % ROOM_FOR_WORDS == 0)
			enlargeStringInfo(buf, (int) (Min(n - i, ROOM_FOR_WORDS) * sizeof(int64)));
		pq_writeint64(buf, words[i]);
	}
	pfree(words);
}

/*
 * Add the words that crm_event_log_write wrote; state is as for
 * crm_event_log_add.
 */
void
crm_event_log_read(EventLog *log, const void *state, StringInfo buf, const char *what)
{
	uint32		n = (uint32) crm_deserial_count(buf, EVENT_LOG_MAX, sizeof(int64), what);
	const char *words = pq_getmsgbytes(buf, (int) (n * sizeof(int64)));
	uint32		i;

	for (i = 0; i < n; i++)
	{
		uint64		word;

		if (i % 65536 == 65535)
			CHECK_FOR_INTERRUPTS();
		memcpy(&word, words + (Size) i * sizeof(word), sizeof(word));
		crm_event_log_add(log, state, (int64) pg_ntoh64(word));
	}
}
