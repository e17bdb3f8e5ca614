-- Segmentation and concentration.

-- RFM scores and segments

CREATE FUNCTION crm_rfm_score(x float8) RETURNS integer
    AS 'MODULE_PATHNAME' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_rfm_score(float8) IS
    'score 1 to 5 by quantiles of the partition, 5 for the highest x; equal values get equal scores';
CREATE FUNCTION crm_rfm_score(x float8, buckets integer) RETURNS integer
    AS 'MODULE_PATHNAME' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_rfm_score(float8, integer) IS
    'score 1 to buckets by quantiles of the partition, highest for the highest x; equal values get equal scores';
CREATE FUNCTION crm_rfm_score(x timestamptz) RETURNS integer
    AS 'MODULE_PATHNAME', 'crm_rfm_score_timestamptz' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_rfm_score(timestamptz) IS
    'score 1 to 5 by quantiles of the partition, 5 for the latest x; equal values get equal scores';
CREATE FUNCTION crm_rfm_score(x timestamptz, buckets integer) RETURNS integer
    AS 'MODULE_PATHNAME', 'crm_rfm_score_timestamptz' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_rfm_score(timestamptz, integer) IS
    'score 1 to buckets by quantiles of the partition, highest for the latest x; equal values get equal scores';

CREATE TYPE crm_rfm_rule AS (
    segment text,
    r_from  integer,
    r_to    integer,
    f_from  integer,
    f_to    integer,
    m_from  integer,
    m_to    integer
);
COMMENT ON TYPE crm_rfm_rule IS
    'a segment and the scores of recency, frequency and monetary value that belong to it; bounds are included, NULL is open';

CREATE FUNCTION crm_rfm_segment(r integer, f integer, m integer) RETURNS text
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_rfm_segment(integer, integer, integer) IS
    'one of ten named segments, from scores 1 to 5';
CREATE FUNCTION crm_rfm_segment(r integer, f integer, m integer, rules crm_rfm_rule[]) RETURNS text
    AS 'MODULE_PATHNAME', 'crm_rfm_segment_rules' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_rfm_segment(integer, integer, integer, crm_rfm_rule[]) IS
    'the segment of the first rule that contains the scores; NULL if none does';

-- Classes by cumulative share

CREATE FUNCTION crm_abc_class(x float8) RETURNS text
    AS 'MODULE_PATHNAME' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_abc_class(float8) IS
    'class A, B or C of a row: the largest values that reach 80 percent of the partition''s total, then 95 percent, and the rest';
CREATE FUNCTION crm_abc_class(x float8, a_share float8, b_share float8) RETURNS text
    AS 'MODULE_PATHNAME' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_abc_class(float8, float8, float8) IS
    'class A, B or C of a row: the largest values that reach a_share of the partition''s total, then b_share, and the rest';

-- Concentration

CREATE TYPE crm_concentration_report AS (
    n                    bigint,
    total                float8,
    gini                 float8,
    hhi                  float8,
    effective_number     float8,
    theil                float8,
    top_1_share          float8,
    top_1_percent_share  float8,
    top_5_percent_share  float8,
    top_10_percent_share float8,
    top_20_percent_share float8,
    top_50_percent_share float8
);
COMMENT ON TYPE crm_concentration_report IS
    'how unequally a total is shared among n: Gini, Herfindahl-Hirschman and Theil indexes, 1 / hhi, shares of the largest one and of the largest per cent of all';

CREATE FUNCTION crm_gini_transfn(internal, float8) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_gini_transfn(internal, float8) IS
    'support: add a value to crm_gini or crm_concentration';
CREATE FUNCTION crm_gini_transfn(internal, float8, float8) RETURNS internal
    AS 'MODULE_PATHNAME', 'crm_gini_transfn_weight' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_gini_transfn(internal, float8, float8) IS
    'support: add a value and its weight to crm_gini';
CREATE FUNCTION crm_concentration_combinefn(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_concentration_combinefn(internal, internal) IS
    'support: merge two states of crm_gini or crm_concentration';
CREATE FUNCTION crm_concentration_serialfn(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_concentration_serialfn(internal) IS
    'support: write a state of crm_gini or crm_concentration';
CREATE FUNCTION crm_concentration_deserialfn(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_concentration_deserialfn(bytea, internal) IS
    'support: read a state of crm_gini or crm_concentration';
CREATE FUNCTION crm_gini_finalfn(internal) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_gini_finalfn(internal) IS
    'support: result of crm_gini';
CREATE FUNCTION crm_concentration_finalfn(internal) RETURNS crm_concentration_report
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_concentration_finalfn(internal) IS
    'support: result of crm_concentration';

CREATE AGGREGATE crm_gini(x float8) (
    SFUNC = crm_gini_transfn, STYPE = internal, SSPACE = 512,
    FINALFUNC = crm_gini_finalfn, FINALFUNC_MODIFY = read_only,
    COMBINEFUNC = crm_concentration_combinefn,
    SERIALFUNC = crm_concentration_serialfn, DESERIALFUNC = crm_concentration_deserialfn,
    PARALLEL = safe
);
COMMENT ON AGGREGATE crm_gini(float8) IS
    'Gini coefficient: 0 when all have the same, 1 - 1/n when one has all';
CREATE AGGREGATE crm_gini(x float8, weight float8) (
    SFUNC = crm_gini_transfn, STYPE = internal, SSPACE = 512,
    FINALFUNC = crm_gini_finalfn, FINALFUNC_MODIFY = read_only,
    COMBINEFUNC = crm_concentration_combinefn,
    SERIALFUNC = crm_concentration_serialfn, DESERIALFUNC = crm_concentration_deserialfn,
    PARALLEL = safe
);
COMMENT ON AGGREGATE crm_gini(float8, float8) IS
    'Gini coefficient of rows that each stand for weight equal ones';
CREATE AGGREGATE crm_concentration(x float8) (
    SFUNC = crm_gini_transfn, STYPE = internal, SSPACE = 512,
    FINALFUNC = crm_concentration_finalfn, FINALFUNC_MODIFY = read_only,
    COMBINEFUNC = crm_concentration_combinefn,
    SERIALFUNC = crm_concentration_serialfn, DESERIALFUNC = crm_concentration_deserialfn,
    PARALLEL = safe
);
COMMENT ON AGGREGATE crm_concentration(float8) IS
    'how unequally the sum of x is shared: Gini, Herfindahl-Hirschman and Theil indexes, shares of the largest';

-- Clusters

CREATE TYPE crm_kmeans_model;
CREATE FUNCTION crm_kmeans_model_in(cstring) RETURNS crm_kmeans_model
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_kmeans_model_in(cstring) IS
    'text form of crm_kmeans_model, read';
CREATE FUNCTION crm_kmeans_model_out(crm_kmeans_model) RETURNS cstring
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_kmeans_model_out(crm_kmeans_model) IS
    'text form of crm_kmeans_model, written';
CREATE FUNCTION crm_kmeans_model_recv(internal) RETURNS crm_kmeans_model
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_kmeans_model_recv(internal) IS
    'binary form of crm_kmeans_model, read';
CREATE FUNCTION crm_kmeans_model_send(crm_kmeans_model) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_kmeans_model_send(crm_kmeans_model) IS
    'binary form of crm_kmeans_model, written';
CREATE TYPE crm_kmeans_model (
    INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended,
    INPUT = crm_kmeans_model_in, OUTPUT = crm_kmeans_model_out,
    RECEIVE = crm_kmeans_model_recv, SEND = crm_kmeans_model_send
);
COMMENT ON TYPE crm_kmeans_model IS
    'clusters found by k-means: centres, sizes, sums of squares';
CREATE FUNCTION crm_kmeans_model_to_jsonb(crm_kmeans_model) RETURNS jsonb
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION crm_kmeans_model_to_jsonb(crm_kmeans_model) IS
    'crm_kmeans_model as a JSON object';
CREATE CAST (crm_kmeans_model AS jsonb) WITH FUNCTION crm_kmeans_model_to_jsonb(crm_kmeans_model);
COMMENT ON CAST (crm_kmeans_model AS jsonb) IS 'the clusters as a JSON object';
CREATE FUNCTION crm_kmeans_fit_transfn(internal, float8[], integer) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_kmeans_fit_transfn(internal, float8[], integer) IS
    'support: add a point to crm_kmeans_fit';
CREATE FUNCTION crm_kmeans_fit_transfn(internal, float8[], integer, bigint) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_kmeans_fit_transfn(internal, float8[], integer, bigint) IS
    'support: add a point to crm_kmeans_fit';
CREATE FUNCTION crm_kmeans_fit_transfn(internal, float8[], integer, bigint, integer, integer) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_kmeans_fit_transfn(internal, float8[], integer, bigint, integer, integer) IS
    'support: add a point to crm_kmeans_fit';
CREATE FUNCTION crm_kmeans_fit_transfn(internal, float8[], float8[]) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_kmeans_fit_transfn(internal, float8[], float8[]) IS
    'support: add a point to crm_kmeans_fit';
CREATE FUNCTION crm_kmeans_fit_combinefn(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_kmeans_fit_combinefn(internal, internal) IS
    'support: merge two states of crm_kmeans_fit';
CREATE FUNCTION crm_kmeans_fit_serialfn(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_kmeans_fit_serialfn(internal) IS
    'support: write a state of crm_kmeans_fit';
CREATE FUNCTION crm_kmeans_fit_deserialfn(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION crm_kmeans_fit_deserialfn(bytea, internal) IS
    'support: read a state of crm_kmeans_fit';
CREATE FUNCTION crm_kmeans_fit_finalfn(internal) RETURNS crm_kmeans_model
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100000;
COMMENT ON FUNCTION crm_kmeans_fit_finalfn(internal) IS
    'support: result of crm_kmeans_fit';
CREATE AGGREGATE crm_kmeans_fit(point float8[], k integer) (
    SFUNC = crm_kmeans_fit_transfn, STYPE = internal, SSPACE = 4096,
    FINALFUNC = crm_kmeans_fit_finalfn, FINALFUNC_MODIFY = read_only,
    COMBINEFUNC = crm_kmeans_fit_combinefn,
    SERIALFUNC = crm_kmeans_fit_serialfn, DESERIALFUNC = crm_kmeans_fit_deserialfn,
    PARALLEL = safe
);
COMMENT ON AGGREGATE crm_kmeans_fit(float8[], integer) IS
    'clusters of points by k-means, from k-means++ starts';
CREATE AGGREGATE crm_kmeans_fit(point float8[], k integer, seed bigint) (
    SFUNC = crm_kmeans_fit_transfn, STYPE = internal, SSPACE = 4096,
    FINALFUNC = crm_kmeans_fit_finalfn, FINALFUNC_MODIFY = read_only,
    COMBINEFUNC = crm_kmeans_fit_combinefn,
    SERIALFUNC = crm_kmeans_fit_serialfn, DESERIALFUNC = crm_kmeans_fit_deserialfn,
    PARALLEL = safe
);
COMMENT ON AGGREGATE crm_kmeans_fit(float8[], integer, bigint) IS
    'clusters of points by k-means, from k-means++ starts drawn with this seed';
CREATE AGGREGATE crm_kmeans_fit(point float8[], k integer, seed bigint, restarts integer, max_iterations integer) (
    SFUNC = crm_kmeans_fit_transfn, STYPE = internal, SSPACE = 4096,
    FINALFUNC = crm_kmeans_fit_finalfn, FINALFUNC_MODIFY = read_only,
    COMBINEFUNC = crm_kmeans_fit_combinefn,
    SERIALFUNC = crm_kmeans_fit_serialfn, DESERIALFUNC = crm_kmeans_fit_deserialfn,
    PARALLEL = safe
);
COMMENT ON AGGREGATE crm_kmeans_fit(float8[], integer, bigint, integer, integer) IS
    'clusters of points by k-means, from the best of so many k-means++ starts drawn with this seed';
CREATE AGGREGATE crm_kmeans_fit(point float8[], start float8[]) (
    SFUNC = crm_kmeans_fit_transfn, STYPE = internal, SSPACE = 4096,
    FINALFUNC = crm_kmeans_fit_finalfn, FINALFUNC_MODIFY = read_only,
    COMBINEFUNC = crm_kmeans_fit_combinefn,
    SERIALFUNC = crm_kmeans_fit_serialfn, DESERIALFUNC = crm_kmeans_fit_deserialfn,
    PARALLEL = safe
);
COMMENT ON AGGREGATE crm_kmeans_fit(float8[], float8[]) IS
    'clusters of points by k-means, from the given first centres, one row of coordinates each';
CREATE FUNCTION crm_kmeans_assign(model crm_kmeans_model, point float8[]) RETURNS integer
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_kmeans_assign(crm_kmeans_model, float8[]) IS
    'number of the cluster whose centre is nearest to the point, from 1';
CREATE FUNCTION crm_kmeans_distance(model crm_kmeans_model, point float8[]) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crm_kmeans_distance(crm_kmeans_model, float8[]) IS
    'distance of the point from the nearest centre';
CREATE FUNCTION crm_kmeans_inertia(model crm_kmeans_model) RETURNS float8
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crm_kmeans_inertia(crm_kmeans_model) IS
    'sum of squared distances of the points from their centres';
CREATE FUNCTION crm_kmeans_centres(model crm_kmeans_model,
                                   OUT cluster integer, OUT size bigint, OUT inertia float8, OUT centre float8[])
    RETURNS SETOF record
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50 ROWS 8;
COMMENT ON FUNCTION crm_kmeans_centres(crm_kmeans_model) IS
    'clusters of a model: number, points, sum of squared distances, centre';
