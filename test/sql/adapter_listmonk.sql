--
-- The adapter for listmonk: entities and KPI views over a database of listmonk
-- return what has truly happened, and NULL where nobody can know it.
--
-- test/schemas/listmonk/generate.sql writes down what happened in
-- listmonk_truth, and from that fills the tables as listmonk would.  Expected
-- numbers are computed here from listmonk_truth, in plain SQL; Wilson's interval
-- is his formula (1927), with z = 1.959963984540054.
--
SET client_min_messages = warning;
\set SHOW_CONTEXT never
SET extra_float_digits = 0;
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema_file :abs_srcdir '/schemas/listmonk/schema.sql'
\set generate_file :abs_srcdir '/schemas/listmonk/generate.sql'
\set ECHO none
\i :schema_file
\i :generate_file
\set ECHO all

-- The analyst may read the source and make schemas, no more; the source has a
-- name that needs quoting; the session is in a zone that is not the data's.
CREATE ROLE regress_listmonk NOSUPERUSER;
GRANT CREATE, TEMPORARY ON DATABASE :"DBNAME" TO regress_listmonk;
ALTER SCHEMA listmonk RENAME TO "list/monk $1";
GRANT USAGE ON SCHEMA "list/monk $1", listmonk_truth TO regress_listmonk;
GRANT SELECT ON ALL TABLES IN SCHEMA "list/monk $1", listmonk_truth TO regress_listmonk;
SET ROLE regress_listmonk;
SET TimeZone = 'America/Los_Angeles';

SELECT * FROM crm_install_adapter('listmonk', 'list/monk $1', 'listmonk KPI');
SET search_path = "listmonk KPI", public;

-- what is in one of two relations only
\set check '(SELECT ''missing'' AS what, * FROM (TABLE truth EXCEPT ALL TABLE got) AS m UNION ALL SELECT ''unexpected'', * FROM (TABLE got EXCEPT ALL TABLE truth) AS u) ORDER BY 2, 1 LIMIT 10;'
\set again 'DROP TABLE truth, got;'

CREATE TEMP TABLE truth AS
SELECT id::text AS customer_id, joined_at AS acquired_at, email, CASE WHEN blocked THEN 'blocklisted' ELSE 'enabled' END AS segment
FROM listmonk_truth.subscriber;
CREATE TEMP TABLE got AS
SELECT customer_id, acquired_at, email, segment FROM customer;
:check
SELECT count(*) AS customers FROM customer;
:again

-- what can be told of each recipient: that somebody clicked, not who, before
-- individual tracking was on
CREATE TEMP TABLE truth AS
SELECT c.id::text AS campaign_id, e.event, CASE WHEN c.tracked OR e.event IN ('bounce', 'complaint') THEN d.subscriber_id::text END AS recipient_id,
       c.name AS campaign
FROM listmonk_truth.delivery AS d
JOIN listmonk_truth.campaign AS c ON c.id = d.campaign_id,
LATERAL (SELECT 'open' AS event, generate_series(1, d.opens)
         UNION ALL SELECT 'click', generate_series(1, d.clicks)
         UNION ALL SELECT CASE d.bounce WHEN 'complaint' THEN 'complaint' ELSE 'bounce' END, 1 WHERE d.bounce IS NOT NULL) AS e;
CREATE TEMP TABLE got AS
SELECT campaign_id, event, recipient_id, campaign FROM campaign_event WHERE event NOT IN ('sent', 'unsubscribe');
:check
SELECT event, count(*), count(recipient_id) FROM got GROUP BY 1 ORDER BY 1;
:again

--
-- KPI views, in Tokyo, where a campaign of 23:30 UTC goes out the next morning
--
SELECT view_name, status FROM crm_create_kpi_views('listmonk KPI',
    '{"time_zone": "Asia/Tokyo", "grain": "month", "as_of": "2026-01-31 00:00+00"}')
WHERE status = 'created' AND view_name NOT LIKE 'kpi\_clean%' ORDER BY 1;

-- An unsubscription is put down to the last campaign of the list
CREATE TEMP TABLE truth AS
WITH left_after AS (
    SELECT (SELECT c.id FROM listmonk_truth.campaign AS c WHERE c.sent_at BETWEEN s.joined_at AND s.left_at
            ORDER BY c.sent_at DESC LIMIT 1) AS campaign_id
    FROM listmonk_truth.subscriber AS s WHERE s.left_at IS NOT NULL
)
SELECT c.id::text AS campaign_id, c.name AS campaign, c.sent_at, c.recipients::bigint AS sent,
       count(*) FILTER (WHERE d.bounce IN ('hard', 'soft')) AS bounced,
       count(*) FILTER (WHERE d.bounce IS DISTINCT FROM 'hard' AND d.bounce IS DISTINCT FROM 'soft') AS delivered,
       CASE WHEN c.tracked THEN count(*) FILTER (WHERE d.opens > 0 OR d.clicks > 0) END AS opened,
       CASE WHEN c.tracked THEN count(*) FILTER (WHERE d.clicks > 0) END AS clicked,
       (SELECT count(*) FROM left_after AS l WHERE l.campaign_id = c.id) AS unsubscribed,
       count(*) FILTER (WHERE d.bounce = 'complaint') AS complaints, sum(d.opens)::bigint AS opens, sum(d.clicks)::bigint AS clicks
FROM listmonk_truth.campaign AS c
JOIN listmonk_truth.delivery AS d ON d.campaign_id = c.id
GROUP BY c.id;
CREATE TEMP TABLE got AS
SELECT campaign_id, campaign, sent_at, sent, bounced, delivered, opened, clicked, unsubscribed, complaints, opens, clicks
FROM kpi_email_campaigns;
:check
SELECT count(*) AS campaigns, count(opened) AS tracked, sum(unsubscribed) > 20 AS some_left FROM got;

CREATE TEMP TABLE truth_rates AS
SELECT campaign_id, round(delivered::numeric / sent, 9) AS delivery_rate, round(bounced::numeric / sent, 9) AS bounce_rate,
       round(opened::numeric / delivered, 9) AS open_rate, round(clicked::numeric / delivered, 9) AS click_through_rate,
       round(clicked::numeric / opened, 9) AS click_to_open_rate, round(unsubscribed::numeric / delivered, 9) AS unsubscribe_rate,
       round((p + z2 / (2 * n) - sqrt(z2) * sqrt(p * (1 - p) / n + z2 / (4 * n * n))) / (1 + z2 / n), 9) AS open_lower,
       round((p + z2 / (2 * n) + sqrt(z2) * sqrt(p * (1 - p) / n + z2 / (4 * n * n))) / (1 + z2 / n), 9) AS open_upper
FROM truth, LATERAL (SELECT delivered::numeric AS n, opened::numeric / delivered AS p, 1.959963984540054 * 1.959963984540054 AS z2) AS z;
CREATE TEMP TABLE got_rates AS
SELECT campaign_id, round(delivery_rate::numeric, 9) AS delivery_rate, round(bounce_rate::numeric, 9) AS bounce_rate,
       round(open_rate::numeric, 9) AS open_rate, round(click_through_rate::numeric, 9) AS click_through_rate,
       round(click_to_open_rate::numeric, 9) AS click_to_open_rate, round(unsubscribe_rate::numeric, 9) AS unsubscribe_rate,
       round(open_lower::numeric, 9) AS open_lower, round(open_upper::numeric, 9) AS open_upper
FROM kpi_email_campaigns;
SELECT * FROM (TABLE truth_rates EXCEPT ALL TABLE got_rates) AS m;
SELECT count(*) AS campaigns, count(open_rate) AS tracked FROM truth_rates;
DROP TABLE truth_rates, got_rates;

-- A month is known if all of its campaigns are
CREATE TEMP TABLE truth_months AS
SELECT date_trunc('month', sent_at AT TIME ZONE 'Asia/Tokyo')::date AS period, count(*) AS campaigns, sum(sent)::bigint AS sent,
       sum(delivered)::bigint AS delivered, CASE WHEN count(opened) = count(*) THEN sum(opened)::bigint END AS opened,
       CASE WHEN count(clicked) = count(*) THEN sum(clicked)::bigint END AS clicked, sum(unsubscribed)::bigint AS unsubscribed
FROM truth GROUP BY 1;
CREATE TEMP TABLE got_months AS
SELECT period, campaigns, sent, delivered, opened, clicked, unsubscribed FROM kpi_email;
(TABLE truth_months EXCEPT ALL TABLE got_months) UNION ALL (TABLE got_months EXCEPT ALL TABLE truth_months);
SELECT count(*) AS months, count(opened) AS tracked, max(campaigns) AS most FROM got_months;
DROP TABLE truth_months, got_months;
:again

CREATE TEMP TABLE truth AS
SELECT date_trunc('month', joined_at AT TIME ZONE 'Asia/Tokyo')::date AS period, count(*) AS customers
FROM listmonk_truth.subscriber GROUP BY 1;
CREATE TEMP TABLE got AS
SELECT period, customers FROM kpi_new_customers;
:check
SELECT count(*) > 3 AS looked_at FROM got;
:again

CREATE TEMP TABLE truth AS
SELECT date_trunc('month', (d.clicked_at + (n - 1) * interval '1 minute') AT TIME ZONE 'Asia/Tokyo')::date AS period, 'email' AS channel,
       count(*) AS touchpoints, count(DISTINCT d.subscriber_id) FILTER (WHERE c.tracked) AS customers
FROM listmonk_truth.delivery AS d JOIN listmonk_truth.campaign AS c ON c.id = d.campaign_id, generate_series(1, d.clicks) AS n
GROUP BY 1;
CREATE TEMP TABLE got AS
SELECT period, channel, touchpoints, customers FROM kpi_channels;
:check
SELECT count(*) > 5 AS looked_at FROM got;
:again

-- All about a customer: contacts that are known to be his
CREATE TEMP TABLE truth AS
SELECT s.id::text AS customer_id, CASE WHEN s.blocked THEN 'blocklisted' ELSE 'enabled' END AS segment,
       max(greatest(CASE WHEN d.opens > 0 THEN d.opened_at + (d.opens - 1) * interval '7 hours' END,
                    CASE WHEN d.clicks > 0 THEN d.clicked_at + (d.clicks - 1) * interval '1 minute' END)) AS last_contact_at
FROM listmonk_truth.subscriber AS s
LEFT JOIN (listmonk_truth.delivery AS d JOIN listmonk_truth.campaign AS c ON c.id = d.campaign_id AND c.tracked) ON d.subscriber_id = s.id
GROUP BY s.id;
CREATE TEMP TABLE got AS
SELECT customer_id, segment, last_contact_at FROM kpi_customer_360;
:check
SELECT count(*) AS customers, count(last_contact_at) > 100 AS looked_at FROM got;
:again

-- what the view of data quality holds against the data: what was not tracked
SELECT entity, problem, severity, found FROM kpi_data_quality WHERE found > 0 AND severity <> 'info' ORDER BY 1, 2;
SELECT count(DISTINCT entity) AS entities, min(rows) > 0 AS looked_at FROM kpi_data_quality;

--
-- What goes wrong
--
RESET search_path;
SELECT crm_install_adapter('listmonk', 'list/monk $1', 'listmonk two', '{"list": 1}');
RESET ROLE;
ALTER TABLE "list/monk $1".subscribers RENAME status TO state;
ALTER TABLE "list/monk $1".bounces RENAME type TO kind;
SET ROLE regress_listmonk;
SELECT crm_install_adapter('listmonk', 'list/monk $1', 'listmonk two');
-- a release before bounces were recorded
RESET ROLE;
ALTER TABLE "list/monk $1".subscribers RENAME state TO status;
DROP TABLE "list/monk $1".bounces CASCADE;
SET ROLE regress_listmonk;
SELECT * FROM crm_install_adapter('listmonk', 'list/monk $1', 'listmonk two');

-- all of it goes with its schemas, and the source is as it was
DROP SCHEMA "listmonk KPI", "listmonk two" CASCADE;
RESET ROLE;
SELECT relname FROM pg_class WHERE relnamespace = '"list/monk $1"'::regnamespace AND relowner = 'regress_listmonk'::regrole;
DROP SCHEMA "list/monk $1", listmonk_truth CASCADE;
DROP OWNED BY regress_listmonk;
DROP ROLE regress_listmonk;
