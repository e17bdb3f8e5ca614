--
-- The adapter for Tryton: what it finds in a database written as Tryton writes
-- it is what happened.
--
-- test/schemas/tryton/generate.sql knows what happened (schema "truth") and
-- lists the traps it sets; expected rows are computed from there, in plain SQL
-- that does not look at Tryton's tables.
--
SET client_min_messages = warning;
SET TimeZone = 'America/Sao_Paulo';
SET jit = off;
\set SHOW_CONTEXT never
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema_file :abs_srcdir '/schemas/tryton/schema.sql'
\set generate_file :abs_srcdir '/schemas/tryton/generate.sql'
\set compare_file :abs_srcdir '/schemas/compare.sql'
\set kpi_file :abs_srcdir '/schemas/kpi_truth.sql'
\set source 'Tryton'
\set truth truth
\set ECHO none
\i :schema_file
\i :generate_file
\i :compare_file
ANALYZE;
\set ECHO all
-- somebody who may read the source and nothing more
CREATE ROLE regress_adapter_tryton NOSUPERUSER;
GRANT CREATE ON DATABASE :"DBNAME" TO regress_adapter_tryton;
GRANT USAGE ON SCHEMA :"source", truth, want TO regress_adapter_tryton;
GRANT SELECT ON ALL TABLES IN SCHEMA :"source", truth TO regress_adapter_tryton;
GRANT CREATE ON SCHEMA want TO regress_adapter_tryton;
SET ROLE regress_adapter_tryton;
SELECT * FROM crm_install_adapter('tryton', :'source', 'kpi');
--
-- What happened, in the words of the entities.  A party without any business
-- is no customer; 30 have an offer of a subscription.
--
CREATE TABLE want.customer AS
SELECT (100 + id)::text AS customer_id, created_at AS acquired_at, name, NULL::text AS channel,
	   CASE WHEN id % 4 <> 0 THEN 'first.' ELSE '' END || email AS email
FROM truth.customer c
WHERE EXISTS (SELECT FROM truth.deal d WHERE d.customer_id = c.id)
   OR EXISTS (SELECT FROM truth.purchase p WHERE p.customer_id = c.id)
   OR EXISTS (SELECT FROM truth.plan p WHERE p.customer_id = c.id) OR id <= 30;
CREATE TABLE want.lead AS
SELECT id::text AS lead_id, created_at, status, NULL::timestamptz AS first_contacted_at, converted_at, (100 + customer_id)::text AS customer_id,
	   NULL::text AS source, owner
FROM truth.lead
UNION ALL
SELECT (1000 + id)::text, created_at - interval '1 hour', 'converted', NULL, created_at, (100 + customer_id)::text,
	   NULL, owner
FROM truth.deal WHERE lead_id IS NULL AND (1000 + id) % 17 <> 0;
-- what is older than the history: known to the day, and from the start
CREATE TABLE want.opportunity AS
SELECT CASE WHEN lead_id IS NULL THEN 1000 + id ELSE id END::text AS opportunity_id,
	   CASE WHEN old THEN created_at - interval '1 hour' ELSE created_at END AS created_at, outcome AS status,
	   CASE WHEN old THEN (closed_at AT TIME ZONE 'UTC')::date::timestamp AT TIME ZONE 'UTC' ELSE closed_at END AS closed_at,
	   amount, 'EUR' AS currency, probability, stage, NULL::date AS expected_close, (100 + customer_id)::text AS customer_id,
	   CASE WHEN lead_id IS NOT NULL THEN lead_id WHEN NOT old THEN 1000 + id END::text AS lead_id, owner,
	   CASE outcome WHEN 'lost' THEN 'Too expensive' END AS lost_reason, 'Deal ' || id AS name
FROM truth.deal, LATERAL (SELECT lead_id IS NULL AND (1000 + id) % 17 = 0 AS old) AS o;
CREATE TABLE want.stage_change AS
SELECT CASE WHEN deal_id > 180 THEN 1000 + deal_id ELSE deal_id END::text AS opportunity_id, stage, entered_at,
	   array_position('{opportunity,converted,won}', stage)::numeric AS stage_position,
	   CASE WHEN stage IN ('won', 'lost') THEN stage ELSE 'open' END AS status
FROM truth.deal_stage WHERE NOT (deal_id > 180 AND (1000 + deal_id) % 17 = 0)
UNION ALL
SELECT opportunity_id, stage, coalesce(closed_at, created_at), array_position('{opportunity,converted,won}', stage), status
FROM want.opportunity WHERE lead_id IS NULL;
CREATE TABLE want."order" AS
SELECT id::text AS order_id, (ordered_at AT TIME ZONE 'UTC')::date::timestamp AT TIME ZONE 'UTC' AS ordered_at, amount,
	   CASE id % 5 WHEN 0 THEN 'USD' ELSE 'EUR' END AS currency, (100 + customer_id)::text AS customer_id
FROM truth.purchase WHERE state = 'confirmed';
-- what is paid for on the last day of the month
CREATE TABLE want.subscription_month AS
SELECT (100 + customer_id)::text AS customer_id, date_trunc('month', day)::date AS month, quantity * monthly_price AS mrr, 'EUR' AS currency,
	   customer_id::text AS subscription_id, 'Plan ' || n AS plan
FROM truth.plan, LATERAL (
	SELECT least(m + interval '1 month' - interval '1 day', current_date) AS day
	FROM generate_series(timestamp '2024-01-01', current_date::timestamp, '1 month') AS m) AS d
WHERE day >= first_day AND (last_day IS NULL OR day <= last_day);
CREATE TABLE want.ticket AS
SELECT id::text AS ticket_id, created_at, NULL::timestamptz AS first_response_at, resolved_at, NULL::bigint AS reopened, NULL::bigint AS replies,
	   NULL::text AS priority, (ARRAY['Delivery', 'Quality'])[1 + id % 2] AS team, 'owner ' || 1 + id % 3 AS owner,
	   (100 + customer_id)::text AS customer_id
FROM truth.ticket;
CREATE TABLE want.campaign_event AS
SELECT campaign::text AS campaign_id, sent_at AS occurred_at, event, (100 + customer_id)::text AS recipient_id,
	   (100 + customer_id)::text AS customer_id, 'Mailing ' || campaign AS campaign
FROM truth.mail, LATERAL (VALUES ('sent', sent_at), ('open', opened_at), ('click', clicked_at)) AS e (event, at)
WHERE at IS NOT NULL;
-- no rows
SELECT * FROM want.all_differences('%');
SELECT relation, CASE WHEN relation <> 'subscription_month' THEN rows END AS rows FROM want.row_counts('%');
SELECT count(*) FROM kpi.subscription_month WHERE month < '2026-01-01';
-- the two ways to count a deal that is taken up again
SELECT count(*) > 10 AS taken_up_again FROM truth.deal WHERE outcome = 'won' AND EXISTS (
	SELECT FROM truth.deal_stage x WHERE x.deal_id = deal.id AND x.stage = 'lost');
--
-- The KPI views, with the numbers that plain SQL gets of what happened
--
\set ECHO none
\i :kpi_file
\set ECHO all
SELECT view_name, reason FROM want.options, crm_create_kpi_views('kpi', options) WHERE status <> 'created';
-- no rows
SELECT * FROM want.all_differences('kpi\_%');
SELECT * FROM want.row_counts('kpi\_%');
-- no rows: nothing that cannot be, but months of subscriptions that still run
SELECT entity, problem, found FROM kpi.kpi_data_quality WHERE severity = 'error' AND found > 0
	AND NOT (entity = 'subscription_month' AND problem LIKE 'month is missing%');
SELECT count(DISTINCT entity) AS entities_checked FROM kpi.kpi_data_quality;
--
-- Options: a server whose clock is Paris's, and days that begin in Tokyo
--
SELECT entity FROM crm_install_adapter('tryton', :'source', 'kpi',
	'{"server_time_zone": "Europe/Paris", "time_zone": "Asia/Tokyo", "entities": ["order", "ticket"]}');
SELECT count(*), bool_and(k.created_at AT TIME ZONE 'Europe/Paris' = t.created_at AT TIME ZONE 'UTC') AS same_clock
FROM kpi.ticket k JOIN truth.ticket t ON t.id::text = k.ticket_id;
SELECT count(*), bool_and(k.ordered_at AT TIME ZONE 'Asia/Tokyo' = w.ordered_at AT TIME ZONE 'UTC') AS same_day
FROM kpi."order" k JOIN want."order" w USING (order_id);
SELECT * FROM crm_install_adapter('tryton', :'source', 'kpi', '{"timezone": "UTC"}');
RESET ROLE;
--
-- Other frequencies: a week is 12/52 of a month, a day 12/365
--
BEGIN;
UPDATE :"source".sale_subscription_recurrence_rule SET freq = 'weekly', "interval" = 2 WHERE set_ = 1;
UPDATE :"source".sale_subscription_recurrence_rule SET freq = 'daily', "interval" = 73 WHERE set_ = 2;
SELECT sum(m.mrr) - (SELECT sum(quantity * monthly_price * CASE every WHEN 'month' THEN 26 / 12.0 WHEN 'quarter' THEN 3 * 5 / 12.0 ELSE 1 END)
					 FROM truth.plan WHERE first_day <= '2025-06-30' AND (last_day IS NULL OR last_day >= '2025-06-30')) BETWEEN -1e-6 AND 1e-6 AS same
FROM kpi.subscription_month m WHERE m.month = '2025-06-01';
ROLLBACK;
--
-- Modules that are not installed, and a column that is not there
--
BEGIN;
DROP TABLE :"source".sale_sale, :"source".sale_subscription, :"source".marketing_automation_record CASCADE;
SELECT * FROM crm_install_adapter('tryton', :'source', 'kpi2');
SELECT count(*) - (SELECT count(DISTINCT customer_id) FROM truth.deal WHERE outcome = 'won' OR customer_id % 10 <> 0
	OR NOT EXISTS (SELECT FROM truth.purchase p WHERE p.customer_id = deal.customer_id AND p.state = 'confirmed')) AS difference
FROM kpi2.customer;
ROLLBACK;
BEGIN;
ALTER TABLE :"source".sale_opportunity RENAME COLUMN conversion_probability TO probability;
SELECT * FROM crm_install_adapter('tryton', :'source', 'kpi2');
ROLLBACK;
DROP SCHEMA :"source", truth, want, fact, kpi CASCADE;
DROP OWNED BY regress_adapter_tryton;
DROP ROLE regress_adapter_tryton;
