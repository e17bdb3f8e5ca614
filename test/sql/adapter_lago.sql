--
-- The adapter for Lago: entities and KPI views over a database of Lago return
-- what has truly happened.
--
-- test/schemas/lago/generate.sql writes down what happened in lago_truth, and
-- from that fills the tables as Lago would.  Expected numbers are computed here
-- from lago_truth, in plain SQL.
--
SET client_min_messages = warning;
\set SHOW_CONTEXT never
SET extra_float_digits = 0;
SET jit = off;
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema_file :abs_srcdir '/schemas/lago/schema.sql'
\set generate_file :abs_srcdir '/schemas/lago/generate.sql'
\set ECHO none
\i :schema_file
\i :generate_file
\set ECHO all

-- The analyst may read the source and make schemas, no more; the source has a
-- name that needs quoting; the session is in a zone that is not the data's.
CREATE ROLE regress_lago NOSUPERUSER;
GRANT CREATE, TEMPORARY ON DATABASE :"DBNAME" TO regress_lago;
ALTER SCHEMA lago RENAME TO "La'go %s";
GRANT USAGE ON SCHEMA "La'go %s", lago_truth TO regress_lago;
GRANT SELECT ON ALL TABLES IN SCHEMA "La'go %s", lago_truth TO regress_lago;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA lago_truth TO regress_lago;
SET ROLE regress_lago;
SET TimeZone = 'Pacific/Auckland';

SELECT * FROM crm_install_adapter('lago', 'La''go %s', 'lago KPI');
SET search_path = "lago KPI", public;

-- what is in one of two relations only
\set check '(SELECT ''missing'' AS what, * FROM (TABLE truth EXCEPT ALL TABLE got) AS m UNION ALL SELECT ''unexpected'', * FROM (TABLE got EXCEPT ALL TABLE truth) AS u) ORDER BY 2, 1 LIMIT 10;'
\set again 'DROP TABLE truth, got;'

--
-- Entities: neither tax nor coupons that end, trials over, a change of plan is
-- one price at the end of each month
--
CREATE TEMP TABLE paid AS
SELECT p.customer_id, m::date AS month, p.n, p.monthly, p.currency
FROM lago_truth.paying AS p,
     generate_series(p.first_month::timestamp, coalesce(p.last_month, '2026-01-01'), '1 month') AS m
WHERE m < '2026-02-01';

CREATE TEMP TABLE truth AS
SELECT lago_truth.id('customer ' || customer_id)::text AS customer_id, month, monthly AS mrr, currency FROM paid;
CREATE TEMP TABLE got AS
SELECT customer_id, month, mrr, currency FROM subscription_month WHERE month < '2026-02-01';
:check
SELECT count(*) AS months, count(DISTINCT customer_id) AS customers, count(DISTINCT plan) AS plans FROM subscription_month
WHERE month < '2026-02-01';
:again

-- a subscription keeps its identity when the plan changes
SELECT count(*) > 20 AS some_changed FROM (
    SELECT subscription_id FROM subscription_month GROUP BY 1 HAVING count(DISTINCT plan) > 1) AS c;

-- partners do not pay; who was deleted did
CREATE TEMP TABLE truth AS
SELECT lago_truth.id('customer ' || id)::text AS customer_id, created_at AS acquired_at, 'Customer ' || id AS name,
       CASE WHEN id % 5 = 0 THEN 'individual' ELSE 'company' END AS segment
FROM lago_truth.customer WHERE NOT partner;
CREATE TEMP TABLE got AS
SELECT customer_id, acquired_at, name, segment FROM customer;
:check
SELECT count(*) AS customers FROM customer;
:again

CREATE TEMP TABLE truth AS
SELECT lago_truth.id(key)::text AS order_id, day, net AS amount, currency, lago_truth.id('customer ' || customer_id)::text AS customer_id
FROM lago_truth.sale;
CREATE TEMP TABLE got AS
SELECT order_id, (ordered_at AT TIME ZONE 'Europe/Berlin')::date AS day, amount, currency, customer_id FROM "order";
:check
SELECT count(*) AS orders, count(*) FILTER (WHERE amount < 0) > 0 AS some_credited, count(DISTINCT currency) AS currencies FROM "order";
:again

--
-- KPI views, in Berlin
--
SELECT view_name, status FROM crm_create_kpi_views('lago KPI',
    '{"time_zone": "Europe/Berlin", "grain": "month", "as_of": "2026-01-31 00:00+00"}')
WHERE status = 'created' AND view_name NOT LIKE 'kpi\_clean%' ORDER BY 1;

-- What moved the MRR, by the definition of each movement
CREATE TEMP TABLE truth AS
WITH grid AS (
    SELECT c.customer_id, c.currency, c.first, m::date AS month
    FROM (SELECT customer_id, currency, min(month) AS first, min(min(month)) OVER (PARTITION BY currency) AS begins
          FROM paid GROUP BY 1, 2) AS c,
         generate_series(c.begins::timestamp, '2026-01-01', '1 month') AS m
), customer_month AS (
    SELECT g.*, coalesce(p.mrr, 0) AS now,
           coalesce(lag(p.mrr) OVER (PARTITION BY g.customer_id, g.currency ORDER BY g.month), 0) AS before
    FROM grid AS g
    LEFT JOIN (SELECT customer_id, currency, month, sum(monthly) AS mrr FROM paid GROUP BY 1, 2, 3) AS p
        USING (customer_id, currency, month)
)
SELECT month, currency, sum(before) AS opening,
       coalesce(sum(now) FILTER (WHERE before = 0 AND month = first), 0) AS new,
       coalesce(sum(now - before) FILTER (WHERE before > 0 AND now > before), 0) AS expansion,
       coalesce(sum(now - before) FILTER (WHERE now > 0 AND now < before), 0) AS contraction,
       coalesce(-sum(before) FILTER (WHERE now = 0), 0) AS churn,
       coalesce(sum(now) FILTER (WHERE before = 0 AND month > first), 0) AS reactivation,
       sum(now) AS closing,
       count(*) FILTER (WHERE before > 0) AS opening_customers,
       count(*) FILTER (WHERE before > 0 AND now = 0) AS churned_customers,
       count(*) FILTER (WHERE before = 0 AND now > 0 AND month > first) AS reactivated_customers,
       count(*) FILTER (WHERE now > 0) AS closing_customers,
       round(sum(least(now, before)) FILTER (WHERE before > 0) / nullif(sum(before), 0), 9) AS grr,
       round(sum(now) FILTER (WHERE before > 0) / nullif(sum(before), 0), 9) AS nrr,
       round(count(*) FILTER (WHERE before > 0 AND now = 0)::numeric / nullif(count(*) FILTER (WHERE before > 0), 0), 9) AS logo_churn
FROM customer_month GROUP BY 1, 2 HAVING sum(before) + sum(now) > 0;
CREATE TEMP TABLE got AS
SELECT month, currency, opening, new, expansion, contraction, churn, reactivation, closing, opening_customers, churned_customers,
       reactivated_customers, closing_customers, round(grr::numeric, 9) AS grr, round(nrr::numeric, 9) AS nrr,
       round(logo_churn::numeric, 9) AS logo_churn
FROM kpi_mrr;
:check
SELECT count(*) > 20 AS looked_at, sum(reactivation) > 0 AS some_back, sum(churn) < 0 AS some_left, sum(contraction) < 0 AS some_less FROM got;
:again

-- A change of plan is no churn, nor is giving up one of two subscriptions: only
-- those who gave up everything have left
SELECT (SELECT sum(churned_customers) FROM kpi_mrr)
    = (SELECT count(*) FROM lago_truth.customer WHERE kind IN (2, 3, 8, 11, 17)) AS only_those_who_left;

CREATE TEMP TABLE truth AS
SELECT date_trunc('month', day)::date AS period, currency, count(*) FILTER (WHERE net >= 0) AS orders,
       count(DISTINCT customer_id) FILTER (WHERE net >= 0) AS customers,
       coalesce(sum(net) FILTER (WHERE net >= 0), 0) AS gross, coalesce(-sum(net) FILTER (WHERE net < 0), 0) AS refunds,
       sum(net) AS revenue, round(avg(net) FILTER (WHERE net >= 0), 6) AS average_order
FROM lago_truth.sale GROUP BY 1, 2;
CREATE TEMP TABLE got AS
SELECT period, currency, orders, customers, gross, refunds, revenue, round(average_order::numeric, 6) AS average_order
FROM kpi_revenue WHERE orders > 0 OR refunds > 0;
:check
SELECT count(*) > 20 AS looked_at FROM got;
:again

CREATE TEMP TABLE truth AS
SELECT date_trunc('month', created_at AT TIME ZONE 'Europe/Berlin')::date AS period, count(*)::numeric AS customers
FROM lago_truth.customer WHERE NOT partner GROUP BY 1;
CREATE TEMP TABLE got AS
SELECT period, sum(customers) AS customers FROM kpi_new_customers GROUP BY 1;
:check
SELECT count(*) > 5 AS looked_at FROM got;
:again

-- Cohorts: each cell counted by itself
CREATE TEMP TABLE bought AS
SELECT customer_id, date_trunc('month', day)::date AS month, date_trunc('month', min(day) OVER (PARTITION BY customer_id))::date AS cohort
FROM lago_truth.sale WHERE net >= 0;
CREATE TEMP TABLE got AS
SELECT cohort, period_no, customers, retained FROM kpi_cohorts WHERE complete;
CREATE TEMP TABLE truth AS
SELECT g.cohort, g.period_no, (SELECT count(DISTINCT customer_id) FROM bought AS b WHERE b.cohort = g.cohort) AS customers,
       (SELECT count(DISTINCT customer_id) FROM bought AS b WHERE b.cohort = g.cohort
          AND b.month = (g.cohort + g.period_no * interval '1 month')::date) AS retained
FROM got AS g;
:check
SELECT count(*) > 50 AS looked_at, sum(retained) FILTER (WHERE period_no > 0) > 100 AS some_back,
       sum(customers) FILTER (WHERE period_no = 0) = (SELECT count(DISTINCT customer_id) FROM bought) AS all_customers FROM got;
:again

CREATE TEMP TABLE truth AS
SELECT month AS period, count(*) AS customers, count(*) FILTER (WHERE orders > 1) AS repeat_customers,
       count(*) FILTER (WHERE cohort < month) AS returning_customers
FROM (SELECT customer_id, month, cohort, count(*) AS orders FROM bought GROUP BY 1, 2, 3) AS b GROUP BY 1;
CREATE TEMP TABLE got AS
SELECT period, customers, repeat_customers, returning_customers FROM kpi_repeat_purchase;
:check
SELECT count(*) > 10 AS looked_at, sum(repeat_customers) > 0 AS some_repeat FROM got;
:again

CREATE TEMP TABLE truth AS
SELECT p.month AS period, count(b.customer_id) AS active, count(*) FILTER (WHERE b.month = b.cohort) AS new_customers,
       count(*) FILTER (WHERE b.customer_id = a.customer_id) AS returning,
       count(*) FILTER (WHERE b.month > b.cohort AND a.customer_id IS NULL) AS resurrected,
       count(*) FILTER (WHERE a.customer_id IS NOT NULL AND b.customer_id IS NULL) AS dormant
FROM (SELECT m::date AS month FROM generate_series((SELECT min(month) FROM bought)::timestamp, '2026-01-01', '1 month') AS m) AS p
CROSS JOIN lago_truth.customer AS c
LEFT JOIN (SELECT DISTINCT * FROM bought) AS b ON b.month = p.month AND b.customer_id = c.id
LEFT JOIN (SELECT DISTINCT * FROM bought) AS a ON a.month = (p.month - interval '1 month')::date AND a.customer_id = c.id
GROUP BY 1;
CREATE TEMP TABLE got AS
SELECT period, active, new_customers, returning, resurrected, dormant FROM kpi_active_customers;
:check
SELECT count(*) > 10 AS looked_at, sum(resurrected) > 0 AS some_back FROM got;
:again

-- Gini's coefficient by its definition: the mean difference of two customers, over twice the mean
CREATE TEMP TABLE truth AS
WITH revenue AS (SELECT currency, customer_id, sum(net) AS revenue FROM lago_truth.sale GROUP BY 1, 2)
SELECT a.currency, sqrt(count(*))::bigint AS customers, round(sum(a.revenue) / sqrt(count(*)), 2) AS revenue,
       round(avg(abs(a.revenue - b.revenue)) / (2 * avg(a.revenue)), 9) AS gini
FROM revenue AS a JOIN revenue AS b USING (currency) GROUP BY 1;
CREATE TEMP TABLE got AS
SELECT currency, customers, round(revenue::numeric, 2) AS revenue, round(gini::numeric, 9) AS gini FROM kpi_concentration;
:check
SELECT count(*) AS looked_at FROM got;
:again

-- All about a customer
CREATE TEMP TABLE truth AS
SELECT lago_truth.id('customer ' || c.id)::text AS customer_id, count(s.net) FILTER (WHERE s.net >= 0) AS orders, sum(s.net) AS revenue,
       max(s.day) FILTER (WHERE s.net >= 0) AS last_order,
       (SELECT sum(p.monthly) FROM paid AS p WHERE p.customer_id = c.id AND p.month = '2026-01-01') AS mrr
FROM lago_truth.customer AS c LEFT JOIN lago_truth.sale AS s ON s.customer_id = c.id
WHERE NOT c.partner GROUP BY c.id;
CREATE TEMP TABLE got AS
SELECT customer_id, orders, revenue, (last_order_at AT TIME ZONE 'Europe/Berlin')::date AS last_order, mrr FROM kpi_customer_360;
:check
SELECT count(*) AS customers, count(mrr) > 100 AS subscribers FROM got;
:again

-- what the view of data quality holds against the data: nothing; except that
-- what is subscribed now goes on after as_of
SELECT entity, problem, severity, found FROM kpi_data_quality
WHERE found > 0 AND severity <> 'info' AND (entity, problem) <> ('subscription_month', 'month is missing, before 1900, or after as_of')
ORDER BY 1, 2;
SELECT count(DISTINCT entity) AS entities, min(rows) > 0 AS looked_at FROM kpi_data_quality;

--
-- One organization of several, and what goes wrong
--
RESET search_path;
RESET ROLE;
INSERT INTO "La'go %s".organizations (id, name, created_at, updated_at)
VALUES ('00000000-0000-0000-0000-0000000000aa', 'Other Ltd', '2024-01-01', '2024-01-01');
UPDATE "La'go %s".customers SET organization_id = '00000000-0000-0000-0000-0000000000aa' WHERE external_id IN ('customer-24', 'customer-25');
UPDATE "La'go %s".invoices AS i SET organization_id = c.organization_id FROM "La'go %s".customers AS c WHERE c.id = i.customer_id;
SET ROLE regress_lago;
SELECT count(*) FROM crm_install_adapter('lago', 'La''go %s', 'lago one', '{"organization": "00000000-0000-0000-0000-0000000000aa"}');
SELECT (SELECT count(*) FROM "lago one".customer) AS customers,
       (SELECT count(DISTINCT customer_id) FROM "lago one".subscription_month) AS subscribers,
       (SELECT count(*) FROM "lago one"."order") = (SELECT count(*) FROM lago_truth.sale WHERE customer_id IN (24, 25)) AS orders;
SELECT crm_install_adapter('lago', 'La''go %s', 'lago one', '{"organization": "Other Ltd"}');
SELECT crm_install_adapter('lago', 'La''go %s', 'lago one', '{"account": 1}');
RESET ROLE;
ALTER TABLE "La'go %s".customers RENAME billing_entity_id TO entity_id;
SET ROLE regress_lago;
SELECT crm_install_adapter('lago', 'La''go %s', 'lago one');
-- what does not need it can be had
SELECT * FROM crm_install_adapter('lago', 'La''go %s', 'lago one', '{"entities": ["customer", "order"]}');

-- all of it goes with its schemas, and the source is as it was
DROP TABLE bought, paid;
DROP SCHEMA "lago KPI", "lago one" CASCADE;
RESET ROLE;
SELECT relname FROM pg_class WHERE relnamespace = '"La''go %s"'::regnamespace AND relowner = 'regress_lago'::regrole;
DROP SCHEMA "La'go %s", lago_truth CASCADE;
DROP OWNED BY regress_lago;
DROP ROLE regress_lago;
