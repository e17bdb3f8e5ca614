/*-------------------------------------------------------------------------
 *
 * btyd_data.c
 *	  The stored type crm_btyd_data: distinct histories with their counts,
 *	  ready to fit.
 *
 * A nightly job can store one value for each shop or country, and any of them
 * together can be fitted later without reading the orders again.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "libpq/pqformat.h"
#include "miscadmin.h"

#include "src/clv/btyd_data.h"
#include "src/clv/clv_host.h"
#include "src/clv/rfm.h"
#include "src/common/args.h"
#include "src/math/exact_sum.h"

#define DATA_TYPE "crm_btyd_data"
#define DATA_VERSION 1

/* Flag in the header: log_intervals is known, and part of the outer forms */
#define DATA_HAS_INTERVALS 0x01

PG_FUNCTION_INFO_V1(crm_btyd_data_in);
PG_FUNCTION_INFO_V1(crm_btyd_data_out);
PG_FUNCTION_INFO_V1(crm_btyd_data_send);
PG_FUNCTION_INFO_V1(crm_btyd_data_recv);
PG_FUNCTION_INFO_V1(crm_btyd_data_customers);
PG_FUNCTION_INFO_V1(crm_btyd_data_histories);
PG_FUNCTION_INFO_V1(crm_regularity);

static void check_unit(double unit_days);
static void check_log_intervals(const HistoryTable *table);
static void check_row(const BtydRow *row);

/*
 * A stored value in the current memory context; sorts the rows, so that equal
 * data have equal values.
 */
BtydData *
crm_btyd_data_make(const HistoryTable *table)
{
	Size		size = (Size) table->set.n_rows * sizeof(BtydRow);
	BtydData   *data;

	data = (BtydData *) crm_summary_alloc(offsetof(BtydData, rows) + size,
										  SUMMARY_BTYD_DATA, DATA_VERSION);
	data->unit_days = table->unit_days;
	data->log_intervals = crm_history_table_log_intervals(table);
	if (!isnan(data->log_intervals))
		data->header.flags |= DATA_HAS_INTERVALS;
	data->n_rows = table->set.n_rows;
	memcpy(data->rows, crm_history_rows(table), size);
	qsort_interruptible(data->rows, table->set.n_rows, sizeof(BtydRow), crm_history_compare,
						NULL);
	return data;
}

/*
 * Detoast and check; do not change the result.
 */
BtydData *
crm_btyd_data_get(Datum datum)
{
	BtydData   *data = (BtydData *) crm_summary_detoast(datum, offsetof(BtydData, rows),
														SUMMARY_BTYD_DATA,
														DATA_VERSION, DATA_TYPE);

	if (VARSIZE(data) != offsetof(BtydData, rows) +
		(Size) data->n_rows * sizeof(BtydRow))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("value is not a valid %s", DATA_TYPE)));
	return data;
}

static void
check_unit(double unit_days)
{
	if (!(unit_days > 0) || !isfinite(unit_days))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unit_days must be positive and finite, got %g", unit_days),
				 errhint("It is the time unit in days, 7 for weeks.")));
}

static void
check_log_intervals(const HistoryTable *table)
{
	if (!table->lacks_intervals)
		crm_check_finite(table->log_intervals.sum, "log_intervals");
}

/*
 * The weight of a history: how many customers it stands for.
 */
void
crm_check_weight(double weight)
{
	if (!(weight > 0) || !isfinite(weight))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("weight must be positive and finite, got %g", weight),
				 errhint("A weight says how many customers have the same history.")));
}

static void
check_row(const BtydRow *row)
{
	crm_check_history(&row->h);
	crm_check_weight(row->weight);
}

/*
 * Text form: crm_btyd_data:1 unit_days=7 [log_intervals=1.5]
 * rows=[x,t_x,T,weight;...]
 */
Datum
crm_btyd_data_in(PG_FUNCTION_ARGS)
{
	TextReader	reader;
	HistoryTable *table = crm_history_table_create(CurrentMemoryContext, 0);

	crm_text_read_begin(&reader, PG_GETARG_CSTRING(0), DATA_TYPE, DATA_VERSION);
	table->unit_days = crm_text_read_float8(&reader, "unit_days");
	check_unit(table->unit_days);
	if (strncmp(reader.pos, " log_intervals=", 15) == 0)
		exact_sum_add(&table->log_intervals,
					  crm_text_read_float8(&reader, "log_intervals"));
	else
		table->lacks_intervals = true;
	check_log_intervals(table);
	crm_text_read_key(&reader, "rows");
	crm_text_read_char(&reader, '[');
	if (!crm_text_read_optional_char(&reader, ']'))
	{
		do
		{
			BtydRow		row;

			row.h.x = crm_text_read_number(&reader);
			crm_text_read_char(&reader, ',');
			row.h.t_x = crm_text_read_number(&reader);
			crm_text_read_char(&reader, ',');
			row.h.T = crm_text_read_number(&reader);
			crm_text_read_char(&reader, ',');
			row.weight = crm_text_read_number(&reader);
			check_row(&row);
			crm_history_table_add(table, &row.h, row.weight);
			CHECK_FOR_INTERRUPTS();
		} while (crm_text_read_optional_char(&reader, ';'));
		crm_text_read_char(&reader, ']');
	}
	crm_text_read_end(&reader);
	PG_RETURN_POINTER(crm_btyd_data_make(table));
}

Datum
crm_btyd_data_out(PG_FUNCTION_ARGS)
{
	BtydData   *data = crm_btyd_data_get(PG_GETARG_DATUM(0));
	StringInfoData buf;
	uint32		i;

	initStringInfo(&buf);
	crm_text_begin(&buf, DATA_TYPE, DATA_VERSION);
	crm_text_float8(&buf, "unit_days", data->unit_days);
	if (data->header.flags & DATA_HAS_INTERVALS)
		crm_text_float8(&buf, "log_intervals", data->log_intervals);
	crm_text_key(&buf, "rows");
	appendStringInfoChar(&buf, '[');
	for (i = 0; i < data->n_rows; i++)
	{
		const BtydRow *row = &data->rows[i];

		if (i > 0)
			appendStringInfoChar(&buf, ';');
		crm_append_float8(&buf, row->h.x);
		appendStringInfoChar(&buf, ',');
		crm_append_float8(&buf, row->h.t_x);
		appendStringInfoChar(&buf, ',');
		crm_append_float8(&buf, row->h.T);
		appendStringInfoChar(&buf, ',');
		crm_append_float8(&buf, row->weight);
		CHECK_FOR_INTERRUPTS();
	}
	appendStringInfoChar(&buf, ']');
	PG_RETURN_CSTRING(buf.data);
}

Datum
crm_btyd_data_send(PG_FUNCTION_ARGS)
{
	BtydData   *data = crm_btyd_data_get(PG_GETARG_DATUM(0));
	HistoryTable table;
	StringInfoData buf;

	crm_history_table_wrap(&table, data->unit_days, data->rows, (uint32) data->n_rows);
	crm_summary_send_begin(&buf, data);
	crm_history_table_write(&buf, &table);
	if (data->header.flags & DATA_HAS_INTERVALS)
		pq_sendfloat8(&buf, data->log_intervals);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

Datum
crm_btyd_data_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	uint8		flags;
	HistoryTable *table;
	uint32		i;

	(void) crm_summary_recv_begin(buf, SUMMARY_BTYD_DATA, DATA_VERSION, &flags,
								  DATA_TYPE);
	table = crm_history_table_read(CurrentMemoryContext, buf, DATA_TYPE);
	check_unit(table->unit_days);
	if (flags == DATA_HAS_INTERVALS)
		exact_sum_add(&table->log_intervals, pq_getmsgfloat8(buf));
	else if (flags == 0)
		table->lacks_intervals = true;
	else
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("unknown flags in external \"%s\" value", DATA_TYPE)));
	for (i = 0; i < table->set.n_rows; i++)
	{
		check_row(&crm_history_rows(table)[i]);
		CHECK_FOR_INTERRUPTS();
	}
	check_log_intervals(table);
	PG_RETURN_POINTER(crm_btyd_data_make(table));
}

/*
 * crm_btyd_data_customers(crm_btyd_data) -> float8: how many customers (the
 * sum of the weights).
 */
Datum
crm_btyd_data_customers(PG_FUNCTION_ARGS)
{
	BtydData   *data = crm_btyd_data_get(PG_GETARG_DATUM(0));

	PG_RETURN_FLOAT8(crm_btyd_total_weight(data->rows, data->n_rows));
}

/*
 * crm_btyd_data_histories(crm_btyd_data) -> bigint: how many of them differ.
 */
Datum
crm_btyd_data_histories(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(crm_btyd_data_get(PG_GETARG_DATUM(0))->n_rows);
}

/*
 * crm_regularity(crm_btyd_data) -> float8
 *
 * The shape k of the times between purchases, see src/math/btyd_regularity.c.
 * NULL where the times are not known or nobody has two of them.
 */
Datum
crm_regularity(PG_FUNCTION_ARGS)
{
	BtydData   *data = crm_btyd_data_get(PG_GETARG_DATUM(0));
	double		k;

	if (isnan(data->log_intervals))
		PG_RETURN_NULL();
	k = crm_btyd_regularity(data->rows, (size_t) data->n_rows,
							data->log_intervals, &crm_math_host);
	if (isnan(k))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(k);
}

/*
 * The sum of the rows' weights.
 */
double
crm_btyd_total_weight(const BtydRow *rows, uint32 n_rows)
{
	ExactSum	sum = EXACT_SUM_ZERO;
	uint32		i;

	for (i = 0; i < n_rows; i++)
		exact_sum_add(&sum, rows[i].weight);
	if (!isfinite(exact_sum_value(&sum)))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("sum of weights is out of range")));
	return exact_sum_value(&sum);
}
