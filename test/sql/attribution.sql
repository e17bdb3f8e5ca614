-- Attribution.  Expected values of the rules are worked out by hand where they
-- are written down, and come from joining each conversion with each touch in
-- plain SQL elsewhere.  Those of Markov chains and Shapley values come from
-- published examples, from following paths step by step, and from enumerating
-- all sets of channels.

SET datestyle = ISO;
SET timezone = 'UTC';

-- What a statement raises: SQLSTATE, message, hint.
CREATE FUNCTION pg_temp.error_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    message text;
    hint text;
BEGIN
    EXECUTE statement;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
    RETURN SQLSTATE || ' ' || message || coalesce(' (' || nullif(hint, '') || ')', '');
END;
$$;

-- A number from 0 to n - 1 that looks random and is the same everywhere.
CREATE FUNCTION pg_temp.pick(n int, VARIADIC key int[]) RETURNS int LANGUAGE sql AS $$
    SELECT ((('x' || substr(md5(array_to_string(key, '/')), 1, 8))::bit(32)::bigint) % n)::int
$$;

--
-- Definitions
--

SELECT crm_attribution_def();
SELECT crm_attribution_def('last');
SELECT crm_attribution_def('position');
SELECT crm_attribution_def('time_decay');
SELECT crm_attribution_def('last_non_direct');
SELECT crm_attribution_def(model => 'last_non_direct', ignore => ARRAY['(none)', 'direct', '(none)']);
SELECT crm_attribution_def('time_decay', '1 year 2 days 03:04:05.06', half_life => '36 hours',
                           ignore => ARRAY['b "quoted"', 'a\b', 'c d'], reset_on_conversion => true);
SELECT crm_attribution_def('custom', weights => ARRAY[3, 0.1, 2]);
SELECT crm_attribution_def(NULL, NULL, NULL, NULL, NULL, NULL);

-- Text that was written reads back the same.
CREATE TABLE def (i int, d crm_attribution_def);
INSERT INTO def VALUES
    (1, crm_attribution_def()), (2, crm_attribution_def('time_decay', '0.000001 seconds', '1 month 1 day')),
    (3, crm_attribution_def('custom', weights => ARRAY[1.0 / 3, 0, 1e-300])),
    (4, crm_attribution_def('first', '90 days', ignore => ARRAY['', '"', '\', ' ', 'ü'], reset_on_conversion => true)),
    (5, 'position');
SELECT count(*) AS round_trips FROM def WHERE d::text::crm_attribution_def::text = d::text;
CREATE TABLE def_back (LIKE def);
\copy def TO 'results/attribution_def.bin' (FORMAT binary)
\copy def_back FROM 'results/attribution_def.bin' (FORMAT binary)
SELECT count(*) AS binary_round_trips FROM def a JOIN def_back b USING (i) WHERE a.d::text = b.d::text;

SELECT i, pg_temp.error_of('SELECT ' || call) FROM (VALUES
    (1, $$crm_attribution_def('newest', NULL)$$),
    (2, $$crm_attribution_def('newest')$$),
    (3, $$crm_attribution_def('last', '0')$$),
    (4, $$crm_attribution_def('last', '-1 day')$$),
    (5, $$crm_attribution_def('last', '1 month -1 day')$$),
    (6, $$crm_attribution_def('last', NULL, '7 days')$$),
    (7, $$crm_attribution_def('time_decay', NULL, '0')$$),
    (8, $$crm_attribution_def('custom', NULL)$$),
    (9, $$crm_attribution_def('linear', weights => '{1}')$$),
    (10, $$crm_attribution_def('position', weights => '{1,2}')$$),
    (11, $$crm_attribution_def('custom', weights => '{1,-2}')$$),
    (12, $$crm_attribution_def('custom', weights => '{0,0}')$$),
    (13, $$crm_attribution_def('custom', weights => '{1,NaN}')$$),
    (14, $$crm_attribution_def('custom', weights => '{1,NULL}')$$),
    (15, $$crm_attribution_def('custom', weights => '{}')$$),
    (16, $$crm_attribution_def('custom', weights => '{{1}}')$$),
    (17, $$crm_attribution_def('custom', weights => (SELECT array_agg(1) FROM generate_series(1, 101)))$$),
    (18, $$crm_attribution_def('last', ignore => '{NULL}')$$),
    (19, $$crm_attribution_def('last', ignore => (SELECT array_agg('c' || i) FROM generate_series(1, 1001) i))$$)
) v(i, call) ORDER BY i;

SELECT i, pg_temp.error_of(format('SELECT %L::crm_attribution_def', value)) FROM (VALUES
    (1, ''), (2, 'crm_attribution_def:2 model=last'), (3, 'crm_attribution_def:1'),
    (4, 'crm_attribution_def:1 model=last lookback='), (5, 'crm_attribution_def:1 model=last lookback=7'),
    (6, 'crm_attribution_def:1 model=last lookback=99999999999mon'),
    (7, 'crm_attribution_def:1 model=last lookback=99999999999999999999s'),
    (8, 'crm_attribution_def:1 model=last ignore=["a'), (9, 'crm_attribution_def:1 model=last ignore=["a\'),
    (10, 'crm_attribution_def:1 model=last ignore=[]'), (11, 'crm_attribution_def:1 model=custom'),
    (12, 'crm_attribution_def:1 model=time_decay'), (13, 'crm_attribution_def:1 model=last reset_on_conversion=2'),
    (14, 'crm_attribution_def:1 model=last more'), (15, 'crm_attribution_def:1 model=position weights=[1]')
) v(i, value) ORDER BY i;

--
-- Rules by hand
--

-- A customer's journey.  The e-mail at the instant of the conversion counts,
-- the touch after it does not.
CREATE TABLE journey (ts timestamptz, channel text, is_touch boolean, value numeric);
INSERT INTO journey VALUES
    ('2025-01-01', 'search', true, NULL), ('2025-01-08', 'social', true, NULL), ('2025-01-15', 'search', true, NULL),
    ('2025-01-22', 'direct', true, NULL), ('2025-01-22 12:00', 'email', true, NULL),
    ('2025-01-22 12:00', NULL, false, 100.00), ('2025-01-22 12:01', 'display', true, NULL);

SELECT model, crm_attribute(crm_attribution_def(model), ts, channel, is_touch, value)
FROM journey, unnest('{first,last,last_non_direct,linear,position}'::text[]) model
GROUP BY model ORDER BY model COLLATE "C";

-- Half-life of a week, touches 3, 2 and 1 weeks before the last: 1/8, 1/4, 1/2
-- and 1 of 15/8.
SELECT crm_attribute(crm_attribution_def('time_decay', half_life => '7 days'), ts, channel, is_touch)
FROM (VALUES (timestamptz '2025-01-01', 'a', true), ('2025-01-08', 'b', true), ('2025-01-15', 'c', true),
             ('2025-01-22', 'd', true), ('2025-01-22', 'x', false)) v(ts, channel, is_touch);

-- Position with one, two, three and six touches.
SELECT n, crm_attribute(crm_attribution_def('position'), '2025-01-01'::timestamptz + i * interval '1 day', 'c' || i, i <= n)
FROM unnest('{1,2,3,6}'::int[]) n, generate_series(1, n + 1) i
GROUP BY n ORDER BY n;

-- Weights are laid on from both ends; the middle one is shared.
SELECT w, n, (SELECT string_agg(round(conversions, 4)::text, ' ' ORDER BY channel COLLATE "C")
              FROM unnest(a)) AS credits
FROM (SELECT w, n, crm_attribute(crm_attribution_def('custom', weights => w),
                                 '2025-01-01'::timestamptz + i * interval '1 day', 'c' || i, i <= n) AS a
      FROM (VALUES ('{3,2,5}'::float8[]), ('{1,2}'), ('{4,1,1,2}'), ('{7}'), ('{0,1,0}'), ('{1,0,0}')) v(w),
           unnest('{1,2,3,5}'::int[]) n, generate_series(1, n + 1) i
      GROUP BY w, n) x
ORDER BY w, n;

-- Lookback is inclusive to the microsecond.
SELECT lookback, crm_attribute(crm_attribution_def('first', lookback), ts, channel, is_touch)
FROM journey, unnest('{21.5 days,21 days 12:00:01,21 days 11:59:59.999999,1 second,1 month,9999 years}'::interval[]) lookback
GROUP BY lookback ORDER BY lookback;

-- No touch in sight: the channel is NULL.
SELECT crm_attribute(crm_attribution_def('linear'), ts, channel, is_touch, value)
FROM (VALUES (timestamptz '2025-01-01', 'a', false, 10.00), ('2025-01-02', 'a', true, 7), ('2025-01-03', 'a', false, 5.5),
             ('2026-01-03', 'a', false, NULL)) v(ts, channel, is_touch, value);
SELECT crm_attribute(crm_attribution_def('linear', '90 days'), ts, channel, is_touch, value)
FROM (VALUES (timestamptz '2025-01-01', 'a', false, 10.00), ('2025-01-02', 'a', true, 7), ('2025-01-03', 'a', false, 5.5),
             ('2026-01-03', 'a', false, NULL)) v(ts, channel, is_touch, value);

-- A conversion uses up the touches to its instant; conversions at one instant
-- share theirs.
SELECT reset, crm_attribute(crm_attribution_def('last', reset_on_conversion => reset), ts, channel, is_touch, value)
FROM (VALUES (timestamptz '2025-01-01', 'a', true, NULL), ('2025-01-02', 'b', true, NULL),
             ('2025-01-02', NULL, false, 1), ('2025-01-02', NULL, false, 2), ('2025-01-03', NULL, false, 4),
             ('2025-01-04', 'c', true, NULL), ('2025-01-05', NULL, false, 8)) v(ts, channel, is_touch, value),
     unnest('{f,t}'::boolean[]) reset
GROUP BY reset ORDER BY reset;

-- Touches of one instant: by the bytes of their names, so that "last" is the
-- greatest; upper case comes before lower case.
SELECT model, crm_attribute(crm_attribution_def(model), '2025-01-01'::timestamptz, channel, channel <> '')
FROM unnest('{b,Z,a,"",ä}'::text[]) channel, unnest('{first,last}'::text[]) model GROUP BY model ORDER BY model;

-- Ignored channels; only direct touches.
SELECT d, crm_attribute(d::crm_attribution_def, '2025-01-01'::timestamptz + i * interval '1 hour', channel, channel <> '')
FROM unnest(ARRAY['crm_attribution_def:1 model=linear ignore=["direct"]', 'last_non_direct']) d,
     unnest('{direct,direct,""}'::text[]) WITH ORDINALITY u(channel, i) GROUP BY d ORDER BY d;

-- Credits add up to exactly one, values to the value, whatever the rounding.
SELECT n, model, sum(c.conversions) AS conversions, sum(c.value) AS value, sum(c.value) = v AS exact
FROM (SELECT n, model, v, crm_attribute(crm_attribution_def(model), '2025-01-01'::timestamptz + i * interval '1 hour',
                                        'c' || i % 7, i <= n, v) AS a
      FROM unnest('{3,7,49,1000}'::int[]) n, generate_series(1, n + 1) i, unnest('{linear,position,time_decay}'::text[]) model,
           (VALUES (100.01), (-0.000000000000001), (123456789012345678901234567890.123456789)) x(v)
      GROUP BY n, model, v) y, unnest(a) c
GROUP BY n, model, v ORDER BY n, model, v;

-- A value may show many zeros.
SELECT c.channel, c.conversions, c.value, scale(c.value) AS scale
FROM (SELECT crm_attribute(crm_attribution_def('linear'), '2025-01-01'::timestamptz, channel, channel <> '', 7::numeric(200, 90)) AS a
      FROM unnest('{a,b,c,""}'::text[]) channel) x, unnest(a) c;

-- A day ago in New York was 23 hours ago: the clocks went forward.
SET timezone = 'America/New_York';
SELECT lookback, crm_attribute(crm_attribution_def('last', lookback::interval), ts, 'a', touch) AS zone,
       crm_attribute(crm_attribution_def('last', lookback::interval), ts::timestamp, 'a', touch) AS local
FROM (VALUES (timestamptz '2025-03-08 11:30', true), ('2025-03-09 12:00', false)) v(ts, touch),
     unnest('{1 day,24 hours,25 hours}'::text[]) lookback
GROUP BY lookback ORDER BY lookback COLLATE "C";
SET timezone = 'UTC';

-- NULL and nothing.
SELECT crm_attribute(crm_attribution_def(), ts, channel, is_touch, value) AS no_rows FROM journey WHERE false;
SELECT crm_attribute(crm_attribution_def(), NULL::timestamptz, channel, is_touch, value) AS no_times FROM journey;
SELECT crm_attribute(crm_attribution_def(), ts, channel, NULL, value) AS no_kinds FROM journey;
SELECT crm_attribute(crm_attribution_def(), ts, NULL, is_touch, value) AS no_channels FROM journey;
SELECT crm_attribute(crm_attribution_def(), ts, channel, true, value) AS no_conversions FROM journey;
SELECT crm_attribute(crm_attribution_def(), ts, channel, is_touch, NULL) AS no_values FROM journey;
SELECT crm_attribute(crm_attribution_def(), ts, channel, is_touch) AS no_value_argument FROM journey;

SELECT i, pg_temp.error_of('SELECT ' || call || ' FROM journey') FROM (VALUES
    (1, $$crm_attribute(NULL, ts, channel, is_touch)$$),
    (2, $$crm_attribute(crm_attribution_def(CASE WHEN is_touch THEN 'last' ELSE 'first' END), ts, channel, is_touch)$$),
    (3, $$crm_attribute(crm_attribution_def(), 'infinity'::timestamptz, channel, is_touch)$$),
    (4, $$crm_attribute(crm_attribution_def(), '9999-12-31'::timestamptz, channel, is_touch)$$),
    (5, $$crm_attribute(crm_attribution_def(), ts, channel, is_touch, 'NaN')$$),
    (6, $$crm_attribute(crm_attribution_def(), ts, channel, is_touch, 'Infinity')$$),
    (7, $$crm_attribute(crm_attribution_def(), 5, channel, is_touch)$$),
    (8, $$crm_attribute(crm_attribution_def(), ts, channel, 1)$$),
    (9, $$crm_attribute('last', ts, channel, is_touch)$$),
    (10, $$crm_attribute_transfn(NULL, 'last', ts, channel, is_touch)$$),
    (11, $$crm_attribute(crm_attribution_def(), 'infinity'::date, channel, is_touch)$$),
    (12, $$crm_attribute(crm_attribution_def(), '2285-06-07'::date, channel, is_touch)$$),
    (13, $$crm_attribute(crm_attribution_def(), '5874897-12-31'::date, channel, is_touch, value)$$)
) v(i, call) ORDER BY i;

-- Many channels: a query may have any number, a group up to 1024.
SELECT count(*) AS customers, sum(credits) AS credits, sum(conversions) AS conversions
FROM (SELECT customer, count(*) AS credits, sum(c.conversions) AS conversions
      FROM (SELECT i / 4 AS customer, crm_attribute(crm_attribution_def(), '2025-01-01'::timestamptz + i * interval '1 hour',
                                                   'c' || i, i % 4 < 3) AS a
            FROM generate_series(0, 7999) i GROUP BY 1) x, unnest(a) c
      GROUP BY customer) y;
SELECT cardinality(crm_attribute(crm_attribution_def(), '2025-01-01'::timestamptz + i * interval '1 hour', 'c' || i, i <= 1024))
FROM generate_series(1, 1025) i;
SELECT pg_temp.error_of($$SELECT crm_attribute(crm_attribution_def(), '2025-01-01'::timestamptz, 'c' || i, true)
    FROM generate_series(1, 1025) i$$);

-- As many and values of fifty digits, which workers pass on: each conversion is
-- the hundredth event and goes to the one before it.
CREATE TABLE many_channels AS
SELECT customer, i, '2025-01-01'::timestamptz + i * interval '1 hour' AS ts,
       customer || 'c' || i AS channel, i % 100 > 0 AS is_touch,
       (i || repeat('7', 40) || '.' || i)::numeric AS value
FROM generate_series(1, 1034) i, generate_series(1, 2) customer;
ANALYZE many_channels;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
EXPLAIN (COSTS OFF) SELECT customer, crm_attribute('last', ts, channel, is_touch, value) FROM many_channels GROUP BY customer;
SELECT count(*) AS credits,
       bool_and((c.channel, c.conversions, c.value) IS NOT DISTINCT FROM
                (SELECT (e.channel, 1::numeric, n.value) FROM many_channels e JOIN many_channels n USING (customer)
                 WHERE e.channel = c.channel AND n.i = e.i + 1 AND NOT n.is_touch)) AS same
FROM (SELECT customer, crm_attribute('last', ts, channel, is_touch, value) AS a FROM many_channels GROUP BY customer) x, unnest(a) c;
RESET max_parallel_workers_per_gather;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;

--
-- Random journeys against a join
--

-- 300 customers with up to 30 events, on 60 instants an hour apart: many ties.
CREATE TABLE event AS
SELECT customer, id, channel, is_touch, value,
       CASE WHEN pg_temp.pick(40, customer, id, 1) > 0
            THEN timestamptz '2025-03-08 12:00' + pg_temp.pick(60, customer, id, 2) * interval '1 hour' END AS ts
FROM (SELECT customer, id,
             CASE pg_temp.pick(20, customer, id, 6) WHEN 0 THEN NULL ELSE pg_temp.pick(5, customer, id, 3) > 0 END AS is_touch,
             (ARRAY['search', 'email', 'direct', 'Social', 'social', NULL])[1 + pg_temp.pick(6, customer, id, 4)] AS channel,
             CASE pg_temp.pick(4, customer, id, 5) WHEN 0 THEN NULL WHEN 1 THEN 19.99 WHEN 2 THEN -3
                  ELSE 1000.0 / 7 END AS value
      FROM generate_series(1, 300) customer, generate_series(1, 30) id
      WHERE id <= customer % 31) x;
ANALYZE event;

CREATE TABLE rule (name text PRIMARY KEY, def text, model text, lookback interval, reset boolean, ignore text[]);
INSERT INTO rule VALUES
    ('linear', '', 'linear', NULL, false, NULL),
    ('linear 6h', 'lookback=21600s', 'linear', '6 hours', false, NULL),
    ('linear reset', 'reset_on_conversion=true', 'linear', NULL, true, NULL),
    ('linear 1d reset', 'lookback=1d ignore=["Social","email"] reset_on_conversion=true', 'linear', '1 day', true, '{email,Social}'),
    ('first 1d', 'lookback=1d', 'first', '1 day', false, NULL),
    ('last', '', 'last', NULL, false, NULL),
    ('non-direct 6h', 'lookback=21600s ignore=["direct"]', 'last_non_direct', '6 hours', false, '{direct}'),
    ('position', 'weights=[0.4,0.2,0.4]', 'position', NULL, false, NULL),
    ('custom 12h', 'lookback=43200s weights=[3,1,2]', 'custom', '12 hours', false, NULL),
    ('decay', 'half_life=7200s', 'time_decay', NULL, false, NULL),
    ('decay reset', 'half_life=7200s reset_on_conversion=true', 'time_decay', NULL, true, NULL);

CREATE VIEW ours AS
SELECT name, customer, c.*
FROM (SELECT name, customer,
             crm_attribute(concat_ws(' ', 'crm_attribution_def:1', 'model=' || model, nullif(def, ''))::crm_attribution_def,
                           ts, channel, is_touch, value) AS a
      FROM rule, event GROUP BY name, customer) x, unnest(a) c;

SET timezone = 'America/New_York';
CREATE TABLE brute_force AS
WITH pair AS (
    SELECT r.name, r.model, c.customer, c.id, c.value, t.channel, extract(epoch FROM c.ts - t.ts) / 7200.0 AS age,
           row_number() OVER (PARTITION BY r.name, c.customer, c.id ORDER BY t.ts, t.channel COLLATE "C", t.id) AS i,
           count(*) OVER (PARTITION BY r.name, c.customer, c.id) AS n
    FROM rule r CROSS JOIN event c
    LEFT JOIN event t
      ON t.customer = c.customer AND t.is_touch AND t.channel IS NOT NULL AND t.ts <= c.ts
     AND (r.lookback IS NULL OR t.ts >= c.ts - r.lookback)
     AND (r.ignore IS NULL OR r.model = 'last_non_direct' OR t.channel <> ALL (r.ignore))
     AND (NOT r.reset OR NOT EXISTS (SELECT FROM event p WHERE p.customer = c.customer AND NOT p.is_touch
                                     AND p.ts < c.ts AND p.ts >= t.ts))
    WHERE NOT c.is_touch AND c.ts IS NOT NULL
), weighed AS (
    SELECT *, CASE WHEN n = 1 THEN 1
                   ELSE CASE model
                        WHEN 'linear' THEN 1
                        WHEN 'first' THEN (i = 1)::int
                        WHEN 'last' THEN (i = n)::int
                        WHEN 'last_non_direct' THEN
                            (i = coalesce(max(i) FILTER (WHERE channel <> 'direct') OVER (PARTITION BY name, customer, id), n))::int
                        WHEN 'position' THEN CASE WHEN n = 2 THEN 0.5 WHEN i IN (1, n) THEN 0.4 ELSE 0.2 / (n - 2) END
                        WHEN 'custom' THEN CASE WHEN i = 1 THEN 3 WHEN i = n THEN 2 ELSE 1.0 / (n - 2) END
                        WHEN 'time_decay' THEN power(2::float8, -age::float8) END END::float8 AS weight
    FROM pair
), credit AS (
    SELECT *, weight / sum(weight) OVER (PARTITION BY name, customer, id) AS credit FROM weighed
)
SELECT name, customer, channel, sum(credit) AS conversions, sum(credit * value::float8) AS value
FROM credit WHERE credit > 0
GROUP BY name, customer, channel;

SELECT name, count(*) AS rows, count(DISTINCT customer) AS customers,
       bool_and(abs(u.conversions - b.conversions) < 1e-12) AS same_conversions,
       bool_and((u.value IS NULL) = (b.value IS NULL) AND coalesce(abs(u.value - b.value), 0) < 1e-9) AS same_values,
       count(*) FILTER (WHERE u.conversions IS NULL OR b.conversions IS NULL) AS missing
FROM ours u
FULL JOIN (SELECT *, coalesce(channel, '') AS c FROM brute_force) b
  USING (name, customer) WHERE coalesce(u.channel, '') = b.c OR u.name IS NULL OR b.name IS NULL
GROUP BY name ORDER BY name COLLATE "C";
SELECT (SELECT count(*) FROM ours) = (SELECT count(*) FROM brute_force) AS same_rows;

-- To the last digit.
SELECT name, sum(conversions) AS conversions, sum(value) = (SELECT sum(value) FROM event WHERE NOT is_touch AND ts IS NOT NULL) AS exact
FROM ours GROUP BY name ORDER BY name COLLATE "C";

-- Dates are whole days apart, whatever the clocks in New York did on 9 March.
CREATE TEMP TABLE dated AS
SELECT *, date '2025-02-10' + (extract(epoch FROM ts - timestamptz '2025-03-08 12:00+00') / 3600)::int AS d FROM event;
ANALYZE dated;
CREATE TEMP TABLE date_rule (name text, def crm_attribution_def, days int, half_life float8);
INSERT INTO date_rule VALUES
    ('linear 3d', crm_attribution_def('linear', '3 days'), 3, NULL), ('linear 72h', crm_attribution_def('linear', '72 hours'), 3, NULL),
    ('decay', crm_attribution_def('time_decay', half_life => '1.5 days'), NULL, 1.5), ('decay 10d', crm_attribution_def('time_decay', '10 days', '48 hours'), 10, 2);
WITH pair AS (
    SELECT r.name, c.customer, c.id, c.value, t.channel, coalesce(power(2::float8, -(c.d - t.d) / r.half_life), 1) AS weight
    FROM date_rule r CROSS JOIN dated c
    LEFT JOIN dated t ON t.customer = c.customer AND t.is_touch AND t.channel IS NOT NULL AND t.d <= c.d AND (r.days IS NULL OR c.d - t.d <= r.days)
    WHERE NOT c.is_touch AND c.d IS NOT NULL
), credit AS (
    SELECT *, weight / sum(weight) OVER (PARTITION BY name, customer, id) AS credit FROM pair
), want AS (
    SELECT name, customer, coalesce(channel, '') AS channel, sum(credit) AS conversions, sum(credit * value::float8) AS value FROM credit GROUP BY 1, 2, 3
), got AS (
    SELECT name, customer, coalesce(c.channel, '') AS channel, c.conversions, c.value
    FROM (SELECT name, customer, crm_attribute(def, d, channel, is_touch, value) AS a FROM date_rule, dated GROUP BY name, customer) x, unnest(a) c
)
SELECT name, count(*) AS rows, bool_and(abs(g.conversions - w.conversions) < 1e-12) AS same_conversions,
       bool_and((g.value IS NULL) = (w.value IS NULL) AND coalesce(abs(g.value - w.value), 0) < 1e-9) AS same_values,
       count(*) FILTER (WHERE g.conversions IS NULL OR w.conversions IS NULL) AS missing
FROM got g FULL JOIN want w USING (name, customer, channel) GROUP BY name ORDER BY name COLLATE "C";
DROP TABLE dated;

--
-- Any order of rows, any plan
--

CREATE TABLE event_shuffled AS SELECT * FROM event ORDER BY md5(customer::text || '/' || id::text || 'x');
ANALYZE event_shuffled;
CREATE VIEW by_customer AS
SELECT md5(string_agg(customer || a::text || b::text || c::text || d::text, ',' ORDER BY customer)) AS checksum
FROM (SELECT customer, crm_attribute(crm_attribution_def('time_decay', '1 day'), ts, channel, is_touch, value) AS a,
             crm_attribute(crm_attribution_def('last', reset_on_conversion => true), ts, channel, is_touch, value) AS b,
             crm_attribute(crm_attribution_def('first', ignore => '{email}'), ts, channel, is_touch) AS c,
             crm_attribute(crm_attribution_def('time_decay', '24 hours'), ts::date, channel, is_touch, value) AS d
      FROM event_shuffled GROUP BY customer) x;
SET max_parallel_workers_per_gather = 0;
CREATE TABLE answer AS SELECT checksum AS serial_hash FROM by_customer;
SELECT md5(string_agg(customer || a::text || b::text || c::text || d::text, ',' ORDER BY customer)) = serial_hash AS ordered
FROM (SELECT customer, crm_attribute(crm_attribution_def('time_decay', '1 day'), ts, channel, is_touch, value ORDER BY ts, id) AS a,
             crm_attribute(crm_attribution_def('last', reset_on_conversion => true), ts, channel, is_touch, value ORDER BY id) AS b,
             crm_attribute(crm_attribution_def('first', ignore => '{email}'), ts, channel, is_touch ORDER BY id DESC) AS c,
             crm_attribute(crm_attribution_def('time_decay', '24 hours'), ts::date, channel, is_touch, value ORDER BY ts DESC, id) AS d
      FROM event GROUP BY customer) x, answer GROUP BY serial_hash;
SET enable_hashagg = off;
SELECT checksum = serial_hash AS sorted FROM by_customer, answer;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
EXPLAIN (COSTS OFF) SELECT customer, crm_attribute(crm_attribution_def('linear'), ts, channel, is_touch, value)
FROM event_shuffled GROUP BY customer;
SELECT checksum = serial_hash AS parallel_sorted FROM by_customer, answer;
SET enable_hashagg = on;
SET enable_sort = off;
SELECT checksum = serial_hash AS parallel_hash FROM by_customer, answer;
RESET enable_sort;
SELECT checksum = serial_hash AS parallel FROM by_customer, answer;
-- More channels than have a place of their own, and numerics that are big.
CREATE TABLE wide_event AS
SELECT i % 50 AS customer, timestamptz '2025-01-01' + (i * 7919 % 4000) * interval '1 hour' AS ts,
       'c' || i % 1300 AS channel, i % 9 > 0 AS is_touch, CASE WHEN i % 2 = 0 THEN 1e40 ELSE 0.01 END AS value
FROM generate_series(1, 8000) i;
ANALYZE wide_event;
CREATE VIEW wide AS
SELECT md5(string_agg(customer || a::text, ',' ORDER BY customer)) AS checksum
FROM (SELECT customer, crm_attribute(crm_attribution_def('linear', '20 days'), ts, channel, is_touch, value) AS a
      FROM wide_event GROUP BY customer) x;
CREATE TABLE wide_answer AS SELECT checksum FROM wide;
SET max_parallel_workers_per_gather = 0;
SELECT w.checksum = a.checksum AS wide FROM wide w, wide_answer a;
SET max_parallel_workers_per_gather = 2;

--
-- Paths
--

-- Examples from the literature: 1 is S. Bryl's (C1 > C2 > C3 converts, C1 and
-- C2 > C3 do not), 2 is S. Puzyrov's, 3 six paths of a CRM, solved anew
-- without each channel in numpy.
CREATE TABLE example (example int, path text[], conversions int, value numeric, losses int);
INSERT INTO example VALUES
    (1, '{C1,C2,C3}', 1, 1, 0), (1, '{C1}', 0, 0, 1), (1, '{C2,C3}', 0, 0, 1),
    (2, '{google}', 2, 2, 0), (2, '{mailing}', 1, 1, 0), (2, '{google,mailing}', 1, 1, 0), (2, '{google}', 0, 0, 1),
    (3, '{search,email}', 10, 500, 20), (3, '{email}', 5, 200, 30), (3, '{social,search,email}', 4, 300, 6),
    (3, '{social}', 1, 40, 50), (3, '{display,social,search}', 3, 150, 12), (3, '{search,search,email}', 2, 90, 3);
CREATE TABLE wanted (example int, channel text, removal_effect float8, share float8, conversions float8, value float8, shapley float8);
INSERT INTO wanted VALUES
    (1, 'C1', 0.5, 0.2, 0.2, 0.2, 0.333333333333), (1, 'C2', 1, 0.4, 0.4, 0.4, 0.333333333333),
    (1, 'C3', 1, 0.4, 0.4, 0.4, 0.333333333333),
    (2, 'google', 0.75, 0.6, 2.4, 2.4, 2.5), (2, 'mailing', 0.5, 0.4, 1.6, 1.6, 1.5),
    (3, 'display', 0.0566200657895, 0.0318807562477, 0.797018906191, 40.807367997, 1),
    (3, 'email', 0.84, 0.472974287024, 11.8243571756, 605.407087391, 12.3333333333),
    (3, 'search', 0.5925, 0.33361579174, 8.3403947935, 427.028213427, 8.33333333333),
    (3, 'social', 0.286875, 0.161529164988, 4.0382291247, 206.757331185, 3.33333333333);
SELECT x.example, m.channel, abs(m.removal_effect - w.removal_effect) < 1e-11 AS removal_effect, abs(m.share - w.share) < 1e-11 AS share,
       abs(m.conversions - w.conversions) < 1e-9 AS conversions, abs(m.value - w.value) < 1e-8 AS value,
       abs(s.conversions - w.shapley) < 1e-10 AS shapley
FROM (SELECT example, crm_attribution_markov(path, conversions, losses, value) AS markov,
             crm_attribution_shapley(path, conversions, losses, value) AS shapley FROM example GROUP BY example) x,
     unnest(markov) m, unnest(shapley) s, wanted w
WHERE w.example = x.example AND m.channel = w.channel AND s.channel = w.channel
ORDER BY 1, 2;

-- Path by path is the same.  A value is that of each conversion.
CREATE VIEW single AS
SELECT example, path, i <= conversions AS converted, CASE WHEN conversions > 0 THEN value / conversions END AS value
FROM example, generate_series(1, conversions + losses) i;
SELECT example, s.agg::text = e.agg::text AS same_summary, s.markov = e.markov AS markov, s.shapley = e.shapley AS shapley
FROM (SELECT example, crm_attribution_agg(path, converted) AS agg, crm_attribution_markov(path, converted) AS markov,
             crm_attribution_shapley(path, converted) AS shapley
      FROM single GROUP BY example) s
JOIN (SELECT example, crm_attribution_agg(path, conversions, losses, NULL) AS agg,
             crm_attribution_markov(path, conversions, losses, NULL) AS markov,
             crm_attribution_shapley(path, conversions, losses, NULL) AS shapley
      FROM example GROUP BY example) e USING (example)
ORDER BY example;
SELECT unnest(crm_attribution_shapley(path, converted, value)) FROM single WHERE example = 2;

-- Conversions without a path are without a channel.  NULLs in a path are
-- skipped, staying in a channel changes nothing.
SELECT s, s::jsonb FROM (SELECT crm_attribution_agg(path, converted, value) AS s
FROM (VALUES ('{}'::text[], true, 5.50), ('{}', false, 5), ('{NULL}', true, NULL), ('{a,NULL,a,b,b,a}', true, 2), ('{a,b}', true, NULL),
             ('{b}', false, 7), (NULL, true, 9), ('{a}', NULL, 9), ('{"q\"r s\\"}', true, 1)) v(path, converted, value)) x;
SELECT crm_attribution_markov(path, true) AS markov, crm_attribution_shapley(path, true) AS shapley FROM (VALUES ('{}'::text[])) v(path);
SELECT crm_attribution_markov(path, false, 1) AS markov, crm_attribution_shapley(path, false, 1) AS shapley FROM (VALUES ('{a,b}'::text[])) v(path);
SELECT crm_attribution_markov(path, true) AS markov, crm_attribution_agg(path, true) AS agg FROM example WHERE false;

-- 3000 random paths of up to six channels out of seven.
CREATE TABLE path AS
SELECT id, pg_temp.pick(3, id, 2) = 0 AS converted, pg_temp.pick(1000, id, 3) / 100.0 AS value,
       (SELECT coalesce(array_agg(substr('abcdefg', 1 + pg_temp.pick(7, id, i, 4), 1) ORDER BY i), '{}')
        FROM generate_series(1, pg_temp.pick(7, id, 1)) i) AS path
FROM generate_series(1, 3000) id;
ANALYZE path;

-- Shapley by definition: marginal contributions over all sets of the others,
-- as bit masks, each set's worth being the conversions of paths within it.
WITH coalition AS MATERIALIZED (
    SELECT (SELECT sum(1 << (ascii(c) - ascii('a'))) FROM (SELECT DISTINCT unnest(path) AS c) u)::int AS members, count(*) AS n,
           sum(value) AS value
    FROM path WHERE converted AND path <> '{}' GROUP BY 1
), worth AS MATERIALIZED (
    SELECT s, coalesce(sum(n), 0) AS n, coalesce(sum(value), 0) AS value
    FROM generate_series(0, 127) s LEFT JOIN coalition ON members & ~s = 0 GROUP BY s
), phi AS (
    SELECT chr(ascii('a') + c) AS channel, sum(weight * (w.n - o.n)) AS conversions, sum(weight * (w.value - o.value)) AS value
    FROM generate_series(0, 6) c
    JOIN worth o ON o.s & (1 << c) = 0
    JOIN worth w ON w.s = o.s | (1 << c)
    CROSS JOIN LATERAL (SELECT factorial(k) * factorial(6 - k) / factorial(7) AS weight
                        FROM (SELECT length(replace(o.s::bit(7)::text, '0', '')) AS k) x) y
    GROUP BY 1
)
SELECT count(*) AS channels, bool_and(abs(s.conversions - phi.conversions) < 1e-9) AS conversions,
       bool_and(abs(s.value - phi.value) < 1e-9) AS value, abs(sum(s.share) - 1) < 1e-12 AS shares
FROM (SELECT crm_attribution_shapley(path, converted, value) AS rows FROM path) x, unnest(rows) s
JOIN phi USING (channel);

-- Markov by definition: follow everybody for 200 steps, with and without each
-- channel; who comes to the removed channel is lost.
WITH RECURSIVE step AS MATERIALIZED (
    SELECT "from", "to", count(*)::float8 / sum(count(*)) OVER (PARTITION BY "from") AS p
    FROM (SELECT coalesce(path[i], 'start') AS "from",
                 CASE WHEN i < cardinality(path) THEN path[i + 1] WHEN converted THEN 'conversion' ELSE 'loss' END AS "to"
          FROM path, generate_series(0, cardinality(path)) i WHERE path <> '{}') moves
    GROUP BY 1, 2
), walk AS (
    SELECT removed, 0 AS i, '{"start": 1}'::jsonb AS here, 0::float8 AS converted
    FROM unnest('{"",a,b,c,d,e,f,g}'::text[]) removed
    UNION ALL
    SELECT removed, i + 1, (SELECT coalesce(jsonb_object_agg("to", m), '{}')
                            FROM (SELECT "to", sum(p * value::float8) AS m FROM step JOIN jsonb_each_text(here) ON key = "from"
                                  WHERE "to" NOT IN ('conversion', 'loss', removed) GROUP BY 1) x),
           converted + coalesce((SELECT sum(p * value::float8) FROM step JOIN jsonb_each_text(here) ON key = "from"
                                 WHERE "to" = 'conversion'), 0)
    FROM walk WHERE i < 200
), effect AS (
    SELECT a.removed AS channel, 1 - a.converted / b.converted AS removal_effect
    FROM walk a JOIN walk b ON b.removed = '' AND b.i = 200 WHERE a.i = 200 AND a.removed <> ''
)
SELECT count(*) AS channels, bool_and(abs(m.removal_effect - e.removal_effect) < 1e-12) AS removal_effects,
       bool_and(abs(m.share - e.removal_effect / (SELECT sum(removal_effect) FROM effect)) < 1e-12) AS shares,
       abs(sum(m.conversions) - (SELECT count(*) FROM path WHERE converted AND path <> '{}')) < 1e-9 AS conversions,
       abs(sum(m.value)::numeric - (SELECT sum(value) FROM path WHERE converted AND path <> '{}')) < 1e-9 AS value
FROM (SELECT crm_attribution_markov(path, converted, value) AS rows FROM path) x, unnest(rows) m
JOIN effect e USING (channel);

-- The same summary in any order, in parallel, and from summaries of parts.
SET max_parallel_workers_per_gather = 0;
CREATE TABLE summary AS SELECT 1 AS i, crm_attribution_agg(path, converted, value) AS s FROM path;
SELECT crm_attribution_agg(path, converted, value ORDER BY md5(id::text))::text = s::text AS shuffled FROM path, summary GROUP BY s::text;
CREATE TABLE part AS SELECT id % 17 AS part, crm_attribution_agg(path, converted, value) AS s FROM path GROUP BY 1;
SELECT crm_rollup(p.s)::text = s.s::text AS rollup FROM part p, summary s GROUP BY s.s::text;
SELECT crm_attribution_markov(crm_rollup(p.s)) = crm_attribution_markov((SELECT s FROM summary)) AS markov,
       crm_attribution_shapley(crm_rollup(p.s)) = crm_attribution_shapley((SELECT s FROM summary)) AS shapley FROM part p;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT crm_attribution_agg(path, converted, value) FROM path;
SELECT crm_attribution_agg(path, converted, value)::text = (SELECT s::text FROM summary) AS parallel FROM path;
SELECT crm_rollup(s)::text = (SELECT s::text FROM summary) AS parallel_rollup FROM part;
SELECT crm_rollup(s) AS no_rows FROM part WHERE false;

-- Text and binary round trips lose nothing.
INSERT INTO summary SELECT 2, crm_attribution_agg(path, true, 1e60) FROM (VALUES ('{"a b","ü\\\"",""}'::text[]), ('{}')) v(path);
INSERT INTO summary SELECT 3, crm_attribution_agg(path, false) FROM (VALUES ('{}'::text[])) v(path);
CREATE TABLE summary_back (LIKE summary);
\copy summary TO 'results/attribution_summary.bin' (FORMAT binary)
\copy summary_back FROM 'results/attribution_summary.bin' (FORMAT binary)
SELECT count(*) AS rows, bool_and(a.s::text = b.s::text) AS binary, bool_and(a.s::text::crm_attribution_summary::text = a.s::text) AS text
FROM summary a JOIN summary_back b USING (i);
SELECT s FROM summary WHERE i > 1 ORDER BY i;

-- Damaged or invented text.
SELECT i, pg_temp.error_of(format('SELECT %L::crm_attribution_summary',
                                  'crm_attribution_summary:1 untouched=' || value)) FROM (VALUES
    (1, '0'), (2, '-1 untouched_value=null touched_value=null channels=[] moves=[] shares=[]'),
    (3, '0 untouched_value=5 touched_value=null channels=[] moves=[] shares=[]'),
    (4, '0 untouched_value=null touched_value=5 channels=[] moves=[] shares=[]'),
    (5, '0 untouched_value=null touched_value=null channels=["b","a"] moves=[] shares=[]'),
    (6, '0 untouched_value=null touched_value=null channels=["a"] moves=[[0,2,1]] shares=[]'),
    (7, '0 untouched_value=null touched_value=null channels=["a"] moves=[[1,0,1]] shares=[[1,1,1,null]]'),
    (8, '0 untouched_value=null touched_value=null channels=["a"] moves=[[0,1,1],[1,0,1]] shares=[]'),
    (9, '0 untouched_value=null touched_value=null channels=["a"] moves=[[0,1,2],[0,1,2]] shares=[]'),
    (10, '0 untouched_value=null touched_value=null channels=["a","b"] moves=[[0,1,1],[1,2,1],[2,0,1]] shares=[[1,2,1,null]]'),
    (11, '0 untouched_value=null touched_value=NaN channels=["a"] moves=[[0,1,1],[1,0,1]] shares=[[1,1,1,null]]'),
    (12, '0 untouched_value=null touched_value=null channels=["a","b"] moves=[[0,1,9223372036854775807],[0,2,1]] shares=[]'),
    (13, '0 untouched_value=null touched_value=null channels=["a"] moves=[[0,1,99999999999999999999]] shares=[]')
) v(i, value) ORDER BY i;
-- What no path makes: a circle that nobody enters or leaves.
SELECT pg_temp.error_of($$SELECT crm_attribution_markov('crm_attribution_summary:1 untouched=0 untouched_value=null touched_value=null channels=["a","b","c"] moves=[[0,1,1],[1,0,1],[2,3,1],[3,2,1]] shares=[[1,1,1,null]]')$$);

SELECT i, pg_temp.error_of('SELECT ' || call) FROM (VALUES
    (1, $$crm_attribution_agg('{{a},{b}}'::text[], true)$$),
    (2, $$crm_attribution_agg('{a}'::text[], true, 'NaN')$$),
    (3, $$crm_attribution_agg('{a}'::text[], -1, 0, 1)$$),
    (4, $$crm_attribution_agg('{a}'::text[], 1, -1, 1)$$),
    (5, $$crm_attribution_agg('{a}'::text[], 9223372036854775807, 1, 1)$$),
    (6, $$crm_attribution_agg(ARRAY['c' || i], true) FROM generate_series(1, 10001) i$$),
    (7, $$crm_attribution_markov(ARRAY['c' || i], true) FROM generate_series(1, 1001) i$$),
    (8, $$crm_attribution_paths_transfn(NULL, '{a}'::text[], true)$$)
) v(i, call) ORDER BY i;
SELECT cardinality(crm_attribution_shapley(ARRAY['c' || i], true)) FROM generate_series(1, 10000) i;

DROP VIEW ours, by_customer, wide, single;
DROP TABLE def, def_back, journey, event, event_shuffled, rule, brute_force, answer, wide_event, wide_answer,
    example, wanted, path, summary, summary_back, part;
