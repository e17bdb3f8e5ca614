/*-------------------------------------------------------------------------
 *
 * activity_state.c
 *	  A customer's activity in the making: a bitmap that grows both ways.
 *
 * It is a single piece of memory, so that a group of an aggregate costs one
 * allocation.  Words are numbered over all periods there are: merging two
 * bitmaps is a bitwise or, without shifts.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "libpq/pqformat.h"
#include "utils/memutils.h"

#include "src/common/aggstate.h"
#include "src/retention/activity.h"

StaticAssertDecl(offsetof(ActivityState, words) +
				 ACTIVITY_INITIAL_WORDS * sizeof(uint64) == 64,
				 "the first words fill a chunk of 64 bytes");

static Size state_size(uint32 n_words);
static ActivityState *make_state(MemoryContext context, PeriodUnit unit,
								 uint32 zone_hash, uint32 first_word,
								 uint32 n_words);
static ActivityState *reach_far(ActivityState *state, uint32 first_word,
								uint32 n_words);

static Size
state_size(uint32 n_words)
{
	return offsetof(ActivityState, words) + (Size) n_words * sizeof(uint64);
}

static ActivityState *
make_state(MemoryContext context, PeriodUnit unit, uint32 zone_hash,
		   uint32 first_word, uint32 n_words)
{
	ActivityState *state;

	n_words = Max(n_words, ACTIVITY_INITIAL_WORDS);
	state = (ActivityState *) MemoryContextAllocZero(context, state_size(n_words));
	state->unit = unit;
	state->zone_hash = zone_hash;
	state->first_word = first_word;
	state->n_words = n_words;
	return state;
}

/*
 * A state in the given context, in which nothing is active yet, with room for
 * that period and those after it.
 */
ActivityState *
crm_activity_state_create(MemoryContext context, PeriodUnit unit,
						  uint32 zone_hash, int32 period)
{
	return make_state(context, unit, zone_hash, activity_word(period), 0);
}

/*
 * The same as crm_activity_state_reach, where the allocated words and the new
 * ones do not fit the limit together.  Perhaps those in use do.
 */
static ActivityState *
reach_far(ActivityState *state, uint32 first_word, uint32 n_words)
{
	uint32		first = first_word;
	uint32		end = first_word + n_words;
	uint32		from = 0;
	uint32		to = state->n_words;
	ActivityState *result;

	while (to > 0 && state->words[to - 1] == 0)
		to--;
	while (from < to && state->words[from] == 0)
		from++;
	if (from < to)
	{
		first = Min(first, state->first_word + from);
		end = Max(end, state->first_word + to);
	}
	if (end - first > ACTIVITY_MAX_WORDS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("activity over more than %d periods",
						(ACTIVITY_MAX_WORDS - 1) * 64),
				 errhint("Leave out wrong dates, or use a longer unit.")));

	result = make_state(GetMemoryChunkContext(state), (PeriodUnit) state->unit,
						state->zone_hash, first, end - first);
	if (from < to)
		memcpy(result->words + (state->first_word + from - first),
			   state->words + from, (Size) (to - from) * sizeof(uint64));
	pfree(state);
	return result;
}

/*
 * Make the state reach over those words too, in the memory context that it is
 * in.  It may move.
 */
ActivityState *
crm_activity_state_reach(ActivityState *state, uint32 first_word, uint32 n_words)
{
	uint32		old_first = state->first_word;
	uint32		old_n = state->n_words;
	uint32		first = Min(old_first, first_word);
	uint32		end = Max(old_first + old_n, first_word + n_words);
	uint32		n;

	if (first == old_first && end == old_first + old_n)
		return state;

	if (end - first > ACTIVITY_MAX_WORDS)
		return reach_far(state, first_word, n_words);

	/* Double it, in the direction in which it grows. */
	n = Max(end - first, Min(2 * old_n, ACTIVITY_MAX_WORDS));
	if (first < old_first)
		first = Max(end, n) - n;

	state = (ActivityState *) repalloc(state, state_size(n));
	memset(state->words + old_n, 0, (Size) (n - old_n) * sizeof(uint64));
	if (first < old_first)
	{
		memmove(state->words + (old_first - first), state->words,
				(Size) old_n * sizeof(uint64));
		memset(state->words, 0,
			   (Size) Min(old_first - first, n) * sizeof(uint64));
	}
	state->first_word = first;
	state->n_words = n;
	return state;
}

/*
 * Mark as active what is so in those words.  The state may move.
 */
ActivityState *
crm_activity_state_merge(ActivityState *state, uint32 first_word,
						 uint32 n_words, const uint64 *words)
{
	uint64	   *to;
	uint32		i;

	while (n_words > 0 && words[n_words - 1] == 0)
		n_words--;
	while (n_words > 0 && words[0] == 0)
	{
		words++;
		first_word++;
		n_words--;
	}
	if (n_words == 0)
		return state;

	state = crm_activity_state_reach(state, first_word, n_words);
	to = state->words + (first_word - state->first_word);
	for (i = 0; i < n_words; i++)
		to[i] |= words[i];
	return state;
}

/*
 * The stored value, in the current memory context.  The state is not changed.
 */
Activity *
crm_activity_state_value(const ActivityState *state)
{
	uint32		from = 0;
	uint32		to = state->n_words;
	Activity   *activity;

	while (to > 0 && state->words[to - 1] == 0)
		to--;
	while (from < to && state->words[from] == 0)
		from++;

	activity = (Activity *)
		crm_summary_alloc(offsetof(Activity, words) + (Size) (to - from) * sizeof(uint64),
						  SUMMARY_ACTIVITY, 1);
	activity->header.flags = (uint8) state->unit;
	if (to > from)
	{
		activity->first_word = state->first_word + from;
		activity->n_words = to - from;
		memcpy(activity->words, state->words + from,
			   (Size) (to - from) * sizeof(uint64));
	}
	return activity;
}

/*
 * Append to a serialised state.
 */
void
crm_activity_state_write(StringInfo buf, const ActivityState *state)
{
	uint32		to = state->n_words;
	uint32		i;

	while (to > 0 && state->words[to - 1] == 0)
		to--;
	pq_sendint32(buf, state->unit);
	pq_sendint32(buf, state->zone_hash);
	pq_sendint32(buf, state->first_word);
	pq_sendint64(buf, to);
	for (i = 0; i < to; i++)
		pq_sendint64(buf, state->words[i]);
}

/*
 * Read what crm_activity_state_write wrote into a new state in the given
 * context.
 */
ActivityState *
crm_activity_state_read(MemoryContext context, StringInfo buf, const char *what)
{
	uint32		unit = (uint32) pq_getmsgint(buf, 4);
	uint32		zone_hash = (uint32) pq_getmsgint(buf, 4);
	uint32		first_word = (uint32) pq_getmsgint(buf, 4);
	uint32		n_words = (uint32) crm_deserial_count(buf, ACTIVITY_MAX_WORDS + ACTIVITY_INITIAL_WORDS,
													  sizeof(uint64), what);
	ActivityState *state;
	uint32		i;

	state = make_state(context, (PeriodUnit) unit, zone_hash, first_word, n_words);
	for (i = 0; i < n_words; i++)
		state->words[i] = (uint64) pq_getmsgint64(buf);
	return state;
}
