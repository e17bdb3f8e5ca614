/*-------------------------------------------------------------------------
 *
 * rfm_call.h
 *	  What the transition functions of crm_rfm and crm_rfm_holdout share: the
 *	  meaning of their arguments.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_RFM_CALL_H
#define CRM_RFM_CALL_H

#include "postgres.h"

#include "access/tupdesc.h"
#include "fmgr.h"
#include "pgtime.h"
#include "utils/timestamp.h"

#include "src/clv/rfm_state.h"
#include "src/common/local_time.h"

/* Positions of the transition functions' first arguments; 0 is the state */
enum
{
	RFM_ARG_ORDERED_AT = 1,
	RFM_ARG_AMOUNT
};

/*
 * What a transition function keeps from call to call (in fn_extra): the
 * options as they came, and what they mean.  A group that differs from the
 * group before costs a second look at them, no more.
 */
typedef struct RfmCall
{
	RfmTimeKind time_kind;
	bool		numeric_amount;
	bool		end_is_date;
	int			end_arg;		/* position of the end of the observation */
	int			options_arg;	/* of the time unit, grain and zone after it */

	/* The options as passed, and whether they were not NULL */
	bool		valid;
	int64		end;
	bool		has_time_unit;
	Interval	time_unit;
	bool		has_grain;
	char		grain_name[16];
	bool		has_zone;
	char		zone_name[TZ_STRLEN_MAX + 1];

	/* What they mean */
	int64		end_at;
	int64		end_key;
	int64		unit;
	RfmGrain	grain;
	LocalDayCache local_day;
	uint32		zone_hash;
} RfmCall;

/* An order as it was passed */
typedef struct RfmOrderArg
{
	int64		at;				/* in the unit of the orders' time */
	double		amount;
	int			scale;			/* decimals shown, -1: float8 */
} RfmOrderArg;

extern void crm_rfm_call_init(RfmCall *call, FunctionCallInfo fcinfo, int end_arg,
							  int options_arg);
extern void crm_rfm_call_options(RfmCall *call, FunctionCallInfo fcinfo);
extern bool crm_rfm_after_end(RfmCall *call, int64 at);
extern void crm_rfm_read_order(const RfmCall *call, FunctionCallInfo fcinfo,
							   RfmOrderArg *order);
extern RfmState *crm_rfm_start(const RfmCall *call, MemoryContext context,
							   RfmState *state);
extern RfmState *crm_rfm_add_order(RfmCall *call, FunctionCallInfo fcinfo,
								   MemoryContext context, RfmState *state,
								   const RfmOrderArg *order);

/* rfm_agg.c */
extern RfmState *crm_rfm_combine(MemoryContext context, RfmState *into,
								 const RfmState *from);
extern Datum crm_rfm_total(const RfmState *state, const RfmSummary *summary);
extern Datum crm_rfm_datum(TupleDesc tupdesc, const RfmState *state,
						   const RfmSummary *summary);

#endif							/* CRM_RFM_CALL_H */
