-- Funnels against the least that one could do with the same rows, a group for
-- each customer with count, min and max, and against the best plain SQL.
-- 200,000 customers x 50 events, in order of time and clustered by customer;
-- serial and with 2 workers.  CPU time of the backend and its workers; the best
-- of three runs.
--
--	psql -f bench/funnels.sql		(about 5 minutes, 2 GB of disk)
\set ECHO none
\set QUIET on
\if :{?customers}
\else
\set customers 200000
\endif
\ir harness.sql
SET jit = off;
SET work_mem = '512MB';
SET hash_mem_multiplier = 2;
SET timezone = 'UTC';

-- An event every minute or so of a year, of one of eight kinds.
DROP TABLE IF EXISTS by_time, by_customer;
CREATE UNLOGGED TABLE by_time AS
SELECT (hashint4extended(i, 1) & 2147483647) % :customers AS customer,
       timestamptz '2025-01-01 00:00+00' + i * interval '1 year' / (:customers * 50) AS ts,
       ('{visit,view,cart,checkout,purchase,search,help,share}'::text[])[1 + (hashint4extended(i, 2) & 2147483647) % 8] AS event
FROM generate_series(1, :customers * 50) i;
CREATE UNLOGGED TABLE by_customer AS SELECT * FROM by_time ORDER BY customer, ts;
VACUUM ANALYZE by_time;
VACUUM ANALYZE by_customer;

CREATE TEMP TABLE timing (what text, source text, workers int, ms double precision);
CREATE TEMP TABLE query (id int GENERATED ALWAYS AS IDENTITY, what text, sql text, slow boolean DEFAULT false);
INSERT INTO query (what, sql) VALUES
('GROUP BY: count, min, max',
 'SELECT count(*), max(n), max(f), max(l) FROM (SELECT customer, count(*) n, min(ts) f, max(ts) l FROM %s GROUP BY customer OFFSET 0) x'),
-- What the same conditions cost in aggregates of the server's
('count FILTER of each step',
 $$SELECT count(*), max(n), max(f), max(l), max(a), max(b), max(c), max(d) FROM (SELECT customer, count(*) n, min(ts) f, max(ts) l, count(*) FILTER (WHERE event = 'view') a, count(*) FILTER (WHERE event = 'cart') b, count(*) FILTER (WHERE event = 'checkout') c, count(*) FILTER (WHERE event = 'purchase') d FROM %s GROUP BY customer OFFSET 0) x$$),
('crm_funnel, event',
 $$SELECT count(*), sum((f).level) FROM (SELECT customer, crm_funnel(crm_funnel_def('7 days', '{view,cart,checkout,purchase}'), ts, event) f FROM %s GROUP BY customer OFFSET 0) x$$),
('crm_funnel, conditions',
 $$SELECT count(*), sum((f).level) FROM (SELECT customer, crm_funnel(crm_funnel_def('7 days'), ts, event = 'view', event = 'cart', event = 'checkout', event = 'purchase') f FROM %s GROUP BY customer OFFSET 0) x$$),
('crm_window_funnel',
 $$SELECT count(*), sum(f) FROM (SELECT customer, crm_window_funnel('7 days', ts, event = 'view', event = 'cart', event = 'checkout', event = 'purchase') f FROM %s GROUP BY customer OFFSET 0) x$$),
('crm_funnel, strict',
 $$SELECT count(*), sum((f).level) FROM (SELECT customer, crm_funnel(crm_funnel_def('7 days', '{view,cart,checkout,purchase}', 'strict'), ts, event) f FROM %s GROUP BY customer OFFSET 0) x$$),
('crm_funnel, exclusion',
 $$SELECT count(*), sum((f).level) FROM (SELECT customer, crm_funnel(crm_funnel_def('7 days', '{view,cart,checkout,purchase}', exclude => '{help}'), ts, event) f FROM %s GROUP BY customer OFFSET 0) x$$),
('crm_funnel_report',
 $$SELECT crm_funnel_report(f) FROM (SELECT customer, crm_funnel(crm_funnel_def('7 days', '{view,cart,checkout,purchase}'), ts, event) f FROM %s GROUP BY customer OFFSET 0) x$$),
('crm_funnel_counts',
 $$SELECT crm_funnel_counts(customer, crm_funnel_def('7 days', '{view,cart,checkout,purchase}'), ts, event) FROM %s$$);
-- The last start before each event, then the last chain of two steps, and so
-- on: exact, because a later start is as good in all respects.
INSERT INTO query (what, sql, slow) VALUES
('plain SQL, nested windows',
 $$SELECT count(*), sum(level) FROM (
   SELECT customer, max(CASE WHEN s4 IS NOT NULL THEN 4 WHEN s3 IS NOT NULL THEN 3 WHEN s2 IS NOT NULL THEN 2 WHEN s1 IS NOT NULL THEN 1 ELSE 0 END) AS level
   FROM (SELECT *, CASE WHEN event = 'purchase' AND ts <= c3 + interval '7 days' THEN c3 END AS s4
     FROM (SELECT *, max(s3) OVER w AS c3
       FROM (SELECT *, CASE WHEN event = 'checkout' AND ts <= c2 + interval '7 days' THEN c2 END AS s3
         FROM (SELECT *, max(s2) OVER w AS c2
           FROM (SELECT *, CASE WHEN event = 'cart' AND ts <= c1 + interval '7 days' THEN c1 END AS s2
             FROM (SELECT customer, ts, event, CASE WHEN event = 'view' THEN ts END AS s1,
                          max(CASE WHEN event = 'view' THEN ts END) OVER w AS c1
                   FROM %s WHERE event IN ('view', 'cart', 'checkout', 'purchase')
                   WINDOW w AS (PARTITION BY customer ORDER BY ts)) a) b
           WINDOW w AS (PARTITION BY customer ORDER BY ts)) c) d
       WINDOW w AS (PARTITION BY customer ORDER BY ts)) e) f
   GROUP BY customer OFFSET 0) x$$, true);

DO $$
DECLARE
    q record;
    source text;
    workers int;
    began float8;
BEGIN
    FOREACH source IN ARRAY ARRAY['by_time', 'by_customer'] LOOP
        FOREACH workers IN ARRAY ARRAY[0, 2] LOOP
            PERFORM set_config('max_parallel_workers_per_gather', workers::text, false);
            FOR run IN 1..3 LOOP
                FOR q IN SELECT * FROM query WHERE NOT slow OR run = 1 ORDER BY id LOOP
                    began := bench.cpu_seconds();
                    EXECUTE format(q.sql, source);
                    INSERT INTO timing VALUES (q.what, source, workers, (bench.cpu_seconds() - began) * 1000);
                END LOOP;
            END LOOP;
        END LOOP;
    END LOOP;
END
$$;

\pset footer off
SELECT what, source, workers, round(min(ms)) AS cpu_ms,
       round((min(ms) / (SELECT min(ms) FROM timing b WHERE b.what LIKE 'GROUP BY%' AND (b.source, b.workers) = (t.source, t.workers)))::numeric, 2) AS ratio
FROM timing t GROUP BY what, source, workers ORDER BY source DESC, workers, min(ms);
