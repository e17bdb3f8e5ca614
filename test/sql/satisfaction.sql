-- Net Promoter Score, customer satisfaction, customer effort.
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

-- Is got within a relative tolerance of want, or both about zero?
CREATE FUNCTION pg_temp.near(got float8, want float8, tolerance float8 DEFAULT 1e-9)
RETURNS boolean LANGUAGE sql AS 'SELECT abs(got - want) <= tolerance * greatest(abs(want), 1e-3)';

--
-- Net Promoter Score
--

-- R's package NPS (nps, nps.se) and Rocks 2016 for the adjusted Wald interval,
-- here times 100.  Ten promoters of ten: the upper bound 106.34 of the formula
-- is cut to 100.
CREATE TEMP TABLE reference (detractors bigint, passives bigint, promoters bigint,
                             nps float8, std_error float8, lower float8, upper float8);
INSERT INTO reference VALUES
    (10, 20, 70, 60, 6.63324958071, 45.26976025385, 71.23509411508),
    (25, 35, 40, 15, 7.921489758877, -0.697394713412, 29.823608305645),
    (5, 6, 25, 55.5555555556, 12.0725970467, 28.118911028, 74.4451915361),
    (0, 0, 10, 100, NULL, 47.5035515448, 100),
    (50, 0, 50, 0, 10, -19.17096116535, 19.17096116535);
SELECT detractors, passives, promoters,
       pg_temp.near((i).estimate, nps, 1e-11) AS nps,
       coalesce(pg_temp.near((i).std_error, std_error), (i).std_error IS NULL AND std_error IS NULL) AS std_error,
       pg_temp.near((i).lower, lower) AS lower, pg_temp.near((i).upper, upper) AS upper,
       (i).n = detractors + passives + promoters AS n
FROM reference, LATERAL (SELECT crm_nps_interval(crm_nps_summary(promoters, passives, detractors)) AS i) s;

-- Rows say the same as counts.
SELECT bool_and(a.summary = crm_nps_summary(promoters, passives, detractors)) AS summary,
       bool_and(a.nps = crm_nps(a.summary)) AS nps,
       bool_and(a.default_interval = crm_nps_interval(a.summary)) AS default_interval,
       bool_and(a.level_90 = crm_nps_interval(a.summary, 0.9)) AS with_level
FROM reference,
     LATERAL (SELECT crm_nps_agg(score) AS summary, crm_nps(score) AS nps,
                     crm_nps_interval(score) AS default_interval, crm_nps_interval(score, 0.9) AS level_90
              FROM (SELECT 3 AS score FROM generate_series(1, detractors) UNION ALL
                    SELECT 7 FROM generate_series(1, passives) UNION ALL
                    SELECT 10 FROM generate_series(1, promoters)) s) a;

-- The categories of all eleven scores, and every numeric type.
SELECT score, crm_nps(score) AS nps FROM generate_series(0, 10) score GROUP BY score ORDER BY score;
SELECT crm_nps_agg(score::smallint) = a AS smallint, crm_nps_agg(score::integer) = a AS integer,
       crm_nps_agg(score::bigint) = a AS bigint, crm_nps_agg(score::numeric) = a AS numeric,
       crm_nps_agg(score::numeric(5, 3)) = a AS numeric_scale, crm_nps_agg(score::real) = a AS real,
       crm_nps_agg(score::float8) = a AS float8, a
FROM generate_series(0, 10) score, (VALUES (crm_nps_summary(2, 2, 7))) v (a) GROUP BY a;
SELECT crm_nps(score::smallint), crm_nps(score), crm_nps(score::bigint), crm_nps(score::numeric), crm_nps(score::float8)
FROM generate_series(5, 10) score;
SELECT crm_nps_interval(score::smallint, 0.9) = i AND crm_nps_interval(score::numeric, 0.9) = i AND
       crm_nps_interval(score::float8, 0.9) = i AND crm_nps_interval(score::bigint, 0.9) = i AS same
FROM generate_series(3, 10) score, (SELECT crm_nps_interval(score, 0.9) AS i FROM generate_series(3, 10) score) s
GROUP BY i;
-- Literals need no cast.
SELECT crm_nps(9), crm_nps(9.0), crm_nps(9e0);

-- R's package NPS, nps.test: (25, 35, 40) against (30, 60, 110), here times 100.
SELECT (c).n_control, (c).n_treatment, (c).control, (c).treatment, (c).difference,
       pg_temp.near((c).std_error, 9.473647660748) AS std_error,
       pg_temp.near((c).lower, 6.431991782711) AS lower, pg_temp.near((c).upper, 43.568008217289) AS upper,
       pg_temp.near((c).p_value, 0.00831757400543) AS p_value,
       (c).lift, (c).df, (c).method
FROM (SELECT crm_nps_compare(crm_nps_summary(40, 35, 25), crm_nps_summary(110, 60, 30)) AS c) s;
-- 90%: z is 1.6448536269514722 (R: qnorm(.95)).
SELECT pg_temp.near((c).upper - (c).difference, 1.6448536269514722 * 9.473647660748) AS upper, (c).lower < (c).difference AS lower
FROM (SELECT crm_nps_compare(crm_nps_summary(40, 35, 25), crm_nps_summary(110, 60, 30), 0.9) AS c) s;
-- All answers agree in both: a difference, but nothing to judge it by.
SELECT crm_nps_compare(crm_nps_summary(5, 0, 0), crm_nps_summary(0, 5, 0));
SELECT crm_nps_compare(crm_nps_summary(0, 0, 0), crm_nps_summary(0, 5, 0)) IS NULL AS no_answers,
       crm_nps_compare(NULL, crm_nps_summary(0, 5, 0)) IS NULL AS null_summary;

-- No rows, only NULL, one row
SELECT crm_nps(score) AS nps, crm_nps_agg(score) AS summary, crm_nps_interval(score) AS default_interval,
       crm_nps_interval(score, 0.9) AS interval, crm_csat(score, 4) AS csat, crm_csat_interval(score, 4) AS csat_interval,
       crm_csat_interval(score, 4, 0.9) AS csat_level, crm_ces(score) AS ces, crm_ces_interval(score) AS ces_interval,
       crm_ces_interval(score, 0.9) AS ces_level
FROM (VALUES (NULL::int)) v (score);
SELECT crm_nps(score) AS nps, crm_nps_interval(score, 0.9) AS interval, crm_csat_interval(score, 4, 0.9) AS csat, crm_ces(score) AS ces
FROM generate_series(1, 10) score WHERE false;
SELECT crm_nps(10), crm_nps_interval(10), crm_csat(5, 4), crm_ces(3), crm_ces_interval(3);
SELECT crm_nps_interval(score, NULL) AS null_level FROM generate_series(1, 10) score;
SELECT crm_nps(crm_nps_summary(0, 0, 0)) AS nps, crm_nps_interval(crm_nps_summary(0, 0, 0)) AS interval;

--
-- Customer satisfaction and effort
--

-- By hand: three of five at or above 4; wilson as for the counts.
SELECT crm_csat(rating, 4), crm_csat_interval(rating, 4) = crm_rate_interval(3, 5) AS default_interval,
       crm_csat_interval(rating, 4, 0.9) = crm_rate_interval(3, 5, 0.9) AS with_level,
       crm_csat_agg(rating, 4) = crm_rate_summary(3, 5) AS summary
FROM (VALUES (5), (4), (NULL), (2), (1), (4)) v (rating);
SELECT crm_csat(rating::smallint, 4::smallint), crm_csat(rating::bigint, 4), crm_csat(rating::numeric, 4),
       crm_csat(rating::real, 4), crm_csat(rating::float8, 4), crm_csat(rating, 4.5), crm_csat(rating::numeric, 4.5::float8)
FROM (VALUES (5), (4), (NULL), (2), (1), (4)) v (rating);
-- Thresholds between the ratings, and numerics that do not fit a machine word
SELECT crm_csat(rating, 4.5) AS between_ratings, crm_csat(rating, 4.25) AS at_or_above,
       crm_csat(rating * 1e30, 4.25e30) AS big, crm_csat(rating, 1e-40) AS tiny
FROM (VALUES (4.25), (4.2499999), (5.0), (-1)) v (rating);
-- Scales of different lengths taken together: the threshold comes from the row.
SELECT crm_csat(rating, top_from) FROM (VALUES (4, 4), (6, 6), (5, 6), (3, 4)) v (rating, top_from);

-- Effort is a mean.
SELECT crm_ces(score) = avg(score)::float8 AS mean, crm_ces(score::numeric) = crm_ces(score) AS numeric_mean,
       crm_ces_interval(score) = crm_mean_interval(score) AS interval,
       crm_ces_interval(score::numeric, 0.9) = crm_mean_interval(score, 0.9) AS with_level
FROM (VALUES (1), (7), (5), (NULL), (6), (6), (2)) v (score);

--
-- Summaries
--
CREATE TEMP TABLE answer AS
SELECT i, i % 9 AS day, CASE WHEN i % 10 <> 3 THEN (i * 7919 % 31 * (i % 17)) % 11 END AS score
FROM generate_series(1, 20000) i;
CREATE TEMP TABLE answer_day AS SELECT day, crm_nps_agg(score) AS nps FROM answer GROUP BY day;
-- Plain SQL for the same
SELECT crm_nps(score) = 100.0 * (count(*) FILTER (WHERE score >= 9) - count(*) FILTER (WHERE score <= 6)) / count(score) AS nps
FROM answer;
SELECT crm_nps_promoters(s) = (SELECT count(*) FROM answer WHERE score >= 9) AS promoters,
       crm_nps_passives(s) = (SELECT count(*) FROM answer WHERE score IN (7, 8)) AS passives,
       crm_nps_detractors(s) = (SELECT count(*) FROM answer WHERE score <= 6) AS detractors,
       s = (SELECT crm_nps_agg(score) FROM answer) AS same
FROM (SELECT crm_rollup(nps) AS s FROM answer_day) r;
SELECT crm_nps_summary(6, 3, 1), crm_nps_summary(6, 3, 1)::jsonb, crm_nps_summary(0, 0, 0)::jsonb AS empty;
SELECT crm_rollup(s) FROM (VALUES (NULL), (crm_nps_summary(1, 2, 3)), (crm_nps_summary(0, 0, 0))) v (s);
SELECT crm_rollup(s) IS NULL AS nothing FROM (VALUES (NULL::crm_nps_summary)) v (s);

-- Text and binary forms give back what went in.
SELECT bool_and(nps::text::crm_nps_summary = nps) AS same FROM answer_day;
CREATE TEMP TABLE answer_day_copy (LIKE answer_day);
\copy answer_day to 'results/satisfaction_summaries.bin' (format binary)
\copy answer_day_copy from 'results/satisfaction_summaries.bin' (format binary)
SELECT count(*) AS same FROM answer_day JOIN answer_day_copy USING (day, nps);

-- Support functions outside an aggregate leave their arguments alone.
SELECT s, crm_nps_transfn(s, 9), crm_nps_invfn(s, 0.0), crm_nps_combinefn(s, s), s AS again
FROM (VALUES (crm_nps_summary(1, 2, 3))) v (s);

--
-- Parallel and partial aggregation
--
CREATE TABLE satisfaction_answer (LIKE answer) PARTITION BY LIST (day);
CREATE TABLE satisfaction_answer_a PARTITION OF satisfaction_answer FOR VALUES IN (0, 1, 2, 3);
CREATE TABLE satisfaction_answer_b PARTITION OF satisfaction_answer DEFAULT;
INSERT INTO satisfaction_answer SELECT * FROM answer;
ANALYZE satisfaction_answer;
CREATE TEMP VIEW answers AS
SELECT crm_nps(score) AS nps, crm_nps_agg(score::numeric) AS summary, crm_nps_interval(score::smallint) AS nps_95,
       crm_nps_interval(score, 0.9) AS nps_90, crm_csat(score, 8) AS csat, crm_csat_interval(score::numeric, 8) AS csat_95,
       crm_csat_interval(score, 8, 0.9) AS csat_90, crm_ces(score) AS ces, crm_ces_interval(score, 0.9) AS ces_90
FROM satisfaction_answer;
CREATE TEMP TABLE serial AS SELECT * FROM answers;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
SET enable_parallel_append = off;
EXPLAIN (COSTS OFF) SELECT * FROM answers;
SELECT p = s AS parallel_is_serial FROM (SELECT * FROM answers) p, serial s;
SET enable_partitionwise_aggregate = on;
SET max_parallel_workers_per_gather = 0;
EXPLAIN (COSTS OFF) SELECT * FROM answers;
SELECT p = s AS partial_is_serial FROM (SELECT * FROM answers) p, serial s;
RESET enable_partitionwise_aggregate;
RESET max_parallel_workers_per_gather;
DROP TABLE satisfaction_answer CASCADE;

--
-- Errors
--
SELECT statement, pg_temp.failure(statement) AS failure
FROM (VALUES
    (1, $$SELECT crm_nps(11)$$),
    (2, $$SELECT crm_nps(-1)$$),
    (3, $$SELECT crm_nps(-1::smallint)$$),
    (4, $$SELECT crm_nps(100::bigint)$$),
    (5, $$SELECT crm_nps(7.5)$$),
    (6, $$SELECT crm_nps(9.0000000000000000001)$$),
    (7, $$SELECT crm_nps(1e400::numeric)$$),
    (8, $$SELECT crm_nps(10000.0)$$),
    (9, $$SELECT crm_nps('NaN'::numeric)$$),
    (10, $$SELECT crm_nps(7.5::float8)$$),
    (11, $$SELECT crm_nps('NaN'::float8)$$),
    (12, $$SELECT crm_nps('-Infinity'::float8)$$),
    (13, $$SELECT crm_nps_agg(11), crm_nps_interval(11)$$),
    (14, $$SELECT crm_nps_interval(11.0, 0.9)$$),
    (15, $$SELECT crm_nps_interval(9, 1)$$),
    (16, $$SELECT crm_nps_interval(9, c) FROM (VALUES (0.9), (0.95)) v (c)$$),
    (17, $$SELECT crm_nps_interval(crm_nps_summary(1, 2, 3), 95)$$),
    (18, $$SELECT crm_nps_compare(crm_nps_summary(1, 2, 3), crm_nps_summary(1, 2, 3), 0)$$),
    (19, $$SELECT crm_nps_summary(1, -2, 3)$$),
    (20, $$SELECT crm_nps_summary(9223372036854775807, 1, 0)$$),
    (21, $$SELECT 'crm_nps_summary:1 promoters=1 passives=2 detractors=-3'::crm_nps_summary$$),
    (22, $$SELECT 'crm_nps_summary:1 promoters=1 passives=9223372036854775807 detractors=0'::crm_nps_summary$$),
    (23, $$SELECT 'crm_nps_summary:1 promoters=1 detractors=3'::crm_nps_summary$$),
    (24, $$SELECT 'crm_rate_summary:1 successes=1 trials=2'::crm_nps_summary$$),
    (25, $$SELECT crm_rollup(s) FROM (VALUES (crm_nps_summary(0, 9223372036854775807, 0)), (crm_nps_summary(1, 0, 0))) v (s)$$),
    (26, $$SELECT crm_nps_transfn(crm_nps_summary(0, 9223372036854775807, 0), 9)$$),
    (27, $$SELECT crm_csat('NaN'::float8, 4)$$),
    (28, $$SELECT crm_csat('NaN'::numeric, 4)$$),
    (29, $$SELECT crm_csat(5, 'Infinity')$$),
    (30, $$SELECT crm_csat_interval(5, 4, 1.5)$$),
    (31, $$SELECT crm_csat_interval(5, 4, c) FROM (VALUES (0.9), (0.95)) v (c)$$),
    (32, $$SELECT crm_ces('NaN'::numeric)$$),
    (33, $$SELECT crm_ces_interval(5, -0.5)$$),
    (34, $$SELECT crm_nps('9 or 10'::text)$$)
) AS f (line, statement) ORDER BY line;

-- Damaged or forged binary input: bytea travels as it is, so that any bytes
-- can be read as a summary.  Genuine; wrong type, version, flags; a negative
-- count; an overflowing sum; cut off; too long.
CREATE TEMP TABLE nps_bytes AS SELECT crm_nps_summary_send(crm_nps_summary(1, 2, 3)) AS bytes;
CREATE TEMP TABLE received (summary crm_nps_summary);
\copy (SELECT bytes FROM nps_bytes) to 'results/satisfaction_forged.bin' (format binary)
\copy received from 'results/satisfaction_forged.bin' (format binary)
\copy (SELECT set_byte(bytes, 0, 16) FROM nps_bytes) to 'results/satisfaction_forged.bin' (format binary)
\copy received from 'results/satisfaction_forged.bin' (format binary)
\copy (SELECT set_byte(bytes, 1, 2) FROM nps_bytes) to 'results/satisfaction_forged.bin' (format binary)
\copy received from 'results/satisfaction_forged.bin' (format binary)
\copy (SELECT set_byte(bytes, 2, 1) FROM nps_bytes) to 'results/satisfaction_forged.bin' (format binary)
\copy received from 'results/satisfaction_forged.bin' (format binary)
\copy (SELECT set_byte(bytes, 3, 128) FROM nps_bytes) to 'results/satisfaction_forged.bin' (format binary)
\copy received from 'results/satisfaction_forged.bin' (format binary)
\copy (SELECT set_byte(set_byte(bytes, 3, 127), 11, 127) FROM nps_bytes) to 'results/satisfaction_forged.bin' (format binary)
\copy received from 'results/satisfaction_forged.bin' (format binary)
\copy (SELECT substr(bytes, 1, 26) FROM nps_bytes) to 'results/satisfaction_forged.bin' (format binary)
\copy received from 'results/satisfaction_forged.bin' (format binary)
\copy (SELECT bytes || bytes FROM nps_bytes) to 'results/satisfaction_forged.bin' (format binary)
\copy received from 'results/satisfaction_forged.bin' (format binary)
SELECT * FROM received;
