/*-------------------------------------------------------------------------
 *
 * active_customers.c
 *	  Counting the customers who are active within a moving window.
 *
 * An active period puts the customer into the windows that end in it and in
 * the window - 1 periods after it.  Neighbouring active periods' stretches are
 * put together, and only where such a stretch begins and ends does the number
 * of customers change: the cost does not depend on the length of the window.
 * Sums of the changes are the exact distinct counts.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "src/common/args.h"
#include "src/retention/active_customers.h"
#include "src/retention/period_rows.h"

static void reach(ActiveCustomers *active, int64 first, int64 last);
static void add_stretch(ActiveCustomers *active, int64 from, int64 until);

/*
 * Check the length of a window, in periods.
 */
int32
crm_active_check_window(int32 window)
{
	if (window < 1 || window > ACTIVE_MAX_WINDOW)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("window must be between 1 and %d periods, got %d",
						ACTIVE_MAX_WINDOW, window),
				 errhint("With the unit day, 1, 7 and 28 count daily, weekly and monthly active customers.")));
	return window;
}

/*
 * Counts of nobody, in the given context.
 */
ActiveCustomers *
crm_active_create(MemoryContext context, PeriodUnit unit, int32 window)
{
	ActiveCustomers *active;

	active = (ActiveCustomers *) MemoryContextAllocZero(context, sizeof(ActiveCustomers));
	active->context = context;
	active->unit = unit;
	active->window = window;
	active->first_active = PG_INT64_MAX;
	active->last_active = PG_INT64_MIN;
	return active;
}

/*
 * Report those periods, whatever happens in them.
 */
void
crm_active_set_range(ActiveCustomers *active, int64 from, int64 to)
{
	(void) crm_period_rows_count(from, to);
	active->has_range = true;
	active->from = from;
	active->to = to;
	reach(active, from, to + 1);
}

/*
 * Have entries for all periods from one to another.
 */
static void
reach(ActiveCustomers *active, int64 first, int64 last)
{
	int64		n;
	int64	   *changes;

	if (active->n > 0)
	{
		if (first >= active->first && last < active->first + active->n)
			return;
		first = Min(first, active->first);
		last = Max(last, active->first + active->n - 1);
	}
	if (last - first > PERIOD_ROWS_MAX + 2 * ACTIVE_MAX_WINDOW)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("active customers of more than %d periods", PERIOD_ROWS_MAX),
				 errhint("Name the periods to report, or leave out wrong dates.")));

	/* half as much again on either side, but for a range that is fixed */
	if (!active->has_range)
	{
		n = last - first + 1;
		if (active->n == 0 || first < active->first)
			first -= n / 2;
		if (active->n == 0 || last >= active->first + active->n)
			last += n / 2;
	}
	n = last - first + 1;
	changes = (int64 *) MemoryContextAllocZero(active->context, n * sizeof(int64));
	if (active->n > 0)
	{
		memcpy(changes + (active->first - first), active->changes,
			   active->n * sizeof(int64));
		pfree(active->changes);
	}
	active->first = first;
	active->n = n;
	active->changes = changes;
}

/*
 * One more customer in the periods from "from" until just before "until".
 */
static void
add_stretch(ActiveCustomers *active, int64 from, int64 until)
{
	if (active->has_range)
	{
		from = Max(from, active->from);
		until = Min(until, active->to + 1);
		if (from >= until)
			return;
	}
	else
		reach(active, from, until);
	active->changes[from - active->first]++;
	active->changes[until - active->first]--;
}

/*
 * Count a customer.
 */
void
crm_active_add(ActiveCustomers *active, const Activity *activity)
{
	int32		window = active->window;
	ActivityWalk walk;
	int32		period;
	int64		from;
	int64		until;

	activity_walk_begin(&walk, activity);
	if (active->has_range)
	{
		/* what is too early to matter */
		int64		earliest = active->from - window + 1;

		if (activity->n_words > 0 && earliest > activity_first(activity))
			activity_walk_skip_to(&walk, (int32) earliest);
	}
	else if (activity->n_words > 0)
	{
		active->first_active = Min(active->first_active, activity_first(activity));
		active->last_active = Max(active->last_active, activity_last(activity));
	}

	if (!activity_walk_next(&walk, &period))
		return;
	from = period;
	until = (int64) period + window;
	while (activity_walk_next(&walk, &period))
	{
		if (period > until)
		{
			add_stretch(active, from, until);
			from = period;
		}
		until = (int64) period + window;
	}
	add_stretch(active, from, until);
}

/*
 * Add the counts of other customers, of the same unit, window and range.
 */
void
crm_active_merge(ActiveCustomers *active, const ActiveCustomers *other)
{
	int64		i;

	crm_activity_check_unit(active->unit, other->unit);
	if (active->window != other->window)
		crm_option_varies_error("window");
	if (active->has_range != other->has_range ||
		active->from != other->from || active->to != other->to)
		crm_option_varies_error("range of periods");

	active->first_active = Min(active->first_active, other->first_active);
	active->last_active = Max(active->last_active, other->last_active);
	for (i = 0; i < other->n; i++)
	{
		if (other->changes[i] == 0)
			continue;
		reach(active, other->first + i, other->first + i);
		active->changes[other->first + i - active->first] += other->changes[i];
	}
}

/*
 * The result of the running aggregate, an array of (period, customers); NULL
 * if nobody is active and no range is given.
 */
Datum
crm_active_rows(FunctionCallInfo fcinfo, const ActiveCustomers *active)
{
	int64		from = active->has_range ? active->from : active->first_active;
	int64		to = active->has_range ? active->to : active->last_active;
	int64		n = crm_period_rows_count(from, to);
	int64	   *columns = (int64 *) palloc(n * 2 * sizeof(int64));
	int64		customers = 0;
	int64		i;

	/* nothing changes before, as stretches are cut to a range that is given */
	for (i = from; i <= to; i++)
	{
		customers += active->changes[i - active->first];
		columns[(i - from) * 2] = crm_period_start(active->unit, i);
		columns[(i - from) * 2 + 1] = customers;
	}
	return crm_period_rows(fcinfo, (int) n, 2, columns);
}
