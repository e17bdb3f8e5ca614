-- Concentration: Gini, Herfindahl-Hirschman, Theil, shares of the largest.
SET extra_float_digits = 0;

-- Expected values: R's ineq 0.2-13, the example of its documentation.
SELECT n, total, abs(gini - 0.462091130268) < 1e-12 AS gini, abs(hhi - 0.184081230915) < 1e-12 AS hhi,
       abs(effective_number - 5.43238436111) < 1e-11 AS effective_number,
       abs(theil - 0.362341242344) < 1e-12 AS theil,
       abs(top_1_share - 0.334319526627) < 1e-12 AS top_1,
       abs(top_10_percent_share - 0.334319526627) < 1e-12 AS top_10_percent,
       abs(top_20_percent_share - 0.513095845974) < 1e-12 AS top_20_percent,
       abs(top_50_percent_share - (1 - 0.185083951581)) < 1e-12 AS top_50_percent,
       abs(top_1_percent_share - 0.0334319526627) < 1e-12 AS tenth_of_the_largest
FROM (SELECT (crm_concentration(x)).* FROM unnest('{541,1463,2445,3438,4437,5401,6392,8304,11904,22261}'::float8[]) x) c;
-- By the formula on paper
SELECT crm_gini(x) AS equal FROM unnest('{5,5,5,5}'::float8[]) x;
SELECT crm_gini(x) AS one_of_four FROM unnest('{0,0,0,10}'::float8[]) x;
SELECT crm_gini(x) AS one_to_four FROM unnest('{3,1,4,2}'::float8[]) x;
SELECT abs(crm_gini(x, w) - 0.241176470588) < 1e-12 AS weighted FROM (VALUES (20, 3), (10, 5), (30, 2), (99, 0)) v (x, w);
SELECT (crm_concentration(x)).hhi FROM unnest('{30,30,20,20}'::float8[]) x;
-- A weight is so many rows.
SELECT abs((SELECT crm_gini(i * i, i % 4) FROM generate_series(1, 50) i) -
           (SELECT crm_gini(i * i) FROM generate_series(1, 50) i, generate_series(1, i % 4))) < 1e-15 AS weight_is_rows;

-- All differences of two, in plain SQL
CREATE TEMP TABLE amounts AS
SELECT g, i, CASE WHEN h % 7 <> 0 THEN (h % 1000) / 8.0 END AS x
FROM generate_series(1, 40) g, generate_series(1, 80) i,
     LATERAL (SELECT abs(hashint8(g * 1000 + i)::bigint) AS h) r
WHERE i <= g * 2;
SELECT g, got, want
FROM (SELECT g, crm_gini(x) AS got FROM amounts GROUP BY g) a
JOIN (SELECT g, sum(abs(a.x - b.x)) / (2 * sum(a.x)) AS want
      FROM amounts a JOIN amounts b USING (g) WHERE a.x IS NOT NULL AND b.x IS NOT NULL GROUP BY g) b USING (g)
WHERE abs(got - want) > 1e-14;
SELECT g, c.hhi, want.hhi AS want
FROM (SELECT g, (crm_concentration(x)).* FROM amounts GROUP BY g) c
JOIN (SELECT g, sum(x * x) / sum(x) ^ 2 AS hhi, count(x) AS n FROM amounts GROUP BY g) want USING (g)
WHERE abs(c.hhi - want.hhi) > 1e-14 OR c.n <> want.n;

-- No rows, NULLs, zeros, one row
SELECT crm_gini(x) IS NULL AS no_gini, crm_concentration(x) IS NULL AS no_report FROM (VALUES (1.0)) v (x) WHERE false;
SELECT crm_gini(x) IS NULL AS no_gini, crm_gini(x, 1) IS NULL AS no_weighted, crm_concentration(x) IS NULL AS no_report
FROM (VALUES (NULL::float8)) v (x);
SELECT crm_gini(x) IS NULL AS no_gini, crm_gini(x, 1) IS NULL AS no_weighted, crm_concentration(x) AS report FROM (VALUES (0), (0)) v (x);
SELECT crm_gini(x), crm_gini(x, 3), crm_concentration(x) AS report FROM (VALUES (8), (NULL)) v (x);
-- The largest and the smallest numbers
SELECT crm_gini(x) AS huge, crm_gini(x, 1e300) AS huge_weights FROM unnest('{0,0,0,1.7e308}'::float8[]) x;
SELECT crm_gini(x) AS huge_sum FROM unnest('{1.7e308,1.7e308,0,0}'::float8[]) x;
SELECT crm_gini(x) AS tiny, crm_gini(x, 1e-300) AS tiny_weighted FROM unnest('{0,0,0,5e-324}'::float8[]) x;
SELECT crm_concentration(x) FROM unnest('{1.7e308,1.7e308}'::float8[]) x;
SELECT (crm_concentration(x)).* FROM unnest('{1e308,0}'::float8[]) x \gx

-- Errors
SELECT crm_gini(x) FROM (VALUES (1), (-1)) v (x);
SELECT crm_gini('NaN'::float8);
SELECT crm_gini('infinity'::float8);
SELECT crm_gini(1, -1);
SELECT crm_gini(1, 'NaN');
SELECT crm_gini(-1, 0);
SELECT crm_concentration(-0.01);

-- In any order of rows and in parallel the result is the same to the last bit.
CREATE TABLE spend AS
SELECT i, (abs(hashint8(i)::bigint) % 1000000) / 97.0::float8 AS x, (i % 5)::float8 AS w FROM generate_series(1, 50000) i;
ANALYZE spend;
CREATE TEMP TABLE serial AS SELECT crm_gini(x) AS g, crm_gini(x, w) AS gw, crm_concentration(x) AS c FROM spend;
SELECT (SELECT crm_gini(x) = g AND crm_gini(x, w) = gw AND crm_concentration(x) = c
        FROM (SELECT x, w FROM spend ORDER BY x DESC, w) s) AS sorted_down,
       (SELECT crm_gini(x) = g AND crm_gini(x, w) = gw AND crm_concentration(x) = c
        FROM (SELECT x, w FROM spend ORDER BY hashint8(i)) s) AS shuffled
FROM serial;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT crm_gini(x), crm_gini(x, w), crm_concentration(x) FROM spend;
SELECT crm_gini(x) = (SELECT g FROM serial) AS gini, crm_gini(x, w) = (SELECT gw FROM serial) AS weighted,
       crm_concentration(x) = (SELECT c FROM serial) AS report
FROM spend;
RESET max_parallel_workers_per_gather;
-- A window that grows recomputes over the state that it has.
SELECT count(*) AS differ
FROM (SELECT i, crm_gini(x) OVER (ORDER BY i) AS running, crm_gini(x, w) OVER (ORDER BY i) AS running_weighted FROM spend WHERE i <= 200) r
CROSS JOIN LATERAL (SELECT crm_gini(s.x) AS g, crm_gini(s.x, s.w) AS gw FROM spend s WHERE s.i <= r.i) a
WHERE running IS DISTINCT FROM g OR running_weighted IS DISTINCT FROM gw;
DROP TABLE spend;
