/*-------------------------------------------------------------------------
 *
 * abc_class.c
 *	  Window function: classes A, B and C by cumulative share (Pareto
 *	  analysis).
 *
 *		crm_abc_class(x [, a_share, b_share]) OVER ()
 *
 * A row is in class A when all values greater than its own together are less
 * than a_share of the total: A is the smallest set of largest values that
 * reaches that share.  Equal values are in one class, and the largest value is
 * in A even where it exceeds the share alone.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "nodes/nodes.h"
#include "utils/builtins.h"
#include "windowapi.h"

#include "src/common/args.h"
#include "src/math/exact_sum.h"
#include "src/segment/partition.h"

#define DEFAULT_A_SHARE 0.8
#define DEFAULT_B_SHARE 0.95

/*
 * A sum that misses the share by this part of it has reached it: 0.1 + 0.7 is
 * less than 0.8 only in binary.
 */
#define REACHED (1 - 1e-12)

/*
 * Sums of larger values could overflow; they are scaled down by a power of two
 * (a partition has at most 2^31 rows).
 */
#define LARGE 0x1p960
#define LARGE_SCALE 0x1p-64

/* What a partition carries from row to row */
typedef struct ClassState
{
	bool		ready;			/* the limits are known */
	bool		no_total;		/* the values sum to zero */
	double		a_share;
	double		b_share;
	double		a_limit;		/* the least value in A */
	double		b_limit;		/* the least value in A or B */
} ClassState;

PG_FUNCTION_INFO_V1(crm_abc_class);

static double amount_value(Datum datum);
static bool get_shares(FunctionCallInfo fcinfo, double *a_share, double *b_share);
static void find_limits(ClassState *state, const double *values, int64 n);

/* (-0 becomes 0) */
static double
amount_value(Datum datum)
{
	double		x = DatumGetFloat8(datum);

	crm_check_not_negative(x, "x");
	return x + 0.0;
}

/*
 * The shares in the current row; false if one is NULL.
 */
static bool
get_shares(FunctionCallInfo fcinfo, double *a_share, double *b_share)
{
	bool		a_isnull;
	bool		b_isnull;

	*a_share = DEFAULT_A_SHARE;
	*b_share = DEFAULT_B_SHARE;
	if (PG_NARGS() < 3)
		return true;
	*a_share = DatumGetFloat8(WinGetFuncArgCurrent(PG_WINDOW_OBJECT(), 1, &a_isnull));
	*b_share = DatumGetFloat8(WinGetFuncArgCurrent(PG_WINDOW_OBJECT(), 2, &b_isnull));
	if (a_isnull || b_isnull)
		return false;
	if (!(*a_share > 0 && *a_share <= *b_share && *b_share <= 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("shares of classes must be 0 < a_share <= b_share <= 1, got %g and %g",
						*a_share, *b_share),
				 errhint("Shares are cumulative: 0.8 and 0.95 make classes of 80, 15 and 5 percent.")));
	return true;
}

/*
 * Walk from the largest value down, one run of equal values at a time.
 */
static void
find_limits(ClassState *state, const double *values, int64 n)
{
	double		scale = n > 0 && values[n - 1] > LARGE ? LARGE_SCALE : 1.0;
	ExactSum	total = EXACT_SUM_ZERO;
	ExactSum	greater = EXACT_SUM_ZERO;
	int64		i;

	state->no_total = n == 0 || values[n - 1] == 0;
	if (state->no_total)
		return;

	for (i = 0; i < n; i++)
		exact_sum_add(&total, values[i] * scale);
	i = n - 1;
	while (i >= 0)
	{
		double		x = values[i];
		double		share = exact_sum_value(&greater) / exact_sum_value(&total);

		if (share >= state->b_share * REACHED)
			break;
		state->b_limit = x;
		if (share < state->a_share * REACHED)
			state->a_limit = x;
		for (; i >= 0 && values[i] == x; i--)
			exact_sum_add(&greater, x * scale);
	}
}

/*
 * crm_abc_class(x float8 [, a_share float8, b_share float8]) OVER (...) -> text
 *
 * 'A', 'B' or 'C' by the share of the partition's total, whatever its order
 * and frame.  NULL x gives NULL and is not counted; NULL shares and a total of
 * zero give NULL.  A negative x, NaN or infinity is error 22023, as are shares
 * that vary.
 */
Datum
crm_abc_class(PG_FUNCTION_ARGS)
{
	WindowObject winobj = PG_WINDOW_OBJECT();
	ClassState *state;
	double		a_share;
	double		b_share;
	Datum		datum;
	bool		isnull;
	double		x;

	if (!get_shares(fcinfo, &a_share, &b_share))
		PG_RETURN_NULL();
	state = (ClassState *) WinGetPartitionLocalMemory(winobj, sizeof(ClassState));
	if (!state->ready)
	{
		int64		n;
		double	   *values = crm_partition_sorted(winobj, amount_value, &n);

		state->a_share = a_share;
		state->b_share = b_share;
		find_limits(state, values, n);
		pfree(values);
		state->ready = true;
	}
	else if (a_share != state->a_share || b_share != state->b_share)
		crm_option_varies_error("shares of classes");

	/* Rows before this one will not be asked for again. */
	WinSetMarkPosition(winobj, WinGetCurrentPosition(winobj));

	datum = WinGetFuncArgCurrent(winobj, 0, &isnull);
	if (isnull || state->no_total)
		PG_RETURN_NULL();
	x = amount_value(datum);
	PG_RETURN_TEXT_P(cstring_to_text(x >= state->a_limit ? "A" :
									 x >= state->b_limit ? "B" : "C"));
}
