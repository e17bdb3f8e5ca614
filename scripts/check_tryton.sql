/*
 * check_tryton.sql - what the adapter finds in a real database of Tryton,
 * against what was done there
 *
 * Run by check_tryton.sh, with the variable "facts": what check_tryton.py did.
 * A difference is an error.
 */
\set SHOW_CONTEXT never
\pset footer off
CREATE EXTENSION crm_metrics;
CREATE TEMP TABLE fact AS SELECT :'facts'::jsonb AS f;
SET TimeZone = 'Pacific/Auckland';

\echo
\echo Entities
SELECT * FROM crm_install_adapter('tryton', 'public', 'kpi');

CREATE TEMP VIEW want_customer AS
SELECT key AS customer_id, value AS name FROM fact, jsonb_each_text(f -> 'customer');
CREATE TEMP VIEW want_lead AS
SELECT key AS lead_id, value AS status FROM fact, jsonb_each_text(f -> 'lead');
CREATE TEMP VIEW want_opportunity AS
SELECT key AS opportunity_id, value ->> 'status' AS status, (value ->> 'amount')::numeric AS amount, value ->> 'currency' AS currency,
	   value ->> 'customer' AS customer_id, value ->> 'owner' AS owner
FROM fact, jsonb_each(f -> 'opportunity');
CREATE TEMP VIEW want_order AS
SELECT key AS order_id, (value ->> 'amount')::numeric AS amount, value ->> 'currency' AS currency, value ->> 'customer' AS customer_id,
	   (value ->> 'day')::timestamp AT TIME ZONE 'UTC' AS ordered_at
FROM fact, jsonb_each(f -> 'order');
CREATE TEMP VIEW want_subscription_month AS
SELECT value ->> 'customer' AS customer_id, (value ->> 'month')::date AS month, (value ->> 'mrr')::numeric AS mrr, value ->> 'currency' AS currency
FROM fact, jsonb_array_elements(f -> 'subscription_month');

CREATE FUNCTION pg_temp.check_entity(entity text)
RETURNS TABLE (checked text, rows bigint)
LANGUAGE plpgsql
AS $$
DECLARE
	columns text := (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
					 WHERE attrelid = to_regclass('pg_temp.want_' || entity) AND attnum > 0);
	wrong text;
BEGIN
	EXECUTE format($q$
		WITH got AS (SELECT %2$s FROM kpi.%1$I), want AS (SELECT %2$s FROM %3$I)
		SELECT string_agg(x, E'\n'), (SELECT count(*) FROM want)
		FROM (SELECT 'got ' || to_jsonb(g)::text FROM (TABLE got EXCEPT ALL TABLE want) AS g
			  UNION ALL SELECT 'want ' || to_jsonb(w)::text FROM (TABLE want EXCEPT ALL TABLE got) AS w) AS d (x)$q$,
		entity, columns, 'want_' || entity) INTO wrong, rows;
	IF wrong IS NOT NULL THEN
		RAISE EXCEPTION 'entity % differs', entity USING DETAIL = wrong;
	ELSIF rows = 0 THEN
		RAISE EXCEPTION 'entity % has no rows', entity;
	END IF;
	checked := entity;
	RETURN NEXT;
END
$$;
\echo As it was done
SELECT c.* FROM unnest('{customer,lead,opportunity,order,subscription_month}'::text[]) AS e, pg_temp.check_entity(e) AS c;

-- stages in the order of the clicks, at times of the last minutes; tickets resolved or not
DO $$
DECLARE
	wrong text;
BEGIN
	SELECT string_agg(format('%s: %s instead of %s', o.key, s.stages, o.value -> 'stages'), E'\n') INTO wrong
	FROM fact, jsonb_each(f -> 'opportunity') AS o
	LEFT JOIN (SELECT opportunity_id, jsonb_agg(stage ORDER BY entered_at) AS stages FROM kpi.stage_change GROUP BY 1) AS s
		ON s.opportunity_id = o.key
	WHERE s.stages IS DISTINCT FROM o.value -> 'stages';
	IF wrong IS NOT NULL THEN
		RAISE EXCEPTION 'stages differ' USING DETAIL = wrong;
	END IF;
	SELECT string_agg(t.key, ', ') INTO wrong
	FROM fact, jsonb_each(f -> 'ticket') AS t
	FULL JOIN kpi.ticket k ON k.ticket_id = t.key
	WHERE (k.resolved_at IS NOT NULL) IS DISTINCT FROM t.value::boolean;
	IF wrong IS NOT NULL OR NOT EXISTS (SELECT FROM kpi.ticket) THEN
		RAISE EXCEPTION 'tickets differ' USING DETAIL = wrong;
	END IF;
	SELECT string_agg(x.what, ', ') INTO wrong
	FROM (SELECT 'customer ' || customer_id, acquired_at FROM kpi.customer
		  UNION ALL SELECT 'lead ' || lead_id, created_at FROM kpi.lead
		  UNION ALL SELECT 'stage ' || opportunity_id, entered_at FROM kpi.stage_change
		  UNION ALL SELECT 'ticket ' || ticket_id, created_at FROM kpi.ticket) AS x (what, at)
	WHERE x.at NOT BETWEEN now() - interval '1 hour' AND now();
	IF wrong IS NOT NULL THEN
		RAISE EXCEPTION 'times are not of the last hour: %', wrong;
	END IF;
END
$$;

SELECT count(*) AS views, count(*) FILTER (WHERE status = 'created') AS created
FROM crm_create_kpi_views('kpi', '{"time_zone": "UTC"}');
\echo Pipeline
SELECT currency, open_deals, open_amount, weighted, win_rate, average_deal FROM kpi.kpi_pipeline;
SELECT stage_no, stage, entered, passed, lost, still_open FROM kpi.kpi_stages ORDER BY 1;
\echo Revenue
SELECT orders, customers, revenue, currency FROM kpi.kpi_revenue;
SELECT opening, new, closing, closing_customers FROM kpi.kpi_mrr ORDER BY month;
\echo Errors in the data
SELECT entity, problem, found FROM kpi.kpi_data_quality WHERE severity = 'error' AND found > 0;
\echo The adapter agrees with Tryton.
