-- Purchase models with priors, with little data, and in their limits.
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

CREATE TABLE customer (x float8, recency_days float8, age_days float8, member float8, score float8, region float8);
\copy customer FROM PROGRAM 'cat "$PG_ABS_SRCDIR/data/clv_covariates.csv"' (FORMAT csv, HEADER)
ALTER TABLE customer ADD t_x float8, ADD t float8, ADD id serial;
UPDATE customer SET t_x = recency_days / 7, t = age_days / 7;

-- ---------------------------------------------------------------------------
-- The weak prior
-- ---------------------------------------------------------------------------
-- The first 60 customers, and the maxima a posteriori by test/data/clv_covariates.py:
-- medians 1, mean age for alpha and beta, 1.5 for the standard deviation of all
-- logarithms.
CREATE TABLE reference (name text, estimates float8[], std_errors float8[], log_likelihood float8, weights float8[]);
INSERT INTO reference VALUES
    ('pareto/nbd', '{0.9637698549,2.658908899,0.3834726938,1.417309186}', '{0.45322608,1.0471413,0.1239116,1.3046484}', -621.635990696, '{0.098288023,0.068932042,0.046405828,0.37659562}'),
    ('bg/nbd', '{0.2758851218,0.8915196355,0.2335120212,1.064820881}', '{0.059147808,0.30447543,0.096165181,0.63957736}', -627.462070105, '{0.020428582,0.051839423,0.07537628,0.16034319}'),
    ('mbg/nbd', '{1.862279322,3.257044844,0.3041010352,0.4144218808}', '{0.60735338,1.1561902,0.089210471,0.16780382}', -620.446439431, '{0.047272736,0.056005228,0.038248407,0.072867828}');
CREATE TABLE fitted AS
SELECT name, crm_btyd_fit(name, x, t_x, t, 1, '7 days', '{"prior": "weak"}') AS model, avg(t) AS mean_age
FROM customer, reference WHERE id <= 60 GROUP BY name;
SELECT f.name, crm_model_status(model), p.*, r.*
FROM fitted f JOIN reference r ON r.name = f.name,
     LATERAL (SELECT *, row_number() OVER () AS i FROM crm_model_parameters(model)) p
WHERE (abs(p.estimate - r.estimates[i]) <= 1e-6 * r.estimates[i]
       AND abs(p.std_error - r.std_errors[i]) <= 1e-5 * r.std_errors[i]
       AND abs(p.prior_weight - r.weights[i]) <= 1e-5 * r.weights[i]
       AND abs(crm_log_likelihood(model) - r.log_likelihood) <= 1e-7
       AND crm_model_status(model) = 'converged') IS NOT TRUE;
-- It can be seen: medians and weights, in each report.
SELECT f.name, i.prior, i.names, ARRAY(SELECT round(m::numeric, 9) = CASE WHEN n IN ('alpha', 'beta') THEN round(mean_age::numeric, 9) ELSE 1 END
                                     FROM unnest(i.prior_medians, i.names) u(m, n)) AS medians,
       i.prior_weights = ARRAY(SELECT prior_weight FROM crm_model_parameters(f.model)) AS weights,
       (SELECT bool_and((f.model::jsonb->'prior_weights'->>n)::float8 = w) FROM unnest(i.prior_weights, i.names) u(w, n)) AS json
FROM fitted f, crm_model_info(f.model) i ORDER BY 1;
-- A prior on one parameter: the others have no median and no weight.
SELECT p.name, p.prior_weight BETWEEN 0.001 AND 0.999 AS weight, j->'prior' AS prior, j->'prior_medians'->p.name AS median, j->'prior_weights'->p.name IS NOT NULL AS in_json
FROM (SELECT crm_btyd_fit('pareto/nbd', x, t_x, t, 1, '7 days', '{"prior": {"s": [0.25, 0.5]}}') AS model FROM customer) f,
     crm_model_parameters(model) p, LATERAL (SELECT model::jsonb) l(j);
-- More data, less prior; and none without one.
SELECT n, bool_and(p.prior_weight < previous) AS less, i.prior
FROM (SELECT n, p.*, model, lag(p.prior_weight) OVER (PARTITION BY p.name ORDER BY n) AS previous
      FROM (SELECT n, crm_btyd_fit('pareto/nbd', x, t_x, t, n, NULL, '{"prior": "weak"}') AS model
            FROM customer, unnest(ARRAY[1, 4, 16, 64]) n GROUP BY n) f, crm_model_parameters(model) p) p, crm_model_info(model) i
GROUP BY n, i.prior ORDER BY n;
SELECT i.prior, i.prior_medians, i.prior_weights, f.model::jsonb ? 'prior_weights' AS json
FROM (SELECT crm_btyd_fit('pareto/nbd', x, t_x, t) AS model FROM customer) f, crm_model_info(f.model) i;
-- Its scale is the data's: in days the same model, alpha and beta times 7.
SELECT w.name, abs(p.estimate / (q.estimate * CASE WHEN p.name IN ('alpha', 'beta') THEN 7 ELSE 1 END) - 1) < 1e-6 AS estimate,
       abs(p.prior_weight / q.prior_weight - 1) < 1e-6 AS weight
FROM fitted w, crm_model_parameters(w.model) q,
     (SELECT name, crm_btyd_fit(name, x, recency_days, age_days, 1, '1 day', '{"prior": "weak"}') AS model
      FROM customer, reference WHERE id <= 60 GROUP BY name) d, crm_model_parameters(d.model) p
WHERE d.name = w.name AND p.name = q.name ORDER BY w.name, p.name;
-- With covariates it is the prior of those with all covariates zero.
SELECT name, crm_model_status(model), (SELECT array_agg(prior_weight > 0) FROM crm_model_parameters(model)) AS weights
FROM (SELECT name, crm_btyd_fit(name, x, t_x, t, ARRAY[member], '{"prior": "weak", "ridge": [1, 0]}') AS model
      FROM customer, reference WHERE id <= 60 GROUP BY name) f ORDER BY name;

-- Where the likelihood alone has no maximum, or none of use
CREATE TABLE hard AS
SELECT 'one customer, never back' AS what, 0::float8 AS x, 0::float8 AS t_x, 30::float8 AS t
UNION ALL SELECT 'one customer', 3, 10, 20
UNION ALL SELECT 'nobody came back', 0, 0, 10 + i FROM generate_series(1, 60) i
UNION ALL SELECT 'nobody leaves', 2 + i % 5, 30, 30 FROM generate_series(1, 60) i
UNION ALL SELECT 'all alike', 3, 10, 20 FROM generate_series(1, 60) i
UNION ALL SELECT 'all leave at once', i % 2, (i % 2) * 0.5, 50 FROM generate_series(1, 60) i
UNION ALL SELECT 'one buys a lot', CASE WHEN i = 1 THEN 500 ELSE 0 END, CASE WHEN i = 1 THEN 49 ELSE 0 END, 50 FROM generate_series(1, 60) i;
SELECT what, name, crm_model_status(flat) AS without, crm_model_status(weak) AS weak,
       CASE WHEN crm_model_status(weak) = 'converged' THEN (SELECT bool_and(prior_weight > 0 AND prior_weight <= 1 AND std_error < 20 * estimate) FROM crm_model_parameters(weak)) END AS known
FROM (SELECT what, name, crm_btyd_fit(name, x, t_x, t) AS flat, crm_btyd_fit(name, x, t_x, t, 1, NULL, '{"prior": "weak"}') AS weak
      FROM hard, unnest(ARRAY['pareto/nbd', 'bg/nbd', 'mbg/nbd']) name GROUP BY what, name) f ORDER BY what, name;

-- 30 worlds of 60 customers, Pareto/NBD with r = 1, alpha = 6, s = 1, beta = 12:
-- with the weak prior each has a maximum, and the truth is within three standard
-- errors of the logarithm for all but a few (by chance, 0.3 of 120).
CREATE TABLE world AS
WITH customer AS (
    SELECT world, cust, -ln(pg_temp.uniform(cust, 'rate' || world)) / 6 AS rate,
           -ln(pg_temp.uniform(cust, 'life' || world)) / (-ln(pg_temp.uniform(cust, 'dropout' || world)) / 12) AS life,
           20 + floor(pg_temp.uniform(cust, 'age' || world) * 30) AS age
    FROM generate_series(1, 30) world, generate_series(1, 60) cust
), purchase AS (
    SELECT world, cust, sum(-ln(pg_temp.uniform(cust * 100 + i, 'wait' || world)) / rate)
                 OVER (PARTITION BY world, cust ORDER BY i) AS at, life, age
    FROM customer, generate_series(1, 60) i
), kept AS (
    SELECT world, cust, count(*) AS x, max(at) AS t_x FROM purchase WHERE at <= least(life, age) GROUP BY world, cust
)
SELECT world, cust, coalesce(x, 0)::float8 AS x, coalesce(t_x, 0) AS t_x, age AS t
FROM customer LEFT JOIN kept USING (world, cust);
SELECT count(DISTINCT world) AS worlds, bool_and(crm_model_status(model) = 'converged') AS all_converged,
       count(*) FILTER (WHERE abs(ln(estimate / truth)) > 3 * std_error / estimate) <= 4 AS cover
FROM (SELECT world, crm_btyd_fit('pareto/nbd', x, t_x, t, 1, NULL, '{"prior": "weak"}') AS model FROM world GROUP BY world) f,
     crm_model_parameters(model) p
JOIN (VALUES ('r', 1), ('alpha', 6), ('s', 1), ('beta', 12)) v(name, truth) USING (name);
-- Without it some end in a limit of the model, and none fails.
SELECT bool_or(status IN ('boundary', 'ridge')) AS some_limits, bool_and(status <> 'failed') AS none_failed
FROM (SELECT crm_model_status(crm_btyd_fit('pareto/nbd', x, t_x, t)) AS status FROM world GROUP BY world) f;

-- ---------------------------------------------------------------------------
-- Iterations
-- ---------------------------------------------------------------------------
-- max_iterations counts every pass over the customers, those that look for limits
-- of the model too; a fit that is cut short says so.
SELECT what, name, n, i.iterations <= n AS within, CASE WHEN n = 1 THEN i.status END AS status
FROM (SELECT what, name, n, crm_btyd_fit(name, x, t_x, t, 1, NULL, jsonb_build_object('max_iterations', n)) AS model
      FROM hard, unnest(ARRAY['pareto/nbd', 'bg/nbd', 'mbg/nbd']) name, unnest(ARRAY[1, 3, 10, 60]) n
      WHERE what IN ('nobody leaves', 'all alike') GROUP BY what, name, n) f, crm_model_info(model) i
WHERE NOT i.iterations <= n OR n = 1 ORDER BY 1, 2, 3;
SELECT i.iterations <= 1 AS within, i.status FROM (SELECT crm_btyd_fit('bg/nbd', x, t_x, t, 1, NULL, '{"max_iterations": 1}') AS model FROM customer) f, crm_model_info(f.model) i;
-- Enough is enough, whatever the limit.
SELECT count(DISTINCT crm_model_status(model)) AS same
FROM (SELECT crm_btyd_fit('pareto/nbd', x, t_x, t, 1, NULL, jsonb_build_object('max_iterations', n)) AS model
      FROM hard, unnest(ARRAY[100, 500, 10000]) n WHERE what = 'nobody leaves' GROUP BY n) f;

-- ---------------------------------------------------------------------------
-- Parameters of limits are round numbers
-- ---------------------------------------------------------------------------
-- prints offenders: a parameter that a limit holds, but not exactly
CREATE TABLE limits AS
SELECT what, f.name, p.name AS parameter, p.estimate
FROM (SELECT what, name, crm_btyd_fit(name, x, t_x, t) AS model
      FROM hard, unnest(ARRAY['pareto/nbd', 'bg/nbd', 'mbg/nbd']) name GROUP BY what, name) f, crm_model_parameters(model) p
WHERE crm_model_status(model) IN ('boundary', 'ridge');
SELECT * FROM limits WHERE (abs(estimate / 1e-8 - 1) < 1e-4 AND estimate <> 1e-8) OR (abs(estimate / 1e7 - 1) < 1e-4 AND estimate <> 1e7);
SELECT parameter, count(*) FILTER (WHERE estimate = 1e-8) > 0 AS zero, count(*) FILTER (WHERE estimate = 1e7) > 0 AS infinite
FROM limits GROUP BY parameter ORDER BY parameter;

-- ---------------------------------------------------------------------------
-- Options, forms
-- ---------------------------------------------------------------------------
SELECT options, pg_temp.error_of(format('SELECT crm_btyd_fit(''bg/nbd'', 1, 2, 3, 1, NULL, %L)', options))
FROM unnest(ARRAY['{"prior": "weak"}', '{"prior": "strong"}', '{"prior": ""}', '{"prior": true}', '{"prior": ["weak"]}', '{"prior": "weak", "ridge": 1}']) options;
SELECT pg_temp.error_of($$SELECT crm_spend_fit(1, 2, 1, '{"prior": "weak"}')$$);
SELECT count(*), bool_and(crm_btyd_model_send(model) = crm_btyd_model_send(model::text::crm_btyd_model)) AS text_same FROM fitted;
SELECT 'crm_btyd_model:1 model=bg/nbd status=ridge unit_days=7 customers=4 histories=3 iterations=5 log_likelihood=-10 parameters=[1,2,3,4] prior=1 prior_mean=[0,2.5,0,0] prior_sd=[1.5,1.5,0,0]'::crm_btyd_model;
SELECT pg_temp.error_of(format('SELECT %L::crm_btyd_model', 'crm_btyd_model:1 model=bg/nbd status=ridge unit_days=7 customers=4 histories=3 iterations=5 log_likelihood=-10 parameters=[1,2,3,4] ' || rest))
FROM unnest(ARRAY['prior=1', 'prior=1 prior_mean=[1,2,3] prior_sd=[1,1,1]', 'prior=1 prior_mean=[1,2,3,4]', 'prior=1 prior_mean=[1,2,3,4] prior_sd=[1,1,1,-1]',
                  'prior=1 prior_mean=[1,2,3,NaN] prior_sd=[1,1,1,1]', 'prior=0 prior_mean=[1,2,3,4] prior_sd=[1,1,1,1]']) rest;

DROP TABLE customer, reference, fitted, hard, world, limits;
