-- Calls with the extension in a schema that is not on the search_path, for
-- test/t/001_install.pl: every statement names the schema crm, returns one
-- column and one row, and answers true.  At least one for each capability, and
-- for each function whose body calls another.
SELECT crm.crm_metrics_version() = extversion FROM pg_catalog.pg_extension WHERE extname = 'crm_metrics';
SELECT crm.crm_nps(9) = 100;
SELECT (crm.crm_rate_interval(1, 4)).n = 4;
SELECT crm.crm_nrr(100, 50) = 0.5;
SELECT crm.crm_cac(1000.0, 20) = 50;
SELECT crm.crm_win_rate(true) = 1;
SELECT crm.crm_business_interval('2026-01-05 09:00Z', '2026-01-05 12:00Z', 'UTC mon-fri 10:00-18:00') = interval '2 hours';
SELECT crm.crm_rfm_segment(5, 5, 5, ARRAY[('best', 5, 5, 5, 5, NULL, NULL)]::crm.crm_rfm_rule[]) = 'best';
SELECT abs(crm.crm_gini(x) - 0.25) < 1e-15 FROM pg_catalog.generate_series(1, 4) x;
SELECT crm.crm_kmeans_assign(crm.crm_kmeans_fit(ARRAY[x]::float8[], 2), '{4}') = 2 FROM pg_catalog.generate_series(1, 4) x;
SELECT DISTINCT crm.crm_rfm_score(1) OVER () = 1 AND crm.crm_abc_class(1) OVER () = 'A';
