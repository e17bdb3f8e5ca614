/*-------------------------------------------------------------------------
 *
 * mrr.h
 *	  Recurring revenue: kinds of movement, months, and the stored summary.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_MRR_H
#define CRM_MRR_H

#include "postgres.h"

#include "access/tupdesc.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/date.h"

#include "src/common/money.h"
#include "src/common/summary.h"
#include "src/compat.h"

/*
 * What happened to an account's MRR from one month to the next.  The order is
 * that of the SQL enum crm_mrr_kind.  The first five have amounts.
 */
typedef enum MrrKind
{
	MRR_NEW,
	MRR_EXPANSION,
	MRR_CONTRACTION,
	MRR_CHURN,
	MRR_REACTIVATION,
	MRR_RETAINED,				/* active in both months, the same amount */
	MRR_NONE					/* inactive in both months */
} MrrKind;

#define MRR_KINDS			7
#define MRR_AMOUNT_KINDS	5

/*
 * The kinds by the OIDs of their enum labels, looked up when first met.  Lives
 * in zeroed memory of the calling function.
 */
typedef struct MrrKindOids
{
	Oid			oids[MRR_KINDS];
} MrrKindOids;

extern const char *crm_mrr_kind_name(MrrKind kind);
extern MrrKind crm_mrr_kind_from_name(const char *name, int len);
extern MrrKind crm_mrr_kind_from_oid(MrrKindOids *cache, Oid oid);
extern MrrKind crm_mrr_kind_argument(FunctionCallInfo fcinfo, int i);
extern Oid	crm_mrr_kind_oid(MrrKindOids *cache, MrrKind kind, Oid enum_type);

/*
 * The one classification that all of this capability agrees on.  Zero comes
 * first: a fall to zero is churn, not contraction, and a rise from zero is new
 * or reactivation, not expansion.
 *
 * "change" is the sign of the difference between the months, looked at only
 * when the account was active in both.
 */
static inline MrrKind
crm_mrr_classify(bool ever_active, bool was_active, bool is_active, int change)
{
	if (!is_active)
		return was_active ? MRR_CHURN : MRR_NONE;
	if (!was_active)
		return ever_active ? MRR_REACTIVATION : MRR_NEW;
	return change > 0 ? MRR_EXPANSION :
		change < 0 ? MRR_CONTRACTION : MRR_RETAINED;
}

/* A month is counted as year * 12 + month - 1, so that the next is + 1. */
extern int32 crm_mrr_month(DateADT date, const char *what);
extern DateADT crm_mrr_month_date(int32 month);
extern char *crm_mrr_month_text(int32 month);

/* Codes are "EUR" or "USDT", not sentences; the last byte is a terminator. */
#define MRR_CURRENCY_SIZE	16

extern void crm_mrr_currency(char *currency, const text *value);
extern bool crm_mrr_currency_is_valid(const char *currency, int len);
extern void crm_mrr_check_currency(const char *a, const char *b);

pg_noreturn extern void crm_mrr_not_finite_error(const char *what, Datum numeric);

/*
 * crm_mrr_summary: customers and amounts by kind of movement.
 *
 * It is the state of its aggregates as well, changed in place, so that its
 * size must not change from row to row: see mrr_summary.c.
 */
#define MRR_OPENING			MRR_AMOUNT_KINDS	/* its place in amounts */
#define MRR_AMOUNTS			(MRR_AMOUNT_KINDS + 1)
#define MRR_SUMMARY_TYPE	"crm_mrr_summary"
#define MRR_SUMMARY_VERSION	1

/* Money.scale of an amount that does not fit Money and is in the tail */
#define MRR_AMOUNT_IN_TAIL	(-1)

typedef struct MrrSummary
{
	SummaryHeader header;
	int64		customers[MRR_KINDS];
	int64		opening_customers;
	char		currency[MRR_CURRENCY_SIZE];	/* zero padded, "" for none */
	Money		amounts[MRR_AMOUNTS];
	/* then the numerics of the amounts in the tail, each MAXALIGNed */
} MrrSummary;

extern MrrSummary *crm_mrr_summary_make(void);
extern MrrSummary *crm_mrr_summary_get(Datum datum);
extern MrrSummary *crm_mrr_summary_copy(const MrrSummary *summary);
extern MrrSummary *crm_mrr_summary_pack(const MrrSummary *head, Numeric *amounts);
extern bool crm_mrr_summary_is_empty(const MrrSummary *summary);
extern Numeric crm_mrr_summary_numeric(const MrrSummary *summary, int i);
extern MrrSummary *crm_mrr_summary_add_amount(MrrSummary *summary, int i,
											  Numeric amount);
extern MrrSummary *crm_mrr_summary_add_movement(MrrSummary *summary,
												MrrKind kind, Datum amount);
extern MrrSummary *crm_mrr_summary_merge(MrrSummary *summary,
										 const MrrSummary *term);
extern void crm_mrr_check_amount(MrrKind kind, int sign, Datum amount);
extern void crm_mrr_summary_write(StringInfo buf, const MrrSummary *summary);
extern MrrSummary *crm_mrr_summary_read(StringInfo buf);

/*
 * Sets of amounts, to be summed.  Losses are negative, so that sums are plain.
 */
#define MRR_SET(i)			(1 << (i))
#define MRR_GAINS			(MRR_SET(MRR_NEW) | MRR_SET(MRR_EXPANSION) | \
							 MRR_SET(MRR_REACTIVATION))
#define MRR_LOSSES			(MRR_SET(MRR_CONTRACTION) | MRR_SET(MRR_CHURN))
#define MRR_MOVEMENTS		(MRR_GAINS | MRR_LOSSES)

extern Numeric crm_mrr_summary_sum(const MrrSummary *summary, int set);
extern double crm_mrr_ratio(Numeric numerator, Numeric denominator);
extern double crm_mrr_quick_ratio(const MrrSummary *summary);

#endif							/* CRM_MRR_H */
