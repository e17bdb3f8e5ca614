/*-------------------------------------------------------------------------
 *
 * kmeans_model.c
 *	  The stored type crm_kmeans_model, and what can be asked of it.
 *
 * Text form: crm_kmeans_model:1 k=2 dimensions=1 n=4 iterations=1 converged=1
 * inertia=1 total_ss=101 sizes=[2,2] within=[0.5,0.5] centres=[0.5,10.5], with
 * the coordinates of the first centre first.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "libpq/pqformat.h"

#include "src/common/args.h"
#include "src/common/summary_state.h"
#include "src/math/kmeans.h"
#include "src/segment/kmeans_model.h"

#define TYPE_NAME "crm_kmeans_model"
#define MODEL_VERSION 1

/* Columns of crm_kmeans_centres */
#define CENTRE_COLUMNS 4

/* More points cannot be counted exactly as a double. */
#define MAX_POINTS (INT64CONST(1) << 53)

PG_FUNCTION_INFO_V1(crm_kmeans_model_in);
PG_FUNCTION_INFO_V1(crm_kmeans_model_out);
PG_FUNCTION_INFO_V1(crm_kmeans_model_send);
PG_FUNCTION_INFO_V1(crm_kmeans_model_recv);
PG_FUNCTION_INFO_V1(crm_kmeans_model_to_jsonb);
PG_FUNCTION_INFO_V1(crm_kmeans_assign);
PG_FUNCTION_INFO_V1(crm_kmeans_distance);
PG_FUNCTION_INFO_V1(crm_kmeans_inertia);
PG_FUNCTION_INFO_V1(crm_kmeans_centres);

static Size model_size(int k, int dims);
static bool model_valid(const KmeansModel *model);
static KmeansModel *get_model(FunctionCallInfo fcinfo);
static int	nearest(FunctionCallInfo fcinfo, double *distance);
static ArrayType *centre_array(const KmeansModel *model, int c);

static Size
model_size(int k, int dims)
{
	return offsetof(KmeansModel, numbers) + sizeof(double) * k * (2 + dims);
}

/*
 * A zeroed model of k clusters, both numbers within their limits, in the
 * current memory context.
 */
KmeansModel *
crm_kmeans_model_alloc(int k, int dims)
{
	KmeansModel *model = crm_summary_alloc(model_size(k, dims), SUMMARY_KMEANS,
										   MODEL_VERSION);

	model->k = k;
	model->dims = dims;
	return model;
}

/*
 * Could a fit have made this?
 */
static bool
model_valid(const KmeansModel *model)
{
	double		sum = 0;
	int			i;

	if (model->n < model->k || model->n > MAX_POINTS || model->iterations < 1 ||
		model->converged < 0 || model->converged > 1 ||
		!isfinite(model->inertia) || model->inertia < 0 ||
		!isfinite(model->total_ss) || model->total_ss < 0)
		return false;
	for (i = 0; i < model->k; i++)
	{
		double		size = KMEANS_SIZES(model)[i];

		/* NaN fails these too */
		if (!(size >= 0 && size <= (double) model->n) || size != floor(size) ||
			!(KMEANS_WITHIN(model)[i] >= 0) || isinf(KMEANS_WITHIN(model)[i]))
			return false;
		sum += size;
	}
	if (sum != (double) model->n)
		return false;
	for (i = 0; i < model->k * model->dims; i++)
	{
		if (!(fabs(KMEANS_CENTRES(model)[i]) <= KMEANS_MAX_COORDINATE))
			return false;
	}
	return true;
}

/*
 * Argument 0.
 */
static KmeansModel *
get_model(FunctionCallInfo fcinfo)
{
	KmeansModel *model = crm_summary_detoast(PG_GETARG_DATUM(0),
											 offsetof(KmeansModel, numbers),
											 SUMMARY_KMEANS, MODEL_VERSION, TYPE_NAME);

	if (model->k < 1 || model->k > KMEANS_MAX_CLUSTERS ||
		model->dims < 1 || model->dims > KMEANS_MAX_DIMS ||
		VARSIZE(model) != model_size(model->k, model->dims))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("value is not a valid %s", TYPE_NAME)));
	return model;
}

void
crm_kmeans_check_k(int64 k)
{
	if (k < 1 || k > KMEANS_MAX_CLUSTERS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("k must be from 1 to %d, got " INT64_FORMAT,
						KMEANS_MAX_CLUSTERS, k)));
}

/*
 * The coordinates of a point into x, which has room for max_dims; returns how
 * many.  Error 22023 unless they are finite numbers in one dimension.
 */
int
crm_kmeans_read_point(ArrayType *array, double *x, int max_dims)
{
	const double *values = (const double *) ARR_DATA_PTR(array);
	int			dims;
	int			i;

	if (ARR_NDIM(array) != 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 ARR_NDIM(array) == 0 ? errmsg("point has no coordinates") :
				 errmsg("point must be an array of one dimension, got %d",
						ARR_NDIM(array))));
	if (array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("point must not contain nulls"),
				 errhint("Filter such rows out, or replace the missing coordinate, for example by its mean.")));
	dims = ARR_DIMS(array)[0];
	if (dims > max_dims)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("point has more than %d coordinates", max_dims)));
	for (i = 0; i < dims; i++)
	{
		if (unlikely(!(fabs(values[i]) <= KMEANS_MAX_COORDINATE)))
		{
			crm_check_finite(values[i], "coordinate");
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("coordinate %g is out of range", values[i])));
		}
		x[i] = values[i] + 0.0; /* -0 becomes 0 */
	}
	return dims;
}

Datum
crm_kmeans_model_in(PG_FUNCTION_ARGS)
{
	TextReader	reader;
	KmeansModel *model;
	int64		k;
	int64		dims;
	int64		iterations;
	int			n_read;

	crm_text_read_begin(&reader, PG_GETARG_CSTRING(0), TYPE_NAME, MODEL_VERSION);
	k = crm_text_read_int64(&reader, "k");
	crm_kmeans_check_k(k);
	dims = crm_text_read_int64(&reader, "dimensions");
	if (dims < 1 || dims > KMEANS_MAX_DIMS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("dimensions must be from 1 to %d, got " INT64_FORMAT,
						KMEANS_MAX_DIMS, dims)));
	model = crm_kmeans_model_alloc((int) k, (int) dims);
	model->n = crm_text_read_int64(&reader, "n");
	iterations = crm_text_read_int64(&reader, "iterations");
	model->iterations = (int32) Max(Min(iterations, PG_INT32_MAX), 0);
	model->converged = crm_text_read_int64(&reader, "converged") == 1;
	model->inertia = crm_text_read_float8(&reader, "inertia");
	model->total_ss = crm_text_read_float8(&reader, "total_ss");
	n_read = crm_text_read_float8_list(&reader, "sizes", KMEANS_SIZES(model), model->k);
	if (n_read == model->k)
		n_read = crm_text_read_float8_list(&reader, "within", KMEANS_WITHIN(model),
										   model->k);
	if (n_read == model->k)
		n_read = crm_text_read_float8_list(&reader, "centres", KMEANS_CENTRES(model),
										   model->k * model->dims) / model->dims;
	if (n_read != model->k)
		crm_text_error(&reader, "as many clusters as k before this place");
	crm_text_read_end(&reader);
	if (!model_valid(model))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("no clustering has these numbers")));
	PG_RETURN_POINTER(model);
}

Datum
crm_kmeans_model_out(PG_FUNCTION_ARGS)
{
	KmeansModel *model = get_model(fcinfo);
	StringInfoData buf;

	initStringInfo(&buf);
	crm_text_begin(&buf, TYPE_NAME, MODEL_VERSION);
	crm_text_int64(&buf, "k", model->k);
	crm_text_int64(&buf, "dimensions", model->dims);
	crm_text_int64(&buf, "n", model->n);
	crm_text_int64(&buf, "iterations", model->iterations);
	crm_text_int64(&buf, "converged", model->converged);
	crm_text_float8(&buf, "inertia", model->inertia);
	crm_text_float8(&buf, "total_ss", model->total_ss);
	crm_text_float8_list(&buf, "sizes", KMEANS_SIZES(model), model->k);
	crm_text_float8_list(&buf, "within", KMEANS_WITHIN(model), model->k);
	crm_text_float8_list(&buf, "centres", KMEANS_CENTRES(model), model->k * model->dims);
	PG_RETURN_CSTRING(buf.data);
}

Datum
crm_kmeans_model_send(PG_FUNCTION_ARGS)
{
	KmeansModel *model = get_model(fcinfo);
	StringInfoData buf;
	int			i;

	crm_summary_send_begin(&buf, model);
	pq_sendint32(&buf, model->k);
	pq_sendint32(&buf, model->dims);
	pq_sendint64(&buf, model->n);
	pq_sendint32(&buf, model->iterations);
	pq_sendbyte(&buf, model->converged);
	pq_sendfloat8(&buf, model->inertia);
	pq_sendfloat8(&buf, model->total_ss);
	for (i = 0; i < model->k * (2 + model->dims); i++)
		pq_sendfloat8(&buf, model->numbers[i]);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

Datum
crm_kmeans_model_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	KmeansModel *model;
	uint8		flags;
	int			k;
	int			dims;
	int			i;

	crm_summary_recv_begin(buf, SUMMARY_KMEANS, MODEL_VERSION, &flags, TYPE_NAME);
	k = pq_getmsgint(buf, 4);
	dims = pq_getmsgint(buf, 4);
	if (flags != 0 || k < 1 || k > KMEANS_MAX_CLUSTERS ||
		dims < 1 || dims > KMEANS_MAX_DIMS)
		crm_summary_recv_error(TYPE_NAME);
	model = crm_kmeans_model_alloc(k, dims);
	model->n = pq_getmsgint64(buf);
	model->iterations = pq_getmsgint(buf, 4);
	model->converged = pq_getmsgbyte(buf);
	model->inertia = pq_getmsgfloat8(buf);
	model->total_ss = pq_getmsgfloat8(buf);
	for (i = 0; i < k * (2 + dims); i++)
		model->numbers[i] = pq_getmsgfloat8(buf);
	if (!model_valid(model))
		crm_summary_recv_error(TYPE_NAME);
	PG_RETURN_POINTER(model);
}

/*
 * crm_kmeans_model_to_jsonb(crm_kmeans_model) -> jsonb, behind the cast
 */
Datum
crm_kmeans_model_to_jsonb(PG_FUNCTION_ARGS)
{
	KmeansModel *model = get_model(fcinfo);
	StringInfoData json;
	int			c;
	int			j;

	initStringInfo(&json);
	appendStringInfo(&json, "{\"k\": %d, \"dimensions\": %d, \"n\": " INT64_FORMAT
					 ", \"iterations\": %d, \"converged\": %s, \"inertia\": ",
					 model->k, model->dims, model->n, model->iterations,
					 model->converged ? "true" : "false");
	crm_append_float8(&json, model->inertia);
	appendStringInfoString(&json, ", \"total_ss\": ");
	crm_append_float8(&json, model->total_ss);
	appendStringInfoString(&json, ", \"clusters\": [");
	for (c = 0; c < model->k; c++)
	{
		appendStringInfo(&json, "%s{\"size\": %.0f, \"inertia\": ", c > 0 ? ", " : "",
						 KMEANS_SIZES(model)[c]);
		crm_append_float8(&json, KMEANS_WITHIN(model)[c]);
		appendStringInfoString(&json, ", \"centre\": [");
		for (j = 0; j < model->dims; j++)
		{
			if (j > 0)
				appendStringInfoString(&json, ", ");
			crm_append_float8(&json, KMEANS_CENTRES(model)[c * model->dims + j]);
		}
		appendStringInfoString(&json, "]}");
	}
	appendStringInfoString(&json, "]}");
	return crm_json_result(&json);
}

/*
 * The number, from 0, of the cluster of the point that is argument 1.
 */
static int
nearest(FunctionCallInfo fcinfo, double *distance)
{
	KmeansModel *model = get_model(fcinfo);
	double		x[KMEANS_MAX_DIMS];
	int			dims = crm_kmeans_read_point(PG_GETARG_ARRAYTYPE_P(1), x,
											 KMEANS_MAX_DIMS);

	if (dims != model->dims)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("point has %d coordinates, the clusters have %d",
						dims, model->dims)));
	return crm_kmeans_nearest(KMEANS_CENTRES(model), model->k, dims, x, distance);
}

/*
 * crm_kmeans_assign(model crm_kmeans_model, point float8[]) -> integer
 *
 * The cluster with the nearest centre, from 1; the first of equally near ones.
 */
Datum
crm_kmeans_assign(PG_FUNCTION_ARGS)
{
	double		distance;

	PG_RETURN_INT32(nearest(fcinfo, &distance) + 1);
}

/*
 * crm_kmeans_distance(model crm_kmeans_model, point float8[]) -> float8
 *
 * Euclidean distance to the nearest centre.
 */
Datum
crm_kmeans_distance(PG_FUNCTION_ARGS)
{
	double		distance;

	(void) nearest(fcinfo, &distance);
	PG_RETURN_FLOAT8(distance);
}

/*
 * crm_kmeans_inertia(model crm_kmeans_model) -> float8
 *
 * The sum of squared distances of the points from their centres.
 */
Datum
crm_kmeans_inertia(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(get_model(fcinfo)->inertia);
}

static ArrayType *
centre_array(const KmeansModel *model, int c)
{
	Datum	   *values = (Datum *) palloc(sizeof(Datum) * model->dims);
	int			j;

	for (j = 0; j < model->dims; j++)
		values[j] = Float8GetDatum(KMEANS_CENTRES(model)[c * model->dims + j]);
	return construct_array(values, model->dims, FLOAT8OID, sizeof(float8),
						   FLOAT8PASSBYVAL, TYPALIGN_DOUBLE);
}

/*
 * crm_kmeans_centres(model crm_kmeans_model)
 *		-> set of (cluster integer, size bigint, inertia float8, centre float8[])
 */
Datum
crm_kmeans_centres(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	KmeansModel *model = get_model(fcinfo);
	int			c;

	InitMaterializedSRF(fcinfo, 0);
	for (c = 0; c < model->k; c++)
	{
		Datum		values[CENTRE_COLUMNS];
		bool		nulls[CENTRE_COLUMNS] = {false, false, false, false};

		values[0] = Int32GetDatum(c + 1);
		values[1] = Int64GetDatum((int64) KMEANS_SIZES(model)[c]);
		values[2] = Float8GetDatum(KMEANS_WITHIN(model)[c]);
		values[3] = PointerGetDatum(centre_array(model, c));
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}
