/*-------------------------------------------------------------------------
 *
 * retention_summary.h
 *	  Counts of customers by cohort and cell, in the making and stored.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_RETENTION_SUMMARY_H
#define CRM_RETENTION_SUMMARY_H

#include "postgres.h"

#include "lib/stringinfo.h"

#include "src/common/summary.h"
#include "src/retention/activity.h"

/* In stored values: never renumber. */
typedef enum RetentionMode
{
	RETENTION_ON = 1,			/* active in period N */
	RETENTION_ON_OR_AFTER = 2,	/* active in period N or a later one */
	RETENTION_BRACKETS = 3		/* active in any period of bracket N */
} RetentionMode;

/* Cells of one cohort */
#define RETENTION_MAX_CELLS 10001

/* Of a state and of a stored value */
#define RETENTION_MAX_BYTES (512 * 1024 * 1024)

/*
 * The stored type crm_retention_summary.  The data are, for brackets, the
 * n_cells + 1 bounds, then for each cohort in order its period, its customers,
 * and n_cells counts of the retained.
 */
typedef struct RetentionSummary
{
	SummaryHeader header;
	int32		unit;			/* PeriodUnit */
	int32		mode;			/* RetentionMode */
	int32		n_cells;
	int32		n_cohorts;
	int64		data[FLEXIBLE_ARRAY_MEMBER];
} RetentionSummary;

/* What is counted; bounds are for brackets, else NULL. */
typedef struct RetentionSpec
{
	PeriodUnit	unit;
	RetentionMode mode;
	int32		n_cells;
	int64	   *bounds;			/* n_cells + 1, ascending, from at least 0 */
} RetentionSpec;

/*
 * The state.  A cohort's counts are {customers, retained[n_cells]}; NULL if
 * nobody is in it.
 */
typedef struct RetentionState
{
	RetentionSpec spec;
	MemoryContext context;
	int32		first_cohort;
	int32		n_slots;
	int64	  **cohorts;		/* of periods first_cohort and on */
	Size		bytes;			/* in counts and slots */
} RetentionState;

/* retention_summary.c */
extern RetentionSummary *crm_retention_summary_get(Datum datum);
extern RetentionMode crm_retention_mode_by_name(const char *name);
extern void crm_retention_check_spec(const RetentionSpec *a, const RetentionSpec *b);
extern void crm_retention_summary_write(StringInfo buf,
										const RetentionSummary *summary);
extern RetentionSummary *crm_retention_summary_read(StringInfo buf);

/* The words of a summary after the bounds */
static inline const int64 *
retention_summary_cohorts(const RetentionSummary *summary)
{
	return summary->data +
		(summary->mode == RETENTION_BRACKETS ? summary->n_cells + 1 : 0);
}

/* retention_state.c */
extern RetentionState *crm_retention_state_create(MemoryContext context,
												  const RetentionSpec *spec);
extern void crm_retention_state_count(RetentionState *state, int32 cohort,
									  const Activity *activity);
extern RetentionState *crm_retention_state_add_summary(MemoryContext context,
													   RetentionState *state,
													   RetentionSummary *summary);
extern void crm_retention_state_merge(RetentionState *state,
									  const RetentionState *other);
extern RetentionSummary *crm_retention_state_value(const RetentionState *state);

#endif							/* CRM_RETENTION_SUMMARY_H */
