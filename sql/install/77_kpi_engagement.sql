-- KPI views of engagement: e-mail, channels, attribution, journeys.  What the
-- columns of these functions mean is said in 73_kpi_base.sql.

CREATE FUNCTION crm_kpi_views_engagement(
        OUT view_name text, OUT entities text[], OUT optional text[], OUT key_columns text[],
        OUT description text, OUT columns text, OUT query text)
    RETURNS SETOF record
    LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 10 ROWS 6
BEGIN ATOMIC
    VALUES
    ('kpi_email_campaigns', '{campaign_event}'::text[], '{}'::text[], '{campaign_id}'::text[],
     'what became of the messages of each campaign', $columns$
campaign_id: the campaign
campaign: its name
sent_at: first message sent, or first event
sent: messages sent
bounced: messages that came back
delivered: messages delivered; sent - bounced where the system does not say
opened: recipients who opened or clicked, machines left out; NULL where recipients are not tracked
clicked: recipients who clicked, machines left out; NULL where recipients are not tracked
unsubscribed: unsubscriptions
complaints: complaints
opens: all opens, machines and repetitions included
clicks: all clicks, machines and repetitions included
delivery_rate: delivered / sent
open_rate: opened / delivered: crm_rate_interval
open_lower: its interval, Wilson's
open_upper: its interval, Wilson's
click_through_rate: clicked / delivered: crm_rate_interval
click_through_lower: its interval, Wilson's
click_through_upper: its interval, Wilson's
click_to_open_rate: clicked / opened
bounce_rate: bounced / sent
unsubscribe_rate: unsubscribed / delivered
$columns$, $query$
WITH counted AS (
    SELECT e.campaign_id, max(e.campaign) AS campaign,
           coalesce(min(e.occurred_at) FILTER (WHERE e.event = 'sent'), min(e.occurred_at)) AS sent_at,
           coalesce(sum(coalesce(e.events, 1)) FILTER (WHERE e.event = 'sent'), 0)::bigint AS sent,
           coalesce(sum(coalesce(e.events, 1)) FILTER (WHERE e.event = 'bounce'), 0)::bigint AS bounced,
           (sum(coalesce(e.events, 1)) FILTER (WHERE e.event = 'delivered'))::bigint AS delivered,
           coalesce(sum(coalesce(e.events, 1)) FILTER (WHERE e.event = 'unsubscribe'), 0)::bigint AS unsubscribed,
           coalesce(sum(coalesce(e.events, 1)) FILTER (WHERE e.event = 'complaint'), 0)::bigint AS complaints,
           coalesce(sum(coalesce(e.events, 1)) FILTER (WHERE e.event = 'open'), 0)::bigint AS opens,
           coalesce(sum(coalesce(e.events, 1)) FILTER (WHERE e.event = 'click'), 0)::bigint AS clicks,
           coalesce(bool_and(e.recipient_id IS NOT NULL) FILTER (WHERE e.event IN ('open', 'click')), true) AS tracked,
           count(DISTINCT e.recipient_id) FILTER (WHERE e.event IN ('open', 'click') AND e.is_machine IS NOT TRUE) AS opened,
           count(DISTINCT e.recipient_id) FILTER (WHERE e.event = 'click' AND e.is_machine IS NOT TRUE) AS clicked
    FROM campaign_event AS e, kpi_settings AS s
    WHERE e.occurred_at BETWEEN '1900-01-01 00:00+00' AND s.as_of
    GROUP BY e.campaign_id
), known AS (
    SELECT c.campaign_id, c.campaign, c.sent_at, c.sent, c.bounced,
           coalesce(c.delivered, greatest(c.sent - c.bounced, 0)) AS delivered,
           CASE WHEN c.tracked THEN c.opened END AS opened, CASE WHEN c.tracked THEN c.clicked END AS clicked,
           c.unsubscribed, c.complaints, c.opens, c.clicks
    FROM counted AS c
)
SELECT k.campaign_id, k.campaign, k.sent_at, k.sent, k.bounced, k.delivered, k.opened, k.clicked, k.unsubscribed, k.complaints,
       k.opens, k.clicks, k.delivered / nullif(k.sent, 0)::float8 AS delivery_rate,
       o.estimate AS open_rate, o.lower AS open_lower, o.upper AS open_upper,
       c.estimate AS click_through_rate, c.lower AS click_through_lower, c.upper AS click_through_upper,
       k.clicked / nullif(k.opened, 0)::float8 AS click_to_open_rate, k.bounced / nullif(k.sent, 0)::float8 AS bounce_rate,
       k.unsubscribed / nullif(k.delivered, 0)::float8 AS unsubscribe_rate
FROM known AS k
CROSS JOIN kpi_settings AS s
CROSS JOIN LATERAL crm_rate_interval(CASE WHEN k.opened <= k.delivered THEN k.opened END, k.delivered, s.conf_level, 'wilson') AS o
CROSS JOIN LATERAL crm_rate_interval(CASE WHEN k.clicked <= k.delivered THEN k.clicked END, k.delivered, s.conf_level, 'wilson') AS c
$query$),

    ('kpi_email', '{campaign_event}', '{}', '{period}',
     'the e-mail funnel by the period in which campaigns were sent', $columns$
period: first day of the period of sent_at
campaigns: campaigns
sent: messages sent
delivered: messages delivered
opened: recipients who opened, each campaign by itself; NULL if not known for one of them
clicked: recipients who clicked, each campaign by itself; NULL if not known for one of them
unsubscribed: unsubscriptions
delivery_rate: delivered / sent
open_rate: opened / delivered: crm_rate_interval
open_lower: its interval, Wilson's
open_upper: its interval, Wilson's
click_through_rate: clicked / delivered: crm_rate_interval
click_through_lower: its interval, Wilson's
click_through_upper: its interval, Wilson's
click_to_open_rate: clicked / opened
unsubscribe_rate: unsubscribed / delivered
complete: whether the period is over at as_of
$columns$, $query$
WITH counted AS (
    SELECT date_trunc(s.grain, c.sent_at AT TIME ZONE s.time_zone)::date AS period, count(*) AS campaigns,
           sum(c.sent)::bigint AS sent, sum(c.delivered)::bigint AS delivered,
           CASE WHEN bool_and(c.opened IS NOT NULL) THEN sum(c.opened)::bigint END AS opened,
           CASE WHEN bool_and(c.clicked IS NOT NULL) THEN sum(c.clicked)::bigint END AS clicked,
           sum(c.unsubscribed)::bigint AS unsubscribed
    FROM kpi_email_campaigns AS c, kpi_settings AS s
    GROUP BY 1
)
SELECT k.period, k.campaigns, k.sent, k.delivered, k.opened, k.clicked, k.unsubscribed,
       k.delivered / nullif(k.sent, 0)::float8 AS delivery_rate,
       o.estimate AS open_rate, o.lower AS open_lower, o.upper AS open_upper,
       c.estimate AS click_through_rate, c.lower AS click_through_lower, c.upper AS click_through_upper,
       k.clicked / nullif(k.opened, 0)::float8 AS click_to_open_rate,
       k.unsubscribed / nullif(k.delivered, 0)::float8 AS unsubscribe_rate,
       k.period + s.grain_interval <= s.as_of_local AS complete
FROM counted AS k
CROSS JOIN kpi_settings AS s
CROSS JOIN LATERAL crm_rate_interval(CASE WHEN k.opened <= k.delivered THEN k.opened END, k.delivered, s.conf_level, 'wilson') AS o
CROSS JOIN LATERAL crm_rate_interval(CASE WHEN k.clicked <= k.delivered THEN k.clicked END, k.delivered, s.conf_level, 'wilson') AS c
$query$),

    ('kpi_channels', '{touchpoint}', '{}', '{period,channel}',
     'contacts by channel', $columns$
period: first day of the period of occurred_at
channel: channel; NULL where unknown
touchpoints: contacts
customers: different customers among them
visitors: different visitors among them
complete: whether the period is over at as_of
$columns$, $query$
SELECT t.period, t.channel, count(*) AS touchpoints, count(DISTINCT t.customer_id) AS customers,
       count(DISTINCT t.visitor_id) AS visitors, bool_and(t.period + s.grain_interval <= s.as_of_local) AS complete
FROM (SELECT date_trunc(s.grain, t.occurred_at AT TIME ZONE s.time_zone)::date AS period, t.channel, t.customer_id, t.visitor_id
      FROM touchpoint AS t, kpi_settings AS s
      WHERE t.occurred_at BETWEEN '1900-01-01 00:00+00' AND s.as_of) AS t, kpi_settings AS s
GROUP BY t.period, t.channel
$query$),

    ('kpi_attribution', '{touchpoint,order}', '{}', '{currency,model,channel}',
     'orders and their value, credited to the channels that the customers came through within the attribution window', $columns$
currency: currency of the value
model: first, last, last_non_direct, linear, position or time_decay: crm_attribution_def
channel: channel; NULL for orders without any touch in the window
conversions: orders credited, in parts
value: value credited
$columns$, $query$
WITH journey AS (
    SELECT o.currency, o.customer_id, o.ordered_at AS at, NULL::text AS channel, false AS is_touch, o.amount
    FROM kpi_clean_order AS o WHERE o.customer_id IS NOT NULL AND o.amount >= 0
    UNION ALL
    SELECT o.currency, t.customer_id, t.occurred_at, t.channel, true, NULL
    FROM touchpoint AS t
    JOIN (SELECT DISTINCT o.currency, o.customer_id FROM kpi_clean_order AS o WHERE o.amount >= 0) AS o USING (customer_id)
    CROSS JOIN kpi_settings AS s
    WHERE t.occurred_at BETWEEN '1900-01-01 00:00+00' AND s.as_of AND t.channel IS NOT NULL AND coalesce(t.is_touch, true)
), credit AS (
    SELECT j.currency,
           crm_attribute(crm_attribution_def('first', s.attribution_window), j.at, j.channel, j.is_touch, j.amount) AS first,
           crm_attribute(crm_attribution_def('last', s.attribution_window), j.at, j.channel, j.is_touch, j.amount) AS last,
           crm_attribute(crm_attribution_def('last_non_direct', s.attribution_window), j.at, j.channel, j.is_touch, j.amount) AS last_non_direct,
           crm_attribute(crm_attribution_def('linear', s.attribution_window), j.at, j.channel, j.is_touch, j.amount) AS linear,
           crm_attribute(crm_attribution_def('position', s.attribution_window), j.at, j.channel, j.is_touch, j.amount) AS position,
           crm_attribute(crm_attribution_def('time_decay', s.attribution_window), j.at, j.channel, j.is_touch, j.amount) AS time_decay
    FROM journey AS j, kpi_settings AS s
    GROUP BY j.currency, j.customer_id
)
SELECT c.currency, m.model, k.channel, sum(k.conversions) AS conversions, sum(k.value) AS value
FROM credit AS c
CROSS JOIN LATERAL (VALUES ('first', c.first), ('last', c.last), ('last_non_direct', c.last_non_direct), ('linear', c.linear),
                           ('position', c.position), ('time_decay', c.time_decay)) AS m (model, credits)
CROSS JOIN LATERAL unnest(m.credits) AS k
GROUP BY c.currency, m.model, k.channel
$query$),

    ('kpi_journeys', '{touchpoint}', '{}', '{step,from_event,to_event}',
     'the first five different events of customers, as the links of a Sankey diagram', $columns$
step: number of the event that the link leads from
from_event: event
to_event: the next event
customers: customers, or visitors who are not known as customers
share: of those who came to from_event at that step
$columns$, $query$
SELECT l.step, l.from_event, l.to_event, l.customers, l.share
FROM crm_path_links(
        (SELECT crm_path_agg(crm_path(j.journey, 5, collapse => true))
         FROM (SELECT crm_journey_agg(t.occurred_at, t.event) AS journey
               FROM touchpoint AS t, kpi_settings AS s
               WHERE t.occurred_at BETWEEN '1900-01-01 00:00+00' AND s.as_of
                 AND coalesce(t.customer_id, t.visitor_id) IS NOT NULL
               GROUP BY t.customer_id, CASE WHEN t.customer_id IS NULL THEN t.visitor_id END) AS j), true) AS l
$query$),

    ('kpi_funnel', '{touchpoint,option funnel}', '{}', '{step}',
     'how far customers get in the events that the option funnel names, within funnel_window of the first', $columns$
step: number of the step, from 1
event: event
customers: customers, or visitors who are not known as customers, who came so far: crm_funnel_report
share_of_first: of those of the first step
share_of_previous: of those of the step before
share_lower: interval of share_of_previous, Wilson's
share_upper: interval of share_of_previous, Wilson's
$columns$, $query$
SELECT r.step, s.funnel[r.step] AS event, r.customers, r.share_of_first, (r.share_of_previous).estimate AS share_of_previous,
       (r.share_of_previous).lower AS share_lower, (r.share_of_previous).upper AS share_upper
FROM kpi_settings AS s
CROSS JOIN LATERAL crm_funnel_rows(
        (SELECT crm_funnel_report(coalesce('c' || t.customer_id, 'v' || t.visitor_id),
                                  crm_funnel_def(p.funnel_window, p.funnel), t.occurred_at, t.event)
         FROM touchpoint AS t, kpi_settings AS p
         WHERE t.occurred_at BETWEEN '1900-01-01 00:00+00' AND p.as_of), conf_level => s.conf_level) AS r
$query$);
END;
COMMENT ON FUNCTION crm_kpi_views_engagement() IS
    'support: the KPI views of engagement';
