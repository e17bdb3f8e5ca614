/*-------------------------------------------------------------------------
 *
 * funnel_def.c
 *	  The function crm_funnel_def: what a funnel is.
 *
 * Aggregates take neither named arguments nor defaults, ordinary functions
 * take both: so the options of a funnel are a value that an ordinary function
 * makes, which the planner folds to a constant, and which can be kept in a
 * table beside the reports made with it.
 *
 * What depends on the number of steps is checked here when the steps are
 * named, else when the conditions are seen (funnel_plan.c).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <ctype.h>

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/rangetypes.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "src/common/args.h"
#include "src/journey/funnel_def_parts.h"

const OptionNames crm_funnel_mode_names = {
	"funnel mode", "ordered, strict, any_order",
	{"ordered", "strict", "any_order", NULL}
};
const OptionNames crm_funnel_same_time_names = {
	"value of same_time", "may_advance, must_increase",
	{"may_advance", "must_increase", NULL}
};
const OptionNames crm_funnel_on_repeat_names = {
	"value of on_repeat", "ignore, stop",
	{"ignore", "stop", NULL}
};
const OptionNames crm_funnel_entry_names = {
	"value of entry", "any, first, last",
	{"any", "first", "last", NULL}
};

PG_FUNCTION_INFO_V1(crm_funnel_def);

static uint8 option_arg(FunctionCallInfo fcinfo, int arg, const OptionNames *option);
static void check_span(const Interval *span, bool units, const char *what);
static int	read_names(ArrayType *array, const char *what, char **names);
static void read_step_within(ArrayType *array, DefParts *parts);
static void read_optional(ArrayType *array, DefParts *parts);
static void read_exclude_between(RangeType *range, DefParts *parts);
static void check_parts(const DefParts *parts);

/*
 * All defaults, and no window.
 */
void
crm_funnel_parts_init(DefParts *parts)
{
	memset(parts, 0, sizeof(DefParts));
	parts->def.mode = FUNNEL_ORDERED;
	parts->def.same_time = FUNNEL_MAY_ADVANCE;
	parts->def.on_repeat = FUNNEL_REPEAT_IGNORE;
	parts->def.entry = FUNNEL_ENTRY_ANY;
}

/*
 * The number of an option's value, or an error that lists the names.
 */
int
crm_funnel_option_by_name(const OptionNames *option, const char *name)
{
	int			i;

	for (i = 0; option->names[i] != NULL; i++)
	{
		if (strcmp(name, option->names[i]) == 0)
			return i + 1;
	}
	crm_unknown_name_error(option->what, name, option->valid);
}

/*
 * NULL is the default, as if the argument had been left out.
 */
static uint8
option_arg(FunctionCallInfo fcinfo, int arg, const OptionNames *option)
{
	if (PG_ARGISNULL(arg))
		return 1;
	return (uint8) crm_funnel_option_by_name(option, text_to_cstring(PG_GETARG_TEXT_PP(arg)));
}

/*
 * A window: positive, finite, without negative parts (which would leave open
 * whether '1 month -30 days' is positive).
 */
static void
check_span(const Interval *span, bool units, const char *what)
{
	bool		endless = span->month == PG_INT32_MAX && span->day == PG_INT32_MAX &&
		span->time == PG_INT64_MAX;

	if (span->month < 0 || span->day < 0 || span->time < 0 || endless ||
		(span->month == 0 && span->day == 0 && span->time == 0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be positive, got %s", what,
						units ? psprintf(INT64_FORMAT, span->time) :
						DatumGetCString(DirectFunctionCall1(interval_out,
															IntervalPGetDatum(span)))),
				 errhint("Give a length of time such as '7 days', or a number such as 3600 where times are numbers.")));
}

/*
 * A window as the text of an interval.  Of what the type interval reads, only
 * a leading minus means one thing or another by the setting IntervalStyle; a
 * window has none, so that this depends on no setting.
 */
Interval
crm_funnel_window_from_text(const char *string)
{
	const char *first = string;

	while (isspace((unsigned char) *first))
		first++;
	if (*first == '-')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the window must be positive, got %s", string),
				 errhint("Give a length of time such as '7 days', or a number such as 3600 where times are numbers.")));
	return *DatumGetIntervalP(DirectFunctionCall3(interval_in, CStringGetDatum(string),
												  ObjectIdGetDatum(InvalidOid),
												  Int32GetDatum(-1)));
}

/*
 * The strings of an array, which must have one dimension and no NULL.
 */
static int
read_names(ArrayType *array, const char *what, char **names)
{
	Datum	   *elems;
	bool	   *nulls;
	int			n;
	int			i;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &elems, &nulls, &n);
	if (n < 1 || n > FUNNEL_MAX_STEPS || ARR_NDIM(array) != 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must name 1 to %d events, got %d", what, FUNNEL_MAX_STEPS, n),
				 errhint("Give a one-dimensional array of the events' names.")));
	for (i = 0; i < n; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s must not contain null", what),
					 errhint("A NULL event never is a step.")));
		names[i] = TextDatumGetCString(elems[i]);
	}
	return n;
}

static void
read_step_within(ArrayType *array, DefParts *parts)
{
	bool		units = (parts->def.header.flags & FUNNEL_DEF_UNITS) != 0;
	Datum	   *elems;
	bool	   *nulls;
	int			n;
	int			i;

	if (units)
		deconstruct_array(array, INT8OID, sizeof(int64), FLOAT8PASSBYVAL,
						  TYPALIGN_DOUBLE, &elems, &nulls, &n);
	else
		deconstruct_array(array, INTERVALOID, sizeof(Interval), false,
						  TYPALIGN_DOUBLE, &elems, &nulls, &n);
	if (n < 1 || n >= FUNNEL_MAX_STEPS || ARR_NDIM(array) != 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("step_within must have 1 to %d elements, got %d",
						FUNNEL_MAX_STEPS - 1, n),
				 errhint("Give one element for each step after the first, or one for all of them.")));
	for (i = 0; i < n; i++)
	{
		if (nulls[i])
		{
			parts->def.unbounded |= STEP_BIT(i + 1);
			continue;
		}
		if (units)
			parts->step_within[i].time = DatumGetInt64(elems[i]);
		else
			parts->step_within[i] = *DatumGetIntervalP(elems[i]);
	}
	parts->def.n_step_within = (uint8) n;
}

static void
read_optional(ArrayType *array, DefParts *parts)
{
	Datum	   *elems;
	bool	   *nulls;
	int			n;
	int			i;

	deconstruct_array(array, INT4OID, sizeof(int32), true, TYPALIGN_INT,
					  &elems, &nulls, &n);
	for (i = 0; i < n; i++)
	{
		int32		step = nulls[i] ? 0 : DatumGetInt32(elems[i]);

		if (step < 1 || step > FUNNEL_MAX_STEPS)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("optional must contain numbers of steps, got %s",
							nulls[i] ? "null" : psprintf("%d", step)),
					 errhint("Steps are counted from 1.")));
		parts->def.optional |= STEP_BIT(step);
	}
}

/*
 * The range's ends are steps; both are meant, so [2,3], which the server
 * writes as [2,4), is between steps 2 and 3.
 */
static void
read_exclude_between(RangeType *range, DefParts *parts)
{
	TypeCacheEntry *typcache = lookup_type_cache(RangeTypeGetOid(range),
												 TYPECACHE_RANGE_INFO);
	RangeBound	lower;
	RangeBound	upper;
	bool		empty;
	int64		from;
	int64		to;

	range_deserialize(typcache, range, &lower, &upper, &empty);
	from = (empty || lower.infinite) ? 0 : DatumGetInt32(lower.val);
	to = (empty || upper.infinite) ? 0 : (int64) DatumGetInt32(upper.val) - 1;
	if (empty || (!lower.infinite && (from < 1 || from >= FUNNEL_MAX_STEPS)) ||
		(!upper.infinite && (to <= Max(from, 1) || to > FUNNEL_MAX_STEPS)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("exclude_between must be a range of two or more steps"),
				 errhint("Between steps 2 and 3 is '[2,3]'.")));
	parts->def.exclude_from = (int16) from;
	parts->def.exclude_to = (int16) to;
}

/*
 * All that can be checked of a definition, however it was made.
 */
static void
check_parts(const DefParts *parts)
{
	const FunnelDef *def = &parts->def;
	bool		units = (def->header.flags & FUNNEL_DEF_UNITS) != 0;
	int			i;
	int			j;

	check_span(&def->within, units, "the window");
	for (i = 0; i < def->n_step_within; i++)
	{
		if ((def->unbounded & STEP_BIT(i + 1)) == 0)
			check_span(&parts->step_within[i], units, "step_within");
	}
	if (def->mode == FUNNEL_ANY_ORDER &&
		(def->on_repeat != FUNNEL_REPEAT_IGNORE || def->n_step_within > 0 ||
		 def->optional != 0 || def->exclude_from != 0 || def->exclude_to != 0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("mode any_order goes with none of on_repeat, step_within, optional, exclude_between"),
				 errhint("They speak of the order of steps.")));
	if (def->n_exclude == 0 && (def->exclude_from != 0 || def->exclude_to != 0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("exclude_between without exclude"),
				 errhint("Name the events in exclude.")));
	for (i = 0; i < def->n_steps; i++)
	{
		for (j = 0; j < def->n_exclude; j++)
		{
			if (strcmp(parts->names[i], parts->names[def->n_steps + j]) == 0)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("event \"%s\" is both a step and excluded", parts->names[i]),
						 errhint("To end the chain at a step that comes again, use on_repeat => 'stop'.")));
		}
	}
	if (def->n_steps > 0)
		crm_funnel_def_check_steps(def, def->n_steps);
}

/*
 * What depends on the number of steps; only the fixed part is looked at.
 */
void
crm_funnel_def_check_steps(const FunnelDef *def, int n_steps)
{
	if (n_steps < 1 || n_steps > FUNNEL_MAX_STEPS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a funnel has 1 to %d steps, got %d", FUNNEL_MAX_STEPS, n_steps),
				 errhint("Conditions after the steps are for exclusions, one for each name in exclude.")));
	if (def->optional & (STEP_BIT(1) | STEP_BIT(n_steps) | ~step_bits(1, n_steps)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("optional must name steps between the first and the last of %d", n_steps),
				 errhint("A chain begins with the first step, and is complete with the last.")));
	if (def->n_step_within > 1 && def->n_step_within != n_steps - 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("step_within has %d elements, the funnel %d steps",
						def->n_step_within, n_steps),
				 errhint("Give one element for each step after the first, or one for all of them.")));
	if (def->exclude_from >= n_steps || def->exclude_to > n_steps)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("exclude_between names a step beyond the last of %d", n_steps),
				 errhint("Steps are counted from 1.")));
}

/*
 * The stored form, checked, in the current memory context.
 */
FunnelDef *
crm_funnel_parts_make(const DefParts *parts)
{
	FunnelDef  *def;
	int			n_names = parts->def.n_steps + parts->def.n_exclude;
	Size		size = sizeof(FunnelDef) +
		parts->def.n_step_within * sizeof(Interval);
	char	   *to;
	int			i;

	check_parts(parts);
	for (i = 0; i < n_names; i++)
		size += sizeof(uint32) + strlen(parts->names[i]);
	def = (FunnelDef *) crm_summary_alloc(size, SUMMARY_FUNNEL_DEF, FUNNEL_DEF_VERSION);
	memcpy((char *) def + sizeof(SummaryHeader),
		   (const char *) &parts->def + sizeof(SummaryHeader),
		   sizeof(FunnelDef) - sizeof(SummaryHeader));
	def->header.flags = parts->def.header.flags;
	memcpy(FUNNEL_DEF_STEP_WITHIN(def), parts->step_within,
		   parts->def.n_step_within * sizeof(Interval));

	to = (char *) &FUNNEL_DEF_STEP_WITHIN(def)[def->n_step_within];
	for (i = 0; i < n_names; i++)
	{
		uint32		len = (uint32) strlen(parts->names[i]);

		memcpy(to, &len, sizeof(uint32));
		memcpy(to + sizeof(uint32), parts->names[i], len);
		to += sizeof(uint32) + len;
	}
	return def;
}

/*
 * Detoast and check that what follows the fixed part lies within the value;
 * do not change the result.
 */
FunnelDef *
crm_funnel_def_get(Datum datum)
{
	FunnelDef  *def = (FunnelDef *) crm_summary_detoast(datum, sizeof(FunnelDef),
														SUMMARY_FUNNEL_DEF, FUNNEL_DEF_VERSION,
														FUNNEL_DEF_TYPE);
	Size		size = VARSIZE(def);
	Size		pos = sizeof(FunnelDef) + def->n_step_within * sizeof(Interval);
	int			n_names = def->n_steps + def->n_exclude;
	bool		valid = def->n_steps <= FUNNEL_MAX_STEPS &&
		def->n_exclude <= FUNNEL_MAX_STEPS && def->n_step_within < FUNNEL_MAX_STEPS;
	int			i;

	for (i = 0; valid && i < n_names; i++)
	{
		uint32		len;

		valid = pos + sizeof(uint32) <= size;
		if (!valid)
			break;
		memcpy(&len, (char *) def + pos, sizeof(uint32));
		pos += sizeof(uint32);
		valid = len <= size - pos;
		pos += len;
	}
	if (!valid || pos != size)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("value is not a valid %s", FUNNEL_DEF_TYPE)));
	return def;
}

/*
 * The i-th name, from 0: the steps, then the exclusions.  Not terminated.
 */
const char *
crm_funnel_def_name(const FunnelDef *def, int i, uint32 *len)
{
	const char *pos = (const char *) &FUNNEL_DEF_STEP_WITHIN(def)[def->n_step_within];

	for (;;)
	{
		memcpy(len, pos, sizeof(uint32));
		pos += sizeof(uint32);
		if (i-- == 0)
			return pos;
		pos += *len;
	}
}

/*
 * The definition that crm_window_funnel(within, ...) stands for: an event that
 * is several steps serves them all, as in the column stores that the function
 * is named after.
 */
FunnelDef *
crm_funnel_def_window(const Interval *within, bool units)
{
	DefParts	parts;

	crm_funnel_parts_init(&parts);
	parts.def.within = *within;
	parts.def.reuse_event = 1;
	if (units)
		parts.def.header.flags = FUNNEL_DEF_UNITS;
	return crm_funnel_parts_make(&parts);
}

/*
 * crm_funnel_def(within, steps, mode, same_time, reuse_event, on_repeat,
 *				  step_within, optional, exclude, exclude_between, entry)
 *
 * within is interval, bigint (then step_within is bigint[]) or text, which is
 * read as an interval.  Not strict: all but the window may be NULL, which
 * means the default.
 */
Datum
crm_funnel_def(PG_FUNCTION_ARGS)
{
	DefParts	parts;

	crm_funnel_parts_init(&parts);
	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the window must not be null"),
				 errhint("Give a long interval, such as '100 years', for no limit.")));
	switch (get_fn_expr_argtype(fcinfo->flinfo, 0))
	{
		case INT8OID:
			parts.def.header.flags = FUNNEL_DEF_UNITS;
			parts.def.within.time = PG_GETARG_INT64(0);
			break;
		case TEXTOID:
			parts.def.within = crm_funnel_window_from_text(text_to_cstring(PG_GETARG_TEXT_PP(0)));
			break;
		default:
			parts.def.within = *PG_GETARG_INTERVAL_P(0);
			break;
	}

	parts.def.mode = option_arg(fcinfo, 2, &crm_funnel_mode_names);
	parts.def.same_time = option_arg(fcinfo, 3, &crm_funnel_same_time_names);
	parts.def.reuse_event = !PG_ARGISNULL(4) && PG_GETARG_BOOL(4);
	parts.def.on_repeat = option_arg(fcinfo, 5, &crm_funnel_on_repeat_names);
	parts.def.entry = option_arg(fcinfo, 10, &crm_funnel_entry_names);
	if (!PG_ARGISNULL(1))
		parts.def.n_steps = (uint8) read_names(PG_GETARG_ARRAYTYPE_P(1), "steps", parts.names);
	if (!PG_ARGISNULL(6))
		read_step_within(PG_GETARG_ARRAYTYPE_P(6), &parts);
	if (!PG_ARGISNULL(7))
		read_optional(PG_GETARG_ARRAYTYPE_P(7), &parts);
	if (!PG_ARGISNULL(8))
		parts.def.n_exclude = (uint8) read_names(PG_GETARG_ARRAYTYPE_P(8), "exclude",
												 parts.names + parts.def.n_steps);
	if (!PG_ARGISNULL(9))
		read_exclude_between(PG_GETARG_RANGE_P(9), &parts);
	PG_RETURN_POINTER(crm_funnel_parts_make(&parts));
}
