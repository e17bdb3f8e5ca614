--
-- The adapter for Odoo: what it finds in a database written as Odoo writes it
-- is what happened.
--
-- test/schemas/odoo/generate.sql knows what happened (schema "truth") and lists
-- the traps it sets; expected rows are computed from there, in plain SQL that
-- does not look at Odoo's tables.  A timestamp that is taken for one of the
-- session's time zone, or a day that is, would show.
--
SET client_min_messages = warning;
SET TimeZone = 'Pacific/Auckland';
SET jit = off;
\set SHOW_CONTEXT never
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema_file :abs_srcdir '/schemas/odoo/schema.sql'
\set generate_file :abs_srcdir '/schemas/odoo/generate.sql'
\set compare_file :abs_srcdir '/schemas/compare.sql'
\set kpi_file :abs_srcdir '/schemas/kpi_truth.sql'
\set source 'Odoo "live" ö'
\set truth truth
\set ECHO none
\i :schema_file
\i :generate_file
\i :compare_file
ANALYZE;
\set ECHO all
-- somebody who may read the source and nothing more
CREATE ROLE regress_adapter_odoo NOSUPERUSER;
GRANT CREATE ON DATABASE :"DBNAME" TO regress_adapter_odoo;
GRANT USAGE ON SCHEMA :"source", truth, want TO regress_adapter_odoo;
GRANT SELECT ON ALL TABLES IN SCHEMA :"source", truth TO regress_adapter_odoo;
GRANT CREATE ON SCHEMA want TO regress_adapter_odoo;
SET ROLE regress_adapter_odoo;
SELECT * FROM crm_install_adapter('odoo', :'source', 'kpi');
--
-- What happened, in the words of the entities
--
CREATE TABLE want.customer AS
SELECT (100 + id)::text AS customer_id, created_at AS acquired_at, name, upper(email) AS email, country,
	   -- that of the first enquiry
	   (SELECT source FROM (SELECT customer_id, id, created_at, source FROM truth.lead
							UNION ALL SELECT customer_id, id, created_at, source FROM truth.deal WHERE lead_id IS NULL) AS e
		WHERE e.customer_id = c.id ORDER BY e.created_at, e.id LIMIT 1) AS channel,
	   'owner ' || 1 + id % 3 AS owner
FROM truth.customer c;
CREATE TABLE want.lead AS
SELECT id::text AS lead_id, created_at, status, first_contacted_at, converted_at,
	   (100 + customer_id)::text AS customer_id, source, owner
FROM truth.lead;
CREATE TABLE want.opportunity AS
SELECT CASE WHEN lead_id IS NULL THEN 1000 + id ELSE id END::text AS opportunity_id, created_at, outcome AS status,
	   closed_at, amount, 'EUR' AS currency, probability, initcap(stage) AS stage, expected_close,
	   (100 + customer_id)::text AS customer_id, lead_id::text, owner, source,
	   CASE outcome WHEN 'lost' THEN 'Too expensive' END AS lost_reason, 'Deal ' || id AS name
FROM truth.deal;
CREATE TABLE want.stage_change AS
SELECT CASE WHEN deal_id > 180 THEN 1000 + deal_id ELSE deal_id END::text AS opportunity_id, initcap(stage) AS stage,
	   entered_at, array_position('{New,Qualified,Proposition,won}', stage)::numeric AS stage_position,
	   CASE WHEN stage IN ('won', 'lost') THEN stage ELSE 'open' END AS status
FROM truth.deal_stage;
CREATE TABLE want."order" AS
SELECT id::text AS order_id, ordered_at, amount, 'EUR' AS currency, (100 + customer_id)::text AS customer_id
FROM truth.purchase WHERE state = 'confirmed'
UNION ALL
SELECT 'refund ' || 5000 + purchase_id, refunded_on::timestamp AT TIME ZONE 'UTC', -amount, 'EUR', (100 + customer_id)::text
FROM truth.refund;
CREATE TABLE want.campaign_event AS
SELECT campaign::text AS campaign_id, at AS occurred_at, event, 'c' || customer_id || '@example.com' AS recipient_id,
	   (100 + customer_id)::text AS customer_id, 'Mailing ' || campaign AS campaign
FROM truth.mail,
LATERAL (VALUES ('sent', sent_at), ('delivered', CASE WHEN bounced_at IS NULL THEN sent_at END), ('bounce', bounced_at),
				('open', opened_at), ('click', clicked_at)) AS e (event, at)
WHERE at IS NOT NULL;
CREATE TABLE want.survey_response AS
SELECT CASE kind WHEN 'csat' THEN 'rating ' || id ELSE 'survey ' || id || ' 1' END AS response_id, kind AS survey,
	   answered_at AS responded_at, score::numeric, asked_at AS sent_at, (100 + customer_id)::text AS customer_id
FROM truth.survey;
CREATE TABLE want.touchpoint AS
SELECT created_at AS occurred_at, 'enquiry' AS event, (100 + customer_id)::text AS customer_id, source AS channel
FROM truth.lead
UNION ALL
SELECT created_at, 'enquiry', (100 + customer_id)::text, source FROM truth.deal WHERE lead_id IS NULL
UNION ALL
SELECT clicked_at, 'click', (100 + customer_id)::text, 'Email' FROM truth.mail WHERE clicked_at IS NOT NULL;
-- no rows
SELECT * FROM want.all_differences('%');
SELECT * FROM want.row_counts('%');
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
-- attribution gives away each order once, whatever the model, and to nobody where nothing happened in the 90 days before
SELECT k.model, round(sum(k.conversions)::numeric, 6) - w.orders AS conversions, round(sum(k.value)::numeric, 6) - w.amount AS value,
	   sum(k.conversions) FILTER (WHERE k.channel IS NULL) - w.untouched AS untouched
FROM kpi.kpi_attribution k, (
	SELECT count(*) AS orders, sum(amount) AS amount, count(*) FILTER (WHERE NOT EXISTS (
			   SELECT FROM want.touchpoint t WHERE t.customer_id = o.customer_id
				  AND t.occurred_at BETWEEN o.ordered_at - interval '90 days' AND o.ordered_at)) AS untouched
	FROM want."order" o WHERE amount >= 0) AS w
GROUP BY k.model, w.orders, w.amount, w.untouched ORDER BY 1;
-- no rows: nothing that cannot be
SELECT entity, problem, found FROM kpi.kpi_data_quality WHERE severity = 'error' AND found > 0;
SELECT count(DISTINCT entity) AS entities_checked FROM kpi.kpi_data_quality;
--
-- Options
--
SELECT DISTINCT stage FROM kpi.stage_change ORDER BY 1;
SELECT entity FROM crm_install_adapter('odoo', :'source', 'kpi',
	'{"language": "de_DE", "time_zone": "America/New_York", "entities": ["stage_change", "order"]}');
SELECT DISTINCT stage, stage_position FROM kpi.stage_change ORDER BY 2, 1;
SELECT count(*), bool_and(ordered_at = day::timestamp AT TIME ZONE 'America/New_York') AS midnight
FROM kpi."order" JOIN (SELECT 'refund ' || 5000 + purchase_id, refunded_on FROM truth.refund) AS r (order_id, day) USING (order_id);
SELECT * FROM crm_install_adapter('odoo', :'source', 'kpi', '{"langage": "de_DE"}');
SELECT * FROM crm_install_adapter('odoo', :'source', 'kpi', '{"language": ["de_DE"]}');
SELECT * FROM crm_install_adapter('odoo', :'source', 'kpi', '{"time_zone": "Middle/Earth"}');
-- the views are read as whoever reads them
RESET ROLE;
SELECT count(*), bool_and(reloptions @> '{security_invoker=true}') AS invoker, bool_and(relowner = 'regress_adapter_odoo'::regrole) AS owned
FROM pg_class WHERE relnamespace = 'kpi'::regnamespace;
--
-- Other releases, and modules that are not installed
--
BEGIN;
-- 16 called it otherwise
ALTER TABLE :"source".mail_tracking_value RENAME COLUMN field_id TO field;
SELECT * FROM crm_install_adapter('odoo', :'source', 'kpi2');
ROLLBACK;
BEGIN;
DROP TABLE :"source".mailing_trace, :"source".survey_user_input_line, :"source".sale_order CASCADE;
SELECT * FROM crm_install_adapter('odoo', :'source', 'kpi2');
-- fewer: nobody is a customer for having ordered
SELECT count(*), count(*) < (SELECT count(*) FROM truth.customer) AS fewer FROM kpi2.customer;
SELECT count(*), count(*) FILTER (WHERE survey <> 'csat') AS others FROM kpi2.survey_response;
ROLLBACK;
-- only contacts: everybody who has not been archived
BEGIN;
DROP TABLE :"source".sale_order, :"source".crm_lead CASCADE;
ALTER TABLE :"source".res_partner DROP COLUMN customer_rank CASCADE;
SELECT entity, status, reason FROM crm_install_adapter('odoo', :'source', 'kpi2');
SELECT count(*) - (SELECT count(*) FROM :"source".res_partner WHERE active AND id = commercial_partner_id) AS difference
FROM kpi2.customer;
ROLLBACK;
DROP SCHEMA :"source", truth, want, fact, kpi CASCADE;
DROP OWNED BY regress_adapter_odoo;
DROP ROLE regress_adapter_odoo;
