--
-- The one-level aggregates keep a table of customers of any type: a customer
-- of theirs is what is one group of GROUP BY.
--
SET timezone = 'UTC';
CREATE TABLE event (n int, half int, ts timestamptz, name text, whole int, small smallint, large bigint, hash int, id oid,
                    number numeric, float float8, string text, padded char(40), wide text, list int[], span int4range, document jsonb, digest bytea);
-- Of 1,000 customers each has its first event in one half, its second in another, in other words and bits.
INSERT INTO event
SELECT n, half, timestamptz '2025-01-01' + n * interval '1 minute' + half * interval '1 day', ('{a,b}'::text[])[1 + half],
       coalesce(nullif(n - 500, 0), 1000), n - 500, (n - 500) * 10000000000, hashtext(n::text), 2147483648 + n::bigint * 2000000,
       (n || repeat('.0', half))::numeric / 7, CASE WHEN n = 1 AND half = 0 THEN '-0' WHEN n = 1 THEN 0 ELSE n / 7.0 END,
       'customer ' || n, 'customer ' || n || repeat(' ', half), repeat('wide ' || n, 1 + 10000 * (n % 100 / 99)),
       ARRAY[n, NULL, n], CASE half WHEN 0 THEN int4range(n, n + 9) ELSE int4range(n, n + 8, '[]') END,
       CASE half WHEN 0 THEN jsonb_build_object('n', n, 'm', 1.0) ELSE jsonb_build_object('m', 1, 'n', n) END, decode(md5(n::text), 'hex')
FROM generate_series(1, 1000) n, generate_series(0, 1) half WHERE half = 0 OR n % 3 > 0;
ANALYZE event;
CREATE DOMAIN customer_number AS int CHECK (VALUE <> 0);
CREATE TYPE customer_key AS (shop int, name text);

-- By hand: all 1,000 have a, 667 of them b on the next day; and against two
-- levels.
CREATE FUNCTION pg_temp.verdict(customer text, source text DEFAULT 'event', OUT funnel text, OUT retention bool, OUT active bool) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format($q$SELECT crm_funnel_counts(%1$s, crm_funnel_def('2 days', '{a,b}'), ts, name)::text,
                             crm_retention_counts(%1$s, ts, 1)::text = (SELECT crm_retention(a, 1)::text FROM (SELECT crm_activity_agg(ts) AS a FROM %2$s GROUP BY %1$s) g),
                             (SELECT array_agg(r.customers ORDER BY r.period) FROM unnest(crm_active_customer_counts(%1$s, ts, 1)) r) = '{1000,667}'
                      FROM %2$s$q$, customer, source) INTO funnel, retention, active;
END $$;

CREATE TABLE customer_expression AS SELECT * FROM unnest(ARRAY[
    'whole', 'whole::customer_number', 'small', 'large', 'hash', 'id', 'number', 'float', 'string', 'string::name', 'padded', 'wide',
    'list', 'span', 'document', 'digest', 'ROW(n, string)::customer_key', 'ts - half * interval ''1 day''', '(ts - half * interval ''1 day'')::time',
    'digest::text::varchar']) WITH ORDINALITY AS e (customer, no);
SELECT customer, v.* FROM customer_expression, pg_temp.verdict(customer) v ORDER BY no;

SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT crm_funnel_counts(number, crm_funnel_def('2 days', '{a,b}'), ts, name), crm_retention_counts(number, ts, 1) FROM event;
SELECT customer, v.* FROM customer_expression, pg_temp.verdict(customer) v ORDER BY no;
SET max_parallel_workers_per_gather = 0;

-- A column and a function's result can differ in the bits beyond those of a
-- short value: of int4 those of hashtext, of oid from 2^31.
CREATE VIEW mixed AS
SELECT ts, name, whole, small, hash, id FROM event WHERE half = 0
UNION ALL
SELECT ts, name, whole * 1, (small * 1)::smallint, hashtext(n::text), (2147483648 + n::bigint * 2000000)::oid FROM event WHERE half = 1;
SELECT customer, v.* FROM unnest('{whole,small,hash,id}'::text[]) WITH ORDINALITY AS c (customer, no), pg_temp.verdict(customer, 'mixed') v ORDER BY no;

-- An answer after each row, whatever number of rows there is: by hand, the
-- number of rows so far of either name; n to 100, with both events.
SELECT half, n, funnel, active
FROM (SELECT half, n, row_number() OVER (PARTITION BY half ORDER BY n) AS so_far,
             crm_funnel_counts(whole, crm_funnel_def('2 days', '{a,b}'), ts, name) OVER w AS funnel,
             crm_active_customer_counts(whole, ts, 1) OVER w AS active
      FROM event WHERE n <= 100 AND n % 3 > 0 WINDOW w AS (ORDER BY half, n)) x
WHERE funnel <> CASE half WHEN 0 THEN ARRAY[so_far, 0] ELSE ARRAY[67, so_far] END
   OR (SELECT array_agg(r.customers ORDER BY r.period) FROM unnest(active) r) <> CASE half WHEN 0 THEN ARRAY[so_far] ELSE ARRAY[67, so_far] END;
SELECT count(*) AS looked_at FROM event WHERE n <= 100 AND n % 3 > 0;

-- What has no hash function
SELECT crm_funnel_counts(ARRAY[point(n, 1)], crm_funnel_def('2 days', '{a,b}'), ts, name) FROM event;
SELECT crm_retention_counts(point(n, 1), ts, 1) FROM event;
DROP VIEW mixed;
DROP TABLE event, customer_expression;
DROP TYPE customer_key;
DROP DOMAIN customer_number;
