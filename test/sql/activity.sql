-- Customers' activity: the bitmap of active periods.
-- References: plain SQL over the same events, with AT TIME ZONE, date_trunc and
-- arrays.  Queries named "offenders" print what differs: no rows.
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';

CREATE FUNCTION pg_temp.failure(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text;
    hint text;
BEGIN
    EXECUTE query;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', SQLSTATE, SQLERRM, nullif(detail, ''), nullif(hint, ''));
END $$;

--
-- By hand
--
CREATE TEMP TABLE few (d date);
INSERT INTO few VALUES ('2024-03-01'), ('2024-03-03'), (NULL), ('2024-02-27'), ('2024-03-03');
SELECT crm_activity_agg(d) AS days, crm_activity_agg(d, 'week') AS weeks, crm_activity_agg(d, 'month') AS months FROM few \gx
SELECT crm_activity_unit(a), crm_activity_first(a), crm_activity_last(a), crm_activity_count(a), crm_activity_periods(a)
FROM (SELECT crm_activity_agg(d, u) AS a FROM few, unnest('{day,week,month}'::text[]) u GROUP BY u) s ORDER BY 1;
SELECT a::jsonb FROM (SELECT crm_activity_agg(d, 'month') AS a FROM few) s;
-- NULL options are the defaults; no rows, no activity
SELECT crm_activity_agg(d, NULL) = crm_activity_agg(d) AS null_unit,
       crm_activity_agg(d::timestamptz, NULL, NULL) = crm_activity_agg(d) AS null_zone,
       crm_activity_agg(d) FILTER (WHERE d IS NULL) AS only_nulls, crm_activity_agg(d) FILTER (WHERE false) AS no_rows
FROM few;
-- the empty activity
SELECT a & b AS both, crm_activity_count(a & b), crm_activity_first(a & b), crm_activity_last(a & b), crm_activity_periods(a & b), (a & b)::jsonb,
       a @> (a & b) AS contains_empty, (a & b) @> a AS empty_contains, (a & b) | a = a AS or_empty, (a & b)::text::crm_activity = (a & b) AS round_trip,
       crm_active_in(a & b, '2024-01-01') AS active_in, crm_activity_count(a & b, '2024-01-01', '2024-12-31') AS between
FROM (SELECT crm_activity 'crm_activity:1 unit=day first=2024-03-01 active=1' AS a, crm_activity 'crm_activity:1 unit=day first=2034-03-01 active=1' AS b) s \gx
-- days of 24 hours from the first event on: the third event is a second too
-- early for its second period; the day is that of the zone
SELECT crm_activity_agg(ts, '24h', 'Europe/Berlin') AS berlin, crm_activity_agg(ts, '24h', 'Asia/Tokyo') AS tokyo
FROM unnest('{2024-03-30 18:00:00,2024-03-31 17:59:59,2024-04-01 17:59:59,2024-04-02 18:00:00}'::timestamptz[]) ts;
SELECT crm_activity_agg(ts, '24h') FROM unnest('{2024-03-31 02:00,2024-03-30 18:00:00}'::timestamp[]) ts;
-- far away: years before 1, the last dates there are
SELECT crm_activity_agg(d, u) FROM (VALUES (date '0001-12-31 BC'), ('0001-01-01')) v (d), unnest('{day,week,month}'::text[]) u GROUP BY u ORDER BY u;
SELECT u, crm_activity_agg(d, u)::text::crm_activity = crm_activity_agg(d, u) AS round_trip, crm_activity_periods(crm_activity_agg(d, u))
FROM (VALUES (date '4714-11-24 BC'), ('5874897-12-31')) v (d), unnest('{day,week,month}'::text[]) u GROUP BY u, d ORDER BY d, u;

--
-- Time zones: the periods are those of AT TIME ZONE, whatever the clocks do.
-- (Lord Howe changes by half an hour, St. John's did at 00:01, Casablanca
-- twice within a month, Apia left out a day, Kolkata and Nepal never change.)
--
CREATE TABLE activity_event (id int PRIMARY KEY, customer int, ts timestamptz);
INSERT INTO activity_event
SELECT i, abs(hashint4(i)) % 400,
       CASE WHEN i % 3 = 0 THEN timestamptz '2024-03-09' + make_interval(secs => abs(hashint4(-i)) % (3 * 86400))       -- spring forward in New York
            WHEN i % 3 = 1 THEN timestamptz '2024-11-02' + make_interval(secs => abs(hashint4(-i)) % (3 * 86400))       -- and back
            ELSE timestamptz '2006-01-01' + make_interval(secs => (abs(hashint4(-i)) % 100000) * 6307.2) END            -- twenty years
FROM generate_series(1, 20000) i;
CREATE TEMP VIEW expected AS
SELECT zone, unit, customer, array_agg(DISTINCT date_trunc(unit, ts AT TIME ZONE zone)::date) AS periods
FROM activity_event, unnest('{America/New_York,Asia/Kolkata,Australia/Lord_Howe,America/St_Johns,Africa/Casablanca,Pacific/Apia,Europe/London,<+0330>-03:30}'::text[]) zone,
     unnest('{day,week,month}'::text[]) unit
GROUP BY zone, unit, customer;
CREATE TEMP TABLE result AS
SELECT zone, unit, customer, crm_activity_agg(ts, unit, zone) AS a
FROM activity_event, (SELECT DISTINCT zone, unit FROM expected) o GROUP BY zone, unit, customer;
SELECT count(*) AS activities, sum(crm_activity_count(a)) > 100000 AS many FROM result;
SELECT r.zone, r.unit, r.customer AS offenders FROM result r FULL JOIN expected e USING (zone, unit, customer)
WHERE crm_activity_periods(r.a) IS DISTINCT FROM e.periods LIMIT 5;
-- the same where the zone is the session's, and of local timestamps and dates
SET timezone = 'America/New_York';
SELECT customer AS offenders FROM activity_event GROUP BY customer
HAVING crm_activity_agg(ts) <> crm_activity_agg(ts, 'day', 'America/New_York')
    OR crm_activity_agg(ts, 'week') <> crm_activity_agg(ts, 'week', 'America/New_York')
    OR crm_activity_agg(ts::timestamp) <> crm_activity_agg(ts) OR crm_activity_agg(ts::date) <> crm_activity_agg(ts)
    OR crm_activity_agg(ts::timestamp, 'month') <> crm_activity_agg(ts, 'month') OR crm_activity_agg(ts::date, 'week') <> crm_activity_agg(ts, 'week')
    OR (SELECT array_agg(DISTINCT (t AT TIME ZONE 'Asia/Kolkata')::date) FROM unnest(array_agg(ts)) t)
       <> crm_activity_periods(crm_activity_agg(ts, 'day', 'Asia/Kolkata'));
SET timezone = 'UTC';
-- two centuries in zones with a past
SELECT zone, crm_activity_periods(crm_activity_agg(ts, 'day', zone)) = array_agg(DISTINCT (ts AT TIME ZONE zone)::date) AS same
FROM generate_series(timestamptz '1900-01-01', '2100-01-01', interval '25 hours 10 minutes') ts,
     unnest('{America/St_Johns,Africa/Casablanca,Europe/Dublin,Pacific/Apia,Asia/Kathmandu}'::text[]) zone
GROUP BY zone ORDER BY zone;
-- at the second of a change, and far outside of what the zone knows
SELECT ts, crm_activity_periods(crm_activity_agg(ts, 'day', 'America/St_Johns')) = ARRAY[(ts AT TIME ZONE 'America/St_Johns')::date] AS same
FROM unnest('{1996-10-27 02:30:59,1996-10-27 02:31,1996-10-27 03:30,0044-03-15 03:30:52 BC,9999-07-01 02:29:59.999999,294276-12-31 02:00,4714-11-25 BC}'::timestamptz[]) ts
GROUP BY ts ORDER BY ts;

--
-- Set operations, against arrays
--
CREATE TEMP TABLE pair AS
SELECT i AS id, array_agg(DISTINCT day) FILTER (WHERE in_a) AS a, array_agg(DISTINCT day) FILTER (WHERE in_b) AS b
FROM (SELECT i, date '2024-01-01' + abs(hashint4(i * 100 + j)) % (CASE i % 4 WHEN 0 THEN 5 WHEN 1 THEN 64 WHEN 2 THEN 300 ELSE 5000 END) AS day,
             j = 1 OR (hashint4(j * 10007 + i) & 3) > 0 AS in_a, j = 1 OR (hashint4(j * 10007 + i) & 3) < (CASE WHEN i % 5 = 0 THEN 4 ELSE 2 END) AS in_b
      FROM generate_series(1, 2000) i, generate_series(1, 12) j) s
GROUP BY i;
CREATE TEMP TABLE pair_activity AS
SELECT id, a AS days_a, b AS days_b, (SELECT crm_activity_agg(d) FROM unnest(a) d) AS a, (SELECT crm_activity_agg(d) FROM unnest(b) d) AS b FROM pair;
SELECT count(*), count(*) FILTER (WHERE a @> b) BETWEEN 100 AND 1900 AS some_contain, count(*) FILTER (WHERE a = b) > 0 AS some_equal FROM pair_activity;
SELECT id AS offenders FROM pair_activity
WHERE crm_activity_periods(a) <> days_a
   OR crm_activity_periods(a | b) <> (SELECT array_agg(DISTINCT d) FROM unnest(days_a || days_b) d)
   OR crm_activity_periods(a & b) <> coalesce((SELECT array_agg(DISTINCT d) FROM unnest(days_a) d WHERE d = ANY (days_b)), '{}')
   OR (a @> b) <> (days_a @> days_b) OR (a <@ b) <> (days_a <@ days_b)
   OR (a = b) <> (days_a = days_b) OR (a <> b) <> (days_a <> days_b)
   OR (a | b) <> (b | a) OR (a & b) <> (b & a) OR NOT (a | b) @> a OR NOT (a & b) <@ b
   OR (a = b AND (crm_activity_hash(a), crm_activity_hash_extended(a, 42)) <> (crm_activity_hash(b), crm_activity_hash_extended(b, 42)))
   OR crm_activity_hash(a)::bit(32) <> crm_activity_hash_extended(a, 0)::bit(32)
   OR crm_activity_count(a) <> cardinality(days_a) OR crm_activity_first(a) <> days_a[1] OR crm_activity_last(a) <> days_a[cardinality(days_a)]
   OR crm_activity_periods(crm_activity_in_unit(a, 'week')) <> (SELECT array_agg(DISTINCT date_trunc('week', d)::date) FROM unnest(days_a) d)
   OR crm_activity_periods(crm_activity_in_unit(a, 'month')) <> (SELECT array_agg(DISTINCT date_trunc('month', d)::date) FROM unnest(days_a) d)
   OR crm_activity_in_unit(a, 'day') <> a
   OR a::text::crm_activity <> a OR (a::jsonb -> 'periods') <> to_jsonb(days_a);
SELECT id, f AS offenders FROM pair_activity, generate_series(date '2023-12-30', '2024-04-10', '1 day') f
WHERE id <= 60 AND (crm_active_in(a, f::date) <> (f::date = ANY (days_a))
   OR crm_activity_count(a, f::date, f::date + 20) <> (SELECT count(*) FROM unnest(days_a) d WHERE d BETWEEN f::date AND f::date + 20)
   OR crm_active_in(crm_activity_in_unit(a, 'week'), f::date) <> (date_trunc('week', f) IN (SELECT date_trunc('week', d) FROM unnest(days_a) d)));
SELECT crm_activity_count(a, '2024-03-02', '2024-03-01') AS reversed, crm_activity_count(a, '2024-01-01', '2024-01-01') AS one
FROM pair_activity WHERE id = 1;
SELECT (SELECT count(*) FROM (SELECT a FROM pair_activity GROUP BY a) g) = count(DISTINCT days_a) AS grouped,
       (SELECT count(DISTINCT crm_activity_hash(a)) FROM pair_activity) > 0.99 * count(DISTINCT days_a) AS spread FROM pair_activity;

--
-- Order, plans, partitions, workers, rollup: always the same
--
CREATE TEMP TABLE serial AS
SELECT customer, crm_activity_agg(ts) AS days, crm_activity_agg(ts, 'month', 'Asia/Tokyo') AS months, crm_activity_agg(ts, '24h') AS since FROM activity_event GROUP BY customer;
CREATE FUNCTION pg_temp.offenders() RETURNS SETOF int LANGUAGE sql AS $$
    SELECT coalesce(s.customer, o.customer) FROM serial s
    FULL JOIN (SELECT customer, crm_activity_agg(ts) AS days, crm_activity_agg(ts, 'month', 'Asia/Tokyo') AS months, crm_activity_agg(ts, '24h') AS since
               FROM (SELECT * FROM activity_event ORDER BY hashint4(id) OFFSET 0) e GROUP BY customer) o USING (customer)
    WHERE (s.days = o.days AND s.months = o.months AND s.since = o.since) IS NOT TRUE
$$;
SELECT pg_temp.offenders();
SET enable_hashagg = off;
SELECT pg_temp.offenders();
RESET enable_hashagg;
SET enable_sort = off;
SELECT pg_temp.offenders();
RESET enable_sort;
SELECT customer AS offenders FROM serial JOIN (
    SELECT customer, crm_rollup(a) AS days FROM (SELECT customer, crm_activity_agg(ts) AS a FROM activity_event GROUP BY customer, id % 7) shard GROUP BY customer) r USING (customer)
WHERE r.days <> serial.days;
SELECT crm_rollup(a) AS only_null, crm_rollup(a) FILTER (WHERE false) AS no_rows FROM (VALUES (NULL::crm_activity)) v (a);
SELECT crm_rollup(a) AS empty FROM unnest('{crm_activity:1 unit=week}'::crm_activity[]) a;
SELECT crm_rollup(a) AS with_empty FROM unnest('{crm_activity:1 unit=week,"crm_activity:1 unit=week first=2024-01-01 active=11",crm_activity:1 unit=week}'::crm_activity[]) a;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT crm_activity_agg(ts), crm_activity_agg(ts, '24h') FROM activity_event;
CREATE TEMP TABLE parallel AS SELECT crm_activity_agg(ts) AS days, crm_activity_agg(ts, '24h') AS since, crm_activity_agg(ts, 'week', 'Asia/Tokyo') AS weeks FROM activity_event;
SET max_parallel_workers_per_gather = 0;
SELECT crm_activity_agg(ts) = days AS days, crm_activity_agg(ts, '24h') = since AS since, crm_activity_agg(ts, 'week', 'Asia/Tokyo') = weeks AS weeks
FROM activity_event, parallel GROUP BY days, since, weeks;

--
-- Limits and errors
--
SELECT pg_temp.failure(format('SELECT crm_activity_agg(%s)', args)) FROM (VALUES
    ($$date '2024-01-01', 'year'$$), ($$date '2024-01-01', ''$$), ($$date '2024-01-01', '24h'$$),
    ($$now(), 'day', 'Mars/Olympus'$$), ($$now(), 'day', ''$$),
    ($$date 'infinity'$$), ($$timestamptz '-infinity'$$), ($$timestamp 'infinity', 'month'$$)) v (args);
SELECT pg_temp.failure($$SELECT crm_activity_agg(42)$$);
SELECT pg_temp.failure($$SELECT crm_activity_agg(date '2024-01-01', u) FROM unnest('{day,week}'::text[]) u$$);
SELECT pg_temp.failure($$SELECT crm_activity_agg(now(), 'day', z) FROM unnest('{UTC,Asia/Tokyo}'::text[]) z$$);
SELECT pg_temp.failure($$SELECT crm_activity_agg(d) FROM unnest('{0024-01-01,2924-01-01}'::date[]) d$$);
SELECT pg_temp.failure($$SELECT crm_activity_agg(d) FROM unnest('{2924-01-01,0024-01-01}'::date[]) d$$);
SELECT crm_activity_count(crm_activity_agg(d)), octet_length(crm_activity_agg(d)::text) FROM unnest('{0124-01-01,2924-01-01}'::date[]) d;
SELECT crm_activity_count(crm_activity_agg(d)), octet_length(crm_activity_agg(d)::text) FROM unnest('{2924-01-01,2000-01-01,0124-01-01}'::date[]) d;
SELECT pg_temp.failure('SELECT ' || expression) FROM (VALUES
    ($$crm_activity 'crm_activity:1 unit=day first=2024-01-01 active=1' | 'crm_activity:1 unit=week first=2024-01-01 active=1'$$),
    ($$crm_activity 'crm_activity:1 unit=day first=2024-01-01 active=1' @> 'crm_activity:1 unit=month first=2024-01-01 active=1'$$),
    ($$crm_activity 'crm_activity:1 unit=24h first=2024-01-01 active=1' & 'crm_activity:1 unit=24h first=2024-01-01 active=1'$$),
    ($$crm_active_in('crm_activity:1 unit=24h first=2024-01-01 active=1', '2024-01-01')$$),
    ($$crm_active_in('crm_activity:1 unit=day first=2024-01-01 active=1', 'infinity')$$),
    ($$crm_activity_in_unit('crm_activity:1 unit=week first=2024-01-01 active=1', 'month')$$),
    ($$crm_activity_in_unit('crm_activity:1 unit=day first=2024-01-01 active=1', 'decade')$$),
    ($$crm_activity 'crm_activity:1 unit=day first=0024-01-01 active=1' | 'crm_activity:1 unit=day first=2924-01-01 active=1'$$),
    ($$crm_rollup(a) FROM unnest('{"crm_activity:1 unit=day first=2024-01-01 active=1","crm_activity:1 unit=week first=2024-01-01 active=1"}'::crm_activity[]) a$$),
    ($$crm_rollup(a) FROM unnest('{"crm_activity:1 unit=24h first=2024-01-01 active=1"}'::crm_activity[]) a$$)) v (expression);

--
-- Text and binary
--
SELECT given, pg_temp.failure(format('SELECT %L::crm_activity', 'crm_activity:' || given)) FROM (VALUES
    ('2 unit=day first=2024-01-01 active=1'), ('1 unit=year first=2024-01-01 active=1'), ('1 unit=day first=2024-01-01'),
    ('1 unit=day first=2024-01-01 active='), ('1 unit=day first=2024-01-01 active=01'), ('1 unit=day first=2024-01-01 active=10'),
    ('1 unit=day first=2024-01-01 active=1021'), ('1 unit=day first=2024-01-01 active=1 x'), ('1 unit=day first=2024-02-30 active=1'),
    ('1 unit=day first=2024-1-1 active=1'), ('1 unit=day first=infinity active=1'), ('1 unit=week first=2024-01-02 active=1'),
    ('1 unit=month first=2024-01-02 active=1'), ('1 unit=day first=99999999-01-01 active=1'), ('1 unit=day first=5874897-12-31 active=11'),
    ('1 unit=day active=1')) v (given);
CREATE TEMP TABLE stored AS SELECT id, a | b AS a FROM pair_activity UNION ALL SELECT 0, 'crm_activity:1 unit=month' UNION ALL
    SELECT -1, 'crm_activity:1 unit=week first=0000-12-25 active=101' UNION ALL SELECT -2, 'crm_activity:1 unit=24h first=2024-01-01 active=1001';
CREATE TEMP TABLE stored_back (LIKE stored);
\copy stored TO 'results/activity.bin' (FORMAT binary)
\copy stored_back FROM 'results/activity.bin' (FORMAT binary)
SELECT count(*) AS same FROM stored s JOIN stored_back b USING (id) WHERE s.a = b.a AND s.a::text = b.a::text;
SELECT crm_activity_send('crm_activity:1 unit=day first=2000-01-01 active=101');
-- Damaged: no such unit, too many words, too few, zero words at the ends, dates
-- beyond the last, flags and words contradictory
CREATE TEMP TABLE raw (value bytea);
CREATE TEMP TABLE parsed (value crm_activity);
CREATE PROCEDURE pg_temp.damage(damaged text) LANGUAGE sql AS $$
    TRUNCATE raw; INSERT INTO raw VALUES (decode(damaged, 'hex'));
$$;
CALL pg_temp.damage('380105' || '02000000' || '0000000000000001' || '0000000000000005');
\copy raw TO 'results/activity_damaged.bin' (FORMAT binary)
\copy parsed FROM 'results/activity_damaged.bin' (FORMAT binary)
CALL pg_temp.damage('380101' || '02000000' || '0000000000004001' || '0000000000000005');
\copy raw TO 'results/activity_damaged.bin' (FORMAT binary)
\copy parsed FROM 'results/activity_damaged.bin' (FORMAT binary)
CALL pg_temp.damage('380101' || '02000000' || '0000000000000002' || '0000000000000005');
\copy raw TO 'results/activity_damaged.bin' (FORMAT binary)
\copy parsed FROM 'results/activity_damaged.bin' (FORMAT binary)
CALL pg_temp.damage('380101' || '02000000' || '0000000000000001' || '0000000000000000');
\copy raw TO 'results/activity_damaged.bin' (FORMAT binary)
\copy parsed FROM 'results/activity_damaged.bin' (FORMAT binary)
CALL pg_temp.damage('380101' || '03ffffff' || '0000000000000002' || '00000000000000050000000000000005');
\copy raw TO 'results/activity_damaged.bin' (FORMAT binary)
\copy parsed FROM 'results/activity_damaged.bin' (FORMAT binary)
CALL pg_temp.damage('380103' || '03000000' || '0000000000000001' || '0000000000000005');
\copy raw TO 'results/activity_damaged.bin' (FORMAT binary)
\copy parsed FROM 'results/activity_damaged.bin' (FORMAT binary)
CALL pg_temp.damage('390101' || '02000000' || '0000000000000001' || '0000000000000005');
\copy raw TO 'results/activity_damaged.bin' (FORMAT binary)
\copy parsed FROM 'results/activity_damaged.bin' (FORMAT binary)
CALL pg_temp.damage('380101' || '02000000' || '0000000000000001' || '0000000000000005');
\copy raw TO 'results/activity_damaged.bin' (FORMAT binary)
\copy parsed FROM 'results/activity_damaged.bin' (FORMAT binary)
SELECT * FROM parsed;

DROP TABLE activity_event CASCADE;
