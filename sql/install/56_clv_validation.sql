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

-- How many customers bought how often, and how many a model expects.

CREATE FUNCTION crm_btyd_calibration(
    model crm_btyd_model, data crm_btyd_data, classes integer DEFAULT 8,
    OUT frequency integer, OUT or_more boolean, OUT actual float8, OUT expected float8, OUT residual float8)
RETURNS SETOF record
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 8;
COMMENT ON FUNCTION crm_btyd_calibration(crm_btyd_model, crm_btyd_data, integer) IS
    'customers by number of repeat purchases, the last class with all above it: how many there are, how many the model expects, and Pearson''s residual';

-- Which of several models.

CREATE FUNCTION crm_model_compare(
    VARIADIC models crm_btyd_model[],
    OUT model text, OUT "position" integer, OUT status text, OUT parameters integer, OUT log_likelihood float8,
    OUT aic float8, OUT aic_delta float8, OUT aic_weight float8,
    OUT bic float8, OUT bic_delta float8, OUT bic_weight float8)
RETURNS SETOF record
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 ROWS 5;
COMMENT ON FUNCTION crm_model_compare(crm_btyd_model[]) IS
    'models of the same data, the best by BIC first: information criteria, their differences from the best and the weights that follow';

CREATE TYPE crm_likelihood_ratio AS (
    statistic double precision,
    df        integer,
    p_value   double precision,
    boundary  boolean
);
COMMENT ON TYPE crm_likelihood_ratio IS
    'a likelihood-ratio test; boundary: the restricted model is a limit of the full one';

CREATE FUNCTION crm_likelihood_ratio_test(restricted crm_btyd_model, "full" crm_btyd_model) RETURNS crm_likelihood_ratio
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_likelihood_ratio_test(crm_btyd_model, crm_btyd_model) IS
    'does the full model fit better than the restricted one, a special case of it, than chance explains?';

CREATE FUNCTION crm_likelihood_ratio_test(restricted float8, "full" float8, df integer, boundary boolean DEFAULT false) RETURNS crm_likelihood_ratio
    AS 'MODULE_PATHNAME', 'crm_likelihood_ratio_test_values' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_likelihood_ratio_test(float8, float8, integer, boolean) IS
    'likelihood-ratio test of two log-likelihoods; boundary: the restricted model is a limit of the full one';

-- When a customer buys next, and within a window.

CREATE FUNCTION crm_p_purchase(model crm_btyd_model, t float8) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_p_purchase(crm_btyd_model, float8) IS
    'probability of at least one purchase in a time after the first, by a new customer';

CREATE FUNCTION crm_p_purchase(model crm_btyd_model, rfm crm_rfm, t float8) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_p_purchase(crm_btyd_model, crm_rfm, float8) IS
    'probability of at least one purchase in a time after the end of the observation';

CREATE FUNCTION crm_p_purchase(model crm_btyd_model, frequency float8, recency float8, age float8, t float8) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_p_purchase(crm_btyd_model, float8, float8, float8, float8) IS
    'probability of at least one purchase in a time after the end of the observation';

CREATE FUNCTION crm_p_purchase(model crm_btyd_model, t interval) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_p_purchase(crm_btyd_model, interval) IS
    'probability of at least one purchase in a time after the first, by a new customer';

CREATE FUNCTION crm_p_purchase(model crm_btyd_model, rfm crm_rfm, t interval) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_p_purchase(crm_btyd_model, crm_rfm, interval) IS
    'probability of at least one purchase in a time after the end of the observation';

CREATE FUNCTION crm_p_purchase(model crm_btyd_model, frequency float8, recency float8, age float8, t interval) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_p_purchase(crm_btyd_model, float8, float8, float8, interval) IS
    'probability of at least one purchase in a time after the end of the observation';

CREATE FUNCTION crm_expected_purchases(model crm_btyd_model, from_t float8, to_t float8) RETURNS float8
    AS 'MODULE_PATHNAME', 'crm_expected_purchases_window' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_expected_purchases(crm_btyd_model, float8, float8) IS
    'expected number of purchases between two times after the first, of a new customer';

CREATE FUNCTION crm_expected_purchases(model crm_btyd_model, rfm crm_rfm, from_t float8, to_t float8) RETURNS float8
    AS 'MODULE_PATHNAME', 'crm_expected_purchases_window' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_expected_purchases(crm_btyd_model, crm_rfm, float8, float8) IS
    'expected number of purchases between two times after the end of the observation';

CREATE FUNCTION crm_expected_purchases(model crm_btyd_model, frequency float8, recency float8, age float8, from_t float8, to_t float8) RETURNS float8
    AS 'MODULE_PATHNAME', 'crm_expected_purchases_window' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_expected_purchases(crm_btyd_model, float8, float8, float8, float8, float8) IS
    'expected number of purchases between two times after the end of the observation';

CREATE FUNCTION crm_expected_purchases(model crm_btyd_model, from_t interval, to_t interval) RETURNS float8
    AS 'MODULE_PATHNAME', 'crm_expected_purchases_window' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_expected_purchases(crm_btyd_model, interval, interval) IS
    'expected number of purchases between two times after the first, of a new customer';

CREATE FUNCTION crm_expected_purchases(model crm_btyd_model, rfm crm_rfm, from_t interval, to_t interval) RETURNS float8
    AS 'MODULE_PATHNAME', 'crm_expected_purchases_window' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_expected_purchases(crm_btyd_model, crm_rfm, interval, interval) IS
    'expected number of purchases between two times after the end of the observation';

CREATE FUNCTION crm_expected_purchases(model crm_btyd_model, frequency float8, recency float8, age float8, from_t interval, to_t interval) RETURNS float8
    AS 'MODULE_PATHNAME', 'crm_expected_purchases_window' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_expected_purchases(crm_btyd_model, float8, float8, float8, interval, interval) IS
    'expected number of purchases between two times after the end of the observation';

CREATE FUNCTION crm_next_purchase_quantile(model crm_btyd_model, prob float8) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_next_purchase_quantile(crm_btyd_model, float8) IS
    'time after the first purchase, in time units, by which a new customer has bought again with a probability; NULL where that never comes';

CREATE FUNCTION crm_next_purchase_quantile(model crm_btyd_model, rfm crm_rfm, prob float8) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_next_purchase_quantile(crm_btyd_model, crm_rfm, float8) IS
    'time after the end of the observation, in time units, by which the customer has bought again with a probability; NULL where that never comes';

CREATE FUNCTION crm_next_purchase_quantile(model crm_btyd_model, frequency float8, recency float8, age float8, prob float8) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_next_purchase_quantile(crm_btyd_model, float8, float8, float8, float8) IS
    'time after the end of the observation, in time units, by which the customer has bought again with a probability; NULL where that never comes';
