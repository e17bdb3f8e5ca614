-- Calls with the extension in a schema that is not on the search_path, for
-- test/t/001_install.pl: every statement names the schema crm, returns one
-- column and one row, and answers true.  At least one for each capability, and
-- for each function whose body calls another.
SELECT crm.crm_metrics_version() = extversion FROM pg_catalog.pg_extension WHERE extname = 'crm_metrics';
SELECT crm.crm_attribute(crm.crm_attribution_def('linear', '30 days'), ts, channel, is_touch, 10)::text = '{"(a,0.5,5)","(b,0.5,5)"}' FROM (VALUES ('2025-01-01'::timestamptz, 'a', true), ('2025-01-02', 'b', true), ('2025-01-03', NULL, false)) v(ts, channel, is_touch);
SELECT crm.crm_attribution_markov(crm.crm_rollup(s))::text = '{"(a,1,1,1,)"}' FROM (SELECT crm.crm_attribution_agg('{a}'::text[], true)) v(s);
