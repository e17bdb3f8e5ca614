/*-------------------------------------------------------------------------
 *
 * btyd.h
 *	  "Buy till you die" models of customer purchasing: likelihood, maximum
 *	  likelihood fit, and everything that can be predicted from a fit.
 *
 * No PostgreSQL in here: the caller gives memory and the interrupt check.
 * Times (t_x, T, t) are all in one unit, the caller's; the parameters alpha
 * and beta carry that unit too.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_BTYD_H
#define CRM_BTYD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/math/host.h"

/* Stored on disk: never renumber. */
typedef enum BtydKind
{
	BTYD_PARETO_NBD = 1,		/* r, alpha, s, beta: Schmittlein, Morrison,
								 * Colombo 1987 */
	BTYD_BG_NBD = 2,			/* r, alpha, a, b: Fader, Hardie, Lee 2005 */
	BTYD_MBG_NBD = 3,			/* r, alpha, a, b: Batislam, Denizel,
								 * Filiztekin 2007 */
	BTYD_NBD = 4,				/* r, alpha: Ehrenberg 1959; nobody leaves */
	BTYD_BG_CNBD_K = 5,			/* r, alpha, a, b and k: Platzer, Reutterer
								 * 2016 */
	BTYD_MBG_CNBD_K = 6,		/* r, alpha, a, b and k: Platzer, Reutterer
								 * 2016 */
	BTYD_BG_BB = 7,				/* alpha, beta, gamma, delta: Fader, Hardie,
								 * Shang 2010 */
	BTYD_SBG = 8,				/* alpha, beta: Fader, Hardie 2007 */
	BTYD_BDW = 9				/* alpha, beta, c: Fader, Hardie, Liu, Davin,
								 * Steenburgh 2018 */
} BtydKind;

#define BTYD_MAX_PARAMS 4

/*
 * The regularity k is a whole number from 1 to this.  At 32 the times between
 * purchases have a coefficient of variation of 18 %: purchases as if by
 * subscription, and no matter for a model of purchases at random.
 */
#define BTYD_MAX_K 32

/* Up to which k is searched where nothing else is said */
#define BTYD_DEFAULT_K_MAX 8

/* A model with its parameters, all of them finite and > 0. */
typedef struct BtydParams
{
	BtydKind	kind;
	double		v[BTYD_MAX_PARAMS]; /* in the order given with the kind; zero
									 * beyond its number of parameters */
	int			k;				/* BTYD_REGULAR models: every k-th event of a
								 * Poisson process is a purchase.  1 in others */
} BtydParams;

/*
 * Histories and predictions of BTYD_DISCRETE models loop over opportunities:
 * as many as 27 years have days.
 */
#define BTYD_MAX_OPPORTUNITIES 10000

/* Traits of a model */
#define BTYD_DISCRETE		0x01	/* counts opportunities, not time */
#define BTYD_CONTRACTUAL	0x02	/* dropout is seen */
#define BTYD_REGULAR		0x04	/* has the regularity k */

/*
 * One customer's history: x repeat purchases (a whole number >= 0), the last
 * of them t_x after the first purchase, observed for T after the first
 * purchase.  0 <= t_x <= T; x = 0 if and only if t_x = 0 (the caller checks).
 *
 * In BTYD_DISCRETE models t_x and T count opportunities, and x <= t_x.  In
 * BTYD_CONTRACTUAL ones each is a renewal: x = t_x of them taken, T = x + 1 if
 * the customer left at the next one, else T = x.
 */
typedef struct BtydHistory
{
	double		x;
	double		t_x;
	double		T;
} BtydHistory;

/* Customers with equal histories, counted: weight > 0, not always whole. */
typedef struct BtydRow
{
	BtydHistory h;
	double		weight;
} BtydRow;

/* Stored on disk: never renumber. */
typedef enum BtydStatus
{
	BTYD_CONVERGED = 0,			/* an interior maximum; standard errors hold */
	BTYD_BOUNDARY = 1,			/* the likelihood is highest in a limit of the
								 * model, such as no dropout */
	BTYD_RIDGE = 2,				/* parameters run to infinity together, only
								 * their ratio is determined by the data */
	BTYD_FAILED = 3,			/* no maximum found */
	BTYD_KNOWN = 4				/* not fitted: parameters were given */
} BtydStatus;

typedef struct BtydFitOptions
{
	int			max_iterations; /* on the full data; 0 means the default */
	bool		has_prior;		/* maximum a posteriori: log(parameter i) has
								 * a normal prior */
	double		prior_mean[BTYD_MAX_PARAMS];	/* of the log parameter */
	double		prior_sd[BTYD_MAX_PARAMS];	/* > 0; infinity: flat */
	bool		weak_prior;		/* the rest of the parameters have the weakly
								 * informative prior of fit_common.c */

	/* of BTYD_REGULAR models only, see crm_btyd_fit_regular */
	int			k;				/* 0: not given */
	int			k_max;			/* up to which k is searched, 1 at least */
	double		log_intervals;	/* the sum over customers of ln(time between
								 * purchases), NaN: not known */
} BtydFitOptions;

/*
 * Time-invariant covariates of customers, which change the scale of the
 * distributions of the two rates (btyd_covariates.c).  Each covariate has a
 * coefficient in the purchase process, in the dropout process, in both, or one
 * that is the same in both.
 */
#define BTYD_MAX_COVARIATES 16
#define BTYD_MAX_COEFS (2 * BTYD_MAX_COVARIATES)
#define BTYD_MAX_FREE (BTYD_MAX_PARAMS + BTYD_MAX_COEFS)

typedef struct BtydDesign
{
	int			n_covariates;
	int			n_coefs;
	int			purchase[BTYD_MAX_COVARIATES];	/* number of its coefficient,
												 * or -1 */
	int			dropout[BTYD_MAX_COVARIATES];
	double		ridge[2];		/* penalty: this times the sum of squares of
								 * the coefficients in the purchase and the
								 * dropout process */
} BtydDesign;

/* The customers' covariates: rows with the same ones share a pattern. */
typedef struct BtydCovariates
{
	const BtydDesign *design;
	size_t		n_patterns;
	const double *x;			/* n_patterns times n_covariates, finite */
	const uint32_t *pattern;	/* of each row, not descending */
} BtydCovariates;

typedef struct BtydFit
{
	BtydParams	params;			/* finite and > 0 whatever the status; with
								 * covariates, where all of them are zero */
	BtydStatus	status;
	int			iterations;
	double		log_likelihood; /* at params, without prior and penalty */
	int			n_coefs;
	double		coefs[BTYD_MAX_COEFS];
	bool		has_prior;
	double		prior_mean[BTYD_MAX_PARAMS];	/* as used */
	double		prior_sd[BTYD_MAX_PARAMS];
	bool		has_covariance; /* only when status is BTYD_CONVERGED */
	double		covariance[BTYD_MAX_FREE * BTYD_MAX_FREE];	/* of the parameters on
															 * their natural scale,
															 * then the
															 * coefficients;
															 * row-major */
} BtydFit;

/* btyd_kinds.c */
extern bool crm_btyd_kind_known(int kind);
extern bool crm_btyd_kind_by_name(const char *name, BtydKind *kind);
extern const char *crm_btyd_kind_name(BtydKind kind);
extern const char *crm_btyd_kind_name_at(int i);
extern int	crm_btyd_n_params(BtydKind kind);
extern const char *crm_btyd_param_name(BtydKind kind, int i);
extern bool crm_btyd_param_is_time(BtydKind kind, int i);
extern unsigned crm_btyd_traits(BtydKind kind);

/* btyd_likelihood.c */
extern double crm_btyd_log_likelihood(const BtydParams *params, const BtydHistory *h);

/* btyd_fit.c */
extern void crm_btyd_fit_rows(BtydKind kind, const BtydRow *rows, size_t n_rows,
							  const BtydFitOptions *options, const MathHost *host,
							  BtydFit *fit);
extern void crm_btyd_fit_covariates(BtydKind kind, const BtydRow *rows, size_t n_rows,
									const BtydCovariates *covariates,
									const BtydFitOptions *options,
									const MathHost *host, BtydFit *fit);

/* btyd_design.c */
typedef enum BtydDesignFault
{
	BTYD_DESIGN_GOOD,
	BTYD_DESIGN_CONSTANT,		/* a covariate is the same for all customers */
	BTYD_DESIGN_COLLINEAR		/* a covariate is a combination of others */
} BtydDesignFault;

extern bool crm_btyd_takes_covariates(BtydKind kind);
extern BtydDesignFault crm_btyd_check_design(const BtydRow *rows, size_t n_rows,
											 const BtydCovariates *covariates,
											 const MathHost *host, int *which);
extern void crm_btyd_at_covariates(BtydKind kind, const BtydDesign *design,
								   const double *coefs, const double *x,
								   double *v, const double *covariance,
								   double *covariance_at);

/* btyd_regular.c: the same for BTYD_REGULAR models, options not NULL */
extern void crm_btyd_fit_regular(BtydKind kind, const BtydRow *rows, size_t n_rows,
								 const BtydFitOptions *options, const MathHost *host,
								 BtydFit *fit);

/* btyd_regularity.c: see there */
extern double crm_btyd_regularity(const BtydRow *rows, size_t n_rows, double log_intervals,
								  const MathHost *host);

/* btyd_predict*.c; h == NULL means a new customer, just after the first purchase */
extern double crm_btyd_p_alive(const BtydParams *params, const BtydHistory *h, double t);
extern double crm_btyd_expected_purchases(const BtydParams *params, const BtydHistory *h,
										  double t);
extern double crm_btyd_discounted_purchases(const BtydParams *params, const BtydHistory *h,
											double delta, double horizon);
extern double crm_btyd_pmf(const BtydParams *params, const BtydHistory *h,
						   double t, double n);
extern double crm_btyd_p_purchase(const BtydParams *params, const BtydHistory *h,
								  double t);
extern void crm_btyd_moments(const BtydParams *params, const BtydHistory *h, double t,
							 double *mean, double *variance);
extern double crm_btyd_quantile(const BtydParams *params, const BtydHistory *h,
								double t, double prob);

/* btyd_timing.c */
extern double crm_btyd_next_purchase_quantile(const BtydParams *params,
											  const BtydHistory *h, double prob,
											  double latest);

#endif							/* CRM_BTYD_H */
