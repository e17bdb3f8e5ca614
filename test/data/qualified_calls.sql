-- Calls with the extension in a schema that is not on the search_path, for
-- test/t/001_install.pl: every statement names the schema crm, returns one
-- column and one row, and answers true.  At least one for each capability, and
-- for each function whose body calls another.
SELECT crm.crm_metrics_version() = extversion FROM pg_catalog.pg_extension WHERE extname = 'crm_metrics';
SELECT (crm.crm_session_stats(t, 5)).sessions = 2 FROM pg_catalog.unnest('{1,2,9}'::bigint[]) t;
SELECT pg_catalog.max(n) = 2 FROM (SELECT crm.crm_session_no(t, 5) OVER (ORDER BY t) AS n FROM pg_catalog.unnest('{1,2,9}'::bigint[]) t) s;
SELECT pg_catalog.cardinality(crm.crm_sessions(t, 5)) = 2 FROM pg_catalog.unnest('{1,2,9}'::bigint[]) t;
SELECT crm.crm_sequence_match('(?1)(?t<=3)(?2)', t, t = 1, t = 2) FROM pg_catalog.unnest('{1,2,9}'::bigint[]) t;
SELECT crm.crm_path(crm.crm_journey_agg('2025-01-01', 'a')) = '{a}';
SELECT pg_catalog.count(*) = 1 FROM crm.crm_path_links((SELECT crm.crm_path_agg('{a}'::text[])));
SELECT crm.crm_engagement_score(1::bigint, 4, 1, 3) = 1;
