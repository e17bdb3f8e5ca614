/*-------------------------------------------------------------------------
 *
 * attribution_credits.c
 *	  What crm_attribute returns: puts a customer's events in order, has them
 *	  credited (attribution_rules.c), and makes rows of the credits.
 *
 * Times decide the order, and among touches of one time the names of their
 * channels, so that it does not depend on that of the rows.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "src/common/aggstate.h"
#include "src/common/event_list.h"
#include "src/journey/attribution_state.h"

/* Columns of crm_attribution_credit */
#define CREDIT_COLUMNS 3

/* What the final function carries (fn_extra) */
typedef struct RowCache
{
	Oid			row_type;
	TupleDesc	tupdesc;
	int16		typlen;
	bool		typbyval;
	char		typalign;
	ChannelSlots slots;
} RowCache;

PG_FUNCTION_INFO_V1(crm_attribute_finalfn);

static int	compare_conversions(const void *a, const void *b);
static RowCache *row_cache(FunctionCallInfo fcinfo);
static void order_journey(Journey *journey, const Channel *channels,
						  const ChannelSlots *slots);
static void order_ties(const Channel *channels, const ChannelSlots *slots,
					   int64 *keys, uint32 n);

static int
compare_conversions(const void *a, const void *b)
{
	Timestamp	left = ((const Conversion *) a)->ts;
	Timestamp	right = ((const Conversion *) b)->ts;

	return (left > right) - (left < right);
}

/*
 * Put the events in the order that crm_attribution_assign wants.
 */
static void
order_journey(Journey *journey, const Channel *channels, const ChannelSlots *slots)
{
	const int64 *touches = journey->touches;
	uint32		i;

	if (!journey->conversions_sorted)
		qsort(journey->conversions, journey->n_conversions, sizeof(Conversion),
			  compare_conversions);
	if (!journey->touches_sorted)
		crm_event_keys_sort(journey->touches, journey->n_touches);
	for (i = 1; i < journey->n_touches; i++)
	{
		if (unlikely(touch_time(touches[i]) == touch_time(touches[i - 1]) &&
					 touches[i] != touches[i - 1]))
		{
			order_ties(channels, slots, journey->touches, journey->n_touches);
			break;
		}
	}
}

/*
 * Sort n keys by time and name.
 */
static void
order_ties(const Channel *channels, const ChannelSlots *slots, int64 *keys, uint32 n)
{
	uint32		rank_of[TOUCH_TIME];
	uint32		slot_of[TOUCH_TIME];
	uint32		i;
	uint32		j;

	/* insertion sort: mostly a handful of names, a thousand at most */
	for (i = 0; i < slots->n; i++)
	{
		for (j = i; j > 0; j--)
		{
			if (crm_channel_compare(&channels[slots->numbers[slot_of[j - 1]]],
									&channels[slots->numbers[i]]) < 0)
				break;
			slot_of[j] = slot_of[j - 1];
		}
		slot_of[j] = i;
	}
	for (i = 0; i < slots->n; i++)
		rank_of[slot_of[i]] = i;

	for (i = 0; i < n; i++)
		keys[i] = touch_time(keys[i]) * TOUCH_TIME + rank_of[touch_channel(keys[i])];
	crm_event_keys_sort(keys, n);
	for (i = 0; i < n; i++)
		keys[i] = touch_time(keys[i]) * TOUCH_TIME + slot_of[touch_channel(keys[i])];
}

static RowCache *
row_cache(FunctionCallInfo fcinfo)
{
	RowCache   *cache = (RowCache *) fcinfo->flinfo->fn_extra;
	MemoryContext old_context;

	if (cache != NULL)
		return cache;

	cache = (RowCache *) MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(RowCache));
	cache->row_type = get_element_type(get_fn_expr_rettype(fcinfo->flinfo));
	if (!OidIsValid(cache->row_type))
		elog(ERROR, "function does not return an array");
	old_context = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	cache->tupdesc = lookup_rowtype_tupdesc_copy(cache->row_type, -1);
	MemoryContextSwitchTo(old_context);
	if (cache->tupdesc->natts != CREDIT_COLUMNS)
		elog(ERROR, "crm_attribution_credit does not have %d columns", CREDIT_COLUMNS);
	crm_channel_slots_init(&cache->slots, fcinfo->flinfo->fn_mcxt);
	get_typlenbyvalalign(cache->row_type, &cache->typlen, &cache->typbyval, &cache->typalign);
	fcinfo->flinfo->fn_extra = cache;
	return cache;
}

/*
 * crm_attribute_finalfn(internal) -> crm_attribution_credit[]
 *
 * A row for each channel with credit, by name, and last, without a name, one
 * for conversions without touches.  NULL for no rows.
 */
Datum
crm_attribute_finalfn(PG_FUNCTION_ARGS)
{
	AttributeState *state = PG_ARGISNULL(0) ? NULL : (AttributeState *) PG_GETARG_POINTER(0);
	RowCache   *cache;
	Journey		journey;
	const Channel *channels;
	const uint32 *numbers;
	ChannelCredit *credits;
	uint32		n_slots;
	bool	   *is_direct;
	uint32	   *earners;
	uint32		n_earners = 0;
	Datum	   *rows;
	uint32		i;
	uint32		j;

	crm_agg_context(fcinfo, "crm_attribute_finalfn");
	if (state == NULL)
		PG_RETURN_NULL();
	cache = row_cache(fcinfo);
	crm_attribute_read(state, &cache->slots, &journey);
	if (journey.n_conversions == 0)
		PG_RETURN_ARRAYTYPE_P(construct_empty_array(cache->row_type));

	channels = state->setup->channels->channels;
	numbers = cache->slots.numbers;
	n_slots = cache->slots.n;
	order_journey(&journey, channels, &cache->slots);
	is_direct = (bool *) palloc(n_slots + 1);
	for (i = 0; i < n_slots; i++)
		is_direct[i] = channels[numbers[i]].ignored;

	credits = (ChannelCredit *) palloc0((n_slots + 1) * sizeof(ChannelCredit));
	crm_attribution_assign(state->setup->spec, state->setup->is_local,
						   journey.touches, journey.n_touches,
						   journey.conversions, journey.n_conversions,
						   is_direct, n_slots, credits);

	/* those with credit, by name; the one without a name stays last */
	earners = (uint32 *) palloc((n_slots + 1) * sizeof(uint32));
	for (i = 0; i <= n_slots; i++)
	{
		if (credits[i].whole == 0 && credits[i].units == 0)
			continue;
		j = n_earners++;
		while (i < n_slots && j > 0 &&
			   crm_channel_compare(&channels[numbers[earners[j - 1]]],
								   &channels[numbers[i]]) > 0)
		{
			earners[j] = earners[j - 1];
			j--;
		}
		earners[j] = i;
	}

	rows = (Datum *) palloc(n_earners * sizeof(Datum));
	for (i = 0; i < n_earners; i++)
	{
		const ChannelCredit *credit = &credits[earners[i]];
		Datum		values[CREDIT_COLUMNS] = {0};
		bool		nulls[CREDIT_COLUMNS] = {false};

		if (earners[i] < n_slots)
		{
			const Channel *channel = &channels[numbers[earners[i]]];

			values[0] = PointerGetDatum(cstring_to_text_with_len(channel->name,
																 (int) channel->len));
		}
		else
			nulls[0] = true;
		values[1] = NumericGetDatum(crm_credit_numeric(credit->whole, credit->units));
		if (credit->value.present)
			values[2] = NumericGetDatum(crm_attribution_amount_trimmed(&credit->value, credit->scale));
		else
			nulls[2] = true;
		rows[i] = HeapTupleGetDatum(heap_form_tuple(cache->tupdesc, values, nulls));
	}
	PG_RETURN_ARRAYTYPE_P(construct_array(rows, (int) n_earners, cache->row_type,
										  cache->typlen, cache->typbyval, cache->typalign));
}
