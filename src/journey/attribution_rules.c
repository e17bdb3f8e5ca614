/*-------------------------------------------------------------------------
 *
 * attribution_rules.c
 *	  The rules: how the credit of each conversion of a customer is divided.
 *
 * Credit is counted in units of 10^-16, whole numbers, and what rounding
 * leaves goes to the last touch that has any: so the credits of a conversion
 * add up to exactly one, and their products with its value to the value.
 *
 * A conversion looks at the touches not after it and within the lookback, both
 * ends included.  The cost is that of looking at them: conversions times
 * touches at worst, where there is neither a lookback nor a reset.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "common/int.h"
#include "miscadmin.h"
#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "src/journey/attribution.h"

/* Look for an interrupt when this many touches are done, a power of two. */
#define CHECK_EVERY 65536
#define CHECK_NOW_AND_THEN(i) \
	do { \
		if (((i) & (CHECK_EVERY - 1)) == 0) \
			CHECK_FOR_INTERRUPTS(); \
	} while (0)

/* A lookback of six thousand years sees every touch that can be stored. */
#define MAX_LOOKBACK_DAYS (6000 * 365.0)

/*
 * The offsets of a time zone from UTC are less than 16 hours, so that days of
 * the calendar and days of 24 hours differ by less than this.
 */
#define CALENDAR_SLACK (2 * USECS_PER_DAY)

/* One customer's touches, and how a conversion's credit is divided */
typedef struct Rule
{
	const AttributionSpec *spec;
	bool		is_local;		/* times are timestamps, not timestamptz */
	bool		has_lookback;	/* and it is not longer than time itself */
	bool		is_span;		/* and the same number of microseconds always */
	int64		span;
	double		half_life;		/* microseconds */
	const int64 *touches;
	const bool *is_direct;
	int64	   *units;			/* by channel, of the conversion at hand */
} Rule;

static void measure_lookback(Rule *rule);
static TimestampTz lookback_start(const Rule *rule, Timestamp ts);
static uint32 first_in_lookback(const Rule *rule, Timestamp ts, uint32 from, uint32 to);
static void divide(Rule *rule, uint32 from, uint32 to);
static void divide_equally(Rule *rule, uint32 from, uint32 to);
static void divide_by_age(Rule *rule, uint32 from, uint32 to);
static void divide_by_position(Rule *rule, uint32 from, uint32 to);
static uint32 last_non_direct(const Rule *rule, uint32 from, uint32 to);
static uint32 lower_bound(const int64 *touches, uint32 n, int64 key);
static double position_weight(const AttributionSpec *spec, uint32 i, uint32 n);
static int64 rounded_units(double share, int64 left);

/*
 * The first of n touches at or after a key.
 */
static uint32
lower_bound(const int64 *touches, uint32 n, int64 key)
{
	uint32		from = 0;

	while (n > 0)
	{
		uint32		half = n / 2;

		if (touches[from + half] < key)
		{
			from += half + 1;
			n -= half + 1;
		}
		else
			n = half;
	}
	return from;
}

/*
 * Is there a lookback that matters, and is it a span of time?  Days are one
 * where the clock does not change: without a time zone, and in a zone that has
 * but one offset.
 */
static void
measure_lookback(Rule *rule)
{
	const Interval *lookback = &rule->spec->lookback;
	long		offset;

	rule->has_lookback = rule->spec->has_lookback &&
		lookback->month * 31.0 + lookback->day +
		lookback->time / (double) USECS_PER_DAY < MAX_LOOKBACK_DAYS;
	rule->is_span = rule->has_lookback && lookback->month == 0 &&
		(lookback->day == 0 || rule->is_local ||
		 pg_get_timezone_offset(session_timezone, &offset));
	rule->span = 0;
	if (rule->is_span &&
		(pg_mul_s64_overflow(lookback->day, USECS_PER_DAY, &rule->span) ||
		 pg_add_s64_overflow(rule->span, lookback->time, &rule->span)))
		rule->is_span = false;
}

/*
 * The conversion's time less the lookback, as SQL's ts - interval has it: days
 * and months are those of the session's time zone.
 */
static TimestampTz
lookback_start(const Rule *rule, Timestamp ts)
{
	const Interval *lookback = &rule->spec->lookback;
	TimestampTz start;

	if (rule->is_span)
	{
		if (pg_sub_s64_overflow(ts, rule->span, &start))
			return -TOUCH_MAX_TIME;
	}
	else if (rule->is_local)
		start = DatumGetTimestamp(DirectFunctionCall2(timestamp_mi_interval,
													  TimestampGetDatum(ts),
													  IntervalPGetDatum(lookback)));
	else
		start = DatumGetTimestampTz(DirectFunctionCall2(timestamptz_mi_interval,
														TimestampTzGetDatum(ts),
														IntervalPGetDatum(lookback)));
	return Max(start, -TOUCH_MAX_TIME);
}

/*
 * The first of the touches "from" up to "to" that is in the lookback of a
 * conversion.  Calendar arithmetic takes longer than all else about it, and
 * mostly there is no touch so near to the lookback's start that it matters how
 * long the days were.
 */
static uint32
first_in_lookback(const Rule *rule, Timestamp ts, uint32 from, uint32 to)
{
	const Interval *lookback = &rule->spec->lookback;
	const int64 *touches = rule->touches + from;
	uint32		n = to - from;

	if (!rule->is_span && lookback->month == 0 &&
		lookback->day > 0 && lookback->day < MAX_LOOKBACK_DAYS)
	{
		int64		start = ts - lookback->day * USECS_PER_DAY - lookback->time;
		int64		earliest = Max(start - CALENDAR_SLACK, -TOUCH_MAX_TIME);
		int64		latest = Min(start + CALENDAR_SLACK, TOUCH_MAX_TIME);
		uint32		first = lower_bound(touches, n, earliest * TOUCH_TIME);

		if (first == n || touches[first] >= Max(latest, -TOUCH_MAX_TIME) * TOUCH_TIME)
			return from + first;
	}
	return from + lower_bound(touches, n, lookback_start(rule, ts) * TOUCH_TIME);
}

/*
 * A share of one in units, but not more than are left.
 */
static int64
rounded_units(double share, int64 left)
{
	int64		units = (int64) rint(share * (double) CREDIT_ONE);

	return Min(units, left);
}

static void
divide_equally(Rule *rule, uint32 from, uint32 to)
{
	int64		each = CREDIT_ONE / (to - from);
	uint32		i;

	for (i = from; i < to; i++)
	{
		CHECK_NOW_AND_THEN(i);
		rule->units[touch_channel(rule->touches[i])] += each;
	}
	rule->units[touch_channel(rule->touches[to - 1])] += CREDIT_ONE - each * (to - from);
}

/*
 * Weights 2^(-age / half-life).  Only their ratios count, so age is taken
 * relative to the last touch: the weights of an old journey do not vanish.
 */
static void
divide_by_age(Rule *rule, uint32 from, uint32 to)
{
	TimestampTz last = touch_time(rule->touches[to - 1]);
	int64		left = CREDIT_ONE;
	double		sum = 0;
	uint32		i;

	for (i = from; i < to; i++)
	{
		CHECK_NOW_AND_THEN(i);
		sum += exp2((double) (touch_time(rule->touches[i]) - last) / rule->half_life);
	}
	for (i = from; i < to - 1; i++)
	{
		double		weight = exp2((double) (touch_time(rule->touches[i]) - last) /
								  rule->half_life);
		int64		units = rounded_units(weight / sum, left);

		CHECK_NOW_AND_THEN(i);
		rule->units[touch_channel(rule->touches[i])] += units;
		left -= units;
	}
	rule->units[touch_channel(rule->touches[to - 1])] += left;
}

/*
 * The weight of touch i of n, where k weights are laid on from both ends: the
 * first half of them on the first touches, the second half on the last, and
 * the middle one, of an odd number, is shared by all in between.  Fewer
 * touches than weights take them from both ends too.
 */
static double
position_weight(const AttributionSpec *spec, uint32 i, uint32 n)
{
	uint32		k = (uint32) spec->n_weights;
	uint32		head = n < k ? (n + 1) / 2 : k / 2;
	uint32		tail = n < k ? n / 2 : k / 2;

	if (i < head)
		return spec->weights[i];
	if (i >= n - tail)
		return spec->weights[k - (n - i)];
	return k % 2 == 1 ? spec->weights[k / 2] / (n - head - tail) : 0;
}

static void
divide_by_position(Rule *rule, uint32 from, uint32 to)
{
	const AttributionSpec *spec = rule->spec;
	uint32		n = to - from;
	int64		left = CREDIT_ONE;
	uint32		last = to;
	double		sum = 0;
	uint32		i;

	/* the weights as they were given add up with fewer roundings */
	if (n >= (uint32) spec->n_weights)
	{
		for (i = 0; i < (uint32) spec->n_weights; i++)
			sum += spec->weights[i];
	}
	else
	{
		for (i = 0; i < n; i++)
			sum += position_weight(spec, i, n);
	}
	if (sum == 0)
	{
		divide_equally(rule, from, to);
		return;
	}

	while (position_weight(spec, last - 1 - from, n) == 0)
		last--;
	for (i = from; i < last - 1; i++)
	{
		int64		units = rounded_units(position_weight(spec, i - from, n) / sum, left);

		CHECK_NOW_AND_THEN(i);
		rule->units[touch_channel(rule->touches[i])] += units;
		left -= units;
	}
	rule->units[touch_channel(rule->touches[last - 1])] += left;
}

/*
 * The last touch that is not direct, else the last.
 */
static uint32
last_non_direct(const Rule *rule, uint32 from, uint32 to)
{
	uint32		i;

	for (i = to; i > from; i--)
	{
		if (!rule->is_direct[touch_channel(rule->touches[i - 1])])
			return i - 1;
	}
	return to - 1;
}

/*
 * Divide one conversion among the touches from "from" up to, not with, "to".
 */
static void
divide(Rule *rule, uint32 from, uint32 to)
{
	uint32		only;

	switch (rule->spec->model)
	{
		case ATTRIBUTION_LINEAR:
			divide_equally(rule, from, to);
			return;
		case ATTRIBUTION_POSITION:
		case ATTRIBUTION_CUSTOM:
			divide_by_position(rule, from, to);
			return;
		case ATTRIBUTION_TIME_DECAY:
			divide_by_age(rule, from, to);
			return;
		case ATTRIBUTION_FIRST:
			only = from;
			break;
		case ATTRIBUTION_LAST_NON_DIRECT:
			only = last_non_direct(rule, from, to);
			break;
		case ATTRIBUTION_LAST:
		default:
			only = to - 1;
			break;
	}
	rule->units[touch_channel(rule->touches[only])] = CREDIT_ONE;
}

/*
 * Credit conversions to channels.
 *
 * touches rise by time, those of one time by the names of their channels;
 * conversions rise by time.  is_direct is by channel.  credits has room for
 * n_channels and one more, zeroed: that one is for conversions without
 * touches.  Amounts are made in the current memory context.
 *
 * With reset_on_conversion, touches up to a conversion's time are used up by
 * it; conversions at one time share theirs.
 */
void
crm_attribution_assign(const AttributionSpec *spec, bool is_local,
					   const int64 *touches, uint32 n_touches,
					   const Conversion *conversions, uint32 n_conversions,
					   const bool *is_direct, uint32 n_channels,
					   ChannelCredit *credits)
{
	Rule		rule;
	uint32		used = 0;		/* touches that earlier conversions used up */
	uint32		to = 0;
	uint32		i;

	rule.spec = spec;
	rule.is_local = is_local;
	measure_lookback(&rule);
	rule.half_life = (spec->half_life.month * (double) DAYS_PER_MONTH +
					  spec->half_life.day) * USECS_PER_DAY + spec->half_life.time;
	rule.touches = touches;
	rule.is_direct = is_direct;
	rule.units = (int64 *) palloc0((n_channels + 1) * sizeof(int64));

	for (i = 0; i < n_conversions; i++)
	{
		const Conversion *conversion = &conversions[i];
		int			scale = crm_attribution_amount_display_scale(&conversion->value);
		uint32		from;
		uint32		channel;

		CHECK_FOR_INTERRUPTS();
		if (spec->reset_on_conversion && i > 0 && conversions[i - 1].ts < conversion->ts)
			used = to;
		while (to < n_touches && touch_time(touches[to]) <= conversion->ts)
			to++;
		from = used;
		if (rule.has_lookback)
			from = first_in_lookback(&rule, conversion->ts, used, to);

		if (from < to)
			divide(&rule, from, to);
		else
			rule.units[n_channels] = CREDIT_ONE;

		for (channel = 0; channel <= n_channels; channel++)
		{
			ChannelCredit *credit = &credits[channel];
			int64		units = rule.units[channel];

			if (units == 0)
				continue;
			rule.units[channel] = 0;
			credit->units += units;
			if (credit->units >= CREDIT_ONE)
			{
				credit->units -= CREDIT_ONE;
				credit->whole++;
			}
			credit->scale = Max(credit->scale, scale);
			crm_attribution_amount_add_share(&credit->value, &conversion->value, units);
		}
	}
	pfree(rule.units);
}
