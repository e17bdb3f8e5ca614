/*-------------------------------------------------------------------------
 *
 * btyd_cnbd_living.c
 *	  What a living BG/CNBD-k customer will do.
 *
 * A living customer is somewhere between two purchases.  Count stages from the
 * last purchase on: J of them, fewer than k, passed before the prediction
 * starts, and M = J + N by time t.  Stages are a Poisson process with a gamma
 * distributed rate, so that
 *
 *	  P(J = j) = u_j, proportional to (p)_j / j! w^j, w = idle / (rate + idle)
 *	  N | J = j is negative binomial with shape p + j and q = t / (A + t)
 *
 * where p is the shape of the rate's distribution at the last purchase, and
 * A = rate + idle.  Without dropout there are floor(M / k) purchases by t.  With
 * m(n) = E[(1 - dropout)^n], the chance to survive n purchases,
 *
 *	  P(X > n) = m(n) P(M >= k (n + 1))
 *
 * as in btyd_predict_bg.c, and all sums are of positive terms.  This is exact:
 * the number of stages passed is not known, so it is summed over.
 *
 * What takes too many stages to walk through is left to btyd_cnbd_long.c.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/btyd_cnbd_stages.h"

#include <math.h>

#include "src/math/beta_mean.h"
#include "src/math/nbd.h"

/* Rescale before a term leaves the range of doubles. */
#define WALK_HUGE 1e250

static bool walk_ends(const CnbdWalk *w, double term, double sum);
static double stages_at_least(const CnbdLiving *c, double t, double K);

/*
 * The distribution of J, u[0 .. k-1].  Returns how many of them are not zero:
 * 1 for a new customer, k otherwise.
 */
int
crm_cnbd_hidden_stages(const CnbdLiving *c, double *u)
{
	double		w = c->idle / (c->rate + c->idle);
	double		sum = 1.0;
	int			n = c->idle > 0.0 ? c->k : 1;

	u[0] = 1.0;
	for (int j = 1; j < c->k; j++)
	{
		u[j] = u[j - 1] * ((c->shape + (j - 1)) / j * w);
		sum += u[j];
		if (sum > WALK_HUGE)
		{
			for (int i = 0; i <= j; i++)
				u[i] /= WALK_HUGE;
			sum /= WALK_HUGE;
		}
	}
	for (int j = 0; j < c->k; j++)
		u[j] /= sum;
	return n;
}

/*
 * Does the distribution of M, to the last digit, end before CNBD_MAX_STAGES?
 */
bool
crm_cnbd_walk_is_short(const CnbdLiving *c, double t)
{
	double		tau = t / (c->rate + c->idle);
	double		mean = (c->shape + c->k) * tau;

	return c->k + mean + 10.0 * sqrt(mean * (1.0 + tau)) + 40.0 * (1.0 + tau) <
		CNBD_MAX_STAGES;
}

/*
 * Begin at M = 0.  w->mass is P(M = w->stage) over exp(w->log_scale).
 */
void
crm_cnbd_walk_start(CnbdWalk *w, const CnbdLiving *c, double t)
{
	double		A = c->rate + c->idle;

	w->k = c->k;
	w->n_hidden = crm_cnbd_hidden_stages(c, w->u);
	w->shape = c->shape;
	w->q = t / (A + t);
	w->enter = 1.0;
	w->less = A / (A + t);
	w->log_scale = -c->shape * log1p(t / A);
	w->stage = 0;
	w->purchases = 0;
	w->phase = 0;
	w->c[0] = w->mass = w->u[0];
}

/*
 * On to the next M.
 */
void
crm_cnbd_walk_step(CnbdWalk *w)
{
	double		up = (w->shape + w->stage) * w->q;
	int			upto = w->stage < w->n_hidden - 1 ? w->stage + 1 : w->n_hidden;

	w->stage++;
	if (++w->phase == w->k)
	{
		w->phase = 0;
		w->purchases++;
	}
	w->mass = 0.0;
	for (int j = 0; j < upto; j++)
	{
		w->c[j] *= up / (w->stage - j);
		w->mass += w->c[j];
	}
	if (w->stage < w->n_hidden)
	{
		w->enter *= w->less;
		w->c[w->stage] = w->u[w->stage] * w->enter;
		w->mass += w->c[w->stage];
	}
}

/*
 * Bring the terms back into range; returns the factor, by which the caller must
 * multiply what it has added up.
 */
double
crm_cnbd_walk_rescale(CnbdWalk *w)
{
	if (w->mass < WALK_HUGE)
		return 1.0;
	for (int j = 0; j < w->n_hidden && j <= w->stage; j++)
		w->c[j] /= WALK_HUGE;
	w->mass /= WALK_HUGE;
	w->enter /= WALK_HUGE;
	w->log_scale += log(WALK_HUGE);
	return 1.0 / WALK_HUGE;
}

/*
 * Is what comes after this term negligible?
 */
static bool
walk_ends(const CnbdWalk *w, double term, double sum)
{
	double		ratio = (w->shape + w->stage) * w->q / (w->stage + 2 - w->k);

	return (w->stage >= w->k && ratio < 1.0 &&
			term <= 1e-18 * (1.0 - ratio) * sum) ||
		w->stage > 2 * CNBD_MAX_STAGES;
}

/*
 * The sum over M of P(M) m(floor(M / k)).
 */
double
crm_cnbd_living_survival(const CnbdLiving *c, double t)
{
	CnbdWalk	w;
	double		sum = 0.0;
	double		m = 1.0;

	if (!crm_cnbd_walk_is_short(c, t))
		return crm_cnbd_long_survival(c, t);

	for (crm_cnbd_walk_start(&w, c, t);; crm_cnbd_walk_step(&w))
	{
		double		term;

		sum *= crm_cnbd_walk_rescale(&w);
		if (w.phase == 0 && w.purchases > 0)
			m *= (c->b + (w.purchases - 1)) / (c->a + c->b + (w.purchases - 1));
		term = w.mass * m;
		sum += term;
		if (walk_ends(&w, term, sum))
			break;
	}
	return fmin(1.0, sum * exp(w.log_scale));
}

/*
 * The sum over M of P(M) times the sum of m(0) .. m(floor(M / k) - 1).
 */
double
crm_cnbd_living_purchases(const CnbdLiving *c, double t)
{
	CnbdWalk	w;
	double		sum = 0.0;
	double		m = 1.0;
	double		m_sum = 0.0;

	if (t <= 0.0)
		return 0.0;
	if (!crm_cnbd_walk_is_short(c, t))
		return crm_cnbd_long_purchases(c, t);

	for (crm_cnbd_walk_start(&w, c, t);; crm_cnbd_walk_step(&w))
	{
		double		term;

		sum *= crm_cnbd_walk_rescale(&w);
		if (w.phase == 0 && w.purchases > 0)
		{
			if (w.purchases > 1)
				m *= (c->b + (w.purchases - 2)) /
					(c->a + c->b + (w.purchases - 2));
			m_sum += m;
		}
		term = w.mass * m_sum;
		sum += term;
		if (walk_ends(&w, term, sum) && w.purchases > 0)
			break;
	}
	return sum * exp(w.log_scale);
}

/*
 * The mean square deviation.  Given n = floor(M / k), X is l < n if the customer
 * dropped out at purchase l, else n.
 */
double
crm_cnbd_living_variance(const CnbdLiving *c, double t)
{
	CnbdWalk	w;
	double		mean;
	double		sum = 0.0;
	double		m = 1.0;
	double		dropped = 0.0;

	if (t <= 0.0)
		return 0.0;
	mean = crm_cnbd_living_purchases(c, t);
	if (!crm_cnbd_walk_is_short(c, t))
		return crm_cnbd_long_variance(c, t, mean);

	for (crm_cnbd_walk_start(&w, c, t);; crm_cnbd_walk_step(&w))
	{
		double		off = w.purchases - mean;
		double		term;

		sum *= crm_cnbd_walk_rescale(&w);
		if (w.phase == 0 && w.purchases > 0)
		{
			double		chances = c->a + c->b + (w.purchases - 1);

			/* m is that of one purchase less here */
			dropped += m * (c->a / chances) * off * off;
			m *= (c->b + (w.purchases - 1)) / chances;
		}
		term = w.mass * (dropped + m * off * off);
		sum += term;
		if (walk_ends(&w, term, sum) && w.purchases > 0)
			break;
	}
	return sum * exp(w.log_scale);
}

/*
 * P(M >= K), K >= k.
 */
static double
stages_at_least(const CnbdLiving *c, double t, double K)
{
	double		u[BTYD_MAX_K];
	int			n = crm_cnbd_hidden_stages(c, u);
	double		sum = 0.0;

	for (int j = 0; j < n; j++)
		sum += u[j] * crm_nbd_upper_tail(K - 1.0 - j, c->shape + j,
										 c->rate + c->idle, t);
	return sum;
}

/*
 * P(k n <= M < k (n + 1)), n >= 1: enough time for n purchases, not for more.
 */
double
crm_cnbd_exactly(const CnbdLiving *c, double t, double n)
{
	double		u[BTYD_MAX_K];
	double		A = c->rate + c->idle;
	int			n_hidden = crm_cnbd_hidden_stages(c, u);
	double		q = t / (A + t);
	double		sum = 0.0;

	for (int j = 0; j < n_hidden; j++)
	{
		double		stage = c->k * n;
		double		term = u[j] * exp(crm_nbd_log_pmf(stage - j, c->shape + j, A, t));

		sum += term;
		for (int i = 1; i < c->k; i++)
		{
			term *= (c->shape + stage) / (stage - j + 1.0) * q;
			stage += 1.0;
			sum += term;
		}
	}
	return sum;
}

/*
 * P(X = n): alive after n purchases with too little time for another, or dropped
 * out at the last of them.
 */
double
crm_cnbd_living_pmf(const CnbdLiving *c, double t, double n)
{
	double		m;
	double		chances;

	if (t <= 0.0)
		return n == 0.0 ? 1.0 : 0.0;
	if (n == 0.0)
		return exp(crm_cnbd_log_no_purchase(c->k, c->shape, c->rate, c->idle + t)
				   - crm_cnbd_log_no_purchase(c->k, c->shape, c->rate, c->idle));

	m = exp(crm_beta_log_moment(c->a, c->b, n - 1.0));
	chances = c->a + c->b + (n - 1.0);
	return m * ((c->b + (n - 1.0)) / chances) * crm_cnbd_exactly(c, t, n) +
		m * (c->a / chances) * stages_at_least(c, t, c->k * n);
}

double
crm_cnbd_living_upper_tail(const CnbdLiving *c, double t, double n)
{
	if (t <= 0.0)
		return 0.0;
	return exp(crm_beta_log_moment(c->a, c->b, n)) *
		stages_at_least(c, t, c->k * (n + 1.0));
}
