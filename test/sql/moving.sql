-- Moving windows: what an aggregate says of a frame that it moved to is what it
-- says of the frame computed anew.
--
-- A volatile filter that is always true keeps the server from using the
-- inverse transition function, and so computes every frame anew.
SET extra_float_digits = 1;

-- Deterministic, with NULLs, ties, gaps, runs of NULL longer than a frame, and
-- a value that dwarfs the others for the exact sums.
CREATE TEMP TABLE series AS
SELECT i,
       i % 3 AS grp,
       (i * 5 / 7)::int AS pos,
       CASE WHEN i % 5 <> 2 AND i NOT BETWEEN 60 AND 75 THEN (i * 7919 % 101 * (i % 7)) % 11 END AS score,
       CASE WHEN i % 6 <> 1 AND i NOT BETWEEN 60 AND 75 THEN i * 7919 % 101 < 37 END AS hit,
       CASE WHEN i % 7 <> 4 AND i NOT BETWEEN 60 AND 75
            THEN CASE WHEN i % 23 = 0 THEN 1e17 ELSE (i * 104729 % 1009) / 8.0 + 0.1 END END AS amount,
       CASE WHEN i % 11 <> 5 AND i NOT BETWEEN 60 AND 75 THEN crm_rate_summary(i % 4, i % 4 + i % 3) END AS rate_summary,
       CASE WHEN i % 11 <> 6 AND i NOT BETWEEN 60 AND 75 THEN crm_nps_summary(i % 4, i % 3, i % 5) END AS nps_summary
FROM generate_series(1, 150) i;
CREATE TEMP TABLE moving_series AS
SELECT *, (SELECT crm_mean_agg(v) FROM (VALUES (amount), (i::numeric)) u (v) WHERE i % 11 <> 7) AS mean_summary
FROM series;

CREATE TEMP TABLE aggregate (call text);
INSERT INTO aggregate VALUES
    ('crm_rate(hit)'), ('crm_rate_agg(hit)'), ('crm_rate_interval(hit)'),
    ('crm_rate_interval(hit, 0.9)'), ('crm_rate_interval(hit, 0.9, ''jeffreys'')'),
    ('crm_rollup(rate_summary)'),
    ('crm_mean_agg(amount::float8)'), ('crm_mean_agg(amount)'),
    ('crm_mean_interval(amount::float8)'), ('crm_mean_interval(amount)'),
    ('crm_mean_interval(amount::float8, 0.9)'), ('crm_mean_interval(amount, 0.9)'),
    ('crm_rollup(mean_summary)'),
    ('crm_nps(score::smallint)'), ('crm_nps(score)'), ('crm_nps(score::numeric)'), ('crm_nps(score::float8)'),
    ('crm_nps_agg(score::smallint)'), ('crm_nps_agg(score)'), ('crm_nps_agg(score::numeric)'), ('crm_nps_agg(score::float8)'),
    ('crm_nps_interval(score::smallint)'), ('crm_nps_interval(score)'),
    ('crm_nps_interval(score::numeric)'), ('crm_nps_interval(score::float8)'),
    ('crm_nps_interval(score::smallint, 0.9)'), ('crm_nps_interval(score, 0.9)'),
    ('crm_nps_interval(score::numeric, 0.9)'), ('crm_nps_interval(score::float8, 0.9)'),
    ('crm_rollup(nps_summary)'),
    ('crm_csat(score, 8)'), ('crm_csat(score::numeric, 8)'),
    ('crm_csat_agg(score, 8)'), ('crm_csat_agg(score::numeric, 8)'),
    ('crm_csat_interval(score, 8)'), ('crm_csat_interval(score::numeric, 8)'),
    ('crm_csat_interval(score, 8, 0.9)'), ('crm_csat_interval(score::numeric, 8, 0.9)'),
    ('crm_ces(score)'), ('crm_ces(score::numeric)'),
    ('crm_ces_interval(score)'), ('crm_ces_interval(score::numeric)'),
    ('crm_ces_interval(score, 0.9)'), ('crm_ces_interval(score::numeric, 0.9)');

CREATE TEMP TABLE frame (clause text);
INSERT INTO frame VALUES
    ('ORDER BY i ROWS 27 PRECEDING'),
    ('ORDER BY i ROWS BETWEEN 3 PRECEDING AND 2 FOLLOWING'),
    ('ORDER BY i ROWS BETWEEN 9 PRECEDING AND 5 PRECEDING'),
    ('ORDER BY i ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING'),
    ('ORDER BY i ROWS UNBOUNDED PRECEDING'),
    ('PARTITION BY grp ORDER BY i ROWS 6 PRECEDING'),
    ('ORDER BY pos RANGE 6 PRECEDING'),
    ('ORDER BY pos RANGE BETWEEN 4 PRECEDING AND 3 FOLLOWING'),
    ('PARTITION BY grp ORDER BY pos DESC RANGE BETWEEN 9 PRECEDING AND 2 PRECEDING'),
    ('ORDER BY pos GROUPS 4 PRECEDING'),
    ('ORDER BY pos GROUPS BETWEEN 2 PRECEDING AND 3 FOLLOWING'),
    ('PARTITION BY grp ORDER BY pos GROUPS BETWEEN 1 FOLLOWING AND 4 FOLLOWING'),
    ('ORDER BY i ROWS 9 PRECEDING EXCLUDE CURRENT ROW'),
    ('ORDER BY pos GROUPS BETWEEN 3 PRECEDING AND 1 FOLLOWING EXCLUDE TIES'),
    ('ORDER BY pos RANGE BETWEEN 5 PRECEDING AND 1 FOLLOWING EXCLUDE GROUP');

-- The list is complete: it names each aggregate that can move as often as there
-- are overloads in rates and satisfaction.
SELECT name, sum(listed) AS listed, sum(declared) AS declared
FROM (SELECT split_part(call, '(', 1) AS name, 1 AS listed, 0 AS declared FROM aggregate
      UNION ALL
      SELECT p.proname, 0, 1
      FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid
      WHERE a.aggminvtransfn <> 0
        AND (p.proname ~ '^crm_(rate|mean|nps|csat|ces)($|_)'
             OR p.proname = 'crm_rollup' AND p.proargtypes[0] IN
                ('crm_rate_summary'::regtype, 'crm_mean_summary'::regtype, 'crm_nps_summary'::regtype))) s
GROUP BY name HAVING sum(listed) <> sum(declared);

CREATE FUNCTION pg_temp.compare(call text, OUT frames bigint, OUT answers bigint, OUT different bigint)
LANGUAGE plpgsql AS $$
DECLARE
    clause text;
    answered bigint;
    wrong bigint;
BEGIN
    frames := 0;
    answers := 0;
    different := 0;
    FOR clause IN SELECT f.clause FROM frame f LOOP
        EXECUTE format($q$
            SELECT count(moved), count(*) FILTER (WHERE moved IS DISTINCT FROM anew)
            FROM (SELECT (%1$s OVER w)::text AS moved,
                         (%1$s FILTER (WHERE random() >= 0) OVER w)::text AS anew
                  FROM moving_series WINDOW w AS (%2$s)) s$q$, call, clause)
        INTO answered, wrong;
        frames := frames + 1;
        answers := answers + answered;
        different := different + wrong;
    END LOOP;
END
$$;
SELECT call, frames, answers, different FROM aggregate, LATERAL pg_temp.compare(call) ORDER BY call COLLATE "C";

-- Against plain SQL over the rows of each frame, which the server collects.
CREATE FUNCTION pg_temp.brute_force(OUT frames bigint, OUT answers bigint,
                                    OUT nps bigint, OUT rate bigint, OUT csat bigint, OUT rollup bigint, OUT mean bigint)
LANGUAGE plpgsql AS $$
DECLARE
    clause text;
    found record;
BEGIN
    frames := 0; answers := 0; nps := 0; rate := 0; csat := 0; rollup := 0; mean := 0;
    FOR clause IN SELECT f.clause FROM frame f LOOP
        EXECUTE format($q$
            SELECT count(s.nps) AS answers,
                   count(*) FILTER (WHERE s.nps IS DISTINCT FROM p.nps) AS nps,
                   count(*) FILTER (WHERE s.rate IS DISTINCT FROM p.rate) AS rate,
                   count(*) FILTER (WHERE s.csat IS DISTINCT FROM p.csat) AS csat,
                   count(*) FILTER (WHERE s.rollup IS DISTINCT FROM p.rollup) AS rollup,
                   count(*) FILTER (WHERE abs(s.ces - p.ces) > 1e-12 OR s.ces IS NULL <> (p.ces IS NULL)) AS mean
            FROM (SELECT crm_nps(score) OVER w AS nps, crm_rate(hit) OVER w AS rate, crm_csat(score, 8) OVER w AS csat,
                         crm_nps(crm_rollup(nps_summary) OVER w) AS rollup, crm_ces(score) OVER w AS ces,
                         array_agg(score) OVER w AS scores, array_agg(hit) OVER w AS hits,
                         array_agg(crm_nps_promoters(nps_summary)) OVER w AS promoters,
                         array_agg(crm_nps_passives(nps_summary)) OVER w AS passives,
                         array_agg(crm_nps_detractors(nps_summary)) OVER w AS detractors
                  FROM moving_series WINDOW w AS (%s)) s,
            LATERAL (SELECT
                (SELECT 100.0 * (count(*) FILTER (WHERE v >= 9) - count(*) FILTER (WHERE v <= 6))::float8 / nullif(count(v), 0)
                 FROM unnest(scores) v) AS nps,
                (SELECT count(*) FILTER (WHERE v)::float8 / nullif(count(v), 0) FROM unnest(hits) v) AS rate,
                (SELECT count(*) FILTER (WHERE v >= 8)::float8 / nullif(count(v), 0) FROM unnest(scores) v) AS csat,
                (SELECT avg(v)::float8 FROM unnest(scores) v) AS ces,
                (SELECT 100.0 * (sum(a) - sum(c))::float8 / nullif(sum(a) + sum(b) + sum(c), 0)::float8
                 FROM unnest(promoters, passives, detractors) v (a, b, c)) AS rollup) p$q$, clause)
        INTO found;
        frames := frames + 1;
        answers := answers + found.answers;
        nps := nps + found.nps;
        rate := rate + found.rate;
        csat := csat + found.csat;
        rollup := rollup + found.rollup;
        mean := mean + found.mean;
    END LOOP;
END
$$;
SELECT * FROM pg_temp.brute_force();

-- Summaries of a moving window stand by themselves: the rows keep what they got
-- when the window has moved on.
SELECT string_agg(crm_nps_passives(s)::text, ' ' ORDER BY i) AS passives
FROM (SELECT i, crm_nps_agg(7) OVER (ORDER BY i ROWS 3 PRECEDING) AS s FROM generate_series(1, 10) i) w;

-- An exact sum forgets a large value when it leaves: 1e17 + 0.1 - 1e17 = 0.1.
SELECT string_agg((crm_mean(s))::text, ' ' ORDER BY i) AS means
FROM (SELECT i, crm_mean_agg(CASE i WHEN 2 THEN 1e17 ELSE 0.1 END::float8) OVER (ORDER BY i ROWS 1 PRECEDING) AS s
      FROM generate_series(1, 6) i) w;

-- Options may differ between frames that share no row, and only there.
SELECT i, (crm_rate_interval(hit, conf) OVER (PARTITION BY conf ORDER BY i ROWS 2 PRECEDING)).conf_level
FROM (SELECT i, i % 2 = 0 AS hit, CASE WHEN i <= 3 THEN 0.9 ELSE 0.95 END AS conf FROM generate_series(1, 6) i) s;
SELECT i, (crm_nps_interval(i, conf) OVER (ORDER BY i ROWS BETWEEN CURRENT ROW AND CURRENT ROW)).conf_level
FROM (SELECT i, CASE WHEN i <= 2 THEN 0.9 ELSE 0.95 END AS conf FROM generate_series(1, 4) i) s;
SELECT i, (crm_nps_interval(i, conf) OVER (ORDER BY i ROWS 1 PRECEDING)).conf_level
FROM (SELECT i, CASE WHEN i <= 2 THEN 0.9 ELSE 0.95 END AS conf FROM generate_series(1, 4) i) s;
SELECT i, (crm_mean_interval(x, conf) OVER (ORDER BY i ROWS 1 PRECEDING)).conf_level
FROM (SELECT i, CASE WHEN i NOT IN (3, 4) THEN i::float8 END AS x, CASE WHEN i <= 3 THEN 0.9 ELSE 0.95 END AS conf
      FROM generate_series(1, 6) i) s;
