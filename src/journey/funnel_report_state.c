/*-------------------------------------------------------------------------
 *
 * funnel_report_state.c
 *	  Collecting a funnel's report: customers by step, and times of steps.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/int.h"
#include "utils/memutils.h"

#include "src/journey/funnel_report.h"

static void add_time(ReportState *state, int step, int64 from, int64 to);
static TimeBins *step_times(ReportState *state, int step);

ReportState *
crm_report_state_create(MemoryContext context)
{
	ReportState *state = (ReportState *) MemoryContextAllocZero(context, sizeof(ReportState));

	state->context = context;
	return state;
}

static TimeBins *
step_times(ReportState *state, int step)
{
	TimeBins  **times = &state->times[step - 1];

	if (*times == NULL)
	{
		*times = (TimeBins *) MemoryContextAllocZero(state->context, sizeof(TimeBins));
		(*times)->context = state->context;
	}
	return *times;
}

static void
add_time(ReportState *state, int step, int64 from, int64 to)
{
	TimeBin		bin = {1, 0, 0};

	if (pg_sub_s64_overflow(to, from, &bin.low) || bin.low < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("times of a funnel's steps go backwards"),
				 errhint("Pass what crm_funnel returns.")));
	bin.high = bin.low;
	crm_time_bins_add(step_times(state, step), &bin);
}

/*
 * Count one customer: the level, and the times of n steps, of which some may
 * be NULL.  Times of steps in any order are put in order: then the k-th step
 * reached is what step k stands for.
 */
void
crm_report_state_chain(ReportState *state, int level, bool excluded,
					   const int64 *entered, const bool *nulls, int n)
{
	int64		times[FUNNEL_MAX_STEPS];
	int64		previous = 0;
	int			n_times = 0;
	int			step;
	int			i;

	state->customers++;
	state->excluded += excluded;
	state->n_steps = Max(state->n_steps, level);
	for (step = 1; step <= level; step++)
		state->steps[step - 1].reached++;

	for (i = 0; i < n; i++)
	{
		if (!nulls[i])
			times[n_times++] = entered[i];
	}
	if (n_times == level)
	{
		/* no step was skipped; insertion sort, mostly for nothing */
		for (i = 1; i < n_times; i++)
		{
			int64		time = times[i];
			int			j = i;

			for (; j > 0 && times[j - 1] > time; j--)
				times[j] = times[j - 1];
			times[j] = time;
		}
		for (i = 1; i < n_times; i++)
			add_time(state, i + 1, times[i - 1], times[i]);
	}
	else if (n_times > 0)
	{
		for (step = 1; step <= Min(level, n); step++)
		{
			if (nulls[step - 1])
			{
				state->steps[step - 1].skipped++;
				continue;
			}
			if (step > 1)
				add_time(state, step, previous, entered[step - 1]);
			previous = entered[step - 1];
		}
	}
}

/*
 * Add a report.
 */
void
crm_report_state_merge(ReportState *into, const FunnelReport *from)
{
	int			step;

	into->customers += from->customers;
	into->excluded += from->excluded;
	into->n_steps = Max(into->n_steps, (int) from->n_steps);
	for (step = 1; step <= from->n_steps; step++)
	{
		const TimeBin *bins;
		int			n;
		int			i;

		into->steps[step - 1].reached += from->steps[step - 1].reached;
		into->steps[step - 1].skipped += from->steps[step - 1].skipped;
		bins = crm_funnel_report_bins(from, step, &n);
		for (i = 0; i < n; i++)
			crm_time_bins_add(step_times(into, step), &bins[i]);
	}
}
