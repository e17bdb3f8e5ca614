/*-------------------------------------------------------------------------
 *
 * attribution.c
 *	  Aggregate: credit a customer's conversions to the channels that touched
 *	  him before.
 *
 *		crm_attribute(def, ts, channel, is_touch [, value])
 *			-> crm_attribution_credit[]
 *
 * The state keeps touches as packed keys of eight bytes and conversions beside
 * them, both in the order in which they came; attribution_credits.c does the
 * rest at the end.  Names of channels are kept once for each call site, not
 * for each customer, and keys have their numbers.  A table in order of time
 * comes to another customer with every row, so that what counts is how much
 * memory a row touches: the last few keys are in the state itself, and go to
 * the list together.
 *
 * The answer is the same for every order of rows: times decide, and among
 * touches of one time the channels' names.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "nodes/primnodes.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "src/common/aggstate.h"
#include "src/common/args.h"
#include "src/journey/attribution_state.h"

#define STATE_NAME "crm_attribute state"
#define SERIAL_VERSION 1

/* Distinct channels in one query, over all customers: some hundred MB */
#define MAX_QUERY_CHANNELS 1000000

#define INITIAL_LISTED 8
#define INITIAL_CONVERSIONS 2
#define MAX_CONVERSIONS (1 << 24)

/* What a call site carries from row to row (fn_extra) */
typedef struct CallSite
{
	Setup	   *setups;
	Setup	   *last;			/* the one last used */
	bool		is_constant;	/* then it is the only one */
} CallSite;

PG_FUNCTION_INFO_V1(crm_attribute_transfn);
PG_FUNCTION_INFO_V1(crm_attribute_transfn_local);
PG_FUNCTION_INFO_V1(crm_attribute_combinefn);
PG_FUNCTION_INFO_V1(crm_attribute_serialfn);
PG_FUNCTION_INFO_V1(crm_attribute_deserialfn);

static void add_conversion(AttributeState *state, MemoryContext context, Timestamp ts,
						   const Amount *value);
static void add_touch(AttributeState *state, MemoryContext context, Timestamp ts,
					  uint32 number);
static Datum attribute_row(FunctionCallInfo fcinfo, bool is_local);
static CallSite *call_site(FunctionCallInfo fcinfo);
static bool channel_is_named(const AttributionSpec *spec, const char *name);
static void check_time(Timestamp ts);
static Setup *find_setup(FunctionCallInfo fcinfo, CallSite *site, const char *canonical,
						 uint32 len);
static Setup *setup_argument(FunctionCallInfo fcinfo);
static uint32 intern(Setup *setup, const char *name, uint32 len);
static AttributeState *make_state(MemoryContext context, Setup *setup, bool is_local);
static void need_journey(AttributeState *state, MemoryContext context);
static uint32 channel_place(AttributeState *state, MemoryContext context, uint32 number);
static AttributeState *state_argument(FunctionCallInfo fcinfo, int i);

static AttributeState *
state_argument(FunctionCallInfo fcinfo, int i)
{
	return PG_ARGISNULL(i) ? NULL : (AttributeState *) PG_GETARG_POINTER(i);
}

static CallSite *
call_site(FunctionCallInfo fcinfo)
{
	if (fcinfo->flinfo->fn_extra == NULL)
		fcinfo->flinfo->fn_extra = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt,
														  sizeof(CallSite));
	return (CallSite *) fcinfo->flinfo->fn_extra;
}

/*
 * The definition with this canonical text, parsed when first met.  It lives as
 * long as the call site, which is longer than any state.
 */
static Setup *
find_setup(FunctionCallInfo fcinfo, CallSite *site, const char *canonical, uint32 len)
{
	uint32		hash;
	Setup	   *setup = site->last;
	MemoryContext old_context;

	if (setup != NULL && setup->len == len && memcmp(setup->canonical, canonical, len) == 0)
		return setup;

	hash = hash_bytes((const unsigned char *) canonical, (int) len);
	for (setup = site->setups; setup != NULL; setup = setup->next)
	{
		if (setup->hash == hash && setup->len == len &&
			memcmp(setup->canonical, canonical, len) == 0)
		{
			site->last = setup;
			return setup;
		}
	}

	old_context = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	setup = (Setup *) palloc(sizeof(Setup));
	setup->hash = hash;
	setup->len = len;
	setup->canonical = pnstrdup(canonical, len);
	setup->spec = crm_attribution_def_parse(setup->canonical);
	setup->channels = crm_channel_set_create(CurrentMemoryContext, MAX_QUERY_CHANNELS);
	setup->next = site->setups;
	site->setups = setup;
	site->last = setup;
	MemoryContextSwitchTo(old_context);
	return setup;
}

/*
 * The definition of this row.  Mostly it is a constant, and then looked at
 * once; the aggregate's own arguments tell.
 */
static Setup *
setup_argument(FunctionCallInfo fcinfo)
{
	CallSite   *site = (CallSite *) fcinfo->flinfo->fn_extra;
	AttributionDef *def;
	Aggref	   *aggref;

	if (likely(site != NULL && site->is_constant))
		return site->last;

	if (PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("attribution definition must not be NULL"),
				 errhint("Make one with crm_attribution_def().")));
	def = crm_attribution_def_get(PG_GETARG_DATUM(1));
	if (site == NULL)
	{
		site = call_site(fcinfo);
		find_setup(fcinfo, site, def->canonical, ATTRIBUTION_DEF_LEN(def));
		aggref = AggGetAggref(fcinfo);
		site->is_constant = aggref != NULL && aggref->args != NIL &&
			IsA(((TargetEntry *) linitial(aggref->args))->expr, Const);
		return site->last;
	}
	return find_setup(fcinfo, site, def->canonical, ATTRIBUTION_DEF_LEN(def));
}

static bool
channel_is_named(const AttributionSpec *spec, const char *name)
{
	int			i;

	for (i = 0; i < spec->n_ignore; i++)
	{
		if (strcmp(spec->ignore[i], name) == 0)
			return true;
	}
	return false;
}

/*
 * The number of a channel among the call site's.
 */
static uint32
intern(Setup *setup, const char *name, uint32 len)
{
	uint32		known = setup->channels->n;
	uint32		number = crm_channel_number(setup->channels, name, len);

	if (unlikely(number == known))
	{
		Channel    *channel = &setup->channels->channels[number];

		channel->ignored = channel_is_named(setup->spec, channel->name);
	}
	return number;
}

static AttributeState *
make_state(MemoryContext context, Setup *setup, bool is_local)
{
	AttributeState *state;

	state = (AttributeState *) MemoryContextAlloc(context, sizeof(AttributeState));
	state->setup = setup;
	state->journey = NULL;
	state->n_recent = 0;
	state->is_local = is_local;
	return state;
}

/*
 * Make sure that the state has a journey.  The context is the state's.
 */
static void
need_journey(AttributeState *state, MemoryContext context)
{
	if (state->journey != NULL)
		return;
	state->journey = (Journey *) MemoryContextAllocZero(context, sizeof(Journey));
	state->journey->conversions_sorted = true;
	crm_event_list_init(&state->journey->touches, context, 0);
}

/*
 * What stands for a channel in the state's keys.
 */
static uint32
channel_place(AttributeState *state, MemoryContext context, uint32 number)
{
	uint32		i;

	if (likely(number < DIRECT_CHANNELS))
		return number;

	need_journey(state, context);
	for (i = 0; i < state->journey->n_listed; i++)
	{
		if (state->journey->listed[i] == number)
			return DIRECT_CHANNELS + i;
	}

	if (i == MAX_LISTED)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many channels in one group"),
				 errdetail("A group can have %d channels besides the first %d of the query.",
						   MAX_LISTED, DIRECT_CHANNELS),
				 errhint("Group by customer, or group rare channels under one name.")));
	if (i == state->journey->max_listed)
	{
		if (state->journey->listed == NULL)
		{
			state->journey->max_listed = INITIAL_LISTED;
			state->journey->listed = (uint32 *)
				MemoryContextAlloc(context, INITIAL_LISTED * sizeof(uint32));
		}
		else
		{
			state->journey->max_listed *= 2;
			state->journey->listed = (uint32 *) repalloc(state->journey->listed,
												state->journey->max_listed * sizeof(uint32));
		}
	}
	state->journey->listed[state->journey->n_listed++] = number;
	return DIRECT_CHANNELS + i;
}

/*
 * Move the recent touches to the journey, which there is then.
 */
void
crm_attribute_flush(AttributeState *state, MemoryContext context)
{
	uint32		i;

	need_journey(state, context);
	for (i = 0; i < state->n_recent; i++)
		crm_event_list_add(&state->journey->touches, state->recent[i]);
	state->n_recent = 0;
}

static void
add_touch(AttributeState *state, MemoryContext context, Timestamp ts, uint32 number)
{
	if (state->n_recent == RECENT_TOUCHES)
		crm_attribute_flush(state, context);
	state->recent[state->n_recent++] =
		ts * TOUCH_TIME + channel_place(state, context, number);
}

/*
 * A big value is copied to the context, which is the state's.
 */
static void
add_conversion(AttributeState *state, MemoryContext context, Timestamp ts,
			   const Amount *value)
{
	Conversion *conversion;

	need_journey(state, context);
	if (state->journey->n_conversions == state->journey->max_conversions)
	{
		if (state->journey->n_conversions == MAX_CONVERSIONS)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("more than %d conversions in one group", MAX_CONVERSIONS),
					 errhint("Group by customer, and leave out events without a customer.")));
		if (state->journey->conversions == NULL)
		{
			state->journey->max_conversions = INITIAL_CONVERSIONS;
			state->journey->conversions = (Conversion *)
				MemoryContextAlloc(context, INITIAL_CONVERSIONS * sizeof(Conversion));
		}
		else
		{
			state->journey->max_conversions *= 2;
			state->journey->conversions = (Conversion *)
				repalloc_huge(state->journey->conversions,
							  (Size) state->journey->max_conversions * sizeof(Conversion));
		}
	}

	conversion = &state->journey->conversions[state->journey->n_conversions];
	conversion->ts = ts;
	conversion->value = *value;
	if (value->present && value->big != NULL)
		conversion->value.big = crm_numeric_copy(value->big, context);
	if (state->journey->n_conversions > 0 && conversion[-1].ts > ts)
		state->journey->conversions_sorted = false;
	state->journey->n_conversions++;
}

/*
 * Times must fit 54 bits.
 */
static void
check_time(Timestamp ts)
{
	if (TIMESTAMP_NOT_FINITE(ts))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time of an event must be finite"),
				 errhint("Make it NULL, or filter such rows out.")));
	if (ts > TOUCH_MAX_TIME || ts < -TOUCH_MAX_TIME)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time of an event must be from the year 1715 to 2285"),
				 errhint("Make it NULL, or filter such rows out.")));
}

/*
 * One row.  Skipped where the time or is_touch is NULL, and a touch without a
 * channel.  The channel of a conversion, and the value of a touch, are not
 * looked at.
 */
static Datum
attribute_row(FunctionCallInfo fcinfo, bool is_local)
{
	MemoryContext agg_context = crm_agg_context(fcinfo, "crm_attribute_transfn");
	AttributeState *state = state_argument(fcinfo, 0);
	Setup	   *setup = setup_argument(fcinfo);
	Timestamp	ts;

	if (state != NULL && unlikely(state->setup != setup))
		crm_option_varies_error("attribution definition");
	if (PG_ARGISNULL(2) || PG_ARGISNULL(4))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}

	ts = PG_GETARG_TIMESTAMP(2);
	if (unlikely(ts > TOUCH_MAX_TIME || ts < -TOUCH_MAX_TIME))
		check_time(ts);
	if (state == NULL)
		state = make_state(agg_context, setup, is_local);

	if (PG_GETARG_BOOL(4))
	{
		if (!PG_ARGISNULL(3))
		{
			text	   *channel = PG_GETARG_TEXT_PP(3);
			uint32		number = intern(setup, VARDATA_ANY(channel),
										VARSIZE_ANY_EXHDR(channel));

			if (!setup->channels->channels[number].ignored ||
				setup->spec->model == ATTRIBUTION_LAST_NON_DIRECT)
				add_touch(state, agg_context, ts, number);
		}
	}
	else
	{
		Amount		value;

		value.present = false;
		if (PG_NARGS() > 5 && !PG_ARGISNULL(5))
			crm_attribution_amount_decode(PG_GETARG_DATUM(5), &value, "value of a conversion");
		add_conversion(state, agg_context, ts, &value);
	}
	PG_RETURN_POINTER(state);
}

/*
 * crm_attribute_transfn(internal, def crm_attribution_def, ts timestamptz,
 *		channel text, is_touch boolean [, value numeric]) -> internal
 *
 * A NULL definition, one that varies, an infinite time and a value that is NaN
 * or infinite are error 22023.
 */
Datum
crm_attribute_transfn(PG_FUNCTION_ARGS)
{
	return attribute_row(fcinfo, false);
}

/*
 * The same for ts of type timestamp.
 */
Datum
crm_attribute_transfn_local(PG_FUNCTION_ARGS)
{
	return attribute_row(fcinfo, true);
}

/*
 * crm_attribute_combinefn(internal, internal) -> internal
 */
Datum
crm_attribute_combinefn(PG_FUNCTION_ARGS)
{
	MemoryContext agg_context = crm_agg_context(fcinfo, "crm_attribute_combinefn");
	AttributeState *state = state_argument(fcinfo, 0);
	AttributeState *other = state_argument(fcinfo, 1);
	uint32		i;

	if (other == NULL)
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}

	if (state == NULL)
		state = make_state(agg_context, other->setup, other->is_local);
	else if (state->setup != other->setup &&
			 (state->setup->len != other->setup->len ||
			  memcmp(state->setup->canonical, other->setup->canonical,
					 state->setup->len) != 0))
		crm_option_varies_error("attribution definition");

	crm_attribute_flush(state, agg_context);
	crm_attribute_flush(other, agg_context);
	if (state->setup == other->setup && other->journey->n_listed == 0)
		crm_event_list_merge(&state->journey->touches, &other->journey->touches);
	else
	{
		uint32		places[TOUCH_TIME];
		EventList	translated;

		memset(places, 0xFF, sizeof(places));
		crm_event_list_init(&translated, CurrentMemoryContext, other->journey->touches.n);
		for (i = 0; i < other->journey->touches.n; i++)
		{
			int64		key = other->journey->touches.keys[i];
			uint32		place = touch_channel(key);

			if (places[place] == PG_UINT32_MAX)
			{
				uint32		number = channel_number(other, place);

				if (state->setup != other->setup)
				{
					Channel    *channel = &other->setup->channels->channels[number];

					number = intern(state->setup, channel->name, channel->len);
				}
				places[place] = channel_place(state, agg_context, number);
			}
			crm_event_list_add(&translated, touch_time(key) * TOUCH_TIME + places[place]);
		}
		crm_event_list_merge(&state->journey->touches, &translated);
		pfree(translated.keys);
	}

	for (i = 0; i < other->journey->n_conversions; i++)
		add_conversion(state, agg_context, other->journey->conversions[i].ts,
					   &other->journey->conversions[i].value);
	PG_RETURN_POINTER(state);
}

/*
 * crm_attribute_serialfn(internal) -> bytea
 *
 * Definition, kind of time, names of the channels, touches with the place of
 * their channel among these, conversions.
 */
Datum
crm_attribute_serialfn(PG_FUNCTION_ARGS)
{
	MemoryContext agg_context;
	AttributeState *state;
	StringInfoData buf;
	EventList	touches;
	uint32		places[TOUCH_TIME]; /* by the state's places */
	uint32		numbers[TOUCH_TIME];
	uint32		n = 0;
	uint32		i;

	agg_context = crm_agg_context(fcinfo, "crm_attribute_serialfn");
	state = (AttributeState *) PG_GETARG_POINTER(0);

	crm_serial_begin(&buf, SERIAL_VERSION);
	pq_sendint64(&buf, state->setup->len);
	pq_sendbytes(&buf, state->setup->canonical, state->setup->len);
	pq_sendbyte(&buf, state->is_local);

	crm_attribute_flush(state, agg_context);
	memset(places, 0xFF, sizeof(places));
	crm_event_list_init(&touches, CurrentMemoryContext, state->journey->touches.n);
	for (i = 0; i < state->journey->touches.n; i++)
	{
		int64		key = state->journey->touches.keys[i];
		uint32		place = touch_channel(key);

		if (places[place] == PG_UINT32_MAX)
		{
			numbers[n] = channel_number(state, place);
			places[place] = n++;
		}
		crm_event_list_add(&touches, touch_time(key) * TOUCH_TIME + places[place]);
	}

	pq_sendint64(&buf, n);
	for (i = 0; i < n; i++)
	{
		Channel    *channel = &state->setup->channels->channels[numbers[i]];

		pq_sendint64(&buf, channel->len);
		pq_sendbytes(&buf, channel->name, channel->len);
	}
	crm_event_list_write(&buf, &touches);
	pfree(touches.keys);

	pq_sendint64(&buf, state->journey->n_conversions);
	for (i = 0; i < state->journey->n_conversions; i++)
	{
		CHECK_FOR_INTERRUPTS();
		pq_sendint64(&buf, state->journey->conversions[i].ts);
		crm_attribution_amount_write(&buf, &state->journey->conversions[i].value);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * crm_attribute_deserialfn(bytea, internal) -> internal
 */
Datum
crm_attribute_deserialfn(PG_FUNCTION_ARGS)
{
	AttributeState *state;
	Setup	   *setup;
	StringInfoData buf;
	bool		is_local;
	uint32		places[TOUCH_TIME];
	uint32		n;
	uint32		i;

	crm_agg_context(fcinfo, "crm_attribute_deserialfn");
	crm_deserial_begin(&buf, PG_GETARG_BYTEA_PP(0), SERIAL_VERSION, STATE_NAME);

	n = (uint32) crm_deserial_count(&buf, MaxAllocSize, 1, STATE_NAME);
	setup = find_setup(fcinfo, call_site(fcinfo), pq_getmsgbytes(&buf, n), n);
	is_local = pq_getmsgbyte(&buf) != 0;
	state = make_state(CurrentMemoryContext, setup, is_local);
	need_journey(state, CurrentMemoryContext);

	n = (uint32) crm_deserial_count(&buf, TOUCH_TIME, sizeof(int64), STATE_NAME);
	for (i = 0; i < n; i++)
	{
		uint32		len = (uint32) crm_deserial_count(&buf, MaxAllocSize, 1, STATE_NAME);
		uint32		number = intern(setup, pq_getmsgbytes(&buf, len), len);

		places[i] = channel_place(state, CurrentMemoryContext, number);
	}

	pfree(state->journey->touches.keys);
	crm_event_list_read(&state->journey->touches, CurrentMemoryContext, &buf, STATE_NAME);
	for (i = 0; i < state->journey->touches.n; i++)
	{
		int64		key = state->journey->touches.keys[i];

		if (touch_channel(key) >= n)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
					 errmsg("invalid touch in serialized %s", STATE_NAME)));
		state->journey->touches.keys[i] = touch_time(key) * TOUCH_TIME + places[touch_channel(key)];
		/* ties may be in another order now */
		if (i > 0 && state->journey->touches.keys[i] < state->journey->touches.keys[i - 1])
			state->journey->touches.sorted = false;
	}

	n = (uint32) crm_deserial_count(&buf, MAX_CONVERSIONS, sizeof(int64) + 1, STATE_NAME);
	for (i = 0; i < n; i++)
	{
		Timestamp	ts = pq_getmsgint64(&buf);
		Amount		value;

		CHECK_FOR_INTERRUPTS();
		crm_attribution_amount_read(&buf, &value, "value of a conversion");
		check_time(ts);
		add_conversion(state, CurrentMemoryContext, ts, &value);
	}
	crm_deserial_end(&buf, STATE_NAME);
	PG_RETURN_POINTER(state);
}
