-- Values of every type that can be stored, for the tests that move them between
-- databases and versions.  One table a type in the schema stored:
--
--	CREATE TABLE stored.<type> (label text PRIMARY KEY, value <type>);
--
-- with the smallest value, an ordinary one, and the odd ones of that type.
CREATE TABLE stored.version (label text PRIMARY KEY, value text);
INSERT INTO stored.version VALUES ('library', crm_metrics_version());

CREATE TABLE stored.crm_btyd_data (label text PRIMARY KEY, value crm_btyd_data);
INSERT INTO stored.crm_btyd_data VALUES
    ('empty', 'crm_btyd_data:1 unit_days=7 rows=[]'),
    ('times between purchases', 'crm_btyd_data:1 unit_days=7 log_intervals=-0.1 rows=[2,1.9,3,1]'),
    ('one history, hours', 'crm_btyd_data:1 unit_days=0.041666666666666664 rows=[1,0.1,0.30000000000000004,1]'),
    ('weights', 'crm_btyd_data:1 unit_days=28 rows=[0,0,3,0.125;2,1.7976931348623157e308,1.7976931348623157e308,1e300;5000,5e-324,1,3]');
INSERT INTO stored.crm_btyd_data
SELECT 'customers', crm_btyd_agg(rfm)
FROM (SELECT crm_rfm(date '2025-01-01' + day, 10 + day, date '2025-12-31') FROM generate_series(1, 300) cust,
             generate_series(0, 300) day WHERE (cust * 37 + day * 11) % 53 < cust % 5 + 1 AND day % 7 = cust % 7 GROUP BY cust) c(rfm);
-- too large for a page
INSERT INTO stored.crm_btyd_data
SELECT 'large', crm_btyd_agg(1 + i % 9, sqrt(i), 200 + sqrt(i)) FROM generate_series(1, 20000) i;

CREATE TABLE stored.crm_btyd_model (label text PRIMARY KEY, value crm_btyd_model);
INSERT INTO stored.crm_btyd_model
SELECT 'fit of ' || name, crm_btyd_fit(name, value)
FROM stored.crm_btyd_data, unnest(ARRAY['pareto/nbd', 'bg/nbd', 'mbg/nbd', 'nbd', 'bg/cnbd-k', 'mbg/cnbd-k']) name WHERE label = 'customers';
INSERT INTO stored.crm_btyd_model
SELECT 'with a prior', crm_btyd_fit('pareto/nbd', value, '{"prior": {"s": [0.5, 1]}}') FROM stored.crm_btyd_data WHERE label = 'customers';
INSERT INTO stored.crm_btyd_model VALUES
    ('boundary', crm_btyd_fit('bg/nbd', 'crm_btyd_data:1 unit_days=7 rows=[0,0,30,5]'::crm_btyd_data)),
    ('ridge', crm_btyd_fit('pareto/nbd', 'crm_btyd_data:1 unit_days=7 rows=[3,10,20,1]'::crm_btyd_data)),
    ('weak prior', (SELECT crm_btyd_fit('mbg/nbd', value, '{"prior": "weak"}') FROM stored.crm_btyd_data WHERE label = 'customers')),
    ('covariates', (SELECT crm_btyd_fit('bg/nbd', 1 + i % 3, 10 + i % 7, 20 + i % 11, ARRAY[i % 2, sqrt(i)], '{"covariates": ["odd", "age"], "equal": ["odd"], "ridge": 1}') FROM generate_series(1, 50) i)),
    ('opportunities', crm_btyd_model('bg/bb', '{1.204,0.750,0.657,2.783}', '1 year')),
    ('contract, fitted', crm_btyd_fit('sbg', ARRAY[1000, 631, 468, 382])),
    ('contract, ridge', crm_btyd_fit('bdw', ARRAY[1000, 500, 250, 125], '1 month')),
    ('given', crm_btyd_model('mbg/nbd', '{0.525,6.183,0.891,1.614}')),
    ('given, k', crm_btyd_model('mbg/cnbd-k', '{0.525,6.183,0.891,1.614,32}')),
    ('two parameters', crm_btyd_model('nbd', '{0.385,12.07}')),
    ('extreme', crm_btyd_model('pareto/nbd', '{5e-324,1.7976931348623157e308,0.1,2.2250738585072014e-308}', '1 hour'));

CREATE TABLE stored.crm_spend_model (label text PRIMARY KEY, value crm_spend_model);
INSERT INTO stored.crm_spend_model
SELECT 'fit', crm_spend_fit(1 + i % 4, 20 + i * 37 % 50) FROM generate_series(1, 200) i;
INSERT INTO stored.crm_spend_model
SELECT 'with a prior', crm_spend_fit(1 + i % 4, 20 + i * 37 % 50, 1, '{"prior": {"q": [4, 0.5], "gamma": [15, 1], "p": [6, 1]}}') FROM generate_series(1, 200) i;
INSERT INTO stored.crm_spend_model SELECT 'one customer', crm_spend_fit(3, 25);
INSERT INTO stored.crm_spend_model VALUES
    ('given', crm_spend_model(6.25, 3.74, 15.44)), ('extreme', crm_spend_model(5e-324, 1e300, 0.1));

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
CREATE TABLE stored.crm_attribution_def (label text PRIMARY KEY, value crm_attribution_def);
INSERT INTO stored.crm_attribution_def VALUES
	('smallest', 'crm_attribution_def:1 model=linear'),
	('everything', 'crm_attribution_def:1 model=time_decay lookback=1mon2d3.5s half_life=7d ignore=["a \"b\"","c\\d"] reset_on_conversion=true'),
	('weights', 'crm_attribution_def:1 model=custom weights=[0.3333333333333333,0,1e-300]');
CREATE TABLE stored.crm_attribution_summary (label text PRIMARY KEY, value crm_attribution_summary);
INSERT INTO stored.crm_attribution_summary VALUES
	('none', 'crm_attribution_summary:1 untouched=0 untouched_value=null touched_value=null channels=[] moves=[] shares=[]'),
	('some', 'crm_attribution_summary:1 untouched=2 untouched_value=5.50 touched_value=3 channels=["a","b","q\"r s\\"] moves=[[0,1,2],[0,2,1],[0,3,1],[1,0,1],[1,2,2],[2,0,1],[2,1,1],[3,0,1]] shares=[[1,2,2,2],[2,2,2,2],[3,1,1,1]]'),
	('big', 'crm_attribution_summary:1 untouched=9223372036854775807 untouched_value=123456789012345678901234567890123456789012345.678 touched_value=null channels=["a"] moves=[[0,1,9223372036854775807]] shares=[]');
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

CREATE TABLE stored.crm_kmeans_model (label text PRIMARY KEY, value crm_kmeans_model);
INSERT INTO stored.crm_kmeans_model VALUES
	('one point', 'crm_kmeans_model:1 k=1 dimensions=1 n=1 iterations=1 converged=1 inertia=0 total_ss=0 sizes=[1] within=[0] centres=[-0.5]'),
	('not converged', 'crm_kmeans_model:1 k=2 dimensions=2 n=4 iterations=300 converged=0 inertia=1.5 total_ss=101 sizes=[4,0] within=[1.5,0] centres=[0.5,1e-300,10.5,1e140]'),
	('fitted', (SELECT crm_kmeans_fit(ARRAY[i % 7, i % 11, i / 13.0]::float8[], 5) FROM generate_series(1, 200) i));
