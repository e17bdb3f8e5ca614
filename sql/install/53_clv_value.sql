-- What a model says of itself.

CREATE FUNCTION crm_model_parameters(model crm_btyd_model,
        OUT name text, OUT estimate float8, OUT std_error float8,
        OUT prior_weight float8) RETURNS SETOF record
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 ROWS 4;
COMMENT ON FUNCTION crm_model_parameters(crm_btyd_model) IS
    'the parameters with their standard errors, NULL unless the fit converged, and the part of the information that is the prior''s';

CREATE FUNCTION crm_model_info(fitted crm_btyd_model,
        OUT model text, OUT status text, OUT customers float8,
        OUT histories bigint, OUT iterations integer, OUT log_likelihood float8,
        OUT aic float8, OUT bic float8, OUT names text[], OUT parameters float8[],
        OUT std_errors float8[], OUT covariance float8[], OUT prior boolean,
        OUT unit_days float8, OUT prior_medians float8[],
        OUT prior_weights float8[])
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_model_info(crm_btyd_model) IS
    'everything about a model in one row';

CREATE FUNCTION crm_model_status(model crm_btyd_model) RETURNS text
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_model_status(crm_btyd_model) IS
    'how the fit ended: converged, boundary, ridge, failed, or known when parameters were given';

CREATE FUNCTION crm_log_likelihood(model crm_btyd_model) RETURNS float8
    AS 'MODULE_PATHNAME', 'crm_log_likelihood_model' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_log_likelihood(crm_btyd_model) IS
    'log-likelihood of the data of the fit';

CREATE FUNCTION crm_aic(model crm_btyd_model) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_aic(crm_btyd_model) IS
    'Akaike''s information criterion of the fit';

CREATE FUNCTION crm_bic(model crm_btyd_model) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_bic(crm_btyd_model) IS
    'Bayesian information criterion of the fit, n being customers';

CREATE FUNCTION crm_model_jsonb(model crm_btyd_model) RETURNS jsonb
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_model_jsonb(crm_btyd_model) IS
    'a model as jsonb, for a look inside';

CREATE CAST (crm_btyd_model AS jsonb) WITH FUNCTION crm_model_jsonb(crm_btyd_model);
COMMENT ON CAST (crm_btyd_model AS jsonb) IS 'a model as jsonb, for a look inside';

CREATE FUNCTION crm_model_parameters(model crm_spend_model,
        OUT name text, OUT estimate float8, OUT std_error float8) RETURNS SETOF record
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 ROWS 4;
COMMENT ON FUNCTION crm_model_parameters(crm_spend_model) IS
    'the parameters with their standard errors, NULL unless the fit converged';

CREATE FUNCTION crm_model_info(fitted crm_spend_model,
        OUT model text, OUT status text, OUT customers float8,
        OUT histories bigint, OUT iterations integer, OUT log_likelihood float8,
        OUT aic float8, OUT bic float8, OUT names text[], OUT parameters float8[],
        OUT std_errors float8[], OUT covariance float8[], OUT prior boolean,
        OUT correlation float8)
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_model_info(crm_spend_model) IS
    'everything about a model in one row';

CREATE FUNCTION crm_model_status(model crm_spend_model) RETURNS text
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_model_status(crm_spend_model) IS
    'how the fit ended: converged, boundary, ridge, failed, or known when parameters were given';

CREATE FUNCTION crm_log_likelihood(model crm_spend_model) RETURNS float8
    AS 'MODULE_PATHNAME', 'crm_log_likelihood_model' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_log_likelihood(crm_spend_model) IS
    'log-likelihood of the data of the fit';

CREATE FUNCTION crm_aic(model crm_spend_model) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_aic(crm_spend_model) IS
    'Akaike''s information criterion of the fit';

CREATE FUNCTION crm_bic(model crm_spend_model) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_bic(crm_spend_model) IS
    'Bayesian information criterion of the fit, n being customers';

CREATE FUNCTION crm_model_jsonb(model crm_spend_model) RETURNS jsonb
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_model_jsonb(crm_spend_model) IS
    'a model as jsonb, for a look inside';

CREATE CAST (crm_spend_model AS jsonb) WITH FUNCTION crm_model_jsonb(crm_spend_model);
COMMENT ON CAST (crm_spend_model AS jsonb) IS 'a model as jsonb, for a look inside';

-- What a model says of a customer.

CREATE FUNCTION crm_log_likelihood(model crm_btyd_model, rfm crm_rfm) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_log_likelihood(crm_btyd_model, crm_rfm) IS
    'a customer''s contribution to the log-likelihood';

CREATE FUNCTION crm_log_likelihood(model crm_btyd_model, frequency float8, recency float8, age float8) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_log_likelihood(crm_btyd_model, float8, float8, float8) IS
    'a customer''s contribution to the log-likelihood';

CREATE FUNCTION crm_log_likelihood(model crm_btyd_model, data crm_btyd_data) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_log_likelihood(crm_btyd_model, crm_btyd_data) IS
    'log-likelihood of collected histories';

CREATE FUNCTION crm_p_alive(model crm_btyd_model, rfm crm_rfm) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_p_alive(crm_btyd_model, crm_rfm) IS
    'probability that the customer is still one at the end of the observation';

CREATE FUNCTION crm_p_alive(model crm_btyd_model, frequency float8, recency float8, age float8) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_p_alive(crm_btyd_model, float8, float8, float8) IS
    'probability that the customer is still one at the end of the observation';

CREATE FUNCTION crm_p_alive(model crm_btyd_model, rfm crm_rfm, t float8) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_p_alive(crm_btyd_model, crm_rfm, float8) IS
    'probability that the customer is still one t time units after the end of the observation';

CREATE FUNCTION crm_p_alive(model crm_btyd_model, rfm crm_rfm, t interval) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_p_alive(crm_btyd_model, crm_rfm, interval) IS
    'probability that the customer is still one a time after the end of the observation';

CREATE FUNCTION crm_p_alive(model crm_btyd_model, frequency float8, recency float8, age float8, t float8) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_p_alive(crm_btyd_model, float8, float8, float8, float8) IS
    'probability that the customer is still one t time units after the end of the observation';

CREATE FUNCTION crm_p_alive(model crm_btyd_model, frequency float8, recency float8, age float8, t interval) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_p_alive(crm_btyd_model, float8, float8, float8, interval) IS
    'probability that the customer is still one a time after the end of the observation';

CREATE FUNCTION crm_expected_purchases(model crm_btyd_model, t float8) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_expected_purchases(crm_btyd_model, float8) IS
    'expected number of purchases in t time units after the first, of a new customer';

CREATE FUNCTION crm_expected_purchases(model crm_btyd_model, rfm crm_rfm, t float8) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_expected_purchases(crm_btyd_model, crm_rfm, float8) IS
    'expected number of purchases in t time units after the end of the observation';

CREATE FUNCTION crm_expected_purchases(model crm_btyd_model, frequency float8, recency float8, age float8, t float8) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_expected_purchases(crm_btyd_model, float8, float8, float8, float8) IS
    'expected number of purchases in t time units after the end of the observation';

CREATE FUNCTION crm_expected_purchases(model crm_btyd_model, t interval) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_expected_purchases(crm_btyd_model, interval) IS
    'expected number of purchases in a time after the first, of a new customer';

CREATE FUNCTION crm_expected_purchases(model crm_btyd_model, rfm crm_rfm, t interval) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_expected_purchases(crm_btyd_model, crm_rfm, interval) IS
    'expected number of purchases in a time after the end of the observation';

CREATE FUNCTION crm_expected_purchases(model crm_btyd_model, frequency float8, recency float8, age float8, t interval) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_expected_purchases(crm_btyd_model, float8, float8, float8, interval) IS
    'expected number of purchases in a time after the end of the observation';

CREATE FUNCTION crm_discounted_purchases(model crm_btyd_model, annual_discount_rate float8) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_discounted_purchases(crm_btyd_model, float8) IS
    'expected repeat purchases ever of a new customer, discounted to the first';

CREATE FUNCTION crm_discounted_purchases(model crm_btyd_model, rfm crm_rfm, annual_discount_rate float8) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_discounted_purchases(crm_btyd_model, crm_rfm, float8) IS
    'expected purchases to come, discounted to the end of the observation, without a horizon';

CREATE FUNCTION crm_discounted_purchases(model crm_btyd_model, frequency float8, recency float8, age float8, annual_discount_rate float8) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_discounted_purchases(crm_btyd_model, float8, float8, float8, float8) IS
    'expected purchases to come, discounted to the end of the observation, without a horizon';

CREATE FUNCTION crm_discounted_purchases(model crm_btyd_model, annual_discount_rate float8, horizon float8) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_discounted_purchases(crm_btyd_model, float8, float8) IS
    'expected repeat purchases of a new customer within a horizon, discounted to the first';

CREATE FUNCTION crm_discounted_purchases(model crm_btyd_model, rfm crm_rfm, annual_discount_rate float8, horizon float8) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_discounted_purchases(crm_btyd_model, crm_rfm, float8, float8) IS
    'expected purchases to come, discounted to the end of the observation, within a horizon';

CREATE FUNCTION crm_discounted_purchases(model crm_btyd_model, frequency float8, recency float8, age float8, annual_discount_rate float8, horizon float8) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_discounted_purchases(crm_btyd_model, float8, float8, float8, float8, float8) IS
    'expected purchases to come, discounted to the end of the observation, within a horizon';

CREATE FUNCTION crm_discounted_purchases(model crm_btyd_model, annual_discount_rate float8, horizon interval) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_discounted_purchases(crm_btyd_model, float8, interval) IS
    'expected repeat purchases of a new customer within a horizon, discounted to the first';

CREATE FUNCTION crm_discounted_purchases(model crm_btyd_model, rfm crm_rfm, annual_discount_rate float8, horizon interval) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_discounted_purchases(crm_btyd_model, crm_rfm, float8, interval) IS
    'expected purchases to come, discounted to the end of the observation, within a horizon';

CREATE FUNCTION crm_discounted_purchases(model crm_btyd_model, frequency float8, recency float8, age float8, annual_discount_rate float8, horizon interval) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_discounted_purchases(crm_btyd_model, float8, float8, float8, float8, interval) IS
    'expected purchases to come, discounted to the end of the observation, within a horizon';

CREATE FUNCTION crm_purchases_pmf(model crm_btyd_model, t float8, n bigint) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_purchases_pmf(crm_btyd_model, float8, bigint) IS
    'probability of exactly n purchases in a time after the first, for a new customer';

CREATE FUNCTION crm_purchases_pmf(model crm_btyd_model, rfm crm_rfm, t float8, n bigint) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_purchases_pmf(crm_btyd_model, crm_rfm, float8, bigint) IS
    'probability of exactly n purchases in a time after the end of the observation';

CREATE FUNCTION crm_purchases_pmf(model crm_btyd_model, frequency float8, recency float8, age float8, t float8, n bigint) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_purchases_pmf(crm_btyd_model, float8, float8, float8, float8, bigint) IS
    'probability of exactly n purchases in a time after the end of the observation';

CREATE FUNCTION crm_purchases_pmf(model crm_btyd_model, t interval, n bigint) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_purchases_pmf(crm_btyd_model, interval, bigint) IS
    'probability of exactly n purchases in a time after the first, for a new customer';

CREATE FUNCTION crm_purchases_pmf(model crm_btyd_model, rfm crm_rfm, t interval, n bigint) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_purchases_pmf(crm_btyd_model, crm_rfm, interval, bigint) IS
    'probability of exactly n purchases in a time after the end of the observation';

CREATE FUNCTION crm_purchases_pmf(model crm_btyd_model, frequency float8, recency float8, age float8, t interval, n bigint) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_purchases_pmf(crm_btyd_model, float8, float8, float8, interval, bigint) IS
    'probability of exactly n purchases in a time after the end of the observation';

CREATE FUNCTION crm_purchases_interval(model crm_btyd_model, t float8, conf_level float8 DEFAULT 0.95) RETURNS crm_interval
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_purchases_interval(crm_btyd_model, float8, float8) IS
    'mean, standard deviation and central quantiles of the number of purchases in a time after the first, for a new customer';

CREATE FUNCTION crm_purchases_interval(model crm_btyd_model, rfm crm_rfm, t float8, conf_level float8 DEFAULT 0.95) RETURNS crm_interval
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_purchases_interval(crm_btyd_model, crm_rfm, float8, float8) IS
    'mean, standard deviation and central quantiles of the number of purchases in a time after the end of the observation';

CREATE FUNCTION crm_purchases_interval(model crm_btyd_model, frequency float8, recency float8, age float8, t float8, conf_level float8 DEFAULT 0.95) RETURNS crm_interval
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_purchases_interval(crm_btyd_model, float8, float8, float8, float8, float8) IS
    'mean, standard deviation and central quantiles of the number of purchases in a time after the end of the observation';

CREATE FUNCTION crm_purchases_interval(model crm_btyd_model, t interval, conf_level float8 DEFAULT 0.95) RETURNS crm_interval
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_purchases_interval(crm_btyd_model, interval, float8) IS
    'mean, standard deviation and central quantiles of the number of purchases in a time after the first, for a new customer';

CREATE FUNCTION crm_purchases_interval(model crm_btyd_model, rfm crm_rfm, t interval, conf_level float8 DEFAULT 0.95) RETURNS crm_interval
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_purchases_interval(crm_btyd_model, crm_rfm, interval, float8) IS
    'mean, standard deviation and central quantiles of the number of purchases in a time after the end of the observation';

CREATE FUNCTION crm_purchases_interval(model crm_btyd_model, frequency float8, recency float8, age float8, t interval, conf_level float8 DEFAULT 0.95) RETURNS crm_interval
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_purchases_interval(crm_btyd_model, float8, float8, float8, interval, float8) IS
    'mean, standard deviation and central quantiles of the number of purchases in a time after the end of the observation';

CREATE FUNCTION crm_clv(model crm_btyd_model, spend_model crm_spend_model, rfm crm_rfm, horizon interval, annual_discount_rate float8, margin float8 DEFAULT 1) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_clv(crm_btyd_model, crm_spend_model, crm_rfm, interval, float8, float8) IS
    'customer lifetime value: expected margin of the purchases within a horizon after the end of the observation, discounted to it';

CREATE FUNCTION crm_clv_interval(model crm_btyd_model, spend_model crm_spend_model, rfm crm_rfm, horizon interval, annual_discount_rate float8, margin float8 DEFAULT 1, conf_level float8 DEFAULT 0.95) RETURNS crm_interval
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_clv_interval(crm_btyd_model, crm_spend_model, crm_rfm, interval, float8, float8, float8) IS
    'mean, standard deviation and central quantiles of what a customer will be worth within a horizon, discounted';
