-- Attribution, case by case.  Each case is a short journey with the answer,
-- worked out by hand from the rules of docs/attribution.md; paths for Markov
-- chains are solved by hand, as their comments say.
SET timezone = 'UTC';
SET datestyle = ISO;

-- A log is a list of hour and channel; the channel C is a conversion, with its
-- value behind "=".  "?" is a NULL time, "-" a NULL channel, "!" a row whose
-- is_touch is NULL.  Credits and values are rounded to six decimals, "-" is a
-- NULL value.
CREATE FUNCTION pg_temp.rounded(x numeric) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(trim_scale(round(x, 6))::text, '-')
$$;
CREATE FUNCTION pg_temp.shown(crm_attribution_credit[]) RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN $1 IS NULL THEN 'NULL' ELSE
        coalesce(string_agg(concat_ws(' ', coalesce(channel, 'none'), pg_temp.rounded(conversions), pg_temp.rounded(value)), ', ' ORDER BY i), 'empty') END
    FROM unnest($1) WITH ORDINALITY u (channel, conversions, value, i)
$$;
CREATE TEMP TABLE credit_case (id int GENERATED ALWAYS AS IDENTITY, def crm_attribution_def, log text, credits text);
INSERT INTO credit_case (def, log, credits) VALUES
    -- one touch has all, whatever the model
    ('linear', '0 a, 1 C=10', 'a 1 10'),
    ('first', '0 a, 1 C=10', 'a 1 10'),
    ('last', '0 a, 1 C=10', 'a 1 10'),
    ('last_non_direct', '0 a, 1 C=10', 'a 1 10'),
    ('last_non_direct', '0 direct, 1 C=10', 'direct 1 10'),
    ('position', '0 a, 1 C=10', 'a 1 10'),
    ('time_decay', '0 a, 1 C=10', 'a 1 10'),
    (crm_attribution_def('custom', weights => '{1,2,3,4}'), '0 a, 1 C=10', 'a 1 10'),
    -- two touches
    ('linear', '0 a, 1 b, 2 C=10', 'a 0.5 5, b 0.5 5'),
    ('first', '0 a, 1 b, 2 C=10', 'a 1 10'),
    ('last', '0 a, 1 b, 2 C=10', 'b 1 10'),
    ('position', '0 a, 1 b, 2 C=10', 'a 0.5 5, b 0.5 5'),
    (crm_attribution_def('custom', weights => '{1,3}'), '0 a, 1 b, 2 C=10', 'a 0.25 2.5, b 0.75 7.5'),
    -- three and more; a channel gets the sum of its touches
    ('position', '0 a, 1 b, 2 c, 3 C=10', 'a 0.4 4, b 0.2 2, c 0.4 4'),
    ('position', '0 a, 1 b, 2 c, 3 d, 4 C=10', 'a 0.4 4, b 0.1 1, c 0.1 1, d 0.4 4'),
    ('position', '0 a, 1 b, 2 a, 3 C=10', 'a 0.8 8, b 0.2 2'),
    (crm_attribution_def('position', weights => '{0.3,0.4,0.3}'), '0 a, 1 b, 2 c, 3 C=1', 'a 0.3 0.3, b 0.4 0.4, c 0.3 0.3'),
    (crm_attribution_def('position', weights => '{0.6,0.2,0.2}'), '0 a, 1 b, 3 C=1', 'a 0.75 0.75, b 0.25 0.25'),
    ('linear', '0 a, 1 b, 2 a, 3 a, 4 C=4', 'a 0.75 3, b 0.25 1'),
    -- W: three tenths to the first, the middle and the last of five
    (crm_attribution_def('custom', weights => '{0.3,0.05,0.3,0.05,0.3}'), '0 a, 1 b, 2 c, 3 d, 4 e, 5 C=100', 'a 0.3 30, b 0.05 5, c 0.3 30, d 0.05 5, e 0.3 30'),
    -- fewer touches than weights: the inner ones fall away
    (crm_attribution_def('custom', weights => '{4,1,1,2}'), '0 a, 1 b, 2 C=6', 'a 0.666667 4, b 0.333333 2'),
    (crm_attribution_def('custom', weights => '{4,1,1,2}'), '0 a, 1 b, 2 c, 3 C=7', 'a 0.571429 4, b 0.142857 1, c 0.285714 2'),
    (crm_attribution_def('custom', weights => '{5,3,2}'), '0 a, 1 b, 2 C=7', 'a 0.714286 5, b 0.285714 2'),
    -- an even number of weights leaves those between without
    (crm_attribution_def('custom', weights => '{1,3}'), '0 a, 1 b, 2 c, 3 C=4', 'a 0.25 1, c 0.75 3'),
    -- one half-life between the touches: one to two; two: one to four
    (crm_attribution_def('time_decay', half_life => '2 hours'), '0 a, 2 b, 2 C=3', 'a 0.333333 1, b 0.666667 2'),
    (crm_attribution_def('time_decay', half_life => '2 hours'), '0 a, 2 b, 9 C=3', 'a 0.333333 1, b 0.666667 2'),
    (crm_attribution_def('time_decay', half_life => '2 hours'), '0 a, 4 b, 5 C=5', 'a 0.2 1, b 0.8 4'),
    ('time_decay', '0 a, 168 b, 168 C=3', 'a 0.333333 1, b 0.666667 2'),
    -- a touch long ago: 2^-1200 of the other's weight is nothing
    (crm_attribution_def('time_decay', half_life => '1 hour'), '0 a, 1200 b, 1201 C=3', 'b 1 3'),
    -- direct
    ('last_non_direct', '0 a, 1 direct, 2 C=10', 'a 1 10'),
    ('last_non_direct', '0 a, 1 b, 2 direct, 3 direct, 4 C=10', 'b 1 10'),
    ('last_non_direct', '0 direct, 1 direct, 2 C=10', 'direct 1 10'),
    ('last_non_direct', '0 Direct, 1 direct, 2 C=10', 'Direct 1 10'),
    (crm_attribution_def('last_non_direct', ignore => '{direct,none}'), '0 a, 1 none, 2 direct, 3 C=1', 'a 1 1'),
    (crm_attribution_def('last_non_direct', ignore => '{direct,none}'), '1 direct, 2 none, 3 C=1', 'none 1 1'),
    (crm_attribution_def('last_non_direct', '1 hour'), '0 a, 2 direct, 2.5 C=1', 'direct 1 1'),
    -- ignored touches are not there for any other model
    (crm_attribution_def('linear', ignore => '{a}'), '0 a, 1 b, 2 C=1', 'b 1 1'),
    (crm_attribution_def('linear', ignore => '{a}'), '0 a, 2 C=1', 'none 1 1'),
    (crm_attribution_def('position', ignore => '{b}'), '0 a, 1 b, 2 c, 3 C=1', 'a 0.5 0.5, c 0.5 0.5'),
    -- the lookback's boundary counts
    (crm_attribution_def('linear', '1 hour'), '0 a, 1 C=1', 'a 1 1'),
    (crm_attribution_def('linear', '3599.999999 seconds'), '0 a, 1 C=1', 'none 1 1'),
    (crm_attribution_def('first', '1 day'), '0 a, 1 b, 24 C=1', 'a 1 1'),
    (crm_attribution_def('first', '1 day'), '0 a, 1 b, 24.001 C=1', 'b 1 1'),
    -- so does a touch at the conversion's time, whichever row is first; one
    -- after it does not
    ('last', '0 a, 1 b, 1 C=1', 'b 1 1'),
    ('last', '0 a, 1 C=1, 1 b', 'b 1 1'),
    ('last', '0 a, 1 C=1, 1.001 b', 'a 1 1'),
    ('linear', '1 C=4', 'none 1 4'),
    ('linear', '1 C=4, 2 a', 'none 1 4'),
    -- several conversions
    ('last', '0 a, 1 C=1, 2 b, 3 C=2', 'a 1 1, b 1 2'),
    ('linear', '0 a, 1 C=1, 2 b, 3 C=2', 'a 1.5 2, b 0.5 1'),
    ('linear', '0 a, 1 C=1, 3 C=2', 'a 2 3'),
    ('linear', '3 C=2, 0 a, 1 C=1', 'a 2 3'),
    (crm_attribution_def('linear', reset_on_conversion => true), '0 a, 1 C=1, 2 b, 3 C=2', 'a 1 1, b 1 2'),
    (crm_attribution_def('linear', reset_on_conversion => true), '0 a, 1 C=1, 3 C=2', 'a 1 1, none 1 2'),
    (crm_attribution_def('linear', reset_on_conversion => true), '0 a, 1 C=1, 1 C=5, 3 C=2', 'a 2 6, none 1 2'),
    (crm_attribution_def('linear', reset_on_conversion => true), '0 a, 1 C=1, 1 b, 3 C=2', 'a 0.5 0.5, b 0.5 0.5, none 1 2'),
    -- and a lookback
    (crm_attribution_def('last', '2 hours', reset_on_conversion => true), '0 a, 2.5 C=1, 3 b, 4 C=2', 'b 1 2, none 1 1'),
    (crm_attribution_def('last', '2 hours', reset_on_conversion => true), '0 a, 1 C=1, 1.5 C=2', 'a 1 1, none 1 2'),
    -- values: NULL, zero, negative; a touch's is not looked at
    ('linear', '0 a, 1 b, 2 C', 'a 0.5 -, b 0.5 -'),
    ('linear', '0 a, 1 b, 2 C=0', 'a 0.5 0, b 0.5 0'),
    ('linear', '0 a, 1 b, 2 C=-10', 'a 0.5 -5, b 0.5 -5'),
    ('linear', '0 a, 1 C=5, 2 C=-5', 'a 2 0'),
    ('linear', '0 a, 1 C, 2 C=5', 'a 2 5'),
    ('last', '0 a, 1 C, 2 b, 3 C=5', 'a 1 -, b 1 5'),
    ('linear', '0 a=99, 1 C=5', 'a 1 5'),
    -- touches at one time: by name
    ('last', '0 z, 0 a, 1 C=1', 'z 1 1'),
    ('first', '0 z, 0 a, 1 C=1', 'a 1 1'),
    ('position', '0 c, 0 b, 0 a, 1 C=1', 'a 0.4 0.4, b 0.2 0.2, c 0.4 0.4'),
    -- NULLs
    ('linear', '0 -, 1 C=1', 'none 1 1'),
    ('linear', '? a, 1 C=1', 'none 1 1'),
    ('linear', '0 a, 0.5 !, 1 C=1', 'a 1 1'),
    ('linear', '0 a, ? C=1', 'empty'),
    ('linear', '0 a', 'empty'),
    ('linear', '? a, ? C=1', 'NULL');

CREATE TEMP VIEW credit_event AS
SELECT id, def, timestamptz '2025-01-01' + nullif(e[1], '?')::float8 * interval '1 hour' AS ts, nullif(nullif(e[2], '-'), 'C') AS channel,
       CASE WHEN e[2] <> '!' THEN e[2] <> 'C' END AS is_touch, e[3]::numeric AS value
FROM credit_case, LATERAL regexp_split_to_table(log, ', ') event, LATERAL (SELECT regexp_split_to_array(event, '[ =]') AS e) x;
SELECT w.*, with_zone, without_zone, no_values
FROM credit_case w
JOIN (SELECT id, crm_attribute(def, ts, channel, is_touch, value ORDER BY ts DESC) AS a, pg_temp.shown(crm_attribute(def, ts, channel, is_touch, value)) AS with_zone,
             pg_temp.shown(crm_attribute(def, ts::timestamp, channel, is_touch, value ORDER BY channel)) AS without_zone,
             pg_temp.shown(crm_attribute(def, ts, channel, is_touch)) AS no_values
      FROM credit_event GROUP BY id) g USING (id)
WHERE (with_zone, without_zone, pg_temp.shown(a)) IS DISTINCT FROM (credits, credits, credits)
   OR no_values <> regexp_replace(credits, '( [0-9.]+) [-0-9.]+', '\1 -', 'g')
ORDER BY w.id;
-- Exactly: as many conversions as there are, and their value.
SELECT count(*) AS cases, count(*) FILTER (WHERE g.n IS DISTINCT FROM w.n OR g.value IS DISTINCT FROM w.value) AS differ
FROM (SELECT id, sum(c.conversions) AS n, sum(c.value) AS value
      FROM (SELECT id, crm_attribute(def, ts, channel, is_touch, value) AS a FROM credit_event GROUP BY id) x, unnest(a) c GROUP BY id) g
JOIN (SELECT id, count(*)::numeric AS n, sum(value) AS value FROM credit_event WHERE NOT is_touch AND ts IS NOT NULL GROUP BY id) w USING (id);

-- A date is its midnight without a time zone: days have 24 hours in any, also
-- 9 March 2025, which has 23 in New York, 2 November, which has 25 there, and 30
-- March, which begins at one o'clock in Beirut.
CREATE TEMP TABLE date_case (id int GENERATED ALWAYS AS IDENTITY, def crm_attribution_def, log text, credits text);
INSERT INTO date_case (def, log, credits) VALUES
    (crm_attribution_def('last', '24 hours'), '2025-11-02 a, 2025-11-03 C=10', 'a 1 10'),
    (crm_attribution_def('last', '1 day'), '2025-11-02 a, 2025-11-03 C=10', 'a 1 10'),
    (crm_attribution_def('last', '1 day'), '2025-11-01 a, 2025-11-03 C=10', 'none 1 10'),
    (crm_attribution_def('last', '23 hours'), '2025-03-09 a, 2025-03-10 C=10', 'none 1 10'),
    (crm_attribution_def('last', '24 hours'), '2025-03-09 a, 2025-03-10 C=10', 'a 1 10'),
    (crm_attribution_def('last', '1 day'), '2025-03-29 a, 2025-03-30 C=10', 'a 1 10'),
    (crm_attribution_def('last', '168 hours'), '2025-10-28 a, 2025-11-04 C=10', 'a 1 10'),
    (crm_attribution_def('last', '1 month'), '2025-02-28 a, 2025-03-31 C=10', 'a 1 10'),
    (crm_attribution_def('last', '1 month'), '2025-02-27 a, 2025-03-31 C=10', 'none 1 10'),
    -- two half-lives between the touches: one to four
    (crm_attribution_def('time_decay', half_life => '1 day'), '2025-11-01 a, 2025-11-03 b, 2025-11-03 C=10', 'a 0.2 2, b 0.8 8'),
    (crm_attribution_def('time_decay', half_life => '24 hours'), '2025-03-08 a, 2025-03-10 b, 2025-03-12 C=10', 'a 0.2 2, b 0.8 8'),
    ('time_decay', '2025-10-27 a, 2025-11-03 b, 2025-11-03 C=9', 'a 0.333333 3, b 0.666667 6'),
    -- touches of the conversion's day count, and are used up by it; later ones do not
    ('linear', '2025-11-02 C=10, 2025-11-02 a, 2025-11-03 b', 'a 1 10'),
    (crm_attribution_def('last', '24 hours', reset_on_conversion => true), '2025-11-01 a, 2025-11-02 C=1, 2025-11-02 b, 2025-11-03 C=2', 'b 1 1, none 1 2'),
    (crm_attribution_def('last', '24 hours', reset_on_conversion => true), '2025-11-01 a, 2025-11-02 C=1, 2025-11-03 b, 2025-11-03 C=2', 'a 1 1, b 1 2'),
    (crm_attribution_def('last', '24 hours', reset_on_conversion => true), '2025-11-01 a, 2025-11-02 C=1, 2025-11-03 C=2', 'a 1 1, none 1 2'),
    ('linear', '? a, 2025-11-03 C=10', 'none 1 10'),
    ('linear', '? a, ? C=10', 'NULL');
CREATE FUNCTION pg_temp.wrong_dates(zone text) RETURNS TABLE (id int, log text, credits text, of_values text, no_values text) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('timezone', zone, true);
    RETURN QUERY
    SELECT w.id, w.log, w.credits, g.of_values, g.no_values
    FROM date_case w
    JOIN (SELECT c.id, pg_temp.shown(crm_attribute(def, d, e[2], e[2] <> 'C', e[3]::numeric ORDER BY d DESC)) AS of_values, pg_temp.shown(crm_attribute(def, d, e[2], e[2] <> 'C')) AS no_values
          FROM date_case c, LATERAL regexp_split_to_table(c.log, ', ') event, LATERAL (SELECT regexp_split_to_array(event, '[ =]') AS e) x,
               LATERAL (SELECT nullif(e[1], '?')::date AS d) y
          GROUP BY c.id) g USING (id)
    WHERE g.of_values <> w.credits OR g.no_values <> regexp_replace(w.credits, '( [0-9.]+) [0-9.]+', '\1 -', 'g');
END $$;
SELECT zone, w.* FROM unnest('{UTC,America/New_York,Asia/Beirut}'::text[]) zone, LATERAL pg_temp.wrong_dates(zone) w ORDER BY zone, w.id;
SELECT count(*) AS cases FROM date_case;
-- Instants differ: days of 25 hours and of 23, and one that begins late.
SELECT zone, x.*
FROM (VALUES ('America/New_York', date '2025-11-02', interval '24 hours'), ('America/New_York', '2025-03-09', '23 hours'), ('Asia/Beirut', '2025-03-29', '1 day')) v (zone, day, lookback),
     LATERAL (SELECT set_config('timezone', zone, false)) z (zone_set),
     LATERAL (SELECT day, lookback, pg_temp.shown(crm_attribute(crm_attribution_def('last', lookback), day + i, 'a', i = 0)) AS date,
                     pg_temp.shown(crm_attribute(crm_attribution_def('last', lookback), (day + i)::timestamp AT TIME ZONE zone_set, 'a', i = 0)) AS instant
              FROM generate_series(0, 1) i) x;
SET timezone = 'UTC';
SELECT pg_temp.shown(crm_attribute('linear', '2025-11-02', 'a', false)) AS untyped, pg_temp.shown(crm_attribute('linear', NULL, 'a', false)) AS untyped_null;

-- What rounding leaves goes to the last touch, which is not the last name.
SELECT c.* FROM (SELECT crm_attribute('linear', '2025-01-01'::timestamptz + i * interval '1 hour', channel, channel <> '', 3) AS a
                 FROM unnest('{c,b,a,""}'::text[]) WITH ORDINALITY u (channel, i)) x, unnest(a) c;

--
-- Paths
--

-- "a>b 2/1" is the path a, b, taken by two who converted and one who did not.
-- The answers are removal effect and share of conversions by the Markov chain,
-- and conversions by Shapley value.
CREATE TEMP TABLE path_case (id int GENERATED ALWAYS AS IDENTITY, paths text, effects text);
INSERT INTO path_case (paths, effects) VALUES
    -- one channel: without it nobody converts
    ('a 1/0', 'a 1 1 1'),
    ('a 3/2', 'a 1 1 3'),
    -- each of two leads half of them; neither is on the other's way
    ('a 1/0, b 1/0', 'a 0.5 0.5 1, b 0.5 0.5 1'),
    -- all pass both
    ('a>b 1/0', 'a 1 0.5 0.5, b 1 0.5 0.5'),
    ('a>b 4/4', 'a 1 0.5 2, b 1 0.5 2'),
    -- staying in a channel changes nothing, nor does coming twice for Shapley
    ('a>a>a>b 1/0', 'a 1 0.5 0.5, b 1 0.5 0.5'),
    ('a>a 1/0, a>a>b>b 0/1', 'a 1 1 1, b 0 0 0'),
    -- Round and round: start to a and to b 1/2 each, a to b and to the conversion,
    -- b to a and out.  So a converts with 1/2 + 1/2 * 1/2 a = 2/3, b with 1/3, the
    -- start with 1/2.  Without b: 1/2 * 1/2 = 1/4, half of it.
    ('a>b>a 1/0, b 0/1', 'a 1 0.666667 0.5, b 0.5 0.333333 0.5'),
    -- a channel that only those without conversion saw has no effect
    ('a 1/0, c 0/5', 'a 1 1 1, c 0 0 0'),
    -- Start to a 2/3, to b 1/3; a to the conversion 2/3, to b 1/3; b to a 1/2,
    -- out 1/2.  So a = 2/3 + 1/3 * 1/2 a = 4/5, b = 1/2 a = 2/5, and the start
    -- 2/3 * 4/5 + 1/3 * 2/5 = 2/3.  Without b: 2/3 * 2/3 = 4/9, a third less.
    ('a 1/0, a>b 0/1, b>a 1/0', 'a 1 0.75 1.5, b 0.333333 0.25 0.5'),
    -- no conversions, and those without a path
    ('a>b 0/2, a 0/1', 'a - - 0, b - - 0'),
    ('a 1/0,  2/1', 'a 1 1 1, none - - 2'),
    (' 2/0', 'none - - 2'),
    (' 0/2', 'empty');
CREATE TEMP VIEW path_row AS
SELECT id, CASE WHEN p[1] = '' THEN '{}' ELSE string_to_array(p[1], '>') END AS path, p[2]::bigint AS conversions, p[3]::bigint AS losses
FROM path_case, LATERAL regexp_split_to_table(paths, ', ') path, LATERAL (SELECT regexp_split_to_array(path, '[ /]') AS p) x;
SELECT w.*, got
FROM path_case w
JOIN (SELECT id, coalesce((SELECT string_agg(concat_ws(' ', coalesce(m.channel, 'none'), pg_temp.rounded(m.removal_effect::numeric), pg_temp.rounded(m.share::numeric),
                                                       pg_temp.rounded(s.conversions::numeric)), ', ' ORDER BY m.channel)
                           FROM unnest(markov) m JOIN unnest(shapley) s ON m.channel IS NOT DISTINCT FROM s.channel), 'empty') AS got
      FROM (SELECT id, crm_attribution_markov(path, conversions, losses, NULL) AS markov, crm_attribution_shapley(path, conversions, losses, NULL) AS shapley
            FROM path_row GROUP BY id) x) g USING (id)
WHERE got <> effects
ORDER BY w.id;
-- Credits add up to the conversions with a path and their value, by both.
SELECT count(*) AS cases, count(*) FILTER (WHERE abs(markov - n) > 1e-12 OR abs(shapley - n) > 1e-12 OR abs(markov_value - 2 * n) > 1e-12 OR abs(shapley_value - 2 * n) > 1e-12) AS differ
FROM (SELECT id, (SELECT sum(conversions) FROM unnest(markov)) AS markov, (SELECT sum(conversions) FROM unnest(shapley)) AS shapley,
             (SELECT sum(value) FROM unnest(markov)) AS markov_value, (SELECT sum(value) FROM unnest(shapley)) AS shapley_value, n
      FROM (SELECT id, crm_attribution_markov(path, conversions, losses, 2 * conversions) AS markov,
                   crm_attribution_shapley(path, conversions, losses, 2 * conversions) AS shapley, sum(conversions) AS n
            FROM path_row GROUP BY id) x) y;
