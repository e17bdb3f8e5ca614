-- With covariates.  There is no form without options: a quoted string would fit
-- both float8[] and jsonb, and make calls with options alone ambiguous.

CREATE FUNCTION crm_btyd_covariates_transfn(internal, text, crm_rfm, float8[], jsonb) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_btyd_covariates_transfn(internal, text, crm_rfm, float8[], jsonb) IS
    'transition function of crm_btyd_fit with covariates';

CREATE FUNCTION crm_btyd_covariates_transfn(internal, text, float8, float8, float8, float8[], jsonb) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_btyd_covariates_transfn(internal, text, float8, float8, float8, float8[], jsonb) IS
    'transition function of crm_btyd_fit with covariates';

CREATE FUNCTION crm_btyd_covariates_transfn(internal, text, float8, float8, float8, float8, interval, float8[], jsonb) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_btyd_covariates_transfn(internal, text, float8, float8, float8, float8, interval, float8[], jsonb) IS
    'transition function of crm_btyd_fit with covariates';

CREATE FUNCTION crm_btyd_covariates_combinefn(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_btyd_covariates_combinefn(internal, internal) IS
    'combine function of crm_btyd_fit with covariates';

CREATE FUNCTION crm_btyd_covariates_serialfn(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_btyd_covariates_serialfn(internal) IS
    'serial function of crm_btyd_fit with covariates';

CREATE FUNCTION crm_btyd_covariates_deserialfn(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_btyd_covariates_deserialfn(bytea, internal) IS
    'deserial function of crm_btyd_fit with covariates';

CREATE FUNCTION crm_btyd_covariates_finalfn(internal) RETURNS crm_btyd_model
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100000;
COMMENT ON FUNCTION crm_btyd_covariates_finalfn(internal) IS
    'final function of crm_btyd_fit with covariates';

CREATE AGGREGATE crm_btyd_fit(model text, rfm crm_rfm, x float8[], options jsonb) (
    SFUNC = crm_btyd_covariates_transfn, STYPE = internal, SSPACE = 4096,
    FINALFUNC = crm_btyd_covariates_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_btyd_covariates_combinefn,
    SERIALFUNC = crm_btyd_covariates_serialfn, DESERIALFUNC = crm_btyd_covariates_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_btyd_fit(text, crm_rfm, float8[], jsonb) IS
    'fit a model of purchases (pareto/nbd, bg/nbd, mbg/nbd) with time-invariant covariates x of the customers; options: max_iterations, prior, covariates, purchase, dropout, equal, ridge';

CREATE AGGREGATE crm_btyd_fit(model text, frequency float8, recency float8, age float8, x float8[], options jsonb) (
    SFUNC = crm_btyd_covariates_transfn, STYPE = internal, SSPACE = 4096,
    FINALFUNC = crm_btyd_covariates_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_btyd_covariates_combinefn,
    SERIALFUNC = crm_btyd_covariates_serialfn, DESERIALFUNC = crm_btyd_covariates_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_btyd_fit(text, float8, float8, float8, float8[], jsonb) IS
    'fit a model of purchases (pareto/nbd, bg/nbd, mbg/nbd) with time-invariant covariates x of the customers; times in weeks; options: max_iterations, prior, covariates, purchase, dropout, equal, ridge';

CREATE AGGREGATE crm_btyd_fit(model text, frequency float8, recency float8, age float8, weight float8, time_unit interval, x float8[], options jsonb) (
    SFUNC = crm_btyd_covariates_transfn, STYPE = internal, SSPACE = 4096,
    FINALFUNC = crm_btyd_covariates_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_btyd_covariates_combinefn,
    SERIALFUNC = crm_btyd_covariates_serialfn, DESERIALFUNC = crm_btyd_covariates_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_btyd_fit(text, float8, float8, float8, float8, interval, float8[], jsonb) IS
    'fit a model of purchases (pareto/nbd, bg/nbd, mbg/nbd) with time-invariant covariates x of the customers, each standing for weight customers; options: max_iterations, prior, covariates, purchase, dropout, equal, ridge';

CREATE FUNCTION crm_model_at(model crm_btyd_model, x float8[]) RETURNS crm_btyd_model
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_model_at(crm_btyd_model, float8[]) IS
    'the plain model of customers with covariates x, from a model with covariates';
