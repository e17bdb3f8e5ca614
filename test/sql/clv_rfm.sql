-- crm_rfm: from orders to recency, frequency, age and monetary value, against
-- an independent computation in plain SQL.
SET timezone = 'UTC';
SET extra_float_digits = 1;

-- Runs a query and reports its error with SQLSTATE and hint.
CREATE FUNCTION pg_temp.error_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; hint text;
BEGIN
    EXECUTE query;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
    RETURN state || ': ' || message || coalesce(nullif(' (' || hint || ')', ' ()'), '');
END $$;

-- ---------------------------------------------------------------------------
-- What the columns mean, by hand
-- ---------------------------------------------------------------------------
-- Jan 1: first purchase, two orders.  Jan 3: a refund, no purchase, lies on a
-- day of its own.  Jan 8: an order of 30 with 10 refunded.  Jan 15: free, still
-- a purchase.  Jan 20: 5 bought and refunded the same day.  Jan 22: 40.  Feb 1:
-- after the end.
CREATE TEMP TABLE one_customer (ordered_at timestamptz, amount numeric);
INSERT INTO one_customer VALUES
    ('2025-01-01 10:00', 20), ('2025-01-01 18:00', 5), ('2025-01-03 09:00', -7.5),
    ('2025-01-08 12:00', 30), ('2025-01-08 12:30', -10), ('2025-01-15 00:00', 0),
    ('2025-01-20 07:00', 5), ('2025-01-20 23:59', -5), ('2025-01-22 11:00', 40),
    ('2025-02-01 00:00', 1000), (NULL, 3), ('2025-01-10 10:00', NULL);
-- log_intervals are logarithms, whose last digit is the C library's own
SET extra_float_digits = 0;
\x on
SELECT (crm_rfm(ordered_at, amount, date '2025-01-31')).* FROM one_customer;
SELECT (crm_rfm(ordered_at, amount, timestamptz '2025-01-31 12:00', '1 day')).* FROM one_customer;
SELECT (crm_rfm(ordered_at, amount, date '2025-01-31', '1 day', 'week', 'UTC')).* FROM one_customer;
SELECT (crm_rfm(ordered_at, amount, timestamptz '2025-01-31', '1 hour', 'none', 'UTC')).* FROM one_customer;
\x off
SET extra_float_digits = 1;

-- A long form with NULL options is the short form.
SELECT crm_rfm(ordered_at, amount, date '2025-01-31', NULL, NULL, NULL)
       = crm_rfm(ordered_at, amount, date '2025-01-31') AS null_options_are_defaults
FROM one_customer;

-- No purchase, no history: no rows, only NULLs, only refunds, only orders
-- after the end.
SELECT crm_rfm(ordered_at, amount, date '2025-01-31') IS NULL AS no_rows
FROM one_customer WHERE false;
SELECT crm_rfm(ordered_at, NULL::numeric, date '2025-01-31') IS NULL AS null_amounts,
       crm_rfm(NULL::timestamptz, amount, date '2025-01-31') IS NULL AS null_times,
       crm_rfm(ordered_at, amount, date '2025-01-31') FILTER (WHERE amount < 0) IS NULL AS refunds,
       crm_rfm(ordered_at, amount, date '2024-12-31') IS NULL AS too_late
FROM one_customer;
-- The end need not be given where nothing is added up.
SELECT crm_rfm(NULL::timestamptz, 1::numeric, NULL::date) IS NULL AS nothing;
-- One order, on the last day and before.
SELECT crm_rfm(date '2025-01-31', 9.99, date '2025-01-31') AS last_day,
       crm_rfm(date '2025-01-01', 9.99, date '2025-01-31') AS before;
-- A refund before the first purchase counts in the total alone.
SELECT crm_rfm(d, a, date '2025-01-31')
FROM (VALUES (date '2025-01-02', -5.00), ('2025-01-10', 8.00)) v(d, a);

-- ---------------------------------------------------------------------------
-- Thousands of customers, against plain SQL
-- ---------------------------------------------------------------------------
-- Uniform on [0, 1), the same on every server.
CREATE FUNCTION pg_temp.uniform(i bigint, salt text) RETURNS float8 LANGUAGE sql IMMUTABLE AS
$$ SELECT ('x' || substr(md5(i || salt), 1, 8))::bit(32)::bigint / 4294967296.0::float8 $$;

-- Up to eight orders a customer between October 2010 and March 2012, on a grid
-- of ten minutes; one in six lies around a change of clocks: Newfoundland went
-- back at 00:01 on 2010-11-07 and forward at 00:01 on 2011-03-13, New York at
-- 02:00 on the same days, Samoa skipped 2011-12-30.
CREATE TABLE rfm_order (cust int, at timestamptz, amount numeric,
                        grp int GENERATED ALWAYS AS (cust % 30) STORED);
INSERT INTO rfm_order
SELECT cust,
       CASE WHEN pg_temp.uniform(k, 'null time') < 0.01 THEN NULL
            WHEN pg_temp.uniform(k, 'near') < 1 / 6.0 THEN
                (ARRAY['2010-11-07 02:31', '2011-03-13 03:31', '2010-11-07 06:00',
                       '2011-03-13 07:00', '2011-12-30 10:00']::timestamptz[])
                    [1 + floor(pg_temp.uniform(k, 'which') * 5)::int]
                + (floor(pg_temp.uniform(k, 'off') * 60) - 30) * interval '1 minute'
            ELSE timestamptz '2010-10-01'
                + floor(pg_temp.uniform(k, 'time') * 547 * 144) * interval '10 minutes' END,
       CASE WHEN pg_temp.uniform(k, 'null amount') < 0.03 THEN NULL
            WHEN pg_temp.uniform(k, 'zero') < 0.05 THEN 0
            WHEN pg_temp.uniform(k, 'refund') < 0.12 THEN -round((pg_temp.uniform(k, 'a') * 40)::numeric, 2)
            ELSE round((pg_temp.uniform(k, 'a') * 100)::numeric, 2) END
FROM generate_series(1, 2000) cust, generate_series(1, 8) i,
     LATERAL (SELECT cust * 10 + i) AS key(k)
WHERE pg_temp.uniform(k, 'exists') < 0.6;
-- Some orders come twice, some come back the same day in one or two parts, so
-- that the day's net is zero in cents but not in binary fractions.
INSERT INTO rfm_order
SELECT cust, at, amount FROM rfm_order WHERE cust % 7 = 0 AND amount > 0;
INSERT INTO rfm_order
SELECT cust, at + parts.after, -parts.part
FROM rfm_order,
     LATERAL (VALUES (interval '1 minute', round(amount / 3, 2)),
                     (interval '2 minutes', amount - round(amount / 3, 2))) parts(after, part)
WHERE cust % 11 = 0 AND amount > 0;
ANALYZE rfm_order;
SELECT count(*) > 10000 AS orders, count(DISTINCT cust) > 1900 AS customers,
       count(*) FILTER (WHERE amount < 0) > 800 AS refunds,
       count(*) FILTER (WHERE amount = 0) > 300 AS free
FROM rfm_order;

-- The same by grouping twice.  Times become microseconds: of the local calendar
-- where the grain is a day or a week, of the clock otherwise.  recency and age
-- are quotients of whole numbers below 2^53, hence the nearest doubles.
CREATE FUNCTION pg_temp.by_hand(kind text, zone text, grain text, unit_usecs bigint,
                                end_at timestamptz, end_day date)
RETURNS TABLE (cust int, frequency int, recency float8, age float8, monetary numeric,
               paid_frequency int, first_at timestamptz, last_at timestamptz,
               purchases int, total numeric, log_intervals float8)
LANGUAGE sql AS $$
WITH orders AS (
    SELECT cust, amount, at,
           CASE kind WHEN 'timestamptz' THEN at AT TIME ZONE zone
                     WHEN 'timestamp' THEN at AT TIME ZONE 'UTC'
                     ELSE date_trunc('day', at AT TIME ZONE 'UTC') END AS local
    FROM rfm_order WHERE at IS NOT NULL AND amount IS NOT NULL
), bounds AS (
    SELECT CASE WHEN end_day IS NULL THEN
                    CASE kind WHEN 'timestamptz' THEN end_at AT TIME ZONE zone ELSE end_at AT TIME ZONE 'UTC' END
                ELSE end_day + interval '1 day' - CASE kind WHEN 'date' THEN interval '1 day' ELSE interval '1 microsecond' END
           END AS last_local,
           CASE WHEN end_day IS NULL THEN end_at
                ELSE (end_day + interval '1 day') AT TIME ZONE zone - interval '1 microsecond' END AS last_instant
), keyed AS (
    SELECT o.*,
           CASE WHEN grain = 'day' THEN date_trunc('day', local)
                WHEN grain = 'week' THEN date_trunc('week', local)
                WHEN kind = 'timestamptz' THEN
                    (CASE grain WHEN 'hour' THEN date_trunc('hour', at, zone) ELSE at END) AT TIME ZONE 'UTC'
                WHEN grain = 'hour' THEN date_trunc('hour', local)
                ELSE local END AS key,
           CASE WHEN grain = 'day' THEN coalesce(end_day::timestamp, date_trunc('day', last_local))
                WHEN grain = 'week' THEN date_trunc('week', coalesce(end_day::timestamp, last_local))
                WHEN kind = 'timestamptz' THEN
                    (CASE grain WHEN 'hour' THEN date_trunc('hour', last_instant, zone) ELSE last_instant END) AT TIME ZONE 'UTC'
                WHEN grain = 'hour' THEN date_trunc('hour', last_local)
                ELSE last_local END AS end_key
    FROM orders o, bounds
    WHERE CASE WHEN end_day IS NOT NULL THEN local::date <= end_day
               WHEN kind = 'timestamptz' THEN at <= end_at
               ELSE local <= end_at AT TIME ZONE 'UTC' END
), periods AS (
    SELECT cust, key, end_key, sum(amount) AS net,
           bool_or(amount >= 0) AS is_purchase,
           min(CASE kind WHEN 'timestamptz' THEN at ELSE local::timestamptz END) FILTER (WHERE amount >= 0) AS first_at,
           max(CASE kind WHEN 'timestamptz' THEN at ELSE local::timestamptz END) FILTER (WHERE amount >= 0) AS last_at
    FROM keyed GROUP BY cust, key, end_key
), numbered AS (
    SELECT *, row_number() OVER (PARTITION BY cust, is_purchase ORDER BY key) AS i,
           key - lag(key) OVER (PARTITION BY cust, is_purchase ORDER BY key) AS since_last,
           sum(net) OVER (PARTITION BY cust) AS total
    FROM periods
)
SELECT cust, count(*)::int - 1,
       (extract(epoch FROM max(key) - min(key)) * 1000000)::float8 / unit_usecs,
       (extract(epoch FROM greatest(end_key, max(key)) - min(key)) * 1000000)::float8 / unit_usecs,
       avg(net) FILTER (WHERE i > 1 AND net > 0),
       count(*) FILTER (WHERE i > 1 AND net > 0)::int,
       min(first_at), max(last_at), count(*)::int, total,
       coalesce(sum(ln((extract(epoch FROM since_last) * 1000000)::float8 / unit_usecs)), 0)
FROM numbered
WHERE is_purchase
GROUP BY cust, end_key, total
$$;

-- Customers for whom crm_rfm says something else, and how many were compared.
CREATE FUNCTION pg_temp.compare(kind text, amount text, zone text, grain text, unit interval,
                                end_at timestamptz, end_day date,
                                OUT customers bigint, OUT different bigint, OUT example text)
LANGUAGE plpgsql AS $$
DECLARE
    unit_usecs bigint := extract(epoch FROM unit) * 1000000;
BEGIN
    EXECUTE format('CREATE TEMP TABLE got AS
        SELECT cust, crm_rfm(%s, amount::%s, %s, %L::interval%s) AS rfm
        FROM rfm_order GROUP BY cust',
        CASE kind WHEN 'timestamptz' THEN 'at' WHEN 'timestamp' THEN $x$at AT TIME ZONE 'UTC'$x$
                  ELSE $x$(at AT TIME ZONE 'UTC')::date$x$ END,
        amount,
        CASE WHEN end_day IS NOT NULL THEN quote_literal(end_day) || '::date'
             WHEN kind = 'timestamptz' THEN quote_literal(end_at) || '::timestamptz'
             ELSE quote_literal(end_at AT TIME ZONE 'UTC') || '::timestamp' END,
        unit,
        CASE WHEN grain IS NULL THEN ''
             WHEN kind = 'timestamptz' THEN format(', %L, %L', grain, zone)
             ELSE format(', %L', grain) END);
    WITH want AS (
        SELECT * FROM pg_temp.by_hand(kind, coalesce(zone, current_setting('timezone')),
                                      coalesce(grain, 'day'), unit_usecs, end_at, end_day)
    ), compared AS (
        SELECT coalesce(g.cust, w.cust) AS cust, g.rfm, w,
               w.frequency = (rfm).frequency AND w.recency = (rfm).recency AND w.age = (rfm).age
               AND ((rfm).monetary IS NULL) = (w.monetary IS NULL)
               AND coalesce(abs((rfm).monetary - w.monetary::float8) <= 1e-14 * w.monetary::float8, true)
               AND w.paid_frequency = (rfm).paid_frequency
               AND (rfm).unit_days = unit_usecs / 86400e6
               AND w.first_at = (rfm).first_at AND w.last_at = (rfm).last_at
               AND w.purchases = (rfm).purchases
               AND abs(w.log_intervals - (rfm).log_intervals) <= 1e-12 * (w.frequency + abs(w.log_intervals))
               AND w.total = CASE amount WHEN 'numeric' THEN (rfm).total ELSE round((rfm).total, 9) END AS same
        FROM (SELECT * FROM got WHERE rfm IS DISTINCT FROM NULL) g FULL JOIN want w USING (cust)
    )
    SELECT count(*), count(*) FILTER (WHERE same IS NOT TRUE),
           min(cust || ' got ' || coalesce(rfm::text, 'nothing') || ' want ' || coalesce(compared.w::text, 'nothing'))
               FILTER (WHERE same IS NOT TRUE)
    INTO customers, different, example
    FROM compared;
    DROP TABLE got;
END $$;

-- The short forms in the session's zone.
CREATE TEMP TABLE verdict (kind text, amount text, zone text, grain text, unit interval,
                           ends text, customers bigint, different bigint, example text);
SET timezone = 'America/St_Johns';
INSERT INTO verdict
SELECT kind, amount, NULL, NULL, unit, CASE WHEN day IS NULL THEN 'same type' ELSE 'date' END, c.*
FROM unnest(ARRAY['timestamptz', 'timestamp', 'date']) kind,
     unnest(ARRAY['numeric', 'float8']) amount,
     unnest(ARRAY['7 days', '1 day']::interval[]) unit,
     (VALUES (timestamptz '2011-11-05 13:45:00+00', NULL::date), (NULL, '2010-11-06')) ends(instant, day),
     pg_temp.compare(kind, amount, NULL, NULL, unit, instant, day) c
WHERE kind <> 'date' OR day IS NOT NULL;
SET timezone = 'UTC';
-- The long forms in named zones.
INSERT INTO verdict
SELECT 'timestamptz', 'numeric', zone, grain, unit, CASE WHEN day IS NULL THEN 'same type' ELSE 'date' END, c.*
FROM unnest(ARRAY['America/New_York', 'America/St_Johns', 'Asia/Kolkata', 'Pacific/Apia']) zone,
     unnest(ARRAY['day', 'hour', 'week', 'none']) WITH ORDINALITY g(grain, i),
     unnest(ARRAY['28 days', '1 hour']::interval[]) WITH ORDINALITY u(unit, j),
     (VALUES (timestamptz '2011-12-31 05:17:29.000001+00', NULL::date), (NULL, '2011-12-30')) ends(instant, day),
     pg_temp.compare('timestamptz', 'numeric', zone, grain, unit, instant, day) c
WHERE (i + j + (day IS NULL)::int) % 2 = 0;
-- Grains of times without a zone.
INSERT INTO verdict
SELECT kind, 'float8', NULL, grain, '7 days', CASE WHEN day IS NULL THEN 'same type' ELSE 'date' END, c.*
FROM unnest(ARRAY['timestamp', 'date']) kind,
     unnest(ARRAY['day', 'hour', 'week', 'none']) grain,
     (VALUES (timestamptz '2011-11-05 13:45:00+00', NULL::date), (NULL, '2011-12-31')) ends(instant, day),
     pg_temp.compare(kind, 'float8', NULL, grain, '7 days', instant, day) c
WHERE kind <> 'date' OR day IS NOT NULL;
SELECT count(*) AS comparisons, min(customers) > 400 AS customers_enough,
       sum(different) AS different
FROM verdict;
SELECT * FROM verdict WHERE different > 0;

-- ---------------------------------------------------------------------------
-- Exactness
-- ---------------------------------------------------------------------------
-- Days divided by seven are the nearest double.
SELECT count(*) AS days,
       count(*) FILTER (WHERE (r).recency = n::float8 / 7 AND (r).age = (n + 11)::float8 / 7) AS exact
FROM generate_series(1, 3000) n,
     LATERAL (SELECT crm_rfm(d, 1::numeric, date '2001-01-01' + n + 11)
              FROM unnest(ARRAY[date '2001-01-01', date '2001-01-01' + n]) d) x(r);

-- The total of numeric amounts is their sum, digit for digit, whatever their
-- size and number of decimals.
CREATE TEMP TABLE hard_amount (label text, amount numeric);
INSERT INTO hard_amount
SELECT 'cents', round((pg_temp.uniform(i, 'c') * 1000)::numeric, 2) FROM generate_series(1, 5000) i
UNION ALL SELECT 'cents and refunds', round(((pg_temp.uniform(i, 'r') - 0.5) * 1e9)::numeric, 2) FROM generate_series(1, 500) i
UNION ALL SELECT 'thirds', i / 3.0 FROM generate_series(1, 100) i
UNION ALL SELECT 'eighteen decimals', round(i / 7.0, 18) FROM generate_series(1, 100) i
UNION ALL SELECT 'trailing zeros', (i || '.250000000000000000')::numeric FROM generate_series(1, 100) i
UNION ALL SELECT 'large', (i || '8765432109876543.21')::numeric FROM generate_series(1, 100) i
UNION ALL SELECT 'around the limit', 6871947.67 + i / 10000.0 FROM generate_series(1, 99) i
UNION ALL SELECT 'mixed', amount FROM (VALUES (1e20), (-1e20), (0.000000000000000001), (12.3), (3)) v(amount)
UNION ALL SELECT 'whole', i FROM generate_series(1, 10) i
UNION ALL SELECT 'huge', ('1e' || i)::numeric FROM generate_series(0, 300, 50) i;
SELECT label, count(*),
       (crm_rfm(date '2025-01-01', amount, date '2025-01-31')).total = sum(amount) AS same_value,
       (crm_rfm(date '2025-01-01', amount, date '2025-01-31')).total::text = sum(amount)::text AS same_text
FROM hard_amount GROUP BY label ORDER BY label COLLATE "C";

-- A day's purchases that are all refunded leave nothing to pay, in cents and
-- in float8.
SELECT (crm_rfm(d, a, date '2025-01-31')).paid_frequency AS paid,
       (crm_rfm(d, a::float8, date '2025-01-31')).paid_frequency AS paid_float8,
       (crm_rfm(d, a, date '2025-01-31')).frequency AS frequency
FROM (VALUES (date '2025-01-01', 1.0), ('2025-01-02', 0.1), ('2025-01-02', 0.2), ('2025-01-02', -0.3),
             ('2025-01-03', 29.95), ('2025-01-03', 5.10), ('2025-01-03', -35.05),
             ('2025-01-04', 0.01)) v(d, a);

-- ---------------------------------------------------------------------------
-- Any plan gives the same, to the last bit
-- ---------------------------------------------------------------------------
CREATE FUNCTION pg_temp.explain(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || query;
END $$;
CREATE TEMP TABLE reference AS
SELECT cust, crm_rfm(at, amount, date '2011-12-31', '7 days', 'day', 'America/New_York') AS rfm
FROM rfm_order GROUP BY cust;

-- A hundred customers as one, so that states are worth combining
CREATE TEMP TABLE reference_group AS
SELECT grp, crm_rfm(at, amount, date '2011-12-31', '7 days', 'day', 'America/New_York') AS rfm
FROM rfm_order GROUP BY 1;
CREATE TEMP TABLE other_group (LIKE reference_group);

-- Shuffled, backwards
CREATE TEMP TABLE other AS
SELECT cust, crm_rfm(at, amount, date '2011-12-31', '7 days', 'day', 'America/New_York') AS rfm
FROM (SELECT * FROM rfm_order ORDER BY md5(at::text || cust)) o GROUP BY cust;
INSERT INTO other
SELECT cust, crm_rfm(at, amount, date '2011-12-31', '7 days', 'day', 'America/New_York' ORDER BY at DESC)
FROM rfm_order GROUP BY cust;
-- Hash and sort
SET enable_sort = off;
SELECT bool_or(line LIKE '%HashAggregate%') AS is_hash
FROM pg_temp.explain($$SELECT cust, crm_rfm(at, amount, date '2011-12-31') FROM rfm_order GROUP BY cust$$) line;
INSERT INTO other
SELECT cust, crm_rfm(at, amount, date '2011-12-31', '7 days', 'day', 'America/New_York')
FROM rfm_order GROUP BY cust;
RESET enable_sort;
SET enable_hashagg = off;
SELECT bool_or(line LIKE '%GroupAggregate%') AS is_sort
FROM pg_temp.explain($$SELECT cust, crm_rfm(at, amount, date '2011-12-31') FROM rfm_order GROUP BY cust$$) line;
INSERT INTO other
SELECT cust, crm_rfm(at, amount, date '2011-12-31', '7 days', 'day', 'America/New_York')
FROM rfm_order GROUP BY cust;
RESET enable_hashagg;
-- Parallel: workers' states are serialised and combined
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
SELECT bool_or(line LIKE '%Partial%Aggregate%') AND bool_or(line LIKE '%Finalize%Aggregate%') AS is_parallel
FROM pg_temp.explain($$SELECT grp, crm_rfm(at, amount, date '2011-12-31', '7 days', 'day', 'America/New_York') FROM rfm_order GROUP BY 1$$) line;
INSERT INTO other_group
SELECT grp, crm_rfm(at, amount, date '2011-12-31', '7 days', 'day', 'America/New_York')
FROM rfm_order GROUP BY 1;
-- Large amounts travel too.
CREATE TABLE hard_amount_copy AS SELECT * FROM hard_amount;
SELECT count(*) AS labels, bool_and(total = sum) AS same
FROM (SELECT label, (crm_rfm(date '2025-01-01', amount, date '2025-01-31')).total, sum(amount)
      FROM hard_amount_copy GROUP BY label) s;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
-- Partitions by time: each gives a part of a customer's orders.
CREATE TABLE rfm_parted (cust int, at timestamptz, amount numeric, grp int) PARTITION BY RANGE (at);
CREATE TABLE rfm_parted_1 PARTITION OF rfm_parted FOR VALUES FROM (MINVALUE) TO ('2011-01-01');
CREATE TABLE rfm_parted_2 PARTITION OF rfm_parted FOR VALUES FROM ('2011-01-01') TO ('2011-07-01');
CREATE TABLE rfm_parted_3 PARTITION OF rfm_parted DEFAULT;
INSERT INTO rfm_parted SELECT * FROM rfm_order;
ANALYZE rfm_parted;
SET enable_partitionwise_aggregate = on;
SET max_parallel_workers_per_gather = 0;
SELECT count(*) FILTER (WHERE line LIKE '%Partial%Aggregate%') AS partial_aggregates
FROM pg_temp.explain($$SELECT grp, crm_rfm(at, amount, date '2011-12-31', '7 days', 'day', 'America/New_York') FROM rfm_parted GROUP BY 1$$) line;
INSERT INTO other_group
SELECT grp, crm_rfm(at, amount, date '2011-12-31', '7 days', 'day', 'America/New_York')
FROM rfm_parted GROUP BY 1;
RESET enable_partitionwise_aggregate;
RESET max_parallel_workers_per_gather;

SELECT count(*) = 60 AS all_there,
       count(*) FILTER (WHERE o.rfm IS DISTINCT FROM r.rfm OR o.rfm::text IS DISTINCT FROM r.rfm::text) AS different
FROM other_group o JOIN reference_group r USING (grp);
SELECT count(*) = 4 * (SELECT count(*) FROM reference) AS all_there,
       count(*) FILTER (WHERE o.rfm IS DISTINCT FROM r.rfm OR o.rfm::text IS DISTINCT FROM r.rfm::text) AS different
FROM other o JOIN reference r USING (cust);

-- As a window function: every row's answer is that of the rows so far.
WITH running AS (
    SELECT cust, at, amount,
           crm_rfm(at, amount, date '2011-12-31') OVER (PARTITION BY cust ORDER BY at, amount ROWS UNBOUNDED PRECEDING) AS rfm,
           array_agg(at) OVER w AS ats, array_agg(amount) OVER w AS amounts
    FROM rfm_order WHERE cust <= 100
    WINDOW w AS (PARTITION BY cust ORDER BY at, amount ROWS UNBOUNDED PRECEDING)
)
SELECT count(*) > 400 AS some_rows,
       count(*) FILTER (WHERE rfm IS DISTINCT FROM
           (SELECT crm_rfm(a, m, date '2011-12-31') FROM unnest(ats, amounts) u(a, m))) AS different
FROM running;
-- and over a frame that moves.
WITH running AS (
    SELECT crm_rfm(at, amount, date '2011-12-31') OVER w AS rfm,
           array_agg(at) OVER w AS ats, array_agg(amount) OVER w AS amounts
    FROM rfm_order WHERE cust <= 100
    WINDOW w AS (PARTITION BY cust ORDER BY at, amount ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING)
)
SELECT count(*) FILTER (WHERE rfm IS DISTINCT FROM
           (SELECT crm_rfm(a, m, date '2011-12-31') FROM unnest(ats, amounts) u(a, m))) AS different
FROM running;

-- One customer with many orders.
SELECT frequency, recency, age, monetary, paid_frequency, unit_days, first_at, last_at, purchases, total,
       abs(log_intervals / (138 * ln(1 / 7.0)) - 1) < 1e-13 AS intervals_of_a_day
FROM (SELECT (crm_rfm(timestamp '2020-01-01' + i * interval '1 minute', 0.01, date '2020-12-31')).*
      FROM generate_series(0, 199999) i) s;
-- A product of that many times would leave the range of doubles.
SELECT abs((r).log_intervals / ((r).frequency * ln(0.00001)) - 1) < 1e-13 AS intervals
FROM (SELECT crm_rfm(timestamp '2020-01-01' + i * interval '1 minute', 1.0, timestamp '2021-01-01',
                     interval '100000 minutes', 'none') AS r
      FROM generate_series(0, 199999) i) s;

-- ---------------------------------------------------------------------------
-- Errors
-- ---------------------------------------------------------------------------
\pset format unaligned
\pset tuples_only on
SELECT pg_temp.error_of($$SELECT crm_rfm('infinity'::timestamptz, 1.0, now())$$);
SELECT pg_temp.error_of($$SELECT crm_rfm('-infinity'::timestamp, 1.0, localtimestamp)$$);
SELECT pg_temp.error_of($$SELECT crm_rfm('-infinity'::date, 1.0, date '2025-01-01')$$);
SELECT pg_temp.error_of($$SELECT crm_rfm(date '2025-01-01', 1.0, date 'infinity')$$);
SELECT pg_temp.error_of($$SELECT crm_rfm(timestamptz '2025-01-01', 1.0, timestamptz 'infinity')$$);
SELECT pg_temp.error_of($$SELECT crm_rfm(timestamptz '2025-01-01', 1.0, date '-infinity')$$);
SELECT pg_temp.error_of($$SELECT crm_rfm(date '2025-01-01', 'NaN'::numeric, date '2025-01-31')$$);
SELECT pg_temp.error_of($$SELECT crm_rfm(date '2025-01-01', 'NaN'::float8, date '2025-01-31')$$);
SELECT pg_temp.error_of($$SELECT crm_rfm(date '2025-01-01', '-Infinity'::float8, date '2025-01-31')$$);
SELECT pg_temp.error_of($$SELECT crm_rfm(date '2025-01-01', 'Infinity'::numeric, date '2025-01-31')$$);
SELECT pg_temp.error_of($$SELECT crm_rfm(date '2025-01-01', 1.0, NULL::date)$$);
SELECT pg_temp.error_of($$SELECT crm_rfm(date '2025-01-01' + i, 1.7e308::float8, date '2025-01-31') FROM generate_series(1, 3) i$$);
SELECT pg_temp.error_of($$SELECT crm_rfm(date '2025-01-01', 1.0, date '2025-01-31' + i) FROM generate_series(1, 2) i$$);
SELECT pg_temp.error_of($$SELECT crm_rfm(date '2025-01-01', 1.0, date '2025-01-31', i * interval '7 days') FROM generate_series(1, 2) i$$);
SELECT pg_temp.error_of($$SELECT crm_rfm(date '2025-01-01', 1.0, date '2025-01-31', '7 days', g) FROM unnest(ARRAY['day', 'week']) g$$);
SELECT pg_temp.error_of($$SELECT crm_rfm(timestamptz '2025-01-01', 1.0, date '2025-01-31', '7 days', 'day', z) FROM unnest(ARRAY['Asia/Tokyo', 'Asia/Kolkata']) z$$);
SELECT pg_temp.error_of($$SELECT crm_rfm(timestamptz '2025-01-01', 1.0, date '2025-01-31', '7 days', 'day', z) FROM unnest(ARRAY['Asia/Tokyo', 'Asia/Seoul']) z$$);
SELECT pg_temp.error_of($$SELECT crm_rfm(date '2025-01-01', 1.0, date '2025-01-31', '7 days', 'month')$$);
SELECT pg_temp.error_of($$SELECT crm_rfm(timestamptz '2025-01-01', 1.0, now(), '7 days', 'day', 'Mars/Olympus')$$);
SELECT pg_temp.error_of($$SELECT crm_rfm(date '2025-01-01', 1.0, date '2025-01-31', '1 month')$$);
SELECT pg_temp.error_of($$SELECT crm_rfm(date '2025-01-01', 1.0, date '2025-01-31', '1 year 3 days')$$);
SELECT pg_temp.error_of($$SELECT crm_rfm(date '2025-01-01', 1.0, date '2025-01-31', '0 days')$$);
SELECT pg_temp.error_of($$SELECT crm_rfm(date '2025-01-01', 1.0, date '2025-01-31', '-7 days')$$);
SELECT pg_temp.error_of($$SELECT crm_rfm(date '2025-01-01', 1.0, date '2025-01-31', '2000000000 days')$$);
-- Parts that were added up under different options do not combine.
SET max_parallel_workers_per_gather = 0;
SET enable_partitionwise_aggregate = on;
SELECT count(*) FILTER (WHERE line LIKE '%Partial%Aggregate%') AS partial_aggregates
FROM pg_temp.explain($$SELECT crm_rfm(at, amount, date '2011-12-31') FROM rfm_parted$$) line;
SELECT pg_temp.error_of($$SELECT crm_rfm(at, amount, date '2011-12-31', '7 days', 'day',
    CASE WHEN at < '2011-01-01' THEN 'Asia/Tokyo' ELSE 'Asia/Seoul' END) FROM rfm_parted$$);
SELECT pg_temp.error_of($$SELECT crm_rfm(at, amount, date '2011-12-31',
    CASE WHEN at < '2011-01-01' THEN interval '1 day' ELSE interval '7 days' END) FROM rfm_parted$$);
SELECT pg_temp.error_of($$SELECT crm_rfm(at, amount, date '2011-12-31', '7 days',
    CASE WHEN at < '2011-01-01' THEN 'hour' ELSE 'day' END, 'UTC') FROM rfm_parted$$);
SELECT pg_temp.error_of($$SELECT crm_rfm(at, amount,
    CASE WHEN at < '2011-01-01' THEN date '2011-12-31' ELSE '2011-12-30' END) FROM rfm_parted$$);
RESET enable_partitionwise_aggregate;
RESET max_parallel_workers_per_gather;
\pset tuples_only off
\pset format aligned

DROP TABLE rfm_order, rfm_parted, hard_amount_copy;
