-- Service: response times.
-- References: counts, sums and averages in plain SQL; Wilson intervals from
-- statsmodels 0.13.5, proportion_confint(..., method='wilson').
SET timezone = 'UTC';
SET intervalstyle = 'postgres';
SET datestyle = 'ISO, YMD';

CREATE FUNCTION pg_temp.failure(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text;
BEGIN
    EXECUTE query;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RETURN concat_ws(' | ', SQLSTATE, SQLERRM, nullif(detail, ''));
END $$;

--
-- By hand
--
-- Three answered after 2 h, 3 h and 6 h of elapsed time, of which two are
-- within 4 h; one open, one that never started.
CREATE TEMP TABLE few (started_at timestamptz, answered_at timestamptz);
INSERT INTO few VALUES
    ('2024-03-01 15:00', '2024-03-01 17:00'),
    ('2024-03-01 16:00', '2024-03-01 19:00'),
    ('2024-03-04 11:00', '2024-03-04 17:00'),
    ('2024-03-04 12:00', NULL),
    (NULL, '2024-03-04 12:00');
SELECT (crm_response_time(started_at, answered_at)).* FROM few;
-- in business time 2 h, 1 h and 6 h
SELECT (crm_response_time(started_at, answered_at, 'UTC mon-fri 09:00-17:00')).* FROM few;
-- in time are the first two
SELECT n_targeted, n_within, abs(within_target - 2.0 / 3) < 1e-15 AS share, conf_level
FROM (SELECT (crm_response_time(started_at, answered_at, 'UTC mon-fri 09:00-17:00', '4 hours')).* FROM few) r;
-- just in time is in time; just not is not
SELECT (crm_response_time(started_at, answered_at, 'UTC 24x7', '6 hours')).n_within AS just,
       (crm_response_time(started_at, answered_at, 'UTC 24x7', '5:59:59.999999')).n_within AS not_quite,
       (crm_response_time(started_at, answered_at, 'UTC 24x7', '0')).n_within AS at_once
FROM few;
-- the open one is overdue when its clock is past the target, not before; what
-- is after the moment of the report has not happened yet
SELECT as_of, r.n_answered, r.n_open, r.n_overdue, r.mean, r.n_targeted, r.n_within
FROM unnest('{2024-03-01 14:59,2024-03-01 15:00,2024-03-01 17:00,2024-03-01 18:59:59,2024-03-04 16:00,
              2024-03-04 16:00:01,2024-03-05 09:00,2030-01-01}'::timestamptz[]) as_of,
     LATERAL (SELECT (crm_response_time(started_at, answered_at, 'UTC mon-fri 09:00-17:00', '4 hours', as_of)).* FROM few) r
ORDER BY as_of;

-- Calendar and target may differ by row; no target, no part in the share; no
-- calendar, no row.
SELECT n_answered, n_open, mean, n_targeted, n_within, n_overdue
FROM (SELECT (crm_response_time('2024-03-01 16:00', answered, calendar, target, '2024-03-08')).*
      FROM (VALUES (timestamptz '2024-03-04 10:00', crm_calendar 'UTC mon-fri 09:00-17:00', interval '2 hours'),
                   ('2024-03-04 10:00', 'UTC 24x7', '2 hours'),
                   ('2024-03-04 10:00', 'UTC 24x7', NULL),
                   ('2024-03-04 10:00', NULL, '2 hours'),
                   (NULL, 'UTC mon-fri 09:00-17:00', '33 hours'),
                   (NULL, 'UTC mon-fri 09:00-17:00', '32:59:59'),
                   (NULL, 'UTC mon-fri 09:00-17:00', NULL)) v (answered, calendar, target)) r;

-- Nothing there: NULL, not 0.  Only open ones: no mean, no share.
SELECT crm_response_time(started_at, answered_at) IS NULL AS no_rows,
       crm_response_time_agg(started_at, answered_at) IS NULL AS no_summary
FROM few WHERE false;
SELECT crm_response_time(started_at, answered_at) IS NULL AS null_rows,
       crm_response_time_agg(started_at, answered_at) IS NULL AS no_summary
FROM few WHERE started_at IS NULL;
SELECT crm_response_time(started_at, answered_at, 'UTC 24x7', '1 hour') AS only_open
FROM few WHERE answered_at IS NULL;
SELECT crm_response_time(started_at, answered_at, 'UTC 24x7', '1 hour', NULL) IS NULL AS null_as_of FROM few;

-- The mean is to the nearest microsecond, halves up.
SELECT (crm_response_time('2024-01-01', timestamptz '2024-01-01' + t)).mean
FROM unnest('{0,0.000001 s}'::interval[]) t;
SELECT (crm_response_time('2024-01-01', timestamptz '2024-01-01' + t)).mean
FROM unnest('{0,0,0.000001 s}'::interval[]) t;
SELECT (crm_response_time('2024-01-01', timestamptz '2024-01-01' + t)).mean
FROM unnest('{0.999999 s,1.000001 s,1.5 s,1.500001 s,1.500001 s}'::interval[]) t;

-- The longest times there are.
SELECT (crm_response_time(started_at, answered_at)).mean = interval '2562047788:00:54.775807' AS longest
FROM (SELECT timestamptz '4714-11-24 BC' AS started_at, timestamptz '4714-11-24 BC' + interval '2562047788:00:54.775807' AS answered_at
      FROM generate_series(1, 3)) t;
SELECT pg_temp.failure($$SELECT crm_response_time('4714-11-24 BC', timestamptz '294276-12-31')$$);

-- Bad rows.
SELECT pg_temp.failure(format('SELECT crm_response_time(%s)', args))
FROM (VALUES
    ($$timestamptz '2024-03-04 10:00', timestamptz '2024-03-04 09:59:59.999999'$$),
    ($$timestamptz '-infinity', timestamptz '2024-03-04'$$),
    ($$timestamptz '2024-03-04', timestamptz 'infinity'$$),
    ($$timestamptz 'infinity', NULL::timestamptz$$),
    ($$timestamptz '2024-03-04', timestamptz '2024-03-05', crm_calendar 'UTC 24x7', interval '1 day'$$),
    ($$timestamptz '2024-03-04', timestamptz '2024-03-05', crm_calendar 'UTC 24x7', interval '-1 hour'$$),
    ($$timestamptz '2024-03-04', timestamptz '2024-03-05', crm_calendar 'UTC 24x7', interval '1 hour', timestamptz 'infinity'$$)) v (args);

--
-- Wilson's interval, as statsmodels has it
--
SELECT k, n, abs(r.within_target - k / n::float8) < 1e-12 AS share,
       abs(r.within_lower - lower) < 1e-9 AS lower, abs(r.within_upper - upper) < 1e-9 AS upper
FROM (VALUES (81, 263, 0.95, 0.255288519878, 0.366209576983),
             (15, 148, 0.95, 0.0623863995307, 0.160487241723),
             (0, 20, 0.95, 0, 0.161125158053),
             (1, 29, 0.95, 0.00611321429276, 0.171755218793),
             (10, 10, 0.95, 0.722467200137, 1),
             (1, 1, 0.95, 0.206549314377, 1),
             (81, 263, 0.90, 0.263313617188, 0.356566349608),
             (81, 263, 0.99, 0.240136902688, 0.385282502318)) v (k, n, conf, lower, upper),
     LATERAL (SELECT crm_response_time_agg('2024-03-04', timestamptz '2024-03-04' + CASE WHEN i <= k THEN interval '1 h' ELSE '2 h' END,
                                           'UTC 24x7', '1 hour') AS summary
              FROM generate_series(1, n) i) s,
     LATERAL crm_response_time(summary, conf) r;
SELECT crm_response_time(summary) = crm_response_time(summary, 0.95) AS default_conf,
       crm_response_time(NULL::crm_response_summary) IS NULL AS strict
FROM (VALUES (crm_response_summary 'crm_response_summary:1 answered=3 open=2 overdue=1 targeted=4 within=2 seconds=10 microseconds=0')) v (summary);
SELECT pg_temp.failure(format($$SELECT crm_response_time('crm_response_summary:1 answered=1 open=0 overdue=0 targeted=1 within=1 seconds=1 microseconds=0', '%s'::float8)$$, conf))
FROM unnest('{0,1,95,NaN}'::float8[]) conf;

--
-- Against plain SQL, on a few thousand tickets of seven teams
--
CREATE TABLE service_ticket AS
SELECT i AS id, i % 7 AS team, i % 40 AS day,
       CASE WHEN i % 53 <> 0 THEN started END AS started_at,
       CASE WHEN i % 5 <> 0 THEN started + (i * 7919 % 100000) * interval '2.345678 s' END AS answered_at,
       (ARRAY['UTC 24x7', 'Europe/Berlin mon-fri 09:00-17:30', 'America/New_York mon-sun 22:00-06:00 except 2024-03-10', NULL]::crm_calendar[])[1 + i % 4] AS calendar,
       (ARRAY['1 h', '8 h', '20 h', NULL, '30 min']::interval[])[1 + i % 5] AS target
FROM generate_series(1, 6000) i,
     LATERAL (SELECT timestamptz '2024-03-01' + (i * 104729 % 600) * interval '1 h' + i * interval '1.000001 s' AS started) t;

SELECT team, r.n_answered = w.n_answered AS answered, r.n_open = w.n_open AS open,
       r.n_overdue = w.n_overdue AS overdue, r.n_targeted = w.n_targeted AS targeted, r.n_within = w.n_within AS within,
       abs(extract(epoch FROM r.mean) - w.mean) <= 0.0000005 AS mean, w.n_overdue > 0 AND w.n_within > 0 AND w.n_within < w.n_targeted AS telling
FROM (SELECT team, (crm_response_time(started_at, answered_at, calendar, target, '2024-03-20')).* FROM service_ticket GROUP BY team) r
JOIN (SELECT team,
             count(*) FILTER (WHERE answered) AS n_answered,
             count(*) FILTER (WHERE NOT answered) AS n_open,
             count(*) FILTER (WHERE NOT answered AND took > target) AS n_overdue,
             count(*) FILTER (WHERE target IS NOT NULL AND (answered OR took > target)) AS n_targeted,
             count(*) FILTER (WHERE answered AND took <= target) AS n_within,
             avg(extract(epoch FROM took)) FILTER (WHERE answered) AS mean
      FROM (SELECT *, coalesce(answered_at <= '2024-03-20', false) AS answered,
                   crm_business_interval(started_at, least(answered_at, '2024-03-20'), calendar) AS took
            FROM service_ticket
            WHERE started_at <= '2024-03-20' AND calendar IS NOT NULL) t
      GROUP BY team) w USING (team)
ORDER BY team;

-- Elapsed time without a calendar is that of one that never closes.
SELECT crm_response_time_agg(started_at, answered_at)::text = crm_response_time_agg(started_at, answered_at, 'UTC 24x7')::text AS same
FROM service_ticket;

-- The order of rows does not show.
SELECT count(DISTINCT summary::text) AS one
FROM (SELECT crm_response_time_agg(started_at, answered_at, calendar, target ORDER BY id) AS summary FROM service_ticket
      UNION ALL
      SELECT crm_response_time_agg(started_at, answered_at, calendar, target ORDER BY id DESC) FROM service_ticket
      UNION ALL
      SELECT crm_response_time_agg(started_at, answered_at, calendar, target ORDER BY hashint4(id)) FROM service_ticket) s;

-- A summary of summaries is the summary of all, by any way there.
SELECT crm_rollup(summary)::text = (SELECT crm_response_time_agg(started_at, answered_at, calendar, target)::text FROM service_ticket) AS same
FROM (SELECT crm_response_time_agg(started_at, answered_at, calendar, target) AS summary FROM service_ticket GROUP BY team, day
      UNION ALL SELECT NULL) s;
SELECT crm_rollup(summary) IS NULL AS no_rows FROM (SELECT NULL::crm_response_summary AS summary WHERE false) s;
SELECT crm_rollup(NULL::crm_response_summary) IS NULL AS null_rows FROM service_ticket;

-- Moving windows give what recomputing gives: exactly.
CREATE TEMP TABLE numbered AS SELECT *, row_number() OVER (ORDER BY id) AS n FROM service_ticket WHERE id <= 600;
SELECT count(*) AS frames, count(*) FILTER (WHERE moving IS DISTINCT FROM fixed) AS wrong, count(moving) AS not_null
FROM (SELECT n,
             (crm_response_time_agg(started_at, answered_at, calendar, target) OVER (ORDER BY n ROWS BETWEEN 27 PRECEDING AND 3 PRECEDING))::text AS moving,
             (SELECT crm_response_time_agg(started_at, answered_at, calendar, target)::text FROM numbered i WHERE i.n BETWEEN o.n - 27 AND o.n - 3) AS fixed
      FROM numbered o) w;
SELECT count(*) AS frames, count(*) FILTER (WHERE moving IS DISTINCT FROM fixed) AS wrong, count(moving) AS not_null
FROM (SELECT n,
             crm_response_time(started_at, answered_at, calendar, target, '2024-03-15')
                 OVER (PARTITION BY team ORDER BY day RANGE BETWEEN 2 PRECEDING AND 5 FOLLOWING EXCLUDE CURRENT ROW) AS moving,
             (SELECT crm_response_time(started_at, answered_at, calendar, target, '2024-03-15')
              FROM numbered i WHERE i.team = o.team AND i.day BETWEEN o.day - 2 AND o.day + 5 AND i.n <> o.n) AS fixed
      FROM numbered o) w;
SELECT count(*) AS frames, count(*) FILTER (WHERE moving IS DISTINCT FROM fixed) AS wrong, count(moving) AS not_null
FROM (SELECT day, (crm_rollup(summary) OVER (ORDER BY day GROUPS BETWEEN 6 PRECEDING AND CURRENT ROW))::text AS moving,
             (SELECT crm_response_time_agg(started_at, answered_at)::text FROM numbered i WHERE i.day BETWEEN s.day - 6 AND s.day) AS fixed
      FROM (SELECT day, crm_response_time_agg(started_at, answered_at) AS summary FROM numbered GROUP BY day) s) w;
-- frames of one row: what comes in goes out again
SELECT count(*) FILTER (WHERE moving IS DISTINCT FROM fixed) AS wrong, count(*) FILTER (WHERE moving IS NULL) AS null_frames
FROM (SELECT crm_response_time(started_at, answered_at, calendar) OVER (ORDER BY n ROWS BETWEEN CURRENT ROW AND CURRENT ROW) AS moving,
             (SELECT crm_response_time(started_at, answered_at, calendar) FROM numbered i WHERE i.n = o.n) AS fixed
      FROM numbered o) w;

-- Parallel workers, and partial aggregates of partitions.
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT crm_response_time(started_at, answered_at, calendar, target) FROM service_ticket;
CREATE TEMP TABLE parallel AS
SELECT crm_response_time_agg(started_at, answered_at, calendar, target)::text AS summary,
       crm_response_time(started_at, answered_at, calendar, target, '2024-03-20') AS result FROM service_ticket;
SET max_parallel_workers_per_gather = 0;
SELECT crm_response_time_agg(started_at, answered_at, calendar, target)::text = (SELECT summary FROM parallel) AS summary,
       crm_response_time(started_at, answered_at, calendar, target, '2024-03-20') = (SELECT result FROM parallel) AS result
FROM service_ticket;
CREATE TABLE service_ticket_parts (LIKE service_ticket) PARTITION BY HASH (id);
CREATE TABLE service_ticket_part1 PARTITION OF service_ticket_parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE service_ticket_part2 PARTITION OF service_ticket_parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO service_ticket_parts SELECT * FROM service_ticket;
SET enable_partitionwise_aggregate = on;
-- (how the partitions are called in the plan differs between versions)
CREATE FUNCTION pg_temp.count_in_plan(what text, query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    line text;
    n bigint = 0;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        n := n + (line LIKE '%' || what || '%')::int;
    END LOOP;
    RETURN n;
END $$;
SELECT pg_temp.count_in_plan('Partial HashAggregate',
    'SELECT team, crm_response_time_agg(started_at, answered_at, calendar, target) FROM service_ticket_parts GROUP BY team') AS partial_aggregates;
SELECT count(*) FILTER (WHERE p.summary::text = w.summary::text) AS same
FROM (SELECT team, crm_response_time_agg(started_at, answered_at, calendar, target) AS summary FROM service_ticket_parts GROUP BY team) p
JOIN (SELECT team, crm_response_time_agg(started_at, answered_at, calendar, target) AS summary FROM service_ticket GROUP BY team) w USING (team);
DROP TABLE service_ticket_parts;

--
-- The stored summary
--
CREATE TEMP TABLE stored AS
SELECT team, crm_response_time_agg(started_at, answered_at, calendar, target, '2024-03-20') AS summary FROM service_ticket GROUP BY team;
INSERT INTO stored VALUES
    (100, 'crm_response_summary:1 answered=0 open=0 overdue=0 targeted=0 within=0 seconds=0 microseconds=0'),
    (101, 'crm_response_summary:1 answered=9223372036854775807 open=9223372036854775807 overdue=0 targeted=9223372036854775807 within=9223372036854775807 seconds=9223372036854775807 microseconds=999999');
SELECT count(*) AS text_round_trips FROM stored WHERE summary::text::crm_response_summary::text = summary::text;
CREATE TEMP TABLE stored_back (LIKE stored);
\copy stored TO 'results/service_summaries.bin' (FORMAT binary)
\copy stored_back FROM 'results/service_summaries.bin' (FORMAT binary)
SELECT count(*) AS binary_round_trips FROM stored a JOIN stored_back b USING (team) WHERE a.summary::text = b.summary::text;
SELECT crm_response_summary_send('crm_response_summary:1 answered=3 open=2 overdue=1 targeted=4 within=2 seconds=10 microseconds=7');
SELECT 'crm_response_summary:1 answered=3 open=2 overdue=1 targeted=4 within=2 seconds=10 microseconds=7'::crm_response_summary::jsonb;
SELECT crm_response_time(summary) FROM stored WHERE team >= 100 ORDER BY team;

-- What would overflow says so.
SELECT pg_temp.failure($$SELECT crm_rollup(summary) FROM stored$$);

-- Bad text.
SELECT given, pg_temp.failure(format('SELECT %L::crm_response_summary', 'crm_response_summary:' || given))
FROM (VALUES
    ('2 answered=3 open=2 overdue=1 targeted=4 within=2 seconds=10 microseconds=0'),
    ('1 answered=3 open=2 overdue=1 targeted=4 within=2 seconds=10'),
    ('1 answered=3 open=2 overdue=1 targeted=4 within=2 seconds=10 microseconds=0 x'),
    ('1 answered=-1 open=2 overdue=1 targeted=4 within=2 seconds=10 microseconds=0'),
    ('1 answered=3 open=2 overdue=3 targeted=4 within=2 seconds=10 microseconds=0'),
    ('1 answered=3 open=2 overdue=1 targeted=5 within=2 seconds=10 microseconds=0'),
    ('1 answered=3 open=2 overdue=1 targeted=4 within=4 seconds=10 microseconds=0'),
    ('1 answered=3 open=2 overdue=1 targeted=0 within=0 seconds=10 microseconds=0'),
    ('1 answered=0 open=2 overdue=1 targeted=1 within=0 seconds=10 microseconds=0'),
    ('1 answered=0 open=2 overdue=1 targeted=1 within=0 seconds=0 microseconds=1'),
    ('1 answered=1 open=0 overdue=0 targeted=0 within=0 seconds=9223372036855 microseconds=0'),
    ('1 answered=3 open=2 overdue=1 targeted=4 within=2 seconds=10 microseconds=1000000'),
    ('1 answered=3.5 open=2 overdue=1 targeted=4 within=2 seconds=10 microseconds=0')) v (given);

-- Damaged binary: another tag, a later version, flags, too short, contradictory.
CREATE TEMP TABLE raw (value bytea);
CREATE TEMP TABLE parsed (value crm_response_summary);
INSERT INTO raw VALUES ('\x180100');
\copy raw TO 'results/service_damaged.bin' (FORMAT binary)
\copy parsed FROM 'results/service_damaged.bin' (FORMAT binary)
UPDATE raw SET value = '\x190200' || decode(repeat('00', 56), 'hex');
\copy raw TO 'results/service_damaged.bin' (FORMAT binary)
\copy parsed FROM 'results/service_damaged.bin' (FORMAT binary)
UPDATE raw SET value = '\x190101' || decode(repeat('00', 56), 'hex');
\copy raw TO 'results/service_damaged.bin' (FORMAT binary)
\copy parsed FROM 'results/service_damaged.bin' (FORMAT binary)
UPDATE raw SET value = '\x190100' || decode(repeat('00', 55), 'hex');
\copy raw TO 'results/service_damaged.bin' (FORMAT binary)
\copy parsed FROM 'results/service_damaged.bin' (FORMAT binary)
UPDATE raw SET value = '\x190100' || decode(repeat('00', 57), 'hex');
\copy raw TO 'results/service_damaged.bin' (FORMAT binary)
\copy parsed FROM 'results/service_damaged.bin' (FORMAT binary)
UPDATE raw SET value = '\x190100' || decode(repeat('ff', 56), 'hex');
\copy raw TO 'results/service_damaged.bin' (FORMAT binary)
\copy parsed FROM 'results/service_damaged.bin' (FORMAT binary)
SELECT count(*) FROM parsed;

-- Support functions cannot be had outside an aggregate.
SELECT pg_temp.failure($$SELECT crm_response_time_transfn(NULL, now(), now())$$);
SELECT pg_temp.failure($$SELECT crm_response_summary_combinefn(summary, summary) FROM stored$$);
SELECT pg_temp.failure($$SELECT crm_response_summary_finalfn(summary) FROM stored$$);

DROP TABLE service_ticket;
