/*-------------------------------------------------------------------------
 *
 * history_table.h
 *	  Distinct customer histories with their counts: what a fit needs of any
 *	  number of customers.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_HISTORY_TABLE_H
#define CRM_HISTORY_TABLE_H

#include "postgres.h"

#include "lib/stringinfo.h"

#include "src/clv/vector_table.h"
#include "src/math/btyd.h"
#include "src/math/exact_sum.h"

/*
 * 16 million distinct rows take 512 MB as a stored value and, while they are
 * collected, up to 1.25 GB: at most 64 bytes in rows (an array that doubles)
 * and 16 in slots (a table that is at most half full) each.
 */
#define HISTORY_MAX_ROWS (1 << 24)

/*
 * The numbers of a row, in the order of BtydHistory, which is all of BtydRow but
 * the weight
 */
#define HISTORY_WIDTH 3

typedef struct HistoryTable
{
	VectorTable set;			/* see crm_history_rows */
	double		unit_days;		/* of all rows' times; 0 while empty */
	ExactSum	log_intervals;	/* over customers, see
								 * crm_history_table_intervals */
	bool		lacks_intervals;	/* of a customer with repeat purchases */
} HistoryTable;

StaticAssertDecl(sizeof(BtydRow) == (HISTORY_WIDTH + 1) * sizeof(double) &&
				 offsetof(BtydRow, weight) == HISTORY_WIDTH * sizeof(double),
				 "a BtydRow must be a row of a VectorTable");

/* The rows, table->set.n_rows of them */
static inline BtydRow *
crm_history_rows(const HistoryTable *table)
{
	return (BtydRow *) table->set.rows;
}

extern HistoryTable *crm_history_table_create(MemoryContext context, uint32 expected_rows);
extern void crm_history_table_wrap(HistoryTable *table, double unit_days, BtydRow *rows,
								   uint32 n_rows);
extern void crm_history_table_unit(HistoryTable *table, double unit_days);
extern uint32 crm_history_table_add(HistoryTable *table, const BtydHistory *h,
									double weight);
extern void crm_history_table_intervals(HistoryTable *table, double x, double weight,
										double log_intervals);
extern double crm_history_table_log_intervals(const HistoryTable *table);
extern void crm_history_table_merge(HistoryTable *table, const HistoryTable *other);
extern void crm_history_table_write(StringInfo buf, const HistoryTable *table);
extern HistoryTable *crm_history_table_read(MemoryContext context, StringInfo buf,
											const char *what);
extern int	crm_history_compare(const void *a, const void *b, void *arg);

#endif							/* CRM_HISTORY_TABLE_H */
