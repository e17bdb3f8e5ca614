/*-------------------------------------------------------------------------
 *
 * attribution_def.c
 *	  The stored type crm_attribution_def: the rule by which conversions are
 *	  credited to channels.
 *
 * Aggregates have neither named arguments nor defaults, so that the options
 * are in a value of their own, made by a function that has both.  What is
 * stored is its canonical text behind the usual header: there is one parser to
 * trust for text, binary and disk, two definitions are the same if their bytes
 * are, and an aggregate parses once a query.
 *
 * The text is, as an example,
 *
 *		crm_attribution_def:1 model=time_decay lookback=30d half_life=7d
 *			ignore=["direct"] reset_on_conversion=true
 *
 * on one line, with model first and the others where they apply.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <ctype.h>
#include <math.h>

#include "catalog/pg_type.h"
#include "libpq/pqformat.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "src/common/args.h"
#include "src/journey/attribution.h"

#define VALID_MODELS \
	"linear, first, last, last_non_direct, position, time_decay, custom"

/* The half-life where none is given, as web analytics has it: a week */
#define DEFAULT_HALF_LIFE_DAYS 7

/* The channel that last_non_direct passes over where none is named */
#define DEFAULT_DIRECT "direct"

PG_FUNCTION_INFO_V1(crm_attribution_def_in);
PG_FUNCTION_INFO_V1(crm_attribution_def_out);
PG_FUNCTION_INFO_V1(crm_attribution_def_recv);
PG_FUNCTION_INFO_V1(crm_attribution_def_send);
PG_FUNCTION_INFO_V1(crm_attribution_def);

static void append_duration(StringInfo buf, const char *key, const Interval *duration);
static void check_duration(const Interval *duration, const char *what);
static void check_spec(const AttributionSpec *spec);
static int	compare_names(const void *a, const void *b);
static void deparse(StringInfo buf, const AttributionSpec *spec);
static AttributionDef *make_def(const AttributionSpec *spec);
static AttributionModel model_from_name(const char *name);
static void read_duration(TextReader *reader, const char *key, Interval *duration);
static int64 read_digits(TextReader *reader, int64 max);
static int	sort_names(char **names, int n);
static void set_defaults(AttributionSpec *spec);
static void take_names(AttributionSpec *spec, ArrayType *array);
static void take_weights(AttributionSpec *spec, ArrayType *array);

/* By AttributionModel */
static const char *const model_names[ATTRIBUTION_MODELS] = {
	"linear", "first", "last", "last_non_direct", "position", "time_decay", "custom"
};

/* First touch, those in between together, last touch */
static const double position_weights[] = {0.4, 0.2, 0.4};

static AttributionModel
model_from_name(const char *name)
{
	int			i;

	for (i = 0; i < ATTRIBUTION_MODELS; i++)
	{
		if (strcmp(name, model_names[i]) == 0)
			return (AttributionModel) i;
	}
	crm_unknown_name_error("attribution model", name, VALID_MODELS);
}

/*
 * Durations are positive, and so is each of their parts: a month less forty
 * days would be positive at one time and negative at another.
 */
static void
check_duration(const Interval *duration, const char *what)
{
	if (duration->month < 0 || duration->day < 0 || duration->time < 0 ||
		(duration->month == 0 && duration->day == 0 && duration->time == 0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be positive, got %s", what,
						DatumGetCString(DirectFunctionCall1(interval_out,
															IntervalPGetDatum(duration)))),
				 errhint("Give an interval such as '30 days'.")));
	if (INTERVAL_IS_NOEND(duration))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be finite", what),
				 errhint("Leave it out, or make it NULL, for no limit.")));
}

/*
 * Everything that a definition must keep, wherever it comes from.
 */
static void
check_spec(const AttributionSpec *spec)
{
	const char *model = model_names[spec->model];
	double		sum = 0;
	int			i;

	if (spec->has_lookback)
		check_duration(&spec->lookback, "lookback");

	if (spec->has_half_life)
		check_duration(&spec->half_life, "half-life");
	if (spec->has_half_life != (spec->model == ATTRIBUTION_TIME_DECAY))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model \"%s\" has %s half-life", model,
						spec->has_half_life ? "no" : "a"),
				 errhint("Half-life is for the model time_decay.")));

	if ((spec->n_weights > 0) != (spec->model == ATTRIBUTION_POSITION ||
								  spec->model == ATTRIBUTION_CUSTOM))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model \"%s\" %s weights", model,
						spec->n_weights > 0 ? "has no" : "needs"),
				 errhint("Weights are for the models custom and position.")));
	if (spec->model == ATTRIBUTION_POSITION &&
		spec->n_weights != lengthof(position_weights))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model \"%s\" has three weights, got %d", model, spec->n_weights),
				 errhint("Give those of the first touch, of all in between, and of the last.")));
	for (i = 0; i < spec->n_weights; i++)
	{
		if (!(spec->weights[i] >= 0 && isfinite(spec->weights[i])))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("attribution weights must be finite and not negative, got %g",
							spec->weights[i]),
					 errhint("Give weights such as '{0.3,0.4,0.3}'.")));
		sum += spec->weights[i];
	}
	if (spec->n_weights > 0 && !(sum > 0 && isfinite(sum)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("sum of attribution weights must be positive and finite, got %g", sum),
				 errhint("Give weights such as '{0.3,0.4,0.3}'.")));
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

/*
 * Sort by bytes and drop what is there twice; returns how many are left.
 */
static int
sort_names(char **names, int n)
{
	int			kept = 0;
	int			i;

	if (n == 0)
		return 0;
	qsort(names, n, sizeof(char *), compare_names);
	for (i = 1; i < n; i++)
	{
		if (strcmp(names[i], names[kept]) != 0)
			names[++kept] = names[i];
	}
	return kept + 1;
}

/*
 * Months, days and seconds, as "1mon2d3.5s": an interval's own text depends on
 * the setting IntervalStyle.
 */
static void
append_duration(StringInfo buf, const char *key, const Interval *duration)
{
	crm_text_key(buf, key);
	if (duration->month != 0)
		appendStringInfo(buf, "%dmon", duration->month);
	if (duration->day != 0)
		appendStringInfo(buf, "%dd", duration->day);
	if (duration->time != 0)
	{
		int64		fraction = duration->time % USECS_PER_SEC;

		appendStringInfo(buf, INT64_FORMAT, duration->time / USECS_PER_SEC);
		if (fraction != 0)
		{
			appendStringInfo(buf, ".%06d", (int) fraction);
			while (buf->data[buf->len - 1] == '0')
				buf->data[--buf->len] = '\0';
		}
		appendStringInfoChar(buf, 's');
	}
}

static int64
read_digits(TextReader *reader, int64 max)
{
	int64		value = 0;

	if (!isdigit((unsigned char) *reader->pos))
		crm_text_error(reader, "a number of months, days or seconds");
	while (isdigit((unsigned char) *reader->pos))
	{
		int			digit = *reader->pos - '0';

		if (value > (max - digit) / 10)
			crm_text_error(reader, "a number in range");
		value = value * 10 + digit;
		reader->pos++;
	}
	return value;
}

/*
 * Read what append_duration wrote.
 */
static void
read_duration(TextReader *reader, const char *key, Interval *duration)
{
	const int64 max_seconds = PG_INT64_MAX / USECS_PER_SEC - 1;

	memset(duration, 0, sizeof(*duration));
	crm_text_read_key(reader, key);
	do
	{
		int64		value = read_digits(reader, max_seconds);

		if (strncmp(reader->pos, "mon", 3) == 0 && value <= PG_INT32_MAX)
		{
			duration->month = (int32) value;
			reader->pos += 3;
		}
		else if (*reader->pos == 'd' && value <= PG_INT32_MAX)
		{
			duration->day = (int32) value;
			reader->pos++;
		}
		else
		{
			duration->time = value * USECS_PER_SEC;
			if (crm_text_read_optional_char(reader, '.'))
			{
				int			unit = USECS_PER_SEC / 10;

				while (unit > 0 && isdigit((unsigned char) *reader->pos))
				{
					duration->time += (*reader->pos++ - '0') * unit;
					unit /= 10;
				}
			}
			crm_text_read_char(reader, 's');
		}
	} while (*reader->pos != '\0' && !isspace((unsigned char) *reader->pos));
}

/*
 * "name", with \ before " and \.
 */
void
crm_attribution_append_name(StringInfo buf, const char *name, int len)
{
	int			i;

	appendStringInfoChar(buf, '"');
	for (i = 0; i < len; i++)
	{
		if (name[i] == '"' || name[i] == '\\')
			appendStringInfoChar(buf, '\\');
		appendStringInfoChar(buf, name[i]);
	}
	appendStringInfoChar(buf, '"');
}

/*
 * Read what crm_attribution_append_name wrote; palloc'd.
 */
char *
crm_attribution_read_name(TextReader *reader)
{
	StringInfoData name;

	initStringInfo(&name);
	crm_text_read_char(reader, '"');
	while (*reader->pos != '"')
	{
		if (*reader->pos == '\\')
			reader->pos++;
		if (*reader->pos == '\0')
			crm_text_error(reader, "\"\"\"");
		appendStringInfoChar(&name, *reader->pos++);
	}
	reader->pos++;
	return name.data;
}

/*
 * The canonical text.
 */
static void
deparse(StringInfo buf, const AttributionSpec *spec)
{
	int			i;

	crm_text_begin(buf, ATTRIBUTION_DEF_TYPE, ATTRIBUTION_DEF_VERSION);
	crm_text_word(buf, "model", model_names[spec->model]);
	if (spec->has_lookback)
		append_duration(buf, "lookback", &spec->lookback);
	if (spec->has_half_life)
		append_duration(buf, "half_life", &spec->half_life);
	if (spec->n_weights > 0)
		crm_text_float8_list(buf, "weights", spec->weights, spec->n_weights);
	if (spec->n_ignore > 0)
	{
		crm_text_key(buf, "ignore");
		for (i = 0; i < spec->n_ignore; i++)
		{
			appendStringInfoChar(buf, i == 0 ? '[' : ',');
			crm_attribution_append_name(buf, spec->ignore[i], strlen(spec->ignore[i]));
		}
		appendStringInfoChar(buf, ']');
	}
	if (spec->reset_on_conversion)
		crm_text_word(buf, "reset_on_conversion", "true");
}

/*
 * The definition that a text says, palloc'd in the current context, and
 * checked.
 */
AttributionSpec *
crm_attribution_def_parse(const char *string)
{
	AttributionSpec *spec = (AttributionSpec *) palloc0(sizeof(AttributionSpec));
	TextReader	reader;
	TextReader	ahead;

	crm_text_read_begin(&reader, string, ATTRIBUTION_DEF_TYPE, ATTRIBUTION_DEF_VERSION);
	spec->model = model_from_name(crm_text_read_word(&reader, "model"));

	ahead = reader;
	if (crm_text_read_has_key(&ahead, "lookback"))
	{
		spec->has_lookback = true;
		read_duration(&reader, "lookback", &spec->lookback);
	}
	ahead = reader;
	if (crm_text_read_has_key(&ahead, "half_life"))
	{
		spec->has_half_life = true;
		read_duration(&reader, "half_life", &spec->half_life);
	}
	ahead = reader;
	if (crm_text_read_has_key(&ahead, "weights"))
	{
		spec->weights = (double *) palloc(ATTRIBUTION_MAX_WEIGHTS * sizeof(double));
		spec->n_weights = crm_text_read_float8_list(&reader, "weights", spec->weights,
													ATTRIBUTION_MAX_WEIGHTS);
	}
	if (crm_text_read_has_key(&reader, "ignore"))
	{
		spec->ignore = (char **) palloc(ATTRIBUTION_MAX_IGNORE * sizeof(char *));
		crm_text_read_char(&reader, '[');
		do
		{
			if (spec->n_ignore == ATTRIBUTION_MAX_IGNORE)
				crm_text_error(&reader, psprintf("at most %d names", ATTRIBUTION_MAX_IGNORE));
			spec->ignore[spec->n_ignore++] = crm_attribution_read_name(&reader);
		} while (crm_text_read_optional_char(&reader, ','));
		crm_text_read_char(&reader, ']');
		spec->n_ignore = sort_names(spec->ignore, spec->n_ignore);
	}
	ahead = reader;
	if (crm_text_read_has_key(&ahead, "reset_on_conversion"))
	{
		char	   *word = crm_text_read_word(&reader, "reset_on_conversion");

		if (strcmp(word, "true") != 0 && strcmp(word, "false") != 0)
			crm_text_error(&ahead, "true or false");
		spec->reset_on_conversion = word[0] == 't';
	}
	crm_text_read_end(&reader);

	check_spec(spec);
	return spec;
}

static AttributionDef *
make_def(const AttributionSpec *spec)
{
	AttributionDef *def;
	StringInfoData buf;

	initStringInfo(&buf);
	deparse(&buf, spec);
	def = (AttributionDef *) crm_summary_alloc(offsetof(AttributionDef, canonical) + buf.len,
											   SUMMARY_ATTRIBUTION_DEF,
											   ATTRIBUTION_DEF_VERSION);
	memcpy(def->canonical, buf.data, buf.len);
	pfree(buf.data);
	return def;
}

/*
 * The stored value, possibly the datum's own memory.
 */
AttributionDef *
crm_attribution_def_get(Datum datum)
{
	return (AttributionDef *) crm_summary_detoast(datum, offsetof(AttributionDef, canonical),
												  SUMMARY_ATTRIBUTION_DEF,
												  ATTRIBUTION_DEF_VERSION,
												  ATTRIBUTION_DEF_TYPE);
}

/*
 * crm_attribution_def_in(cstring) -> crm_attribution_def
 *
 * The name of a model alone is taken for that model with its defaults.  This
 * is not for convenience: crm_attribution_def('last') with one literal is what
 * the server takes for a cast, because the type has the function's name.
 */
Datum
crm_attribution_def_in(PG_FUNCTION_ARGS)
{
	char	   *string = PG_GETARG_CSTRING(0);
	AttributionSpec spec;

	if (strchr(string, ':') != NULL)
		PG_RETURN_POINTER(make_def(crm_attribution_def_parse(string)));
	memset(&spec, 0, sizeof(spec));
	spec.model = model_from_name(string);
	set_defaults(&spec);
	check_spec(&spec);
	PG_RETURN_POINTER(make_def(&spec));
}

/*
 * crm_attribution_def_out(crm_attribution_def) -> cstring
 */
Datum
crm_attribution_def_out(PG_FUNCTION_ARGS)
{
	AttributionDef *def = crm_attribution_def_get(PG_GETARG_DATUM(0));

	PG_RETURN_CSTRING(pnstrdup(def->canonical, ATTRIBUTION_DEF_LEN(def)));
}

/*
 * crm_attribution_def_recv(internal) -> crm_attribution_def
 *
 * The header, then the text, which is parsed like any other.
 */
Datum
crm_attribution_def_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	uint8		flags;
	char	   *text;
	int			len;

	crm_summary_recv_begin(buf, SUMMARY_ATTRIBUTION_DEF, ATTRIBUTION_DEF_VERSION,
						   &flags, ATTRIBUTION_DEF_TYPE);
	if (flags != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid flags in external \"%s\" value", ATTRIBUTION_DEF_TYPE)));
	text = pq_getmsgtext(buf, buf->len - buf->cursor, &len);

	PG_RETURN_POINTER(make_def(crm_attribution_def_parse(text)));
}

/*
 * crm_attribution_def_send(crm_attribution_def) -> bytea
 */
Datum
crm_attribution_def_send(PG_FUNCTION_ARGS)
{
	AttributionDef *def = crm_attribution_def_get(PG_GETARG_DATUM(0));
	StringInfoData buf;

	crm_summary_send_begin(&buf, def);
	pq_sendtext(&buf, def->canonical, ATTRIBUTION_DEF_LEN(def));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * What was left out and the model has.
 */
static void
set_defaults(AttributionSpec *spec)
{
	static char *direct = DEFAULT_DIRECT;

	if (spec->model == ATTRIBUTION_TIME_DECAY && !spec->has_half_life)
	{
		spec->has_half_life = true;
		spec->half_life.day = DEFAULT_HALF_LIFE_DAYS;
	}
	if (spec->model == ATTRIBUTION_POSITION && spec->weights == NULL)
	{
		spec->n_weights = lengthof(position_weights);
		spec->weights = (double *) position_weights;
	}
	if (spec->model == ATTRIBUTION_LAST_NON_DIRECT && spec->ignore == NULL)
	{
		spec->n_ignore = 1;
		spec->ignore = &direct;
	}
}

static void
take_weights(AttributionSpec *spec, ArrayType *array)
{
	int			n = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));

	if (ARR_NDIM(array) != 1 || n > ATTRIBUTION_MAX_WEIGHTS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("weights must be an array of 1 to %d numbers, got %d in %d dimensions",
						ATTRIBUTION_MAX_WEIGHTS, n, ARR_NDIM(array)),
				 errhint("Give weights such as '{0.3,0.4,0.3}'.")));
	if (array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("weights must not be NULL"),
				 errhint("Give 0 for a touch without credit.")));
	spec->n_weights = n;
	spec->weights = (double *) palloc(n * sizeof(double));
	memcpy(spec->weights, ARR_DATA_PTR(array), n * sizeof(double));
}

static void
take_names(AttributionSpec *spec, ArrayType *array)
{
	Datum	   *elements;
	bool	   *nulls;
	int			n;
	int			i;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &n);
	if (n > ATTRIBUTION_MAX_IGNORE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("at most %d channels can be ignored, got %d",
						ATTRIBUTION_MAX_IGNORE, n),
				 errhint("Filter the rows instead, or group the channels.")));
	spec->ignore = (char **) palloc((n + 1) * sizeof(char *));
	for (i = 0; i < n; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("ignored channel must not be NULL"),
					 errhint("Touches without a channel are skipped anyway.")));
		spec->ignore[i] = TextDatumGetCString(elements[i]);
	}
	spec->n_ignore = sort_names(spec->ignore, n);
}

/*
 * crm_attribution_def(model text, lookback interval, half_life interval,
 *		weights float8[], ignore text[], reset_on_conversion boolean)
 *		-> crm_attribution_def
 *
 * NULL for any argument is its default.
 */
Datum
crm_attribution_def(PG_FUNCTION_ARGS)
{
	AttributionSpec spec;

	memset(&spec, 0, sizeof(spec));
	spec.model = PG_ARGISNULL(0) ? ATTRIBUTION_LINEAR :
		model_from_name(text_to_cstring(PG_GETARG_TEXT_PP(0)));

	if (!PG_ARGISNULL(1))
	{
		spec.has_lookback = true;
		spec.lookback = *PG_GETARG_INTERVAL_P(1);
	}

	if (!PG_ARGISNULL(2))
	{
		spec.has_half_life = true;
		spec.half_life = *PG_GETARG_INTERVAL_P(2);
	}

	if (!PG_ARGISNULL(3))
		take_weights(&spec, PG_GETARG_ARRAYTYPE_P(3));
	if (!PG_ARGISNULL(4))
		take_names(&spec, PG_GETARG_ARRAYTYPE_P(4));
	spec.reset_on_conversion = !PG_ARGISNULL(5) && PG_GETARG_BOOL(5);

	set_defaults(&spec);
	check_spec(&spec);
	PG_RETURN_POINTER(make_def(&spec));
}
