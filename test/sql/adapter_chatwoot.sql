--
-- The adapter for Chatwoot: entities and KPI views over a database of Chatwoot
-- return what has truly happened.
--
-- test/schemas/chatwoot/generate.sql writes down what happened in
-- chatwoot_truth, and from that fills the tables as Chatwoot would.  Expected
-- numbers are computed here from chatwoot_truth, in plain SQL; Wilson's interval
-- is his formula (1927), with z = 1.959963984540054.
--
SET client_min_messages = warning;
\set SHOW_CONTEXT never
SET extra_float_digits = 0;
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema_file :abs_srcdir '/schemas/chatwoot/schema.sql'
\set generate_file :abs_srcdir '/schemas/chatwoot/generate.sql'
\set ECHO none
\i :schema_file
\i :generate_file
\set ECHO all

-- The analyst may read the source and make schemas, no more; the source has a
-- name that needs quoting; the session is in a zone that is not the data's.
CREATE ROLE regress_chatwoot NOSUPERUSER;
GRANT CREATE, TEMPORARY ON DATABASE :"DBNAME" TO regress_chatwoot;
ALTER SCHEMA chatwoot RENAME TO "Chat ""woot"" é";
GRANT USAGE ON SCHEMA "Chat ""woot"" é", chatwoot_truth TO regress_chatwoot;
GRANT SELECT ON ALL TABLES IN SCHEMA "Chat ""woot"" é", chatwoot_truth TO regress_chatwoot;
REVOKE SELECT ON "Chat ""woot"" é".users FROM regress_chatwoot;
GRANT SELECT (id, name) ON "Chat ""woot"" é".users TO regress_chatwoot;
SET ROLE regress_chatwoot;
SET TimeZone = 'Pacific/Auckland';

SELECT * FROM crm_install_adapter('chatwoot', 'Chat "woot" é', 'Chat "KPI"');
SET search_path = "Chat ""KPI""", public;

-- what is in one of two relations only
\set check '(SELECT ''missing'' AS what, * FROM (TABLE truth EXCEPT ALL TABLE got) AS m UNION ALL SELECT ''unexpected'', * FROM (TABLE got EXCEPT ALL TABLE truth) AS u) ORDER BY 2, 1 LIMIT 10;'
\set again 'DROP TABLE truth, got;'

--
-- Entities: one row a conversation, however often it was resolved; neither a bot
-- nor an internal note is an answer
--
CREATE TEMP TABLE truth AS
SELECT id::text AS ticket_id, opened_at AS created_at, first_reply_at AS first_response_at, resolved_at, first_resolved_at,
       (resolves - (resolved_at IS NOT NULL)::int)::bigint AS reopened, replies::bigint, priority, contact_id::text AS customer_id,
       'Agent ' || agent AS owner,
       CASE inbox_id WHEN 1 THEN 'WebWidget' WHEN 2 THEN 'Email' ELSE 'Whatsapp' END AS channel,
       CASE WHEN sla = 'gold' THEN interval '4 hours' END AS first_response_target,
       CASE WHEN sla = 'gold' THEN interval '2 days' END AS resolution_target
FROM chatwoot_truth.conversation;
CREATE TEMP TABLE got AS
SELECT ticket_id, created_at, first_response_at, resolved_at, first_resolved_at, reopened, replies, priority, customer_id,
       owner, channel, first_response_target, resolution_target
FROM ticket;
:check
SELECT count(*) AS tickets, count(*) FILTER (WHERE reopened > 0) > 0 AS some_reopened,
       count(*) FILTER (WHERE first_response_at IS NULL) > 0 AS some_unanswered FROM ticket;
:again

CREATE TEMP TABLE truth AS
SELECT id::text AS customer_id, created_at AS acquired_at, name, email, country, kind AS segment FROM chatwoot_truth.contact;
CREATE TEMP TABLE got AS
SELECT customer_id, acquired_at, name, email, country, segment FROM customer;
:check
SELECT count(*) AS customers FROM customer;
:again

CREATE TEMP TABLE truth AS
SELECT conversation_id::text AS ticket_id, contact_id::text AS customer_id, 'csat' AS survey, asked_at AS sent_at,
       answered_at AS responded_at, score::numeric
FROM chatwoot_truth.survey;
CREATE TEMP TABLE got AS
SELECT ticket_id, customer_id, survey, sent_at, responded_at, score FROM survey_response;
:check
SELECT count(*) AS surveys, count(score) > 0 AS some_answered FROM survey_response;
:again

--
-- KPI views, in New York
--
SELECT view_name, status FROM crm_create_kpi_views('Chat "KPI"',
    '{"time_zone": "America/New_York", "grain": "month", "as_of": "2026-01-31 00:00+00"}')
WHERE status = 'created' AND view_name NOT LIKE 'kpi\_clean%' ORDER BY 1;

CREATE TEMP TABLE truth AS
SELECT date_trunc('month', created_at AT TIME ZONE 'America/New_York')::date AS period, count(*) AS customers
FROM chatwoot_truth.contact GROUP BY 1;
CREATE TEMP TABLE got AS
SELECT period, sum(customers)::bigint AS customers FROM kpi_new_customers GROUP BY 1;
:check
SELECT count(*) > 5 AS looked_at FROM got;
:again

-- Response and resolution.  All targets have run out by as_of, so that what is
-- not answered has missed its own.
CREATE TEMP TABLE truth AS
SELECT date_trunc('month', opened_at AT TIME ZONE 'America/New_York')::date AS period, count(*) AS tickets,
       count(first_reply_at) AS answered,
       extract(epoch FROM avg(first_reply_at - opened_at))::numeric(20, 3) AS response_mean,
       extract(epoch FROM percentile_cont(0.5) WITHIN GROUP (ORDER BY first_reply_at - opened_at))::numeric(20, 3) AS response_median,
       count(*) FILTER (WHERE sla = 'gold') AS response_targeted,
       round(avg((coalesce(first_reply_at <= opened_at + interval '4 hours', false))::int) FILTER (WHERE sla = 'gold'), 9) AS response_within,
       count(resolved_at) AS resolved,
       extract(epoch FROM avg(resolved_at - opened_at))::numeric(20, 3) AS resolution_mean,
       extract(epoch FROM percentile_cont(0.5) WITHIN GROUP (ORDER BY resolved_at - opened_at))::numeric(20, 3) AS resolution_median,
       count(*) FILTER (WHERE sla = 'gold') AS resolution_targeted,
       round(avg((coalesce(resolved_at <= opened_at + interval '48 hours', false))::int) FILTER (WHERE sla = 'gold'), 9) AS resolution_within,
       count(*) FILTER (WHERE resolves > 1 OR (resolves = 1 AND resolved_at IS NULL)) AS reopened,
       round(avg((resolves > 1 OR (resolves = 1 AND resolved_at IS NULL))::int), 9) AS reopen_rate,
       round(avg((replies <= 1 AND resolves = 1)::int) FILTER (WHERE resolved_at IS NOT NULL), 9) AS one_touch_rate
FROM chatwoot_truth.conversation GROUP BY 1;
CREATE TEMP TABLE got AS
SELECT period, tickets, answered, extract(epoch FROM response_mean)::numeric(20, 3) AS response_mean,
       extract(epoch FROM response_median)::numeric(20, 3) AS response_median, response_targeted,
       round(response_within::numeric, 9) AS response_within,
       resolved, extract(epoch FROM resolution_mean)::numeric(20, 3) AS resolution_mean,
       extract(epoch FROM resolution_median)::numeric(20, 3) AS resolution_median, resolution_targeted,
       round(resolution_within::numeric, 9) AS resolution_within,
       reopened, round(reopen_rate::numeric, 9) AS reopen_rate, round(one_touch_rate::numeric, 9) AS one_touch_rate
FROM kpi_service;
:check
SELECT sum(tickets) AS tickets, sum(reopened) > 0 AS some_reopened, count(response_within) > 5 AS looked_at FROM got;
:again

-- Chatwoot's own record of misses agrees: one event for a late first response,
-- one for a late resolution
SELECT (SELECT round(sum(response_targeted * (1 - response_within))) FROM kpi_service)
           = (SELECT count(*) FROM "Chat ""woot"" é".sla_events WHERE event_type = 0) AS responses_missed,
       (SELECT round(sum(resolution_targeted * (1 - resolution_within))) FROM kpi_service)
           = (SELECT count(*) FROM "Chat ""woot"" é".sla_events WHERE event_type = 2) AS resolutions_missed;

CREATE TEMP TABLE truth AS
SELECT priority, count(*) AS tickets, count(first_reply_at) AS answered, count(resolved_at) AS resolved,
       extract(epoch FROM avg(first_reply_at - opened_at))::numeric(20, 3) AS response_mean,
       extract(epoch FROM avg(resolved_at - opened_at))::numeric(20, 3) AS resolution_mean
FROM chatwoot_truth.conversation GROUP BY 1;
CREATE TEMP TABLE got AS
SELECT priority, tickets, answered, resolved, extract(epoch FROM response_mean)::numeric(20, 3) AS response_mean,
       extract(epoch FROM resolution_mean)::numeric(20, 3) AS resolution_mean
FROM kpi_service_priority;
:check
SELECT count(*) AS priorities FROM got;
:again

-- The backlog, counted at each month's end
CREATE TEMP TABLE truth AS
SELECT m::date AS period,
       (SELECT count(*) FROM chatwoot_truth.conversation WHERE opened_at >= since AND opened_at < until)::numeric AS opened,
       (SELECT count(*) FROM chatwoot_truth.conversation WHERE resolved_at >= since AND resolved_at < until)::numeric AS resolved,
       (SELECT count(*) FROM chatwoot_truth.conversation
        WHERE opened_at < until AND (resolved_at IS NULL OR resolved_at >= until))::numeric AS backlog
FROM generate_series('2025-01-01'::timestamp, '2026-01-01', '1 month') AS m,
     LATERAL (SELECT m AT TIME ZONE 'America/New_York' AS since,
                     (m + interval '1 month') AT TIME ZONE 'America/New_York' AS until) AS b;
CREATE TEMP TABLE got AS
SELECT period, opened::numeric, resolved::numeric, backlog::numeric FROM kpi_backlog;
:check
SELECT count(*) AS months, max(backlog) > 50 AS looked_at FROM got;
:again

-- Satisfaction: top two of five, with a moving three months
CREATE TEMP TABLE truth AS
WITH monthly AS (
    SELECT date_trunc('month', answered_at AT TIME ZONE 'America/New_York')::date AS period, count(*)::numeric AS n,
           count(*) FILTER (WHERE score IN (4, 5))::numeric AS x, avg(score) AS score_mean
    FROM chatwoot_truth.survey WHERE answered_at IS NOT NULL GROUP BY 1
), moving AS (
    SELECT m.*, sum(n) OVER w AS n_3, sum(x) OVER w AS x_3 FROM monthly AS m WINDOW w AS (ORDER BY period ROWS 2 PRECEDING)
)
SELECT period, n AS answers, x AS satisfied, round(x / n, 9) AS csat, round(score_mean, 9) AS score_mean,
       round(((x / n + z2 / (2 * n) - sqrt(z2) * sqrt(x / n * (1 - x / n) / n + z2 / (4 * n * n))) / (1 + z2 / n)), 9) AS csat_lower,
       round(((x / n + z2 / (2 * n) + sqrt(z2) * sqrt(x / n * (1 - x / n) / n + z2 / (4 * n * n))) / (1 + z2 / n)), 9) AS csat_upper,
       n_3 AS answers_3, round(x_3 / n_3, 9) AS csat_3
FROM moving, (SELECT 1.959963984540054 * 1.959963984540054 AS z2) AS z;
CREATE TEMP TABLE got AS
SELECT period, answers::numeric, satisfied::numeric, round(csat::numeric, 9) AS csat, round(score_mean::numeric, 9) AS score_mean,
       round(csat_lower::numeric, 9) AS csat_lower, round(csat_upper::numeric, 9) AS csat_upper,
       answers_3::numeric, round(csat_3::numeric, 9) AS csat_3
FROM kpi_csat;
:check
SELECT count(*) > 5 AS looked_at FROM got;
:again

CREATE TEMP TABLE truth AS
SELECT date_trunc('month', asked_at AT TIME ZONE 'America/New_York')::date AS period, 'csat' AS survey, count(*) AS sent,
       count(score) AS answered, round(count(score)::numeric / count(*), 9) AS response_rate
FROM chatwoot_truth.survey GROUP BY 1;
CREATE TEMP TABLE got AS
SELECT period, survey, sent, answered, round(response_rate::numeric, 9) AS response_rate FROM kpi_surveys;
:check
SELECT count(*) > 5 AS looked_at FROM got;
:again

-- All about a customer
CREATE TEMP TABLE truth AS
SELECT c.id::text AS customer_id, c.kind AS segment,
       (SELECT count(*) FROM chatwoot_truth.conversation AS t WHERE t.contact_id = c.id) AS tickets,
       (SELECT count(*) FROM chatwoot_truth.conversation AS t WHERE t.contact_id = c.id AND t.resolved_at IS NULL) AS open_tickets,
       (SELECT s.score::numeric FROM chatwoot_truth.survey AS s WHERE s.contact_id = c.id AND s.answered_at IS NOT NULL
        ORDER BY s.answered_at DESC LIMIT 1) AS last_csat,
       greatest((SELECT max(t.opened_at) FROM chatwoot_truth.conversation AS t WHERE t.contact_id = c.id),
                (SELECT max(s.answered_at) FROM chatwoot_truth.survey AS s WHERE s.contact_id = c.id)) AS last_contact_at
FROM chatwoot_truth.contact AS c;
CREATE TEMP TABLE got AS
SELECT customer_id, segment, tickets, open_tickets, last_csat, last_contact_at FROM kpi_customer_360;
:check
SELECT count(*) AS customers, count(last_csat) > 50 AS looked_at FROM got;
:again

-- what the view of data quality holds against the data: nothing
SELECT entity, problem, severity, found FROM kpi_data_quality WHERE found > 0 AND severity <> 'info' ORDER BY 1, 2;
SELECT count(DISTINCT entity) AS entities, min(rows) > 0 AS looked_at FROM kpi_data_quality;

--
-- One account of several, and what goes wrong
--
RESET search_path;
RESET ROLE;
INSERT INTO "Chat ""woot"" é".accounts (id, name, created_at, updated_at) VALUES (2, 'Other Ltd', '2025-01-01', '2025-01-01');
UPDATE "Chat ""woot"" é".contacts SET account_id = 2 WHERE id <= 10;
UPDATE "Chat ""woot"" é".conversations SET account_id = 2 WHERE contact_id <= 10;
UPDATE "Chat ""woot"" é".messages AS m SET account_id = 2
FROM "Chat ""woot"" é".conversations AS c WHERE c.id = m.conversation_id AND c.account_id = 2;
UPDATE "Chat ""woot"" é".csat_survey_responses SET account_id = 2 WHERE contact_id <= 10;
SET ROLE regress_chatwoot;
SELECT count(*) FROM crm_install_adapter('chatwoot', 'Chat "woot" é', 'chatwoot_one', '{"account": 2}');
SELECT (SELECT count(*) FROM chatwoot_one.customer) AS customers,
       (SELECT count(*) FROM chatwoot_one.ticket) = (SELECT count(*) FROM chatwoot_truth.conversation WHERE contact_id <= 10) AS tickets,
       (SELECT count(*) FROM chatwoot_one.survey_response)
           = (SELECT count(*) FROM chatwoot_truth.survey WHERE contact_id <= 10) AS surveys;
SELECT crm_install_adapter('chatwoot', 'Chat "woot" é', 'chatwoot_one', '{"account": "1 OR true"}');
SELECT crm_install_adapter('chatwoot', 'Chat "woot" é', 'chatwoot_one', '{"tenant": 2}');
RESET ROLE;
ALTER TABLE "Chat ""woot"" é".conversations RENAME first_reply_created_at TO replied_at;
SET ROLE regress_chatwoot;
SELECT crm_install_adapter('chatwoot', 'Chat "woot" é', 'chatwoot_one');

-- all of it goes with its schemas, and the source is as it was
DROP SCHEMA "Chat ""KPI""", chatwoot_one CASCADE;
RESET ROLE;
SELECT relname FROM pg_class
WHERE relnamespace = '"Chat ""woot"" é"'::regnamespace AND relowner = 'regress_chatwoot'::regrole;
DROP SCHEMA "Chat ""woot"" é", chatwoot_truth CASCADE;
DROP OWNED BY regress_chatwoot;
DROP ROLE regress_chatwoot;
