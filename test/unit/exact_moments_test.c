/*-------------------------------------------------------------------------
 *
 * exact_moments_test.c
 *	  src/math/exact_moments.c and exact_text.c.
 *
 * Sums are compared with those of Python's fractions.Fraction, digit for
 * digit; standard deviations with mpmath's to 60 digits; the
 * cancellation case is NIST's StRD NumAcc4 (certified mean and deviation).
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "src/math/exact_moments.h"
#include "test/unit/unit.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define MAX_VALUES 7

/* An accumulator that widens as the aggregate's state does. */
typedef struct Moments
{
	int64_t		n;
	LimbSpan	sum_span;
	LimbSpan	squares_span;
	uint32_t	sum[EXACT_SUM_MAX_LIMBS];
	uint32_t	squares[EXACT_SQUARES_MAX_LIMBS];
} Moments;

typedef struct Case
{
	int			n;
	double		values[MAX_VALUES];
	const char *sum;
	const char *squares;
	double		mean;
	double		std_dev;
} Case;

static const Case cases[] = {
	{6, {12.34, 0.01, 999.99, -5.5, 10000.0, 19.95},
	"0x1589651eb851eb8647bp-59",
	"0x181495c21cfaacda381a2f83c9eecc1577319p-118",
	1837.7983333333334, 4018.3465317038881116},
	{6, {1.7976931348623157e+308, 5e-324, -1.7976931348623157e+308, 2.2250738585072014e-308, 1e-160, 1.7976931348623157e+308},
	"0x3ffffffffffffe000000000000000000000000000000000000000000000000"
	"0000000000000000000000000000000000000000000000000000000000000000"
	"0000000000000000000000000000000000000000000000000000000000000000"
	"0000000000000000000000000000000000000000000000000000000000000000"
	"0000000000000000000000000000000000000000000000000000000000000000"
	"0000000000000000000000000000000000000000000000000000000000000000"
	"000000059fa7049edb9d00000000000000000000000000000000000000000000"
	"0000000000000000000000000000000000000000000000000000000000000000"
	"010000000000001p-1074",
	"0x2ffffffffffffd0000000000000c0000000000000000000000000000000000"
	"0000000000000000000000000000000000000000000000000000000000000000"
	"0000000000000000000000000000000000000000000000000000000000000000"
	"0000000000000000000000000000000000000000000000000000000000000000"
	"0000000000000000000000000000000000000000000000000000000000000000"
	"0000000000000000000000000000000000000000000000000000000000000000"
	"0000000000000000000000000000000000000000000000000000000000000000"
	"0000000000000000000000000000000000000000000000000000000000000000"
	"0000000000000000000000000000000000000000000000000000000000000000"
	"0000000000000000000000000000000000000000000000000000000000000000"
	"0000000000000000000000000000000000000000000000000000000000000000"
	"0000000000000000000000000000000000000000000000000000000000000000"
	"0000000000001fa01712e8f046e646ba31fe4900000000000000000000000000"
	"0000000000000000000000000000000000000000000000000000000000000000"
	"0000000000000000000000000000000000000000000000000000000000000000"
	"0000000000000000000000000000000000000000000000000000000000000000"
	"0100000000000000000000000001p-2148",
	2.9961552247705263e+307, 1.3532542298872090872e+308},
	{4, {-3.25, -1e-20, -7.0, -1000000000000000.0},
	"-0x1c6bf526340052000000000000000179ca10c924223p-119",
	"0x327cb2734119d3b7a9000000ee4000000000000000000000000000000022d8"
	"4c4eeeaf379e1c8c90210c9p-238",
	-250000000000002.56, 499999999999998.29167},
	{4, {1e+16, 1.0, -1e+16, 1.0},
	"0x1p1",
	"0x4ee2d6d415b85acef8100000001p1",
	0.5, 8164965809277260.3273},
	{7, {0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1},
	"0x5999999999999bp-55",
	"0x47ae147ae147b051eb851eb851fp-110",
	0.1, 0.0},
	{1, {-42.5},
	"-0x55p-1",
	"0x1c39p-2",
	-42.5, NAN},
	{2, {0.0, -0.0},
	"0x0p0",
	"0x0p0",
	0.0, 0.0}
};

static void
widen(uint32_t *limbs, LimbSpan *span, LimbSpan needed)
{
	LimbSpan	wide = crm_exact_union(*span, needed);
	uint32_t	copy[EXACT_SQUARES_MAX_LIMBS] = {0};

	crm_exact_merge(copy, wide, limbs, *span, EXACT_ADD);
	memcpy(limbs, copy, sizeof(uint32_t) * wide.count);
	*span = wide;
}

static void
accumulate(Moments *moments, double x, ExactSign sign)
{
	while (!crm_exact_add(moments->sum, moments->sum_span, x, sign))
		widen(moments->sum, &moments->sum_span, crm_exact_span(x));
	while (!crm_exact_add_square(moments->squares, moments->squares_span, x, sign))
		widen(moments->squares, &moments->squares_span, crm_exact_square_span(x));
	moments->n += sign;
}

static void
check_text(const uint32_t *limbs, LimbSpan span, int max_limbs, int unit, const char *want)
{
	char		number[EXACT_TEXT_LENGTH];
	uint32_t	back[EXACT_SQUARES_MAX_LIMBS];
	LimbSpan	back_span;
	LimbSpan	trimmed = crm_exact_trim(limbs, span);

	crm_exact_to_text(number, limbs, span, unit);
	CHECK(strcmp(number, want) == 0);
	CHECK(crm_exact_from_text(number, back, max_limbs, &back_span, unit));
	CHECK(back_span.count == trimmed.count);
	CHECK(back_span.first == trimmed.first);
	CHECK(memcmp(back, limbs + (trimmed.first - span.first),
				 sizeof(uint32_t) * trimmed.count) == 0);
}

static void
check_case(const Case *expected, const Moments *moments)
{
	CHECK(moments->n == expected->n);
	check_text(moments->sum, moments->sum_span, EXACT_SUM_MAX_LIMBS,
			   EXACT_SUM_UNIT, expected->sum);
	check_text(moments->squares, moments->squares_span, EXACT_SQUARES_MAX_LIMBS,
			   EXACT_SQUARES_UNIT, expected->squares);
	CHECK(crm_exact_consistent(moments->n, moments->sum, moments->sum_span,
							   moments->squares, moments->squares_span));
	CHECK_NEAR(crm_exact_mean(moments->n, moments->sum, moments->sum_span),
			   expected->mean, 0, 0);
	if (isnan(expected->std_dev))
		CHECK(isnan(crm_exact_std_dev(moments->n, moments->sum, moments->sum_span,
									  moments->squares, moments->squares_span)));
	else
		CHECK_NEAR(crm_exact_std_dev(moments->n, moments->sum, moments->sum_span,
									 moments->squares, moments->squares_span),
				   expected->std_dev, 5e-16, 0);
}

static void
test_cases(void)
{
	for (size_t i = 0; i < LENGTH(cases); i++)
	{
		const Case *c = &cases[i];
		Moments		forward = {0};
		Moments		backward = {0};
		Moments		moved = {0};

		for (int k = 0; k < c->n; k++)
		{
			accumulate(&forward, c->values[k], EXACT_ADD);
			accumulate(&backward, c->values[c->n - 1 - k], EXACT_ADD);
		}
		check_case(c, &forward);
		check_case(c, &backward);

		/* other values come and go */
		for (size_t other = 0; other < LENGTH(cases); other++)
			for (int k = 0; k < cases[other].n; k++)
				accumulate(&moved, cases[other].values[k], EXACT_ADD);
		for (size_t other = 0; other < LENGTH(cases); other++)
			for (int k = 0; k < cases[other].n; k++)
				if (other != i)
					accumulate(&moved, cases[other].values[k], EXACT_SUBTRACT);
		check_case(c, &moved);
	}
}

/*
 * Merging sums is adding their values; taking one out again leaves the other.
 */
static void
test_merge(void)
{
	for (size_t i = 0; i < LENGTH(cases); i++)
		for (size_t j = 0; j < LENGTH(cases); j++)
		{
			Moments		a = {0};
			Moments		b = {0};
			char		number[EXACT_TEXT_LENGTH];
			LimbSpan	wide;

			for (int k = 0; k < cases[i].n; k++)
				accumulate(&a, cases[i].values[k], EXACT_ADD);
			for (int k = 0; k < cases[j].n; k++)
				accumulate(&b, cases[j].values[k], EXACT_ADD);
			wide = crm_exact_union(a.sum_span, b.sum_span);
			widen(a.sum, &a.sum_span, wide);
			crm_exact_merge(a.sum, wide, b.sum, b.sum_span, EXACT_ADD);

			/* one by one, into the merged sum */
			for (int k = 0; k < cases[i].n; k++)
				while (!crm_exact_add(a.sum, a.sum_span, cases[i].values[k], EXACT_SUBTRACT))
					widen(a.sum, &a.sum_span, crm_exact_span(cases[i].values[k]));
			crm_exact_to_text(number, a.sum, a.sum_span, EXACT_SUM_UNIT);
			CHECK(strcmp(number, cases[j].sum) == 0);

			crm_exact_merge(a.sum, a.sum_span, b.sum, b.sum_span, EXACT_SUBTRACT);
			CHECK(crm_exact_trim(a.sum, a.sum_span).count == 0);
		}
}

/*
 * NIST StRD NumAcc4: certified mean 10000000.2, standard deviation 0.1 (of the
 * decimal values; of the nearest doubles 0.10000000055879, as numpy has it).
 */
static void
test_numacc4(void)
{
	Moments		moments = {0};

	accumulate(&moments, 10000000.2, EXACT_ADD);
	for (int i = 0; i < 500; i++)
	{
		accumulate(&moments, 10000000.1, EXACT_ADD);
		accumulate(&moments, 10000000.3, EXACT_ADD);
	}
	CHECK_NEAR(crm_exact_mean(moments.n, moments.sum, moments.sum_span),
			   10000000.2, 2e-16, 0);
	CHECK_NEAR(crm_exact_std_dev(moments.n, moments.sum, moments.sum_span,
								 moments.squares, moments.squares_span),
			   0.10000000055879356, 1e-13, 0);
}

/*
 * Sums that no values have are told from others.
 */
static void
test_consistent(void)
{
	static const struct
	{
		int64_t		n;
		const char *sum;
		const char *squares;
		bool		consistent;
	}			forged[] = {
		{0, "0x0p0", "0x0p0", true},
		{0, "0x1p0", "0x1p0", false},
		{-1, "0x0p0", "0x0p0", false},
		{1, "0x3p0", "0x9p0", true},
		{1, "0x3p0", "0x5p1", false},
		{1, "0x3p0", "0x1p3", false},
		{2, "0x3p0", "0x9p0", true},
		{2, "0x3p0", "0x9p-1", true},
		{2, "0x3p0", "0x8fp-5", false},
		{2, "0x0p0", "-0x1p0", false},
		{INT64_MAX, "0x0p0", "0x1p2100", true},
		{1, "0x0p0", "0x1p2100", false},
	};

	for (size_t i = 0; i < LENGTH(forged); i++)
	{
		uint32_t	sum[EXACT_SUM_MAX_LIMBS];
		uint32_t	squares[EXACT_SQUARES_MAX_LIMBS];
		LimbSpan	sum_span;
		LimbSpan	squares_span;

		CHECK(crm_exact_from_text(forged[i].sum, sum, EXACT_SUM_MAX_LIMBS,
								  &sum_span, EXACT_SUM_UNIT));
		CHECK(crm_exact_from_text(forged[i].squares, squares, EXACT_SQUARES_MAX_LIMBS,
								  &squares_span, EXACT_SQUARES_UNIT));
		CHECK(crm_exact_consistent(forged[i].n, sum, sum_span, squares, squares_span) ==
			  forged[i].consistent);
	}
}

/*
 * Text that is no sum.
 */
static void
test_bad_text(void)
{
	static const char *const bad[] = {
		"", "-", "0", "0x", "0xp0", "0x1", "0x1p", "0x1p-", "1p0", "0x1p0 ", "0x1P0",
		"0X1p0", "0x1p+1", "0xGp0", "--0x1p0", "0x1p-1075", "0x10p-1078", "0x1p1102",
		"0x1p99999999999999999999", "0x10p-99999999999999999999", "0x1p0x"
	};
	uint32_t	limbs[EXACT_SUM_MAX_LIMBS];
	LimbSpan	span;

	for (size_t i = 0; i < LENGTH(bad); i++)
		CHECK(!crm_exact_from_text(bad[i], limbs, EXACT_SUM_MAX_LIMBS, &span, EXACT_SUM_UNIT));

	/* another writing of the same number is the same number */
	CHECK(crm_exact_from_text("-0x0010p4", limbs, EXACT_SUM_MAX_LIMBS, &span, EXACT_SUM_UNIT));
	CHECK(crm_exact_mean(1, limbs, span) == -256);
}

int
main(void)
{
	test_cases();
	test_merge();
	test_numacc4();
	test_consistent();
	test_bad_text();
	return unit_report();
}
