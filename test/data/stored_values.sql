-- Values of every type that can be stored, for the tests that move them between
-- databases and versions.  One table a type in the schema stored:
--
--	CREATE TABLE stored.<type> (label text PRIMARY KEY, value <type>);
--
-- with the smallest value, an ordinary one, and the odd ones of that type.
CREATE TABLE stored.version (label text PRIMARY KEY, value text);
INSERT INTO stored.version VALUES ('library', crm_metrics_version());

-- a summary of engagement: no decay yet, ordinary, before 2000 and negative
CREATE TABLE stored.crm_engagement_summary (label text PRIMARY KEY, value crm_engagement_summary);
INSERT INTO stored.crm_engagement_summary
SELECT 'one event', crm_engagement_agg(timestamptz '2025-01-01 00:00+00', 1, '7 days', '2025-01-01 00:00+00')
UNION ALL
SELECT 'ordinary', crm_engagement_agg(ts, 0.1 * w, '7 days', '2025-01-08 12:34:56.789+00')
FROM (VALUES (timestamptz '2025-01-01 00:00+00', 1), ('2025-01-03 00:00+00', 2), ('2025-01-05 00:00+00', 3)) v (ts, w)
UNION ALL
SELECT 'bigint', crm_engagement_agg(-5::bigint, -0.1, 3, -1);

-- journeys: empty, ordinary, odd names and values
CREATE TABLE stored.crm_journey (label text PRIMARY KEY, value crm_journey);
INSERT INTO stored.crm_journey
VALUES ('empty', 'crm_journey:1 names=[] events=[]');
INSERT INTO stored.crm_journey
SELECT 'ordinary', crm_journey_agg(ts, event)
FROM (VALUES (timestamptz '2025-01-01 00:00+00', 'view'), ('2025-01-03 00:00+00', 'buy'), ('2025-01-05 00:00+00', 'view')) v (ts, event)
UNION ALL
SELECT 'odd', crm_journey_agg(ts, event, value)
FROM (VALUES (timestamptz '1999-12-31 00:00+00', 'a "b" \c,d', 0.1), ('1999-12-31 00:00+00', '', NULL), ('2025-01-05 00:00+00', ' ', -1e-300)) v (ts, event, value)
UNION ALL
SELECT 'long', crm_journey_agg(timestamptz '2025-01-01 00:00+00' + i * interval '1 hour', 'event ' || i % 300, i)
FROM generate_series(1, 3000) i;

-- paths: one, several
CREATE TABLE stored.crm_path_summary (label text PRIMARY KEY, value crm_path_summary);
INSERT INTO stored.crm_path_summary
SELECT 'one', crm_path_agg('{a}'::text[])
UNION ALL
SELECT 'several', crm_path_agg(path) FROM (VALUES ('{view,cart,view,cart,buy}'::text[]), ('{"a \"b\""}'), ('{view,buy}')) v (path);
