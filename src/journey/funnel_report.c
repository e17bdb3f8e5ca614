/*-------------------------------------------------------------------------
 *
 * funnel_report.c
 *	  The stored type crm_funnel_report: how many customers reached each step
 *	  of a funnel, and how long it took them.
 *
 * Reports add up: one a day and shop can be stored, and any of them rolled up
 * into one, with the same result as one report of all the customers.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "libpq/pqformat.h"
#include "miscadmin.h"

#include "src/journey/funnel_report.h"

#define REPORT_TYPE "crm_funnel_report"
#define REPORT_VERSION 1

PG_FUNCTION_INFO_V1(crm_funnel_report_in);
PG_FUNCTION_INFO_V1(crm_funnel_report_out);
PG_FUNCTION_INFO_V1(crm_funnel_report_send);
PG_FUNCTION_INFO_V1(crm_funnel_report_recv);
PG_FUNCTION_INFO_V1(crm_funnel_report_union);

static void check_bin(const TimeBin *bin, const TimeBin *before);
static void check_state(const ReportState *state, const int64 *timed);
pg_noreturn static void invalid_report(const char *detail);

static void
invalid_report(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid value of type %s", REPORT_TYPE),
			 errdetail("%s", detail)));
}

/*
 * A bin, and its place after the one before it (NULL for the first).
 */
static void
check_bin(const TimeBin *bin, const TimeBin *before)
{
	int			octave;
	int			sub;
	int			other_octave;
	int			other_sub;

	if (bin->count < 1 || bin->low < 0 || bin->high < bin->low ||
		(bin->count == 1 && bin->low != bin->high))
		invalid_report("A count of times has no count, or no range.");
	crm_time_bin_place(bin->low, &octave, &sub);
	crm_time_bin_place(bin->high, &other_octave, &other_sub);
	if (octave != other_octave || sub != other_sub)
		invalid_report("A range of times is too wide.");
	if (before == NULL)
		return;
	crm_time_bin_place(before->low, &other_octave, &other_sub);
	if (other_octave > octave || (other_octave == octave && other_sub >= sub))
		invalid_report("Times are not in order.");
}

/*
 * What was read must fit together: timed[] has the number of times by step.
 */
static void
check_state(const ReportState *state, const int64 *timed)
{
	int64		before = state->customers;
	int			i;

	if (state->customers < 0 || state->excluded < 0 ||
		state->excluded > state->customers)
		invalid_report("A count of customers is out of range.");
	for (i = 0; i < state->n_steps; i++)
	{
		const ReportStep *step = &state->steps[i];

		if (step->reached < 1 || step->reached > before)
			invalid_report("Counts of customers do not fall from step to step.");
		if (step->skipped < 0 || timed[i] < 0 ||
			step->skipped > step->reached || timed[i] > step->reached - step->skipped ||
			(i == 0 && timed[i] != 0))
			invalid_report("More customers have times than reached the step.");
		before = step->reached;
	}
}

/*
 * The stored form of what was collected, in the current memory context.
 */
FunnelReport *
crm_funnel_report_make(const ReportState *state)
{
	int			n_bins[FUNNEL_MAX_STEPS];
	Size		size = offsetof(FunnelReport, steps) + state->n_steps * sizeof(ReportStep);
	FunnelReport *report;
	TimeBin    *to;
	int			i;

	for (i = 0; i < state->n_steps; i++)
	{
		n_bins[i] = state->times[i] == NULL ? 0 : crm_time_bins_list(state->times[i], NULL);
		size += n_bins[i] * sizeof(TimeBin);
	}
	report = (FunnelReport *) crm_summary_alloc(size, SUMMARY_FUNNEL_REPORT, REPORT_VERSION);
	report->customers = state->customers;
	report->excluded = state->excluded;
	report->n_steps = state->n_steps;
	to = (TimeBin *) &report->steps[state->n_steps];
	for (i = 0; i < state->n_steps; i++)
	{
		report->steps[i] = state->steps[i];
		report->steps[i].n_bins = n_bins[i];
		if (n_bins[i] > 0)
			to += crm_time_bins_list(state->times[i], to);
	}
	return report;
}

/*
 * Detoast and check the sizes; do not change the result.
 */
FunnelReport *
crm_funnel_report_get(Datum datum)
{
	FunnelReport *report = (FunnelReport *)
		crm_summary_detoast(datum, offsetof(FunnelReport, steps), SUMMARY_FUNNEL_REPORT,
							REPORT_VERSION, REPORT_TYPE);
	Size		size = VARSIZE(report);
	bool		valid = report->n_steps >= 0 && report->n_steps <= FUNNEL_MAX_STEPS &&
		size >= offsetof(FunnelReport, steps) + report->n_steps * sizeof(ReportStep);
	int			i;

	if (valid)
	{
		size -= offsetof(FunnelReport, steps) + report->n_steps * sizeof(ReportStep);
		for (i = 0; valid && i < report->n_steps; i++)
		{
			valid = report->steps[i].n_bins >= 0 &&
				(Size) report->steps[i].n_bins <= size / sizeof(TimeBin);
			if (valid)
				size -= report->steps[i].n_bins * sizeof(TimeBin);
		}
	}
	if (!valid || size != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("value is not a valid %s", REPORT_TYPE)));
	return report;
}

/*
 * The bins of a step, from 1.
 */
const TimeBin *
crm_funnel_report_bins(const FunnelReport *report, int step, int *n)
{
	const TimeBin *bins = (const TimeBin *) &report->steps[report->n_steps];
	int			i;

	for (i = 0; i < step - 1; i++)
		bins += report->steps[i].n_bins;
	*n = (int) report->steps[step - 1].n_bins;
	return bins;
}

/*
 * Text form: crm_funnel_report:1 customers=9 excluded=0 reached=[9,5]
 * skipped=[0,0] times=[;1@3600000000,2@7200000000-7230000000], where n@low-high
 * are n times between two numbers of microseconds, both of them among these.
 */
Datum
crm_funnel_report_out(PG_FUNCTION_ARGS)
{
	FunnelReport *report = crm_funnel_report_get(PG_GETARG_DATUM(0));
	StringInfoData buf;
	int			step;

	initStringInfo(&buf);
	crm_text_begin(&buf, REPORT_TYPE, REPORT_VERSION);
	crm_text_int64(&buf, "customers", report->customers);
	crm_text_int64(&buf, "excluded", report->excluded);
	crm_text_key(&buf, "reached");
	appendStringInfoChar(&buf, '[');
	for (step = 1; step <= report->n_steps; step++)
		appendStringInfo(&buf, "%s" INT64_FORMAT, step > 1 ? "," : "",
						 report->steps[step - 1].reached);
	appendStringInfoChar(&buf, ']');
	crm_text_key(&buf, "skipped");
	appendStringInfoChar(&buf, '[');
	for (step = 1; step <= report->n_steps; step++)
		appendStringInfo(&buf, "%s" INT64_FORMAT, step > 1 ? "," : "",
						 report->steps[step - 1].skipped);
	appendStringInfoChar(&buf, ']');
	crm_text_key(&buf, "times");
	appendStringInfoChar(&buf, '[');
	for (step = 1; step <= report->n_steps; step++)
	{
		int			n;
		const TimeBin *bins = crm_funnel_report_bins(report, step, &n);
		int			i;

		if (step > 1)
			appendStringInfoChar(&buf, ';');
		for (i = 0; i < n; i++)
		{
			appendStringInfo(&buf, "%s" INT64_FORMAT "@" INT64_FORMAT, i > 0 ? "," : "",
							 bins[i].count, bins[i].low);
			if (bins[i].high != bins[i].low)
				appendStringInfo(&buf, "-" INT64_FORMAT, bins[i].high);
		}
	}
	appendStringInfoChar(&buf, ']');
	PG_RETURN_CSTRING(buf.data);
}

Datum
crm_funnel_report_in(PG_FUNCTION_ARGS)
{
	TextReader	reader;
	ReportState *state = crm_report_state_create(CurrentMemoryContext);
	int64		timed[FUNNEL_MAX_STEPS] = {0};
	int			i;

	(void) crm_text_read_begin(&reader, PG_GETARG_CSTRING(0), REPORT_TYPE, REPORT_VERSION);
	state->customers = crm_text_read_int64(&reader, "customers");
	state->excluded = crm_text_read_int64(&reader, "excluded");
	crm_text_read_key(&reader, "reached");
	crm_text_read_char(&reader, '[');
	if (!crm_text_read_optional_char(&reader, ']'))
	{
		do
		{
			if (state->n_steps >= FUNNEL_MAX_STEPS)
				crm_text_error(&reader, psprintf("at most %d steps", FUNNEL_MAX_STEPS));
			state->steps[state->n_steps++].reached = crm_text_read_count(&reader);
		} while (crm_text_read_optional_char(&reader, ','));
		crm_text_read_char(&reader, ']');
	}
	crm_text_read_key(&reader, "skipped");
	crm_text_read_char(&reader, '[');
	for (i = 0; i < state->n_steps; i++)
	{
		if (i > 0)
			crm_text_read_char(&reader, ',');
		state->steps[i].skipped = crm_text_read_count(&reader);
	}
	crm_text_read_char(&reader, ']');
	crm_text_read_key(&reader, "times");
	crm_text_read_char(&reader, '[');
	for (i = 0; i < state->n_steps; i++)
	{
		TimeBin		before;
		bool		first = true;

		if (i > 0)
			crm_text_read_char(&reader, ';');
		if (*reader.pos == ';' || *reader.pos == ']')
			continue;
		do
		{
			TimeBin		bin;

			CHECK_FOR_INTERRUPTS();
			bin.count = crm_text_read_count(&reader);
			crm_text_read_char(&reader, '@');
			bin.low = bin.high = crm_text_read_count(&reader);
			if (crm_text_read_optional_char(&reader, '-'))
				bin.high = crm_text_read_count(&reader);
			check_bin(&bin, first ? NULL : &before);
			if (bin.count > state->steps[i].reached - timed[i])
				invalid_report("More customers have times than reached the step.");
			timed[i] += bin.count;
			before = bin;
			first = false;
			if (state->times[i] == NULL)
			{
				state->times[i] = (TimeBins *) palloc0(sizeof(TimeBins));
				state->times[i]->context = CurrentMemoryContext;
			}
			crm_time_bins_add(state->times[i], &bin);
		} while (crm_text_read_optional_char(&reader, ','));
	}
	crm_text_read_char(&reader, ']');
	crm_text_read_end(&reader);
	check_state(state, timed);
	PG_RETURN_POINTER(crm_funnel_report_make(state));
}

/*
 * Append the fields in binary.
 */
void
crm_funnel_report_write(StringInfo buf, const FunnelReport *report)
{
	int			step;

	pq_sendint64(buf, report->customers);
	pq_sendint64(buf, report->excluded);
	pq_sendbyte(buf, (uint8) report->n_steps);
	for (step = 1; step <= report->n_steps; step++)
	{
		int			n;
		const TimeBin *bins = crm_funnel_report_bins(report, step, &n);
		int			i;

		pq_sendint64(buf, report->steps[step - 1].reached);
		pq_sendint64(buf, report->steps[step - 1].skipped);
		pq_sendint64(buf, n);
		for (i = 0; i < n; i++)
		{
			pq_sendint64(buf, bins[i].count);
			pq_sendint64(buf, bins[i].low);
			pq_sendint64(buf, bins[i].high);
		}
	}
}

/*
 * Read what crm_funnel_report_write wrote, from anywhere, into a new state.
 */
void
crm_funnel_report_read(StringInfo buf, ReportState *state)
{
	int64		timed[FUNNEL_MAX_STEPS] = {0};
	int			i;

	state->customers = pq_getmsgint64(buf);
	state->excluded = pq_getmsgint64(buf);
	state->n_steps = pq_getmsgbyte(buf);
	if (state->n_steps > FUNNEL_MAX_STEPS)
	{
		state->n_steps = 0;
		invalid_report("There are too many steps.");
	}
	for (i = 0; i < state->n_steps; i++)
	{
		TimeBin		before;
		int64		n;
		int64		j;

		state->steps[i].reached = pq_getmsgint64(buf);
		state->steps[i].skipped = pq_getmsgint64(buf);
		n = pq_getmsgint64(buf);
		for (j = 0; j < n; j++)
		{
			TimeBin		bin;

			bin.count = pq_getmsgint64(buf);
			bin.low = pq_getmsgint64(buf);
			bin.high = pq_getmsgint64(buf);
			check_bin(&bin, j > 0 ? &before : NULL);
			if (bin.count > state->steps[i].reached - timed[i])
				invalid_report("More customers have times than reached the step.");
			timed[i] += bin.count;
			before = bin;
			if (state->times[i] == NULL)
			{
				state->times[i] = (TimeBins *)
					MemoryContextAllocZero(state->context, sizeof(TimeBins));
				state->times[i]->context = state->context;
			}
			crm_time_bins_add(state->times[i], &bin);
		}
	}
	check_state(state, timed);
}

Datum
crm_funnel_report_send(PG_FUNCTION_ARGS)
{
	FunnelReport *report = crm_funnel_report_get(PG_GETARG_DATUM(0));
	StringInfoData buf;

	crm_summary_send_begin(&buf, report);
	crm_funnel_report_write(&buf, report);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

Datum
crm_funnel_report_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	ReportState *state = crm_report_state_create(CurrentMemoryContext);
	uint8		flags;

	(void) crm_summary_recv_begin(buf, SUMMARY_FUNNEL_REPORT, REPORT_VERSION, &flags,
								  REPORT_TYPE);
	crm_funnel_report_read(buf, state);
	PG_RETURN_POINTER(crm_funnel_report_make(state));
}

/*
 * crm_funnel_report_union(crm_funnel_report, crm_funnel_report)
 *
 * The report of both reports' customers; transition and combine function of
 * crm_rollup.
 */
Datum
crm_funnel_report_union(PG_FUNCTION_ARGS)
{
	FunnelReport *a = crm_funnel_report_get(PG_GETARG_DATUM(0));
	FunnelReport *b = crm_funnel_report_get(PG_GETARG_DATUM(1));
	int			n_steps = (int) Max(a->n_steps, b->n_steps);
	FunnelReport *both;
	TimeBin    *to;
	int			step;

	/* room for all bins of both */
	both = (FunnelReport *) crm_summary_alloc(VARSIZE(a) + VARSIZE(b) + sizeof(TimeBin),
											  SUMMARY_FUNNEL_REPORT, REPORT_VERSION);
	both->customers = a->customers + b->customers;
	both->excluded = a->excluded + b->excluded;
	both->n_steps = n_steps;
	to = (TimeBin *) &both->steps[n_steps];
	for (step = 1; step <= n_steps; step++)
	{
		ReportStep *into = &both->steps[step - 1];
		const TimeBin *bins_a = NULL;
		const TimeBin *bins_b = NULL;
		int			n_a = 0;
		int			n_b = 0;

		if (step <= a->n_steps)
		{
			into->reached += a->steps[step - 1].reached;
			into->skipped += a->steps[step - 1].skipped;
			bins_a = crm_funnel_report_bins(a, step, &n_a);
		}
		if (step <= b->n_steps)
		{
			into->reached += b->steps[step - 1].reached;
			into->skipped += b->steps[step - 1].skipped;
			bins_b = crm_funnel_report_bins(b, step, &n_b);
		}
		into->n_bins = crm_time_bins_merge(bins_a, n_a, bins_b, n_b, to);
		to += into->n_bins;
	}
	SET_VARSIZE(both, (char *) to - (char *) both);
	PG_RETURN_POINTER(both);
}
