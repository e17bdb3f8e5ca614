-- Recurring revenue: movements of MRR, their waterfall, retention and churn.

CREATE TYPE crm_mrr_kind AS ENUM
    ('new', 'expansion', 'contraction', 'churn', 'reactivation', 'retained', 'none');
COMMENT ON TYPE crm_mrr_kind IS
    'what happened to an account''s MRR from one month to the next';

CREATE TYPE crm_mrr_change AS (
    kind   crm_mrr_kind,
    amount numeric
);
COMMENT ON TYPE crm_mrr_change IS
    'a kind of MRR movement and its amount, negative for contraction and churn';

CREATE TYPE crm_mrr_movement_row AS (
    month  date,
    kind   crm_mrr_kind,
    amount numeric,
    mrr    numeric
);
COMMENT ON TYPE crm_mrr_movement_row IS
    'movement of an account''s MRR in a month, and the MRR that it led to; amounts sum to mrr';

CREATE TYPE crm_mrr_waterfall_row AS (
    month                 date,
    opening               numeric,
    new                   numeric,
    expansion             numeric,
    contraction           numeric,
    churn                 numeric,
    reactivation          numeric,
    closing               numeric,
    opening_customers     bigint,
    new_customers         bigint,
    churned_customers     bigint,
    reactivated_customers bigint,
    closing_customers     bigint,
    grr                   double precision,
    nrr                   double precision,
    quick_ratio           double precision,
    logo_churn            double precision
);
COMMENT ON TYPE crm_mrr_waterfall_row IS
    'MRR of a month: opening + new + expansion + contraction + churn + reactivation = closing, losses being negative';

-- Movements, row by row

CREATE FUNCTION crm_mrr_movement(mrr numeric) RETURNS crm_mrr_change
    AS 'MODULE_PATHNAME' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mrr_movement(numeric) IS
    'window function: movement of MRR against the row before, taken for the month before';

CREATE FUNCTION crm_mrr_movement(mrr numeric, month date) RETURNS crm_mrr_change
    AS 'MODULE_PATHNAME', 'crm_mrr_movement_month'
    LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mrr_movement(numeric, date) IS
    'window function: movement of MRR against the month before, unpaid where it has no row';

-- Movements, account by account

CREATE FUNCTION crm_mrr_movements_transfn(internal, month date, mrr numeric) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mrr_movements_transfn(internal, date, numeric) IS
    'transition function of crm_mrr_movements';

CREATE FUNCTION crm_mrr_movements_transfn(internal, month date, mrr numeric, horizon date)
    RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mrr_movements_transfn(internal, date, numeric, date) IS
    'transition function of crm_mrr_movements';

CREATE FUNCTION crm_mrr_movements_transfn(internal, month date, mrr numeric, horizon date,
                                          currency text)
    RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mrr_movements_transfn(internal, date, numeric, date, text) IS
    'transition function of crm_mrr_movements';

CREATE FUNCTION crm_mrr_movements_combinefn(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mrr_movements_combinefn(internal, internal) IS
    'combine function of crm_mrr_movements';

CREATE FUNCTION crm_mrr_movements_serialfn(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mrr_movements_serialfn(internal) IS
    'serialization function of crm_mrr_movements';

CREATE FUNCTION crm_mrr_movements_deserialfn(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mrr_movements_deserialfn(bytea, internal) IS
    'deserialization function of crm_mrr_movements';

CREATE FUNCTION crm_mrr_movements_finalfn(internal) RETURNS crm_mrr_movement_row[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_mrr_movements_finalfn(internal) IS
    'final function of crm_mrr_movements';

CREATE AGGREGATE crm_mrr_movements(month date, mrr numeric) (
    SFUNC = crm_mrr_movements_transfn, STYPE = internal, SSPACE = 800,
    COMBINEFUNC = crm_mrr_movements_combinefn,
    SERIALFUNC = crm_mrr_movements_serialfn, DESERIALFUNC = crm_mrr_movements_deserialfn,
    FINALFUNC = crm_mrr_movements_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_mrr_movements(date, numeric) IS
    'movements of an account''s MRR by month, churn in the first unpaid month; nothing is known after its last month';

CREATE AGGREGATE crm_mrr_movements(month date, mrr numeric, horizon date) (
    SFUNC = crm_mrr_movements_transfn, STYPE = internal, SSPACE = 800,
    COMBINEFUNC = crm_mrr_movements_combinefn,
    SERIALFUNC = crm_mrr_movements_serialfn, DESERIALFUNC = crm_mrr_movements_deserialfn,
    FINALFUNC = crm_mrr_movements_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_mrr_movements(date, numeric, date) IS
    'movements of an account''s MRR by month up to the horizon, the last month that is known';

CREATE AGGREGATE crm_mrr_movements(month date, mrr numeric, horizon date, currency text) (
    SFUNC = crm_mrr_movements_transfn, STYPE = internal, SSPACE = 800,
    COMBINEFUNC = crm_mrr_movements_combinefn,
    SERIALFUNC = crm_mrr_movements_serialfn, DESERIALFUNC = crm_mrr_movements_deserialfn,
    FINALFUNC = crm_mrr_movements_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_mrr_movements(date, numeric, date, text) IS
    'movements of an account''s MRR by month up to the horizon; an error where the currency varies';

-- Summary type

CREATE TYPE crm_mrr_summary;
COMMENT ON TYPE crm_mrr_summary IS
    'customers and amounts by kind of MRR movement, mergeable by crm_rollup';

CREATE FUNCTION crm_mrr_summary_in(cstring) RETURNS crm_mrr_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_mrr_summary_in(cstring) IS 'input function of crm_mrr_summary';

CREATE FUNCTION crm_mrr_summary_out(crm_mrr_summary) RETURNS cstring
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_mrr_summary_out(crm_mrr_summary) IS 'output function of crm_mrr_summary';

CREATE FUNCTION crm_mrr_summary_recv(internal) RETURNS crm_mrr_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_mrr_summary_recv(internal) IS 'binary input function of crm_mrr_summary';

CREATE FUNCTION crm_mrr_summary_send(crm_mrr_summary) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_mrr_summary_send(crm_mrr_summary) IS
    'binary output function of crm_mrr_summary';

CREATE TYPE crm_mrr_summary (
    INPUT = crm_mrr_summary_in, OUTPUT = crm_mrr_summary_out,
    RECEIVE = crm_mrr_summary_recv, SEND = crm_mrr_summary_send,
    INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);

CREATE FUNCTION crm_mrr_summary_to_jsonb(crm_mrr_summary) RETURNS jsonb
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_mrr_summary_to_jsonb(crm_mrr_summary) IS
    'fields of a crm_mrr_summary as a JSON object';

CREATE CAST (crm_mrr_summary AS jsonb) WITH FUNCTION crm_mrr_summary_to_jsonb(crm_mrr_summary);
COMMENT ON CAST (crm_mrr_summary AS jsonb) IS 'fields of a crm_mrr_summary as a JSON object';

-- Accessors, some of which are final functions as well

CREATE FUNCTION crm_mrr_amount(summary crm_mrr_summary, kind crm_mrr_kind) RETURNS numeric
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mrr_amount(crm_mrr_summary, crm_mrr_kind) IS
    'MRR that moved in that way, negative for contraction and churn';

CREATE FUNCTION crm_mrr_customers(summary crm_mrr_summary, kind crm_mrr_kind) RETURNS bigint
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mrr_customers(crm_mrr_summary, crm_mrr_kind) IS
    'customers whose MRR moved in that way';

CREATE FUNCTION crm_mrr_opening(summary crm_mrr_summary) RETURNS numeric
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mrr_opening(crm_mrr_summary) IS
    'MRR at the start of the period; NULL for a summary of movements alone';

CREATE FUNCTION crm_mrr_opening_customers(summary crm_mrr_summary) RETURNS bigint
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mrr_opening_customers(crm_mrr_summary) IS
    'customers with MRR at the start of the period; NULL for a summary of movements alone';

CREATE FUNCTION crm_mrr_net_new(summary crm_mrr_summary) RETURNS numeric
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mrr_net_new(crm_mrr_summary) IS
    'all movements together: by how much MRR grew';

CREATE FUNCTION crm_nrr(summary crm_mrr_summary) RETURNS double precision
    AS 'MODULE_PATHNAME', 'crm_nrr_summary' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_nrr(crm_mrr_summary) IS
    'net revenue retention of the customers at the start: (opening + expansion - contraction - churn) / opening';

CREATE FUNCTION crm_nrr(summary crm_mrr_summary, with_reactivation boolean)
    RETURNS double precision
    AS 'MODULE_PATHNAME', 'crm_nrr_summary' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_nrr(crm_mrr_summary, boolean) IS
    'net revenue retention, with reactivated MRR in the numerator on request';

CREATE FUNCTION crm_nrr_finalfn(crm_mrr_summary) RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_nrr_finalfn(crm_mrr_summary) IS
    'final function of crm_nrr with reactivation';

CREATE FUNCTION crm_grr(summary crm_mrr_summary) RETURNS double precision
    AS 'MODULE_PATHNAME', 'crm_grr_summary' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_grr(crm_mrr_summary) IS
    'gross revenue retention of the customers at the start: (opening - contraction - churn) / opening, at most 1';

CREATE FUNCTION crm_logo_churn(summary crm_mrr_summary) RETURNS double precision
    AS 'MODULE_PATHNAME', 'crm_logo_churn_summary'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_logo_churn(crm_mrr_summary) IS
    'customers lost / customers at the start';

CREATE FUNCTION crm_revenue_churn(summary crm_mrr_summary) RETURNS double precision
    AS 'MODULE_PATHNAME', 'crm_revenue_churn_summary'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_revenue_churn(crm_mrr_summary) IS
    'gross revenue churn: (contraction + churn) / opening';

CREATE FUNCTION crm_revenue_churn(summary crm_mrr_summary, with_contraction boolean)
    RETURNS double precision
    AS 'MODULE_PATHNAME', 'crm_revenue_churn_summary'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_revenue_churn(crm_mrr_summary, boolean) IS
    'gross revenue churn, with contraction or of lost customers alone';

CREATE FUNCTION crm_net_revenue_churn(summary crm_mrr_summary) RETURNS double precision
    AS 'MODULE_PATHNAME', 'crm_net_revenue_churn_summary'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_net_revenue_churn(crm_mrr_summary) IS
    'net revenue churn: (contraction + churn - expansion) / opening, negative where expansion outweighs';

CREATE FUNCTION crm_net_revenue_churn(summary crm_mrr_summary, with_reactivation boolean)
    RETURNS double precision
    AS 'MODULE_PATHNAME', 'crm_net_revenue_churn_summary'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_net_revenue_churn(crm_mrr_summary, boolean) IS
    'net revenue churn, less reactivated MRR on request';

CREATE FUNCTION crm_net_revenue_churn_finalfn(crm_mrr_summary) RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_net_revenue_churn_finalfn(crm_mrr_summary) IS
    'final function of crm_net_revenue_churn with reactivation';

CREATE FUNCTION crm_quick_ratio(summary crm_mrr_summary) RETURNS double precision
    AS 'MODULE_PATHNAME', 'crm_quick_ratio_summary'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_quick_ratio(crm_mrr_summary) IS
    '(new + expansion + reactivation) / (contraction + churn)';

CREATE FUNCTION crm_quick_ratio(new numeric, expansion numeric, reactivation numeric,
                                contraction numeric, churn numeric)
    RETURNS double precision
    AS 'MODULE_PATHNAME', 'crm_quick_ratio_scalar'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_quick_ratio(numeric, numeric, numeric, numeric, numeric) IS
    '(new + expansion + reactivation) / (contraction + churn), losses as magnitudes or negative';

-- Aggregates over movements and over pairs of start and end, all of one state

CREATE FUNCTION crm_mrr_summary_transfn(crm_mrr_summary, kind crm_mrr_kind, amount numeric)
    RETURNS crm_mrr_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mrr_summary_transfn(crm_mrr_summary, crm_mrr_kind, numeric) IS
    'transition function of aggregates over MRR movements';

CREATE FUNCTION crm_mrr_summary_transfn(crm_mrr_summary, kind crm_mrr_kind, amount numeric,
                                        currency text)
    RETURNS crm_mrr_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mrr_summary_transfn(crm_mrr_summary, crm_mrr_kind, numeric, text) IS
    'transition function of aggregates over MRR movements of one currency';

CREATE FUNCTION crm_mrr_summary_transfn(crm_mrr_summary, kind text, amount numeric)
    RETURNS crm_mrr_summary
    AS 'MODULE_PATHNAME', 'crm_mrr_summary_transfn_text'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mrr_summary_transfn(crm_mrr_summary, text, numeric) IS
    'transition function of aggregates over MRR movements with kinds as text';

CREATE FUNCTION crm_mrr_summary_invfn(crm_mrr_summary, kind crm_mrr_kind, amount numeric)
    RETURNS crm_mrr_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mrr_summary_invfn(crm_mrr_summary, crm_mrr_kind, numeric) IS
    'inverse transition function of aggregates over MRR movements';

CREATE FUNCTION crm_mrr_summary_invfn(crm_mrr_summary, kind text, amount numeric)
    RETURNS crm_mrr_summary
    AS 'MODULE_PATHNAME', 'crm_mrr_summary_invfn_text'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mrr_summary_invfn(crm_mrr_summary, text, numeric) IS
    'inverse transition function of aggregates over MRR movements with kinds as text';

CREATE FUNCTION crm_mrr_summary_pair_transfn(crm_mrr_summary, "start" numeric, "end" numeric)
    RETURNS crm_mrr_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mrr_summary_pair_transfn(crm_mrr_summary, numeric, numeric) IS
    'transition function of aggregates over MRR at the start and end of a period';

CREATE FUNCTION crm_mrr_summary_pair_transfn(crm_mrr_summary, "start" numeric, "end" numeric,
                                             reactivated boolean)
    RETURNS crm_mrr_summary
    AS 'MODULE_PATHNAME', 'crm_mrr_summary_pair_transfn_reactivated'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mrr_summary_pair_transfn(crm_mrr_summary, numeric, numeric, boolean) IS
    'transition function of aggregates over MRR at the start and end of a period, with reactivation';

CREATE FUNCTION crm_mrr_summary_pair_transfn(crm_mrr_summary, "start" numeric, "end" numeric,
                                             currency text)
    RETURNS crm_mrr_summary
    AS 'MODULE_PATHNAME', 'crm_mrr_summary_pair_transfn_currency'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mrr_summary_pair_transfn(crm_mrr_summary, numeric, numeric, text) IS
    'transition function of aggregates over MRR at the start and end of a period, of one currency';

CREATE FUNCTION crm_mrr_summary_pair_invfn(crm_mrr_summary, "start" numeric, "end" numeric)
    RETURNS crm_mrr_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mrr_summary_pair_invfn(crm_mrr_summary, numeric, numeric) IS
    'inverse transition function of aggregates over MRR at the start and end of a period';

CREATE FUNCTION crm_mrr_summary_pair_invfn(crm_mrr_summary, "start" numeric, "end" numeric,
                                           reactivated boolean)
    RETURNS crm_mrr_summary
    AS 'MODULE_PATHNAME', 'crm_mrr_summary_pair_invfn_reactivated'
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mrr_summary_pair_invfn(crm_mrr_summary, numeric, numeric, boolean) IS
    'inverse transition function of aggregates over MRR at the start and end of a period, with reactivation';

CREATE FUNCTION crm_mrr_summary_combinefn(crm_mrr_summary, crm_mrr_summary)
    RETURNS crm_mrr_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mrr_summary_combinefn(crm_mrr_summary, crm_mrr_summary) IS
    'sum of two summaries of one currency';

CREATE FUNCTION crm_mrr_summary_finalfn(crm_mrr_summary) RETURNS crm_mrr_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mrr_summary_finalfn(crm_mrr_summary) IS
    'final function of crm_mrr_summary; NULL for no rows';

CREATE AGGREGATE crm_mrr_summary(kind crm_mrr_kind, amount numeric) (
    SFUNC = crm_mrr_summary_transfn, STYPE = crm_mrr_summary, SSPACE = 256,
    INITCOND = 'crm_mrr_summary:1 opening=0 new=0 expansion=0 contraction=0 churn=0 reactivation=0 opening_customers=0 new_customers=0 expansion_customers=0 contraction_customers=0 churn_customers=0 reactivation_customers=0 retained_customers=0 none_customers=0',
    COMBINEFUNC = crm_mrr_summary_combinefn,
    FINALFUNC = crm_mrr_summary_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_mrr_summary(crm_mrr_kind, numeric) IS
    'customers and amounts by kind of movement';

CREATE AGGREGATE crm_mrr_summary(kind crm_mrr_kind, amount numeric, currency text) (
    SFUNC = crm_mrr_summary_transfn, STYPE = crm_mrr_summary, SSPACE = 256,
    INITCOND = 'crm_mrr_summary:1 opening=0 new=0 expansion=0 contraction=0 churn=0 reactivation=0 opening_customers=0 new_customers=0 expansion_customers=0 contraction_customers=0 churn_customers=0 reactivation_customers=0 retained_customers=0 none_customers=0',
    COMBINEFUNC = crm_mrr_summary_combinefn,
    FINALFUNC = crm_mrr_summary_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_mrr_summary(crm_mrr_kind, numeric, text) IS
    'customers and amounts by kind of movement; an error where the currency varies';

CREATE AGGREGATE crm_mrr_summary(kind text, amount numeric) (
    SFUNC = crm_mrr_summary_transfn, STYPE = crm_mrr_summary, SSPACE = 256,
    INITCOND = 'crm_mrr_summary:1 opening=0 new=0 expansion=0 contraction=0 churn=0 reactivation=0 opening_customers=0 new_customers=0 expansion_customers=0 contraction_customers=0 churn_customers=0 reactivation_customers=0 retained_customers=0 none_customers=0',
    COMBINEFUNC = crm_mrr_summary_combinefn,
    FINALFUNC = crm_mrr_summary_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_mrr_summary(text, numeric) IS
    'customers and amounts by kind of movement, kinds as text';

CREATE AGGREGATE crm_mrr_summary("start" numeric, "end" numeric) (
    SFUNC = crm_mrr_summary_pair_transfn, STYPE = crm_mrr_summary, SSPACE = 256,
    INITCOND = 'crm_mrr_summary:1 opening=0 new=0 expansion=0 contraction=0 churn=0 reactivation=0 opening_customers=0 new_customers=0 expansion_customers=0 contraction_customers=0 churn_customers=0 reactivation_customers=0 retained_customers=0 none_customers=0',
    COMBINEFUNC = crm_mrr_summary_combinefn,
    FINALFUNC = crm_mrr_summary_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_mrr_summary(numeric, numeric) IS
    'opening and movements from each customer''s MRR at the start and end of a period';

CREATE AGGREGATE crm_mrr_summary("start" numeric, "end" numeric, reactivated boolean) (
    SFUNC = crm_mrr_summary_pair_transfn, STYPE = crm_mrr_summary, SSPACE = 256,
    INITCOND = 'crm_mrr_summary:1 opening=0 new=0 expansion=0 contraction=0 churn=0 reactivation=0 opening_customers=0 new_customers=0 expansion_customers=0 contraction_customers=0 churn_customers=0 reactivation_customers=0 retained_customers=0 none_customers=0',
    COMBINEFUNC = crm_mrr_summary_combinefn,
    FINALFUNC = crm_mrr_summary_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_mrr_summary(numeric, numeric, boolean) IS
    'opening and movements from each customer''s MRR at the start and end of a period, telling reactivated customers from new ones';

CREATE AGGREGATE crm_mrr_summary("start" numeric, "end" numeric, currency text) (
    SFUNC = crm_mrr_summary_pair_transfn, STYPE = crm_mrr_summary, SSPACE = 256,
    INITCOND = 'crm_mrr_summary:1 opening=0 new=0 expansion=0 contraction=0 churn=0 reactivation=0 opening_customers=0 new_customers=0 expansion_customers=0 contraction_customers=0 churn_customers=0 reactivation_customers=0 retained_customers=0 none_customers=0',
    COMBINEFUNC = crm_mrr_summary_combinefn,
    FINALFUNC = crm_mrr_summary_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_mrr_summary(numeric, numeric, text) IS
    'opening and movements from each customer''s MRR at the start and end of a period; an error where the currency varies';

CREATE AGGREGATE crm_quick_ratio(kind crm_mrr_kind, amount numeric) (
    SFUNC = crm_mrr_summary_transfn, STYPE = crm_mrr_summary, SSPACE = 256,
    INITCOND = 'crm_mrr_summary:1 opening=0 new=0 expansion=0 contraction=0 churn=0 reactivation=0 opening_customers=0 new_customers=0 expansion_customers=0 contraction_customers=0 churn_customers=0 reactivation_customers=0 retained_customers=0 none_customers=0',
    COMBINEFUNC = crm_mrr_summary_combinefn,
    FINALFUNC = crm_quick_ratio, FINALFUNC_MODIFY = READ_ONLY,
    MSFUNC = crm_mrr_summary_transfn, MINVFUNC = crm_mrr_summary_invfn, MSTYPE = crm_mrr_summary, MSSPACE = 256,
    MINITCOND = 'crm_mrr_summary:1 opening=0 new=0 expansion=0 contraction=0 churn=0 reactivation=0 opening_customers=0 new_customers=0 expansion_customers=0 contraction_customers=0 churn_customers=0 reactivation_customers=0 retained_customers=0 none_customers=0',
    MFINALFUNC = crm_quick_ratio, MFINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_quick_ratio(crm_mrr_kind, numeric) IS
    '(new + expansion + reactivation) / (contraction + churn)';

CREATE AGGREGATE crm_quick_ratio(kind crm_mrr_kind, amount numeric, currency text) (
    SFUNC = crm_mrr_summary_transfn, STYPE = crm_mrr_summary, SSPACE = 256,
    INITCOND = 'crm_mrr_summary:1 opening=0 new=0 expansion=0 contraction=0 churn=0 reactivation=0 opening_customers=0 new_customers=0 expansion_customers=0 contraction_customers=0 churn_customers=0 reactivation_customers=0 retained_customers=0 none_customers=0',
    COMBINEFUNC = crm_mrr_summary_combinefn,
    FINALFUNC = crm_quick_ratio, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_quick_ratio(crm_mrr_kind, numeric, text) IS
    '(new + expansion + reactivation) / (contraction + churn); an error where the currency varies';

CREATE AGGREGATE crm_quick_ratio(kind text, amount numeric) (
    SFUNC = crm_mrr_summary_transfn, STYPE = crm_mrr_summary, SSPACE = 256,
    INITCOND = 'crm_mrr_summary:1 opening=0 new=0 expansion=0 contraction=0 churn=0 reactivation=0 opening_customers=0 new_customers=0 expansion_customers=0 contraction_customers=0 churn_customers=0 reactivation_customers=0 retained_customers=0 none_customers=0',
    COMBINEFUNC = crm_mrr_summary_combinefn,
    FINALFUNC = crm_quick_ratio, FINALFUNC_MODIFY = READ_ONLY,
    MSFUNC = crm_mrr_summary_transfn, MINVFUNC = crm_mrr_summary_invfn, MSTYPE = crm_mrr_summary, MSSPACE = 256,
    MINITCOND = 'crm_mrr_summary:1 opening=0 new=0 expansion=0 contraction=0 churn=0 reactivation=0 opening_customers=0 new_customers=0 expansion_customers=0 contraction_customers=0 churn_customers=0 reactivation_customers=0 retained_customers=0 none_customers=0',
    MFINALFUNC = crm_quick_ratio, MFINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_quick_ratio(text, numeric) IS
    '(new + expansion + reactivation) / (contraction + churn), kinds as text';

CREATE AGGREGATE crm_nrr("start" numeric, "end" numeric) (
    SFUNC = crm_mrr_summary_pair_transfn, STYPE = crm_mrr_summary, SSPACE = 256,
    INITCOND = 'crm_mrr_summary:1 opening=0 new=0 expansion=0 contraction=0 churn=0 reactivation=0 opening_customers=0 new_customers=0 expansion_customers=0 contraction_customers=0 churn_customers=0 reactivation_customers=0 retained_customers=0 none_customers=0',
    COMBINEFUNC = crm_mrr_summary_combinefn,
    FINALFUNC = crm_nrr, FINALFUNC_MODIFY = READ_ONLY,
    MSFUNC = crm_mrr_summary_pair_transfn, MINVFUNC = crm_mrr_summary_pair_invfn, MSTYPE = crm_mrr_summary, MSSPACE = 256,
    MINITCOND = 'crm_mrr_summary:1 opening=0 new=0 expansion=0 contraction=0 churn=0 reactivation=0 opening_customers=0 new_customers=0 expansion_customers=0 contraction_customers=0 churn_customers=0 reactivation_customers=0 retained_customers=0 none_customers=0',
    MFINALFUNC = crm_nrr, MFINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_nrr(numeric, numeric) IS
    'net revenue retention of the customers with MRR at the start';

CREATE AGGREGATE crm_nrr("start" numeric, "end" numeric, reactivated boolean) (
    SFUNC = crm_mrr_summary_pair_transfn, STYPE = crm_mrr_summary, SSPACE = 256,
    INITCOND = 'crm_mrr_summary:1 opening=0 new=0 expansion=0 contraction=0 churn=0 reactivation=0 opening_customers=0 new_customers=0 expansion_customers=0 contraction_customers=0 churn_customers=0 reactivation_customers=0 retained_customers=0 none_customers=0',
    COMBINEFUNC = crm_mrr_summary_combinefn,
    FINALFUNC = crm_nrr_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    MSFUNC = crm_mrr_summary_pair_transfn, MINVFUNC = crm_mrr_summary_pair_invfn, MSTYPE = crm_mrr_summary, MSSPACE = 256,
    MINITCOND = 'crm_mrr_summary:1 opening=0 new=0 expansion=0 contraction=0 churn=0 reactivation=0 opening_customers=0 new_customers=0 expansion_customers=0 contraction_customers=0 churn_customers=0 reactivation_customers=0 retained_customers=0 none_customers=0',
    MFINALFUNC = crm_nrr_finalfn, MFINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_nrr(numeric, numeric, boolean) IS
    'net revenue retention of the customers with MRR at the start; customers that came back add to what is retained';

CREATE AGGREGATE crm_nrr("start" numeric, "end" numeric, currency text) (
    SFUNC = crm_mrr_summary_pair_transfn, STYPE = crm_mrr_summary, SSPACE = 256,
    INITCOND = 'crm_mrr_summary:1 opening=0 new=0 expansion=0 contraction=0 churn=0 reactivation=0 opening_customers=0 new_customers=0 expansion_customers=0 contraction_customers=0 churn_customers=0 reactivation_customers=0 retained_customers=0 none_customers=0',
    COMBINEFUNC = crm_mrr_summary_combinefn,
    FINALFUNC = crm_nrr, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_nrr(numeric, numeric, text) IS
    'net revenue retention of the customers with MRR at the start; an error where the currency varies';

CREATE AGGREGATE crm_grr("start" numeric, "end" numeric) (
    SFUNC = crm_mrr_summary_pair_transfn, STYPE = crm_mrr_summary, SSPACE = 256,
    INITCOND = 'crm_mrr_summary:1 opening=0 new=0 expansion=0 contraction=0 churn=0 reactivation=0 opening_customers=0 new_customers=0 expansion_customers=0 contraction_customers=0 churn_customers=0 reactivation_customers=0 retained_customers=0 none_customers=0',
    COMBINEFUNC = crm_mrr_summary_combinefn,
    FINALFUNC = crm_grr, FINALFUNC_MODIFY = READ_ONLY,
    MSFUNC = crm_mrr_summary_pair_transfn, MINVFUNC = crm_mrr_summary_pair_invfn, MSTYPE = crm_mrr_summary, MSSPACE = 256,
    MINITCOND = 'crm_mrr_summary:1 opening=0 new=0 expansion=0 contraction=0 churn=0 reactivation=0 opening_customers=0 new_customers=0 expansion_customers=0 contraction_customers=0 churn_customers=0 reactivation_customers=0 retained_customers=0 none_customers=0',
    MFINALFUNC = crm_grr, MFINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_grr(numeric, numeric) IS
    'gross revenue retention of the customers with MRR at the start, each capped at what he paid then; at most 1';

CREATE AGGREGATE crm_grr("start" numeric, "end" numeric, currency text) (
    SFUNC = crm_mrr_summary_pair_transfn, STYPE = crm_mrr_summary, SSPACE = 256,
    INITCOND = 'crm_mrr_summary:1 opening=0 new=0 expansion=0 contraction=0 churn=0 reactivation=0 opening_customers=0 new_customers=0 expansion_customers=0 contraction_customers=0 churn_customers=0 reactivation_customers=0 retained_customers=0 none_customers=0',
    COMBINEFUNC = crm_mrr_summary_combinefn,
    FINALFUNC = crm_grr, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_grr(numeric, numeric, text) IS
    'gross revenue retention of the customers with MRR at the start, each capped at what he paid then; at most 1; an error where the currency varies';

CREATE AGGREGATE crm_logo_churn("start" numeric, "end" numeric) (
    SFUNC = crm_mrr_summary_pair_transfn, STYPE = crm_mrr_summary, SSPACE = 256,
    INITCOND = 'crm_mrr_summary:1 opening=0 new=0 expansion=0 contraction=0 churn=0 reactivation=0 opening_customers=0 new_customers=0 expansion_customers=0 contraction_customers=0 churn_customers=0 reactivation_customers=0 retained_customers=0 none_customers=0',
    COMBINEFUNC = crm_mrr_summary_combinefn,
    FINALFUNC = crm_logo_churn, FINALFUNC_MODIFY = READ_ONLY,
    MSFUNC = crm_mrr_summary_pair_transfn, MINVFUNC = crm_mrr_summary_pair_invfn, MSTYPE = crm_mrr_summary, MSSPACE = 256,
    MINITCOND = 'crm_mrr_summary:1 opening=0 new=0 expansion=0 contraction=0 churn=0 reactivation=0 opening_customers=0 new_customers=0 expansion_customers=0 contraction_customers=0 churn_customers=0 reactivation_customers=0 retained_customers=0 none_customers=0',
    MFINALFUNC = crm_logo_churn, MFINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_logo_churn(numeric, numeric) IS
    'share of the customers with MRR at the start that have none at the end';

CREATE AGGREGATE crm_revenue_churn("start" numeric, "end" numeric) (
    SFUNC = crm_mrr_summary_pair_transfn, STYPE = crm_mrr_summary, SSPACE = 256,
    INITCOND = 'crm_mrr_summary:1 opening=0 new=0 expansion=0 contraction=0 churn=0 reactivation=0 opening_customers=0 new_customers=0 expansion_customers=0 contraction_customers=0 churn_customers=0 reactivation_customers=0 retained_customers=0 none_customers=0',
    COMBINEFUNC = crm_mrr_summary_combinefn,
    FINALFUNC = crm_revenue_churn, FINALFUNC_MODIFY = READ_ONLY,
    MSFUNC = crm_mrr_summary_pair_transfn, MINVFUNC = crm_mrr_summary_pair_invfn, MSTYPE = crm_mrr_summary, MSSPACE = 256,
    MINITCOND = 'crm_mrr_summary:1 opening=0 new=0 expansion=0 contraction=0 churn=0 reactivation=0 opening_customers=0 new_customers=0 expansion_customers=0 contraction_customers=0 churn_customers=0 reactivation_customers=0 retained_customers=0 none_customers=0',
    MFINALFUNC = crm_revenue_churn, MFINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_revenue_churn(numeric, numeric) IS
    'gross revenue churn: share of the MRR at the start lost to contraction and churn';

CREATE AGGREGATE crm_revenue_churn("start" numeric, "end" numeric, currency text) (
    SFUNC = crm_mrr_summary_pair_transfn, STYPE = crm_mrr_summary, SSPACE = 256,
    INITCOND = 'crm_mrr_summary:1 opening=0 new=0 expansion=0 contraction=0 churn=0 reactivation=0 opening_customers=0 new_customers=0 expansion_customers=0 contraction_customers=0 churn_customers=0 reactivation_customers=0 retained_customers=0 none_customers=0',
    COMBINEFUNC = crm_mrr_summary_combinefn,
    FINALFUNC = crm_revenue_churn, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_revenue_churn(numeric, numeric, text) IS
    'gross revenue churn: share of the MRR at the start lost to contraction and churn; an error where the currency varies';

CREATE AGGREGATE crm_net_revenue_churn("start" numeric, "end" numeric) (
    SFUNC = crm_mrr_summary_pair_transfn, STYPE = crm_mrr_summary, SSPACE = 256,
    INITCOND = 'crm_mrr_summary:1 opening=0 new=0 expansion=0 contraction=0 churn=0 reactivation=0 opening_customers=0 new_customers=0 expansion_customers=0 contraction_customers=0 churn_customers=0 reactivation_customers=0 retained_customers=0 none_customers=0',
    COMBINEFUNC = crm_mrr_summary_combinefn,
    FINALFUNC = crm_net_revenue_churn, FINALFUNC_MODIFY = READ_ONLY,
    MSFUNC = crm_mrr_summary_pair_transfn, MINVFUNC = crm_mrr_summary_pair_invfn, MSTYPE = crm_mrr_summary, MSSPACE = 256,
    MINITCOND = 'crm_mrr_summary:1 opening=0 new=0 expansion=0 contraction=0 churn=0 reactivation=0 opening_customers=0 new_customers=0 expansion_customers=0 contraction_customers=0 churn_customers=0 reactivation_customers=0 retained_customers=0 none_customers=0',
    MFINALFUNC = crm_net_revenue_churn, MFINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_net_revenue_churn(numeric, numeric) IS
    'net revenue churn: share of the MRR at the start lost to contraction and churn, less expansion';

CREATE AGGREGATE crm_net_revenue_churn("start" numeric, "end" numeric, reactivated boolean) (
    SFUNC = crm_mrr_summary_pair_transfn, STYPE = crm_mrr_summary, SSPACE = 256,
    INITCOND = 'crm_mrr_summary:1 opening=0 new=0 expansion=0 contraction=0 churn=0 reactivation=0 opening_customers=0 new_customers=0 expansion_customers=0 contraction_customers=0 churn_customers=0 reactivation_customers=0 retained_customers=0 none_customers=0',
    COMBINEFUNC = crm_mrr_summary_combinefn,
    FINALFUNC = crm_net_revenue_churn_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    MSFUNC = crm_mrr_summary_pair_transfn, MINVFUNC = crm_mrr_summary_pair_invfn, MSTYPE = crm_mrr_summary, MSSPACE = 256,
    MINITCOND = 'crm_mrr_summary:1 opening=0 new=0 expansion=0 contraction=0 churn=0 reactivation=0 opening_customers=0 new_customers=0 expansion_customers=0 contraction_customers=0 churn_customers=0 reactivation_customers=0 retained_customers=0 none_customers=0',
    MFINALFUNC = crm_net_revenue_churn_finalfn, MFINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_net_revenue_churn(numeric, numeric, boolean) IS
    'net revenue churn: share of the MRR at the start lost to contraction and churn, less expansion and what reactivated customers bring back';

CREATE AGGREGATE crm_net_revenue_churn("start" numeric, "end" numeric, currency text) (
    SFUNC = crm_mrr_summary_pair_transfn, STYPE = crm_mrr_summary, SSPACE = 256,
    INITCOND = 'crm_mrr_summary:1 opening=0 new=0 expansion=0 contraction=0 churn=0 reactivation=0 opening_customers=0 new_customers=0 expansion_customers=0 contraction_customers=0 churn_customers=0 reactivation_customers=0 retained_customers=0 none_customers=0',
    COMBINEFUNC = crm_mrr_summary_combinefn,
    FINALFUNC = crm_net_revenue_churn, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_net_revenue_churn(numeric, numeric, text) IS
    'net revenue churn: share of the MRR at the start lost to contraction and churn, less expansion; an error where the currency varies';

CREATE AGGREGATE crm_rollup(crm_mrr_summary) (
    SFUNC = crm_mrr_summary_combinefn, STYPE = crm_mrr_summary, SSPACE = 256,
    COMBINEFUNC = crm_mrr_summary_combinefn,
    FINALFUNC = crm_mrr_summary_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rollup(crm_mrr_summary) IS
    'sum of summaries of one currency';

-- Waterfall

CREATE FUNCTION crm_mrr_waterfall_transfn(internal, month date, kind crm_mrr_kind,
                                          amount numeric)
    RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mrr_waterfall_transfn(internal, date, crm_mrr_kind, numeric) IS
    'transition function of crm_mrr_waterfall';

CREATE FUNCTION crm_mrr_waterfall_transfn(internal, month date, kind crm_mrr_kind,
                                          amount numeric, currency text)
    RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mrr_waterfall_transfn(internal, date, crm_mrr_kind, numeric, text) IS
    'transition function of crm_mrr_waterfall of one currency';

CREATE FUNCTION crm_mrr_waterfall_transfn(internal, month date, kind text, amount numeric)
    RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_mrr_waterfall_transfn_text'
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mrr_waterfall_transfn(internal, date, text, numeric) IS
    'transition function of crm_mrr_waterfall with kinds as text';

CREATE FUNCTION crm_mrr_waterfall_transfn(internal, movements crm_mrr_movement_row[])
    RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_mrr_waterfall_transfn_rows'
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_mrr_waterfall_transfn(internal, crm_mrr_movement_row[]) IS
    'transition function of crm_mrr_waterfall over accounts';

CREATE FUNCTION crm_mrr_waterfall_transfn(internal, movements crm_mrr_movement_row[], currency text)
    RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_mrr_waterfall_transfn_rows'
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_mrr_waterfall_transfn(internal, crm_mrr_movement_row[], text) IS
    'transition function of crm_mrr_waterfall over accounts of one currency';

CREATE FUNCTION crm_mrr_waterfall_transfn(internal, month date, summary crm_mrr_summary)
    RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_mrr_waterfall_transfn_summary'
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mrr_waterfall_transfn(internal, date, crm_mrr_summary) IS
    'transition function of crm_mrr_waterfall over monthly summaries';

CREATE FUNCTION crm_mrr_waterfall_combinefn(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mrr_waterfall_combinefn(internal, internal) IS
    'combine function of crm_mrr_waterfall';

CREATE FUNCTION crm_mrr_waterfall_serialfn(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_mrr_waterfall_serialfn(internal) IS
    'serialization function of crm_mrr_waterfall';

CREATE FUNCTION crm_mrr_waterfall_deserialfn(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_mrr_waterfall_deserialfn(bytea, internal) IS
    'deserialization function of crm_mrr_waterfall';

CREATE FUNCTION crm_mrr_waterfall_finalfn(internal) RETURNS crm_mrr_waterfall_row[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_mrr_waterfall_finalfn(internal) IS
    'final function of crm_mrr_waterfall';

CREATE AGGREGATE crm_mrr_waterfall(month date, kind crm_mrr_kind, amount numeric) (
    SFUNC = crm_mrr_waterfall_transfn, STYPE = internal, SSPACE = 12000,
    COMBINEFUNC = crm_mrr_waterfall_combinefn,
    SERIALFUNC = crm_mrr_waterfall_serialfn, DESERIALFUNC = crm_mrr_waterfall_deserialfn,
    FINALFUNC = crm_mrr_waterfall_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_mrr_waterfall(date, crm_mrr_kind, numeric) IS
    'opening, movements, closing and rates for each month, from movements of all accounts';

CREATE AGGREGATE crm_mrr_waterfall(month date, kind crm_mrr_kind, amount numeric, currency text) (
    SFUNC = crm_mrr_waterfall_transfn, STYPE = internal, SSPACE = 12000,
    COMBINEFUNC = crm_mrr_waterfall_combinefn,
    SERIALFUNC = crm_mrr_waterfall_serialfn, DESERIALFUNC = crm_mrr_waterfall_deserialfn,
    FINALFUNC = crm_mrr_waterfall_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_mrr_waterfall(date, crm_mrr_kind, numeric, text) IS
    'opening, movements, closing and rates for each month, from movements of all accounts; an error where the currency varies';

CREATE AGGREGATE crm_mrr_waterfall(month date, kind text, amount numeric) (
    SFUNC = crm_mrr_waterfall_transfn, STYPE = internal, SSPACE = 12000,
    COMBINEFUNC = crm_mrr_waterfall_combinefn,
    SERIALFUNC = crm_mrr_waterfall_serialfn, DESERIALFUNC = crm_mrr_waterfall_deserialfn,
    FINALFUNC = crm_mrr_waterfall_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_mrr_waterfall(date, text, numeric) IS
    'opening, movements, closing and rates for each month, from movements of all accounts, kinds as text';

CREATE AGGREGATE crm_mrr_waterfall(movements crm_mrr_movement_row[]) (
    SFUNC = crm_mrr_waterfall_transfn, STYPE = internal, SSPACE = 12000,
    COMBINEFUNC = crm_mrr_waterfall_combinefn,
    SERIALFUNC = crm_mrr_waterfall_serialfn, DESERIALFUNC = crm_mrr_waterfall_deserialfn,
    FINALFUNC = crm_mrr_waterfall_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_mrr_waterfall(crm_mrr_movement_row[]) IS
    'opening, movements, closing and rates for each month, from what crm_mrr_movements returns for each account';

CREATE AGGREGATE crm_mrr_waterfall(movements crm_mrr_movement_row[], currency text) (
    SFUNC = crm_mrr_waterfall_transfn, STYPE = internal, SSPACE = 12000,
    COMBINEFUNC = crm_mrr_waterfall_combinefn,
    SERIALFUNC = crm_mrr_waterfall_serialfn, DESERIALFUNC = crm_mrr_waterfall_deserialfn,
    FINALFUNC = crm_mrr_waterfall_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_mrr_waterfall(crm_mrr_movement_row[], text) IS
    'opening, movements, closing and rates for each month, from what crm_mrr_movements returns for each account; an error where the currency varies';

CREATE AGGREGATE crm_mrr_waterfall(month date, summary crm_mrr_summary) (
    SFUNC = crm_mrr_waterfall_transfn, STYPE = internal, SSPACE = 12000,
    COMBINEFUNC = crm_mrr_waterfall_combinefn,
    SERIALFUNC = crm_mrr_waterfall_serialfn, DESERIALFUNC = crm_mrr_waterfall_deserialfn,
    FINALFUNC = crm_mrr_waterfall_finalfn, FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_mrr_waterfall(date, crm_mrr_summary) IS
    'opening, movements, closing and rates for each month, from monthly summaries';
