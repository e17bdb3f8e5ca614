/*-------------------------------------------------------------------------
 *
 * numeric_value.c
 *	  numeric to and from float8, to scaled integers, and from digits, without
 *	  a detour by way of text.
 *
 * The server's casts between numeric and float8 print the number and read it
 * back, which costs more than everything else an aggregate does with the row.
 * Amounts of money are small numbers, so we read the digits ourselves: the
 * on-disk format of numeric (base 10000 digits behind a short or a long
 * header; see "NumericData" in the server's numeric.c) has not changed since
 * 9.1 and cannot change without breaking pg_upgrade.  Whatever does not fit
 * goes the server's way.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "src/common/numeric_value.h"
#include "src/compat.h"

/* The header word's layout, as in the server's numeric.c */
#define HEADER_SIGN_MASK		0xC000
#define HEADER_NEGATIVE			0x4000
#define HEADER_SHORT			0x8000
#define HEADER_SPECIAL			0xC000
#define SHORT_SIGN_MASK			0x2000
#define SHORT_SCALE_MASK		0x1F80
#define SHORT_SCALE_SHIFT		7
#define SHORT_WEIGHT_SIGN_MASK	0x0040
#define SHORT_WEIGHT_MASK		0x003F
#define LONG_SCALE_MASK			0x3FFF

/* Four base-10000 digits stay below 2^63 and, mostly, below 2^53. */
#define MAX_SMALL_DIGITS		4

static inline bool read_parts(Datum numeric, NumericParts *parts);

/* Powers of ten that are exact in double */
static const double power_of_ten[] = {
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13,
	1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22
};

/*
 * Find the stored digits of a numeric, whatever their number.  They are
 * base-10000 digits without leading or trailing zeros, the first of them
 * weighing 10000^weight; zero has none.  Returns false for NaN and infinities.
 *
 * parts->digits points into the datum (or its detoasted copy) and need not be
 * aligned.
 */
static inline bool
read_parts(Datum numeric, NumericParts *parts)
{
	struct varlena *value = PG_DETOAST_DATUM_PACKED(numeric);
	const char *data = VARDATA_ANY(value);
	int			len = VARSIZE_ANY_EXHDR(value);
	uint16		header;

	/* The datum may have a one-byte header, hence no alignment. */
	memcpy(&header, data, sizeof(header));
	data += sizeof(header);
	len -= sizeof(header);

	if ((header & HEADER_SIGN_MASK) == HEADER_SPECIAL)
		return false;
	if ((header & HEADER_SIGN_MASK) == HEADER_SHORT)
	{
		parts->negative = (header & SHORT_SIGN_MASK) != 0;
		parts->display_scale = (header & SHORT_SCALE_MASK) >> SHORT_SCALE_SHIFT;
		parts->weight = header & SHORT_WEIGHT_MASK;
		if (header & SHORT_WEIGHT_SIGN_MASK)
			parts->weight |= ~SHORT_WEIGHT_MASK;
	}
	else
	{
		int16		long_weight;

		parts->negative = (header & HEADER_SIGN_MASK) == HEADER_NEGATIVE;
		parts->display_scale = header & LONG_SCALE_MASK;
		memcpy(&long_weight, data, sizeof(long_weight));
		parts->weight = long_weight;
		data += sizeof(long_weight);
		len -= sizeof(long_weight);
	}

	parts->digits = data;
	parts->n_digits = len / (int) sizeof(int16);
	return true;
}

/*
 * read_parts for other files.
 */
bool
crm_numeric_parts(Datum numeric, NumericParts *parts)
{
	return read_parts(numeric, parts);
}

/*
 * Take a numeric apart: value = mantissa / 10^scale when the result is
 * NUMERIC_VALUE_SMALL.  scale may be negative (trailing zeros are not
 * stored).  *display_scale is the number of decimals that the number shows.
 */
NumericKind
crm_numeric_decode(Datum numeric, int64 *mantissa, int *scale,
				   int *display_scale)
{
	NumericParts parts;
	int64		sum = 0;
	int			i;

	if (!read_parts(numeric, &parts))
		return NUMERIC_VALUE_NOT_FINITE;
	*display_scale = parts.display_scale;
	if (parts.n_digits > MAX_SMALL_DIGITS)
		return NUMERIC_VALUE_BIG;
	for (i = 0; i < parts.n_digits; i++)
		sum = sum * NUMERIC_DIGIT_BASE + crm_numeric_digit(&parts, i);
	*mantissa = parts.negative ? -sum : sum;
	*scale = (parts.n_digits - 1 - parts.weight) * NUMERIC_DECIMALS_PER_DIGIT;
	return NUMERIC_VALUE_SMALL;
}

/*
 * The double nearest to a numeric; NaN and infinities as they are.
 * *display_scale as in crm_numeric_decode, 0 for NaN and infinities.
 */
double
crm_numeric_to_float8(Datum numeric, int *display_scale)
{
	int64		mantissa;
	int			scale;

	*display_scale = 0;
	if (crm_numeric_decode(numeric, &mantissa, &scale, display_scale) ==
		NUMERIC_VALUE_SMALL &&
		mantissa > -(INT64CONST(1) << 53) && mantissa < (INT64CONST(1) << 53))
	{
		/* Both operands are exact, so one rounding gives the nearest double. */
		if (scale >= 0 && scale < (int) lengthof(power_of_ten))
			return (double) mantissa / power_of_ten[scale];
		if (scale < 0 && -scale < (int) lengthof(power_of_ten))
			return (double) mantissa * power_of_ten[-scale];
	}
	return DatumGetFloat8(DirectFunctionCall1(numeric_float8, numeric));
}

/*
 * The numeric that the server's cast makes of a double, in the current memory
 * context.  The cast keeps 15 digits: where so many and a few decimals give
 * the very double, they are the ones.
 */
Datum
crm_numeric_from_float8(double value)
{
	const int	max_decimals = 6;
	const double digits_15 = 1e15;
	int			decimals;

	for (decimals = 0; decimals <= max_decimals; decimals++)
	{
		double		scaled = rint(value * power_of_ten[decimals]);

		if (!(fabs(scaled) < digits_15))
			break;
		if (scaled / power_of_ten[decimals] == value)
			return NumericGetDatum(int64_div_fast_to_numeric((int64) scaled, decimals));
	}
	return DirectFunctionCall1(float8_numeric, Float8GetDatum(value));
}

/*
 * A numeric of base-10000 digits, the first of them weighing 10000^weight, in
 * the given space.  Zeros at either end are dropped, and then there must not be
 * more than NUMERIC_SPACE_DIGITS.  Weight and scale must be what the short
 * header holds: -64 to 63, and 0 to 63.
 */
Numeric
crm_numeric_make(NumericSpace *space, bool negative, int weight, int display_scale,
				 const int16 *digits, int n_digits)
{
	uint16		header;

	while (n_digits > 0 && digits[0] == 0)
	{
		digits++;
		n_digits--;
		weight--;
	}
	while (n_digits > 0 && digits[n_digits - 1] == 0)
		n_digits--;
	if (n_digits == 0)
	{
		negative = false;
		weight = 0;
	}
	Assert(weight >= -(SHORT_WEIGHT_MASK + 1) && weight <= SHORT_WEIGHT_MASK);
	Assert(n_digits <= NUMERIC_SPACE_DIGITS);
	Assert(display_scale >= 0 &&
		   display_scale <= SHORT_SCALE_MASK >> SHORT_SCALE_SHIFT);

	header = HEADER_SHORT | (negative ? SHORT_SIGN_MASK : 0) |
		(display_scale << SHORT_SCALE_SHIFT) |
		(weight < 0 ? SHORT_WEIGHT_SIGN_MASK : 0) | (weight & SHORT_WEIGHT_MASK);
	SET_VARSIZE(space, offsetof(NumericSpace, digits) + n_digits * sizeof(int16));
	space->header = header;
	memcpy(space->digits, digits, n_digits * sizeof(int16));
	return (Numeric) space;
}
