/*-------------------------------------------------------------------------
 *
 * amount_sum.c
 *	  Exact sums of numeric amounts inside an aggregate's state.
 *
 * The server sums numerics exactly, with delayed carries, and knows NaN,
 * infinities, inverse transitions and serialisation.  These functions hand an
 * amount to its support functions of sum(numeric), as if the running function
 * were one of them: they ask for nothing but the aggregate that they run in.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "libpq/pqformat.h"
#include "utils/builtins.h"

#include "src/common/aggstate.h"
#include "src/compat.h"
#include "src/pipeline/amount_sum.h"

static Datum call_support(FunctionCallInfo fcinfo, PGFunction function, int n_args,
						  Datum arg0, bool null0, Datum arg1, bool null1, bool *is_null);

/*
 * Call a support function within the aggregate that fcinfo runs in.
 */
static Datum
call_support(FunctionCallInfo fcinfo, PGFunction function, int n_args,
			 Datum arg0, bool null0, Datum arg1, bool null1, bool *is_null)
{
	LOCAL_FCINFO(call, 2);
	Datum		result;

	InitFunctionCallInfoData(*call, fcinfo->flinfo, n_args, fcinfo->fncollation,
							 fcinfo->context, NULL);
	call->args[0].value = arg0;
	call->args[0].isnull = null0;
	call->args[1].value = arg1;
	call->args[1].isnull = null1;
	result = function(call);
	*is_null = call->isnull;
	return result;
}

/*
 * Add an amount (sign 1) or take one back (sign -1).  A NULL amount changes
 * nothing, but makes the sum a sum.  Returns false if the amount cannot be
 * taken back exactly, whereupon the window has to be summed anew.
 */
bool
crm_amount_add(FunctionCallInfo fcinfo, AmountSum *sum, int sign, bool is_null,
			   Datum amount)
{
	bool		failed;
	Datum		state;

	state = call_support(fcinfo, sign > 0 ? numeric_avg_accum : numeric_accum_inv, 2,
						 PointerGetDatum(*sum), *sum == NULL, amount, is_null, &failed);
	if (failed)
		return false;
	*sum = DatumGetPointer(state);
	return true;
}

/*
 * Add another sum, which stays as it is.
 */
void
crm_amount_merge(FunctionCallInfo fcinfo, AmountSum *sum, AmountSum other)
{
	bool		is_null;
	Datum		state;

	if (other == NULL)
		return;
	state = call_support(fcinfo, numeric_avg_combine, 2,
						 PointerGetDatum(*sum), *sum == NULL,
						 PointerGetDatum(other), false, &is_null);
	if (!is_null)
		*sum = DatumGetPointer(state);
}

/*
 * Write a sum: a length and the server's form, length 0 for no sum.
 */
void
crm_amount_send(FunctionCallInfo fcinfo, StringInfo buf, AmountSum sum)
{
	bytea	   *state;
	bool		is_null;

	if (sum == NULL)
	{
		pq_sendint32(buf, 0);
		return;
	}
	state = DatumGetByteaPP(call_support(fcinfo, numeric_avg_serialize, 1,
										 PointerGetDatum(sum), false,
										 (Datum) 0, true, &is_null));
	pq_sendint32(buf, VARSIZE_ANY_EXHDR(state));
	pq_sendbytes(buf, VARDATA_ANY(state), VARSIZE_ANY_EXHDR(state));
}

/*
 * Read what crm_amount_send wrote, into the current memory context.
 */
AmountSum
crm_amount_recv(FunctionCallInfo fcinfo, StringInfo buf, const char *what)
{
	int32		len = pq_getmsgint(buf, 4);
	bytea	   *state;
	Datum		sum;
	bool		is_null;

	if (len < 0 || len > buf->len - buf->cursor)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid sum in serialized %s", what)));
	if (len == 0)
		return NULL;
	state = palloc(len + VARHDRSZ);
	SET_VARSIZE(state, len + VARHDRSZ);
	memcpy(VARDATA(state), pq_getmsgbytes(buf, len), len);
	sum = call_support(fcinfo, numeric_avg_deserialize, 2,
					   PointerGetDatum(state), false, (Datum) 0, true, &is_null);
	return DatumGetPointer(sum);
}

/*
 * The sum as a numeric.  False if no amount was added.
 */
bool
crm_amount_total(FunctionCallInfo fcinfo, AmountSum sum, Datum *total)
{
	bool		is_null;

	if (sum == NULL)
		return false;
	*total = call_support(fcinfo, numeric_sum, 1, PointerGetDatum(sum), false,
						  (Datum) 0, true, &is_null);
	return !is_null;
}
