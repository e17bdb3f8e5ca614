/*-------------------------------------------------------------------------
 *
 * kmeans_agg.c
 *	  The aggregate crm_kmeans_fit: clusters of points by k-means.
 *
 *		crm_kmeans_fit(point, k [, seed [, restarts, max_iterations]])
 *		crm_kmeans_fit(point, start)		first centres are given
 *
 * The state keeps all points, 8 bytes a coordinate; the final function fits
 * (src/math/kmeans.c), in a context of its own, and leaves the state alone.
 * The result does not depend on the order of rows or the number of workers.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "libpq/pqformat.h"
#include "utils/memutils.h"

#include "src/common/aggstate.h"
#include "src/common/args.h"
#include "src/math/kmeans.h"
#include "src/segment/kmeans_model.h"
#include "src/segment/segment_host.h"

#define STATE_VERSION 1
#define STATE_WHAT "state of crm_kmeans_fit"

#define DEFAULT_SEED 0
#define DEFAULT_RESTARTS 10
#define DEFAULT_ITERATIONS 300
#define MAX_RESTARTS 1000
#define MAX_ITERATIONS 10000

/* Coordinates that a state can hold: 4 GB */
#define MAX_COORDINATES (INT64CONST(1) << 29)

/* Points that the first array holds */
#define INITIAL_POINTS 64

typedef struct KmeansState
{
	MemoryContext context;		/* of the arrays */
	int32		k;				/* 0: no row yet */
	int32		restarts;
	int32		max_iterations;
	int64		seed;
	double	   *start;			/* k rows of dims, or NULL */
	int32		dims;			/* 0: no point and no start yet */
	int64		n;				/* points */
	int64		max;			/* points that x has room for */
	double	   *x;				/* n rows of dims */
} KmeansState;

PG_FUNCTION_INFO_V1(crm_kmeans_fit_transfn);
PG_FUNCTION_INFO_V1(crm_kmeans_fit_combinefn);
PG_FUNCTION_INFO_V1(crm_kmeans_fit_serialfn);
PG_FUNCTION_INFO_V1(crm_kmeans_fit_deserialfn);
PG_FUNCTION_INFO_V1(crm_kmeans_fit_finalfn);

static KmeansState *agg_state(FunctionCallInfo fcinfo, const char *function);
static int	option(FunctionCallInfo fcinfo, int arg, const char *name,
				   int default_value, int most);
static void take_options(FunctionCallInfo fcinfo, KmeansState *state);
static void take_start(KmeansState *state, ArrayType *array);
static double *next_point(KmeansState *state, int dims);
static void check_dims(KmeansState *state, int dims);
static void write_doubles(StringInfo buf, const double *x, int64 n);
static void read_doubles(StringInfo buf, double *x, int64 n);

static KmeansState *
agg_state(FunctionCallInfo fcinfo, const char *function)
{
	MemoryContext context = crm_agg_context(fcinfo, function);
	KmeansState *state;

	if (likely(!PG_ARGISNULL(0)))
		return (KmeansState *) PG_GETARG_POINTER(0);
	state = (KmeansState *) MemoryContextAllocZero(context, sizeof(KmeansState));
	state->context = context;
	return state;
}

/*
 * A whole-number option, from 1 to most.
 */
static int
option(FunctionCallInfo fcinfo, int arg, const char *name, int default_value, int most)
{
	int			value;

	if (PG_NARGS() <= arg)
		return default_value;
	value = PG_ARGISNULL(arg) ? 0 : PG_GETARG_INT32(arg);
	if (value < 1 || value > most)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 PG_ARGISNULL(arg) ? errmsg("%s must not be null", name) :
				 errmsg("%s must be from 1 to %d, got %d", name, most, value)));
	return value;
}

static void
check_dims(KmeansState *state, int dims)
{
	if (state->dims == 0)
		state->dims = dims;
	else if (state->dims != dims)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("points must have the same number of coordinates, got %d and %d",
						state->dims, dims)));
}

/*
 * Keep the first centres of the first row; refuse others after it.
 */
static void
take_start(KmeansState *state, ArrayType *array)
{
	int			k;
	int			dims;
	const double *values;
	int			i;

	if (ARR_NDIM(array) != 2 || ARR_HASNULL(array))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("start must be an array of points without nulls"),
				 errhint("Give one row of coordinates for each cluster, such as ARRAY[[0, 0], [1, 1]].")));
	k = ARR_DIMS(array)[0];
	dims = ARR_DIMS(array)[1];
	values = (const double *) ARR_DATA_PTR(array);
	if (state->k == 0)
	{
		crm_kmeans_check_k(k);
		if (dims > KMEANS_MAX_DIMS)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("points have more than %d coordinates", KMEANS_MAX_DIMS)));
		state->start = (double *) MemoryContextAlloc(state->context,
													 sizeof(double) * k * dims);
		for (i = 0; i < k * dims; i++)
		{
			crm_check_finite(values[i], "coordinate");
			if (fabs(values[i]) > KMEANS_MAX_COORDINATE)
				ereport(ERROR,
						(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						 errmsg("coordinate %g is out of range", values[i])));
			state->start[i] = values[i] + 0.0;
		}
		state->k = k;
		state->restarts = 1;
		state->max_iterations = DEFAULT_ITERATIONS;
		check_dims(state, dims);
		return;
	}
	if (state->start == NULL || state->k != k || state->dims != dims)
		crm_option_varies_error("start");
	for (i = 0; i < k * dims; i++)
	{
		if (state->start[i] != values[i])
			crm_option_varies_error("start");
	}
}

/*
 * Keep the options of the first row; refuse others after it.
 */
static void
take_options(FunctionCallInfo fcinfo, KmeansState *state)
{
	int			k;
	int			restarts;
	int			max_iterations;
	int64		seed = DEFAULT_SEED;

	if (PG_NARGS() == 3 && get_fn_expr_argtype(fcinfo->flinfo, 2) == FLOAT8ARRAYOID)
	{
		if (PG_ARGISNULL(2))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("start must not be null")));
		take_start(state, PG_GETARG_ARRAYTYPE_P(2));
		return;
	}

	k = option(fcinfo, 2, "k", 0, KMEANS_MAX_CLUSTERS);
	if (PG_NARGS() > 3)
	{
		if (PG_ARGISNULL(3))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("seed must not be null")));
		seed = PG_GETARG_INT64(3);
	}
	restarts = option(fcinfo, 4, "restarts", DEFAULT_RESTARTS, MAX_RESTARTS);
	max_iterations = option(fcinfo, 5, "max_iterations", DEFAULT_ITERATIONS,
							MAX_ITERATIONS);
	if (state->k == 0)
	{
		state->k = k;
		state->seed = seed;
		state->restarts = restarts;
		state->max_iterations = max_iterations;
	}
	else if (state->k != k)
		crm_option_varies_error("k");
	else if (state->seed != seed)
		crm_option_varies_error("seed");
	else if (state->restarts != restarts || state->max_iterations != max_iterations)
		crm_option_varies_error("restarts and max_iterations");
}

/*
 * Room for one more point, which counts as there already.
 */
static double *
next_point(KmeansState *state, int dims)
{
	check_dims(state, dims);
	if (unlikely(state->n >= state->max))
	{
		int64		most = MAX_COORDINATES / dims;

		if (state->n >= most)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("more than " INT64_FORMAT " points of %d coordinates",
							most, dims),
					 errhint("Fit a sample, and assign all points to its clusters.")));
		state->max = Min(most, Max(state->max * 2, INITIAL_POINTS));
		if (state->x == NULL)
			state->x = (double *) MemoryContextAllocHuge(state->context,
														 sizeof(double) * state->max * dims);
		else
			state->x = (double *) repalloc_huge(state->x,
												sizeof(double) * state->max * dims);
	}
	return state->x + state->dims * state->n++;
}

/*
 * crm_kmeans_fit_transfn(internal, point float8[], k integer
 *						  [, seed bigint [, restarts integer, max_iterations integer]])
 * crm_kmeans_fit_transfn(internal, point float8[], start float8[])
 *
 * A NULL point is skipped.
 */
Datum
crm_kmeans_fit_transfn(PG_FUNCTION_ARGS)
{
	KmeansState *state = agg_state(fcinfo, "crm_kmeans_fit_transfn");
	ArrayType  *point;
	double		x[KMEANS_MAX_DIMS];
	int			dims;

	take_options(fcinfo, state);
	if (PG_ARGISNULL(1))
		PG_RETURN_POINTER(state);
	point = PG_GETARG_ARRAYTYPE_P(1);
	dims = crm_kmeans_read_point(point, x, KMEANS_MAX_DIMS);
	memcpy(next_point(state, dims), x, sizeof(double) * dims);
	PG_RETURN_POINTER(state);
}

/*
 * crm_kmeans_fit_combinefn(internal, internal) -> internal
 */
Datum
crm_kmeans_fit_combinefn(PG_FUNCTION_ARGS)
{
	KmeansState *into;
	KmeansState *from = PG_ARGISNULL(1) ? NULL : (KmeansState *) PG_GETARG_POINTER(1);
	int64		i;

	if (from == NULL && PG_ARGISNULL(0))
		PG_RETURN_NULL();
	into = agg_state(fcinfo, "crm_kmeans_fit_combinefn");
	if (from == NULL || from->k == 0)
		PG_RETURN_POINTER(into);
	if (into->k == 0)
	{
		into->k = from->k;
		into->seed = from->seed;
		into->restarts = from->restarts;
		into->max_iterations = from->max_iterations;
		if (from->start != NULL)
		{
			Size		size = sizeof(double) * from->k * from->dims;

			into->start = (double *) MemoryContextAlloc(into->context, size);
			memcpy(into->start, from->start, size);
			into->dims = from->dims;
		}
	}
	else if (into->k != from->k || into->seed != from->seed ||
			 into->restarts != from->restarts ||
			 into->max_iterations != from->max_iterations ||
			 (into->start == NULL) != (from->start == NULL) ||
			 (into->start != NULL &&
			  (into->dims != from->dims ||
			   memcmp(into->start, from->start,
					  sizeof(double) * into->k * into->dims) != 0)))
		crm_option_varies_error("options of crm_kmeans_fit");

	for (i = 0; i < from->n; i++)
		memcpy(next_point(into, from->dims), from->x + i * from->dims,
			   sizeof(double) * from->dims);
	PG_RETURN_POINTER(into);
}

static void
write_doubles(StringInfo buf, const double *x, int64 n)
{
	int64		i;

	if ((Size) n > (MaxAllocSize - buf->len - 64) / sizeof(double))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many points for a parallel worker"),
				 errhint("Set max_parallel_workers_per_gather to 0 for this query.")));
	enlargeStringInfo(buf, (int) (sizeof(double) * n));
	for (i = 0; i < n; i++)
	{
		uint64		bits;

		memcpy(&bits, &x[i], sizeof(bits));
		pq_writeint64(buf, bits);
	}
}

/*
 * n coordinates, checked as those of rows are.
 */
static void
read_doubles(StringInfo buf, double *x, int64 n)
{
	int64		i;

	for (i = 0; i < n; i++)
	{
		x[i] = pq_getmsgfloat8(buf);
		if (!(fabs(x[i]) <= KMEANS_MAX_COORDINATE))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
					 errmsg("invalid coordinate in serialized %s", STATE_WHAT)));
	}
}

/*
 * crm_kmeans_fit_serialfn(internal) -> bytea
 */
Datum
crm_kmeans_fit_serialfn(PG_FUNCTION_ARGS)
{
	KmeansState *state = (KmeansState *) PG_GETARG_POINTER(0);
	StringInfoData buf;

	(void) crm_agg_context(fcinfo, "crm_kmeans_fit_serialfn");
	crm_serial_begin(&buf, STATE_VERSION);
	pq_sendint32(&buf, state->k);
	pq_sendint64(&buf, state->seed);
	pq_sendint32(&buf, state->restarts);
	pq_sendint32(&buf, state->max_iterations);
	pq_sendint32(&buf, state->dims);
	pq_sendbyte(&buf, state->start != NULL);
	if (state->start != NULL)
		write_doubles(&buf, state->start, (int64) state->k * state->dims);
	pq_sendint64(&buf, state->n);
	write_doubles(&buf, state->x, state->n * state->dims);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_kmeans_fit_deserialfn(bytea, internal) -> internal
 */
Datum
crm_kmeans_fit_deserialfn(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	KmeansState *state;
	bool		has_start;

	(void) crm_agg_context(fcinfo, "crm_kmeans_fit_deserialfn");
	(void) crm_deserial_begin(&buf, PG_GETARG_BYTEA_PP(0), STATE_VERSION, STATE_WHAT);
	state = (KmeansState *) palloc0(sizeof(KmeansState));
	state->context = CurrentMemoryContext;
	state->k = pq_getmsgint(&buf, 4);
	state->seed = pq_getmsgint64(&buf);
	state->restarts = pq_getmsgint(&buf, 4);
	state->max_iterations = pq_getmsgint(&buf, 4);
	state->dims = pq_getmsgint(&buf, 4);
	has_start = pq_getmsgbyte(&buf) != 0;
	if (state->k < 0 || state->k > KMEANS_MAX_CLUSTERS ||
		state->dims < 0 || state->dims > KMEANS_MAX_DIMS ||
		(has_start && (state->k == 0 || state->dims == 0)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid size in serialized %s", STATE_WHAT)));
	if (has_start)
	{
		int			n = state->k * state->dims;

		state->start = (double *) palloc(sizeof(double) * n);
		read_doubles(&buf, state->start, n);
	}
	state->n = crm_deserial_count(&buf, MAX_COORDINATES / Max(state->dims, 1),
								  sizeof(double) * state->dims + (state->dims == 0),
								  STATE_WHAT);
	state->max = state->n;
	if (state->n > 0)
	{
		if (state->dims == 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
					 errmsg("invalid size in serialized %s", STATE_WHAT)));
		state->x = (double *) MemoryContextAllocHuge(state->context, sizeof(double) *
													 state->n * state->dims);
		read_doubles(&buf, state->x, state->n * state->dims);
	}
	crm_deserial_end(&buf, STATE_WHAT);
	PG_RETURN_POINTER(state);
}

/*
 * crm_kmeans_fit_finalfn(internal) -> crm_kmeans_model
 *
 * NULL without points; error 22023 with fewer distinct points than clusters.
 */
Datum
crm_kmeans_fit_finalfn(PG_FUNCTION_ARGS)
{
	KmeansState *state;
	KmeansModel *model;
	KmeansOptions options;
	KmeansFit	fit;
	MemoryContext fit_context;
	MemoryContext old_context;
	bool		enough;

	(void) crm_agg_context(fcinfo, "crm_kmeans_fit_finalfn");
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (KmeansState *) PG_GETARG_POINTER(0);
	if (state->n == 0)
		PG_RETURN_NULL();

	model = crm_kmeans_model_alloc(state->k, state->dims);
	options.k = state->k;
	options.seed = (uint64) state->seed;
	options.restarts = state->restarts;
	options.max_iterations = state->max_iterations;
	options.start = state->start;
	fit.sizes = KMEANS_SIZES(model);
	fit.within = KMEANS_WITHIN(model);
	fit.centres = KMEANS_CENTRES(model);

	fit_context = AllocSetContextCreate(CurrentMemoryContext, "crm_kmeans_fit",
										ALLOCSET_DEFAULT_SIZES);
	old_context = MemoryContextSwitchTo(fit_context);
	enough = crm_kmeans_fit_points(state->x, state->n, state->dims, &options,
								   &segment_host, &fit);
	MemoryContextSwitchTo(old_context);
	MemoryContextDelete(fit_context);
	if (!enough)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%d clusters need as many distinct points, got %zu",
						state->k, fit.n_distinct)));

	model->n = state->n;
	model->iterations = fit.iterations;
	model->converged = fit.converged;
	model->inertia = fit.inertia;
	model->total_ss = fit.total_ss;
	PG_RETURN_POINTER(model);
}
