/*-------------------------------------------------------------------------
 *
 * calendar.c
 *	  The stored type crm_calendar: a time zone, weekly opening hours, days
 *	  with other hours.
 *
 * A calendar is written by hand and read by people, so that its text form is
 * a little language: calendar_text.c reads it, calendar_print.c writes it in
 * one canonical way.  What is stored is that canonical text behind the usual
 * header: it is short (a hundred holidays are a kilobyte), comparing two
 * calendars is comparing bytes, and there is one parser to trust for text,
 * binary and disk.  Functions that compute with a calendar parse it once a
 * query (schedule_cache.c).
 *
 * The format version is in the header and in the binary form.  The text form
 * carries none: the language may grow, and what it says today it will say for
 * ever.
 *
 * The name of the time zone is looked up on the way in, which also gives it
 * the spelling of the time zone database, and again when it is used.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "libpq/pqformat.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/json.h"
#include "utils/jsonb.h"

#include "src/service/calendar.h"

PG_FUNCTION_INFO_V1(crm_calendar_in);
PG_FUNCTION_INFO_V1(crm_calendar_out);
PG_FUNCTION_INFO_V1(crm_calendar_recv);
PG_FUNCTION_INFO_V1(crm_calendar_send);
PG_FUNCTION_INFO_V1(crm_calendar_eq);
PG_FUNCTION_INFO_V1(crm_calendar_ne);
PG_FUNCTION_INFO_V1(crm_calendar_hash);
PG_FUNCTION_INFO_V1(crm_calendar_hash_extended);
PG_FUNCTION_INFO_V1(crm_calendar_to_jsonb);
PG_FUNCTION_INFO_V1(crm_calendar_except);

static Calendar *get_calendar(FunctionCallInfo fcinfo, int argno);
static Calendar *make_calendar(const CalendarSpec *spec);
static bool same_calendar(FunctionCallInfo fcinfo);
static void append_json_spans(StringInfo buf, const CalendarDay *day);

static Calendar *
get_calendar(FunctionCallInfo fcinfo, int argno)
{
	return (Calendar *) crm_summary_detoast(PG_GETARG_DATUM(argno),
											offsetof(Calendar, canonical),
											SUMMARY_CALENDAR, CALENDAR_VERSION,
											CALENDAR_TYPE_NAME);
}

/*
 * The stored value, palloc'd.
 */
static Calendar *
make_calendar(const CalendarSpec *spec)
{
	Calendar   *calendar;
	StringInfoData buf;

	initStringInfo(&buf);
	crm_calendar_deparse(&buf, spec);
	calendar = crm_summary_alloc(offsetof(Calendar, canonical) + buf.len,
								 SUMMARY_CALENDAR, CALENDAR_VERSION);
	memcpy(calendar->canonical, buf.data, buf.len);
	pfree(buf.data);
	return calendar;
}

/*
 * What a stored calendar says, palloc'd.
 */
CalendarSpec *
crm_calendar_spec(const Calendar *calendar)
{
	return crm_calendar_parse(pnstrdup(calendar->canonical, CALENDAR_TEXT_LEN(calendar)));
}

/*
 * crm_calendar_in(cstring) -> crm_calendar
 */
Datum
crm_calendar_in(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(make_calendar(crm_calendar_parse(PG_GETARG_CSTRING(0))));
}

/*
 * crm_calendar_out(crm_calendar) -> cstring
 */
Datum
crm_calendar_out(PG_FUNCTION_ARGS)
{
	Calendar   *calendar = get_calendar(fcinfo, 0);

	PG_RETURN_CSTRING(pnstrdup(calendar->canonical, CALENDAR_TEXT_LEN(calendar)));
}

/*
 * crm_calendar_recv(internal) -> crm_calendar
 *
 * The header, then the text, which is parsed like any other.
 */
Datum
crm_calendar_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	uint8		flags;
	char	   *text;
	int			len;

	crm_summary_recv_begin(buf, SUMMARY_CALENDAR, CALENDAR_VERSION, &flags,
						   CALENDAR_TYPE_NAME);
	if (flags != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid flags in external \"%s\" value", CALENDAR_TYPE_NAME)));
	text = pq_getmsgtext(buf, buf->len - buf->cursor, &len);

	PG_RETURN_POINTER(make_calendar(crm_calendar_parse(text)));
}

/*
 * crm_calendar_send(crm_calendar) -> bytea
 */
Datum
crm_calendar_send(PG_FUNCTION_ARGS)
{
	Calendar   *calendar = get_calendar(fcinfo, 0);
	StringInfoData buf;

	crm_summary_send_begin(&buf, calendar);
	pq_sendtext(&buf, calendar->canonical, CALENDAR_TEXT_LEN(calendar));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

static bool
same_calendar(FunctionCallInfo fcinfo)
{
	Calendar   *a = get_calendar(fcinfo, 0);
	Calendar   *b = get_calendar(fcinfo, 1);

	return CALENDAR_TEXT_LEN(a) == CALENDAR_TEXT_LEN(b) &&
		memcmp(a->canonical, b->canonical, CALENDAR_TEXT_LEN(a)) == 0;
}

/*
 * crm_calendar_eq(crm_calendar, crm_calendar) -> boolean
 *
 * Whether both have one canonical text.
 */
Datum
crm_calendar_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(same_calendar(fcinfo));
}

/*
 * crm_calendar_ne(crm_calendar, crm_calendar) -> boolean
 */
Datum
crm_calendar_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!same_calendar(fcinfo));
}

/*
 * crm_calendar_hash(crm_calendar) -> integer
 */
Datum
crm_calendar_hash(PG_FUNCTION_ARGS)
{
	Calendar   *calendar = get_calendar(fcinfo, 0);

	return hash_any((unsigned char *) calendar->canonical,
					(int) CALENDAR_TEXT_LEN(calendar));
}

/*
 * crm_calendar_hash_extended(crm_calendar, bigint) -> bigint
 */
Datum
crm_calendar_hash_extended(PG_FUNCTION_ARGS)
{
	Calendar   *calendar = get_calendar(fcinfo, 0);

	return hash_any_extended((unsigned char *) calendar->canonical,
							 (int) CALENDAR_TEXT_LEN(calendar), PG_GETARG_INT64(1));
}

static void
append_json_spans(StringInfo buf, const CalendarDay *day)
{
	int			i;

	appendStringInfoChar(buf, '[');
	for (i = 0; i < day->n; i++)
	{
		appendStringInfoString(buf, i > 0 ? ", [\"" : "[\"");
		crm_calendar_append_time(buf, day->spans[i].from);
		appendStringInfoString(buf, "\", \"");
		crm_calendar_append_time(buf, day->spans[i].to);
		appendStringInfoString(buf, "\"]");
	}
	appendStringInfoChar(buf, ']');
}

/*
 * crm_calendar_to_jsonb(crm_calendar) -> jsonb
 *
 * {"time_zone": "Europe/Berlin", "week": {"mon": [["09:00", "17:30"]], ...},
 *	"exceptions": [{"from": "2026-12-25", "to": "2026-12-26", "hours": []}]}
 *
 * All seven days are there, closed ones with an empty list.
 */
Datum
crm_calendar_to_jsonb(PG_FUNCTION_ARGS)
{
	CalendarSpec *spec = crm_calendar_spec(get_calendar(fcinfo, 0));
	StringInfoData buf;
	int			i;

	initStringInfo(&buf);
	appendStringInfoString(&buf, "{\"time_zone\": ");
	escape_json(&buf, pg_get_timezone_name(spec->zone));
	appendStringInfoString(&buf, ", \"week\": {");
	for (i = 0; i < WEEK_DAYS; i++)
	{
		appendStringInfo(&buf, "%s\"%s\": ", i > 0 ? ", " : "", crm_weekday_names[i]);
		append_json_spans(&buf, &spec->week[i]);
	}
	appendStringInfoString(&buf, "}, \"exceptions\": [");
	for (i = 0; i < spec->n_exceptions; i++)
	{
		appendStringInfoString(&buf, i > 0 ? ", {\"from\": \"" : "{\"from\": \"");
		crm_calendar_append_date(&buf, spec->exceptions[i].first);
		appendStringInfoString(&buf, "\", \"to\": \"");
		crm_calendar_append_date(&buf, spec->exceptions[i].last);
		appendStringInfoString(&buf, "\", \"hours\": ");
		append_json_spans(&buf, &spec->exceptions[i].hours);
		appendStringInfoChar(&buf, '}');
	}
	appendStringInfoString(&buf, "]}");

	PG_RETURN_DATUM(DirectFunctionCall1(jsonb_in, CStringGetDatum(buf.data)));
}

/*
 * crm_calendar_except(calendar crm_calendar, days date[]) -> crm_calendar
 *
 * The calendar, closed on these days too: for holidays that are kept in a
 * table.  NULL elements are skipped.  A day that has other hours already is
 * SQLSTATE 22023, as is a date that the text form cannot write.
 */
Datum
crm_calendar_except(PG_FUNCTION_ARGS)
{
	CalendarSpec *spec = crm_calendar_spec(get_calendar(fcinfo, 0));
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(1);
	const DateADT first_day = date2j(1, 1, 1) - POSTGRES_EPOCH_JDATE;
	const DateADT last_day = date2j(9999, 12, 31) - POSTGRES_EPOCH_JDATE;
	int32		conflict;
	int			where;
	Datum	   *elements;
	bool	   *nulls;
	int			n;
	int			i;

	deconstruct_array(array, DATEOID, sizeof(DateADT), true, TYPALIGN_INT,
					  &elements, &nulls, &n);
	for (i = 0; i < n; i++)
	{
		DateADT		day = DatumGetDateADT(elements[i]);

		if (nulls[i])
			continue;
		if (day < first_day || day > last_day)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("a holiday must be a date from 0001-01-01 to 9999-12-31")));
		crm_calendar_add_exception(spec, day, day, -1);
	}

	if (!crm_calendar_arrange(spec, &conflict, &where))
	{
		StringInfoData buf;

		initStringInfo(&buf);
		crm_calendar_append_date(&buf, conflict);
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the calendar has other hours on %s, which is to be closed",
						buf.data),
				 errhint("Take that day out of the calendar's \"on\" clause first.")));
	}
	PG_RETURN_POINTER(make_calendar(spec));
}
