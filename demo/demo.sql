--
-- demo.sql - from an orders table to customer lifetime value, in plain SQL
--
-- A psql script for a database that has the extension crm_metrics and the
-- sample CRM (test/schemas/sample_crm.sql).  `make demo` runs it.
--
\set ON_ERROR_STOP on
\set QUIET on
\pset pager off
\pset footer off
\pset null '-'
SET client_min_messages = warning;
SET timezone = 'UTC';
SET search_path = sample_crm, public;

\echo
\echo '1. A shop with 2,000 customers and two years of history'
\echo '======================================================='
\echo 'The sample CRM is made up, but as dirty as a real one: refunds, split orders, guests, two currencies.'
\echo
SELECT table_name AS "table", row_count AS rows
FROM sample_crm.generate(2000, '2024-01-01', '2026-01-01', 42)
WHERE table_name IN ('customers', 'orders', 'order_lines');

-- somebody with a refund, and with two orders at the same second
SELECT customer_id AS who
FROM orders
WHERE customer_id IS NOT NULL
GROUP BY customer_id
HAVING count(*) BETWEEN 5 AND 8 AND count(refund_of) = 1
   AND count(DISTINCT ordered_at) < count(*)
ORDER BY count(*), customer_id
LIMIT 1 \gset

\echo 'One of the customers: a split order, and a refund.'
\echo
SELECT customer_id AS customer, id AS "order", to_char(ordered_at, 'YYYY-MM-DD HH24:MI:SS') AS ordered, amount, currency,
	   refund_of AS "refund of"
FROM orders
WHERE customer_id = :who
ORDER BY id;

-- One currency before anything is added up; guests cannot come back, as far as we know.
CREATE TEMP VIEW sale AS
SELECT customer_id, ordered_at, amount * CASE currency WHEN 'USD' THEN 0.9 ELSE 1 END AS amount
FROM orders
WHERE customer_id IS NOT NULL;

\echo
\echo '2. Each customer''s history in one row: crm_rfm'
\echo '=============================================='
\echo 'frequency: days with a purchase, less the first; recency, age: weeks from the first purchase to the last,'
\echo 'and to today; mean: what a repeat purchase was worth, net of refunds, in EUR.'
\echo
CREATE TEMP TABLE history AS
SELECT s.customer_id, c.name, coalesce(c.segment, '(not set)') AS segment,
	   crm_rfm(s.ordered_at, s.amount, date '2025-12-31') AS rfm
FROM sale s JOIN customers c ON c.id = s.customer_id
GROUP BY s.customer_id, c.name, c.segment;
ANALYZE history;

SELECT customer_id AS customer, segment, (rfm).frequency, round((rfm).recency::numeric, 1) AS recency,
	   round((rfm).age::numeric, 1) AS age, round((rfm).monetary::numeric, 2) AS mean, round((rfm).total, 2) AS total
FROM history
WHERE customer_id BETWEEN :who - 2 AND :who + 4
ORDER BY customer_id;

\echo
\echo '3. How do customers buy, and how do they leave? crm_btyd_fit, crm_model_compare'
\echo '==============================================================================='
\echo 'Five models by maximum likelihood, fitted to everybody, the best by BIC first. With nbd nobody ever leaves:'
\echo 'these customers do leave. mbg/cnbd-k looks for regular buyers and finds none, so that it is mbg/nbd.'
\echo
SELECT c.model, c.status, c.parameters, round(c.log_likelihood::numeric, 1) AS log_lik,
	   round(c.bic_delta::numeric, 1) AS bic_delta, round(c.bic_weight::numeric, 3) AS weight
FROM (SELECT crm_btyd_fit('pareto/nbd', rfm) AS pareto, crm_btyd_fit('bg/nbd', rfm) AS bg,
			 crm_btyd_fit('mbg/nbd', rfm) AS mbg, crm_btyd_fit('mbg/cnbd-k', rfm) AS regular,
			 crm_btyd_fit('nbd', rfm) AS nbd FROM history) f,
	 crm_model_compare(pareto, bg, mbg, regular, nbd) c
ORDER BY c.bic_delta, c.position;

CREATE FUNCTION pg_temp.short(x float8) RETURNS text LANGUAGE sql AS $$
	SELECT CASE WHEN x BETWEEN 0.01 AND 9999 THEN round(x::numeric, 2)::text ELSE ltrim(to_char(x, '9.9EEEE')) END
$$;

\echo 'An aggregate goes with GROUP BY: one model for each segment, here with parameters (standard errors).'
\echo
CREATE TEMP TABLE model AS
SELECT segment, crm_btyd_fit('pareto/nbd', rfm) AS purchases, crm_spend_fit(rfm) AS spend
FROM history
GROUP BY segment;

SELECT m.segment, p.model, p.status, p.parameters
FROM model m,
	 LATERAL (SELECT 1, 'purchases' AS model, crm_model_status(purchases) AS status,
					 string_agg(concat(name, ' ', pg_temp.short(estimate), ' (' || pg_temp.short(std_error) || ')'), ', ') AS parameters
			  FROM crm_model_parameters(purchases)
			  UNION ALL
			  SELECT 2, 'spend', crm_model_status(spend),
					 string_agg(concat(name, ' ', pg_temp.short(estimate), ' (' || pg_temp.short(std_error) || ')'), ', ')
			  FROM crm_model_parameters(spend)) p (no, model, status, parameters)
ORDER BY m.segment, p.no;

\echo 'Where a segment has few customers the answer says how little is known: by wide errors, or by a status'
\echo 'such as ridge (parameters run off together, only their ratio is known) and no errors at all.'

\echo
\echo '4. The most valuable customers of the next twelve months: crm_clv, crm_clv_interval'
\echo '==================================================================================='
\echo 'Discounted by 10 % a year, in EUR. lower to upper: where such a customer ends up, 9 times in 10.'
\echo
CREATE TEMP TABLE prediction AS
SELECT h.*, crm_p_alive(m.purchases, rfm) AS p_alive,
	   crm_expected_purchases(m.purchases, rfm, interval '1 year') AS expected,
	   crm_clv(m.purchases, m.spend, rfm, interval '1 year', 0.10) AS clv
FROM history h JOIN model m USING (segment);

SELECT p.customer_id AS customer, left(p.segment, 14) AS segment, (p.rfm).purchases AS bought,
	   (p.rfm).last_at::date AS last, round(p.p_alive::numeric, 2) AS p_alive, round(p.expected::numeric, 1) AS expected,
	   round(v.estimate::numeric) AS clv, round(v.lower::numeric) AS lower, round(v.upper::numeric) AS upper
FROM (SELECT * FROM prediction ORDER BY clv DESC NULLS LAST LIMIT 10) p
JOIN model m USING (segment),
	 LATERAL crm_clv_interval(m.purchases, m.spend, p.rfm, interval '1 year', 0.10, conf_level => 0.9) v
ORDER BY v.estimate DESC;

\echo
\echo '5. What the customer base is worth, by segment: crm_clv_total'
\echo '============================================================='
\echo 'The bounds (9 times in 10) hold both chance and how little the fit knows. A ridge has no such bounds, so'
\echo 'the segments'' models get a prior here: the weak one for purchases, p near 5 and q near 4 for spend.'
\echo
CREATE TEMP TABLE valued AS
SELECT segment, count(*) AS customers, sum(crm_p_alive(purchases, rfm)) AS alive,
	   sum(crm_expected_purchases(purchases, rfm, interval '1 year')) AS expected,
	   crm_clv_total(purchases, spend, rfm, interval '1 year', 0.10, 1, 0.9) AS clv
FROM history
JOIN (SELECT segment, crm_btyd_fit('pareto/nbd', rfm, '{"prior": "weak"}') AS purchases,
			 crm_spend_fit(rfm, '{"prior": {"p": [5, 0.5], "q": [4, 0.4]}}') AS spend
	  FROM history GROUP BY segment) m USING (segment)
GROUP BY segment;

-- customers of their own and models of their own: the segments' variances add up
SELECT coalesce(segment, 'all') AS segment, customers, round(alive) AS alive, round(expected) AS purchases, round(clv) AS clv,
	   round(clv - 1.645 * error) AS lower, round(clv + 1.645 * error) AS upper,
	   round((clv / customers)::numeric, 2) AS clv_each, round((100 * clv / max(clv) OVER ())::numeric, 1) AS percent
FROM (SELECT segment, sum(customers) AS customers, sum(alive) AS alive, sum(expected) AS expected,
			 sum((clv).estimate) AS clv, CASE WHEN bool_and((clv).std_error IS NOT NULL) THEN sqrt(sum((clv).std_error ^ 2)) END AS error
	  FROM valued GROUP BY ROLLUP (segment)) v
ORDER BY v.segment IS NULL, v.clv DESC;

\echo
\echo '6. Customers worth saving'
\echo '========================='
\echo 'They may just have left (P(alive) 5 to 60 %) and would be worth most if they had not: call them first.'
\echo
SELECT customer_id AS customer, name, left(segment, 14) AS segment, (rfm).purchases AS bought,
	   round((rfm).age - (rfm).recency) AS weeks_silent, round(p_alive::numeric, 2) AS p_alive,
	   round(clv::numeric) AS clv, round((clv / p_alive)::numeric) AS clv_if_alive
FROM prediction
WHERE p_alive BETWEEN 0.05 AND 0.60
ORDER BY clv / p_alive - clv DESC
LIMIT 8;

\ir clv.sql
\ir kpis.sql
\ir journeys.sql

\echo 'Every function above has its page in docs/; the data are described in docs/sample_crm.md.'
