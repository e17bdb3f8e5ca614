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
CREATE FUNCTION crm_attribute_transfn(internal, def crm_attribution_def, ts date, channel text,
                                      is_touch boolean)
    RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_attribute_transfn_date'
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
CREATE FUNCTION crm_attribute_transfn(internal, def crm_attribution_def, ts date, channel text,
                                      is_touch boolean, value numeric)
    RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_attribute_transfn_date'
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_attribute_transfn(internal, crm_attribution_def, timestamptz, text, boolean) IS
    'transition function of crm_attribute without values';
COMMENT ON FUNCTION crm_attribute_transfn(internal, crm_attribution_def, timestamptz, text, boolean, numeric) IS
    'transition function of crm_attribute';
COMMENT ON FUNCTION crm_attribute_transfn(internal, crm_attribution_def, timestamp, text, boolean) IS
    'transition function of crm_attribute without values, over local times';
COMMENT ON FUNCTION crm_attribute_transfn(internal, crm_attribution_def, timestamp, text, boolean, numeric) IS
    'transition function of crm_attribute over local times';
COMMENT ON FUNCTION crm_attribute_transfn(internal, crm_attribution_def, date, text, boolean) IS
    'transition function of crm_attribute without values, over dates';
COMMENT ON FUNCTION crm_attribute_transfn(internal, crm_attribution_def, date, text, boolean, numeric) IS
    'transition function of crm_attribute over dates';

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
CREATE AGGREGATE crm_attribute(def crm_attribution_def, ts date, channel text, is_touch boolean) (
    SFUNC = crm_attribute_transfn, STYPE = internal, SSPACE = 400,
    COMBINEFUNC = crm_attribute_combinefn,
    SERIALFUNC = crm_attribute_serialfn, DESERIALFUNC = crm_attribute_deserialfn,
    FINALFUNC = crm_attribute_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
CREATE AGGREGATE crm_attribute(def crm_attribution_def, ts date, channel text, is_touch boolean,
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
COMMENT ON AGGREGATE crm_attribute(crm_attribution_def, date, text, boolean) IS
    'credit of a customer''s conversions (is_touch false) by channel of the touches before them (is_touch true), dates in place of times';
COMMENT ON AGGREGATE crm_attribute(crm_attribution_def, date, text, boolean, numeric) IS
    'credit and value of a customer''s conversions (is_touch false) by channel of the touches before them (is_touch true), dates in place of times';

-- From paths

CREATE TYPE crm_attribution_effect AS (
    channel        text,
    removal_effect double precision,
    share          double precision,
    conversions    double precision,
    value          double precision
);
COMMENT ON TYPE crm_attribution_effect IS
    'share of the conversions lost without a channel, its share of the credit, and the conversions and value that this makes; channel NULL has the conversions without touches';

CREATE TYPE crm_attribution_summary;

CREATE FUNCTION crm_attribution_summary_in(cstring) RETURNS crm_attribution_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
CREATE FUNCTION crm_attribution_summary_out(crm_attribution_summary) RETURNS cstring
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
CREATE FUNCTION crm_attribution_summary_recv(internal) RETURNS crm_attribution_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
CREATE FUNCTION crm_attribution_summary_send(crm_attribution_summary) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_attribution_summary_in(cstring) IS 'input function of crm_attribution_summary';
COMMENT ON FUNCTION crm_attribution_summary_out(crm_attribution_summary) IS 'output function of crm_attribution_summary';
COMMENT ON FUNCTION crm_attribution_summary_recv(internal) IS 'binary input function of crm_attribution_summary';
COMMENT ON FUNCTION crm_attribution_summary_send(crm_attribution_summary) IS 'binary output function of crm_attribution_summary';

CREATE TYPE crm_attribution_summary (
    INPUT = crm_attribution_summary_in,
    OUTPUT = crm_attribution_summary_out,
    RECEIVE = crm_attribution_summary_recv,
    SEND = crm_attribution_summary_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = extended
);
COMMENT ON TYPE crm_attribution_summary IS
    'moves between channels in customers'' paths, and conversions by channel: what crm_attribution_markov and crm_attribution_shapley need; mergeable with crm_rollup';

CREATE FUNCTION crm_attribution_summary_to_jsonb(crm_attribution_summary) RETURNS jsonb
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_attribution_summary_to_jsonb(crm_attribution_summary) IS
    'moves by name, null being the outside, and paths lost in each channel, as a JSON object';
CREATE CAST (crm_attribution_summary AS jsonb) WITH FUNCTION crm_attribution_summary_to_jsonb(crm_attribution_summary);
COMMENT ON CAST (crm_attribution_summary AS jsonb) IS
    'moves by name, null being the outside, and paths lost in each channel, as a JSON object';

CREATE FUNCTION crm_attribution_markov(summary crm_attribution_summary) RETURNS crm_attribution_effect[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100000;
COMMENT ON FUNCTION crm_attribution_markov(crm_attribution_summary) IS
    'credit of channels by removal effect in a first-order Markov chain, exact';
CREATE FUNCTION crm_attribution_shapley(summary crm_attribution_summary) RETURNS crm_attribution_effect[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_attribution_shapley(crm_attribution_summary) IS
    'credit of channels by Shapley value, exact';


CREATE FUNCTION crm_attribution_paths_transfn(internal, path text[], converted boolean) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_attribution_paths_transfn(internal, text[], boolean) IS
    'transition function of crm_attribution_agg, crm_attribution_markov and crm_attribution_shapley, without values';

CREATE FUNCTION crm_attribution_paths_transfn(internal, path text[], converted boolean, value numeric) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_attribution_paths_transfn(internal, text[], boolean, numeric) IS
    'transition function of crm_attribution_agg, crm_attribution_markov and crm_attribution_shapley';

CREATE FUNCTION crm_attribution_paths_transfn(internal, path text[], conversions bigint, losses bigint, value numeric) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_attribution_paths_transfn_counts' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_attribution_paths_transfn(internal, text[], bigint, bigint, numeric) IS
    'transition function of crm_attribution_agg, crm_attribution_markov and crm_attribution_shapley, of paths that were counted before';

CREATE FUNCTION crm_attribution_rollup_transfn(internal, summary crm_attribution_summary) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_attribution_rollup_transfn(internal, crm_attribution_summary) IS
    'transition function of crm_rollup';

CREATE FUNCTION crm_attribution_paths_combinefn(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
CREATE FUNCTION crm_attribution_paths_serialfn(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
CREATE FUNCTION crm_attribution_paths_deserialfn(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
CREATE FUNCTION crm_attribution_agg_finalfn(internal) RETURNS crm_attribution_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
CREATE FUNCTION crm_attribution_markov_finalfn(internal) RETURNS crm_attribution_effect[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100000;
CREATE FUNCTION crm_attribution_shapley_finalfn(internal) RETURNS crm_attribution_effect[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_attribution_paths_combinefn(internal, internal) IS
    'combine function of aggregates over paths';
COMMENT ON FUNCTION crm_attribution_paths_serialfn(internal) IS
    'serialization function of aggregates over paths';
COMMENT ON FUNCTION crm_attribution_paths_deserialfn(bytea, internal) IS
    'deserialization function of aggregates over paths';
COMMENT ON FUNCTION crm_attribution_agg_finalfn(internal) IS
    'final function of crm_attribution_agg and crm_rollup';
COMMENT ON FUNCTION crm_attribution_markov_finalfn(internal) IS
    'final function of crm_attribution_markov';
COMMENT ON FUNCTION crm_attribution_shapley_finalfn(internal) IS
    'final function of crm_attribution_shapley';


CREATE AGGREGATE crm_attribution_agg(path text[], converted boolean) (
    SFUNC = crm_attribution_paths_transfn, STYPE = internal, SSPACE = 10000,
    COMBINEFUNC = crm_attribution_paths_combinefn,
    SERIALFUNC = crm_attribution_paths_serialfn, DESERIALFUNC = crm_attribution_paths_deserialfn,
    FINALFUNC = crm_attribution_agg_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_attribution_agg(text[], boolean) IS
    'summary of customers'' paths, without values';

CREATE AGGREGATE crm_attribution_agg(path text[], converted boolean, value numeric) (
    SFUNC = crm_attribution_paths_transfn, STYPE = internal, SSPACE = 10000,
    COMBINEFUNC = crm_attribution_paths_combinefn,
    SERIALFUNC = crm_attribution_paths_serialfn, DESERIALFUNC = crm_attribution_paths_deserialfn,
    FINALFUNC = crm_attribution_agg_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_attribution_agg(text[], boolean, numeric) IS
    'summary of customers'' paths';

CREATE AGGREGATE crm_attribution_agg(path text[], conversions bigint, losses bigint, value numeric) (
    SFUNC = crm_attribution_paths_transfn, STYPE = internal, SSPACE = 10000,
    COMBINEFUNC = crm_attribution_paths_combinefn,
    SERIALFUNC = crm_attribution_paths_serialfn, DESERIALFUNC = crm_attribution_paths_deserialfn,
    FINALFUNC = crm_attribution_agg_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_attribution_agg(text[], bigint, bigint, numeric) IS
    'summary of customers'' paths, of paths that were counted before';

CREATE AGGREGATE crm_attribution_markov(path text[], converted boolean) (
    SFUNC = crm_attribution_paths_transfn, STYPE = internal, SSPACE = 10000,
    COMBINEFUNC = crm_attribution_paths_combinefn,
    SERIALFUNC = crm_attribution_paths_serialfn, DESERIALFUNC = crm_attribution_paths_deserialfn,
    FINALFUNC = crm_attribution_markov_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_attribution_markov(text[], boolean) IS
    'credit of channels by removal effect in a first-order Markov chain of customers'' paths, exact, without values';

CREATE AGGREGATE crm_attribution_markov(path text[], converted boolean, value numeric) (
    SFUNC = crm_attribution_paths_transfn, STYPE = internal, SSPACE = 10000,
    COMBINEFUNC = crm_attribution_paths_combinefn,
    SERIALFUNC = crm_attribution_paths_serialfn, DESERIALFUNC = crm_attribution_paths_deserialfn,
    FINALFUNC = crm_attribution_markov_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_attribution_markov(text[], boolean, numeric) IS
    'credit of channels by removal effect in a first-order Markov chain of customers'' paths, exact';

CREATE AGGREGATE crm_attribution_markov(path text[], conversions bigint, losses bigint, value numeric) (
    SFUNC = crm_attribution_paths_transfn, STYPE = internal, SSPACE = 10000,
    COMBINEFUNC = crm_attribution_paths_combinefn,
    SERIALFUNC = crm_attribution_paths_serialfn, DESERIALFUNC = crm_attribution_paths_deserialfn,
    FINALFUNC = crm_attribution_markov_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_attribution_markov(text[], bigint, bigint, numeric) IS
    'credit of channels by removal effect in a first-order Markov chain of customers'' paths, exact, of paths that were counted before';

CREATE AGGREGATE crm_attribution_shapley(path text[], converted boolean) (
    SFUNC = crm_attribution_paths_transfn, STYPE = internal, SSPACE = 10000,
    COMBINEFUNC = crm_attribution_paths_combinefn,
    SERIALFUNC = crm_attribution_paths_serialfn, DESERIALFUNC = crm_attribution_paths_deserialfn,
    FINALFUNC = crm_attribution_shapley_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_attribution_shapley(text[], boolean) IS
    'credit of channels by Shapley value of customers'' paths, exact, without values';

CREATE AGGREGATE crm_attribution_shapley(path text[], converted boolean, value numeric) (
    SFUNC = crm_attribution_paths_transfn, STYPE = internal, SSPACE = 10000,
    COMBINEFUNC = crm_attribution_paths_combinefn,
    SERIALFUNC = crm_attribution_paths_serialfn, DESERIALFUNC = crm_attribution_paths_deserialfn,
    FINALFUNC = crm_attribution_shapley_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_attribution_shapley(text[], boolean, numeric) IS
    'credit of channels by Shapley value of customers'' paths, exact';

CREATE AGGREGATE crm_attribution_shapley(path text[], conversions bigint, losses bigint, value numeric) (
    SFUNC = crm_attribution_paths_transfn, STYPE = internal, SSPACE = 10000,
    COMBINEFUNC = crm_attribution_paths_combinefn,
    SERIALFUNC = crm_attribution_paths_serialfn, DESERIALFUNC = crm_attribution_paths_deserialfn,
    FINALFUNC = crm_attribution_shapley_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_attribution_shapley(text[], bigint, bigint, numeric) IS
    'credit of channels by Shapley value of customers'' paths, exact, of paths that were counted before';

CREATE AGGREGATE crm_rollup(summary crm_attribution_summary) (
    SFUNC = crm_attribution_rollup_transfn, STYPE = internal, SSPACE = 10000,
    COMBINEFUNC = crm_attribution_paths_combinefn,
    SERIALFUNC = crm_attribution_paths_serialfn, DESERIALFUNC = crm_attribution_paths_deserialfn,
    FINALFUNC = crm_attribution_agg_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rollup(crm_attribution_summary) IS
    'summary of the paths of several summaries';
