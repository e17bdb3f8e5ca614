/*-------------------------------------------------------------------------
 *
 * activity.c
 *	  The stored type crm_activity: in which periods a customer was active.
 *
 * Its text form is a timeline, from the first active period to the last:
 *
 *	  crm_activity:1 unit=day first=2026-03-01 active=1101001
 *
 * The time zone that the periods were counted in is not part of the value, as
 * it is not part of a date.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "src/common/aggstate.h"
#include "src/retention/activity.h"

#define TYPE_NAME "crm_activity"
#define ACTIVITY_VERSION 1

PG_FUNCTION_INFO_V1(crm_activity_in);
PG_FUNCTION_INFO_V1(crm_activity_out);
PG_FUNCTION_INFO_V1(crm_activity_recv);
PG_FUNCTION_INFO_V1(crm_activity_send);
PG_FUNCTION_INFO_V1(crm_activity_to_jsonb);

static bool activity_valid(const Activity *activity, Size size);

/*
 * Whether the fields of a value, whose words fill the given size, make sense
 * together.
 */
static bool
activity_valid(const Activity *activity, Size size)
{
	PeriodUnit	unit = (PeriodUnit) activity->header.flags;

	if (crm_period_unit_name(unit) == NULL ||
		activity->n_words > ACTIVITY_MAX_WORDS ||
		size != offsetof(Activity, words) + (Size) activity->n_words * sizeof(uint64))
		return false;
	if (activity->n_words == 0)
		return activity->first_word == 0;
	/* both ends are there, and are periods of finite dates */
	return activity->first_word <= (PG_UINT32_MAX >> 6) - (activity->n_words - 1) &&
		activity->words[0] != 0 && activity->words[activity->n_words - 1] != 0 &&
		activity_first(activity) >= crm_period_of_day(unit, PERIOD_MIN_DAY) &&
		activity_last(activity) <= crm_period_of_day(unit, PERIOD_MAX_DAY);
}

/*
 * The activity in a datum; do not change it.
 */
Activity *
crm_activity_get(Datum datum)
{
	Activity   *activity = crm_summary_detoast(datum, offsetof(Activity, words),
											   SUMMARY_ACTIVITY, ACTIVITY_VERSION,
											   TYPE_NAME);

	/* A value forged on the way to disk must not lead us astray. */
	if (unlikely(!activity_valid(activity, VARSIZE(activity))))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("value is not a valid %s", TYPE_NAME)));
	return activity;
}

/*
 * The same for what needs periods of the calendar, which are the same periods
 * for all customers.
 */
Activity *
crm_activity_get_calendar(Datum datum)
{
	Activity   *activity = crm_activity_get(datum);

	if (activity->header.flags == PERIOD_24H)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("activity in periods of 24 hours has no calendar periods"),
				 errhint("Use the unit day, week or month; 24h is for crm_retention.")));
	return activity;
}

/*
 * Raise an error unless two activities are in the same unit.
 */
void
crm_activity_check_unit(PeriodUnit unit, PeriodUnit other)
{
	if (unlikely(unit != other))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("activities are in different units: %s and %s",
						crm_period_unit_name(unit), crm_period_unit_name(other)),
				 errhint("crm_activity_in_unit makes weeks or months of days.")));
}

/*
 * crm_activity_in(cstring) -> crm_activity
 */
Datum
crm_activity_in(PG_FUNCTION_ARGS)
{
	TextReader	reader;
	PeriodUnit	unit;
	ActivityState *state;
	DateADT		first_day = 0;
	int64		first;
	int64		n;
	int64		i;
	const char *flags;
	char	   *word;

	crm_text_read_begin(&reader, PG_GETARG_CSTRING(0), TYPE_NAME, ACTIVITY_VERSION);
	word = crm_text_read_word(&reader, "unit");
	unit = crm_period_unit_by_name(word);
	if (!crm_text_read_has_key(&reader, "first"))
	{
		/* no active period */
		crm_text_read_end(&reader);
		state = crm_activity_state_create(CurrentMemoryContext, unit, 0, 0);
		PG_RETURN_POINTER(crm_activity_state_value(state));
	}

	reader.pos -= strlen(" first=");
	word = crm_text_read_word(&reader, "first");
	if (!crm_period_parse_day(word, &first_day) ||
		crm_period_start(unit, crm_period_of_day(unit, first_day)) != first_day)
	{
		reader.pos -= strlen(word);
		crm_text_error(&reader, "the first day of a period, such as 2026-06-01,");
	}
	first = crm_period_of_day(unit, first_day);

	flags = crm_text_read_word(&reader, "active");
	n = (int64) strlen(flags);
	reader.pos -= n;
	if (n > (int64) ACTIVITY_MAX_WORDS * 64 ||
		first + n - 1 > crm_period_of_day(unit, PERIOD_MAX_DAY))
		crm_text_error(&reader, "fewer periods");

	state = crm_activity_state_create(CurrentMemoryContext, unit, 0, (int32) first);
	for (i = 0; i < n; i++)
	{
		bool		is_end = i == 0 || i == n - 1;

		if (flags[i] == '1')
			state = crm_activity_state_add(state, (int32) (first + i));
		else if (flags[i] != '0' || is_end)
		{
			reader.pos += i;
			crm_text_error(&reader, is_end ? "1" : "0 or 1");
		}
	}
	reader.pos += n;
	crm_text_read_end(&reader);
	PG_RETURN_POINTER(crm_activity_state_value(state));
}

/*
 * crm_activity_out(crm_activity) -> cstring
 */
Datum
crm_activity_out(PG_FUNCTION_ARGS)
{
	Activity   *activity = crm_activity_get(PG_GETARG_DATUM(0));
	PeriodUnit	unit = (PeriodUnit) activity->header.flags;
	StringInfoData buf;

	initStringInfo(&buf);
	crm_text_begin(&buf, TYPE_NAME, ACTIVITY_VERSION);
	crm_text_word(&buf, "unit", crm_period_unit_name(unit));
	if (activity->n_words > 0)
	{
		int32		first = activity_first(activity);
		int32		last = activity_last(activity);
		int64		i;

		crm_text_key(&buf, "first");
		crm_period_append_day(&buf, crm_period_start(unit, first));
		crm_text_key(&buf, "active");
		for (i = first; i <= last; i++)
			appendStringInfoChar(&buf, activity_test(activity, i) ? '1' : '0');
	}
	PG_RETURN_CSTRING(buf.data);
}

/*
 * crm_activity_recv(internal) -> crm_activity
 */
Datum
crm_activity_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	uint8		flags;
	uint32		first_word;
	uint32		n_words;
	uint32		i;
	Size		size;
	Activity   *activity;

	crm_summary_recv_begin(buf, SUMMARY_ACTIVITY, ACTIVITY_VERSION, &flags, TYPE_NAME);
	first_word = (uint32) pq_getmsgint(buf, 4);
	n_words = (uint32) crm_deserial_count(buf, ACTIVITY_MAX_WORDS, sizeof(uint64),
										  TYPE_NAME);
	size = offsetof(Activity, words) + (Size) n_words * sizeof(uint64);
	activity = (Activity *) crm_summary_alloc(size, SUMMARY_ACTIVITY, ACTIVITY_VERSION);
	activity->header.flags = flags;
	activity->first_word = first_word;
	activity->n_words = n_words;
	for (i = 0; i < n_words; i++)
		activity->words[i] = (uint64) pq_getmsgint64(buf);

	if (!activity_valid(activity, size))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid external \"%s\" value", TYPE_NAME)));
	PG_RETURN_POINTER(activity);
}

/*
 * crm_activity_send(crm_activity) -> bytea
 */
Datum
crm_activity_send(PG_FUNCTION_ARGS)
{
	Activity   *activity = crm_activity_get(PG_GETARG_DATUM(0));
	StringInfoData buf;
	uint32		i;

	crm_summary_send_begin(&buf, activity);
	pq_sendint32(&buf, activity->first_word);
	pq_sendint64(&buf, activity->n_words);
	for (i = 0; i < activity->n_words; i++)
		pq_sendint64(&buf, activity->words[i]);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_activity_to_jsonb(crm_activity) -> jsonb
 *
 * The unit, and the first day of each active period.
 */
Datum
crm_activity_to_jsonb(PG_FUNCTION_ARGS)
{
	Activity   *activity = crm_activity_get(PG_GETARG_DATUM(0));
	PeriodUnit	unit = (PeriodUnit) activity->header.flags;
	StringInfoData buf;
	ActivityWalk walk;
	int32		period;
	const char *separator = "";

	initStringInfo(&buf);
	appendStringInfo(&buf, "{\"unit\": \"%s\", \"periods\": [",
					 crm_period_unit_name(unit));
	activity_walk_begin(&walk, activity);
	while (activity_walk_next(&walk, &period))
	{
		appendStringInfo(&buf, "%s\"", separator);
		crm_period_append_day(&buf, crm_period_start(unit, period));
		appendStringInfoChar(&buf, '"');
		separator = ", ";
	}
	appendStringInfoString(&buf, "]}");
	PG_RETURN_DATUM(DirectFunctionCall1(jsonb_in, CStringGetDatum(buf.data)));
}
