/*-------------------------------------------------------------------------
 *
 * result.h
 *	  The composite results that every capability returns: crm_interval and
 *	  crm_comparison.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_RESULT_H
#define CRM_RESULT_H

#include "postgres.h"

#include "access/tupdesc.h"
#include "fmgr.h"

/* A field that is NaN becomes NULL. */
typedef struct CrmInterval
{
	int64		n;				/* negative: NULL */
	double		estimate;
	double		std_error;
	double		lower;
	double		upper;
	double		conf_level;
} CrmInterval;

typedef struct CrmComparison
{
	int64		n_control;
	int64		n_treatment;
	double		control;
	double		treatment;
	double		difference;		/* treatment - control */
	double		std_error;
	double		lower;
	double		upper;
	double		lift;			/* difference / control */
	double		lift_lower;
	double		lift_upper;
	double		statistic;
	double		df;
	double		p_value;
	const char *method;
} CrmComparison;

extern TupleDesc crm_result_tupdesc(FunctionCallInfo fcinfo, TupleDesc *slot);
extern void crm_set_float8(Datum *values, bool *nulls, int i, double value);
extern Datum crm_interval_result(FunctionCallInfo fcinfo, TupleDesc *slot,
								 const CrmInterval *interval);
extern Datum crm_comparison_result(FunctionCallInfo fcinfo, TupleDesc *slot,
								   const CrmComparison *comparison);

#endif							/* CRM_RESULT_H */
