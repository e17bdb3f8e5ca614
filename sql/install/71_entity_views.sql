-- Entities as views of an owner's schema.
--
-- crm_define_entity describes the owner's query with a view of another name,
-- compares it with the contract, and makes the entity's view: always with all
-- columns of the contract, so that redefining an entity replaces its view under
-- whatever is built on it.  Nothing is kept elsewhere; an entity view is known by
-- its comment.
--
-- Everything runs as the caller.  The functions in PL/pgSQL run with a
-- search_path of their own, so that nobody's operators are mistaken for the
-- system's; the owner's query is bound along the owner's.

CREATE FUNCTION crm_defined_entities(target_schema name,
        OUT entity text, OUT entity_view regclass)
    RETURNS SETOF record
    LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 1000 ROWS 11
BEGIN ATOMIC
    SELECT e.entity, c.oid::regclass
    FROM crm_entities() AS e
    JOIN pg_class AS c ON c.relname = e.entity AND c.relkind = 'v'
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = target_schema
      AND obj_description(c.oid, 'pg_class') LIKE 'crm_metrics entity:%'
    ORDER BY e.ordinal;
END;
COMMENT ON FUNCTION crm_defined_entities(name) IS
    'the entities that a schema has';

-- Whatever changes a schema's entities or KPI views waits its turn: two at once
-- would meet in the catalogs, with errors that say nothing to whoever reads
-- them, or take locks on the same views in different orders.  There may be no
-- relation yet, nor even the schema, that could be locked; hence an advisory lock,
-- on the schema's name.  The class is "crm" in ASCII.
CREATE FUNCTION crm_lock_target_schema(target_schema name)
    RETURNS void
    LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE COST 10
BEGIN ATOMIC
    SELECT pg_advisory_xact_lock(6517357, hashtext(target_schema::text));
END;
COMMENT ON FUNCTION crm_lock_target_schema(name) IS
    'support: wait until no other transaction changes the entities or KPI views of a schema';

CREATE FUNCTION crm_define_entity(target_schema name, entity text, query text, query_path text)
    RETURNS regclass
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 100000
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    extension_schema constant name := (
        SELECT n.nspname FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
        WHERE e.extname = 'crm_metrics');
    safe_path constant text := format('pg_catalog, %I, pg_temp', extension_schema);
    only_query constant text := rtrim(query, E' \t\r\n;');
    source constant text := E'(\n' || only_query || E'\n) AS source';
    probe constant name := 'crm_entity_probe_' || pg_backend_pid();
    description text;
    columns text;
    problems text;
    said text;
    said_detail text;
    said_hint text;
    code text;
    comments text;
    planned refcursor;
BEGIN
    IF target_schema IS NULL OR entity IS NULL OR query IS NULL OR query_path IS NULL THEN
        RAISE EXCEPTION 'schema, entity and query of an entity must not be null'
            USING ERRCODE = 'null_value_not_allowed';
    END IF;
    PERFORM set_config('search_path', safe_path, true);

    SELECT e.description INTO description FROM crm_entities() AS e WHERE e.entity = entity;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unknown entity "%"', entity
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'The entities are '
                         || (SELECT string_agg(e.entity, ', ' ORDER BY e.ordinal) FROM crm_entities() AS e) || '.';
    END IF;
    IF NOT EXISTS (SELECT FROM pg_namespace AS n WHERE n.nspname = target_schema) THEN
        RAISE EXCEPTION 'schema "%" does not exist', target_schema
            USING ERRCODE = 'invalid_schema_name',
                  HINT = format('Create it first: CREATE SCHEMA %I.', target_schema);
    END IF;
    PERFORM crm_lock_target_schema(target_schema);
    IF EXISTS (SELECT FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
               WHERE n.nspname = target_schema AND c.relname = entity)
       AND NOT EXISTS (SELECT FROM crm_defined_entities(target_schema) AS d WHERE d.entity = entity) THEN
        RAISE EXCEPTION 'relation "%.%" exists and is not an entity', target_schema, entity
            USING ERRCODE = 'duplicate_table',
                  HINT = 'Choose a schema of its own for the entities.';
    END IF;

    -- What does the query return?  It must be one for itself, not only between
    -- parentheses; a cursor takes one query, and runs none of it until asked.
    BEGIN
        PERFORM set_config('search_path', query_path, true);
        OPEN planned FOR EXECUTE only_query;
        CLOSE planned;
        EXECUTE format('CREATE VIEW %I.%I AS SELECT * FROM %s', target_schema, probe, source);
    EXCEPTION WHEN invalid_cursor_definition THEN
        RAISE EXCEPTION 'query for entity "%" must be a single SELECT', entity
            USING ERRCODE = 'syntax_error', DETAIL = 'The query is: ' || query;
    WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS said = MESSAGE_TEXT, said_detail = PG_EXCEPTION_DETAIL,
            said_hint = PG_EXCEPTION_HINT, code = RETURNED_SQLSTATE;
        RAISE EXCEPTION 'query for entity "%": %', entity, said
            USING ERRCODE = code,
                  DETAIL = coalesce(nullif(said_detail, ''), 'The query is: ' || query),
                  HINT = coalesce(nullif(said_hint, ''),
                                  format('See the contract: SELECT * FROM %I.crm_entity_columns(%L).', extension_schema, entity));
    END;
    PERFORM set_config('search_path', safe_path, true);

    WITH got AS (
        SELECT a.attnum, a.attname::text AS column_name,
               CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END::regtype AS data_type,
               format_type(a.atttypid, a.atttypmod) AS type_name
        FROM pg_attribute AS a
        JOIN pg_type AS t ON t.oid = a.atttypid
        WHERE a.attrelid = format('%I.%I', target_schema, probe)::regclass AND a.attnum > 0
    ), compared AS (
        SELECT w.ordinal, g.attnum, coalesce(w.column_name, g.column_name) AS column_name,
               CASE
                   WHEN w.column_name IS NULL THEN 'is not a column of the entity'
                   WHEN g.column_name IS NULL AND w.required THEN format('is missing, must be %s', w.data_type)
                   WHEN g.column_name IS NULL OR g.data_type = w.data_type THEN NULL
                   -- identifiers and names: whatever has a text form and is one value
                   WHEN w.data_type = 'text'::regtype
                        AND (SELECT t.typtype IN ('b', 'e') AND t.typcategory <> 'A'
                             FROM pg_type AS t WHERE t.oid = g.data_type) THEN NULL
                   WHEN w.data_type = 'numeric'::regtype
                        AND g.data_type IN ('int2', 'int4', 'int8', 'float4', 'float8') THEN NULL
                   WHEN w.data_type = 'bigint'::regtype AND g.data_type IN ('int2', 'int4') THEN NULL
                   WHEN w.data_type = 'timestamptz'::regtype AND g.data_type = 'timestamp'::regtype THEN
                       format('is %s, must be %s: say which zone it is in, as in (%I AT TIME ZONE ''UTC'')',
                              g.type_name, w.data_type, w.column_name)
                   WHEN w.data_type = 'timestamptz'::regtype AND g.data_type = 'date'::regtype THEN
                       format('is %s, must be %s: say in which zone the day begins, as in (%I::timestamp AT TIME ZONE ''UTC'')',
                              g.type_name, w.data_type, w.column_name)
                   ELSE format('is %s, must be %s', g.type_name, w.data_type)
               END AS problem,
               CASE WHEN g.column_name IS NULL THEN format('NULL::%s AS %I', w.data_type, w.column_name)
                    -- of one collation, or entities from differing columns could not be joined
                    ELSE format('source.%I::%s%s AS %I', w.column_name, w.data_type,
                                CASE w.data_type WHEN 'text'::regtype THEN ' COLLATE "default"' ELSE '' END, w.column_name)
               END AS expression,
               format('COMMENT ON COLUMN %I.%I.%I IS %L', target_schema, entity, w.column_name,
                      w.meaning || coalesce(': ' || array_to_string(w.allowed, ', '), '')
                      || coalesce(' (' || w.unit || ')', '')) AS comment
        FROM crm_entity_columns(entity) AS w
        FULL JOIN got AS g ON g.column_name = w.column_name
    )
    SELECT string_agg(expression, ', ' ORDER BY ordinal) FILTER (WHERE ordinal IS NOT NULL),
           string_agg(comment, '; ' ORDER BY ordinal) FILTER (WHERE ordinal IS NOT NULL),
           string_agg(format('%I %s.', column_name, problem), E'\n' ORDER BY ordinal NULLS LAST, attnum)
               FILTER (WHERE problem IS NOT NULL)
    INTO columns, comments, problems
    FROM compared;
    EXECUTE format('DROP VIEW %I.%I', target_schema, probe);

    IF problems IS NOT NULL THEN
        RAISE EXCEPTION 'query for entity "%" does not fit its contract', entity
            USING ERRCODE = 'invalid_parameter_value', DETAIL = problems,
                  HINT = format('See the contract: SELECT * FROM %I.crm_entity_columns(%L).', extension_schema, entity);
    END IF;

    PERFORM set_config('search_path', query_path, true);
    EXECUTE format('CREATE OR REPLACE VIEW %I.%I WITH (security_invoker = true) AS SELECT %s FROM %s',
                   target_schema, entity, columns, source);
    PERFORM set_config('search_path', safe_path, true);
    -- an error if the query reads the entity itself, which shows only when it is planned
    OPEN planned FOR EXECUTE format('SELECT FROM %I.%I', target_schema, entity);
    CLOSE planned;
    EXECUTE format('COMMENT ON VIEW %I.%I IS %L', target_schema, entity, 'crm_metrics entity: ' || description);
    EXECUTE comments;
    RETURN format('%I.%I', target_schema, entity)::regclass;
END
$$;
COMMENT ON FUNCTION crm_define_entity(name, text, text, text) IS
    'check a query against an entity''s contract and make the entity''s view of it; names in the query are looked up along query_path';

CREATE FUNCTION crm_define_entity(target_schema name, entity text, query text)
    RETURNS regclass
    LANGUAGE sql VOLATILE PARALLEL UNSAFE COST 100000
    RETURN crm_define_entity(target_schema, entity, query, current_setting('search_path'));
COMMENT ON FUNCTION crm_define_entity(name, text, text) IS
    'check a query against an entity''s contract and make the entity''s view of it, or replace it';

CREATE FUNCTION crm_drop_entity(target_schema name, entity text)
    RETURNS void
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    extension_schema constant name := (
        SELECT n.nspname FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
        WHERE e.extname = 'crm_metrics');
BEGIN
    PERFORM set_config('search_path', format('pg_catalog, %I, pg_temp', extension_schema), true);
    PERFORM crm_lock_target_schema(target_schema);
    IF NOT EXISTS (SELECT FROM crm_defined_entities(target_schema) AS d WHERE d.entity = crm_drop_entity.entity) THEN
        RAISE EXCEPTION 'schema "%" has no entity "%"', target_schema, entity
            USING ERRCODE = 'undefined_table';
    END IF;
    EXECUTE format('DROP VIEW %I.%I', target_schema, entity);
END
$$;
COMMENT ON FUNCTION crm_drop_entity(name, text) IS
    'drop an entity''s view; an error while KPI views are built on it';
