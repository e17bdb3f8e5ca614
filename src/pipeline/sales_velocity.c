/*-------------------------------------------------------------------------
 *
 * sales_velocity.c
 *	  Sales velocity from raw deals.
 *
 *	  velocity = open deals * win rate * average deal / mean cycle in days
 *
 * with win rate = won / (won + lost), average deal = amount won / deals won
 * with an amount, mean cycle over the won deals with a closing time.  It is
 * computed as one exact numeric fraction.  The scalar of the same name takes
 * the four numbers ready made.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "src/common/aggstate.h"
#include "src/common/args.h"
#include "src/common/count_state.h"
#include "src/compat.h"
#include "src/pipeline/amount_sum.h"
#include "src/pipeline/elapsed_sum.h"

PG_FUNCTION_INFO_V1(crm_sales_velocity_transfn);
PG_FUNCTION_INFO_V1(crm_sales_velocity_invfn);
PG_FUNCTION_INFO_V1(crm_sales_velocity_combinefn);
PG_FUNCTION_INFO_V1(crm_sales_velocity_serialfn);
PG_FUNCTION_INFO_V1(crm_sales_velocity_deserialfn);
PG_FUNCTION_INFO_V1(crm_sales_velocity_finalfn);

#define STATE_VERSION	1
#define STATE_NAME		"state of crm_sales_velocity"

enum
{
	DEALS_OPEN,
	DEALS_WON,
	DEALS_LOST,
	DEALS_PRICED,				/* won, with an amount */
	DEALS_TIMED,				/* won, with a closing time */
	CYCLE_DAYS,
	CYCLE_USECS,
	VELOCITY_COUNTERS
};

typedef struct SalesVelocity
{
	TimestampTz as_of;			/* DT_NOEND: no limit */
	int64		counter[VELOCITY_COUNTERS];
	AmountSum	won_amount;
} SalesVelocity;

static SalesVelocity *new_state(MemoryContext context, TimestampTz as_of);
static Datum count_deal(FunctionCallInfo fcinfo, const char *function, int sign);
static Datum multiply(Datum a, Datum b);
static Datum from_int64(int64 value);

static SalesVelocity *
new_state(MemoryContext context, TimestampTz as_of)
{
	SalesVelocity *state = MemoryContextAllocZero(context, sizeof(SalesVelocity));

	state->as_of = as_of;
	return state;
}

/*
 * Add a deal (sign 1) or take it back (sign -1).
 */
static Datum
count_deal(FunctionCallInfo fcinfo, const char *function, int sign)
{
	MemoryContext context = crm_agg_context(fcinfo, function);
	SalesVelocity *state = PG_ARGISNULL(0) ? NULL : (SalesVelocity *) PG_GETARG_POINTER(0);
	TimestampTz as_of = DT_NOEND;
	TimestampTz opened_at;
	bool		closed;

	if (PG_NARGS() > 5)
	{
		if (PG_ARGISNULL(5))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("as_of must not be NULL"),
					 errhint("Give the time at which deals are counted, such as now().")));
		as_of = PG_GETARG_TIMESTAMPTZ(5);
		if (TIMESTAMP_NOT_FINITE(as_of))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("as_of must be finite")));
	}
	if (state == NULL)
		state = new_state(context, as_of);
	else if (state->as_of != as_of)
		crm_option_varies_error("as_of");

	if (PG_ARGISNULL(3))
		PG_RETURN_POINTER(state);
	opened_at = PG_GETARG_TIMESTAMPTZ(3);
	if (opened_at > as_of)
		PG_RETURN_POINTER(state);

	closed = !PG_ARGISNULL(1) && (PG_ARGISNULL(4) || PG_GETARG_TIMESTAMPTZ(4) <= as_of);
	if (!closed)
		crm_counter_add(&state->counter[DEALS_OPEN], sign);
	else if (!PG_GETARG_BOOL(1))
		crm_counter_add(&state->counter[DEALS_LOST], sign);
	else
	{
		crm_counter_add(&state->counter[DEALS_WON], sign);
		if (!PG_ARGISNULL(4))
		{
			int64		usecs = elapsed_usecs(opened_at, PG_GETARG_TIMESTAMPTZ(4));

			crm_counter_add(&state->counter[DEALS_TIMED], sign);
			elapsed_add(&state->counter[CYCLE_DAYS], &state->counter[CYCLE_USECS],
						0, sign * usecs);
		}
		if (!PG_ARGISNULL(2))
		{
			crm_counter_add(&state->counter[DEALS_PRICED], sign);
			if (!crm_amount_add(fcinfo, &state->won_amount, sign, false, PG_GETARG_DATUM(2)))
				PG_RETURN_NULL();
		}
	}
	PG_RETURN_POINTER(state);
}

/*
 * crm_sales_velocity_transfn(internal, is_won boolean, amount numeric,
 *	opened_at timestamptz, closed_at timestamptz [, as_of timestamptz])
 *	-> internal
 *
 * NULL is_won is open.  Deals without opened_at, or opened after as_of, are
 * skipped; deals closed after as_of were open then.
 */
Datum
crm_sales_velocity_transfn(PG_FUNCTION_ARGS)
{
	return count_deal(fcinfo, "crm_sales_velocity_transfn", 1);
}

/*
 * The inverse, for moving windows
 */
Datum
crm_sales_velocity_invfn(PG_FUNCTION_ARGS)
{
	return count_deal(fcinfo, "crm_sales_velocity_invfn", -1);
}

/*
 * crm_sales_velocity_combinefn(internal, internal) -> internal
 */
Datum
crm_sales_velocity_combinefn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_sales_velocity_combinefn");
	SalesVelocity *state = PG_ARGISNULL(0) ? NULL : (SalesVelocity *) PG_GETARG_POINTER(0);
	SalesVelocity *other = PG_ARGISNULL(1) ? NULL : (SalesVelocity *) PG_GETARG_POINTER(1);
	int			i;

	if (other == NULL)
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	if (state == NULL)
		state = new_state(context, other->as_of);
	else if (state->as_of != other->as_of)
		crm_option_varies_error("as_of");

	for (i = 0; i < CYCLE_DAYS; i++)
		crm_counter_add(&state->counter[i], other->counter[i]);
	elapsed_add(&state->counter[CYCLE_DAYS], &state->counter[CYCLE_USECS],
				other->counter[CYCLE_DAYS], other->counter[CYCLE_USECS]);
	crm_amount_merge(fcinfo, &state->won_amount, other->won_amount);
	PG_RETURN_POINTER(state);
}

/*
 * crm_sales_velocity_serialfn(internal) -> bytea
 */
Datum
crm_sales_velocity_serialfn(PG_FUNCTION_ARGS)
{
	SalesVelocity *state = (SalesVelocity *) PG_GETARG_POINTER(0);
	StringInfoData buf;
	int			i;

	(void) crm_agg_context(fcinfo, "crm_sales_velocity_serialfn");
	crm_serial_begin(&buf, STATE_VERSION);
	pq_sendint64(&buf, state->as_of);
	for (i = 0; i < VELOCITY_COUNTERS; i++)
		pq_sendint64(&buf, state->counter[i]);
	crm_amount_send(fcinfo, &buf, state->won_amount);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_sales_velocity_deserialfn(bytea, internal) -> internal
 */
Datum
crm_sales_velocity_deserialfn(PG_FUNCTION_ARGS)
{
	SalesVelocity *state;
	StringInfoData buf;
	int			i;

	(void) crm_agg_context(fcinfo, "crm_sales_velocity_deserialfn");
	(void) crm_deserial_begin(&buf, PG_GETARG_BYTEA_PP(0), STATE_VERSION, STATE_NAME);
	state = new_state(CurrentMemoryContext, pq_getmsgint64(&buf));
	for (i = 0; i < VELOCITY_COUNTERS; i++)
		state->counter[i] = pq_getmsgint64(&buf);
	state->won_amount = crm_amount_recv(fcinfo, &buf, STATE_NAME);
	crm_deserial_end(&buf, STATE_NAME);
	PG_RETURN_POINTER(state);
}

static Datum
multiply(Datum a, Datum b)
{
	return DirectFunctionCall2(numeric_mul, a, b);
}

static Datum
from_int64(int64 value)
{
	return NumericGetDatum(int64_to_numeric(value));
}

/*
 * crm_sales_velocity_finalfn(internal) -> numeric
 *
 * Money a day.  NULL without a won deal that has an amount, without a won deal
 * that has a closing time, or if all of these closed at once.
 */
Datum
crm_sales_velocity_finalfn(PG_FUNCTION_ARGS)
{
	SalesVelocity *state = PG_ARGISNULL(0) ? NULL : (SalesVelocity *) PG_GETARG_POINTER(0);
	const int64 *counter;
	Datum		won_amount;
	Datum		cycle_usecs;
	Datum		dividend;
	Datum		divisor;

	(void) crm_agg_context(fcinfo, "crm_sales_velocity_finalfn");
	if (state == NULL)
		PG_RETURN_NULL();
	counter = state->counter;
	if (counter[DEALS_PRICED] == 0 || counter[DEALS_TIMED] == 0 ||
		(counter[CYCLE_DAYS] == 0 && counter[CYCLE_USECS] == 0) ||
		!crm_amount_total(fcinfo, state->won_amount, &won_amount))
		PG_RETURN_NULL();

	cycle_usecs = multiply(from_int64(counter[CYCLE_DAYS]), from_int64(USECS_PER_DAY));
	cycle_usecs = DirectFunctionCall2(numeric_add, cycle_usecs,
									  from_int64(counter[CYCLE_USECS]));

	dividend = multiply(from_int64(counter[DEALS_OPEN]), from_int64(counter[DEALS_WON]));
	dividend = multiply(dividend, won_amount);
	dividend = multiply(dividend, from_int64(counter[DEALS_TIMED]));
	dividend = multiply(dividend, from_int64(USECS_PER_DAY));
	divisor = multiply(from_int64(counter[DEALS_WON] + counter[DEALS_LOST]),
					   from_int64(counter[DEALS_PRICED]));
	divisor = multiply(divisor, cycle_usecs);
	return DirectFunctionCall2(numeric_div, dividend, divisor);
}
