/*-------------------------------------------------------------------------
 *
 * stage_conversion.c
 *	  Conversion from stage to stage, in cohort form.
 *
 * An opportunity has entered every stage up to the furthest one it has come
 * to: stages that it skipped count as passed, and going back undoes nothing.
 * So a cohort is told by one number for each opportunity (crm_stage_reached),
 * and the aggregate over opportunities only counts these numbers.
 *
 * The interval of a rate is Wilson's: E. B. Wilson, Probable inference, the
 * law of succession, and statistical inference, JASA 22 (1927) 209-212.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"

#include "src/common/aggstate.h"
#include "src/common/args.h"
#include "src/common/count_state.h"
#include "src/math/proportion.h"
#include "src/pipeline/stage_summary.h"

PG_FUNCTION_INFO_V1(crm_stage_conversion_transfn);
PG_FUNCTION_INFO_V1(crm_stage_conversion_invfn);
PG_FUNCTION_INFO_V1(crm_stage_conversion_finalfn);
PG_FUNCTION_INFO_V1(crm_stage_summary_combinefn);
PG_FUNCTION_INFO_V1(crm_stage_summary_invfn);
PG_FUNCTION_INFO_V1(crm_stage_conversion_rows);

#define ROW_COLUMNS	8

static StageSummary *empty_summary(MemoryContext context, int n_stages);
static Datum count_opportunity(FunctionCallInfo fcinfo, const char *function, int sign);
static Datum merge_summary(FunctionCallInfo fcinfo, const char *function, int sign);

static StageSummary *
empty_summary(MemoryContext context, int n_stages)
{
	MemoryContext old_context = MemoryContextSwitchTo(context);
	StageSummary *summary = crm_stage_summary_alloc(n_stages);

	MemoryContextSwitchTo(old_context);
	return summary;
}

/*
 * Count an opportunity (sign 1) or take it back (sign -1).  The state is
 * never NULL afterwards, as moving windows need it.
 */
static Datum
count_opportunity(FunctionCallInfo fcinfo, const char *function, int sign)
{
	MemoryContext context = crm_agg_context(fcinfo, function);
	StageSummary *summary = PG_ARGISNULL(0) ? empty_summary(context, 0) :
		crm_stage_summary_get(PG_GETARG_DATUM(0));
	int32		reached;
	int32		n_stages;

	if (PG_ARGISNULL(1))
		PG_RETURN_POINTER(summary);
	reached = PG_GETARG_INT32(1);

	if (PG_ARGISNULL(2))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("n_stages must not be NULL")));
	n_stages = PG_GETARG_INT32(2);
	if (n_stages < 1 || n_stages > MAX_STAGES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of stages must be between 1 and %d, got %d",
						MAX_STAGES, n_stages)));
	if (reached < 1 || reached > n_stages)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("stage reached must be between 1 and %d, got %d",
						n_stages, reached),
				 errhint("Opportunities that reached no stage of the pipeline have NULL here, and are skipped.")));

	if (summary->n_stages != n_stages)
	{
		if (crm_stage_summary_total(summary) > 0)
			crm_option_varies_error("n_stages");
		summary = empty_summary(context, n_stages);
	}
	crm_counter_add(&stage_reached_counts(summary)[reached - 1], sign);
	if (PG_NARGS() > 3)
	{
		summary->header.flags |= STAGE_LOST_KNOWN;
		if (!PG_ARGISNULL(3) && PG_GETARG_BOOL(3))
			crm_counter_add(&stage_lost_counts(summary)[reached - 1], sign);
	}
	PG_RETURN_POINTER(summary);
}

/*
 * crm_stage_conversion_transfn(crm_stage_summary, reached int, n_stages int
 *	[, is_lost boolean]) -> crm_stage_summary
 *
 * Opportunities with NULL reached are skipped; NULL is_lost is not lost.
 */
Datum
crm_stage_conversion_transfn(PG_FUNCTION_ARGS)
{
	return count_opportunity(fcinfo, "crm_stage_conversion_transfn", 1);
}

/*
 * The inverse, for moving windows: exact
 */
Datum
crm_stage_conversion_invfn(PG_FUNCTION_ARGS)
{
	return count_opportunity(fcinfo, "crm_stage_conversion_invfn", -1);
}

/*
 * crm_stage_conversion_finalfn(crm_stage_summary) -> crm_stage_summary
 *
 * A copy, because the state may go on changing; NULL if nothing was counted.
 */
Datum
crm_stage_conversion_finalfn(PG_FUNCTION_ARGS)
{
	StageSummary *summary;
	StageSummary *result;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	summary = crm_stage_summary_get(PG_GETARG_DATUM(0));
	if (crm_stage_summary_total(summary) == 0)
		PG_RETURN_NULL();
	result = crm_stage_summary_alloc(summary->n_stages);
	memcpy(result, summary, VARSIZE(summary));
	PG_RETURN_POINTER(result);
}

/*
 * Add (sign 1) or subtract (sign -1) the summary that is argument 1.
 */
static Datum
merge_summary(FunctionCallInfo fcinfo, const char *function, int sign)
{
	MemoryContext context = crm_agg_context(fcinfo, function);
	StageSummary *summary = crm_stage_summary_get(PG_GETARG_DATUM(0));
	StageSummary *other = crm_stage_summary_get(PG_GETARG_DATUM(1));
	int			i;

	if (crm_stage_summary_total(other) == 0)
		PG_RETURN_POINTER(summary);
	if (crm_stage_summary_total(summary) == 0)
	{
		summary = empty_summary(context, other->n_stages);
		summary->header.flags = other->header.flags;
	}
	if (summary->n_stages != other->n_stages)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot merge stage summaries of %d and of %d stages",
						summary->n_stages, other->n_stages),
				 errhint("Group by pipeline.")));
	if (summary->header.flags != other->header.flags)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot merge stage summaries with and without lost opportunities")));

	for (i = 0; i < 2 * summary->n_stages; i++)
		crm_counter_add(&summary->counts[i], sign * other->counts[i]);
	PG_RETURN_POINTER(summary);
}

/*
 * crm_stage_summary_combinefn(crm_stage_summary, crm_stage_summary)
 *	-> crm_stage_summary
 *
 * Transition function of crm_rollup and combine function of both; strict.
 */
Datum
crm_stage_summary_combinefn(PG_FUNCTION_ARGS)
{
	return merge_summary(fcinfo, "crm_stage_summary_combinefn", 1);
}

/*
 * Inverse of crm_rollup's transition
 */
Datum
crm_stage_summary_invfn(PG_FUNCTION_ARGS)
{
	return merge_summary(fcinfo, "crm_stage_summary_invfn", -1);
}

/*
 * crm_stage_conversion_rows(crm_stage_summary [, conf_level float8])
 *	-> setof (stage, entered, passed, lost, still_open, rate, lower, upper)
 *
 * One row a stage.  Nothing comes after the last one, so that what it passed
 * on, its rate and what is still open there are NULL; so is a rate of a stage
 * that nobody entered, and lost and still_open where losses are not known.
 */
Datum
crm_stage_conversion_rows(PG_FUNCTION_ARGS)
{
	StageSummary *summary = crm_stage_summary_get(PG_GETARG_DATUM(0));
	double		conf_level = PG_NARGS() > 1 ? PG_GETARG_FLOAT8(1) : CRM_DEFAULT_CONF_LEVEL;
	bool		lost_known = (summary->header.flags & STAGE_LOST_KNOWN) != 0;
	int64		entered = crm_stage_summary_total(summary);
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	int			i;

	crm_check_conf_level(conf_level);
	InitMaterializedSRF(fcinfo, 0);

	for (i = 0; i < summary->n_stages; i++)
	{
		bool		is_last = i == summary->n_stages - 1;
		int64		passed = entered - stage_reached_counts(summary)[i];
		int64		lost = stage_lost_counts(summary)[i];
		Datum		values[ROW_COLUMNS] = {0};
		bool		nulls[ROW_COLUMNS] = {false};

		values[0] = Int32GetDatum(i + 1);
		values[1] = Int64GetDatum(entered);
		values[2] = Int64GetDatum(passed);
		nulls[2] = is_last;
		values[3] = Int64GetDatum(lost);
		nulls[3] = !lost_known;
		values[4] = Int64GetDatum(entered - passed - lost);
		nulls[4] = !lost_known || is_last;
		if (is_last || entered == 0)
			nulls[5] = nulls[6] = nulls[7] = true;
		else
		{
			double		lower;
			double		upper;

			crm_proportion_interval(PROPORTION_WILSON, passed, entered, conf_level,
									&lower, &upper);
			values[5] = Float8GetDatum((double) passed / (double) entered);
			values[6] = Float8GetDatum(lower);
			values[7] = Float8GetDatum(upper);
		}
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		entered = passed;
	}
	return (Datum) 0;
}
