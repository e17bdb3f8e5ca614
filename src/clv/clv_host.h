/*-------------------------------------------------------------------------
 *
 * clv_host.h
 *	  The server as the host of the model fits in src/math, and options of a
 *	  fit.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_CLV_HOST_H
#define CRM_CLV_HOST_H

#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/jsonb.h"

#include "src/math/btyd.h"

extern const MathHost crm_math_host;

typedef const char *(*ParamNameFunction) (int i, void *arg);

extern void crm_fit_options_parse(Jsonb *json, int n_params,
								  ParamNameFunction param_name, void *arg,
								  unsigned traits, BtydFitOptions *options);
extern void crm_fit_options_parse_more(Jsonb *json, int n_params,
									   ParamNameFunction param_name, void *arg,
									   unsigned traits,
									   const char *const *more, int n_more,
									   BtydFitOptions *options);
extern bool crm_same_options(const Jsonb *a, const Jsonb *b);
extern void crm_options_write(StringInfo buf, const Jsonb *options);
extern Jsonb *crm_options_read(StringInfo buf);
extern const char *crm_status_name(BtydStatus status);
extern BtydStatus crm_status_by_name(const char *name);

#endif							/* CRM_CLV_HOST_H */
