/*-------------------------------------------------------------------------
 *
 * numeric_value.h
 *	  numeric to and from float8, and to scaled integers, without a detour by
 *	  way of text.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_NUMERIC_VALUE_H
#define CRM_NUMERIC_VALUE_H

#include "postgres.h"

#include "utils/numeric.h"

typedef enum NumericKind
{
	NUMERIC_VALUE_SMALL,		/* mantissa and scale are exact */
	NUMERIC_VALUE_BIG,			/* finite, but does not fit: use the server's
								 * own functions */
	NUMERIC_VALUE_NOT_FINITE	/* NaN or infinity */
} NumericKind;

/* The digits of a numeric as they are stored */
#define NUMERIC_DIGIT_BASE			10000
#define NUMERIC_DECIMALS_PER_DIGIT	4

/* Room for a short numeric, where one is made for each of many values */
#define NUMERIC_SPACE_DIGITS		13

typedef struct NumericSpace
{
	int32		vl_len_;		/* varlena header, do not touch directly */
	uint16		header;
	int16		digits[NUMERIC_SPACE_DIGITS];
} NumericSpace;

typedef struct NumericParts
{
	bool		negative;
	int			weight;			/* of the first digit: 10000^weight */
	int			display_scale;	/* decimals that the number shows */
	int			n_digits;		/* 0: the number is zero */
	const char *digits;			/* int16 each, not aligned */
} NumericParts;

extern bool crm_numeric_parts(Datum numeric, NumericParts *parts);
extern NumericKind crm_numeric_decode(Datum numeric, int64 *mantissa, int *scale,
									  int *display_scale);
extern Numeric crm_numeric_make(NumericSpace *space, bool negative, int weight,
								int display_scale, const int16 *digits, int n_digits);
extern double crm_numeric_to_float8(Datum numeric, int *display_scale);
extern Datum crm_numeric_from_float8(double value);

static inline int
crm_numeric_digit(const NumericParts *parts, int i)
{
	int16		digit;

	memcpy(&digit, parts->digits + i * sizeof(digit), sizeof(digit));
	return digit;
}

/*
 * -1, 0 or 1.
 */
static inline int
crm_numeric_sign(const NumericParts *parts)
{
	return parts->n_digits == 0 ? 0 : parts->negative ? -1 : 1;
}

#endif							/* CRM_NUMERIC_VALUE_H */
