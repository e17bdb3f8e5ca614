/*-------------------------------------------------------------------------
 *
 * money.c
 *	  Exact sums of amounts, without the price of numeric arithmetic.
 *
 * An amount of money has a few decimals and, even with the sixteen decimals
 * of a yearly price divided by twelve, fits an integer of 128 bits.  Adding
 * two such integers costs nothing next to numeric_add, and sums that fit in
 * 24 bytes can live in a fixed-size state.
 *
 * Not every numeric fits.  Functions say so instead of rounding, and leave the
 * number to the caller, who keeps it as a numeric.  So a sum is always exact,
 * and only outlandish input is slow.
 *
 * The scale is kept a multiple of four, as numeric's own digits are: then only
 * amounts with and without decimals need to be brought to one scale, which is
 * a multiplication, never a division.
 *
 * Where the compiler has no 128-bit integer, 64 bits serve in the same way.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "src/common/money.h"
#include "src/compat.h"

#ifdef HAVE_INT128
#define MONEY_MAX		((MoneyInt) 1 << 126)
#define MAX_DIGITS		9		/* 10000^9 < 2^126 */
#define MAX_SCALE		32
#define MAX_DECIMALS	39		/* digits of 2^126, and one to spare */
#else
#define MONEY_MAX		((MoneyInt) 1 << 62)
#define MAX_DIGITS		4		/* 10000^4 < 2^62 */
#define MAX_SCALE		12
#define MAX_DECIMALS	20
#endif

static MoneyInt power_of_ten(int n);
static bool rescale(Money *money, int scale);

/*
 * 10^n, n from 0 to MAX_SCALE.
 */
static MoneyInt
power_of_ten(int n)
{
	MoneyInt	power = 1;

	for (; n >= NUMERIC_DECIMALS_PER_DIGIT; n -= NUMERIC_DECIMALS_PER_DIGIT)
		power *= NUMERIC_DIGIT_BASE;
	while (n-- > 0)
		power *= 10;
	return power;
}

/*
 * Raise the scale; false, with the number unchanged, where it does not fit.
 */
static bool
rescale(Money *money, int scale)
{
	MoneyInt	factor = power_of_ten(scale - money->scale);
	bool		in_range = false;

#ifdef HAVE_INT128
	/* Spare nearly everybody a long division: 2^63 * 10^18 < 2^126. */
	in_range = scale - money->scale <= 18 &&
		money->mantissa <= PG_INT64_MAX && money->mantissa >= PG_INT64_MIN;
#endif
	if (!in_range && (money->mantissa > MONEY_MAX / factor ||
					  money->mantissa < -MONEY_MAX / factor))
		return false;
	money->mantissa *= factor;
	money->scale = scale;
	return true;
}

/*
 * Set *money to a numeric where the result is NUMERIC_VALUE_SMALL; else
 * *money is zero.
 */
NumericKind
crm_money_decode(Datum numeric, Money *money)
{
	NumericParts parts;
	int64		head = 0;
	MoneyInt	mantissa;
	int			scale;
	int			i;

	memset(money, 0, sizeof(*money));
	if (!crm_numeric_parts(numeric, &parts))
		return NUMERIC_VALUE_NOT_FINITE;

	scale = (parts.n_digits - 1 - parts.weight) * NUMERIC_DECIMALS_PER_DIGIT;
	if (parts.n_digits == 0)
		scale = 0;
	if (scale > MAX_SCALE || parts.n_digits > MAX_DIGITS ||
		(parts.n_digits > 0 && parts.weight >= MAX_DIGITS))
		return NUMERIC_VALUE_BIG;

	/* The first four digits need only 64 bits. */
	for (i = 0; i < parts.n_digits && i < 4; i++)
		head = head * NUMERIC_DIGIT_BASE + crm_numeric_digit(&parts, i);
	mantissa = head;
	for (; i < parts.n_digits; i++)
		mantissa = mantissa * NUMERIC_DIGIT_BASE + crm_numeric_digit(&parts, i);

	/* Trailing zeros before the decimal point are not stored. */
	if (scale < 0)
	{
		mantissa *= power_of_ten(-scale);
		scale = 0;
	}

	money->mantissa = parts.negative ? -mantissa : mantissa;
	money->scale = scale;
	money->display_scale = parts.display_scale;
	return NUMERIC_VALUE_SMALL;
}

/*
 * *sum += *term.  Returns false, with *sum worth what it was, when the result
 * does not fit.  The sum shows as many decimals as the term that shows most.
 */
bool
crm_money_add(Money *sum, const Money *term)
{
	MoneyInt	total;

	if (likely(sum->scale == term->scale))
		total = sum->mantissa + term->mantissa;
	else if (sum->scale < term->scale)
	{
		if (!rescale(sum, term->scale))
			return false;
		total = sum->mantissa + term->mantissa;
	}
	else
	{
		Money		scaled = *term;

		if (!rescale(&scaled, sum->scale))
			return false;
		total = sum->mantissa + scaled.mantissa;
	}

	/* Both are at most MONEY_MAX, so that total itself has not overflowed. */
	if (unlikely(total > MONEY_MAX || total < -MONEY_MAX))
		return false;
	sum->mantissa = total;
	sum->display_scale = Max(sum->display_scale, term->display_scale);
	return true;
}

/*
 * The same number as a numeric, palloc'd.
 */
Numeric
crm_money_numeric(const Money *money)
{
	MoneyInt	mantissa = money->mantissa;
	int			scale = money->scale;
	Numeric		result;

	/* What numeric does not show it does not have: these digits are zeros. */
	if (scale > money->display_scale)
	{
		mantissa /= power_of_ten(scale - money->display_scale);
		scale = money->display_scale;
	}

	if (mantissa >= PG_INT64_MIN && mantissa <= PG_INT64_MAX)
		result = int64_div_fast_to_numeric((int64) mantissa, scale);
	else
	{
		/* sign, digits, decimal point, a zero before it, terminator */
		char		digits[MAX_DECIMALS + MAX_SCALE + 4];
		char	   *pos = digits + sizeof(digits) - 1;
		bool		negative = mantissa < 0;
		int			n = 0;

		*pos = '\0';
		if (negative)
			mantissa = -mantissa;
		while (mantissa != 0 || n <= scale)
		{
			if (n > 0 && n == scale)
				*--pos = '.';
			*--pos = '0' + (int) (mantissa % 10);
			mantissa /= 10;
			n++;
		}
		if (negative)
			*--pos = '-';
		result = DatumGetNumeric(DirectFunctionCall3(numeric_in,
													 CStringGetDatum(pos),
													 ObjectIdGetDatum(InvalidOid),
													 Int32GetDatum(-1)));
	}

	if (money->display_scale > scale)
		result = DatumGetNumeric(DirectFunctionCall2(numeric_round,
													 NumericGetDatum(result),
													 Int32GetDatum(money->display_scale)));
	return result;
}

/*
 * a + b by the server's arithmetic, palloc'd.
 */
Numeric
crm_numeric_add(Numeric a, Numeric b)
{
	return DatumGetNumeric(DirectFunctionCall2(numeric_add, NumericGetDatum(a),
											   NumericGetDatum(b)));
}

/*
 * a - b by the server's arithmetic, palloc'd.
 */
Numeric
crm_numeric_subtract(Numeric a, Numeric b)
{
	return DatumGetNumeric(DirectFunctionCall2(numeric_sub, NumericGetDatum(a),
											   NumericGetDatum(b)));
}

/*
 * A copy in the given context.
 */
Numeric
crm_numeric_copy(Numeric numeric, MemoryContext context)
{
	Numeric		copy = (Numeric) MemoryContextAlloc(context, VARSIZE(numeric));

	memcpy(copy, numeric, VARSIZE(numeric));
	return copy;
}
