/*-------------------------------------------------------------------------
 *
 * activity.h
 *	  The stored type crm_activity: in which periods a customer was active.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_ACTIVITY_H
#define CRM_ACTIVITY_H

#include "postgres.h"

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "port/pg_bitutils.h"

#include "src/common/summary.h"
#include "src/retention/period.h"

/*
 * A bitmap over all periods there are, of which the words from first_word on
 * are kept.  The first and the last word are not zero, so that equal activities
 * have equal bytes.
 */
typedef struct Activity
{
	SummaryHeader header;		/* flags: PeriodUnit */
	uint32		first_word;		/* 0 if there are no words */
	uint32		n_words;
	uint64		words[FLEXIBLE_ARRAY_MEMBER];
} Activity;

/*
 * The same in the making.  Words that are allocated and not used are zero.
 */
typedef struct ActivityState
{
	uint32		unit;			/* PeriodUnit */
	uint32		zone_hash;		/* of the zone that the periods are of */
	uint32		first_word;
	uint32		n_words;
	uint64		words[FLEXIBLE_ARRAY_MEMBER];
} ActivityState;

/* Over 2,800 years of days.  It bounds the damage of one wrong date. */
#define ACTIVITY_MAX_WORDS (1 << 14)

/* With them, the state fills a chunk of 64 bytes: ten months of days at least */
#define ACTIVITY_INITIAL_WORDS 6

/* Which word a period's bit is in; numbers of words are in the same order. */
static inline uint32
activity_word(int32 period)
{
	return ((uint32) period ^ 0x80000000U) >> 6;
}

static inline uint64
activity_bit(int32 period)
{
	return UINT64CONST(1) << ((uint32) period & 63);
}

/* The period of a word's bit */
static inline int32
activity_period(uint32 word, int bit)
{
	return (int32) (((word << 6) | (uint32) bit) ^ 0x80000000U);
}

/* Whether a period is active */
static inline bool
activity_test(const Activity *activity, int64 period)
{
	uint32		i;

	if (period < PG_INT32_MIN || period > PG_INT32_MAX)
		return false;
	i = activity_word((int32) period) - activity->first_word;
	return i < activity->n_words &&
		(activity->words[i] & activity_bit((int32) period)) != 0;
}

/* The first and last active period, of an activity that is not empty */
static inline int32
activity_first(const Activity *activity)
{
	return activity_period(activity->first_word,
						   pg_rightmost_one_pos64(activity->words[0]));
}

static inline int32
activity_last(const Activity *activity)
{
	uint32		i = activity->n_words - 1;

	return activity_period(activity->first_word + i,
						   pg_leftmost_one_pos64(activity->words[i]));
}

/*
 * Walk the active periods in order:
 *
 *	activity_walk_begin(&walk, activity);
 *	while (activity_walk_next(&walk, &period)) ...
 */
typedef struct ActivityWalk
{
	const Activity *activity;
	uint32		i;				/* index of the word that rest is of */
	uint64		rest;			/* its bits that are still to come */
} ActivityWalk;

static inline void
activity_walk_begin(ActivityWalk *walk, const Activity *activity)
{
	walk->activity = activity;
	walk->i = 0;
	walk->rest = activity->n_words > 0 ? activity->words[0] : 0;
}

/* Leave out the periods before one. */
static inline void
activity_walk_skip_to(ActivityWalk *walk, int32 period)
{
	const Activity *activity = walk->activity;
	uint32		word = activity_word(period);

	if (word < activity->first_word + walk->i)
		return;
	if (word > activity->first_word + walk->i)
	{
		walk->i = Min(word - activity->first_word, activity->n_words);
		walk->rest = walk->i < activity->n_words ? activity->words[walk->i] : 0;
	}
	if (word == activity->first_word + walk->i)
		walk->rest &= ~(activity_bit(period) - 1);
}

static inline bool
activity_walk_next(ActivityWalk *walk, int32 *period)
{
	const Activity *activity = walk->activity;

	while (walk->rest == 0)
	{
		if (walk->i + 1 >= activity->n_words)
			return false;
		walk->rest = activity->words[++walk->i];
	}
	*period = activity_period(activity->first_word + walk->i,
							  pg_rightmost_one_pos64(walk->rest));
	walk->rest &= walk->rest - 1;
	return true;
}

/* activity.c */
extern Activity *crm_activity_get(Datum datum);
extern Activity *crm_activity_get_calendar(Datum datum);
extern void crm_activity_check_unit(PeriodUnit unit, PeriodUnit other);

/* activity_ops.c */
extern int64 crm_activity_count_range(const Activity *activity, int32 from, int32 to);

/* activity_state.c */
extern ActivityState *crm_activity_state_create(MemoryContext context,
												PeriodUnit unit, uint32 zone_hash,
												int32 period);
extern ActivityState *crm_activity_state_reach(ActivityState *state,
											   uint32 first_word, uint32 n_words);
extern ActivityState *crm_activity_state_merge(ActivityState *state,
											   uint32 first_word, uint32 n_words,
											   const uint64 *words);
extern Activity *crm_activity_state_value(const ActivityState *state);
extern void crm_activity_state_write(StringInfo buf, const ActivityState *state);
extern ActivityState *crm_activity_state_read(MemoryContext context,
											  StringInfo buf, const char *what);

/*
 * Mark a period as active.  The state may move: use the one returned.
 */
static inline ActivityState *
crm_activity_state_add(ActivityState *state, int32 period)
{
	uint32		word = activity_word(period);
	uint32		i = word - state->first_word;

	if (unlikely(i >= state->n_words))
	{
		state = crm_activity_state_reach(state, word, 1);
		i = word - state->first_word;
	}
	state->words[i] |= activity_bit(period);
	return state;
}

#endif							/* CRM_ACTIVITY_H */
