-- crm_metrics: install script, concatenated in order from sql/install/
\echo Use "CREATE EXTENSION crm_metrics" to load this file. \quit

CREATE FUNCTION crm_metrics_version() RETURNS text
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_metrics_version() IS
    'version of the loaded crm_metrics library';
