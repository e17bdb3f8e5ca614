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

#include "src/journey/attribution.h"

/*
 * Keys have ten bits for the channel.  The first channels of a query are there
 * by number; others by their place in a list of the state.
 */
#define DIRECT_CHANNELS 512
#define MAX_LISTED (TOUCH_TIME - DIRECT_CHANNELS)

#define RECENT_TOUCHES 5

/* A definition made ready, and the channels of the states that use it */
typedef struct Setup
{
	struct Setup *next;
	uint32		hash;
	uint32		len;
	char	   *canonical;
	AttributionSpec *spec;
	ChannelSet *channels;
} Setup;

/* What a row mostly leaves alone */
typedef struct Journey
{
	EventList	touches;
	Conversion *conversions;
	uint32	   *listed;			/* channels' numbers, from DIRECT_CHANNELS on */
	uint32		n_listed;
	uint32		max_listed;
	uint32		n_conversions;
	uint32		max_conversions;
	bool		conversions_sorted;
} Journey;

/* 64 bytes, a power of two, so that the allocator adds no padding */
typedef struct AttributeState
{
	Setup	   *setup;
	Journey    *journey;		/* NULL until it is needed */
	uint32		n_recent;
	bool		is_local;		/* times are timestamps, not timestamptz */
	int64		recent[RECENT_TOUCHES]; /* not yet in the journey */
} AttributeState;

/*
 * The channel that stands at a place of the state's keys.
 */
static inline uint32
channel_number(const AttributeState *state, uint32 place)
{
	return place < DIRECT_CHANNELS ? place :
		state->journey->listed[place - DIRECT_CHANNELS];
}

extern void crm_attribute_flush(AttributeState *state, MemoryContext context);

#endif							/* CRM_ATTRIBUTION_STATE_H */
