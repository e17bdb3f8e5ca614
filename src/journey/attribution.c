/*-------------------------------------------------------------------------
 *
 * attribution.c
 *	  Aggregate: credit a customer's conversions to the channels that touched
 *	  him before.
 *
 *		crm_attribute(def, ts, channel, is_touch [, value])
 *			-> crm_attribution_credit[]
 *
 * The state keeps events as packed words in the order in which they come
 * (attribution_log.c), and attribution_credits.c does the rest at the end.
 * Names of channels are kept once for each call site, not for each customer,
 * and words have their numbers.
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
#include "src/journey/time_span.h"

#define STATE_NAME "crm_attribute state"
#define SERIAL_VERSION 1

/* Distinct channels in one query, over all customers: some hundred MB */
#define MAX_QUERY_CHANNELS 1000000

/* The names that a serialised state was last read with */
#define MAX_NAMES_KEPT 1024
typedef struct NamesRead
{
	Setup	   *setup;
	uint32		size;
	uint32		n;
	uint32		numbers[TOUCH_TIME];
	char		bytes[MAX_NAMES_KEPT];
} NamesRead;

/* What a call site carries from row to row (fn_extra) */
typedef struct CallSite
{
	Setup	   *setups;
	Setup	   *last;			/* the one last used */
	NamesRead  *names;			/* of a deserial function */
	bool		is_constant;	/* then it is the only one */
} CallSite;

PG_FUNCTION_INFO_V1(crm_attribute_transfn);
PG_FUNCTION_INFO_V1(crm_attribute_transfn_local);
PG_FUNCTION_INFO_V1(crm_attribute_transfn_date);
PG_FUNCTION_INFO_V1(crm_attribute_combinefn);
PG_FUNCTION_INFO_V1(crm_attribute_serialfn);
PG_FUNCTION_INFO_V1(crm_attribute_deserialfn);

static Datum attribute_row(FunctionCallInfo fcinfo, EventTimeKind kind);
static CallSite *call_site(FunctionCallInfo fcinfo);
static bool channel_is_named(const AttributionSpec *spec, const char *name);
static void check_time(Timestamp ts);
static Setup *find_setup(FunctionCallInfo fcinfo, CallSite *site, const char *canonical,
						 uint32 len, bool is_local);
static Setup *setup_argument(FunctionCallInfo fcinfo, bool is_local);
static uint32 intern(Setup *setup, const char *name, uint32 len);
static const NamesRead *read_names(FunctionCallInfo fcinfo, CallSite *site,
								   Setup *setup, StringInfo buf);
static void append_renumbered(AttributeState *state, const AttributeState *other,
							  ChannelSlots *slots);
static ChannelSlots *channel_slots(FunctionCallInfo fcinfo);
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
 * long as the call site, which is longer than any state.  A call site has but
 * one kind of time.
 */
static Setup *
find_setup(FunctionCallInfo fcinfo, CallSite *site, const char *canonical, uint32 len,
		   bool is_local)
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
	setup->is_local = is_local;
	setup->any_address = false;
	initStringInfo(&setup->names);
	setup->n_names = 0;
	crm_event_delay_init(&setup->delay);
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
setup_argument(FunctionCallInfo fcinfo, bool is_local)
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
		find_setup(fcinfo, site, def->canonical, ATTRIBUTION_DEF_LEN(def), is_local);
		aggref = AggGetAggref(fcinfo);
		site->is_constant = aggref != NULL && aggref->args != NIL &&
			IsA(((TargetEntry *) linitial(aggref->args))->expr, Const);
		return site->last;
	}
	return find_setup(fcinfo, site, def->canonical, ATTRIBUTION_DEF_LEN(def), is_local);
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
attribute_row(FunctionCallInfo fcinfo, EventTimeKind kind)
{
	AttributeState *state = state_argument(fcinfo, 0);
	Setup	   *setup = setup_argument(fcinfo, kind != EVENT_TIMESTAMPTZ);
	bool		is_constant = ((CallSite *) fcinfo->flinfo->fn_extra)->is_constant;
	Timestamp	ts;

	/* most states are in no cache: leave this one alone if there is no need */
	if (state != NULL && unlikely(!is_constant) && state->setup != setup)
		crm_option_varies_error("attribution definition");
	if (PG_ARGISNULL(2) || PG_ARGISNULL(4))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}

	ts = kind == EVENT_DATE ? crm_event_date(PG_GETARG_DATUM(2)) : PG_GETARG_TIMESTAMP(2);
	if (unlikely(ts > TOUCH_MAX_TIME || ts < -TOUCH_MAX_TIME))
		check_time(ts);
	if (state == NULL)
	{
		state = crm_attribute_make(crm_agg_context(fcinfo, "crm_attribute_transfn"), setup);
		crm_event_delay_made(&setup->delay, &state->log);
	}

	if (PG_GETARG_BOOL(4))
	{
		if (!PG_ARGISNULL(3))
		{
			text	   *channel = PG_GETARG_TEXT_PP(3);
			uint32		number = intern(setup, VARDATA_ANY(channel),
										VARSIZE_ANY_EXHDR(channel));

			if (!setup->channels->channels[number].ignored ||
				setup->spec->model == ATTRIBUTION_LAST_NON_DIRECT)
			{
				if (likely(number < WORD_FAR_TOUCH))
					crm_event_delay_add(&setup->delay, fcinfo, &state->log, state,
										ts * TOUCH_TIME + number);
				else
					crm_attribute_add_far_touch(state, ts, number);
			}
		}
	}
	else
	{
		Amount		value;

		value.present = false;
		if (PG_NARGS() > 5 && !PG_ARGISNULL(5))
			crm_attribution_amount_decode(PG_GETARG_DATUM(5), &value, "value of a conversion");
		crm_attribute_add_conversion(state, ts, &value);
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
	return attribute_row(fcinfo, EVENT_TIMESTAMPTZ);
}

/*
 * The same for ts of type timestamp.
 */
Datum
crm_attribute_transfn_local(PG_FUNCTION_ARGS)
{
	return attribute_row(fcinfo, EVENT_TIMESTAMP);
}

/*
 * The same for ts of type date.
 */
Datum
crm_attribute_transfn_date(PG_FUNCTION_ARGS)
{
	return attribute_row(fcinfo, EVENT_DATE);
}

/*
 * Add the events of a state of another call site, whose channels have other
 * numbers: that of another partition.
 */
static void
append_renumbered(AttributeState *state, const AttributeState *other, ChannelSlots *slots)
{
	Journey		journey;
	uint32		i;

	crm_attribute_read(other, slots, &journey);
	for (i = 0; i < slots->n; i++)
	{
		const Channel *channel = &other->setup->channels->channels[slots->numbers[i]];

		slots->numbers[i] = intern(state->setup, channel->name, channel->len);
	}
	for (i = 0; i < journey.n_touches; i++)
		crm_attribute_add_touch(state, touch_time(journey.touches[i]),
								slots->numbers[touch_channel(journey.touches[i])]);
	for (i = 0; i < journey.n_conversions; i++)
		crm_attribute_add_conversion(state, journey.conversions[i].ts,
									 &journey.conversions[i].value);
	pfree(journey.touches);
	if (journey.conversions != NULL)
		pfree(journey.conversions);
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

	if (other == NULL)
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}

	if (state == NULL)
		state = crm_attribute_make(agg_context, other->setup);
	else if (state->setup != other->setup &&
			 (state->setup->len != other->setup->len ||
			  memcmp(state->setup->canonical, other->setup->canonical,
					 state->setup->len) != 0))
		crm_option_varies_error("attribution definition");

	if (state->setup == other->setup)
		crm_attribute_append(state, other);
	else
		append_renumbered(state, other, channel_slots(fcinfo));
	PG_RETURN_POINTER(state);
}

/*
 * Of the support functions that have no call site.
 */
static ChannelSlots *
channel_slots(FunctionCallInfo fcinfo)
{
	ChannelSlots *slots = (ChannelSlots *) fcinfo->flinfo->fn_extra;

	if (slots == NULL)
	{
		slots = (ChannelSlots *) MemoryContextAlloc(fcinfo->flinfo->fn_mcxt,
													sizeof(ChannelSlots));
		crm_channel_slots_init(slots, fcinfo->flinfo->fn_mcxt);
		fcinfo->flinfo->fn_extra = slots;
	}
	return slots;
}

/*
 * crm_attribute_serialfn(internal) -> bytea
 *
 * Definition, kind of time, events.
 */
Datum
crm_attribute_serialfn(PG_FUNCTION_ARGS)
{
	AttributeState *state;
	StringInfoData buf;

	crm_agg_context(fcinfo, "crm_attribute_serialfn");
	state = (AttributeState *) PG_GETARG_POINTER(0);
	crm_serial_begin(&buf, SERIAL_VERSION);
	pq_sendint64(&buf, state->setup->len);
	pq_sendbytes(&buf, state->setup->canonical, state->setup->len);
	pq_sendbyte(&buf, state->setup->is_local);
	crm_attribute_write(&buf, state, channel_slots(fcinfo));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * The names of a serialised state's channels.  Mostly they are the same, byte
 * for byte, as those of the state before.
 */
static const NamesRead *
read_names(FunctionCallInfo fcinfo, CallSite *site, Setup *setup, StringInfo buf)
{
	uint32		size = pq_getmsgint(buf, 4);
	const char *bytes = pq_getmsgbytes(buf, (int) size);
	NamesRead  *names = site->names;
	StringInfoData rest;
	uint32		i;

	if (names == NULL)
		names = site->names = (NamesRead *)
			MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(NamesRead));
	else if (names->setup == setup && names->size == size &&
			 memcmp(names->bytes, bytes, size) == 0)
		return names;

	names->setup = NULL;
	rest.data = (char *) bytes;
	rest.len = rest.maxlen = (int) size;
	rest.cursor = 0;
	names->n = pq_getmsgint(&rest, 4);
	if (names->n > TOUCH_TIME)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid number of channels in serialized %s", STATE_NAME)));
	for (i = 0; i < names->n; i++)
	{
		uint32		len = pq_getmsgint(&rest, 4);

		names->numbers[i] = intern(setup, pq_getmsgbytes(&rest, (int) len), len);
	}
	crm_deserial_end(&rest, STATE_NAME);
	if (size <= MAX_NAMES_KEPT)
	{
		memcpy(names->bytes, bytes, size);
		names->size = size;
		names->setup = setup;
	}
	return names;
}

/*
 * crm_attribute_deserialfn(bytea, internal) -> internal
 */
Datum
crm_attribute_deserialfn(PG_FUNCTION_ARGS)
{
	CallSite   *site;
	AttributeState *state;
	StringInfoData buf;
	const char *canonical;
	const char *words;
	const NamesRead *names;
	uint32		n_words;
	uint32		len;
	bool		is_local;

	crm_agg_context(fcinfo, "crm_attribute_deserialfn");
	site = call_site(fcinfo);
	crm_deserial_begin(&buf, PG_GETARG_BYTEA_PP(0), SERIAL_VERSION, STATE_NAME);

	len = (uint32) crm_deserial_count(&buf, MaxAllocSize, 1, STATE_NAME);
	canonical = pq_getmsgbytes(&buf, (int) len);
	is_local = pq_getmsgbyte(&buf) != 0;
	state = crm_attribute_make(CurrentMemoryContext,
							   find_setup(fcinfo, site, canonical, len, is_local));
	n_words = (uint32) crm_deserial_count(&buf, EVENT_LOG_MAX, sizeof(int64), STATE_NAME);
	words = pq_getmsgbytes(&buf, (int) (n_words * sizeof(int64)));
	names = read_names(fcinfo, site, state->setup, &buf);
	crm_attribute_read_words(state, words, n_words, names->numbers, names->n, &buf,
							 STATE_NAME);
	crm_deserial_end(&buf, STATE_NAME);
	PG_RETURN_POINTER(state);
}
