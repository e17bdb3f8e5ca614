-- Values of every type that can be stored, for the tests that move them between
-- databases and versions.  One table a type in the schema stored:
--
--	CREATE TABLE stored.<type> (label text PRIMARY KEY, value <type>);
--
-- with the smallest value, an ordinary one, and the odd ones of that type.
CREATE TABLE stored.version (label text PRIMARY KEY, value text);
INSERT INTO stored.version VALUES ('library', crm_metrics_version());

CREATE TABLE stored.crm_calendar (label text PRIMARY KEY, value crm_calendar);
INSERT INTO stored.crm_calendar VALUES
	('always', 'UTC 24x7'),
	('office', 'Europe/Berlin mon-fri 09:00-17:30 sat 10:00-14:00 except 2026-12-25 2026-12-26 on 2026-12-24 09:00-12:00'),
	('night', 'UTC mon-sun 22:00-06:00');

CREATE TABLE stored.crm_response_summary (label text PRIMARY KEY, value crm_response_summary);
INSERT INTO stored.crm_response_summary VALUES
	('none', 'crm_response_summary:1 answered=0 open=0 overdue=0 targeted=0 within=0 seconds=0 microseconds=0'),
	('some', 'crm_response_summary:1 answered=3 open=2 overdue=1 targeted=4 within=2 seconds=10 microseconds=7');

CREATE TABLE stored.crm_mrr_summary (label text PRIMARY KEY, value crm_mrr_summary);
INSERT INTO stored.crm_mrr_summary VALUES
	('pair', (SELECT crm_mrr_summary(1, 1))),
	('currency', (SELECT crm_mrr_summary(100, 50, 'EUR'))),
	('past 128 bits', (SELECT crm_mrr_summary(10, 1e60)));

CREATE TABLE stored.crm_stage_summary (label text PRIMARY KEY, value crm_stage_summary);
INSERT INTO stored.crm_stage_summary VALUES
	('two stages', 'crm_stage_summary:1 stages=2 reached=[3,1] lost=[2,0]');

CREATE TABLE stored.crm_rate_summary (label text PRIMARY KEY, value crm_rate_summary);
INSERT INTO stored.crm_rate_summary VALUES
	('none', 'crm_rate_summary:1 successes=0 trials=0'),
	('some', 'crm_rate_summary:1 successes=3 trials=10'),
	('largest', 'crm_rate_summary:1 successes=9223372036854775807 trials=9223372036854775807');

CREATE TABLE stored.crm_mean_summary (label text PRIMARY KEY, value crm_mean_summary);
INSERT INTO stored.crm_mean_summary VALUES
	('none', 'crm_mean_summary:1 n=0 sum=0x0p0 sum_squares=0x0p0'),
	('zeros', 'crm_mean_summary:1 n=2 sum=0x0p0 sum_squares=0x0p0'),
	('negative', 'crm_mean_summary:1 n=1 sum=-0x55p-1 sum_squares=0x1c39p-2'),
	('prices', (SELECT crm_mean_agg(i * 12.34) FROM generate_series(1, 100) i)),
	('widest', (SELECT crm_mean_agg(x) FROM (VALUES (1.7976931348623157e308::float8), (5e-324)) v (x)));

CREATE TABLE stored.crm_nps_summary (label text PRIMARY KEY, value crm_nps_summary);
INSERT INTO stored.crm_nps_summary VALUES
	('none', 'crm_nps_summary:1 promoters=0 passives=0 detractors=0'),
	('some', 'crm_nps_summary:1 promoters=6 passives=3 detractors=1'),
	('largest', 'crm_nps_summary:1 promoters=0 passives=9223372036854775807 detractors=0');

CREATE TABLE stored.crm_kmeans_model (label text PRIMARY KEY, value crm_kmeans_model);
INSERT INTO stored.crm_kmeans_model VALUES
	('one point', 'crm_kmeans_model:1 k=1 dimensions=1 n=1 iterations=1 converged=1 inertia=0 total_ss=0 sizes=[1] within=[0] centres=[-0.5]'),
	('not converged', 'crm_kmeans_model:1 k=2 dimensions=2 n=4 iterations=300 converged=0 inertia=1.5 total_ss=101 sizes=[4,0] within=[1.5,0] centres=[0.5,1e-300,10.5,1e140]'),
	('fitted', (SELECT crm_kmeans_fit(ARRAY[i % 7, i % 11, i / 13.0]::float8[], 5) FROM generate_series(1, 200) i));
