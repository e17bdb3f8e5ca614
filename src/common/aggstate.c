/*-------------------------------------------------------------------------
 *
 * aggstate.c
 *	  What the transition, combine, serial and deserial functions share.
 *
 * A serialised state starts with a version byte and is written with pq_send*,
 * so that it reads the same on a machine of another byte order: a leader and
 * its workers are always alike, but a cluster's coordinator and shards may
 * not be.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "libpq/pqformat.h"

#include "src/common/aggstate.h"

/*
 * The memory context in which an aggregate's state lives.  Raises an error
 * when the support function was called outside an aggregate, because an
 * argument of type internal could then be anything.
 */
MemoryContext
crm_agg_context(FunctionCallInfo fcinfo, const char *function)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "%s called in non-aggregate context", function);
	return context;
}

/*
 * Start a serialised state in buf; finish with pq_endtypsend(buf).
 */
void
crm_serial_begin(StringInfo buf, uint8 version)
{
	pq_begintypsend(buf);
	pq_sendbyte(buf, version);
}

/*
 * Make buf read the serialised state and return its version, which is 1 to
 * max_version or an error.  buf borrows the bytea's memory.
 */
uint8
crm_deserial_begin(StringInfo buf, bytea *serialized, uint8 max_version,
				   const char *what)
{
	int			version;

	buf->data = VARDATA_ANY(serialized);
	buf->len = VARSIZE_ANY_EXHDR(serialized);
	buf->maxlen = buf->len;
	buf->cursor = 0;

	version = pq_getmsgbyte(buf);
	if (version < 1 || version > max_version)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("unsupported version %d of serialized %s", version, what)));
	return (uint8) version;
}

/*
 * Everything must have been read.
 */
void
crm_deserial_end(StringInfo buf, const char *what)
{
	if (buf->cursor != buf->len)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid length of serialized %s", what)));
}

/*
 * Read a count of elements and check, before anybody allocates, that it is
 * not negative, at most max_count, and that the buffer still holds that many
 * elements of at least bytes_each bytes.
 */
int64
crm_deserial_count(StringInfo buf, int64 max_count, size_t bytes_each,
				   const char *what)
{
	int64		count = pq_getmsgint64(buf);

	if (count < 0 || count > max_count ||
		(uint64) count > (uint64) (buf->len - buf->cursor) / bytes_each)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid element count in serialized %s", what)));
	return count;
}
