-- A history until the end of a calibration time, with what was bought after it.

CREATE TYPE crm_rfm_holdout AS (
    calibration       crm_rfm,
    holdout_purchases integer,
    holdout_total     numeric,
    holdout_length    double precision
);
COMMENT ON TYPE crm_rfm_holdout IS
    'a customer''s history until the calibration end, and purchases, net amount and length of the time held out after it';

CREATE FUNCTION crm_rfm_holdout_transfn(internal, "any", "any", "any", "any") RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_rfm_holdout_transfn(internal, "any", "any", "any", "any") IS
    'transition function of crm_rfm_holdout';

CREATE FUNCTION crm_rfm_holdout_transfn(internal, "any", "any", "any", "any", interval) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_rfm_holdout_transfn(internal, "any", "any", "any", "any", interval) IS
    'transition function of crm_rfm_holdout';

CREATE FUNCTION crm_rfm_holdout_transfn(internal, "any", "any", "any", "any", interval, text) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_rfm_holdout_transfn(internal, "any", "any", "any", "any", interval, text) IS
    'transition function of crm_rfm_holdout';

CREATE FUNCTION crm_rfm_holdout_transfn(internal, "any", "any", "any", "any", interval, text, text) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_rfm_holdout_transfn(internal, "any", "any", "any", "any", interval, text, text) IS
    'transition function of crm_rfm_holdout';

CREATE FUNCTION crm_rfm_holdout_combinefn(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_rfm_holdout_combinefn(internal, internal) IS
    'combine function of crm_rfm_holdout';

CREATE FUNCTION crm_rfm_holdout_serialfn(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_rfm_holdout_serialfn(internal) IS
    'serial function of crm_rfm_holdout';

CREATE FUNCTION crm_rfm_holdout_deserialfn(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_rfm_holdout_deserialfn(bytea, internal) IS
    'deserial function of crm_rfm_holdout';

CREATE FUNCTION crm_rfm_holdout_finalfn(internal) RETURNS crm_rfm_holdout
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_rfm_holdout_finalfn(internal) IS
    'final function of crm_rfm_holdout';

CREATE AGGREGATE crm_rfm_holdout(ordered_at timestamptz, amount numeric, calibration_end timestamptz, observation_end timestamptz) (
    SFUNC = crm_rfm_holdout_transfn, STYPE = internal, SSPACE = 320,
    FINALFUNC = crm_rfm_holdout_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_holdout_combinefn,
    SERIALFUNC = crm_rfm_holdout_serialfn, DESERIALFUNC = crm_rfm_holdout_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm_holdout(timestamptz, numeric, timestamptz, timestamptz) IS
    'a customer''s history until the calibration end, with purchases and net amount after it until the observation end';

CREATE AGGREGATE crm_rfm_holdout(ordered_at timestamptz, amount numeric, calibration_end timestamptz, observation_end timestamptz, time_unit interval) (
    SFUNC = crm_rfm_holdout_transfn, STYPE = internal, SSPACE = 320,
    FINALFUNC = crm_rfm_holdout_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_holdout_combinefn,
    SERIALFUNC = crm_rfm_holdout_serialfn, DESERIALFUNC = crm_rfm_holdout_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm_holdout(timestamptz, numeric, timestamptz, timestamptz, interval) IS
    'a customer''s history until the calibration end, with purchases and net amount after it until the observation end';

CREATE AGGREGATE crm_rfm_holdout(ordered_at timestamptz, amount numeric, calibration_end timestamptz, observation_end timestamptz, time_unit interval, grain text, time_zone text) (
    SFUNC = crm_rfm_holdout_transfn, STYPE = internal, SSPACE = 320,
    FINALFUNC = crm_rfm_holdout_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_holdout_combinefn,
    SERIALFUNC = crm_rfm_holdout_serialfn, DESERIALFUNC = crm_rfm_holdout_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm_holdout(timestamptz, numeric, timestamptz, timestamptz, interval, text, text) IS
    'a customer''s history until the calibration end, with purchases and net amount after it until the observation end; purchases of one hour, day or week, or none, are one purchase, in the named time zone';

CREATE AGGREGATE crm_rfm_holdout(ordered_at timestamptz, amount float8, calibration_end timestamptz, observation_end timestamptz) (
    SFUNC = crm_rfm_holdout_transfn, STYPE = internal, SSPACE = 320,
    FINALFUNC = crm_rfm_holdout_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_holdout_combinefn,
    SERIALFUNC = crm_rfm_holdout_serialfn, DESERIALFUNC = crm_rfm_holdout_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm_holdout(timestamptz, float8, timestamptz, timestamptz) IS
    'a customer''s history until the calibration end, with purchases and net amount after it until the observation end';

CREATE AGGREGATE crm_rfm_holdout(ordered_at timestamptz, amount float8, calibration_end timestamptz, observation_end timestamptz, time_unit interval) (
    SFUNC = crm_rfm_holdout_transfn, STYPE = internal, SSPACE = 320,
    FINALFUNC = crm_rfm_holdout_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_holdout_combinefn,
    SERIALFUNC = crm_rfm_holdout_serialfn, DESERIALFUNC = crm_rfm_holdout_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm_holdout(timestamptz, float8, timestamptz, timestamptz, interval) IS
    'a customer''s history until the calibration end, with purchases and net amount after it until the observation end';

CREATE AGGREGATE crm_rfm_holdout(ordered_at timestamptz, amount float8, calibration_end timestamptz, observation_end timestamptz, time_unit interval, grain text, time_zone text) (
    SFUNC = crm_rfm_holdout_transfn, STYPE = internal, SSPACE = 320,
    FINALFUNC = crm_rfm_holdout_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_holdout_combinefn,
    SERIALFUNC = crm_rfm_holdout_serialfn, DESERIALFUNC = crm_rfm_holdout_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm_holdout(timestamptz, float8, timestamptz, timestamptz, interval, text, text) IS
    'a customer''s history until the calibration end, with purchases and net amount after it until the observation end; purchases of one hour, day or week, or none, are one purchase, in the named time zone';

CREATE AGGREGATE crm_rfm_holdout(ordered_at timestamptz, amount numeric, calibration_end date, observation_end date) (
    SFUNC = crm_rfm_holdout_transfn, STYPE = internal, SSPACE = 320,
    FINALFUNC = crm_rfm_holdout_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_holdout_combinefn,
    SERIALFUNC = crm_rfm_holdout_serialfn, DESERIALFUNC = crm_rfm_holdout_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm_holdout(timestamptz, numeric, date, date) IS
    'a customer''s history until the calibration end, with purchases and net amount after it until the observation end; both ends mean that whole day';

CREATE AGGREGATE crm_rfm_holdout(ordered_at timestamptz, amount numeric, calibration_end date, observation_end date, time_unit interval) (
    SFUNC = crm_rfm_holdout_transfn, STYPE = internal, SSPACE = 320,
    FINALFUNC = crm_rfm_holdout_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_holdout_combinefn,
    SERIALFUNC = crm_rfm_holdout_serialfn, DESERIALFUNC = crm_rfm_holdout_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm_holdout(timestamptz, numeric, date, date, interval) IS
    'a customer''s history until the calibration end, with purchases and net amount after it until the observation end; both ends mean that whole day';

CREATE AGGREGATE crm_rfm_holdout(ordered_at timestamptz, amount numeric, calibration_end date, observation_end date, time_unit interval, grain text, time_zone text) (
    SFUNC = crm_rfm_holdout_transfn, STYPE = internal, SSPACE = 320,
    FINALFUNC = crm_rfm_holdout_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_holdout_combinefn,
    SERIALFUNC = crm_rfm_holdout_serialfn, DESERIALFUNC = crm_rfm_holdout_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm_holdout(timestamptz, numeric, date, date, interval, text, text) IS
    'a customer''s history until the calibration end, with purchases and net amount after it until the observation end; both ends mean that whole day; purchases of one hour, day or week, or none, are one purchase, in the named time zone';

CREATE AGGREGATE crm_rfm_holdout(ordered_at timestamptz, amount float8, calibration_end date, observation_end date) (
    SFUNC = crm_rfm_holdout_transfn, STYPE = internal, SSPACE = 320,
    FINALFUNC = crm_rfm_holdout_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_holdout_combinefn,
    SERIALFUNC = crm_rfm_holdout_serialfn, DESERIALFUNC = crm_rfm_holdout_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm_holdout(timestamptz, float8, date, date) IS
    'a customer''s history until the calibration end, with purchases and net amount after it until the observation end; both ends mean that whole day';

CREATE AGGREGATE crm_rfm_holdout(ordered_at timestamptz, amount float8, calibration_end date, observation_end date, time_unit interval) (
    SFUNC = crm_rfm_holdout_transfn, STYPE = internal, SSPACE = 320,
    FINALFUNC = crm_rfm_holdout_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_holdout_combinefn,
    SERIALFUNC = crm_rfm_holdout_serialfn, DESERIALFUNC = crm_rfm_holdout_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm_holdout(timestamptz, float8, date, date, interval) IS
    'a customer''s history until the calibration end, with purchases and net amount after it until the observation end; both ends mean that whole day';

CREATE AGGREGATE crm_rfm_holdout(ordered_at timestamptz, amount float8, calibration_end date, observation_end date, time_unit interval, grain text, time_zone text) (
    SFUNC = crm_rfm_holdout_transfn, STYPE = internal, SSPACE = 320,
    FINALFUNC = crm_rfm_holdout_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_holdout_combinefn,
    SERIALFUNC = crm_rfm_holdout_serialfn, DESERIALFUNC = crm_rfm_holdout_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm_holdout(timestamptz, float8, date, date, interval, text, text) IS
    'a customer''s history until the calibration end, with purchases and net amount after it until the observation end; both ends mean that whole day; purchases of one hour, day or week, or none, are one purchase, in the named time zone';

CREATE AGGREGATE crm_rfm_holdout(ordered_at timestamp, amount numeric, calibration_end timestamp, observation_end timestamp) (
    SFUNC = crm_rfm_holdout_transfn, STYPE = internal, SSPACE = 320,
    FINALFUNC = crm_rfm_holdout_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_holdout_combinefn,
    SERIALFUNC = crm_rfm_holdout_serialfn, DESERIALFUNC = crm_rfm_holdout_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm_holdout(timestamp, numeric, timestamp, timestamp) IS
    'a customer''s history until the calibration end, with purchases and net amount after it until the observation end';

CREATE AGGREGATE crm_rfm_holdout(ordered_at timestamp, amount numeric, calibration_end timestamp, observation_end timestamp, time_unit interval) (
    SFUNC = crm_rfm_holdout_transfn, STYPE = internal, SSPACE = 320,
    FINALFUNC = crm_rfm_holdout_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_holdout_combinefn,
    SERIALFUNC = crm_rfm_holdout_serialfn, DESERIALFUNC = crm_rfm_holdout_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm_holdout(timestamp, numeric, timestamp, timestamp, interval) IS
    'a customer''s history until the calibration end, with purchases and net amount after it until the observation end';

CREATE AGGREGATE crm_rfm_holdout(ordered_at timestamp, amount numeric, calibration_end timestamp, observation_end timestamp, time_unit interval, grain text) (
    SFUNC = crm_rfm_holdout_transfn, STYPE = internal, SSPACE = 320,
    FINALFUNC = crm_rfm_holdout_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_holdout_combinefn,
    SERIALFUNC = crm_rfm_holdout_serialfn, DESERIALFUNC = crm_rfm_holdout_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm_holdout(timestamp, numeric, timestamp, timestamp, interval, text) IS
    'a customer''s history until the calibration end, with purchases and net amount after it until the observation end; purchases of one hour, day or week, or none, are one purchase';

CREATE AGGREGATE crm_rfm_holdout(ordered_at timestamp, amount float8, calibration_end timestamp, observation_end timestamp) (
    SFUNC = crm_rfm_holdout_transfn, STYPE = internal, SSPACE = 320,
    FINALFUNC = crm_rfm_holdout_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_holdout_combinefn,
    SERIALFUNC = crm_rfm_holdout_serialfn, DESERIALFUNC = crm_rfm_holdout_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm_holdout(timestamp, float8, timestamp, timestamp) IS
    'a customer''s history until the calibration end, with purchases and net amount after it until the observation end';

CREATE AGGREGATE crm_rfm_holdout(ordered_at timestamp, amount float8, calibration_end timestamp, observation_end timestamp, time_unit interval) (
    SFUNC = crm_rfm_holdout_transfn, STYPE = internal, SSPACE = 320,
    FINALFUNC = crm_rfm_holdout_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_holdout_combinefn,
    SERIALFUNC = crm_rfm_holdout_serialfn, DESERIALFUNC = crm_rfm_holdout_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm_holdout(timestamp, float8, timestamp, timestamp, interval) IS
    'a customer''s history until the calibration end, with purchases and net amount after it until the observation end';

CREATE AGGREGATE crm_rfm_holdout(ordered_at timestamp, amount float8, calibration_end timestamp, observation_end timestamp, time_unit interval, grain text) (
    SFUNC = crm_rfm_holdout_transfn, STYPE = internal, SSPACE = 320,
    FINALFUNC = crm_rfm_holdout_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_holdout_combinefn,
    SERIALFUNC = crm_rfm_holdout_serialfn, DESERIALFUNC = crm_rfm_holdout_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm_holdout(timestamp, float8, timestamp, timestamp, interval, text) IS
    'a customer''s history until the calibration end, with purchases and net amount after it until the observation end; purchases of one hour, day or week, or none, are one purchase';

CREATE AGGREGATE crm_rfm_holdout(ordered_at timestamp, amount numeric, calibration_end date, observation_end date) (
    SFUNC = crm_rfm_holdout_transfn, STYPE = internal, SSPACE = 320,
    FINALFUNC = crm_rfm_holdout_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_holdout_combinefn,
    SERIALFUNC = crm_rfm_holdout_serialfn, DESERIALFUNC = crm_rfm_holdout_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm_holdout(timestamp, numeric, date, date) IS
    'a customer''s history until the calibration end, with purchases and net amount after it until the observation end; both ends mean that whole day';

CREATE AGGREGATE crm_rfm_holdout(ordered_at timestamp, amount numeric, calibration_end date, observation_end date, time_unit interval) (
    SFUNC = crm_rfm_holdout_transfn, STYPE = internal, SSPACE = 320,
    FINALFUNC = crm_rfm_holdout_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_holdout_combinefn,
    SERIALFUNC = crm_rfm_holdout_serialfn, DESERIALFUNC = crm_rfm_holdout_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm_holdout(timestamp, numeric, date, date, interval) IS
    'a customer''s history until the calibration end, with purchases and net amount after it until the observation end; both ends mean that whole day';

CREATE AGGREGATE crm_rfm_holdout(ordered_at timestamp, amount numeric, calibration_end date, observation_end date, time_unit interval, grain text) (
    SFUNC = crm_rfm_holdout_transfn, STYPE = internal, SSPACE = 320,
    FINALFUNC = crm_rfm_holdout_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_holdout_combinefn,
    SERIALFUNC = crm_rfm_holdout_serialfn, DESERIALFUNC = crm_rfm_holdout_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm_holdout(timestamp, numeric, date, date, interval, text) IS
    'a customer''s history until the calibration end, with purchases and net amount after it until the observation end; both ends mean that whole day; purchases of one hour, day or week, or none, are one purchase';

CREATE AGGREGATE crm_rfm_holdout(ordered_at timestamp, amount float8, calibration_end date, observation_end date) (
    SFUNC = crm_rfm_holdout_transfn, STYPE = internal, SSPACE = 320,
    FINALFUNC = crm_rfm_holdout_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_holdout_combinefn,
    SERIALFUNC = crm_rfm_holdout_serialfn, DESERIALFUNC = crm_rfm_holdout_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm_holdout(timestamp, float8, date, date) IS
    'a customer''s history until the calibration end, with purchases and net amount after it until the observation end; both ends mean that whole day';

CREATE AGGREGATE crm_rfm_holdout(ordered_at timestamp, amount float8, calibration_end date, observation_end date, time_unit interval) (
    SFUNC = crm_rfm_holdout_transfn, STYPE = internal, SSPACE = 320,
    FINALFUNC = crm_rfm_holdout_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_holdout_combinefn,
    SERIALFUNC = crm_rfm_holdout_serialfn, DESERIALFUNC = crm_rfm_holdout_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm_holdout(timestamp, float8, date, date, interval) IS
    'a customer''s history until the calibration end, with purchases and net amount after it until the observation end; both ends mean that whole day';

CREATE AGGREGATE crm_rfm_holdout(ordered_at timestamp, amount float8, calibration_end date, observation_end date, time_unit interval, grain text) (
    SFUNC = crm_rfm_holdout_transfn, STYPE = internal, SSPACE = 320,
    FINALFUNC = crm_rfm_holdout_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_holdout_combinefn,
    SERIALFUNC = crm_rfm_holdout_serialfn, DESERIALFUNC = crm_rfm_holdout_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm_holdout(timestamp, float8, date, date, interval, text) IS
    'a customer''s history until the calibration end, with purchases and net amount after it until the observation end; both ends mean that whole day; purchases of one hour, day or week, or none, are one purchase';

CREATE AGGREGATE crm_rfm_holdout(ordered_at date, amount numeric, calibration_end date, observation_end date) (
    SFUNC = crm_rfm_holdout_transfn, STYPE = internal, SSPACE = 320,
    FINALFUNC = crm_rfm_holdout_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_holdout_combinefn,
    SERIALFUNC = crm_rfm_holdout_serialfn, DESERIALFUNC = crm_rfm_holdout_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm_holdout(date, numeric, date, date) IS
    'a customer''s history until the calibration end, with purchases and net amount after it until the observation end';

CREATE AGGREGATE crm_rfm_holdout(ordered_at date, amount numeric, calibration_end date, observation_end date, time_unit interval) (
    SFUNC = crm_rfm_holdout_transfn, STYPE = internal, SSPACE = 320,
    FINALFUNC = crm_rfm_holdout_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_holdout_combinefn,
    SERIALFUNC = crm_rfm_holdout_serialfn, DESERIALFUNC = crm_rfm_holdout_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm_holdout(date, numeric, date, date, interval) IS
    'a customer''s history until the calibration end, with purchases and net amount after it until the observation end';

CREATE AGGREGATE crm_rfm_holdout(ordered_at date, amount numeric, calibration_end date, observation_end date, time_unit interval, grain text) (
    SFUNC = crm_rfm_holdout_transfn, STYPE = internal, SSPACE = 320,
    FINALFUNC = crm_rfm_holdout_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_holdout_combinefn,
    SERIALFUNC = crm_rfm_holdout_serialfn, DESERIALFUNC = crm_rfm_holdout_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm_holdout(date, numeric, date, date, interval, text) IS
    'a customer''s history until the calibration end, with purchases and net amount after it until the observation end; purchases of one hour, day or week, or none, are one purchase';

CREATE AGGREGATE crm_rfm_holdout(ordered_at date, amount float8, calibration_end date, observation_end date) (
    SFUNC = crm_rfm_holdout_transfn, STYPE = internal, SSPACE = 320,
    FINALFUNC = crm_rfm_holdout_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_holdout_combinefn,
    SERIALFUNC = crm_rfm_holdout_serialfn, DESERIALFUNC = crm_rfm_holdout_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm_holdout(date, float8, date, date) IS
    'a customer''s history until the calibration end, with purchases and net amount after it until the observation end';

CREATE AGGREGATE crm_rfm_holdout(ordered_at date, amount float8, calibration_end date, observation_end date, time_unit interval) (
    SFUNC = crm_rfm_holdout_transfn, STYPE = internal, SSPACE = 320,
    FINALFUNC = crm_rfm_holdout_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_holdout_combinefn,
    SERIALFUNC = crm_rfm_holdout_serialfn, DESERIALFUNC = crm_rfm_holdout_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm_holdout(date, float8, date, date, interval) IS
    'a customer''s history until the calibration end, with purchases and net amount after it until the observation end';

CREATE AGGREGATE crm_rfm_holdout(ordered_at date, amount float8, calibration_end date, observation_end date, time_unit interval, grain text) (
    SFUNC = crm_rfm_holdout_transfn, STYPE = internal, SSPACE = 320,
    FINALFUNC = crm_rfm_holdout_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_holdout_combinefn,
    SERIALFUNC = crm_rfm_holdout_serialfn, DESERIALFUNC = crm_rfm_holdout_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm_holdout(date, float8, date, date, interval, text) IS
    'a customer''s history until the calibration end, with purchases and net amount after it until the observation end; purchases of one hour, day or week, or none, are one purchase';
