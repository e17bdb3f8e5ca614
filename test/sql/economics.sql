-- Unit economics: formulas, their two forms, their errors, and that the planner
-- puts the formula in the place of the call.
SET extra_float_digits = 0;
\set SHOW_CONTEXT never

-- Definitions and worked numbers: textbook arithmetic, done by hand in the
-- comments.  Exact in numeric.
SELECT crm_cac(10000.00, 80) = 125 AS cac,                              -- 10000 / 80
       crm_ltv_cac_ratio(375.0, 125) = 3 AS ltv_cac,                    -- 375 / 125
       crm_cac_payback(120.0, 20, 0.75) = 8 AS payback,                 -- 120 / 15
       crm_clv_simple(50.0, 4, 3) = 600 AS clv_revenue,                 -- 50 * 4 * 3
       crm_clv_simple(50.0, 4, 3, 0.4) = 240 AS clv_profit,             -- 600 * 0.4
       crm_clv_subscription(100.0, 0.8, 0.05) = 1600 AS clv_sub,        -- 80 / 0.05
       crm_churn_rate(1000.0, 950) = 0.05 AS churn,                     -- 50 / 1000
       crm_churn_rate(1000.0, 1100) = -0.1 AS churn_of_growth,
       crm_logo_churn_rate(1000.0, 80) = 0.08 AS logo_churn,
       crm_retention_rate(1000.0, 1070, 150) = 0.92 AS retention,       -- (1070 - 150) / 1000
       crm_roi(150.0, 100) = 0.5 AS roi,
       crm_roas(400.0, 100) = 4 AS roas,
       crm_growth_rate(110.0, 100) = 0.1 AS growth,
       crm_average_order_value(900.0, 12) = 75 AS aov,
       crm_purchase_frequency(90.0, 60) = 1.5 AS frequency,
       crm_sales_velocity(50.0, 0.2, 6000, 30) = 2000 AS velocity,      -- 50 * 0.2 * 6000 / 30
       crm_pipeline_coverage(300000.0, 200000, 100000) = 3 AS coverage,
       crm_quota_attainment(80.0, 100) = 0.8 AS attainment,
       crm_forecast_accuracy(90.0, 100) = 0.9 AS accuracy,
       crm_forecast_accuracy(250.0, 100) = -0.5 AS accuracy_below_zero
\gx
SELECT crm_engagement_rate(30.0, 20) = 1.5 AS engagement,
       crm_share_of_voice(25.0, 75) = 0.25 AS voice,
       crm_sentiment_index(30.0, 10) = 0.5 AS sentiment,
       crm_sentiment_index(30.0, 10, 60) = 0.2 AS sentiment_with_neutral,
       crm_open_rate(25.0, 100) = 0.25 AS opens,
       crm_click_through_rate(5.0, 100) = 0.05 AS clicks,
       crm_click_to_open_rate(5.0, 25) = 0.2 AS clicks_to_opens,
       crm_click_to_open_rate(3.0, 2) = 1.5 AS clicks_without_opens,
       crm_bounce_rate(2.0, 100) = 0.02 AS bounces,
       crm_unsubscribe_rate(1.0, 100) = 0.01 AS unsubscribes
\gx

-- Compound growth: 100 doubles three times in three periods; 4 ^ (1/2) = 2.
SELECT abs(crm_cagr(100, 800, 3) - 1) < 1e-12 AS doubling,
       abs(crm_cagr(100.0, 800, 3) - 1) < 1e-15 AS doubling_numeric,
       abs(crm_cagr(1, 4, 2) - 1) < 1e-12 AS root,
       crm_cagr(100, 0, 3) = -1 AS to_nothing;

-- The discounted subscription value is a sum: payments m at the start of each
-- period t, made with probability (1 - churn)^t, discounted by (1 + d)^t.
-- Summed here term by term.
SELECT abs(crm_clv_subscription(100, 0.8, 0.05, 0.01) - s) < 1e-9 * s AS as_a_sum,
       -- without a discount it is the undiscounted form
       crm_clv_subscription(100.0, 0.8, 0.05, 0) = crm_clv_subscription(100.0, 0.8, 0.05) AS without_discount,
       -- Gupta and Lehmann (2003) leave out the first payment: m r / (1 + d - r)
       abs(crm_clv_subscription(100, 0.8, 0.05, 0.01) - 80 - 80 * 0.95 / (1 + 0.01 - 0.95)) < 1e-9 AS gupta_lehmann,
       -- a perpetuity
       crm_clv_subscription(100.0, 0.8, 0, 0.01) = 8080 AS without_churn
FROM (SELECT sum(80 * power(0.95::float8 / 1.01, t)) AS s FROM generate_series(0, 2000) t) x;

-- Which form an argument list takes.  Integers do not divide as integers.
SELECT pg_typeof(crm_cac(1000.5, 20)) AS numeric_int, pg_typeof(crm_cac(1000, 20)) AS int_int,
       pg_typeof(crm_cac(1000::float8, 20.0)) AS float8_numeric,
       pg_typeof(crm_cac(1000.0, 20::float8)) AS numeric_float8,
       pg_typeof(crm_cac('1000', '20')) AS unknown_unknown,
       pg_typeof(crm_cac('1000', 20.0)) AS unknown_numeric,
       pg_typeof(crm_churn_rate(count(*), count(*))) AS counts,
       pg_typeof(crm_cac(sum(1.5), count(*))) AS money_by_count,
       pg_typeof(crm_cac(1::smallint, 1::real)) AS small_real
\gx
SELECT crm_open_rate(1, 4) AS int_int, crm_open_rate(1::bigint, 4) AS bigint_int, crm_cac(7, 2::smallint) AS int_small;

-- All formulas, for the tests below: name, argument types, body.
CREATE TEMP VIEW formula AS
SELECT p.oid, p.proname, p.pronargs AS n,
       CASE p.proargtypes[0] WHEN 'numeric'::regtype THEN 'numeric' ELSE 'float8' END AS form,
       p.proargnames, pg_get_function_sqlbody(p.oid) AS body
FROM pg_proc p
JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
JOIN pg_language l ON l.oid = p.prolang
WHERE e.extname = 'crm_metrics' AND l.lanname = 'sql' AND p.prokind = 'f'
  AND p.proargtypes[0] IN ('numeric'::regtype, 'float8'::regtype)
  AND p.proname IN ('crm_cac', 'crm_ltv_cac_ratio', 'crm_cac_payback', 'crm_clv_simple', 'crm_clv_subscription',
                    'crm_churn_rate', 'crm_logo_churn_rate', 'crm_retention_rate', 'crm_roi', 'crm_roas',
                    'crm_growth_rate', 'crm_cagr', 'crm_average_order_value', 'crm_purchase_frequency',
                    'crm_sales_velocity', 'crm_pipeline_coverage', 'crm_quota_attainment', 'crm_forecast_accuracy',
                    'crm_engagement_rate', 'crm_share_of_voice', 'crm_sentiment_index', 'crm_open_rate',
                    'crm_click_through_rate', 'crm_bounce_rate', 'crm_unsubscribe_rate', 'crm_click_to_open_rate');
-- Each has both forms, with the same names and the same body.
SELECT proname, n
FROM formula GROUP BY proname, n
HAVING count(*) <> 2 OR count(DISTINCT form) <> 2 OR count(DISTINCT proargnames) <> 1
    OR count(DISTINCT replace(body, 'double precision', 'numeric')) <> 1;
SELECT count(*) AS formulas FROM formula;

CREATE TEMP TABLE number (a numeric, b numeric, c numeric, d numeric, i int, j bigint);
INSERT INTO number VALUES (0.5, 0.5, 0.5, 0.5, 1, 2);

CREATE FUNCTION pg_temp.plan_of(query text) RETURNS text LANGUAGE plpgsql AS
$$
DECLARE
    line text;
    result text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || query LOOP
        result := result || line || E'\n';
    END LOOP;
    RETURN result;
END;
$$;
-- What the planner makes of one call ...
EXPLAIN (VERBOSE, COSTS OFF) SELECT crm_roas(a, b) FROM number;
-- ... and that no call is left of any of them, with columns or aggregates as
-- arguments.
SELECT proname, form, n
FROM formula,
     LATERAL (SELECT string_agg(x || '::' || form, ', ') AS columns,
                     string_agg('sum(' || x || ')::' || form, ', ') AS sums
              FROM unnest(('{a,b,c,d}'::text[])[1:n]) x) s,
     LATERAL (VALUES (columns), (sums)) v(args)
WHERE pg_temp.plan_of(format('SELECT %s(%s) FROM number', proname, args)) LIKE '%' || proname || '(%';

-- NULL in any place gives NULL, whatever stands in the others: here a value
-- that would be fine, and one that would be an error.
CREATE FUNCTION pg_temp.value_of(expression text) RETURNS text LANGUAGE plpgsql AS
$$
DECLARE
    result text;
BEGIN
    EXECUTE 'SELECT ' || expression INTO result;
    RETURN result;
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ' ' || SQLERRM;
END;
$$;
SELECT proname, form, place, other, pg_temp.value_of(call)
FROM formula,
     generate_series(1, n) place,
     (VALUES ('0.5'), ('-3'), ('''NaN''')) o(other),
     LATERAL (SELECT proname || '(' || string_agg(CASE i WHEN place THEN 'NULL' ELSE other END || '::' || form, ', ') || ')' AS call
              FROM generate_series(1, n) i) c
WHERE pg_temp.value_of(call) IS NOT NULL;

-- A zero denominator gives NULL in both forms.
SELECT call
FROM (VALUES ('crm_cac(1, 0)'), ('crm_ltv_cac_ratio(1, 0)'), ('crm_cac_payback(1, 0, 0.5)'), ('crm_cac_payback(1, 5, 0)'),
             ('crm_clv_subscription(1, 0.5, 0)'), ('crm_clv_subscription(1, 0.5, 0, 0)'), ('crm_churn_rate(0, 5)'),
             ('crm_logo_churn_rate(0, 0)'), ('crm_retention_rate(0, 5, 5)'), ('crm_roi(1, 0)'), ('crm_roas(1, 0)'),
             ('crm_growth_rate(1, 0)'), ('crm_cagr(0, 1, 1)'), ('crm_cagr(1, 2, 0)'), ('crm_average_order_value(1, 0)'),
             ('crm_purchase_frequency(0, 0)'), ('crm_sales_velocity(1, 0.5, 100, 0)'), ('crm_pipeline_coverage(1, 5, 5)'),
             ('crm_quota_attainment(1, 0)'), ('crm_forecast_accuracy(1, 0)'), ('crm_engagement_rate(0, 0)'),
             ('crm_share_of_voice(0, 0)'), ('crm_sentiment_index(0, 0)'), ('crm_sentiment_index(0, 0, 0)'),
             ('crm_open_rate(0, 0)'), ('crm_click_through_rate(0, 0)'), ('crm_bounce_rate(0, 0)'),
             ('crm_unsubscribe_rate(0, 0)'), ('crm_click_to_open_rate(0, 0)'),
             -- and so do denominators of money below zero, where a ratio means nothing
             ('crm_roi(1, -1)'), ('crm_growth_rate(1, -1)'), ('crm_quota_attainment(1, -1)'), ('crm_pipeline_coverage(1, 5, 6)'),
             ('crm_cac_payback(1, -1, -1)'), ('crm_forecast_accuracy(1, -1)'), ('crm_cagr(-1, 1, 1)'), ('crm_cagr(1, -1, 1)')) v(call),
     (VALUES ('float8'), ('numeric')) f(form)
WHERE pg_temp.value_of(regexp_replace(call, '([-.0-9]+)([,)])', '\1::' || form || '\2', 'g')) IS NOT NULL;

-- Values out of range are errors in both forms.
SELECT call, min(result) AS result, count(*) AS forms
FROM (VALUES ('crm_cac(1, -1)'), ('crm_cac(1, ''Infinity'')'), ('crm_cac(1, ''NaN'')'), ('crm_cac_payback(1, 1, 80)'),
             ('crm_clv_simple(1, -2, 1)'), ('crm_clv_simple(1, 2, -1)'), ('crm_clv_simple(1, 1, 1, 40)'),
             ('crm_clv_subscription(1, 0.5, 5)'), ('crm_clv_subscription(1, 0.5, -0.1)'), ('crm_clv_subscription(1, 0.5, 0.1, -0.1)'),
             ('crm_clv_subscription(1, ''-Infinity'', 0.1)'), ('crm_churn_rate(-5, 3)'), ('crm_churn_rate(5, -3)'),
             ('crm_churn_rate(0, -3)'), ('crm_logo_churn_rate(5, 6)'), ('crm_logo_churn_rate(5, -1)'), ('crm_logo_churn_rate(0, 1)'),
             ('crm_retention_rate(5, 3, 4)'), ('crm_retention_rate(-1, 3, 1)'), ('crm_cagr(1, 2, -1)'),
             ('crm_average_order_value(5, -1)'), ('crm_purchase_frequency(-1, 1)'), ('crm_sales_velocity(1, 20, 5, 5)'),
             ('crm_sales_velocity(-1, 0.2, 5, 5)'), ('crm_sales_velocity(1, 0.2, 5, -5)'), ('crm_engagement_rate(-1, 5)'),
             ('crm_share_of_voice(1, -5)'), ('crm_sentiment_index(-1, 5)'), ('crm_sentiment_index(1, 5, -3)'),
             ('crm_open_rate(5, 4)'), ('crm_open_rate(5, 0)'), ('crm_open_rate(''NaN'', 4)'), ('crm_open_rate(1, ''Infinity'')'),
             ('crm_click_through_rate(5, 4)'), ('crm_bounce_rate(5, 4)'), ('crm_unsubscribe_rate(5, 4)'),
             ('crm_click_to_open_rate(5, -4)')) v(call),
     (VALUES ('float8'), ('numeric')) f(form),
     LATERAL (SELECT pg_temp.value_of(regexp_replace(call, '([-.0-9]+|''[-A-Za-z]+'')([,)])', '\1::' || form || '\2', 'g')) AS result) r
GROUP BY call, result ORDER BY call COLLATE "C";
-- With the hint
SELECT crm_cac_payback(1200.0, 100, 80);
SELECT crm_open_rate(1200, 100);
-- A large whole and a part one above it: not the same number in float8
SELECT crm_open_rate(9007199254740993.0, 9007199254740992);
-- The helper called by itself
SELECT crm_no_answer('{count a}', 1.0), crm_no_answer('{count a}', NULL::numeric);
SELECT crm_no_answer('{count a,count b}', 1.0);
SELECT crm_no_answer('{number a}', 1.0);

-- Aggregates over orders per customer.  Customers: 0, 1, 1, 2, 5 orders and one
-- unknown; by hand, 4 customers with orders, 2 of them repeaters, 9 orders.
CREATE TEMP TABLE customer_orders (customer int, orders bigint);
INSERT INTO customer_orders VALUES (1, 0), (2, 1), (3, 1), (4, 2), (5, 5), (6, NULL);
SELECT crm_repeat_purchase_rate(orders) AS repeat_rate, crm_purchase_frequency(orders) AS frequency,
       crm_repeat_purchase_rate(orders::int) AS from_int, crm_repeat_purchase_rate(orders::smallint) AS from_smallint,
       crm_repeat_purchase_rate(orders::numeric) AS from_numeric, crm_purchase_frequency(orders::numeric) AS frequency_numeric
FROM customer_orders;
SELECT crm_repeat_purchase_rate(orders) AS no_customer, crm_purchase_frequency(orders) AS no_customer_either
FROM customer_orders WHERE orders = 0;
SELECT crm_repeat_purchase_rate(orders) AS no_row FROM customer_orders WHERE false;
SELECT crm_repeat_purchase_rate(-1);
SELECT crm_repeat_purchase_rate(1.5);
SELECT crm_purchase_frequency('NaN'::float8);
SELECT crm_purchase_frequency(1e30);
SELECT crm_purchase_frequency(9223372036854775807) FROM generate_series(1, 2);
-- A state that is none
SELECT crm_orders_transfn('{1,2}', 3);
SELECT crm_orders_transfn('{{1,2,3}}', 3);
SELECT crm_orders_combinefn('{1,2,3}', '{1,NULL,3}');
-- Moving windows: as recomputed for each frame
CREATE TEMP TABLE day_orders AS
SELECT i, CASE WHEN i % 7 = 0 THEN NULL ELSE (i * 7919) % 4 END::bigint AS orders FROM generate_series(1, 200) i;
SELECT count(*) AS differences
FROM (SELECT i, crm_repeat_purchase_rate(orders) OVER w AS r, crm_purchase_frequency(orders::numeric) OVER w AS f
      FROM day_orders WINDOW w AS (ORDER BY i ROWS BETWEEN 5 PRECEDING AND 2 FOLLOWING)) m
WHERE r IS DISTINCT FROM (SELECT count(*) FILTER (WHERE orders >= 2)::float8 / nullif(count(*) FILTER (WHERE orders >= 1), 0)
                          FROM day_orders d WHERE d.i BETWEEN m.i - 5 AND m.i + 2)
   OR f IS DISTINCT FROM (SELECT sum(orders)::float8 / nullif(count(*) FILTER (WHERE orders >= 1), 0)
                          FROM day_orders d WHERE d.i BETWEEN m.i - 5 AND m.i + 2);

-- Average order value
SELECT crm_average_order_value(amount) AS numeric, crm_average_order_value(amount::float8) AS float8,
       crm_average_order_value(amount) FILTER (WHERE false) AS none
FROM (VALUES (10.00), (20.00), (NULL), (60.00)) o(amount);

-- In parallel: the same to the last digit
CREATE TABLE economics_orders AS
SELECT i AS customer, (i % 4)::bigint AS orders, (i % 1000) / 100.0 AS amount FROM generate_series(1, 20000) i;
ANALYZE economics_orders;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT crm_repeat_purchase_rate(orders), crm_purchase_frequency(orders), crm_average_order_value(amount) FROM economics_orders;
-- 0 to 3 orders, a quarter of the customers each: two thirds of those who
-- ordered did again, and 6 orders go to 3 customers.
SELECT crm_repeat_purchase_rate(orders) = 2 / 3.0::float8 AS repeat_rate, crm_purchase_frequency(orders) = 2 AS frequency,
       crm_average_order_value(amount) = avg(amount) AS aov
FROM economics_orders;
DROP TABLE economics_orders;
