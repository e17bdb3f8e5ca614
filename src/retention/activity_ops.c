/*-------------------------------------------------------------------------
 *
 * activity_ops.c
 *	  What one can ask of a customer's activity: set operations, comparison,
 *	  the active periods.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "src/common/args.h"
#include "src/retention/activity.h"

PG_FUNCTION_INFO_V1(crm_activity_or);
PG_FUNCTION_INFO_V1(crm_activity_and);
PG_FUNCTION_INFO_V1(crm_activity_contains);
PG_FUNCTION_INFO_V1(crm_activity_contained);
PG_FUNCTION_INFO_V1(crm_activity_eq);
PG_FUNCTION_INFO_V1(crm_activity_ne);
PG_FUNCTION_INFO_V1(crm_activity_hash);
PG_FUNCTION_INFO_V1(crm_activity_hash_extended);
PG_FUNCTION_INFO_V1(crm_active_in);
PG_FUNCTION_INFO_V1(crm_activity_unit);
PG_FUNCTION_INFO_V1(crm_activity_first);
PG_FUNCTION_INFO_V1(crm_activity_last);
PG_FUNCTION_INFO_V1(crm_activity_count);
PG_FUNCTION_INFO_V1(crm_activity_count_between);
PG_FUNCTION_INFO_V1(crm_activity_periods);
PG_FUNCTION_INFO_V1(crm_activity_in_unit);

static ActivityState *state_like(const Activity *activity, PeriodUnit unit);
static bool contains(const Activity *activity, const Activity *part);
static bool same_periods(const Activity *a, const Activity *b);
static uint64 hash(const Activity *activity, uint64 seed);
static int64 count_all(const Activity *activity);

/*
 * An empty state, in the current memory context, for what an activity has.
 */
static ActivityState *
state_like(const Activity *activity, PeriodUnit unit)
{
	int32		period = 0;

	if (activity->n_words > 0)
	{
		period = activity_first(activity);
		if (unit != activity->header.flags)
			period = crm_period_of_day(unit, period);
	}
	return crm_activity_state_create(CurrentMemoryContext, unit, 0, period);
}

/*
 * crm_activity_or(crm_activity, crm_activity) -> crm_activity
 *
 * Active in either.  Periods of 24 hours are counted from different events and
 * cannot be put together.
 */
Datum
crm_activity_or(PG_FUNCTION_ARGS)
{
	Activity   *a = crm_activity_get_calendar(PG_GETARG_DATUM(0));
	Activity   *b = crm_activity_get_calendar(PG_GETARG_DATUM(1));
	ActivityState *state;

	crm_activity_check_unit((PeriodUnit) a->header.flags, (PeriodUnit) b->header.flags);
	state = state_like(a, (PeriodUnit) a->header.flags);
	state = crm_activity_state_merge(state, a->first_word, a->n_words, a->words);
	state = crm_activity_state_merge(state, b->first_word, b->n_words, b->words);
	PG_RETURN_POINTER(crm_activity_state_value(state));
}

/*
 * crm_activity_and(crm_activity, crm_activity) -> crm_activity
 *
 * Active in both; without such a period, an empty activity.
 */
Datum
crm_activity_and(PG_FUNCTION_ARGS)
{
	Activity   *a = crm_activity_get_calendar(PG_GETARG_DATUM(0));
	Activity   *b = crm_activity_get_calendar(PG_GETARG_DATUM(1));
	uint32		from = Max(a->first_word, b->first_word);
	uint32		to = Min(a->first_word + a->n_words, b->first_word + b->n_words);
	ActivityState *state;
	uint64	   *words;
	uint32		i;

	crm_activity_check_unit((PeriodUnit) a->header.flags, (PeriodUnit) b->header.flags);
	state = state_like(a, (PeriodUnit) a->header.flags);
	if (from < to)
	{
		words = (uint64 *) palloc((to - from) * sizeof(uint64));
		for (i = from; i < to; i++)
			words[i - from] = a->words[i - a->first_word] & b->words[i - b->first_word];
		state = crm_activity_state_merge(state, from, to - from, words);
	}
	PG_RETURN_POINTER(crm_activity_state_value(state));
}

static bool
contains(const Activity *activity, const Activity *part)
{
	uint32		offset = part->first_word - activity->first_word;
	uint32		i;

	crm_activity_check_unit((PeriodUnit) activity->header.flags,
							(PeriodUnit) part->header.flags);
	if (part->n_words == 0)
		return true;
	/* the ends of a part have a bit; offset wraps round if it begins before */
	if (offset >= activity->n_words || part->n_words > activity->n_words - offset)
		return false;
	for (i = 0; i < part->n_words; i++)
	{
		if ((part->words[i] & ~activity->words[offset + i]) != 0)
			return false;
	}
	return true;
}

/*
 * crm_activity_contains(crm_activity, crm_activity) -> boolean
 *
 * Whether the first is active in every period in which the second is.
 */
Datum
crm_activity_contains(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(contains(crm_activity_get_calendar(PG_GETARG_DATUM(0)),
							crm_activity_get_calendar(PG_GETARG_DATUM(1))));
}

/*
 * crm_activity_contained(crm_activity, crm_activity) -> boolean
 */
Datum
crm_activity_contained(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(contains(crm_activity_get_calendar(PG_GETARG_DATUM(1)),
							crm_activity_get_calendar(PG_GETARG_DATUM(0))));
}

/*
 * Same unit, same periods: there is one way to write each value.
 */
static bool
same_periods(const Activity *a, const Activity *b)
{
	return a->header.flags == b->header.flags &&
		a->first_word == b->first_word && a->n_words == b->n_words &&
		memcmp(a->words, b->words, (Size) a->n_words * sizeof(uint64)) == 0;
}

/*
 * crm_activity_eq(crm_activity, crm_activity) -> boolean
 */
Datum
crm_activity_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(same_periods(crm_activity_get(PG_GETARG_DATUM(0)),
								crm_activity_get(PG_GETARG_DATUM(1))));
}

/*
 * crm_activity_ne(crm_activity, crm_activity) -> boolean
 */
Datum
crm_activity_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!same_periods(crm_activity_get(PG_GETARG_DATUM(0)),
								 crm_activity_get(PG_GETARG_DATUM(1))));
}

static uint64
hash(const Activity *activity, uint64 seed)
{
	uint64		words;

	words = DatumGetUInt64(hash_any_extended((const unsigned char *) activity->words,
											 activity->n_words * sizeof(uint64), seed));
	return words ^ hash_combine(activity->header.flags, activity->first_word);
}

/*
 * crm_activity_hash(crm_activity) -> integer
 *
 * The lower half of crm_activity_hash_extended with seed 0, as hash joins and
 * hash partitions expect.
 */
Datum
crm_activity_hash(PG_FUNCTION_ARGS)
{
	PG_RETURN_UINT32((uint32) hash(crm_activity_get(PG_GETARG_DATUM(0)), 0));
}

/*
 * crm_activity_hash_extended(crm_activity, bigint) -> bigint
 */
Datum
crm_activity_hash_extended(PG_FUNCTION_ARGS)
{
	PG_RETURN_UINT64(hash(crm_activity_get(PG_GETARG_DATUM(0)),
						  (uint64) PG_GETARG_INT64(1)));
}

/*
 * crm_active_in(crm_activity, date) -> boolean
 *
 * Whether the period that the date lies in is active.
 */
Datum
crm_active_in(PG_FUNCTION_ARGS)
{
	Activity   *activity = crm_activity_get_calendar(PG_GETARG_DATUM(0));
	DateADT		day = crm_period_date_arg(PG_GETARG_DATEADT(1), "period");

	PG_RETURN_BOOL(activity_test(activity,
								 crm_period_of_day((PeriodUnit) activity->header.flags, day)));
}

/*
 * crm_activity_unit(crm_activity) -> text
 */
Datum
crm_activity_unit(PG_FUNCTION_ARGS)
{
	Activity   *activity = crm_activity_get(PG_GETARG_DATUM(0));

	PG_RETURN_TEXT_P(cstring_to_text(crm_period_unit_name((PeriodUnit) activity->header.flags)));
}

/*
 * crm_activity_first(crm_activity) -> date
 *
 * The first day of the first active period; NULL if there is none.
 */
Datum
crm_activity_first(PG_FUNCTION_ARGS)
{
	Activity   *activity = crm_activity_get(PG_GETARG_DATUM(0));

	if (activity->n_words == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(crm_period_start((PeriodUnit) activity->header.flags,
									   activity_first(activity)));
}

/*
 * crm_activity_last(crm_activity) -> date
 *
 * The first day of the last active period; NULL if there is none.
 */
Datum
crm_activity_last(PG_FUNCTION_ARGS)
{
	Activity   *activity = crm_activity_get_calendar(PG_GETARG_DATUM(0));

	if (activity->n_words == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(crm_period_start((PeriodUnit) activity->header.flags,
									   activity_last(activity)));
}

static int64
count_all(const Activity *activity)
{
	int64		count = 0;
	uint32		i;

	for (i = 0; i < activity->n_words; i++)
		count += pg_popcount64(activity->words[i]);
	return count;
}

/*
 * The number of active periods from one to another, inclusive.
 */
int64
crm_activity_count_range(const Activity *activity, int32 from, int32 to)
{
	int64		count = 0;
	int64		begin;
	int64		end;
	int64		i;

	if (from > to)
		return 0;
	begin = Max((int64) activity_word(from) - activity->first_word, 0);
	end = Min((int64) activity_word(to) - activity->first_word,
			  (int64) activity->n_words - 1);
	for (i = begin; i <= end; i++)
	{
		uint64		word = activity->words[i];

		if (activity->first_word + i == activity_word(from))
			word &= ~(activity_bit(from) - 1);
		if (activity->first_word + i == activity_word(to))
			word &= activity_bit(to) | (activity_bit(to) - 1);
		count += pg_popcount64(word);
	}
	return count;
}

/*
 * crm_activity_count(crm_activity) -> integer
 *
 * The number of active periods.
 */
Datum
crm_activity_count(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32((int32) count_all(crm_activity_get(PG_GETARG_DATUM(0))));
}

/*
 * crm_activity_count(crm_activity, from date, to date) -> integer
 *
 * The number of active periods from that in which the one date lies to that of
 * the other, inclusive.
 */
Datum
crm_activity_count_between(PG_FUNCTION_ARGS)
{
	Activity   *activity = crm_activity_get_calendar(PG_GETARG_DATUM(0));
	PeriodUnit	unit = (PeriodUnit) activity->header.flags;
	int32		from = crm_period_of_day(unit, crm_period_date_arg(PG_GETARG_DATEADT(1), "from"));
	int32		to = crm_period_of_day(unit, crm_period_date_arg(PG_GETARG_DATEADT(2), "to"));

	PG_RETURN_INT32((int32) crm_activity_count_range(activity, from, to));
}

/*
 * crm_activity_periods(crm_activity) -> date[]
 *
 * The first day of each active period, in order.
 */
Datum
crm_activity_periods(PG_FUNCTION_ARGS)
{
	Activity   *activity = crm_activity_get_calendar(PG_GETARG_DATUM(0));
	PeriodUnit	unit = (PeriodUnit) activity->header.flags;
	Datum	   *days = (Datum *) palloc((count_all(activity) + 1) * sizeof(Datum));
	ActivityWalk walk;
	int32		period;
	int			n = 0;

	activity_walk_begin(&walk, activity);
	while (activity_walk_next(&walk, &period))
		days[n++] = DateADTGetDatum(crm_period_start(unit, period));
	PG_RETURN_ARRAYTYPE_P(construct_array(days, n, DATEOID, sizeof(DateADT), true,
										  TYPALIGN_INT));
}

/*
 * crm_activity_in_unit(crm_activity, unit text) -> crm_activity
 *
 * The weeks or months of the active days.  (A week may lie in two months.)
 */
Datum
crm_activity_in_unit(PG_FUNCTION_ARGS)
{
	Activity   *activity = crm_activity_get_calendar(PG_GETARG_DATUM(0));
	PeriodUnit	from = (PeriodUnit) activity->header.flags;
	PeriodUnit	unit = crm_period_unit_by_name(text_to_cstring(PG_GETARG_TEXT_PP(1)));
	ActivityState *state;
	ActivityWalk walk;
	int32		period;

	if (unit == from)
		PG_RETURN_POINTER(activity);
	if (from != PERIOD_DAY || unit == PERIOD_24H)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("activity in the unit %s cannot be turned into the unit %s",
						crm_period_unit_name(from), crm_period_unit_name(unit)),
				 errhint("Only days can be turned into weeks or months.")));

	state = state_like(activity, unit);
	activity_walk_begin(&walk, activity);
	while (activity_walk_next(&walk, &period))
		state = crm_activity_state_add(state, crm_period_of_day(unit, period));
	PG_RETURN_POINTER(crm_activity_state_value(state));
}
