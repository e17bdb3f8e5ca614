-- Funnels: every option with every other, for crm_funnel and for
-- crm_funnel_completions, against all chains there are; and the rules case by
-- case, with answers worked out by hand from docs/funnels.md.  (funnels_oracle
-- has calendar windows, conditions and any order; here events have names, which
-- may be several steps, and times are numbers.)
SET timezone = 'UTC';

-- Deterministic numbers 0 .. n-1
CREATE FUNCTION pg_temp.draw(n int, VARIADIC seeds int[]) RETURNS int
    LANGUAGE sql IMMUTABLE
    RETURN (('x' || substr(md5(array_to_string(seeds, '/')), 1, 7))::bit(28)::int) % n;

-- Few events of few kinds at few times; every sixth customer has no exclusions.
CREATE TEMP TABLE log AS
SELECT c, i AS id, pg_temp.draw(CASE c % 3 WHEN 0 THEN 3 WHEN 1 THEN 6 ELSE 12 END, c, i, 1)::bigint AS ts,
       (CASE c % 6 WHEN 0 THEN '{a,a,b,b,c,d,a,b,NULL,c}' ELSE '{a,a,b,b,c,c,d,x,x,NULL}' END::text[])[1 + pg_temp.draw(10, c, i, 2)] AS e
FROM generate_series(1, 60) c, LATERAL generate_series(1, CASE c % 5 WHEN 2 THEN 12 ELSE 3 + pg_temp.draw(6, c, 4) END) i;
SELECT sum(n) > 300 AS many, max(n) AS most, count(*) FILTER (WHERE ties > 0) > 30 AS with_ties
FROM (SELECT c, count(*) AS n, count(*) - count(DISTINCT ts) AS ties FROM log GROUP BY c) x;

CREATE TEMP TABLE config AS
SELECT y.*, crm_funnel_def(within, steps, mode, same_time, reuse, on_repeat, step_within, optional, exclude,
                           CASE WHEN coalesce(between_from, between_to) IS NOT NULL THEN int4range(between_from, between_to, '[]') END, entry) AS def
FROM (SELECT id, (ARRAY[2, 4, 6, 20])[1 + pg_temp.draw(4, id, 1)]::bigint AS within, s.steps, cardinality(s.steps) AS n_steps,
             (ARRAY['ordered', 'ordered', 'strict'])[1 + pg_temp.draw(3, id, 3)] AS mode,
             (ARRAY['may_advance', 'may_advance', 'must_increase'])[1 + pg_temp.draw(3, id, 4)] AS same_time,
             pg_temp.draw(3, id, 5) = 0 AS reuse,
             (ARRAY['ignore', 'stop'])[1 + pg_temp.draw(2, id, 6)] AS on_repeat,
             CASE pg_temp.draw(4, id, 7)
                 WHEN 0 THEN ARRAY[1 + pg_temp.draw(4, id, 8)]
                 WHEN 1 THEN (ARRAY[2, NULL, 1 + pg_temp.draw(3, id, 9)])[1:cardinality(s.steps) - 1] END::bigint[] AS step_within,
             CASE pg_temp.draw(4, id, 10) WHEN 0 THEN '{2}'::int[] WHEN 1 THEN ARRAY(SELECT generate_series(2, cardinality(s.steps) - 1)) END AS optional,
             x.exclude, CASE WHEN x.exclude IS NOT NULL THEN (ARRAY[NULL, 1, 2])[1 + pg_temp.draw(3, id, 12)] END AS between_from,
             CASE WHEN x.exclude IS NOT NULL THEN (ARRAY[NULL, 3])[1 + pg_temp.draw(2, id, 13)] END AS between_to,
             (ARRAY['any', 'any', 'first', 'last'])[1 + pg_temp.draw(4, id, 14)] AS entry
      FROM generate_series(1, 240) id,
           LATERAL (SELECT string_to_array((ARRAY['a b c', 'a b c d', 'a a b', 'a b a', 'a b b c', 'a b a b'])[1 + pg_temp.draw(6, id, 2)], ' ') AS steps) s,
           LATERAL (SELECT (ARRAY['{x}', '{x,y}', '{x}', NULL])[1 + pg_temp.draw(4, id, 11)]::text[] AS exclude) x) y;

-- All chains that options allow: times of the steps reached (NULL for a step
-- skipped).
CREATE FUNCTION pg_temp.chains(use_exclude boolean) RETURNS TABLE (config int, c int, level int, at bigint[]) LANGUAGE sql STABLE AS
$$
    WITH RECURSIVE chain AS (
        SELECT f.id AS config, l.c, ARRAY[l.id] AS rows, ARRAY[l.ts] AS at, 1 AS level, l.ts AS last
        FROM config f, log l
        WHERE l.e = f.steps[1]
          AND (f.entry = 'any' OR l.ts = (SELECT CASE f.entry WHEN 'first' THEN min(o.ts) ELSE max(o.ts) END
                                          FROM log o WHERE o.c = l.c AND o.e = f.steps[1]))
        UNION ALL
        SELECT h.config, h.c, h.rows || l.id, h.at || array_fill(NULL::bigint, ARRAY[s - h.level - 1]) || l.ts, s, l.ts
        FROM chain h
        JOIN config f ON f.id = h.config
        JOIN log l ON l.c = h.c
        CROSS JOIN LATERAL generate_series(h.level + 1, f.n_steps) s
        WHERE l.e = f.steps[s]
          AND NOT EXISTS (SELECT FROM generate_series(h.level + 1, s - 1) k WHERE k <> ALL (coalesce(f.optional, '{}')))
          AND CASE f.same_time WHEN 'may_advance' THEN l.ts >= h.last ELSE l.ts > h.last END
          AND (f.reuse OR l.id <> ALL (h.rows))
          AND l.ts <= h.at[1] + f.within
          AND l.ts <= coalesce(h.last + f.step_within[CASE cardinality(f.step_within) WHEN 1 THEN 1 ELSE s - 1 END], l.ts)
    )
    SELECT h.config, h.c, h.level, h.at FROM chain h JOIN config f ON f.id = h.config
    WHERE NOT EXISTS (
        SELECT FROM log x
        WHERE x.c = h.c AND x.ts > h.at[1] AND x.ts < h.last
          AND ((f.mode = 'strict' AND x.id <> ALL (h.rows))
               OR (f.on_repeat = 'stop' AND x.id <> ALL (h.rows)
                   -- as in funnels_oracle
                   AND EXISTS (SELECT FROM generate_series(1, f.n_steps) s,
                                   (SELECT max(k) FILTER (WHERE h.at[k] < x.ts) AS p, max(k) FILTER (WHERE h.at[k] = x.ts) AS q
                                    FROM generate_series(1, h.level) k) b
                               WHERE x.e = f.steps[s]
                                 AND (s <= b.p
                                      OR CASE WHEN b.q IS NULL THEN s <= (SELECT min(k) FROM generate_series(b.p + 1, f.n_steps) k
                                                                          WHERE k <> ALL (coalesce(f.optional, '{}')))
                                              WHEN f.same_time = 'may_advance' THEN s <= b.q
                                              ELSE s = b.q END)))
               OR (use_exclude AND x.e = ANY (f.exclude)
                   AND x.ts > (SELECT min(h.at[k]) FROM generate_series(coalesce(f.between_from, 1), h.level) k)
                   AND x.ts < coalesce((SELECT min(h.at[k]) FROM generate_series(coalesce(f.between_to, f.n_steps), h.level) k), h.last))))
$$;
CREATE TEMP TABLE chain AS SELECT DISTINCT * FROM pg_temp.chains(true);
CREATE TEMP TABLE oracle AS
SELECT f.id AS config, l.c, coalesce(b.level, 0) AS level, coalesce(b.at, '{}') AS entered, coalesce(u.level, 0) > coalesce(b.level, 0) AS excluded
FROM config f
CROSS JOIN (SELECT DISTINCT c FROM log) l
LEFT JOIN (SELECT DISTINCT ON (config, c) * FROM chain ORDER BY config, c, level DESC, at[1] DESC, at[2], at[3], at[4]) b ON (b.config, b.c) = (f.id, l.c)
LEFT JOIN (SELECT config, c, max(level) AS level FROM pg_temp.chains(false) GROUP BY config, c) u ON (u.config, u.c) = (f.id, l.c);
CREATE TEMP TABLE ours AS
SELECT f.id AS config, l.c, (crm_funnel(f.def, l.ts, l.e)).*, crm_funnel_completions(f.def, l.ts, l.e) AS passes
FROM config f, log l GROUP BY f.id, l.c;

SELECT count(*) > 14000 AS thousands_of_cases, count(DISTINCT level) AS levels, count(*) FILTER (WHERE excluded) > 50 AS excluded,
       count(*) FILTER (WHERE array_position(entered, NULL) IS NOT NULL) > 50 AS skipped
FROM oracle;
SELECT f.*, o.*, w.level AS oracle_level, w.entered AS oracle_entered, w.excluded AS oracle_excluded
FROM ours o JOIN oracle w USING (config, c) JOIN config f ON f.id = o.config
WHERE (o.level, o.entered, o.excluded) IS DISTINCT FROM (w.level, w.entered, w.excluded)
ORDER BY o.config, o.c LIMIT 5;

-- Passes: of the whole chains that start later than the last one was complete,
-- that which is complete first, then starts last, then has the earliest steps.
CREATE TEMP TABLE whole AS SELECT h.*, h.at[f.n_steps] AS complete FROM chain h JOIN config f ON f.id = h.config WHERE h.level = f.n_steps;
CREATE INDEX ON whole (config, c);
ANALYZE whole;
CREATE TEMP TABLE pass AS
WITH RECURSIVE pass AS (
    SELECT config, c, 0 AS no, NULL::bigint[] AS at, -1::bigint AS complete FROM ours
    UNION ALL
    SELECT p.config, p.c, p.no + 1, w.at, w.complete
    FROM pass p
    CROSS JOIN LATERAL (SELECT * FROM whole w WHERE (w.config, w.c) = (p.config, p.c) AND w.at[1] > p.complete
                        ORDER BY w.complete, w.at[1] DESC, w.at[2], w.at[3], w.at[4] LIMIT 1) w
)
SELECT * FROM pass WHERE no > 0;
SELECT count(*) > 1000 AS passes, max(no) > 2 AS several FROM pass;
SELECT f.def, config, c, no, p.at, u.times
FROM pass p
FULL JOIN (SELECT config, c, no::int, times FROM ours, unnest(passes) WITH ORDINALITY u (times, value, no)) u USING (config, c, no)
JOIN config f ON f.id = config
WHERE p.at IS DISTINCT FROM u.times
ORDER BY config, c, no LIMIT 5;

-- One level says the same of all of them.
SELECT id, counts, want
FROM (SELECT f.id, (SELECT crm_funnel_counts(l.c, f.def, l.ts, l.e) FROM log l) AS counts,
             (SELECT array_agg((SELECT count(*) FROM oracle o WHERE o.config = f.id AND o.level >= s) ORDER BY s) FROM generate_series(1, f.n_steps) s) AS want
      FROM config f) x
WHERE counts IS DISTINCT FROM want;

-- By hand
CREATE FUNCTION pg_temp.funnel(events text, def crm_funnel_def) RETURNS text LANGUAGE sql STABLE AS
$$
    SELECT f.level || ' ' || translate(f.entered::text, '{}', '[]') || CASE WHEN f.excluded THEN ' excluded' ELSE '' END
    FROM (SELECT (crm_funnel(def, split_part(e, ':', 1)::bigint, nullif(split_part(e, ':', 2), ''))).*
          FROM regexp_split_to_table(events, ' +') e) f
$$;
CREATE TEMP TABLE hand (what text, events text, def crm_funnel_def, want text);
INSERT INTO hand VALUES
    ('windows and starts', '1:a 6:b 11:c', crm_funnel_def(10, '{a,b,c}'), '3 [1,6,11]'),
    ('windows and starts', '1:a 6:b 12:c', crm_funnel_def(10, '{a,b,c}'), '2 [1,6]'),
    ('windows and starts', '1:a 9:b 17:c', crm_funnel_def(10, '{a,b,c}'), '2 [1,9]'),
    ('windows and starts', '0:a 1:b', crm_funnel_def(1, '{a,b}'), '2 [0,1]'),
    ('windows and starts', '1:a 2:a 12:b', crm_funnel_def(10, '{a,b}'), '2 [2,12]'),
    ('windows and starts', '1:a 2:b 20:a 21:b 22:c', crm_funnel_def(10, '{a,b,c}'), '3 [20,21,22]'),
    ('windows and starts', '1:a 2:b 3:c 20:a 21:b', crm_funnel_def(10, '{a,b,c}'), '3 [1,2,3]'),
    ('windows and starts', '1:a 2:b 3:a 11:c 13:b', crm_funnel_def(10, '{a,b,c}'), '3 [1,2,11]'),
    ('windows and starts', '0:b 1:c 2:a 3:b 4:c', crm_funnel_def(10, '{a,b,c}'), '3 [2,3,4]'),
    ('windows and starts', '3:a 2:b 1:c', crm_funnel_def(10, '{a,b,c}'), '1 [3]'),
    ('windows and starts', '1:a', crm_funnel_def(10, '{a,b,c}'), '1 [1]'),
    ('windows and starts', '1:b', crm_funnel_def(10, '{a,b,c}'), '0 []'),
    ('windows and starts', '1:a 5:a', crm_funnel_def(10, '{a}'), '1 [5]'),
    ('windows and starts', '1:a 5:a', crm_funnel_def(10, '{a}', entry => 'first'), '1 [1]'),
    ('one time', '1:a 1:b', crm_funnel_def(10, '{a,b}'), '2 [1,1]'),
    ('one time', '1:a 1:b', crm_funnel_def(10, '{a,b}', same_time => 'must_increase'), '1 [1]'),
    ('one time', '1:b 1:a 2:c', crm_funnel_def(10, '{a,b,c}'), '3 [1,1,2]'),
    ('one time', '1:b 1:a 2:c', crm_funnel_def(10, '{a,b,c}', same_time => 'must_increase'), '1 [1]'),
    ('one time', '1:a 1:b 2:b 2:c 3:c', crm_funnel_def(10, '{a,b,c}', same_time => 'must_increase'), '3 [1,2,3]'),
    ('one time', '1:b 2:a 2:b 2:c', crm_funnel_def(10, '{a,b,c}'), '3 [2,2,2]'),
    ('strict', '1:a 1:b 1:c', crm_funnel_def(10, '{a,b,c}', 'strict'), '3 [1,1,1]'),
    ('strict', '1:a 2:b 2:c 3:d', crm_funnel_def(10, '{a,b,c,d}', 'strict'), '4 [1,2,2,3]'),
    ('strict', '1:a 2:b 2:c 3:c', crm_funnel_def(10, '{a,b,c}', 'strict', 'must_increase'), '2 [1,2]'),
    ('strict', '1:a 2:b 2:x', crm_funnel_def(10, '{a,b}', 'strict'), '2 [1,2]'),
    ('strict', '1:a 1:x', crm_funnel_def(10, '{a,b}', 'strict'), '1 [1]'),
    ('strict', '1:a 2:b 2:', crm_funnel_def(10, '{a,b}', 'strict'), '2 [1,2]'),
    ('strict', '0: 1:a 2:b', crm_funnel_def(10, '{a,b}', 'strict'), '2 [1,2]'),
    ('strict', '1:a 2:a 3:b', crm_funnel_def(10, '{a,a,b}', 'strict'), '3 [1,2,3]'),
    ('strict', '1:a 2:a 3:a 4:b', crm_funnel_def(10, '{a,a,b}', 'strict'), '3 [2,3,4]'),
    ('strict', '1:a 2:c', crm_funnel_def(10, '{a,b,c}', 'strict', optional => '{2}'), '3 [1,NULL,2]'),
    ('strict', '1:a 2:b 3:c', crm_funnel_def(10, '{a,b,c}', 'strict', optional => '{2}'), '3 [1,2,3]'),
    ('strict', '1:a 2:x 3:c', crm_funnel_def(10, '{a,b,c}', 'strict', optional => '{2}'), '1 [1]'),
    ('strict', '1:a 2:b 2:c', crm_funnel_def(10, '{a,b,c}', 'strict', optional => '{2}'), '3 [1,2,2]'),
    ('strict', '1:a 2:b 3:x 4:a 5:b 6:c', crm_funnel_def(10, '{a,b,c}', 'strict'), '3 [4,5,6]'),
    ('strict', '1:a 2:a 3:b', crm_funnel_def(10, '{a,b,c}', 'strict'), '2 [2,3]'),
    ('strict', '1:a 2:b 3:b 4:c', crm_funnel_def(10, '{a,b,c}', 'strict'), '2 [1,2]'),
    ('strict', '1:a 2:c 3:b', crm_funnel_def(10, '{a,b,c}', 'strict'), '1 [1]'),
    ('strict', '1:a 11:b 12:c', crm_funnel_def(10, '{a,b,c}', 'strict'), '2 [1,11]'),
    ('strict', '1:a 2:x 3:a 4:b', crm_funnel_def(10, '{a,b}', 'strict', entry => 'first'), '1 [1]'),
    ('strict', '1:a 2:b 3:a 4:b', crm_funnel_def(10, '{a,b}', 'strict'), '2 [3,4]'),
    ('a name twice', '1:a', crm_funnel_def(10, '{a,a}'), '1 [1]'),
    ('a name twice', '1:a 2:a', crm_funnel_def(10, '{a,a}'), '2 [1,2]'),
    ('a name twice', '1:a 2:a 3:a', crm_funnel_def(10, '{a,a}'), '2 [2,3]'),
    ('a name twice', '1:a 2:b 3:a', crm_funnel_def(10, '{a,b,a}'), '3 [1,2,3]'),
    ('a name twice', '1:a 2:b', crm_funnel_def(10, '{a,b,a}'), '2 [1,2]'),
    ('a name twice', '1:a 1:b', crm_funnel_def(10, '{a,b,a}'), '2 [1,1]'),
    ('a name twice', '1:a 1:a 1:b', crm_funnel_def(10, '{a,b,a}'), '3 [1,1,1]'),
    ('a name twice', '1:a', crm_funnel_def(10, '{a,a}', reuse_event => true), '2 [1,1]'),
    ('a name twice', '1:a', crm_funnel_def(10, '{a,a}', reuse_event => true, same_time => 'must_increase'), '1 [1]'),
    ('a name twice', '1:a 2:a', crm_funnel_def(10, '{a,a}', reuse_event => true, same_time => 'must_increase'), '2 [1,2]'),
    ('a name twice', '1:a 1:a 1:b 1:b', crm_funnel_def(10, '{a,b,a,b}'), '4 [1,1,1,1]'),
    ('a name twice', '1:a 3:b 3:a 5:b', crm_funnel_def(10, '{a,b,a,b}'), '4 [1,3,3,5]'),
    ('a name twice', '1:a 3:b 3:a 5:b', crm_funnel_def(10, '{a,b,a,b}', same_time => 'must_increase'), '2 [3,5]'),
    ('repeats', '1:a 2:a', crm_funnel_def(10, '{a,a}', on_repeat => 'stop'), '2 [1,2]'),
    ('repeats', '1:a 2:a 3:a', crm_funnel_def(10, '{a,a}', on_repeat => 'stop'), '2 [2,3]'),
    ('repeats', '1:a 2:a 3:a 4:b', crm_funnel_def(10, '{a,a,b}', on_repeat => 'stop'), '3 [2,3,4]'),
    ('repeats', '1:a 2:b 3:a 4:c', crm_funnel_def(10, '{a,b,c}', on_repeat => 'stop'), '2 [1,2]'),
    ('repeats', '1:a 2:b 3:c 4:b 5:d', crm_funnel_def(10, '{a,b,c,d}', on_repeat => 'stop'), '3 [1,2,3]'),
    ('repeats', '1:a 2:c 3:b 4:c', crm_funnel_def(10, '{a,b,c}', on_repeat => 'stop'), '3 [1,3,4]'),
    ('repeats', '1:a 2:b 3:x 4:b 5:c', crm_funnel_def(10, '{a,b,c}', on_repeat => 'stop'), '2 [1,2]'),
    ('repeats', '1:a 2:b 3:c 3:b', crm_funnel_def(10, '{a,b,c}', on_repeat => 'stop'), '3 [1,2,3]'),
    ('repeats', '1:a 2:b 3:b 4:a 5:b 6:c', crm_funnel_def(10, '{a,b,c}', on_repeat => 'stop'), '3 [4,5,6]'),
    ('repeats', '1:a 2:b 2:b 3:c', crm_funnel_def(10, '{a,b,c}', on_repeat => 'stop'), '2 [1,2]'),
    ('exclusions', '0:x 1:a 2:b', crm_funnel_def(10, '{a,b}', exclude => '{x}'), '2 [1,2]'),
    ('exclusions', '1:a 2:b 3:x', crm_funnel_def(10, '{a,b}', exclude => '{x}'), '2 [1,2]'),
    ('exclusions', '1:a 2:b 2:x 3:c', crm_funnel_def(10, '{a,b,c}', exclude => '{x}'), '2 [1,2] excluded'),
    ('exclusions', '1:a 2:b 2:x 3:c', crm_funnel_def(10, '{a,b,c}', exclude => '{x}', exclude_between => '[2,3]'), '3 [1,2,3]'),
    ('exclusions', '1:a 2:b 2:x 3:c', crm_funnel_def(10, '{a,b,c}', exclude => '{x}', exclude_between => '[1,2]'), '3 [1,2,3]'),
    ('exclusions', '1:a 2:x 3:b 4:c', crm_funnel_def(10, '{a,b,c}', exclude => '{x}', exclude_between => '[1,2]'), '1 [1] excluded'),
    ('exclusions', '1:a 2:b 3:x 4:c', crm_funnel_def(10, '{a,b,c}', exclude => '{x}', exclude_between => '[1,2]'), '3 [1,2,4]'),
    ('exclusions', '1:a 2:x 30:b', crm_funnel_def(10, '{a,b}', exclude => '{x}'), '1 [1]'),
    ('exclusions', '1:a 2:x', crm_funnel_def(10, '{a,b}', exclude => '{x}'), '1 [1]'),
    ('exclusions', '1:a 2:b 3:x 4:c 5:b 6:c', crm_funnel_def(10, '{a,b,c}', exclude => '{x}'), '2 [1,2] excluded'),
    ('exclusions', '1:a 2:x 3:b 4:a 5:b', crm_funnel_def(10, '{a,b}', exclude => '{x}'), '2 [4,5]'),
    ('exclusions', '1:a 2:b 3:x 4:c 5:a 6:b', crm_funnel_def(10, '{a,b,c}', exclude => '{x}'), '2 [5,6] excluded'),
    ('exclusions', '1:a 2:y 3:b', crm_funnel_def(10, '{a,b}', exclude => '{x,y}'), '1 [1] excluded'),
    ('exclusions', '1:a 1:x 2:b', crm_funnel_def(10, '{a,b}', exclude => '{x}', same_time => 'must_increase'), '2 [1,2]'),
    ('exclusions', '1:a 2:x 3:b 4:a 5:b', crm_funnel_def(10, '{a,b}', exclude => '{x}', entry => 'first'), '1 [1] excluded'),
    ('exclusions', '1:a 2:x 3:b 4:a 5:b', crm_funnel_def(10, '{a,b}', exclude => '{x}', entry => 'last'), '2 [4,5]'),
    ('exclusions', '1:x 2:a 3:x', crm_funnel_def(10, '{a}', exclude => '{x}'), '1 [2]'),
    ('exclusions', '1:a 2:x 3:c', crm_funnel_def(10, '{a,b,c}', optional => '{2}', exclude => '{x}', exclude_between => '[1,2]'), '1 [1] excluded'),
    ('exclusions', '1:a 2:x 3:c', crm_funnel_def(10, '{a,b,c}', optional => '{2}', exclude => '{x}', exclude_between => '[2,3]'), '3 [1,NULL,3]'),
    ('exclusions', '1:a 2:b 3:x 4:c', crm_funnel_def(10, '{a,b,c}', optional => '{2}', exclude => '{x}', exclude_between => '[2,3]'), '3 [1,NULL,4]'),
    ('exclusions', '1:x', crm_funnel_def(10, '{a,b}', exclude => '{x}'), '0 []'),
    ('optional steps', '1:a 2:b', crm_funnel_def(10, '{a,b,c}', optional => '{2}'), '2 [1,2]'),
    ('optional steps', '1:b 2:c', crm_funnel_def(10, '{a,b,c}', optional => '{2}'), '0 []'),
    ('optional steps', '1:a 4:d', crm_funnel_def(10, '{a,b,c,d}', optional => '{2,3}'), '4 [1,NULL,NULL,4]'),
    ('optional steps', '1:a 2:c 4:d', crm_funnel_def(10, '{a,b,c,d}', optional => '{2,3}'), '4 [1,NULL,2,4]'),
    ('optional steps', '1:a 2:c 3:b 4:d', crm_funnel_def(10, '{a,b,c,d}', optional => '{2,3}'), '4 [1,3,NULL,4]'),
    ('optional steps', '1:a 2:c', crm_funnel_def(10, '{a,b,c,d}', optional => '{2}'), '3 [1,NULL,2]'),
    ('optional steps', '1:a 2:b 3:a 4:c', crm_funnel_def(10, '{a,b,c}', optional => '{2}'), '3 [3,NULL,4]'),
    ('optional steps', '1:a 2:b 2:c', crm_funnel_def(10, '{a,b,c}', optional => '{2}', same_time => 'must_increase'), '3 [1,NULL,2]'),
    ('optional steps', '1:a 2:b 2:c', crm_funnel_def(10, '{a,b,c}', optional => '{2}'), '3 [1,2,2]'),
    ('optional steps', '1:a 4:c', crm_funnel_def(10, '{a,b,c}', optional => '{2}', step_within => '{1,3}'), '3 [1,NULL,4]'),
    ('optional steps', '1:a 5:c', crm_funnel_def(10, '{a,b,c}', optional => '{2}', step_within => '{1,3}'), '1 [1]'),
    ('from step to step', '1:a 12:b', crm_funnel_def(10, '{a,b}', step_within => '{20}'), '1 [1]'),
    ('from step to step', '1:a 2:b 5:b 7:c', crm_funnel_def(10, '{a,b,c}', step_within => '{5,2}'), '3 [1,5,7]'),
    ('from step to step', '1:a 2:a 3:b 6:c', crm_funnel_def(10, '{a,b,c}', step_within => '{1,3}'), '3 [2,3,6]'),
    ('from step to step', '1:a 2:b 3:a 9:b 10:c', crm_funnel_def(10, '{a,b,c}', step_within => '{3,3}'), '2 [1,2]'),
    ('any order', '1:c 1:a 1:b', crm_funnel_def(10, '{a,b,c}', 'any_order'), '3 [1,1,1]'),
    ('any order', '1:c 1:a 2:b', crm_funnel_def(10, '{a,b,c}', 'any_order', 'must_increase'), '2 [1,2]'),
    ('any order', '1:a', crm_funnel_def(10, '{a,a}', 'any_order'), '1 [1]'),
    ('any order', '1:a 5:a', crm_funnel_def(10, '{a,a}', 'any_order'), '2 [1,5]'),
    ('any order', '1:a 2:a', crm_funnel_def(10, '{a,b,a}', 'any_order'), '2 [1,NULL,2]'),
    ('any order', '1:b 2:x 3:a', crm_funnel_def(10, '{a,b}', 'any_order', exclude => '{x}'), '1 [3] excluded'),
    ('any order', '1:b 2:x 3:a 4:b', crm_funnel_def(10, '{a,b}', 'any_order', exclude => '{x}'), '2 [3,4]'),
    ('any order', '5:c 3:b 1:a', crm_funnel_def(10, '{a,b,c}', 'any_order'), '3 [1,3,5]'),
    ('any order', '1:a 2:a 3:b', crm_funnel_def(10, '{a,b}', 'any_order'), '2 [2,3]'),
    ('any order', '1:c 6:a 12:b', crm_funnel_def(10, '{a,b,c}', 'any_order'), '2 [6,12]'),
    ('any order', '1:b 20:a 21:b', crm_funnel_def(10, '{a,b}', 'any_order', entry => 'first'), '1 [NULL,1]'),
    ('any order', '1:b 2:a 11:c', crm_funnel_def(10, '{a,b,c}', 'any_order'), '3 [2,1,11]'),
    ('any order', '1:b 2:a 12:c', crm_funnel_def(10, '{a,b,c}', 'any_order'), '2 [2,NULL,12]'),
    ('any order', '1:a 2:b 3:a 4:b', crm_funnel_def(10, '{a,b,a,b}', 'any_order'), '4 [1,2,3,4]');
SELECT what, count(*), count(*) FILTER (WHERE pg_temp.funnel(events, def) = want) AS ok FROM hand GROUP BY what ORDER BY what COLLATE "C";
SELECT what, events, def, want, pg_temp.funnel(events, def) AS got FROM hand WHERE pg_temp.funnel(events, def) IS DISTINCT FROM want;

-- Windows of the calendar: the last instant of one is in it.  A month from
-- 31 January ends with February; one from the 29th ends later than one from the
-- morning of the 30th.  In New York 9 March 2025 has 23 hours, 2 November 25.
SET timezone = 'America/New_York';
SELECT no, level, want
FROM (
    SELECT 1 AS no, (crm_funnel(crm_funnel_def('1 month', '{a,b}'), t, e)).level, 2 AS want FROM (VALUES (timestamptz '2025-01-31 12:00', 'a'), ('2025-02-28 12:00', 'b')) x (t, e)
    UNION ALL SELECT 2, (crm_funnel(crm_funnel_def('1 month', '{a,b}'), t, e)).level, 1 FROM (VALUES (timestamptz '2025-01-31 12:00', 'a'), ('2025-02-28 12:00:00.000001', 'b')) x (t, e)
    UNION ALL SELECT 3, (crm_funnel(crm_funnel_def('1 month', '{a,b}'), t, e)).level, 2 FROM (VALUES (timestamptz '2024-01-31 12:00', 'a'), ('2024-02-29 12:00', 'b')) x (t, e)
    UNION ALL SELECT 4, (crm_funnel(crm_funnel_def('1 month', '{a,b}'), t, e)).level, 2 FROM (VALUES (timestamp '2025-01-29 10:00', 'a'), ('2025-01-30 09:00', 'a'), ('2025-02-28 09:30', 'b')) x (t, e)
    UNION ALL SELECT 5, (crm_funnel(crm_funnel_def('1 month', '{a,b}'), t, e)).level, 2 FROM (VALUES (date '2025-01-31', 'a'), ('2025-02-28', 'b')) x (t, e)
    UNION ALL SELECT 6, (crm_funnel(crm_funnel_def('1 month', '{a,b}'), t, e)).level, 1 FROM (VALUES (date '2025-01-31', 'a'), ('2025-03-01', 'b')) x (t, e)
    UNION ALL SELECT 7, (crm_funnel(crm_funnel_def('1 day', '{a,b}'), t, e)).level, 2 FROM (VALUES (date '2025-03-08', 'a'), ('2025-03-09', 'b')) x (t, e)
    UNION ALL SELECT 8, (crm_funnel(crm_funnel_def('23 hours', '{a,b}'), t, e)).level, 1 FROM (VALUES (date '2025-03-09', 'a'), ('2025-03-10', 'b')) x (t, e)
    UNION ALL SELECT 9, (crm_funnel(crm_funnel_def('1 day', '{a,b}'), t, e)).level, 1 FROM (VALUES (timestamptz '2025-03-09 00:00', 'a'), ('2025-03-10 00:30', 'b')) x (t, e)
    UNION ALL SELECT 10, (crm_funnel(crm_funnel_def('24 hours', '{a,b}'), t, e)).level, 2 FROM (VALUES (timestamptz '2025-03-09 00:00', 'a'), ('2025-03-10 00:30', 'b')) x (t, e)
    UNION ALL SELECT 11, (crm_funnel(crm_funnel_def('23 hours', '{a,b}'), t, e)).level, 2 FROM (VALUES (timestamptz '2025-03-09 00:00', 'a'), ('2025-03-10 00:00', 'b')) x (t, e)
    UNION ALL SELECT 12, (crm_funnel(crm_funnel_def('1 day', '{a,b}'), t, e)).level, 2 FROM (VALUES (timestamptz '2025-11-02 00:00', 'a'), ('2025-11-03 00:00', 'b')) x (t, e)
    UNION ALL SELECT 13, (crm_funnel(crm_funnel_def('24 hours', '{a,b}'), t, e)).level, 1 FROM (VALUES (timestamptz '2025-11-02 00:00', 'a'), ('2025-11-03 00:00', 'b')) x (t, e)
    UNION ALL SELECT 14, (crm_funnel(crm_funnel_def('24 hours', '{a,b}'), t, e)).level, 2 FROM (VALUES (timestamp '2025-11-02 00:00', 'a'), ('2025-11-03 00:00', 'b')) x (t, e)
    UNION ALL SELECT 15, (crm_funnel(crm_funnel_def('1 month 1 day', '{a,b}', step_within => '{1 month}'), t, e)).level, 1 FROM (VALUES (timestamptz '2025-01-31 12:00', 'a'), ('2025-03-01 12:00', 'b')) x (t, e)
    UNION ALL SELECT 16, (crm_funnel(crm_funnel_def('1 month', '{a,b}'), t, e)).level, 2 FROM (VALUES (timestamptz '294276-12-15', 'a'), ('294276-12-31', 'b')) x (t, e)
    UNION ALL SELECT 17, (crm_funnel(crm_funnel_def('1000000 years', '{a,b}'), t, e)).level, 2 FROM (VALUES (timestamptz '4700-01-01 BC', 'a'), ('294276-12-31', 'b')) x (t, e)
    UNION ALL SELECT 18, crm_window_funnel('1 day', t, e = 'a', e = 'b'), 2 FROM (VALUES (date '2025-11-02', 'a'), ('2025-11-03', 'b')) x (t, e)
) x WHERE level IS DISTINCT FROM want;

-- A local time that the change of clocks leaves out, 2:30, is 3:30 for the
-- server; a step then is not later than the next one at 3:10, here and in
-- reports of both kinds.
CREATE TEMP TABLE gap AS SELECT * FROM (VALUES (timestamp '2025-03-09 01:00', 'a'), ('2025-03-09 02:30', 'b'), ('2025-03-09 03:10', 'd'), ('2025-03-09 04:00', 'z')) x (t, e);
SELECT (crm_funnel(crm_funnel_def('1 day', '{a,b,c,d}', optional => '{3}'), t, e)).entered FROM gap;
SELECT (crm_funnel(crm_funnel_def('1 day', '{d,b}', 'any_order'), t, e)).entered FROM gap;
SELECT (crm_funnel_completions(crm_funnel_def('1 day', '{b,d}'), t, e, 7))[1] FROM gap;
SELECT step, median_time, skipped
FROM crm_funnel_rows((SELECT crm_funnel_report(f) FROM (SELECT crm_funnel(crm_funnel_def('1 day', '{a,b,c,d}', optional => '{3}'), t, e) AS f FROM gap) x));
SELECT step, median_time, skipped FROM crm_funnel_rows((SELECT crm_funnel_report(1, crm_funnel_def('1 day', '{a,b,c,d}', optional => '{3}'), t, e) FROM gap));
SET timezone = 'UTC';

-- 32 steps, in every mode
WITH steps AS (SELECT array_agg('s' || i ORDER BY i) AS names FROM generate_series(1, 32) i),
     event AS (SELECT i::bigint AS t, 's' || i AS e FROM generate_series(1, 32) i)
SELECT (crm_funnel(crm_funnel_def(31, names), t, e)).level AS ordered, (crm_funnel(crm_funnel_def(30, names), t, e)).level AS too_short,
       (crm_funnel(crm_funnel_def(31, names, 'strict'), t, e)).level AS strict, (crm_funnel(crm_funnel_def(31, names, 'any_order'), -t, e)).level AS any_order,
       (crm_funnel(crm_funnel_def(31, names, on_repeat => 'stop', same_time => 'must_increase', step_within => array_fill(1::bigint, ARRAY[31])), t, e)).level AS all_options,
       (crm_funnel(crm_funnel_def(31, names, optional => ARRAY(SELECT generate_series(2, 31))), t, CASE WHEN t IN (1, 32) THEN e END)).level AS optional,
       (crm_funnel(crm_funnel_def(31, names, exclude => ARRAY(SELECT 'x' || i FROM generate_series(1, 32) i), exclude_between => '[31,32]'), t, e)).level AS exclude,
       cardinality(crm_funnel_completions(crm_funnel_def(31, names), t, e)) AS passes, (crm_funnel_counts(1, crm_funnel_def(31, names), t, e))[32] AS counts
FROM steps, event GROUP BY names;
SELECT crm_window_funnel(40, t, VARIADIC ARRAY(SELECT g = t FROM generate_series(1, 32) g)) AS conditions,
       (crm_funnel(crm_funnel_def(40, exclude => '{x}'), t, VARIADIC ARRAY(SELECT g = t FROM generate_series(1, 33) g))).level AS and_exclusion
FROM generate_series(1::bigint, 32) t;

-- A row whose array of conditions is NULL is skipped, whatever comes before it;
-- in an array, NULL is a condition that does not hold.
SELECT (crm_funnel(crm_funnel_def(10, mode => 'strict'), t, VARIADIC a ORDER BY o)).level AS first,
       (crm_funnel(crm_funnel_def(10, mode => 'strict'), t, VARIADIC a ORDER BY t)).level AS between,
       (crm_funnel(crm_funnel_def(10, mode => 'strict'), t, VARIADIC coalesce(a, '{NULL,NULL}') ORDER BY t)).level AS foreign
FROM (VALUES (1, 2::bigint, NULL::boolean[]), (2, 1, '{t,f}'), (3, 3, '{f,t}')) x (o, t, a);
SELECT g, crm_window_funnel(10, t, VARIADIC a)
FROM (VALUES (1, 2::bigint, NULL::boolean[]), (2, 1, '{t,f}'), (3, 3, NULL)) x (g, t, a) GROUP BY g ORDER BY g;

-- Reports: no step reached is no row, unless it is asked for; no share of none.
SELECT count(*) AS rows FROM crm_funnel_rows((SELECT crm_funnel_report(0) FROM generate_series(1, 3)));
SELECT step, customers, share_of_first, (share_of_previous).n, (share_of_previous).estimate, median_time, p90_time, skipped
FROM crm_funnel_rows((SELECT crm_funnel_report(0) FROM generate_series(1, 3)), 2);
SELECT step, customers, share_of_first, (share_of_previous).n, (share_of_previous).estimate FROM crm_funnel_rows((SELECT crm_funnel_report(1) FROM generate_series(1, 10)), 3);
-- rolled up with a segment that nobody is in, and with one that nobody entered
SELECT step, customers, (share_of_previous).estimate
FROM crm_funnel_rows((SELECT crm_rollup(r) FROM (SELECT crm_funnel_report(level) AS r FROM (VALUES ('a', 0), ('b', 2), ('b', 1), ('c', NULL)) x (segment, level)
                                                 GROUP BY segment UNION ALL SELECT NULL) y));
SELECT crm_rollup(r) IS NULL AS nothing FROM (VALUES (NULL::crm_funnel_report), (NULL)) x (r);
-- 1, 2, 3 and 10 days: the median is 2.5 days, the 90th percentile lies at 0.7 of
-- the way from 3 to 10
SELECT median_time, p90_time
FROM crm_funnel_rows((SELECT crm_funnel_report(ROW(2, ARRAY[timestamptz '2025-01-01', timestamptz '2025-01-01' + d * interval '1 day'], false)::crm_funnel_result)
                      FROM unnest('{1,3,2,10}'::int[]) d))
WHERE step = 2;

-- Mistakes, through every form and type of time: 22023 or 42804, with a hint
CREATE FUNCTION pg_temp.failure(query text) RETURNS text LANGUAGE plpgsql AS
$$
DECLARE
    hint text;
BEGIN
    EXECUTE query;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    RETURN SQLSTATE || CASE WHEN hint = '' THEN ' without a hint' ELSE '' END;
END
$$;
CREATE TEMP TABLE form (name text, conditions boolean, units boolean, query text);
INSERT INTO form
SELECT f.name, f.conditions, t.units, replace(f.query, '<t>', t.expr)
FROM (VALUES ('crm_funnel', false, $$crm_funnel(<d>, <t>, 'a'::text)$$), ('crm_funnel', true, 'crm_funnel(<d>, <t>, true, <c>)'), ('crm_funnel', true, 'crm_funnel(<d>, <t>, VARIADIC <a>)'),
             ('crm_funnel_completions', false, $$crm_funnel_completions(<d>, <t>, 'a'::text)$$), ('crm_funnel_completions', false, $$crm_funnel_completions(<d>, <t>, 'a'::text, 1.5)$$),
             ('crm_funnel_completions', true, 'crm_funnel_completions(<d>, <t>, true, <c>)'), ('crm_funnel_completions', true, 'crm_funnel_completions(<d>, <t>, VARIADIC <a>)'),
             ('crm_funnel_counts', false, $$crm_funnel_counts(1, <d>, <t>, 'a'::text)$$), ('crm_funnel_report', false, $$crm_funnel_report(1, <d>, <t>, 'a'::text)$$)) f (name, conditions, query),
     (VALUES ('now()', false), ('localtimestamp', false), ('current_date', false), ('5::bigint', true), ('5', true)) t (expr, units)
WHERE NOT (units AND f.name = 'crm_funnel_report');
CREATE TEMP TABLE mistake AS
SELECT name, 'NULL definition' AS what, replace(query, '<d>', 'NULL') AS query FROM form
UNION ALL SELECT name, 'window of the other kind', replace(query, '<d>', CASE WHEN units THEN $$crm_funnel_def('1 day', '{a,b}')$$ ELSE $$crm_funnel_def(5, '{a,b}')$$ END) FROM form
UNION ALL SELECT name, 'no steps', replace(query, '<d>', CASE WHEN units THEN 'crm_funnel_def(5)' ELSE $$crm_funnel_def('1 day')$$ END) FROM form WHERE NOT conditions
UNION ALL SELECT name, 'not boolean', replace(replace(replace(query, '<d>', CASE WHEN units THEN 'crm_funnel_def(5)' ELSE $$crm_funnel_def('1 day')$$ END), '<c>', '1'), '<a>', 'ARRAY[1, 0]') FROM form WHERE conditions
UNION ALL SELECT name, '33 conditions', replace(replace(replace(query, '<d>', CASE WHEN units THEN 'crm_funnel_def(5)' ELSE $$crm_funnel_def('1 day')$$ END), '<c>', 'false' || repeat(', true', 31)), '<a>', 'array_fill(true, ARRAY[33])') FROM form WHERE conditions
UNION ALL SELECT name, 'too few conditions', replace(query, '<d>', CASE WHEN units THEN $$crm_funnel_def(5, '{a,b,c}')$$ ELSE $$crm_funnel_def('1 day', '{a,b,c}')$$ END) FROM form WHERE conditions
UNION ALL SELECT name, 'passes in any order', replace(query, '<d>', CASE WHEN units THEN $$crm_funnel_def(5, '{a,b}', 'any_order')$$ ELSE $$crm_funnel_def('1 day', '{a,b}', 'any_order')$$ END) FROM form WHERE name = 'crm_funnel_completions'
UNION ALL SELECT name, 'infinite time', replace(replace(replace(replace(query, '<d>', $$crm_funnel_def('1 day', '{a,b}')$$), 'now()', $$'infinity'::timestamptz$$), 'localtimestamp', $$'-infinity'::timestamp$$), 'current_date', $$'infinity'::date$$) FROM form WHERE NOT units
UNION ALL SELECT 'crm_window_funnel', 'window', 'crm_window_funnel(' || w || ', ' || t || ', true)'
          FROM unnest(ARRAY['now()', 'localtimestamp', 'current_date']) t, unnest(ARRAY[$$'0 days'$$, $$'-1 day'$$, $$'1 month -1 day'$$, 'NULL']) w
UNION ALL SELECT 'crm_window_funnel', 'window', 'crm_window_funnel(' || w || ', ' || t || ', true)' FROM unnest(ARRAY['5::bigint', '5']) t, unnest(ARRAY['0', '-1', 'NULL']) w
UNION ALL SELECT 'crm_window_funnel', 'not boolean', 'crm_window_funnel(' || c || ')'
          FROM unnest(ARRAY[$$'1 day', now(), 1$$, $$'1 day', current_date, 'a'::text$$, '5, 5::bigint, true, 0', $$'1 day', localtimestamp, VARIADIC '{t}'::text[]$$]) c
UNION ALL SELECT 'crm_funnel_def', 'window', 'crm_funnel_def(' || w || $$, '{a}')$$
          FROM unnest(ARRAY[$$'0'$$, $$interval '0'$$, '0', '-1', $$'-1 day'$$, $$interval '-1 day'$$, 'NULL', 'NULL::interval', 'NULL::bigint', $$'1 month -1 day'$$]) w
UNION ALL SELECT 'crm_funnel_def', 'option', 'crm_funnel_def(' || w || ', ' || o || ')'
          FROM unnest(ARRAY[$$'1 day'$$, $$interval '1 day'$$, '5']) w,
               unnest(ARRAY[$$'{}'$$, $$array_fill('a'::text, ARRAY[33])$$, $$'{a,NULL}'$$, $$'{{a,b},{c,d}}'$$, $$'{a}', 'x'$$, $$'{a}', 'Strict'$$, $$'{a,b}', NULL, 'x'$$, $$'{a,b}', on_repeat => 'x'$$,
                            $$'{a,b}', entry => 'x'$$, $$'{a,b,c}', optional => '{4}'$$, $$'{a,b,c}', optional => '{NULL}'$$, $$'{a,b,c}', step_within => '{}'$$, $$'{a,b,c}', exclude => '{}'$$,
                            $$'{a,b,c}', exclude => '{NULL}'$$, $$'{a}', exclude => '{x}', exclude_between => '[1,2]'$$]) o;
UPDATE mistake SET query = replace(replace(query, '<c>', 'true'), '<a>', 'ARRAY[true, true]');
SELECT name, count(*) AS mistakes, count(DISTINCT what) AS kinds FROM mistake GROUP BY name ORDER BY name;
SELECT name, what, query, pg_temp.failure('SELECT ' || query) FROM mistake WHERE pg_temp.failure('SELECT ' || query) NOT IN ('22023', '42804') ORDER BY 1, 2, 3;
