/*-------------------------------------------------------------------------
 *
 * name_table.c
 *	  Names of events as small numbers, and names in stored types.
 *
 * An aggregate's call site has one table for all its groups, because customers
 * do the same few things.  What is stored has its own names, sorted, so that
 * the same events give the same bytes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"


#include "common/hashfn.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "utils/memutils.h"

#include "src/journey/name_table.h"

#define INITIAL_NAMES 16

static int32 *find_slot(const NameTable *table, const char *data, int32 len, uint32 hash);
static int32 add_hashed(NameTable *table, const char *data, int32 len, uint32 hash);
static void grow(NameTable *table);
static int	compare_names(const void *a, const void *b, void *names);
static int	compare_ids(const void *a, const void *b);
static int32 find_id(const int32 *sorted, int32 n, int32 id);

/*
 * An empty table in the given context.
 */
NameTable *
crm_names_make(MemoryContext context)
{
	NameTable  *table = MemoryContextAllocZero(context, sizeof(NameTable));

	table->context = context;
	return table;
}

static int32 *
find_slot(const NameTable *table, const char *data, int32 len, uint32 hash)
{
	uint32		i = hash & (table->n_slots - 1);

	for (;;)
	{
		int32		id = table->slots[i];

		if (id < 0)
			break;
		if (table->names[id].hash == hash && table->names[id].len == len &&
			memcmp(table->names[id].data, data, len) == 0)
			break;
		i = (i + 1) & (table->n_slots - 1);
	}
	return &table->slots[i];
}

static void
grow(NameTable *table)
{
	int32		max = table->max == 0 ? INITIAL_NAMES : 2 * table->max;
	uint32		n_slots = 2 * (uint32) max;
	uint32		i;
	int32		id;

	if (max > PG_INT32_MAX / 4)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many names of events")));
	if (table->names == NULL)
		table->names = MemoryContextAllocHuge(table->context, max * sizeof(EventName));
	else
	{
		table->names = repalloc_huge(table->names, max * sizeof(EventName));
		pfree(table->slots);
	}
	table->max = max;
	table->slots = MemoryContextAllocHuge(table->context, n_slots * sizeof(int32));
	table->n_slots = n_slots;
	for (i = 0; i < n_slots; i++)
		table->slots[i] = -1;
	for (id = 0; id < table->n; id++)
		*find_slot(table, table->names[id].data, table->names[id].len,
				   table->names[id].hash) = id;
}

static int32
add_hashed(NameTable *table, const char *data, int32 len, uint32 hash)
{
	int32	   *slot;
	EventName  *name;

	if (table->n >= table->max)
		grow(table);
	slot = find_slot(table, data, len, hash);
	if (*slot >= 0)
		return *slot;
	name = &table->names[table->n];
	name->data = MemoryContextAlloc(table->context, Max(len, 1));
	memcpy(name->data, data, len);
	name->len = len;
	name->hash = hash;
	*slot = table->n;
	return table->n++;
}

/*
 * The number of a name, which is copied if it is new.
 */
int32
crm_names_add(NameTable *table, const char *data, int32 len)
{
	return add_hashed(table, data, len, hash_bytes((const unsigned char *) data, len));
}

/*
 * The same for a name of another table.
 */
int32
crm_names_add_from(NameTable *table, const EventName *name)
{
	return add_hashed(table, name->data, name->len, name->hash);
}

/* Order of bytes, which no locale changes */
static int
compare_names(const void *a, const void *b, void *names)
{
	const EventName *name_a = &((const EventName *) names)[*(const int32 *) a];
	const EventName *name_b = &((const EventName *) names)[*(const int32 *) b];
	int			result = memcmp(name_a->data, name_b->data, Min(name_a->len, name_b->len));

	if (result != 0)
		return result;
	return name_a->len < name_b->len ? -1 : name_a->len > name_b->len;
}

static int
compare_ids(const void *a, const void *b)
{
	int32		id_a = *(const int32 *) a;
	int32		id_b = *(const int32 *) b;

	return id_a < id_b ? -1 : id_a > id_b;
}

/*
 * The place of an id that is there.
 */
static int32
find_id(const int32 *sorted, int32 n, int32 id)
{
	return (int32) ((int32 *) bsearch(&id, sorted, n, sizeof(int32), compare_ids) - sorted);
}

/*
 * Replace each of ids by the rank of its name among them, in the order of
 * bytes; returns the distinct ids in that order (palloc'd) and their number.
 */
int32 *
crm_names_rank(const NameTable *table, int32 *ids, int32 n_ids, int32 *n_ranked)
{
	/* a place for each name, unless most are others' */
	bool		is_dense = table->n / 4 <= n_ids + INITIAL_NAMES;
	Size		room = Max(is_dense ? table->n : n_ids, 1);
	int32	   *distinct = MemoryContextAllocHuge(CurrentMemoryContext,
												  room * sizeof(int32));
	int32	   *rank = MemoryContextAllocHuge(CurrentMemoryContext,
											  room * sizeof(int32));
	int32	   *by_id = NULL;
	int32		n = 0;
	int32		i;

	/* the distinct ids; a place in rank[] is an id, or one in by_id[] */
	if (is_dense)
	{
		for (i = 0; i < table->n; i++)
			rank[i] = -1;
		for (i = 0; i < n_ids; i++)
		{
			if (rank[ids[i]] < 0)
			{
				rank[ids[i]] = 0;
				distinct[n++] = ids[i];
			}
		}
	}
	else
	{
		memcpy(distinct, ids, n_ids * sizeof(int32));
		qsort(distinct, n_ids, sizeof(int32), compare_ids);
		for (i = 0; i < n_ids; i++)
		{
			if (i == 0 || distinct[i] != distinct[n - 1])
				distinct[n++] = distinct[i];
		}
		by_id = MemoryContextAllocHuge(CurrentMemoryContext, Max(n, 1) * sizeof(int32));
		memcpy(by_id, distinct, n * sizeof(int32));
	}

	qsort_arg(distinct, n, sizeof(int32), compare_names, table->names);
	for (i = 0; i < n; i++)
		rank[is_dense ? distinct[i] : find_id(by_id, n, distinct[i])] = i;
	for (i = 0; i < n_ids; i++)
		ids[i] = rank[is_dense ? ids[i] : find_id(by_id, n, ids[i])];

	pfree(rank);
	if (by_id != NULL)
		pfree(by_id);
	*n_ranked = n;
	return distinct;
}

/*
 * Seven bits a byte, the least first; the last byte has its high bit clear.
 */
void
crm_put_varint(StringInfo buf, uint64 value)
{
	while (value >= 0x80)
	{
		appendStringInfoCharMacro(buf, (char) (value | 0x80));
		value >>= 7;
	}
	appendStringInfoCharMacro(buf, (char) value);
}

void
crm_put_name(StringInfo buf, const EventName *name)
{
	crm_put_varint(buf, name->len);
	appendBinaryStringInfo(buf, name->data, name->len);
}

/*
 * A stored value that cannot be: a damaged page, or a forgery.
 */
void
crm_stored_value_error(const char *type_name)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("value is not a valid %s", type_name)));
}

uint64
crm_get_varint(const char **pos, const char *end, const char *type_name)
{
	uint64		value = 0;
	int			shift;

	for (shift = 0; shift < 64 && *pos < end; shift += 7)
	{
		uint64		byte = (unsigned char) *(*pos)++;

		value |= (byte & 0x7F) << shift;
		if (byte < 0x80)
			return value;
	}
	crm_stored_value_error(type_name);
}

/*
 * A name that points into the stored value; its hash is not set.
 */
void
crm_get_name(const char **pos, const char *end, EventName *name, const char *type_name)
{
	uint64		len = crm_get_varint(pos, end, type_name);

	if (len > (uint64) (end - *pos))
		crm_stored_value_error(type_name);
	name->data = unconstify(char *, *pos);
	name->len = (int32) len;
	name->hash = 0;
	*pos += len;
}

/*
 * ' names=["add to cart","say \"hi\""]': a backslash comes before quotes and
 * backslashes.
 */
void
crm_text_names(StringInfo buf, const EventName *names, int32 n)
{
	int32		i;
	int32		k;

	crm_text_key(buf, "names");
	appendStringInfoChar(buf, '[');
	for (i = 0; i < n; i++)
	{
		appendStringInfoString(buf, i > 0 ? ",\"" : "\"");
		for (k = 0; k < names[i].len; k++)
		{
			if (names[i].data[k] == '"' || names[i].data[k] == '\\')
				appendStringInfoChar(buf, '\\');
			appendStringInfoChar(buf, names[i].data[k]);
		}
		appendStringInfoChar(buf, '"');
	}
	appendStringInfoChar(buf, ']');
}

/*
 * Read what crm_text_names wrote, into a table in the current memory context.
 * The same name twice is an error, because numbers refer to places.
 */
NameTable *
crm_text_read_names(TextReader *reader)
{
	NameTable  *table = crm_names_make(CurrentMemoryContext);
	StringInfoData name;
	int32		n = 0;

	initStringInfo(&name);
	crm_text_read_key(reader, "names");
	crm_text_read_char(reader, '[');
	if (crm_text_read_optional_char(reader, ']'))
		return table;
	do
	{
		resetStringInfo(&name);
		crm_text_read_char(reader, '"');
		while (*reader->pos != '"')
		{
			if (*reader->pos == '\\')
				reader->pos++;
			if (*reader->pos == '\0')
				crm_text_error(reader, "a closing quote");
			appendStringInfoChar(&name, *reader->pos++);
		}
		if (crm_names_add(table, name.data, name.len) != n)
			crm_text_error(reader, "another name");
		n++;
		reader->pos++;
	} while (crm_text_read_optional_char(reader, ','));
	crm_text_read_char(reader, ']');
	return table;
}

/*
 * In the client's encoding.
 */
void
crm_send_names(StringInfo buf, const EventName *names, int32 n)
{
	int32		i;

	pq_sendint32(buf, n);
	for (i = 0; i < n; i++)
		crm_sendcountedtext(buf, names[i].data, names[i].len);
}

/*
 * Read what crm_send_names wrote, into a table in the current memory context.
 */
NameTable *
crm_recv_names(StringInfo buf, const char *type_name)
{
	NameTable  *table = crm_names_make(CurrentMemoryContext);
	int32		n = pq_getmsgint(buf, 4);
	int32		i;

	for (i = 0; i < n; i++)
	{
		int			len = pq_getmsgint(buf, 4);
		char	   *name;

		if (len < 0 || len > buf->len - buf->cursor)
			break;
		name = pq_getmsgtext(buf, len, &len);
		if (crm_names_add(table, name, len) != i)
			break;
	}
	if (i != n)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid names in external \"%s\" value", type_name)));
	return table;
}
