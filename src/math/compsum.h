/*-------------------------------------------------------------------------
 *
 * compsum.h
 *	  Sums that keep what rounding would lose.
 *
 * The fit adds up to 16 million terms; the answer must not show the order in
 * which rows arrive, so the sums carry a second double with the rounding errors
 * (T. Ogita, S. Rump, S. Oishi, "Accurate sum and dot product", 2005,
 * algorithm 4.4).
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_COMPSUM_H
#define CRM_COMPSUM_H

typedef struct CompSum
{
	double		hi;
	double		lo;
} CompSum;

/*
 * Add x, exactly but for second-order errors.  Valid whatever the signs and
 * sizes; not to be compiled with -ffast-math.
 */
static inline void
compsum_add(CompSum *sum, double x)
{
	double		hi = sum->hi + x;
	double		back = hi - sum->hi;

	sum->lo += (sum->hi - (hi - back)) + (x - back);
	sum->hi = hi;
}

static inline double
compsum_value(const CompSum *sum)
{
	return sum->hi + sum->lo;
}

#endif							/* CRM_COMPSUM_H */
