/*-------------------------------------------------------------------------
 *
 * probability_test.c
 *	  src/math/probability.c and proportion.c against independent values.
 *
 * Sources: R 4.2.2's nmath where it says R; statsmodels 0.13.5 for the
 * proportion intervals; all else mpmath with 30 to 50 digits (series of 2F1,
 * quadrature of the densities, Newton on them), from the very doubles given.
 *
 *-------------------------------------------------------------------------
 */
#include "src/math/probability.h"
#include "src/math/proportion.h"
#include "test/unit/unit.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const double normal_cdf[][2] = {
	{-38.0, 2.8854283600687843084e-316},
	{-8.0, 6.2209605742717841235e-16},
	{-1.5, 6.6807201268858066004e-2},
	{0.0, 5.0e-1},
	{1e-09, 5.000000003989422804e-1},
	{0.5, 6.9146246127401310364e-1},
	{3.0, 9.9865010196836990547e-1},
	{6.0, 9.9999999901341235496e-1}
};

/* p, x */
static const double normal_quantile[][2] = {
	{1e-300, -3.7047096299361199237e+1},
	{1e-10, -6.3613409024040561991},
	{1e-05, -4.2648907939228246102},
	{0.025, -1.9599639845400542118},
	{0.075, -1.4395314709384559349},
	{0.3, -5.2440051270804081597e-1},
	{0.499999999, -2.5066283428845326712e-9},
	{0.6, 2.5334710313579974132e-1},
	{0.925, 1.4395314709384562291},
	{0.975, 1.9599639845400538556},
	{0.9999, 3.7190164854557083867}
};

/* p, df, t */
static const double t_quantile[][3] = {
	{0.975, 1.0, 1.2706204736174693314e+1},
	{0.975, 17.7764735162, 2.1028172415696171441},
	{0.6, 1.0, 3.2491969623290624903e-1},
	{0.55, 3.5, 1.3501565018020939997e-1},
	{0.8, 2.0, 1.0606601717798215319},
	{1e-06, 3.0, -1.032994677804193443e+2},
	{1e-15, 1.0, -3.183098861837906468e+14},
	{0.995, 100.0, 2.625890521438017607},
	{0.975, 1000000.0, 1.9599663568141066553},
	{0.975, 10000000000.0, 1.9599639847772809787},
	{0.51, 1000000.0, 2.5068914529877548599e-2},
	{0.025, 4.0, -2.7764451051977943036}
};

/* x, a, b, P(X <= x), P(X > x), relative tolerance where it is not 1e-12 */
static const double beta_cdf[][6] = {
	{0.3, 2.0, 5.0, 5.7982499999999997601e-1, 4.2017500000000002399e-1},
	{0.02, 201.0, 9801.0, 4.8177441126994826398e-1, 5.1822558873005173602e-1},
	{0.5, 0.5, 0.5, 5.0e-1, 5.0e-1},
	{1e-10, 0.5, 3.0, 1.8749999998750000342e-5, 9.9998125000000125e-1},
	{0.9, 0.1, 0.1, 5.9361490606372402266e-1, 4.0638509393627597734e-1},
	{0.001, 5.0, 2000.0, 5.2924184523101294881e-2, 9.4707581547689870512e-1},
	{0.5, 1000.0, 1000.0, 5.0e-1, 5.0e-1},
	{0.45, 999.0, 1001.0, 4.5389014953844343446e-6, 9.9999546109850461557e-1},
	{0.47, 5000.0, 5000.0, 9.5512494553665708996e-10, 9.9999999904487505446e-1},
	{0.4, 5000.0, 5000.0, 4.5185437272610854309e-91, 1.0},
	{0.3, 30000.0, 30000.0, 0, 1.0},	/* 9.7e-2275 */
	{0.501, 1000000.0, 1000000.0, 9.9766115059306849525e-1, 2.3388494069315047502e-3},
	{0.499, 1000000.0, 1000000.0, 2.3388494069315047502e-3, 9.9766115059306849525e-1},
	{0.00011, 1500.0, 14000000.0, 8.5003508028081441688e-1, 1.4996491971918558312e-1},
	{0.9, 20000.0, 2000.0, 2.5093231692049728997e-6, 9.9999749067683079503e-1},
	{0.91, 20000.0, 2000.0, 6.7869441306741988576e-1, 3.2130558693258011424e-1},
	{0.999999999999, 3.0, 0.5, 9.9999812502073922856e-1, 1.8749792607714386516e-6},
	{0.001, 0.001, 1000.0, 9.9978039188794675091e-1, 2.196081120532490949e-4},
	{0.24999, 1e9, 3e9, 7.2062570397750995417e-2, 9.2793742960224900458e-1, 1e-10},
	{0.2499, 1e9, 3e9, 1.2629486023482135806e-48, 1.0, 1e-9},
	{0.250001, 1e9, 3e9, 5.5806508224534246937e-1, 4.4193491775465753063e-1, 1e-10},
	{7.5e-06, 1e5, 1.3e10, 7.9907699492000388716e-16, 9.9999999999999920092e-1},
	/* a rounding error of x itself moves the result by 1e-7 */
	{0.1000000003, 1e17, 9e17, 8.4134474817985914378e-1, 1.5865525182014085622e-1, 1e-6}
};

/* p, a, b, x */
static const double beta_quantile[][4] = {
	{0.025, 82.0, 183.0, 2.5530184788221443893e-1},
	{0.975, 1.0, 20.0, 1.6843347098308530014e-1},
	{0.025, 0.5, 20.5, 2.4246478459242746355e-5},
	{1e-12, 0.5, 0.5, 2.4674011002723395555e-24},
	{0.5, 3.0, 0.1, 9.9976876009249988205e-1},
	{0.975, 0.5, 10000.0, 2.5116904094420937409e-4},
	{0.01, 1500.0, 2500.0, 3.5728947332092779246e-1},
	{0.6, 20000.0, 30000.0, 4.0055381017186851793e-1},
	{0.025, 7.0, 100000.0, 2.8142390234726159412e-5},
	{0.0005, 1000.5, 10000.0, 8.2174252423894772256e-2},
	{1e-17, 2.0, 30.0, 1.4664711522923859949e-10}
};

static void
test_normal(void)
{
	for (size_t i = 0; i < LENGTH(normal_cdf); i++)
		CHECK_NEAR(crm_normal_cdf(normal_cdf[i][0]), normal_cdf[i][1], 1e-12, 5e-323);
	for (size_t i = 0; i < LENGTH(normal_quantile); i++)
		CHECK_NEAR(crm_normal_quantile(normal_quantile[i][0]), normal_quantile[i][1], 2e-15, 0);

	/* R: qnorm(.975), qnorm(1e-10), pnorm(-8) */
	CHECK_NEAR(crm_normal_quantile(.975), 1.95996398454005, 1e-14, 0);
	CHECK_NEAR(crm_normal_quantile(1e-10), -6.36134090240406, 1e-14, 0);
	CHECK_NEAR(crm_normal_cdf(-8), 6.22096057427178e-16, 1e-13, 0);

	CHECK(crm_normal_quantile(0) == -INFINITY);
	CHECK(crm_normal_quantile(1) == INFINITY);
	CHECK(crm_normal_quantile(0.5) == 0);
	CHECK(isnan(crm_normal_quantile(-1e-9)));
	CHECK(isnan(crm_normal_quantile(NAN)));
	CHECK(crm_normal_cdf(-INFINITY) == 0);
}

static void
test_t(void)
{
	for (size_t i = 0; i < LENGTH(t_quantile); i++)
		CHECK_NEAR(crm_t_quantile(t_quantile[i][0], t_quantile[i][1]), t_quantile[i][2], 1e-12, 0);

	/* R: qt(.975,1), qt(.975,17.78) */
	CHECK_NEAR(crm_t_quantile(.975, 1), 12.7062047361747, 1e-13, 0);
	CHECK_NEAR(crm_t_quantile(.975, 17.7764735162), 2.10281724156962, 1e-13, 0);

	CHECK(crm_t_quantile(0.5, 7) == 0);
	CHECK(crm_t_quantile(1, 7) == INFINITY);
	CHECK(crm_t_quantile(.3, INFINITY) == crm_normal_quantile(.3));
	CHECK(isnan(crm_t_quantile(.3, 0)));
	CHECK(isnan(crm_t_quantile(.3, NAN)));
}

static void
test_beta(void)
{
	for (size_t i = 0; i < LENGTH(beta_cdf); i++)
	{
		const double *v = beta_cdf[i];
		double		tolerance = v[5] > 0 ? v[5] : 1e-12;

		CHECK_NEAR(crm_beta_cdf(v[0], v[1], v[2]), v[3], tolerance, 0);
		/* the upper tail, where 1 - x is not rounded */
		if (1 - (1 - v[0]) == v[0])
			CHECK_NEAR(crm_beta_cdf(1 - v[0], v[2], v[1]), v[4], tolerance, 0);
	}
	for (size_t i = 0; i < LENGTH(beta_quantile); i++)
	{
		const double *v = beta_quantile[i];

		CHECK_NEAR(crm_beta_quantile(v[0], v[1], v[2]), v[3], 1e-12, 0);
	}

	/*
	 * R: pbeta(.3,2,5), pbeta(.02,201,9801), qbeta(.025,82,183),
	 * qbeta(.975,1,20)
	 */
	CHECK_NEAR(crm_beta_cdf(.3, 2, 5), 0.579825, 1e-13, 0);
	CHECK_NEAR(crm_beta_cdf(.02, 201, 9801), 0.481774411269948, 1e-13, 0);
	CHECK_NEAR(crm_beta_quantile(.025, 82, 183), 0.255301847882214, 1e-13, 0);
	CHECK_NEAR(crm_beta_quantile(.975, 1, 20), 0.168433470983085, 1e-13, 0);

	CHECK(crm_beta_cdf(0, 2, 3) == 0);
	CHECK(crm_beta_cdf(1, 2, 3) == 1);
	CHECK(crm_beta_cdf(-1, 2, 3) == 0);
	CHECK(crm_beta_quantile(0, 2, 3) == 0);
	CHECK(crm_beta_quantile(1, 2, 3) == 1);
	CHECK(isnan(crm_beta_cdf(.5, 0, 3)));
	CHECK(isnan(crm_beta_cdf(NAN, 1, 3)));
	CHECK(isnan(crm_beta_quantile(1.5, 1, 3)));
}

/*
 * quantile and cdf are inverse over thirty orders of magnitude of parameters
 * and of p, and the cdf rises across the border between its two methods.
 */
static void
test_beta_inverse(void)
{
	static const double parameters[] = {0.01, 0.5, 1, 3.7, 60, 999, 1001, 1e5, 1e9, 1e15};
	static const double probabilities[] = {1e-12, 1e-4, 0.025, 0.3, 0.5, 0.9, 0.975, 0.999};

	for (size_t i = 0; i < LENGTH(parameters); i++)
		for (size_t j = 0; j < LENGTH(parameters); j++)
			for (size_t k = 0; k < LENGTH(probabilities); k++)
			{
				double		a = parameters[i];
				double		b = parameters[j];
				double		p = probabilities[k];
				double		x = crm_beta_quantile(p, a, b);
				double		m = a / (a + b);
				double		std_dev = sqrt(m * (1 - m) / (a + b + 1));

				/*
				 * Where x is rounded to 0 or 1, or a rounding error of x
				 * moves p by more than the tolerance, cdf(x) need not be p.
				 */
				if (x < 1e-290 || 1 - x < 1e-6 || x * 1e-16 > std_dev * 1e-11)
					continue;
				CHECK_NEAR(crm_beta_cdf(x, a, b), p, 1e-9, 0);
			}

	for (double x = 0.4; x < 0.6; x += 0.001)
		CHECK_NEAR(crm_beta_cdf(x, 1000, 1000.5), crm_beta_cdf(x, 1000.0000001, 1000.5), 1e-6, 0);
}

/* successes, trials, method, lower, upper: statsmodels proportion_confint */
static void
test_proportion(void)
{
	static const struct
	{
		double		successes;
		double		trials;
		ProportionMethod method;
		double		lower;
		double		upper;
	}			cases[] = {
		{81, 263, PROPORTION_WILSON, 0.255288519878, 0.366209576983},
		{81, 263, PROPORTION_AGRESTI_COULL, 0.25522066519, 0.366277431671},
		{81, 263, PROPORTION_EXACT, 0.252736745585, 0.367621922601},
		{81, 263, PROPORTION_JEFFREYS, 0.254521934991, 0.365647499174},
		{0, 20, PROPORTION_WILSON, 0, 0.161125158053},
		{0, 20, PROPORTION_AGRESTI_COULL, 0, 0.189809560542},
		{0, 20, PROPORTION_EXACT, 0, 0.168433470983},
		{0, 20, PROPORTION_JEFFREYS, 2.42464784592e-05, 0.116638982905},
		{10, 10, PROPORTION_WILSON, 0.722467200137, 1},
		{10, 10, PROPORTION_AGRESTI_COULL, 0.679112694249, 1},
		{10, 10, PROPORTION_EXACT, 0.691502892181, 1},
		{10, 10, PROPORTION_JEFFREYS, 0.782803732491, 0.999952109567}
	};
	double		lower;
	double		upper;

	for (size_t i = 0; i < LENGTH(cases); i++)
	{
		crm_proportion_interval(cases[i].method, cases[i].successes, cases[i].trials,
								0.95, &lower, &upper);
		CHECK_NEAR(lower, cases[i].lower, 1e-11, 0);
		CHECK_NEAR(upper, cases[i].upper, 1e-11, 0);
	}

	/* every method agrees with the normal limit where n is huge */
	for (int method = PROPORTION_WILSON; method <= PROPORTION_EXACT; method++)
	{
		crm_proportion_interval(method, 3e17, 1e18, 0.95, &lower, &upper);
		CHECK_NEAR(upper - lower, 2 * 1.959963984540054 * sqrt(.21e-18), 2e-6, 0);
		crm_proportion_interval(method, 0, 0, 0.95, &lower, &upper);
		CHECK(isnan(lower) && isnan(upper));
	}
	CHECK(isnan(crm_proportion_std_error(0, 5)));
	CHECK(isnan(crm_proportion_std_error(5, 5)));
	CHECK_NEAR(crm_proportion_std_error(1, 4), sqrt(3.0 / 64), 1e-15, 0);
}

int
main(void)
{
	test_normal();
	test_t();
	test_beta();
	test_beta_inverse();
	test_proportion();
	return unit_report();
}
