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
