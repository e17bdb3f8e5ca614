-- Engagement: a score whose weights halve with every half-life.

CREATE TYPE crm_engagement_summary;

CREATE FUNCTION crm_engagement_summary_in(cstring) RETURNS crm_engagement_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_engagement_summary_in(cstring) IS
    'input function of crm_engagement_summary';

CREATE FUNCTION crm_engagement_summary_out(crm_engagement_summary) RETURNS cstring
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_engagement_summary_out(crm_engagement_summary) IS
    'output function of crm_engagement_summary';

CREATE FUNCTION crm_engagement_summary_recv(internal) RETURNS crm_engagement_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_engagement_summary_recv(internal) IS
    'binary input function of crm_engagement_summary';

CREATE FUNCTION crm_engagement_summary_send(crm_engagement_summary) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_engagement_summary_send(crm_engagement_summary) IS
    'binary output function of crm_engagement_summary';

CREATE TYPE crm_engagement_summary (
    INPUT = crm_engagement_summary_in,
    OUTPUT = crm_engagement_summary_out,
    RECEIVE = crm_engagement_summary_recv,
    SEND = crm_engagement_summary_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = extended
);
COMMENT ON TYPE crm_engagement_summary IS
    'sum of the weights of events, decayed to a moment: the storable form of an engagement score';

CREATE FUNCTION crm_engagement_summary_to_jsonb(crm_engagement_summary) RETURNS jsonb
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION crm_engagement_summary_to_jsonb(crm_engagement_summary) IS
    'moment, half-life, number of events and score';
CREATE CAST (crm_engagement_summary AS jsonb) WITH FUNCTION crm_engagement_summary_to_jsonb(crm_engagement_summary);
COMMENT ON CAST (crm_engagement_summary AS jsonb) IS
    'moment, half-life, number of events and score';

CREATE FUNCTION crm_engagement_score(summary crm_engagement_summary) RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_engagement_score(crm_engagement_summary) IS
    'engagement score as of the moment of the summary';

CREATE FUNCTION crm_engagement_score(summary crm_engagement_summary, as_of timestamptz) RETURNS double precision
    AS 'MODULE_PATHNAME', 'crm_engagement_score_as_of' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_engagement_score(crm_engagement_summary, timestamptz) IS
    'engagement score as of a later moment, if nothing happens until then';
CREATE FUNCTION crm_engagement_score(summary crm_engagement_summary, as_of timestamp) RETURNS double precision
    AS 'MODULE_PATHNAME', 'crm_engagement_score_as_of_timestamp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_engagement_score(crm_engagement_summary, timestamp) IS
    'engagement score as of a later moment, if nothing happens until then';

CREATE FUNCTION crm_engagement_score_transfn(crm_engagement_summary, ts timestamptz, weight double precision, half_life interval, as_of timestamptz) RETURNS crm_engagement_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_engagement_score_transfn(crm_engagement_summary, timestamptz, double precision, interval, timestamptz) IS
    'transition function of crm_engagement_score and crm_engagement_agg';

CREATE FUNCTION crm_engagement_score_transfn(crm_engagement_summary, ts timestamp, weight double precision, half_life interval, as_of timestamp) RETURNS crm_engagement_summary
    AS 'MODULE_PATHNAME', 'crm_engagement_score_transfn_timestamp' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_engagement_score_transfn(crm_engagement_summary, timestamp, double precision, interval, timestamp) IS
    'transition function of crm_engagement_score and crm_engagement_agg';

CREATE FUNCTION crm_engagement_score_transfn(crm_engagement_summary, ts bigint, weight double precision, half_life bigint, as_of bigint) RETURNS crm_engagement_summary
    AS 'MODULE_PATHNAME', 'crm_engagement_score_transfn_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_engagement_score_transfn(crm_engagement_summary, bigint, double precision, bigint, bigint) IS
    'transition function of crm_engagement_score and crm_engagement_agg';

CREATE FUNCTION crm_engagement_summary_combinefn(crm_engagement_summary, crm_engagement_summary) RETURNS crm_engagement_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_engagement_summary_combinefn(crm_engagement_summary, crm_engagement_summary) IS
    'combine function of crm_engagement_score and crm_engagement_agg, transition function of crm_rollup';

CREATE FUNCTION crm_engagement_summary_finalfn(crm_engagement_summary) RETURNS crm_engagement_summary
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_engagement_summary_finalfn(crm_engagement_summary) IS
    'final function of crm_engagement_agg and crm_rollup';

CREATE FUNCTION crm_engagement_score_finalfn(crm_engagement_summary) RETURNS double precision
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_engagement_score_finalfn(crm_engagement_summary) IS
    'final function of crm_engagement_score';

CREATE AGGREGATE crm_engagement_score(ts timestamptz, weight double precision, half_life interval, as_of timestamptz) (
    SFUNC = crm_engagement_score_transfn,
    STYPE = crm_engagement_summary,
    SSPACE = 64,
    FINALFUNC = crm_engagement_score_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_engagement_summary_combinefn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_engagement_score(timestamptz, double precision, interval, timestamptz) IS
    'engagement score: sum of weights that halve with every half-life before as_of; later events are ignored';

CREATE AGGREGATE crm_engagement_agg(ts timestamptz, weight double precision, half_life interval, as_of timestamptz) (
    SFUNC = crm_engagement_score_transfn,
    STYPE = crm_engagement_summary,
    SSPACE = 64,
    FINALFUNC = crm_engagement_summary_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_engagement_summary_combinefn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_engagement_agg(timestamptz, double precision, interval, timestamptz) IS
    'storable summary of an engagement score';

CREATE AGGREGATE crm_engagement_score(ts timestamp, weight double precision, half_life interval, as_of timestamp) (
    SFUNC = crm_engagement_score_transfn,
    STYPE = crm_engagement_summary,
    SSPACE = 64,
    FINALFUNC = crm_engagement_score_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_engagement_summary_combinefn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_engagement_score(timestamp, double precision, interval, timestamp) IS
    'engagement score: sum of weights that halve with every half-life before as_of; later events are ignored';

CREATE AGGREGATE crm_engagement_agg(ts timestamp, weight double precision, half_life interval, as_of timestamp) (
    SFUNC = crm_engagement_score_transfn,
    STYPE = crm_engagement_summary,
    SSPACE = 64,
    FINALFUNC = crm_engagement_summary_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_engagement_summary_combinefn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_engagement_agg(timestamp, double precision, interval, timestamp) IS
    'storable summary of an engagement score';

CREATE AGGREGATE crm_engagement_score(ts bigint, weight double precision, half_life bigint, as_of bigint) (
    SFUNC = crm_engagement_score_transfn,
    STYPE = crm_engagement_summary,
    SSPACE = 64,
    FINALFUNC = crm_engagement_score_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_engagement_summary_combinefn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_engagement_score(bigint, double precision, bigint, bigint) IS
    'engagement score: sum of weights that halve with every half-life before as_of; later events are ignored';

CREATE AGGREGATE crm_engagement_agg(ts bigint, weight double precision, half_life bigint, as_of bigint) (
    SFUNC = crm_engagement_score_transfn,
    STYPE = crm_engagement_summary,
    SSPACE = 64,
    FINALFUNC = crm_engagement_summary_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_engagement_summary_combinefn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_engagement_agg(bigint, double precision, bigint, bigint) IS
    'storable summary of an engagement score';

CREATE AGGREGATE crm_rollup(crm_engagement_summary) (
    SFUNC = crm_engagement_summary_combinefn,
    STYPE = crm_engagement_summary,
    SSPACE = 64,
    FINALFUNC = crm_engagement_summary_finalfn,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = crm_engagement_summary_combinefn,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE crm_rollup(crm_engagement_summary) IS
    'merge summaries of engagement scores, as of the latest moment among them';
