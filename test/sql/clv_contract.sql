-- The models of contracts: shifted beta-geometric (sbg) and
-- beta-discrete-Weibull (bdw).
-- Sources: Fader and Hardie 2007, "How to project customer retention" (FH), whose
-- two segments of 1,000 customers are the data here; Fader and Hardie 2010,
-- "Customer-base valuation in a contractual setting: the perils of ignoring
-- heterogeneity"; maxima computed with mpmath at 40 digits.
SET extra_float_digits = 1;
SET max_parallel_workers_per_gather = 0;

CREATE TEMP TABLE segments AS
SELECT * FROM (VALUES
    ('regular', ARRAY[1000, 631, 468, 382, 326, 289, 262, 241, 223, 207, 194, 183, 173]),
    ('high end', ARRAY[1000, 869, 743, 653, 593, 551, 517, 491, 468, 445, 427, 409, 394])) v(segment, survivors);
\set have_data `test -r "$PG_ABS_SRCDIR/../../shared/data/fh2007_sbg_two_segments.csv" && echo true || echo false`
CREATE TEMP TABLE segment_file (year int, regular int, high_end int);
\if :have_data
\copy segment_file FROM PROGRAM 'cat "$PG_ABS_SRCDIR/../../shared/data/fh2007_sbg_two_segments.csv"' (FORMAT csv, HEADER)
\endif
-- the lists above are the file's: no rows
SELECT year FROM segment_file, segments
WHERE survivors[year] <> CASE segment WHEN 'regular' THEN regular ELSE high_end END;

-- ---------------------------------------------------------------------------
-- Fits
-- ---------------------------------------------------------------------------

-- sbg on 7 and 12 renewals: FH's estimates recomputed to 9 digits.  bdw: mpmath.
-- No rows.
CREATE TEMP TABLE reference (model text, segment text, renewals int, parameters float8[], std_errors float8[], ll float8);
INSERT INTO reference VALUES
    ('sbg', 'regular', 7, '{.704077298474,1.18204302621}', '{.0655989642,.152475632}', -1680.2651884633),
    ('sbg', 'high end', 7, '{.668088351106,3.80609496406}', '{.103734931,.785531692}', -1611.1581473912),
    ('sbg', 'regular', 12, '{.697362451702,1.16890462092}', '{.0546657879,.133883911}', -1931.4916941281),
    ('sbg', 'high end', 12, '{.596111200544,3.32696874117}', '{.062943677,.515029057}', -2010.8584195651),
    ('bdw', 'regular', 7, '{.455613989372,.779325508388,1.28345128578}', '{.167041427,.282709917,.298095071}', -1679.6028329072),
    ('bdw', 'high end', 7, '{.214253339281,1.42657487486,1.72356484874}', '{.0595797064,.381408615,.301043282}', -1605.3142132142),
    ('bdw', 'regular', 12, '{.508308704644,.868846336722,1.20937787594}', '{.152239782,.256174394,.230055696}', -1930.9297285693),
    ('bdw', 'high end', 12, '{.249640733987,1.65418095836,1.59679646784}', '{.0572112452,.357659075,.233654768}', -2004.8168885022);
CREATE TEMP TABLE fits AS
SELECT r.*, crm_btyd_fit(model, survivors[1:renewals + 1]) AS m FROM reference r JOIN segments USING (segment);
SELECT fits.model, segment, renewals, u.* FROM fits, crm_model_info(m) i,
     unnest(fits.parameters, i.parameters, fits.std_errors, i.std_errors) u(want, got, want_error, got_error)
WHERE NOT (abs(got - want) <= 1e-9 * want AND abs(got_error - want_error) <= 1e-7 * want_error
           AND abs(i.log_likelihood - fits.ll) <= 1e-9 AND i.status = 'converged'
           AND i.customers = 1000 AND i.unit_days = 365 AND NOT i.prior);
SELECT count(*) FROM fits;
-- FH's published values, to the digits printed: survival in year 12 is missed
-- by 2 % and 4 %.  (The paper's .688 is a misprint: its
-- log-likelihood would be -1611.35.)
SELECT segment, round(i.parameters[1]::numeric, 3) AS alpha, round(i.parameters[2]::numeric, 3) AS beta, round(i.log_likelihood::numeric, 1) AS ll,
       round((crm_contract_survival(m, 0, 12) * 1000 / survivors[13] - 1)::numeric * 100) AS off_percent
FROM fits JOIN segments USING (segment), crm_model_info(m) i WHERE fits.model = 'sbg' AND renewals = 7 ORDER BY 1 DESC;
SELECT abs(crm_contract_survival(crm_btyd_model('sbg', '{.704,1.182}'), 0, 12) - .170062576806051) < 1e-14 AS regular,
       abs(crm_contract_survival(crm_btyd_model('sbg', '{.668,3.806}'), 0, 12) - .37804042018209) < 1e-14 AS high_end;

-- Customers instead of counts, one row each or weighted, in any order, are the
-- same data: no rows
CREATE TABLE contract_rows AS
SELECT segment, least(renewals, 7) AS renewals, renewals < 7 AS churned
FROM (SELECT segment, (SELECT count(*) - 1 FROM unnest(survivors[1:8]) s WHERE s > i)::int
      FROM segments, generate_series(0, 999) i) c(segment, renewals);
CREATE TEMP TABLE counted AS SELECT segment, renewals, churned, count(*) AS customers FROM contract_rows GROUP BY 1, 2, 3;
SELECT f.model, f.segment, how FROM fits f,
     LATERAL (SELECT 'customers', crm_btyd_fit(f.model, renewals, churned) FROM contract_rows r WHERE r.segment = f.segment
              UNION ALL SELECT 'reversed', crm_btyd_fit(f.model, renewals, churned ORDER BY renewals DESC, churned) FROM contract_rows r WHERE r.segment = f.segment
              UNION ALL SELECT 'weights', crm_btyd_fit(f.model, renewals, churned, customers) FROM counted r WHERE r.segment = f.segment
              UNION ALL SELECT 'time unit', crm_btyd_fit(f.model, renewals, churned, customers, '1 year') FROM counted r WHERE r.segment = f.segment
              UNION ALL SELECT 'options', crm_btyd_fit(f.model, renewals, churned, customers, '1 year', '{"max_iterations": 99}') FROM counted r WHERE r.segment = f.segment) o(how, m)
WHERE f.renewals = 7 AND o.m::text <> f.m::text;
-- and in parallel
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
ANALYZE contract_rows;
EXPLAIN (COSTS OFF) SELECT crm_btyd_fit('bdw', renewals, churned) FROM contract_rows WHERE segment = 'regular';
SELECT crm_btyd_fit('bdw', renewals, churned)::text = (SELECT m::text FROM fits WHERE model = 'bdw' AND segment = 'regular' AND renewals = 7) AS same
FROM contract_rows WHERE segment = 'regular';
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
SET max_parallel_workers_per_gather = 0;
DROP TABLE contract_rows;

-- bdw with c = 1 is sbg, for any customer: no rows
SELECT renewals, churned FROM crm_btyd_model('sbg', '{.7,1.2}') s, crm_btyd_model('bdw', '{.7,1.2,1}') b,
     generate_series(0, 60) renewals, unnest(ARRAY[false, true]) churned
WHERE NOT (abs(crm_log_likelihood(s, renewals, churned) - crm_log_likelihood(b, renewals, churned)) <= 1e-13
           AND abs(crm_contract_survival(s, renewals, 5) - crm_contract_survival(b, renewals, 5)) <= 1e-14
           AND abs(crm_discounted_residual_lifetime(s, renewals, 0.01) / crm_discounted_residual_lifetime(b, renewals, 0.01) - 1) <= 1e-9
           AND abs(crm_discounted_residual_lifetime(s, renewals, 0.1, 20) / crm_discounted_residual_lifetime(b, renewals, 0.1, 20) - 1) <= 1e-13);
-- The likelihood is the sum over customers, and greatest at the fit: no rows
SELECT segment, model FROM fits f JOIN counted USING (segment),
     LATERAL (SELECT crm_log_likelihood(f.m, counted.renewals, churned)) l(ll)
WHERE f.renewals = 7 GROUP BY segment, model, f.ll HAVING NOT abs(sum(customers * l.ll) - f.ll) <= 1e-9;

-- Several cohorts pooled: each is seen for as many years as it had.  The file's
-- five cohorts shrink alike; the first year's newcomers have nothing to say.
-- Computed with mpmath: no rows.
CREATE TEMP TABLE cohort_file (year int, c1 int, c2 int, c3 int, c4 int, c5 int);
\set have_data `test -r "$PG_ABS_SRCDIR/../../shared/data/fh_sbg_multi_cohort.csv" && echo true || echo false`
\if :have_data
\copy cohort_file FROM PROGRAM 'cat "$PG_ABS_SRCDIR/../../shared/data/fh_sbg_multi_cohort.csv"' (FORMAT csv, HEADER)
\endif
CREATE TEMP TABLE cohorts AS
SELECT cohort, (ARRAY[10000, 6334, 4367, 3264, 2604])[1:6 - cohort] AS survivors FROM generate_series(1, 5) cohort;
SELECT cohort, f FROM cohorts,
     LATERAL (SELECT array_agg(n ORDER BY year) FROM cohort_file, LATERAL (SELECT (ARRAY[c1, c2, c3, c4, c5])[cohort]) s(n) WHERE n IS NOT NULL) f(f)
WHERE f <> survivors;
SELECT f.model, u.* FROM (SELECT model, crm_btyd_fit(model, renewals, churned, customers)
      FROM (SELECT i - 1 AS renewals, true AS churned, survivors[i] - survivors[i + 1] AS customers FROM cohorts, generate_series(1, cardinality(survivors) - 1) i
            UNION ALL SELECT cardinality(survivors) - 1, false, survivors[cardinality(survivors)] FROM cohorts) r, unnest(ARRAY['sbg', 'bdw']) model GROUP BY model) f(model, m)
JOIN (VALUES ('sbg', ARRAY[1.66708832066, 2.85661185793], ARRAY[.0698400356, .134920198], -44644.115506148),
             ('bdw', ARRAY[.917064359667, 1.58465527233, 1.18723450434], ARRAY[.122897268, .211232464, .0561481321], -44636.904078913)) w(model, parameters, std_errors, ll) ON w.model = f.model,
     crm_model_info(m) i, unnest(w.parameters, i.parameters, w.std_errors, i.std_errors) u(want, got, want_error, got_error)
WHERE NOT (abs(got - want) <= 1e-9 * want AND abs(got_error - want_error) <= 1e-7 * want_error AND abs(i.log_likelihood - w.ll) <= 1e-8);

-- ---------------------------------------------------------------------------
-- Survival, retention, lifetime
-- ---------------------------------------------------------------------------

-- Computed at 30 digits: no rows
SELECT v.* FROM crm_btyd_model('sbg', '{.704,1.182}') r, crm_btyd_model('sbg', '{.668,3.806}') h,
     LATERAL (VALUES ('S(2)', crm_contract_survival(r, 0, 2), .473842714563817), ('S(12)', crm_contract_survival(r, 0, 12), .170062576806051),
                     ('r(1)', crm_contract_survival(r, 0, 1), .626723223753977), ('r(12)', crm_contract_survival(r, 11, 1), .945367065031817),
                     ('S(1)', crm_contract_survival(h, 0, 1), .850692892266428), ('S(7)', crm_contract_survival(h, 0, 7), .488944620893726),
                     ('r(2)', crm_contract_survival(h, 1, 1), .877968578735842), ('r(12) of h', crm_contract_survival(h, 11, 1), .956830812976606),
                     ('E[CLV]', crm_discounted_lifetime(h, .1), 5.92259640761276),
                     ('DERL before renewal 1', crm_discounted_residual_lifetime(h, 0, .1), 5.41485604837404),
                     ('DERL before renewal 5', crm_discounted_residual_lifetime(h, 4, .1), 6.89705739774609)) v(what, got, want)
WHERE NOT abs(got - want) <= 1e-12 * want;

-- The curve is the survival function, and the intervals are the delta method's
-- with derivatives by differences: no rows
CREATE TEMP TABLE curves AS SELECT model, segment, f.m, c.* FROM fits f, crm_retention_curve(m, 9, 0.9) c WHERE renewals = 7;
SELECT model, segment, period, survival, retention_rate FROM curves
WHERE NOT (abs(survival - crm_contract_survival(m, 0, period)) <= 1e-15
           AND CASE WHEN period > 0 THEN abs(retention_rate - crm_contract_survival(m, period - 1, 1)) <= 1e-15 ELSE retention_rate IS NULL END);
CREATE TEMP TABLE slopes AS
SELECT curves.model, segment, period, j,
       (ln(-ln(crm_contract_survival(up, from_period, period - from_period))) - ln(-ln(crm_contract_survival(down, from_period, period - from_period)))) / (2e-5 * p[j]) AS slope, from_period
FROM curves, crm_model_info(m) i, LATERAL (SELECT i.parameters) s(p), generate_subscripts(p, 1) j,
     LATERAL (SELECT crm_btyd_model(curves.model, array_agg(v * CASE WHEN o = j THEN 1 + 1e-5 ELSE 1 END ORDER BY o)),
                     crm_btyd_model(curves.model, array_agg(v * CASE WHEN o = j THEN 1 - 1e-5 ELSE 1 END ORDER BY o)) FROM unnest(p) WITH ORDINALITY u(v, o)) n(up, down),
     generate_series(0, period - 1, greatest(period - 1, 1)) from_period
WHERE period > 0;
SELECT c.model, c.segment, c.period, s.from_period, lower, upper
FROM curves c JOIN (SELECT a.model, a.segment, a.period, a.from_period, sqrt(sum(a.slope * b.slope * i.covariance[a.j][b.j])) AS error
                    FROM slopes a JOIN slopes b USING (model, segment, period, from_period)
                    JOIN (SELECT DISTINCT model, segment, m::text AS t FROM curves) f USING (model, segment), crm_model_info(t::crm_btyd_model) i
                    GROUP BY 1, 2, 3, 4) s USING (model, segment, period),
     LATERAL (SELECT CASE WHEN from_period = 0 THEN survival_lower ELSE retention_lower END, CASE WHEN from_period = 0 THEN survival_upper ELSE retention_upper END,
                     CASE WHEN from_period = 0 THEN survival ELSE retention_rate END) v(lower, upper, p)
WHERE NOT (abs(lower - p ^ exp(1.6448536269514722 * error)) <= 1e-7 AND abs(upper - p ^ exp(-1.6448536269514722 * error)) <= 1e-7);
SELECT count(*) FROM slopes;
SELECT segment, period, round(survival::numeric, 3) AS s, round(survival_lower::numeric, 3) AS s_lower, round(survival_upper::numeric, 3) AS s_upper,
       round(retention_rate::numeric, 3) AS r, round(retention_lower::numeric, 3) AS r_lower, round(retention_upper::numeric, 3) AS r_upper
FROM curves WHERE model = 'sbg' AND period < 3 ORDER BY 1, 2;
SELECT count(*), count(survival_lower), count(retention_upper) FROM crm_retention_curve(crm_btyd_model('sbg', '{.7,1.2}'), 3);

-- Lifetimes are sums over the survival function: no rows
CREATE TEMP TABLE life AS
SELECT crm_btyd_model('sbg', ARRAY[a, b], unit) AS m, 'sbg' AS model, a, b, 1 AS c, unit, n FROM (VALUES (.7, 1.2), (2.5, 30), (1, 1)) p(a, b), (VALUES ('1 year'::interval, 1), ('1 month', 12)) u(unit, n)
UNION ALL SELECT crm_btyd_model('bdw', ARRAY[a, b, c], unit), 'bdw', a, b, c, unit, n FROM (VALUES (.7, 1.2, 1.4), (2.5, 30, .8), (1e6, 9e6, 1.1)) p(a, b, c), (VALUES ('1 year'::interval, 1), ('1 month', 12)) u(unit, n);
SELECT model, a, b, c, unit, renewals FROM life, unnest(ARRAY[0, 5, 40]) renewals,
     LATERAL (SELECT sum(s / 1.25 ^ ((j - 1)::float8 / n)), sum(s / 1.25 ^ ((j - 1)::float8 / n)) FILTER (WHERE j <= 3 * n), sum(s) FILTER (WHERE j <= 3 * n)
              FROM generate_series(1, 180 * n) j, crm_contract_survival(m, renewals, j) s) s(all_ever, three_years, plain)
WHERE NOT (abs(crm_discounted_residual_lifetime(m, renewals, .25) / all_ever - 1) <= 1e-12
           AND abs(crm_discounted_residual_lifetime(m, renewals, .25, interval '3 years') / three_years - 1) <= 1e-13
           AND abs(crm_discounted_residual_lifetime(m, renewals, .25, 3 * n + .9) / three_years - 1) <= 1e-13
           AND abs(crm_expected_residual_lifetime(m, renewals, interval '3 years') / plain - 1) <= 1e-13
           AND abs(crm_expected_residual_lifetime(m, renewals, 3 * n) / plain - 1) <= 1e-13
           AND (renewals > 0 OR abs(crm_discounted_lifetime(m, .25) / (1 + all_ever / 1.25 ^ (1.0 / n)) - 1) <= 1e-12)
           AND (renewals > 0 OR abs(crm_discounted_lifetime(m, .25, interval '3 years') / (1 + three_years / 1.25 ^ (1.0 / n)) - 1) <= 1e-12));
-- standing before a renewal = taking it, times all that follows: no rows
SELECT model, a, b, c, unit FROM life
WHERE NOT abs(crm_discounted_residual_lifetime(m, 3, .02) / (crm_contract_survival(m, 3, 1) * (1 + crm_discounted_residual_lifetime(m, 4, .02) / 1.02 ^ (1.0 / n))) - 1) <= 1e-10;
SELECT count(*) FROM life;
-- expected lifetime of sbg: (beta + renewals) / (alpha - 1), infinite if alpha <= 1
SELECT crm_expected_residual_lifetime(crm_btyd_model('sbg', '{3,8}'), 4) AS six, crm_expected_residual_lifetime(crm_btyd_model('sbg', '{.9,8}'), 4) AS infinite,
       round(crm_expected_residual_lifetime(crm_btyd_model('bdw', '{3,8,1}'), 4)::numeric, 9) AS six_too, crm_expected_residual_lifetime(crm_btyd_model('bdw', '{2,8,.5}'), 4) AS infinite_too,
       crm_expected_residual_lifetime(crm_btyd_model('sbg', '{.9,8}'), 4, 0) AS none;
-- alpha and beta of 1e7 are a constant chance of leaving: 1 / (1 - r / 1.1) r
SELECT abs(crm_discounted_residual_lifetime(crm_btyd_model('sbg', '{2e6,8e6}'), 0, .1) - .8 / (1 - .8 / 1.1)) < 1e-5 AS geometric;

-- ---------------------------------------------------------------------------
-- Statuses
-- ---------------------------------------------------------------------------
SELECT what, i.model, i.status, round(i.log_likelihood::numeric, 2) AS ll, i.std_errors IS NOT NULL AS errors,
       (SELECT array_agg(round(crm_contract_survival(m, 0, t)::numeric, 3) ORDER BY t) FROM generate_series(1, 4) t) AS survival
FROM (VALUES ('nobody left', ARRAY[500, 500, 500]), ('all left at once', ARRAY[500, 0]), ('all left at once, long ago', ARRAY[500, 0, 0, 0]),
             ('one renewal only', ARRAY[500, 400]), ('same chance each time', ARRAY[1000, 500, 250, 125]),
             ('leave more and more', ARRAY[1000, 950, 800, 400, 50]), ('leave at once or never', ARRAY[1000, 700, 700, 700]),
             ('two renewals at most', ARRAY[1000, 600, 0])) v(what, survivors),
     unnest(ARRAY['sbg', 'bdw']) kind, crm_btyd_fit(kind, survivors) m, crm_model_info(m) i
ORDER BY 1, 2 DESC;
-- nobody has come to a renewal yet: no information
SELECT crm_model_status(crm_btyd_fit('sbg', 0, false)) AS sbg, crm_model_status(crm_btyd_fit('bdw', 0, false)) AS bdw FROM generate_series(1, 3);
-- with priors even that has an answer: the priors
SELECT i.status, i.prior, round(i.parameters[1]::numeric, 6) AS alpha, round(i.parameters[2]::numeric, 6) AS beta, round(i.std_errors[1]::numeric, 4) AS error
FROM (SELECT crm_btyd_fit('sbg', 0, false, 1, '1 month', '{"prior": {"alpha": [0.7, 0.5], "beta": [2, 0.5]}}') FROM generate_series(1, 3)) f(m), crm_model_info(m) i;
-- a posteriori: the maximum of likelihood plus priors, by a grid: no rows
WITH p AS (SELECT i.parameters FROM crm_model_info(crm_btyd_fit('sbg', ARRAY[10, 10, 9, 9], options => '{"prior": {"alpha": [0.5, 1], "beta": [5, 1]}}')) i),
     at AS (SELECT i, j, crm_btyd_model('sbg', ARRAY[parameters[1] * (1 + i * .01), parameters[2] * (1 + j * .01)]) AS m,
                   -.5 * ln(parameters[1] * (1 + i * .01) / .5) ^ 2 - .5 * ln(parameters[2] * (1 + j * .01) / 5) ^ 2 AS prior
            FROM p, generate_series(-1, 1) i, generate_series(-1, 1) j),
     v AS (SELECT i, j, prior + crm_log_likelihood(m, 1, true) + 9 * crm_log_likelihood(m, 3, false) AS value FROM at)
SELECT i, j FROM v WHERE value >= (SELECT value FROM v WHERE i = 0 AND j = 0) AND (i, j) <> (0, 0);

-- Do intervals cover the truth as often as they say?  400 worlds of 500
-- customers, theta ~ Beta(1, 3), 6 renewals seen: survival of period 6, and of
-- period 12, which nobody has seen, with 90 % intervals.  With 400 worlds, 86 to
-- 94 % is chance.
SELECT setseed(0.2007);
CREATE TEMP TABLE worlds AS
SELECT w, least(ceil(ln(1 - random()) / ln(1 - theta)) - 1, 6)::int AS renewals
FROM (SELECT w, 1 - random() ^ (1.0 / 3) AS theta FROM generate_series(1, 400) w, generate_series(1, 500)) t;
CREATE TEMP TABLE world_fits AS
SELECT w, crm_btyd_fit('sbg', renewals, renewals < 6) AS m FROM worlds GROUP BY w;
SELECT crm_model_status(m), count(*) FROM world_fits GROUP BY 1 ORDER BY 1;
SELECT period, count(*) = 400 AS all_have_one,
       avg((crm_contract_survival(truth, 0, period) BETWEEN survival_lower AND survival_upper)::int) BETWEEN 0.86 AND 0.94 AS survival,
       avg((crm_contract_survival(truth, period - 1, 1) BETWEEN retention_lower AND retention_upper)::int) BETWEEN 0.86 AND 0.94 AS retention
FROM world_fits, crm_retention_curve(m, 12, 0.9), crm_btyd_model('sbg', '{1,3}') truth
WHERE period IN (6, 12) GROUP BY period ORDER BY period;

-- ---------------------------------------------------------------------------
-- The other forms of crm_btyd_fit mean what they meant
-- ---------------------------------------------------------------------------
SELECT (crm_model_info(crm_btyd_fit('bg/nbd', 2, '30.43', 38.86))).model AS text_recency;
SELECT (crm_model_info(crm_btyd_fit('bg/nbd', '2', 30.43, '38.86'))).model AS text_frequency;
SELECT crm_btyd_fit('bg/nbd', 2, NULL, 38.86) IS NULL AS null_recency;
SELECT (crm_model_info(crm_btyd_fit('bg/nbd', 2, 30, 38, 1, '7 days'))).model AS weight;
SELECT (crm_model_info(crm_btyd_fit('sbg', r, true, '2', '7 days'))).customers FROM (VALUES (1::int)) v(r);
SELECT (crm_model_info(crm_btyd_fit('sbg', r, true))).customers FROM (VALUES (1::smallint)) v(r);

-- ---------------------------------------------------------------------------
-- Bad input, and no input
-- ---------------------------------------------------------------------------
SELECT crm_btyd_fit('sbg', -1, true);
SELECT crm_btyd_fit('sbg', 1, true, -1);
SELECT crm_btyd_fit('sbg', 1, true, 'NaN');
SELECT crm_btyd_fit('sbg', 1, true, 1, '0 days');
SELECT crm_btyd_fit('sbg', r, true, 1, u) FROM (VALUES (1, '1 month'::interval), (2, '1 year')) v(r, u);
SELECT crm_btyd_fit(m, 1, true) FROM (VALUES ('sbg'), ('bdw')) v(m);
SELECT crm_btyd_fit('sbg', 1, true, 1, '1 year', '{"prior": {"c": [1, 1]}}');
SELECT crm_btyd_fit('pareto/nbd', 1, true);
SELECT crm_btyd_fit('sgb', 1, true);
SELECT crm_btyd_fit('sbg', 2, 30, 40);
SELECT crm_btyd_fit('sbg', crm_btyd_agg(1, 2, 3));
SELECT crm_btyd_fit('bg/nbd', ARRAY[100, 50]);
SELECT crm_btyd_fit('sbg', ARRAY[100]);
SELECT crm_btyd_fit('sbg', '{}'::float8[]);
SELECT crm_btyd_fit('sbg', ARRAY[100, NULL, 50]);
SELECT crm_btyd_fit('sbg', ARRAY[ARRAY[100, 50], ARRAY[20, 10]]);
SELECT crm_btyd_fit('sbg', ARRAY[100, 50, 60]);
SELECT crm_btyd_fit('sbg', ARRAY[100, -1]);
SELECT crm_btyd_fit('sbg', ARRAY[100, 'NaN'::float8]);
SELECT crm_btyd_fit('sbg', ARRAY['Infinity'::float8, 1]);
-- functions of purchases and contracts say which fits
SELECT crm_p_alive(m, 2, 3, 4) FROM crm_btyd_model('sbg', '{1,2}') m;
SELECT crm_expected_purchases(m, 5) FROM crm_btyd_model('bdw', '{1,2,3}') m;
SELECT crm_purchases_pmf(m, 5, 1) FROM crm_btyd_model('sbg', '{1,2}') m;
SELECT crm_purchases_interval(m, 5) FROM crm_btyd_model('sbg', '{1,2}') m;
SELECT crm_discounted_purchases(m, 0.1) FROM crm_btyd_model('sbg', '{1,2}') m;
SELECT crm_log_likelihood(m, 1, 2, 3) FROM crm_btyd_model('sbg', '{1,2}') m;
SELECT crm_clv(m, s, r, '1 year', 0.1) FROM crm_btyd_model('sbg', '{1,2}') m, crm_spend_model(6, 4, 15) s, (SELECT crm_rfm(date '2025-01-01', 1, date '2025-02-01')) t(r);
SELECT * FROM crm_retention_curve(crm_btyd_model('bg/bb', '{1,2,3,4}'), 5);
SELECT crm_contract_survival(crm_btyd_model('pareto/nbd', '{1,2,3,4}'), 0, 1);
SELECT crm_discounted_lifetime(crm_btyd_model('pareto/nbd', '{1,2,3,4}'), 0.1);
SELECT crm_log_likelihood(crm_btyd_model('bg/nbd', '{1,2,3,4}'), 1, true);
-- arguments
SELECT crm_retention_curve(m, -1) FROM crm_btyd_model('sbg', '{1,2}') m;
SELECT crm_retention_curve(m, 10001) FROM crm_btyd_model('sbg', '{1,2}') m;
SELECT crm_retention_curve(m, 3, 1) FROM crm_btyd_model('sbg', '{1,2}') m;
SELECT crm_contract_survival(m, -1, 1) FROM crm_btyd_model('sbg', '{1,2}') m;
SELECT crm_contract_survival(m, 0, -1) FROM crm_btyd_model('sbg', '{1,2}') m;
SELECT crm_contract_survival(m, 0, 'Infinity'::float8) FROM crm_btyd_model('sbg', '{1,2}') m;
SELECT crm_discounted_lifetime(m, -0.1) FROM crm_btyd_model('sbg', '{1,2}') m;
SELECT crm_discounted_lifetime(m, 0) FROM crm_btyd_model('sbg', '{1,2}') m;
SELECT crm_discounted_residual_lifetime(m, -1, 0.1) FROM crm_btyd_model('sbg', '{1,2}') m;
SELECT crm_discounted_residual_lifetime(m, 1, 'NaN') FROM crm_btyd_model('sbg', '{1,2}') m;
SELECT crm_expected_residual_lifetime(m, 1, 'NaN'::float8) FROM crm_btyd_model('sbg', '{1,2}') m;
SELECT crm_btyd_model('sbg', '{1,2,3}');
SELECT crm_btyd_model('bdw', '{1,2}');
SELECT crm_btyd_model('bdw', '{1,2,0}');
SELECT crm_btyd_model('sbg', '{1,2}', '-1 year');
-- rows of NULLs are skipped; no rows give NULL
SELECT crm_btyd_fit('sbg', r, c, w)::text = crm_btyd_fit('sbg', ARRAY[10, 6, 3])::text AS skipped
FROM (VALUES (0, true, 4), (1, true, 3), (2, false, 3), (NULL, true, 5), (3, NULL, 5), (3, true, NULL), (9, true, 0)) v(r, c, w);
SELECT crm_btyd_fit('sbg', 1, true) FILTER (WHERE false) IS NULL AS no_rows, crm_btyd_fit('sbg', ARRAY[0, 0]) IS NULL AS nobody, crm_btyd_fit('sbg', NULL::float8[]) IS NULL AS no_array,
       crm_btyd_fit('sbg', ARRAY[10, 5, 3], NULL, NULL)::text = crm_btyd_fit('sbg', ARRAY[10, 5, 3])::text AS null_options;
SELECT crm_btyd_fit(NULL, 1, true);
-- long tenures, whole lives
SELECT crm_contract_survival(m, 2000000000, 1) > 0.999999 AS long, crm_contract_survival(m, 0, 1e9) BETWEEN 1e-9 AND 1e-5 AS longer,
       crm_log_likelihood(m, 2000000000, true) < -30 AS ll, crm_expected_residual_lifetime(m, 0, 1e12) > 100 AS sum
FROM crm_btyd_model('sbg', '{.7,1.2}') m;
-- parameters out of any range: an answer, and soon.  Nobody ever leaves: 1 / (1 -
-- 1 / 1.1) periods; all leave at once: 1; half take the first renewal and nobody
-- the second: 1 + .5 / 1.1
SELECT round(crm_discounted_lifetime(crm_btyd_model('sbg', '{1e-200,1}'), .1)::numeric, 9) AS for_ever,
       round(crm_discounted_lifetime(crm_btyd_model('sbg', '{1e200,1}'), .1)::numeric, 9) AS at_once,
       round(crm_discounted_lifetime(crm_btyd_model('bdw', '{1e6,1e6,400}'), .1)::numeric, 6) AS two,
       crm_discounted_residual_lifetime(crm_btyd_model('bdw', '{1e6,1e6,400}'), 10, .1) AS beyond;
-- text and binary forms
SELECT crm_btyd_model('bdw', '{1,2,3}', '1 month');
SELECT crm_btyd_model('sbg', '{1,2}')::jsonb->'parameters' AS parameters;
SELECT bool_and(m::text::crm_btyd_model::text = m::text) AS round_trip, count(*) FROM fits;
SELECT 'crm_btyd_model:1 model=sbg status=known unit_days=365 customers=0 histories=0 iterations=0 log_likelihood=0 parameters=[1,2,3] prior=0'::crm_btyd_model;
