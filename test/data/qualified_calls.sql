-- Calls with the extension in a schema that is not on the search_path, for
-- test/t/001_install.pl: every statement names the schema crm, returns one
-- column and one row, and answers true.  At least one for each capability, and
-- for each function whose body calls another.
SELECT crm.crm_metrics_version() = extversion FROM pg_catalog.pg_extension WHERE extname = 'crm_metrics';
