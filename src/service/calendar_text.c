/*-------------------------------------------------------------------------
 *
 * calendar_text.c
 *	  Reading the text form of crm_calendar.
 *
 *	  calendar := zone clause ...
 *	  clause   := "24x7"
 *				| days span ...					the weekly hours
 *				| "except" dates ...			closed on these days
 *				| "on" dates ... span ...		other hours on these days
 *	  days     := day | day "-" day | days "," days
 *	  span     := hh:mm "-" hh:mm
 *	  dates    := yyyy-mm-dd | yyyy-mm-dd ".." yyyy-mm-dd
 *
 * Words are separated by white space; letters may be upper or lower case, and
 * days may be written out.  There is at least one clause of weekly hours.  A
 * span that ends before it starts goes on into the next day, and belongs to
 * the day on which it starts: an exception for that day takes all of it away,
 * one for the next day nothing.  A range of days may wrap ("fri-mon").  Spans
 * of one day may not overlap, because that is more often a slip of the pen
 * ("mon-fri 9:00-17:00 fri 9:00-15:00") than meant; for the same reason no
 * date may have two exceptions, but closing a day twice does no harm.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "datatype/timestamp.h"
#include "miscadmin.h"
#include "utils/datetime.h"

#include "src/common/local_time.h"
#include "src/service/calendar.h"

/*
 * More exceptions than this (one for each day of 270 years) are a mistake, and
 * would make a value that no longer fits its purpose.
 */
#define MAX_EXCEPTIONS 100000

static const char *const long_weekday_names[WEEK_DAYS] = {
	"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"
};

static inline bool is_space(char c);
static inline bool is_digit(char c);
static void skip_space(TextReader *reader);
static bool next_is_word(const TextReader *reader, const char *word);
static void read_word_end(TextReader *reader, const char *expected);
static int	read_digits(TextReader *reader, int n, const char *expected);
static int	read_time(TextReader *reader);
static CalendarSpan read_span(TextReader *reader);
static int	read_weekday(TextReader *reader);
static int	read_weekdays(TextReader *reader);
static int32 read_date(TextReader *reader);
static void read_zone(TextReader *reader, CalendarSpec *spec);
static void read_weekly(TextReader *reader, CalendarSpec *spec, int weekdays);
static void read_exceptions(TextReader *reader, CalendarSpec *spec, bool open);
static void add_span(TextReader *reader, CalendarDay *day, CalendarSpan span,
					 const char *where);
static void join_spans(CalendarDay *day);
static int	compare_exceptions(const void *a, const void *b);

static inline bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void
skip_space(TextReader *reader)
{
	while (is_space(*reader->pos))
		reader->pos++;
}

/*
 * Is the next word this one, in upper or lower case?
 */
static bool
next_is_word(const TextReader *reader, const char *word)
{
	size_t		len = strlen(word);

	return pg_strncasecmp(reader->pos, word, len) == 0 &&
		(reader->pos[len] == '\0' || is_space(reader->pos[len]));
}

/*
 * The word ends here; go to the next one.
 */
static void
read_word_end(TextReader *reader, const char *expected)
{
	if (*reader->pos != '\0' && !is_space(*reader->pos))
		crm_text_error(reader, expected);
	skip_space(reader);
}

static int
read_digits(TextReader *reader, int n, const char *expected)
{
	int			value = 0;

	while (n-- > 0)
	{
		if (!is_digit(*reader->pos))
			crm_text_error(reader, expected);
		value = value * 10 + (*reader->pos++ - '0');
	}
	return value;
}

/*
 * "9:00", "09:00" or "24:00", in minutes.
 */
static int
read_time(TextReader *reader)
{
	const char *expected = "a time of day such as 09:00";
	const char *where = reader->pos;
	int			hour;
	int			minute;

	hour = read_digits(reader, 1, expected);
	if (is_digit(*reader->pos))
		hour = hour * 10 + read_digits(reader, 1, expected);
	if (*reader->pos != ':')
		crm_text_error(reader, "\":\"");
	reader->pos++;
	minute = read_digits(reader, 2, "two digits of minutes");

	if (minute > 59 || hour * 60 + minute > DAY_MINUTES)
	{
		reader->pos = where;
		crm_text_error(reader, "a time from 00:00 to 24:00");
	}
	return hour * 60 + minute;
}

/*
 * "09:00-17:30", or "22:00-06:00" into the next day.
 */
static CalendarSpan
read_span(TextReader *reader)
{
	const char *where = reader->pos;
	CalendarSpan span;
	int			from;
	int			to;

	from = read_time(reader);
	if (*reader->pos != '-')
		crm_text_error(reader, "\"-\" and the closing time");
	reader->pos++;
	to = read_time(reader);

	/* one could mean nothing or a whole day by "12:00-12:00" */
	if (from == to || from == DAY_MINUTES)
	{
		reader->pos = where;
		crm_text_error(reader, "an opening time that is not empty (00:00-24:00 is a whole day)");
	}
	if (to < from)
		to += DAY_MINUTES;
	read_word_end(reader, "a space");

	span.from = (int16) from;
	span.to = (int16) to;
	return span;
}

/*
 * "mon" or "monday"; 0 is Monday, -1 means that it is none.
 */
static int
read_weekday(TextReader *reader)
{
	size_t		len = 0;
	int			i;

	while ((reader->pos[len] >= 'a' && reader->pos[len] <= 'z') ||
		   (reader->pos[len] >= 'A' && reader->pos[len] <= 'Z'))
		len++;

	for (i = 0; i < WEEK_DAYS; i++)
	{
		if ((len == strlen(crm_weekday_names[i]) &&
			 pg_strncasecmp(reader->pos, crm_weekday_names[i], len) == 0) ||
			(len == strlen(long_weekday_names[i]) &&
			 pg_strncasecmp(reader->pos, long_weekday_names[i], len) == 0))
		{
			reader->pos += len;
			return i;
		}
	}
	return -1;
}

/*
 * "mon-fri,sun": a set with bit 0 for Monday.
 */
static int
read_weekdays(TextReader *reader)
{
	const char *expected = "a day such as mon or mon-fri, 24x7, except, or on";
	int			weekdays = 0;

	for (;;)
	{
		int			first = read_weekday(reader);
		int			last = first;
		int			i;

		if (first < 0)
			crm_text_error(reader, expected);
		if (*reader->pos == '-')
		{
			reader->pos++;
			last = read_weekday(reader);
			if (last < 0)
				crm_text_error(reader, "a day such as fri");
		}
		for (i = first; i != last; i = (i + 1) % WEEK_DAYS)
			weekdays |= 1 << i;
		weekdays |= 1 << last;

		if (*reader->pos != ',')
			break;
		reader->pos++;
		expected = "a day such as mon or mon-fri";
	}
	read_word_end(reader, "a space, or \",\" and another day");
	return weekdays;
}

/*
 * "2026-12-25", whatever DateStyle says, in days since 2000-01-01.
 */
static int32
read_date(TextReader *reader)
{
	const char *pattern = "dddd-dd-dd";
	const char *where = reader->pos;
	int			year;
	int			month;
	int			mday;
	int			i;

	for (i = 0; pattern[i] != '\0'; i++)
	{
		if (pattern[i] == 'd' ? !is_digit(where[i]) : where[i] != pattern[i])
			crm_text_error(reader, "a date such as 2026-12-25");
	}
	year = (where[0] - '0') * 1000 + (where[1] - '0') * 100 +
		(where[2] - '0') * 10 + (where[3] - '0');
	month = (where[5] - '0') * 10 + (where[6] - '0');
	mday = (where[8] - '0') * 10 + (where[9] - '0');

	if (year < 1 || month < 1 || month > MONTHS_PER_YEAR || mday < 1 ||
		mday > day_tab[isleap(year)][month - 1])
		crm_text_error(reader, "a valid date");
	reader->pos += strlen(pattern);
	return date2j(year, month, mday) - POSTGRES_EPOCH_JDATE;
}

static void
read_zone(TextReader *reader, CalendarSpec *spec)
{
	const char *start = reader->pos;

	if (*start == '\0')
		crm_text_error(reader, "the name of a time zone");
	while (*reader->pos != '\0' && !is_space(*reader->pos))
		reader->pos++;
	spec->zone = crm_lookup_time_zone(pnstrdup(start, reader->pos - start));
	skip_space(reader);
}

/*
 * The spans that follow a set of weekdays.
 */
static void
read_weekly(TextReader *reader, CalendarSpec *spec, int weekdays)
{
	do
	{
		const char *where = reader->pos;
		CalendarSpan span = read_span(reader);
		int			i;

		for (i = 0; i < WEEK_DAYS; i++)
		{
			if (weekdays & (1 << i))
				add_span(reader, &spec->week[i], span, where);
		}
	} while (is_digit(*reader->pos));
}

/*
 * What follows "except", or "on" if open: dates, and in the second case the
 * spans that they share.
 */
static void
read_exceptions(TextReader *reader, CalendarSpec *spec, bool open)
{
	int			first_new = spec->n_exceptions;
	CalendarDay hours = {0, NULL};
	int			i;

	for (;;)
	{
		const char *where = reader->pos;
		int32		first;
		int32		last;

		/* dates have four digits before anything else, times at most two */
		if (spec->n_exceptions > first_new &&
			!(is_digit(where[0]) && is_digit(where[1]) && is_digit(where[2])))
			break;
		first = last = read_date(reader);
		if (strncmp(reader->pos, "..", 2) == 0)
		{
			reader->pos += 2;
			last = read_date(reader);
			if (last < first)
			{
				reader->pos = where;
				crm_text_error(reader, "the earlier date first");
			}
		}
		read_word_end(reader, "a space, or \"..\" and the last day");
		crm_calendar_add_exception(spec, first, last, (int) (where - reader->string));
	}
	if (!open)
		return;

	do
	{
		const char *where = reader->pos;
		CalendarSpan span = read_span(reader);

		add_span(reader, &hours, span, where);
	} while (is_digit(*reader->pos));

	join_spans(&hours);
	for (i = first_new; i < spec->n_exceptions; i++)
		spec->exceptions[i].hours = hours;
}

/*
 * Add a span to a day, in its place; where is the span's place in the input.
 */
static void
add_span(TextReader *reader, CalendarDay *day, CalendarSpan span, const char *where)
{
	int			i;

	/* room for a power of two, from 4 */
	if (day->spans == NULL)
		day->spans = palloc(4 * sizeof(CalendarSpan));
	else if (day->n >= 4 && (day->n & (day->n - 1)) == 0)
		day->spans = repalloc(day->spans, 2 * day->n * sizeof(CalendarSpan));

	for (i = day->n; i > 0 && day->spans[i - 1].from > span.from; i--)
		day->spans[i] = day->spans[i - 1];
	if ((i > 0 && day->spans[i - 1].to > span.from) ||
		(i < day->n && day->spans[i + 1].from < span.to))
	{
		reader->pos = where;
		crm_text_error(reader, "an opening time that does not overlap another of the same day");
	}
	day->spans[i] = span;
	day->n++;
}

/*
 * Join spans that touch, unless the whole could not be written as one.
 */
static void
join_spans(CalendarDay *day)
{
	int			n = 0;
	int			i;

	for (i = 0; i < day->n; i++)
	{
		CalendarSpan span = day->spans[i];

		if (n > 0 && day->spans[n - 1].to == span.from)
		{
			int			from = day->spans[n - 1].from;

			if (span.to - from < DAY_MINUTES ||
				(from == 0 && span.to == DAY_MINUTES))
			{
				day->spans[n - 1].to = span.to;
				continue;
			}
		}
		day->spans[n++] = span;
	}
	day->n = n;
}

static int
compare_exceptions(const void *a, const void *b)
{
	const CalendarException *x = (const CalendarException *) a;
	const CalendarException *y = (const CalendarException *) b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	/* the later in the input is the one to complain about */
	return x->where < y->where ? -1 : (x->where > y->where ? 1 : 0);
}

/*
 * Add closed days to a calendar that is being put together; afterwards it
 * needs crm_calendar_arrange.
 */
void
crm_calendar_add_exception(CalendarSpec *spec, int32 first, int32 last,
						   int where)
{
	int			n = spec->n_exceptions;
	CalendarException *exception;

	if (n >= MAX_EXCEPTIONS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a crm_calendar can have at most %d exceptions",
						MAX_EXCEPTIONS),
				 errhint("Write days in a row as a range, such as 2026-12-24..2026-12-31.")));

	/* room for a power of two, from 8 */
	if (spec->exceptions == NULL)
		spec->exceptions = palloc(8 * sizeof(CalendarException));
	else if (n >= 8 && (n & (n - 1)) == 0)
		spec->exceptions = repalloc(spec->exceptions, 2 * n * sizeof(CalendarException));

	exception = &spec->exceptions[spec->n_exceptions++];
	exception->first = first;
	exception->last = last;
	exception->hours.n = 0;
	exception->hours.spans = NULL;
	exception->where = where;
}

/*
 * Put the exceptions in order and join what can be joined.  False if a day has
 * two that cannot be: then *day is that day, and *where the later of the two in
 * the input.
 */
bool
crm_calendar_arrange(CalendarSpec *spec, int32 *day, int *where)
{
	int			n = 0;
	int			i;

	if (spec->n_exceptions > 1)
		qsort(spec->exceptions, spec->n_exceptions, sizeof(CalendarException),
			  compare_exceptions);

	for (i = 0; i < spec->n_exceptions; i++)
	{
		CalendarException *this = &spec->exceptions[i];
		CalendarException *last = n > 0 ? &spec->exceptions[n - 1] : NULL;

		if (last != NULL && this->first <= last->last &&
			(this->hours.n > 0 || last->hours.n > 0))
		{
			*day = this->first;
			*where = Max(this->where, last->where);
			return false;
		}
		if (last != NULL && this->first <= last->last + 1 &&
			crm_calendar_same_hours(&this->hours, &last->hours))
			last->last = Max(last->last, this->last);
		else
			spec->exceptions[n++] = *this;
	}
	spec->n_exceptions = n;
	return true;
}

/*
 * Parse the text of a calendar.  Bad syntax is SQLSTATE 22P02 with the place,
 * an unknown time zone 22023.  The result is palloc'd.
 */
CalendarSpec *
crm_calendar_parse(const char *string)
{
	TextReader	reader = {CALENDAR_TYPE_NAME, string, string};
	CalendarSpec *spec = palloc0(sizeof(CalendarSpec));
	int32		day;
	int			where;
	bool		has_hours = false;
	int			i;

	skip_space(&reader);
	read_zone(&reader, spec);

	while (*reader.pos != '\0')
	{
		CHECK_FOR_INTERRUPTS();

		if (next_is_word(&reader, "except"))
		{
			reader.pos += strlen("except");
			skip_space(&reader);
			read_exceptions(&reader, spec, false);
		}
		else if (next_is_word(&reader, "on"))
		{
			reader.pos += strlen("on");
			skip_space(&reader);
			read_exceptions(&reader, spec, true);
		}
		else if (next_is_word(&reader, "24x7"))
		{
			CalendarSpan whole_day = {0, DAY_MINUTES};

			for (i = 0; i < WEEK_DAYS; i++)
				add_span(&reader, &spec->week[i], whole_day, reader.pos);
			reader.pos += strlen("24x7");
			skip_space(&reader);
			has_hours = true;
		}
		else
		{
			read_weekly(&reader, spec, read_weekdays(&reader));
			has_hours = true;
		}
	}
	if (!has_hours)
		crm_text_error(&reader, "weekly opening hours");

	for (i = 0; i < WEEK_DAYS; i++)
		join_spans(&spec->week[i]);
	if (!crm_calendar_arrange(spec, &day, &where))
	{
		reader.pos = string + where;
		crm_text_error(&reader, "dates that have no other exception");
	}
	return spec;
}
