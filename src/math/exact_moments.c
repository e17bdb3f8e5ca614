/*-------------------------------------------------------------------------
 *
 * exact_moments.c
 *	  Sums of doubles and of their squares without any rounding, and the mean
 *	  and standard deviation that follow from them.
 *
 * An aggregate that keeps rounded sums cannot take a row back out of its state
 * and gives other last digits for another order of rows or number of workers.
 * A long fixed-point accumulator has neither fault (U. Kulisch, "Computer
 * Arithmetic and Validity", 2008, chapter 8; R. M. Neal, "Fast exact summation
 * using small and large superaccumulators", 2015).  Ours is only as wide as
 * the values in it: prices and ratings take five limbs and seven.
 *
 * Room for carries.  A value is only added to a span that goes on two limbs
 * beyond the value's own highest, so a sum S of n values keeps
 *		|S| <= n 2^(32 (end - 2)),
 * and no carry gets lost before n reaches 2^63.  crm_exact_trim leaves those
 * two limbs in place.
 *
 * The standard deviation comes from n sum(x^2) - sum(x)^2, a difference of
 * integers computed in full, so nothing cancels.
 *
 * Left to others: infinities and NaN, which the caller keeps out.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "src/math/exact_moments.h"

#define LIMB_BITS 32

/* A value's limbs: 53 bits, or 106, shifted by up to 31 */
#define SUM_LIMBS 3
#define SQUARE_LIMBS 5

/* Room for the carries of 2^63 values, and the sign */
#define CARRY_LIMBS 2

/* Widest n sum(x^2) and sum(x)^2, in limbs */
#define NUMERATOR_LIMBS (EXACT_SQUARES_MAX_LIMBS + 4)

/* Bits of the largest double, and of its square, in our units */
#define MAX_SUM_BITS 2098
#define MAX_SQUARE_BITS (2 * MAX_SUM_BITS)

static bool take_apart(double x, uint64_t *mantissa, int *bit);
static void add_limbs(uint32_t *limbs, int count, int at,
					  const uint32_t *parts, int n_parts);
static void subtract_limbs(uint32_t *limbs, int count, int at,
						   const uint32_t *parts, int n_parts);
static bool fits(LimbSpan span, int at, int n_parts);
static bool is_negative(const uint32_t *limbs, LimbSpan span);
static int	magnitude(uint32_t *result, const uint32_t *limbs, LimbSpan span);
static int	bit_length(const uint32_t *limbs, int count);
static double to_scaled_double(const uint32_t *limbs, int count, double *low,
							   int *exponent);
static int	variance_numerator(uint32_t *result, int64_t n,
							   const uint32_t *sum, LimbSpan sum_span,
							   const uint32_t *squares, LimbSpan squares_span);

/*
 * |x| = mantissa 2^(bit - 1074) for a finite x; returns whether x is negative.
 */
static bool
take_apart(double x, uint64_t *mantissa, int *bit)
{
	uint64_t	image;
	int			exponent;

	memcpy(&image, &x, sizeof(image));
	exponent = (int) (image >> 52) & 0x7FF;
	*mantissa = image & ((UINT64_C(1) << 52) - 1);
	*bit = 0;
	if (exponent > 0)
	{
		*mantissa |= UINT64_C(1) << 52;
		*bit = exponent - 1;
	}
	return (image >> 63) != 0;
}

/*
 * limbs += parts 2^(32 at), modulo 2^(32 count)
 */
static void
add_limbs(uint32_t *limbs, int count, int at, const uint32_t *parts, int n_parts)
{
	uint64_t	carry = 0;
	int			i;

	for (i = 0; i < n_parts; i++)
	{
		carry += (uint64_t) limbs[at + i] + parts[i];
		limbs[at + i] = (uint32_t) carry;
		carry >>= LIMB_BITS;
	}
	for (i += at; carry != 0 && i < count; i++)
		carry = (++limbs[i] == 0);
}

/*
 * limbs -= parts 2^(32 at), modulo 2^(32 count)
 */
static void
subtract_limbs(uint32_t *limbs, int count, int at, const uint32_t *parts, int n_parts)
{
	uint64_t	borrow = 0;
	int			i;

	for (i = 0; i < n_parts; i++)
	{
		uint64_t	difference = (uint64_t) limbs[at + i] - parts[i] - borrow;

		limbs[at + i] = (uint32_t) difference;
		borrow = (difference >> LIMB_BITS) & 1;
	}
	for (i += at; borrow != 0 && i < count; i++)
		borrow = (limbs[i]-- == 0);
}

/*
 * Is there room for a value of n_parts limbs, the lowest of them limb "at"?
 */
static bool
fits(LimbSpan span, int at, int n_parts)
{
	return at >= span.first &&
		at + n_parts + CARRY_LIMBS <= span.first + span.count;
}

/*
 * Add x, or take it out again.  Returns false, and does nothing, when x does
 * not fit: the caller widens the span to its union with crm_exact_span(x).
 */
bool
crm_exact_add(uint32_t *limbs, LimbSpan span, double x, ExactSign sign)
{
	uint64_t	mantissa;
	int			bit;
	bool		negative = take_apart(x, &mantissa, &bit);
	int			shift = bit % LIMB_BITS;
	int			at = bit / LIMB_BITS;
	uint64_t	low = mantissa << shift;
	uint32_t	parts[SUM_LIMBS];

	if (mantissa == 0)
		return true;
	if (!fits(span, at, SUM_LIMBS))
		return false;

	parts[0] = (uint32_t) low;
	parts[1] = (uint32_t) (low >> LIMB_BITS);
	parts[2] = shift == 0 ? 0 : (uint32_t) (mantissa >> (64 - shift));
	if (negative == (sign == EXACT_SUBTRACT))
		add_limbs(limbs, span.count, at - span.first, parts, SUM_LIMBS);
	else
		subtract_limbs(limbs, span.count, at - span.first, parts, SUM_LIMBS);
	return true;
}

/*
 * Add x^2, or take it out again; as crm_exact_add.
 */
bool
crm_exact_add_square(uint32_t *limbs, LimbSpan span, double x, ExactSign sign)
{
	uint64_t	mantissa;
	int			bit;
	int			shift;
	int			at;
	uint64_t	m_low;
	uint64_t	m_high;
	uint64_t	cross;
	uint64_t	low;
	uint64_t	high;
	uint32_t	parts[SQUARE_LIMBS];

	take_apart(x, &mantissa, &bit);
	shift = 2 * bit % LIMB_BITS;
	at = 2 * bit / LIMB_BITS;
	if (mantissa == 0)
		return true;
	if (!fits(span, at, SQUARE_LIMBS))
		return false;

	/* the square, in 106 bits */
	m_low = mantissa & UINT32_MAX;
	m_high = mantissa >> LIMB_BITS;
	cross = 2 * m_low * m_high;
	low = m_low * m_low;
	high = m_high * m_high + (cross >> LIMB_BITS);
	low += cross << LIMB_BITS;
	if (low < (cross << LIMB_BITS))
		high++;

	/* shifted; shift may be 0, hence the shift in two steps */
	parts[0] = (uint32_t) (low << shift);
	parts[1] = (uint32_t) ((low << shift) >> LIMB_BITS);
	low = low >> 1 >> (63 - shift);
	parts[2] = (uint32_t) ((high << shift) | low);
	parts[3] = (uint32_t) ((high << shift) >> LIMB_BITS);
	parts[4] = (uint32_t) (high >> 1 >> (63 - shift));
	if (sign == EXACT_ADD)
		add_limbs(limbs, span.count, at - span.first, parts, SQUARE_LIMBS);
	else
		subtract_limbs(limbs, span.count, at - span.first, parts, SQUARE_LIMBS);
	return true;
}

/*
 * The span that x needs in a sum, with room for carries.
 */
LimbSpan
crm_exact_span(double x)
{
	LimbSpan	span = {0, 0};
	uint64_t	mantissa;
	int			bit;

	take_apart(x, &mantissa, &bit);
	if (mantissa != 0)
	{
		span.first = bit / LIMB_BITS;
		span.count = SUM_LIMBS + CARRY_LIMBS;
	}
	return span;
}

/*
 * The span that x^2 needs in a sum of squares.
 */
LimbSpan
crm_exact_square_span(double x)
{
	LimbSpan	span = {0, 0};
	uint64_t	mantissa;
	int			bit;

	take_apart(x, &mantissa, &bit);
	if (mantissa != 0)
	{
		span.first = 2 * bit / LIMB_BITS;
		span.count = SQUARE_LIMBS + CARRY_LIMBS;
	}
	return span;
}

/*
 * The smallest span that contains both.
 */
LimbSpan
crm_exact_union(LimbSpan a, LimbSpan b)
{
	LimbSpan	span;
	int			end;

	if (a.count == 0 || b.count == 0)
		return a.count == 0 ? b : a;
	end = a.first + a.count > b.first + b.count ?
		a.first + a.count : b.first + b.count;
	span.first = a.first < b.first ? a.first : b.first;
	span.count = end - span.first;
	return span;
}

static bool
is_negative(const uint32_t *limbs, LimbSpan span)
{
	return span.count > 0 && (limbs[span.count - 1] >> (LIMB_BITS - 1)) != 0;
}

/*
 * limbs += other, or -= other.  span must contain other_span.  With limbs all
 * zero this copies a sum into a wider span.
 */
void
crm_exact_merge(uint32_t *limbs, LimbSpan span,
				const uint32_t *other, LimbSpan other_span, ExactSign sign)
{
	uint32_t	extension = is_negative(other, other_span) ? UINT32_MAX : 0;
	uint32_t	flip = sign == EXACT_SUBTRACT ? UINT32_MAX : 0;
	uint64_t	carry = sign == EXACT_SUBTRACT ? 1 : 0;
	int			i;

	if (other_span.count == 0)
		return;
	for (i = other_span.first - span.first; i < span.count; i++)
	{
		int			j = i - (other_span.first - span.first);
		uint32_t	limb = j < other_span.count ? other[j] : extension;

		carry += (uint64_t) limbs[i] + (limb ^ flip);
		limbs[i] = (uint32_t) carry;
		carry >>= LIMB_BITS;
	}
}

/*
 * The smallest span that holds the sum, with room for carries at its end:
 * equal sums have equal trimmed spans and limbs.  The limbs of the result are
 * those from limbs + (result.first - span.first) on.
 */
LimbSpan
crm_exact_trim(const uint32_t *limbs, LimbSpan span)
{
	uint32_t	extension = is_negative(limbs, span) ? UINT32_MAX : 0;
	LimbSpan	result = {0, 0};
	int			low = 0;
	int			high = span.count;

	while (low < span.count && limbs[low] == 0)
		low++;
	if (low == span.count)
		return result;
	while (high > low && limbs[high - 1] == extension)
		high--;
	high += CARRY_LIMBS;
	if (high > span.count)
		high = span.count;
	result.first = span.first + low;
	result.count = high - low;
	return result;
}

/*
 * The absolute value, in span.count limbs.  Returns how many of them are
 * left without leading zeros.
 */
static int
magnitude(uint32_t *result, const uint32_t *limbs, LimbSpan span)
{
	int			count = span.count;

	if (is_negative(limbs, span))
	{
		memset(result, 0, sizeof(uint32_t) * count);
		subtract_limbs(result, count, 0, limbs, count);
	}
	else if (count > 0)
		memcpy(result, limbs, sizeof(uint32_t) * count);
	while (count > 0 && result[count - 1] == 0)
		count--;
	return count;
}

/*
 * Bits of a number without leading zero limbs.
 */
static int
bit_length(const uint32_t *limbs, int count)
{
	int			bits = LIMB_BITS * (count - 1);
	uint32_t	top;

	if (count == 0)
		return 0;
	for (top = limbs[count - 1]; top != 0; top >>= 1)
		bits++;
	return bits;
}

/*
 * A positive number without leading zero limbs as (result + *low) 2^*exponent,
 * to 117 bits or more: result has the first 53, low those after.
 */
static double
to_scaled_double(const uint32_t *limbs, int count, double *low, int *exponent)
{
	const uint64_t low_bits = (UINT64_C(1) << 11) - 1;
	int			drop = bit_length(limbs, count) - 64;
	uint64_t	top = 0;
	uint64_t	next = 0;
	int			i;

	for (i = count - 1; i >= 0; i--)
	{
		int			shift = LIMB_BITS * i - drop;	/* of this limb in top */

		if (shift >= 0)
			top |= (uint64_t) limbs[i] << shift;
		else if (shift > -LIMB_BITS)
		{
			top |= limbs[i] >> -shift;
			next |= (uint64_t) limbs[i] << (64 + shift);
		}
		else if (shift > -64 - LIMB_BITS)
			next |= shift + 64 >= 0 ?
				(uint64_t) limbs[i] << (shift + 64) : limbs[i] >> -(shift + 64);
		else
			break;
	}
	*exponent = drop;
	*low = (double) (top & low_bits) + ldexp((double) next, -64);
	return (double) (top & ~low_bits);
}

/*
 * n sum(x^2) - sum(x)^2 in the unit of squares, without leading zero limbs;
 * result has room for NUMERATOR_LIMBS.  Returns the number of limbs, or -1
 * when the difference is negative: no values have such sums.
 */
static int
variance_numerator(uint32_t *result, int64_t n,
				   const uint32_t *sum, LimbSpan sum_span,
				   const uint32_t *squares, LimbSpan squares_span)
{
	uint32_t	abs_sum[EXACT_SUM_MAX_LIMBS];
	uint32_t	sum_square[2 * EXACT_SUM_MAX_LIMBS];
	int			n_sum = magnitude(abs_sum, sum, sum_span);
	uint32_t	n_low = (uint32_t) n;
	uint32_t	n_high = (uint32_t) ((uint64_t) n >> LIMB_BITS);
	uint64_t	carry;
	int			count;
	int			i;
	int			j;

	if (is_negative(squares, squares_span))
		return -1;

	/* n sum(x^2) */
	memset(result, 0, sizeof(uint32_t) * NUMERATOR_LIMBS);
	for (i = 0; i < squares_span.count; i++)
	{
		uint64_t	low = (uint64_t) n_low * squares[i];
		uint64_t	high = (uint64_t) n_high * squares[i] + (low >> LIMB_BITS);
		uint32_t	parts[3];

		parts[0] = (uint32_t) low;
		parts[1] = (uint32_t) high;
		parts[2] = (uint32_t) (high >> LIMB_BITS);
		add_limbs(result, NUMERATOR_LIMBS, squares_span.first + i, parts, 3);
	}

	/* sum(x)^2 */
	memset(sum_square, 0, sizeof(uint32_t) * 2 * n_sum);
	for (i = 0; i < n_sum; i++)
	{
		carry = 0;
		for (j = 0; j < n_sum; j++)
		{
			carry += (uint64_t) abs_sum[i] * abs_sum[j] + sum_square[i + j];
			sum_square[i + j] = (uint32_t) carry;
			carry >>= LIMB_BITS;
		}
		sum_square[i + n_sum] = (uint32_t) carry;
	}

	/* the spare limbs at the end show a negative difference */
	subtract_limbs(result, NUMERATOR_LIMBS, 2 * sum_span.first, sum_square, 2 * n_sum);
	if (result[NUMERATOR_LIMBS - 1] != 0)
		return -1;
	for (count = NUMERATOR_LIMBS; count > 0 && result[count - 1] == 0;)
		count--;
	return count;
}

/*
 * Can these be the sums of n finite doubles and of their squares?  For values
 * that come from outside: sums that pass are safe with every function here.
 * Spans must lie within the widest ones.
 */
bool
crm_exact_consistent(int64_t n, const uint32_t *sum, LimbSpan sum_span,
					 const uint32_t *squares, LimbSpan squares_span)
{
	uint32_t	numerator[NUMERATOR_LIMBS];
	uint32_t	square_sum[EXACT_SQUARES_MAX_LIMBS];
	int			n_bits = 0;
	int			count;

	if (n <= 0)
		return n == 0 && sum_span.count == 0 && squares_span.count == 0;
	while (n >> n_bits != 0)
		n_bits++;
	if (is_negative(squares, squares_span))
		return false;
	count = magnitude(square_sum, squares, squares_span);
	if (count > 0 && LIMB_BITS * squares_span.first + bit_length(square_sum, count) >
		MAX_SQUARE_BITS + n_bits)
		return false;

	/* Cauchy and Schwarz; one value has no variance */
	count = variance_numerator(numerator, n, sum, sum_span, squares, squares_span);
	return count == 0 || (count > 0 && n > 1);
}

/*
 * The mean of n > 0 values, rounded once: n times the same value has that
 * value as its mean.
 */
double
crm_exact_mean(int64_t n, const uint32_t *sum, LimbSpan sum_span)
{
	uint32_t	abs_sum[EXACT_SUM_MAX_LIMBS];
	int			count = magnitude(abs_sum, sum, sum_span);
	int			exponent;
	double		high;
	double		low;
	double		mean;

	if (count == 0)
		return 0;
	high = to_scaled_double(abs_sum, count, &low, &exponent);
	mean = high / (double) n;
	mean += (fma(-mean, (double) n, high) + low) / (double) n;
	mean = ldexp(mean, exponent + LIMB_BITS * sum_span.first + EXACT_SUM_UNIT);
	return is_negative(sum, sum_span) ? -mean : mean;
}

/*
 * The sample standard deviation (divisor n - 1); NaN for n < 2.  Values near
 * the largest double can make it infinite.
 */
double
crm_exact_std_dev(int64_t n, const uint32_t *sum, LimbSpan sum_span,
				  const uint32_t *squares, LimbSpan squares_span)
{
	uint32_t	numerator[NUMERATOR_LIMBS];
	int			count;
	int			exponent;
	double		low;
	double		scaled;

	if (n < 2)
		return NAN;
	count = variance_numerator(numerator, n, sum, sum_span, squares, squares_span);
	if (count <= 0)
		return count == 0 ? 0 : NAN;

	scaled = to_scaled_double(numerator, count, &low, &exponent);
	scaled += low;
	if (exponent % 2 != 0)
	{
		scaled /= 2;
		exponent += 1;
	}
	return ldexp(sqrt(scaled / ((double) n * (double) (n - 1))),
				 (exponent + EXACT_SQUARES_UNIT) / 2);
}
