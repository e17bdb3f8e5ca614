/*
 * truth.sql - what has happened at a made-up company, before any CRM has
 * written it down
 *
 * A psql script that the fixtures of the CRM systems share.  It fills a schema
 * of its own, named by the variable "truth", with plain facts: instants are
 * timestamptz, money is in major units, unknown is NULL, nothing is deleted
 * and nothing is encoded.  A system's generate.sql then writes these facts
 * down as that system would, with its conventions and its dirt, and a test
 * computes the true numbers from here, without looking at the system's tables.
 *
 * The table truth.stage (ord, stage, probability), made beforehand, says which
 * stages a deal passes in that system.  "reopen" is the share of lost deals
 * that are taken up again.
 *
 * Every draw is a function of a stream and a key, so that the same facts come
 * out whatever the server version, the plan or the time zone of the session.
 * Instants are whole seconds; some lie in the last hour of a month, by UTC,
 * which a reader who takes them for another time zone's puts in the wrong
 * month.
 */
BEGIN;
SET LOCAL search_path = :"truth";
-- a day of an interval is 24 hours
SET LOCAL TimeZone = 'UTC';
SET LOCAL jit = off;

CREATE FUNCTION draw(stream text, key bigint)
RETURNS float8
LANGUAGE sql IMMUTABLE
RETURN (('x' || substr(md5(stream || ' ' || key::text), 1, 8))::bit(32)::bigint + 0.5) / 4294967296;

CREATE FUNCTION pick(choices text[], stream text, key bigint)
RETURNS text
LANGUAGE sql IMMUTABLE
RETURN choices[1 + floor(draw(stream, key) * cardinality(choices))::int];

/* one in twelve instants is moved to the last hour of its month */
CREATE FUNCTION instant(t timestamptz, stream text, key bigint)
RETURNS timestamptz
LANGUAGE sql STABLE
RETURN CASE WHEN draw(stream || ' edge', key) < 1.0 / 12
			THEN date_trunc('month', t) + interval '1 month'
				 - make_interval(secs => 1 + floor(3598 * draw(stream || ' second', key)))
			ELSE date_trunc('second', t) END;

/* what is recorded begins and ends here; the end is "today" */
CREATE TABLE period AS
SELECT timestamptz '2024-01-01 00:00+00' AS lo, timestamptz '2026-01-01 00:00+00' AS hi;

CREATE TABLE customer AS
SELECT id,
	   'Customer ' || id AS name,
	   'c' || id || '@example.com' AS email,
	   pick('{DE,FR,IT,US}', 'country', id) AS country,
	   instant(lo + (hi - lo) * power(draw('customer', id), 0.8) * 0.97, 'customer', id) AS created_at
FROM period, generate_series(1, 300) AS id;
ALTER TABLE customer ADD PRIMARY KEY (id);

/* four leads in five are called or written to, most within a day, but not after they are closed */
CREATE FUNCTION first_contact(id bigint, created_at timestamptz, closed_at timestamptz)
RETURNS timestamptz
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN draw('contacted', id) < 0.8
			THEN least(created_at + make_interval(secs => floor(60 - 28800 * ln(draw('contact', id)))),
					   closed_at - interval '1 second') END;

/* lead n of the first 180 became customer n at the instant it was converted */
CREATE TABLE lead AS
WITH became AS MATERIALIZED (
	SELECT c.id, c.created_at AS converted_at,
		   date_trunc('second', c.created_at - interval '1 day' * (0.2 - 12 * ln(draw('lead age', c.id)))) AS created_at
	FROM customer c WHERE c.id <= 180
), others AS MATERIALIZED (
	SELECT id, instant(lo + (hi - lo) * draw('lead', id), 'lead', id) AS created_at, hi
	FROM period, generate_series(181, 460) AS id
)
SELECT id, created_at, converted_at, NULL::timestamptz AS lost_at, id AS customer_id,
	   'converted' AS status, first_contact(id, created_at, converted_at) AS first_contacted_at,
	   pick('{web,referral,event,ads}', 'lead source', id) AS source,
	   'owner ' || (1 + id % 3) AS owner
FROM became
UNION ALL
SELECT id, created_at, NULL, CASE WHEN lost < hi THEN lost END, NULL,
	   CASE WHEN lost < hi THEN 'lost' ELSE 'open' END,
	   first_contact(id, created_at, least(lost, hi)),
	   pick('{web,referral,event,ads}', 'lead source', id), 'owner ' || (1 + id % 3)
FROM others,
LATERAL (SELECT date_trunc('second', created_at + interval '1 day' *
						   (1 - 60 * ln(draw('lead lost', id)))) AS lost OFFSET 0) AS l;
ALTER TABLE lead ADD PRIMARY KEY (id);

/*
 * The walk of a deal through the stages: on to the next one, past it, back, or
 * lost.  Every fifth deal has no amount yet, or never got one.
 */
CREATE TABLE deal_stage AS
WITH RECURSIVE begun AS MATERIALIZED (
	SELECT id, CASE WHEN id <= 180 THEN id ELSE 1 + floor(300 * draw('deal customer', id))::int END AS customer_id,
		   draw('deal', id) AS u
	FROM generate_series(1, 520) AS id
), walk AS (
	SELECT d.id AS deal_id, d.customer_id, 1 AS seq, 1 AS ord,
		   CASE WHEN d.id <= 180 THEN c.created_at
				ELSE instant(greatest(c.created_at + interval '1 hour', lo + (hi - lo) * u), 'deal', d.id)
		   END AS entered_at
	FROM period, begun d JOIN customer c ON c.id = d.customer_id
	UNION ALL
	SELECT deal_id, customer_id, seq + 1, next, entered_at + make_interval(secs => floor(86400 *
		   (0.1 - 11 * ln(draw('stage time', deal_id * 100 + seq)))))
	FROM (SELECT *, draw('stage move', deal_id * 100 + seq) AS u, (SELECT max(ord) FROM stage) AS last
		  FROM walk OFFSET 0) AS w,
	LATERAL (
		SELECT CASE WHEN ord = 0 THEN CASE WHEN u < :reopen THEN 2 END
					WHEN u < 0.14 THEN 0
					WHEN u < 0.22 AND ord > 1 AND seq < 12 THEN ord - 1
					WHEN u < 0.30 AND ord < last THEN ord + 2
					ELSE ord + 1 END AS next
	) AS n
	WHERE ord <= last AND next IS NOT NULL AND seq < 30
)
SELECT w.deal_id, w.customer_id, w.seq,
	   CASE WHEN w.ord = 0 THEN 'lost' ELSE coalesce(s.stage, 'won') END AS stage, w.entered_at
FROM period, walk w LEFT JOIN stage s USING (ord)
WHERE w.entered_at < hi;
ALTER TABLE deal_stage ADD PRIMARY KEY (deal_id, seq);

CREATE TABLE deal AS
WITH ends AS (
	SELECT deal_id AS id, min(customer_id) AS customer_id, min(entered_at) AS created_at,
		   (array_agg(stage ORDER BY seq DESC))[1] AS stage, max(entered_at) AS last_at
	FROM deal_stage GROUP BY 1
)
SELECT e.id, e.customer_id,
	   CASE WHEN e.id <= 180 THEN e.id END AS lead_id,
	   CASE WHEN e.id % 5 <> 0 THEN round((exp(7 + 2 * draw('deal amount', e.id)))::numeric, 2) END AS amount,
	   e.created_at, e.stage,
	   CASE WHEN e.stage IN ('won', 'lost') THEN e.stage ELSE 'open' END AS outcome,
	   CASE WHEN e.stage IN ('won', 'lost') THEN e.last_at END AS closed_at,
	   (e.created_at AT TIME ZONE 'UTC')::date + 30 + floor(60 * draw('deal expected', e.id))::int AS expected_close,
	   CASE e.stage WHEN 'won' THEN 1 WHEN 'lost' THEN 0 ELSE s.probability END AS probability,
	   'owner ' || (1 + e.id % 3) AS owner,
	   pick('{web,referral,event,ads}', 'lead source', e.id) AS source
FROM ends e LEFT JOIN stage s USING (stage);
ALTER TABLE deal ADD PRIMARY KEY (id);

/* customers buy again and again, some often; one order in six is never confirmed */
CREATE TABLE purchase AS
WITH bought AS MATERIALIZED (
	SELECT c.id AS customer_id, c.id * 100 + n AS key, draw('purchase state', c.id * 100 + n) AS u,
		   instant(c.created_at + (hi - c.created_at) * draw('purchase', c.id * 100 + n) * 0.999,
				   'purchase', c.id * 100 + n) AS ordered_at,
		   round((exp(3 + 3 * draw('purchase amount', c.id * 100 + n)))::numeric, 2) AS amount
	FROM period, (SELECT *, floor(12 * power(draw('purchases', id), 2))::int AS purchases FROM customer OFFSET 0) AS c,
	LATERAL generate_series(1, purchases) AS n
)
SELECT row_number() OVER (ORDER BY key)::int AS id, customer_id,
	   CASE WHEN u < 0.08 THEN 'draft' WHEN u < 0.16 THEN 'cancelled' ELSE 'confirmed' END AS state,
	   ordered_at, amount
FROM period, bought WHERE ordered_at < hi;
ALTER TABLE purchase ADD PRIMARY KEY (id);

/* some of it comes back, and is refunded on a later day */
CREATE TABLE refund AS
SELECT p.id AS purchase_id, p.customer_id, p.amount,
	   (p.ordered_at AT TIME ZONE 'UTC')::date + 10 AS refunded_on
FROM period, purchase p
WHERE p.state = 'confirmed' AND draw('refund', p.id) < 0.05 AND p.ordered_at < hi - interval '20 days';
ALTER TABLE refund ADD PRIMARY KEY (purchase_id);

/*
 * Now and then a mailing to every customer of that time.  An opened or clicked
 * mail has been delivered, a bounced one has not.
 */
CREATE TABLE mail AS
WITH sent AS MATERIALIZED (
	SELECT m.n AS campaign, c.id AS customer_id, m.n * 1000 + c.id AS key,
		   date_trunc('second', m.at + interval '40 minutes' * draw('mail', m.n * 1000 + c.id)) AS sent_at,
		   draw('bounce', m.n * 1000 + c.id) AS bounce, draw('open', m.n * 1000 + c.id) AS open,
		   draw('open time', m.n * 1000 + c.id) AS delay
	FROM period, LATERAL (
		SELECT n, lo + make_interval(days => 90 * n, hours => 23) AS at FROM generate_series(1, 8) AS n
	) AS m JOIN customer c ON c.created_at < m.at
), dated AS MATERIALIZED (
	SELECT *, date_trunc('second', sent_at - interval '6 hours' * ln(delay)) AS reaction FROM sent
)
SELECT row_number() OVER (ORDER BY key)::int AS id, campaign, customer_id, sent_at,
	   CASE WHEN bounce < 0.06 THEN sent_at + interval '90 seconds' END AS bounced_at,
	   CASE WHEN bounce >= 0.06 AND open < 0.4 THEN reaction END AS opened_at,
	   CASE WHEN bounce >= 0.06 AND open < 0.1 THEN reaction + interval '1 minute' END AS clicked_at,
	   CASE WHEN bounce >= 0.06 AND open < 0.02 THEN reaction + interval '5 minutes' END AS unsubscribed_at
FROM dated;
ALTER TABLE mail ADD PRIMARY KEY (id);

/* a ticket can be answered, resolved, reopened, resolved again */
CREATE TABLE ticket AS
WITH raised AS MATERIALIZED (
	SELECT n AS id, 1 + floor(300 * draw('ticket customer', n))::int AS customer_id, draw('ticket', n) AS u,
		   draw('reopen', n) AS v,
		   make_interval(secs => floor(-7200 * ln(draw('answer', n)))) AS answer,
		   make_interval(secs => floor(3600 - 86400 * ln(draw('resolve', n)))) AS resolve,
		   make_interval(secs => floor(86400 - 86400 * ln(draw('again', n)))) AS again
	FROM generate_series(1, 320) AS n
), dated AS MATERIALIZED (
	SELECT r.*, hi, instant(c.created_at + (hi - c.created_at) * 0.99 * u, 'ticket', r.id) AS created_at
	FROM period, raised r JOIN customer c ON c.id = r.customer_id
), solved AS MATERIALIZED (
	SELECT *, created_at + answer AS answered, created_at + answer + resolve AS solved,
		   v < 0.15 AND created_at + answer + resolve + again < hi AS reopened
	FROM dated
)
SELECT id, customer_id, created_at,
	   CASE WHEN answered < hi THEN answered END AS first_response_at,
	   CASE WHEN solved < hi THEN solved END AS first_resolved_at,
	   reopened,
	   CASE WHEN reopened THEN solved + again END AS reopened_at,
	   CASE WHEN NOT reopened AND solved < hi THEN solved
			WHEN reopened AND solved + again + resolve < hi THEN solved + again + resolve END AS resolved_at,
	   pick('{low,normal,high}', 'priority', id) AS priority
FROM solved WHERE created_at < hi;
ALTER TABLE ticket ADD PRIMARY KEY (id);

/* what was asked after a service or a sale, and what was answered, if anything */
CREATE TABLE survey AS
WITH asked AS MATERIALIZED (
	SELECT n AS id, CASE WHEN n % 3 = 0 THEN 'nps' ELSE 'csat' END AS kind,
		   1 + floor(300 * draw('survey customer', n))::int AS customer_id, draw('survey', n) AS u,
		   draw('answered', n) < 0.6 AS willing, draw('score', n) AS score,
		   make_interval(secs => floor(-43200 * ln(draw('delay', n)))) AS delay
	FROM generate_series(1, 600) AS n
), dated AS MATERIALIZED (
	SELECT a.*, hi, instant(c.created_at + (hi - c.created_at) * 0.98 * u, 'survey', a.id) AS asked_at
	FROM period, asked a JOIN customer c ON c.id = a.customer_id
)
SELECT id, kind, customer_id, asked_at,
	   CASE WHEN answered THEN asked_at + delay END AS answered_at,
	   CASE WHEN NOT answered THEN NULL
			WHEN kind = 'nps' THEN floor(11 * power(score, 0.5))::int
			ELSE 1 + floor(5 * power(score, 0.6))::int END AS score
FROM dated, LATERAL (SELECT willing AND asked_at + delay < hi AS answered) AS a
WHERE asked_at < hi;
ALTER TABLE survey ADD PRIMARY KEY (id);

/* what campaigns cost: from the first to the last day of a quarter, by channel */
CREATE TABLE spend AS
SELECT row_number() OVER (ORDER BY q, channel)::int AS id, channel,
	   ((lo AT TIME ZONE 'UTC') + make_interval(months => 3 * q))::date AS first_day,
	   ((lo AT TIME ZONE 'UTC') + make_interval(months => 3 * q + 3))::date - 1 AS last_day,
	   round((2000 + 3000 * draw('spend ' || channel, q))::numeric, 2) AS amount
FROM period, generate_series(0, 7) AS q, unnest('{web,event,ads}'::text[]) AS channel;
ALTER TABLE spend ADD PRIMARY KEY (id);

/*
 * Subscriptions: a monthly, a quarterly or a yearly price, from a day on and
 * perhaps to a day; a change of plan ends one line and begins another on the
 * next day, in the same contract.
 */
CREATE TABLE plan AS
WITH s AS (
	SELECT c.id, (c.created_at AT TIME ZONE 'UTC')::date + 3 AS first_day,
		   (hi AT TIME ZONE 'UTC')::date AS today,
		   (c.created_at AT TIME ZONE 'UTC')::date + 40 + floor(300 * draw('plan change', c.id))::int AS change,
		   (c.created_at AT TIME ZONE 'UTC')::date + 400 + floor(500 * draw('plan end', c.id))::int AS stop
	FROM period, customer c WHERE draw('subscriber', c.id) < 0.4
), line AS (
	SELECT id AS customer_id, 1 AS n, first_day, change AS last_day FROM s WHERE change < today
	UNION ALL
	SELECT id, 1, first_day, NULL FROM s WHERE change >= today AND first_day < today
	UNION ALL
	SELECT id, 2, change + 1, CASE WHEN stop < today THEN stop END FROM s WHERE change < today
		AND draw('plan stays', id) < 0.75
)
SELECT row_number() OVER (ORDER BY customer_id, n)::int AS id, customer_id, n, first_day, last_day,
	   pick('{month,quarter,year}', 'plan freq', customer_id * 10 + n) AS every,
	   1 + floor(3 * draw('plan seats', customer_id * 10 + n))::int AS quantity,
	   round((20 + 60 * draw('plan price', customer_id * 10 + n))::numeric, 2) AS monthly_price
FROM line;
ALTER TABLE plan ADD PRIMARY KEY (id);

COMMIT;
