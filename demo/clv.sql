--
-- clv.sql - the demo's page on trusting the models of customer value
--
-- Included by demo.sql, which has made the tables sale and prediction.
--
\echo
\echo '7. Can it be trusted? crm_rfm_holdout, crm_prediction_accuracy'
\echo '=============================================================='
\echo 'Fit on the first 18 months, by segment, and predict the purchases in the six months after 30 June 2025, of'
\echo 'the customers known by then. The last line is what one would say without a model: everybody goes on as'
\echo 'before. (The models know no seasons; these six months have Christmas in them.)'
\echo
CREATE TEMP TABLE holdout AS
SELECT h.customer_id, coalesce(c.segment, '(not set)') AS segment, h.history,
	   (h.history).calibration, (h.history).holdout_purchases AS actual, h.days
FROM (SELECT customer_id, crm_rfm_holdout(ordered_at, amount, date '2025-06-30', date '2025-12-31') AS history,
			 array_agg(ordered_at::date) FILTER (WHERE amount >= 0) AS days
	  FROM sale GROUP BY customer_id) h
JOIN customers c ON c.id = h.customer_id
WHERE (h.history).calibration IS DISTINCT FROM NULL;

CREATE TEMP TABLE forecast AS
SELECT h.customer_id, h.calibration, h.actual, v.no, v.method, v.expected
FROM holdout h
JOIN (SELECT segment, crm_btyd_fit('pareto/nbd', calibration) AS pareto, crm_btyd_fit('mbg/nbd', calibration) AS mbg,
			 crm_btyd_fit('bg/nbd', calibration) AS bg
	  FROM holdout GROUP BY segment) m USING (segment),
	 LATERAL (VALUES (1, 'pareto/nbd', crm_expected_purchases(pareto, calibration, (history).holdout_length)),
					 (2, 'mbg/nbd', crm_expected_purchases(mbg, calibration, (history).holdout_length)),
					 (3, 'bg/nbd', crm_expected_purchases(bg, calibration, (history).holdout_length)),
					 (4, 'as before', (calibration).frequency * (history).holdout_length
									  / nullif((calibration).age, 0))) v (no, method, expected);

SELECT f.method, a.n AS customers, a.actual_total AS actual, round(a.predicted_total) AS expected,
	   round((100 * a.relative_bias)::numeric, 1) AS "error %", round(a.mae::numeric, 2) AS mae,
	   round(a.rmse::numeric, 2) AS rmse, round(a.correlation::numeric, 3) AS correlation
FROM (SELECT no, method, crm_prediction_accuracy(actual, expected) AS accuracy FROM forecast GROUP BY no, method) f,
	 LATERAL (SELECT (f.accuracy).*) a
ORDER BY f.no;

\echo 'The same by how often they had bought before (Pareto/NBD), purchases per customer:'
\echo
SELECT CASE WHEN (calibration).frequency < 4 THEN (calibration).frequency::text
			WHEN (calibration).frequency < 8 THEN '4 to 7'
			WHEN (calibration).frequency < 16 THEN '8 to 15' ELSE '16 or more' END AS repeats,
	   count(*) AS customers, round(avg(actual), 2) AS actual, round(avg(expected)::numeric, 2) AS expected
FROM forecast
WHERE method = 'pareto/nbd'
GROUP BY 1 ORDER BY min((calibration).frequency);

\echo 'Nobody sees a customer leave, but the generator of the sample knows who has left:'
\echo
SELECT least(floor(p_alive * 5), 4) * 20 || ' to ' || least(floor(p_alive * 5), 4) * 20 + 20 AS "P(alive), %",
	   count(*) AS customers, round((100 * avg(p_alive))::numeric) AS "predicted %",
	   round(100 * avg((t.lifetime_end >= '2026-01-01')::int)) AS "truly alive %"
FROM prediction JOIN truth t USING (customer_id)
GROUP BY least(floor(p_alive * 5), 4) ORDER BY least(floor(p_alive * 5), 4);

\echo
\echo '8. Where is the model wrong? crm_btyd_tracking'
\echo '=============================================='
\echo 'Repeat purchases a month of those customers, and what a Pareto/NBD fitted to the first 18 months expects.'
\echo '# actual, | expected: before Christmas they buy more, and the model knows no seasons.'
\echo
SELECT to_char(t.first_day, 'YYYY-MM') AS month, CASE WHEN t.calibration THEN 'fitted' ELSE 'predicted' END AS part,
	   t.actual, round(t.expected) AS expected, t.actual_total, round(t.expected_total) AS expected_total,
	   overlay(rpad(repeat('#', (t.actual / 10)::int), 45) PLACING '|' FROM (t.expected / 10)::int + 1 FOR 1) AS curve
FROM (SELECT crm_btyd_tracking(f.model, h.days, date '2025-06-30', date '2025-12-31', interval '1 month', date '2024-01-01') AS periods
	  FROM holdout h, (SELECT crm_btyd_fit('pareto/nbd', calibration) AS model FROM holdout) f) x,
	 unnest(x.periods) t
ORDER BY t.period;
