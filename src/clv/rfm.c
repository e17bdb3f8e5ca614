/*-------------------------------------------------------------------------
 *
 * rfm.c
 *	  Reading the composite type crm_rfm: a customer's history.
 *
 * The meaning of x, t_x and T is that of Fader, Hardie and Lee (2005): x
 * repeat purchases, the last one t_x after the first purchase, observed until
 * T after the first purchase.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "common/int.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "src/clv/rfm.h"
#include "src/common/args.h"

/* The columns of crm_rfm */
enum
{
	RFM_FREQUENCY,
	RFM_RECENCY,
	RFM_AGE,
	RFM_MONETARY,
	RFM_PAID_FREQUENCY,
	RFM_UNIT_DAYS,
	RFM_FIRST_AT,
	RFM_LAST_AT,
	RFM_PURCHASES,
	RFM_TOTAL,
	RFM_LOG_INTERVALS,
	RFM_COLUMNS
};

static char *interval_text(const Interval *interval);

/*
 * Raise an error unless the value is finite and not negative; the hint says
 * what it means.
 */
void
crm_check_number(double value, const char *what, const char *hint)
{
	if (!isfinite(value))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be finite, got %g", what, value),
				 errhint("%s", hint)));
	if (value < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must not be negative, got %g", what, value),
				 errhint("%s", hint)));
}

/*
 * The same for a count, which is whole too.
 */
void
crm_check_count(double value, const char *what, const char *hint)
{
	crm_check_number(value, what, hint);
	if (value != floor(value))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be a whole number, got %g", what, value),
				 errhint("%s", hint)));
}

/*
 * Raise an error unless the numbers can be a customer's history.
 */
void
crm_check_history(const BtydHistory *h)
{
	crm_check_count(h->x, "frequency",
					"Frequency is the number of repeat purchases, the first one not counted.");
	crm_check_number(h->t_x, "recency",
					 "Recency is the time from the first to the last purchase.");
	crm_check_number(h->T, "age",
					 "Age is the time from the first purchase to the end of the observation.");
	if (h->t_x > h->T)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("recency %g is greater than age %g", h->t_x, h->T),
				 errhint("Recency is the time from the first to the last purchase, age the time from the first purchase to the end of the observation.")));
	if (h->x == 0 && h->t_x > 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("frequency is 0 but recency is %g", h->t_x),
				 errhint("The first purchase does not count in frequency; without a repeat purchase recency is 0.")));
	if (h->x > 0 && h->t_x == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("frequency is %g but recency is 0", h->x),
				 errhint("Purchases on the day of the first purchase are part of it and do not count in frequency.")));
}

/*
 * Read and check a crm_rfm.  False when frequency, recency or age is NULL:
 * such a row is no history.  reader starts zeroed and its contents live in
 * the given context.
 */
bool
crm_rfm_read(RfmReader *reader, MemoryContext context, Datum rfm,
			 RfmHistory *history)
{
	union
	{
		HeapTupleHeaderData header;
		char		bytes[VARATT_SHORT_MAX + VARHDRSZ];
		double		align;
	}			on_stack;
	HeapTupleHeader tuple;
	HeapTupleData tuple_data;
	Datum		values[RFM_COLUMNS];
	bool		nulls[RFM_COLUMNS];
	struct varlena *packed = PG_DETOAST_DATUM_PACKED(rfm);

	/*
	 * Most are stored with a short header, that is, not aligned.  Detoasting
	 * would allocate a copy for each row.
	 */
	if (VARATT_IS_SHORT(packed))
	{
		tuple = &on_stack.header;
		SET_VARSIZE(tuple, VARSIZE_SHORT(packed) - VARHDRSZ_SHORT + VARHDRSZ);
		memcpy(on_stack.bytes + VARHDRSZ, VARDATA_SHORT(packed),
			   VARSIZE_SHORT(packed) - VARHDRSZ_SHORT);
	}
	else
		tuple = (HeapTupleHeader) packed;

	if (reader->tupdesc == NULL ||
		reader->type_id != HeapTupleHeaderGetTypeId(tuple) ||
		reader->typmod != HeapTupleHeaderGetTypMod(tuple))
	{
		TupleDesc	tupdesc;
		MemoryContext old_context;

		reader->type_id = HeapTupleHeaderGetTypeId(tuple);
		reader->typmod = HeapTupleHeaderGetTypMod(tuple);
		tupdesc = lookup_rowtype_tupdesc(reader->type_id, reader->typmod);
		if (tupdesc->natts != RFM_COLUMNS)
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("type crm_rfm has %d columns, expected %d",
							tupdesc->natts, RFM_COLUMNS)));
		old_context = MemoryContextSwitchTo(context);
		reader->tupdesc = CreateTupleDescCopy(tupdesc);
		MemoryContextSwitchTo(old_context);
		ReleaseTupleDesc(tupdesc);
	}

	tuple_data.t_len = HeapTupleHeaderGetDatumLength(tuple);
	ItemPointerSetInvalid(&tuple_data.t_self);
	tuple_data.t_tableOid = InvalidOid;
	tuple_data.t_data = tuple;
	heap_deform_tuple(&tuple_data, reader->tupdesc, values, nulls);

	if (nulls[RFM_FREQUENCY] || nulls[RFM_RECENCY] || nulls[RFM_AGE])
		return false;
	history->history.x = DatumGetInt32(values[RFM_FREQUENCY]);
	history->history.t_x = DatumGetFloat8(values[RFM_RECENCY]);
	history->history.T = DatumGetFloat8(values[RFM_AGE]);
	crm_check_history(&history->history);

	history->unit_days = nulls[RFM_UNIT_DAYS] ? CRM_DEFAULT_UNIT_DAYS :
		DatumGetFloat8(values[RFM_UNIT_DAYS]);
	if (!(history->unit_days > 0) || !isfinite(history->unit_days))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unit_days must be positive and finite, got %g",
						history->unit_days),
				 errhint("It is the time unit in days, 7 for weeks.")));

	history->paid_frequency = 0;
	history->monetary = NAN;
	if (!nulls[RFM_PAID_FREQUENCY] && !nulls[RFM_MONETARY] &&
		DatumGetInt32(values[RFM_PAID_FREQUENCY]) != 0)
	{
		history->paid_frequency = DatumGetInt32(values[RFM_PAID_FREQUENCY]);
		history->monetary = DatumGetFloat8(values[RFM_MONETARY]);
		crm_check_number(history->paid_frequency, "paid_frequency",
						 "It is the number of repeat days whose net amount is positive.");
		crm_check_finite(history->monetary, "monetary");
		if (history->monetary <= 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("monetary must be positive, got %g", history->monetary),
					 errhint("It is the mean of the repeat days whose net amount is positive, and NULL when there are none.")));
	}

	history->log_intervals = history->history.x == 0 ? 0.0 : (double) NAN;
	if (!nulls[RFM_LOG_INTERVALS])
	{
		double		log_intervals = DatumGetFloat8(values[RFM_LOG_INTERVALS]);

		crm_check_finite(log_intervals, "log_intervals");
		if (history->history.x > 0)
			history->log_intervals = log_intervals;
	}
	return true;
}

/*
 * As the server writes it.
 */
static char *
interval_text(const Interval *interval)
{
	return DatumGetCString(DirectFunctionCall1(interval_out,
											   IntervalPGetDatum(interval)));
}

/*
 * The length of a time unit in microseconds, > 0.  Months and years have no
 * fixed length, so they are refused.
 */
int64
crm_time_unit_usecs(const Interval *time_unit)
{
	/* Days that fit 64 bits of microseconds, with room to spare. */
	const int32 max_days = 100000000;
	int64		usecs;

	if (time_unit->month != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time unit must have a fixed length, got %s",
						interval_text(time_unit)),
				 errhint("Use weeks or days, such as '7 days' or '28 days', not months or years.")));
	if (time_unit->day > max_days || time_unit->day < -max_days ||
		pg_add_s64_overflow((int64) time_unit->day * USECS_PER_DAY, time_unit->time,
							&usecs) ||
		usecs <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time unit must be positive and below %d days, got %s",
						max_days, interval_text(time_unit)),
				 errhint("Use weeks or days, such as '7 days' or '28 days'.")));
	return usecs;
}
