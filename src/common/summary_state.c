/*-------------------------------------------------------------------------
 *
 * summary_state.c
 *	  Summaries as aggregate states, and comparing summaries.
 *
 * A summary of fixed size is its own transition state, changed in place inside
 * an aggregate as the server's float8_accum does: no serial functions, and a
 * cluster can ship partial aggregates as ordinary values.
 *
 * Two summaries of one type are equal when their bytes are: each type stores
 * what it stands for in one way only.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "src/common/summary_state.h"
#include "src/compat.h"

PG_FUNCTION_INFO_V1(crm_summary_eq);
PG_FUNCTION_INFO_V1(crm_summary_ne);
PG_FUNCTION_INFO_V1(crm_summary_hash);

static bool summaries_equal(FunctionCallInfo fcinfo);

/*
 * crm_summary_own where the argument is compressed or of an older version, the
 * caller is no aggregate, or the value is damaged.
 */
void *
crm_summary_own_slow(FunctionCallInfo fcinfo, Size min_size, SummaryTag tag,
					 uint8 max_version, const char *type_name)
{
	void	   *state = crm_summary_detoast(PG_GETARG_DATUM(0), min_size, tag,
											max_version, type_name);

	if (state == DatumGetPointer(PG_GETARG_DATUM(0)) &&
		!AggCheckCallContext(fcinfo, NULL))
		state = crm_summary_copy(state);
	return state;
}

/*
 * A palloc'd copy, such as a final function returns: its state lives on when
 * a window moves.
 */
void *
crm_summary_copy(const void *summary)
{
	Size		size = VARSIZE(summary);
	void	   *copy = palloc(size);

	memcpy(copy, summary, size);
	return copy;
}

/*
 * The jsonb value of a JSON text.
 */
Datum
crm_json_result(StringInfo json)
{
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(json->data));
}

/*
 * Binary input that no send function wrote.
 */
void
crm_summary_recv_error(const char *type_name)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
			 errmsg("invalid content in external \"%s\" value", type_name)));
}

void
crm_count_overflow_error(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("count out of range"),
			 errdetail("A summary counts up to 9223372036854775807 rows.")));
}

static bool
summaries_equal(FunctionCallInfo fcinfo)
{
	struct varlena *a = PG_GETARG_VARLENA_PP(0);
	struct varlena *b = PG_GETARG_VARLENA_PP(1);

	return VARSIZE_ANY_EXHDR(a) == VARSIZE_ANY_EXHDR(b) &&
		memcmp(VARDATA_ANY(a), VARDATA_ANY(b), VARSIZE_ANY_EXHDR(a)) == 0;
}

/*
 * crm_summary_eq(summary, summary) -> boolean, for any one summary type.
 */
Datum
crm_summary_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(summaries_equal(fcinfo));
}

/*
 * crm_summary_ne(summary, summary) -> boolean
 */
Datum
crm_summary_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!summaries_equal(fcinfo));
}

/*
 * crm_summary_hash(summary) -> integer
 */
Datum
crm_summary_hash(PG_FUNCTION_ARGS)
{
	struct varlena *summary = PG_GETARG_VARLENA_PP(0);

	return hash_any((unsigned char *) VARDATA_ANY(summary),
					VARSIZE_ANY_EXHDR(summary));
}
