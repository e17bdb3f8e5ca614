-- Funnels: definitions, the rules one by one, reports, passes, counts; order of
-- rows, parallel plans, errors.  (funnels_oracle compares crm_funnel with all
-- chains there are.)
SET timezone = 'UTC';
SET extra_float_digits = 0;

-- Definitions: the text form is readable and complete
SELECT crm_funnel_def('7 days', '{view,cart,buy}');
SELECT crm_funnel_def(interval '1 month 2 hours', ARRAY['a "quoted" \ name', 'ünïcode', ''], mode => 'strict',
                      same_time => 'must_increase', reuse_event => true, on_repeat => 'stop', step_within => '{1 day,NULL}',
                      optional => '{2}', exclude => '{refund,"sign out"}', exclude_between => '[2,3]', entry => 'last');
SELECT crm_funnel_def(3600, '{a,b}', step_within => '{60}');
-- a window alone
SELECT crm_funnel_def('1 day')::text = crm_funnel_def(interval '1 day')::text AS same, crm_funnel_def(within => '90 minutes');
-- NULL is the default
SELECT crm_funnel_def('1 day', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::text = crm_funnel_def('1 day')::text AS same;
-- the setting IntervalStyle changes nothing
SET intervalstyle = 'sql_standard';
SELECT crm_funnel_def('1 day 2 hours');
RESET intervalstyle;

CREATE TEMP TABLE def (d crm_funnel_def);
INSERT INTO def VALUES
    (crm_funnel_def('7 days')), (crm_funnel_def(1)), (crm_funnel_def('1 year 2 mons 10 days 04:05:06.789')),
    (crm_funnel_def('1 day', ARRAY['a "quoted" \ name', 'ünïcode', '']) ),
    (crm_funnel_def('7 days', '{a,b,c,d}', 'strict', 'must_increase', true, 'stop', '{1 day,NULL,2 hours}', '{2,3}', '{x,y}', '[2,3]', 'first')),
    (crm_funnel_def('7 days', '{a,b,c,d}', exclude => '{x}', exclude_between => '(,3]')),
    (crm_funnel_def('7 days', '{a,b,c,d}', exclude => '{x}', exclude_between => '[2,)')),
    (crm_funnel_def('7 days', '{a,b}', 'any_order', exclude => '{x}'));
SELECT count(*) AS kept, bool_and(d::text::crm_funnel_def::text = d::text) AS text_round_trip FROM def;
CREATE TEMP TABLE def_copy (d crm_funnel_def);
COPY def TO PROGRAM 'cat > /tmp/crm_funnel_def_test.bin' (FORMAT binary);
COPY def_copy FROM PROGRAM 'cat /tmp/crm_funnel_def_test.bin; rm -f /tmp/crm_funnel_def_test.bin' (FORMAT binary);
(SELECT d::text FROM def EXCEPT ALL SELECT d::text FROM def_copy) UNION ALL (SELECT d::text FROM def_copy EXCEPT ALL SELECT d::text FROM def);

-- The rules by example.  Each row: a name, events as minute:event, options.
CREATE FUNCTION pg_temp.funnel(events text, def crm_funnel_def) RETURNS text LANGUAGE sql STABLE AS
$$
    SELECT f.level || ' ' || translate(f.entered::text, '{}', '[]') || CASE WHEN f.excluded THEN ' excluded' ELSE '' END
    FROM (SELECT (crm_funnel(def, split_part(e, ':', 1)::bigint, nullif(split_part(e, ':', 2), ''))).*
          FROM regexp_split_to_table(events, ' +') e) f
$$;
SELECT what, pg_temp.funnel(events, def) AS got, want, pg_temp.funnel(events, def) = want AS ok
FROM (VALUES
    ('in order', '1:a 2:b 3:c', crm_funnel_def(10, '{a,b,c}'), '3 [1,2,3]'),
    ('others between are no matter', '1:a 2:x 3:b 4: 5:c', crm_funnel_def(10, '{a,b,c}'), '3 [1,3,5]'),
    ('nothing', '1:x 2:', crm_funnel_def(10, '{a,b,c}'), '0 []'),
    ('later step without the first', '1:b 2:c', crm_funnel_def(10, '{a,b,c}'), '0 []'),
    ('the window is inclusive', '1:a 11:b', crm_funnel_def(10, '{a,b}'), '2 [1,11]'),
    ('and ends there', '1:a 12:b', crm_funnel_def(10, '{a,b}'), '1 [1]'),
    ('highest level', '1:a 2:b 3:a', crm_funnel_def(10, '{a,b}'), '2 [1,2]'),
    ('then the latest start', '1:a 2:a 3:b', crm_funnel_def(10, '{a,b}'), '2 [2,3]'),
    ('then the earliest later steps', '1:a 2:b 3:b 4:c', crm_funnel_def(10, '{a,b,c}'), '3 [1,2,4]'),
    ('a new start does not undo a longer chain', '1:a 2:b 3:a 4:c', crm_funnel_def(10, '{a,b,c}'), '3 [1,2,4]'),
    ('one time may advance, in any order of rows', '1:c 1:b 1:a', crm_funnel_def(10, '{a,b,c}'), '3 [1,1,1]'),
    ('or must increase', '1:c 1:b 1:a 2:b', crm_funnel_def(10, '{a,b,c}', same_time => 'must_increase'), '2 [1,2]'),
    ('a step twice needs two events', '1:a 2:b', crm_funnel_def(10, '{a,a,b}'), '1 [1]'),
    ('... and has them', '1:a 1:a 2:b', crm_funnel_def(10, '{a,a,b}'), '3 [1,1,2]'),
    ('... or one used twice', '1:a 2:b', crm_funnel_def(10, '{a,a,b}', reuse_event => true), '3 [1,1,2]'),
    ('strict', '1:a 2:x 3:b 4:a 5:b', crm_funnel_def(10, '{a,b,c}', 'strict'), '2 [4,5]'),
    ('strict is not over at the first other event', '1:x 2:a 3:b 4:c 5:x', crm_funnel_def(10, '{a,b,c}', 'strict'), '3 [2,3,4]'),
    ('strict: an event of no name is another event', '1:a 2: 3:b', crm_funnel_def(10, '{a,b}', 'strict'), '1 [1]'),
    ('strict: another event at an end''s time is no matter', '1:a 1:x 2:b 2:x', crm_funnel_def(10, '{a,b}', 'strict'), '2 [1,2]'),
    ('strict: but at a time between', '1:a 2:b 2:x 3:c', crm_funnel_def(10, '{a,b,c}', 'strict'), '2 [1,2]'),
    ('any order', '1:c 2:a 3:x 4:b', crm_funnel_def(10, '{a,b,c}', 'any_order'), '3 [2,4,1]'),
    ('any order: latest start', '1:b 2:a 3:b', crm_funnel_def(10, '{a,b,c}', 'any_order'), '2 [2,3]'),
    ('any order: one window', '1:b 20:a 21:c', crm_funnel_def(10, '{a,b,c}', 'any_order'), '2 [20,NULL,21]'),
    ('repeat ignored', '1:a 2:b 3:b 4:c', crm_funnel_def(10, '{a,b,c}'), '3 [1,2,4]'),
    ('repeat stops', '1:a 2:b 3:b 4:c', crm_funnel_def(10, '{a,b,c}', on_repeat => 'stop'), '2 [1,2]'),
    ('a repeated first step starts anew', '1:a 2:a 3:b', crm_funnel_def(10, '{a,b}', on_repeat => 'stop'), '2 [2,3]'),
    ('time from step to step', '1:a 2:b 6:c', crm_funnel_def(10, '{a,b,c}', step_within => '{2,3}'), '2 [1,2]'),
    ('... is inclusive', '1:a 3:b 6:c', crm_funnel_def(10, '{a,b,c}', step_within => '{2,3}'), '3 [1,3,6]'),
    ('... from the last chance', '1:a 2:b 4:b 6:c', crm_funnel_def(10, '{a,b,c}', step_within => '{3,3}'), '3 [1,4,6]'),
    ('... NULL is no bound', '1:a 2:b 9:c', crm_funnel_def(10, '{a,b,c}', step_within => '{2,NULL}'), '3 [1,2,9]'),
    ('... one for all', '1:a 2:b 6:c', crm_funnel_def(10, '{a,b,c}', step_within => '{3}'), '2 [1,2]'),
    ('optional step skipped', '1:a 3:c', crm_funnel_def(10, '{a,b,c}', optional => '{2}'), '3 [1,NULL,3]'),
    ('optional step taken', '1:a 2:b 3:c', crm_funnel_def(10, '{a,b,c}', optional => '{2}'), '3 [1,2,3]'),
    ('exclusion', '1:a 2:x 3:b', crm_funnel_def(10, '{a,b}', exclude => '{x}'), '1 [1] excluded'),
    ('a later start escapes it', '1:a 2:x 3:a 4:b', crm_funnel_def(10, '{a,b}', exclude => '{x}'), '2 [3,4]'),
    ('outside of the chain it is no matter', '1:x 2:a 3:b 4:x', crm_funnel_def(10, '{a,b}', exclude => '{x}'), '2 [2,3]'),
    ('nor at the time of an end', '1:x 1:a 2:b 2:x', crm_funnel_def(10, '{a,b}', exclude => '{x}'), '2 [1,2]'),
    ('exclusion between steps', '1:a 2:x 3:b 4:c', crm_funnel_def(10, '{a,b,c}', exclude => '{x}', exclude_between => '[2,3]'), '3 [1,3,4]'),
    ('... and there', '1:a 2:b 3:x 4:c', crm_funnel_def(10, '{a,b,c}', exclude => '{x}', exclude_between => '[2,3]'), '2 [1,2] excluded'),
    ('entry any', '1:a 2:b 5:a', crm_funnel_def(10, '{a,b}'), '2 [1,2]'),
    ('entry first', '1:a 12:a 13:b', crm_funnel_def(10, '{a,b}', entry => 'first'), '1 [1]'),
    ('entry last', '1:a 2:b 5:a', crm_funnel_def(10, '{a,b}', entry => 'last'), '1 [5]'),
    ('negative times', '-9000000000000000000:a -8999999999999999999:b', crm_funnel_def(10, '{a,b}'), '2 [-9000000000000000000,-8999999999999999999]'),
    ('a window beyond all time', '9223372036854775806:a 9223372036854775807:b', crm_funnel_def(10, '{a,b}'), '2 [9223372036854775806,9223372036854775807]'),
    ('near and far times', '1:a 5:b 9000000000000000000:a -9000000000000000000:b', crm_funnel_def(10, '{a,b}'), '2 [1,5]')
) x (what, events, def, want);

-- An event that is two steps at once serves one, but for crm_window_funnel.
SELECT (crm_funnel(crm_funnel_def(10), t, a, b)).level AS one, (crm_funnel(crm_funnel_def(10, reuse_event => true), t, a, b)).level AS reused,
       crm_window_funnel(10, t, a, b)
FROM (VALUES (1::bigint, true, true)) x (t, a, b);

-- Types of time.  A local time is shown as the session's time zone has it.
SET timezone = 'America/New_York';
SELECT crm_funnel(crm_funnel_def('1 day', '{a,b}'), ts, e) AS timestamptz,
       crm_funnel(crm_funnel_def('1 day', '{a,b}'), ts::timestamp, e) AS timestamp,
       crm_funnel(crm_funnel_def('1 day', '{a,b}'), ts::date, e) AS date
FROM (VALUES (timestamptz '2025-03-08 12:00', 'a'), ('2025-03-09 12:30', 'b')) x (ts, e);
-- A day across the change of clocks has 23 hours here, in UTC it has 24.
SELECT (crm_funnel(crm_funnel_def('1 day', '{a,b}'), ts, e)).level AS day, (crm_funnel(crm_funnel_def('24 hours', '{a,b}'), ts, e)).level AS hours
FROM (VALUES (timestamptz '2025-03-08 16:30+00', 'a'), ('2025-03-09 16:00+00', 'b')) x (ts, e);
SET timezone = 'UTC';
SELECT (crm_funnel(crm_funnel_def('1 day', '{a,b}'), ts, e)).level AS day, (crm_funnel(crm_funnel_def('24 hours', '{a,b}'), ts, e)).level AS hours
FROM (VALUES (timestamptz '2025-03-08 16:30+00', 'a'), ('2025-03-09 16:00+00', 'b')) x (ts, e);

-- No rows, or none with a time: NULL.  Not one step: level 0.
SELECT crm_funnel(crm_funnel_def('1 day', '{a,b}'), ts, e) IS NULL AS no_rows FROM (SELECT now() AS ts, 'a'::text AS e) x WHERE false;
SELECT crm_funnel(crm_funnel_def('1 day', '{a,b}'), NULL::timestamptz, 'a'::text) IS NULL AS no_time,
       crm_window_funnel('1 day', NULL::timestamptz, true) IS NULL AS no_time_either,
       crm_funnel_counts(1, crm_funnel_def('1 day', '{a,b}'), NULL::timestamptz, 'a'::text) IS NULL AS no_count,
       crm_funnel_counts(NULL::int, crm_funnel_def('1 day', '{a,b}'), now(), 'a'::text) IS NULL AS no_customer;
SELECT crm_funnel(crm_funnel_def('1 day', '{a,b}'), timestamptz '2025-01-01', NULL::text) AS no_event,
       crm_window_funnel('1 day', now(), NULL::boolean, NULL) AS no_condition,
       crm_window_funnel('1 day', now(), VARIADIC ARRAY[true, NULL]) AS spread;

-- A log of events in random order, with ties, for what follows
CREATE TABLE funnel_log (c int, ts timestamptz, e text, g int GENERATED ALWAYS AS (c % 3) STORED) PARTITION BY HASH (c);
CREATE TABLE funnel_log_0 PARTITION OF funnel_log FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE funnel_log_1 PARTITION OF funnel_log FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO funnel_log (c, ts, e)
SELECT ('x' || substr(md5('c' || i), 1, 7))::bit(28)::int % 400,
       timestamptz '2025-03-01' + ('x' || substr(md5('t' || i), 1, 7))::bit(28)::int % 3000 * interval '20 minutes',
       ('{view,view,cart,cart,buy,help,NULL}'::text[])[1 + ('x' || substr(md5('e' || i), 1, 7))::bit(28)::int % 7]
FROM generate_series(1, 6000) i;
ANALYZE funnel_log;
CREATE VIEW funnel_all AS
SELECT c, crm_funnel(crm_funnel_def('10 days', '{view,cart,buy}'), ts, e) AS simple,
       crm_funnel(crm_funnel_def('1 month', '{view,cart,cart,buy}', exclude => '{help}'), ts, e) AS general,
       crm_funnel(crm_funnel_def('10 days', optional => '{2}', step_within => '{1 day}'), ts, e = 'view', e = 'cart' OR e = 'buy', e = 'buy') AS wide,
       crm_window_funnel('10 days', ts, e = 'view', e = 'cart', e = 'buy') AS level,
       crm_funnel_completions(crm_funnel_def('10 days', '{view,cart,buy}'), ts, e, 1.5) AS passes
FROM funnel_log GROUP BY c;
SET max_parallel_workers_per_gather = 0;
CREATE TABLE funnel_serial AS SELECT * FROM funnel_all;
SELECT count(*), count(DISTINCT (simple).level) AS levels, sum(cardinality(passes)) > 50 AS passes, bool_or((general).excluded) AS excluded FROM funnel_serial;

-- The same with workers, sorted, hashed, by partition, and from another order;
-- with few large groups, as the planner combines partial groups then.
CREATE VIEW funnel_few AS
SELECT g AS c, crm_funnel(crm_funnel_def('10 days', '{view,cart,buy}'), ts, e) AS simple,
       crm_funnel(crm_funnel_def('1 month', '{view,cart,cart,buy}', exclude => '{help}'), ts, e) AS general,
       crm_funnel(crm_funnel_def('10 days', optional => '{2}', step_within => '{1 day}'), ts, e = 'view', e = 'cart' OR e = 'buy', e = 'buy') AS wide,
       crm_window_funnel('10 days', ts, e = 'view', e = 'cart', e = 'buy') AS level,
       crm_funnel_completions(crm_funnel_def('10 days', '{view,cart,buy}'), ts, e, 1.5) AS passes
FROM funnel_log GROUP BY g;
CREATE TABLE funnel_few_serial AS SELECT * FROM funnel_few;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT * FROM funnel_few;
SELECT * FROM funnel_few EXCEPT ALL SELECT * FROM funnel_few_serial;
SELECT * FROM funnel_all EXCEPT ALL SELECT * FROM funnel_serial;
SET enable_hashagg = off;
EXPLAIN (COSTS OFF) SELECT * FROM funnel_few;
SELECT * FROM funnel_few EXCEPT ALL SELECT * FROM funnel_few_serial;
SELECT * FROM funnel_all EXCEPT ALL SELECT * FROM funnel_serial;
RESET enable_hashagg;
SET enable_partitionwise_aggregate = on;
SELECT * FROM funnel_all EXCEPT ALL SELECT * FROM funnel_serial;
SET max_parallel_workers_per_gather = 0;
EXPLAIN (COSTS OFF) SELECT * FROM funnel_few;
SELECT * FROM funnel_few EXCEPT ALL SELECT * FROM funnel_few_serial;
SET enable_sort = off;
SELECT * FROM funnel_all EXCEPT ALL SELECT * FROM funnel_serial;
RESET enable_sort;
RESET enable_partitionwise_aggregate;
CREATE TABLE funnel_shuffled AS SELECT * FROM funnel_log ORDER BY md5(c || '/' || ts || coalesce(e, ''));
SELECT c, crm_funnel(crm_funnel_def('10 days', '{view,cart,buy}'), ts, e) AS simple FROM funnel_shuffled GROUP BY c
EXCEPT ALL SELECT c, simple FROM funnel_serial;

-- Reports: counts, and quantiles as percentile_cont has them.  Bins hold few
-- times here, so that they are exact; with many it is within 0.8 %.
CREATE VIEW funnel_steps AS
SELECT s AS step, count(*) AS customers,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY (simple).entered[s] - (simple).entered[s - 1]) AS median,
       percentile_cont(0.9) WITHIN GROUP (ORDER BY (simple).entered[s] - (simple).entered[s - 1]) AS p90
FROM funnel_serial, generate_series(1, 3) s WHERE (simple).level >= s GROUP BY s;
SELECT r.step, r.customers = q.customers AS customers,
       abs(r.share_of_first - q.customers::float8 / first_value(q.customers) OVER (ORDER BY r.step)) < 1e-12 AS share,
       abs(extract(epoch FROM r.median_time) / extract(epoch FROM q.median) - 1) < 0.008 AS median,
       abs(extract(epoch FROM r.p90_time) / extract(epoch FROM q.p90) - 1) < 0.008 AS p90, skipped
FROM crm_funnel_rows((SELECT crm_funnel_report(simple) FROM funnel_serial)) r JOIN funnel_steps q USING (step) ORDER BY 1;
-- Wilson's interval of 50 of 100: (0.4038, 0.5962), R's prop.test without
-- continuity correction; and rows for steps that nobody reached
SELECT step, customers, share_of_first, round((share_of_previous).lower::numeric, 4) AS lower, round((share_of_previous).upper::numeric, 4) AS upper, median_time
FROM crm_funnel_rows((SELECT crm_funnel_report(1 + i % 2) FROM generate_series(1, 100) i), 4);
SELECT (share_of_previous).conf_level FROM crm_funnel_rows((SELECT crm_funnel_report(2)), conf_level => 0.9) WHERE step = 2;
-- Exact quantiles of few times: 1, 2 and 10 days, and the time of a skipped step
SELECT * FROM crm_funnel_rows((
    SELECT crm_funnel_report(f) FROM (
        SELECT crm_funnel(crm_funnel_def('1 month', '{a,b,c}', optional => '{2}'), ts, e) AS f
        FROM (VALUES (1, timestamptz '2025-01-01', 'a'), (1, '2025-01-02', 'b'), (1, '2025-01-03', 'c'), (2, '2025-01-01', 'a'), (2, '2025-01-03', 'b'),
                     (3, '2025-01-01', 'a'), (3, '2025-01-11', 'b'), (4, '2025-01-01', 'a'), (4, '2025-01-05', 'c'), (5, '2025-01-01', 'x')) x (c, ts, e)
        GROUP BY c) y));
-- Any order: times between the steps as they came
SELECT median_time FROM crm_funnel_rows((SELECT crm_funnel_report(ROW(3, '{2025-01-05,2025-01-01,2025-01-02}', false)::crm_funnel_result)));
SELECT crm_funnel_report(NULL::crm_funnel_result) IS NULL AS nobody, (SELECT count(*) FROM crm_funnel_rows(NULL)) AS rows;

-- Reports add up: any split of the customers, parts rolled up, is the whole.
SELECT (SELECT crm_funnel_report(simple)::text FROM funnel_serial) =
       (SELECT crm_rollup(r)::text FROM (SELECT crm_funnel_report(simple) AS r FROM funnel_serial GROUP BY c % 7) x) AS rolled_up;
SET max_parallel_workers_per_gather = 2;
ALTER TABLE funnel_serial SET (parallel_workers = 2);
EXPLAIN (COSTS OFF) SELECT crm_funnel_report(simple) FROM funnel_serial;
SELECT (SELECT crm_funnel_report(simple)::text FROM funnel_serial) = string_agg(r::text, '') AS parallel
FROM (SELECT crm_rollup(r) AS r FROM (SELECT crm_funnel_report(simple) AS r FROM funnel_serial WHERE c >= 0 GROUP BY c) x) y;
SET max_parallel_workers_per_gather = 0;
CREATE TEMP TABLE report (r crm_funnel_report);
INSERT INTO report SELECT crm_funnel_report(simple) FROM funnel_serial;
INSERT INTO report SELECT crm_funnel_report((simple).level) FROM funnel_serial WHERE (simple).level = 0;
CREATE TEMP TABLE report_copy (r crm_funnel_report);
COPY report TO PROGRAM 'cat > /tmp/crm_funnel_report_test.bin' (FORMAT binary);
COPY report_copy FROM PROGRAM 'cat /tmp/crm_funnel_report_test.bin; rm -f /tmp/crm_funnel_report_test.bin' (FORMAT binary);
SELECT bool_and(r::text::crm_funnel_report::text = r::text) AS text_round_trip,
       (SELECT string_agg(r::text, ' ' ORDER BY r::text) FROM report) = (SELECT string_agg(r::text, ' ' ORDER BY r::text) FROM report_copy) AS binary_round_trip
FROM report;

-- One level: the same counts and the same report, whatever the customer's type
SELECT crm_funnel_counts(c, crm_funnel_def('10 days', '{view,cart,buy}'), ts, e) = (SELECT array_agg(customers ORDER BY step) FROM funnel_steps) AS integer,
       crm_funnel_counts(c::text, crm_funnel_def('10 days', '{view,cart,buy}'), ts, e) = (SELECT array_agg(customers ORDER BY step) FROM funnel_steps) AS text,
       crm_funnel_counts(md5(c::text)::uuid, crm_funnel_def('10 days', '{view,cart,buy}'), ts, e) = (SELECT array_agg(customers ORDER BY step) FROM funnel_steps) AS uuid,
       crm_funnel_counts(c::float8, crm_funnel_def('10 days', '{view,cart,buy}'), ts, e) = (SELECT array_agg(customers ORDER BY step) FROM funnel_steps) AS float,
       crm_funnel_report(c, crm_funnel_def('10 days', '{view,cart,buy}'), ts, e)::text = (SELECT crm_funnel_report(simple)::text FROM funnel_serial) AS report,
       crm_funnel_report(c, crm_funnel_def('1 month', '{view,cart,cart,buy}', exclude => '{help}'), ts, e)::text = (SELECT crm_funnel_report(general)::text FROM funnel_serial) AS general
FROM funnel_log;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT crm_funnel_counts(c, crm_funnel_def('10 days', '{view,cart,buy}'), ts, e) FROM funnel_log;
SELECT crm_funnel_counts(c, crm_funnel_def('10 days', '{view,cart,buy}'), ts, e) = (SELECT array_agg(customers ORDER BY step) FROM funnel_steps) AS integer,
       crm_funnel_counts(c::text, crm_funnel_def('10 days', '{view,cart,buy}'), ts, e) = (SELECT array_agg(customers ORDER BY step) FROM funnel_steps) AS text,
       crm_funnel_report(c::text, crm_funnel_def('10 days', '{view,cart,buy}'), ts, e)::text = (SELECT crm_funnel_report(simple)::text FROM funnel_serial) AS report
FROM funnel_log;
SET max_parallel_workers_per_gather = 0;

-- Passes: by hand, and against taking the next one with a self-join
SELECT crm_funnel_completions(crm_funnel_def(10, '{a,b}'), t, e, v)
FROM (VALUES (1::bigint, 'a', NULL::numeric), (2, 'b', 10.50), (2, 'b', 1), (3, 'b', 99), (4, 'a', 7), (5, 'a', 7), (6, 'b', NULL), (7, 'a', NULL), (30, 'b', 5)) x (t, e, v);
SELECT cardinality(crm_funnel_completions(crm_funnel_def(10), t, e = 'a', e = 'b')) AS passes,
       cardinality(crm_funnel_completions(crm_funnel_def(10, '{a,b}', entry => 'first'), t, e)) AS first_only,
       cardinality(crm_funnel_completions(crm_funnel_def(10, '{x,b}'), t, e)) AS none
FROM (VALUES (1::bigint, 'a'), (2, 'b'), (4, 'a'), (6, 'b')) x (t, e);
CREATE FUNCTION pg_temp.passes(customer int) RETURNS SETOF timestamptz[] LANGUAGE plpgsql AS
$$
DECLARE
    pass timestamptz[];
    after timestamptz := '-infinity';
BEGIN
    LOOP
        SELECT ARRAY[v.ts, k.ts, b.ts] INTO pass
        FROM funnel_log v, funnel_log k, funnel_log b
        WHERE v.c = customer AND k.c = customer AND b.c = customer AND v.e = 'view' AND k.e = 'cart' AND b.e = 'buy'
          AND v.ts > after AND k.ts >= v.ts AND b.ts >= k.ts AND b.ts <= v.ts + interval '10 days'
        ORDER BY b.ts, v.ts DESC, k.ts LIMIT 1;
        EXIT WHEN NOT FOUND;
        RETURN NEXT pass;
        after := pass[3];
    END LOOP;
END
$$;
(SELECT c, p.entered, p.value FROM funnel_serial, unnest(passes) p EXCEPT ALL
 SELECT c, p, 1.5 * (SELECT count(*) FROM funnel_log l WHERE l.c = f.c AND l.e = 'buy' AND l.ts = p[3]) FROM funnel_serial f, pg_temp.passes(c) p)
UNION ALL
(SELECT c, p, 1.5 * (SELECT count(*) FROM funnel_log l WHERE l.c = f.c AND l.e = 'buy' AND l.ts = p[3]) FROM funnel_serial f, pg_temp.passes(c) p EXCEPT ALL
 SELECT c, p.entered, p.value FROM funnel_serial, unnest(passes) p);

-- As window functions: each frame's own answer
SELECT bool_and(level = (SELECT crm_window_funnel('10 days', t, x = 'view', x = 'cart', x = 'buy') FROM unnest(times, events) u (t, x))) AS moving
FROM (SELECT crm_window_funnel('10 days', ts, e = 'view', e = 'cart', e = 'buy') OVER w AS level, array_agg(ts) OVER w AS times, array_agg(e) OVER w AS events
      FROM funnel_log WHERE c < 20 WINDOW w AS (PARTITION BY c ORDER BY ts ROWS BETWEEN 5 PRECEDING AND CURRENT ROW)) x;

-- Definitions from a table: one for each group, as many as there are
SELECT d.name, count(*) FILTER (WHERE level = 3) = (SELECT customers FROM funnel_steps WHERE step = 3) AS as_constant
FROM (VALUES ('short', crm_funnel_def('1 hour', '{view,cart,buy}')), ('long', crm_funnel_def('10 days', '{view,cart,buy}'))) d (name, def),
     LATERAL (SELECT (crm_funnel(d.def, ts, e)).level FROM funnel_log GROUP BY c) x
GROUP BY d.name ORDER BY d.name;
SELECT count(*) FROM (
    SELECT (crm_funnel(def, ts, e)).level, name, c
    FROM funnel_log, (VALUES ('short', crm_funnel_def('1 hour', '{view,cart,buy}')), ('long', crm_funnel_def('10 days', '{view,cart,buy}'))) d (name, def)
    GROUP BY name, c) x JOIN funnel_serial s USING (c) WHERE name = 'long' AND x.level <> (s.simple).level;

-- Mistakes: all of SQLSTATE 22023 or 42804, but for what the parser or another
-- type's input function says
CREATE FUNCTION pg_temp.state(query text) RETURNS text LANGUAGE plpgsql AS
$$
BEGIN
    EXECUTE query;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
END
$$;
SELECT q, pg_temp.state('SELECT ' || q) AS state
FROM (VALUES ($$crm_funnel_def('0 days')$$), ($$crm_funnel_def(interval '-1 day')$$), ($$crm_funnel_def(NULL::interval)$$), ($$crm_funnel_def('1 day', '{}')$$),
             ($$crm_funnel_def('1 day', array_fill('a'::text, ARRAY[33]))$$), ($$crm_funnel_def('1 day', '{a}', 'x')$$), ($$crm_funnel(NULL, now(), 'a'::text)$$),
             ($$crm_funnel(crm_funnel_def('1 day', '{a}'), 1::bigint, 'a'::text)$$), ($$crm_funnel(crm_funnel_def('1 day'), now(), 1)$$),
             ($$crm_window_funnel('1 day', now(), 1)$$), ($$crm_window_funnel('1 day', now(), VARIADIC array_fill(true, ARRAY[33]))$$),
             ($$crm_funnel(crm_funnel_def('1 day', '{a}'), 'infinity'::timestamptz, 'a'::text)$$),
             ($$crm_funnel_counts(point(1, 2), crm_funnel_def('1 day', '{a,b}'), now(), 'a'::text)$$), ($$crm_funnel_report(33)$$)) x (q)
WHERE pg_temp.state('SELECT ' || q) NOT IN ('22023', '42804');

\set VERBOSITY default
SELECT crm_funnel_def('0 days');
SELECT crm_funnel_def(interval '-1 day');
SELECT crm_funnel_def('-1 day', '{a}');
SELECT crm_funnel_def('1 month -30 days', '{a}');
SELECT crm_funnel_def(0, '{a}');
SELECT crm_funnel_def(NULL::interval);
SELECT crm_funnel_def('soon', '{a}');
SELECT crm_funnel_def('1 day', '{}');
SELECT crm_funnel_def('1 day', array_fill('a'::text, ARRAY[33]));
SELECT crm_funnel_def('1 day', '{a,NULL}');
SELECT crm_funnel_def('1 day', '{a,b}', 'sideways');
SELECT crm_funnel_def('1 day', '{a,b}', same_time => 'maybe');
SELECT crm_funnel_def('1 day', '{a,b}', on_repeat => 'cry');
SELECT crm_funnel_def('1 day', '{a,b}', entry => 'middle');
SELECT crm_funnel_def('1 day', '{a,b,c}', step_within => '{1 hour,1 hour,1 hour}');
SELECT crm_funnel_def('1 day', '{a,b,c}', step_within => '{1 hour,0 hours}');
SELECT crm_funnel_def('1 day', '{a,b,c}', step_within => '{}');
SELECT crm_funnel_def('1 day', '{a,b,c}', optional => '{1}');
SELECT crm_funnel_def('1 day', '{a,b,c}', optional => '{3}');
SELECT crm_funnel_def('1 day', '{a,b,c}', optional => '{0}');
SELECT crm_funnel_def('1 day', '{a,b,c}', exclude => '{b}');
SELECT crm_funnel_def('1 day', '{a,b,c}', exclude_between => '[1,2]');
SELECT crm_funnel_def('1 day', '{a,b,c}', exclude => '{x}', exclude_between => '[2,2]');
SELECT crm_funnel_def('1 day', '{a,b,c}', exclude => '{x}', exclude_between => 'empty');
SELECT crm_funnel_def('1 day', '{a,b,c}', exclude => '{x}', exclude_between => '[2,4]');
SELECT crm_funnel_def('1 day', '{a,b,c}', 'any_order', optional => '{2}');
SELECT 'crm_funnel_def:1 within=P7D'::crm_funnel_def;
SELECT 'crm_funnel_def:2 within=P7D'::crm_funnel_def;
SELECT 'crm_funnel_def:1 within=P7D steps=["a] mode=ordered'::crm_funnel_def;
SELECT 'crm_funnel_def:1 within=P7D steps=["a"] mode=ordered same_time=may_advance reuse_event=false on_repeat=ignore optional=[1] entry=any'::crm_funnel_def;
SELECT 'crm_funnel_def:1 within=P7D mode=ordered same_time=may_advance reuse_event=false on_repeat=ignore step_within=[5] entry=any'::crm_funnel_def;

SELECT crm_funnel(NULL, now(), 'a'::text);
SELECT crm_funnel(crm_funnel_def('1 day'), now(), 'a'::text);
SELECT crm_funnel(crm_funnel_def('1 day', '{a,b}'), 1::bigint, 'a'::text);
SELECT crm_funnel(crm_funnel_def(10, '{a,b}'), now(), 'a'::text);
SELECT crm_funnel(crm_funnel_def('1 day', '{a,b}'), 'infinity'::timestamptz, 'a'::text);
SELECT crm_funnel(crm_funnel_def('1 day', '{a,b}'), '-infinity'::date, 'a'::text);
SELECT crm_funnel(crm_funnel_def('1 day', '{a,b}'), 1.5, 'a'::text);
SELECT crm_funnel(crm_funnel_def('1 day', '{a,b}'), now(), true);
SELECT crm_funnel(crm_funnel_def('1 day', exclude => '{x,y}'), now(), true, true);
SELECT crm_funnel(crm_funnel_def(d, '{a,b}'), timestamptz '2025-01-01', 'a'::text) FROM (VALUES (interval '1 day'), ('2 days')) x (d);
SELECT crm_funnel_counts(1, crm_funnel_def(d, '{a,b}'), timestamptz '2025-01-01', 'a'::text) FROM (VALUES (interval '1 day'), ('2 days')) x (d);
SELECT crm_window_funnel('0 hours', now(), true);
SELECT crm_window_funnel(-5, 1::bigint, true);
SELECT crm_window_funnel(NULL::interval, now(), true);
SELECT crm_window_funnel('1 hour', now(), true, 1);
SELECT crm_window_funnel('1 hour', now(), true, 'yes');
SELECT crm_window_funnel('1 hour', now(), VARIADIC ARRAY[1, 0]);
SELECT crm_window_funnel('1 hour', now(), VARIADIC '{}'::boolean[]);
SELECT crm_window_funnel('1 hour', now(), VARIADIC array_fill(true, ARRAY[33]));
SELECT crm_window_funnel('1 hour', now(), VARIADIC a) FROM (VALUES ('{t,f}'::boolean[]), ('{t,f,f}')) x (a);
SELECT crm_funnel_counts(point(1, 2), crm_funnel_def('1 day', '{a,b}'), now(), 'a'::text);
SELECT crm_funnel_counts(1, crm_funnel_def(10, '{a,b}'), 9000000000000000000, 'a'::text);
SELECT crm_funnel_completions(crm_funnel_def('1 day', '{a,b}', 'any_order'), now(), 'a'::text);
SELECT crm_funnel_report(33);
SELECT crm_funnel_report(ROW(2, '{2025-01-02,2025-01-01,NULL,2025-01-03}', false)::crm_funnel_result);
SELECT crm_funnel_report(ROW(4, '{2025-01-02,NULL,2025-01-01,2025-01-03}', false)::crm_funnel_result);
SELECT crm_funnel_rows('crm_funnel_report:1 customers=1 excluded=0 reached=[1] skipped=[0] times=[]', conf_level => 2);
SELECT 'crm_funnel_report:1 customers=1 excluded=0 reached=[2] skipped=[0] times=[]'::crm_funnel_report;
SELECT 'crm_funnel_report:1 customers=3 excluded=0 reached=[2,2] skipped=[0,0] times=[;3@5]'::crm_funnel_report;
SELECT 'crm_funnel_report:1 customers=3 excluded=0 reached=[2,2] skipped=[0,0] times=[;2@5-1000]'::crm_funnel_report;
SELECT 'crm_funnel_report:1 customers=3 excluded=0 reached=[2,2] skipped=[0,0] times=[;1@6,1@5]'::crm_funnel_report;
SELECT 'crm_funnel_report:1 customers=3 excluded=0 reached=[2,2] skipped=[0'::crm_funnel_report;

DROP VIEW funnel_steps, funnel_all, funnel_few;
DROP TABLE funnel_log, funnel_few_serial, funnel_serial, funnel_shuffled;
