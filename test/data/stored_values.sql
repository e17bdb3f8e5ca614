-- Values of every type that can be stored, for the tests that move them between
-- databases and versions.  One table a type in the schema stored:
--
--	CREATE TABLE stored.<type> (label text PRIMARY KEY, value <type>);
--
-- with the smallest value, an ordinary one, and the odd ones of that type.
CREATE TABLE stored.version (label text PRIMARY KEY, value text);
INSERT INTO stored.version VALUES ('library', crm_metrics_version());

CREATE TABLE stored.crm_activity (label text PRIMARY KEY, value crm_activity);
INSERT INTO stored.crm_activity VALUES
	('none', 'crm_activity:1 unit=day'),
	('days', 'crm_activity:1 unit=day first=2026-03-01 active=1101001'),
	('weeks', 'crm_activity:1 unit=week first=2025-12-29 active=101'),
	('months before year 1', 'crm_activity:1 unit=month first=-0043-03-01 active=11'),
	('24 hours', 'crm_activity:1 unit=24h first=2026-03-01 active=11'),
	('centuries', (SELECT crm_activity_agg(d) FROM unnest('{1000-01-01,2000-01-01,3000-01-01}'::date[]) d));

CREATE TABLE stored.crm_retention_summary (label text PRIMARY KEY, value crm_retention_summary);
INSERT INTO stored.crm_retention_summary VALUES
	('none', 'crm_retention_summary:1 unit=day mode=on cells=1 cohorts=0'),
	('on', 'crm_retention_summary:1 unit=day mode=on cells=3 cohorts=2 2026-03-01:9,9,4,2 2026-03-05:3,3,0,1'),
	('on or after', 'crm_retention_summary:1 unit=week mode=on_or_after cells=2 cohorts=1 2025-12-29:9,9,2'),
	('brackets', 'crm_retention_summary:1 unit=month mode=brackets cells=2 bounds=0,1,4 cohorts=1 2026-03-01:9,9,2'),
	('largest', 'crm_retention_summary:1 unit=24h mode=on cells=1 cohorts=1 2026-03-01:9223372036854775807,9223372036854775807');
