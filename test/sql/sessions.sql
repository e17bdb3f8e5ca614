-- Sessions: crm_session_no, crm_session_stats, crm_sessions.
-- Expected values: small cases by hand; random ones against lag() and a
-- running sum, and where a session has a greatest length against a recursive
-- query, in plain SQL.
SET timezone = 'UTC';
SET intervalstyle = 'postgres';
SET datestyle = 'ISO, YMD';

CREATE FUNCTION pg_temp.failure(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    hint text;
BEGIN
    EXECUTE query;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', SQLSTATE, SQLERRM, nullif(hint, ''));
END $$;

--
-- By hand
--
-- 30 minutes exactly stay together, a microsecond more does not; NULL stays
-- where it stands.
CREATE TEMP TABLE few (id int, ts timestamptz, starts boolean);
INSERT INTO few VALUES
    (1, NULL, NULL),
    (2, '2025-03-01 10:00', NULL),
    (3, '2025-03-01 10:30', false),
    (4, '2025-03-01 11:00:00.000001', true),
    (5, NULL, false),
    (6, '2025-03-01 11:00:00.000001', NULL),
    (7, '2025-03-01 11:20', NULL),
    (8, NULL, true),
    (9, '2025-03-01 11:45', NULL),
    (10, '2025-03-01 12:05', NULL),
    (11, '2025-03-01 12:36', NULL);
SELECT id, ts,
       crm_session_no(ts, '30 minutes') OVER w AS gap,
       crm_session_no(ts, '30 minutes', '45 minutes') OVER w AS max_length,
       crm_session_no(ts, '30 minutes', starts_new => starts) OVER w AS starts_new,
       crm_session_no(ts, '1 day', '1 day', starts) OVER w AS long,
       crm_session_no(ts, NULL) OVER w AS null_gap
FROM few
WINDOW w AS (ORDER BY id)
ORDER BY id;
-- A greatest length is inclusive and counts from the session's first event.
SELECT array_agg(n ORDER BY t) AS sessions
FROM (SELECT t, crm_session_no(t, 10, 20) OVER (ORDER BY t) AS n
      FROM unnest('{0,10,20,30,40,50,51}'::bigint[]) t) s;

-- Without a time there is no clock: all one session.
SELECT array_agg(crm_session_no) FROM (SELECT crm_session_no(NULL::timestamptz, '1 hour') OVER () FROM generate_series(1, 3)) s;

-- An interval counts as in comparisons: a day is 24 hours, a month 30 days,
-- also where the clocks change.
SET timezone = 'America/New_York';
SELECT ts, crm_session_no(ts, '1 day') OVER w AS ours,
       ts - lag(ts) OVER w > '1 day' AS starts
FROM unnest('{2025-03-08 12:00,2025-03-09 12:00,2025-03-10 12:00,2025-03-11 12:00:01}'::timestamptz[]) ts
WINDOW w AS (ORDER BY ts);
-- A date is its midnight without a zone: 25 hours lie between the midnights of
-- 2 and 3 November in New York, but one day between the dates.
SELECT d, crm_session_no(d, '1 day') OVER w AS date, crm_session_no(d::timestamptz, '1 day') OVER w AS instant
FROM unnest('{2025-11-01,2025-11-02,2025-11-03,2025-11-05}'::date[]) d
WINDOW w AS (ORDER BY d);
SELECT (unnest(crm_sessions(d, '1 day'))).* FROM unnest('{2025-11-05,2025-11-03,2025-11-01,2025-11-02}'::date[]) d;
SELECT (crm_session_stats(d, '1 day')).* FROM unnest('{2025-11-05,2025-11-03,2025-11-01,2025-11-02}'::date[]) d;
SET timezone = 'UTC';

-- More by hand, as (events, gap, max_length, starts_new, sessions): equal times;
-- NULL first, in the middle, last, over a pause of 11 and of 10; a start with the
-- first event, with a pause, with a NULL; max_length with its clock reset by a
-- pause, by a start, and not set by a NULL; max_length below the gap.
CREATE FUNCTION pg_temp.numbers(events bigint[], gap bigint, max_length bigint, starts boolean[]) RETURNS bigint[] LANGUAGE sql AS $$
    SELECT array_agg(n ORDER BY i)
    FROM (SELECT i, crm_session_no(t, gap, max_length, s) OVER (ORDER BY i) AS n FROM unnest(events, starts) WITH ORDINALITY u (t, s, i)) x
$$;
SELECT events, gap, max_length, starts, want, pg_temp.numbers(events, gap, max_length, starts) AS offenders
FROM (VALUES
    ('{5}'::bigint[], 1, NULL::int, NULL::boolean[], '{1}'::bigint[]),
    ('{5,5,5}', 1, NULL, NULL, '{1,1,1}'),
    ('{0,30,60,91}', 30, NULL, NULL, '{1,1,1,2}'),
    ('{NULL,5,NULL,6,NULL,20,NULL}', 10, NULL, NULL, '{1,1,1,1,1,2,2}'),
    ('{0,NULL,11}', 10, NULL, NULL, '{1,1,2}'),
    ('{0,NULL,10}', 10, NULL, NULL, '{1,1,1}'),
    ('{0,1,2}', 10, NULL, '{t,t,t}', '{1,2,3}'),
    ('{0,1,2}', 10, NULL, '{f,t,NULL}', '{1,2,2}'),
    ('{7,7,7}', 10, NULL, '{f,t,f}', '{1,2,2}'),
    ('{0,100}', 10, NULL, '{t,t}', '{1,2}'),
    ('{0,5,10,11,21,22}', 10, 10, NULL, '{1,1,1,2,2,3}'),
    ('{0,3,4,7,8}', 10, 3, NULL, '{1,1,2,2,3}'),
    ('{0,8,20,30,31}', 11, 10, NULL, '{1,1,2,2,3}'),
    ('{0,6,12,16,17}', 10, 10, '{f,t,f,f,f}', '{1,2,2,2,3}'),
    ('{NULL,100,110,111}', 50, 10, NULL, '{1,1,1,2}'),
    ('{0,NULL,5,15,16}', 50, 10, '{f,t,f,f,f}', '{1,2,2,2,3}')) v (events, gap, max_length, starts, want)
WHERE pg_temp.numbers(events, gap, max_length, starts) IS DISTINCT FROM want;
-- A month is 30 days; lengths of mixed signs; before 2000 and before the year 1.
SELECT events, gap, want, got AS offenders
FROM (VALUES
    ('{2025-01-01,2025-01-31,2025-03-02,2025-04-02}'::timestamptz[], '1 month'::interval, '{1,1,1,2}'::bigint[]),
    ('{2025-01-01,2025-01-30,2025-03-01}', '1 month -1 day', '{1,1,2}'),
    ('{2025-01-01,2025-01-01 23:00,2025-01-02 22:30}', '1 day -1 hour', '{1,1,2}'),
    ('{1999-12-31 23:45,2000-01-01 00:15,2000-01-01 00:45:01}', '30 minutes', '{1,1,2}'),
    ('{0001-12-31 23:45 BC,0001-01-01 00:15,0001-01-01 00:46}', '30 minutes', '{1,1,2}')) v (events, gap, want),
    LATERAL (SELECT array_agg(n ORDER BY t) AS got FROM (SELECT t, crm_session_no(t, gap) OVER (ORDER BY t) AS n FROM unnest(events) t) s) g
WHERE got <> want;

-- The gap may come from a column, and may differ between partitions.
SELECT kind, array_agg(n ORDER BY t) AS sessions
FROM (SELECT kind, t, crm_session_no(t, gap) OVER (PARTITION BY kind ORDER BY t) AS n
      FROM (VALUES ('web', 5::bigint), ('app', 9), ('none', NULL)) k (kind, gap),
           unnest('{0,5,11,20,30}'::bigint[]) t) s
GROUP BY kind ORDER BY kind;

SELECT (crm_session_stats(ts, '30 minutes')).* FROM few;
SELECT (unnest(crm_sessions(ts, '30 minutes'))).* FROM few;
SELECT (crm_session_stats(ts::timestamp, '30 minutes')).* FROM few;
SELECT (unnest(crm_sessions(ts::timestamp, '30 minutes'))).* FROM few LIMIT 1;
SELECT (crm_session_stats(t, 10)).* FROM unnest('{-5,5,16,16,100}'::bigint[]) t;
SELECT (unnest(crm_sessions(t, 10))).* FROM unnest('{-5,5,16,16,100}'::bigint[]) t;
-- a date is its midnight
SELECT (unnest(crm_sessions(d, '1 day'))).* FROM unnest('{2025-01-01,2025-01-02,2025-01-04}'::date[]) d;
-- Two events at one instant are no bounce.
SELECT (crm_session_stats(t, 1)).* FROM unnest('{7,7}'::bigint[]) t;
-- No rows, and only NULL, give NULL.
SELECT crm_session_stats(ts, '1 hour') IS NULL AS stats, crm_sessions(ts, '1 hour') IS NULL AS sessions
FROM few WHERE ts IS NULL;
SELECT crm_session_stats(ts, '1 hour') IS NULL AS stats, crm_sessions(ts, '1 hour') IS NULL AS sessions
FROM few WHERE false;
-- The ends of bigint: no overflow.
SELECT (crm_session_stats(t, 9223372036854775807)).* FROM unnest('{-9223372036854775808,9223372036854775807}'::bigint[]) t;
SELECT array_agg(n ORDER BY t) FROM (SELECT t, crm_session_no(t, 9223372036854775807) OVER (ORDER BY t) AS n
    FROM unnest('{-9223372036854775808,-1,9223372036854775807}'::bigint[]) t) s;

--
-- Errors
--
SELECT pg_temp.failure(q) FROM unnest(ARRAY[
    $$SELECT crm_session_no(ts, '0') OVER (ORDER BY ts) FROM few$$,
    $$SELECT crm_session_no(ts, '-1 minute') OVER (ORDER BY ts) FROM few$$,
    $$SELECT crm_session_no(ts, '1 hour', '0') OVER (ORDER BY ts) FROM few$$,
    $$SELECT crm_session_no(ts, '2000000000 months') OVER (ORDER BY ts) FROM few$$,
    $$SELECT crm_session_no(ts, '1 hour') OVER (ORDER BY ts DESC NULLS LAST) FROM few$$,
    $$SELECT crm_session_no('infinity'::timestamptz, '1 hour') OVER ()$$,
    $$SELECT crm_session_no('-infinity'::timestamp, '1 hour') OVER ()$$,
    $$SELECT crm_session_no(1::bigint, 0) OVER ()$$,
    $$SELECT crm_session_no(1::bigint, 1, -1) OVER ()$$,
    $$SELECT crm_session_no(date 'infinity', '1 day') OVER ()$$,
    $$SELECT crm_session_no(date '2025-01-01', '1 month -31 days') OVER ()$$,
    $$SELECT crm_session_no(date '5874897-12-31', '1 day') OVER ()$$,
    $$SELECT crm_sessions(date '-infinity', '1 day')$$,
    $$SELECT crm_session_stats(date '2025-01-01', '0')$$,
    $$SELECT crm_session_no(now(), '1 hour')$$,
    $$SELECT crm_session_stats(ts, '0') FROM few$$,
    $$SELECT crm_sessions(1::bigint, -3)$$,
    $$SELECT crm_sessions('infinity'::timestamptz, '1 hour')$$,
    $$SELECT crm_sessions(t, t) FROM generate_series(1::bigint, 2) t$$,
    $$SELECT crm_session_stats(t, 9223372036854775807) FROM unnest('{-9223372036854775808,9223372036854775807,-2,2}'::bigint[]) t$$]) q;

--
-- Random logs against plain SQL: 3000 customers, ties, NULLs, duplicates
--
CREATE TEMP TABLE log AS
SELECT c AS customer, i,
       CASE WHEN h % 17 = 0 THEN NULL
            ELSE (h >> 8) % (1 + c % 7 * 20) END AS t,
       h % 11 = 0 AS starts
FROM generate_series(1, 3000) c,
     LATERAL generate_series(1, 1 + c % 23) i,
     LATERAL (SELECT hashint8extended(c * 1000 + i, 42) & 9223372036854775807 AS h) r;

-- crm_session_no against lag() and a running sum (NULLs last, as in the
-- order); offenders
SELECT count(*) AS differ FROM (
    SELECT crm_session_no(t, 3) OVER w AS ours,
           1 + sum((t - prev > 3)::int) OVER (PARTITION BY customer ORDER BY t, i) AS want
    FROM (SELECT *, lag(t) OVER (PARTITION BY customer ORDER BY t, i) AS prev FROM log) l
    WINDOW w AS (PARTITION BY customer ORDER BY t, i)) x
WHERE ours IS DISTINCT FROM coalesce(want, 1);
SELECT count(*) > 30000 AS looked FROM log;

-- with a greatest length and marked starts, against a recursive query
WITH RECURSIVE ordered AS (
    SELECT *, row_number() OVER (PARTITION BY customer ORDER BY t, i) AS r FROM log WHERE customer <= 1000
), walk AS (
    SELECT customer, r, t AS last, t AS start, 1 AS n FROM ordered WHERE r = 1
    UNION ALL
    SELECT o.customer, o.r, coalesce(o.t, w.last),
           CASE WHEN b.new THEN o.t ELSE coalesce(w.start, o.t) END,
           w.n + b.new::int
    FROM walk w
    JOIN ordered o ON o.customer = w.customer AND o.r = w.r + 1,
    LATERAL (SELECT coalesce(o.t - w.last > 4, false) OR coalesce(o.t - w.start > 9, false) OR o.starts AS new) b
)
SELECT count(*) FILTER (WHERE w.n IS DISTINCT FROM s.n) AS differ, count(*) > 10000 AS looked
FROM walk w
JOIN (SELECT customer, row_number() OVER v AS r, crm_session_no(t, 4, 9, starts) OVER v AS n
      FROM log WINDOW v AS (PARTITION BY customer ORDER BY t, i)) s USING (customer, r);

-- the aggregates against grouping by lag() and a running sum
CREATE TEMP TABLE want AS
SELECT customer, n, min(t) AS started, max(t) AS ended, count(*) AS events
FROM (SELECT *, 1 + sum(coalesce(t - prev > 3, false)::int) OVER (PARTITION BY customer ORDER BY t, i) AS n
      FROM (SELECT *, lag(t) OVER (PARTITION BY customer ORDER BY t, i) AS prev FROM log WHERE t IS NOT NULL) l) m
GROUP BY customer, n;
CREATE TEMP TABLE want_stats AS
SELECT customer, row(count(*), sum(events)::bigint, sum(ended - started)::bigint, max(ended - started),
                     count(*) FILTER (WHERE events = 1))::crm_session_stats_bigint AS stats
FROM want GROUP BY customer;

-- The log in four orders of its rows: as made, ascending, descending, shuffled.
CREATE TABLE session_log (customer int, t bigint);
CREATE FUNCTION pg_temp.differ(how text) RETURNS TABLE (stats bigint, sessions bigint) LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE session_log;
    EXECUTE 'INSERT INTO session_log SELECT customer, t FROM log ORDER BY ' || how;
    RETURN QUERY
    SELECT (SELECT count(*) FROM (SELECT customer, crm_session_stats(t, 3) AS stats FROM session_log GROUP BY customer) o
            FULL JOIN want_stats w USING (customer) WHERE o.stats IS DISTINCT FROM w.stats),
           (SELECT count(*) FROM (SELECT customer, (unnest(crm_sessions(t, 3))).* FROM session_log GROUP BY customer) o
            FULL JOIN want w ON w.customer = o.customer AND w.n = o.session_no
            WHERE (o.started, o.ended, o.events, o.duration) IS DISTINCT FROM (w.started, w.ended, w.events, w.ended - w.started));
END $$;
SELECT how, d.*
FROM unnest('{customer,t,t DESC,hashint4(i * 7919 + customer)}'::text[]) how, LATERAL pg_temp.differ(how) d
ORDER BY how;

-- One group with many events out of order: joined on the way.
SELECT (crm_session_stats(t, 1)).* FROM (SELECT (i * 7919) % 100003 AS t FROM generate_series(1::bigint, 100002) i WHERE i % 1000 <> 0) s;
SELECT count(*) AS sessions, sum(n) AS events, sum(e - s) AS total, max(e - s) AS longest, count(*) FILTER (WHERE n = 1) AS bounces
FROM (SELECT min(t) AS s, max(t) AS e, count(*) AS n
      FROM (SELECT t, sum(coalesce(t - p > 1, false)::int) OVER (ORDER BY t) AS g
            FROM (SELECT t, lag(t) OVER (ORDER BY t) AS p
                  FROM (SELECT (i * 7919) % 100003 AS t FROM generate_series(1::bigint, 100002) i WHERE i % 1000 <> 0) a) b) c
      GROUP BY g) d;

-- forced plans
SET enable_hashagg = off;
SELECT * FROM pg_temp.differ('hashint4(i + customer)');
RESET enable_hashagg;
SET enable_sort = off;
SELECT * FROM pg_temp.differ('hashint4(i + customer)');
RESET enable_sort;

-- in parallel
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
ANALYZE session_log;
EXPLAIN (COSTS OFF) SELECT crm_session_stats(t, 3), crm_sessions(t, 3) FROM session_log;
SELECT crm_session_stats(t, 3) = (SELECT crm_session_stats(t, 3) FROM (SELECT t FROM session_log OFFSET 0) s) AS same_stats,
       crm_sessions(t, 3) = (SELECT crm_sessions(t, 3) FROM (SELECT t FROM session_log OFFSET 0) s) AS same_sessions
FROM session_log;
EXPLAIN (COSTS OFF) SELECT customer % 3, crm_sessions(t, 3) FROM session_log GROUP BY 1;
SELECT count(*) FILTER (WHERE o.s IS DISTINCT FROM w.s) AS differ, count(*) AS looked
FROM (SELECT customer % 50 AS c, crm_sessions(t, 3) AS s FROM session_log GROUP BY 1) o
JOIN (SELECT customer % 50 AS c, crm_sessions(t, 3) AS s FROM (SELECT * FROM session_log OFFSET 0) l GROUP BY 1) w USING (c);

DROP TABLE session_log;

-- The number never falls, and the planner knows, but not where gap may be NULL.
CREATE FUNCTION pg_temp.ends_early(query text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN ' || query LOOP
        IF line LIKE '%Run Condition%' THEN RETURN true; END IF;
    END LOOP;
    RETURN false;
END $$;
SELECT pg_temp.ends_early($$SELECT * FROM (SELECT id, crm_session_no(ts, '30 minutes') OVER (ORDER BY ts) AS n FROM few) s WHERE n <= 2$$) AS constant_gap,
       pg_temp.ends_early($$SELECT * FROM (SELECT id, crm_session_no(ts, ts - ts) OVER (ORDER BY ts) AS n FROM few) s WHERE n <= 2$$) AS varying_gap;
SELECT count(*) FROM (SELECT id, crm_session_no(ts, '30 minutes') OVER (ORDER BY ts, id) AS n FROM few) s WHERE n <= 2;
