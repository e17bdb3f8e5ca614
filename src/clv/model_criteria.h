/*-------------------------------------------------------------------------
 *
 * model_criteria.h
 *	  By what fitted purchase models are compared.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_MODEL_CRITERIA_H
#define CRM_MODEL_CRITERIA_H

#include "postgres.h"

#include "src/math/btyd.h"

/* NaN where the parameters were given */
typedef struct ModelCriteria
{
	const char *model;			/* its name */
	BtydKind	kind;
	BtydStatus	status;
	int			n_params;
	const char **names;			/* of the parameters, palloc'd */
	double		customers;
	double		unit_days;
	bool		has_prior;
	double		log_likelihood;
	double		aic;
	double		bic;
} ModelCriteria;

/* model_report.c */
extern void crm_model_criteria(Datum btyd_model, ModelCriteria *criteria);

#endif							/* CRM_MODEL_CRITERIA_H */
