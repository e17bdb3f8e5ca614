/*-------------------------------------------------------------------------
 *
 * btyd_cnbd_stages.h
 *	  What the predictions of the BG/CNBD-k model share: the stages between
 *	  purchases, one by one.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_BTYD_CNBD_STAGES_H
#define CRM_BTYD_CNBD_STAGES_H

#include "src/math/btyd_cnbd.h"

/*
 * More stages than this are not walked through: at (k + 4) ns each it takes
 * 0.1 to 0.5 ms.  The square root, some standard deviations of their number, is
 * large beside BTYD_MAX_K.
 */
#define CNBD_MAX_STAGES 16384

/* The distribution of the number of stages since the last purchase, from 0 on */
typedef struct CnbdWalk
{
	int			k;
	int			n_hidden;		/* values that J can have */
	int			stage;			/* M */
	int			purchases;		/* M / k */
	int			phase;			/* M modulo k */
	double		shape;
	double		q;
	double		less;			/* 1 - q */
	double		enter;			/* less to the power of stage, over the scale */
	double		log_scale;
	double		mass;			/* the sum of c[] */
	double		u[BTYD_MAX_K];	/* P(J = j) */
	double		c[BTYD_MAX_K];	/* P(M = stage, J = j) over the scale */
} CnbdWalk;

/* btyd_cnbd.c */
extern double crm_cnbd_log_no_purchase(int k, double shape, double rate,
									   double t);

/* btyd_cnbd_living.c */
extern int	crm_cnbd_hidden_stages(const CnbdLiving *c, double *u);
extern bool crm_cnbd_walk_is_short(const CnbdLiving *c, double t);
extern void crm_cnbd_walk_start(CnbdWalk *w, const CnbdLiving *c, double t);
extern void crm_cnbd_walk_step(CnbdWalk *w);
extern double crm_cnbd_walk_rescale(CnbdWalk *w);
extern double crm_cnbd_exactly(const CnbdLiving *c, double t, double n);

/* btyd_cnbd_long.c: where crm_cnbd_walk_is_short is false */
extern double crm_cnbd_long_survival(const CnbdLiving *c, double t);
extern double crm_cnbd_long_purchases(const CnbdLiving *c, double t);
extern double crm_cnbd_long_variance(const CnbdLiving *c, double t,
									 double mean);

#endif							/* CRM_BTYD_CNBD_STAGES_H */
