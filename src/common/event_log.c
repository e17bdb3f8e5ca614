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

#include "miscadmin.h"
#include "utils/memutils.h"

#include "src/common/event_log.h"

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
