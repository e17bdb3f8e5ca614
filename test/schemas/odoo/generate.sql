/*
 * odoo/generate.sql - what ../truth.sql knows, as Odoo writes it down
 *
 * The variables "source" and "truth" name the schemas.  What a reader can trip
 * over, and does occur here:
 *
 *	- date-times are UTC without saying so, some in the last hour of a month;
 *	- a lost lead or opportunity is archived (active = false, probability 0),
 *	  while an archived one that is not lost is no more; archived contacts that
 *	  never bought are gone, an archived customer who bought is not;
 *	- an amount that was never set is 0, a probability is 0 to 100;
 *	- a lead that is converted stays the same row, so that the deal begins at
 *	  date_conversion, and what its stage was before says nothing about the deal;
 *	- stage changes are tracking values of a message, between those of other
 *	  fields and models; the first stage is only known as an old value;
 *	- names are jsonb by language;
 *	- quotations and cancelled orders stand between orders, some orders are in
 *	  another currency, some are placed by a contact of the customer; refunds are
 *	  among invoices, vendor bills and drafts;
 *	- a mail's status is overwritten by the next one, text messages are traces
 *	  too, recipients are partners or mailing contacts;
 *	- an unanswered rating is 0; surveys have test entries, and scales that are
 *	  not 0 to 10.
 */
CREATE SCHEMA :"truth";
CREATE TABLE :"truth".stage (ord, stage, probability) AS
	VALUES (1, 'New', 0.1), (2, 'Qualified', 0.3), (3, 'Proposition', 0.7);
\set reopen 0
\ir ../truth.sql

BEGIN;
SET LOCAL search_path = :"source", :"truth";
SET LOCAL TimeZone = 'UTC';
SET LOCAL jit = off;

INSERT INTO res_currency VALUES (1, 'EUR', 0.01, true), (2, 'USD', 0.01, true);
INSERT INTO res_company VALUES (1, 'Our company', 1);
INSERT INTO res_country VALUES
	(1, 'DE', '{"en_US": "Germany", "de_DE": "Deutschland"}'), (2, 'FR', '{"en_US": "France", "fr_FR": "France"}'),
	(3, 'IT', '{"en_US": "Italy"}'), (4, 'US', '{"en_US": "United States"}');
INSERT INTO utm_medium VALUES (1, 'Website'), (2, 'Email');
INSERT INTO utm_source (id, name) SELECT row_number() OVER (ORDER BY s), s FROM unnest('{ads,event,referral,web}'::text[]) AS s;
INSERT INTO utm_campaign VALUES (1, 'newsletter', '{"en_US": "Newsletter"}');
INSERT INTO crm_team VALUES (1, '{"en_US": "Sales"}', true);
INSERT INTO crm_stage (id, name, sequence, is_won, fold)
	SELECT ord, jsonb_build_object('en_US', stage, 'de_DE', 'Stufe ' || ord), ord, false, false FROM stage
	UNION ALL SELECT 4, '{"en_US": "Won", "de_DE": "Gewonnen"}', 70, true, true;
INSERT INTO crm_lost_reason VALUES (1, '{"en_US": "Too expensive"}', true), (2, '{"en_US": "No response"}', false);

-- ourselves, three salesmen, a portal user; customers are numbered from 101
INSERT INTO res_partner (id, name, commercial_partner_id, is_company, email, active, customer_rank, supplier_rank, create_date)
	VALUES (1, 'Our company', 1, true, 'us@example.com', true, 0, 0, '2023-01-01');
INSERT INTO res_partner (id, name, parent_id, commercial_partner_id, is_company, active, customer_rank, supplier_rank, create_date)
	SELECT 1 + n, 'owner ' || n, 1, 1, false, true, 0, 0, '2023-01-01' FROM generate_series(1, 3) AS n;
INSERT INTO res_users SELECT n, 'owner' || n, 1 + n, false, true FROM generate_series(1, 3) AS n;

INSERT INTO res_partner (id, name, commercial_partner_id, is_company, email, email_normalized, country_id, user_id,
						 active, customer_rank, supplier_rank, create_date)
	SELECT 100 + c.id, c.name, 100 + c.id, true, upper(c.email), c.email,
		   (SELECT r.id FROM res_country r WHERE r.code = c.country), 1 + c.id % 3,
		   NOT (c.id % 10 = 0 AND p.bought), CASE WHEN p.bought OR d.deal THEN p.bought::int ELSE 1 END,
		   (c.id % 7 = 0)::int, c.created_at AT TIME ZONE 'UTC'
	FROM customer c,
	LATERAL (SELECT EXISTS (SELECT FROM purchase WHERE customer_id = c.id AND state = 'confirmed') AS bought) AS p,
	LATERAL (SELECT EXISTS (SELECT FROM deal WHERE customer_id = c.id) AS deal) AS d;
-- every third customer has a contact, through whom everything goes
INSERT INTO res_partner (id, name, parent_id, commercial_partner_id, is_company, email, email_normalized, active,
						 customer_rank, supplier_rank, create_date)
	SELECT 1000 + id, 'Contact of ' || name, 100 + id, 100 + id, false, 'contact.' || email, 'contact.' || email,
		   id % 2 = 1, 0, 0, created_at AT TIME ZONE 'UTC' + interval '1 day'
	FROM customer WHERE id % 3 = 0;
-- suppliers, leftovers, and an archived double of every eleventh customer
INSERT INTO res_partner (id, name, commercial_partner_id, is_company, active, customer_rank, supplier_rank, create_date)
	SELECT 2000 + n, 'Supplier ' || n, 2000 + n, true, true, 0, 3, timestamp '2024-05-05' FROM generate_series(1, 10) AS n
	UNION ALL
	SELECT 2100 + n, 'Nobody ' || n, 2100 + n, false, true, 0, 0, '2024-05-05' FROM generate_series(1, 10) AS n
	UNION ALL
	SELECT 2200 + id, name, 2200 + id, true, false, 1, 0, created_at AT TIME ZONE 'UTC' FROM customer WHERE id % 11 = 0;
INSERT INTO res_users VALUES (4, 'portal', 1003, true, true);

CREATE TEMP VIEW buyer AS
	SELECT id, CASE WHEN id % 3 = 0 THEN 1000 + id ELSE 100 + id END AS partner_id FROM customer;

-- leads that are leads, and the archived ones of them that are not lost
INSERT INTO crm_lead (id, name, type, active, user_id, team_id, company_id, partner_id, stage_id, expected_revenue,
					  probability, lost_reason_id, source_id, email_from, date_open, date_closed, create_date)
	SELECT l.id, 'Lead ' || l.id, 'lead', l.status <> 'lost', right(l.owner, 1)::int, 1, NULLIF(l.id % 2, 0), NULL::int, 1, 0,
		   CASE l.status WHEN 'lost' THEN 0 ELSE 12.5 END, CASE l.status WHEN 'lost' THEN 1 + l.id % 2 END, s.id,
		   'lead' || l.id || '@example.com', l.created_at AT TIME ZONE 'UTC' + interval '1 second',
		   l.lost_at AT TIME ZONE 'UTC', l.created_at AT TIME ZONE 'UTC'
	FROM lead l JOIN utm_source s ON s.name = l.source WHERE l.status <> 'converted'
	UNION ALL
	SELECT 3000 + n, 'Given up ' || n, 'lead', false, 1, 1, 1, NULL, 1, 0, 20, NULL, 1, NULL, NULL,
		   timestamp '2024-08-01', timestamp '2024-07-01' + n * interval '1 hour'
	FROM generate_series(1, 15) AS n;
-- opportunities: the first 180 were leads, the others are numbered from 1181
CREATE TEMP VIEW opportunity AS
	SELECT CASE WHEN lead_id IS NULL THEN 1000 + id ELSE id END AS row_id, deal.* FROM deal;
INSERT INTO crm_lead (id, name, type, active, user_id, team_id, company_id, partner_id, stage_id, expected_revenue,
					  probability, lost_reason_id, source_id, date_closed, date_conversion, date_deadline, create_date)
	SELECT d.row_id, 'Deal ' || d.id, 'opportunity', d.outcome <> 'lost', right(d.owner, 1)::int, 1, NULLIF(d.id % 2, 0), b.partner_id,
		   CASE d.outcome WHEN 'won' THEN 4 ELSE st.ord END, coalesce(d.amount, 0),
		   (d.probability * 100)::float8, CASE d.outcome WHEN 'lost' THEN 1 END, s.id,
		   d.closed_at AT TIME ZONE 'UTC', CASE WHEN d.lead_id IS NOT NULL THEN d.created_at AT TIME ZONE 'UTC' END,
		   d.expected_close, coalesce(l.created_at, d.created_at) AT TIME ZONE 'UTC'
	FROM opportunity d JOIN buyer b ON b.id = d.customer_id
	JOIN utm_source s ON s.name = d.source
	LEFT JOIN lead l ON l.id = d.lead_id
	CROSS JOIN LATERAL (
		SELECT t.ord FROM deal_stage x LEFT JOIN stage t USING (stage)
		WHERE x.deal_id = d.id AND t.ord IS NOT NULL ORDER BY x.seq DESC LIMIT 1) AS st
	UNION ALL
	SELECT 4000 + n, 'Archived ' || n, 'opportunity', false, 1, 1, 1, 101, 2, 5000, 40, NULL, 1,
		   timestamp '2025-03-01', NULL, NULL, timestamp '2024-11-01' + n * interval '1 hour'
	FROM generate_series(1, 15) AS n;

INSERT INTO ir_model_fields VALUES
	(1, 'crm.lead', 'stage_id', 'many2one'), (2, 'crm.lead', 'user_id', 'many2one'),
	(3, 'project.task', 'stage_id', 'many2one'), (4, 'crm.lead', 'expected_revenue', 'monetary');
INSERT INTO mail_message_subtype VALUES
	(1, '{"en_US": "Discussions"}', false), (2, '{"en_US": "Note"}', true), (3, '{"en_US": "Stage Changed"}', false);

-- the stage history, in an order of rows that is not that of deals; lost is not in it
CREATE TEMP TABLE moved ON COMMIT DROP AS
	SELECT row_number() OVER (ORDER BY x.entered_at, x.deal_id)::int AS n, d.row_id,
		   lag(coalesce(t.ord, 4)) OVER w AS old_stage, coalesce(t.ord, 4) AS new_stage,
		   lag(x.stage) OVER w AS old_name, x.stage AS new_name, x.entered_at AT TIME ZONE 'UTC' AS at
	FROM deal_stage x JOIN opportunity d ON d.id = x.deal_id LEFT JOIN stage t ON t.stage = x.stage
	WHERE x.stage <> 'lost'
	WINDOW w AS (PARTITION BY x.deal_id ORDER BY x.seq);
INSERT INTO mail_message (id, model, res_id, message_type, subtype_id, date, author_id, create_date)
	SELECT n, 'crm.lead', row_id, 'notification', 3, at, 2, at FROM moved WHERE old_stage IS NOT NULL;
INSERT INTO mail_tracking_value (field_id, old_value_integer, new_value_integer, old_value_char, new_value_char,
								 mail_message_id, create_date)
	SELECT 1, old_stage, new_stage, initcap(old_name), initcap(new_name), n, at FROM moved WHERE old_stage IS NOT NULL
	UNION ALL
	SELECT 2, 1, 3, 'owner 1', 'owner 3', n, at FROM moved WHERE old_stage IS NOT NULL AND n % 3 = 0
	ORDER BY 6, 1;
-- a lead may be moved about before it is an opportunity; tasks have stages too
INSERT INTO mail_message (id, model, res_id, message_type, subtype_id, date, author_id)
	SELECT 10000 + id, 'crm.lead', id, 'notification', 3, created_at AT TIME ZONE 'UTC' + interval '1 minute', 2 FROM lead WHERE id <= 40
	UNION ALL
	SELECT 11000 + id, 'project.task', id, 'notification', 3, created_at AT TIME ZONE 'UTC' + interval '20 days', 2 FROM lead WHERE id <= 40;
INSERT INTO mail_tracking_value (field_id, old_value_integer, new_value_integer, mail_message_id)
	SELECT 1, 3, 1, 10000 + id FROM lead WHERE id <= 40
	UNION ALL SELECT 3, 1, 3, 11000 + id FROM lead WHERE id <= 40;
-- the first contact is a message to the outside, after what came in and what was noted, and before a second one
INSERT INTO mail_message (id, model, res_id, message_type, subtype_id, date, author_id)
	SELECT 20000 + id, 'crm.lead', id, 'email', 1, created_at AT TIME ZONE 'UTC', NULL FROM lead
	UNION ALL
	SELECT 21000 + id, 'crm.lead', id, 'comment', 2, created_at AT TIME ZONE 'UTC' + interval '2 seconds', 2 FROM lead
	UNION ALL
	SELECT 22000 + id, 'crm.lead', id, 'comment', 1, created_at AT TIME ZONE 'UTC' + interval '3 seconds', 1003 FROM lead WHERE id % 4 = 0
	UNION ALL
	SELECT 23000 + id, 'crm.lead', id, CASE id % 2 WHEN 0 THEN 'comment' ELSE 'email_outgoing' END, 1,
		   first_contacted_at AT TIME ZONE 'UTC', 1 + right(owner, 1)::int FROM lead WHERE first_contacted_at IS NOT NULL
	UNION ALL
	SELECT 24000 + id, 'crm.lead', id, 'comment', 1, first_contacted_at AT TIME ZONE 'UTC' + interval '3 days', 2
	FROM lead WHERE first_contacted_at IS NOT NULL;

-- every fifth order is in dollars, at 1.25 to the euro
INSERT INTO sale_order (id, name, state, locked, partner_id, company_id, currency_id, currency_rate, date_order, create_date,
						amount_untaxed, amount_tax, amount_total, source_id, opportunity_id)
	SELECT p.id, 'S' || p.id, CASE p.state WHEN 'confirmed' THEN 'sale' WHEN 'cancelled' THEN 'cancel'
								   ELSE CASE p.id % 2 WHEN 0 THEN 'draft' ELSE 'sent' END END,
		   p.state = 'confirmed' AND p.id % 3 = 0, b.partner_id, 1, f.currency, f.rate,
		   p.ordered_at AT TIME ZONE 'UTC', p.ordered_at AT TIME ZONE 'UTC' - interval '3 days',
		   round(p.amount * f.rate, 2), round(p.amount * f.rate * 0.19, 2), round(p.amount * f.rate, 2) + round(p.amount * f.rate * 0.19, 2),
		   NULLIF(p.id % 5, 0), NULL
	FROM purchase p JOIN buyer b ON b.id = p.customer_id,
	LATERAL (SELECT CASE WHEN p.id % 5 = 0 THEN 2 ELSE 1 END AS currency, CASE WHEN p.id % 5 = 0 THEN 1.25 ELSE 1.0 END AS rate) AS f;
INSERT INTO account_move (id, name, move_type, state, invoice_date, partner_id, commercial_partner_id, company_id, currency_id,
						  amount_untaxed, amount_untaxed_signed, amount_total_signed)
	SELECT p.id, 'INV' || p.id, 'out_invoice', 'posted', (p.ordered_at AT TIME ZONE 'UTC')::date, b.partner_id, 100 + p.customer_id,
		   1, 1, p.amount, p.amount, round(p.amount * 1.19, 2)
	FROM purchase p JOIN buyer b ON b.id = p.customer_id WHERE p.state = 'confirmed'
	UNION ALL
	SELECT 5000 + r.purchase_id, 'RINV' || r.purchase_id, 'out_refund', 'posted', r.refunded_on, b.partner_id, 100 + r.customer_id,
		   1, 1, r.amount, -r.amount, -round(r.amount * 1.19, 2)
	FROM refund r JOIN buyer b ON b.id = r.customer_id
	UNION ALL
	SELECT 7000 + n, NULL, (ARRAY['out_refund', 'out_refund', 'in_refund', 'in_invoice'])[1 + n % 4],
		   (ARRAY['draft', 'cancel', 'posted', 'posted'])[1 + n % 4], '2025-05-05', 2001, 2001, 1, 1, 100, -100, -119
	FROM generate_series(0, 19) AS n;

-- recipients of odd mailings are mailing contacts with a customer's address; every fourth mail answered was replied to
INSERT INTO mailing_contact SELECT id, name, email FROM customer;
INSERT INTO mailing_mailing SELECT n, jsonb_build_object('en_US', 'Mailing ' || n), 'done', 'mail',
		   (SELECT min(sent_at) FROM mail WHERE campaign = n) AT TIME ZONE 'UTC', 1
	FROM generate_series(1, 8) AS n UNION ALL SELECT 9, '{"en_US": "By phone"}', 'done', 'sms', '2025-06-01', 1;
INSERT INTO mailing_trace (id, trace_type, trace_status, failure_type, sent_datetime, open_datetime, reply_datetime,
						   links_click_datetime, mass_mailing_id, campaign_id, model, res_id, email, create_date, write_date)
	SELECT m.id, 'mail', CASE WHEN bounced_at IS NOT NULL THEN 'bounce'
							  WHEN opened_at IS NOT NULL AND m.id % 4 = 0 THEN 'reply'
							  WHEN opened_at IS NOT NULL THEN 'open' ELSE 'sent' END,
		   CASE WHEN bounced_at IS NOT NULL THEN 'mail_bounce' END, sent_at AT TIME ZONE 'UTC', opened_at AT TIME ZONE 'UTC',
		   CASE WHEN m.id % 4 = 0 THEN opened_at AT TIME ZONE 'UTC' + interval '1 hour' END,
		   clicked_at AT TIME ZONE 'UTC', campaign, 1,
		   CASE campaign % 2 WHEN 0 THEN 'res.partner' ELSE 'mailing.contact' END,
		   CASE campaign % 2 WHEN 0 THEN 100 + customer_id ELSE customer_id END, c.email,
		   sent_at AT TIME ZONE 'UTC', coalesce(bounced_at, clicked_at, opened_at, sent_at) AT TIME ZONE 'UTC'
	FROM mail m JOIN customer c ON c.id = m.customer_id
	UNION ALL
	SELECT 10000 + n, 'mail', (ARRAY['outgoing', 'error', 'cancel'])[1 + n % 3], (ARRAY[NULL, 'mail_smtp', 'mail_bl'])[1 + n % 3],
		   NULL, NULL, NULL, NULL, 8, 1, 'res.partner', 101, 'c1@example.com', '2025-12-01', '2025-12-01'
	FROM generate_series(1, 60) AS n
	UNION ALL
	SELECT 11000 + n, 'sms', 'sent', NULL, '2025-06-01', NULL, NULL, NULL, 9, 1, 'res.partner', 100 + n, NULL, '2025-06-01', '2025-06-01'
	FROM generate_series(1, 50) AS n;

INSERT INTO rating_rating (id, res_model, res_id, rating, rating_text, consumed, partner_id, create_date, write_date)
	SELECT s.id, 'project.task', s.id, coalesce(score, 0), CASE WHEN score IS NULL THEN 'none' WHEN score >= 4 THEN 'top'
		   WHEN score = 3 THEN 'ok' ELSE 'ko' END, score IS NOT NULL, b.partner_id, asked_at AT TIME ZONE 'UTC',
		   coalesce(answered_at, asked_at + interval '40 days') AT TIME ZONE 'UTC'
	FROM survey s JOIN buyer b ON b.id = s.customer_id WHERE kind = 'csat';
INSERT INTO survey_survey VALUES (1, '{"en_US": "Would you recommend us?"}'), (2, '{"en_US": "Office party"}');
INSERT INTO survey_question VALUES (1, 1, '{"en_US": "How likely is it?"}', 'scale', 0, 10),
	(2, 1, '{"en_US": "Why?"}', 'text_box', 0, 10), (3, 2, '{"en_US": "How was it?"}', 'scale', 1, 5);
INSERT INTO survey_user_input (id, survey_id, state, test_entry, partner_id, end_datetime, create_date)
	SELECT s.id, 1, CASE WHEN score IS NOT NULL THEN 'done' WHEN s.id % 2 = 0 THEN 'new' ELSE 'in_progress' END, false, b.partner_id,
		   answered_at AT TIME ZONE 'UTC', asked_at AT TIME ZONE 'UTC'
	FROM survey s JOIN buyer b ON b.id = s.customer_id WHERE kind = 'nps'
	UNION ALL SELECT 1000 + n, 1, 'done', true, 2, '2025-05-05', '2025-05-05' FROM generate_series(1, 9) AS n
	UNION ALL SELECT 2000 + n, 2, 'done', false, 2, '2025-05-05', '2025-05-05' FROM generate_series(1, 9) AS n;
INSERT INTO survey_user_input_line (user_input_id, question_id, answer_type, skipped, value_scale)
	SELECT id, 1, 'scale', false, score FROM survey WHERE kind = 'nps' AND score IS NOT NULL
	UNION ALL SELECT id, 2, NULL, true, 0 FROM survey WHERE kind = 'nps' AND score IS NOT NULL
	UNION ALL SELECT id, 1, NULL, true, 0 FROM survey WHERE kind = 'nps' AND score IS NULL AND id % 2 = 1
	UNION ALL SELECT 1000 + n, 1, 'scale', false, 10 FROM generate_series(1, 9) AS n
	UNION ALL SELECT 2000 + n, 3, 'scale', false, 5 FROM generate_series(1, 9) AS n;

DROP VIEW buyer, opportunity;
COMMIT;
