/*-------------------------------------------------------------------------
 *
 * stage_reached.c
 *	  The furthest stage of a pipeline that an opportunity has come to.
 *
 * The state is one int8: the furthest stage's number in the lower half and a
 * hash of the pipeline in the upper, so that rows of one group which count in
 * different pipelines are noticed, in whatever worker they were read.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "src/common/args.h"
#include "src/compat.h"
#include "src/pipeline/names.h"
#include "src/pipeline/stage_summary.h"

PG_FUNCTION_INFO_V1(crm_stage_reached_transfn);
PG_FUNCTION_INFO_V1(crm_stage_reached_combinefn);
PG_FUNCTION_INFO_V1(crm_stage_reached_finalfn);

/* The pipeline that the last call named */
typedef struct PipelineCache
{
	MemoryContext context;		/* holds what follows */
	ArrayType  *array;
	NameDictionary *stages;		/* id + 1 is the stage's number */
	uint32		hash;
} PipelineCache;

static const PipelineCache *pipeline_cache(FunctionCallInfo fcinfo, ArrayType *array);
static uint64 merge_reached(uint64 a, uint64 b);

/*
 * The pipeline of this call.  Checks it when it is not the last call's.
 */
static const PipelineCache *
pipeline_cache(FunctionCallInfo fcinfo, ArrayType *array)
{
	PipelineCache *cache = fcinfo->flinfo->fn_extra;
	MemoryContext context;
	NameDictionary *stages;
	Datum	   *elems;
	bool	   *nulls;
	int			n;
	int			i;

	if (cache == NULL)
	{
		cache = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(PipelineCache));
		fcinfo->flinfo->fn_extra = cache;
	}
	if (cache->array != NULL && VARSIZE(cache->array) == VARSIZE(array) &&
		memcmp(cache->array, array, VARSIZE(array)) == 0)
		return cache;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &elems, &nulls, &n);
	if (ARR_NDIM(array) > 1 || n < 1 || n > MAX_STAGES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("pipeline must be a list of 1 to %d stages", MAX_STAGES)));

	context = AllocSetContextCreate(fcinfo->flinfo->fn_mcxt, "crm_stage_reached pipeline",
									ALLOCSET_SMALL_SIZES);
	stages = crm_names_create(context);
	for (i = 0; i < n; i++)
	{
		text	   *name;

		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("pipeline must not contain NULL")));
		name = DatumGetTextPP(elems[i]);
		if (crm_names_intern(stages, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name)) != i)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("pipeline contains stage \"%s\" twice",
							text_to_cstring(name))));
	}

	if (cache->context != NULL)
		MemoryContextDelete(cache->context);
	cache->context = context;
	cache->array = MemoryContextAlloc(context, VARSIZE(array));
	memcpy(cache->array, array, VARSIZE(array));
	cache->stages = stages;
	cache->hash = hash_bytes((const unsigned char *) array, VARSIZE(array));
	return cache;
}

/*
 * The further one of two states.
 */
static uint64
merge_reached(uint64 a, uint64 b)
{
	if (a >> 32 != b >> 32)
		crm_option_varies_error("pipeline");
	return Max(a, b);
}

/*
 * crm_stage_reached_transfn(int8, stage text, pipeline text[]) -> int8
 *
 * Rows whose stage is NULL or not in the pipeline are skipped.
 */
Datum
crm_stage_reached_transfn(PG_FUNCTION_ARGS)
{
	const PipelineCache *cache;
	uint64		reached;

	if (PG_ARGISNULL(2))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("pipeline must not be NULL")));
	cache = pipeline_cache(fcinfo, PG_GETARG_ARRAYTYPE_P(2));
	reached = (uint64) cache->hash << 32;
	if (!PG_ARGISNULL(1))
	{
		text	   *stage = PG_GETARG_TEXT_PP(1);

		/* not found is -1, and makes 0 */
		reached += crm_names_find(cache->stages, VARDATA_ANY(stage),
								  VARSIZE_ANY_EXHDR(stage)) + 1;
	}
	if (!PG_ARGISNULL(0))
		reached = merge_reached(reached, (uint64) PG_GETARG_INT64(0));
	PG_RETURN_INT64((int64) reached);
}

/*
 * crm_stage_reached_combinefn(int8, int8) -> int8; strict
 */
Datum
crm_stage_reached_combinefn(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64((int64) merge_reached((uint64) PG_GETARG_INT64(0),
										  (uint64) PG_GETARG_INT64(1)));
}

/*
 * crm_stage_reached_finalfn(int8) -> int4; strict
 *
 * NULL if the opportunity has come to no stage of the pipeline.
 */
Datum
crm_stage_reached_finalfn(PG_FUNCTION_ARGS)
{
	uint32		reached = (uint32) PG_GETARG_INT64(0);

	if (reached == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT32((int32) reached);
}
