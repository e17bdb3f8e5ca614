/*-------------------------------------------------------------------------
 *
 * btyd_ops.h
 *	  What a "buy till you die" model consists of: the functions that
 *	  likelihood, fit and predictions call.
 *
 * A model is one file, btyd_*_model.c, that defines a BtydModelOps, and the
 * pointer to it in the table of btyd_kinds.c.  A kind without that pointer is
 * not known to anybody.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_BTYD_OPS_H
#define CRM_BTYD_OPS_H

#include <stdbool.h>
#include <stddef.h>

#include "src/math/btyd.h"
#include "src/math/fit_sums.h"
#include "src/math/xcounts.h"

#define BTYD_MAX_STARTS 6
#define BTYD_MAX_LIMITS 8

/*
 * Parameters of a limit of the model are reported as this and not as zero, and
 * as BTYD_NEAR_INFINITY and not as infinity: the log-likelihood is within some
 * 1e-7 per customer of that of the limit.
 */
#define BTYD_NEAR_ZERO 1e-8
#define BTYD_NEAR_INFINITY 1e7

/* A limit of the model in which the likelihood may be highest */
typedef struct BtydLimit
{
	BtydStatus	status;
	int			fixed;			/* the parameter held at zero or infinity */
	bool		infinite;
	int			companion;		/* keeps a finite ratio to it, or is held, if
								 * irrelevant, at 1 (or the time scale) */
	bool		companion_free;
} BtydLimit;

/*
 * How covariates act, btyd_covariates.c.  With P = gamma'x and Q = delta'x, the
 * logarithm of parameter i is that without covariates plus purchase[i] P +
 * dropout[i] Q.
 */
typedef struct BtydCovariateOps
{
	double		purchase[BTYD_MAX_PARAMS];
	double		dropout[BTYD_MAX_PARAMS];

	/*
	 * BtydFitOps.add_counts in two parts: what depends on parameters that do
	 * not change with covariates, and for n rows, best in order of x, what
	 * depends on others.  NULL: there is none.
	 */
	void		(*add_counts) (const BtydParams *params, const XCounts *counts,
							   FitSums *sums);
	void		(*add_row_counts) (const BtydParams *params, const BtydRow *rows,
								   size_t n, FitSums *sums);
} BtydCovariateOps;

/* The fit to histories, btyd_fit.c */
typedef struct BtydFitOps
{
	/*
	 * Add the log-likelihood's terms, with derivatives with respect to the
	 * logarithms of the parameters: those of n rows (at most FIT_BLOCK) that
	 * depend on more than x, and those that depend on x alone.
	 */
	void		(*add_rows) (const BtydParams *params, const BtydRow *rows,
							 size_t n, FitSums *sums);
	void		(*add_counts) (const BtydParams *params, const XCounts *counts,
							   FitSums *sums);

	/*
	 * Starting point i of n_starts, as logarithms of the parameters; rate is
	 * purchases, times k, per time over all customers, time_scale the mean
	 * observed time.
	 */
	int			n_starts;
	void		(*start) (int i, double rate, double time_scale, double *theta);

	/*
	 * How far from 1 the search goes with each parameter that is no time, as
	 * a factor; NULL: as far as with all models.
	 */
	const double *reach;

	/*
	 * Parameters to report where no customer came back; NULL: that is no
	 * special case.
	 */
	void		(*nobody_bought) (BtydKind kind, double time_scale, double *v);

	int			n_limits;
	const BtydLimit *limits;	/* the first of those that agree is reported */

	const BtydCovariateOps *covariates; /* NULL: the model takes none */
} BtydFitOps;

/*
 * What the future of a living customer depends on: the updated parameters
 * first, then whatever else the model wants to keep.
 */
#define BTYD_LIVING 8

/*
 * "Living" functions: see btyd_living.h.  h is NULL for a new customer.
 */
typedef struct BtydModelOps
{
	const BtydFitOps *fit;		/* NULL: not fitted to histories */

	double		(*log_likelihood) (const BtydParams *params,
								   const BtydHistory *h);

	/* ln((1 - P) / P), P = P(alive at T | h), or after the first purchase */
	double		(*log_odds_dead) (const BtydParams *params,
								  const BtydHistory *h);

	/* fill in v[BTYD_LIVING], zero when called, of the customer if alive */
	void		(*living) (const BtydParams *params, const BtydHistory *h,
						   double *v);

	double		(*survival) (const double *v, double t);
	double		(*purchases) (const double *v, double t);
	double		(*variance) (const double *v, double t);
	double		(*discounted) (const double *v, double delta, double horizon);
	double		(*pmf) (const double *v, double t, double n);
	double		(*upper_tail) (const double *v, double t, double n);
} BtydModelOps;

/* btyd_kinds.c */
extern const BtydModelOps *crm_btyd_ops(BtydKind kind);

/* btyd_memo.c: ops->discounted, its last values remembered */
extern double crm_btyd_living_discounted(const BtydModelOps *ops,
										 const double *v, double delta,
										 double horizon);

/* btyd_*_model.c */
extern const BtydModelOps crm_btyd_pareto_ops;
extern const BtydModelOps crm_btyd_bg_ops;
extern const BtydModelOps crm_btyd_mbg_ops;
extern const BtydModelOps crm_btyd_nbd_ops;
extern const BtydModelOps crm_btyd_bg_cnbd_ops;
extern const BtydModelOps crm_btyd_mbg_cnbd_ops;
extern const BtydModelOps crm_btyd_bgbb_ops;
extern const BtydModelOps crm_btyd_sbg_ops;
extern const BtydModelOps crm_btyd_bdw_ops;

#endif							/* CRM_BTYD_OPS_H */
