-- Options of adapters.

CREATE FUNCTION crm_adapter_options(adapter text, options jsonb, defaults jsonb)
    RETURNS jsonb
    LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    given record;
    value text;
BEGIN
    FOR given IN SELECT o.key, o.value, defaults -> o.key AS fallback FROM jsonb_each(options) AS o ORDER BY 1
    LOOP
        IF given.fallback IS NULL THEN
            RAISE EXCEPTION 'adapter "%" has no option "%"', adapter, given.key
                USING ERRCODE = 'invalid_parameter_value',
                      HINT = 'Its options are '
                             || (SELECT string_agg(d.key, ', ' ORDER BY d.key) FROM jsonb_each(defaults) AS d) || '.';
        ELSIF jsonb_typeof(given.value) <> jsonb_typeof(given.fallback) THEN
            RAISE EXCEPTION 'option "%" of adapter "%" must be % such as %', given.key, adapter,
                CASE jsonb_typeof(given.fallback) WHEN 'array' THEN 'an array' ELSE 'a ' || jsonb_typeof(given.fallback) END,
                given.fallback
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
        IF jsonb_typeof(given.value) = 'array'
           AND EXISTS (SELECT FROM jsonb_array_elements(given.value) AS e WHERE jsonb_typeof(e) <> 'string') THEN
            RAISE EXCEPTION 'option "%" of adapter "%" must be an array of strings, got %', given.key, adapter, given.value
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
        IF given.key LIKE '%time_zone' THEN
            -- an error if there is no such zone
            value := now() AT TIME ZONE (given.value #>> '{}');
        END IF;
    END LOOP;
    RETURN defaults || options;
END
$$;
COMMENT ON FUNCTION crm_adapter_options(text, jsonb, jsonb) IS
    'an adapter''s options: those given, once their names, types and time zones are known to be right, and the defaults of the others';
