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

/* Of so few channels, every serialised state has all. */
#define FEW_CHANNELS 16

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

/* Look for an interrupt when this many words are done. */
#define CHECK_EVERY 65536
#define CHECK_NOW_AND_THEN(i) \
	do { \
		if (unlikely((i) % CHECK_EVERY == CHECK_EVERY - 1)) \
			CHECK_FOR_INTERRUPTS(); \
	} while (0)

static int64 value_word(AttributeState *state, const Amount *value);
static void word_value(int64 word, Amount *value);
static uint32 channel_slot(ChannelSlots *slots, uint32 number);
static void begin_slots(ChannelSlots *slots, uint32 n);
static Conversion *new_conversion(Journey *journey);
static inline bool is_pair(int64 word);
static inline bool is_address(int64 first, int64 second);
static bool next_address(const int64 *words, uint32 n, uint32 *i);
static void write_names(StringInfo buf, const ChannelSet *set, const ChannelSlots *slots);
static void write_addressed_values(StringInfo buf, const AttributeState *state);
pg_noreturn static void bad_words(const char *what);

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
 * Does another word belong to this one?
 */
static inline bool
is_pair(int64 word)
{
	uint32		code = touch_channel(word);

	return code == WORD_VALUED || code == WORD_FAR_TOUCH;
}

/*
 * Are the words of a pair a conversion and the address of its value?
 */
static inline bool
is_address(int64 first, int64 second)
{
	return touch_channel(first) == WORD_VALUED && (second & VALUE_IS_ADDRESS) != 0;
}

/*
 * Find the address of a value in n words from the event at *i on, and put *i
 * there; false if there is none.  The next event begins after it.
 */
static bool
next_address(const int64 *words, uint32 n, uint32 *i)
{
	for (; *i < n; (*i)++)
	{
		CHECK_NOW_AND_THEN(*i);
		if (!is_pair(words[*i]))
			continue;
		(*i)++;
		if (is_address(words[*i - 1], words[*i]))
			return true;
	}
	return false;
}

/*
 * A value that does not fit a word is copied to the state's context.
 */
static int64
value_word(AttributeState *state, const Amount *value)
{
	const Money *money = &value->money;
	MemoryContext context;
	Amount	   *copy;

	if (likely(value->big == NULL &&
			   money->mantissa <= VALUE_MAX_MANTISSA &&
			   money->mantissa >= -VALUE_MAX_MANTISSA &&
			   money->display_scale <= VALUE_MAX_DISPLAY_SCALE))
		return (int64) money->mantissa * VALUE_MANTISSA +
			(money->scale << 8) + (money->display_scale << 1);

	context = GetMemoryChunkContext(state);
	copy = (Amount *) MemoryContextAlloc(context, sizeof(Amount));
	*copy = *value;
	if (value->big != NULL)
		copy->big = crm_numeric_copy(value->big, context);
	state->setup->any_address = true;
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
	crm_attribute_add_word(state, value_word(state, value));
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
	const int64 *words;
	int64	   *touches;
	int64		last = PG_INT64_MIN;
	uint32		i;

	/* touches are no more than words, and may take their places */
	crm_event_delay_settle(&state->setup->delay);
	words = crm_event_log_in_place(&state->log, &n);
	if (words != NULL)
		touches = (int64 *) MemoryContextAllocHuge(CurrentMemoryContext,
												   (Size) n * sizeof(int64));
	else
		words = touches = crm_event_log_copy(&state->log, &n);
	begin_slots(slots, state->setup->channels->n);
	memset(journey, 0, sizeof(*journey));
	journey->touches = touches;
	journey->touches_sorted = true;
	journey->conversions_sorted = true;
	for (i = 0; i < n; i++)
	{
		int64		word = words[i];
		uint32		code = touch_channel(word);

		CHECK_NOW_AND_THEN(i);
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
	int64	   *words;
	uint32		i;

	crm_event_delay_settle(&state->setup->delay);
	crm_event_delay_settle(&other->setup->delay);
	if (likely(!other->setup->any_address))
	{
		crm_event_log_append(&state->log, state, &other->log);
		return;
	}

	words = crm_event_log_copy(&other->log, &n);
	for (i = 0; next_address(words, n, &i); i++)
	{
		Amount		value;

		word_value(words[i], &value);
		words[i] = value_word(state, &value);
	}
	crm_event_log_add_all(&state->log, state, words, n);
	pfree(words);
}

/*
 * Append to a serialised state: the words with slots for their numbers, the
 * names of the channels, and the values that do not fit a word.
 */
void
crm_attribute_write(StringInfo buf, const AttributeState *state, ChannelSlots *slots)
{
	Setup	   *setup = state->setup;
	const ChannelSet *set = setup->channels;
	bool		is_few = set->n <= FEW_CHANNELS;
	uint32		n;
	Size		max;
	int			head = buf->len;
	uint64		count;
	char	   *sent;
	const char *words;
	Size		n_sent = 0;
	uint32		i;

	crm_event_delay_settle(&setup->delay);
	n = crm_event_log_count(&state->log);
	max = set->n > WORD_FAR_TOUCH ? (Size) n * 2 : n;

	/*
	 * In place.  A near touch may become a far one, and where that can be the
	 * words begin in the middle of the room: what is written never gets ahead
	 * of what is read.
	 */
	pq_sendint64(buf, 0);
	sent = crm_event_log_copy_to_buffer(buf, &state->log, max);
	words = sent + (max - n) * sizeof(int64);
	begin_slots(slots, set->n);
	for (i = 0; is_few && i < set->n; i++)
		channel_slot(slots, i);
	for (i = 0; i < n; i++)
	{
		int64		word = crm_event_word_copied(words, i);
		int64		second = is_pair(word) ? crm_event_word_copied(words, ++i) : 0;
		uint32		code = touch_channel(word);

		CHECK_NOW_AND_THEN(i);
		if (likely(code <= WORD_FAR_TOUCH))
		{
			uint32		number = code < WORD_FAR_TOUCH ? code : (uint32) second;
			uint32		slot = channel_slot(slots, number);

			crm_event_word_send(sent, n_sent++, word - code + Min(slot, WORD_FAR_TOUCH));
			if (unlikely(slot >= WORD_FAR_TOUCH))
				crm_event_word_send(sent, n_sent++, slot);
		}
		else
		{
			crm_event_word_send(sent, n_sent++, word);
			if (code == WORD_VALUED)
				crm_event_word_send(sent, n_sent++,
									is_address(word, second) ? VALUE_IS_ADDRESS : second);
		}
	}
	buf->len += (int) (n_sent * sizeof(int64));
	count = pg_hton64(n_sent);
	memcpy(buf->data + head, &count, sizeof(count));

	/* few are written once: the reader, too, sees the same bytes each time */
	if (is_few && setup->n_names != set->n)
	{
		resetStringInfo(&setup->names);
		write_names(&setup->names, set, slots);
		setup->n_names = set->n;
	}
	if (is_few)
		pq_sendbytes(buf, setup->names.data, setup->names.len);
	else
		write_names(buf, set, slots);
	if (setup->any_address)
		write_addressed_values(buf, state);
}

/*
 * Append the length of what follows, the number of channels and their names.
 */
static void
write_names(StringInfo buf, const ChannelSet *set, const ChannelSlots *slots)
{
	int			head = buf->len;
	uint32		size;
	uint32		i;

	pq_sendint32(buf, 0);
	pq_sendint32(buf, slots->n);
	for (i = 0; i < slots->n; i++)
	{
		const Channel *channel = &set->channels[slots->numbers[i]];

		pq_sendint32(buf, channel->len);
		pq_sendbytes(buf, channel->name, (int) channel->len);
	}
	size = pg_hton32((uint32) (buf->len - head) - sizeof(size));
	memcpy(buf->data + head, &size, sizeof(size));
}

/*
 * Append the values that do not fit a word.
 */
static void
write_addressed_values(StringInfo buf, const AttributeState *state)
{
	uint32		n;
	int64	   *words = crm_event_log_copy(&state->log, &n);
	uint32		i;

	for (i = 0; next_address(words, n, &i); i++)
	{
		Amount		value;

		word_value(words[i], &value);
		crm_attribution_amount_write(buf, &value);
	}
	pfree(words);
}

/*
 * Read the n words that crm_attribute_write wrote into a new state.  numbers
 * are those of the n_slots channels that it wrote, values where it wrote those
 * that do not fit a word.
 */
void
crm_attribute_read_words(AttributeState *state, const char *sent, uint32 n,
						 const uint32 *numbers, uint32 n_slots, StringInfo values,
						 const char *what)
{
	/* again, a near touch may become a far one */
	uint32		max = state->setup->channels->n > WORD_FAR_TOUCH ? n * 2 : n;
	int64	   *words = crm_event_log_room(&state->log, state, max);
	uint32		n_words = 0;
	uint32		i;

	for (i = 0; i < n; i++)
	{
		int64		word = crm_event_word_receive(sent, i);
		uint32		code = touch_channel(word);
		int64		second = 0;

		CHECK_NOW_AND_THEN(i);
		if (is_pair(word))
		{
			if (i + 1 == n)
				bad_words(what);
			second = crm_event_word_receive(sent, ++i);
		}

		if (likely(code <= WORD_FAR_TOUCH))
		{
			uint64		slot = code < WORD_FAR_TOUCH ? code : (uint64) second;
			uint32		number;

			if (slot >= n_slots)
				bad_words(what);
			number = numbers[slot];
			words[n_words++] = word - code + Min(number, WORD_FAR_TOUCH);
			if (unlikely(number >= WORD_FAR_TOUCH))
				words[n_words++] = number;
		}
		else
		{
			words[n_words++] = word;
			if (code != WORD_VALUED)
				continue;
			if (is_address(word, second))
			{
				Amount		value;

				crm_attribution_amount_read(values, &value, "value of a conversion");
				second = value_word(state, &value);
			}
			words[n_words++] = second;
		}
	}
	crm_event_log_give_back(&state->log, max - n_words);
}

static void
bad_words(const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
			 errmsg("invalid events in serialized %s", what)));
}
