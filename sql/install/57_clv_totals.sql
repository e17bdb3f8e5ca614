-- What a group of customers will buy, and be worth, together.

CREATE FUNCTION crm_expected_purchases_total_transfn(internal, crm_btyd_model, crm_rfm, float8) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_expected_purchases_total_transfn(internal, crm_btyd_model, crm_rfm, float8) IS
    'transition function of crm_expected_purchases_total';

CREATE FUNCTION crm_expected_purchases_total_transfn(internal, crm_btyd_model, crm_rfm, float8, float8) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_expected_purchases_total_transfn(internal, crm_btyd_model, crm_rfm, float8, float8) IS
    'transition function of crm_expected_purchases_total';

CREATE FUNCTION crm_expected_purchases_total_transfn(internal, crm_btyd_model, crm_rfm, interval) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_expected_purchases_total_transfn(internal, crm_btyd_model, crm_rfm, interval) IS
    'transition function of crm_expected_purchases_total';

CREATE FUNCTION crm_expected_purchases_total_transfn(internal, crm_btyd_model, crm_rfm, interval, float8) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_expected_purchases_total_transfn(internal, crm_btyd_model, crm_rfm, interval, float8) IS
    'transition function of crm_expected_purchases_total';

CREATE FUNCTION crm_clv_total_transfn(internal, crm_btyd_model, crm_spend_model, crm_rfm, interval, float8) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_clv_total_transfn(internal, crm_btyd_model, crm_spend_model, crm_rfm, interval, float8) IS
    'transition function of crm_clv_total';

CREATE FUNCTION crm_clv_total_transfn(internal, crm_btyd_model, crm_spend_model, crm_rfm, interval, float8, float8) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_clv_total_transfn(internal, crm_btyd_model, crm_spend_model, crm_rfm, interval, float8, float8) IS
    'transition function of crm_clv_total';

CREATE FUNCTION crm_clv_total_transfn(internal, crm_btyd_model, crm_spend_model, crm_rfm, interval, float8, float8, float8) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_clv_total_transfn(internal, crm_btyd_model, crm_spend_model, crm_rfm, interval, float8, float8, float8) IS
    'transition function of crm_clv_total';

CREATE FUNCTION crm_clv_total_combinefn(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_clv_total_combinefn(internal, internal) IS
    'combine function of crm_expected_purchases_total and crm_clv_total';

CREATE FUNCTION crm_clv_total_serialfn(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_clv_total_serialfn(internal) IS
    'serial function of crm_expected_purchases_total and crm_clv_total';

CREATE FUNCTION crm_clv_total_deserialfn(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_clv_total_deserialfn(bytea, internal) IS
    'deserial function of crm_expected_purchases_total and crm_clv_total';

CREATE FUNCTION crm_clv_total_finalfn(internal) RETURNS crm_interval
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_clv_total_finalfn(internal) IS
    'final function of crm_expected_purchases_total and crm_clv_total';

CREATE AGGREGATE crm_expected_purchases_total(model crm_btyd_model, rfm crm_rfm, t float8) (
    SFUNC = crm_expected_purchases_total_transfn, STYPE = internal, SSPACE = 4096,
    FINALFUNC = crm_clv_total_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_clv_total_combinefn,
    SERIALFUNC = crm_clv_total_serialfn, DESERIALFUNC = crm_clv_total_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_expected_purchases_total(crm_btyd_model, crm_rfm, float8) IS
    'purchases to come of all customers together, with an interval of their chance and of the parameters uncertainty';

CREATE AGGREGATE crm_expected_purchases_total(model crm_btyd_model, rfm crm_rfm, t float8, conf_level float8) (
    SFUNC = crm_expected_purchases_total_transfn, STYPE = internal, SSPACE = 4096,
    FINALFUNC = crm_clv_total_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_clv_total_combinefn,
    SERIALFUNC = crm_clv_total_serialfn, DESERIALFUNC = crm_clv_total_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_expected_purchases_total(crm_btyd_model, crm_rfm, float8, float8) IS
    'purchases to come of all customers together, with an interval of their chance and of the parameters uncertainty';

CREATE AGGREGATE crm_expected_purchases_total(model crm_btyd_model, rfm crm_rfm, t interval) (
    SFUNC = crm_expected_purchases_total_transfn, STYPE = internal, SSPACE = 4096,
    FINALFUNC = crm_clv_total_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_clv_total_combinefn,
    SERIALFUNC = crm_clv_total_serialfn, DESERIALFUNC = crm_clv_total_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_expected_purchases_total(crm_btyd_model, crm_rfm, interval) IS
    'purchases to come of all customers together, with an interval of their chance and of the parameters uncertainty';

CREATE AGGREGATE crm_expected_purchases_total(model crm_btyd_model, rfm crm_rfm, t interval, conf_level float8) (
    SFUNC = crm_expected_purchases_total_transfn, STYPE = internal, SSPACE = 4096,
    FINALFUNC = crm_clv_total_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_clv_total_combinefn,
    SERIALFUNC = crm_clv_total_serialfn, DESERIALFUNC = crm_clv_total_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_expected_purchases_total(crm_btyd_model, crm_rfm, interval, float8) IS
    'purchases to come of all customers together, with an interval of their chance and of the parameters uncertainty';

CREATE AGGREGATE crm_clv_total(model crm_btyd_model, spend_model crm_spend_model, rfm crm_rfm, horizon interval, annual_discount_rate float8) (
    SFUNC = crm_clv_total_transfn, STYPE = internal, SSPACE = 4096,
    FINALFUNC = crm_clv_total_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_clv_total_combinefn,
    SERIALFUNC = crm_clv_total_serialfn, DESERIALFUNC = crm_clv_total_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_clv_total(crm_btyd_model, crm_spend_model, crm_rfm, interval, float8) IS
    'lifetime value of all customers together, with an interval of their chance and of the parameters uncertainty';

CREATE AGGREGATE crm_clv_total(model crm_btyd_model, spend_model crm_spend_model, rfm crm_rfm, horizon interval, annual_discount_rate float8, margin float8) (
    SFUNC = crm_clv_total_transfn, STYPE = internal, SSPACE = 4096,
    FINALFUNC = crm_clv_total_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_clv_total_combinefn,
    SERIALFUNC = crm_clv_total_serialfn, DESERIALFUNC = crm_clv_total_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_clv_total(crm_btyd_model, crm_spend_model, crm_rfm, interval, float8, float8) IS
    'lifetime value of all customers together, with an interval of their chance and of the parameters uncertainty';

CREATE AGGREGATE crm_clv_total(model crm_btyd_model, spend_model crm_spend_model, rfm crm_rfm, horizon interval, annual_discount_rate float8, margin float8, conf_level float8) (
    SFUNC = crm_clv_total_transfn, STYPE = internal, SSPACE = 4096,
    FINALFUNC = crm_clv_total_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_clv_total_combinefn,
    SERIALFUNC = crm_clv_total_serialfn, DESERIALFUNC = crm_clv_total_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_clv_total(crm_btyd_model, crm_spend_model, crm_rfm, interval, float8, float8, float8) IS
    'lifetime value of all customers together, with an interval of their chance and of the parameters uncertainty';
