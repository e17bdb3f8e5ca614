-- Sequences: crm_sequence_match, crm_sequence_count, crm_sequence_events; and
-- journeys: crm_journey_agg with what reads it, crm_path_agg.
-- Expected values: small cases by hand; random ones against plain SQL that
-- tries every combination of events.
SET timezone = 'UTC';
SET intervalstyle = 'postgres';
SET datestyle = 'ISO, YMD';

CREATE FUNCTION pg_temp.failure(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    hint text;
    detail text;
BEGIN
    EXECUTE query;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT, detail = PG_EXCEPTION_DETAIL;
    RETURN concat_ws(' | ', SQLSTATE, SQLERRM, nullif(detail, ''), nullif(hint, ''));
END $$;

--
-- Sequences, by hand
--
CREATE TEMP TABLE few (ts timestamptz, event text);
INSERT INTO few VALUES
    ('2025-03-01 10:00:00', 'view'), ('2025-03-01 10:00:05', 'help'), ('2025-03-01 10:00:10', 'cart'),
    ('2025-03-01 10:01:00', 'view'), ('2025-03-01 11:00:00', 'cart'), ('2025-03-01 11:00:30', 'buy'),
    ('2025-03-01 12:00:00', NULL), (NULL, 'buy');
-- (?1) view, (?2) cart, (?3) buy; help is no condition's, so that nobody sees
-- it; the second view is followed by a cart after 59 minutes.
SELECT p AS pattern,
       crm_sequence_match(p, ts, event = 'view', event = 'cart', event = 'buy') AS match,
       crm_sequence_count(p, ts, event = 'view', event = 'cart', event = 'buy') AS n,
       crm_sequence_events(p, ts::timestamp, event = 'view', event = 'cart', event = 'buy')::time[] AS first
FROM few, unnest(ARRAY[
    '(?1)(?2)', '(?1)(?3)', '(?1).*(?3)', '(?2)(?1)', '(?3)(?1)', '(?2)(?3)',
    '(?1)(?2)(?3)', '(?1)(?2)(?1)(?2)(?3)', '(?1).(?1)', '(?1)..(?2)', '.', '..', '.*(?3).*', '(?3).',
    '(?1)(?t<=10)(?2)', '(?1)(?t<10)(?2)', '(?1)(?t==10)(?2)', '(?1)(?t=10.0)(?2)', '(?1)(?t>10)(?2)', '(?1)(?t>=3540)(?2)',
    '(?1)(?t>''59 minutes'')(?2)', '(?1)(?t>= ''00:59'')(?t<=''PT60M'')(?2)', '(?1)(?t>=''59 min'')(?t<3540)(?2)',
    '(?1)(?t<=60)(?3)', '(?1).*(?3)(?total<=''1 hour'')', '(?1).*(?3)(?total<=3570)', '(?1).*(?3)(?total<3570)',
    ' (?1) .* (?t >= 1) (?2) (?3) ']) WITH ORDINALITY u (p, i)
GROUP BY i, p ORDER BY i;
-- Patterns that ask for nothing match whatever there is.
SELECT crm_sequence_match('', ts, event = 'view') AS empty, crm_sequence_match('.*', ts, event = 'none') AS star,
       crm_sequence_match('.', ts, event = 'none') AS any_event, crm_sequence_events('', ts, true) AS times
FROM few;
-- No rows, and rows without a time, give NULL.
SELECT crm_sequence_match('(?1)', ts, true) AS match, crm_sequence_count('(?1)', ts, true) AS n
FROM few WHERE ts IS NULL;
SELECT crm_sequence_match('(?1)', ts, true) AS match, crm_sequence_events('(?1)', ts, true) AS times
FROM few WHERE false;
SELECT crm_sequence_match(NULL, ts, true) AS match FROM few;
-- At one instant: in the order of the conditions.
SELECT crm_sequence_match('(?1)(?2)', t, e = 'a', e = 'b') AS a_b, crm_sequence_match('(?2)(?1)', t, e = 'a', e = 'b') AS b_a,
       crm_sequence_match('(?1)(?t>0)(?2)', t, e = 'a', e = 'b') AS later
FROM (VALUES (1::bigint, 'b'), (1, 'a')) v (t, e);
-- One row serves one item.
SELECT crm_sequence_match('(?1)(?2)', 1::bigint, true, true) AS one_row;
-- bigint: numbers are its units
SELECT crm_sequence_count('(?1)(?t<=2)(?1)', t, true) AS n, crm_sequence_events('(?1)(?t>=3)(?1)', t, true) AS first
FROM unnest('{1,2,3,4,9223372036854775807,-9223372036854775808}'::bigint[]) t;
-- an array of conditions; a NULL condition does not hold
SELECT crm_sequence_count('(?1)(?2)', ts, VARIADIC ARRAY[event = 'view', event = 'cart', NULL]) AS n FROM few;
-- 32 conditions
SELECT crm_sequence_match('(?32)(?1)', t, VARIADIC array_fill(false, ARRAY[t::int]) || true || array_fill(false, ARRAY[31 - t::int])) AS forth,
       crm_sequence_match('(?1)(?32)', t, VARIADIC array_fill(false, ARRAY[t::int]) || true || array_fill(false, ARRAY[31 - t::int])) AS back
FROM unnest('{0,31}'::bigint[]) t;

--
-- Errors
--
SELECT pg_temp.failure(format('SELECT crm_sequence_match(%L, now(), true, true)', p)) AS failure
FROM unnest(ARRAY['(?3)', '(?0)', '(?99999999999)', '(?1)(?', '(?1', '(1)', '(?x)', '?1', 'é(?1)', '(?1)é', '(?1)|(?2)', '(?t<5)(?1)',
    '(?1)(?t<5)', '(?1)(?t5)(?2)', '(?1)(?t<)(?2)', '(?1)(?t<-1)(?2)', '(?1)(?t<1.2345678)(?2)',
    '(?1)(?t<99999999999999)(?2)', '(?1)(?t<''soon'')(?2)', '(?1)(?t<''1 hour)(?2)', '(?1)(?t<''-1 hour'')(?2)',
    '(?1)(?total>5)', '(?1)(?total<0)', '(?''view'')', '(?1)(?t<''2000000000 months'')(?2)']) WITH ORDINALITY u (p, i)
ORDER BY i;
SELECT pg_temp.failure(q) FROM unnest(ARRAY[
    $$SELECT crm_sequence_match('(?1)', now(), 1)$$,
    $$SELECT crm_sequence_match('(?1)', now(), true, 'x'::text)$$,
    $$SELECT crm_sequence_match('(?1)', now(), VARIADIC ARRAY[1])$$,
    $$SELECT crm_sequence_match('(?1)', now(), VARIADIC array_fill(true, ARRAY[33]))$$,
    format($$SELECT crm_sequence_match('(?1)', now() %s)$$, repeat(', true', 33)),
    $$SELECT crm_sequence_match('(?1)', 'infinity'::timestamptz, true)$$,
    $$SELECT crm_sequence_match('(?1)', 'today'::text, true)$$,
    $$SELECT crm_sequence_match(p, now(), true) FROM unnest('{(?1),.}'::text[]) p$$,
    $$SELECT crm_sequence_match('(?1)(?t<''1 s'')(?1)', 1::bigint, true)$$,
    $$SELECT crm_sequence_match('(?1)(?t<1.5)(?1)', 1::bigint, true)$$,
    $$SELECT crm_sequence_count('.*', now(), true)$$,
    $$SELECT crm_sequence_match('(?1)', 1::bigint, VARIADIC array_fill(true, ARRAY[i])) FROM generate_series(1, 2) i$$]) q;

--
-- Random logs against every combination of events
--
CREATE TABLE sequence_log AS
SELECT c AS customer, i, h % (1 + c % 5 * 4) AS t,
       (h >> 20) % 3 = 0 AS a, (h >> 30) % 3 = 0 AS b, (h >> 40) % 4 = 0 AS c
FROM generate_series(1, 400) c,
     LATERAL generate_series(1, 1 + c % 13) i,
     LATERAL (SELECT hashint8extended(c * 1000 + i, 7) & 9223372036854775807 AS h) r;

-- the same patterns as lists of items: condition (0 any), whether the item
-- follows at once, else least and greatest time since the one before
CREATE TEMP TABLE pattern (pattern text PRIMARY KEY, conditions int[], next boolean[], least bigint[], greatest bigint[], total bigint);
INSERT INTO pattern VALUES
    ('(?1)', '{1}', '{f}', '{0}', '{99}', 99),
    ('(?1)(?2)', '{1,2}', '{f,t}', '{0,0}', '{99,99}', 99),
    ('(?1).*(?2)', '{1,2}', '{f,f}', '{0,0}', '{99,99}', 99),
    ('(?1)(?2)(?3)', '{1,2,3}', '{f,t,t}', '{0,0,0}', '{99,99,99}', 99),
    ('(?1).*(?2).*(?3)', '{1,2,3}', '{f,f,f}', '{0,0,0}', '{99,99,99}', 99),
    ('(?1).(?2)', '{1,0,2}', '{f,t,t}', '{0,0,0}', '{99,99,99}', 99),
    ('.*(?3)..*(?1).*', '{3,0,1}', '{f,t,f}', '{0,0,0}', '{99,99,99}', 99),
    ('(?1)(?t<=3)(?2)', '{1,2}', '{f,f}', '{0,0}', '{99,3}', 99),
    ('(?1)(?t<3)(?2)', '{1,2}', '{f,f}', '{0,0}', '{99,2}', 99),
    ('(?1)(?t>2)(?2)', '{1,2}', '{f,f}', '{0,3}', '{99,99}', 99),
    ('(?1)(?t==2)(?2)', '{1,2}', '{f,f}', '{0,2}', '{99,2}', 99),
    ('(?1)(?t>0)(?1)', '{1,1}', '{f,f}', '{0,1}', '{99,99}', 99),
    ('(?1)(?t>=1)(?t<=3)(?2)(?t>=2)(?3)', '{1,2,3}', '{f,f,f}', '{0,1,2}', '{99,3,99}', 99),
    ('(?1)(?t>=2)(?2)(?t<=2)(?1)', '{1,2,1}', '{f,f,f}', '{0,2,0}', '{99,99,2}', 99),
    ('(?1)(?2)(?t<=2)(?1)(?3)', '{1,2,1,3}', '{f,t,f,t}', '{0,0,0,0}', '{99,99,2,99}', 99),
    ('(?1).*(?2)(?total<=4)', '{1,2}', '{f,f}', '{0,0}', '{99,99}', 4),
    ('(?total<3)(?1).*(?2).*(?1)', '{1,2,1}', '{f,f,f}', '{0,0,0}', '{99,99,99}', 2),
    ('(?1)(?t>=1)(?2)(?t>=1)(?3)(?total<=5)', '{1,2,3}', '{f,f,f}', '{0,1,1}', '{99,99,99}', 5),
    ('.(?t>=1)(?3).(?total<=6)', '{0,3,0}', '{f,f,t}', '{0,1,0}', '{99,99,99}', 6),
    ('(?1)(?t<=1).*(?1)(?t<=1)(?1)', '{1,1,1}', '{f,f,f}', '{0,0,0}', '{99,1,1}', 99);

CREATE TEMP TABLE matches AS
WITH RECURSIVE numbered AS (
    -- what the pattern sees, in order
    SELECT customer, t, k, row_number() OVER (PARTITION BY customer ORDER BY t, k)::int AS r
    FROM sequence_log, LATERAL (SELECT array_remove(ARRAY[CASE WHEN a THEN 1 END, CASE WHEN b THEN 2 END, CASE WHEN c THEN 3 END], NULL) AS k) x
    WHERE a OR b OR c
), chain AS (
    SELECT p.pattern, n.customer, ARRAY[n.r] AS rows, ARRAY[n.t] AS times
    FROM pattern p, numbered n
    WHERE p.conditions[1] = 0 OR p.conditions[1] = ANY (n.k)
    UNION ALL
    SELECT c.pattern, c.customer, c.rows || n.r, c.times || n.t
    FROM chain c
    JOIN pattern p USING (pattern)
    JOIN numbered n ON n.customer = c.customer AND n.r > c.rows[cardinality(c.rows)]
    , LATERAL (SELECT cardinality(c.rows) AS i) x
    WHERE i < cardinality(p.conditions)
      AND (p.conditions[i + 1] = 0 OR p.conditions[i + 1] = ANY (n.k))
      AND CASE WHEN p.next[i + 1] THEN n.r = c.rows[i] + 1
               ELSE n.t - c.times[i] BETWEEN p.least[i + 1] AND p.greatest[i + 1] END
)
SELECT c.* FROM chain c JOIN pattern p USING (pattern)
WHERE cardinality(rows) = cardinality(conditions) AND times[cardinality(times)] - times[1] <= total;
CREATE INDEX ON matches (pattern, customer, rows);
ANALYZE matches;
-- the first match, then the first that begins after it, and so on
CREATE TEMP TABLE want AS
WITH RECURSIVE taken AS (
    (SELECT DISTINCT ON (pattern, customer) pattern, customer, rows, times, 1::bigint AS n
     FROM matches ORDER BY pattern, customer, rows)
    UNION ALL
    SELECT t.pattern, t.customer, m.rows, t.times, t.n + 1
    FROM taken t,
         LATERAL (SELECT m.rows FROM matches m
                  WHERE (m.pattern, m.customer) = (t.pattern, t.customer) AND m.rows >= ARRAY[t.rows[cardinality(t.rows)] + 1]
                  ORDER BY m.rows LIMIT 1) m
)
SELECT pattern, customer, max(n) AS n,
       -- of the events that conditions name
       (SELECT array_agg(time ORDER BY i) FROM unnest(min(times), min(conditions)) WITH ORDINALITY u (time, condition, i) WHERE condition > 0) AS times
FROM taken JOIN pattern USING (pattern) GROUP BY pattern, customer;

CREATE FUNCTION pg_temp.differ(how text) RETURNS TABLE (differ bigint, matching bigint, looked bigint) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE 'CREATE TABLE shuffled AS SELECT * FROM sequence_log ORDER BY ' || how;
    RETURN QUERY
    SELECT count(*) FILTER (WHERE o.n <> coalesce(w.n, 0) OR o.found <> (w.n IS NOT NULL) OR o.times IS DISTINCT FROM w.times),
           count(w.n), count(*)
    FROM (SELECT pattern, customer, crm_sequence_match(pattern, t, a, b, c) AS found,
                 crm_sequence_count(pattern, t, a, b, c) AS n, crm_sequence_events(pattern, t, a, b, c) AS times
          FROM shuffled, pattern GROUP BY pattern, customer) o
    LEFT JOIN want w USING (pattern, customer);
    DROP TABLE shuffled;
END $$;
SELECT count(*) > 20000 AS looked FROM matches;
SELECT how, d.*
FROM unnest('{i,t,t DESC,hashint4(i * 7919 + customer)}'::text[]) how, LATERAL pg_temp.differ(how) d
ORDER BY how;
SET enable_hashagg = off;
SELECT * FROM pg_temp.differ('hashint4(i + customer)');
RESET enable_hashagg;
SET enable_sort = off;
SELECT * FROM pg_temp.differ('hashint4(i + customer)');
RESET enable_sort;

-- The same with a day for each unit, over the change of clocks in New York on 2
-- November 2025, which dates do not know.
SET timezone = 'America/New_York';
SELECT count(*) FILTER (WHERE o.n <> coalesce(w.n, 0) OR o.found <> (w.n IS NOT NULL)
                           OR o.times IS DISTINCT FROM (SELECT array_agg(timestamp '2025-10-25' + t * interval '1 day' ORDER BY i) FROM unnest(w.times) WITH ORDINALITY u (t, i))) AS differ,
       count(w.n) AS matching, count(*) AS looked
FROM (SELECT pattern, customer, crm_sequence_match(p, d, a, b, c) AS found, crm_sequence_count(p, d, a, b, c) AS n, crm_sequence_events(p, d, a, b, c) AS times
      FROM (SELECT *, date '2025-10-25' + t::int AS d FROM sequence_log) l,
           (SELECT pattern, regexp_replace(pattern, '(\?(?:t|total)[<=>]+)(\d+)', '\1''\2 days''', 'g') AS p FROM pattern) x
      GROUP BY pattern, customer) o
LEFT JOIN want w USING (pattern, customer);
SET timezone = 'UTC';

-- What takes exponential time where one backtracks: 20,000 events, 12 stars.
SELECT crm_sequence_match(repeat('(?1).*', 12) || '(?2)', i, true, false) AS none,
       crm_sequence_count(repeat('(?1)(?t>=1).*', 12) || '(?1)', i, true, false) AS n
FROM generate_series(1::bigint, 20000) i;

-- in parallel
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
ALTER TABLE sequence_log SET (parallel_workers = 2);
ANALYZE sequence_log;
EXPLAIN (COSTS OFF) SELECT crm_sequence_count('(?1)(?t>=1)(?2)', t, a, b, c) FROM sequence_log;
SELECT crm_sequence_count('(?1)(?t>=1)(?2)', t * 100 + i, a, b, c) = (SELECT crm_sequence_count('(?1)(?t>=1)(?2)', t * 100 + i, a, b, c) FROM (SELECT * FROM sequence_log OFFSET 0) s) AS same_count,
       crm_sequence_events('(?1)(?t>=1)(?2)(?3)', t, a, b, c) = (SELECT crm_sequence_events('(?1)(?t>=1)(?2)(?3)', t, a, b, c) FROM (SELECT * FROM sequence_log OFFSET 0) s) AS same_events
FROM sequence_log;
SELECT count(*) FILTER (WHERE o.n <> w.n) AS differ, count(*) AS looked
FROM (SELECT customer % 50 AS g, crm_sequence_count('(?1)(?t>=1)(?2)', t, a, b, c) AS n FROM sequence_log GROUP BY 1) o
JOIN (SELECT customer % 50 AS g, crm_sequence_count('(?1)(?t>=1)(?2)', t, a, b, c) AS n FROM (SELECT * FROM sequence_log OFFSET 0) l GROUP BY 1) w USING (g);
-- of dates
EXPLAIN (COSTS OFF) SELECT crm_sequence_events('(?1)(?t>=''1 day'')(?2)', d, a) FROM (SELECT *, date '2025-10-25' + t::int AS d FROM sequence_log) l;
SET timezone = 'America/New_York';
SELECT count(*) FILTER (WHERE o.n <> w.n OR o.found <> w.found OR o.times IS DISTINCT FROM w.times) AS differ, count(*) FILTER (WHERE o.found) > 30 AS matching, count(*) AS looked
FROM (SELECT customer % 50 AS g, crm_sequence_count('(?1)(?t==''1 day'')(?2)', date '2025-10-25' + t::int, a, b, c) AS n,
             crm_sequence_match('(?1)(?t>=''1 day'')(?2)(?3)(?total<=''2 days'')', date '2025-10-25' + t::int, a, b, c) AS found,
             crm_sequence_events('(?1)(?t>=''1 day'')(?2)(?3)', date '2025-10-25' + t::int, a, b, c) AS times
      FROM sequence_log GROUP BY 1) o
JOIN (SELECT customer % 50 AS g, crm_sequence_count('(?1)(?t==''1 day'')(?2)', date '2025-10-25' + t::int, a, b, c) AS n,
             crm_sequence_match('(?1)(?t>=''1 day'')(?2)(?3)(?total<=''2 days'')', date '2025-10-25' + t::int, a, b, c) AS found,
             crm_sequence_events('(?1)(?t>=''1 day'')(?2)(?3)', date '2025-10-25' + t::int, a, b, c) AS times
      FROM (SELECT * FROM sequence_log OFFSET 0) l GROUP BY 1) w USING (g);
SET timezone = 'UTC';
RESET max_parallel_workers_per_gather;
DROP TABLE sequence_log;

--
-- Journeys, by hand
--
CREATE TEMP TABLE visit (ts timestamptz, event text, value float8);
INSERT INTO visit VALUES
    ('2025-03-01 10:00:00', 'view', NULL), ('2025-03-01 10:00:10', 'add "to" \cart', NULL), ('2025-03-01 10:00:10', 'view', 0),
    ('2025-03-01 11:00:00', 'buy', 19.95), ('2025-03-01 11:00:00', 'buy', NULL), ('1999-12-31 23:59:59.999999', 'früh', -0.001),
    (NULL, 'buy', 1), ('2025-03-01 12:00', NULL, 1);
SELECT crm_journey_agg(ts, event, value) AS journey FROM visit;
SELECT crm_journey_agg(ts, event) AS journey FROM visit WHERE event = 'buy';
SELECT jsonb_array_elements(crm_journey_agg(ts, event, value)::jsonb) FROM visit;
SELECT e.* FROM (SELECT crm_journey_agg(ts, event, value) AS j FROM visit) s, crm_events_of(j) e;
SELECT crm_path(j), crm_path(j, 3), crm_path(j, NULL, 'view'), crm_path(j, 2, 'view', true) AS collapsed, crm_path(j, start => 'none') AS none
FROM (SELECT crm_journey_agg(ts, event) AS j FROM visit) s;
SELECT crm_next_event(j, 'view'), crm_next_event(j, 'add "to" \cart') AS same_time, crm_next_event(j, 'view', '9 seconds') AS too_late,
       crm_next_event(j, 'view', '10 seconds') AS just, crm_next_event(j, 'none') AS none, crm_next_event(j, 'buy') AS buy
FROM (SELECT crm_journey_agg(ts, event) AS j FROM visit) s;
SELECT (unnest(crm_sessions_of(j, '1 hour'))).* FROM (SELECT crm_journey_agg(ts, event) AS j FROM visit) s;
SELECT p AS pattern, crm_matches(j, p) AS match
FROM (SELECT crm_journey_agg(ts, event) AS j FROM visit) s,
     unnest(ARRAY['(?''view'')(?''buy'')', '(?''view'').(?''view'')(?''buy'')', '(?''view'')(?t<=10)(?''view'')', '(?''view'')(?t<''10 s'')(?''view'')',
                  '(?''none'')', '(?''it''''s'')', '']) p;
SELECT crm_matches(j, '(?1)(?t>=10)(?2)', 'view', 'view') AS two_names, crm_matches(j, '(?1)(?2)', 'view', 'buy') AS two_steps,
       crm_matches(j, '(?1)(?2)(?''buy'')', 'view', 'add "to" \cart') AS mixed, crm_matches(j, '(?2)', 'view', NULL) AS null_name
FROM (SELECT crm_journey_agg(ts, event) AS j FROM visit) s;
-- nothing in it
SELECT crm_journey_agg(ts, event) IS NULL AS no_event FROM visit WHERE event IS NULL;
SELECT j, crm_path(j) AS path, crm_next_event(j, 'a') AS next, crm_sessions_of(j, '1 hour') AS sessions, crm_matches(j, '(?''a'')') AS match,
       j::jsonb AS json, (SELECT count(*) FROM crm_events_of(j)) AS events
FROM (SELECT 'crm_journey:1 names=[] events=[]'::crm_journey AS j) s;
-- What is read is made canonical: names sorted, events in order.
SELECT 'crm_journey:1 names=["b","unused","a"] events=[5:0,0:2=1,0:2]'::crm_journey;

SELECT pg_temp.failure(q) FROM unnest(ARRAY[
    $$SELECT crm_journey_agg('infinity', 'a')$$,
    $$SELECT crm_journey_agg(now(), 'a', 'NaN')$$,
    $$SELECT crm_path(j, 0) FROM (SELECT crm_journey_agg(now(), 'a') AS j) s$$,
    $$SELECT crm_sessions_of(j, '0') FROM (SELECT crm_journey_agg(now(), 'a') AS j) s$$,
    $$SELECT crm_sessions_of(j, '1 s', '-1 s') FROM (SELECT crm_journey_agg(now(), 'a') AS j) s$$,
    $$SELECT crm_next_event(j, 'a', '0') FROM (SELECT crm_journey_agg(now(), 'a') AS j) s$$,
    $$SELECT crm_matches(j, '(?1)') FROM (SELECT crm_journey_agg(now(), 'a') AS j) s$$,
    $$SELECT crm_matches(j, '(?''a)') FROM (SELECT crm_journey_agg(now(), 'a') AS j) s$$,
    $$SELECT crm_matches(j, '(?33)', VARIADIC array_fill('a'::text, ARRAY[33])) FROM (SELECT crm_journey_agg(now(), 'a') AS j) s$$,
    $$SELECT crm_matches(j, (SELECT string_agg('(?''' || i || ''')', '') FROM generate_series(1, 33) i)) FROM (SELECT crm_journey_agg(now(), 'a') AS j) s$$,
    $$SELECT ''::crm_journey$$,
    $$SELECT 'crm_journey:1 names=["a"] events=[1:1]'::crm_journey$$,
    $$SELECT 'crm_journey:1 names=["a","a"] events=[1:1]'::crm_journey$$,
    $$SELECT 'crm_journey:1 names=["a] events=[1:0]'::crm_journey$$,
    $$SELECT 'crm_journey:1 names=["a\'::crm_journey$$,
    $$SELECT 'crm_journey:1 names=["a"] events=[1:0,-1:0]'::crm_journey$$,
    $$SELECT 'crm_journey:1 names=["a"] events=[9223372036854775807:0]'::crm_journey$$,
    $$SELECT 'crm_journey:1 names=["a"] events=[1:0=nan]'::crm_journey$$,
    $$SELECT 'crm_journey:1 names=["a"] events=[1:0] more'::crm_journey$$,
    $$SELECT 'crm_path_summary:1 paths=0 names=[] links=[]'::crm_path_summary$$,
    $$SELECT 'crm_path_summary:1 paths=1 names=["a"] links=[1:0>1=1]'::crm_path_summary$$,
    $$SELECT 'crm_path_summary:1 paths=1 names=["a"] links=[1:0>=2]'::crm_path_summary$$,
    $$SELECT 'crm_path_summary:1 paths=1 names=["a"] links=[1:0>=1,1:0>=1]'::crm_path_summary$$]) q;

--
-- Random journeys against plain SQL
--
CREATE TABLE journey_log AS
SELECT c AS customer, i, timestamptz '2025-01-01' + make_interval(secs => h % (1 + c % 5 * 400)) AS ts,
       (ARRAY['a', 'b', 'c', 'd é'])[1 + (h >> 20) % 4] AS event, CASE WHEN (h >> 30) % 3 = 0 THEN (h >> 40) % 7 - 3.5 END::float8 AS value
FROM generate_series(1, 500) c,
     LATERAL generate_series(1, 1 + c % 19) i,
     LATERAL (SELECT hashint8extended(c * 1000 + i, 11) & 9223372036854775807 AS h) r;
CREATE TABLE journey_of AS SELECT customer, crm_journey_agg(ts, event, value ORDER BY i) AS j FROM journey_log GROUP BY customer;

-- events come back, in order
SELECT count(*) FILTER (WHERE o IS DISTINCT FROM w) AS differ, count(*) > 4000 AS looked
FROM (SELECT customer, e.event_no, e.ts, e.event, e.value FROM journey_of, crm_events_of(j) e) o
FULL JOIN (SELECT customer, row_number() OVER (PARTITION BY customer ORDER BY ts, event COLLATE "C", value NULLS FIRST) AS event_no, ts, event, value
           FROM journey_log) w USING (customer, event_no);
-- any order gives the same bytes, and text and binary bring them back
SELECT count(*) FILTER (WHERE a.j::text <> b.j::text OR a.j::text <> a.j::text::crm_journey::text OR pg_column_size(a.j) <> pg_column_size(b.j)) AS differ, count(*) AS looked
FROM journey_of a JOIN (SELECT customer, crm_journey_agg(ts, event, value ORDER BY i * 7 % 5, event) AS j FROM journey_log GROUP BY customer) b USING (customer);
\copy journey_of TO 'results/journeys.bin' (FORMAT binary)
CREATE TEMP TABLE copied (LIKE journey_of);
\copy copied FROM 'results/journeys.bin' (FORMAT binary)
SELECT count(*) FILTER (WHERE a.j::text <> b.j::text) AS differ, count(*) AS looked FROM journey_of a JOIN copied b USING (customer);
-- where most names are other customers'
SELECT count(*) FILTER (WHERE crm_path(j, NULL) <> w.path) AS differ, count(*) AS looked
FROM (SELECT i / 4 AS customer, crm_journey_agg(timestamptz '2025-01-01' + (i % 4 / 2) * interval '1 s', 'e' || i * 7919 % 8000) AS j FROM generate_series(0, 7999) i GROUP BY 1) o
JOIN (SELECT i / 4 AS customer, array_agg('e' || i * 7919 % 8000 ORDER BY i % 4 / 2, ('e' || i * 7919 % 8000) COLLATE "C") AS path FROM generate_series(0, 7999) i GROUP BY 1) w USING (customer);
-- parts rolled up
SELECT count(*) FILTER (WHERE o.j::text <> w.j::text) AS differ, count(*) AS looked
FROM (SELECT customer, crm_rollup(j) AS j FROM (SELECT customer, i % 3, crm_journey_agg(ts, event, value) AS j FROM journey_log GROUP BY 1, 2) p GROUP BY customer) o
JOIN journey_of w USING (customer);
-- sessions of a journey, and of its events
SELECT count(*) FILTER (WHERE crm_sessions_of(j, '40 seconds') <> s) AS differ, count(*) AS looked
FROM journey_of JOIN (SELECT customer, crm_sessions(ts, '40 seconds') AS s FROM journey_log GROUP BY customer) w USING (customer);
SELECT count(*) FILTER (WHERE cardinality(crm_sessions_of(j, '40 seconds', '90 seconds')) <> s) AS differ, count(*) AS looked
FROM journey_of JOIN (SELECT customer, max(n) AS s FROM (SELECT customer, crm_session_no(ts, '40 seconds', '90 seconds') OVER (PARTITION BY customer ORDER BY ts) AS n
                                                         FROM journey_log) l GROUP BY customer) w USING (customer);
-- patterns in a journey, and in its events, by number and by name (which are
-- numbered as they come in the pattern)
SELECT count(*) FILTER (WHERE crm_matches(j, p, 'a', 'b', 'd é') <> m OR crm_matches(j, n) <> m) AS differ, count(*) FILTER (WHERE m) > 500 AS looked
FROM journey_of
JOIN (SELECT customer, p, n, crm_sequence_match(p, ts, event = 'a', event = 'b', event = 'd é') AS m
      FROM journey_log, (VALUES ('(?1)(?2).*(?3)', '(?''a'')(?''b'').*(?''d é'')'),
                                ('(?1)(?t<=30)(?2).(?3)', '(?''a'')(?t<=30)(?''b'').(?''d é'')'),
                                ('(?1).*(?2).*(?3)(?total<=''5 min'')', '(?''a'').*(?''b'').*(?''d é'')(?total<=''5 min'')'),
                                ('(?1)(?t>''1 min'')(?2)(?3)', '(?''a'')(?t>''1 min'')(?''b'')(?''d é'')')) v (p, n)
      GROUP BY customer, p, n) w USING (customer);
-- paths and what comes next
SELECT count(*) FILTER (WHERE crm_path(j, 6) <> w.path[:6] OR crm_path(j, NULL) <> w.path
                           OR crm_path(j, 4, 'b') IS DISTINCT FROM w.path[array_position(w.path, 'b'):array_position(w.path, 'b') + 3]
                           OR crm_path(j, NULL, NULL, true) <> w.collapsed
                           OR crm_next_event(j, 'c') IS DISTINCT FROM w.path[array_position(w.path, 'c') + 1]) AS differ, count(*) AS looked
FROM journey_of
JOIN (SELECT customer, array_agg(event ORDER BY n) AS path, array_agg(event ORDER BY n) FILTER (WHERE event IS DISTINCT FROM last) AS collapsed
      FROM (SELECT *, row_number() OVER w AS n, lag(event) OVER w AS last FROM journey_log
            WINDOW w AS (PARTITION BY customer ORDER BY ts, event COLLATE "C", i)) l GROUP BY customer) w USING (customer);

--
-- Path links
--
SELECT l.* FROM (SELECT crm_path_agg(path) AS s FROM (VALUES ('{a,b,a,b}'::text[]), ('{a,b}'), ('{a}'), ('{}'), (NULL), ('{NULL,a,NULL,c}')) v (path)) x, crm_path_links(s) l;
SELECT l.* FROM (SELECT crm_path_agg(path) AS s FROM (VALUES ('{a,b,a,b}'::text[]), ('{a,b}'), ('{a}'), ('{}'), (NULL), ('{NULL,a,NULL,c}')) v (path)) x, crm_path_links(s, false) l;
SELECT crm_path_agg(path), crm_path_agg(path)::jsonb FROM (VALUES ('{a,b,a}'::text[]), ('{a}')) v (path);
SELECT crm_path_agg(path) IS NULL AS no_path FROM (VALUES (NULL::text[]), ('{}')) v (path);
CREATE TEMP TABLE want_link AS
WITH path AS (SELECT customer, crm_path(j, 5) AS path FROM journey_of),
     link AS (SELECT customer, step, path[step] AS from_event, path[step + 1] AS to_event FROM path, generate_subscripts(path, 1) step)
SELECT step, from_event, to_event, count(*) AS customers FROM link GROUP BY 1, 2, 3
UNION ALL
SELECT NULL, from_event, to_event, count(DISTINCT customer) FROM link GROUP BY 2, 3;
SELECT count(*) FILTER (WHERE o.customers IS DISTINCT FROM w.customers OR abs(o.share - w.customers / 500.0) > 1e-15) AS differ, count(*) > 80 AS looked
FROM (SELECT l.* FROM (SELECT crm_path_agg(crm_path(j, 5)) AS s FROM journey_of) x, unnest('{t,f}'::boolean[]) b, crm_path_links(s, b) l) o
FULL JOIN want_link w ON coalesce(o.step, 0) = coalesce(w.step, 0) AND o.from_event = w.from_event AND coalesce(o.to_event, '') = coalesce(w.to_event, '');
SELECT (SELECT crm_rollup(s)::text FROM (SELECT crm_path_agg(crm_path(j, 5)) AS s FROM journey_of GROUP BY customer % 7) p)
       = (SELECT crm_path_agg(crm_path(j, 5))::text FROM journey_of) AS same;
SELECT s::text = s::text::crm_path_summary::text AS same_text FROM (SELECT crm_path_agg(crm_path(j, 5)) AS s FROM journey_of) x;
CREATE TEMP TABLE path_of AS SELECT crm_path_agg(crm_path(j, 5)) AS s FROM journey_of;
\copy path_of TO 'results/paths.bin' (FORMAT binary)
CREATE TEMP TABLE path_copied (LIKE path_of);
\copy path_copied FROM 'results/paths.bin' (FORMAT binary)
SELECT a.s::text = b.s::text AS same_binary FROM path_of a, path_copied b;

-- in parallel
SET max_parallel_workers_per_gather = 2;
ALTER TABLE journey_log SET (parallel_workers = 2);
ALTER TABLE journey_of SET (parallel_workers = 2);
ANALYZE journey_log, journey_of;
EXPLAIN (COSTS OFF) SELECT crm_journey_agg(ts, event, value) FROM journey_log;
SELECT crm_journey_agg(ts, event, value)::text = (SELECT crm_rollup(j)::text FROM (SELECT j FROM journey_of OFFSET 0) s) AS same FROM journey_log;
EXPLAIN (COSTS OFF) SELECT crm_path_agg(crm_path(j, 5)), crm_rollup(j) FROM journey_of;
SELECT crm_path_agg(crm_path(j, 5))::text = (SELECT s::text FROM path_of) AS same_paths,
       crm_rollup(j)::text = (SELECT crm_rollup(j)::text FROM (SELECT j FROM journey_of OFFSET 0) s) AS same_journey
FROM journey_of;
SELECT count(*) FILTER (WHERE o.j::text <> w.j::text) AS differ, count(*) AS looked
FROM (SELECT customer, crm_journey_agg(ts, event, value) AS j FROM journey_log GROUP BY customer) o JOIN journey_of w USING (customer);
DROP TABLE journey_log, journey_of;
