-- sessions.sql: sessions, sequences and engagement over an event log.
--
--     scripts/bench.sh sessions
--
-- Variables: customers (default 200000), events for each (50), runs (5).
-- Events come in bursts of five, minutes apart; about ten bursts a customer.
\set QUIET on
\if :{?customers}
\else
  \set customers 200000
\endif
\if :{?events}
\else
  \set events 50
\endif
\if :{?runs}
\else
  \set runs 5
\endif
\pset footer off
\ir harness.sql
SET timezone = 'UTC';
SET jit = off;
SET work_mem = '2GB';
SET hash_mem_multiplier = 1;
SET max_parallel_workers_per_gather = 0;

-- By customer and time, then the same in order of time.
CREATE UNLOGGED TABLE bench.clustered AS
SELECT customer, timestamptz '2024-01-01' + make_interval(secs => (b.h % 31536000) + (e.h % 1800)) AS ts,
       (ARRAY['view', 'search', 'cart', 'checkout', 'buy'])[1 + (e.h >> 32) % 5] AS event
FROM generate_series(1, :customers) customer,
     LATERAL generate_series(0, :events - 1) i,
     LATERAL (SELECT hashint8extended(customer * 1000::bigint + i / 5, 1) & 9223372036854775807 AS h) b,
     LATERAL (SELECT hashint8extended(customer * 1000::bigint + i, 2) & 9223372036854775807 AS h) e
ORDER BY customer, ts;
CREATE UNLOGGED TABLE bench.by_time AS SELECT * FROM bench.clustered ORDER BY ts;
CREATE INDEX ON bench.clustered (customer, ts);
VACUUM ANALYZE bench.clustered;
VACUUM ANALYZE bench.by_time;

\pset title 'Session numbers: the window is sorted by the index (customer, ts)'
SET enable_seqscan = off;
SET enable_sort = off;
SELECT * FROM bench.compare(ARRAY[
    ['lag and a running sum', '',
     'SELECT max(n) FROM (SELECT sum(starts) OVER (PARTITION BY customer ORDER BY ts) AS n
      FROM (SELECT customer, ts, CASE WHEN ts - lag(ts) OVER (PARTITION BY customer ORDER BY ts) > ''30 minutes'' THEN 1 ELSE 0 END AS starts
            FROM bench.clustered) e) s'],
    ['the same, ROWS', '',
     'SELECT max(n) FROM (SELECT sum(starts) OVER (PARTITION BY customer ORDER BY ts ROWS UNBOUNDED PRECEDING) AS n
      FROM (SELECT customer, ts, CASE WHEN ts - lag(ts) OVER (PARTITION BY customer ORDER BY ts) > ''30 minutes'' THEN 1 ELSE 0 END AS starts
            FROM bench.clustered) e) s'],
    ['crm_session_no', 'ratio <= 0.5',
     'SELECT max(n) FROM (SELECT crm_session_no(ts, ''30 minutes'') OVER (PARTITION BY customer ORDER BY ts) AS n FROM bench.clustered) s'],
    ['row_number, for comparison', '',
     'SELECT max(n) FROM (SELECT row_number() OVER (PARTITION BY customer ORDER BY ts) AS n FROM bench.clustered) s']],
    :runs);
RESET enable_seqscan;
RESET enable_sort;

-- The condition makes each group's result be computed, and none be returned.
\pset title 'For each customer, clustered by customer'
SELECT * FROM bench.compare(ARRAY[
    ['GROUP BY: count, min, max', '',
     'SELECT customer FROM bench.clustered GROUP BY customer HAVING num_nulls(count(*), min(ts), max(ts)) > 2'],
    ['crm_session_stats', 'ratio <= 1.5',
     'SELECT customer FROM bench.clustered GROUP BY customer HAVING crm_session_stats(ts, ''30 minutes'') IS NULL'],
    ['crm_sessions', '',
     'SELECT customer FROM bench.clustered GROUP BY customer HAVING crm_sessions(ts, ''30 minutes'') IS NULL'],
    ['crm_sequence_match, 3 steps', '',
     'SELECT customer FROM bench.clustered GROUP BY customer HAVING crm_sequence_match(''(?1)(?t<=3600)(?2).*(?3)'', ts, event = ''view'', event = ''cart'', event = ''buy'') IS NULL'],
    ['crm_engagement_score', '',
     'SELECT customer FROM bench.clustered GROUP BY customer HAVING crm_engagement_score(ts, 1, ''14 days'', ''2025-01-01'') IS NULL'],
    ['crm_journey_agg', '',
     'SELECT customer FROM bench.clustered GROUP BY customer HAVING crm_journey_agg(ts, event) IS NULL']],
    :runs);
\pset title 'For each customer, in order of time'
SELECT * FROM bench.compare(ARRAY[
    ['GROUP BY: count, min, max', '',
     'SELECT customer FROM bench.by_time GROUP BY customer HAVING num_nulls(count(*), min(ts), max(ts)) > 2'],
    ['crm_session_stats', 'ratio <= 1.5',
     'SELECT customer FROM bench.by_time GROUP BY customer HAVING crm_session_stats(ts, ''30 minutes'') IS NULL'],
    ['crm_sessions', '',
     'SELECT customer FROM bench.by_time GROUP BY customer HAVING crm_sessions(ts, ''30 minutes'') IS NULL'],
    ['crm_sequence_match, 3 steps', '',
     'SELECT customer FROM bench.by_time GROUP BY customer HAVING crm_sequence_match(''(?1)(?t<=3600)(?2).*(?3)'', ts, event = ''view'', event = ''cart'', event = ''buy'') IS NULL'],
    ['crm_engagement_score', '',
     'SELECT customer FROM bench.by_time GROUP BY customer HAVING crm_engagement_score(ts, 1, ''14 days'', ''2025-01-01'') IS NULL'],
    ['crm_journey_agg', '',
     'SELECT customer FROM bench.by_time GROUP BY customer HAVING crm_journey_agg(ts, event) IS NULL'],
    ['plain SQL for crm_session_stats', '',
     'SELECT customer FROM (
        SELECT customer, n, count(*) AS events, max(ts) - min(ts) AS duration FROM (
          SELECT customer, ts, sum(starts) OVER (PARTITION BY customer ORDER BY ts ROWS UNBOUNDED PRECEDING) AS n FROM (
            SELECT customer, ts, CASE WHEN ts - lag(ts) OVER (PARTITION BY customer ORDER BY ts) > ''30 minutes'' THEN 1 ELSE 0 END AS starts
            FROM bench.by_time) a) b GROUP BY customer, n) c
      GROUP BY customer HAVING num_nulls(count(*), sum(events), sum(duration), max(duration), count(*) FILTER (WHERE events = 1)) > 4']],
    :runs);

SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
\pset title 'With two workers, in order of time'
SELECT * FROM bench.compare(ARRAY[
    ['GROUP BY: count, min, max', '',
     'SELECT customer FROM bench.by_time GROUP BY customer HAVING num_nulls(count(*), min(ts), max(ts)) > 2'],
    ['crm_session_stats', 'ratio <= 1.5',
     'SELECT customer FROM bench.by_time GROUP BY customer HAVING crm_session_stats(ts, ''30 minutes'') IS NULL']],
    :runs);
