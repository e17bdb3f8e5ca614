-- Rates and means with their intervals, and the summaries that nightly tables
-- keep of them.
--
-- Short and long forms of an aggregate share their transition functions;
-- aggregates without options have the summary itself as state.

-- The share of true values: crm_rate_summary

CREATE TYPE crm_rate_summary;
COMMENT ON TYPE crm_rate_summary IS
    'successes among trials: the stored form of a rate';

CREATE FUNCTION crm_rate_summary_in(cstring) RETURNS crm_rate_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_rate_summary_in(cstring) IS
    'reads crm_rate_summary:1 successes=3 trials=10';

CREATE FUNCTION crm_rate_summary_out(crm_rate_summary) RETURNS cstring
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_rate_summary_out(crm_rate_summary) IS
    'writes crm_rate_summary:1 successes=3 trials=10';

CREATE FUNCTION crm_rate_summary_send(crm_rate_summary) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_rate_summary_send(crm_rate_summary) IS
    'binary form of a crm_rate_summary';

CREATE FUNCTION crm_rate_summary_recv(internal) RETURNS crm_rate_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_rate_summary_recv(internal) IS
    'reads the binary form of a crm_rate_summary';

CREATE TYPE crm_rate_summary (
    INPUT = crm_rate_summary_in,
    OUTPUT = crm_rate_summary_out,
    SEND = crm_rate_summary_send,
    RECEIVE = crm_rate_summary_recv,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = extended
);

CREATE FUNCTION crm_summary_eq(crm_rate_summary, crm_rate_summary) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_summary_eq(crm_rate_summary, crm_rate_summary) IS
    'behind the operator = of crm_rate_summary';

CREATE FUNCTION crm_summary_ne(crm_rate_summary, crm_rate_summary) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_summary_ne(crm_rate_summary, crm_rate_summary) IS
    'behind the operator <> of crm_rate_summary';

CREATE FUNCTION crm_summary_hash(crm_rate_summary) RETURNS integer
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_summary_hash(crm_rate_summary) IS
    'hash of a crm_rate_summary';

CREATE OPERATOR = (
    LEFTARG = crm_rate_summary,
    RIGHTARG = crm_rate_summary,
    FUNCTION = crm_summary_eq,
    COMMUTATOR = =,
    NEGATOR = <>,
    RESTRICT = eqsel,
    JOIN = eqjoinsel,
    HASHES
);
COMMENT ON OPERATOR = (crm_rate_summary, crm_rate_summary) IS
    'the same counts';

CREATE OPERATOR <> (
    LEFTARG = crm_rate_summary,
    RIGHTARG = crm_rate_summary,
    FUNCTION = crm_summary_ne,
    COMMUTATOR = <>,
    NEGATOR = =,
    RESTRICT = neqsel,
    JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (crm_rate_summary, crm_rate_summary) IS
    'other counts';

CREATE OPERATOR CLASS crm_rate_summary_ops DEFAULT FOR TYPE crm_rate_summary USING hash AS
    OPERATOR 1 =,
    FUNCTION 1 crm_summary_hash(crm_rate_summary);
COMMENT ON OPERATOR CLASS crm_rate_summary_ops USING hash IS
    'grouping and comparing of crm_rate_summary';

CREATE FUNCTION crm_to_jsonb(crm_rate_summary) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'crm_to_jsonb_rate' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_to_jsonb(crm_rate_summary) IS
    'a crm_rate_summary for people and programs to look into';

CREATE CAST (crm_rate_summary AS jsonb) WITH FUNCTION crm_to_jsonb(crm_rate_summary);
COMMENT ON CAST (crm_rate_summary AS jsonb) IS
    'a crm_rate_summary for people and programs to look into';

CREATE FUNCTION crm_rate_summary(successes bigint, trials bigint) RETURNS crm_rate_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_rate_summary(bigint, bigint) IS
    'a summary from counts that were made elsewhere';

CREATE FUNCTION crm_rate(summary crm_rate_summary) RETURNS double precision
    AS 'MODULE_PATHNAME', 'crm_rate_value' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_rate(crm_rate_summary) IS
    'the rate in a summary, 0 to 1; NULL without trials';

CREATE FUNCTION crm_rate_successes(summary crm_rate_summary) RETURNS bigint
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_rate_successes(crm_rate_summary) IS
    'how many of the trials were successes';

CREATE FUNCTION crm_rate_trials(summary crm_rate_summary) RETURNS bigint
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_rate_trials(crm_rate_summary) IS
    'how many trials a summary holds';

CREATE FUNCTION crm_rate_interval(summary crm_rate_summary) RETURNS crm_interval
    AS 'MODULE_PATHNAME', 'crm_rate_interval_summary' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_rate_interval(crm_rate_summary) IS
    'the rate in a summary with its 95% Wilson interval';

CREATE FUNCTION crm_rate_interval(summary crm_rate_summary, conf double precision) RETURNS crm_interval
    AS 'MODULE_PATHNAME', 'crm_rate_interval_summary' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_rate_interval(crm_rate_summary, double precision) IS
    'the rate in a summary with its Wilson interval at a confidence level';

CREATE FUNCTION crm_rate_interval(summary crm_rate_summary, conf double precision, method text) RETURNS crm_interval
    AS 'MODULE_PATHNAME', 'crm_rate_interval_summary' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_rate_interval(crm_rate_summary, double precision, text) IS
    'the rate in a summary with its interval: wilson, agresti-coull, jeffreys or exact';

CREATE FUNCTION crm_rate_interval(successes bigint, trials bigint, conf double precision DEFAULT 0.95, method text DEFAULT 'wilson') RETURNS crm_interval
    AS 'MODULE_PATHNAME', 'crm_rate_interval_counts' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_rate_interval(bigint, bigint, double precision, text) IS
    'successes / trials with its interval: wilson, agresti-coull, jeffreys or exact; NULL without trials';

CREATE FUNCTION crm_rate_transfn(crm_rate_summary, boolean) RETURNS crm_rate_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_rate_transfn(crm_rate_summary, boolean) IS
    'support function of crm_rate: a row joins';

CREATE FUNCTION crm_rate_invfn(crm_rate_summary, boolean) RETURNS crm_rate_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_rate_invfn(crm_rate_summary, boolean) IS
    'support function of crm_rate: a row leaves the window';

CREATE FUNCTION crm_rate_combinefn(crm_rate_summary, crm_rate_summary) RETURNS crm_rate_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_rate_combinefn(crm_rate_summary, crm_rate_summary) IS
    'support function of crm_rate and crm_rollup: merges two summaries';

CREATE FUNCTION crm_rate_rollup_invfn(crm_rate_summary, crm_rate_summary) RETURNS crm_rate_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_rate_rollup_invfn(crm_rate_summary, crm_rate_summary) IS
    'support function of crm_rollup: a summary leaves the window';

CREATE FUNCTION crm_rate_agg_finalfn(crm_rate_summary) RETURNS crm_rate_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_rate_agg_finalfn(crm_rate_summary) IS
    'support function of crm_rate_agg: the summary, NULL without rows';

CREATE AGGREGATE crm_rate(hit boolean) (
    SFUNC = crm_rate_transfn, STYPE = crm_rate_summary, SSPACE = 48,
    INITCOND = 'crm_rate_summary:1 successes=0 trials=0',
    FINALFUNC = crm_rate, COMBINEFUNC = crm_rate_combinefn,
    MSFUNC = crm_rate_transfn, MINVFUNC = crm_rate_invfn, MSTYPE = crm_rate_summary,
    MINITCOND = 'crm_rate_summary:1 successes=0 trials=0',
    MFINALFUNC = crm_rate, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rate(boolean) IS
    'the share of rows that are true, 0 to 1; NULL rows are skipped';

CREATE AGGREGATE crm_rate_agg(hit boolean) (
    SFUNC = crm_rate_transfn, STYPE = crm_rate_summary, SSPACE = 48,
    INITCOND = 'crm_rate_summary:1 successes=0 trials=0',
    FINALFUNC = crm_rate_agg_finalfn, COMBINEFUNC = crm_rate_combinefn,
    MSFUNC = crm_rate_transfn, MINVFUNC = crm_rate_invfn, MSTYPE = crm_rate_summary,
    MINITCOND = 'crm_rate_summary:1 successes=0 trials=0',
    MFINALFUNC = crm_rate_agg_finalfn, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rate_agg(boolean) IS
    'a summary of successes among trials; NULL rows are skipped';

CREATE AGGREGATE crm_rollup(summary crm_rate_summary) (
    SFUNC = crm_rate_combinefn, STYPE = crm_rate_summary, SSPACE = 48,
    INITCOND = 'crm_rate_summary:1 successes=0 trials=0',
    FINALFUNC = crm_rate_agg_finalfn, COMBINEFUNC = crm_rate_combinefn,
    MSFUNC = crm_rate_combinefn, MINVFUNC = crm_rate_rollup_invfn, MSTYPE = crm_rate_summary,
    MINITCOND = 'crm_rate_summary:1 successes=0 trials=0',
    MFINALFUNC = crm_rate_agg_finalfn, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rollup(crm_rate_summary) IS
    'the summary of all rows that these summaries were made of';

CREATE AGGREGATE crm_rate_interval(hit boolean) (
    SFUNC = crm_rate_transfn, STYPE = crm_rate_summary, SSPACE = 48,
    INITCOND = 'crm_rate_summary:1 successes=0 trials=0',
    FINALFUNC = crm_rate_interval, COMBINEFUNC = crm_rate_combinefn,
    MSFUNC = crm_rate_transfn, MINVFUNC = crm_rate_invfn, MSTYPE = crm_rate_summary,
    MINITCOND = 'crm_rate_summary:1 successes=0 trials=0',
    MFINALFUNC = crm_rate_interval, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rate_interval(boolean) IS
    'the share of rows that are true with its 95% Wilson interval';

CREATE FUNCTION crm_rate_interval_transfn(internal, boolean, double precision) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_rate_interval_transfn(internal, boolean, double precision) IS
    'support function of crm_rate_interval: a row joins';

CREATE FUNCTION crm_rate_interval_transfn(internal, boolean, double precision, text) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_rate_interval_transfn(internal, boolean, double precision, text) IS
    'support function of crm_rate_interval: a row joins';

CREATE FUNCTION crm_rate_interval_invfn(internal, boolean, double precision) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_rate_interval_invfn(internal, boolean, double precision) IS
    'support function of crm_rate_interval: a row leaves the window';

CREATE FUNCTION crm_rate_interval_invfn(internal, boolean, double precision, text) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_rate_interval_invfn(internal, boolean, double precision, text) IS
    'support function of crm_rate_interval: a row leaves the window';

CREATE FUNCTION crm_rate_interval_combinefn(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_rate_interval_combinefn(internal, internal) IS
    'support function of crm_rate_interval: merges two states';

CREATE FUNCTION crm_rate_interval_serialfn(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_rate_interval_serialfn(internal) IS
    'support function of crm_rate_interval: a state as bytes';

CREATE FUNCTION crm_rate_interval_deserialfn(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_rate_interval_deserialfn(bytea, internal) IS
    'support function of crm_rate_interval: a state from bytes';

CREATE FUNCTION crm_rate_interval_finalfn(internal) RETURNS crm_interval
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_rate_interval_finalfn(internal) IS
    'support function of crm_rate_interval: the interval';

CREATE AGGREGATE crm_rate_interval(hit boolean, conf double precision) (
    SFUNC = crm_rate_interval_transfn, STYPE = internal, SSPACE = 48,
    FINALFUNC = crm_rate_interval_finalfn, COMBINEFUNC = crm_rate_interval_combinefn,
    SERIALFUNC = crm_rate_interval_serialfn, DESERIALFUNC = crm_rate_interval_deserialfn,
    MSFUNC = crm_rate_interval_transfn, MINVFUNC = crm_rate_interval_invfn, MSTYPE = internal,
    MFINALFUNC = crm_rate_interval_finalfn, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rate_interval(boolean, double precision) IS
    'the share of rows that are true with its Wilson interval at a confidence level';

CREATE AGGREGATE crm_rate_interval(hit boolean, conf double precision, method text) (
    SFUNC = crm_rate_interval_transfn, STYPE = internal, SSPACE = 48,
    FINALFUNC = crm_rate_interval_finalfn, COMBINEFUNC = crm_rate_interval_combinefn,
    SERIALFUNC = crm_rate_interval_serialfn, DESERIALFUNC = crm_rate_interval_deserialfn,
    MSFUNC = crm_rate_interval_transfn, MINVFUNC = crm_rate_interval_invfn, MSTYPE = internal,
    MFINALFUNC = crm_rate_interval_finalfn, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rate_interval(boolean, double precision, text) IS
    'the share of rows that are true with its interval: wilson, agresti-coull, jeffreys or exact';

-- The mean of values: crm_mean_summary

CREATE TYPE crm_mean_summary;
COMMENT ON TYPE crm_mean_summary IS
    'count, sum and sum of squares, exact: the stored form of a mean';

CREATE FUNCTION crm_mean_summary_in(cstring) RETURNS crm_mean_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_mean_summary_in(cstring) IS
    'reads crm_mean_summary:1 n=3 sum=0x1bp0 sum_squares=0xf5p0';

CREATE FUNCTION crm_mean_summary_out(crm_mean_summary) RETURNS cstring
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mean_summary_out(crm_mean_summary) IS
    'writes crm_mean_summary:1 n=3 sum=0x1bp0 sum_squares=0xf5p0';

CREATE FUNCTION crm_mean_summary_send(crm_mean_summary) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mean_summary_send(crm_mean_summary) IS
    'binary form of a crm_mean_summary';

CREATE FUNCTION crm_mean_summary_recv(internal) RETURNS crm_mean_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mean_summary_recv(internal) IS
    'reads the binary form of a crm_mean_summary';

CREATE TYPE crm_mean_summary (
    INPUT = crm_mean_summary_in,
    OUTPUT = crm_mean_summary_out,
    SEND = crm_mean_summary_send,
    RECEIVE = crm_mean_summary_recv,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = extended
);

CREATE FUNCTION crm_summary_eq(crm_mean_summary, crm_mean_summary) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_summary_eq(crm_mean_summary, crm_mean_summary) IS
    'behind the operator = of crm_mean_summary';

CREATE FUNCTION crm_summary_ne(crm_mean_summary, crm_mean_summary) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_summary_ne(crm_mean_summary, crm_mean_summary) IS
    'behind the operator <> of crm_mean_summary';

CREATE FUNCTION crm_summary_hash(crm_mean_summary) RETURNS integer
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_summary_hash(crm_mean_summary) IS
    'hash of a crm_mean_summary';

CREATE OPERATOR = (
    LEFTARG = crm_mean_summary,
    RIGHTARG = crm_mean_summary,
    FUNCTION = crm_summary_eq,
    COMMUTATOR = =,
    NEGATOR = <>,
    RESTRICT = eqsel,
    JOIN = eqjoinsel,
    HASHES
);
COMMENT ON OPERATOR = (crm_mean_summary, crm_mean_summary) IS
    'the same sums';

CREATE OPERATOR <> (
    LEFTARG = crm_mean_summary,
    RIGHTARG = crm_mean_summary,
    FUNCTION = crm_summary_ne,
    COMMUTATOR = <>,
    NEGATOR = =,
    RESTRICT = neqsel,
    JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (crm_mean_summary, crm_mean_summary) IS
    'other sums';

CREATE OPERATOR CLASS crm_mean_summary_ops DEFAULT FOR TYPE crm_mean_summary USING hash AS
    OPERATOR 1 =,
    FUNCTION 1 crm_summary_hash(crm_mean_summary);
COMMENT ON OPERATOR CLASS crm_mean_summary_ops USING hash IS
    'grouping and comparing of crm_mean_summary';

CREATE FUNCTION crm_to_jsonb(crm_mean_summary) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'crm_to_jsonb_mean' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_to_jsonb(crm_mean_summary) IS
    'a crm_mean_summary for people and programs to look into';

CREATE CAST (crm_mean_summary AS jsonb) WITH FUNCTION crm_to_jsonb(crm_mean_summary);
COMMENT ON CAST (crm_mean_summary AS jsonb) IS
    'a crm_mean_summary for people and programs to look into';

CREATE FUNCTION crm_mean(summary crm_mean_summary) RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mean(crm_mean_summary) IS
    'the mean in a summary; NULL without values';

CREATE FUNCTION crm_mean_count(summary crm_mean_summary) RETURNS bigint
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_mean_count(crm_mean_summary) IS
    'how many values a summary holds';

CREATE FUNCTION crm_mean_std_dev(summary crm_mean_summary) RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mean_std_dev(crm_mean_summary) IS
    'the sample standard deviation of the values in a summary; NULL for fewer than two';

CREATE FUNCTION crm_mean_interval(summary crm_mean_summary) RETURNS crm_interval
    AS 'MODULE_PATHNAME', 'crm_mean_interval_summary' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_mean_interval(crm_mean_summary) IS
    'the mean in a summary with its 95% interval (Student''s t)';

CREATE FUNCTION crm_mean_interval(summary crm_mean_summary, conf double precision) RETURNS crm_interval
    AS 'MODULE_PATHNAME', 'crm_mean_interval_summary' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_mean_interval(crm_mean_summary, double precision) IS
    'the mean in a summary with its interval (Student''s t) at a confidence level';

CREATE FUNCTION crm_mean_transfn(crm_mean_summary, double precision) RETURNS crm_mean_summary
    AS 'MODULE_PATHNAME', 'crm_mean_transfn_float8' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mean_transfn(crm_mean_summary, double precision) IS
    'support function of crm_mean_interval and crm_ces: a row joins';

CREATE FUNCTION crm_mean_transfn(crm_mean_summary, numeric) RETURNS crm_mean_summary
    AS 'MODULE_PATHNAME', 'crm_mean_transfn_numeric' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mean_transfn(crm_mean_summary, numeric) IS
    'support function of crm_mean_interval and crm_ces: a row joins';

CREATE FUNCTION crm_mean_invfn(crm_mean_summary, double precision) RETURNS crm_mean_summary
    AS 'MODULE_PATHNAME', 'crm_mean_invfn_float8' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mean_invfn(crm_mean_summary, double precision) IS
    'support function of crm_mean_interval and crm_ces: a row leaves the window';

CREATE FUNCTION crm_mean_invfn(crm_mean_summary, numeric) RETURNS crm_mean_summary
    AS 'MODULE_PATHNAME', 'crm_mean_invfn_numeric' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mean_invfn(crm_mean_summary, numeric) IS
    'support function of crm_mean_interval and crm_ces: a row leaves the window';

CREATE FUNCTION crm_mean_combinefn(crm_mean_summary, crm_mean_summary) RETURNS crm_mean_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mean_combinefn(crm_mean_summary, crm_mean_summary) IS
    'support function of crm_mean_interval and crm_rollup: merges two summaries';

CREATE FUNCTION crm_mean_rollup_invfn(crm_mean_summary, crm_mean_summary) RETURNS crm_mean_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mean_rollup_invfn(crm_mean_summary, crm_mean_summary) IS
    'support function of crm_rollup: a summary leaves the window';

CREATE FUNCTION crm_mean_agg_finalfn(crm_mean_summary) RETURNS crm_mean_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mean_agg_finalfn(crm_mean_summary) IS
    'support function of crm_mean_agg: the summary, NULL without rows';

CREATE AGGREGATE crm_mean_agg(x double precision) (
    SFUNC = crm_mean_transfn, STYPE = crm_mean_summary, SSPACE = 128,
    INITCOND = 'crm_mean_summary:1 n=0 sum=0x0p0 sum_squares=0x0p0',
    FINALFUNC = crm_mean_agg_finalfn, COMBINEFUNC = crm_mean_combinefn,
    MSFUNC = crm_mean_transfn, MINVFUNC = crm_mean_invfn, MSTYPE = crm_mean_summary,
    MINITCOND = 'crm_mean_summary:1 n=0 sum=0x0p0 sum_squares=0x0p0',
    MFINALFUNC = crm_mean_agg_finalfn, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_mean_agg(double precision) IS
    'a summary of values for their mean; NULL rows are skipped';

CREATE AGGREGATE crm_mean_agg(x numeric) (
    SFUNC = crm_mean_transfn, STYPE = crm_mean_summary, SSPACE = 128,
    INITCOND = 'crm_mean_summary:1 n=0 sum=0x0p0 sum_squares=0x0p0',
    FINALFUNC = crm_mean_agg_finalfn, COMBINEFUNC = crm_mean_combinefn,
    MSFUNC = crm_mean_transfn, MINVFUNC = crm_mean_invfn, MSTYPE = crm_mean_summary,
    MINITCOND = 'crm_mean_summary:1 n=0 sum=0x0p0 sum_squares=0x0p0',
    MFINALFUNC = crm_mean_agg_finalfn, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_mean_agg(numeric) IS
    'a summary of values for their mean; NULL rows are skipped';

CREATE AGGREGATE crm_rollup(summary crm_mean_summary) (
    SFUNC = crm_mean_combinefn, STYPE = crm_mean_summary, SSPACE = 128,
    INITCOND = 'crm_mean_summary:1 n=0 sum=0x0p0 sum_squares=0x0p0',
    FINALFUNC = crm_mean_agg_finalfn, COMBINEFUNC = crm_mean_combinefn,
    MSFUNC = crm_mean_combinefn, MINVFUNC = crm_mean_rollup_invfn, MSTYPE = crm_mean_summary,
    MINITCOND = 'crm_mean_summary:1 n=0 sum=0x0p0 sum_squares=0x0p0',
    MFINALFUNC = crm_mean_agg_finalfn, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rollup(crm_mean_summary) IS
    'the summary of all rows that these summaries were made of';

CREATE AGGREGATE crm_mean_interval(x double precision) (
    SFUNC = crm_mean_transfn, STYPE = crm_mean_summary, SSPACE = 128,
    INITCOND = 'crm_mean_summary:1 n=0 sum=0x0p0 sum_squares=0x0p0',
    FINALFUNC = crm_mean_interval, COMBINEFUNC = crm_mean_combinefn,
    MSFUNC = crm_mean_transfn, MINVFUNC = crm_mean_invfn, MSTYPE = crm_mean_summary,
    MINITCOND = 'crm_mean_summary:1 n=0 sum=0x0p0 sum_squares=0x0p0',
    MFINALFUNC = crm_mean_interval, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_mean_interval(double precision) IS
    'the mean with its 95% interval (Student''s t)';

CREATE AGGREGATE crm_mean_interval(x numeric) (
    SFUNC = crm_mean_transfn, STYPE = crm_mean_summary, SSPACE = 128,
    INITCOND = 'crm_mean_summary:1 n=0 sum=0x0p0 sum_squares=0x0p0',
    FINALFUNC = crm_mean_interval, COMBINEFUNC = crm_mean_combinefn,
    MSFUNC = crm_mean_transfn, MINVFUNC = crm_mean_invfn, MSTYPE = crm_mean_summary,
    MINITCOND = 'crm_mean_summary:1 n=0 sum=0x0p0 sum_squares=0x0p0',
    MFINALFUNC = crm_mean_interval, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_mean_interval(numeric) IS
    'the mean with its 95% interval (Student''s t)';

CREATE FUNCTION crm_mean_interval_transfn(internal, double precision, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_mean_interval_transfn_float8' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mean_interval_transfn(internal, double precision, double precision) IS
    'support function of crm_mean_interval and crm_ces_interval: a row joins';

CREATE FUNCTION crm_mean_interval_transfn(internal, numeric, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_mean_interval_transfn_numeric' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mean_interval_transfn(internal, numeric, double precision) IS
    'support function of crm_mean_interval and crm_ces_interval: a row joins';

CREATE FUNCTION crm_mean_interval_invfn(internal, double precision, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_mean_interval_invfn_float8' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mean_interval_invfn(internal, double precision, double precision) IS
    'support function of crm_mean_interval and crm_ces_interval: a row leaves the window';

CREATE FUNCTION crm_mean_interval_invfn(internal, numeric, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_mean_interval_invfn_numeric' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mean_interval_invfn(internal, numeric, double precision) IS
    'support function of crm_mean_interval and crm_ces_interval: a row leaves the window';

CREATE FUNCTION crm_mean_interval_combinefn(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mean_interval_combinefn(internal, internal) IS
    'support function of crm_mean_interval and crm_ces_interval: merges two states';

CREATE FUNCTION crm_mean_interval_serialfn(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mean_interval_serialfn(internal) IS
    'support function of crm_mean_interval and crm_ces_interval: a state as bytes';

CREATE FUNCTION crm_mean_interval_deserialfn(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_mean_interval_deserialfn(bytea, internal) IS
    'support function of crm_mean_interval and crm_ces_interval: a state from bytes';

CREATE FUNCTION crm_mean_interval_finalfn(internal) RETURNS crm_interval
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_mean_interval_finalfn(internal) IS
    'support function of crm_mean_interval and crm_ces_interval: the interval';

CREATE AGGREGATE crm_mean_interval(x double precision, conf double precision) (
    SFUNC = crm_mean_interval_transfn, STYPE = internal, SSPACE = 256,
    FINALFUNC = crm_mean_interval_finalfn, COMBINEFUNC = crm_mean_interval_combinefn,
    SERIALFUNC = crm_mean_interval_serialfn, DESERIALFUNC = crm_mean_interval_deserialfn,
    MSFUNC = crm_mean_interval_transfn, MINVFUNC = crm_mean_interval_invfn, MSTYPE = internal,
    MFINALFUNC = crm_mean_interval_finalfn, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_mean_interval(double precision, double precision) IS
    'the mean with its interval (Student''s t) at a confidence level';

CREATE AGGREGATE crm_mean_interval(x numeric, conf double precision) (
    SFUNC = crm_mean_interval_transfn, STYPE = internal, SSPACE = 256,
    FINALFUNC = crm_mean_interval_finalfn, COMBINEFUNC = crm_mean_interval_combinefn,
    SERIALFUNC = crm_mean_interval_serialfn, DESERIALFUNC = crm_mean_interval_deserialfn,
    MSFUNC = crm_mean_interval_transfn, MINVFUNC = crm_mean_interval_invfn, MSTYPE = internal,
    MFINALFUNC = crm_mean_interval_finalfn, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_mean_interval(numeric, double precision) IS
    'the mean with its interval (Student''s t) at a confidence level';
