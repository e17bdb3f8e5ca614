-- What the purchase and spend models say of single customers, against published
-- values and against a table of values that were computed at 30 digits.
SET extra_float_digits = 1;

-- ---------------------------------------------------------------------------
-- Published values, to the digits printed
-- ---------------------------------------------------------------------------
CREATE TEMP TABLE published (source text, what text, got float8, want numeric);

-- Hardie's Excel note on BG/NBD: a new customer's purchases in t weeks, at the
-- estimates for CDNOW, and customer 1's in the next 39 weeks
INSERT INTO published
SELECT 'BG/NBD Excel note', 'E[X(' || t || ')]', crm_expected_purchases(m, t), want
FROM crm_btyd_model('bg/nbd', '{.242594522,4.41360202,.792922017,2.42590678}') m,
     (VALUES (0.1429, .0078), (1, .0532), (3, .1506), (31.8571, 1.0405), (32, 1.0437)) v(t, want);
INSERT INTO published
SELECT 'BG/NBD Excel note', 'E[Y(39)] of customer 1', crm_expected_purchases(m, 2, 30.43, 38.86, 39), 1.226
FROM crm_btyd_model('bg/nbd', '{.243,4.414,.793,2.426}') m;

-- BTYD's manual, at the parameters of Fader, Hardie and Lee 2005
INSERT INTO published
SELECT 'BTYD manual', 'BG P(X(' || t || ') = ' || n || ')', crm_purchases_pmf(m, t, n), want
FROM crm_btyd_model('bg/nbd', '{.243,4.414,.793,2.426}') m,
     (VALUES (2, 10, 0.000000107869), (39, 0, .5737864),
             (30, 11, 0.00199952144747888), (30, 12, 0.00151702362996469), (30, 13, 0.00116331500665615),
             (30, 14, 0.000900314789643643), (30, 15, 0.000702363765887404), (30, 16, 0.000551790242649229),
             (30, 17, 0.000436191280897699), (30, 18, 0.000346717139624221), (30, 19, 0.000276961264840107),
             (30, 20, 0.000222226048006637)) v(t, n, want);
-- BTYD's walkthrough; its parameters are known to 7 decimals.  The last four are
-- the paradox of increasing frequency.
INSERT INTO published
SELECT 'BTYD walkthrough', what, got, want
FROM crm_btyd_model('pareto/nbd', '{.5533971,10.5801985,.6060625,11.6562237}') m,
     LATERAL (VALUES ('E[X(52)]', crm_expected_purchases(m, 52), 1.47311),
                     ('E[Y(52)] of customer 1516', crm_expected_purchases(m, 26, 30.857142857, 31, 52), 25.454),
                     ('P(alive) of customer 1516', crm_p_alive(m, 26, 30.857142857, 31), .99787),
                     ('x = 10', crm_expected_purchases(m, 10, 20, 39, 52), .705967),
                     ('x = 15', crm_expected_purchases(m, 15, 20, 39, 52), .144188),
                     ('x = 20', crm_expected_purchases(m, 20, 20, 39, 52), .0224993),
                     ('x = 25', crm_expected_purchases(m, 25, 20, 39, 52), .00309179)) v(what, got, want);
-- "RFM and CLV" (Fader, Hardie and Lee 2005), figure 11: customer B at a
-- continuous discount of .0027 a week; more digits from BTYD's manual
INSERT INTO published
SELECT 'RFM and CLV', 'discounted purchases of customer B', crm_discounted_purchases(m, 7, 35, 77.86, exp(.0027 * 52) - 1), want
FROM crm_btyd_model('pareto/nbd', '{.5629966,12.5590370,.4081095,10.5148048}') m,
     unnest(ARRAY[1.9, 1.864183]) want;
-- BTYDplus and lifetimes agree on MBG/NBD
INSERT INTO published
SELECT 'BTYDplus', what, got, want
FROM crm_btyd_model('mbg/nbd', '{.525,6.183,.891,1.614}') m,
     LATERAL (VALUES ('P(X(39) = 0)', crm_purchases_pmf(m, 39, 0), .58247319),
                     ('P(X(39) = 1)', crm_purchases_pmf(m, 39, 1), .18278308),
                     ('P(X(39) = 2)', crm_purchases_pmf(m, 39, 2), .08689483),
                     ('P(X(39) = 3)', crm_purchases_pmf(m, 39, 3), .04857044),
                     ('P(X(39) = 4)', crm_purchases_pmf(m, 39, 4), .02977415),
                     ('E[X(39)]', crm_expected_purchases(m, 39), 1.182954)) v(what, got, want);
-- Fader and Hardie 2013 (note 025), at the parameters printed there: the formula
-- (gamma + m x) p / (p x + q - 1) in 20 digits; the note prints 24.65, 18.91,
-- 35.17 and 71.46 at unrounded parameters.
INSERT INTO published
SELECT 'note 025', 'E[M | x = ' || x || ', m = ' || coalesce(m, 0) || ']', crm_expected_spend(s, x, m), want
FROM crm_spend_model(6.25, 3.74, 15.44) s,
     (VALUES (2, 22.35, 24.6637139107612), (1, 11.77, 18.916852057842), (0, NULL, 35.2189781021898),
             (7, 73.74, 71.4696708969671), (2, 40, 39.1404199475066)) v(x, m, want);
INSERT INTO published
SELECT 'note 025', 'E[M] of anybody', crm_expected_spend(crm_spend_model(6.25, 3.74, 15.44)), 35.2189781021898;
-- Where other libraries divide by zero: s = 1 and a = 1 (30 digits)
INSERT INTO published
SELECT 'singular', what, got, want
FROM (VALUES ('s = 1', crm_expected_purchases(crm_btyd_model('pareto/nbd', '{.553,10.578,1,11.669}'), 3, 20, 30, 39), 1.54876487164871),
             ('a = 1', crm_expected_purchases(crm_btyd_model('bg/nbd', '{.243,4.414,1,2.426}'), 3, 20, 30, 39), 1.63390577456185)) v(what, got, want);

-- Half a unit of the last digit printed is allowed, or of that of a double.
SELECT source, what, got, want FROM published
WHERE (abs(got - want::float8) <= greatest(0.5001 * 10 ^ -scale(want), 1e-14 * want)) IS NOT TRUE;
SELECT count(*) AS compared FROM published;

-- ---------------------------------------------------------------------------
-- The table: every quantity, the hard cases included
-- ---------------------------------------------------------------------------
\set have_data `test -r "$PG_ABS_SRCDIR/../../shared/reference/clv_gold_values.csv" && echo true || echo false`
-- value is numeric: some are below the smallest double.
CREATE TEMP TABLE gold (model text, params text, x float8, t_x float8, t float8,
                        quantity text, arg text, value numeric);
\if :have_data
\copy gold FROM PROGRAM 'cat "$PG_ABS_SRCDIR/../../shared/reference/clv_gold_values.csv"' (FORMAT csv, HEADER)
\endif
CREATE TEMP TABLE gold_compared AS
SELECT g.*, want,
       CASE quantity
           WHEN 'loglik' THEN crm_log_likelihood(m, x, t_x, t)
           WHEN 'p_alive' THEN crm_p_alive(m, x, t_x, t)
           WHEN 'p_alive_at_T_plus' THEN crm_p_alive(m, x, t_x, t, horizon)
           WHEN 'expected_transactions' THEN crm_expected_purchases(m, horizon)
           WHEN 'cond_expected_transactions' THEN crm_expected_purchases(m, x, t_x, t, horizon)
           WHEN 'pmf' THEN crm_purchases_pmf(m, horizon, n)
           WHEN 'cond_pmf' THEN crm_purchases_pmf(m, x, t_x, t, horizon, n)
           WHEN 'DERT' THEN CASE arg WHEN 'annual 15%, weekly delta=ln(1.15)/52'
                                     THEN crm_discounted_purchases(m, x, t_x, t, 0.15) END
           WHEN 'expected_mean_spend' THEN crm_expected_spend(s, x, t_x)
       END AS got
FROM gold g,
     LATERAL (SELECT substring(arg FROM 't=([0-9.]+)')::float8) AS time(given),
     LATERAL (SELECT string_to_array(params, ' ')::float8[] AS p,
                     CASE model WHEN 'pnbd' THEN 'pareto/nbd' WHEN 'bgnbd' THEN 'bg/nbd'
                                WHEN 'mbgnbd' THEN 'mbg/nbd' END AS name,
                     -- times are sevenths, some cut to seven decimals
                     CASE WHEN abs(7 * given - round(7 * given)) < 1e-5 THEN round(7 * given) / 7
                          ELSE given END AS horizon,
                     substring(arg FROM 'n=([0-9]+)')::bigint AS n,
                     CASE WHEN abs(value) < 1e-300 THEN 0 ELSE value END::float8 AS want) a,
     LATERAL (SELECT CASE WHEN name IS NOT NULL THEN crm_btyd_model(name, p) END AS m,
                     CASE WHEN model = 'gg' THEN crm_spend_model(p[1], p[2], p[3]) END AS s) b
WHERE model IN ('pnbd', 'bgnbd', 'mbgnbd', 'gg');
SELECT model, params, x, t_x, t, quantity, arg, value, got
FROM gold_compared
WHERE (abs(got - want) <= greatest(1e-9 * abs(want), 1e-12)) IS NOT TRUE
ORDER BY model, params, x, t_x, t, quantity, arg;
SELECT count(*) IN (0, 194) AS all_compared FROM gold_compared;
