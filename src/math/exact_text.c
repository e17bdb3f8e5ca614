/*-------------------------------------------------------------------------
 *
 * exact_text.c
 *	  The text form of an exact sum.
 *
 * A hexadecimal integer times a power of two: lossless, and short for the
 * sums of real data (the sum of a million prices has some 20 digits).
 *
 *-------------------------------------------------------------------------
 */
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/math/exact_moments.h"

#define LIMB_BITS 32
#define DIGIT_BITS 4

static int	get_bits(const uint32_t *limbs, int count, int bit, int n_bits);
static int	digit_value(char c);

/*
 * n_bits (up to 4) bits from "bit" on; zeros beyond the last limb.
 */
static int
get_bits(const uint32_t *limbs, int count, int bit, int n_bits)
{
	int			result = 0;
	int			i;

	for (i = n_bits - 1; i >= 0; i--)
	{
		int			limb = (bit + i) / LIMB_BITS;

		result <<= 1;
		if (limb < count)
			result |= (limbs[limb] >> ((bit + i) % LIMB_BITS)) & 1;
	}
	return result;
}

static int
digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/*
 * Write the sum into text, which has room for EXACT_TEXT_LENGTH characters.
 * unit is EXACT_SUM_UNIT or EXACT_SQUARES_UNIT.
 */
void
crm_exact_to_text(char *str, const uint32_t *limbs, LimbSpan span, int unit)
{
	uint32_t	positive[EXACT_SQUARES_MAX_LIMBS];
	bool		negative = span.count > 0 && (limbs[span.count - 1] >> 31) != 0;
	int			n_bits = LIMB_BITS * span.count;
	int			low = 0;
	int			high = n_bits;
	int			bit;

	memset(positive, 0, sizeof(positive));
	crm_exact_merge(positive, span, limbs, span, negative ? EXACT_SUBTRACT : EXACT_ADD);
	while (low < n_bits && get_bits(positive, span.count, low, 1) == 0)
		low++;
	if (low == n_bits)
	{
		strcpy(str, "0x0p0");
		return;
	}
	while (get_bits(positive, span.count, high - 1, 1) == 0)
		high--;

	str += sprintf(str, "%s0x", negative ? "-" : "");
	for (bit = low + (high - low - 1) / DIGIT_BITS * DIGIT_BITS; bit >= low; bit -= DIGIT_BITS)
		*str++ = "0123456789abcdef"[get_bits(positive, span.count, bit, DIGIT_BITS)];
	sprintf(str, "p%d", low + LIMB_BITS * span.first + unit);
}

/*
 * Read what crm_exact_to_text wrote, up to the end of text, into the limbs of
 * the trimmed *span.  limbs has room for max_limbs, the widest span of this
 * unit.  Returns false when the text is no such number or too large.
 */
bool
crm_exact_from_text(const char *str, uint32_t *limbs, int max_limbs,
					LimbSpan *span, int unit)
{
	uint32_t	positive[EXACT_SQUARES_MAX_LIMBS];
	uint32_t	result[EXACT_SQUARES_MAX_LIMBS];
	LimbSpan	widest = {0, max_limbs};
	bool		negative = (*str == '-');
	const char *digits;
	const char *p;
	char	   *end;
	long		exponent;
	long		bit;

	if (negative)
		str++;
	if (str[0] != '0' || str[1] != 'x')
		return false;
	digits = str + 2;
	for (p = digits; digit_value(*p) >= 0;)
		p++;
	if (p == digits || *p != 'p' ||
		!(isdigit((unsigned char) p[1]) || (p[1] == '-' && isdigit((unsigned char) p[2]))))
		return false;
	exponent = strtol(p + 1, &end, 10);
	if (*end != '\0')
		return false;

	memset(positive, 0, sizeof(positive));
	/* a digit of one may be neither below the unit nor in the sign bit */
	bit = exponent - unit;
	if (exponent < unit || exponent > LIMB_BITS * (long) max_limbs)
		bit = LONG_MIN / 2;
	while (p > digits)
	{
		int			value = digit_value(*--p);
		int			i;

		for (i = 0; i < DIGIT_BITS; i++, bit++)
		{
			if (((value >> i) & 1) == 0)
				continue;
			if (bit < 0 || bit >= LIMB_BITS * max_limbs - 1)
				return false;
			positive[bit / LIMB_BITS] |= UINT32_C(1) << (bit % LIMB_BITS);
		}
	}

	memset(result, 0, sizeof(result));
	crm_exact_merge(result, widest, positive, widest,
					negative ? EXACT_SUBTRACT : EXACT_ADD);
	*span = crm_exact_trim(result, widest);
	memcpy(limbs, result + span->first, sizeof(uint32_t) * span->count);
	return true;
}
