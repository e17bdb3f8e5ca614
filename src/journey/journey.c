/*-------------------------------------------------------------------------
 *
 * journey.c
 *	  The stored type crm_journey: a customer's events in order of time.
 *
 * Text form, with times in microseconds since 2000-01-01 UTC, the first one
 * whole and the others since the one before:
 *
 *		crm_journey:1 names=["buy","view"] events=[788918400000000:1,60000000:0=9.5]
 *
 * The same events give the same journey, byte for byte, whatever their order
 * was: events at one instant are in the order of their names' bytes, then
 * those without a value, then by value.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "common/int.h"
#include "fmgr.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "src/journey/journey.h"

#define TYPE_NAME "crm_journey"
#define JOURNEY_VERSION 1

static int	compare_events(const JourneyEvent *a, const JourneyEvent *b);

#define ST_SORT sort_events
#define ST_ELEMENT_TYPE JourneyEvent
#define ST_COMPARE(a, b) compare_events(a, b)
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

PG_FUNCTION_INFO_V1(crm_journey_in);
PG_FUNCTION_INFO_V1(crm_journey_out);
PG_FUNCTION_INFO_V1(crm_journey_recv);
PG_FUNCTION_INFO_V1(crm_journey_send);
PG_FUNCTION_INFO_V1(crm_journey_to_jsonb);

static int
compare_events(const JourneyEvent *a, const JourneyEvent *b)
{
	if (a->ts != b->ts)
		return a->ts < b->ts ? -1 : 1;
	if (a->name != b->name)
		return a->name < b->name ? -1 : 1;
	if (a->has_value != b->has_value)
		return a->has_value ? 1 : -1;
	return a->value < b->value ? -1 : a->value > b->value;
}

/*
 * A journey of events, whose names are in the table, in the current memory
 * context.
 */
JourneyData *
crm_journey_build(const NameTable *table, const JourneyEvent *events, int64 n)
{
	JourneyEvent *sorted;
	int32	   *names;
	int32	   *ids;
	int32		n_names;
	StringInfoData buf;
	JourneyData *journey;
	TimestampTz last = 0;
	int64		i;

	if (n > MaxAllocSize / sizeof(JourneyEvent) * 16)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg(INT64_FORMAT " events are too many for a journey", n)));
	names = MemoryContextAllocHuge(CurrentMemoryContext, Max(n, 1) * sizeof(int32));
	for (i = 0; i < n; i++)
		names[i] = events[i].name;
	ids = crm_names_rank(table, names, (int32) n, &n_names);

	sorted = MemoryContextAllocHuge(CurrentMemoryContext, Max(n, 1) * sizeof(JourneyEvent));
	for (i = 0; i < n; i++)
	{
		sorted[i] = events[i];
		sorted[i].name = names[i];
	}
	pfree(names);
	sort_events(sorted, n);

	initStringInfo(&buf);
	for (i = 0; i < n_names; i++)
		crm_put_name(&buf, &table->names[ids[i]]);
	for (i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (i == 0)
			crm_put_varint(&buf, ((uint64) sorted[i].ts << 1) ^ (uint64) (sorted[i].ts >> 63));
		else
			crm_put_varint(&buf, (uint64) sorted[i].ts - (uint64) last);
		last = sorted[i].ts;
		crm_put_varint(&buf, ((uint64) sorted[i].name << 1) | sorted[i].has_value);
		if (sorted[i].has_value)
			appendBinaryStringInfo(&buf, (char *) &sorted[i].value, sizeof(double));
	}
	pfree(sorted);
	pfree(ids);

	journey = crm_summary_alloc(offsetof(JourneyData, payload) + buf.len,
								SUMMARY_JOURNEY, JOURNEY_VERSION);
	journey->n_events = (int32) n;
	journey->n_names = n_names;
	memcpy(journey->payload, buf.data, buf.len);
	pfree(buf.data);
	return journey;
}

/*
 * Start to read a payload, which must outlive the reader.
 */
void
crm_journey_open_payload(JourneyReader *reader, const char *payload, Size size,
						 int32 n_events, int32 n_names)
{
	int32		i;

	/* a name takes a byte at least, an event two */
	if (n_names < 0 || n_events < 0 || (Size) n_names + 2 * (Size) n_events > size)
		crm_stored_value_error(TYPE_NAME);
	reader->pos = payload;
	reader->end = payload + size;
	reader->n_names = n_names;
	reader->n_events = n_events;
	reader->i = 0;
	reader->ts = 0;
	reader->names = palloc(Max(n_names, 1) * sizeof(EventName));
	for (i = 0; i < n_names; i++)
		crm_get_name(&reader->pos, reader->end, &reader->names[i], TYPE_NAME);
}

/*
 * Start to read a stored journey.
 */
void
crm_journey_open(JourneyReader *reader, Datum datum)
{
	JourneyData *journey = crm_summary_detoast(datum, offsetof(JourneyData, payload),
											   SUMMARY_JOURNEY, JOURNEY_VERSION, TYPE_NAME);

	crm_journey_open_payload(reader, journey->payload,
							 VARSIZE(journey) - offsetof(JourneyData, payload),
							 journey->n_events, journey->n_names);
}

/*
 * The next event; false at the end.  Its name is a number of the reader's.
 */
bool
crm_journey_next(JourneyReader *reader, JourneyEvent *event)
{
	uint64		time;
	uint64		name;

	if (reader->i >= reader->n_events)
	{
		if (reader->pos != reader->end)
			crm_stored_value_error(TYPE_NAME);
		return false;
	}
	CHECK_FOR_INTERRUPTS();
	time = crm_get_varint(&reader->pos, reader->end, TYPE_NAME);
	if (reader->i == 0)
		reader->ts = (int64) ((time >> 1) ^ -(time & 1));
	else
		reader->ts = (int64) ((uint64) reader->ts + time);
	name = crm_get_varint(&reader->pos, reader->end, TYPE_NAME);
	if (!IS_VALID_TIMESTAMP(reader->ts) || (name >> 1) >= (uint64) reader->n_names)
		crm_stored_value_error(TYPE_NAME);
	event->ts = reader->ts;
	event->name = (int32) (name >> 1);
	event->has_value = (name & 1) != 0;
	event->value = 0;
	if (event->has_value)
	{
		if (reader->end - reader->pos < (ptrdiff_t) sizeof(double))
			crm_stored_value_error(TYPE_NAME);
		memcpy(&event->value, reader->pos, sizeof(double));
		reader->pos += sizeof(double);
		if (!isfinite(event->value))
			crm_stored_value_error(TYPE_NAME);
	}
	reader->i++;
	return true;
}

/*
 * crm_journey_in(cstring) -> crm_journey
 */
Datum
crm_journey_in(PG_FUNCTION_ARGS)
{
	TextReader	reader;
	NameTable  *table;
	JourneyEvent *events;
	int64		n = 0;
	int64		max = 16;
	TimestampTz ts = 0;

	crm_text_read_begin(&reader, PG_GETARG_CSTRING(0), TYPE_NAME, JOURNEY_VERSION);
	table = crm_text_read_names(&reader);
	crm_text_read_key(&reader, "events");
	crm_text_read_char(&reader, '[');
	events = palloc(max * sizeof(JourneyEvent));
	if (!crm_text_read_optional_char(&reader, ']'))
	{
		do
		{
			JourneyEvent event;
			int64		time;
			int64		name;

			time = crm_text_read_integer(&reader);
			if ((n > 0 && time < 0) || pg_add_s64_overflow(ts, time, &ts) ||
				!IS_VALID_TIMESTAMP(ts))
				crm_text_error(&reader, "a time in range before this");
			crm_text_read_char(&reader, ':');
			name = crm_text_read_integer(&reader);
			if (name < 0 || name >= table->n)
				crm_text_error(&reader, "the number of a name before this");
			event.ts = ts;
			event.name = (int32) name;
			event.has_value = crm_text_read_optional_char(&reader, '=');
			event.value = event.has_value ? crm_text_read_number(&reader) + 0.0 : 0;
			if (n >= max)
			{
				max *= 2;
				events = repalloc_huge(events, max * sizeof(JourneyEvent));
			}
			events[n++] = event;
		} while (crm_text_read_optional_char(&reader, ','));
		crm_text_read_char(&reader, ']');
	}
	crm_text_read_end(&reader);
	PG_RETURN_POINTER(crm_journey_build(table, events, n));
}

/*
 * crm_journey_out(crm_journey) -> cstring
 */
Datum
crm_journey_out(PG_FUNCTION_ARGS)
{
	JourneyReader reader;
	JourneyEvent event;
	TimestampTz last = 0;
	StringInfoData buf;
	bool		first = true;

	crm_journey_open(&reader, PG_GETARG_DATUM(0));
	initStringInfo(&buf);
	crm_text_begin(&buf, TYPE_NAME, JOURNEY_VERSION);
	crm_text_names(&buf, reader.names, reader.n_names);
	crm_text_key(&buf, "events");
	appendStringInfoChar(&buf, '[');
	while (crm_journey_next(&reader, &event))
	{
		appendStringInfo(&buf, "%s" INT64_FORMAT ":%d", first ? "" : ",",
						 first ? event.ts : event.ts - last, event.name);
		if (event.has_value)
		{
			appendStringInfoChar(&buf, '=');
			crm_append_float8(&buf, event.value);
		}
		last = event.ts;
		first = false;
	}
	appendStringInfoChar(&buf, ']');
	PG_RETURN_CSTRING(buf.data);
}

/*
 * crm_journey_recv(internal) -> crm_journey
 */
Datum
crm_journey_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	NameTable  *table;
	JourneyEvent *events;
	uint8		flags;
	int32		n;
	int32		i;
	bool		valid;

	crm_summary_recv_begin(buf, SUMMARY_JOURNEY, JOURNEY_VERSION, &flags, TYPE_NAME);
	table = crm_recv_names(buf, TYPE_NAME);
	n = pq_getmsgint(buf, 4);
	/* an event takes at least 13 bytes */
	valid = flags == 0 && n >= 0 && n <= (buf->len - buf->cursor) / 13;
	events = MemoryContextAllocHuge(CurrentMemoryContext,
									(valid ? n : 0) * sizeof(JourneyEvent) + 1);
	for (i = 0; valid && i < n; i++)
	{
		events[i].ts = pq_getmsgint64(buf);
		events[i].name = pq_getmsgint(buf, 4);
		events[i].has_value = pq_getmsgbyte(buf) != 0;
		events[i].value = events[i].has_value ? pq_getmsgfloat8(buf) + 0.0 : 0;
		valid = IS_VALID_TIMESTAMP(events[i].ts) && events[i].name >= 0 &&
			events[i].name < table->n && isfinite(events[i].value);
	}
	if (!valid)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid external \"%s\" value", TYPE_NAME)));
	PG_RETURN_POINTER(crm_journey_build(table, events, n));
}

/*
 * crm_journey_send(crm_journey) -> bytea
 */
Datum
crm_journey_send(PG_FUNCTION_ARGS)
{
	JourneyReader reader;
	JourneyEvent event;
	StringInfoData buf;
	SummaryHeader header = {0};

	crm_journey_open(&reader, PG_GETARG_DATUM(0));
	header.tag = SUMMARY_JOURNEY;
	header.version = JOURNEY_VERSION;
	crm_summary_send_begin(&buf, &header);
	crm_send_names(&buf, reader.names, reader.n_names);
	pq_sendint32(&buf, reader.n_events);
	while (crm_journey_next(&reader, &event))
	{
		pq_sendint64(&buf, event.ts);
		pq_sendint32(&buf, event.name);
		pq_sendbyte(&buf, event.has_value);
		if (event.has_value)
			pq_sendfloat8(&buf, event.value);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_journey_to_jsonb(crm_journey) -> jsonb
 *
 * An array of {"ts", "event"[, "value"]}, times in UTC.
 */
Datum
crm_journey_to_jsonb(PG_FUNCTION_ARGS)
{
	JourneyReader reader;
	JourneyEvent event;
	StringInfoData json;
	bool		first = true;

	crm_journey_open(&reader, PG_GETARG_DATUM(0));
	initStringInfo(&json);
	appendStringInfoChar(&json, '[');
	while (crm_journey_next(&reader, &event))
	{
		struct pg_tm tm;
		fsec_t		fsec;
		char		ts[MAXDATELEN + 1];
		const EventName *name = &reader.names[event.name];

		if (timestamp2tm(event.ts, NULL, &tm, &fsec, NULL, NULL) != 0)
			crm_stored_value_error(TYPE_NAME);
		tm.tm_isdst = 0;		/* else no zone is shown */
		EncodeDateTime(&tm, fsec, true, 0, NULL, USE_XSD_DATES, ts);
		appendStringInfo(&json, "%s{\"ts\": \"%s\", \"event\": ", first ? "" : ", ", ts);
		escape_json(&json, pnstrdup(name->data, name->len));
		if (event.has_value)
		{
			appendStringInfoString(&json, ", \"value\": ");
			crm_append_float8(&json, event.value);
		}
		appendStringInfoChar(&json, '}');
		first = false;
	}
	appendStringInfoChar(&json, ']');
	PG_RETURN_DATUM(DirectFunctionCall1(jsonb_in, CStringGetDatum(json.data)));
}
