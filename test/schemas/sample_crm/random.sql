/*
 * random.sql - the sample CRM's randomness
 *
 * Every draw is a function of (stream, key) and of nothing else: a stream is
 * one purpose under one seed, a key names the row and which of its draws is
 * meant.  So neither the plan nor the order of rows nor the number of workers
 * can show in the data, and random() is never called.  PostgreSQL's own hash
 * functions are left alone: their values may change between versions.
 *
 * A key of id * 32 + k is a row's k-th draw; the factors only have to keep
 * the keys of a stream apart.
 */

CREATE FUNCTION sample_crm.stream(seed int, name text)
RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
	SELECT ('x' || substr(md5(seed::text || ' ' || name), 1, 8))::bit(32)::bigint
$$;
COMMENT ON FUNCTION sample_crm.stream(int, text) IS
	'the number of the named random stream under a seed: 32 bits of their MD5';

/*
 * A hash of (key, stream) as a fraction.  Folding the key by multiplication
 * between two prime moduli makes all 64 bits count; what follows is the
 * 32-bit finaliser "lowbias32" (multipliers 0x21f0aaad and 0xd35a2d97, the
 * second written negative so that the product fits in a bigint) without its
 * last step, which only improves low bits and a fraction does not show them.
 *
 * It is one expression, and so is inlined, because a call that is not costs
 * ten times as much: that is why the same terms are written out repeatedly.
 * The planner inlines it only while the key is a short expression.
 */
CREATE FUNCTION sample_crm.uniform(stream bigint, key bigint)
RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
	SELECT (((
		(((((key % 4294967291) * 1640531527 % 4093082899) # stream)
		  # ((((key % 4294967291) * 1640531527 % 4093082899) # stream) >> 16))
		 * 569420461 & 4294967295)
		# (((((((key % 4294967291) * 1640531527 % 4093082899) # stream)
			  # ((((key % 4294967291) * 1640531527 % 4093082899) # stream) >> 16))
			 * 569420461) & 4294967295) >> 15)
		) * -749064809) & 4294967295)::float8 / 4294967296.0::float8
		+ 1.0::float8 / 8589934592.0::float8
$$;
COMMENT ON FUNCTION sample_crm.uniform(bigint, bigint) IS
	'a number in (0, 1), uniform and reproducible: a 32-bit hash of stream and key';

CREATE FUNCTION sample_crm.normal(u1 float8, u2 float8)
RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
	SELECT sqrt(-2.0::float8 * ln(u1)) * cos(2.0::float8 * pi() * u2)
$$;
COMMENT ON FUNCTION sample_crm.normal(float8, float8) IS
	'a standard normal draw from two uniform ones (Box and Muller 1958)';

/*
 * Gamma by rejection: Marsaglia and Tsang (2000), "A simple method for
 * generating gamma variables", section 6 for shapes below one.  At most a
 * few per cent of the proposals are rejected; each takes three new keys of
 * the 1024 that belong to the caller's one.
 */
CREATE FUNCTION sample_crm.gamma(stream bigint, key bigint,
								 shape float8, rate float8)
RETURNS float8
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
	k bigint := key * 1024;
	boost float8 := 1;
	d float8;
	c float8;
	x float8;
	v float8;
BEGIN
	IF shape < 1 THEN
		boost := power(sample_crm.uniform(stream, k), 1 / shape);
		shape := shape + 1;
	END IF;
	d := shape - 1.0 / 3.0;
	c := 1 / sqrt(9 * d);
	LOOP
		x := sample_crm.normal(sample_crm.uniform(stream, k + 1),
							   sample_crm.uniform(stream, k + 2));
		v := 1 + c * x;
		IF v > 0 THEN
			v := v * v * v;
			IF ln(sample_crm.uniform(stream, k + 3))
				< 0.5 * x * x + d - d * v + d * ln(v) THEN
				RETURN boost * d * v / rate;
			END IF;
		END IF;
		k := k + 3;
	END LOOP;
END
$$;
COMMENT ON FUNCTION sample_crm.gamma(bigint, bigint, float8, float8) IS
	'a gamma draw with the given shape and rate (mean shape / rate)';

/*
 * Poisson by inversion, in pieces of mean 500 so that exp(-mean) does not
 * underflow: the sum of independent Poisson draws is Poisson.
 */
CREATE FUNCTION sample_crm.poisson(stream bigint, key bigint, mean float8)
RETURNS int
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
	k bigint := key * 1024;
	total int := 0;
	piece float8;
	u float8;
	p float8;
	i int;
BEGIN
	WHILE mean > 0 LOOP
		piece := least(mean, 500);
		mean := mean - piece;
		u := sample_crm.uniform(stream, k);
		k := k + 1;
		i := 0;
		p := exp(-piece);
		LOOP
			u := u - p;
			/* the second test ends it should rounding leave a rest of u */
			EXIT WHEN u <= 0 OR (i > piece AND p < 1e-18);
			i := i + 1;
			p := p * piece / i;
		END LOOP;
		total := total + i;
	END LOOP;
	RETURN total;
END
$$;
COMMENT ON FUNCTION sample_crm.poisson(bigint, bigint, float8) IS
	'a Poisson draw with the given mean';

CREATE FUNCTION sample_crm.pick(choices text[], u float8)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
	SELECT choices[1 + floor(u * cardinality(choices))::int]
$$;
COMMENT ON FUNCTION sample_crm.pick(text[], float8) IS
	'one of the choices, all equally likely when u is uniform';

CREATE FUNCTION sample_crm.seconds(s float8)
RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
	SELECT floor(s) * interval '1 second'
$$;
COMMENT ON FUNCTION sample_crm.seconds(float8) IS
	'a duration in whole seconds: source systems rarely keep more, and it makes ties';

/*
 * People's day: the inverse of a piecewise linear distribution function with
 * 5 % before six in the morning and the last 13 % from nine to midnight.
 */
CREATE FUNCTION sample_crm.time_of_day(u float8)
RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
	SELECT 3600.0::float8 * CASE
		WHEN u < 0.05 THEN u / 0.05 * 6
		WHEN u < 0.15 THEN 6 + (u - 0.05) / 0.10 * 3
		WHEN u < 0.37 THEN 9 + (u - 0.15) / 0.22 * 3
		WHEN u < 0.65 THEN 12 + (u - 0.37) / 0.28 * 5
		WHEN u < 0.87 THEN 17 + (u - 0.65) / 0.22 * 4
		ELSE 21 + (u - 0.87) / 0.13 * 3 END
$$;
COMMENT ON FUNCTION sample_crm.time_of_day(float8) IS
	'the local second of the day below which a share u of all activity falls';

/*
 * The period is a number of UTC days, so the moment is moved by a day where
 * the zone's offset would carry it out of the day that was drawn: the local
 * clock time is kept, no row falls outside the period, and nothing piles up
 * at its ends.  Reads days in the session zone, which generate() sets to UTC.
 */
CREATE FUNCTION sample_crm.moment(day date, second_of_day float8, zone text)
RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
DECLARE
	t timestamptz := (day + sample_crm.seconds(second_of_day)) AT TIME ZONE zone;
BEGIN
	IF t < day::timestamptz THEN
		RETURN t + interval '24 hours';
	ELSIF t >= (day + 1)::timestamptz THEN
		RETURN t - interval '24 hours';
	END IF;
	RETURN t;
END
$$;
COMMENT ON FUNCTION sample_crm.moment(date, float8, text) IS
	'the instant within the UTC day at which a clock in the zone shows that time';
