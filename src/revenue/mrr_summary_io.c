/*-------------------------------------------------------------------------
 *
 * mrr_summary_io.c
 *	  Text, binary and JSON forms of crm_mrr_summary.
 *
 * The text form is
 *	  crm_mrr_summary:1 currency=EUR opening=300.00 new=... opening_customers=3 ...
 * with currency= absent where none was given.  Amounts are written as numerics
 * in every form: that they are kept as Money is a matter of mrr_summary.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/jsonb.h"

#include "src/compat.h"
#include "src/revenue/mrr.h"

/* Counts in the order of the text form: at opening, then by kind */
#define CUSTOMER_FIELDS (MRR_KINDS + 1)

/* Amounts in the order of the text form: opening, then by kind */
#define AMOUNT_IN_TEXT_ORDER(i) ((i) == 0 ? MRR_OPENING : (i) - 1)

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
static void validate(MrrSummary *summary, Numeric *amounts);

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

static void
invalid_fields_error(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid value for type %s", MRR_SUMMARY_TYPE),
			 errdetail("%s", detail)));
}

/*
 * Can an aggregate have made counts (in summary) and amounts?
 */
static void
validate(MrrSummary *summary, Numeric *amounts)
{
	int			i;

	for (i = 0; i < CUSTOMER_FIELDS; i++)
		if (*customer_field(summary, i) < 0)
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

	crm_text_read_begin(&reader, PG_GETARG_CSTRING(0), MRR_SUMMARY_TYPE, MRR_SUMMARY_VERSION);
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
	PG_RETURN_POINTER(crm_mrr_summary_pack(head, amounts));
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
	crm_text_begin(&buf, MRR_SUMMARY_TYPE, summary->header.version);
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
	return crm_mrr_summary_pack(head, amounts);
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

	crm_summary_recv_begin(buf, SUMMARY_MRR, MRR_SUMMARY_VERSION, &flags, MRR_SUMMARY_TYPE);
	if (flags != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid flags in external \"%s\" value", MRR_SUMMARY_TYPE)));
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
