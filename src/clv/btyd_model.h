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

#include "src/clv/rfm.h"
#include "src/common/summary.h"
#include "src/math/btyd.h"

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
	double		customers;		/* sum of weights; 0 when parameters were given */
	int64		histories;		/* distinct rows */
	double		log_likelihood; /* 0 when parameters were given */
	double		params[BTYD_MAX_PARAMS];	/* zero beyond the model's number */
	double		covariance[BTYD_MAX_COVARIANCE];	/* lower triangle, by rows;
													 * zero without the flag */
} BtydModel;

/*
 * A log-likelihood that is not finite, as of times that no calendar has, is
 * stored as this and reported as NULL.
 */
#define NO_LOG_LIKELIHOOD (-DBL_MAX)

/* The hint of a time that makes no sense */
#define HORIZON_HINT "Pass a number of the model's time units, or an interval."

extern BtydModel *crm_btyd_model_get(Datum datum);
extern BtydModel *crm_btyd_model_make(const BtydFit *fit, double unit_days,
									  double customers, int64 histories,
									  bool has_prior);
extern void crm_btyd_model_params(const BtydModel *model, BtydParams *params);
extern void crm_contract_model_params(const BtydModel *model, BtydParams *params);
extern BtydKind crm_btyd_kind_named(const char *name);
extern double crm_units_per_year(double unit_days);
extern double crm_interval_to_units(const Interval *horizon, double unit_days);

/* btyd_predict.c */
extern void crm_check_same_unit(const BtydModel *model, const RfmHistory *rfm);
extern double crm_check_discount(double annual_rate, double unit_days, double horizon);

#endif							/* CRM_BTYD_MODEL_H */
