-- Purchase models: data, fits, and what a fitted model says of itself.

CREATE TYPE crm_btyd_data;

CREATE FUNCTION crm_btyd_data_in(cstring) RETURNS crm_btyd_data
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_btyd_data_in(cstring) IS 'input function of crm_btyd_data';

CREATE FUNCTION crm_btyd_data_out(crm_btyd_data) RETURNS cstring
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_btyd_data_out(crm_btyd_data) IS 'output function of crm_btyd_data';

CREATE FUNCTION crm_btyd_data_recv(internal) RETURNS crm_btyd_data
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_btyd_data_recv(internal) IS 'binary input function of crm_btyd_data';

CREATE FUNCTION crm_btyd_data_send(crm_btyd_data) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_btyd_data_send(crm_btyd_data) IS 'binary output function of crm_btyd_data';

CREATE TYPE crm_btyd_data (
    INPUT = crm_btyd_data_in, OUTPUT = crm_btyd_data_out,
    RECEIVE = crm_btyd_data_recv, SEND = crm_btyd_data_send,
    INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);
COMMENT ON TYPE crm_btyd_data IS
    'distinct customer histories with their counts, ready for crm_btyd_fit; mergeable with crm_rollup';

CREATE TYPE crm_btyd_model;

CREATE FUNCTION crm_btyd_model_in(cstring) RETURNS crm_btyd_model
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_btyd_model_in(cstring) IS 'input function of crm_btyd_model';

CREATE FUNCTION crm_btyd_model_out(crm_btyd_model) RETURNS cstring
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_btyd_model_out(crm_btyd_model) IS 'output function of crm_btyd_model';

CREATE FUNCTION crm_btyd_model_recv(internal) RETURNS crm_btyd_model
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_btyd_model_recv(internal) IS 'binary input function of crm_btyd_model';

CREATE FUNCTION crm_btyd_model_send(crm_btyd_model) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_btyd_model_send(crm_btyd_model) IS 'binary output function of crm_btyd_model';

CREATE TYPE crm_btyd_model (
    INPUT = crm_btyd_model_in, OUTPUT = crm_btyd_model_out,
    RECEIVE = crm_btyd_model_recv, SEND = crm_btyd_model_send,
    INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);
COMMENT ON TYPE crm_btyd_model IS
    'a fitted or given model of customers'' purchases: parameters, covariance, likelihood, status';

CREATE FUNCTION crm_btyd_data_customers(data crm_btyd_data) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_btyd_data_customers(crm_btyd_data) IS
    'number of customers, the sum of the weights';

CREATE FUNCTION crm_btyd_data_histories(data crm_btyd_data) RETURNS bigint
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_btyd_data_histories(crm_btyd_data) IS
    'number of distinct histories';

CREATE FUNCTION crm_regularity(data crm_btyd_data) RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_regularity(crm_btyd_data) IS
    'how regular purchases are: the shape of the gamma distribution of the times between them, 1 for random ones; infinite where all are equal, null where the times are not known';

CREATE FUNCTION crm_btyd_agg_transfn(internal, crm_rfm) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_btyd_agg_transfn(internal, crm_rfm) IS
    'transition function of crm_btyd_agg';

CREATE FUNCTION crm_btyd_agg_transfn(internal, float8, float8, float8) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_btyd_agg_transfn(internal, float8, float8, float8) IS
    'transition function of crm_btyd_agg';

CREATE FUNCTION crm_btyd_agg_transfn(internal, float8, float8, float8, float8) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_btyd_agg_transfn(internal, float8, float8, float8, float8) IS
    'transition function of crm_btyd_agg';

CREATE FUNCTION crm_btyd_agg_transfn(internal, float8, float8, float8, float8, interval) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_btyd_agg_transfn(internal, float8, float8, float8, float8, interval) IS
    'transition function of crm_btyd_agg';

CREATE FUNCTION crm_btyd_fit_transfn(internal, text, crm_rfm) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_btyd_fit_transfn(internal, text, crm_rfm) IS
    'transition function of crm_btyd_fit';

CREATE FUNCTION crm_btyd_fit_transfn(internal, text, crm_rfm, jsonb) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_btyd_fit_transfn(internal, text, crm_rfm, jsonb) IS
    'transition function of crm_btyd_fit';

CREATE FUNCTION crm_btyd_fit_transfn(internal, text, float8, float8, float8) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_btyd_fit_transfn(internal, text, float8, float8, float8) IS
    'transition function of crm_btyd_fit';

CREATE FUNCTION crm_btyd_fit_transfn(internal, text, float8, float8, float8, float8) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_btyd_fit_transfn(internal, text, float8, float8, float8, float8) IS
    'transition function of crm_btyd_fit';

CREATE FUNCTION crm_btyd_fit_transfn(internal, text, float8, float8, float8, float8, interval) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_btyd_fit_transfn(internal, text, float8, float8, float8, float8, interval) IS
    'transition function of crm_btyd_fit';

CREATE FUNCTION crm_btyd_fit_transfn(internal, text, float8, float8, float8, float8, interval, jsonb) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_btyd_fit_transfn(internal, text, float8, float8, float8, float8, interval, jsonb) IS
    'transition function of crm_btyd_fit';

CREATE FUNCTION crm_btyd_rollup_transfn(internal, crm_btyd_data) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_btyd_rollup_transfn(internal, crm_btyd_data) IS
    'transition function of crm_rollup';

CREATE FUNCTION crm_btyd_combinefn(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_btyd_combinefn(internal, internal) IS
    'combine function of crm_btyd_agg, crm_btyd_fit and crm_rollup';

CREATE FUNCTION crm_btyd_serialfn(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_btyd_serialfn(internal) IS
    'serial function of crm_btyd_agg, crm_btyd_fit and crm_rollup';

CREATE FUNCTION crm_btyd_deserialfn(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_btyd_deserialfn(bytea, internal) IS
    'deserial function of crm_btyd_agg, crm_btyd_fit and crm_rollup';

CREATE FUNCTION crm_btyd_agg_finalfn(internal) RETURNS crm_btyd_data
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_btyd_agg_finalfn(internal) IS
    'final function of crm_btyd_agg and crm_rollup';

CREATE FUNCTION crm_btyd_fit_finalfn(internal) RETURNS crm_btyd_model
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100000;
COMMENT ON FUNCTION crm_btyd_fit_finalfn(internal) IS
    'final function of crm_btyd_fit';

CREATE AGGREGATE crm_btyd_agg(rfm crm_rfm) (
    SFUNC = crm_btyd_agg_transfn, STYPE = internal, SSPACE = 4096,
    FINALFUNC = crm_btyd_agg_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_btyd_combinefn,
    SERIALFUNC = crm_btyd_serialfn, DESERIALFUNC = crm_btyd_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_btyd_agg(crm_rfm) IS
    'collect customer histories for crm_btyd_fit';

CREATE AGGREGATE crm_btyd_agg(frequency float8, recency float8, age float8) (
    SFUNC = crm_btyd_agg_transfn, STYPE = internal, SSPACE = 4096,
    FINALFUNC = crm_btyd_agg_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_btyd_combinefn,
    SERIALFUNC = crm_btyd_serialfn, DESERIALFUNC = crm_btyd_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_btyd_agg(float8, float8, float8) IS
    'collect customer histories for crm_btyd_fit; times in weeks';

CREATE AGGREGATE crm_btyd_agg(frequency float8, recency float8, age float8, weight float8) (
    SFUNC = crm_btyd_agg_transfn, STYPE = internal, SSPACE = 4096,
    FINALFUNC = crm_btyd_agg_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_btyd_combinefn,
    SERIALFUNC = crm_btyd_serialfn, DESERIALFUNC = crm_btyd_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_btyd_agg(float8, float8, float8, float8) IS
    'collect customer histories for crm_btyd_fit, each standing for weight customers; times in weeks';

CREATE AGGREGATE crm_btyd_agg(frequency float8, recency float8, age float8, weight float8, time_unit interval) (
    SFUNC = crm_btyd_agg_transfn, STYPE = internal, SSPACE = 4096,
    FINALFUNC = crm_btyd_agg_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_btyd_combinefn,
    SERIALFUNC = crm_btyd_serialfn, DESERIALFUNC = crm_btyd_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_btyd_agg(float8, float8, float8, float8, interval) IS
    'collect customer histories for crm_btyd_fit, each standing for weight customers';

CREATE AGGREGATE crm_rollup(data crm_btyd_data) (
    SFUNC = crm_btyd_rollup_transfn, STYPE = internal, SSPACE = 4096,
    FINALFUNC = crm_btyd_agg_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_btyd_combinefn,
    SERIALFUNC = crm_btyd_serialfn, DESERIALFUNC = crm_btyd_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rollup(crm_btyd_data) IS
    'merge collected customer histories';

CREATE AGGREGATE crm_btyd_fit(model text, rfm crm_rfm) (
    SFUNC = crm_btyd_fit_transfn, STYPE = internal, SSPACE = 4096,
    FINALFUNC = crm_btyd_fit_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_btyd_combinefn,
    SERIALFUNC = crm_btyd_serialfn, DESERIALFUNC = crm_btyd_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_btyd_fit(text, crm_rfm) IS
    'fit a model of purchases (nbd, pareto/nbd, bg/nbd, mbg/nbd, bg/cnbd-k, mbg/cnbd-k, bg/bb) to customer histories by maximum likelihood';

CREATE AGGREGATE crm_btyd_fit(model text, rfm crm_rfm, options jsonb) (
    SFUNC = crm_btyd_fit_transfn, STYPE = internal, SSPACE = 4096,
    FINALFUNC = crm_btyd_fit_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_btyd_combinefn,
    SERIALFUNC = crm_btyd_serialfn, DESERIALFUNC = crm_btyd_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_btyd_fit(text, crm_rfm, jsonb) IS
    'fit a model of purchases (nbd, pareto/nbd, bg/nbd, mbg/nbd, bg/cnbd-k, mbg/cnbd-k, bg/bb) to customer histories by maximum likelihood; options: max_iterations, prior, and k, k_max, log_intervals of the models of regular purchases';

CREATE AGGREGATE crm_btyd_fit(model text, frequency float8, recency float8, age float8) (
    SFUNC = crm_btyd_fit_transfn, STYPE = internal, SSPACE = 4096,
    FINALFUNC = crm_btyd_fit_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_btyd_combinefn,
    SERIALFUNC = crm_btyd_serialfn, DESERIALFUNC = crm_btyd_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_btyd_fit(text, float8, float8, float8) IS
    'fit a model of purchases (nbd, pareto/nbd, bg/nbd, mbg/nbd, bg/cnbd-k, mbg/cnbd-k, bg/bb) to customer histories by maximum likelihood; times in weeks';

CREATE AGGREGATE crm_btyd_fit(model text, frequency float8, recency float8, age float8, weight float8) (
    SFUNC = crm_btyd_fit_transfn, STYPE = internal, SSPACE = 4096,
    FINALFUNC = crm_btyd_fit_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_btyd_combinefn,
    SERIALFUNC = crm_btyd_serialfn, DESERIALFUNC = crm_btyd_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_btyd_fit(text, float8, float8, float8, float8) IS
    'fit a model of purchases (nbd, pareto/nbd, bg/nbd, mbg/nbd, bg/cnbd-k, mbg/cnbd-k, bg/bb) to customer histories by maximum likelihood, each standing for weight customers; times in weeks';

CREATE AGGREGATE crm_btyd_fit(model text, frequency float8, recency float8, age float8, weight float8, time_unit interval) (
    SFUNC = crm_btyd_fit_transfn, STYPE = internal, SSPACE = 4096,
    FINALFUNC = crm_btyd_fit_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_btyd_combinefn,
    SERIALFUNC = crm_btyd_serialfn, DESERIALFUNC = crm_btyd_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_btyd_fit(text, float8, float8, float8, float8, interval) IS
    'fit a model of purchases (nbd, pareto/nbd, bg/nbd, mbg/nbd, bg/cnbd-k, mbg/cnbd-k, bg/bb) to customer histories by maximum likelihood, each standing for weight customers';

CREATE AGGREGATE crm_btyd_fit(model text, frequency float8, recency float8, age float8, weight float8, time_unit interval, options jsonb) (
    SFUNC = crm_btyd_fit_transfn, STYPE = internal, SSPACE = 4096,
    FINALFUNC = crm_btyd_fit_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_btyd_combinefn,
    SERIALFUNC = crm_btyd_serialfn, DESERIALFUNC = crm_btyd_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_btyd_fit(text, float8, float8, float8, float8, interval, jsonb) IS
    'fit a model of purchases (nbd, pareto/nbd, bg/nbd, mbg/nbd, bg/cnbd-k, mbg/cnbd-k, bg/bb) to customer histories by maximum likelihood, each standing for weight customers; options: max_iterations, prior, and k, k_max, log_intervals of the models of regular purchases';

CREATE FUNCTION crm_btyd_fit(model text, data crm_btyd_data, options jsonb DEFAULT NULL) RETURNS crm_btyd_model
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100000;
COMMENT ON FUNCTION crm_btyd_fit(text, crm_btyd_data, jsonb) IS
    'fit a model of purchases (nbd, pareto/nbd, bg/nbd, mbg/nbd, bg/cnbd-k, mbg/cnbd-k, bg/bb) to collected histories by maximum likelihood; options: max_iterations, prior, and k, k_max, log_intervals of the models of regular purchases';

CREATE FUNCTION crm_btyd_model(model text, parameters float8[]) RETURNS crm_btyd_model
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_btyd_model(text, float8[]) IS
    'a model of purchases or of contracts (sbg, bdw) from known parameters; times in weeks, of contracts in years';

CREATE FUNCTION crm_btyd_model(model text, parameters float8[], time_unit interval) RETURNS crm_btyd_model
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_btyd_model(text, float8[], interval) IS
    'a model from known parameters';
