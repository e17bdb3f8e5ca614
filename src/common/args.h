/*-------------------------------------------------------------------------
 *
 * args.h
 *	  Checks of arguments that several capabilities share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_ARGS_H
#define CRM_ARGS_H

#include "postgres.h"

#include "fmgr.h"

#include "src/compat.h"

/* The confidence level of an interval where the caller names none. */
#define CRM_DEFAULT_CONF_LEVEL 0.95

extern void crm_check_conf_level(double conf_level);
extern void crm_check_finite(double value, const char *what);
extern void crm_check_not_negative(double value, const char *what);
extern void crm_check_whole(double value, const char *what);
pg_noreturn extern void crm_unknown_name_error(const char *what, const char *got,
											   const char *valid);
pg_noreturn extern void crm_option_varies_error(const char *option);

#endif							/* CRM_ARGS_H */
