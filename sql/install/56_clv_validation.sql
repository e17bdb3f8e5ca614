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
