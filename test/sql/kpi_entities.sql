--
-- Entities and adapters: what a query must be, what is told about one that is
-- not, and what is made of one that is.
--
-- Expected values are what docs/kpi-views.md promises; nothing is computed.
--
SET client_min_messages = warning;
\set SHOW_CONTEXT never
-- all is done by an owner who is no superuser, over tables of somebody else
CREATE ROLE regress_kpi_entities NOSUPERUSER;
GRANT CREATE, TEMPORARY ON DATABASE :"DBNAME" TO regress_kpi_entities;
CREATE SCHEMA "Sh""op – Köln";
CREATE TABLE "Sh""op – Köln"."Order" (id int PRIMARY KEY, "placed At" timestamp, "day" date, total float8, "Währung" varchar(3), customer uuid, kind "char", tags text[]);
INSERT INTO "Sh""op – Köln"."Order" VALUES (1, '2025-01-01 12:00', '2025-01-01', 9.5, 'EUR', 'c0ffee00-0000-0000-0000-000000000001', 'a', '{x}');
GRANT USAGE ON SCHEMA "Sh""op – Köln" TO regress_kpi_entities;
GRANT SELECT ON "Sh""op – Köln"."Order" TO regress_kpi_entities;
SET ROLE regress_kpi_entities;

-- The contract: eleven entities, each with columns numbered from 1, a key and a
-- time among them, each name once.
SELECT entity FROM crm_entities() ORDER BY ordinal;
SELECT entity, e.ordinal FROM crm_entities() e
WHERE NOT key_columns <@ ARRAY(SELECT column_name FROM crm_entity_columns(e.entity))
   OR time_column NOT IN (SELECT column_name FROM crm_entity_columns(e.entity));
SELECT entity FROM crm_entity_columns()
GROUP BY entity
HAVING min(ordinal) <> 1 OR max(ordinal) <> count(DISTINCT ordinal) OR count(*) <> count(DISTINCT column_name)
    OR entity NOT IN (SELECT entity FROM crm_entities()) OR NOT bool_or(required);
SELECT count(*) FROM crm_entity_columns('no such');

-- A query that fits, with names that need quotes; optional columns that it
-- lacks are there and NULL, columns are in the order of the contract.
CREATE SCHEMA "K'pi ""ü";
SELECT crm_define_entity('K''pi "ü', 'order', $$
    SELECT customer AS customer_id, "placed At" AT TIME ZONE 'Europe/Berlin' AS ordered_at, total AS amount,
           "Währung" AS currency, id AS order_id
    FROM "Sh""op – Köln"."Order";  $$);
SELECT order_id, ordered_at AT TIME ZONE 'UTC' AS utc, amount, currency, customer_id, channel FROM "K'pi ""ü"."order";
SELECT a.attname, a.atttypid::regtype
FROM pg_attribute a WHERE attrelid = '"K''pi ""ü"."order"'::regclass AND attnum > 0
EXCEPT SELECT column_name, data_type FROM crm_entity_columns('order');
SELECT c.relowner::regrole, c.reloptions, obj_description(c.oid) LIKE 'crm_metrics entity: %' AS marked,
       (SELECT count(*) = 6 FROM pg_description d WHERE d.objoid = c.oid AND d.objsubid > 0) AS columns_described
FROM pg_class c WHERE oid = '"K''pi ""ü"."order"'::regclass;
SELECT * FROM crm_defined_entities('K''pi "ü');
-- nothing else is left there
SELECT relname FROM pg_class WHERE relnamespace = '"K''pi ""ü"'::regnamespace;

-- Names are those of the caller's search_path, at that moment; the path is as it was.
SET search_path = "Sh""op – Köln", public;
SELECT crm_define_entity('K''pi "ü', 'customer', 'SELECT customer AS customer_id, now() AS acquired_at, kind AS segment FROM "Order" -- who');
SHOW search_path;
RESET search_path;
SELECT customer_id, segment FROM "K'pi ""ü".customer;
-- along a path that is given
SELECT crm_define_entity('K''pi "ü', 'touchpoint', 'SELECT now() AS occurred_at, kind AS event FROM "Order"', '"Sh""op – Köln"');

-- It can be redefined under what is built on it.
CREATE VIEW "K'pi ""ü".mine AS SELECT count(*) FROM "K'pi ""ü"."order";
SELECT crm_define_entity('K''pi "ü', 'order', $$
    SELECT 'x' AS order_id, now() AS ordered_at, 1 AS amount, 'EUR' AS currency, 'web' AS channel WHERE false $$);
SELECT * FROM "K'pi ""ü".mine;
SELECT crm_drop_entity('K''pi "ü', 'order');
DROP VIEW "K'pi ""ü".mine;
SELECT crm_drop_entity('K''pi "ü', 'order');
SELECT crm_drop_entity('K''pi "ü', 'order');
\echo :SQLSTATE

-- All that does not fit, in one error.
SELECT crm_define_entity('K''pi "ü', 'order', $$
    SELECT "placed At" AS ordered_at, tags AS order_id, total::text AS amount, id AS "Custom Er" FROM "Sh""op – Köln"."Order" $$);
\echo :SQLSTATE
SELECT crm_define_entity('K''pi "ü', 'order', $$
    SELECT "day" AS ordered_at, id AS order_id, total AS amount, 'EUR' AS currency FROM "Sh""op – Köln"."Order" $$);
\echo :SQLSTATE
-- domains are what they are made of, enums and identifiers become text
CREATE DOMAIN "K'pi ""ü".money AS numeric(12,2) CHECK (VALUE IS NOT NULL);
CREATE TYPE "K'pi ""ü".mood AS ENUM ('open', 'won');
SELECT crm_define_entity('K''pi "ü', 'opportunity', $$
    SELECT 7::bigint AS opportunity_id, now() AS created_at, 'won'::"K'pi ""ü".mood AS status, 5::"K'pi ""ü".money AS amount,
           0.5::float4 AS probability, date '2025-01-01' AS expected_close $$);
SELECT opportunity_id, status, amount, probability, expected_close FROM "K'pi ""ü".opportunity;

-- Errors of the query name the entity, and keep their code.
SELECT crm_define_entity('K''pi "ü', 'order', 'SELECT id FROM nowhere');
\echo :SQLSTATE
SELECT crm_define_entity('K''pi "ü', 'order', 'SELECT 1; DROP TABLE "Order"');
\echo :SQLSTATE
-- a query is one, and for itself
SELECT crm_define_entity('K''pi "ü', 'ticket', 'SELECT 1 AS ticket_id, now() AS created_at) AS source; DROP SCHEMA "K''pi ""ü" CASCADE; SELECT * FROM (SELECT 1');
\echo :SQLSTATE
SELECT crm_define_entity('K''pi "ü', 'ticket', 'SELECT 1 AS b) AS a, (SELECT 2 AS ticket_id, now() AS created_at');
\echo :SQLSTATE
SELECT crm_define_entity('K''pi "ü', 'ticket', 'DROP SCHEMA "K''pi ""ü" CASCADE');
\echo :SQLSTATE
SELECT crm_define_entity('K''pi "ü', 'ticket', 'SELECT $1 AS ticket_id, now() AS created_at');
\echo :SQLSTATE
-- nor can it read itself
SELECT crm_define_entity('K''pi "ü', 'ticket', 'SELECT 1 AS ticket_id, now() AS created_at /* ; */ -- (');
SELECT crm_define_entity('K''pi "ü', 'ticket', 'SELECT ticket_id, created_at FROM "K''pi ""ü".ticket');
\echo :SQLSTATE
-- a column of another collation takes the place of one
SELECT crm_define_entity('K''pi "ü', 'ticket', 'SELECT ''7'' COLLATE "C" AS ticket_id, now() AS created_at');
SELECT ticket_id FROM "K'pi ""ü".ticket;
SELECT crm_drop_entity('K''pi "ü', 'ticket');
\set VERBOSITY sqlstate
SELECT crm_define_entity('K''pi "ü', 'order', '');
\set VERBOSITY default
-- Other mistakes.
SELECT crm_define_entity('K''pi "ü', 'orders', 'SELECT 1');
\echo :SQLSTATE
SELECT crm_define_entity('no such schema', 'order', 'SELECT 1');
\echo :SQLSTATE
SELECT crm_define_entity(NULL, 'order', 'SELECT 1');
\echo :SQLSTATE
CREATE TABLE "K'pi ""ü".ticket (ticket_id text);
SELECT crm_define_entity('K''pi "ü', 'ticket', $$SELECT '1' AS ticket_id, now() AS created_at$$);
\echo :SQLSTATE
SELECT crm_drop_entity('K''pi "ü', 'ticket');
\echo :SQLSTATE
-- no right to create there
SELECT crm_define_entity('Sh"op – Köln', 'ticket', $$SELECT '1' AS ticket_id, now() AS created_at$$);
\echo :SQLSTATE

--
-- Adapters
--
RESET ROLE;
CREATE FUNCTION crm_adapter_regress(source_schema text) RETURNS TABLE (entity text, query text)
LANGUAGE sql STABLE BEGIN ATOMIC
    SELECT v.entity, v.query FROM (VALUES
        ('order', format('SELECT id AS order_id, "placed At" AT TIME ZONE ''UTC'' AS ordered_at, total AS amount, "Währung" AS currency FROM %I."Order"', source_schema)),
        ('customer', format('SELECT DISTINCT customer AS customer_id, now() AS acquired_at FROM %I."Order"', source_schema)),
        ('ticket', format('SELECT id AS ticket_id, opened AS created_at FROM %I.help', source_schema))) AS v (entity, query);
END;
COMMENT ON FUNCTION crm_adapter_regress(text) IS 'the test''s own system, releases 1 to 3';
CREATE FUNCTION crm_adapter_regress_columns() RETURNS TABLE (entity text, table_name text, column_name text, releases text)
LANGUAGE sql IMMUTABLE BEGIN ATOMIC
    VALUES ('order', 'Order', 'id', NULL), ('order', 'Order', 'placed At|placed', '2 to 3'), ('customer', 'Order', 'customer', NULL),
           ('ticket', 'help', 'id', NULL), ('ticket', 'help', 'opened', NULL);
END;
CREATE FUNCTION crm_adapter_regress2(source_schema text, options jsonb) RETURNS TABLE (entity text, query text)
LANGUAGE sql STABLE BEGIN ATOMIC
    SELECT 'spend', format('SELECT date ''2025-01-01'' AS day, 1 AS amount, %L AS currency', options ->> 'currency');
END;
CREATE SCHEMA regress_empty;
GRANT USAGE ON SCHEMA regress_empty TO regress_kpi_entities;
CREATE SCHEMA regress_hidden;
CREATE TABLE regress_hidden."Order" (id int, "placed At" timestamp, total float8, "Währung" text, customer int);
CREATE SCHEMA regress_old;
GRANT USAGE ON SCHEMA regress_old TO regress_kpi_entities;
CREATE TABLE regress_old."Order" (id int, total float8, "Währung" text, customer int);
SET ROLE regress_kpi_entities;

SELECT * FROM crm_adapters() WHERE adapter LIKE 'regress%';
-- the target schema is made; a module that is not installed is left out
SELECT * FROM crm_install_adapter('regress', 'Sh"op – Köln', 'regress "target"');
SELECT * FROM crm_defined_entities('regress "target"');
SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'regress "target"';
-- once more; a part of it; nothing was made in the source
SELECT * FROM crm_install_adapter('regress', 'Sh"op – Köln', 'regress "target"', '{"entities": ["order"]}');
SELECT relname FROM pg_class WHERE relnamespace = '"Sh""op – Köln"'::regnamespace AND relkind IN ('r', 'v');
-- an adapter with options
SELECT * FROM crm_install_adapter('regress2', 'Sh"op – Köln', 'regress "target"', '{"currency": "it''s"}');
SELECT currency FROM "regress ""target""".spend;

SELECT crm_install_adapter('regress', 'regress_old', 'regress_kpi_2');
\echo :SQLSTATE
RESET ROLE;
GRANT SELECT ON regress_old."Order" TO regress_kpi_entities;
SET ROLE regress_kpi_entities;
SELECT crm_install_adapter('regress', 'regress_old', 'regress_kpi_2');
\echo :SQLSTATE
SELECT crm_install_adapter('regress', 'regress_hidden', 'regress_kpi_2');
\echo :SQLSTATE
SELECT crm_install_adapter('regress', 'regress_empty', 'regress_kpi_2');
\echo :SQLSTATE
SELECT crm_install_adapter('regress', 'no such', 'regress_kpi_2');
\echo :SQLSTATE
SELECT crm_install_adapter('regress', 'regress_empty', 'regress_empty');
\echo :SQLSTATE
SELECT crm_install_adapter('regress', 'regress_empty', 'regress_kpi_2', '{"x": 1}');
\echo :SQLSTATE
SELECT crm_install_adapter('regress', 'regress_empty', 'regress_kpi_2', '{"entities": ["ordr"]}');
\echo :SQLSTATE
SELECT crm_install_adapter('regress', 'regress_empty', 'regress_kpi_2', '{"entities": "order"}');
\echo :SQLSTATE
SELECT crm_install_adapter('regress', 'regress_empty', 'regress_kpi_2', '[]');
\echo :SQLSTATE
SELECT crm_install_adapter('regress', 'regress_empty', NULL);
\echo :SQLSTATE
\set VERBOSITY sqlstate
SELECT crm_install_adapter('no such', 'regress_empty', 'regress_kpi_2');
\set VERBOSITY default
-- what failed has left nothing
SELECT nspname FROM pg_namespace WHERE nspname = 'regress_kpi_2';

DROP SCHEMA "regress ""target""" CASCADE;
DROP SCHEMA "K'pi ""ü" CASCADE;
RESET ROLE;
DROP FUNCTION crm_adapter_regress(text), crm_adapter_regress_columns(), crm_adapter_regress2(text, jsonb);
DROP SCHEMA regress_empty, regress_hidden, regress_old, "Sh""op – Köln" CASCADE;
DROP OWNED BY regress_kpi_entities;
DROP ROLE regress_kpi_entities;
