-- Rates and means with their intervals, and their summaries.
-- Twelve digits: the last ones may differ from machine to machine.
SET extra_float_digits = -3;

-- What a statement that must fail says.
CREATE FUNCTION pg_temp.failure(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    hint text;
    detail text;
BEGIN
    EXECUTE statement;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT, detail = PG_EXCEPTION_DETAIL;
    RETURN concat_ws(' | ', SQLSTATE, SQLERRM, nullif(detail, ''), nullif(hint, ''));
END
$$;

-- Is got within a relative tolerance of want?
CREATE FUNCTION pg_temp.near(got float8, want float8, tolerance float8 DEFAULT 1e-9)
RETURNS boolean LANGUAGE sql AS 'SELECT abs(got - want) <= tolerance * abs(want)';

--
-- Values
--

-- statsmodels 0.13.5, proportion_confint (R's binom agrees): every method at
-- and away from the ends.  The reference has 12 digits.
CREATE TEMP TABLE reference (x bigint, n bigint, method text, conf float8, lower float8, upper float8);
INSERT INTO reference VALUES
    (81, 263, 'wilson', .95, 0.255288519878, 0.366209576983),
    (81, 263, 'agresti-coull', .95, 0.25522066519, 0.366277431671),
    (81, 263, 'exact', .95, 0.252736745585, 0.367621922601),
    (81, 263, 'jeffreys', .95, 0.254521934991, 0.365647499174),
    (15, 148, 'wilson', .95, 0.0623863995307, 0.160487241723),
    (15, 148, 'agresti-coull', .95, 0.0613859749288, 0.161487666325),
    (15, 148, 'exact', .95, 0.0578440100834, 0.161650490349),
    (15, 148, 'jeffreys', .95, 0.0604485170093, 0.157643143479),
    (0, 20, 'wilson', .95, 0, 0.161125158053),
    (0, 20, 'agresti-coull', .95, 0, 0.189809560542),
    (0, 20, 'exact', .95, 0, 0.168433470983),
    (0, 20, 'jeffreys', .95, 2.42464784592e-05, 0.116638982905),
    (1, 29, 'wilson', .95, 0.00611321429276, 0.171755218793),
    (1, 29, 'agresti-coull', .95, 0, 0.186286508562),
    (1, 29, 'exact', .95, 0.00087264688358, 0.177644295489),
    (1, 29, 'jeffreys', .95, 0.00374617364906, 0.150077686002),
    (5, 10, 'wilson', .95, 0.236593090513, 0.763406909487),
    (5, 10, 'agresti-coull', .95, 0.236593090513, 0.763406909487),
    (5, 10, 'exact', .95, 0.187086028447, 0.812913971553),
    (5, 10, 'jeffreys', .95, 0.223528670253, 0.776471329747),
    (10, 10, 'wilson', .95, 0.722467200137, 1),
    (10, 10, 'agresti-coull', .95, 0.679112694249, 1),
    (10, 10, 'exact', .95, 0.691502892181, 1),
    (10, 10, 'jeffreys', .95, 0.782803732491, 0.999952109567),
    (1, 1, 'wilson', .95, 0.206549314377, 1),
    (1, 1, 'agresti-coull', .95, 0.167499485479, 1),
    (1, 1, 'exact', .95, 0.025, 1),
    (1, 1, 'jeffreys', .95, 0.14674631631, 0.999614419019),
    (81, 263, 'wilson', .9, 0.263313617188, 0.356566349608),
    (81, 263, 'wilson', .99, 0.240136902688, 0.385282502318);

SELECT count(*) AS cases,
       count(*) FILTER (WHERE pg_temp.near((i).lower, lower) AND pg_temp.near((i).upper, upper)
                          AND (i).n = n AND (i).estimate = x::float8 / n AND (i).conf_level = conf) AS right
FROM reference, LATERAL (SELECT crm_rate_interval(x, n, conf, method) AS i) s;

-- Rows, options with rows, summary and scalar say the same.
SELECT count(*) AS cases,
       count(*) FILTER (WHERE a.from_rows = s.scalar AND a.from_summary = s.scalar) AS same
FROM reference r,
     LATERAL (SELECT crm_rate_interval(i <= x, conf, method) AS from_rows,
                     crm_rate_interval(crm_rate_agg(i <= x), conf, method) AS from_summary
              FROM generate_series(1, n) i) a,
     LATERAL (SELECT crm_rate_interval(x, n, conf, method) AS scalar) s;
SELECT crm_rate(hit) AS rate,
       crm_rate_interval(hit) = crm_rate_interval(1, 4) AS default_interval,
       crm_rate_interval(hit) = crm_rate_interval(crm_rate_agg(hit)) AS of_summary,
       crm_rate_interval(hit, 0.8) = crm_rate_interval(1, 4, 0.8) AS with_level,
       crm_rate_interval(hit, 0.8) = crm_rate_interval(crm_rate_agg(hit), 0.8) AS of_summary_too,
       crm_rate_agg(hit), crm_rate_successes(crm_rate_agg(hit)), crm_rate_trials(crm_rate_agg(hit))
FROM (VALUES (true), (false), (NULL), (false), (false)) v (hit);

-- The standard error is sqrt(p (1 - p) / n): p = 1/4, n = 4.
SELECT pg_temp.near((crm_rate_interval(1, 4)).std_error, sqrt(3) / 8, 1e-15) AS std_error;

-- Huge samples: every method comes to p -+ z sqrt(p (1 - p) / n).
SELECT method, pg_temp.near((i).upper - (i).lower, 2 * 1.959963984540054 * sqrt(0.21e-12), 1e-4) AS width
FROM (VALUES ('wilson'), ('agresti-coull'), ('jeffreys'), ('exact')) m (method),
     LATERAL (SELECT crm_rate_interval(300000000000, 1000000000000, 0.95, method) AS i) s;
SELECT (i).lower < 0.3 AND (i).upper > 0.3 AS huge
FROM crm_rate_interval(2767011611056432742, 9223372036854775807, 0.95, 'exact') i;

-- Means.  R: qt(.975, 1) = 12.7062047361747 and qt(.975, 18) is 2.10092204024104;
-- mean and deviation from the server's own aggregates.
SELECT (i).n, (i).estimate, (i).std_error, pg_temp.near((i).upper, 1.5 + 12.7062047361747 / 2) AS upper,
       pg_temp.near((i).lower, 1.5 - 12.7062047361747 / 2) AS lower
FROM (SELECT crm_mean_interval(x) AS i FROM generate_series(1, 2) x) s;
SELECT pg_temp.near((i).estimate, mean, 1e-15) AS mean, pg_temp.near((i).std_error, dev / sqrt(19), 1e-12) AS std_error,
       pg_temp.near((i).upper, mean + 2.10092204024104 * dev / sqrt(19)) AS upper,
       pg_temp.near((i).lower, mean - 2.10092204024104 * dev / sqrt(19)) AS lower
FROM (SELECT crm_mean_interval(x * x / 7.0) AS i, avg((x * x / 7.0)::float8) AS mean,
             stddev_samp((x * x / 7.0)::float8) AS dev
      FROM generate_series(1, 19) x) s;

-- NIST StRD NumAcc4: certified mean 10000000.2, standard deviation 0.1 (that of
-- the nearest doubles, by numpy: 0.10000000055879356).
SELECT crm_mean(m), pg_temp.near(crm_mean_std_dev(m), 0.10000000055879356, 1e-13) AS std_dev,
       crm_mean_count(m), m = decimal AS numeric_is_the_same
FROM (SELECT crm_mean_agg(x::float8) AS m, crm_mean_agg(x::numeric) AS decimal
      FROM (SELECT 10000000.2 AS x UNION ALL
            SELECT 10000000.1 + 0.2 * (i % 2) FROM generate_series(1, 1000) i) s) t;

-- Sums are exact: 1e16 + 1 - 1e16 + 1 = 2, whatever the order.
SELECT crm_mean(crm_mean_agg(x ORDER BY x)) AS ascending, crm_mean(crm_mean_agg(x ORDER BY x DESC)) AS descending,
       crm_mean_agg(x ORDER BY x) = crm_mean_agg(x ORDER BY i) AS same
FROM (VALUES (1, 1e16::float8), (2, 1), (3, -1e16), (4, 1)) v (i, x);
SELECT crm_mean(crm_mean_agg(x)) AS mean, crm_mean_std_dev(crm_mean_agg(x)) IS NULL AS deviation_overflows,
       (crm_mean_interval(x)).*
FROM (VALUES (1.7976931348623157e308::float8), (-1.7976931348623157e308)) v (x);
SELECT crm_mean(crm_mean_agg(x)) = 5e-324::float8 AS smallest FROM (VALUES (5e-324::float8), (5e-324)) v (x);

-- Every numeric type finds its overload.
SELECT crm_mean_agg(x::smallint) = a AND crm_mean_agg(x::integer) = a AND crm_mean_agg(x::bigint) = a
       AND crm_mean_agg(x::real) = a AND crm_mean_agg(x::numeric) = a AS same,
       crm_mean_interval(x::smallint, 0.9) = crm_mean_interval(x::numeric, 0.9) AS same_level
FROM generate_series(1, 5) x, (SELECT crm_mean_agg(x::float8) AS a FROM generate_series(1, 5) x) s
GROUP BY a;

--
-- Little data
--

-- No rows, or only NULL: NULL, and NULL options say nothing either.
SELECT crm_rate(hit) AS rate, crm_rate_agg(hit) AS summary, crm_rate_interval(hit) AS default_interval,
       crm_rate_interval(hit, 0.9) AS interval, crm_rate_interval(hit, 0.9, 'exact') AS exact,
       crm_mean_interval(x) AS mean, crm_mean_interval(x, 0.9) AS mean_level, crm_mean_agg(x) AS mean_summary
FROM (VALUES (NULL::boolean, NULL::float8)) v (hit, x);
SELECT count(*), crm_rate(hit) AS rate, crm_rate_agg(hit) AS summary, crm_rate_interval(hit, 0.9) AS interval,
       crm_mean_interval(x::numeric) AS mean, crm_mean_interval(x, 0.9) AS mean_level
FROM (VALUES (true, 1.5::float8)) v (hit, x) WHERE false;
SELECT crm_rate_interval(hit, NULL) AS null_level, crm_rate_interval(hit, 0.9, NULL) AS null_method,
       crm_mean_interval(1.5, NULL) AS mean
FROM (VALUES (true), (false)) v (hit);
SELECT crm_rate_interval(0, 0) AS no_trials, crm_rate_interval(NULL::bigint, 5) AS null_count;

-- One row, and rows that agree: no standard error; a mean has no bounds then.
SELECT crm_rate(true), crm_rate_interval(true), crm_mean_interval(42.5::float8);
SELECT crm_mean_interval(x) FROM (VALUES (0.1), (0.1), (0.1)) v (x);

--
-- Summaries
--

-- Rolling up days is the same as taking all rows.
CREATE TEMP TABLE visit AS
SELECT i, i % 7 AS day, CASE WHEN i % 10 <> 3 THEN (i * 7919) % 31 < 9 END AS bought,
       CASE WHEN i % 13 <> 5 THEN ((i * 104729) % 10007 / 100.0)::numeric(10, 2) END AS amount
FROM generate_series(1, 20000) i;
CREATE TEMP TABLE visit_day AS
SELECT day, crm_rate_agg(bought) AS bought, crm_mean_agg(amount) AS amount FROM visit GROUP BY day;
SELECT crm_rollup(d.bought) = v.bought AS rate, crm_rollup(d.amount) = v.amount AS mean
FROM visit_day d,
     (SELECT crm_rate_agg(bought) AS bought, crm_mean_agg(amount) AS amount FROM visit) v
GROUP BY v.bought, v.amount;
SELECT crm_rate(crm_rollup(bought)) = (SELECT avg(bought::int)::float8 FROM visit) AS rate,
       pg_temp.near(crm_mean(crm_rollup(amount)), (SELECT avg(amount)::float8 FROM visit), 1e-15) AS mean,
       pg_temp.near(crm_mean_std_dev(crm_rollup(amount)), (SELECT stddev_samp(amount)::float8 FROM visit), 1e-14) AS std_dev
FROM visit_day;
SELECT crm_rollup(s) IS NULL AS nothing FROM (VALUES (NULL::crm_rate_summary)) v (s);
SELECT crm_rollup(s) FROM (VALUES (NULL), (crm_rate_summary(1, 2)), (crm_rate_summary(0, 0))) v (s);

-- From counts made elsewhere
SELECT crm_rate_summary(3, 10), crm_rate(crm_rate_summary(3, 10)), crm_rate(crm_rate_summary(0, 0)) AS none;

-- Text and binary forms give back what went in.
SELECT bool_and(bought::text::crm_rate_summary = bought) AS rate,
       bool_and(amount::text::crm_mean_summary = amount) AS mean
FROM visit_day;
\copy visit_day to 'results/rates_summaries.bin' (format binary)
CREATE TEMP TABLE visit_day_copy (LIKE visit_day);
\copy visit_day_copy from 'results/rates_summaries.bin' (format binary)
SELECT count(*) AS same FROM visit_day JOIN visit_day_copy USING (day, bought, amount);

-- They can be grouped, compared and looked into.
SELECT s, count(*) FROM (VALUES (crm_rate_summary(1, 2)), (crm_rate_summary(2, 4)), (crm_rate_summary(1, 2))) v (s)
GROUP BY s ORDER BY s::text;
SELECT crm_rate_summary(1, 2) <> crm_rate_summary(2, 4) AS differ,
       crm_rate_summary(1, 2) IS NOT DISTINCT FROM crm_rate_summary(1, 2) AS same;
SELECT crm_rate_summary(1, 4)::jsonb, crm_rate_summary(0, 0)::jsonb AS empty,
       'crm_mean_summary:1 n=3 sum=0xfp0 sum_squares=0x53p0'::crm_mean_summary::jsonb AS mean,
       'crm_mean_summary:1 n=1 sum=-0x55p-1 sum_squares=0x1c39p-2'::crm_mean_summary::jsonb AS one,
       'crm_mean_summary:1 n=0 sum=0x0p0 sum_squares=0x0p0'::crm_mean_summary::jsonb AS none;
-- Another writing of a sum is the same sum: (1, 5, 9), by hand 15 and 107.
SELECT crm_mean_agg(x) FROM (VALUES (1), (5), (9)) v (x);
SELECT 'crm_mean_summary:1 n=3 sum=0x0f0p-4 sum_squares=0x6bp0'::crm_mean_summary;

-- Support functions outside an aggregate leave their arguments alone.
SELECT s, crm_rate_transfn(s, true), crm_rate_combinefn(s, s), crm_rate_invfn(s, false), s AS again
FROM (VALUES (crm_rate_summary(1, 2))) v (s);
SELECT crm_mean(crm_mean_transfn(s, 4)) AS mean, s AS again
FROM (VALUES ('crm_mean_summary:1 n=1 sum=0x1p1 sum_squares=0x1p2'::crm_mean_summary)) v (s);

--
-- Parallel and partial aggregation
--
CREATE TABLE rates_visit (LIKE visit) PARTITION BY LIST (day);
CREATE TABLE rates_visit_a PARTITION OF rates_visit FOR VALUES IN (0, 1, 2);
CREATE TABLE rates_visit_b PARTITION OF rates_visit FOR VALUES IN (3, 4);
CREATE TABLE rates_visit_c PARTITION OF rates_visit DEFAULT;
INSERT INTO rates_visit SELECT * FROM visit;
ANALYZE rates_visit;
CREATE TEMP VIEW answers AS
SELECT crm_rate(bought) AS rate, crm_rate_agg(bought) AS rate_summary, crm_rate_interval(bought) AS rate_95,
       crm_rate_interval(bought, 0.9) AS rate_90, crm_rate_interval(bought, 0.9, 'jeffreys') AS rate_jeffreys,
       crm_mean_agg(amount) AS mean_summary, crm_mean_interval(amount) AS mean_95,
       crm_mean_interval(amount, 0.9) AS mean_90, crm_mean_interval(amount::float8, 0.99) AS mean_99
FROM rates_visit;
CREATE TEMP TABLE serial AS SELECT * FROM answers;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
SET enable_parallel_append = off;
EXPLAIN (COSTS OFF) SELECT * FROM answers;
SELECT p = s AS parallel_is_serial FROM (SELECT * FROM answers) p, serial s;
RESET max_parallel_workers_per_gather;
SET enable_partitionwise_aggregate = on;
SET max_parallel_workers_per_gather = 0;
EXPLAIN (COSTS OFF) SELECT * FROM answers;
SELECT p = s AS partial_is_serial FROM (SELECT * FROM answers) p, serial s;
RESET enable_partitionwise_aggregate;
RESET max_parallel_workers_per_gather;
DROP TABLE rates_visit CASCADE;

--
-- Errors
--
SELECT statement, pg_temp.failure(statement) AS failure
FROM (VALUES
    (1, $$SELECT crm_rate_interval(5, 4)$$),
    (2, $$SELECT crm_rate_interval(-1, 4)$$),
    (3, $$SELECT crm_rate_interval(0, -4)$$),
    (4, $$SELECT crm_rate_interval(1, 4, 95)$$),
    (5, $$SELECT crm_rate_interval(1, 4, 'NaN')$$),
    (6, $$SELECT crm_rate_interval(0, 0, 1)$$),
    (7, $$SELECT crm_rate_interval(1, 4, 0.9, 'wald')$$),
    (8, $$SELECT crm_rate_interval(true, 0)$$),
    (9, $$SELECT crm_rate_interval(true, 0.9, 'Wilson')$$),
    (10, $$SELECT crm_rate_interval(true, c) FROM (VALUES (0.9), (0.95)) v (c)$$),
    (11, $$SELECT crm_rate_interval(true, 0.9, m) FROM (VALUES ('wilson'), ('exact')) v (m)$$),
    (12, $$SELECT crm_mean_interval('NaN'::float8)$$),
    (13, $$SELECT crm_mean_interval('Infinity'::numeric)$$),
    (14, $$SELECT crm_mean_agg('-Infinity'::float8)$$),
    (15, $$SELECT crm_mean_interval(1.5, 1.5)$$),
    (16, $$SELECT crm_mean_interval(1.5, c) FROM (VALUES (0.9), (0.95)) v (c)$$),
    (17, $$SELECT crm_rate_summary(3, 2)$$),
    (18, $$SELECT 'crm_rate_summary:1 successes=3 trials=2'::crm_rate_summary$$),
    (19, $$SELECT 'crm_rate_summary:1 successes=-3 trials=2'::crm_rate_summary$$),
    (20, $$SELECT 'crm_rate_summary:2 successes=1 trials=2'::crm_rate_summary$$),
    (21, $$SELECT 'crm_rate_summary:1 successes=1'::crm_rate_summary$$),
    (22, $$SELECT 'crm_rate_summary:1 successes=1 trials=2 x'::crm_rate_summary$$),
    (23, $$SELECT 'crm_rate_summary:1 successes=1 trials=99999999999999999999'::crm_rate_summary$$),
    (24, $$SELECT ''::crm_rate_summary$$),
    (25, $$SELECT 'crm_mean_summary:1 n=1 sum=0x3p0 sum_squares=0x1p3'::crm_mean_summary$$),
    (26, $$SELECT 'crm_mean_summary:1 n=-1 sum=0x0p0 sum_squares=0x0p0'::crm_mean_summary$$),
    (27, $$SELECT 'crm_mean_summary:1 n=2 sum=0x1p9999 sum_squares=0x1p0'::crm_mean_summary$$),
    (28, $$SELECT 'crm_mean_summary:1 n=2 sum=1.5 sum_squares=0x1p0'::crm_mean_summary$$),
    (29, $$SELECT crm_rollup(s) FROM (VALUES (crm_rate_summary(0, 9223372036854775807)), (crm_rate_summary(1, 1))) v (s)$$),
    (30, $$SELECT crm_rollup('crm_mean_summary:1 n=9223372036854775807 sum=0x0p0 sum_squares=0x1p0'::crm_mean_summary) FROM generate_series(1, 2)$$),
    (31, $$SELECT crm_rate_transfn(crm_rate_summary(0, 9223372036854775807), true)$$)
) AS f (line, statement) ORDER BY line;

-- Damaged or forged binary input: bytea travels as it is, so that any bytes
-- can be read as a summary.  The fields are tag, version, flags, counts.
CREATE TEMP TABLE forged (line int, bytes bytea);
INSERT INTO forged VALUES
    (1, '\x100100' || '\x0000000000000001'::bytea || '\x0000000000000002'::bytea),
    (2, '\x100100' || '\x0000000000000003'::bytea || '\x0000000000000002'::bytea),
    (3, '\x100100' || '\xffffffffffffffff'::bytea || '\x0000000000000002'::bytea),
    (4, '\x110100' || '\x0000000000000001'::bytea || '\x0000000000000002'::bytea),
    (5, '\x100200' || '\x0000000000000001'::bytea || '\x0000000000000002'::bytea),
    (6, '\x100101' || '\x0000000000000001'::bytea || '\x0000000000000002'::bytea),
    (7, '\x100100' || '\x0000000000000001'::bytea),
    (8, '\x100100' || '\x0000000000000001'::bytea || '\x000000000000000203'::bytea);
CREATE TEMP TABLE received (summary crm_rate_summary);
\set QUIET on
\copy (SELECT bytes FROM forged WHERE line = 1) to 'results/rates_forged.bin' (format binary)
\copy received from 'results/rates_forged.bin' (format binary)
\copy (SELECT bytes FROM forged WHERE line = 2) to 'results/rates_forged.bin' (format binary)
\copy received from 'results/rates_forged.bin' (format binary)
\copy (SELECT bytes FROM forged WHERE line = 3) to 'results/rates_forged.bin' (format binary)
\copy received from 'results/rates_forged.bin' (format binary)
\copy (SELECT bytes FROM forged WHERE line = 4) to 'results/rates_forged.bin' (format binary)
\copy received from 'results/rates_forged.bin' (format binary)
\copy (SELECT bytes FROM forged WHERE line = 5) to 'results/rates_forged.bin' (format binary)
\copy received from 'results/rates_forged.bin' (format binary)
\copy (SELECT bytes FROM forged WHERE line = 6) to 'results/rates_forged.bin' (format binary)
\copy received from 'results/rates_forged.bin' (format binary)
\copy (SELECT bytes FROM forged WHERE line = 7) to 'results/rates_forged.bin' (format binary)
\copy received from 'results/rates_forged.bin' (format binary)
\copy (SELECT bytes FROM forged WHERE line = 8) to 'results/rates_forged.bin' (format binary)
\copy received from 'results/rates_forged.bin' (format binary)
SELECT * FROM received;

-- The sum of a mean is checked too: the genuine bytes, then with a sum that
-- the squares rule out, a span beyond the widest, and cut off.
CREATE TEMP TABLE mean_bytes AS SELECT crm_mean_summary_send(crm_mean_agg(x)) AS bytes FROM (VALUES (1), (5)) v (x);
CREATE TEMP TABLE mean_received (summary crm_mean_summary);
\copy (SELECT bytes FROM mean_bytes) to 'results/rates_forged.bin' (format binary)
\copy mean_received from 'results/rates_forged.bin' (format binary)
\copy (SELECT set_byte(bytes, 10, 1) FROM mean_bytes) to 'results/rates_forged.bin' (format binary)
\copy mean_received from 'results/rates_forged.bin' (format binary)
\copy (SELECT set_byte(bytes, 12, 127) FROM mean_bytes) to 'results/rates_forged.bin' (format binary)
\copy mean_received from 'results/rates_forged.bin' (format binary)
\copy (SELECT substr(bytes, 1, 24) FROM mean_bytes) to 'results/rates_forged.bin' (format binary)
\copy mean_received from 'results/rates_forged.bin' (format binary)
SELECT * FROM mean_received;
