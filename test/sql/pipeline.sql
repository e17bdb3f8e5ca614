-- Pipeline: time in stage, stage conversion, outcomes of deals, slippage.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET extra_float_digits = 0;

--
-- Time in stage
--

-- By hand.  new 1st to 3rd and 5th to 8th; qualified 3rd to 5th; won since the
-- 8th (said twice), cut at the 20th unless it is a closed stage.  A row without
-- stage, one without time, and one after the 20th do not count.
CREATE TEMP TABLE deal AS
SELECT * FROM (VALUES ('won', timestamptz '2026-01-09'), ('new', '2026-01-05'), ('qualified', '2026-01-03'), ('new', '2026-01-01'),
                      ('won', '2026-01-08'), ('lost', '2026-01-20 00:00:00.000001'), (NULL, '2026-01-02'), ('lost', NULL)) v(stage, entered_at);
SELECT d.* FROM unnest((SELECT crm_stage_durations(stage, entered_at, '2026-01-20') FROM deal)) d;
SELECT d.* FROM unnest((SELECT crm_stage_durations(stage, entered_at, '2026-01-20', '{won,lost}') FROM deal)) d;
-- as_of in the middle of the history; at the very moment of an event
SELECT d.* FROM unnest((SELECT crm_stage_durations(stage, entered_at, '2026-01-04 06:00') FROM deal)) d;
SELECT d.* FROM unnest((SELECT crm_stage_durations(stage, entered_at, '2026-01-05', '{}') FROM deal)) d;
-- A closed stage that was left again is measured up to then.
SELECT d.* FROM unnest((SELECT crm_stage_durations(stage, entered_at, '2026-03-01', '{won,lost}')
    FROM (VALUES ('new', timestamptz '2026-01-01'), ('lost', '2026-01-02'), ('new', '2026-01-10'), ('lost', '2026-01-12')) v(stage, entered_at))) d;
-- Elapsed time, whatever the clocks did: 23 hours lie between these two
-- midnights in Berlin, and they are shown so.
SET timezone = 'Europe/Berlin';
SELECT d.stage, d.duration FROM unnest((SELECT crm_stage_durations(stage, entered_at, '2026-03-30')
    FROM (VALUES ('new', timestamptz '2026-03-29')) v(stage, entered_at))) d;
SET timezone = 'UTC';
-- The same instant: open stages before closed ones, then by name in byte order
-- (which puts B before a).
SELECT array_agg(d.stage ORDER BY n), array_agg(d.visits ORDER BY n), array_agg(d.is_open ORDER BY n), array_agg(d.duration ORDER BY n)
FROM unnest((SELECT crm_stage_durations(stage, '2026-01-01', '2026-01-02', '{"Won"}')
    FROM (VALUES ('a'), ('Won'), ('B'), ('a')) v(stage))) WITH ORDINALITY AS d(stage, entered_at, duration, visits, is_open, n);
-- Nothing known: no rows, none up to as_of, only NULLs
SELECT crm_stage_durations(stage, entered_at, '2026-01-20') FROM deal WHERE false;
SELECT crm_stage_durations(stage, entered_at, '2025-01-20') FROM deal;
SELECT crm_stage_durations(NULL, entered_at, '2026-01-20', NULL) FROM deal;
-- Names of any length
SELECT length(d.stage), d.duration FROM unnest((SELECT crm_stage_durations(stage, '2026-01-01'::timestamptz + n * interval '1 day', '2026-02-01')
    FROM (VALUES ('', 1), (repeat('x', 125), 2), (repeat('x', 126), 3), (repeat('x', 127), 4), (repeat('x', 100000), 5)) v(stage, n))) d;
-- Errors
SELECT crm_stage_durations(stage, entered_at, NULL) FROM deal;
SELECT crm_stage_durations(stage, entered_at, 'infinity') FROM deal;
SELECT crm_stage_durations(stage, entered_at, '-infinity') FROM deal;
SELECT crm_stage_durations('new', '-infinity', '2026-01-20');
SELECT crm_stage_durations('new', 'infinity', '2026-01-20');
SELECT crm_stage_durations(stage, entered_at, entered_at) FROM deal WHERE entered_at IS NOT NULL;
SELECT crm_stage_durations(stage, entered_at, '2026-01-20', ARRAY[stage]) FROM deal WHERE stage IS NOT NULL;
SELECT crm_stage_durations(stage, entered_at, '2026-01-20', '{won,NULL}') FROM deal;
SELECT crm_stage_durations('new', e, '290000-01-01') FROM (VALUES (timestamptz '4700-01-01 BC'), ('2026-01-01')) v(e);

-- Random histories on whole days: 200 opportunities of 0 to 24 rows over 40
-- days, five open and two closed stages, with ties, re-entries, reopening,
-- NULLs, and rows after as_of.
SELECT setseed(0.5);
CREATE TABLE pipeline_history AS
SELECT o AS opportunity,
       CASE WHEN random() < 0.05 THEN NULL
            ELSE ('{new,qualified,demo,proposal,Contract,won,lost}'::text[])[1 + floor(random() * 7)::int] END AS stage,
       CASE WHEN random() < 0.05 THEN NULL
            ELSE timestamptz '2026-01-01' + floor(random() * 40) * interval '1 day' END AS entered_at
FROM generate_series(1, 200) o, LATERAL generate_series(1, o % 25) i
ORDER BY md5(o || ' ' || i);
ANALYZE pipeline_history;
-- Brute force: the stage on each single day up to as_of (day 31), by the order
-- of events that the manual states; then counting days.
CREATE TEMP TABLE event AS
SELECT opportunity, stage, entered_at,
       row_number() OVER (PARTITION BY opportunity ORDER BY entered_at, stage IN ('won', 'lost'), stage COLLATE "C") AS n
FROM pipeline_history
WHERE stage IS NOT NULL AND entered_at <= '2026-01-31';
CREATE INDEX ON event (opportunity, n);
ANALYZE event;
CREATE TEMP TABLE brute_force AS
WITH move AS (
    SELECT * FROM (SELECT *, lag(stage) OVER (PARTITION BY opportunity ORDER BY n) AS before FROM event) e
    WHERE stage IS DISTINCT FROM before
), last_move AS (
    SELECT DISTINCT ON (opportunity) opportunity, stage, entered_at FROM move ORDER BY opportunity, n DESC
), day AS (
    SELECT e.opportunity, d,
           (SELECT stage FROM event x WHERE x.opportunity = e.opportunity AND x.entered_at <= d ORDER BY n DESC LIMIT 1) AS stage
    FROM (SELECT opportunity, min(entered_at) AS first FROM event GROUP BY 1) e,
         generate_series(first, timestamptz '2026-01-30', interval '1 day') d
)
SELECT m.opportunity, m.stage, min(m.entered_at) AS entered_at, count(*)::int AS visits,
       m.stage = l.stage AND m.stage NOT IN ('won', 'lost') AS is_open,
       (SELECT count(*) FROM day WHERE day.opportunity = m.opportunity AND day.stage = m.stage
           AND NOT (m.stage IN ('won', 'lost') AND m.stage = l.stage AND d >= l.entered_at)) AS days,
       m.stage IN ('won', 'lost') AND m.stage = l.stage AND count(*) = 1 AS unmeasured
FROM move m JOIN last_move l USING (opportunity)
GROUP BY m.opportunity, m.stage, l.stage, l.entered_at;
CREATE TEMP VIEW computed AS
SELECT h.opportunity, d.*
FROM (SELECT opportunity, crm_stage_durations(stage, entered_at, '2026-01-31', '{won,lost}') AS durations
      FROM pipeline_history GROUP BY opportunity) h, unnest(durations) d;
SELECT count(*) > 700 AS many, count(*) FILTER (WHERE is_open) > 100 AS open, count(*) FILTER (WHERE unmeasured) > 10 AS closed,
       count(*) FILTER (WHERE visits > 1) > 200 AS again, count(*) FILTER (WHERE days = 0 AND NOT unmeasured) > 20 AS at_once
FROM brute_force;
SELECT b.opportunity, b.stage, c.stage
FROM brute_force b FULL JOIN computed c USING (opportunity, stage)
WHERE (b.entered_at, b.visits, b.is_open, CASE WHEN NOT unmeasured THEN days * interval '1 day' END)
   IS DISTINCT FROM (c.entered_at, c.visits, c.is_open, c.duration);
-- The short form measures closed stages as well: all days up to as_of.
SELECT h.opportunity
FROM (SELECT opportunity, min(entered_at) AS first, (SELECT sum(duration) FROM unnest(durations)) AS total
      FROM (SELECT opportunity, crm_stage_durations(stage, entered_at, '2026-01-31') AS durations,
                   min(entered_at) FILTER (WHERE stage IS NOT NULL) AS entered_at
            FROM pipeline_history GROUP BY opportunity) x GROUP BY opportunity, durations) h
WHERE total <> timestamptz '2026-01-31' - first;
-- A long history, in random order: 20,000 moves between two stages, an hour each
SELECT d.stage, d.entered_at, d.duration, d.visits, d.is_open
FROM unnest((SELECT crm_stage_durations(CASE i % 2 WHEN 0 THEN 'to' ELSE 'fro' END, '2020-01-01'::timestamptz + i * interval '1 hour',
                                        '2020-01-01'::timestamptz + 20001 * interval '1 hour' ORDER BY md5(i::text))
             FROM generate_series(1, 20000) i)) d;
-- Many stages in one history: each an hour
SELECT count(*) AS stages, min(d.duration), max(d.duration), bool_and(d.visits = 1) AS once
FROM unnest((SELECT crm_stage_durations('stage ' || i, '2020-01-01'::timestamptz + i * interval '1 hour',
                                        '2020-01-01'::timestamptz + 5001 * interval '1 hour')
             FROM generate_series(1, 5000) i)) d;
-- Times and numbers of stages that do not fit one word: first all fit, then one
-- is 80 years before as_of; 70,000 stages
SELECT array_agg(d.stage), array_agg(d.duration), array_agg(d.visits)
FROM unnest((SELECT crm_stage_durations(stage, entered_at, '2026-01-20' ORDER BY entered_at DESC)
    FROM (VALUES ('b', timestamptz '2026-01-19'), ('a', '2026-01-18'), ('b', '2026-01-15'), ('a', '1946-01-10')) v(stage, entered_at))) d;
SELECT timestamptz '2026-01-15' - '1946-01-10' + interval '1 day' AS a;
SELECT count(*) AS stages, min(d.duration), max(d.duration), bool_and(d.visits = 1) AS once
FROM unnest((SELECT crm_stage_durations('stage ' || i, '2020-01-01'::timestamptz + i * interval '1 minute',
                                        '2020-01-01'::timestamptz + 70001 * interval '1 minute')
             FROM generate_series(1, 70000) i)) d;
-- As a window function the state goes on after each answer.
SELECT n, cardinality(crm_stage_durations(stage, entered_at, '2026-01-20') OVER (ORDER BY n)) AS stages,
       (crm_stage_durations(stage, entered_at, '2026-01-20') OVER (ORDER BY n))[1].duration AS first_stage
FROM (SELECT row_number() OVER (ORDER BY entered_at) AS n, * FROM deal) d;

-- Partitions aggregated apart and combined: each has its own numbering of
-- the names.
CREATE TABLE pipeline_parts (LIKE pipeline_history, part int) PARTITION BY LIST (part);
CREATE TABLE pipeline_part_1 PARTITION OF pipeline_parts FOR VALUES IN (1);
CREATE TABLE pipeline_part_2 PARTITION OF pipeline_parts FOR VALUES IN (2);
CREATE TABLE pipeline_part_3 PARTITION OF pipeline_parts FOR VALUES IN (3);
INSERT INTO pipeline_parts SELECT *, 1 + abs(hashtext(coalesce(stage, 'x') || coalesce(entered_at::text, ''))) % 3 FROM pipeline_history;
ANALYZE pipeline_parts;
SET enable_partitionwise_aggregate = on;
EXPLAIN (COSTS OFF)
SELECT crm_stage_durations(stage, entered_at, '2026-01-31', '{won,lost}') FROM pipeline_parts;
CREATE TEMP VIEW computed_in_parts AS
SELECT 1 AS g, crm_stage_durations(stage, entered_at, '2026-01-31', '{won,lost}') AS durations FROM pipeline_parts;
CREATE TEMP VIEW computed_at_once AS
SELECT 1 AS g, crm_stage_durations(stage, entered_at, '2026-01-31', '{won,lost}') AS durations FROM pipeline_history;
SELECT count(*) AS groups, count(*) FILTER (WHERE a.durations IS DISTINCT FROM b.durations) AS differences, sum(cardinality(a.durations)) AS stages
FROM computed_in_parts a FULL JOIN computed_at_once b USING (g);
-- ... also where all events are too old for one word, or only those in one state
SELECT (SELECT crm_stage_durations(stage, entered_at, '2126-01-31') FROM pipeline_parts)
     = (SELECT crm_stage_durations(stage, entered_at, '2126-01-31') FROM pipeline_history) AS all_old,
       (SELECT crm_stage_durations(stage, CASE part WHEN 2 THEN entered_at - interval '100 years' ELSE entered_at END, '2026-01-31') FROM pipeline_parts)
     = (SELECT crm_stage_durations(stage, entered_at, '2026-01-31')
        FROM (SELECT stage, CASE part WHEN 2 THEN entered_at - interval '100 years' ELSE entered_at END FROM pipeline_parts OFFSET 0) x(stage, entered_at)) AS some_old;
-- Options that differ from partition to partition are noticed.
SELECT count(crm_stage_durations) FROM (SELECT crm_stage_durations(stage, entered_at, '2026-01-31', CASE part WHEN 1 THEN '{won,lost}' ELSE '{lost}' END::text[])
    FROM pipeline_parts) x;
SELECT count(crm_stage_durations) FROM (SELECT crm_stage_durations(stage, entered_at, '2026-01-31'::timestamptz + part * interval '1 day')
    FROM pipeline_parts) x;
RESET enable_partitionwise_aggregate;
-- In parallel
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT * FROM computed_at_once;
CREATE TABLE pipeline_parallel AS SELECT * FROM computed_at_once;
SET max_parallel_workers_per_gather = 0;
SELECT count(*) AS groups, count(*) FILTER (WHERE a.durations IS DISTINCT FROM b.durations) AS differences
FROM pipeline_parallel a FULL JOIN computed_at_once b USING (g);
DROP TABLE pipeline_parallel;
-- Without closed stages, and with names that a worker cannot have seen alike
SET max_parallel_workers_per_gather = 2;
SELECT count(*) AS stages, sum(d.visits) AS visits
FROM unnest((SELECT crm_stage_durations(coalesce(stage, '') || opportunity, entered_at, '2026-01-31') FROM pipeline_history)) d;
SELECT count(DISTINCT coalesce(stage, '') || opportunity) AS stages FROM pipeline_history WHERE entered_at <= '2026-01-31';
SET max_parallel_workers_per_gather = 0;

--
-- Stage conversion
--

-- Furthest stage against max(array_position()), serial and in parallel
CREATE TEMP TABLE furthest AS
SELECT opportunity, max(array_position('{new,qualified,demo,proposal,Contract,won}', stage)) AS reached,
       coalesce((array_agg(stage ORDER BY entered_at DESC, stage DESC) FILTER (WHERE stage IS NOT NULL AND entered_at IS NOT NULL))[1] = 'lost', false) AS is_lost
FROM pipeline_history GROUP BY opportunity;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT opportunity, crm_stage_reached(stage, '{new,qualified,demo,proposal,Contract,won}') FROM pipeline_history GROUP BY opportunity;
SELECT count(*) AS opportunities, count(*) FILTER (WHERE f.reached IS NULL) > 0 AS some_nowhere,
       count(*) FILTER (WHERE f.reached IS DISTINCT FROM c.reached) AS differences
FROM furthest f
FULL JOIN (SELECT opportunity, crm_stage_reached(stage, '{new,qualified,demo,proposal,Contract,won}') AS reached
           FROM pipeline_history GROUP BY opportunity) c USING (opportunity);
-- Two pipelines in one query
SELECT crm_stage_reached(stage, '{a,b,c}') AS abc, crm_stage_reached(stage, '{c,b,a}') AS cba,
       crm_stage_reached(stage, '{x}') AS x, crm_stage_reached(stage, '{a}') FILTER (WHERE false) AS none
FROM (VALUES ('a'), ('b'), (NULL), ('q')) v(stage);
SELECT pipeline, crm_stage_reached(stage, pipeline)
FROM (VALUES ('a', '{a,b}'::text[]), ('b', '{b,a}'), ('b', '{a,b}'), ('b', '{b,a}')) v(stage, pipeline) GROUP BY pipeline ORDER BY pipeline COLLATE "C";
-- Errors
SELECT crm_stage_reached(stage, pipeline) FROM (VALUES ('a', '{a,b}'::text[]), ('b', '{b,a}')) v(stage, pipeline);
SELECT crm_stage_reached('a', NULL);
SELECT crm_stage_reached('a', '{}');
SELECT crm_stage_reached('a', '{a,NULL}');
SELECT crm_stage_reached('a', '{a,b,a}');
SELECT crm_stage_reached('a', '{{a,b},{c,d}}');
SELECT crm_stage_reached('a', (SELECT array_agg(i::text) FROM generate_series(1, 1001) i));

-- The cohort table against plain counting
SET max_parallel_workers_per_gather = 0;
SELECT r.stage, r.entered, r.passed, r.lost, r.still_open
FROM crm_stage_conversion_rows((SELECT crm_stage_conversion(reached, 6, is_lost) FROM furthest)) r
EXCEPT
SELECT s, count(*) FILTER (WHERE reached >= s),
       CASE WHEN s < 6 THEN count(*) FILTER (WHERE reached > s) END,
       count(*) FILTER (WHERE reached = s AND is_lost),
       CASE WHEN s < 6 THEN count(*) FILTER (WHERE reached = s AND NOT is_lost) END
FROM furthest, generate_series(1, 6) s GROUP BY s;
-- By hand: 10 deals.  5 stay in the first stage (2 lost), 1 in the second, 3
-- skip to the third (1 lost), 1 reaches the last.
CREATE TEMP TABLE cohort AS
SELECT * FROM (VALUES (1, true), (1, true), (1, false), (1, NULL), (1, NULL), (2, NULL), (3, true), (3, NULL), (3, NULL), (4, NULL), (NULL, true)) v(reached, is_lost);
SELECT crm_stage_conversion(reached, 4, is_lost) AS summary FROM cohort;
SELECT stage, entered, passed, lost, still_open, rate
FROM crm_stage_conversion_rows((SELECT crm_stage_conversion(reached, 4, is_lost) FROM cohort));
SELECT stage, entered, passed, lost, still_open, rate
FROM crm_stage_conversion_rows((SELECT crm_stage_conversion(reached, 4) FROM cohort));
-- Wilson's interval against statsmodels 0.13.5 (proportion_confint, "wilson"):
-- 81 of 263, 15 of 148, 0 of 20; at 90 percent 81 of 263
SELECT x, n, abs(lower - want_lower) < 1e-11 AS lower, abs(upper - want_upper) < 1e-11 AS upper, r.rate = x::float8 / n AS rate
FROM (VALUES (81, 263, 0.255288519878, 0.366209576983), (15, 148, 0.0623863995307, 0.160487241723), (0, 20, 0, 0.161125158053)) v(x, n, want_lower, want_upper),
     LATERAL crm_stage_conversion_rows(format('crm_stage_summary:1 stages=2 reached=[%s,%s]', n - x, x)::crm_stage_summary) r
WHERE r.stage = 1;
SELECT abs(lower - 0.263313617188) < 1e-11 AS lower, abs(upper - 0.356566349608) < 1e-11 AS upper
FROM crm_stage_conversion_rows('crm_stage_summary:1 stages=2 reached=[182,81]', 0.9) WHERE stage = 1;
-- Nobody entered; nothing counted; one stage
SELECT * FROM crm_stage_conversion_rows('crm_stage_summary:1 stages=2 reached=[0,0] lost=[0,0]');
SELECT crm_stage_conversion(NULL, 3) FROM cohort;
SELECT crm_stage_conversion(reached, 3) FROM cohort WHERE false;
SELECT * FROM crm_stage_conversion_rows(NULL);
SELECT * FROM crm_stage_conversion_rows((SELECT crm_stage_conversion(1, 1)));
-- Errors
SELECT crm_stage_conversion(0, 3);
SELECT crm_stage_conversion(4, 3);
SELECT crm_stage_conversion(1, 0);
SELECT crm_stage_conversion(1, 1001);
SELECT crm_stage_conversion(1, NULL);
SELECT crm_stage_conversion(1, n) FROM generate_series(3, 4) n;
SELECT * FROM crm_stage_conversion_rows('crm_stage_summary:1 stages=2 reached=[3,1]', 1);
-- Moving windows, with NULLs, against recomputation for each frame
SELECT count(*) AS differences
FROM (SELECT opportunity, crm_stage_conversion(reached, 6, is_lost) OVER w AS moving, crm_stage_conversion(reached, 6) OVER w AS short
      FROM furthest WINDOW w AS (ORDER BY opportunity RANGE BETWEEN 4 PRECEDING AND 1 PRECEDING)) m
WHERE moving::text IS DISTINCT FROM (SELECT crm_stage_conversion(reached, 6, is_lost)::text FROM furthest f
                                     WHERE f.opportunity BETWEEN m.opportunity - 4 AND m.opportunity - 1)
   OR short::text IS DISTINCT FROM (SELECT crm_stage_conversion(reached, 6)::text FROM furthest f
                                    WHERE f.opportunity BETWEEN m.opportunity - 4 AND m.opportunity - 1);

-- Summaries: stored, rolled up in any split, over windows
CREATE TABLE stage_summary AS
SELECT opportunity % 30 AS day, crm_stage_conversion(reached, 6, is_lost) AS summary FROM furthest GROUP BY 1;
SELECT crm_rollup(summary)::text = (SELECT crm_stage_conversion(reached, 6, is_lost)::text FROM furthest) AS same FROM stage_summary;
SELECT crm_rollup(summary) IS NULL AS nothing FROM stage_summary WHERE false;
SELECT count(*) AS differences
FROM (SELECT day, crm_rollup(summary) OVER (ORDER BY day ROWS 6 PRECEDING) AS moving FROM stage_summary) m
WHERE moving::text IS DISTINCT FROM (SELECT crm_rollup(summary)::text FROM stage_summary s WHERE s.day BETWEEN m.day - 6 AND m.day);
-- Windows did not change what they read.
SELECT crm_rollup(summary)::text = (SELECT crm_stage_conversion(reached, 6, is_lost)::text FROM furthest) AS still_the_same FROM stage_summary;
-- Values so long that they are stored compressed: 1,000 stages
CREATE TEMP TABLE long_summary AS
SELECT day, crm_stage_conversion(reached, 1000) AS summary FROM generate_series(1, 3) day, generate_series(1, 1000) reached GROUP BY day;
SELECT crm_rollup(summary)::text = (SELECT crm_stage_conversion(reached, 1000)::text FROM generate_series(1, 1000) reached, generate_series(1, 3)) AS same
FROM long_summary;
SET max_parallel_workers_per_gather = 2;
CREATE TABLE furthest_stored AS SELECT * FROM furthest;
ANALYZE furthest_stored;
EXPLAIN (COSTS OFF) SELECT crm_stage_conversion(reached, 6, is_lost) FROM furthest_stored;
SELECT crm_stage_conversion(reached, 6, is_lost)::text = (SELECT crm_rollup(summary)::text FROM stage_summary) AS parallel FROM furthest_stored;
SET max_parallel_workers_per_gather = 0;
SELECT crm_rollup(s) FROM (VALUES ('crm_stage_summary:1 stages=2 reached=[3,1]'::crm_stage_summary), ('crm_stage_summary:1 stages=3 reached=[3,1,1]')) v(s);
SELECT crm_rollup(s) FROM (VALUES ('crm_stage_summary:1 stages=2 reached=[3,1]'::crm_stage_summary), ('crm_stage_summary:1 stages=2 reached=[3,1] lost=[0,0]')) v(s);
SELECT crm_rollup(s) FROM (VALUES ('crm_stage_summary:1 stages=0 reached=[]'::crm_stage_summary), ('crm_stage_summary:1 stages=2 reached=[3,1] lost=[0,0]')) v(s);
SELECT crm_rollup(s) FROM (VALUES ('crm_stage_summary:1 stages=1 reached=[9223372036854775807]'::crm_stage_summary), ('crm_stage_summary:1 stages=1 reached=[1]')) v(s);
-- Text, JSON and binary forms
SELECT summary::text::crm_stage_summary::text = summary::text AS text_round_trip, summary::jsonb FROM stage_summary WHERE day = 1;
SELECT (SELECT crm_stage_conversion(reached, 4) FROM cohort)::jsonb AS without_lost;
SELECT crm_stage_summary_send('crm_stage_summary:1 stages=2 reached=[3,1] lost=[2,0]') AS bytes;
\copy stage_summary TO 'results/stage_summary.bin' (FORMAT binary)
CREATE TABLE stage_summary_copy (LIKE stage_summary);
\copy stage_summary_copy FROM 'results/stage_summary.bin' (FORMAT binary)
SELECT count(*) AS rows, bool_and(a.summary::text = b.summary::text) AS binary_round_trip FROM stage_summary a JOIN stage_summary_copy b USING (day);
SELECT ' crm_stage_summary:1 stages=1 reached=[5] '::crm_stage_summary;
SELECT 'crm_stage_summary:2 stages=1 reached=[5]'::crm_stage_summary;
SELECT 'crm_nps_summary:1 stages=1 reached=[5]'::crm_stage_summary;
SELECT 'crm_stage_summary:1 stages=1001 reached=[5]'::crm_stage_summary;
SELECT 'crm_stage_summary:1 stages=-1 reached=[5]'::crm_stage_summary;
SELECT 'crm_stage_summary:1 stages=2 reached=[5]'::crm_stage_summary;
SELECT 'crm_stage_summary:1 stages=1 reached=[5,6]'::crm_stage_summary;
SELECT 'crm_stage_summary:1 stages=1 reached=[-5]'::crm_stage_summary;
SELECT 'crm_stage_summary:1 stages=1 reached=[5] lost=[6]'::crm_stage_summary;
SELECT 'crm_stage_summary:1 stages=2 reached=[9223372036854775807,1]'::crm_stage_summary;
SELECT 'crm_stage_summary:1 stages=1 reached=[9223372036854775808]'::crm_stage_summary;
SELECT 'crm_stage_summary:1 stages=1 reached=[5] won=[1]'::crm_stage_summary;
-- Forged binary values: wrong tag, version, flags, number of stages, more lost
-- than reached, negative, cut short, too long
CREATE TABLE forged (value crm_stage_summary);
\copy (SELECT '\x270100000000010000000000000005'::bytea) TO 'results/forged.bin' (FORMAT binary)
\copy forged FROM 'results/forged.bin' (FORMAT binary)
\copy (SELECT '\x280200000000010000000000000005'::bytea) TO 'results/forged.bin' (FORMAT binary)
\copy forged FROM 'results/forged.bin' (FORMAT binary)
\copy (SELECT '\x280102000000010000000000000005'::bytea) TO 'results/forged.bin' (FORMAT binary)
\copy forged FROM 'results/forged.bin' (FORMAT binary)
\copy (SELECT '\x2801007fffffff0000000000000005'::bytea) TO 'results/forged.bin' (FORMAT binary)
\copy forged FROM 'results/forged.bin' (FORMAT binary)
\copy (SELECT '\x2801010000000100000000000000050000000000000006'::bytea) TO 'results/forged.bin' (FORMAT binary)
\copy forged FROM 'results/forged.bin' (FORMAT binary)
\copy (SELECT '\x28010000000001ffffffffffffffff'::bytea) TO 'results/forged.bin' (FORMAT binary)
\copy forged FROM 'results/forged.bin' (FORMAT binary)
\copy (SELECT '\x280100000000020000000000000005'::bytea) TO 'results/forged.bin' (FORMAT binary)
\copy forged FROM 'results/forged.bin' (FORMAT binary)
\copy (SELECT '\x28010000000001000000000000000500'::bytea) TO 'results/forged.bin' (FORMAT binary)
\copy forged FROM 'results/forged.bin' (FORMAT binary)
\copy (SELECT '\x280100000000010000000000000005'::bytea) TO 'results/forged.bin' (FORMAT binary)
\copy forged FROM 'results/forged.bin' (FORMAT binary)
SELECT * FROM forged;
DROP TABLE forged, stage_summary, stage_summary_copy, furthest_stored;
SELECT crm_stage_summary_combinefn('crm_stage_summary:1 stages=1 reached=[5]', 'crm_stage_summary:1 stages=1 reached=[5]');

--
-- Outcomes of deals
--

-- By hand: won 100 in 10 days, won without amount in 36 hours, lost 50, open 30
-- at 20 percent, and a won one without a closing time.
CREATE TEMP TABLE outcome AS
SELECT * FROM (VALUES (1, true, 100.00, 20, timestamptz '2026-01-01', timestamptz '2026-01-11'),
                      (2, false, 50.00, 50, '2026-01-02', '2026-02-01'),
                      (3, NULL, 30.00, 20, '2026-01-05', NULL),
                      (4, true, NULL, NULL, '2026-01-05', '2026-01-06 12:00'),
                      (5, true, 60.00, 10, '2026-01-07', NULL)) v(id, is_won, amount, percent, opened_at, closed_at);
SELECT crm_win_rate(is_won) AS win_rate,                                -- 3 of 4
       crm_win_rate_amount(is_won, amount) AS by_amount,                -- 160 of 210
       crm_average_deal_size(is_won, amount) AS deal_size,              -- (100 + 60) / 2
       crm_sales_cycle(opened_at, closed_at, is_won) AS cycle           -- (240 h + 36 h) / 2 = 138 h
FROM outcome;
-- 30 * 0.2 for the open deal; all: 20 + 25 + 6 + 6 = 57
SELECT crm_weighted_pipeline(amount, percent / 100.0) FILTER (WHERE is_won IS NULL) AS open,
       crm_weighted_pipeline(amount, percent, 'percent') AS all_of_them,
       crm_weighted_pipeline(amount, percent::numeric, 'percent') AS exact,
       crm_weighted_pipeline(amount, percent / 100.0::float8) AS float_probability,
       crm_weighted_pipeline(amount, percent / CASE id % 2 WHEN 0 THEN 100.0 ELSE 1 END, CASE id % 2 WHEN 0 THEN 'fraction' ELSE 'percent' END) AS mixed_scales
FROM outcome;
-- Open deals * win rate * average deal / cycle: 1 * (3/4) * 80 / 5.75 days; and on
-- 2026-01-31, when the lost one was open: 2 * (3/3) * 80 / 5.75
SELECT round(crm_sales_velocity(is_won, amount, opened_at, closed_at), 10) AS velocity,
       round(0.75 * 80 / 5.75, 10) AS want,
       round(crm_sales_velocity(is_won, amount, opened_at, closed_at, '2026-01-31'), 10) AS as_of,
       round(2 * 80 / 5.75, 10) AS want_as_of,
       -- the scalar agrees
       round(crm_sales_velocity(1, 0.75, 80.0, 5.75), 10) AS scalar
FROM outcome;
-- Nothing to tell
SELECT crm_win_rate(NULL) AS rate, crm_win_rate_amount(NULL, 5) AS amount, crm_win_rate_amount(true, 0) AS zero_amount,
       crm_win_rate_amount(true, -5) AS negative_amount, crm_win_rate_amount(false, 5) AS none_won,
       crm_average_deal_size(false, 5) AS size, crm_sales_cycle(now(), now(), false) AS cycle,
       crm_weighted_pipeline(5, NULL::numeric) AS weighted, crm_sales_velocity(true, 5, now(), now()) AS no_time,
       crm_sales_velocity(false, 5, now(), now()) AS none, crm_sales_velocity(NULL, 5, now(), NULL) AS open
\gx
SELECT crm_win_rate(is_won), crm_win_rate_amount(is_won, amount), crm_average_deal_size(is_won, amount),
       crm_weighted_pipeline(amount, 0.5), crm_sales_cycle(opened_at, closed_at, is_won), crm_sales_velocity(is_won, amount, opened_at, closed_at)
FROM outcome WHERE false;
-- All deals closed, won or lost
SELECT crm_sales_cycle(opened_at, closed_at, is_won IS NOT NULL) AS all_closed FROM outcome;
-- Long cycles: 200 deals of 250,000 years each are more than 64 bits of
-- microseconds hold, and their mean is as exact.
SELECT crm_sales_cycle('2000-01-01', '250000-01-01', true) = timestamptz '250000-01-01' - timestamptz '2000-01-01' AS mean FROM generate_series(1, 200);
-- Errors
SELECT crm_weighted_pipeline(100, 20);
SELECT crm_weighted_pipeline(100, 1.01);
SELECT crm_weighted_pipeline(100, -0.1);
SELECT crm_weighted_pipeline(100, 'NaN'::float8);
SELECT crm_weighted_pipeline(100, 101, 'percent');
SELECT crm_weighted_pipeline(100, 0.5, 'Percent');
SELECT crm_weighted_pipeline(100, 0.5, NULL);
SELECT crm_sales_cycle('2026-01-02', '2026-01-01', true);
SELECT crm_sales_cycle('-infinity', '2026-01-01', true);
SELECT crm_sales_velocity(true, 5, '2026-01-02', '2026-01-01');
SELECT crm_sales_velocity(true, 5, '2026-01-02', '2026-01-03', NULL);
SELECT crm_sales_velocity(true, 5, '2026-01-02', '2026-01-03', 'infinity');
SELECT crm_sales_velocity(true, 5, '2026-01-02', '2026-01-03', a) FROM (VALUES (timestamptz '2026-01-05'), ('2026-01-06')) v(a);
SELECT crm_sales_cycle_transfn('{0,0}', now(), now(), true);

-- Random deals: against plain SQL, in moving windows, in parallel
SELECT setseed(0.25);
CREATE TABLE pipeline_deal AS
SELECT i AS id, (ARRAY[true, false, NULL])[1 + floor(random() * 3)::int] AS is_won,
       CASE WHEN random() < 0.1 THEN NULL ELSE round((random() * 10000)::numeric, 2) END AS amount,
       CASE WHEN random() < 0.1 THEN NULL ELSE round(random()::numeric, 3) END AS probability,
       CASE WHEN random() < 0.1 THEN NULL ELSE opened_at END AS opened_at,
       CASE WHEN random() < 0.2 THEN NULL ELSE opened_at + random() * interval '100 days' END AS closed_at,
       (opened_at + random() * interval '90 days')::date AS planned
FROM (SELECT i, timestamptz '2026-01-01' + random() * interval '200 days' AS opened_at FROM generate_series(1, 400) i OFFSET 0) x;
ANALYZE pipeline_deal;
CREATE FUNCTION pg_temp.velocity(id_from int, id_to int, at timestamptz) RETURNS numeric LANGUAGE sql AS
$$
    SELECT count(*) FILTER (WHERE outcome IS NULL)
           * count(*) FILTER (WHERE outcome)::numeric / nullif(count(outcome), 0)
           * avg(amount) FILTER (WHERE outcome)
           / nullif(extract(epoch FROM avg(closed_at - opened_at) FILTER (WHERE outcome)) / 86400, 0)
    FROM (SELECT *, CASE WHEN closed_at <= at OR closed_at IS NULL THEN is_won END AS outcome
          FROM pipeline_deal WHERE opened_at <= at AND id BETWEEN id_from AND id_to) x
$$;
SELECT abs(v - w) < 1e-6 * w AS velocity, abs(va - wa) < 1e-6 * wa AS velocity_as_of, v <> va AS they_differ
FROM (SELECT crm_sales_velocity(is_won, amount, opened_at, closed_at) AS v, pg_temp.velocity(1, 400, '2030-01-01') AS w,
             crm_sales_velocity(is_won, amount, opened_at, closed_at, '2026-05-01') AS va, pg_temp.velocity(1, 400, '2026-05-01') AS wa
      FROM pipeline_deal) x;
CREATE TEMP VIEW moving AS
SELECT id, crm_win_rate(is_won) OVER w AS win_rate, crm_win_rate_amount(is_won, amount) OVER w AS by_amount,
       crm_average_deal_size(is_won, amount) OVER w AS deal_size,
       crm_weighted_pipeline(amount, probability) OVER w AS weighted,
       crm_weighted_pipeline(amount, (100 * probability)::float8, 'percent') OVER w AS weighted_percent,
       crm_sales_cycle(opened_at, closed_at, is_won) OVER w AS cycle,
       crm_sales_velocity(is_won, amount, opened_at, closed_at) OVER w AS velocity,
       crm_slippage(planned, closed_at::date) OVER w AS slippage, crm_slippage(planned, closed_at::date, '2026-05-01') OVER w AS slippage_as_of
FROM pipeline_deal WINDOW w AS (ORDER BY id ROWS BETWEEN 3 PRECEDING AND 1 PRECEDING);
SELECT count(*) AS frames, count(*) FILTER (WHERE win_rate IS DISTINCT FROM w_win_rate) AS win_rate,
       count(*) FILTER (WHERE by_amount IS DISTINCT FROM w_by_amount) AS by_amount,
       count(*) FILTER (WHERE deal_size IS DISTINCT FROM w_deal_size) AS deal_size,
       count(*) FILTER (WHERE weighted IS DISTINCT FROM w_weighted) AS weighted,
       count(*) FILTER (WHERE weighted_percent IS DISTINCT FROM w_weighted) AS weighted_percent,
       count(*) FILTER (WHERE abs(extract(epoch FROM cycle) - w_cycle_seconds) > 1e-5 OR (cycle IS NULL) <> (w_cycle_seconds IS NULL)) AS cycle,
       count(*) FILTER (WHERE abs(velocity - w_velocity) > 1e-6 * w_velocity OR (velocity IS NULL) <> (w_velocity IS NULL)) AS velocity,
       count(*) FILTER (WHERE coalesce((slippage).due, 0) <> w_due OR coalesce((slippage).late, 0) <> w_late
                           OR abs((slippage).mean_days - w_mean_days) > 1e-9 OR abs((slippage).mean_late_days - w_mean_late_days) > 1e-9) AS slippage,
       count(*) FILTER (WHERE coalesce((slippage_as_of).due, 0) <> wa_due OR coalesce((slippage_as_of).late, 0) <> wa_late
                           OR coalesce((slippage_as_of).still_open, 0) <> wa_open OR abs((slippage_as_of).mean_days - wa_mean_days) > 1e-9) AS slippage_as_of
FROM moving m,
     LATERAL (SELECT count(*) FILTER (WHERE is_won)::float8 / nullif(count(is_won), 0) AS w_win_rate,
                     (coalesce(sum(amount) FILTER (WHERE is_won), 0) / nullif(sum(amount) FILTER (WHERE is_won IS NOT NULL), 0))::float8 AS w_by_amount,
                     avg(amount) FILTER (WHERE is_won) AS w_deal_size, sum(amount * probability) AS w_weighted,
                     avg(extract(epoch FROM closed_at) - extract(epoch FROM opened_at)) FILTER (WHERE is_won) AS w_cycle_seconds,
                     count(planned - closed_at::date) AS w_due, count(*) FILTER (WHERE closed_at::date > planned) AS w_late,
                     avg(closed_at::date - planned) AS w_mean_days, avg(closed_at::date - planned) FILTER (WHERE closed_at::date > planned) AS w_mean_late_days
              FROM pipeline_deal d WHERE d.id BETWEEN m.id - 3 AND m.id - 1) w,
     LATERAL (SELECT count(*) AS wa_due, count(*) FILTER (WHERE seen > planned) AS wa_late, count(*) FILTER (WHERE open) AS wa_open, avg(seen - planned) AS wa_mean_days
              FROM (SELECT planned, coalesce(closed_at::date > '2026-05-01', true) AS open, least(closed_at::date, '2026-05-01') AS seen
                    FROM pipeline_deal d WHERE d.id BETWEEN m.id - 3 AND m.id - 1 AND planned < '2026-05-01') x) wa,
     LATERAL (SELECT pg_temp.velocity(m.id - 3, m.id - 1, '2030-01-01') AS w_velocity) v;
CREATE TEMP VIEW all_of_them AS
SELECT crm_win_rate(is_won), crm_win_rate_amount(is_won, amount), crm_average_deal_size(is_won, amount),
       crm_weighted_pipeline(amount, probability), crm_weighted_pipeline(amount, 100 * probability, 'percent') AS percent,
       crm_sales_cycle(opened_at, closed_at, is_won), crm_sales_velocity(is_won, amount, opened_at, closed_at),
       crm_sales_velocity(is_won, amount, opened_at, closed_at, '2026-05-01') AS velocity_as_of,
       crm_slippage(planned, closed_at::date), crm_slippage(planned, closed_at::date, '2026-05-01') AS slippage_as_of
FROM pipeline_deal;
SELECT all_of_them::text AS serial FROM all_of_them \gset
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT * FROM all_of_them;
SELECT all_of_them::text = :'serial' AS parallel FROM all_of_them;
-- ... and the order of rows
SET max_parallel_workers_per_gather = 0;
CREATE TEMP TABLE kept AS SELECT all_of_them::text AS result FROM all_of_them;
CREATE TABLE pipeline_deal_shuffled AS SELECT * FROM pipeline_deal ORDER BY md5(id::text);
ALTER TABLE pipeline_deal RENAME TO pipeline_deal_ordered;
SELECT (SELECT result FROM kept) = ROW(crm_win_rate(is_won), crm_win_rate_amount(is_won, amount), crm_average_deal_size(is_won, amount),
       crm_weighted_pipeline(amount, probability), crm_weighted_pipeline(amount, 100 * probability, 'percent'),
       crm_sales_cycle(opened_at, closed_at, is_won), crm_sales_velocity(is_won, amount, opened_at, closed_at),
       crm_sales_velocity(is_won, amount, opened_at, closed_at, '2026-05-01'),
       crm_slippage(planned, closed_at::date), crm_slippage(planned, closed_at::date, '2026-05-01'))::text AS any_order
FROM pipeline_deal_shuffled;

--
-- Slippage
--

-- By hand, on 2026-02-01: 5 days late; 5 days early; due on 15 January and open
-- still, 17 days late so far; due later (no matter that it is closed); no plan
SELECT s.*, a.*
FROM (SELECT crm_slippage(planned, actual) AS short, crm_slippage(planned, actual, '2026-02-01') AS long
      FROM (VALUES (date '2026-01-10', date '2026-01-15'), ('2026-01-10', '2026-01-05'), ('2026-01-15', NULL),
                   ('2026-03-01', '2026-01-20'), (NULL, '2026-01-20')) v(planned, actual)) x, LATERAL (SELECT (x.short).*) s, LATERAL (SELECT (x.long).*) a;
SELECT crm_slippage(NULL, NULL) AS nothing, crm_slippage('2026-01-01', NULL) AS open, (crm_slippage('2026-01-01', '2026-01-01')).mean_late_days AS none_late;
-- A closing time must be made a date in the reader's time zone: no implicit cast
SELECT crm_slippage(date '2026-01-01', now());
SELECT crm_slippage('2026-01-01', 'infinity');
SELECT crm_slippage('2026-01-01', '2026-01-01', NULL);
SELECT crm_slippage('2026-01-01', '2026-01-01', 'infinity');
SELECT crm_slippage('2026-01-01', NULL, a) FROM (VALUES (date '2026-01-05'), ('2026-01-06')) v(a);
SELECT crm_slippage_transfn('{0}', '2026-01-01', '2026-01-01');
SELECT crm_slippage_transfn(NULL, '2026-01-01', '2026-01-01');
DROP TABLE pipeline_history, pipeline_parts, pipeline_deal_ordered, pipeline_deal_shuffled CASCADE;
