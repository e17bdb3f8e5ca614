/*-------------------------------------------------------------------------
 *
 * mrr_movement.c
 *	  Window function: how each account's MRR moved against the row before.
 *
 *		crm_mrr_movement(mrr)			the row before is the month before
 *		crm_mrr_movement(mrr, month)	months without a row were unpaid
 *
 * The rows of a partition come in order, so all that is needed of the past is
 * the last amount and whether the account was ever active.  They are kept in
 * partition-local memory, and the mark follows the current row so that the
 * partition need not be kept: this is cheaper than lag(), which fetches the
 * row before once more.
 *
 * A month without a row has no row to show its churn in.  The aggregate
 * crm_mrr_movements (mrr_movements.c) shows it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "nodes/nodes.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "windowapi.h"

#include "src/common/result.h"
#include "src/compat.h"
#include "src/revenue/mrr.h"

/* Columns of crm_mrr_change */
#define CHANGE_COLUMNS		2

/* Amounts of money need 8 to 16 bytes as a numeric; longer ones are palloc'd. */
#define INLINE_NUMERIC_SIZE	24

/* What a partition carries from row to row */
typedef struct MovementState
{
	bool		started;		/* there was a row */
	bool		ever_active;
	bool		was_active;		/* in the last row */
	int32		month;			/* of the last row */
	Size		room;			/* at mrr; 0 before the first row */
	struct varlena *mrr;		/* of the last row, a numeric */
	union
	{
		struct varlena align;
		char		bytes[INLINE_NUMERIC_SIZE];
	}			buffer;
} MovementState;

/* What a call site carries (fn_extra) */
typedef struct MovementCache
{
	TupleDesc	tupdesc;
	MrrKindOids kinds;
	Numeric		zero;			/* the last that was asked for ... */
	int			zero_scale;		/* ... and the decimals that it shows */
} MovementCache;

PG_FUNCTION_INFO_V1(crm_mrr_movement);
PG_FUNCTION_INFO_V1(crm_mrr_movement_month);

static void keep_mrr(MovementState *state, Numeric mrr);
static MovementCache *make_cache(FunctionCallInfo fcinfo);
static Datum movement(FunctionCallInfo fcinfo, bool has_month);
static bool next_month(MovementState *state, DateADT date);
static Numeric zero_like(MovementCache *cache, FmgrInfo *flinfo, Numeric mrr,
						 int display_scale);

static MovementCache *
make_cache(FunctionCallInfo fcinfo)
{
	MovementCache *cache = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt,
												  sizeof(MovementCache));

	fcinfo->flinfo->fn_extra = cache;
	if (crm_result_tupdesc(fcinfo, &cache->tupdesc)->natts != CHANGE_COLUMNS)
		elog(ERROR, "crm_mrr_change does not have %d columns", CHANGE_COLUMNS);
	return cache;
}

/*
 * mrr - mrr, which mostly is what it was for the row before.
 */
static Numeric
zero_like(MovementCache *cache, FmgrInfo *flinfo, Numeric mrr, int display_scale)
{
	if (unlikely(cache->zero == NULL || cache->zero_scale != display_scale))
	{
		Numeric		zero = crm_numeric_subtract(mrr, mrr);

		if (cache->zero != NULL)
			pfree(cache->zero);
		cache->zero = crm_numeric_copy(zero, flinfo->fn_mcxt);
		cache->zero_scale = display_scale;
	}
	return cache->zero;
}

/*
 * Keep a copy of the row's amount for the next row.
 */
static void
keep_mrr(MovementState *state, Numeric mrr)
{
	Size		size = VARSIZE(mrr);

	if (unlikely(size > state->room))
	{
		if (state->room == 0 && size <= INLINE_NUMERIC_SIZE)
		{
			state->room = INLINE_NUMERIC_SIZE;
			state->mrr = (struct varlena *) &state->buffer;
		}
		else
		{
			/* Partition-local memory is the only handle on its context. */
			state->mrr = MemoryContextAlloc(GetMemoryChunkContext(state), size);
			state->room = size;
		}
	}
	memcpy(state->mrr, mrr, size);
}

/*
 * Go to the month of the current row.  Returns whether it follows the month
 * of the row before without a gap (there is none before the first row).
 */
static bool
next_month(MovementState *state, DateADT date)
{
	int32		month = crm_mrr_month(date, "month");
	int32		last = state->month;

	state->month = month;
	if (!state->started)
		return true;
	if (month <= last)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 month == last ?
				 errmsg("more than one row for month %s in a partition",
						crm_mrr_month_text(month)) :
				 errmsg("month %s comes after month %s",
						crm_mrr_month_text(month), crm_mrr_month_text(last)),
				 month == last ?
				 errhint("Sum the month's rows first, or use the aggregate crm_mrr_movements.") :
				 errhint("The window needs ORDER BY month.")));
	return month == last + 1;
}

/*
 * The change of the current row against the last row with an amount; NULL,
 * with nothing changed, where an argument is NULL.
 */
static Datum
movement(FunctionCallInfo fcinfo, bool has_month)
{
	WindowObject winobj = PG_WINDOW_OBJECT();
	MovementCache *cache = (MovementCache *) fcinfo->flinfo->fn_extra;
	MovementState *state;
	Datum		mrr_datum;
	Datum		month_datum = (Datum) 0;
	bool		isnull;
	bool		month_isnull = false;
	Numeric		mrr;
	Numeric		amount;
	NumericParts parts;
	bool		is_active;
	int			change = 0;
	MrrKind		kind;
	Datum		values[CHANGE_COLUMNS];
	bool		nulls[CHANGE_COLUMNS] = {false, false};

	if (unlikely(cache == NULL))
		cache = make_cache(fcinfo);
	state = (MovementState *) WinGetPartitionLocalMemory(winobj, sizeof(MovementState));

	/* Rows before this one will not be asked for again. */
	WinSetMarkPosition(winobj, WinGetCurrentPosition(winobj));

	mrr_datum = WinGetFuncArgCurrent(winobj, 0, &isnull);
	if (has_month)
		month_datum = WinGetFuncArgCurrent(winobj, 1, &month_isnull);
	if (isnull || month_isnull)
		PG_RETURN_NULL();

	mrr = DatumGetNumeric(mrr_datum);
	if (!crm_numeric_parts(NumericGetDatum(mrr), &parts))
		crm_mrr_not_finite_error("mrr", mrr_datum);
	is_active = crm_numeric_sign(&parts) > 0;

	/* In a gap there was no MRR. */
	if (has_month && !next_month(state, DatumGetDateADT(month_datum)))
		state->was_active = false;

	/* Amounts show the decimals of what they come from, zeros too. */
	if (is_active && !state->was_active)
		amount = mrr;
	else if (!is_active)
	{
		amount = zero_like(cache, fcinfo->flinfo, mrr, parts.display_scale);
		if (state->was_active)
			amount = crm_numeric_subtract(amount, (Numeric) state->mrr);
	}
	else if (VARSIZE(mrr) == VARSIZE(state->mrr) &&
			 memcmp(mrr, state->mrr, VARSIZE(mrr)) == 0)
		amount = zero_like(cache, fcinfo->flinfo, mrr, parts.display_scale);
	else
	{
		amount = crm_numeric_subtract(mrr, (Numeric) state->mrr);
		crm_numeric_parts(NumericGetDatum(amount), &parts);
		change = crm_numeric_sign(&parts);
	}

	kind = crm_mrr_classify(state->ever_active, state->was_active, is_active,
							change);
	if (is_active)
		keep_mrr(state, mrr);
	state->was_active = is_active;
	state->ever_active |= is_active;
	state->started = true;

	values[0] = ObjectIdGetDatum(crm_mrr_kind_oid(&cache->kinds, kind,
												  TupleDescAttr(cache->tupdesc, 0)->atttypid));
	values[1] = NumericGetDatum(amount);
	return HeapTupleGetDatum(heap_form_tuple(cache->tupdesc, values, nulls));
}

/*
 * crm_mrr_movement(mrr numeric) OVER (PARTITION BY account ORDER BY month)
 *		-> crm_mrr_change (kind crm_mrr_kind, amount numeric)
 *
 * The row before is taken for the month before.  Zero or negative mrr is
 * inactive.  NULL mrr gives NULL and counts as no row.  NaN or infinity is
 * error 22023.
 */
Datum
crm_mrr_movement(PG_FUNCTION_ARGS)
{
	return movement(fcinfo, false);
}

/*
 * crm_mrr_movement(mrr numeric, month date) OVER (PARTITION BY account ORDER BY month)
 *		-> crm_mrr_change (kind crm_mrr_kind, amount numeric)
 *
 * As above, but a month without a row is a month without MRR.  month may be
 * any day of the month.  Months must rise from row to row, else error 22023.
 */
Datum
crm_mrr_movement_month(PG_FUNCTION_ARGS)
{
	return movement(fcinfo, true);
}
