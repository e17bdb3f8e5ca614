-- Unit economics from raw rows: aggregates over orders, and over customers with
-- their number of orders

CREATE AGGREGATE crm_average_order_value(amount numeric) (
    SFUNC = numeric_avg_accum, STYPE = internal, SSPACE = 128,
    FINALFUNC = numeric_avg, FINALFUNC_MODIFY = read_only,
    COMBINEFUNC = numeric_avg_combine,
    SERIALFUNC = numeric_avg_serialize, DESERIALFUNC = numeric_avg_deserialize,
    MSFUNC = numeric_avg_accum, MINVFUNC = numeric_accum_inv, MSTYPE = internal, MSSPACE = 128,
    MFINALFUNC = numeric_avg, MFINALFUNC_MODIFY = read_only,
    PARALLEL = safe
);
COMMENT ON AGGREGATE crm_average_order_value(numeric) IS
    'average order value: one row an order';
CREATE AGGREGATE crm_average_order_value(amount double precision) (
    SFUNC = float8_accum, STYPE = double precision[], INITCOND = '{0,0,0}',
    FINALFUNC = float8_avg, FINALFUNC_MODIFY = read_only,
    COMBINEFUNC = float8_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE crm_average_order_value(double precision) IS
    'average order value: one row an order';

CREATE FUNCTION crm_orders_transfn(state bigint[], orders bigint) RETURNS bigint[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_orders_transfn(bigint[], bigint) IS 'support: add a customer of crm_repeat_purchase_rate and crm_purchase_frequency';
CREATE FUNCTION crm_orders_invfn(state bigint[], orders bigint) RETURNS bigint[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_orders_invfn(bigint[], bigint) IS 'support: remove a customer of crm_repeat_purchase_rate and crm_purchase_frequency';
CREATE FUNCTION crm_orders_transfn(state bigint[], orders double precision) RETURNS bigint[]
    AS 'MODULE_PATHNAME', 'crm_orders_transfn_float8' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_orders_transfn(bigint[], double precision) IS 'support: add a customer of crm_repeat_purchase_rate and crm_purchase_frequency';
CREATE FUNCTION crm_orders_invfn(state bigint[], orders double precision) RETURNS bigint[]
    AS 'MODULE_PATHNAME', 'crm_orders_invfn_float8' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_orders_invfn(bigint[], double precision) IS 'support: remove a customer of crm_repeat_purchase_rate and crm_purchase_frequency';
CREATE FUNCTION crm_orders_combinefn(bigint[], bigint[]) RETURNS bigint[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_orders_combinefn(bigint[], bigint[]) IS
    'support: add two states of crm_repeat_purchase_rate and crm_purchase_frequency';
CREATE FUNCTION crm_repeat_purchase_rate_finalfn(bigint[]) RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_repeat_purchase_rate_finalfn(bigint[]) IS
    'support: result of crm_repeat_purchase_rate';
CREATE FUNCTION crm_purchase_frequency_finalfn(bigint[]) RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_purchase_frequency_finalfn(bigint[]) IS
    'support: result of crm_purchase_frequency';

CREATE AGGREGATE crm_repeat_purchase_rate(orders_per_customer bigint) (
    SFUNC = crm_orders_transfn, STYPE = bigint[], INITCOND = '{0,0,0}',
    FINALFUNC = crm_repeat_purchase_rate_finalfn, FINALFUNC_MODIFY = read_only,
    COMBINEFUNC = crm_orders_combinefn,
    MSFUNC = crm_orders_transfn, MINVFUNC = crm_orders_invfn, MSTYPE = bigint[], MINITCOND = '{0,0,0}',
    MFINALFUNC = crm_repeat_purchase_rate_finalfn, MFINALFUNC_MODIFY = read_only,
    PARALLEL = safe
);
COMMENT ON AGGREGATE crm_repeat_purchase_rate(bigint) IS
    'share of customers with at least two orders among those with at least one: one row a customer';
CREATE AGGREGATE crm_repeat_purchase_rate(orders_per_customer double precision) (
    SFUNC = crm_orders_transfn, STYPE = bigint[], INITCOND = '{0,0,0}',
    FINALFUNC = crm_repeat_purchase_rate_finalfn, FINALFUNC_MODIFY = read_only,
    COMBINEFUNC = crm_orders_combinefn,
    MSFUNC = crm_orders_transfn, MINVFUNC = crm_orders_invfn, MSTYPE = bigint[], MINITCOND = '{0,0,0}',
    MFINALFUNC = crm_repeat_purchase_rate_finalfn, MFINALFUNC_MODIFY = read_only,
    PARALLEL = safe
);
COMMENT ON AGGREGATE crm_repeat_purchase_rate(double precision) IS
    'share of customers with at least two orders among those with at least one: one row a customer';

CREATE AGGREGATE crm_purchase_frequency(orders_per_customer bigint) (
    SFUNC = crm_orders_transfn, STYPE = bigint[], INITCOND = '{0,0,0}',
    FINALFUNC = crm_purchase_frequency_finalfn, FINALFUNC_MODIFY = read_only,
    COMBINEFUNC = crm_orders_combinefn,
    MSFUNC = crm_orders_transfn, MINVFUNC = crm_orders_invfn, MSTYPE = bigint[], MINITCOND = '{0,0,0}',
    MFINALFUNC = crm_purchase_frequency_finalfn, MFINALFUNC_MODIFY = read_only,
    PARALLEL = safe
);
COMMENT ON AGGREGATE crm_purchase_frequency(bigint) IS
    'orders for each customer with at least one: one row a customer';
CREATE AGGREGATE crm_purchase_frequency(orders_per_customer double precision) (
    SFUNC = crm_orders_transfn, STYPE = bigint[], INITCOND = '{0,0,0}',
    FINALFUNC = crm_purchase_frequency_finalfn, FINALFUNC_MODIFY = read_only,
    COMBINEFUNC = crm_orders_combinefn,
    MSFUNC = crm_orders_transfn, MINVFUNC = crm_orders_invfn, MSTYPE = bigint[], MINITCOND = '{0,0,0}',
    MFINALFUNC = crm_purchase_frequency_finalfn, MFINALFUNC_MODIFY = read_only,
    PARALLEL = safe
);
COMMENT ON AGGREGATE crm_purchase_frequency(double precision) IS
    'orders for each customer with at least one: one row a customer';
