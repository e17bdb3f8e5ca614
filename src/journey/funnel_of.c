/*-------------------------------------------------------------------------
 *
 * funnel_of.c
 *	  A customer's way through a funnel, from a stored journey.
 *
 *		crm_funnel_of(journey, def)
 *
 * The journey's events are put into the state that the aggregate crm_funnel
 * would have collected, and searched as that is.  So the answer is the
 * aggregate's: which event of one instant the journey has first is no matter,
 * as it is not for the aggregate, and each event is there as often as it was.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/tupdesc.h"
#include "fmgr.h"
#include "pgtime.h"
#include "utils/memutils.h"

#include "src/journey/funnel_call.h"
#include "src/journey/journey.h"

/* What a call site carries (fn_extra) */
typedef struct FunnelOfCache
{
	TupleDesc	tupdesc;
	MemoryContext context;		/* of plan */
	FunnelPlan *plan;			/* of the last call */
	pg_tz	   *zone;			/* whose changes of clocks it knows */
} FunnelOfCache;

PG_FUNCTION_INFO_V1(crm_funnel_of);

static FunnelOfCache *get_cache(FunctionCallInfo fcinfo);
static FunnelPlan *get_plan(FunnelOfCache *cache, const FunnelDef *def);

static FunnelOfCache *
get_cache(FunctionCallInfo fcinfo)
{
	FunnelOfCache *cache = (FunnelOfCache *) fcinfo->flinfo->fn_extra;

	if (cache == NULL)
	{
		cache = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(FunnelOfCache));
		cache->context = AllocSetContextCreate(fcinfo->flinfo->fn_mcxt,
											   "crm_funnel_of plan",
											   ALLOCSET_SMALL_SIZES);
		fcinfo->flinfo->fn_extra = cache;
	}
	return cache;
}

/*
 * The definition's plan; makes it if it is not that of the call before.  Only
 * one is kept, as no state outlives its call.  A call site may outlive a
 * setting of the time zone.
 */
static FunnelPlan *
get_plan(FunnelOfCache *cache, const FunnelDef *def)
{
	if (cache->plan != NULL && cache->zone == session_timezone &&
		crm_funnel_plan_is(cache->plan, def, FUNNEL_TIMESTAMPTZ, -1))
		return cache->plan;

	if (def->n_steps == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the funnel's definition names no steps"),
				 errhint("A journey has events by name: define the funnel with steps => ARRAY[...].")));
	if ((def->header.flags & FUNNEL_DEF_UNITS) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the funnel's window is a number, but a journey's times are not"),
				 errhint("Define the window as an interval, such as '7 days'.")));
	cache->plan = NULL;
	MemoryContextReset(cache->context);
	cache->plan = crm_funnel_plan_make(cache->context, def, FUNNEL_TIMESTAMPTZ, -1);
	cache->zone = session_timezone;
	return cache->plan;
}

/*
 * crm_funnel_of(journey crm_journey, def crm_funnel_def) -> crm_funnel_result
 *
 * What crm_funnel(def, ts, event) says of the journey's events; NULL if there
 * are none.  A definition without names of steps, or whose window is a number,
 * is error 22023.
 */
Datum
crm_funnel_of(PG_FUNCTION_ARGS)
{
	FunnelOfCache *cache = get_cache(fcinfo);
	FunnelPlan *plan = get_plan(cache, crm_funnel_def_get(PG_GETARG_DATUM(1)));
	JourneyReader reader;
	JourneyEvent event;
	FunnelState *state;
	uint32	   *codes;
	int32		i;

	crm_journey_open(&reader, PG_GETARG_DATUM(0));
	if (reader.n_events == 0)
		PG_RETURN_NULL();

	codes = palloc(Max(reader.n_names, 1) * sizeof(uint32));
	for (i = 0; i < reader.n_names; i++)
		codes[i] = crm_funnel_match_name(plan, reader.names[i].data,
										 (uint32) reader.names[i].len);

	state = (FunnelState *) palloc(sizeof(FunnelState));
	crm_funnel_state_init(state, plan);
	while (crm_journey_next(&reader, &event))
	{
		uint32		code = codes[event.name];

		crm_funnel_state_add(state, event.ts, plan->masks[code], code);
	}
	PG_RETURN_DATUM(crm_funnel_state_result(fcinfo, &cache->tupdesc, state));
}
