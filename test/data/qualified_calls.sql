-- Calls with the extension in a schema that is not on the search_path, for
-- test/t/001_install.pl: every statement names the schema crm, returns one
-- column and one row, and answers true.  At least one for each capability, and
-- for each function whose body calls another.
SELECT crm.crm_metrics_version() = extversion FROM pg_catalog.pg_extension WHERE extname = 'crm_metrics';
SELECT crm.crm_activity_count(crm.crm_activity_agg(d)) = 2 FROM unnest('{2026-03-01,2026-03-04}'::pg_catalog.date[]) d;
SELECT retained = 1 FROM crm.crm_retention_rows((SELECT crm.crm_retention(a, 3) FROM (SELECT crm.crm_activity_agg(d) AS a FROM unnest('{2026-03-01,2026-03-04}'::pg_catalog.date[]) d) s), '2026-12-31') WHERE period = 3;
SELECT (crm.crm_active_customer_counts(1, d, 7))[4].customers = 1 FROM unnest('{2026-03-01,2026-03-04}'::pg_catalog.date[]) d;
