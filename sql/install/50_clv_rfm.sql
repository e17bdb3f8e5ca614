-- From orders to recency, frequency, age and monetary value.

CREATE TYPE crm_rfm AS (
    frequency      integer,
    recency        double precision,
    age            double precision,
    monetary       double precision,
    paid_frequency integer,
    unit_days      double precision,
    first_at       timestamp with time zone,
    last_at        timestamp with time zone,
    purchases      integer,
    total          numeric,
    log_intervals  double precision
);
COMMENT ON TYPE crm_rfm IS
    'a customer''s history: repeat purchases, time from first to last purchase and to the end of the observation in units of unit_days, mean net amount of the paid repeat purchases, sum of the logarithms of the times between purchases';

-- One transition function serves all forms: it looks its argument types up.

CREATE FUNCTION crm_rfm_transfn(internal, "any", "any", "any") RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_rfm_transfn(internal, "any", "any", "any") IS
    'transition function of crm_rfm';

CREATE FUNCTION crm_rfm_transfn(internal, "any", "any", "any", interval) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_rfm_transfn(internal, "any", "any", "any", interval) IS
    'transition function of crm_rfm';

CREATE FUNCTION crm_rfm_transfn(internal, "any", "any", "any", interval, text) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_rfm_transfn(internal, "any", "any", "any", interval, text) IS
    'transition function of crm_rfm';

CREATE FUNCTION crm_rfm_transfn(internal, "any", "any", "any", interval, text, text) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_rfm_transfn(internal, "any", "any", "any", interval, text, text) IS
    'transition function of crm_rfm';

CREATE FUNCTION crm_rfm_combinefn(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_rfm_combinefn(internal, internal) IS
    'combine function of crm_rfm';

CREATE FUNCTION crm_rfm_serialfn(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_rfm_serialfn(internal) IS
    'serial function of crm_rfm';

CREATE FUNCTION crm_rfm_deserialfn(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_rfm_deserialfn(bytea, internal) IS
    'deserial function of crm_rfm';

CREATE FUNCTION crm_rfm_finalfn(internal) RETURNS crm_rfm
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_rfm_finalfn(internal) IS
    'final function of crm_rfm';

CREATE AGGREGATE crm_rfm(ordered_at timestamptz, amount numeric, observation_end timestamptz) (
    SFUNC = crm_rfm_transfn, STYPE = internal, SSPACE = 160,
    FINALFUNC = crm_rfm_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_combinefn,
    SERIALFUNC = crm_rfm_serialfn, DESERIALFUNC = crm_rfm_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm(timestamptz, numeric, timestamptz) IS
    'a customer''s orders until the end of the observation as recency, frequency, age and monetary value';

CREATE AGGREGATE crm_rfm(ordered_at timestamptz, amount numeric, observation_end timestamptz, time_unit interval) (
    SFUNC = crm_rfm_transfn, STYPE = internal, SSPACE = 160,
    FINALFUNC = crm_rfm_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_combinefn,
    SERIALFUNC = crm_rfm_serialfn, DESERIALFUNC = crm_rfm_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm(timestamptz, numeric, timestamptz, interval) IS
    'a customer''s orders until the end of the observation as recency, frequency, age and monetary value';

CREATE AGGREGATE crm_rfm(ordered_at timestamptz, amount numeric, observation_end timestamptz, time_unit interval, grain text, time_zone text) (
    SFUNC = crm_rfm_transfn, STYPE = internal, SSPACE = 160,
    FINALFUNC = crm_rfm_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_combinefn,
    SERIALFUNC = crm_rfm_serialfn, DESERIALFUNC = crm_rfm_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm(timestamptz, numeric, timestamptz, interval, text, text) IS
    'a customer''s orders until the end of the observation as recency, frequency, age and monetary value; purchases of one hour, day or week, or none, are one purchase, in the named time zone';

CREATE AGGREGATE crm_rfm(ordered_at timestamptz, amount float8, observation_end timestamptz) (
    SFUNC = crm_rfm_transfn, STYPE = internal, SSPACE = 160,
    FINALFUNC = crm_rfm_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_combinefn,
    SERIALFUNC = crm_rfm_serialfn, DESERIALFUNC = crm_rfm_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm(timestamptz, float8, timestamptz) IS
    'a customer''s orders until the end of the observation as recency, frequency, age and monetary value';

CREATE AGGREGATE crm_rfm(ordered_at timestamptz, amount float8, observation_end timestamptz, time_unit interval) (
    SFUNC = crm_rfm_transfn, STYPE = internal, SSPACE = 160,
    FINALFUNC = crm_rfm_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_combinefn,
    SERIALFUNC = crm_rfm_serialfn, DESERIALFUNC = crm_rfm_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm(timestamptz, float8, timestamptz, interval) IS
    'a customer''s orders until the end of the observation as recency, frequency, age and monetary value';

CREATE AGGREGATE crm_rfm(ordered_at timestamptz, amount float8, observation_end timestamptz, time_unit interval, grain text, time_zone text) (
    SFUNC = crm_rfm_transfn, STYPE = internal, SSPACE = 160,
    FINALFUNC = crm_rfm_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_combinefn,
    SERIALFUNC = crm_rfm_serialfn, DESERIALFUNC = crm_rfm_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm(timestamptz, float8, timestamptz, interval, text, text) IS
    'a customer''s orders until the end of the observation as recency, frequency, age and monetary value; purchases of one hour, day or week, or none, are one purchase, in the named time zone';

CREATE AGGREGATE crm_rfm(ordered_at timestamptz, amount numeric, observation_end date) (
    SFUNC = crm_rfm_transfn, STYPE = internal, SSPACE = 160,
    FINALFUNC = crm_rfm_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_combinefn,
    SERIALFUNC = crm_rfm_serialfn, DESERIALFUNC = crm_rfm_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm(timestamptz, numeric, date) IS
    'a customer''s orders until the end of the observation as recency, frequency, age and monetary value; the observation ends with that whole day';

CREATE AGGREGATE crm_rfm(ordered_at timestamptz, amount numeric, observation_end date, time_unit interval) (
    SFUNC = crm_rfm_transfn, STYPE = internal, SSPACE = 160,
    FINALFUNC = crm_rfm_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_combinefn,
    SERIALFUNC = crm_rfm_serialfn, DESERIALFUNC = crm_rfm_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm(timestamptz, numeric, date, interval) IS
    'a customer''s orders until the end of the observation as recency, frequency, age and monetary value; the observation ends with that whole day';

CREATE AGGREGATE crm_rfm(ordered_at timestamptz, amount numeric, observation_end date, time_unit interval, grain text, time_zone text) (
    SFUNC = crm_rfm_transfn, STYPE = internal, SSPACE = 160,
    FINALFUNC = crm_rfm_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_combinefn,
    SERIALFUNC = crm_rfm_serialfn, DESERIALFUNC = crm_rfm_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm(timestamptz, numeric, date, interval, text, text) IS
    'a customer''s orders until the end of the observation as recency, frequency, age and monetary value; the observation ends with that whole day; purchases of one hour, day or week, or none, are one purchase, in the named time zone';

CREATE AGGREGATE crm_rfm(ordered_at timestamptz, amount float8, observation_end date) (
    SFUNC = crm_rfm_transfn, STYPE = internal, SSPACE = 160,
    FINALFUNC = crm_rfm_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_combinefn,
    SERIALFUNC = crm_rfm_serialfn, DESERIALFUNC = crm_rfm_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm(timestamptz, float8, date) IS
    'a customer''s orders until the end of the observation as recency, frequency, age and monetary value; the observation ends with that whole day';

CREATE AGGREGATE crm_rfm(ordered_at timestamptz, amount float8, observation_end date, time_unit interval) (
    SFUNC = crm_rfm_transfn, STYPE = internal, SSPACE = 160,
    FINALFUNC = crm_rfm_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_combinefn,
    SERIALFUNC = crm_rfm_serialfn, DESERIALFUNC = crm_rfm_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm(timestamptz, float8, date, interval) IS
    'a customer''s orders until the end of the observation as recency, frequency, age and monetary value; the observation ends with that whole day';

CREATE AGGREGATE crm_rfm(ordered_at timestamptz, amount float8, observation_end date, time_unit interval, grain text, time_zone text) (
    SFUNC = crm_rfm_transfn, STYPE = internal, SSPACE = 160,
    FINALFUNC = crm_rfm_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_combinefn,
    SERIALFUNC = crm_rfm_serialfn, DESERIALFUNC = crm_rfm_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm(timestamptz, float8, date, interval, text, text) IS
    'a customer''s orders until the end of the observation as recency, frequency, age and monetary value; the observation ends with that whole day; purchases of one hour, day or week, or none, are one purchase, in the named time zone';

CREATE AGGREGATE crm_rfm(ordered_at timestamp, amount numeric, observation_end timestamp) (
    SFUNC = crm_rfm_transfn, STYPE = internal, SSPACE = 160,
    FINALFUNC = crm_rfm_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_combinefn,
    SERIALFUNC = crm_rfm_serialfn, DESERIALFUNC = crm_rfm_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm(timestamp, numeric, timestamp) IS
    'a customer''s orders until the end of the observation as recency, frequency, age and monetary value';

CREATE AGGREGATE crm_rfm(ordered_at timestamp, amount numeric, observation_end timestamp, time_unit interval) (
    SFUNC = crm_rfm_transfn, STYPE = internal, SSPACE = 160,
    FINALFUNC = crm_rfm_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_combinefn,
    SERIALFUNC = crm_rfm_serialfn, DESERIALFUNC = crm_rfm_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm(timestamp, numeric, timestamp, interval) IS
    'a customer''s orders until the end of the observation as recency, frequency, age and monetary value';

CREATE AGGREGATE crm_rfm(ordered_at timestamp, amount numeric, observation_end timestamp, time_unit interval, grain text) (
    SFUNC = crm_rfm_transfn, STYPE = internal, SSPACE = 160,
    FINALFUNC = crm_rfm_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_combinefn,
    SERIALFUNC = crm_rfm_serialfn, DESERIALFUNC = crm_rfm_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm(timestamp, numeric, timestamp, interval, text) IS
    'a customer''s orders until the end of the observation as recency, frequency, age and monetary value; purchases of one hour, day or week, or none, are one purchase';

CREATE AGGREGATE crm_rfm(ordered_at timestamp, amount float8, observation_end timestamp) (
    SFUNC = crm_rfm_transfn, STYPE = internal, SSPACE = 160,
    FINALFUNC = crm_rfm_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_combinefn,
    SERIALFUNC = crm_rfm_serialfn, DESERIALFUNC = crm_rfm_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm(timestamp, float8, timestamp) IS
    'a customer''s orders until the end of the observation as recency, frequency, age and monetary value';

CREATE AGGREGATE crm_rfm(ordered_at timestamp, amount float8, observation_end timestamp, time_unit interval) (
    SFUNC = crm_rfm_transfn, STYPE = internal, SSPACE = 160,
    FINALFUNC = crm_rfm_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_combinefn,
    SERIALFUNC = crm_rfm_serialfn, DESERIALFUNC = crm_rfm_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm(timestamp, float8, timestamp, interval) IS
    'a customer''s orders until the end of the observation as recency, frequency, age and monetary value';

CREATE AGGREGATE crm_rfm(ordered_at timestamp, amount float8, observation_end timestamp, time_unit interval, grain text) (
    SFUNC = crm_rfm_transfn, STYPE = internal, SSPACE = 160,
    FINALFUNC = crm_rfm_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_combinefn,
    SERIALFUNC = crm_rfm_serialfn, DESERIALFUNC = crm_rfm_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm(timestamp, float8, timestamp, interval, text) IS
    'a customer''s orders until the end of the observation as recency, frequency, age and monetary value; purchases of one hour, day or week, or none, are one purchase';

CREATE AGGREGATE crm_rfm(ordered_at timestamp, amount numeric, observation_end date) (
    SFUNC = crm_rfm_transfn, STYPE = internal, SSPACE = 160,
    FINALFUNC = crm_rfm_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_combinefn,
    SERIALFUNC = crm_rfm_serialfn, DESERIALFUNC = crm_rfm_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm(timestamp, numeric, date) IS
    'a customer''s orders until the end of the observation as recency, frequency, age and monetary value; the observation ends with that whole day';

CREATE AGGREGATE crm_rfm(ordered_at timestamp, amount numeric, observation_end date, time_unit interval) (
    SFUNC = crm_rfm_transfn, STYPE = internal, SSPACE = 160,
    FINALFUNC = crm_rfm_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_combinefn,
    SERIALFUNC = crm_rfm_serialfn, DESERIALFUNC = crm_rfm_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm(timestamp, numeric, date, interval) IS
    'a customer''s orders until the end of the observation as recency, frequency, age and monetary value; the observation ends with that whole day';

CREATE AGGREGATE crm_rfm(ordered_at timestamp, amount numeric, observation_end date, time_unit interval, grain text) (
    SFUNC = crm_rfm_transfn, STYPE = internal, SSPACE = 160,
    FINALFUNC = crm_rfm_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_combinefn,
    SERIALFUNC = crm_rfm_serialfn, DESERIALFUNC = crm_rfm_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm(timestamp, numeric, date, interval, text) IS
    'a customer''s orders until the end of the observation as recency, frequency, age and monetary value; the observation ends with that whole day; purchases of one hour, day or week, or none, are one purchase';

CREATE AGGREGATE crm_rfm(ordered_at timestamp, amount float8, observation_end date) (
    SFUNC = crm_rfm_transfn, STYPE = internal, SSPACE = 160,
    FINALFUNC = crm_rfm_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_combinefn,
    SERIALFUNC = crm_rfm_serialfn, DESERIALFUNC = crm_rfm_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm(timestamp, float8, date) IS
    'a customer''s orders until the end of the observation as recency, frequency, age and monetary value; the observation ends with that whole day';

CREATE AGGREGATE crm_rfm(ordered_at timestamp, amount float8, observation_end date, time_unit interval) (
    SFUNC = crm_rfm_transfn, STYPE = internal, SSPACE = 160,
    FINALFUNC = crm_rfm_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_combinefn,
    SERIALFUNC = crm_rfm_serialfn, DESERIALFUNC = crm_rfm_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm(timestamp, float8, date, interval) IS
    'a customer''s orders until the end of the observation as recency, frequency, age and monetary value; the observation ends with that whole day';

CREATE AGGREGATE crm_rfm(ordered_at timestamp, amount float8, observation_end date, time_unit interval, grain text) (
    SFUNC = crm_rfm_transfn, STYPE = internal, SSPACE = 160,
    FINALFUNC = crm_rfm_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_combinefn,
    SERIALFUNC = crm_rfm_serialfn, DESERIALFUNC = crm_rfm_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm(timestamp, float8, date, interval, text) IS
    'a customer''s orders until the end of the observation as recency, frequency, age and monetary value; the observation ends with that whole day; purchases of one hour, day or week, or none, are one purchase';

CREATE AGGREGATE crm_rfm(ordered_at date, amount numeric, observation_end date) (
    SFUNC = crm_rfm_transfn, STYPE = internal, SSPACE = 160,
    FINALFUNC = crm_rfm_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_combinefn,
    SERIALFUNC = crm_rfm_serialfn, DESERIALFUNC = crm_rfm_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm(date, numeric, date) IS
    'a customer''s orders until the end of the observation as recency, frequency, age and monetary value';

CREATE AGGREGATE crm_rfm(ordered_at date, amount numeric, observation_end date, time_unit interval) (
    SFUNC = crm_rfm_transfn, STYPE = internal, SSPACE = 160,
    FINALFUNC = crm_rfm_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_combinefn,
    SERIALFUNC = crm_rfm_serialfn, DESERIALFUNC = crm_rfm_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm(date, numeric, date, interval) IS
    'a customer''s orders until the end of the observation as recency, frequency, age and monetary value';

CREATE AGGREGATE crm_rfm(ordered_at date, amount numeric, observation_end date, time_unit interval, grain text) (
    SFUNC = crm_rfm_transfn, STYPE = internal, SSPACE = 160,
    FINALFUNC = crm_rfm_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_combinefn,
    SERIALFUNC = crm_rfm_serialfn, DESERIALFUNC = crm_rfm_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm(date, numeric, date, interval, text) IS
    'a customer''s orders until the end of the observation as recency, frequency, age and monetary value; purchases of one hour, day or week, or none, are one purchase';

CREATE AGGREGATE crm_rfm(ordered_at date, amount float8, observation_end date) (
    SFUNC = crm_rfm_transfn, STYPE = internal, SSPACE = 160,
    FINALFUNC = crm_rfm_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_combinefn,
    SERIALFUNC = crm_rfm_serialfn, DESERIALFUNC = crm_rfm_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm(date, float8, date) IS
    'a customer''s orders until the end of the observation as recency, frequency, age and monetary value';

CREATE AGGREGATE crm_rfm(ordered_at date, amount float8, observation_end date, time_unit interval) (
    SFUNC = crm_rfm_transfn, STYPE = internal, SSPACE = 160,
    FINALFUNC = crm_rfm_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_combinefn,
    SERIALFUNC = crm_rfm_serialfn, DESERIALFUNC = crm_rfm_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm(date, float8, date, interval) IS
    'a customer''s orders until the end of the observation as recency, frequency, age and monetary value';

CREATE AGGREGATE crm_rfm(ordered_at date, amount float8, observation_end date, time_unit interval, grain text) (
    SFUNC = crm_rfm_transfn, STYPE = internal, SSPACE = 160,
    FINALFUNC = crm_rfm_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_rfm_combinefn,
    SERIALFUNC = crm_rfm_serialfn, DESERIALFUNC = crm_rfm_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rfm(date, float8, date, interval, text) IS
    'a customer''s orders until the end of the observation as recency, frequency, age and monetary value; purchases of one hour, day or week, or none, are one purchase';
