/*-------------------------------------------------------------------------
 *
 * beta_stieltjes.h
 *	  Means of 1 / (p + eps (1 - p)) of a beta distributed probability p, for many
 *	  eps.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_BETA_STIELTJES_H
#define CRM_BETA_STIELTJES_H

/* More than parameters from 1e-8 to 1e8 and eps down to 1e-290 need. */
#define BETA_NODES_MAX 2048

#define BETA_END_TERMS 6

/* The points of a rule for p ~ Beta(a, b) */
typedef struct BetaNodes
{
	double		a;
	double		b;
	double		step;			/* in ln(p / (1 - p)) */
	int			n;
	double		end_odds[2];	/* p / (1-p) at the left end, (1-p) / p at the
								 * right; 0: nothing beyond */
	double		end_coefficient[2][BETA_END_TERMS];
	double		end_sum[2][BETA_END_TERMS];
	double		odds[BETA_NODES_MAX];
	double		weight[BETA_NODES_MAX];
} BetaNodes;

extern double crm_trapezoid_step(double a, double b);
extern void crm_beta_nodes(BetaNodes *nodes, double a, double b,
						   double eps_min);
extern double crm_beta_stieltjes(const BetaNodes *nodes, double eps);

#endif							/* CRM_BETA_STIELTJES_H */
