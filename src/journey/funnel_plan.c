/*-------------------------------------------------------------------------
 *
 * funnel_plan.c
 *	  A funnel's definition made ready to run: which event is which step, and
 *	  until when a step counts.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/int.h"
#include "fmgr.h"
#include "pgtime.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"

#include "src/common/floor_div.h"
#include "src/journey/funnel.h"

/* Seconds from the Unix epoch to 2000-01-01 */
#define EPOCH_SHIFT_SECS \
	((int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY)

static void add_names(FunnelPlan *plan);
static void span_init(FunnelSpan *span, const Interval *interval, FunnelTime time);
static int64 calendar_end(FunnelSpan *span, FunnelTime time, int64 ts);

/*
 * Steps of one name, and the exclusions, become one entry each, so that an
 * event's name says at once all that it is.
 */
static void
add_names(FunnelPlan *plan)
{
	const FunnelDef *def = plan->def;
	int			next_code = FUNNEL_CODE_NAMES;
	int			i;
	int			j;

	for (i = 0; i < def->n_steps + def->n_exclude; i++)
	{
		bool		is_step = i < def->n_steps;
		uint32		code = is_step ? (uint32) i : FUNNEL_CODE_EXCLUDE;
		FunnelName	name;

		name.bytes = crm_funnel_def_name(def, i, &name.len);
		name.head = crm_funnel_name_head(name.bytes, name.len);
		name.code = code;
		for (j = 0; j < plan->n_names; j++)
		{
			FunnelName *old = &plan->names[j];

			if (old->len != name.len || memcmp(old->bytes, name.bytes, name.len) != 0)
				continue;
			/* a name with several steps: its mask gets a code of its own */
			if (is_step && old->code < FUNNEL_CODE_EXCLUDE)
			{
				plan->masks[next_code] = plan->masks[old->code];
				old->code = next_code++;
			}
			if (is_step)
				plan->masks[old->code] |= plan->masks[code];
			break;
		}
		if (j == plan->n_names)
			plan->names[plan->n_names++] = name;
	}
}

/*
 * Prepare a definition for times of a kind, and either events by name
 * (n_conditions -1) or as many conditions a row.  The plan copies the
 * definition; it lives in the given context.
 */
FunnelPlan *
crm_funnel_plan_make(MemoryContext context, const FunnelDef *def, FunnelTime time,
					 int n_conditions)
{
	FunnelPlan *plan;
	bool		units = (def->header.flags & FUNNEL_DEF_UNITS) != 0;
	int			n_steps;
	int			i;

	if (units != (time == FUNNEL_UNITS))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg(units ? "the funnel's window is a number, but its times are not" :
						"the funnel's window is an interval, but its times are numbers"),
				 errhint("Define the window as a bigint for times of type bigint, as an interval for all others.")));
	n_steps = def->n_steps;
	if (n_conditions < 0)
	{
		if (n_steps == 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("the funnel's definition names no steps"),
					 errhint("Define it with steps => ARRAY[...], or pass a boolean condition for each step.")));
	}
	else if (n_steps == 0)
	{
		n_steps = n_conditions - def->n_exclude;
		crm_funnel_def_check_steps(def, n_steps);
	}
	else if (n_conditions != n_steps + def->n_exclude)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a funnel of %d steps and %d exclusions takes %d conditions, got %d",
						n_steps, def->n_exclude, n_steps + def->n_exclude, n_conditions),
				 errhint("Pass one boolean condition for each step, then one for each name in exclude.")));

	plan = (FunnelPlan *) MemoryContextAllocZero(context, sizeof(FunnelPlan));
	plan->def = (FunnelDef *) MemoryContextAlloc(context, VARSIZE(def));
	memcpy(plan->def, def, VARSIZE(def));
	plan->time = time;
	plan->n_conditions = n_conditions;
	plan->n_steps = n_steps;
	plan->n_exclude = def->n_exclude;
	plan->mode = (FunnelMode) def->mode;
	plan->entry = (FunnelEntry) def->entry;
	plan->must_increase = def->same_time == FUNNEL_MUST_INCREASE;
	plan->reuse_event = def->reuse_event != 0;
	plan->stop_on_repeat = def->on_repeat == FUNNEL_REPEAT_STOP;
	plan->keep_foreign = plan->mode == FUNNEL_STRICT;

	/*
	 * Which row an event is in matters where one row serves one step only,
	 * and where every row must serve one.
	 */
	plan->split_rows = plan->reuse_event && !plan->stop_on_repeat &&
		plan->mode != FUNNEL_STRICT;
	plan->required = step_bits(1, n_steps) & ~def->optional;
	plan->exclude_from = Max(def->exclude_from, 1);
	plan->exclude_to = def->exclude_to != 0 ? def->exclude_to : n_steps;
	plan->has_step_within = def->n_step_within > 0;
	plan->simple = plan->mode == FUNNEL_ORDERED && !plan->stop_on_repeat &&
		!plan->has_step_within && def->optional == 0 && def->n_exclude == 0;

	span_init(&plan->within, &def->within, time);
	plan->step_within_fixed = true;
	for (i = 1; i < n_steps; i++)
	{
		int			from = def->n_step_within == 1 ? 0 : i - 1;

		if (!plan->has_step_within || (def->unbounded & STEP_BIT(from + 1)))
			plan->step_within[i].unbounded = true;
		else
		{
			span_init(&plan->step_within[i], &FUNNEL_DEF_STEP_WITHIN(plan->def)[from], time);
			if (!plan->step_within[i].fixed)
				plan->step_within_fixed = false;
		}
	}

	for (i = 0; i < n_steps; i++)
		plan->masks[i] = STEP_BIT(i + 1);
	plan->masks[FUNNEL_CODE_EXCLUDE] = FUNNEL_EXCLUDE_BIT;
	if (n_conditions < 0)
		add_names(plan);
	return plan;
}

/*
 * Was the plan made of just that?
 */
bool
crm_funnel_plan_is(const FunnelPlan *plan, const FunnelDef *def, FunnelTime time,
				   int n_conditions)
{
	return plan->time == time && plan->n_conditions == n_conditions &&
		VARSIZE(plan->def) == VARSIZE(def) &&
		memcmp(plan->def, def, VARSIZE(def)) == 0;
}

static void
span_init(FunnelSpan *span, const Interval *interval, FunnelTime time)
{
	int64		days = 0;

	span->interval = *interval;
	span->from = span->to = 0;
	span->unbounded = false;
	span->fixed = interval->month == 0 &&
		(interval->day == 0 || time != FUNNEL_TIMESTAMPTZ);
	if (pg_mul_s64_overflow(interval->day, USECS_PER_DAY, &days) ||
		pg_add_s64_overflow(days, interval->time, &span->length))
		span->length = PG_INT64_MAX;
}

/*
 * The last instant at which an event still is within the span after ts; the
 * end of all time where it would lie beyond.  Calendar intervals are added in
 * the session's time zone, as "ts + interval" does.
 */
int64
crm_funnel_span_end(FunnelSpan *span, FunnelTime time, int64 ts)
{
	int64		end;

	if (span->unbounded)
		return PG_INT64_MAX;
	if (!span->fixed && (ts < span->from || ts >= span->to))
		return calendar_end(span, time, ts);
	if (pg_add_s64_overflow(ts, span->length, &end))
		return PG_INT64_MAX;
	return end;
}

/*
 * As crm_funnel_span_end, through the calendar.  For days without months,
 * remember the stretch of time in which no change of clocks is near: there a
 * day has 24 hours, and the sum is one addition.
 */
static int64
calendar_end(FunnelSpan *span, FunnelTime time, int64 ts)
{
	/* A month is at most this long. */
	const int64 month = INT64_C(31) * USECS_PER_DAY;
	int64		longest;
	Datum		sum;

	if (span->interval.month > PG_INT64_MAX / 2 / month ||
		pg_add_s64_overflow(span->length, span->interval.month * month, &longest) ||
		ts >= END_TIMESTAMP - longest || longest >= END_TIMESTAMP)
		return PG_INT64_MAX;

	if (span->interval.month == 0)
	{
		/*
		 * A margin of a day on both sides, because local times around a
		 * change are ambiguous or missing.
		 */
		int64		ts_secs = crm_floor_div(ts, USECS_PER_SEC);
		int64		needed = ts_secs + span->length / USECS_PER_SEC + SECS_PER_DAY + 1;
		pg_time_t	probe = (pg_time_t) (ts_secs - SECS_PER_DAY - 1 + EPOCH_SHIFT_SECS);
		pg_time_t	boundary;
		long		offset_before;
		long		offset_after;
		int			isdst_before;
		int			isdst_after;
		int			found;

		found = pg_next_dst_boundary(&probe, &offset_before, &isdst_before, &boundary,
									 &offset_after, &isdst_after, session_timezone);
		if (found == 0 || (found == 1 && boundary - EPOCH_SHIFT_SECS > needed))
		{
			span->from = ts;
			span->to = found == 0 ? END_TIMESTAMP - longest :
				(boundary - EPOCH_SHIFT_SECS - SECS_PER_DAY - 1) * USECS_PER_SEC - span->length;
			return ts + span->length;
		}
	}

	if (time == FUNNEL_TIMESTAMPTZ)
		sum = DirectFunctionCall2(timestamptz_pl_interval, TimestampTzGetDatum(ts),
								  IntervalPGetDatum(&span->interval));
	else
		sum = DirectFunctionCall2(timestamp_pl_interval, TimestampGetDatum(ts),
								  IntervalPGetDatum(&span->interval));
	return DatumGetTimestampTz(sum);
}
