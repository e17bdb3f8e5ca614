/*-------------------------------------------------------------------------
 *
 * rfm_holdout.c
 *	  The aggregate crm_rfm_holdout: a customer's history until the end of a
 *	  calibration time, and what the customer bought after it.
 *
 * A model fitted to the histories can then be judged by what it did not see
 * (Fader, Hardie and Lee 2005 hold out the second 39 of 78 weeks).  Two states
 * of crm_rfm hold the orders of the two times.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "utils/typcache.h"

#include "src/clv/rfm_call.h"
#include "src/common/aggstate.h"
#include "src/common/args.h"
#include "src/common/result.h"

#define STATE_WHAT "crm_rfm_holdout state"
#define STATE_VERSION 1

/* Columns of the result */
#define HOLDOUT_COLUMNS 4

/* Positions of the transition function's options; 0 is the state */
enum
{
	ARG_CALIBRATION_END = RFM_ARG_AMOUNT + 1,
	ARG_OBSERVATION_END,
	ARG_TIME_UNIT
};

typedef struct HoldoutState
{
	RfmState   *calibration;	/* orders until the calibration end */
	RfmState   *holdout;		/* orders after it, until the observation end */
} HoldoutState;

/* What the transition function keeps from call to call (in fn_extra) */
typedef struct HoldoutCall
{
	RfmCall		calibration;
	RfmCall		observation;
} HoldoutCall;

/* What the final function keeps */
typedef struct HoldoutResult
{
	TupleDesc	result;
	TupleDesc	rfm;			/* of the column calibration */
} HoldoutResult;

PG_FUNCTION_INFO_V1(crm_rfm_holdout_transfn);
PG_FUNCTION_INFO_V1(crm_rfm_holdout_combinefn);
PG_FUNCTION_INFO_V1(crm_rfm_holdout_serialfn);
PG_FUNCTION_INFO_V1(crm_rfm_holdout_deserialfn);
PG_FUNCTION_INFO_V1(crm_rfm_holdout_finalfn);

static HoldoutCall *holdout_call(FunctionCallInfo fcinfo);
static HoldoutResult *holdout_result(FunctionCallInfo fcinfo);
static int32 holdout_purchases(const HoldoutState *state,
							   const RfmSummary *calibration,
							   const RfmSummary *holdout);
static void write_part(StringInfo buf, const RfmState *part);
static RfmState *read_part(StringInfo buf);

static HoldoutCall *
holdout_call(FunctionCallInfo fcinfo)
{
	HoldoutCall *call = (HoldoutCall *) fcinfo->flinfo->fn_extra;

	if (call == NULL)
	{
		call = (HoldoutCall *) MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt,
													  sizeof(HoldoutCall));
		crm_rfm_call_init(&call->calibration, fcinfo, ARG_CALIBRATION_END,
						  ARG_TIME_UNIT);
		crm_rfm_call_init(&call->observation, fcinfo, ARG_OBSERVATION_END,
						  ARG_TIME_UNIT);
		fcinfo->flinfo->fn_extra = call;
	}
	return call;
}

/*
 * crm_rfm_holdout_transfn(internal, ordered_at, amount, calibration_end,
 *						   observation_end
 *						   [, time_unit [, grain [, time_zone]]])
 *
 * Adds one order.  Rows with a NULL time or amount, and orders after the end
 * of the observation, are skipped.  NULL options other than the ends mean
 * their defaults, as in crm_rfm.
 */
Datum
crm_rfm_holdout_transfn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_rfm_holdout_transfn");
	HoldoutState *state = PG_ARGISNULL(0) ? NULL : (HoldoutState *) PG_GETARG_POINTER(0);
	HoldoutCall *call = holdout_call(fcinfo);
	RfmOrderArg order;

	if (PG_ARGISNULL(RFM_ARG_ORDERED_AT) || PG_ARGISNULL(RFM_ARG_AMOUNT))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	if (PG_ARGISNULL(ARG_CALIBRATION_END) || PG_ARGISNULL(ARG_OBSERVATION_END))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s end must not be null",
						PG_ARGISNULL(ARG_CALIBRATION_END) ? "calibration" : "observation"),
				 errhint("Pass the last moment that models see, and the last that the orders cover.")));

	crm_rfm_call_options(&call->calibration, fcinfo);
	crm_rfm_call_options(&call->observation, fcinfo);
	if (state == NULL)
	{
		if (call->calibration.end_at >= call->observation.end_at)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("calibration end must be before the observation end"),
					 errhint("Orders after the first and until the second are held out.")));
		state = (HoldoutState *) MemoryContextAllocZero(context, sizeof(HoldoutState));
	}
	else if (state->calibration->end_at != call->calibration.end_at &&
			 state->holdout->end_at == call->observation.end_at)
		crm_option_varies_error("calibration end");
	state->calibration = crm_rfm_start(&call->calibration, context, state->calibration);
	state->holdout = crm_rfm_start(&call->observation, context, state->holdout);

	crm_rfm_read_order(&call->observation, fcinfo, &order);
	if (!crm_rfm_after_end(&call->calibration, order.at))
		state->calibration = crm_rfm_add_order(&call->calibration, fcinfo, context,
											   state->calibration, &order);
	else if (!crm_rfm_after_end(&call->observation, order.at))
		state->holdout = crm_rfm_add_order(&call->observation, fcinfo, context,
										   state->holdout, &order);
	PG_RETURN_POINTER(state);
}

/*
 * crm_rfm_holdout_combinefn(internal, internal) -> internal
 */
Datum
crm_rfm_holdout_combinefn(PG_FUNCTION_ARGS)
{
	MemoryContext context = crm_agg_context(fcinfo, "crm_rfm_holdout_combinefn");
	HoldoutState *into = PG_ARGISNULL(0) ? NULL : (HoldoutState *) PG_GETARG_POINTER(0);
	HoldoutState *from = PG_ARGISNULL(1) ? NULL : (HoldoutState *) PG_GETARG_POINTER(1);

	if (from == NULL)
	{
		if (into == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(into);
	}
	if (into == NULL)
		into = (HoldoutState *) MemoryContextAllocZero(context, sizeof(HoldoutState));
	into->calibration = crm_rfm_combine(context, into->calibration, from->calibration);
	into->holdout = crm_rfm_combine(context, into->holdout, from->holdout);
	PG_RETURN_POINTER(into);
}

/*
 * One of the two states, its length first.
 */
static void
write_part(StringInfo buf, const RfmState *part)
{
	StringInfoData bytes;
	bytea	   *serialized;

	crm_rfm_state_write(&bytes, part);
	serialized = pq_endtypsend(&bytes);
	pq_sendint32(buf, VARSIZE(serialized));
	pq_sendbytes(buf, (const char *) serialized, VARSIZE(serialized));
	pfree(serialized);
}

static RfmState *
read_part(StringInfo buf)
{
	uint32		size = pq_getmsgint(buf, 4);
	const char *bytes = pq_getmsgbytes(buf, size);	/* checks the size */
	bytea	   *serialized;
	StringInfoData part;
	RfmState   *state;

	if (size < VARHDRSZ)
		elog(ERROR, "invalid serialized %s", STATE_WHAT);
	serialized = (bytea *) palloc(size);
	memcpy(serialized, bytes, size);
	SET_VARSIZE(serialized, size);
	(void) crm_deserial_begin(&part, serialized, STATE_VERSION, STATE_WHAT);
	state = crm_rfm_state_read(CurrentMemoryContext, &part);
	crm_deserial_end(&part, STATE_WHAT);
	pfree(serialized);
	return state;
}

/*
 * crm_rfm_holdout_serialfn(internal) -> bytea
 */
Datum
crm_rfm_holdout_serialfn(PG_FUNCTION_ARGS)
{
	HoldoutState *state = (HoldoutState *) PG_GETARG_POINTER(0);
	StringInfoData buf;

	(void) crm_agg_context(fcinfo, "crm_rfm_holdout_serialfn");
	crm_serial_begin(&buf, STATE_VERSION);
	write_part(&buf, state->calibration);
	write_part(&buf, state->holdout);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_rfm_holdout_deserialfn(bytea, internal) -> internal
 */
Datum
crm_rfm_holdout_deserialfn(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	HoldoutState *state;

	(void) crm_agg_context(fcinfo, "crm_rfm_holdout_deserialfn");
	(void) crm_deserial_begin(&buf, PG_GETARG_BYTEA_PP(0), STATE_VERSION, STATE_WHAT);
	state = (HoldoutState *) palloc(sizeof(HoldoutState));
	state->calibration = read_part(&buf);
	state->holdout = read_part(&buf);
	crm_deserial_end(&buf, STATE_WHAT);
	PG_RETURN_POINTER(state);
}

/*
 * How many purchases the observation until its end has more than that until
 * the calibration end.  Where that lies within a grain, such as a day, a
 * purchase before it and one after it are one purchase, which has been
 * counted.
 */
static int32
holdout_purchases(const HoldoutState *state, const RfmSummary *calibration,
				  const RfmSummary *holdout)
{
	RfmState   *all;
	RfmSummary	summary;

	if (holdout->frequency < 0 || holdout->first_key > calibration->last_key)
		return holdout->frequency + 1;

	all = crm_rfm_state_merge(CurrentMemoryContext, NULL, state->holdout);
	all = crm_rfm_state_merge(CurrentMemoryContext, all, state->calibration);
	(void) crm_rfm_state_summarize(all, &summary);
	pfree(all);
	return summary.frequency - calibration->frequency;
}

static HoldoutResult *
holdout_result(FunctionCallInfo fcinfo)
{
	HoldoutResult *keep = (HoldoutResult *) fcinfo->flinfo->fn_extra;

	if (keep == NULL)
	{
		MemoryContext context = fcinfo->flinfo->fn_mcxt;
		MemoryContext old_context;
		TupleDesc	tupdesc;

		keep = (HoldoutResult *) MemoryContextAllocZero(context, sizeof(HoldoutResult));
		(void) crm_result_tupdesc(fcinfo, &keep->result);
		if (keep->result->natts != HOLDOUT_COLUMNS)
			elog(ERROR, "crm_rfm_holdout does not have %d columns", HOLDOUT_COLUMNS);
		tupdesc = lookup_rowtype_tupdesc(TupleDescAttr(keep->result, 0)->atttypid, -1);
		old_context = MemoryContextSwitchTo(context);
		keep->rfm = CreateTupleDescCopy(tupdesc);
		MemoryContextSwitchTo(old_context);
		ReleaseTupleDesc(tupdesc);
		fcinfo->flinfo->fn_extra = keep;
	}
	return keep;
}

/*
 * crm_rfm_holdout_finalfn(internal) -> crm_rfm_holdout
 *
 * NULL without a purchase until the calibration end.
 */
Datum
crm_rfm_holdout_finalfn(PG_FUNCTION_ARGS)
{
	HoldoutState *state = PG_ARGISNULL(0) ? NULL : (HoldoutState *) PG_GETARG_POINTER(0);
	HoldoutResult *keep;
	RfmSummary	calibration;
	RfmSummary	holdout;
	Datum		values[HOLDOUT_COLUMNS];
	bool		nulls[HOLDOUT_COLUMNS] = {false};

	(void) crm_agg_context(fcinfo, "crm_rfm_holdout_finalfn");
	if (state == NULL || !crm_rfm_state_summarize(state->calibration, &calibration))
		PG_RETURN_NULL();
	(void) crm_rfm_state_summarize(state->holdout, &holdout);

	keep = holdout_result(fcinfo);
	values[0] = crm_rfm_datum(keep->rfm, state->calibration, &calibration);
	values[1] = Int32GetDatum(holdout_purchases(state, &calibration, &holdout));
	values[2] = crm_rfm_total(state->holdout, &holdout);
	values[3] = Float8GetDatum(crm_rfm_grains_to_units(state->holdout,
													   state->holdout->end_key -
													   state->calibration->end_key));
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(keep->result, values, nulls)));
}
