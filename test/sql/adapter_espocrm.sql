--
-- The adapter for EspoCRM: what it finds in a database written as EspoCRM writes
-- it is what happened.
--
-- test/schemas/espocrm/generate.sql knows what happened (schema "truth") and
-- lists the traps it sets; expected rows are computed from there, in plain SQL
-- that does not look at EspoCRM's tables.
--
SET client_min_messages = warning;
SET TimeZone = 'Asia/Kolkata';
SET jit = off;
\set SHOW_CONTEXT never
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema_file :abs_srcdir '/schemas/espocrm/schema.sql'
\set generate_file :abs_srcdir '/schemas/espocrm/generate.sql'
\set compare_file :abs_srcdir '/schemas/compare.sql'
\set kpi_file :abs_srcdir '/schemas/kpi_truth.sql'
\set source 'Espo''s %s "CRM"'
\set truth truth
\set ECHO none
\i :schema_file
\i :generate_file
\i :compare_file
ANALYZE;
\set ECHO all
-- somebody who may read the source and nothing more
CREATE ROLE regress_adapter_espocrm NOSUPERUSER;
GRANT CREATE ON DATABASE :"DBNAME" TO regress_adapter_espocrm;
GRANT USAGE ON SCHEMA :"source", truth, want TO regress_adapter_espocrm;
GRANT SELECT ON ALL TABLES IN SCHEMA :"source", truth TO regress_adapter_espocrm;
GRANT CREATE ON SCHEMA want TO regress_adapter_espocrm;
SET ROLE regress_adapter_espocrm;
SELECT * FROM crm_install_adapter('espocrm', :'source', 'kpi');
--
-- What happened, in the words of the entities
--
CREATE TABLE want.customer AS
SELECT 'account' || c.id AS customer_id, c.created_at AS acquired_at, c.name, upper(c.email) AS email, c.country,
	   CASE WHEN c.id <= 180 THEN coalesce(h.type, h.source) WHEN c.id % 2 = 0 THEN 'Television' END AS channel, 'owner ' || 1 + c.id % 3 AS owner
FROM truth.customer c LEFT JOIN truth.lead l ON l.customer_id = c.id LEFT JOIN truth.channel h ON h.channel = l.source;
-- to the cent what is spent by the end of a day, less what was by that of the day before
CREATE TABLE want.spend AS
SELECT first_day + n - 1 AS day, round(amount * n / days, 2) - round(amount * (n - 1) / days, 2) AS amount, 'EUR' AS currency, type AS channel,
	   'spend' || id AS campaign_id
FROM (SELECT *, last_day - first_day + 1 AS days FROM truth.spend) AS s JOIN truth.channel USING (channel), generate_series(1, days) AS n;
CREATE TABLE want.lead AS
SELECT 'lead' || id AS lead_id, created_at, status, first_contacted_at, converted_at, 'account' || customer_id AS customer_id,
	   coalesce(h.type, h.source) AS source, owner
FROM truth.lead l JOIN truth.channel h ON h.channel = l.source;
CREATE TABLE want.opportunity AS
SELECT 'deal' || d.id AS opportunity_id, created_at, outcome AS status,
	   CASE WHEN d.id % 17 = 0 THEN (closed_at AT TIME ZONE 'UTC')::date::timestamp AT TIME ZONE 'UTC' ELSE closed_at END AS closed_at,
	   amount, CASE WHEN amount IS NOT NULL THEN CASE d.id % 7 WHEN 0 THEN 'USD' ELSE 'EUR' END END AS currency, probability,
	   CASE outcome WHEN 'won' THEN 'Closed Won' WHEN 'lost' THEN 'Closed Lost' ELSE stage END AS stage,
	   coalesce((closed_at AT TIME ZONE 'UTC')::date, expected_close) AS expected_close,
	   'account' || customer_id AS customer_id, 'lead' || lead_id AS lead_id, owner, h.source, 'Deal ' || d.id AS name
FROM truth.deal d JOIN truth.channel h ON h.channel = d.source;
CREATE TABLE want.stage_change AS
SELECT 'deal' || deal_id AS opportunity_id, CASE stage WHEN 'won' THEN 'Closed Won' WHEN 'lost' THEN 'Closed Lost' ELSE stage END AS stage,
	   entered_at, array_position('{Prospecting,Qualification,Proposal,Negotiation,won}', stage)::numeric AS stage_position,
	   CASE WHEN stage IN ('won', 'lost') THEN stage ELSE 'open' END AS status
FROM truth.deal_stage WHERE deal_id % 17 <> 0
UNION ALL
SELECT opportunity_id, stage, coalesce(closed_at, created_at),
	   array_position('{Prospecting,Qualification,Proposal,Negotiation,Closed Won}', stage), status
FROM want.opportunity WHERE right(opportunity_id, -4)::int % 17 = 0;
CREATE TABLE want.ticket AS
SELECT 'case' || id AS ticket_id, created_at, first_response_at, resolved_at, first_resolved_at, reopened::int::bigint AS reopened,
	   ((first_response_at IS NOT NULL)::int + (first_response_at IS NOT NULL AND id % 3 = 0)::int)::bigint AS replies,
	   initcap(priority) AS priority, NULL::text AS team, CASE WHEN id % 2 = 0 THEN 'Email' END AS channel, 'account' || customer_id AS customer_id
FROM truth.ticket;
CREATE TABLE want.campaign_event AS
SELECT 'mailing' || campaign AS campaign_id, at AS occurred_at, event,
	   CASE campaign % 2 WHEN 0 THEN 'Account account' ELSE 'Contact contact' END || customer_id AS recipient_id,
	   'account' || customer_id AS customer_id, 'Mailing ' || campaign AS campaign
FROM truth.mail,
LATERAL (VALUES ('sent', sent_at), ('bounce', bounced_at), ('open', opened_at), ('click', clicked_at), ('unsubscribe', unsubscribed_at),
				('click', CASE WHEN id % 2 = 0 THEN clicked_at + interval '1 hour' END)) AS e (event, at)
WHERE at IS NOT NULL;
CREATE TABLE want.touchpoint AS
SELECT created_at AS occurred_at, 'enquiry' AS event, customer_id, source AS channel FROM want.lead
UNION ALL
SELECT occurred_at, event, customer_id, 'Newsletter' FROM want.campaign_event WHERE event = 'click';
-- no rows
SELECT * FROM want.all_differences('%');
SELECT * FROM want.row_counts('%');
-- no rows: what is spent in a quarter is its budget, and no day differs from another by more than a cent
SELECT 'spend' || id, s.amount, sum(k.amount), min(k.amount), max(k.amount)
FROM truth.spend s LEFT JOIN kpi.spend k ON k.campaign_id = 'spend' || s.id
GROUP BY s.id, s.amount HAVING sum(k.amount) IS DISTINCT FROM s.amount OR max(k.amount) - min(k.amount) > 0.01;
-- some deals were lost and won after all
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
-- no rows: nothing that cannot be
SELECT entity, problem, found FROM kpi.kpi_data_quality WHERE severity = 'error' AND found > 0;
SELECT count(DISTINCT entity) AS entities_checked FROM kpi.kpi_data_quality;
--
-- Options
--
SELECT entity FROM crm_install_adapter('espocrm', :'source', 'kpi', '{"entities": ["opportunity", "ticket", "lead", "stage_change"],
	"won": ["Negotiation", "Closed Won"], "lost": [], "case_resolved": ["Closed"], "case_ignored": ["Rejected", "Duplicate"],
	"lead_lost": ["Dead", "Recycled"], "stages": ["Negotiation"]}');
SELECT status, count(*), count(*) - (SELECT count(*) FROM want.opportunity w
	WHERE CASE o.status WHEN 'won' THEN w.stage IN ('Negotiation', 'Closed Won') ELSE w.stage NOT IN ('Negotiation', 'Closed Won') END) AS difference
FROM kpi.opportunity o GROUP BY 1 ORDER BY 1;
SELECT count(*) - (SELECT count(*) FROM truth.ticket WHERE resolved_at IS NULL OR id % 5 <> 0) AS difference FROM kpi.ticket;
SELECT count(*) - (SELECT count(*) FROM truth.lead WHERE status = 'lost' OR status = 'open' AND id % 4 = 3) AS difference
FROM kpi.lead WHERE status = 'lost';
SELECT stage, stage_position FROM kpi.stage_change WHERE stage_position IS NOT NULL GROUP BY 1, 2;
SELECT * FROM crm_install_adapter('espocrm', :'source', 'kpi', '{"won": [], "losst": []}');
RESET ROLE;
--
-- The notes of earlier releases, which say in which stage a deal was made, and then only what it became
--
BEGIN;
UPDATE :"source".note n SET data = json_build_object('statusField', 'stage', 'statusValue', d.stage)
FROM truth.deal_stage d WHERE n.type = 'Create' AND n.parent_id = 'deal' || d.deal_id AND d.seq = 1;
UPDATE :"source".note SET type = 'Status', data = json_build_object('field', 'stage', 'value', data::jsonb #>> '{attributes,became,stage}')
WHERE parent_type = 'Opportunity' AND type = 'Update' AND data LIKE '%"stage"%';
SELECT * FROM crm_install_adapter('espocrm', :'source', 'kpi', '{"entities": ["stage_change"]}');
-- no rows
SELECT * FROM want.differences('stage_change');
SELECT count(*) FROM kpi.stage_change;
ROLLBACK;
BEGIN;
ALTER TABLE :"source".lead DROP COLUMN converted_at CASCADE;
SELECT * FROM crm_install_adapter('espocrm', :'source', 'kpi2');
ROLLBACK;
DROP SCHEMA :"source", truth, want, fact, kpi CASCADE;
DROP OWNED BY regress_adapter_espocrm;
DROP ROLE regress_adapter_espocrm;
