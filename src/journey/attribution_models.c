/*-------------------------------------------------------------------------
 *
 * attribution_models.c
 *	  Attribution from a summary of paths: removal effects of a Markov chain,
 *	  and Shapley values.
 *
 * src/math/absorbing.c has the algebra of the first; attribution_paths.c says
 * why the second is a sum.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/builtins.h"

#include "src/common/aggstate.h"
#include "src/common/result.h"
#include "src/common/row_array.h"
#include "src/journey/attribution_paths.h"
#include "src/math/absorbing.h"

/* A matrix of so many channels takes 8 MB and some seconds. */
#define MARKOV_MAX_CHANNELS 1000

/* Columns of crm_attribution_effect */
#define EFFECT_COLUMNS 5

/* What a row may well take */
#define EFFECT_SIZE 80

PG_FUNCTION_INFO_V1(crm_attribution_markov);
PG_FUNCTION_INFO_V1(crm_attribution_shapley);
PG_FUNCTION_INFO_V1(crm_attribution_markov_finalfn);
PG_FUNCTION_INFO_V1(crm_attribution_shapley_finalfn);

/* What is credited to one channel; NaN is NULL */
typedef struct Effect
{
	double		removal_effect;
	double		share;
	double		conversions;
	double		value;
} Effect;

static void check_interrupts(void);
static Datum effect_rows(FunctionCallInfo fcinfo, const PathSummary *summary,
						 const Effect *effects);
static Effect *markov_effects(const PathSummary *summary);
static Effect *shapley_effects(const PathSummary *summary);
static double touched_conversions(const PathSummary *summary);

static void
check_interrupts(void)
{
	CHECK_FOR_INTERRUPTS();
}

static double
touched_conversions(const PathSummary *summary)
{
	int64		conversions = 0;
	uint32		i;

	for (i = 0; i < summary->n_moves; i++)
	{
		if (summary->moves[i].to == 0)
			conversions += summary->moves[i].count;
	}
	return (double) conversions;
}

/*
 * Removal effects; shares in proportion to them.  Without conversions there
 * are none.
 */
static Effect *
markov_effects(const PathSummary *summary)
{
	int			n = (int) summary->n_channels;
	Effect	   *effects = (Effect *) palloc((n + 1) * sizeof(Effect));
	double		conversions = touched_conversions(summary);
	double		value = summary->touched_value.present ?
		crm_attribution_amount_float8(&summary->touched_value) : NAN;
	PathCounts	counts;
	double	   *starts = (double *) palloc0((n + 1) * sizeof(double));
	double	   *exits = (double *) palloc0((n + 1) * sizeof(double));
	double	   *losses = (double *) palloc0((n + 1) * sizeof(double));
	double	   *removal = (double *) palloc0((n + 1) * sizeof(double));
	int64	   *lost;
	double		sum = 0;
	bool		known;
	int			i;

	if (n > MARKOV_MAX_CHANNELS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("Markov attribution of more than %d channels, got %d",
						MARKOV_MAX_CHANNELS, n),
				 errhint("Group rare channels under one name.")));

	counts.n = n;
	counts.moves = (double *) palloc0(((Size) n * n + 1) * sizeof(double));
	counts.starts = starts;
	counts.conversions = exits;
	counts.losses = losses;
	counts.check_interrupts = check_interrupts;
	for (i = 0; i < (int) summary->n_moves; i++)
	{
		const PathMove *move = &summary->moves[i];

		if (move->from == 0)
			starts[move->to - 1] = (double) move->count;
		else if (move->to == 0)
			exits[move->from - 1] = (double) move->count;
		else
			counts.moves[(Size) (move->from - 1) * n + move->to - 1] = (double) move->count;
	}
	lost = crm_path_losses(summary);
	for (i = 0; i < n; i++)
		losses[i] = (double) lost[i + 1];

	known = conversions > 0 &&
		crm_removal_effects(&counts, removal,
							(double *) palloc((CRM_REMOVAL_WORK(n) + 1) * sizeof(double)));
	if (conversions > 0 && !known)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("%s has channels that no path leads to or leaves", PATHS_TYPE)));
	for (i = 0; i < n; i++)
		sum += removal[i];
	for (i = 0; i < n; i++)
	{
		Effect	   *effect = &effects[i];

		effect->removal_effect = known ? removal[i] : NAN;
		effect->share = known ? removal[i] / sum : NAN;
		effect->conversions = known ? effect->share * conversions : 0;
		effect->value = known ? effect->share * value : NAN;
	}
	pfree(counts.moves);
	return effects;
}

/*
 * Shapley values.  The removal effect of a channel is what the game itself
 * says of it: the share of the conversions whose coalition needs it.
 */
static Effect *
shapley_effects(const PathSummary *summary)
{
	Effect	   *effects = (Effect *) palloc0((summary->n_channels + 1) * sizeof(Effect));
	double		conversions = touched_conversions(summary);
	uint32		i;

	for (i = 0; i < summary->n_channels; i++)
		effects[i].value = NAN;
	for (i = 0; i < summary->n_shares; i++)
	{
		const PathShare *share = &summary->shares[i];
		Effect	   *effect = &effects[share->channel - 1];

		effect->removal_effect += (double) share->count;
		effect->conversions += (double) share->count / share->size;
		if (share->value.present)
			effect->value = (isnan(effect->value) ? 0 : effect->value) +
				crm_attribution_amount_float8(&share->value) / share->size;
	}
	for (i = 0; i < summary->n_channels; i++)
	{
		effects[i].removal_effect = conversions > 0 ?
			effects[i].removal_effect / conversions : NAN;
		effects[i].share = conversions > 0 ? effects[i].conversions / conversions : NAN;
	}
	return effects;
}

/*
 * A row for each channel, by name, and last, without a name, one for the
 * conversions without touches, if there are any.
 */
static Datum
effect_rows(FunctionCallInfo fcinfo, const PathSummary *summary, const Effect *effects)
{
	RowArray	rows;
	int			n = (int) summary->n_channels;
	int			n_rows = n + (summary->untouched > 0 ? 1 : 0);
	int			i;

	crm_row_array_begin(&rows, crm_row_array_cached_type(fcinfo, EFFECT_COLUMNS),
						(Size) n_rows * EFFECT_SIZE);
	for (i = 0; i < n_rows; i++)
	{
		Datum		values[EFFECT_COLUMNS] = {0};
		bool		nulls[EFFECT_COLUMNS] = {false};
		Effect		effect = {NAN, NAN, (double) summary->untouched, NAN};

		if (i < n)
		{
			effect = effects[i];
			values[0] = PointerGetDatum(cstring_to_text_with_len(summary->channels[i].name,
																 (int) summary->channels[i].len));
		}
		else
		{
			nulls[0] = true;
			if (summary->untouched_value.present)
				effect.value = crm_attribution_amount_float8(&summary->untouched_value);
		}
		crm_set_float8(values, nulls, 1, effect.removal_effect);
		crm_set_float8(values, nulls, 2, effect.share);
		crm_set_float8(values, nulls, 3, effect.conversions);
		crm_set_float8(values, nulls, 4, effect.value);
		crm_row_array_add(&rows, values, nulls);
	}
	return crm_row_array_end(&rows);
}

/*
 * crm_attribution_markov(crm_attribution_summary) -> crm_attribution_effect[]
 */
Datum
crm_attribution_markov(PG_FUNCTION_ARGS)
{
	PathSummary *summary = crm_path_summary_get(PG_GETARG_DATUM(0));

	PG_RETURN_DATUM(effect_rows(fcinfo, summary, markov_effects(summary)));
}

/*
 * crm_attribution_shapley(crm_attribution_summary) -> crm_attribution_effect[]
 */
Datum
crm_attribution_shapley(PG_FUNCTION_ARGS)
{
	PathSummary *summary = crm_path_summary_get(PG_GETARG_DATUM(0));

	PG_RETURN_DATUM(effect_rows(fcinfo, summary, shapley_effects(summary)));
}

/*
 * crm_attribution_markov_finalfn(internal) -> crm_attribution_effect[]
 *
 * NULL for no rows.
 */
Datum
crm_attribution_markov_finalfn(PG_FUNCTION_ARGS)
{
	PathSummary *summary;

	crm_agg_context(fcinfo, "crm_attribution_markov_finalfn");
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	summary = crm_path_summarize((PathState *) PG_GETARG_POINTER(0));
	PG_RETURN_DATUM(effect_rows(fcinfo, summary, markov_effects(summary)));
}

/*
 * crm_attribution_shapley_finalfn(internal) -> crm_attribution_effect[]
 *
 * NULL for no rows.
 */
Datum
crm_attribution_shapley_finalfn(PG_FUNCTION_ARGS)
{
	PathSummary *summary;

	crm_agg_context(fcinfo, "crm_attribution_shapley_finalfn");
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	summary = crm_path_summarize((PathState *) PG_GETARG_POINTER(0));
	PG_RETURN_DATUM(effect_rows(fcinfo, summary, shapley_effects(summary)));
}
