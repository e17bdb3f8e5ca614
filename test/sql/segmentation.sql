-- Segmentation: RFM scores and segments, ABC classes.
SET extra_float_digits = 0;

-- Scores. Expected values: R, 1 + findInterval(x, quantile(x, (1:4)/5),
-- left.open = TRUE); quantile() of type 7.
SELECT string_agg(s::text, ',' ORDER BY i) AS one_to_ten
FROM (SELECT i, crm_rfm_score(i) OVER () AS s FROM generate_series(1, 10) i) t;
SELECT string_agg(s::text, ',' ORDER BY i) AS heavy_ties
FROM (SELECT i, crm_rfm_score(x) OVER (ORDER BY x DESC) AS s
      FROM unnest('{1,1,1,1,1,1,2,3,4,10}'::float8[]) WITH ORDINALITY v (x, i)) t;

-- Pseudo-random values with many ties, some NULL, in partitions of 0 to 60
-- rows.
CREATE TEMP TABLE random_values AS
SELECT p, i, CASE WHEN h % 11 <> 0 THEN (h / 11) % (1 + p % 29) END AS x
FROM generate_series(1, 300) p, generate_series(1, 60) i,
     LATERAL (SELECT abs(hashint8(p * 1000 + i)::bigint) AS h) r
WHERE i <= p % 61;

-- The definition, in exact arithmetic (everything times the number of buckets).
PREPARE by_definition(integer) AS
WITH sorted AS (
    SELECT p, array_agg(x ORDER BY x) AS v, count(x) AS n
    FROM random_values WHERE x IS NOT NULL GROUP BY p
), cuts AS (
    SELECT p, array_agg(v[below + 1] * ($1 - part) + coalesce(v[below + 2] * part, 0)) AS c
    FROM sorted, generate_series(1, $1 - 1) k,
         LATERAL (SELECT div((n - 1) * k, $1)::int AS below, mod((n - 1) * k, $1) AS part) h
    GROUP BY p
), scored AS (
    SELECT p, i, x, crm_rfm_score(x, $1) OVER (PARTITION BY p ORDER BY i ROWS CURRENT ROW) AS got
    FROM random_values
)
SELECT p, i, x, got
FROM scored LEFT JOIN cuts USING (p)
WHERE got IS DISTINCT FROM CASE WHEN x IS NOT NULL THEN
          (SELECT 1 + count(*) FROM unnest(c) u WHERE u < x * $1) END;
EXECUTE by_definition(5);
EXECUTE by_definition(3);
EXECUTE by_definition(7);
EXECUTE by_definition(1);
-- They have seen something.
SELECT count(*), count(x), count(DISTINCT p) FROM random_values;

-- More buckets than rows; the last purchase: later is higher.
SELECT i, crm_rfm_score(i, 100) OVER () AS hundred,
       crm_rfm_score(timestamptz '2026-01-01 00:00+00' + i * interval '1 day', 3) OVER () AS later,
       crm_rfm_score(-i, 3) OVER () AS fewer_days
FROM generate_series(1, 3) i ORDER BY i;
-- A hundred thousand rows take one sort, not one for each row.
SELECT s, count(*) FROM (SELECT crm_rfm_score(i) OVER () AS s FROM generate_series(1, 100001) i) t GROUP BY s ORDER BY s;

-- NULLs, one row, numeric, buckets of NULL
SELECT crm_rfm_score(x) OVER () AS all_null FROM (VALUES (NULL::float8), (NULL)) v (x);
SELECT crm_rfm_score(7.5::numeric) OVER () AS one_row, crm_rfm_score(7.5, NULL) OVER () AS no_buckets,
       crm_rfm_score(1, 1) OVER () AS one_bucket;

-- Errors
SELECT crm_rfm_score('NaN'::float8) OVER ();
SELECT crm_rfm_score('infinity'::float8) OVER ();
SELECT crm_rfm_score('infinity'::timestamptz) OVER ();
SELECT crm_rfm_score(1, 0) OVER ();
SELECT crm_rfm_score(1, 10001) OVER ();
SELECT crm_rfm_score(1, i) OVER () FROM generate_series(2, 3) i;
SELECT crm_rfm_score(1);

-- Segments: the map of the documentation, worth the mean of f and m.
SELECT worth, string_agg(crm_rfm_segment(r, worth, worth), ' | ' ORDER BY r) AS by_recency
FROM generate_series(1, 5) r, generate_series(1, 5) worth
GROUP BY worth ORDER BY worth DESC;
SELECT count(DISTINCT crm_rfm_segment(r, f, m)) AS segments,
       count(*) FILTER (WHERE crm_rfm_segment(r, f, m) <>
                        crm_rfm_segment(r, ceil((f + m) / 2.0)::int, ceil((f + m) / 2.0)::int)) AS not_by_the_mean
FROM generate_series(1, 5) r, generate_series(1, 5) f, generate_series(1, 5) m;
SELECT crm_rfm_segment(NULL, 1, 1) IS NULL AS null_score;
SELECT crm_rfm_segment(0, 1, 1);
SELECT crm_rfm_segment(1, 6, 1);
SELECT crm_rfm_segment(1, 1, -1);

-- Own rules: the first match, open bounds, no match
SELECT r, f, m, crm_rfm_segment(r, f, m, ARRAY[
           ('best', 8, 10, 8, 10, NULL, NULL),
           ('frequent', NULL, NULL, 8, NULL, NULL, NULL),
           (NULL, 1, 1, 1, 1, 1, 1),
           ('rest', NULL, NULL, NULL, 7, NULL, 9)]::crm_rfm_rule[]) AS segment
FROM (VALUES (9, 9, 1), (7, 9, 1), (1, 1, 1), (2, 1, 1), (2, 1, 10)) v (r, f, m);
-- The map as rules on frequency alone is the map where f = m.
CREATE TEMP TABLE rules AS
SELECT array_agg((crm_rfm_segment(r, f, f), r, r, f, f, NULL, NULL)::crm_rfm_rule) AS rules
FROM generate_series(1, 5) r, generate_series(1, 5) f;
SELECT count(*) AS differ
FROM rules, generate_series(1, 5) r, generate_series(1, 5) f
WHERE crm_rfm_segment(r, f, f, rules) IS DISTINCT FROM crm_rfm_segment(r, f, f);
-- Rules that change from row to row
SELECT i, crm_rfm_segment(1, 1, 1, ARRAY[(repeat('x', i), 1, i % 2, NULL, NULL, NULL, NULL)]::crm_rfm_rule[]) AS segment
FROM generate_series(1, 5, 2) i;
SELECT crm_rfm_segment(1, 1, 1, '{}') IS NULL AS no_rules, crm_rfm_segment(1, 1, 1, NULL) IS NULL AS null_rules;
SELECT crm_rfm_segment(1, 1, 1, ARRAY[NULL]::crm_rfm_rule[]);
SELECT crm_rfm_segment(1, 1, 1, ARRAY[('a', 1, 2, 3, 2, 1, 1)]::crm_rfm_rule[]);

-- ABC classes. Shares of 100: 50, 30 (greater: 50), 15 (80), 4 (95), 1 (99).
SELECT x, crm_abc_class(x) OVER () AS class, crm_abc_class(x, 0.5, 0.99) OVER () AS other,
       crm_abc_class(x, 1, 1) OVER () AS all_a
FROM (VALUES (4), (50), (NULL), (1), (30), (15)) v (x) ORDER BY x DESC NULLS LAST;
-- The same decimals are reached whatever their sums are in binary.
SELECT x, crm_abc_class(x) OVER () AS class FROM (VALUES (0.04), (0.7), (0.01), (0.1), (0.15)) v (x) ORDER BY x DESC;
-- One value that is nearly all; ties on the border; zeros
SELECT x, crm_abc_class(x) OVER () AS class FROM (VALUES (99), (1), (0)) v (x) ORDER BY x DESC;
SELECT class, count(*) FROM (SELECT crm_abc_class(1) OVER () AS class FROM generate_series(1, 10)) t GROUP BY class;
-- The definition, in exact arithmetic
SELECT p, i, x, got
FROM (SELECT p, i, x, crm_abc_class(x, 0.6, 0.9) OVER (PARTITION BY p ORDER BY i) AS got,
             coalesce(sum(x) OVER (PARTITION BY p ORDER BY x DESC NULLS LAST
                                   GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS greater,
             sum(x) OVER (PARTITION BY p) AS total
      FROM random_values) s
WHERE got IS DISTINCT FROM CASE WHEN x IS NULL OR total = 0 THEN NULL
                                WHEN greater < 0.6 * total THEN 'A'
                                WHEN greater < 0.9 * total THEN 'B' ELSE 'C' END;
-- No total; huge values
SELECT crm_abc_class(x) OVER () AS zeros FROM (VALUES (0), (0)) v (x);
SELECT x, crm_abc_class(x) OVER () AS class FROM (VALUES (1.7e308::float8), (1.6e308), (1e308), (1e307), (0)) v (x) ORDER BY x DESC;
SELECT crm_abc_class(1, NULL, 0.9) OVER () IS NULL AS null_share;
-- Errors
SELECT crm_abc_class(x) OVER () FROM (VALUES (1), (-1)) v (x);
SELECT crm_abc_class('NaN'::float8) OVER ();
SELECT crm_abc_class('infinity'::float8) OVER ();
SELECT crm_abc_class(1, 0, 0.9) OVER ();
SELECT crm_abc_class(1, 0.9, 0.8) OVER ();
SELECT crm_abc_class(1, 0.8, 1.1) OVER ();
SELECT crm_abc_class(1, 'NaN', 1) OVER ();
SELECT crm_abc_class(1, 0.8, x) OVER () FROM (VALUES (0.9), (0.95)) v (x);
