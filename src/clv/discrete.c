/*-------------------------------------------------------------------------
 *
 * discrete.c
 *	  What sets models that count opportunities, and those of contracts, apart:
 *	  their histories, their unit of time, and which functions fit.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "src/clv/discrete.h"
#include "src/clv/rfm.h"

/*
 * Refuse a model of contracts where one of purchases is wanted.
 */
void
crm_check_purchase_kind(BtydKind kind)
{
	if (crm_btyd_traits(kind) & BTYD_CONTRACTUAL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model %s is one of contracts, not of purchases",
						crm_btyd_kind_name(kind)),
				 errhint("It is fitted to renewals or survivors, and used with crm_retention_curve, crm_contract_survival, crm_discounted_lifetime, crm_discounted_residual_lifetime and crm_expected_residual_lifetime.")));
}

/*
 * Refuse a model of purchases where one of contracts is wanted.
 */
void
crm_check_contract_kind(BtydKind kind)
{
	if (!(crm_btyd_traits(kind) & BTYD_CONTRACTUAL))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model %s is one of purchases, not of contracts",
						crm_btyd_kind_name(kind)),
				 errhint("It is fitted to frequency, recency and age, and used with crm_p_alive, crm_expected_purchases and crm_discounted_purchases. Models of contracts are sbg and bdw.")));
}

/*
 * Raise an error unless a history, otherwise valid, is one that the model can
 * have: opportunities are whole, and hold one purchase at most.
 */
void
crm_check_kind_history(BtydKind kind, const BtydHistory *h)
{
	unsigned	traits = crm_btyd_traits(kind);

	if (!(traits & BTYD_DISCRETE) || (traits & BTYD_CONTRACTUAL))
		return;
	crm_check_count(h->t_x, "recency",
					"This model counts opportunities: recency is the number of the one with the last purchase. Use a grain and a time unit of the same length for crm_rfm.");
	crm_check_count(h->T, "age",
					"This model counts opportunities: age is how many there were since the first purchase. Use a grain and a time unit of the same length for crm_rfm.");
	if (h->x > h->t_x)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("frequency %g is greater than recency %g", h->x, h->t_x),
				 errhint("This model counts opportunities, with one purchase at most at each.")));
	if (h->T > BTYD_MAX_OPPORTUNITIES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("age must be at most %d opportunities, got %g",
						BTYD_MAX_OPPORTUNITIES, h->T),
				 errhint("Use a longer time unit.")));
}

/*
 * Raise an error if a prediction would loop over too many opportunities.
 */
void
crm_check_opportunities(BtydKind kind, double t)
{
	if ((crm_btyd_traits(kind) & BTYD_DISCRETE) && t > BTYD_MAX_OPPORTUNITIES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("horizon must be at most %d opportunities, got %g",
						BTYD_MAX_OPPORTUNITIES, t)));
}

/*
 * The length in days of a model's unit of time; time_unit is NULL for the
 * default.  Opportunities may come every month or year, which count as a
 * twelfth of 365 days and 365 days; time as such has a unit of fixed length.
 */
double
crm_kind_unit_days(BtydKind kind, const Interval *time_unit)
{
	double		days;

	if (time_unit == NULL)
		return crm_btyd_traits(kind) & BTYD_CONTRACTUAL ?
			CONTRACT_DEFAULT_UNIT_DAYS : CRM_DEFAULT_UNIT_DAYS;
	if (!(crm_btyd_traits(kind) & BTYD_DISCRETE) || time_unit->month == 0)
		return (double) crm_time_unit_usecs(time_unit) / (double) USECS_PER_DAY;

	days = time_unit->month * 365.0 / MONTHS_PER_YEAR + time_unit->day +
		(double) time_unit->time / (double) USECS_PER_DAY;
	if (!(days > 0) || days > 1e8)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time unit must be positive and below 100000000 days, got %s",
						DatumGetCString(DirectFunctionCall1(interval_out,
															IntervalPGetDatum(time_unit))))));
	return days;
}
