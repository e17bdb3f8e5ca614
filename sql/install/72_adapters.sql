-- Adapters: the entities of known systems.
--
-- To add one, add a file sql/install/8N_adapter_<system>.sql with two functions,
-- which are found by their names:
--
--   crm_adapter_<system>(source_schema text) RETURNS TABLE (entity text, query text)
--
-- or, if it has options, crm_adapter_<system>(source_schema text, options jsonb).
-- It returns a query for each entity that the system can have; the query names
-- tables with their schema (format and %I), the extension's functions and the
-- system's without.  It may look into the catalogs to tell releases apart.  Its
-- COMMENT names the system and the releases it knows: that is what people
-- are shown when a column is missing.
--
--   crm_adapter_<system>_columns()
--       RETURNS TABLE (entity text, table_name text, column_name text, releases text)
--
-- The source columns that each entity's query reads, and in which releases
-- they are known to be (NULL: in all).  column_name may list alternatives,
-- 'field_id|field', of which one must be there.  An entity of which a whole table
-- is missing is left out (a module that is not installed); a missing column of
-- a table that is there is an error.
--
-- Both are marked STABLE, PARALLEL SAFE; they are SQL functions with a bound
-- body, or PL/pgSQL with SET search_path = pg_catalog, pg_temp.

CREATE FUNCTION crm_adapters(OUT adapter text, OUT description text)
    RETURNS SETOF record
    LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 10
BEGIN ATOMIC
    SELECT DISTINCT ON (1) substr(p.proname, length('crm_adapter_') + 1), obj_description(p.oid, 'pg_proc')
    FROM pg_extension AS e
    JOIN pg_proc AS p ON p.pronamespace = e.extnamespace
    WHERE e.extname = 'crm_metrics'
      AND p.proname LIKE 'crm\_adapter\_%' AND p.proretset
      AND p.proargtypes[0] = 'text'::regtype
      AND (p.pronargs = 1 OR (p.pronargs = 2 AND p.proargtypes[1] = 'jsonb'::regtype))
    ORDER BY 1, 2;
END;
COMMENT ON FUNCTION crm_adapters() IS
    'the systems for which there is an adapter';

CREATE FUNCTION crm_install_adapter(adapter text, source_schema name, target_schema name,
        options jsonb DEFAULT '{}',
        OUT entity text, OUT status text, OUT reason text)
    RETURNS SETOF record
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 100000 ROWS 11
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    extension_schema constant name := (
        SELECT n.nspname FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
        WHERE e.extname = 'crm_metrics');
    safe_path constant text := format('pg_catalog, %I, pg_temp', extension_schema);
    own_options constant jsonb := options - 'entities';
    wanted text[];
    about text;
    entity_queries text;
    with_options boolean;
    missing text;
    denied text;
    absent jsonb := '{}';
    defined integer := 0;
    item record;
BEGIN
    IF adapter IS NULL OR source_schema IS NULL OR target_schema IS NULL OR options IS NULL THEN
        RAISE EXCEPTION 'adapter, schemas and options must not be null'
            USING ERRCODE = 'null_value_not_allowed';
    END IF;
    PERFORM set_config('search_path', safe_path, true);

    SELECT a.description INTO about FROM crm_adapters() AS a WHERE a.adapter = crm_install_adapter.adapter;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unknown adapter "%"', adapter
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'The adapters are '
                         || coalesce((SELECT string_agg(a.adapter, ', ' ORDER BY a.adapter) FROM crm_adapters() AS a), 'none') || '.';
    END IF;
    IF source_schema = target_schema THEN
        RAISE EXCEPTION 'source and target are the same schema "%"', source_schema
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'The views need a schema of their own.';
    END IF;
    IF NOT EXISTS (SELECT FROM pg_namespace AS n WHERE n.nspname = source_schema) THEN
        RAISE EXCEPTION 'schema "%" does not exist', source_schema
            USING ERRCODE = 'invalid_schema_name';
    END IF;
    IF jsonb_typeof(options) <> 'object' THEN
        RAISE EXCEPTION 'options must be a jsonb object, not %', jsonb_typeof(options)
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF options ? 'entities' THEN
        IF jsonb_typeof(options -> 'entities') <> 'array' THEN
            RAISE EXCEPTION 'option "entities" must be an array of names'
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
        wanted := ARRAY(SELECT jsonb_array_elements_text(options -> 'entities'));
        SELECT w INTO missing FROM unnest(wanted) AS w WHERE w NOT IN (SELECT e.entity FROM crm_entities() AS e) LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'unknown entity "%" in option "entities"', missing
                USING ERRCODE = 'invalid_parameter_value',
                      HINT = 'The entities are '
                             || (SELECT string_agg(e.entity, ', ' ORDER BY e.ordinal) FROM crm_entities() AS e) || '.';
        END IF;
    END IF;

    with_options := to_regprocedure(format('%I.%I(text, jsonb)', extension_schema, 'crm_adapter_' || adapter)) IS NOT NULL;
    IF NOT with_options AND own_options <> '{}' THEN
        RAISE EXCEPTION 'adapter "%" has no option "%"', adapter, (SELECT min(k) FROM jsonb_object_keys(own_options) AS k)
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    entity_queries := format(CASE WHEN with_options THEN 'SELECT entity, query FROM %I.%I($1, $2)'
                                  ELSE 'SELECT entity, query FROM %I.%I($1)' END,
                             extension_schema, 'crm_adapter_' || adapter);

    -- Is what the queries read there?
    IF to_regprocedure(format('%I.%I()', extension_schema, 'crm_adapter_' || adapter || '_columns')) IS NOT NULL THEN
        FOR item IN EXECUTE format($query$
            WITH needed AS (
                SELECT r.entity, r.table_name, r.column_name, r.releases, c.oid AS relation,
                       c.oid IS NULL OR EXISTS (
                           SELECT FROM pg_attribute AS a
                           WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                             AND a.attname = ANY (string_to_array(r.column_name, '|'))) AS there
                FROM %I.%I() AS r
                LEFT JOIN pg_class AS c
                  ON c.relname = r.table_name AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
                 AND c.relnamespace = (SELECT n.oid FROM pg_namespace AS n WHERE n.nspname = $1)
                WHERE $2 IS NULL OR r.entity = ANY ($2)
            )
            SELECT (SELECT jsonb_object_agg(e.entity, e.tables)
                    FROM (SELECT m.entity, string_agg(DISTINCT m.table_name, ', ') AS tables
                          FROM needed AS m WHERE m.relation IS NULL GROUP BY m.entity) AS e) AS absent,
                   (SELECT string_agg(DISTINCT format('%%I.%%s%%s', m.table_name, replace(m.column_name, '|', ' or '),
                                                      coalesce(' (in releases ' || m.releases || ')', '')), E'\n')
                    FROM needed AS m
                    WHERE NOT m.there
                      AND m.entity NOT IN (SELECT o.entity FROM needed AS o WHERE o.relation IS NULL)) AS missing,
                   (SELECT string_agg(DISTINCT m.table_name, ', ')
                    FROM needed AS m
                    WHERE m.relation IS NOT NULL AND NOT has_any_column_privilege(m.relation, 'SELECT')) AS denied
            $query$, extension_schema, 'crm_adapter_' || adapter || '_columns')
            USING source_schema, wanted
        LOOP
            absent := coalesce(item.absent, '{}');
            missing := item.missing;
            denied := item.denied;
        END LOOP;
        IF NOT has_schema_privilege(source_schema, 'USAGE') THEN
            RAISE EXCEPTION 'permission denied for schema %', source_schema
                USING ERRCODE = 'insufficient_privilege',
                      HINT = format('Its owner grants it: GRANT USAGE ON SCHEMA %I TO %I.', source_schema, current_user);
        END IF;
        IF denied IS NOT NULL THEN
            RAISE EXCEPTION 'permission denied for tables of schema %', source_schema
                USING ERRCODE = 'insufficient_privilege', DETAIL = 'No SELECT on: ' || denied || '.',
                      HINT = format('Their owner grants it: GRANT SELECT ON ALL TABLES IN SCHEMA %I TO %I.', source_schema, current_user);
        END IF;
        IF missing IS NOT NULL THEN
            RAISE EXCEPTION 'schema "%" lacks columns that adapter "%" needs', source_schema, adapter
                USING ERRCODE = 'undefined_column', DETAIL = missing,
                      HINT = 'The adapter knows: ' || coalesce(about, adapter)
                             || '. Entities of another release can be defined by hand with crm_define_entity.';
        END IF;
    END IF;

    PERFORM crm_lock_target_schema(target_schema);
    IF NOT EXISTS (SELECT FROM pg_namespace AS n WHERE n.nspname = target_schema) THEN
        EXECUTE format('CREATE SCHEMA %I', target_schema);
    END IF;
    FOR item IN EXECUTE
        'SELECT q.entity, q.query FROM (' || entity_queries || ') AS q LEFT JOIN crm_entities() AS e USING (entity) ORDER BY e.ordinal'
        USING source_schema::text, own_options
    LOOP
        CONTINUE WHEN item.entity <> ALL (wanted);
        entity := item.entity;
        IF absent ? item.entity THEN
            status := 'skipped';
            reason := 'no table ' || (absent ->> item.entity);
        ELSE
            PERFORM crm_define_entity(target_schema, item.entity, item.query, safe_path);
            defined := defined + 1;
            status := 'created';
            reason := NULL;
        END IF;
        RETURN NEXT;
    END LOOP;
    IF defined = 0 THEN
        RAISE EXCEPTION 'schema "%" has none of the entities of adapter "%"', source_schema, adapter
            USING ERRCODE = 'undefined_table',
                  DETAIL = (SELECT string_agg(format('%s: no table %s', a.key, a.value), E'\n') FROM jsonb_each_text(absent) AS a),
                  HINT = 'The adapter knows: ' || coalesce(about, adapter) || '.';
    END IF;
END
$$;
COMMENT ON FUNCTION crm_install_adapter(text, name, name, jsonb) IS
    'define the entities of a known system in target_schema, which is created if it is not there; the source schema is only read';
