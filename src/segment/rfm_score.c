/*-------------------------------------------------------------------------
 *
 * rfm_score.c
 *	  Window function: scores of recency, frequency or monetary value by
 *	  quantiles that keep ties together.
 *
 *		crm_rfm_score(x [, buckets]) OVER (...)
 *
 * The score of x is 1 + the number of cuts below x, the cuts being the
 * quantiles k / buckets of the partition, k = 1 ... buckets - 1, by linear
 * interpolation between order statistics: type 7 of Hyndman and Fan (The
 * American Statistician 50, 1996), the default of R and NumPy, and what
 * percentile_cont computes.  ntile() instead deals rows out evenly and so gives
 * equal values unequal scores.
 *
 * The interpolation need not be carried out.  The cut lies at the order
 * statistic x(i) or between it and the next one, x(i + 1); no value of the
 * partition is strictly between them, so a value is above the cut exactly when
 * it is above x(i).  That leaves no rounding to decide about ties.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "nodes/nodes.h"
#include "utils/timestamp.h"
#include "windowapi.h"

#include "src/common/args.h"
#include "src/segment/partition.h"

#define DEFAULT_BUCKETS 5
#define MAX_BUCKETS 10000

/* What a partition carries from row to row */
typedef struct ScoreState
{
	bool		ready;			/* the limits are known */
	int			buckets;
	double		limits[FLEXIBLE_ARRAY_MEMBER];	/* buckets - 1, ascending: the
												 * largest value of each score
												 * but the highest */
} ScoreState;

PG_FUNCTION_INFO_V1(crm_rfm_score);
PG_FUNCTION_INFO_V1(crm_rfm_score_timestamptz);

static double float8_value(Datum datum);
static double timestamptz_value(Datum datum);
static bool get_buckets(FunctionCallInfo fcinfo, int *buckets);
static void find_limits(ScoreState *state, const double *values, int64 n);
static Datum score(FunctionCallInfo fcinfo, PartitionValue value);

static double
float8_value(Datum datum)
{
	double		x = DatumGetFloat8(datum);

	crm_check_finite(x, "x");
	return x;
}

/*
 * Microseconds are exact as a double until the year 2285.
 */
static double
timestamptz_value(Datum datum)
{
	TimestampTz time = DatumGetTimestampTz(datum);

	if (TIMESTAMP_NOT_FINITE(time))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("x must be finite, got %s",
						TIMESTAMP_IS_NOBEGIN(time) ? "-infinity" : "infinity"),
				 errhint("Make such times NULL.")));
	return (double) time;
}

/*
 * The number of buckets in the current row; false for NULL.
 */
static bool
get_buckets(FunctionCallInfo fcinfo, int *buckets)
{
	bool		isnull;

	*buckets = DEFAULT_BUCKETS;
	if (PG_NARGS() < 2)
		return true;
	*buckets = DatumGetInt32(WinGetFuncArgCurrent(PG_WINDOW_OBJECT(), 1, &isnull));
	if (isnull)
		return false;
	if (*buckets < 1 || *buckets > MAX_BUCKETS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("buckets must be from 1 to %d, got %d", MAX_BUCKETS, *buckets)));
	return true;
}

/*
 * Limit k is the order statistic at or below position k (n - 1) / buckets,
 * counted from 0.
 */
static void
find_limits(ScoreState *state, const double *values, int64 n)
{
	int			k;

	for (k = 1; k < state->buckets && n > 0; k++)
		state->limits[k - 1] = values[(n - 1) * k / state->buckets];
}

static Datum
score(FunctionCallInfo fcinfo, PartitionValue value)
{
	WindowObject winobj = PG_WINDOW_OBJECT();
	ScoreState *state;
	int			buckets;
	Datum		datum;
	bool		isnull;
	double		x;
	int			low = 0;
	int			high;

	if (!get_buckets(fcinfo, &buckets))
		PG_RETURN_NULL();
	state = (ScoreState *)
		WinGetPartitionLocalMemory(winobj, offsetof(ScoreState, limits) +
								   sizeof(double) * (buckets - 1));
	if (!state->ready)
	{
		int64		n;
		double	   *values = crm_partition_sorted(winobj, value, &n);

		state->buckets = buckets;
		find_limits(state, values, n);
		pfree(values);
		state->ready = true;
	}
	else if (buckets != state->buckets)
		crm_option_varies_error("buckets");

	/* Rows before this one will not be asked for again. */
	WinSetMarkPosition(winobj, WinGetCurrentPosition(winobj));

	datum = WinGetFuncArgCurrent(winobj, 0, &isnull);
	if (isnull)
		PG_RETURN_NULL();
	x = value(datum);

	/* How many limits are below x? */
	high = buckets - 1;
	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (state->limits[middle] < x)
			low = middle + 1;
		else
			high = middle;
	}
	PG_RETURN_INT32(low + 1);
}

/*
 * crm_rfm_score(x float8 [, buckets integer]) OVER (...) -> integer
 *
 * 1 to buckets, higher for higher x, over all rows of the partition whatever
 * its order and frame.  NULL x gives NULL and is not counted, NULL buckets give
 * NULL.  NaN or infinity is error 22023, as are buckets that vary.
 */
Datum
crm_rfm_score(PG_FUNCTION_ARGS)
{
	return score(fcinfo, float8_value);
}

/*
 * crm_rfm_score(x timestamptz [, buckets integer]) OVER (...) -> integer
 *
 * The same for the time of the last purchase: later is higher.
 */
Datum
crm_rfm_score_timestamptz(PG_FUNCTION_ARGS)
{
	return score(fcinfo, timestamptz_value);
}
