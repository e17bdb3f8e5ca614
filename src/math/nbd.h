/*-------------------------------------------------------------------------
 *
 * nbd.h
 *	  The negative binomial distribution of the number of purchases in time t
 *	  at a gamma distributed rate.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_NBD_H
#define CRM_NBD_H

extern double crm_nbd_log_pmf(double n, double r, double alpha, double t);
extern double crm_nbd_upper_tail(double n, double r, double alpha, double t);

#endif							/* CRM_NBD_H */
