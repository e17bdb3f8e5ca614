/*
 * generate.sql - the generator's one public function
 */

/*
 * Replaces the contents of all tables but segments and regions, in one
 * transaction, and returns the number of rows of each table.
 *
 * Foreign keys and plain indexes, a user's own included, are dropped and put
 * back afterwards: checked by one join each and built by one sort each they
 * cost a fraction of what they would row by row.  Primary keys stay, because
 * views may depend on them, and rows come in their order anyway.  The
 * settings make days and weeks UTC whatever the session says; jit is off
 * because the planner cannot know how many rows the series make and would
 * compile everything.
 */
CREATE FUNCTION sample_crm.generate(customers int, "from" date, "to" date, seed int DEFAULT 42)
RETURNS TABLE (table_name text, row_count bigint)
LANGUAGE plpgsql
SET search_path = sample_crm, pg_catalog, pg_temp
SET timezone = 'UTC'
SET jit = off
SET work_mem = '64MB'
AS $$
DECLARE
	n ALIAS FOR $1;
	lo ALIAS FOR $2;
	hi ALIAS FOR $3;
	drops text;
	adds text;
	tab regclass;
BEGIN
	IF n IS NULL OR lo IS NULL OR hi IS NULL OR seed IS NULL THEN
		RAISE EXCEPTION 'arguments of generate must not be null'
			USING ERRCODE = 'invalid_parameter_value',
				  HINT = 'Call it like generate(1000, ''2025-01-01'', ''2026-01-01'', 42).';
	END IF;
	IF n < 0 THEN
		RAISE EXCEPTION 'number of customers must not be negative, got %', n
			USING ERRCODE = 'invalid_parameter_value',
				  HINT = 'Zero customers make an empty CRM.';
	END IF;
	IF NOT isfinite(lo) OR NOT isfinite(hi) THEN
		RAISE EXCEPTION 'period must be finite, got % to %', lo, hi
			USING ERRCODE = 'invalid_parameter_value',
				  HINT = 'Give the first day, and the day after the last one.';
	END IF;
	IF lo >= hi THEN
		RAISE EXCEPTION 'period must begin before it ends, got % to %', lo, hi
			USING ERRCODE = 'invalid_parameter_value',
				  HINT = 'The period is from "from" up to, but not including, "to".';
	END IF;

	SELECT string_agg(drop_it, ';' ORDER BY no, name), string_agg(add_it, ';' ORDER BY no, name)
	INTO drops, adds
	FROM (SELECT 2 AS no, conrelid::regclass || ' ' || conname AS name,
				 format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS drop_it,
				 format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname,
						pg_get_constraintdef(oid)) AS add_it
		  FROM pg_constraint
		  WHERE contype = 'f' AND connamespace = 'sample_crm'::regnamespace
		  UNION ALL
		  SELECT 1, i.indexrelid::regclass::text, format('DROP INDEX %s', i.indexrelid::regclass),
				 pg_get_indexdef(i.indexrelid)
		  FROM pg_index i
		  JOIN pg_class t ON t.oid = i.indrelid
		  WHERE t.relnamespace = 'sample_crm'::regnamespace
			AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid
							AND c.contype IN ('p', 'u', 'x'))) d;

	EXECUTE drops;
	TRUNCATE calendar, customers, truth, marketing_spend, leads, opportunities, opportunity_stages, orders,
		order_lines, subscriptions, subscription_months, tickets, survey_responses, email_campaigns,
		campaign_events, touchpoints;

	/* in the order in which they read each other */
	PERFORM fill_calendar(lo, hi);
	PERFORM fill_customers(n, lo, hi, seed);
	ANALYZE calendar, customers, truth;
	PERFORM fill_marketing_spend(n, lo, hi, seed);
	PERFORM fill_leads(n, lo, hi, seed);
	ANALYZE leads;
	PERFORM fill_opportunities(lo, hi, seed);
	PERFORM fill_orders(n, lo, hi, seed);
	ANALYZE orders;
	PERFORM fill_subscriptions(lo, hi, seed);
	PERFORM fill_tickets(lo, hi, seed);
	ANALYZE tickets;
	PERFORM fill_surveys(lo, hi, seed);
	PERFORM fill_email(lo, hi, seed);
	PERFORM fill_touchpoints(n, lo, hi, seed);
	EXECUTE adds;

	ANALYZE marketing_spend, opportunities, opportunity_stages, order_lines, subscriptions,
		subscription_months, survey_responses, email_campaigns, campaign_events, touchpoints;

	FOR tab IN
		SELECT oid FROM pg_class
		WHERE relnamespace = 'sample_crm'::regnamespace AND relkind = 'r'
		ORDER BY relname COLLATE "C"
	LOOP
		table_name := tab::text;
		EXECUTE format('SELECT count(*) FROM %s', tab) INTO row_count;
		RETURN NEXT;
	END LOOP;
END
$$;
COMMENT ON FUNCTION sample_crm.generate(int, date, date, int) IS
	'replaces the sample data by those of the given number of customers within [from, to); the same arguments give the same rows';
