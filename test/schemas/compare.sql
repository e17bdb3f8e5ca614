/*
 * compare.sql - what an adapter should have found, against what it did
 *
 * want.x is a table or view of what the truth says that view x of the schema
 * "kpi" holds; it may have fewer columns.  differences(x) returns the rows of
 * one that the other lacks, repetitions included; numbers are compared to six
 * decimals, lengths of time to the millisecond.
 */
CREATE SCHEMA want;

CREATE FUNCTION want.differences(relation name, OUT which text, OUT difference jsonb)
RETURNS SETOF record
LANGUAGE plpgsql
AS $$
DECLARE
	columns text := (
		SELECT string_agg(format(CASE WHEN atttypid IN ('float8'::regtype, 'numeric'::regtype) THEN 'round(%1$I::numeric, 6) AS %1$I'
									  WHEN atttypid = 'interval'::regtype THEN 'round(extract(epoch FROM %1$I), 3) AS %1$I'
									  ELSE '%I' END, attname), ', ' ORDER BY attnum)
		FROM pg_attribute WHERE attrelid = format('want.%I', relation)::regclass AND attnum > 0);
BEGIN
	RETURN QUERY EXECUTE format($q$
		WITH got AS MATERIALIZED (SELECT %2$s FROM kpi.%1$I), want AS MATERIALIZED (SELECT %2$s FROM want.%1$I)
		SELECT 'got', to_jsonb(g) FROM (TABLE got EXCEPT ALL TABLE want) AS g
		UNION ALL
		SELECT 'want', to_jsonb(w) FROM (TABLE want EXCEPT ALL TABLE got) AS w
		ORDER BY 2, 1$q$, relation, columns);
END
$$;

-- the same for all of them that are called like a pattern, and how many rows of each there are to compare
CREATE FUNCTION want.all_differences(pattern text, OUT relation name, OUT which text, OUT difference jsonb)
RETURNS SETOF record
LANGUAGE sql
AS $$
	SELECT c.relname, d.which, d.difference
	FROM pg_class c, want.differences(c.relname) d
	WHERE c.relnamespace = 'want'::regnamespace AND c.relkind IN ('r', 'v') AND c.relname LIKE pattern
	ORDER BY 1
$$;

CREATE FUNCTION want.row_counts(pattern text, OUT relation name, OUT rows bigint)
RETURNS SETOF record
LANGUAGE sql
AS $$
	SELECT relname, (xpath('/row/c/text()', query_to_xml(format('SELECT count(*) AS c FROM want.%I', relname), false, true, '')))[1]::text::bigint
	FROM pg_class WHERE relnamespace = 'want'::regnamespace AND relkind IN ('r', 'v') AND relname LIKE pattern
	ORDER BY relname COLLATE "C"
$$;
