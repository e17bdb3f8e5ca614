/*-------------------------------------------------------------------------
 *
 * funnel_completions.c
 *	  The aggregate crm_funnel_completions: how often a customer went through
 *	  the whole funnel, when, and what it was worth.
 *
 * Passes do not overlap: each starts later than the one before was complete.
 * Of the passes that can come next, the one that is complete first is taken
 * (then the one with the latest start, and the earliest steps): so there are
 * as many as can be.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/numeric.h"

#include "src/common/aggstate.h"
#include "src/common/args.h"
#include "src/common/row_array.h"
#include "src/journey/funnel_call.h"

#define STATE_VERSION 1
#define STATE_WHAT "crm_funnel_completions state"
#define COMPLETION_COLUMNS 2

/* What a row may well take: a header, an array of times, and a value */
#define COMPLETION_SIZE(n_steps) (64 + (n_steps) * sizeof(int64))

/* The value of an event of the last step */
typedef struct EventValue
{
	int64		ts;
	Numeric		value;
} EventValue;

typedef struct CompletionState
{
	FunnelState funnel;			/* first: see there */
	MemoryContext context;
	EventValue *values;
	uint32		n_values;
	uint32		max_values;
} CompletionState;

PG_FUNCTION_INFO_V1(crm_funnel_completions_transfn_event);
PG_FUNCTION_INFO_V1(crm_funnel_completions_transfn_value);
PG_FUNCTION_INFO_V1(crm_funnel_completions_transfn_steps);
PG_FUNCTION_INFO_V1(crm_funnel_completions_combinefn);
PG_FUNCTION_INFO_V1(crm_funnel_completions_serialfn);
PG_FUNCTION_INFO_V1(crm_funnel_completions_deserialfn);
PG_FUNCTION_INFO_V1(crm_funnel_completions_finalfn);
PG_FUNCTION_INFO_V1(crm_funnel_completions_finalfn_units);

static Datum transfn(FunctionCallInfo fcinfo, FunnelForm form, int value_arg);
static CompletionState *new_state(MemoryContext context, FunnelPlan *plan);
static void add_value(CompletionState *state, int64 ts, Numeric value);
static int	compare_values(const void *a, const void *b);
static Datum pass_value(const EventValue *values, uint32 n, int64 ts, bool *isnull);

static CompletionState *
new_state(MemoryContext context, FunnelPlan *plan)
{
	CompletionState *state = (CompletionState *)
		MemoryContextAllocZero(context, sizeof(CompletionState));

	if (plan->mode == FUNNEL_ANY_ORDER)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("completions need a funnel whose steps are in order"),
				 errhint("Use mode ordered or strict.")));
	crm_funnel_state_init(&state->funnel, plan);
	state->context = context;
	return state;
}

/*
 * Copy a value to the state.
 */
static void
add_value(CompletionState *state, int64 ts, Numeric value)
{
	Numeric		copy = (Numeric) MemoryContextAlloc(state->context, VARSIZE(value));

	memcpy(copy, value, VARSIZE(value));
	if (state->n_values >= state->max_values)
	{
		state->max_values = Max(state->max_values * 2, 4);
		state->values = state->values == NULL ?
			(EventValue *) MemoryContextAlloc(state->context,
											  state->max_values * sizeof(EventValue)) :
			(EventValue *) repalloc_huge(state->values,
										 (Size) state->max_values * sizeof(EventValue));
	}
	state->values[state->n_values].ts = ts;
	state->values[state->n_values].value = copy;
	state->n_values++;
}

static Datum
transfn(FunctionCallInfo fcinfo, FunnelForm form, int value_arg)
{
	CompletionState *state = PG_ARGISNULL(0) ? NULL : (CompletionState *) PG_GETARG_POINTER(0);
	FunnelRow	row;

	if (crm_funnel_read_row(fcinfo, form, 1, &row))
	{
		if (state == NULL)
			state = new_state(crm_agg_context(fcinfo, "crm_funnel_completions"), row.plan);
		else if (state->funnel.plan != row.plan &&
				 !crm_funnel_plan_is(state->funnel.plan, row.plan->def, row.plan->time,
									 row.plan->n_conditions))
			crm_option_varies_error("the funnel's definition");
		crm_funnel_state_add(&state->funnel, row.ts, row.mask, row.code);
		if (value_arg > 0 && !PG_ARGISNULL(value_arg) &&
			(row.mask & STEP_BIT(row.plan->n_steps)) != 0)
			add_value(state, row.ts, PG_GETARG_NUMERIC(value_arg));
	}
	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(state);
}

/*
 * crm_funnel_completions_transfn(internal, crm_funnel_def, ts, event text)
 */
Datum
crm_funnel_completions_transfn_event(PG_FUNCTION_ARGS)
{
	return transfn(fcinfo, FUNNEL_FORM_EVENT, 0);
}

/*
 * crm_funnel_completions_transfn(internal, crm_funnel_def, ts, event text,
 *								  value numeric)
 */
Datum
crm_funnel_completions_transfn_value(PG_FUNCTION_ARGS)
{
	return transfn(fcinfo, FUNNEL_FORM_EVENT, 4);
}

/*
 * crm_funnel_completions_transfn(internal, crm_funnel_def, ts, VARIADIC "any")
 */
Datum
crm_funnel_completions_transfn_steps(PG_FUNCTION_ARGS)
{
	return transfn(fcinfo, FUNNEL_FORM_STEPS, 0);
}

/*
 * crm_funnel_completions_combinefn(internal, internal) -> internal
 */
Datum
crm_funnel_completions_combinefn(PG_FUNCTION_ARGS)
{
	CompletionState *into = PG_ARGISNULL(0) ? NULL : (CompletionState *) PG_GETARG_POINTER(0);
	CompletionState *from = PG_ARGISNULL(1) ? NULL : (CompletionState *) PG_GETARG_POINTER(1);

	if (from != NULL)
	{
		const FunnelPlan *plan = from->funnel.plan;
		uint32		i;

		if (into == NULL)
			into = new_state(crm_agg_context(fcinfo, "crm_funnel_completions_combinefn"),
							 from->funnel.plan);
		else if (!crm_funnel_plan_is(into->funnel.plan, plan->def, plan->time,
									 plan->n_conditions))
			crm_option_varies_error("the funnel's definition");
		crm_funnel_state_merge(&into->funnel, &from->funnel);
		for (i = 0; i < from->n_values; i++)
			add_value(into, from->values[i].ts, from->values[i].value);
	}
	if (into == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(into);
}

/*
 * crm_funnel_completions_serialfn(internal) -> bytea
 */
Datum
crm_funnel_completions_serialfn(PG_FUNCTION_ARGS)
{
	CompletionState *state = (CompletionState *) PG_GETARG_POINTER(0);
	StringInfoData buf;
	uint32		i;

	(void) crm_agg_context(fcinfo, "crm_funnel_completions_serialfn");
	crm_serial_begin(&buf, STATE_VERSION);
	crm_funnel_plan_write(&buf, state->funnel.plan);
	crm_funnel_state_write(&buf, &state->funnel);
	pq_sendint64(&buf, state->n_values);
	for (i = 0; i < state->n_values; i++)
	{
		pq_sendint64(&buf, state->values[i].ts);
		pq_sendint64(&buf, VARSIZE(state->values[i].value));
		pq_sendbytes(&buf, (const char *) state->values[i].value,
					 VARSIZE(state->values[i].value));
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_funnel_completions_deserialfn(bytea, internal) -> internal
 */
Datum
crm_funnel_completions_deserialfn(PG_FUNCTION_ARGS)
{
	CompletionState *state;
	FunnelPlan *plan;
	StringInfoData buf;
	int64		n;
	int64		i;

	(void) crm_agg_context(fcinfo, "crm_funnel_completions_deserialfn");
	(void) crm_deserial_begin(&buf, PG_GETARG_BYTEA_PP(0), STATE_VERSION, STATE_WHAT);
	plan = crm_funnel_plan_read(fcinfo, &buf, STATE_WHAT);
	state = new_state(CurrentMemoryContext, plan);
	crm_funnel_state_read(&state->funnel, plan, &buf, STATE_WHAT);
	n = crm_deserial_count(&buf, EVENT_LOG_MAX, 2 * sizeof(int64), STATE_WHAT);
	for (i = 0; i < n; i++)
	{
		int64		ts = pq_getmsgint64(&buf);
		int			size = (int) crm_deserial_count(&buf, MaxAllocSize, 1, STATE_WHAT);
		Numeric		value = (Numeric) palloc(Max(size, VARHDRSZ));

		memcpy(value, pq_getmsgbytes(&buf, size), size);
		if (size < VARHDRSZ || VARSIZE(value) != (Size) size)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
					 errmsg("invalid value in serialized %s", STATE_WHAT)));
		add_value(state, ts, value);
		pfree(value);
	}
	crm_deserial_end(&buf, STATE_WHAT);
	PG_RETURN_POINTER(state);
}

static int
compare_values(const void *a, const void *b)
{
	int64		left = ((const EventValue *) a)->ts;
	int64		right = ((const EventValue *) b)->ts;

	return (left > right) - (left < right);
}

/*
 * The sum of the values of the last step's events at that time, NULL if there
 * is none.  The values are in order of time.
 */
static Datum
pass_value(const EventValue *values, uint32 n, int64 ts, bool *isnull)
{
	uint32		low = 0;
	uint32		high = n;
	Datum		sum = (Datum) 0;

	while (low < high)
	{
		uint32		mid = low + (high - low) / 2;

		if (values[mid].ts < ts)
			low = mid + 1;
		else
			high = mid;
	}
	*isnull = true;
	for (; low < n && values[low].ts == ts; low++)
	{
		sum = *isnull ? NumericGetDatum(values[low].value) :
			DirectFunctionCall2(numeric_add, sum, NumericGetDatum(values[low].value));
		*isnull = false;
	}
	return sum;
}

/*
 * crm_funnel_completions_finalfn(internal) -> crm_funnel_completion[]
 */
Datum
crm_funnel_completions_finalfn(PG_FUNCTION_ARGS)
{
	CompletionState *state;
	FunnelPlan *plan;
	EventValue *values = NULL;
	FunnelEvent *events;
	uint32		n;
	uint32		pos = 0;
	RowArray	passes;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (CompletionState *) PG_GETARG_POINTER(0);
	plan = state->funnel.plan;
	crm_row_array_begin(&passes, crm_row_array_cached_type(fcinfo, COMPLETION_COLUMNS),
						COMPLETION_SIZE(plan->n_steps));

	if (state->n_values > 0)
	{
		Size		size = (Size) state->n_values * sizeof(EventValue);

		values = (EventValue *) MemoryContextAllocHuge(CurrentMemoryContext, size);
		memcpy(values, state->values, size);
		qsort(values, state->n_values, sizeof(EventValue), compare_values);
	}
	events = crm_funnel_state_events(&state->funnel, &n);
	while (pos < n)
	{
		FunnelChain chain;
		Datum		columns[COMPLETION_COLUMNS];
		bool		nulls[COMPLETION_COLUMNS] = {false};

		CHECK_FOR_INTERRUPTS();
		pos += crm_funnel_search_ordered(plan, events + pos, n - pos, true, true, true, &chain);
		if (chain.level < plan->n_steps)
			break;
		columns[0] = crm_funnel_entered(plan, &chain);
		columns[1] = pass_value(values, state->n_values, chain.entered[plan->n_steps - 1],
								&nulls[1]);
		crm_row_array_add(&passes, columns, nulls);
		/* where there is one start, there is one pass */
		if (plan->entry != FUNNEL_ENTRY_ANY)
			break;
	}
	PG_RETURN_DATUM(crm_row_array_end(&passes));
}

/*
 * crm_funnel_completions_finalfn_units(internal)
 *		-> crm_funnel_units_completion[]
 */
Datum
crm_funnel_completions_finalfn_units(PG_FUNCTION_ARGS)
{
	return crm_funnel_completions_finalfn(fcinfo);
}
