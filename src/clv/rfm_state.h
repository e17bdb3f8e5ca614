/*-------------------------------------------------------------------------
 *
 * rfm_state.h
 *	  The state of the aggregate crm_rfm: one customer's orders.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_RFM_STATE_H
#define CRM_RFM_STATE_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "lib/stringinfo.h"
#include "pgtime.h"

/* Orders with the same grain are one purchase.  Serialised: never renumber. */
typedef enum RfmGrain
{
	RFM_GRAIN_NONE = 0,			/* every distinct instant */
	RFM_GRAIN_HOUR = 1,
	RFM_GRAIN_DAY = 2,
	RFM_GRAIN_WEEK = 3			/* ISO, from Monday */
} RfmGrain;

/* Of which type the orders' time is.  Serialised: never renumber. */
typedef enum RfmTimeKind
{
	RFM_TIMESTAMPTZ = 0,
	RFM_TIMESTAMP = 1,
	RFM_DATE = 2
} RfmTimeKind;

/*
 * An order.  The key numbers its grain, so that the difference of two keys is
 * a number of grains: local days or weeks since 2000, or microseconds (of the
 * hour's beginning where the grain is an hour).
 */
typedef struct RfmOrder
{
	int64		key;
	double		amount;
} RfmOrder;

/*
 * 64 bytes of header and room for four orders: one 128-byte chunk serves most
 * customers of most shops.
 */
#define RFM_INITIAL_ORDERS 4

/* 2^27 orders of one customer are 2 GB. */
#define RFM_MAX_ORDERS (1 << 27)

typedef struct RfmState
{
	int64		end_at;			/* orders after this are ignored; in the unit
								 * of the orders' time, as are first_at and
								 * last_at */
	int64		end_key;		/* the grain that end_at lies in */
	int64		unit;			/* time unit, microseconds */
	pg_tz	   *zone;			/* NULL where the orders' time has none, and
								 * after deserialisation */
	int64		first_at;		/* of the purchases; refunds do not count */
	int64		last_at;
	uint32		n_orders;
	uint32		max_orders;		/* allocated */
	uint32		n_purchases;	/* orders that are no refunds */
	int16		scale;			/* most decimals of an amount, -1: float8 */
	uint8		grain;			/* RfmGrain */
	uint8		time_kind;		/* RfmTimeKind */
	RfmOrder	orders[FLEXIBLE_ARRAY_MEMBER];
} RfmState;

/* What crm_rfm returns, but for the conversion of first_at, last_at and total. */
typedef struct RfmSummary
{
	int32		frequency;
	double		recency;
	double		age;
	double		monetary;		/* NaN: no repeat day with a positive net */
	int32		paid_frequency;
	double		unit_days;
	double		total;
	double		total_error;	/* total + total_error is the exact sum to
								 * about 106 bits */
} RfmSummary;

extern RfmState *crm_rfm_state_create(MemoryContext context, uint32 max_orders);
extern RfmState *crm_rfm_state_add(RfmState *state, int64 key, double amount);
extern RfmState *crm_rfm_state_merge(MemoryContext context, RfmState *into,
									 const RfmState *from);
extern bool crm_rfm_state_summarize(const RfmState *state, RfmSummary *summary);
extern void crm_rfm_state_write(StringInfo buf, const RfmState *state);
extern RfmState *crm_rfm_state_read(MemoryContext context, StringInfo buf);

#endif							/* CRM_RFM_STATE_H */
