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

typedef enum NumericKind
{
	NUMERIC_VALUE_SMALL,		/* mantissa and scale are exact */
	NUMERIC_VALUE_BIG,			/* finite, but does not fit: use the server's
								 * own functions */
	NUMERIC_VALUE_NOT_FINITE	/* NaN or infinity */
} NumericKind;

extern NumericKind crm_numeric_decode(Datum numeric, int64 *mantissa, int *scale,
									  int *display_scale);
extern double crm_numeric_to_float8(Datum numeric, int *display_scale);
extern Datum crm_numeric_from_float8(double value);

#endif							/* CRM_NUMERIC_VALUE_H */
