-- KPI views of acquisition and retention.  What the columns of these functions
-- mean is said in 73_kpi_base.sql.

CREATE FUNCTION crm_kpi_views_acquisition(
        OUT view_name text, OUT entities text[], OUT optional text[], OUT key_columns text[],
        OUT description text, OUT columns text, OUT query text)
    RETURNS SETOF record
    LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 10 ROWS 5
BEGIN ATOMIC
    VALUES
    ('kpi_new_customers', '{customer}'::text[], '{}'::text[], '{period,channel}'::text[],
     'customers by the period in which they were won, and channel', $columns$
period: first day of the period of acquired_at
channel: channel that brought them; NULL where unknown
customers: customers won
complete: whether the period is over at as_of
$columns$, $query$
SELECT c.period, c.channel, count(*) AS customers, bool_and(c.period + s.grain_interval <= s.as_of_local) AS complete
FROM (SELECT date_trunc(s.grain, c.acquired_at AT TIME ZONE s.time_zone)::date AS period, c.channel
      FROM customer AS c, kpi_settings AS s
      WHERE c.acquired_at BETWEEN '1900-01-01 00:00+00' AND s.as_of) AS c, kpi_settings AS s
GROUP BY c.period, c.channel
$query$),

    ('kpi_cac', '{customer,spend}', '{}', '{period,currency}',
     'customer acquisition cost', $columns$
period: first day of the period
currency: currency of the money
spend: money spent
paid_customers: customers won through channels on which money of this currency was ever spent
new_customers: customers won through any channel
cac_paid: spend / paid_customers: crm_cac; NULL without customers
cac_blended: spend / new_customers; NULL without customers, and where money of several currencies was spent in the period
complete: whether the period is over at as_of
$columns$, $query$
WITH spent AS (
    SELECT date_trunc(s.grain, p.day::timestamp)::date AS period, p.currency, sum(p.amount) AS spend
    FROM spend AS p, kpi_settings AS s
    WHERE p.day BETWEEN '1900-01-01' AND s.as_of_local AND p.amount > '-Infinity' AND p.amount < 'Infinity'
      AND (s.currency IS NULL OR p.currency = s.currency)
    GROUP BY 1, 2
), paid AS (
    SELECT DISTINCT p.channel, p.currency FROM spend AS p WHERE p.channel IS NOT NULL
), won AS (
    SELECT n.period, sum(n.customers) AS customers FROM kpi_new_customers AS n GROUP BY n.period
), won_paid AS (
    SELECT n.period, paid.currency, sum(n.customers) AS customers
    FROM kpi_new_customers AS n JOIN paid USING (channel) GROUP BY n.period, paid.currency
)
SELECT p.period, p.currency, p.spend,
       coalesce(wp.customers, 0)::bigint AS paid_customers, coalesce(w.customers, 0)::bigint AS new_customers,
       crm_cac(p.spend, wp.customers) AS cac_paid,
       CASE WHEN count(*) OVER (PARTITION BY p.period) = 1 THEN crm_cac(p.spend, w.customers) END AS cac_blended,
       p.period + s.grain_interval <= s.as_of_local AS complete
FROM spent AS p
LEFT JOIN won AS w ON w.period = p.period
LEFT JOIN won_paid AS wp ON wp.period = p.period AND wp.currency = p.currency
CROSS JOIN kpi_settings AS s
$query$),

    ('kpi_cac_channel', '{customer,spend}', '{}', '{period,currency,channel}',
     'customer acquisition cost by channel', $columns$
period: first day of the period
currency: currency of the money
channel: channel on which money was spent; NULL where unknown
spend: money spent on it
new_customers: customers won through it
cac: spend / new_customers: crm_cac; NULL without customers
complete: whether the period is over at as_of
$columns$, $query$
WITH spent AS (
    SELECT date_trunc(s.grain, p.day::timestamp)::date AS period, p.currency, p.channel, sum(p.amount) AS spend
    FROM spend AS p, kpi_settings AS s
    WHERE p.day BETWEEN '1900-01-01' AND s.as_of_local AND p.amount > '-Infinity' AND p.amount < 'Infinity'
      AND (s.currency IS NULL OR p.currency = s.currency)
    GROUP BY 1, 2, 3
)
SELECT p.period, p.currency, p.channel, p.spend, coalesce(n.customers, 0) AS new_customers,
       crm_cac(p.spend, n.customers::numeric) AS cac, p.period + s.grain_interval <= s.as_of_local AS complete
FROM spent AS p
LEFT JOIN kpi_new_customers AS n ON n.period = p.period AND n.channel = p.channel
CROSS JOIN kpi_settings AS s
$query$),

    ('kpi_leads', '{lead}', '{}', '{period}',
     'leads by the period in which they came in: what became of them, how fast they were answered', $columns$
period: first day of the period of created_at
leads: leads that came in
converted: of these, converted so far
lost: of these, lost so far
still_open: of these, neither
conversion_rate: converted / leads, of the cohort: crm_rate_interval
conversion_lower: its interval, Wilson's
conversion_upper: its interval, Wilson's
contacted: of these, contacted by as_of
response_mean: mean time from created_at to first_contacted_at, in hours of the calendar: crm_response_time
response_median: its median
response_within: share contacted within lead_response_target; NULL without a target
response_lower: its interval, Wilson's
response_upper: its interval, Wilson's
complete: whether the period is over at as_of
$columns$, $query$
SELECT l.period, l.leads, l.converted, l.lost, l.leads - l.converted - l.lost AS still_open,
       (l.conversion).estimate AS conversion_rate, (l.conversion).lower AS conversion_lower,
       (l.conversion).upper AS conversion_upper,
       coalesce((l.response).n_answered, 0) AS contacted, (l.response).mean AS response_mean, l.response_median,
       (l.response).within_target AS response_within, (l.response).within_lower AS response_lower,
       (l.response).within_upper AS response_upper, l.period + s.grain_interval <= s.as_of_local AS complete
FROM (SELECT date_trunc(s.grain, l.created_at AT TIME ZONE s.time_zone)::date AS period, count(*) AS leads,
             count(*) FILTER (WHERE l.status = 'converted') AS converted, count(*) FILTER (WHERE l.status = 'lost') AS lost,
             crm_rate_interval(coalesce(l.status = 'converted', false), s.conf_level) AS conversion,
             crm_response_time(crm_response_time_agg(l.created_at, l.first_contacted_at, s.calendar, s.lead_response_target, s.as_of)
                 FILTER (WHERE l.first_contacted_at IS NULL OR l.first_contacted_at BETWEEN l.created_at AND '9999-01-01'),
                 s.conf_level) AS response,
             percentile_cont(0.5) WITHIN GROUP (ORDER BY crm_business_interval(l.created_at, l.first_contacted_at, s.calendar))
                 FILTER (WHERE l.first_contacted_at BETWEEN l.created_at AND s.as_of) AS response_median
      FROM lead AS l, kpi_settings AS s
      WHERE l.created_at BETWEEN '1900-01-01 00:00+00' AND s.as_of
      GROUP BY 1, s.conf_level) AS l, kpi_settings AS s
$query$),

    ('kpi_lead_sources', '{lead}', '{}', '{source}',
     'leads by source, of all time', $columns$
source: channel the leads came through; NULL where unknown
leads: leads that came in
converted: of these, converted so far
lost: of these, lost so far
conversion_rate: converted / leads: crm_rate_interval
conversion_lower: its interval, Wilson's
conversion_upper: its interval, Wilson's
$columns$, $query$
SELECT l.source, l.leads, l.converted, l.lost, (l.conversion).estimate AS conversion_rate,
       (l.conversion).lower AS conversion_lower, (l.conversion).upper AS conversion_upper
FROM (SELECT l.source, count(*) AS leads, count(*) FILTER (WHERE l.status = 'converted') AS converted,
             count(*) FILTER (WHERE l.status = 'lost') AS lost,
             crm_rate_interval(coalesce(l.status = 'converted', false), s.conf_level) AS conversion
      FROM lead AS l, kpi_settings AS s
      WHERE l.created_at BETWEEN '1900-01-01 00:00+00' AND s.as_of
      GROUP BY l.source) AS l
$query$);
END;
COMMENT ON FUNCTION crm_kpi_views_acquisition() IS
    'support: the KPI views of acquisition';

CREATE FUNCTION crm_kpi_views_retention(
        OUT view_name text, OUT entities text[], OUT optional text[], OUT key_columns text[],
        OUT description text, OUT columns text, OUT query text)
    RETURNS SETOF record
    LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 10 ROWS 3
BEGIN ATOMIC
    VALUES
    ('kpi_cohorts', '{order}'::text[], '{}'::text[], '{cohort,period_no}'::text[],
     'retention by cohort: of the customers who first ordered in a period, the share who ordered in the period so many later', $columns$
cohort: first day of the period of the first order; of the month where the grain is a quarter or year
period_no: periods since, from 0
customers: customers of the cohort
retained: of these, customers with an order in that period; NULL while it is not over
retention: retained / customers: crm_retention
retention_lower: its interval, Wilson's
retention_upper: its interval, Wilson's
complete: whether that period is over at as_of
$columns$, $query$
SELECT r.cohort, r.period AS period_no, r.customers, r.retained, r.share AS retention,
       r.share_lower AS retention_lower, r.share_upper AS retention_upper, r.complete
FROM kpi_settings AS s,
     LATERAL crm_retention_rows(
         (SELECT crm_retention(a.activity, s.cohort_periods)
          FROM (SELECT crm_activity_agg(o.ordered_at, p.cohort_unit, p.time_zone) AS activity
                FROM kpi_clean_order AS o, kpi_settings AS p
                WHERE o.customer_id IS NOT NULL AND o.amount >= 0
                GROUP BY o.customer_id) AS a),
         s.as_of_local::date - 1, s.conf_level) AS r
$query$),

    ('kpi_active_customers', '{order}', '{}', '{period}',
     'customers who ordered, by what they did the period before', $columns$
period: first day of the period; of the month where the grain is a quarter or year
active: customers with an order: new_customers + returning + resurrected
new_customers: first order ever: crm_lifecycle
returning: ordered in the period before too
resurrected: ordered before, but not in the period before
dormant: ordered in the period before, but not in this one
churn_rate: dormant / active of the period before
complete: whether the period is over at as_of
$columns$, $query$
WITH customers AS (
    SELECT crm_activity_agg(o.ordered_at, s.cohort_unit, s.time_zone) AS activity
    FROM kpi_clean_order AS o, kpi_settings AS s
    WHERE o.customer_id IS NOT NULL AND o.amount >= 0
    GROUP BY o.customer_id
), lived AS (
    SELECT crm_lifecycle(c.activity, b.first, (s.as_of_local - interval '1 microsecond')::date) AS periods
    FROM customers AS c, (SELECT min(crm_activity_first(c.activity)) AS first FROM customers AS c) AS b, kpi_settings AS s
)
SELECT l.period, l.new + l.returning + l.resurrected AS active, l.new AS new_customers, l.returning, l.resurrected, l.dormant,
       l.dormant / nullif(l.dormant + l.returning, 0)::float8 AS churn_rate,
       l.period + ('1 ' || s.cohort_unit)::interval <= s.as_of_local AS complete
FROM lived, unnest(lived.periods) AS l, kpi_settings AS s
$query$),

    ('kpi_repeat_purchase', '{order}', '{}', '{period}',
     'how many customers buy again', $columns$
period: first day of the period
customers: customers with an order in it
repeat_customers: of these, with two or more orders in it
repeat_rate: repeat_customers / customers: crm_rate_interval
repeat_lower: its interval, Wilson's
repeat_upper: its interval, Wilson's
returning_customers: customers whose first order was in an earlier period
returning_rate: returning_customers / customers
returning_lower: its interval, Wilson's
returning_upper: its interval, Wilson's
orders_per_customer: orders / customers: crm_purchase_frequency
complete: whether the period is over at as_of
$columns$, $query$
SELECT p.period, (p.again).n AS customers, p.repeat_customers, (p.again).estimate AS repeat_rate,
       (p.again).lower AS repeat_lower, (p.again).upper AS repeat_upper, p.returning_customers,
       (p.back).estimate AS returning_rate, (p.back).lower AS returning_lower, (p.back).upper AS returning_upper,
       p.orders_per_customer, p.period + s.grain_interval <= s.as_of_local AS complete
FROM (SELECT c.period, count(*) FILTER (WHERE c.orders > 1) AS repeat_customers,
             count(*) FILTER (WHERE c.first_period < c.period) AS returning_customers,
             crm_rate_interval(c.orders > 1, s.conf_level) AS again,
             crm_rate_interval(c.first_period < c.period, s.conf_level) AS back,
             crm_purchase_frequency(c.orders) AS orders_per_customer
      FROM (SELECT o.customer_id, o.period, count(*) AS orders,
                   min(o.period) OVER (PARTITION BY o.customer_id) AS first_period
            FROM kpi_clean_order AS o
            WHERE o.customer_id IS NOT NULL AND o.amount >= 0
            GROUP BY o.customer_id, o.period) AS c, kpi_settings AS s
      GROUP BY c.period) AS p, kpi_settings AS s
$query$);
END;
COMMENT ON FUNCTION crm_kpi_views_retention() IS
    'support: the KPI views of retention';
