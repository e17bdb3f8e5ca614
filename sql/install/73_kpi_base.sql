-- KPI views, as data: what crm_create_kpi_views makes of the entities.
--
-- A part of them in each of the functions crm_kpi_views_<area>.  A row is a view:
--   entities     what it is made from; it is left out where one is missing
--   optional     what it reads too, if there: empty otherwise
--   key_columns  what tells its rows apart
--   columns      its columns, a line for each: name, colon, meaning
--   query        plain SQL, in which an entity, a KPI view and a function of the
--                extension are named without schema
-- Options come from the view kpi_settings, whose one row holds constants that the
-- planner folds into the queries.
--
-- The views never fail on the data that they find: rows that cannot be right
-- (times before 1900 or after as_of, infinite amounts, scores off the scale) are
-- left out by the views kpi_clean_*, and counted by kpi_data_quality.
--
-- A period is the first day of a day, week (Monday), month, quarter or year in
-- the time zone of the settings.  Money of different currencies is never added:
-- views with money have a row for each currency.

CREATE FUNCTION crm_kpi_views_base(
        OUT view_name text, OUT entities text[], OUT optional text[], OUT key_columns text[],
        OUT description text, OUT columns text, OUT query text)
    RETURNS SETOF record
    LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 10 ROWS 7
BEGIN ATOMIC
    VALUES
    -- made by crm_create_kpi_views itself: constants, or now()
    ('kpi_settings', '{}'::text[], '{}'::text[], '{}'::text[],
     'base: the options that the views were made with, one row', $columns$
grain: day, week, month, quarter or year
grain_interval: length of a period
cohort_unit: day, week or month: the grain, but month for a quarter or year
time_zone: in which periods begin
currency: the only currency that is looked at; NULL for all
as_of: moment of the report; the present unless the option is given
as_of_local: the same in the time zone
calendar: opening hours, for response times
lead_response_target: promised time to the first contact of a lead; NULL is none
first_response_target: promised time to the first response to a ticket, where it has none of its own; NULL is none
resolution_target: promised time to the resolution of a ticket, where it has none of its own; NULL is none
horizon: how far customer value looks ahead
annual_discount_rate: by which it is discounted
margin: by which it is multiplied
conf_level: confidence level of all intervals
purchase_model: model of crm_btyd_fit
cohort_periods: columns of the retention matrix
attribution_window: how long before an order a touch may be
pipeline: stages in order; NULL takes them from stage_change
funnel: events of the funnel; NULL is none
funnel_window: within which they must happen
materialized: whether the views are materialised
$columns$, NULL::text),
    ('kpi_clean_order', '{}', '{order}', '{}',
     'base: orders that count', $columns$
order_id: as in the entity
customer_id: as in the entity; NULL for a guest
ordered_at: as in the entity
period: the period of ordered_at
amount: as in the entity; negative for a refund
currency: as in the entity
channel: as in the entity
$columns$, $query$
SELECT o.order_id, o.customer_id, o.ordered_at,
       date_trunc(s.grain, o.ordered_at AT TIME ZONE s.time_zone)::date AS period,
       o.amount, o.currency, o.channel
FROM "order" AS o, kpi_settings AS s
WHERE o.ordered_at BETWEEN '1900-01-01 00:00+00' AND s.as_of
  AND o.amount > '-Infinity' AND o.amount < 'Infinity'
  AND (s.currency IS NULL OR o.currency = s.currency)
$query$),

    ('kpi_clean_opportunity', '{opportunity}', '{}', '{}',
     'base: deals as they stood at as_of', $columns$
opportunity_id: as in the entity
created_at: as in the entity
closed_at: as in the entity; NULL if open at as_of
is_won: true won, false lost, NULL open
amount: as in the entity
currency: as in the entity
probability: as in the entity; NULL outside 0 to 1
stage: as in the entity
expected_close: as in the entity
customer_id: as in the entity
owner: as in the entity
source: as in the entity
$columns$, $query$
SELECT o.opportunity_id, o.created_at,
       CASE WHEN o.status IN ('won', 'lost') AND o.closed_at <= s.as_of THEN o.closed_at END AS closed_at,
       CASE WHEN o.closed_at > s.as_of THEN NULL WHEN o.status = 'won' THEN true WHEN o.status = 'lost' THEN false END AS is_won,
       CASE WHEN o.amount > '-Infinity' AND o.amount < 'Infinity' THEN o.amount END AS amount,
       o.currency,
       CASE WHEN o.probability BETWEEN 0 AND 1 THEN o.probability END AS probability,
       o.stage, CASE WHEN isfinite(o.expected_close) THEN o.expected_close END AS expected_close,
       o.customer_id, o.owner, o.source
FROM opportunity AS o, kpi_settings AS s
WHERE o.created_at BETWEEN '1900-01-01 00:00+00' AND s.as_of
  AND (o.closed_at IS NULL OR o.closed_at BETWEEN '1900-01-01 00:00+00' AND 'infinity')
  AND (s.currency IS NULL OR o.currency = s.currency)
$query$),

    ('kpi_clean_ticket', '{ticket}', '{}', '{}',
     'base: tickets as they stood at as_of', $columns$
ticket_id: as in the entity
created_at: as in the entity
period: the period of created_at
first_response_at: as in the entity; NULL if not answered at as_of
resolved_at: as in the entity; NULL if open at as_of
first_response_target: of the ticket, else of the settings
resolution_target: of the ticket, else of the settings
reopened: as in the entity
replies: as in the entity
priority: as in the entity
team: as in the entity
customer_id: as in the entity
$columns$, $query$
SELECT t.ticket_id, t.created_at,
       date_trunc(s.grain, t.created_at AT TIME ZONE s.time_zone)::date AS period,
       CASE WHEN t.first_response_at <= s.as_of THEN t.first_response_at END AS first_response_at,
       CASE WHEN t.resolved_at <= s.as_of THEN t.resolved_at END AS resolved_at,
       coalesce(t.first_response_target, s.first_response_target) AS first_response_target,
       coalesce(t.resolution_target, s.resolution_target) AS resolution_target,
       t.reopened, t.replies, t.priority, t.team, t.customer_id
FROM ticket AS t, kpi_settings AS s
WHERE t.created_at BETWEEN '1900-01-01 00:00+00' AND s.as_of
  AND (t.first_response_at IS NULL OR t.first_response_at >= t.created_at)
  AND (t.resolved_at IS NULL OR t.resolved_at >= t.created_at)
$query$),

    ('kpi_clean_survey', '{survey_response}', '{}', '{}',
     'base: answers on the scale of their survey', $columns$
response_id: as in the entity
survey: as in the entity
responded_at: as in the entity, else sent_at
period: the period of responded_at
score: as in the entity
customer_id: as in the entity
$columns$, $query$
SELECT r.response_id, r.survey, coalesce(r.responded_at, r.sent_at) AS responded_at,
       date_trunc(s.grain, coalesce(r.responded_at, r.sent_at) AT TIME ZONE s.time_zone)::date AS period,
       r.score, r.customer_id
FROM survey_response AS r, kpi_settings AS s
WHERE coalesce(r.responded_at, r.sent_at) BETWEEN '1900-01-01 00:00+00' AND s.as_of
  AND CASE r.survey WHEN 'nps' THEN r.score BETWEEN 0 AND 10 AND r.score = trunc(r.score)
                    WHEN 'csat' THEN r.score BETWEEN 1 AND 5
                    WHEN 'ces' THEN r.score BETWEEN 1 AND 7 END
$query$),

    ('kpi_customer_history', '{}', '{order}', '{customer_id}',
     'base: what each customer bought, in the currency of most of his orders', $columns$
customer_id: the customer
currency: the currency of most of his orders; the columns after it are of orders in it
orders: orders, refunds not counted
revenue: amounts, refunds deducted
first_order_at: first order
last_order_at: last order
rfm: frequency, recency and monetary value at as_of, in weeks: crm_rfm
$columns$, $query$
SELECT DISTINCT ON (h.customer_id)
       h.customer_id, h.currency, h.orders, h.revenue, h.first_order_at, h.last_order_at, h.rfm
FROM (SELECT o.customer_id, o.currency, count(*) FILTER (WHERE o.amount >= 0) AS orders, sum(o.amount) AS revenue,
             min(o.ordered_at) FILTER (WHERE o.amount >= 0) AS first_order_at,
             max(o.ordered_at) FILTER (WHERE o.amount >= 0) AS last_order_at,
             crm_rfm(o.ordered_at, o.amount, s.as_of, interval '1 week', 'day', s.time_zone) AS rfm
      FROM kpi_clean_order AS o, kpi_settings AS s
      WHERE o.customer_id IS NOT NULL
      GROUP BY o.customer_id, o.currency) AS h
ORDER BY h.customer_id, h.orders DESC, h.currency
$query$),

    -- a table, filled by crm_create_kpi_views and crm_refresh_kpi_views
    ('kpi_models', '{}', '{}', '{currency}',
     'base: the fitted models of customer value', $columns$
currency: currency of the orders that the models were fitted to
customers: how many customers
as_of: end of the observation
purchases: model of purchases: crm_btyd_fit
purchases_status: converged, boundary, ridge or failed: crm_model_status
spend: model of spend: crm_spend_fit
spend_status: the same
fitted_at: when
$columns$, NULL);
END;
COMMENT ON FUNCTION crm_kpi_views_base() IS
    'support: the KPI views that others are built on';
