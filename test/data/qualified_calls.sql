-- Calls with the extension in a schema that is not on the search_path, for
-- test/t/001_install.pl: every statement names the schema crm, returns one
-- column and one row, and answers true.  At least one for each capability, and
-- for each function whose body calls another.
SELECT crm.crm_metrics_version() = extversion FROM pg_catalog.pg_extension WHERE extname = 'crm_metrics';
SELECT (crm.crm_funnel(crm.crm_funnel_def('7 days', '{a,b}'), ts, e)).level = 2 FROM (VALUES (timestamptz '2025-01-01', 'a'::text), ('2025-01-02', 'b')) x (ts, e);
SELECT count(*) = 2 FROM crm.crm_funnel_rows((SELECT crm.crm_rollup(r) FROM (SELECT crm.crm_funnel_report(2) AS r) x));
SELECT crm.crm_funnel_counts(c, crm.crm_funnel_def('7 days', '{a,b}'), ts, e) = '{1,1}' FROM (VALUES (1, timestamptz '2025-01-01', 'a'::text), (1, '2025-01-02', 'b')) x (c, ts, e);
SELECT crm.crm_funnel_completions(crm.crm_funnel_def(10, '{a,b}'), ts, e) = ARRAY[ROW('{1,2}', NULL)::crm.crm_funnel_units_completion] FROM (VALUES (1::bigint, 'a'::text), (2, 'b')) x (ts, e);
