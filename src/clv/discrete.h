/*-------------------------------------------------------------------------
 *
 * discrete.h
 *	  What sets models that count opportunities, and those of contracts, apart.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_DISCRETE_H
#define CRM_DISCRETE_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "src/math/btyd.h"

/* A contract's period where none is named: a year */
#define CONTRACT_DEFAULT_UNIT_DAYS 365.0

extern void crm_check_purchase_kind(BtydKind kind);
extern void crm_check_contract_kind(BtydKind kind);
extern void crm_check_kind_history(BtydKind kind, const BtydHistory *h);
extern void crm_check_opportunities(BtydKind kind, double t);
extern double crm_kind_unit_days(BtydKind kind, const Interval *time_unit);

#endif							/* CRM_DISCRETE_H */
