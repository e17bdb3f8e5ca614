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

#include "utils/array.h"
#include "utils/memutils.h"

#include "src/common/aggstate.h"
#include "src/common/event_list.h"
#include "src/common/row_array.h"
#include "src/journey/attribution_state.h"

/* Columns of crm_attribution_credit */
#define CREDIT_COLUMNS 3

/* What a row may well take */
#define CREDIT_SIZE 64

/* What the final function carries (fn_extra) */
typedef struct RowCache
{
	const RowArrayType *type;
	ChannelSlots slots;
	bool		is_direct[TOUCH_TIME];	/* by slot */
	uint32		earners[TOUCH_TIME + 1];
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

	if (cache != NULL)
		return cache;

	cache = (RowCache *) MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, sizeof(RowCache));
	cache->type = crm_row_array_type(fcinfo, CREDIT_COLUMNS);
	crm_channel_slots_init(&cache->slots, fcinfo->flinfo->fn_mcxt);
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
	const ChannelSet *set;
	const Channel *channels;
	const uint32 *numbers;
	ChannelCredit *credits;
	uint32	   *earners;
	uint32		n_slots;
	uint32		n_earners = 0;
	RowArray	rows;
	uint32		i;
	uint32		j;

	crm_agg_context(fcinfo, "crm_attribute_finalfn");
	if (state == NULL)
		PG_RETURN_NULL();
	cache = row_cache(fcinfo);
	crm_attribute_read(state, &cache->slots, &journey);
	if (journey.n_conversions == 0)
		PG_RETURN_ARRAYTYPE_P(construct_empty_array(cache->type->tupdesc->tdtypeid));

	set = state->setup->channels;
	channels = set->channels;
	numbers = cache->slots.numbers;
	n_slots = cache->slots.n;
	order_journey(&journey, channels, &cache->slots);
	for (i = 0; i < n_slots; i++)
		cache->is_direct[i] = channels[numbers[i]].ignored;

	credits = (ChannelCredit *) palloc0((n_slots + 1) * sizeof(ChannelCredit));
	crm_attribution_assign(state->setup->spec, state->setup->is_local,
						   journey.touches, journey.n_touches,
						   journey.conversions, journey.n_conversions,
						   cache->is_direct, n_slots, credits);

	/* those with credit, by name; the one without a name stays last */
	earners = cache->earners;
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

	crm_row_array_begin(&rows, cache->type, n_earners * CREDIT_SIZE);
	for (i = 0; i < n_earners; i++)
	{
		const ChannelCredit *credit = &credits[earners[i]];
		Datum		values[CREDIT_COLUMNS] = {0};
		bool		nulls[CREDIT_COLUMNS] = {false};
		NumericSpace space[2];

		if (earners[i] < n_slots)
			values[0] = crm_channel_text(set, numbers[earners[i]]);
		else
			nulls[0] = true;
		values[1] = NumericGetDatum(crm_credit_numeric(&space[0], credit->whole, credit->units));
		if (credit->value.present)
			values[2] = NumericGetDatum(crm_attribution_amount_trimmed(&space[1], &credit->value,
																	   credit->scale));
		else
			nulls[2] = true;
		crm_row_array_add(&rows, values, nulls);
	}
	PG_RETURN_DATUM(crm_row_array_end(&rows));
}
