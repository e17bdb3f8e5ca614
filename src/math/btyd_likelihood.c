/*-------------------------------------------------------------------------
 *
 * btyd_likelihood.c
 *	  The likelihood of one history under any "buy till you die" model.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/btyd_ops.h"

/*
 * ln of the likelihood of one customer's history.  The histories' order of
 * purchases is part of the event (no binomial coefficient), as in the papers.
 */
double
crm_btyd_log_likelihood(const BtydParams *params, const BtydHistory *h)
{
	return crm_btyd_ops(params->kind)->log_likelihood(params, h);
}
