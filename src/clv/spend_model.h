/*-------------------------------------------------------------------------
 *
 * spend_model.h
 *	  The stored type crm_spend_model: a fitted (or given) Gamma-Gamma model.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_SPEND_MODEL_H
#define CRM_SPEND_MODEL_H

#include "postgres.h"

#include "src/clv/btyd_model.h"
#include "src/common/summary.h"
#include "src/math/spend.h"

/* Lower triangle of a 3 by 3 matrix */
#define SPEND_COVARIANCE (SPEND_PARAMS * (SPEND_PARAMS + 1) / 2)

/* Flags in the header, beside MODEL_HAS_COVARIANCE and MODEL_HAS_PRIOR */
#define MODEL_HAS_CORRELATION	0x04

typedef struct SpendModel
{
	SummaryHeader header;
	int32		status;			/* BtydStatus */
	int32		iterations;
	double		customers;		/* with a paid repeat purchase; sum of weights */
	int64		rows;			/* distinct */
	double		log_likelihood;
	double		correlation;	/* of frequency and mean spend; 0 without flag */
	double		params[SPEND_PARAMS];	/* p, q, gamma */
	double		covariance[SPEND_COVARIANCE];
} SpendModel;

extern SpendModel *crm_spend_model_get(Datum datum);
extern SpendModel *crm_spend_model_make(const SpendFit *fit, double customers,
										int64 rows, double correlation,
										bool has_prior);
extern void crm_spend_model_params(const SpendModel *model, SpendParams *params);
extern const char *crm_spend_param_name(int i, void *arg);

#endif							/* CRM_SPEND_MODEL_H */
