-- Purchase and spend models: fits to simulated and to hard data, forms of the
-- stored types, options, errors.
SET timezone = 'UTC';
SET extra_float_digits = 1;

-- Runs a query and reports its error with SQLSTATE, detail and hint.
CREATE FUNCTION pg_temp.error_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; detail text; hint text;
BEGIN
    EXECUTE query;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
        detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN state || ': ' || message || coalesce(nullif(' [' || detail || ']', ' []'), '')
        || coalesce(nullif(' (' || hint || ')', ' ()'), '');
END $$;
-- Uniform on (0, 1), the same on every server.
CREATE FUNCTION pg_temp.uniform(i bigint, salt text) RETURNS float8 LANGUAGE sql IMMUTABLE AS
$$ SELECT (('x' || substr(md5(i || salt), 1, 8))::bit(32)::bigint + 0.5) / 4294967296.0::float8 $$;

-- ---------------------------------------------------------------------------
-- Simulated customers
-- ---------------------------------------------------------------------------
-- Pareto/NBD with r = s = 1, alpha = 8, beta = 20: rates of purchase and dropout
-- are exponential.  Up to 80 purchases each; observed for 30 to 50 weeks.  Days
-- are fractions, so that no two customers who came back are alike.
CREATE TABLE simulated AS
WITH customer AS (
    SELECT cust,
           -ln(pg_temp.uniform(cust, 'purchase rate')) / 8 AS rate,
           -ln(pg_temp.uniform(cust, 'life')) / (-ln(pg_temp.uniform(cust, 'dropout rate')) / 20) AS life,
           30 + floor(pg_temp.uniform(cust, 'age') * 20) AS age
    FROM generate_series(1, 2500) cust
), purchase AS (
    SELECT cust, sum(-ln(pg_temp.uniform(cust * 100 + i, 'wait')) / rate)
                 OVER (PARTITION BY cust ORDER BY i) AS at, life, age
    FROM customer, generate_series(1, 80) i
), kept AS (
    SELECT cust, count(*) AS x, max(at) AS t_x FROM purchase WHERE at <= least(life, age) GROUP BY cust
)
SELECT cust, coalesce(x, 0)::float8 AS x, coalesce(t_x, 0) AS t_x, age AS t
FROM customer LEFT JOIN kept USING (cust);
ANALYZE simulated;
SELECT count(*) AS customers, max(x) BETWEEN 20 AND 79 AS some_often,
       count(*) FILTER (WHERE x = 0) BETWEEN 500 AND 1500 AS some_once
FROM simulated;

-- The fit finds the parameters again, within four standard errors.
SELECT p.name, abs(p.estimate - truth) < 4 * p.std_error AS found, p.std_error < truth / 2.0 AS sharp
FROM (SELECT crm_btyd_fit('pareto/nbd', x, t_x, t) AS fit FROM simulated) f,
     crm_model_parameters(fit) p
JOIN (VALUES ('r', 1), ('alpha', 8), ('s', 1), ('beta', 20)) v(name, truth) USING (name)
ORDER BY p.name;

-- The other models fit too; the likelihood is no higher anywhere around.
CREATE TEMP TABLE simulated_model AS
SELECT name, crm_btyd_fit(name, x, t_x, t) AS fit
FROM simulated, unnest(ARRAY['pareto/nbd', 'bg/nbd', 'mbg/nbd']) name GROUP BY name;
SELECT name, crm_model_status(fit), count(*) AS neighbours,
       count(*) FILTER (WHERE crm_log_likelihood(crm_btyd_model(name, p), data) >= crm_log_likelihood(fit)) AS higher,
       abs(crm_log_likelihood(fit) - min(crm_log_likelihood(fit, data))) < 1e-8 AS likelihood_is_that_of_the_data
FROM simulated_model, LATERAL crm_model_info(fit) i,
     (SELECT crm_btyd_agg(x, t_x, t) AS data FROM simulated) d,
     unnest(ARRAY[0.999, 1, 1.001]) f1, unnest(ARRAY[0.999, 1, 1.001]) f2,
     unnest(ARRAY[0.99, 1, 1.01]) f3, unnest(ARRAY[0.99, 1, 1.01]) f4,
     LATERAL (SELECT ARRAY[i.parameters[1] * f1, i.parameters[2] * f2, i.parameters[3] * f3, i.parameters[4] * f4]) c(p)
WHERE f1 * f2 * f3 * f4 <> 1
GROUP BY name, fit::text, crm_model_status(fit), crm_log_likelihood(fit)
ORDER BY name;

-- Row order, parts, workers and weights do not show.
CREATE FUNCTION pg_temp.explain(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || query;
END $$;
CREATE TEMP TABLE variant (label text, name text, fit crm_btyd_model);
INSERT INTO variant
SELECT 'shuffled', name, crm_btyd_fit(name, x, t_x, t ORDER BY md5(cust::text))
FROM simulated, unnest(ARRAY['pareto/nbd', 'bg/nbd', 'mbg/nbd']) name GROUP BY name;
INSERT INTO variant
SELECT 'rollup', name, crm_btyd_fit(name, data)
FROM (SELECT crm_rollup(data) FROM (SELECT crm_btyd_agg(x, t_x, t) FROM simulated GROUP BY cust % 9) p(data)) d(data),
     unnest(ARRAY['pareto/nbd', 'bg/nbd', 'mbg/nbd']) name;
INSERT INTO variant
SELECT 'weights', name, crm_btyd_fit(name, x, t_x, t, w)
FROM (SELECT x, t_x, t, count(*) AS w FROM simulated GROUP BY 1, 2, 3
      UNION ALL SELECT 3, 4, 5, 0) s,
     unnest(ARRAY['pareto/nbd', 'bg/nbd', 'mbg/nbd']) name GROUP BY name;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
SELECT bool_or(line LIKE '%Partial Aggregate%') AS is_parallel
FROM pg_temp.explain($$SELECT crm_btyd_fit('bg/nbd', x, t_x, t) FROM simulated$$) line;
INSERT INTO variant SELECT 'parallel', 'pareto/nbd', crm_btyd_fit('pareto/nbd', x, t_x, t) FROM simulated;
INSERT INTO variant SELECT 'parallel', 'bg/nbd', crm_btyd_fit('bg/nbd', x, t_x, t, 1, '7 days', '{"max_iterations": 100}') FROM simulated;
INSERT INTO variant SELECT 'parallel', 'mbg/nbd', crm_btyd_fit('mbg/nbd', data) FROM (SELECT crm_btyd_agg(x, t_x, t) FROM simulated) d(data);
-- Stored parts, merged by workers
CREATE TABLE simulated_part AS
SELECT cust % 40 AS part, crm_btyd_agg(x, t_x, t) AS data FROM simulated GROUP BY 1;
ANALYZE simulated_part;
SELECT bool_or(line LIKE '%Partial Aggregate%') AS is_parallel
FROM pg_temp.explain($$SELECT crm_rollup(data) FROM simulated_part$$) line;
INSERT INTO variant
SELECT 'parallel rollup', name, crm_btyd_fit(name, data)
FROM (SELECT crm_rollup(data) FROM simulated_part) d(data),
     unnest(ARRAY['pareto/nbd', 'bg/nbd', 'mbg/nbd']) name;
-- The spend fit in parallel: amounts follow the number of purchases.
SELECT bool_or(line LIKE '%Partial Aggregate%') AS is_parallel
FROM pg_temp.explain($$SELECT crm_spend_fit(x, 10 + cust % 37) FROM simulated$$) line;
CREATE TEMP TABLE spend_variant AS
SELECT 'parallel' AS label, crm_spend_fit(x, 10 + cust % 37) AS fit FROM simulated;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET max_parallel_workers_per_gather;
INSERT INTO spend_variant SELECT 'serial', crm_spend_fit(x, 10 + cust % 37) FROM simulated;
INSERT INTO spend_variant SELECT 'shuffled', crm_spend_fit(x, 10 + cust % 37 ORDER BY md5(cust::text)) FROM simulated;
INSERT INTO spend_variant
SELECT 'weights', crm_spend_fit(x, m, w)
FROM (SELECT x, 10 + cust % 37 AS m, count(*) AS w FROM simulated GROUP BY 1, 2) s;
SELECT count(*) AS parameters,
       count(*) FILTER (WHERE abs(v.estimate / w.estimate - 1) > 1e-9
                           OR (abs(v.std_error / w.std_error - 1) <= 1e-7) IS NOT TRUE) AS different
FROM (SELECT label, name, p.* FROM variant, crm_model_parameters(fit) p(parameter, estimate, std_error)) v
JOIN (SELECT name, p.* FROM simulated_model, crm_model_parameters(fit) p(parameter, estimate, std_error)) w USING (name, parameter);
SELECT count(*) AS parameters, count(*) FILTER (WHERE abs(v.estimate / w.estimate - 1) > 1e-9) AS different
FROM (SELECT label, p.* FROM spend_variant, crm_model_parameters(fit) p) v
JOIN (SELECT p.* FROM spend_variant, crm_model_parameters(fit) p WHERE label = 'serial') w USING (name);
-- The very same data, however collected and merged.
SELECT count(DISTINCT data::text) AS distinct_values
FROM (SELECT crm_btyd_agg(x, t_x, t) FROM simulated
      UNION ALL SELECT crm_btyd_agg(x, t_x, t ORDER BY cust DESC) FROM simulated
      UNION ALL SELECT crm_rollup(data) FROM simulated_part
      UNION ALL SELECT crm_rollup(data ORDER BY part DESC) FROM simulated_part) d(data);
-- Models alternate from row to row, each group its own.
SELECT count(DISTINCT crm_model_status(fit)) AS statuses
FROM (SELECT name, cust % 3, crm_btyd_fit(name, x, t_x, t)
      FROM simulated, unnest(ARRAY['pareto/nbd', 'bg/nbd', 'mbg/nbd']) name GROUP BY 1, 2) f(name, g, fit);

-- ---------------------------------------------------------------------------
-- Hard data end in an honest status
-- ---------------------------------------------------------------------------
CREATE TEMP TABLE hard (label text, x float8, t_x float8, t float8);
INSERT INTO hard VALUES
    ('one customer', 3, 10, 20), ('one, not back', 0, 0, 20), ('one, just here', 0, 0, 0),
    ('two customers', 3, 10, 20), ('two customers', 0, 0, 20);
INSERT INTO hard SELECT 'nobody back', 0, 0, 5 + i % 30 FROM generate_series(1, 500) i;
INSERT INTO hard SELECT 'all just here', 0, 0, 0 FROM generate_series(1, 100) i;
INSERT INTO hard SELECT 'all alike', 4, 20, 39 FROM generate_series(1, 500) i;
INSERT INTO hard SELECT 'all alike, today', 4, 39, 39 FROM generate_series(1, 500) i;
INSERT INTO hard SELECT 'all once more', 1, 20, 39 FROM generate_series(1, 500) i;
INSERT INTO hard
SELECT 'thousands', 1000 + floor(pg_temp.uniform(i, 'a') * 4000), 50 + 50 * pg_temp.uniform(i, 'b'), 100 + pg_temp.uniform(i, 'c')
FROM generate_series(1, 300) i;
INSERT INTO hard
SELECT 'thousands or none', 3000 * (i % 2), 99 * (i % 2), 100 FROM generate_series(1, 300) i;
INSERT INTO hard
SELECT 'all today', 1 + floor(pg_temp.uniform(i, 'x') * 10), t, t
FROM generate_series(1, 300) i, LATERAL (SELECT 30 + floor(20 * pg_temp.uniform(i, 't'))) a(t);
-- Without dropout the last of x purchases is the largest of x uniform times.
INSERT INTO hard
SELECT 'no dropout', x, CASE WHEN x = 0 THEN 0 ELSE t * pg_temp.uniform(i, 't_x') ^ (1 / x) END, t
FROM generate_series(1, 400) i,
     LATERAL (SELECT floor(3 * ln(pg_temp.uniform(i, 'x')) * ln(pg_temp.uniform(i, 'y'))),
                     20 + floor(pg_temp.uniform(i, 't') * 20)) a(x, t);
INSERT INTO hard SELECT 'sixty customers', x, t_x, t FROM simulated WHERE cust BETWEEN 101 AND 160;
INSERT INTO hard VALUES ('absurd frequency', 1e300, 10, 20), ('absurd frequency', 3, 10, 20), ('absurd frequency', 0, 0, 20),
    ('absurd time', 3, 1e300, 1e308), ('absurd time', 5, 1e200, 1e308),
    ('tiny time', 3, 1e-300, 1e-299), ('tiny time', 5, 1e-302, 1e-300);
CREATE TEMP TABLE hard_model AS
SELECT label, name, crm_btyd_fit(name, x, t_x, t) AS fit, crm_btyd_agg(x, t_x, t) AS data
FROM hard, unnest(ARRAY['pareto/nbd', 'bg/nbd', 'mbg/nbd']) name GROUP BY label, name;
-- What theory says: where nobody comes back the likelihood is highest at r = 0;
-- equal customers leave no variance for the gamma distributions; customers of
-- whom all are seen on the last day cannot have dropped out.
SELECT label, string_agg(name || ' ' || crm_model_status(fit), ', ' ORDER BY name) AS status
FROM hard_model
WHERE label NOT LIKE 'absurd%' AND label NOT LIKE 'tiny%' AND label NOT LIKE 'thousands%'
  AND label NOT IN ('no dropout', 'sixty customers')
GROUP BY label ORDER BY label COLLATE "C";
-- Never a number that is none, never standard errors without convergence.
SELECT label, name, i.* FROM hard_model, LATERAL crm_model_info(fit) i
WHERE i.status NOT IN ('converged', 'boundary', 'ridge', 'failed')
   OR (i.status = 'failed' AND label <> 'absurd time')
   OR EXISTS (SELECT FROM unnest(i.parameters) p WHERE (p > 0 AND p < 'Infinity') IS NOT TRUE)
   OR EXISTS (SELECT FROM unnest(i.std_errors) s WHERE (s >= 0 AND s < 'Infinity') IS NOT TRUE)
   OR (i.std_errors IS NULL) <> (i.status <> 'converged')
   OR i.log_likelihood IN ('NaN', 'Infinity', '-Infinity')
   OR (i.log_likelihood IS NULL AND label <> 'absurd time');
-- No model of a scattering over many orders of magnitude does better: the limit
-- was reached, not given up before.
SELECT label, name, crm_log_likelihood(fit) AS got, max(crm_log_likelihood(other, data)) AS better
FROM (SELECT * FROM hard_model WHERE label NOT LIKE 'absurd%' AND label NOT LIKE 'tiny%') h,
     generate_series(1, 60) i,
     LATERAL (SELECT crm_btyd_model(name, ARRAY[10 ^ (6 * pg_temp.uniform(i, 'r') - 3), 10 ^ (6 * pg_temp.uniform(i, 'alpha') - 2),
                                                10 ^ (6 * pg_temp.uniform(i, 's') - 3), 10 ^ (6 * pg_temp.uniform(i, 'beta') - 2)])) o(other)
WHERE crm_log_likelihood(other, data) > crm_log_likelihood(fit) + 1e-6 * abs(crm_log_likelihood(fit)) + 1e-5
GROUP BY label, name, fit::text, crm_log_likelihood(fit);
-- What such models say of customers is finite, and a probability is one.
CREATE TEMP TABLE hard_prediction AS
SELECT label, name, h.*, v.*
FROM hard_model,
     (VALUES (0, 0, 0), (0, 0, 39), (0, 0, 1e6), (1, 0.142857, 39), (1, 39, 39), (26, 30.8, 31), (5000, 99, 100), (1, 1e-9, 1e9)) h(x, t_x, t),
     LATERAL (SELECT crm_purchases_interval(fit, x, t_x, t, 39)) i(i),
     LATERAL (VALUES ('p alive', crm_p_alive(fit, x, t_x, t)), ('p later', crm_p_alive(fit, x, t_x, t, 39)),
                     ('p of none', crm_purchases_pmf(fit, x, t_x, t, 39, 0)), ('p of 3', crm_purchases_pmf(fit, x, t_x, t, 39, 3)),
                     ('expected', crm_expected_purchases(fit, x, t_x, t, 39)),
                     ('ever', crm_discounted_purchases(fit, x, t_x, t, 0.15)),
                     ('lower', (i.i).lower), ('upper', (i.i).upper)) v(what, got)
WHERE label NOT LIKE 'tiny%';
SELECT count(*) > 3000 AS many,
       count(*) FILTER (WHERE (got >= 0 AND got < 'Infinity') IS NOT TRUE) AS bad,
       count(*) FILTER (WHERE what LIKE 'p %' AND got > 1) AS impossible
FROM hard_prediction;

-- The same for spend.
CREATE TEMP TABLE hard_spend (label text, x float8, m float8);
INSERT INTO hard_spend VALUES ('one', 3, 25), ('two', 3, 25), ('two', 1, 40), ('absurd', 3, 1e300), ('absurd', 1, 1e305),
    ('tiny', 2, 1e-300), ('tiny', 3, 1e-302), ('large x', 1e9, 20), ('large x', 2, 30), ('large x', 1, 10);
INSERT INTO hard_spend SELECT 'all alike', 2, 30 FROM generate_series(1, 100);
INSERT INTO hard_spend SELECT 'one mean', 1 + i % 5, 30 FROM generate_series(1, 100) i;
INSERT INTO hard_spend SELECT 'heavy tail', 1 + i % 3, exp((i / 20.0) ^ 2) FROM generate_series(1, 100) i;
INSERT INTO hard_spend SELECT 'two prices', 1 + i % 3, CASE WHEN i % 2 = 0 THEN 10 ELSE 1000 END FROM generate_series(1, 100) i;
CREATE TEMP TABLE hard_spend_model AS
SELECT label, crm_spend_fit(x, m) AS fit FROM hard_spend GROUP BY label;
SELECT label, i.status, crm_spend_correlation(fit) IS NULL AS no_correlation
FROM hard_spend_model, LATERAL crm_model_info(fit) i ORDER BY label COLLATE "C";
SELECT label, i.*, crm_expected_spend(fit), crm_expected_spend(fit, 2, 30)
FROM hard_spend_model, LATERAL crm_model_info(fit) i
WHERE i.status NOT IN ('converged', 'boundary', 'ridge')
   OR EXISTS (SELECT FROM unnest(i.parameters) p WHERE (p > 0 AND p < 'Infinity') IS NOT TRUE)
   OR (i.std_errors IS NULL) <> (i.status <> 'converged')
   OR (i.log_likelihood > '-Infinity' AND i.log_likelihood < 'Infinity') IS NOT TRUE
   OR (crm_expected_spend(fit, 2, 30) > 0 AND crm_expected_spend(fit, 2, 30) < 'Infinity') IS NOT TRUE
   OR crm_expected_spend(fit) IN ('NaN', 'Infinity');

-- Frequency and spend that go together are reported, in either direction.
SELECT crm_spend_correlation(crm_spend_fit(x, 10 + 5 * x + cust % 20)) > 0.3 AS correlated FROM simulated WHERE x > 0;
SELECT crm_spend_correlation(crm_spend_fit(x, 200 / x + cust % 20)) < -0.3 AS correlated FROM simulated WHERE x > 0;

-- No rows, no model; rows without a history are no rows.
SELECT crm_btyd_fit('bg/nbd', NULL::crm_rfm) IS NULL AS null_rfm,
       crm_btyd_fit('bg/nbd', NULL, 1, 2) IS NULL AS null_frequency,
       crm_btyd_fit('bg/nbd', 1, 1, 2, NULL) IS NULL AS null_weight,
       crm_btyd_fit('bg/nbd', 1, 1, 2, 0) IS NULL AS zero_weight,
       crm_btyd_agg(NULL::crm_rfm) IS NULL AS no_data,
       crm_rollup(NULL::crm_btyd_data) IS NULL AS no_rollup,
       crm_btyd_fit('bg/nbd', NULL::crm_btyd_data) IS NULL AS null_data,
       crm_btyd_fit('bg/nbd', 'crm_btyd_data:1 unit_days=7 rows=[]'::crm_btyd_data) IS NULL AS empty_data,
       crm_spend_fit(NULL::crm_rfm) IS NULL AS null_spend,
       crm_spend_fit(0, 5) IS NULL AS no_paid_purchase,
       crm_spend_fit(2, NULL) IS NULL AS null_monetary,
       crm_btyd_fit('bg/nbd', ROW(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::crm_rfm) IS NULL AS null_columns;
SELECT crm_btyd_fit('bg/nbd', x, t_x, t) IS NULL AS no_rows, crm_spend_fit(x, t) IS NULL AS no_spend_rows
FROM simulated WHERE false;

-- ---------------------------------------------------------------------------
-- Options
-- ---------------------------------------------------------------------------
-- A prior on ln(s) around ln(3): a firm one decides, a flat one does nothing,
-- others come out between.  Where 60 customers leave s and beta on a ridge, it
-- gives a model.  The log-likelihood is that of the data without the prior.
CREATE TEMP TABLE prior_model AS
SELECT log_sd, crm_btyd_fit('pareto/nbd', x, t_x, t, 1, '7 days', jsonb_build_object('prior', jsonb_build_object('s', ARRAY[3, log_sd]))) AS fit
FROM simulated, unnest(ARRAY[1e-6, 0.1, 0.3, 1, 1e6]) log_sd GROUP BY log_sd;
SELECT log_sd, i.status, i.prior, round(i.parameters[3]::numeric, 3) BETWEEN 0 AND 3 AS between,
       i.parameters[3] > lead(i.parameters[3], 1, 0) OVER (ORDER BY log_sd) AS nearer_than_next,
       CASE log_sd WHEN 1e-6 THEN abs(i.parameters[3] - 3) < 1e-5
                   WHEN 1e6 THEN abs(i.parameters[3] / mle.parameters[3] - 1) < 1e-6 END AS limit_right,
       abs(i.log_likelihood - crm_log_likelihood(fit, data)) < 1e-7 AS likelihood_without_prior
FROM prior_model, LATERAL crm_model_info(fit) i,
     (SELECT crm_btyd_agg(x, t_x, t) AS data FROM simulated) d,
     (SELECT parameters FROM simulated_model, crm_model_info(fit) WHERE name = 'pareto/nbd') mle
ORDER BY log_sd;
-- The mode of the posterior: nothing around is more likely.
SELECT count(*) AS neighbours, count(*) FILTER (WHERE there >= here) AS higher
FROM prior_model, LATERAL crm_model_info(fit) i,
     (SELECT crm_btyd_agg(x, t_x, t) AS data FROM simulated) d,
     unnest(ARRAY[0.995, 1.005]) f, generate_series(1, 4) k,
     LATERAL (SELECT array_agg(CASE WHEN n = k THEN v * f ELSE v END ORDER BY n)
              FROM unnest(i.parameters) WITH ORDINALITY u(v, n)) c(p),
     LATERAL (SELECT crm_log_likelihood(crm_btyd_model('pareto/nbd', p), data) - (ln(p[3] / 3) / log_sd) ^ 2 / 2,
                     crm_log_likelihood(fit, data) - (ln(i.parameters[3] / 3) / log_sd) ^ 2 / 2) q(there, here)
WHERE log_sd BETWEEN 0.1 AND 1;
SELECT crm_model_status(crm_btyd_fit('pareto/nbd', x, t_x, t)) AS without,
       crm_model_status(crm_btyd_fit('pareto/nbd', x, t_x, t, 1, NULL,
           '{"prior": {"r": [1, 1], "alpha": [10, 1], "s": [1, 1], "beta": [10, 1]}}')) AS with_prior
FROM hard WHERE label = 'one customer';
-- The spend model takes them as well.
SELECT i.prior, i.status, i.parameters[2] BETWEEN 1.99 AND 2.01 AS prior_decides
FROM (SELECT crm_spend_fit(x, 10 + cust % 37, 1, '{"prior": {"q": [2, 0.001]}, "max_iterations": 200}') AS fit FROM simulated) f,
     LATERAL crm_model_info(fit) i;
-- Too few iterations are a failure that says so.
SELECT crm_model_status(crm_btyd_fit('pareto/nbd', x, t_x, t, 1, '7 days', '{"max_iterations": 1}')) AS one_iteration,
       crm_model_status(crm_btyd_fit('pareto/nbd', x, t_x, t, 1, '7 days', '{}')) AS default_iterations,
       crm_model_status(crm_btyd_fit('pareto/nbd', x, t_x, t, 1, '7 days', NULL)) AS null_options
FROM simulated;

\pset format unaligned
\pset tuples_only on
SELECT pg_temp.error_of(format('SELECT crm_btyd_fit(''bg/nbd'', 1, 2, 3, 1, NULL, %L)', options))
FROM (VALUES (1, '{"max_iteration": 5}'), (2, '{"max_iterations": "5"}'), (3, '{"max_iterations": 0}'),
             (4, '{"max_iterations": 2.5}'), (5, '{"max_iterations": 1e9}'), (6, '{"prior": 3}'),
             (7, '{"prior": {"s": [1, 1]}}'), (8, '{"prior": {"a": 1}}'), (9, '{"prior": {"a": [1]}}'),
             (10, '{"prior": {"a": [1, "x"]}}'), (11, '{"prior": {"a": [-1, 1]}}'), (12, '{"prior": {"a": [1, 0]}}'),
             (13, '[1]'), (14, '"fast"'), (15, '{"prior": [1, 2]}')) v(i, options) ORDER BY i;
SELECT pg_temp.error_of($$SELECT crm_spend_fit(1, 2, 1, '{"prior": {"a": [1, 1]}}')$$);
SELECT pg_temp.error_of($$SELECT crm_spend_fit(1, 2, 1, '{"tolerance": 1}')$$);
SELECT pg_temp.error_of($$SELECT crm_btyd_fit('bg/nbd', 'crm_btyd_data:1 unit_days=7 rows=[1,2,3,4]'::crm_btyd_data, '{"tolerance": 1}')$$);
SELECT pg_temp.error_of($$SELECT crm_btyd_fit('bg/nbd', x, t_x, t, 1, NULL, CASE WHEN cust % 2 = 0 THEN '{"max_iterations": 5}'::jsonb END) FROM simulated$$);
SELECT pg_temp.error_of($$SELECT crm_spend_fit(x, t, 1, jsonb_build_object('max_iterations', cust)) FROM simulated WHERE x > 0$$);
SELECT pg_temp.error_of($$SELECT crm_btyd_fit(CASE WHEN cust % 2 = 0 THEN 'bg/nbd' ELSE 'mbg/nbd' END, x, t_x, t) FROM simulated$$);

-- ---------------------------------------------------------------------------
-- Bad input
-- ---------------------------------------------------------------------------
SELECT pg_temp.error_of(format('SELECT crm_btyd_fit(%s)', args))
FROM (VALUES (1, $$'pareto', 1, 2, 3$$), (2, $$'', 1, 2, 3$$), (3, $$NULL, 1, 2, 3$$),
             (4, $$'bg/nbd', 1, 4, 3$$), (5, $$'bg/nbd', 0, 1, 3$$), (6, $$'bg/nbd', 1, 0, 3$$),
             (7, $$'bg/nbd', -1, 2, 3$$), (8, $$'bg/nbd', 1, -2, 3$$), (9, $$'bg/nbd', 0, 0, -3$$),
             (10, $$'bg/nbd', 1.5, 2, 3$$), (11, $$'bg/nbd', 'NaN', 2, 3$$), (12, $$'bg/nbd', 1, 'NaN', 3$$),
             (13, $$'bg/nbd', 1, 2, 'NaN'$$), (14, $$'bg/nbd', 1, 2, 'Infinity'$$), (15, $$'bg/nbd', 'Infinity', 2, 3$$),
             (16, $$'bg/nbd', 1, 2, 3, -1$$), (17, $$'bg/nbd', 1, 2, 3, 'NaN'$$), (18, $$'bg/nbd', 1, 2, 3, 'Infinity'$$),
             (19, $$'bg/nbd', 1, 2, 3, 1, '1 month'$$), (20, $$'bg/nbd', 1, 2, 3, 1, '0 days'$$),
             (21, $$'geometric', 'crm_btyd_data:1 unit_days=7 rows=[1,2,3,4]'::crm_btyd_data$$)) v(i, args) ORDER BY i;
-- One fit, one time unit
SELECT pg_temp.error_of($$SELECT crm_btyd_fit('bg/nbd', 1, 2, 3, 1, i * interval '1 day') FROM generate_series(7, 8) i$$);
SELECT pg_temp.error_of($$SELECT crm_btyd_agg(crm_rfm) FROM (SELECT crm_rfm(date '2025-01-01', 1.0, date '2025-03-01', i * interval '1 day') FROM generate_series(1, 2) i GROUP BY i) s$$);
SELECT pg_temp.error_of($$SELECT crm_rollup(d) FROM unnest(ARRAY['crm_btyd_data:1 unit_days=7 rows=[1,2,3,4]', 'crm_btyd_data:1 unit_days=1 rows=[1,2,3,4]']::crm_btyd_data[]) d$$);
SELECT pg_temp.error_of($$SELECT crm_log_likelihood(crm_btyd_model('bg/nbd', '{1,1,1,1}', '1 day'), 'crm_btyd_data:1 unit_days=7 rows=[1,2,3,4]'::crm_btyd_data)$$);
SELECT pg_temp.error_of($$SELECT crm_p_alive(crm_btyd_model('bg/nbd', '{1,1,1,1}', '1 day'), crm_rfm(date '2025-01-01', 1.0, date '2025-03-01'))$$);
-- Histories in a crm_rfm that nobody's orders give
SELECT pg_temp.error_of(format('SELECT crm_btyd_fit(''bg/nbd'', %s::crm_rfm)', r))
FROM (VALUES (1, 'ROW(1, 5, 4, NULL, 0, 7, NULL, NULL, 2, NULL, NULL)'), (2, 'ROW(-1, 3, 4, NULL, 0, 7, NULL, NULL, 2, NULL, NULL)'),
             (3, 'ROW(1, 3, 4, NULL, 0, -7, NULL, NULL, 2, NULL, NULL)'), (4, 'ROW(1, 3, 4, -5, 1, 7, NULL, NULL, 2, NULL, NULL)'),
             (5, $$ROW(1, 3, 4, 'NaN', 1, 7, NULL, NULL, 2, NULL, NULL)$$), (6, 'ROW(1, 3, 4, 5, -1, 7, NULL, NULL, 2, NULL, NULL)'),
             (7, 'ROW(1, 3, 4, 5, 1, NULL, NULL, NULL, NULL, NULL, NULL)')) v(i, r) ORDER BY i;
-- Spend
SELECT pg_temp.error_of(format('SELECT crm_spend_fit(%s)', args))
FROM (VALUES (1, '1, 0'), (2, '1, -5'), (3, $$1, 'NaN'$$), (4, '1.5, 3'), (5, '-1, 3'), (6, '1, 3, -1'), (7, $$1, 'Infinity'$$)) v(i, args) ORDER BY i;
-- Models from parameters
SELECT pg_temp.error_of(format('SELECT crm_btyd_model(%s)', args))
FROM (VALUES (1, $$'pareto/nbd', '{1,2,3}'$$), (2, $$'bg/nbd', '{1,2,3,4,5}'$$), (3, $$'bg/nbd', '{}'$$),
             (4, $$'bg/nbd', '{{1,2},{3,4}}'$$), (5, $$'bg/nbd', '{1,NULL,3,4}'$$), (6, $$'pareto/nbd', '{1,2,-3,4}'$$),
             (7, $$'mbg/nbd', '{1,2,3,0}'$$), (8, $$'bg/nbd', '{1,NaN,3,4}'$$), (9, $$'bg/nbd', '{1,2,3,Infinity}'$$),
             (10, $$'weibull', '{1,2}'$$), (11, $$'bg/nbd', '{1,2,3,4}', '1 month'$$), (12, $$'bg/nbd', '{1,2,3,4}', '-1 day'$$)) v(i, args) ORDER BY i;
SELECT pg_temp.error_of(format('SELECT crm_spend_model(%s)', args))
FROM (VALUES (1, '0, 1, 1'), (2, '1, -1, 1'), (3, $$1, 1, 'NaN'$$), (4, $$1, 1, 'Infinity'$$)) v(i, args) ORDER BY i;
\pset tuples_only off
\pset format aligned
-- NULL in, NULL out; the name in any case; a slice of an array.
SELECT crm_btyd_model(NULL, '{1,2,3,4}') IS NULL AS no_name, crm_btyd_model('bg/nbd', NULL) IS NULL AS no_parameters,
       crm_spend_model(1, NULL, 3) IS NULL AS no_q,
       crm_btyd_model('Pareto/NBD', '[3:6]={1,2,3,4}')::text = crm_btyd_model('pareto/nbd', '{1,2,3,4}')::text AS same;

-- ---------------------------------------------------------------------------
-- Text, binary and jsonb forms
-- ---------------------------------------------------------------------------
-- A model from parameters; what nobody estimated is NULL.
SELECT crm_btyd_model('pareto/nbd', '{0.5,10,0.25,1e-7}', '1 day') AS model;
SELECT crm_spend_model(6.25, 3.74, 15.44) AS model;
SELECT crm_model_status(m) AS status, crm_log_likelihood(m) AS ll, crm_aic(m) AS aic, crm_bic(m) AS bic, p.*
FROM crm_btyd_model('bg/nbd', '{1,2,3,4}') m, crm_model_parameters(m) p;
SELECT i.* FROM crm_model_info(crm_btyd_model('mbg/nbd', '{1,2,3,4}', '28 days')) i;
SELECT i.* FROM crm_model_info(crm_spend_model(1, 2, 3)) i;
SELECT jsonb_pretty(crm_btyd_model('pareto/nbd', '{0.5,10,0.25,2.5}')::jsonb);
SELECT jsonb_pretty(crm_spend_model(1, 2, 3)::jsonb);
-- jsonb says what crm_model_info says.
SELECT name, fit::jsonb AS json
FROM simulated_model, LATERAL crm_model_info(fit) i
WHERE ((fit::jsonb)->>'model' = i.model AND (fit::jsonb)->>'status' = i.status
       AND ((fit::jsonb)->>'log_likelihood')::float8 = i.log_likelihood
       AND ((fit::jsonb)->>'aic')::float8 = i.aic AND ((fit::jsonb)->>'bic')::float8 = i.bic
       AND ((fit::jsonb)->>'customers')::float8 = i.customers AND ((fit::jsonb)->>'histories')::int = i.histories
       AND ((fit::jsonb)->>'iterations')::int = i.iterations AND ((fit::jsonb)->>'prior')::bool = i.prior
       AND ((fit::jsonb)->>'unit_days')::float8 = i.unit_days
       AND (SELECT bool_and(((fit::jsonb)->'parameters'->>p.name)::float8 = p.estimate
                            AND ((fit::jsonb)->'std_errors'->>p.name)::float8 = p.std_error)
            FROM crm_model_parameters(fit) p)) IS NOT TRUE;

-- All values made so far go through text and through COPY BINARY unchanged,
-- whatever extra_float_digits says.
CREATE TABLE model_value (id int GENERATED ALWAYS AS IDENTITY, value crm_btyd_model);
INSERT INTO model_value (value)
SELECT fit FROM hard_model UNION ALL SELECT fit FROM simulated_model UNION ALL SELECT fit FROM prior_model
UNION ALL SELECT crm_btyd_model('pareto/nbd', '{0.1,2.2250738585072014e-308,1.7976931348623157e308,5e-324}');
CREATE TABLE spend_value (id int GENERATED ALWAYS AS IDENTITY, value crm_spend_model);
INSERT INTO spend_value (value)
SELECT fit FROM hard_spend_model UNION ALL SELECT fit FROM spend_variant UNION ALL SELECT crm_spend_model(0.1, 1e300, 1e-300);
CREATE TABLE data_value (id int GENERATED ALWAYS AS IDENTITY, value crm_btyd_data);
INSERT INTO data_value (value)
SELECT data FROM hard_model UNION ALL SELECT data FROM simulated_part
UNION ALL SELECT 'crm_btyd_data:1 unit_days=0.041666666666666664 rows=[]'
UNION ALL SELECT 'crm_btyd_data:1 unit_days=7 rows=[0,0,0,0.1;2,1,3,1e300]';
SET extra_float_digits = 0;
CREATE TABLE model_copy (LIKE model_value);
CREATE TABLE spend_copy (LIKE spend_value);
CREATE TABLE data_copy (LIKE data_value);
\copy model_value TO PROGRAM 'cat > "$PG_ABS_BUILDDIR/results/clv_models_1.bin"' (FORMAT binary)
\copy spend_value TO PROGRAM 'cat > "$PG_ABS_BUILDDIR/results/clv_models_2.bin"' (FORMAT binary)
\copy data_value TO PROGRAM 'cat > "$PG_ABS_BUILDDIR/results/clv_models_3.bin"' (FORMAT binary)
\copy model_copy FROM PROGRAM 'cat "$PG_ABS_BUILDDIR/results/clv_models_1.bin"' (FORMAT binary)
\copy spend_copy FROM PROGRAM 'cat "$PG_ABS_BUILDDIR/results/clv_models_2.bin"' (FORMAT binary)
\copy data_copy FROM PROGRAM 'cat "$PG_ABS_BUILDDIR/results/clv_models_3.bin"' (FORMAT binary)
-- The stored bytes are compared through their send functions.
SELECT 'crm_btyd_model' AS type, count(*) > 40 AS many,
       count(*) FILTER (WHERE crm_btyd_model_send(v.value) IS DISTINCT FROM crm_btyd_model_send(c.value)) AS binary_differs,
       count(*) FILTER (WHERE crm_btyd_model_send(v.value) IS DISTINCT FROM crm_btyd_model_send(v.value::text::crm_btyd_model)) AS text_differs
FROM model_value v FULL JOIN model_copy c USING (id)
UNION ALL
SELECT 'crm_spend_model', count(*) > 10,
       count(*) FILTER (WHERE crm_spend_model_send(v.value) IS DISTINCT FROM crm_spend_model_send(c.value)),
       count(*) FILTER (WHERE crm_spend_model_send(v.value) IS DISTINCT FROM crm_spend_model_send(v.value::text::crm_spend_model))
FROM spend_value v FULL JOIN spend_copy c USING (id)
UNION ALL
SELECT 'crm_btyd_data', count(*) > 50,
       count(*) FILTER (WHERE crm_btyd_data_send(v.value) IS DISTINCT FROM crm_btyd_data_send(c.value)),
       count(*) FILTER (WHERE crm_btyd_data_send(v.value) IS DISTINCT FROM crm_btyd_data_send(v.value::text::crm_btyd_data))
FROM data_value v FULL JOIN data_copy c USING (id);
SET extra_float_digits = 1;
-- The same data in one form only: rows sorted, equal histories added up.
SELECT 'crm_btyd_data:1 unit_days=7 rows=[3,2,4,1;0,0,5,2;3,2,4,1.5]'::crm_btyd_data AS data;
SELECT crm_btyd_data_customers(d) AS customers, crm_btyd_data_histories(d) AS histories
FROM unnest(ARRAY['crm_btyd_data:1 unit_days=7 rows=[3,2,4,1;0,0,5,2;3,2,4,1.5]', 'crm_btyd_data:1 unit_days=7 rows=[]']::crm_btyd_data[]) d;

-- Malformed text
\pset format unaligned
\pset tuples_only on
SELECT pg_temp.error_of(format('SELECT %L::crm_btyd_data', t))
FROM (VALUES (1, ''), (2, 'x'), (3, 'crm_btyd_data'), (4, 'crm_btyd_data:2 unit_days=7 rows=[]'), (5, 'crm_btyd_data:0 unit_days=7 rows=[]'),
             (6, 'crm_btyd_data:1'), (7, 'crm_btyd_data:1 rows=[]'), (8, 'crm_btyd_data:1 unit_days=0 rows=[]'),
             (9, 'crm_btyd_data:1 unit_days=NaN rows=[]'), (10, 'crm_btyd_data:1 unit_days=7 rows=[1,2,3]'),
             (11, 'crm_btyd_data:1 unit_days=7 rows=[1,2,3,4'), (12, 'crm_btyd_data:1 unit_days=7 rows=[1,2,3,4,5]'),
             (13, 'crm_btyd_data:1 unit_days=7 rows=[1,2,3,4] more'), (14, 'crm_btyd_data:1 unit_days=7 rows=[1,4,3,1]'),
             (15, 'crm_btyd_data:1 unit_days=7 rows=[1,2,3,0]'), (16, 'crm_btyd_data:1 unit_days=7 rows=[1,2,3,1e400]'),
             (17, 'crm_btyd_data:1 unit_days=7 rows=[1,2,3,0x10]'), (18, 'crm_btyd_data:1 unit_days=7 rows=[1,2,3,1;]'),
             (19, 'crm_btyd_data:1 unit_days=7 rows=[1,2,3,1e308;1,2,3,1e308]'), (20, 'crm_btyd_model:1 unit_days=7 rows=[]')) v(i, t) ORDER BY i;
SELECT pg_temp.error_of(format('SELECT %L::crm_btyd_model', replace(
    'crm_btyd_model:1 model=bg/nbd status=converged unit_days=7 customers=10 histories=5 iterations=3 log_likelihood=-20 parameters=[1,2,3,4] prior=0 covariance=[1,0,1,0,0,1,0,0,0,1]', a, b)))
FROM (VALUES (1, 'zzz', ''), (2, 'crm_btyd_model:1', 'crm_btyd_model:9'), (3, 'bg/nbd', 'weibull'), (4, 'converged', 'fine'), (5, 'converged', 'known'),
             (6, 'unit_days=7', 'unit_days=-7'), (7, 'customers=10', 'customers=0'), (8, 'customers=10', 'customers=-1'), (9, 'histories=5', 'histories=-5'),
             (10, 'histories=5', 'histories=99999999999999999999'), (11, 'iterations=3', 'iterations=-9000000000'), (12, 'iterations=3', 'iterations='),
             (13, '[1,2,3,4]', '[1,2,3]'), (14, '[1,2,3,4]', '[1,2,3,4,5]'), (15, '[1,2,3,4]', '[1,2,3,-4]'), (16, '[1,2,3,4]', '[1,2,,4]'),
             (17, ',0,0,0,1]', ']'), (18, '[1,0,1', '[-1,0,1'), (19, ' covariance', '  covariance'), (20, 'prior=0', 'prior=yes'),
             (21, '0,0,0,1]', '0,0,0,1'), (22, '-20', 'NaN'), (23, 'log_likelihood', 'likelihood')) v(i, a, b) ORDER BY i;
SELECT pg_temp.error_of(format('SELECT %L::crm_spend_model', replace(
    'crm_spend_model:1 status=converged customers=10 rows=5 iterations=3 log_likelihood=-20 parameters=[1,2,3] prior=1 correlation=0.5 covariance=[1,0,1,0,0,1]', a, b)))
FROM (VALUES (1, 'zzz', ''), (2, ':1 ', ':7 '), (3, 'converged', 'maybe'), (4, 'rows=5', 'rows=x'), (5, '[1,2,3]', '[1,2]'), (6, '[1,2,3]', '[1,0,3]'),
             (7, '=0.5', '=1.5'), (8, '0,0,1]', '0,0,-1]'), (9, '0,0,1]', '0,0,1,1]'), (10, 'customers=10', 'customers=0'), (11, ' prior=1', '')) v(i, a, b) ORDER BY i;
\pset tuples_only off
\pset format aligned

-- Damaged binary input: every byte of a value in turn with some bits changed,
-- and every length.  It is refused, or read as a value that works and has a text
-- form of its own; the server stays up.
TRUNCATE model_copy, spend_copy, data_copy;
ALTER TABLE model_copy DROP COLUMN id;
ALTER TABLE spend_copy DROP COLUMN id;
ALTER TABLE data_copy DROP COLUMN id;
CREATE FUNCTION pg_temp.receive(type text, bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    file text := current_setting('data_directory') || '/crm_forged.bin';
    copy text := CASE type WHEN 'crm_btyd_model' THEN 'model_copy' WHEN 'crm_spend_model' THEN 'spend_copy' ELSE 'data_copy' END;
    state text; stored bytea; again bytea;
BEGIN
    EXECUTE format('COPY (SELECT %L::bytea) TO %L (FORMAT binary)', bytes, file);
    EXECUTE format('COPY %I FROM %L (FORMAT binary)', copy, file);
    EXECUTE format('SELECT %1$I_send(value), %1$I_send(value::text::%1$I) FROM %2$I', type, copy) INTO stored, again;
    EXECUTE format('DELETE FROM %I', copy);
    RETURN CASE WHEN stored = again THEN 'read' ELSE 'text differs' END;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE;
    -- 08P01 and 22P03: the message ends early, or late; 22023: a bad value
    RETURN CASE WHEN state IN ('08P01', '22P03', '22023', '54000') THEN 'refused' ELSE SQLSTATE || ' ' || SQLERRM END;
END $$;
CREATE TEMP TABLE sound AS
SELECT 'crm_btyd_model' AS type, crm_btyd_model_send(fit) AS bytes FROM simulated_model WHERE name = 'bg/nbd'
UNION ALL SELECT 'crm_spend_model', crm_spend_model_send(fit) FROM spend_variant WHERE label = 'serial'
UNION ALL SELECT 'crm_btyd_data', crm_btyd_data_send('crm_btyd_data:1 unit_days=7 rows=[0,0,30,5;2,7.5,40,1]');
SELECT type, pg_temp.receive(type, bytes) AS as_it_is FROM sound ORDER BY type;
CREATE TEMP TABLE damage AS
SELECT type, what, pg_temp.receive(type, damaged) AS outcome
FROM (SELECT type, 'bits' AS what, set_byte(bytes, i, get_byte(bytes, i) # mask) AS damaged
      FROM sound, generate_series(0, length(bytes) - 1) i, unnest(ARRAY[1, 255]) mask
      UNION ALL
      SELECT type, 'cut', substr(bytes, 1, i) FROM sound, generate_series(0, length(bytes) - 1) i
      UNION ALL
      SELECT type, 'long', bytes || '\x00' FROM sound) d;
SELECT type, what, count(*) AS values, count(*) FILTER (WHERE outcome NOT IN ('read', 'refused')) AS bad,
       bool_and(outcome = 'refused') AS all_refused
FROM damage GROUP BY type, what ORDER BY type, what;
SELECT DISTINCT type, what, outcome FROM damage WHERE outcome NOT IN ('read', 'refused');
COPY (SELECT 1 WHERE false) TO PROGRAM 'rm -f crm_forged.bin';

-- A bytea cannot pass for a value.
SELECT pg_temp.error_of($$SELECT '\x00'::bytea::crm_btyd_model$$);

DROP TABLE simulated, simulated_part, model_value, model_copy, spend_value, spend_copy, data_value, data_copy;
