/*-------------------------------------------------------------------------
 *
 * mrr_summary_agg.c
 *	  Aggregates whose state is a crm_mrr_summary.
 *
 *		(kind, amount)			movements, as crm_mrr_movement returns them:
 *								crm_mrr_summary, crm_quick_ratio
 *		(start, end)			one row for each customer, the MRR at both ends
 *								of a period: crm_mrr_summary, crm_nrr, crm_grr,
 *								crm_logo_churn, crm_revenue_churn,
 *								crm_net_revenue_churn
 *
 * Retention is of the customers who were there at the start.  Capping a
 * customer's end at his start, as GRR does, is the same as leaving out the
 * expansions, so one state serves all of these, and the executor computes it
 * once for all of them in a query.  The final functions are the accessors of
 * mrr_rates.c.
 *
 * The support functions are strict and the initial state is empty, so that the
 * executor skips rows with a NULL.
 *
 * Moving frames subtract rows exactly.  What cannot be subtracted (an amount
 * that does not fit Money) makes the executor compute the frame afresh.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "src/compat.h"
#include "src/revenue/mrr.h"

PG_FUNCTION_INFO_V1(crm_mrr_summary_transfn);
PG_FUNCTION_INFO_V1(crm_mrr_summary_transfn_text);
PG_FUNCTION_INFO_V1(crm_mrr_summary_invfn);
PG_FUNCTION_INFO_V1(crm_mrr_summary_invfn_text);
PG_FUNCTION_INFO_V1(crm_mrr_summary_pair_transfn);
PG_FUNCTION_INFO_V1(crm_mrr_summary_pair_transfn_reactivated);
PG_FUNCTION_INFO_V1(crm_mrr_summary_pair_transfn_currency);
PG_FUNCTION_INFO_V1(crm_mrr_summary_pair_invfn);
PG_FUNCTION_INFO_V1(crm_mrr_summary_pair_invfn_reactivated);
PG_FUNCTION_INFO_V1(crm_mrr_summary_combinefn);
PG_FUNCTION_INFO_V1(crm_mrr_summary_finalfn);

/* One row of the (start, end) form, told apart */
typedef struct MrrPair
{
	bool		fits;			/* the Money fields hold */
	bool		was_active;
	MrrKind		kind;
	Money		start;
	Money		change;
	Numeric		start_numeric;	/* these hold when it does not */
	Numeric		change_numeric;
} MrrPair;

static Datum moved_back(MrrSummary *state);
static MrrKind kind_argument(FunctionCallInfo fcinfo, bool is_text);
static Datum movement_inverse(FunctionCallInfo fcinfo, MrrKind kind);
static Datum movement_transition(FunctionCallInfo fcinfo, bool is_text);
static Datum pair_inverse(FunctionCallInfo fcinfo, bool reactivated);
static Datum pair_transition(FunctionCallInfo fcinfo, bool reactivated,
							 const text *currency);
static void read_amount(const char *what, Datum datum, Money *money,
						Numeric *numeric, bool *fits, bool *active);
static MrrPair read_pair(Datum start, Datum end, bool reactivated);
static MrrSummary *state_argument(FunctionCallInfo fcinfo, const text *currency);

/*
 * The state, which may be changed: outside an aggregate it is a copy.  A row
 * of the given currency, NULL where the aggregate has none, is about to come
 * or go.
 */
static MrrSummary *
state_argument(FunctionCallInfo fcinfo, const text *currency)
{
	MrrSummary *state = crm_mrr_summary_get(PG_GETARG_DATUM(0));
	char		code[MRR_CURRENCY_SIZE] = {0};

	if (!AggCheckCallContext(fcinfo, NULL))
		state = crm_mrr_summary_copy(state);

	if (likely(currency == NULL && state->currency[0] == '\0'))
		return state;
	if (currency != NULL)
		crm_mrr_currency(code, currency);
	if (crm_mrr_summary_is_empty(state))
		memcpy(state->currency, code, sizeof(code));
	else
		crm_mrr_check_currency(state->currency, code);
	return state;
}

static MrrKind
kind_argument(FunctionCallInfo fcinfo, bool is_text)
{
	text	   *name;

	if (!is_text)
		return crm_mrr_kind_argument(fcinfo, 1);
	name = PG_GETARG_TEXT_PP(1);
	return crm_mrr_kind_from_name(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
}

/*
 * (state, kind, amount [, currency]): count a movement.
 */
static Datum
movement_transition(FunctionCallInfo fcinfo, bool is_text)
{
	text	   *currency = PG_NARGS() > 3 ? PG_GETARG_TEXT_PP(3) : NULL;
	MrrSummary *state = state_argument(fcinfo, currency);
	MrrKind		kind = kind_argument(fcinfo, is_text);

	PG_RETURN_POINTER(crm_mrr_summary_add_movement(state, kind, PG_GETARG_DATUM(2)));
}

/*
 * crm_mrr_summary_transfn(crm_mrr_summary, kind crm_mrr_kind, amount numeric
 *		[, currency text]) -> crm_mrr_summary
 */
Datum
crm_mrr_summary_transfn(PG_FUNCTION_ARGS)
{
	return movement_transition(fcinfo, false);
}

/*
 * crm_mrr_summary_transfn(crm_mrr_summary, kind text, amount numeric)
 */
Datum
crm_mrr_summary_transfn_text(PG_FUNCTION_ARGS)
{
	return movement_transition(fcinfo, true);
}

/*
 * A state from which a row has been taken: one that no row is left in must not
 * hold on to anything of those that were.
 */
static Datum
moved_back(MrrSummary *state)
{
	if (crm_mrr_summary_is_empty(state))
	{
		memset(state->amounts, 0, sizeof(state->amounts));
		memset(state->currency, 0, sizeof(state->currency));
	}
	PG_RETURN_POINTER(state);
}

/*
 * Take a movement out again; NULL asks the executor to start afresh.
 */
static Datum
movement_inverse(FunctionCallInfo fcinfo, MrrKind kind)
{
	MrrSummary *state = state_argument(fcinfo, NULL);
	Money		money;

	if (kind < MRR_AMOUNT_KINDS)
	{
		if (state->amounts[kind].scale == MRR_AMOUNT_IN_TAIL ||
			crm_money_decode(PG_GETARG_DATUM(2), &money) != NUMERIC_VALUE_SMALL)
			PG_RETURN_NULL();
		money = crm_money_negate(money);
		if (!crm_money_add(&state->amounts[kind], &money))
			PG_RETURN_NULL();
	}
	state->customers[kind]--;
	return moved_back(state);
}

/*
 * crm_mrr_summary_invfn(crm_mrr_summary, kind crm_mrr_kind, amount numeric)
 */
Datum
crm_mrr_summary_invfn(PG_FUNCTION_ARGS)
{
	return movement_inverse(fcinfo, kind_argument(fcinfo, false));
}

/*
 * crm_mrr_summary_invfn(crm_mrr_summary, kind text, amount numeric)
 */
Datum
crm_mrr_summary_invfn_text(PG_FUNCTION_ARGS)
{
	return movement_inverse(fcinfo, kind_argument(fcinfo, true));
}

/*
 * Read an MRR: zero for zero or less, which is inactive.  *fits is cleared
 * where it does not fit Money; *numeric then holds it (and may hold it else).
 */
static void
read_amount(const char *what, Datum datum, Money *money, Numeric *numeric,
			bool *fits, bool *active)
{
	NumericParts parts;

	*numeric = DatumGetNumeric(datum);
	switch (crm_money_decode(NumericGetDatum(*numeric), money))
	{
		case NUMERIC_VALUE_SMALL:
			*active = money->mantissa > 0;
			break;
		case NUMERIC_VALUE_BIG:
			crm_numeric_parts(NumericGetDatum(*numeric), &parts);
			*active = crm_numeric_sign(&parts) > 0;
			*fits = false;
			break;
		case NUMERIC_VALUE_NOT_FINITE:
			crm_mrr_not_finite_error(what, datum);
	}
	if (!*active)
	{
		money->mantissa = 0;
		*numeric = crm_money_numeric(money);
	}
}

/*
 * What a customer's MRR at the start and at the end of a period comes to.
 */
static MrrPair
read_pair(Datum start, Datum end, bool reactivated)
{
	MrrPair		pair;
	Money		negative;
	Numeric		end_numeric;
	bool		is_active;
	int			sign;

	pair.fits = true;
	read_amount("start", start, &pair.start, &pair.start_numeric, &pair.fits,
				&pair.was_active);
	read_amount("end", end, &pair.change, &end_numeric, &pair.fits, &is_active);

	negative = crm_money_negate(pair.start);
	if (likely(pair.fits && crm_money_add(&pair.change, &negative)))
		sign = crm_money_sign(&pair.change);
	else
	{
		NumericParts parts;

		pair.fits = false;
		pair.change_numeric = crm_numeric_subtract(end_numeric, pair.start_numeric);
		crm_numeric_parts(NumericGetDatum(pair.change_numeric), &parts);
		sign = crm_numeric_sign(&parts);
	}
	pair.kind = crm_mrr_classify(reactivated, pair.was_active, is_active, sign);
	return pair;
}

/*
 * (state, start, end): count a customer.
 */
static Datum
pair_transition(FunctionCallInfo fcinfo, bool reactivated, const text *currency)
{
	MrrSummary *state = state_argument(fcinfo, currency);
	MrrPair		pair = read_pair(PG_GETARG_DATUM(1), PG_GETARG_DATUM(2), reactivated);

	state->customers[pair.kind]++;
	state->opening_customers += pair.was_active;

	/* Both or neither, so that the slow way may start from the beginning. */
	if (likely(pair.fits))
	{
		Money		opening = state->amounts[MRR_OPENING];
		Money	   *movement = &state->amounts[Min(pair.kind, MRR_OPENING)];

		if (likely(opening.scale != MRR_AMOUNT_IN_TAIL &&
				   movement->scale != MRR_AMOUNT_IN_TAIL &&
				   crm_money_add(&opening, &pair.start)))
		{
			if (pair.kind >= MRR_AMOUNT_KINDS ||
				crm_money_add(movement, &pair.change))
			{
				state->amounts[MRR_OPENING] = opening;
				PG_RETURN_POINTER(state);
			}
		}
		pair.start_numeric = crm_money_numeric(&pair.start);
		pair.change_numeric = crm_money_numeric(&pair.change);
	}

	state = crm_mrr_summary_add_amount(state, MRR_OPENING, pair.start_numeric);
	if (pair.kind < MRR_AMOUNT_KINDS)
		state = crm_mrr_summary_add_amount(state, pair.kind, pair.change_numeric);
	PG_RETURN_POINTER(state);
}

/*
 * crm_mrr_summary_pair_transfn(crm_mrr_summary, start numeric, end numeric)
 *
 * Who had no MRR at the start is "new", whatever he was before.
 */
Datum
crm_mrr_summary_pair_transfn(PG_FUNCTION_ARGS)
{
	return pair_transition(fcinfo, false, NULL);
}

/*
 * crm_mrr_summary_pair_transfn(crm_mrr_summary, start numeric, end numeric,
 *		reactivated boolean)
 *
 * Who had no MRR at the start is "reactivation" where reactivated is true.
 */
Datum
crm_mrr_summary_pair_transfn_reactivated(PG_FUNCTION_ARGS)
{
	return pair_transition(fcinfo, PG_GETARG_BOOL(3), NULL);
}

/*
 * crm_mrr_summary_pair_transfn(crm_mrr_summary, start numeric, end numeric,
 *		currency text)
 */
Datum
crm_mrr_summary_pair_transfn_currency(PG_FUNCTION_ARGS)
{
	return pair_transition(fcinfo, false, PG_GETARG_TEXT_PP(3));
}

/*
 * Take a customer out again; NULL asks the executor to start afresh.
 */
static Datum
pair_inverse(FunctionCallInfo fcinfo, bool reactivated)
{
	MrrSummary *state = state_argument(fcinfo, NULL);
	MrrPair		pair = read_pair(PG_GETARG_DATUM(1), PG_GETARG_DATUM(2), reactivated);
	Money		minus_start = crm_money_negate(pair.start);
	Money		minus_change = crm_money_negate(pair.change);
	Money	   *opening = &state->amounts[MRR_OPENING];
	Money	   *movement = &state->amounts[Min(pair.kind, MRR_OPENING)];

	if (!pair.fits ||
		opening->scale == MRR_AMOUNT_IN_TAIL ||
		movement->scale == MRR_AMOUNT_IN_TAIL ||
		!crm_money_add(opening, &minus_start) ||
		(pair.kind < MRR_AMOUNT_KINDS && !crm_money_add(movement, &minus_change)))
		PG_RETURN_NULL();
	state->customers[pair.kind]--;
	state->opening_customers -= pair.was_active;
	return moved_back(state);
}

/*
 * crm_mrr_summary_pair_invfn(crm_mrr_summary, start numeric, end numeric)
 */
Datum
crm_mrr_summary_pair_invfn(PG_FUNCTION_ARGS)
{
	return pair_inverse(fcinfo, false);
}

/*
 * crm_mrr_summary_pair_invfn(crm_mrr_summary, start numeric, end numeric,
 *		reactivated boolean)
 */
Datum
crm_mrr_summary_pair_invfn_reactivated(PG_FUNCTION_ARGS)
{
	return pair_inverse(fcinfo, PG_GETARG_BOOL(3));
}

/*
 * crm_mrr_summary_combinefn(crm_mrr_summary, crm_mrr_summary) -> crm_mrr_summary
 *
 * Strict.  Also the transition function of crm_rollup.
 */
Datum
crm_mrr_summary_combinefn(PG_FUNCTION_ARGS)
{
	MrrSummary *state = crm_mrr_summary_get(PG_GETARG_DATUM(0));

	if (!AggCheckCallContext(fcinfo, NULL))
		state = crm_mrr_summary_copy(state);
	PG_RETURN_POINTER(crm_mrr_summary_merge(state, crm_mrr_summary_get(PG_GETARG_DATUM(1))));
}

/*
 * crm_mrr_summary_finalfn(crm_mrr_summary) -> crm_mrr_summary
 *
 * A copy, since the state goes on changing in a window; NULL for no rows.
 */
Datum
crm_mrr_summary_finalfn(PG_FUNCTION_ARGS)
{
	MrrSummary *state = crm_mrr_summary_get(PG_GETARG_DATUM(0));

	if (crm_mrr_summary_is_empty(state))
		PG_RETURN_NULL();
	PG_RETURN_POINTER(crm_mrr_summary_copy(state));
}
