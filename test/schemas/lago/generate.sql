/*
 * generate.sql - fill the Lago tables from facts that are written down
 *
 * lago_truth holds what happened, in a form that needs no knowledge of Lago:
 * who paid how much a month from which month to which, which sales counted on
 * which day.  The months are those of the customer's own calendar, and one
 * counts for a price that was in force when it ended.  The tables of Lago are
 * then filled as the application would do, with all that misleads: times in
 * UTC that are of another month where the customer is, cents (and yen, which
 * have none), prices for a week, a quarter, half a year and a year, changes of plan, trials, coupons that
 * last and coupons that do not, two subscriptions of one customer, deleted
 * customers and plans, subscriptions that never began, prices agreed upon
 * (a plan with a parent), taxes, prepaid credit, invoices that were voided, are
 * drafts or were lost in a dispute, partners whom the company pays itself.
 *
 * Every draw is a function of its key, so the data are always the same.
 */
CREATE SCHEMA lago_truth;

CREATE FUNCTION lago_truth.uniform(key text) RETURNS float8
LANGUAGE sql IMMUTABLE AS $$
	SELECT ('x' || substr(md5('lago ' || key), 1, 8))::bit(32)::bigint
		/ 4294967296.0::float8
$$;

CREATE FUNCTION lago_truth.id(key text) RETURNS uuid
LANGUAGE sql IMMUTABLE AS $$
	SELECT md5('lago ' || key)::uuid
$$;

/* kind says what becomes of the customer: see subscription */
CREATE TABLE lago_truth.customer (
	id			int PRIMARY KEY,
	kind		int NOT NULL,
	zone		text NOT NULL,
	currency	text NOT NULL,
	partner		boolean NOT NULL,
	created_at	timestamptz NOT NULL
);

/* Local clock times of the customer; status as Lago names it */
CREATE TABLE lago_truth.subscription (
	customer_id	int NOT NULL,
	n			int NOT NULL,
	plan		text NOT NULL,
	status		text NOT NULL,
	starts		timestamp,
	ends		timestamp,
	previous	int,
	PRIMARY KEY (customer_id, n)
);

/* What is paid a month for a subscription; until now if last_month is NULL */
CREATE TABLE lago_truth.paying (
	customer_id	int NOT NULL,
	n			int NOT NULL,
	monthly		numeric NOT NULL,
	currency	text NOT NULL,
	first_month	date NOT NULL,
	last_month	date
);

/* Sales that count, net of tax and discount; negative what was credited */
CREATE TABLE lago_truth.sale (
	key			text PRIMARY KEY,
	customer_id	int NOT NULL,
	day			date NOT NULL,
	net			numeric NOT NULL,
	currency	text NOT NULL,
	kind		text NOT NULL
);

INSERT INTO lago_truth.customer
SELECT i, i % 24,
	(ARRAY['Europe/Berlin', 'Asia/Tokyo', 'America/Los_Angeles'])[1 + i / 24 % 3],
	CASE i % 48 WHEN 8 THEN 'USD' WHEN 32 THEN 'JPY' ELSE 'EUR' END,
	i % 24 = 20,
	-- a month and a half before the first subscription can start
	'2024-01-10 08:00+00'::timestamptz + floor(lago_truth.uniform('created ' || i) * 300) * interval '24 hours'
FROM generate_series(1, 360) i;

/*
 * m is the first month in which something is paid, e the last one where there
 * is an end, c the month in which something changes.  Starts are early, in the
 * middle and late in their month.
 */
CREATE TABLE lago_truth.plot AS
SELECT id, kind, currency, m, m + interval '1 month' * (6 + floor(lago_truth.uniform('end ' || id) * 6)) AS e,
	m + interval '1 month' * (2 + floor(lago_truth.uniform('change ' || id) * 3)) AS c,
	(ARRAY[interval '0', interval '14 days 12 hours', interval '27 days 23 hours 59 minutes'])[1 + id / 72 % 3] AS delay,
	id / 24 % 2 = 0 AS even
FROM lago_truth.customer,
LATERAL (SELECT date_trunc('month', created_at AT TIME ZONE 'UTC') + interval '2 months' AS m) s;

INSERT INTO lago_truth.subscription
SELECT p.id, s.n, s.plan, s.status, s.starts, s.ends, s.previous
FROM lago_truth.plot p,
LATERAL (VALUES
	(0, 1, 'starter', 'active', m + delay, NULL::timestamp, NULL::int),
	(1, 1, 'pro-year', 'active', m + delay, NULL, NULL),
	(2, 1, 'week', 'terminated', m + delay, e + interval '1 month' + delay, NULL),
	(3, 1, 'starter-quarter', 'terminated', m + delay, e + interval '1 month' + delay, NULL),
	(4, 1, 'pro-half', 'active', m + delay, NULL, NULL),
	(5, 1, CASE WHEN even THEN 'starter' ELSE 'pro' END, 'terminated', m + delay, c + delay, NULL),
	(5, 2, CASE WHEN even THEN 'pro' ELSE 'starter' END, 'active', c + delay, NULL, 1),
	-- the trial begins late in the month before and ends in m; not again with the next plan
	(6, 1, 'starter-trial', 'terminated', m - interval '4 days', c + interval '20 days', NULL),
	(6, 2, 'pro-trial', 'active', c + interval '20 days', NULL, 1),
	(7, 1, 'starter', 'active', m + delay, NULL, NULL),
	(7, 2, 'pro', 'terminated', m + delay, c + delay, NULL),
	(8, 1, 'starter-' || lower(currency), 'terminated', m + delay, e + interval '1 month' + delay, NULL),
	(9, 1, 'pro', 'active', m + delay, NULL, NULL),
	(10, 1, 'pro', 'active', m + delay, NULL, NULL),
	(11, 1, 'pro', 'terminated', m + delay, c + delay, NULL),
	(11, 2, 'pro', 'active', c + interval '3 months' + delay, NULL, NULL),
	(12, 1, 'pro', 'pending', NULL, NULL, NULL),
	(13, 1, 'pro', 'canceled', NULL, NULL, NULL),
	(14, 1, 'pro', 'incomplete', m + delay, NULL, NULL),
	(15, 1, CASE WHEN even THEN 'free' ELSE 'pro' END, 'active', m + delay, NULL, NULL),
	(16, 1, 'withdrawn', 'active', m + delay, NULL, NULL),
	(17, 1, 'pro', 'terminated', m + delay, e + interval '1 month' + delay, NULL),
	(18, 1, 'pro', 'active', m + delay, NULL, NULL),
	-- between two ends of months
	(19, 1, 'pro', 'terminated', m + interval '2 hours', m + interval '26 days', NULL),
	(20, 1, 'pro', 'active', m + delay, NULL, NULL),
	(21, 1, 'starter-trial', 'terminated', m - interval '4 days', m + interval '9 days', NULL),
	(22, 1, 'pro-agreed', 'active', m + delay, NULL, NULL),
	(23, 1, 'starter', 'active', m + delay, NULL, NULL),
	(23, 2, 'pro', 'active', m + delay, NULL, NULL)
) AS s (kind, n, plan, status, starts, ends, previous)
WHERE s.kind = p.kind;

INSERT INTO lago_truth.paying
SELECT p.id, s.n, s.monthly, s.currency, s.first_month, s.last_month
FROM lago_truth.plot p,
LATERAL (VALUES
	(0, 1, 29.00, 'EUR', m, NULL::timestamp),
	(1, 1, 99.00, 'EUR', m, NULL),
	(2, 1, 26.00, 'EUR', m, e),
	(3, 1, 29.00, 'EUR', m, e),
	(4, 1, 99.00, 'EUR', m, NULL),
	(5, 1, CASE WHEN even THEN 29.00 ELSE 99.00 END, 'EUR', m, c - interval '1 month'),
	(5, 2, CASE WHEN even THEN 99.00 ELSE 29.00 END, 'EUR', c, NULL),
	(6, 1, 29.00, 'EUR', m, c - interval '1 month'),
	(6, 2, 99.00, 'EUR', c, NULL),
	(7, 1, 29.00, 'EUR', m, NULL),
	(7, 2, 99.00, 'EUR', m, c - interval '1 month'),
	(8, 1, CASE currency WHEN 'JPY' THEN 3000 ELSE 49.00 END, currency, m, e),
	-- a quarter off, and of the rest a tenth, for ever
	(9, 1, 66.825, 'EUR', m, NULL),
	(10, 1, 99.00, 'EUR', m, NULL),
	-- 15: a free plan, or all of the price off
	(11, 1, 99.00, 'EUR', m, c - interval '1 month'),
	(11, 2, 99.00, 'EUR', c + interval '3 months', NULL),
	(16, 1, 39.00, 'EUR', m, NULL),
	(17, 1, 99.00, 'EUR', m, e),
	-- ten euros off, for ever
	(18, 1, 89.00, 'EUR', m, NULL),
	(22, 1, 79.00, 'EUR', m, NULL),
	-- a fifth off one of the two, until the coupon was taken back
	(23, 1, 23.20, 'EUR', m, c - interval '1 month'),
	(23, 1, 29.00, 'EUR', c, NULL),
	(23, 2, 99.00, 'EUR', m, NULL)
) AS s (kind, n, monthly, currency, first_month, last_month)
WHERE s.kind = p.kind;

/*
 * The application's tables
 */
INSERT INTO lago.organizations (id, name, created_at, updated_at)
VALUES (lago_truth.id('organization'), 'Example Ltd', '2023-12-01', '2023-12-01');

INSERT INTO lago.billing_entities (id, organization_id, timezone, name, code, created_at, updated_at)
VALUES (lago_truth.id('entity'), lago_truth.id('organization'), 'Europe/Berlin', 'Example Ltd', 'main',
		'2023-12-01', '2023-12-01');

/* Berlin is the billing entity's zone and not repeated; customers of kind 17 left. */
INSERT INTO lago.customers (id, external_id, name, organization_id, created_at, updated_at, country, email, currency,
							timezone, deleted_at, customer_type, account_type, billing_entity_id)
SELECT lago_truth.id('customer ' || c.id), 'customer-' || c.id, 'Customer ' || c.id, lago_truth.id('organization'),
	c.created_at AT TIME ZONE 'UTC', c.created_at AT TIME ZONE 'UTC',
	CASE c.zone WHEN 'Europe/Berlin' THEN 'DE' WHEN 'Asia/Tokyo' THEN 'JP' ELSE 'US' END,
	'customer' || c.id || '@example.com', c.currency,
	nullif(c.zone, 'Europe/Berlin'),
	CASE WHEN c.kind = 17 THEN s.ends AT TIME ZONE c.zone AT TIME ZONE 'UTC' END,
	CASE WHEN c.id % 5 = 0 THEN 'individual' ELSE 'company' END::lago.customer_type,
	CASE WHEN c.partner THEN 'partner' ELSE 'customer' END::lago.customer_account_type,
	lago_truth.id('entity')
FROM lago_truth.customer c
LEFT JOIN lago_truth.subscription s ON s.customer_id = c.id AND s.n = 1;

INSERT INTO lago.plans (id, organization_id, name, created_at, updated_at, code, "interval", amount_cents,
						amount_currency, trial_period, pay_in_advance, parent_id, deleted_at)
SELECT lago_truth.id('plan ' || code), lago_truth.id('organization'), code, '2023-12-02', '2023-12-02', code, every,
	cents, currency, trial, every > 1, lago_truth.id('plan ' || parent), deleted_at
FROM (VALUES
	('starter', 1, 2900, 'EUR', NULL, NULL, NULL::timestamp),
	('pro', 1, 9900, 'EUR', 0, NULL, NULL),
	('pro-year', 2, 118800, 'EUR', NULL, NULL, NULL),
	('week', 0, 600, 'EUR', NULL, NULL, NULL),
	('starter-quarter', 3, 8700, 'EUR', NULL, NULL, NULL),
	('pro-half', 4, 59400, 'EUR', NULL, NULL, NULL),
	('starter-trial', 1, 2900, 'EUR', 14, NULL, NULL),
	('pro-trial', 1, 9900, 'EUR', 14, NULL, NULL),
	('starter-usd', 1, 4900, 'USD', NULL, NULL, NULL),
	('starter-jpy', 1, 3000, 'JPY', NULL, NULL, NULL),
	('free', 1, 0, 'EUR', NULL, NULL, NULL),
	('withdrawn', 1, 3900, 'EUR', NULL, NULL, '2025-06-01'),
	('pro-agreed', 1, 7900, 'EUR', NULL, 'pro', NULL)
) AS p (code, every, cents, currency, trial, parent, deleted_at);

/* That a trial is over is written down for every other customer only. */
INSERT INTO lago.subscriptions (id, customer_id, plan_id, status, canceled_at, terminated_at, started_at, created_at,
								updated_at, previous_subscription_id, external_id, billing_time, subscription_at,
								trial_ended_at, organization_id)
SELECT lago_truth.id('subscription ' || s.customer_id || ' ' || s.n), lago_truth.id('customer ' || s.customer_id),
	lago_truth.id('plan ' || s.plan),
	array_position(ARRAY['pending', 'active', 'terminated', 'canceled', 'incomplete'], s.status) - 1,
	CASE WHEN s.status = 'canceled' THEN c.created_at + interval '24 hours' END AT TIME ZONE 'UTC',
	s.ends AT TIME ZONE c.zone AT TIME ZONE 'UTC', s.starts AT TIME ZONE c.zone AT TIME ZONE 'UTC',
	c.created_at AT TIME ZONE 'UTC', c.created_at AT TIME ZONE 'UTC',
	lago_truth.id('subscription ' || s.customer_id || ' ' || s.previous),
	'subscription-' || s.customer_id || '-' || coalesce(s.previous, s.n), s.customer_id % 2,
	s.starts AT TIME ZONE c.zone AT TIME ZONE 'UTC',
	CASE WHEN s.plan = 'starter-trial' AND c.kind = 6 AND c.id % 48 = 6
		 THEN (s.starts AT TIME ZONE c.zone AT TIME ZONE 'UTC') + interval '14 days' END,
	lago_truth.id('organization')
FROM lago_truth.subscription s
JOIN lago_truth.customer c ON c.id = s.customer_id
ORDER BY s.customer_id, s.n;

INSERT INTO lago.coupons (id, organization_id, name, code, amount_cents, amount_currency, coupon_type, percentage_rate,
						  frequency, limited_plans, deleted_at, created_at, updated_at)
SELECT lago_truth.id('coupon ' || code), lago_truth.id('organization'), code, code, cents, currency,
	CASE WHEN cents IS NULL THEN 1 ELSE 0 END, percent, frequency, limited, NULL, '2023-12-02', '2023-12-02'
FROM (VALUES
	('quarter-off', NULL::bigint, NULL, 25.0, 2, false),
	('gift', NULL, NULL, 100.0, 2, false),
	('tenth-off', NULL, NULL, 10.0, 2, false),
	('half-once', NULL, NULL, 50.0, 0, false),
	('half-thrice', NULL, NULL, 50.0, 1, false),
	('ten-euros', 1000, 'EUR', NULL, 2, false),
	('fifth-off-starter', NULL, NULL, 20.0, 2, true)
) AS c (code, cents, currency, percent, frequency, limited);

INSERT INTO lago.coupon_targets (id, coupon_id, plan_id, created_at, updated_at)
VALUES (lago_truth.id('target'), lago_truth.id('coupon fifth-off-starter'), lago_truth.id('plan starter'),
		'2023-12-02', '2023-12-02');

/* Coupons are applied a day before the subscription starts. */
INSERT INTO lago.applied_coupons (id, coupon_id, customer_id, status, amount_cents, amount_currency, created_at,
								  updated_at, terminated_at, percentage_rate, frequency, frequency_duration,
								  organization_id)
SELECT lago_truth.id('applied ' || a.code || c.id), k.id, lago_truth.id('customer ' || c.id),
	CASE WHEN a.kind = 23 THEN 1 ELSE 0 END, k.amount_cents, k.amount_currency,
	(s.starts AT TIME ZONE c.zone AT TIME ZONE 'UTC') - interval '1 day', '2025-12-31',
	CASE WHEN a.kind = 23 THEN (p.c + interval '3 days') AT TIME ZONE c.zone AT TIME ZONE 'UTC' END,
	k.percentage_rate, k.frequency, CASE k.frequency WHEN 1 THEN 3 END, lago_truth.id('organization')
FROM lago_truth.customer c
JOIN lago_truth.plot p ON p.id = c.id
JOIN lago_truth.subscription s ON s.customer_id = c.id AND s.n = 1
JOIN (VALUES (9, 'quarter-off'), (9, 'tenth-off'), (10, 'half'), (15, 'gift'), (18, 'ten-euros'), (23, 'fifth-off-starter'))
	AS a (kind, code)
	ON a.kind = c.kind
JOIN lago.coupons k ON k.code = CASE a.code WHEN 'half' THEN CASE WHEN c.id % 48 = 10 THEN 'half-once' ELSE 'half-thrice' END
									 ELSE a.code END
WHERE NOT (a.kind = 15 AND p.even);

/*
 * Six bills a customer, with 19 % tax, and every third with a discount.  What
 * does not count, by number: drafts, voided, failed and disputed ones, what a
 * partner bills, prepaid credit (what is bought with it is billed again), and
 * bills over nothing.
 */
CREATE TABLE lago_truth.bill AS
SELECT c.id AS customer_id, j, c.zone, c.partner,
	(c.created_at AT TIME ZONE 'UTC')::date + 20 + j * 37 + floor(lago_truth.uniform('day ' || c.id || ' ' || j) * 30)::int
		AS day,
	CASE WHEN (c.id + j) % 17 = 0 THEN 0
		 ELSE 1000 + floor(lago_truth.uniform('net ' || c.id || ' ' || j) * 20000)::int END AS fees,
	CASE WHEN (c.id + j) % 17 <> 0 AND j % 3 = 0 THEN 300 ELSE 0 END AS discount,
	c.currency, CASE c.currency WHEN 'JPY' THEN 1 ELSE 100 END AS subunits,
	CASE (c.id + 2 * j) % 23 WHEN 1 THEN 'draft' WHEN 2 THEN 'voided' WHEN 3 THEN 'failed' WHEN 4 THEN 'generating'
		ELSE 'finalized' END AS status,
	(c.id + 2 * j) % 23 = 5 AS disputed,
	CASE (c.id + 2 * j) % 23 WHEN 6 THEN 'credit' WHEN 7 THEN 'one_off' WHEN 8 THEN 'add_on' ELSE 'subscription' END AS kind,
	(c.id + j) % 11 = 0 AS credited
FROM lago_truth.customer c, generate_series(1, 6) j
WHERE c.kind NOT IN (12, 13, 14);

INSERT INTO lago_truth.sale
SELECT 'bill ' || customer_id || ' ' || j, customer_id, day, (fees - discount)::numeric / subunits, currency, kind
FROM lago_truth.bill
WHERE status = 'finalized' AND NOT disputed AND NOT partner AND kind <> 'credit' AND fees > 0
UNION ALL
-- a third was credited ten days later
SELECT 'note ' || customer_id || ' ' || j, customer_id, day + 10, -((fees - discount) / 3)::numeric / subunits, currency, 'credit_note'
FROM lago_truth.bill
WHERE status = 'finalized' AND NOT disputed AND NOT partner AND kind <> 'credit' AND fees > 0 AND credited;

INSERT INTO lago.invoices (id, created_at, updated_at, issuing_date, taxes_amount_cents, total_amount_cents, invoice_type,
						   payment_status, number, customer_id, status, timezone, organization_id, currency,
						   fees_amount_cents, coupons_amount_cents, sub_total_excluding_taxes_amount_cents,
						   sub_total_including_taxes_amount_cents, voided_at, payment_dispute_lost_at, self_billed,
						   prepaid_credit_amount_cents)
SELECT lago_truth.id('bill ' || customer_id || ' ' || j),
	(day + interval '3 hours') AT TIME ZONE zone AT TIME ZONE 'UTC', (day + interval '9 days'), day,
	tax, net + tax - prepaid,
	array_position(ARRAY['subscription', 'add_on', 'credit', 'one_off'], kind) - 1,
	1, 'EX-' || customer_id || '-' || j, lago_truth.id('customer ' || customer_id),
	array_position(ARRAY['draft', 'finalized', 'voided', 'generating', 'failed'], status) - 1,
	zone, lago_truth.id('organization'), currency, fees, discount, net, net + tax,
	CASE WHEN status = 'voided' THEN day + interval '5 days' END,
	CASE WHEN disputed THEN day + interval '50 days' END, partner, prepaid
FROM lago_truth.bill,
LATERAL (SELECT fees - discount AS net, (fees - discount) * 19 / 100 AS tax,
				CASE WHEN kind <> 'credit' AND j = 5 THEN (fees - discount) / 2 ELSE 0 END AS prepaid) a
ORDER BY customer_id, j;

/* Of a subscription invoice the fee, and one that was deleted. */
INSERT INTO lago.fees (id, invoice_id, subscription_id, amount_cents, amount_currency, taxes_amount_cents, created_at,
					   updated_at, fee_type, deleted_at, organization_id)
SELECT lago_truth.id('fee ' || n || i.number), i.id, s.id, i.fees_amount_cents, i.currency, i.taxes_amount_cents,
	i.created_at, i.updated_at, 2, CASE WHEN n = 2 THEN i.created_at END, i.organization_id
FROM lago.invoices i
JOIN lago.subscriptions s ON s.customer_id = i.customer_id AND s.previous_subscription_id IS NULL AND s.external_id LIKE '%-1',
generate_series(1, 2) n
WHERE i.invoice_type = 0;

INSERT INTO lago.credit_notes (id, customer_id, invoice_id, number, credit_amount_cents, reason, created_at, updated_at,
							   total_amount_cents, total_amount_currency, taxes_amount_cents, issuing_date, status,
							   organization_id)
SELECT lago_truth.id('note ' || b.customer_id || ' ' || b.j || s.suffix), i.customer_id, i.id,
	i.number || '-CN' || s.suffix, net + tax, 5, i.created_at + interval '10 days', i.updated_at, net + tax, i.currency, tax,
	i.issuing_date + 10, s.status, i.organization_id
FROM lago_truth.bill b
JOIN lago.invoices i ON i.id = lago_truth.id('bill ' || b.customer_id || ' ' || b.j),
LATERAL (SELECT (b.fees - b.discount) / 3 AS net, (b.fees - b.discount) / 3 * 19 / 100 AS tax) a,
(VALUES ('', 1), (' draft', 0), (' deleted', 2)) AS s (suffix, status)
WHERE b.credited AND b.status = 'finalized' AND b.fees > 0 AND NOT b.disputed AND b.kind <> 'credit';

ANALYZE lago.customers, lago.billing_entities, lago.plans, lago.subscriptions, lago.applied_coupons, lago.coupons, lago.coupon_targets, lago.invoices, lago.credit_notes;
