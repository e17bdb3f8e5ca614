/*-------------------------------------------------------------------------
 *
 * mrr.c
 *	  What all of recurring revenue shares: kinds of movement, months,
 *	  currencies.
 *
 * The kind is an enum in SQL, so that a mistyped kind in a query is an error
 * and not an empty report, and kinds sort as a waterfall shows them.  C code
 * meets enum values as OIDs that differ from database to database; they are
 * looked up once and kept in the calling function's fn_extra.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_enum.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/syscache.h"

#include "src/common/args.h"
#include "src/compat.h"
#include "src/revenue/mrr.h"

#define MONTHS_PER_YEAR_INT 12

static const char *const kind_names[MRR_KINDS] = {
	"new", "expansion", "contraction", "churn", "reactivation", "retained",
	"none"
};

/*
 * The label of the SQL enum.
 */
const char *
crm_mrr_kind_name(MrrKind kind)
{
	return kind_names[kind];
}

/*
 * The kind of that name, which need not be terminated; error 22023 for others.
 */
MrrKind
crm_mrr_kind_from_name(const char *name, int len)
{
	int			i;

	for (i = 0; i < MRR_KINDS; i++)
		if (strlen(kind_names[i]) == (size_t) len &&
			memcmp(kind_names[i], name, len) == 0)
			return (MrrKind) i;

	crm_unknown_name_error("kind of MRR movement", pnstrdup(name, len),
						   "new, expansion, contraction, churn, reactivation, retained, none");
}

/*
 * The kind of an enum value that came as an argument.
 */
MrrKind
crm_mrr_kind_from_oid(MrrKindOids *cache, Oid oid)
{
	HeapTuple	tuple;
	Form_pg_enum form;
	MrrKind		kind;
	int			i;

	for (i = 0; i < MRR_KINDS; i++)
		if (cache->oids[i] == oid)
			return (MrrKind) i;

	tuple = SearchSysCache1(ENUMOID, ObjectIdGetDatum(oid));
	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid internal value for enum: %u", oid)));
	form = (Form_pg_enum) GETSTRUCT(tuple);
	kind = crm_mrr_kind_from_name(NameStr(form->enumlabel),
								  strlen(NameStr(form->enumlabel)));
	ReleaseSysCache(tuple);
	cache->oids[kind] = oid;
	return kind;
}

/*
 * Argument i, an enum value, of a function that uses fn_extra for nothing else.
 */
MrrKind
crm_mrr_kind_argument(FunctionCallInfo fcinfo, int i)
{
	FmgrInfo   *flinfo = fcinfo->flinfo;

	if (unlikely(flinfo->fn_extra == NULL))
		flinfo->fn_extra = MemoryContextAllocZero(flinfo->fn_mcxt,
												  sizeof(MrrKindOids));
	return crm_mrr_kind_from_oid((MrrKindOids *) flinfo->fn_extra,
								 PG_GETARG_OID(i));
}

/*
 * The value to return for a kind, of the enum type that the result row has.
 */
Oid
crm_mrr_kind_oid(MrrKindOids *cache, MrrKind kind, Oid enum_type)
{
	if (!OidIsValid(cache->oids[kind]))
	{
		HeapTuple	tuple = SearchSysCache2(ENUMTYPOIDNAME,
											ObjectIdGetDatum(enum_type),
											CStringGetDatum(kind_names[kind]));

		if (!HeapTupleIsValid(tuple))
			elog(ERROR, "enum type %u has no value \"%s\"", enum_type,
				 kind_names[kind]);
		cache->oids[kind] = ((Form_pg_enum) GETSTRUCT(tuple))->oid;
		ReleaseSysCache(tuple);
	}
	return cache->oids[kind];
}

/*
 * The month that a day lies in.  "what" names the argument.
 */
int32
crm_mrr_month(DateADT date, const char *what)
{
	int			year;
	int			month;
	int			day;

	if (DATE_NOT_FINITE(date))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be finite, got %s", what,
						DATE_IS_NOBEGIN(date) ? "-infinity" : "infinity")));
	j2date(date + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	return year * MONTHS_PER_YEAR_INT + month - 1;
}

/*
 * The first day of a month.
 */
DateADT
crm_mrr_month_date(int32 month)
{
	int			year = month / MONTHS_PER_YEAR_INT;
	int			month_of_year = month % MONTHS_PER_YEAR_INT;
	DateADT		date;

	/* Years before 1 BC are negative. */
	if (month_of_year < 0)
	{
		month_of_year += MONTHS_PER_YEAR_INT;
		year--;
	}

	/* The calendar begins, and may end, within a month. */
	if (!IS_VALID_JULIAN(year, month_of_year + 1, 1))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("date out of range")));
	date = date2j(year, month_of_year + 1, 1) - POSTGRES_EPOCH_JDATE;
	if (!IS_VALID_DATE(date))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("date out of range")));
	return date;
}

/*
 * The first day of a month, for messages.
 */
char *
crm_mrr_month_text(int32 month)
{
	Datum		date = DateADTGetDatum(crm_mrr_month_date(month));

	return DatumGetCString(DirectFunctionCall1(date_out, date));
}

/*
 * Printable ASCII without white space, so that it needs neither quotes in the
 * text form of a summary nor a change of encoding in the binary one.
 */
bool
crm_mrr_currency_is_valid(const char *currency, int len)
{
	int			i;

	if (len <= 0 || len >= MRR_CURRENCY_SIZE)
		return false;
	for (i = 0; i < len; i++)
		if (currency[i] <= ' ' || currency[i] > '~')
			return false;
	return true;
}

/*
 * Set a zero-padded currency code from an argument.
 */
void
crm_mrr_currency(char *currency, const text *value)
{
	const char *data = VARDATA_ANY(value);
	int			len = VARSIZE_ANY_EXHDR(value);

	if (!crm_mrr_currency_is_valid(data, len))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid currency \"%s\"", text_to_cstring(value)),
				 errhint("A currency is a code of 1 to %d ASCII characters without white space, such as EUR.",
						 MRR_CURRENCY_SIZE - 1)));
	memset(currency, 0, MRR_CURRENCY_SIZE);
	memcpy(currency, data, len);
}

/*
 * Money of two currencies does not add up, and neither does money of a known
 * currency with money of an unknown one.
 */
void
crm_mrr_check_currency(const char *a, const char *b)
{
	if (memcmp(a, b, MRR_CURRENCY_SIZE) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("currency must be the same for all rows of a group, got %s and %s",
						*a ? a : "none", *b ? b : "none"),
				 errhint("Group by currency, or convert the amounts first.")));
}

/*
 * NaN and infinities are no amounts.  "what" names the argument.
 */
void
crm_mrr_not_finite_error(const char *what, Datum numeric)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s must be finite, got %s", what,
					DatumGetCString(DirectFunctionCall1(numeric_out, numeric)))));
}
