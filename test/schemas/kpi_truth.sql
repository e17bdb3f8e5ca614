/*
 * kpi_truth.sql - what the KPI views should say, from what happened
 *
 * A psql script.  The views want.<entity> hold the rows that are true, with at
 * least the columns that are read here; for those that exist, this makes
 * want.kpi_<view>, in nothing but plain SQL, each number by its definition in
 * docs/kpi-views.md.  Intervals, scores and models are not repeated: other
 * tests prove those.  want.settings, made here, holds the options that the KPI
 * views are to be created with.
 */
CREATE VIEW want.settings AS
SELECT 'America/New_York'::text AS zone, timestamptz '2026-01-01 00:00+00' AS as_of, 'UTC 24x7'::text AS calendar;
CREATE VIEW want.options AS
SELECT jsonb_build_object('time_zone', zone, 'as_of', as_of, 'calendar', calendar, 'grain', 'month') AS options FROM want.settings;
-- the month in the zone of the report, and whether it is over
CREATE FUNCTION want.month(t timestamptz) RETURNS date
LANGUAGE sql STABLE
RETURN date_trunc('month', t AT TIME ZONE 'America/New_York')::date;
CREATE FUNCTION want.complete(month date) RETURNS boolean
LANGUAGE sql STABLE
RETURN month + interval '1 month' <= timestamptz '2026-01-01 00:00+00' AT TIME ZONE 'America/New_York';

SELECT to_regclass('want.customer') IS NOT NULL AS has_customer, to_regclass('want.spend') IS NOT NULL AS has_spend,
	   to_regclass('want.lead') IS NOT NULL AS has_lead, to_regclass('want.opportunity') IS NOT NULL AS has_opportunity,
	   to_regclass('want."order"') IS NOT NULL AS has_order, to_regclass('want.subscription_month') IS NOT NULL AS has_subscription,
	   to_regclass('want.ticket') IS NOT NULL AS has_ticket, to_regclass('want.survey_response') IS NOT NULL AS has_survey,
	   to_regclass('want.campaign_event') IS NOT NULL AS has_campaign, to_regclass('want.touchpoint') IS NOT NULL AS has_touchpoint \gset

CREATE VIEW want.kpi_new_customers AS
SELECT want.month(acquired_at) AS period, channel, count(*) AS customers, want.complete(want.month(acquired_at)) AS complete
FROM want.customer GROUP BY 1, 2, 4;

\if :has_spend
CREATE VIEW want.kpi_cac AS
SELECT m.period, s.currency, s.amount AS spend,
	   (SELECT count(*) FROM want.customer c WHERE want.month(c.acquired_at) = m.period
		   AND c.channel IN (SELECT x.channel FROM want.spend x)) AS paid_customers,
	   (SELECT count(*) FROM want.customer c WHERE want.month(c.acquired_at) = m.period) AS new_customers,
	   s.amount / NULLIF((SELECT count(*) FROM want.customer c WHERE want.month(c.acquired_at) = m.period), 0) AS cac_blended
FROM (SELECT date_trunc('month', day::timestamp)::date AS period FROM want.spend GROUP BY 1) AS m,
LATERAL (SELECT currency, sum(amount) AS amount FROM want.spend WHERE date_trunc('month', day::timestamp) = m.period GROUP BY 1) AS s;
CREATE VIEW want.kpi_cac_channel AS
SELECT s.period, s.currency, s.channel, s.spend, coalesce(c.customers, 0) AS new_customers, s.spend / c.customers AS cac
FROM (SELECT date_trunc('month', day::timestamp)::date AS period, currency, channel, sum(amount) AS spend FROM want.spend GROUP BY 1, 2, 3) AS s
LEFT JOIN want.kpi_new_customers c USING (period, channel);
\endif

\if :has_lead
CREATE VIEW want.kpi_leads AS
SELECT want.month(created_at) AS period, count(*) AS leads, sum((status = 'converted')::int) AS converted, sum((status = 'lost')::int) AS lost,
	   sum((status = 'open')::int) AS still_open, avg((status = 'converted')::int::numeric)::float8 AS conversion_rate,
	   count(first_contacted_at) AS contacted, avg(first_contacted_at - created_at) AS response_mean,
	   percentile_cont(0.5) WITHIN GROUP (ORDER BY first_contacted_at - created_at) AS response_median
FROM want.lead GROUP BY 1;
CREATE VIEW want.kpi_lead_sources AS
SELECT source, count(*) AS leads, sum((status = 'converted')::int) AS converted, sum((status = 'lost')::int) AS lost,
	   avg((status = 'converted')::int::numeric)::float8 AS conversion_rate
FROM want.lead GROUP BY 1;
\endif

\if :has_opportunity
CREATE VIEW want.kpi_win_rate AS
SELECT want.month(closed_at) AS period, currency, sum((status = 'won')::int) AS won, sum((status = 'lost')::int) AS lost,
	   avg((status = 'won')::int::numeric)::float8 AS win_rate,
	   (coalesce(sum(amount) FILTER (WHERE status = 'won'), 0) / sum(amount))::float8 AS win_rate_amount,
	   coalesce(sum(amount) FILTER (WHERE status = 'won'), 0) AS won_amount, avg(amount) FILTER (WHERE status = 'won') AS average_deal,
	   avg(closed_at - created_at) FILTER (WHERE status = 'won') AS cycle_mean,
	   percentile_cont(0.5) WITHIN GROUP (ORDER BY closed_at - created_at) FILTER (WHERE status = 'won') AS cycle_median,
	   want.complete(want.month(closed_at)) AS complete
FROM want.opportunity WHERE closed_at IS NOT NULL GROUP BY 1, 2;
CREATE VIEW want.kpi_pipeline AS
SELECT currency, sum((status = 'open')::int) AS open_deals, coalesce(sum(amount) FILTER (WHERE status = 'open'), 0) AS open_amount,
	   count(*) FILTER (WHERE status = 'open' AND amount IS NULL) AS without_amount,
	   sum(amount * probability) FILTER (WHERE status = 'open') AS weighted,
	   count(*) FILTER (WHERE status = 'open' AND amount IS NOT NULL AND probability IS NULL) AS without_probability,
	   count(*) FILTER (WHERE status = 'open' AND expected_close < '2025-12-31') AS overdue,
	   (count(*) FILTER (WHERE status = 'won'))::float8 / count(*) FILTER (WHERE status <> 'open') AS win_rate,
	   avg(amount) FILTER (WHERE status = 'won') AS average_deal, avg(closed_at - created_at) FILTER (WHERE status = 'won') AS cycle_mean,
	   count(*) FILTER (WHERE status = 'open') * (count(*) FILTER (WHERE status = 'won'))::float8 / count(*) FILTER (WHERE status <> 'open')
			* (avg(amount) FILTER (WHERE status = 'won'))::float8
			/ (extract(epoch FROM avg(closed_at - created_at) FILTER (WHERE status = 'won')) / 86400)::float8 AS velocity
FROM want.opportunity GROUP BY 1;
CREATE VIEW want.kpi_forecast AS
SELECT date_trunc('month', o.expected_close::timestamp)::date AS period, o.currency, count(*) AS deals, coalesce(sum(o.amount), 0) AS amount,
	   sum(o.amount * coalesce(o.probability, p.win_rate::numeric)) AS weighted, count(*) FILTER (WHERE o.probability IS NULL) AS without_probability,
	   count(*) FILTER (WHERE o.expected_close < '2025-12-31') AS late
FROM want.opportunity o JOIN want.kpi_pipeline p ON p.currency IS NOT DISTINCT FROM o.currency
WHERE o.status = 'open' GROUP BY 1, 2;
-- a deal counts in every stage up to the farthest it has come to
CREATE VIEW want.kpi_stages AS
WITH stage AS (
	SELECT stage, stage_position AS position, row_number() OVER (ORDER BY stage_position) AS stage_no, max(stage_position) OVER () AS last
	FROM want.stage_change WHERE stage_position IS NOT NULL GROUP BY 1, 2
), reached AS (
	SELECT opportunity_id, max(stage_position) AS position FROM want.stage_change GROUP BY 1
), visit AS (
	SELECT opportunity_id, stage, status, entered_at, lead(entered_at) OVER (PARTITION BY opportunity_id ORDER BY entered_at) AS left_at
	FROM want.stage_change
), stay AS (
	SELECT opportunity_id, stage, sum(left_at - entered_at) AS duration FROM visit
	GROUP BY 1, 2 HAVING bool_and(left_at IS NOT NULL)
)
SELECT s.stage_no::int AS stage_no, s.stage, count(*) FILTER (WHERE r.position >= s.position) AS entered,
	   CASE WHEN s.position < s.last THEN count(*) FILTER (WHERE r.position > s.position) END AS passed,
	   count(*) FILTER (WHERE r.position = s.position AND o.status = 'lost') AS lost,
	   CASE WHEN s.position < s.last THEN count(*) FILTER (WHERE r.position = s.position AND o.status <> 'lost') END AS still_open,
	   CASE WHEN s.position < s.last THEN count(*) FILTER (WHERE r.position > s.position)::float8 / count(*) FILTER (WHERE r.position >= s.position) END AS conversion_rate,
	   (SELECT avg(duration) FROM stay WHERE stay.stage = s.stage) AS duration_mean,
	   (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY duration) FROM stay WHERE stay.stage = s.stage) AS duration_median,
	   (SELECT count(*) FROM visit v WHERE v.stage = s.stage AND v.left_at IS NULL AND v.status = 'open') AS in_stage
FROM stage s, reached r JOIN want.opportunity o USING (opportunity_id)
GROUP BY s.stage_no, s.stage, s.position, s.last;
\endif

\if :has_order
CREATE VIEW want.kpi_revenue AS
WITH sold AS (
	SELECT want.month(ordered_at) AS period, currency, count(*) FILTER (WHERE amount >= 0) AS orders,
		   count(DISTINCT customer_id) FILTER (WHERE amount >= 0) AS customers, 0 AS guest_orders,
		   coalesce(sum(amount) FILTER (WHERE amount >= 0), 0) AS gross, -coalesce(sum(amount) FILTER (WHERE amount < 0), 0) AS refunds,
		   sum(amount) AS revenue, avg(amount) FILTER (WHERE amount >= 0) AS average_order
	FROM want."order" GROUP BY 1, 2
)
SELECT a.*, ((a.revenue - b.revenue) / b.revenue)::float8 AS growth, ((a.revenue - y.revenue) / y.revenue)::float8 AS growth_year,
	   want.complete(a.period) AS complete
FROM sold a LEFT JOIN sold b ON b.currency = a.currency AND b.period = a.period - interval '1 month'
LEFT JOIN sold y ON y.currency = a.currency AND y.period = a.period - interval '1 year';
CREATE VIEW want.bought AS
SELECT DISTINCT customer_id, want.month(ordered_at) AS month, min(want.month(ordered_at)) OVER (PARTITION BY customer_id) AS cohort
FROM want."order" WHERE amount >= 0;
CREATE VIEW want.kpi_cohorts AS
SELECT c.cohort, k AS period_no, count(DISTINCT c.customer_id) AS customers,
	   CASE WHEN want.complete((c.cohort + make_interval(months => k))::date) THEN count(DISTINCT b.customer_id) END AS retained,
	   want.complete((c.cohort + make_interval(months => k))::date) AS complete
FROM (SELECT DISTINCT customer_id, cohort FROM want.bought) AS c CROSS JOIN generate_series(0, 12) AS k
LEFT JOIN want.bought b ON b.customer_id = c.customer_id AND b.month = c.cohort + make_interval(months => k)
GROUP BY 1, 2;
CREATE VIEW want.kpi_active_customers AS
SELECT m::date AS period, count(b.customer_id) AS active, count(*) FILTER (WHERE b.cohort = m) AS new_customers,
	   count(*) FILTER (WHERE b.cohort < m AND p.customer_id IS NOT NULL) AS returning_customers,
	   count(*) FILTER (WHERE b.cohort < m AND p.customer_id IS NULL) AS resurrected_customers,
	   count(*) FILTER (WHERE b.customer_id IS NULL AND p.customer_id IS NOT NULL) AS dormant_customers,
	   (count(*) FILTER (WHERE b.customer_id IS NULL AND p.customer_id IS NOT NULL))::float8 / NULLIF(count(p.customer_id), 0) AS churn_rate
FROM generate_series((SELECT min(month) FROM want.bought)::timestamp, '2025-12-01', '1 month') AS m
CROSS JOIN (SELECT DISTINCT customer_id FROM want.bought) AS c
LEFT JOIN want.bought b ON b.customer_id = c.customer_id AND b.month = m
LEFT JOIN want.bought p ON p.customer_id = c.customer_id AND p.month = m - interval '1 month'
GROUP BY 1;
CREATE VIEW want.kpi_repeat_purchase AS
SELECT o.period, count(*) AS customers, count(*) FILTER (WHERE o.n > 1) AS repeat_customers,
	   (count(*) FILTER (WHERE o.n > 1))::float8 / count(*) AS repeat_rate, count(*) FILTER (WHERE b.cohort < o.period) AS returning_customers,
	   (count(*) FILTER (WHERE b.cohort < o.period))::float8 / count(*) AS returning_rate, sum(o.n)::float8 / count(*) AS orders_per_customer
FROM (SELECT customer_id, want.month(ordered_at) AS period, count(*) AS n FROM want."order" WHERE amount >= 0 GROUP BY 1, 2) AS o
JOIN want.bought b ON b.customer_id = o.customer_id AND b.month = o.period
GROUP BY 1;
CREATE VIEW want.kpi_concentration AS
SELECT currency, count(*) AS customers, sum(r)::float8 AS revenue, (sum(r) ^ 2 / sum(r ^ 2))::float8 AS effective_customers,
	   (sum((2 * i - n - 1) * r) / (n * sum(r)))::float8 AS gini
FROM (SELECT currency, r, row_number() OVER (PARTITION BY currency ORDER BY r) AS i, count(*) OVER (PARTITION BY currency) AS n
	  FROM (SELECT currency, customer_id, sum(amount) AS r FROM want."order" GROUP BY 1, 2 HAVING sum(amount) > 0) AS c) AS c
GROUP BY currency, n;
\endif

\if :has_subscription
CREATE VIEW want.kpi_mrr AS
WITH paid AS (
	SELECT customer_id, currency, month, sum(mrr) AS mrr FROM want.subscription_month WHERE month <= '2025-12-01' GROUP BY 1, 2, 3
), pair AS (
	SELECT m::date AS month, c.currency, c.customer_id, coalesce(a.mrr, 0) AS cur, coalesce(b.mrr, 0) AS prev, c.first
	FROM (SELECT customer_id, currency, min(month) AS first FROM paid GROUP BY 1, 2) AS c
	CROSS JOIN generate_series((SELECT min(month) FROM paid)::timestamp, '2025-12-01', '1 month') AS m
	LEFT JOIN paid a ON a.customer_id = c.customer_id AND a.currency = c.currency AND a.month = m
	LEFT JOIN paid b ON b.customer_id = c.customer_id AND b.currency = c.currency AND b.month = m - interval '1 month'
)
SELECT month, currency, sum(prev) AS opening, coalesce(sum(cur) FILTER (WHERE first = month), 0) AS new,
	   coalesce(sum(cur - prev) FILTER (WHERE prev > 0 AND cur > prev), 0) AS expansion,
	   coalesce(sum(cur - prev) FILTER (WHERE cur > 0 AND cur < prev), 0) AS contraction,
	   coalesce(sum(-prev) FILTER (WHERE prev > 0 AND cur = 0), 0) AS churn,
	   coalesce(sum(cur) FILTER (WHERE prev = 0 AND first < month), 0) AS reactivation,
	   sum(cur) AS closing, 12 * sum(cur) AS arr, count(*) FILTER (WHERE prev > 0) AS opening_customers,
	   count(*) FILTER (WHERE first = month) AS new_customers, count(*) FILTER (WHERE prev > 0 AND cur = 0) AS churned_customers,
	   count(*) FILTER (WHERE prev = 0 AND cur > 0 AND first < month) AS reactivated_customers,
	   count(*) FILTER (WHERE cur > 0) AS closing_customers, sum(cur) / NULLIF(count(*) FILTER (WHERE cur > 0), 0) AS arpa,
	   (sum(least(prev, cur)) / NULLIF(sum(prev), 0))::float8 AS grr,
	   (sum(cur) FILTER (WHERE prev > 0) / NULLIF(sum(prev), 0))::float8 AS nrr,
	   (count(*) FILTER (WHERE prev > 0 AND cur = 0))::float8 / NULLIF(count(*) FILTER (WHERE prev > 0), 0) AS logo_churn
FROM pair GROUP BY 1, 2;
\endif

\if :has_ticket
CREATE VIEW want.kpi_service AS
SELECT want.month(created_at) AS period, count(*) AS tickets, count(first_response_at) AS answered,
	   avg(first_response_at - created_at) AS response_mean,
	   percentile_cont(0.5) WITHIN GROUP (ORDER BY first_response_at - created_at) AS response_median,
	   count(resolved_at) AS resolved, avg(resolved_at - created_at) AS resolution_mean,
	   percentile_cont(0.5) WITHIN GROUP (ORDER BY resolved_at - created_at) AS resolution_median,
	   count(*) FILTER (WHERE reopened > 0) AS reopened, avg((reopened > 0)::int::numeric)::float8 AS reopen_rate,
	   (avg((replies <= 1 AND coalesce(reopened, 0) = 0)::int::numeric) FILTER (WHERE resolved_at IS NOT NULL))::float8 AS one_touch_rate
FROM want.ticket GROUP BY 1;
CREATE VIEW want.kpi_service_priority AS
SELECT priority, team, count(*) AS tickets, count(first_response_at) AS answered,
	   avg(first_response_at - created_at) AS response_mean,
	   count(resolved_at) AS resolved, avg(resolved_at - created_at) AS resolution_mean
FROM want.ticket GROUP BY 1, 2;
CREATE VIEW want.kpi_backlog AS
SELECT m::date AS period, (SELECT count(*) FROM want.ticket WHERE want.month(created_at) = m) AS opened,
	   (SELECT count(*) FROM want.ticket WHERE want.month(resolved_at) = m) AS resolved,
	   (SELECT count(*) FROM want.ticket WHERE want.month(created_at) <= m AND (resolved_at IS NULL OR want.month(resolved_at) > m)) AS backlog
FROM generate_series((SELECT min(want.month(created_at)) FROM want.ticket)::timestamp, '2025-12-01', '1 month') AS m;
\endif

\if :has_survey
CREATE VIEW want.kpi_nps AS
WITH m AS (SELECT want.month(responded_at) AS period, count(*) AS n, count(*) FILTER (WHERE score >= 9) AS p,
				  count(*) FILTER (WHERE score <= 6) AS d
		   FROM want.survey_response WHERE survey = 'nps' AND score IS NOT NULL GROUP BY 1)
SELECT period, n AS answers, p AS promoters, n - p - d AS passives, d AS detractors, 100 * (p - d)::float8 / n AS nps,
	   (SELECT sum(x.n) FROM m x WHERE x.period BETWEEN m.period - interval '2 months' AND m.period) AS answers_3,
	   (SELECT 100 * sum(x.p - x.d)::float8 / sum(x.n) FROM m x WHERE x.period BETWEEN m.period - interval '2 months' AND m.period) AS nps_3
FROM m;
CREATE VIEW want.kpi_csat AS
WITH m AS (SELECT want.month(responded_at) AS period, count(*) AS n, count(*) FILTER (WHERE score >= 4) AS s, avg(score) AS mean
		   FROM want.survey_response WHERE survey = 'csat' AND score IS NOT NULL GROUP BY 1)
SELECT period, n AS answers, s AS satisfied, s::float8 / n AS csat, mean AS score_mean,
	   (SELECT sum(x.n) FROM m x WHERE x.period BETWEEN m.period - interval '2 months' AND m.period) AS answers_3,
	   (SELECT sum(x.s)::float8 / sum(x.n) FROM m x WHERE x.period BETWEEN m.period - interval '2 months' AND m.period) AS csat_3
FROM m;
CREATE VIEW want.kpi_surveys AS
SELECT want.month(sent_at) AS period, survey, count(*) AS sent, count(score) AS answered, count(score)::float8 / count(*) AS response_rate
FROM want.survey_response GROUP BY 1, 2;
\endif

\if :has_campaign
CREATE VIEW want.kpi_email_campaigns AS
SELECT campaign_id, sent_at, sent, bounced, delivered, CASE WHEN tracked THEN opened END AS opened, CASE WHEN tracked THEN clicked END AS clicked,
	   unsubscribed, delivered::float8 / sent AS delivery_rate, CASE WHEN tracked THEN opened::float8 / delivered END AS open_rate,
	   CASE WHEN tracked THEN clicked::float8 / delivered END AS click_through_rate,
	   CASE WHEN tracked THEN clicked::float8 / NULLIF(opened, 0) END AS click_to_open_rate, bounced::float8 / sent AS bounce_rate
FROM (SELECT campaign_id, min(occurred_at) FILTER (WHERE event = 'sent') AS sent_at,
			 sum(n) FILTER (WHERE event = 'sent') AS sent, coalesce(sum(n) FILTER (WHERE event = 'bounce'), 0) AS bounced,
			 sum(n) FILTER (WHERE event = 'sent') - coalesce(sum(n) FILTER (WHERE event = 'bounce'), 0) AS delivered,
			 count(DISTINCT recipient_id) FILTER (WHERE event = 'open') AS opened,
			 count(DISTINCT recipient_id) FILTER (WHERE event = 'click') AS clicked,
			 count(*) FILTER (WHERE event = 'unsubscribe') AS unsubscribed,
			 coalesce(bool_and(recipient_id IS NOT NULL) FILTER (WHERE event IN ('open', 'click')), true) AS tracked
	  FROM (SELECT *, coalesce((to_jsonb(e) ->> 'events')::bigint, 1) AS n FROM want.campaign_event e) AS e
	  GROUP BY 1) AS c;
CREATE VIEW want.kpi_email AS
SELECT want.month(sent_at) AS period, count(*) AS campaigns, sum(sent) AS sent, sum(delivered) AS delivered, sum(opened) AS opened,
	   sum(clicked) AS clicked, sum(opened)::float8 / sum(delivered)::float8 AS open_rate
FROM want.kpi_email_campaigns GROUP BY 1;
\endif

\if :has_touchpoint
CREATE VIEW want.kpi_channels AS
SELECT want.month(occurred_at) AS period, channel, count(*) AS touchpoints, count(DISTINCT customer_id) AS customers
FROM want.touchpoint GROUP BY 1, 2;
\endif

/* one row for each customer, of what there is */
CREATE SCHEMA fact;
\if :has_order
CREATE TABLE fact.purchase AS SELECT customer_id, ordered_at, amount, currency FROM want."order";
\else
CREATE TABLE fact.purchase AS SELECT ''::text AS customer_id, now() AS ordered_at, 0.0 AS amount, '' AS currency WHERE false;
\endif
\if :has_subscription
CREATE TABLE fact.mrr AS SELECT customer_id, sum(mrr) AS mrr FROM want.subscription_month WHERE month = '2025-12-01' GROUP BY 1;
\else
CREATE TABLE fact.mrr AS SELECT ''::text AS customer_id, 0.0 AS mrr WHERE false;
\endif
\if :has_opportunity
CREATE TABLE fact.deal AS SELECT customer_id, status FROM want.opportunity;
\else
CREATE TABLE fact.deal AS SELECT ''::text AS customer_id, '' AS status WHERE false;
\endif
\if :has_ticket
CREATE TABLE fact.ticket AS SELECT customer_id, created_at, resolved_at FROM want.ticket;
\else
CREATE TABLE fact.ticket AS SELECT ''::text AS customer_id, now() AS created_at, now() AS resolved_at WHERE false;
\endif
\if :has_survey
CREATE TABLE fact.answer AS SELECT customer_id, survey, responded_at AS at, score FROM want.survey_response WHERE score IS NOT NULL;
\else
CREATE TABLE fact.answer AS SELECT ''::text AS customer_id, '' AS survey, now() AS at, 0.0 AS score WHERE false;
\endif
\if :has_campaign
CREATE TABLE fact.reaction AS
SELECT to_jsonb(e) ->> 'customer_id' AS customer_id, occurred_at AS at FROM want.campaign_event e WHERE event IN ('open', 'click');
\else
CREATE TABLE fact.reaction AS SELECT ''::text AS customer_id, now() AS at WHERE false;
\endif
\if :has_touchpoint
CREATE TABLE fact.touch AS SELECT customer_id, occurred_at AS at FROM want.touchpoint;
\else
CREATE TABLE fact.touch AS SELECT ''::text AS customer_id, now() AS at WHERE false;
\endif

CREATE VIEW want.kpi_customer_360 AS
SELECT c.customer_id, c.name, c.channel, c.acquired_at, p.currency, coalesce(p.orders, 0) AS orders, p.revenue, p.revenue / p.orders AS average_order,
	   p.first_order_at, p.last_order_at, extract(day FROM as_of - p.last_order_at)::int AS days_since_order, m.mrr,
	   (SELECT count(*) FROM fact.deal d WHERE d.customer_id = c.customer_id AND d.status = 'open') AS open_deals,
	   (SELECT count(*) FROM fact.deal d WHERE d.customer_id = c.customer_id AND d.status = 'won') AS won_deals,
	   (SELECT count(*) FROM fact.ticket t WHERE t.customer_id = c.customer_id) AS tickets,
	   (SELECT count(*) FROM fact.ticket t WHERE t.customer_id = c.customer_id AND t.resolved_at IS NULL) AS open_tickets,
	   (SELECT a.score FROM fact.answer a WHERE a.customer_id = c.customer_id AND a.survey = 'nps' ORDER BY a.at DESC LIMIT 1) AS last_nps,
	   (SELECT a.score FROM fact.answer a WHERE a.customer_id = c.customer_id AND a.survey = 'csat' ORDER BY a.at DESC LIMIT 1) AS last_csat,
	   greatest(p.last_order_at, (SELECT max(at) FROM fact.answer a WHERE a.customer_id = c.customer_id),
				(SELECT max(created_at) FROM fact.ticket t WHERE t.customer_id = c.customer_id),
				(SELECT max(at) FROM fact.reaction r WHERE r.customer_id = c.customer_id),
				(SELECT max(at) FROM fact.touch t WHERE t.customer_id = c.customer_id)) AS last_contact_at
FROM want.settings, want.customer c
LEFT JOIN fact.mrr m USING (customer_id)
LEFT JOIN LATERAL (
	SELECT currency, count(*) FILTER (WHERE amount >= 0) AS orders, sum(amount) AS revenue, min(ordered_at) FILTER (WHERE amount >= 0) AS first_order_at,
		   max(ordered_at) FILTER (WHERE amount >= 0) AS last_order_at
	FROM fact.purchase f WHERE f.customer_id = c.customer_id
	GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1) AS p ON true;
