/*-------------------------------------------------------------------------
 *
 * count_state.c
 *	  Aggregate states that are a few exact counters.
 *
 * Such a state is an int8[] that begins with zeros, which the server, and
 * whatever distributes queries over several, can copy, combine and print
 * without help.  Within an aggregate it is changed in place, as the server's
 * int4_avg_accum does.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/int.h"
#include "utils/array.h"

#include "src/common/count_state.h"

/*
 * The n counters of the state that is argument argno.  *state is what the
 * transition function returns: the same array within an aggregate, a copy
 * elsewhere.  Anybody can call a transition function with any array, so its
 * shape is checked.
 */
int64 *
crm_count_state(FunctionCallInfo fcinfo, int argno, int n, Datum *state)
{
	ArrayType  *array;

	if (AggCheckCallContext(fcinfo, NULL))
		array = PG_GETARG_ARRAYTYPE_P(argno);
	else
		array = PG_GETARG_ARRAYTYPE_P_COPY(argno);

	if (ARR_NDIM(array) != 1 || ARR_HASNULL(array) ||
		ARR_ELEMTYPE(array) != INT8OID ||
		ARR_DIMS(array)[0] != n ||
		VARSIZE(array) != ARR_OVERHEAD_NONULLS(1) + n * sizeof(int64))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("expected a state of %d counters", n)));

	*state = PointerGetDatum(array);
	return (int64 *) ARR_DATA_PTR(array);
}

/*
 * Add to a counter; the error can only be reached by amounts that no table
 * holds, or by a forged state.
 */
void
crm_counter_add(int64 *counter, int64 value)
{
	if (pg_add_s64_overflow(*counter, value, counter))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("bigint out of range")));
}
