-- crm_funnel against the definition itself: a recursive query makes every
-- chain there is, strikes out those that an option forbids, and takes the
-- best.  Random logs of few events, with many ties, of few kinds.
SET timezone = 'America/New_York';

-- Deterministic numbers 0 .. n-1
CREATE FUNCTION pg_temp.draw(n int, VARIADIC seeds int[]) RETURNS int
    LANGUAGE sql IMMUTABLE
    RETURN (('x' || substr(md5(array_to_string(seeds, '/')), 1, 7))::bit(28)::int) % n;

-- Events at hours of few days around the two changes of clocks; one to four
-- conditions hold (mostly one) or none, or it is an exclusion.
CREATE TEMP TABLE log AS
SELECT c, i AS id,
       CASE WHEN c % 2 = 0 THEN timestamptz '2025-03-07 22:00' + pg_temp.draw(CASE c % 3 WHEN 0 THEN 5 ELSE 60 END, c, i, 1) * interval '30 minutes'
            ELSE timestamptz '2025-10-31 23:00' + pg_temp.draw(CASE c % 3 WHEN 0 THEN 6 ELSE 70 END, c, i, 1) * interval '30 minutes' END AS ts,
       ARRAY(SELECT (pg_temp.draw(8, c, i, 2) = s OR (c % 4 = 0 AND pg_temp.draw(4, c, i, s, 3) = 0)) FROM generate_series(1, 4) s) AS steps,
       pg_temp.draw(8, c, i, 2) = 5 AND pg_temp.draw(2, c, i, 6) = 0 AS exclude
FROM generate_series(1, 150) c, LATERAL generate_series(1, 3 + pg_temp.draw(6, c, 4)) i;

SELECT sum(n) > 500 AS many, max(n) AS most, count(*) FILTER (WHERE ties > 0) > 50 AS with_ties
FROM (SELECT c, count(*) AS n, count(*) - count(DISTINCT ts) AS ties FROM log GROUP BY c) x;

CREATE TEMP TABLE config (
    id int GENERATED ALWAYS AS IDENTITY, within interval, mode text DEFAULT 'ordered', same_time text DEFAULT 'may_advance',
    reuse boolean DEFAULT false, on_repeat text DEFAULT 'ignore', step_within interval[], optional int[],
    exclude boolean DEFAULT false, between_from int, between_to int, entry text DEFAULT 'any', def crm_funnel_def);
INSERT INTO config (within) VALUES ('6 hours'), ('1 day'), ('1 month'), ('1 day 30 minutes');
INSERT INTO config (within, same_time) VALUES ('6 hours', 'must_increase'), ('1 day', 'must_increase');
INSERT INTO config (within, reuse) VALUES ('6 hours', true), ('1 day', true);
INSERT INTO config (within, reuse, same_time) VALUES ('6 hours', true, 'must_increase');
INSERT INTO config (within, entry) VALUES ('9 hours', 'first'), ('1 day', 'last'), ('1 month', 'first');
INSERT INTO config (within, on_repeat, reuse, same_time) VALUES
    ('1 day', 'stop', false, 'may_advance'), ('1 month', 'stop', true, 'may_advance'), ('12 hours', 'stop', false, 'must_increase'),
    ('1 day', 'stop', true, 'must_increase');
INSERT INTO config (within, mode, reuse, same_time) VALUES
    ('1 day', 'strict', false, 'may_advance'), ('1 month', 'strict', true, 'may_advance'), ('12 hours', 'strict', false, 'must_increase');
INSERT INTO config (within, mode, optional) VALUES ('1 day', 'strict', '{2}'), ('1 month', 'strict', '{2,3}');
INSERT INTO config (within, step_within) VALUES
    ('1 day', '{3 hours}'), ('1 month', '{1 day,NULL,2 hours}'), ('1 day', '{1 hour,6 hours,1 hour}'), ('1 month', '{1 day}');
INSERT INTO config (within, optional, same_time) VALUES
    ('1 day', '{2}', 'may_advance'), ('1 month', '{2,3}', 'may_advance'), ('1 day', '{3}', 'must_increase');
INSERT INTO config (within, optional, step_within, reuse) VALUES
    ('1 day', '{2}', '{1 hour,3 hours,4 hours}', false), ('1 month', '{2,3}', '{4 hours,1 hour,2 hours}', true),
    ('1 month', '{2,3}', '{1 hour,6 hours,2 hours}', false);
INSERT INTO config (within, exclude, between_from, between_to, optional) VALUES
    ('1 day', true, NULL, NULL, NULL), ('1 month', true, 2, 3, NULL), ('1 month', true, NULL, 2, NULL),
    ('1 month', true, 3, NULL, NULL), ('1 month', true, 2, 3, '{2}'), ('1 month', true, 1, 3, '{2,3}');
INSERT INTO config (within, exclude, on_repeat, optional, step_within) VALUES
    ('1 month', true, 'stop', '{3}', '{6 hours,1 day,1 day}'), ('2 days', true, 'stop', '{2}', NULL);
INSERT INTO config (within, exclude, mode, entry) VALUES ('1 month', true, 'strict', 'any'), ('2 days', true, 'strict', 'first');
UPDATE config SET def = crm_funnel_def(within, mode => mode, same_time => same_time, reuse_event => reuse,
    on_repeat => on_repeat, step_within => step_within, optional => optional, entry => entry,
    exclude => CASE WHEN exclude THEN '{x}'::text[] END,
    exclude_between => CASE WHEN coalesce(between_from, between_to) IS NOT NULL THEN int4range(between_from, between_to, '[]') END);

-- All chains: rows and times of the steps reached (NULL for a step skipped).
CREATE FUNCTION pg_temp.best_chains(use_exclude boolean)
    RETURNS TABLE (config int, c int, level int, entered timestamptz[]) LANGUAGE sql STABLE AS
$$
    WITH RECURSIVE chain AS (
        SELECT f.id AS config, l.c, ARRAY[l.id] AS rows, ARRAY[l.ts] AS at, 1 AS level, l.ts AS last
        FROM config f, log l
        WHERE l.steps[1]
          AND (f.entry = 'any' OR l.ts = (SELECT CASE f.entry WHEN 'first' THEN min(o.ts) ELSE max(o.ts) END
                                          FROM log o WHERE o.c = l.c AND o.steps[1]))
        UNION ALL
        SELECT h.config, h.c, h.rows || l.id, h.at || array_fill(NULL::timestamptz, ARRAY[s - h.level - 1]) || l.ts, s, l.ts
        FROM chain h
        JOIN config f ON f.id = h.config
        JOIN log l ON l.c = h.c
        CROSS JOIN generate_series(1, 4) s
        WHERE s > h.level AND l.steps[s]
          AND NOT EXISTS (SELECT FROM generate_series(h.level + 1, s - 1) k WHERE k <> ALL (coalesce(f.optional, '{}')))
          AND CASE f.same_time WHEN 'may_advance' THEN l.ts >= h.last ELSE l.ts > h.last END
          AND (f.reuse OR l.id <> ALL (h.rows))
          AND l.ts <= h.at[1] + f.within
          AND l.ts <= coalesce(h.last + f.step_within[CASE cardinality(f.step_within) WHEN 1 THEN 1 ELSE s - 1 END], 'infinity')
    ), allowed AS (
        SELECT h.* FROM chain h JOIN config f ON f.id = h.config
        WHERE NOT EXISTS (
            SELECT FROM log x
            WHERE x.c = h.c AND x.ts > h.at[1] AND x.ts < h.last
              AND ((f.mode = 'strict' AND x.id <> ALL (h.rows))
                   OR (f.on_repeat = 'stop' AND x.id <> ALL (h.rows)
                       -- x is of a step reached before it or at its time
                       -- (but where times must increase, not of one skipped
                       -- there), or of the next step, the chain having
                       -- nothing at that time
                       AND EXISTS (SELECT FROM generate_series(1, 4) s,
                                       (SELECT max(k) FILTER (WHERE h.at[k] < x.ts) AS p, max(k) FILTER (WHERE h.at[k] = x.ts) AS q
                                        FROM generate_series(1, h.level) k) b
                                   WHERE x.steps[s]
                                     AND (s <= b.p
                                          OR CASE WHEN b.q IS NULL THEN s <= (SELECT min(k) FROM generate_series(b.p + 1, 4) k
                                                                              WHERE k <> ALL (coalesce(f.optional, '{}')))
                                                  WHEN f.same_time = 'may_advance' THEN s <= b.q
                                                  ELSE s = b.q END)))
                   OR (f.exclude AND use_exclude AND x.exclude
                       AND x.ts > (SELECT min(h.at[k]) FROM generate_series(coalesce(f.between_from, 1), h.level) k)
                       AND x.ts < coalesce((SELECT min(h.at[k]) FROM generate_series(coalesce(f.between_to, 4), h.level) k), h.last))))
    )
    SELECT DISTINCT ON (config, c) config, c, level, at
    FROM allowed
    ORDER BY config, c, level DESC, at[1] DESC, at[2], at[3], at[4]
$$;

CREATE TEMP TABLE oracle AS
SELECT f.id AS config, l.c, coalesce(b.level, 0) AS level, coalesce(b.entered, '{}') AS entered,
       coalesce(u.level, 0) > coalesce(b.level, 0) AS excluded
FROM config f
CROSS JOIN (SELECT DISTINCT c FROM log) l
LEFT JOIN pg_temp.best_chains(true) b ON (b.config, b.c) = (f.id, l.c)
LEFT JOIN pg_temp.best_chains(false) u ON (u.config, u.c) = (f.id, l.c);

CREATE TEMP TABLE ours AS
SELECT f.id AS config, l.c,
       (crm_funnel(f.def, l.ts, VARIADIC CASE WHEN f.exclude THEN l.steps || l.exclude ELSE l.steps END)).*
FROM config f, log l GROUP BY f.id, l.c;

SELECT count(*) > 5000 AS thousands_of_cases, count(DISTINCT level) AS levels, bool_or(excluded) AS some_excluded FROM oracle;
SELECT f.*, o.*, w.level AS oracle_level, w.entered AS oracle_entered, w.excluded AS oracle_excluded
FROM ours o JOIN oracle w USING (config, c) JOIN config f ON f.id = o.config
WHERE (o.level, o.entered, o.excluded) IS DISTINCT FROM (w.level, w.entered, w.excluded)
ORDER BY o.config, o.c LIMIT 5;
SELECT count(*) FROM ours FULL JOIN oracle USING (config, c) WHERE ours IS NULL OR oracle IS NULL;

-- Any order: all sets of events that serve different steps.
CREATE TEMP TABLE any_config (id int GENERATED ALWAYS AS IDENTITY, within interval, same_time text, reuse boolean, exclude boolean, entry text);
INSERT INTO any_config (within, same_time, reuse, exclude, entry)
SELECT w.within, s, r, x, e
FROM (VALUES (interval '6 hours'), ('1 day')) w (within), unnest('{may_advance,must_increase}'::text[]) s,
     unnest('{false,true}'::boolean[]) r, unnest('{false,true}'::boolean[]) x, unnest('{any,first,last}'::text[]) e
WHERE e = 'any' OR (within = '1 day' AND NOT x);

CREATE TEMP TABLE any_oracle AS
WITH RECURSIVE chain AS (
    SELECT f.id AS config, l.c, ARRAY[l.id] AS rows, ARRAY[s] AS steps, ARRAY[l.ts] AS at
    FROM any_config f, log l, generate_series(1, 4) s
    WHERE l.steps[s]
      AND (f.entry = 'any' OR l.ts = (SELECT CASE f.entry WHEN 'first' THEN min(o.ts) ELSE max(o.ts) END
                                      FROM log o WHERE o.c = l.c AND true = ANY (o.steps)))
    UNION
    SELECT h.config, h.c, h.rows || l.id, h.steps || s, h.at || l.ts
    FROM chain h
    JOIN any_config f ON f.id = h.config
    JOIN log l ON l.c = h.c
    CROSS JOIN generate_series(1, 4) s
    WHERE l.steps[s] AND s <> ALL (h.steps)
      AND CASE f.same_time WHEN 'may_advance' THEN l.ts >= h.at[cardinality(h.at)] ELSE l.ts > h.at[cardinality(h.at)] END
      AND (f.reuse OR l.id <> ALL (h.rows))
      AND l.ts <= h.at[1] + f.within
      AND NOT EXISTS (SELECT FROM log x WHERE f.exclude AND x.exclude AND x.c = l.c AND x.ts > h.at[1] AND x.ts < l.ts)
)
SELECT DISTINCT ON (config, c) config, c, cardinality(steps) AS level, at
FROM chain ORDER BY config, c, cardinality(steps) DESC, at[1] DESC, at[2], at[3], at[4];

CREATE TEMP TABLE any_ours AS
SELECT f.id AS config, l.c,
       (crm_funnel(crm_funnel_def(f.within, mode => 'any_order', same_time => f.same_time, reuse_event => f.reuse, entry => f.entry,
                                  exclude => CASE WHEN f.exclude THEN '{x}'::text[] END),
                   l.ts, VARIADIC CASE WHEN f.exclude THEN l.steps || l.exclude ELSE l.steps END)).*
FROM any_config f, log l GROUP BY f.id, l.c;

SELECT count(*) > 1500 AS thousands_of_cases, count(DISTINCT level) AS levels FROM any_oracle;
-- The oracle has times in order of time, ours in order of steps; and each
-- step's time must be that of an event of the step.
SELECT o.*, w.level AS oracle_level, w.at AS oracle_times, f.*
FROM any_ours o LEFT JOIN any_oracle w USING (config, c) JOIN any_config f ON f.id = o.config
WHERE o.level IS DISTINCT FROM coalesce(w.level, 0)
   OR ARRAY(SELECT t FROM unnest(o.entered) t WHERE t IS NOT NULL ORDER BY t) IS DISTINCT FROM coalesce(w.at, '{}')
   OR EXISTS (SELECT FROM unnest(o.entered) WITH ORDINALITY u (t, s)
              WHERE t IS NOT NULL AND NOT EXISTS (SELECT FROM log l WHERE l.c = o.c AND l.ts = t AND l.steps[s]))
ORDER BY o.config, o.c LIMIT 5;

-- crm_window_funnel is crm_funnel with events that serve all their steps.
SELECT c, crm_window_funnel('1 day', ts, VARIADIC steps), (crm_funnel(crm_funnel_def('1 day', reuse_event => true), ts, VARIADIC steps)).level
FROM log GROUP BY c
HAVING crm_window_funnel('1 day', ts, VARIADIC steps) <> (crm_funnel(crm_funnel_def('1 day', reuse_event => true), ts, VARIADIC steps)).level;
