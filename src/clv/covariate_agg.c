/*-------------------------------------------------------------------------
 *
 * covariate_agg.c
 *	  The aggregate crm_btyd_fit with covariates.
 *
 * As btyd_agg.c, but that customers are alike only if their covariates are.
 * The fit itself is src/math/btyd_fit.c and btyd_covariates.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "src/clv/btyd_data.h"
#include "src/clv/btyd_model.h"
#include "src/clv/clv_host.h"
#include "src/clv/covariate_options.h"
#include "src/clv/history_table.h"
#include "src/clv/rfm.h"
#include "src/clv/vector_table.h"
#include "src/common/aggstate.h"
#include "src/common/args.h"

#define STATE_VERSION 1
#define STATE_WHAT "crm_btyd_fit state"

/* A row of the table is a history, HISTORY_WIDTH numbers, then the covariates. */
#define TOO_MANY_HINT "Use a coarser grain, such as days, and covariates of few values, so that more customers are alike, or a sample of the customers."

/* Beyond this, and its inverse, variances are not finite. */
#define PARAMETER_MAX 1e140

/* The aggregate's state */
typedef struct CovariateAggState
{
	int32		kind;			/* BtydKind; 0: no row yet */
	Jsonb	   *options;		/* or NULL */
	double		unit_days;		/* 0 while there are no customers */
	VectorTable *table;			/* NULL while there are no customers */
} CovariateAggState;

/* What the transition function keeps from call to call */
typedef struct CovariateAggCall
{
	KindCache	kind;
	RfmReader	reader;
} CovariateAggCall;

PG_FUNCTION_INFO_V1(crm_btyd_covariates_transfn);
PG_FUNCTION_INFO_V1(crm_btyd_covariates_combinefn);
PG_FUNCTION_INFO_V1(crm_btyd_covariates_serialfn);
PG_FUNCTION_INFO_V1(crm_btyd_covariates_deserialfn);
PG_FUNCTION_INFO_V1(crm_btyd_covariates_finalfn);

static CovariateAggState *agg_state(FunctionCallInfo fcinfo, MemoryContext context);
static void take_options(CovariateAggState *state, MemoryContext context, int32 kind,
						 const Jsonb *options);
static void take_unit(CovariateAggState *state, double unit_days);
static int	n_covariates(const CovariateAggState *state);
static VectorTable *new_table(MemoryContext context, int width, uint32 expected_rows);
static int	row_compare(const void *a, const void *b, void *arg);
static void make_patterns(const VectorTable *table, BtydRow *rows, uint32 *pattern,
						  double *x, BtydCovariates *covariates);
static void check_range(const BtydFit *fit);
static void check_design(const BtydRow *rows, uint32 n_rows,
						 const BtydCovariates *covariates, const char *const *names);

static CovariateAggState *
agg_state(FunctionCallInfo fcinfo, MemoryContext context)
{
	if (!PG_ARGISNULL(0))
		return (CovariateAggState *) PG_GETARG_POINTER(0);
	return (CovariateAggState *) MemoryContextAllocZero(context,
														sizeof(CovariateAggState));
}

/*
 * Keep model and options of the first row; refuse others after it.
 */
static void
take_options(CovariateAggState *state, MemoryContext context, int32 kind,
			 const Jsonb *options)
{
	if (state->kind == 0)
	{
		state->kind = kind;
		if (options != NULL)
		{
			state->options = (Jsonb *) MemoryContextAlloc(context, VARSIZE(options));
			memcpy(state->options, options, VARSIZE(options));
		}
		return;
	}
	if (state->kind != kind)
		crm_option_varies_error("model");
	if (!crm_same_options(state->options, options))
		crm_option_varies_error("fit options");
}

static void
take_unit(CovariateAggState *state, double unit_days)
{
	if (state->unit_days == 0)
		state->unit_days = unit_days;
	else if (state->unit_days != unit_days)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("histories of different time units: %g days and %g days",
						state->unit_days, unit_days),
				 errhint("Pass the same time_unit to crm_rfm for all customers.")));
}

/* 0 while there are no customers */
static int
n_covariates(const CovariateAggState *state)
{
	return state->table == NULL ? 0 : state->table->width - HISTORY_WIDTH;
}

static VectorTable *
new_table(MemoryContext context, int width, uint32 expected_rows)
{
	VectorTable *table = (VectorTable *) MemoryContextAlloc(context, sizeof(VectorTable));

	crm_vector_table_init(table, context, width, expected_rows, TOO_MANY_HINT);
	return table;
}

/*
 * crm_btyd_covariates_transfn(internal, model text, rfm crm_rfm, x float8[],
 *							   options jsonb)
 * crm_btyd_covariates_transfn(internal, model text, frequency, recency, age,
 *							   [weight, time_unit,] x float8[], options jsonb)
 *
 * Any NULL but time unit and options skips the row.
 */
Datum
crm_btyd_covariates_transfn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_btyd_covariates_transfn");
	CovariateAggState *state = agg_state(fcinfo, context);
	CovariateAggCall *call = (CovariateAggCall *) fcinfo->flinfo->fn_extra;
	int			x_arg = PG_NARGS() - 2;
	int			options_arg = PG_NARGS() - 1;
	Jsonb	   *options = NULL;
	ArrayType  *array;
	BtydKind	kind;
	BtydHistory h;
	double		row[HISTORY_WIDTH + BTYD_MAX_COVARIATES];
	double		weight;
	double		unit_days;
	double		log_intervals;	/* no model with covariates has use for it */
	const double *x;
	int			n;

	if (call == NULL)
	{
		call = (CovariateAggCall *) MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt,
														   sizeof(CovariateAggCall));
		fcinfo->flinfo->fn_extra = call;
	}
	if (PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("model name must not be null")));
	kind = crm_btyd_kind_cached(&call->kind, PG_GETARG_TEXT_PP(1),
								fcinfo->flinfo->fn_mcxt);
	if (!PG_ARGISNULL(options_arg))
		options = PG_GETARG_JSONB_P(options_arg);
	take_options(state, context, kind, options);
	if (PG_ARGISNULL(x_arg) ||
		!crm_btyd_read_history(fcinfo, kind, &call->reader, 2, x_arg - 2, &h, &weight,
							   &unit_days, &log_intervals))
		PG_RETURN_POINTER(state);
	array = PG_GETARG_ARRAYTYPE_P(x_arg);
	x = crm_covariates_get(array, n_covariates(state));
	n = ARR_DIMS(array)[0];
	take_unit(state, unit_days);
	if (state->table == NULL)
	{
		BtydFitOptions parsed;
		BtydDesign	design;
		const char *names[BTYD_MAX_COVARIATES];

		/* report a mistake at the first row, not after the last */
		crm_covariate_options_parse(options, kind, n, &parsed, &design, names);
		state->table = new_table(context, HISTORY_WIDTH + n, 0);
	}
	row[0] = h.x;
	row[1] = h.t_x;
	row[2] = h.T;
	memcpy(row + HISTORY_WIDTH, x, n * sizeof(double));
	crm_vector_table_add(state->table, row, weight);
	if ((Pointer) array != DatumGetPointer(PG_GETARG_DATUM(x_arg)))
		pfree(array);
	PG_RETURN_POINTER(state);
}

/*
 * crm_btyd_covariates_combinefn(internal, internal) -> internal
 */
Datum
crm_btyd_covariates_combinefn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_btyd_covariates_combinefn");
	CovariateAggState *into = agg_state(fcinfo, context);
	CovariateAggState *from;

	if (PG_ARGISNULL(1))
		PG_RETURN_POINTER(into);
	from = (CovariateAggState *) PG_GETARG_POINTER(1);
	if (from->kind != 0)
		take_options(into, context, from->kind, from->options);
	if (from->table == NULL)
		PG_RETURN_POINTER(into);
	take_unit(into, from->unit_days);
	if (into->table == NULL)
		into->table = new_table(context, from->table->width, from->table->n_rows);
	else if (into->table->width != from->table->width)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("expected %d covariates, got %d", n_covariates(into),
						n_covariates(from)),
				 errhint("Pass the same covariates, in the same order, for all customers.")));
	crm_vector_table_merge(into->table, from->table);
	PG_RETURN_POINTER(into);
}

/*
 * crm_btyd_covariates_serialfn(internal) -> bytea
 */
Datum
crm_btyd_covariates_serialfn(PG_FUNCTION_ARGS)
{
	CovariateAggState *state = (CovariateAggState *) PG_GETARG_POINTER(0);
	StringInfoData buf;

	(void) crm_agg_context(fcinfo, "crm_btyd_covariates_serialfn");
	crm_serial_begin(&buf, STATE_VERSION);
	pq_sendint32(&buf, state->kind);
	crm_options_write(&buf, state->options);
	pq_sendfloat8(&buf, state->unit_days);
	pq_sendint32(&buf, n_covariates(state));
	if (state->table != NULL)
		crm_vector_table_write(&buf, state->table);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_btyd_covariates_deserialfn(bytea, internal) -> internal
 */
Datum
crm_btyd_covariates_deserialfn(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	CovariateAggState *state;
	int			n;

	(void) crm_agg_context(fcinfo, "crm_btyd_covariates_deserialfn");
	(void) crm_deserial_begin(&buf, PG_GETARG_BYTEA_PP(0), STATE_VERSION, STATE_WHAT);
	state = (CovariateAggState *) palloc0(sizeof(CovariateAggState));
	state->kind = pq_getmsgint(&buf, 4);
	state->options = crm_options_read(&buf);
	state->unit_days = pq_getmsgfloat8(&buf);
	n = pq_getmsgint(&buf, 4);
	if (n > 0)
	{
		state->table = (VectorTable *) palloc(sizeof(VectorTable));
		crm_vector_table_read(state->table, CurrentMemoryContext, &buf,
							  HISTORY_WIDTH + n, TOO_MANY_HINT, STATE_WHAT);
	}
	crm_deserial_end(&buf, STATE_WHAT);
	PG_RETURN_POINTER(state);
}

/*
 * qsort_arg_comparator of rows: by covariates, then frequency, recency, age.
 * arg is the width.
 */
static int
row_compare(const void *a, const void *b, void *arg)
{
	const double *left = (const double *) a;
	const double *right = (const double *) b;
	int			width = *(const int *) arg;
	int			i;

	for (i = HISTORY_WIDTH; i < width; i++)
	{
		if (left[i] != right[i])
			return left[i] < right[i] ? -1 : 1;
	}
	for (i = 0; i < HISTORY_WIDTH; i++)
	{
		if (left[i] != right[i])
			return left[i] < right[i] ? -1 : 1;
	}
	return 0;
}

/*
 * The table's rows in order, taken apart into histories and patterns of
 * covariates; the arrays have room for all.
 */
static void
make_patterns(const VectorTable *table, BtydRow *rows, uint32 *pattern, double *x,
			  BtydCovariates *covariates)
{
	int			width = table->width;
	int			m = width - HISTORY_WIDTH;
	Size		size = (Size) table->n_rows * (width + 1) * sizeof(double);
	double	   *sorted = (double *) MemoryContextAllocHuge(CurrentMemoryContext, size);
	uint32		n_patterns = 0;
	uint32		i;

	memcpy(sorted, table->rows, size);
	qsort_interruptible(sorted, table->n_rows, (width + 1) * sizeof(double),
						row_compare, &width);
	for (i = 0; i < table->n_rows; i++)
	{
		const double *row = sorted + (Size) i * (width + 1);

		rows[i].h.x = row[0];
		rows[i].h.t_x = row[1];
		rows[i].h.T = row[2];
		rows[i].weight = row[width];
		if (i == 0 || memcmp(row + HISTORY_WIDTH, row - (width + 1) + HISTORY_WIDTH,
							 m * sizeof(double)) != 0)
			memcpy(x + (Size) m * n_patterns++, row + HISTORY_WIDTH, m * sizeof(double));
		pattern[i] = n_patterns - 1;
		CHECK_FOR_INTERRUPTS();
	}
	pfree(sorted);
	covariates->n_patterns = n_patterns;
	covariates->x = x;
	covariates->pattern = pattern;
}

/*
 * An error where the coefficients cannot be told from the data.
 */
static void
check_design(const BtydRow *rows, uint32 n_rows, const BtydCovariates *covariates,
			 const char *const *names)
{
	int			which = 0;

	switch (crm_btyd_check_design(rows, n_rows, covariates, &crm_math_host, &which))
	{
		case BTYD_DESIGN_GOOD:
			return;
		case BTYD_DESIGN_CONSTANT:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("covariate %s is the same for all customers", names[which]),
					 errhint("Leave it out: the model's parameters hold what all customers have in common.")));
			break;
		case BTYD_DESIGN_COLLINEAR:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("covariate %s is a combination of others", names[which]),
					 errhint("Leave one of them out (of a category's indicators, one is the base), or set a \"ridge\" penalty.")));
			break;
	}
}

/*
 * The parameters are those of customers whose covariates are all 0; an error
 * where that is so far from the customers that they cannot be told apart from
 * zero or infinity, or their variances cannot.
 */
static void
check_range(const BtydFit *fit)
{
	int			i;

	for (i = 0; i < crm_btyd_n_params(fit->params.kind); i++)
	{
		if (fit->params.v[i] < 1 / PARAMETER_MAX || fit->params.v[i] > PARAMETER_MAX)
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("parameter %s of customers whose covariates are 0 is out of range",
							crm_btyd_param_name(fit->params.kind, i)),
					 errhint("Subtract a typical value from covariates far from 0, such as 2020 from a year.")));
	}
}

/*
 * crm_btyd_covariates_finalfn(internal) -> crm_btyd_model, NULL without rows
 */
Datum
crm_btyd_covariates_finalfn(PG_FUNCTION_ARGS)
{
	CovariateAggState *state;
	BtydFitOptions options;
	BtydDesign	design;
	BtydCovariates covariates;
	const char *names[BTYD_MAX_COVARIATES];
	BtydFit		fit;
	BtydRow    *rows;
	uint32	   *pattern;
	double	   *x;
	uint32		n_rows;
	double		customers;
	MemoryContext fit_context;
	MemoryContext old_context;

	(void) crm_agg_context(fcinfo, "crm_btyd_covariates_finalfn");
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (CovariateAggState *) PG_GETARG_POINTER(0);
	if (state->table == NULL)
		PG_RETURN_NULL();
	n_rows = state->table->n_rows;
	crm_covariate_options_parse(state->options, (BtydKind) state->kind,
								n_covariates(state), &options, &design, names);

	fit_context = AllocSetContextCreate(CurrentMemoryContext, "crm_btyd_fit",
										ALLOCSET_DEFAULT_SIZES);
	old_context = MemoryContextSwitchTo(fit_context);
	rows = (BtydRow *) MemoryContextAllocHuge(fit_context,
											  (Size) n_rows * sizeof(BtydRow));
	pattern = (uint32 *) MemoryContextAllocHuge(fit_context,
												(Size) n_rows * sizeof(uint32));
	x = (double *) MemoryContextAllocHuge(fit_context, (Size) n_rows *
										  n_covariates(state) * sizeof(double));
	covariates.design = &design;
	make_patterns(state->table, rows, pattern, x, &covariates);
	check_design(rows, n_rows, &covariates, names);
	crm_btyd_fit_covariates((BtydKind) state->kind, rows, n_rows, &covariates, &options,
							&crm_math_host, &fit);
	customers = crm_btyd_total_weight(rows, n_rows);
	MemoryContextSwitchTo(old_context);
	MemoryContextDelete(fit_context);
	check_range(&fit);

	PG_RETURN_POINTER(crm_btyd_model_make_covariates(&fit, &design, names,
													 state->unit_days, customers,
													 n_rows));
}
