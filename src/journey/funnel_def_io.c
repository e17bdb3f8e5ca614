/*-------------------------------------------------------------------------
 *
 * funnel_def_io.c
 *	  The stored type crm_funnel_def: its text and binary forms.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <ctype.h>

#include "fmgr.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

#include "src/journey/funnel_def_parts.h"

PG_FUNCTION_INFO_V1(crm_funnel_def_in);
PG_FUNCTION_INFO_V1(crm_funnel_def_out);
PG_FUNCTION_INFO_V1(crm_funnel_def_send);
PG_FUNCTION_INFO_V1(crm_funnel_def_recv);

static char *span_text(const Interval *span, bool units);
static void append_quoted(StringInfo buf, const char *string, uint32 len);
static void append_names(StringInfo buf, const char *key, const FunnelDef *def,
						 int first, int n);
static char *read_quoted(TextReader *reader);
static int	read_name_list(TextReader *reader, char **names);
static Interval read_span(TextReader *reader, bool *units);
static int	read_small_int(TextReader *reader);

/*
 * An interval as ISO 8601 writes it (P1MT2H), whatever the session's style;
 * units as a whole number.
 */
static char *
span_text(const Interval *span, bool units)
{
	struct pg_itm itm;
	char		buf[MAXDATELEN + 1];

	if (units)
		return psprintf(INT64_FORMAT, span->time);
	interval2itm(*span, &itm);
	EncodeInterval(&itm, INTSTYLE_ISO_8601, buf);
	return pstrdup(buf);
}

static void
append_quoted(StringInfo buf, const char *string, uint32 len)
{
	uint32		i;

	appendStringInfoChar(buf, '"');
	for (i = 0; i < len; i++)
	{
		if (string[i] == '"' || string[i] == '\\')
			appendStringInfoChar(buf, '\\');
		appendStringInfoChar(buf, string[i]);
	}
	appendStringInfoChar(buf, '"');
}

static void
append_names(StringInfo buf, const char *key, const FunnelDef *def, int first, int n)
{
	int			i;

	if (n == 0)
		return;
	crm_text_key(buf, key);
	for (i = 0; i < n; i++)
	{
		uint32		len;
		const char *name = crm_funnel_def_name(def, first + i, &len);

		appendStringInfoChar(buf, i == 0 ? '[' : ',');
		append_quoted(buf, name, len);
	}
	appendStringInfoChar(buf, ']');
}

/*
 * Text form: crm_funnel_def:1 within=P7D [steps=["a","b"]] mode=ordered
 * same_time=may_advance reuse_event=false on_repeat=ignore
 * [step_within=[P1D,null]] [optional=[2]] [exclude=["c"]]
 * [exclude_between=[1,2]] entry=any
 */
Datum
crm_funnel_def_out(PG_FUNCTION_ARGS)
{
	FunnelDef  *def = crm_funnel_def_get(PG_GETARG_DATUM(0));
	bool		units = (def->header.flags & FUNNEL_DEF_UNITS) != 0;
	StringInfoData buf;
	int			i;

	initStringInfo(&buf);
	crm_text_begin(&buf, FUNNEL_DEF_TYPE, FUNNEL_DEF_VERSION);
	crm_text_word(&buf, "within", span_text(&def->within, units));
	append_names(&buf, "steps", def, 0, def->n_steps);
	crm_text_word(&buf, "mode", crm_funnel_mode_names.names[def->mode - 1]);
	crm_text_word(&buf, "same_time", crm_funnel_same_time_names.names[def->same_time - 1]);
	crm_text_word(&buf, "reuse_event", def->reuse_event ? "true" : "false");
	crm_text_word(&buf, "on_repeat", crm_funnel_on_repeat_names.names[def->on_repeat - 1]);
	if (def->n_step_within > 0)
	{
		crm_text_key(&buf, "step_within");
		for (i = 0; i < def->n_step_within; i++)
			appendStringInfo(&buf, "%c%s", i == 0 ? '[' : ',',
							 (def->unbounded & STEP_BIT(i + 1)) ? "null" :
							 span_text(&FUNNEL_DEF_STEP_WITHIN(def)[i], units));
		appendStringInfoChar(&buf, ']');
	}
	if (def->optional != 0)
	{
		char		separator = '[';

		crm_text_key(&buf, "optional");
		for (i = 1; i <= FUNNEL_MAX_STEPS; i++)
		{
			if ((def->optional & STEP_BIT(i)) == 0)
				continue;
			appendStringInfo(&buf, "%c%d", separator, i);
			separator = ',';
		}
		appendStringInfoChar(&buf, ']');
	}
	append_names(&buf, "exclude", def, def->n_steps, def->n_exclude);
	if (def->exclude_from != 0 || def->exclude_to != 0)
		appendStringInfo(&buf, " exclude_between=[%d,%d]", def->exclude_from,
						 def->exclude_to);
	crm_text_word(&buf, "entry", crm_funnel_entry_names.names[def->entry - 1]);
	PG_RETURN_CSTRING(buf.data);
}

static char *
read_quoted(TextReader *reader)
{
	StringInfoData buf;

	initStringInfo(&buf);
	crm_text_read_char(reader, '"');
	while (*reader->pos != '"')
	{
		if (*reader->pos == '\\')
			reader->pos++;
		if (*reader->pos == '\0')
			crm_text_error(reader, "the end of a quoted name");
		appendStringInfoChar(&buf, *reader->pos++);
	}
	reader->pos++;
	return buf.data;
}

static int
read_name_list(TextReader *reader, char **names)
{
	int			n = 0;

	crm_text_read_char(reader, '[');
	do
	{
		if (n >= FUNNEL_MAX_STEPS)
			crm_text_error(reader, psprintf("at most %d names", FUNNEL_MAX_STEPS));
		names[n++] = read_quoted(reader);
	} while (crm_text_read_optional_char(reader, ','));
	crm_text_read_char(reader, ']');
	return n;
}

/*
 * What span_text wrote.  A definition is of one kind throughout.
 */
static Interval
read_span(TextReader *reader, bool *units)
{
	Interval	span = {0};

	*units = isdigit((unsigned char) *reader->pos);
	if (*units)
		span.time = crm_text_read_integer(reader);
	else
	{
		const char *start = reader->pos;

		if (*start != 'P')
			crm_text_error(reader, "an ISO 8601 interval or a whole number");
		while (isalnum((unsigned char) *reader->pos) || *reader->pos == '.' ||
			   *reader->pos == '-')
			reader->pos++;
		span = *DatumGetIntervalP(DirectFunctionCall3(interval_in,
													  CStringGetDatum(pnstrdup(start, reader->pos - start)),
													  ObjectIdGetDatum(InvalidOid),
													  Int32GetDatum(-1)));
	}
	return span;
}

static int
read_small_int(TextReader *reader)
{
	int			value = 0;

	if (!isdigit((unsigned char) *reader->pos))
		crm_text_error(reader, "a number of a step");
	while (isdigit((unsigned char) *reader->pos) && value <= FUNNEL_MAX_STEPS)
		value = value * 10 + (*reader->pos++ - '0');
	if (value > FUNNEL_MAX_STEPS)
		crm_text_error(reader, "a number of a step");
	return value;
}

/*
 * Reads what crm_funnel_def_out writes.  Besides, an interval alone is a
 * window without more: the server takes crm_funnel_def('7 days') for a cast.
 */
Datum
crm_funnel_def_in(PG_FUNCTION_ARGS)
{
	const char *string = PG_GETARG_CSTRING(0);
	TextReader	reader;
	DefParts	parts;
	FunnelDef  *def = &parts.def;
	bool		units;
	bool		same_units;

	crm_funnel_parts_init(&parts);
	if (strstr(string, FUNNEL_DEF_TYPE) == NULL)
	{
		def->within = crm_funnel_window_from_text(string);
		PG_RETURN_POINTER(crm_funnel_parts_make(&parts));
	}
	(void) crm_text_read_begin(&reader, string, FUNNEL_DEF_TYPE, FUNNEL_DEF_VERSION);
	crm_text_read_key(&reader, "within");
	def->within = read_span(&reader, &units);
	if (units)
		def->header.flags = FUNNEL_DEF_UNITS;
	if (crm_text_read_has_key(&reader, "steps"))
		def->n_steps = (uint8) read_name_list(&reader, parts.names);
	def->mode = (uint8) crm_funnel_option_by_name(&crm_funnel_mode_names, crm_text_read_word(&reader, "mode"));
	def->same_time = (uint8) crm_funnel_option_by_name(&crm_funnel_same_time_names,
													   crm_text_read_word(&reader, "same_time"));
	{
		char	   *word = crm_text_read_word(&reader, "reuse_event");

		def->reuse_event = strcmp(word, "true") == 0;
		if (!def->reuse_event && strcmp(word, "false") != 0)
			crm_text_error(&reader, "true or false");
	}
	def->on_repeat = (uint8) crm_funnel_option_by_name(&crm_funnel_on_repeat_names,
													   crm_text_read_word(&reader, "on_repeat"));
	if (crm_text_read_has_key(&reader, "step_within"))
	{
		crm_text_read_char(&reader, '[');
		do
		{
			int			i = def->n_step_within++;

			if (i >= FUNNEL_MAX_STEPS - 1)
				crm_text_error(&reader, psprintf("at most %d bounds", FUNNEL_MAX_STEPS - 1));
			if (strncmp(reader.pos, "null", 4) == 0)
			{
				def->unbounded |= STEP_BIT(i + 1);
				reader.pos += 4;
				continue;
			}
			parts.step_within[i] = read_span(&reader, &same_units);
			if (same_units != units)
				crm_text_error(&reader, "bounds of the window's kind");
		} while (crm_text_read_optional_char(&reader, ','));
		crm_text_read_char(&reader, ']');
	}
	if (crm_text_read_has_key(&reader, "optional"))
	{
		crm_text_read_char(&reader, '[');
		do
		{
			int			step = read_small_int(&reader);

			if (step < 1)
				crm_text_error(&reader, "a number of a step");
			def->optional |= STEP_BIT(step);
		} while (crm_text_read_optional_char(&reader, ','));
		crm_text_read_char(&reader, ']');
	}
	if (crm_text_read_has_key(&reader, "exclude"))
		def->n_exclude = (uint8) read_name_list(&reader, parts.names + def->n_steps);
	if (crm_text_read_has_key(&reader, "exclude_between"))
	{
		crm_text_read_char(&reader, '[');
		def->exclude_from = (int16) read_small_int(&reader);
		crm_text_read_char(&reader, ',');
		def->exclude_to = (int16) read_small_int(&reader);
		crm_text_read_char(&reader, ']');
		if (def->exclude_to != 0 && def->exclude_to <= Max(def->exclude_from, 1))
			crm_text_error(&reader, "a range of two or more steps");
	}
	def->entry = (uint8) crm_funnel_option_by_name(&crm_funnel_entry_names, crm_text_read_word(&reader, "entry"));
	crm_text_read_end(&reader);
	PG_RETURN_POINTER(crm_funnel_parts_make(&parts));
}

Datum
crm_funnel_def_send(PG_FUNCTION_ARGS)
{
	FunnelDef  *def = crm_funnel_def_get(PG_GETARG_DATUM(0));
	StringInfoData buf;
	int			i;

	crm_summary_send_begin(&buf, def);
	pq_sendbyte(&buf, def->mode);
	pq_sendbyte(&buf, def->same_time);
	pq_sendbyte(&buf, def->on_repeat);
	pq_sendbyte(&buf, def->entry);
	pq_sendbyte(&buf, def->reuse_event);
	pq_sendbyte(&buf, def->n_steps);
	pq_sendbyte(&buf, def->n_exclude);
	pq_sendbyte(&buf, def->n_step_within);
	pq_sendint32(&buf, def->optional);
	pq_sendint32(&buf, def->unbounded);
	pq_sendint16(&buf, def->exclude_from);
	pq_sendint16(&buf, def->exclude_to);
	for (i = -1; i < def->n_step_within; i++)
	{
		const Interval *span = (i < 0) ? &def->within : &FUNNEL_DEF_STEP_WITHIN(def)[i];

		pq_sendint64(&buf, span->time);
		pq_sendint32(&buf, span->day);
		pq_sendint32(&buf, span->month);
	}
	for (i = 0; i < def->n_steps + def->n_exclude; i++)
	{
		uint32		len;
		const char *name = crm_funnel_def_name(def, i, &len);

		crm_sendcountedtext(&buf, name, (int) len);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

Datum
crm_funnel_def_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	DefParts	parts;
	FunnelDef  *def = &parts.def;
	uint8		flags;
	int			i;

	crm_funnel_parts_init(&parts);
	(void) crm_summary_recv_begin(buf, SUMMARY_FUNNEL_DEF, FUNNEL_DEF_VERSION, &flags, FUNNEL_DEF_TYPE);
	def->header.flags = flags;
	def->mode = (uint8) pq_getmsgbyte(buf);
	def->same_time = (uint8) pq_getmsgbyte(buf);
	def->on_repeat = (uint8) pq_getmsgbyte(buf);
	def->entry = (uint8) pq_getmsgbyte(buf);
	def->reuse_event = (uint8) pq_getmsgbyte(buf);
	def->n_steps = (uint8) pq_getmsgbyte(buf);
	def->n_exclude = (uint8) pq_getmsgbyte(buf);
	def->n_step_within = (uint8) pq_getmsgbyte(buf);
	def->optional = pq_getmsgint(buf, 4);
	def->unbounded = pq_getmsgint(buf, 4);
	def->exclude_from = (int16) pq_getmsgint(buf, 2);
	def->exclude_to = (int16) pq_getmsgint(buf, 2);
	if ((flags & ~FUNNEL_DEF_UNITS) != 0 ||
		def->mode < FUNNEL_ORDERED || def->mode > FUNNEL_ANY_ORDER ||
		def->same_time < FUNNEL_MAY_ADVANCE || def->same_time > FUNNEL_MUST_INCREASE ||
		def->on_repeat < FUNNEL_REPEAT_IGNORE || def->on_repeat > FUNNEL_REPEAT_STOP ||
		def->entry < FUNNEL_ENTRY_ANY || def->entry > FUNNEL_ENTRY_LAST ||
		def->reuse_event > 1 || def->n_steps > FUNNEL_MAX_STEPS ||
		def->n_exclude > FUNNEL_MAX_STEPS || def->n_step_within >= FUNNEL_MAX_STEPS ||
		(def->unbounded & ~step_bits(1, def->n_step_within)) != 0 ||
		def->exclude_from < 0 || def->exclude_to < 0 ||
		(def->exclude_to != 0 && def->exclude_to <= Max(def->exclude_from, 1)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid option in external \"%s\" value", FUNNEL_DEF_TYPE)));
	for (i = -1; i < def->n_step_within; i++)
	{
		Interval   *span = (i < 0) ? &def->within : &parts.step_within[i];

		span->time = pq_getmsgint64(buf);
		span->day = (int32) pq_getmsgint(buf, 4);
		span->month = (int32) pq_getmsgint(buf, 4);
		if ((flags & FUNNEL_DEF_UNITS) && (span->day != 0 || span->month != 0))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
					 errmsg("invalid window in external \"%s\" value", FUNNEL_DEF_TYPE)));
	}
	for (i = 0; i < def->n_steps + def->n_exclude; i++)
	{
		int			len = (int) pq_getmsgint(buf, 4);
		int			converted_len;

		parts.names[i] = pq_getmsgtext(buf, len, &converted_len);
	}
	PG_RETURN_POINTER(crm_funnel_parts_make(&parts));
}
