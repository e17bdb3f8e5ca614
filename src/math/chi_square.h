/*-------------------------------------------------------------------------
 *
 * chi_square.h
 *	  The chi-square distribution with a whole number of degrees of freedom.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_CHI_SQUARE_H
#define CRM_CHI_SQUARE_H

extern double crm_chi_square_survival(double x, int df);

#endif							/* CRM_CHI_SQUARE_H */
