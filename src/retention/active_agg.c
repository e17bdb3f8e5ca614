/*-------------------------------------------------------------------------
 *
 * active_agg.c
 *	  The aggregate crm_active_customers of customers' activities.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "libpq/pqformat.h"

#include "src/common/aggstate.h"
#include "src/common/args.h"
#include "src/retention/active_customers.h"
#include "src/retention/period_rows.h"

#define ACTIVE_SERIAL_VERSION 1
#define STATE_NAME "crm_active_customers state"

/* Positions of the transition function's arguments; 0 is the state */
enum
{
	ARG_ACTIVITY = 1,
	ARG_WINDOW,
	ARG_FROM,
	ARG_TO
};

PG_FUNCTION_INFO_V1(crm_active_customers_transfn);
PG_FUNCTION_INFO_V1(crm_active_customers_combinefn);
PG_FUNCTION_INFO_V1(crm_active_customers_serialfn);
PG_FUNCTION_INFO_V1(crm_active_customers_deserialfn);
PG_FUNCTION_INFO_V1(crm_active_customers_finalfn);

/*
 * crm_active_customers_transfn(internal, crm_activity, window integer
 *								[, from date, to date]) -> internal
 *
 * Counts a customer; one whose activity is NULL or empty is skipped.
 */
Datum
crm_active_customers_transfn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_active_customers_transfn");
	ActiveCustomers *active = PG_ARGISNULL(0) ? NULL : (ActiveCustomers *) PG_GETARG_POINTER(0);
	bool		has_range = PG_NARGS() > ARG_FROM;
	Activity   *activity;
	PeriodUnit	unit;
	int64		from = 0;
	int64		to = 0;

	if (PG_ARGISNULL(ARG_WINDOW) ||
		(has_range && (PG_ARGISNULL(ARG_FROM) || PG_ARGISNULL(ARG_TO))))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("window and periods of active customers must not be null"),
				 errhint("Without periods to report, leave both dates out.")));
	if (PG_ARGISNULL(ARG_ACTIVITY))
	{
		if (active == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(active);
	}

	activity = crm_activity_get_calendar(PG_GETARG_DATUM(ARG_ACTIVITY));
	unit = (PeriodUnit) activity->header.flags;
	if (has_range)
	{
		from = crm_period_of_day(unit, crm_period_date_arg(PG_GETARG_DATEADT(ARG_FROM), "from"));
		to = crm_period_of_day(unit, crm_period_date_arg(PG_GETARG_DATEADT(ARG_TO), "to"));
	}

	if (active == NULL)
	{
		active = crm_active_create(context, unit,
								   crm_active_check_window(PG_GETARG_INT32(ARG_WINDOW)));
		if (has_range)
			crm_active_set_range(active, from, to);
	}
	else
	{
		crm_activity_check_unit(active->unit, unit);
		if (active->window != PG_GETARG_INT32(ARG_WINDOW))
			crm_option_varies_error("window");
		if (has_range && (active->from != from || active->to != to))
			crm_option_varies_error("range of periods");
	}
	crm_active_add(active, activity);
	PG_RETURN_POINTER(active);
}

/*
 * crm_active_customers_combinefn(internal, internal) -> internal
 */
Datum
crm_active_customers_combinefn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_active_customers_combinefn");
	ActiveCustomers *into = PG_ARGISNULL(0) ? NULL : (ActiveCustomers *) PG_GETARG_POINTER(0);
	ActiveCustomers *from = PG_ARGISNULL(1) ? NULL : (ActiveCustomers *) PG_GETARG_POINTER(1);

	if (from == NULL)
	{
		if (into == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(into);
	}
	if (into == NULL)
	{
		into = crm_active_create(context, from->unit, from->window);
		if (from->has_range)
			crm_active_set_range(into, from->from, from->to);
	}
	crm_active_merge(into, from);
	PG_RETURN_POINTER(into);
}

/*
 * crm_active_customers_serialfn(internal) -> bytea
 */
Datum
crm_active_customers_serialfn(PG_FUNCTION_ARGS)
{
	ActiveCustomers *active = (ActiveCustomers *) PG_GETARG_POINTER(0);
	StringInfoData buf;
	int64		i;

	(void) crm_agg_context(fcinfo, "crm_active_customers_serialfn");
	crm_serial_begin(&buf, ACTIVE_SERIAL_VERSION);
	pq_sendint32(&buf, active->unit);
	pq_sendint32(&buf, active->window);
	pq_sendbyte(&buf, active->has_range);
	pq_sendint64(&buf, active->from);
	pq_sendint64(&buf, active->to);
	pq_sendint64(&buf, active->first_active);
	pq_sendint64(&buf, active->last_active);
	pq_sendint64(&buf, active->first);
	pq_sendint64(&buf, active->n);
	for (i = 0; i < active->n; i++)
		pq_sendint64(&buf, active->changes[i]);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_active_customers_deserialfn(bytea, internal) -> internal
 */
Datum
crm_active_customers_deserialfn(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	ActiveCustomers *active;
	int64		i;

	(void) crm_agg_context(fcinfo, "crm_active_customers_deserialfn");
	(void) crm_deserial_begin(&buf, PG_GETARG_BYTEA_PP(0), ACTIVE_SERIAL_VERSION, STATE_NAME);
	active = (ActiveCustomers *) palloc0(sizeof(ActiveCustomers));
	active->context = CurrentMemoryContext;
	active->unit = (PeriodUnit) pq_getmsgint(&buf, 4);
	active->window = (int32) pq_getmsgint(&buf, 4);
	active->has_range = pq_getmsgbyte(&buf) != 0;
	active->from = pq_getmsgint64(&buf);
	active->to = pq_getmsgint64(&buf);
	active->first_active = pq_getmsgint64(&buf);
	active->last_active = pq_getmsgint64(&buf);
	active->first = pq_getmsgint64(&buf);
	active->n = crm_deserial_count(&buf, 4 * PERIOD_ROWS_MAX, sizeof(int64), STATE_NAME);
	active->changes = (int64 *) palloc(Max(active->n, 1) * sizeof(int64));
	for (i = 0; i < active->n; i++)
		active->changes[i] = pq_getmsgint64(&buf);
	crm_deserial_end(&buf, STATE_NAME);
	PG_RETURN_POINTER(active);
}

/*
 * crm_active_customers_finalfn(internal) -> crm_period_customers[]
 *
 * NULL if no customer counted, or if all their activities are empty and no
 * periods were named.
 */
Datum
crm_active_customers_finalfn(PG_FUNCTION_ARGS)
{
	ActiveCustomers *active = PG_ARGISNULL(0) ? NULL : (ActiveCustomers *) PG_GETARG_POINTER(0);

	(void) crm_agg_context(fcinfo, "crm_active_customers_finalfn");
	if (active == NULL || (!active->has_range && active->first_active > active->last_active))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(crm_active_rows(fcinfo, active));
}
