-- clv.sql: from orders to lifetime value, for a million customers.
--
--     scripts/bench.sh clv
--
-- Variables: customers (default 1000000), seed (0.42), runs (5).
\set QUIET on
\if :{?customers}
\else
  \set customers 1000000
\endif
\if :{?seed}
\else
  \set seed 0.42
\endif
\if :{?runs}
\else
  \set runs 5
\endif
\pset footer off
\ir harness.sql
SET timezone = 'UTC';
SET jit = off;
SET work_mem = '1GB';
SET max_parallel_workers_per_gather = 0;
\ir clv_data.sql

\pset title 'The data'
SELECT (SELECT count(*) FROM bench.orders) AS orders,
       (SELECT count(*) FROM bench.rfm_days) AS customers,
       (SELECT count(*) FROM (SELECT DISTINCT frequency, recency, age FROM bench.history_days) d) AS histories_in_days,
       (SELECT count(*) FROM (SELECT DISTINCT frequency, recency, age FROM bench.history_instants) d) AS histories_in_instants,
       (SELECT count(*) FROM bench.history_days WHERE paid_frequency > 0) AS with_paid_repeats;

-- The condition makes each group's result be computed, and none be returned.
\pset title 'Summary of each customer''s orders: timestamptz, numeric'
SELECT * FROM bench.compare(ARRAY[
    ['GROUP BY: count, sum, min, max', '',
     'SELECT customer FROM bench.orders GROUP BY customer
      HAVING num_nulls(count(*), sum(amount), min(ordered_at), max(ordered_at)) > 4'],
    ['crm_rfm, days', 'ratio <= 1.5',
     'SELECT customer FROM bench.orders GROUP BY customer
      HAVING num_nulls(crm_rfm(ordered_at, amount, date ''2024-12-29'')) > 1'],
    ['crm_rfm, days, named zone', '',
     'SELECT customer FROM bench.orders GROUP BY customer
      HAVING num_nulls(crm_rfm(ordered_at, amount, date ''2024-12-29'', interval ''7 days'', ''day'', ''Europe/Berlin'')) > 1'],
    ['crm_rfm, instants', '',
     'SELECT customer FROM bench.orders GROUP BY customer
      HAVING num_nulls(crm_rfm(ordered_at, amount, timestamptz ''2024-12-30 00:00+00'', interval ''7 days'', ''none'', ''UTC'')) > 1']],
    :runs);

\pset title 'Summary of each customer''s orders: date, float8'
SELECT * FROM bench.compare(ARRAY[
    ['GROUP BY: count, sum, min, max', '',
     'SELECT customer FROM bench.orders_plain GROUP BY customer
      HAVING num_nulls(count(*), sum(amount), min(ordered_on), max(ordered_on)) > 4'],
    ['crm_rfm', 'ratio <= 1.5',
     'SELECT customer FROM bench.orders_plain GROUP BY customer
      HAVING num_nulls(crm_rfm(ordered_on, amount, date ''2024-12-29'')) > 1']],
    :runs);

-- The two statements need not have the same plan, so the plans are printed.
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
\pset title 'Plans with two workers, as the planner likes'
EXPLAIN (COSTS OFF) SELECT customer FROM bench.orders GROUP BY customer
HAVING num_nulls(count(*), sum(amount), min(ordered_at), max(ordered_at)) > 4;
EXPLAIN (COSTS OFF) SELECT customer FROM bench.orders GROUP BY customer
HAVING num_nulls(crm_rfm(ordered_at, amount, date '2024-12-29')) > 1;
\pset title 'Two workers, as the planner likes: timestamptz, numeric; ratio of wall_s'
SELECT * FROM bench.compare(ARRAY[
    ['GROUP BY: count, sum, min, max', '',
     'SELECT customer FROM bench.orders GROUP BY customer
      HAVING num_nulls(count(*), sum(amount), min(ordered_at), max(ordered_at)) > 4'],
    ['crm_rfm, days', 'ratio <= 1.5',
     'SELECT customer FROM bench.orders GROUP BY customer
      HAVING num_nulls(crm_rfm(ordered_at, amount, date ''2024-12-29'')) > 1']],
    :runs, 'wall');

-- Support functions that cost nothing make the planner aggregate in the workers,
-- so that states are serialised and combined.
ALTER FUNCTION crm_rfm_combinefn COST 0.001;
ALTER FUNCTION crm_rfm_serialfn COST 0.001;
ALTER FUNCTION crm_rfm_deserialfn COST 0.001;
ALTER FUNCTION crm_rfm_finalfn COST 0.001;
\pset title 'Plan with two workers, aggregation in the workers'
EXPLAIN (COSTS OFF) SELECT customer FROM bench.orders GROUP BY customer
HAVING num_nulls(crm_rfm(ordered_at, amount, date '2024-12-29')) > 1;
\pset title 'Two workers, aggregation in the workers: timestamptz, numeric; ratio of wall_s'
SELECT * FROM bench.compare(ARRAY[
    ['GROUP BY: count, sum, min, max', '',
     'SELECT customer FROM bench.orders GROUP BY customer
      HAVING num_nulls(count(*), sum(amount), min(ordered_at), max(ordered_at)) > 4'],
    ['crm_rfm, days', 'ratio <= 1.5',
     'SELECT customer FROM bench.orders GROUP BY customer
      HAVING num_nulls(crm_rfm(ordered_at, amount, date ''2024-12-29'')) > 1']],
    :runs, 'wall');
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
SET max_parallel_workers_per_gather = 0;

\pset title 'Fit, histories in days, from crm_rfm'
SELECT * FROM bench.compare(ARRAY[
    ['scan: count, sum, min, max', '',
     'SELECT count(*), sum((rfm).frequency), min((rfm).recency), max((rfm).age) FROM bench.rfm_days'],
    ['bg/nbd', 'cpu_s <= 1', 'SELECT crm_btyd_fit(''bg/nbd'', rfm) FROM bench.rfm_days'],
    ['mbg/nbd', '', 'SELECT crm_btyd_fit(''mbg/nbd'', rfm) FROM bench.rfm_days'],
    ['pareto/nbd', 'cpu_s <= 2', 'SELECT crm_btyd_fit(''pareto/nbd'', rfm) FROM bench.rfm_days'],
    ['gamma-gamma', 'cpu_s <= 0.2', 'SELECT crm_spend_fit(rfm) FROM bench.rfm_days'],
    ['crm_btyd_agg, no fit', '', 'SELECT crm_btyd_agg(rfm) FROM bench.rfm_days']],
    :runs);

\pset title 'Fit, histories in days, from plain numbers'
SELECT * FROM bench.compare(ARRAY[
    ['scan: count, sum, min, max', '',
     'SELECT count(*), sum(frequency), min(recency), max(age) FROM bench.history_days'],
    ['bg/nbd', 'cpu_s <= 1', 'SELECT crm_btyd_fit(''bg/nbd'', frequency, recency, age) FROM bench.history_days'],
    ['mbg/nbd', '', 'SELECT crm_btyd_fit(''mbg/nbd'', frequency, recency, age) FROM bench.history_days'],
    ['pareto/nbd', 'cpu_s <= 2', 'SELECT crm_btyd_fit(''pareto/nbd'', frequency, recency, age) FROM bench.history_days'],
    ['gamma-gamma', 'cpu_s <= 0.2', 'SELECT crm_spend_fit(paid_frequency, monetary) FROM bench.history_days'],
    ['crm_btyd_agg, no fit', '', 'SELECT crm_btyd_agg(frequency, recency, age) FROM bench.history_days']],
    :runs);

\pset title 'Fit, histories in instants, from crm_rfm'
SELECT * FROM bench.compare(ARRAY[
    ['scan: count, sum, min, max', '',
     'SELECT count(*), sum((rfm).frequency), min((rfm).recency), max((rfm).age) FROM bench.rfm_instants'],
    ['bg/nbd', 'cpu_s <= 1', 'SELECT crm_btyd_fit(''bg/nbd'', rfm) FROM bench.rfm_instants'],
    ['mbg/nbd', '', 'SELECT crm_btyd_fit(''mbg/nbd'', rfm) FROM bench.rfm_instants'],
    ['pareto/nbd', 'cpu_s <= 2', 'SELECT crm_btyd_fit(''pareto/nbd'', rfm) FROM bench.rfm_instants'],
    ['gamma-gamma', 'cpu_s <= 0.2', 'SELECT crm_spend_fit(rfm) FROM bench.rfm_instants'],
    ['crm_btyd_agg, no fit', '', 'SELECT crm_btyd_agg(rfm) FROM bench.rfm_instants']],
    :runs);

\pset title 'Fit, histories in instants, from plain numbers'
SELECT * FROM bench.compare(ARRAY[
    ['scan: count, sum, min, max', '',
     'SELECT count(*), sum(frequency), min(recency), max(age) FROM bench.history_instants'],
    ['bg/nbd', 'cpu_s <= 1', 'SELECT crm_btyd_fit(''bg/nbd'', frequency, recency, age) FROM bench.history_instants'],
    ['mbg/nbd', '', 'SELECT crm_btyd_fit(''mbg/nbd'', frequency, recency, age) FROM bench.history_instants'],
    ['pareto/nbd', 'cpu_s <= 2', 'SELECT crm_btyd_fit(''pareto/nbd'', frequency, recency, age) FROM bench.history_instants'],
    ['gamma-gamma', 'cpu_s <= 0.2', 'SELECT crm_spend_fit(paid_frequency, monetary) FROM bench.history_instants'],
    ['crm_btyd_agg, no fit', '', 'SELECT crm_btyd_agg(frequency, recency, age) FROM bench.history_instants']],
    :runs);

-- Two binary covariates, one of five values and one that is different for each.
CREATE TABLE bench.covariates_days AS
SELECT frequency, recency, age, ARRAY[customer % 2, (customer % 10 = 3)::int, customer / 7 % 5]::float8[] AS few,
       ARRAY[customer % 2, (customer % 10 = 3)::int, customer / 7 % 5, sqrt(customer)]::float8[] AS x
FROM bench.history_days;
ANALYZE bench.covariates_days;
\pset title 'Fit with covariates, histories in days, from plain numbers'
SELECT * FROM bench.compare(ARRAY[
    ['pareto/nbd, without', '', 'SELECT crm_btyd_fit(''pareto/nbd'', frequency, recency, age) FROM bench.covariates_days'],
    ['pareto/nbd, 3 covariates of few values', '',
     'SELECT crm_btyd_fit(''pareto/nbd'', frequency, recency, age, few, NULL) FROM bench.covariates_days'],
    ['pareto/nbd, 4 covariates, no two customers alike', 'ratio <= 10',
     'SELECT crm_btyd_fit(''pareto/nbd'', frequency, recency, age, x, NULL) FROM bench.covariates_days'],
    ['bg/nbd, without', '', 'SELECT crm_btyd_fit(''bg/nbd'', frequency, recency, age) FROM bench.covariates_days'],
    ['bg/nbd, 3 covariates of few values', '',
     'SELECT crm_btyd_fit(''bg/nbd'', frequency, recency, age, few, NULL) FROM bench.covariates_days'],
    ['bg/nbd, 4 covariates, no two customers alike', '',
     'SELECT crm_btyd_fit(''bg/nbd'', frequency, recency, age, x, NULL) FROM bench.covariates_days']],
    :runs);

-- Models in a table of one row, as one would keep them.
CREATE TABLE bench.model AS
SELECT crm_btyd_fit('pareto/nbd', rfm) AS pareto, crm_btyd_fit('bg/nbd', rfm) AS bg,
       crm_spend_fit(rfm) AS spend
FROM bench.rfm_days;
ANALYZE bench.model;

\pset title 'Prediction for each customer, from crm_rfm'
SELECT * FROM bench.compare(ARRAY[
    ['scan: count, sum, min, max', '',
     'SELECT count(*), sum((rfm).frequency), min((rfm).recency), max((rfm).age) FROM bench.rfm_days'],
    ['pareto/nbd: the three together', 'cpu_s <= 1, ratio <= 3',
     'SELECT count(crm_p_alive(pareto, rfm)), count(crm_expected_purchases(pareto, rfm, 52)),
             count(crm_discounted_purchases(pareto, rfm, 0.1)) FROM bench.rfm_days, bench.model'],
    ['pareto/nbd: P(alive)', '',
     'SELECT count(crm_p_alive(pareto, rfm)) FROM bench.rfm_days, bench.model'],
    ['pareto/nbd: purchases in 52 weeks', '',
     'SELECT count(crm_expected_purchases(pareto, rfm, 52)) FROM bench.rfm_days, bench.model'],
    ['pareto/nbd: discounted purchases', '',
     'SELECT count(crm_discounted_purchases(pareto, rfm, 0.1)) FROM bench.rfm_days, bench.model'],
    ['bg/nbd: the three together', 'cpu_s <= 1, ratio <= 3',
     'SELECT count(crm_p_alive(bg, rfm)), count(crm_expected_purchases(bg, rfm, 52)),
             count(crm_discounted_purchases(bg, rfm, 0.1)) FROM bench.rfm_days, bench.model'],
    ['bg/nbd: P(alive)', '',
     'SELECT count(crm_p_alive(bg, rfm)) FROM bench.rfm_days, bench.model'],
    ['bg/nbd: purchases in 52 weeks', '',
     'SELECT count(crm_expected_purchases(bg, rfm, 52)) FROM bench.rfm_days, bench.model'],
    ['bg/nbd: discounted purchases', '',
     'SELECT count(crm_discounted_purchases(bg, rfm, 0.1)) FROM bench.rfm_days, bench.model'],
    ['crm_clv, one year, pareto/nbd', '',
     'SELECT count(crm_clv(pareto, spend, rfm, interval ''1 year'', 0.1)) FROM bench.rfm_days, bench.model'],
    ['total of all with interval: purchases in 52 weeks, pareto/nbd', '',
     'SELECT crm_expected_purchases_total(pareto, rfm, 52) FROM bench.rfm_days, bench.model'],
    ['total of all with interval: value of one year, pareto/nbd', '',
     'SELECT crm_clv_total(pareto, spend, rfm, interval ''1 year'', 0.1) FROM bench.rfm_days, bench.model']],
    :runs);

\pset title 'Prediction for each customer, from plain numbers'
SELECT * FROM bench.compare(ARRAY[
    ['scan: count, sum, min, max', '',
     'SELECT count(*), sum(frequency), min(recency), max(age) FROM bench.history_days'],
    ['pareto/nbd: the three together', 'cpu_s <= 1, ratio <= 3',
     'SELECT count(crm_p_alive(pareto, frequency, recency, age)),
             count(crm_expected_purchases(pareto, frequency, recency, age, 52)),
             count(crm_discounted_purchases(pareto, frequency, recency, age, 0.1)) FROM bench.history_days, bench.model'],
    ['bg/nbd: the three together', 'cpu_s <= 1, ratio <= 3',
     'SELECT count(crm_p_alive(bg, frequency, recency, age)),
             count(crm_expected_purchases(bg, frequency, recency, age, 52)),
             count(crm_discounted_purchases(bg, frequency, recency, age, 0.1)) FROM bench.history_days, bench.model']],
    :runs);

-- Peak memory: a backend that has read the whole table, before and after.
\pset title 'Memory of a fit'
CREATE TABLE bench.memory (fit text, histories bigint, bytes bigint);
\connect -
SET max_parallel_workers_per_gather = 0;
SELECT count(*), sum(frequency), min(recency), max(age) FROM bench.history_instants \g /dev/null
SELECT bench.peak_bytes() AS before \gset
SELECT (crm_model_info(crm_btyd_fit('pareto/nbd', frequency, recency, age))).histories FROM bench.history_instants \gset
INSERT INTO bench.memory VALUES ('pareto/nbd', :histories, bench.peak_bytes() - :before);
\connect -
SET max_parallel_workers_per_gather = 0;
SELECT count(*), sum(frequency), min(recency), max(age) FROM bench.history_instants \g /dev/null
SELECT bench.peak_bytes() AS before \gset
SELECT (crm_model_info(crm_btyd_fit('bg/nbd', frequency, recency, age))).histories FROM bench.history_instants \gset
INSERT INTO bench.memory VALUES ('bg/nbd', :histories, bench.peak_bytes() - :before);
\connect -
SET max_parallel_workers_per_gather = 0;
SELECT count(*), sum(frequency), min(recency), max(age) FROM bench.history_instants \g /dev/null
SELECT bench.peak_bytes() AS before \gset
SELECT (crm_model_info(crm_spend_fit(paid_frequency, monetary))).histories FROM bench.history_instants \gset
INSERT INTO bench.memory VALUES ('gamma-gamma', :histories, bench.peak_bytes() - :before);
SELECT fit, histories, bytes, round(bytes::numeric / histories) AS bytes_a_history FROM bench.memory;
