/*-------------------------------------------------------------------------
 *
 * retention_options.h
 *	  What crm_retention and crm_retention_counts are asked to count.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_RETENTION_OPTIONS_H
#define CRM_RETENTION_OPTIONS_H

#include "postgres.h"

#include "fmgr.h"

#include "src/retention/retention_summary.h"

/*
 * The options as they came in the row before, and what they mean; zeroed
 * before the first row.  Lives in fn_extra.
 */
typedef struct RetentionOptions
{
	bool		valid;
	int32		periods;
	bool		is_array;		/* bounds, not a number of periods */
	bool		has_mode;
	char		mode_name[16];
	bytea	   *bounds;			/* a copy of the array */
	RetentionSpec spec;			/* without the unit */
} RetentionOptions;

extern bool crm_retention_options(RetentionOptions *options,
								  FunctionCallInfo fcinfo, int option_arg);

#endif							/* CRM_RETENTION_OPTIONS_H */
