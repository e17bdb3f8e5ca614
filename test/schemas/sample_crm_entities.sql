/*
 * sample_crm_entities.sql - the entities of the sample CRM, in the schema kpi
 *
 * A psql script, after sample_crm.sql, sample_crm.generate() and CREATE
 * EXTENSION; crm_create_kpi_views('kpi', ...) makes the views of it.  All
 * eleven entities, as the owner of such a database would define them by hand.
 */
CREATE SCHEMA kpi;

SELECT crm_define_entity('kpi', 'customer', $$
	SELECT id AS customer_id, acquired_at, name, email, company, segment, country, acquisition_channel AS channel
	FROM sample_crm.customers
$$);

SELECT crm_define_entity('kpi', 'spend', $$
	SELECT day, channel, amount, currency FROM sample_crm.marketing_spend
$$);

SELECT crm_define_entity('kpi', 'lead', $$
	SELECT id AS lead_id, created_at, first_contacted_at, converted_at, customer_id, source,
		   CASE status WHEN 'converted' THEN 'converted' WHEN 'disqualified' THEN 'lost' ELSE 'open' END AS status
	FROM sample_crm.leads
$$);

-- probabilities are per cent here
SELECT crm_define_entity('kpi', 'opportunity', $$
	SELECT id AS opportunity_id, created_at, status, closed_at, amount, currency, probability / 100.0 AS probability, stage,
		   expected_close, customer_id, lead_id, owner, lost_reason, name
	FROM sample_crm.opportunities
$$);

SELECT crm_define_entity('kpi', 'stage_change', $$
	SELECT opportunity_id, stage, entered_at,
		   array_position('{qualification,discovery,proposal,negotiation,won}', stage) AS stage_position,
		   CASE WHEN stage IN ('won', 'lost') THEN stage ELSE 'open' END AS status
	FROM sample_crm.opportunity_stages
$$);

SELECT crm_define_entity('kpi', 'order', $$
	SELECT id AS order_id, ordered_at, amount, currency, customer_id, channel FROM sample_crm.orders
$$);

-- a paused month is no revenue
SELECT crm_define_entity('kpi', 'subscription_month', $$
	SELECT m.customer_id, m.month, m.mrr, s.currency, m.subscription_id, s.plan
	FROM sample_crm.subscription_months AS m
	JOIN sample_crm.subscriptions AS s ON s.id = m.subscription_id
	WHERE m.mrr <> 0
$$);

SELECT crm_define_entity('kpi', 'ticket', $$
	SELECT id AS ticket_id, created_at, first_response_at, first_resolved_at, resolved_at, reopened, priority, channel, customer_id
	FROM sample_crm.tickets
$$);

SELECT crm_define_entity('kpi', 'survey_response', $$
	SELECT id AS response_id, survey, customer_id, ticket_id, sent_at, responded_at, score, comment
	FROM sample_crm.survey_responses
$$);

SELECT crm_define_entity('kpi', 'campaign_event', $$
	SELECT e.campaign_id, c.name AS campaign, e.occurred_at, e.event, e.customer_id AS recipient_id, e.customer_id,
		   e.detail = 'proxy' AS is_machine
	FROM sample_crm.campaign_events AS e
	JOIN sample_crm.email_campaigns AS c ON c.id = e.campaign_id
$$);

-- a channel leads to a visit; what follows is no touch of it
SELECT crm_define_entity('kpi', 'touchpoint', $$
	SELECT occurred_at, event, customer_id, visitor_id, channel, event = 'visit' AS is_touch FROM sample_crm.touchpoints
$$);
