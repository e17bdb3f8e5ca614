/*-------------------------------------------------------------------------
 *
 * deal_times.c
 *	  How long deals take and how late they are: sales cycle, slippage.
 *
 * The states are counters (count_state.c), so that any split of the rows and
 * any movement of a window gives the same answer to the last digit.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/date.h"
#include "utils/timestamp.h"

#include "src/common/args.h"
#include "src/common/count_state.h"
#include "src/common/result.h"
#include "src/pipeline/elapsed_sum.h"

PG_FUNCTION_INFO_V1(crm_sales_cycle_transfn);
PG_FUNCTION_INFO_V1(crm_sales_cycle_invfn);
PG_FUNCTION_INFO_V1(crm_sales_cycle_combinefn);
PG_FUNCTION_INFO_V1(crm_sales_cycle_finalfn);
PG_FUNCTION_INFO_V1(crm_slippage_transfn);
PG_FUNCTION_INFO_V1(crm_slippage_invfn);
PG_FUNCTION_INFO_V1(crm_slippage_combinefn);
PG_FUNCTION_INFO_V1(crm_slippage_finalfn);

/* Counters of crm_sales_cycle */
enum
{
	CYCLE_DEALS,
	CYCLE_DAYS,
	CYCLE_USECS,
	CYCLE_COUNTERS
};

/* Counters of crm_slippage */
enum
{
	SLIP_AS_OF,					/* the option, not a count: see as_of_mark */
	SLIP_DUE,
	SLIP_LATE,
	SLIP_STILL_OPEN,
	SLIP_LATE_DAYS,
	SLIP_DAYS,
	SLIP_COUNTERS
};

#define SLIPPAGE_COLUMNS	6

static Datum count_cycle(FunctionCallInfo fcinfo, int sign);
static Datum count_slip(FunctionCallInfo fcinfo, int sign);
static void set_as_of(int64 *counter, int64 mark);

static Datum
count_cycle(FunctionCallInfo fcinfo, int sign)
{
	Datum		state;
	int64	   *counter = crm_count_state(fcinfo, 0, CYCLE_COUNTERS, &state);
	int64		usecs;

	if (!PG_GETARG_BOOL(3))
		return state;
	usecs = elapsed_usecs(PG_GETARG_TIMESTAMPTZ(1), PG_GETARG_TIMESTAMPTZ(2));
	crm_counter_add(&counter[CYCLE_DEALS], sign);
	elapsed_add(&counter[CYCLE_DAYS], &counter[CYCLE_USECS], 0, sign * usecs);
	return state;
}

/*
 * crm_sales_cycle_transfn(int8[], opened_at timestamptz, closed_at
 *	timestamptz, is_won boolean) -> int8[]
 *
 * Strict: a deal without one of these is skipped.  So is a deal not won.
 */
Datum
crm_sales_cycle_transfn(PG_FUNCTION_ARGS)
{
	return count_cycle(fcinfo, 1);
}

/*
 * The inverse, for moving windows: exact
 */
Datum
crm_sales_cycle_invfn(PG_FUNCTION_ARGS)
{
	return count_cycle(fcinfo, -1);
}

/*
 * crm_sales_cycle_combinefn(int8[], int8[]) -> int8[]; strict
 */
Datum
crm_sales_cycle_combinefn(PG_FUNCTION_ARGS)
{
	Datum		state;
	Datum		other;
	int64	   *counter = crm_count_state(fcinfo, 0, CYCLE_COUNTERS, &state);
	int64	   *added = crm_count_state(fcinfo, 1, CYCLE_COUNTERS, &other);

	crm_counter_add(&counter[CYCLE_DEALS], added[CYCLE_DEALS]);
	elapsed_add(&counter[CYCLE_DAYS], &counter[CYCLE_USECS],
				added[CYCLE_DAYS], added[CYCLE_USECS]);
	return state;
}

/*
 * crm_sales_cycle_finalfn(int8[]) -> interval; strict
 *
 * The mean, to the microsecond below.  NULL without a won deal.
 */
Datum
crm_sales_cycle_finalfn(PG_FUNCTION_ARGS)
{
	Datum		state;
	int64	   *counter = crm_count_state(fcinfo, 0, CYCLE_COUNTERS, &state);
	int64		n = counter[CYCLE_DEALS];
	int64		days;
	Interval   *mean;

	if (n <= 0)
		PG_RETURN_NULL();

	days = counter[CYCLE_DAYS] / n;
	if (days < 0 || days > PG_INT32_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("interval out of range")));
	mean = palloc0(sizeof(Interval));
	mean->day = (int32) days;

	/*
	 * What is left of the days is less than n.  Its share of a day's
	 * microseconds, with those counted apart, needs more than 64 bits only
	 * past a hundred million deals; then it is told to a few microseconds.
	 */
	days = counter[CYCLE_DAYS] % n;
	if (days < (PG_INT64_MAX - USECS_PER_DAY) / USECS_PER_DAY)
		mean->time = (days * USECS_PER_DAY + counter[CYCLE_USECS]) / n;
	else
		mean->time = (int64) (((double) days * (double) USECS_PER_DAY +
							   (double) counter[CYCLE_USECS]) / (double) n);
	PG_RETURN_INTERVAL_P(mean);
}

/*
 * The option must not vary.  Zero is unset, so that the state can begin with
 * zeros.
 */
static void
set_as_of(int64 *counter, int64 mark)
{
	if (mark == 0)
		return;
	if (counter[SLIP_AS_OF] == 0)
		counter[SLIP_AS_OF] = mark;
	else if (counter[SLIP_AS_OF] != mark)
		crm_option_varies_error("as_of");
}

static Datum
count_slip(FunctionCallInfo fcinfo, int sign)
{
	Datum		state;
	int64	   *counter;
	DateADT		planned;
	DateADT		actual;
	int64		late_days;
	bool		still_open = false;

	/* A state in this place is never NULL: it begins with zeros. */
	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("expected a state of %d counters", SLIP_COUNTERS)));
	counter = crm_count_state(fcinfo, 0, SLIP_COUNTERS, &state);

	if (PG_NARGS() > 3)
	{
		DateADT		as_of;

		if (PG_ARGISNULL(3))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("as_of must not be NULL"),
					 errhint("Give the day up to which outcomes are known, such as current_date.")));
		as_of = PG_GETARG_DATEADT(3);
		if (DATE_NOT_FINITE(as_of))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("as_of must be finite")));
		/* never zero, as a date is more than -2^31 */
		set_as_of(counter, (int64) as_of + (INT64CONST(1) << 32));
		if (PG_ARGISNULL(1) || PG_GETARG_DATEADT(1) >= as_of)
			return state;		/* not due yet */
		still_open = PG_ARGISNULL(2) || PG_GETARG_DATEADT(2) > as_of;
		actual = still_open ? as_of : PG_GETARG_DATEADT(2);
	}
	else
	{
		if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
			return state;
		actual = PG_GETARG_DATEADT(2);
	}
	planned = PG_GETARG_DATEADT(1);
	if (DATE_NOT_FINITE(planned) || DATE_NOT_FINITE(actual))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("dates must be finite")));

	late_days = (int64) actual - planned;
	crm_counter_add(&counter[SLIP_DUE], sign);
	crm_counter_add(&counter[SLIP_DAYS], sign * late_days);
	if (still_open)
		crm_counter_add(&counter[SLIP_STILL_OPEN], sign);
	if (late_days > 0)
	{
		crm_counter_add(&counter[SLIP_LATE], sign);
		crm_counter_add(&counter[SLIP_LATE_DAYS], sign * late_days);
	}
	return state;
}

/*
 * crm_slippage_transfn(int8[], planned date, actual date [, as_of date])
 *	-> int8[]
 *
 * Without as_of: deals with both dates.  With as_of: deals planned for a day
 * before it; those that by then have no actual date are late and still open.
 */
Datum
crm_slippage_transfn(PG_FUNCTION_ARGS)
{
	return count_slip(fcinfo, 1);
}

/*
 * The inverse, for moving windows: exact
 */
Datum
crm_slippage_invfn(PG_FUNCTION_ARGS)
{
	return count_slip(fcinfo, -1);
}

/*
 * crm_slippage_combinefn(int8[], int8[]) -> int8[]; strict
 */
Datum
crm_slippage_combinefn(PG_FUNCTION_ARGS)
{
	Datum		state;
	Datum		other;
	int64	   *counter = crm_count_state(fcinfo, 0, SLIP_COUNTERS, &state);
	int64	   *added = crm_count_state(fcinfo, 1, SLIP_COUNTERS, &other);
	int			i;

	set_as_of(counter, added[SLIP_AS_OF]);
	for (i = SLIP_AS_OF + 1; i < SLIP_COUNTERS; i++)
		crm_counter_add(&counter[i], added[i]);
	return state;
}

/*
 * crm_slippage_finalfn(int8[]) -> crm_slippage; strict
 *
 * NULL without a deal that was due.
 */
Datum
crm_slippage_finalfn(PG_FUNCTION_ARGS)
{
	Datum		state;
	int64	   *counter = crm_count_state(fcinfo, 0, SLIP_COUNTERS, &state);
	TupleDesc	tupdesc;
	Datum		values[SLIPPAGE_COLUMNS];
	bool		nulls[SLIPPAGE_COLUMNS] = {false};

	if (counter[SLIP_DUE] <= 0)
		PG_RETURN_NULL();
	tupdesc = crm_result_tupdesc(fcinfo, NULL);
	if (tupdesc->natts != SLIPPAGE_COLUMNS)
		elog(ERROR, "crm_slippage does not have %d columns", SLIPPAGE_COLUMNS);

	values[0] = Int64GetDatum(counter[SLIP_DUE]);
	values[1] = Int64GetDatum(counter[SLIP_LATE]);
	values[2] = Int64GetDatum(counter[SLIP_STILL_OPEN]);
	values[3] = Float8GetDatum((double) counter[SLIP_LATE] / (double) counter[SLIP_DUE]);
	values[4] = Float8GetDatum((double) counter[SLIP_DAYS] / (double) counter[SLIP_DUE]);
	nulls[5] = counter[SLIP_LATE] == 0;
	if (!nulls[5])
		values[5] = Float8GetDatum((double) counter[SLIP_LATE_DAYS] /
								   (double) counter[SLIP_LATE]);
	return HeapTupleGetDatum(heap_form_tuple(tupdesc, values, nulls));
}
