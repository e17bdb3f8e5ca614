/*
 * sample_crm.sql - a small, plausible CRM database, and a generator that
 * fills it at any size
 *
 * A psql script: it creates the schema sample_crm in the current database and
 * needs no extension and no superuser, only CREATE on the database.  Then
 *
 *		SELECT * FROM sample_crm.generate(1000, '2025-01-01', '2026-01-01', 42);
 *
 * replaces what the tables hold.  The same arguments give the same rows,
 * whatever the server version, the plan, the session's time zone or the
 * number of workers.  PostgreSQL 13 or later.  See docs/sample_crm.md.
 */
BEGIN;

CREATE SCHEMA sample_crm;
COMMENT ON SCHEMA sample_crm IS
	'A made-up company''s CRM, filled by sample_crm.generate(customers, from, to, seed)';

\ir sample_crm/tables.sql
\ir sample_crm/random.sql
\ir sample_crm/customers.sql
\ir sample_crm/orders.sql
\ir sample_crm/pipeline.sql
\ir sample_crm/subscriptions.sql
\ir sample_crm/service.sql
\ir sample_crm/email.sql
\ir sample_crm/touchpoints.sql
\ir sample_crm/generate.sql

COMMIT;
