/*-------------------------------------------------------------------------
 *
 * btyd_bgbb_sums.c
 *	  The BG/BB model: log-likelihood of many rows, gradient and Hessian with
 *	  respect to ln alpha, ln beta, ln gamma, ln delta.
 *
 * In btyd_bgbb.c the likelihood is a sum over m, the opportunity after which
 * the customer dropped out (T: not yet).  With weights that are the terms'
 * shares, the derivative of its logarithm is the mean of the terms' own
 * derivatives; the second derivative is the mean of theirs plus the covariance
 * of the first ones.  A term's derivatives, relative to those at m = t_x, are
 * sums over the opportunities in between and are added up along with it.  The
 * buying part (alpha, beta) and the staying part (gamma, delta) have
 * no second derivatives in common.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/btyd_bgbb.h"

#include <math.h>

#include "src/math/beta_mean.h"
#include "src/math/gammafn.h"

/*
 * Derivatives of ln E[p^x (1 - p)^y], p ~ Beta(a, b), with respect to ln a and
 * ln b
 */
typedef struct PairDerivatives
{
	double		a;
	double		b;
	double		aa;
	double		ab;
	double		bb;
} PairDerivatives;

static void pair_derivatives(double a, double b, double x, double y,
							 PairDerivatives *d);
static void add_row(const double *v, const BtydRow *row, FitSums *sums);

static void
pair_derivatives(double a, double b, double x, double y, PairDerivatives *d)
{
	double		both = crm_digamma_diff(a + b, x + y);
	double		both_2 = crm_trigamma_diff(a + b, x + y);

	d->a = a * (crm_digamma_diff(a, x) - both);
	d->b = b * (crm_digamma_diff(b, y) - both);
	d->aa = d->a + a * a * (crm_trigamma_diff(a, x) - both_2);
	d->ab = -a * b * both_2;
	d->bb = d->b + b * b * (crm_trigamma_diff(b, y) - both_2);
}

/*
 * Add one row's terms.  A row costs so much that each may as well be added
 * exactly: then the order of rows does not show.
 */
static void
add_row(const double *v, const BtydRow *row, FitSums *sums)
{
	double		sum[FIT_TERMS] = {0.0};
	double		a = v[0],
				b = v[1],
				c = v[2],
				d = v[3];
	double		x = row->h.x,
				t_x = row->h.t_x,
				T = row->h.T;
	PairDerivatives buy,
				stay;

	/*
	 * Sums over j from t_x to m - 1: of 1 / (a + b + j) and its square, the
	 * same of 1 / (b + j - x) less it, and likewise of c + d and d.
	 */
	double		ab_1 = 0.0,
				ab_2 = 0.0,
				b_1 = 0.0,
				b_2 = 0.0,
				cd_1 = 0.0,
				cd_2 = 0.0,
				d_1 = 0.0,
				d_2 = 0.0;

	/* sums over the terms: of their shares, first and second derivatives */
	double		term = 1.0;
	double		total = 0.0;
	double		g[4] = {0.0},
				h[4][4] = {{0.0}};
	double		m;
	int			i,
				j,
				k;

	if (x > t_x || T > BTYD_MAX_OPPORTUNITIES)
	{
		exact_sum_add(&sums->term[FIT_VALUE], -INFINITY);
		return;
	}

	for (m = t_x;; m += 1.0)
	{
		double		inv_ab = 1.0 / (a + b + m);
		double		inv_b = 1.0 / (b + (m - x));
		double		inv_cd = 1.0 / (c + d + m);
		double		inv_d = 1.0 / (d + m);
		bool		alive = m >= T;
		double		share = alive ? term : term * (c * inv_cd);
		double		slope[4];
		double		buy_aa = -a * ab_1 + a * a * ab_2;
		double		buy_ab = a * b * ab_2;
		double		buy_bb = b * b_1 - b * b * b_2;
		double		stay_cc = -c * cd_1 + c * c * cd_2;
		double		stay_cd = c * d * cd_2;
		double		stay_dd = d * d_1 - d * d * d_2;
		double		weighed[4];

		slope[0] = -a * ab_1;
		slope[1] = b * b_1;
		slope[2] = -c * cd_1;
		slope[3] = d * d_1;
		if (!alive)
		{
			/* the factor c / (c + d + m) */
			slope[2] += (d + m) * inv_cd;
			slope[3] -= d * inv_cd;
			stay_cc -= c * (d + m) * inv_cd * inv_cd;
			stay_cd += c * d * inv_cd * inv_cd;
			stay_dd -= d * (c + m) * inv_cd * inv_cd;
		}

		total += share;
		for (i = 0; i < 4; i++)
		{
			weighed[i] = share * slope[i];
			g[i] += weighed[i];
			for (j = i; j < 4; j++)
				h[i][j] += weighed[i] * slope[j];
		}
		h[0][0] += share * buy_aa;
		h[0][1] += share * buy_ab;
		h[1][1] += share * buy_bb;
		h[2][2] += share * stay_cc;
		h[2][3] += share * stay_cd;
		h[3][3] += share * stay_dd;

		if (alive)
			break;
		ab_1 += inv_ab;
		ab_2 += inv_ab * inv_ab;
		b_1 += (a + x) * inv_b * inv_ab;
		b_2 += (inv_b - inv_ab) * (inv_b + inv_ab);
		cd_1 += inv_cd;
		cd_2 += inv_cd * inv_cd;
		d_1 += c * inv_d * inv_cd;
		d_2 += c * inv_d * inv_cd * (inv_d + inv_cd);
		term *= (b + (m - x)) * inv_ab * ((d + m) * inv_cd);
	}

	pair_derivatives(a, b, x, t_x - x, &buy);
	pair_derivatives(c, d, 0.0, t_x, &stay);
	for (i = 0; i < 4; i++)
		g[i] /= total;
	for (i = 0, k = FIT_H00; i < 4; i++)
		for (j = i; j < 4; j++, k++)
			sum[k] = h[i][j] / total - g[i] * g[j];
	sum[FIT_VALUE] = crm_beta_log_moment(b, a, x) +
		crm_beta_log_moment(a + x, b, t_x - x) +
		crm_beta_log_moment(c, d, t_x) + log(total);
	sum[FIT_G0] = buy.a + g[0];
	sum[FIT_G1] = buy.b + g[1];
	sum[FIT_G2] = stay.a + g[2];
	sum[FIT_G3] = stay.b + g[3];
	sum[FIT_H00] += buy.aa;
	sum[FIT_H01] += buy.ab;
	sum[FIT_H11] += buy.bb;
	sum[FIT_H22] += stay.aa;
	sum[FIT_H23] += stay.ab;
	sum[FIT_H33] += stay.bb;
	for (k = 0; k < FIT_TERMS; k++)
		exact_sum_add(&sums->term[k], row->weight * sum[k]);
}

/*
 * Add the terms of n <= FIT_BLOCK rows; v = alpha, beta, gamma, delta.
 */
void
crm_bgbb_add_rows(const double *v, const BtydRow *rows, size_t n,
				  FitSums *sums)
{
	size_t		i;

	for (i = 0; i < n; i++)
		add_row(v, &rows[i], sums);
}
