/*-------------------------------------------------------------------------
 *
 * btyd_tracking_rows.c
 *	  What crm_btyd_tracking returns: the state's days by period, with what the
 *	  model expects.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "src/clv/btyd_tracking.h"
#include "src/common/aggstate.h"
#include "src/common/row_array.h"
#include "src/math/exact_sum.h"

/* Columns of crm_btyd_period */
#define PERIOD_COLUMNS 8

/* A year of weeks at first; more rows than anybody looks at */
#define INITIAL_PERIODS 64
#define MAX_PERIODS 100000

/* The table of expectations by days since the first purchase ends here. */
#define MAX_TABLE_LAG (1 << 20)

/* What a row takes: its columns are of fixed lengths, and never NULL. */
#define PERIOD_SIZE 72

PG_FUNCTION_INFO_V1(crm_btyd_tracking_finalfn);

static DateADT period_start(DateADT start, const TrackingOptions *options, int32 k);
static double expected_until(const BtydModel *model, const BtydParams *params,
							 const DayCount *counts, int64 n, DateADT day,
							 double *by_lag);

/*
 * The first day of period k, from 0.
 */
static DateADT
period_start(DateADT start, const TrackingOptions *options, int32 k)
{
	Interval	span = {0};
	Datum		moment;

	if (options->period_months == 0)
	{
		int64		day = start + (int64) k * options->period_days;

		/* past every end: the caller only compares */
		return (DateADT) Min(day, (int64) options->observation_end + 1);
	}
	if ((int64) k * options->period_months > PG_INT32_MAX ||
		(int64) k * options->period_days > PG_INT32_MAX)
		return options->observation_end + 1;
	span.month = k * options->period_months;
	span.day = k * options->period_days;
	moment = DirectFunctionCall2(date_pl_interval, DateADTGetDatum(start),
								 IntervalPGetDatum(&span));
	return DatumGetDateADT(DirectFunctionCall1(timestamp_date, moment));
}

/*
 * Expected repeat purchases until the end of a day; counts are sorted.
 * by_lag remembers expectations by days since the first purchase, NaN: not
 * known yet.
 */
static double
expected_until(const BtydModel *model, const BtydParams *params,
			   const DayCount *counts, int64 n, DateADT day, double *by_lag)
{
	ExactSum	sum = EXACT_SUM_ZERO;
	int64		i;

	for (i = 0; i < n && counts[i].day < day; i++)
	{
		int64		lag = (int64) day - counts[i].day;
		double		expected;

		if (counts[i].customers == 0)
			continue;
		expected = lag < MAX_TABLE_LAG ? by_lag[lag] : (double) NAN;
		if (isnan(expected))
		{
			expected = crm_btyd_expected_purchases(params, NULL,
												   lag / model->unit_days);
			(void) crm_check_prediction(expected);
			if (lag < MAX_TABLE_LAG)
				by_lag[lag] = expected;
			CHECK_FOR_INTERRUPTS();
		}
		exact_sum_add(&sum, counts[i].customers * expected);
	}
	return exact_sum_value(&sum);
}

/*
 * crm_btyd_tracking_finalfn(internal) -> crm_btyd_period[]
 *
 * One element a period from the start, which is the earliest first purchase
 * unless given, to the end of the observation; the last may be shorter.  NULL
 * without customers.
 */
Datum
crm_btyd_tracking_finalfn(PG_FUNCTION_ARGS)
{
	TrackingState *state = PG_ARGISNULL(0) ? NULL : (TrackingState *) PG_GETARG_POINTER(0);
	TrackingOptions options;
	BtydParams	params;
	DayCount   *counts;
	double	   *by_lag;
	RowArray	rows;
	int64		n;
	int64		n_lags;
	int64		next = 0;		/* day whose repeats come next */
	int64		actual_total = 0;
	double		expected_total;
	DateADT		start;
	DateADT		first_day;
	int32		k;
	int64		i;

	(void) crm_agg_context(fcinfo, "crm_btyd_tracking_finalfn");
	if (state == NULL)
		PG_RETURN_NULL();
	counts = crm_btyd_tracking_counts(state, &n);
	if (n == 0)
		PG_RETURN_NULL();

	options = state->options;
	if (options.period_days == 0 && options.period_months == 0)
		options.period_days = (int32) state->model->unit_days;
	start = DATE_IS_NOBEGIN(options.start) ? counts[0].day : options.start;
	crm_btyd_model_params(state->model, &params);
	n_lags = Min((int64) options.observation_end - counts[0].day + 1, MAX_TABLE_LAG);
	n_lags = Max(n_lags, 1);
	by_lag = (double *) palloc(n_lags * sizeof(double));
	for (i = 0; i < n_lags; i++)
		by_lag[i] = NAN;

	/* what came before the start */
	for (; next < n && counts[next].day < start; next++)
		actual_total += counts[next].repeats;
	expected_total = expected_until(state->model, &params, counts, n, start - 1, by_lag);

	crm_row_array_begin(&rows, crm_row_array_cached_type(fcinfo, PERIOD_COLUMNS),
						INITIAL_PERIODS * PERIOD_SIZE);
	first_day = start;
	for (k = 0; first_day <= options.observation_end; k++)
	{
		Datum		values[PERIOD_COLUMNS];
		bool		nulls[PERIOD_COLUMNS] = {false};
		DateADT		next_start = period_start(start, &options, k + 1);
		DateADT		last_day = Min(next_start - 1, options.observation_end);
		int64		actual = 0;
		double		expected;

		if (k >= MAX_PERIODS)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("more than %d periods", MAX_PERIODS),
					 errhint("Pass a longer period, or a later start.")));
		for (; next < n && counts[next].day <= last_day; next++)
			actual += counts[next].repeats;
		actual_total += actual;
		expected = expected_until(state->model, &params, counts, n, last_day, by_lag);

		values[0] = Int32GetDatum(k + 1);
		values[1] = DateADTGetDatum(first_day);
		values[2] = DateADTGetDatum(last_day);
		values[3] = BoolGetDatum(last_day <= options.calibration_end);
		values[4] = Int64GetDatum(actual);
		values[5] = Float8GetDatum(expected - expected_total);
		values[6] = Int64GetDatum(actual_total);
		values[7] = Float8GetDatum(expected);
		crm_row_array_add(&rows, values, nulls);
		expected_total = expected;
		first_day = next_start;
		CHECK_FOR_INTERRUPTS();
	}
	PG_RETURN_DATUM(crm_row_array_end(&rows));
}
