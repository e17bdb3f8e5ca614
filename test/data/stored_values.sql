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
FROM stored.crm_btyd_data, unnest(ARRAY['pareto/nbd', 'bg/nbd', 'mbg/nbd']) name WHERE label = 'customers';
INSERT INTO stored.crm_btyd_model
SELECT 'with a prior', crm_btyd_fit('pareto/nbd', value, '{"prior": {"s": [0.5, 1]}}') FROM stored.crm_btyd_data WHERE label = 'customers';
INSERT INTO stored.crm_btyd_model VALUES
    ('boundary', crm_btyd_fit('bg/nbd', 'crm_btyd_data:1 unit_days=7 rows=[0,0,30,5]'::crm_btyd_data)),
    ('ridge', crm_btyd_fit('pareto/nbd', 'crm_btyd_data:1 unit_days=7 rows=[3,10,20,1]'::crm_btyd_data)),
    ('given', crm_btyd_model('mbg/nbd', '{0.525,6.183,0.891,1.614}')),
    ('extreme', crm_btyd_model('pareto/nbd', '{5e-324,1.7976931348623157e308,0.1,2.2250738585072014e-308}', '1 hour'));

CREATE TABLE stored.crm_spend_model (label text PRIMARY KEY, value crm_spend_model);
INSERT INTO stored.crm_spend_model
SELECT 'fit', crm_spend_fit(1 + i % 4, 20 + i * 37 % 50) FROM generate_series(1, 200) i;
INSERT INTO stored.crm_spend_model
SELECT 'with a prior', crm_spend_fit(1 + i % 4, 20 + i * 37 % 50, 1, '{"prior": {"q": [4, 0.5], "gamma": [15, 1], "p": [6, 1]}}') FROM generate_series(1, 200) i;
INSERT INTO stored.crm_spend_model SELECT 'one customer', crm_spend_fit(3, 25);
INSERT INTO stored.crm_spend_model VALUES
    ('given', crm_spend_model(6.25, 3.74, 15.44)), ('extreme', crm_spend_model(5e-324, 1e300, 0.1));
