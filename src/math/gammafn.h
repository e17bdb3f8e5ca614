/*-------------------------------------------------------------------------
 *
 * gammafn.h
 *	  The gamma function's logarithm, its derivatives, and differences of
 *	  them, for positive arguments.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_GAMMAFN_H
#define CRM_GAMMAFN_H

extern double crm_lgamma(double x);

/* log(1 + z) - z, z > -1 */
extern double crm_log1pmx(double z);

/* ln Gamma(z) - [(z - 1/2) ln z - z + ln sqrt(2 pi)], z >= 13 */
extern double crm_stirling_correction(double z);

extern double crm_digamma(double x);
extern double crm_trigamma(double x);

/* f(z + n) - f(z) for f = ln Gamma, digamma, trigamma; z > 0, n >= 0 */
extern double crm_lgamma_diff(double z, double n);
extern double crm_digamma_diff(double z, double n);
extern double crm_trigamma_diff(double z, double n);

/* ln Beta(a, b), a > 0, b > 0 */
extern double crm_log_beta(double a, double b);

/* ln(u^a (1-u)^b / Beta(a, b)), where u = y / (y + g); all positive */
extern double crm_log_beta_kernel(double a, double b, double y, double g);

#endif							/* CRM_GAMMAFN_H */
