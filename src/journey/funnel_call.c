/*-------------------------------------------------------------------------
 *
 * funnel_call.c
 *	  How the funnel aggregates read their arguments.
 *
 * This runs for each row, so what does not change is looked at once: types of
 * arguments, and the definition where it is a constant.  "any" arguments are
 * checked by nobody else: an int taken for a boolean would be a wrong answer.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "libpq/pqformat.h"
#include "nodes/primnodes.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/timestamp.h"

#include "src/journey/funnel_call.h"

static void call_init(FunctionCallInfo fcinfo, FunnelCall *call, FunnelForm form, int first);
static void check_conditions(FunctionCallInfo fcinfo, FunnelCall *call);
static bool read_time(FunctionCallInfo fcinfo, const FunnelCall *call, int64 *ts);
static bool find_plan(FunctionCallInfo fcinfo, FunnelCall *call);
static uint64 read_conditions(FunctionCallInfo fcinfo, const FunnelCall *call);
static int	array_conditions(FunctionCallInfo fcinfo, const FunnelCall *call);
pg_noreturn static void infinite_time_error(void);

/*
 * The struct in fn_extra, zeroed at first.
 */
FunnelCall *
crm_funnel_call(FunctionCallInfo fcinfo)
{
	if (fcinfo->flinfo->fn_extra == NULL)
		fcinfo->flinfo->fn_extra =
			MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(FunnelCall));
	return (FunnelCall *) fcinfo->flinfo->fn_extra;
}

static void
call_init(FunctionCallInfo fcinfo, FunnelCall *call, FunnelForm form, int first)
{
	Aggref	   *aggref = AggGetAggref(fcinfo);

	call->form = form;
	call->first = first;
	switch (get_fn_expr_argtype(fcinfo->flinfo, first + 1))
	{
		case TIMESTAMPTZOID:
			call->time = FUNNEL_TIMESTAMPTZ;
			break;
		case TIMESTAMPOID:
			call->time = FUNNEL_TIMESTAMP;
			break;
		case DATEOID:
			call->time = FUNNEL_DATE;
			break;
		case INT8OID:
			call->time = FUNNEL_UNITS;
			break;
		default:
			elog(ERROR, "unexpected type of time argument");
	}

	/*
	 * The support function sees parameters; the aggregate's own arguments
	 * tell whether the definition can change.  (Of the aggregate's, the first
	 * one is that after the state.)
	 */
	if (aggref != NULL && first - 1 < list_length(aggref->args))
		call->constant = IsA(((TargetEntry *) list_nth(aggref->args, first - 1))->expr, Const);
	if (form != FUNNEL_FORM_EVENT)
		check_conditions(fcinfo, call);
	call->ready = true;
}

/*
 * All conditions must be boolean, or be one spread array of booleans.
 */
static void
check_conditions(FunctionCallInfo fcinfo, FunnelCall *call)
{
	int			first = call->first + 2;
	int			i;

	call->n_args = PG_NARGS() - first;
	call->spread = get_fn_expr_variadic(fcinfo->flinfo);
	for (i = 0; i < call->n_args; i++)
	{
		Oid			type = get_fn_expr_argtype(fcinfo->flinfo, first + i);

		if (call->spread ? type == BOOLARRAYOID : type == BOOLOID)
			continue;
		/* a bare NULL */
		if (type == UNKNOWNOID && PG_ARGISNULL(first + i))
			continue;
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 call->spread ?
				 errmsg("the array of conditions must be of type boolean[], got %s",
						format_type_be(type)) :
				 errmsg("condition %d must be of type boolean, got %s", i + 1,
						format_type_be(type)),
				 errhint("Write a condition such as event = 'view', or name the steps in the definition and pass the event as text.")));
	}
}

static void
infinite_time_error(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("the time of an event must be finite"),
			 errhint("Filter such rows out, or make their time NULL: then they are skipped.")));
}

/*
 * The row's time; false when it is NULL.
 */
static bool
read_time(FunctionCallInfo fcinfo, const FunnelCall *call, int64 *ts)
{
	int			arg = call->first + 1;

	if (PG_ARGISNULL(arg))
		return false;
	if (call->time == FUNNEL_DATE)
	{
		DateADT		date = PG_GETARG_DATEADT(arg);

		if (DATE_NOT_FINITE(date))
			infinite_time_error();
		*ts = DatumGetTimestamp(DirectFunctionCall1(date_timestamp, DateADTGetDatum(date)));
		return true;
	}
	*ts = PG_GETARG_INT64(arg);
	if (call->time != FUNNEL_UNITS && TIMESTAMP_NOT_FINITE(*ts))
		infinite_time_error();
	return true;
}

/*
 * The plan for a definition, made at most once.
 */
FunnelPlan *
crm_funnel_call_plan(FunctionCallInfo fcinfo, FunnelCall *call, const FunnelDef *def,
					 FunnelTime time, int n_conditions)
{
	MemoryContext old_context;
	FunnelPlan *plan;
	ListCell   *lc;

	if (call->plan != NULL && crm_funnel_plan_is(call->plan, def, time, n_conditions))
		return call->plan;
	foreach(lc, call->plans)
	{
		plan = (FunnelPlan *) lfirst(lc);
		if (crm_funnel_plan_is(plan, def, time, n_conditions))
			return call->plan = plan;
	}
	plan = crm_funnel_plan_make(fcinfo->flinfo->fn_mcxt, def, time, n_conditions);
	old_context = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	call->plans = lappend(call->plans, plan);
	MemoryContextSwitchTo(old_context);
	return call->plan = plan;
}

/*
 * Set call->plan for this row's definition.  False when the row is to be
 * skipped, its array of conditions being NULL: the definition need not say how
 * many there are, and what other rows say must not matter.
 */
static bool
find_plan(FunctionCallInfo fcinfo, FunnelCall *call)
{
	int			n_conditions = -1;
	FunnelDef  *def;

	if (PG_ARGISNULL(call->first))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg(call->form == FUNNEL_FORM_WINDOW ?
						"the window must not be null" :
						"the funnel's definition must not be null"),
				 errhint("Make a definition with crm_funnel_def(...), or pass a window.")));

	if (call->form == FUNNEL_FORM_WINDOW)
	{
		if (call->time == FUNNEL_UNITS)
		{
			Interval	within = {0};

			within.time = PG_GETARG_INT64(call->first);
			def = crm_funnel_def_window(&within, true);
		}
		else
			def = crm_funnel_def_window(PG_GETARG_INTERVAL_P(call->first), false);
	}
	else
		def = crm_funnel_def_get(PG_GETARG_DATUM(call->first));

	if (call->form != FUNNEL_FORM_EVENT)
	{
		n_conditions = call->spread ? array_conditions(fcinfo, call) : call->n_args;
		if (n_conditions < 0)
			return false;
	}
	(void) crm_funnel_call_plan(fcinfo, call, def, call->time, n_conditions);
	return true;
}

/*
 * How many conditions the row's array has; -1 when it is NULL.
 */
static int
array_conditions(FunctionCallInfo fcinfo, const FunnelCall *call)
{
	int			arg = call->first + 2;
	ArrayType  *array;

	if (PG_ARGISNULL(arg))
		return -1;
	array = PG_GETARG_ARRAYTYPE_P(arg);
	return ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
}

/*
 * The mask of conditions that hold; NULL does not.  An array is not NULL, as
 * find_plan has seen.
 */
static uint64
read_conditions(FunctionCallInfo fcinfo, const FunnelCall *call)
{
	const FunnelPlan *plan = call->plan;
	int			first = call->first + 2;
	ArrayType  *array;
	const bool *values;
	const bits8 *not_null;
	uint64		mask = 0;
	int			n;
	int			i;

	if (!call->spread)
		return crm_funnel_read_conditions(fcinfo, call, first);

	array = PG_GETARG_ARRAYTYPE_P(first);
	values = (const bool *) ARR_DATA_PTR(array);
	not_null = ARR_NULLBITMAP(array);
	n = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	for (i = 0; i < n; i++)
	{
		if (not_null != NULL && (not_null[i / 8] & (1 << (i % 8))) == 0)
			continue;
		if (*values++)
			mask |= crm_funnel_condition_bit(plan, i);
	}
	return mask;
}

/*
 * crm_funnel_read_row where it is more than reading a constant definition, a
 * timestamp, and a text or conditions.
 */
bool
crm_funnel_read_row_slow(FunctionCallInfo fcinfo, FunnelForm form, int first,
						 FunnelRow *row)
{
	FunnelCall *call = crm_funnel_call(fcinfo);

	if (!call->ready)
		call_init(fcinfo, call, form, first);
	if ((call->plan == NULL || !call->constant || call->spread) &&
		!find_plan(fcinfo, call))
		return false;
	row->fixed = call->constant && !call->spread;
	call->quick = row->fixed &&
		(call->time == FUNNEL_TIMESTAMPTZ || call->time == FUNNEL_TIMESTAMP);
	if (!read_time(fcinfo, call, &row->ts))
		return false;

	row->plan = call->plan;
	if (form == FUNNEL_FORM_EVENT)
	{
		row->code = FUNNEL_CODE_FOREIGN;
		if (!PG_ARGISNULL(first + 2))
		{
			text	   *event = PG_GETARG_TEXT_PP(first + 2);

			row->code = crm_funnel_match_name(call->plan, VARDATA_ANY(event),
											  VARSIZE_ANY_EXHDR(event));
		}
		row->mask = call->plan->masks[row->code];
	}
	else
	{
		row->mask = read_conditions(fcinfo, call);
		row->code = crm_funnel_code(row->mask);
	}
	return true;
}

/*
 * Append a plan to a serialised state.
 */
void
crm_funnel_plan_write(StringInfo buf, const FunnelPlan *plan)
{
	pq_sendbyte(buf, plan->time);
	pq_sendint32(buf, plan->n_conditions);
	pq_sendint32(buf, VARSIZE(plan->def));
	/* the server is the same: a state is not stored anywhere */
	pq_sendbytes(buf, (const char *) plan->def, VARSIZE(plan->def));
}

/*
 * Read what crm_funnel_plan_write wrote.
 */
FunnelPlan *
crm_funnel_plan_read(FunctionCallInfo fcinfo, StringInfo buf, const char *what)
{
	FunnelCall *call = crm_funnel_call(fcinfo);
	FunnelTime	time = (FunnelTime) pq_getmsgbyte(buf);
	int			n_conditions = (int) pq_getmsgint(buf, 4);
	int			size = (int) pq_getmsgint(buf, 4);
	const char *bytes;

	if (size < (int) sizeof(FunnelDef))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid definition in serialized %s", what)));
	bytes = pq_getmsgbytes(buf, size);

	/* it is not aligned there */
	if (call->plan == NULL || call->plan->time != time ||
		call->plan->n_conditions != n_conditions ||
		VARSIZE(call->plan->def) != (Size) size ||
		memcmp(call->plan->def, bytes, size) != 0)
	{
		FunnelDef  *def = (FunnelDef *) palloc(size);

		memcpy(def, bytes, size);
		if (VARATT_IS_EXTENDED(def) || VARSIZE(def) != (Size) size)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
					 errmsg("invalid definition in serialized %s", what)));
		(void) crm_funnel_call_plan(fcinfo, call, crm_funnel_def_get(PointerGetDatum(def)),
									time, n_conditions);
		pfree(def);
	}
	return call->plan;
}
