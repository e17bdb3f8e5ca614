-- The models nbd, bg/cnbd-k and mbg/cnbd-k: fits on real data from the orders on,
-- the search for k, predictions, and what becomes of the times between purchases.
SET timezone = 'UTC';
SET extra_float_digits = 1;
\set have_data `test -r "$PG_ABS_SRCDIR/../../shared/data/btydplus_groceryElog.csv" && test -r "$PG_ABS_SRCDIR/../../shared/data/cdnow_sample_elog.csv" && echo true || echo false`

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
-- Real data.  Without them, which are not part of the project, the tables are
-- empty and nothing is compared.
-- ---------------------------------------------------------------------------
CREATE TABLE grocery_order (cust int, d date);
CREATE TABLE cdnow_order_k (master_id int, sample_id int, d date, cds int, amount numeric);
\if :have_data
\copy grocery_order FROM PROGRAM 'cat "$PG_ABS_SRCDIR/../../shared/data/btydplus_groceryElog.csv"' (FORMAT csv, HEADER)
\copy cdnow_order_k FROM PROGRAM 'cat "$PG_ABS_SRCDIR/../../shared/data/cdnow_sample_elog.csv"' (FORMAT csv, HEADER)
\endif
-- An online grocery (BTYDplus), the year 2006, and CDNOW's first 39 weeks
CREATE TABLE regular_customer AS
SELECT 'grocery' AS shop, cust, crm_rfm(d, 1.0, date '2006-12-31') AS rfm
FROM grocery_order GROUP BY cust
UNION ALL
SELECT 'cdnow', sample_id, crm_rfm(d, amount, date '1997-09-30')
FROM cdnow_order_k GROUP BY sample_id;
ANALYZE regular_customer;

-- Computed independently to a gradient below 1e-7; BTYDplus gives the same to the
-- digits that its optimiser reaches.  NBD on CDNOW: BTYDplus too.  Log-likelihoods
-- with the times between purchases.
CREATE TEMP TABLE fit_wanted (shop text, model text, k int, log_likelihood float8, estimates float8[]);
INSERT INTO fit_wanted VALUES
    ('grocery', 'mbg/cnbd-k', 1, -15781.93937489, '{1.25692128,6.03914232,.368276613,.715763623}'),
    ('grocery', 'mbg/cnbd-k', 2, -14978.21073158, '{1.32917535,2.81255121,.42470899,.790028734}'),
    ('grocery', 'mbg/cnbd-k', 3, -14996.85041580, '{1.30262098,1.74978608,.449441784,.835405587}'),
    ('grocery', 'bg/cnbd-k', 1, -15836.56623055, '{.348645867,2.58167112,.503845418,3.64438576}'),
    ('grocery', 'bg/cnbd-k', 2, -15054.17290437, '{.359064195,1.12937953,.522820922,2.78545089}'),
    ('grocery', 'bg/cnbd-k', 3, -15074.70558363, '{.359779979,.71228197,.553765644,2.75816769}'),
    ('cdnow', 'bg/cnbd-k', 2, -9855.32697409, '{.226917214,1.46291963,.944002254,2.07432887}'),
    ('cdnow', 'mbg/cnbd-k', 2, -9853.25312852, '{.57989616,2.2881488,1.1344527,1.58497422}'),
    ('cdnow', 'nbd', NULL, -9763.65761467, '{.384766136,12.0720228}'),
    -- what the search finds: MBG/CNBD-2 in the grocery, no regularity at CDNOW
    ('grocery', 'mbg/cnbd-k', NULL, -14978.21073158, '{1.32917535,2.81255121,.42470899,.790028734}'),
    ('grocery', 'bg/cnbd-k', NULL, -15054.17290437, '{.359064195,1.12937953,.522820922,2.78545089}'),
    ('cdnow', 'mbg/cnbd-k', NULL, -9582.13571555, '{.524843159,6.18308528,.891359391,1.61400224}'),
    ('cdnow', 'bg/cnbd-k', NULL, -9582.42920667, '{.242594522,4.41360202,.792922017,2.42590678}');
CREATE TABLE regular_model AS
SELECT shop, w.model, w.k,
       crm_btyd_fit(w.model, rfm, CASE WHEN k IS NULL THEN NULL ELSE jsonb_build_object('k', k) END) AS fit
FROM fit_wanted w JOIN regular_customer USING (shop) GROUP BY shop, w.model, w.k;
CREATE TEMP TABLE fit_got AS
SELECT shop, m.model, k, fit, i.log_likelihood, i.parameters, i.std_errors, i.status,
       ((fit::jsonb) -> 'parameters' ->> 'k')::int AS found
FROM regular_model m, crm_model_info(fit) i;
-- offenders
SELECT shop, model, g.k, g.status, g.log_likelihood, w.log_likelihood AS want, parameters
FROM fit_got g JOIN fit_wanted w USING (shop, model)
WHERE w.k IS NOT DISTINCT FROM g.k
  AND (g.status = 'converged' AND std_errors IS NOT NULL
       AND abs(g.log_likelihood - w.log_likelihood) <= 1e-6
       AND (SELECT bool_and(abs(p - e) <= 1e-6 * e)
            FROM unnest(parameters, estimates) u(p, e))) IS NOT TRUE;
SELECT count(*) IN (0, 13) AS compared FROM fit_got;
SELECT shop, model, found FROM fit_got
WHERE k IS NULL AND model <> 'nbd' AND found <> CASE shop WHEN 'grocery' THEN 2 ELSE 1 END;
-- The log-likelihood of the data is the sum of the customers'.
SELECT shop, m.model, k, a.of_all, a.of_each, i.log_likelihood
FROM regular_model m, crm_model_info(fit) i,
     LATERAL (SELECT crm_log_likelihood(m.fit, crm_btyd_agg(rfm)) AS of_all, sum(crm_log_likelihood(m.fit, rfm)) AS of_each
              FROM regular_customer c WHERE c.shop = m.shop) a
WHERE (abs(a.of_all - i.log_likelihood) <= 1e-8 AND abs(a.of_each - i.log_likelihood) <= 1e-8) IS NOT TRUE;
-- Mean P(alive) in the grocery by MBG/CNBD-2: BTYDplus has .3289775298 at its own
-- parameters, which are not at the maximum to the last digit.
SELECT shop, model, mean_alive
FROM (SELECT shop, model, avg(crm_p_alive(fit, rfm)) AS mean_alive
      FROM regular_model JOIN regular_customer USING (shop)
      WHERE shop = 'grocery' AND model = 'mbg/cnbd-k' AND k = 2 GROUP BY 1, 2) a
WHERE abs(mean_alive - .3289775298) > 1e-5;
-- The unconditional expectation of the following year, to which BTYDplus scales
-- its conditional ones: 3970.01285, again at its own parameters.
SELECT expected
FROM (SELECT sum(crm_expected_purchases(fit, (rfm).age + 52) - crm_expected_purchases(fit, (rfm).age)) AS expected
      FROM regular_model JOIN regular_customer USING (shop)
      WHERE shop = 'grocery' AND model = 'mbg/cnbd-k' AND k = 2) s
WHERE abs(expected / 3970.01285 - 1) > 2e-5;
-- In the year that followed, 3389 purchases were made.  The model of regular
-- purchases is nearer than those of purchases at random.
SELECT count(*) IN (0, 4) AS compared,
       bool_and(expected BETWEEN 3000 AND 4600) IS NOT FALSE AS plausible,
       (min(abs(expected - 3389)) FILTER (WHERE found = 2) < min(abs(expected - 3389)) FILTER (WHERE found = 1)) IS NOT FALSE AS nearer
FROM (SELECT model, found, sum(crm_expected_purchases(fit, rfm, 52)) AS expected
      FROM fit_got JOIN regular_customer USING (shop) WHERE shop = 'grocery' AND k < 3 GROUP BY 1, 2) s;
-- With k = 1 everything is as in the model without k.
SELECT name, x, t_x, t, what, one, other
FROM (VALUES ('bg/', '{0.243,4.414,0.793,2.426,1}'::float8[]), ('mbg/', '{0.525,6.183,0.891,1.614,1}')) v(name, p),
     (VALUES (0, 0, 39), (2, 30.43, 38.86), (26, 30.86, 31), (5, 2, 30)) h(x, t_x, t),
     LATERAL (SELECT crm_btyd_model(name || 'nbd', p[1:4]) AS a, crm_btyd_model(name || 'cnbd-k', p) AS b) m,
     LATERAL (VALUES ('likelihood', crm_log_likelihood(a, x, t_x, t), crm_log_likelihood(b, x, t_x, t)),
                     ('alive', crm_p_alive(a, x, t_x, t, 10), crm_p_alive(b, x, t_x, t, 10)),
                     ('purchases', crm_expected_purchases(a, x, t_x, t, 39), crm_expected_purchases(b, x, t_x, t, 39)),
                     ('new', crm_expected_purchases(a, 39), crm_expected_purchases(b, 39)),
                     ('pmf', crm_purchases_pmf(a, x, t_x, t, 39, 2), crm_purchases_pmf(b, x, t_x, t, 39, 2)),
                     ('upper', (crm_purchases_interval(a, x, t_x, t, 39, 0.9)).upper, (crm_purchases_interval(b, x, t_x, t, 39, 0.9)).upper),
                     ('spread', (crm_purchases_interval(a, x, t_x, t, 39, 0.9)).std_error, (crm_purchases_interval(b, x, t_x, t, 39, 0.9)).std_error),
                     ('discounted', crm_discounted_purchases(a, x, t_x, t, 0.1, 52), crm_discounted_purchases(b, x, t_x, t, 0.1, 52)),
                     ('for ever', crm_discounted_purchases(a, x, t_x, t, 0.1), crm_discounted_purchases(b, x, t_x, t, 0.1))) w(what, one, other)
WHERE (abs(one - other) <= 1e-11 * abs(one)) IS NOT TRUE;

-- ---------------------------------------------------------------------------
-- Predictions with k = 2 and 3: numerical integrals over the rate and the time of
-- the next purchase, test/unit/cnbd_reference.py
-- ---------------------------------------------------------------------------
CREATE TEMP TABLE regular_reference (model text, p float8[], x int, t_x float8, t float8, what text, arg1 float8, arg2 int, want float8);
INSERT INTO regular_reference VALUES
    ('bg', '{1.329,2.813,0.425,0.79,2}', 12, 50, 52, 'p_alive', 0, NULL, 0.95417192783949387),
    ('bg', '{1.329,2.813,0.425,0.79,2}', 12, 50, 52, 'p_alive', 1.5, NULL, 0.94358067938998054),
    ('bg', '{1.329,2.813,0.425,0.79,2}', 12, 50, 52, 'purchases', 1.5, NULL, 0.33083048738646921),
    ('bg', '{1.329,2.813,0.425,0.79,2}', 12, 50, 52, 'variance', 1.5, NULL, 0.26432071964138001),
    ('bg', '{1.329,2.813,0.425,0.79,2}', 12, 50, 52, 'pmf', 1.5, 1, 0.28960609042269442),
    ('bg', '{1.329,2.813,0.425,0.79,2}', 12, 50, 52, 'pmf', 1.5, 4, 8.6499388871277625e-6),
    ('bg', '{1.329,2.813,0.425,0.79,2}', 12, 50, 52, 'p_alive', 26, NULL, 0.80900554408748302),
    ('bg', '{1.329,2.813,0.425,0.79,2}', 12, 50, 52, 'purchases', 26, NULL, 5.365918181903923),
    ('bg', '{1.329,2.813,0.425,0.79,2}', 12, 50, 52, 'variance', 26, NULL, 6.6013529884714081),
    ('bg', '{1.329,2.813,0.425,0.79,2}', 12, 50, 52, 'pmf', 26, 1, 0.034909571811209336),
    ('bg', '{1.329,2.813,0.425,0.79,2}', 12, 50, 52, 'pmf', 26, 4, 0.13421337121796442),
    ('mbg', '{1.329,2.813,0.425,0.79,2}', 12, 50, 52, 'p_alive', 0, NULL, 0.95760313233125332),
    ('mbg', '{1.329,2.813,0.425,0.79,2}', 12, 50, 52, 'p_alive', 1.5, NULL, 0.94771719635205118),
    ('mbg', '{1.329,2.813,0.425,0.79,2}', 12, 50, 52, 'purchases', 1.5, NULL, 0.33207034293904979),
    ('mbg', '{1.329,2.813,0.425,0.79,2}', 12, 50, 52, 'variance', 1.5, NULL, 0.26499856090746179),
    ('mbg', '{1.329,2.813,0.425,0.79,2}', 12, 50, 52, 'pmf', 1.5, 1, 0.2905998215617222),
    ('mbg', '{1.329,2.813,0.425,0.79,2}', 12, 50, 52, 'pmf', 1.5, 4, 8.7342674422195869e-6),
    ('mbg', '{1.329,2.813,0.425,0.79,2}', 12, 50, 52, 'p_alive', 26, NULL, 0.82011472910372535),
    ('mbg', '{1.329,2.813,0.425,0.79,2}', 12, 50, 52, 'purchases', 26, NULL, 5.4136302776851897),
    ('mbg', '{1.329,2.813,0.425,0.79,2}', 12, 50, 52, 'variance', 26, NULL, 6.4930997496822142),
    ('mbg', '{1.329,2.813,0.425,0.79,2}', 12, 50, 52, 'pmf', 26, 1, 0.032879115306055796),
    ('mbg', '{1.329,2.813,0.425,0.79,2}', 12, 50, 52, 'pmf', 26, 4, 0.13450214131387184),
    ('bg', '{1.329,2.813,0.425,0.79,2}', 5, 10, 40, 'p_alive', 0, NULL, 0.00011684628022759659),
    ('bg', '{1.329,2.813,0.425,0.79,2}', 5, 10, 40, 'p_alive', 1.5, NULL, 0.00011426812954533722),
    ('bg', '{1.329,2.813,0.425,0.79,2}', 5, 10, 40, 'purchases', 1.5, NULL, 3.7859918253056508e-5),
    ('bg', '{1.329,2.813,0.425,0.79,2}', 5, 10, 40, 'variance', 1.5, NULL, 4.0149332220601462e-5),
    ('bg', '{1.329,2.813,0.425,0.79,2}', 5, 10, 40, 'pmf', 1.5, 1, 3.5613161811931719e-5),
    ('bg', '{1.329,2.813,0.425,0.79,2}', 5, 10, 40, 'pmf', 1.5, 4, 1.1621694799729153e-10),
    ('bg', '{1.329,2.813,0.425,0.79,2}', 5, 10, 40, 'p_alive', 26, NULL, 9.4033291279596756e-5),
    ('bg', '{1.329,2.813,0.425,0.79,2}', 5, 10, 40, 'purchases', 26, NULL, 0.00040926234902081154),
    ('bg', '{1.329,2.813,0.425,0.79,2}', 5, 10, 40, 'variance', 26, NULL, 0.0018004084627241264),
    ('bg', '{1.329,2.813,0.425,0.79,2}', 5, 10, 40, 'pmf', 26, 1, 1.4011965841807853e-5),
    ('bg', '{1.329,2.813,0.425,0.79,2}', 5, 10, 40, 'pmf', 26, 4, 2.287027837509666e-5),
    ('mbg', '{1.329,2.813,0.425,0.79,2}', 5, 10, 40, 'p_alive', 0, NULL, 0.00014123663038473736),
    ('mbg', '{1.329,2.813,0.425,0.79,2}', 5, 10, 40, 'p_alive', 1.5, NULL, 0.00013855014790061479),
    ('mbg', '{1.329,2.813,0.425,0.79,2}', 5, 10, 40, 'purchases', 1.5, NULL, 4.577679261055676e-5),
    ('mbg', '{1.329,2.813,0.425,0.79,2}', 5, 10, 40, 'variance', 1.5, NULL, 4.8572455517265017e-5),
    ('mbg', '{1.329,2.813,0.425,0.79,2}', 5, 10, 40, 'pmf', 1.5, 1, 4.3033285280090676e-5),
    ('mbg', '{1.329,2.813,0.425,0.79,2}', 5, 10, 40, 'pmf', 1.5, 4, 1.4382879179708689e-10),
    ('mbg', '{1.329,2.813,0.425,0.79,2}', 5, 10, 40, 'p_alive', 26, NULL, 0.00011665668367060732),
    ('mbg', '{1.329,2.813,0.425,0.79,2}', 5, 10, 40, 'purchases', 26, NULL, 0.00050140379659373711),
    ('mbg', '{1.329,2.813,0.425,0.79,2}', 5, 10, 40, 'variance', 26, NULL, 0.0022228938348641074),
    ('mbg', '{1.329,2.813,0.425,0.79,2}', 5, 10, 40, 'pmf', 26, 1, 1.5679830382102106e-5),
    ('mbg', '{1.329,2.813,0.425,0.79,2}', 5, 10, 40, 'pmf', 26, 4, 2.8124596197693421e-5),
    ('bg', '{1.303,1.75,0.449,0.835,3}', 4, 22, 45, 'p_alive', 0, NULL, 0.030941371804868819),
    ('bg', '{1.303,1.75,0.449,0.835,3}', 4, 22, 45, 'p_alive', 1.5, NULL, 0.030132832581341688),
    ('bg', '{1.303,1.75,0.449,0.835,3}', 4, 22, 45, 'purchases', 1.5, NULL, 0.0095226922379739621),
    ('bg', '{1.303,1.75,0.449,0.835,3}', 4, 22, 45, 'variance', 1.5, NULL, 0.0095262996144808697),
    ('bg', '{1.303,1.75,0.449,0.835,3}', 4, 22, 45, 'pmf', 1.5, 1, 0.0094285529624626165),
    ('bg', '{1.303,1.75,0.449,0.835,3}', 4, 22, 45, 'pmf', 1.5, 4, 2.4164994904985004e-11),
    ('bg', '{1.303,1.75,0.449,0.835,3}', 4, 22, 45, 'p_alive', 26, NULL, 0.024850082795050021),
    ('bg', '{1.303,1.75,0.449,0.835,3}', 4, 22, 45, 'purchases', 26, NULL, 0.084930599469069582),
    ('bg', '{1.303,1.75,0.449,0.835,3}', 4, 22, 45, 'variance', 26, NULL, 0.27625385041066192),
    ('bg', '{1.303,1.75,0.449,0.835,3}', 4, 22, 45, 'pmf', 26, 1, 0.005093280345743466),
    ('bg', '{1.303,1.75,0.449,0.835,3}', 4, 22, 45, 'pmf', 26, 4, 0.0051342236444136862),
    ('mbg', '{1.303,1.75,0.449,0.835,3}', 4, 22, 45, 'p_alive', 0, NULL, 0.038697310250904599),
    ('mbg', '{1.303,1.75,0.449,0.835,3}', 4, 22, 45, 'p_alive', 1.5, NULL, 0.037846870915251983),
    ('mbg', '{1.303,1.75,0.449,0.835,3}', 4, 22, 45, 'purchases', 1.5, NULL, 0.01191057496736947),
    ('mbg', '{1.303,1.75,0.449,0.835,3}', 4, 22, 45, 'variance', 1.5, NULL, 0.011888382590404857),
    ('mbg', '{1.303,1.75,0.449,0.835,3}', 4, 22, 45, 'pmf', 1.5, 1, 0.011791097635848443),
    ('mbg', '{1.303,1.75,0.449,0.835,3}', 4, 22, 45, 'pmf', 1.5, 4, 3.1238657844212439e-11),
    ('mbg', '{1.303,1.75,0.449,0.835,3}', 4, 22, 45, 'p_alive', 26, NULL, 0.032067211758942325),
    ('mbg', '{1.303,1.75,0.449,0.835,3}', 4, 22, 45, 'purchases', 26, NULL, 0.10775820851938883),
    ('mbg', '{1.303,1.75,0.449,0.835,3}', 4, 22, 45, 'variance', 26, NULL, 0.35124952144778278),
    ('mbg', '{1.303,1.75,0.449,0.835,3}', 4, 22, 45, 'pmf', 26, 1, 0.0058950289809786322),
    ('mbg', '{1.303,1.75,0.449,0.835,3}', 4, 22, 45, 'pmf', 26, 4, 0.0066149237546302589);
SELECT r.*, got
FROM (SELECT *, crm_btyd_model(model || '/cnbd-k', p) AS m FROM regular_reference) r,
     LATERAL (SELECT CASE what WHEN 'p_alive' THEN crm_p_alive(m, x, t_x, t, arg1)
                               WHEN 'purchases' THEN crm_expected_purchases(m, x, t_x, t, arg1)
                               WHEN 'pmf' THEN crm_purchases_pmf(m, x, t_x, t, arg1, arg2)
                               WHEN 'variance' THEN (crm_purchases_interval(m, x, t_x, t, arg1, 0.8)).std_error ^ 2 END AS got) g
WHERE (abs(got - want) <= 1e-10 * want) IS NOT TRUE;
SELECT count(*) > 30 AS compared FROM regular_reference;
-- The probabilities sum to one, their mean is the expectation.
SELECT k, round(one::numeric, 12) AS one, round((mean / crm_expected_purchases(m, 4, 20, 22, 30))::numeric, 10) AS mean
FROM unnest(ARRAY[1, 2, 5, 32]) k, LATERAL crm_btyd_model('mbg/cnbd-k', ARRAY[1.3, 2.8 / k, 0.4, 0.8, k]::float8[]) m,
     LATERAL (SELECT sum(p) AS one, sum(n * p) AS mean
              FROM generate_series(0, 200) n, LATERAL crm_purchases_pmf(m, 4, 20, 22, 30, n) p) s
ORDER BY k;
-- A purchase that is due soon: at k = 12 and one purchase every ten weeks, the next
-- is likely ten weeks after the last, not sooner.
SELECT round(crm_expected_purchases(m, 8, 80, 82, 3)::numeric, 2) AS just_bought,
       round(crm_expected_purchases(m, 8, 80, 89, 3)::numeric, 2) AS due
FROM crm_btyd_model('mbg/cnbd-k', '{3,2.5,0.1,4,12}') m;
-- NBD: the elementary formulas
SELECT crm_p_alive(m, 3, 20, 30, 10) = 1 AS alive,
       abs(crm_expected_purchases(m, 3, 20, 30, 10) - 10 * 3.5 / 40) < 1e-15 AS purchases,
       abs(crm_purchases_pmf(m, 3, 20, 30, 10, 0) - (40.0 / 50) ^ 3.5) < 1e-15 AS none,
       abs((crm_purchases_interval(m, 3, 20, 30, 10, 0.5)).std_error ^ 2 - 10 * 3.5 / 40 * 1.25) < 1e-14 AS variance,
       abs(crm_discounted_purchases(m, 3, 20, 30, 0.1) - 3.5 / 40 / (ln(1.1) / 52)) < 1e-10 AS discounted,
       abs(crm_log_likelihood(m, 3, 20, 30) - (ln(0.5 * 1.5 * 2.5) + 0.5 * ln(10) - 3.5 * ln(40))) < 1e-13 AS likelihood
FROM crm_btyd_model('nbd', '{0.5,10}') m;

-- ---------------------------------------------------------------------------
-- The times between purchases
-- ---------------------------------------------------------------------------
-- A world of MBG/CNBD-4: a customer's times between purchases are the sum of four
-- exponential stages, whose mean differs between customers, to the day; one in eight
-- purchases is the last.
CREATE FUNCTION pg_temp.uniform(a int, b int, c int) RETURNS float8 IMMUTABLE LANGUAGE sql
    RETURN ((('x' || substr(md5(a || '-' || b || '-' || c), 1, 8))::bit(32)::bigint) + 0.5) / 4294967296.0;
CREATE TABLE clockwork AS
WITH person AS (
    SELECT cust, floor(ln(pg_temp.uniform(cust, 0, 1)) / ln(0.875)) AS repeats,
           2.0 / (-ln(pg_temp.uniform(cust, 0, 2) * pg_temp.uniform(cust, 0, 3) * pg_temp.uniform(cust, 0, 4))) AS stage_weeks
    FROM generate_series(1, 500) cust
), purchase AS (
    SELECT cust, i, CASE i WHEN 0 THEN 0 ELSE
           7 * stage_weeks * -ln(pg_temp.uniform(cust, i, 1) * pg_temp.uniform(cust, i, 2) * pg_temp.uniform(cust, i, 3) * pg_temp.uniform(cust, i, 4)) END AS gap
    FROM person, generate_series(0, 60) i WHERE i <= repeats
)
SELECT cust, date '2025-01-01' + cust % 28 + least(round(sum(gap) OVER (PARTITION BY cust ORDER BY i)), 1000)::int AS d
FROM purchase;
CREATE TABLE clockwork_rfm AS
SELECT cust, crm_rfm(d, 1.0, date '2025-12-31') AS rfm FROM clockwork GROUP BY cust;
SELECT (f::jsonb) -> 'parameters' -> 'k' AS found, crm_model_status(f) AS status
FROM (SELECT crm_btyd_fit('mbg/cnbd-k', rfm, '{"k_max": 32}') f FROM clockwork_rfm) s;
SELECT (f::jsonb) -> 'parameters' -> 'k' AS upto_8 FROM (SELECT crm_btyd_fit('mbg/cnbd-k', rfm) f FROM clockwork_rfm) s;
SELECT (f::jsonb) -> 'parameters' -> 'k' AS upto_3 FROM (SELECT crm_btyd_fit('mbg/cnbd-k', rfm, '{"k_max": 3}') f FROM clockwork_rfm) s;
-- Collected, rolled up, written and read again, the sum goes along.
WITH s AS (SELECT crm_btyd_agg(rfm) AS data FROM clockwork_rfm GROUP BY cust % 7),
     r AS (SELECT crm_rollup(data::text::crm_btyd_data) AS data FROM s),
     f AS (SELECT crm_btyd_fit('bg/cnbd-k', rfm, '{"k": 4}') AS fit, sum((rfm).log_intervals) AS log_intervals FROM clockwork_rfm)
SELECT abs(crm_log_likelihood(crm_btyd_fit('bg/cnbd-k', data, '{"k": 4}')) - crm_log_likelihood(fit)) < 1e-8 AS same,
       abs(substring(data::text FROM 'log_intervals=([^ ]*)')::float8 - log_intervals) < 1e-9 AS sum_is_kept
FROM r, f;
-- Plain numbers do not have it; the option says it.
WITH n AS (SELECT (rfm).frequency AS x, (rfm).recency AS t_x, (rfm).age AS t, (rfm).log_intervals AS l, rfm FROM clockwork_rfm),
     f AS (SELECT crm_btyd_agg(rfm) AS whole, crm_btyd_agg(x, t_x, t) AS plain, sum(l) AS l FROM n)
SELECT crm_btyd_fit('mbg/cnbd-k', plain, jsonb_build_object('log_intervals', l))::jsonb -> 'parameters'
       = crm_btyd_fit('mbg/cnbd-k', whole)::jsonb -> 'parameters' AS same,
       crm_log_likelihood(crm_btyd_fit('mbg/cnbd-k', plain, '{"k": 2}')) IS NULL AS not_known,
       crm_aic(crm_btyd_fit('mbg/cnbd-k', plain, '{"k": 2}')) IS NULL AS no_aic,
       crm_log_likelihood(crm_btyd_fit('mbg/cnbd-k', whole, '{"k": 2}'), plain) IS NULL AS nor_for_data,
       crm_log_likelihood(crm_btyd_fit('mbg/cnbd-k', plain, '{"k": 1}')) = crm_log_likelihood(crm_btyd_fit('mbg/nbd', plain)) AS k_1_needs_none,
       plain::text LIKE '%log_intervals%' AS plain_has_it
FROM f;
-- One customer without it makes the sum unknown; one who never came back does not.
SELECT who, (d::text LIKE '%log_intervals%') AS known
FROM (VALUES ('never back', 'crm_btyd_data:1 unit_days=7 rows=[0,0,5,1]'),
             ('back', 'crm_btyd_data:1 unit_days=7 rows=[1,2,5,1]'),
             ('back, known', 'crm_btyd_data:1 unit_days=7 log_intervals=0.6931471805599453 rows=[1,2,5,1]')) v(who, other),
     LATERAL (SELECT crm_rollup(data) AS d
              FROM (SELECT crm_btyd_agg(rfm) AS data FROM clockwork_rfm
                    UNION ALL SELECT CASE who WHEN 'never back' THEN crm_btyd_agg(0, 0, 5) ELSE other::crm_btyd_data END) s) r
ORDER BY who;
SELECT crm_log_likelihood(m, 0, 0, 5) IS NOT NULL AS never_back, crm_log_likelihood(m, 1, 2, 5) IS NULL AS back
FROM crm_btyd_model('mbg/cnbd-k', '{1,2,1,2,2}') m;
-- Text forms and parameters
CREATE TEMP TABLE as_model AS
SELECT crm_btyd_fit('mbg/cnbd-k', rfm, '{"k": 3}') AS model FROM clockwork_rfm
UNION ALL SELECT crm_btyd_fit('nbd', rfm) FROM clockwork_rfm;
SELECT count(*) AS models, bool_and(model::text = model::text::crm_btyd_model::text) AS text_form FROM as_model;
SELECT name, estimate IS NOT NULL AS estimate, std_error IS NOT NULL AS std_error
FROM as_model, crm_model_parameters(model) ORDER BY model::text, name;

-- ---------------------------------------------------------------------------
-- How regular
-- ---------------------------------------------------------------------------
-- Times of 1 and 3 weeks, of 2, 2 and 5, and one of 4.  The root of the derivative of
-- the conditional likelihood by mpmath: 2.76270084029840146
SELECT abs(crm_regularity(crm_btyd_agg(rfm)) - 2.76270084029840146) < 1e-9 AS by_hand
FROM (SELECT crm_rfm(date '2025-01-01' + 7 * week, 1.0, date '2025-06-30') AS rfm
      FROM (VALUES (1, ARRAY[0, 1, 4]), (2, ARRAY[0, 2, 4, 9]), (3, ARRAY[0, 4]), (4, ARRAY[0])) v(cust, weeks), unnest(weeks) week
      GROUP BY cust) s;
-- The world of k = 4, whatever the time unit
SELECT abs(crm_regularity(crm_btyd_agg(rfm)) - 4) < 0.4 AS four FROM clockwork_rfm;
SELECT abs(crm_regularity(crm_btyd_agg(d)) / (SELECT crm_regularity(crm_btyd_agg(rfm)) FROM clockwork_rfm) - 1) < 1e-9 AS same_in_days
FROM (SELECT crm_rfm(d, 1.0, date '2025-12-31', '1 day') AS d FROM clockwork GROUP BY cust) s;
-- The grocery, by Wheat and Morrison's moments of the last two times between
-- purchases: BTYDplus, which takes one of the two at random, has 1.824466.
WITH gap AS (
    SELECT cust, d, d - lag(d) OVER w AS days, row_number() OVER (PARTITION BY cust ORDER BY d DESC) AS i
    FROM (SELECT DISTINCT cust, d FROM grocery_order) o WINDOW w AS (PARTITION BY cust ORDER BY d)
), share AS (
    SELECT min(days) FILTER (WHERE i = 1) / sum(days)::float8 AS m FROM gap WHERE i <= 2 GROUP BY cust HAVING count(days) = 2
)
SELECT w.wheat, r.regularity
FROM (SELECT (1 - 4 * v) / (8 * v) AS wheat FROM (SELECT avg((m - 0.5) ^ 2) AS v FROM share) s) w,
     (SELECT crm_regularity(crm_btyd_agg(rfm)) AS regularity FROM regular_customer WHERE shop = 'grocery') r
WHERE abs(w.wheat - 1.824466) > 0.02 OR regularity NOT BETWEEN 1.5 AND 3;
SELECT shop, regularity FROM (SELECT shop, crm_regularity(crm_btyd_agg(rfm)) AS regularity FROM regular_customer WHERE shop = 'cdnow' GROUP BY shop) s
WHERE regularity NOT BETWEEN 0.5 AND 1.2;
SELECT what, crm_regularity(('crm_btyd_data:1 unit_days=7 ' || d)::crm_btyd_data) AS regularity
FROM (VALUES (1, 'not known', 'rows=[2,4,6,1]'), (2, 'one time each', 'log_intervals=1 rows=[1,4,6,3]'), (3, 'nobody', 'log_intervals=0 rows=[]'),
             (4, 'equal times', 'log_intervals=1.3862943611198906 rows=[2,4,6,1]'), (5, 'more than equal', 'log_intervals=1.4 rows=[2,4,6,1]'),
             (6, 'nobody back', 'log_intervals=0 rows=[0,0,6,1]')) v(i, what, d) ORDER BY i;
SELECT crm_regularity(NULL) IS NULL AS nothing;

-- ---------------------------------------------------------------------------
-- Order of rows and parallel workers do not matter
-- ---------------------------------------------------------------------------
CREATE TABLE clockwork_many AS
SELECT (i % 3) AS part, rfm FROM clockwork_rfm, generate_series(1, 40) i;
ANALYZE clockwork_many;
CREATE TEMP TABLE serial AS SELECT crm_btyd_agg(rfm)::text AS data, crm_btyd_fit('mbg/cnbd-k', rfm) AS fit FROM clockwork_many;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT crm_btyd_fit('mbg/cnbd-k', rfm) FROM clockwork_many;
SELECT p.data = s.data AS same_data, abs(crm_log_likelihood(p.fit) / crm_log_likelihood(s.fit) - 1) < 1e-13 AS same_likelihood,
       p.fit::jsonb -> 'parameters' -> 'k' = s.fit::jsonb -> 'parameters' -> 'k' AS same_k
FROM (SELECT crm_btyd_agg(rfm)::text AS data, crm_btyd_fit('mbg/cnbd-k', rfm) AS fit FROM clockwork_many) p, serial s;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET max_parallel_workers_per_gather;
SELECT crm_btyd_agg(rfm ORDER BY cust * 37 % 101, cust)::text = crm_btyd_agg(rfm ORDER BY cust)::text AS same_in_any_order
FROM clockwork_rfm;

-- ---------------------------------------------------------------------------
-- Weak data end in an honest status
-- ---------------------------------------------------------------------------
SELECT name, what, crm_model_status(fit) AS status, (fit::jsonb) -> 'parameters' -> 'k' AS k
FROM unnest(ARRAY['nbd', 'bg/cnbd-k', 'mbg/cnbd-k']) name,
     (VALUES (1, 'nobody back', 'log_intervals=0 rows=[0,0,30,50;0,0,20,50]'),
             (2, 'one customer', 'log_intervals=0.7 rows=[3,5,6,1]'),
             (3, 'all alike', 'log_intervals=0 rows=[5,10,10,100]')) v(i, what, data),
     LATERAL (SELECT crm_btyd_fit(name, ('crm_btyd_data:1 unit_days=7 ' || data)::crm_btyd_data) AS fit) f
ORDER BY name, i;

-- ---------------------------------------------------------------------------
-- Bad input
-- ---------------------------------------------------------------------------
SELECT pg_temp.error_of(format('SELECT crm_btyd_fit(%L, rfm, %L) FROM clockwork_rfm', model, options))
FROM (VALUES (1, 'mbg/cnbd-k', '{"k": 0}'), (2, 'mbg/cnbd-k', '{"k": 33}'), (3, 'mbg/cnbd-k', '{"k": 1.5}'),
             (4, 'mbg/cnbd-k', '{"k": "2"}'), (5, 'mbg/cnbd-k', '{"k_max": 0}'), (6, 'mbg/cnbd-k', '{"k_max": 100}'),
             (7, 'mbg/cnbd-k', '{"log_intervals": "many"}'), (8, 'mbg/cnbd-k', '{"kk": 2}'),
             (9, 'mbg/nbd', '{"k": 2}'), (10, 'nbd', '{"k_max": 2}'), (11, 'nbd', '{"prior": {"s": [1, 1]}}')) v(i, model, options) ORDER BY i;
SELECT pg_temp.error_of($$SELECT crm_btyd_fit('mbg/cnbd-k', 1, 2, 5)$$);
SELECT pg_temp.error_of($$SELECT crm_btyd_fit('mbg/cnbd-k', 'crm_btyd_data:1 unit_days=7 rows=[1,2,5,1]'::crm_btyd_data)$$);
SELECT pg_temp.error_of(format('SELECT crm_btyd_model(%s)', args))
FROM (VALUES (1, $$'mbg/cnbd-k', '{1,2,1,2}'$$), (2, $$'mbg/cnbd-k', '{1,2,1,2,0}'$$), (3, $$'mbg/cnbd-k', '{1,2,1,2,33}'$$),
             (4, $$'bg/cnbd-k', '{1,2,1,2,1.5}'$$), (5, $$'bg/cnbd-k', '{1,2,1,2,NaN}'$$), (6, $$'nbd', '{1,2,3}'$$),
             (7, $$'nbd', '{0,2}'$$)) v(i, args) ORDER BY i;
SELECT pg_temp.error_of(format('SELECT %L::crm_btyd_data', t))
FROM (VALUES (1, 'crm_btyd_data:1 unit_days=7 log_intervals=NaN rows=[1,2,3,4]'), (2, 'crm_btyd_data:1 unit_days=7 log_intervals= rows=[1,2,3,4]'),
             (3, 'crm_btyd_data:1 unit_days=7 log_intervals=Infinity rows=[1,2,3,4]')) v(i, t) ORDER BY i;
SELECT pg_temp.error_of($$SELECT crm_btyd_agg(ROW(1, 2, 3, NULL, 0, 7, NULL, NULL, 2, NULL, 'NaN')::crm_rfm)$$);
-- NULLs
SELECT crm_btyd_fit('nbd', NULL::crm_rfm) IS NULL AS no_rows, crm_btyd_fit('mbg/cnbd-k', NULL::crm_rfm) IS NULL AS no_rows_k,
       (crm_btyd_agg(ROW(1, 2, 3, NULL, 0, 7, NULL, NULL, 2, NULL, NULL)::crm_rfm))::text AS not_known
FROM generate_series(1, 2);
DROP TABLE grocery_order, cdnow_order_k, regular_customer, regular_model, clockwork, clockwork_rfm, clockwork_many;
