/*-------------------------------------------------------------------------
 *
 * aggstate.h
 *	  What the transition, combine, serial and deserial functions share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_AGGSTATE_H
#define CRM_AGGSTATE_H

#include "postgres.h"

#include "fmgr.h"
#include "lib/stringinfo.h"

#include "src/compat.h"

extern MemoryContext crm_agg_context(FunctionCallInfo fcinfo, const char *function);
extern void crm_serial_begin(StringInfo buf, uint8 version);
extern uint8 crm_deserial_begin(StringInfo buf, bytea *serialized, uint8 max_version,
								const char *what);
extern void crm_deserial_end(StringInfo buf, const char *what);
extern int64 crm_deserial_count(StringInfo buf, int64 max_count, size_t bytes_each,
								const char *what);

#endif							/* CRM_AGGSTATE_H */
