/*-------------------------------------------------------------------------
 *
 * schedule_cache.c
 *	  Calendars made ready, kept for the life of a query.
 *
 * Parsing a calendar costs a hundred times what computing with it does, and
 * mostly it is a constant.  But it may also come from a table, a few teams'
 * calendars in turn, so that several are kept, found by their bytes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "utils/memutils.h"

#include "src/service/schedule.h"

/*
 * How many calendars to keep.  A full round of more than that many parses anew
 * each time; looking through this many costs less than parsing one.
 */
#define CACHE_SIZE 64

typedef struct CacheEntry
{
	MemoryContext context;		/* of the schedule and the copy */
	Calendar   *calendar;		/* a copy of the stored value */
	uint32		hash;
	Schedule   *schedule;
} CacheEntry;

typedef struct ScheduleCache
{
	int			n;
	int			last;			/* the entry last used */
	int			victim;			/* the entry to replace next */
	CacheEntry	entries[CACHE_SIZE];
} ScheduleCache;

static ScheduleCache *get_cache(FunctionCallInfo fcinfo);
static bool same_value(const Calendar *a, const Calendar *b);

/*
 * The cache of the running function, which must use fn_extra for nothing else.
 */
static ScheduleCache *
get_cache(FunctionCallInfo fcinfo)
{
	if (fcinfo->flinfo->fn_extra == NULL)
		fcinfo->flinfo->fn_extra = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt,
														  sizeof(ScheduleCache));
	return (ScheduleCache *) fcinfo->flinfo->fn_extra;
}

static bool
same_value(const Calendar *a, const Calendar *b)
{
	return VARSIZE(a) == VARSIZE(b) && memcmp(a, b, VARSIZE(a)) == 0;
}

/*
 * The schedule of a calendar datum.  It belongs to the running function's
 * cache, and is good until the next call of this function.
 */
Schedule *
crm_schedule_get(FunctionCallInfo fcinfo, Datum datum)
{
	ScheduleCache *cache = get_cache(fcinfo);
	Calendar   *calendar;
	CalendarSpec *spec;
	CacheEntry	entry;
	MemoryContext old_context;
	int			i;

	calendar = (Calendar *) crm_summary_detoast(datum, offsetof(Calendar, canonical),
												SUMMARY_CALENDAR, CALENDAR_VERSION,
												CALENDAR_TYPE_NAME);

	if (cache->n > 0 && same_value(calendar, cache->entries[cache->last].calendar))
		return cache->entries[cache->last].schedule;

	entry.hash = hash_bytes((unsigned char *) calendar->canonical,
							(int) CALENDAR_TEXT_LEN(calendar));
	for (i = 0; i < cache->n; i++)
	{
		if (cache->entries[i].hash == entry.hash &&
			same_value(calendar, cache->entries[i].calendar))
		{
			cache->last = i;
			return cache->entries[i].schedule;
		}
	}

	/* The entry is made known when it is complete. */
	spec = crm_calendar_spec(calendar);
	entry.context = AllocSetContextCreate(fcinfo->flinfo->fn_mcxt, "crm_calendar schedule",
										  ALLOCSET_SMALL_SIZES);
	old_context = MemoryContextSwitchTo(entry.context);
	entry.calendar = palloc(VARSIZE(calendar));
	memcpy(entry.calendar, calendar, VARSIZE(calendar));
	entry.schedule = crm_schedule_create(spec);
	MemoryContextSwitchTo(old_context);

	if (cache->n < CACHE_SIZE)
		i = cache->n++;
	else
	{
		i = cache->victim;
		cache->victim = (i + 1) % CACHE_SIZE;
		MemoryContextDelete(cache->entries[i].context);
	}
	cache->entries[i] = entry;
	cache->last = i;
	return entry.schedule;
}
