/*-------------------------------------------------------------------------
 *
 * crm_metrics.c
 *	  Module magic, what is to be done when the library is loaded, and its
 *	  version.
 *
 * CRM_METRICS_VERSION comes from the control file by way of the Makefile, so
 * that the version is written in one place.  The first regression test compares
 * it with the version of the SQL objects: a stale library cannot answer.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "src/common/host.h"
#include "src/math/host.h"

PG_MODULE_MAGIC;

void		_PG_init(void);

PG_FUNCTION_INFO_V1(crm_metrics_version);

void
_PG_init(void)
{
	crm_math_check_interrupts = crm_host_check_interrupts;
}

/*
 * crm_metrics_version() -> text
 *
 * The version of the loaded shared library, such as '1.0.0'.  Never NULL.
 */
Datum
crm_metrics_version(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(CRM_METRICS_VERSION));
}
