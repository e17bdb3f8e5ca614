/*-------------------------------------------------------------------------
 *
 * rfm_segment.c
 *	  Names for customers by their scores of recency, frequency and monetary
 *	  value.
 *
 *		crm_rfm_segment(r, f, m)			ten segments, scores 1 to 5
 *		crm_rfm_segment(r, f, m, rules)		a table of the caller's
 *
 * The ten segments divide a map of five by five: recency across, and the mean
 * of frequency and monetary value, halves rounded up, upwards.  The map is the
 * one that marketing tools share (Putler's, and most tutorials since).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/typcache.h"

#include "src/common/args.h"
#include "src/compat.h"

#define SCORES 5
#define MAX_RULES 10000

/* [mean of frequency and monetary value][recency], each less 1 */
static const char *const segment_map[SCORES][SCORES] = {
	{"hibernating", "hibernating", "about to sleep", "promising", "new customers"},
	{"hibernating", "hibernating", "about to sleep", "potential loyalists", "potential loyalists"},
	{"at risk", "at risk", "need attention", "potential loyalists", "potential loyalists"},
	{"at risk", "at risk", "loyal customers", "loyal customers", "champions"},
	{"cannot lose them", "cannot lose them", "loyal customers", "loyal customers", "champions"}
};

/* Attributes of crm_rfm_rule: segment, then from and to of r, f and m */
#define RULE_COLUMNS 7
#define RULE_SCORES 3

typedef struct SegmentRule
{
	text	   *segment;		/* or NULL */
	int32		from[RULE_SCORES];
	int32		to[RULE_SCORES];
} SegmentRule;

/* What a call site carries (fn_extra): the rules of the last call */
typedef struct RuleCache
{
	MemoryContext context;		/* of what follows */
	ArrayType  *source;
	int			n_rules;
	SegmentRule *rules;
} RuleCache;

PG_FUNCTION_INFO_V1(crm_rfm_segment);
PG_FUNCTION_INFO_V1(crm_rfm_segment_rules);

static int	check_score(int score, const char *what);
static RuleCache *get_rules(FunctionCallInfo fcinfo, ArrayType *array);
static void read_rule(SegmentRule *rule, HeapTupleHeader tuple, TupleDesc tupdesc,
					  int number);

static int
check_score(int score, const char *what)
{
	if (score < 1 || score > SCORES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s score must be from 1 to %d, got %d", what, SCORES, score),
				 errhint("Give a table of rules for scores on another scale.")));
	return score;
}

/*
 * crm_rfm_segment(r integer, f integer, m integer) -> text
 *
 * Scores 1 to 5, 5 the best, else error 22023.  NULL gives NULL.
 */
Datum
crm_rfm_segment(PG_FUNCTION_ARGS)
{
	int			r = check_score(PG_GETARG_INT32(0), "recency");
	int			f = check_score(PG_GETARG_INT32(1), "frequency");
	int			m = check_score(PG_GETARG_INT32(2), "monetary");
	int			worth = (f + m + 1) / 2;

	PG_RETURN_TEXT_P(cstring_to_text(segment_map[worth - 1][r - 1]));
}

/*
 * A missing bound is open.
 */
static void
read_rule(SegmentRule *rule, HeapTupleHeader tuple, TupleDesc tupdesc, int number)
{
	static const char *const names[RULE_SCORES] = {"r", "f", "m"};
	HeapTupleData tuple_data;
	Datum		values[RULE_COLUMNS];
	bool		nulls[RULE_COLUMNS];
	int			i;

	tuple_data.t_len = HeapTupleHeaderGetDatumLength(tuple);
	ItemPointerSetInvalid(&tuple_data.t_self);
	tuple_data.t_tableOid = InvalidOid;
	tuple_data.t_data = tuple;
	heap_deform_tuple(&tuple_data, tupdesc, values, nulls);

	rule->segment = nulls[0] ? NULL : DatumGetTextPCopy(values[0]);
	for (i = 0; i < RULE_SCORES; i++)
	{
		int			from = 1 + 2 * i;

		rule->from[i] = nulls[from] ? PG_INT32_MIN : DatumGetInt32(values[from]);
		rule->to[i] = nulls[from + 1] ? PG_INT32_MAX : DatumGetInt32(values[from + 1]);
		if (rule->from[i] > rule->to[i])
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("rule %d has %s_from %d above %s_to %d", number,
							names[i], rule->from[i], names[i], rule->to[i])));
	}
}

/*
 * The rules, read anew only when they are not those of the last call.
 */
static RuleCache *
get_rules(FunctionCallInfo fcinfo, ArrayType *array)
{
	RuleCache  *cache = (RuleCache *) fcinfo->flinfo->fn_extra;
	MemoryContext old_context;
	TupleDesc	tupdesc;
	Datum	   *elements;
	bool	   *nulls;
	int			n;
	int			i;

	if (cache == NULL)
	{
		cache = (RuleCache *) MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt,
													 sizeof(RuleCache));
		cache->context = AllocSetContextCreate(fcinfo->flinfo->fn_mcxt,
											   "crm_rfm_segment rules",
											   ALLOCSET_SMALL_SIZES);
		fcinfo->flinfo->fn_extra = cache;
	}
	else if (cache->source != NULL &&
			 VARSIZE(cache->source) == VARSIZE(array) &&
			 memcmp(cache->source, array, VARSIZE(array)) == 0)
		return cache;

	cache->source = NULL;
	MemoryContextReset(cache->context);
	n = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	if (n > MAX_RULES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("more than %d rules", MAX_RULES)));

	tupdesc = lookup_rowtype_tupdesc(ARR_ELEMTYPE(array), -1);
	if (tupdesc->natts != RULE_COLUMNS)
		elog(ERROR, "crm_rfm_rule does not have %d columns", RULE_COLUMNS);
	deconstruct_array(array, ARR_ELEMTYPE(array), -1, false, TYPALIGN_DOUBLE,
					  &elements, &nulls, &n);
	old_context = MemoryContextSwitchTo(cache->context);
	cache->rules = (SegmentRule *) palloc(sizeof(SegmentRule) * Max(n, 1));
	for (i = 0; i < n; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("rule %d is null", i + 1)));
		read_rule(&cache->rules[i], DatumGetHeapTupleHeader(elements[i]), tupdesc, i + 1);
	}
	cache->n_rules = n;
	cache->source = (ArrayType *) palloc(VARSIZE(array));
	memcpy(cache->source, array, VARSIZE(array));
	MemoryContextSwitchTo(old_context);
	ReleaseTupleDesc(tupdesc);
	return cache;
}

/*
 * crm_rfm_segment(r integer, f integer, m integer, rules crm_rfm_rule[]) -> text
 *
 * The segment of the first rule whose three ranges, bounds included, contain
 * the scores; NULL if none does.  A NULL score or NULL rules give NULL; a NULL
 * bound is open.  A NULL rule or a range that is empty is error 22023.
 */
Datum
crm_rfm_segment_rules(PG_FUNCTION_ARGS)
{
	int32		scores[RULE_SCORES];
	RuleCache  *cache = get_rules(fcinfo, PG_GETARG_ARRAYTYPE_P(3));
	int			i;
	int			j;

	for (j = 0; j < RULE_SCORES; j++)
		scores[j] = PG_GETARG_INT32(j);
	for (i = 0; i < cache->n_rules; i++)
	{
		SegmentRule *rule = &cache->rules[i];

		for (j = 0; j < RULE_SCORES; j++)
		{
			if (scores[j] < rule->from[j] || scores[j] > rule->to[j])
				break;
		}
		if (j < RULE_SCORES)
			continue;
		if (rule->segment == NULL)
			PG_RETURN_NULL();
		/* A copy, because the next call may replace the rules. */
		PG_RETURN_DATUM(datumCopy(PointerGetDatum(rule->segment), false, -1));
	}
	PG_RETURN_NULL();
}
