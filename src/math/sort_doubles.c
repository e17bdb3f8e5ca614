/*-------------------------------------------------------------------------
 *
 * sort_doubles.c
 *	  Sort doubles, alone or with another double beside each.
 *
 * A radix sort from the least digit upwards, 11 bits at a time, on the bits of
 * the number with the sign turned so that they order as the numbers do (Knuth,
 * The Art of Computer Programming 3, 5.2.5).  It reads the numbers a fixed
 * number of times whatever their order, which for millions of them is several
 * times cheaper than comparing.  Digits that are the same for all, as the last
 * ones of whole numbers are, cost nothing.
 *
 * NaN must not be among the numbers; -0 comes before 0.
 *
 *-------------------------------------------------------------------------
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "src/math/sort_doubles.h"

#define DIGIT_BITS 11
#define DIGIT_VALUES (1 << DIGIT_BITS)
#define DIGITS 6				/* 66 bits hold 64 */

/* So few are sorted by insertion: counting digits would take longer. */
#define FEW 64

/* So many numbers are moved between two looks for an interrupt. */
#define INTERRUPT_STRIDE ((size_t) 1 << 18)

static inline uint64_t sort_bits(double x);
static inline void insertion_sort(double *values, size_t n, int width, int key);
static inline void radix_sort(double *values, size_t n, int width, int key,
							  const MathHost *host);

/*
 * An integer that orders as x does.
 */
static inline uint64_t
sort_bits(double x)
{
	uint64_t	bits;

	memcpy(&bits, &x, sizeof(bits));
	return bits ^ ((bits >> 63) != 0 ? ~UINT64_C(0) : UINT64_C(1) << 63);
}

/*
 * Stable, as the radix sort is.
 */
static inline void
insertion_sort(double *values, size_t n, int width, int key)
{
	size_t		i;

	for (i = 1; i < n; i++)
	{
		double		item[2];
		size_t		j = i;

		memcpy(item, values + i * width, sizeof(double) * width);
		for (; j > 0 && values[(j - 1) * width + key] > item[key]; j--)
			memcpy(values + j * width, values + (j - 1) * width, sizeof(double) * width);
		memcpy(values + j * width, item, sizeof(double) * width);
	}
}

/*
 * Sort n items of "width" doubles by the double number "key" of each.  width
 * and key are constants of the callers, so that the loops are made for them.
 */
static inline void
radix_sort(double *values, size_t n, int width, int key, const MathHost *host)
{
	size_t		size = sizeof(double) * width;
	size_t	   *counts;
	double	   *from = values;
	double	   *to;
	double	   *scratch;
	size_t		i;
	int			digit;

	if (n <= FEW)
	{
		insertion_sort(values, n, width, key);
		return;
	}

	counts = (size_t *) host->alloc(sizeof(size_t) * DIGITS * DIGIT_VALUES);
	scratch = (double *) host->alloc(size * n);
	to = scratch;

	/* All digits are counted in one reading. */
	memset(counts, 0, sizeof(size_t) * DIGITS * DIGIT_VALUES);
	for (i = 0; i < n; i++)
	{
		uint64_t	bits = sort_bits(values[i * width + key]);

		for (digit = 0; digit < DIGITS; digit++)
			counts[digit * DIGIT_VALUES +
				   ((bits >> (digit * DIGIT_BITS)) & (DIGIT_VALUES - 1))]++;
		if (i % INTERRUPT_STRIDE == 0)
			host->check_interrupts();
	}

	for (digit = 0; digit < DIGITS; digit++)
	{
		size_t	   *start = counts + digit * DIGIT_VALUES;
		int			shift = digit * DIGIT_BITS;
		size_t		sum = 0;
		bool		all_same = false;
		double	   *swap;
		int			v;

		for (v = 0; v < DIGIT_VALUES; v++)
		{
			size_t		count = start[v];

			all_same |= (count == n);
			start[v] = sum;
			sum += count;
		}
		if (all_same)
			continue;

		for (i = 0; i < n; i++)
		{
			uint64_t	bits = sort_bits(from[i * width + key]);
			size_t		place = start[(bits >> shift) & (DIGIT_VALUES - 1)]++;

			memcpy(to + place * width, from + i * width, size);
			if (i % INTERRUPT_STRIDE == 0)
				host->check_interrupts();
		}
		swap = from;
		from = to;
		to = swap;
	}

	if (from != values)
		memcpy(values, from, size * n);
	host->release(scratch);
	host->release(counts);
}

/*
 * Ascending, in place; takes as much memory again meanwhile.
 */
void
crm_sort_doubles(double *values, size_t n, const MathHost *host)
{
	radix_sort(values, n, 1, 0, host);
}

/*
 * Ascending by key; pairs of equal keys stay in their order.
 */
void
crm_sort_pairs_by_key(DoublePair *pairs, size_t n, const MathHost *host)
{
	radix_sort((double *) pairs, n, 2, 0, host);
}

/*
 * Ascending by key, and by what goes with it where keys are equal.
 */
void
crm_sort_pairs(DoublePair *pairs, size_t n, const MathHost *host)
{
	radix_sort((double *) pairs, n, 2, 1, host);
	radix_sort((double *) pairs, n, 2, 0, host);
}
