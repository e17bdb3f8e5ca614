-- Pipeline: time in stage, stage conversion, and what deals' outcomes say.

-- Time in stage

CREATE TYPE crm_stage_duration AS (
    stage      text,
    entered_at timestamptz,
    duration   interval,
    visits     integer,
    is_open    boolean
);
COMMENT ON TYPE crm_stage_duration IS
    'what an opportunity did in one stage: when it first entered, elapsed time of all its stays, how many they were, whether it is there still';

CREATE FUNCTION crm_stage_durations_transfn(internal, text, timestamptz, timestamptz) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_stage_durations_transfn(internal, text, timestamptz, timestamptz) IS
    'support: add a stage change to crm_stage_durations';
CREATE FUNCTION crm_stage_durations_transfn(internal, text, timestamptz, timestamptz, text[]) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_stage_durations_transfn(internal, text, timestamptz, timestamptz, text[]) IS
    'support: add a stage change to crm_stage_durations';
CREATE FUNCTION crm_stage_durations_combinefn(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_stage_durations_combinefn(internal, internal) IS
    'support: merge two states of crm_stage_durations';
CREATE FUNCTION crm_stage_durations_serialfn(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_stage_durations_serialfn(internal) IS
    'support: write a state of crm_stage_durations';
CREATE FUNCTION crm_stage_durations_deserialfn(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_stage_durations_deserialfn(bytea, internal) IS
    'support: read a state of crm_stage_durations';
CREATE FUNCTION crm_stage_durations_finalfn(internal) RETURNS crm_stage_duration[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_stage_durations_finalfn(internal) IS
    'support: result of crm_stage_durations';

CREATE AGGREGATE crm_stage_durations(stage text, entered_at timestamptz, as_of timestamptz) (
    SFUNC = crm_stage_durations_transfn, STYPE = internal, SSPACE = 144,
    FINALFUNC = crm_stage_durations_finalfn, FINALFUNC_MODIFY = read_only,
    COMBINEFUNC = crm_stage_durations_combinefn,
    SERIALFUNC = crm_stage_durations_serialfn, DESERIALFUNC = crm_stage_durations_deserialfn,
    PARALLEL = safe
);
COMMENT ON AGGREGATE crm_stage_durations(text, timestamptz, timestamptz) IS
    'time that an opportunity spent in each stage up to as_of, from its stage changes: one element a stage, to unnest';
CREATE AGGREGATE crm_stage_durations(stage text, entered_at timestamptz, as_of timestamptz, closed_stages text[]) (
    SFUNC = crm_stage_durations_transfn, STYPE = internal, SSPACE = 144,
    FINALFUNC = crm_stage_durations_finalfn, FINALFUNC_MODIFY = read_only,
    COMBINEFUNC = crm_stage_durations_combinefn,
    SERIALFUNC = crm_stage_durations_serialfn, DESERIALFUNC = crm_stage_durations_deserialfn,
    PARALLEL = safe
);
COMMENT ON AGGREGATE crm_stage_durations(text, timestamptz, timestamptz, text[]) IS
    'time that an opportunity spent in each stage up to as_of; a last stay in one of closed_stages is not measured';
