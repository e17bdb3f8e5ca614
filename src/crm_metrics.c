/*-------------------------------------------------------------------------
 *
 * crm_metrics.c
 *	  Module magic and the version of the shared library.
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

PG_MODULE_MAGIC;

PG_FUNCTION_INFO_V1(crm_metrics_version);

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
