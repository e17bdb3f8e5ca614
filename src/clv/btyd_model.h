/*-------------------------------------------------------------------------
 *
 * btyd_model.h
 *	  The stored type crm_btyd_model: a fitted (or given) model.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_BTYD_MODEL_H
#define CRM_BTYD_MODEL_H

#include "postgres.h"

#include <float.h>

#include "datatype/timestamp.h"
#include "lib/stringinfo.h"

#include "src/clv/rfm.h"
#include "src/common/summary.h"
#include "src/math/btyd.h"

#define BTYD_MODEL_TYPE "crm_btyd_model"
#define BTYD_MODEL_VERSION 1

/* Flags in the header */
#define MODEL_HAS_COVARIANCE	0x01
#define MODEL_HAS_PRIOR			0x02

/* Rows of a symmetric 4 by 4 matrix, lower triangle */
#define BTYD_MAX_COVARIANCE (BTYD_MAX_PARAMS * (BTYD_MAX_PARAMS + 1) / 2)

typedef struct BtydModel
{
	SummaryHeader header;
	int32		kind;			/* BtydKind */
	int32		status;			/* BtydStatus */
	int32		iterations;
	int32		k;				/* regularity; 1 in models without */
	double		unit_days;
	double		customers;		/* sum of weights; 0 when parameters were
								 * given */
	int64		histories;		/* distinct rows */
	double		log_likelihood; /* 0 when parameters were given */
	double		params[BTYD_MAX_PARAMS];	/* zero beyond the model's number */
	double		covariance[BTYD_MAX_COVARIANCE];	/* lower triangle, by
													 * rows; zero without the
													 * flag */
	double		prior_mean[BTYD_MAX_PARAMS];	/* of the logarithms; */
	double		prior_sd[BTYD_MAX_PARAMS];	/* zero: none */
	double		ridge[2];		/* penalty on coefficients: purchase, dropout */
	int32		n_covariates;
	int32		n_coefs;
	int8		purchase[BTYD_MAX_COVARIATES];	/* which coefficient each
												 * covariate has, or -1 */
	int8		dropout[BTYD_MAX_COVARIATES];

	/*
	 * Where there are covariates: their coefficients, the covariance matrix's
	 * rows that belong to them (each up to its diagonal; zero without the
	 * flag), and the covariates' names, each ended by a zero byte.
	 */
	double		tail[FLEXIBLE_ARRAY_MEMBER];
} BtydModel;

/* The model named last, kept from row to row; zero at first */
typedef struct KindCache
{
	text	   *name;
	BtydKind	kind;
} KindCache;

/*
 * A log-likelihood that is not finite, as of times that no calendar has, is
 * stored as this and reported as NULL.
 */
#define NO_LOG_LIKELIHOOD (-DBL_MAX)

/* The hint of a time that makes no sense */
#define HORIZON_HINT "Pass a number of the model's time units, or an interval."

extern BtydModel *crm_btyd_model_new(void);
extern BtydModel *crm_btyd_model_get(Datum datum);
extern BtydModel *crm_btyd_model_make(const BtydFit *fit, double unit_days,
									  double customers, int64 histories,
									  bool has_prior);
extern BtydModel *crm_btyd_model_make_covariates(const BtydFit *fit,
												 const BtydDesign *design,
												 const char *const *names,
												 double unit_days, double customers,
												 int64 histories);
extern void crm_btyd_model_params(const BtydModel *model, BtydParams *params);
extern void crm_contract_model_params(const BtydModel *model, BtydParams *params);
extern BtydKind crm_btyd_kind_named(const char *name);
extern BtydKind crm_btyd_kind_cached(KindCache *cache, text *model,
									 MemoryContext context);
extern BtydModel *crm_btyd_model_alloc(int n_params, int n_covariates, int n_coefs,
									   const char *const *names);
extern void crm_btyd_model_check(const BtydModel *model);
extern double crm_units_per_year(double unit_days);
extern double crm_interval_to_units(const Interval *horizon, double unit_days);

/* covariate_model.c */
extern Size crm_btyd_model_size(int n_params, int n_covariates, int n_coefs,
								const char *const *names);
extern double crm_btyd_model_covariance(const BtydModel *model, int i, int j);
extern double *crm_btyd_model_tail_covariance(BtydModel *model);
extern int	crm_btyd_model_tail_covariances(const BtydModel *model);
extern void crm_btyd_model_design(const BtydModel *model, BtydDesign *design);
extern void crm_btyd_model_names(const BtydModel *model, const char **names);
extern char *crm_btyd_coef_name(const BtydModel *model, int coef);
extern bool crm_btyd_model_tail_valid(const BtydModel *model);
extern bool crm_covariate_name_valid(const char *name);
extern void crm_check_covariate(double x, int which);
extern void crm_btyd_model_covariates_out(StringInfo buf, const BtydModel *model);
extern BtydModel *crm_btyd_model_covariates_in(TextReader *reader, BtydModel *model);
extern void crm_btyd_model_covariates_send(StringInfo buf, const BtydModel *model);
extern BtydModel *crm_btyd_model_covariates_recv(StringInfo buf, BtydModel *model);

/* btyd_predict.c */
extern void crm_check_same_unit(const BtydModel *model, const RfmHistory *rfm);
extern double crm_check_prediction(double value);
extern double crm_check_discount(double annual_rate, double unit_days, double horizon);

#endif							/* CRM_BTYD_MODEL_H */
