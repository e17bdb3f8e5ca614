/*-------------------------------------------------------------------------
 *
 * funnel.h
 *	  Definitions, events and chains of funnels.
 *
 * Steps are counted from 1, as users do; in masks of steps, step k is bit
 * k - 1.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_FUNNEL_H
#define CRM_FUNNEL_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "port/pg_bitutils.h"

#include "src/common/event_delay.h"
#include "src/common/summary.h"

#define FUNNEL_MAX_STEPS 32

#define STEP_BIT(step) (UINT32_C(1) << ((step) - 1))

/* The steps from .. to, both included; none if to < from. */
static inline uint32
step_bits(int from, int to)
{
	uint64		below_to = (UINT64_C(1) << to) - 1;
	uint64		below_from = (UINT64_C(1) << (from - 1)) - 1;

	return (uint32) (below_to & ~below_from);
}

/* On disk: never renumber. */
typedef enum FunnelMode
{
	FUNNEL_ORDERED = 1,
	FUNNEL_STRICT = 2,
	FUNNEL_ANY_ORDER = 3
} FunnelMode;

typedef enum FunnelSameTime
{
	FUNNEL_MAY_ADVANCE = 1,
	FUNNEL_MUST_INCREASE = 2
} FunnelSameTime;

typedef enum FunnelRepeat
{
	FUNNEL_REPEAT_IGNORE = 1,
	FUNNEL_REPEAT_STOP = 2
} FunnelRepeat;

typedef enum FunnelEntry
{
	FUNNEL_ENTRY_ANY = 1,
	FUNNEL_ENTRY_FIRST = 2,
	FUNNEL_ENTRY_LAST = 3
} FunnelEntry;

/* SummaryHeader.flags: times are bigint, and "within" is in their units. */
#define FUNNEL_DEF_UNITS 0x01

/*
 * The stored type crm_funnel_def.  After the fixed part come n_step_within
 * intervals, then n_steps and n_exclude strings, each a uint32 length and its
 * bytes, not aligned.
 */
typedef struct FunnelDef
{
	SummaryHeader header;
	uint8		mode;
	uint8		same_time;
	uint8		on_repeat;
	uint8		entry;
	uint8		reuse_event;	/* 0 or 1 */
	uint8		n_steps;		/* 0: as many as conditions are passed */
	uint8		n_exclude;
	uint8		n_step_within;	/* 0: none; 1: for all; else steps - 1 */
	uint32		optional;		/* mask of steps */
	uint32		unbounded;		/* mask: step_within[i] is NULL */
	int16		exclude_from;	/* step; 0: the first */
	int16		exclude_to;		/* step; 0: the last */
	int32		reserve;
	Interval	within;			/* of units, only the field time */
} FunnelDef;

#define FUNNEL_DEF_STEP_WITHIN(def) ((Interval *) ((def) + 1))

extern FunnelDef *crm_funnel_def_get(Datum datum);
extern FunnelDef *crm_funnel_def_window(const Interval *within, bool units);
extern void crm_funnel_def_check_steps(const FunnelDef *def, int n_steps);
extern const char *crm_funnel_def_name(const FunnelDef *def, int i, uint32 *len);

/* What the time argument is. */
typedef enum FunnelTime
{
	FUNNEL_TIMESTAMPTZ = 1,
	FUNNEL_TIMESTAMP = 2,
	FUNNEL_DATE = 3,			/* kept as the timestamp of its midnight */
	FUNNEL_UNITS = 4
} FunnelTime;

/*
 * A length of time to add to an event's.  A calendar interval (days in a time
 * zone, months) is not a fixed number of microseconds; where it is one for a
 * stretch of time without a change of clocks, that is remembered.
 */
typedef struct FunnelSpan
{
	bool		unbounded;
	bool		fixed;
	int64		length;			/* when fixed, or from <= time < to */
	int64		from;
	int64		to;
	Interval	interval;
} FunnelSpan;

/*
 * How an event is packed into six bits of a key: a step less one; or one of
 * these, or (from FUNNEL_CODE_NAMES on) a name that several steps have, of which
 * there are at most 16; or, in the first of two words, FUNNEL_CODE_WIDE.
 */
#define FUNNEL_CODE_BITS 6
#define FUNNEL_CODE_MASK ((1 << FUNNEL_CODE_BITS) - 1)
#define FUNNEL_CODE_EXCLUDE 32
#define FUNNEL_CODE_FOREIGN 33
#define FUNNEL_CODE_NAMES 34
#define FUNNEL_CODE_WIDE FUNNEL_CODE_MASK

/* What an event is, in a FunnelEvent: below this bit the mask of steps. */
#define FUNNEL_EXCLUDE_BIT (UINT64_C(1) << 32)

/* An event's name in the definition */
typedef struct FunnelName
{
	uint64		head;			/* its first bytes, zero padded */
	uint32		len;
	uint32		code;
	const char *bytes;
} FunnelName;

/* A definition made ready to run, for one form of call. */
typedef struct FunnelPlan
{
	FunnelDef  *def;
	FunnelTime	time;
	int			n_conditions;	/* -1: events are matched by name */
	int			n_steps;
	int			n_exclude;		/* conditions that are exclusions */
	FunnelMode	mode;
	FunnelEntry entry;
	bool		must_increase;
	bool		reuse_event;
	bool		stop_on_repeat;
	bool		keep_foreign;	/* events of no step matter */
	bool		split_rows;		/* a row of two steps is like two rows */
	bool		simple;			/* order and the window are all that counts */
	bool		has_step_within;
	bool		step_within_fixed;
	uint32		required;		/* steps that are not optional */
	int			exclude_from;	/* steps, both filled in */
	int			exclude_to;
	FunnelSpan	within;
	FunnelSpan	step_within[FUNNEL_MAX_STEPS];	/* to step i + 1 */
	int			n_names;
	FunnelName	names[2 * FUNNEL_MAX_STEPS];
	uint64		masks[1 << FUNNEL_CODE_BITS];
	EventDelay	delay;			/* of the aggregate that has the plan */
} FunnelPlan;

extern FunnelPlan *crm_funnel_plan_make(MemoryContext context, const FunnelDef *def,
										FunnelTime time, int n_conditions);
extern bool crm_funnel_plan_is(const FunnelPlan *plan, const FunnelDef *def,
							   FunnelTime time, int n_conditions);
extern int64 crm_funnel_span_end(FunnelSpan *span, FunnelTime time, int64 ts);

/*
 * A name's length and first bytes (or first and last, where these overlap) as
 * a number: most comparisons end there.  Names of up to eight bytes are equal
 * if their lengths and heads are.
 */
static inline uint64
crm_funnel_name_head(const char *bytes, uint32 len)
{
	uint64		head;
	uint32		low;
	uint32		high;

	if (len >= sizeof(head))
	{
		memcpy(&head, bytes, sizeof(head));
		return head;
	}
	if (len >= sizeof(low))
	{
		memcpy(&low, bytes, sizeof(low));
		memcpy(&high, bytes + len - sizeof(high), sizeof(high));
		return (uint64) high << 32 | low;
	}
	if (len == 0)
		return 0;
	return (uint64) (uint8) bytes[0] | (uint64) (uint8) bytes[len / 2] << 8 |
		(uint64) (uint8) bytes[len - 1] << 16;
}

/*
 * The code of an event's name; FUNNEL_CODE_FOREIGN when it is no step.  Names
 * are compared byte by byte.
 */
static inline uint32
crm_funnel_match_name(const FunnelPlan *plan, const char *bytes, uint32 len)
{
	uint64		head = crm_funnel_name_head(bytes, len);
	int			i;

	for (i = 0; i < plan->n_names; i++)
	{
		const FunnelName *name = &plan->names[i];

		if (name->head == head && name->len == len &&
			(len <= sizeof(head) || memcmp(name->bytes, bytes, len) == 0))
			return name->code;
	}
	return FUNNEL_CODE_FOREIGN;
}

/* An event for the search of chains, which takes them in order of time. */
typedef struct FunnelEvent
{
	int64		ts;
	uint64		mask;
} FunnelEvent;

/*
 * A customer's events.  An event is a key, time and code, where that does; else
 * two words (FUNNEL_CODE_WIDE).  It must be a chunk of memory, or be at the
 * beginning of one.
 */
typedef struct FunnelState
{
	FunnelPlan *plan;
	EventLog	log;
} FunnelState;

extern void crm_funnel_state_init(FunnelState *state, FunnelPlan *plan);
extern void crm_funnel_state_add_slow(FunnelState *state, int64 ts, uint64 mask,
									  uint32 code);
extern void crm_funnel_state_merge(FunnelState *into, const FunnelState *from);
extern void crm_funnel_state_write(StringInfo buf, const FunnelState *state);
extern void crm_funnel_state_read(FunnelState *state, FunnelPlan *plan,
								  StringInfo buf, const char *what);
extern FunnelEvent *crm_funnel_state_events(const FunnelState *state, uint32 *n);
extern FunnelEvent *crm_funnel_word_events(const FunnelPlan *plan, int64 *words,
										   uint32 n_words, uint32 *n);

/* Keys hold times below this in absolute value: 4500 years of microseconds. */
#define FUNNEL_KEY_LIMIT (INT64_C(1) << (63 - FUNNEL_CODE_BITS))

/*
 * The code of a row's mask (steps and FUNNEL_EXCLUDE_BIT).
 */
static inline uint32
crm_funnel_code(uint64 mask)
{
	if ((mask & (mask - 1)) != 0)
		return FUNNEL_CODE_WIDE;
	if (mask == 0)
		return FUNNEL_CODE_FOREIGN;
	return pg_rightmost_one_pos64(mask);
}

/*
 * Is an event a key, as it is nearly always?  It is *word then.
 */
static inline bool
crm_funnel_key(int64 ts, uint32 code, int64 *word)
{
	*word = (int64) ((uint64) ts << FUNNEL_CODE_BITS) + code;
	return likely(code < FUNNEL_CODE_EXCLUDE &&
				  ts > -FUNNEL_KEY_LIMIT && ts < FUNNEL_KEY_LIMIT);
}

/* Add an event; code and mask say the same. */
static inline void
crm_funnel_state_add(FunnelState *state, int64 ts, uint64 mask, uint32 code)
{
	int64		word;

	if (crm_funnel_key(ts, code, &word))
		crm_event_log_add(&state->log, state, word);
	else
		crm_funnel_state_add_slow(state, ts, mask, code);
}

/* Events may wait until somebody reads the state. */
static inline void
crm_funnel_state_settle(const FunnelState *state)
{
	crm_event_delay_settle(&state->plan->delay);
}

/* The best chain of a customer's events */
typedef struct FunnelChain
{
	int			level;
	bool		excluded;		/* but for an exclusion, it were higher */
	uint32		reached;		/* mask of steps */
	int64		entered[FUNNEL_MAX_STEPS];	/* of those reached */
} FunnelChain;

/* funnel_search.c: the usual entry points */
extern void crm_funnel_search(const FunnelState *state, bool want_times,
							  FunnelChain *chain);
extern void crm_funnel_search_words(FunnelPlan *plan, int64 *words, uint32 n,
									bool want_times, FunnelChain *chain);

extern void crm_funnel_instants(const FunnelPlan *plan, const FunnelChain *chain,
								int64 instants[FUNNEL_MAX_STEPS]);
extern Datum crm_funnel_entered(const FunnelPlan *plan, const FunnelChain *chain);

/* funnel_simple.c */
extern bool crm_funnel_search_simple(FunnelPlan *plan, const int64 *keys, uint32 n,
									 bool want_times, FunnelChain *chain);

/* funnel_ordered.c */
extern uint32 crm_funnel_search_ordered(FunnelPlan *plan, const FunnelEvent *events,
										uint32 n, bool use_exclude, bool first_complete,
										bool want_times, FunnelChain *chain);

/* funnel_any_order.c */
extern void crm_funnel_search_any_order(FunnelPlan *plan, const FunnelEvent *events,
										uint32 n, bool use_exclude, bool want_times,
										FunnelChain *chain);

/* funnel_match.c: which steps an instant's events can serve */
extern int	crm_funnel_match_rows(const FunnelEvent *rows, uint32 n, uint32 steps);
extern bool crm_funnel_augment(uint32 mask, uint32 *visited, uint32 owner[FUNNEL_MAX_STEPS],
							   uint32 *taken);
extern bool crm_funnel_rows_fit(const FunnelEvent *rows, uint32 n, uint64 which,
								bool all, uint32 steps);

#endif							/* CRM_FUNNEL_H */
