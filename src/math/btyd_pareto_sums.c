/*-------------------------------------------------------------------------
 *
 * btyd_pareto_sums.c
 *	  The Pareto/NBD model: log-likelihood of many rows, gradient and Hessian
 *	  with respect to ln r, ln alpha, ln s, ln beta.
 *
 * In the likelihood of btyd_pareto.c the bracket is a mixture: the term of those
 * alive at T, and a term for each time y in (t_x, T) of dropping out.  The
 * derivative of the logarithm of a mixture is the mean, under the mixture's
 * weights, of the terms' own derivatives; the second derivative is the mean of
 * theirs plus the covariance of the first derivatives.  The derivatives of the
 * term for y are linear in
 *		ln(1 + y / alpha), y / (alpha + y), ln(1 + y / beta), y / (beta + y),
 * so all that the Hessian needs are the first and second moments of these
 * four, taken with the same nodes as the integral itself.  They are taken
 * relative to y = t_x:
 *		l = ln((alpha + y) / (alpha + t_x)), d = 1 - (alpha + t_x) / (alpha + y)
 * and the same with beta.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/btyd_pareto.h"

#include <math.h>

#include "src/math/pareto_integral.h"

/* The rest of the integral is left out once it is below this part of it. */
#define TAIL_LEFT_OUT 1e-13

/* How far the logarithm of the integrand has fallen when it may be cut off. */
#define TAIL_FALL 32.0

/*
 * The integral over w and the moments of z = (l, d) of the smaller of alpha and
 * beta, then (l, d) of the larger: not divided by the integral.
 */
typedef struct ParetoMoments
{
	double		mass;
	double		first[4];
	double		second[10];		/* upper triangle, as in fit_sums.h */
} ParetoMoments;

static void add_panel(double c1, double c2, double q, double lo, double h,
					  const GaussRule *rule, bool fast, ParetoMoments *mom);
static void integrate(double c1, double c2, double q, double width,
					  double u_end, bool fast, ParetoMoments *mom);
static void add_row(const double *v, double log_alpha, const BtydRow *row,
					double *sum);

/*
 * Add to *mom the panel of w from lo to lo + h; c1, c2, q as in
 * pareto_integral.h.
 */
static void
add_panel(double c1, double c2, double q, double lo, double h,
		  const GaussRule *rule, bool fast, ParetoMoments *mom)
{
	ParetoNodes nodes;
	Vec2		sum[15];
	double	   *moment[15];
	int			i,
				k;

	moment[0] = &mom->mass;
	for (k = 0; k < 4; k++)
		moment[1 + k] = &mom->first[k];
	for (k = 0; k < 10; k++)
		moment[5 + k] = &mom->second[k];
	for (k = 0; k < 15; k++)
		sum[k] = vec2_all(0.0);

	pareto_nodes(c1, c2, q, lo, h, rule, fast, &nodes);
	for (i = 0; i < nodes.n_pairs; i++)
	{
		Vec2		f = nodes.f[i],
					w = nodes.w[i],
					em = nodes.em[i],
					v = nodes.v[i],
					log_v = nodes.log_v[i];
		Vec2		e = vec2_all(1.0) + em;
		Vec2		inv,
					d_m,
					d_M,
					t0,
					t1,
					t2,
					t3;

		/* 1 - 1 / e^w and 1 - 1 / v, with one division */
		inv = em / (e * v);
		d_m = v * inv;
		d_M = vec2_all(q) * e * inv;

		t0 = f * w;
		t1 = f * d_m;
		t2 = f * log_v;
		t3 = f * d_M;
		sum[0] += f;
		sum[1] += t0;
		sum[2] += t1;
		sum[3] += t2;
		sum[4] += t3;
		sum[5] += t0 * w;
		sum[6] += t0 * d_m;
		sum[7] += t0 * log_v;
		sum[8] += t0 * d_M;
		sum[9] += t1 * d_m;
		sum[10] += t1 * log_v;
		sum[11] += t1 * d_M;
		sum[12] += t2 * log_v;
		sum[13] += t2 * d_M;
		sum[14] += t3 * d_M;
	}
	for (k = 0; k < 15; k++)
		*moment[k] += h * (sum[k][0] + sum[k][1]);
}

/*
 * All moments over w from 0 to width; u_end = u(width), see pareto_integral.h.
 */
static void
integrate(double c1, double c2, double q, double width, double u_end,
		  bool fast, ParetoMoments *mom)
{
	double		slope = c1 + c2 * q;
	double		lo = 0.0;

	for (;;)
	{
		double		h = width - lo;
		double		slope_hi = c1 + c2 * u_end;
		double		fall;

		if (h > PARETO_PANEL_WIDTH)
			h = PARETO_PANEL_WIDTH;
		if (slope * h > TAIL_FALL)
			h = TAIL_FALL / slope;
		while (lo + h < width)
		{
			double		em = expm1(lo + h);

			slope_hi = c1 + c2 * q * (1.0 + em) / (1.0 + q * em);
			if (slope_hi * h <= PARETO_PANEL_FALL)
				break;
			h *= 0.6;
		}
		fall = fmax(fabs(slope), fabs(slope_hi)) * h;
		if (fall > PARETO_PANEL_FALL)
		{
			/* the last piece, too steep for one panel: halve it */
			double		em;

			h *= 0.5;
			em = expm1(lo + h);
			slope_hi = c1 + c2 * q * (1.0 + em) / (1.0 + q * em);
			fall = fmax(fabs(slope), fabs(slope_hi)) * h;
		}
		add_panel(c1, c2, q, lo, h,
				  pareto_rule(fall, h, false), fast, mom);
		lo += h;
		if (!(lo < width * (1.0 - 1e-15)))
			break;

		slope = slope_hi;
		if (slope > 0.0 &&
			exp(-c1 * lo - c2 * log1p(q * expm1(lo))) *
			fmin(1.0 / slope, width - lo) < TAIL_LEFT_OUT * mom->mass)
			break;
	}
}

/*
 * Add one row's terms, but for those that depend on x alone, to the FIT_TERMS
 * sums; v = r, alpha, s, beta.
 */
static void
add_row(const double *v, double log_alpha, const BtydRow *row, double *sum)
{
	double		r = v[0],
				alpha = v[1],
				s = v[2],
				beta = v[3];
	double		x = row->h.x,
				t_x = row->h.t_x,
				T = row->h.T,
				weight = row->weight;
	double		p = r + x;
	bool		fast = p <= PARETO_FAST_EXPONENT && s + 1.0 <= PARETO_FAST_EXPONENT;
	double		at = alpha + t_x,
				bt = beta + t_x,
				gap = T - t_x;
	double		early_a = 0.0,	/* ln((alpha + t_x) / alpha) */
				early_b = 0.0,
				idle_a,			/* ln((alpha + T) / (alpha + t_x)) */
				idle_b;
	double		inv_aT = 1.0 / (alpha + T),
				inv_bT = 1.0 / (beta + T);
	double		K_a = T * inv_aT,	/* y / (alpha + y) at y = T */
				K_b = T * inv_bT;
	double		alive,
				total;
	double		g_alive[4];		/* gradient of the term of those alive */
	double		g[4],
				h[10];
	int			i,
				j,
				k;

	if (fast)
	{
		Vec2		start = vec2(alpha, beta);
		Vec2		last = vec2(at, bt);
		Vec2		logs;

		if (t_x > 0.0)
		{
			logs = vec2_log(last / start);
			early_a = logs[0];
			early_b = logs[1];
		}
		logs = vec2_log((start + vec2_all(T)) / last);
		idle_a = logs[0];
		idle_b = logs[1];
	}
	else
	{
		early_a = log1p(t_x / alpha);
		early_b = log1p(t_x / beta);
		idle_a = log1p(gap / at);
		idle_b = log1p(gap / bt);
	}
	alive = exp(-p * idle_a - s * idle_b);
	total = alive;

	g_alive[0] = -r * (early_a + idle_a);
	g_alive[1] = p * K_a - x;
	g_alive[2] = -s * (early_b + idle_b);
	g_alive[3] = s * K_b;

	h[0] = g_alive[0];
	h[1] = r * K_a;
	h[2] = h[3] = 0.0;
	h[4] = -p * K_a * (alpha * inv_aT);
	h[5] = h[6] = 0.0;
	h[7] = g_alive[2];
	h[8] = s * K_b;
	h[9] = -s * K_b * (beta * inv_bT);

	if (gap > 0.0)
	{
		bool		swap = beta < alpha;
		double		m = swap ? bt : at,
					q = m / (swap ? at : bt),
					width = swap ? idle_b : idle_a;
		double		u_end = swap ? (beta + T) * inv_aT : (alpha + T) * inv_bT;
		ParetoMoments mom = {0.0, {0.0}, {0.0}};

		/* position in mom of l_alpha, d_alpha, l_beta, d_beta */
		static const int place[2][4] = {{0, 1, 2, 3}, {2, 3, 0, 1}};
		static const int pair[4][4] =
		{{0, 1, 2, 3}, {1, 4, 5, 6}, {2, 5, 7, 8}, {3, 6, 8, 9}};
		const int  *at_z = place[swap];
		double		dead,
					pi_a,
					pi_d,
					both;
		double		inv_mass;
		double		k_a = t_x / at,
					k_b = t_x / bt;
		double		c_a = alpha / at,
					c_b = beta / bt;
		double		z[4];		/* mean of z given dropout */
		double		slope[4];	/* of the term's gradient in z */
		double		g_dead[4];
		double		h_dead[10];
		double		mean_kk_a,
					mean_kk_b;

		if (swap)
			integrate(s, p, q, width, u_end, fast, &mom);
		else
			integrate(p - 1.0, s + 1.0, q, width, u_end, fast, &mom);

		dead = s * (m / bt) * mom.mass;
		total = alive + dead;
		pi_a = alive / total;
		pi_d = dead / total;
		both = pi_a * pi_d;

		inv_mass = 1.0 / mom.mass;
		for (i = 0; i < 4; i++)
			z[i] = mom.first[at_z[i]] * inv_mass;

		g_dead[0] = -r * (early_a + z[0]);
		g_dead[1] = p * (k_a + c_a * z[1]) - x;
		g_dead[2] = 1.0 - s * (early_b + z[2]);
		g_dead[3] = (s + 1.0) * (k_b + c_b * z[3]) - 1.0;

		slope[0] = -r;
		slope[1] = p * c_a;
		slope[2] = -s;
		slope[3] = (s + 1.0) * c_b;

		/* means of k (1 - k) with k = y / (alpha + y) = k_a + c_a d */
		mean_kk_a = c_a * (k_a + (c_a - k_a) * z[1] -
						   c_a * mom.second[pair[at_z[1]][at_z[1]]] * inv_mass);
		mean_kk_b = c_b * (k_b + (c_b - k_b) * z[3] -
						   c_b * mom.second[pair[at_z[3]][at_z[3]]] * inv_mass);
		h_dead[0] = g_dead[0];
		h_dead[1] = r * (k_a + c_a * z[1]);
		h_dead[2] = h_dead[3] = 0.0;
		h_dead[4] = -p * mean_kk_a;
		h_dead[5] = h_dead[6] = 0.0;
		h_dead[7] = -s * (early_b + z[2]);
		h_dead[8] = s * (k_b + c_b * z[3]);
		h_dead[9] = -(s + 1.0) * mean_kk_b;

		k = 0;
		for (i = 0; i < 4; i++)
		{
			double		difference = g_dead[i] - g_alive[i];

			g[i] = pi_a * g_alive[i] + pi_d * g_dead[i];
			for (j = i; j < 4; j++, k++)
			{
				double		cov = mom.second[pair[at_z[i]][at_z[j]]] * inv_mass
					- z[i] * z[j];

				h[k] = pi_a * h[k] +
					pi_d * (h_dead[k] + slope[i] * slope[j] * cov) +
					both * difference * (g_dead[j] - g_alive[j]);
			}
		}
	}
	else
	{
		for (i = 0; i < 4; i++)
			g[i] = g_alive[i];
	}

	sum[FIT_VALUE] += weight * (log(total) - r * early_a - s * early_b -
								x * (log_alpha + early_a));
	for (i = 0; i < 4; i++)
		sum[FIT_G0 + i] += weight * g[i];
	for (k = 0; k < 10; k++)
		sum[FIT_H00 + k] += weight * h[k];
}

/*
 * Add the terms of n <= FIT_BLOCK rows that depend on t_x and T.
 */
void
crm_pareto_add_rows(const double *v, const BtydRow *rows, size_t n,
					FitSums *sums)
{
	double		log_alpha = log(v[1]);
	double		sum[FIT_TERMS] = {0.0};
	size_t		i;
	int			k;

	for (i = 0; i < n; i++)
		add_row(v, log_alpha, &rows[i], sum);
	for (k = 0; k < FIT_TERMS; k++)
		exact_sum_add(&sums->term[k], sum[k]);
}

/*
 * Add ln Gamma(r + x) - ln Gamma(r) over all customers.
 */
void
crm_pareto_add_counts(const double *v, const XCounts *counts, FitSums *sums)
{
	double		r = v[0];
	double		of_r[3];

	crm_xcounts_gamma_sums(counts, r, 0.0, of_r);
	exact_sum_add(&sums->term[FIT_VALUE], of_r[0]);
	exact_sum_add(&sums->term[FIT_G0], r * of_r[1]);
	exact_sum_add(&sums->term[FIT_H00], r * of_r[1] + r * r * of_r[2]);
}
