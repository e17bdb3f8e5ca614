-- What models predict: every form of every function, against each other, against
-- sums in plain SQL, and against values computed with mpmath.
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

-- The models of Fader, Hardie and Lee 2005 and BTYDplus for CDNOW, and of spend
-- (note 025); histories of all kinds
CREATE TEMP TABLE model AS
SELECT name, crm_btyd_model(name, parameters::float8[]) AS m, crm_spend_model(6.25, 3.74, 15.44) AS s
FROM (VALUES ('pareto/nbd', '{.553,10.578,.606,11.669}'), ('bg/nbd', '{.243,4.414,.793,2.426}'),
             ('mbg/nbd', '{.525,6.183,.891,1.614}')) v(name, parameters);
CREATE TEMP TABLE history AS
SELECT x, t_x, t, paid, spend,
       ROW(x, t_x, t, spend, paid, 7, NULL, NULL, x + 1, NULL, NULL)::crm_rfm AS rfm
FROM (VALUES (0, 0, 38.86, 0, NULL), (1, 1.71, 38.86, 1, 11.77), (2, 30.43, 38.86, 2, 22.35), (7, 29.43, 38.86, 7, 73.74),
             (26, 30.86, 31, 25, 40), (10, 35, 39, 0, NULL), (5, 39, 39, 5, 1000), (0, 0, 0, 0, NULL),
             (200, 3, 20, 200, 5)) v(x, t_x, t, paid, spend);

-- ---------------------------------------------------------------------------
-- One function, many forms
-- ---------------------------------------------------------------------------
-- crm_rfm or three numbers, float8 or interval: the same to the last bit.
SELECT count(*) AS cases,
       count(*) FILTER (WHERE crm_p_alive(m, rfm) IS DISTINCT FROM crm_p_alive(m, x, t_x, t)) AS p_alive,
       count(*) FILTER (WHERE crm_p_alive(m, rfm, 13) IS DISTINCT FROM crm_p_alive(m, x, t_x, t, 13)
                           OR crm_p_alive(m, rfm, 13) IS DISTINCT FROM crm_p_alive(m, rfm, interval '91 days')
                           OR crm_p_alive(m, rfm, 13) IS DISTINCT FROM crm_p_alive(m, x, t_x, t, interval '91 days')) AS p_alive_later,
       count(*) FILTER (WHERE crm_expected_purchases(m, rfm, 13) IS DISTINCT FROM crm_expected_purchases(m, x, t_x, t, 13)
                           OR crm_expected_purchases(m, rfm, 13) IS DISTINCT FROM crm_expected_purchases(m, rfm, interval '91 days')
                           OR crm_expected_purchases(m, rfm, 13) IS DISTINCT FROM crm_expected_purchases(m, x, t_x, t, interval '91 days')) AS expected,
       count(*) FILTER (WHERE crm_discounted_purchases(m, rfm, 0.1) IS DISTINCT FROM crm_discounted_purchases(m, x, t_x, t, 0.1)
                           OR crm_discounted_purchases(m, rfm, 0.1) IS DISTINCT FROM crm_discounted_purchases(m, rfm, 0.1, 'Infinity'::float8)) AS discounted,
       count(*) FILTER (WHERE crm_discounted_purchases(m, rfm, 0.1, 13) IS DISTINCT FROM crm_discounted_purchases(m, x, t_x, t, 0.1, 13)
                           OR crm_discounted_purchases(m, rfm, 0.1, 13) IS DISTINCT FROM crm_discounted_purchases(m, rfm, 0.1, interval '91 days')
                           OR crm_discounted_purchases(m, rfm, 0.1, 13) IS DISTINCT FROM crm_discounted_purchases(m, x, t_x, t, 0.1, interval '91 days')) AS discounted_until,
       count(*) FILTER (WHERE crm_purchases_pmf(m, rfm, 13, 2) IS DISTINCT FROM crm_purchases_pmf(m, x, t_x, t, 13, 2)
                           OR crm_purchases_pmf(m, rfm, 13, 2) IS DISTINCT FROM crm_purchases_pmf(m, rfm, interval '91 days', 2)
                           OR crm_purchases_pmf(m, rfm, 13, 2) IS DISTINCT FROM crm_purchases_pmf(m, x, t_x, t, interval '91 days', 2)) AS pmf,
       count(*) FILTER (WHERE crm_purchases_interval(m, rfm, 13) IS DISTINCT FROM crm_purchases_interval(m, x, t_x, t, 13)
                           OR crm_purchases_interval(m, rfm, 13) IS DISTINCT FROM crm_purchases_interval(m, rfm, interval '91 days', 0.95)
                           OR crm_purchases_interval(m, rfm, 13) IS DISTINCT FROM crm_purchases_interval(m, x, t_x, t, interval '91 days')) AS quantiles,
       count(*) FILTER (WHERE crm_log_likelihood(m, rfm) IS DISTINCT FROM crm_log_likelihood(m, x, t_x, t)) AS likelihood,
       count(*) FILTER (WHERE crm_expected_spend(s, rfm) IS DISTINCT FROM crm_expected_spend(s, paid, spend)) AS spend
FROM model, history;
-- A new customer
SELECT count(*) AS models,
       count(*) FILTER (WHERE crm_expected_purchases(m, 13) IS DISTINCT FROM crm_expected_purchases(m, interval '91 days')) AS expected,
       count(*) FILTER (WHERE crm_discounted_purchases(m, 0.1) IS DISTINCT FROM crm_discounted_purchases(m, 0.1, 'Infinity'::float8)
                           OR crm_discounted_purchases(m, 0.1, 13) IS DISTINCT FROM crm_discounted_purchases(m, 0.1, interval '91 days')) AS discounted,
       count(*) FILTER (WHERE crm_purchases_pmf(m, 13, 2) IS DISTINCT FROM crm_purchases_pmf(m, interval '91 days', 2)) AS pmf,
       count(*) FILTER (WHERE crm_purchases_interval(m, 13) IS DISTINCT FROM crm_purchases_interval(m, interval '91 days', 0.95)) AS quantiles,
       count(*) FILTER (WHERE crm_expected_spend(s) IS DISTINCT FROM crm_expected_spend(s, 0, NULL)) AS spend
FROM model;
-- is, for Pareto/NBD and BG/NBD, one who bought just now; MBG/NBD lets go of some
-- with their first purchase.
SELECT name,
       abs(crm_expected_purchases(m, 39) / crm_expected_purchases(m, 0, 0, 0, 39) - 1) < 1e-12 AS expected_same,
       abs(crm_purchases_pmf(m, 39, 3) / crm_purchases_pmf(m, 0, 0, 0, 39, 3) - 1) < 1e-12 AS pmf_same,
       round(crm_p_alive(m, 0, 0, 0)::numeric, 12) AS p_alive
FROM model ORDER BY name;
-- Columns of a table, of a subquery, and a model that comes in one
SELECT bool_and(abs(got / want - 1) < 1e-13) AS same
FROM (SELECT crm_expected_purchases(m, rfm, 10) AS got,
             crm_expected_purchases(m, 2, 59.0::float8 / 7, 181.0::float8 / 7, 10) AS want
      FROM model, (SELECT crm_rfm(d, 5.0, date '2025-07-01') FROM unnest(ARRAY[date '2025-01-01', '2025-02-01', '2025-03-01']) d) r(rfm)) s;
SELECT count(DISTINCT crm_expected_purchases((SELECT m FROM model WHERE name = 'bg/nbd'), rfm, 10)) AS histories FROM history;

-- NULL in, NULL out; so does a crm_rfm of NULLs.
SELECT crm_p_alive(NULL, rfm) IS NULL AND crm_p_alive(m, NULL::crm_rfm) IS NULL AND crm_p_alive(m, x, NULL, t) IS NULL
       AND crm_p_alive(m, rfm, NULL::float8) IS NULL AND crm_p_alive(m, rfm, NULL::interval) IS NULL AS p_alive,
       crm_expected_purchases(m, NULL::crm_rfm, 3) IS NULL AND crm_expected_purchases(m, NULL::float8) IS NULL
       AND crm_expected_purchases(m, rfm, NULL::interval) IS NULL AS expected,
       crm_discounted_purchases(m, NULL::float8) IS NULL AND crm_discounted_purchases(m, rfm, NULL) IS NULL
       AND crm_discounted_purchases(m, rfm, 0.1, NULL::interval) IS NULL AS discounted,
       crm_purchases_pmf(m, 3, NULL) IS NULL AND crm_purchases_interval(m, rfm, 3, NULL) IS NULL AS distribution,
       crm_clv(m, s, NULL, '1 year', 0.1) IS NULL AND crm_clv(m, NULL, rfm, '1 year', 0.1) IS NULL
       AND crm_clv_interval(m, s, rfm, NULL, 0.1) IS NULL AS clv,
       crm_expected_spend(s, NULL) IS NULL AND crm_expected_spend(s, 2, NULL) IS NULL AND crm_expected_spend(s, NULL, 5) IS NULL AS spend,
       crm_log_likelihood(m, NULL::crm_rfm) IS NULL AND crm_log_likelihood(m, NULL::crm_btyd_data) IS NULL AS likelihood
FROM model, history WHERE name = 'bg/nbd' AND x = 2;
SELECT crm_p_alive(m, nothing) IS NULL AND crm_expected_purchases(m, nothing, 3) IS NULL AND crm_discounted_purchases(m, nothing, 0.1) IS NULL
       AND crm_purchases_pmf(m, nothing, 3, 1) IS NULL AND crm_purchases_interval(m, nothing, 3) IS NULL
       AND crm_clv(m, s, nothing, '1 year', 0.1) IS NULL AND crm_clv_interval(m, s, nothing, '1 year', 0.1) IS NULL
       AND crm_expected_spend(s, nothing) IS NULL AND crm_log_likelihood(m, nothing) IS NULL AS all_null
FROM model, (SELECT ROW(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::crm_rfm) n(nothing) WHERE name = 'bg/nbd';

-- ---------------------------------------------------------------------------
-- Years, months and discounting
-- ---------------------------------------------------------------------------
-- A year is 52 weeks where the unit is whole weeks, else 365 days; a month is a
-- twelfth of a year.
SELECT unit, crm_expected_purchases(m, interval '1 year') = crm_expected_purchases(m, units) AS year,
       abs(crm_expected_purchases(m, interval '1 month') / crm_expected_purchases(m, units / 12) - 1) < 1e-14 AS month,
       abs(crm_expected_purchases(m, interval '1 year -1 month 14 days 12 hours')
           / crm_expected_purchases(m, units * 11 / 12 + 14.5 / days) - 1) < 1e-14 AS mixed,
       -- 15 percent a year is ln(1.15) in a year's units: a month from now counts
       -- exp(-ln(1.15) / 12) for what is bought in the instant
       abs((crm_discounted_purchases(m, 0.15, units / 12 + 1e-3) - crm_discounted_purchases(m, 0.15, units / 12 - 1e-3))
           / (crm_expected_purchases(m, units / 12 + 1e-3) - crm_expected_purchases(m, units / 12 - 1e-3))
           - 1.15 ^ (-1.0 / 12)) < 1e-7 AS discount
FROM (VALUES (interval '7 days', 52::float8, 7::float8), ('28 days', 13, 28), ('1 day', 365, 1), ('30 days', 365.0 / 30, 30),
             ('84 hours', 365 / 3.5, 3.5), ('1 hour', 8760, 1.0 / 24), ('14 days', 26, 14)) u(unit, units, days),
     LATERAL crm_btyd_model('pareto/nbd', '{.553,10.578,.606,11.669}', unit) m;
-- The same model in weeks, in units of four weeks, in days: the same answers.
-- (A year of 365 days has 365/364 of the discount in a year of 52 weeks.)
SELECT count(*) AS cases,
       count(*) FILTER (WHERE abs(crm_expected_purchases(month, x, t_x / 4, t / 4, interval '26 weeks') / crm_expected_purchases(week, x, t_x, t, 26) - 1) > 1e-12
                           OR abs(crm_expected_purchases(day, x, t_x * 7, t * 7, interval '26 weeks') / crm_expected_purchases(week, x, t_x, t, 26) - 1) > 1e-12) AS expected,
       count(*) FILTER (WHERE abs(crm_discounted_purchases(month, x, t_x / 4, t / 4, 0.15) / crm_discounted_purchases(week, x, t_x, t, 0.15) - 1) > 1e-12
                           OR abs(crm_discounted_purchases(day, x, t_x * 7, t * 7, 1.15 ^ (365.0 / 364) - 1) / crm_discounted_purchases(week, x, t_x, t, 0.15) - 1) > 1e-12) AS discounted
FROM history,
     crm_btyd_model('pareto/nbd', '{.553,10.578,.606,11.669}') week,
     crm_btyd_model('pareto/nbd', ARRAY[.553, 10.578 / 4, .606, 11.669 / 4], '28 days') month,
     crm_btyd_model('pareto/nbd', ARRAY[.553, 10.578 * 7, .606, 11.669 * 7], '1 day') day;

-- ---------------------------------------------------------------------------
-- The distribution of the number of purchases
-- ---------------------------------------------------------------------------
-- Probabilities add up to one; their mean is the expected number, and their
-- spread that of the interval, whose bounds are the quantiles of the sums.
CREATE TEMP TABLE distribution AS
SELECT name, x, t_x, t, horizon, n, m, rfm, crm_purchases_pmf(m, rfm, horizon, n) AS p
FROM model, history, unnest(ARRAY[1, 39, 104]::float8[]) horizon, generate_series(0, 600) n
WHERE x < 200;
CREATE TEMP TABLE cumulated AS
SELECT name, x, t_x, t, horizon, n, p, sum(p) OVER (PARTITION BY name, x, t_x, t, horizon ORDER BY n) AS cdf
FROM distribution;
SELECT count(*) AS distributions,
       count(*) FILTER (WHERE impossible > 0) AS not_probabilities,
       count(*) FILTER (WHERE abs(total - 1) > 1e-7) AS not_one,
       count(*) FILTER (WHERE abs(mean - crm_expected_purchases(m, x, t_x, t, horizon)) > 1e-6 * (1 + mean)) AS other_mean,
       count(*) FILTER (WHERE abs(mean - i.estimate) > 1e-6 * (1 + mean)) AS other_estimate,
       count(*) FILTER (WHERE abs(sqrt(square - mean ^ 2) - i.std_error) > 1e-5 * (1 + i.std_error)) AS other_spread,
       count(*) FILTER (WHERE i.n IS NOT NULL OR i.conf_level <> 0.95) AS other_columns
FROM (SELECT name, x, t_x, t, horizon, sum(p) AS total, sum(n * p) AS mean, sum(n::float8 ^ 2 * p) AS square,
             count(*) FILTER (WHERE (p >= 0 AND p <= 1) IS NOT TRUE) AS impossible
      FROM distribution GROUP BY 1, 2, 3, 4, 5) d
JOIN model USING (name), LATERAL crm_purchases_interval(m, x, t_x, t, horizon) i;
SELECT count(*) AS intervals,
       count(*) FILTER (WHERE i.lower IS DISTINCT FROM q.lower) AS other_lower,
       count(*) FILTER (WHERE i.upper IS DISTINCT FROM q.upper) AS other_upper
FROM (SELECT name, x, t_x, t, horizon, conf,
             min(n) FILTER (WHERE cdf >= (1 - conf) / 2) AS lower, min(n) FILTER (WHERE cdf >= 1 - (1 - conf) / 2) AS upper
      FROM cumulated, unnest(ARRAY[0.5, 0.8, 0.95, 0.999]::float8[]) conf GROUP BY 1, 2, 3, 4, 5, 6) q
JOIN model USING (name), LATERAL crm_purchases_interval(m, x, t_x, t, horizon, conf) i;
-- A new customer's, with E[X] = 1.446 in a year (BTYD manual)
SELECT round(sum(n * crm_purchases_pmf(m, 52, n))::numeric, 3) AS mean, round(sum(crm_purchases_pmf(m, 52, n))::numeric, 6) AS total
FROM model, generate_series(0, 500) n WHERE name = 'bg/nbd';
-- Nothing happens in no time.
SELECT bool_and(abs(crm_purchases_pmf(m, rfm, 0, 0) - 1) < 1e-15) AS none, bool_and(crm_purchases_pmf(m, rfm, 0, 1) = 0) AS one,
       bool_and(crm_expected_purchases(m, rfm, 0) = 0) AS expected, bool_and(crm_discounted_purchases(m, rfm, 0.1, 0) = 0) AS discounted,
       bool_and((crm_purchases_interval(m, rfm, 0)).upper = 0) AS upper, bool_and(crm_p_alive(m, rfm, 0) = crm_p_alive(m, rfm)) AS p_alive,
       bool_and(crm_clv(m, s, rfm, '0', 0.1) = 0) AS clv, bool_and((crm_clv_interval(m, s, rfm, '0', 0.1)).upper = 0) AS clv_upper
FROM model, history;

-- ---------------------------------------------------------------------------
-- Over time
-- ---------------------------------------------------------------------------
-- Pareto/NBD: alive t later with probability P(alive) ((beta + T) / (beta + T + t))^s
-- (updated parameters); purchases come at the rate r / alpha of those alive.
SELECT count(*) AS cases,
       count(*) FILTER (WHERE abs(crm_p_alive(m, rfm, horizon) / (crm_p_alive(m, rfm) * ((11.669 + t) / (11.669 + t + horizon)) ^ .606) - 1) > 1e-12) AS p_alive,
       count(*) FILTER (WHERE abs(crm_expected_purchases(m, rfm, horizon)
                                  / (crm_p_alive(m, rfm) * (.553 + x) * (11.669 + t) / ((10.578 + t) * (.606 - 1))
                                     * (1 - ((11.669 + t) / (11.669 + t + horizon)) ^ (.606 - 1))) - 1) > 1e-11) AS expected
FROM model, history, unnest(ARRAY[1, 10, 100]::float8[]) horizon
WHERE name = 'pareto/nbd' AND x < 200;
-- Without a repeat purchase nobody has left BG/NBD.
SELECT bool_and(crm_p_alive(m, 0, 0, t) = 1) AS alive FROM model, unnest(ARRAY[0, 1, 39, 1e6]) t WHERE name = 'bg/nbd';
-- More time brings more purchases and fewer alive; a higher rate less value.
SELECT count(*) AS steps,
       count(*) FILTER (WHERE alive > lag_alive) AS alive_again,
       count(*) FILTER (WHERE expected < lag_expected) AS fewer_expected,
       count(*) FILTER (WHERE discounted < lag_discounted) AS fewer_discounted,
       count(*) FILTER (WHERE discounted > expected * (1 + 1e-12)) AS discounted_above_expected,
       count(*) FILTER (WHERE discounted > ever * (1 + 1e-12)) AS above_ever,
       count(*) FILTER (WHERE harder > discounted * (1 + 1e-12)) AS harder_rate_higher
FROM (SELECT alive, expected, discounted, ever, harder,
             lag(alive) OVER w AS lag_alive, lag(expected) OVER w AS lag_expected, lag(discounted) OVER w AS lag_discounted
      FROM model, history, generate_series(0, 500, 25) horizon,
           LATERAL (SELECT crm_p_alive(m, rfm, horizon) AS alive, crm_expected_purchases(m, rfm, horizon) AS expected,
                           crm_discounted_purchases(m, rfm, 0.15, horizon) AS discounted,
                           crm_discounted_purchases(m, rfm, 0.15) AS ever,
                           crm_discounted_purchases(m, rfm, 0.3, horizon) AS harder) p
      WINDOW w AS (PARTITION BY name, x, t_x, t ORDER BY horizon)) s;
-- Without a discount they are the expected purchases; without an end the limit.
SELECT count(*) AS cases,
       count(*) FILTER (WHERE abs(crm_discounted_purchases(m, rfm, 0, 39) - crm_expected_purchases(m, rfm, 39))
                              > 1e-12 * crm_expected_purchases(m, rfm, 39)) AS without_discount,
       count(*) FILTER (WHERE abs(crm_discounted_purchases(m, rfm, 0.15, 1e5) - crm_discounted_purchases(m, rfm, 0.15))
                              > 1e-10 * crm_discounted_purchases(m, rfm, 0.15)) AS without_end
FROM model, history;
-- The Riemann sum: purchases of each day, discounted from its middle
SELECT name, x, abs(sum / crm_discounted_purchases(m, x, t_x, t, 0.15, 52) - 1) < 1e-6 AS same
FROM (SELECT name, x, t_x, t, sum((crm_expected_purchases(m, rfm, (d + 1) / 7.0) - crm_expected_purchases(m, rfm, d / 7.0))
                                  * 1.15 ^ (-(d + 0.5) / 364)) AS sum
      FROM model, history, generate_series(0, 363) d WHERE x IN (2, 26) GROUP BY name, x, t_x, t) s JOIN model USING (name)
ORDER BY name, x;

-- mpmath: see test/data/clv_predict_reference.py; 15 percent a year.
CREATE TEMP TABLE discounted_reference (name text, x float8, t_x float8, t float8, horizon float8, want float8);
INSERT INTO discounted_reference VALUES
    ('pareto/nbd', 0, 0, 38.86, 13, 0.03931270228917),
    ('pareto/nbd', 0, 0, 38.86, 52, 0.1277417099552),
    ('pareto/nbd', 0, 0, 38.86, 520, 0.4239064544907),
    ('pareto/nbd', 2, 30.43, 38.86, 13, 0.5342177861773),
    ('pareto/nbd', 2, 30.43, 38.86, 52, 1.735873891161),
    ('pareto/nbd', 2, 30.43, 38.86, 520, 5.760437580673),
    ('pareto/nbd', 26, 30.86, 31, 13, 7.496346368198),
    ('pareto/nbd', 26, 30.86, 31, 52, 23.89184969164),
    ('pareto/nbd', 26, 30.86, 31, 520, 76.73242449078),
    ('bg/nbd', 0, 0, 38.86, 13, 0.06873589846636),
    ('bg/nbd', 0, 0, 38.86, 52, 0.2360017980645),
    ('bg/nbd', 0, 0, 38.86, 520, 0.8888779337841),
    ('bg/nbd', 2, 30.43, 38.86, 13, 0.4494895954183),
    ('bg/nbd', 2, 30.43, 38.86, 52, 1.461919199022),
    ('bg/nbd', 2, 30.43, 38.86, 520, 4.663838368795),
    ('bg/nbd', 26, 30.86, 31, 13, 8.140066624151),
    ('bg/nbd', 26, 30.86, 31, 52, 24.22868823646),
    ('bg/nbd', 26, 30.86, 31, 520, 65.37712522045),
    ('mbg/nbd', 0, 0, 38.86, 13, 0.05509618471978),
    ('mbg/nbd', 0, 0, 38.86, 52, 0.1852282295723),
    ('mbg/nbd', 0, 0, 38.86, 520, 0.6452189024848),
    ('mbg/nbd', 2, 30.43, 38.86, 13, 0.4688983521736),
    ('mbg/nbd', 2, 30.43, 38.86, 52, 1.498898986043),
    ('mbg/nbd', 2, 30.43, 38.86, 520, 4.503364750338),
    ('mbg/nbd', 26, 30.86, 31, 13, 7.740469142806),
    ('mbg/nbd', 26, 30.86, 31, 52, 22.59429800665),
    ('mbg/nbd', 26, 30.86, 31, 520, 57.32594071456);
SELECT r.*, crm_discounted_purchases(m, x, t_x, t, 0.15, horizon) AS got
FROM discounted_reference r JOIN model USING (name)
WHERE (abs(crm_discounted_purchases(m, x, t_x, t, 0.15, horizon) / want - 1) <= 1e-11) IS NOT TRUE;
SELECT count(*) AS compared FROM discounted_reference JOIN model USING (name);

-- ---------------------------------------------------------------------------
-- Value
-- ---------------------------------------------------------------------------
-- is discounted purchases times expected spend times margin.
SELECT count(*) AS cases,
       count(*) FILTER (WHERE abs(crm_clv(m, s, rfm, '1 year', 0.15, margin) - want) > 1e-13 * want) AS different,
       count(*) FILTER (WHERE abs((crm_clv_interval(m, s, rfm, '1 year', 0.15, margin)).estimate - want) > 1e-13 * want) AS interval_different
FROM model, history, unnest(ARRAY[1, 0.3, 0, 2.5]::float8[]) margin,
     LATERAL (SELECT crm_discounted_purchases(m, rfm, 0.15, 52) * crm_expected_spend(s, rfm) * margin) w(want);
SELECT bool_and(crm_clv(m, s, rfm, '1 year', 0.15) = crm_clv(m, s, rfm, '52 weeks', 0.15, 1)) AS margin_is_one,
       bool_and(crm_clv_interval(m, s, rfm, '1 year', 0.15) = crm_clv_interval(m, s, rfm, '364 days', 0.15, 1, 0.95)) AS defaults,
       bool_and((i).n IS NULL AND (i).conf_level = 0.8 AND (i).lower <= (i).upper AND (i).lower >= 0) AS columns,
       bool_and(abs((h).lower * 2 - (i).lower) <= 1e-12 * (i).lower AND abs((h).upper * 2 - (i).upper) <= 1e-12 * (i).upper
                AND abs((h).std_error * 2 - (i).std_error) <= 1e-12 * (i).std_error) AS margin_scales
FROM model, history,
     LATERAL (SELECT crm_clv_interval(m, s, rfm, '1 year', 0.15, 1, 0.8), crm_clv_interval(m, s, rfm, '1 year', 0.15, 0.5, 0.8)) v(i, h);

-- mpmath again: mean, standard deviation, lower and upper bound
CREATE TEMP TABLE value_reference (name text, x int, t_x float8, t float8, paid int, spend float8, horizon int, conf float8,
                                   mean float8, std_dev float8, lower float8, upper float8);
INSERT INTO value_reference VALUES
    ('pareto/nbd', 0, 0, 38.86, 0, 0, 52, 0.95, 4.49893248565, 24.6254267223, 0.0, 56.1971698462),
    ('pareto/nbd', 0, 0, 38.86, 0, 0, 104, 0.5, 7.31386805594, 37.5222560025, 0.0, 0.0),
    ('pareto/nbd', 2, 30.43, 38.86, 2, 22.35, 52, 0.95, 42.8130970368, 55.4715249509, 0.0, 191.008931577),
    ('pareto/nbd', 2, 30.43, 38.86, 2, 22.35, 104, 0.5, 69.6008094791, 88.6990417173, 0.0, 103.906852513),
    ('pareto/nbd', 26, 30.86, 31, 25, 40, 52, 0.95, 953.705415863, 522.071215443, 17.0552627472, 1917.27134814),
    ('pareto/nbd', 26, 30.86, 31, 25, 40, 104, 0.5, 1531.65315761, 1011.86880367, 555.188626733, 2322.70366002),
    ('bg/nbd', 0, 0, 38.86, 0, 0, 52, 0.95, 8.31174215811, 29.404988033, 0.0, 79.3355664439),
    ('bg/nbd', 0, 0, 38.86, 0, 0, 104, 0.5, 14.0896538151, 43.4075973335, 0.0, 7.82619972231),
    ('bg/nbd', 2, 30.43, 38.86, 2, 22.35, 52, 0.95, 36.0563568853, 49.0513019707, 0.0, 168.613601978),
    ('bg/nbd', 2, 30.43, 38.86, 2, 22.35, 104, 0.5, 58.3533757959, 76.5574655496, 0.0, 84.8467576981),
    ('bg/nbd', 26, 30.86, 31, 25, 40, 52, 0.95, 967.151203803, 606.768851957, 0.0, 2109.04752886),
    ('bg/nbd', 26, 30.86, 31, 25, 40, 104, 0.5, 1474.82955246, 1142.24216676, 399.603858041, 2412.55848036),
    ('mbg/nbd', 0, 0, 38.86, 0, 0, 52, 0.95, 6.52354896121, 27.3005993248, 0.0, 70.6560582488),
    ('mbg/nbd', 0, 0, 38.86, 0, 0, 104, 0.5, 10.8443252053, 40.5428599507, 0.0, 0.0),
    ('mbg/nbd', 2, 30.43, 38.86, 2, 22.35, 52, 0.95, 36.9684157729, 49.9897975642, 0.0, 171.805806692),
    ('mbg/nbd', 2, 30.43, 38.86, 2, 22.35, 104, 0.5, 58.8985131217, 77.6614785412, 0.0, 86.1388096114),
    ('mbg/nbd', 26, 30.86, 31, 25, 40, 52, 0.95, 901.910260389, 585.051956511, 0.0, 2016.74652597),
    ('mbg/nbd', 26, 30.86, 31, 25, 40, 104, 0.5, 1352.20740491, 1087.18762998, 349.395560631, 2244.03127973);
SELECT r.*, i.*
FROM value_reference r JOIN model USING (name),
     LATERAL crm_clv_interval(m, s, ROW(x, t_x, t, nullif(spend, 0), paid, 7, NULL, NULL, x + 1, NULL, NULL)::crm_rfm,
                              horizon * interval '7 days', 0.15, 1, conf) i
WHERE (abs(i.estimate / r.mean - 1) <= 1e-10 AND abs(i.std_error / r.std_dev - 1) <= 1e-8
       AND abs(i.lower - r.lower) <= 5e-6 * r.lower AND abs(i.upper - r.upper) <= 5e-6 * r.upper) IS NOT TRUE;
SELECT count(*) AS compared FROM value_reference;

-- By hand where the spend model is simple: with p = 1 and a whole q the sum of n
-- purchases has P(S <= s) = P(Binomial(n + q - 1, s / (gamma + s)) >= n).  The
-- bounds cut off their tails.
CREATE TEMP TABLE by_hand AS
SELECT name, x, q, gamma, conf, i.lower, i.upper, i.std_error, m, rfm
FROM model, history, (VALUES (0.9::float8), (0.5)) c(conf),
     LATERAL crm_clv_interval(m, crm_spend_model(1, 4, 30), rfm, '52 weeks', 0, 1, conf) i,
     LATERAL (SELECT 4 + paid, 30 + paid * coalesce(spend, 0)) u(q, gamma)
WHERE x IN (2, 7) OR (x = 0 AND t > 0);
SELECT count(*) AS bounds,
       count(*) FILTER (WHERE bound = 0 AND below < tail) AS zero_wrong,
       count(*) FILTER (WHERE bound > 0 AND abs(below - tail) > 1e-6) AS tail_wrong
FROM (SELECT h.name, h.x, h.conf, b.bound, b.tail,
             sum(crm_purchases_pmf(m, rfm, 52, n) * CASE WHEN n = 0 THEN 1 WHEN b.bound = 0 THEN 0 ELSE
                 (SELECT sum(exp(l.at[n + q] - l.at[k + 1] - l.at[n + q - k]
                                 + k * ln(b.bound / (gamma + b.bound)) + (n + q - 1 - k) * ln(gamma / (gamma + b.bound))))
                  FROM generate_series(n, n + q - 1) k) END) AS below
      FROM by_hand h, LATERAL (VALUES (lower, (1 - conf) / 2), (upper, 1 - (1 - conf) / 2)) b(bound, tail),
           generate_series(0, 150) n,
           -- ln of factorials: at[k + 1] = ln k!
           (SELECT array_agg(f ORDER BY k) FROM (SELECT k, sum(ln(greatest(k, 1)::float8)) OVER (ORDER BY k) FROM generate_series(0, 200) k) g(k, f)) l(at)
      GROUP BY 1, 2, 3, 4, 5) s;
-- Var S = E[n (n + 1)] gamma^2 / ((q - 1) (q - 2)) - (E[n] gamma / (q - 1))^2
SELECT count(*) AS cases,
       count(*) FILTER (WHERE abs(std_error / sqrt(nn * gamma ^ 2 / ((q - 1) * (q - 2)) - (n1 * gamma / (q - 1)) ^ 2) - 1) > 1e-6) AS different
FROM (SELECT h.name, h.x, q, gamma, h.conf, std_error, sum(n * crm_purchases_pmf(m, rfm, 52, n)) AS n1,
             sum(n * (n + 1) * crm_purchases_pmf(m, rfm, 52, n)) AS nn
      FROM by_hand h, generate_series(0, 300) n GROUP BY 1, 2, 3, 4, 5, 6) s;
-- A discount shrinks all alike.
SELECT count(*) AS cases,
       count(*) FILTER (WHERE abs(d.lower - shrink * u.lower) > 1e-9 * u.lower OR abs(d.upper - shrink * u.upper) > 1e-9 * u.upper
                           OR abs(d.std_error - shrink * u.std_error) > 1e-9 * u.std_error) AS different
FROM model, history, LATERAL crm_clv_interval(m, s, rfm, '2 years', 0.2) d, LATERAL crm_clv_interval(m, s, rfm, '2 years', 0) u,
     LATERAL (SELECT crm_discounted_purchases(m, rfm, 0.2, 104) / crm_expected_purchases(m, rfm, 104)) k(shrink)
WHERE x < 200;
-- Where the number of purchases is large the bounds still cut off their tails:
-- thousands of purchases of about 30 each.
SELECT conf, abs(i.estimate / (n.estimate * crm_expected_spend(s, 4000, 30)) - 1) < 1e-12 AS mean_right,
       abs(i.lower / n.lower / crm_expected_spend(s, 4000, 30) - 1) < 0.02 AS lower_near,
       abs(i.upper / n.upper / crm_expected_spend(s, 4000, 30) - 1) < 0.02 AS upper_near
FROM model, unnest(ARRAY[0.5, 0.8]::float8[]) conf,
     LATERAL crm_clv_interval(m, s, ROW(4000, 99.9, 100, 30, 4000, 7, NULL, NULL, 4001, NULL, NULL)::crm_rfm, '70 days', 0, 1, conf) i,
     LATERAL crm_purchases_interval(m, 4000, 99.9, 100, 10, conf) n
WHERE name = 'pareto/nbd';

-- Spend without a finite mean (q <= 1) has none, as long as the customer's own
-- purchases do not give one.  (gamma + m x) p / (p x + q - 1).
SELECT crm_expected_spend(s) IS NULL AS population, crm_expected_spend(s, 0, NULL) IS NULL AS none_bought,
       abs(crm_expected_spend(s, 1, 10) / ((10 + 10) * 2 / 1.5) - 1) < 1e-15 AS one_bought,
       crm_clv(m, s, h0.rfm, '1 year', 0.1) IS NULL AS clv, i.estimate IS NULL AS estimate, i.std_error IS NULL AS std_error,
       i.lower >= 0 AND i.upper < 'Infinity' AS bounds
FROM crm_spend_model(2, 0.5, 10) s, (SELECT name, m FROM model) p, history h0, LATERAL crm_clv_interval(m, s, h0.rfm, '1 year', 0.1) i
WHERE name = 'bg/nbd' AND h0.x = 0 AND h0.t > 0;

-- ---------------------------------------------------------------------------
-- Parallel, and on many rows
-- ---------------------------------------------------------------------------
CREATE TABLE predict_row AS
SELECT x::int, CASE WHEN x = 0 THEN 0 ELSE 1 + i % 20 END::float8 AS t_x, 20 + i % 13 AS t FROM generate_series(1, 5000) i, LATERAL (SELECT i % 7) v(x);
ANALYZE predict_row;
CREATE FUNCTION pg_temp.explain(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF, VERBOSE) ' || query;
END $$;
CREATE TEMP TABLE serial AS SELECT sum(crm_expected_purchases(crm_btyd_model('pareto/nbd', '{1,2,3,4}'), x, t_x, t, 10)) AS sum FROM predict_row;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
SELECT bool_or(line LIKE '%Gather%') AS is_parallel
FROM pg_temp.explain($$SELECT sum(crm_expected_purchases(crm_btyd_model('pareto/nbd', '{1,2,3,4}'), x, t_x, t, 10)) FROM predict_row$$) line;
SELECT abs(sum(crm_expected_purchases(crm_btyd_model('pareto/nbd', '{1,2,3,4}'), x, t_x, t, 10)) / (SELECT sum FROM serial) - 1) < 1e-12 AS same FROM predict_row;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET max_parallel_workers_per_gather;
DROP TABLE predict_row;

-- ---------------------------------------------------------------------------
-- Errors
-- ---------------------------------------------------------------------------
\pset format unaligned
\pset tuples_only on
SELECT pg_temp.error_of(format($$SELECT %s FROM crm_btyd_model('bg/nbd', '{.243,4.414,.793,2.426}') m, crm_spend_model(6.25, 3.74, 15.44) s,
    (SELECT crm_rfm(d, 5.0, date '2025-07-01') FROM unnest(ARRAY[date '2025-01-01', '2025-02-01']) d) h(r)$$, call))
FROM (VALUES (1, 'crm_expected_purchases(m, r, -1)'), (2, $$crm_expected_purchases(m, r, 'NaN'::float8)$$),
             (3, $$crm_expected_purchases(m, r, 'Infinity'::float8)$$), (4, $$crm_expected_purchases(m, r, interval '-1 day')$$),
             (5, 'crm_expected_purchases(m, -3)'), (6, 'crm_p_alive(m, r, -1)'), (7, 'crm_p_alive(m, 2, 5, 3)'), (8, 'crm_p_alive(m, 0, 1, 3)'),
             (9, 'crm_p_alive(m, 1, 0, 3)'), (10, $$crm_p_alive(m, 'NaN', 1, 3)$$), (11, 'crm_p_alive(m, 1.5, 1, 3)'),
             (12, 'crm_discounted_purchases(m, r, 0)'), (13, $$crm_discounted_purchases(m, r, 0, 'Infinity'::float8)$$),
             (14, 'crm_discounted_purchases(m, r, -0.1)'), (15, $$crm_discounted_purchases(m, r, 'NaN')$$), (16, 'crm_discounted_purchases(m, r, 0.1, -5)'),
             (17, $$crm_discounted_purchases(m, 0.1, interval '-5 days')$$), (18, $$crm_discounted_purchases(m, r, 'Infinity')$$),
             (19, 'crm_purchases_pmf(m, r, 3, -1)'), (20, 'crm_purchases_pmf(m, r, -3, 1)'), (21, 'crm_purchases_interval(m, r, 3, 0)'),
             (22, 'crm_purchases_interval(m, r, 3, 1)'), (23, 'crm_purchases_interval(m, r, 3, 95)'), (24, $$crm_purchases_interval(m, 3, 'NaN')$$),
             (25, $$crm_clv(m, s, r, '-1 year', 0.1)$$), (26, $$crm_clv(m, s, r, '1 year', -0.1)$$), (27, $$crm_clv(m, s, r, '1 year', 0.1, -1)$$),
             (28, $$crm_clv(m, s, r, '1 year', 0.1, 'NaN')$$), (29, $$crm_clv_interval(m, s, r, '1 year', 0.1, 1, 1.5)$$),
             (30, $$crm_clv_interval(m, s, r, '-1 year', 0.1)$$), (31, 'crm_expected_spend(s, 2, -5)'), (32, 'crm_expected_spend(s, 2, 0)'),
             (33, 'crm_expected_spend(s, -1, 5)'), (34, 'crm_expected_spend(s, 1.5, 5)'), (35, $$crm_expected_spend(s, 2, 'NaN')$$),
             (36, $$crm_clv(crm_btyd_model('bg/nbd', '{1,1,1,1}', '1 day'), s, r, '1 year', 0.1)$$),
             (37, $$crm_log_likelihood(m, 1, 5, 3)$$)) v(i, call) ORDER BY i;
-- What double precision cannot tell is an error, not NaN or infinity.
SELECT call, pg_temp.error_of('SELECT ' || call)
FROM (VALUES (1, $$crm_discounted_purchases(crm_btyd_model('mbg/cnbd-k', '{1.3,2.8,.42,.79,3}'), 3, 5, 1e300, 0.1)$$),
             (2, $$crm_discounted_purchases(crm_btyd_model('mbg/cnbd-k', '{1.3,2.8,.42,.79,3}'), 3, 5, 1e5, 0.1)$$),
             (3, $$crm_discounted_purchases(crm_btyd_model('bg/nbd', '{1e7,1e-300,1e-300,1}'), 3, 5, 9, 0.1, 10)$$),
             (4, $$crm_expected_purchases(crm_btyd_model('nbd', '{1e300,1e-300}'), 5)$$),
             (5, $$crm_expected_purchases(crm_btyd_model('nbd', '{1e300,1e-300}'), 1, 5)$$),
             (6, $$crm_purchases_interval(crm_btyd_model('nbd', '{1e300,1e-300}'), 5)$$),
             (7, $$crm_btyd_tracking(crm_btyd_model('nbd', '{1e300,1e-300}'), '{2024-12-30}', date '2025-01-01', date '2025-01-15')$$),
             (8, $$crm_clv(crm_btyd_model('nbd', '{1,1}'), crm_spend_model(6, 3.7, 15), ROW(1, 4, 8, 5, 1, 7, NULL, NULL, 2, 10, 1.4)::crm_rfm, '1 year', 0.1, 1e308)$$),
             (9, $$crm_clv_interval(crm_btyd_model('nbd', '{1,1}'), crm_spend_model(6, 3.7, 15), ROW(1, 4, 8, 5, 1, 7, NULL, NULL, 2, 10, 1.4)::crm_rfm, '1 year', 0.1, 1e308)$$),
             (10, $$crm_clv_total(crm_btyd_model('nbd', '{1,1}'), crm_spend_model(6, 3.7, 15), ROW(1, 4, 8, 5, 1, 7, NULL, NULL, 2, 10, 1.4)::crm_rfm, '1 year', 0.1, 1e308)$$)) v(i, call) ORDER BY i;
\pset tuples_only off
\pset format aligned
