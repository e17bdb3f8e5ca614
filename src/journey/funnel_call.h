/*-------------------------------------------------------------------------
 *
 * funnel_call.h
 *	  How the funnel aggregates read their arguments: the definition, the time,
 *	  and the event or the conditions; and how their result is made.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_FUNNEL_CALL_H
#define CRM_FUNNEL_CALL_H

#include "postgres.h"

#include "access/tupdesc.h"
#include "fmgr.h"
#include "nodes/pg_list.h"

#include "src/journey/funnel.h"

/* Where the definition comes from */
typedef enum FunnelForm
{
	FUNNEL_FORM_EVENT,			/* def, ts, event */
	FUNNEL_FORM_STEPS,			/* def, ts, VARIADIC conditions */
	FUNNEL_FORM_WINDOW			/* within, ts, VARIADIC conditions */
} FunnelForm;

/*
 * What a support function keeps in fn_extra.  Plans are kept as long as it, as
 * states refer to them; usually there is one.
 */
typedef struct FunnelCall
{
	bool		ready;
	bool		quick;			/* nothing of the arguments need be checked
								 * again */
	FunnelForm	form;
	FunnelTime	time;
	int			first;			/* argument number of the definition */
	bool		constant;		/* it is a constant */
	bool		spread;			/* conditions are an array */
	int			n_args;			/* conditions passed as arguments */
	FunnelPlan *plan;			/* of the last row */
	List	   *plans;
} FunnelCall;

/* One row's event */
typedef struct FunnelRow
{
	FunnelPlan *plan;
	int64		ts;
	uint64		mask;
	uint32		code;
	bool		fixed;			/* all rows have this plan */
} FunnelRow;

extern FunnelCall *crm_funnel_call(FunctionCallInfo fcinfo);
extern FunnelPlan *crm_funnel_call_plan(FunctionCallInfo fcinfo, FunnelCall *call,
										const FunnelDef *def, FunnelTime time,
										int n_conditions);
extern bool crm_funnel_read_row_slow(FunctionCallInfo fcinfo, FunnelForm form,
									 int first, FunnelRow *row);
extern void crm_funnel_plan_write(StringInfo buf, const FunnelPlan *plan);
extern FunnelPlan *crm_funnel_plan_read(FunctionCallInfo fcinfo, StringInfo buf,
										const char *what);

/* funnel_agg.c */
extern Datum crm_funnel_state_result(FunctionCallInfo fcinfo, TupleDesc *slot,
									 const FunnelState *state);

/* What a condition that holds adds to the mask; i counts from 0. */
static inline uint64
crm_funnel_condition_bit(const FunnelPlan *plan, int i)
{
	return i < plan->n_steps ? STEP_BIT(i + 1) : FUNNEL_EXCLUDE_BIT;
}

/*
 * The mask of conditions that hold, passed as arguments of their own from
 * number "first" on; NULL does not hold.
 */
static inline uint64
crm_funnel_read_conditions(FunctionCallInfo fcinfo, const FunnelCall *call, int first)
{
	uint64		mask = 0;
	int			i;

	for (i = 0; i < call->n_args; i++)
	{
		if (!PG_ARGISNULL(first + i) && PG_GETARG_BOOL(first + i))
			mask |= crm_funnel_condition_bit(call->plan, i);
	}
	return mask;
}

/*
 * Read the row's arguments, of which the definition is number "first" (it
 * must not be 0, which is the state).  False when the row is to be skipped.
 */
static inline bool
crm_funnel_read_row(FunctionCallInfo fcinfo, FunnelForm form, int first, FunnelRow *row)
{
	FunnelCall *call = (FunnelCall *) fcinfo->flinfo->fn_extra;

	if (likely(call != NULL && call->quick &&
			   !PG_ARGISNULL(first + 1) &&
			   !TIMESTAMP_NOT_FINITE(PG_GETARG_INT64(first + 1))))
	{
		row->plan = call->plan;
		row->ts = PG_GETARG_INT64(first + 1);
		row->fixed = true;
		if (form != FUNNEL_FORM_EVENT)
		{
			row->mask = crm_funnel_read_conditions(fcinfo, call, first + 2);
			row->code = crm_funnel_code(row->mask);
			return true;
		}
		if (likely(!PG_ARGISNULL(first + 2)))
		{
			const char *event = (const char *) PG_GETARG_POINTER(first + 2);

			if (likely(!VARATT_IS_EXTERNAL(event) && !VARATT_IS_COMPRESSED(event)))
			{
				row->code = crm_funnel_match_name(row->plan, VARDATA_ANY(event),
												  VARSIZE_ANY_EXHDR(event));
				row->mask = row->plan->masks[row->code];
				return true;
			}
		}
	}
	return crm_funnel_read_row_slow(fcinfo, form, first, row);
}

#endif							/* CRM_FUNNEL_CALL_H */
