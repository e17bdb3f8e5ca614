/*-------------------------------------------------------------------------
 *
 * mrr_summary.c
 *	  Stored type crm_mrr_summary: customers and amounts by kind of movement.
 *
 * One value answers every question about the movements of a period: net new
 * MRR, quick ratio and, when it was made from pairs of start and end, the
 * retention and churn rates.  Values of other segments merge by addition.
 *
 * It is also the state of its aggregates.  A state that is an ordinary SQL
 * type can be merged wherever its rows were aggregated, and one of constant
 * size can be changed in place.  So an amount is a Money of 24 bytes, and only
 * one that outgrows it (39 digits) moves into a tail of numerics, at the price
 * of a new value for each row.
 *
 * The text form is
 *	  crm_mrr_summary:1 currency=EUR opening=300.00 new=... opening_customers=3 ...
 * with currency= absent where none was given.  Amounts are written as numerics
 * in the text and the binary form: Money is a matter of this file.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/int.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/json.h"
#include "utils/jsonb.h"

#include "src/compat.h"
#include "src/revenue/mrr.h"

#define TYPE_NAME "crm_mrr_summary"

/* Money.scale is at most this; see money.c */
#define MAX_VALID_SCALE 32

PG_FUNCTION_INFO_V1(crm_mrr_summary_in);
PG_FUNCTION_INFO_V1(crm_mrr_summary_out);
PG_FUNCTION_INFO_V1(crm_mrr_summary_recv);
PG_FUNCTION_INFO_V1(crm_mrr_summary_send);
PG_FUNCTION_INFO_V1(crm_mrr_summary_to_jsonb);

static const char *amount_name(int i);
static void append_amount(StringInfo buf, const MrrSummary *summary, int i);
static int64 *customer_field(MrrSummary *summary, int i);
static const char *customer_name(int i);
pg_noreturn static void invalid_fields_error(const char *detail);
static MrrSummary *pack(const MrrSummary *head, Numeric *amounts);
static const struct varlena *tail_numeric(const MrrSummary *summary, int i);
static void unpack(const MrrSummary *summary, Numeric *amounts);
static void validate(const MrrSummary *summary, Numeric *amounts);

/* Counts in the order of the text form: at opening, then by kind */
#define CUSTOMER_FIELDS (MRR_KINDS + 1)

/* Amounts in the order of the text form: opening, then by kind */
#define AMOUNT_IN_TEXT_ORDER(i) ((i) == 0 ? MRR_OPENING : (i) - 1)

static const char *
amount_name(int i)
{
	return i == MRR_OPENING ? "opening" : crm_mrr_kind_name((MrrKind) i);
}

static int64 *
customer_field(MrrSummary *summary, int i)
{
	return i == 0 ? &summary->opening_customers : &summary->customers[i - 1];
}

static const char *
customer_name(int i)
{
	return psprintf("%s_customers",
					i == 0 ? "opening" : crm_mrr_kind_name((MrrKind) (i - 1)));
}

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
	MrrSummary *summary = (MrrSummary *)
		crm_summary_detoast(datum, sizeof(MrrSummary), SUMMARY_MRR,
							MRR_SUMMARY_VERSION, TYPE_NAME);
	Size		size = VARSIZE(summary);
	Size		offset = MAXALIGN(sizeof(MrrSummary));
	bool		valid = true;
	int			i;

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
				 errmsg("value is not a valid %s", TYPE_NAME)));
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
static MrrSummary *
pack(const MrrSummary *head, Numeric *amounts)
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
	return pack(summary, amounts);
}

/*
 * Gains are not negative and losses not positive, so that they add up to MRR;
 * who stayed as he was has moved by nothing.
 */
void
crm_mrr_check_amount(MrrKind kind, int sign, Datum amount)
{
	int			allowed = kind == MRR_CONTRACTION || kind == MRR_CHURN ? -1 :
		kind == MRR_RETAINED || kind == MRR_NONE ? 0 : 1;

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

	for (i = 0; i < CUSTOMER_FIELDS; i++)
	{
		int64	   *count = customer_field(&counts, i);

		if (pg_add_s64_overflow(*count, *customer_field((MrrSummary *) term, i), count))
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("number of customers out of range")));
	}

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
		return pack(&counts, amounts);
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

static void
invalid_fields_error(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid value for type %s", TYPE_NAME),
			 errdetail("%s", detail)));
}

/*
 * Can an aggregate have made counts (in summary) and amounts?
 */
static void
validate(const MrrSummary *summary, Numeric *amounts)
{
	int			i;

	for (i = 0; i < CUSTOMER_FIELDS; i++)
		if (*customer_field((MrrSummary *) summary, i) < 0)
			invalid_fields_error(psprintf("%s is negative.", customer_name(i)));

	for (i = 0; i < MRR_AMOUNTS; i++)
	{
		Datum		amount = NumericGetDatum(amounts[i]);
		NumericParts parts;
		int			sign;

		if (!crm_numeric_parts(amount, &parts))
			crm_mrr_not_finite_error(amount_name(i), amount);
		sign = crm_numeric_sign(&parts);
		if (i == MRR_OPENING ? sign < 0 :
			sign != 0 && (sign < 0) != (i == MRR_CONTRACTION || i == MRR_CHURN))
			invalid_fields_error(psprintf("%s has the wrong sign.", amount_name(i)));
		if (sign != 0 &&
			(i == MRR_OPENING ? summary->opening_customers : summary->customers[i]) == 0)
			invalid_fields_error(psprintf("%s is an amount of no customers.", amount_name(i)));
	}
}

/*
 * crm_mrr_summary_in(cstring) -> crm_mrr_summary
 */
Datum
crm_mrr_summary_in(PG_FUNCTION_ARGS)
{
	TextReader	reader;
	MrrSummary *head = crm_mrr_summary_make();
	Numeric		amounts[MRR_AMOUNTS];
	int			i;

	crm_text_read_begin(&reader, PG_GETARG_CSTRING(0), TYPE_NAME, MRR_SUMMARY_VERSION);
	if (strncmp(reader.pos, " currency=", 10) == 0)
	{
		char	   *currency = crm_text_read_word(&reader, "currency");

		if (!crm_mrr_currency_is_valid(currency, strlen(currency)))
			invalid_fields_error("The currency is not a currency code.");
		strlcpy(head->currency, currency, MRR_CURRENCY_SIZE);
	}
	for (i = 0; i < MRR_AMOUNTS; i++)
	{
		int			place = AMOUNT_IN_TEXT_ORDER(i);
		char	   *amount = crm_text_read_word(&reader, amount_name(place));

		amounts[place] =
			DatumGetNumeric(DirectFunctionCall3(numeric_in, CStringGetDatum(amount),
												ObjectIdGetDatum(InvalidOid),
												Int32GetDatum(-1)));
	}
	for (i = 0; i < CUSTOMER_FIELDS; i++)
		*customer_field(head, i) = crm_text_read_int64(&reader, customer_name(i));
	crm_text_read_end(&reader);

	validate(head, amounts);
	PG_RETURN_POINTER(pack(head, amounts));
}

static void
append_amount(StringInfo buf, const MrrSummary *summary, int i)
{
	Numeric		amount = crm_mrr_summary_numeric(summary, i);

	appendStringInfoString(buf, DatumGetCString(DirectFunctionCall1(numeric_out,
																	NumericGetDatum(amount))));
}

/*
 * crm_mrr_summary_out(crm_mrr_summary) -> cstring
 */
Datum
crm_mrr_summary_out(PG_FUNCTION_ARGS)
{
	MrrSummary *summary = crm_mrr_summary_get(PG_GETARG_DATUM(0));
	StringInfoData buf;
	int			i;

	initStringInfo(&buf);
	crm_text_begin(&buf, TYPE_NAME, summary->header.version);
	if (summary->currency[0] != '\0')
		crm_text_word(&buf, "currency", summary->currency);
	for (i = 0; i < MRR_AMOUNTS; i++)
	{
		crm_text_key(&buf, amount_name(AMOUNT_IN_TEXT_ORDER(i)));
		append_amount(&buf, summary, AMOUNT_IN_TEXT_ORDER(i));
	}
	for (i = 0; i < CUSTOMER_FIELDS; i++)
		crm_text_int64(&buf, customer_name(i), *customer_field(summary, i));
	PG_RETURN_CSTRING(buf.data);
}

/*
 * Append counts, currency and amounts.
 */
void
crm_mrr_summary_write(StringInfo buf, const MrrSummary *summary)
{
	int			i;

	for (i = 0; i < CUSTOMER_FIELDS; i++)
		pq_sendint64(buf, *customer_field((MrrSummary *) summary, i));
	pq_sendbytes(buf, summary->currency, MRR_CURRENCY_SIZE);
	for (i = 0; i < MRR_AMOUNTS; i++)
	{
		Datum		amount = NumericGetDatum(crm_mrr_summary_numeric(summary, i));
		bytea	   *sent = DatumGetByteaPP(DirectFunctionCall1(numeric_send, amount));

		pq_sendbytes(buf, VARDATA_ANY(sent), VARSIZE_ANY_EXHDR(sent));
	}
}

/*
 * Read what crm_mrr_summary_write wrote, or an error.
 */
MrrSummary *
crm_mrr_summary_read(StringInfo buf)
{
	MrrSummary *head = crm_mrr_summary_make();
	Numeric		amounts[MRR_AMOUNTS];
	int			len;
	int			i;

	for (i = 0; i < CUSTOMER_FIELDS; i++)
		*customer_field(head, i) = pq_getmsgint64(buf);

	pq_copymsgbytes(buf, head->currency, MRR_CURRENCY_SIZE);
	len = strnlen(head->currency, MRR_CURRENCY_SIZE);
	if (len > 0 && !crm_mrr_currency_is_valid(head->currency, len))
		invalid_fields_error("The currency is not a currency code.");
	for (i = len; i < MRR_CURRENCY_SIZE; i++)
		if (head->currency[i] != '\0')
			invalid_fields_error("The currency is not a currency code.");

	for (i = 0; i < MRR_AMOUNTS; i++)
		amounts[i] = DatumGetNumeric(DirectFunctionCall3(numeric_recv,
														 PointerGetDatum(buf),
														 ObjectIdGetDatum(InvalidOid),
														 Int32GetDatum(-1)));
	validate(head, amounts);
	return pack(head, amounts);
}

/*
 * crm_mrr_summary_send(crm_mrr_summary) -> bytea
 */
Datum
crm_mrr_summary_send(PG_FUNCTION_ARGS)
{
	MrrSummary *summary = crm_mrr_summary_get(PG_GETARG_DATUM(0));
	StringInfoData buf;

	crm_summary_send_begin(&buf, summary);
	crm_mrr_summary_write(&buf, summary);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_mrr_summary_recv(internal) -> crm_mrr_summary
 */
Datum
crm_mrr_summary_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	uint8		flags;

	crm_summary_recv_begin(buf, SUMMARY_MRR, MRR_SUMMARY_VERSION, &flags, TYPE_NAME);
	if (flags != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid flags in external \"%s\" value", TYPE_NAME)));
	PG_RETURN_POINTER(crm_mrr_summary_read(buf));
}

/*
 * crm_mrr_summary_to_jsonb(crm_mrr_summary) -> jsonb
 *
 * {"currency": "EUR", "opening": 300.00, ..., "opening_customers": 3, ...};
 * currency is null where none was given.
 */
Datum
crm_mrr_summary_to_jsonb(PG_FUNCTION_ARGS)
{
	MrrSummary *summary = crm_mrr_summary_get(PG_GETARG_DATUM(0));
	StringInfoData buf;
	int			i;

	initStringInfo(&buf);
	appendStringInfoString(&buf, "{\"currency\": ");
	if (summary->currency[0] != '\0')
		escape_json(&buf, summary->currency);
	else
		appendStringInfoString(&buf, "null");
	for (i = 0; i < MRR_AMOUNTS; i++)
	{
		appendStringInfo(&buf, ", \"%s\": ", amount_name(AMOUNT_IN_TEXT_ORDER(i)));
		append_amount(&buf, summary, AMOUNT_IN_TEXT_ORDER(i));
	}
	for (i = 0; i < CUSTOMER_FIELDS; i++)
		appendStringInfo(&buf, ", \"%s\": " INT64_FORMAT, customer_name(i),
						 *customer_field(summary, i));
	appendStringInfoChar(&buf, '}');
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(buf.data));
}
