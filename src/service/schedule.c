/*-------------------------------------------------------------------------
 *
 * schedule.c
 *	  Business time: how long a calendar was open between two instants.
 *
 * An instant is open when the clock on the wall, in the calendar's time zone,
 * shows a date and time that lie in the opening hours.  So let L(x) be the
 * open time before the reading x of that clock, counted from some Monday as
 * if the clock never changed, and let the time zone's offset from UTC be o in
 * the stretch of time that starts at the instant u.  Then the open time before
 * an instant t of that stretch is
 *
 *		W(t) = W(u) + L(t + o) - L(u + o)
 *
 * and business time from a to b is W(b) - W(a).  Where the clocks go forward,
 * L jumps over what the clock skipped; where they go back, it counts again what
 * the clock shows again.  No case needs to be thought of: half hours, changes
 * at midnight, a day that a zone left out, shifts across a change.
 *
 * L is arithmetic on weeks, plus what the exceptional days before x change, a
 * running sum found by binary search; neither cares how long ago the Monday
 * was.  The stretches of equal offset are a table of two entries a year,
 * filled as far as instants were asked for, with W(u) - L(u + o) in each.  A
 * call is two searches, for ten years as for a day.
 *
 * Both directions are monotone, so that adding business time is searching for
 * W(t) instead of for t.
 *
 * All times are in microseconds since 2000-01-01, as in timestamp; they and
 * their sums fit 64 bits because open time is at most elapsed time.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/int.h"
#include "miscadmin.h"
#include "utils/timestamp.h"

#include "src/service/schedule.h"

/* The week that L counts from: 2000-01-01 was a Saturday. */
#define FIRST_MONDAY (-5)

/* Seconds from the Unix epoch to 2000-01-01 */
#define EPOCH_SHIFT_SECS \
	((int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY)

/*
 * The Gregorian calendar, weekdays and all, repeats after this many seconds,
 * and so do the rules of time zones beyond the tables of the database.
 */
#define REPEAT_SECS ((int64) 146097 * SECS_PER_DAY)

/* Nobody had a time zone with rules before 1800, in seconds since 2000. */
#define FIRST_RULE_SECS ((int64) -200 * 366 * SECS_PER_DAY)

/* How far around the first instants asked for to look up the time zone. */
#define MIN_COVER_MARGIN (INT64CONST(5) * 366 * USECS_PER_DAY)

/* A stretch of one local day that is open, and the open time before it */
typedef struct OpenSpan
{
	int64		from;			/* since midnight */
	int64		to;
	int64		before;			/* on this day */
} OpenSpan;

/* The open stretches of a local day, in order, none touching another */
typedef struct DayHours
{
	int			n;
	OpenSpan   *spans;
	int64		total;
} DayHours;

/* Local days first to last all have hours of their own */
typedef struct ExceptionRun
{
	int32		first;
	int32		last;
	DayHours	hours;
	int64		before;			/* L at the start of the first day */
	int64		gain;			/* after the last day, L minus the weekly sum */
} ExceptionRun;

/* A stretch of time with one offset, up to the next one */
typedef struct OffsetPeriod
{
	TimestampTz from;
	int64		offset;			/* local time minus UTC */
	int64		shift;			/* W(t) - L(t + offset) */
	int64		before;			/* W(from) */
} OffsetPeriod;

struct Schedule
{
	pg_tz	   *zone;

	DayHours	week[WEEK_DAYS];	/* Monday first */
	int64		before_weekday[WEEK_DAYS];	/* since Monday 00:00 */
	int64		week_total;

	int			n_runs;
	ExceptionRun *runs;

	/* what is known of the time zone: from covered_from to covered_to */
	TimestampTz covered_from;
	TimestampTz covered_to;
	int			n_periods;
	int			max_periods;
	OffsetPeriod *periods;
	int			last_period;	/* the one last found */
};

static inline int32 floor_day(int64 local);
static void make_day_hours(DayHours *hours, const CalendarDay *today,
						   const CalendarDay *yesterday);
static void add_run(Schedule *schedule, int32 first, int32 last,
					const CalendarDay *today, const CalendarDay *yesterday);
static void make_runs(Schedule *schedule, const CalendarSpec *spec);
static inline int weekday_of(int32 day, int64 *week);
static inline int64 weekly_before_day(const Schedule *schedule, int32 day);
static inline int find_run(const Schedule *schedule, int32 day);
static inline int64 open_before_day(const Schedule *schedule, int32 day,
									const DayHours **hours);
static int64 open_before_local(const Schedule *schedule, int64 local);
static void add_period(Schedule *schedule, TimestampTz from, int64 offset);
static bool next_change(const Schedule *schedule, int64 after, int64 until,
						int64 *repeats, int64 *change, int64 *offset);
static int64 offset_at(const Schedule *schedule, int64 secs);
static void extend(Schedule *schedule, TimestampTz from, TimestampTz to);
static inline void cover(Schedule *schedule, TimestampTz from, TimestampTz to);
static const OffsetPeriod *find_period(Schedule *schedule, TimestampTz ts);
static int64 open_before(Schedule *schedule, TimestampTz ts);
static int64 local_of_open(const Schedule *schedule, int64 open, int32 first_day,
						   int32 last_day, bool latest);
static void out_of_range_error(void) pg_attribute_noreturn();

static void
out_of_range_error(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
			 errmsg("timestamp out of range")));
}

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
make_day_hours(DayHours *hours, const CalendarDay *today,
			   const CalendarDay *yesterday)
{
	int64		over = 0;
	int			i;

	/* Opening times of a day are disjoint: only the last reaches midnight. */
	if (yesterday->n > 0)
		over = (yesterday->spans[yesterday->n - 1].to - DAY_MINUTES) * USECS_PER_MINUTE;

	hours->n = 0;
	hours->total = 0;
	hours->spans = NULL;
	if (today->n == 0 && over <= 0)
		return;
	hours->spans = palloc((today->n + 1) * sizeof(OpenSpan));

	if (over > 0)
	{
		hours->spans[0].from = 0;
		hours->spans[0].to = over;
		hours->n = 1;
	}
	for (i = 0; i < today->n; i++)
	{
		OpenSpan   *span = &hours->spans[hours->n];

		span->from = today->spans[i].from * USECS_PER_MINUTE;
		span->to = Min(today->spans[i].to, DAY_MINUTES) * USECS_PER_MINUTE;
		if (hours->n > 0 && span->from <= span[-1].to)
			span[-1].to = Max(span[-1].to, span->to);
		else
			hours->n++;
	}

	for (i = 0; i < hours->n; i++)
	{
		hours->spans[i].before = hours->total;
		hours->total += hours->spans[i].to - hours->spans[i].from;
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
weekly_before_day(const Schedule *schedule, int32 day)
{
	int64		week;
	int			weekday = weekday_of(day, &week);

	return week * schedule->week_total + schedule->before_weekday[weekday];
}

/*
 * Add a run of days that all have the same hours.
 */
static void
add_run(Schedule *schedule, int32 first, int32 last, const CalendarDay *today,
		const CalendarDay *yesterday)
{
	ExceptionRun *run = &schedule->runs[schedule->n_runs];
	int64		gain = schedule->n_runs > 0 ? run[-1].gain : 0;

	run->first = first;
	run->last = last;
	make_day_hours(&run->hours, today, yesterday);
	run->before = weekly_before_day(schedule, first) + gain;
	run->gain = run->before + ((int64) last - first + 1) * run->hours.total
		- weekly_before_day(schedule, last + 1);
	schedule->n_runs++;
}

/*
 * Turn the exceptions into runs of days with equal hours.  Three for each:
 * the first day, into which the day before may reach; the other days; and the
 * day after, because it lacks (or gains) what an overnight shift of its eve
 * leaves over, unless that day is an exception itself.
 */
static void
make_runs(Schedule *schedule, const CalendarSpec *spec)
{
	int			n = spec->n_exceptions;
	int			i;

	schedule->runs = NULL;
	schedule->n_runs = 0;
	if (n == 0)
		return;
	schedule->runs = palloc(3 * n * sizeof(ExceptionRun));

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
		add_run(schedule, this->first, this->first, &this->hours, eve);
		if (this->last > this->first)
			add_run(schedule, this->first + 1, this->last, &this->hours,
					&this->hours);
		if (i + 1 >= n || this[1].first > this->last + 1)
		{
			next_weekday = weekday_of(this->last + 1, &week);
			add_run(schedule, this->last + 1, this->last + 1,
					&spec->week[next_weekday], &this->hours);
		}
	}
}

/*
 * Make a schedule, which lives in the current memory context and below.
 */
Schedule *
crm_schedule_create(const CalendarSpec *spec)
{
	Schedule   *schedule = palloc0(sizeof(Schedule));
	int			i;

	schedule->zone = spec->zone;
	for (i = 0; i < WEEK_DAYS; i++)
	{
		make_day_hours(&schedule->week[i], &spec->week[i],
					   &spec->week[(i + WEEK_DAYS - 1) % WEEK_DAYS]);
		schedule->before_weekday[i] = schedule->week_total;
		schedule->week_total += schedule->week[i].total;
	}
	make_runs(schedule, spec);
	schedule->max_periods = 32;
	schedule->periods = palloc(schedule->max_periods * sizeof(OffsetPeriod));
	return schedule;
}

/*
 * The last run that starts at or before a day, or -1.
 */
static inline int
find_run(const Schedule *schedule, int32 day)
{
	int			low = -1;
	int			high = schedule->n_runs;

	while (high - low > 1)
	{
		int			middle = low + (high - low) / 2;

		if (schedule->runs[middle].first <= day)
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
open_before_day(const Schedule *schedule, int32 day, const DayHours **hours)
{
	int			i = find_run(schedule, day);
	int64		gain = 0;
	int64		week;
	int			weekday;

	if (i >= 0)
	{
		const ExceptionRun *run = &schedule->runs[i];

		if (day <= run->last)
		{
			*hours = &run->hours;
			return run->before + ((int64) day - run->first) * run->hours.total;
		}
		gain = run->gain;
	}
	weekday = weekday_of(day, &week);
	*hours = &schedule->week[weekday];
	return week * schedule->week_total + schedule->before_weekday[weekday] + gain;
}

/*
 * L: the open time before a reading of the local clock.
 */
static int64
open_before_local(const Schedule *schedule, int64 local)
{
	int32		day = floor_day(local);
	int64		time = local - day * USECS_PER_DAY;
	const DayHours *hours;
	int64		open = open_before_day(schedule, day, &hours);
	int			i;

	for (i = hours->n - 1; i >= 0; i--)
	{
		const OpenSpan *span = &hours->spans[i];

		if (time > span->from)
			return open + span->before + Min(time, span->to) - span->from;
	}
	return open;
}

/*
 * Append a stretch of time to those known.
 */
static void
add_period(Schedule *schedule, TimestampTz from, int64 offset)
{
	OffsetPeriod *period;

	if (schedule->n_periods == schedule->max_periods)
	{
		schedule->max_periods *= 2;
		schedule->periods = repalloc(schedule->periods,
									 schedule->max_periods * sizeof(OffsetPeriod));
	}

	period = &schedule->periods[schedule->n_periods];
	period->from = from;
	period->offset = offset;
	if (schedule->n_periods == 0)
		period->before = open_before_local(schedule, from + offset);
	else
		period->before = period[-1].shift +
			open_before_local(schedule, from + period[-1].offset);
	period->shift = period->before - open_before_local(schedule, from + offset);
	schedule->n_periods++;
}

/*
 * The offset from UTC at an instant; all in seconds.
 */
static int64
offset_at(const Schedule *schedule, int64 secs)
{
	pg_time_t	unix_secs = (pg_time_t) (secs + EPOCH_SHIFT_SECS);
	struct pg_tm *tm = pg_localtime(&unix_secs, schedule->zone);

	if (tm == NULL)
		out_of_range_error();
	return tm->tm_gmtoff;
}

/*
 * The first change of the zone's clocks after one instant and before another,
 * and the offset from then on; false if there is none.  All in seconds.
 *
 * pg_next_dst_boundary knows only the zone's table, which ends some hundred
 * years ahead; after that pg_localtime repeats the table's last 400 years if
 * they can be repeated.  To agree with it, look for a change that many periods
 * earlier, and have pg_localtime confirm it.  *repeats must be 0 at first, and
 * is kept by the caller while "after" grows.
 */
static bool
next_change(const Schedule *schedule, int64 after, int64 until,
			int64 *repeats, int64 *change, int64 *offset)
{
	for (;;)
	{
		int64		back = *repeats * REPEAT_SECS;
		pg_time_t	probe = (pg_time_t) (after - back + EPOCH_SHIFT_SECS);
		long		before_offset;
		long		after_offset;
		int			before_isdst;
		int			after_isdst;
		pg_time_t	boundary;

		CHECK_FOR_INTERRUPTS();

		if (pg_next_dst_boundary(&probe, &before_offset, &before_isdst, &boundary,
								 &after_offset, &after_isdst, schedule->zone) != 1)
		{
			/* past the table */
			if (after - back < FIRST_RULE_SECS)
				return false;
			(*repeats)++;
			continue;
		}

		*change = (int64) boundary - EPOCH_SHIFT_SECS + back;
		*offset = after_offset;
		if (*change >= until)
			return false;
		if (*repeats == 0 ||
			(offset_at(schedule, *change - 1) == before_offset &&
			 offset_at(schedule, *change) == after_offset))
			return true;
		after = *change;
	}
}

/*
 * Look up the time zone's changes around [from, to] and beyond, so that rows in
 * order of time do not have every one of them extend the table by a bit.
 * Changes are only found going forward: to know an earlier time is to start
 * again.
 */
static void
extend(Schedule *schedule, TimestampTz from, TimestampTz to)
{
	TimestampTz limit = schedule->covered_to;
	int64		margin;
	int64		change;
	int64		offset;
	int64		repeats = 0;

	/* half of each, because the whole may not fit */
	margin = schedule->covered_to / 2 - schedule->covered_from / 2;
	margin = Max(margin, MIN_COVER_MARGIN);

	if (schedule->n_periods == 0 || from < schedule->covered_from)
	{
		schedule->covered_from = from > MIN_TIMESTAMP + margin ?
			from - margin : MIN_TIMESTAMP;
		schedule->covered_from -= schedule->covered_from % USECS_PER_SEC;
		/* nothing is covered should this be interrupted */
		schedule->covered_to = schedule->covered_from;
		schedule->n_periods = 0;
		schedule->last_period = 0;
		offset = offset_at(schedule, schedule->covered_from / USECS_PER_SEC);
		add_period(schedule, schedule->covered_from, offset * USECS_PER_SEC);
	}
	if (to >= limit)
		limit = to < END_TIMESTAMP - margin ? to + margin : END_TIMESTAMP;
	limit -= limit % USECS_PER_SEC;

	change = schedule->periods[schedule->n_periods - 1].from / USECS_PER_SEC;
	while (next_change(schedule, change, limit / USECS_PER_SEC, &repeats, &change,
					   &offset))
	{
		OffsetPeriod *last = &schedule->periods[schedule->n_periods - 1];

		if (offset * USECS_PER_SEC != last->offset)
			add_period(schedule, change * USECS_PER_SEC, offset * USECS_PER_SEC);
	}
	schedule->covered_to = limit;
}

/*
 * Make sure that the time zone is known for all of [from, to], to included.
 */
static inline void
cover(Schedule *schedule, TimestampTz from, TimestampTz to)
{
	if (unlikely(schedule->n_periods == 0 || from < schedule->covered_from ||
				 to >= schedule->covered_to))
		extend(schedule, from, to);
}

/*
 * The stretch of time that an instant lies in, which must be covered.
 */
static const OffsetPeriod *
find_period(Schedule *schedule, TimestampTz ts)
{
	const OffsetPeriod *periods = schedule->periods;
	int			low = schedule->last_period;
	int			high = low + 1;

	if (ts >= periods[low].from &&
		(high == schedule->n_periods || ts < periods[high].from))
		return &periods[low];

	low = 0;
	high = schedule->n_periods;
	while (high - low > 1)
	{
		int			middle = low + (high - low) / 2;

		if (periods[middle].from <= ts)
			low = middle;
		else
			high = middle;
	}
	schedule->last_period = low;
	return &periods[low];
}

/*
 * W: the open time before an instant, which must be covered.
 */
static int64
open_before(Schedule *schedule, TimestampTz ts)
{
	const OffsetPeriod *period = find_period(schedule, ts);

	return period->shift + open_before_local(schedule, ts + period->offset);
}

/*
 * The open time from one instant to another, negative when that is the
 * earlier.  Both must be finite.
 */
int64
crm_schedule_open_usecs(Schedule *schedule, TimestampTz from, TimestampTz to)
{
	int64		result;

	cover(schedule, Min(from, to), Max(from, to));
	if (pg_sub_s64_overflow(open_before(schedule, to), open_before(schedule, from),
							&result))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("interval out of range")));
	return result;
}

/*
 * Whether an instant lies in the opening hours; it must be finite.
 */
bool
crm_schedule_is_open(Schedule *schedule, TimestampTz ts)
{
	const DayHours *hours;
	int64		local;
	int32		day;
	int			i;

	cover(schedule, ts, ts);
	local = ts + find_period(schedule, ts)->offset;
	day = floor_day(local);
	open_before_day(schedule, day, &hours);
	local -= day * USECS_PER_DAY;
	for (i = 0; i < hours->n; i++)
	{
		if (local >= hours->spans[i].from && local < hours->spans[i].to)
			return true;
	}
	return false;
}

/*
 * The earliest or the latest reading x of the local clock with L(x) = open,
 * which lies on one of the days from first_day to last_day.
 */
static int64
local_of_open(const Schedule *schedule, int64 open, int32 first_day,
			  int32 last_day, bool latest)
{
	int64		low = first_day;
	int64		high = (int64) last_day + 1;
	const DayHours *hours;
	int64		rest;
	int			i;

	/* the last day at whose start less (or for latest, no more) was open */
	while (high - low > 1)
	{
		int64		middle = low + (high - low) / 2;
		int64		before = open_before_day(schedule, (int32) middle, &hours);

		if (latest ? before <= open : before < open)
			low = middle;
		else
			high = middle;
	}

	rest = open - open_before_day(schedule, (int32) low, &hours);
	for (i = hours->n - 1; i > 0; i--)
	{
		if (latest ? hours->spans[i].before <= rest : hours->spans[i].before < rest)
			break;
	}
	if (i < 0)
		elog(ERROR, "no opening hours on local day %d", (int) low);
	return low * USECS_PER_DAY + hours->spans[i].from + rest - hours->spans[i].before;
}

/*
 * The instant until which the open time since ts is open_usecs: the earliest
 * such if that is positive (a deadline is not later than closing time), else
 * the latest (going back, not earlier than opening time; and zero gives ts
 * itself or, when closed, the next opening).  ts must be finite.
 */
TimestampTz
crm_schedule_add(Schedule *schedule, TimestampTz ts, int64 open_usecs)
{
	bool		latest = open_usecs <= 0;
	TimestampTz from = ts;
	TimestampTz to = ts;
	const OffsetPeriod *periods;
	int64		target;
	int64		local;
	TimestampTz result;
	TimestampTz end;
	int			low;
	int			high;

	/* Cover what lies between, without knowing yet how far that is. */
	for (;;)
	{
		int64		reach;
		bool		too_early;
		bool		too_late;

		cover(schedule, from, to);
		if (pg_add_s64_overflow(open_before(schedule, ts), open_usecs, &target))
			out_of_range_error();
		reach = open_before(schedule, schedule->covered_to);
		too_early = latest ? reach <= target : reach < target;
		too_late = open_before(schedule, schedule->covered_from) > target;
		if (!too_early && !too_late)
			break;
		if (too_early)
		{
			if (schedule->covered_to >= END_TIMESTAMP)
				out_of_range_error();
			to = schedule->covered_to;
		}
		if (too_late)
		{
			if (schedule->covered_from <= MIN_TIMESTAMP)
				out_of_range_error();
			from = schedule->covered_from - 1;
		}
	}

	/* The last stretch before which less (or for latest, no more) was open */
	periods = schedule->periods;
	low = 0;
	high = schedule->n_periods;
	while (high - low > 1)
	{
		int			middle = low + (high - low) / 2;

		if (latest ? periods[middle].before <= target : periods[middle].before < target)
			low = middle;
		else
			high = middle;
	}
	end = high < schedule->n_periods ? periods[high].from : schedule->covered_to;

	local = local_of_open(schedule, target - periods[low].shift,
						  floor_day(periods[low].from + periods[low].offset),
						  floor_day(end + periods[low].offset), latest);
	result = local - periods[low].offset;
	if (!IS_VALID_TIMESTAMP(result))
		out_of_range_error();
	return result;
}
