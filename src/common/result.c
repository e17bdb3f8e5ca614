/*-------------------------------------------------------------------------
 *
 * result.c
 *	  The composite results that every capability returns: crm_interval and
 *	  crm_comparison.
 *
 * Degenerate input gives a NULL field, never 0 or infinity: C code says so
 * with NaN.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "src/common/result.h"

#define INTERVAL_COLUMNS 6
#define COMPARISON_COLUMNS 15

static void set_count(Datum *values, bool *nulls, int i, int64 value);

/*
 * The row type that the running function is declared to return, blessed and
 * kept as long as the function is.
 *
 * slot is where to keep it, in the function's own fn_extra struct; NULL means
 * that the function uses fn_extra for nothing else, and it is kept there.
 */
TupleDesc
crm_result_tupdesc(FunctionCallInfo fcinfo, TupleDesc *slot)
{
	TupleDesc	tupdesc;
	MemoryContext old_context;

	if (slot == NULL)
		slot = (TupleDesc *) &fcinfo->flinfo->fn_extra;
	if (*slot != NULL)
		return *slot;

	old_context = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	if (get_call_result_type(fcinfo, NULL, &tupdesc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "function does not return a composite type");
	*slot = BlessTupleDesc(CreateTupleDescCopy(tupdesc));
	MemoryContextSwitchTo(old_context);
	return *slot;
}

/*
 * Column i of a row: a number, NULL where it is NaN.
 */
void
crm_set_float8(Datum *values, bool *nulls, int i, double value)
{
	nulls[i] = isnan(value);
	values[i] = nulls[i] ? (Datum) 0 : Float8GetDatum(value);
}

static void
set_count(Datum *values, bool *nulls, int i, int64 value)
{
	nulls[i] = value < 0;
	values[i] = nulls[i] ? (Datum) 0 : Int64GetDatum(value);
}

/*
 * A crm_interval datum in the current memory context; slot as in
 * crm_result_tupdesc.
 */
Datum
crm_interval_result(FunctionCallInfo fcinfo, TupleDesc *slot,
					const CrmInterval *interval)
{
	TupleDesc	tupdesc = crm_result_tupdesc(fcinfo, slot);
	Datum		values[INTERVAL_COLUMNS];
	bool		nulls[INTERVAL_COLUMNS];

	if (tupdesc->natts != INTERVAL_COLUMNS)
		elog(ERROR, "crm_interval does not have %d columns", INTERVAL_COLUMNS);
	set_count(values, nulls, 0, interval->n);
	crm_set_float8(values, nulls, 1, interval->estimate);
	crm_set_float8(values, nulls, 2, interval->std_error);
	crm_set_float8(values, nulls, 3, interval->lower);
	crm_set_float8(values, nulls, 4, interval->upper);
	crm_set_float8(values, nulls, 5, interval->conf_level);
	return HeapTupleGetDatum(heap_form_tuple(tupdesc, values, nulls));
}

/*
 * A crm_comparison datum in the current memory context; slot as in
 * crm_result_tupdesc.
 */
Datum
crm_comparison_result(FunctionCallInfo fcinfo, TupleDesc *slot,
					  const CrmComparison *comparison)
{
	TupleDesc	tupdesc = crm_result_tupdesc(fcinfo, slot);
	Datum		values[COMPARISON_COLUMNS];
	bool		nulls[COMPARISON_COLUMNS];

	if (tupdesc->natts != COMPARISON_COLUMNS)
		elog(ERROR, "crm_comparison does not have %d columns", COMPARISON_COLUMNS);
	set_count(values, nulls, 0, comparison->n_control);
	set_count(values, nulls, 1, comparison->n_treatment);
	crm_set_float8(values, nulls, 2, comparison->control);
	crm_set_float8(values, nulls, 3, comparison->treatment);
	crm_set_float8(values, nulls, 4, comparison->difference);
	crm_set_float8(values, nulls, 5, comparison->std_error);
	crm_set_float8(values, nulls, 6, comparison->lower);
	crm_set_float8(values, nulls, 7, comparison->upper);
	crm_set_float8(values, nulls, 8, comparison->lift);
	crm_set_float8(values, nulls, 9, comparison->lift_lower);
	crm_set_float8(values, nulls, 10, comparison->lift_upper);
	crm_set_float8(values, nulls, 11, comparison->statistic);
	crm_set_float8(values, nulls, 12, comparison->df);
	crm_set_float8(values, nulls, 13, comparison->p_value);
	nulls[14] = comparison->method == NULL;
	values[14] = nulls[14] ? (Datum) 0 : CStringGetTextDatum(comparison->method);
	return HeapTupleGetDatum(heap_form_tuple(tupdesc, values, nulls));
}
