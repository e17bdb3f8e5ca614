-- Satisfaction: Net Promoter Score, customer satisfaction (CSAT), customer
-- effort (CES).
--
-- Scores come as smallint, integer, numeric or double precision; bigint finds
-- the last.  CSAT is a rate and CES a mean, so their states and final functions
-- are those of rates.

-- Net Promoter Score: crm_nps_summary

CREATE TYPE crm_nps_summary;
COMMENT ON TYPE crm_nps_summary IS
    'counts of promoters, passives and detractors: the stored form of a Net Promoter Score';

CREATE FUNCTION crm_nps_summary_in(cstring) RETURNS crm_nps_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_nps_summary_in(cstring) IS
    'reads crm_nps_summary:1 promoters=6 passives=3 detractors=1';

CREATE FUNCTION crm_nps_summary_out(crm_nps_summary) RETURNS cstring
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_nps_summary_out(crm_nps_summary) IS
    'writes crm_nps_summary:1 promoters=6 passives=3 detractors=1';

CREATE FUNCTION crm_nps_summary_send(crm_nps_summary) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_nps_summary_send(crm_nps_summary) IS
    'binary form of a crm_nps_summary';

CREATE FUNCTION crm_nps_summary_recv(internal) RETURNS crm_nps_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_nps_summary_recv(internal) IS
    'reads the binary form of a crm_nps_summary';

CREATE TYPE crm_nps_summary (
    INPUT = crm_nps_summary_in,
    OUTPUT = crm_nps_summary_out,
    SEND = crm_nps_summary_send,
    RECEIVE = crm_nps_summary_recv,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = extended
);

CREATE FUNCTION crm_summary_eq(crm_nps_summary, crm_nps_summary) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_summary_eq(crm_nps_summary, crm_nps_summary) IS
    'behind the operator = of crm_nps_summary';

CREATE FUNCTION crm_summary_ne(crm_nps_summary, crm_nps_summary) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_summary_ne(crm_nps_summary, crm_nps_summary) IS
    'behind the operator <> of crm_nps_summary';

CREATE FUNCTION crm_summary_hash(crm_nps_summary) RETURNS integer
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_summary_hash(crm_nps_summary) IS
    'hash of a crm_nps_summary';

CREATE OPERATOR = (
    LEFTARG = crm_nps_summary,
    RIGHTARG = crm_nps_summary,
    FUNCTION = crm_summary_eq,
    COMMUTATOR = =,
    NEGATOR = <>,
    RESTRICT = eqsel,
    JOIN = eqjoinsel,
    HASHES
);
COMMENT ON OPERATOR = (crm_nps_summary, crm_nps_summary) IS
    'the same counts';

CREATE OPERATOR <> (
    LEFTARG = crm_nps_summary,
    RIGHTARG = crm_nps_summary,
    FUNCTION = crm_summary_ne,
    COMMUTATOR = <>,
    NEGATOR = =,
    RESTRICT = neqsel,
    JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (crm_nps_summary, crm_nps_summary) IS
    'other counts';

CREATE OPERATOR CLASS crm_nps_summary_ops DEFAULT FOR TYPE crm_nps_summary USING hash AS
    OPERATOR 1 =,
    FUNCTION 1 crm_summary_hash(crm_nps_summary);
COMMENT ON OPERATOR CLASS crm_nps_summary_ops USING hash IS
    'grouping and comparing of crm_nps_summary';

CREATE FUNCTION crm_to_jsonb(crm_nps_summary) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'crm_to_jsonb_nps' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_to_jsonb(crm_nps_summary) IS
    'a crm_nps_summary for people and programs to look into';

CREATE CAST (crm_nps_summary AS jsonb) WITH FUNCTION crm_to_jsonb(crm_nps_summary);
COMMENT ON CAST (crm_nps_summary AS jsonb) IS
    'a crm_nps_summary for people and programs to look into';

CREATE FUNCTION crm_nps_summary(promoters bigint, passives bigint, detractors bigint) RETURNS crm_nps_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_nps_summary(bigint, bigint, bigint) IS
    'a summary from counts that were made elsewhere';

CREATE FUNCTION crm_nps(summary crm_nps_summary) RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_nps(crm_nps_summary) IS
    'the Net Promoter Score in a summary, -100 to 100; NULL without answers';

CREATE FUNCTION crm_nps_promoters(summary crm_nps_summary) RETURNS bigint
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_nps_promoters(crm_nps_summary) IS
    'how many answers were 9 and 10';

CREATE FUNCTION crm_nps_passives(summary crm_nps_summary) RETURNS bigint
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_nps_passives(crm_nps_summary) IS
    'how many answers were 7 and 8';

CREATE FUNCTION crm_nps_detractors(summary crm_nps_summary) RETURNS bigint
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_nps_detractors(crm_nps_summary) IS
    'how many answers were 0 to 6';

CREATE FUNCTION crm_nps_interval(summary crm_nps_summary) RETURNS crm_interval
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_nps_interval(crm_nps_summary) IS
    'the Net Promoter Score in a summary with its 95% adjusted Wald interval';

CREATE FUNCTION crm_nps_interval(summary crm_nps_summary, conf double precision) RETURNS crm_interval
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_nps_interval(crm_nps_summary, double precision) IS
    'the Net Promoter Score in a summary with its adjusted Wald interval at a confidence level';

CREATE FUNCTION crm_nps_compare(control crm_nps_summary, treatment crm_nps_summary) RETURNS crm_comparison
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_nps_compare(crm_nps_summary, crm_nps_summary) IS
    'the difference of two Net Promoter Scores with its 95% interval and z test';

CREATE FUNCTION crm_nps_compare(control crm_nps_summary, treatment crm_nps_summary, conf double precision) RETURNS crm_comparison
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_nps_compare(crm_nps_summary, crm_nps_summary, double precision) IS
    'the difference of two Net Promoter Scores with its interval at a confidence level and z test';

CREATE FUNCTION crm_nps_transfn(crm_nps_summary, smallint) RETURNS crm_nps_summary
    AS 'MODULE_PATHNAME', 'crm_nps_transfn_int2' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_nps_transfn(crm_nps_summary, smallint) IS
    'support function of crm_nps: a row joins';

CREATE FUNCTION crm_nps_transfn(crm_nps_summary, integer) RETURNS crm_nps_summary
    AS 'MODULE_PATHNAME', 'crm_nps_transfn_int4' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_nps_transfn(crm_nps_summary, integer) IS
    'support function of crm_nps: a row joins';

CREATE FUNCTION crm_nps_transfn(crm_nps_summary, numeric) RETURNS crm_nps_summary
    AS 'MODULE_PATHNAME', 'crm_nps_transfn_numeric' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_nps_transfn(crm_nps_summary, numeric) IS
    'support function of crm_nps: a row joins';

CREATE FUNCTION crm_nps_transfn(crm_nps_summary, double precision) RETURNS crm_nps_summary
    AS 'MODULE_PATHNAME', 'crm_nps_transfn_float8' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_nps_transfn(crm_nps_summary, double precision) IS
    'support function of crm_nps: a row joins';

CREATE FUNCTION crm_nps_invfn(crm_nps_summary, smallint) RETURNS crm_nps_summary
    AS 'MODULE_PATHNAME', 'crm_nps_invfn_int2' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_nps_invfn(crm_nps_summary, smallint) IS
    'support function of crm_nps: a row leaves the window';

CREATE FUNCTION crm_nps_invfn(crm_nps_summary, integer) RETURNS crm_nps_summary
    AS 'MODULE_PATHNAME', 'crm_nps_invfn_int4' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_nps_invfn(crm_nps_summary, integer) IS
    'support function of crm_nps: a row leaves the window';

CREATE FUNCTION crm_nps_invfn(crm_nps_summary, numeric) RETURNS crm_nps_summary
    AS 'MODULE_PATHNAME', 'crm_nps_invfn_numeric' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_nps_invfn(crm_nps_summary, numeric) IS
    'support function of crm_nps: a row leaves the window';

CREATE FUNCTION crm_nps_invfn(crm_nps_summary, double precision) RETURNS crm_nps_summary
    AS 'MODULE_PATHNAME', 'crm_nps_invfn_float8' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_nps_invfn(crm_nps_summary, double precision) IS
    'support function of crm_nps: a row leaves the window';

CREATE FUNCTION crm_nps_combinefn(crm_nps_summary, crm_nps_summary) RETURNS crm_nps_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_nps_combinefn(crm_nps_summary, crm_nps_summary) IS
    'support function of crm_nps and crm_rollup: merges two summaries';

CREATE FUNCTION crm_nps_rollup_invfn(crm_nps_summary, crm_nps_summary) RETURNS crm_nps_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_nps_rollup_invfn(crm_nps_summary, crm_nps_summary) IS
    'support function of crm_rollup: a summary leaves the window';

CREATE FUNCTION crm_nps_agg_finalfn(crm_nps_summary) RETURNS crm_nps_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_nps_agg_finalfn(crm_nps_summary) IS
    'support function of crm_nps_agg: the summary, NULL without rows';

CREATE AGGREGATE crm_nps(score smallint) (
    SFUNC = crm_nps_transfn, STYPE = crm_nps_summary, SSPACE = 48,
    INITCOND = 'crm_nps_summary:1 promoters=0 passives=0 detractors=0',
    FINALFUNC = crm_nps, COMBINEFUNC = crm_nps_combinefn,
    MSFUNC = crm_nps_transfn, MINVFUNC = crm_nps_invfn, MSTYPE = crm_nps_summary,
    MINITCOND = 'crm_nps_summary:1 promoters=0 passives=0 detractors=0',
    MFINALFUNC = crm_nps, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_nps(smallint) IS
    'Net Promoter Score of whole scores from 0 to 10, -100 to 100; NULL rows are skipped';

CREATE AGGREGATE crm_nps(score integer) (
    SFUNC = crm_nps_transfn, STYPE = crm_nps_summary, SSPACE = 48,
    INITCOND = 'crm_nps_summary:1 promoters=0 passives=0 detractors=0',
    FINALFUNC = crm_nps, COMBINEFUNC = crm_nps_combinefn,
    MSFUNC = crm_nps_transfn, MINVFUNC = crm_nps_invfn, MSTYPE = crm_nps_summary,
    MINITCOND = 'crm_nps_summary:1 promoters=0 passives=0 detractors=0',
    MFINALFUNC = crm_nps, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_nps(integer) IS
    'Net Promoter Score of whole scores from 0 to 10, -100 to 100; NULL rows are skipped';

CREATE AGGREGATE crm_nps(score numeric) (
    SFUNC = crm_nps_transfn, STYPE = crm_nps_summary, SSPACE = 48,
    INITCOND = 'crm_nps_summary:1 promoters=0 passives=0 detractors=0',
    FINALFUNC = crm_nps, COMBINEFUNC = crm_nps_combinefn,
    MSFUNC = crm_nps_transfn, MINVFUNC = crm_nps_invfn, MSTYPE = crm_nps_summary,
    MINITCOND = 'crm_nps_summary:1 promoters=0 passives=0 detractors=0',
    MFINALFUNC = crm_nps, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_nps(numeric) IS
    'Net Promoter Score of whole scores from 0 to 10, -100 to 100; NULL rows are skipped';

CREATE AGGREGATE crm_nps(score double precision) (
    SFUNC = crm_nps_transfn, STYPE = crm_nps_summary, SSPACE = 48,
    INITCOND = 'crm_nps_summary:1 promoters=0 passives=0 detractors=0',
    FINALFUNC = crm_nps, COMBINEFUNC = crm_nps_combinefn,
    MSFUNC = crm_nps_transfn, MINVFUNC = crm_nps_invfn, MSTYPE = crm_nps_summary,
    MINITCOND = 'crm_nps_summary:1 promoters=0 passives=0 detractors=0',
    MFINALFUNC = crm_nps, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_nps(double precision) IS
    'Net Promoter Score of whole scores from 0 to 10, -100 to 100; NULL rows are skipped';

CREATE AGGREGATE crm_nps_agg(score smallint) (
    SFUNC = crm_nps_transfn, STYPE = crm_nps_summary, SSPACE = 48,
    INITCOND = 'crm_nps_summary:1 promoters=0 passives=0 detractors=0',
    FINALFUNC = crm_nps_agg_finalfn, COMBINEFUNC = crm_nps_combinefn,
    MSFUNC = crm_nps_transfn, MINVFUNC = crm_nps_invfn, MSTYPE = crm_nps_summary,
    MINITCOND = 'crm_nps_summary:1 promoters=0 passives=0 detractors=0',
    MFINALFUNC = crm_nps_agg_finalfn, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_nps_agg(smallint) IS
    'a summary of promoters, passives and detractors; NULL rows are skipped';

CREATE AGGREGATE crm_nps_agg(score integer) (
    SFUNC = crm_nps_transfn, STYPE = crm_nps_summary, SSPACE = 48,
    INITCOND = 'crm_nps_summary:1 promoters=0 passives=0 detractors=0',
    FINALFUNC = crm_nps_agg_finalfn, COMBINEFUNC = crm_nps_combinefn,
    MSFUNC = crm_nps_transfn, MINVFUNC = crm_nps_invfn, MSTYPE = crm_nps_summary,
    MINITCOND = 'crm_nps_summary:1 promoters=0 passives=0 detractors=0',
    MFINALFUNC = crm_nps_agg_finalfn, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_nps_agg(integer) IS
    'a summary of promoters, passives and detractors; NULL rows are skipped';

CREATE AGGREGATE crm_nps_agg(score numeric) (
    SFUNC = crm_nps_transfn, STYPE = crm_nps_summary, SSPACE = 48,
    INITCOND = 'crm_nps_summary:1 promoters=0 passives=0 detractors=0',
    FINALFUNC = crm_nps_agg_finalfn, COMBINEFUNC = crm_nps_combinefn,
    MSFUNC = crm_nps_transfn, MINVFUNC = crm_nps_invfn, MSTYPE = crm_nps_summary,
    MINITCOND = 'crm_nps_summary:1 promoters=0 passives=0 detractors=0',
    MFINALFUNC = crm_nps_agg_finalfn, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_nps_agg(numeric) IS
    'a summary of promoters, passives and detractors; NULL rows are skipped';

CREATE AGGREGATE crm_nps_agg(score double precision) (
    SFUNC = crm_nps_transfn, STYPE = crm_nps_summary, SSPACE = 48,
    INITCOND = 'crm_nps_summary:1 promoters=0 passives=0 detractors=0',
    FINALFUNC = crm_nps_agg_finalfn, COMBINEFUNC = crm_nps_combinefn,
    MSFUNC = crm_nps_transfn, MINVFUNC = crm_nps_invfn, MSTYPE = crm_nps_summary,
    MINITCOND = 'crm_nps_summary:1 promoters=0 passives=0 detractors=0',
    MFINALFUNC = crm_nps_agg_finalfn, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_nps_agg(double precision) IS
    'a summary of promoters, passives and detractors; NULL rows are skipped';

CREATE AGGREGATE crm_rollup(summary crm_nps_summary) (
    SFUNC = crm_nps_combinefn, STYPE = crm_nps_summary, SSPACE = 48,
    INITCOND = 'crm_nps_summary:1 promoters=0 passives=0 detractors=0',
    FINALFUNC = crm_nps_agg_finalfn, COMBINEFUNC = crm_nps_combinefn,
    MSFUNC = crm_nps_combinefn, MINVFUNC = crm_nps_rollup_invfn, MSTYPE = crm_nps_summary,
    MINITCOND = 'crm_nps_summary:1 promoters=0 passives=0 detractors=0',
    MFINALFUNC = crm_nps_agg_finalfn, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rollup(crm_nps_summary) IS
    'the summary of all rows that these summaries were made of';

CREATE AGGREGATE crm_nps_interval(score smallint) (
    SFUNC = crm_nps_transfn, STYPE = crm_nps_summary, SSPACE = 48,
    INITCOND = 'crm_nps_summary:1 promoters=0 passives=0 detractors=0',
    FINALFUNC = crm_nps_interval, COMBINEFUNC = crm_nps_combinefn,
    MSFUNC = crm_nps_transfn, MINVFUNC = crm_nps_invfn, MSTYPE = crm_nps_summary,
    MINITCOND = 'crm_nps_summary:1 promoters=0 passives=0 detractors=0',
    MFINALFUNC = crm_nps_interval, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_nps_interval(smallint) IS
    'Net Promoter Score with its 95% adjusted Wald interval';

CREATE AGGREGATE crm_nps_interval(score integer) (
    SFUNC = crm_nps_transfn, STYPE = crm_nps_summary, SSPACE = 48,
    INITCOND = 'crm_nps_summary:1 promoters=0 passives=0 detractors=0',
    FINALFUNC = crm_nps_interval, COMBINEFUNC = crm_nps_combinefn,
    MSFUNC = crm_nps_transfn, MINVFUNC = crm_nps_invfn, MSTYPE = crm_nps_summary,
    MINITCOND = 'crm_nps_summary:1 promoters=0 passives=0 detractors=0',
    MFINALFUNC = crm_nps_interval, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_nps_interval(integer) IS
    'Net Promoter Score with its 95% adjusted Wald interval';

CREATE AGGREGATE crm_nps_interval(score numeric) (
    SFUNC = crm_nps_transfn, STYPE = crm_nps_summary, SSPACE = 48,
    INITCOND = 'crm_nps_summary:1 promoters=0 passives=0 detractors=0',
    FINALFUNC = crm_nps_interval, COMBINEFUNC = crm_nps_combinefn,
    MSFUNC = crm_nps_transfn, MINVFUNC = crm_nps_invfn, MSTYPE = crm_nps_summary,
    MINITCOND = 'crm_nps_summary:1 promoters=0 passives=0 detractors=0',
    MFINALFUNC = crm_nps_interval, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_nps_interval(numeric) IS
    'Net Promoter Score with its 95% adjusted Wald interval';

CREATE AGGREGATE crm_nps_interval(score double precision) (
    SFUNC = crm_nps_transfn, STYPE = crm_nps_summary, SSPACE = 48,
    INITCOND = 'crm_nps_summary:1 promoters=0 passives=0 detractors=0',
    FINALFUNC = crm_nps_interval, COMBINEFUNC = crm_nps_combinefn,
    MSFUNC = crm_nps_transfn, MINVFUNC = crm_nps_invfn, MSTYPE = crm_nps_summary,
    MINITCOND = 'crm_nps_summary:1 promoters=0 passives=0 detractors=0',
    MFINALFUNC = crm_nps_interval, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_nps_interval(double precision) IS
    'Net Promoter Score with its 95% adjusted Wald interval';

CREATE FUNCTION crm_nps_interval_transfn(internal, smallint, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_nps_interval_transfn_int2' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_nps_interval_transfn(internal, smallint, double precision) IS
    'support function of crm_nps_interval: a row joins';

CREATE FUNCTION crm_nps_interval_transfn(internal, integer, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_nps_interval_transfn_int4' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_nps_interval_transfn(internal, integer, double precision) IS
    'support function of crm_nps_interval: a row joins';

CREATE FUNCTION crm_nps_interval_transfn(internal, numeric, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_nps_interval_transfn_numeric' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_nps_interval_transfn(internal, numeric, double precision) IS
    'support function of crm_nps_interval: a row joins';

CREATE FUNCTION crm_nps_interval_transfn(internal, double precision, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_nps_interval_transfn_float8' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_nps_interval_transfn(internal, double precision, double precision) IS
    'support function of crm_nps_interval: a row joins';

CREATE FUNCTION crm_nps_interval_invfn(internal, smallint, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_nps_interval_invfn_int2' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_nps_interval_invfn(internal, smallint, double precision) IS
    'support function of crm_nps_interval: a row leaves the window';

CREATE FUNCTION crm_nps_interval_invfn(internal, integer, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_nps_interval_invfn_int4' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_nps_interval_invfn(internal, integer, double precision) IS
    'support function of crm_nps_interval: a row leaves the window';

CREATE FUNCTION crm_nps_interval_invfn(internal, numeric, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_nps_interval_invfn_numeric' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_nps_interval_invfn(internal, numeric, double precision) IS
    'support function of crm_nps_interval: a row leaves the window';

CREATE FUNCTION crm_nps_interval_invfn(internal, double precision, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_nps_interval_invfn_float8' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_nps_interval_invfn(internal, double precision, double precision) IS
    'support function of crm_nps_interval: a row leaves the window';

CREATE FUNCTION crm_nps_interval_combinefn(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_nps_interval_combinefn(internal, internal) IS
    'support function of crm_nps_interval: merges two states';

CREATE FUNCTION crm_nps_interval_serialfn(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_nps_interval_serialfn(internal) IS
    'support function of crm_nps_interval: a state as bytes';

CREATE FUNCTION crm_nps_interval_deserialfn(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_nps_interval_deserialfn(bytea, internal) IS
    'support function of crm_nps_interval: a state from bytes';

CREATE FUNCTION crm_nps_interval_finalfn(internal) RETURNS crm_interval
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 25;
COMMENT ON FUNCTION crm_nps_interval_finalfn(internal) IS
    'support function of crm_nps_interval: the interval';

CREATE AGGREGATE crm_nps_interval(score smallint, conf double precision) (
    SFUNC = crm_nps_interval_transfn, STYPE = internal, SSPACE = 48,
    FINALFUNC = crm_nps_interval_finalfn, COMBINEFUNC = crm_nps_interval_combinefn,
    SERIALFUNC = crm_nps_interval_serialfn, DESERIALFUNC = crm_nps_interval_deserialfn,
    MSFUNC = crm_nps_interval_transfn, MINVFUNC = crm_nps_interval_invfn, MSTYPE = internal,
    MFINALFUNC = crm_nps_interval_finalfn, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_nps_interval(smallint, double precision) IS
    'Net Promoter Score with its adjusted Wald interval at a confidence level';

CREATE AGGREGATE crm_nps_interval(score integer, conf double precision) (
    SFUNC = crm_nps_interval_transfn, STYPE = internal, SSPACE = 48,
    FINALFUNC = crm_nps_interval_finalfn, COMBINEFUNC = crm_nps_interval_combinefn,
    SERIALFUNC = crm_nps_interval_serialfn, DESERIALFUNC = crm_nps_interval_deserialfn,
    MSFUNC = crm_nps_interval_transfn, MINVFUNC = crm_nps_interval_invfn, MSTYPE = internal,
    MFINALFUNC = crm_nps_interval_finalfn, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_nps_interval(integer, double precision) IS
    'Net Promoter Score with its adjusted Wald interval at a confidence level';

CREATE AGGREGATE crm_nps_interval(score numeric, conf double precision) (
    SFUNC = crm_nps_interval_transfn, STYPE = internal, SSPACE = 48,
    FINALFUNC = crm_nps_interval_finalfn, COMBINEFUNC = crm_nps_interval_combinefn,
    SERIALFUNC = crm_nps_interval_serialfn, DESERIALFUNC = crm_nps_interval_deserialfn,
    MSFUNC = crm_nps_interval_transfn, MINVFUNC = crm_nps_interval_invfn, MSTYPE = internal,
    MFINALFUNC = crm_nps_interval_finalfn, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_nps_interval(numeric, double precision) IS
    'Net Promoter Score with its adjusted Wald interval at a confidence level';

CREATE AGGREGATE crm_nps_interval(score double precision, conf double precision) (
    SFUNC = crm_nps_interval_transfn, STYPE = internal, SSPACE = 48,
    FINALFUNC = crm_nps_interval_finalfn, COMBINEFUNC = crm_nps_interval_combinefn,
    SERIALFUNC = crm_nps_interval_serialfn, DESERIALFUNC = crm_nps_interval_deserialfn,
    MSFUNC = crm_nps_interval_transfn, MINVFUNC = crm_nps_interval_invfn, MSTYPE = internal,
    MFINALFUNC = crm_nps_interval_finalfn, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_nps_interval(double precision, double precision) IS
    'Net Promoter Score with its adjusted Wald interval at a confidence level';

-- Customer satisfaction: a rate

CREATE FUNCTION crm_csat_transfn(crm_rate_summary, double precision, double precision) RETURNS crm_rate_summary
    AS 'MODULE_PATHNAME', 'crm_csat_transfn_float8' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_csat_transfn(crm_rate_summary, double precision, double precision) IS
    'support function of crm_csat: a row joins';

CREATE FUNCTION crm_csat_transfn(crm_rate_summary, numeric, numeric) RETURNS crm_rate_summary
    AS 'MODULE_PATHNAME', 'crm_csat_transfn_numeric' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_csat_transfn(crm_rate_summary, numeric, numeric) IS
    'support function of crm_csat: a row joins';

CREATE FUNCTION crm_csat_invfn(crm_rate_summary, double precision, double precision) RETURNS crm_rate_summary
    AS 'MODULE_PATHNAME', 'crm_csat_invfn_float8' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_csat_invfn(crm_rate_summary, double precision, double precision) IS
    'support function of crm_csat: a row leaves the window';

CREATE FUNCTION crm_csat_invfn(crm_rate_summary, numeric, numeric) RETURNS crm_rate_summary
    AS 'MODULE_PATHNAME', 'crm_csat_invfn_numeric' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_csat_invfn(crm_rate_summary, numeric, numeric) IS
    'support function of crm_csat: a row leaves the window';

CREATE AGGREGATE crm_csat(rating double precision, top_from double precision) (
    SFUNC = crm_csat_transfn, STYPE = crm_rate_summary, SSPACE = 48,
    INITCOND = 'crm_rate_summary:1 successes=0 trials=0',
    FINALFUNC = crm_rate, COMBINEFUNC = crm_rate_combinefn,
    MSFUNC = crm_csat_transfn, MINVFUNC = crm_csat_invfn, MSTYPE = crm_rate_summary,
    MINITCOND = 'crm_rate_summary:1 successes=0 trials=0',
    MFINALFUNC = crm_rate, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_csat(double precision, double precision) IS
    'the share of ratings at or above top_from, 0 to 1; NULL rows are skipped';

CREATE AGGREGATE crm_csat(rating numeric, top_from numeric) (
    SFUNC = crm_csat_transfn, STYPE = crm_rate_summary, SSPACE = 48,
    INITCOND = 'crm_rate_summary:1 successes=0 trials=0',
    FINALFUNC = crm_rate, COMBINEFUNC = crm_rate_combinefn,
    MSFUNC = crm_csat_transfn, MINVFUNC = crm_csat_invfn, MSTYPE = crm_rate_summary,
    MINITCOND = 'crm_rate_summary:1 successes=0 trials=0',
    MFINALFUNC = crm_rate, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_csat(numeric, numeric) IS
    'the share of ratings at or above top_from, 0 to 1; NULL rows are skipped';

CREATE AGGREGATE crm_csat_interval(rating double precision, top_from double precision) (
    SFUNC = crm_csat_transfn, STYPE = crm_rate_summary, SSPACE = 48,
    INITCOND = 'crm_rate_summary:1 successes=0 trials=0',
    FINALFUNC = crm_rate_interval, COMBINEFUNC = crm_rate_combinefn,
    MSFUNC = crm_csat_transfn, MINVFUNC = crm_csat_invfn, MSTYPE = crm_rate_summary,
    MINITCOND = 'crm_rate_summary:1 successes=0 trials=0',
    MFINALFUNC = crm_rate_interval, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_csat_interval(double precision, double precision) IS
    'the share of ratings at or above top_from with its 95% Wilson interval';

CREATE AGGREGATE crm_csat_interval(rating numeric, top_from numeric) (
    SFUNC = crm_csat_transfn, STYPE = crm_rate_summary, SSPACE = 48,
    INITCOND = 'crm_rate_summary:1 successes=0 trials=0',
    FINALFUNC = crm_rate_interval, COMBINEFUNC = crm_rate_combinefn,
    MSFUNC = crm_csat_transfn, MINVFUNC = crm_csat_invfn, MSTYPE = crm_rate_summary,
    MINITCOND = 'crm_rate_summary:1 successes=0 trials=0',
    MFINALFUNC = crm_rate_interval, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_csat_interval(numeric, numeric) IS
    'the share of ratings at or above top_from with its 95% Wilson interval';

CREATE AGGREGATE crm_csat_agg(rating double precision, top_from double precision) (
    SFUNC = crm_csat_transfn, STYPE = crm_rate_summary, SSPACE = 48,
    INITCOND = 'crm_rate_summary:1 successes=0 trials=0',
    FINALFUNC = crm_rate_agg_finalfn, COMBINEFUNC = crm_rate_combinefn,
    MSFUNC = crm_csat_transfn, MINVFUNC = crm_csat_invfn, MSTYPE = crm_rate_summary,
    MINITCOND = 'crm_rate_summary:1 successes=0 trials=0',
    MFINALFUNC = crm_rate_agg_finalfn, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_csat_agg(double precision, double precision) IS
    'a summary of ratings at or above top_from among all ratings';

CREATE AGGREGATE crm_csat_agg(rating numeric, top_from numeric) (
    SFUNC = crm_csat_transfn, STYPE = crm_rate_summary, SSPACE = 48,
    INITCOND = 'crm_rate_summary:1 successes=0 trials=0',
    FINALFUNC = crm_rate_agg_finalfn, COMBINEFUNC = crm_rate_combinefn,
    MSFUNC = crm_csat_transfn, MINVFUNC = crm_csat_invfn, MSTYPE = crm_rate_summary,
    MINITCOND = 'crm_rate_summary:1 successes=0 trials=0',
    MFINALFUNC = crm_rate_agg_finalfn, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_csat_agg(numeric, numeric) IS
    'a summary of ratings at or above top_from among all ratings';

CREATE FUNCTION crm_csat_interval_transfn(internal, double precision, double precision, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_csat_interval_transfn_float8' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_csat_interval_transfn(internal, double precision, double precision, double precision) IS
    'support function of crm_csat_interval: a row joins';

CREATE FUNCTION crm_csat_interval_transfn(internal, numeric, numeric, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_csat_interval_transfn_numeric' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_csat_interval_transfn(internal, numeric, numeric, double precision) IS
    'support function of crm_csat_interval: a row joins';

CREATE FUNCTION crm_csat_interval_invfn(internal, double precision, double precision, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_csat_interval_invfn_float8' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_csat_interval_invfn(internal, double precision, double precision, double precision) IS
    'support function of crm_csat_interval: a row leaves the window';

CREATE FUNCTION crm_csat_interval_invfn(internal, numeric, numeric, double precision) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_csat_interval_invfn_numeric' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_csat_interval_invfn(internal, numeric, numeric, double precision) IS
    'support function of crm_csat_interval: a row leaves the window';

CREATE AGGREGATE crm_csat_interval(rating double precision, top_from double precision, conf double precision) (
    SFUNC = crm_csat_interval_transfn, STYPE = internal, SSPACE = 48,
    FINALFUNC = crm_rate_interval_finalfn, COMBINEFUNC = crm_rate_interval_combinefn,
    SERIALFUNC = crm_rate_interval_serialfn, DESERIALFUNC = crm_rate_interval_deserialfn,
    MSFUNC = crm_csat_interval_transfn, MINVFUNC = crm_csat_interval_invfn, MSTYPE = internal,
    MFINALFUNC = crm_rate_interval_finalfn, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_csat_interval(double precision, double precision, double precision) IS
    'the share of ratings at or above top_from with its Wilson interval at a confidence level';

CREATE AGGREGATE crm_csat_interval(rating numeric, top_from numeric, conf double precision) (
    SFUNC = crm_csat_interval_transfn, STYPE = internal, SSPACE = 48,
    FINALFUNC = crm_rate_interval_finalfn, COMBINEFUNC = crm_rate_interval_combinefn,
    SERIALFUNC = crm_rate_interval_serialfn, DESERIALFUNC = crm_rate_interval_deserialfn,
    MSFUNC = crm_csat_interval_transfn, MINVFUNC = crm_csat_interval_invfn, MSTYPE = internal,
    MFINALFUNC = crm_rate_interval_finalfn, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_csat_interval(numeric, numeric, double precision) IS
    'the share of ratings at or above top_from with its Wilson interval at a confidence level';

-- Customer effort: a mean

CREATE AGGREGATE crm_ces(score double precision) (
    SFUNC = crm_mean_transfn, STYPE = crm_mean_summary, SSPACE = 128,
    INITCOND = 'crm_mean_summary:1 n=0 sum=0x0p0 sum_squares=0x0p0',
    FINALFUNC = crm_mean, COMBINEFUNC = crm_mean_combinefn,
    MSFUNC = crm_mean_transfn, MINVFUNC = crm_mean_invfn, MSTYPE = crm_mean_summary,
    MINITCOND = 'crm_mean_summary:1 n=0 sum=0x0p0 sum_squares=0x0p0',
    MFINALFUNC = crm_mean, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_ces(double precision) IS
    'the mean customer effort score; NULL rows are skipped';

CREATE AGGREGATE crm_ces(score numeric) (
    SFUNC = crm_mean_transfn, STYPE = crm_mean_summary, SSPACE = 128,
    INITCOND = 'crm_mean_summary:1 n=0 sum=0x0p0 sum_squares=0x0p0',
    FINALFUNC = crm_mean, COMBINEFUNC = crm_mean_combinefn,
    MSFUNC = crm_mean_transfn, MINVFUNC = crm_mean_invfn, MSTYPE = crm_mean_summary,
    MINITCOND = 'crm_mean_summary:1 n=0 sum=0x0p0 sum_squares=0x0p0',
    MFINALFUNC = crm_mean, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_ces(numeric) IS
    'the mean customer effort score; NULL rows are skipped';

CREATE AGGREGATE crm_ces_interval(score double precision) (
    SFUNC = crm_mean_transfn, STYPE = crm_mean_summary, SSPACE = 128,
    INITCOND = 'crm_mean_summary:1 n=0 sum=0x0p0 sum_squares=0x0p0',
    FINALFUNC = crm_mean_interval, COMBINEFUNC = crm_mean_combinefn,
    MSFUNC = crm_mean_transfn, MINVFUNC = crm_mean_invfn, MSTYPE = crm_mean_summary,
    MINITCOND = 'crm_mean_summary:1 n=0 sum=0x0p0 sum_squares=0x0p0',
    MFINALFUNC = crm_mean_interval, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_ces_interval(double precision) IS
    'the mean customer effort score with its 95% interval (Student''s t)';

CREATE AGGREGATE crm_ces_interval(score numeric) (
    SFUNC = crm_mean_transfn, STYPE = crm_mean_summary, SSPACE = 128,
    INITCOND = 'crm_mean_summary:1 n=0 sum=0x0p0 sum_squares=0x0p0',
    FINALFUNC = crm_mean_interval, COMBINEFUNC = crm_mean_combinefn,
    MSFUNC = crm_mean_transfn, MINVFUNC = crm_mean_invfn, MSTYPE = crm_mean_summary,
    MINITCOND = 'crm_mean_summary:1 n=0 sum=0x0p0 sum_squares=0x0p0',
    MFINALFUNC = crm_mean_interval, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_ces_interval(numeric) IS
    'the mean customer effort score with its 95% interval (Student''s t)';

CREATE AGGREGATE crm_ces_interval(score double precision, conf double precision) (
    SFUNC = crm_mean_interval_transfn, STYPE = internal, SSPACE = 256,
    FINALFUNC = crm_mean_interval_finalfn, COMBINEFUNC = crm_mean_interval_combinefn,
    SERIALFUNC = crm_mean_interval_serialfn, DESERIALFUNC = crm_mean_interval_deserialfn,
    MSFUNC = crm_mean_interval_transfn, MINVFUNC = crm_mean_interval_invfn, MSTYPE = internal,
    MFINALFUNC = crm_mean_interval_finalfn, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_ces_interval(double precision, double precision) IS
    'the mean customer effort score with its interval (Student''s t) at a confidence level';

CREATE AGGREGATE crm_ces_interval(score numeric, conf double precision) (
    SFUNC = crm_mean_interval_transfn, STYPE = internal, SSPACE = 256,
    FINALFUNC = crm_mean_interval_finalfn, COMBINEFUNC = crm_mean_interval_combinefn,
    SERIALFUNC = crm_mean_interval_serialfn, DESERIALFUNC = crm_mean_interval_deserialfn,
    MSFUNC = crm_mean_interval_transfn, MINVFUNC = crm_mean_interval_invfn, MSTYPE = internal,
    MFINALFUNC = crm_mean_interval_finalfn, PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_ces_interval(numeric, double precision) IS
    'the mean customer effort score with its interval (Student''s t) at a confidence level';
