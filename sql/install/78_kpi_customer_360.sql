-- KPI views of single customers, and of the quality of the data.  What the
-- columns of these functions mean is said in 73_kpi_base.sql.

CREATE FUNCTION crm_kpi_views_customer(
        OUT view_name text, OUT entities text[], OUT optional text[], OUT key_columns text[],
        OUT description text, OUT columns text, OUT query text)
    RETURNS SETOF record
    LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 10 ROWS 2
BEGIN ATOMIC
    VALUES
    ('kpi_customer_360', '{customer}'::text[],
     '{order,subscription_month,opportunity,ticket,survey_response,campaign_event,touchpoint}'::text[], '{customer_id}'::text[],
     'all about each customer, one row each', $columns$
customer_id: the customer
name: as in the entity
company: as in the entity
segment: as in the entity: the owner's own
country: as in the entity
channel: as in the entity
owner: as in the entity
acquired_at: as in the entity
currency: currency of most of his orders; the money below is of orders in it
orders: orders, refunds not counted
revenue: amounts, refunds deducted
average_order: revenue / orders
first_order_at: first order
last_order_at: last order
days_since_order: days from the last order to as_of
r_score: recency, 1 to 5, 5 the most recent: crm_rfm_score
f_score: number of purchases, 1 to 5, 5 the most
m_score: revenue, 1 to 5, 5 the most, among customers with the same currency
rfm_segment: crm_rfm_segment of the three
p_alive: probability of still being a customer: crm_p_alive, by the model of kpi_models
expected_orders: purchases to expect within the horizon: crm_expected_purchases
clv: what they will be worth, discounted, times the margin: crm_clv_interval
clv_lower: where a customer like this ends up, lower bound
clv_upper: where a customer like this ends up, upper bound
mrr: recurring revenue in the last month
mrr_currency: its currency; NULL, as mrr, where there are several
open_deals: opportunities open at as_of
won_deals: opportunities won by then
tickets: support tickets
open_tickets: of these, not resolved
last_nps: latest answer to an NPS survey
last_nps_at: when
last_csat: latest answer to a CSAT survey
last_contact_at: latest order, touchpoint, ticket, answer, opened or clicked mail
$columns$, $query$
WITH scored AS (
    SELECT h.customer_id, h.currency, h.orders, h.revenue, h.first_order_at, h.last_order_at, h.rfm,
           crm_rfm_score(h.last_order_at) OVER () AS r, crm_rfm_score((h.rfm).purchases::float8) OVER () AS f,
           crm_rfm_score(h.revenue::float8) OVER (PARTITION BY h.currency) AS m
    FROM kpi_customer_history AS h
    WHERE h.last_order_at IS NOT NULL
), predicted AS (
    SELECT h.customer_id, h.currency, h.orders, h.revenue, h.first_order_at, h.last_order_at, h.r, h.f, h.m,
           crm_rfm_segment(h.r, h.f, h.m) AS rfm_segment,
           crm_p_alive(k.purchases, h.rfm) AS p_alive, crm_expected_purchases(k.purchases, h.rfm, s.horizon) AS expected_orders,
           v.estimate AS clv, v.lower AS clv_lower, v.upper AS clv_upper
    FROM scored AS h
    CROSS JOIN kpi_settings AS s
    LEFT JOIN kpi_models AS k ON k.currency = h.currency
    LEFT JOIN LATERAL crm_clv_interval(k.purchases, k.spend, h.rfm, s.horizon, s.annual_discount_rate, s.margin, s.conf_level) AS v ON true
), recurring AS (
    SELECT m.customer_id, CASE WHEN count(DISTINCT m.currency) = 1 THEN sum(m.mrr) END AS mrr,
           CASE WHEN count(DISTINCT m.currency) = 1 THEN min(m.currency) END AS currency
    FROM subscription_month AS m, kpi_settings AS s
    WHERE date_trunc('month', m.month::timestamp) = (
              SELECT date_trunc('month', max(x.month)::timestamp) FROM subscription_month AS x, kpi_settings AS p WHERE x.month <= p.as_of_local)
      AND m.mrr < 'Infinity' AND (s.currency IS NULL OR m.currency = s.currency)
    GROUP BY m.customer_id
), deal AS (
    SELECT o.customer_id, count(*) FILTER (WHERE o.status = 'open' OR o.closed_at > s.as_of) AS open_deals,
           count(*) FILTER (WHERE o.status = 'won' AND (o.closed_at > s.as_of) IS NOT TRUE) AS won_deals
    FROM opportunity AS o, kpi_settings AS s
    WHERE o.customer_id IS NOT NULL AND o.created_at <= s.as_of GROUP BY o.customer_id
), support AS (
    SELECT t.customer_id, count(*) AS tickets, count(*) FILTER (WHERE t.resolved_at IS NULL OR t.resolved_at > s.as_of) AS open_tickets,
           max(t.created_at) AS last_at
    FROM ticket AS t, kpi_settings AS s
    WHERE t.customer_id IS NOT NULL AND t.created_at <= s.as_of GROUP BY t.customer_id
), answer AS (
    SELECT r.customer_id,
           (array_agg(r.score ORDER BY coalesce(r.responded_at, r.sent_at) DESC, r.response_id) FILTER (WHERE r.survey = 'nps'))[1] AS last_nps,
           max(coalesce(r.responded_at, r.sent_at)) FILTER (WHERE r.survey = 'nps') AS last_nps_at,
           (array_agg(r.score ORDER BY coalesce(r.responded_at, r.sent_at) DESC, r.response_id) FILTER (WHERE r.survey = 'csat'))[1] AS last_csat,
           max(r.responded_at) AS last_at
    FROM survey_response AS r, kpi_settings AS s
    WHERE r.customer_id IS NOT NULL AND r.score IS NOT NULL AND coalesce(r.responded_at, r.sent_at) <= s.as_of GROUP BY r.customer_id
), mail AS (
    SELECT e.customer_id, max(e.occurred_at) AS last_at
    FROM campaign_event AS e, kpi_settings AS s
    WHERE e.customer_id IS NOT NULL AND e.event IN ('open', 'click') AND e.is_machine IS NOT TRUE AND e.occurred_at <= s.as_of
    GROUP BY e.customer_id
), touched AS (
    SELECT t.customer_id, max(t.occurred_at) AS last_at
    FROM touchpoint AS t, kpi_settings AS s
    WHERE t.customer_id IS NOT NULL AND t.occurred_at <= s.as_of GROUP BY t.customer_id
)
SELECT c.customer_id, c.name, c.company, c.segment, c.country, c.channel, c.owner, c.acquired_at,
       p.currency, coalesce(p.orders, 0) AS orders, p.revenue, p.revenue / nullif(p.orders, 0) AS average_order,
       p.first_order_at, p.last_order_at, floor(extract(epoch FROM s.as_of - p.last_order_at) / 86400)::integer AS days_since_order,
       p.r AS r_score, p.f AS f_score, p.m AS m_score, p.rfm_segment,
       p.p_alive, p.expected_orders, p.clv, p.clv_lower, p.clv_upper, m.mrr, m.currency AS mrr_currency,
       coalesce(d.open_deals, 0) AS open_deals, coalesce(d.won_deals, 0) AS won_deals,
       coalesce(t.tickets, 0) AS tickets, coalesce(t.open_tickets, 0) AS open_tickets,
       a.last_nps, a.last_nps_at, a.last_csat,
       greatest(p.last_order_at, t.last_at, a.last_at, e.last_at, w.last_at) AS last_contact_at
FROM (SELECT DISTINCT ON (c.customer_id)
             c.customer_id, c.name, c.company, c.segment, c.country, c.channel, c.owner, c.acquired_at
      FROM customer AS c WHERE c.customer_id IS NOT NULL
      ORDER BY c.customer_id, c.acquired_at) AS c
CROSS JOIN kpi_settings AS s
LEFT JOIN predicted AS p ON p.customer_id = c.customer_id
LEFT JOIN recurring AS m ON m.customer_id = c.customer_id
LEFT JOIN deal AS d ON d.customer_id = c.customer_id
LEFT JOIN support AS t ON t.customer_id = c.customer_id
LEFT JOIN answer AS a ON a.customer_id = c.customer_id
LEFT JOIN mail AS e ON e.customer_id = c.customer_id
LEFT JOIN touched AS w ON w.customer_id = c.customer_id
$query$),

    ('kpi_rfm_segments', '{customer,order}', '{}', '{currency,rfm_segment}',
     'customers with orders by RFM segment', $columns$
currency: currency of the money
rfm_segment: as in kpi_customer_360
customers: customers
revenue: what they brought
alive: how many of them are still customers, expected
expected_orders: purchases to expect within the horizon
clv: what they will be worth, all together
clv_lower: lower bound of that total, with chance and the uncertainty of the models in it: crm_clv_total
clv_upper: upper bound; both are NULL where the models allow none: not converged, or q of the spend model not above 2
clv_each: clv / customers
$columns$, $query$
SELECT g.currency, g.rfm_segment, g.customers, g.revenue, g.alive, g.expected_orders, g.clv,
       (g.total).lower AS clv_lower, (g.total).upper AS clv_upper, g.clv / g.valued AS clv_each
FROM (SELECT c.currency, c.rfm_segment, count(*) AS customers, sum(c.revenue) AS revenue, sum(c.p_alive) AS alive,
             sum(c.expected_orders) AS expected_orders, sum(c.clv) AS clv, nullif(count(c.clv), 0) AS valued,
             crm_clv_total(k.purchases, k.spend, h.rfm, s.horizon, s.annual_discount_rate, s.margin, s.conf_level) AS total
      FROM kpi_customer_360 AS c
      CROSS JOIN kpi_settings AS s
      LEFT JOIN kpi_customer_history AS h ON h.customer_id = c.customer_id AND h.currency = c.currency
      LEFT JOIN kpi_models AS k ON k.currency = c.currency
      WHERE c.rfm_segment IS NOT NULL
      GROUP BY c.currency, c.rfm_segment) AS g
$query$);
END;
COMMENT ON FUNCTION crm_kpi_views_customer() IS
    'support: the KPI views of single customers';

CREATE FUNCTION crm_kpi_views_quality(
        OUT view_name text, OUT entities text[], OUT optional text[], OUT key_columns text[],
        OUT description text, OUT columns text, OUT query text)
    RETURNS SETOF record
    LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 10 ROWS 1
BEGIN ATOMIC
    VALUES
    ('kpi_data_quality', '{}'::text[],
     '{customer,spend,lead,opportunity,stage_change,order,subscription_month,ticket,survey_response,campaign_event,touchpoint}'::text[],
     '{entity,problem}'::text[],
     'what is wrong or remarkable in the data; a row for each check of an entity that has rows', $columns$
entity: the entity
problem: what was looked for
severity: error (the rows are left out of the views, or counted wrongly), warning (numbers mean less), info
found: rows, or what the problem names, for which it is so
rows: rows of the entity
share: found / rows
$columns$, $query$
SELECT q.entity, v.problem, v.severity, v.found, q.rows, v.found / q.rows::float8 AS share
FROM (SELECT 'customer' AS entity, count(*) AS rows,
             count(*) - (SELECT count(d.customer_id) FROM (SELECT x.customer_id FROM customer AS x GROUP BY x.customer_id) AS d) AS duplicates,
             count(*) FILTER (WHERE (c.acquired_at BETWEEN '1900-01-01 00:00+00' AND s.as_of) IS NOT TRUE) AS bad_time,
             count(*) FILTER (WHERE c.channel IS NULL) AS no_channel
      FROM customer AS c, kpi_settings AS s) AS q,
     LATERAL (VALUES ('customer_id is missing or not unique', 'error', q.duplicates),
                     ('acquired_at is missing, before 1900, or after as_of', 'error', q.bad_time),
                     ('channel is not known', 'info', q.no_channel)) AS v (problem, severity, found)
WHERE q.rows > 0
UNION ALL
SELECT 'spend', v.problem, v.severity, v.found, q.rows, v.found / q.rows::float8
FROM (SELECT count(*) AS rows,
             count(*) FILTER (WHERE (p.day BETWEEN '1900-01-01' AND s.as_of_local) IS NOT TRUE) AS bad_time,
             count(*) FILTER (WHERE (p.amount >= 0 AND p.amount < 'Infinity') IS NOT TRUE) AS bad_amount,
             count(*) FILTER (WHERE p.currency IS NULL) AS no_currency,
             count(*) FILTER (WHERE p.channel IS NOT NULL AND k.channel IS NULL) AS no_customers,
             greatest(max(p.day) FILTER (WHERE isfinite(p.day)) - min(p.day) FILTER (WHERE isfinite(p.day)) + 1
                      - count(DISTINCT p.day) FILTER (WHERE isfinite(p.day)), 0) AS gaps
      FROM spend AS p
      LEFT JOIN (SELECT DISTINCT c.channel FROM customer AS c) AS k ON k.channel = p.channel
      CROSS JOIN kpi_settings AS s) AS q,
     LATERAL (VALUES ('day is missing, before 1900, or after as_of', 'error', q.bad_time),
                     ('amount is missing, negative or infinite', 'error', q.bad_amount),
                     ('currency is missing', 'error', q.no_currency),
                     ('channel is no customer''s channel', 'warning', q.no_customers),
                     ('days without a row', 'warning', q.gaps)) AS v (problem, severity, found)
WHERE q.rows > 0
UNION ALL
SELECT 'lead', v.problem, v.severity, v.found, q.rows, v.found / q.rows::float8
FROM (SELECT count(*) AS rows, count(*) - (SELECT count(d.lead_id) FROM (SELECT x.lead_id FROM lead AS x GROUP BY x.lead_id) AS d) AS duplicates,
             count(*) FILTER (WHERE (l.created_at BETWEEN '1900-01-01 00:00+00' AND s.as_of) IS NOT TRUE) AS bad_time,
             count(*) FILTER (WHERE (l.status IN ('open', 'converted', 'lost')) IS NOT TRUE) AS bad_status,
             count(*) FILTER (WHERE l.first_contacted_at < l.created_at) AS early,
             count(*) FILTER (WHERE l.converted_at < l.created_at) AS early_conversion
      FROM lead AS l, kpi_settings AS s) AS q,
     LATERAL (VALUES ('lead_id is missing or not unique', 'error', q.duplicates),
                     ('created_at is missing, before 1900, or after as_of', 'error', q.bad_time),
                     ('status is none of the allowed', 'error', q.bad_status),
                     ('first_contacted_at is before created_at', 'error', q.early),
                     ('converted_at is before created_at', 'warning', q.early_conversion)) AS v (problem, severity, found)
WHERE q.rows > 0
UNION ALL
SELECT 'opportunity', v.problem, v.severity, v.found, q.rows, v.found / q.rows::float8
FROM (SELECT count(*) AS rows, count(*) - (SELECT count(d.opportunity_id) FROM (SELECT x.opportunity_id FROM opportunity AS x GROUP BY x.opportunity_id) AS d) AS duplicates,
             count(*) FILTER (WHERE (o.created_at BETWEEN '1900-01-01 00:00+00' AND s.as_of) IS NOT TRUE) AS bad_time,
             count(*) FILTER (WHERE (o.status IN ('open', 'won', 'lost')) IS NOT TRUE) AS bad_status,
             count(*) FILTER (WHERE o.status IN ('won', 'lost') AND o.closed_at IS NULL) AS no_close,
             count(*) FILTER (WHERE o.status = 'open' AND o.closed_at IS NOT NULL) AS closed_open,
             count(*) FILTER (WHERE o.closed_at < o.created_at) AS early,
             count(*) FILTER (WHERE o.probability NOT BETWEEN 0 AND 1) AS bad_probability,
             count(*) FILTER (WHERE o.amount IS NULL) AS no_amount,
             count(*) FILTER (WHERE o.amount = 0) AS zero_amount,
             count(*) FILTER (WHERE o.amount IS NOT NULL AND o.currency IS NULL) AS no_currency
      FROM opportunity AS o, kpi_settings AS s) AS q,
     LATERAL (VALUES ('opportunity_id is missing or not unique', 'error', q.duplicates),
                     ('created_at is missing, before 1900, or after as_of', 'error', q.bad_time),
                     ('status is none of the allowed', 'error', q.bad_status),
                     ('won or lost without closed_at', 'error', q.no_close),
                     ('closed_at of an open deal', 'warning', q.closed_open),
                     ('closed_at is before created_at', 'error', q.early),
                     ('probability is not between 0 and 1', 'error', q.bad_probability),
                     ('amount is not known', 'warning', q.no_amount),
                     ('amount is zero: was it never set?', 'warning', q.zero_amount),
                     ('amount without currency', 'warning', q.no_currency)) AS v (problem, severity, found)
WHERE q.rows > 0
UNION ALL
SELECT 'stage_change', v.problem, v.severity, v.found, q.rows, v.found / q.rows::float8
FROM (SELECT count(*) AS rows,
             count(*) FILTER (WHERE (c.entered_at BETWEEN '1900-01-01 00:00+00' AND s.as_of) IS NOT TRUE) AS bad_time,
             count(*) FILTER (WHERE k.opportunity_id IS NULL) AS no_deal,
             count(*) FILTER (WHERE c.stage_position IS NULL AND c.status IS DISTINCT FROM 'lost') AS no_position
      FROM stage_change AS c
      LEFT JOIN (SELECT DISTINCT o.opportunity_id FROM opportunity AS o) AS k ON k.opportunity_id = c.opportunity_id
      CROSS JOIN kpi_settings AS s) AS q,
     LATERAL (VALUES ('entered_at is missing, before 1900, or after as_of', 'error', q.bad_time),
                     ('opportunity_id is no opportunity', 'warning', q.no_deal),
                     ('stage_position is not known', 'info', q.no_position)) AS v (problem, severity, found)
WHERE q.rows > 0
UNION ALL
SELECT 'order', v.problem, v.severity, v.found, q.rows, v.found / q.rows::float8
FROM (SELECT count(*) AS rows, count(*) - (SELECT count(d.order_id) FROM (SELECT x.order_id FROM "order" AS x GROUP BY x.order_id) AS d) AS duplicates,
             count(*) FILTER (WHERE (o.ordered_at BETWEEN '1900-01-01 00:00+00' AND s.as_of) IS NOT TRUE) AS bad_time,
             count(*) FILTER (WHERE (o.amount > '-Infinity' AND o.amount < 'Infinity') IS NOT TRUE) AS bad_amount,
             count(*) FILTER (WHERE o.currency IS NULL) AS no_currency,
             count(*) FILTER (WHERE o.customer_id IS NULL) AS guests,
             count(*) FILTER (WHERE o.customer_id IS NOT NULL AND k.customer_id IS NULL) AS no_customer
      FROM "order" AS o
      LEFT JOIN (SELECT DISTINCT c.customer_id FROM customer AS c) AS k ON k.customer_id = o.customer_id
      CROSS JOIN kpi_settings AS s) AS q,
     LATERAL (SELECT count(*) AS mixed
              FROM (SELECT FROM "order" AS o WHERE o.customer_id IS NOT NULL GROUP BY o.customer_id
                    HAVING min(o.currency) <> max(o.currency)) AS c) AS m,
     LATERAL (SELECT count(DISTINCT o.currency) AS currencies FROM "order" AS o) AS n,
     LATERAL (SELECT count(*) AS gaps
              FROM (SELECT o.period, lag(o.period) OVER (ORDER BY o.period) AS before FROM kpi_clean_order AS o GROUP BY o.period) AS p,
                   kpi_settings AS s, generate_series(p.before + s.grain_interval, p.period - interval '1 day', s.grain_interval) AS g) AS g,
     LATERAL (VALUES ('order_id is missing or not unique', 'error', q.duplicates),
                     ('ordered_at is missing, before 1900, or after as_of', 'error', q.bad_time),
                     ('amount is missing or infinite', 'error', q.bad_amount),
                     ('currency is missing', 'error', q.no_currency),
                     ('no customer: a guest', 'info', q.guests),
                     ('customer_id is no customer', 'warning', q.no_customer),
                     ('customers who ordered in several currencies', 'warning', m.mixed),
                     ('currencies', 'info', n.currencies),
                     ('periods without an order', 'warning', g.gaps)) AS v (problem, severity, found)
WHERE q.rows > 0
UNION ALL
SELECT 'subscription_month', v.problem, v.severity, v.found, q.rows, v.found / q.rows::float8
FROM (SELECT count(*) AS rows,
             count(*) FILTER (WHERE (m.month BETWEEN '1900-01-01' AND s.as_of_local) IS NOT TRUE) AS bad_time,
             count(*) FILTER (WHERE (m.mrr > '-Infinity' AND m.mrr < 'Infinity') IS NOT TRUE) AS bad_amount,
             count(*) FILTER (WHERE m.mrr < 0) AS negative,
             count(*) FILTER (WHERE m.currency IS NULL) AS no_currency,
             count(*) FILTER (WHERE k.customer_id IS NULL) AS no_customer
      FROM subscription_month AS m
      LEFT JOIN (SELECT DISTINCT c.customer_id FROM customer AS c) AS k ON k.customer_id = m.customer_id
      CROSS JOIN kpi_settings AS s) AS q,
     LATERAL (SELECT count(*) AS mixed
              FROM (SELECT FROM subscription_month AS m GROUP BY m.customer_id HAVING min(m.currency) <> max(m.currency)) AS c) AS x,
     LATERAL (SELECT count(*) AS gaps
              FROM (SELECT p.month, lag(p.month) OVER (ORDER BY p.month) AS before
                    FROM (SELECT DISTINCT date_trunc('month', m.month::timestamp) AS month FROM subscription_month AS m
                          WHERE m.month BETWEEN '1900-01-01' AND '9999-01-01') AS p) AS p,
                   generate_series(p.before + interval '1 month', p.month - interval '1 day', interval '1 month') AS g) AS g,
     LATERAL (VALUES ('month is missing, before 1900, or after as_of', 'error', q.bad_time),
                     ('mrr is missing or infinite', 'error', q.bad_amount),
                     ('mrr is negative', 'warning', q.negative),
                     ('currency is missing', 'error', q.no_currency),
                     ('customer_id is no customer', 'warning', q.no_customer),
                     ('customers with several currencies', 'warning', x.mixed),
                     ('months without any row', 'warning', g.gaps)) AS v (problem, severity, found)
WHERE q.rows > 0
UNION ALL
SELECT 'ticket', v.problem, v.severity, v.found, q.rows, v.found / q.rows::float8
FROM (SELECT count(*) AS rows, count(*) - (SELECT count(d.ticket_id) FROM (SELECT x.ticket_id FROM ticket AS x GROUP BY x.ticket_id) AS d) AS duplicates,
             count(*) FILTER (WHERE (t.created_at BETWEEN '1900-01-01 00:00+00' AND s.as_of) IS NOT TRUE) AS bad_time,
             count(*) FILTER (WHERE t.first_response_at < t.created_at) AS early_response,
             count(*) FILTER (WHERE t.resolved_at < t.created_at) AS early_resolution,
             count(*) FILTER (WHERE (t.first_response_target >= '0' AND extract(day FROM t.first_response_target) = 0
                                     AND extract(month FROM t.first_response_target) = 0 AND extract(year FROM t.first_response_target) = 0
                                     OR t.first_response_target IS NULL) IS NOT TRUE
                                 OR (t.resolution_target >= '0' AND extract(day FROM t.resolution_target) = 0
                                     AND extract(month FROM t.resolution_target) = 0 AND extract(year FROM t.resolution_target) = 0
                                     OR t.resolution_target IS NULL) IS NOT TRUE) AS bad_target,
             count(*) FILTER (WHERE t.customer_id IS NULL) AS no_customer
      FROM ticket AS t, kpi_settings AS s) AS q,
     LATERAL (VALUES ('ticket_id is missing or not unique', 'error', q.duplicates),
                     ('created_at is missing, before 1900, or after as_of', 'error', q.bad_time),
                     ('first_response_at is before created_at', 'error', q.early_response),
                     ('resolved_at is before created_at', 'error', q.early_resolution),
                     ('a target is negative or has days', 'error', q.bad_target),
                     ('customer is not known', 'info', q.no_customer)) AS v (problem, severity, found)
WHERE q.rows > 0
UNION ALL
SELECT 'survey_response', v.problem, v.severity, v.found, q.rows, v.found / q.rows::float8
FROM (SELECT count(*) AS rows, count(*) - (SELECT count(d.response_id) FROM (SELECT x.response_id FROM survey_response AS x GROUP BY x.response_id) AS d) AS duplicates,
             count(*) FILTER (WHERE (r.survey IN ('nps', 'csat', 'ces')) IS NOT TRUE) AS bad_survey,
             count(*) FILTER (WHERE r.score IS NOT NULL
                                AND CASE r.survey WHEN 'nps' THEN r.score BETWEEN 0 AND 10 AND r.score = trunc(r.score)
                                                  WHEN 'csat' THEN r.score BETWEEN 1 AND 5
                                                  WHEN 'ces' THEN r.score BETWEEN 1 AND 7 END IS FALSE) AS bad_score,
             count(*) FILTER (WHERE r.score IS NOT NULL
                                AND (coalesce(r.responded_at, r.sent_at) BETWEEN '1900-01-01 00:00+00' AND s.as_of) IS NOT TRUE) AS bad_time,
             count(*) FILTER (WHERE r.responded_at < r.sent_at) AS early,
             count(*) FILTER (WHERE r.customer_id IS NULL) AS anonymous
      FROM survey_response AS r, kpi_settings AS s) AS q,
     LATERAL (VALUES ('response_id is missing or not unique', 'error', q.duplicates),
                     ('survey is none of the allowed', 'error', q.bad_survey),
                     ('score is off the scale of its survey', 'error', q.bad_score),
                     ('score without a time, before 1900, or after as_of', 'error', q.bad_time),
                     ('responded_at is before sent_at', 'warning', q.early),
                     ('customer is not known', 'info', q.anonymous)) AS v (problem, severity, found)
WHERE q.rows > 0
UNION ALL
SELECT 'campaign_event', v.problem, v.severity, v.found, q.rows, v.found / q.rows::float8
FROM (SELECT count(*) AS rows,
             count(*) FILTER (WHERE (e.occurred_at BETWEEN '1900-01-01 00:00+00' AND s.as_of) IS NOT TRUE) AS bad_time,
             count(*) FILTER (WHERE (e.event IN ('sent', 'delivered', 'bounce', 'open', 'click', 'unsubscribe', 'complaint')) IS NOT TRUE) AS bad_event,
             count(*) FILTER (WHERE e.event IN ('open', 'click') AND e.recipient_id IS NULL) AS untracked,
             count(*) FILTER (WHERE e.event IN ('open', 'click') AND e.is_machine) AS machine
      FROM campaign_event AS e, kpi_settings AS s) AS q,
     LATERAL (VALUES ('occurred_at is missing, before 1900, or after as_of', 'error', q.bad_time),
                     ('event is none of the allowed', 'error', q.bad_event),
                     ('opens and clicks without recipient: unique ones are unknown', 'warning', q.untracked),
                     ('opens and clicks by machines', 'info', q.machine)) AS v (problem, severity, found)
WHERE q.rows > 0
UNION ALL
SELECT 'touchpoint', v.problem, v.severity, v.found, q.rows, v.found / q.rows::float8
FROM (SELECT count(*) AS rows,
             count(*) FILTER (WHERE (t.occurred_at BETWEEN '1900-01-01 00:00+00' AND s.as_of) IS NOT TRUE) AS bad_time,
             count(*) FILTER (WHERE t.customer_id IS NULL AND t.visitor_id IS NULL) AS nobody,
             count(*) FILTER (WHERE t.channel IS NULL) AS no_channel
      FROM touchpoint AS t, kpi_settings AS s) AS q,
     LATERAL (VALUES ('occurred_at is missing, before 1900, or after as_of', 'error', q.bad_time),
                     ('neither customer nor visitor is known', 'warning', q.nobody),
                     ('channel is not known', 'info', q.no_channel)) AS v (problem, severity, found)
WHERE q.rows > 0
$query$);
END;
COMMENT ON FUNCTION crm_kpi_views_quality() IS
    'support: the KPI view of the quality of the data';
