-- Sequences, journeys and paths, case by case.  Each case is a log of a few
-- events with the answer, worked out by hand from the rules of docs/journeys.md.
-- The first cases of sequences are the examples of a column store's manual.
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';

-- SQLSTATE, message and hint of what a statement raises.
CREATE FUNCTION pg_temp.failure(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    hint text;
BEGIN
    EXECUTE query;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', SQLSTATE, SQLERRM, coalesce(nullif(hint, ''), 'no hint'));
END $$;

--
-- Sequences
--

-- A log is a list of time:conditions: "5:13" is an event at 5 for which (?1) and
-- (?3) hold.  The time "?" is NULL.  Of conditions that do not hold, (?1) and (?3)
-- are NULL, the others false.
CREATE TEMP TABLE sequence_case (id int GENERATED ALWAYS AS IDENTITY, pattern text, log text, match boolean, n bigint, times bigint[]);
INSERT INTO sequence_case (pattern, log, match, n, times) VALUES
    -- neighbours among the events that have a condition
    ('(?1)(?2)', '1:1 3:2', true, 1, '{1,3}'),
    ('(?1)(?2)', '1:1 2:3 3:2', false, 0, NULL),
    ('(?1)(?2)', '1:1 2: 3:2', true, 1, '{1,3}'),
    ('(?1)(?2)', '1:1 2:4 3:2', false, 0, NULL),
    ('(?1).*(?2)', '1:1 2: 3:2 4:1 5: 6:2', true, 2, '{1,3}'),
    ('(?1).*(?2)', '1:1 2:3 3:2 4:1 5:3 6:2', true, 2, '{1,3}'),
    ('(?1).*(?2).*(?1)(?3)', '1:1 3:2 4:1 6:2 9:3', false, 0, NULL),
    ('(?1).*(?2).*(?1)(?3)', '1:1 3:2 4:1 6:3', true, 1, '{1,3,4,6}'),
    -- times, just at the bound and beside it
    ('(?1)(?t<=10)(?2)', '0:1 10:2', true, 1, '{0,10}'),
    ('(?1)(?t<=10)(?2)', '0:1 11:2', false, 0, NULL),
    ('(?1)(?t<10)(?2)', '0:1 9:2', true, 1, '{0,9}'),
    ('(?1)(?t<10)(?2)', '0:1 10:2', false, 0, NULL),
    ('(?1)(?t>=10)(?2)', '0:1 10:2', true, 1, '{0,10}'),
    ('(?1)(?t>=10)(?2)', '0:1 9:2', false, 0, NULL),
    ('(?1)(?t>10)(?2)', '0:1 11:2', true, 1, '{0,11}'),
    ('(?1)(?t>10)(?2)', '0:1 10:2', false, 0, NULL),
    ('(?1)(?t==10)(?2)', '0:1 9:2 10:2 11:2', true, 1, '{0,10}'),
    ('(?1)(?t==10)(?2)', '0:1 9:2 11:2', false, 0, NULL),
    ('(?1)(?t==0)(?2)', '0:1 0:2', true, 1, '{0,0}'),
    ('(?1)(?t<=0)(?2)', '0:1 0:2', true, 1, '{0,0}'),
    ('(?1)(?t>=0)(?2)', '0:1 0:2', true, 1, '{0,0}'),
    ('(?1)(?t<0)(?2)', '0:1 0:2', false, 0, NULL),
    ('(?1)(?t>0)(?2)', '0:1 0:2', false, 0, NULL),
    ('(?1)(?t<=10)(?2)', '-5:1 5:2', true, 1, '{-5,5}'),
    -- with a time between them, any events may be
    ('(?1)(?t<=10)(?2)', '0:1 3:3 4:3 9:2', true, 1, '{0,9}'),
    ('(?1)(?t>=5)(?2)', '0:1 1:2 3:3 6:2', true, 1, '{0,6}'),
    -- another start, or another event in the middle, where the first fails
    ('(?1)(?t<=2)(?2)', '0:1 5:1 6:2', true, 1, '{5,6}'),
    ('(?1)(?t<=2)(?2)', '0:1 5:1 8:2 9:1 10:2', true, 1, '{9,10}'),
    ('(?1).*(?2)(?t<=1)(?3)', '0:1 1:2 5:2 6:3', true, 1, '{0,5,6}'),
    ('(?1)(?t>=1)(?2)(?3)', '0:1 1:2 2:2 3:3', true, 1, '{0,2,3}'),
    ('(?1).*(?2)(?3)', '0:1 1:2 2:1 3:2 4:3', true, 1, '{0,3,4}'),
    ('(?1)(?2).*(?3)', '0:1 1:1 2:2 3:1 4:3', true, 1, '{1,2,4}'),
    -- each bound is between neighbours in the pattern; two must both hold
    ('(?1)(?t<=5)(?2)(?t<=5)(?3)', '0:1 5:2 10:3', true, 1, '{0,5,10}'),
    ('(?1)(?t<=5)(?2)(?t<=5)(?3)', '0:1 4:2 10:3', false, 0, NULL),
    ('(?1)(?t<=5)(?2)(?t<=5)(?3)', '0:1 4:2 5:2 10:3', true, 1, '{0,5,10}'),
    ('(?1)(?t>=2)(?t<=4)(?2)', '0:1 1:2 5:2', false, 0, NULL),
    ('(?1)(?t>=2)(?t<=4)(?2)', '0:1 1:2 4:2 5:2', true, 1, '{0,4}'),
    ('(?1)(?t>4)(?t<2)(?2)', '0:1 1:2 3:2 5:2', false, 0, NULL),
    ('(?1).*(?t>4).*(?2)', '0:1 1:2 3:2 5:2', true, 1, '{0,5}'),
    -- the whole chain
    ('(?1).*(?2).*(?3)(?total<=9)', '0:1 4:2 9:3', true, 1, '{0,4,9}'),
    ('(?1).*(?2).*(?3)(?total<9)', '0:1 4:2 9:3', false, 0, NULL),
    ('(?1).*(?2).*(?3)(?total<9)', '0:1 1:1 4:2 9:3', true, 1, '{1,4,9}'),
    -- repeats; a match goes on after the last event of the one before
    ('(?1)', '0:1 1:1 2:2 3:1', true, 3, '{0}'),
    ('(?1)(?1)', '0:1 1:1 2:1', true, 1, '{0,1}'),
    ('(?1)(?1)', '0:1 1:1 2:1 3:1', true, 2, '{0,1}'),
    ('(?1)(?1)(?1)', '0:1 1:1 2:2 3:1 4:1 5:1', true, 1, '{3,4,5}'),
    ('(?1).*(?1)', '0:1 1:2 2:1 3:1 4:2 5:1', true, 2, '{0,2}'),
    ('(?1)(?2)(?1)', '0:1 1:2 2:1 3:2 4:1', true, 1, '{0,1,2}'),
    ('(?1)(?2)(?1)', '0:1 1:2 2:1 3:1 4:2 5:1', true, 2, '{0,1,2}'),
    ('(?1)(?t>=2)(?1)', '0:1 1:1 2:1 3:1 4:1 5:1', true, 2, '{0,2}'),
    ('(?1)(?t==1)(?2)', '0:1 1:1 1:2 2:2', true, 1, '{0,1}'),
    -- a star takes no event that the next match may need
    ('(?1).*(?2).*', '0:1 1:2 2:1 3:2', true, 2, '{0,1}'),
    ('.*(?1).*', '0:3 1:1 2:3 3:1', true, 2, '{1}'),
    ('(?1).*.*(?2)', '0:1 1:2', true, 1, '{0,1}'),
    -- one event serves one piece, whatever conditions it has
    ('(?1)(?2)', '0:12', false, 0, NULL),
    ('(?1)(?2)', '0:12 1:12', true, 1, '{0,1}'),
    ('(?2)(?1)', '0:12 1:12', true, 1, '{0,1}'),
    ('(?1)(?2)', '0:12 1:12 2:12', true, 1, '{0,1}'),
    ('(?1)(?2)(?3)', '0:123 1:123 2:123', true, 1, '{0,1,2}'),
    -- at one time: {1} before {1,2} before {2}
    ('(?1)(?2)', '5:2 5:1', true, 1, '{5,5}'),
    ('(?2)(?1)', '5:2 5:1', false, 0, NULL),
    ('(?1)(?2)(?3)', '5:3 5:2 5:1', true, 1, '{5,5,5}'),
    ('(?1)(?2)', '5:12 5:1', true, 1, '{5,5}'),
    ('(?2)(?1)', '5:12 5:1', false, 0, NULL),
    ('(?1)(?2)', '5:2 5:12', true, 1, '{5,5}'),
    -- any event; only (?N) have a time in the result
    ('(?1).(?2)', '0:1 1:3 2:2', true, 1, '{0,2}'),
    ('(?1).(?2)', '0:1 1:2', false, 0, NULL),
    ('(?1).(?2)', '0:1 1:2 2:2', true, 1, '{0,2}'),
    ('(?1)..(?2)', '0:1 1:3 2:1 3:2', true, 1, '{0,3}'),
    ('(?1).*.(?2)', '0:1 1:3 2:1 3:2', true, 1, '{0,3}'),
    ('.(?2)', '0:2', false, 0, NULL),
    ('.(?2)', '0:2 1:2', true, 1, '{1}'),
    ('(?1).', '0:1', false, 0, NULL),
    ('(?1).', '0:1 1:3', true, 1, '{0}'),
    ('.', '0:1 1:2 2:3', true, 3, '{}'),
    ('..', '0:1 1:2 2:3', true, 1, '{}'),
    ('(?1)(?t<=2).(?2)', '0:1 1:3 9:2', true, 1, '{0,9}'),
    ('(?1).(?t<=2)(?2)', '0:1 7:3 9:2', true, 1, '{0,9}'),
    ('(?1).(?t<=1)(?2)', '0:1 7:3 9:2', false, 0, NULL),
    -- NULL, and nothing to see
    ('(?1)(?2)', '0:1 ?:2 3:2', true, 1, '{0,3}'),
    ('(?1)(?2)', '?:1 ?:2', NULL, NULL, NULL),
    ('(?1)', '0: 1:', false, 0, NULL),
    ('.', '0: 1:', false, 0, NULL),
    ('(?4)', '0:4', true, 1, '{0}');

-- In every type of time, as arguments and as an array, in any order.
CREATE TEMP VIEW sequence_event AS
SELECT id, pattern, nullif(split_part(event, ':', 1), '?')::bigint AS t, c[1] AS c1, c[2] AS c2, c[3] AS c3, c[4] AS c4
FROM sequence_case, LATERAL regexp_split_to_table(log, ' ') event,
     LATERAL (SELECT array_agg(CASE WHEN position(i::text IN split_part(event, ':', 2)) > 0 THEN true WHEN i % 2 = 0 THEN false END ORDER BY i) AS c
              FROM generate_series(1, 4) i) x;
SELECT w.*, g.*
FROM sequence_case w
JOIN (SELECT id, crm_sequence_match(pattern, t, c1, c2, c3, c4) AS bigint_match, crm_sequence_count(pattern, t, c1, c2, c3, c4) AS bigint_n,
             crm_sequence_events(pattern, t, c1, c2, c3, c4) AS bigint_times,
             crm_sequence_match(pattern, to_timestamp(t), VARIADIC ARRAY[c1, c2, c3, c4] ORDER BY t DESC) AS zone_match,
             crm_sequence_count(pattern, to_timestamp(t), c1, c2, c3, c4 ORDER BY t, c1 DESC, c2 DESC) AS zone_n,
             crm_sequence_events(pattern, to_timestamp(t), VARIADIC ARRAY[c1, c2, c3, c4]) AS zone_times,
             crm_sequence_match(pattern, to_timestamp(t)::timestamp, c1, c2, c3, c4) AS local_match,
             crm_sequence_count(pattern, to_timestamp(t)::timestamp, VARIADIC ARRAY[c1, c2, c3, c4] ORDER BY hashint8(t)) AS local_n,
             crm_sequence_events(pattern, to_timestamp(t)::timestamp, c1, c2, c3, c4 ORDER BY t DESC) AS local_times
      FROM sequence_event GROUP BY id) g USING (id)
WHERE (bigint_match, bigint_n, bigint_times) IS DISTINCT FROM (match, n, times)
   OR (zone_match, zone_n, local_match, local_n) IS DISTINCT FROM (match, n, match, n)
   OR zone_times IS DISTINCT FROM CASE WHEN times IS NOT NULL THEN ARRAY(SELECT to_timestamp(x) FROM unnest(times) WITH ORDINALITY u (x, i) ORDER BY i) END
   OR local_times IS DISTINCT FROM zone_times::timestamp[]
ORDER BY w.id;
SELECT count(*) AS cases, count(*) FILTER (WHERE match) AS matching FROM sequence_case;
-- Rows of several patterns in turn, as a group each.
SELECT count(*) FILTER (WHERE crm_sequence_count IS DISTINCT FROM w.n) AS differ, count(*) AS looked
FROM (SELECT id, crm_sequence_count(pattern, t, c1, c2, c3, c4) FROM (SELECT * FROM sequence_event ORDER BY hashint8(t), id) e GROUP BY id) g
JOIN sequence_case w USING (id);

-- A date is its midnight without a time zone: days have 24 hours in any, also
-- 9 March 2025, which has 23 in New York, 2 November, which has 25 there, and 30
-- March, which begins at one o'clock in Beirut.
CREATE TEMP TABLE date_case (id int GENERATED ALWAYS AS IDENTITY, pattern text, log text, match boolean, n bigint, times date[]);
INSERT INTO date_case (pattern, log, match, n, times) VALUES
    ('(?1)(?t<=''1 day'')(?2)', '2025-11-02:1 2025-11-03:2', true, 1, '{2025-11-02,2025-11-03}'),
    ('(?1)(?t<=86400)(?2)', '2025-11-02:1 2025-11-03:2', true, 1, '{2025-11-02,2025-11-03}'),
    ('(?1)(?t==''24 hours'')(?2)', '2025-11-02:1 2025-11-03:2', true, 1, '{2025-11-02,2025-11-03}'),
    ('(?1)(?t>''1 day'')(?2)', '2025-11-02:1 2025-11-03:2', false, 0, NULL),
    ('(?1)(?t<=''1 day'')(?2)', '2025-11-01:1 2025-11-03:2', false, 0, NULL),
    ('(?1)(?t==''1 day'')(?2)', '2025-03-09:1 2025-03-10:2', true, 1, '{2025-03-09,2025-03-10}'),
    ('(?1)(?t<''1 day'')(?2)', '2025-03-09:1 2025-03-10:2', false, 0, NULL),
    ('(?1)(?t<=''23 hours'')(?2)', '2025-03-09:1 2025-03-10:2', false, 0, NULL),
    ('(?1)(?t>=''1 day'')(?2)', '2025-03-29:1 2025-03-30:2', true, 1, '{2025-03-29,2025-03-30}'),
    ('(?1)(?t<=''1 day'')(?2)', '2025-03-29:1 2025-03-30:2', true, 1, '{2025-03-29,2025-03-30}'),
    ('(?1)(?t<=''7 days'')(?2)', '2025-10-28:1 2025-11-04:2', true, 1, '{2025-10-28,2025-11-04}'),
    ('(?1)(?t<''7 days'')(?2)', '2025-03-05:1 2025-03-12:2', false, 0, NULL),
    ('(?1)(?t<=''1 month'')(?2)', '2025-10-10:1 2025-11-09:2', true, 1, '{2025-10-10,2025-11-09}'),
    ('(?1)(?t<=''1 month'')(?2)', '2025-10-10:1 2025-11-10:2', false, 0, NULL),
    ('(?1).*(?2).*(?3)(?total<=''2 days'')', '2025-11-01:1 2025-11-02:2 2025-11-03:3', true, 1, '{2025-11-01,2025-11-02,2025-11-03}'),
    ('(?1).*(?2).*(?3)(?total<''2 days'')', '2025-03-08:1 2025-03-09:2 2025-03-10:3', false, 0, NULL),
    ('(?1)(?t<=''1 day'')(?1)', '2025-11-02:1 2025-11-03:1 2025-11-05:1 2025-11-06:1', true, 2, '{2025-11-02,2025-11-03}'),
    ('(?1)(?t<=''1 day'')(?1)', '2025-10-31:1 2025-11-02:1 2025-11-03:1 2025-11-05:1', true, 1, '{2025-11-02,2025-11-03}'),
    -- on one day: in the order of the conditions
    ('(?1)(?2)', '2025-11-02:2 2025-11-02:1', true, 1, '{2025-11-02,2025-11-02}'),
    ('(?2)(?1)', '2025-11-02:2 2025-11-02:1', false, 0, NULL),
    ('(?1)(?t>0)(?2)', '2025-11-02:2 2025-11-02:1', false, 0, NULL),
    ('(?1)(?2)', '1999-12-31:1 2000-01-01:2', true, 1, '{1999-12-31,2000-01-01}'),
    ('(?1)(?2)', '2025-11-01:1 ?:2 2025-11-02:2', true, 1, '{2025-11-01,2025-11-02}'),
    ('(?1)', '?:1', NULL, NULL, NULL);
CREATE FUNCTION pg_temp.wrong_dates(zone text) RETURNS TABLE (id int, pattern text, log text, match boolean, n bigint, times timestamp[]) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('timezone', zone, true);
    RETURN QUERY
    SELECT w.id, w.pattern, w.log, g.match, g.n, g.times
    FROM date_case w
    JOIN (SELECT c.id, crm_sequence_match(c.pattern, d, c1, c2, c3) AS match, crm_sequence_count(c.pattern, d, VARIADIC ARRAY[c1, c2, c3] ORDER BY d DESC) AS n,
                 crm_sequence_events(c.pattern, d, c1, c2, c3 ORDER BY d DESC, c1) AS times
          FROM date_case c, LATERAL regexp_split_to_table(c.log, ' ') event,
               LATERAL (SELECT nullif(split_part(event, ':', 1), '?')::date AS d, event LIKE '%:1' AS c1, event LIKE '%:2' AS c2, event LIKE '%:3' AS c3) e
          GROUP BY c.id) g USING (id)
    WHERE (g.match, g.n) IS DISTINCT FROM (w.match, w.n) OR g.times IS DISTINCT FROM w.times::timestamp[];
END $$;
SELECT zone, w.* FROM unnest('{UTC,America/New_York,Asia/Beirut}'::text[]) zone, LATERAL pg_temp.wrong_dates(zone) w ORDER BY zone, w.id;
SELECT count(*) AS cases, count(*) FILTER (WHERE match) AS matching FROM date_case;
-- Instants differ, and in New York these are 25 hours apart.
SET timezone = 'America/New_York';
SELECT crm_sequence_match('(?1)(?t<=''1 day'')(?2)', d, e = 'a', e = 'b') AS date, crm_sequence_match('(?1)(?t<=''1 day'')(?2)', d::timestamp, e = 'a', e = 'b') AS local,
       crm_sequence_match('(?1)(?t<=''1 day'')(?2)', d::timestamptz, e = 'a', e = 'b') AS instant, crm_sequence_events('(?1)(?2)', d, e = 'a', e = 'b') AS times,
       crm_matches(crm_journey_agg(d, e), '(?1)(?t<=''1 day'')(?2)', 'a', 'b') AS journey,
       crm_matches(crm_journey_agg(d::timestamp AT TIME ZONE 'UTC', e), '(?1)(?t<=''1 day'')(?2)', 'a', 'b') AS journey_utc,
       (crm_funnel_of(crm_journey_agg(d::timestamp AT TIME ZONE 'UTC', e), crm_funnel_def('24 hours', '{a,b}'))).level AS funnel_utc
FROM (VALUES (date '2025-11-02', 'a'), ('2025-11-03', 'b')) v (d, e);
SET timezone = 'UTC';
-- Each type of argument has the result of its own.
SELECT pg_typeof(crm_sequence_events('(?1)', current_date, true)) AS date, pg_typeof(crm_sequence_events('(?1)', localtimestamp, true)) AS timestamp,
       pg_typeof(crm_sequence_events('(?1)', now(), true)) AS timestamptz, pg_typeof(crm_sequence_events('(?1)', 1, true)) AS integer,
       pg_typeof(crm_sequence_events('(?1)', 1::smallint, true)) AS smallint, pg_typeof(crm_sequence_events('(?1)', 1::bigint, true)) AS bigint;

-- Fractions of a second count.
SELECT crm_sequence_match('(?1)(?t<=0.5)(?2)', ts, e = 'a', e = 'b') AS just, crm_sequence_match('(?1)(?t<0.5)(?2)', ts, e = 'a', e = 'b') AS less,
       crm_sequence_match('(?1)(?t<=0.499999)(?2)', ts, e = 'a', e = 'b') AS too_long, crm_sequence_match('(?1)(?t==''0.5 s'')(?2)', ts, e = 'a', e = 'b') AS equal,
       crm_sequence_match('(?1)(?t>0)(?t<1)(?2)', ts, e = 'a', e = 'b') AS between
FROM (VALUES (timestamptz '2025-01-01', 'a'), ('2025-01-01 00:00:00.5', 'b')) v (ts, e);

-- Mistakes, with their place, through each of the aggregates and types.
SELECT q AS query, pg_temp.failure('SELECT ' || q) AS failure FROM unnest(ARRAY[
    $$crm_sequence_match('(?1)(?t!=5)(?1)', now(), true)$$,
    $$crm_sequence_count('(?1)(?t<>5)(?1)', now(), true)$$,
    $$crm_sequence_events('(?1)(?x)', now(), true)$$,
    $$crm_sequence_match('(?1)(?t<=5)', now()::timestamp, true)$$,
    $$crm_sequence_count('.*(?t<=5)(?1)', now()::timestamp, true)$$,
    $$crm_sequence_events('(?1)日本', now()::timestamp, true)$$,
    $$crm_sequence_match('(?1)(?t<=1e3)(?1)', 1, true)$$,
    $$crm_sequence_count('(?1', 1, true)$$,
    $$crm_sequence_events('(?2)', 1, true)$$,
    $$crm_sequence_match('(?33)', now(), VARIADIC array_fill(true, ARRAY[32]))$$,
    $$crm_sequence_count('(?1)', now()::timestamp, VARIADIC array_fill(true, ARRAY[33]))$$,
    $$crm_sequence_events('(?1)', 1, VARIADIC array_fill(true, ARRAY[33]))$$,
    $$crm_sequence_count('(?1)', now()::timestamp, 1)$$,
    $$crm_sequence_events('(?1)', 1, 'true'::text)$$,
    $$crm_sequence_events('(?1)', 1, VARIADIC '{1}'::int[])$$,
    $$crm_sequence_events('(?1)', '-infinity'::timestamp, true)$$,
    $$crm_sequence_events('(?1)', 'infinity'::timestamptz, true)$$,
    $$crm_sequence_match('(?1)', 'infinity'::date, true)$$,
    $$crm_sequence_count('(?1)', '-infinity'::date, true)$$,
    $$crm_sequence_events('(?1)', '5874897-12-31'::date, true)$$,
    $$crm_sequence_match('(?1)(?t!=5)(?1)', current_date, true)$$,
    $$crm_sequence_count('(?1)', current_date, 1)$$,
    $$crm_sequence_events('(?1)', current_date, VARIADIC '{1}'::int[])$$,
    $$crm_sequence_count('.*', current_date, true)$$]) q;
SELECT crm_sequence_events('(?32)', 1, VARIADIC array_fill(true, ARRAY[32])) AS condition_32;

--
-- Journeys
--

-- A log is a list of second and name; "?" and "-" are NULL.
CREATE FUNCTION pg_temp.journey(log text) RETURNS crm_journey LANGUAGE sql AS $$
    SELECT crm_journey_agg(timestamptz '2025-01-01' + nullif(split_part(e, ' ', 1), '?')::int * interval '1 s', nullif(split_part(e, ' ', 2), '-'))
    FROM regexp_split_to_table(log, ', ') e
$$;
SELECT o.*
FROM (VALUES
    ('time decides', crm_path(pg_temp.journey('3 c, 1 a, 2 b')), '{a,b,c}'::text[]),
    ('names by their bytes at one time', crm_path(pg_temp.journey('1 a, 1 B, 1 ä, 1 Z')), '{B,Z,a,ä}'),
    ('repeats stay', crm_path(pg_temp.journey('1 a, 2 a, 3 b, 4 a')), '{a,a,b,a}'),
    ('so do equal rows', crm_path(pg_temp.journey('1 a, 1 a')), '{a,a}'),
    ('collapsed', crm_path(pg_temp.journey('1 a, 2 a, 3 b, 4 a'), NULL, NULL, true), '{a,b,a}'),
    ('collapsed, then cut', crm_path(pg_temp.journey('1 a, 2 a, 3 b, 4 b, 5 c'), 2, NULL, true), '{a,b}'),
    ('cut', crm_path(pg_temp.journey('1 a, 2 a, 3 b'), 2), '{a,a}'),
    ('five steps', crm_path(pg_temp.journey('1 a, 2 b, 3 c, 4 d, 5 e, 6 f')), '{a,b,c,d,e}'),
    ('from the first start on', crm_path(pg_temp.journey('1 a, 2 b, 3 c, 4 b, 5 d'), 3, 'b'), '{b,c,b}'),
    ('start within one time', crm_path(pg_temp.journey('1 b, 1 a, 1 c'), 3, 'b'), '{b,c}'),
    ('start at the end', crm_path(pg_temp.journey('1 a, 2 b'), 3, 'b'), '{b}'),
    ('no start', crm_path(pg_temp.journey('1 a'), 3, 'z'), NULL),
    ('rows without time or name', crm_path(pg_temp.journey('? a, 1 -, 2 b')), '{b}'),
    ('rolled up', crm_path((SELECT crm_rollup(j) FROM (VALUES (pg_temp.journey('3 c, 1 a')), (pg_temp.journey('2 b')), (NULL)) v (j))), '{a,b,c}')
) o (rule, got, want) WHERE got IS DISTINCT FROM want;
SELECT o.*
FROM (VALUES
    ('after the first', crm_next_event(pg_temp.journey('1 a, 2 b, 3 a, 4 c'), 'a'), 'b'),
    ('after the last', crm_next_event(pg_temp.journey('1 a, 2 b, 3 a, 4 c'), 'a', occurrence => 'last'), 'c'),
    ('before the first', crm_next_event(pg_temp.journey('1 x, 2 a, 3 b, 4 a, 5 c'), 'a', direction => 'backward'), 'x'),
    ('before the last', crm_next_event(pg_temp.journey('1 x, 2 a, 3 b, 4 a, 5 c'), 'a', NULL, 'backward', 'last'), 'b'),
    ('may have the same name', crm_next_event(pg_temp.journey('1 a, 2 a, 3 c'), 'a'), 'a'),
    ('backward too', crm_next_event(pg_temp.journey('1 c, 2 a, 3 a'), 'a', NULL, 'backward', 'last'), 'a'),
    ('nothing after the end', crm_next_event(pg_temp.journey('1 a, 2 b'), 'b'), NULL),
    ('nothing after the last, though after the first', crm_next_event(pg_temp.journey('1 b, 2 a, 3 b'), 'b', occurrence => 'last'), NULL),
    ('nothing before the beginning', crm_next_event(pg_temp.journey('1 a, 2 b'), 'a', direction => 'backward'), NULL),
    ('nothing before the first, though before the last', crm_next_event(pg_temp.journey('1 a, 2 b, 3 a'), 'a', direction => 'backward'), NULL),
    ('one event', crm_next_event(pg_temp.journey('1 a'), 'a', occurrence => 'last'), NULL),
    ('not there', crm_next_event(pg_temp.journey('1 a, 2 b'), 'z', NULL, 'backward', 'last'), NULL),
    ('at one time', crm_next_event(pg_temp.journey('1 b, 1 a, 1 c'), 'b'), 'c'),
    ('at one time, backward', crm_next_event(pg_temp.journey('1 b, 1 a, 1 c'), 'b', direction => 'backward'), 'a'),
    ('just within', crm_next_event(pg_temp.journey('1 a, 11 b'), 'a', '10 s'), 'b'),
    ('too late', crm_next_event(pg_temp.journey('1 a, 11 b'), 'a', '9.999999 s'), NULL),
    ('just within, backward', crm_next_event(pg_temp.journey('1 a, 11 b'), 'b', '10 s', 'backward'), 'a'),
    ('too early', crm_next_event(pg_temp.journey('1 a, 11 b'), 'b', '9.999999 s', 'backward'), NULL),
    ('within looks at one occurrence', crm_next_event(pg_temp.journey('1 a, 11 b, 12 a, 13 c'), 'a', '5 s'), NULL),
    ('the other one', crm_next_event(pg_temp.journey('1 a, 11 b, 12 a, 13 c'), 'a', '5 s', occurrence => 'last'), 'c'),
    ('NULL is the default', crm_next_event(pg_temp.journey('1 a, 2 b, 3 a, 4 c'), 'a', NULL, NULL, NULL), 'b')
) o (rule, got, want) WHERE got IS DISTINCT FROM want;
SELECT q AS query, pg_temp.failure(format('SELECT %s FROM pg_temp.journey(''1 a'') j', q)) AS failure FROM unnest(ARRAY[
    $$crm_next_event(j, 'a', direction => 'up')$$, $$crm_next_event(j, 'a', occurrence => 'second')$$,
    $$crm_next_event(j, 'a', '-1 s', 'backward', 'last')$$,
    $$crm_matches(j, '(?''a'')(?t!=3)(?''a'')')$$, $$crm_matches(j, '(?2)', 'a')$$,
    $$crm_path_agg('{{a,b},{c,d}}'::text[])$$]) q;

--
-- Path links
--

-- Five paths, of which four have a second and two a third step.  At the first
-- step the shares are those of all paths; at each later one they sum to the
-- share that is left.
CREATE TEMP TABLE path (path text[]);
INSERT INTO path VALUES ('{a,b,c}'), ('{a,b}'), ('{a,c}'), ('{b}'), ('{a,a,a}');
SELECT l.* FROM (SELECT crm_path_agg(path) AS s FROM path) x, crm_path_links(s) l ORDER BY step, from_event, to_event;
SELECT l.* FROM (SELECT crm_path_agg(path) AS s FROM path) x, crm_path_links(s, false) l ORDER BY from_event, to_event;
SELECT step, round(sum(share)::numeric, 12) AS shares, sum(customers) = (SELECT count(*) FROM path WHERE cardinality(path) >= step) AS those_who_came_so_far
FROM (SELECT crm_path_agg(path) AS s FROM path) x, crm_path_links(s) GROUP BY step ORDER BY step;
-- Who leaves a step by a link arrives at the next one.
SELECT count(*) AS differ
FROM (SELECT step + 1 AS step, to_event AS event, sum(customers) AS n FROM (SELECT crm_path_agg(path) AS s FROM path) x, crm_path_links(s)
      WHERE to_event IS NOT NULL GROUP BY 1, 2) arrived
FULL JOIN (SELECT step, from_event AS event, sum(customers) AS n FROM (SELECT crm_path_agg(path) AS s FROM path) x, crm_path_links(s)
           WHERE step > 1 GROUP BY 1, 2) left_again USING (step, event)
WHERE arrived.n IS DISTINCT FROM left_again.n;
