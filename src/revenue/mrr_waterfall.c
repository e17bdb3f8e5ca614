/*-------------------------------------------------------------------------
 *
 * mrr_waterfall.c
 *	  Aggregate: from the movements of all accounts to one row for each month
 *	  with opening, movements, closing, and the month's rates.
 *
 *		crm_mrr_waterfall(month, kind, amount [, currency])
 *		crm_mrr_waterfall(crm_mrr_movement_row[] [, currency])
 *			what crm_mrr_movements returns for each account
 *		crm_mrr_waterfall(month, crm_mrr_summary)
 *			stored totals of a month
 *			-> crm_mrr_waterfall_row[]
 *
 * Movements sum to MRR, so that a month opens with the sum of all movements
 * before it and closes with its own added: the rows reconcile by construction,
 * provided that the movements go back to each account's first month.
 *
 * Who expands, contracts or churns in a month was there when it opened.  So
 * the month's GRR and NRR need no second look at the accounts: capping an
 * account at its opening is leaving its expansion out.
 *
 * The state is a sorted array of months, each with a crm_mrr_summary.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/typcache.h"

#include "src/common/aggstate.h"
#include "src/common/result.h"
#include "src/common/row_array.h"
#include "src/compat.h"
#include "src/revenue/mrr.h"

#define STATE_NAME "crm_mrr_waterfall state"
#define SERIAL_VERSION 1

#define INITIAL_MONTHS 16

/*
 * From the first month to the last: a thousand years, so that a stray date is
 * an error and not a million rows.
 */
#define MAX_SPAN 12000

/* Columns of crm_mrr_movement_row and of crm_mrr_waterfall_row */
#define MOVEMENT_COLUMNS 4
#define WATERFALL_COLUMNS 17

/* What a row of the latter may well take */
#define WATERFALL_SIZE 200

typedef struct MonthSummary
{
	int32		month;
	MrrSummary *summary;
} MonthSummary;

typedef struct WaterfallState
{
	char		currency[MRR_CURRENCY_SIZE];
	int			n;
	int			capacity;
	int			last;			/* where the last search ended */
	MonthSummary *months;		/* by month */
} WaterfallState;

/* What the transition function over arrays keeps in fn_extra */
typedef struct WaterfallCache
{
	MrrKindOids kinds;
	TupleDesc	tupdesc;		/* of the arrays' elements */
} WaterfallCache;

PG_FUNCTION_INFO_V1(crm_mrr_waterfall_transfn);
PG_FUNCTION_INFO_V1(crm_mrr_waterfall_transfn_text);
PG_FUNCTION_INFO_V1(crm_mrr_waterfall_transfn_rows);
PG_FUNCTION_INFO_V1(crm_mrr_waterfall_transfn_summary);
PG_FUNCTION_INFO_V1(crm_mrr_waterfall_combinefn);
PG_FUNCTION_INFO_V1(crm_mrr_waterfall_serialfn);
PG_FUNCTION_INFO_V1(crm_mrr_waterfall_deserialfn);
PG_FUNCTION_INFO_V1(crm_mrr_waterfall_finalfn);

static void add_movement(WaterfallState *state, int32 month, MrrKind kind,
						 Datum amount);
static void add_summary(WaterfallState *state, int32 month,
						const MrrSummary *summary);
static WaterfallCache *cache_of(FunctionCallInfo fcinfo);
static WaterfallState *make_state(const char *currency);
static MonthSummary *month_of(WaterfallState *state, int32 month);
static Datum movement_transition(FunctionCallInfo fcinfo, bool is_text);
static Datum shown_amount(const MrrSummary *summary, int i, Numeric zero);
static WaterfallState *state_argument(FunctionCallInfo fcinfo, int i);

static WaterfallState *
state_argument(FunctionCallInfo fcinfo, int i)
{
	return PG_ARGISNULL(i) ? NULL : (WaterfallState *) PG_GETARG_POINTER(i);
}

/*
 * An empty state in the current memory context.
 */
static WaterfallState *
make_state(const char *currency)
{
	WaterfallState *state = (WaterfallState *) palloc(sizeof(WaterfallState));

	memcpy(state->currency, currency, MRR_CURRENCY_SIZE);
	state->n = 0;
	state->capacity = INITIAL_MONTHS;
	state->last = 0;
	state->months = (MonthSummary *) palloc(INITIAL_MONTHS * sizeof(MonthSummary));
	return state;
}

static WaterfallCache *
cache_of(FunctionCallInfo fcinfo)
{
	if (fcinfo->flinfo->fn_extra == NULL)
		fcinfo->flinfo->fn_extra = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt,
														  sizeof(WaterfallCache));
	return (WaterfallCache *) fcinfo->flinfo->fn_extra;
}

/*
 * The entry of a month, made if there is none; the state's context must be the
 * current one.  Neighbouring rows are often of one month or of the next.
 */
static MonthSummary *
month_of(WaterfallState *state, int32 month)
{
	int			low = 0;
	int			high = state->n;
	int32		first;
	int32		last;

	if (state->last < state->n && state->months[state->last].month == month)
		return &state->months[state->last];
	if (state->last + 1 < state->n && state->months[state->last + 1].month == month)
		return &state->months[++state->last];

	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (state->months[middle].month < month)
			low = middle + 1;
		else
			high = middle;
	}
	state->last = low;
	if (low < state->n && state->months[low].month == month)
		return &state->months[low];

	first = state->n == 0 ? month : Min(month, state->months[0].month);
	last = state->n == 0 ? month : Max(month, state->months[state->n - 1].month);
	if (last - first >= MAX_SPAN)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("waterfall of more than %d months, from %s to %s", MAX_SPAN,
						crm_mrr_month_text(first), crm_mrr_month_text(last)),
				 errhint("Check the months for stray dates.")));

	if (state->n == state->capacity)
	{
		state->capacity *= 2;
		state->months = (MonthSummary *)
			repalloc(state->months, state->capacity * sizeof(MonthSummary));
	}
	memmove(&state->months[low + 1], &state->months[low],
			(state->n - low) * sizeof(MonthSummary));
	state->n++;
	state->months[low].month = month;
	state->months[low].summary = crm_mrr_summary_make();
	return &state->months[low];
}

/*
 * Count a movement; the state's context must be the current one.
 */
static void
add_movement(WaterfallState *state, int32 month, MrrKind kind, Datum amount)
{
	MonthSummary *entry = month_of(state, month);
	MrrSummary *sum = crm_mrr_summary_add_movement(entry->summary, kind, amount);

	if (sum != entry->summary)
	{
		pfree(entry->summary);
		entry->summary = sum;
	}
}

/*
 * Add a month's totals; the state's context must be the current one.
 */
static void
add_summary(WaterfallState *state, int32 month, const MrrSummary *summary)
{
	MonthSummary *entry = month_of(state, month);
	MrrSummary *sum = crm_mrr_summary_merge(entry->summary, summary);

	if (sum != entry->summary)
	{
		pfree(entry->summary);
		entry->summary = sum;
	}
}

/*
 * (state, month, kind, amount [, currency]): count a movement.
 */
static Datum
movement_transition(FunctionCallInfo fcinfo, bool is_text)
{
	MemoryContext agg_context = crm_agg_context(fcinfo, "crm_mrr_waterfall_transfn");
	WaterfallState *state = state_argument(fcinfo, 0);
	MemoryContext old_context;
	char		currency[MRR_CURRENCY_SIZE] = {0};
	int32		month;
	MrrKind		kind;
	int			i;

	for (i = 1; i < PG_NARGS(); i++)
	{
		if (!PG_ARGISNULL(i))
			continue;
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}

	month = crm_mrr_month(PG_GETARG_DATEADT(1), "month");
	if (is_text)
	{
		text	   *name = PG_GETARG_TEXT_PP(2);

		kind = crm_mrr_kind_from_name(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
	}
	else
		kind = crm_mrr_kind_argument(fcinfo, 2);
	if (PG_NARGS() > 4)
		crm_mrr_currency(currency, PG_GETARG_TEXT_PP(4));

	old_context = MemoryContextSwitchTo(agg_context);
	if (state == NULL)
		state = make_state(currency);
	else
		crm_mrr_check_currency(state->currency, currency);
	add_movement(state, month, kind, PG_GETARG_DATUM(3));
	MemoryContextSwitchTo(old_context);
	PG_RETURN_POINTER(state);
}

/*
 * crm_mrr_waterfall_transfn(internal, month date, kind crm_mrr_kind, amount numeric
 *		[, currency text]) -> internal
 *
 * Rows with a NULL are skipped.  An infinite month, an amount that is NaN or
 * infinite or of the wrong sign for its kind, and a currency that varies are
 * error 22023.
 */
Datum
crm_mrr_waterfall_transfn(PG_FUNCTION_ARGS)
{
	return movement_transition(fcinfo, false);
}

/*
 * crm_mrr_waterfall_transfn(internal, month date, kind text, amount numeric)
 *		-> internal
 *
 * As above; an unknown kind is error 22023.
 */
Datum
crm_mrr_waterfall_transfn_text(PG_FUNCTION_ARGS)
{
	return movement_transition(fcinfo, true);
}

/*
 * crm_mrr_waterfall_transfn(internal, crm_mrr_movement_row[] [, currency text])
 *		-> internal
 *
 * The movements of one account.  Rows that are NULL or have a NULL month, kind
 * or amount are skipped.
 */
Datum
crm_mrr_waterfall_transfn_rows(PG_FUNCTION_ARGS)
{
	MemoryContext agg_context = crm_agg_context(fcinfo, "crm_mrr_waterfall_transfn");
	WaterfallState *state = state_argument(fcinfo, 0);
	WaterfallCache *cache = cache_of(fcinfo);
	char		currency[MRR_CURRENCY_SIZE] = {0};
	ArrayIterator iterator;
	Datum		element;
	bool		isnull;

	if (PG_ARGISNULL(1) || (PG_NARGS() > 2 && PG_ARGISNULL(2)))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	if (PG_NARGS() > 2)
		crm_mrr_currency(currency, PG_GETARG_TEXT_PP(2));
	if (state != NULL)
		crm_mrr_check_currency(state->currency, currency);

	iterator = array_create_iterator(PG_GETARG_ARRAYTYPE_P(1), 0, NULL);
	while (array_iterate(iterator, &element, &isnull))
	{
		HeapTupleHeader header;
		HeapTupleData tuple;
		Datum		values[MOVEMENT_COLUMNS];
		bool		nulls[MOVEMENT_COLUMNS];
		MemoryContext old_context;

		CHECK_FOR_INTERRUPTS();
		if (isnull)
			continue;
		header = DatumGetHeapTupleHeader(element);
		if (cache->tupdesc == NULL)
		{
			old_context = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
			cache->tupdesc = lookup_rowtype_tupdesc_copy(HeapTupleHeaderGetTypeId(header),
														 HeapTupleHeaderGetTypMod(header));
			MemoryContextSwitchTo(old_context);
			if (cache->tupdesc->natts != MOVEMENT_COLUMNS)
				elog(ERROR, "crm_mrr_movement_row does not have %d columns",
					 MOVEMENT_COLUMNS);
		}
		tuple.t_len = HeapTupleHeaderGetDatumLength(header);
		ItemPointerSetInvalid(&tuple.t_self);
		tuple.t_tableOid = InvalidOid;
		tuple.t_data = header;
		heap_deform_tuple(&tuple, cache->tupdesc, values, nulls);
		if (nulls[0] || nulls[1] || nulls[2])
			continue;

		old_context = MemoryContextSwitchTo(agg_context);
		if (state == NULL)
			state = make_state(currency);
		add_movement(state, crm_mrr_month(DatumGetDateADT(values[0]), "month"),
					 crm_mrr_kind_from_oid(&cache->kinds, DatumGetObjectId(values[1])),
					 values[2]);
		MemoryContextSwitchTo(old_context);
	}
	array_free_iterator(iterator);

	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(state);
}

/*
 * crm_mrr_waterfall_transfn(internal, month date, crm_mrr_summary) -> internal
 *
 * The totals of a month, or of a part of its accounts.  Rows with a NULL are
 * skipped.  Summaries of different currencies are error 22023.
 */
Datum
crm_mrr_waterfall_transfn_summary(PG_FUNCTION_ARGS)
{
	MemoryContext agg_context = crm_agg_context(fcinfo, "crm_mrr_waterfall_transfn");
	WaterfallState *state = state_argument(fcinfo, 0);
	MemoryContext old_context;
	int32		month;
	MrrSummary *summary;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}

	month = crm_mrr_month(PG_GETARG_DATEADT(1), "month");
	summary = crm_mrr_summary_get(PG_GETARG_DATUM(2));
	old_context = MemoryContextSwitchTo(agg_context);
	if (state == NULL)
		state = make_state(summary->currency);
	else
		crm_mrr_check_currency(state->currency, summary->currency);
	add_summary(state, month, summary);
	MemoryContextSwitchTo(old_context);
	PG_RETURN_POINTER(state);
}

/*
 * crm_mrr_waterfall_combinefn(internal, internal) -> internal
 */
Datum
crm_mrr_waterfall_combinefn(PG_FUNCTION_ARGS)
{
	MemoryContext agg_context = crm_agg_context(fcinfo, "crm_mrr_waterfall_combinefn");
	WaterfallState *state = state_argument(fcinfo, 0);
	WaterfallState *other = state_argument(fcinfo, 1);
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
		state = make_state(other->currency);
	else
		crm_mrr_check_currency(state->currency, other->currency);
	for (i = 0; i < other->n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		add_summary(state, other->months[i].month, other->months[i].summary);
	}
	MemoryContextSwitchTo(old_context);
	PG_RETURN_POINTER(state);
}

/*
 * crm_mrr_waterfall_serialfn(internal) -> bytea
 *
 * currency, number of months, and for each the month and its summary.
 */
Datum
crm_mrr_waterfall_serialfn(PG_FUNCTION_ARGS)
{
	WaterfallState *state;
	StringInfoData buf;
	int			i;

	crm_agg_context(fcinfo, "crm_mrr_waterfall_serialfn");
	state = (WaterfallState *) PG_GETARG_POINTER(0);

	crm_serial_begin(&buf, SERIAL_VERSION);
	pq_sendbytes(&buf, state->currency, MRR_CURRENCY_SIZE);
	pq_sendint64(&buf, state->n);
	for (i = 0; i < state->n; i++)
	{
		pq_sendint32(&buf, state->months[i].month);
		crm_mrr_summary_write(&buf, state->months[i].summary);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_mrr_waterfall_deserialfn(bytea, internal) -> internal
 */
Datum
crm_mrr_waterfall_deserialfn(PG_FUNCTION_ARGS)
{
	/* a month, and at least a summary's counts */
	const size_t bytes_each = sizeof(int32) + (MRR_KINDS + 1) * sizeof(int64);
	WaterfallState *state;
	StringInfoData buf;
	char		currency[MRR_CURRENCY_SIZE];
	int64		n;
	int64		i;

	crm_agg_context(fcinfo, "crm_mrr_waterfall_deserialfn");
	crm_deserial_begin(&buf, PG_GETARG_BYTEA_PP(0), SERIAL_VERSION, STATE_NAME);

	pq_copymsgbytes(&buf, currency, MRR_CURRENCY_SIZE);
	currency[MRR_CURRENCY_SIZE - 1] = '\0';
	n = crm_deserial_count(&buf, MAX_SPAN, bytes_each, STATE_NAME);
	state = make_state(currency);
	for (i = 0; i < n; i++)
	{
		int32		month = (int32) pq_getmsgint(&buf, 4);

		add_summary(state, month, crm_mrr_summary_read(&buf));
	}
	crm_deserial_end(&buf, STATE_NAME);
	PG_RETURN_POINTER(state);
}

/*
 * Amount i with the decimals of zero.
 */
static Datum
shown_amount(const MrrSummary *summary, int i, Numeric zero)
{
	return NumericGetDatum(crm_numeric_add(zero,
										   crm_mrr_summary_numeric(summary, i)));
}

/*
 * crm_mrr_waterfall_finalfn(internal) -> crm_mrr_waterfall_row[]
 *
 * One row for each month from the first to the last, months without movements
 * too.  NULL for no rows.
 */
Datum
crm_mrr_waterfall_finalfn(PG_FUNCTION_ARGS)
{
	WaterfallState *state = state_argument(fcinfo, 0);
	MrrSummary *nothing = crm_mrr_summary_make();
	Numeric		zero = crm_mrr_summary_sum(nothing, 0);
	Numeric		opening;
	int64		opening_customers = 0;
	RowArray	rows;
	int			next = 0;
	int32		first;
	int32		last;
	int32		month;
	int			i;

	crm_agg_context(fcinfo, "crm_mrr_waterfall_finalfn");
	if (state == NULL || state->n == 0)
		PG_RETURN_NULL();

	/* All amounts show the decimals of the one that has most. */
	for (i = 0; i < state->n; i++)
		zero = crm_numeric_add(zero,
							   crm_mrr_summary_sum(state->months[i].summary,
												   MRR_MOVEMENTS));
	zero = crm_numeric_subtract(zero, zero);
	opening = zero;

	first = state->months[0].month;
	last = state->months[state->n - 1].month;
	crm_row_array_begin(&rows, crm_row_array_cached_type(fcinfo, WATERFALL_COLUMNS),
						(last - first + 1) * WATERFALL_SIZE);
	for (month = first; month <= last; month++)
	{
		const MrrSummary *sum = nothing;
		Numeric		closing;
		Numeric		kept;
		int64		closing_customers;
		Datum		values[WATERFALL_COLUMNS];
		bool		nulls[WATERFALL_COLUMNS] = {0};

		CHECK_FOR_INTERRUPTS();
		if (state->months[next].month == month)
			sum = state->months[next++].summary;
		closing = crm_numeric_add(opening, crm_mrr_summary_sum(sum, MRR_MOVEMENTS));
		closing_customers = opening_customers + sum->customers[MRR_NEW] +
			sum->customers[MRR_REACTIVATION] - sum->customers[MRR_CHURN];

		values[0] = DateADTGetDatum(crm_mrr_month_date(month));
		values[1] = NumericGetDatum(opening);
		values[2] = shown_amount(sum, MRR_NEW, zero);
		values[3] = shown_amount(sum, MRR_EXPANSION, zero);
		values[4] = shown_amount(sum, MRR_CONTRACTION, zero);
		values[5] = shown_amount(sum, MRR_CHURN, zero);
		values[6] = shown_amount(sum, MRR_REACTIVATION, zero);
		values[7] = NumericGetDatum(closing);
		values[8] = Int64GetDatum(opening_customers);
		values[9] = Int64GetDatum(sum->customers[MRR_NEW]);
		values[10] = Int64GetDatum(sum->customers[MRR_CHURN]);
		values[11] = Int64GetDatum(sum->customers[MRR_REACTIVATION]);
		values[12] = Int64GetDatum(closing_customers);
		kept = crm_numeric_add(opening, crm_mrr_summary_sum(sum, MRR_LOSSES));
		crm_set_float8(values, nulls, 13, crm_mrr_ratio(kept, opening));
		kept = crm_numeric_add(kept,
							   crm_mrr_summary_numeric(sum, MRR_EXPANSION));
		crm_set_float8(values, nulls, 14, crm_mrr_ratio(kept, opening));
		crm_set_float8(values, nulls, 15, crm_mrr_quick_ratio(sum));
		crm_set_float8(values, nulls, 16,
					   opening_customers > 0 ?
					   (double) sum->customers[MRR_CHURN] / (double) opening_customers :
					   get_float8_nan());
		crm_row_array_add(&rows, values, nulls);

		opening = closing;
		opening_customers = closing_customers;
	}

	PG_RETURN_DATUM(crm_row_array_end(&rows));
}
