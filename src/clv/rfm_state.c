/*-------------------------------------------------------------------------
 *
 * rfm_state.c
 *	  The state of the aggregate crm_rfm: one customer's orders.
 *
 * Refunds are netted against the day they are booked on and orders come in
 * any order, so nothing smaller than the list of orders gives the exact
 * answer.  It is kept unsorted; the final function sorts a copy by grain and
 * amount and adds up with error-free transformations, so that the result does
 * not depend on the order of the rows or on how they were split, to the last
 * bit.  (The total of numeric amounts is exact, whatever their size.)
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "src/clv/rfm_state.h"
#include "src/common/aggstate.h"
#include "src/math/exact_sum.h"

#define RFM_SERIAL_VERSION 1

/* Up to this many orders are copied to the stack and sorted by insertion. */
#define RFM_STACK_ORDERS 32

StaticAssertDecl(offsetof(RfmState, orders) == 64,
				 "the header and four orders fill a chunk of 128 bytes");

/*
 * A day's net amount is nothing when it is below this share of what was added
 * up: amounts with decimals are not exact in binary, so that 29.95 + 5.10 -
 * 35.05 leaves a rest.
 */
#define NET_ROUNDING (1.0 / (INT64CONST(1) << 52))

/*
 * Times between purchases, at most 2^63 grains, are multiplied up to this.
 */
#define PRODUCT_MAX 1e280

static Size state_size(uint32 max_orders);
static RfmState *state_grow(RfmState *state, uint32 needed);
static void add_to_rest(MemoryContext context, RfmState *state, Numeric amount);
static int	compare_orders(const void *a, const void *b);
static int	compare_orders_arg(const void *a, const void *b, void *arg);
static void sort_orders(RfmOrder *orders, uint32 n);

static Size
state_size(uint32 max_orders)
{
	return offsetof(RfmState, orders) + (Size) max_orders * sizeof(RfmOrder);
}

/*
 * An empty state in the given context.
 */
RfmState *
crm_rfm_state_create(MemoryContext context, uint32 max_orders)
{
	RfmState   *state;

	max_orders = Max(max_orders, RFM_INITIAL_ORDERS);
	state = (RfmState *) MemoryContextAllocHuge(context, state_size(max_orders));
	memset(state, 0, offsetof(RfmState, orders));
	state->max_orders = max_orders;
	state->first_at = PG_INT64_MAX;
	state->last_at = PG_INT64_MIN;
	return state;
}

/*
 * Make room for as many orders, in the memory context that the state is in.
 * The state may move.
 */
static RfmState *
state_grow(RfmState *state, uint32 needed)
{
	uint32		max_orders = state->max_orders;

	if (needed <= max_orders)
		return state;
	if (needed > RFM_MAX_ORDERS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a customer has more than %d orders", RFM_MAX_ORDERS),
				 errhint("Group by customer, or sum up each day's orders first.")));
	while (max_orders < needed)
		max_orders *= 2;
	state = (RfmState *) repalloc_huge(state, state_size(max_orders));
	state->max_orders = max_orders;
	return state;
}

/*
 * Add an order.  The state may move: use the one returned.
 */
RfmState *
crm_rfm_state_add(RfmState *state, int64 key, double amount)
{
	RfmOrder   *order;

	if (unlikely(state->n_orders >= state->max_orders))
		state = state_grow(state, state->n_orders + 1);
	order = &state->orders[state->n_orders++];
	order->key = key;
	order->amount = amount;
	return state;
}

/*
 * Add to the total what units cannot hold; a copy in the given context.
 */
static void
add_to_rest(MemoryContext context, RfmState *state, Numeric amount)
{
	MemoryContext old_context = MemoryContextSwitchTo(context);
	Numeric		sum;

	if (state->total_rest == NULL)
		sum = DatumGetNumericCopy(NumericGetDatum(amount));
	else
	{
		sum = DatumGetNumeric(DirectFunctionCall2(numeric_add,
												  NumericGetDatum(state->total_rest),
												  NumericGetDatum(amount)));
		pfree(state->total_rest);
	}
	state->total_rest = sum;
	MemoryContextSwitchTo(old_context);
}

/*
 * For each numeric amount that units may not hold: add what they lack.
 */
void
crm_rfm_state_add_rest(MemoryContext context, RfmState *state, Numeric amount,
					   double as_double)
{
	Numeric		units = int64_div_fast_to_numeric(rfm_amount_units(as_double),
												  RFM_UNIT_DECIMALS);

	if (DatumGetBool(DirectFunctionCall2(numeric_ne, NumericGetDatum(amount),
										 NumericGetDatum(units))))
		add_to_rest(context, state,
					DatumGetNumeric(DirectFunctionCall2(numeric_sub,
														NumericGetDatum(amount),
														NumericGetDatum(units))));
}

/*
 * Add the orders of one state to another, NULL to begin with, whose
 * observation end, time unit, grain and zone the caller has checked.
 */
RfmState *
crm_rfm_state_merge(MemoryContext context, RfmState *into, const RfmState *from)
{
	if (into == NULL)
	{
		into = crm_rfm_state_create(context, from->n_orders);
		into->end_at = from->end_at;
		into->end_key = from->end_key;
		into->unit = from->unit;
		into->zone_hash = from->zone_hash;
		into->scale = from->scale;
		into->grain = from->grain;
		into->time_kind = from->time_kind;
	}
	else
		into = state_grow(into, into->n_orders + from->n_orders);

	memcpy(&into->orders[into->n_orders], from->orders,
		   (Size) from->n_orders * sizeof(RfmOrder));
	into->n_orders += from->n_orders;
	if (from->total_rest != NULL)
		add_to_rest(context, into, from->total_rest);
	into->first_at = Min(into->first_at, from->first_at);
	into->last_at = Max(into->last_at, from->last_at);
	into->scale = (into->scale < 0 || from->scale < 0) ? -1 :
		Max(into->scale, from->scale);
	return into;
}

static int
compare_orders(const void *a, const void *b)
{
	const RfmOrder *left = (const RfmOrder *) a;
	const RfmOrder *right = (const RfmOrder *) b;

	if (left->key != right->key)
		return left->key < right->key ? -1 : 1;
	if (left->amount != right->amount)
		return left->amount < right->amount ? -1 : 1;
	return 0;
}

/* qsort_arg_comparator */
static int
compare_orders_arg(const void *a, const void *b, void *arg)
{
	return compare_orders(a, b);
}

/*
 * Sort by key, then amount.  Most customers have a handful of orders, which
 * mostly came in order.
 */
static void
sort_orders(RfmOrder *orders, uint32 n)
{
	uint32		i;

	if (n > RFM_STACK_ORDERS)
	{
		qsort_interruptible(orders, n, sizeof(RfmOrder), compare_orders_arg, NULL);
		return;
	}
	for (i = 1; i < n; i++)
	{
		RfmOrder	order = orders[i];
		uint32		j = i;

		while (j > 0 && compare_orders(&orders[j - 1], &order) > 0)
		{
			orders[j] = orders[j - 1];
			j--;
		}
		orders[j] = order;
	}
}

/*
 * A number of grains in time units.  Numerator and denominator are exact, so
 * that the quotient is the double nearest to the true one: 213 days are
 * 213.0 / 7 weeks.
 */
double
crm_rfm_grains_to_units(const RfmState *state, int64 grains)
{
	double		usecs_per_grain = 1;

	if (state->grain == RFM_GRAIN_DAY)
		usecs_per_grain = (double) USECS_PER_DAY;
	else if (state->grain == RFM_GRAIN_WEEK)
		usecs_per_grain = 7.0 * (double) USECS_PER_DAY;
	return (double) grains * usecs_per_grain / (double) state->unit;
}

/*
 * Summarise a customer.  False when there is no purchase, as an observation
 * begins with the first one: then only the total means something.  The state
 * is not changed.
 */
bool
crm_rfm_state_summarize(const RfmState *state, RfmSummary *summary)
{
	RfmOrder	on_stack[RFM_STACK_ORDERS];
	RfmOrder   *orders = on_stack;
	uint32		n = state->n_orders;
	uint32		i;
	int64		first_key = 0;
	int64		last_key = 0;
	int32		n_purchases = 0;
	ExactSum	total = EXACT_SUM_ZERO;
	ExactSum	monetary = EXACT_SUM_ZERO;
	double		product = 1;	/* of the times between purchases */
	double		log_product = 0;	/* what was taken out of it */

	if (n > RFM_STACK_ORDERS)
		orders = (RfmOrder *) MemoryContextAllocHuge(CurrentMemoryContext,
													 (Size) n * sizeof(RfmOrder));
	memcpy(orders, state->orders, (Size) n * sizeof(RfmOrder));
	sort_orders(orders, n);

	summary->paid_frequency = 0;
	summary->total_units = 0;
	for (i = 0; i < n;)
	{
		int64		key = orders[i].key;
		bool		has_purchase = false;
		ExactSum	net = EXACT_SUM_ZERO;
		double		gross = 0;

		for (; i < n && orders[i].key == key; i++)
		{
			exact_sum_add(&net, orders[i].amount);
			gross += fabs(orders[i].amount);
			if (state->scale >= 0)
				summary->total_units += rfm_amount_units(orders[i].amount);
			if (orders[i].amount >= 0)
				has_purchase = true;
		}
		exact_sum_merge(&total, &net);
		if (!has_purchase)
			continue;

		/* one logarithm for many intervals */
		if (n_purchases > 0)
		{
			product *= (double) (key - last_key);
			if (product > PRODUCT_MAX)
			{
				log_product += log(product);
				product = 1;
			}
		}

		if (n_purchases == 0)
			first_key = key;
		else if (exact_sum_value(&net) > gross * NET_ROUNDING)
		{
			exact_sum_merge(&monetary, &net);
			summary->paid_frequency++;
		}
		last_key = key;
		n_purchases++;
		CHECK_FOR_INTERRUPTS();
	}
	if (orders != on_stack)
		pfree(orders);

	summary->frequency = n_purchases - 1;
	summary->recency = crm_rfm_grains_to_units(state, last_key - first_key);

	/*
	 * Where clocks go back over midnight, an order's day can lie after that
	 * of a later end of the observation.
	 */
	summary->age = crm_rfm_grains_to_units(state, Max(state->end_key, last_key) - first_key);
	summary->monetary = summary->paid_frequency == 0 ? (double) NAN :
		exact_sum_value(&monetary) / summary->paid_frequency;
	summary->unit_days = (double) state->unit / (double) USECS_PER_DAY;
	summary->log_intervals = n_purchases < 2 ? 0 :
		log_product + log(product) +
		(n_purchases - 1) * log(crm_rfm_grains_to_units(state, 1));
	summary->total = exact_sum_value(&total);
	if (!isfinite(summary->total) || isinf(summary->monetary))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("total of a customer's order amounts is out of range")));
	summary->first_key = first_key;
	summary->last_key = last_key;
	return n_purchases > 0;
}

/*
 * Serialise, version byte first.
 */
void
crm_rfm_state_write(StringInfo buf, const RfmState *state)
{
	uint32		i;

	crm_serial_begin(buf, RFM_SERIAL_VERSION);
	pq_sendint64(buf, state->end_at);
	pq_sendint64(buf, state->end_key);
	pq_sendint64(buf, state->unit);
	pq_sendint64(buf, state->first_at);
	pq_sendint64(buf, state->last_at);
	pq_sendint32(buf, state->zone_hash);
	pq_sendint16(buf, state->scale);
	pq_sendbyte(buf, state->grain);
	pq_sendbyte(buf, state->time_kind);
	if (state->total_rest == NULL)
		pq_sendint32(buf, 0);
	else
	{
		pq_sendint32(buf, VARSIZE(state->total_rest));
		pq_sendbytes(buf, (const char *) state->total_rest, VARSIZE(state->total_rest));
	}
	pq_sendint64(buf, state->n_orders);
	for (i = 0; i < state->n_orders; i++)
	{
		pq_sendint64(buf, state->orders[i].key);
		pq_sendfloat8(buf, state->orders[i].amount);
	}
}

/*
 * Read what crm_rfm_state_write wrote into a new state in the given context.
 */
RfmState *
crm_rfm_state_read(MemoryContext context, StringInfo buf)
{
	RfmState	header;
	RfmState   *state;
	uint32		rest_size;
	uint32		n;
	uint32		i;

	memset(&header, 0, sizeof(header));
	header.end_at = pq_getmsgint64(buf);
	header.end_key = pq_getmsgint64(buf);
	header.unit = pq_getmsgint64(buf);
	header.first_at = pq_getmsgint64(buf);
	header.last_at = pq_getmsgint64(buf);
	header.zone_hash = pq_getmsgint(buf, 4);
	header.scale = (int16) pq_getmsgint(buf, 2);
	header.grain = pq_getmsgbyte(buf);
	header.time_kind = pq_getmsgbyte(buf);
	rest_size = pq_getmsgint(buf, 4);
	if (rest_size > 0)
	{
		const char *rest = pq_getmsgbytes(buf, rest_size);	/* checks the size */

		header.total_rest = (Numeric) MemoryContextAlloc(context, rest_size);
		memcpy(header.total_rest, rest, rest_size);
	}
	n = (uint32) crm_deserial_count(buf, RFM_MAX_ORDERS, sizeof(RfmOrder),
									"crm_rfm state");
	if (header.unit <= 0 || header.grain > RFM_GRAIN_WEEK ||
		header.time_kind > RFM_DATE)
		elog(ERROR, "invalid serialized crm_rfm state");

	state = crm_rfm_state_create(context, n);
	header.max_orders = state->max_orders;
	memcpy(state, &header, offsetof(RfmState, orders));
	state->n_orders = n;
	for (i = 0; i < n; i++)
	{
		state->orders[i].key = pq_getmsgint64(buf);
		state->orders[i].amount = pq_getmsgfloat8(buf);
	}
	return state;
}
