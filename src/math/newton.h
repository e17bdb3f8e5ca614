/*-------------------------------------------------------------------------
 *
 * newton.h
 *	  Maximum of a smooth function of a few variables within a box, by Newton's
 *	  method in a trust region.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_NEWTON_H
#define CRM_NEWTON_H

#include <stdbool.h>

/* Four parameters of a model and coefficients of 16 covariates in two processes */
#define NEWTON_MAX 36

/* A function's value with its first and second derivatives */
typedef struct NewtonPoint
{
	double		value;			/* not finite: outside the function's domain */
	double		grad[NEWTON_MAX];
	double		hess[NEWTON_MAX][NEWTON_MAX];	/* symmetric */
} NewtonPoint;

typedef void (*NewtonFunction) (void *arg, const double *theta,
								NewtonPoint *point);

typedef struct NewtonProblem
{
	int			n;				/* variables, at most NEWTON_MAX */
	NewtonFunction function;
	void	   *arg;
	double		lower[NEWTON_MAX];	/* lower = upper: the variable is fixed */
	double		upper[NEWTON_MAX];
	int			max_evaluations;
	double		max_step;		/* radius of the trust region at most */
	double		step_tolerance; /* stop before a step shorter than this */
	double		value_tolerance;	/* relative: a promised gain below it is
									 * rounding error */
} NewtonProblem;

typedef enum NewtonReason
{
	NEWTON_STEP,				/* the next step is shorter than the tolerance
								 * (and was taken): a maximum */
	NEWTON_FLAT,				/* the next step is not short, but promises no
								 * gain: the function is flat in some
								 * direction */
	NEWTON_BOUND,				/* as NEWTON_STEP, with a variable held at its
								 * bound */
	NEWTON_EVALUATIONS,			/* out of evaluations */
	NEWTON_STUCK				/* no step gains what its derivatives promise */
} NewtonReason;

typedef struct NewtonResult
{
	NewtonReason reason;
	int			evaluations;
	double		theta[NEWTON_MAX];
	double		value;			/* at theta */
	NewtonPoint last;			/* the last point evaluated and kept, which
								 * the final step (under step_tolerance)
								 * started from */
} NewtonResult;

/* Starts from theta; *at_start, if not NULL, is the function's value there. */
extern void crm_newton_maximize(const NewtonProblem *problem,
								const double *theta,
								const NewtonPoint *at_start,
								NewtonResult *result);

/* Eigenvalues (any order) and vectors (columns) of a symmetric matrix */
extern void crm_symmetric_eigen(int n, double a[NEWTON_MAX][NEWTON_MAX],
								double *value,
								double vector[NEWTON_MAX][NEWTON_MAX]);

/*
 * The inverse of a symmetric positive definite matrix; false, and inverse left
 * alone, if it is not that by a margin of n rounding errors.
 */
extern bool crm_symmetric_inverse(int n, double a[NEWTON_MAX][NEWTON_MAX],
								  double inverse[NEWTON_MAX][NEWTON_MAX]);

#endif							/* CRM_NEWTON_H */
