-- Clusters by k-means.
SET extra_float_digits = 0;

-- Fisher's iris, Lloyd's iterations from rows 1, 51 and 101. Expected values:
-- R 4, kmeans(iris[, 1:4], iris[c(1, 51, 101), 1:4], algorithm = "Lloyd",
-- iter.max = 100); for two clusters the best of 50 starts.
\set have_data `test -r "$PG_ABS_SRCDIR/../../shared/reference/data/iris.csv" && echo true || echo false`
CREATE TEMP TABLE iris (row serial, a float8, b float8, c float8, d float8, species text);
\if :have_data
\copy iris (a, b, c, d, species) FROM PROGRAM 'cat "$PG_ABS_SRCDIR/../../shared/reference/data/iris.csv"' (FORMAT csv, HEADER)
\endif
-- Offenders: no rows, also where the data are absent.
WITH start AS (
    SELECT array_agg(ARRAY[a, b, c, d] ORDER BY row) AS start FROM iris WHERE row IN (1, 51, 101)
), fit AS (
    SELECT crm_kmeans_fit(ARRAY[a, b, c, d], (SELECT start FROM start)) AS model FROM iris
), want (cluster, size, centre) AS (
    VALUES (1, 50, '{5.00600000000, 3.42800000000, 1.46200000000, 0.24600000000}'::float8[]),
           (2, 62, '{5.90161290323, 2.74838709677, 4.39354838710, 1.43387096774}'),
           (3, 38, '{6.85000000000, 3.07368421053, 5.74210526316, 2.07105263158}')
)
SELECT want.*, got.size, got.centre
FROM fit, want LEFT JOIN LATERAL (SELECT * FROM crm_kmeans_centres(model) g WHERE g.cluster = want.cluster) got ON true
WHERE model IS NOT NULL
  AND (got.size IS DISTINCT FROM want.size
       OR (SELECT max(abs(x - y)) FROM unnest(got.centre, want.centre) u (x, y)) > 1e-10
       OR abs(crm_kmeans_inertia(model) - 78.8514414261) > 1e-9
       OR abs((model::jsonb -> 'total_ss')::float8 - 681.3706) > 1e-9);
SELECT seed, crm_kmeans_inertia(model) AS not_the_optimum
FROM generate_series(-2, 2) seed, LATERAL (SELECT crm_kmeans_fit(ARRAY[a, b, c, d], 2, seed) AS model FROM iris) f
WHERE abs(crm_kmeans_inertia(model) - 152.34795176) > 1e-8;

-- By hand: 0, 1, 10, 11
CREATE TEMP TABLE line (x) AS VALUES (10), (0), (NULL), (11), (1);
SELECT crm_kmeans_fit(ARRAY[x]::float8[], 2) FROM line WHERE x IS NOT NULL;
SELECT crm_kmeans_fit(CASE WHEN x IS NOT NULL THEN ARRAY[x]::float8[] END, 2)::jsonb FROM line;
SELECT x, crm_kmeans_assign(m, ARRAY[x]) AS cluster, crm_kmeans_distance(m, ARRAY[x]) AS distance
FROM (VALUES (-3), (5.5), (5.6), (10.5)) v (x),
     (SELECT crm_kmeans_fit(ARRAY[x]::float8[], 2) AS m FROM line WHERE x IS NOT NULL) f;
SELECT crm_kmeans_assign(NULL, '{1}') IS NULL AS no_model,
       crm_kmeans_assign('crm_kmeans_model:1 k=1 dimensions=1 n=1 iterations=1 converged=1 inertia=0 total_ss=0 sizes=[1] within=[0] centres=[0]', NULL) IS NULL AS no_point;
-- Four points, four clusters; one cluster; equal points count
SELECT c.* FROM (SELECT crm_kmeans_fit(ARRAY[x]::float8[], 4) AS m FROM line WHERE x IS NOT NULL) f, crm_kmeans_centres(m) c;
SELECT c.* FROM (SELECT crm_kmeans_fit(ARRAY[x]::float8[], 1) AS m FROM line WHERE x IS NOT NULL) f, crm_kmeans_centres(m) c;
SELECT c.* FROM (SELECT crm_kmeans_fit(ARRAY[x]::float8[], 2) AS m FROM line, generate_series(1, 1 + x % 10) WHERE x IS NOT NULL) f, crm_kmeans_centres(m) c;
-- Two first centres at the same place: the empty cluster gets the farthest point.
SELECT c.* FROM (SELECT crm_kmeans_fit(ARRAY[x]::float8[], '{{0},{0},{11}}'::float8[]) AS m FROM line WHERE x IS NOT NULL) f, crm_kmeans_centres(m) c;
SELECT c.* FROM (SELECT crm_kmeans_fit(ARRAY[x]::float8[], '{{-100},{0},{1000}}'::float8[]) AS m FROM line WHERE x IS NOT NULL) f, crm_kmeans_centres(m) c;
-- No points
SELECT crm_kmeans_fit(ARRAY[x]::float8[], 2) IS NULL AS no_rows FROM line WHERE false;
SELECT crm_kmeans_fit(NULL::float8[], 2) IS NULL AS null_points FROM line;

-- What a fit claims, in plain SQL: every point is with the nearest centre,
-- every centre is the mean of its points, sizes and sums of squares are right.
CREATE TABLE points AS
SELECT i, ARRAY[10 * (i % 4) + (h % 1000) / 100.0, (h / 1000 % 1000) / 20.0, 20 * (i % 3) + h / 1000000 % 1000 / 50.0]::float8[] AS p
FROM generate_series(1, 3000) i, LATERAL (SELECT abs(hashint8(i)::bigint) AS h) r;
ANALYZE points;
CREATE TEMP TABLE fit AS SELECT crm_kmeans_fit(p, 7, 5) AS model FROM points;
CREATE TEMP TABLE distance AS
SELECT i, cluster, sqrt(sum((x - y) ^ 2)) AS distance
FROM points, fit, crm_kmeans_centres(model), unnest(p, centre) u (x, y) GROUP BY i, cluster;
SELECT i, c, crm_kmeans_distance(model, p), distance.*
FROM (SELECT i, p, crm_kmeans_assign(model, p) AS c, model FROM points, fit) a JOIN distance USING (i)
WHERE CASE WHEN cluster = c THEN abs(distance - crm_kmeans_distance(model, p)) > 1e-12
           ELSE distance < crm_kmeans_distance(model, p) - 1e-12 END;
SELECT c.cluster, c.size, n, c.inertia, ss
FROM fit, crm_kmeans_centres(model) c
LEFT JOIN (SELECT cluster, count(*) AS n, sum(distance ^ 2) AS ss
           FROM (SELECT DISTINCT ON (i) * FROM distance ORDER BY i, distance) d GROUP BY cluster) want USING (cluster)
WHERE c.size IS DISTINCT FROM n OR abs(c.inertia / ss - 1) > 1e-12;
SELECT c.cluster, c.centre, mean
FROM fit, crm_kmeans_centres(model) c,
     LATERAL (SELECT array_agg(m ORDER BY o) AS mean
              FROM (SELECT o, avg(x) AS m FROM points, unnest(p) WITH ORDINALITY u (x, o)
                    WHERE crm_kmeans_assign(model, p) = c.cluster GROUP BY o) a) m
WHERE (SELECT max(abs(x - y)) FROM unnest(centre, mean) u (x, y)) > 1e-12;
SELECT (model::jsonb -> 'converged')::boolean AS converged, (SELECT count(*) FROM crm_kmeans_centres(model)) AS clusters,
       abs(crm_kmeans_inertia(model) / (SELECT sum(crm_kmeans_distance(model, p) ^ 2) FROM points) - 1) < 1e-12 AS inertia
FROM fit;
-- Other starts from other seeds; no start is much worse than the best.
SELECT count(DISTINCT model::text) > 1 AS starts_differ, max(i) / min(i) < 1.05 AS all_good
FROM (SELECT model, crm_kmeans_inertia(model) AS i
      FROM generate_series(1, 20) seed, LATERAL (SELECT crm_kmeans_fit(p, 7, seed, 1, 300) AS model FROM points) f) s;
-- Few iterations
SELECT (m::jsonb -> 'iterations')::int AS iterations, (m::jsonb -> 'converged')::boolean AS converged
FROM (SELECT crm_kmeans_fit(p, 50, 1, 1, 1) AS m FROM points) f;

-- In any order of rows and in parallel the model is the same to the last bit.
SELECT (SELECT crm_kmeans_fit(p, 7, 5)::text = model::text FROM (SELECT p FROM points ORDER BY hashint8(i)) s) AS shuffled,
       (SELECT crm_kmeans_fit(p, 7, 5)::text = model::text FROM (SELECT p FROM points ORDER BY p DESC) s) AS sorted_down
FROM fit;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT crm_kmeans_fit(p, 7, 5) FROM points;
SELECT crm_kmeans_fit(p, 7, 5)::text = (SELECT model::text FROM fit) AS parallel FROM points;
SELECT crm_kmeans_fit(p, '{{0,0,0},{30,50,40}}'::float8[])::text AS parallel INTO TEMP from_start FROM points;
RESET max_parallel_workers_per_gather;
SET max_parallel_workers_per_gather = 0;
SELECT crm_kmeans_fit(p, '{{0,0,0},{30,50,40}}'::float8[])::text = parallel AS serial FROM points, from_start GROUP BY parallel;
RESET max_parallel_workers_per_gather;
DROP TABLE points;

-- Text and binary forms
SELECT model::text::crm_kmeans_model::text = model::text AS text_form FROM fit;
CREATE TEMP TABLE binary_form (model crm_kmeans_model);
SELECT current_setting('data_directory') || '/crm_kmeans_model.copy' AS file \gset
COPY fit (model) TO :'file' (FORMAT binary);
COPY binary_form FROM :'file' (FORMAT binary);
SELECT b.model::text = f.model::text AS binary_form FROM fit f, binary_form b;
-- Damaged binary values: k of -1, a flag, the end
COPY binary_form FROM PROGRAM 'printf "PGCOPY\n\377\r\n\000\000\000\000\000\000\000\000\000\000\001\000\000\000\013\130\001\000\377\377\377\377\000\000\000\001\377\377"' (FORMAT binary);
COPY binary_form FROM PROGRAM 'printf "PGCOPY\n\377\r\n\000\000\000\000\000\000\000\000\000\000\001\000\000\000\013\130\001\001\000\000\000\001\000\000\000\001\377\377"' (FORMAT binary);
COPY binary_form FROM PROGRAM 'printf "PGCOPY\n\377\r\n\000\000\000\000\000\000\000\000\000\000\001\000\000\000\013\130\001\000\000\000\000\001\000\000\000\001\377\377"' (FORMAT binary);
SELECT 'crm_kmeans_model:2 k=1'::crm_kmeans_model;
SELECT 'crm_kmeans_model:1 k=0 dimensions=1'::crm_kmeans_model;
SELECT 'crm_kmeans_model:1 k=1 dimensions=1001'::crm_kmeans_model;
SELECT 'crm_kmeans_model:1 k=2 dimensions=1 n=2 iterations=1 converged=1 inertia=0 total_ss=0 sizes=[1] within=[0] centres=[0]'::crm_kmeans_model;
SELECT 'crm_kmeans_model:1 k=1 dimensions=2 n=2 iterations=1 converged=1 inertia=0 total_ss=0 sizes=[2] within=[0] centres=[0]'::crm_kmeans_model;
SELECT 'crm_kmeans_model:1 k=1 dimensions=1 n=2 iterations=1 converged=1 inertia=0 total_ss=0 sizes=[1] within=[0] centres=[0]'::crm_kmeans_model;
SELECT 'crm_kmeans_model:1 k=1 dimensions=1 n=1 iterations=1 converged=1 inertia=-1 total_ss=0 sizes=[1] within=[0] centres=[0]'::crm_kmeans_model;
SELECT 'crm_kmeans_model:1 k=1 dimensions=1 n=1 iterations=1 converged=1 inertia=0 total_ss=0 sizes=[1] within=[0] centres=[1e200]'::crm_kmeans_model;

-- Errors
SELECT crm_kmeans_fit('{1,2}'::float8[], 0);
SELECT crm_kmeans_fit('{1,2}'::float8[], 1001);
SELECT crm_kmeans_fit('{1,2}'::float8[], NULL::int);
SELECT crm_kmeans_fit('{1,2}'::float8[], 1, NULL);
SELECT crm_kmeans_fit('{1,2}'::float8[], 1, 1, 0, 1);
SELECT crm_kmeans_fit('{1,2}'::float8[], 1, 1, 1, NULL);
SELECT crm_kmeans_fit('{1,NULL}'::float8[], 1);
SELECT crm_kmeans_fit('{1,NaN}'::float8[], 1);
SELECT crm_kmeans_fit('{1,-infinity}'::float8[], 1);
SELECT crm_kmeans_fit('{1,1e150}'::float8[], 1);
SELECT crm_kmeans_fit('{}'::float8[], 1);
SELECT crm_kmeans_fit('{{1,2},{3,4}}'::float8[], 1);
SELECT crm_kmeans_fit(array_fill(0::float8, ARRAY[1001]), 1);
SELECT crm_kmeans_fit(p, 1) FROM (VALUES ('{1,2}'::float8[]), ('{1}')) v (p);
SELECT crm_kmeans_fit(p, 2) FROM (VALUES ('{0}'::float8[]), ('{-0}'), ('{0}')) v (p);
SELECT crm_kmeans_fit('{1}'::float8[], k) FROM generate_series(1, 2) k;
SELECT crm_kmeans_fit('{1}'::float8[], 1, s) FROM generate_series(1, 2) s;
SELECT crm_kmeans_fit('{1}'::float8[], 1, 1, r, 5) FROM generate_series(1, 2) r;
SELECT crm_kmeans_fit('{1}'::float8[], ARRAY[[s]]) FROM unnest('{1,2}'::float8[]) s;
SELECT crm_kmeans_fit('{1}'::float8[], '{1,2}'::float8[]);
SELECT crm_kmeans_fit('{1}'::float8[], '{{NULL}}'::float8[]);
SELECT crm_kmeans_fit('{1}'::float8[], '{{NaN}}'::float8[]);
SELECT crm_kmeans_fit('{1}'::float8[], '{{1,2}}'::float8[]);
SELECT crm_kmeans_fit('{1}'::float8[], NULL::float8[]);
SELECT crm_kmeans_assign(model, '{1,2}') FROM fit;
SELECT crm_kmeans_distance(model, '{1,2,NULL}') FROM fit;
