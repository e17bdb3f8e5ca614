/*-------------------------------------------------------------------------
 *
 * names.c
 *	  Small numbers for the few distinct names in a column.
 *
 * A stage history repeats a handful of stage names in millions of rows.  Each
 * distinct name is kept once for a query and the rows refer to it by number,
 * so that a row costs a hash of a short string and no allocation.
 *
 * Names are equal if their bytes are, as under every deterministic collation,
 * and are compared as under collation "C": an aggregate's answer must not
 * depend on the database's locale.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"

#include "src/compat.h"
#include "src/pipeline/names.h"

#define FIRST_CAPACITY	16

static int	find_hashed(const NameDictionary *names, const char *data, int len,
						uint32 hash, uint32 *slot);
static void grow(NameDictionary *names);

/*
 * An empty dictionary that lives in the given context.
 */
NameDictionary *
crm_names_create(MemoryContext context)
{
	NameDictionary *names = MemoryContextAllocZero(context, sizeof(NameDictionary));

	names->context = context;
	names->capacity = FIRST_CAPACITY;
	names->entries = MemoryContextAlloc(context, names->capacity * sizeof(NameEntry));
	/* Half full at most, and a power of two */
	names->slot_mask = 2 * names->capacity - 1;
	names->slots = MemoryContextAllocZero(context,
										  (names->slot_mask + 1) * sizeof(int32));
	return names;
}

/*
 * The id of a name, or -1 with *slot set to where its id belongs.
 */
static int
find_hashed(const NameDictionary *names, const char *data, int len, uint32 hash,
			uint32 *slot)
{
	uint32		i = hash & names->slot_mask;

	for (; names->slots[i] != 0; i = (i + 1) & names->slot_mask)
	{
		int			id = names->slots[i] - 1;
		const NameEntry *entry = &names->entries[id];

		if (entry->hash == hash && VARSIZE_ANY_EXHDR(entry->name) == len &&
			memcmp(VARDATA_ANY(entry->name), data, len) == 0)
			return id;
	}
	*slot = i;
	return -1;
}

/*
 * Double the room.
 */
static void
grow(NameDictionary *names)
{
	int			id;

	names->capacity *= 2;
	names->entries = repalloc(names->entries, names->capacity * sizeof(NameEntry));
	pfree(names->slots);
	names->slot_mask = 2 * names->capacity - 1;
	names->slots = MemoryContextAllocZero(names->context,
										  (names->slot_mask + 1) * sizeof(int32));
	for (id = 0; id < names->n; id++)
	{
		uint32		i = names->entries[id].hash & names->slot_mask;

		while (names->slots[i] != 0)
			i = (i + 1) & names->slot_mask;
		names->slots[i] = id + 1;
	}
}

/*
 * The id of a name, or -1 if the dictionary does not hold it.
 */
int
crm_names_find(const NameDictionary *names, const char *data, int len)
{
	uint32		slot;

	return find_hashed(names, data, len,
					   hash_bytes((const unsigned char *) data, len), &slot);
}

/*
 * The id of a name, which is added if it is new.
 */
int
crm_names_intern(NameDictionary *names, const char *data, int len)
{
	uint32		hash = hash_bytes((const unsigned char *) data, len);
	uint32		slot;
	int			id = find_hashed(names, data, len, hash, &slot);
	text	   *name;

	if (likely(id >= 0))
		return id;

	if (names->n >= MAX_NAMES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("more than %d distinct names", MAX_NAMES)));
	if (names->n == names->capacity)
	{
		grow(names);
		(void) find_hashed(names, data, len, hash, &slot);
	}

	/* Kept with a short header where that is enough, as results hold it. */
	if (len + VARHDRSZ_SHORT <= VARATT_SHORT_MAX)
	{
		name = MemoryContextAlloc(names->context, len + VARHDRSZ_SHORT);
		SET_VARSIZE_SHORT(name, len + VARHDRSZ_SHORT);
	}
	else
	{
		name = MemoryContextAlloc(names->context, len + VARHDRSZ);
		SET_VARSIZE(name, len + VARHDRSZ);
	}
	memcpy(VARDATA_ANY(name), data, len);

	id = names->n++;
	names->entries[id].name = name;
	names->entries[id].hash = hash;
	names->slots[slot] = id + 1;
	return id;
}

/*
 * The id in this dictionary of a name in another one (or in this one).
 */
int
crm_names_intern_from(NameDictionary *names, const NameDictionary *other, int id)
{
	const text *name = other->entries[id].name;

	if (names == other)
		return id;
	return crm_names_intern(names, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
}

/*
 * Are two names of one or of two dictionaries the same?
 */
bool
crm_names_equal(const NameDictionary *a, int a_id,
				const NameDictionary *b, int b_id)
{
	const text *x = a->entries[a_id].name;
	const text *y = b->entries[b_id].name;

	if (a == b)
		return a_id == b_id;
	return VARSIZE_ANY_EXHDR(x) == VARSIZE_ANY_EXHDR(y) &&
		memcmp(VARDATA_ANY(x), VARDATA_ANY(y), VARSIZE_ANY_EXHDR(x)) == 0;
}

/*
 * Order of two names, byte by byte: negative, 0 or positive.
 */
int
crm_names_compare(const NameDictionary *names, int a, int b)
{
	const text *x = names->entries[a].name;
	const text *y = names->entries[b].name;
	int			x_len = VARSIZE_ANY_EXHDR(x);
	int			y_len = VARSIZE_ANY_EXHDR(y);
	int			order = memcmp(VARDATA_ANY(x), VARDATA_ANY(y), Min(x_len, y_len));

	return order != 0 ? order : x_len - y_len;
}

/*
 * Write a name into a serialised state.
 */
void
crm_names_send(StringInfo buf, const NameDictionary *names, int id)
{
	const text *name = names->entries[id].name;

	pq_sendint32(buf, VARSIZE_ANY_EXHDR(name));
	pq_sendbytes(buf, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
}

/*
 * Read what crm_names_send wrote, as an id in this dictionary.
 */
int
crm_names_recv(StringInfo buf, NameDictionary *names)
{
	int32		len = pq_getmsgint(buf, 4);
	const char *data;

	if (len < 0 || len > buf->len - buf->cursor)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid name length in serialized state")));
	data = pq_getmsgbytes(buf, len);
	pg_verifymbstr(data, len, false);
	return crm_names_intern(names, data, len);
}
