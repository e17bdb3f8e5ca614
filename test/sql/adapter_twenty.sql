--
-- The adapter for Twenty: what it finds in a workspace written as Twenty writes
-- it is what happened.
--
-- test/schemas/twenty/generate.sql knows what happened (schema "truth") and
-- lists the traps it sets; expected rows are computed from there, in plain SQL
-- that does not look at Twenty's tables.
--
SET client_min_messages = warning;
SET TimeZone = 'America/Los_Angeles';
SET jit = off;
\set SHOW_CONTEXT never
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema_file :abs_srcdir '/schemas/twenty/schema.sql'
\set generate_file :abs_srcdir '/schemas/twenty/generate.sql'
\set compare_file :abs_srcdir '/schemas/compare.sql'
\set kpi_file :abs_srcdir '/schemas/kpi_truth.sql'
\set source workspace_3ixj3i1a5avy16ptijtb3lae3
\set truth truth
\set ECHO none
\i :schema_file
\i :generate_file
\i :compare_file
ANALYZE;
\set ECHO all
-- the last stage that is not lost: nothing is, here
CREATE VIEW truth.last_stage AS
SELECT DISTINCT ON (deal_id) deal_id, CASE stage WHEN 'won' THEN 'CUSTOMER' ELSE stage END AS stage
FROM truth.deal_stage WHERE stage <> 'lost' ORDER BY deal_id, seq DESC;
-- somebody who may read the source and nothing more
CREATE ROLE regress_adapter_twenty NOSUPERUSER;
GRANT CREATE ON DATABASE :"DBNAME" TO regress_adapter_twenty;
GRANT USAGE ON SCHEMA :"source", truth, want TO regress_adapter_twenty;
GRANT SELECT ON ALL TABLES IN SCHEMA :"source", truth TO regress_adapter_twenty;
GRANT CREATE ON SCHEMA want TO regress_adapter_twenty;
SET ROLE regress_adapter_twenty;
SELECT * FROM crm_install_adapter('twenty', :'source', 'kpi');
--
-- What happened, in the words of the entities
--
CREATE TABLE want.customer AS
SELECT md5('company ' || id)::uuid::text AS customer_id, created_at AS acquired_at, name, NULL::text AS channel,
	   'owner ' || 1 + id % 3 AS owner
FROM truth.customer;
CREATE TABLE want.opportunity AS
SELECT md5('deal ' || id)::uuid::text AS opportunity_id, created_at,
	   CASE outcome WHEN 'won' THEN 'won' ELSE 'open' END AS status,
	   CASE outcome WHEN 'won' THEN closed_at END AS closed_at,
	   amount, 'EUR' AS currency, NULL::numeric AS probability, s.stage,
	   CASE WHEN id % 17 = 0 THEN (closed_at AT TIME ZONE 'UTC')::date ELSE expected_close END AS expected_close,
	   md5('company ' || customer_id)::uuid::text AS customer_id, owner, 'Deal ' || id AS name
FROM truth.deal JOIN truth.last_stage s ON s.deal_id = deal.id;
CREATE TABLE want.stage_change AS
SELECT md5('deal ' || deal_id)::uuid::text AS opportunity_id, CASE stage WHEN 'won' THEN 'CUSTOMER' ELSE stage END AS stage, entered_at,
	   array_position('{NEW,SCREENING,MEETING,PROPOSAL,won}', stage)::numeric AS stage_position,
	   CASE stage WHEN 'won' THEN 'won' ELSE 'open' END AS status
FROM truth.deal_stage WHERE stage <> 'lost' AND deal_id % 17 <> 0
UNION ALL
SELECT md5('deal ' || id)::uuid::text, s.stage, CASE outcome WHEN 'won' THEN closed_at ELSE created_at END,
	   array_position('{NEW,SCREENING,MEETING,PROPOSAL,CUSTOMER}', s.stage),
	   CASE outcome WHEN 'won' THEN 'won' ELSE 'open' END
FROM truth.deal JOIN truth.last_stage s ON s.deal_id = deal.id WHERE id % 17 = 0;
CREATE TABLE want.campaign_event AS
SELECT md5('campaign ' || campaign)::uuid::text AS campaign_id, at AS occurred_at, event, NULL::text AS recipient_id, events
FROM (SELECT campaign, min(sent_at) AS at, count(*) AS n, count(bounced_at) AS b FROM truth.mail GROUP BY 1) AS m,
LATERAL (VALUES ('sent', n), ('delivered', n - b), ('bounce', b)) AS e (event, events) WHERE events > 0
UNION ALL
-- of opens it is known that nothing is known
SELECT md5('campaign ' || campaign)::uuid::text, min(sent_at), event, NULL, 0
FROM truth.mail, unnest('{open,click}'::text[]) AS event GROUP BY campaign, event;
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
-- no rows: nothing that cannot be
SELECT entity, problem, found FROM kpi.kpi_data_quality WHERE severity = 'error' AND found > 0;
SELECT count(DISTINCT entity) AS entities_checked FROM kpi.kpi_data_quality;
SELECT count(*), count(delivered) AS delivered, count(opened) AS opened, count(open_rate) AS open_rate FROM kpi.kpi_email_campaigns;
RESET ROLE;
--
-- A workspace whose owner has made a stage for lost deals, under a name of his
-- own: they are lost once the adapter is told
--
ALTER TYPE :"source".opportunity_stage_enum ADD VALUE 'DISMISSED';
UPDATE :"source".opportunity o SET stage = 'DISMISSED'
FROM truth.deal d WHERE o.id = md5('deal ' || d.id)::uuid AND d.outcome = 'lost';
INSERT INTO :"source"."timelineActivity" ("id", "happensAt", "name", "properties", "targetOpportunityId")
SELECT md5('dismissed ' || deal_id)::uuid, entered_at, 'opportunity.updated',
	   '{"diff": {"stage": {"before": "MEETING", "after": "DISMISSED"}}}', md5('deal ' || deal_id)::uuid
FROM truth.deal_stage WHERE stage = 'lost' AND deal_id % 17 <> 0;
SET ROLE regress_adapter_twenty;
SELECT status, count(*) FROM kpi.opportunity GROUP BY 1 ORDER BY 1;
SELECT status FROM crm_install_adapter('twenty', :'source', 'kpi', '{"lost": ["LOST", "DISMISSED"], "time_zone": "Asia/Tokyo"}');
SELECT outcome AS status, count(*) FROM truth.deal GROUP BY 1 ORDER BY 1;
SELECT status, count(*) FROM kpi.opportunity GROUP BY 1 ORDER BY 1;
-- no rows: a lost deal closed when it was lost, and that is a stage without a place
SELECT d.id FROM truth.deal d JOIN kpi.opportunity o ON o.opportunity_id = md5('deal ' || d.id)::uuid::text
LEFT JOIN kpi.stage_change c USING (opportunity_id)
WHERE d.outcome = 'lost'
GROUP BY d.id, d.closed_at, o.closed_at
HAVING count(*) FILTER (WHERE c.status = 'lost' AND c.entered_at = d.closed_at AND c.stage_position IS NULL) <> 1
	OR o.closed_at IS DISTINCT FROM d.closed_at;
-- noon in Greenwich is the same day in Tokyo
SELECT count(*) FILTER (WHERE o.expected_close <> d.expected_close) AS other_days, count(*)
FROM kpi.opportunity o JOIN truth.deal d ON o.opportunity_id = md5('deal ' || d.id)::uuid::text WHERE d.id % 17 <> 0;
SELECT * FROM crm_install_adapter('twenty', :'source', 'kpi', '{"lost": "LOST"}');
SELECT * FROM crm_install_adapter('twenty', :'source', 'kpi', '{"lost": ["LOST", null]}');
SELECT * FROM crm_install_adapter('twenty', :'source', 'kpi', '{"lose": ["LOST"]}');
RESET ROLE;
--
-- Other releases
--
BEGIN;
ALTER TABLE :"source"."timelineActivity" RENAME COLUMN "targetOpportunityId" TO "opportunityId";
ALTER TABLE :"source"."opportunity" DROP COLUMN "ownerId" CASCADE;
DROP TABLE :"source"."messageCampaign" CASCADE;
SELECT * FROM crm_install_adapter('twenty', :'source', 'kpi2');
SELECT count(*), count(owner) AS owners FROM kpi2.opportunity;
SELECT count(*) FROM kpi2.stage_change;
ROLLBACK;
BEGIN;
ALTER TABLE :"source"."opportunity" RENAME COLUMN "amountAmountMicros" TO "amount";
SELECT * FROM crm_install_adapter('twenty', :'source', 'kpi2');
ROLLBACK;
-- not a workspace at all
SELECT * FROM crm_install_adapter('twenty', 'truth', 'kpi2');
BEGIN;
DROP TABLE :"source"."timelineActivity" CASCADE;
SELECT * FROM crm_install_adapter('twenty', :'source', 'kpi2');
ROLLBACK;
DROP SCHEMA :"source", truth, want, fact, kpi CASCADE;
DROP OWNED BY regress_adapter_twenty;
DROP ROLE regress_adapter_twenty;
