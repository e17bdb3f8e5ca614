--
-- journeys.sql - the demo's page on events: funnel, retention, attribution
--
-- Included by demo.sql, on the same sample CRM.
--
\echo
\echo '14. From visit to purchase: crm_funnel, crm_funnel_report'
\echo '========================================================='
\echo 'Steps within a day of the first, customers who visited in 2025.'
\echo
SELECT f.step, ('{visit,product,cart,checkout,purchase}'::text[])[f.step] AS event, f.customers,
	   round((100 * f.share_of_first)::numeric, 1) AS "of first %",
	   round((100 * (f.share_of_previous).estimate)::numeric, 1) AS "of previous %",
	   round((100 * (f.share_of_previous).lower)::numeric, 1) || ' to ' || round((100 * (f.share_of_previous).upper)::numeric, 1) AS "95 %"
FROM (SELECT crm_funnel_report(result) AS report
	  FROM (SELECT crm_funnel(crm_funnel_def('1 day', '{visit,product,cart,checkout,purchase}'), occurred_at, event) AS result
			FROM touchpoints WHERE customer_id IS NOT NULL AND occurred_at >= '2025-01-01' GROUP BY customer_id) c) r,
	 crm_funnel_rows(r.report) f
ORDER BY f.step;

\echo '15. Who comes back? crm_activity_agg, crm_retention'
\echo '==================================================='
\echo 'Share of the customers first seen in a month who were seen again so many months later.'
\echo
SELECT to_char(cohort, 'YYYY-MM') AS cohort, max(customers) AS customers,
	   string_agg(CASE WHEN complete THEN to_char(100 * share, '990') || ' %' ELSE '   -  ' END, ' ' ORDER BY period) AS "month 0 to 6"
FROM crm_retention_rows((SELECT crm_retention(activity, 6)
						 FROM (SELECT crm_activity_agg(occurred_at, 'month') AS activity
							   FROM touchpoints WHERE customer_id IS NOT NULL GROUP BY customer_id) a), '2025-12-31')
WHERE cohort >= '2025-04-01'
GROUP BY cohort ORDER BY cohort;

\echo '16. Which channel sold it? crm_attribute'
\echo '========================================'
\echo 'Visits are touches, purchases in EUR conversions; touches count for 90 days. Every column adds up to the same.'
\echo
WITH journey AS (
	SELECT t.customer_id, t.occurred_at, t.channel, t.event = 'visit' AS is_touch, o.amount
	FROM touchpoints t
	JOIN customers c ON c.id = t.customer_id AND c.currency = 'EUR'
	LEFT JOIN orders o ON o.id = t.order_id
	WHERE t.event IN ('visit', 'purchase')
), credit AS (
	SELECT model, c.channel, sum(c.value) AS value
	FROM (SELECT model, crm_attribute(crm_attribution_def(model, '90 days'), occurred_at, channel, is_touch, amount) AS credits
		  FROM journey, unnest('{first,last,last_non_direct,linear,time_decay}'::text[]) model
		  GROUP BY model, customer_id) x, unnest(credits) c
	GROUP BY model, c.channel
)
SELECT CASE WHEN grouping(channel) = 1 THEN 'all' ELSE coalesce(channel, '(no touch)') END AS channel,
	   round(sum(value) FILTER (WHERE model = 'first')) AS first,
	   round(sum(value) FILTER (WHERE model = 'last')) AS last,
	   round(sum(value) FILTER (WHERE model = 'last_non_direct')) AS last_non_direct,
	   round(sum(value) FILTER (WHERE model = 'linear')) AS linear,
	   round(sum(value) FILTER (WHERE model = 'time_decay')) AS time_decay
FROM credit
GROUP BY ROLLUP (channel)
ORDER BY grouping(channel), linear DESC;
