/*-------------------------------------------------------------------------
 *
 * win_rate.c
 *	  Win rate by count: won / (won + lost).
 *
 * The rate alone.  Its interval is crm_rate_interval(is_won), which reads the
 * same column: an open deal is NULL there too, and skipped.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"

#include "src/common/count_state.h"

PG_FUNCTION_INFO_V1(crm_win_rate_transfn);
PG_FUNCTION_INFO_V1(crm_win_rate_invfn);
PG_FUNCTION_INFO_V1(crm_win_rate_combinefn);
PG_FUNCTION_INFO_V1(crm_win_rate_finalfn);

enum
{
	DEALS_CLOSED,
	DEALS_WON,
	DEAL_COUNTERS
};

static Datum count_deal(FunctionCallInfo fcinfo, int sign);

static Datum
count_deal(FunctionCallInfo fcinfo, int sign)
{
	Datum		state;
	int64	   *counter = crm_count_state(fcinfo, 0, DEAL_COUNTERS, &state);

	crm_count_add(&counter[DEALS_CLOSED], sign);
	if (PG_GETARG_BOOL(1))
		crm_count_add(&counter[DEALS_WON], sign);
	return state;
}

/*
 * crm_win_rate_transfn(int8[], is_won boolean) -> int8[]; strict, so that open
 * deals are skipped
 */
Datum
crm_win_rate_transfn(PG_FUNCTION_ARGS)
{
	return count_deal(fcinfo, 1);
}

/*
 * The inverse, for moving windows: exact
 */
Datum
crm_win_rate_invfn(PG_FUNCTION_ARGS)
{
	return count_deal(fcinfo, -1);
}

/*
 * crm_win_rate_combinefn(int8[], int8[]) -> int8[]; strict
 */
Datum
crm_win_rate_combinefn(PG_FUNCTION_ARGS)
{
	Datum		state;
	Datum		other;
	int64	   *counter = crm_count_state(fcinfo, 0, DEAL_COUNTERS, &state);
	int64	   *added = crm_count_state(fcinfo, 1, DEAL_COUNTERS, &other);

	crm_count_add(&counter[DEALS_CLOSED], added[DEALS_CLOSED]);
	crm_count_add(&counter[DEALS_WON], added[DEALS_WON]);
	return state;
}

/*
 * crm_win_rate_finalfn(int8[]) -> float8; strict.  NULL without a closed deal.
 */
Datum
crm_win_rate_finalfn(PG_FUNCTION_ARGS)
{
	Datum		state;
	int64	   *counter = crm_count_state(fcinfo, 0, DEAL_COUNTERS, &state);

	if (counter[DEALS_CLOSED] == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8((double) counter[DEALS_WON] / (double) counter[DEALS_CLOSED]);
}
