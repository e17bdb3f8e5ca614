/*-------------------------------------------------------------------------
 *
 * mrr_movements.c
 *	  Aggregate: the movements of one account's MRR, from rows in any order.
 *
 *		crm_mrr_movements(month, mrr [, horizon [, currency]])
 *			-> crm_mrr_movement_row[]
 *
 * Rows of one month are several subscriptions and are summed.  A month without
 * rows was unpaid: the churn is booked in the first such month, which the
 * window function crm_mrr_movement has no row for.  After an account's last
 * month nobody knows yet, unless a horizon, the last month that is known for
 * all accounts, says that a row would have come.  Rows after the horizon are
 * left out, for the churns of those months are not known.
 *
 * The state is an array of months and sums.  It stays sorted when rows come in
 * order; else it is sorted when it is full, which also merges the rows of one
 * month, and at the end.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "src/common/aggstate.h"
#include "src/common/args.h"
#include "src/common/row_array.h"
#include "src/compat.h"
#include "src/revenue/mrr.h"

#define STATE_NAME "crm_mrr_movements state"
#define SERIAL_VERSION 1

/* A year at first; most accounts have one to three. */
#define INITIAL_MONTHS 12

/*
 * Distinct months of one account, which is 83 thousand years; the array has
 * twice the room, so that merging a full one gains something.
 */
#define MAX_MONTHS 1000000

/* Columns of crm_mrr_movement_row */
#define ROW_COLUMNS 4

/* What a row may well take */
#define ROW_SIZE 56

/* No horizon was given: months are never so early. */
#define NO_HORIZON PG_INT32_MIN

/* MRR of one month */
typedef struct MonthMrr
{
	int32		month;
	Money		mrr;
	Numeric		big;			/* instead of mrr where it does not fit */
} MonthMrr;

typedef struct MovementsState
{
	int32		horizon;		/* month, or NO_HORIZON */
	char		currency[MRR_CURRENCY_SIZE];
	int			n;
	int			capacity;
	bool		sorted;			/* months rise strictly */
	MonthMrr   *months;
} MovementsState;

/* What a call of the final function carries from query to query (fn_extra) */
typedef struct RowCache
{
	const RowArrayType *type;
	MrrKindOids kinds;
} RowCache;

PG_FUNCTION_INFO_V1(crm_mrr_movements_transfn);
PG_FUNCTION_INFO_V1(crm_mrr_movements_combinefn);
PG_FUNCTION_INFO_V1(crm_mrr_movements_serialfn);
PG_FUNCTION_INFO_V1(crm_mrr_movements_deserialfn);
PG_FUNCTION_INFO_V1(crm_mrr_movements_finalfn);

static void add_month(MovementsState *state, const MonthMrr *month);
static void add_mrr(MonthMrr *sum, const MonthMrr *term);
static void append_row(RowArray *rows, RowCache *cache, int32 month, MrrKind kind,
					   Numeric amount, Numeric mrr);
static int	compare_months(const void *a, const void *b);
static Numeric month_numeric(const MonthMrr *month);
static RowCache *row_cache(FunctionCallInfo fcinfo);
static int	sort_months(MonthMrr *months, int n);
static MovementsState *state_argument(FunctionCallInfo fcinfo, int i);

static MovementsState *
state_argument(FunctionCallInfo fcinfo, int i)
{
	return PG_ARGISNULL(i) ? NULL : (MovementsState *) PG_GETARG_POINTER(i);
}

static int
compare_months(const void *a, const void *b)
{
	int32		left = ((const MonthMrr *) a)->month;
	int32		right = ((const MonthMrr *) b)->month;

	return (left > right) - (left < right);
}

static Numeric
month_numeric(const MonthMrr *month)
{
	return month->big != NULL ? month->big : crm_money_numeric(&month->mrr);
}

/*
 * sum += term, of the same month.  A big sum is made in the current context.
 */
static void
add_mrr(MonthMrr *sum, const MonthMrr *term)
{
	if (likely(sum->big == NULL && term->big == NULL &&
			   crm_money_add(&sum->mrr, &term->mrr)))
		return;
	sum->big = crm_numeric_add(month_numeric(sum), month_numeric(term));
}

/*
 * Sort n months and merge those that are the same; returns how many are left.
 */
static int
sort_months(MonthMrr *months, int n)
{
	int			kept = 0;
	int			i;

	CHECK_FOR_INTERRUPTS();
	qsort(months, n, sizeof(MonthMrr), compare_months);
	for (i = 1; i < n; i++)
	{
		if (months[i].month == months[kept].month)
			add_mrr(&months[kept], &months[i]);
		else
			months[++kept] = months[i];
	}
	return kept + 1;
}

/*
 * Add a month to the state, whose context must be the current one.
 */
static void
add_month(MovementsState *state, const MonthMrr *month)
{
	if (state->n > 0)
	{
		MonthMrr   *last = &state->months[state->n - 1];

		if (last->month == month->month)
		{
			add_mrr(last, month);
			return;
		}
		if (last->month > month->month)
			state->sorted = false;
	}

	if (state->n == state->capacity)
	{
		if (!state->sorted)
		{
			state->n = sort_months(state->months, state->n);
			state->sorted = month->month > state->months[state->n - 1].month;
		}
		if (state->n > state->capacity / 2)
		{
			if (state->n > MAX_MONTHS)
				ereport(ERROR,
						(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						 errmsg("an account has more than %d months", MAX_MONTHS),
						 errhint("Group by account.")));
			state->capacity = Min(state->capacity * 2, 2 * MAX_MONTHS);
			state->months = (MonthMrr *)
				repalloc(state->months, state->capacity * sizeof(MonthMrr));
		}
	}

	state->months[state->n] = *month;
	if (month->big != NULL)
		state->months[state->n].big = crm_numeric_copy(month->big, CurrentMemoryContext);
	state->n++;
}

/*
 * crm_mrr_movements_transfn(internal, month date, mrr numeric
 *		[, horizon date [, currency text]]) -> internal
 *
 * Rows with a NULL month, mrr or currency are skipped.  A NULL horizon is no
 * horizon.  mrr that is NaN or infinite, an infinite month or horizon, and a
 * horizon or currency that varies are error 22023.
 */
Datum
crm_mrr_movements_transfn(PG_FUNCTION_ARGS)
{
	MemoryContext agg_context = crm_agg_context(fcinfo, "crm_mrr_movements_transfn");
	MovementsState *state = state_argument(fcinfo, 0);
	MemoryContext old_context;
	MonthMrr	month;
	int32		horizon = NO_HORIZON;
	char		currency[MRR_CURRENCY_SIZE] = {0};

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || (PG_NARGS() > 4 && PG_ARGISNULL(4)))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}

	month.month = crm_mrr_month(PG_GETARG_DATEADT(1), "month");
	month.big = NULL;
	switch (crm_money_decode(PG_GETARG_DATUM(2), &month.mrr))
	{
		case NUMERIC_VALUE_SMALL:
			break;
		case NUMERIC_VALUE_BIG:
			month.big = PG_GETARG_NUMERIC(2);
			break;
		case NUMERIC_VALUE_NOT_FINITE:
			crm_mrr_not_finite_error("mrr", PG_GETARG_DATUM(2));
	}
	if (PG_NARGS() > 3 && !PG_ARGISNULL(3))
		horizon = crm_mrr_month(PG_GETARG_DATEADT(3), "horizon");
	if (PG_NARGS() > 4)
		crm_mrr_currency(currency, PG_GETARG_TEXT_PP(4));

	old_context = MemoryContextSwitchTo(agg_context);
	if (state == NULL)
	{
		state = (MovementsState *) palloc(sizeof(MovementsState));
		state->horizon = horizon;
		memcpy(state->currency, currency, sizeof(currency));
		state->n = 0;
		state->capacity = INITIAL_MONTHS;
		state->sorted = true;
		state->months = (MonthMrr *) palloc(INITIAL_MONTHS * sizeof(MonthMrr));
	}
	else
	{
		if (state->horizon != horizon)
			crm_option_varies_error("horizon");
		crm_mrr_check_currency(state->currency, currency);
	}
	add_month(state, &month);
	MemoryContextSwitchTo(old_context);
	PG_RETURN_POINTER(state);
}

/*
 * crm_mrr_movements_combinefn(internal, internal) -> internal
 */
Datum
crm_mrr_movements_combinefn(PG_FUNCTION_ARGS)
{
	MemoryContext agg_context = crm_agg_context(fcinfo, "crm_mrr_movements_combinefn");
	MovementsState *state = state_argument(fcinfo, 0);
	MovementsState *other = state_argument(fcinfo, 1);
	MemoryContext old_context;
	int			i;

	if (other == NULL)
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}

	old_context = MemoryContextSwitchTo(agg_context);
	if (state == NULL)
	{
		state = (MovementsState *) palloc(sizeof(MovementsState));
		*state = *other;
		state->n = 0;
		state->sorted = true;
		state->months = (MonthMrr *) palloc(state->capacity * sizeof(MonthMrr));
	}
	else
	{
		if (state->horizon != other->horizon)
			crm_option_varies_error("horizon");
		crm_mrr_check_currency(state->currency, other->currency);
	}
	for (i = 0; i < other->n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		add_month(state, &other->months[i]);
	}
	MemoryContextSwitchTo(old_context);
	PG_RETURN_POINTER(state);
}

/*
 * crm_mrr_movements_serialfn(internal) -> bytea
 *
 * horizon, currency, number of months, and for each the month and its sum.
 */
Datum
crm_mrr_movements_serialfn(PG_FUNCTION_ARGS)
{
	MovementsState *state;
	StringInfoData buf;
	int			i;

	crm_agg_context(fcinfo, "crm_mrr_movements_serialfn");
	state = (MovementsState *) PG_GETARG_POINTER(0);

	crm_serial_begin(&buf, SERIAL_VERSION);
	pq_sendint32(&buf, state->horizon);
	pq_sendbytes(&buf, state->currency, MRR_CURRENCY_SIZE);
	pq_sendint64(&buf, state->n);
	for (i = 0; i < state->n; i++)
	{
		Datum		mrr = NumericGetDatum(month_numeric(&state->months[i]));
		bytea	   *sent = DatumGetByteaPP(DirectFunctionCall1(numeric_send, mrr));

		CHECK_FOR_INTERRUPTS();
		pq_sendint32(&buf, state->months[i].month);
		pq_sendbytes(&buf, VARDATA_ANY(sent), VARSIZE_ANY_EXHDR(sent));
		pfree(sent);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_mrr_movements_deserialfn(bytea, internal) -> internal
 */
Datum
crm_mrr_movements_deserialfn(PG_FUNCTION_ARGS)
{
	/* a month, and a numeric's four header fields */
	const size_t bytes_each = sizeof(int32) + 4 * sizeof(int16);
	MovementsState *state;
	StringInfoData buf;
	int			n;
	int			i;

	crm_agg_context(fcinfo, "crm_mrr_movements_deserialfn");
	crm_deserial_begin(&buf, PG_GETARG_BYTEA_PP(0), SERIAL_VERSION, STATE_NAME);

	state = (MovementsState *) palloc(sizeof(MovementsState));
	state->horizon = (int32) pq_getmsgint(&buf, 4);
	pq_copymsgbytes(&buf, state->currency, MRR_CURRENCY_SIZE);
	state->currency[MRR_CURRENCY_SIZE - 1] = '\0';
	n = (int) crm_deserial_count(&buf, 2 * MAX_MONTHS, bytes_each,
								 STATE_NAME);
	state->n = 0;
	state->sorted = true;
	state->capacity = Max(n, INITIAL_MONTHS);
	state->months = (MonthMrr *) palloc(state->capacity * sizeof(MonthMrr));
	for (i = 0; i < n; i++)
	{
		MonthMrr	month;
		Datum		mrr;

		CHECK_FOR_INTERRUPTS();
		month.month = (int32) pq_getmsgint(&buf, 4);
		mrr = DirectFunctionCall3(numeric_recv, PointerGetDatum(&buf),
								  ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
		month.big = NULL;
		if (crm_money_decode(mrr, &month.mrr) != NUMERIC_VALUE_SMALL)
			month.big = DatumGetNumeric(mrr);
		add_month(state, &month);
	}
	crm_deserial_end(&buf, STATE_NAME);
	PG_RETURN_POINTER(state);
}

/*
 * What is needed to make rows of the element type of the returned array.
 */
static RowCache *
row_cache(FunctionCallInfo fcinfo)
{
	RowCache   *cache = (RowCache *) fcinfo->flinfo->fn_extra;

	if (cache != NULL)
		return cache;

	cache = (RowCache *) MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(RowCache));
	cache->type = crm_row_array_type(fcinfo, ROW_COLUMNS);
	fcinfo->flinfo->fn_extra = cache;
	return cache;
}

static void
append_row(RowArray *rows, RowCache *cache, int32 month, MrrKind kind,
		   Numeric amount, Numeric mrr)
{
	Oid			enum_type = TupleDescAttr(cache->type->tupdesc, 1)->atttypid;
	Datum		values[ROW_COLUMNS];
	bool		nulls[ROW_COLUMNS] = {false};

	values[0] = DateADTGetDatum(crm_mrr_month_date(month));
	values[1] = ObjectIdGetDatum(crm_mrr_kind_oid(&cache->kinds, kind, enum_type));
	values[2] = NumericGetDatum(amount);
	values[3] = NumericGetDatum(mrr);
	crm_row_array_add(rows, values, nulls);
}

/*
 * crm_mrr_movements_finalfn(internal) -> crm_mrr_movement_row[]
 *
 * One row for each month that had rows, and one for each first unpaid month,
 * in order.  NULL for no rows.
 */
Datum
crm_mrr_movements_finalfn(PG_FUNCTION_ARGS)
{
	MovementsState *state = state_argument(fcinfo, 0);
	MonthMrr   *months;
	int			n;
	RowCache   *cache;
	RowArray	rows;
	bool		ever_active = false;
	bool		was_active = false;
	int32		last_month = 0;
	Numeric		last_mrr = NULL;
	int			i;

	crm_agg_context(fcinfo, "crm_mrr_movements_finalfn");
	if (state == NULL)
		PG_RETURN_NULL();

	months = state->months;
	n = state->n;
	if (!state->sorted)
	{
		/* The state may yet get rows: a window's frame grows. */
		months = (MonthMrr *) palloc(n * sizeof(MonthMrr));
		memcpy(months, state->months, n * sizeof(MonthMrr));
		n = sort_months(months, n);
	}

	cache = row_cache(fcinfo);
	crm_row_array_begin(&rows, cache->type, ((Size) n + 1) * ROW_SIZE);

	for (i = 0; i < n; i++)
	{
		int32		month = months[i].month;
		Numeric		mrr;
		Numeric		amount;
		NumericParts parts;
		bool		is_active;
		int			change = 0;
		MrrKind		kind;

		CHECK_FOR_INTERRUPTS();
		if (state->horizon != NO_HORIZON && month > state->horizon)
			break;

		if (was_active && month > last_month + 1)
		{
			Numeric		nothing = crm_numeric_subtract(last_mrr, last_mrr);

			append_row(&rows, cache, last_month + 1, MRR_CHURN,
					   crm_numeric_subtract(nothing, last_mrr), nothing);
			was_active = false;
		}

		mrr = month_numeric(&months[i]);
		crm_numeric_parts(NumericGetDatum(mrr), &parts);
		is_active = crm_numeric_sign(&parts) > 0;
		if (!is_active)
			mrr = crm_numeric_subtract(mrr, mrr);

		amount = was_active ? crm_numeric_subtract(mrr, last_mrr) : mrr;
		crm_numeric_parts(NumericGetDatum(amount), &parts);
		change = crm_numeric_sign(&parts);
		kind = crm_mrr_classify(ever_active, was_active, is_active, change);
		append_row(&rows, cache, month, kind, amount, mrr);

		ever_active |= is_active;
		was_active = is_active;
		last_month = month;
		last_mrr = mrr;
	}

	if (was_active && state->horizon != NO_HORIZON && last_month < state->horizon)
	{
		Numeric		nothing = crm_numeric_subtract(last_mrr, last_mrr);

		append_row(&rows, cache, last_month + 1, MRR_CHURN,
				   crm_numeric_subtract(nothing, last_mrr), nothing);
	}

	if (rows.n == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(crm_row_array_end(&rows));
}
