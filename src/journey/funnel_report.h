/*-------------------------------------------------------------------------
 *
 * funnel_report.h
 *	  The stored type crm_funnel_report, and the state that collects it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_FUNNEL_REPORT_H
#define CRM_FUNNEL_REPORT_H

#include "postgres.h"

#include "src/common/summary.h"
#include "src/journey/funnel.h"
#include "src/journey/funnel_times.h"

typedef struct ReportStep
{
	int64		reached;		/* customers at this level or above */
	int64		skipped;		/* of these, the ones without this step */
	int64		n_bins;			/* of the times to this step */
} ReportStep;

/* On disk, n_steps steps are followed by their bins, shortest first. */
typedef struct FunnelReport
{
	SummaryHeader header;
	int64		customers;		/* whoever has a result */
	int64		excluded;
	int64		n_steps;
	ReportStep	steps[FLEXIBLE_ARRAY_MEMBER];
} FunnelReport;

typedef struct ReportState
{
	MemoryContext context;
	int64		customers;
	int64		excluded;
	int			n_steps;
	ReportStep	steps[FUNNEL_MAX_STEPS];
	TimeBins   *times[FUNNEL_MAX_STEPS];
} ReportState;

extern FunnelReport *crm_funnel_report_get(Datum datum);
extern FunnelReport *crm_funnel_report_make(const ReportState *state);
extern const TimeBin *crm_funnel_report_bins(const FunnelReport *report, int step, int *n);
extern void crm_funnel_report_write(StringInfo buf, const FunnelReport *report);
extern void crm_funnel_report_read(StringInfo buf, ReportState *state);
extern ReportState *crm_report_state_create(MemoryContext context);
extern void crm_report_state_chain(ReportState *state, int level, bool excluded,
								   const int64 *entered, const bool *nulls, int n);
extern void crm_report_state_merge(ReportState *into, const FunnelReport *from);

#endif							/* CRM_FUNNEL_REPORT_H */
