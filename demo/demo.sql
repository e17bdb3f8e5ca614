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
\echo '3. How do customers buy, and how do they leave? crm_btyd_fit, crm_spend_fit'
\echo '==========================================================================='
\echo 'Three models by maximum likelihood, fitted to everybody. The smallest BIC describes the data best.'
\echo
SELECT i.model, i.status, i.customers, i.histories AS distinct_rows, round(i.log_likelihood::numeric, 1) AS log_lik,
	   round(i.bic::numeric, 1) AS bic
FROM (SELECT crm_btyd_fit('pareto/nbd', rfm) AS pareto, crm_btyd_fit('bg/nbd', rfm) AS bg,
			 crm_btyd_fit('mbg/nbd', rfm) AS mbg FROM history) f,
	 LATERAL (VALUES (pareto), (bg), (mbg)) m (model),
	 LATERAL crm_model_info(m.model) i
ORDER BY i.bic;

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
\echo '5. What the customer base is worth, by segment'
\echo '=============================================='
\echo
SELECT coalesce(segment, 'all') AS segment, count(*) AS customers, round(sum(p_alive)) AS alive,
	   round(sum(expected)) AS purchases, round(sum(clv)) AS clv, round((sum(clv) / count(*))::numeric, 2) AS clv_each,
	   round((100 * sum(clv) / max(sum(clv)) OVER ())::numeric, 1) AS percent
FROM prediction
GROUP BY ROLLUP (segment)
ORDER BY prediction.segment IS NULL, 5 DESC;

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

\echo
\echo '7. Can it be trusted? Fit on the first 18 months, predict the last six'
\echo '======================================================================'
\echo 'Purchases in the 26 weeks after 30 June 2025, of the customers known by then. The last line is what one'
\echo 'would say without a model: everybody goes on as before. (The models know no seasons; these 26 weeks have'
\echo 'Christmas in them.)'
\echo
CREATE TEMP TABLE holdout AS
SELECT s.customer_id, coalesce(c.segment, '(not set)') AS segment,
	   crm_rfm(s.ordered_at, s.amount, date '2025-06-30') AS rfm,
	   count(DISTINCT s.ordered_at::date) FILTER (WHERE s.ordered_at >= '2025-07-01' AND s.ordered_at < '2025-12-30'
												  AND s.amount >= 0) AS actual
FROM sale s JOIN customers c ON c.id = s.customer_id
GROUP BY s.customer_id, c.segment
HAVING min(s.ordered_at) < '2025-07-01';

CREATE TEMP TABLE forecast AS
SELECT h.customer_id, h.segment, h.actual, v.method, v.expected
FROM holdout h
JOIN (SELECT segment, crm_btyd_fit('pareto/nbd', rfm) AS pareto, crm_btyd_fit('mbg/nbd', rfm) AS mbg,
			 crm_btyd_fit('bg/nbd', rfm) AS bg
	  FROM holdout GROUP BY segment) m USING (segment),
	 LATERAL (VALUES (1, 'pareto/nbd', crm_expected_purchases(pareto, rfm, interval '26 weeks')),
					 (2, 'mbg/nbd', crm_expected_purchases(mbg, rfm, interval '26 weeks')),
					 (3, 'bg/nbd', crm_expected_purchases(bg, rfm, interval '26 weeks')),
					 (4, 'as before', ((rfm).frequency * 26 / nullif((rfm).age, 0))::float8)) v (no, method, expected);

SELECT method, count(*) AS customers, sum(actual) AS actual, round(sum(expected)) AS expected,
	   round((100 * (sum(expected) / sum(actual) - 1))::numeric, 1) AS "error %",
	   round(avg(abs(expected - actual))::numeric, 2) AS mae,
	   round(corr(expected, actual)::numeric, 3) AS correlation
FROM forecast
GROUP BY method
ORDER BY array_position('{pareto/nbd,mbg/nbd,bg/nbd,as before}', method);

\echo 'The same by how often they had bought before (Pareto/NBD), purchases per customer:'
\echo
SELECT CASE WHEN (h.rfm).frequency < 4 THEN (h.rfm).frequency::text WHEN (h.rfm).frequency < 8 THEN '4 to 7'
			WHEN (h.rfm).frequency < 16 THEN '8 to 15' ELSE '16 or more' END AS repeats,
	   count(*) AS customers, round(avg(f.actual), 2) AS actual, round(avg(f.expected)::numeric, 2) AS expected
FROM forecast f JOIN holdout h USING (customer_id)
WHERE f.method = 'pareto/nbd'
GROUP BY 1 ORDER BY min((h.rfm).frequency);

\echo 'Nobody sees a customer leave, but the generator of the sample knows who has left:'
\echo
SELECT least(floor(p_alive * 5), 4) * 20 || ' to ' || least(floor(p_alive * 5), 4) * 20 + 20 AS "P(alive), %",
	   count(*) AS customers, round((100 * avg(p_alive))::numeric) AS "predicted %",
	   round(100 * avg((t.lifetime_end >= '2026-01-01')::int)) AS "truly alive %"
FROM prediction JOIN truth t USING (customer_id)
GROUP BY least(floor(p_alive * 5), 4) ORDER BY least(floor(p_alive * 5), 4);

\ir kpis.sql
\ir journeys.sql

\echo 'Every function above has its page in docs/; the data are described in docs/sample_crm.md.'
