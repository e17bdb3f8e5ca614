/*-------------------------------------------------------------------------
 *
 * sequence_pattern.c
 *	  Patterns of events: from text to a list of items.
 *
 *		pattern		:= piece ...			white space between pieces is skipped
 *		piece		:= (?N)					an event for which condition N holds
 *					 | (?'name')			an event of that name, of a journey
 *					 | .					any event
 *					 | .*					any number of events
 *					 | (?t OP time)			time between the events around it
 *					 | (?total LESS time)	time from the first event to the last
 *		OP			:= LESS | > | >= | = | ==
 *		LESS		:= < | <=
 *		time		:= number				seconds, or units of a bigint time
 *					 | 'interval'
 *
 * Two events side by side in the pattern are neighbours among the events of
 * the group for which any condition holds.  With .* or a time between them
 * they need not be.  So a pattern is a list of events, each with a bound on
 * the time since the one before: there are no alternatives and no nesting,
 * which is what makes an exact match in linear time possible.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <ctype.h>

#include "common/int.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/datetime.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "src/journey/sequence_pattern.h"

#define PATTERN_HINT "A pattern is made of (?1), ., .*, (?t<=3600), (?t>'30 minutes') and (?total<='1 day')."

/* More than this many fields has no interval. */
#define MAX_INTERVAL_LEN 128

typedef struct PatternParser
{
	SequencePattern *pattern;
	const char *pos;			/* in pattern->source, which ends in NUL */
	int			max_items;		/* allocated */
	int			n_numbered;
	bool		allow_names;

	/* What stands between the last item and the next one */
	bool		has_gap;
	const char *time_pos;		/* the first time condition, or NULL */
	uint64		min_time;
	uint64		max_time;
} PatternParser;

pg_noreturn static void pattern_error(const PatternParser *parser, const char *pos,
									  const char *fault);
static void skip_space(PatternParser *parser);
static bool take(PatternParser *parser, const char *word);
static void add_item(PatternParser *parser, uint32 mask);
static uint32 read_condition(PatternParser *parser);
static char *read_quoted(PatternParser *parser, const char *what);
static uint32 read_name(PatternParser *parser);
static uint64 read_number(PatternParser *parser);
static uint64 read_interval(PatternParser *parser);
static uint64 read_time(PatternParser *parser);
static void read_time_condition(PatternParser *parser, bool is_total,
								const char *start);
static void read_piece(PatternParser *parser);

static void
pattern_error(const PatternParser *parser, const char *pos, const char *fault)
{
	const char *source = parser->pattern->source;

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid pattern at character %d: %s",
					pg_mbstrlen_with_len(source, (int) (pos - source)) + 1, fault),
			 errhint(PATTERN_HINT)));
}

static void
skip_space(PatternParser *parser)
{
	while (isspace((unsigned char) *parser->pos))
		parser->pos++;
}

/*
 * Read the word if it is next, after white space.
 */
static bool
take(PatternParser *parser, const char *word)
{
	size_t		len = strlen(word);

	skip_space(parser);
	if (strncmp(parser->pos, word, len) != 0)
		return false;
	parser->pos += len;
	return true;
}

static void
add_item(PatternParser *parser, uint32 mask)
{
	SequencePattern *pattern = parser->pattern;
	SequenceItem *item;

	if (pattern->n_items >= parser->max_items)
	{
		parser->max_items *= 2;
		pattern->items = repalloc(pattern->items,
								  parser->max_items * sizeof(SequenceItem));
	}
	item = &pattern->items[pattern->n_items++];
	item->mask = mask;
	item->is_next = !parser->has_gap;
	item->min_time = parser->min_time;
	item->max_time = parser->max_time;

	parser->has_gap = false;
	parser->time_pos = NULL;
	parser->min_time = 0;
	parser->max_time = PG_UINT64_MAX;
}

/*
 * The N of (?N), as a mask.
 */
static uint32
read_condition(PatternParser *parser)
{
	const char *start = parser->pos;
	int			number = 0;

	while (isdigit((unsigned char) *parser->pos) && number <= SEQUENCE_MAX_CONDITIONS)
		number = number * 10 + (*parser->pos++ - '0');
	if (number < 1 || number > parser->n_numbered)
		pattern_error(parser, start,
					  psprintf("there is no condition %.*s, only 1 to %d",
							   (int) strspn(start, "0123456789"), start,
							   parser->n_numbered));
	return (uint32) 1 << (number - 1);
}

/*
 * What stands between single quotes, palloc'd; a doubled quote is one.
 */
static char *
read_quoted(PatternParser *parser, const char *what)
{
	const char *start = parser->pos;
	char	   *result = palloc(strlen(start) + 1);
	char	   *to = result;

	parser->pos++;
	for (;;)
	{
		if (*parser->pos == '\0')
			pattern_error(parser, start, psprintf("the quote of %s is not closed", what));
		if (*parser->pos == '\'')
		{
			if (parser->pos[1] != '\'')
				break;
			parser->pos++;
		}
		*to++ = *parser->pos++;
	}
	parser->pos++;
	*to = '\0';
	return result;
}

/*
 * The name of (?'name'), as the mask of its condition.
 */
static uint32
read_name(PatternParser *parser)
{
	SequencePattern *pattern = parser->pattern;
	const char *start = parser->pos;
	char	   *name;
	int			i;

	if (!parser->allow_names)
		pattern_error(parser, start, "events have names in crm_matches only");
	name = read_quoted(parser, "an event's name");
	for (i = 0; i < pattern->n_names; i++)
	{
		if (strcmp(name, pattern->names[i]) == 0)
			return (uint32) 1 << (parser->n_numbered + i);
	}
	if (parser->n_numbered + pattern->n_names >= SEQUENCE_MAX_CONDITIONS)
		pattern_error(parser, start, psprintf("more than %d conditions",
											  SEQUENCE_MAX_CONDITIONS));
	pattern->names[pattern->n_names++] = name;
	return (uint32) 1 << (parser->n_numbered + i);
}

/*
 * A number without a sign: seconds, to the microsecond, or units.
 */
static uint64
read_number(PatternParser *parser)
{
	const char *start = parser->pos;
	int64		value = 0;
	int			decimals = 0;
	bool		is_fraction = false;
	int			wanted = parser->pattern->kind == EVENT_BIGINT ? 0 : 6;

	for (;; parser->pos++)
	{
		if (*parser->pos == '.' && !is_fraction && wanted > 0)
		{
			is_fraction = true;
			continue;
		}
		if (!isdigit((unsigned char) *parser->pos))
			break;
		if (is_fraction && ++decimals > wanted)
			pattern_error(parser, start, "more than six decimals");
		if (pg_mul_s64_overflow(value, 10, &value) ||
			pg_add_s64_overflow(value, *parser->pos - '0', &value))
			pattern_error(parser, start, "the time is out of range");
	}
	for (; decimals < wanted; decimals++)
	{
		if (pg_mul_s64_overflow(value, 10, &value))
			pattern_error(parser, start, "the time is out of range");
	}
	return (uint64) value;
}

/*
 * An interval in quotes, in microseconds: a day has 24 hours and a month 30
 * days.  The server's own decoder reads it, so that whatever an interval can
 * be written as is fine, and a mistake is reported with its position.
 */
static uint64
read_interval(PatternParser *parser)
{
	const char *start = parser->pos;
	char	   *string = read_quoted(parser, "a time");
	char		work[MAX_INTERVAL_LEN * 2];
	char	   *field[MAXDATEFIELDS];
	int			ftype[MAXDATEFIELDS];
	int			n_fields;
	int			dtype;
	struct pg_itm_in itm;
	int			fault;
	int64		days;
	int64		usecs;

	if (parser->pattern->kind == EVENT_BIGINT)
		pattern_error(parser, start, "a time in units of a bigint is a number, without quotes");
	if (strlen(string) > MAX_INTERVAL_LEN)
		pattern_error(parser, start, "an interval is expected between the quotes");
	fault = ParseDateTime(string, work, sizeof(work), field, ftype, MAXDATEFIELDS,
						  &n_fields);
	if (fault == 0)
		fault = DecodeInterval(field, ftype, n_fields, INTERVAL_FULL_RANGE, &dtype, &itm);
	if (fault == DTERR_BAD_FORMAT)
		fault = DecodeISO8601Interval(string, &dtype, &itm);
	if (fault != 0 || dtype != DTK_DELTA)
		pattern_error(parser, start, "an interval is expected between the quotes");
	days = ((int64) itm.tm_year * MONTHS_PER_YEAR + itm.tm_mon) * DAYS_PER_MONTH +
		itm.tm_mday;
	if (pg_mul_s64_overflow(days, USECS_PER_DAY, &usecs) ||
		pg_add_s64_overflow(usecs, itm.tm_usec, &usecs))
		pattern_error(parser, start, "the time is out of range");
	if (usecs < 0)
		pattern_error(parser, start, "a time must not be negative");
	return (uint64) usecs;
}

static uint64
read_time(PatternParser *parser)
{
	skip_space(parser);
	if (*parser->pos == '\'')
		return read_interval(parser);
	if (isdigit((unsigned char) *parser->pos))
		return read_number(parser);
	if (*parser->pos == '-')
		pattern_error(parser, parser->pos, "a time must not be negative");
	pattern_error(parser, parser->pos, "a time is expected, such as 3600 or '1 hour'");
}

/*
 * The rest of (?t...) or (?total...), without the closing parenthesis; start
 * is where the piece begins.
 */
static void
read_time_condition(PatternParser *parser, bool is_total, const char *start)
{
	SequencePattern *pattern = parser->pattern;
	uint64		min_time = 0;
	uint64		max_time = PG_UINT64_MAX;
	uint64		time;
	bool		equal;

	skip_space(parser);
	if (*parser->pos == '<')
	{
		parser->pos++;
		equal = take(parser, "=");
		time = read_time(parser);
		if (!equal && time == 0)
			min_time = 1;		/* nothing is less */
		max_time = equal || time == 0 ? time : time - 1;
	}
	else if (is_total)
		pattern_error(parser, parser->pos, "< or <= is expected");
	else if (*parser->pos == '>')
	{
		parser->pos++;
		equal = take(parser, "=");
		time = read_time(parser);
		min_time = equal ? time : time + 1;
	}
	else if (*parser->pos == '=')
	{
		parser->pos++;
		(void) take(parser, "=");
		min_time = max_time = read_time(parser);
	}
	else
		pattern_error(parser, parser->pos, "one of <=, <, >=, > and == is expected");

	if (is_total)
	{
		if (min_time > 0)
			pattern_error(parser, start, "no time is less than zero");
		pattern->max_total = Min(pattern->max_total, max_time);
		return;
	}
	if (pattern->n_items == 0)
		pattern_error(parser, start, "there is no event before the time condition");
	parser->has_gap = true;
	if (parser->time_pos == NULL)
		parser->time_pos = start;
	parser->min_time = Max(parser->min_time, min_time);
	parser->max_time = Min(parser->max_time, max_time);
}

static void
read_piece(PatternParser *parser)
{
	const char *start = parser->pos;

	if (take(parser, "."))
	{
		if (*parser->pos == '*')
		{
			parser->pos++;
			parser->has_gap = true;
		}
		else
			add_item(parser, SEQUENCE_ANY);
		return;
	}
	if (!take(parser, "(?"))
		pattern_error(parser, start, "an event is expected");
	if (isdigit((unsigned char) *parser->pos))
		add_item(parser, read_condition(parser));
	else if (*parser->pos == '\'')
		add_item(parser, read_name(parser));
	else if (take(parser, "total"))
		read_time_condition(parser, true, start);
	else if (take(parser, "t"))
		read_time_condition(parser, false, start);
	else
		pattern_error(parser, parser->pos,
					  "the number of a condition, t or total is expected");
	if (!take(parser, ")"))
		pattern_error(parser, parser->pos, "\")\" is expected");
}

/*
 * Compile a pattern, in the given context.  Conditions (?1) to (?n_numbered)
 * are there; names may be used if allow_names.  A fault is error 22023 with
 * its position.  A pattern may be without items ("", ".*"): it matches
 * whatever there is.
 */
SequencePattern *
crm_sequence_compile(const char *source, int source_len, EventTimeKind kind,
					 int n_numbered, bool allow_names, MemoryContext context)
{
	MemoryContext old_context = MemoryContextSwitchTo(context);
	SequencePattern *pattern = palloc0(sizeof(SequencePattern));
	PatternParser parser;

	pattern->source = pnstrdup(source, source_len);
	pattern->source_len = source_len;
	pattern->kind = kind;
	pattern->max_total = PG_UINT64_MAX;
	if (allow_names)
		pattern->names = palloc(SEQUENCE_MAX_CONDITIONS * sizeof(char *));

	memset(&parser, 0, sizeof(parser));
	parser.pattern = pattern;
	parser.pos = pattern->source;
	parser.max_items = 8;
	parser.n_numbered = n_numbered;
	parser.allow_names = allow_names;
	parser.max_time = PG_UINT64_MAX;
	pattern->items = palloc(parser.max_items * sizeof(SequenceItem));

	for (;;)
	{
		CHECK_FOR_INTERRUPTS();
		skip_space(&parser);
		if (*parser.pos == '\0')
			break;
		read_piece(&parser);
	}
	if (parser.time_pos != NULL)
		pattern_error(&parser, parser.time_pos,
					  "there is no event after the time condition");
	pattern->n_conditions = n_numbered + pattern->n_names;
	MemoryContextSwitchTo(old_context);
	return pattern;
}
