-- KPI views over the sample CRM: the entities, one query each, and the views.
-- psql -v schema=NAME; the schema is made.
CREATE SCHEMA :"schema";

SELECT crm_define_entity(:'schema', entity, query)
FROM (VALUES
	('customer', $$
		SELECT id AS customer_id, acquired_at, name, email, company, segment, country, acquisition_channel AS channel
		FROM sample_crm.customers $$),
	('spend', $$
		SELECT day, amount, currency, channel FROM sample_crm.marketing_spend $$),
	('lead', $$
		SELECT id AS lead_id, created_at, first_contacted_at, converted_at, customer_id, source,
			   CASE status WHEN 'converted' THEN 'converted' WHEN 'disqualified' THEN 'lost' ELSE 'open' END AS status
		FROM sample_crm.leads $$),
	('opportunity', $$
		SELECT id AS opportunity_id, created_at, status, closed_at, amount, currency, probability / 100.0 AS probability,
			   stage, expected_close, customer_id, lead_id, owner, lost_reason, name
		FROM sample_crm.opportunities $$),
	('stage_change', $$
		SELECT opportunity_id, stage, entered_at,
			   CASE WHEN stage IN ('won', 'lost') THEN stage ELSE 'open' END AS status,
			   array_position('{qualification,discovery,proposal,negotiation,won}', stage) AS stage_position
		FROM sample_crm.opportunity_stages $$),
	('order', $$
		SELECT id AS order_id, ordered_at, amount, currency, customer_id, channel FROM sample_crm.orders $$),
	-- a paused month is no revenue
	('subscription_month', $$
		SELECT m.customer_id, m.month, m.mrr, s.currency, m.subscription_id, s.plan
		FROM sample_crm.subscription_months AS m JOIN sample_crm.subscriptions AS s ON s.id = m.subscription_id
		WHERE m.mrr > 0 $$),
	('ticket', $$
		SELECT id AS ticket_id, created_at, first_response_at, resolved_at, first_resolved_at, reopened, priority, channel, customer_id
		FROM sample_crm.tickets $$),
	('survey_response', $$
		SELECT id AS response_id, survey, responded_at, score, sent_at, customer_id, ticket_id, comment
		FROM sample_crm.survey_responses $$),
	('campaign_event', $$
		SELECT e.campaign_id, e.occurred_at, e.event, e.customer_id AS recipient_id, e.customer_id, c.name AS campaign
		FROM sample_crm.campaign_events AS e JOIN sample_crm.email_campaigns AS c ON c.id = e.campaign_id $$),
	-- what happens on the company's own site is no touch of a channel
	('touchpoint', $$
		SELECT occurred_at, event, customer_id, visitor_id, channel, event IN ('visit', 'comment', 'mention') AS is_touch
		FROM sample_crm.touchpoints $$)
) AS e (entity, query);

SELECT view_name, status, reason
FROM crm_create_kpi_views(:'schema', '{"time_zone": "Europe/Berlin", "as_of": "2026-01-01 00:00+01",
	"funnel": ["visit", "product", "cart", "checkout", "purchase"],
	"first_response_target": "8 hours", "resolution_target": "72 hours"}');
