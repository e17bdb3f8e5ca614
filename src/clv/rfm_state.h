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

#include <math.h>

#include "datatype/timestamp.h"
#include "lib/stringinfo.h"
#include "utils/numeric.h"

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
	Numeric		total_rest;		/* what the amounts' units (see below) lack,
								 * NULL: nothing */
	int64		first_at;		/* of the purchases; refunds do not count */
	int64		last_at;		/* PG_INT64_MIN: no purchase yet */
	uint32		n_orders;
	uint32		max_orders;		/* allocated */
	uint32		zone_hash;		/* of the time zone's name, 0 where the
								 * orders' time has none */
	int16		scale;			/* most decimals of an amount, -1: float8 */
	uint8		grain;			/* RfmGrain */
	uint8		time_kind;		/* RfmTimeKind */
	RfmOrder	orders[FLEXIBLE_ARRAY_MEMBER];
} RfmState;

/*
 * The total of numeric amounts is exact.  Amounts are kept as doubles; one
 * below RFM_MAX_UNITS units of 1/10000 tells how many units it was, to the
 * nearest.  A state's units add up in 63 bits.  What an amount has besides
 * (smaller decimals, or all of it when it is larger) is added up as numeric in
 * total_rest.
 */
#define RFM_UNIT_DECIMALS 4
#define RFM_UNITS_PER_ONE 10000.0
#define RFM_MAX_UNITS ((double) (INT64CONST(1) << 36))

static inline int64
rfm_amount_units(double amount)
{
	double		units = rint(amount * RFM_UNITS_PER_ONE);

	return fabs(units) < RFM_MAX_UNITS ? (int64) units : 0;
}

/* What crm_rfm returns, but for the conversion of first_at, last_at and total. */
typedef struct RfmSummary
{
	int32		frequency;
	double		recency;
	double		age;
	double		monetary;		/* NaN: no repeat day with a positive net */
	int32		paid_frequency;
	double		unit_days;
	int64		first_key;		/* grains of the first and last purchase */
	int64		last_key;
	double		log_intervals;	/* sum of ln(time between purchases) */
	double		total;			/* of float8 amounts */
	int64		total_units;	/* of numeric amounts, to which total_rest
								 * comes */
} RfmSummary;

extern RfmState *crm_rfm_state_create(MemoryContext context, uint32 max_orders);
extern RfmState *crm_rfm_state_add(RfmState *state, int64 key, double amount);
extern void crm_rfm_state_add_rest(MemoryContext context, RfmState *state,
								   Numeric amount, double as_double);
extern RfmState *crm_rfm_state_merge(MemoryContext context, RfmState *into,
									 const RfmState *from);
extern bool crm_rfm_state_summarize(const RfmState *state, RfmSummary *summary);
extern double crm_rfm_grains_to_units(const RfmState *state, int64 grains);
extern void crm_rfm_state_write(StringInfo buf, const RfmState *state);
extern RfmState *crm_rfm_state_read(MemoryContext context, StringInfo buf);

#endif							/* CRM_RFM_STATE_H */
