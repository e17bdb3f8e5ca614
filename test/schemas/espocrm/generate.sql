/*
 * espocrm/generate.sql - what ../truth.sql knows, as EspoCRM writes it down
 *
 * The variables "source" and "truth" name the schemas.  What a reader can trip
 * over, and does occur here:
 *
 *	- times are UTC without saying so;
 *	- deleted rows of all kinds are still there;
 *	- a table is called "case", another "user", a column "primary";
 *	- a lost deal is taken up again now and then, and then won or lost once more;
 *	- deals of two currencies; probabilities are 0 to 100; the close date is the
 *	  day that was planned until a deal is closed, and then the day of that;
 *	- the stream holds the history of stages and of cases, as JSON in a text,
 *	  among mails, posts, posts that are internal and posts of the customer; one
 *	  record in seventeen has none, because it was brought in;
 *	- cases have neither a first response nor a resolution, are reopened, or are
 *	  duplicates of others;
 *	- a campaign's budget is for all its days, and is not spent while the
 *	  campaign is being planned;
 *	- campaign logs have tests, and actions that are no events of a message.
 */
CREATE SCHEMA :"truth";
CREATE TABLE :"truth".stage (ord, stage, probability) AS
	VALUES (1, 'Prospecting', 0.1), (2, 'Qualification', 0.2), (3, 'Proposal', 0.5), (4, 'Negotiation', 0.8);
\set reopen 0.3
\ir ../truth.sql

BEGIN;
SET LOCAL search_path = :"source", :"truth";
SET LOCAL TimeZone = 'UTC';
SET LOCAL jit = off;

-- what the system calls channels, of campaigns and of leads
CREATE TABLE :"truth".channel (channel, type, source) AS
	VALUES ('web', 'Web', 'Web Site'), ('event', 'Mail', 'Public Relations'), ('ads', 'Television', 'Campaign'),
		   ('referral', NULL, 'Partner');

INSERT INTO "user" (id, user_name, type, first_name, last_name)
	SELECT 'user' || n, 'owner' || n, 'regular', 'owner', n::text FROM generate_series(1, 3) AS n
	UNION ALL VALUES ('portal1', 'customer', 'portal', 'A', 'customer'), ('system', 'system', 'system', NULL, 'System');

-- the eight mailings, and what advertising costs
INSERT INTO campaign (id, name, status, type, start_date, end_date)
	SELECT 'mailing' || n, 'Mailing ' || n, 'Complete', 'Newsletter', NULL, NULL FROM generate_series(1, 8) AS n;
INSERT INTO campaign (id, name, deleted, status, type, start_date, end_date, budget, budget_currency)
	SELECT 'spend' || s.id, c.type || ' ' || s.first_day, false, CASE s.id % 2 WHEN 0 THEN 'Complete' ELSE 'Active' END,
		   c.type, s.first_day, s.last_day, s.amount, 'EUR'
	FROM spend s JOIN channel c USING (channel)
	UNION ALL VALUES ('planned', 'Planned', false, 'Planning', 'Web', date '2025-01-01', date '2025-12-31', 99999, 'EUR'),
					 ('gone', 'Gone', true, 'Complete', 'Web', '2025-01-01', '2025-12-31', 99999, 'EUR'),
					 ('free', 'Free', false, 'Complete', 'Web', '2025-01-01', '2025-12-31', NULL, NULL);

INSERT INTO account (id, name, deleted, billing_address_country, campaign_id, created_at, assigned_user_id)
	SELECT 'account' || c.id, c.name, false, c.country, CASE WHEN c.id > 180 AND c.id % 2 = 0 THEN 'spend' || s.id END,
		   c.created_at AT TIME ZONE 'UTC', 'user' || 1 + c.id % 3
	FROM customer c LEFT JOIN spend s ON s.channel = 'ads' AND (c.created_at AT TIME ZONE 'UTC')::date BETWEEN s.first_day AND s.last_day
	UNION ALL
	SELECT 'gone' || id, name, true, country, NULL, created_at AT TIME ZONE 'UTC', NULL FROM customer WHERE id % 9 = 0;
INSERT INTO contact (id, first_name, account_id, created_at)
	SELECT 'contact' || id, 'Contact of ' || name, 'account' || id, created_at AT TIME ZONE 'UTC' FROM customer;
INSERT INTO email_address (id, name, lower) SELECT 'mail' || id, upper(email), email FROM customer
	UNION ALL SELECT 'other' || id, 'other.' || email, 'other.' || email FROM customer;
INSERT INTO entity_email_address (entity_id, email_address_id, entity_type, "primary", deleted)
	SELECT 'account' || id, 'other' || id, 'Account', id % 5 = 0, id % 5 = 0 FROM customer
	UNION ALL SELECT 'account' || id, 'mail' || id, 'Account', true, false FROM customer;

INSERT INTO lead (id, deleted, status, source, converted_at, created_at, campaign_id, created_account_id, created_opportunity_id, assigned_user_id)
	SELECT 'lead' || l.id, false, CASE l.status WHEN 'converted' THEN 'Converted' WHEN 'lost' THEN 'Dead'
											ELSE (ARRAY['New', 'Assigned', 'In Process', 'Recycled'])[1 + l.id % 4] END,
		   h.source, l.converted_at AT TIME ZONE 'UTC', l.created_at AT TIME ZONE 'UTC', 'spend' || s.id,
		   'account' || l.customer_id, CASE l.status WHEN 'converted' THEN 'deal' || l.id END, 'user' || right(l.owner, 1)
	FROM :"truth".lead l CROSS JOIN period JOIN channel h ON h.channel = l.source
	LEFT JOIN spend s ON s.channel = l.source AND (greatest(l.created_at, lo) AT TIME ZONE 'UTC')::date BETWEEN s.first_day AND s.last_day
	UNION ALL
	SELECT 'gone' || n, true, 'New', 'Other', NULL, '2025-01-01', NULL, NULL, NULL, NULL FROM generate_series(1, 15) AS n;
-- half of the first contacts are calls, half are mails; not every call is one
INSERT INTO call (id, deleted, status, direction, date_start, parent_id, parent_type)
	SELECT 'call' || id, false, 'Held', 'Outbound', first_contacted_at AT TIME ZONE 'UTC', 'lead' || id, 'Lead'
	FROM :"truth".lead WHERE first_contacted_at IS NOT NULL AND id % 2 = 0
	UNION ALL
	SELECT 'nocall' || id, id % 4 = 0, (ARRAY['Held', 'Not Held', 'Planned', 'Held'])[1 + id % 4],
		   CASE id % 4 WHEN 3 THEN 'Inbound' ELSE 'Outbound' END, created_at AT TIME ZONE 'UTC', 'lead' || id, 'Lead' FROM :"truth".lead;
INSERT INTO note (id, type, parent_id, parent_type, created_at, created_by_id)
	SELECT 'sent' || id, 'EmailSent', 'lead' || id, 'Lead', first_contacted_at AT TIME ZONE 'UTC', 'user1'
	FROM :"truth".lead WHERE first_contacted_at IS NOT NULL AND id % 2 = 1
	UNION ALL
	SELECT 'got' || id, 'EmailReceived', 'lead' || id, 'Lead', created_at AT TIME ZONE 'UTC', 'system' FROM :"truth".lead
	UNION ALL
	SELECT 'again' || id, 'EmailSent', 'lead' || id, 'Lead', first_contacted_at AT TIME ZONE 'UTC' + interval '2 days', 'user1'
	FROM :"truth".lead WHERE first_contacted_at IS NOT NULL;

INSERT INTO opportunity (id, name, deleted, amount, amount_currency, stage, last_stage, probability, lead_source, close_date, account_id,
						 contact_id, assigned_user_id, created_at, modified_at)
	SELECT 'deal' || d.id, 'Deal ' || d.id, false, d.amount, CASE WHEN d.amount IS NOT NULL THEN CASE d.id % 7 WHEN 0 THEN 'USD' ELSE 'EUR' END END,
		   CASE d.outcome WHEN 'won' THEN 'Closed Won' WHEN 'lost' THEN 'Closed Lost' ELSE d.stage END, 'Proposal',
		   (d.probability * 100)::int, h.source, coalesce((d.closed_at AT TIME ZONE 'UTC')::date, d.expected_close),
		   CASE WHEN d.id % 8 <> 0 THEN 'account' || d.customer_id END, 'contact' || d.customer_id, 'user' || right(d.owner, 1),
		   d.created_at AT TIME ZONE 'UTC', timestamp '2025-12-31 23:59'
	FROM deal d JOIN channel h ON h.channel = d.source
	UNION ALL
	SELECT 'gone' || n, 'Gone', true, 9999, 'EUR', 'Closed Won', NULL, 100, NULL, '2025-03-03', 'account' || n, NULL, NULL, '2025-01-01', '2025-03-03'
	FROM generate_series(1, 20) AS n;
-- the stream of deals: changes of the stage, and of the amount
INSERT INTO note (id, type, data, parent_id, parent_type, created_at, created_by_id)
	SELECT 'create' || id, 'Create', '{"assignedUserId": "user1"}', 'deal' || id, 'Opportunity', created_at AT TIME ZONE 'UTC', 'user1'
	FROM deal WHERE id % 17 <> 0
	UNION ALL
	SELECT 'm' || deal_id || 'x' || seq, 'Update', json_build_object('fields', array['stage'], 'attributes', json_build_object(
				'was', json_build_object('stage', before, 'probability', 10), 'became', json_build_object('stage', after)))::text,
		   'deal' || deal_id, 'Opportunity', entered_at AT TIME ZONE 'UTC', 'user1'
	FROM (SELECT deal_id, seq, entered_at, after, lag(after) OVER (PARTITION BY deal_id ORDER BY seq) AS before
		  FROM (SELECT *, CASE stage WHEN 'won' THEN 'Closed Won' WHEN 'lost' THEN 'Closed Lost' ELSE stage END AS after
				FROM deal_stage) AS s) AS x
	WHERE seq > 1 AND deal_id % 17 <> 0
	UNION ALL
	SELECT 'amount' || id, 'Update', '{"fields": ["amount"], "attributes": {"was": {"amount": 1}, "became": {"amount": 2}}}',
		   'deal' || id, 'Opportunity', created_at AT TIME ZONE 'UTC' + interval '1 second', 'user2' FROM deal WHERE id % 3 = 0
	UNION ALL
	SELECT 'post' || id, 'Post', 'no JSON at all', 'deal' || id, 'Opportunity', created_at AT TIME ZONE 'UTC', 'user2' FROM deal WHERE id % 4 = 0;
INSERT INTO note (id, deleted, type, data, parent_id, parent_type, created_at)
	SELECT 'undone' || id, true, 'Update', '{"attributes": {"was": {"stage": "Closed Won"}, "became": {"stage": "Proposal"}}}',
		   'deal' || id, 'Opportunity', created_at AT TIME ZONE 'UTC' + interval '2 seconds' FROM deal WHERE id % 5 = 0;

INSERT INTO "case" (id, name, deleted, status, priority, account_id, contact_id, inbound_email_id, created_at, modified_at)
	SELECT 'case' || id, 'Case ' || id, false, CASE WHEN resolved_at IS NOT NULL THEN CASE id % 5 WHEN 0 THEN 'Rejected' ELSE 'Closed' END
							ELSE (ARRAY['New', 'Assigned', 'Pending'])[1 + id % 3] END,
		   initcap(priority), CASE WHEN id % 4 <> 0 THEN 'account' || customer_id END, 'contact' || customer_id, CASE WHEN id % 2 = 0 THEN 'inbound' END,
		   created_at AT TIME ZONE 'UTC', coalesce(resolved_at, created_at) AT TIME ZONE 'UTC'
	FROM ticket
	UNION ALL
	SELECT 'dup' || id, 'Duplicate', false, 'Duplicate', 'Normal', 'account' || customer_id, NULL, NULL, created_at AT TIME ZONE 'UTC', created_at AT TIME ZONE 'UTC'
	FROM ticket WHERE id % 10 = 0
	UNION ALL
	SELECT 'gone' || id, 'Gone', true, 'New', 'Normal', 'account' || customer_id, NULL, NULL, created_at AT TIME ZONE 'UTC', created_at AT TIME ZONE 'UTC'
	FROM ticket WHERE id % 20 = 0;
-- answers are mails or posts; before them came the customer's own words and internal ones
INSERT INTO note (id, type, post, is_internal, parent_id, parent_type, created_at, created_by_id)
	SELECT 'caller' || id, 'Post', 'Hello?', false, 'case' || id, 'Case', created_at AT TIME ZONE 'UTC', 'portal1' FROM ticket
	UNION ALL
	SELECT 'inner' || id, 'Post', 'Who does this?', true, 'case' || id, 'Case', created_at AT TIME ZONE 'UTC' + interval '1 second', 'user1' FROM ticket
	UNION ALL
	SELECT 'answer' || id, CASE id % 2 WHEN 0 THEN 'EmailSent' ELSE 'Post' END, 'Hello!', false, 'case' || id, 'Case',
		   first_response_at AT TIME ZONE 'UTC', 'user2' FROM ticket WHERE first_response_at IS NOT NULL
	UNION ALL
	SELECT 'more' || id, 'EmailSent', 'Anything else?', false, 'case' || id, 'Case', first_response_at AT TIME ZONE 'UTC' + interval '1 minute', 'user2'
	FROM ticket WHERE first_response_at IS NOT NULL AND id % 3 = 0;
INSERT INTO note (id, type, data, parent_id, parent_type, created_at, created_by_id)
	SELECT 'c' || id || 'x' || n, 'Update', json_build_object('fields', array['status'], 'attributes', json_build_object(
				'was', json_build_object('status', was), 'became', json_build_object('status', became)))::text,
		   'case' || id, 'Case', at AT TIME ZONE 'UTC', 'user2'
	FROM ticket, LATERAL (SELECT CASE id % 5 WHEN 0 THEN 'Rejected' ELSE 'Closed' END AS done) AS d,
	LATERAL (VALUES (1, 'New', 'Assigned', created_at + interval '2 seconds'), (2, 'Assigned', done, first_resolved_at),
					(3, done, 'Assigned', reopened_at), (4, 'Assigned', done, CASE WHEN reopened THEN resolved_at END)) AS x (n, was, became, at)
	WHERE at IS NOT NULL AND (reopened OR id % 17 <> 0);

INSERT INTO campaign_log_record (id, action, action_date, string_data, is_test, campaign_id, parent_id, parent_type)
	SELECT left(action, 4) || m.id || n, action, at AT TIME ZONE 'UTC', c.email, false, 'mailing' || campaign,
		   CASE campaign % 2 WHEN 0 THEN 'account' ELSE 'contact' END || customer_id, CASE campaign % 2 WHEN 0 THEN 'Account' ELSE 'Contact' END
	FROM mail m JOIN customer c ON c.id = m.customer_id,
	LATERAL (VALUES ('Sent', sent_at, 1), ('Bounced', bounced_at, 1), ('Opened', opened_at, 1), ('Clicked', clicked_at, 1),
					('Clicked', CASE WHEN m.id % 2 = 0 THEN clicked_at + interval '1 hour' END, 2), ('Opted Out', unsubscribed_at, 1)) AS x (action, at, n)
	WHERE at IS NOT NULL
	UNION ALL
	SELECT 'test' || n, 'Sent', '2025-05-05', 'us@example.com', true, 'mailing5', 'account1', 'Account' FROM generate_series(1, 9) AS n
	UNION ALL
	SELECT 'lead' || id, 'Lead Created', created_at AT TIME ZONE 'UTC', NULL, false, 'mailing1', 'lead' || id, 'Lead' FROM :"truth".lead WHERE id % 3 = 0;
INSERT INTO campaign_log_record (id, deleted, action, action_date, campaign_id, parent_id, parent_type)
	SELECT 'del' || n, true, 'Opened', '2025-05-05', 'mailing5', 'account' || n, 'Account' FROM generate_series(1, 9) AS n;

COMMIT;
