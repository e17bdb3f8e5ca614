-- crm_funnel_of: a funnel over a stored journey says what crm_funnel says of
-- the rows that the journey was made of (which funnels_oracle compares with all
-- chains there are).
SET timezone = 'America/New_York';

-- The rules by example, as docs/funnels.md has them: minutes and events.
CREATE FUNCTION pg_temp.way(events text, def crm_funnel_def) RETURNS text LANGUAGE sql STABLE AS
$$
    SELECT f.level || ' ' || (SELECT coalesce(string_agg(coalesce((extract(epoch FROM t - '2025-01-01') / 60)::int::text, '-'), ' ' ORDER BY n), 'none')
                              FROM unnest(f.entered) WITH ORDINALITY u (t, n)) || CASE WHEN f.excluded THEN ' excluded' ELSE '' END
    FROM (SELECT (crm_funnel_of(crm_journey_agg('2025-01-01'::timestamptz + split_part(e, ':', 1)::int * interval '1 minute', split_part(e, ':', 2)), def)).*
          FROM regexp_split_to_table(events, ' +') e) f
$$;
SELECT what, pg_temp.way(events, def) AS got, pg_temp.way(events, def) = want AS ok
FROM (VALUES
    ('the later start, the earlier b', '1:a 5:a 6:b 9:b 11:c', crm_funnel_def('5 minutes', '{a,b,c}'), '2 5 6'),
    ('no step', '1:x 2:b', crm_funnel_def('10 minutes', '{a,b}'), '0 none'),
    -- in a journey a comes before b at one instant: for the funnel it does not
    ('a tie, the steps against the order of names', '1:a 1:b 1:c', crm_funnel_def('10 minutes', '{c,b,a}'), '3 1 1 1'),
    ('a tie that must increase', '1:a 1:b 1:c 2:b', crm_funnel_def('10 minutes', '{a,b,c}', same_time => 'must_increase'), '2 1 2'),
    ('an event twice at one time is two steps', '1:a 1:a 2:b', crm_funnel_def('10 minutes', '{a,a,b}'), '3 1 1 2'),
    ('once it is one', '1:a 2:b', crm_funnel_def('10 minutes', '{a,a,b}'), '1 1'),
    ('or two, if reused', '1:a 2:b', crm_funnel_def('10 minutes', '{a,a,b}', reuse_event => true), '3 1 1 2'),
    ('strict', '1:a 2:x 3:b 4:a 5:b', crm_funnel_def('10 minutes', '{a,b,c}', 'strict'), '2 4 5'),
    ('strict, another event at the middle one''s time', '1:a 2:b 2:x 3:c', crm_funnel_def('10 minutes', '{a,b,c}', 'strict'), '2 1 2'),
    ('strict, another event at the first one''s time', '1:a 1:x 2:b', crm_funnel_def('10 minutes', '{a,b,c}', 'strict'), '2 1 2'),
    ('any order', '1:c 2:a 3:x 4:b', crm_funnel_def('10 minutes', '{a,b,c}', 'any_order'), '3 2 4 1'),
    ('repeat stops', '1:a 2:b 3:b 4:c', crm_funnel_def('10 minutes', '{a,b,c}', on_repeat => 'stop'), '2 1 2'),
    ('from step to step', '1:a 2:b 6:c', crm_funnel_def('10 minutes', '{a,b,c}', step_within => '{2 minutes,3 minutes}'), '2 1 2'),
    ('optional', '1:a 3:c', crm_funnel_def('10 minutes', '{a,b,c}', optional => '{2}'), '3 1 - 3'),
    ('exclusion', '1:a 2:x 3:b', crm_funnel_def('10 minutes', '{a,b}', exclude => '{x}'), '1 1 excluded'),
    ('a later start escapes it', '1:a 2:x 3:a 4:b', crm_funnel_def('10 minutes', '{a,b}', exclude => '{x}'), '2 3 4'),
    ('entry first', '1:a 12:a 13:b', crm_funnel_def('10 minutes', '{a,b}', entry => 'first'), '1 1')
) x (what, events, def, want);

-- Random logs of few kinds of events around the two changes of clocks, with many
-- ties, the same event at the same time twice, and values on some; as in
-- funnels_oracle.
CREATE FUNCTION pg_temp.draw(n int, VARIADIC seeds int[]) RETURNS int
    LANGUAGE sql IMMUTABLE
    RETURN (('x' || substr(md5(array_to_string(seeds, '/')), 1, 7))::bit(28)::int) % n;
CREATE TEMP TABLE log AS
SELECT c, i AS id,
       CASE WHEN c % 2 = 0 THEN timestamptz '2025-03-07 22:00' + pg_temp.draw(CASE c % 3 WHEN 0 THEN 5 ELSE 60 END, c, i, 1) * interval '30 minutes'
            ELSE timestamptz '2025-10-31 23:00' + pg_temp.draw(CASE c % 3 WHEN 0 THEN 6 ELSE 70 END, c, i, 1) * interval '30 minutes' END AS ts,
       ('{d,d,c,b,b,a,a,x,z}'::text[])[1 + pg_temp.draw(9, c, i, 2)] AS event,
       CASE WHEN pg_temp.draw(3, c, i, 3) = 0 THEN pg_temp.draw(2, c, i, 4)::float8 END AS value
FROM generate_series(1, 60) c, LATERAL generate_series(1, 3 + pg_temp.draw(12, c, 4)) i;
-- and times that only some calendars have
INSERT INTO log
SELECT 61, i, timestamptz '9999-01-01' + i * interval '1 hour', substr('abcd', i, 1) FROM generate_series(1, 4) i
UNION ALL
SELECT 62, i, timestamptz '4700-01-01 BC' + i * interval '1 hour', substr('abcd', i, 1) FROM generate_series(1, 4) i;
SELECT sum(n) > 300 AS many, count(*) FILTER (WHERE ties > 0) > 20 AS with_ties, count(*) FILTER (WHERE twice > 0) > 10 AS with_copies
FROM (SELECT c, count(*) AS n, count(*) - count(DISTINCT ts) AS ties, count(*) - count(DISTINCT (ts, event)) AS twice FROM log GROUP BY c) x;

-- Every mode and option with every other that it goes with
CREATE TEMP TABLE config AS
SELECT row_number() OVER () AS id, x.*,
       crm_funnel_def(within, steps, mode, same_time, reuse, on_repeat, step_within, optional, exclude, between_steps, entry) AS def
FROM (SELECT *
      FROM unnest('{6 hours,1 day}'::interval[]) within,
           (VALUES ('{a,b,c,d}'::text[]), ('{d,c,b,a}'), ('{a,b,a,b}')) s (steps),
           unnest('{ordered,strict,any_order}'::text[]) mode,
           unnest('{may_advance,must_increase}'::text[]) same_time,
           unnest('{false,true}'::boolean[]) reuse,
           (VALUES ('ignore', NULL::interval[], NULL::int[], NULL::text[], NULL::int4range), ('ignore', NULL, NULL, '{x}', NULL),
                   ('stop', NULL, NULL, NULL, NULL), ('ignore', '{1 day,NULL,2 hours}', NULL, NULL, NULL), ('ignore', NULL, '{2,3}', NULL, NULL),
                   ('ignore', NULL, '{2}', '{x,z}', '[2,3]'), ('stop', '{1 mon}', '{3}', '{z}', NULL)
           ) o (on_repeat, step_within, optional, exclude, between_steps),
           unnest('{any,first,last}'::text[]) entry
      WHERE mode <> 'any_order' OR (on_repeat = 'ignore' AND step_within IS NULL AND optional IS NULL AND between_steps IS NULL)) x;

CREATE TEMP TABLE by_rows AS
SELECT f.id AS config, l.c, crm_funnel(f.def, l.ts, l.event) AS way
FROM config f, log l GROUP BY f.id, l.c;
SELECT count(*) > 40000 AS thousands_of_cases, count(DISTINCT (way).level) AS levels, count(*) FILTER (WHERE (way).excluded) > 500 AS excluded,
       count(*) FILTER (WHERE array_position((way).entered, NULL) IS NOT NULL) > 500 AS skipped
FROM by_rows;

-- Journeys of all rows; with values; rolled up of two; and through text
CREATE TEMP TABLE journey AS
SELECT c, 'plain' AS made, crm_journey_agg(ts, event) AS journey FROM log GROUP BY c
UNION ALL SELECT c, 'values', crm_journey_agg(ts, event, value ORDER BY id DESC) FROM log GROUP BY c
UNION ALL SELECT c, 'rolled up', crm_rollup(j) FROM (SELECT c, crm_journey_agg(ts, event) AS j FROM log GROUP BY c, id % 2) x GROUP BY c
UNION ALL SELECT c, 'text', crm_journey_agg(ts, event)::text::crm_journey FROM log GROUP BY c;
SELECT j.made, f.*, r.c, crm_funnel_of(j.journey, f.def) AS of_journey, r.way
FROM by_rows r JOIN config f ON f.id = r.config JOIN journey j USING (c)
WHERE (made = 'plain' OR f.id % 5 = 0) AND crm_funnel_of(j.journey, f.def) IS DISTINCT FROM r.way
ORDER BY f.id, r.c, j.made LIMIT 5;
SELECT made, count(DISTINCT c) AS customers, sum(n) = (SELECT count(*) FROM log) AS all_events
FROM journey, LATERAL (SELECT count(*) AS n FROM crm_events_of(journey)) e GROUP BY made ORDER BY made;

-- A row without an event is not in a journey, so a strict funnel does not see it.
SELECT (crm_funnel(crm_funnel_def('7 days', '{a,b}', 'strict'), ts, event)).level AS rows,
       (crm_funnel(crm_funnel_def('7 days', '{a,b}', 'strict'), ts, event) FILTER (WHERE event IS NOT NULL)).level AS rows_with_event,
       (crm_funnel_of(crm_journey_agg(ts, event), crm_funnel_def('7 days', '{a,b}', 'strict'))).level AS journey
FROM (VALUES (timestamptz '2025-01-01', 'a'), ('2025-01-02', NULL), ('2025-01-03', 'b')) x (ts, event);

-- Names that are empty, long, differ late, or have other characters
SELECT crm_funnel_of(crm_journey_agg(ts, event), crm_funnel_def('1 day', ARRAY['', 'a long name, 1', 'a long name, 2', 'ü'])) = crm_funnel(crm_funnel_def('1 day', ARRAY['', 'a long name, 1', 'a long name, 2', 'ü']), ts, event) AS same,
       (crm_funnel_of(crm_journey_agg(ts, event), crm_funnel_def('1 day', ARRAY['', 'a long name, 1', 'a long name, 2', 'ü']))).level
FROM (VALUES (timestamptz '2025-01-01 01:00', ''), ('2025-01-01 02:00', 'a long name, 1'), ('2025-01-01 03:00', 'a long name, 3'),
             ('2025-01-01 04:00', 'a long name, 2'), ('2025-01-01 05:00', 'ü')) x (ts, event);

-- A day is one of the session's time zone, also where that is set while a query
-- runs: here it has 23 hours in New York, and the events are 23.5 hours apart.
CREATE TEMP TABLE spring AS
SELECT crm_journey_agg(ts, e) AS journey FROM (VALUES (timestamptz '2025-03-08 16:30+00', 'a'), ('2025-03-09 16:00+00', 'b')) x (ts, e);
SELECT set_config('timezone', zone, false), (crm_funnel_of(journey, crm_funnel_def('1 day', '{a,b}'))).level AS day,
       (crm_funnel_of(journey, crm_funnel_def('24 hours', '{a,b}'))).level AS hours
FROM spring, (VALUES (1, 'UTC'), (2, 'America/New_York'), (3, 'UTC')) z (n, zone);
SET timezone = 'UTC';

-- Reports take what it returns.
SELECT count(*) AS steps, bool_and(j.customers = r.customers AND j.customers > 0) AS same
FROM crm_funnel_rows((
         SELECT crm_funnel_report(crm_funnel_of(journey, crm_funnel_def('1 day', '{a,b,c}'))) FROM journey WHERE made = 'plain')) j
JOIN crm_funnel_rows((
         SELECT crm_funnel_report(f) FROM (SELECT crm_funnel(crm_funnel_def('1 day', '{a,b,c}'), ts, event) AS f FROM log GROUP BY c) x)) r USING (step);

-- NULL for NULL, and for a journey without events, as of no rows
SELECT crm_funnel_of(NULL, crm_funnel_def('1 day', '{a}')) IS NULL AS no_journey,
       crm_funnel_of(journey, NULL) IS NULL AS no_definition,
       crm_funnel_of('crm_journey:1 names=[] events=[]', crm_funnel_def('1 day', '{a}')) IS NULL AS no_events
FROM spring;

-- Errors
SELECT crm_funnel_of(journey, crm_funnel_def('1 day')) FROM spring;
\echo :LAST_ERROR_SQLSTATE
SELECT crm_funnel_of(journey, crm_funnel_def(86400, '{a,b}')) FROM spring;
\echo :LAST_ERROR_SQLSTATE
