-- Retention and active customers against the bare GROUP BY customer and against
-- plain SQL: 200,000 customers with 50 events each over 90 days, in time order
-- and clustered by customer, serial and with two workers.
--
-- Median of several runs, each statement in turn.  CPU is that of the backend
-- and its workers.
\set ECHO none
\set QUIET on
\ir harness.sql
SET jit = off;
SET work_mem = '256MB';
SET hash_mem_multiplier = 4;
SET timezone = 'UTC';
\if :{?customers}
\else
\set customers 200000
\endif
\if :{?runs}
\else
\set runs 3
\endif

CREATE TEMP TABLE timing (id serial, place text, workers int, what text, ms float8, cpu_ms float8);

CREATE PROCEDURE pg_temp.measure(place text, workers int, runs int, statements text[])
LANGUAGE plpgsql AS $$
DECLARE
    began timestamptz;
    cpu float8;
BEGIN
    PERFORM set_config('max_parallel_workers_per_gather', workers::text, false);
    FOR run IN 0..runs LOOP
        FOR i IN 1..array_length(statements, 1) LOOP
            cpu := bench.cpu_seconds();
            began := clock_timestamp();
            EXECUTE replace(statements[i][2], 'EVENT', place);
            IF run > 0 THEN
                INSERT INTO timing (place, workers, what, ms, cpu_ms)
                VALUES (place, workers, statements[i][1],
                        extract(epoch FROM clock_timestamp() - began) * 1000, (bench.cpu_seconds() - cpu) * 1000);
            END IF;
        END LOOP;
    END LOOP;
END $$;

-- A customer starts on some day and comes back ever more rarely.
CREATE UNLOGGED TABLE bench_clustered AS
SELECT c AS customer,
       timestamptz '2025-01-01' + make_interval(secs => floor(
           90 * 86400 * (hashint4(c)::float8 / 4294967296 + 0.5)
           + (90 * 86400 - 90 * 86400 * (hashint4(c)::float8 / 4294967296 + 0.5))
             * power(hashint4extended(c, i)::float8 / 18446744073709551616.0 + 0.5, 2))) AS ts
FROM generate_series(1, :customers) c, generate_series(1, 50) i;
CREATE UNLOGGED TABLE bench_in_time_order AS SELECT * FROM bench_clustered ORDER BY ts;
VACUUM ANALYZE bench_clustered;
VACUUM ANALYZE bench_in_time_order;
SET min_parallel_table_scan_size = 0;

\set statements '{{"bare GROUP BY: count, min, max","SELECT sum(n), min(first), max(last) FROM (SELECT customer, count(*) AS n, min(ts) AS first, max(ts) AS last FROM EVENT GROUP BY customer) t"},{"crm_retention, 30 days","SELECT crm_retention(a, 30) FROM (SELECT crm_activity_agg(ts) AS a FROM EVENT GROUP BY customer) t"},{"crm_retention, 30 days in New York","SELECT crm_retention(a, 30) FROM (SELECT crm_activity_agg(ts, ''day'', ''America/New_York'') AS a FROM EVENT GROUP BY customer) t"},{"crm_retention_counts, 30 days","SELECT crm_retention_counts(customer, ts, 30) FROM EVENT"},{"crm_active_customers, 28 days","SELECT crm_active_customers(a, 28) FROM (SELECT crm_activity_agg(ts) AS a FROM EVENT GROUP BY customer) t"},{"crm_active_customer_counts, 28 days","SELECT crm_active_customer_counts(customer, ts, 28) FROM EVENT"},{"crm_lifecycle, days","SELECT crm_lifecycle(a, ''2025-01-01'', ''2025-03-31'') FROM (SELECT crm_activity_agg(ts) AS a FROM EVENT GROUP BY customer) t"}}'
\set plain '{{"bare GROUP BY: count, min, max","SELECT sum(n), min(first), max(last) FROM (SELECT customer, count(*) AS n, min(ts) AS first, max(ts) AS last FROM EVENT GROUP BY customer) t"},{"plain SQL retention, 30 days","WITH day AS MATERIALIZED (SELECT customer, ts::date AS day FROM EVENT GROUP BY 1, 2), first AS (SELECT customer, min(day) AS cohort FROM day GROUP BY 1) SELECT count(*) FROM (SELECT cohort, day - cohort, count(*) FROM day JOIN first USING (customer) WHERE day - cohort <= 30 GROUP BY 1, 2) t"},{"plain SQL 28-day active, interval union","WITH day AS (SELECT DISTINCT customer, ts::date AS day FROM EVENT), gap AS (SELECT customer, day, lead(day) OVER (PARTITION BY customer ORDER BY day) AS next FROM day), change AS (SELECT day AS at, 1 AS n FROM (SELECT day, lag(day) OVER (PARTITION BY customer ORDER BY day) AS previous FROM day) s WHERE previous IS NULL OR day > previous + 28 UNION ALL SELECT day + 28, -1 FROM gap WHERE next IS NULL OR next > day + 28) SELECT count(*) FROM (SELECT at, sum(sum(n)) OVER (ORDER BY at) FROM change GROUP BY at) t"}}'

CALL pg_temp.measure('bench_in_time_order', 0, :runs, :'statements');
CALL pg_temp.measure('bench_clustered', 0, :runs, :'statements');
CALL pg_temp.measure('bench_in_time_order', 2, :runs, :'statements');
CALL pg_temp.measure('bench_clustered', 2, :runs, :'statements');
CALL pg_temp.measure('bench_in_time_order', 0, 1, :'plain');

\echo 'retention and active customers: ratios to the bare GROUP BY of the same table and plan'
WITH median AS (
    SELECT min(id) AS id, place, workers, what, percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) AS ms,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY cpu_ms) AS cpu_ms
    FROM timing GROUP BY place, workers, what)
SELECT m.place, m.workers, m.what, round(m.ms) AS ms, round(m.cpu_ms) AS cpu_ms,
       round((m.ms / b.ms)::numeric, 2) AS ratio_ms,
       round((m.cpu_ms / b.cpu_ms)::numeric, 2) AS ratio_cpu
FROM median m JOIN median b ON b.place = m.place AND b.workers = m.workers AND b.what LIKE 'bare%'
ORDER BY m.id;
DROP TABLE bench_clustered, bench_in_time_order;
