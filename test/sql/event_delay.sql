--
-- Events that wait for the memory of their group (src/common/event_delay):
-- wherever their states are read, or are not, the answer is that of groups
-- which are read one after the other.
--
SET timezone = 'UTC';
SET max_parallel_workers_per_gather = 0;
CREATE TABLE late AS
SELECT i AS no, (hashint4(i)::bigint & 1073741823) % 40 AS customer,
       CASE WHEN i % 97 > 0 THEN timestamptz '2025-01-01' + i * interval '17 minutes' END AS ts,
       (ARRAY['search', 'email', 'social', 'direct'])[1 + (hashint4(i + 7)::bigint & 65535) % 4] AS channel,
       (hashint4(i + 11)::bigint & 65535) % 6 > 0 AS is_touch,
       CASE WHEN i % 3 = 0 THEN i::numeric / 100 END AS value
FROM generate_series(1, 4000) i;
ANALYZE late;
SELECT crm_attribution_def('linear', '20 days') AS attribution,
       crm_funnel_def('3 days', '{search,email,social}') AS funnel \gset

-- One group at a time, rows in order: what is read is all there is.
CREATE TABLE alone AS
SELECT customer, is_hour, a.credits, a.way
FROM (SELECT customer, NULL::boolean AS is_hour FROM late GROUP BY customer
      UNION ALL SELECT NULL, no % 2 = 0 FROM late GROUP BY no % 2 = 0
      UNION ALL SELECT NULL, NULL) g,
     LATERAL (SELECT crm_attribute(:'attribution', ts, channel, is_touch, value)::text AS credits,
                     crm_funnel(:'funnel', ts, channel)::text AS way
              FROM (SELECT * FROM late l
                    WHERE (l.customer = g.customer OR g.customer IS NULL) AND ((l.no % 2 = 0) = g.is_hour OR g.is_hour IS NULL)
                    ORDER BY ts) l) a;
SELECT count(*), count(DISTINCT credits) > 40 AS credits_differ, count(DISTINCT way) > 10 AS ways_differ FROM alone;

-- By hash, in the order of time: each row comes to another group.
SET enable_sort = off;
EXPLAIN (COSTS OFF) SELECT customer, crm_attribute(:'attribution', ts, channel, is_touch, value) FROM late GROUP BY customer;
CREATE VIEW by_customer AS
SELECT customer, NULL::boolean AS is_hour, crm_attribute(:'attribution', ts, channel, is_touch, value)::text AS credits,
       crm_funnel(:'funnel', ts, channel)::text AS way
FROM late GROUP BY customer;
SELECT count(*) AS differ FROM (TABLE by_customer EXCEPT TABLE alone) x;

-- Hashed and sorted sets of one call site, whose states are in several contexts.
RESET enable_sort;
EXPLAIN (COSTS OFF) SELECT customer, crm_attribute(:'attribution', ts, channel, is_touch, value)
FROM late GROUP BY GROUPING SETS ((customer), (no % 2 = 0), ());
SELECT count(*) AS sets, count(a.credits) AS equal
FROM (SELECT customer, no % 2 = 0 AS is_hour, crm_attribute(:'attribution', ts, channel, is_touch, value)::text AS credits,
             crm_funnel(:'funnel', ts, channel)::text AS way
      FROM late GROUP BY GROUPING SETS ((customer), (no % 2 = 0), ())) s
LEFT JOIN alone a ON (a.customer, a.is_hour) IS NOT DISTINCT FROM (s.customer, s.is_hour) AND a.credits = s.credits AND a.way = s.way;

-- A hash table that does not fit work_mem: groups come in batches.
SET work_mem = '64kB';
SET hash_mem_multiplier = 1;
SET enable_sort = off;
CREATE TEMP TABLE many AS SELECT no, customer + 40 * (no % 40) AS customer, ts, channel, is_touch, value FROM late;
CREATE TEMP TABLE batches AS
SELECT customer, crm_attribute(:'attribution', ts, channel, is_touch, value)::text AS credits, crm_funnel(:'funnel', ts, channel)::text AS way
FROM many GROUP BY customer;
RESET work_mem;
SET enable_sort = on;
SET enable_hashagg = off;
SELECT count(*) > 1000 AS groups, count(*) FILTER (WHERE (b.credits, b.way) IS DISTINCT FROM (s.credits, s.way)) AS differ
FROM batches b
FULL JOIN (SELECT customer, crm_attribute(:'attribution', ts, channel, is_touch, value)::text AS credits,
                  crm_funnel(:'funnel', ts, channel)::text AS way
           FROM many GROUP BY customer) s USING (customer);
RESET enable_hashagg;
RESET hash_mem_multiplier;

-- States that nobody reads: two runs of three ask for one group, the first that
-- comes, which mostly has none; the third, of the same call site, for all.
SET enable_sort = off;
SELECT count(*) AS runs, count(got) AS read, count(*) FILTER (WHERE got IS DISTINCT FROM want) AS differ
FROM (SELECT run,
             (SELECT max(x.credits || x.way) FILTER (WHERE is_third AND x.customer = run % 40)
              FROM (SELECT customer,
                           (crm_attribute(:'attribution', ts, channel, is_touch, value) FILTER (WHERE customer % 5 = 0 OR is_third))::text AS credits,
                           (crm_funnel(:'funnel', ts, channel) FILTER (WHERE customer % 5 = 0 OR is_third))::text AS way
                    FROM late WHERE no % 11 <> run % 11 OR is_third GROUP BY customer
                    LIMIT CASE WHEN is_third THEN 40 ELSE 1 END) x) AS got,
             (SELECT a.credits || a.way FROM alone a WHERE is_third AND a.customer = run % 40) AS want
      FROM (SELECT run, run % 3 = 0 AS is_third FROM generate_series(0, 120) AS run) r) x;

-- A cursor that is closed after one group.
BEGIN;
DECLARE first_only CURSOR FOR TABLE by_customer;
MOVE 1 FROM first_only;
CLOSE first_only;
SELECT count(*) AS differ FROM (TABLE by_customer EXCEPT TABLE alone) x;
COMMIT;

-- In a window every row reads.
SELECT count(*) AS rows,
       count(*) FILTER (WHERE no % 200 = 0 AND running IS DISTINCT FROM
           (SELECT crm_attribute(:'attribution', ts, channel, is_touch, value)::text FROM late b WHERE b.customer = w.customer AND b.no <= w.no)) AS differ
FROM (SELECT no, customer, crm_attribute(:'attribution', ts, channel, is_touch, value) OVER (PARTITION BY customer ORDER BY no)::text AS running
      FROM late) w;

DROP VIEW by_customer;
DROP TABLE late, alone;
