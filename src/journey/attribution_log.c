/*-------------------------------------------------------------------------
 *
 * attribution_log.c
 *	  The events of crm_attribute's state: written one by one, read at the end.
 *
 * A touch is one word, unless the query has a thousand channels and more.  A
 * conversion is one, or two with a value.  Values are mostly small and then in
 * the word itself.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "port/pg_bswap.h"
#include "utils/memutils.h"

#include "src/common/aggstate.h"
#include "src/journey/attribution_state.h"

#define INITIAL_CONVERSIONS 8
#define MAX_CONVERSIONS (1 << 24)

/*
 * A value in a word: mantissa, eight bits for the scale, seven for the scale
 * that it shows, and a bit that is zero.  With one there the others are the
 * address of an Amount.
 */
#define VALUE_MANTISSA (INT64CONST(1) << 16)
#define VALUE_MAX_MANTISSA ((INT64CONST(1) << 47) - 1)
#define VALUE_MAX_DISPLAY_SCALE 127
#define VALUE_IS_ADDRESS 1

/* A serialized state makes room for this many at a time. */
#define ROOM_FOR_WORDS 1024

static int64 value_word(MemoryContext context, const Amount *value);
static void word_value(int64 word, Amount *value);
static uint32 channel_slot(ChannelSlots *slots, uint32 number);
static void begin_slots(ChannelSlots *slots, uint32 n);
static Conversion *new_conversion(Journey *journey);
static inline int64 get_word(const char *words, uint32 i);

AttributeState *
crm_attribute_make(MemoryContext context, Setup *setup)
{
	AttributeState *state;

	state = (AttributeState *) MemoryContextAlloc(context, sizeof(AttributeState));
	state->setup = setup;
	crm_event_log_init(&state->log);
	return state;
}

/*
 * A touch of a channel whose number does not fit a word beside the time.
 */
void
crm_attribute_add_far_touch(AttributeState *state, Timestamp ts, uint32 number)
{
	crm_attribute_add_word(state, ts * TOUCH_TIME + WORD_FAR_TOUCH);
	crm_attribute_add_word(state, number);
}

/*
 * A value that does not fit a word is copied to the context.
 */
static int64
value_word(MemoryContext context, const Amount *value)
{
	const Money *money = &value->money;
	Amount	   *copy;

	if (likely(value->big == NULL &&
			   money->mantissa <= VALUE_MAX_MANTISSA &&
			   money->mantissa >= -VALUE_MAX_MANTISSA &&
			   money->display_scale <= VALUE_MAX_DISPLAY_SCALE))
		return (int64) money->mantissa * VALUE_MANTISSA +
			(money->scale << 8) + (money->display_scale << 1);

	copy = (Amount *) MemoryContextAlloc(context, sizeof(Amount));
	*copy = *value;
	if (value->big != NULL)
		copy->big = crm_numeric_copy(value->big, context);
	return (int64) (uintptr_t) copy | VALUE_IS_ADDRESS;
}

/*
 * The value that value_word made a word of.  A big one is not copied.
 */
static void
word_value(int64 word, Amount *value)
{
	if (unlikely((word & VALUE_IS_ADDRESS) != 0))
	{
		*value = *(const Amount *) (uintptr_t) (word & ~(int64) VALUE_IS_ADDRESS);
		return;
	}
	memset(value, 0, sizeof(*value));
	value->present = true;
	value->money.mantissa = word >> 16;
	value->money.scale = (int16) ((word >> 8) & 0xFF);
	value->money.display_scale = (int16) ((word >> 1) & 0x7F);
}

/*
 * Add a conversion; its value is copied to the state's context if need be.
 */
void
crm_attribute_add_conversion(AttributeState *state, Timestamp ts, const Amount *value)
{
	if (!value->present)
	{
		crm_attribute_add_word(state, ts * TOUCH_TIME + WORD_CONVERSION);
		return;
	}
	crm_attribute_add_word(state, ts * TOUCH_TIME + WORD_VALUED);
	crm_attribute_add_word(state, value_word(GetMemoryChunkContext(state), value));
}

/*
 * No channels yet, in the given context.
 */
void
crm_channel_slots_init(ChannelSlots *slots, MemoryContext context)
{
	memset(slots, 0, offsetof(ChannelSlots, numbers));
	slots->context = context;
}

/*
 * Where a channel stands among those of the group.
 */
static uint32
channel_slot(ChannelSlots *slots, uint32 number)
{
	if (likely(slots->stamps[number] == slots->stamp))
		return slots->slots[number];

	if (slots->n == TOUCH_TIME)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many channels in one group"),
				 errdetail("A group can have %d channels.", TOUCH_TIME),
				 errhint("Group by customer, or group rare channels under one name.")));
	slots->stamps[number] = slots->stamp;
	slots->slots[number] = (uint16) slots->n;
	slots->numbers[slots->n] = number;
	return slots->n++;
}

/*
 * Begin with a group whose channels' numbers are below n.
 */
static void
begin_slots(ChannelSlots *slots, uint32 n)
{
	if (slots->max < n)
	{
		uint32		max = Max(n, slots->max * 2);

		if (slots->stamps != NULL)
		{
			pfree(slots->stamps);
			pfree(slots->slots);
		}
		slots->stamps = (uint32 *) MemoryContextAllocZero(slots->context, max * sizeof(uint32));
		slots->slots = (uint16 *) MemoryContextAlloc(slots->context, max * sizeof(uint16));
		slots->max = max;
		slots->stamp = 0;
	}
	if (++slots->stamp == 0)
	{
		memset(slots->stamps, 0, slots->max * sizeof(uint32));
		slots->stamp = 1;
	}
	slots->n = 0;
}

static Conversion *
new_conversion(Journey *journey)
{
	if (unlikely(journey->n_conversions == journey->max_conversions))
	{
		if (journey->n_conversions == MAX_CONVERSIONS)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("more than %d conversions in one group", MAX_CONVERSIONS),
					 errhint("Group by customer, and leave out events without a customer.")));
		if (journey->max_conversions == 0)
		{
			journey->max_conversions = INITIAL_CONVERSIONS;
			journey->conversions = (Conversion *)
				palloc(INITIAL_CONVERSIONS * sizeof(Conversion));
		}
		else
		{
			journey->max_conversions *= 2;
			journey->conversions = (Conversion *)
				repalloc_huge(journey->conversions,
							  (Size) journey->max_conversions * sizeof(Conversion));
		}
	}
	return &journey->conversions[journey->n_conversions++];
}

/*
 * The events of a state, still in order of arrival, in the current memory
 * context; big values are the state's own.  slots are those of its channels.
 */
void
crm_attribute_read(const AttributeState *state, ChannelSlots *slots, Journey *journey)
{
	uint32		n;
	int64	   *words = crm_event_log_copy(&state->log, &n);
	int64	   *touches = words;	/* they are no more than the words */
	int64		last = PG_INT64_MIN;
	uint32		i;

	begin_slots(slots, state->setup->channels->n);
	memset(journey, 0, sizeof(*journey));
	journey->touches = touches;
	journey->touches_sorted = true;
	journey->conversions_sorted = true;
	for (i = 0; i < n; i++)
	{
		int64		word = words[i];
		uint32		code = touch_channel(word);

		if (unlikely(i % 65536 == 65535))
			CHECK_FOR_INTERRUPTS();
		if (likely(code <= WORD_FAR_TOUCH))
		{
			uint32		number = code < WORD_FAR_TOUCH ? code : (uint32) words[++i];

			word += (int64) channel_slot(slots, number) - code;
			if (word < last)
				journey->touches_sorted = false;
			last = word;
			*touches++ = word;
		}
		else
		{
			Conversion *conversion = new_conversion(journey);

			conversion->ts = touch_time(word);
			if (code == WORD_VALUED)
				word_value(words[++i], &conversion->value);
			else
				memset(&conversion->value, 0, sizeof(conversion->value));
			if (journey->n_conversions > 1 && conversion[-1].ts > conversion->ts)
				journey->conversions_sorted = false;
		}
	}
	journey->n_touches = (uint32) (touches - journey->touches);
}

/*
 * Add the events of another state with the same numbers of channels.
 */
void
crm_attribute_append(AttributeState *state, const AttributeState *other)
{
	uint32		n;
	int64	   *words = crm_event_log_copy(&other->log, &n);
	uint32		i;

	for (i = 0; i < n; i++)
	{
		uint32		code = touch_channel(words[i]);

		if (unlikely(i % 65536 == 65535))
			CHECK_FOR_INTERRUPTS();
		if (code == WORD_VALUED && (words[i + 1] & VALUE_IS_ADDRESS) != 0)
		{
			Amount		value;

			word_value(words[i + 1], &value);
			words[i + 1] = value_word(GetMemoryChunkContext(state), &value);
		}
		if (code == WORD_VALUED || code == WORD_FAR_TOUCH)
			i++;
	}
	crm_event_log_add_all(&state->log, state, words, n);
	pfree(words);
}

/*
 * Append to a serialised state: the names of the channels, the words with
 * slots for their numbers, and the values that do not fit a word.
 */
void
crm_attribute_write(StringInfo buf, const AttributeState *state, ChannelSlots *slots)
{
	const Channel *channels = state->setup->channels->channels;
	uint32		n;
	int64	   *words = crm_event_log_copy(&state->log, &n);
	int64	   *sent;
	uint32		n_sent = 0;
	uint32		i;

	/* a near touch can become a far one */
	sent = (int64 *) MemoryContextAllocHuge(CurrentMemoryContext,
											((Size) n * 2 + 1) * sizeof(int64));
	begin_slots(slots, state->setup->channels->n);
	for (i = 0; i < n; i++)
	{
		int64		word = words[i];
		uint32		code = touch_channel(word);

		if (unlikely(i % 65536 == 65535))
			CHECK_FOR_INTERRUPTS();
		if (likely(code <= WORD_FAR_TOUCH))
		{
			uint32		number = code < WORD_FAR_TOUCH ? code : (uint32) words[++i];
			uint32		slot = channel_slot(slots, number);

			sent[n_sent++] = word - code + Min(slot, WORD_FAR_TOUCH);
			if (unlikely(slot >= WORD_FAR_TOUCH))
				sent[n_sent++] = slot;
		}
		else
		{
			sent[n_sent++] = word;
			if (code == WORD_VALUED)
			{
				word = words[++i];
				sent[n_sent++] = (word & VALUE_IS_ADDRESS) != 0 ? VALUE_IS_ADDRESS : word;
			}
		}
	}

	pq_sendint32(buf, slots->n);
	for (i = 0; i < slots->n; i++)
	{
		const Channel *channel = &channels[slots->numbers[i]];

		pq_sendint64(buf, channel->len);
		pq_sendbytes(buf, channel->name, channel->len);
	}

	/* too long a buffer is an error there */
	pq_sendint64(buf, n_sent);
	for (i = 0; i < n_sent; i++)
	{
		if (i % ROOM_FOR_WORDS == 0)
			enlargeStringInfo(buf, (int) (Min(n_sent - i, ROOM_FOR_WORDS) * sizeof(int64)));
		pq_writeint64(buf, sent[i]);
	}

	for (i = 0; i < n; i++)
	{
		uint32		code = touch_channel(words[i]);

		if (code == WORD_VALUED && (words[i + 1] & VALUE_IS_ADDRESS) != 0)
		{
			Amount		value;

			word_value(words[i + 1], &value);
			crm_attribution_amount_write(buf, &value);
		}
		if (code == WORD_VALUED || code == WORD_FAR_TOUCH)
			i++;
	}
	pfree(sent);
	pfree(words);
}

static inline int64
get_word(const char *words, uint32 i)
{
	uint64		word;

	memcpy(&word, words + (Size) i * sizeof(word), sizeof(word));
	return (int64) pg_ntoh64(word);
}

/*
 * Read the words that crm_attribute_write wrote, and what follows them, into a
 * new state.  numbers are those of the n_slots channels that it wrote before.
 */
void
crm_attribute_read_words(StringInfo buf, AttributeState *state, const uint32 *numbers,
						 uint32 n_slots, const char *what)
{
	uint32		n = (uint32) crm_deserial_count(buf, PG_UINT32_MAX, sizeof(int64), what);
	const char *words = pq_getmsgbytes(buf, (int) (n * sizeof(int64)));
	uint32		i;

	for (i = 0; i < n; i++)
	{
		int64		word = get_word(words, i);
		uint32		code = touch_channel(word);
		bool		is_pair = code == WORD_FAR_TOUCH || code == WORD_VALUED;
		int64		second = 0;

		if (unlikely(i % 65536 == 65535))
			CHECK_FOR_INTERRUPTS();
		if (is_pair && i + 1 < n)
			second = get_word(words, ++i);
		else if (is_pair)
			code = n_slots;		/* cut off in the middle */

		if (code == WORD_VALUED)
		{
			Amount		value;

			if ((second & VALUE_IS_ADDRESS) != 0)
			{
				crm_attribution_amount_read(buf, &value, "value of a conversion");
				second = value_word(GetMemoryChunkContext(state), &value);
			}
			crm_attribute_add_word(state, word);
			crm_attribute_add_word(state, second);
		}
		else if (code == WORD_CONVERSION)
			crm_attribute_add_word(state, word);
		else
		{
			uint64		slot = code == WORD_FAR_TOUCH ? (uint64) second : code;

			if (slot >= n_slots)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
						 errmsg("invalid touch in serialized %s", what)));
			crm_attribute_add_touch(state, touch_time(word), numbers[slot]);
		}
	}
}
