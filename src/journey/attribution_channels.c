/*-------------------------------------------------------------------------
 *
 * attribution_channels.c
 *	  Channels: names, and the small numbers that stand for them.
 *
 * Events carry the names of their channels, the same few over and over.  Each
 * is kept once and numbered in the order in which it was first seen.  That
 * order depends on the plan, so numbers never decide anything that is shown:
 * what needs an order compares names, by their bytes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "utils/memutils.h"

#include "src/journey/attribution.h"

/*
 * Most names are short, and are looked up for every event: two words hold all
 * of their bytes.
 */
typedef struct ChannelKey
{
	const char *name;
	uint32		len;
	uint64		head;			/* of a long name these are zero */
	uint64		tail;
} ChannelKey;

typedef struct ChannelEntry
{
	ChannelKey	key;
	uint32		hash;
	uint32		number;
	char		status;
} ChannelEntry;

static inline uint64 four_bytes(const char *bytes);
static inline void make_key(ChannelKey *key, const char *name, uint32 len);
static inline uint32 hash_key(const ChannelKey *key);
static inline bool same_key(const ChannelKey *a, const ChannelKey *b);

#define SH_PREFIX channelhash
#define SH_ELEMENT_TYPE ChannelEntry
#define SH_KEY_TYPE ChannelKey
#define SH_KEY key
#define SH_HASH_KEY(tb, key) hash_key(&(key))
#define SH_EQUAL(tb, a, b) same_key(&(a), &(b))
#define SH_STORE_HASH
#define SH_GET_HASH(tb, a) (a)->hash
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

#define INITIAL_CHANNELS 32		/* few of which share a place in the table */
#define SHORT_NAME (2 * sizeof(uint64))

/*
 * Four bytes, wherever they are.
 */
static inline uint64
four_bytes(const char *bytes)
{
	uint32		word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

/*
 * From four bytes on, four groups of four that overlap have all of them; which
 * they are depends on the length without a branch, as lengths vary from row to
 * row.  The table is in memory only, so that the order of bytes in a word does
 * not matter.
 */
static inline void
make_key(ChannelKey *key, const char *name, uint32 len)
{
	key->name = name;
	key->len = len;
	key->head = 0;
	key->tail = 0;
	if (likely(len >= sizeof(uint32) && len <= SHORT_NAME))
	{
		const char *end = name + len - sizeof(uint32);
		uint32		inner = len / 8 * sizeof(uint32);

		key->head = four_bytes(name) << 32 | four_bytes(name + inner);
		key->tail = four_bytes(end) << 32 | four_bytes(end - inner);
	}
	else if (len < sizeof(uint32))
	{
		uint32		i;

		for (i = 0; i < len; i++)
			key->head = (key->head << 8) | (unsigned char) name[i];
	}
}

static inline uint32
hash_key(const ChannelKey *key)
{
	uint64		h;

	if (key->len > SHORT_NAME)
		return hash_bytes((const unsigned char *) key->name, (int) key->len);
	/* odd constants with bits all over: that of Fibonacci hashing, and of FNV */
	h = (key->head ^ key->len) * UINT64CONST(0x9E3779B97F4A7C15);
	h = (h ^ (h >> 32) ^ key->tail) * UINT64CONST(0xCBF29CE484222325);
	return (uint32) (h >> 32);
}

static inline bool
same_key(const ChannelKey *a, const ChannelKey *b)
{
	return a->len == b->len && a->head == b->head && a->tail == b->tail &&
		(a->len <= SHORT_NAME || memcmp(a->name, b->name, a->len) == 0);
}

/*
 * An empty set in the given context, where the names go too.
 */
ChannelSet *
crm_channel_set_create(MemoryContext context, uint32 limit)
{
	ChannelSet *set = (ChannelSet *) MemoryContextAlloc(context, sizeof(ChannelSet));

	set->context = context;
	set->n = 0;
	set->max = INITIAL_CHANNELS;
	set->limit = limit;
	set->channels = (Channel *) MemoryContextAlloc(context,
												   INITIAL_CHANNELS * sizeof(Channel));
	set->hash = channelhash_create(context, INITIAL_CHANNELS, NULL);
	return set;
}

/*
 * The number of the channel with this name, new or known.  A new one is
 * copied, and not ignored.
 */
uint32
crm_channel_number(ChannelSet *set, const char *name, uint32 len)
{
	ChannelKey	key;
	ChannelEntry *entry;
	Channel    *channel;
	char	   *copy;
	bool		found;

	make_key(&key, name, len);
	entry = channelhash_lookup(set->hash, key);
	if (likely(entry != NULL))
		return entry->number;

	if (set->n >= set->limit)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("more than %u channels", set->limit),
				 errhint("Group rare channels under one name.")));
	if (set->n == set->max)
	{
		set->channels = (Channel *)
			repalloc_huge(set->channels, (Size) set->max * 2 * sizeof(Channel));
		set->max *= 2;
	}
	copy = (char *) MemoryContextAlloc(set->context, VARHDRSZ + (Size) len + 1);
	SET_VARSIZE(copy, VARHDRSZ + len);
	copy += VARHDRSZ;
	memcpy(copy, name, len);
	copy[len] = '\0';

	key.name = copy;
	entry = channelhash_insert(set->hash, key, &found);
	entry->number = set->n;
	channel = &set->channels[set->n++];
	channel->name = copy;
	channel->len = len;
	channel->ignored = false;
	return entry->number;
}

/*
 * The name of a channel of a set as text, which is not copied.
 */
Datum
crm_channel_text(const ChannelSet *set, uint32 number)
{
	return PointerGetDatum(set->channels[number].name - VARHDRSZ);
}

/*
 * Order of names by their bytes, whatever the collation.
 */
int
crm_channel_compare(const Channel *a, const Channel *b)
{
	int			result = memcmp(a->name, b->name, Min(a->len, b->len));

	if (result != 0)
		return result;
	return (a->len > b->len) - (a->len < b->len);
}
