-- Activity, retention, active customers, life cycle and stickiness at the
-- boundaries: small cases worked out by hand, and random trials of every
-- combination of unit, time zone, mode, bounds, observation end, window and
-- range, against their definitions in plain SQL.
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';

CREATE FUNCTION pg_temp.days(d date[], unit text DEFAULT 'day') RETURNS crm_activity LANGUAGE sql
    AS $$ SELECT crm_activity_agg(x, unit) FROM unnest(d) x $$;
CREATE FUNCTION pg_temp.periods(a crm_activity) RETURNS text LANGUAGE sql
    AS $$ SELECT array_to_string(crm_activity_periods(a), ' ') $$;
CREATE FUNCTION pg_temp.local_periods(instants timestamptz[], unit text, zone text) RETURNS text LANGUAGE sql
    AS $$ SELECT pg_temp.periods(crm_activity_agg(t, unit, zone)) FROM unnest(instants) t $$;
-- as "cohort cell:retained/customers ...", ? where a cell is not complete
CREATE FUNCTION pg_temp.triangle(s crm_retention_summary, observed_to date) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(cohort || cells, ', ' ORDER BY cohort)
    FROM (SELECT cohort, string_agg(format(' %s%s:%s/%s%s', period, CASE WHEN period_to IS NULL THEN '+' WHEN period_to > period THEN '-' || period_to END,
                                           retained, customers, CASE WHEN NOT complete THEN '?' END), '' ORDER BY period) AS cells
          FROM crm_retention_rows(s, observed_to) GROUP BY cohort) c $$;
-- of customers of the given days, with the arguments of crm_retention after the activity
CREATE FUNCTION pg_temp.retention(customers text[], arguments text, observed_to date, unit text DEFAULT 'day') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
BEGIN
    EXECUTE format('SELECT pg_temp.triangle(crm_retention(pg_temp.days(c::date[], %L), %s), %L) FROM unnest($1) c', unit, arguments, observed_to)
        INTO result USING customers;
    RETURN result;
END $$;
CREATE FUNCTION pg_temp.customers(r crm_period_customers[]) RETURNS text LANGUAGE sql
    AS $$ SELECT string_agg(customers::text, ' ' ORDER BY period) FROM unnest(r) $$;

--
-- By hand
--
CREATE TEMP TABLE hand_case (what text, got text, want text);

-- ISO weeks at the ends of years: 2020-W53 is 28 December to 3 January, 2019-W01
-- begins on 31 December 2018, 1999-W52 ends on 2 January 2000; 1 January of the
-- year 1 was a Monday.
INSERT INTO hand_case VALUES
    ('W53', pg_temp.periods(pg_temp.days('{2020-12-27,2020-12-31,2021-01-01,2021-01-03,2021-01-04}', 'week')), '2020-12-21 2020-12-28 2021-01-04'),
    ('W01', pg_temp.periods(pg_temp.days('{2018-12-30,2018-12-31,2019-01-01}', 'week')), '2018-12-24 2018-12-31'),
    ('before 2000', pg_temp.periods(pg_temp.days('{1999-12-26,1999-12-27,2000-01-02,2000-01-03}', 'week')), '1999-12-20 1999-12-27 2000-01-03'),
    ('year 1', pg_temp.periods(pg_temp.days('{0001-12-31 BC,0001-01-01}', 'week')), '0001-12-25 BC 0001-01-01'),
    ('months of 28 to 31 days', pg_temp.periods(pg_temp.days('{2023-12-31,2024-01-31,2024-02-29,2024-03-31,2024-04-01,2023-02-28}', 'month')),
     '2023-02-01 2023-12-01 2024-01-01 2024-02-01 2024-03-01 2024-04-01');
-- Days of 23 and of 25 hours in New York; Kolkata's half hour; Apia went from 29
-- to 31 December 2011 at 10:00 UTC; Kathmandu went from +5:30 to +5:45 at
-- midnight of 1986.  The first and the last instant of each day.
INSERT INTO hand_case VALUES
    ('23 hours', pg_temp.local_periods('{2024-03-10 04:59:59.999999Z,2024-03-10 05:00Z,2024-03-11 03:59:59.999999Z}', 'day', 'America/New_York'), '2024-03-09 2024-03-10'),
    ('after 23 hours', pg_temp.local_periods('{2024-03-11 04:00Z}', 'day', 'America/New_York'), '2024-03-11'),
    ('25 hours', pg_temp.local_periods('{2024-11-03 04:00Z,2024-11-04 04:59:59.999999Z}', 'day', 'America/New_York'), '2024-11-03'),
    ('after 25 hours', pg_temp.local_periods('{2024-11-04 05:00Z}', 'day', 'America/New_York'), '2024-11-04'),
    ('half hour', pg_temp.local_periods('{2024-03-09 18:29:59.999999Z,2024-03-09 18:30Z}', 'day', 'Asia/Kolkata'), '2024-03-09 2024-03-10'),
    ('no 30 December', pg_temp.local_periods('{2011-12-30 09:59:59Z,2011-12-30 10:00Z}', 'day', 'Pacific/Apia'), '2011-12-29 2011-12-31'),
    ('quarter of an hour', pg_temp.local_periods('{1985-12-31 18:29:59Z,1985-12-31 18:30Z,1986-01-01 18:14:59Z,1986-01-01 18:15Z}', 'day', 'Asia/Kathmandu'), '1985-12-31 1986-01-01 1986-01-02'),
    ('end of a year', pg_temp.local_periods('{2021-01-01 04:59Z,2021-01-01 05:00Z}', 'month', 'America/New_York'), '2020-12-01 2021-01-01'),
    ('end of W53', pg_temp.local_periods('{2021-01-04 04:59Z,2021-01-04 05:00Z}', 'week', 'America/New_York'), '2020-12-28 2021-01-04');
-- A cell is complete with the last day of its last period, not a day earlier.
INSERT INTO hand_case VALUES
    ('day 1 is the end', pg_temp.retention('{"{2024-01-01,2024-01-02,2024-01-04}"}', '3', '2024-01-02'), '2024-01-01 0:1/1 1:1/1 2:/1? 3:/1?'),
    ('all is complete', pg_temp.retention('{"{2024-01-01,2024-01-02,2024-01-04}"}', '3', '2024-01-04'), '2024-01-01 0:1/1 1:1/1 2:0/1 3:1/1'),
    ('not begun', pg_temp.retention('{"{2024-01-01}"}', '0', '2023-12-31'), NULL),
    ('returns past the last cell', pg_temp.retention('{"{2024-01-01,2024-06-01}"}', '2, ''on_or_after''', '2024-01-03'), '2024-01-01 0+:1/1 1+:1/1 2+:1/1'),
    ('on or after', pg_temp.retention('{"{2024-01-01,2024-01-04}","{2024-01-01}","{2024-01-01,2024-01-02}"}', '4, ''on_or_after''', '2024-01-05'),
     '2024-01-01 0+:3/3 1+:2/3 2+:1/3 3+:1/3 4+:0/3'),
    ('bracket ends a day later', pg_temp.retention('{"{2024-01-01,2024-01-02,2024-01-08}","{2024-01-01,2024-01-09}"}', '''{0,1,8,15}''::int[]', '2024-01-14'),
     '2024-01-01 0:2/2 1-7:1/2 8-14:/2?'),
    ('bracket ends', pg_temp.retention('{"{2024-01-01,2024-01-02,2024-01-08}","{2024-01-01,2024-01-09}"}', '''{0,1,8,15}''::int[]', '2024-01-15'),
     '2024-01-01 0:2/2 1-7:1/2 8-14:1/2'),
    ('brackets not from 0', pg_temp.retention('{"{2024-01-01,2024-01-06}","{2024-01-01,2024-01-03,2024-01-04,2024-01-05}"}', '''{1,3,5}''::int[]', '2024-02-01'),
     '2024-01-01 1-2:1/2 3-4:1/2'),
    ('28 February of a leap year', pg_temp.retention('{"{2024-01-31,2024-02-01}","{2024-01-01,2024-03-31}"}', '2', '2024-02-28', 'month'), '2024-01-01 0:2/2 1:/2? 2:/2?'),
    ('29 February', pg_temp.retention('{"{2024-01-31,2024-02-01}","{2024-01-01,2024-03-31}"}', '2', '2024-02-29', 'month'), '2024-01-01 0:2/2 1:1/2 2:/2?'),
    ('Saturday of W01', pg_temp.retention('{"{2020-12-31,2021-01-01,2021-01-04}","{2021-01-03,2021-01-11}"}', '2', '2021-01-09', 'week'), '2020-12-28 0:2/2 1:/2? 2:/2?'),
    ('Sunday of W01', pg_temp.retention('{"{2020-12-31,2021-01-01,2021-01-04}","{2021-01-03,2021-01-11}"}', '2', '2021-01-10', 'week'), '2020-12-28 0:2/2 1:1/2 2:/2?'),
    ('cohorts far apart', pg_temp.retention('{"{1999-12-31,2000-01-01}","{0001-12-31 BC,0001-01-01}"}', '1', '2024-01-01'), '0001-12-31 BC 0:1/1 1:1/1, 1999-12-31 0:1/1 1:1/1');
-- 24 hours: the first event is at 23:00, one at 22:59 the next day is still in
-- period 0, which is complete when the next day is.
INSERT INTO hand_case
SELECT '24h, observed to ' || o, pg_temp.triangle((SELECT crm_retention(a, 1) FROM (SELECT crm_activity_agg(t, '24h') AS a FROM unnest('{2024-01-01 23:00,2024-01-02 22:59}'::timestamptz[]) t) s), o), want
FROM (VALUES (date '2024-01-01', '2024-01-01 0:/1? 1:/1?'), ('2024-01-02', '2024-01-01 0:1/1 1:/1?'), ('2024-01-03', '2024-01-01 0:1/1 1:0/1')) v (o, want);
-- Start and return: on the day of the start, before it only, before and after,
-- never; and never started.
INSERT INTO hand_case
SELECT v.*
FROM (SELECT crm_retention(s, r, 2) AS on, crm_retention(s, r, 2, 'on_or_after') AS after, crm_retention(s, r, ARRAY[0, 1, 3]) AS brackets
      FROM (VALUES (pg_temp.days('{2024-01-05,2024-01-06}'), pg_temp.days('{2024-01-05}')), (pg_temp.days('{2024-01-05}'), pg_temp.days('{2024-01-04}')),
                   (pg_temp.days('{2024-01-05}'), pg_temp.days('{2024-01-01,2024-01-07}')), (pg_temp.days('{2024-01-05}'), NULL), (NULL, pg_temp.days('{2024-01-05}'))) c (s, r)) s,
     LATERAL (VALUES ('start and return on', pg_temp.triangle("on", '2024-02-01'), '2024-01-05 0:1/4 1:0/4 2:1/4'),
                     ('start and return on or after', pg_temp.triangle(after, '2024-02-01'), '2024-01-05 0+:2/4 1+:1/4 2+:1/4'),
                     ('start and return, brackets', pg_temp.triangle(brackets, '2024-02-01'), '2024-01-05 0:1/4 1-2:1/4')) v;
-- Rolling: a window reaches back before the data; days without activity; a
-- customer leaves the window of 7 days on the eighth.
INSERT INTO hand_case VALUES
    ('daily', (SELECT crm_active_customers(a, 1)::text FROM unnest(ARRAY[pg_temp.days('{2024-01-01,2024-01-03}'), pg_temp.days('{2024-01-01}'), NULL, 'crm_activity:1 unit=day']) a),
     '{"(2024-01-01,2)","(2024-01-02,0)","(2024-01-03,1)"}'),
    ('weekly', (SELECT pg_temp.customers(crm_active_customers(a, 7, '2023-12-31', '2024-01-11')) FROM unnest(ARRAY[pg_temp.days('{2024-01-01,2024-01-03}'), pg_temp.days('{2024-01-01}')]) a),
     '0 2 2 2 2 2 2 2 1 1 0 0'),
    ('28 days over a leap day', pg_temp.customers((SELECT crm_active_customers(pg_temp.days('{2024-02-01}'), 28, '2024-02-27', '2024-03-02'))), '1 1 0 0 0'),
    ('30 days', pg_temp.customers((SELECT crm_active_customers(pg_temp.days('{2024-02-01}'), 30, '2024-02-29', '2024-03-03'))), '1 1 0 0'),
    ('2 months', pg_temp.customers((SELECT crm_active_customers(pg_temp.days('{2023-12-31,2024-03-01}', 'month'), 2))), '1 1 0 1'),
    ('one level', (SELECT pg_temp.customers(crm_active_customer_counts(c, d, 2)) FROM (VALUES ('a', date '2024-01-01'), ('a', '2024-01-04'), ('b', '2024-01-02'), (NULL, '2024-01-03'), ('c', NULL)) v (c, d)),
     '1 2 1 1');
-- Life cycle of one who is active on the 1st, 2nd and 5th; the same whichever
-- day the report begins with.
INSERT INTO hand_case VALUES
    ('life cycle', (SELECT string_agg(concat(new, "returning", resurrected, dormant), ' ' ORDER BY period)
                    FROM unnest((SELECT crm_lifecycle(pg_temp.days('{2024-01-01,2024-01-02,2024-01-05}'), '2023-12-31', '2024-01-07'))) l),
     '0000 1000 0100 0001 0000 0010 0001 0000'),
    ('day by day', (SELECT string_agg((SELECT concat(new, "returning", resurrected, dormant) FROM unnest(l)), ' ' ORDER BY d)
                    FROM (SELECT d, crm_lifecycle(pg_temp.days('{2024-01-01,2024-01-02,2024-01-05}'), d::date, d::date) AS l FROM generate_series(date '2023-12-31', '2024-01-07', '1 day') d GROUP BY d) s),
     '0000 1000 0100 0001 0000 0010 0001 0000'),
    ('states', (SELECT string_agg(coalesce(crm_lifecycle_state(pg_temp.days('{2024-01-01,2024-01-02,2024-01-05}'), d::date), '-'), ' ' ORDER BY d) FROM generate_series(date '2023-12-31', '2024-01-07', '1 day') d),
     '- new returning dormant inactive resurrected dormant inactive'),
    ('a day that Apia left out is a pause', (SELECT crm_lifecycle_state(crm_activity_agg(t, 'day', 'Pacific/Apia'), '2011-12-31') FROM unnest('{2011-12-30 09:00Z,2011-12-30 11:00Z}'::timestamptz[]) t),
     'resurrected');
-- Stickiness: 2 and 1 of 10 days, of those two who are active in them.
INSERT INTO hand_case VALUES
    ('stickiness', (SELECT crm_stickiness(a, '2024-01-01', '2024-01-10')::text
                    FROM unnest(ARRAY[pg_temp.days('{2024-01-01,2024-01-02}'), pg_temp.days('{2024-01-03}'), pg_temp.days('{2023-12-31,2024-01-11}'), NULL]) a), '0.15'),
    ('stickiness of nobody', (SELECT crm_stickiness(pg_temp.days('{2024-01-01}'), '2024-01-05', '2024-01-05')::text), NULL);
-- Set operations at the ends of time
INSERT INTO hand_case VALUES
    ('union', pg_temp.periods(pg_temp.days('{2024-01-01,2024-01-03}') | pg_temp.days('{2024-01-03,1999-12-31}')), '1999-12-31 2024-01-01 2024-01-03'),
    ('intersection', pg_temp.periods(pg_temp.days('{2024-01-01,2024-01-03}') & pg_temp.days('{2024-01-03,1999-12-31}')), '2024-01-03'),
    ('one empty activity', ((pg_temp.days('{2024-01-01}') & pg_temp.days('{4713-01-01 BC}')) = (pg_temp.days('{1924-01-01}') & pg_temp.days('{2034-01-02}')))::text, 'true'),
    ('containment far away', (pg_temp.days('{4713-01-01 BC}') @> pg_temp.days('{2024-01-01}'))::text, 'false'),
    ('count of all time', crm_activity_count(pg_temp.days('{2024-01-01,2024-02-01}'), '4713-01-01 BC', '5874897-12-31')::text, '2');

SELECT what AS offenders, got, want FROM hand_case WHERE got IS DISTINCT FROM want;
SELECT count(*) AS cases FROM hand_case;

--
-- Random trials
--
-- Up to six customers with up to eight events each, over days or decades, where
-- clocks and calendars do odd things
CREATE TEMP TABLE trial AS
SELECT k, zone, unit, mode, base, scale, (h % 12)::int AS periods, bounds, "window",
       base::date + ((h >> 33) % (scale + 40) - 2)::int AS observed_to,
       base::date + ((h >> 13) % (scale + 10) - 10)::int AS "from",
       base::date + ((h >> 13) % (scale + 10) - 10 + (h >> 43) % CASE unit WHEN 'day' THEN 25 WHEN 'week' THEN 120 ELSE 400 END)::int AS "to"
FROM generate_series(1, 600) k,
     LATERAL (SELECT (hashint8extended(k, 7) & 9223372036854775807) AS h,
                     (ARRAY['day', 'week', 'month'])[1 + k % 3] AS unit,
                     (ARRAY['on', 'on_or_after', 'brackets'])[1 + k / 3 % 3] AS mode,
                     k % 11 AS z) a,
     LATERAL (SELECT (ARRAY['Pacific/Apia', 'Asia/Kathmandu', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Europe/Dublin', 'America/St_Johns',
                            'Africa/Casablanca', 'America/Sao_Paulo', 'Antarctica/Troll', 'UTC'])[1 + z] AS zone,
                     CASE WHEN z < 2 AND h % 2 = 0 THEN ('{2011-12-27,1985-12-29}'::timestamptz[])[1 + z]
                          ELSE ('{1999-12-28,2024-02-27,2020-12-25,2024-03-08,2024-10-30,1971-03-01,2007-03-09}'::timestamptz[])[1 + h % 7] END AS base,
                     (ARRAY[2, 5, 10, 40, 200, 700])[1 + (h >> 5) % 6] * CASE unit WHEN 'day' THEN 1 WHEN 'week' THEN 4 ELSE 15 END AS scale,
                     (ARRAY[1, 2, 3, 7, 28, 30, 61])[1 + (h >> 9) % 7] AS "window",
                     (SELECT array_agg(DISTINCT (hashint4(k * 10 + i) & 2147483647) % 20 ORDER BY (hashint4(k * 10 + i) & 2147483647) % 20) || 20 FROM generate_series(1, 1 + k % 5) i) AS bounds) b;
CREATE TEMP TABLE trial_event AS
SELECT k, customer, CASE WHEN e % 3 = 0 THEN 'start' ELSE 'return' END AS kind,
       CASE WHEN e % 19 > 0 THEN base + CASE WHEN e % 4 = 0 THEN make_interval(hours => (e % (scale * 24))::int) ELSE make_interval(secs => e % (scale * 86400)) END END AS ts
FROM trial, generate_series(1, 1 + k % 6) customer, generate_series(0, 7) i, LATERAL (SELECT hashint8extended(k * 1000 + customer * 10 + i, 3) & 9223372036854775807 AS e) r
WHERE i < 1 + (k * 7 + customer) % 8;
CREATE TEMP TABLE trial_activity AS
SELECT k, customer, crm_activity_agg(ts, unit, zone) AS a, crm_activity_agg(ts, unit, zone) FILTER (WHERE kind = 'start') AS s,
       crm_activity_agg(ts, unit, zone) FILTER (WHERE kind = 'return') AS r
FROM trial_event JOIN trial USING (k) GROUP BY k, customer;

-- the definitions: periods by number, and the first day of each
CREATE FUNCTION pg_temp.number(unit text, d date) RETURNS int LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE unit WHEN 'day' THEN d - date '2000-01-03' WHEN 'week' THEN floor((d - date '2000-01-03') / 7.0)::int
           ELSE (extract(year FROM d) * 12 + extract(month FROM d) - 1)::int END $$;
CREATE FUNCTION pg_temp.first_day(unit text, n int) RETURNS date LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE unit WHEN 'day' THEN date '2000-01-03' + n WHEN 'week' THEN date '2000-01-03' + 7 * n
           ELSE make_date(n / 12, n % 12 + 1, 1) END $$;
CREATE TEMP TABLE trial_period AS
SELECT k, customer, pg_temp.number(unit, (ts AT TIME ZONE zone)::date) AS p, bool_or(kind = 'start') AS is_start, bool_or(kind = 'return') AS is_return
FROM trial_event JOIN trial USING (k) WHERE ts IS NOT NULL GROUP BY 1, 2, 3;
CREATE INDEX ON trial_period (k, p);
ANALYZE trial_period;

-- retention, of all activity and of starts and returns
CREATE TEMP TABLE trial_cell AS
SELECT k, n AS "from", n AS "to" FROM trial, generate_series(0, periods) n WHERE mode <> 'brackets'
UNION ALL SELECT k, bounds[i], bounds[i + 1] - 1 FROM trial, generate_series(1, cardinality(bounds) - 1) i WHERE mode = 'brackets';
CREATE TEMP TABLE trial_cohort AS
SELECT k, customer, 'all' AS kind, min(p) AS cohort FROM trial_period GROUP BY k, customer
UNION ALL SELECT k, customer, 'start', min(p) FROM trial_period WHERE is_start GROUP BY k, customer;
CREATE TEMP TABLE want_retention AS
SELECT k, c.kind, c.cohort, e."from", e."to", count(*) AS customers,
       count(*) FILTER (WHERE EXISTS (SELECT FROM trial_period p WHERE p.k = c.k AND p.customer = c.customer AND (c.kind = 'all' OR p.is_return)
                                      AND p.p - c.cohort >= e."from" AND (t.mode = 'on_or_after' OR p.p - c.cohort <= e."to"))) AS retained
FROM trial t JOIN trial_cohort c USING (k) JOIN trial_cell e USING (k) GROUP BY 1, 2, 3, 4, 5;
CREATE TEMP TABLE got_retention AS
SELECT k, s.kind, r.* FROM (
    SELECT k, 'all' AS kind, observed_to, crm_retention(a, periods, mode) AS s FROM trial JOIN trial_activity USING (k) WHERE mode <> 'brackets' GROUP BY k, observed_to
    UNION ALL SELECT k, 'all', observed_to, crm_retention(a, bounds) FROM trial JOIN trial_activity USING (k) WHERE mode = 'brackets' GROUP BY k, observed_to
    UNION ALL SELECT k, 'start', observed_to, crm_retention(s, r, periods, mode) FROM trial JOIN trial_activity USING (k) WHERE mode <> 'brackets' GROUP BY k, observed_to
    UNION ALL SELECT k, 'start', observed_to, crm_retention(s, r, bounds) FROM trial JOIN trial_activity USING (k) WHERE mode = 'brackets' GROUP BY k, observed_to) s, crm_retention_rows(s, observed_to) r;
SELECT count(*) > 5000 AS cells, count(*) FILTER (WHERE complete) BETWEEN 1000 AND count(*) - 1000 AS some_complete, sum(retained) > 1000 AS retained, count(DISTINCT (k, kind)) > 800 AS trials FROM got_retention;
SELECT w.k, w.kind, w.cohort, w."from" AS offenders, g.*
FROM (SELECT *, pg_temp.first_day(unit, cohort) AS day, pg_temp.first_day(unit, cohort + "to" + 1) - 1 <= observed_to AS is_complete
      FROM want_retention JOIN (SELECT k, unit, mode, observed_to FROM trial) t USING (k) WHERE pg_temp.first_day(unit, cohort) <= observed_to) w
FULL JOIN got_retention g ON g.k = w.k AND g.kind = w.kind AND g.cohort = w.day AND g.period = w."from"
WHERE (w.customers, w.is_complete, CASE WHEN w.is_complete THEN w.retained END, CASE WHEN w.mode <> 'on_or_after' THEN w."to" END)
      IS DISTINCT FROM (g.customers, g.complete, g.retained, g.period_to) LIMIT 5;
SELECT t.k AS offenders FROM trial t JOIN trial_event e USING (k) WHERE mode <> 'brackets' GROUP BY t.k
HAVING crm_retention_counts(customer, ts, periods, mode, unit, zone)::text
       IS DISTINCT FROM (SELECT crm_retention(a, periods, mode)::text FROM trial_activity JOIN trial USING (k) WHERE k = t.k) LIMIT 5;

-- active customers, life cycle and stickiness, over the range of each trial
CREATE TEMP TABLE trial_range AS
SELECT k, unit, "window", p FROM trial, generate_series(pg_temp.number(unit, "from"), pg_temp.number(unit, "to")) p WHERE k IN (SELECT k FROM trial_period);
SELECT count(*) > 5000 AS periods FROM trial_range;
SELECT k, p AS offenders, customers
FROM (SELECT k, r.* FROM (SELECT k, crm_active_customers(a, "window", "from", "to") AS rows FROM trial JOIN trial_activity USING (k) GROUP BY k) s, unnest(rows) r) g
FULL JOIN (SELECT k, p, pg_temp.first_day(unit, p) AS period, (SELECT count(DISTINCT customer) FROM trial_period q WHERE q.k = r.k AND q.p <= r.p AND q.p > r.p - "window") AS want FROM trial_range r) w USING (k, period)
WHERE want IS DISTINCT FROM customers LIMIT 5;
SELECT t.k AS offenders FROM trial t JOIN trial_event e USING (k) GROUP BY t.k
HAVING crm_active_customer_counts(customer, ts, "window", unit, zone)
       IS DISTINCT FROM (SELECT crm_active_customers(a, "window") FROM trial_activity JOIN trial USING (k) WHERE k = t.k) LIMIT 5;
SELECT k, p AS offenders, new, "returning", resurrected, dormant, want
FROM (SELECT k, r.* FROM (SELECT k, crm_lifecycle(a, "from", "to") AS rows FROM trial JOIN trial_activity USING (k) GROUP BY k) s, unnest(rows) r) g
FULL JOIN (SELECT k, p, pg_temp.first_day(unit, p) AS period,
                  (SELECT ARRAY[count(*) FILTER (WHERE now AND p = cohort), count(*) FILTER (WHERE now AND before), count(*) FILTER (WHERE now AND NOT before AND p > cohort), count(*) FILTER (WHERE before AND NOT now)]
                   FROM (SELECT cohort, EXISTS (SELECT FROM trial_period q WHERE q.k = r.k AND q.customer = c.customer AND q.p = r.p) AS now,
                                EXISTS (SELECT FROM trial_period q WHERE q.k = r.k AND q.customer = c.customer AND q.p = r.p - 1) AS before
                         FROM trial_cohort c WHERE c.k = r.k AND c.kind = 'all') s) AS want
           FROM trial_range r) w USING (k, period)
WHERE want IS DISTINCT FROM ARRAY[new, "returning", resurrected, dormant] LIMIT 5;
SELECT k AS offenders, got, want
FROM (SELECT k, crm_stickiness(a, "from", "to") AS got FROM trial JOIN trial_activity USING (k) GROUP BY k) g
FULL JOIN (SELECT k, count(customer)::float8 / nullif(count(DISTINCT customer), 0) / count(DISTINCT r.p) AS want FROM trial_range r LEFT JOIN trial_period q USING (k, p) GROUP BY k) w USING (k)
WHERE (got IS NULL) <> (want IS NULL) OR abs(got - want) > 1e-12 LIMIT 5;
