--
-- The sample CRM: its structure, its dirt, its determinism, and that what it
-- draws has the distributions it claims.
--
-- All expected values are relations that must hold, or closed forms of the
-- distributions (their Laplace transforms and moments), never data seen once:
-- the tolerance of a statistical check is four standard errors of the
-- quantity under the model, computed here, unless said otherwise.
--
SET client_min_messages = warning;
\set SHOW_CONTEXT never
-- an owner who is no superuser loads and fills it
CREATE ROLE regress_sample_crm NOSUPERUSER;
GRANT CREATE, TEMPORARY ON DATABASE :"DBNAME" TO regress_sample_crm;
SET ROLE regress_sample_crm;
-- pg_regress says where the tests are
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema_file :abs_srcdir '/schemas/sample_crm.sql'
\set ECHO none
\i :schema_file
\set ECHO all
-- a schema that documents itself
SELECT c.relname, a.attname
FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relnamespace = 'sample_crm'::regnamespace AND c.relkind = 'r'
  AND (obj_description(c.oid, 'pg_class') IS NULL OR col_description(c.oid, a.attnum) IS NULL);
SELECT p.proname FROM pg_proc p
WHERE p.pronamespace = 'sample_crm'::regnamespace AND obj_description(p.oid, 'pg_proc') IS NULL;
--
-- Bad arguments
--
SELECT sample_crm.generate(-1, '2025-01-01', '2026-01-01', 42);
\echo :SQLSTATE
SELECT sample_crm.generate(10, '2025-01-01', '2025-01-01', 42);
\echo :SQLSTATE
SELECT sample_crm.generate(10, '2026-01-01', '2025-01-01', 42);
\echo :SQLSTATE
SELECT sample_crm.generate(10, '-infinity', '2025-01-01', 42);
\echo :SQLSTATE
SELECT sample_crm.generate(NULL, '2025-01-01', '2026-01-01', 42);
\echo :SQLSTATE
SELECT sample_crm.generate(10, NULL, '2026-01-01', 42);
\echo :SQLSTATE
SELECT sample_crm.generate(10, '2025-01-01', NULL, 42);
\echo :SQLSTATE
SELECT sample_crm.generate(10, '2025-01-01', '2026-01-01', NULL);
\echo :SQLSTATE
--
-- Randomness: uniform() against a re-implementation with numeric and bit
-- strings, where no product can overflow and no sign plays a part
--
CREATE FUNCTION pg_temp.uniform_slowly(stream bigint, key bigint) RETURNS numeric
LANGUAGE sql AS $$
	WITH k AS (SELECT (key::numeric % 4294967291 * 1640531527 % 4093082899)::bigint # stream AS x),
	a AS (SELECT ((x # (x >> 16))::numeric * 569420461 % 4294967296)::bigint AS x FROM k),
	b AS (SELECT (x # (x >> 15))::numeric * 3545902487 % 4294967296 AS x FROM a)
	SELECT (x + 0.5) / 4294967296 FROM b
$$;
SELECT count(*), bool_and(sample_crm.uniform(s, k) = pg_temp.uniform_slowly(s, k)::float8) AS same
FROM unnest(ARRAY[0, 1, 2147483648, 4294967295, sample_crm.stream(42, 'orders')]) s,
	 (SELECT i FROM generate_series(0, 999) i
	  UNION ALL SELECT i * 16777216 + 3 FROM generate_series(1::bigint, 1000) i
	  UNION ALL SELECT 9223372036854775807) k (k);
-- mean 1/2, variance 1/12, no correlation of neighbouring keys and streams
WITH u AS (
	SELECT sample_crm.uniform(sample_crm.stream(1, 'a'), i * 32) AS u,
		   sample_crm.uniform(sample_crm.stream(1, 'a'), i * 32 + 1) AS next_draw,
		   sample_crm.uniform(sample_crm.stream(1, 'a'), i * 32 + 32) AS next_row,
		   sample_crm.uniform(sample_crm.stream(1, 'b'), i * 32) AS other_stream,
		   sample_crm.uniform(sample_crm.stream(2, 'a'), i * 32) AS other_seed
	FROM generate_series(1::bigint, 20000) i)
SELECT abs(avg(u) - 0.5) < 4 / sqrt(12 * 20000.0) AS mean,
	   abs(var_pop(u) - 1 / 12.0) < 4 / sqrt(180 * 20000.0) AS variance,
	   abs(corr(u, next_draw)) < 4 / sqrt(20000.0) AS draws,
	   abs(corr(u, next_row)) < 4 / sqrt(20000.0) AS row_by_row,
	   abs(corr(u, other_stream)) < 4 / sqrt(20000.0) AS streams,
	   abs(corr(u, other_seed)) < 4 / sqrt(20000.0) AS seeds,
	   min(u) > 0 AND max(u) < 1 AS inside
FROM u;
-- gamma: mean and variance, and E exp(-x) = (rate / (rate + 1)) ^ shape
SELECT shape, rate, abs(avg(g) - shape / rate) < 4 * sqrt(shape / n) / rate AS mean,
	   abs(avg(exp(-g)) - power(rate / (rate + 1), shape))
	   < 4 * sqrt((power(rate / (rate + 2), shape) - power(rate / (rate + 1), 2 * shape)) / n) AS transform
FROM (SELECT shape, rate, 4000.0::float8 AS n, sample_crm.gamma(7, i, shape, rate) AS g
	  FROM (VALUES (0.1::float8, 1::float8), (0.6, 6), (1, 1), (4, 33.75), (250, 100)) v (shape, rate),
		   generate_series(1, 4000) i) d
GROUP BY shape, rate, n ORDER BY shape;
-- Poisson: mean = variance, and the share of zeroes; 600 takes two pieces
SELECT mean, abs(avg(k) - mean) < 4 * sqrt(mean / 1500) AS mean_ok,
	   abs(var_pop(k) / mean - 1) < 4 * sqrt((2 + 1 / mean) / 1500) AS variance_ok,
	   abs(avg((k = 0)::int) - zero) <= 4 * sqrt(zero * (1 - zero) / 1500) AS zeroes_ok
FROM (SELECT mean, exp(-least(mean, 500)) AS zero, sample_crm.poisson(8, i, mean) AS k
	  FROM (VALUES (0.05::float8), (1), (30), (600)) v (mean), generate_series(1, 1500) i) d
GROUP BY mean, zero ORDER BY mean;
SELECT sample_crm.poisson(8, 1, 0);
--
-- Small: the same arguments give the same rows
--
CREATE FUNCTION pg_temp.digest() RETURNS text LANGUAGE plpgsql
SET timezone = 'UTC' SET datestyle = 'ISO' SET extra_float_digits = 1 AS $$
DECLARE
	tab regclass;
	part text;
	whole text := '';
BEGIN
	FOR tab IN SELECT oid FROM pg_class
			   WHERE relnamespace = 'sample_crm'::regnamespace AND relkind = 'r' ORDER BY relname COLLATE "C"
	LOOP
		EXECUTE format('SELECT md5(string_agg(t::text, E''\n'' ORDER BY t::text COLLATE "C")) FROM %s t', tab)
		INTO part;
		whole := whole || coalesce(part, '-');
	END LOOP;
	RETURN md5(whole);
END $$;
CREATE TEMP TABLE digests (name text, digest text);
CREATE TEMP TABLE catalog_before AS
SELECT conname::text AS name, pg_get_constraintdef(oid) AS def FROM pg_constraint
WHERE connamespace = 'sample_crm'::regnamespace
UNION ALL
SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'sample_crm';
SELECT table_name, row_count > 0 AS filled
FROM sample_crm.generate(200, '2025-01-01', '2026-01-01', 42);
INSERT INTO digests VALUES ('first', pg_temp.digest());
-- keys and indexes are back
SELECT count(*) > 40 AS many, count(*) FILTER (WHERE n <> 2) AS changed
FROM (SELECT name, def, count(*) AS n
	  FROM (SELECT * FROM catalog_before
			UNION ALL
			SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
			WHERE connamespace = 'sample_crm'::regnamespace
			UNION ALL
			SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'sample_crm') u
	  GROUP BY name, def) c;
SET timezone = 'Pacific/Kiritimati';
SET datestyle = 'German';
SET intervalstyle = 'sql_standard';
SET extra_float_digits = 0;
SELECT count(*) FROM sample_crm.generate("to" => '2026-01-01', "from" => '2025-01-01', customers => 200);
INSERT INTO digests SELECT 'named arguments, other session settings', pg_temp.digest();
RESET timezone;
RESET datestyle;
RESET intervalstyle;
RESET extra_float_digits;
SET max_parallel_workers = 0;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SELECT count(*) FROM sample_crm.generate(200, '2025-01-01', '2026-01-01', 42);
INSERT INTO digests SELECT 'no workers, nested loops', pg_temp.digest();
RESET max_parallel_workers;
RESET enable_hashjoin;
SET enable_nestloop = off;
SET enable_hashagg = off;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET plan_cache_mode = force_generic_plan;
SELECT count(*) FROM sample_crm.generate(200, '2025-01-01', '2026-01-01', 42);
INSERT INTO digests SELECT 'workers, generic plans', pg_temp.digest();
RESET enable_mergejoin;
RESET enable_nestloop;
RESET enable_hashagg;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET plan_cache_mode;
SELECT count(*) FROM sample_crm.generate(200, '2025-01-01', '2026-01-01', 43);
INSERT INTO digests SELECT 'other seed', pg_temp.digest();
SELECT name, digest = (SELECT digest FROM digests WHERE name = 'first') AS same FROM digests ORDER BY name COLLATE "C";
-- the edges: nobody, a single (daylight-saving) day, one customer
SELECT table_name, row_count FROM sample_crm.generate(0, '2025-01-01', '2025-02-01', 1)
WHERE row_count > 0 AND table_name NOT IN ('calendar', 'marketing_spend', 'email_campaigns', 'regions', 'segments');
SELECT sum(row_count) > 300 AS filled FROM sample_crm.generate(100, '2025-03-30', '2025-03-31', -7);
SELECT min(ordered_at) >= '2025-03-30 00:00+00' AND max(ordered_at) < '2025-03-31 00:00+00' AS within
FROM sample_crm.orders;
SELECT sum(row_count) FILTER (WHERE table_name = 'customers') AS customers
FROM sample_crm.generate(1, '1999-12-31', '2002-01-01', 2147483647);
--
-- Larger: structure
--
CREATE TEMP TABLE counted AS
SELECT * FROM sample_crm.generate(4000, '2024-01-01', '2026-01-01', 42);
SELECT sum(row_count) FILTER (WHERE table_name = 'customers') = 4000
	   AND sum(row_count) FILTER (WHERE table_name = 'truth') = 4000 AS one_truth_each,
	   sum(row_count) FILTER (WHERE table_name = 'calendar') = 731 AS days,
	   sum(row_count) FILTER (WHERE table_name = 'orders') > 4000 AS orders,
	   sum(row_count) FILTER (WHERE table_name = 'order_lines')
	   > 1.5 * sum(row_count) FILTER (WHERE table_name = 'orders') AS lines,
	   sum(row_count) FILTER (WHERE table_name = 'opportunity_stages')
	   > 3 * sum(row_count) FILTER (WHERE table_name = 'opportunities') AS stages,
	   sum(row_count) FILTER (WHERE table_name = 'subscription_months')
	   > 3 * sum(row_count) FILTER (WHERE table_name = 'subscriptions') AS months
FROM counted;
-- nothing outside the period, by every column that holds a time; what people
-- expect and what only the truth knows may lie beyond
CREATE FUNCTION pg_temp.outside(lo date, hi date) RETURNS TABLE (col text) LANGUAGE plpgsql
SET timezone = 'UTC' AS $$
DECLARE
	c record;
	bad boolean;
BEGIN
	FOR c IN SELECT attrelid::regclass AS tab, attname FROM pg_attribute JOIN pg_class t ON t.oid = attrelid
			 WHERE relnamespace = 'sample_crm'::regnamespace AND relkind = 'r' AND attnum > 0
			   AND atttypid IN ('date'::regtype, 'timestamptz'::regtype)
			   AND attname NOT IN ('expected_close', 'lifetime_end')
	LOOP
		EXECUTE format('SELECT NOT (min(%1$I) >= $1 AND max(%1$I) < $2) FROM %2$s', c.attname, c.tab)
		INTO bad USING lo, hi;
		IF bad IS DISTINCT FROM false THEN
			col := c.tab || '.' || c.attname;
			RETURN NEXT;
		END IF;
	END LOOP;
END $$;
SELECT * FROM pg_temp.outside('2024-01-01', '2026-01-01');
-- ... and to the second, in time zones on both sides of UTC
SELECT time_zone, min(ordered_at) >= '2024-01-01 00:00+00' AS from_start, max(ordered_at) < '2026-01-01 00:00+00' AS to_end
FROM sample_crm.orders o JOIN sample_crm.customers c ON c.id = o.customer_id GROUP BY 1 ORDER BY 1;
-- every column that may be NULL sometimes is, and sometimes is not
CREATE FUNCTION pg_temp.never_null_or_always() RETURNS TABLE (col text) LANGUAGE plpgsql AS $$
DECLARE
	c record;
	bad boolean;
BEGIN
	FOR c IN SELECT attrelid::regclass AS tab, attname FROM pg_attribute JOIN pg_class t ON t.oid = attrelid
			 WHERE relnamespace = 'sample_crm'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attnotnull
	LOOP
		EXECUTE format('SELECT count(%1$I) IN (0, count(*)) FROM %2$s', c.attname, c.tab) INTO bad;
		IF bad THEN
			col := c.tab || '.' || c.attname;
			RETURN NEXT;
		END IF;
	END LOOP;
END $$;
SELECT * FROM pg_temp.never_null_or_always();
-- references the schema does not enforce, and what must agree between tables
SELECT count(*) FILTER (WHERE t.customer_id IS NOT NULL AND c.id IS NULL) AS unknown_customer,
	   count(*) FILTER (WHERE t.order_id IS NOT NULL AND o.id IS NULL) AS unknown_order,
	   count(*) FILTER (WHERE t.order_id IS NOT NULL AND o.ordered_at <> t.occurred_at) AS another_time,
	   count(*) FILTER (WHERE (t.event = 'purchase') <> (t.order_id IS NOT NULL)) AS stray,
	   count(*) FILTER (WHERE t.event = 'purchase')
	   = (SELECT count(*) FROM sample_crm.orders WHERE channel = 'web' AND refund_of IS NULL) AS all_web_orders
FROM sample_crm.touchpoints t
LEFT JOIN sample_crm.customers c ON c.id = t.customer_id
LEFT JOIN sample_crm.orders o ON o.id = t.order_id;
SELECT count(*) FILTER (WHERE l.amount IS DISTINCT FROM o.amount) AS orders_unlike_lines,
	   count(*) FILTER (WHERE l.last <> l.lines) AS gaps_in_line_numbers
FROM sample_crm.orders o
LEFT JOIN (SELECT order_id, sum(amount) AS amount, max(line_no) AS last, count(*) AS lines
		   FROM sample_crm.order_lines GROUP BY order_id) l ON l.order_id = o.id;
SELECT count(*) > 0 AS refunds, count(*) FILTER (WHERE -r.amount > o.amount) AS too_large,
	   count(*) FILTER (WHERE r.ordered_at <= o.ordered_at) AS too_early,
	   count(*) FILTER (WHERE r.customer_id IS DISTINCT FROM o.customer_id
						OR r.currency <> o.currency OR o.refund_of IS NOT NULL) AS mismatched,
	   count(*) - count(DISTINCT r.refund_of) AS twice
FROM sample_crm.orders r JOIN sample_crm.orders o ON o.id = r.refund_of;
-- an order's time lies in the customer's life, and the truth counts them
SELECT count(*) FILTER (WHERE o.first_at IS DISTINCT FROM t.first_order_at) AS first_order,
	   count(*) FILTER (WHERE o.last_at > t.lifetime_end) AS after_dropout,
	   count(*) FILTER (WHERE o.days > t.repeat_purchases + 1) AS more_days_than_purchases,
	   count(*) FILTER (WHERE o.orders < t.repeat_purchases + 1) AS fewer_orders_than_purchases,
	   count(*) FILTER (WHERE t.first_order_at < c.acquired_at) AS before_acquired
FROM sample_crm.truth t
JOIN sample_crm.customers c ON c.id = t.customer_id
LEFT JOIN (SELECT customer_id, min(ordered_at) AS first_at, max(ordered_at) AS last_at, count(*) AS orders,
				  count(DISTINCT (ordered_at AT TIME ZONE 'UTC')::date) AS days
		   FROM sample_crm.orders WHERE refund_of IS NULL GROUP BY customer_id) o USING (customer_id);
-- opportunities agree with their history
SELECT count(*) FILTER (WHERE h.stage IS DISTINCT FROM o.stage) AS stage,
	   count(*) FILTER (WHERE o.status <> CASE WHEN h.stage IN ('won', 'lost') THEN h.stage ELSE 'open' END) AS status,
	   count(*) FILTER (WHERE o.closed_at IS DISTINCT FROM
						CASE WHEN h.stage IN ('won', 'lost') THEN h.entered_at END) AS closed_at,
	   count(*) FILTER (WHERE f.entered_at <> o.created_at OR f.stage <> 'qualification') AS start
FROM sample_crm.opportunities o
LEFT JOIN LATERAL (SELECT * FROM sample_crm.opportunity_stages s WHERE s.opportunity_id = o.id
				   ORDER BY entered_at DESC, id DESC LIMIT 1) h ON true
LEFT JOIN LATERAL (SELECT * FROM sample_crm.opportunity_stages s WHERE s.opportunity_id = o.id
				   ORDER BY entered_at, id LIMIT 1) f ON true;
SELECT count(*) > 0 AS converted, count(*) FILTER (WHERE l.converted_at <> c.acquired_at) AS another_time,
	   count(*) FILTER (WHERE l.first_contacted_at NOT BETWEEN l.created_at AND l.converted_at) AS contact,
	   count(*) FILTER (WHERE l.status <> 'converted') AS status,
	   bool_and(o.status = 'won' AND o.closed_at = c.acquired_at) AS first_deals_won
FROM sample_crm.leads l
JOIN sample_crm.customers c ON c.id = l.customer_id
LEFT JOIN sample_crm.opportunities o ON o.lead_id = l.id;
-- months lie within their subscription, and a customer's subscriptions do not overlap
SELECT count(*) FILTER (WHERE m.month < s.started_on OR m.month >= s.ended_on OR m.customer_id <> s.customer_id) AS astray,
	   count(*) FILTER (WHERE (m.mrr = 0) <> (m.seats = 0)) AS free_seats,
	   (SELECT count(*) FROM sample_crm.subscriptions a JOIN sample_crm.subscriptions b
		ON a.customer_id = b.customer_id AND a.id < b.id AND coalesce(a.ended_on, 'infinity') > b.started_on) AS overlaps,
	   (SELECT count(*) FROM sample_crm.subscriptions s JOIN sample_crm.customers c ON c.id = s.customer_id
		WHERE s.started_on < (c.acquired_at AT TIME ZONE 'UTC')::date OR s.cancelled_at < s.started_on
		   OR s.cancelled_at > s.ended_on) AS out_of_order
FROM sample_crm.subscription_months m JOIN sample_crm.subscriptions s ON s.id = m.subscription_id;
SELECT count(*) FILTER (WHERE first_response_at < created_at OR first_resolved_at < coalesce(first_response_at, created_at)
						OR resolved_at < first_resolved_at) AS out_of_order,
	   count(*) FILTER (WHERE resolved_at > first_resolved_at AND reopened = 0) AS solved_twice,
	   count(*) FILTER (WHERE status = 'new' AND first_response_at IS NOT NULL) AS status
FROM sample_crm.tickets;
SELECT count(*) FILTER (WHERE s.responded_at < s.sent_at) AS early,
	   count(*) FILTER (WHERE (s.survey = 'nps') <> (s.ticket_id IS NULL)) AS ticketless,
	   count(*) FILTER (WHERE s.customer_id IS DISTINCT FROM t.customer_id AND t.id IS NOT NULL) AS another_customer,
	   count(*) FILTER (WHERE s.sent_at < t.first_resolved_at) AS before_solved
FROM sample_crm.survey_responses s LEFT JOIN sample_crm.tickets t ON t.id = s.ticket_id;
-- every message was sent once, and then delivered or bounced, never both;
-- nobody who unsubscribed or bounced for good is written to again
SELECT count(*) FILTER (WHERE sent <> 1) AS not_sent_once, count(*) FILTER (WHERE delivered + bounced > 1) AS both,
	   count(*) FILTER (WHERE reactions > 0 AND delivered = 0) AS undelivered,
	   count(*) FILTER (WHERE first_at <> sent_at) AS before_sending
FROM (SELECT count(*) FILTER (WHERE event = 'sent') AS sent,
			 count(*) FILTER (WHERE event = 'delivered') AS delivered,
			 count(*) FILTER (WHERE event = 'bounce') AS bounced,
			 count(*) FILTER (WHERE event IN ('open', 'click', 'unsubscribe')) AS reactions,
			 min(occurred_at) AS first_at, min(occurred_at) FILTER (WHERE event = 'sent') AS sent_at
	  FROM sample_crm.campaign_events GROUP BY campaign_id, customer_id) m;
SELECT count(*) AS stopped_and_written_to
FROM sample_crm.campaign_events s JOIN sample_crm.campaign_events e USING (customer_id)
WHERE s.event = 'sent' AND e.occurred_at < s.occurred_at
  AND (e.event = 'unsubscribe' OR e.event = 'bounce' AND e.detail = 'hard');
--
-- The dirt is there
--
SELECT bool_or(r.amount = -o.amount) AS full_refunds, bool_or(-r.amount < o.amount) AS partial_refunds
FROM sample_crm.orders r JOIN sample_crm.orders o ON o.id = r.refund_of;
SELECT bool_or(n > 1) AS same_day_orders, bool_or(n > times) AS same_second_orders,
	   bool_or(currencies > 1) AS mixed_currencies
FROM (SELECT count(*) AS n, count(DISTINCT ordered_at) AS times, count(DISTINCT currency) AS currencies
	  FROM sample_crm.orders WHERE refund_of IS NULL AND customer_id IS NOT NULL
	  GROUP BY customer_id, (ordered_at AT TIME ZONE 'UTC')::date) d;
SELECT count(DISTINCT c.currency) AS currencies, bool_or(o.currency <> c.currency) AS foreign_orders,
	   avg((o.currency <> c.currency)::int) < 0.03 AS rarely, bool_or(o.amount = 0) AS vouchers
FROM sample_crm.orders o JOIN sample_crm.customers c ON c.id = o.customer_id;
SELECT count(*) FILTER (WHERE o.customer_id IS NULL) > 0 AS customers_without_orders,
	   (SELECT count(*) > 0 FROM sample_crm.orders WHERE customer_id IS NULL) AS guests,
	   (SELECT count(*) > count(DISTINCT lower(email)) FROM sample_crm.customers WHERE email IS NOT NULL) AS shared_addresses,
	   (SELECT bool_or(email <> lower(email)) FROM sample_crm.customers) AS capitals
FROM sample_crm.customers c LEFT JOIN (SELECT DISTINCT customer_id FROM sample_crm.orders) o ON o.customer_id = c.id;
-- local clocks: another day than UTC's, close to midnight, on days of 23 and 25 hours, in the hour that comes twice
SELECT count(DISTINCT c.time_zone) AS zones,
	   bool_or(l.at::date <> (o.ordered_at AT TIME ZONE 'UTC')::date) AS another_day,
	   bool_or(l.at::time >= '23:50') AS before_midnight, bool_or(l.at::time < '00:10') AS after_midnight,
	   bool_or(l.at::date IN ('2024-03-31', '2025-03-30') AND c.time_zone LIKE 'Europe/%') AS short_days,
	   bool_or(l.at::date IN ('2024-10-27', '2025-10-26') AND c.time_zone LIKE 'Europe/%') AS long_days,
	   percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(hour FROM l.at)) BETWEEN 12 AND 16 AS by_day
FROM sample_crm.orders o JOIN sample_crm.customers c ON c.id = o.customer_id,
	 LATERAL (SELECT o.ordered_at AT TIME ZONE c.time_zone AS at) l;
-- recurring revenue moves in every way (months without a row count as gone)
WITH grid AS (
	SELECT customer_id, month, mrr, coalesce(lag(mrr) OVER w, 0) AS before,
		   lag(month) OVER w AS last_month, bool_or(mrr > 0) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS known
	FROM sample_crm.subscription_months WINDOW w AS (PARTITION BY customer_id ORDER BY month))
SELECT bool_or(mrr > before AND before > 0) AS expansion, bool_or(mrr < before AND mrr > 0) AS contraction,
	   bool_or(mrr = 0 AND before > 0) AS pause, bool_or(before = 0 AND mrr > 0 AND known) AS resumption,
	   bool_or(month > last_month + 31) AS gap,
	   (SELECT bool_or(n > 1) FROM (SELECT count(*) AS n FROM sample_crm.subscriptions GROUP BY customer_id) s) AS return,
	   (SELECT count(*) > 0 FROM sample_crm.subscriptions WHERE ended_on IS NOT NULL) AS churn
FROM grid;
-- stages are skipped, entered again, and entered at the same instant; lost deals come back
WITH step AS (
	SELECT opportunity_id, stage, entered_at,
		   array_position('{qualification,discovery,proposal,negotiation,won}', stage) AS rank,
		   lag(array_position('{qualification,discovery,proposal,negotiation,won}', stage)) OVER w AS rank_before,
		   lag(stage) OVER w AS stage_before, lag(entered_at) OVER w AS before
	FROM sample_crm.opportunity_stages WINDOW w AS (PARTITION BY opportunity_id ORDER BY entered_at, id))
SELECT bool_or(rank = rank_before + 2) AS skipped, bool_or(rank = rank_before - 1) AS entered_again,
	   bool_or(stage_before = 'lost') AS reopened, bool_or(stage_before = 'won') AS won_is_final,
	   bool_or(entered_at = before) AS ties, count(DISTINCT stage) AS stages,
	   (SELECT count(DISTINCT status) FROM sample_crm.opportunities) AS states
FROM step;
SELECT bool_or(first_response_at IS NULL AND created_at < '2025-12-01') AS never_answered,
	   bool_or(first_response_at IS NULL AND resolved_at IS NOT NULL) AS closed_unanswered,
	   bool_or(reopened = 1) AS reopened, bool_or(reopened = 2) AS reopened_twice,
	   bool_or(status = 'open' AND first_resolved_at IS NOT NULL) AS open_again
FROM sample_crm.tickets;
SELECT survey, bool_or(responded_at IS NULL) AS silent, bool_or(responded_at IS NOT NULL AND score IS NULL) AS blank,
	   count(DISTINCT score) AS scores
FROM sample_crm.survey_responses GROUP BY survey ORDER BY survey;
SELECT bool_or(opens > 1) AS opens_again, bool_or(clicks > 0 AND opens = 0) AS click_without_open,
	   bool_or(clicks > 1) AS clicks_again, bool_or(proxies > 0) AS proxies
FROM (SELECT count(*) FILTER (WHERE event = 'open') AS opens, count(*) FILTER (WHERE event = 'click') AS clicks,
			 count(*) FILTER (WHERE detail = 'proxy') AS proxies
	  FROM sample_crm.campaign_events GROUP BY campaign_id, customer_id) m;
SELECT count(DISTINCT event) AS events, bool_or(customer_id IS NULL) AS strangers,
	   bool_or(customer_id IS NULL AND visitor_id LIKE 'c%') AS not_yet_recognised,
	   count(*) > count(DISTINCT (visitor_id, occurred_at)) AS ties,
	   bool_or(body IS NOT NULL) AS texts
FROM sample_crm.touchpoints;
-- sessions are bursts: more than half of a visitor's gaps are under an hour, the others mostly over a day
SELECT avg((gap < '1 hour')::int) > 0.5 AS bursts,
	   avg((gap > '1 day')::int) FILTER (WHERE gap >= '1 hour') > 0.8 AS pauses
FROM (SELECT occurred_at - lag(occurred_at) OVER (PARTITION BY visitor_id ORDER BY occurred_at) AS gap
	  FROM sample_crm.touchpoints WHERE customer_id IS NOT NULL AND channel IS DISTINCT FROM 'social') g;
--
-- The truth has the distributions of the models, by segment: gamma rates with
-- E exp(-t x) = (rate / (rate + t)) ^ shape, of which the variance is known too
--
SELECT segment, share_ok, quantity, t, abs(mean - power(rate / (rate + t), shape))
	   < 4 * sqrt((power(rate / (rate + 2 * t), shape) - power(rate / (rate + t), 2 * shape)) / n) AS ok
FROM (SELECT g.segment, quantity, t, shape, rate, count(*) AS n, avg(exp(-t * x)) AS mean,
			 abs(count(*) / 4000.0 - max(share)) < 4 * sqrt(max(share * (1 - share)) / 4000) AS share_ok
	  FROM sample_crm.truth JOIN sample_crm.segments g USING (segment),
		   LATERAL (VALUES ('lambda', 2::float8, lambda, r, alpha), ('lambda', 40, lambda, r, alpha),
						   ('mu', 5, mu, s, beta), ('mu', 200, mu, s, beta),
						   ('nu', 5, p / mean_spend, q, gamma), ('nu', 100, p / mean_spend, q, gamma))
		   v (quantity, t, x, shape, rate)
	  GROUP BY g.segment, quantity, t, shape, rate) d
ORDER BY segment, quantity, t;
-- plain means of the same, where the variance is finite: r / alpha, s / beta, p gamma / (q - 1)
SELECT segment, abs(avg(lambda) - max(r / alpha)) < 4 * max(sqrt(r) / alpha) / sqrt(count(*)) AS lambda,
	   abs(avg(mu) - max(s / beta)) < 4 * max(sqrt(s) / beta) / sqrt(count(*)) AS mu,
	   abs(avg(mean_spend) - max(p * gamma / (q - 1)))
	   < 4 * max(p * gamma / (q - 1) / sqrt(q - 2)) / sqrt(count(*)) AS mean_spend,
	   abs(avg(churn_rate) - max(churn_a / (churn_a + churn_b)))
	   < 4 * max(sqrt(churn_a * churn_b / (churn_a + churn_b + 1)) / (churn_a + churn_b)) / sqrt(count(*)) AS churn_rate
FROM sample_crm.truth JOIN sample_crm.segments USING (segment) GROUP BY segment ORDER BY segment;
-- lifetimes are exponential: P(dropped out within t weeks) = 1 - exp(-mu t)
SELECT t, abs(sum((lifetime_end < first_order_at + t * interval '168 hours')::int - (1 - exp(-mu * t))))
	   < 4 * sqrt(sum(exp(-mu * t) * (1 - exp(-mu * t)))) AS ok
FROM sample_crm.truth, unnest('{1,10,100}'::float8[]) t WHERE first_order_at IS NOT NULL GROUP BY t ORDER BY t;
-- repeat purchases are Poisson given lambda and exposure: total and zeroes
SELECT count(*) > 3000 AS many, abs(sum(repeat_purchases - lambda * exposure)) < 4 * sqrt(sum(lambda * exposure)) AS total,
	   abs(sum((repeat_purchases = 0)::int - exp(-lambda * exposure)))
	   < 4 * sqrt(sum(exp(-lambda * exposure) * (1 - exp(-lambda * exposure)))) AS zeroes
FROM sample_crm.truth WHERE exposure IS NOT NULL;
-- exposure and seasons, month by month: lambda times the weighted weeks at risk
-- is what comes of repeat orders, 4 % of them split in two (second moment 1.12)
CREATE TEMP TABLE clock AS
SELECT day::timestamp AT TIME ZONE 'UTC' AS at, elapsed, weight FROM sample_crm.calendar
UNION ALL
SELECT '2026-01-01 00:00+00', max(elapsed + weight / 7), 1 FROM sample_crm.calendar;
CREATE TEMP TABLE at_risk AS
SELECT customer_id, lambda, exposure,
	   f.elapsed + f.weight / 7 * extract(epoch FROM first_order_at - f.at) / 86400 AS born,
	   e.elapsed + e.weight / 7 * extract(epoch FROM least(lifetime_end, '2026-01-01 00:00+00') - e.at) / 86400 AS gone
FROM sample_crm.truth
JOIN clock f ON f.at = date_trunc('day', first_order_at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'
JOIN clock e ON e.at = least(date_trunc('day', lifetime_end AT TIME ZONE 'UTC') AT TIME ZONE 'UTC', '2026-01-01 00:00+00');
SELECT count(*) = (SELECT count(first_order_at) FROM sample_crm.truth) AS everybody,
	   max(abs(gone - born - exposure)) < 1e-9 AS exposure
FROM at_risk;
WITH months AS (
	SELECT at, elapsed AS begins, lead(elapsed) OVER (ORDER BY at) AS ends, lead(at) OVER (ORDER BY at) AS until
	FROM clock WHERE extract(day FROM at AT TIME ZONE 'UTC') = 1)
SELECT count(*) AS months, count(*) FILTER (WHERE abs(orders - 1.04 * expected) < 4 * sqrt(1.12 * expected)) AS close
FROM (SELECT m.at, (SELECT sum(lambda * greatest(0, least(gone, ends) - greatest(born, begins))) FROM at_risk) AS expected,
			 (SELECT count(*) FROM sample_crm.orders o JOIN sample_crm.truth t USING (customer_id)
			  WHERE refund_of IS NULL AND ordered_at > t.first_order_at AND ordered_at >= m.at AND ordered_at < until) AS orders
	  FROM months m WHERE ends IS NOT NULL) x;
-- a purchase is gamma (p, p / mean_spend): a customer's total of n purchases,
-- standardised, has mean 0 (0.4 % vouchers apart) and variance 1 within a tenth
SELECT segment, count(*) > 50 AS enough, abs(avg(z)) < 4 / sqrt(count(*)) + 0.004 * avg(sqrt(n * p)) AS mean,
	   abs(var_pop(z) - 1) < 0.1 + 4 * sqrt(2.0 / count(*)) AS variance
FROM (SELECT t.segment, t.repeat_purchases + 1 AS n, g.p,
			 (sum(o.amount) / t.mean_spend - (t.repeat_purchases + 1)) / sqrt((t.repeat_purchases + 1.0) / g.p) AS z
	  FROM sample_crm.truth t JOIN sample_crm.segments g USING (segment)
	  JOIN sample_crm.orders o USING (customer_id)
	  WHERE o.refund_of IS NULL
	  GROUP BY t.customer_id, t.segment, t.repeat_purchases, t.mean_spend, g.p) s
GROUP BY segment ORDER BY segment;
-- subscriptions end with the customer's own probability: the first one survives its first month with 1 - churn_rate
SELECT count(*) > 300 AS many, abs(sum((ended_on IS NULL OR ended_on > started_on + 31)::int - (1 - churn_rate)))
	   < 4 * sqrt(sum(churn_rate * (1 - churn_rate))) AS ok
FROM (SELECT DISTINCT ON (customer_id) * FROM sample_crm.subscriptions ORDER BY customer_id, started_on) s
JOIN sample_crm.truth USING (customer_id)
WHERE started_on < '2025-12-01';
-- the shares of refunds and guests are those promised
SELECT abs(sum((refund_of IS NOT NULL)::int) / sum((refund_of IS NULL)::int)::float8 - 0.06) < 0.015 AS refunds,
	   (SELECT abs(count(DISTINCT guest_email) / (0.7 * 1600) - 1) < 0.1 FROM sample_crm.orders) AS guests
FROM sample_crm.orders;
DROP SCHEMA sample_crm CASCADE;
RESET ROLE;
DROP OWNED BY regress_sample_crm;
DROP ROLE regress_sample_crm;
