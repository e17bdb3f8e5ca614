/*-------------------------------------------------------------------------
 *
 * btyd_kinds.c
 *	  The table of "buy till you die" models: names, parameters, traits, and
 *	  where their functions are.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/btyd_ops.h"

#include <strings.h>

/* Bits of KindInfo.times */
#define TIME(i) (1U << (i))

typedef struct KindInfo
{
	const char *name;
	int			n_params;
	const char *params[BTYD_MAX_PARAMS];	/* as the papers write them */
	unsigned	times;			/* which parameters carry the unit of time */
	unsigned	traits;
	const BtydModelOps *ops;	/* NULL: not there (yet), an unknown name */
} KindInfo;

static const KindInfo kinds[] = {
	[BTYD_PARETO_NBD] = {
		"pareto/nbd", 4, {"r", "alpha", "s", "beta"}, TIME(1) | TIME(3), 0,
		&crm_btyd_pareto_ops
	},
	[BTYD_BG_NBD] = {
		"bg/nbd", 4, {"r", "alpha", "a", "b"}, TIME(1), 0,
		&crm_btyd_bg_ops
	},
	[BTYD_MBG_NBD] = {
		"mbg/nbd", 4, {"r", "alpha", "a", "b"}, TIME(1), 0,
		&crm_btyd_mbg_ops
	},
	[BTYD_NBD] = {
		"nbd", 2, {"r", "alpha"}, TIME(1), 0,
		&crm_btyd_nbd_ops
	},
	[BTYD_BG_CNBD_K] = {
		"bg/cnbd-k", 4, {"r", "alpha", "a", "b"}, TIME(1), BTYD_REGULAR,
		&crm_btyd_bg_cnbd_ops
	},
	[BTYD_MBG_CNBD_K] = {
		"mbg/cnbd-k", 4, {"r", "alpha", "a", "b"}, TIME(1), BTYD_REGULAR,
		&crm_btyd_mbg_cnbd_ops
	},
	[BTYD_BG_BB] = {
		"bg/bb", 4, {"alpha", "beta", "gamma", "delta"}, 0, BTYD_DISCRETE,
		&crm_btyd_bgbb_ops
	},
	[BTYD_SBG] = {
		"sbg", 2, {"alpha", "beta"}, 0, BTYD_DISCRETE | BTYD_CONTRACTUAL,
		&crm_btyd_sbg_ops
	},
	[BTYD_BDW] = {
		"bdw", 3, {"alpha", "beta", "c"}, 0, BTYD_DISCRETE | BTYD_CONTRACTUAL,
		&crm_btyd_bdw_ops
	}
};

#define N_KINDS ((int) (sizeof(kinds) / sizeof(kinds[0])))

/*
 * Is there a model of this number?  All other functions want one that is.
 */
bool
crm_btyd_kind_known(int kind)
{
	return kind > 0 && kind < N_KINDS && kinds[kind].ops != NULL;
}

/*
 * The model of that name, in upper or lower case; false if there is none.
 */
bool
crm_btyd_kind_by_name(const char *name, BtydKind *kind)
{
	int			i;

	for (i = 1; i < N_KINDS; i++)
	{
		if (crm_btyd_kind_known(i) && strcasecmp(name, kinds[i].name) == 0)
		{
			*kind = (BtydKind) i;
			return true;
		}
	}
	return false;
}

const char *
crm_btyd_kind_name(BtydKind kind)
{
	return kinds[kind].name;
}

/*
 * The name of the i-th model (from 0) of those that are there; NULL after the
 * last.
 */
const char *
crm_btyd_kind_name_at(int i)
{
	int			kind;

	for (kind = 1; kind < N_KINDS; kind++)
	{
		if (crm_btyd_kind_known(kind) && i-- == 0)
			return kinds[kind].name;
	}
	return NULL;
}

/*
 * Number of parameters of the model, not counting the regularity k.
 */
int
crm_btyd_n_params(BtydKind kind)
{
	return kinds[kind].n_params;
}

/*
 * Name of parameter i (from 0) as the papers write it, static storage.
 */
const char *
crm_btyd_param_name(BtydKind kind, int i)
{
	return kinds[kind].params[i];
}

/*
 * Does parameter i carry the unit of time?
 */
bool
crm_btyd_param_is_time(BtydKind kind, int i)
{
	return (kinds[kind].times & TIME(i)) != 0;
}

/*
 * BTYD_DISCRETE, BTYD_CONTRACTUAL, BTYD_REGULAR, or-ed.
 */
unsigned
crm_btyd_traits(BtydKind kind)
{
	return kinds[kind].traits;
}

/*
 * The functions of a model.
 */
const BtydModelOps *
crm_btyd_ops(BtydKind kind)
{
	return kinds[kind].ops;
}
