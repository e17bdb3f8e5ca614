/*-------------------------------------------------------------------------
 *
 * quadrature.c
 *	  Adaptive Gauss-Kronrod integration over a finite interval.
 *
 * The 21-point Kronrod rule on every interval, with the error estimate of
 * QUADPACK's QK21; the interval with the largest estimate is halved until the
 * sum of the estimates is small enough.  This is QUADPACK's QAG (Piessens,
 * de Doncker-Kapenga, Ueberhuber, Kahaner 1983) without its extrapolation:
 * every integrand here is smooth, so that halving alone converges fast.
 *
 * Substitutions that take away infinite ranges and sharp peaks are the
 * caller's work, and so are break points where the integrand changes scale.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/quadrature.h"

#include <float.h>
#include <math.h>

/*
 * 60 intervals mean at most 2,500 evaluations; a smooth integrand needs 2 to
 * 12 intervals.
 */
#define MAX_INTERVALS 60

typedef struct Interval
{
	double		lo;
	double		hi;
	double		value;
	double		error;
} Interval;

/* QUADPACK's QK21: nodes of the Kronrod rule, the odd ones Gauss's own */
static const double kronrod_node[11] = {
	0.995657163025808080735527280689003,
	0.973906528517171720077964012084452,
	0.930157491355708226001207180059508,
	0.865063366688984510732096688423493,
	0.780817726586416897063717578345042,
	0.679409568299024406234327365114874,
	0.562757134668604683339000099272694,
	0.433395394129247190799265943165784,
	0.294392862701460198131126602303866,
	0.148874338981631210884826001129720,
	0.0
};

static const double kronrod_weight[11] = {
	0.011694638867371874278064396062192,
	0.032558162307964727478818972459390,
	0.054755896574351996031381300244580,
	0.075039674810919952767043140916190,
	0.093125454583697605535065465083366,
	0.109387158802297641899210590325805,
	0.123491976262065851077958109585166,
	0.134709217311473325928054001771707,
	0.142775938577060080797094273138717,
	0.147739104901338491374841515972068,
	0.149445554002916905664936468389821
};

static const double gauss_weight[5] = {
	0.066671344308688137593568809893332,
	0.149451349150580593145863396957658,
	0.219086362515982043995534934228163,
	0.269266719309996355091226921569469,
	0.295524224714752870173815619188769
};

static void apply_rule(QuadratureFn fn, const void *arg, Interval *interval);

/*
 * crm_integrate
 *
 * The integral of fn from breaks[0] to breaks[n_breaks - 1].  The interval is
 * first cut at the n_breaks >= 2 break points, which ascend; equal ones are
 * allowed.  Stops when the estimated error is within rel_tol of the integral,
 * at the limit of rounding, or after a bounded number of evaluations, and
 * returns the best value there is.
 */
double
crm_integrate(QuadratureFn fn, const void *arg, const double *breaks,
			  int n_breaks, double rel_tol)
{
	Interval	interval[MAX_INTERVALS];
	int			n = 0;

	for (int i = 0; i + 1 < n_breaks && n < MAX_INTERVALS; i++)
	{
		if (!(breaks[i + 1] > breaks[i]))
			continue;
		interval[n].lo = breaks[i];
		interval[n].hi = breaks[i + 1];
		apply_rule(fn, arg, &interval[n]);
		n++;
	}

	for (;;)
	{
		double		value = 0.0;
		double		error = 0.0;
		int			worst = 0;
		double		mid;

		for (int i = 0; i < n; i++)
		{
			value += interval[i].value;
			error += interval[i].error;
			if (interval[i].error > interval[worst].error)
				worst = i;
		}

		/* a NaN ends here too */
		if (!(error > rel_tol * fabs(value)) || n == MAX_INTERVALS)
			return value;

		mid = 0.5 * (interval[worst].lo + interval[worst].hi);
		if (!(mid > interval[worst].lo && mid < interval[worst].hi))
			return value;
		interval[n].lo = mid;
		interval[n].hi = interval[worst].hi;
		interval[worst].hi = mid;
		apply_rule(fn, arg, &interval[worst]);
		apply_rule(fn, arg, &interval[n]);
		n++;
	}
}

/*
 * Fill in the value and the error estimate of one interval.  The estimate is
 * QUADPACK's: the difference between the two rules belongs to the lower one,
 * so that it is raised to the power 3/2 when it is small beside the
 * integrand's variation.  What rounding alone explains counts as no error, or
 * the loop above would chase it.
 */
static void
apply_rule(QuadratureFn fn, const void *arg, Interval *interval)
{
	double		centre = 0.5 * (interval->lo + interval->hi);
	double		half = 0.5 * (interval->hi - interval->lo);
	double		f_low[10];
	double		f_high[10];
	double		f_centre = fn(centre, arg);
	double		kronrod = f_centre * kronrod_weight[10];
	double		gauss = 0.0;
	double		mean;
	double		sum_abs = fabs(kronrod);
	double		variation;
	double		error;

	for (int i = 0; i < 10; i++)
	{
		double		dx = half * kronrod_node[i];

		f_low[i] = fn(centre - dx, arg);
		f_high[i] = fn(centre + dx, arg);
		kronrod += kronrod_weight[i] * (f_low[i] + f_high[i]);
		sum_abs += kronrod_weight[i] * (fabs(f_low[i]) + fabs(f_high[i]));
		if (i % 2 == 1)
			gauss += gauss_weight[i / 2] * (f_low[i] + f_high[i]);
	}

	mean = 0.5 * kronrod;
	variation = kronrod_weight[10] * fabs(f_centre - mean);
	for (int i = 0; i < 10; i++)
		variation += kronrod_weight[i] *
			(fabs(f_low[i] - mean) + fabs(f_high[i] - mean));

	error = fabs(kronrod - gauss);
	if (variation > 0.0 && error > 0.0)
	{
		double		ratio = 200.0 * error / variation;

		error = ratio < 1.0 ? variation * ratio * sqrt(ratio) : variation;
	}
	if (error <= 8.0 * DBL_EPSILON * sum_abs)
		error = 0.0;

	interval->value = kronrod * half;
	interval->error = error * half;
}
