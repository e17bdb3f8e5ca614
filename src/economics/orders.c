/*-------------------------------------------------------------------------
 *
 * orders.c
 *	  Repeat purchase rate and purchase frequency from orders per customer.
 *
 * Both aggregates read one row a customer and share their state, so that the
 * server computes it once for the two.  A customer without an order is none
 * for these metrics: definitions in docs/economics.md.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"

#include "src/common/args.h"
#include "src/common/count_state.h"

PG_FUNCTION_INFO_V1(crm_orders_transfn);
PG_FUNCTION_INFO_V1(crm_orders_transfn_float8);
PG_FUNCTION_INFO_V1(crm_orders_invfn);
PG_FUNCTION_INFO_V1(crm_orders_invfn_float8);
PG_FUNCTION_INFO_V1(crm_orders_combinefn);
PG_FUNCTION_INFO_V1(crm_repeat_purchase_rate_finalfn);
PG_FUNCTION_INFO_V1(crm_purchase_frequency_finalfn);

/* The state's counters */
enum
{
	CUSTOMERS,					/* with at least one order */
	REPEATERS,					/* with at least two */
	ORDERS,
	ORDER_COUNTERS
};

static Datum count_customer(FunctionCallInfo fcinfo, int64 orders, int sign);
static int64 whole_orders(double orders);

/*
 * Add (sign 1) or remove (sign -1) a customer with that many orders.
 */
static Datum
count_customer(FunctionCallInfo fcinfo, int64 orders, int sign)
{
	Datum		state;
	int64	   *counter = crm_count_state(fcinfo, 0, ORDER_COUNTERS, &state);

	if (orders < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of orders must not be negative, got " INT64_FORMAT,
						orders)));
	if (orders >= 1)
		crm_counter_add(&counter[CUSTOMERS], sign);
	if (orders >= 2)
		crm_counter_add(&counter[REPEATERS], sign);
	crm_counter_add(&counter[ORDERS], sign * orders);
	return state;
}

/*
 * A count that came as float8, as sum() and numeric expressions give it.
 */
static int64
whole_orders(double orders)
{
	crm_check_whole(orders, "number of orders");
	/* 2^63, the first double that does not fit */
	if (orders >= 9223372036854775808.0)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("bigint out of range")));
	return (int64) orders;
}

/*
 * crm_orders_transfn(state int8[], orders int8) -> int8[]; strict, so that
 * customers with NULL orders are skipped
 */
Datum
crm_orders_transfn(PG_FUNCTION_ARGS)
{
	return count_customer(fcinfo, PG_GETARG_INT64(1), 1);
}

Datum
crm_orders_transfn_float8(PG_FUNCTION_ARGS)
{
	return count_customer(fcinfo, whole_orders(PG_GETARG_FLOAT8(1)), 1);
}

/*
 * The inverses, for moving windows: exact, because the state only counts
 */
Datum
crm_orders_invfn(PG_FUNCTION_ARGS)
{
	return count_customer(fcinfo, PG_GETARG_INT64(1), -1);
}

Datum
crm_orders_invfn_float8(PG_FUNCTION_ARGS)
{
	return count_customer(fcinfo, whole_orders(PG_GETARG_FLOAT8(1)), -1);
}

/*
 * crm_orders_combinefn(int8[], int8[]) -> int8[]
 */
Datum
crm_orders_combinefn(PG_FUNCTION_ARGS)
{
	Datum		state;
	Datum		other;
	int64	   *counter = crm_count_state(fcinfo, 0, ORDER_COUNTERS, &state);
	int64	   *added = crm_count_state(fcinfo, 1, ORDER_COUNTERS, &other);
	int			i;

	for (i = 0; i < ORDER_COUNTERS; i++)
		crm_counter_add(&counter[i], added[i]);
	return state;
}

/*
 * crm_repeat_purchase_rate(orders): the share of customers with at least two
 * orders among those with at least one.  NULL if there are none.
 */
Datum
crm_repeat_purchase_rate_finalfn(PG_FUNCTION_ARGS)
{
	Datum		state;
	int64	   *counter = crm_count_state(fcinfo, 0, ORDER_COUNTERS, &state);

	if (counter[CUSTOMERS] == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8((double) counter[REPEATERS] / (double) counter[CUSTOMERS]);
}

/*
 * crm_purchase_frequency(orders): orders for each customer with at least one.
 * NULL if there are none.
 */
Datum
crm_purchase_frequency_finalfn(PG_FUNCTION_ARGS)
{
	Datum		state;
	int64	   *counter = crm_count_state(fcinfo, 0, ORDER_COUNTERS, &state);

	if (counter[CUSTOMERS] == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8((double) counter[ORDERS] / (double) counter[CUSTOMERS]);
}
