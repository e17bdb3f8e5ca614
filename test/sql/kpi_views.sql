--
-- KPI views over the sample CRM: every view against the same numbers computed
-- in plain SQL, straight from the tables of the sample; then over data in which
-- everything is wrong.
--
-- No query below uses a function of the extension to say what is right, except
-- for the models of customer value, whose values have tests of their own
-- (clv_*.sql): there it shows that the view applies the model to the right
-- history.  The moment of the report is in the middle of a month, in a zone that
-- is not the session's.
--
SET client_min_messages = warning;
SET timezone = 'UTC';
-- compiling takes longer than running
SET jit = off;
\set SHOW_CONTEXT never
\getenv abs_srcdir PG_ABS_SRCDIR
\set schema_file :abs_srcdir '/schemas/sample_crm.sql'
\set ECHO none
\i :schema_file
\set ECHO all
SELECT count(*) > 0 AS filled FROM sample_crm.generate(400, '2024-06-01', '2026-01-01', 7);

\set entities_file :abs_srcdir '/schemas/sample_crm_entities.sql'
\set ECHO none
\o /dev/null
\i :entities_file
\o
\set ECHO all
SELECT count(*) AS entities FROM crm_defined_entities('kpi');

\set options '{"as_of": "2025-12-20 17:00+00", "time_zone": "America/New_York", "first_response_target": "4 hours", "resolution_target": "48:00", "lead_response_target": "6 hours", "funnel": ["visit", "product", "cart"], "funnel_window": "1 day"}'
SELECT status, count(*), string_agg(view_name, ' ') FILTER (WHERE status <> 'created') FROM crm_create_kpi_views('kpi', :'options') GROUP BY status;

-- Every view and every column of it is described, and nothing else.
SELECT v.view_name, v.area FROM crm_kpi_views() v
WHERE NOT EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = 'kpi'::regnamespace AND c.relname = v.view_name
                  AND obj_description(c.oid) = 'crm_metrics kpi: ' || v.description);
(SELECT c.relname::text, a.attnum::int, a.attname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
 WHERE c.relnamespace = 'kpi'::regnamespace AND c.relname LIKE 'kpi\_%' AND c.relkind IN ('r', 'v')
 EXCEPT SELECT view_name, ordinal, column_name FROM crm_kpi_view_columns())
UNION ALL
(SELECT view_name, ordinal, column_name FROM crm_kpi_view_columns()
 EXCEPT SELECT c.relname, a.attnum, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 WHERE c.relnamespace = 'kpi'::regnamespace);
SELECT view_name FROM crm_kpi_views() WHERE key_columns = '{}' AND area <> 'base';
SELECT DISTINCT c.reloptions, c.relowner = current_user::regrole AS mine FROM pg_class c
WHERE relnamespace = 'kpi'::regnamespace AND relkind = 'v';

-- rows that only one of the two queries has
CREATE FUNCTION pg_temp.compare(got text, want text, OUT some_rows boolean, OUT differing bigint)
LANGUAGE plpgsql SET search_path = kpi, sample_crm, public, pg_temp AS $$
BEGIN
    EXECUTE format('WITH got AS (%s), want AS (%s)
        SELECT EXISTS (SELECT FROM want), (SELECT count(*) FROM (SELECT * FROM got EXCEPT ALL SELECT * FROM want) g)
             + (SELECT count(*) FROM (SELECT * FROM want EXCEPT ALL SELECT * FROM got) w)', got, want)
    INTO some_rows, differing;
END
$$;
-- the day, and the first of the month, in New York; the moment of the report; the end of Wilson's interval at x of n
CREATE FUNCTION pg_temp.ny(t timestamptz) RETURNS date LANGUAGE sql STABLE RETURN (t AT TIME ZONE 'America/New_York')::date;
CREATE FUNCTION pg_temp.m(t timestamptz) RETURNS date LANGUAGE sql STABLE RETURN date_trunc('month', t AT TIME ZONE 'America/New_York')::date;
CREATE FUNCTION pg_temp.t() RETURNS timestamptz LANGUAGE sql STABLE RETURN timestamptz '2025-12-20 17:00+00';
CREATE FUNCTION pg_temp.over(period date) RETURNS boolean LANGUAGE sql STABLE RETURN (period + interval '1 month') <= timestamp '2025-12-20 12:00';
CREATE FUNCTION pg_temp.wilson(x numeric, n numeric, sign int) RETURNS numeric LANGUAGE sql IMMUTABLE
RETURN (x / nullif(n, 0) + 1.959963984540054 ^ 2 / (2 * nullif(n, 0)) + sign * 1.959963984540054
        * sqrt(x / nullif(n, 0) * (1 - x / nullif(n, 0)) / nullif(n, 0) + 1.959963984540054 ^ 2 / (4 * nullif(n, 0) ^ 2)))
       / (1 + 1.959963984540054 ^ 2 / nullif(n, 0));

--
-- Acquisition
--
SELECT * FROM pg_temp.compare('SELECT * FROM kpi_new_customers',
    'SELECT pg_temp.m(acquired_at), acquisition_channel, count(*), pg_temp.over(pg_temp.m(acquired_at)) FROM customers WHERE acquired_at <= pg_temp.t() GROUP BY 1, 2');
SELECT * FROM pg_temp.compare(
    'SELECT period, currency, spend, paid_customers, new_customers, round(cac_paid, 6), cac_blended, complete FROM kpi_cac', $$
    SELECT s.period, s.currency, s.spend, p.n, a.n, round(s.spend / nullif(p.n, 0), 6), NULL::numeric, pg_temp.over(s.period)
    FROM (SELECT date_trunc('month', day)::date AS period, currency, sum(amount) AS spend FROM marketing_spend WHERE day <= '2025-12-20' GROUP BY 1, 2) s,
         LATERAL (SELECT count(*) AS n FROM customers c WHERE pg_temp.m(acquired_at) = s.period AND acquired_at <= pg_temp.t()) a,
         LATERAL (SELECT count(*) AS n FROM customers c WHERE pg_temp.m(acquired_at) = s.period AND acquired_at <= pg_temp.t()
                  AND EXISTS (SELECT FROM marketing_spend x WHERE x.channel = c.acquisition_channel AND x.currency = s.currency)) p $$);
SELECT * FROM pg_temp.compare('SELECT period, currency, channel, spend, new_customers, round(cac, 6) FROM kpi_cac_channel', $$
    SELECT s.*, p.n, round(s.spend / nullif(p.n, 0), 6)
    FROM (SELECT date_trunc('month', day)::date AS period, currency, channel, sum(amount) AS spend FROM marketing_spend WHERE day <= '2025-12-20' GROUP BY 1, 2, 3) s,
         LATERAL (SELECT count(*) AS n FROM customers c WHERE pg_temp.m(acquired_at) = s.period AND acquired_at <= pg_temp.t() AND acquisition_channel = s.channel) p $$);
SELECT * FROM pg_temp.compare($$
    SELECT period, leads, converted, lost, still_open, round(conversion_rate::numeric, 9), round(conversion_lower::numeric, 9), round(conversion_upper::numeric, 9),
           contacted, round(extract(epoch FROM response_mean), 3), round(extract(epoch FROM response_median), 3), round(response_within::numeric, 9), complete FROM kpi_leads $$, $$
    SELECT period, n, c, l, n - c - l, round(c / n::numeric, 9), round(pg_temp.wilson(c, n, -1), 9), round(pg_temp.wilson(c, n, 1), 9),
           contacted, round(mean, 3), round(median::numeric, 3), round(within / nullif(targeted, 0)::numeric, 9), pg_temp.over(period)
    FROM (SELECT pg_temp.m(created_at) AS period, count(*) AS n, count(*) FILTER (WHERE status = 'converted') AS c, count(*) FILTER (WHERE status = 'disqualified') AS l,
                 count(*) FILTER (WHERE first_contacted_at <= pg_temp.t()) AS contacted,
                 avg(extract(epoch FROM first_contacted_at - created_at)) FILTER (WHERE first_contacted_at <= pg_temp.t()) AS mean,
                 percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM first_contacted_at - created_at)) FILTER (WHERE first_contacted_at <= pg_temp.t()) AS median,
                 count(*) FILTER (WHERE first_contacted_at <= pg_temp.t() AND first_contacted_at - created_at <= '6 hours') AS within,
                 count(*) FILTER (WHERE first_contacted_at <= pg_temp.t() OR pg_temp.t() - created_at > '6 hours') AS targeted
          FROM leads WHERE created_at <= pg_temp.t() GROUP BY 1) l $$);
SELECT * FROM pg_temp.compare('SELECT source, leads, converted, lost, round(conversion_upper::numeric, 9) FROM kpi_lead_sources', $$
    SELECT source, count(*), count(*) FILTER (WHERE status = 'converted'), count(*) FILTER (WHERE status = 'disqualified'),
           round(pg_temp.wilson(count(*) FILTER (WHERE status = 'converted'), count(*), 1), 9)
    FROM leads WHERE created_at <= pg_temp.t() GROUP BY 1 $$);

--
-- Retention
--
CREATE TEMP TABLE active AS
SELECT customer_id, pg_temp.m(ordered_at) AS month, min(pg_temp.m(ordered_at)) OVER (PARTITION BY customer_id) AS cohort, count(*) AS orders
FROM sample_crm.orders WHERE customer_id IS NOT NULL AND amount >= 0 AND ordered_at <= pg_temp.t() GROUP BY 1, 2;
CREATE INDEX ON pg_temp.active (customer_id, month);
SELECT * FROM pg_temp.compare('SELECT cohort, period_no, customers, retained, round(retention::numeric, 9), round(retention_lower::numeric, 9), complete FROM kpi_cohorts', $$
    SELECT c.cohort, k, c.n, CASE WHEN o THEN r END, CASE WHEN o THEN round(r / c.n::numeric, 9) END, CASE WHEN o THEN round(pg_temp.wilson(r, c.n, -1), 9) END, o
    FROM (SELECT cohort, count(DISTINCT customer_id) AS n FROM pg_temp.active GROUP BY 1) c, generate_series(0, 12) k,
         LATERAL (SELECT count(*) AS r FROM pg_temp.active a WHERE a.cohort = c.cohort AND a.month = c.cohort + k * interval '1 month') r,
         LATERAL (SELECT pg_temp.over((c.cohort + k * interval '1 month')::date) AS o) o $$);
SELECT * FROM pg_temp.compare('SELECT period, active, new_customers, returning_customers, resurrected_customers, dormant_customers, round(churn_rate::numeric, 9), complete FROM kpi_active_customers', $$
    SELECT m::date, count(c), count(*) FILTER (WHERE c AND cohort = m), count(*) FILTER (WHERE c AND b), count(*) FILTER (WHERE c AND NOT b AND cohort < m),
           count(*) FILTER (WHERE b AND c IS NULL), round(count(*) FILTER (WHERE b AND c IS NULL) / nullif(count(*) FILTER (WHERE b), 0)::numeric, 9), pg_temp.over(m::date)
    FROM (SELECT DISTINCT customer_id, cohort FROM pg_temp.active) x, generate_series((SELECT min(month) FROM pg_temp.active), timestamp '2025-12-01', '1 month') m,
         LATERAL (SELECT (SELECT true FROM pg_temp.active a WHERE a.customer_id = x.customer_id AND a.month = m) AS c,
                         EXISTS (SELECT FROM pg_temp.active a WHERE a.customer_id = x.customer_id AND a.month = m - interval '1 month') AS b) y GROUP BY m $$);
SELECT * FROM pg_temp.compare($$SELECT period, customers, repeat_customers, round(repeat_rate::numeric, 9), returning_customers, round(returning_lower::numeric, 9),
        round(orders_per_customer::numeric, 9), complete FROM kpi_repeat_purchase$$, $$
    SELECT month, count(*), count(*) FILTER (WHERE orders > 1), round(count(*) FILTER (WHERE orders > 1) / count(*)::numeric, 9), count(*) FILTER (WHERE cohort < month),
           round(pg_temp.wilson(count(*) FILTER (WHERE cohort < month), count(*), -1), 9), round(avg(orders), 9), pg_temp.over(month) FROM pg_temp.active GROUP BY month $$);

--
-- Revenue
--
SELECT * FROM pg_temp.compare($$SELECT period, currency, orders, customers, guest_orders, gross, refunds, revenue, round(average_order, 6), round(growth, 6), round(growth_year, 6), complete FROM kpi_revenue$$, $$
    SELECT r.m, r.currency, r.n, r.c, r.g, r.gross, r.gross - r.net, r.net, round(r.gross / r.n, 6), round((r.net - b.net) / nullif(b.net, 0), 6), round((r.net - y.net) / nullif(y.net, 0), 6), pg_temp.over(r.m)
    FROM (SELECT pg_temp.m(ordered_at), currency, count(*) FILTER (WHERE amount >= 0) AS n, count(DISTINCT customer_id) FILTER (WHERE amount >= 0) AS c,
                 count(*) FILTER (WHERE amount >= 0 AND customer_id IS NULL) AS g, sum(greatest(amount, 0)) AS gross, sum(amount) AS net
          FROM orders WHERE ordered_at <= pg_temp.t() GROUP BY 1, 2) r (m, currency, n, c, g, gross, net)
    LEFT JOIN (SELECT pg_temp.m(ordered_at) AS m, currency, sum(amount) AS net FROM orders WHERE ordered_at <= pg_temp.t() GROUP BY 1, 2) b ON b.currency = r.currency AND b.m = r.m - interval '1 month'
    LEFT JOIN (SELECT pg_temp.m(ordered_at) AS m, currency, sum(amount) AS net FROM orders WHERE ordered_at <= pg_temp.t() GROUP BY 1, 2) y ON y.currency = r.currency AND y.m = r.m - interval '1 year' $$);
-- MRR on a grid of all customers and months, by lag
CREATE TEMP TABLE moved AS
SELECT g.currency, g.month, g.customer_id, g.mrr, lag(g.mrr, 1, 0::numeric) OVER w AS before, coalesce(max(g.mrr) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) > 0 AS known
FROM (SELECT c.currency, m::date AS month, c.customer_id, coalesce(sum(s.mrr), 0) AS mrr
      FROM (SELECT DISTINCT m.customer_id, s.currency FROM sample_crm.subscription_months m JOIN sample_crm.subscriptions s ON s.id = m.subscription_id WHERE m.month <= '2025-12-20') c
      CROSS JOIN generate_series((SELECT min(month) FROM sample_crm.subscription_months), timestamp '2025-12-01', '1 month') m
      LEFT JOIN (sample_crm.subscription_months s JOIN sample_crm.subscriptions x ON x.id = s.subscription_id) ON s.customer_id = c.customer_id AND x.currency = c.currency AND s.month = m
      GROUP BY 1, 2, 3) g
WINDOW w AS (PARTITION BY g.currency, g.customer_id ORDER BY g.month);
SELECT * FROM pg_temp.compare($$SELECT month, currency, opening, new, expansion, contraction, churn, reactivation, closing, arr, opening_customers, new_customers, churned_customers,
        reactivated_customers, closing_customers, round(arpa, 6), round(grr::numeric, 9), round(nrr::numeric, 9), round(logo_churn::numeric, 9),
        CASE WHEN opening_customers > 0 THEN round(logo_churn_upper::numeric, 9) END, complete FROM kpi_mrr$$, $$
    SELECT month, currency, sum(before), sum(mrr) FILTER (WHERE before = 0 AND NOT known), coalesce(sum(mrr - before) FILTER (WHERE before > 0 AND mrr > before), 0),
           coalesce(sum(mrr - before) FILTER (WHERE mrr > 0 AND mrr < before), 0), coalesce(sum(-before) FILTER (WHERE mrr = 0), 0), coalesce(sum(mrr) FILTER (WHERE before = 0 AND known), 0),
           sum(mrr), 12 * sum(mrr), count(*) FILTER (WHERE before > 0), count(*) FILTER (WHERE mrr > 0 AND before = 0 AND NOT known), count(*) FILTER (WHERE before > 0 AND mrr = 0),
           count(*) FILTER (WHERE mrr > 0 AND before = 0 AND known), count(*) FILTER (WHERE mrr > 0), round(sum(mrr) / nullif(count(*) FILTER (WHERE mrr > 0), 0), 6),
           round(sum(least(mrr, before)) / nullif(sum(before), 0), 9), round(sum(mrr) FILTER (WHERE before > 0) / nullif(sum(before), 0), 9),
           round(count(*) FILTER (WHERE before > 0 AND mrr = 0) / nullif(count(*) FILTER (WHERE before > 0), 0)::numeric, 9),
           round(pg_temp.wilson(count(*) FILTER (WHERE before > 0 AND mrr = 0), count(*) FILTER (WHERE before > 0), 1), 9), pg_temp.over(month)
    FROM pg_temp.moved GROUP BY month, currency
    HAVING month >= (SELECT min(month) FROM pg_temp.moved m WHERE m.currency = moved.currency AND mrr > 0) $$);
-- Gini from all pairs of customers
SELECT * FROM pg_temp.compare('SELECT currency, customers, round(revenue::numeric, 2), round(gini::numeric, 9), round(effective_customers::numeric, 6) FROM kpi_concentration', $$
    WITH c AS (SELECT currency, customer_id, sum(amount)::float8 AS x FROM orders WHERE customer_id IS NOT NULL AND ordered_at <= pg_temp.t() GROUP BY 1, 2 HAVING sum(amount) > 0)
    SELECT c.currency, (SELECT count(*) FROM c d WHERE d.currency = c.currency), (SELECT round(sum(x)::numeric, 2) FROM c d WHERE d.currency = c.currency),
           round((sum(abs(c.x - d.x)) / (2 * count(*) * avg(c.x)))::numeric, 9), (SELECT round((sum(x) ^ 2 / sum(x * x))::numeric, 6) FROM c d WHERE d.currency = c.currency)
    FROM c JOIN c d USING (currency) GROUP BY 1 $$);

--
-- Pipeline: deals as they stood at the moment of the report
--
CREATE TEMP VIEW deal AS
SELECT id, created_at, currency, amount, probability / 100.0 AS p, expected_close, CASE WHEN closed_at <= pg_temp.t() THEN closed_at END AS closed_at,
       CASE WHEN closed_at <= pg_temp.t() THEN status = 'won' END AS won
FROM sample_crm.opportunities WHERE created_at <= pg_temp.t();
SELECT * FROM pg_temp.compare($$SELECT period, currency, won, lost, round(win_rate::numeric, 9), round(win_rate_lower::numeric, 9), round(win_rate_amount::numeric, 9), won_amount,
        round(average_deal, 6), round(extract(epoch FROM cycle_mean), 2), round(extract(epoch FROM cycle_median), 2), complete FROM kpi_win_rate$$, $$
    SELECT pg_temp.m(closed_at), currency, count(*) FILTER (WHERE won), count(*) FILTER (WHERE NOT won), round(avg(won::int), 9), round(pg_temp.wilson(count(*) FILTER (WHERE won), count(*), -1), 9),
           round(coalesce(sum(amount) FILTER (WHERE won), 0) / sum(amount), 9), coalesce(sum(amount) FILTER (WHERE won), 0), round(avg(amount) FILTER (WHERE won), 6),
           round(avg(extract(epoch FROM closed_at - created_at)) FILTER (WHERE won), 2),
           round((percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM closed_at - created_at)) FILTER (WHERE won))::numeric, 2), pg_temp.over(pg_temp.m(closed_at))
    FROM pg_temp.deal WHERE closed_at IS NOT NULL GROUP BY 1, 2 $$);
SELECT * FROM pg_temp.compare($$SELECT currency, open_deals, open_amount, without_amount, round(weighted, 6), without_probability, overdue, round(win_rate::numeric, 9), round(average_deal, 6),
        round(extract(epoch FROM cycle_mean), 2), round(velocity, 3) FROM kpi_pipeline$$, $$
    SELECT currency, count(*) FILTER (WHERE won IS NULL), coalesce(sum(amount) FILTER (WHERE won IS NULL), 0), count(*) FILTER (WHERE won IS NULL AND amount IS NULL),
           round(sum(amount * p) FILTER (WHERE won IS NULL), 6), count(*) FILTER (WHERE won IS NULL AND amount IS NOT NULL AND p IS NULL),
           count(*) FILTER (WHERE won IS NULL AND expected_close < '2025-12-20'), round(avg(won::int), 9), round(avg(amount) FILTER (WHERE won), 6),
           round(avg(extract(epoch FROM closed_at - created_at)) FILTER (WHERE won), 2),
           round(count(*) FILTER (WHERE won IS NULL) * avg(won::int) * avg(amount) FILTER (WHERE won)
                 / (avg(extract(epoch FROM closed_at - created_at)) FILTER (WHERE won) / 86400), 3)
    FROM pg_temp.deal GROUP BY 1 $$);
SELECT * FROM pg_temp.compare('SELECT period, currency, deals, amount, round(weighted, 6), without_probability, late FROM kpi_forecast', $$
    SELECT date_trunc('month', expected_close)::date, currency, count(*), coalesce(sum(amount), 0),
           round(sum(amount * coalesce(p, (SELECT avg(won::int) FROM pg_temp.deal w WHERE w.currency = d.currency))), 6), count(*) FILTER (WHERE p IS NULL),
           count(*) FILTER (WHERE expected_close < '2025-12-20')
    FROM pg_temp.deal d WHERE won IS NULL GROUP BY 1, 2 $$);
SELECT * FROM pg_temp.compare($$SELECT stage_no, stage, entered, passed, lost, still_open, round(conversion_rate::numeric, 9), round(extract(epoch FROM duration_mean), 2),
        round(extract(epoch FROM duration_median), 2), in_stage FROM kpi_stages$$, $$
    WITH change AS (SELECT s.*, array_position('{qualification,discovery,proposal,negotiation,won}', stage) AS no, lead(entered_at) OVER w AS next_at
                    FROM opportunity_stages s WHERE entered_at <= pg_temp.t() WINDOW w AS (PARTITION BY opportunity_id ORDER BY entered_at, stage IN ('won', 'lost'), stage COLLATE "C")),
         reached AS (SELECT opportunity_id, max(no) AS no FROM change GROUP BY 1),
         stay AS (SELECT opportunity_id, no, sum(next_at - entered_at) AS lasted, bool_or(next_at IS NULL) AS is_open FROM change WHERE no < 5 GROUP BY 1, 2)
    SELECT k, ('{qualification,discovery,proposal,negotiation,won}'::text[])[k], count(*), CASE WHEN k < 5 THEN count(*) FILTER (WHERE r.no > k) END,
           count(*) FILTER (WHERE r.no = k AND d.won = false), CASE WHEN k < 5 THEN count(*) FILTER (WHERE r.no = k AND d.won IS DISTINCT FROM false) END,
           CASE WHEN k < 5 THEN round(count(*) FILTER (WHERE r.no > k) / count(*)::numeric, 9) END,
           (SELECT round(avg(extract(epoch FROM lasted)), 2) FROM stay WHERE no = k AND NOT is_open),
           (SELECT round((percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM lasted)))::numeric, 2) FROM stay WHERE no = k AND NOT is_open),
           (SELECT count(*) FROM stay WHERE no = k AND is_open)
    FROM generate_series(1, 5) k JOIN reached r ON r.no >= k JOIN pg_temp.deal d ON d.id = r.opportunity_id GROUP BY k $$);

--
-- Service
--
CREATE TEMP VIEW help AS
SELECT *, CASE WHEN first_response_at <= pg_temp.t() THEN extract(epoch FROM first_response_at - created_at) END AS answered,
       CASE WHEN resolved_at <= pg_temp.t() THEN extract(epoch FROM resolved_at - created_at) END AS solved, extract(epoch FROM pg_temp.t() - created_at) AS age
FROM sample_crm.tickets WHERE created_at <= pg_temp.t();
SELECT * FROM pg_temp.compare($$SELECT period, tickets, answered, round(extract(epoch FROM response_mean), 3), round(extract(epoch FROM response_median), 3), response_targeted, round(response_within::numeric, 9),
        round(response_upper::numeric, 9), resolved, round(extract(epoch FROM resolution_mean), 3), round(resolution_within::numeric, 9), reopened, round(reopen_rate::numeric, 9), one_touch_rate, complete FROM kpi_service$$, $$
    SELECT m, n, a, round(am, 3), round(amed::numeric, 3), t, round(w / nullif(t, 0)::numeric, 9), round(pg_temp.wilson(w, t, 1), 9), r, round(rm, 3), round(rw / nullif(rt, 0)::numeric, 9), re, round(re / n::numeric, 9),
           CASE WHEN again > 0 THEN 0 END::float8, pg_temp.over(m)
    FROM (SELECT pg_temp.m(created_at) AS m, count(*) AS n, count(answered) AS a, avg(answered) AS am, percentile_cont(0.5) WITHIN GROUP (ORDER BY answered) AS amed,
                 count(*) FILTER (WHERE answered IS NOT NULL OR age > 14400) AS t, count(*) FILTER (WHERE answered <= 14400) AS w,
                 count(solved) AS r, avg(solved) AS rm, count(*) FILTER (WHERE solved IS NOT NULL OR age > 172800) AS rt, count(*) FILTER (WHERE solved <= 172800) AS rw,
                 count(*) FILTER (WHERE reopened > 0) AS re, count(*) FILTER (WHERE reopened > 0 AND solved IS NOT NULL) AS again
          FROM pg_temp.help GROUP BY 1) x $$);
SELECT * FROM pg_temp.compare('SELECT priority, team, tickets, answered, round(extract(epoch FROM response_mean), 3), resolved, round(resolution_within::numeric, 9) FROM kpi_service_priority', $$
    SELECT priority, NULL::text, count(*), count(answered), round(avg(answered), 3), count(solved),
           round(count(*) FILTER (WHERE solved <= 172800) / nullif(count(*) FILTER (WHERE solved IS NOT NULL OR age > 172800), 0)::numeric, 9) FROM pg_temp.help GROUP BY 1 $$);
SELECT * FROM pg_temp.compare('SELECT period, opened, resolved, backlog, complete FROM kpi_backlog', $$
    SELECT m::date, count(*) FILTER (WHERE pg_temp.m(created_at) = m), count(*) FILTER (WHERE pg_temp.m(resolved_at) = m AND solved IS NOT NULL),
           count(*) FILTER (WHERE pg_temp.m(created_at) <= m AND (solved IS NULL OR pg_temp.m(resolved_at) > m)), pg_temp.over(m::date)
    FROM pg_temp.help, generate_series((SELECT min(pg_temp.m(created_at)) FROM pg_temp.help), timestamp '2025-12-01', '1 month') m GROUP BY m $$);

--
-- Satisfaction: NPS and its interval by the formula of Rocks (2016): three
-- answers more, of which 3/4 promote and 3/4 detract
--
CREATE FUNCTION pg_temp.nps(p bigint, d bigint, n bigint, sign int) RETURNS numeric LANGUAGE sql IMMUTABLE
RETURN CASE WHEN n > 0 THEN round(greatest(-100, least(100, 100 * ((p - d) / (n + 3.0)
    + sign * 1.959963984540054 * sqrt(((p + d + 1.5) / (n + 3.0) - ((p - d) / (n + 3.0)) ^ 2) / (n + 3.0)))))::numeric, 6) END;
SELECT * FROM pg_temp.compare($$SELECT period, answers, promoters, passives, detractors, round(nps::numeric, 6), round(nps_lower::numeric, 6), round(nps_upper::numeric, 6), answers_3, round(nps_3::numeric, 6),
        round(nps_3_lower::numeric, 6), round(nps_3_upper::numeric, 6), complete FROM kpi_nps$$, $$
    SELECT m::date, n, p, n - p - d, d, round(100 * (p - d) / nullif(n, 0)::numeric, 6), pg_temp.nps(p, d, n, -1), pg_temp.nps(p, d, n, 1), n3, round(100 * (p3 - d3) / nullif(n3, 0)::numeric, 6),
           pg_temp.nps(p3, d3, n3, -1), pg_temp.nps(p3, d3, n3, 1), pg_temp.over(m::date)
    FROM (SELECT m, count(*) FILTER (WHERE a = m) AS n, count(*) FILTER (WHERE a = m AND score >= 9) AS p, count(*) FILTER (WHERE a = m AND score <= 6) AS d,
                 count(*) AS n3, count(*) FILTER (WHERE score >= 9) AS p3, count(*) FILTER (WHERE score <= 6) AS d3
          FROM (SELECT pg_temp.m(responded_at) AS a, score FROM survey_responses WHERE survey = 'nps' AND responded_at <= pg_temp.t() AND score IS NOT NULL) r
          RIGHT JOIN generate_series((SELECT min(pg_temp.m(responded_at)) FROM survey_responses WHERE survey = 'nps' AND score IS NOT NULL), timestamp '2025-12-01', '1 month') m
            ON a BETWEEN m - interval '2 months' AND m GROUP BY m) x $$);
SELECT * FROM pg_temp.compare('SELECT period, answers, satisfied, round(csat::numeric, 9), round(score_mean, 9), answers_3, round(csat_3_upper::numeric, 9) FROM kpi_csat WHERE answers_3 > 0', $$
    SELECT m::date, count(*) FILTER (WHERE a = m), count(*) FILTER (WHERE a = m AND score >= 4), round(avg((score >= 4)::int) FILTER (WHERE a = m), 9), round(avg(score) FILTER (WHERE a = m), 9),
           count(*), round(pg_temp.wilson(count(*) FILTER (WHERE score >= 4), count(*), 1), 9)
    FROM (SELECT pg_temp.m(responded_at) AS a, score FROM survey_responses WHERE survey = 'csat' AND responded_at <= pg_temp.t() AND score IS NOT NULL) r
    JOIN generate_series((SELECT min(pg_temp.m(responded_at)) FROM survey_responses WHERE survey = 'csat' AND score IS NOT NULL), timestamp '2025-12-01', '1 month') m
      ON a BETWEEN m - interval '2 months' AND m GROUP BY m $$);
SELECT * FROM pg_temp.compare('SELECT period, answers, round(ces::numeric, 9) FROM kpi_ces', $$
    SELECT pg_temp.m(responded_at), count(*), round(avg(score), 9) FROM survey_responses WHERE survey = 'ces' AND responded_at <= pg_temp.t() AND score IS NOT NULL GROUP BY 1 $$);
SELECT * FROM pg_temp.compare('SELECT period, survey, sent, answered, round(response_lower::numeric, 9), complete FROM kpi_surveys', $$
    SELECT pg_temp.m(sent_at), survey, count(*), count(score) FILTER (WHERE responded_at <= pg_temp.t()),
           round(pg_temp.wilson(count(score) FILTER (WHERE responded_at <= pg_temp.t()), count(*), -1), 9), pg_temp.over(pg_temp.m(sent_at))
    FROM survey_responses WHERE sent_at <= pg_temp.t() GROUP BY 1, 2 $$);

--
-- Engagement
--
CREATE TEMP VIEW mailing AS
SELECT e.campaign_id, c.name, min(e.occurred_at) FILTER (WHERE event = 'sent') AS sent_at, count(*) FILTER (WHERE event = 'sent') AS sent, count(*) FILTER (WHERE event = 'bounce') AS bounced,
       count(*) FILTER (WHERE event = 'delivered') AS delivered,
       count(DISTINCT customer_id) FILTER (WHERE event IN ('open', 'click') AND detail IS DISTINCT FROM 'proxy') AS opened,
       count(DISTINCT customer_id) FILTER (WHERE event = 'click') AS clicked, count(*) FILTER (WHERE event = 'unsubscribe') AS unsubscribed,
       count(*) FILTER (WHERE event = 'open') AS opens, count(*) FILTER (WHERE event = 'click') AS clicks
FROM sample_crm.campaign_events e JOIN sample_crm.email_campaigns c ON c.id = e.campaign_id WHERE occurred_at <= pg_temp.t() GROUP BY 1, 2;
SELECT * FROM pg_temp.compare($$SELECT campaign_id, campaign, sent_at, sent, bounced, delivered, opened, clicked, unsubscribed, complaints, opens, clicks, round(delivery_rate::numeric, 9),
        round(open_rate::numeric, 9), round(open_lower::numeric, 9), round(click_through_upper::numeric, 9), round(click_to_open_rate::numeric, 9), round(bounce_rate::numeric, 9), round(unsubscribe_rate::numeric, 9) FROM kpi_email_campaigns$$, $$
    SELECT campaign_id::text, name, sent_at, sent, bounced, delivered, opened, clicked, unsubscribed, 0::bigint, opens, clicks, round(delivered / sent::numeric, 9), round(opened / delivered::numeric, 9),
           round(pg_temp.wilson(opened, delivered, -1), 9), round(pg_temp.wilson(clicked, delivered, 1), 9), round(clicked / nullif(opened, 0)::numeric, 9), round(bounced / sent::numeric, 9), round(unsubscribed / delivered::numeric, 9)
    FROM pg_temp.mailing $$);
SELECT * FROM pg_temp.compare('SELECT period, campaigns, sent, delivered, opened, clicked, unsubscribed, round(open_upper::numeric, 9), round(click_through_rate::numeric, 9), complete FROM kpi_email', $$
    SELECT pg_temp.m(sent_at), count(*), sum(sent)::bigint, sum(delivered)::bigint, sum(opened)::bigint, sum(clicked)::bigint, sum(unsubscribed)::bigint, round(pg_temp.wilson(sum(opened), sum(delivered), 1), 9),
           round(sum(clicked) / sum(delivered), 9), pg_temp.over(pg_temp.m(sent_at)) FROM pg_temp.mailing GROUP BY 1 $$);
SELECT * FROM pg_temp.compare('SELECT * FROM kpi_channels', $$
    SELECT pg_temp.m(occurred_at), channel, count(*), count(DISTINCT customer_id), count(DISTINCT visitor_id), pg_temp.over(pg_temp.m(occurred_at))
    FROM touchpoints WHERE occurred_at <= pg_temp.t() GROUP BY 1, 2 $$);
-- first, last and linear attribution from all pairs of an order and a visit
-- before it; touches of one instant go by name
SELECT * FROM pg_temp.compare('SELECT currency, model, channel, round(conversions, 6), round(value, 4) FROM kpi_attribution WHERE model IN (''first'', ''last'', ''linear'')', $$
    SELECT currency, model, channel, round(sum(credit), 6), round(sum(credit * amount), 4)
    FROM (SELECT o.currency, o.amount, t.channel, 1 / count(*) OVER w::numeric AS each,
                 row_number() OVER (PARTITION BY o.id ORDER BY t.occurred_at, t.channel COLLATE "C") AS from_first,
                 row_number() OVER (PARTITION BY o.id ORDER BY t.occurred_at DESC, t.channel COLLATE "C" DESC) AS from_last
          FROM orders o LEFT JOIN touchpoints t ON t.customer_id = o.customer_id AND t.event = 'visit' AND t.channel IS NOT NULL
               AND t.occurred_at BETWEEN o.ordered_at - interval '90 days' AND o.ordered_at
          WHERE o.customer_id IS NOT NULL AND o.amount >= 0 AND o.ordered_at <= pg_temp.t() WINDOW w AS (PARTITION BY o.id)) p,
         LATERAL (VALUES ('first', (from_first = 1)::int), ('last', (from_last = 1)::int), ('linear', each)) m (model, credit)
    WHERE credit > 0 GROUP BY 1, 2, 3 $$);
-- all models credit all orders
SELECT count(*) AS models, count(DISTINCT round(conversions, 4)) AS totals, count(DISTINCT round(value, 2)) AS values
FROM (SELECT currency, model, sum(conversions) AS conversions, sum(value) AS value FROM kpi.kpi_attribution WHERE currency = 'EUR' GROUP BY 1, 2) m;
-- the events of a customer or visitor in order, repeats collapsed
SELECT * FROM pg_temp.compare('SELECT step, from_event, to_event, customers FROM kpi_journeys', $$
    WITH e AS (SELECT coalesce('c' || customer_id, 'v' || visitor_id) AS who, event, row_number() OVER w AS no,
                      event IS DISTINCT FROM lag(event) OVER w AS changed
               FROM touchpoints WHERE occurred_at <= pg_temp.t()
               WINDOW w AS (PARTITION BY coalesce('c' || customer_id, 'v' || visitor_id) ORDER BY occurred_at, event COLLATE "C")),
         p AS (SELECT who, event, (row_number() OVER w)::int AS step, lead(event) OVER w AS next FROM e WHERE changed WINDOW w AS (PARTITION BY who ORDER BY no))
    SELECT step, event, CASE WHEN step < 5 THEN next END, count(*) FROM p WHERE step <= 5 GROUP BY 1, 2, 3 $$);
-- visit, then product, then cart, within a day of some visit
SELECT * FROM pg_temp.compare('SELECT step, event, customers, round(share_of_previous::numeric, 9) FROM kpi_funnel', $$
    WITH e AS (SELECT coalesce('c' || customer_id, 'v' || visitor_id) AS who, event, occurred_at AS at FROM touchpoints WHERE occurred_at <= pg_temp.t()),
         v AS (SELECT who, at FROM e WHERE event = 'visit'),
         p AS (SELECT v.who, v.at AS since, e.at FROM v JOIN e USING (who) WHERE event = 'product' AND e.at BETWEEN v.at AND v.at + interval '1 day'),
         c AS (SELECT p.who FROM p JOIN e USING (who) WHERE event = 'cart' AND e.at BETWEEN p.at AND p.since + interval '1 day'),
         n AS (SELECT (SELECT count(DISTINCT who) FROM v) AS v, (SELECT count(DISTINCT who) FROM p) AS p, (SELECT count(DISTINCT who) FROM c) AS c)
    SELECT 1, 'visit', v, NULL::numeric FROM n UNION ALL SELECT 2, 'product', p, round(p / v::numeric, 9) FROM n UNION ALL SELECT 3, 'cart', c, round(c / p::numeric, 9) FROM n $$);

--
-- Customers
--
SELECT currency, customers, as_of = pg_temp.t() AS as_of_is_right, purchases_status = crm_model_status(purchases) AS status_is_right, fitted_at <= now() AS dated FROM kpi.kpi_models ORDER BY currency;
CREATE TEMP TABLE bought AS
SELECT DISTINCT ON (customer_id) customer_id, currency, orders, revenue, first_at, last_at
FROM (SELECT customer_id, currency, count(*) FILTER (WHERE amount >= 0) AS orders, sum(amount) AS revenue, min(ordered_at) FILTER (WHERE amount >= 0) AS first_at, max(ordered_at) FILTER (WHERE amount >= 0) AS last_at
      FROM sample_crm.orders WHERE customer_id IS NOT NULL AND ordered_at <= pg_temp.t() GROUP BY 1, 2) c
ORDER BY customer_id, orders DESC, currency;
-- (read once: the intervals of lifetime values take their time)
CREATE TEMP TABLE all_customers AS SELECT * FROM kpi.kpi_customer_360;
SELECT * FROM pg_temp.compare('SELECT customer_id, name, segment, channel, currency, orders, revenue, round(average_order, 6), first_order_at, last_order_at, days_since_order FROM pg_temp.all_customers', $$
    SELECT c.id::text, c.name, c.segment, c.acquisition_channel, b.currency, coalesce(b.orders, 0), b.revenue, round(b.revenue / b.orders, 6), b.first_at, b.last_at,
           floor(extract(epoch FROM pg_temp.t() - b.last_at) / 86400)::int
    FROM customers c LEFT JOIN pg_temp.bought b ON b.customer_id = c.id $$);
-- open and won deals, tickets, answers, subscriptions
SELECT * FROM pg_temp.compare('SELECT customer_id, mrr, mrr_currency, open_deals, won_deals, tickets, open_tickets, last_nps, last_nps_at, last_csat FROM pg_temp.all_customers', $$
    SELECT c.id::text, m.mrr, m.currency, (SELECT count(*) FROM opportunities o WHERE o.customer_id = c.id AND created_at <= pg_temp.t() AND (closed_at > pg_temp.t() OR closed_at IS NULL)), (SELECT count(*) FROM opportunities o WHERE o.customer_id = c.id AND status = 'won' AND closed_at <= pg_temp.t()),
           (SELECT count(*) FROM pg_temp.help h WHERE h.customer_id = c.id), (SELECT count(*) FROM pg_temp.help h WHERE h.customer_id = c.id AND solved IS NULL), n.score::numeric, n.responded_at, s.score::numeric
    FROM customers c
    LEFT JOIN (SELECT m.customer_id, sum(mrr) AS mrr, min(currency) AS currency FROM subscription_months m JOIN subscriptions s ON s.id = subscription_id WHERE month = '2025-12-01' GROUP BY 1) m ON m.customer_id = c.id
    LEFT JOIN LATERAL (SELECT score, responded_at FROM survey_responses r WHERE r.customer_id = c.id AND survey = 'nps' AND score IS NOT NULL AND responded_at <= pg_temp.t() ORDER BY responded_at DESC LIMIT 1) n ON true
    LEFT JOIN LATERAL (SELECT score FROM survey_responses r WHERE r.customer_id = c.id AND survey = 'csat' AND score IS NOT NULL AND responded_at <= pg_temp.t() ORDER BY responded_at DESC LIMIT 1) s ON true $$);
SELECT * FROM pg_temp.compare('SELECT customer_id, last_contact_at FROM pg_temp.all_customers', $$
    SELECT c.id::text, (SELECT max(at) FROM (SELECT last_at FROM pg_temp.bought WHERE customer_id = c.id UNION ALL SELECT occurred_at FROM touchpoints WHERE customer_id = c.id
            UNION ALL SELECT created_at FROM tickets WHERE customer_id = c.id UNION ALL SELECT responded_at FROM survey_responses WHERE customer_id = c.id AND score IS NOT NULL
            UNION ALL SELECT occurred_at FROM campaign_events WHERE customer_id = c.id AND event IN ('open', 'click') AND detail IS DISTINCT FROM 'proxy') x (at) WHERE at <= pg_temp.t())
    FROM customers c $$);
-- scores: equal values have equal scores, higher values no lower ones
SELECT count(*) FROM pg_temp.all_customers a JOIN pg_temp.all_customers b ON a.currency = b.currency
WHERE (a.revenue < b.revenue AND a.m_score > b.m_score) OR (a.revenue = b.revenue AND a.m_score <> b.m_score) OR (a.last_order_at < b.last_order_at AND a.r_score > b.r_score);
SELECT count(*) > 0 AS scored, count(*) FILTER (WHERE rfm_segment IS DISTINCT FROM crm_rfm_segment(r_score, f_score, m_score)) AS wrong FROM pg_temp.all_customers WHERE orders > 0;
-- the models are those of the histories in the tables, and so are the predictions
SELECT * FROM pg_temp.compare('SELECT customer_id, round(p_alive::numeric, 6), round(expected_orders::numeric, 5), round(clv::numeric, 3), round(clv_lower::numeric, 3), round(clv_upper::numeric, 3) FROM pg_temp.all_customers WHERE orders > 0', $$
    WITH h AS (SELECT b.customer_id, b.currency, crm_rfm(o.ordered_at, o.amount, pg_temp.t(), interval '1 week', 'day', 'America/New_York') AS rfm
               FROM pg_temp.bought b JOIN orders o ON o.customer_id = b.customer_id AND o.currency = b.currency GROUP BY 1, 2),
         m AS (SELECT currency, crm_btyd_fit('pareto/nbd', rfm) AS purchases, crm_spend_fit(rfm) AS spend FROM h GROUP BY 1)
    SELECT customer_id::text, round(crm_p_alive(purchases, rfm)::numeric, 6), round(crm_expected_purchases(purchases, rfm, interval '1 year')::numeric, 5), round(v.estimate::numeric, 3), round(v.lower::numeric, 3), round(v.upper::numeric, 3)
    FROM h JOIN m USING (currency), crm_clv_interval(purchases, spend, rfm, '1 year', 0.1) v $$);
SELECT * FROM pg_temp.compare('SELECT currency, rfm_segment, customers, revenue, round(clv::numeric, 4) FROM kpi_rfm_segments', $$
    SELECT currency, rfm_segment, count(*), sum(revenue), round(sum(clv)::numeric, 4) FROM pg_temp.all_customers WHERE orders > 0 GROUP BY 1, 2 $$);
-- bounds of a segment's total are those of its histories in the tables, and hold it
SELECT * FROM pg_temp.compare('SELECT currency, rfm_segment, round(clv::numeric, 3), round(clv_lower::numeric, 3), round(clv_upper::numeric, 3) FROM kpi_rfm_segments', $$
    WITH h AS (SELECT b.customer_id, b.currency, crm_rfm(o.ordered_at, o.amount, pg_temp.t(), interval '1 week', 'day', 'America/New_York') AS rfm
               FROM pg_temp.bought b JOIN orders o ON o.customer_id = b.customer_id AND o.currency = b.currency GROUP BY 1, 2),
         m AS (SELECT currency, crm_btyd_fit('pareto/nbd', rfm) AS purchases, crm_spend_fit(rfm) AS spend FROM h GROUP BY 1),
         t AS (SELECT h.currency, c.rfm_segment, crm_clv_total(m.purchases, m.spend, h.rfm, '1 year', 0.1) AS total
               FROM h JOIN m USING (currency) JOIN pg_temp.all_customers c ON c.customer_id = h.customer_id::text GROUP BY 1, 2)
    SELECT currency, rfm_segment, round((total).estimate::numeric, 3), round((total).lower::numeric, 3), round((total).upper::numeric, 3) FROM t $$);
SELECT count(*) FILTER (WHERE clv_lower < clv AND clv < clv_upper) > 0 AS bounded,
       count(*) FILTER (WHERE clv_lower < 0 OR clv_lower >= clv OR clv >= clv_upper
                           OR clv_upper IS NULL AND k.purchases_status = 'converged' AND k.spend_status = 'converged'
                              AND (k.spend::jsonb -> 'parameters' ->> 'q')::float8 > 2) AS wrong
FROM kpi.kpi_rfm_segments JOIN kpi.kpi_models k USING (currency);

--
-- Materialised: the same rows, keys are unique and indexed, refresh follows the data
--
CREATE SCHEMA kpi_m;
SELECT count(*) FROM crm_entities() e, LATERAL crm_define_entity('kpi_m', e.entity, format('SELECT * FROM kpi.%I', e.entity));
SELECT status, count(*) FROM crm_create_kpi_views('kpi_m', :'options'::jsonb || '{"materialized": true}') GROUP BY 1;
SELECT v.view_name FROM crm_kpi_views() v
WHERE area <> 'base'
  AND NOT EXISTS (SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
                  WHERE c.relnamespace = 'kpi_m'::regnamespace AND c.relname = v.view_name AND c.relkind = 'm' AND i.indisunique
                    AND ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = i.indexrelid ORDER BY attnum) = v.key_columns);
-- (sums of floating-point numbers depend on the order of the rows)
SELECT v.view_name, c.some_rows, c.differing
FROM crm_kpi_views() v, pg_temp.compare(format('SELECT * FROM kpi_m.%I', view_name), format('SELECT * FROM kpi.%I', view_name)) c
WHERE area <> 'base' AND view_name <> 'kpi_rfm_segments' AND (c.differing > 0 OR NOT c.some_rows);
UPDATE sample_crm.orders SET amount = amount + 1000 WHERE id = (SELECT min(id) FROM sample_crm.orders WHERE customer_id IS NOT NULL);
SELECT count(*) AS differing FROM (SELECT * FROM kpi.kpi_revenue EXCEPT SELECT * FROM kpi_m.kpi_revenue) d;
SELECT count(*), count(*) FILTER (WHERE status = 'fitted') AS fitted FROM crm_refresh_kpi_views('kpi_m');
SELECT count(*) AS differing FROM (SELECT * FROM kpi.kpi_revenue EXCEPT SELECT * FROM kpi_m.kpi_revenue) d;
SELECT count(*) AS refreshed FROM crm_refresh_kpi_views('kpi_m', concurrently => true) WHERE status = 'refreshed';
SELECT view_name, status FROM crm_refresh_kpi_views('kpi');
SET enable_seqscan = off;
EXPLAIN (COSTS OFF) SELECT * FROM kpi_m.kpi_customer_360 WHERE customer_id = '7';
RESET enable_seqscan;

-- Every grain, one currency: money is all there, complete periods end in time.
CREATE TEMP TABLE grains (grain text, orders numeric, revenue numeric, currencies bigint, misaligned bigint);
DO $$
DECLARE
    g text;
    v record;
BEGIN
    FOREACH g IN ARRAY '{day,week,month,quarter,year}'::text[] LOOP
        PERFORM crm_create_kpi_views('kpi', jsonb_build_object('grain', g, 'currency', 'EUR', 'as_of', '2025-12-20 17:00+00', 'time_zone', 'America/New_York'));
        INSERT INTO grains SELECT g, sum(orders), sum(revenue), count(DISTINCT currency), count(*) FILTER (WHERE period <> date_trunc(g, period::timestamp)) FROM kpi.kpi_revenue;
        -- and every view can be read
        FOR v IN SELECT c.oid::regclass AS name FROM pg_class c WHERE c.relnamespace = 'kpi'::regnamespace AND c.relkind = 'v'
                   -- what does not depend on the grain is read once
                   AND (g = 'month' OR c.relname NOT IN ('kpi_customer_360', 'kpi_rfm_segments')) LOOP
            EXECUTE format('SELECT count(*) FROM (SELECT * FROM %s OFFSET 0) x', v.name);
        END LOOP;
    END LOOP;
END
$$;
SELECT grain, g.orders = o.n AND g.revenue = o.revenue AS all_there, currencies, misaligned
FROM grains g, (SELECT count(*) FILTER (WHERE amount >= 0) AS n, sum(amount) AS revenue FROM sample_crm.orders WHERE currency = 'EUR' AND ordered_at <= pg_temp.t()) o;

--
-- Data in which everything is wrong: every view can be read, and what is wrong is counted
--
CREATE SCHEMA dirty;
SELECT count(*) FROM (VALUES
    (crm_define_entity('dirty', 'customer', $$SELECT * FROM (VALUES ('1', timestamptz 'infinity', NULL), ('1', '-infinity', 'x'), (NULL, NULL, 'x'), ('2', '2025-01-01', 'x')) AS v (customer_id, acquired_at, channel)$$)),
    (crm_define_entity('dirty', 'spend', $$SELECT * FROM (VALUES (date 'infinity', 1.0, 'EUR', 'y'), (NULL, 1, NULL, NULL), ('2025-01-01', 'NaN', 'EUR', 'x'), ('2025-01-05', -1, 'EUR', 'x')) AS v (day, amount, currency, channel)$$)),
    (crm_define_entity('dirty', 'lead', $$SELECT * FROM (VALUES ('1', timestamptz '2025-01-02', 'open', timestamptz '2025-01-01', timestamptz '2025-01-01'), ('1', 'infinity', 'new', 'infinity', NULL), (NULL, NULL, NULL, NULL, NULL),
                       ('2', '2025-01-02', 'lost', 'infinity', NULL), ('3', '2025-01-02', 'lost', '-infinity', NULL)) AS v (lead_id, created_at, status, first_contacted_at, converted_at)$$)),
    (crm_define_entity('dirty', 'opportunity', $$SELECT * FROM (VALUES ('1', timestamptz '2025-01-02', 'won', timestamptz '2025-01-01', 1.0, 'EUR', 7.0, date '2025-03-01'), ('2', 'infinity', 'lost', NULL, NULL, NULL, NULL, NULL),
                       ('2', '2025-01-02', 'open', '2025-01-03', 'NaN', 'EUR', 0.5, 'infinity'), ('3', '2025-01-02', 'gone', 'infinity', 0, NULL, -1, NULL), ('4', '2025-01-02', 'lost', '-infinity', 0, NULL, 'NaN', NULL),
                       ('5', '2025-01-02', 'won', NULL, 10, 'EUR', 1, '-infinity'), (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)) AS v (opportunity_id, created_at, status, closed_at, amount, currency, probability, expected_close)$$)),
    (crm_define_entity('dirty', 'stage_change', $$SELECT * FROM (VALUES ('1', 'a', timestamptz 'infinity', 1), ('9', 'b', '2025-01-01', NULL), ('1', NULL, '2025-01-01', 1), (NULL, 'c', NULL, 'NaN'::float8), ('1', 'a', '2025-01-01', 1)) AS v (opportunity_id, stage, entered_at, stage_position)$$)),
    (crm_define_entity('dirty', 'order', $$SELECT * FROM (VALUES ('1', timestamptz 'infinity', 1.0, 'EUR', '1'), ('1', '-infinity', 1, 'EUR', '1'), (NULL, '2025-01-01', 'NaN', NULL, NULL), ('2', '2025-01-01', 'Infinity', 'EUR', '7'), ('3', NULL, NULL, NULL, NULL),
                       ('4', '2025-01-01', 5, 'EUR', '2'), ('5', '2025-04-01', -5, 'USD', '2'), ('6', '2025-04-01', -5, NULL, '8'), ('7', '1700-01-01', 5, 'EUR', '2'), ('8', '2999-01-01', 5, 'EUR', '2')) AS v (order_id, ordered_at, amount, currency, customer_id)$$)),
    (crm_define_entity('dirty', 'subscription_month', $$SELECT * FROM (VALUES ('1', date 'infinity', 1.0, 'EUR'), ('2', '-infinity', 1, 'EUR'), ('2', NULL, NULL, NULL), ('2', '2025-01-15', 'NaN', 'EUR'), ('2', '2025-01-15', -1, 'EUR'), ('2', '2025-04-30', 5, NULL),
                       ('2', '2025-04-30', 5, 'USD'), (NULL, '2025-04-30', 5, 'USD')) AS v (customer_id, month, mrr, currency)$$)),
    (crm_define_entity('dirty', 'ticket', $$SELECT * FROM (VALUES ('1', timestamptz '2025-01-02', timestamptz '2025-01-01', timestamptz '2025-01-01', interval '-1 hour'), ('1', '2025-01-02', 'infinity', 'infinity', NULL), (NULL, NULL, NULL, NULL, NULL),
                       ('2', '-infinity', NULL, NULL, NULL), ('3', '2025-01-02', '-infinity', NULL, NULL), ('4', '2025-01-02', '2025-01-02', '2025-01-02', '0'),
                       ('5', '2025-01-02', '2025-01-03', NULL, '3 days'), ('6', '2025-01-02', '2025-01-03', NULL, '1 month')) AS v (ticket_id, created_at, first_response_at, resolved_at, first_response_target)$$)),
    (crm_define_entity('dirty', 'survey_response', $$SELECT * FROM (VALUES ('1', 'nps', timestamptz '2025-01-02', 11.0, timestamptz '2025-01-03'), ('1', 'nps', '2025-01-02', 7.5, NULL), ('2', 'stars', '2025-01-02', 5, NULL), ('3', 'csat', NULL, 4, NULL), ('4', 'ces', 'infinity', 'NaN', NULL),
                       (NULL, NULL, NULL, NULL, NULL), ('5', 'csat', '-infinity', 0, '-infinity'), ('6', 'nps', '2025-01-02', 9, 'infinity')) AS v (response_id, survey, responded_at, score, sent_at)$$)),
    (crm_define_entity('dirty', 'campaign_event', $$SELECT * FROM (VALUES ('1', timestamptz '2025-01-02', 'sent', NULL, 10), ('1', '2025-01-02', 'open', NULL, 20), ('1', 'infinity', 'click', '1', NULL), ('1', '2025-01-02', 'vanished', NULL, -5), (NULL, NULL, NULL, NULL, NULL),
                       ('2', '2025-01-02', 'open', '1', NULL)) AS v (campaign_id, occurred_at, event, recipient_id, events)$$)),
    (crm_define_entity('dirty', 'touchpoint', $$SELECT * FROM (VALUES (timestamptz 'infinity', 'visit', '2', NULL, 'x'), ('-infinity', NULL, NULL, NULL, NULL), ('2025-01-01', NULL, NULL, NULL, 'x'), ('2025-01-01', 'visit', '2', 'v', NULL), (NULL, 'visit', '2', 'v', 'x')) AS v (occurred_at, event, customer_id, visitor_id, channel)$$))) AS d;
SELECT status, count(*) FROM crm_create_kpi_views('dirty', '{"as_of": "2026-01-01", "materialized": true, "funnel": ["visit", "cart"], "time_zone": "UTC"}') GROUP BY 1;
SELECT entity, problem, severity, found FROM dirty.kpi_data_quality WHERE found > 0 ORDER BY entity, problem COLLATE "C";
SELECT period, currency, orders, customers, gross, refunds FROM dirty.kpi_revenue ORDER BY 1, 2;
SELECT month, currency, closing FROM dirty.kpi_mrr ORDER BY 1, 2;
SELECT customer_id, orders, revenue, rfm_segment, p_alive IS NULL AS no_model FROM dirty.kpi_customer_360 ORDER BY 1;
SELECT period, won, lost, cycle_mean FROM dirty.kpi_win_rate ORDER BY 1, 2;
SELECT tickets, answered, resolved, response_targeted FROM dirty.kpi_service;
SELECT period, answers FROM dirty.kpi_nps;
SELECT campaign_id, sent, opened, opens, open_rate FROM dirty.kpi_email_campaigns ORDER BY 1;

-- Entities that are there and empty: no rows, no error.
CREATE SCHEMA nothing;
SELECT count(*) FROM crm_entities() e, LATERAL crm_define_entity('nothing', e.entity, format('SELECT * FROM kpi.%I WHERE false', e.entity));
SELECT status, count(*) FROM crm_create_kpi_views('nothing', '{"materialized": true, "funnel": ["a"]}') GROUP BY 1;
CREATE FUNCTION pg_temp.n_rows(relation regclass) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE n bigint; BEGIN EXECUTE format('SELECT count(*) FROM %s', relation) INTO n; RETURN n; END $$;
SELECT relname, pg_temp.n_rows(oid) FROM pg_class c WHERE relnamespace = 'nothing'::regnamespace AND relkind = 'm' AND pg_temp.n_rows(oid) > 0;

--
-- Once more, and what is not ours
--
CREATE VIEW kpi.mine AS SELECT sum(revenue) FROM kpi.kpi_revenue;
SELECT crm_create_kpi_views('kpi');
\echo :SQLSTATE
DROP VIEW kpi.mine;
SELECT crm_drop_kpi_views('kpi') AS dropped;
CREATE TABLE kpi.kpi_revenue (a int);
SELECT crm_create_kpi_views('kpi');
\echo :SQLSTATE
-- it is one transaction: nothing was made
SELECT relname FROM pg_class WHERE relnamespace = 'kpi'::regnamespace AND relname LIKE 'kpi\_%';
SELECT crm_drop_kpi_views('kpi') AS dropped;
DROP TABLE kpi.kpi_revenue;
SELECT crm_refresh_kpi_views('kpi');
\echo :SQLSTATE
-- options
SELECT crm_create_kpi_views('kpi', '{"grain": "fortnight"}');
\echo :SQLSTATE
SELECT crm_create_kpi_views('kpi', '{"grains": "day"}');
\echo :SQLSTATE
SELECT crm_create_kpi_views('kpi', '{"time_zone": "Mars/Olympus"}');
\echo :SQLSTATE
SELECT crm_create_kpi_views('kpi', '{"as_of": "infinity"}');
\echo :SQLSTATE
SELECT crm_create_kpi_views('kpi', '{"margin": "half"}');
\echo :SQLSTATE
SELECT crm_create_kpi_views('kpi', '{"conf_level": 95}');
\echo :SQLSTATE
SELECT crm_create_kpi_views('kpi', '{"annual_discount_rate": -0.5}');
\echo :SQLSTATE
SELECT crm_create_kpi_views('kpi', '{"margin": -1}');
\echo :SQLSTATE
SELECT crm_create_kpi_views('kpi', '{"as_of": "290000-01-01"}');
\echo :SQLSTATE
SELECT crm_create_kpi_views('kpi', '{"pipeline": []}');
\echo :SQLSTATE
SELECT crm_create_kpi_views('kpi', '{"pipeline": ["a", null]}');
\echo :SQLSTATE
SELECT crm_create_kpi_views('kpi', '{"pipeline": ["a", "b", "a"]}');
\echo :SQLSTATE
SELECT crm_create_kpi_views('kpi', '{"pipeline": {}}');
\echo :SQLSTATE
SELECT crm_create_kpi_views('kpi', '{"funnel": []}');
\echo :SQLSTATE
SELECT crm_create_kpi_views('kpi', '{"funnel": [["a"]]}');
\echo :SQLSTATE
SELECT crm_create_kpi_views('kpi', '{"cohort_periods": 1.5}');
\echo :SQLSTATE
SELECT crm_create_kpi_views('kpi', '{"horizon": "soon"}');
\echo :SQLSTATE
SELECT crm_create_kpi_views('kpi', '{"funnel_window": "-1 day"}');
\echo :SQLSTATE
SELECT crm_create_kpi_views('kpi', '{"resolution_target": "2 days"}');
\echo :SQLSTATE
SELECT crm_create_kpi_views('kpi', '{"first_response_target": "1 month"}');
\echo :SQLSTATE
SELECT crm_create_kpi_views('kpi', '{"lead_response_target": "-1 hour"}');
\echo :SQLSTATE
SELECT crm_create_kpi_views('kpi', '{"calendar": "always"}');
\echo :SQLSTATE
SELECT crm_create_kpi_views('kpi', '[1]');
\echo :SQLSTATE
SELECT crm_create_kpi_views('kpi', NULL);
\echo :SQLSTATE
SELECT crm_create_kpi_views('regress_no_such_schema');
\echo :SQLSTATE
SELECT crm_create_kpi_views('sample_crm');
\echo :SQLSTATE
\set VERBOSITY sqlstate
SELECT crm_create_kpi_views('kpi', '{"purchase_model": "crystal ball"}');
\set VERBOSITY default
-- though nothing there would use them, and no row fail
CREATE SCHEMA few;
SELECT crm_define_entity('few', 'ticket', 'SELECT 1 AS ticket_id, now() AS created_at WHERE false');
SELECT crm_create_kpi_views('few', '{"time_zone": "Mars/Olympus"}');
\echo :SQLSTATE
\set VERBOSITY sqlstate
SELECT crm_create_kpi_views('few', '{"purchase_model": "crystal ball"}');
\set VERBOSITY default

-- Entities of columns with other collations are compared all the same.
SELECT count(*) FROM (VALUES
    (crm_define_entity('few', 'customer', $$SELECT '1' COLLATE "C" AS customer_id, timestamptz '2025-01-01' AS acquired_at$$)),
    (crm_define_entity('few', 'order', $$SELECT '1' AS order_id, timestamptz '2025-01-01' AS ordered_at, 5 AS amount, 'EUR' AS currency, '1' COLLATE "POSIX" AS customer_id$$))) AS d;
SELECT status, count(*) FROM crm_create_kpi_views('few', '{"time_zone": "UTC"}') GROUP BY 1 ORDER BY 1;
SELECT customer_id, orders FROM few.kpi_customer_360;
DROP SCHEMA kpi, kpi_m, dirty, nothing, few, sample_crm CASCADE;
