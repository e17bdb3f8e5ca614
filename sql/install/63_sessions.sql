-- Sessions: events that follow one another within a gap.

CREATE FUNCTION crm_session_no_support(internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_session_no_support(internal) IS
    'planner support of crm_session_no: the number never falls';

CREATE FUNCTION crm_session_no(ts timestamptz, gap interval, max_length interval DEFAULT NULL, starts_new boolean DEFAULT false)
    RETURNS bigint
    AS 'MODULE_PATHNAME', 'crm_session_no'
    LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE COST 1 SUPPORT crm_session_no_support;
COMMENT ON FUNCTION crm_session_no(timestamptz, interval, interval, boolean) IS
    'window function: number of the session, which ends when the next event comes more than gap after the last, more than max_length after the first, or starts a new one';

CREATE FUNCTION crm_session_no(ts timestamp, gap interval, max_length interval DEFAULT NULL, starts_new boolean DEFAULT false)
    RETURNS bigint
    AS 'MODULE_PATHNAME', 'crm_session_no_timestamp'
    LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE COST 1 SUPPORT crm_session_no_support;
COMMENT ON FUNCTION crm_session_no(timestamp, interval, interval, boolean) IS
    'window function: number of the session, which ends when the next event comes more than gap after the last, more than max_length after the first, or starts a new one';

CREATE FUNCTION crm_session_no(ts date, gap interval, max_length interval DEFAULT NULL, starts_new boolean DEFAULT false)
    RETURNS bigint
    AS 'MODULE_PATHNAME', 'crm_session_no_date'
    LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE COST 1 SUPPORT crm_session_no_support;
COMMENT ON FUNCTION crm_session_no(date, interval, interval, boolean) IS
    'window function: number of the session, which ends when the next event comes more than gap after the last, more than max_length after the first, or starts a new one';

CREATE FUNCTION crm_session_no(ts bigint, gap bigint, max_length bigint DEFAULT NULL, starts_new boolean DEFAULT false)
    RETURNS bigint
    AS 'MODULE_PATHNAME', 'crm_session_no_bigint'
    LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE COST 1 SUPPORT crm_session_no_support;
COMMENT ON FUNCTION crm_session_no(bigint, bigint, bigint, boolean) IS
    'window function: number of the session, which ends when the next event comes more than gap after the last, more than max_length after the first, or starts a new one';

CREATE TYPE crm_session_stats AS (
    sessions         bigint,
    events           bigint,
    total_duration   interval,
    longest_duration interval,
    bounces          bigint
);
COMMENT ON TYPE crm_session_stats IS
    'a customer''s sessions: how many, of how many events, how long in all and at most, and how many of a single event';

CREATE TYPE crm_session_stats_bigint AS (
    sessions         bigint,
    events           bigint,
    total_duration   bigint,
    longest_duration bigint,
    bounces          bigint
);
COMMENT ON TYPE crm_session_stats_bigint IS
    'crm_session_stats where time is a bigint: durations are in its units';

CREATE TYPE crm_session AS (
    session_no bigint,
    started    timestamptz,
    ended      timestamptz,
    events     bigint,
    duration   interval
);
COMMENT ON TYPE crm_session IS
    'a session: its number from 1, its first and last event, how many events, and the time between the two';

CREATE TYPE crm_session_timestamp AS (
    session_no bigint,
    started    timestamp,
    ended      timestamp,
    events     bigint,
    duration   interval
);
COMMENT ON TYPE crm_session_timestamp IS
    'a session: its number from 1, its first and last event, how many events, and the time between the two';

CREATE TYPE crm_session_bigint AS (
    session_no bigint,
    started    bigint,
    ended      bigint,
    events     bigint,
    duration   bigint
);
COMMENT ON TYPE crm_session_bigint IS
    'a session: its number from 1, its first and last event, how many events, and the time between the two';

CREATE FUNCTION crm_sessions_transfn(internal, ts timestamptz, gap interval) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_sessions_transfn(internal, timestamptz, interval) IS
    'transition function of crm_sessions and crm_session_stats';

CREATE FUNCTION crm_sessions_transfn(internal, ts timestamp, gap interval) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_sessions_transfn_timestamp' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_sessions_transfn(internal, timestamp, interval) IS
    'transition function of crm_sessions and crm_session_stats';

CREATE FUNCTION crm_sessions_transfn(internal, ts date, gap interval) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_sessions_transfn_date' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_sessions_transfn(internal, date, interval) IS
    'transition function of crm_sessions and crm_session_stats';

CREATE FUNCTION crm_sessions_transfn(internal, ts bigint, gap bigint) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_sessions_transfn_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_sessions_transfn(internal, bigint, bigint) IS
    'transition function of crm_sessions and crm_session_stats';

CREATE FUNCTION crm_sessions_combinefn(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_sessions_combinefn(internal, internal) IS
    'combine function of crm_sessions and crm_session_stats';

CREATE FUNCTION crm_sessions_serialfn(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_sessions_serialfn(internal) IS
    'serial function of crm_sessions and crm_session_stats';

CREATE FUNCTION crm_sessions_deserialfn(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_sessions_deserialfn(bytea, internal) IS
    'deserial function of crm_sessions and crm_session_stats';

CREATE FUNCTION crm_session_stats_finalfn(internal) RETURNS crm_session_stats
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_session_stats_finalfn(internal) IS
    'final function of crm_session_stats';

CREATE FUNCTION crm_session_stats_finalfn_bigint(internal) RETURNS crm_session_stats_bigint
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_session_stats_finalfn_bigint(internal) IS
    'final function of crm_session_stats';

CREATE FUNCTION crm_sessions_finalfn(internal) RETURNS crm_session[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_sessions_finalfn(internal) IS
    'final function of crm_sessions';

CREATE FUNCTION crm_sessions_finalfn_timestamp(internal) RETURNS crm_session_timestamp[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_sessions_finalfn_timestamp(internal) IS
    'final function of crm_sessions';

CREATE FUNCTION crm_sessions_finalfn_bigint(internal) RETURNS crm_session_bigint[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_sessions_finalfn_bigint(internal) IS
    'final function of crm_sessions';

CREATE AGGREGATE crm_session_stats(ts timestamptz, gap interval) (
    SFUNC = crm_sessions_transfn,
    STYPE = internal,
    SSPACE = 320,
    FINALFUNC = crm_session_stats_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_sessions_combinefn,
    SERIALFUNC = crm_sessions_serialfn,
    DESERIALFUNC = crm_sessions_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_session_stats(timestamptz, interval) IS
    'number, events, durations and bounces of the sessions that events form when a gap longer than gap ends a session';

CREATE AGGREGATE crm_session_stats(ts timestamp, gap interval) (
    SFUNC = crm_sessions_transfn,
    STYPE = internal,
    SSPACE = 320,
    FINALFUNC = crm_session_stats_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_sessions_combinefn,
    SERIALFUNC = crm_sessions_serialfn,
    DESERIALFUNC = crm_sessions_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_session_stats(timestamp, interval) IS
    'number, events, durations and bounces of the sessions that events form when a gap longer than gap ends a session';

CREATE AGGREGATE crm_session_stats(ts date, gap interval) (
    SFUNC = crm_sessions_transfn,
    STYPE = internal,
    SSPACE = 320,
    FINALFUNC = crm_session_stats_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_sessions_combinefn,
    SERIALFUNC = crm_sessions_serialfn,
    DESERIALFUNC = crm_sessions_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_session_stats(date, interval) IS
    'number, events, durations and bounces of the sessions that events form when a gap longer than gap ends a session';

CREATE AGGREGATE crm_session_stats(ts bigint, gap bigint) (
    SFUNC = crm_sessions_transfn,
    STYPE = internal,
    SSPACE = 320,
    FINALFUNC = crm_session_stats_finalfn_bigint,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_sessions_combinefn,
    SERIALFUNC = crm_sessions_serialfn,
    DESERIALFUNC = crm_sessions_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_session_stats(bigint, bigint) IS
    'number, events, durations and bounces of the sessions that events form when a gap longer than gap ends a session';

CREATE AGGREGATE crm_sessions(ts timestamptz, gap interval) (
    SFUNC = crm_sessions_transfn,
    STYPE = internal,
    SSPACE = 320,
    FINALFUNC = crm_sessions_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_sessions_combinefn,
    SERIALFUNC = crm_sessions_serialfn,
    DESERIALFUNC = crm_sessions_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_sessions(timestamptz, interval) IS
    'the sessions that events form when a gap longer than gap ends a session, in order of time; unnest them';

CREATE AGGREGATE crm_sessions(ts timestamp, gap interval) (
    SFUNC = crm_sessions_transfn,
    STYPE = internal,
    SSPACE = 320,
    FINALFUNC = crm_sessions_finalfn_timestamp,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_sessions_combinefn,
    SERIALFUNC = crm_sessions_serialfn,
    DESERIALFUNC = crm_sessions_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_sessions(timestamp, interval) IS
    'the sessions that events form when a gap longer than gap ends a session, in order of time; unnest them';

CREATE AGGREGATE crm_sessions(ts date, gap interval) (
    SFUNC = crm_sessions_transfn,
    STYPE = internal,
    SSPACE = 320,
    FINALFUNC = crm_sessions_finalfn_timestamp,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_sessions_combinefn,
    SERIALFUNC = crm_sessions_serialfn,
    DESERIALFUNC = crm_sessions_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_sessions(date, interval) IS
    'the sessions that events form when a gap longer than gap ends a session, in order of time; unnest them';

CREATE AGGREGATE crm_sessions(ts bigint, gap bigint) (
    SFUNC = crm_sessions_transfn,
    STYPE = internal,
    SSPACE = 320,
    FINALFUNC = crm_sessions_finalfn_bigint,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_sessions_combinefn,
    SERIALFUNC = crm_sessions_serialfn,
    DESERIALFUNC = crm_sessions_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_sessions(bigint, bigint) IS
    'the sessions that events form when a gap longer than gap ends a session, in order of time; unnest them';
