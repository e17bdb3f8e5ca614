-- Creation, refresh and removal of the KPI views.
--
-- All is made as the caller, in one schema, in one transaction, and is known by
-- its comment: what carries another comment is never touched.  The queries are
-- bound with the search_path target schema, extension's schema, pg_temp; in what
-- is made there is no name left to look up.

CREATE FUNCTION crm_kpi_views(
        OUT view_name text, OUT ordinal integer, OUT area text, OUT entities text[], OUT optional text[],
        OUT key_columns text[], OUT description text, OUT columns text, OUT query text)
    RETURNS SETOF record
    LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 10 ROWS 40
BEGIN ATOMIC
    SELECT v.view_name, (row_number() OVER (ORDER BY v.part, v.ordinality))::integer, v.area, v.entities, v.optional,
           v.key_columns, v.description, v.columns, v.query
    FROM (SELECT 1 AS part, 'base' AS area, d.* FROM crm_kpi_views_base() WITH ORDINALITY AS d
          UNION ALL SELECT 2, 'acquisition', d.* FROM crm_kpi_views_acquisition() WITH ORDINALITY AS d
          UNION ALL SELECT 3, 'retention', d.* FROM crm_kpi_views_retention() WITH ORDINALITY AS d
          UNION ALL SELECT 4, 'revenue', d.* FROM crm_kpi_views_revenue() WITH ORDINALITY AS d
          UNION ALL SELECT 5, 'pipeline', d.* FROM crm_kpi_views_pipeline() WITH ORDINALITY AS d
          UNION ALL SELECT 6, 'service', d.* FROM crm_kpi_views_service() WITH ORDINALITY AS d
          UNION ALL SELECT 7, 'satisfaction', d.* FROM crm_kpi_views_satisfaction() WITH ORDINALITY AS d
          UNION ALL SELECT 8, 'engagement', d.* FROM crm_kpi_views_engagement() WITH ORDINALITY AS d
          UNION ALL SELECT 9, 'customer', d.* FROM crm_kpi_views_customer() WITH ORDINALITY AS d
          UNION ALL SELECT 10, 'quality', d.* FROM crm_kpi_views_quality() WITH ORDINALITY AS d) AS v;
END;
COMMENT ON FUNCTION crm_kpi_views() IS
    'the KPI views that there are: what they are made from, what tells their rows apart, their columns and queries';

CREATE FUNCTION crm_kpi_view_columns(OUT view_name text, OUT ordinal integer, OUT column_name text, OUT meaning text)
    RETURNS SETOF record
    LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1000 ROWS 400
BEGIN ATOMIC
    SELECT v.view_name, l.ordinality::integer, split_part(l.line, ': ', 1), substr(l.line, strpos(l.line, ': ') + 2)
    FROM crm_kpi_views() AS v,
         regexp_split_to_table(btrim(v.columns, E'\n'), E'\n') WITH ORDINALITY AS l (line);
END;
COMMENT ON FUNCTION crm_kpi_view_columns() IS
    'the columns of the KPI views and what they mean';

CREATE FUNCTION crm_kpi_view_columns(view_name text, OUT ordinal integer, OUT column_name text, OUT meaning text)
    RETURNS SETOF record
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 12
BEGIN ATOMIC
    SELECT c.ordinal, c.column_name, c.meaning
    FROM crm_kpi_view_columns() AS c
    WHERE c.view_name = crm_kpi_view_columns.view_name
    ORDER BY c.ordinal;
END;
COMMENT ON FUNCTION crm_kpi_view_columns(text) IS
    'the columns of a KPI view, in order; no rows if there is no such view';

CREATE FUNCTION crm_drop_kpi_views(target_schema name)
    RETURNS integer
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 100000
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    extension_schema constant name := (
        SELECT n.nspname FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
        WHERE e.extname = 'crm_metrics');
    made record;
    dropped integer := 0;
BEGIN
    PERFORM set_config('search_path', format('pg_catalog, %I, pg_temp', extension_schema), true);
    PERFORM crm_lock_target_schema(target_schema);
    -- what is built on another was made after it
    FOR made IN
        SELECT CASE c.relkind WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'r' THEN 'TABLE' ELSE 'VIEW' END AS kind, c.relname
        FROM pg_class AS c
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = target_schema AND c.relkind IN ('v', 'm', 'r')
          AND obj_description(c.oid, 'pg_class') LIKE 'crm_metrics kpi:%'
        ORDER BY c.oid DESC
    LOOP
        EXECUTE format('DROP %s %I.%I', made.kind, target_schema, made.relname);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END
$$;
COMMENT ON FUNCTION crm_drop_kpi_views(name) IS
    'drop what crm_create_kpi_views has made in a schema; an error if something else is built on it';

CREATE FUNCTION crm_fit_kpi_models(target_schema name)
    RETURNS bigint
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 100000
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    extension_schema constant name := (
        SELECT n.nspname FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
        WHERE e.extname = 'crm_metrics');
    fitted bigint;
BEGIN
    PERFORM set_config('search_path', format('%I, %I, pg_temp', target_schema, extension_schema), true);
    -- two at once: the second waits, and then sees what the first has stored
    EXECUTE format('LOCK TABLE %I.kpi_models IN SHARE ROW EXCLUSIVE MODE', target_schema);
    EXECUTE format('DELETE FROM %I.kpi_models', target_schema);
    EXECUTE $query$
        INSERT INTO kpi_models (currency, customers, as_of, purchases, purchases_status, spend, spend_status, fitted_at)
        SELECT f.currency, f.customers, f.as_of, f.purchases, crm_model_status(f.purchases), f.spend, crm_model_status(f.spend), now()
        FROM (SELECT h.currency, count(*) AS customers, s.as_of, crm_btyd_fit(s.purchase_model, h.rfm) AS purchases,
                     crm_spend_fit(h.rfm) AS spend
              FROM kpi_customer_history AS h, kpi_settings AS s
              WHERE h.last_order_at IS NOT NULL AND h.currency IS NOT NULL
              GROUP BY h.currency, s.as_of) AS f
        $query$;
    GET DIAGNOSTICS fitted = ROW_COUNT;
    RETURN fitted;
END
$$;
COMMENT ON FUNCTION crm_fit_kpi_models(name) IS
    'support: fit the models of customer value of a schema''s KPI views';

CREATE FUNCTION crm_kpi_settings(options jsonb)
    RETURNS text
    LANGUAGE plpgsql STABLE PARALLEL SAFE COST 10000
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    defaults constant jsonb := jsonb_build_object(
        'grain', 'month', 'time_zone', current_setting('TimeZone'), 'currency', NULL, 'as_of', NULL, 'calendar', 'UTC 24x7',
        'lead_response_target', NULL, 'first_response_target', NULL, 'resolution_target', NULL,
        'horizon', '1 year', 'annual_discount_rate', 0.1, 'margin', 1, 'conf_level', 0.95, 'purchase_model', 'pareto/nbd',
        'cohort_periods', 12, 'attribution_window', '90 days', 'pipeline', NULL, 'funnel', NULL, 'funnel_window', '30 days',
        'materialized', false);
    extension_schema constant name := (
        SELECT n.nspname FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
        WHERE e.extname = 'crm_metrics');
    given jsonb;
    wrong text;
    list text;
    longest integer;
    lists text[] := '{}';
    as_of text;
BEGIN
    IF options IS NULL OR jsonb_typeof(options) <> 'object' THEN
        RAISE EXCEPTION 'options must be a jsonb object, not %', coalesce(jsonb_typeof(options), 'null')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT min(k) INTO wrong FROM jsonb_object_keys(options) AS k WHERE NOT defaults ? k;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'unknown option "%"', wrong
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'The options are ' || (SELECT string_agg(k, ', ' ORDER BY k) FROM jsonb_object_keys(defaults) AS k) || '.';
    END IF;
    given := defaults || jsonb_strip_nulls(options);
    SELECT min(e.key) INTO wrong
    FROM jsonb_each(given) AS e
    WHERE jsonb_typeof(e.value) <> CASE
              WHEN e.key IN ('annual_discount_rate', 'margin', 'conf_level', 'cohort_periods') THEN 'number'
              WHEN e.key IN ('pipeline', 'funnel') THEN 'array'
              WHEN e.key = 'materialized' THEN 'boolean' ELSE 'string' END
      AND jsonb_typeof(e.value) <> 'null';
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'option "%" must not be of type %', wrong, jsonb_typeof(given -> wrong)
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF given ->> 'grain' NOT IN ('day', 'week', 'month', 'quarter', 'year') THEN
        RAISE EXCEPTION 'unknown grain "%"', given ->> 'grain'
            USING ERRCODE = 'invalid_parameter_value', HINT = 'It is day, week, month, quarter or year.';
    END IF;
    IF (given ->> 'as_of')::timestamptz NOT BETWEEN '1900-01-01 00:00+00' AND '3000-01-01 00:00+00' THEN
        RAISE EXCEPTION 'as_of must be from 1900 to 2999, got %', given ->> 'as_of'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- without data nothing below would try these: errors if there is no such zone, no such model
    PERFORM now() AT TIME ZONE (given ->> 'time_zone');
    EXECUTE format('SELECT %I.crm_btyd_fit($1, r.rfm) FROM (SELECT NULL::%1$I.crm_rfm AS rfm) AS r', extension_schema)
        USING given ->> 'purchase_model';
    IF (given ->> 'conf_level')::float8 NOT BETWEEN 1e-6 AND 1 - 1e-6 THEN
        RAISE EXCEPTION 'confidence level % is not between 0 and 1', given ->> 'conf_level'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    FOREACH list IN ARRAY ARRAY['annual_discount_rate', 'margin'] LOOP
        IF (given ->> list)::float8 < 0 THEN
            RAISE EXCEPTION '% must not be negative, got %', list, given ->> list
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
    END LOOP;
    IF (given ->> 'cohort_periods')::numeric NOT BETWEEN 1 AND 1000 OR (given ->> 'cohort_periods')::numeric % 1 <> 0 THEN
        RAISE EXCEPTION 'cohort_periods % is not a whole number from 1 to 1000', given ->> 'cohort_periods'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- said here, a mistake needs no query to be shown with it
    FOREACH list IN ARRAY ARRAY['horizon', 'attribution_window', 'funnel_window'] LOOP
        IF (given ->> list)::interval <= '0' THEN
            RAISE EXCEPTION '% must be above zero, got %', list, given ->> list
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
    END LOOP;
    FOREACH list IN ARRAY ARRAY['lead_response_target', 'first_response_target', 'resolution_target'] LOOP
        -- of infinity, which newer servers know, extract gives NULL
        IF ((given ->> list)::interval >= '0' AND extract(day FROM (given ->> list)::interval) = 0
            AND extract(month FROM (given ->> list)::interval) = 0 AND extract(year FROM (given ->> list)::interval) = 0) IS NOT TRUE
           AND given ->> list IS NOT NULL THEN
            RAISE EXCEPTION '% must be given in hours, minutes and seconds, got %', list, given ->> list
                USING ERRCODE = 'invalid_parameter_value', HINT = 'Time is that of the calendar, in which a day has no fixed length.';
        END IF;
    END LOOP;
    FOREACH list IN ARRAY ARRAY['pipeline', 'funnel'] LOOP
        CONTINUE WHEN jsonb_typeof(given -> list) = 'null';
        longest := CASE list WHEN 'pipeline' THEN 1000 ELSE 32 END;
        IF jsonb_array_length(given -> list) NOT BETWEEN 1 AND longest
           OR EXISTS (SELECT FROM jsonb_array_elements(given -> list) AS e WHERE jsonb_typeof(e) <> 'string') THEN
            RAISE EXCEPTION 'option "%" must be an array of 1 to % names, got %', list, longest, given -> list
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
        SELECT min(d.name) INTO wrong
        FROM (SELECT e AS name FROM jsonb_array_elements_text(given -> list) AS e GROUP BY e HAVING count(*) > 1) AS d;
        -- an event may be awaited twice, a stage is in one place
        IF wrong IS NOT NULL AND list = 'pipeline' THEN
            RAISE EXCEPTION 'stage "%" is twice in option "pipeline"', wrong
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
    END LOOP;
    FOREACH list IN ARRAY ARRAY['pipeline', 'funnel'] LOOP
        lists := lists || CASE WHEN jsonb_typeof(given -> list) = 'array'
                               THEN format('%L::text[]', ARRAY(SELECT jsonb_array_elements_text(given -> list)))
                               ELSE 'NULL::text[]' END;
    END LOOP;
    as_of := CASE WHEN given ->> 'as_of' IS NULL THEN 'now()' ELSE format('%L::timestamptz', (given ->> 'as_of')::timestamptz) END;

    RETURN format($query$
        SELECT %1$L::text AS grain,
               CASE %1$L WHEN 'quarter' THEN '3 months' ELSE '1 ' || %1$L END::interval AS grain_interval,
               CASE WHEN %1$L IN ('day', 'week') THEN %1$L ELSE 'month' END::text AS cohort_unit,
               %2$L::text AS time_zone, %3$L::text AS currency, %4$s AS as_of, %4$s AT TIME ZONE %2$L AS as_of_local,
               %5$L::crm_calendar AS calendar, %6$L::interval AS lead_response_target,
               %7$L::interval AS first_response_target, %8$L::interval AS resolution_target,
               %9$L::interval AS horizon, %10$L::float8 AS annual_discount_rate, %11$L::float8 AS margin,
               %12$L::float8 AS conf_level, %13$L::text AS purchase_model, %14$L::integer AS cohort_periods,
               %15$L::interval AS attribution_window, %16$s AS pipeline, %17$s AS funnel,
               %18$L::interval AS funnel_window, %19$L::boolean AS materialized
        $query$,
        given ->> 'grain', given ->> 'time_zone', given ->> 'currency', as_of, given ->> 'calendar',
        given ->> 'lead_response_target', given ->> 'first_response_target', given ->> 'resolution_target',
        given ->> 'horizon', given ->> 'annual_discount_rate', given ->> 'margin', given ->> 'conf_level',
        given ->> 'purchase_model', given ->> 'cohort_periods', given ->> 'attribution_window', lists[1], lists[2],
        given ->> 'funnel_window', given ->> 'materialized');
END
$$;
COMMENT ON FUNCTION crm_kpi_settings(jsonb) IS
    'support: the query of the view kpi_settings, from checked options';

CREATE FUNCTION crm_create_kpi_views(target_schema name, options jsonb DEFAULT '{}',
        OUT view_name text, OUT status text, OUT reason text)
    RETURNS SETOF record
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 100000 ROWS 40
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    extension_schema constant name := (
        SELECT n.nspname FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
        WHERE e.extname = 'crm_metrics');
    safe_path constant text := format('pg_catalog, %I, pg_temp', extension_schema);
    view_path constant text := format('%I, %I, pg_temp', target_schema, extension_schema);
    settings text;
    materialized boolean;
    kind text;
    defined text[];
    absent text[];
    body text;
    item record;
BEGIN
    IF target_schema IS NULL THEN
        RAISE EXCEPTION 'target schema must not be null' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    PERFORM set_config('search_path', safe_path, true);
    IF NOT EXISTS (SELECT FROM pg_namespace AS n WHERE n.nspname = target_schema) THEN
        RAISE EXCEPTION 'schema "%" does not exist', target_schema USING ERRCODE = 'invalid_schema_name';
    END IF;
    settings := crm_kpi_settings(options);
    PERFORM (options ->> 'calendar')::crm_calendar;
    EXECUTE 'SELECT s.materialized FROM (' || settings || ') AS s' INTO materialized;
    PERFORM crm_lock_target_schema(target_schema);
    defined := ARRAY(SELECT d.entity FROM crm_defined_entities(target_schema) AS d);
    IF defined = '{}' THEN
        RAISE EXCEPTION 'schema "%" has no entities', target_schema
            USING ERRCODE = 'undefined_table',
                  HINT = 'Define them with crm_install_adapter or crm_define_entity.';
    END IF;
    IF jsonb_typeof(options -> 'funnel') = 'array' THEN
        defined := defined || 'option funnel'::text;
    END IF;
    PERFORM crm_drop_kpi_views(target_schema);

    FOR item IN SELECT v.* FROM crm_kpi_views() AS v ORDER BY v.ordinal LOOP
        view_name := item.view_name;
        absent := ARRAY(SELECT e FROM unnest(item.entities) WITH ORDINALITY AS u (e, i) WHERE e <> ALL (defined) ORDER BY i);
        IF absent <> '{}' THEN
            status := 'skipped';
            SELECT 'no ' || string_agg(CASE WHEN e LIKE 'option %' THEN e ELSE 'entity ' || e END, ', no ' ORDER BY i)
            INTO reason FROM unnest(absent) WITH ORDINALITY AS u (e, i);
            RETURN NEXT;
            CONTINUE;
        END IF;

        -- an optional entity that is not there is empty
        body := coalesce(item.query, settings);
        absent := ARRAY(SELECT e FROM unnest(item.optional) AS e WHERE e <> ALL (defined));
        IF absent <> '{}' THEN
            SELECT 'WITH ' || string_agg(format('%I AS (SELECT %s WHERE false)', e,
                       (SELECT string_agg(format('NULL::%s AS %I', c.data_type, c.column_name), ', ' ORDER BY c.ordinal)
                        FROM crm_entity_columns(e) AS c)), ', ')
                   || ' SELECT * FROM (' || body || ') AS kpi'
            INTO body FROM unnest(absent) AS e;
        END IF;

        kind := CASE WHEN item.view_name = 'kpi_models' THEN 'TABLE'
                     WHEN materialized AND item.area <> 'base' THEN 'MATERIALIZED VIEW' ELSE 'VIEW' END;
        PERFORM set_config('search_path', view_path, true);
        IF kind = 'TABLE' THEN
            EXECUTE format('CREATE TABLE %I.%I (currency text PRIMARY KEY, customers bigint NOT NULL, as_of timestamptz NOT NULL, '
                           'purchases crm_btyd_model, purchases_status text, spend crm_spend_model, spend_status text, '
                           'fitted_at timestamptz NOT NULL)', target_schema, item.view_name);
        ELSE
            EXECUTE format(CASE kind WHEN 'VIEW' THEN 'CREATE VIEW %I.%I WITH (security_invoker = true) AS '
                                     ELSE 'CREATE MATERIALIZED VIEW %I.%I AS ' END, target_schema, item.view_name) || body;
        END IF;
        IF kind = 'MATERIALIZED VIEW' THEN
            EXECUTE format('CREATE UNIQUE INDEX ON %I.%I (%s)', target_schema, item.view_name,
                           (SELECT string_agg(quote_ident(k), ', ' ORDER BY i) FROM unnest(item.key_columns) WITH ORDINALITY AS u (k, i)));
        END IF;
        PERFORM set_config('search_path', safe_path, true);
        EXECUTE format('COMMENT ON %s %I.%I IS %L', kind, target_schema, item.view_name, 'crm_metrics kpi: ' || item.description);
        EXECUTE (SELECT string_agg(format('COMMENT ON COLUMN %I.%I.%I IS %L', target_schema, item.view_name, c.column_name, c.meaning),
                                   '; ' ORDER BY c.ordinal)
                 FROM crm_kpi_view_columns(item.view_name) AS c);
        IF kind = 'TABLE' THEN
            PERFORM crm_fit_kpi_models(target_schema);
        END IF;
        status := 'created';
        reason := NULL;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION crm_create_kpi_views(name, jsonb) IS
    'create the KPI views whose entities a schema has, in place of those made before, and say which';

CREATE FUNCTION crm_refresh_kpi_views(target_schema name, "concurrently" boolean DEFAULT false,
        OUT view_name text, OUT status text)
    RETURNS SETOF record
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 100000 ROWS 40
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    extension_schema constant name := (
        SELECT n.nspname FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
        WHERE e.extname = 'crm_metrics');
BEGIN
    PERFORM set_config('search_path', format('pg_catalog, %I, pg_temp', extension_schema), true);
    PERFORM crm_lock_target_schema(target_schema);
    IF NOT EXISTS (SELECT FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                   WHERE n.nspname = target_schema AND c.relname = 'kpi_models'
                     AND obj_description(c.oid, 'pg_class') LIKE 'crm_metrics kpi:%') THEN
        RAISE EXCEPTION 'schema "%" has no KPI views', target_schema
            USING ERRCODE = 'undefined_table', HINT = 'Create them with crm_create_kpi_views.';
    END IF;
    PERFORM crm_fit_kpi_models(target_schema);
    view_name := 'kpi_models';
    status := 'fitted';
    RETURN NEXT;
    FOR view_name IN
        SELECT c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = target_schema AND c.relkind = 'm' AND obj_description(c.oid, 'pg_class') LIKE 'crm_metrics kpi:%'
        ORDER BY c.oid
    LOOP
        EXECUTE format(CASE WHEN "concurrently" THEN 'REFRESH MATERIALIZED VIEW CONCURRENTLY %I.%I'
                            ELSE 'REFRESH MATERIALIZED VIEW %I.%I' END, target_schema, view_name);
        status := 'refreshed';
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION crm_refresh_kpi_views(name, boolean) IS
    'fit the models of customer value anew, and refresh the KPI views where they are materialised';
