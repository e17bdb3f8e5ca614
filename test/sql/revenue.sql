-- Recurring revenue.  Expected values are worked out by hand where they are
-- written down, and come from brute force in plain SQL elsewhere: every account
-- by every month (generate_series), joined with itself a month earlier.

SET datestyle = ISO;

-- What a statement raises: SQLSTATE, message, hint.
CREATE FUNCTION pg_temp.error_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    message text;
    hint text;
BEGIN
    EXECUTE statement;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
    RETURN SQLSTATE || ' ' || message || coalesce(' (' || nullif(hint, '') || ')', '');
END;
$$;

-- A number from 0 to n - 1 that looks random and is the same everywhere.
CREATE FUNCTION pg_temp.pick(n int, VARIADIC key int[]) RETURNS int LANGUAGE sql AS $$
    SELECT ((('x' || substr(md5(array_to_string(key, '/')), 1, 8))::bit(32)::bigint) % n)::int
$$;

--
-- Movements row by row
--

-- Every kind.  Zero is tested first: April is churn, not a contraction by 80,
-- and June is a reactivation, not an expansion.
SELECT month, mrr, (crm_mrr_movement(mrr) OVER (ORDER BY month)).*
FROM (VALUES (date '2025-01-01', 100.00), ('2025-02-01', 100.00), ('2025-03-01', 80.00),
             ('2025-04-01', 0.00), ('2025-05-01', 0.00), ('2025-06-01', 120.00),
             ('2025-07-01', 150.50), ('2025-08-01', -5.00)) v(month, mrr)
ORDER BY month;

-- An account that starts with nothing is new when it first pays.  NULL is no
-- row.  Partitions do not see each other.
SELECT account, month, mrr, (crm_mrr_movement(mrr) OVER w).*
FROM (VALUES (1, 1, 0), (1, 2, -3), (1, 3, 10), (1, 4, NULL), (1, 5, 10), (1, 6, 9),
             (2, 1, NULL), (2, 2, 7), (2, 3, 0)) v(account, month, mrr)
WINDOW w AS (PARTITION BY account ORDER BY month)
ORDER BY account, month;

-- A gap: without the month it goes unseen, with it the account was away.
SELECT month, mrr, crm_mrr_movement(mrr) OVER w AS by_row,
       crm_mrr_movement(mrr, month) OVER w AS by_month
FROM (VALUES (date '2024-11-30', 10), ('2024-12-01', 10), ('2025-01-31', 12), ('2025-04-01', 12),
             ('2025-06-01', 0), ('2025-07-15', NULL), ('2025-08-01', 20), (NULL, 99)) v(month, mrr)
WINDOW w AS (ORDER BY month)
ORDER BY month;

-- Exact whatever the size, longer and shorter from row to row.
SELECT mrr, (crm_mrr_movement(mrr) OVER (ORDER BY i)).*
FROM (VALUES (1, 83.3333333333333333), (2, 123456789012345678901234567890123456789012.01),
             (3, 1e-30), (4, 1e100), (5, 1e100 + 1), (6, 5)) v(i, mrr)
ORDER BY i;

SELECT pg_temp.error_of(statement) FROM (VALUES
    (1, $$SELECT crm_mrr_movement(mrr) OVER () FROM (VALUES ('NaN'::numeric)) v(mrr)$$),
    (2, $$SELECT crm_mrr_movement(mrr) OVER () FROM (VALUES ('-Infinity'::numeric)) v(mrr)$$),
    (3, $$SELECT crm_mrr_movement(1, m) OVER () FROM (VALUES (date 'infinity')) v(m)$$),
    (4, $$SELECT crm_mrr_movement(1, m) OVER (ORDER BY m) FROM (VALUES (date '2025-01-01'), ('2025-01-31')) v(m)$$),
    (5, $$SELECT crm_mrr_movement(1, m) OVER (ORDER BY m DESC) FROM (VALUES (date '2025-01-01'), ('2025-02-01')) v(m)$$),
    (6, $$SELECT crm_mrr_movement(1)$$),
    (7, $$SELECT * FROM (SELECT crm_mrr_movement(1, date '2025-01-01') OVER (), crm_mrr_movement(1.5::float8) OVER ()) x$$)
) v(i, statement) ORDER BY i;

--
-- Random histories
--

-- 120 accounts over 40 months: gaps (a quarter of the months), zeros, NULLs,
-- negative amounts, whole and broken amounts, and for every seventh account
-- amounts that no 128-bit integer holds.
CREATE TABLE history AS
SELECT account, (date '2022-03-01' + make_interval(months => m))::date AS month,
       CASE pg_temp.pick(12, account, m, 2)
           WHEN 0 THEN 0 WHEN 1 THEN NULL WHEN 2 THEN -12.5
           ELSE CASE WHEN account % 7 = 0 AND m % 3 = 0 THEN 1e45 + account ELSE 0 END
                + CASE pg_temp.pick(3, account, m, 3)
                      WHEN 0 THEN 50
                      WHEN 1 THEN 49.99
                      ELSE (1 + pg_temp.pick(5, account, m, 4)) * 100 / 12.0 END
       END AS mrr
FROM generate_series(1, 120) account, generate_series(0, 39) m
WHERE pg_temp.pick(4, account, m, 1) > 0;
CREATE UNIQUE INDEX ON history (account, month);
ANALYZE history;

-- Against a self-join: the last row before that is not NULL.
WITH ours AS (
    SELECT account, month, mrr, (crm_mrr_movement(mrr) OVER w).*
    FROM history WINDOW w AS (PARTITION BY account ORDER BY month)
), oracle AS (
    SELECT h.account, h.month, h.mrr,
           CASE WHEN h.mrr IS NULL THEN NULL
                WHEN h.mrr <= 0 AND p.mrr > 0 THEN 'churn'
                WHEN h.mrr <= 0 THEN 'none'
                WHEN p.mrr > 0 AND h.mrr > p.mrr THEN 'expansion'
                WHEN p.mrr > 0 AND h.mrr < p.mrr THEN 'contraction'
                WHEN p.mrr > 0 THEN 'retained'
                WHEN EXISTS (SELECT FROM history e WHERE e.account = h.account
                             AND e.month < h.month AND e.mrr > 0) THEN 'reactivation'
                ELSE 'new' END AS kind,
           greatest(h.mrr, 0) - greatest(p.mrr, 0) AS both, greatest(h.mrr, 0) AS alone
    FROM history h
    LEFT JOIN LATERAL (SELECT mrr FROM history q
                       WHERE q.account = h.account AND q.month < h.month AND q.mrr IS NOT NULL
                       ORDER BY month DESC LIMIT 1) p ON true
)
SELECT count(*) AS rows, count(DISTINCT o.kind) AS kinds,
       bool_and(u.kind::text IS NOT DISTINCT FROM o.kind) AS same_kind,
       bool_and(u.amount IS NOT DISTINCT FROM
                CASE WHEN o.mrr IS NOT NULL THEN coalesce(o.both, o.alone) END) AS same_amount
FROM ours u JOIN oracle o USING (account, month);

-- Every account by every month from its first to the horizon (without one, to
-- its own last), where it counts as unpaid if it has no row.
CREATE TABLE brute_force AS
WITH paid AS MATERIALIZED (
    SELECT account, month, greatest(mrr, 0) AS mrr FROM history WHERE mrr IS NOT NULL
), bounds AS (
    SELECT account, min(month) AS first, max(month) AS last, min(month) FILTER (WHERE mrr > 0) AS first_paid
    FROM paid GROUP BY account
), grid AS MATERIALIZED (
    SELECT horizon, account, m::date AS month, first_paid
    FROM bounds, unnest('{2024-02-01,2025-12-01,infinity}'::date[]) horizon,
         generate_series(first, CASE horizon WHEN 'infinity' THEN last ELSE horizon END, interval '1 month') m
), joined AS (
    SELECT g.horizon, g.account, g.month, g.first_paid, c.mrr IS NOT NULL AS has_row,
           coalesce(p.mrr, 0) AS prev, coalesce(c.mrr, 0) AS mrr
    FROM grid g
    LEFT JOIN paid c ON c.account = g.account AND c.month = g.month
    LEFT JOIN paid p ON p.account = g.account AND p.month = (g.month - interval '1 month')::date
)
SELECT horizon, account, month, has_row, prev, mrr,
       CASE WHEN mrr = 0 AND prev = 0 THEN 'none' WHEN mrr = 0 THEN 'churn'
            WHEN month = first_paid THEN 'new' WHEN prev = 0 THEN 'reactivation'
            WHEN mrr > prev THEN 'expansion' WHEN mrr < prev THEN 'contraction' ELSE 'retained' END AS kind
FROM joined;
ANALYZE brute_force;

-- Window with month: as brute force says of the months that have a row.
WITH ours AS (
    SELECT account, month, mrr, (crm_mrr_movement(mrr, month) OVER w).*
    FROM history WINDOW w AS (PARTITION BY account ORDER BY month)
)
SELECT count(*) AS rows, count(DISTINCT o.kind) AS kinds,
       bool_and(u.kind::text = o.kind) AS same_kind, bool_and(u.amount = o.mrr - o.prev) AS same_amount
FROM ours u JOIN brute_force o USING (account, month)
WHERE u.mrr IS NOT NULL AND o.horizon = 'infinity';

--
-- Movements account by account
--

-- Rows out of order, two subscriptions in February, a gap in April and May, the
-- end of June's rows: churn is in April, the first unpaid month.  Nothing is
-- known after June.
CREATE TABLE account AS
SELECT * FROM (VALUES (date '2025-06-10', 40.00), ('2025-01-01', 30.00), ('2025-02-28', 20),
    ('2025-02-01', 30), ('2025-03-01', 50), (NULL, 1), ('2025-05-01', NULL)) v(month, mrr);
SELECT m.* FROM (SELECT crm_mrr_movements(month, mrr) AS movements FROM account) a, unnest(movements) m;

-- With the horizon in June still nothing; in July it has churned; in May there
-- is no June.
SELECT to_char(horizon, 'Mon') AS horizon, m.*
FROM (SELECT horizon, crm_mrr_movements(month, mrr, horizon) AS movements
      FROM account, unnest('{2025-06-30,2025-07-01,2025-05-31}'::date[]) horizon
      GROUP BY horizon) a, unnest(movements) m
WHERE month >= '2025-04-01'
ORDER BY a.horizon, month;

-- A NULL horizon is none.  No rows, or none up to the horizon, give NULL.
SELECT crm_mrr_movements(month, mrr, NULL) = crm_mrr_movements(month, mrr) AS no_horizon,
       crm_mrr_movements(month, mrr) FILTER (WHERE month IS NULL) AS null_rows,
       crm_mrr_movements(month, mrr, '2024-12-31') AS before_the_first
FROM account;
SELECT crm_mrr_movements(month, mrr) AS no_rows FROM account WHERE false;

-- BC and the ends of the calendar.
SELECT crm_mrr_movements(month, 1, '5874897-12-31')
FROM (VALUES (date '0001-12-31 BC'), ('0001-01-01 AD'), ('4714-12-01 BC'), ('5874897-11-30')) v(month);
SELECT crm_mrr_movements(month, 1) FROM (VALUES (date '5874897-12-31')) v(month);
SELECT pg_temp.error_of($$SELECT crm_mrr_movements(month, 1) FROM (VALUES (date '4714-11-24 BC')) v(month)$$);

-- Brute force: no horizon, one within the data, one after it, with rows doubled
-- into two subscriptions and taken in another order.
CREATE TABLE history_rows AS
SELECT account, month + pg_temp.pick(28, account, 7) AS month, mrr - 7.77 AS mrr FROM history
UNION ALL SELECT account, month, 7.77 FROM history WHERE mrr IS NOT NULL;

WITH account AS (
    SELECT horizon, false AS doubled, account,
           crm_mrr_movements(month, mrr, nullif(horizon, 'infinity')) AS movements
    FROM history, unnest('{2024-02-01,2025-12-01,infinity}'::date[]) horizon GROUP BY 1, 2, 3
    UNION ALL
    SELECT horizon, true, account,
           crm_mrr_movements(month, mrr, nullif(horizon, 'infinity') ORDER BY md5(month::text))
    FROM history_rows, unnest('{2024-02-01,2025-12-01,infinity}'::date[]) horizon GROUP BY 1, 2, 3
), ours AS (
    SELECT horizon, doubled, account, m.* FROM account, unnest(movements) m
), oracle AS (
    SELECT b.*, doubled FROM brute_force b, unnest('{f,t}'::boolean[]) doubled WHERE has_row OR kind = 'churn'
)
SELECT horizon, doubled, count(*) AS rows, count(*) FILTER (WHERE o.kind = 'churn') AS churns,
       count(*) FILTER (WHERE o.kind IS NULL) AS too_many, count(*) FILTER (WHERE u.kind IS NULL) AS missing,
       count(*) FILTER (WHERE u.kind::text <> o.kind OR u.amount <> o.mrr - o.prev OR u.mrr <> o.mrr) AS wrong
FROM ours u FULL JOIN oracle o USING (horizon, doubled, account, month)
GROUP BY horizon, doubled ORDER BY horizon, doubled;

-- The state merges the rows of a month: 200,000 rows are three months.
SELECT m.month, m.kind, m.amount, m.mrr
FROM (SELECT crm_mrr_movements(date '2025-01-01' + (i % 3) * 31, 0.01) AS movements
      FROM generate_series(1, 200000) i) a, unnest(movements) m;

-- Errors.
SELECT pg_temp.error_of(statement) FROM (VALUES
    (1, $$SELECT crm_mrr_movements(month, 'NaN') FROM account$$),
    (2, $$SELECT crm_mrr_movements(month, 'Infinity') FROM account$$),
    (3, $$SELECT crm_mrr_movements('-infinity', 1)$$),
    (4, $$SELECT crm_mrr_movements(month, mrr, 'infinity') FROM account$$),
    (5, $$SELECT crm_mrr_movements(month, mrr, month) FROM account$$),
    (6, $$SELECT crm_mrr_movements(month, mrr, nullif(month, '2025-02-28')) FROM account$$),
    (7, $$SELECT crm_mrr_movements(month, mrr, NULL, CASE WHEN mrr < 30 THEN 'USD' ELSE 'EUR' END) FROM account$$),
    (8, $$SELECT crm_mrr_movements(month, mrr, NULL, 'US dollars') FROM account$$),
    (9, $$SELECT crm_mrr_movements(month, mrr, NULL, '') FROM account$$),
    (10, $$SELECT crm_mrr_movements(month, mrr, NULL, 'EUR'), crm_mrr_movements(month, mrr, NULL, CASE WHEN mrr = 20 THEN NULL ELSE 'EUR' END) FROM account$$)
) v(i, statement) ORDER BY i;

--
-- Waterfall
--

-- Worked out by hand: two accounts of 100 and 50 in January; in February the
-- first expands to 130, the second churns, a third comes with 40; March has no
-- rows for anybody but the third, who contracts to 30; in April the second is
-- back with 60.  NRR in March: (170 - 130 - 10) / 170.
CREATE TABLE paid AS
SELECT * FROM (VALUES (1, date '2025-01-01', 100.00), (1, '2025-02-01', 130.00),
    (2, '2025-01-01', 50.00), (2, '2025-04-01', 60.00),
    (3, '2025-02-01', 40.00), (3, '2025-03-01', 30.00), (3, '2025-04-01', 30.00)) v(account, month, mrr);
CREATE TABLE paid_movement AS
SELECT account, m.*
FROM (SELECT account, crm_mrr_movements(month, mrr, '2025-06-01') AS movements FROM paid GROUP BY account) a,
     unnest(movements) m;
CREATE VIEW waterfall AS
SELECT w.* FROM (SELECT crm_mrr_waterfall(month, kind, amount) AS months FROM paid_movement) x, unnest(months) w;
SELECT month, opening, new, expansion, contraction, churn, reactivation, closing FROM waterfall;
SELECT month, opening_customers AS opening, new_customers AS new, churned_customers AS churned,
       reactivated_customers AS reactivated, closing_customers AS closing,
       round(grr::numeric, 6) AS grr, round(nrr::numeric, 6) AS nrr, round(quick_ratio::numeric, 6) AS quick_ratio,
       round(logo_churn::numeric, 6) AS logo_churn
FROM waterfall;

-- The other forms say the same: arrays of accounts, kinds as text, one
-- currency, stored totals by month and segment, and any order of rows.
WITH account AS (
    SELECT crm_mrr_movements(month, mrr, '2025-06-01') AS movements FROM paid GROUP BY account
), total AS (
    SELECT month, account > 1 AS segment, crm_mrr_summary(kind, amount) AS summary
    FROM paid_movement GROUP BY 1, 2
), reference AS (
    SELECT array_agg(w ORDER BY month) AS months FROM waterfall w
)
SELECT (SELECT crm_mrr_waterfall(movements)::text = months::text FROM account) AS arrays,
       (SELECT crm_mrr_waterfall(movements, 'EUR')::text = months::text FROM account) AS arrays_currency,
       (SELECT crm_mrr_waterfall(month, kind::text, amount)::text = months::text FROM paid_movement) AS kinds_as_text,
       (SELECT crm_mrr_waterfall(month, kind, amount, 'EUR')::text = months::text FROM paid_movement) AS currency,
       (SELECT crm_mrr_waterfall(month, summary)::text = months::text FROM total) AS totals,
       (SELECT crm_mrr_waterfall(month + 5, kind, amount ORDER BY md5(account || month::text))::text = months::text
        FROM paid_movement) AS any_order
FROM reference;

-- Brute force over the random histories: opening and closing are plain sums of
-- the month before and of the month, GRR caps each account, NRR is the same
-- accounts' MRR a month later.  Every month reconciles.
WITH ours AS (
    SELECT w.* FROM (
        SELECT crm_mrr_waterfall(movements) AS months FROM (
            SELECT crm_mrr_movements(month, mrr, '2025-12-01') AS movements
            FROM history GROUP BY account) a) x, unnest(months) w
), oracle AS (
    SELECT month, sum(prev) AS opening, sum(mrr) AS closing,
           coalesce(sum(mrr - prev) FILTER (WHERE kind = 'new'), 0) AS new,
           coalesce(sum(mrr - prev) FILTER (WHERE kind = 'expansion'), 0) AS expansion,
           coalesce(sum(mrr - prev) FILTER (WHERE kind = 'contraction'), 0) AS contraction,
           coalesce(sum(mrr - prev) FILTER (WHERE kind = 'churn'), 0) AS churn,
           coalesce(sum(mrr - prev) FILTER (WHERE kind = 'reactivation'), 0) AS reactivation,
           count(*) FILTER (WHERE prev > 0) AS opening_customers,
           count(*) FILTER (WHERE kind = 'new') AS new_customers,
           count(*) FILTER (WHERE prev > 0 AND mrr = 0) AS churned_customers,
           count(*) FILTER (WHERE kind = 'reactivation') AS reactivated_customers,
           count(*) FILTER (WHERE mrr > 0) AS closing_customers,
           sum(least(mrr, prev)) / nullif(sum(prev), 0) AS grr,
           sum(mrr) FILTER (WHERE prev > 0) / nullif(sum(prev), 0) AS nrr,
           sum(greatest(mrr - prev, 0)) / nullif(sum(greatest(prev - mrr, 0)), 0) AS quick_ratio,
           count(*) FILTER (WHERE prev > 0 AND mrr = 0)::numeric
               / nullif(count(*) FILTER (WHERE prev > 0), 0) AS logo_churn
    FROM brute_force WHERE horizon = '2025-12-01' GROUP BY month
)
SELECT count(*) AS months, count(*) FILTER (WHERE u.month IS NULL) AS missing,
       bool_and((u.opening, u.new, u.expansion, u.contraction, u.churn, u.reactivation, u.closing)
                = (o.opening, o.new, o.expansion, o.contraction, o.churn, o.reactivation, o.closing)) AS amounts,
       bool_and((u.opening_customers, u.new_customers, u.churned_customers, u.reactivated_customers, u.closing_customers)
                = (o.opening_customers, o.new_customers, o.churned_customers, o.reactivated_customers, o.closing_customers)) AS customers,
       bool_and(u.opening + u.new + u.expansion + u.contraction + u.churn + u.reactivation = u.closing) AS reconciles,
       bool_and(abs(u.grr - o.grr) <= 1e-15 AND u.grr <= 1
                AND abs(u.nrr / nullif(o.nrr::float8, 0) - 1) <= 1e-15
                AND abs(u.quick_ratio / nullif(o.quick_ratio::float8, 0) - 1) <= 1e-15
                AND abs(u.logo_churn - o.logo_churn) <= 1e-15) AS rates,
       count(*) FILTER (WHERE (u.grr IS NULL) <> (o.grr IS NULL) OR (u.nrr IS NULL) <> (o.nrr IS NULL)
                           OR (u.quick_ratio IS NULL) <> (o.quick_ratio IS NULL)
                           OR (u.logo_churn IS NULL) <> (o.logo_churn IS NULL)) AS nulls_differ
FROM ours u FULL JOIN (SELECT * FROM oracle WHERE month <= (SELECT max(month) FROM ours)) o USING (month);

-- NULLs are skipped; no rows give NULL; errors.
SELECT crm_mrr_waterfall(month, kind, amount) AS skipped
FROM (VALUES (NULL::date, 'new'::crm_mrr_kind, 1), ('2025-01-01', NULL, 1), ('2025-01-01', 'new', NULL)) v(month, kind, amount);
SELECT crm_mrr_waterfall(array[NULL, (NULL, 'new', 1, 1)::crm_mrr_movement_row]) AS skipped,
       crm_mrr_waterfall('{}'::crm_mrr_movement_row[]) AS empty,
       crm_mrr_waterfall(NULL::crm_mrr_movement_row[]) AS nothing,
       crm_mrr_waterfall(NULL, NULL::crm_mrr_summary) AS null_summary;
SELECT pg_temp.error_of(statement) FROM (VALUES
    (1, $$SELECT crm_mrr_waterfall('2025-01-01', 'churned', -1)$$),
    (2, $$SELECT crm_mrr_waterfall('2025-01-01', 'Churn'::text, -1)$$),
    (3, $$SELECT crm_mrr_waterfall('2025-01-01', 'churn'::crm_mrr_kind, 100)$$),
    (4, $$SELECT crm_mrr_waterfall('2025-01-01', 'expansion'::crm_mrr_kind, -0.01)$$),
    (5, $$SELECT crm_mrr_waterfall('2025-01-01', 'retained'::crm_mrr_kind, 1)$$),
    (6, $$SELECT crm_mrr_waterfall('2025-01-01', 'new'::crm_mrr_kind, 'NaN')$$),
    (7, $$SELECT crm_mrr_waterfall('infinity', 'new'::crm_mrr_kind, 1)$$),
    (8, $$SELECT crm_mrr_waterfall(m, 'new'::crm_mrr_kind, 1) FROM (VALUES (date '2025-01-01'), ('9999-12-31')) v(m)$$),
    (9, $$SELECT crm_mrr_waterfall(array[('2025-01-01', 'churn', 1, 1)::crm_mrr_movement_row])$$),
    (10, $$SELECT crm_mrr_waterfall('2025-01-01', 'new'::crm_mrr_kind, 1, c) FROM (VALUES ('EUR'), ('USD')) v(c)$$),
    (11, $$SELECT crm_mrr_waterfall('2025-01-01', s) FROM (SELECT crm_mrr_summary('new'::crm_mrr_kind, 1, c) AS s FROM (VALUES ('EUR'), ('USD')) v(c) GROUP BY c ORDER BY c) x$$),
    (12, $$SELECT crm_mrr_waterfall(array[('2025-01-01', 'new', 1, 1)::crm_mrr_movement_row], c) FROM (VALUES ('EUR'), ('USD')) v(c)$$)
) v(i, statement) ORDER BY i;
-- A thousand years just fit.
SELECT array_length(crm_mrr_waterfall(m, 'new'::crm_mrr_kind, 1), 1)
FROM (VALUES (date '1025-01-01'), ('2024-12-31')) v(m);

--
-- Retention and churn from start and end
--

-- By hand: 400 at the start; a grows 100 -> 150, b shrinks 200 -> 120, c leaves
-- with 100, d comes with 70, e was and is nothing.  NRR (400 + 50 - 80 - 100) / 400,
-- GRR (400 - 80 - 100) / 400 although the total only fell to 340.
CREATE TABLE period AS
SELECT * FROM (VALUES ('a', 100.00, 150.00), ('b', 200, 120), ('c', 100, 0), ('d', 0, 70), ('e', 0, -3),
    ('f', NULL, 10), ('g', 10, NULL)) v(customer, mrr_start, mrr_end);
SELECT crm_nrr(mrr_start, mrr_end), crm_grr(mrr_start, mrr_end), crm_logo_churn(mrr_start, mrr_end) = 1 / 3.0::float8 AS logo,
       crm_revenue_churn(mrr_start, mrr_end) AS gross, crm_net_revenue_churn(mrr_start, mrr_end) AS net
FROM period;
-- d came back: whether that counts is an argument.
SELECT crm_nrr(mrr_start, mrr_end, customer = 'd'), crm_net_revenue_churn(mrr_start, mrr_end, customer = 'd')
FROM period;
-- A customer who is absent at the end has MRR 0; NULL leaves him out.
SELECT crm_logo_churn(mrr_start, mrr_end) AS g_left_out, crm_logo_churn(mrr_start, coalesce(mrr_end, 0)) AS g_lost
FROM period WHERE customer IN ('a', 'c', 'f', 'g');
-- Capped for each customer, not on the total: 0.5, not 1.
SELECT crm_grr(s, e) FROM (VALUES (100, 50), (100, 0), (100, 200), (100, 100)) v(s, e);
-- Nobody at the start: NULL.  Nobody at all: NULL.
SELECT crm_nrr(s, e), crm_grr(s, e), crm_logo_churn(s, e), crm_revenue_churn(s, e), crm_net_revenue_churn(s, e),
       crm_mrr_opening(crm_mrr_summary(s, e)), crm_mrr_opening_customers(crm_mrr_summary(s, e))
FROM (VALUES (0, 5), (-1, 3), (NULL, 1)) v(s, e);
SELECT crm_nrr(s, e), crm_grr(s, e), crm_logo_churn(s, e), crm_revenue_churn(s, e), crm_net_revenue_churn(s, e),
       crm_mrr_summary(s, e)
FROM (VALUES (NULL::numeric, 5), (5, NULL)) v(s, e);

-- Brute force: from March 2023 to March 2024 in ten segments, by plain sums.
CREATE TABLE year_pair AS
SELECT account, account % 10 AS segment,
       coalesce(max(mrr) FILTER (WHERE month = '2023-03-01'), 0) AS s,
       coalesce(max(mrr) FILTER (WHERE month = '2024-03-01'), 0) AS e,
       bool_or(month < '2023-03-01' AND mrr > 0) AS was_customer
FROM history GROUP BY account;
WITH ours AS (
    SELECT segment, crm_nrr(s, e) AS nrr, crm_nrr(s, e, was_customer) AS nrr_back, crm_grr(s, e) AS grr,
           crm_logo_churn(s, e) AS logo, crm_revenue_churn(s, e) AS gross, crm_net_revenue_churn(s, e) AS net,
           crm_net_revenue_churn(s, e, was_customer) AS net_back, crm_mrr_summary(s, e, was_customer) AS summary
    FROM year_pair GROUP BY segment
), oracle AS (
    SELECT segment, sum(greatest(e, 0)) FILTER (WHERE s > 0) / sum(s) FILTER (WHERE s > 0) AS nrr,
           sum(greatest(e, 0)) FILTER (WHERE s > 0 OR was_customer) / sum(s) FILTER (WHERE s > 0) AS nrr_back,
           sum(least(greatest(e, 0), s)) FILTER (WHERE s > 0) / sum(s) FILTER (WHERE s > 0) AS grr,
           (count(*) FILTER (WHERE s > 0 AND e <= 0))::numeric / count(*) FILTER (WHERE s > 0) AS logo,
           sum(s) FILTER (WHERE s > 0) AS opening,
           sum(greatest(e, 0)) - coalesce(sum(s) FILTER (WHERE s > 0), 0) AS net_new
    FROM year_pair GROUP BY segment
)
SELECT count(*) AS segments,
       bool_and(abs(u.nrr / o.nrr - 1) <= 1e-15) AS nrr, bool_and(abs(u.nrr_back / o.nrr_back - 1) <= 1e-15) AS nrr_back,
       bool_and(abs(u.grr - o.grr) <= 1e-15) AS grr, bool_and(abs(u.logo - o.logo) <= 1e-15) AS logo,
       bool_and(abs(u.gross - (1 - o.grr)) <= 1e-15) AS gross,
       bool_and(abs(u.net - (1 - o.nrr)) <= 1e-15 * greatest(1, o.nrr)) AS net,
       bool_and(abs(u.net_back - (1 - o.nrr_back)) <= 1e-15 * greatest(1, o.nrr_back)) AS net_back,
       bool_and(crm_mrr_opening(summary) = o.opening) AS opening, bool_and(crm_mrr_net_new(summary) = o.net_new) AS net_new
FROM ours u JOIN oracle o USING (segment);

SELECT pg_temp.error_of(statement) FROM (VALUES
    (1, $$SELECT crm_nrr('NaN', 1)$$),
    (2, $$SELECT crm_grr(1, '-Infinity')$$),
    (3, $$SELECT crm_nrr(1, 1, c) FROM (VALUES ('EUR'), ('USD')) v(c)$$),
    (4, $$SELECT crm_grr(1, 1, c) FROM (VALUES ('EUR'), ('EURO')) v(c)$$),
    (5, $$SELECT crm_revenue_churn(1, 1, E'E\nUR')$$),
    (6, $$SELECT crm_nrr(1, 1, 'EUR'), crm_grr(1, 1, 'EUR'), crm_net_revenue_churn(1, 1, 'EUR'), crm_mrr_summary(1, 1, 'EUR')$$)
) v(i, statement) ORDER BY i;

--
-- Quick ratio
--

-- (100 + 20 + 30) / (10 + 40) = 3; no losses: NULL.
SELECT crm_quick_ratio(kind::crm_mrr_kind, amount) AS kinds, crm_quick_ratio(kind, amount) AS kinds_as_text,
       crm_quick_ratio(kind::crm_mrr_kind, amount, 'EUR') AS currency,
       crm_quick_ratio(kind::crm_mrr_kind, amount) FILTER (WHERE amount > 0) AS no_losses,
       crm_quick_ratio(kind::crm_mrr_kind, amount) FILTER (WHERE amount < 0) AS no_gains,
       crm_quick_ratio(kind::crm_mrr_kind, amount) FILTER (WHERE false) AS no_rows
FROM (VALUES ('new', 100), ('expansion', 20), ('reactivation', 30), ('contraction', -10), ('churn', -40),
             ('retained', 0), ('none', 0), (NULL, 5), ('new', NULL)) v(kind, amount);
SELECT crm_quick_ratio(100, 20, 30, 10, 40) AS magnitudes, crm_quick_ratio(100, 20, 30, -10, -40) AS signed,
       crm_quick_ratio(100, 20, 30, 0, 0) AS no_losses, crm_quick_ratio(100, NULL, 30, 10, 40) AS unknown;
SELECT pg_temp.error_of(statement) FROM (VALUES
    (1, $$SELECT crm_quick_ratio(-1, 0, 0, 0, 0)$$),
    (2, $$SELECT crm_quick_ratio(1, 0, 0, 0, 'NaN')$$),
    (3, $$SELECT crm_quick_ratio('upgrade'::text, 1)$$),
    (4, $$SELECT crm_quick_ratio('churn'::text, 1)$$)
) v(i, statement) ORDER BY i;

--
-- Summary
--

SELECT crm_mrr_summary(mrr_start, mrr_end) AS summary FROM period \gset
SELECT :'summary' AS summary;
SELECT crm_mrr_opening(s), crm_mrr_opening_customers(s), crm_mrr_net_new(s), crm_nrr(s), crm_nrr(s, true) AS nrr_same,
       crm_grr(s), crm_revenue_churn(s) AS gross, crm_revenue_churn(s, false) AS churn_alone, crm_net_revenue_churn(s) AS net,
       crm_quick_ratio(s) = 2 / 3.0::float8 AS quick
FROM (SELECT :'summary'::crm_mrr_summary AS s) x;
SELECT kind, crm_mrr_amount(:'summary', kind), crm_mrr_customers(:'summary', kind)
FROM unnest(enum_range(NULL::crm_mrr_kind)) kind;
SELECT jsonb_pretty(:'summary'::crm_mrr_summary::jsonb);

-- Segments roll up to the whole, whatever the way.
CREATE TABLE summary AS
SELECT segment, crm_mrr_summary(s, e, was_customer) AS s, crm_mrr_summary(s, e, 'EUR') AS eur FROM year_pair GROUP BY segment;
INSERT INTO summary SELECT 99, crm_mrr_summary(kind::crm_mrr_kind, amount), crm_mrr_summary(kind::crm_mrr_kind, amount, 'EUR')
FROM (VALUES ('new', 1e60), ('churn', -1e-40), ('none', 0)) v(kind, amount);
SELECT crm_rollup(s)::text = (SELECT crm_mrr_summary(s, e, was_customer)::text FROM year_pair) AS same
FROM summary WHERE segment < 99;
SELECT crm_rollup(s) AS no_rows FROM summary WHERE false;
SELECT pg_temp.error_of($$SELECT crm_rollup(v) FROM (SELECT s FROM summary UNION ALL SELECT eur FROM summary) x(v)$$);

-- Text, binary and toasted round trips lose nothing.
CREATE TABLE copied (LIKE summary);
ALTER TABLE copied ALTER s SET STORAGE external;
\copy summary TO 'results/revenue_summary.bin' WITH (FORMAT binary)
\copy copied FROM 'results/revenue_summary.bin' WITH (FORMAT binary)
SELECT count(*) AS rows, bool_and(c.s::text = s.s::text) AS binary, bool_and(c.eur::text = s.eur::text) AS binary_eur,
       bool_and(s.s::text::crm_mrr_summary::text = s.s::text) AS text,
       bool_and(crm_mrr_summary_send(c.s) = crm_mrr_summary_send(s.s)) AS same_bytes
FROM summary s JOIN copied c USING (segment);
SELECT s FROM summary WHERE segment = 99;

-- Damaged or invented text.
SELECT pg_temp.error_of(format('SELECT %L::crm_mrr_summary', value)) FROM (VALUES
    (1, ''), (2, 'crm_mrr_summary:2 opening=0'), (3, 'crm_nps_summary:1 promoters=1'),
    (4, replace(:'summary', 'opening=400.00', 'opening=NaN')),
    (5, replace(:'summary', 'opening=400.00', 'opening=-1')),
    (6, replace(:'summary', 'opening=400.00', 'opening=a')),
    (7, replace(:'summary', 'churn=-100', 'churn=100')),
    (8, replace(:'summary', 'expansion_customers=1', 'expansion_customers=0')),
    (9, replace(:'summary', 'none_customers=1', 'none_customers=-1')),
    (10, replace(:'summary', 'none_customers=1', 'none_customers=99999999999999999999')),
    (11, replace(:'summary', ' none_customers=1', '')),
    (12, :'summary' || ' more=1'),
    (13, replace(:'summary', ':1 ', ':1 currency=EURO_AND_SOME_MORE ')),
    (14, replace(:'summary', ':1 ', ':1 currency= ')),
    (15, replace(:'summary', ':1 ', ':1 currency=EUR '))
) v(i, value) ORDER BY i;
SELECT pg_temp.error_of(format($$SELECT crm_rollup(s) FROM (VALUES (%L::crm_mrr_summary), (%L)) v(s)$$, value, value))
FROM replace(:'summary', 'none_customers=1', 'none_customers=9223372036854775807') value;

-- Support functions called by hand do not change their arguments.
SELECT crm_mrr_summary_transfn(s, 'new'::crm_mrr_kind, 5) ::text <> s::text AS changed, s::text = :'summary' AS kept,
       crm_mrr_summary_combinefn(s, s)::text <> s::text AS doubled, s::text = :'summary' AS still_kept
FROM (SELECT :'summary'::crm_mrr_summary AS s OFFSET 0) x;

-- Sums that outgrow 128 bits, or that no common scale holds, stay exact.
SELECT crm_mrr_net_new(crm_mrr_summary('new'::text, x)) = sum(x) AS exact
FROM (VALUES (9e37), (9e37), (1e-32), (0.1)) v(x);
SELECT crm_mrr_net_new(crm_mrr_summary('new'::text, x)) = sum(x) AS exact, sum(x)
FROM (SELECT (10 ^ (i % 37)::numeric + 1 / 10 ^ (i % 29)::numeric) AS x FROM generate_series(1, 1000) i) v;
SELECT crm_mrr_net_new(crm_mrr_summary('churn'::text, -x)) = -sum(x) AS exact
FROM (SELECT 1e36 + i / 8.0 AS x FROM generate_series(1, 1000) i) v;
-- Decimals show as they do for sum().
SELECT crm_mrr_net_new(crm_mrr_summary('new'::text, x)), sum(x) FROM (VALUES (1.50), (2.5000), (3)) v(x);
SELECT crm_mrr_net_new(crm_mrr_summary('new'::text, x)), sum(x) FROM (VALUES (70000), (30000)) v(x);

--
-- Moving frames equal recomputation
--

-- With NULLs, with amounts that cannot be subtracted, in frames that empty.
SET extra_float_digits = 3;
WITH pair AS (
    SELECT row_number() OVER (ORDER BY account, month) AS i,
           CASE pg_temp.pick(9, account, 11) WHEN 0 THEN NULL ELSE lag(coalesce(mrr, 0)) OVER w END AS s,
           CASE WHEN account BETWEEN 20 AND 25 AND mrr > 1e40 THEN 1e60 ELSE mrr END AS e,
           account % 2 = 0 AS back
    FROM history WHERE account < 50
    WINDOW w AS (PARTITION BY account ORDER BY month)
), moving AS (
    SELECT i, crm_nrr(s, e) OVER w AS nrr, crm_grr(s, e) OVER w AS grr, crm_logo_churn(s, e) OVER w AS logo,
           crm_revenue_churn(s, e) OVER w AS gross, crm_net_revenue_churn(s, e) OVER w AS net,
           crm_nrr(s, e, back) OVER w AS nrr_back
    FROM pair WINDOW w AS (ORDER BY i ROWS BETWEEN 4 PRECEDING AND 2 PRECEDING)
), afresh AS (
    SELECT p.i, crm_nrr(q.s, q.e) AS nrr, crm_grr(q.s, q.e) AS grr, crm_logo_churn(q.s, q.e) AS logo,
           crm_revenue_churn(q.s, q.e) AS gross, crm_net_revenue_churn(q.s, q.e) AS net,
           crm_nrr(q.s, q.e, q.back) AS nrr_back
    FROM pair p LEFT JOIN pair q ON q.i BETWEEN p.i - 4 AND p.i - 2 GROUP BY p.i
)
SELECT count(*) AS frames, count(m.nrr) AS known, bool_and((m.*) IS NOT DISTINCT FROM (a.*)) AS same
FROM moving m JOIN afresh a USING (i);
WITH movement AS (
    SELECT row_number() OVER (ORDER BY account, month) AS i, (crm_mrr_movement(mrr) OVER w).*
    FROM history WHERE account < 50 WINDOW w AS (PARTITION BY account ORDER BY month)
), moving AS (
    SELECT i, crm_quick_ratio(kind, amount) OVER w AS q, crm_quick_ratio(kind::text, amount) OVER w AS t
    FROM movement WINDOW w AS (ORDER BY i ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)
), afresh AS (
    SELECT p.i, crm_quick_ratio(q.kind, q.amount) AS q, crm_quick_ratio(q.kind::text, q.amount) AS t
    FROM movement p JOIN movement q ON q.i BETWEEN p.i - 2 AND p.i GROUP BY p.i
)
SELECT count(*) AS frames, count(m.q) AS known, bool_and((m.*) IS NOT DISTINCT FROM (a.*)) AS same
FROM moving m JOIN afresh a USING (i);
RESET extra_float_digits;
-- A frame that only grows: the final function does not change the state.
SELECT i, cardinality(crm_mrr_movements(month, 1) OVER w) AS months, crm_mrr_customers(crm_mrr_summary('new'::text, 1) OVER w, 'new') AS customers
FROM (VALUES (1, date '2025-03-01'), (2, '2025-01-01'), (3, '2025-02-01'), (4, '2025-01-15')) v(i, month)
WINDOW w AS (ORDER BY i) ORDER BY i;

--
-- Parallel
--

CREATE TABLE movement AS
SELECT account, m.*
FROM (SELECT account, crm_mrr_movements(month, mrr, '2025-12-01') AS movements FROM history GROUP BY account) a,
     unnest(movements) m;
CREATE TABLE history_shuffled AS SELECT * FROM history_rows ORDER BY md5(account || '/' || month);
ALTER TABLE history_shuffled SET (parallel_workers = 2);
ALTER TABLE movement SET (parallel_workers = 2);
ALTER TABLE year_pair SET (parallel_workers = 2);
ANALYZE history_shuffled;
ANALYZE movement;
ANALYZE year_pair;
CREATE VIEW by_account AS
SELECT md5(string_agg(account || a::text, ',' ORDER BY account)) AS checksum
FROM (SELECT account, crm_mrr_movements(month, mrr, '2025-12-01') AS a FROM history_shuffled GROUP BY account) x;
CREATE VIEW in_all AS
SELECT crm_mrr_waterfall(month, kind, amount)::text AS waterfall, crm_mrr_summary(kind, amount)::text AS summary,
       crm_quick_ratio(kind::text, amount) AS quick_ratio
FROM movement;
CREATE VIEW of_pairs AS
SELECT crm_mrr_summary(s, e, was_customer)::text AS summary, crm_nrr(s, e) AS nrr, crm_grr(s, e, 'EUR') AS grr,
       crm_logo_churn(s, e) AS logo
FROM year_pair;
CREATE VIEW of_summaries AS SELECT crm_rollup(s)::text AS s, crm_rollup(eur)::text AS eur FROM summary;
ALTER TABLE summary SET (parallel_workers = 2);

SET max_parallel_workers_per_gather = 0;
CREATE TABLE serial AS SELECT a.checksum, i.*, p.summary AS pairs, p.nrr, p.grr, p.logo, r.s, r.eur
FROM by_account a, in_all i, of_pairs p, of_summaries r;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET enable_hashagg = off;
EXPLAIN (COSTS OFF) SELECT crm_mrr_waterfall(month, kind, amount), crm_mrr_summary(kind, amount) FROM movement;
EXPLAIN (COSTS OFF) SELECT account, crm_mrr_movements(month, mrr, '2025-12-01') FROM history_shuffled GROUP BY account;
SELECT a.checksum = s.checksum AS movements FROM by_account a, serial s;
SELECT i.waterfall = s.waterfall AS waterfall, i.summary = s.summary AS summary, i.quick_ratio = s.quick_ratio AS quick_ratio
FROM in_all i, serial s;
SELECT p.summary = s.pairs AS pairs, p.nrr = s.nrr AS nrr, p.grr = s.grr AS grr, p.logo = s.logo AS logo FROM of_pairs p, serial s;
SELECT r.s = s.s AS rollup, r.eur = s.eur AS eur FROM of_summaries r, serial s;
-- Currencies and horizons that differ between workers are found as well.
SELECT left(pg_temp.error_of($$SELECT crm_mrr_waterfall(month, kind, amount, CASE WHEN account < 60 THEN 'EUR' ELSE 'USD' END) FROM movement$$), 57) AS error_of;
SELECT pg_temp.error_of($$SELECT crm_mrr_movements(month, mrr, CASE WHEN account < 60 THEN date '2025-12-01' END) FROM history_shuffled$$);

DROP VIEW by_account, in_all, of_pairs, of_summaries, waterfall;
DROP TABLE history, brute_force, history_rows, history_shuffled, account, paid, paid_movement, period, year_pair, summary, copied, movement, serial;
