/*-------------------------------------------------------------------------
 *
 * spend.h
 *	  The Gamma-Gamma model of spend per purchase (Fader, Hardie, Lee 2005,
 *	  "RFM and CLV"; Fader and Hardie 2013, note 025).
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_SPEND_H
#define CRM_SPEND_H

#include "src/math/btyd.h"

#define SPEND_PARAMS 3

/* p, q, gamma: all finite and > 0 */
typedef struct SpendParams
{
	double		p;
	double		q;
	double		gamma;
} SpendParams;

/* A customer with x paid purchases (whole, > 0) of mean amount m > 0. */
typedef struct SpendRow
{
	double		x;
	double		m;
	double		weight;
} SpendRow;

typedef struct SpendFit
{
	SpendParams params;
	BtydStatus	status;
	int			iterations;
	double		log_likelihood;
	bool		has_covariance;
	double		covariance[SPEND_PARAMS * SPEND_PARAMS];
} SpendFit;

extern void crm_spend_fit_rows(const SpendRow *rows, size_t n_rows,
							   const BtydFitOptions *options, const MathHost *host,
							   SpendFit *fit);

/*
 * Expected spend per purchase given x paid purchases of mean m (x = 0: the
 * population mean).  Infinite where q <= 1 makes it so.
 */
extern double crm_spend_expected(const SpendParams *params, double x, double m);

#endif							/* CRM_SPEND_H */
