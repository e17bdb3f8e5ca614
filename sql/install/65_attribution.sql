-- Attribution: which channels the conversions are credited to.

-- The definition

CREATE TYPE crm_attribution_def;

CREATE FUNCTION crm_attribution_def_in(cstring) RETURNS crm_attribution_def
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION crm_attribution_def_out(crm_attribution_def) RETURNS cstring
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION crm_attribution_def_recv(internal) RETURNS crm_attribution_def
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION crm_attribution_def_send(crm_attribution_def) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_attribution_def_in(cstring) IS 'input function of crm_attribution_def';
COMMENT ON FUNCTION crm_attribution_def_out(crm_attribution_def) IS 'output function of crm_attribution_def';
COMMENT ON FUNCTION crm_attribution_def_recv(internal) IS 'binary input function of crm_attribution_def';
COMMENT ON FUNCTION crm_attribution_def_send(crm_attribution_def) IS 'binary output function of crm_attribution_def';

CREATE TYPE crm_attribution_def (
    INPUT = crm_attribution_def_in,
    OUTPUT = crm_attribution_def_out,
    RECEIVE = crm_attribution_def_recv,
    SEND = crm_attribution_def_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = extended
);
COMMENT ON TYPE crm_attribution_def IS
    'rule by which conversions are credited to channels, made by the function of the same name';

CREATE FUNCTION crm_attribution_def(model text DEFAULT 'linear', lookback interval DEFAULT NULL,
                                    half_life interval DEFAULT NULL, weights double precision[] DEFAULT NULL,
                                    ignore text[] DEFAULT NULL, reset_on_conversion boolean DEFAULT false)
    RETURNS crm_attribution_def
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_attribution_def(text, interval, interval, double precision[], text[], boolean) IS
    'rule for crm_attribute: model linear, first, last, last_non_direct, position, time_decay or custom; how far back touches count; half-life of time_decay; weights of position and custom; channels to ignore; whether a conversion uses up the touches before it';

-- Rules, customer by customer

CREATE TYPE crm_attribution_credit AS (
    channel     text,
    conversions numeric,
    value       numeric
);
COMMENT ON TYPE crm_attribution_credit IS
    'conversions and value credited to a channel; channel NULL has the conversions without touches';

CREATE FUNCTION crm_attribute_transfn(internal, def crm_attribution_def, ts timestamptz, channel text,
                                      is_touch boolean)
    RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
CREATE FUNCTION crm_attribute_transfn(internal, def crm_attribution_def, ts timestamptz, channel text,
                                      is_touch boolean, value numeric)
    RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
CREATE FUNCTION crm_attribute_transfn(internal, def crm_attribution_def, ts timestamp, channel text,
                                      is_touch boolean)
    RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_attribute_transfn_local'
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
CREATE FUNCTION crm_attribute_transfn(internal, def crm_attribution_def, ts timestamp, channel text,
                                      is_touch boolean, value numeric)
    RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_attribute_transfn_local'
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_attribute_transfn(internal, crm_attribution_def, timestamptz, text, boolean) IS
    'transition function of crm_attribute without values';
COMMENT ON FUNCTION crm_attribute_transfn(internal, crm_attribution_def, timestamptz, text, boolean, numeric) IS
    'transition function of crm_attribute';
COMMENT ON FUNCTION crm_attribute_transfn(internal, crm_attribution_def, timestamp, text, boolean) IS
    'transition function of crm_attribute without values, over local times';
COMMENT ON FUNCTION crm_attribute_transfn(internal, crm_attribution_def, timestamp, text, boolean, numeric) IS
    'transition function of crm_attribute over local times';

CREATE FUNCTION crm_attribute_combinefn(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
CREATE FUNCTION crm_attribute_serialfn(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE FUNCTION crm_attribute_deserialfn(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
-- A lookback in days or months is one of the session's time zone.
CREATE FUNCTION crm_attribute_finalfn(internal) RETURNS crm_attribution_credit[]
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_attribute_combinefn(internal, internal) IS 'combine function of crm_attribute';
COMMENT ON FUNCTION crm_attribute_serialfn(internal) IS 'serialization function of crm_attribute';
COMMENT ON FUNCTION crm_attribute_deserialfn(bytea, internal) IS 'deserialization function of crm_attribute';
COMMENT ON FUNCTION crm_attribute_finalfn(internal) IS 'final function of crm_attribute';

CREATE AGGREGATE crm_attribute(def crm_attribution_def, ts timestamptz, channel text, is_touch boolean) (
    SFUNC = crm_attribute_transfn, STYPE = internal, SSPACE = 400,
    COMBINEFUNC = crm_attribute_combinefn,
    SERIALFUNC = crm_attribute_serialfn, DESERIALFUNC = crm_attribute_deserialfn,
    FINALFUNC = crm_attribute_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
CREATE AGGREGATE crm_attribute(def crm_attribution_def, ts timestamptz, channel text, is_touch boolean,
                               value numeric) (
    SFUNC = crm_attribute_transfn, STYPE = internal, SSPACE = 400,
    COMBINEFUNC = crm_attribute_combinefn,
    SERIALFUNC = crm_attribute_serialfn, DESERIALFUNC = crm_attribute_deserialfn,
    FINALFUNC = crm_attribute_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
CREATE AGGREGATE crm_attribute(def crm_attribution_def, ts timestamp, channel text, is_touch boolean) (
    SFUNC = crm_attribute_transfn, STYPE = internal, SSPACE = 400,
    COMBINEFUNC = crm_attribute_combinefn,
    SERIALFUNC = crm_attribute_serialfn, DESERIALFUNC = crm_attribute_deserialfn,
    FINALFUNC = crm_attribute_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
CREATE AGGREGATE crm_attribute(def crm_attribution_def, ts timestamp, channel text, is_touch boolean,
                               value numeric) (
    SFUNC = crm_attribute_transfn, STYPE = internal, SSPACE = 400,
    COMBINEFUNC = crm_attribute_combinefn,
    SERIALFUNC = crm_attribute_serialfn, DESERIALFUNC = crm_attribute_deserialfn,
    FINALFUNC = crm_attribute_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_attribute(crm_attribution_def, timestamptz, text, boolean) IS
    'credit of a customer''s conversions (is_touch false) by channel of the touches before them (is_touch true)';
COMMENT ON AGGREGATE crm_attribute(crm_attribution_def, timestamptz, text, boolean, numeric) IS
    'credit and value of a customer''s conversions (is_touch false) by channel of the touches before them (is_touch true)';
COMMENT ON AGGREGATE crm_attribute(crm_attribution_def, timestamp, text, boolean) IS
    'credit of a customer''s conversions (is_touch false) by channel of the touches before them (is_touch true), times without a zone';
COMMENT ON AGGREGATE crm_attribute(crm_attribution_def, timestamp, text, boolean, numeric) IS
    'credit and value of a customer''s conversions (is_touch false) by channel of the touches before them (is_touch true), times without a zone';
