-- Sequences: patterns of events, in order of time.

CREATE FUNCTION crm_sequence_transfn(internal, pattern text, ts timestamptz, VARIADIC conditions "any") RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_sequence_transfn(internal, text, timestamptz, "any") IS
    'transition function of crm_sequence_match, crm_sequence_count and crm_sequence_events';

CREATE FUNCTION crm_sequence_transfn(internal, pattern text, ts timestamp, VARIADIC conditions "any") RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_sequence_transfn_timestamp' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_sequence_transfn(internal, text, timestamp, "any") IS
    'transition function of crm_sequence_match, crm_sequence_count and crm_sequence_events';

CREATE FUNCTION crm_sequence_transfn(internal, pattern text, ts bigint, VARIADIC conditions "any") RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_sequence_transfn_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_sequence_transfn(internal, text, bigint, "any") IS
    'transition function of crm_sequence_match, crm_sequence_count and crm_sequence_events';

CREATE FUNCTION crm_sequence_combinefn(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_sequence_combinefn(internal, internal) IS
    'combine function of crm_sequence_match, crm_sequence_count and crm_sequence_events';

CREATE FUNCTION crm_sequence_serialfn(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_sequence_serialfn(internal) IS
    'serial function of crm_sequence_match, crm_sequence_count and crm_sequence_events';

CREATE FUNCTION crm_sequence_deserialfn(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_sequence_deserialfn(bytea, internal) IS
    'deserial function of crm_sequence_match, crm_sequence_count and crm_sequence_events';

CREATE FUNCTION crm_sequence_match_finalfn(internal) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_sequence_match_finalfn(internal) IS
    'final function of crm_sequence_match';

CREATE FUNCTION crm_sequence_count_finalfn(internal) RETURNS bigint
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_sequence_count_finalfn(internal) IS
    'final function of crm_sequence_count';

CREATE FUNCTION crm_sequence_events_finalfn(internal) RETURNS timestamptz[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_sequence_events_finalfn(internal) IS
    'final function of crm_sequence_events';

CREATE FUNCTION crm_sequence_events_finalfn_timestamp(internal) RETURNS timestamp[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_sequence_events_finalfn_timestamp(internal) IS
    'final function of crm_sequence_events';

CREATE FUNCTION crm_sequence_events_finalfn_bigint(internal) RETURNS bigint[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_sequence_events_finalfn_bigint(internal) IS
    'final function of crm_sequence_events';

CREATE AGGREGATE crm_sequence_match(pattern text, ts timestamptz, VARIADIC conditions "any") (
    SFUNC = crm_sequence_transfn,
    STYPE = internal,
    SSPACE = 320,
    FINALFUNC = crm_sequence_match_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_sequence_combinefn,
    SERIALFUNC = crm_sequence_serialfn,
    DESERIALFUNC = crm_sequence_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_sequence_match(text, timestamptz, "any") IS
    'whether the events of a group match a pattern such as (?1).*(?2)(?t<=3600)(?3), where (?N) is an event for which condition N holds';

CREATE AGGREGATE crm_sequence_match(pattern text, ts timestamp, VARIADIC conditions "any") (
    SFUNC = crm_sequence_transfn,
    STYPE = internal,
    SSPACE = 320,
    FINALFUNC = crm_sequence_match_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_sequence_combinefn,
    SERIALFUNC = crm_sequence_serialfn,
    DESERIALFUNC = crm_sequence_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_sequence_match(text, timestamp, "any") IS
    'whether the events of a group match a pattern such as (?1).*(?2)(?t<=3600)(?3), where (?N) is an event for which condition N holds';

CREATE AGGREGATE crm_sequence_match(pattern text, ts bigint, VARIADIC conditions "any") (
    SFUNC = crm_sequence_transfn,
    STYPE = internal,
    SSPACE = 320,
    FINALFUNC = crm_sequence_match_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_sequence_combinefn,
    SERIALFUNC = crm_sequence_serialfn,
    DESERIALFUNC = crm_sequence_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_sequence_match(text, bigint, "any") IS
    'whether the events of a group match a pattern such as (?1).*(?2)(?t<=3600)(?3), where (?N) is an event for which condition N holds';

CREATE AGGREGATE crm_sequence_count(pattern text, ts timestamptz, VARIADIC conditions "any") (
    SFUNC = crm_sequence_transfn,
    STYPE = internal,
    SSPACE = 320,
    FINALFUNC = crm_sequence_count_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_sequence_combinefn,
    SERIALFUNC = crm_sequence_serialfn,
    DESERIALFUNC = crm_sequence_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_sequence_count(text, timestamptz, "any") IS
    'how many matches of a pattern the events of a group have that do not overlap';

CREATE AGGREGATE crm_sequence_count(pattern text, ts timestamp, VARIADIC conditions "any") (
    SFUNC = crm_sequence_transfn,
    STYPE = internal,
    SSPACE = 320,
    FINALFUNC = crm_sequence_count_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_sequence_combinefn,
    SERIALFUNC = crm_sequence_serialfn,
    DESERIALFUNC = crm_sequence_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_sequence_count(text, timestamp, "any") IS
    'how many matches of a pattern the events of a group have that do not overlap';

CREATE AGGREGATE crm_sequence_count(pattern text, ts bigint, VARIADIC conditions "any") (
    SFUNC = crm_sequence_transfn,
    STYPE = internal,
    SSPACE = 320,
    FINALFUNC = crm_sequence_count_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_sequence_combinefn,
    SERIALFUNC = crm_sequence_serialfn,
    DESERIALFUNC = crm_sequence_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_sequence_count(text, bigint, "any") IS
    'how many matches of a pattern the events of a group have that do not overlap';

CREATE AGGREGATE crm_sequence_events(pattern text, ts timestamptz, VARIADIC conditions "any") (
    SFUNC = crm_sequence_transfn,
    STYPE = internal,
    SSPACE = 320,
    FINALFUNC = crm_sequence_events_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_sequence_combinefn,
    SERIALFUNC = crm_sequence_serialfn,
    DESERIALFUNC = crm_sequence_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_sequence_events(text, timestamptz, "any") IS
    'times of the events of the first match of a pattern, NULL if there is none';

CREATE AGGREGATE crm_sequence_events(pattern text, ts timestamp, VARIADIC conditions "any") (
    SFUNC = crm_sequence_transfn,
    STYPE = internal,
    SSPACE = 320,
    FINALFUNC = crm_sequence_events_finalfn_timestamp,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_sequence_combinefn,
    SERIALFUNC = crm_sequence_serialfn,
    DESERIALFUNC = crm_sequence_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_sequence_events(text, timestamp, "any") IS
    'times of the events of the first match of a pattern, NULL if there is none';

CREATE AGGREGATE crm_sequence_events(pattern text, ts bigint, VARIADIC conditions "any") (
    SFUNC = crm_sequence_transfn,
    STYPE = internal,
    SSPACE = 320,
    FINALFUNC = crm_sequence_events_finalfn_bigint,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_sequence_combinefn,
    SERIALFUNC = crm_sequence_serialfn,
    DESERIALFUNC = crm_sequence_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_sequence_events(text, bigint, "any") IS
    'times of the events of the first match of a pattern, NULL if there is none';
