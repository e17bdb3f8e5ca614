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
 * state: a table of days.  The rows are made of it in btyd_tracking_rows.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "libpq/pqformat.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "src/clv/btyd_tracking.h"
#include "src/common/aggstate.h"
#include "src/common/args.h"
#include "src/common/summary_state.h"

#define STATE_WHAT "crm_btyd_tracking state"
#define STATE_VERSION 1

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

PG_FUNCTION_INFO_V1(crm_btyd_tracking_transfn);
PG_FUNCTION_INFO_V1(crm_btyd_tracking_combinefn);
PG_FUNCTION_INFO_V1(crm_btyd_tracking_serialfn);
PG_FUNCTION_INFO_V1(crm_btyd_tracking_deserialfn);

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

/*
 * The days of a state in their order, palloc'd.
 */
DayCount *
crm_btyd_tracking_counts(const TrackingState *state, int64 *n)
{
	DayCount   *counts;
	day_table_iterator it;
	DayCount   *count;

	counts = (DayCount *) MemoryContextAllocHuge(CurrentMemoryContext,
												 Max(state->days->members, 1) *
												 sizeof(DayCount));
	*n = 0;
	day_table_start_iterate(state->days, &it);
	while ((count = day_table_iterate(state->days, &it)) != NULL)
		counts[(*n)++] = *count;
	qsort(counts, *n, sizeof(DayCount), compare_counts);
	return counts;
}
