/*-------------------------------------------------------------------------
 *
 * money.h
 *	  Exact sums of amounts, without the price of numeric arithmetic.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_MONEY_H
#define CRM_MONEY_H

#include "postgres.h"

#include "utils/numeric.h"

#include "src/common/numeric_value.h"

/* The server aligns its int128 as palloc aligns, so structs may hold one. */
#ifdef HAVE_INT128
typedef int128 MoneyInt;
#else
typedef int64 MoneyInt;
#endif

/*
 * The exact number mantissa / 10^scale, shown with display_scale decimals.
 * All zero bits are the number 0.
 */
typedef struct Money
{
	MoneyInt	mantissa;
	int16		scale;
	int16		display_scale;
	int32		reserve;		/* zero: Money is part of stored values */
} Money;

extern NumericKind crm_money_decode(Datum numeric, Money *money);
extern bool crm_money_add(Money *sum, const Money *term);
extern Numeric crm_money_numeric(const Money *money);
extern Numeric crm_numeric_add(Numeric a, Numeric b);
extern Numeric crm_numeric_subtract(Numeric a, Numeric b);
extern Numeric crm_numeric_copy(Numeric numeric, MemoryContext context);

static inline Money
crm_money_negate(Money money)
{
	money.mantissa = -money.mantissa;
	return money;
}

/*
 * -1, 0 or 1.
 */
static inline int
crm_money_sign(const Money *money)
{
	return (money->mantissa > 0) - (money->mantissa < 0);
}

#endif							/* CRM_MONEY_H */
