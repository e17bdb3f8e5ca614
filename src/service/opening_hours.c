/*-------------------------------------------------------------------------
 *
 * opening_hours.c
 *	  The opening hours of a calendar on the local clock.
 *
 * L(x) is the open time before the reading x of the clock on the wall, counted
 * from some Monday as if the clock never changed: whole weeks, plus the days of
 * the week so far, plus the day so far, plus what the exceptional days before x
 * changed.  The last is a running sum over runs of days with equal hours of
 * their own, found by binary search; it does not matter how long ago the Monday
 * was, nor how long an exception lasts.
 *
 * Readings are microseconds since 2000-01-01 00:00, as in timestamp without
 * time zone, and days are counted as type date counts them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "datatype/timestamp.h"
#include "miscadmin.h"

#include "src/service/opening_hours.h"

/* The week that L counts from: 2000-01-01 was a Saturday. */
#define FIRST_MONDAY (-5)

static inline int32 floor_day(int64 local);
static inline int weekday_of(int32 day, int64 *week);
static void make_day_hours(DayHours *day, const CalendarDay *today,
						   const CalendarDay *yesterday);
static inline int64 weekly_before_day(const OpeningHours *hours, int32 day);
static void add_run(OpeningHours *hours, int32 first, int32 last,
					const CalendarDay *today, const CalendarDay *yesterday);
static void make_runs(OpeningHours *hours, const CalendarSpec *spec);
static inline int find_run(const OpeningHours *hours, int32 day);
static inline int64 open_before_day(const OpeningHours *hours, int32 day,
									const DayHours **day_hours);

/*
 * The local day of a reading of the local clock.
 */
static inline int32
floor_day(int64 local)
{
	int64		day = local / USECS_PER_DAY;

	if (local % USECS_PER_DAY < 0)
		day--;
	return (int32) day;
}

/*
 * The open stretches of a day: what yesterday's opening times leave over, then
 * what starts today, up to midnight.  Allocates the spans.
 */
static void
make_day_hours(DayHours *day, const CalendarDay *today,
			   const CalendarDay *yesterday)
{
	int64		over = 0;
	int			i;

	/* Opening times of a day are disjoint: only the last reaches midnight. */
	if (yesterday->n > 0)
		over = (yesterday->spans[yesterday->n - 1].to - DAY_MINUTES) * USECS_PER_MINUTE;

	day->n = 0;
	day->total = 0;
	day->spans = NULL;
	if (today->n == 0 && over <= 0)
		return;
	day->spans = palloc((today->n + 1) * sizeof(OpenSpan));

	if (over > 0)
	{
		day->spans[0].from = 0;
		day->spans[0].to = over;
		day->n = 1;
	}
	for (i = 0; i < today->n; i++)
	{
		OpenSpan   *span = &day->spans[day->n];

		span->from = today->spans[i].from * USECS_PER_MINUTE;
		span->to = Min(today->spans[i].to, DAY_MINUTES) * USECS_PER_MINUTE;
		if (day->n > 0 && span->from <= span[-1].to)
			span[-1].to = Max(span[-1].to, span->to);
		else
			day->n++;
	}

	for (i = 0; i < day->n; i++)
	{
		day->spans[i].before = day->total;
		day->total += day->spans[i].to - day->spans[i].from;
	}
}

/*
 * Weekday (0 is Monday) and week of a local day.
 */
static inline int
weekday_of(int32 day, int64 *week)
{
	int64		since_monday = (int64) day - FIRST_MONDAY;
	int64		quotient = since_monday / WEEK_DAYS;
	int			weekday = (int) (since_monday % WEEK_DAYS);

	if (weekday < 0)
	{
		weekday += WEEK_DAYS;
		quotient--;
	}
	*week = quotient;
	return weekday;
}

/*
 * L at the start of a local day if there were no exceptions.
 */
static inline int64
weekly_before_day(const OpeningHours *hours, int32 day)
{
	int64		week;
	int			weekday = weekday_of(day, &week);

	return week * hours->week_total + hours->before_weekday[weekday];
}

/*
 * Add a run of days that all have the same hours.
 */
static void
add_run(OpeningHours *hours, int32 first, int32 last, const CalendarDay *today,
		const CalendarDay *yesterday)
{
	ExceptionRun *run = &hours->runs[hours->n_runs];
	int64		gain = hours->n_runs > 0 ? run[-1].gain : 0;

	run->first = first;
	run->last = last;
	make_day_hours(&run->hours, today, yesterday);
	run->before = weekly_before_day(hours, first) + gain;
	run->gain = run->before + ((int64) last - first + 1) * run->hours.total
		- weekly_before_day(hours, last + 1);
	hours->n_runs++;
}

/*
 * Turn the exceptions into runs of days with equal hours.  Three for each:
 * the first day, into which the day before may reach; the other days; and the
 * day after, because it lacks (or gains) what an overnight shift of its eve
 * leaves over, unless that day is an exception itself.
 */
static void
make_runs(OpeningHours *hours, const CalendarSpec *spec)
{
	int			n = spec->n_exceptions;
	int			i;

	hours->runs = NULL;
	hours->n_runs = 0;
	if (n == 0)
		return;
	hours->runs = palloc(3 * n * sizeof(ExceptionRun));

	for (i = 0; i < n; i++)
	{
		const CalendarException *this = &spec->exceptions[i];
		const CalendarDay *eve;
		int64		week;
		int			next_weekday;

		CHECK_FOR_INTERRUPTS();

		if (i > 0 && this[-1].last + 1 == this->first)
			eve = &this[-1].hours;
		else
			eve = &spec->week[weekday_of(this->first - 1, &week)];
		add_run(hours, this->first, this->first, &this->hours, eve);
		if (this->last > this->first)
			add_run(hours, this->first + 1, this->last, &this->hours,
					&this->hours);
		if (i + 1 >= n || this[1].first > this->last + 1)
		{
			next_weekday = weekday_of(this->last + 1, &week);
			add_run(hours, this->last + 1, this->last + 1,
					&spec->week[next_weekday], &this->hours);
		}
	}
}

/*
 * The last run that starts at or before a day, or -1.
 */
static inline int
find_run(const OpeningHours *hours, int32 day)
{
	int			low = -1;
	int			high = hours->n_runs;

	while (high - low > 1)
	{
		int			middle = low + (high - low) / 2;

		if (hours->runs[middle].first <= day)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/*
 * L at the start of a local day, and that day's hours.
 */
static inline int64
open_before_day(const OpeningHours *hours, int32 day, const DayHours **day_hours)
{
	int			i = find_run(hours, day);
	int64		gain = 0;
	int64		week;
	int			weekday;

	if (i >= 0)
	{
		const ExceptionRun *run = &hours->runs[i];

		if (day <= run->last)
		{
			*day_hours = &run->hours;
			return run->before + ((int64) day - run->first) * run->hours.total;
		}
		gain = run->gain;
	}
	weekday = weekday_of(day, &week);
	*day_hours = &hours->week[weekday];
	return week * hours->week_total + hours->before_weekday[weekday] + gain;
}

/*
 * L: the open time before a reading of the local clock.
 */
int64
crm_open_before_local(const OpeningHours *hours, int64 local)
{
	int32		day = floor_day(local);
	int64		time = local - day * USECS_PER_DAY;
	const DayHours *day_hours;
	int64		open = open_before_day(hours, day, &day_hours);
	int			i;

	for (i = day_hours->n - 1; i >= 0; i--)
	{
		const OpenSpan *span = &day_hours->spans[i];

		if (time > span->from)
			return open + span->before + Min(time, span->to) - span->from;
	}
	return open;
}

/*
 * Whether a reading of the local clock lies in the opening hours.
 */
bool
crm_is_open_local(const OpeningHours *hours, int64 local)
{
	int32		day = floor_day(local);
	int64		time = local - day * USECS_PER_DAY;
	const DayHours *day_hours;
	int			i;

	(void) open_before_day(hours, day, &day_hours);
	for (i = 0; i < day_hours->n; i++)
	{
		if (time >= day_hours->spans[i].from && time < day_hours->spans[i].to)
			return true;
	}
	return false;
}

/*
 * The earliest or the latest reading x of the local clock with L(x) = open.  It
 * must lie between two readings: the earliest after "from", the latest before
 * "to", either up to and including the other.
 */
int64
crm_local_of_open(const OpeningHours *hours, int64 open, int64 from, int64 to,
				  bool latest)
{
	int64		low = floor_day(from);
	int64		high = (int64) floor_day(to) + 1;
	const DayHours *day_hours;
	int64		rest;
	int			i;

	/* the last day at whose start less (or for latest, no more) was open */
	while (high - low > 1)
	{
		int64		middle = low + (high - low) / 2;
		int64		before = open_before_day(hours, (int32) middle, &day_hours);

		if (latest ? before <= open : before < open)
			low = middle;
		else
			high = middle;
	}

	/* and the last such span of that day */
	rest = open - open_before_day(hours, (int32) low, &day_hours);
	for (i = day_hours->n - 1; i > 0; i--)
	{
		int64		before = day_hours->spans[i].before;

		if (latest ? before <= rest : before < rest)
			break;
	}
	if (i < 0)
		elog(ERROR, "no opening hours on local day %d", (int) low);
	return low * USECS_PER_DAY + day_hours->spans[i].from + rest -
		day_hours->spans[i].before;
}

/*
 * Make the opening hours of a calendar ready.  What they allocate, they
 * allocate in the current memory context.
 */
void
crm_opening_hours_init(OpeningHours *hours, const CalendarSpec *spec)
{
	int			i;

	hours->week_total = 0;
	for (i = 0; i < WEEK_DAYS; i++)
	{
		make_day_hours(&hours->week[i], &spec->week[i],
					   &spec->week[(i + WEEK_DAYS - 1) % WEEK_DAYS]);
		hours->before_weekday[i] = hours->week_total;
		hours->week_total += hours->week[i].total;
	}
	make_runs(hours, spec);
}
