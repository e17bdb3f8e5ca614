-- Purchase models with covariates of the customers.
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
-- Against an independent implementation
-- ---------------------------------------------------------------------------
-- 400 customers and the maxima of their likelihoods by test/data/clv_covariates.py:
-- 80-bit arithmetic, derivatives by differences.
CREATE TABLE customer (x float8, recency_days float8, age_days float8, member float8, score float8, region float8);
\copy customer FROM PROGRAM 'cat "$PG_ABS_SRCDIR/data/clv_covariates.csv"' (FORMAT csv, HEADER)
ALTER TABLE customer ADD t_x float8, ADD t float8, ADD id serial;
UPDATE customer SET t_x = recency_days / 7, t = age_days / 7;
CREATE TABLE reference (label text, name text, estimates float8[], std_errors float8[], log_likelihood float8);
INSERT INTO reference VALUES
    ('both', 'pareto/nbd', '{1.07628418,3.749016553,0.4841838926,8.930379087,0.8820010361,-0.1867130701,-1.216770985,0.6074689179}', '{0.17979861,0.96288169,0.091464674,5.4800501,0.14168764,0.064638274,0.34037194,0.16376974}', -3774.03192866),
    ('both', 'bg/nbd', '{0.3045212585,0.938225864,0.1769393248,0.7625145691,1.224930957,-0.3228659056,-0.8964703108,0.4653714191}', '{0.028376818,0.32984357,0.1153074,0.52699779,0.21366921,0.10114494,0.47171676,0.21628583}', -3819.5699747),
    ('both', 'mbg/nbd', '{1.532538059,3.725150205,0.2472085927,0.3605706623,0.6876123293,-0.1380389013,-0.6974276291,0.3330721423}', '{0.26419671,1.0055154,0.10113438,0.15361431,0.14232646,0.064277732,0.27162615,0.12830253}', -3798.39773552),
    ('three', 'pareto/nbd', '{1.093823282,4.153745672,0.4880260578,12.86955694,0.8809570938,-0.1804779887,0.1521048001,-1.213986286,0.6246910091,0.6382963637}', '{0.18420239,1.1064765,0.092341151,8.1040433,0.14126846,0.064332253,0.13819485,0.34378193,0.16322602,0.31742702}', -3771.76039339),
    ('equal', 'pareto/nbd', '{0.9210991063,3.014848498,0.3998851639,17.75432823,0.7392987377,-0.1993979557,0.6273464831}', '{0.16395127,0.85491992,0.072329846,11.298348,0.15013232,0.068537799,0.1868323}', -3795.26108116),
    ('equal', 'bg/nbd', '{0.299580148,0.748088157,0.05687631039,0.2575318582,0.8457136473,-0.3362293389,0.4412851392}', '{0.028186936,0.27103348,0.033627707,0.16171104,0.20158817,0.10219078,0.19963157}', -3829.10499852),
    ('lists', 'pareto/nbd', '{0.9524351725,6.618326475,0.4860835545,22.92689753,1.052997912,0.1015129091,0.698538516}', '{0.15964256,1.186129,0.094483724,12.839744,0.14152077,0.13913645,0.16470564}', -3785.10701972),
    ('lists', 'mbg/nbd', '{1.55906699,6.255654351,0.1545434756,0.2215850707,0.7123642552,0.2448002327,0.3411894765}', '{0.26273363,1.2262669,0.05700608,0.085003517,0.14056305,0.13518991,0.12486349}', -3802.56154705),
    ('ridge', 'pareto/nbd', '{0.972566941,3.299067005,0.532229011,7.687371952,0.89746736,-0.2169051251,-0.2498545021,0.2965051296}', '{0.16575728,0.86680249,0.10878573,4.2989838,0.13250247,0.06483392,0.14124153,0.10998011}', -3780.40709554),
    ('ridge', 'bg/nbd', '{0.3021578286,0.8517021737,0.2154883445,0.9048857753,0.9748627173,-0.3146754911,-0.1019171632,0.1800951382}', '{0.028236691,0.29188336,0.084135292,0.41667467,0.1896509,0.098441834,0.14807544,0.11844772}', -3822.75999345),
    ('prior', 'pareto/nbd', '{1.075528266,3.912813101,0.4875098461,9.384940563,0.8949574652,-0.1754628009,-1.201869681,0.6158622468}', '{0.17386969,0.95705578,0.086813274,4.8671585,0.14063899,0.063083493,0.32963395,0.15628793}', -3774.05388373);
CREATE TABLE fitted AS
SELECT label, r.name,
       crm_btyd_fit(r.name, x, t_x, t, CASE WHEN label IN ('three', 'lists') THEN ARRAY[member, score, region] ELSE ARRAY[member, score] END, options) AS model
FROM customer, reference r
JOIN (VALUES ('both', NULL::jsonb), ('three', '{}'),
             ('equal', '{"equal": [1]}'),
             ('lists', '{"purchase": [1, 3], "dropout": [2]}'),
             ('ridge', '{"ridge": [3, 20]}'),
             ('prior', '{"prior": {"r": [0.5, 1], "alpha": [10, 1], "s": [0.5, 1], "beta": [10, 1]}}')) o(label, options)
     USING (label)
GROUP BY label, r.name, options;
-- prints offenders: parameters to 1e-6, standard errors to 1e-5, log-likelihoods
-- to 1e-7
SELECT label, r.name, crm_model_status(model), p.*, r.estimates[i], r.std_errors[i]
FROM fitted JOIN reference r USING (label, name),
     LATERAL (SELECT *, row_number() OVER () AS i FROM crm_model_parameters(model)) p
WHERE (abs(p.estimate - r.estimates[i]) <= 1e-6 * abs(r.estimates[i])
       AND abs(p.std_error - r.std_errors[i]) <= 1e-5 * r.std_errors[i]
       AND abs(crm_log_likelihood(model) - r.log_likelihood) <= 1e-7
       AND crm_model_status(model) = 'converged') IS NOT TRUE;
SELECT f.label, f.name, i.names AS parameters, i.prior,
       (SELECT bool_and(w BETWEEN 0 AND 1) FROM unnest(i.prior_weights) w) AS weights
FROM fitted f, crm_model_info(f.model) i ORDER BY 1, 2;

-- The penalty is a normal prior around 0 with variance 1 / (2 lambda): its weight
-- is the part of the information.  It makes the penalised sum of squares
-- smaller, and the likelihood.
SELECT p.name, abs(p.prior_weight - p.std_error ^ 2 * 2 * CASE WHEN p.name LIKE 'gamma%' THEN 3 ELSE 20 END) < 1e-12 AS weight
FROM fitted f, crm_model_parameters(f.model) p WHERE f.label = 'ridge' AND f.name = 'pareto/nbd' AND p.name ~ '_';
SELECT f.name, (SELECT sum(e ^ 2 * CASE WHEN n LIKE 'gamma%' THEN 3 ELSE 20 END) FROM crm_model_parameters(f.model) p(n, e) WHERE n ~ '_')
             < (SELECT sum(e ^ 2 * CASE WHEN n LIKE 'gamma%' THEN 3 ELSE 20 END) FROM crm_model_parameters(g.model) p(n, e) WHERE n ~ '_') AS smaller,
       crm_log_likelihood(f.model) < crm_log_likelihood(g.model) AS less_likely
FROM fitted f JOIN fitted g USING (name) WHERE f.label = 'ridge' AND g.label = 'both' ORDER BY 1;

-- The likelihood of the whole is that of each customer under the model at the
-- customer's covariates, which the functions for plain models evaluate.
SELECT label, name, abs(crm_log_likelihood(model) - (SELECT sum(crm_log_likelihood(
           crm_model_at(model, CASE WHEN label IN ('three', 'lists') THEN ARRAY[member, score, region] ELSE ARRAY[member, score] END),
           x, t_x, t)) FROM customer)) < 1e-9 AS same
FROM fitted ORDER BY label, name;

-- A binary covariate that acts on all parameters that it can: both groups have
-- their own alpha and beta and share r and s, as in two plain models.
SELECT m.name, p.member, abs(i.parameters[2] - b.parameters[2] * exp(-p.member * b.parameters[5])) < 1e-12 AS alpha,
       CASE WHEN m.name = 'pareto/nbd'
            THEN abs(i.parameters[4] / (b.parameters[4] * exp(-p.member * b.parameters[6])) - 1) < 1e-12
            ELSE abs(i.parameters[3] / (b.parameters[3] * exp(p.member * b.parameters[6])) - 1) < 1e-12
             AND abs(i.parameters[4] / (b.parameters[4] * exp(p.member * b.parameters[6])) - 1) < 1e-12 END AS dropout
FROM (SELECT name, crm_btyd_fit(name, x, t_x, t, ARRAY[member], NULL) AS model
      FROM customer, unnest('{pareto/nbd,bg/nbd,mbg/nbd}'::text[]) name GROUP BY name) m,
     (VALUES (0), (1)) p(member), crm_model_info(crm_model_at(m.model, ARRAY[p.member])) i, crm_model_info(m.model) b
ORDER BY 1, 2;

-- ---------------------------------------------------------------------------
-- crm_model_at
-- ---------------------------------------------------------------------------
-- At x = 0 it is the model itself, with its standard errors; it has no
-- likelihood of its own.
SELECT f.label, f.name, i.parameters = b.parameters[1:4] AS parameters,
       (SELECT bool_and(abs(a / e - 1) < 1e-12) FROM unnest(i.std_errors, b.std_errors[1:4]) u(a, e)) AS std_errors,
       i.status, i.customers, i.log_likelihood, i.aic
FROM fitted f, crm_model_info(crm_model_at(f.model, CASE WHEN label IN ('three', 'lists') THEN '{0,0,0}' ELSE '{0,0}' END::float8[])) i,
     crm_model_info(f.model) b
WHERE f.label IN ('both', 'lists') ORDER BY 1, 2;
-- The delta method, written out for ln alpha(x) = ln alpha - gamma'x: the variance
-- of a sum, from the covariance matrix.
SELECT x, abs(i.std_errors[2] / i.parameters[2] - sqrt(
           (SELECT sum(g.w * h.w * b.covariance[g.i][h.i])
            FROM (VALUES (2, 1 / b.parameters[2]), (5, -x[1]), (6, -x[2])) g(i, w),
                 (VALUES (2, 1 / b.parameters[2]), (5, -x[1]), (6, -x[2])) h(i, w)))) < 1e-12 AS of_alpha,
       abs(i.covariance[1][2] - i.parameters[2] * (b.covariance[1][2] / b.parameters[2] - x[1] * b.covariance[1][5] - x[2] * b.covariance[1][6])) < 1e-12 AS of_r_alpha
FROM fitted f, crm_model_info(f.model) b, (VALUES ('{1,2}'::float8[]), ('{0,-5}'), ('{0.5,3.25}')) v(x), crm_model_info(crm_model_at(f.model, x)) i
WHERE f.label = 'both' AND f.name = 'pareto/nbd';
-- Units and zero of a covariate do not matter: the model at the same customer is
-- the same, and so are its standard errors.
SELECT f.name, (SELECT bool_and(abs(a / e - 1) < 1e-7) FROM unnest(i.parameters, b.parameters) u(a, e)) AS parameters,
       (SELECT bool_and(abs(a / e - 1) < 1e-6) FROM unnest(i.std_errors, b.std_errors) u(a, e)) AS std_errors
FROM fitted f,
     (SELECT name, crm_btyd_fit(name, x, t_x, t, ARRAY[5 - 3 * member, 100 + 10 * score], NULL) AS model
      FROM customer, unnest('{pareto/nbd,bg/nbd,mbg/nbd}'::text[]) name GROUP BY name) other,
     crm_model_info(crm_model_at(other.model, ARRAY[2, 125])) i,
     crm_model_info(crm_model_at(f.model, ARRAY[1, 2.5])) b
WHERE f.label = 'both' AND other.name = f.name ORDER BY 1;
-- Predictions take it as any model.
SELECT name, p.alive BETWEEN 0 AND 1 AS alive, p.purchases > 0 AS purchases, v.lower <= v.estimate AND v.estimate <= v.upper AS interval
FROM fitted, crm_model_at(model, '{1,3}') m, crm_purchases_interval(m, 3, 20, 25, 10) v,
     LATERAL (SELECT crm_p_alive(m, 3, 20, 25), crm_expected_purchases(m, 3, 20, 25, 10)) p(alive, purchases)
WHERE label = 'both' ORDER BY 1;
-- Without the customer's covariates there is no prediction.
SELECT query, pg_temp.error_of(format('SELECT %s FROM fitted WHERE label = ''both''', query))
FROM unnest(ARRAY['crm_p_alive(model, 1, 2, 3)', 'crm_expected_purchases(model, 10)', 'crm_purchases_pmf(model, 1, 2, 3, 4, 5)',
                  'crm_purchases_interval(model, 10)', 'crm_discounted_purchases(model, 1, 2, 3, 0.1)', 'crm_log_likelihood(model, 1, 2, 3)',
                  'crm_log_likelihood(model, ''crm_btyd_data:1 unit_days=7 rows=[1,2,3,4]''::crm_btyd_data)',
                  'crm_clv(model, crm_spend_model(6, 4, 15), (SELECT crm_rfm(date ''2025-01-01'', 5.0, date ''2025-07-01'')), ''1 year'', 0.1)']) query;
SELECT what, pg_temp.error_of(format('SELECT crm_model_at(model, %s) FROM fitted WHERE label = ''both'' AND name = ''pareto/nbd''', what))
FROM unnest(ARRAY['''{1,2}''', '''{1}''', '''{1,2,3}''', '''{}''', '''{1,NULL}''', '''{1,NaN}''', '''{1,Infinity}''', '''{1,1e101}''', '''{1,1e5}''', '''{{1,2},{3,4}}''', 'NULL']) what;
SELECT pg_temp.error_of($$SELECT crm_model_at(crm_btyd_model('bg/nbd', '{1,2,3,4}'), '{1}')$$);
SELECT crm_model_at(model, NULL) IS NULL AS of_null FROM fitted LIMIT 1;

-- ---------------------------------------------------------------------------
-- Recovery
-- ---------------------------------------------------------------------------
-- Pareto/NBD with r = s = 1, alpha = 8, beta = 20 and covariates a (binary),
-- b (uniform) and c, which changes nothing.
CREATE TABLE simulated AS
WITH customer AS (
    SELECT cust, (pg_temp.uniform(cust, 'a') < 0.5)::int AS a, pg_temp.uniform(cust, 'b') AS b, floor(pg_temp.uniform(cust, 'c') * 4) AS c
    FROM generate_series(1, 3000) cust
), rated AS (
    SELECT *, -ln(pg_temp.uniform(cust, 'purchase rate')) / 8 * exp(0.5 * a - 1 * b) AS rate,
           -ln(pg_temp.uniform(cust, 'life')) / (-ln(pg_temp.uniform(cust, 'dropout rate')) / 20 * exp(-1.5 * a + 2 * b)) AS life,
           30 + floor(pg_temp.uniform(cust, 'age') * 20) AS age
    FROM customer
), purchase AS (
    SELECT cust, sum(-ln(pg_temp.uniform(cust * 100 + i, 'wait')) / rate)
                 OVER (PARTITION BY cust ORDER BY i) AS at, life, age
    FROM rated, generate_series(1, 80) i
), kept AS (
    SELECT cust, count(*) AS x, max(at) AS t_x FROM purchase WHERE at <= least(life, age) GROUP BY cust
)
SELECT cust, a, b, c, coalesce(x, 0)::float8 AS x, coalesce(t_x, 0) AS t_x, age AS t
FROM rated LEFT JOIN kept USING (cust);
ANALYZE simulated;
SELECT p.name, truth, abs(p.estimate - truth) < 4 * p.std_error AS found, p.std_error < 0.6 AS sharp
FROM (SELECT crm_btyd_fit('pareto/nbd', x, t_x, t, ARRAY[a, b, c], '{"covariates": ["a", "b", "c"]}') AS fit FROM simulated) f,
     crm_model_parameters(fit) p
JOIN (VALUES ('gamma_a', 0.5), ('gamma_b', -1), ('gamma_c', 0), ('delta_a', -1.5), ('delta_b', 2), ('delta_c', 0)) v(name, truth) USING (name)
ORDER BY p.name;

-- ---------------------------------------------------------------------------
-- The same whatever the order and the plan
-- ---------------------------------------------------------------------------
CREATE TABLE variant AS
SELECT 'as it comes' AS label, crm_btyd_fit('pareto/nbd', x, t_x, t, ARRAY[a, b, c], '{"ridge": 1}') AS value FROM simulated
UNION ALL SELECT 'shuffled', crm_btyd_fit('pareto/nbd', x, t_x, t, ARRAY[a, b, c], '{"ridge": 1}' ORDER BY md5(cust::text)) FROM simulated
UNION ALL SELECT 'weights', crm_btyd_fit('pareto/nbd', x, t_x, t, 1, NULL, ARRAY[a, b, c], '{"ridge": 1}') FROM simulated
UNION ALL SELECT 'half weights, twice', crm_btyd_fit('pareto/nbd', x, t_x, t, 0.5, '7 days', ARRAY[a, b, c], '{"ridge": 1}') FROM simulated, generate_series(1, 2);
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT crm_btyd_fit('pareto/nbd', x, t_x, t, ARRAY[a, b, c], '{"ridge": 1}') FROM simulated;
INSERT INTO variant
SELECT 'parallel', crm_btyd_fit('pareto/nbd', x, t_x, t, ARRAY[a, b, c], '{"ridge": 1}') FROM simulated;
RESET max_parallel_workers_per_gather;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
SELECT label, crm_btyd_model_send(value) = first_value(crm_btyd_model_send(value)) OVER () AS same, crm_model_status(value) FROM variant;
-- From orders
CREATE TABLE history AS
SELECT customer AS id, customer % 2 AS odd, crm_rfm(date '2025-01-01' + customer % 50 + (i * i * 3 + customer * i) % 100, 5.0, date '2025-06-30') AS rfm
FROM generate_series(1, 200) customer, generate_series(0, (customer * 7) % 5) i GROUP BY customer;
SELECT crm_btyd_model_send(crm_btyd_fit('mbg/nbd', rfm, ARRAY[odd], NULL))
       = crm_btyd_model_send(crm_btyd_fit('mbg/nbd', (rfm).frequency, (rfm).recency, (rfm).age, ARRAY[odd], NULL)) AS same,
       crm_model_status(crm_btyd_fit('mbg/nbd', rfm, ARRAY[odd], NULL)) FROM history;
-- Rows with a NULL are left out.
SELECT crm_btyd_model_send(crm_btyd_fit('bg/nbd', x, t_x, t, ARRAY[a], NULL)) =
       (SELECT crm_btyd_model_send(crm_btyd_fit('bg/nbd', x, t_x, t, ARRAY[a], NULL))
        FROM (SELECT x, t_x, t, a FROM simulated UNION ALL VALUES (NULL::float8, 1, 2, 1), (1, NULL, 2, 1), (1, 1, NULL, 1)) s) AS skipped,
       crm_btyd_fit('bg/nbd', x, t_x, t, NULL::float8[], NULL) IS NULL AS none
FROM simulated;
SELECT crm_btyd_fit('bg/nbd', x, t_x, t, ARRAY[a], NULL) IS NULL AS no_rows FROM simulated WHERE false;

-- ---------------------------------------------------------------------------
-- What the data cannot tell
-- ---------------------------------------------------------------------------
-- Group 1 never came back: its rate goes to 0, its likelihood to 1, so that of all
-- is that of group 0 alone.
CREATE TABLE separated AS
SELECT CASE WHEN member = 1 THEN 0 ELSE x END AS x, CASE WHEN member = 1 THEN 0 ELSE t_x END AS t_x, t, member FROM customer;
SELECT name, crm_model_status(whole) AS status, abs(crm_log_likelihood(whole) - crm_log_likelihood(part)) < 1e-5 AS likelihood,
       crm_expected_purchases(crm_model_at(whole, '{1}'), 52) < 1e-5 AS never
FROM (SELECT name, crm_btyd_fit(name, x, t_x, t, ARRAY[member], '{"dropout": false}') AS whole,
             crm_btyd_fit(name, x, t_x, t) FILTER (WHERE member = 0) AS part
      FROM separated, unnest('{pareto/nbd,bg/nbd,mbg/nbd}'::text[]) name GROUP BY name) f ORDER BY name;
-- A penalty gives an answer.
SELECT name, crm_model_status(crm_btyd_fit(name, x, t_x, t, ARRAY[member], '{"ridge": 0.1, "dropout": false}')) AS status
FROM separated, unnest('{pareto/nbd,bg/nbd,mbg/nbd}'::text[]) name GROUP BY name ORDER BY name;
-- Nobody came back, or nobody leaves, or all are alike: as without covariates.
SELECT name, crm_model_status(crm_btyd_fit(name, 0, 0, t, ARRAY[member], NULL)) AS nobody,
       crm_model_status(crm_btyd_fit(name, 1 + x, t, t, ARRAY[member], NULL)) AS nobody_leaves,
       crm_model_status(crm_btyd_fit(name, 3, 10, 20, ARRAY[member], NULL)) AS alike
FROM customer, unnest('{pareto/nbd,bg/nbd,mbg/nbd}'::text[]) name GROUP BY name ORDER BY name;
-- One or two customers
SELECT n, name, crm_model_status(crm_btyd_fit(name, x, t_x, t, ARRAY[id], NULL)) <> 'converged' AS not_converged
FROM customer, generate_series(2, 4) n, unnest('{pareto/nbd,bg/nbd,mbg/nbd}'::text[]) name WHERE id <= n GROUP BY n, name ORDER BY 1, 2;
-- A constant, and a combination of others
SELECT what, pg_temp.error_of(format('SELECT crm_btyd_fit(''bg/nbd'', x, t_x, t, ARRAY[%s], %L) FROM customer', what, options))
FROM (VALUES ('0', NULL), ('1', NULL), ('1e9 + region * 1e-8', NULL), ('member, 7', '{"covariates": ["member", "seven"]}'),
             ('member, 1 - member', NULL), ('member, score, 2 * member - score', '{"covariates": ["m", "s", "ms"]}'),
             ('member, 1 - member', '{"purchase": [1], "dropout": [2]}'), ('member, 1 - member', '{"ridge": [0.5, 0]}'),
             ('member, 1 - member', '{"ridge": [0.5, 0.5]}'), ('member, 7', '{"purchase": [1], "dropout": [1]}'),
             ('member, id * 1e90', NULL)) v(what, options);
-- A year is far from 0 for its spread: the parameters at year 0 would not be
-- numbers any more.
SELECT shift, pg_temp.error_of(format('SELECT crm_btyd_fit(''pareto/nbd'', x, t_x, t, ARRAY[%s + score], NULL) FROM customer', shift))
FROM unnest(ARRAY[0, -3, 100, 2020]) shift;

-- ---------------------------------------------------------------------------
-- Options and arguments
-- ---------------------------------------------------------------------------
SELECT options, pg_temp.error_of(format('SELECT crm_btyd_fit(''bg/nbd'', x, t_x, t, ARRAY[member, score], %L) FROM customer', options))
FROM unnest(ARRAY['{"covariate": ["a", "b"]}', '[]', '{"covariates": ["a"]}', '{"covariates": "a"}', '{"covariates": ["a", 1]}', '{"covariates": ["a", "a"]}',
                  '{"covariates": ["a", "b c"]}', '{"covariates": ["", "b"]}', '{"covariates": ["a", "b\"c"]}', '{"covariates": ["a", "Groesse"]}',
                  '{"equal": ["a"]}', '{"equal": [3]}', '{"equal": [0]}', '{"equal": [1.5]}', '{"equal": 1}', '{"equal": true}', '{"equal": [null]}',
                  '{"equal": [1], "purchase": [2]}', '{"equal": true, "purchase": [2]}', '{"purchase": [], "dropout": false}', '{"purchase": []}',
                  '{"ridge": -1}', '{"ridge": "1"}', '{"ridge": [1]}', '{"ridge": [1, "2"]}', '{"ridge": "Infinity"}', '{"ridge": [0, 2]}',
                  '{"prior": {"q": [1, 1]}}', '{"max_iterations": 0}']) options;
SELECT what, pg_temp.error_of(format('SELECT crm_btyd_fit(''bg/nbd'', x, t_x, t, %s, NULL) FROM customer', what))
FROM unnest(ARRAY['ARRAY[member, NULL]', 'ARRAY[member, ''NaN'']', 'ARRAY[member, ''-Infinity'']', 'ARRAY[1e200, member]', '''{}''::float8[]',
                  'ARRAY[[member]]', 'CASE WHEN id = 2 THEN ARRAY[member] ELSE ARRAY[member, score] END', 'array_fill(member, ARRAY[17])']) what;
SELECT pg_temp.error_of($$SELECT crm_btyd_fit('bg', x, t_x, t, ARRAY[member], NULL) FROM customer$$);
SELECT pg_temp.error_of($$SELECT crm_btyd_fit(NULL, x, t_x, t, ARRAY[member], NULL) FROM customer$$);
SELECT pg_temp.error_of($$SELECT crm_btyd_fit(CASE WHEN id = 3 THEN 'bg/nbd' ELSE 'mbg/nbd' END, x, t_x, t, ARRAY[member], NULL) FROM customer$$);
SELECT pg_temp.error_of($$SELECT crm_btyd_fit('bg/nbd', x, t_x, t, ARRAY[member], CASE WHEN id = 3 THEN '{"ridge": 1}'::jsonb END) FROM customer$$);
SELECT pg_temp.error_of($$SELECT crm_btyd_fit('bg/nbd', 2, 0, 1, ARRAY[member], NULL) FROM customer$$);
SELECT pg_temp.error_of($$SELECT crm_btyd_fit('bg/nbd', x, t_x, t, -1, '7 days', ARRAY[member], NULL) FROM customer$$);
SELECT pg_temp.error_of($$SELECT crm_btyd_fit('bg/nbd', x, t_x, t, 1, CASE WHEN id = 3 THEN interval '1 day' END, ARRAY[member], NULL) FROM customer$$);
SELECT crm_model_status(crm_btyd_fit('bg/nbd', x, t_x, t, ARRAY[member], '{"max_iterations": 1}')) AS one_iteration FROM customer;

-- Calls with quoted strings are as clear as before.
SELECT crm_model_status(crm_btyd_fit('bg/nbd', rfm, '{"max_iterations": 50}')) AS a,
       crm_model_status(crm_btyd_fit('bg/nbd', rfm, NULL)) AS b,
       crm_model_status(crm_btyd_fit('bg/nbd', (rfm).frequency, (rfm).recency, (rfm).age, '1')) AS c,
       crm_model_status(crm_btyd_fit('bg/nbd', (rfm).frequency + 1, '10', '20')) AS d,
       crm_model_status(crm_btyd_fit('bg/nbd', (rfm).frequency, (rfm).recency, (rfm).age, 1, '7 days')) AS e,
       crm_model_status(crm_btyd_fit('bg/nbd', (rfm).frequency, (rfm).recency, (rfm).age, '1', '7 days', '{}')) AS f,
       crm_model_status(crm_btyd_fit('bg/nbd', rfm, ARRAY[odd], '{}')) AS g,
       crm_model_status(crm_btyd_fit('bg/nbd', (rfm).frequency, (rfm).recency, (rfm).age, ARRAY[odd], '{}')) AS h
FROM history;
SELECT crm_model_status(crm_btyd_fit('bg/nbd', 'crm_btyd_data:1 unit_days=7 rows=[1,2,3,4]'::crm_btyd_data, '{}')) AS of_data;

-- ---------------------------------------------------------------------------
-- Text, binary, jsonb
-- ---------------------------------------------------------------------------
SELECT count(*), bool_and(crm_btyd_model_send(value) = crm_btyd_model_send(value::text::crm_btyd_model)) AS text_same
FROM (SELECT model FROM fitted UNION ALL SELECT value FROM variant) v(value);
CREATE TABLE copied (label text, name text, model crm_btyd_model);
\copy fitted TO PROGRAM 'cat > "$PG_ABS_BUILDDIR/results/clv_covariates.bin"' (FORMAT binary)
\copy copied FROM PROGRAM 'cat "$PG_ABS_BUILDDIR/results/clv_covariates.bin"' (FORMAT binary)
SELECT count(*) AS differ FROM fitted f JOIN copied c USING (label, name) WHERE f.model::text IS DISTINCT FROM c.model::text;
SELECT value::text::crm_btyd_model::text = value::text AS same, value::jsonb - 'iterations' AS inside
FROM (SELECT 'crm_btyd_model:1 model=bg/nbd status=converged unit_days=7 customers=400 histories=300 iterations=5 log_likelihood=-1000 parameters=[1,2,3,4] prior=0 covariance=[1,0,1,0,0,1,0,0,0,1] covariates=[member,score] purchase=[0,1] dropout=[0,-1] ridge=[0,0.125] coefficients=[0.5,-1] coefficient_covariance=[0,0,0,0,0.25,0,0,0,0,0,1]'::crm_btyd_model) v(value);
SELECT pg_temp.error_of(format('SELECT %L::crm_btyd_model', 'crm_btyd_model:1 model=bg/nbd status=ridge unit_days=7 customers=400 histories=300 iterations=5 log_likelihood=-1000 parameters=[1,2,3,4] prior=0 ' || rest))
FROM unnest(ARRAY['covariates=[a] purchase=[0] dropout=[1] ridge=[0,0] coefficients=[1,2]',
    'covariates=[a', 'covariates=[] purchase=[0]', 'covariates=[a,] purchase=[0]', 'covariates=[a=] purchase=[0]', 'covariates=[a] purchase=[] dropout=[0] ridge=[0,0] coefficients=[1]',
    'covariates=[a] purchase=[0] dropout=[-2] ridge=[0,0] coefficients=[1]', 'covariates=[a] purchase=[0] dropout=[0.5] ridge=[0,0] coefficients=[1]',
    'covariates=[a] purchase=[0] dropout=[32] ridge=[0,0] coefficients=[1]', 'covariates=[a] purchase=[-1] dropout=[-1] ridge=[0,0] coefficients=[]',
    'covariates=[a] purchase=[0] dropout=[2] ridge=[0,0] coefficients=[1,2,3]', 'covariates=[a,b] purchase=[0,0] dropout=[1,1] ridge=[0,0] coefficients=[1,2]',
    'covariates=[a] purchase=[0] dropout=[0] ridge=[0] coefficients=[1]', 'covariates=[a] purchase=[0] dropout=[0] ridge=[0,-1] coefficients=[1]',
    'covariates=[a] purchase=[0] dropout=[0] ridge=[0,0] coefficients=[NaN]', 'covariates=[a] purchase=[0] dropout=[0] ridge=[0,0] coefficients=[1,2]',
    'covariates=[a] purchase=[0] dropout=[0] ridge=[0,0] coefficients=[1] coefficient_covariance=[0,0,0,0,1]',
    'covariance=[1,0,1,0,0,1,0,0,0,1] covariates=[a] purchase=[0] dropout=[0] ridge=[0,0] coefficients=[1] coefficient_covariance=[0,0,0,0,-1]',
    'covariance=[1,0,1,0,0,1,0,0,0,1] covariates=[a] purchase=[0] dropout=[0] ridge=[0,0] coefficients=[1]']) rest;

-- Damaged binary input: every byte of a value in turn with some bits changed,
-- and every length.  It is refused, or read as a value that has a text form of
-- its own.
CREATE TABLE forged (value crm_btyd_model);
CREATE FUNCTION pg_temp.receive(bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    file text := current_setting('data_directory') || '/crm_forged.bin';
    state text; same boolean;
BEGIN
    EXECUTE format('COPY (SELECT %L::bytea) TO %L (FORMAT binary)', bytes, file);
    EXECUTE format('COPY forged FROM %L (FORMAT binary)', file);
    SELECT crm_btyd_model_send(value) = crm_btyd_model_send(value::text::crm_btyd_model) INTO same FROM forged;
    PERFORM count(*), count(value::jsonb) FROM forged, crm_model_parameters(value);
    DELETE FROM forged;
    RETURN CASE WHEN same THEN 'read' ELSE 'text differs' END;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE;
    -- 08P01 and 22P03: the message ends early, or late; 22023: a bad value; 22021:
    -- no characters
    RETURN CASE WHEN state IN ('08P01', '22P03', '22023', '22021') THEN 'refused' ELSE SQLSTATE || ' ' || SQLERRM END;
END $$;
SELECT what, count(*) > 100 AS many, count(*) FILTER (WHERE outcome NOT IN ('read', 'refused')) AS bad, bool_and(outcome = 'refused') AS all_refused
FROM (SELECT crm_btyd_model_send(crm_btyd_fit('pareto/nbd', x, t_x, t, ARRAY[member, score], '{"covariates": ["member", "score"], "equal": [1], "ridge": 1, "prior": "weak"}')) AS bytes
      FROM customer) sound,
     LATERAL (SELECT 'bits' AS what, pg_temp.receive(set_byte(bytes, i, get_byte(bytes, i) # mask)) AS outcome
      FROM generate_series(0, length(bytes) - 1) i, unnest(ARRAY[1, 255]) mask
      UNION ALL SELECT 'cut', pg_temp.receive(substr(bytes, 1, i)) FROM generate_series(0, length(bytes) - 1) i
      UNION ALL SELECT 'as it is', pg_temp.receive(bytes)) d
GROUP BY what ORDER BY what;
COPY (SELECT 1 WHERE false) TO PROGRAM 'rm -f crm_forged.bin';

DROP TABLE forged, customer, reference, fitted, simulated, variant, history, separated, copied;
