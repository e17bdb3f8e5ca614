/*-------------------------------------------------------------------------
 *
 * funnel_report_agg.c
 *	  The aggregate crm_funnel_report over customers' results, and the rows of
 *	  a report.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "src/common/aggstate.h"
#include "src/common/args.h"
#include "src/common/result.h"
#include "src/journey/funnel_report.h"
#include "src/math/proportion.h"

#define STATE_VERSION 1
#define STATE_WHAT "crm_funnel_report state"
#define RESULT_COLUMNS 3
#define ROW_COLUMNS 7

PG_FUNCTION_INFO_V1(crm_funnel_report_transfn);
PG_FUNCTION_INFO_V1(crm_funnel_report_transfn_level);
PG_FUNCTION_INFO_V1(crm_funnel_report_combinefn);
PG_FUNCTION_INFO_V1(crm_funnel_report_serialfn);
PG_FUNCTION_INFO_V1(crm_funnel_report_deserialfn);
PG_FUNCTION_INFO_V1(crm_funnel_report_finalfn);
PG_FUNCTION_INFO_V1(crm_funnel_rows);

static ReportState *report_state(FunctionCallInfo fcinfo, const char *function);
static void check_level(int level);
static Datum duration(double usecs, bool *isnull);

static ReportState *
report_state(FunctionCallInfo fcinfo, const char *function)
{
	if (!PG_ARGISNULL(0))
		return (ReportState *) PG_GETARG_POINTER(0);
	return crm_report_state_create(crm_agg_context(fcinfo, function));
}

static void
check_level(int level)
{
	if (level < 0 || level > FUNNEL_MAX_STEPS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the level of a funnel must be between 0 and %d, got %d",
						FUNNEL_MAX_STEPS, level),
				 errhint("Pass what crm_funnel or crm_window_funnel returns.")));
}

/*
 * crm_funnel_report_transfn(internal, crm_funnel_result) -> internal
 *
 * A NULL result, or one without a level, is no customer.
 */
Datum
crm_funnel_report_transfn(PG_FUNCTION_ARGS)
{
	ReportState *state = report_state(fcinfo, "crm_funnel_report_transfn");
	TupleDesc	tupdesc = (TupleDesc) fcinfo->flinfo->fn_extra;
	HeapTupleHeader header;
	HeapTupleData tuple;
	Datum		values[RESULT_COLUMNS];
	bool		nulls[RESULT_COLUMNS];
	int64		entered[FUNNEL_MAX_STEPS];
	bool		entered_nulls[FUNNEL_MAX_STEPS];
	int			n = 0;

	if (PG_ARGISNULL(1))
		PG_RETURN_POINTER(state);
	header = PG_GETARG_HEAPTUPLEHEADER(1);
	if (tupdesc == NULL)
	{
		MemoryContext old_context = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);

		tupdesc = lookup_rowtype_tupdesc_copy(HeapTupleHeaderGetTypeId(header),
											  HeapTupleHeaderGetTypMod(header));
		MemoryContextSwitchTo(old_context);
		if (tupdesc->natts != RESULT_COLUMNS)
			elog(ERROR, "crm_funnel_result does not have %d columns", RESULT_COLUMNS);
		fcinfo->flinfo->fn_extra = tupdesc;
	}
	tuple.t_len = HeapTupleHeaderGetDatumLength(header);
	ItemPointerSetInvalid(&tuple.t_self);
	tuple.t_tableOid = InvalidOid;
	tuple.t_data = header;
	heap_deform_tuple(&tuple, tupdesc, values, nulls);

	if (nulls[0])
		PG_RETURN_POINTER(state);
	check_level(DatumGetInt32(values[0]));
	if (!nulls[1])
	{
		ArrayType  *array = DatumGetArrayTypeP(values[1]);
		const bits8 *not_null = ARR_NULLBITMAP(array);
		const char *data = ARR_DATA_PTR(array);
		int			i;

		n = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
		if (n > FUNNEL_MAX_STEPS)
			check_level(n);
		for (i = 0; i < n; i++)
		{
			entered_nulls[i] = not_null != NULL && (not_null[i / 8] & (1 << (i % 8))) == 0;
			if (entered_nulls[i])
				continue;
			memcpy(&entered[i], data, sizeof(int64));
			data += sizeof(int64);
		}
	}
	crm_report_state_chain(state, DatumGetInt32(values[0]),
						   !nulls[2] && DatumGetBool(values[2]), entered, entered_nulls, n);
	PG_RETURN_POINTER(state);
}

/*
 * crm_funnel_report_transfn(internal, level int) -> internal
 */
Datum
crm_funnel_report_transfn_level(PG_FUNCTION_ARGS)
{
	ReportState *state = report_state(fcinfo, "crm_funnel_report_transfn");

	if (!PG_ARGISNULL(1))
	{
		check_level(PG_GETARG_INT32(1));
		crm_report_state_chain(state, PG_GETARG_INT32(1), false, NULL, NULL, 0);
	}
	PG_RETURN_POINTER(state);
}

/*
 * crm_funnel_report_combinefn(internal, internal) -> internal
 */
Datum
crm_funnel_report_combinefn(PG_FUNCTION_ARGS)
{
	ReportState *into = report_state(fcinfo, "crm_funnel_report_combinefn");

	if (!PG_ARGISNULL(1))
		crm_report_state_merge(into,
							   crm_funnel_report_make((ReportState *) PG_GETARG_POINTER(1)));
	PG_RETURN_POINTER(into);
}

/*
 * crm_funnel_report_serialfn(internal) -> bytea
 */
Datum
crm_funnel_report_serialfn(PG_FUNCTION_ARGS)
{
	StringInfoData buf;

	(void) crm_agg_context(fcinfo, "crm_funnel_report_serialfn");
	crm_serial_begin(&buf, STATE_VERSION);
	crm_funnel_report_write(&buf,
							crm_funnel_report_make((ReportState *) PG_GETARG_POINTER(0)));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_funnel_report_deserialfn(bytea, internal) -> internal
 */
Datum
crm_funnel_report_deserialfn(PG_FUNCTION_ARGS)
{
	ReportState *state = crm_report_state_create(CurrentMemoryContext);
	StringInfoData buf;

	(void) crm_agg_context(fcinfo, "crm_funnel_report_deserialfn");
	(void) crm_deserial_begin(&buf, PG_GETARG_BYTEA_PP(0), STATE_VERSION, STATE_WHAT);
	crm_funnel_report_read(&buf, state);
	crm_deserial_end(&buf, STATE_WHAT);
	PG_RETURN_POINTER(state);
}

/*
 * crm_funnel_report_finalfn(internal) -> crm_funnel_report
 *
 * NULL without a customer.
 */
Datum
crm_funnel_report_finalfn(PG_FUNCTION_ARGS)
{
	ReportState *state;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (ReportState *) PG_GETARG_POINTER(0);
	if (state->customers == 0)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(crm_funnel_report_make(state));
}

/*
 * As an interval of days and time, like the difference of two timestamps.
 */
static Datum
duration(double usecs, bool *isnull)
{
	Interval   *interval;
	int64		rounded;

	*isnull = isnan(usecs);
	if (*isnull)
		return (Datum) 0;
	rounded = (int64) rint(usecs);
	interval = (Interval *) palloc0(sizeof(Interval));
	interval->day = (int32) (rounded / USECS_PER_DAY);
	interval->time = rounded % USECS_PER_DAY;
	return IntervalPGetDatum(interval);
}

/*
 * crm_funnel_rows(report crm_funnel_report, steps int, conf_level float8)
 *
 * One row a step: step, customers, share_of_first, share_of_previous
 * (crm_interval, Wilson's), median_time, p90_time, skipped.  steps is how
 * many rows there are at least.
 */
Datum
crm_funnel_rows(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	FunnelReport *report;
	int			n_steps;
	double		conf_level;
	TupleDesc	interval_tupdesc;
	int64		previous = 0;
	int			step;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	report = crm_funnel_report_get(PG_GETARG_DATUM(0));
	conf_level = PG_ARGISNULL(2) ? CRM_DEFAULT_CONF_LEVEL : PG_GETARG_FLOAT8(2);
	crm_check_conf_level(conf_level);
	n_steps = (int) report->n_steps;
	if (!PG_ARGISNULL(1))
	{
		check_level(PG_GETARG_INT32(1));
		n_steps = Max(n_steps, PG_GETARG_INT32(1));
	}
	if (rsinfo->setDesc->natts != ROW_COLUMNS)
		elog(ERROR, "crm_funnel_rows does not have %d columns", ROW_COLUMNS);
	interval_tupdesc = lookup_rowtype_tupdesc(TupleDescAttr(rsinfo->setDesc, 3)->atttypid, -1);

	for (step = 1; step <= n_steps; step++)
	{
		const ReportStep *at = step <= report->n_steps ? &report->steps[step - 1] : NULL;
		int64		customers = at == NULL ? 0 : at->reached;
		int64		first = report->n_steps > 0 ? report->steps[0].reached : 0;
		const TimeBin *bins = NULL;
		int			n_bins = 0;
		Datum		values[ROW_COLUMNS];
		bool		nulls[ROW_COLUMNS] = {false};

		if (at != NULL)
			bins = crm_funnel_report_bins(report, step, &n_bins);
		values[0] = Int32GetDatum(step);
		values[1] = Int64GetDatum(customers);
		nulls[2] = first == 0;
		values[2] = Float8GetDatum(nulls[2] ? 0 : (double) customers / (double) first);
		nulls[3] = step == 1 || previous == 0;
		if (!nulls[3])
		{
			double		lower;
			double		upper;
			double		std_error = crm_proportion_std_error((double) customers,
															 (double) previous);
			Datum		parts[6];
			bool		part_nulls[6] = {false};

			crm_proportion_interval(PROPORTION_WILSON, (double) customers, (double) previous,
									conf_level, &lower, &upper);
			parts[0] = Int64GetDatum(previous);
			parts[1] = Float8GetDatum((double) customers / (double) previous);
			part_nulls[2] = isnan(std_error);
			parts[2] = Float8GetDatum(std_error);
			parts[3] = Float8GetDatum(lower);
			parts[4] = Float8GetDatum(upper);
			parts[5] = Float8GetDatum(conf_level);
			values[3] = HeapTupleGetDatum(heap_form_tuple(interval_tupdesc, parts, part_nulls));
		}
		values[4] = duration(crm_time_bins_quantile(bins, n_bins, 0.5), &nulls[4]);
		values[5] = duration(crm_time_bins_quantile(bins, n_bins, 0.9), &nulls[5]);
		values[6] = Int64GetDatum(at == NULL ? 0 : at->skipped);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		previous = customers;
	}
	ReleaseTupleDesc(interval_tupdesc);
	PG_RETURN_NULL();
}
