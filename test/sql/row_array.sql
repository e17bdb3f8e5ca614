-- Arrays of rows that aggregates return are formed by src/common/row_array.c.
-- Expected are the very bytes, headers and padding too, that the server makes
-- of the same columns: ROW(...)::type and array_agg.  record_image_eq compares
-- them; what is in the columns is the concern of other tests.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS crm_metrics;
RESET client_min_messages;

-- Names from 0 bytes to where they have a long header (127) and where they are
-- compressed when stored; NULLs; groups of 1 to 40 rows.
CREATE TEMP TABLE event AS
SELECT g, i, CASE WHEN i % 5 = 4 THEN repeat('x', i * 1000) ELSE left(repeat('name ' || i || ' ', 50), (g * 7 + i * 11) % 140) END AS name,
       timestamptz '2025-01-01 00:00+00' + (g * i * 31) % 4000 * interval '1 hour' AS ts,
       (g * 37 + i * 101) % 7 > 4 AS flag,
       CASE (g + i) % 6 WHEN 0 THEN NULL WHEN 1 THEN 0 WHEN 2 THEN 1e40 * g WHEN 3 THEN i + g / 1000.0 ELSE g * i END AS value
FROM generate_series(1, 120) g, LATERAL generate_series(1, 1 + g % 40) i;

-- How many arrays and rows a query returns, and how many of the arrays differ
-- from those that the server forms.
CREATE FUNCTION pg_temp.check_rows(row_type text, query text, OUT arrays bigint, OUT rows bigint, OUT different bigint)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SELECT count(*), sum(cardinality(got)),
                           count(*) FILTER (WHERE NOT record_image_eq(ROW(got), ROW(want)))
                    FROM (SELECT got, (SELECT array_agg(ROW(r.*)::%s) FROM unnest(got) r) AS want
                          FROM (%s OFFSET 0) q(got) WHERE cardinality(got) > 0) x', row_type, query)
    INTO arrays, rows, different;
END $$;

SELECT row_type, arrays > 0 AS arrays, rows > arrays AS rows, different
FROM (VALUES
('crm_stage_duration', 'SELECT crm_stage_durations(name, ts, ''2025-05-01'', ARRAY[repeat(''x'', 9000)]) FROM event GROUP BY g'),
('crm_mrr_movement_row', 'SELECT crm_mrr_movements(date_trunc(''month'', ts)::date, value, ''2025-08-01'') FROM event GROUP BY g'),
('crm_mrr_waterfall_row', 'SELECT crm_mrr_waterfall(m) FROM (SELECT g, crm_mrr_movements(ts::date, value, ''2025-08-01'') AS m FROM event GROUP BY g) s GROUP BY g % 10'),
('crm_btyd_period', 'SELECT crm_btyd_tracking(crm_btyd_model(''bg/nbd'', ''{0.243,4.414,0.793,2.426}''), days, ''2025-04-01'', ''2025-06-30'', period)
                     FROM (SELECT array_agg(ts::date ORDER BY ts) AS days FROM event GROUP BY g) s, unnest(''{1 day,1 week,1 month}''::interval[]) period GROUP BY period'),
('crm_session', 'SELECT crm_sessions(ts, ''1 day'') FROM event GROUP BY g'),
('crm_session', 'SELECT crm_sessions_of(j, ''1 day'') FROM (SELECT crm_journey_agg(ts, ''a'' || i) AS j FROM event GROUP BY g) s'),
('crm_session_timestamp', 'SELECT crm_sessions(ts::timestamp, ''1 day'') FROM event GROUP BY g'),
('crm_session_bigint', 'SELECT crm_sessions((g * i * 31 % 4000)::bigint, 20) FROM event GROUP BY g'),
('crm_attribution_credit', 'SELECT crm_attribute(crm_attribution_def(''linear'', ''20 days''), ts, ''c'' || name, NOT flag, value) FROM event WHERE i % 5 < 4 GROUP BY g'),
('crm_attribution_effect', 'SELECT crm_attribution_markov(path, converted, g) FROM (SELECT g, array_agg(''c'' || name ORDER BY ts) AS path, bool_or(flag) AS converted FROM event GROUP BY g) s GROUP BY g % 10'),
('crm_attribution_effect', 'SELECT crm_attribution_shapley(path, converted) FROM (SELECT g, CASE WHEN g < 100 THEN array_agg(''c'' || name ORDER BY ts) ELSE ''{}'' END AS path, bool_or(flag) AS converted FROM event GROUP BY g) s GROUP BY g % 10'),
('crm_period_customers', 'SELECT crm_active_customers(a, 5) FROM (SELECT g, crm_activity_agg(ts::date) AS a FROM event GROUP BY g) s GROUP BY g % 10'),
('crm_period_customers', 'SELECT crm_active_customer_counts(i, ts::date, 5) FROM event GROUP BY g'),
('crm_lifecycle_counts', 'SELECT crm_lifecycle(a, ''2025-02-01'', ''2025-05-01'') FROM (SELECT g, crm_activity_agg(ts::date) AS a FROM event GROUP BY g) s GROUP BY g % 10'),
('crm_funnel_completion', 'SELECT crm_funnel_completions(crm_funnel_def(''20 days'', ''{a,b}''), ts, substr(''ab'', 1 + i % 2, 1), value) FROM event GROUP BY g'),
('crm_funnel_units_completion', 'SELECT crm_funnel_completions(crm_funnel_def(500, ''{a,b}''), (g * i * 31 % 4000)::bigint, substr(''ab'', 1 + i % 2, 1), value) FROM event GROUP BY g')
) t(row_type, query), LATERAL pg_temp.check_rows(row_type, query);

-- No function that returns an array of rows is left out: prints offenders.
SELECT p.oid::regprocedure AS not_checked
FROM pg_depend d JOIN pg_proc p ON p.oid = d.objid JOIN pg_type t ON t.oid = p.prorettype JOIN pg_type e ON e.oid = t.typelem
WHERE d.classid = 'pg_proc'::regclass AND d.deptype = 'e' AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'crm_metrics')
  AND t.typcategory = 'A' AND e.typtype = 'c'
  AND e.typname NOT IN ('crm_stage_duration', 'crm_mrr_movement_row', 'crm_mrr_waterfall_row', 'crm_btyd_period', 'crm_session', 'crm_session_timestamp',
                        'crm_session_bigint', 'crm_attribution_credit', 'crm_attribution_effect', 'crm_period_customers', 'crm_lifecycle_counts',
                        'crm_funnel_completion', 'crm_funnel_units_completion');
