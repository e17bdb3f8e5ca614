/*-------------------------------------------------------------------------
 *
 * attribution_state.h
 *	  The state of crm_attribute.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_ATTRIBUTION_STATE_H
#define CRM_ATTRIBUTION_STATE_H

#include "postgres.h"

#include "src/common/event_delay.h"
#include "src/journey/attribution.h"

/* A definition made ready, and the channels of the states that use it */
typedef struct Setup
{
	struct Setup *next;
	uint32		hash;
	uint32		len;
	char	   *canonical;
	AttributionSpec *spec;
	ChannelSet *channels;
	bool		is_local;		/* times are timestamps, not timestamptz */
	bool		any_address;	/* a state may have a value that fits no word */
	StringInfoData names;		/* of all channels, where they are few */
	uint32		n_names;
	EventDelay	delay;
} Setup;

/*
 * Events in order of arrival.  Together with the head of the log it is as long
 * as a chunk of the allocator.
 */
typedef struct AttributeState
{
	Setup	   *setup;
	EventLog	log;
} AttributeState;

/*
 * Channels of one group, numbered anew from 0 in the order in which they are
 * met.  It serves one group after the other.
 */
typedef struct ChannelSlots
{
	MemoryContext context;
	uint32		stamp;			/* of this group */
	uint32		n;
	uint32		max;			/* of stamps and slots */
	uint32	   *stamps;			/* by number: of the group that last met it */
	uint16	   *slots;			/* by number */
	uint32		numbers[TOUCH_TIME];	/* by slot */
} ChannelSlots;

/* What the log of a group says */
typedef struct Journey
{
	int64	   *touches;		/* keys as attribution.h has them, with slots */
	Conversion *conversions;
	uint32		n_touches;
	uint32		n_conversions;
	uint32		max_conversions;
	bool		touches_sorted;
	bool		conversions_sorted;
} Journey;

extern void crm_channel_slots_init(ChannelSlots *slots, MemoryContext context);
extern void crm_attribute_read(const AttributeState *state, ChannelSlots *slots,
							   Journey *journey);

extern AttributeState *crm_attribute_make(MemoryContext context, Setup *setup);
extern void crm_attribute_add_far_touch(AttributeState *state, Timestamp ts, uint32 number);
extern void crm_attribute_add_conversion(AttributeState *state, Timestamp ts,
										 const Amount *value);
extern void crm_attribute_append(AttributeState *state, const AttributeState *other);
extern void crm_attribute_write(StringInfo buf, const AttributeState *state,
								ChannelSlots *slots);
extern void crm_attribute_read_words(AttributeState *state, const char *sent, uint32 n,
									 const uint32 *numbers, uint32 n_slots,
									 StringInfo values, const char *what);

/*
 * The first words of an event have its time, as keys of touches do, and below
 * it the number of a touch's channel or one of these.
 */
#define WORD_FAR_TOUCH		(TOUCH_TIME - 3)	/* the number is the next word */
#define WORD_CONVERSION		(TOUCH_TIME - 2)
#define WORD_VALUED			(TOUCH_TIME - 1)	/* the value is the next word */

static inline void
crm_attribute_add_word(AttributeState *state, int64 word)
{
	crm_event_log_add(&state->log, state, word);
}

static inline void
crm_attribute_add_touch(AttributeState *state, Timestamp ts, uint32 number)
{
	if (likely(number < WORD_FAR_TOUCH))
		crm_attribute_add_word(state, ts * TOUCH_TIME + number);
	else
		crm_attribute_add_far_touch(state, ts, number);
}

#endif							/* CRM_ATTRIBUTION_STATE_H */
