-- Attribution: 200,000 customers with 50 events each, in order of time and
-- clustered by customer, serial and with two workers, against the bare GROUP BY
-- and plain SQL for the same answer.
--
-- Variables: customers (default 200000), runs (3).  Some 3 GB of memory.
\set QUIET on
\if :{?customers}
\else
  \set customers 200000
\endif
\if :{?runs}
\else
  \set runs 3
\endif
\pset footer off
\ir harness.sql
SET jit = off;
SET work_mem = '1GB';
SET timezone = 'UTC';
SET max_parallel_workers_per_gather = 0;

CREATE UNLOGGED TABLE bench.by_time AS
SELECT (hashint4(i)::bigint & 2147483647) % :customers AS customer,
       timestamptz '2024-01-01' + i * interval '3 seconds' AS ts,
       (ARRAY['search', 'email', 'social', 'direct', 'affiliate', 'display'])[1 + (hashint4(i + 7)::bigint & 65535) % 6] AS channel,
       (hashint4(i + 11)::bigint & 65535) % 20 > 0 AS is_touch,
       CASE WHEN (hashint4(i + 11)::bigint & 65535) % 20 = 0
            THEN ((hashint4(i + 13)::bigint & 65535) % 10000)::numeric / 100 END AS value
FROM generate_series(1, :customers * 50) i;
CREATE UNLOGGED TABLE bench.clustered AS SELECT * FROM bench.by_time ORDER BY customer, ts;
VACUUM ANALYZE bench.by_time, bench.clustered;

-- Statements over a table, each of which computes all groups and returns few
-- rows.
CREATE FUNCTION bench.statements(source text, models text[]) RETURNS text[]
LANGUAGE sql AS $$
    SELECT array_agg(ARRAY[what, target, format(statement, source, model)] ORDER BY no)
    FROM (SELECT 0::bigint, NULL, 'GROUP BY: count, min, max', '',
                 'SELECT customer, count(*), min(ts), max(ts) FROM %s GROUP BY customer OFFSET 1000000000'
          UNION ALL
          SELECT no, model, 'crm_attribute ' || model, 'ratio <= 1.6',
                 'SELECT customer, crm_attribute(crm_attribution_def(%2$L, ''30 days''), ts, channel, is_touch, value)
                  FROM %1$s GROUP BY customer OFFSET 1000000000'
          FROM unnest(models) WITH ORDINALITY AS m (model, no)) s (no, model, what, target, statement)
$$;

\pset title 'In order of time'
SELECT * FROM bench.compare(bench.statements('bench.by_time', '{last,linear,time_decay}'), :runs);
\pset title 'Clustered by customer'
SELECT * FROM bench.compare(bench.statements('bench.clustered', '{last,linear,time_decay}'), :runs);

SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
\pset title 'With two workers, in order of time'
SELECT * FROM bench.compare(bench.statements('bench.by_time', '{last,linear}'), :runs);
\pset title 'With two workers, clustered by customer'
SELECT * FROM bench.compare(bench.statements('bench.clustered', '{last,linear}'), :runs);
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
SET max_parallel_workers_per_gather = 0;

-- Last touch needs only a window; linear needs each conversion's touches.
\pset title 'Plain SQL for the totals, in order of time'
SELECT * FROM bench.compare(ARRAY[
    ['GROUP BY: count, min, max', '',
     'SELECT customer, count(*), min(ts), max(ts) FROM bench.by_time GROUP BY customer OFFSET 1000000000'],
    ['plain SQL last', '',
     'SELECT count(*) FROM (SELECT channel, count(*), sum(value)
      FROM (SELECT is_touch, value, CASE WHEN last_ts >= ts - interval ''30 days'' THEN last_channel END AS channel
            FROM (SELECT is_touch, ts, value,
                         max(ts) FILTER (WHERE is_touch) OVER w AS last_ts,
                         (array_agg(channel) FILTER (WHERE is_touch) OVER w)[count(*) FILTER (WHERE is_touch) OVER w] AS last_channel
                  FROM bench.by_time WINDOW w AS (PARTITION BY customer ORDER BY ts)) x) y
      WHERE NOT is_touch GROUP BY channel) z'],
    ['plain SQL linear', '',
     'SELECT count(*) FROM (SELECT t.channel, sum(1.0 / n), sum(value / n)
      FROM (SELECT t.channel, c.value, count(*) OVER (PARTITION BY c.customer, c.ts) AS n
            FROM bench.by_time c LEFT JOIN bench.by_time t ON t.customer = c.customer AND t.is_touch
                 AND t.ts BETWEEN c.ts - interval ''30 days'' AND c.ts
            WHERE NOT c.is_touch) t GROUP BY channel) z']],
    1);
