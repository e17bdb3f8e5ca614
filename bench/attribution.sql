-- Attribution: 200,000 customers with 50 events each, in order of time and
-- clustered by customer, against the bare GROUP BY and plain SQL for the same
-- answer.  CPU seconds of this backend, serial; the ratio is to the GROUP BY.
--
-- Needs some 3 GB of memory and a superuser (it reads /proc/self/stat).
-- psql -v customers=... makes it smaller.
CREATE EXTENSION IF NOT EXISTS crm_metrics;
\if :{?customers}
\else
\set customers 200000
\endif
SET jit = off;
SET work_mem = '1GB';
SET max_parallel_workers_per_gather = 0;
SET timezone = 'UTC';

CREATE UNLOGGED TABLE bench_touch AS
SELECT (hashint4(i)::bigint & 2147483647) % :customers AS customer,
       timestamptz '2024-01-01' + i * interval '3 seconds' AS ts,
       (ARRAY['search', 'email', 'social', 'direct', 'affiliate', 'display'])[1 + (hashint4(i + 7)::bigint & 65535) % 6] AS channel,
       (hashint4(i + 11)::bigint & 65535) % 20 > 0 AS is_touch,
       CASE WHEN (hashint4(i + 11)::bigint & 65535) % 20 = 0
            THEN ((hashint4(i + 13)::bigint & 65535) % 10000)::numeric / 100 END AS value
FROM generate_series(1, :customers * 50) i;
CREATE UNLOGGED TABLE bench_touch_clustered AS SELECT * FROM bench_touch ORDER BY customer, ts;
VACUUM ANALYZE bench_touch, bench_touch_clustered;

CREATE TEMP TABLE query (task int, form text, sql text);
INSERT INTO query VALUES
(1, 'GROUP BY customer, count, min, max', 'SELECT customer, count(*), min(ts), max(ts) FROM %s GROUP BY customer OFFSET 1000000000'),
(2, 'crm_attribute last', $$SELECT customer, crm_attribute(crm_attribution_def('last', '30 days'), ts, channel, is_touch, value)
    FROM %s GROUP BY customer OFFSET 1000000000$$),
(3, 'crm_attribute linear', $$SELECT customer, crm_attribute(crm_attribution_def('linear', '30 days'), ts, channel, is_touch, value)
    FROM %s GROUP BY customer OFFSET 1000000000$$),
(4, 'crm_attribute time_decay', $$SELECT customer, crm_attribute(crm_attribution_def('time_decay', '30 days'), ts, channel, is_touch, value)
    FROM %s GROUP BY customer OFFSET 1000000000$$),
-- last touch needs only a window; linear needs each conversion's touches
(5, 'plain SQL last', $$SELECT channel, count(*), sum(value)
    FROM (SELECT is_touch, value, CASE WHEN last_ts >= ts - interval '30 days' THEN last_channel END AS channel
          FROM (SELECT is_touch, ts, value,
                       max(ts) FILTER (WHERE is_touch) OVER w AS last_ts,
                       (array_agg(channel) FILTER (WHERE is_touch) OVER w)[count(*) FILTER (WHERE is_touch) OVER w] AS last_channel
                FROM %s WINDOW w AS (PARTITION BY customer ORDER BY ts)) x) y
    WHERE NOT is_touch GROUP BY channel$$),
(6, 'plain SQL linear', $$SELECT channel, sum(1.0 / n), sum(value / n)
    FROM (SELECT t.channel, c.value, count(*) OVER (PARTITION BY c.customer, c.ts) AS n
          FROM %1$s c LEFT JOIN %1$s t ON t.customer = c.customer AND t.is_touch
               AND t.ts BETWEEN c.ts - interval '30 days' AND c.ts
          WHERE NOT c.is_touch) x GROUP BY channel$$);

CREATE FUNCTION pg_temp.cpu() RETURNS numeric LANGUAGE sql AS $$
    SELECT (f[14]::numeric + f[15]::numeric) / 100 FROM string_to_array(pg_read_file('/proc/self/stat'), ' ') f
$$;
CREATE TEMP TABLE timing (source text, task int, form text, cpu numeric);
DO $$
DECLARE
    q record;
    source text;
    began numeric;
BEGIN
    FOR run IN 1..3 LOOP
        FOREACH source IN ARRAY ARRAY['bench_touch', 'bench_touch_clustered'] LOOP
            FOR q IN SELECT * FROM query WHERE run = 1 OR task < 5 LOOP
                began := pg_temp.cpu();
                EXECUTE format(q.sql, source);
                INSERT INTO timing VALUES (source, q.task, q.form, pg_temp.cpu() - began);
            END LOOP;
        END LOOP;
    END LOOP;
END;
$$;

SELECT CASE source WHEN 'bench_touch' THEN 'in order of time' ELSE 'by customer' END AS rows, form, min(cpu) AS cpu,
       round(min(cpu) / min(min(cpu)) FILTER (WHERE task = 1) OVER (PARTITION BY source), 2) AS ratio
FROM timing GROUP BY source, task, form ORDER BY source, task;

DROP TABLE bench_touch, bench_touch_clustered;
