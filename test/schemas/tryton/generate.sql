/*
 * tryton/generate.sql - what ../truth.sql knows, as Tryton writes it down
 *
 * The variables "source" and "truth" name the schemas.  What a reader can trip
 * over, and does occur here:
 *
 *	- times are of the server's clock, UTC, without saying so; what counts for the
 *	  business are dates;
 *	- a lead is an opportunity in state "lead", which it was at first, and may
 *	  become again; it begins to be a deal when it leaves that state;
 *	- the history has a row for each version, whatever was changed, and one
 *	  without anything for a deletion; one deal in seventeen is older than it;
 *	- a lost deal is lost, a cancelled one never was any;
 *	- a probability is 0 to 1; an amount that is not known is NULL;
 *	- a sale's amounts are only stored once it is confirmed, in some releases
 *	  later, and are otherwise those of its lines;
 *	- parties are also suppliers, ourselves, employees, and those that were merged
 *	  into another;
 *	- subscriptions are drafts, run or are closed; a change of plan ends a line and
 *	  begins another; a price is for a month, a quarter or a year.
 */
CREATE SCHEMA :"truth";
CREATE TABLE :"truth".stage (ord, stage, probability) AS VALUES (1, 'opportunity', 0.3), (2, 'converted', 0.75);
\set reopen 0.3
\ir ../truth.sql

BEGIN;
SET LOCAL search_path = :"source", :"truth";
SET LOCAL TimeZone = 'UTC';
SET LOCAL jit = off;

INSERT INTO currency_currency VALUES (1, 'EUR', 'Euro'), (2, 'USD', 'Dollar');
INSERT INTO party_party (id, active, code, create_date, name) VALUES (1, true, '1', '2023-01-01', 'Our company');
INSERT INTO party_party (id, active, code, create_date, name)
	SELECT 1 + n, true, 1 + n, '2023-01-01', 'owner ' || n FROM generate_series(1, 3) AS n;
INSERT INTO company_company VALUES (1, 1, 1, 'Europe/Paris');
INSERT INTO company_employee SELECT n, 1, 1 + n FROM generate_series(1, 3) AS n;
INSERT INTO party_party (id, active, code, create_date, name, replaced_by)
	SELECT 100 + id, id % 10 <> 0 OR NOT EXISTS (SELECT FROM purchase p WHERE p.customer_id = c.id AND p.state = 'confirmed'),
		   100 + id, created_at AT TIME ZONE 'UTC', name, NULL::int FROM customer c
	UNION ALL
	SELECT 1000 + id, false, 1000 + id, created_at AT TIME ZONE 'UTC', name, 100 + id FROM customer WHERE id % 9 = 0
	UNION ALL
	SELECT 2000 + n, true, 2000 + n, '2024-01-01', 'Supplier', NULL FROM generate_series(1, 20) AS n;
INSERT INTO party_contact_mechanism (active, party, sequence, type, value)
	SELECT id % 4 <> 0, 100 + id, 1, 'email', 'first.' || email FROM customer
	UNION ALL SELECT true, 100 + id, 2, 'email', email FROM customer
	UNION ALL SELECT true, 100 + id, NULL, 'phone', '+1' FROM customer;

-- leads that stay leads, or are lost as such; deals, of which the first 180 were leads for long and others for an hour
CREATE TEMP TABLE version ON COMMIT DROP AS
	SELECT id, 1 AS seq, 'lead' AS state, created_at AS at FROM lead
	UNION ALL
	SELECT id, 2, 'lost', lost_at FROM lead WHERE lost_at IS NOT NULL
	UNION ALL
	SELECT 1000 + id, 1, 'lead', created_at - interval '1 hour' FROM deal WHERE lead_id IS NULL
	UNION ALL
	SELECT CASE WHEN deal_id > 180 THEN 1000 + deal_id ELSE deal_id END, 10 * seq, stage, entered_at FROM deal_stage
	UNION ALL
	-- back to the lead for a minute
	SELECT CASE WHEN deal_id > 180 THEN 1000 + deal_id ELSE deal_id END, 10 * seq + 1, 'lead', entered_at + interval '1 minute'
	FROM deal_stage WHERE stage = 'opportunity' AND deal_id % 6 = 0
	UNION ALL
	SELECT CASE WHEN deal_id > 180 THEN 1000 + deal_id ELSE deal_id END, 10 * seq + 2, 'opportunity', entered_at + interval '2 minutes'
	FROM deal_stage WHERE stage = 'opportunity' AND deal_id % 6 = 0;
INSERT INTO sale_opportunity (id, amount, company, conversion_probability, create_date, description, employee, end_date, lost_reason,
							  number, party, start_date, state, write_date)
	SELECT v.id, d.amount, 1, coalesce(d.probability, CASE l.status WHEN 'lost' THEN 0 ELSE 0.5 END), v.created_at AT TIME ZONE 'UTC',
		   CASE WHEN d.id IS NOT NULL THEN 'Deal ' || d.id ELSE 'Lead ' || l.id END, right(coalesce(d.owner, l.owner), 1)::int,
		   (coalesce(d.closed_at, l.lost_at) AT TIME ZONE 'UTC')::date, CASE d.outcome WHEN 'lost' THEN 'Too expensive' END,
		   v.id, 100 + d.customer_id, (v.created_at AT TIME ZONE 'UTC')::date, v.state, v.written_at AT TIME ZONE 'UTC'
	FROM (SELECT id, min(at) AS created_at, NULLIF(max(at), min(at)) AS written_at, (array_agg(state ORDER BY seq DESC))[1] AS state
		  FROM version GROUP BY id) AS v
	LEFT JOIN deal d ON v.id = CASE WHEN d.lead_id IS NULL THEN 1000 + d.id ELSE d.id END
	LEFT JOIN lead l ON l.id = v.id AND d.id IS NULL
	UNION ALL
	SELECT 3000 + n, 5000, 1, 0.5, timestamp '2025-01-01', 'Cancelled', 1, '2025-02-01', NULL, 3000 + n, 101, '2025-01-01', 'cancelled', '2025-02-01'
	FROM generate_series(1, 15) AS n;
INSERT INTO sale_opportunity__history (id, state, company, conversion_probability, number, start_date, create_date, write_date)
	SELECT id, state, 1, 0.5, id, '2025-01-01', CASE first WHEN 1 THEN at AT TIME ZONE 'UTC' ELSE created AT TIME ZONE 'UTC' END,
		   CASE WHEN first > 1 THEN at AT TIME ZONE 'UTC' END
	FROM (SELECT id, seq, state, at, row_number() OVER w AS first, first_value(at) OVER w AS created
		  FROM (SELECT * FROM version
				UNION ALL
				-- the same again: something else was changed
				SELECT id, seq + 5, state, at + interval '1 second' FROM version WHERE id % 3 = 0) AS v
		  WINDOW w AS (PARTITION BY id ORDER BY seq)) AS x
	WHERE NOT (id > 1000 AND id % 17 = 0)
	ORDER BY at, id, seq;
INSERT INTO sale_opportunity__history (id, state, create_date, write_date)
	SELECT 3000 + n, s, '2025-01-01', at FROM generate_series(1, 15) AS n,
	LATERAL (VALUES ('lead', NULL::timestamp), ('opportunity', '2025-01-15'), ('cancelled', '2025-02-01')) AS v (s, at)
	UNION ALL
	SELECT 4000 + n, s, c, at FROM generate_series(1, 15) AS n,
	LATERAL (VALUES ('opportunity', '2025-01-01'::timestamp, NULL::timestamp), (NULL, NULL, '2025-02-01')) AS v (s, c, at);

-- every fifth sale is in dollars; every fourth has no stored amounts
INSERT INTO sale_sale (id, company, create_date, currency, number, party, sale_date, state, untaxed_amount_cache, tax_amount_cache, total_amount_cache)
	SELECT id, 1, ordered_at AT TIME ZONE 'UTC' - interval '2 days', CASE id % 5 WHEN 0 THEN 2 ELSE 1 END, id, 100 + customer_id,
		   CASE WHEN state <> 'draft' THEN (ordered_at AT TIME ZONE 'UTC')::date END,
		   CASE state WHEN 'confirmed' THEN (ARRAY['confirmed', 'processing', 'done'])[1 + id % 3]
					  WHEN 'draft' THEN (ARRAY['draft', 'quotation'])[1 + id % 2] ELSE 'cancelled' END,
		   CASE WHEN id % 4 <> 0 THEN amount END, CASE WHEN id % 4 <> 0 THEN round(amount * 0.2, 2) END,
		   CASE WHEN id % 4 <> 0 THEN amount + round(amount * 0.2, 2) END
	FROM purchase;
INSERT INTO sale_line (quantity, sale, type, unit_price)
	SELECT 2, id, 'line', amount / 4 FROM purchase
	UNION ALL SELECT 5, id, 'line', amount / 10 FROM purchase
	UNION ALL SELECT NULL, id, 'comment', NULL FROM purchase WHERE id % 3 = 0
	UNION ALL SELECT 1, id, 'subtotal', amount FROM purchase WHERE id % 3 = 1;

INSERT INTO sale_subscription_recurrence_rule_set VALUES (1, 'month'), (2, 'quarter'), (3, 'year');
INSERT INTO sale_subscription_recurrence_rule (set_, freq, "interval", exclusive)
	VALUES (1, 'monthly', 1, false), (2, 'monthly', 3, false), (3, 'yearly', 1, false), (3, 'monthly', 1, true);
INSERT INTO sale_subscription (id, company, currency, end_date, invoice_recurrence, number, party, start_date, state)
	SELECT customer_id, 1, 1, CASE WHEN count(*) = count(last_day) THEN max(last_day) END, 1, customer_id, 100 + customer_id, min(first_day),
		   CASE WHEN count(*) = count(last_day) THEN 'closed' ELSE 'running' END
	FROM plan GROUP BY customer_id
	UNION ALL
	SELECT 1000 + n, 1, 1, NULL, 1, 1000 + n, 100 + n, '2025-01-01', (ARRAY['draft', 'quotation', 'cancelled'])[1 + n % 3] FROM generate_series(1, 30) AS n;
INSERT INTO sale_subscription_line (consumption_recurrence, description, end_date, quantity, service, start_date, subscription, unit_price)
	SELECT r.id, 'Plan ' || n, CASE WHEN n = 1 OR customer_id % 2 = 0 THEN last_day END, quantity, n, first_day, customer_id,
		   monthly_price * CASE every WHEN 'month' THEN 1 WHEN 'quarter' THEN 3 ELSE 12 END
	FROM plan JOIN sale_subscription_recurrence_rule_set r ON r.name = every
	UNION ALL
	SELECT NULL, 'Once', NULL, 1, 9, first_day, customer_id, 500 FROM plan WHERE n = 1
	UNION ALL
	SELECT 1, 'Plan 1', NULL, 1, 1, '2025-01-01', 1000 + n, 500 FROM generate_series(1, 30) AS n;

INSERT INTO sale_complaint_type VALUES (1, 'Delivery'), (2, 'Quality');
INSERT INTO sale_complaint (id, company, create_date, customer, date, employee, state, type, write_date)
	SELECT id, 1, created_at AT TIME ZONE 'UTC', 100 + customer_id, (created_at AT TIME ZONE 'UTC')::date, 1 + id % 3,
		   CASE WHEN resolved_at IS NOT NULL THEN (ARRAY['done', 'rejected'])[1 + id % 2] ELSE (ARRAY['waiting', 'approved'])[1 + id % 2] END,
		   1 + id % 2, coalesce(resolved_at, created_at + interval '1 hour') AT TIME ZONE 'UTC'
	FROM ticket
	UNION ALL
	SELECT 1000 + n, 1, '2025-05-05', 101, '2025-05-05', 1, (ARRAY['draft', 'cancelled'])[1 + n % 2], 1, '2025-05-06' FROM generate_series(1, 20) AS n;

INSERT INTO marketing_automation_activity SELECT n, 'send_email', 'Mailing ' || n FROM generate_series(1, 8) AS n
	UNION ALL SELECT 9, NULL, 'Wait';
INSERT INTO marketing_automation_record SELECT id, 'party.party,' || 100 + id, 1 FROM customer
	UNION ALL SELECT 1000 + id, 'sale.sale,' || id, 2 FROM purchase;
-- odd mailings are about sales
INSERT INTO marketing_automation_record_activity (activity, at, email_clicked, email_opened, record, state)
	SELECT campaign, sent_at AT TIME ZONE 'UTC', clicked_at IS NOT NULL, opened_at IS NOT NULL,
		   coalesce(CASE WHEN campaign % 2 = 1 THEN 1000 + (SELECT min(p.id) FROM purchase p WHERE p.customer_id = mail.customer_id) END, customer_id), 'done'
	FROM mail
	UNION ALL SELECT 9, '2025-05-05', false, false, id, 'done' FROM customer WHERE id < 50
	UNION ALL SELECT 8, NULL, false, false, id, 'waiting' FROM customer WHERE id < 50
	UNION ALL SELECT 8, '2025-05-05', false, false, id, 'cancelled' FROM customer WHERE id < 50;

COMMIT;
