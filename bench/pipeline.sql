-- Time in stage against the least that one could do with the same rows: a
-- group for each opportunity with count, min and max.
-- 200,000 opportunities with 6 stage changes on average, in no order.
\set ECHO none
\set QUIET on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS crm_metrics;
SET max_parallel_workers_per_gather = 0;
SET jit = off;
SET work_mem = '256MB';
SELECT setseed(0.42) \g /dev/null

CREATE TEMP TABLE stage_history AS
SELECT opportunity, stage, entered_at
FROM (SELECT o AS opportunity,
             ('{new,qualified,discovery,proposal,negotiation,contract,won,lost}'::text[])[1 + (i + floor(random() * 2))::int % 8] AS stage,
             timestamptz '2025-01-01 00:00+00' + (o % 365) * interval '1 day'
                 + i * interval '3 days' + random() * interval '2 days' AS entered_at
      FROM generate_series(1, 200000) o,
           LATERAL generate_series(1, 3 + o % 7) i) x
ORDER BY random();
ANALYZE stage_history;

CREATE TEMP TABLE query (what text, sql text);
INSERT INTO query VALUES
('group by: count, min, max',
 'SELECT sum(n), max(f), max(l)
  FROM (SELECT opportunity, count(*) AS n, min(entered_at) AS f, max(entered_at) AS l
        FROM stage_history GROUP BY opportunity OFFSET 0) x'),
('crm_stage_durations',
 $$SELECT count(*), sum(cardinality(d))
   FROM (SELECT opportunity, crm_stage_durations(stage, entered_at, '2026-07-01', '{won,lost}') AS d
         FROM stage_history GROUP BY opportunity OFFSET 0) x$$),
('lead() and two groupings',
 $$SELECT max(f), max(d), max(n)
   FROM (SELECT opportunity, stage, min(entered_at) AS f, sum(left_at - entered_at) AS d, count(*) AS n
         FROM (SELECT opportunity, stage, entered_at,
                      lead(entered_at, 1, timestamptz '2026-07-01') OVER (PARTITION BY opportunity ORDER BY entered_at, stage) AS left_at
               FROM stage_history) s
         GROUP BY opportunity, stage OFFSET 0) x$$),
('crm_stage_reached',
 $$SELECT sum(r)
   FROM (SELECT opportunity, crm_stage_reached(stage, '{new,qualified,discovery,proposal,negotiation,contract,won}') AS r
         FROM stage_history GROUP BY opportunity OFFSET 0) x$$),
('max(array_position())',
 $$SELECT sum(r)
   FROM (SELECT opportunity, max(array_position('{new,qualified,discovery,proposal,negotiation,contract,won}'::text[], stage)) AS r
         FROM stage_history GROUP BY opportunity OFFSET 0) x$$);

-- The queries take turns, so that a busy moment of the machine hits all.
CREATE TEMP TABLE timing (what text, ms double precision);
DO $$
DECLARE
    q record;
    began timestamptz;
BEGIN
    FOR run IN 0..7 LOOP
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
SELECT what, round(min(ms)) AS best_ms,
       round((min(ms) / (SELECT min(ms) FROM timing WHERE what LIKE 'group by%'))::numeric, 2) AS ratio
FROM timing GROUP BY what ORDER BY min(ms);
