/*-------------------------------------------------------------------------
 *
 * exact_moments.h
 *	  Sums of doubles and of their squares without any rounding, and the mean
 *	  and standard deviation that follow from them.
 *
 * An exact sum is a fixed-point number in two's complement, as wide as its
 * values need: limb i of span.count counts multiples of
 * 2^(32 (span.first + i)) units, and the unit is 2^-1074 (the smallest double)
 * for sums and 2^-2148 for sums of squares.  The memory is the caller's.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_EXACT_MOMENTS_H
#define CRM_EXACT_MOMENTS_H

#include <stdbool.h>
#include <stdint.h>

/* log2 of the units */
#define EXACT_SUM_UNIT (-1074)
#define EXACT_SQUARES_UNIT (-2148)

/*
 * The widest spans: 2^63 values of up to 2^1024 and their squares.
 */
#define EXACT_SUM_MAX_LIMBS 68
#define EXACT_SQUARES_MAX_LIMBS 134

typedef struct LimbSpan
{
	int			first;			/* 0 when count is 0 */
	int			count;			/* 0: the sum is zero */
} LimbSpan;

/* What values do to a sum: they join or leave it. */
typedef enum ExactSign
{
	EXACT_ADD = 1,
	EXACT_SUBTRACT = -1
} ExactSign;

extern bool crm_exact_add(uint32_t *limbs, LimbSpan span, double x, ExactSign sign);
extern bool crm_exact_add_square(uint32_t *limbs, LimbSpan span, double x,
								 ExactSign sign);
extern LimbSpan crm_exact_span(double x);
extern LimbSpan crm_exact_square_span(double x);
extern LimbSpan crm_exact_union(LimbSpan a, LimbSpan b);

extern void crm_exact_merge(uint32_t *limbs, LimbSpan span,
							const uint32_t *other, LimbSpan other_span,
							ExactSign sign);
extern LimbSpan crm_exact_trim(const uint32_t *limbs, LimbSpan span);
extern bool crm_exact_consistent(int64_t n,
								 const uint32_t *sum, LimbSpan sum_span,
								 const uint32_t *squares, LimbSpan squares_span);
extern double crm_exact_mean(int64_t n, const uint32_t *sum, LimbSpan sum_span);
extern double crm_exact_std_dev(int64_t n,
								const uint32_t *sum, LimbSpan sum_span,
								const uint32_t *squares, LimbSpan squares_span);

/*
 * Text form of an exact sum, as C's %a but of any length: "-0x1a3fp-12", the
 * digits an odd number; "0x0p0" is zero.
 */
#define EXACT_TEXT_LENGTH 1100	/* 134 limbs of 8 digits, sign, exponent, \0 */

extern void crm_exact_to_text(char *str, const uint32_t *limbs, LimbSpan span,
							  int unit);
extern bool crm_exact_from_text(const char *str, uint32_t *limbs, int max_limbs,
								LimbSpan *span, int unit);

#endif							/* CRM_EXACT_MOMENTS_H */
