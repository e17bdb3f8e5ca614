-- Business time: what one call costs, for a day and for ten years, from the
-- second call of a query on; the loop around it is measured apart and taken off.
-- Then response times against the same counts without business time.
\set ECHO none
\set QUIET on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS crm_metrics;
SET max_parallel_workers_per_gather = 0;
SET jit = off;
SET timezone = 'UTC';
SELECT setseed(0.42) \g /dev/null

CREATE TEMP TABLE timing (id serial, what text, ms double precision);

CREATE FUNCTION pg_temp.measure(what text, query text, runs int DEFAULT 7) RETURNS void
    LANGUAGE plpgsql AS
$$
DECLARE
    began timestamptz;
BEGIN
    EXECUTE query;              -- warm
    FOR run IN 1..runs LOOP
        began := clock_timestamp();
        EXECUTE query;
        INSERT INTO timing (what, ms) VALUES (what, extract(epoch FROM clock_timestamp() - began) * 1000);
    END LOOP;
END;
$$;

-- A million tickets over ten years, in no order; each closed in its own time.
CREATE TEMP TABLE ticket AS
SELECT opened_at, opened_at + day AS next_day,
       CASE WHEN random() < 0.95 THEN opened_at + random() * random() * interval '100 hours' END AS answered_at,
       timestamptz '2025-01-01' + random() * interval '90 days' AS ten_years_on
FROM (SELECT timestamptz '2015-01-01' + random() * interval '90 days' AS opened_at, random() * interval '24 hours' AS day
      FROM generate_series(1, 1000000)) t;
-- Opened at any time, for the aggregate.
CREATE TEMP TABLE spread AS
SELECT opened_at + shift AS opened_at, answered_at + shift AS answered_at, calendar, interval '8 hours' AS target
FROM (SELECT *, floor(random() * 3600) * interval '1 day' AS shift FROM ticket) t
CROSS JOIN (SELECT crm_calendar 'Europe/Berlin mon-fri 09:00-17:30' AS calendar) c;

-- The same with a hundred holidays, in eleven years.
CREATE TEMP TABLE calendar AS
SELECT crm_calendar_except('Europe/Berlin mon-fri 09:00-17:30 sat 10:00-14:00',
                           array_agg(date '2015-01-01' + 40 * i)) AS with_holidays,
       crm_calendar 'Europe/Berlin mon-fri 09:00-17:30 sat 10:00-14:00' AS plain
FROM generate_series(0, 99) i;
ANALYZE;
SELECT quote_literal(with_holidays) AS holidays, quote_literal(plain) AS plain FROM calendar \gset

\o /dev/null
SELECT pg_temp.measure('loop', 'SELECT count(opened_at) FROM ticket');
SELECT pg_temp.measure('interval: a day, no holidays',
    format('SELECT count(crm_business_interval(opened_at, next_day, %L)) FROM ticket', :plain));
SELECT pg_temp.measure('interval: ten years, no holidays',
    format('SELECT count(crm_business_interval(opened_at, ten_years_on, %L)) FROM ticket', :plain));
SELECT pg_temp.measure('interval: a day, 100 holidays',
    format('SELECT count(crm_business_interval(opened_at, next_day, %L)) FROM ticket', :holidays));
SELECT pg_temp.measure('interval: ten years, 100 holidays',
    format('SELECT count(crm_business_interval(opened_at, ten_years_on, %L)) FROM ticket', :holidays));
SELECT pg_temp.measure('interval: ten years, calendar from a table',
    'SELECT count(crm_business_interval(opened_at, ten_years_on, with_holidays)) FROM ticket, calendar');
SELECT pg_temp.measure('add: 8 hours, 100 holidays',
    format('SELECT count(crm_business_add(opened_at, ''8 hours'', %L)) FROM ticket', :holidays));
SELECT pg_temp.measure('add: 20000 hours, 100 holidays',
    format('SELECT count(crm_business_add(opened_at, ''20000 hours'', %L)) FROM ticket', :holidays));
SELECT pg_temp.measure('is_open: 100 holidays',
    format('SELECT count(crm_is_open(opened_at, %L)) FROM ticket', :holidays));

\o
\echo 'nanoseconds a call (a million calls, best of seven, less the loop)'
\pset footer off
SELECT what, round(min(ms) - (SELECT min(ms) FROM timing WHERE what = 'loop')) AS ns_a_call
FROM timing WHERE what <> 'loop' GROUP BY what ORDER BY min(id);

DELETE FROM timing;
\o /dev/null
SELECT pg_temp.measure('plain SQL, elapsed time: 2 x count FILTER, avg',
    $$SELECT count(*) FILTER (WHERE answered_at IS NOT NULL), count(*) FILTER (WHERE answered_at IS NULL),
             avg(answered_at - opened_at), count(*) FILTER (WHERE answered_at - opened_at <= target) FROM spread$$);
SELECT pg_temp.measure('crm_response_time, elapsed time',
    'SELECT crm_response_time(opened_at, answered_at) FROM spread');
SELECT pg_temp.measure('crm_response_time, business time and target',
    'SELECT crm_response_time(opened_at, answered_at, calendar, target) FROM spread');
-- a twentieth of the rows: it takes that long
SELECT pg_temp.measure('plain SQL, business time: a row for each day (5% of the rows, times 20)',
    $$SELECT count(*), avg(took), count(*) FILTER (WHERE took <= interval '8 hours')
      FROM (SELECT (SELECT sum(greatest(interval '0',
                                        least(answered_at, (day + time '17:30') AT TIME ZONE 'Europe/Berlin')
                                        - greatest(opened_at, (day + time '09:00') AT TIME ZONE 'Europe/Berlin')))
                    FROM generate_series((opened_at AT TIME ZONE 'Europe/Berlin')::date::timestamp,
                                         answered_at AT TIME ZONE 'Europe/Berlin', '1 day') day
                    WHERE extract(isodow FROM day) < 6) AS took
            FROM (SELECT * FROM spread LIMIT 50000) s OFFSET 0) t$$, 2);
\o
\echo 'response times of a million tickets'
SELECT what, round(ms) AS ms, round((ms / min(ms) FILTER (WHERE what LIKE 'plain SQL, elapsed%') OVER ())::numeric, 2) AS ratio
FROM (SELECT what, min(ms) * CASE WHEN what LIKE '%times 20)' THEN 20 ELSE 1 END AS ms FROM timing GROUP BY what) t
ORDER BY ms;
