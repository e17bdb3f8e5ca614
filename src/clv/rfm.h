/*-------------------------------------------------------------------------
 *
 * rfm.h
 *	  Reading the composite type crm_rfm: a customer's history.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_RFM_H
#define CRM_RFM_H

#include "postgres.h"

#include "access/htup.h"
#include "access/tupdesc.h"
#include "datatype/timestamp.h"
#include "fmgr.h"

#include "src/math/btyd.h"

/* What the models use of a crm_rfm */
typedef struct RfmHistory
{
	BtydHistory history;
	double		monetary;		/* NaN: NULL */
	double		paid_frequency; /* 0 when NULL */
	double		unit_days;
	double		log_intervals;	/* NaN: not known */
} RfmHistory;

/* Kept by a function that reads many of them */
typedef struct RfmReader
{
	Oid			type_id;
	int32		typmod;
	TupleDesc	tupdesc;
} RfmReader;

extern void crm_check_number(double value, const char *what, const char *hint);
extern void crm_check_count(double value, const char *what, const char *hint);
extern void crm_check_history(const BtydHistory *h);
extern bool crm_rfm_read(RfmReader *reader, MemoryContext context,
						 Datum rfm, RfmHistory *history);
extern int64 crm_time_unit_usecs(const Interval *time_unit);

/* The time unit where none is named: a week */
#define CRM_DEFAULT_UNIT_DAYS 7.0

#endif							/* CRM_RFM_H */
