/*-------------------------------------------------------------------------
 *
 * fit_sums.h
 *	  The log-likelihood of many rows with its gradient and Hessian with
 *	  respect to the logarithms of up to four parameters.
 *
 * Second derivatives are kept as the upper triangle, row by row:
 * 00 01 02 03 11 12 13 22 23 33.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_FIT_SUMS_H
#define CRM_FIT_SUMS_H

#include <stddef.h>

#include "src/math/btyd.h"
#include "src/math/exact_sum.h"
#include "src/math/xcounts.h"

/* Positions in FitSums.term */
enum
{
	FIT_VALUE,
	FIT_G0, FIT_G1, FIT_G2, FIT_G3,
	FIT_H00, FIT_H01, FIT_H02, FIT_H03,
	FIT_H11, FIT_H12, FIT_H13,
	FIT_H22, FIT_H23,
	FIT_H33,
	FIT_TERMS
};

typedef struct FitSums
{
	ExactSum	term[FIT_TERMS];
} FitSums;

/*
 * Rows are added up in plain doubles over blocks of this many, then compensated:
 * a block's own rounding error is some 1e-15 of it and does not grow with the
 * number of blocks.
 */
#define FIT_BLOCK 64

#endif							/* CRM_FIT_SUMS_H */
