-- Values of every type that can be stored, for the tests that move them between
-- databases and versions.  One table a type in the schema stored:
--
--	CREATE TABLE stored.<type> (label text PRIMARY KEY, value <type>);
--
-- with the smallest value, an ordinary one, and the odd ones of that type.
CREATE TABLE stored.version (label text PRIMARY KEY, value text);
INSERT INTO stored.version VALUES ('library', crm_metrics_version());

CREATE TABLE stored.crm_funnel_def (label text PRIMARY KEY, value crm_funnel_def);
INSERT INTO stored.crm_funnel_def VALUES
    ('window alone', crm_funnel_def('7 days')),
    ('units', crm_funnel_def(3600, '{a,b}', step_within => '{60}')),
    ('usual', crm_funnel_def('7 days', '{view,cart,buy}')),
    ('names to quote', crm_funnel_def('1 month 2 days 03:04:05.6', ARRAY['a "b" \c', 'ünïcode', ''])),
    ('all options', crm_funnel_def('7 days', '{a,b,c,d}', 'strict', 'must_increase', true, 'stop', '{1 day,NULL,2 hours}', '{2,3}', '{x,y}', '[2,3]', 'last'));

CREATE TABLE stored.crm_funnel_report (label text PRIMARY KEY, value crm_funnel_report);
INSERT INTO stored.crm_funnel_report
SELECT 'nobody entered', crm_funnel_report(0)
UNION ALL SELECT 'levels', crm_funnel_report(i % 4) FROM generate_series(1, 100) i
UNION ALL SELECT 'times', crm_funnel_report(f)
FROM (SELECT crm_funnel(crm_funnel_def('1 day', '{a,b,c}', optional => '{2}'), timestamptz '2025-01-01' + i * i % 97 * interval '7 min', chr(97 + i % 3)) AS f
      FROM generate_series(1, 400) i GROUP BY i % 50) x;
