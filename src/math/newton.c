/*-------------------------------------------------------------------------
 *
 * newton.c
 *	  Maximum of a smooth function of a few variables within a box, by Newton's
 *	  method in a trust region.
 *
 * Each iteration maximises the quadratic model of the function within a ball of
 * some radius, exactly, by way of the eigenvalues of the Hessian (J. More and
 * D. Sorensen 1983, "Computing a trust region step"; with few variables the
 * eigenvalues cost nothing next to an evaluation).  That is Newton's step where the
 * Hessian is negative definite and the step short, and a Levenberg step
 * otherwise.  The radius follows the ratio of the gain to the gain promised.
 * One evaluation gives value, gradient and Hessian, so that a step that
 * is good costs exactly one.
 *
 * A variable at a bound whose gradient points outward is held there.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/newton.h"

#include <math.h>
#include <string.h>

/* Jacobi's method converges quadratically: 4 x 4 takes five sweeps or six. */
#define JACOBI_SWEEPS 30

/*
 * How many steps whose promised gain is lost in rounding are taken towards a
 * point where the gradient is zero, before the function is called flat.
 */
#define BLIND_STEPS 4

/* Such steps are Newton's, and not believed when longer than this. */
#define BLIND_STEP_MAX 0.1

static bool point_is_finite(const NewtonPoint *point, int n);
static double trust_step(int n, double h[NEWTON_MAX][NEWTON_MAX],
						 const double *grad, double radius, double *step,
						 bool *is_newton);

/*
 * Eigenvalues and vectors of the symmetric n x n matrix a, by cyclic Jacobi
 * rotations (Golub and Van Loan, "Matrix Computations", section 8.5).  a is
 * overwritten.
 */
void
crm_symmetric_eigen(int n, double a[NEWTON_MAX][NEWTON_MAX], double *value,
					double vector[NEWTON_MAX][NEWTON_MAX])
{
	int			sweep,
				i,
				p,
				q;

	for (p = 0; p < n; p++)
		for (q = 0; q < n; q++)
			vector[p][q] = p == q;

	for (sweep = 0; sweep < JACOBI_SWEEPS; sweep++)
	{
		bool		rotated = false;

		for (p = 0; p < n - 1; p++)
		{
			for (q = p + 1; q < n; q++)
			{
				double		tau,
							t,
							c,
							s;

				if (fabs(a[p][q]) <= 1e-18 * sqrt(fabs(a[p][p] * a[q][q])) ||
					a[p][q] == 0.0)
					continue;
				rotated = true;
				tau = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
				t = (tau >= 0 ? 1.0 : -1.0) / (fabs(tau) + sqrt(1.0 + tau * tau));
				c = 1.0 / sqrt(1.0 + t * t);
				s = t * c;
				for (i = 0; i < n; i++)
				{
					double		x = a[i][p],
								y = a[i][q];

					a[i][p] = c * x - s * y;
					a[i][q] = s * x + c * y;
				}
				for (i = 0; i < n; i++)
				{
					double		x = a[p][i],
								y = a[q][i];

					a[p][i] = c * x - s * y;
					a[q][i] = s * x + c * y;

					x = vector[i][p];
					y = vector[i][q];
					vector[i][p] = c * x - s * y;
					vector[i][q] = s * x + c * y;
				}
				a[p][q] = a[q][p] = 0.0;
			}
		}
		if (!rotated)
			break;
	}
	for (p = 0; p < n; p++)
		value[p] = a[p][p];
}

/*
 * See newton.h.
 */
bool
crm_symmetric_inverse(int n, double a[NEWTON_MAX][NEWTON_MAX],
					  double inverse[NEWTON_MAX][NEWTON_MAX])
{
	double		scaled[NEWTON_MAX][NEWTON_MAX];
	double		value[NEWTON_MAX];
	double		vector[NEWTON_MAX][NEWTON_MAX];
	double		scale[NEWTON_MAX];
	int			i,
				j,
				k;

	/* A unit diagonal first: the test should not depend on units. */
	for (i = 0; i < n; i++)
	{
		if (!(a[i][i] > 0.0))
			return false;
		scale[i] = 1.0 / sqrt(a[i][i]);
	}
	for (i = 0; i < n; i++)
		for (j = 0; j < n; j++)
			scaled[i][j] = a[i][j] * scale[i] * scale[j];
	crm_symmetric_eigen(n, scaled, value, vector);
	for (k = 0; k < n; k++)
		if (!(value[k] > 1e-14 * n))
			return false;
	for (i = 0; i < n; i++)
	{
		for (j = 0; j < n; j++)
		{
			double		sum = 0.0;

			for (k = 0; k < n; k++)
				sum += vector[i][k] * vector[j][k] / value[k];
			inverse[i][j] = sum * scale[i] * scale[j];
		}
	}
	return true;
}

/*
 * Are the value and all derivatives finite?
 */
static bool
point_is_finite(const NewtonPoint *point, int n)
{
	double		sum = point->value;
	int			i,
				j;

	for (i = 0; i < n; i++)
	{
		sum += 0.0 * point->grad[i];
		for (j = 0; j < n; j++)
			sum += 0.0 * point->hess[i][j];
	}
	return isfinite(sum);
}

/*
 * The step of norm <= radius that maximises grad step + 1/2 step' h step, and
 * the gain that it promises.  *is_newton says that it is the maximum of the
 * quadratic itself.
 */
static double
trust_step(int n, double h[NEWTON_MAX][NEWTON_MAX], const double *grad,
		   double radius, double *step, bool *is_newton)
{
	double		a[NEWTON_MAX][NEWTON_MAX];
	double		value[NEWTON_MAX];
	double		vector[NEWTON_MAX][NEWTON_MAX];
	double		along[NEWTON_MAX];	/* gradient along the eigenvectors */
	double		lowest = INFINITY,
				highest = 0.0,
				norm = 0.0;
	double		mu = 0.0;
	double		gain = 0.0;
	int			i,
				j,
				iteration;

	for (i = 0; i < n; i++)
		for (j = 0; j < n; j++)
			a[i][j] = -h[i][j];
	crm_symmetric_eigen(n, a, value, vector);
	for (i = 0; i < n; i++)
	{
		along[i] = 0.0;
		for (j = 0; j < n; j++)
			along[i] += vector[j][i] * grad[j];
		lowest = fmin(lowest, value[i]);
		highest = fmax(highest, fabs(value[i]));
		norm += along[i] * along[i];
	}
	norm = sqrt(norm);

	/*
	 * With mu added to all eigenvalues the step is along / (value + mu); its
	 * norm falls as mu grows, so that mu is found by bisection between bounds
	 * on a logarithmic scale.
	 */
	*is_newton = false;
	if (lowest > 1e-15 * highest)
	{
		double		sum = 0.0;

		for (i = 0; i < n; i++)
			sum += along[i] * along[i] / (value[i] * value[i]);
		*is_newton = sum <= radius * radius;
	}
	if (!*is_newton)
	{
		double		base = lowest > 0.0 ? 0.0 : -lowest;
		double		lo = 1e-12 * (norm / radius) + 1e-14 * highest;
		double		hi = 2.0 * norm / radius + lo;

		for (iteration = 0; iteration < 80; iteration++)
		{
			double		mid = sqrt(lo * hi);
			double		sum = 0.0;

			if (mid == 0.0)
				break;
			for (i = 0; i < n; i++)
			{
				double		part = along[i] / (value[i] + base + mid);

				sum += part * part;
			}
			if (sum > radius * radius)
				lo = mid;
			else
				hi = mid;
		}
		mu = base + hi;
	}

	for (j = 0; j < n; j++)
		step[j] = 0.0;
	for (i = 0; i < n; i++)
	{
		double		denominator = value[i] + mu;
		double		part = denominator > 0.0 ? along[i] / denominator : 0.0;

		for (j = 0; j < n; j++)
			step[j] += vector[j][i] * part;
		gain += part * (along[i] - 0.5 * value[i] * part);
	}
	return gain;
}

/*
 * Maximise.  See newton.h and the head of this file.
 */
void
crm_newton_maximize(const NewtonProblem *problem, const double *theta,
					const NewtonPoint *at_start, NewtonResult *result)
{
	int			n = problem->n;
	double		radius = problem->max_step;
	int			blind = 0;
	double		blind_length = INFINITY;
	NewtonPoint *at = &result->last;
	int			i,
				j;

	for (i = 0; i < n; i++)
		result->theta[i] = fmin(fmax(theta[i], problem->lower[i]),
								problem->upper[i]);
	result->evaluations = 0;
	if (at_start)
		*at = *at_start;
	else
	{
		problem->function(problem->arg, result->theta, at);
		result->evaluations++;
	}
	result->value = at->value;
	result->reason = NEWTON_STUCK;
	if (!point_is_finite(at, n))
		return;

	for (;;)
	{
		int			index[NEWTON_MAX];
		int			n_free;
		double		h[NEWTON_MAX][NEWTON_MAX];
		double		grad[NEWTON_MAX];
		double		step[NEWTON_MAX];
		double		next[NEWTON_MAX];
		bool		held[NEWTON_MAX] = {false};
		bool		at_bound = false;
		bool		is_newton = true;
		bool		again;
		double		gain,
					noise,
					ratio,
					part = 1.0,
					length = 0.0;
		NewtonPoint point;

		for (i = 0; i < n; i++)
		{
			if (problem->lower[i] == problem->upper[i])
				held[i] = true;
			else if ((result->theta[i] <= problem->lower[i] && at->grad[i] <= 0.0) ||
					 (result->theta[i] >= problem->upper[i] && at->grad[i] >= 0.0))
				held[i] = at_bound = true;
		}

		/*
		 * A step from a bound outward holds one more variable, at most n
		 * times.
		 */
		do
		{
			n_free = 0;
			again = false;
			for (i = 0; i < n; i++)
				if (!held[i])
					index[n_free++] = i;
			if (n_free == 0)
			{
				result->reason = at_bound ? NEWTON_BOUND : NEWTON_STEP;
				return;
			}
			for (i = 0; i < n_free; i++)
			{
				grad[i] = at->grad[index[i]];
				for (j = 0; j < n_free; j++)
					h[i][j] = at->hess[index[i]][index[j]];
			}
			gain = trust_step(n_free, h, grad, radius, step, &is_newton);
			for (i = 0; i < n_free; i++)
			{
				int			k = index[i];

				if ((result->theta[k] <= problem->lower[k] && step[i] < 0.0) ||
					(result->theta[k] >= problem->upper[k] && step[i] > 0.0))
					held[k] = at_bound = again = true;
			}
		} while (again);

		/* Go no further than to the first bound that is met. */
		for (i = 0; i < n_free; i++)
		{
			int			k = index[i];
			double		room = step[i] < 0.0 ? problem->lower[k] - result->theta[k]
				: problem->upper[k] - result->theta[k];

			if (fabs(room) < fabs(part * step[i]))
				part = room / step[i];
		}
		if (part < 1.0)
		{
			double		linear = 0.0;

			for (i = 0; i < n_free; i++)
				linear += grad[i] * step[i];
			gain = part * (linear + part * (gain - linear));
		}
		memcpy(next, result->theta, sizeof(next));
		for (i = 0; i < n_free; i++)
		{
			int			k = index[i];

			step[i] *= part;
			length = fmax(length, fabs(step[i]));
			next[k] = fmin(fmax(next[k] + step[i], problem->lower[k]),
						   problem->upper[k]);
		}
		noise = problem->value_tolerance * (1.0 + fabs(at->value));

		if (is_newton && part == 1.0 && length <= problem->step_tolerance)
		{
			/* The rest is of second order in a tiny step: no evaluation. */
			memcpy(result->theta, next, sizeof(next));
			result->value = at->value + gain;
			result->reason = at_bound ? NEWTON_BOUND : NEWTON_STEP;
			return;
		}
		if (gain <= noise)
		{
			/*
			 * The value cannot judge this step any more.  If it is Newton's
			 * and keeps getting shorter, the gradient still leads to the
			 * maximum.
			 */
			if (!is_newton || part < 1.0 || length > BLIND_STEP_MAX ||
				length > 0.5 * blind_length || ++blind > BLIND_STEPS)
			{
				result->reason = blind_length < 1e-3 ?
					(at_bound ? NEWTON_BOUND : NEWTON_STEP) : NEWTON_FLAT;
				return;
			}
			blind_length = length;
		}
		if (result->evaluations >= problem->max_evaluations)
		{
			result->reason = NEWTON_EVALUATIONS;
			return;
		}

		problem->function(problem->arg, next, &point);
		result->evaluations++;
		ratio = (point.value - at->value) / gain;
		if (point_is_finite(&point, n) &&
			(gain <= 10.0 * noise ? point.value >= at->value - 10.0 * noise
			 : ratio > 1e-3))
		{
			memcpy(result->theta, next, sizeof(next));
			*at = point;
			result->value = point.value;
			if (ratio > 0.75 && !is_newton)
				radius = fmin(2.0 * radius, problem->max_step);
			else if (ratio < 0.25 && gain > 10.0 * noise)
				radius = 0.5 * length;
		}
		else
		{
			radius = 0.25 * fmin(length, radius);
			if (radius < 1e-9)
			{
				result->reason = NEWTON_STUCK;
				return;
			}
		}
	}
}
