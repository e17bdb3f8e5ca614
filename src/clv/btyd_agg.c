/*-------------------------------------------------------------------------
 *
 * btyd_agg.c
 *	  The aggregates crm_btyd_agg, crm_rollup(crm_btyd_data) and crm_btyd_fit,
 *	  and the function that fits stored data.
 *
 * All collect distinct histories; they differ in what they make of them at
 * the end.  The fit itself is src/math/btyd_fit.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "src/clv/btyd_agg.h"
#include "src/clv/btyd_data.h"
#include "src/clv/btyd_model.h"
#include "src/clv/clv_host.h"
#include "src/clv/discrete.h"
#include "src/clv/rfm.h"
#include "src/common/aggstate.h"
#include "src/common/args.h"

#define STATE_VERSION 1
#define STATE_WHAT "crm_btyd state"

PG_FUNCTION_INFO_V1(crm_btyd_agg_transfn);
PG_FUNCTION_INFO_V1(crm_btyd_fit_transfn);
PG_FUNCTION_INFO_V1(crm_btyd_rollup_transfn);
PG_FUNCTION_INFO_V1(crm_btyd_combinefn);
PG_FUNCTION_INFO_V1(crm_btyd_serialfn);
PG_FUNCTION_INFO_V1(crm_btyd_deserialfn);
PG_FUNCTION_INFO_V1(crm_btyd_agg_finalfn);
PG_FUNCTION_INFO_V1(crm_btyd_fit_finalfn);
PG_FUNCTION_INFO_V1(crm_btyd_fit);

static BtydAggCall *agg_call(FunctionCallInfo fcinfo);
static void add_history(FunctionCallInfo fcinfo, BtydAggState *state, int first_arg,
						int n_args);
static const char *param_name(int i, void *arg);

static BtydAggCall *
agg_call(FunctionCallInfo fcinfo)
{
	if (fcinfo->flinfo->fn_extra == NULL)
		fcinfo->flinfo->fn_extra =
			MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(BtydAggCall));
	return (BtydAggCall *) fcinfo->flinfo->fn_extra;
}

/*
 * The state passed as argument 0, or a new one.
 */
BtydAggState *
crm_btyd_agg_state(FunctionCallInfo fcinfo, const char *function)
{
	MemoryContext context = crm_agg_context(fcinfo, function);
	BtydAggState *state;

	if (!PG_ARGISNULL(0))
		return (BtydAggState *) PG_GETARG_POINTER(0);
	state = (BtydAggState *) MemoryContextAllocZero(context, sizeof(BtydAggState));
	state->table = crm_history_table_create(context, 0);
	return state;
}

/*
 * Read a row's history: n_args arguments from first_arg on are either a crm_rfm,
 * or frequency, recency, age [, weight [, time unit]].  Any NULL among them but
 * the last skips the row: false.  *log_intervals is NaN where it is not known.
 * kind is 0 while only collecting; some kinds have time units of other lengths.
 */
bool
crm_btyd_read_history(FunctionCallInfo fcinfo, BtydKind kind, RfmReader *reader,
					  int first_arg, int n_args, BtydHistory *h, double *weight, double *unit_days,
					  double *log_intervals)
{
	int			i;

	*weight = 1;
	*unit_days = CRM_DEFAULT_UNIT_DAYS;
	*log_intervals = NAN;
	if (n_args == 1)
	{
		RfmHistory	rfm;

		if (PG_ARGISNULL(first_arg) ||
			!crm_rfm_read(reader, fcinfo->flinfo->fn_mcxt,
						  PG_GETARG_DATUM(first_arg), &rfm))
			return false;
		*h = rfm.history;
		*unit_days = rfm.unit_days;
		*log_intervals = rfm.log_intervals;
		return true;
	}

	for (i = 0; i < Min(n_args, 4); i++)
	{
		if (PG_ARGISNULL(first_arg + i))
			return false;
	}
	h->x = PG_GETARG_FLOAT8(first_arg);
	h->t_x = PG_GETARG_FLOAT8(first_arg + 1);
	h->T = PG_GETARG_FLOAT8(first_arg + 2);
	crm_check_history(h);
	if (n_args > 3)
	{
		*weight = PG_GETARG_FLOAT8(first_arg + 3);
		/* a weight of zero is a history that nobody has */
		if (*weight == 0)
			return false;
		crm_check_weight(*weight);
	}
	if (n_args > 4 && !PG_ARGISNULL(first_arg + 4))
	{
		const Interval *time_unit = PG_GETARG_INTERVAL_P(first_arg + 4);

		if (kind != 0)
			*unit_days = crm_kind_unit_days(kind, time_unit);
		else
			*unit_days = (double) crm_time_unit_usecs(time_unit) /
				(double) USECS_PER_DAY;
	}
	return true;
}

/*
 * Add the row's history to the state.
 */
static void
add_history(FunctionCallInfo fcinfo, BtydAggState *state, int first_arg, int n_args)
{
	BtydHistory h;
	double		weight;
	double		unit_days;
	double		log_intervals;

	if (!crm_btyd_read_history(fcinfo, (BtydKind) state->kind, &agg_call(fcinfo)->reader,
							   first_arg, n_args, &h, &weight, &unit_days,
							   &log_intervals))
		return;
	crm_history_table_unit(state->table, unit_days);
	crm_history_table_add(state->table, &h, weight);
	crm_history_table_intervals(state->table, h.x, weight, log_intervals);
}

/*
 * crm_btyd_agg_transfn(internal, rfm crm_rfm) -> internal
 * crm_btyd_agg_transfn(internal, frequency, recency, age
 *						[, weight [, time_unit]]) -> internal
 */
Datum
crm_btyd_agg_transfn(PG_FUNCTION_ARGS)
{
	BtydAggState *state = crm_btyd_agg_state(fcinfo, "crm_btyd_agg_transfn");

	add_history(fcinfo, state, 1, PG_NARGS() - 1);
	PG_RETURN_POINTER(state);
}

/*
 * Read the arguments model and options (at options_arg, -1: none) of a fit's
 * transition function: the first row sets what the state fits, all others must
 * agree.
 */
void
crm_btyd_agg_start(FunctionCallInfo fcinfo, BtydAggState *state, int options_arg)
{
	BtydAggCall *call = agg_call(fcinfo);
	BtydKind	kind;
	Jsonb	   *options = NULL;

	if (PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("model name must not be null")));

	kind = crm_btyd_kind_cached(&call->kind, PG_GETARG_TEXT_PP(1),
								fcinfo->flinfo->fn_mcxt);

	if (options_arg > 0 && !PG_ARGISNULL(options_arg))
		options = PG_GETARG_JSONB_P(options_arg);

	if (state->kind == 0)
	{
		BtydFitOptions parsed;

		state->kind = kind;
		if (options != NULL)
		{
			/* report a mistake at the first row, not after the last */
			crm_fit_options_parse(options, crm_btyd_n_params(kind), param_name,
								  &kind, crm_btyd_traits(kind), &parsed);
			state->options = (Jsonb *) MemoryContextAlloc(state->table->set.context,
														  VARSIZE(options));
			memcpy(state->options, options, VARSIZE(options));
		}
	}
	else
	{
		if (state->kind != (int32) kind)
			crm_option_varies_error("model");
		if (!crm_same_options(state->options, options))
			crm_option_varies_error("fit options");
	}
}

/*
 * crm_btyd_fit_transfn(internal, model text, rfm crm_rfm [, options jsonb])
 * crm_btyd_fit_transfn(internal, model text, frequency, recency, age
 *						[, weight [, time_unit [, options jsonb]]])
 */
Datum
crm_btyd_fit_transfn(PG_FUNCTION_ARGS)
{
	BtydAggState *state = crm_btyd_agg_state(fcinfo, "crm_btyd_fit_transfn");
	int			n_args = PG_NARGS() - 2;
	int			options_arg = -1;

	/* The options are the second argument after a crm_rfm, else the sixth. */
	if (n_args == 2)
		options_arg = 3;
	else if (n_args == 6)
		options_arg = 7;
	if (options_arg > 0)
		n_args--;
	crm_btyd_agg_start(fcinfo, state, options_arg);
	crm_check_purchase_kind((BtydKind) state->kind);

	add_history(fcinfo, state, 2, n_args);
	PG_RETURN_POINTER(state);
}

/*
 * crm_btyd_rollup_transfn(internal, crm_btyd_data) -> internal
 */
Datum
crm_btyd_rollup_transfn(PG_FUNCTION_ARGS)
{
	BtydAggState *state = crm_btyd_agg_state(fcinfo, "crm_btyd_rollup_transfn");
	BtydData   *data;
	HistoryTable other;

	if (PG_ARGISNULL(1))
		PG_RETURN_POINTER(state);
	data = crm_btyd_data_get(PG_GETARG_DATUM(1));
	crm_history_table_wrap(&other, data->unit_days, data->rows, (uint32) data->n_rows);
	if (isnan(data->log_intervals))
		other.lacks_intervals = true;
	else
		exact_sum_add(&other.log_intervals, data->log_intervals);
	crm_history_table_merge(state->table, &other);
	if ((Pointer) data != DatumGetPointer(PG_GETARG_DATUM(1)))
		pfree(data);
	PG_RETURN_POINTER(state);
}

/*
 * crm_btyd_combinefn(internal, internal) -> internal
 */
Datum
crm_btyd_combinefn(PG_FUNCTION_ARGS)
{
	BtydAggState *into = crm_btyd_agg_state(fcinfo, "crm_btyd_combinefn");
	BtydAggState *from;

	if (PG_ARGISNULL(1))
		PG_RETURN_POINTER(into);
	from = (BtydAggState *) PG_GETARG_POINTER(1);
	if (into->kind == 0 && into->table->set.n_rows == 0)
	{
		into->kind = from->kind;
		if (from->options != NULL)
		{
			into->options = (Jsonb *) MemoryContextAlloc(into->table->set.context,
														 VARSIZE(from->options));
			memcpy(into->options, from->options, VARSIZE(from->options));
		}
	}
	else if (from->kind != 0 || from->table->set.n_rows > 0)
	{
		if (into->kind != from->kind)
			crm_option_varies_error("model");
		if (!crm_same_options(into->options, from->options))
			crm_option_varies_error("fit options");
	}
	crm_history_table_merge(into->table, from->table);
	PG_RETURN_POINTER(into);
}

/*
 * crm_btyd_serialfn(internal) -> bytea
 */
Datum
crm_btyd_serialfn(PG_FUNCTION_ARGS)
{
	BtydAggState *state = (BtydAggState *) PG_GETARG_POINTER(0);
	StringInfoData buf;

	(void) crm_agg_context(fcinfo, "crm_btyd_serialfn");
	crm_serial_begin(&buf, STATE_VERSION);
	pq_sendint32(&buf, state->kind);
	crm_options_write(&buf, state->options);
	pq_sendfloat8(&buf, state->table->log_intervals.sum);
	pq_sendfloat8(&buf, state->table->log_intervals.error);
	pq_sendbyte(&buf, state->table->lacks_intervals);
	crm_history_table_write(&buf, state->table);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_btyd_deserialfn(bytea, internal) -> internal
 */
Datum
crm_btyd_deserialfn(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	BtydAggState *state;
	ExactSum	log_intervals;
	bool		lacks_intervals;

	(void) crm_agg_context(fcinfo, "crm_btyd_deserialfn");
	(void) crm_deserial_begin(&buf, PG_GETARG_BYTEA_PP(0), STATE_VERSION, STATE_WHAT);
	state = (BtydAggState *) palloc0(sizeof(BtydAggState));
	state->kind = pq_getmsgint(&buf, 4);
	state->options = crm_options_read(&buf);
	log_intervals.sum = pq_getmsgfloat8(&buf);
	log_intervals.error = pq_getmsgfloat8(&buf);
	lacks_intervals = pq_getmsgbyte(&buf) != 0;
	state->table = crm_history_table_read(CurrentMemoryContext, &buf, STATE_WHAT);
	state->table->log_intervals = log_intervals;
	state->table->lacks_intervals = lacks_intervals;
	crm_deserial_end(&buf, STATE_WHAT);
	PG_RETURN_POINTER(state);
}

/*
 * crm_btyd_agg_finalfn(internal) -> crm_btyd_data, NULL without rows
 */
Datum
crm_btyd_agg_finalfn(PG_FUNCTION_ARGS)
{
	BtydAggState *state;

	(void) crm_agg_context(fcinfo, "crm_btyd_agg_finalfn");
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (BtydAggState *) PG_GETARG_POINTER(0);
	if (state->table->set.n_rows == 0)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(crm_btyd_data_make(state->table));
}

/* ParamNameFunction */
static const char *
param_name(int i, void *arg)
{
	return crm_btyd_param_name(*(BtydKind *) arg, i);
}

/*
 * Fit a model to rows, which must be histories that it can have; the result is
 * in the current memory context.  log_intervals is the sum over customers of
 * the logarithms of times between purchases, NaN where it is not known.
 */
BtydModel *
crm_btyd_fit_model(BtydKind kind, Jsonb *json_options, double unit_days,
				   double log_intervals, const BtydRow *rows, uint32 n_rows)
{
	BtydFitOptions options;
	BtydFit		fit;
	MemoryContext fit_context;
	MemoryContext old_context;
	uint32		i;

	for (i = 0; i < n_rows; i++)
		crm_check_kind_history(kind, &rows[i].h);

	crm_fit_options_parse(json_options, crm_btyd_n_params(kind), param_name, &kind,
						  crm_btyd_traits(kind), &options);
	if (isnan(options.log_intervals))
		options.log_intervals = log_intervals;
	if ((crm_btyd_traits(kind) & BTYD_REGULAR) && options.k == 0 &&
		options.k_max > 1 && isnan(options.log_intervals))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot search for the regularity k without the times between purchases"),
				 errhint("Pass histories of crm_rfm, or the option log_intervals, the sum over all customers of the logarithms of these times, or fix k.")));

	fit_context = AllocSetContextCreate(CurrentMemoryContext, "crm_btyd_fit",
										ALLOCSET_DEFAULT_SIZES);
	old_context = MemoryContextSwitchTo(fit_context);
	if (crm_btyd_traits(kind) & BTYD_REGULAR)
		crm_btyd_fit_regular(kind, rows, n_rows, &options, &crm_math_host, &fit);
	else
		crm_btyd_fit_rows(kind, rows, n_rows, &options, &crm_math_host, &fit);
	MemoryContextSwitchTo(old_context);
	MemoryContextDelete(fit_context);

	return crm_btyd_model_make(&fit, unit_days, crm_btyd_total_weight(rows, n_rows),
							   n_rows, fit.has_prior);
}

/*
 * crm_btyd_fit_finalfn(internal) -> crm_btyd_model, NULL without rows
 */
Datum
crm_btyd_fit_finalfn(PG_FUNCTION_ARGS)
{
	BtydAggState *state;

	(void) crm_agg_context(fcinfo, "crm_btyd_fit_finalfn");
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (BtydAggState *) PG_GETARG_POINTER(0);
	if (state->table->set.n_rows == 0)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(crm_btyd_fit_model((BtydKind) state->kind, state->options,
										 state->table->unit_days,
										 crm_history_table_log_intervals(state->table),
										 crm_history_rows(state->table),
										 state->table->set.n_rows));
}

/*
 * crm_btyd_fit(model text, data crm_btyd_data [, options jsonb])
 *		-> crm_btyd_model
 *
 * NULL when the model or the data is NULL; NULL options are none.
 */
Datum
crm_btyd_fit(PG_FUNCTION_ARGS)
{
	BtydData   *data;
	BtydKind	kind;
	Jsonb	   *options = NULL;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	kind = crm_btyd_kind_named(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	crm_check_purchase_kind(kind);
	data = crm_btyd_data_get(PG_GETARG_DATUM(1));
	if (!PG_ARGISNULL(2))
		options = PG_GETARG_JSONB_P(2);
	if (data->n_rows == 0)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(crm_btyd_fit_model(kind, options, data->unit_days,
										 data->log_intervals, data->rows,
										 (uint32) data->n_rows));
}
