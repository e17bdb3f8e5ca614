-- Trusting a model: tracking, classes of frequency, comparison, totals with
-- intervals, and when a customer buys next.
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

-- The models of Fader, Hardie and Lee 2005 and BTYDplus for CDNOW, of spend (note
-- 025), with the covariance matrices of their fits to six decimals
CREATE TABLE known_model AS
SELECT name, crm_btyd_model(name, parameters::float8[]) AS m,
       format('crm_btyd_model:1 model=%s status=converged unit_days=7 customers=1000 histories=500 iterations=5 log_likelihood=-1000 parameters=[%s] prior=0 covariance=[%s]',
              name, btrim(parameters, '{}'), covariance)::crm_btyd_model AS uncertain,
       crm_spend_model(6.25, 3.74, 15.44) AS s,
       'crm_spend_model:1 status=converged customers=500 rows=500 iterations=5 log_likelihood=-1000 parameters=[6.25,3.74,15.44] prior=0 correlation=0.1 covariance=[1.416232,-0.231962,0.084177,-4.802947,0.991972,17.300798]'::text AS uncertain_s
FROM (VALUES ('pareto/nbd', '{0.553,10.578,0.606,11.669}', '0.002268,0.032983,0.710181,-0.003154,-0.026926,0.035074,-0.140686,-1.205963,1.130156,38.577932'),
             ('bg/nbd', '{0.243,4.414,0.793,2.426}', '0.000158,0.003706,0.143053,-0.000088,-0.002866,0.034497,0.000066,0.010523,0.123218,0.497609'),
             ('mbg/nbd', '{0.525,6.183,0.891,1.614}', '0.006934,0.048478,0.483888,-0.007508,-0.053208,0.023960,-0.037571,-0.236108,0.073804,0.288901')) v(name, parameters, covariance);
ALTER TABLE known_model ALTER uncertain_s TYPE crm_spend_model USING uncertain_s::crm_spend_model;

-- Orders of 400 customers, and 39 of 60 weeks as calibration
CREATE TABLE shop_order AS
SELECT cust, date '2024-01-01' + (cust % 91 + h % (1 + cust * 7 % 330))::int AS day, 5 + (h / 1000 % 40) AS amount
FROM (SELECT cust, abs(hashint8(cust * 1000 + i)::bigint) AS h
      FROM generate_series(1, 400) cust, LATERAL generate_series(1, 1 + cust * cust % 11) i) s;
ANALYZE shop_order;
CREATE TABLE shop AS
SELECT cust, crm_rfm(day, amount::numeric, date '2024-09-29') AS rfm, array_agg(day) AS days
FROM shop_order GROUP BY cust;
ANALYZE shop;

-- ---------------------------------------------------------------------------
-- CDNOW, from the orders (not part of the project: where they are absent, all
-- tables are empty)
-- ---------------------------------------------------------------------------
\set have_data `test -r "$PG_ABS_SRCDIR/../../shared/data/cdnow_sample_elog.csv" && echo true || echo false`
CREATE TABLE cdnow_order (master_id int, cust int, d date, cds int, amount numeric);
\if :have_data
\copy cdnow_order FROM PROGRAM 'cat "$PG_ABS_SRCDIR/../../shared/data/cdnow_sample_elog.csv"' (FORMAT csv, HEADER)
\endif
CREATE TABLE cdnow AS
SELECT cust, crm_rfm_holdout(d, amount, date '1997-09-30', date '1998-06-30') AS h, array_agg(d) AS days
FROM cdnow_order GROUP BY cust;
ANALYZE cdnow;
CREATE TABLE cdnow_fit AS
SELECT name, crm_btyd_fit(name, (h).calibration) AS m
FROM cdnow, unnest(ARRAY['pareto/nbd', 'bg/nbd', 'mbg/nbd']) AS name GROUP BY name;
CREATE TABLE cdnow_check (what text, got float8, want float8, tolerance float8);

-- The holdout: 1882 purchases and sales of 70,976.39 (BTYDplus' elog2cbs); CLVTools
-- 0.12.1 predicts so at its maximum, which for Pareto/NBD it misses by a little:
-- hence its parameters.
INSERT INTO cdnow_check
SELECT 'holdout ' || v.what, v.got, v.want, v.tolerance
FROM (SELECT count(*), sum((h).holdout_purchases) AS purchases, sum((h).holdout_total) AS sales,
             min((h).holdout_length) AS shortest, max((h).holdout_length) AS longest FROM cdnow) s,
     LATERAL (VALUES ('customers', count, 2357.0, 0.0), ('purchases', purchases, 1882, 0), ('sales', sales, 70976.39, 1e-9),
                     ('shortest', shortest, 39, 0), ('longest', longest, 39, 0)) v(what, got, want, tolerance)
WHERE count > 0;
INSERT INTO cdnow_check
SELECT name || ' ' || v.what, v.got, v.want, v.tolerance
FROM (SELECT name, (crm_prediction_accuracy((h).holdout_purchases, crm_expected_purchases(m, (h).calibration, (h).holdout_length))).*
      FROM (SELECT name, m FROM cdnow_fit WHERE name = 'bg/nbd'
            UNION ALL SELECT 'pareto/nbd', crm_btyd_model('pareto/nbd', '{.5532700,10.5778007,.6060200,11.6639145}')) f, cdnow
      GROUP BY name) a
JOIN (VALUES ('pareto/nbd', 1665.688, .754547, 1.602849, .630223),
             ('bg/nbd', 1653.408, .785454, 1.607982, .625647)) w(name, total, mae, rmse, correlation) USING (name),
     LATERAL (VALUES ('n', a.n, 2357, 0), ('actual', a.actual_total, 1882, 0), ('expected', a.predicted_total, w.total, 1e-3),
                     ('MAE', a.mae, w.mae, 1e-6), ('RMSE', a.rmse, w.rmse, 1e-6), ('correlation', a.correlation, w.correlation, 1e-6),
                     ('bias', a.bias, (w.total - 1882) / 2357, 1e-6), ('relative bias', a.relative_bias, w.total / 1882 - 1, 1e-6)) v(what, got, want, tolerance);

-- Tracking: weekly curves.  Actual purchases are counted in plain SQL, expected
-- ones are the sum of E[X(t)] over customers.
CREATE TABLE cdnow_tracking AS
SELECT name, t.*
FROM (SELECT name, crm_btyd_tracking(m, days, '1997-09-30', '1998-06-30') AS periods FROM known_model, cdnow GROUP BY name) s,
     unnest(periods) t;
INSERT INTO cdnow_check
SELECT t.name || ' week ' || t.period || ' ' || v.what, v.got, v.want, v.tolerance
FROM cdnow_tracking t JOIN known_model USING (name),
     LATERAL (SELECT count(*) FILTER (WHERE d > first AND d > date '1997-01-01' + 7 * (period - 1) - 1) AS actual,
                     count(*) FILTER (WHERE d > first) AS actual_total
              FROM (SELECT DISTINCT cust, d, min(d) OVER (PARTITION BY cust) AS first FROM cdnow_order) o
              WHERE d < date '1997-01-01' + 7 * period) a,
     LATERAL (SELECT sum(n * crm_expected_purchases(m, (date '1997-01-01' + 7 * period - 1 - first) / 7.0::float8)) AS expected_total,
                     sum(n * crm_expected_purchases(m, greatest(date '1997-01-01' + 7 * (period - 1) - 1 - first, 0) / 7.0::float8)) AS until_before
              FROM (SELECT first, count(*) AS n FROM (SELECT min(d) AS first FROM cdnow_order GROUP BY cust) f GROUP BY first) f
              WHERE first < date '1997-01-01' + 7 * period) e,
     LATERAL (VALUES ('actual', t.actual, a.actual, 0), ('actual total', t.actual_total, a.actual_total, 0),
                     ('expected', t.expected, e.expected_total - e.until_before, 1e-8), ('expected total', t.expected_total, e.expected_total, 1e-8),
                     ('first day', t.first_day - date '1997-01-01', 7 * (t.period - 1), 0), ('last day', t.last_day - t.first_day, 6, 0),
                     ('in calibration', t.calibration::int, (t.period <= 39)::int, 0)) v(what, got, want, tolerance);
SELECT DISTINCT count(*) AS weeks_not_78, max(period) FROM cdnow_tracking GROUP BY name HAVING count(*) <> 78 OR max(period) <> 78;
-- ... and the same by mpmath (test/data/clv_validation_reference.py)
INSERT INTO cdnow_check
SELECT t.name || ' expected until ' || t.last_day, expected_total, want, 1e-8
FROM cdnow_tracking t
JOIN (VALUES
    ('pareto/nbd', '1997-01-07', 3.066820403766),
    ('pareto/nbd', '1997-04-01', 698.504088131),
    ('pareto/nbd', '1997-09-30', 2524.050502441),
    ('pareto/nbd', '1998-06-30', 4268.947036876),
    ('bg/nbd', '1997-01-07', 3.213843130886),
    ('bg/nbd', '1997-04-01', 710.0482127803),
    ('bg/nbd', '1997-09-30', 2497.563529487),
    ('bg/nbd', '1998-06-30', 4166.372720386),
    ('mbg/nbd', '1997-01-07', 3.19952016978),
    ('mbg/nbd', '1997-04-01', 711.419549145),
    ('mbg/nbd', '1997-09-30', 2477.01873515),
    ('mbg/nbd', '1998-06-30', 4052.454610335)
) w(name, last_day, want) ON w.name = t.name AND w.last_day::date = t.last_day;
-- The end of the calibration: 2457 repeat purchases (lifetimes' summary), and of
-- the 78 weeks: with the holdout's 1882
INSERT INTO cdnow_check
SELECT 'repeat purchases until ' || last_day, actual_total, CASE period WHEN 39 THEN 2457 ELSE 2457 + 1882 END, 0
FROM cdnow_tracking WHERE name = 'bg/nbd' AND period IN (39, 78);

-- Customers by number of repeat purchases: counted, and the model's by mpmath
INSERT INTO cdnow_check
SELECT c.name || ' ' || c.frequency || ' ' || v.what, v.got, v.want, v.tolerance
FROM (SELECT name, c.* FROM known_model, (SELECT crm_btyd_agg((h).calibration) AS data FROM cdnow) d, crm_btyd_calibration(m, data) c) c
LEFT JOIN (VALUES
    ('pareto/nbd', 0, 1434.276328068),
    ('pareto/nbd', 1, 396.8190090068),
    ('pareto/nbd', 2, 193.4474299251),
    ('pareto/nbd', 3, 111.7795374389),
    ('pareto/nbd', 4, 69.96668006998),
    ('pareto/nbd', 5, 45.83847746653),
    ('pareto/nbd', 6, 30.91946341356),
    ('bg/nbd', 0, 1406.499792702),
    ('bg/nbd', 1, 460.8075764358),
    ('bg/nbd', 2, 192.7094341941),
    ('bg/nbd', 3, 101.3067293724),
    ('bg/nbd', 4, 59.93608482719),
    ('bg/nbd', 5, 38.17856964066),
    ('bg/nbd', 6, 25.58968742961),
    ('mbg/nbd', 0, 1418.313419137),
    ('mbg/nbd', 1, 429.1973575542),
    ('mbg/nbd', 2, 198.6286133711),
    ('mbg/nbd', 3, 108.2835802989),
    ('mbg/nbd', 4, 64.77889937907),
    ('mbg/nbd', 5, 41.17349199562),
    ('mbg/nbd', 6, 27.31327646055)
) w(name, frequency, want) USING (name, frequency),
     LATERAL (SELECT count(*) AS actual FROM cdnow WHERE CASE WHEN or_more THEN (h).calibration.frequency >= c.frequency
                                                            ELSE (h).calibration.frequency = c.frequency END) a,
     LATERAL (SELECT sum(crm_purchases_pmf(m, (h).calibration.age, c.frequency)) AS expected,
                     sum(1 - (SELECT sum(crm_purchases_pmf(m, (h).calibration.age, j)) FROM generate_series(0, c.frequency - 1) j)) AS upper
              FROM cdnow, known_model k WHERE k.name = c.name) e,
     LATERAL (VALUES ('actual', c.actual, a.actual, 0), ('expected', c.expected, coalesce(w.want, upper), 1e-8),
                     ('expected, plain SQL', c.expected, CASE WHEN or_more THEN upper ELSE e.expected END, 1e-8),
                     ('residual', c.residual, (a.actual - c.expected) / sqrt(c.expected), 1e-9)) v(what, got, want, tolerance);

-- Comparison: AIC, BIC and weights by their definitions
INSERT INTO cdnow_check
SELECT c.model || ' ' || v.what, v.got, v.want, 1e-9
FROM (SELECT array_agg(m ORDER BY name) AS models FROM cdnow_fit) f, crm_model_compare(VARIADIC models) c
JOIN cdnow_fit ON name = c.model,
     LATERAL (SELECT min(crm_aic(m)) AS best_aic, min(crm_bic(m)) AS best_bic FROM cdnow_fit) best,
     LATERAL (SELECT sum(exp((best_aic - crm_aic(m)) / 2)) AS aics, sum(exp((best_bic - crm_bic(m)) / 2)) AS bics FROM cdnow_fit) sums,
     LATERAL (VALUES ('position', c.position, array_position(ARRAY['bg/nbd', 'mbg/nbd', 'pareto/nbd'], name)), ('parameters', c.parameters, 4),
                     ('LL', c.log_likelihood, crm_log_likelihood(m)), ('AIC', c.aic, crm_aic(m)), ('BIC', c.bic, crm_bic(m)),
                     ('AIC delta', c.aic_delta, crm_aic(m) - best_aic), ('BIC delta', c.bic_delta, crm_bic(m) - best_bic),
                     ('AIC weight', c.aic_weight, exp((best_aic - crm_aic(m)) / 2) / aics),
                     ('BIC weight', c.bic_weight, exp((best_bic - crm_bic(m)) / 2) / bics),
                     ('converged', (c.status = 'converged')::int, 1)) v(what, got, want);
-- The purchases of all in the next 39 weeks: the estimate is the sum, the
-- customers' part of the variance is theirs, the rest the delta method's with
-- differences of whole sums in plain SQL.
CREATE TEMP TABLE cdnow_moved AS
SELECT f.name, i, sum(crm_expected_purchases(up, (h).calibration, 39) - crm_expected_purchases(down, (h).calibration, 39))
       / (2e-4 * min(p.parameters[i])) AS gradient
FROM cdnow_fit f, cdnow, LATERAL (SELECT (crm_model_info(m)).parameters) p, generate_series(1, 4) i,
     LATERAL (SELECT crm_btyd_model(name, array_agg(CASE WHEN j = i THEN v * (1 + 1e-4) ELSE v END ORDER BY j)) AS up,
                     crm_btyd_model(name, array_agg(CASE WHEN j = i THEN v * (1 - 1e-4) ELSE v END ORDER BY j)) AS down
              FROM unnest(p.parameters) WITH ORDINALITY AS u(v, j)) moved
GROUP BY f.name, i;
INSERT INTO cdnow_check
SELECT name || ' total ' || v.what, v.got, v.want, v.tolerance
FROM (SELECT name, (crm_expected_purchases_total(m, (h).calibration, 39)).*,
             sum(crm_expected_purchases(m, (h).calibration, 39)) AS sum,
             sum((crm_purchases_interval(m, (h).calibration, 39)).std_error ^ 2) AS own_variance
      FROM cdnow_fit, cdnow GROUP BY name) t
JOIN (SELECT name, sum(a.gradient * b.gradient * (crm_model_info(m)).covariance[a.i][b.i]) AS common_variance
      FROM cdnow_fit f JOIN cdnow_moved a USING (name) JOIN cdnow_moved b USING (name) GROUP BY name) d USING (name),
     LATERAL (VALUES ('n', n, 2357, 0), ('estimate', estimate, sum, 1e-8), ('std_error', std_error, sqrt(own_variance + common_variance), 1e-4),
                     ('lower', lower, estimate - 1.959963984540054 * std_error, 1e-8), ('upper', upper, estimate + 1.959963984540054 * std_error, 1e-8),
                     ('actual within', (1882 BETWEEN lower AND upper)::int, (name = 'pareto/nbd')::int, 0)) v(what, got, want, tolerance);

SELECT * FROM cdnow_check WHERE (abs(got - want) <= tolerance) IS NOT TRUE ORDER BY what;
SELECT count(*) IN (0, 1817) AS all_compared FROM cdnow_check;

-- ---------------------------------------------------------------------------
-- Tracking
-- ---------------------------------------------------------------------------
-- By hand: customers of 1 and 10 January; one who came after the calibration, one
-- without a day, and one with none but NULL do not count.
SELECT period, first_day, last_day, calibration, actual, actual_total, round(expected::numeric, 6) AS expected, round(expected_total::numeric, 6) AS expected_total
FROM (SELECT crm_btyd_tracking(m, days, '2025-01-20', '2025-02-02', '7 days') AS r
      FROM known_model, (VALUES ('{2025-01-01,2025-01-08,2025-01-08,2025-02-01,2025-02-03}'::date[]), ('{2025-01-15,2025-01-10,NULL}'),
                                ('{2025-01-21,2025-01-30}'), ('{}'), ('{NULL}'), (NULL)) v(days)
      WHERE name = 'bg/nbd') s, unnest(r);
-- The same from E[X(t)] of a new customer; the last day is the fifth of a week.
SELECT day, round(sum(crm_expected_purchases(m, (day - first) / 7.0::float8))::numeric, 6) AS expected_total
FROM known_model, (VALUES (date '2025-01-01'), ('2025-01-10')) f(first), (VALUES (date '2025-01-07'), ('2025-01-14'), ('2025-01-21'), ('2025-01-28'), ('2025-02-02')) d(day)
WHERE name = 'bg/nbd' AND day > first GROUP BY day ORDER BY day;
-- Months, from a later start: what was before is in the totals.
SELECT period, first_day, last_day, calibration, actual, actual_total
FROM (SELECT crm_btyd_tracking(m, days, '2024-09-29', '2024-12-31', '1 month', '2024-07-01') AS r FROM known_model, shop WHERE name = 'mbg/nbd') s, unnest(r);
SELECT to_char(d, 'YYYY-MM') AS month, count(*) FILTER (WHERE d > first) AS actual
FROM (SELECT DISTINCT cust, day AS d, min(day) OVER (PARTITION BY cust) AS first FROM shop_order) o
WHERE first <= '2024-09-29' AND d >= '2024-07-01' AND d <= '2024-12-31' GROUP BY 1 ORDER BY 1;
-- Any period adds up to the same.
SELECT v.period, a.actual_total, round(a.expected_total::numeric, 6) AS expected_total, round(b.sum::numeric, 6) AS sum
FROM (VALUES (interval '1 day'), ('7 days'), ('13 days'), ('1 month'), ('1 month 3 days'), ('10 years')) v(period),
     LATERAL (SELECT crm_btyd_tracking(m, days, '2024-09-29', '2024-12-31', period) AS r FROM known_model, shop WHERE name = 'pareto/nbd') t,
     LATERAL (SELECT * FROM unnest(r) u ORDER BY u.period DESC LIMIT 1) a,
     LATERAL (SELECT sum(expected) FROM unnest(r)) b
ORDER BY v.period;
-- Nobody, or nobody in time
SELECT crm_btyd_tracking(m, '{}', '2025-01-20', '2025-02-02') IS NULL AS nobody FROM known_model WHERE name = 'bg/nbd';
SELECT crm_btyd_tracking(m, '{2025-01-21}', '2025-01-20', '2025-02-02') IS NULL AS too_late FROM known_model WHERE name = 'bg/nbd';
SELECT crm_btyd_tracking(NULL, '{2025-01-01}', '2025-01-20', '2025-02-02') IS NULL AS no_model;
-- One answer whatever the plan
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT crm_btyd_tracking('crm_btyd_model:1 model=bg/nbd status=known unit_days=7 customers=0 histories=0 iterations=0 log_likelihood=0 parameters=[0.243,4.414,0.793,2.426] prior=0', days, '2024-09-29', '2024-12-31') FROM shop;
CREATE TEMP TABLE tracking_variant AS
SELECT crm_btyd_tracking('crm_btyd_model:1 model=bg/nbd status=known unit_days=7 customers=0 histories=0 iterations=0 log_likelihood=0 parameters=[0.243,4.414,0.793,2.426] prior=0', days, '2024-09-29', '2024-12-31') AS r FROM shop;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET max_parallel_workers_per_gather;
INSERT INTO tracking_variant SELECT crm_btyd_tracking(m, days, '2024-09-29', '2024-12-31' ORDER BY cust DESC) FROM known_model, shop WHERE name = 'bg/nbd';
INSERT INTO tracking_variant SELECT crm_btyd_tracking(m, days, '2024-09-29', '2024-12-31', '7 days', NULL) FROM known_model, shop WHERE name = 'bg/nbd';
SELECT count(*) AS variants, count(DISTINCT r) AS answers FROM tracking_variant;
-- Mistakes
SELECT pg_temp.error_of('SELECT crm_btyd_tracking(m, ''{2025-01-01}'', ' || a || ') FROM known_model WHERE name = ''bg/nbd''')
FROM (VALUES ('''2025-02-02'', ''2025-02-01'''), ('NULL, ''2025-02-01'''), ('''2025-02-02'', NULL'), ('''2025-02-02'', ''infinity'''),
             ('''2025-02-02'', ''2025-03-01'', ''0 days'''), ('''2025-02-02'', ''2025-03-01'', ''-7 days'''), ('''2025-02-02'', ''2025-03-01'', ''12 hours'''),
             ('''2025-02-02'', ''2025-03-01'', ''7 days'', ''2025-03-02'''), ('''2025-02-02'', ''2025-03-01'', ''7 days'', ''-infinity'''),
             ('''2025-02-02'', ''3025-03-01'', ''1 day''')) v(a);
SELECT pg_temp.error_of('SELECT crm_btyd_tracking(m, ''{2025-01-01,infinity}'', ''2025-02-01'', ''2025-02-02'') FROM known_model WHERE name = ''bg/nbd''');
SELECT pg_temp.error_of('SELECT crm_btyd_tracking(m, ''{2025-01-01}'', ''2025-02-01'', ''2025-02-02'') FROM known_model');
SELECT pg_temp.error_of('SELECT crm_btyd_tracking(m, ''{2025-01-01}'', date ''2025-02-01'' + i, ''2025-02-03'') FROM known_model, generate_series(0, 1) i WHERE name = ''bg/nbd''');
SELECT pg_temp.error_of('SELECT crm_btyd_tracking(m, ''{2025-01-01}'', ''2025-02-01'', date ''2025-02-03'' + i) FROM known_model, generate_series(0, 1) i WHERE name = ''bg/nbd''');
SELECT pg_temp.error_of('SELECT crm_btyd_tracking(m, ''{2025-01-01}'', ''2025-02-01'', ''2025-02-03'', i * interval ''1 day'') FROM known_model, generate_series(1, 2) i WHERE name = ''bg/nbd''');
SELECT pg_temp.error_of('SELECT crm_btyd_tracking(m, ''{2025-01-01}'', ''2025-02-01'', ''2025-02-03'', ''1 day'', date ''2025-01-01'' + i) FROM known_model, generate_series(1, 2) i WHERE name = ''bg/nbd''');
SELECT pg_temp.error_of('SELECT crm_btyd_tracking(crm_btyd_model(''bg/nbd'', ''{1,1,1,1}'', ''12 hours''), ''{2025-01-01}'', ''2025-02-01'', ''2025-02-02'')');

-- ---------------------------------------------------------------------------
-- Classes of frequency
-- ---------------------------------------------------------------------------
-- All customers are in some class, actual and expected; weights count.
SELECT name, classes, sum(actual) AS actual, round(sum(expected)::numeric, 8) AS expected, min(frequency), max(frequency), count(*) FILTER (WHERE or_more) AS or_more
FROM known_model, (SELECT crm_btyd_agg(rfm) AS data FROM shop) d, (VALUES (2), (8), (40)) v(classes), crm_btyd_calibration(m, data, classes) c
GROUP BY name, classes ORDER BY name, classes;
SELECT frequency, or_more, actual, round(expected::numeric, 6) AS expected, round(residual::numeric, 6) AS residual
FROM known_model, crm_btyd_calibration(m, 'crm_btyd_data:1 unit_days=7 rows=[0,0,10,2.5;1,3,10,1;9,9,20,4]', 3) WHERE name = 'bg/nbd';
SELECT n, round((3.5 * crm_purchases_pmf(m, 10, n) + 4 * crm_purchases_pmf(m, 20, n))::numeric, 6) AS expected FROM known_model, generate_series(0, 1) n WHERE name = 'bg/nbd';
SELECT count(*) AS no_data, sum(actual) AS actual, sum(expected) AS expected, count(residual) FROM known_model, crm_btyd_calibration(m, 'crm_btyd_data:1 unit_days=7 rows=[]') WHERE name = 'bg/nbd';
SELECT pg_temp.error_of('SELECT crm_btyd_calibration(m, ''crm_btyd_data:1 unit_days=' || a || ') FROM known_model WHERE name = ''bg/nbd''')
FROM (VALUES ('7 rows=[]'', 1'), ('7 rows=[]'', 1001'), ('1 rows=[]''')) v(a);

-- ---------------------------------------------------------------------------
-- Comparison
-- ---------------------------------------------------------------------------
-- One model; known parameters come last; NULL is skipped; none
SELECT c.model, position, status, log_likelihood, aic_delta, aic_weight, bic_delta, bic_weight FROM known_model, crm_model_compare(uncertain) c WHERE name = 'bg/nbd';
SELECT c.model, position, status, parameters, aic, bic, aic_weight
FROM (SELECT array_agg(m ORDER BY name) || array_agg(uncertain ORDER BY name) AS models FROM known_model WHERE name < 'p') f, crm_model_compare(VARIADIC models) c;
SELECT c.model, position FROM known_model, crm_model_compare(NULL, uncertain, NULL) c WHERE name = 'bg/nbd';
SELECT count(*) AS none FROM crm_model_compare(VARIADIC '{}');
-- A weight of exp(-1/2) beside 1: the second model's likelihood is lower by 1/2.
SELECT c.model, aic_delta, round(aic_weight::numeric, 6) AS aic_weight, round(bic_weight::numeric, 6) AS bic_weight, round((1 / (1 + exp(-0.5)))::numeric, 6) AS expected
FROM crm_model_compare('crm_btyd_model:1 model=bg/nbd status=ridge unit_days=7 customers=100 histories=50 iterations=5 log_likelihood=-100.5 parameters=[1,1,1,1] prior=0',
                       'crm_btyd_model:1 model=pareto/nbd status=ridge unit_days=7 customers=100 histories=50 iterations=5 log_likelihood=-100 parameters=[1,1,1,1] prior=0') c;
SELECT pg_temp.error_of(format('SELECT crm_model_compare(''crm_btyd_model:1 model=bg/nbd status=ridge unit_days=7 customers=100 histories=50 iterations=5 log_likelihood=-100.5 parameters=[1,1,1,1] prior=0'',
                                ''crm_btyd_model:1 model=pareto/nbd status=ridge unit_days=%s customers=%s histories=50 iterations=5 log_likelihood=-100 parameters=[1,1,1,1] prior=0'')', u, c))
FROM (VALUES (7, 100), (7, 101), (1, 100)) v(u, c);

-- The test, of two log-likelihoods.  Tables of the chi-square distribution: 3.841
-- is the 95th percentile of one degree of freedom, 5.991 of two, 7.815 of three,
-- 18.307 of ten; on the boundary it is half of each of the neighbours.
SELECT df, boundary, round((t).statistic::numeric, 6) AS statistic, (t).df, round((t).p_value::numeric, 4) AS p_value, (t).boundary
FROM (VALUES (3.841459, 1, false), (5.991465, 2, false), (7.814728, 3, false), (18.307038, 10, false), (2.705543, 1, true), (5.138, 2, true), (0, 2, true), (0, 1, false)) v(x, df, boundary),
     LATERAL (SELECT crm_likelihood_ratio_test(-1000, -1000 + x / 2, df, boundary) AS t) s;
-- Far out, by mpmath: the survival functions at 337.36 of one and two degrees
SELECT abs((crm_likelihood_ratio_test(0, 168.68, 1)).p_value / 2.397850656103736e-75 - 1) < 1e-12 AS one, abs((crm_likelihood_ratio_test(0, 168.68, 2)).p_value / 5.536136537402572e-74 - 1) < 1e-12 AS two,
       abs((crm_likelihood_ratio_test(0, 168.68, 7)).p_value / 6.247921441672997e-69 - 1) < 1e-12 AS seven;
-- A full model that is worse was not fitted to the end; by a rounding error it may be.
SELECT crm_likelihood_ratio_test(-100, -101, 2) AS worse, crm_likelihood_ratio_test(-100, -100.0000001, 2) AS equal;
SELECT pg_temp.error_of(format('SELECT crm_likelihood_ratio_test(%L::float8, -1::float8, %s)', a, df)) FROM (VALUES ('NaN', 1), ('-Infinity', 1), ('-2', 0), ('-2', 1001)) v(a, df);
SELECT pg_temp.error_of('SELECT crm_likelihood_ratio_test(a.m, b.m) FROM known_model a, known_model b WHERE a.name = ''bg/nbd'' AND b.name = ' || quote_literal(b)) FROM (VALUES ('bg/nbd'), ('pareto/nbd')) v(b);

-- ---------------------------------------------------------------------------
-- Totals
-- ---------------------------------------------------------------------------
-- Five customers, two with one history and different spend, by mpmath: purchases
-- in 26 weeks, their standard deviation at known parameters and with the
-- parameters' uncertainty, value at 10 percent a year likewise.
CREATE TEMP TABLE five AS
SELECT jsonb_populate_record(NULL::crm_rfm, jsonb_build_object('frequency', x, 'recency', t_x, 'age', 38.86, 'monetary', spend, 'paid_frequency', paid, 'unit_days', 7)) AS rfm
FROM (VALUES (0, 0, 0, NULL), (2, 30.43, 2, 22.35), (2, 30.43, 1, 60), (7, 29.43, 7, 73.74), (1, 1.71, 0, NULL)) v(x, t_x, paid, spend);
SELECT name, v.what, v.got, v.want
FROM (SELECT name, crm_expected_purchases_total(m, rfm, 26) AS n0, crm_expected_purchases_total(uncertain, rfm, interval '26 weeks') AS n1,
             crm_clv_total(m, s, rfm, '26 weeks', 0.1) AS v0, crm_clv_total(uncertain, uncertain_s, rfm, '26 weeks', 0.1) AS v1
      FROM known_model, five GROUP BY name) t
JOIN (VALUES
    ('pareto/nbd', 4.8506734984, 3.3245161301, 3.3399100329, 266.1348192, 214.9623756, 215.74948077),
    ('bg/nbd', 4.3741841894, 3.219156824, 3.2282268378, 240.38654336, 210.47476262, 211.0406946),
    ('mbg/nbd', 4.2924530922, 3.1928784099, 3.1999832927, 233.99781828, 207.48878607, 207.89971496)
) w(name, n, n_own, n_all, v, v_own, v_all) USING (name),
     LATERAL (VALUES ('n', (n0).estimate, w.n), ('n, uncertain', (n1).estimate, w.n), ('own error', (n0).std_error, w.n_own), ('error', (n1).std_error, w.n_all),
                     ('value', (v0).estimate, w.v), ('value, uncertain', (v1).estimate, w.v), ('own error of value', (v0).std_error, w.v_own),
                     ('error of value', (v1).std_error, w.v_all), ('customers', (v1).n, 5)) v(what, got, want)
WHERE (abs(v.got / v.want - 1) < 1e-7) IS NOT TRUE;
-- At known parameters totals are the sums of what the functions for one customer
-- say, and variances add up.
SELECT name, v.what, v.got, v.want
FROM (SELECT name, crm_expected_purchases_total(m, rfm, 39) AS n, crm_clv_total(m, s, rfm, '1 year', 0.1, 0.3) AS v,
             sum(crm_expected_purchases(m, rfm, 39)) AS sum_n, sum(crm_clv(m, s, rfm, '1 year', 0.1, 0.3)) AS sum_v,
             sqrt(sum((crm_purchases_interval(m, rfm, 39)).std_error ^ 2)) AS error_n, count(rfm) AS customers
      FROM known_model, shop WHERE rfm IS DISTINCT FROM NULL AND cust <= 100 GROUP BY name) t
JOIN (SELECT name, sqrt(sum((crm_clv_interval(m, s, rfm, '1 year', 0.1, 0.3)).std_error ^ 2)) AS error_v
      FROM known_model, shop WHERE rfm IS DISTINCT FROM NULL AND cust <= 100 GROUP BY name) e USING (name),
     LATERAL (VALUES ('n', (n).estimate, sum_n), ('error', (n).std_error, error_n), ('value', (v).estimate, sum_v), ('error of value', (v).std_error, error_v),
                     ('customers', (n).n, customers), ('customers with value', (v).n, customers)) v(what, got, want)
WHERE (abs(v.got / v.want - 1) < 1e-10) IS NOT TRUE;
-- The parameters' part is common: groups' errors add up to less than that of all,
-- and margin and confidence level scale as they should.
SELECT name, v.*
FROM (SELECT name, crm_clv_total(uncertain, uncertain_s, rfm, '1 year', 0.1) AS a, crm_clv_total(uncertain, uncertain_s, rfm, '1 year', 0.1, 0.25) AS b,
             crm_clv_total(uncertain, uncertain_s, rfm, '1 year', 0.1, 0.25, 0.8) AS c, crm_clv_total(m, s, rfm, '1 year', 0.1) AS d,
             crm_expected_purchases_total(uncertain, rfm, 52, 0.5) AS e, crm_expected_purchases_total(uncertain, rfm, interval '1 year', 0.95) AS f
      FROM known_model, shop GROUP BY name) t
JOIN (SELECT name, sqrt(sum((g).std_error ^ 2)) AS apart
      FROM (SELECT name, crm_clv_total(uncertain, uncertain_s, rfm, '1 year', 0.1) AS g FROM known_model, shop GROUP BY name, cust % 10) s GROUP BY name) g USING (name),
     LATERAL (VALUES ('margin', abs((b).estimate / (a).estimate / 0.25 - 1) < 1e-14 AND abs((b).std_error / (a).std_error / 0.25 - 1) < 1e-14
                                AND abs((b).lower - 0.25 * (a).lower) < 1e-9 AND (b).conf_level = 0.95),
                     ('confidence', (c).std_error = (b).std_error AND (c).conf_level = 0.8
                                    AND abs(((c).upper - (c).estimate) / (c).std_error - 1.2815515655446004) < 1e-9
                                    AND abs(((c).estimate - (c).lower) / (c).std_error - 1.2815515655446004) < 1e-9),
                     ('known is surer', (d).std_error < (a).std_error), ('in common', apart < (a).std_error),
                     ('purchases', (e).estimate = (f).estimate AND (e).std_error = (f).std_error AND abs(((e).upper - (e).estimate) / (e).std_error - 0.6744897501960817) < 1e-9)) v(what, holds)
WHERE holds IS NOT TRUE;
-- No time, no purchases.  The lower bound is never negative.
SELECT (crm_expected_purchases_total(m, rfm, 0)).* FROM known_model, five WHERE name = 'bg/nbd';
SELECT lower, estimate > 0 AS some FROM (SELECT (crm_expected_purchases_total(m, rfm, 26)).* FROM known_model, five WHERE name = 'pareto/nbd' AND (rfm).frequency < 2) t;
-- A fit without a covariance matrix leaves the error unknown; so does spend with an
-- infinite variance (q <= 2), and with an infinite mean (q <= 1) all of it is.
SELECT (crm_expected_purchases_total(('crm_btyd_model:1 model=bg/nbd status=' || status || ' unit_days=7 customers=100 histories=50 iterations=5 log_likelihood=-100 parameters=[1,10,1,3] prior=0')::crm_btyd_model, rfm, 26)).std_error IS NULL AS no_error,
       (crm_expected_purchases_total(('crm_btyd_model:1 model=bg/nbd status=' || status || ' unit_days=7 customers=100 histories=50 iterations=5 log_likelihood=-100 parameters=[1,10,1,3] prior=0')::crm_btyd_model, rfm, 26)).estimate > 0 AS estimate
FROM five, unnest('{boundary,ridge,failed}'::text[]) status GROUP BY status;
SELECT q, (v).n, (v).estimate > 0 AS estimate, (v).std_error, (v).lower
FROM (SELECT q, crm_clv_total(m, crm_spend_model(6, q, 15), rfm, '1 year', 0.1) AS v FROM known_model, five, (VALUES (0.9), (1.5)) q(q) WHERE name = 'bg/nbd' GROUP BY q) t ORDER BY q;
-- NULL is skipped; nobody
SELECT (crm_expected_purchases_total(m, rfm, 26)).n FROM known_model, (SELECT rfm FROM five UNION ALL SELECT NULL UNION ALL SELECT jsonb_populate_record(NULL::crm_rfm, '{}')) h WHERE name = 'bg/nbd';
SELECT crm_expected_purchases_total(m, rfm, 26) IS NULL AS nobody, crm_clv_total(m, s, rfm, '1 year', 0.1) IS NULL AS no_value FROM known_model, five WHERE false;
-- One answer whatever the plan
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT crm_clv_total('crm_btyd_model:1 model=bg/nbd status=known unit_days=7 customers=0 histories=0 iterations=0 log_likelihood=0 parameters=[0.243,4.414,0.793,2.426] prior=0', 'crm_spend_model:1 status=known customers=0 rows=0 iterations=0 log_likelihood=0 parameters=[6,4,15] prior=0', rfm, '1 year', 0.1) FROM shop;
EXPLAIN (COSTS OFF) SELECT crm_expected_purchases_total('crm_btyd_model:1 model=bg/nbd status=known unit_days=7 customers=0 histories=0 iterations=0 log_likelihood=0 parameters=[0.243,4.414,0.793,2.426] prior=0', rfm, 52) FROM shop;
CREATE TEMP TABLE total_variant AS
SELECT crm_clv_total((SELECT uncertain FROM known_model WHERE name = 'bg/nbd'), (SELECT uncertain_s FROM known_model WHERE name = 'bg/nbd'), rfm, '1 year', 0.1) AS v,
       crm_expected_purchases_total((SELECT uncertain FROM known_model WHERE name = 'bg/nbd'), rfm, 52) AS n FROM shop;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET max_parallel_workers_per_gather;
INSERT INTO total_variant SELECT crm_clv_total(uncertain, uncertain_s, rfm, '1 year', 0.1 ORDER BY cust DESC), crm_expected_purchases_total(uncertain, rfm, interval '52 weeks' ORDER BY cust DESC)
FROM known_model, shop WHERE name = 'bg/nbd';
INSERT INTO total_variant SELECT crm_clv_total(uncertain, uncertain_s, rfm, '1 year', 0.1, 1, 0.95 ORDER BY (rfm).recency), crm_expected_purchases_total(uncertain, rfm, 52, 0.95 ORDER BY (rfm).age)
FROM known_model, shop WHERE name = 'bg/nbd';
SELECT count(*) AS variants, count(DISTINCT v) AS values, count(DISTINCT n) AS purchases FROM total_variant;
-- Mistakes
SELECT pg_temp.error_of('SELECT crm_expected_purchases_total(m, rfm, ' || a || ') FROM known_model, five WHERE name = ''bg/nbd''')
FROM (VALUES ('-1'), ('''NaN''::float8'), ('''Infinity''::float8'), ('1, 0'), ('1, 1'), ('(rfm).frequency'), ('1, 0.5 + (rfm).frequency / 100.0'), ('interval ''-1 day''')) v(a);
SELECT pg_temp.error_of('SELECT crm_expected_purchases_total(m, rfm, 1) FROM known_model, five');
SELECT pg_temp.error_of('SELECT crm_expected_purchases_total(crm_btyd_model(''bg/nbd'', ''{1,1,1,1}'', ''1 day''), rfm, 1) FROM five');
SELECT pg_temp.error_of('SELECT crm_clv_total(m, s, rfm, ' || a || ') FROM known_model, five WHERE name = ''bg/nbd''')
FROM (VALUES ('''-1 day'', 0.1'), ('''1 year'', -0.1'), ('''1 year'', ''NaN'''), ('''1 year'', 0.1, -1'), ('''1 year'', 0.1, 1, 2'), ('''1 year'', (rfm).frequency'), ('''1 year'', 0.1, (rfm).frequency'),
             ('(rfm).frequency * interval ''1 day'', 0.1')) v(a);
SELECT pg_temp.error_of('SELECT crm_clv_total(m, crm_spend_model(6, 4, 15 + (rfm).frequency), rfm, ''1 year'', 0.1) FROM known_model, five WHERE name = ''bg/nbd''');

-- ---------------------------------------------------------------------------
-- Buying again
-- ---------------------------------------------------------------------------
-- At least one purchase in 13 weeks, and the week by which it is as likely as
-- not, by mpmath
SELECT w.*, crm_p_purchase(m, x, t_x, t, 13), crm_next_purchase_quantile(m, x, t_x, t, 0.5)
FROM known_model JOIN (VALUES
    ('', 0, 0, 0, 0, 0),
    ('pareto/nbd', 0, 0, 38.86, 0.03344490906377, NULL),
    ('pareto/nbd', 2, 30.43, 38.86, 0.3669064818971, 23.75710732541),
    ('pareto/nbd', 26, 30.86, 31, 0.9755842074068, 1.114215551154),
    ('bg/nbd', 0, 0, 38.86, 0.06183683164084, 706.6782410732),
    ('bg/nbd', 2, 30.43, 38.86, 0.3234909385308, 29.47821000166),
    ('bg/nbd', 26, 30.86, 31, 0.9686510484067, 0.9930484053222),
    ('mbg/nbd', 0, 0, 38.86, 0.04857739160089, NULL),
    ('mbg/nbd', 2, 30.43, 38.86, 0.3339222825227, 28.30093537376),
    ('mbg/nbd', 26, 30.86, 31, 0.9652265942578, 1.036755131191)
) w(name, x, t_x, t, p, median) USING (name)
WHERE (abs(crm_p_purchase(m, x, t_x, t, 13) / p - 1) < 1e-11) IS NOT TRUE
   OR (crm_next_purchase_quantile(m, x, t_x, t, 0.5) IS NULL) <> (median IS NULL)
   OR abs(crm_next_purchase_quantile(m, x, t_x, t, 0.5) / median - 1) > 1e-10;
-- It is 1 - P(none); the quantile inverts it; every form says the same.
CREATE TEMP TABLE history AS
SELECT x, t_x, t, jsonb_populate_record(NULL::crm_rfm, jsonb_build_object('frequency', x, 'recency', t_x, 'age', t, 'unit_days', 7)) AS rfm
FROM (VALUES (0, 0, 38.86), (1, 1.71, 38.86), (2, 30.43, 38.86), (26, 30.86, 31), (0, 0, 0), (200, 20, 20)) v(x, t_x, t);
SELECT count(*) AS cases,
       count(*) FILTER (WHERE abs(crm_p_purchase(m, rfm, t2) - (1 - crm_purchases_pmf(m, rfm, t2, 0))) < 1e-13) AS none_or_some,
       count(*) FILTER (WHERE crm_p_purchase(m, rfm, t2) = crm_p_purchase(m, x, t_x, t, t2) AND crm_p_purchase(m, rfm, t2 * interval '7 days') = crm_p_purchase(m, x, t_x, t, t2 * interval '7 days')
                              AND crm_p_purchase(m, rfm, t2) = crm_p_purchase(m, rfm, t2 * interval '7 days')) AS forms
FROM known_model, history, (VALUES (0), (1), (52), (5000)) v(t2);
SELECT count(*) AS cases, count(*) FILTER (WHERE q IS NULL OR abs(crm_p_purchase(m, rfm, q) / prob - 1) < 1e-9) AS inverse,
       count(*) FILTER (WHERE q IS NOT NULL OR crm_p_purchase(m, rfm, 1e6 * 52) < prob) AS null_is_never,
       count(*) FILTER (WHERE q IS NOT DISTINCT FROM crm_next_purchase_quantile(m, x, t_x, t, prob)) AS forms,
       count(q) BETWEEN 30 AND 60 AS some_of_each
FROM known_model, history, (VALUES (1e-6), (0.1), (0.5), (0.99)) v(prob), LATERAL (SELECT crm_next_purchase_quantile(m, rfm, prob) AS q) s;
-- A new customer
SELECT name, crm_p_purchase(m, 13) = crm_p_purchase(m, interval '91 days') AS forms, abs(crm_p_purchase(m, 13) - (1 - crm_purchases_pmf(m, 13, 0))) < 1e-14 AS some,
       abs(crm_p_purchase(m, crm_next_purchase_quantile(m, 0.3)) - 0.3) < 1e-9 AS inverse
FROM known_model ORDER BY name;
-- Windows: from 0 it is the whole, windows add up.
SELECT count(*) AS cases,
       count(*) FILTER (WHERE crm_expected_purchases(m, rfm, 0, 30) = crm_expected_purchases(m, rfm, 30)) AS whole,
       count(*) FILTER (WHERE abs(crm_expected_purchases(m, rfm, 0, 10) + crm_expected_purchases(m, rfm, 10, 30) - crm_expected_purchases(m, rfm, 30)) < 1e-12 * crm_expected_purchases(m, rfm, 30)) AS parts,
       count(*) FILTER (WHERE crm_expected_purchases(m, rfm, 10, 30) = crm_expected_purchases(m, x, t_x, t, 10, 30) AND crm_expected_purchases(m, rfm, 10, 30) = crm_expected_purchases(m, rfm, interval '10 weeks', '30 weeks')
                              AND crm_expected_purchases(m, x, t_x, t, interval '10 weeks', '30 weeks') = crm_expected_purchases(m, x, t_x, t, 10, 30)) AS forms,
       count(*) FILTER (WHERE crm_expected_purchases(m, rfm, 10, 10) = 0) AS empty
FROM known_model, history;
SELECT name, crm_expected_purchases(m, 10, 30) = crm_expected_purchases(m, interval '10 weeks', interval '30 weeks') AS forms,
       abs(crm_expected_purchases(m, 10, 30) - (crm_expected_purchases(m, 30) - crm_expected_purchases(m, 10))) < 1e-15 AS new_customer
FROM known_model ORDER BY name;
SELECT crm_p_purchase(m, NULL::crm_rfm, 13) IS NULL AS p, crm_next_purchase_quantile(m, NULL::crm_rfm, 0.5) IS NULL AS q, crm_expected_purchases(m, NULL::crm_rfm, 1, 2) IS NULL AS e
FROM known_model WHERE name = 'bg/nbd';
SELECT pg_temp.error_of('SELECT ' || f || ' FROM known_model WHERE name = ''bg/nbd''')
FROM (VALUES ('crm_p_purchase(m, -1)'), ('crm_p_purchase(m, ''Infinity''::float8)'), ('crm_p_purchase(m, 1, 2, 1, 1)'), ('crm_next_purchase_quantile(m, 0)'), ('crm_next_purchase_quantile(m, 1)'),
             ('crm_next_purchase_quantile(m, ''NaN'')'), ('crm_expected_purchases(m, 2::float8, 1::float8)'), ('crm_expected_purchases(m, -1::float8, 1::float8)'), ('crm_expected_purchases(m, 0, ''Infinity''::float8)'),
             ('crm_expected_purchases(m, interval ''2 days'', interval ''1 day'')')) v(f);

DROP TABLE known_model, shop_order, shop, cdnow_order, cdnow, cdnow_fit, cdnow_check, cdnow_tracking;
