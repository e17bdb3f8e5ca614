-- Histories with a holdout, and the accuracy of predictions.
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
-- By hand
-- ---------------------------------------------------------------------------
-- Purchases on 1 January, 15 January and, in the holdout, on two days; a refund
-- on a third.
SELECT (h).calibration.frequency, (h).calibration.recency, (h).calibration.age, (h).calibration.monetary, (h).calibration.total,
       (h).holdout_purchases, (h).holdout_total, (h).holdout_length
FROM (SELECT crm_rfm_holdout(d, amount, date '2025-01-29', date '2025-02-26') AS h
      FROM (VALUES (date '2025-01-01', 10.00), ('2025-01-15', 20.50), ('2025-01-30', 5.00), ('2025-01-30', 2.5),
                   ('2025-02-10', -1.25), ('2025-02-26', 7), ('2025-02-27', 100)) v(d, amount)) s;
-- Bought nothing later; only a refund later; first bought later; refunds only; nothing at all
SELECT what, h IS DISTINCT FROM NULL AS known, (h).calibration.purchases, (h).calibration.age, (h).holdout_purchases, (h).holdout_total, (h).holdout_length
FROM (SELECT i, what, crm_rfm_holdout(d, amount, date '2025-01-29', date '2025-02-26') AS h
      FROM (VALUES (1, 'nothing later', date '2025-01-01', 10.00), (2, 'a refund later', '2025-01-01', 10), (2, 'a refund later', '2025-02-01', -4.5),
             (3, 'came later', '2025-01-30', 10), (4, 'a refund', '2025-01-02', -1), (5, 'after the end', '2025-03-01', 1),
             (6, 'NULL', NULL, 1), (6, 'NULL', '2025-01-03', NULL)) v(i, what, d, amount)
GROUP BY i, what) s ORDER BY i;
SELECT crm_rfm_holdout(d, 1.0, date '2025-01-29', date '2025-02-26') IS NULL AS no_rows FROM (SELECT NULL::date WHERE false) v(d);

-- The calibration ends within a day: what was bought before and after on that
-- day is one purchase, and has been counted.
SELECT (h).calibration.frequency, (h).holdout_purchases, (h).holdout_total
FROM (SELECT crm_rfm_holdout(d, 1.0, timestamp '2025-01-29 12:00', timestamp '2025-02-26 00:00') AS h
      FROM (VALUES (timestamp '2025-01-01 09:00'), ('2025-01-29 09:00'), ('2025-01-29 15:00'), ('2025-02-25 09:00'), ('2025-02-26 00:00:01')) v(d)) s;

-- ---------------------------------------------------------------------------
-- Any orders: the calibration is crm_rfm's, the holdout what crm_rfm has more
-- when it looks until the observation end, in every form
-- ---------------------------------------------------------------------------
CREATE TABLE holdout_order AS
SELECT cust,
       timestamptz '2025-01-01 05:30Z' + (h % 300) * interval '1 day' + (h / 300 % 1440) * interval '1 minute' AS at,
       ((h / 7 % 2000) - 100)::numeric / 100 AS amount
FROM (SELECT i % 400 AS cust, abs(hashint8(i)::bigint) AS h FROM generate_series(1, 4000) i) s;
-- some twice on the day that the calibration ends on
INSERT INTO holdout_order
SELECT cust, timestamptz '2025-06-30 09:00Z' + i * interval '8 hours', 5 FROM generate_series(0, 390, 10) cust, generate_series(0, 1) i;
ANALYZE holdout_order;
CREATE TEMP TABLE holdout_case AS
SELECT 'days' AS form, cust, crm_rfm_holdout(at, amount, date '2025-06-30', date '2025-09-30') AS got,
       crm_rfm(at, amount, date '2025-06-30') AS calibration, crm_rfm(at, amount, date '2025-09-30') AS whole,
       sum(amount) FILTER (WHERE at::date BETWEEN '2025-07-01' AND '2025-09-30') AS total, 92.0 / 7 AS length
FROM holdout_order GROUP BY cust
UNION ALL
SELECT 'instants, days of 2', cust, crm_rfm_holdout(at, amount, timestamptz '2025-06-30 14:00Z', '2025-09-30 01:00Z', '2 days'),
       crm_rfm(at, amount, timestamptz '2025-06-30 14:00Z', '2 days'), crm_rfm(at, amount, timestamptz '2025-09-30 01:00Z', '2 days'),
       sum(amount) FILTER (WHERE at > '2025-06-30 14:00Z' AND at <= '2025-09-30 01:00Z'), 46
FROM holdout_order GROUP BY cust
UNION ALL
SELECT 'weeks in New York', cust, crm_rfm_holdout(at, amount, timestamptz '2025-07-02 14:00Z', '2025-09-30 01:00Z', '7 days', 'week', 'America/New_York'),
       crm_rfm(at, amount, timestamptz '2025-07-02 14:00Z', '7 days', 'week', 'America/New_York'),
       crm_rfm(at, amount, timestamptz '2025-09-30 01:00Z', '7 days', 'week', 'America/New_York'),
       sum(amount) FILTER (WHERE at > '2025-07-02 14:00Z' AND at <= '2025-09-30 01:00Z'), 13
FROM holdout_order GROUP BY cust
UNION ALL
SELECT 'dates in Tokyo', cust, crm_rfm_holdout(at, amount::float8, date '2025-06-30', date '2025-09-30', NULL, NULL, 'Asia/Tokyo'),
       crm_rfm(at, amount::float8, date '2025-06-30', NULL, NULL, 'Asia/Tokyo'), crm_rfm(at, amount::float8, date '2025-09-30', NULL, NULL, 'Asia/Tokyo'),
       sum(amount) FILTER (WHERE (at AT TIME ZONE 'Asia/Tokyo')::date BETWEEN '2025-07-01' AND '2025-09-30'), 92.0 / 7
FROM holdout_order GROUP BY cust
UNION ALL
SELECT 'timestamps, no grain', cust, crm_rfm_holdout(at::timestamp, amount, timestamp '2025-06-30 14:00', '2025-09-30 14:00', '1 day', 'none'),
       crm_rfm(at::timestamp, amount, timestamp '2025-06-30 14:00', '1 day', 'none'), crm_rfm(at::timestamp, amount, timestamp '2025-09-30 14:00', '1 day', 'none'),
       sum(amount) FILTER (WHERE at > '2025-06-30 14:00Z' AND at <= '2025-09-30 14:00Z'), 92
FROM holdout_order GROUP BY cust
UNION ALL
SELECT 'timestamps until a day', cust, crm_rfm_holdout(at::timestamp, amount, date '2025-06-30', date '2025-09-30'),
       crm_rfm(at::timestamp, amount, date '2025-06-30'), crm_rfm(at::timestamp, amount, date '2025-09-30'),
       sum(amount) FILTER (WHERE at::date BETWEEN '2025-07-01' AND '2025-09-30'), 92.0 / 7
FROM holdout_order GROUP BY cust
UNION ALL
SELECT 'dates', cust, crm_rfm_holdout(at::date, amount::float8, date '2025-06-30', date '2025-09-30', '7 days', 'day'),
       crm_rfm(at::date, amount::float8, date '2025-06-30', '7 days', 'day'), crm_rfm(at::date, amount::float8, date '2025-09-30', '7 days', 'day'),
       sum(amount) FILTER (WHERE at::date BETWEEN '2025-07-01' AND '2025-09-30'), 92.0 / 7
FROM holdout_order GROUP BY cust;
SELECT form, count(*) AS customers, count((got).holdout_purchases) BETWEEN 360 AND 400 AS most_in_time,
       sum((got).holdout_purchases) > 700 AS bought_later
FROM holdout_case GROUP BY form ORDER BY form;
SELECT * FROM holdout_case
WHERE CASE WHEN calibration IS NOT DISTINCT FROM NULL THEN got IS DISTINCT FROM NULL
           ELSE ((got).calibration IS NOT DISTINCT FROM calibration
                 AND (got).holdout_purchases = (whole).purchases - (calibration).purchases
                 AND abs((got).holdout_total - coalesce(total, 0)) < 1e-9
                 AND abs((got).holdout_length - length) < 1e-12) IS NOT TRUE END;
-- Where the day ends in the middle, some customers bought before and after.
SELECT count(*) > 0 AS within_a_grain
FROM holdout_order a JOIN holdout_order b USING (cust)
WHERE a.at <= '2025-06-30 14:00Z' AND b.at > '2025-06-30 14:00Z' AND a.at::date = b.at::date;

-- Numeric totals keep their decimals and their exactness.
SELECT (crm_rfm_holdout(d, amount, date '2025-01-10', date '2025-01-20')).holdout_total
FROM (VALUES (date '2025-01-01', 1), ('2025-01-11', 12345678901234567890.000000001), ('2025-01-12', -0.10)) v(d, amount);

-- One answer whatever the plan
CREATE TEMP TABLE serial_answer AS
SELECT cust, crm_rfm_holdout(at, amount, date '2025-06-30', date '2025-09-30') AS h FROM holdout_order GROUP BY cust;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT crm_rfm_holdout(at, amount, date '2025-06-30', date '2025-09-30') FROM holdout_order WHERE cust = 7;
CREATE TEMP TABLE parallel_answer (cust int, h crm_rfm_holdout);
DO $$
BEGIN
    FOR c IN 0..399 LOOP
        IF c % 20 = 0 THEN
            INSERT INTO parallel_answer
            SELECT c, crm_rfm_holdout(at, amount, date '2025-06-30', date '2025-09-30') FROM holdout_order WHERE cust = c;
        END IF;
    END LOOP;
END $$;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET max_parallel_workers_per_gather;
SELECT count(*) FROM parallel_answer;
SELECT p.* FROM parallel_answer p JOIN serial_answer s USING (cust) WHERE p.h IS DISTINCT FROM s.h;
SELECT cust FROM (SELECT cust, crm_rfm_holdout(at, amount, date '2025-06-30', date '2025-09-30' ORDER BY at DESC, amount) AS h
                  FROM holdout_order GROUP BY cust) b JOIN serial_answer s USING (cust) WHERE b.h IS DISTINCT FROM s.h;

-- Mistakes
SELECT pg_temp.error_of('SELECT crm_rfm_holdout(date ''2025-01-01'', 1.0, ' || a || ')')
FROM (VALUES ('date ''2025-02-01'', date ''2025-02-01'''), ('date ''2025-02-02'', date ''2025-02-01'''), ('NULL::date, date ''2025-02-01'''),
             ('date ''2025-02-01'', NULL::date'), ('date ''2025-02-01'', date ''infinity'''), ('date ''2025-02-01'', date ''2025-03-01'', interval ''1 month'''),
             ('date ''2025-02-01'', date ''2025-03-01'', interval ''1 day'', ''year''')) v(a);
SELECT pg_temp.error_of($$SELECT crm_rfm_holdout(date '2025-01-01', 1.0, date '2025-02-01' + i, date '2025-03-01') FROM generate_series(0, 1) i$$);
SELECT pg_temp.error_of($$SELECT crm_rfm_holdout(date '2025-01-01', 1.0, date '2025-02-01', date '2025-03-01' + i) FROM generate_series(0, 1) i$$);
SELECT pg_temp.error_of($$SELECT crm_rfm_holdout(date '2025-01-01', 'NaN'::float8, date '2025-02-01', date '2025-03-01')$$);
SELECT pg_temp.error_of($$SELECT crm_rfm_holdout(date '-infinity', 1.0, date '2025-02-01', date '2025-03-01')$$);

-- ---------------------------------------------------------------------------
-- Accuracy of predictions, against PostgreSQL's own aggregates
-- ---------------------------------------------------------------------------
CREATE TABLE prediction AS
SELECT i, i % 7 AS g, (h % 5)::float8 AS actual, (h / 5 % 1000) / 250.0 + 0.1 AS predicted
FROM (SELECT i, abs(hashint8(i)::bigint) AS h FROM generate_series(1, 5000) i) s;
ANALYZE prediction;
SELECT g, (a).*
FROM (SELECT g, crm_prediction_accuracy(actual, predicted) AS a, count(*) AS n, sum(actual) AS sum_a, sum(predicted) AS sum_p,
             avg(predicted - actual) AS bias, avg(abs(predicted - actual)) AS mae, sqrt(avg((predicted - actual) ^ 2)) AS rmse,
             corr(actual, predicted) AS r
      FROM prediction GROUP BY GROUPING SETS ((g), ())) s
WHERE ((a).n = n AND (a).actual_total = sum_a AND abs((a).predicted_total - sum_p) < 1e-8 AND abs((a).bias - bias) < 1e-12
       AND abs((a).relative_bias - (sum_p - sum_a) / sum_a) < 1e-12 AND abs((a).mae - mae) < 1e-12
       AND abs((a).rmse - rmse) < 1e-12 AND abs((a).correlation - r) < 1e-12) IS NOT TRUE;
-- By hand: errors 1, -1, 3, rows with a NULL skipped
SELECT (crm_prediction_accuracy(a, p)).* FROM (VALUES (1, 2), (2, 1), (3, 6), (NULL, 5), (5, NULL)) v(a, p);
-- One row, none, nothing but NULL, no variation, nothing bought
SELECT (crm_prediction_accuracy(1, 2)).*;
SELECT crm_prediction_accuracy(a, 1) IS NULL AS no_rows FROM generate_series(1, 0) a;
SELECT crm_prediction_accuracy(NULL, 1) IS NULL AS nulls;
SELECT (crm_prediction_accuracy(0, p)).* FROM generate_series(0, 3) p;
SELECT (crm_prediction_accuracy(a, 0.1)).correlation IS NULL AS constant FROM generate_series(0, 3) a;
-- All of it on a line, far from zero: exact sums lose nothing, where corr() in
-- double precision has few digits left.
SELECT abs((crm_prediction_accuracy(1e8 + i, 3e8 - 2 * i)).correlation + 1) < 1e-15 AS correlation, (crm_prediction_accuracy(1e12 + i, 1e12 + i)).rmse FROM generate_series(1, 1000) i;
SELECT abs((crm_prediction_accuracy(1e9 + actual, 1e9 + predicted)).correlation - corr(actual, predicted)) < 1e-7 AS far_from_zero FROM prediction;
-- Small, large and of both signs
SELECT (crm_prediction_accuracy(a, p)).* FROM (VALUES (1e-150, 2e-150), (-1e150, 1e150), (3e-300, 0)) v(a, p);
-- Neither the order of rows nor the plan shows, to the last bit.
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT crm_prediction_accuracy(actual, predicted) FROM prediction;
CREATE TEMP TABLE accuracy_variant AS SELECT crm_prediction_accuracy(actual, predicted * 1.1) AS a FROM prediction;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET max_parallel_workers_per_gather;
INSERT INTO accuracy_variant SELECT crm_prediction_accuracy(actual, predicted * 1.1 ORDER BY md5(i::text)) FROM prediction;
INSERT INTO accuracy_variant SELECT crm_prediction_accuracy(actual, predicted * 1.1 ORDER BY predicted) FROM prediction;
SELECT count(*) AS variants, count(DISTINCT a) AS answers FROM accuracy_variant;
-- Mistakes
SELECT pg_temp.error_of(format('SELECT crm_prediction_accuracy(%L::float8, %L::float8)', a, p))
FROM (VALUES ('NaN', 1::float8), ('1', 'NaN'), ('Infinity', 1), ('1', '-Infinity'), ('1e200', '1'), ('1.7e308', '-1.7e308')) v(a, p);

DROP TABLE holdout_order, prediction;
