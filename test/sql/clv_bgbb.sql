-- The BG/BB model: purchases at discrete opportunities.
-- Sources: Fader, Hardie and Shang 2010, "Customer-base analysis in a
-- discrete-time noncontractual setting" (FHS), its workbook (note 010) and the
-- donations data; the R package BTYD; a table of values computed at 30 digits.
SET extra_float_digits = 1;
SET max_parallel_workers_per_gather = 0;

-- ---------------------------------------------------------------------------
-- Single customers
-- ---------------------------------------------------------------------------

-- Computed at 30 digits, opportunities a year apart: no rows
SELECT g.*, got
FROM crm_btyd_model('bg/bb', '{1.204,.750,.657,2.783}', '1 year') m,
     (VALUES ('DERT', 0, 0, .114646996181764), ('DERT', 1, 1, .134855125604496),
             ('DERT', 1, 6, 1.80770780348418), ('DERT', 2, 4, 1.66506990259371),
             ('E[Y(5)]', 0, 0, .072802877475043), ('E[Y(5)]', 1, 6, 1.14792654069267),
             ('E[Y(5)]', 3, 5, 1.80442599979457), ('E[Y(5)]', 5, 6, 3.23127779421839),
             ('LL', 1, 1, -2.28853168566626), ('LL', 1, 6, -4.88414554190335),
             ('LL', 2, 4, -5.19569760104265), ('LL', 6, 6, -2.1822484476183),
             ('P(alive)', 1, 6, .930402542372881), ('P(alive)', 2, 4, .589514116433698),
             ('P(alive)', 3, 5, .766734049995725), ('P(alive)', 6, 6, .930402542372881)) g(what, x, t_x, want),
     LATERAL (SELECT CASE what WHEN 'DERT' THEN crm_discounted_purchases(m, x, t_x, 6, 0.1)
                               WHEN 'E[Y(5)]' THEN crm_expected_purchases(m, x, t_x, 6, 5)
                               WHEN 'LL' THEN crm_log_likelihood(m, x, t_x, 6)
                               ELSE crm_p_alive(m, x, t_x, 6, 1) END) s(got)
WHERE NOT abs(got - want) <= 1e-9 * abs(want);

-- The workbook's log-likelihoods of the 22 histories, at its unrounded
-- parameters: no rows
SELECT x, t_x, want, got
FROM crm_btyd_model('bg/bb', '{1.204,.750,.657,2.783}') m,
     (VALUES (6, 6, -2.18167018824), (5, 6, -4.29485034929), (4, 6, -5.38473334360), (3, 6, -5.80915881601),
             (2, 6, -5.65172964525), (1, 6, -4.88370164695), (5, 5, -3.71682127437), (4, 5, -5.09558227343),
             (3, 5, -5.61576884108), (2, 5, -5.50636893346), (1, 5, -4.76723821904), (4, 4, -3.84829625138),
             (3, 4, -5.05936147828), (2, 4, -5.19562191019), (1, 4, -4.57070931973), (3, 3, -3.52745257839),
             (2, 3, -4.51620272962), (1, 3, -4.22465969453), (2, 2, -3.01199924784), (1, 2, -3.58817880928),
             (1, 1, -2.28882847451), (0, 0, -1.16751622367)) v(x, t_x, want),
     LATERAL crm_log_likelihood(m, x, t_x, 6) got
WHERE NOT abs(got - want) <= 1e-3 * abs(want);

-- FHS table 6, P(alive in 2002), and BTYD's walkthrough (its parameters have 8
-- decimals); P(alive) there is that of the next opportunity: no rows
SELECT v.* FROM crm_btyd_model('bg/bb', '{1.204,.750,.657,2.783}', '1 year') m,
     crm_btyd_model('bg/bb', '{1.20352083,.74971424,.65671217,2.78340802}', '1 year') b,
     LATERAL (VALUES ('(0,0)', crm_p_alive(m, 0, 0, 6, 1), .11, .005),
                     ('(2,4)', crm_p_alive(m, 2, 4, 6, 1), .59, .005),
                     ('(6,6)', crm_p_alive(m, 6, 6, 6, 1), .93, .005),
                     ('BTYD E[X(10)]', crm_expected_purchases(b, 10), 3.17983216, 2e-8),
                     ('BTYD E[Y(10)]', crm_expected_purchases(b, 4, 5, 6, 10), 3.62797818, 2e-8),
                     ('BTYD DERT', crm_discounted_purchases(b, 4, 5, 6, .1), 3.197103073, 2e-8),
                     ('BTYD P(alive)', crm_p_alive(b, 4, 5, 6, 1), .6968010875, 2e-8)) v(what, got, want, tol)
WHERE NOT abs(got - want) <= tol;

-- The cruise example of Fader and Hardie's workshop, at the published
-- parameters: P(alive) of the next year, and discounted purchases: no rows
SELECT v.*, p, d FROM crm_btyd_model('bg/bb', '{.66,5.19,173.76,1882.93}', '1 year') m,
     (VALUES (4, 4, .92, 2.35), (1, 4, .92, NULL), (3, 3, .79, NULL), (1, 3, .82, NULL), (2, 2, .68, NULL),
             (1, 2, .72, NULL), (1, 1, .61, NULL), (0, 0, .60, .22)) v(x, t_x, alive, dert),
     LATERAL (SELECT crm_p_alive(m, x, t_x, 4, 1), crm_discounted_purchases(m, x, t_x, 4, .1)) s(p, d)
WHERE round(p::numeric, 2) <> alive OR round(d::numeric, 2) <> dert;

-- By brute force: the number of opportunities before dropout, the binomial
-- number of purchases at them, and a grid over p and theta, which is good to 4
-- digits.  A new customer, and one with 2 purchases, the last at the 3rd of 5
-- opportunities: no rows
CREATE TEMP TABLE grid AS
SELECT p, theta, p ^ 2 * (1 - p) ^ 3 * theta ^ 1.5 * (1 - theta) ^ 4 AS density
FROM generate_series(0, 79) i, generate_series(0, 79) j,
     LATERAL (VALUES ((i + .5) / 80::float8, (j + .5) / 80::float8)) v(p, theta);
CREATE TEMP TABLE brute AS
WITH history AS (
    SELECT sum(density) AS weight,
           sum(density * p ^ 2 * (1 - p) * (1 - theta) ^ 3 * (theta + (1 - theta) * (1 - p) * theta + ((1 - theta) * (1 - p)) ^ 2)) AS likelihood
    FROM grid)
SELECT 'new' AS who, k, sum(density * given) / (SELECT weight FROM history) AS probability
FROM grid, generate_series(0, 4) k,
     LATERAL (SELECT sum(CASE WHEN alive = 4 THEN 1 ELSE theta END * (1 - theta) ^ alive * (factorial(alive) / (factorial(k) * factorial(alive - k)))::float8 * p ^ k * (1 - p) ^ (alive - k))
              FROM generate_series(k, 4) alive) s(given)
GROUP BY k
UNION ALL
SELECT '2, 3, 5', k, sum(density * p ^ 2 * (1 - p) * (1 - theta) ^ 3 * ((1 - theta) * (1 - p)) ^ 2 * given) / (SELECT likelihood FROM history)
FROM grid, generate_series(1, 4) k,
     LATERAL (SELECT sum(CASE WHEN alive = 4 THEN 1 ELSE theta END * (1 - theta) ^ alive * (factorial(alive) / (factorial(k) * factorial(alive - k)))::float8 * p ^ k * (1 - p) ^ (alive - k))
              FROM generate_series(k, 4) alive) s(given)
GROUP BY k;
SELECT brute.*, got FROM brute, crm_btyd_model('bg/bb', '{3,4,2.5,5}') m,
     LATERAL (SELECT CASE who WHEN 'new' THEN crm_purchases_pmf(m, 4, k) ELSE crm_purchases_pmf(m, 2, 3, 5, 4, k) END) s(got)
WHERE NOT abs(got - probability) <= 1e-4;
SELECT count(*) FROM brute;

-- What holds whatever the parameters: no rows
CREATE TEMP TABLE cases AS
SELECT crm_btyd_model('bg/bb', ARRAY[a, b, c, d], '1 year') AS m, a, b, x, t_x, n
FROM (VALUES (1.204, .75, .657, 2.783), (.66, 5.19, 173.76, 1882.93), (1, 1, 1, 1), (.1, .05, .3, 4), (20, 3, 2, 900)) p(a, b, c, d),
     (VALUES (0, 0, 0), (0, 0, 6), (6, 6, 6), (2, 4, 6), (3, 20, 60)) h(x, t_x, n);
-- P(alive) from the likelihood: buying at the next opportunity needs to be alive
SELECT 'P(alive)', * FROM cases
WHERE NOT abs(crm_p_alive(m, x, t_x, n, 1) * (a + x) / (a + b + n)
              - exp(crm_log_likelihood(m, x + 1, n + 1, n + 1) - crm_log_likelihood(m, x, t_x, n))) <= 1e-12;
SELECT 'E[Y(t)]', * FROM cases, generate_series(1, 30, 7) t
WHERE NOT abs(crm_expected_purchases(m, x, t_x, n, t) - crm_expected_purchases(m, x, t_x, n, t - 1)
              - crm_p_alive(m, x, t_x, n, t) * (a + x) / (a + b + n)) <= 1e-12;
SELECT 'pmf', cases.* , total, mean FROM cases,
     LATERAL (SELECT sum(p), sum(k * p), sum(k * k * p) FROM generate_series(0, 25) k, crm_purchases_pmf(m, x, t_x, cases.n, 25, k) p) s(total, mean, square),
     LATERAL crm_purchases_interval(m, x, t_x, cases.n, 25) i
WHERE NOT (abs(total - 1) <= 1e-12 AND abs(mean - crm_expected_purchases(m, x, t_x, cases.n, 25)) <= 1e-11
           AND abs(mean - i.estimate) <= 1e-11 AND abs(i.std_error - sqrt(square - mean ^ 2)) <= 1e-8);
SELECT 'interval', cases.*, i FROM cases, crm_purchases_interval(m, x, t_x, cases.n, 25, 0.8) i,
     LATERAL (SELECT min(k) FILTER (WHERE cdf >= 0.1 - 1e-14), min(k) FILTER (WHERE cdf >= 0.9 - 1e-14)
              FROM (SELECT k, sum(crm_purchases_pmf(m, x, t_x, cases.n, 25, k)) OVER (ORDER BY k) FROM generate_series(0, 25) k) q(k, cdf)) q(lower, upper)
WHERE (i.lower, i.upper) IS DISTINCT FROM (q.lower::float8, q.upper::float8);
SELECT 'discounted', x, t_x, n FROM cases,
     LATERAL (SELECT sum((crm_expected_purchases(m, x, t_x, n, t) - crm_expected_purchases(m, x, t_x, n, t - 1)) / 1.2 ^ t)
              FROM generate_series(1, 40) t) s(want)
WHERE NOT (abs(crm_discounted_purchases(m, x, t_x, n, .2, 40) - want) <= 1e-12
           AND abs(crm_discounted_purchases(m, x, t_x, n, .2) - crm_discounted_purchases(m, x, t_x, n, .2, 400)) <= 1e-12);
SELECT count(*) FROM cases;

-- Time is counted in whole opportunities; an interval is as many as it holds.
-- A year is 12 opportunities a month apart, 52 a week apart: no rows
SELECT * FROM (VALUES ('1 month'::interval, 12), ('1 year', 1), ('7 days', 52), ('6 months', 2), ('365 days', 1), ('4 weeks', 13)) v(unit, n),
     LATERAL crm_btyd_model('bg/bb', '{1.2,.75,.66,2.8}', unit) m
WHERE crm_expected_purchases(m, 2, 4, 6, interval '1 year') <> crm_expected_purchases(m, 2, 4, 6, n)
   OR crm_expected_purchases(m, 2, 4, 6, n + 0.99) <> crm_expected_purchases(m, 2, 4, 6, n)
   OR crm_p_alive(m, 2, 4, 6, 0.5) <> crm_p_alive(m, 2, 4, 6)
   OR crm_p_alive(m, 4, 6, 6) <> 1
   OR abs(crm_discounted_purchases(m, 2, 4, 6, 0.1, interval '1 year') - (SELECT sum((crm_expected_purchases(m, 2, 4, 6, t) - crm_expected_purchases(m, 2, 4, 6, t - 1)) * 1.1 ^ (-t::float8 / n)) FROM generate_series(1, n) t)) > 1e-12;

-- Horizons of any length where there is a closed form; gamma = 1 is no exception
SELECT bool_and(abs(a / b - 1) < 1e-7) FROM (VALUES (.5), (1), (3)) v(c), crm_btyd_model('bg/bb', ARRAY[1, 1, c, 2]) m,
     crm_btyd_model('bg/bb', ARRAY[1, 1, c + 1e-9, 2]) near,
     LATERAL (SELECT crm_expected_purchases(m, 1, 2, 3, 1e6), crm_expected_purchases(near, 1, 2, 3, 1e6)) s(a, b);
-- alpha / (alpha + beta) delta / (gamma - 1)
SELECT abs(crm_expected_purchases(crm_btyd_model('bg/bb', '{1,1,3,2}'), 1e15) - .5) < 1e-12 AS all_ever;

-- ---------------------------------------------------------------------------
-- Fits
-- ---------------------------------------------------------------------------
CREATE TEMP TABLE donations (x int, t_x int, n int, custs int, x_star int);
CREATE TEMP TABLE donors (id int, y1995 int, y1996 int, y1997 int, y1998 int, y1999 int, y2000 int, y2001 int,
                          y2002 int, y2003 int, y2004 int, y2005 int, y2006 int);
\set have_data `test -r "$PG_ABS_SRCDIR/../../shared/data/btyd_donations_rf_xstar.csv" && test -r "$PG_ABS_SRCDIR/../../shared/data/fh_donations_1995_cohort_binary.csv" && echo true || echo false`
\if :have_data
\copy donations FROM PROGRAM 'cat "$PG_ABS_SRCDIR/../../shared/data/btyd_donations_rf_xstar.csv"' (FORMAT csv, HEADER)
\copy donors FROM PROGRAM 'cat "$PG_ABS_SRCDIR/../../shared/data/fh_donations_1995_cohort_binary.csv"' (FORMAT csv, HEADER)
\endif
CREATE TEMP TABLE donor_history AS
SELECT (SELECT count(*) FILTER (WHERE y = 1) FROM unnest(years) y)::int AS x,
       coalesce((SELECT max(i) FROM unnest(years) WITH ORDINALITY u(y, i) WHERE y = 1), 0)::int AS t_x, 6 AS n,
       y2002 + y2003 + y2004 + y2005 + y2006 AS x_star
FROM donors, LATERAL (SELECT ARRAY[y1996, y1997, y1998, y1999, y2000, y2001]) a(years);

-- The fit, counted and one row a donor; computed to 9 digits, and at FHS's
-- parameters and at (1, 1, 1, 1): no rows
CREATE TEMP TABLE donor_fit AS
SELECT 'counted' AS how, crm_btyd_fit('bg/bb', x, t_x, n, custs, '1 year') AS m, crm_btyd_agg(x, t_x, n, custs, '365 days') AS data FROM donations
UNION ALL
SELECT 'donors', crm_btyd_fit('bg/bb', x, t_x, n, 1, '1 year'), crm_btyd_agg(x, t_x, n, 1, '365 days') FROM donor_history;
SELECT how, v.* FROM donor_fit, crm_model_info(m) i,
     LATERAL (VALUES ('alpha', i.parameters[1], 1.20352235, 5e-9), ('beta', i.parameters[2], .749716358, 5e-10),
                     ('gamma', i.parameters[3], .656718208, 5e-10), ('delta', i.parameters[4], 2.78344223, 5e-9),
                     ('se alpha', i.std_errors[1], .0693914, 5e-8), ('se beta', i.std_errors[2], .0294477, 5e-8),
                     ('se gamma', i.std_errors[3], .0510099, 5e-8), ('se delta', i.std_errors[4], .320819, 5e-7),
                     ('LL', i.log_likelihood, -33225.58127435, 5e-9), ('customers', i.customers, 11104, 0),
                     ('histories', i.histories, 22, 0),
                     ('LL at (1,1,1,1)', crm_log_likelihood(crm_btyd_model('bg/bb', '{1,1,1,1}', '1 year'), data), -37231.97666761, 5e-9),
                     ('LL of FHS', crm_log_likelihood(crm_btyd_model('bg/bb', '{1.204,.750,.657,2.783}', '1 year'), data), -33225.58175452, 5e-9),
                     ('LL by the model', crm_log_likelihood(m, data), i.log_likelihood, 1e-8)) v(what, got, want, tol)
WHERE NOT abs(got - want) <= tol OR i.status <> 'converged';
SELECT how FROM donor_fit WHERE m::text <> crm_btyd_fit('bg/bb', data)::text::crm_btyd_model::text;

-- The workbook's sums over donors: expected donations in the next 5 years, and
-- how many of them give in none or in all of the first 6: no rows
SELECT v.* FROM donor_fit,
     LATERAL (SELECT sum(custs * crm_expected_purchases(m, x, t_x, n, 5)), sum(custs) FROM donations) s(total, customers),
     LATERAL (VALUES ('next 5', total, 12884.2), ('none', customers * crm_purchases_pmf(m, 6, 0), 3454.9),
                     ('all', customers * crm_purchases_pmf(m, 6, 6), 1253.1)) v(what, got, want)
WHERE how = 'counted' AND NOT abs(got - want) <= 0.05;

-- Any order of rows, workers and plans: the same to the last bit: no rows
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
CREATE TABLE bgbb_rows AS
SELECT i % 7 AS x, i % 7 + (i % 7 > 0)::int * (i % 3) AS t_x, 10 + i % 4 AS n, 1 + i % 5 AS weight FROM generate_series(1, 5000) i;
ANALYZE bgbb_rows;
CREATE TEMP TABLE serial AS SELECT crm_btyd_fit('bg/bb', x, t_x, n, weight) AS m FROM bgbb_rows;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT crm_btyd_fit('bg/bb', x, t_x, n, weight) FROM bgbb_rows;
CREATE TEMP TABLE parallel AS SELECT crm_btyd_fit('bg/bb', x, t_x, n, weight) AS m FROM bgbb_rows;
SET max_parallel_workers_per_gather = 0;
SELECT s.m, o.m FROM serial s,
     (SELECT m FROM parallel
      UNION ALL SELECT crm_btyd_fit('bg/bb', x, t_x, n, weight ORDER BY (x * 7919 + n * 31 + weight) % 101) FROM bgbb_rows
      UNION ALL SELECT crm_btyd_fit('bg/bb', crm_rollup(data)) FROM (SELECT crm_btyd_agg(x, t_x, n, weight) FROM bgbb_rows GROUP BY n, weight) d(data)) o(m)
WHERE s.m::text <> o.m::text;
SELECT crm_model_status(m), (crm_model_info(m)).customers FROM serial;
DROP TABLE bgbb_rows;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;

-- From orders: opportunities are weeks, a purchase or none in each.  The
-- histories are counted in plain SQL: no rows
CREATE TEMP TABLE orders AS
SELECT c AS customer, date '2025-01-06' + (c % 20) * 7 + j * (4 + c % 17) + c * j * j % 13 AS day
FROM generate_series(1, 300) c, generate_series(0, c % 23) j
WHERE (c % 20) * 7 + j * (4 + c % 17) + c * j * j % 13 < 38 * 7;
CREATE TEMP TABLE weekly AS
SELECT customer, crm_rfm(day, 1.0, date '2025-09-28', '7 days', 'week', 'UTC') AS rfm FROM orders GROUP BY customer;
SELECT * FROM weekly
JOIN (SELECT customer, count(DISTINCT w) - 1 AS x, max(w) - min(w) AS t_x, (date '2025-09-22' - date '2025-01-06') / 7 - min(w) AS n
      FROM (SELECT customer, (day - date '2025-01-06') / 7 AS w FROM orders) o GROUP BY customer) s USING (customer)
WHERE ((rfm).frequency, (rfm).recency, (rfm).age) IS DISTINCT FROM (x::int, t_x::float8, n::float8);
SELECT crm_model_status(crm_btyd_fit('bg/bb', rfm)) AS status,
       crm_btyd_fit('bg/bb', rfm)::text = crm_btyd_fit('bg/bb', (rfm).frequency, (rfm).recency, (rfm).age)::text AS as_numbers,
       crm_btyd_fit('bg/bb', rfm)::text = crm_btyd_fit('bg/bb', crm_btyd_agg(rfm))::text AS as_data
FROM weekly;
SELECT count(*), bool_and(crm_p_alive(m, rfm) BETWEEN 0 AND 1)
FROM weekly, (SELECT crm_btyd_fit('bg/bb', rfm) FROM weekly) f(m);
-- Value: purchases times spend, as with every model
SELECT abs(crm_clv(m, s, rfm, '1 year', .1) / (crm_discounted_purchases(m, rfm, .1, interval '1 year') * crm_expected_spend(s, rfm)) - 1) < 1e-12 AS clv,
       abs(v.estimate / crm_clv(m, s, rfm, '1 year', .1) - 1) < 1e-12 AND v.lower <= v.upper AND v.upper > 0 AS interval
FROM weekly, (SELECT crm_btyd_fit('bg/bb', rfm) FROM weekly) f(m), crm_spend_model(6, 4, 15) s, crm_clv_interval(m, s, rfm, '1 year', .1) v
ORDER BY v.estimate DESC LIMIT 1;

-- ---------------------------------------------------------------------------
-- Statuses
-- ---------------------------------------------------------------------------

-- A ridge, as Fader and Hardie's cruise data have: chances of dropping out that
-- rise with time are more alike than any beta distribution makes them.  Counts
-- expected of 6,094 customers with p ~ Beta(.66, 5.19) who drop out with 5, 8,
-- 12 and 15 %.  The limit's maximum, one theta for all, was computed with mpmath
-- at 40 digits: LL -7198.0429880878 at alpha .783228849784, beta 5.61405840779,
-- theta .113085427726.
CREATE TEMP TABLE cruise AS
SELECT * FROM (VALUES (4, 4, 15), (3, 4, 65), (3, 3, 28), (2, 4, 151), (2, 3, 126), (2, 2, 81), (1, 4, 218), (1, 3, 266),
                      (1, 2, 320), (1, 1, 372), (0, 0, 4451)) v(x, t_x, custs);
SELECT i.status, i.std_errors, round(p[1]::numeric, 6) AS alpha, round(p[2]::numeric, 5) AS beta,
       round((p[3] / (p[3] + p[4]))::numeric, 7) AS theta, p[4] > 1e6 AS far_out,
       abs(i.log_likelihood - -7198.0429880878) < 6094 * 1e-7 AS of_limit
FROM (SELECT crm_btyd_fit('bg/bb', x, t_x, 4, custs) FROM cruise) f(m), crm_model_info(m) i, LATERAL (SELECT i.parameters) s(p);
-- along the ridge the likelihood keeps rising
SELECT bool_and(ll > before) AS rises FROM (
    SELECT d, ll, lag(ll) OVER (ORDER BY d)
    FROM (SELECT crm_btyd_agg(x, t_x, 4, custs) FROM cruise) f(data), unnest(ARRAY[1e2, 1e3, 1e4, 1e5, 1e6]) d,
         LATERAL crm_log_likelihood(crm_btyd_model('bg/bb', ARRAY[.783228849784, 5.61405840779, d * .113085427726 / (1 - .113085427726), d]), data) ll) s(d, ll, before)
WHERE before IS NOT NULL;
-- predictions are those of the limit: one theta
SELECT abs(crm_p_alive(m, 1, 4, 4, 3) - (1 - .113085427726) ^ 3) < 1e-6 AS p_alive
FROM (SELECT crm_btyd_fit('bg/bb', x, t_x, 4, custs) FROM cruise) f(m);
-- a prior on the dropout parameters takes it back from there
SELECT i.status, i.prior, i.std_errors IS NOT NULL AS std_errors, i.parameters[4] < 100 AS near
FROM (SELECT crm_btyd_fit('bg/bb', x, t_x, 4, custs, '7 days', '{"prior": {"gamma": [1, 1], "delta": [8, 1]}}') FROM cruise) f(m), crm_model_info(m) i;

-- Data with nothing to learn from: honest statuses, finite parameters
CREATE TEMP TABLE poor (what text, x int, t_x int, n int, custs int);
INSERT INTO poor VALUES
    ('nobody bought', 0, 0, 6, 100), ('one customer', 2, 3, 5, 1), ('all buy always', 6, 6, 6, 100),
    ('no opportunity yet', 0, 0, 0, 100), ('seen alive at the end', 2, 6, 6, 60), ('seen alive at the end', 4, 6, 6, 30),
    ('seen alive at the end', 5, 6, 6, 10), ('half never', 0, 0, 6, 100), ('half never', 6, 6, 6, 100),
    ('stop after one', 1, 1, 6, 100), ('coins', 1, 2, 2, 200), ('coins', 1, 1, 2, 200),
    ('coins', 2, 2, 2, 200), ('coins', 0, 0, 2, 200);
SELECT what, i.status, i.std_errors IS NULL AS no_errors, 'NaN' <> ALL (i.parameters) AND 'Infinity' <> ALL (i.parameters) AS finite,
       i.log_likelihood > '-Infinity' AS ll
FROM (SELECT what, crm_btyd_fit('bg/bb', x, t_x, n, custs) FROM poor GROUP BY what) f(what, m), crm_model_info(m) i ORDER BY what;

-- Worlds of known parameters: 2,000 customers, 8 opportunities; the truth is
-- within 4 standard errors, each parameter of each world: no rows.  The a-th
-- smallest of a + b - 1 uniform numbers is Beta(a, b).
SELECT setseed(0.2010);
CREATE TEMP TABLE world AS
SELECT w, 1 + w % 2 AS alpha, 2 AS beta, 1 + w / 2 AS gamma, 6 AS delta FROM generate_series(0, 3) w;
CREATE TEMP TABLE uniform AS
SELECT w, id, i, random() AS u FROM generate_series(0, 3) w, generate_series(1, 2000) id, generate_series(1, 19) i;
CREATE TEMP TABLE simulated AS
SELECT w, count(*) FILTER (WHERE t < death AND us[11 + t] < p)::int AS x,
       coalesce(max(t) FILTER (WHERE t < death AND us[11 + t] < p), 0)::int AS t_x
FROM (SELECT w, id, us, ps[alpha] AS p, ceil(ln(us[11]) / ln(1 - thetas[gamma])) AS death
      FROM (SELECT w, id, array_agg(u ORDER BY i) AS us,
                   array_agg(u ORDER BY u) FILTER (WHERE i <= alpha + beta - 1) AS ps,
                   array_agg(u ORDER BY u) FILTER (WHERE i BETWEEN 4 AND gamma + delta + 2) AS thetas
            FROM uniform JOIN world USING (w) GROUP BY w, id) a JOIN world USING (w)) c, generate_series(1, 8) t
GROUP BY w, id;
SELECT w, i.status, v.* FROM (SELECT w, crm_btyd_fit('bg/bb', x, t_x, 8) FROM simulated GROUP BY w) f(w, m),
     crm_model_info(m) i, world t(w2, alpha, beta, gamma, delta),
     LATERAL (VALUES ('alpha', i.parameters[1], i.std_errors[1], alpha), ('beta', i.parameters[2], i.std_errors[2], beta),
                     ('gamma', i.parameters[3], i.std_errors[3], gamma), ('delta', i.parameters[4], i.std_errors[4], delta)) v(what, got, error, truth)
WHERE w2 = w AND NOT (i.status = 'converged' AND abs(got - truth) < 4 * error);
SELECT count(DISTINCT w), count(*) FROM simulated;

-- ---------------------------------------------------------------------------
-- Bad input, and no input
-- ---------------------------------------------------------------------------
SELECT crm_btyd_fit('bg/bb', 1, 2.5, 4);
SELECT crm_btyd_fit('bg/bb', 1, 2, 4.5);
SELECT crm_btyd_fit('bg/bb', 3, 2, 4);
SELECT crm_btyd_fit('bg/bb', 1, 2, 10001);
SELECT crm_btyd_fit('bg/bb', 1, 'NaN', 4);
SELECT crm_btyd_fit('bg/bb', crm_btyd_agg(1, 2.5, 4));
SELECT crm_btyd_fit('bg/bb', 1, 2, 4, 1, '-1 month');
SELECT crm_btyd_fit('bg/nbd', 1, 2, 4, 1, '1 month');
SELECT crm_btyd_fit('bg/bb', 1, 2, 4, 1, '1 month', '{"prior": {"r": [1, 1]}}');
SELECT crm_btyd_model('bg/bb', '{1,2,3}');
SELECT crm_btyd_model('bg/bb', '{1,2,3,0}');
SELECT crm_p_alive(m, 1, 2.5, 4) FROM crm_btyd_model('bg/bb', '{1,2,3,4}') m;
SELECT crm_p_alive(m, 3, 2, 4) FROM crm_btyd_model('bg/bb', '{1,2,3,4}') m;
SELECT crm_log_likelihood(crm_btyd_model('bg/bb', '{1,2,3,4}'), crm_btyd_agg(1, 2.5, 4));
SELECT crm_expected_purchases(crm_btyd_model('bg/bb', '{1,2,3,4}'), crm_rfm(d, 1, date '2025-03-05'), 4) FROM unnest(ARRAY[date '2025-01-01', '2025-02-01']) d;
SELECT crm_purchases_pmf(m, 1, 2, 4, 10001, 0) FROM crm_btyd_model('bg/bb', '{1,2,3,4}') m;
SELECT crm_purchases_interval(m, 1, 2, 4, 10001) FROM crm_btyd_model('bg/bb', '{1,2,3,4}') m;
SELECT crm_purchases_interval(m, 1, 2, 4, 10000) FROM crm_btyd_model('bg/bb', '{1,2,.5,4}') m;
SELECT crm_discounted_purchases(m, 1, 2, 4, 0) FROM crm_btyd_model('bg/bb', '{1,2,3,4}') m;
SELECT crm_btyd_fit('bg/bb', x, x, x) IS NULL AS no_rows FROM (VALUES (NULL::float8)) v(x);
SELECT crm_btyd_fit('bg/bb', 1, 2, 4) FILTER (WHERE false) IS NULL AS none;
SELECT crm_p_alive(m, NULL, 2, 4) IS NULL AS null_argument FROM crm_btyd_model('bg/bb', '{1,2,3,4}') m;
-- text and binary forms
SELECT crm_btyd_model('bg/bb', '{1,2,3,4}', '1 month');
SELECT crm_btyd_model('bg/bb', '{1,2,3,4}')::jsonb->'parameters' AS parameters;
