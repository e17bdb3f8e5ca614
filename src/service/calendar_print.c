/*-------------------------------------------------------------------------
 *
 * calendar_print.c
 *	  Writing the text form of crm_calendar.
 *
 * The canonical form, which is what is stored and printed, has one spelling for
 * one set of hours: days in order from Monday, those of equal hours together;
 * spans in order and joined where they touch; then all closed dates in order,
 * runs of three and more as a range; then the other exceptions by date.  The
 * parser has put what it read in order already.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/datetime.h"

#include "src/service/calendar.h"

const char *const crm_weekday_names[WEEK_DAYS] = {
	"mon", "tue", "wed", "thu", "fri", "sat", "sun"
};

static void append_spans(StringInfo buf, const CalendarDay *day);

/*
 * Whether the same opening times start on two days.
 */
bool
crm_calendar_same_hours(const CalendarDay *a, const CalendarDay *b)
{
	return a->n == b->n &&
		(a->n == 0 || memcmp(a->spans, b->spans, a->n * sizeof(CalendarSpan)) == 0);
}

/*
 * "2026-12-25", for a day since 2000-01-01.
 */
void
crm_calendar_append_date(StringInfo buf, int32 day)
{
	int			year;
	int			month;
	int			mday;

	j2date(day + POSTGRES_EPOCH_JDATE, &year, &month, &mday);
	appendStringInfo(buf, "%04d-%02d-%02d", year, month, mday);
}

/*
 * "09:00", for minutes since midnight, also those of the next day.
 */
void
crm_calendar_append_time(StringInfo buf, int minutes)
{
	if (minutes > DAY_MINUTES)
		minutes -= DAY_MINUTES;
	appendStringInfo(buf, "%02d:%02d", minutes / 60, minutes % 60);
}

static void
append_spans(StringInfo buf, const CalendarDay *day)
{
	int			i;

	for (i = 0; i < day->n; i++)
	{
		appendStringInfoChar(buf, ' ');
		crm_calendar_append_time(buf, day->spans[i].from);
		appendStringInfoChar(buf, '-');
		crm_calendar_append_time(buf, day->spans[i].to);
	}
}

/*
 * Append the canonical text.
 */
void
crm_calendar_deparse(StringInfo buf, const CalendarSpec *spec)
{
	const CalendarDay *monday = &spec->week[0];
	int			done = 0;		/* set of weekdays, bit 0 for Monday */
	bool		any_closed = false;
	int			i;
	int			j;

	appendStringInfoString(buf, pg_get_timezone_name(spec->zone));

	for (i = 0; i < WEEK_DAYS; i++)
	{
		int			alike = 0;
		char		separator = ' ';

		if ((done & (1 << i)) || spec->week[i].n == 0)
			continue;
		for (j = i; j < WEEK_DAYS; j++)
		{
			if (crm_calendar_same_hours(&spec->week[i], &spec->week[j]))
				alike |= 1 << j;
		}
		done |= alike;

		if (alike == (1 << WEEK_DAYS) - 1 && monday->n == 1 &&
			monday->spans[0].from == 0 && monday->spans[0].to == DAY_MINUTES)
		{
			appendStringInfoString(buf, " 24x7");
			break;
		}

		for (j = i; j < WEEK_DAYS; j++)
		{
			int			last = j;

			if (!(alike & (1 << j)))
				continue;
			while (alike & (1 << (last + 1)))
				last++;
			appendStringInfo(buf, "%c%s", separator, crm_weekday_names[j]);
			if (last > j)
				appendStringInfo(buf, "-%s", crm_weekday_names[last]);
			separator = ',';
			j = last;
		}
		append_spans(buf, &spec->week[i]);
	}

	for (i = 0; i < spec->n_exceptions; i++)
	{
		const CalendarException *exception = &spec->exceptions[i];

		if (exception->hours.n > 0)
			continue;
		appendStringInfoString(buf, any_closed ? " " : " except ");
		any_closed = true;
		crm_calendar_append_date(buf, exception->first);
		if (exception->last > exception->first)
		{
			appendStringInfoString(buf,
								   exception->last == exception->first + 1 ? " " : "..");
			crm_calendar_append_date(buf, exception->last);
		}
	}

	for (i = 0; i < spec->n_exceptions; i++)
	{
		const CalendarException *exception = &spec->exceptions[i];

		if (exception->hours.n == 0)
			continue;
		appendStringInfoString(buf, " on ");
		crm_calendar_append_date(buf, exception->first);
		if (exception->last > exception->first)
		{
			appendStringInfoString(buf, "..");
			crm_calendar_append_date(buf, exception->last);
		}
		append_spans(buf, &exception->hours);
	}
}
