-- Pipeline: time in stage, stage conversion, and what deals' outcomes say.

-- Time in stage

CREATE TYPE crm_stage_duration AS (
    stage      text,
    entered_at timestamptz,
    duration   interval,
    visits     integer,
    is_open    boolean
);
COMMENT ON TYPE crm_stage_duration IS
    'what an opportunity did in one stage: when it first entered, elapsed time of all its stays, how many they were, whether it is there still';

CREATE FUNCTION crm_stage_durations_transfn(internal, text, timestamptz, timestamptz) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_stage_durations_transfn(internal, text, timestamptz, timestamptz) IS
    'support: add a stage change to crm_stage_durations';
CREATE FUNCTION crm_stage_durations_transfn(internal, text, timestamptz, timestamptz, text[]) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_stage_durations_transfn(internal, text, timestamptz, timestamptz, text[]) IS
    'support: add a stage change to crm_stage_durations';
CREATE FUNCTION crm_stage_durations_combinefn(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_stage_durations_combinefn(internal, internal) IS
    'support: merge two states of crm_stage_durations';
CREATE FUNCTION crm_stage_durations_serialfn(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_stage_durations_serialfn(internal) IS
    'support: write a state of crm_stage_durations';
CREATE FUNCTION crm_stage_durations_deserialfn(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_stage_durations_deserialfn(bytea, internal) IS
    'support: read a state of crm_stage_durations';
CREATE FUNCTION crm_stage_durations_finalfn(internal) RETURNS crm_stage_duration[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_stage_durations_finalfn(internal) IS
    'support: result of crm_stage_durations';

CREATE AGGREGATE crm_stage_durations(stage text, entered_at timestamptz, as_of timestamptz) (
    SFUNC = crm_stage_durations_transfn, STYPE = internal, SSPACE = 144,
    FINALFUNC = crm_stage_durations_finalfn, FINALFUNC_MODIFY = read_only,
    COMBINEFUNC = crm_stage_durations_combinefn,
    SERIALFUNC = crm_stage_durations_serialfn, DESERIALFUNC = crm_stage_durations_deserialfn,
    PARALLEL = safe
);
COMMENT ON AGGREGATE crm_stage_durations(text, timestamptz, timestamptz) IS
    'time that an opportunity spent in each stage up to as_of, from its stage changes: one element a stage, to unnest';
CREATE AGGREGATE crm_stage_durations(stage text, entered_at timestamptz, as_of timestamptz, closed_stages text[]) (
    SFUNC = crm_stage_durations_transfn, STYPE = internal, SSPACE = 144,
    FINALFUNC = crm_stage_durations_finalfn, FINALFUNC_MODIFY = read_only,
    COMBINEFUNC = crm_stage_durations_combinefn,
    SERIALFUNC = crm_stage_durations_serialfn, DESERIALFUNC = crm_stage_durations_deserialfn,
    PARALLEL = safe
);
COMMENT ON AGGREGATE crm_stage_durations(text, timestamptz, timestamptz, text[]) IS
    'time that an opportunity spent in each stage up to as_of; a last stay in one of closed_stages is not measured';

-- Stage conversion

CREATE FUNCTION crm_stage_reached_transfn(bigint, text, text[]) RETURNS bigint
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_stage_reached_transfn(bigint, text, text[]) IS
    'support: add a stage change to crm_stage_reached';
CREATE FUNCTION crm_stage_reached_combinefn(bigint, bigint) RETURNS bigint
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_stage_reached_combinefn(bigint, bigint) IS
    'support: merge two states of crm_stage_reached';
CREATE FUNCTION crm_stage_reached_finalfn(bigint) RETURNS integer
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_stage_reached_finalfn(bigint) IS
    'support: result of crm_stage_reached';
CREATE AGGREGATE crm_stage_reached(stage text, pipeline text[]) (
    SFUNC = crm_stage_reached_transfn, STYPE = bigint,
    FINALFUNC = crm_stage_reached_finalfn, FINALFUNC_MODIFY = read_only,
    COMBINEFUNC = crm_stage_reached_combinefn, PARALLEL = safe
);
COMMENT ON AGGREGATE crm_stage_reached(text, text[]) IS
    'number of the furthest stage of the pipeline that an opportunity has come to, from 1; NULL if none';

CREATE TYPE crm_stage_summary;
CREATE FUNCTION crm_stage_summary_in(cstring) RETURNS crm_stage_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_stage_summary_in(cstring) IS
    'text form of crm_stage_summary, read';
CREATE FUNCTION crm_stage_summary_out(crm_stage_summary) RETURNS cstring
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_stage_summary_out(crm_stage_summary) IS
    'text form of crm_stage_summary, written';
CREATE FUNCTION crm_stage_summary_recv(internal) RETURNS crm_stage_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_stage_summary_recv(internal) IS
    'binary form of crm_stage_summary, read';
CREATE FUNCTION crm_stage_summary_send(crm_stage_summary) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_stage_summary_send(crm_stage_summary) IS
    'binary form of crm_stage_summary, written';
CREATE TYPE crm_stage_summary (
    INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended,
    INPUT = crm_stage_summary_in, OUTPUT = crm_stage_summary_out, RECEIVE = crm_stage_summary_recv, SEND = crm_stage_summary_send
);
COMMENT ON TYPE crm_stage_summary IS
    'how many opportunities came to each stage of a pipeline and no farther, and how many of them are lost';
CREATE FUNCTION crm_stage_summary_to_jsonb(crm_stage_summary) RETURNS jsonb
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_stage_summary_to_jsonb(crm_stage_summary) IS
    'crm_stage_summary as a JSON object';
CREATE CAST (crm_stage_summary AS jsonb) WITH FUNCTION crm_stage_summary_to_jsonb(crm_stage_summary);
COMMENT ON CAST (crm_stage_summary AS jsonb) IS 'stages, reached and lost as a JSON object';

CREATE FUNCTION crm_stage_conversion_transfn(crm_stage_summary, integer, integer) RETURNS crm_stage_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_stage_conversion_transfn(crm_stage_summary, integer, integer) IS
    'support: add an opportunity to crm_stage_conversion';
CREATE FUNCTION crm_stage_conversion_transfn(crm_stage_summary, integer, integer, boolean) RETURNS crm_stage_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_stage_conversion_transfn(crm_stage_summary, integer, integer, boolean) IS
    'support: add an opportunity to crm_stage_conversion';
CREATE FUNCTION crm_stage_conversion_invfn(crm_stage_summary, integer, integer) RETURNS crm_stage_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_stage_conversion_invfn(crm_stage_summary, integer, integer) IS
    'support: take an opportunity back from crm_stage_conversion';
CREATE FUNCTION crm_stage_conversion_invfn(crm_stage_summary, integer, integer, boolean) RETURNS crm_stage_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_stage_conversion_invfn(crm_stage_summary, integer, integer, boolean) IS
    'support: take an opportunity back from crm_stage_conversion';
CREATE FUNCTION crm_stage_conversion_finalfn(crm_stage_summary) RETURNS crm_stage_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_stage_conversion_finalfn(crm_stage_summary) IS
    'support: result of crm_stage_conversion';
CREATE FUNCTION crm_stage_summary_combinefn(crm_stage_summary, crm_stage_summary) RETURNS crm_stage_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_stage_summary_combinefn(crm_stage_summary, crm_stage_summary) IS
    'support: add two summaries of stages';
CREATE FUNCTION crm_stage_summary_invfn(crm_stage_summary, crm_stage_summary) RETURNS crm_stage_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_stage_summary_invfn(crm_stage_summary, crm_stage_summary) IS
    'support: take a summary of stages back from another';
CREATE AGGREGATE crm_stage_conversion(reached integer, n_stages integer) (
    SFUNC = crm_stage_conversion_transfn, STYPE = crm_stage_summary,
    FINALFUNC = crm_stage_conversion_finalfn, FINALFUNC_MODIFY = read_only,
    COMBINEFUNC = crm_stage_summary_combinefn,
    MSFUNC = crm_stage_conversion_transfn, MINVFUNC = crm_stage_conversion_invfn, MSTYPE = crm_stage_summary,
    MFINALFUNC = crm_stage_conversion_finalfn, MFINALFUNC_MODIFY = read_only,
    PARALLEL = safe
);
COMMENT ON AGGREGATE crm_stage_conversion(integer, integer) IS
    'how far opportunities came in a pipeline of n_stages: one row an opportunity, reached from crm_stage_reached';
CREATE AGGREGATE crm_stage_conversion(reached integer, n_stages integer, is_lost boolean) (
    SFUNC = crm_stage_conversion_transfn, STYPE = crm_stage_summary,
    FINALFUNC = crm_stage_conversion_finalfn, FINALFUNC_MODIFY = read_only,
    COMBINEFUNC = crm_stage_summary_combinefn,
    MSFUNC = crm_stage_conversion_transfn, MINVFUNC = crm_stage_conversion_invfn, MSTYPE = crm_stage_summary,
    MFINALFUNC = crm_stage_conversion_finalfn, MFINALFUNC_MODIFY = read_only,
    PARALLEL = safe
);
COMMENT ON AGGREGATE crm_stage_conversion(integer, integer, boolean) IS
    'how far opportunities came in a pipeline of n_stages: one row an opportunity, reached from crm_stage_reached';
CREATE AGGREGATE crm_rollup(summary crm_stage_summary) (
    SFUNC = crm_stage_summary_combinefn, STYPE = crm_stage_summary,
    FINALFUNC = crm_stage_conversion_finalfn, FINALFUNC_MODIFY = read_only,
    COMBINEFUNC = crm_stage_summary_combinefn,
    MSFUNC = crm_stage_summary_combinefn, MINVFUNC = crm_stage_summary_invfn, MSTYPE = crm_stage_summary,
    MFINALFUNC = crm_stage_conversion_finalfn, MFINALFUNC_MODIFY = read_only,
    PARALLEL = safe
);
COMMENT ON AGGREGATE crm_rollup(crm_stage_summary) IS
    'sum of summaries of stages';
CREATE FUNCTION crm_stage_conversion_rows(summary crm_stage_summary,
    OUT stage integer, OUT entered bigint, OUT passed bigint,
    OUT lost bigint, OUT still_open bigint,
    OUT rate double precision, OUT lower double precision, OUT upper double precision) RETURNS SETOF record
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25 ROWS 8;
COMMENT ON FUNCTION crm_stage_conversion_rows(crm_stage_summary) IS
    'conversion stage by stage with 95 percent Wilson intervals';
CREATE FUNCTION crm_stage_conversion_rows(summary crm_stage_summary, conf_level double precision,
    OUT stage integer, OUT entered bigint, OUT passed bigint,
    OUT lost bigint, OUT still_open bigint,
    OUT rate double precision, OUT lower double precision, OUT upper double precision) RETURNS SETOF record
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25 ROWS 8;
COMMENT ON FUNCTION crm_stage_conversion_rows(crm_stage_summary, double precision) IS
    'conversion stage by stage with Wilson intervals';

-- Outcomes: is_won is true for won, false for lost, NULL for open

-- crm_rate under the name that a pipeline report looks for
CREATE AGGREGATE crm_win_rate(is_won boolean) (
    SFUNC = crm_rate_transfn, STYPE = crm_rate_summary, SSPACE = 48,
    INITCOND = 'crm_rate_summary:1 successes=0 trials=0',
    FINALFUNC = crm_rate, COMBINEFUNC = crm_rate_combinefn,
    MSFUNC = crm_rate_transfn, MINVFUNC = crm_rate_invfn, MSTYPE = crm_rate_summary,
    MINITCOND = 'crm_rate_summary:1 successes=0 trials=0',
    MFINALFUNC = crm_rate, PARALLEL = safe
);
COMMENT ON AGGREGATE crm_win_rate(boolean) IS
    'win rate by count: deals won / deals won and lost';


CREATE FUNCTION crm_win_rate_amount_transfn(internal, boolean, numeric) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_win_rate_amount_transfn(internal, boolean, numeric) IS
    'support: add a deal to crm_win_rate_amount';
CREATE FUNCTION crm_win_rate_amount_invfn(internal, boolean, numeric) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_win_rate_amount_invfn(internal, boolean, numeric) IS
    'support: take a deal back from crm_win_rate_amount';
CREATE FUNCTION crm_win_rate_amount_combinefn(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_win_rate_amount_combinefn(internal, internal) IS
    'support: merge two states of crm_win_rate_amount';
CREATE FUNCTION crm_win_rate_amount_serialfn(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_win_rate_amount_serialfn(internal) IS
    'support: write a state of crm_win_rate_amount';
CREATE FUNCTION crm_win_rate_amount_deserialfn(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_win_rate_amount_deserialfn(bytea, internal) IS
    'support: read a state of crm_win_rate_amount';
CREATE FUNCTION crm_win_rate_amount_finalfn(internal) RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_win_rate_amount_finalfn(internal) IS
    'support: result of crm_win_rate_amount';
CREATE AGGREGATE crm_win_rate_amount(is_won boolean, amount numeric) (
    SFUNC = crm_win_rate_amount_transfn, STYPE = internal, SSPACE = 320,
    FINALFUNC = crm_win_rate_amount_finalfn, FINALFUNC_MODIFY = read_only,
    COMBINEFUNC = crm_win_rate_amount_combinefn,
    SERIALFUNC = crm_win_rate_amount_serialfn, DESERIALFUNC = crm_win_rate_amount_deserialfn,
    MSFUNC = crm_win_rate_amount_transfn, MINVFUNC = crm_win_rate_amount_invfn, MSTYPE = internal, MSSPACE = 320,
    MFINALFUNC = crm_win_rate_amount_finalfn, MFINALFUNC_MODIFY = read_only,
    PARALLEL = safe
);
COMMENT ON AGGREGATE crm_win_rate_amount(boolean, numeric) IS
    'win rate by amount: amount won / amount won and lost';

CREATE FUNCTION crm_average_deal_size_transfn(internal, boolean, numeric) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_average_deal_size_transfn(internal, boolean, numeric) IS
    'support: add a deal to crm_average_deal_size';
CREATE FUNCTION crm_average_deal_size_invfn(internal, boolean, numeric) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_average_deal_size_invfn(internal, boolean, numeric) IS
    'support: take a deal back from crm_average_deal_size';
CREATE AGGREGATE crm_average_deal_size(is_won boolean, amount numeric) (
    SFUNC = crm_average_deal_size_transfn, STYPE = internal, SSPACE = 128,
    FINALFUNC = numeric_avg, FINALFUNC_MODIFY = read_only,
    COMBINEFUNC = numeric_avg_combine,
    SERIALFUNC = numeric_avg_serialize, DESERIALFUNC = numeric_avg_deserialize,
    MSFUNC = crm_average_deal_size_transfn, MINVFUNC = crm_average_deal_size_invfn, MSTYPE = internal, MSSPACE = 128,
    MFINALFUNC = numeric_avg, MFINALFUNC_MODIFY = read_only,
    PARALLEL = safe
);
COMMENT ON AGGREGATE crm_average_deal_size(boolean, numeric) IS
    'average deal size: mean amount of the deals won';

CREATE FUNCTION crm_weighted_pipeline_transfn(internal, numeric, numeric) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_weighted_pipeline_transfn(internal, numeric, numeric) IS
    'support: add a deal to crm_weighted_pipeline';
CREATE FUNCTION crm_weighted_pipeline_transfn(internal, numeric, numeric, text) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_weighted_pipeline_transfn(internal, numeric, numeric, text) IS
    'support: add a deal to crm_weighted_pipeline';
CREATE FUNCTION crm_weighted_pipeline_transfn(internal, numeric, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_weighted_pipeline_transfn_float8' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_weighted_pipeline_transfn(internal, numeric, double precision) IS
    'support: add a deal to crm_weighted_pipeline';
CREATE FUNCTION crm_weighted_pipeline_transfn(internal, numeric, double precision, text) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_weighted_pipeline_transfn_float8' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_weighted_pipeline_transfn(internal, numeric, double precision, text) IS
    'support: add a deal to crm_weighted_pipeline';
CREATE FUNCTION crm_weighted_pipeline_invfn(internal, numeric, numeric) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_weighted_pipeline_invfn(internal, numeric, numeric) IS
    'support: take a deal back from crm_weighted_pipeline';
CREATE FUNCTION crm_weighted_pipeline_invfn(internal, numeric, numeric, text) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_weighted_pipeline_invfn(internal, numeric, numeric, text) IS
    'support: take a deal back from crm_weighted_pipeline';
CREATE FUNCTION crm_weighted_pipeline_invfn(internal, numeric, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_weighted_pipeline_invfn_float8' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_weighted_pipeline_invfn(internal, numeric, double precision) IS
    'support: take a deal back from crm_weighted_pipeline';
CREATE FUNCTION crm_weighted_pipeline_invfn(internal, numeric, double precision, text) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_weighted_pipeline_invfn_float8' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_weighted_pipeline_invfn(internal, numeric, double precision, text) IS
    'support: take a deal back from crm_weighted_pipeline';
CREATE AGGREGATE crm_weighted_pipeline(amount numeric, probability numeric) (
    SFUNC = crm_weighted_pipeline_transfn, STYPE = internal, SSPACE = 128,
    FINALFUNC = numeric_sum, FINALFUNC_MODIFY = read_only,
    COMBINEFUNC = numeric_avg_combine,
    SERIALFUNC = numeric_avg_serialize, DESERIALFUNC = numeric_avg_deserialize,
    MSFUNC = crm_weighted_pipeline_transfn, MINVFUNC = crm_weighted_pipeline_invfn, MSTYPE = internal, MSSPACE = 128,
    MFINALFUNC = numeric_sum, MFINALFUNC_MODIFY = read_only,
    PARALLEL = safe
);
COMMENT ON AGGREGATE crm_weighted_pipeline(numeric, numeric) IS
    'weighted pipeline: sum of amount * probability, probability from 0 to 1';
CREATE AGGREGATE crm_weighted_pipeline(amount numeric, probability numeric, scale text) (
    SFUNC = crm_weighted_pipeline_transfn, STYPE = internal, SSPACE = 128,
    FINALFUNC = numeric_sum, FINALFUNC_MODIFY = read_only,
    COMBINEFUNC = numeric_avg_combine,
    SERIALFUNC = numeric_avg_serialize, DESERIALFUNC = numeric_avg_deserialize,
    MSFUNC = crm_weighted_pipeline_transfn, MINVFUNC = crm_weighted_pipeline_invfn, MSTYPE = internal, MSSPACE = 128,
    MFINALFUNC = numeric_sum, MFINALFUNC_MODIFY = read_only,
    PARALLEL = safe
);
COMMENT ON AGGREGATE crm_weighted_pipeline(numeric, numeric, text) IS
    'weighted pipeline: sum of amount * probability, probability in the scale ''fraction'' or ''percent''';
CREATE AGGREGATE crm_weighted_pipeline(amount numeric, probability double precision) (
    SFUNC = crm_weighted_pipeline_transfn, STYPE = internal, SSPACE = 128,
    FINALFUNC = numeric_sum, FINALFUNC_MODIFY = read_only,
    COMBINEFUNC = numeric_avg_combine,
    SERIALFUNC = numeric_avg_serialize, DESERIALFUNC = numeric_avg_deserialize,
    MSFUNC = crm_weighted_pipeline_transfn, MINVFUNC = crm_weighted_pipeline_invfn, MSTYPE = internal, MSSPACE = 128,
    MFINALFUNC = numeric_sum, MFINALFUNC_MODIFY = read_only,
    PARALLEL = safe
);
COMMENT ON AGGREGATE crm_weighted_pipeline(numeric, double precision) IS
    'weighted pipeline: sum of amount * probability, probability from 0 to 1';
CREATE AGGREGATE crm_weighted_pipeline(amount numeric, probability double precision, scale text) (
    SFUNC = crm_weighted_pipeline_transfn, STYPE = internal, SSPACE = 128,
    FINALFUNC = numeric_sum, FINALFUNC_MODIFY = read_only,
    COMBINEFUNC = numeric_avg_combine,
    SERIALFUNC = numeric_avg_serialize, DESERIALFUNC = numeric_avg_deserialize,
    MSFUNC = crm_weighted_pipeline_transfn, MINVFUNC = crm_weighted_pipeline_invfn, MSTYPE = internal, MSSPACE = 128,
    MFINALFUNC = numeric_sum, MFINALFUNC_MODIFY = read_only,
    PARALLEL = safe
);
COMMENT ON AGGREGATE crm_weighted_pipeline(numeric, double precision, text) IS
    'weighted pipeline: sum of amount * probability, probability in the scale ''fraction'' or ''percent''';

CREATE FUNCTION crm_sales_cycle_transfn(bigint[], timestamptz, timestamptz, boolean) RETURNS bigint[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_sales_cycle_transfn(bigint[], timestamptz, timestamptz, boolean) IS
    'support: add a deal to crm_sales_cycle';
CREATE FUNCTION crm_sales_cycle_invfn(bigint[], timestamptz, timestamptz, boolean) RETURNS bigint[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_sales_cycle_invfn(bigint[], timestamptz, timestamptz, boolean) IS
    'support: take a deal back from crm_sales_cycle';
CREATE FUNCTION crm_sales_cycle_combinefn(bigint[], bigint[]) RETURNS bigint[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_sales_cycle_combinefn(bigint[], bigint[]) IS
    'support: add two states of crm_sales_cycle';
CREATE FUNCTION crm_sales_cycle_finalfn(bigint[]) RETURNS interval
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_sales_cycle_finalfn(bigint[]) IS
    'support: result of crm_sales_cycle';
CREATE AGGREGATE crm_sales_cycle(opened_at timestamptz, closed_at timestamptz, is_won boolean) (
    SFUNC = crm_sales_cycle_transfn, STYPE = bigint[], INITCOND = '{0,0,0}',
    FINALFUNC = crm_sales_cycle_finalfn, FINALFUNC_MODIFY = read_only,
    COMBINEFUNC = crm_sales_cycle_combinefn,
    MSFUNC = crm_sales_cycle_transfn, MINVFUNC = crm_sales_cycle_invfn, MSTYPE = bigint[], MINITCOND = '{0,0,0}',
    MFINALFUNC = crm_sales_cycle_finalfn, MFINALFUNC_MODIFY = read_only,
    PARALLEL = safe
);
COMMENT ON AGGREGATE crm_sales_cycle(timestamptz, timestamptz, boolean) IS
    'mean sales cycle: elapsed time from opening to closing of the deals won';

-- Slippage

CREATE TYPE crm_slippage AS (
    due             bigint,
    late            bigint,
    still_open      bigint,
    rate            double precision,
    mean_days       double precision,
    mean_late_days  double precision
);
COMMENT ON TYPE crm_slippage IS
    'of the deals that were due: how many were late, how many of these are open still, the share of late ones, mean days from plan to outcome, mean days of the late ones';

CREATE FUNCTION crm_slippage_transfn(bigint[], date, date) RETURNS bigint[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_slippage_transfn(bigint[], date, date) IS
    'support: add a deal to crm_slippage';
CREATE FUNCTION crm_slippage_transfn(bigint[], date, date, date) RETURNS bigint[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_slippage_transfn(bigint[], date, date, date) IS
    'support: add a deal to crm_slippage';
CREATE FUNCTION crm_slippage_invfn(bigint[], date, date) RETURNS bigint[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_slippage_invfn(bigint[], date, date) IS
    'support: take a deal back from crm_slippage';
CREATE FUNCTION crm_slippage_invfn(bigint[], date, date, date) RETURNS bigint[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_slippage_invfn(bigint[], date, date, date) IS
    'support: take a deal back from crm_slippage';
CREATE FUNCTION crm_slippage_combinefn(bigint[], bigint[]) RETURNS bigint[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_slippage_combinefn(bigint[], bigint[]) IS
    'support: add two states of crm_slippage';
CREATE FUNCTION crm_slippage_finalfn(bigint[]) RETURNS crm_slippage
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_slippage_finalfn(bigint[]) IS
    'support: result of crm_slippage';
CREATE AGGREGATE crm_slippage(planned date, actual date) (
    SFUNC = crm_slippage_transfn, STYPE = bigint[], INITCOND = '{0,0,0,0,0,0}',
    FINALFUNC = crm_slippage_finalfn, FINALFUNC_MODIFY = read_only,
    COMBINEFUNC = crm_slippage_combinefn,
    MSFUNC = crm_slippage_transfn, MINVFUNC = crm_slippage_invfn, MSTYPE = bigint[], MINITCOND = '{0,0,0,0,0,0}',
    MFINALFUNC = crm_slippage_finalfn, MFINALFUNC_MODIFY = read_only,
    PARALLEL = safe
);
COMMENT ON AGGREGATE crm_slippage(date, date) IS
    'how late deals were: one row a deal, its planned and its actual date';
CREATE AGGREGATE crm_slippage(planned date, actual date, as_of date) (
    SFUNC = crm_slippage_transfn, STYPE = bigint[], INITCOND = '{0,0,0,0,0,0}',
    FINALFUNC = crm_slippage_finalfn, FINALFUNC_MODIFY = read_only,
    COMBINEFUNC = crm_slippage_combinefn,
    MSFUNC = crm_slippage_transfn, MINVFUNC = crm_slippage_invfn, MSTYPE = bigint[], MINITCOND = '{0,0,0,0,0,0}',
    MFINALFUNC = crm_slippage_finalfn, MFINALFUNC_MODIFY = read_only,
    PARALLEL = safe
);
COMMENT ON AGGREGATE crm_slippage(date, date, date) IS
    'how late deals are that were due before as_of, those still open included';

-- Sales velocity

CREATE FUNCTION crm_sales_velocity_transfn(internal, boolean, numeric, timestamptz, timestamptz) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_sales_velocity_transfn(internal, boolean, numeric, timestamptz, timestamptz) IS
    'support: add a deal to crm_sales_velocity';
CREATE FUNCTION crm_sales_velocity_transfn(internal, boolean, numeric, timestamptz, timestamptz, timestamptz) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_sales_velocity_transfn(internal, boolean, numeric, timestamptz, timestamptz, timestamptz) IS
    'support: add a deal to crm_sales_velocity';
CREATE FUNCTION crm_sales_velocity_invfn(internal, boolean, numeric, timestamptz, timestamptz) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_sales_velocity_invfn(internal, boolean, numeric, timestamptz, timestamptz) IS
    'support: take a deal back from crm_sales_velocity';
CREATE FUNCTION crm_sales_velocity_invfn(internal, boolean, numeric, timestamptz, timestamptz, timestamptz) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_sales_velocity_invfn(internal, boolean, numeric, timestamptz, timestamptz, timestamptz) IS
    'support: take a deal back from crm_sales_velocity';
CREATE FUNCTION crm_sales_velocity_combinefn(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_sales_velocity_combinefn(internal, internal) IS
    'support: merge two states of crm_sales_velocity';
CREATE FUNCTION crm_sales_velocity_serialfn(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_sales_velocity_serialfn(internal) IS
    'support: write a state of crm_sales_velocity';
CREATE FUNCTION crm_sales_velocity_deserialfn(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_sales_velocity_deserialfn(bytea, internal) IS
    'support: read a state of crm_sales_velocity';
CREATE FUNCTION crm_sales_velocity_finalfn(internal) RETURNS numeric
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_sales_velocity_finalfn(internal) IS
    'support: result of crm_sales_velocity';
CREATE AGGREGATE crm_sales_velocity(is_won boolean, amount numeric, opened_at timestamptz, closed_at timestamptz) (
    SFUNC = crm_sales_velocity_transfn, STYPE = internal, SSPACE = 256,
    FINALFUNC = crm_sales_velocity_finalfn, FINALFUNC_MODIFY = read_only,
    COMBINEFUNC = crm_sales_velocity_combinefn,
    SERIALFUNC = crm_sales_velocity_serialfn, DESERIALFUNC = crm_sales_velocity_deserialfn,
    MSFUNC = crm_sales_velocity_transfn, MINVFUNC = crm_sales_velocity_invfn, MSTYPE = internal, MSSPACE = 256,
    MFINALFUNC = crm_sales_velocity_finalfn, MFINALFUNC_MODIFY = read_only,
    PARALLEL = safe
);
COMMENT ON AGGREGATE crm_sales_velocity(boolean, numeric, timestamptz, timestamptz) IS
    'sales velocity, money a day: open deals * win rate * average deal / mean cycle in days';
CREATE AGGREGATE crm_sales_velocity(is_won boolean, amount numeric, opened_at timestamptz, closed_at timestamptz, as_of timestamptz) (
    SFUNC = crm_sales_velocity_transfn, STYPE = internal, SSPACE = 256,
    FINALFUNC = crm_sales_velocity_finalfn, FINALFUNC_MODIFY = read_only,
    COMBINEFUNC = crm_sales_velocity_combinefn,
    SERIALFUNC = crm_sales_velocity_serialfn, DESERIALFUNC = crm_sales_velocity_deserialfn,
    MSFUNC = crm_sales_velocity_transfn, MINVFUNC = crm_sales_velocity_invfn, MSTYPE = internal, MSSPACE = 256,
    MFINALFUNC = crm_sales_velocity_finalfn, MFINALFUNC_MODIFY = read_only,
    PARALLEL = safe
);
COMMENT ON AGGREGATE crm_sales_velocity(boolean, numeric, timestamptz, timestamptz, timestamptz) IS
    'sales velocity, money a day, as things stood at as_of';
