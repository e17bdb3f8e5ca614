-- KPI views of revenue and of the sales pipeline.  What the columns of these
-- functions mean is said in 73_kpi_base.sql.

CREATE FUNCTION crm_kpi_views_revenue(
        OUT view_name text, OUT entities text[], OUT optional text[], OUT key_columns text[],
        OUT description text, OUT columns text, OUT query text)
    RETURNS SETOF record
    LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 10 ROWS 3
BEGIN ATOMIC
    VALUES
    ('kpi_revenue', '{order}'::text[], '{}'::text[], '{period,currency}'::text[],
     'orders and revenue; periods without orders between the first and the last are shown', $columns$
period: first day of the period of ordered_at
currency: currency of the money
orders: orders, refunds not counted
customers: customers who ordered, guests not counted
guest_orders: orders without a customer
gross: sum of the orders
refunds: sum of the refunds, positive
revenue: gross - refunds
average_order: gross / orders: crm_average_order_value
growth: revenue against the period before: crm_growth_rate
growth_year: revenue against the same period a year before; NULL for weeks
complete: whether the period is over at as_of
$columns$, $query$
WITH sold AS (
    SELECT o.period, o.currency, count(*) FILTER (WHERE o.amount >= 0) AS orders,
           count(DISTINCT o.customer_id) FILTER (WHERE o.amount >= 0) AS customers,
           count(*) FILTER (WHERE o.amount >= 0 AND o.customer_id IS NULL) AS guest_orders,
           coalesce(sum(o.amount) FILTER (WHERE o.amount >= 0), 0) AS gross,
           coalesce(-sum(o.amount) FILTER (WHERE o.amount < 0), 0) AS refunds,
           crm_average_order_value(o.amount) FILTER (WHERE o.amount >= 0) AS average_order
    FROM kpi_clean_order AS o
    GROUP BY o.period, o.currency
), filled AS (
    SELECT p.period::date AS period, f.currency, coalesce(x.orders, 0) AS orders, coalesce(x.customers, 0) AS customers,
           coalesce(x.guest_orders, 0) AS guest_orders, coalesce(x.gross, 0) AS gross, coalesce(x.refunds, 0) AS refunds,
           coalesce(x.gross - x.refunds, 0) AS revenue, x.average_order
    FROM (SELECT x.currency, min(x.period) AS first, max(x.period) AS last FROM sold AS x GROUP BY x.currency) AS f
    CROSS JOIN kpi_settings AS s
    CROSS JOIN LATERAL generate_series(f.first::timestamp, f.last::timestamp, s.grain_interval) AS p (period)
    LEFT JOIN sold AS x ON x.currency = f.currency AND x.period = p.period::date
)
SELECT f.period, f.currency, f.orders, f.customers, f.guest_orders, f.gross, f.refunds, f.revenue, f.average_order,
       crm_growth_rate(f.revenue, lag(f.revenue) OVER (PARTITION BY f.currency ORDER BY f.period)) AS growth,
       crm_growth_rate(f.revenue, y.revenue) AS growth_year, f.period + s.grain_interval <= s.as_of_local AS complete
FROM filled AS f
LEFT JOIN filled AS y ON y.currency = f.currency AND y.period = (f.period - interval '1 year')::date
CROSS JOIN kpi_settings AS s
$query$),

    ('kpi_mrr', '{subscription_month}', '{}', '{month,currency}',
     'monthly recurring revenue and what moved it: opening + new + expansion + contraction + churn + reactivation = closing', $columns$
month: first day of the month
currency: currency of the money
opening: MRR of the month before: crm_mrr_waterfall
new: of customers who never paid before
expansion: more from customers who paid before
contraction: less, negative
churn: lost with customers who left, negative
reactivation: of customers who were gone
closing: MRR of the month
arr: 12 * closing
opening_customers: paying customers of the month before
new_customers: never paid before
churned_customers: left
reactivated_customers: came back
closing_customers: paying customers
arpa: closing / closing_customers
grr: gross revenue retention, each customer capped
nrr: net revenue retention, without reactivation
quick_ratio: gains / losses
logo_churn: churned_customers / opening_customers
logo_churn_lower: its interval, Wilson's
logo_churn_upper: its interval, Wilson's
complete: whether the month is over at as_of
$columns$, $query$
SELECT w.month, a.currency, w.opening, w.new, w.expansion, w.contraction, w.churn, w.reactivation, w.closing,
       12 * w.closing AS arr, w.opening_customers, w.new_customers, w.churned_customers, w.reactivated_customers,
       w.closing_customers, w.closing / nullif(w.closing_customers, 0) AS arpa, w.grr, w.nrr, w.quick_ratio, w.logo_churn,
       c.lower AS logo_churn_lower, c.upper AS logo_churn_upper, w.month + interval '1 month' <= s.as_of_local AS complete
FROM (SELECT m.currency, crm_mrr_waterfall(m.movements) AS months
      FROM (SELECT m.currency,
                   crm_mrr_movements(date_trunc('month', m.month::timestamp)::date, m.mrr,
                                     least(h.last, s.as_of_local)::date) AS movements
            FROM subscription_month AS m, kpi_settings AS s,
                 (SELECT max(m.month)::timestamp AS last FROM subscription_month AS m WHERE isfinite(m.month)) AS h
            WHERE m.month BETWEEN '1900-01-01' AND s.as_of_local AND m.mrr > '-Infinity' AND m.mrr < 'Infinity'
              AND (s.currency IS NULL OR m.currency = s.currency)
            GROUP BY m.currency, m.customer_id) AS m
      GROUP BY m.currency) AS a
CROSS JOIN kpi_settings AS s
CROSS JOIN LATERAL unnest(a.months) AS w
CROSS JOIN LATERAL crm_rate_interval(w.churned_customers, greatest(w.opening_customers, w.churned_customers),
                                     s.conf_level, 'wilson') AS c
$query$),

    ('kpi_concentration', '{order}', '{}', '{currency}',
     'how much of the revenue comes from how few customers, of all time', $columns$
currency: currency of the money
customers: customers with revenue above zero
revenue: their revenue
gini: 0 if all bring the same, near 1 if one brings all: crm_concentration
top_1_percent: share of the revenue of the best customer in a hundred
top_10_percent: share of the best tenth
top_20_percent: share of the best fifth
effective_customers: how many equal customers would be as concentrated: 1 / HHI
$columns$, $query$
SELECT c.currency, (c.report).n AS customers, (c.report).total AS revenue, (c.report).gini,
       (c.report).top_1_percent_share AS top_1_percent, (c.report).top_10_percent_share AS top_10_percent,
       (c.report).top_20_percent_share AS top_20_percent, (c.report).effective_number AS effective_customers
FROM (SELECT h.currency, crm_concentration(h.revenue::float8) AS report
      FROM (SELECT o.currency, sum(o.amount) AS revenue FROM kpi_clean_order AS o
            WHERE o.customer_id IS NOT NULL GROUP BY o.currency, o.customer_id) AS h
      WHERE h.revenue > 0
      GROUP BY h.currency) AS c
$query$);
END;
COMMENT ON FUNCTION crm_kpi_views_revenue() IS
    'support: the KPI views of revenue';

CREATE FUNCTION crm_kpi_views_pipeline(
        OUT view_name text, OUT entities text[], OUT optional text[], OUT key_columns text[],
        OUT description text, OUT columns text, OUT query text)
    RETURNS SETOF record
    LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 10 ROWS 4
BEGIN ATOMIC
    VALUES
    ('kpi_win_rate', '{opportunity}'::text[], '{}'::text[], '{period,currency}'::text[],
     'deals by the period in which they were won or lost', $columns$
period: first day of the period of closed_at
currency: currency of the deals; NULL for deals without one
won: deals won
lost: deals lost
win_rate: won / (won + lost): crm_rate_interval
win_rate_lower: its interval, Wilson's
win_rate_upper: its interval, Wilson's
win_rate_amount: the same by amount: crm_win_rate_amount
won_amount: amount of the deals won
average_deal: mean amount of the deals won that have one: crm_average_deal_size
cycle_mean: mean time from created_at to closed_at of the deals won: crm_sales_cycle
cycle_median: its median
complete: whether the period is over at as_of
$columns$, $query$
SELECT d.period, d.currency, d.won, d.lost, (d.rate).estimate AS win_rate, (d.rate).lower AS win_rate_lower,
       (d.rate).upper AS win_rate_upper, d.win_rate_amount, d.won_amount, d.average_deal, d.cycle_mean, d.cycle_median,
       d.period + s.grain_interval <= s.as_of_local AS complete
FROM (SELECT date_trunc(s.grain, o.closed_at AT TIME ZONE s.time_zone)::date AS period, o.currency,
             count(*) FILTER (WHERE o.is_won) AS won, count(*) FILTER (WHERE NOT o.is_won) AS lost,
             crm_rate_interval(o.is_won, s.conf_level) AS rate, crm_win_rate_amount(o.is_won, o.amount) AS win_rate_amount,
             coalesce(sum(o.amount) FILTER (WHERE o.is_won), 0) AS won_amount,
             crm_average_deal_size(o.is_won, o.amount) AS average_deal,
             crm_sales_cycle(o.created_at, o.closed_at, o.is_won) FILTER (WHERE o.closed_at >= o.created_at) AS cycle_mean,
             percentile_cont(0.5) WITHIN GROUP (ORDER BY o.closed_at - o.created_at)
                 FILTER (WHERE o.is_won AND o.closed_at >= o.created_at) AS cycle_median
      FROM kpi_clean_opportunity AS o, kpi_settings AS s
      WHERE o.closed_at IS NOT NULL AND o.is_won IS NOT NULL
      GROUP BY 1, 2) AS d, kpi_settings AS s
$query$),

    ('kpi_pipeline', '{opportunity}', '{}', '{currency}',
     'the pipeline as it stands', $columns$
currency: currency of the deals; NULL for deals without one
open_deals: open deals
open_amount: their amount
without_amount: open deals without an amount, which the sums leave out
weighted: amount times probability: crm_weighted_pipeline
without_probability: open deals with an amount and no probability, which weighted leaves out
overdue: open deals whose expected_close is past
win_rate: won / (won + lost), of all deals closed
win_rate_lower: its interval, Wilson's
win_rate_upper: its interval, Wilson's
average_deal: mean amount of the deals won: crm_average_deal_size
cycle_mean: mean time from created_at to closed_at of the deals won: crm_sales_cycle
velocity: open deals * win rate * average deal / cycle, money a day: crm_sales_velocity
$columns$, $query$
SELECT d.currency, d.open_deals, d.open_amount, d.without_amount, d.weighted, d.without_probability, d.overdue,
       (d.rate).estimate AS win_rate, (d.rate).lower AS win_rate_lower, (d.rate).upper AS win_rate_upper,
       d.average_deal, d.cycle_mean, d.velocity
FROM (SELECT o.currency, count(*) FILTER (WHERE o.is_won IS NULL) AS open_deals,
             coalesce(sum(o.amount) FILTER (WHERE o.is_won IS NULL), 0) AS open_amount,
             count(*) FILTER (WHERE o.is_won IS NULL AND o.amount IS NULL) AS without_amount,
             crm_weighted_pipeline(o.amount, o.probability) FILTER (WHERE o.is_won IS NULL) AS weighted,
             count(*) FILTER (WHERE o.is_won IS NULL AND o.amount IS NOT NULL AND o.probability IS NULL) AS without_probability,
             count(*) FILTER (WHERE o.is_won IS NULL AND o.expected_close < s.as_of_local::date) AS overdue,
             crm_rate_interval(o.is_won, s.conf_level) AS rate,
             crm_average_deal_size(o.is_won, o.amount) AS average_deal,
             crm_sales_cycle(o.created_at, o.closed_at, o.is_won) FILTER (WHERE o.closed_at >= o.created_at) AS cycle_mean,
             crm_sales_velocity(o.is_won, o.amount, o.created_at, o.closed_at)
                 FILTER (WHERE o.closed_at IS NULL OR o.closed_at >= o.created_at) AS velocity
      FROM kpi_clean_opportunity AS o, kpi_settings AS s
      GROUP BY o.currency) AS d
$query$),

    ('kpi_forecast', '{opportunity}', '{}', '{period,currency}',
     'open deals by the period in which they should close', $columns$
period: first day of the period of expected_close; NULL where never set
currency: currency of the deals; NULL for deals without one
deals: open deals
amount: their amount
weighted: amount times probability; a deal without a probability counts with the win rate of its currency
without_probability: deals counted with the win rate
late: deals whose expected_close is past
$columns$, $query$
SELECT date_trunc(s.grain, o.expected_close::timestamp)::date AS period, o.currency, count(*) AS deals,
       coalesce(sum(o.amount), 0) AS amount,
       sum(o.amount * coalesce(o.probability, r.win_rate::numeric)) AS weighted,
       count(*) FILTER (WHERE o.probability IS NULL) AS without_probability,
       count(*) FILTER (WHERE o.expected_close < s.as_of_local::date) AS late
FROM kpi_clean_opportunity AS o
JOIN (SELECT d.currency, crm_win_rate(d.is_won) AS win_rate FROM kpi_clean_opportunity AS d GROUP BY d.currency) AS r
  ON r.currency IS NOT DISTINCT FROM o.currency
CROSS JOIN kpi_settings AS s
WHERE o.is_won IS NULL
GROUP BY 1, 2
$query$),

    ('kpi_stages', '{opportunity,stage_change}', '{}', '{stage_no}',
     'how deals go through the stages of the pipeline, of all time', $columns$
stage_no: place in the pipeline, from 1
stage: stage
entered: deals that came to it or beyond; skipped stages count as passed
passed: of these, came to a later stage; NULL for the last
lost: of these, lost before
still_open: of these, neither
conversion_rate: passed / entered: crm_stage_conversion
conversion_lower: its interval, Wilson's
conversion_upper: its interval, Wilson's
duration_mean: mean time in the stage of deals that have left it; re-entries are added up: crm_stage_durations
duration_median: its median
in_stage: deals in it at as_of
$columns$, $query$
WITH known AS (
    SELECT c.opportunity_id, c.stage, c.entered_at, c.stage_position, c.status,
           row_number() OVER (PARTITION BY c.opportunity_id ORDER BY c.entered_at) AS rank
    FROM stage_change AS c, kpi_settings AS s
    WHERE c.entered_at BETWEEN '1900-01-01 00:00+00' AND s.as_of AND c.stage IS NOT NULL
), ordered AS (
    SELECT k.stage, avg(k.stage_position) AS position, avg(k.rank) AS rank, bool_or(k.status = 'won') AS is_won
    FROM known AS k WHERE k.status IS DISTINCT FROM 'lost' GROUP BY k.stage
), pipeline AS (
    SELECT coalesce(s.pipeline, (SELECT array_agg(o.stage ORDER BY o.position, o.is_won NULLS FIRST, o.rank, o.stage) FROM ordered AS o)) AS stages,
           coalesce((SELECT array_agg(DISTINCT k.stage) FROM known AS k WHERE k.status IN ('won', 'lost')), '{}') AS closed
    FROM kpi_settings AS s
), deal AS (
    SELECT k.opportunity_id, crm_stage_reached(k.stage, p.stages) AS reached,
           crm_stage_durations(k.stage, k.entered_at, s.as_of, p.closed) AS durations
    FROM known AS k, pipeline AS p, kpi_settings AS s
    WHERE p.stages IS NOT NULL
    GROUP BY k.opportunity_id
), time_in_stage AS (
    SELECT t.stage, avg(t.duration) FILTER (WHERE NOT t.is_open) AS duration_mean,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY t.duration) FILTER (WHERE NOT t.is_open) AS duration_median,
           count(*) FILTER (WHERE t.is_open) AS in_stage
    FROM deal AS d, unnest(d.durations) AS t
    GROUP BY t.stage
), conversion AS (
    SELECT crm_stage_conversion(d.reached, cardinality(p.stages), coalesce(o.is_won = false, false)) AS summary
    FROM deal AS d
    JOIN kpi_clean_opportunity AS o USING (opportunity_id)
    CROSS JOIN pipeline AS p
)
SELECT r.stage AS stage_no, p.stages[r.stage] AS stage, r.entered, r.passed, r.lost, r.still_open,
       r.rate AS conversion_rate, r.lower AS conversion_lower, r.upper AS conversion_upper,
       t.duration_mean, t.duration_median, coalesce(t.in_stage, 0) AS in_stage
FROM conversion AS c
CROSS JOIN kpi_settings AS s
CROSS JOIN pipeline AS p
CROSS JOIN LATERAL crm_stage_conversion_rows(c.summary, s.conf_level) AS r
LEFT JOIN time_in_stage AS t ON t.stage = p.stages[r.stage]
$query$);
END;
COMMENT ON FUNCTION crm_kpi_views_pipeline() IS
    'support: the KPI views of the sales pipeline';
