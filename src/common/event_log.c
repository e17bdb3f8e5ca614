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
 * From a worker to the leader a log goes in one piece, and stays so: what is
 * read from a serialised state is a block, which is then added to the log of the
 * leader's group.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/memutils.h"

#include "src/common/aggstate.h"
#include "src/common/event_log.h"

/* Look for an interrupt when this many words are done. */
#define CHECK_EVERY 65536

/* The largest chunk that the allocator rounds up to a power of two */
#define MAX_ROUNDED_CHUNK 8192

static inline EventLogBlock *add_block(EventLog *log, MemoryContext context,
									   uint32 n, uint32 max);
static void copy_words(const EventLog *log, char *to);

/*
 * A new block of n words, with room for max, behind all that the log's blocks
 * have, in the given context.
 */
static inline EventLogBlock *
add_block(EventLog *log, MemoryContext context, uint32 n, uint32 max)
{
	Size		size = offsetof(EventLogBlock, words) + (Size) max * sizeof(int64);
	EventLogBlock *block;

	if (unlikely((uint64) log->n_in_blocks + n > EVENT_LOG_MAX))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("more than %d events in one group", EVENT_LOG_MAX),
				 errhint("Group by customer, and leave out events without a customer.")));
	block = (EventLogBlock *) MemoryContextAllocHuge(context, size);
	block->previous = log->blocks;
	block->n = n;
	block->max = max;
	log->blocks = block;
	log->n_in_blocks += n;
	return block;
}

/*
 * Put the recent words in a block of their own, in the given context.
 */
void
crm_event_log_flush(EventLog *log, MemoryContext context)
{
	EventLogBlock *block = add_block(log, context, log->n_recent, EVENT_LOG_RECENT);

	/* all of them, as a length that is known is copied sooner */
	memcpy(block->words, log->recent, sizeof(log->recent));
	log->n_recent = 0;
}

/*
 * Room for n words that come next, which the caller fills; state is as for
 * crm_event_log_add.
 */
int64 *
crm_event_log_room(EventLog *log, const void *state, uint32 n)
{
	MemoryContext context = GetMemoryChunkContext((void *) state);

	if (log->n_recent > 0)
		crm_event_log_flush(log, context);
	return add_block(log, context, n, n)->words;
}

/*
 * The last n words of the room that was made last are not needed.
 */
void
crm_event_log_give_back(EventLog *log, uint32 n)
{
	log->blocks->n -= n;
	log->n_in_blocks -= n;
}

/*
 * Add words; state is as for crm_event_log_add.
 *
 * They fill the newest block first, and a new one takes all that the allocator
 * would round its size up to, and as many words as there are, within reason:
 * the leader's group, which gets those of each worker, has few blocks then.
 */
void
crm_event_log_add_all(EventLog *log, const void *state, const int64 *words, uint32 n)
{
	MemoryContext context = GetMemoryChunkContext((void *) state);
	EventLogBlock *block;
	uint32		max;
	Size		size;

	if (log->n_recent > 0)
		crm_event_log_flush(log, context);
	block = log->blocks;
	if (block != NULL)
	{
		uint32		some = Min(n, block->max - block->n);

		memcpy(block->words + block->n, words, (Size) some * sizeof(int64));
		block->n += some;
		log->n_in_blocks += some;
		words += some;
		n -= some;
	}
	if (n == 0)
		return;

	max = Max(n, log->n_in_blocks);
	size = offsetof(EventLogBlock, words) + (Size) max * sizeof(int64);
	if (size > MAX_ROUNDED_CHUNK)
		max = Max(n, (MAX_ROUNDED_CHUNK - offsetof(EventLogBlock, words)) / sizeof(int64));
	else
		max = (pg_nextpower2_size_t(size) - offsetof(EventLogBlock, words)) / sizeof(int64);
	block = add_block(log, context, n, max);
	memcpy(block->words, words, (Size) n * sizeof(int64));
}

/*
 * Add the words of another log; state is as for crm_event_log_add.
 */
void
crm_event_log_append(EventLog *log, const void *state, const EventLog *other)
{
	const int64 *words;
	int64	   *copy = NULL;
	uint32		n;

	/* what came from a worker is one block */
	words = crm_event_log_in_place(other, &n);
	if (words == NULL)
		words = copy = crm_event_log_copy(other, &n);
	crm_event_log_add_all(log, state, words, n);
	if (copy != NULL)
		pfree(copy);
}

/*
 * The words of a log that has them all in one block, as the leader's groups
 * often do; else NULL.
 */
const int64 *
crm_event_log_in_place(const EventLog *log, uint32 *n)
{
	if (log->blocks == NULL || log->blocks->previous != NULL || log->n_recent > 0)
		return NULL;
	*n = log->n_in_blocks;
	return log->blocks->words;
}

/*
 * Copy all words, the first that came first; the place need not be aligned.
 */
static void
copy_words(const EventLog *log, char *to)
{
	const EventLogBlock *block;
	uint32		n_blocks = 0;

	to += (Size) log->n_in_blocks * sizeof(int64);
	memcpy(to, log->recent, log->n_recent * sizeof(int64));
	for (block = log->blocks; block != NULL; block = block->previous)
	{
		to -= (Size) block->n * sizeof(int64);
		memcpy(to, block->words, (Size) block->n * sizeof(int64));
		if (++n_blocks % (CHECK_EVERY / EVENT_LOG_RECENT) == 0)
			CHECK_FOR_INTERRUPTS();
	}
}

/*
 * All words, the first that came first, in the current memory context, with
 * room for one more.
 */
int64 *
crm_event_log_copy(const EventLog *log, uint32 *n)
{
	int64	   *words;

	*n = crm_event_log_count(log);
	words = (int64 *) MemoryContextAllocHuge(CurrentMemoryContext,
											 ((Size) *n + 1) * sizeof(int64));
	copy_words(log, (char *) words);
	return words;
}

/*
 * Make room for max words at the end of a serialised state, and put the log's,
 * which are no more, at the end of that room.  Returns where it begins; it is
 * not aligned.  The caller adds to buf->len what he uses.
 */
char *
crm_event_log_copy_to_buffer(StringInfo buf, const EventLog *log, Size max)
{
	Size		size = max * sizeof(int64);
	uint32		n = crm_event_log_count(log);

	/* too long a buffer is an error there */
	enlargeStringInfo(buf, (int) Min(size, MaxAllocSize));
	copy_words(log, buf->data + buf->len + size - (Size) n * sizeof(int64));
	return buf->data + buf->len;
}

/*
 * Append to a serialised state.
 */
void
crm_event_log_write(StringInfo buf, const EventLog *log)
{
	uint32		n = crm_event_log_count(log);
	char	   *words;
	uint32		i;

	pq_sendint64(buf, n);
	words = crm_event_log_copy_to_buffer(buf, log, n);
	for (i = 0; i < n; i++)
	{
		if (unlikely(i % CHECK_EVERY == CHECK_EVERY - 1))
			CHECK_FOR_INTERRUPTS();
		crm_event_word_send(words, i, crm_event_word_copied(words, i));
	}
	buf->len += (int) (n * sizeof(int64));
}

/*
 * Add the words that crm_event_log_write wrote; state is as for
 * crm_event_log_add.
 */
void
crm_event_log_read(EventLog *log, const void *state, StringInfo buf, const char *what)
{
	uint32		n = (uint32) crm_deserial_count(buf, EVENT_LOG_MAX, sizeof(int64), what);
	const char *sent = pq_getmsgbytes(buf, (int) (n * sizeof(int64)));
	int64	   *words = crm_event_log_room(log, state, n);
	uint32		i;

	for (i = 0; i < n; i++)
	{
		if (unlikely(i % CHECK_EVERY == CHECK_EVERY - 1))
			CHECK_FOR_INTERRUPTS();
		words[i] = crm_event_word_receive(sent, i);
	}
}
