--
-- kpis.sql - the KPI page of the demo: by month, by segment, with intervals
--
-- Included by demo.sql, on the same sample CRM.
--
\echo
\echo '9. Acquisition: crm_cac, crm_rate_interval'
\echo '=========================================='
\echo 'What a customer costs, and what becomes of leads, by quarter (EUR channels).'
\echo
WITH spend AS (
	SELECT date_trunc('quarter', day)::date AS quarter, sum(amount) AS spend
	FROM marketing_spend WHERE currency = 'EUR' GROUP BY 1
), won AS (
	SELECT date_trunc('quarter', acquired_at)::date AS quarter, count(*) AS customers
	FROM customers
	WHERE acquisition_channel IN (SELECT channel FROM marketing_spend WHERE currency = 'EUR')
	GROUP BY 1
), lead AS (
	SELECT date_trunc('quarter', created_at)::date AS quarter, crm_rate_interval(status = 'converted') AS rate
	FROM leads GROUP BY 1
)
SELECT to_char(quarter, 'YYYY "Q"Q') AS quarter, round(spend) AS spend, customers,
	   round(crm_cac(spend, customers), 2) AS cac, (lead.rate).n AS leads,
	   round((100 * (lead.rate).estimate)::numeric, 1) AS "converted %",
	   round((100 * (lead.rate).lower)::numeric, 1) || ' to ' || round((100 * (lead.rate).upper)::numeric, 1) AS "95 %"
FROM spend JOIN won USING (quarter) JOIN lead USING (quarter)
ORDER BY quarter;

\echo '10. Satisfaction: crm_nps_interval, crm_csat, crm_ces; a moving window over stored summaries'
\echo '============================================================================================'
\echo
WITH month AS (
	SELECT date_trunc('month', responded_at)::date AS month, crm_nps_agg(score) AS nps
	FROM survey_responses WHERE survey = 'nps' GROUP BY 1
), moving AS (
	SELECT month, nps, crm_rollup(nps) OVER (ORDER BY month ROWS 2 PRECEDING) AS three_months
	FROM month
), other AS (
	SELECT date_trunc('month', responded_at)::date AS month,
		   crm_csat(score, 4) FILTER (WHERE survey = 'csat') AS csat,
		   crm_ces(score) FILTER (WHERE survey = 'ces') AS ces
	FROM survey_responses GROUP BY 1
)
SELECT to_char(month, 'YYYY-MM') AS month, i.n AS answers, round(i.estimate::numeric) AS nps,
	   round(i.lower::numeric) || ' to ' || round(i.upper::numeric) AS "95 %",
	   round(crm_nps(three_months)::numeric) AS "3 months",
	   round((100 * csat)::numeric) AS "csat %", round(ces::numeric, 2) AS ces
FROM moving JOIN other USING (month), crm_nps_interval(nps) AS i
WHERE month >= '2025-07-01'
ORDER BY month;

\echo '11. Service: crm_response_time in business hours, with holidays'
\echo '==============================================================='
\echo 'First responses within 4 business hours, by priority, as of the end of 2025.'
\echo
SELECT coalesce(priority, '(not set)') AS priority, r.n_answered AS answered, r.n_open AS open, r.n_overdue AS overdue,
	   date_trunc('minute', r.mean) AS mean, round((100 * r.within_target)::numeric, 1) AS "within %",
	   round((100 * r.within_lower)::numeric, 1) || ' to ' || round((100 * r.within_upper)::numeric, 1) AS "95 %"
FROM (SELECT priority,
			 crm_response_time(created_at, first_response_at,
							   'Europe/Berlin mon-fri 08:00-18:00 except 2025-01-01 2025-12-25 2025-12-26',
							   interval '4 hours', '2026-01-01') AS r
	  FROM tickets WHERE created_at >= '2025-01-01' GROUP BY priority) t, LATERAL (SELECT (t.r).*) r
ORDER BY array_position('{urgent,high,normal,low}', priority);

\echo '12. Recurring revenue: crm_mrr_movements, crm_mrr_waterfall'
\echo '==========================================================='
\echo 'Subscriptions in EUR. Each line reconciles: opening + movements = closing.'
\echo
SELECT to_char(month, 'YYYY-MM') AS month, round(opening) AS opening, round(new) AS new, round(expansion) AS expansion,
	   round(contraction) AS contraction, round(churn) AS churn, round(reactivation) AS reactivation, round(closing) AS closing,
	   round(nrr::numeric, 3) AS nrr, round(grr::numeric, 3) AS grr
FROM (SELECT crm_mrr_waterfall(movements) AS months
	  FROM (SELECT crm_mrr_movements(m.month, m.mrr, '2025-12-31') AS movements
			FROM subscription_months m JOIN subscriptions s ON s.id = m.subscription_id
			WHERE s.currency = 'EUR' GROUP BY m.customer_id) a) w, unnest(months)
WHERE month >= '2025-07-01'
ORDER BY month;

\echo '13. Sales pipeline: crm_win_rate, crm_average_deal_size, crm_sales_cycle, crm_sales_velocity'
\echo '============================================================================================'
\echo 'Deals in EUR by segment of the customer.'
\echo
SELECT coalesce(c.segment, '(lead)') AS segment, count(*) AS deals,
	   round((100 * crm_win_rate(CASE o.status WHEN 'won' THEN true WHEN 'lost' THEN false END))::numeric, 1) AS "won %",
	   round((100 * crm_win_rate_amount(CASE o.status WHEN 'won' THEN true WHEN 'lost' THEN false END, o.amount))::numeric, 1) AS "of value %",
	   round(crm_average_deal_size(o.status = 'won', o.amount)) AS deal,
	   round(extract(epoch FROM crm_sales_cycle(o.created_at, o.closed_at, CASE o.status WHEN 'won' THEN true WHEN 'lost' THEN false END)) / 86400) AS "cycle, days",
	   round(crm_weighted_pipeline(o.amount, o.probability::numeric, 'percent') FILTER (WHERE o.status = 'open')) AS weighted,
	   round(crm_sales_velocity(CASE o.status WHEN 'won' THEN true WHEN 'lost' THEN false END, o.amount, o.created_at, o.closed_at, '2026-01-01'), 1) AS "a day"
FROM opportunities o LEFT JOIN customers c ON c.id = o.customer_id
WHERE o.currency = 'EUR'
GROUP BY 1 ORDER BY deals DESC;

\echo 'How deals move through the stages: skipped stages count as passed.'
\echo
WITH deal AS (
	SELECT opportunity_id, crm_stage_reached(stage, '{qualification,discovery,proposal,negotiation,won}') AS reached
	FROM opportunity_stages GROUP BY opportunity_id
)
SELECT ('{qualification,discovery,proposal,negotiation,won}'::text[])[r.stage] AS stage, r.entered, r.passed, r.lost, r.still_open AS open,
	   round((100 * r.rate)::numeric, 1) AS "passed %",
	   round((100 * r.lower)::numeric, 1) || ' to ' || round((100 * r.upper)::numeric, 1) AS "95 %"
FROM (SELECT crm_stage_conversion(d.reached, 5, o.status = 'lost') AS summary
	  FROM deal d JOIN opportunities o ON o.id = d.opportunity_id) s, crm_stage_conversion_rows(s.summary) r
ORDER BY r.stage;
