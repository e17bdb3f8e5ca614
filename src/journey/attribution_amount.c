/*-------------------------------------------------------------------------
 *
 * attribution_amount.c
 *	  Exact sums of shares of amounts.
 *
 * A share is a whole number of units of 10^-16.  The product of an amount and
 * a share has sixteen decimals more than the amount, and is kept with all of
 * them: since the shares of a conversion add up to one, its products then add
 * up to its value, without any rounding that somebody would have to make good.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "libpq/pqformat.h"
#include "utils/builtins.h"

#include "src/common/aggstate.h"
#include "src/journey/attribution.h"

/* The digits of the longest MoneyInt, 10000 to the power of each */
#define MAX_MONEY_DIGITS	11

/*
 * CREDIT_ONE is a multiple of two to this power, without which all but the
 * largest dividends fit 64 bits.
 */
#define UNIT_BITS			16

/* What crm_numeric_make takes; more than that are zeros, which few show. */
#define MAX_SHORT_SCALE		63

static Numeric make_numeric(NumericSpace *space, bool negative, const int16 *digits, int n_digits,
							int decimal_digits, int min_scale);
static Numeric numeric_from_units(NumericSpace *space, int64 units);

/*
 * A numeric of base-10000 digits, the last decimal_digits of them behind the
 * decimal point.  It shows the decimals that it needs, and at least min_scale.
 * It is in the given space, unless that shows more than fit a short one.
 */
static Numeric
make_numeric(NumericSpace *space, bool negative, const int16 *digits, int n_digits,
			 int decimal_digits, int min_scale)
{
	int			scale = decimal_digits * NUMERIC_DECIMALS_PER_DIGIT;
	int			kept = n_digits;
	Numeric		result;

	/* Drop zeros at the end, but none before the decimal point. */
	while (kept > n_digits - decimal_digits && digits[kept - 1] == 0)
	{
		kept--;
		scale -= NUMERIC_DECIMALS_PER_DIGIT;
	}
	if (scale > 0)
	{
		int			digit = digits[kept - 1];

		while (digit % 10 == 0)
		{
			digit /= 10;
			scale--;
		}
	}

	result = crm_numeric_make(space, negative, n_digits - decimal_digits - 1,
							  Min(Max(scale, min_scale), MAX_SHORT_SCALE),
							  digits, kept);
	if (min_scale > MAX_SHORT_SCALE)
		result = DatumGetNumeric(DirectFunctionCall2(numeric_round,
													 NumericGetDatum(result),
													 Int32GetDatum(min_scale)));
	return result;
}

/*
 * whole + units / 10^16, with the decimals that it needs, in the given space.
 */
Numeric
crm_credit_numeric(NumericSpace *space, int64 whole, int64 units)
{
	int16		digits[5 + CREDIT_DECIMALS / NUMERIC_DECIMALS_PER_DIGIT];
	int			i = lengthof(digits);

	while (i > 5)
	{
		digits[--i] = (int16) (units % NUMERIC_DIGIT_BASE);
		units /= NUMERIC_DIGIT_BASE;
	}
	while (i > 0)
	{
		digits[--i] = (int16) (whole % NUMERIC_DIGIT_BASE);
		whole /= NUMERIC_DIGIT_BASE;
	}
	return make_numeric(space, false, digits, lengthof(digits),
						CREDIT_DECIMALS / NUMERIC_DECIMALS_PER_DIGIT, 0);
}

static Numeric
numeric_from_units(NumericSpace *space, int64 units)
{
	return crm_credit_numeric(space, units / CREDIT_ONE, units % CREDIT_ONE);
}

/*
 * Take a numeric; a big one is not copied.  NaN and infinities are an error.
 */
void
crm_attribution_amount_decode(Datum numeric, Amount *amount, const char *what)
{
	amount->present = true;
	amount->big = NULL;
	switch (crm_money_decode(numeric, &amount->money))
	{
		case NUMERIC_VALUE_SMALL:
			break;
		case NUMERIC_VALUE_BIG:
			amount->big = DatumGetNumeric(numeric);
			break;
		case NUMERIC_VALUE_NOT_FINITE:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s must be finite, got %s", what,
							DatumGetCString(DirectFunctionCall1(numeric_out, numeric))),
					 errhint("Make it NULL, or filter such rows out.")));
	}
}

/*
 * The amount as a numeric, palloc'd where it is not big.  It must be present.
 */
Numeric
crm_attribution_amount_numeric(const Amount *amount)
{
	return amount->big != NULL ? amount->big : crm_money_numeric(&amount->money);
}

/*
 * How many decimals the amount shows.
 */
int
crm_attribution_amount_display_scale(const Amount *amount)
{
	NumericParts parts;

	if (!amount->present)
		return 0;
	if (amount->big == NULL)
		return amount->money.display_scale;
	crm_numeric_parts(NumericGetDatum(amount->big), &parts);
	return parts.display_scale;
}

/*
 * The nearest double.  The amount must be present.
 */
double
crm_attribution_amount_float8(const Amount *amount)
{
	int			display_scale;

	return crm_numeric_to_float8(NumericGetDatum(crm_attribution_amount_numeric(amount)),
								 &display_scale);
}

/*
 * The same number with the decimals that it needs, and at least min_scale; in
 * the given space or palloc'd.
 */
Numeric
crm_attribution_amount_trimmed(NumericSpace *space, const Amount *amount, int min_scale)
{
	Datum		trimmed;
	NumericParts parts;

	if (amount->big == NULL)
	{
		int16		digits[MAX_MONEY_DIGITS];
		MoneyInt	rest = amount->money.mantissa;
		bool		negative = rest < 0;
		int			n_digits = amount->money.scale / NUMERIC_DECIMALS_PER_DIGIT + 1;
		int			i = MAX_MONEY_DIGITS;
		int			first;
		int64		head;

		if (negative)
			rest = -rest;
		n_digits = Min(n_digits, MAX_MONEY_DIGITS);
		first = MAX_MONEY_DIGITS - n_digits;

#ifdef HAVE_INT128
		/* 64-bit numbers are quicker to take apart */
		while (rest > PG_INT64_MAX)
		{
			MoneyInt	quotient = rest >> UNIT_BITS <= PG_INT64_MAX ?
				(int64) (rest >> UNIT_BITS) / (CREDIT_ONE >> UNIT_BITS) :
				rest / CREDIT_ONE;
			int64		four = (int64) (rest - quotient * CREDIT_ONE);
			int			end = i - CREDIT_DECIMALS / NUMERIC_DECIMALS_PER_DIGIT;

			while (i > end)
			{
				digits[--i] = (int16) (four % NUMERIC_DIGIT_BASE);
				four /= NUMERIC_DIGIT_BASE;
			}
			rest = quotient;
		}
#endif
		for (head = (int64) rest; head > 0; head /= NUMERIC_DIGIT_BASE)
			digits[--i] = (int16) (head % NUMERIC_DIGIT_BASE);
		while (i > first)
			digits[--i] = 0;
		return make_numeric(space, negative, digits + i, MAX_MONEY_DIGITS - i,
							amount->money.scale / NUMERIC_DECIMALS_PER_DIGIT,
							min_scale);
	}

	trimmed = DirectFunctionCall1(numeric_trim_scale, NumericGetDatum(amount->big));
	crm_numeric_parts(trimmed, &parts);
	if (parts.display_scale < min_scale)
		trimmed = DirectFunctionCall2(numeric_round, trimmed, Int32GetDatum(min_scale));
	return DatumGetNumeric(trimmed);
}

/*
 * *sum += *term.  A big sum is made in the current context.
 */
void
crm_attribution_amount_add(Amount *sum, const Amount *term)
{
	if (!term->present)
		return;
	if (!sum->present)
	{
		*sum = *term;
		if (term->big != NULL)
			sum->big = crm_numeric_copy(term->big, CurrentMemoryContext);
		return;
	}
	if (likely(sum->big == NULL && term->big == NULL &&
			   crm_money_add(&sum->money, &term->money)))
		return;
	sum->big = crm_numeric_add(crm_attribution_amount_numeric(sum), crm_attribution_amount_numeric(term));
}

/*
 * *sum += *term * units / 10^16, for 0 <= units <= 10^16, exactly.
 */
void
crm_attribution_amount_add_share(Amount *sum, const Amount *term, int64 units)
{
	Amount		share;
	NumericSpace space;

	if (units == CREDIT_ONE || !term->present)
	{
		crm_attribution_amount_add(sum, term);
		return;
	}

	share.present = true;
	share.big = NULL;
#ifdef HAVE_INT128
	/* 2^63 times 10^16 and the decimals of most amounts: within Money */
	if (likely(term->big == NULL &&
			   term->money.scale <= CREDIT_DECIMALS &&
			   term->money.mantissa <= PG_INT64_MAX &&
			   term->money.mantissa >= -PG_INT64_MAX))
	{
		share.money = term->money;
		share.money.mantissa *= units;
		share.money.scale += CREDIT_DECIMALS;
		share.money.display_scale += CREDIT_DECIMALS;
		crm_attribution_amount_add(sum, &share);
		return;
	}
#endif
	share.big = DatumGetNumeric(DirectFunctionCall2(numeric_mul,
													NumericGetDatum(crm_attribution_amount_numeric(term)),
													NumericGetDatum(numeric_from_units(&space, units))));
	crm_attribution_amount_add(sum, &share);
}

/*
 * Append to a binary form: whether it is there, then numeric's own.
 */
void
crm_attribution_amount_write(StringInfo buf, const Amount *amount)
{
	bytea	   *sent;

	pq_sendbyte(buf, amount->present);
	if (!amount->present)
		return;
	sent = DatumGetByteaPP(DirectFunctionCall1(numeric_send,
											   NumericGetDatum(crm_attribution_amount_numeric(amount))));
	pq_sendbytes(buf, VARDATA_ANY(sent), VARSIZE_ANY_EXHDR(sent));
	pfree(sent);
}

/*
 * Read what crm_attribution_amount_write wrote.  A big amount is in the current context.
 */
void
crm_attribution_amount_read(StringInfo buf, Amount *amount, const char *what)
{
	Datum		numeric;

	memset(amount, 0, sizeof(*amount));
	if (pq_getmsgbyte(buf) == 0)
		return;
	numeric = DirectFunctionCall3(numeric_recv, PointerGetDatum(buf),
								  ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
	crm_attribution_amount_decode(numeric, amount, what);
	if (amount->big == NULL)
		pfree(DatumGetPointer(numeric));
}
