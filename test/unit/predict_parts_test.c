/*-------------------------------------------------------------------------
 *
 * predict_parts_test.c
 *	  The functions that predictions are built of: quadrature, exponential
 *	  integral, negative binomial tails, moments and means of a beta variable.
 *
 * Expected values without another source are from mpmath in 50 digits: expint(),
 * quad(), the defining sums, and loggamma() of the arguments as doubles.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/beta_mean.h"
#include "src/math/expint.h"
#include "src/math/nbd.h"
#include "src/math/quadrature.h"
#include "src/math/time_integral.h"
#include "test/unit/unit.h"

#define COUNT(array) ((int) (sizeof(array) / sizeof((array)[0])))

/* s, z, exp(z) E_s(z) */
static const double expint_value[][3] = {
	{1.0, 1e-10, 22.4486352673837875},
	{1.0, 0.5, 0.922910632483730469},
	{1.0, 1.9, 0.375776539668884827},
	{1.0, 2.1, 0.34799595347071847},
	{1.000000001, 0.01, 4.07851143444204216},
	{0.999, 0.1, 2.01708952995526949},
	{1e-06, 1e-06, 999986.761779317063},
	{1e-06, 3.0, 0.333333245972105856},
	{0.3, 1e-12, 326056756.314360217},
	{0.606, 0.135, 2.87718603026795325},
	{1.5, 0.7, 0.586155677297796935},
	{2.0, 0.01, 0.959214885565435741},
	{2.0000000001, 0.01, 0.959214885478528628},
	{3.7, 1.3, 0.230220962379890215},
	{11.9, 1.99, 0.0766130122146097125},
	{12.1, 1e-08, 0.0900900900008919841},
	{12.1, 1.99, 0.0754712915841237968},
	{64.3, 20.0, 0.0119700869248501153},
	{10000.0, 0.001, 0.00010000999099710031},
	{1000000.0, 1000000.0, 5.0000012499996875e-7},
	{0.5, 700.0, 0.00142755319922663557},
	{5.0, 100000.0, 9.99950002999790017e-6}
};

/* s, z, h, integral of exp(-z v) (1+v)^-s from 0 to h */
static const double power_value[][4] = {
	{0.6, 0.1, 1e-09, 9.99999999650000062e-10},
	{0.6, 0.1, 3.0, 1.63306591906667005},
	{0.6, 0.1, 30.0, 3.41667009906159579},
	{0.6, 0.1, 3000.0, 3.47151667717028993},
	{1.0, 0.2, 0.5, 0.387152786574093035},
	{1.0, 1e-07, 5.0, 1.79175914840404838},
	{1.0, 0.0, 5.0, 1.791759469228055},
	{2.5, 0.0, 1.0, 0.430964406271150825},
	{0.3, 1e-05, 10000000.0, 4103.42384858088486},
	{30.0, 0.01, 0.02, 0.0150637347967111096},
	{30.0, 0.01, 10.0, 0.0344704479092115417},
	{10000.0, 1000.0, 0.0001, 0.0000606488314623533943},
	{10000.0, 1000.0, 0.01, 0.0000909166045538503227},
	{1e-06, 1.0, 20.0, 0.999999401591756389},
	{1e-06, 1e-06, 1000000.0, 632112.622396095219}
};

/* n, r, alpha, t, ln P(K = n), P(K > n) */
static const double nbd_value[][6] = {
	{0.0, 0.5, 10.0, 3.0, -0.131182132233745526, 0.122941980692970785},
	{3.0, 0.5, 10.0, 3.0, -5.69334414841970752, 0.000859456555815176847},
	{3.0, 1e-06, 10.0, 3.0, -19.3131328153775544, 8.71320959532782191e-10},
	{3.0, 1e-06, 0.001, 3.0, -14.9151291867042154, 6.17434863052861497e-6},
	{100.0, 0.5, 10.0, 1.0, -242.713382400449786, 3.87747847125308688e-107},
	{1000.0, 5000.0, 400.0, 39.0, -187.208906645844649, 5.64759529991420001e-82},
	{300.0, 5000.0, 400.0, 39.0, -42.4074747801876534, 0.999999999999999999},
	{600.0, 5000.0, 400.0, 39.0, -15.1124389420459116, 1.26554504999398946e-6},
	{10.0, 2.0, 0.01, 100.0, -16.0239854111579946, 0.99999934057169982},
	{5.0, 1000000.0, 1000000.0, 0.01, -27.8233327226875024, 1.37705664124518062e-15},
	{1000000.0, 1000000.0, 1.0, 1.0, -8.17326752746678245, 0.499717905243487969},
	{20.0, 0.243, 4.414, 1e-06, -309.59627293106117, 7.64311327999200087e-142}
};

/* a, b, n, ln E[(1-p)^n] */
static const double moment_value[][4] = {
	{0.793, 2.426, 1.0, -0.282826941794812719},
	{0.793, 2.426, 7.0, -1.10001793208698105},
	{0.793, 2.426, 8.0, -1.18079483621551395},
	{0.793, 2.426, 5000.0, -6.08406184538063391},
	{1e-08, 1e-08, 1.0, -0.693147180559945309},
	{1e-08, 1e-08, 100.0, -0.693147232333720241},
	{1e-08, 100000000.0, 30.0, -2.99999956500008546e-15},
	{100000000.0, 100000000.0, 1.0, -0.693147180559945309},
	{100000000.0, 100000000.0, 200.0, -138.629336612088313},
	{1000000.0, 1e-06, 3.0, -54.5688965512982762},
	{5000.0, 1000000.0, 5000.0, -24.8757368873142763},
	{50.0, 10000000.0, 1000000.0, -4.76549785388768606},
	{1.0, 1.0, 1000000000.0, -20.7232658379464112}
};

/* a, b, c, E[1 / (1 + c p)] = 2F1(1, a; a+b; -c) */
static const double mean_value[][4] = {
	{0.793, 2.426, 1.0, 0.82306912515264672},
	{0.793, 2.426, 1000000.0, 0.000140377303092320288},
	{1e-06, 1.0, 1000.0, 0.999993091270723094},
	{1e-06, 1e-06, 10.0, 0.545453455504658543},
	{30.0, 0.5, 7.0, 0.126873291650122397},
	{0.01, 20.0, 100000000.0, 0.861875689493411831},
	{3.0, 3.0, 1e-09, 0.9999999995}
};

static double
power_of_x(double x, const void *arg)
{
	return pow(x, *(const double *) arg);
}

static double
bump(double x, const void *arg)
{
	double		width = *(const double *) arg;

	return 1.0 / (x * x + width * width);
}

static double
wave(double x, const void *arg)
{
	return cos(*(const double *) arg * x);
}

/* Integrals with elementary antiderivatives */
static void
test_quadrature(void)
{
	const double unit[] = {0.0, 1.0};
	const double twice[] = {-1.0, -1.0, 0.0, 2.0, 2.0};
	const double empty[] = {3.0, 3.0};
	double		arg;

	arg = 19.0;
	CHECK_NEAR(crm_integrate(power_of_x, &arg, unit, 2, 1e-13), 0.05, 1e-15, 0);
	arg = 0.5;
	CHECK_NEAR(crm_integrate(power_of_x, &arg, unit, 2, 1e-12), 2.0 / 3, 1e-12, 0);
	arg = 1e-3;
	CHECK_NEAR(crm_integrate(bump, &arg, twice, 5, 1e-13),
			   (atan(2000.0) + atan(1000.0)) * 1000.0, 1e-13, 0);
	arg = 100.0;
	CHECK_NEAR(crm_integrate(wave, &arg, unit, 2, 1e-13), sin(100.0) / 100.0,
			   1e-12, 0);
	CHECK(crm_integrate(wave, &arg, empty, 2, 1e-13) == 0.0);
}

static void
test_expint(void)
{
	for (int i = 0; i < COUNT(expint_value); i++)
		CHECK_NEAR(crm_expint_scaled(expint_value[i][0], expint_value[i][1]),
				   expint_value[i][2], 2e-14, 0);
	CHECK(isinf(crm_expint_scaled(1.0, 0.0)));
	CHECK_NEAR(crm_expint_scaled(1.5, 0.0), 2.0, 1e-15, 0);

	/* s E_{s+1}(z) = exp(-z) - z E_s(z), across the border of the methods */
	for (double z = 1.9; z < 2.1; z += 0.01)
		for (double s = 0.1; s < 13.0; s += 0.37)
			CHECK_NEAR(s * crm_expint_scaled(s + 1.0, z) +
					   z * crm_expint_scaled(s, z), 1.0, 1e-14, 0);
}

static void
test_power(void)
{
	for (int i = 0; i < COUNT(power_value); i++)
		CHECK_NEAR(crm_discounted_power(power_value[i][0], power_value[i][1],
										power_value[i][2]),
				   power_value[i][3], 1e-13, 0);
	CHECK(crm_discounted_power(0.5, 0.1, 0.0) == 0.0);
	CHECK(isinf(crm_discounted_power(0.5, 0.0, INFINITY)));
	CHECK_NEAR(crm_discounted_power(3.0, 0.0, INFINITY), 0.5, 1e-15, 0);
}

static void
test_nbd(void)
{
	for (int i = 0; i < COUNT(nbd_value); i++)
	{
		const double *v = nbd_value[i];

		CHECK_NEAR(crm_nbd_log_pmf(v[0], v[1], v[2], v[3]), v[4], 1e-14, 2e-12);
		CHECK_NEAR(crm_nbd_upper_tail(v[0], v[1], v[2], v[3]), v[5], 2e-12, 0);
	}

	/* r = 1 is the geometric distribution: P(K > n) = q^(n+1) */
	for (double n = 0.0; n < 400.0; n += 1.0)
	{
		CHECK_NEAR(crm_nbd_upper_tail(n, 1.0, 1.0, 4.0), pow(0.8, n + 1), 1e-12, 0);
		CHECK_NEAR(crm_nbd_upper_tail(n, 1.0, 1.0, 24.0), pow(0.96, n + 1),
				   1e-12, 0);
	}
}

/*
 * Elementary members of the family: with alpha's powers alone, a beta integral;
 * B(2, 3) = 1/12, and its incomplete form up to q = 1/2, 11/192.
 */
static void
test_time_integral(void)
{
	TimeIntegrand f = {.alpha = 5.0,.a_up = 2.0,.a_down = 3.0,.beta = 7.0};
	double		mode;
	double		value;

	value = crm_time_integral(&f, INFINITY, &mode);
	CHECK_NEAR(value * pow(mode / (5 + mode), 2) * pow(5 / (5 + mode), 3),
			   1.0 / 12, 1e-13, 0);
	value = crm_time_integral(&f, 5.0, &mode);
	CHECK_NEAR(value * pow(mode / (5 + mode), 2) * pow(5 / (5 + mode), 3),
			   11.0 / 192, 1e-13, 0);
	CHECK_NEAR(mode, 10.0 / 3, 0.05, 0);

	/* alpha = beta, in two parts or in one */
	f.beta = 5.0;
	f.a_up = f.b_up = 1.0;
	f.a_down = f.b_down = 1.5;
	value = crm_time_integral(&f, 5.0, &mode);
	CHECK_NEAR(value * pow(mode / (5 + mode), 2) * pow(5 / (5 + mode), 3),
			   11.0 / 192, 1e-13, 0);
}

static double
log_reciprocal(double p, double q, const void *arg)
{
	(void) q;
	return -log1p(*(const double *) arg * p);
}

static double
log_survived(double p, double q, const void *arg)
{
	(void) p;
	return *(const double *) arg * log(q);
}

static void
test_beta(void)
{
	double		seven = 7.0;

	for (int i = 0; i < COUNT(moment_value); i++)
		CHECK_NEAR(crm_beta_log_moment(moment_value[i][0], moment_value[i][1],
									   moment_value[i][2]),
				   moment_value[i][3], 1e-14, 1e-13);
	for (int i = 0; i < COUNT(mean_value); i++)
		CHECK_NEAR(crm_beta_mean(mean_value[i][0], mean_value[i][1],
								 log_reciprocal, &mean_value[i][2],
								 mean_value[i][2], 1.0),
				   mean_value[i][3], 1e-12, 0);

	/* the mean of (1-p)^7 both ways */
	CHECK_NEAR(crm_beta_mean(0.793, 2.426, log_survived, &seven, 7.0, 1e300),
			   exp(-1.10001793208698105), 1e-12, 0);
}

int
main(void)
{
	test_quadrature();
	test_expint();
	test_power();
	test_nbd();
	test_time_integral();
	test_beta();
	return unit_report();
}
