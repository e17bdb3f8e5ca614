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
#include "src/clv/rfm.h"
#include "src/common/args.h"
#include "src/math/exact_sum.h"

#define DATA_TYPE "crm_btyd_data"
#define DATA_VERSION 1

PG_FUNCTION_INFO_V1(crm_btyd_data_in);
PG_FUNCTION_INFO_V1(crm_btyd_data_out);
PG_FUNCTION_INFO_V1(crm_btyd_data_send);
PG_FUNCTION_INFO_V1(crm_btyd_data_recv);
PG_FUNCTION_INFO_V1(crm_btyd_data_customers);
PG_FUNCTION_INFO_V1(crm_btyd_data_histories);

static void check_unit(double unit_days);
static void check_row(const BtydRow *row);

/*
 * A stored value in the current memory context; sorts the rows, so that equal
 * data have equal values.
 */
BtydData *
crm_btyd_data_make(double unit_days, const BtydRow *rows, uint32 n_rows)
{
	BtydData   *data;

	data = (BtydData *) crm_summary_alloc(offsetof(BtydData, rows) +
										  (Size) n_rows * sizeof(BtydRow),
										  SUMMARY_BTYD_DATA, DATA_VERSION);
	data->unit_days = unit_days;
	data->n_rows = n_rows;
	memcpy(data->rows, rows, (Size) n_rows * sizeof(BtydRow));
	qsort_interruptible(data->rows, n_rows, sizeof(BtydRow), crm_history_compare,
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
 * Text form: crm_btyd_data:1 unit_days=7 rows=[x,t_x,T,weight;...]
 */
Datum
crm_btyd_data_in(PG_FUNCTION_ARGS)
{
	TextReader	reader;
	double		unit_days;
	HistoryTable *table = crm_history_table_create(CurrentMemoryContext, 0);

	crm_text_read_begin(&reader, PG_GETARG_CSTRING(0), DATA_TYPE, DATA_VERSION);
	unit_days = crm_text_read_float8(&reader, "unit_days");
	check_unit(unit_days);
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
	PG_RETURN_POINTER(crm_btyd_data_make(unit_days, table->rows, table->n_rows));
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
	HistoryTable table = {0};
	StringInfoData buf;

	table.unit_days = data->unit_days;
	table.rows = data->rows;
	table.n_rows = data->n_rows;
	crm_summary_send_begin(&buf, data);
	crm_history_table_write(&buf, &table);
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
	if (flags != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("unknown flags in external \"%s\" value", DATA_TYPE)));
	for (i = 0; i < table->n_rows; i++)
	{
		check_row(&table->rows[i]);
		CHECK_FOR_INTERRUPTS();
	}
	PG_RETURN_POINTER(crm_btyd_data_make(table->unit_days, table->rows, table->n_rows));
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
