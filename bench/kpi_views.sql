-- kpi_views.sql: KPI views over a million orders of 100,000 customers.
--
--     scripts/bench.sh kpi_views
--
-- Every entity has rows: besides the orders a million mail events and as many
-- touchpoints, 300,000 subscription months, 200,000 tickets and so on.  Targets:
-- all KPI views refresh within two minutes of the clock, and the materialised
-- kpi_customer_360 answers for one customer within milliseconds.
--
-- Variables: customers (default 100000), seed (0.42).
\set QUIET on
\if :{?customers}
\else
  \set customers 100000
\endif
\if :{?seed}
\else
  \set seed 0.42
\endif
\pset footer off
\ir harness.sql
SET timezone = 'UTC';
SET jit = off;
SET work_mem = '256MB';

CREATE SCHEMA shop;
SELECT setseed(:seed) \gset ignored_

-- Customers join over two years; rates of purchase and of dropout are gamma
-- distributed (shape 1/2: half the square of a normal variate), as in the model.
CREATE TABLE shop.customer AS
SELECT id, timestamptz '2023-01-01' + 365 * random() * interval '2 days' AS joined_at, 'customer ' || id AS name,
       (ARRAY['search', 'social', 'direct', 'referral', NULL])[1 + floor(5 * random())] AS channel,
       -ln(1 - random()) * cos(2 * pi() * random()) ^ 2 / 9 AS rate,
       -ln(1 - random()) / greatest(-ln(1 - random()) * cos(2 * pi() * random()) ^ 2 / 60, 1e-6) AS life,
       CASE WHEN random() < 0.7 THEN 'EUR' ELSE 'USD' END AS currency,
       10 + 60 * random() AS spends
FROM generate_series(1, :customers) AS id;
CREATE TABLE shop.orders AS
SELECT row_number() OVER () AS id, c.id AS customer, joined_at + at * interval '7 days' AS ordered_at,
       round((spends * (0.5 + random()))::numeric, 2) * CASE WHEN random() < 0.03 THEN -1 ELSE 1 END AS amount, c.currency
FROM shop.customer AS c,
     LATERAL (SELECT 0::float8 AS at
              UNION ALL SELECT random() * least(c.life, extract(epoch FROM timestamptz '2026-01-01' - c.joined_at) / 604800)
              FROM generate_series(1, round(c.rate * 2.1 * least(c.life, extract(epoch FROM timestamptz '2026-01-01' - c.joined_at) / 604800))::int)) AS o;
CREATE TABLE shop.spend AS
SELECT day::date, channel, round((1000 * random())::numeric, 2) AS amount
FROM generate_series(timestamp '2023-01-01', '2025-12-31', '1 day') AS day, unnest('{search,social}'::text[]) AS channel;
CREATE TABLE shop.lead AS
SELECT id, at AS created_at, at + random() * interval '2 days' AS contacted_at, (ARRAY['open', 'converted', 'lost'])[1 + floor(3 * random())] AS status
FROM (SELECT id, timestamptz '2023-01-01' + 1090 * random() * interval '1 day' AS at FROM generate_series(1, :customers) AS id) AS l;
CREATE TABLE shop.deal AS
SELECT id, 1 + floor(:customers * random()) AS customer, at AS created_at,
       (ARRAY['open', 'won', 'lost'])[1 + floor(3 * random())] AS status, at + random() * interval '90 days' AS closed_at,
       round((10000 * random())::numeric, 2) AS amount, round(random()::numeric, 2) AS probability, date '2026-01-01' + floor(90 * random())::int AS due
FROM (SELECT id, timestamptz '2023-01-01' + 1000 * random() * interval '1 day' AS at FROM generate_series(1, :customers / 2) AS id) AS l;
CREATE TABLE shop.stage AS
SELECT d.id AS deal, s AS position, 'stage ' || s AS stage, d.created_at + s * random() * interval '10 days' AS entered_at
FROM shop.deal AS d, generate_series(1, 1 + d.id % 4) AS s;
CREATE TABLE shop.subscription AS
SELECT c AS customer, m::date AS month, (10 + (c + extract(month FROM m)::int) % 7) AS mrr
FROM generate_series(1, :customers / 5) AS c, generate_series(timestamp '2024-01-01' + c % 12 * interval '1 month', '2025-12-01', '1 month') AS m
WHERE hashint4(c * 100 + extract(month FROM m)::int) % 20 <> 0;
CREATE TABLE shop.ticket AS
SELECT id, 1 + floor(:customers * random()) AS customer, at AS created_at, at + random() * interval '1 day' AS answered_at,
       CASE WHEN random() < 0.9 THEN at + (1 + random()) * interval '1 day' END AS resolved_at,
       (ARRAY['low', 'normal', 'high'])[1 + floor(3 * random())] AS priority
FROM (SELECT id, timestamptz '2023-01-01' + 1090 * random() * interval '1 day' AS at FROM generate_series(1, 2 * :customers) AS id) AS t;
CREATE TABLE shop.answer AS
SELECT id, 1 + floor(:customers * random()) AS customer, (ARRAY['nps', 'csat', 'ces'])[1 + id % 3] AS survey,
       timestamptz '2023-01-01' + 1090 * random() * interval '1 day' AS at, 1 + floor(5 * random()) AS score
FROM generate_series(1, 2 * :customers) AS id;
CREATE TABLE shop.mail AS
SELECT i % 100 AS campaign, i / 10 AS recipient, timestamptz '2023-01-01' + i % 100 * interval '10 days' + i % 10 * interval '1 hour' AS at,
       (ARRAY['sent', 'delivered', 'open', 'sent', 'delivered', 'sent', 'delivered', 'open', 'click', 'unsubscribe'])[1 + i % 10] AS event
FROM generate_series(0, 10 * :customers - 1) AS i;
CREATE TABLE shop.visit AS
SELECT 1 + floor(:customers * random()) AS customer, timestamptz '2023-01-01' + 1090 * random() * interval '1 day' AS at,
       (ARRAY['search', 'social', 'direct', 'referral'])[1 + floor(4 * random())] AS channel,
       (ARRAY['visit', 'product', 'cart', 'purchase'])[1 + floor(4 * random() * random())] AS event
FROM generate_series(1, 10 * :customers);
VACUUM (ANALYZE) shop.orders, shop.customer, shop.lead, shop.deal, shop.stage, shop.subscription, shop.ticket, shop.answer, shop.mail, shop.visit;

-- Views over nothing first, so that making them costs nothing; the entities
-- are then redefined under them, and the refresh does all the work.
CREATE SCHEMA kpi;
SELECT count(crm_define_entity('kpi', e.entity, 'SELECT ' || (SELECT string_agg(format('NULL::%s AS %I', c.data_type, c.column_name), ', ')
                                                              FROM crm_entity_columns(e.entity) AS c) || ' WHERE false'))
FROM crm_entities() AS e \gset ignored_
SELECT count(*) FROM crm_create_kpi_views('kpi', '{"materialized": true, "as_of": "2026-01-01", "funnel": ["visit", "product", "cart"]}') \gset ignored_
SELECT crm_define_entity('kpi', 'customer', 'SELECT id AS customer_id, joined_at AS acquired_at, name, channel FROM shop.customer'),
       crm_define_entity('kpi', 'order', 'SELECT id AS order_id, ordered_at, amount, currency, customer AS customer_id FROM shop.orders'),
       crm_define_entity('kpi', 'spend', 'SELECT day, amount, ''EUR'' AS currency, channel FROM shop.spend'),
       crm_define_entity('kpi', 'lead', 'SELECT id AS lead_id, created_at, status, contacted_at AS first_contacted_at FROM shop.lead'),
       crm_define_entity('kpi', 'opportunity', 'SELECT id AS opportunity_id, created_at, status, CASE WHEN status <> ''open'' THEN closed_at END AS closed_at,
                          amount, ''EUR'' AS currency, probability, due AS expected_close, customer::bigint AS customer_id FROM shop.deal'),
       crm_define_entity('kpi', 'stage_change', 'SELECT deal AS opportunity_id, stage, entered_at, position AS stage_position FROM shop.stage'),
       crm_define_entity('kpi', 'subscription_month', 'SELECT customer AS customer_id, month, mrr, ''EUR'' AS currency FROM shop.subscription'),
       crm_define_entity('kpi', 'ticket', 'SELECT id AS ticket_id, created_at, answered_at AS first_response_at, resolved_at, priority, customer::bigint AS customer_id FROM shop.ticket'),
       crm_define_entity('kpi', 'survey_response', 'SELECT id AS response_id, survey, at AS responded_at, score, customer::bigint AS customer_id FROM shop.answer'),
       crm_define_entity('kpi', 'campaign_event', 'SELECT campaign AS campaign_id, at AS occurred_at, event, recipient AS recipient_id, recipient AS customer_id FROM shop.mail'),
       crm_define_entity('kpi', 'touchpoint', 'SELECT at AS occurred_at, event, customer::bigint AS customer_id, channel FROM shop.visit') \gset ignored_

\pset title 'The data'
SELECT (SELECT count(*) FROM shop.orders) AS orders, (SELECT count(*) FROM shop.customer) AS customers,
       (SELECT count(*) FROM shop.mail) AS mail_events, (SELECT count(*) FROM shop.visit) AS touchpoints,
       (SELECT count(*) FROM shop.subscription) AS subscription_months, (SELECT count(*) FROM shop.ticket) AS tickets;

-- As crm_refresh_kpi_views does it, one by one.
CREATE TABLE bench.refresh (no int, view_name text, seconds float8, cpu float8);
DO $$
DECLARE
    v record;
    before timestamptz;
    cpu float8;
BEGIN
    before := clock_timestamp();
    cpu := bench.cpu_seconds();
    PERFORM crm_fit_kpi_models('kpi');
    INSERT INTO bench.refresh VALUES (0, 'kpi_models', extract(epoch FROM clock_timestamp() - before), bench.cpu_seconds() - cpu);
    FOR v IN SELECT c.relname, c.oid FROM pg_class c WHERE relkind = 'm' AND relnamespace = 'kpi'::regnamespace ORDER BY c.oid LOOP
        before := clock_timestamp();
        cpu := bench.cpu_seconds();
        EXECUTE format('REFRESH MATERIALIZED VIEW kpi.%I', v.relname);
        INSERT INTO bench.refresh VALUES (v.oid::int, v.relname, extract(epoch FROM clock_timestamp() - before), bench.cpu_seconds() - cpu);
    END LOOP;
END
$$;
\pset title 'Refresh of each view'
SELECT view_name, round(cpu::numeric, 2) AS cpu_s, round(seconds::numeric, 2) AS wall_s, round((100 * seconds / sum(seconds) OVER ())::numeric) AS percent
FROM bench.refresh ORDER BY seconds DESC;
\pset title 'Refresh of all'
SELECT round(sum(cpu)::numeric, 1) AS cpu_s, round(sum(seconds)::numeric, 1) AS wall_s, 'wall_s <= 120' AS target, sum(seconds) <= 120 AS reached FROM bench.refresh;

-- A hundred customers, one query each.
CREATE TABLE bench.lookup (milliseconds float8);
DO $$
DECLARE
    before timestamptz;
    found kpi.kpi_customer_360;
BEGIN
    FOR i IN 1 .. 100 LOOP
        before := clock_timestamp();
        EXECUTE 'SELECT * FROM kpi.kpi_customer_360 WHERE customer_id = $1' INTO found USING (i * 97)::text;
        INSERT INTO bench.lookup VALUES (1000 * extract(epoch FROM clock_timestamp() - before));
    END LOOP;
END
$$;
\pset title 'kpi_customer_360 of one customer, materialised'
SELECT round(percentile_cont(0.5) WITHIN GROUP (ORDER BY milliseconds)::numeric, 3) AS median_ms, round(max(milliseconds)::numeric, 3) AS max_ms,
       'median_ms <= 5' AS target, percentile_cont(0.5) WITHIN GROUP (ORDER BY milliseconds) <= 5 AS reached FROM bench.lookup;
