/*-------------------------------------------------------------------------
 *
 * time_integral.h
 *	  Integrals over time of products of powers of u/(alpha+u), alpha/(alpha+u),
 *	  u/(beta+u) and beta/(beta+u).
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_TIME_INTEGRAL_H
#define CRM_TIME_INTEGRAL_H

/*
 * The integrand, per unit of ln u, with exponents >= 0:
 *	  (u/(alpha+u))^a_up (alpha/(alpha+u))^a_down
 *	  (u/(beta+u))^b_up (beta/(beta+u))^b_down
 * a_up + b_up > 0 and a_down + b_down > 0.
 */
typedef struct TimeIntegrand
{
	double		alpha;
	double		a_up;
	double		a_down;
	double		beta;
	double		b_up;
	double		b_down;
} TimeIntegrand;

extern double crm_time_integral(const TimeIntegrand *integrand, double t,
								double *mode);

#endif							/* CRM_TIME_INTEGRAL_H */
