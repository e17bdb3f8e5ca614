-- Retention, active customers, life cycle, stickiness.
-- References: plain SQL over the events with AT TIME ZONE, date_trunc and
-- joins; Wilson intervals from statsmodels 0.13.5, proportion_confint(...,
-- method='wilson').  Queries named "offenders" print what differs: no rows.
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
--           1  2  3  4  5  6  of March
-- ann       x  x     x
-- bob       x              x
-- cid          x  x
-- dan                   x
CREATE TEMP TABLE few (customer text, d date);
INSERT INTO few VALUES
    ('ann', '2024-03-01'), ('ann', '2024-03-02'), ('ann', '2024-03-04'), ('bob', '2024-03-01'), ('bob', '2024-03-06'),
    ('cid', '2024-03-02'), ('cid', '2024-03-03'), ('dan', '2024-03-05'), ('eve', NULL);
CREATE TEMP TABLE few_activity AS SELECT customer, crm_activity_agg(d) AS a FROM few GROUP BY customer;
SELECT cohort, period, period_to, customers, retained, share, complete FROM few_activity s,
    LATERAL (SELECT crm_retention(a, 3) AS summary FROM few_activity) r, crm_retention_rows(summary, '2024-03-05')
WHERE customer = 'ann';
SELECT cohort, period, period_to, customers, retained, share, complete
FROM crm_retention_rows((SELECT crm_retention(a, 3, 'on_or_after') FROM few_activity), '2024-03-05');
SELECT cohort, period, period_to, customers, retained, share, complete
FROM crm_retention_rows((SELECT crm_retention(a, '{0,1,3,6}'::int[]) FROM few_activity), '2024-03-06');
-- a cohort that has begun and not ended is there, a later one is not
SELECT cohort, period, customers, retained, complete
FROM crm_retention_rows((SELECT crm_retention(crm_activity_in_unit(a, 'month'), 1) FROM few_activity), '2024-03-30');
SELECT cohort, period, customers, retained, complete
FROM crm_retention_rows((SELECT crm_retention(crm_activity_in_unit(a, 'month'), 1) FROM few_activity), '2024-03-31');
SELECT count(*) FROM crm_retention_rows((SELECT crm_retention(a, 3) FROM few_activity), '2024-02-29');
-- started and returned apart: ann's order before the start does not count, bob
-- never orders, cid orders in the period of the start, dan never started
SELECT cohort, period, customers, retained
FROM crm_retention_rows((
    SELECT crm_retention(started, returned, 2)
    FROM (VALUES (crm_activity 'crm_activity:1 unit=day first=2024-03-02 active=101', crm_activity 'crm_activity:1 unit=day first=2024-03-01 active=1001'),
                 ('crm_activity:1 unit=day first=2024-03-02 active=1', NULL), ('crm_activity:1 unit=day first=2024-03-02 active=1', 'crm_activity:1 unit=day first=2024-03-02 active=1'),
                 (NULL, 'crm_activity:1 unit=day first=2024-03-02 active=1'), ('crm_activity:1 unit=day', 'crm_activity:1 unit=day first=2024-03-02 active=1')) v (started, returned)), '2024-12-31');
-- the text form, and as JSON
SELECT crm_retention(a, 2) AS on, crm_retention(a, 2, 'on_or_after') AS on_or_after, crm_retention(a, '{0,1,3,6}'::int[]) AS brackets,
       crm_retention(a, '{0,1,3,6}'::int[])::jsonb AS jsonb, crm_retention(a, 0) AS sizes
FROM few_activity \gx
SELECT crm_retention(a, 2) FILTER (WHERE false) IS NULL AS no_rows, crm_retention(a, 2) FILTER (WHERE a IS NULL) IS NULL AS only_null,
       crm_retention(a, 2, NULL)::text = crm_retention(a, 2, 'on')::text AS null_mode FROM few_activity;

-- Wilson's interval, as statsmodels has it
SELECT k, n, abs(share - k / n::float8) < 1e-15 AS share, abs(share_lower - lower) < 1e-9 AS lower, abs(share_upper - upper) < 1e-9 AS upper
FROM (VALUES (81, 263, 0.95, 0.255288519878, 0.366209576983), (0, 20, 0.95, 0, 0.161125158053), (10, 10, 0.95, 0.722467200137, 1),
             (81, 263, 0.90, 0.263313617188, 0.356566349608), (81, 263, 0.99, 0.240136902688, 0.385282502318)) v (k, n, conf, lower, upper),
     crm_retention_rows(format('crm_retention_summary:1 unit=day mode=on cells=2 cohorts=1 2024-01-01:%s,%s,%s', n, n, k)::crm_retention_summary, '2024-02-01', conf)
WHERE period = 1;
SELECT count(*) AS default_conf FROM crm_retention_rows('crm_retention_summary:1 unit=day mode=on cells=1 cohorts=1 2024-01-01:9,8', '2024-02-01') r
JOIN crm_retention_rows('crm_retention_summary:1 unit=day mode=on cells=1 cohorts=1 2024-01-01:9,8', '2024-02-01', 0.95) s ON r = s;

--
-- Random customers, against plain SQL
--
CREATE TABLE retention_event (id int PRIMARY KEY, customer int, channel int, kind text, ts timestamptz);
INSERT INTO retention_event
SELECT i, customer, customer % 3, CASE WHEN hashint4(i + 7) % 4 = 0 THEN 'start' ELSE 'buy' END,
       -- both changes of the clocks in 2024 are within; customers differ in how long they stay
       timestamptz '2024-02-25 17:00' + make_interval(secs => abs(hashint4(customer)::bigint) % (200 * 86400)
                                                         + abs(hashint4(-i)::bigint) % (86400 * (1 + customer % 60)))
FROM (SELECT i, abs(hashint4(i * 3 + 1)) % 1200 AS customer FROM generate_series(1, 12000) i) s;
INSERT INTO retention_event VALUES (0, 1, 0, 'buy', NULL), (-1, 5000, 0, 'buy', NULL);
SELECT count(*), count(DISTINCT customer), min(ts), max(ts) FROM retention_event;

-- cells of each mode, in plain SQL: number of periods between two first days
CREATE FUNCTION pg_temp.periods_between(unit text, a date, b date) RETURNS int LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE unit WHEN 'day' THEN b - a WHEN 'week' THEN (b - a) / 7
           ELSE ((extract(year FROM b) - extract(year FROM a)) * 12 + extract(month FROM b) - extract(month FROM a))::int END
$$;
CREATE TEMP TABLE option AS SELECT zone, unit, CASE unit WHEN 'day' THEN 30 WHEN 'week' THEN 9 ELSE 4 END AS periods
FROM unnest('{America/New_York,Asia/Kolkata}'::text[]) zone, unnest('{day,week,month}'::text[]) unit;
CREATE TEMP TABLE period AS
SELECT DISTINCT zone, unit, periods, customer, channel, kind, date_trunc(unit, ts AT TIME ZONE zone)::date AS period FROM retention_event, option WHERE ts IS NOT NULL;
CREATE INDEX ON period (zone, unit, period);
ANALYZE period;
-- any activity, both modes, and the observation's end amid it all
CREATE TEMP TABLE expected AS
WITH first AS MATERIALIZED (SELECT zone, unit, periods, customer, min(period) AS cohort FROM period GROUP BY zone, unit, periods, customer),
     seen AS MATERIALIZED (SELECT zone, unit, customer, cohort, pg_temp.periods_between(unit, cohort, period) AS n FROM first JOIN (SELECT DISTINCT zone, unit, customer, period FROM period) p USING (zone, unit, customer)),
     cells AS MATERIALIZED (SELECT zone, unit, cohort, n, count(DISTINCT customer) AS customers FROM first, generate_series(0, periods) n GROUP BY zone, unit, cohort, n),
     retained AS MATERIALIZED (SELECT zone, unit, cohort, n, count(DISTINCT customer) AS retained FROM seen GROUP BY zone, unit, cohort, n),
     after AS MATERIALIZED (SELECT zone, unit, cohort, n, count(*) AS retained_after
               FROM (SELECT zone, unit, customer, cohort, max(n) AS last FROM seen GROUP BY zone, unit, customer, cohort) l, generate_series(0, last) n GROUP BY zone, unit, cohort, n)
SELECT zone, unit, cohort, n, customers, (cohort + (n + 1) * ('1 ' || unit)::interval)::date - 1 <= date '2024-08-01' AS complete,
       coalesce(retained, 0) AS retained, coalesce(retained_after, 0) AS retained_after
FROM cells LEFT JOIN retained USING (zone, unit, cohort, n) LEFT JOIN after USING (zone, unit, cohort, n);
SELECT count(*) > 10000 AS cells, count(*) FILTER (WHERE complete) > 7000 AS complete, sum(retained) > 10000 AS retained FROM expected;
ANALYZE expected;
CREATE TEMP TABLE activity AS
SELECT zone, unit, periods, customer, channel, crm_activity_agg(ts, unit, zone) AS a, crm_activity_agg(ts, unit, zone) FILTER (WHERE kind = 'start') AS started,
       crm_activity_agg(ts, unit, zone) FILTER (WHERE kind = 'buy') AS bought
FROM retention_event, option GROUP BY zone, unit, periods, customer, channel;
CREATE TEMP TABLE summary AS
SELECT zone, unit, crm_retention(a, periods) AS on, crm_retention(a, periods, 'on_or_after') AS after,
       crm_retention(a, '{0,1,2,4}'::int[]) AS brackets, crm_retention(a, a, periods) AS of_both
FROM activity GROUP BY zone, unit;
CREATE TEMP TABLE on_result AS SELECT zone, unit, r.*, r.period AS n FROM summary, crm_retention_rows("on", '2024-08-01') r;
CREATE TEMP TABLE after_result AS SELECT zone, unit, r.*, r.period AS n FROM summary, crm_retention_rows("after", '2024-08-01') r;
SELECT zone, unit, cohort, n AS offenders
FROM (SELECT * FROM expected WHERE cohort <= '2024-08-01') e
FULL JOIN on_result r USING (zone, unit, cohort, n)
WHERE (r.customers, r.complete, r.period_to) IS DISTINCT FROM (e.customers, e.complete, n)
   OR r.retained IS DISTINCT FROM CASE WHEN e.complete THEN e.retained END
   OR r.share IS DISTINCT FROM CASE WHEN e.complete THEN e.retained / e.customers::float8 END
   OR (r.share_lower IS NULL) = r.complete OR (r.share_upper IS NULL) = r.complete LIMIT 5;
SELECT zone, unit, cohort, n AS offenders
FROM (SELECT * FROM expected WHERE cohort <= '2024-08-01') e
FULL JOIN after_result r USING (zone, unit, cohort, n)
WHERE (r.customers, r.complete, r.retained) IS DISTINCT FROM (e.customers, e.complete, CASE WHEN e.complete THEN e.retained_after END) OR r.period_to IS NOT NULL LIMIT 5;
-- no cell is missing or too many
SELECT (SELECT count(*) FROM summary, crm_retention_rows("on", '2024-08-01')) = count(*) FILTER (WHERE cohort <= '2024-08-01') AS up_to_the_end,
       (SELECT count(*) FROM summary, crm_retention_rows("on", '9999-01-01')) = count(*) AS all_of_them FROM expected;
SELECT zone, unit AS offenders FROM summary WHERE of_both::text <> "on"::text;
-- brackets: any period from one bound until before the next
WITH first AS (SELECT zone, unit, customer, min(period) AS cohort FROM period GROUP BY zone, unit, customer),
     want AS MATERIALIZED (
    SELECT zone, unit, cohort, b.from_n, b.to_n, count(DISTINCT customer) AS retained,
           b.from_n AS period
    FROM first JOIN period p USING (zone, unit, customer), (VALUES (0, 0), (1, 1), (2, 3)) b (from_n, to_n)
    WHERE pg_temp.periods_between(unit, cohort, period) BETWEEN b.from_n AND b.to_n GROUP BY zone, unit, cohort, b.from_n, b.to_n)
SELECT zone, unit, cohort, period AS offenders
FROM (SELECT zone, unit, r.* FROM summary, crm_retention_rows(brackets, '2024-08-01') r) r
LEFT JOIN want USING (zone, unit, cohort, period)
WHERE r.period_to <> CASE period WHEN 0 THEN 0 WHEN 1 THEN 1 ELSE 3 END
   OR r.complete <> ((cohort + (r.period_to + 1) * ('1 ' || unit)::interval)::date - 1 <= date '2024-08-01')
   OR r.retained IS DISTINCT FROM CASE WHEN r.complete THEN coalesce(want.retained, 0) END LIMIT 5;
-- started and bought
CREATE TEMP TABLE started AS
WITH first AS MATERIALIZED (SELECT zone, unit, customer, min(period) AS cohort FROM period WHERE kind = 'start' GROUP BY zone, unit, customer),
     bought AS MATERIALIZED (SELECT f.*, pg_temp.periods_between(unit, cohort, period) AS bought FROM first f LEFT JOIN (SELECT * FROM period WHERE kind = 'buy') p USING (zone, unit, customer))
SELECT zone, unit, cohort, n AS period, count(DISTINCT customer) FILTER (WHERE bought = n) AS retained, count(DISTINCT customer) FILTER (WHERE bought >= n) AS after, count(DISTINCT customer) AS customers
FROM bought, generate_series(0, 4) n GROUP BY zone, unit, cohort, n;
CREATE TEMP TABLE started_result AS
SELECT zone, unit, mode, r.* FROM (SELECT zone, unit, mode, crm_retention(started, bought, 4, mode) AS summary FROM activity, unnest('{on,on_or_after}'::text[]) mode GROUP BY zone, unit, mode) s,
       crm_retention_rows(summary, '2030-01-01') r;
SELECT count(*) > 500 AS cells, sum(retained) > 500 AS retained, sum(after) > sum(retained) AS after FROM started;
SELECT zone, unit, cohort, period, mode AS offenders FROM started s FULL JOIN started_result r USING (zone, unit, cohort, period)
WHERE (s.customers, CASE mode WHEN 'on' THEN s.retained ELSE s.after END) IS DISTINCT FROM (r.customers, r.retained) LIMIT 5;

-- 24 hours, counted from each customer's first event; the local day of it is
-- the cohort.  Its last day ends a day later than that of the calendar.
CREATE TEMP TABLE since AS
SELECT zone, customer, (first AT TIME ZONE zone)::date AS cohort, floor(extract(epoch FROM ts - first) / 86400)::int AS period
FROM (SELECT customer, ts, min(ts) OVER (PARTITION BY customer) AS first FROM retention_event WHERE ts IS NOT NULL) e, (SELECT DISTINCT zone FROM option) z;
CREATE TEMP TABLE since_result AS
SELECT zone, r.* FROM (SELECT zone, crm_retention(a, 30) AS summary FROM (SELECT zone, customer, crm_activity_agg(ts, '24h', zone) AS a
                                                                          FROM retention_event, (SELECT DISTINCT zone FROM option) z GROUP BY zone, customer) s GROUP BY zone) s,
     crm_retention_rows(summary, '2024-08-01') r;
SELECT count(*) FILTER (WHERE complete) > 5000 AS complete, sum(retained) > 5000 AS retained FROM since_result;
SELECT zone, cohort, period AS offenders
FROM since_result r LEFT JOIN (SELECT zone, cohort, period, count(DISTINCT customer) AS retained FROM since GROUP BY zone, cohort, period) w USING (zone, cohort, period)
WHERE r.complete <> (cohort + period + 1 <= date '2024-08-01') OR r.complete AND coalesce(w.retained, 0) <> r.retained LIMIT 5;

-- Rolling active customers: distinct customers in the window
CREATE TEMP TABLE rolling AS
SELECT zone, unit, w, r.period, r.customers, (r.period - w * ('1 ' || unit)::interval)::date AS before
FROM (SELECT zone, unit, w, crm_active_customers(a, w) AS rows FROM activity, unnest('{1,28}'::int[]) w WHERE zone <> 'Asia/Kolkata' GROUP BY zone, unit, w) s, unnest(rows) r;
SELECT count(*) > 500 AS periods FROM rolling;
SELECT zone, unit, w, r.period AS offenders FROM rolling r
WHERE customers <> (SELECT count(DISTINCT p.customer) FROM period p WHERE p.zone = r.zone AND p.unit = r.unit AND p.period <= r.period AND p.period > r.before) LIMIT 5;
SELECT unit, w, cardinality(rows) = pg_temp.periods_between(unit, first, last) + 1 AND rows[1].period = first AND rows[cardinality(rows)].period = last AS from_first_to_last
FROM (SELECT unit, w, crm_active_customers(a, w) AS rows FROM activity, unnest('{1,28}'::int[]) w WHERE zone = 'Asia/Kolkata' GROUP BY unit, w) s
JOIN (SELECT unit, min(period) AS first, max(period) AS last FROM period WHERE zone = 'Asia/Kolkata' GROUP BY unit) p USING (unit) ORDER BY unit, w;
SELECT r.period AS offenders
FROM (SELECT crm_active_customers(a, 28, '2024-01-20', '2025-02-03') AS rows FROM activity WHERE zone = 'Asia/Kolkata' AND unit = 'day') s, unnest(rows) r
WHERE customers <> (SELECT count(DISTINCT p.customer) FROM period p
                    WHERE p.zone = 'Asia/Kolkata' AND p.unit = 'day' AND p.period <= r.period AND p.period > r.period - 28);
SELECT r.period AS offenders
FROM (SELECT crm_active_customers(a, 28, '2024-05-05', '2024-05-20') AS rows FROM activity WHERE zone = 'Asia/Kolkata' AND unit = 'day') s, unnest(rows) r
WHERE customers <> (SELECT count(DISTINCT p.customer) FROM period p
                    WHERE p.zone = 'Asia/Kolkata' AND p.unit = 'day' AND p.period <= r.period AND p.period > r.period - 28);
SELECT crm_active_customers(a, 2) AS by_hand, crm_active_customers(a, 2, '2024-02-29', '2024-03-08') AS named, crm_active_customers(a, 1, '2030-01-01', '2030-01-02') AS nobody,
       crm_active_customers(a, 2) FILTER (WHERE false) AS no_rows, crm_active_customers(a & 'crm_activity:1 unit=day', 2) AS empty FROM few_activity \gx

-- Life cycle
CREATE TEMP TABLE cycle AS
SELECT zone, unit, l.* FROM (SELECT zone, unit, crm_lifecycle(a, '2024-04-01', '2024-08-20') AS rows FROM activity GROUP BY zone, unit) s, unnest(rows) l;
SELECT count(*) AS periods, sum(new) > 1000 AS new, sum("returning") > 1000 AS returning, sum(resurrected) > 1000 AS resurrected, sum(dormant) > 1000 AS dormant FROM cycle;
WITH seen AS (SELECT DISTINCT zone, unit, customer, period, (period - ('1 ' || unit)::interval)::date AS before, (period + ('1 ' || unit)::interval)::date AS after FROM period),
     first AS (SELECT zone, unit, customer, min(period) AS first FROM seen GROUP BY zone, unit, customer),
     want AS (
    SELECT zone, unit, period, count(*) FILTER (WHERE state = 'new') AS new, count(*) FILTER (WHERE state = 'returning') AS "returning",
           count(*) FILTER (WHERE state = 'resurrected') AS resurrected, count(*) FILTER (WHERE state = 'dormant') AS dormant
    FROM (SELECT s.zone, s.unit, s.period, CASE WHEN s.period = f.first THEN 'new' WHEN b.customer IS NOT NULL THEN 'returning' ELSE 'resurrected' END AS state
          FROM seen s JOIN first f USING (zone, unit, customer) LEFT JOIN seen b ON (b.zone, b.unit, b.customer, b.period) = (s.zone, s.unit, s.customer, s.before)
          UNION ALL
          SELECT s.zone, s.unit, s.after, 'dormant' FROM seen s LEFT JOIN seen a ON (a.zone, a.unit, a.customer, a.period) = (s.zone, s.unit, s.customer, s.after) WHERE a.customer IS NULL) x
    GROUP BY zone, unit, period)
SELECT zone, unit, c.period AS offenders FROM cycle c LEFT JOIN want w USING (zone, unit, period)
WHERE (c.new, c."returning", c.resurrected, c.dormant) IS DISTINCT FROM (coalesce(w.new, 0), coalesce(w."returning", 0), coalesce(w.resurrected, 0), coalesce(w.dormant, 0)) LIMIT 5;
SELECT crm_lifecycle(a, '2024-03-01', '2024-03-07') AS by_hand, crm_lifecycle(a, '2024-03-04', '2024-03-05') AS within,
       crm_lifecycle(a, '2024-03-01', '2024-03-07') FILTER (WHERE false) AS no_rows FROM few_activity \gx
-- the states of one customer are those that are counted
SELECT string_agg(coalesce(crm_lifecycle_state(a, d::date), '-'), ' ' ORDER BY d) AS ann FROM few_activity, generate_series(date '2024-02-29', '2024-03-07', '1 day') d WHERE customer = 'ann';
SELECT c.period AS offenders FROM cycle c, LATERAL (
    SELECT count(*) FILTER (WHERE s = 'new') AS new, count(*) FILTER (WHERE s = 'returning') AS "returning",
           count(*) FILTER (WHERE s = 'resurrected') AS resurrected, count(*) FILTER (WHERE s = 'dormant') AS dormant
    FROM activity a, LATERAL (SELECT crm_lifecycle_state(a.a, c.period) AS s) s WHERE a.zone = c.zone AND a.unit = c.unit) w
WHERE c.unit = 'week' AND (c.new, c."returning", c.resurrected, c.dormant) IS DISTINCT FROM (w.new, w."returning", w.resurrected, w.dormant);

-- Stickiness: mean daily over monthly active customers
SELECT zone, abs(s.stickiness - p.dau / p.mau) < 1e-12 AS stickiness
FROM (SELECT zone, crm_stickiness(a, '2024-05-01', '2024-05-31') AS stickiness FROM activity WHERE unit = 'day' GROUP BY zone) s
JOIN (SELECT zone, count(DISTINCT (customer, period)) / 31.0::float8 AS dau, count(DISTINCT customer) AS mau
      FROM period WHERE unit = 'day' AND period BETWEEN '2024-05-01' AND '2024-05-31' GROUP BY zone) p USING (zone) ORDER BY zone;
SELECT crm_stickiness(a, '2024-03-01', '2024-03-06') = 8.0 / (4 * 6) AS by_hand, crm_stickiness(a, '2030-03-01', '2030-03-06') AS nobody, crm_stickiness(a, '2024-03-01', '2024-03-06') FILTER (WHERE false) AS no_rows FROM few_activity;

--
-- One level: the same as two, for customers of any type
--
CREATE FUNCTION pg_temp.uuid_of(int) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT md5($1::text)::uuid $$;
SELECT s.unit, s.zone,
       (SELECT crm_retention_counts(customer, ts, o.periods, 'on', s.unit, s.zone) FROM retention_event)::text = s.on::text AS on,
       (SELECT crm_retention_counts(customer::bigint, ts, o.periods, 'on_or_after', s.unit, s.zone) FROM retention_event)::text = s.after::text AS after,
       (SELECT crm_retention_counts('customer number ' || customer, ts, o.periods, 'on', s.unit, s.zone) FROM retention_event)::text = s.on::text AS of_text,
       (SELECT crm_retention_counts(pg_temp.uuid_of(customer), ts, o.periods, 'on', s.unit, s.zone) FROM retention_event)::text = s.on::text AS of_uuid,
       (SELECT crm_retention_counts(customer::numeric / 7, ts, o.periods, 'on', s.unit, s.zone) FROM retention_event)::text = s.on::text AS of_numeric,
       (SELECT crm_active_customer_counts(customer::smallint, ts, 5, s.unit, s.zone) FROM retention_event)
       = (SELECT crm_active_customers(a, 5) FROM activity a WHERE a.unit = s.unit AND a.zone = s.zone) AS active
FROM summary s JOIN option o USING (zone, unit) WHERE zone <> 'Asia/Kolkata' ORDER BY unit, zone;
SET timezone = 'America/New_York';
SELECT crm_retention_counts(customer, ts, 30)::text = two.days AS days, crm_retention_counts(customer, ts, 30, 'on_or_after')::text = two.after AS after,
       crm_retention_counts(customer, ts, 9, 'on', 'week')::text = two.weeks AS weeks, crm_retention_counts(customer, ts::timestamp, 30)::text = two.days AS of_timestamps,
       crm_retention_counts(customer, ts::date, 9, 'on', 'week')::text = two.weeks AS of_dates,
       crm_active_customer_counts(customer, ts, 28) = crm_active_customer_counts(customer, ts::date, 28) AS active,
       crm_active_customer_counts(customer, ts, 4, 'week') = crm_active_customer_counts(customer, ts::timestamp, 4, 'week') AS active_weeks
FROM retention_event, (SELECT (SELECT "on"::text FROM summary WHERE zone = 'America/New_York' AND unit = 'day') AS days, (SELECT "after"::text FROM summary WHERE zone = 'America/New_York' AND unit = 'day') AS after,
                              (SELECT "on"::text FROM summary WHERE zone = 'America/New_York' AND unit = 'week') AS weeks) two GROUP BY two.days, two.after, two.weeks;
SET timezone = 'UTC';
-- a collation under which other strings are equal too
CREATE COLLATION pg_temp.ignore_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
SELECT crm_retention_counts(c COLLATE pg_temp.ignore_case, d, 1) AS ignore_case, crm_retention_counts(c, d, 1) AS heed_case
FROM (VALUES ('Ann', date '2024-01-01'), ('ANN', '2024-01-02'), (NULL, '2024-01-01'), ('Bob', NULL)) v (c, d);
-- values that are compressed or wide
SELECT crm_retention_counts(repeat('long', 5000) || customer % 50, ts, 3)::text = crm_retention_counts(customer % 50, ts, 3)::text AS wide FROM retention_event;

--
-- Order, workers, partitions, rollup of shards: always the same
--
SELECT crm_retention(a, 30) AS retention, crm_retention(a, '{0,1,7}'::int[]) AS brackets, crm_retention(started, bought, 9, 'on_or_after') AS started,
       crm_active_customers(a, 28) AS active, crm_active_customers(a, 7, '2024-04-01', '2024-06-01') AS named, crm_lifecycle(a, '2024-04-01', '2024-08-20') AS cycle, crm_stickiness(a, '2024-05-01', '2024-05-31') AS stickiness
FROM activity WHERE zone = 'America/New_York' AND unit = 'day' \gset serial_
CREATE TABLE retention_activity AS SELECT customer, channel, a, started, bought FROM activity WHERE zone = 'America/New_York' AND unit = 'day' ORDER BY hashint4(customer + 1);
CREATE VIEW retention_verdict AS
SELECT crm_retention(a, 30)::text AS retention, crm_retention(a, '{0,1,7}'::int[])::text AS brackets, crm_retention(started, bought, 9, 'on_or_after')::text AS started,
       crm_active_customers(a, 28)::text AS active, crm_active_customers(a, 7, '2024-04-01', '2024-06-01')::text AS named, crm_lifecycle(a, '2024-04-01', '2024-08-20')::text AS cycle, crm_stickiness(a, '2024-05-01', '2024-05-31')
FROM retention_activity;
SELECT retention = :'serial_retention' AS retention, brackets = :'serial_brackets' AS brackets, started = :'serial_started' AS started, active = :'serial_active' AS active,
       named = :'serial_named' AS named, cycle = :'serial_cycle' AS cycle, crm_stickiness = :'serial_stickiness' AS stickiness FROM retention_verdict;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT * FROM retention_verdict;
SELECT retention = :'serial_retention' AS retention, brackets = :'serial_brackets' AS brackets, started = :'serial_started' AS started, active = :'serial_active' AS active,
       named = :'serial_named' AS named, cycle = :'serial_cycle' AS cycle, crm_stickiness = :'serial_stickiness' AS stickiness FROM retention_verdict;
EXPLAIN (COSTS OFF) SELECT crm_retention_counts(customer, ts, 30), crm_active_customer_counts(customer, ts, 28) FROM retention_event;
SET timezone = 'America/New_York';
SELECT crm_retention_counts(customer, ts, 30)::text = :'serial_retention' AS counts, crm_retention_counts('customer number ' || customer, ts, 30)::text = :'serial_retention' AS of_text,
       crm_retention_counts(pg_temp.uuid_of(customer), ts, 30)::text = :'serial_retention' AS of_uuid, crm_active_customer_counts(customer, ts, 28)::text = :'serial_active' AS active FROM retention_event;
SET timezone = 'UTC';
SELECT crm_rollup(r)::text = :'serial_retention' AS retention, crm_rollup(b)::text = :'serial_brackets' AS brackets, crm_rollup(s)::text = :'serial_started' AS started
FROM (SELECT crm_retention(a, 30) AS r, crm_retention(a, '{0,1,7}'::int[]) AS b, crm_retention(started, bought, 9, 'on_or_after') AS s FROM retention_activity GROUP BY customer % 17) shard;
SET max_parallel_workers_per_gather = 0;
SELECT crm_rollup(r)::text = :'serial_retention' AS retention FROM (SELECT crm_retention(a, 30) AS r FROM retention_activity GROUP BY customer % 17 UNION ALL SELECT NULL) shard;
SELECT crm_rollup(r) IS NULL AS no_rows FROM (SELECT NULL::crm_retention_summary AS r) s;

--
-- Errors
--
SELECT pg_temp.failure('SELECT ' || expression || ' FROM few_activity') FROM (VALUES
    ($$crm_retention(a, -1)$$), ($$crm_retention(a, 10001)$$), ($$crm_retention(a, NULL::int)$$), ($$crm_retention(a, 3, 'after')$$), ($$crm_retention(a, 3, 'brackets')$$),
    ($$crm_retention(a, '{0}'::int[])$$), ($$crm_retention(a, '{}'::int[])$$), ($$crm_retention(a, '{0,1,1}'::int[])$$), ($$crm_retention(a, '{-1,1}'::int[])$$),
    ($$crm_retention(a, '{0,NULL}'::int[])$$), ($$crm_retention(a, '{{0,1},{2,3}}'::int[])$$), ($$crm_retention(a, '{0,20000}'::int[])$$), ($$crm_retention(a, NULL::int[])$$),
    ($$crm_retention(a, length(customer) + (customer = 'bob')::int)$$), ($$crm_retention(a, 3, CASE customer WHEN 'bob' THEN 'on' ELSE 'on_or_after' END)$$),
    ($$crm_retention(a, CASE customer WHEN 'bob' THEN '{0,1}' ELSE '{0,2}' END::int[])$$),
    ($$crm_retention(CASE customer WHEN 'bob' THEN crm_activity_in_unit(a, 'week') ELSE a END, 3)$$), ($$crm_retention(a, crm_activity_in_unit(a, 'week'), 3)$$),
    ($$crm_retention(crm_activity 'crm_activity:1 unit=24h first=2024-01-01 active=1', crm_activity 'crm_activity:1 unit=24h first=2024-01-01 active=1', 3)$$),
    ($$crm_active_customers(a, 0)$$), ($$crm_active_customers(a, -7)$$), ($$crm_active_customers(a, 100001)$$), ($$crm_active_customers(a, NULL)$$), ($$crm_active_customers(a, 7, '2024-01-02', '2024-01-01')$$),
    ($$crm_active_customers(a, 7, '2024-01-02', NULL)$$), ($$crm_active_customers(a, 7, '2024-01-02', 'infinity')$$), ($$crm_active_customers(a, 7, '0001-01-02', '5000-01-01')$$),
    ($$crm_active_customers(a, length(customer) + (customer = 'bob')::int)$$), ($$crm_active_customers('crm_activity:1 unit=24h first=2024-01-01 active=1', 1)$$),
    ($$crm_active_customers(a, 7, CASE customer WHEN 'bob' THEN date '2024-01-01' ELSE '2024-01-02' END, '2024-02-01')$$),
    ($$crm_active_customers(CASE customer WHEN 'bob' THEN crm_activity_in_unit(a, 'week') ELSE a END, 3)$$),
    ($$crm_lifecycle(a, '2024-01-02', '2024-01-01')$$), ($$crm_lifecycle(a, NULL, '2024-01-01')$$), ($$crm_lifecycle(a, '-infinity', '2024-01-01')$$), ($$crm_lifecycle(a, '0001-01-02', '5000-01-01')$$),
    ($$crm_lifecycle(a, CASE customer WHEN 'bob' THEN date '2024-01-01' ELSE '2024-01-02' END, '2024-02-01')$$),
    ($$crm_stickiness(a, '2024-01-02', '2024-01-01')$$), ($$crm_stickiness(a, NULL, '2024-01-01')$$), ($$crm_stickiness('crm_activity:1 unit=24h first=2024-01-01 active=1', '2024-01-01', '2024-01-02')$$),
    ($$crm_retention_counts(customer, now(), 3, 'on', '24h')$$), ($$crm_retention_counts(customer, now(), 3, 'on', 'day', 'Mars')$$), ($$crm_retention_counts(customer, now(), -3)$$),
    ($$crm_retention_counts(point(1, 2), now(), 3)$$), ($$crm_retention_counts(customer, now(), length(customer) + (customer = 'bob')::int)$$),
    ($$crm_active_customer_counts(customer, now(), 0)$$), ($$crm_active_customer_counts(customer, now(), NULL)$$), ($$crm_active_customer_counts(customer, date 'infinity', 3)$$),
    ($$crm_active_customer_counts(customer, now(), length(customer) + (customer = 'bob')::int)$$)) v (expression);
SELECT pg_temp.failure('SELECT * FROM crm_retention_rows(' || args || ')') FROM (VALUES
    ($$'crm_retention_summary:1 unit=day mode=on cells=1 cohorts=1 2024-01-01:9,8', 'infinity'$$), ($$'crm_retention_summary:1 unit=day mode=on cells=1 cohorts=1 2024-01-01:9,8', '2024-01-01', 95$$),
    ($$'crm_retention_summary:1 unit=day mode=on cells=1 cohorts=1 2024-01-01:9,8', '2024-01-01', 'NaN'$$)) v (args);
SELECT count(*) AS null_is_no_rows FROM crm_retention_rows(NULL, '2024-01-01');
SELECT pg_temp.failure(format('SELECT crm_rollup(s) FROM unnest(ARRAY[%L, %L]::crm_retention_summary[]) s', 'crm_retention_summary:1 unit=day mode=on cells=2 cohorts=1 2024-01-01:9,8,7', 'crm_retention_summary:1 ' || other))
FROM (VALUES ('unit=week mode=on cells=2 cohorts=0'), ('unit=day mode=on_or_after cells=2 cohorts=0'), ('unit=day mode=on cells=3 cohorts=0'), ('unit=day mode=brackets cells=2 bounds=0,1,2 cohorts=0'),
             ('unit=day mode=on cells=2 cohorts=1 2024-01-01:9223372036854775807,8,7')) v (other);

--
-- Text and binary
--
SELECT given, pg_temp.failure(format('SELECT %L::crm_retention_summary', 'crm_retention_summary:' || given)) FROM (VALUES
    ('2 unit=day mode=on cells=1 cohorts=0'), ('1 unit=day mode=off cells=1 cohorts=0'), ('1 unit=day mode=brackets cells=1 cohorts=0'), ('1 unit=day mode=on cells=0 cohorts=0'),
    ('1 unit=day mode=on cells=10002 cohorts=0'), ('1 unit=day mode=on cells=1 cohorts=-1'), ('1 unit=day mode=on cells=1 cohorts=1'), ('1 unit=day mode=on cells=10000 cohorts=6000 2024-01-01:1,1'),
    ('1 unit=day mode=on cells=1 cohorts=1 2024-01-01:1'), ('1 unit=day mode=on cells=1 cohorts=1 2024-01-01:1,2'), ('1 unit=day mode=on cells=1 cohorts=1 2024-01-01:0,0'),
    ('1 unit=day mode=on cells=1 cohorts=1 2024-01-01:1,-1'), ('1 unit=day mode=on cells=1 cohorts=1 2024-01-01:1,1,1'), ('1 unit=week mode=on cells=1 cohorts=1 2024-01-02:1,1'),
    ('1 unit=day mode=on cells=1 cohorts=2 2024-01-01:1,1 2024-01-01:1,1'), ('1 unit=day mode=on_or_after cells=2 cohorts=1 2024-01-01:2,1,2'),
    ('1 unit=day mode=brackets cells=1 bounds=1 cohorts=0'), ('1 unit=day mode=brackets cells=1 bounds=1,1 cohorts=0'), ('1 unit=day mode=brackets cells=1 bounds=1,2,3 cohorts=0'),
    ('1 unit=day mode=on cells=1 cohorts=1 2024-01-01:99999999999999999999,1')) v (given);
CREATE TEMP TABLE stored AS
SELECT 1 AS id, :'serial_retention'::crm_retention_summary AS s UNION ALL SELECT 2, :'serial_brackets' UNION ALL SELECT 3, :'serial_started'
UNION ALL SELECT 4, 'crm_retention_summary:1 unit=24h mode=brackets cells=1 bounds=0,10000 cohorts=0';
CREATE TEMP TABLE stored_back (LIKE stored);
\copy stored TO 'results/retention.bin' (FORMAT binary)
\copy stored_back FROM 'results/retention.bin' (FORMAT binary)
SELECT count(*) AS same FROM stored s JOIN stored_back b USING (id) WHERE s.s::text = b.s::text AND s.s::text::crm_retention_summary::text = s.s::text;
SELECT crm_retention_summary_send('crm_retention_summary:1 unit=day mode=on cells=1 cohorts=1 2000-01-01:2,1');
-- Damaged: no such unit, mode; too many cells; counts too few, contradictory
CREATE TEMP TABLE raw (value bytea);
CREATE TEMP TABLE parsed (value crm_retention_summary);
CREATE PROCEDURE pg_temp.damage(damaged text) LANGUAGE sql AS $$
    TRUNCATE raw; INSERT INTO raw VALUES (decode(damaged, 'hex'));
$$;
CALL pg_temp.damage('390100' || '00000005000000010000000100000001' || '000000000000000000000000000000020000000000000001');
\copy raw TO 'results/retention_damaged.bin' (FORMAT binary)
\copy parsed FROM 'results/retention_damaged.bin' (FORMAT binary)
CALL pg_temp.damage('390100' || '00000001000000090000000100000001' || '000000000000000000000000000000020000000000000001');
\copy raw TO 'results/retention_damaged.bin' (FORMAT binary)
\copy parsed FROM 'results/retention_damaged.bin' (FORMAT binary)
CALL pg_temp.damage('390100' || '00000001000000017fffffff7fffffff' || '000000000000000000000000000000020000000000000001');
\copy raw TO 'results/retention_damaged.bin' (FORMAT binary)
\copy parsed FROM 'results/retention_damaged.bin' (FORMAT binary)
CALL pg_temp.damage('390100' || '00000001000000010000000100000001' || '00000000000000000000000000000002');
\copy raw TO 'results/retention_damaged.bin' (FORMAT binary)
\copy parsed FROM 'results/retention_damaged.bin' (FORMAT binary)
CALL pg_temp.damage('390100' || '00000001000000010000000100000001' || '000000000000000000000000000000020000000000000003');
\copy raw TO 'results/retention_damaged.bin' (FORMAT binary)
\copy parsed FROM 'results/retention_damaged.bin' (FORMAT binary)
CALL pg_temp.damage('390101' || '00000001000000010000000100000001' || '000000000000000000000000000000020000000000000001');
\copy raw TO 'results/retention_damaged.bin' (FORMAT binary)
\copy parsed FROM 'results/retention_damaged.bin' (FORMAT binary)
CALL pg_temp.damage('390100' || '00000001000000010000000100000001' || '000000000000000000000000000000020000000000000001');
\copy raw TO 'results/retention_damaged.bin' (FORMAT binary)
\copy parsed FROM 'results/retention_damaged.bin' (FORMAT binary)
SELECT * FROM parsed;

DROP VIEW retention_verdict;
DROP TABLE retention_event, retention_activity;
