/*-------------------------------------------------------------------------
 *
 * period.c
 *	  Calendar periods by number: days, ISO weeks, months.
 *
 * Which day an instant lies on is not decided here: see period_clock.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "utils/datetime.h"

#include "src/common/args.h"
#include "src/retention/period.h"

#define UNIT_NAMES "day, week, month, 24h"

static int64 month_start(int64 month);

/*
 * The unit of that name, or an error.
 */
PeriodUnit
crm_period_unit_by_name(const char *name)
{
	if (strcmp(name, "day") == 0)
		return PERIOD_DAY;
	if (strcmp(name, "week") == 0)
		return PERIOD_WEEK;
	if (strcmp(name, "month") == 0)
		return PERIOD_MONTH;
	if (strcmp(name, "24h") == 0)
		return PERIOD_24H;
	crm_unknown_name_error("unit", name, UNIT_NAMES);
}

/*
 * The name of a unit; NULL if there is none of that number.
 */
const char *
crm_period_unit_name(PeriodUnit unit)
{
	switch (unit)
	{
		case PERIOD_DAY:
			return "day";
		case PERIOD_WEEK:
			return "week";
		case PERIOD_MONTH:
			return "month";
		case PERIOD_24H:
			return "24h";
	}
	return NULL;
}

/*
 * The month of a finite date.
 */
int32
crm_period_month(DateADT day)
{
	int			year;
	int			month;
	int			mday;

	j2date(day + POSTGRES_EPOCH_JDATE, &year, &month, &mday);
	return (year - 2000) * MONTHS_PER_YEAR + month - 1;
}

/*
 * The day before which a month lies wholly.  Any month whose number fits 32
 * bits: Gregorian dates repeat every 400 years.
 */
static int64
month_start(int64 month)
{
	const int	cycle_months = 400 * MONTHS_PER_YEAR;
	const int	cycle_days = 146097;
	int64		cycle = crm_floor_div(month, cycle_months);
	int			rest = (int) (month - cycle * cycle_months);

	return cycle * cycle_days - POSTGRES_EPOCH_JDATE +
		date2j(2000 + rest / MONTHS_PER_YEAR, rest % MONTHS_PER_YEAR + 1, 1);
}

/*
 * The first day of a period, within what type date can hold.
 */
DateADT
crm_period_start(PeriodUnit unit, int64 period)
{
	int64		day = period;

	if (unit == PERIOD_WEEK)
		day = period * 7 - PERIOD_WEEK_SHIFT;
	else if (unit == PERIOD_MONTH)
		day = month_start(period);
	return (DateADT) Min(Max(day, PERIOD_MIN_DAY), PERIOD_MAX_DAY);
}

/*
 * The last period that has ended when the day observed_to has.  Of 24 hours
 * from an event on a day, none ends before the end of the next day.
 */
int32
crm_period_last_complete(PeriodUnit unit, DateADT observed_to)
{
	if (unit == PERIOD_24H)
		return observed_to - 1;
	return crm_period_of_day(unit, observed_to + 1) - 1;
}

/*
 * Check a date argument: it must be finite.
 */
DateADT
crm_period_date_arg(DateADT day, const char *what)
{
	if (DATE_NOT_FINITE(day))
		crm_check_finite(INFINITY, what);
	return day;
}

/*
 * A date as ISO 8601 has it, whatever DateStyle says.  The year before 1 is 0,
 * then come negative ones, so that there is no space in it.
 */
void
crm_period_append_day(StringInfo buf, DateADT day)
{
	int			year;
	int			month;
	int			mday;

	j2date(day + POSTGRES_EPOCH_JDATE, &year, &month, &mday);
	appendStringInfo(buf, "%s%04d-%02d-%02d", year < 0 ? "-" : "", abs(year),
					 month, mday);
}

/*
 * Read what crm_period_append_day writes; false if it is no such date.
 */
bool
crm_period_parse_day(const char *word, DateADT *day)
{
	StringInfoData again;
	int			year;
	int			month;
	int			mday;
	int			length = -1;
	int			julian;

	if (sscanf(word, "%7d-%2d-%2d%n", &year, &month, &mday, &length) < 3 ||
		length < 0 || word[length] != '\0' ||
		month < 1 || month > MONTHS_PER_YEAR || mday < 1 || mday > 31 ||
		!IS_VALID_JULIAN(year, month, mday))
		return false;
	julian = date2j(year, month, mday);
	if (julian < DATETIME_MIN_JULIAN || julian >= DATE_END_JULIAN)
		return false;

	/* There is no 31 June, and one way to write a date. */
	*day = julian - POSTGRES_EPOCH_JDATE;
	initStringInfo(&again);
	crm_period_append_day(&again, *day);
	return strcmp(word, again.data) == 0;
}
