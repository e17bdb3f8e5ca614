/*-------------------------------------------------------------------------
 *
 * stickiness.c
 *	  The aggregate crm_stickiness: in what share of the periods an active
 *	  customer is active.
 *
 * That is the mean number of customers active in a period over the number of
 * those active at all: of days of a month, average DAU over MAU.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "libpq/pqformat.h"

#include "src/common/aggstate.h"
#include "src/common/args.h"
#include "src/retention/activity.h"
#include "src/retention/period_rows.h"

#define STICKINESS_SERIAL_VERSION 1
#define STATE_NAME "crm_stickiness state"

/* Positions of the transition function's arguments; 0 is the state */
enum
{
	ARG_ACTIVITY = 1,
	ARG_FROM,
	ARG_TO
};

typedef struct Stickiness
{
	PeriodUnit	unit;
	int32		from;
	int32		to;
	int64		customers;		/* active in any of the periods */
	int64		active_periods; /* sum over customers */
} Stickiness;

PG_FUNCTION_INFO_V1(crm_stickiness_transfn);
PG_FUNCTION_INFO_V1(crm_stickiness_combinefn);
PG_FUNCTION_INFO_V1(crm_stickiness_serialfn);
PG_FUNCTION_INFO_V1(crm_stickiness_deserialfn);
PG_FUNCTION_INFO_V1(crm_stickiness_finalfn);

/*
 * crm_stickiness_transfn(internal, crm_activity, from date, to date) -> internal
 *
 * Counts a customer; one whose activity is NULL is skipped.
 */
Datum
crm_stickiness_transfn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_stickiness_transfn");
	Stickiness *state = PG_ARGISNULL(0) ? NULL : (Stickiness *) PG_GETARG_POINTER(0);
	Activity   *activity;
	PeriodUnit	unit;
	int32		from;
	int32		to;
	int64		count;

	if (PG_ARGISNULL(ARG_FROM) || PG_ARGISNULL(ARG_TO))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("first and last period must not be null"),
				 errhint("Pass dates in the first and the last period to look at.")));
	if (PG_ARGISNULL(ARG_ACTIVITY))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}

	activity = crm_activity_get_calendar(PG_GETARG_DATUM(ARG_ACTIVITY));
	unit = (PeriodUnit) activity->header.flags;
	from = crm_period_of_day(unit, crm_period_date_arg(PG_GETARG_DATEADT(ARG_FROM), "from"));
	to = crm_period_of_day(unit, crm_period_date_arg(PG_GETARG_DATEADT(ARG_TO), "to"));
	if (state == NULL)
	{
		(void) crm_period_rows_count(from, to);
		state = (Stickiness *) MemoryContextAllocZero(context, sizeof(Stickiness));
		state->unit = unit;
		state->from = from;
		state->to = to;
	}
	else
	{
		crm_activity_check_unit(state->unit, unit);
		if (state->from != from || state->to != to)
			crm_option_varies_error("range of periods");
	}

	count = crm_activity_count_range(activity, from, to);
	state->active_periods += count;
	state->customers += count > 0;
	PG_RETURN_POINTER(state);
}

/*
 * crm_stickiness_combinefn(internal, internal) -> internal
 */
Datum
crm_stickiness_combinefn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_stickiness_combinefn");
	Stickiness *into = PG_ARGISNULL(0) ? NULL : (Stickiness *) PG_GETARG_POINTER(0);
	Stickiness *from = PG_ARGISNULL(1) ? NULL : (Stickiness *) PG_GETARG_POINTER(1);

	if (from == NULL)
	{
		if (into == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(into);
	}
	if (into == NULL)
	{
		into = (Stickiness *) MemoryContextAlloc(context, sizeof(Stickiness));
		*into = *from;
		PG_RETURN_POINTER(into);
	}
	crm_activity_check_unit(into->unit, from->unit);
	if (into->from != from->from || into->to != from->to)
		crm_option_varies_error("range of periods");
	into->customers += from->customers;
	into->active_periods += from->active_periods;
	PG_RETURN_POINTER(into);
}

/*
 * crm_stickiness_serialfn(internal) -> bytea
 */
Datum
crm_stickiness_serialfn(PG_FUNCTION_ARGS)
{
	Stickiness *state = (Stickiness *) PG_GETARG_POINTER(0);
	StringInfoData buf;

	(void) crm_agg_context(fcinfo, "crm_stickiness_serialfn");
	crm_serial_begin(&buf, STICKINESS_SERIAL_VERSION);
	pq_sendint32(&buf, state->unit);
	pq_sendint32(&buf, state->from);
	pq_sendint32(&buf, state->to);
	pq_sendint64(&buf, state->customers);
	pq_sendint64(&buf, state->active_periods);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_stickiness_deserialfn(bytea, internal) -> internal
 */
Datum
crm_stickiness_deserialfn(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	Stickiness *state = (Stickiness *) palloc(sizeof(Stickiness));

	(void) crm_agg_context(fcinfo, "crm_stickiness_deserialfn");
	(void) crm_deserial_begin(&buf, PG_GETARG_BYTEA_PP(0), STICKINESS_SERIAL_VERSION, STATE_NAME);
	state->unit = (PeriodUnit) pq_getmsgint(&buf, 4);
	state->from = (int32) pq_getmsgint(&buf, 4);
	state->to = (int32) pq_getmsgint(&buf, 4);
	state->customers = pq_getmsgint64(&buf);
	state->active_periods = pq_getmsgint64(&buf);
	crm_deserial_end(&buf, STATE_NAME);
	PG_RETURN_POINTER(state);
}

/*
 * crm_stickiness_finalfn(internal) -> double precision
 *
 * NULL if nobody is active in the periods.
 */
Datum
crm_stickiness_finalfn(PG_FUNCTION_ARGS)
{
	Stickiness *state = PG_ARGISNULL(0) ? NULL : (Stickiness *) PG_GETARG_POINTER(0);
	double		n_periods;

	(void) crm_agg_context(fcinfo, "crm_stickiness_finalfn");
	if (state == NULL || state->customers == 0)
		PG_RETURN_NULL();
	n_periods = (double) state->to - state->from + 1;
	PG_RETURN_FLOAT8((double) state->active_periods / ((double) state->customers * n_periods));
}
