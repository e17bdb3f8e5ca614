/*-------------------------------------------------------------------------
 *
 * schedule.c
 *	  Business time: how long a calendar was open between two instants.
 *
 * An instant is open when the clock on the wall, in the calendar's time zone,
 * shows a date and time that lie in the opening hours.  So let L(x) be the
 * open time before the reading x of that clock as if the clock never changed
 * (opening_hours.c), and let the time zone's offset from UTC be o in the
 * stretch of time that starts at the instant u.  Then the open time before an
 * instant t of that stretch is
 *
 *		W(t) = W(u) + L(t + o) - L(u + o)
 *
 * and business time from a to b is W(b) - W(a).  Where the clocks go forward,
 * L jumps over what the clock skipped; where they go back, it counts again what
 * the clock shows again.  No case needs to be thought of: half hours, changes
 * at midnight, a day that a zone left out, shifts across a change.
 *
 * The stretches of equal offset are a table of two entries a year, filled as
 * far as instants were asked for, with W(u) - L(u + o) in each.  A call is two
 * searches, for ten years as for a day.
 *
 * W never decreases, so that adding business time is searching for W(t)
 * instead of for t.
 *
 * Left out: a zone given as a rule ("CET-1CEST") is not extended to before
 * 1770, though AT TIME ZONE does that.
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

#include "src/service/opening_hours.h"
#include "src/service/schedule.h"

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
	OpeningHours hours;

	/* what is known of the time zone: from covered_from to covered_to */
	TimestampTz covered_from;
	TimestampTz covered_to;
	int			n_periods;
	int			max_periods;
	OffsetPeriod *periods;
	int			last_period;	/* the one last found */
};

static void add_period(Schedule *schedule, TimestampTz from, int64 offset);
static bool next_change(const Schedule *schedule, int64 after, int64 until,
						int64 *repeats, int64 *change, int64 *offset);
static int64 offset_at(const Schedule *schedule, int64 secs);
static void extend(Schedule *schedule, TimestampTz from, TimestampTz to);
static inline void cover(Schedule *schedule, TimestampTz from, TimestampTz to);
static const OffsetPeriod *find_period(Schedule *schedule, TimestampTz ts);
static int64 open_before(Schedule *schedule, TimestampTz ts);
pg_noreturn static void out_of_range_error(void);

static void
out_of_range_error(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
			 errmsg("timestamp out of range")));
}

/*
 * Make a schedule, which lives in the current memory context and below.
 */
Schedule *
crm_schedule_create(const CalendarSpec *spec)
{
	Schedule   *schedule = palloc0(sizeof(Schedule));

	schedule->zone = spec->zone;
	crm_opening_hours_init(&schedule->hours, spec);
	schedule->max_periods = 32;
	schedule->periods = palloc(schedule->max_periods * sizeof(OffsetPeriod));
	return schedule;
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
		period->before = crm_open_before_local(&schedule->hours, from + offset);
	else
		period->before = period[-1].shift +
			crm_open_before_local(&schedule->hours, from + period[-1].offset);
	period->shift = period->before - crm_open_before_local(&schedule->hours, from + offset);
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

	return period->shift + crm_open_before_local(&schedule->hours, ts + period->offset);
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
	cover(schedule, ts, ts);
	return crm_is_open_local(&schedule->hours,
							 ts + find_period(schedule, ts)->offset);
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

	local = crm_local_of_open(&schedule->hours, target - periods[low].shift,
							  periods[low].from + periods[low].offset,
							  end + periods[low].offset, latest);
	result = local - periods[low].offset;
	if (!IS_VALID_TIMESTAMP(result))
		out_of_range_error();
	return result;
}
