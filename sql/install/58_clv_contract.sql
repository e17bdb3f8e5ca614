-- Models of contracts: sbg and bdw, src/clv/contract_*.c.  The state of the fit,
-- and its other support functions, are those of 51_clv_btyd.sql.  renewals is
-- bigint, so that crm_btyd_fit('bg/nbd', 2, '30.43', 38.86) still means a recency:
-- integer would match the first number better than float8 does.

CREATE FUNCTION crm_contract_fit_transfn(internal, text, bigint, boolean) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_contract_fit_transfn(internal, text, bigint, boolean) IS
    'transition function of crm_btyd_fit';

CREATE FUNCTION crm_contract_fit_transfn(internal, text, bigint, boolean, float8) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_contract_fit_transfn(internal, text, bigint, boolean, float8) IS
    'transition function of crm_btyd_fit';

CREATE FUNCTION crm_contract_fit_transfn(internal, text, bigint, boolean, float8, interval) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_contract_fit_transfn(internal, text, bigint, boolean, float8, interval) IS
    'transition function of crm_btyd_fit';

CREATE FUNCTION crm_contract_fit_transfn(internal, text, bigint, boolean, float8, interval, jsonb) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_contract_fit_transfn(internal, text, bigint, boolean, float8, interval, jsonb) IS
    'transition function of crm_btyd_fit';

CREATE AGGREGATE crm_btyd_fit(model text, renewals bigint, churned boolean) (
    SFUNC = crm_contract_fit_transfn, STYPE = internal, SSPACE = 4096,
    FINALFUNC = crm_btyd_fit_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_btyd_combinefn,
    SERIALFUNC = crm_btyd_serialfn, DESERIALFUNC = crm_btyd_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_btyd_fit(text, bigint, boolean) IS
    'fit a model of contracts (sbg, bdw) to renewals by maximum likelihood, periods of a year';

CREATE AGGREGATE crm_btyd_fit(model text, renewals bigint, churned boolean, weight float8) (
    SFUNC = crm_contract_fit_transfn, STYPE = internal, SSPACE = 4096,
    FINALFUNC = crm_btyd_fit_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_btyd_combinefn,
    SERIALFUNC = crm_btyd_serialfn, DESERIALFUNC = crm_btyd_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_btyd_fit(text, bigint, boolean, float8) IS
    'fit a model of contracts (sbg, bdw) to renewals by maximum likelihood, each row standing for weight customers; periods of a year';

CREATE AGGREGATE crm_btyd_fit(model text, renewals bigint, churned boolean, weight float8, time_unit interval) (
    SFUNC = crm_contract_fit_transfn, STYPE = internal, SSPACE = 4096,
    FINALFUNC = crm_btyd_fit_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_btyd_combinefn,
    SERIALFUNC = crm_btyd_serialfn, DESERIALFUNC = crm_btyd_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_btyd_fit(text, bigint, boolean, float8, interval) IS
    'fit a model of contracts (sbg, bdw) to renewals by maximum likelihood, each row standing for weight customers';

CREATE AGGREGATE crm_btyd_fit(model text, renewals bigint, churned boolean, weight float8, time_unit interval, options jsonb) (
    SFUNC = crm_contract_fit_transfn, STYPE = internal, SSPACE = 4096,
    FINALFUNC = crm_btyd_fit_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_btyd_combinefn,
    SERIALFUNC = crm_btyd_serialfn, DESERIALFUNC = crm_btyd_deserialfn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_btyd_fit(text, bigint, boolean, float8, interval, jsonb) IS
    'fit a model of contracts (sbg, bdw) to renewals by maximum likelihood, each row standing for weight customers; options: max_iterations, prior';

CREATE FUNCTION crm_btyd_fit(model text, survivors float8[], time_unit interval DEFAULT '1 year', options jsonb DEFAULT NULL) RETURNS crm_btyd_model
    AS 'MODULE_PATHNAME', 'crm_btyd_fit_survivors' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100000;
COMMENT ON FUNCTION crm_btyd_fit(text, float8[], interval, jsonb) IS
    'fit a model of contracts (sbg, bdw) to the survivors of one cohort by maximum likelihood; options: max_iterations, prior';

CREATE FUNCTION crm_log_likelihood(model crm_btyd_model, renewals integer, churned boolean) RETURNS float8
    AS 'MODULE_PATHNAME', 'crm_log_likelihood_contract' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_log_likelihood(crm_btyd_model, integer, boolean) IS
    'logarithm of the likelihood of one contract';

CREATE FUNCTION crm_retention_curve(model crm_btyd_model, periods integer, conf_level float8 DEFAULT 0.95,
    OUT period integer, OUT survival float8, OUT survival_lower float8, OUT survival_upper float8,
    OUT retention_rate float8, OUT retention_lower float8, OUT retention_upper float8) RETURNS SETOF record
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 24;
COMMENT ON FUNCTION crm_retention_curve(crm_btyd_model, integer, float8) IS
    'survival and retention rate by period, with intervals, of a fitted model of contracts';

CREATE FUNCTION crm_contract_survival(model crm_btyd_model, renewals integer, t float8) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_contract_survival(crm_btyd_model, integer, float8) IS
    'probability that a customer with so many renewals takes all that come up within a time in periods';

CREATE FUNCTION crm_contract_survival(model crm_btyd_model, renewals integer, t interval) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_contract_survival(crm_btyd_model, integer, interval) IS
    'probability that a customer with so many renewals takes all that come up within a time';

CREATE FUNCTION crm_discounted_lifetime(model crm_btyd_model, annual_discount_rate float8) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_discounted_lifetime(crm_btyd_model, float8) IS
    'expected number of periods that a new customer pays for, discounted; times the margin it is the customer lifetime value';

CREATE FUNCTION crm_discounted_lifetime(model crm_btyd_model, annual_discount_rate float8, horizon float8) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_discounted_lifetime(crm_btyd_model, float8, float8) IS
    'expected number of periods that a new customer pays for, discounted; times the margin it is the customer lifetime value, within a horizon in periods';

CREATE FUNCTION crm_discounted_lifetime(model crm_btyd_model, annual_discount_rate float8, horizon interval) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_discounted_lifetime(crm_btyd_model, float8, interval) IS
    'expected number of periods that a new customer pays for, discounted; times the margin it is the customer lifetime value, within a horizon';

CREATE FUNCTION crm_discounted_residual_lifetime(model crm_btyd_model, renewals integer, annual_discount_rate float8) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_discounted_residual_lifetime(crm_btyd_model, integer, float8) IS
    'expected number of renewals to come, discounted, from just before the next one is due (DERL)';

CREATE FUNCTION crm_discounted_residual_lifetime(model crm_btyd_model, renewals integer, annual_discount_rate float8, horizon float8) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_discounted_residual_lifetime(crm_btyd_model, integer, float8, float8) IS
    'expected number of renewals to come, discounted, from just before the next one is due (DERL), within a horizon in periods';

CREATE FUNCTION crm_discounted_residual_lifetime(model crm_btyd_model, renewals integer, annual_discount_rate float8, horizon interval) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_discounted_residual_lifetime(crm_btyd_model, integer, float8, interval) IS
    'expected number of renewals to come, discounted, from just before the next one is due (DERL), within a horizon';

CREATE FUNCTION crm_expected_residual_lifetime(model crm_btyd_model, renewals integer) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_expected_residual_lifetime(crm_btyd_model, integer) IS
    'expected number of renewals to come of a customer with so many';

CREATE FUNCTION crm_expected_residual_lifetime(model crm_btyd_model, renewals integer, horizon float8) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_expected_residual_lifetime(crm_btyd_model, integer, float8) IS
    'expected number of renewals to come of a customer with so many, within a horizon in periods';

CREATE FUNCTION crm_expected_residual_lifetime(model crm_btyd_model, renewals integer, horizon interval) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_expected_residual_lifetime(crm_btyd_model, integer, interval) IS
    'expected number of renewals to come of a customer with so many, within a horizon';
