-- Engagement: crm_engagement_score and its summary.
-- Expected values: powers of two by hand; random logs against the sum in plain
-- SQL, in numeric where digits matter.
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET extra_float_digits = 0;

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

-- 1, two half-lives ago, is a quarter; 3 one half-life ago is 1.5; -2 now is
-- -2; the last has not happened yet.
CREATE TEMP TABLE few (ts timestamptz, weight float8);
INSERT INTO few VALUES ('2025-03-01', 1), ('2025-03-15', 3), ('2025-03-29', -2), ('2025-03-29 00:00:00.000001', 100),
    (NULL, 5), ('2025-03-01', NULL);
SELECT crm_engagement_score(ts, weight, '14 days', '2025-03-29') AS tz,
       crm_engagement_score(ts::timestamp, weight, '14 days', '2025-03-29') AS ts,
       crm_engagement_score(ts::date, weight, '2 weeks', '2025-03-29'::date) AS date,
       crm_engagement_score(extract(epoch FROM ts)::bigint, weight, 14 * 86400, 1743206400) AS bigint
FROM few WHERE weight < 100 OR weight IS NULL;
SELECT crm_engagement_score(ts, weight, '14 days', '2025-03-29') AS score,
       crm_engagement_agg(ts, weight, '14 days', '2025-03-29')::jsonb AS json
FROM few;
-- A date is an instant, the midnight of the session's time zone, and as of a
-- moment of any day; a timestamp has no zone.  On 2 November New York has 25 hours.
SET timezone = 'America/New_York';
SELECT abs(crm_engagement_score(d, 1, '1 day', '2025-11-03') - (1 + 2 ^ (-25 / 24.0::float8))) < 1e-15 AS instant,
       abs(crm_engagement_score(d, 1, '1 day', '2025-11-03 12:00') - (2 ^ (-0.5::float8) + 2 ^ (-37 / 24.0::float8))) < 1e-15 AS instant_at_noon,
       crm_engagement_score(d::timestamp, 1, '1 day', '2025-11-03') AS timestamp
FROM unnest('{2025-11-02,2025-11-03}'::date[]) d;
SET timezone = 'UTC';
-- Nothing at or before the moment, no rows, NULL options: NULL.
SELECT crm_engagement_score(ts, weight, '14 days', '2025-02-01') AS later, crm_engagement_agg(ts, weight, '14 days', '2025-02-01') IS NULL AS summary,
       crm_engagement_score(ts, weight, NULL, '2025-02-01') AS no_half_life, crm_engagement_score(ts, weight, '1 day', NULL) AS no_as_of
FROM few;
SELECT crm_engagement_score(ts, weight, '14 days', '2025-03-29') FROM few WHERE false;
-- ages ago: nothing is left, without an error
SELECT crm_engagement_score('4713-01-01 BC'::timestamptz, 1, '1 microsecond', '2025-03-29');

SELECT pg_temp.failure(q) FROM unnest(ARRAY[
    $$SELECT crm_engagement_score(ts, weight, '0', '2025-03-29') FROM few$$,
    $$SELECT crm_engagement_score(ts, weight, '-1 day', '2025-03-29') FROM few$$,
    $$SELECT crm_engagement_score(ts, weight, '2000000000 months', '2025-03-29') FROM few$$,
    $$SELECT crm_engagement_score(1::bigint, 1, 0, 5)$$,
    $$SELECT crm_engagement_score(ts, 'NaN', '1 day', '2025-03-29') FROM few$$,
    $$SELECT crm_engagement_score(ts, 'infinity', '1 day', '2025-03-29') FROM few$$,
    $$SELECT crm_engagement_score('-infinity'::timestamptz, 1, '1 day', '2025-03-29')$$,
    $$SELECT crm_engagement_score(ts, 1, '1 day', 'infinity') FROM few$$,
    $$SELECT crm_engagement_score(ts, 1, '1 day', ts) FROM few$$,
    $$SELECT crm_engagement_score(t, 1, t, 9) FROM generate_series(1::bigint, 2) t$$,
    $$SELECT crm_engagement_score(1::bigint, 1e308, 1, 1) FROM generate_series(1, 9)$$,
    $$SELECT crm_engagement_agg(1::bigint, 1e308, 1, 1) FROM generate_series(1, 9)$$,
    $$SELECT crm_engagement_score(crm_engagement_agg(ts, 1, '1 day', '2025-03-29'), '2025-03-28') FROM few$$,
    $$SELECT crm_engagement_score(crm_engagement_agg(1::bigint, 1, 1, 1), '2025-03-28')$$,
    $$SELECT crm_engagement_score(crm_engagement_agg(ts::timestamp, 1, '1 day', '2025-03-29'), '2025-03-30') FROM few$$,
    $$SELECT crm_engagement_score(crm_engagement_agg(ts, 1, '1 day', '2025-03-29'), timestamp '2025-03-30') FROM few$$,
    $$SELECT crm_engagement_score(crm_engagement_agg(ts::timestamp, 1, '1 day', '2025-03-29'), timestamp '2025-03-28') FROM few$$,
    $$SELECT crm_engagement_score(crm_engagement_agg(ts::timestamp, 1, '1 day', '2025-03-29'), timestamp 'infinity') FROM few$$,
    $$SELECT crm_rollup(crm_engagement_agg) FROM (SELECT crm_engagement_agg(1::bigint, 1, h, 1) FROM generate_series(1::bigint, 2) h GROUP BY h) s$$,
    $$SELECT crm_rollup(s) FROM unnest(ARRAY[
        'crm_engagement_summary:1 time=bigint as_of=1 half_life=1 events=1 sum=1 error=0',
        'crm_engagement_summary:1 time=timestamp as_of=1 half_life=1 events=1 sum=1 error=0']::crm_engagement_summary[]) s$$,
    $$SELECT 'crm_engagement_summary:1 time=bigint as_of=1 half_life=0 events=1 sum=1 error=0'::crm_engagement_summary$$,
    $$SELECT 'crm_engagement_summary:1 time=date as_of=1 half_life=1 events=1 sum=1 error=0'::crm_engagement_summary$$,
    $$SELECT 'crm_engagement_summary:1 time=bigint as_of=1 half_life=1 events=0 sum=1 error=0'::crm_engagement_summary$$,
    $$SELECT 'crm_engagement_summary:1 time=timestamptz as_of=9223372036854775807 half_life=1 events=1 sum=1 error=0'::crm_engagement_summary$$,
    $$SELECT 'crm_engagement_summary:2 time=bigint'::crm_engagement_summary$$,
    $$SELECT ''::crm_engagement_summary$$]) q;

-- By hand: halves and quarters, also below zero; a weight of 0 is an event;
-- underflow ends in 0 and not before: 2^-1074 is the least double.
SELECT got, want AS offenders
FROM (VALUES
    ((SELECT crm_engagement_score(t, 8, 10, 20) FROM unnest('{0,10,20,21}'::bigint[]) t), 2 + 4 + 8::float8),
    ((SELECT crm_engagement_score(0::bigint, w, 10, 10) FROM unnest('{4,-2,0,NULL}'::float8[]) w), 2 - 1),
    ((SELECT crm_engagement_score(0::bigint, 0, 10, 10)), 0),
    ((SELECT crm_engagement_score(0::bigint, -3, 10, 10)), -1.5),
    ((SELECT crm_engagement_score(timestamp '2025-01-01', 1, '1 month', '2025-01-31')), 0.5),
    ((SELECT crm_engagement_score(timestamptz '2025-03-08 17:00Z', 1, '23 hours', '2025-03-09 16:00Z')), 0.5),
    ((SELECT crm_engagement_score(0::bigint, 1, 1, 1074)), '4.9406564584124654e-324'),
    ((SELECT crm_engagement_score(0::bigint, 1, 1, 1076)), 0),
    ((SELECT crm_engagement_score('-9223372036854775808'::bigint, 1, 1, 9223372036854775807)), 0),
    ((SELECT crm_engagement_score('-9223372036854775808'::bigint, 1, 9223372036854775807, 9223372036854775807)), 0.25)) v (got, want)
WHERE got IS DISTINCT FROM want;
-- of summaries as of 10 and 20, in either order, 8 halves twice
SELECT crm_engagement_score(crm_rollup(s ORDER BY s::text)) AS up, crm_engagement_score(crm_rollup(s ORDER BY s::text DESC)) AS down
FROM (SELECT crm_engagement_agg(0::bigint, 8, 10, 10) AS s UNION ALL SELECT crm_engagement_agg(20::bigint, 1, 10, 20) UNION ALL SELECT NULL) x;

-- A partial state that has seen later events only goes through the text form,
-- as distributed databases move states, and still says as of when; rows with a
-- NULL leave no state.
CREATE AGGREGATE pg_temp.partial_state(timestamptz, float8, interval, timestamptz) (
    SFUNC = crm_engagement_score_transfn, STYPE = crm_engagement_summary, COMBINEFUNC = crm_engagement_summary_combinefn);
SELECT pg_temp.partial_state(ts, weight, '14 days', '2025-02-01')::text AS later_only,
       pg_temp.partial_state(ts, weight, NULL, '2025-02-01') IS NULL AS skipped
FROM few;
SELECT crm_engagement_score(e) IS NULL AS score, crm_engagement_score(e, '2025-03-01') IS NULL AS score_later,
       e::jsonb AS json, (SELECT crm_rollup(x) IS NULL FROM unnest(ARRAY[e, NULL]) x) AS rollup,
       (SELECT crm_engagement_score(crm_rollup(x)) FROM unnest(ARRAY[e, o]) x) AS with_an_older_one
FROM (SELECT pg_temp.partial_state(ts, weight, '14 days', '2025-02-01')::text::crm_engagement_summary AS e,
             (SELECT crm_engagement_agg('2025-01-18'::timestamptz, 8, '14 days', '2025-01-18')) AS o FROM few) s;

-- random logs against plain SQL
CREATE TABLE engagement_log AS
SELECT 1 + i % 1000 AS customer, timestamptz '2024-01-01' + make_interval(secs => (h % 40000000)) AS ts, (h >> 30) % 21 - 5.0 AS weight, h
FROM generate_series(1, 20000) i, LATERAL (SELECT hashint8extended(i, 3) & 9223372036854775807 AS h) r;
SELECT count(*) FILTER (WHERE abs(o.score - w.score) > 1e-13 * w.size OR (o.score IS NULL) <> (w.score IS NULL)) AS differ, count(*) AS looked
FROM (SELECT customer, crm_engagement_score(ts, weight::float8, '10 days', '2025-01-01') AS score FROM engagement_log GROUP BY customer) o
JOIN (SELECT customer, sum(weight * d) AS score, sum(abs(weight) * d) AS size
      FROM (SELECT *, power(2::float8, -extract(epoch FROM '2025-01-01' - ts)::float8 / 864000) AS d FROM engagement_log) l
      WHERE ts <= '2025-01-01' GROUP BY customer) w USING (customer);

-- Sums whose terms cancel come out whatever the order: 1e16 + 1 - 1e16.
SELECT how, crm_engagement_score(0::bigint, w, 1, 0) AS score
FROM unnest('{1,2,3,4,5,6}'::int[], '{"{1e16,1,-1e16}","{1e16,-1e16,1}","{1,1e16,-1e16}","{1,-1e16,1e16}","{-1e16,1,1e16}","{-1e16,1e16,1}"}'::text[]) u (how, ws),
     unnest(ws::float8[]) w
GROUP BY how ORDER BY how;
SELECT count(DISTINCT score) AS scores FROM (
    SELECT crm_engagement_score(ts, weight::float8, '10 days', '2025-06-01' ORDER BY (h >> k) % 1000, h) AS score
    FROM engagement_log, generate_series(0, 20) k GROUP BY k) s;

-- Summaries of parts merge, of one moment and of different ones: yesterday's
-- summary and today's events are today's score.
SELECT abs(crm_engagement_score(crm_rollup(s)) - (SELECT crm_engagement_score(ts, weight::float8, '10 days', '2025-01-01') FROM engagement_log)) < 1e-9 AS same_moment
FROM (SELECT crm_engagement_agg(ts, weight::float8, '10 days', '2025-01-01') AS s FROM engagement_log GROUP BY customer % 7) p;
SELECT abs(crm_engagement_score(crm_rollup(s)) - (SELECT crm_engagement_score(ts, weight::float8, '10 days', '2025-01-01') FROM engagement_log)) < 1e-9 AS day_by_day,
       crm_rollup(s)::jsonb -> 'as_of' AS as_of
FROM (SELECT crm_engagement_agg(ts, weight::float8, '10 days', day + interval '1 day') AS s
      FROM (SELECT *, date_bin('1 day', ts - interval '1 microsecond', timestamptz '2024-01-01') AS day FROM engagement_log) l
      WHERE ts <= '2025-01-01' GROUP BY day) p;
SELECT crm_engagement_score(s) AS now, crm_engagement_score(s, '2025-04-12') AS in_a_half_life, crm_engagement_score(l, timestamp '2025-04-12') AS of_timestamps
FROM (SELECT crm_engagement_agg(ts, weight, '14 days', '2025-03-29') AS s, crm_engagement_agg(ts::timestamp, weight, '14 days', '2025-03-29') AS l FROM few) x;

-- text and binary
CREATE TEMP TABLE stored AS
SELECT customer, crm_engagement_agg(ts, weight::float8, '10 days', '2025-01-01') AS s FROM engagement_log GROUP BY customer;
SELECT count(*) FILTER (WHERE s::text <> s::text::crm_engagement_summary::text) AS text_differs, count(s) > 900 AS looked FROM stored;
SELECT crm_engagement_agg(t, 1.5, 7, 10) FROM generate_series(3::bigint, 10, 7) t;
CREATE TEMP TABLE copied (LIKE stored);
\copy stored TO 'results/engagement.bin' (FORMAT binary)
\copy copied FROM 'results/engagement.bin' (FORMAT binary)
SELECT count(*) FILTER (WHERE a.s::text IS DISTINCT FROM b.s::text) AS binary_differs FROM stored a JOIN copied b USING (customer);

-- in parallel
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
ALTER TABLE engagement_log SET (parallel_workers = 2);
ANALYZE engagement_log;
EXPLAIN (COSTS OFF) SELECT customer, crm_engagement_score(ts, weight::float8, '10 days', '2025-01-01') FROM engagement_log GROUP BY customer;
EXPLAIN (COSTS OFF) SELECT crm_engagement_score(ts, weight::float8, '10 days', '2025-01-01') FROM engagement_log;
SELECT abs(crm_engagement_score(ts, weight::float8, '10 days', '2025-01-01')
           - (SELECT crm_engagement_score(ts, weight::float8, '10 days', '2025-01-01') FROM (SELECT * FROM engagement_log OFFSET 0) s)) < 1e-11 AS same
FROM engagement_log;
-- where some workers see only events that are ignored
SELECT count(*) FILTER (WHERE abs(o.s - w.s) > 1e-11 OR (o.s IS NULL) <> (w.s IS NULL)) AS differ, count(o.s) AS with_score, count(*) AS looked
FROM (SELECT customer, crm_engagement_score(ts, weight::float8, '10 days', '2024-01-15') AS s FROM engagement_log GROUP BY 1) o
JOIN (SELECT customer, crm_engagement_score(ts, weight::float8, '10 days', '2024-01-15') AS s FROM (SELECT * FROM engagement_log OFFSET 0) l GROUP BY 1) w USING (customer);
DROP TABLE engagement_log;
