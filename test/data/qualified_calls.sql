-- Calls with the extension in a schema that is not on the search_path, for
-- test/t/001_install.pl: every statement names the schema crm, returns one
-- column and one row, and answers true.  At least one for each capability, and
-- for each function whose body calls another.
SELECT crm.crm_metrics_version() = extversion FROM pg_catalog.pg_extension WHERE extname = 'crm_metrics';
-- customer lifetime value
SELECT (crm.crm_rfm(d, 5.0, date '2025-07-01')).frequency = 2 FROM unnest(ARRAY[date '2025-01-01', '2025-02-01', '2025-03-01']) d;
SELECT (crm.crm_rfm(d, 5.0::float8, timestamptz '2025-07-01 UTC', '1 day', 'week', 'Europe/Berlin')).unit_days = 1 FROM unnest(ARRAY[timestamptz '2025-01-01 UTC', '2025-02-01 UTC']) d;
SELECT crm.crm_model_status(crm.crm_btyd_fit('pareto/nbd', 3, 10, 20)) = 'ridge';
SELECT crm.crm_model_status(crm.crm_btyd_fit('bg/nbd', crm.crm_rollup(d))) = 'ridge' FROM (SELECT crm.crm_btyd_agg(3, 10, 20) FROM generate_series(1, 9) GROUP BY generate_series % 2) p(d);
SELECT crm.crm_btyd_data_customers('crm_btyd_data:1 unit_days=7 rows=[1,2,3,4]'::crm.crm_btyd_data) = 4;
SELECT count(*) = 4 FROM crm.crm_model_parameters(crm.crm_btyd_model('bg/nbd', '{1,2,3,4}', '1 day'));
SELECT crm.crm_model_status(crm.crm_model_at(crm.crm_btyd_fit('bg/nbd', 1 + i % 3, 10, 20 + i % 5, ARRAY[i % 2], '{"prior": "weak", "ridge": 1}'), '{1}')) = 'converged' FROM pg_catalog.generate_series(1, 40) i;
SELECT (crm.crm_btyd_model('mbg/nbd', '{1,2,3,4}')::jsonb)->>'model' = 'mbg/nbd';
SELECT (crm.crm_spend_fit(3, 25)::jsonb)->>'model' = 'gamma-gamma';
SELECT (crm.crm_model_info(crm.crm_spend_model(1, 2, 3))).names = '{p,q,gamma}';
SELECT pg_catalog.round(crm.crm_expected_purchases(crm.crm_btyd_model('bg/nbd', '{0.243,4.414,0.793,2.426}'), 2, 30.43, 38.86, interval '39 weeks')::numeric, 3) = 1.226;
SELECT (crm.crm_purchases_interval(crm.crm_btyd_model('bg/nbd', '{1,2,3,4}'), 10)).conf_level = 0.95;
SELECT v.estimate = crm.crm_clv(m, s, r, '1 year', 0.1) FROM crm.crm_btyd_model('pareto/nbd', '{1,2,3,4}') m, crm.crm_spend_model(6, 4, 15) s, (SELECT crm.crm_rfm(d, 5.0, date '2025-07-01') FROM unnest(ARRAY[date '2025-01-01', '2025-02-01']) d) h(r), crm.crm_clv_interval(m, s, r, '1 year', 0.1) v;
SELECT (crm.crm_rfm_holdout(d, 5.0, date '2025-01-31', date '2025-07-01')).holdout_purchases = 2 FROM unnest(ARRAY[date '2025-01-01', '2025-02-01', '2025-03-01']) d;
SELECT (crm.crm_prediction_accuracy(1, 2)).bias = 1;
SELECT (crm.crm_btyd_tracking(crm.crm_btyd_model('bg/nbd', '{1,2,3,4}'), '{2025-01-01,2025-01-05}', '2025-01-07', '2025-01-14'))[1].actual = 1;
SELECT pg_catalog.sum(actual) = 4 FROM crm.crm_btyd_calibration(crm.crm_btyd_model('bg/nbd', '{1,2,3,4}'), 'crm_btyd_data:1 unit_days=7 rows=[1,2,3,4]');
SELECT position = 1 FROM crm.crm_model_compare(crm.crm_btyd_model('bg/nbd', '{1,2,3,4}'));
SELECT (crm.crm_likelihood_ratio_test(-2, -1, 1)).statistic = 2;
SELECT (crm.crm_expected_purchases_total(m, r, 1)).n = 1 AND (crm.crm_clv_total(m, crm.crm_spend_model(6, 4, 15), r, '1 year', 0.1)).n = 1 FROM crm.crm_btyd_model('bg/nbd', '{1,2,3,4}') m, (SELECT crm.crm_rfm(d, 5.0, date '2025-07-01') FROM unnest(ARRAY[date '2025-01-01', '2025-02-01']) d) h(r);
SELECT pg_catalog.round(crm.crm_p_purchase(m, crm.crm_next_purchase_quantile(m, 0.5))::numeric, 9) = 0.5 AND crm.crm_expected_purchases(m, 0, 5) = crm.crm_expected_purchases(m, 5) FROM crm.crm_btyd_model('bg/nbd', '{1,2,3,4}') m;
SELECT crm.crm_model_status(crm.crm_btyd_fit('sbg', i, true)) = 'ridge' FROM pg_catalog.generate_series(0, 1) i;
SELECT pg_catalog.count(*) = 4 FROM crm.crm_retention_curve(crm.crm_btyd_fit('bdw', ARRAY[1000, 631, 468, 382]), 3);
SELECT pg_catalog.round(crm.crm_discounted_lifetime(crm.crm_btyd_model('sbg', '{.668,3.806}'), 0.1)::numeric, 4) = 5.9226;
SELECT crm.crm_nps(9) = 100;
SELECT (crm.crm_rate_interval(1, 4)).n = 4;
SELECT crm.crm_nrr(100, 50) = 0.5;
SELECT crm.crm_cac(1000.0, 20) = 50;
SELECT crm.crm_win_rate(true) = 1;
SELECT crm.crm_business_interval('2026-01-05 09:00Z', '2026-01-05 12:00Z', 'UTC mon-fri 10:00-18:00') = interval '2 hours';
SELECT crm.crm_activity_count(crm.crm_activity_agg(d)) = 2 FROM unnest('{2026-03-01,2026-03-04}'::pg_catalog.date[]) d;
SELECT retained = 1 FROM crm.crm_retention_rows((SELECT crm.crm_retention(a, 3) FROM (SELECT crm.crm_activity_agg(d) AS a FROM unnest('{2026-03-01,2026-03-04}'::pg_catalog.date[]) d) s), '2026-12-31') WHERE period = 3;
SELECT (crm.crm_active_customer_counts(1, d, 7))[4].customers = 1 FROM unnest('{2026-03-01,2026-03-04}'::pg_catalog.date[]) d;
SELECT crm.crm_attribute(crm.crm_attribution_def('linear', '30 days'), ts, channel, is_touch, 10)::text = '{"(a,0.5,5)","(b,0.5,5)"}' FROM (VALUES ('2025-01-01'::timestamptz, 'a', true), ('2025-01-02', 'b', true), ('2025-01-03', NULL, false)) v(ts, channel, is_touch);
SELECT crm.crm_attribute(crm.crm_attribution_def('last', '24 hours'), d, 'a', d = '2025-11-02')::text = '{"(a,1,)"}' AND crm.crm_attribute('last', d, 'a', d = '2025-11-02', 5)::text = '{"(a,1,5)"}' FROM pg_catalog.unnest('{2025-11-02,2025-11-03}'::pg_catalog.date[]) d;
SELECT crm.crm_attribution_markov(crm.crm_rollup(s))::text = '{"(a,1,1,1,)"}' FROM (SELECT crm.crm_attribution_agg('{a}'::text[], true)) v(s);
SELECT (crm.crm_funnel(crm.crm_funnel_def('7 days', '{a,b}'), ts, e)).level = 2 FROM (VALUES (timestamptz '2025-01-01', 'a'::text), ('2025-01-02', 'b')) x (ts, e);
SELECT count(*) = 2 FROM crm.crm_funnel_rows((SELECT crm.crm_rollup(r) FROM (SELECT crm.crm_funnel_report(2) AS r) x));
SELECT crm.crm_funnel_counts(c, crm.crm_funnel_def('7 days', '{a,b}'), ts, e) = '{1,1}' FROM (VALUES (1, timestamptz '2025-01-01', 'a'::text), (1, '2025-01-02', 'b')) x (c, ts, e);
SELECT crm.crm_funnel_completions(crm.crm_funnel_def(10, '{a,b}'), ts, e) = ARRAY[ROW('{1,2}', NULL)::crm.crm_funnel_units_completion] FROM (VALUES (1::bigint, 'a'::text), (2, 'b')) x (ts, e);
SELECT (crm.crm_session_stats(t, 5)).sessions = 2 FROM pg_catalog.unnest('{1,2,9}'::bigint[]) t;
SELECT pg_catalog.max(n) = 2 FROM (SELECT crm.crm_session_no(t, 5) OVER (ORDER BY t) AS n FROM pg_catalog.unnest('{1,2,9}'::bigint[]) t) s;
SELECT pg_catalog.cardinality(crm.crm_sessions(t, 5)) = 2 FROM pg_catalog.unnest('{1,2,9}'::bigint[]) t;
SELECT crm.crm_sequence_match('(?1)(?t<=3)(?2)', t, t = 1, t = 2) FROM pg_catalog.unnest('{1,2,9}'::bigint[]) t;
SELECT crm.crm_sequence_match(p, d, d = '2025-11-02', d = '2025-11-03') AND crm.crm_sequence_count(p, d, d = '2025-11-02', d = '2025-11-03') = 1 AND crm.crm_sequence_events(p, d, d = '2025-11-02', d = '2025-11-03') = '{2025-11-02,2025-11-03}' FROM pg_catalog.unnest('{2025-11-02,2025-11-03}'::pg_catalog.date[]) d, (VALUES ('(?1)(?t==''1 day'')(?2)')) x (p) GROUP BY p;
SELECT crm.crm_path(crm.crm_journey_agg('2025-01-01', 'a')) = '{a}';
SELECT (crm.crm_funnel_of(crm.crm_journey_agg(ts, e), crm.crm_funnel_def('7 days', '{a,b}'))).level = 2 FROM (VALUES (timestamptz '2025-01-01', 'a'::text), ('2025-01-02', 'b')) x (ts, e);
SELECT pg_catalog.count(*) = 1 FROM crm.crm_path_links((SELECT crm.crm_path_agg('{a}'::text[])));
SELECT crm.crm_engagement_score(1::bigint, 4, 1, 3) = 1;
SELECT crm.crm_rfm_segment(5, 5, 5, ARRAY[('best', 5, 5, 5, 5, NULL, NULL)]::crm.crm_rfm_rule[]) = 'best';
SELECT abs(crm.crm_gini(x) - 0.25) < 1e-15 FROM pg_catalog.generate_series(1, 4) x;
SELECT crm.crm_kmeans_assign(crm.crm_kmeans_fit(ARRAY[x]::float8[], 2), '{4}') = 2 FROM pg_catalog.generate_series(1, 4) x;
SELECT DISTINCT crm.crm_rfm_score(1) OVER () = 1 AND crm.crm_abc_class(1) OVER () = 'A';
SELECT pg_catalog.count(*) = 11 FROM crm.crm_entities();
SELECT pg_catalog.min(required::int) = 0 FROM crm.crm_entity_columns('order');
SELECT pg_catalog.count(*) = 0 FROM crm.crm_adapters() WHERE adapter = 'none';
SELECT pg_catalog.count(DISTINCT area) = 10 FROM crm.crm_kpi_views();
SELECT pg_catalog.count(*) > 5 FROM crm.crm_kpi_view_columns('kpi_revenue');
-- adapters
SELECT count(*) = 8 FROM crm.crm_adapter_odoo('odoo', '{}');
SELECT count(*) = 4 FROM crm.crm_adapter_twenty('twenty', '{}');
SELECT count(*) = 8 FROM crm.crm_adapter_espocrm('espocrm', '{}');
SELECT count(*) = 8 FROM crm.crm_adapter_tryton('tryton', '{}');
