-- Rates and satisfaction against the plain SQL for the same thing, in the same
-- server and the same run.  Prints the median of each and their ratio.
--
--     psql -X -f bench/rates.sql [-v rows=5000000] [-v runs=5] DATABASE
--
-- The two statements of a line take turns, so that a slow minute of the machine
-- meets both.  One process, no JIT: what is compared is the work for a row.
\set QUIET on
\if :{?rows}
\else
  \set rows 5000000
\endif
\if :{?runs}
\else
  \set runs 5
\endif
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS crm_metrics;
SET max_parallel_workers_per_gather = 0;
SET jit = off;
SET work_mem = '512MB';

-- Scores 0 to 10, one in twenty missing, in a fixed pseudo-random order.
CREATE TEMP TABLE survey AS
SELECT i AS id,
       CASE WHEN hashint4(i) % 20 <> 0 THEN (hashint4(i) & 1048575) % 11 END AS score,
       ((hashint4(-i) & 1048575) % 100000 / 100.0)::float8 AS amount
FROM generate_series(1, :rows) i;
CREATE TEMP TABLE survey_day AS
SELECT id / 1000 AS day, crm_nps_agg(score) AS nps, sum(score) AS total
FROM survey GROUP BY 1;
ANALYZE survey;
ANALYZE survey_day;

CREATE FUNCTION pg_temp.milliseconds(query text) RETURNS float8
LANGUAGE plpgsql AS $$
DECLARE
    started timestamptz := clock_timestamp();
BEGIN
    EXECUTE query;
    RETURN 1000 * extract(epoch FROM clock_timestamp() - started);
END
$$;

CREATE FUNCTION pg_temp.compare(ours text, plain text, runs int,
                                OUT ours_ms numeric, OUT plain_ms numeric, OUT ratio numeric)
LANGUAGE plpgsql AS $$
DECLARE
    a float8[];
    b float8[];
BEGIN
    FOR run IN 0 .. runs LOOP
        IF run = 0 THEN         -- warms the cache, does not count
            PERFORM pg_temp.milliseconds(ours), pg_temp.milliseconds(plain);
        ELSE
            a[run] := pg_temp.milliseconds(ours);
            b[run] := pg_temp.milliseconds(plain);
        END IF;
    END LOOP;
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY v) INTO ours_ms FROM unnest(a) v;
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY v) INTO plain_ms FROM unnest(b) v;
    ratio := round(ours_ms / plain_ms, 2);
    ours_ms := round(ours_ms);
    plain_ms := round(plain_ms);
END
$$;

SELECT b.what, r.ours_ms, r.plain_ms, r.ratio, b.target
FROM (VALUES
    (1, 'crm_nps(int) : count(*) FILTER', '<= 1.00',
     'SELECT crm_nps(score) FROM survey',
     'SELECT 100.0 * (count(*) FILTER (WHERE score >= 9) - count(*) FILTER (WHERE score <= 6)) / count(score) FROM survey'),
    (2, 'crm_rate(score >= 9) : count(*) FILTER', '<= 1.00',
     'SELECT crm_rate(score >= 9) FROM survey',
     'SELECT count(*) FILTER (WHERE score >= 9)::float8 / count(score) FROM survey'),
    (3, 'crm_csat(int, 8) : count(*) FILTER', '',
     'SELECT crm_csat(score, 8) FROM survey',
     'SELECT count(*) FILTER (WHERE score >= 8)::float8 / count(score) FROM survey'),
    (4, 'crm_mean_interval(float8) : avg, stddev_samp, count', '',
     'SELECT crm_mean_interval(amount) FROM survey',
     'SELECT avg(amount), stddev_samp(amount), count(amount) FROM survey'),
    (5, 'crm_nps over 28 rows : sum(int)', '<= 1.30',
     'SELECT count(x) FROM (SELECT crm_nps(score) OVER (ORDER BY id ROWS 27 PRECEDING) AS x FROM survey) q',
     'SELECT count(x) FROM (SELECT sum(score) OVER (ORDER BY id ROWS 27 PRECEDING) AS x FROM survey) q'),
    (6, 'crm_nps over 2800 rows : over 28 rows', '',
     'SELECT count(x) FROM (SELECT crm_nps(score) OVER (ORDER BY id ROWS 2799 PRECEDING) AS x FROM survey) q',
     'SELECT count(x) FROM (SELECT crm_nps(score) OVER (ORDER BY id ROWS 27 PRECEDING) AS x FROM survey) q'),
    (7, 'crm_mean_interval over 28 rows : avg(numeric)', '',
     'SELECT count(x) FROM (SELECT crm_mean_interval(amount) OVER (ORDER BY id ROWS 27 PRECEDING) AS x FROM survey WHERE id <= 500000) q',
     'SELECT count(x) FROM (SELECT avg(amount::numeric) OVER (ORDER BY id ROWS 27 PRECEDING) AS x FROM survey WHERE id <= 500000) q'),
    (8, 'crm_rollup over 28 days : sum(bigint)', '',
     'SELECT count(x) FROM (SELECT crm_nps(crm_rollup(nps) OVER (ORDER BY day ROWS 27 PRECEDING)) AS x FROM survey_day) q',
     'SELECT count(x) FROM (SELECT sum(total) OVER (ORDER BY day ROWS 27 PRECEDING) AS x FROM survey_day) q')
) AS b (line, what, target, ours, plain),
LATERAL pg_temp.compare(b.ours, b.plain, :runs) r
ORDER BY b.line;
