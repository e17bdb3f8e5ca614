/*-------------------------------------------------------------------------
 *
 * simulate.h
 *	  Deterministic customers for tests and benchmarks of src/math.
 *
 * Random numbers by splitmix64 (S. Vigna), gamma variates after Marsaglia and
 * Tsang 2000.  Customers behave as the model says.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_SIMULATE_H
#define CRM_SIMULATE_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "src/math/btyd.h"
#include "src/math/spend.h"

static inline double
sim_uniform(uint64_t *seed)
{
	uint64_t	z = (*seed += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return ((double) ((z ^ (z >> 31)) >> 11) + 0.5) / 9007199254740992.0;	/* 2^53 */
}

static inline double
sim_exponential(uint64_t *seed)
{
	return -log(sim_uniform(seed));
}

static inline double
sim_gamma(uint64_t *seed, double shape)
{
	double		d,
				c;

	if (shape < 1.0)
		return sim_gamma(seed, shape + 1.0) *
			pow(sim_uniform(seed), 1.0 / shape);
	d = shape - 1.0 / 3;
	c = 1.0 / sqrt(9.0 * d);
	for (;;)
	{
		double		z = sqrt(2.0 * sim_exponential(seed)) *
			cos(6.28318530717958647692 * sim_uniform(seed));
		double		v = 1.0 + c * z;

		if (v <= 0.0)
			continue;
		v = v * v * v;
		if (log(sim_uniform(seed)) < 0.5 * z * z + d - d * v + d * log(v))
			return d * v;
	}
}

/*
 * One customer of the model seen until T.  A parameter s or a of zero means no
 * dropout; r or s of infinity means that all have the rate given as alpha
 * or beta.
 */
static inline BtydRow
sim_customer(uint64_t *seed, BtydKind kind, const double *v, double T)
{
	BtydRow		row = {{0.0, 0.0, T}, 1.0};
	double		rate = isinf(v[0]) ? v[1] : sim_gamma(seed, v[0]) / v[1];
	double		end = INFINITY;
	double		dropout = 0.0;
	double		t = 0.0;

	if (kind == BTYD_PARETO_NBD)
	{
		if (isinf(v[2]))
			end = sim_exponential(seed) / v[3];
		else if (v[2] > 0.0)
			end = sim_exponential(seed) / (sim_gamma(seed, v[2]) / v[3]);
	}
	else if (v[2] > 0.0)
	{
		double		a = sim_gamma(seed, v[2]);
		double		b = sim_gamma(seed, v[3]);

		dropout = a / (a + b);
	}
	if (kind == BTYD_MBG_NBD && sim_uniform(seed) < dropout)
		return row;
	for (;;)
	{
		t += sim_exponential(seed) / rate;
		if (t > T || t > end)
			break;
		row.h.x += 1.0;
		row.h.t_x = t;
		if (kind != BTYD_PARETO_NBD && sim_uniform(seed) < dropout)
			break;
	}
	return row;
}

/*
 * One customer's spend: the mean of x purchases that are gamma(p, nu).
 */
static inline SpendRow
sim_spend(uint64_t *seed, const double *v, double x)
{
	SpendRow	row = {x, 0.0, 1.0};
	double		nu = sim_gamma(seed, v[1]) / v[2];

	row.m = sim_gamma(seed, v[0] * x) / nu / x;
	return row;
}

static inline void *
sim_alloc(size_t size)
{
	void	   *ptr = malloc(size ? size : 1);

	if (!ptr)
		abort();
	return ptr;
}

static inline void
sim_release(void *ptr)
{
	free(ptr);
}

static inline void
sim_check_interrupts(void)
{
}

static const MathHost sim_host = {sim_alloc, sim_release, sim_check_interrupts};

#endif							/* CRM_SIMULATE_H */
