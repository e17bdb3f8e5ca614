-- Runs first: the extension installs, and the library that answers is the one
-- these SQL objects were made for.
CREATE EXTENSION crm_metrics;

-- A stale library of another build cannot pass this.
SELECT crm_metrics_version() = extversion AS library_is_current, extrelocatable
FROM pg_extension WHERE extname = 'crm_metrics';
