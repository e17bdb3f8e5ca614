-- The Gamma-Gamma model of spend per purchase.

CREATE TYPE crm_spend_model;

CREATE FUNCTION crm_spend_model_in(cstring) RETURNS crm_spend_model
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_spend_model_in(cstring) IS 'input function of crm_spend_model';

CREATE FUNCTION crm_spend_model_out(crm_spend_model) RETURNS cstring
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_spend_model_out(crm_spend_model) IS 'output function of crm_spend_model';

CREATE FUNCTION crm_spend_model_recv(internal) RETURNS crm_spend_model
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_spend_model_recv(internal) IS 'binary input function of crm_spend_model';

CREATE FUNCTION crm_spend_model_send(crm_spend_model) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_spend_model_send(crm_spend_model) IS 'binary output function of crm_spend_model';

CREATE TYPE crm_spend_model (
    INPUT = crm_spend_model_in, OUTPUT = crm_spend_model_out,
    RECEIVE = crm_spend_model_recv, SEND = crm_spend_model_send,
    INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);
COMMENT ON TYPE crm_spend_model IS
    'a fitted or given Gamma-Gamma model of spend per purchase: parameters, covariance, likelihood, status';

CREATE FUNCTION crm_spend_fit_transfn(internal, crm_rfm) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_spend_fit_transfn(internal, crm_rfm) IS
    'transition function of crm_spend_fit';

CREATE FUNCTION crm_spend_fit_transfn(internal, crm_rfm, jsonb) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_spend_fit_transfn(internal, crm_rfm, jsonb) IS
    'transition function of crm_spend_fit';

CREATE FUNCTION crm_spend_fit_transfn(internal, float8, float8) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_spend_fit_transfn(internal, float8, float8) IS
    'transition function of crm_spend_fit';

CREATE FUNCTION crm_spend_fit_transfn(internal, float8, float8, float8) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_spend_fit_transfn(internal, float8, float8, float8) IS
    'transition function of crm_spend_fit';

CREATE FUNCTION crm_spend_fit_transfn(internal, float8, float8, float8, jsonb) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_spend_fit_transfn(internal, float8, float8, float8, jsonb) IS
    'transition function of crm_spend_fit';

CREATE FUNCTION crm_spend_fit_combinefn(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_spend_fit_combinefn(internal, internal) IS
    'combine function of crm_spend_fit';

CREATE FUNCTION crm_spend_fit_serialfn(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_spend_fit_serialfn(internal) IS
    'serial function of crm_spend_fit';

CREATE FUNCTION crm_spend_fit_deserialfn(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_spend_fit_deserialfn(bytea, internal) IS
    'deserial function of crm_spend_fit';

CREATE FUNCTION crm_spend_fit_finalfn(internal) RETURNS crm_spend_model
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100000;
COMMENT ON FUNCTION crm_spend_fit_finalfn(internal) IS
    'final function of crm_spend_fit';

CREATE AGGREGATE crm_spend_fit(rfm crm_rfm) (
    SFUNC = crm_spend_fit_transfn, STYPE = internal, SSPACE = 4096,
    FINALFUNC = crm_spend_fit_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_spend_fit_combinefn,
    SERIALFUNC = crm_spend_fit_serialfn, DESERIALFUNC = crm_spend_fit_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_spend_fit(crm_rfm) IS
    'fit the Gamma-Gamma model of spend per purchase by maximum likelihood';

CREATE AGGREGATE crm_spend_fit(rfm crm_rfm, options jsonb) (
    SFUNC = crm_spend_fit_transfn, STYPE = internal, SSPACE = 4096,
    FINALFUNC = crm_spend_fit_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_spend_fit_combinefn,
    SERIALFUNC = crm_spend_fit_serialfn, DESERIALFUNC = crm_spend_fit_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_spend_fit(crm_rfm, jsonb) IS
    'fit the Gamma-Gamma model of spend per purchase by maximum likelihood; options: max_iterations, prior';

CREATE AGGREGATE crm_spend_fit(frequency float8, monetary float8) (
    SFUNC = crm_spend_fit_transfn, STYPE = internal, SSPACE = 4096,
    FINALFUNC = crm_spend_fit_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_spend_fit_combinefn,
    SERIALFUNC = crm_spend_fit_serialfn, DESERIALFUNC = crm_spend_fit_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_spend_fit(float8, float8) IS
    'fit the Gamma-Gamma model of spend per purchase by maximum likelihood to counts of paid repeat purchases and their mean amounts';

CREATE AGGREGATE crm_spend_fit(frequency float8, monetary float8, weight float8) (
    SFUNC = crm_spend_fit_transfn, STYPE = internal, SSPACE = 4096,
    FINALFUNC = crm_spend_fit_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_spend_fit_combinefn,
    SERIALFUNC = crm_spend_fit_serialfn, DESERIALFUNC = crm_spend_fit_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_spend_fit(float8, float8, float8) IS
    'fit the Gamma-Gamma model of spend per purchase by maximum likelihood to counts of paid repeat purchases and their mean amounts, each standing for weight customers';

CREATE AGGREGATE crm_spend_fit(frequency float8, monetary float8, weight float8, options jsonb) (
    SFUNC = crm_spend_fit_transfn, STYPE = internal, SSPACE = 4096,
    FINALFUNC = crm_spend_fit_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_spend_fit_combinefn,
    SERIALFUNC = crm_spend_fit_serialfn, DESERIALFUNC = crm_spend_fit_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_spend_fit(float8, float8, float8, jsonb) IS
    'fit the Gamma-Gamma model of spend per purchase by maximum likelihood to counts of paid repeat purchases and their mean amounts, each standing for weight customers; options: max_iterations, prior';

CREATE FUNCTION crm_spend_model(p float8, q float8, gamma float8) RETURNS crm_spend_model
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_spend_model(float8, float8, float8) IS
    'a Gamma-Gamma model of spend from known parameters';

CREATE FUNCTION crm_spend_correlation(model crm_spend_model) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_spend_correlation(crm_spend_model) IS
    'correlation of frequency and mean spend in the data of the fit; the model assumes none';

CREATE FUNCTION crm_expected_spend(model crm_spend_model) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_expected_spend(crm_spend_model) IS
    'expected spend per purchase of a customer of whom nothing is known';

CREATE FUNCTION crm_expected_spend(model crm_spend_model, rfm crm_rfm) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_expected_spend(crm_spend_model, crm_rfm) IS
    'expected spend per purchase of a customer';

CREATE FUNCTION crm_expected_spend(model crm_spend_model, frequency float8, monetary float8) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_expected_spend(crm_spend_model, float8, float8) IS
    'expected spend per purchase of a customer with so many paid repeat purchases of this mean amount';
