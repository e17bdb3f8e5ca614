/*-------------------------------------------------------------------------
 *
 * btyd_cnbd_sums.c
 *	  The BG/CNBD-k and MBG/CNBD-k models: log-likelihood of many rows, gradient
 *	  and Hessian with respect to ln r, ln alpha, ln a, ln b.
 *
 * The likelihood of btyd_cnbd.c is a mixture: "alive" with j = 0 .. k-1 stages
 * since the last purchase, and "dropped out at t_x".  First the k terms of those
 * alive are made one, then that and the other: each time the derivative of the
 * logarithm is the mean of the terms' own derivatives, and the second derivative
 * the mean of theirs plus the covariance of the first.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/btyd_cnbd.h"

#include <math.h>

#include "src/math/gammafn.h"

/* As in btyd_bg_sums.c: there log() of a ratio is as good as log1p(). */
#define FAST_EXPONENT 64.0

/*
 * The terms of those alive, made one: its size relative to
 * ((alpha + T) / (alpha + t_x))^-p, and derivatives of its logarithm with
 * respect to ln r and ln alpha.
 */
typedef struct Alive
{
	double		size;
	double		d0,
				d1;
	double		d00,
				d01,
				d11;
} Alive;

static inline void mix_alive(int k, double r, double p, double w,
							 double inv_share, Alive *alive);

/*
 * Mix the terms j = 0 .. k-1; *alive comes with the derivatives of the term
 * j = 0 and inv_share is alpha / (alpha + T).  Term j is (p)_j / j! w^j times
 * that, so that its derivatives differ by
 *	  r h1, h1 = sum over i < j of 1 / (p + i)	and		-j alpha / (alpha + T)
 */
static inline void
mix_alive(int k, double r, double p, double w, double inv_share, Alive *alive)
{
	double		term = 1.0;
	double		h1 = 0.0,
				h2 = 0.0;
	double		size = 1.0;
	double		m0 = 0.0,
				m1 = 0.0,
				m00 = 0.0,
				m01 = 0.0,
				m11 = 0.0;
	double		square = 0.0;

	for (int j = 1; j < k; j++)
	{
		double		inv = 1.0 / (p + (j - 1));

		term *= (p + (j - 1)) * w / j;
		h1 += inv;
		h2 += inv * inv;
		size += term;
		m0 += term * h1;
		m1 += term * j;
		m00 += term * (h1 * h1);
		m01 += term * (h1 * j);
		m11 += term * ((double) j * j);
		square += term * h2;
	}
	alive->size = size;
	if (k == 1)
		return;

	/* means over the terms, then the means and covariances of derivatives */
	size = 1.0 / size;
	m0 *= size;
	m1 *= size;
	m00 = m00 * size - m0 * m0;
	m01 = m01 * size - m0 * m1;
	m11 = m11 * size - m1 * m1;
	alive->d0 += r * m0;
	alive->d00 += r * m0 + r * r * (m00 - square * size);
	alive->d01 -= r * inv_share * m01;
	/* -(p + j) T / (alpha + T) alpha / (alpha + T) */
	alive->d11 += inv_share * (inv_share * m11 - (1.0 - inv_share) * m1);
	alive->d1 -= inv_share * m1;
}

/*
 * Add the terms of n <= FIT_BLOCK rows that depend on t_x and T.
 */
void
crm_cnbd_add_rows(bool first_chance, int k, const double *v,
				  const BtydRow *rows, size_t n, FitSums *sums)
{
	double		r = v[0],
				alpha = v[1],
				a = v[2],
				b = v[3];
	double		log_alpha = log(alpha);
	double		inv_alpha = 1.0 / alpha;
	double		sum[FIT_TERMS] = {0.0};

	for (size_t i = 0; i < n; i++)
	{
		double		x = rows[i].h.x,
					t_x = rows[i].h.t_x,
					T = rows[i].h.T,
					weight = rows[i].weight;
		double		stages = k * x;
		double		p = r + stages;
		bool		fast = p <= FAST_EXPONENT;
		double		inv_T = 1.0 / (alpha + T);
		double		k_T = T * inv_T;	/* y / (alpha + y) at y = T */
		double		idle;		/* ln((alpha + T) / (alpha + t_x)) */
		double		early;		/* ln((alpha + t_x) / alpha) */
		Alive		alive;

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

		alive.d0 = alive.d00 = -r * (early + idle);
		alive.d1 = p * k_T - stages;
		alive.d01 = r * k_T;
		alive.d11 = -p * k_T * (alpha * inv_T);
		mix_alive(k, r, p, (T - t_x) * inv_T, alpha * inv_T, &alive);

		if (x == 0.0 && !first_chance)
		{
			sum[FIT_VALUE] += weight * (log(alive.size) - r * (early + idle));
			sum[FIT_G0] += weight * alive.d0;
			sum[FIT_G1] += weight * alive.d1;
			sum[FIT_H00] += weight * alive.d00;
			sum[FIT_H01] += weight * alive.d01;
			sum[FIT_H11] += weight * alive.d11;
		}
		else
		{
			double		c = first_chance ? x : x - 1.0;
			double		inv_bc = 1.0 / (b + c);
			double		inv_at = 1.0 / (alpha + t_x);
			double		k_t = t_x * inv_at;
			double		of_alive = alive.size * exp(-p * idle);
			double		of_dead = a * inv_bc;
			double		total = of_alive + of_dead;
			double		pi_a = of_alive / total,
						pi_d = of_dead / total;
			double		both = pi_a * pi_d;
			double		dead_0 = -r * early;
			double		dead_1 = p * k_t - stages;
			double		dead_3 = -b * inv_bc;
			double		d0 = dead_0 - alive.d0;
			double		d1 = dead_1 - alive.d1;

			sum[FIT_VALUE] += weight * (dead_0 - stages * (log_alpha + early) +
										log(total));
			sum[FIT_G0] += weight * (pi_a * alive.d0 + pi_d * dead_0);
			sum[FIT_G1] += weight * (pi_a * alive.d1 + pi_d * dead_1);
			sum[FIT_G2] += weight * pi_d;
			sum[FIT_G3] += weight * (pi_d * dead_3);

			sum[FIT_H00] += weight * (pi_a * alive.d00 + pi_d * dead_0 +
									  both * d0 * d0);
			sum[FIT_H01] += weight * (pi_a * alive.d01 + pi_d * r * k_t +
									  both * d0 * d1);
			sum[FIT_H02] += weight * (both * d0);
			sum[FIT_H03] += weight * (both * d0 * dead_3);
			sum[FIT_H11] += weight * (pi_a * alive.d11 -
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
	for (int t = 0; t < FIT_TERMS; t++)
		exact_sum_add(&sums->term[t], sum[t]);
}

/*
 * Add ln Gamma(r + k x) - ln Gamma(r) - x ln (k-1)! + ln(B(a, b + n) / B(a, b))
 * over all customers, n = x (BG) or x + 1 (MBG).
 */
void
crm_cnbd_add_counts(bool first_chance, int k, const double *v,
					const XCounts *counts, FitSums *sums)
{
	double		r = v[0],
				a = v[2],
				b = v[3];
	double		extra = first_chance ? 1.0 : 0.0;
	double		log_factorial = crm_lgamma(k);
	double		of_r[3],
				of_b[3],
				of_ab[3];
	ExactSum   *t = sums->term;

	crm_xcounts_multiple_gamma_sums(counts, k, r, 0.0, of_r);
	crm_xcounts_gamma_sums(counts, b, extra, of_b);
	crm_xcounts_gamma_sums(counts, a + b, extra, of_ab);

	exact_sum_add(&t[FIT_VALUE], of_r[0]);
	exact_sum_add(&t[FIT_VALUE], of_b[0]);
	exact_sum_add(&t[FIT_VALUE], -of_ab[0]);
	if (k > 2)
	{
		for (size_t i = 0; i < counts->n; i++)
			exact_sum_add(&t[FIT_VALUE],
						  -counts->weight[i] * counts->x[i] * log_factorial);
	}
	exact_sum_add(&t[FIT_G0], r * of_r[1]);
	exact_sum_add(&t[FIT_H00], r * of_r[1] + r * r * of_r[2]);

	exact_sum_add(&t[FIT_G2], -a * of_ab[1]);
	exact_sum_add(&t[FIT_G3], b * (of_b[1] - of_ab[1]));
	exact_sum_add(&t[FIT_H22], -a * of_ab[1] - a * a * of_ab[2]);
	exact_sum_add(&t[FIT_H23], -a * b * of_ab[2]);
	exact_sum_add(&t[FIT_H33], b * (of_b[1] - of_ab[1]) +
				  b * b * (of_b[2] - of_ab[2]));
}
