/*-------------------------------------------------------------------------
 *
 * btyd_tracking.c
 *	  The aggregate crm_btyd_tracking: repeat purchases by period, actual and
 *	  as the model expects them.
 *
 * The tracking plot of the papers (Fader, Hardie and Lee 2005, figures 2 and
 * 3): a customer whose first purchase was on day F is expected to have made
 * E[X((D - F) / unit)] repeat purchases by the end of day D, whatever happened
 * since; the sum over customers stands beside the count.
 *
 * All that matters of any number of customers is how many of them began on
 * each day and how many repeat purchases were made on each day.  That is the
 * state: a table of days.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "src/clv/btyd_model.h"
#include "src/common/aggstate.h"
#include "src/common/args.h"
#include "src/common/summary_state.h"
#include "src/math/exact_sum.h"

#define STATE_WHAT "crm_btyd_tracking state"
#define STATE_VERSION 1

/* Columns of crm_btyd_period */
#define PERIOD_COLUMNS 8

/* More rows than anybody looks at */
#define MAX_PERIODS 100000

/* The table of expectations by days since the first purchase ends here. */
#define MAX_TABLE_LAG (1 << 20)

/* Positions of the transition function's arguments; 0 is the state */
enum
{
	ARG_MODEL = 1,
	ARG_DAYS,
	ARG_CALIBRATION_END,
	ARG_OBSERVATION_END,
	ARG_PERIOD,
	ARG_START
};

/* Arguments that are one for the group */
typedef struct TrackingOptions
{
	DateADT		calibration_end;
	DateADT		observation_end;
	DateADT		start;			/* DATEVAL_NOBEGIN: the earliest first day */
	int32		period_days;	/* with period_months; both 0: the model's unit */
	int32		period_months;
} TrackingOptions;

typedef struct DayCount
{
	DateADT		day;
	char		status;
	int64		customers;		/* whose first purchase it was */
	int64		repeats;		/* purchases that were not the first */
} DayCount;

#define SH_PREFIX day_table
#define SH_ELEMENT_TYPE DayCount
#define SH_KEY_TYPE DateADT
#define SH_KEY day
#define SH_HASH_KEY(tb, key) murmurhash32((uint32) (key))
#define SH_EQUAL(tb, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

#define INITIAL_DAYS 64

typedef struct TrackingState
{
	BtydModel  *model;
	TrackingOptions options;
	day_table_hash *days;
} TrackingState;

/* What the final function keeps from call to call (in fn_extra) */
typedef struct TrackingResult
{
	Oid			row_type;
	TupleDesc	tupdesc;
	int16		typlen;
	bool		typbyval;
	char		typalign;
} TrackingResult;

PG_FUNCTION_INFO_V1(crm_btyd_tracking_transfn);
PG_FUNCTION_INFO_V1(crm_btyd_tracking_combinefn);
PG_FUNCTION_INFO_V1(crm_btyd_tracking_serialfn);
PG_FUNCTION_INFO_V1(crm_btyd_tracking_deserialfn);
PG_FUNCTION_INFO_V1(crm_btyd_tracking_finalfn);

static DateADT date_option(FunctionCallInfo fcinfo, int arg, const char *what);
static void read_options(FunctionCallInfo fcinfo, TrackingOptions *options);
static void check_model(const BtydModel *model, const TrackingOptions *options);
static TrackingState *make_state(MemoryContext context, const BtydModel *model,
								 const TrackingOptions *options);
static void same_group(const TrackingState *state, const BtydModel *model,
					   const TrackingOptions *options);
static int	compare_days(const void *a, const void *b);
static int	compare_counts(const void *a, const void *b);
static void count_day(TrackingState *state, DateADT day, int64 customers, int64 repeats);
static void add_customer(TrackingState *state, ArrayType *array);
static TrackingResult *tracking_result(FunctionCallInfo fcinfo);
static DateADT period_start(DateADT start, const TrackingOptions *options, int32 k);
static double expected_until(const BtydModel *model, const BtydParams *params,
							 const DayCount *counts, int64 n, DateADT day,
							 double *by_lag);

static DateADT
date_option(FunctionCallInfo fcinfo, int arg, const char *what)
{
	DateADT		day;

	if (PG_ARGISNULL(arg))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not be null", what)));
	day = PG_GETARG_DATEADT(arg);
	if (DATE_NOT_FINITE(day))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be finite, got %s", what,
						day > 0 ? "infinity" : "-infinity")));
	return day;
}

/*
 * The options that follow the model and the days.
 */
static void
read_options(FunctionCallInfo fcinfo, TrackingOptions *options)
{
	memset(options, 0, sizeof(TrackingOptions));
	options->calibration_end = date_option(fcinfo, ARG_CALIBRATION_END, "calibration end");
	options->observation_end = date_option(fcinfo, ARG_OBSERVATION_END, "observation end");
	options->start = DATEVAL_NOBEGIN;
	if (options->calibration_end > options->observation_end)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("calibration end must not be after the observation end"),
				 errhint("Pass the end of the orders that the model was fitted to, then that of all orders.")));
	if (PG_NARGS() > ARG_PERIOD && !PG_ARGISNULL(ARG_PERIOD))
	{
		Interval   *period = PG_GETARG_INTERVAL_P(ARG_PERIOD);

		if (period->month < 0 || period->day < 0 || period->time != 0 ||
			(period->month == 0 && period->day == 0) ||
			period->month == PG_INT32_MAX)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("period must be a positive number of days, weeks or months, got %s",
							DatumGetCString(DirectFunctionCall1(interval_out,
																IntervalPGetDatum(period)))),
					 errhint("Use such as '7 days' or '1 month'.")));
		options->period_days = period->day;
		options->period_months = period->month;
	}
	if (PG_NARGS() > ARG_START && !PG_ARGISNULL(ARG_START))
	{
		options->start = date_option(fcinfo, ARG_START, "start");
		if (options->start > options->observation_end)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("start must not be after the observation end")));
	}
}

/*
 * Raise an error unless the model can be tracked: by periods that are its own
 * unit of time where none is given.
 */
static void
check_model(const BtydModel *model, const TrackingOptions *options)
{
	if (crm_btyd_traits((BtydKind) model->kind) & BTYD_DISCRETE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model %s has no calendar time to track purchases by",
						crm_btyd_kind_name((BtydKind) model->kind))));
	if (options->period_days == 0 && options->period_months == 0 &&
		(model->unit_days != floor(model->unit_days) ||
		 model->unit_days > PG_INT32_MAX))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model's time unit of %g days is not a number of whole days",
						model->unit_days),
				 errhint("Pass a period, such as '7 days'.")));
}

/*
 * An empty state in the given context, with a copy of the model.
 */
static TrackingState *
make_state(MemoryContext context, const BtydModel *model, const TrackingOptions *options)
{
	MemoryContext old_context = MemoryContextSwitchTo(context);
	TrackingState *state = (TrackingState *) palloc(sizeof(TrackingState));

	check_model(model, options);
	state->model = (BtydModel *) crm_summary_copy(model);
	state->options = *options;
	state->days = day_table_create(context, INITIAL_DAYS, NULL);
	MemoryContextSwitchTo(old_context);
	return state;
}

/*
 * A group has one model and one set of options.
 */
static void
same_group(const TrackingState *state, const BtydModel *model,
		   const TrackingOptions *options)
{
	if (VARSIZE(state->model) != VARSIZE(model) ||
		memcmp(state->model, model, VARSIZE(model)) != 0)
		crm_option_varies_error("model");
	if (state->options.calibration_end != options->calibration_end)
		crm_option_varies_error("calibration end");
	if (state->options.observation_end != options->observation_end)
		crm_option_varies_error("observation end");
	if (state->options.period_days != options->period_days ||
		state->options.period_months != options->period_months)
		crm_option_varies_error("period");
	if (state->options.start != options->start)
		crm_option_varies_error("start");
}

/* qsort comparator of DateADT */
static int
compare_days(const void *a, const void *b)
{
	DateADT		left = *(const DateADT *) a;
	DateADT		right = *(const DateADT *) b;

	return (left > right) - (left < right);
}

/* qsort comparator of DayCount */
static int
compare_counts(const void *a, const void *b)
{
	return compare_days(&((const DayCount *) a)->day, &((const DayCount *) b)->day);
}

static void
count_day(TrackingState *state, DateADT day, int64 customers, int64 repeats)
{
	bool		found;
	DayCount   *count = day_table_insert(state->days, day, &found);

	if (!found)
		count->customers = count->repeats = 0;
	count->customers = crm_count_add(count->customers, customers);
	count->repeats = crm_count_add(count->repeats, repeats);
}

/*
 * Count a customer's days with purchases: the first of them and each other
 * once, in any order.  NULL among them is skipped, and so are days after the
 * end of the observation.  A customer who began after the calibration end is
 * none that the model was fitted to, and is left out.
 */
static void
add_customer(TrackingState *state, ArrayType *array)
{
	Datum	   *elements;
	bool	   *nulls;
	DateADT    *days;
	int			n_elements;
	int			n = 0;
	int			i;

	deconstruct_array(array, DATEOID, sizeof(DateADT), true, TYPALIGN_INT,
					  &elements, &nulls, &n_elements);
	days = (DateADT *) palloc(Max(n_elements, 1) * sizeof(DateADT));
	for (i = 0; i < n_elements; i++)
	{
		DateADT		day = DatumGetDateADT(elements[i]);

		if (nulls[i])
			continue;
		if (DATE_NOT_FINITE(day))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("purchase day must be finite, got %s",
							day > 0 ? "infinity" : "-infinity")));
		if (day <= state->options.observation_end)
			days[n++] = day;
	}
	qsort(days, n, sizeof(DateADT), compare_days);
	if (n > 0 && days[0] <= state->options.calibration_end)
	{
		count_day(state, days[0], 1, 0);
		for (i = 1; i < n; i++)
		{
			if (days[i] != days[i - 1])
				count_day(state, days[i], 0, 1);
		}
	}
	pfree(days);
	pfree(elements);
	pfree(nulls);
}

/*
 * crm_btyd_tracking_transfn(internal, model crm_btyd_model,
 *							 purchase_days date[], calibration_end date,
 *							 observation_end date
 *							 [, period interval [, start date]]) -> internal
 *
 * Adds one customer.  Rows with a NULL model or NULL days are skipped.
 */
Datum
crm_btyd_tracking_transfn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_btyd_tracking_transfn");
	TrackingState *state = PG_ARGISNULL(0) ? NULL : (TrackingState *) PG_GETARG_POINTER(0);
	BtydModel  *model;
	TrackingOptions options;

	if (PG_ARGISNULL(ARG_MODEL) || PG_ARGISNULL(ARG_DAYS))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	model = crm_btyd_model_get(PG_GETARG_DATUM(ARG_MODEL));
	read_options(fcinfo, &options);
	if (state == NULL)
		state = make_state(context, model, &options);
	else
		same_group(state, model, &options);
	add_customer(state, PG_GETARG_ARRAYTYPE_P(ARG_DAYS));
	PG_RETURN_POINTER(state);
}

/*
 * crm_btyd_tracking_combinefn(internal, internal) -> internal
 */
Datum
crm_btyd_tracking_combinefn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_btyd_tracking_combinefn");
	TrackingState *into = PG_ARGISNULL(0) ? NULL : (TrackingState *) PG_GETARG_POINTER(0);
	TrackingState *from = PG_ARGISNULL(1) ? NULL : (TrackingState *) PG_GETARG_POINTER(1);
	day_table_iterator it;
	DayCount   *count;

	if (from == NULL)
	{
		if (into == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(into);
	}
	if (into == NULL)
		into = make_state(context, from->model, &from->options);
	else
		same_group(into, from->model, &from->options);
	day_table_start_iterate(from->days, &it);
	while ((count = day_table_iterate(from->days, &it)) != NULL)
		count_day(into, count->day, count->customers, count->repeats);
	PG_RETURN_POINTER(into);
}

/*
 * crm_btyd_tracking_serialfn(internal) -> bytea
 */
Datum
crm_btyd_tracking_serialfn(PG_FUNCTION_ARGS)
{
	TrackingState *state = (TrackingState *) PG_GETARG_POINTER(0);
	StringInfoData buf;
	day_table_iterator it;
	DayCount   *count;

	(void) crm_agg_context(fcinfo, "crm_btyd_tracking_serialfn");
	crm_serial_begin(&buf, STATE_VERSION);
	pq_sendint32(&buf, VARSIZE(state->model));
	pq_sendbytes(&buf, (const char *) state->model, VARSIZE(state->model));
	pq_sendint32(&buf, state->options.calibration_end);
	pq_sendint32(&buf, state->options.observation_end);
	pq_sendint32(&buf, state->options.start);
	pq_sendint32(&buf, state->options.period_days);
	pq_sendint32(&buf, state->options.period_months);
	pq_sendint64(&buf, state->days->members);
	day_table_start_iterate(state->days, &it);
	while ((count = day_table_iterate(state->days, &it)) != NULL)
	{
		pq_sendint32(&buf, count->day);
		pq_sendint64(&buf, count->customers);
		pq_sendint64(&buf, count->repeats);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_btyd_tracking_deserialfn(bytea, internal) -> internal
 */
Datum
crm_btyd_tracking_deserialfn(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	TrackingState *state;
	TrackingOptions options;
	uint32		model_size;
	const char *model_bytes;
	char	   *model;
	int64		n;
	int64		i;

	(void) crm_agg_context(fcinfo, "crm_btyd_tracking_deserialfn");
	(void) crm_deserial_begin(&buf, PG_GETARG_BYTEA_PP(0), STATE_VERSION, STATE_WHAT);
	model_size = pq_getmsgint(&buf, 4);
	model_bytes = pq_getmsgbytes(&buf, model_size); /* checks the size */
	if (model_size < VARHDRSZ)
		elog(ERROR, "invalid serialized %s", STATE_WHAT);
	model = (char *) palloc(model_size);
	memcpy(model, model_bytes, model_size);
	SET_VARSIZE(model, model_size);
	options.calibration_end = pq_getmsgint(&buf, 4);
	options.observation_end = pq_getmsgint(&buf, 4);
	options.start = pq_getmsgint(&buf, 4);
	options.period_days = pq_getmsgint(&buf, 4);
	options.period_months = pq_getmsgint(&buf, 4);
	state = make_state(CurrentMemoryContext, crm_btyd_model_get(PointerGetDatum(model)),
					   &options);
	n = crm_deserial_count(&buf, PG_INT64_MAX, 2 * sizeof(int64) + sizeof(DateADT),
						   STATE_WHAT);
	for (i = 0; i < n; i++)
	{
		DateADT		day = pq_getmsgint(&buf, 4);
		int64		customers = pq_getmsgint64(&buf);
		int64		repeats = pq_getmsgint64(&buf);

		count_day(state, day, customers, repeats);
	}
	crm_deserial_end(&buf, STATE_WHAT);
	PG_RETURN_POINTER(state);
}

static TrackingResult *
tracking_result(FunctionCallInfo fcinfo)
{
	TrackingResult *keep = (TrackingResult *) fcinfo->flinfo->fn_extra;

	if (keep == NULL)
	{
		MemoryContext context = fcinfo->flinfo->fn_mcxt;
		MemoryContext old_context;
		TupleDesc	tupdesc;

		keep = (TrackingResult *) MemoryContextAllocZero(context, sizeof(TrackingResult));
		keep->row_type = get_element_type(get_fn_expr_rettype(fcinfo->flinfo));
		tupdesc = lookup_rowtype_tupdesc(keep->row_type, -1);
		if (tupdesc->natts != PERIOD_COLUMNS)
			elog(ERROR, "crm_btyd_period does not have %d columns", PERIOD_COLUMNS);
		old_context = MemoryContextSwitchTo(context);
		keep->tupdesc = CreateTupleDescCopy(tupdesc);
		MemoryContextSwitchTo(old_context);
		ReleaseTupleDesc(tupdesc);
		get_typlenbyvalalign(keep->row_type, &keep->typlen, &keep->typbyval,
							 &keep->typalign);
		fcinfo->flinfo->fn_extra = keep;
	}
	return keep;
}

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
	TrackingResult *keep;
	TrackingOptions options;
	BtydParams	params;
	day_table_iterator it;
	DayCount   *count;
	DayCount   *counts;
	double	   *by_lag;
	Datum	   *rows;
	int64		n = 0;
	int64		n_lags;
	int64		next = 0;		/* day whose repeats come next */
	int64		actual_total = 0;
	double		expected_total;
	DateADT		start;
	DateADT		first_day;
	int32		max_rows = 64;
	int32		k;
	int64		i;

	(void) crm_agg_context(fcinfo, "crm_btyd_tracking_finalfn");
	if (state == NULL || state->days->members == 0)
		PG_RETURN_NULL();

	counts = (DayCount *) MemoryContextAllocHuge(CurrentMemoryContext,
												 state->days->members * sizeof(DayCount));
	day_table_start_iterate(state->days, &it);
	while ((count = day_table_iterate(state->days, &it)) != NULL)
		counts[n++] = *count;
	qsort(counts, n, sizeof(DayCount), compare_counts);

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

	keep = tracking_result(fcinfo);
	rows = (Datum *) palloc(max_rows * sizeof(Datum));
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
		if (k >= max_rows)
		{
			max_rows *= 2;
			rows = (Datum *) repalloc(rows, max_rows * sizeof(Datum));
		}
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
		rows[k] = HeapTupleGetDatum(heap_form_tuple(keep->tupdesc, values, nulls));
		expected_total = expected;
		first_day = next_start;
		CHECK_FOR_INTERRUPTS();
	}
	PG_RETURN_ARRAYTYPE_P(construct_array(rows, k, keep->row_type, keep->typlen,
										  keep->typbyval, keep->typalign));
}
