/*-------------------------------------------------------------------------
 *
 * btyd_likelihood.c
 *	  What the "buy till you die" models have in common: the names of their
 *	  parameters and the likelihood of one history.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/btyd.h"

#include "src/math/btyd_bg.h"
#include "src/math/btyd_pareto.h"

/*
 * Number of parameters of the model.
 */
int
crm_btyd_n_params(BtydKind kind)
{
	(void) kind;				/* four, in all of the models so far */
	return BTYD_MAX_PARAMS;
}

/*
 * Name of parameter i (from 0) as the papers write it, static storage.
 */
const char *
crm_btyd_param_name(BtydKind kind, int i)
{
	static const char *const pareto[BTYD_MAX_PARAMS] =
	{"r", "alpha", "s", "beta"};
	static const char *const bg[BTYD_MAX_PARAMS] =
	{"r", "alpha", "a", "b"};

	return kind == BTYD_PARETO_NBD ? pareto[i] : bg[i];
}

/*
 * ln of the likelihood of one customer's history.  The histories' order of
 * purchases is part of the event (no binomial coefficient), as in the papers.
 */
double
crm_btyd_log_likelihood(const BtydParams *params, const BtydHistory *h)
{
	if (params->kind == BTYD_PARETO_NBD)
		return crm_pareto_log_likelihood(params->v, h->x, h->t_x, h->T);
	return crm_bg_log_likelihood(params->kind, params->v, h->x, h->t_x, h->T);
}
