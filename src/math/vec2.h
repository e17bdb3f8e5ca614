/*-------------------------------------------------------------------------
 *
 * vec2.h
 *	  exp and log of two doubles at a time.
 *
 * The Pareto/NBD fit spends its time in exp and log; two at a time, without the
 * call and the special cases, they take less than half of the C library's time.
 * Written with the vector extension of GCC and Clang, which becomes
 * SSE2 or NEON where there is such a thing and plain code elsewhere.
 *
 * The relative error is under 1e-15 (see gammafn_test.c) on the domains given;
 * infinities, NaN, zero and subnormal numbers are not provided for.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CRM_VEC2_H
#define CRM_VEC2_H

#include <stdint.h>

typedef double Vec2 __attribute__((vector_size(16)));
typedef int64_t Vec2Bits __attribute__((vector_size(16)));
typedef uint64_t Vec2Unsigned __attribute__((vector_size(16)));

static inline Vec2
vec2(double a, double b)
{
	Vec2		v = {a, b};

	return v;
}

static inline Vec2
vec2_all(double a)
{
	Vec2		v = {a, a};

	return v;
}

/* 2^52 + 2^51: added to a small number, its low bits hold the rounded integer */
#define VEC2_TWO_52 4503599627370496.0
#define VEC2_ROUND (1.5 * VEC2_TWO_52)

/* ln 2 in two parts, the first with 32 trailing zero bits (fdlibm, e_exp.c) */
#define VEC2_LN2_HI 6.93147180369123816490e-01
#define VEC2_LN2_LO 1.90821492927058770002e-10

/*
 * exp(x) for |x| < 700: x = k ln 2 + r, and Taylor's polynomial of degree 13 for
 * |r| <= ln(2) / 2, of which the first term left out is 4e-18.
 */
static inline Vec2
vec2_exp(Vec2 x)
{
	Vec2		shifted = x * vec2_all(1.44269504088896338700) +
		vec2_all(VEC2_ROUND);
	Vec2		k = shifted - vec2_all(VEC2_ROUND);
	Vec2		r = (x - k * vec2_all(VEC2_LN2_HI)) - k * vec2_all(VEC2_LN2_LO);
	Vec2		r2 = r * r;
	Vec2		r4 = r2 * r2;
	Vec2		a,
				b,
				c;
	Vec2Bits	power;

	/* Estrin's scheme: short chains for the processor to overlap */
	a = vec2_all(1.0 / 2) + r * vec2_all(1.0 / 6) +
		r2 * (vec2_all(1.0 / 24) + r * vec2_all(1.0 / 120));
	b = vec2_all(1.0 / 720) + r * vec2_all(1.0 / 5040) +
		r2 * (vec2_all(1.0 / 40320) + r * vec2_all(1.0 / 362880));
	c = vec2_all(1.0 / 3628800) + r * vec2_all(1.0 / 39916800) +
		r2 * (vec2_all(1.0 / 479001600) + r * vec2_all(1.0 / 6227020800.0));
	a = vec2_all(1.0) + (r + r2 * (a + r4 * (b + r4 * c)));

	power = ((Vec2Bits) shifted << 52) + (Vec2Bits) vec2_all(1.0);
	return a * (Vec2) power;
}

/*
 * log(x) for normal x > 0: x = 2^k m with m in [sqrt(1/2), sqrt(2)), and
 * log(m) = 2 atanh(s), s = (m - 1) / (m + 1).  The first term left out is
 * 2e-17 of the result.  Accurate near x = 1.
 */
static inline Vec2
vec2_log(Vec2 x)
{
	const Vec2Bits one = (Vec2Bits) vec2_all(1.0);
	const Vec2Bits mantissa = (Vec2Bits) {0xfffffffffffff, 0xfffffffffffff};
	Vec2		m = (Vec2) (((Vec2Bits) x & mantissa) | one);
	Vec2Bits	large = m > vec2_all(1.41421356237309504880);
	Vec2Bits	biased = (Vec2Bits) ((Vec2Unsigned) x >> 52) - large;
	Vec2		k,
				s,
				z,
				z2,
				z4,
				sum;

	/* 2^52 + biased as a double, less 2^52 + 1023 */
	k = (Vec2) (biased | (Vec2Bits) vec2_all(VEC2_TWO_52)) -
		vec2_all(VEC2_TWO_52 + 1023.0);
	m -= m * (Vec2) (large & (Vec2Bits) vec2_all(0.5));
	s = (m - vec2_all(1.0)) / (m + vec2_all(1.0));
	z = s * s;
	z2 = z * z;
	z4 = z2 * z2;
	sum = (vec2_all(2.0 / 3) + z * vec2_all(2.0 / 5)) +
		z2 * (vec2_all(2.0 / 7) + z * vec2_all(2.0 / 9)) +
		z4 * ((vec2_all(2.0 / 11) + z * vec2_all(2.0 / 13)) +
			  z2 * (vec2_all(2.0 / 15) + z * vec2_all(2.0 / 17)) +
			  z4 * (vec2_all(2.0 / 19)));
	return k * vec2_all(VEC2_LN2_HI) +
		(vec2_all(2.0) * s + (s * z * sum + k * vec2_all(VEC2_LN2_LO)));
}

#endif							/* CRM_VEC2_H */
