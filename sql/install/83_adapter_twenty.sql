-- Twenty: companies, the pipeline and its history, campaigns' totals.
--
-- The source schema is one workspace's, "workspace_...".  What it absorbs:
--   * what has a "deletedAt" is gone;
--   * amounts are millionths; a deal without currency has that of the workspace,
--     if all others have one and the same;
--   * stages are an enum that users change: options "won" (CUSTOMER) and "lost"
--     (LOST, which Twenty does not have by itself: until somebody adds such a
--     stage nothing is ever lost, and a win rate says nothing);
--   * the history of stages is in the activities of a deal.  Twenty merges changes
--     that follow each other within ten minutes, and what it merged is lost.  A
--     deal without history entered its stage when it was made, or when it closed;
--   * a deal closed when it last came into the stage it closed in; where that is
--     not known, at its close date, which is a plan too, or else when it was last
--     written to;
--   * a deal without company belongs to that of its contact;
--   * campaigns have counts only, and none of opens and clicks: a row of 0 without
--     recipient for each makes their rates unknown, and not 0.

CREATE FUNCTION crm_adapter_twenty(source_schema text, options jsonb)
    RETURNS TABLE (entity text, query text)
    LANGUAGE plpgsql STABLE PARALLEL SAFE COST 10000 ROWS 4
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    extension_schema constant name := (
        SELECT n.nspname FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
        WHERE e.extname = 'crm_metrics');
    setting jsonb;
    won text[];
    lost text[];
    -- the column by which an activity knows its deal has had two names
    deal_id constant name := coalesce((
        SELECT a.attname FROM pg_attribute AS a
        WHERE a.attrelid = to_regclass(format('%I."timelineActivity"', source_schema))
          AND a.attname IN ('targetOpportunityId', 'opportunityId') AND NOT a.attisdropped
        ORDER BY a.attname DESC LIMIT 1), 'targetOpportunityId');
    -- releases differ in whether a deal has an owner
    owner_id constant text := (
        SELECT 'd.' || quote_ident(a.attname) FROM pg_attribute AS a
        WHERE a.attrelid = to_regclass(format('%I.opportunity', source_schema)) AND a.attname = 'ownerId' AND NOT a.attisdropped);
    -- a stage's place is that of its label in the enum
    position constant text := (
        SELECT format('(SELECT e.enumsortorder FROM pg_enum AS e WHERE e.enumtypid = %L::regtype AND e.enumlabel = c.stage)',
                      format_type(a.atttypid, NULL))
        FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid AND t.typtype = 'e'
        WHERE a.attrelid = to_regclass(format('%I.opportunity', source_schema)) AND a.attname = 'stage');
    moves text;
    deals text;
BEGIN
    EXECUTE format('SELECT %I.crm_adapter_options($1, $2, $3)', extension_schema) INTO setting
        USING 'twenty', options, jsonb '{"won": ["CUSTOMER"], "lost": ["LOST"], "time_zone": "UTC"}';
    won := ARRAY(SELECT jsonb_array_elements_text(setting -> 'won'));
    lost := ARRAY(SELECT jsonb_array_elements_text(setting -> 'lost'));

    moves := format($$
        SELECT a.%2$I AS id, a."happensAt" AS moved_at, a."createdAt" AS written_at, a.id AS move,
               a.properties #>> '{diff,stage,before}' AS before, a.properties #>> '{diff,stage,after}' AS after
        FROM %1$I."timelineActivity" AS a
        WHERE a.name = 'opportunity.updated' AND a."deletedAt" IS NULL
          AND a.%2$I IS NOT NULL AND a.properties #>> '{diff,stage,after}' IS NOT NULL$$, source_schema, deal_id);
    deals := format($$
        SELECT o.*, CASE WHEN o.stage::text = ANY (%3$L) THEN 'won' WHEN o.stage::text = ANY (%4$L) THEN 'lost' ELSE 'open' END AS status,
               CASE WHEN o.stage::text = ANY (%3$L) OR o.stage::text = ANY (%4$L)
                    THEN coalesce(h.last_at, o."closeDate", o."updatedAt") END AS closed_at
        FROM %1$I.opportunity AS o
        LEFT JOIN (SELECT m.id, m.after, max(m.moved_at) AS last_at FROM (%2$s) AS m GROUP BY m.id, m.after) AS h
               ON h.id = o.id AND h.after = o.stage::text
        WHERE o."deletedAt" IS NULL$$, source_schema, moves, won, lost);

    RETURN QUERY SELECT 'customer', format($$
        SELECT c.id AS customer_id, c."createdAt" AS acquired_at, c.name,
               nullif(concat_ws(' ', w."nameFirstName", w."nameLastName"), '') AS owner
        FROM %1$I.company AS c
        LEFT JOIN %1$I."workspaceMember" AS w ON w.id = c."accountOwnerId"
        WHERE c."deletedAt" IS NULL$$, source_schema);

    RETURN QUERY SELECT 'opportunity', format($$
        SELECT d.id AS opportunity_id, d."createdAt" AS created_at, d.status, d.closed_at,
               d."amountAmountMicros" / 1000000 AS amount,
               coalesce(nullif(d."amountCurrencyCode", ''),
                        (SELECT CASE WHEN min(k."amountCurrencyCode") = max(k."amountCurrencyCode") THEN min(k."amountCurrencyCode") END
                         FROM %1$I.opportunity AS k
                         WHERE k."amountCurrencyCode" <> '' AND k."deletedAt" IS NULL)) AS currency,
               d.stage::text AS stage, (d."closeDate" AT TIME ZONE %3$L)::date AS expected_close,
               coalesce(d."companyId", p."companyId") AS customer_id,
               nullif(concat_ws(' ', w."nameFirstName", w."nameLastName"), '') AS owner, d.name
        FROM (%2$s) AS d
        LEFT JOIN %1$I.person AS p ON p.id = d."pointOfContactId"
        LEFT JOIN %1$I."workspaceMember" AS w ON w.id = %4$s$$, source_schema, deals, setting ->> 'time_zone', coalesce(owner_id, 'NULL'));

    RETURN QUERY SELECT 'stage_change', format($$
        WITH moves AS (%2$s
        ), deals AS (%1$s
        ), changes AS (
            (SELECT DISTINCT ON (d.id) d.id, coalesce(m.before, d.stage::text) AS stage,
                    CASE WHEN m.id IS NULL THEN coalesce(d.closed_at, d."createdAt") ELSE d."createdAt" END AS at
             FROM deals AS d LEFT JOIN moves AS m ON m.id = d.id
             ORDER BY d.id, m.moved_at, m.written_at, m.move)
            UNION ALL
            SELECT m.id, m.after, m.moved_at FROM moves AS m JOIN deals AS d ON d.id = m.id
        )
        SELECT c.id AS opportunity_id, c.stage, c.at AS entered_at,
               CASE WHEN c.stage <> ALL (%4$L) THEN %5$s END AS stage_position,
               CASE WHEN c.stage = ANY (%3$L) THEN 'won' WHEN c.stage = ANY (%4$L) THEN 'lost' ELSE 'open' END AS status
        FROM changes AS c$$, deals, moves, won, lost, coalesce(position, 'NULL::numeric'));

    RETURN QUERY SELECT 'campaign_event', format($$
        SELECT c.id AS campaign_id, c."sentAt" AS occurred_at, e.event, e.events::bigint AS events
        FROM %1$I."messageCampaign" AS c
        CROSS JOIN LATERAL (VALUES ('sent', c."sentCount"), ('delivered', c."deliveredCount"),
                                   ('bounce', c."bouncedCount"), ('complaint', c."complainedCount"),
                                   -- not none: by nobody known
                                   ('open', 0), ('click', 0)) AS e (event, events)
        WHERE c."deletedAt" IS NULL AND c."sentAt" IS NOT NULL AND (e.events > 0 OR e.event IN ('open', 'click'))$$, source_schema);
END
$function$;
COMMENT ON FUNCTION crm_adapter_twenty(text, jsonb) IS
    'Twenty 1.x (the schema of one workspace)';

CREATE FUNCTION crm_adapter_twenty_columns()
    RETURNS TABLE (entity text, table_name text, column_name text, releases text)
    LANGUAGE sql STABLE PARALLEL SAFE COST 10 ROWS 50
BEGIN ATOMIC
    SELECT n.entity, n.table_name, c.column_name,
           CASE n.table_name WHEN 'messageCampaign' THEN '1.x of 2026' END
    FROM (VALUES
        ('customer', 'company', '{id,name,accountOwnerId,createdAt,deletedAt}'::text[]),
        ('customer', 'workspaceMember', '{id,nameFirstName,nameLastName}'),
        ('opportunity', 'opportunity', '{id,name,amountAmountMicros,amountCurrencyCode,closeDate,stage,companyId,pointOfContactId,createdAt,updatedAt,deletedAt}'),
        ('opportunity', 'person', '{id,companyId}'),
        ('opportunity', 'workspaceMember', '{id,nameFirstName,nameLastName}'),
        ('opportunity', 'timelineActivity', '{id,happensAt,createdAt,name,properties,deletedAt,targetOpportunityId|opportunityId}'),
        ('stage_change', 'opportunity', '{id,stage,closeDate,createdAt,updatedAt,deletedAt}'),
        ('stage_change', 'timelineActivity', '{id,happensAt,createdAt,name,properties,deletedAt,targetOpportunityId|opportunityId}'),
        ('campaign_event', 'messageCampaign', '{id,sentAt,sentCount,deliveredCount,bouncedCount,complainedCount,deletedAt}')
    ) AS n (entity, table_name, columns)
    CROSS JOIN unnest(n.columns) AS c (column_name);
END;
COMMENT ON FUNCTION crm_adapter_twenty_columns() IS
    'the columns that the adapter for Twenty reads';
