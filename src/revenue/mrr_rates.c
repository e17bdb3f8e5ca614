/*-------------------------------------------------------------------------
 *
 * mrr_rates.c
 *	  What can be read from a crm_mrr_summary: amounts, counts, retention and
 *	  churn rates, the quick ratio.
 *
 * Most are the final functions of the aggregates of the same name as well.  A
 * rate whose denominator is zero is NULL.
 *
 * Whether a customer who comes back is retained revenue is a policy.  The
 * rates leave him out, as a cohort does, unless a boolean asks for him.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "utils/builtins.h"

#include "src/compat.h"
#include "src/revenue/mrr.h"

PG_FUNCTION_INFO_V1(crm_mrr_opening);
PG_FUNCTION_INFO_V1(crm_mrr_net_new);
PG_FUNCTION_INFO_V1(crm_mrr_amount);
PG_FUNCTION_INFO_V1(crm_mrr_customers);
PG_FUNCTION_INFO_V1(crm_mrr_opening_customers);
PG_FUNCTION_INFO_V1(crm_nrr_summary);
PG_FUNCTION_INFO_V1(crm_nrr_finalfn);
PG_FUNCTION_INFO_V1(crm_grr_summary);
PG_FUNCTION_INFO_V1(crm_logo_churn_summary);
PG_FUNCTION_INFO_V1(crm_revenue_churn_summary);
PG_FUNCTION_INFO_V1(crm_net_revenue_churn_summary);
PG_FUNCTION_INFO_V1(crm_net_revenue_churn_finalfn);
PG_FUNCTION_INFO_V1(crm_quick_ratio_summary);
PG_FUNCTION_INFO_V1(crm_quick_ratio_scalar);

static double loss_rate(const MrrSummary *summary, int set);
static double retention_rate(const MrrSummary *summary, int set);

/* NaN stands for NULL. */
#define RETURN_RATIO(value) \
	do { \
		double		ratio_ = (value); \
		if (isnan(ratio_)) \
			PG_RETURN_NULL(); \
		PG_RETURN_FLOAT8(ratio_); \
	} while (0)

/*
 * crm_mrr_opening(crm_mrr_summary) -> numeric
 *
 * MRR at the start of the period; NULL where nobody was there, or where the
 * summary was made from movements alone, which do not tell.
 */
Datum
crm_mrr_opening(PG_FUNCTION_ARGS)
{
	MrrSummary *summary = crm_mrr_summary_get(PG_GETARG_DATUM(0));

	if (summary->opening_customers == 0)
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(crm_mrr_summary_sum(summary, MRR_SET(MRR_OPENING)));
}

/*
 * crm_mrr_opening_customers(crm_mrr_summary) -> bigint
 *
 * NULL, as crm_mrr_opening, where there were none.
 */
Datum
crm_mrr_opening_customers(PG_FUNCTION_ARGS)
{
	MrrSummary *summary = crm_mrr_summary_get(PG_GETARG_DATUM(0));

	if (summary->opening_customers == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT64(summary->opening_customers);
}

/*
 * crm_mrr_net_new(crm_mrr_summary) -> numeric
 *
 * All movements together: by how much MRR grew.
 */
Datum
crm_mrr_net_new(PG_FUNCTION_ARGS)
{
	MrrSummary *summary = crm_mrr_summary_get(PG_GETARG_DATUM(0));

	PG_RETURN_NUMERIC(crm_mrr_summary_sum(summary, MRR_MOVEMENTS));
}

/*
 * crm_mrr_amount(crm_mrr_summary, kind crm_mrr_kind) -> numeric
 *
 * What moved in that way, negative for losses; 0 for retained and none.
 */
Datum
crm_mrr_amount(PG_FUNCTION_ARGS)
{
	MrrSummary *summary = crm_mrr_summary_get(PG_GETARG_DATUM(0));
	MrrKind		kind = crm_mrr_kind_argument(fcinfo, 1);

	PG_RETURN_NUMERIC(crm_mrr_summary_sum(summary,
										  kind < MRR_AMOUNT_KINDS ? MRR_SET(kind) : 0));
}

/*
 * crm_mrr_customers(crm_mrr_summary, kind crm_mrr_kind) -> bigint
 *
 * How many moved in that way.
 */
Datum
crm_mrr_customers(PG_FUNCTION_ARGS)
{
	MrrSummary *summary = crm_mrr_summary_get(PG_GETARG_DATUM(0));

	PG_RETURN_INT64(summary->customers[crm_mrr_kind_argument(fcinfo, 1)]);
}

/*
 * (opening + the amounts of a set) / opening.
 */
static double
retention_rate(const MrrSummary *summary, int set)
{
	return crm_mrr_ratio(crm_mrr_summary_sum(summary, set | MRR_SET(MRR_OPENING)),
						 crm_mrr_summary_sum(summary, MRR_SET(MRR_OPENING)));
}

/*
 * What was lost on balance by the amounts of a set / opening.
 */
static double
loss_rate(const MrrSummary *summary, int set)
{
	Datum		change = NumericGetDatum(crm_mrr_summary_sum(summary, set));

	return crm_mrr_ratio(DatumGetNumeric(DirectFunctionCall1(numeric_uminus, change)),
						 crm_mrr_summary_sum(summary, MRR_SET(MRR_OPENING)));
}

/*
 * crm_nrr(crm_mrr_summary [, with_reactivation boolean]) -> float8
 *
 * Net revenue retention: (opening + expansion - contraction - churn) / opening,
 * with reactivation in the numerator on request.  Also the final function of
 * crm_nrr(start, end).
 */
Datum
crm_nrr_summary(PG_FUNCTION_ARGS)
{
	int			set = MRR_SET(MRR_EXPANSION) | MRR_LOSSES;

	if (PG_NARGS() > 1 && PG_GETARG_BOOL(1))
		set |= MRR_SET(MRR_REACTIVATION);
	RETURN_RATIO(retention_rate(crm_mrr_summary_get(PG_GETARG_DATUM(0)), set));
}

/*
 * Final function of crm_nrr(start, end, reactivated).
 */
Datum
crm_nrr_finalfn(PG_FUNCTION_ARGS)
{
	RETURN_RATIO(retention_rate(crm_mrr_summary_get(PG_GETARG_DATUM(0)),
								MRR_SET(MRR_EXPANSION) | MRR_LOSSES |
								MRR_SET(MRR_REACTIVATION)));
}

/*
 * crm_grr(crm_mrr_summary) -> float8
 *
 * Gross revenue retention: (opening - contraction - churn) / opening, never
 * above 1.  Also the final function of crm_grr(start, end).
 */
Datum
crm_grr_summary(PG_FUNCTION_ARGS)
{
	RETURN_RATIO(retention_rate(crm_mrr_summary_get(PG_GETARG_DATUM(0)), MRR_LOSSES));
}

/*
 * crm_revenue_churn(crm_mrr_summary [, with_contraction boolean]) -> float8
 *
 * Gross: (contraction + churn) / opening, or churn / opening on request.  Also
 * the final function of crm_revenue_churn(start, end).
 */
Datum
crm_revenue_churn_summary(PG_FUNCTION_ARGS)
{
	bool		with_contraction = PG_NARGS() < 2 || PG_GETARG_BOOL(1);

	RETURN_RATIO(loss_rate(crm_mrr_summary_get(PG_GETARG_DATUM(0)),
						   with_contraction ? MRR_LOSSES : MRR_SET(MRR_CHURN)));
}

/*
 * crm_net_revenue_churn(crm_mrr_summary [, with_reactivation boolean]) -> float8
 *
 * (contraction + churn - expansion) / opening, negative where expansion
 * outweighs; 1 - NRR.  Also the final function of
 * crm_net_revenue_churn(start, end).
 */
Datum
crm_net_revenue_churn_summary(PG_FUNCTION_ARGS)
{
	int			set = MRR_SET(MRR_EXPANSION) | MRR_LOSSES;

	if (PG_NARGS() > 1 && PG_GETARG_BOOL(1))
		set |= MRR_SET(MRR_REACTIVATION);
	RETURN_RATIO(loss_rate(crm_mrr_summary_get(PG_GETARG_DATUM(0)), set));
}

/*
 * Final function of crm_net_revenue_churn(start, end, reactivated).
 */
Datum
crm_net_revenue_churn_finalfn(PG_FUNCTION_ARGS)
{
	RETURN_RATIO(loss_rate(crm_mrr_summary_get(PG_GETARG_DATUM(0)),
						   MRR_SET(MRR_EXPANSION) | MRR_LOSSES |
						   MRR_SET(MRR_REACTIVATION)));
}

/*
 * crm_logo_churn(crm_mrr_summary) -> float8
 *
 * Customers lost / customers at the start.  Also the final function of
 * crm_logo_churn(start, end).
 */
Datum
crm_logo_churn_summary(PG_FUNCTION_ARGS)
{
	MrrSummary *summary = crm_mrr_summary_get(PG_GETARG_DATUM(0));

	if (summary->opening_customers == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8((double) summary->customers[MRR_CHURN] /
					 (double) summary->opening_customers);
}

/*
 * crm_quick_ratio(crm_mrr_summary) -> float8
 *
 * (new + expansion + reactivation) / (contraction + churn).  Also the final
 * function of crm_quick_ratio(kind, amount).
 */
Datum
crm_quick_ratio_summary(PG_FUNCTION_ARGS)
{
	RETURN_RATIO(crm_mrr_quick_ratio(crm_mrr_summary_get(PG_GETARG_DATUM(0))));
}

/*
 * crm_quick_ratio(new, expansion, reactivation, contraction, churn numeric)
 *		-> float8
 *
 * The same from amounts.  Losses may be given as they are in the columns of
 * crm_mrr_waterfall, negative, or as magnitudes.  A negative gain is error
 * 22023.  Strict.
 */
Datum
crm_quick_ratio_scalar(PG_FUNCTION_ARGS)
{
	static const MrrKind kinds[] = {
		MRR_NEW, MRR_EXPANSION, MRR_REACTIVATION, MRR_CONTRACTION, MRR_CHURN
	};
	MrrSummary *summary = crm_mrr_summary_make();
	int			i;

	for (i = 0; i < (int) lengthof(kinds); i++)
	{
		Datum		amount = PG_GETARG_DATUM(i);

		if (kinds[i] == MRR_CONTRACTION || kinds[i] == MRR_CHURN)
			amount = DirectFunctionCall1(numeric_uminus,
										 DirectFunctionCall1(numeric_abs, amount));
		summary = crm_mrr_summary_add_movement(summary, kinds[i], amount);
	}
	RETURN_RATIO(crm_mrr_quick_ratio(summary));
}
