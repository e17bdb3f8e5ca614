-- How far predictions were from what happened.

CREATE TYPE crm_prediction_accuracy AS (
    n               bigint,
    actual_total    double precision,
    predicted_total double precision,
    bias            double precision,
    relative_bias   double precision,
    mae             double precision,
    rmse            double precision,
    correlation     double precision
);
COMMENT ON TYPE crm_prediction_accuracy IS
    'accuracy of predictions: totals, mean error (predicted - actual), relative error of the total, mean absolute error, root mean square error, correlation';

CREATE FUNCTION crm_prediction_accuracy_transfn(internal, float8, float8) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_prediction_accuracy_transfn(internal, float8, float8) IS
    'transition function of crm_prediction_accuracy';

CREATE FUNCTION crm_prediction_accuracy_combinefn(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_prediction_accuracy_combinefn(internal, internal) IS
    'combine function of crm_prediction_accuracy';

CREATE FUNCTION crm_prediction_accuracy_serialfn(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_prediction_accuracy_serialfn(internal) IS
    'serial function of crm_prediction_accuracy';

CREATE FUNCTION crm_prediction_accuracy_deserialfn(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_prediction_accuracy_deserialfn(bytea, internal) IS
    'deserial function of crm_prediction_accuracy';

CREATE FUNCTION crm_prediction_accuracy_finalfn(internal) RETURNS crm_prediction_accuracy
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_prediction_accuracy_finalfn(internal) IS
    'final function of crm_prediction_accuracy';

CREATE AGGREGATE crm_prediction_accuracy(actual float8, predicted float8) (
    SFUNC = crm_prediction_accuracy_transfn, STYPE = internal, SSPACE = 600,
    FINALFUNC = crm_prediction_accuracy_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_prediction_accuracy_combinefn,
    SERIALFUNC = crm_prediction_accuracy_serialfn, DESERIALFUNC = crm_prediction_accuracy_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_prediction_accuracy(float8, float8) IS
    'how far predictions were from what happened: bias, mean absolute error, root mean square error, correlation';

-- Actual and expected purchases by period.

CREATE TYPE crm_btyd_period AS (
    period         integer,
    first_day      date,
    last_day       date,
    calibration    boolean,
    actual         bigint,
    expected       double precision,
    actual_total   bigint,
    expected_total double precision
);
COMMENT ON TYPE crm_btyd_period IS
    'repeat purchases in a period and since the beginning, actual and expected by a model; calibration: the period is within the time that the model was fitted to';

CREATE FUNCTION crm_btyd_tracking_transfn(internal, crm_btyd_model, date[], date, date) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_btyd_tracking_transfn(internal, crm_btyd_model, date[], date, date) IS
    'transition function of crm_btyd_tracking';

CREATE FUNCTION crm_btyd_tracking_transfn(internal, crm_btyd_model, date[], date, date, interval) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_btyd_tracking_transfn(internal, crm_btyd_model, date[], date, date, interval) IS
    'transition function of crm_btyd_tracking';

CREATE FUNCTION crm_btyd_tracking_transfn(internal, crm_btyd_model, date[], date, date, interval, date) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_btyd_tracking_transfn(internal, crm_btyd_model, date[], date, date, interval, date) IS
    'transition function of crm_btyd_tracking';

CREATE FUNCTION crm_btyd_tracking_combinefn(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_btyd_tracking_combinefn(internal, internal) IS
    'combine function of crm_btyd_tracking';

CREATE FUNCTION crm_btyd_tracking_serialfn(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_btyd_tracking_serialfn(internal) IS
    'serial function of crm_btyd_tracking';

CREATE FUNCTION crm_btyd_tracking_deserialfn(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_btyd_tracking_deserialfn(bytea, internal) IS
    'deserial function of crm_btyd_tracking';

CREATE FUNCTION crm_btyd_tracking_finalfn(internal) RETURNS crm_btyd_period[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_btyd_tracking_finalfn(internal) IS
    'final function of crm_btyd_tracking';

CREATE AGGREGATE crm_btyd_tracking(model crm_btyd_model, purchase_days date[], calibration_end date, observation_end date) (
    SFUNC = crm_btyd_tracking_transfn, STYPE = internal, SSPACE = 4096,
    FINALFUNC = crm_btyd_tracking_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_btyd_tracking_combinefn,
    SERIALFUNC = crm_btyd_tracking_serialfn, DESERIALFUNC = crm_btyd_tracking_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_btyd_tracking(crm_btyd_model, date[], date, date) IS
    'repeat purchases by period, actual and expected, from each customer''s days with purchases; periods are the model''s time unit and begin with the earliest purchase';

CREATE AGGREGATE crm_btyd_tracking(model crm_btyd_model, purchase_days date[], calibration_end date, observation_end date, period interval) (
    SFUNC = crm_btyd_tracking_transfn, STYPE = internal, SSPACE = 4096,
    FINALFUNC = crm_btyd_tracking_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_btyd_tracking_combinefn,
    SERIALFUNC = crm_btyd_tracking_serialfn, DESERIALFUNC = crm_btyd_tracking_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_btyd_tracking(crm_btyd_model, date[], date, date, interval) IS
    'repeat purchases by period, actual and expected, from each customer''s days with purchases; periods begin with the earliest purchase';

CREATE AGGREGATE crm_btyd_tracking(model crm_btyd_model, purchase_days date[], calibration_end date, observation_end date, period interval, start date) (
    SFUNC = crm_btyd_tracking_transfn, STYPE = internal, SSPACE = 4096,
    FINALFUNC = crm_btyd_tracking_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_btyd_tracking_combinefn,
    SERIALFUNC = crm_btyd_tracking_serialfn, DESERIALFUNC = crm_btyd_tracking_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_btyd_tracking(crm_btyd_model, date[], date, date, interval, date) IS
    'repeat purchases by period from a day on, actual and expected, from each customer''s days with purchases';
