/*-------------------------------------------------------------------------
 *
 * btyd_calibration.c
 *	  The function crm_btyd_calibration: how many customers made so many repeat
 *	  purchases, and how many the model expects.
 *
 * Figure 1 of Fader, Hardie and Lee (2005): with n customers observed for T_i,
 * the model expects the sum of P(X(T_i) = x) customers with x repeat
 * purchases.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "funcapi.h"
#include "miscadmin.h"

#include "src/clv/btyd_data.h"
#include "src/clv/btyd_model.h"
#include "src/common/args.h"
#include "src/math/exact_sum.h"

#define CALIBRATION_COLUMNS 5

/* Classes are 0, 1, ... and the last with all above it. */
#define MAX_CLASSES 1000

/* Customers observed for a time */
typedef struct AgeGroup
{
	double		age;
	double		customers;
} AgeGroup;

PG_FUNCTION_INFO_V1(crm_btyd_calibration);

static int	compare_ages(const void *a, const void *b, void *arg);
static int64 group_by_age(const BtydData *data, AgeGroup **groups);

/* qsort_arg_comparator of AgeGroup */
static int
compare_ages(const void *a, const void *b, void *arg)
{
	double		left = ((const AgeGroup *) a)->age;
	double		right = ((const AgeGroup *) b)->age;

	return (left > right) - (left < right);
}

/*
 * How many customers were observed for how long; returns the number of groups.
 */
static int64
group_by_age(const BtydData *data, AgeGroup **result)
{
	AgeGroup   *groups;
	int64		n = 0;
	int64		i;

	groups = (AgeGroup *) MemoryContextAllocHuge(CurrentMemoryContext,
												 Max(data->n_rows, 1) * sizeof(AgeGroup));
	for (i = 0; i < data->n_rows; i++)
	{
		groups[i].age = data->rows[i].h.T;
		groups[i].customers = data->rows[i].weight;
	}
	qsort_interruptible(groups, data->n_rows, sizeof(AgeGroup), compare_ages, NULL);
	for (i = 0; i < data->n_rows; i++)
	{
		if (n > 0 && groups[n - 1].age == groups[i].age)
			groups[n - 1].customers += groups[i].customers;
		else
			groups[n++] = groups[i];
	}
	*result = groups;
	return n;
}

/*
 * crm_btyd_calibration(model crm_btyd_model, data crm_btyd_data,
 *						classes integer)
 *		-> setof (frequency, or_more, actual, expected, residual)
 *
 * One row a class of repeat purchases: 0, 1, ..., the last with all above it.
 * residual is (actual - expected) / sqrt(expected).
 */
Datum
crm_btyd_calibration(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	BtydModel  *model = crm_btyd_model_get(PG_GETARG_DATUM(0));
	BtydData   *data = crm_btyd_data_get(PG_GETARG_DATUM(1));
	int32		n_classes = PG_GETARG_INT32(2);
	BtydParams	params;
	AgeGroup   *groups;
	ExactSum   *actual;
	ExactSum   *expected;
	ExactSum	rest = EXACT_SUM_ZERO;	/* expected in no class so far */
	int64		n_groups;
	int64		i;
	int			c;

	if (n_classes < 2 || n_classes > MAX_CLASSES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of classes must be from 2 to %d, got %d",
						MAX_CLASSES, n_classes),
				 errhint("8 classes are 0 to 6 repeat purchases, and 7 or more.")));
	if (crm_btyd_traits((BtydKind) model->kind) & BTYD_CONTRACTUAL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model %s does not predict purchases",
						crm_btyd_kind_name((BtydKind) model->kind))));
	if (data->unit_days != model->unit_days)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model has a time unit of %g days but the data one of %g days",
						model->unit_days, data->unit_days),
				 errhint("Pass the same time_unit to crm_rfm as for the model's data.")));

	crm_btyd_model_params(model, &params);
	actual = (ExactSum *) palloc0(n_classes * sizeof(ExactSum));
	expected = (ExactSum *) palloc0(n_classes * sizeof(ExactSum));
	for (i = 0; i < data->n_rows; i++)
	{
		const BtydRow *row = &data->rows[i];

		c = row->h.x < n_classes - 1 ? (int) row->h.x : n_classes - 1;
		exact_sum_add(&actual[c], row->weight);
	}

	n_groups = group_by_age(data, &groups);
	for (i = 0; i < n_groups; i++)
	{
		exact_sum_add(&rest, groups[i].customers);
		for (c = 0; c < n_classes - 1; c++)
		{
			double		customers = groups[i].customers *
				crm_btyd_pmf(&params, NULL, groups[i].age, c);

			exact_sum_add(&expected[c], customers);
			exact_sum_add(&rest, -customers);
		}
		CHECK_FOR_INTERRUPTS();
	}
	expected[n_classes - 1] = rest;

	InitMaterializedSRF(fcinfo, 0);
	for (c = 0; c < n_classes; c++)
	{
		double		got = exact_sum_value(&actual[c]);
		double		want = Max(exact_sum_value(&expected[c]), 0);
		Datum		values[CALIBRATION_COLUMNS];
		bool		nulls[CALIBRATION_COLUMNS] = {false};

		values[0] = Int32GetDatum(c);
		values[1] = BoolGetDatum(c == n_classes - 1);
		values[2] = Float8GetDatum(got);
		values[3] = Float8GetDatum(want);
		nulls[4] = !(want > 0);
		values[4] = nulls[4] ? (Datum) 0 : Float8GetDatum((got - want) / sqrt(want));
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}
