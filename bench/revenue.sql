-- Recurring revenue against the plain SQL for the same answer, in one run:
-- 1.2 million account-months of 50,000 accounts, with gaps and zeros.  Prints
-- the quickest of several alternating runs of each, and the ratio.
--
-- The window queries read the rows in order from a covering index, so that the
-- sort, which is the same for all, does not hide the difference.
\set ECHO none
\set QUIET on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS crm_metrics;
SET max_parallel_workers_per_gather = 0;
SET jit = off;
SET work_mem = '256MB';
SELECT setseed(0.42) \g /dev/null

CREATE TABLE bench_subscription_month AS
SELECT account, (date '2024-01-01' + make_interval(months => m))::date AS month,
       CASE WHEN random() < 0.03 THEN 0
            ELSE 10 * (1 + account % 20 + m / 9) + CASE WHEN random() < 0.1 THEN 4.99 ELSE 0 END
       END::numeric(12,2) AS mrr
FROM generate_series(1, 50000) account, generate_series(0, 23) m
WHERE random() < 0.98;
CREATE INDEX ON bench_subscription_month (account, month) INCLUDE (mrr);
VACUUM (ANALYZE) bench_subscription_month;

CREATE TABLE bench_period AS
SELECT account, coalesce(sum(mrr) FILTER (WHERE month = '2024-01-01'), 0) AS mrr_start,
       coalesce(sum(mrr) FILTER (WHERE month = '2024-12-01'), 0) AS mrr_end
FROM bench_subscription_month GROUP BY account;
INSERT INTO bench_period SELECT p.* FROM bench_period p, generate_series(1, 19);
VACUUM (ANALYZE) bench_period;

CREATE TEMP TABLE query (task int, form text, sql text);
INSERT INTO query VALUES
(1, 'crm_mrr_movement(mrr)',
 $$SELECT count(*) FILTER (WHERE kind = 'churn'), sum(amount) FROM (
     SELECT (crm_mrr_movement(mrr) OVER (PARTITION BY account ORDER BY month)).*
     FROM bench_subscription_month) x$$),
(1, 'lag() and CASE, every return is "new"',
 $$SELECT count(*) FILTER (WHERE kind = 'churn'), sum(amount) FROM (
     SELECT CASE WHEN mrr <= 0 THEN CASE WHEN prev > 0 THEN 'churn' ELSE 'none' END
                 WHEN prev <= 0 THEN 'new'
                 WHEN mrr > prev THEN 'expansion' WHEN mrr < prev THEN 'contraction'
                 ELSE 'retained' END AS kind,
            mrr - prev AS amount
     FROM (SELECT mrr, lag(mrr, 1, 0.00) OVER (PARTITION BY account ORDER BY month) AS prev
           FROM bench_subscription_month) x) y$$),
(2, 'crm_mrr_movement(mrr, month)',
 $$SELECT count(*) FILTER (WHERE kind = 'churn'), sum(amount) FROM (
     SELECT (crm_mrr_movement(mrr, month) OVER (PARTITION BY account ORDER BY month)).*
     FROM bench_subscription_month) x$$),
(2, 'lag() and CASE with gaps and returns',
 $$SELECT count(*) FILTER (WHERE kind = 'churn'), sum(amount) FROM (
     SELECT CASE WHEN mrr <= 0 THEN CASE WHEN prev > 0 THEN 'churn' ELSE 'none' END
                 WHEN prev <= 0 THEN CASE WHEN seen THEN 'reactivation' ELSE 'new' END
                 WHEN mrr > prev THEN 'expansion' WHEN mrr < prev THEN 'contraction'
                 ELSE 'retained' END AS kind,
            mrr - prev AS amount
     FROM (SELECT mrr, coalesce(seen, false) AS seen,
                  CASE WHEN prev_month + interval '1 month' = month THEN prev ELSE 0 END AS prev
           FROM (SELECT month, mrr, lag(mrr, 1, 0.00) OVER w AS prev, lag(month) OVER w AS prev_month,
                        bool_or(mrr > 0) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS seen
                 FROM bench_subscription_month
                 WINDOW w AS (PARTITION BY account ORDER BY month)) x) y) z$$),
(3, 'crm_mrr_waterfall(crm_mrr_movements())',
 $$SELECT count(*), max(w.closing) FROM (
     SELECT crm_mrr_waterfall(m) AS months FROM (
       SELECT crm_mrr_movements(month, mrr, '2025-12-01') AS m
       FROM bench_subscription_month GROUP BY account) a) t, unnest(months) w$$),
(3, 'every account by every month, lag() and GROUP BY',
 $$SELECT count(*), max(closing) FROM (
     SELECT month, sum(sum(amount)) OVER (ORDER BY month) AS closing,
            sum(amount) FILTER (WHERE kind = 'new') AS new, sum(amount) FILTER (WHERE kind = 'expansion') AS expansion,
            sum(amount) FILTER (WHERE kind = 'contraction') AS contraction, sum(amount) FILTER (WHERE kind = 'churn') AS churn,
            sum(amount) FILTER (WHERE kind = 'reactivation') AS reactivation,
            count(*) FILTER (WHERE kind = 'new') AS new_customers, count(*) FILTER (WHERE kind = 'churn') AS churned_customers
     FROM (SELECT month, CASE WHEN mrr <= 0 THEN CASE WHEN prev > 0 THEN 'churn' ELSE 'none' END
                 WHEN prev <= 0 THEN CASE WHEN seen THEN 'reactivation' ELSE 'new' END
                 WHEN mrr > prev THEN 'expansion' WHEN mrr < prev THEN 'contraction'
                 ELSE 'retained' END AS kind, mrr - prev AS amount
           FROM (SELECT month, mrr, lag(mrr, 1, 0.00) OVER w AS prev,
                        bool_or(mrr > 0) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS seen
                 FROM (SELECT account, month::date, coalesce(mrr, 0) AS mrr
                       FROM (SELECT DISTINCT account FROM bench_subscription_month) a
                       CROSS JOIN generate_series(timestamp '2024-01-01', '2025-12-01', interval '1 month') month
                       LEFT JOIN bench_subscription_month USING (account, month)) s
                 WINDOW w AS (PARTITION BY account ORDER BY month)) x) y
     GROUP BY month) z$$),
(4, 'crm_nrr, crm_grr, crm_logo_churn',
 $$SELECT crm_nrr(mrr_start, mrr_end), crm_grr(mrr_start, mrr_end), crm_logo_churn(mrr_start, mrr_end)
   FROM bench_period$$),
(4, 'sum() FILTER, least() and greatest()',
 $$SELECT sum(greatest(mrr_end, 0)) FILTER (WHERE mrr_start > 0) / sum(mrr_start) FILTER (WHERE mrr_start > 0),
          sum(least(greatest(mrr_end, 0), mrr_start)) FILTER (WHERE mrr_start > 0) / sum(mrr_start) FILTER (WHERE mrr_start > 0),
          count(*) FILTER (WHERE mrr_start > 0 AND mrr_end <= 0)::float8 / count(*) FILTER (WHERE mrr_start > 0)
   FROM bench_period$$);

CREATE TEMP TABLE timing (task int, form text, ms double precision);
DO $$
DECLARE
    q record;
    began timestamptz;
BEGIN
    FOR run IN 0..5 LOOP
        FOR q IN SELECT * FROM query LOOP
            began := clock_timestamp();
            EXECUTE q.sql;
            IF run > 0 THEN     -- the first run warms the cache
                INSERT INTO timing
                VALUES (q.task, q.form, extract(epoch FROM clock_timestamp() - began) * 1000);
            END IF;
        END LOOP;
    END LOOP;
END;
$$;

SELECT ours.form AS ours, round(ours.ms) AS ms, sql.form AS "plain SQL", round(sql.ms) AS ms,
       round((ours.ms / sql.ms)::numeric, 2) AS ratio
FROM (SELECT task, form, min(ms) AS ms FROM timing WHERE form LIKE 'crm%' GROUP BY 1, 2) ours
JOIN (SELECT task, form, min(ms) AS ms FROM timing WHERE form NOT LIKE 'crm%' GROUP BY 1, 2) sql USING (task)
ORDER BY task;

DROP TABLE bench_subscription_month, bench_period;
