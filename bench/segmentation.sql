-- Segmentation: scores against ntile(), Gini against the executor's sort of the
-- same data, k-means against reading the points.
-- 5 million amounts; 1 million points of 5 coordinates around 12 centres.
\set ECHO none
\set QUIET on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS crm_metrics;
SET max_parallel_workers_per_gather = 0;
SET jit = off;
SET work_mem = '1GB';
SELECT setseed(0.42) \g /dev/null

CREATE TEMP TABLE amounts AS
SELECT exp(3 + 1.5 * z)::float8 AS x
FROM (SELECT sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()) AS z
      FROM generate_series(1, 5000000)) r;
CREATE TEMP TABLE customers AS SELECT x FROM amounts LIMIT 1000000;
CREATE TEMP TABLE points AS
SELECT (SELECT array_agg((c * 7919 * j % 13) + 1.2 * (random() + random() + random() - 1.5) ORDER BY j)
        FROM generate_series(1, 5) j) AS p
FROM (SELECT floor(random() * 12)::int AS c FROM generate_series(1, 1000000)) r;
CREATE TEMP TABLE uniform_points AS
SELECT ARRAY[random(), random(), random(), random(), random()] AS p FROM generate_series(1, 1000000);
VACUUM ANALYZE amounts, customers, points, uniform_points;

CREATE TEMP TABLE query (what text, against text, sql text);
INSERT INTO query VALUES
('ORDER BY', NULL, 'SELECT count(*) FROM (SELECT x FROM amounts ORDER BY x OFFSET 0) s'),
('percentile_cont', 'ORDER BY', 'SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY x) FROM amounts'),
('crm_gini', 'ORDER BY', 'SELECT crm_gini(x) FROM amounts'),
('crm_concentration', 'ORDER BY', 'SELECT crm_concentration(x) FROM amounts'),
('ntile', NULL, 'SELECT count(s) FROM (SELECT ntile(5) OVER (ORDER BY x) AS s FROM customers OFFSET 0) t'),
('crm_rfm_score', 'ntile', 'SELECT count(s) FROM (SELECT crm_rfm_score(x) OVER () AS s FROM customers OFFSET 0) t'),
('crm_abc_class', 'ntile', 'SELECT count(s) FROM (SELECT crm_abc_class(x) OVER () AS s FROM customers OFFSET 0) t'),
('read the points', NULL, 'SELECT count(p) FROM points'),
('crm_kmeans_fit, clusters', 'read the points', 'SELECT crm_kmeans_fit(p, 8) FROM points'),
('crm_kmeans_fit, none', 'read the points', 'SELECT crm_kmeans_fit(p, 8) FROM uniform_points');

CREATE TEMP TABLE timing (what text, ms double precision);
DO $$
DECLARE
    q record;
    began timestamptz;
BEGIN
    FOR run IN 0..2 LOOP
        FOR q IN SELECT * FROM query LOOP
            began := clock_timestamp();
            EXECUTE q.sql;
            IF run > 0 THEN     -- the first one warms up
                INSERT INTO timing VALUES (q.what, extract(epoch FROM clock_timestamp() - began) * 1000);
            END IF;
        END LOOP;
    END LOOP;
END;
$$;

\pset footer off
WITH best AS (SELECT what, min(ms) AS ms FROM timing GROUP BY what)
SELECT q.what, round(b.ms) AS best_ms, against, round((b.ms / a.ms)::numeric, 2) AS ratio
FROM query q JOIN best b ON b.what = q.what LEFT JOIN best a ON a.what = q.against
ORDER BY coalesce(against, q.what), b.ms;
