/*-------------------------------------------------------------------------
 *
 * covariate_options.h
 *	  Covariates as arguments: the customer's values and the options that say
 *	  what coefficients they have.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_COVARIATE_OPTIONS_H
#define CRM_COVARIATE_OPTIONS_H

#include "postgres.h"

#include "utils/array.h"
#include "utils/jsonb.h"

#include "src/math/btyd.h"

extern const double *crm_covariates_get(ArrayType *array, int n_wanted);
extern void crm_covariate_options_parse(Jsonb *json, BtydKind kind, int n_covariates,
										BtydFitOptions *options, BtydDesign *design,
										const char **names);

#endif							/* CRM_COVARIATE_OPTIONS_H */
