/*-------------------------------------------------------------------------
 *
 * btyd_bg_sums.c
 *	  The BG/NBD and MBG/NBD models: log-likelihood of many rows, gradient and
 *	  Hessian with respect to ln r, ln alpha, ln a, ln b.
 *
 * In the likelihood of btyd_bg.c the bracket is a mixture of two terms, "still
 * alive" and "dropped out at t_x".  With weights P(alive) and 1 - P(alive), the
 * derivative of the logarithm is the mean of the terms' own derivatives; the
 * second derivative is the mean of theirs plus the covariance of the first
 * derivatives.  Derivatives are taken of (alpha / (alpha + y))^r
 * (alpha + y)^-x, not of powers of alpha apart, so that they keep their accuracy
 * where alpha is large and the parts would cancel.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/btyd_bg.h"

#include <math.h>

#include "src/math/gammafn.h"

/*
 * Up to this exponent log() of a ratio is as good as log1p() for sums over
 * customers, and twice as fast.
 */
#define FAST_EXPONENT 64.0

/*
 * Add the terms of n <= FIT_BLOCK rows that depend on t_x and T; v = r, alpha,
 * a, b.
 */
void
crm_bg_add_rows(BtydKind kind, const double *v, const BtydRow *rows, size_t n,
				FitSums *sums)
{
	double		r = v[0],
				alpha = v[1],
				a = v[2],
				b = v[3];
	double		log_alpha = log(alpha);
	double		inv_alpha = 1.0 / alpha;
	double		sum[FIT_TERMS] = {0.0};
	size_t		i;
	int			k;

	for (i = 0; i < n; i++)
	{
		double		x = rows[i].h.x,
					t_x = rows[i].h.t_x,
					T = rows[i].h.T,
					weight = rows[i].weight;
		double		p = r + x;
		bool		fast = p <= FAST_EXPONENT;
		double		inv_T = 1.0 / (alpha + T);
		double		k_T = T * inv_T;	/* y / (alpha + y) at y = T */
		double		idle;		/* ln((alpha + T) / (alpha + t_x)) */
		double		early;		/* ln((alpha + t_x) / alpha) */
		double		alive_0,
					alive_1,
					alive_11;

		if (t_x > 0.0)
		{
			double		at = alpha + t_x;

			early = fast ? log(at * inv_alpha) : log1p(t_x * inv_alpha);
			idle = fast ? log((alpha + T) / at) : log1p((T - t_x) / at);
		}
		else
		{
			early = 0.0;
			idle = fast ? log((alpha + T) * inv_alpha) : log1p(T * inv_alpha);
		}

		/* the term of those alive at T */
		alive_0 = -r * (early + idle);
		alive_1 = p * k_T - x;
		alive_11 = -p * k_T * (alpha * inv_T);

		if (x == 0.0 && kind == BTYD_BG_NBD)
		{
			sum[FIT_VALUE] += weight * alive_0;
			sum[FIT_G0] += weight * alive_0;
			sum[FIT_G1] += weight * alive_1;
			sum[FIT_H00] += weight * alive_0;
			sum[FIT_H01] += weight * (r * k_T);
			sum[FIT_H11] += weight * alive_11;
		}
		else
		{
			double		c = kind == BTYD_MBG_NBD ? x : x - 1.0;
			double		inv_bc = 1.0 / (b + c);
			double		inv_at = 1.0 / (alpha + t_x);
			double		k_t = t_x * inv_at;
			double		alive = exp(-p * idle);
			double		dead = a * inv_bc;
			double		total = alive + dead;
			double		pi_a = alive / total,
						pi_d = dead / total;
			double		both = pi_a * pi_d;
			double		dead_0 = -r * early;
			double		dead_1 = p * k_t - x;
			double		dead_3 = -b * inv_bc;
			double		d0 = dead_0 - alive_0;
			double		d1 = dead_1 - alive_1;
			double		g0 = pi_a * alive_0 + pi_d * dead_0;

			sum[FIT_VALUE] += weight * (dead_0 - x * (log_alpha + early) +
										log(total));
			sum[FIT_G0] += weight * g0;
			sum[FIT_G1] += weight * (pi_a * alive_1 + pi_d * dead_1);
			sum[FIT_G2] += weight * pi_d;
			sum[FIT_G3] += weight * (pi_d * dead_3);

			sum[FIT_H00] += weight * (g0 + both * d0 * d0);
			sum[FIT_H01] += weight * (r * (pi_a * k_T + pi_d * k_t) +
									  both * d0 * d1);
			sum[FIT_H02] += weight * (both * d0);
			sum[FIT_H03] += weight * (both * d0 * dead_3);
			sum[FIT_H11] += weight * (pi_a * alive_11 -
									  pi_d * p * k_t * (alpha * inv_at) +
									  both * d1 * d1);
			sum[FIT_H12] += weight * (both * d1);
			sum[FIT_H13] += weight * (both * d1 * dead_3);
			sum[FIT_H22] += weight * both;
			sum[FIT_H23] += weight * (both * dead_3);
			sum[FIT_H33] += weight * (pi_d * dead_3 * c * inv_bc +
									  both * dead_3 * dead_3);
		}
	}
	for (k = 0; k < FIT_TERMS; k++)
		exact_sum_add(&sums->term[k], sum[k]);
}

/*
 * Add ln Gamma(r + x) - ln Gamma(r) + ln(B(a, b + n) / B(a, b)) over all
 * customers, n = x (BG) or x + 1 (MBG).
 */
void
crm_bg_add_counts(BtydKind kind, const double *v, const XCounts *counts,
				  FitSums *sums)
{
	double		r = v[0],
				a = v[2],
				b = v[3];
	double		extra = kind == BTYD_MBG_NBD ? 1.0 : 0.0;
	double		of_r[3],
				of_b[3],
				of_ab[3];
	ExactSum   *t = sums->term;

	crm_xcounts_gamma_sums(counts, r, 0.0, of_r);
	crm_xcounts_gamma_sums(counts, b, extra, of_b);
	crm_xcounts_gamma_sums(counts, a + b, extra, of_ab);

	exact_sum_add(&t[FIT_VALUE], of_r[0]);
	exact_sum_add(&t[FIT_VALUE], of_b[0]);
	exact_sum_add(&t[FIT_VALUE], -of_ab[0]);
	exact_sum_add(&t[FIT_G0], r * of_r[1]);
	exact_sum_add(&t[FIT_H00], r * of_r[1] + r * r * of_r[2]);

	exact_sum_add(&t[FIT_G2], -a * of_ab[1]);
	exact_sum_add(&t[FIT_G3], b * (of_b[1] - of_ab[1]));
	exact_sum_add(&t[FIT_H22], -a * of_ab[1] - a * a * of_ab[2]);
	exact_sum_add(&t[FIT_H23], -a * b * of_ab[2]);
	exact_sum_add(&t[FIT_H33], b * (of_b[1] - of_ab[1]) +
				b * b * (of_b[2] - of_ab[2]));
}
