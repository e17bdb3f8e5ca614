/*-------------------------------------------------------------------------
 *
 * mrr_summary.c
 *	  Values of type crm_mrr_summary: customers and amounts by kind of movement.
 *
 * One value answers every question about the movements of a period: net new
 * MRR, quick ratio and, when it was made from pairs of start and end, the
 * retention and churn rates.  Values of other segments merge by addition.
 *
 * It is also the state of its aggregates (mrr_summary_agg.c).  A state that is
 * an ordinary SQL type can be merged wherever its rows were aggregated, and
 * one of constant size can be changed in place.  So an amount is a Money of 24
 * bytes, and only one that outgrows it (39 digits) moves into a tail of
 * numerics, at the price of a new value for each row.
 *
 * The text and binary forms are in mrr_summary_io.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/int.h"
#include "utils/builtins.h"
#include "utils/float.h"

#include "src/compat.h"
#include "src/revenue/mrr.h"

/* Money.scale is at most this; see money.c */
#define MAX_VALID_SCALE 32

static void add_count(int64 *count, int64 more);
static const struct varlena *tail_numeric(const MrrSummary *summary, int i);
static void unpack(const MrrSummary *summary, Numeric *amounts);

/*
 * An empty value in the current memory context.
 */
MrrSummary *
crm_mrr_summary_make(void)
{
	return (MrrSummary *) crm_summary_alloc(sizeof(MrrSummary), SUMMARY_MRR,
											MRR_SUMMARY_VERSION);
}

/*
 * Detoast and check an argument.  The result may be the argument's memory.
 */
MrrSummary *
crm_mrr_summary_get(Datum datum)
{
	MrrSummary *summary;
	Size		size;
	Size		offset = MAXALIGN(sizeof(MrrSummary));
	bool		valid = true;
	int			i;

	summary = (MrrSummary *) crm_summary_detoast(datum, sizeof(MrrSummary),
												 SUMMARY_MRR, MRR_SUMMARY_VERSION,
												 MRR_SUMMARY_TYPE);
	size = VARSIZE(summary);
	for (i = 0; i < MRR_AMOUNTS && valid; i++)
	{
		int			scale = summary->amounts[i].scale;

		if (likely(scale != MRR_AMOUNT_IN_TAIL))
			valid = scale >= 0 && scale <= MAX_VALID_SCALE;
		else
		{
			const char *numeric = (const char *) summary + offset;

			valid = offset + VARHDRSZ + sizeof(int16) <= size &&
				VARATT_IS_4B_U(numeric) &&
				VARSIZE(numeric) >= VARHDRSZ + sizeof(int16) &&
				VARSIZE(numeric) <= size - offset;
			if (valid)
				offset += MAXALIGN(VARSIZE(numeric));
		}
	}
	if (!valid || offset != size ||
		summary->currency[MRR_CURRENCY_SIZE - 1] != '\0')
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("value is not a valid %s", MRR_SUMMARY_TYPE)));
	return summary;
}

MrrSummary *
crm_mrr_summary_copy(const MrrSummary *summary)
{
	MrrSummary *copy = (MrrSummary *) palloc(VARSIZE(summary));

	memcpy(copy, summary, VARSIZE(summary));
	return copy;
}

/*
 * No customer has been counted.
 */
bool
crm_mrr_summary_is_empty(const MrrSummary *summary)
{
	int64		any = summary->opening_customers;
	int			i;

	for (i = 0; i < MRR_KINDS; i++)
		any |= summary->customers[i];
	return any == 0;
}

/*
 * The numeric in the tail that belongs to amount i.
 */
static const struct varlena *
tail_numeric(const MrrSummary *summary, int i)
{
	const char *pos = (const char *) summary + MAXALIGN(sizeof(MrrSummary));
	int			j;

	for (j = 0; j < i; j++)
		if (summary->amounts[j].scale == MRR_AMOUNT_IN_TAIL)
			pos += MAXALIGN(VARSIZE(pos));
	return (const struct varlena *) pos;
}

/*
 * Amount i as a numeric; it may point into the summary.
 */
Numeric
crm_mrr_summary_numeric(const MrrSummary *summary, int i)
{
	if (summary->amounts[i].scale == MRR_AMOUNT_IN_TAIL)
		return (Numeric) tail_numeric(summary, i);
	return crm_money_numeric(&summary->amounts[i]);
}

static void
unpack(const MrrSummary *summary, Numeric *amounts)
{
	int			i;

	for (i = 0; i < MRR_AMOUNTS; i++)
		amounts[i] = crm_mrr_summary_numeric(summary, i);
}

/*
 * A new value with the counts and currency of head and the given amounts, all
 * finite, in the current memory context.
 */
MrrSummary *
crm_mrr_summary_pack(const MrrSummary *head, Numeric *amounts)
{
	MrrSummary *summary;
	Money		money[MRR_AMOUNTS];
	Size		size = MAXALIGN(sizeof(MrrSummary));
	char	   *tail;
	int			i;

	for (i = 0; i < MRR_AMOUNTS; i++)
	{
		if (crm_money_decode(NumericGetDatum(amounts[i]), &money[i]) ==
			NUMERIC_VALUE_SMALL)
			continue;
		money[i].scale = MRR_AMOUNT_IN_TAIL;
		size += MAXALIGN(VARSIZE(amounts[i]));
	}

	summary = (MrrSummary *) crm_summary_alloc(size, SUMMARY_MRR,
											   MRR_SUMMARY_VERSION);
	memcpy(summary->customers, head->customers, sizeof(head->customers));
	summary->opening_customers = head->opening_customers;
	memcpy(summary->currency, head->currency, sizeof(head->currency));
	memcpy(summary->amounts, money, sizeof(money));
	tail = (char *) summary + MAXALIGN(sizeof(MrrSummary));
	for (i = 0; i < MRR_AMOUNTS; i++)
		if (money[i].scale == MRR_AMOUNT_IN_TAIL)
		{
			memcpy(tail, amounts[i], VARSIZE(amounts[i]));
			tail += MAXALIGN(VARSIZE(amounts[i]));
		}
	return summary;
}

/*
 * Add a finite amount to amount i, in place where that is possible; else
 * return a new value in the current memory context.
 */
MrrSummary *
crm_mrr_summary_add_amount(MrrSummary *summary, int i, Numeric amount)
{
	Numeric		amounts[MRR_AMOUNTS];
	Money		money;

	if (likely(summary->amounts[i].scale != MRR_AMOUNT_IN_TAIL &&
			   crm_money_decode(NumericGetDatum(amount), &money) ==
			   NUMERIC_VALUE_SMALL &&
			   crm_money_add(&summary->amounts[i], &money)))
		return summary;

	unpack(summary, amounts);
	amounts[i] = crm_numeric_add(amounts[i], amount);
	return crm_mrr_summary_pack(summary, amounts);
}

/*
 * Gains are not negative and losses not positive, so that they add up to MRR;
 * who stayed as he was has moved by nothing.
 */
void
crm_mrr_check_amount(MrrKind kind, int sign, Datum amount)
{
	int			allowed = 1;

	if (kind == MRR_CONTRACTION || kind == MRR_CHURN)
		allowed = -1;
	else if (kind >= MRR_AMOUNT_KINDS)
		allowed = 0;

	if (sign != 0 && sign != allowed)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("amount of kind \"%s\" must %s, got %s",
						crm_mrr_kind_name(kind),
						allowed < 0 ? "not be positive" :
						allowed > 0 ? "not be negative" : "be zero",
						DatumGetCString(DirectFunctionCall1(numeric_out, amount))),
				 errhint("Gains are positive and losses negative, as crm_mrr_movement returns them.")));
}

/*
 * Count one customer with a movement.  Returns as crm_mrr_summary_add_amount.
 */
MrrSummary *
crm_mrr_summary_add_movement(MrrSummary *summary, MrrKind kind, Datum amount)
{
	Numeric		numeric = DatumGetNumeric(amount);
	NumericParts parts;

	if (!crm_numeric_parts(NumericGetDatum(numeric), &parts))
		crm_mrr_not_finite_error("amount", amount);
	crm_mrr_check_amount(kind, crm_numeric_sign(&parts), amount);

	summary->customers[kind]++;
	if (kind >= MRR_AMOUNT_KINDS)
		return summary;
	return crm_mrr_summary_add_amount(summary, kind, numeric);
}

static void
add_count(int64 *count, int64 more)
{
	if (pg_add_s64_overflow(*count, more, count))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("number of customers out of range")));
}

/*
 * summary + term, which must be of one currency, in place where that is
 * possible; else a new value in the current memory context.
 */
MrrSummary *
crm_mrr_summary_merge(MrrSummary *summary, const MrrSummary *term)
{
	MrrSummary	counts = *summary;
	Money		money[MRR_AMOUNTS];
	bool		fits = true;
	int			i;

	if (crm_mrr_summary_is_empty(summary))
		memcpy(counts.currency, term->currency, sizeof(counts.currency));
	else if (!crm_mrr_summary_is_empty(term))
		crm_mrr_check_currency(summary->currency, term->currency);

	add_count(&counts.opening_customers, term->opening_customers);
	for (i = 0; i < MRR_KINDS; i++)
		add_count(&counts.customers[i], term->customers[i]);

	for (i = 0; i < MRR_AMOUNTS && fits; i++)
	{
		money[i] = summary->amounts[i];
		fits = money[i].scale != MRR_AMOUNT_IN_TAIL &&
			term->amounts[i].scale != MRR_AMOUNT_IN_TAIL &&
			crm_money_add(&money[i], &term->amounts[i]);
	}
	if (likely(fits))
	{
		/* Neither has a tail, so that the size stays the same. */
		memcpy(counts.amounts, money, sizeof(money));
		*summary = counts;
		return summary;
	}
	else
	{
		Numeric		amounts[MRR_AMOUNTS];

		for (i = 0; i < MRR_AMOUNTS; i++)
			amounts[i] = crm_numeric_add(crm_mrr_summary_numeric(summary, i),
										 crm_mrr_summary_numeric(term, i));
		return crm_mrr_summary_pack(&counts, amounts);
	}
}

/*
 * The sum of a set of amounts, palloc'd or pointing into the summary.
 */
Numeric
crm_mrr_summary_sum(const MrrSummary *summary, int set)
{
	Money		total = {0};
	Numeric		result = NULL;
	bool		fits = true;
	int			i;

	for (i = 0; i < MRR_AMOUNTS && fits; i++)
	{
		if (set & MRR_SET(i))
			fits = summary->amounts[i].scale != MRR_AMOUNT_IN_TAIL &&
				crm_money_add(&total, &summary->amounts[i]);
	}
	if (likely(fits))
		return crm_money_numeric(&total);

	for (i = 0; i < MRR_AMOUNTS; i++)
		if (set & MRR_SET(i))
		{
			Numeric		amount = crm_mrr_summary_numeric(summary, i);

			result = result == NULL ? amount : crm_numeric_add(result, amount);
		}
	return result;
}

/*
 * numerator / denominator as float8; NaN, which stands for NULL, when the
 * denominator is not positive.
 *
 * The quotient does not depend on the decimals that the two show, so that a
 * moving aggregate and one computed afresh agree to the last digit.
 */
double
crm_mrr_ratio(Numeric numerator, Numeric denominator)
{
	NumericParts parts;
	int			display_scale;

	if (!crm_numeric_parts(NumericGetDatum(denominator), &parts) ||
		crm_numeric_sign(&parts) <= 0)
		return get_float8_nan();
	return crm_numeric_to_float8(DirectFunctionCall2(numeric_div,
													 DirectFunctionCall1(numeric_trim_scale,
																		 NumericGetDatum(numerator)),
													 DirectFunctionCall1(numeric_trim_scale,
																		 NumericGetDatum(denominator))),
								 &display_scale);
}

/*
 * (new + expansion + reactivation) / (contraction + churn); NaN for no losses.
 */
double
crm_mrr_quick_ratio(const MrrSummary *summary)
{
	Datum		losses = NumericGetDatum(crm_mrr_summary_sum(summary, MRR_LOSSES));

	return crm_mrr_ratio(crm_mrr_summary_sum(summary, MRR_GAINS),
						 DatumGetNumeric(DirectFunctionCall1(numeric_uminus, losses)));
}
