/*-------------------------------------------------------------------------
 *
 * exact_sum.h
 *	  Sums of doubles whose rounding errors are kept.
 *
 * Neumaier's form of Kahan's summation (ZAMM 54, 1974): each addition is
 * split into the rounded sum and its exact error (Knuth's two-sum), and the
 * errors are added up beside.  The value is as if computed with twice the
 * digits and rounded once, so that the order of the terms does not show.
 *
 * Not to be compiled with -ffast-math.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_EXACT_SUM_H
#define CRM_EXACT_SUM_H

typedef struct ExactSum
{
	double		sum;
	double		error;			/* what sum lacks */
} ExactSum;

#define EXACT_SUM_ZERO {0.0, 0.0}

/* Add a finite term. */
static inline void
exact_sum_add(ExactSum *s, double term)
{
	double		sum = s->sum + term;
	double		term_part = sum - s->sum;
	double		sum_part = sum - term_part;

	s->error += (s->sum - sum_part) + (term - term_part);
	s->sum = sum;
}

/* Add another sum. */
static inline void
exact_sum_merge(ExactSum *s, const ExactSum *other)
{
	exact_sum_add(s, other->sum);
	s->error += other->error;
}

/* The double nearest to the sum. */
static inline double
exact_sum_value(const ExactSum *s)
{
	return s->sum + s->error;
}

/* What exact_sum_value leaves out. */
static inline double
exact_sum_rest(const ExactSum *s)
{
	double		value = s->sum + s->error;

	return (s->sum - value) + s->error;
}

#endif							/* CRM_EXACT_SUM_H */
