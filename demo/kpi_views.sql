-- KPI views over the sample CRM, in the schema kpi.
\ir ../test/schemas/sample_crm_entities.sql

SELECT view_name, status, reason
FROM crm_create_kpi_views('kpi', '{"time_zone": "Europe/Berlin", "as_of": "2026-01-01 00:00+01",
	"funnel": ["visit", "product", "cart", "checkout", "purchase"],
	"first_response_target": "8 hours", "resolution_target": "72 hours"}');
