-- EspoCRM: accounts, leads, pipeline, cases, campaigns and what they cost.
--
-- What it absorbs:
--   * times are UTC without time zone; a bare date begins at midnight of the
--     option "time_zone";
--   * what is "deleted" is gone;
--   * statuses and stages are lists that administrators change; options say which
--     are which, with EspoCRM's own as default, "stages" in the order of the
--     pipeline;
--   * the history of stages and of cases is JSON in the stream, from the second
--     stage on ("audited" must be left on, as it is by default); a deal without
--     any entered its stage when it was made, or when it closed;
--   * a deal closed when it last came into a stage that is won or lost, or else
--     on its close date;
--   * a deal without currency has that of all others, if it is one and the same;
--   * a lead is first contacted by a mail from the stream or an outbound call that
--     was held, a case is first answered by a mail or a post of a user, neither
--     of the portal's nor internal;
--   * a case that is opened again is resolved once, the last time; a duplicate
--     is no case;
--   * a campaign's budget is spent evenly over its days, to the cent, up to today,
--     unless the campaign is still planned; its type is the channel, also of the
--     leads and accounts that it brought;
--   * tests of a campaign are none of its events.

CREATE FUNCTION crm_adapter_espocrm(source_schema text, options jsonb)
    RETURNS TABLE (entity text, query text)
    LANGUAGE plpgsql STABLE PARALLEL SAFE COST 10000 ROWS 8
    SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    extension_schema constant name := (
        SELECT n.nspname FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
        WHERE e.extname = 'crm_metrics');
    setting jsonb;
    won text[];
    lost text[];
    resolved text[];
    -- changes of a field that the stream tells of: in "Update" notes, and in the
    -- "Status" notes of releases before 10
    stream constant text := $$
        SELECT n.parent_id AS id, n.number AS move, n.created_at AS moved_at, n.data #>> '{attributes,was,%3$s}' AS before,
               coalesce(n.data #>> '{attributes,became,%3$s}', CASE WHEN n.data ->> 'field' = '%3$s' THEN n.data ->> 'value' END) AS after
        FROM (SELECT n.parent_id, n.number, n.created_at,
                     CASE WHEN n.type IN ('Update', 'Status') AND n.data <> '' THEN n.data::jsonb END AS data
              FROM %1$I.note AS n
              WHERE n.parent_type = %2$L AND n.type IN ('Update', 'Status') AND n.deleted IS NOT TRUE) AS n
        WHERE coalesce(n.data #>> '{attributes,became,%3$s}', CASE WHEN n.data ->> 'field' = '%3$s' THEN n.data ->> 'value' END) IS NOT NULL$$;
    moves text;
    deals text;
    user_name constant text := $$coalesce(nullif(concat_ws(' ', u.first_name, u.last_name), ''), u.user_name)$$;
BEGIN
    EXECUTE format('SELECT %I.crm_adapter_options($1, $2, $3)', extension_schema) INTO setting
        USING 'espocrm', options, jsonb '{
            "won": ["Closed Won"], "lost": ["Closed Lost"],
            "stages": ["Prospecting", "Qualification", "Proposal", "Negotiation", "Closed Won"],
            "lead_converted": ["Converted"], "lead_lost": ["Dead"],
            "case_resolved": ["Closed", "Rejected"], "case_ignored": ["Duplicate"], "time_zone": "UTC"}';
    won := ARRAY(SELECT jsonb_array_elements_text(setting -> 'won'));
    lost := ARRAY(SELECT jsonb_array_elements_text(setting -> 'lost'));
    resolved := ARRAY(SELECT jsonb_array_elements_text(setting -> 'case_resolved'));

    moves := format(stream, source_schema, 'Opportunity', 'stage');
    deals := format($$
        SELECT o.*, CASE WHEN o.stage = ANY (%3$L) THEN 'won' WHEN o.stage = ANY (%4$L) THEN 'lost' ELSE 'open' END AS status,
               CASE WHEN o.stage = ANY (%3$L) OR o.stage = ANY (%4$L)
                    THEN coalesce(h.last_at AT TIME ZONE 'UTC', o.close_date::timestamp AT TIME ZONE %5$L) END AS closed_at
        FROM %1$I.opportunity AS o
        LEFT JOIN (SELECT m.id, m.after, max(m.moved_at) AS last_at FROM (%2$s) AS m GROUP BY m.id, m.after) AS h
               ON h.id = o.id AND h.after = o.stage
        WHERE o.deleted IS NOT TRUE$$, source_schema, moves, won, lost, setting ->> 'time_zone');

    RETURN QUERY SELECT 'customer', format($$
        SELECT a.id AS customer_id, a.created_at AT TIME ZONE 'UTC' AS acquired_at, a.name, e.name AS email, a.type AS segment,
               a.billing_address_country AS country, coalesce(g.type, l.channel) AS channel, %2$s AS owner
        FROM %1$I.account AS a
        LEFT JOIN %1$I.campaign AS g ON g.id = a.campaign_id
        LEFT JOIN (
            SELECT DISTINCT ON (l.created_account_id) l.created_account_id, coalesce(c.type, nullif(l.source, '')) AS channel
            FROM %1$I.lead AS l LEFT JOIN %1$I.campaign AS c ON c.id = l.campaign_id
            WHERE l.deleted IS NOT TRUE
            ORDER BY l.created_account_id, l.created_at, l.id) AS l ON l.created_account_id = a.id
        LEFT JOIN LATERAL (
            SELECT m.name FROM %1$I.entity_email_address AS x JOIN %1$I.email_address AS m ON m.id = x.email_address_id
            WHERE x.entity_id = a.id AND x.entity_type = 'Account' AND x.deleted IS NOT TRUE AND m.deleted IS NOT TRUE
            ORDER BY x."primary" DESC NULLS LAST, m.id LIMIT 1) AS e ON true
        LEFT JOIN %1$I."user" AS u ON u.id = a.assigned_user_id
        WHERE a.deleted IS NOT TRUE AND a.created_at IS NOT NULL$$, source_schema, user_name);

    RETURN QUERY SELECT 'spend', format($$
        SELECT d.day::date AS day,
               round(c.budget::numeric * n.nth / c.days, 2) - round(c.budget::numeric * (n.nth - 1) / c.days, 2) AS amount,
               c.budget_currency AS currency, c.type AS channel, c.id AS campaign_id
        FROM (SELECT g.*, coalesce(g.end_date, g.start_date) - g.start_date + 1 AS days
              FROM %1$I.campaign AS g
              WHERE g.deleted IS NOT TRUE AND g.status <> 'Planning' AND g.budget > 0 AND g.budget_currency IS NOT NULL
                AND g.start_date <= current_date AND coalesce(g.end_date, g.start_date) >= g.start_date) AS c
        CROSS JOIN LATERAL generate_series(1, c.days) AS n (nth)
        CROSS JOIN LATERAL (SELECT c.start_date + n.nth - 1 AS day) AS d
        WHERE d.day <= current_date$$, source_schema);

    RETURN QUERY SELECT 'lead', format($$
        SELECT l.id AS lead_id, l.created_at AT TIME ZONE 'UTC' AS created_at,
               CASE WHEN l.status = ANY (%3$L) THEN 'converted' WHEN l.status = ANY (%4$L) THEN 'lost' ELSE 'open' END AS status,
               t.first_at AT TIME ZONE 'UTC' AS first_contacted_at,
               CASE WHEN l.status = ANY (%3$L) THEN l.converted_at AT TIME ZONE 'UTC' END AS converted_at,
               CASE WHEN l.status = ANY (%3$L) THEN l.created_account_id END AS customer_id,
               coalesce(c.type, nullif(l.source, '')) AS source, %2$s AS owner
        FROM %1$I.lead AS l
        LEFT JOIN (
            SELECT x.id, min(x.at) AS first_at
            FROM (SELECT n.parent_id AS id, n.created_at AS at FROM %1$I.note AS n
                  WHERE n.parent_type = 'Lead' AND n.type = 'EmailSent' AND n.deleted IS NOT TRUE
                  UNION ALL
                  SELECT k.parent_id, k.date_start FROM %1$I.call AS k
                  WHERE k.parent_type = 'Lead' AND k.status = 'Held' AND k.direction = 'Outbound' AND k.deleted IS NOT TRUE) AS x
            GROUP BY x.id) AS t ON t.id = l.id
        LEFT JOIN %1$I.campaign AS c ON c.id = l.campaign_id
        LEFT JOIN %1$I."user" AS u ON u.id = l.assigned_user_id
        WHERE l.deleted IS NOT TRUE AND l.created_at IS NOT NULL$$,
        source_schema, user_name, ARRAY(SELECT jsonb_array_elements_text(setting -> 'lead_converted')),
        ARRAY(SELECT jsonb_array_elements_text(setting -> 'lead_lost')));

    RETURN QUERY SELECT 'opportunity', format($$
        SELECT d.id AS opportunity_id, d.created_at AT TIME ZONE 'UTC' AS created_at, d.status, d.closed_at, d.amount,
               coalesce(d.amount_currency,
                        (SELECT CASE WHEN min(k.amount_currency) = max(k.amount_currency) THEN min(k.amount_currency) END
                         FROM %1$I.opportunity AS k WHERE k.deleted IS NOT TRUE)) AS currency,
               d.probability / 100.0 AS probability, d.stage, d.close_date AS expected_close,
               coalesce(d.account_id, p.account_id) AS customer_id, l.id AS lead_id, %3$s AS owner,
               coalesce(g.type, nullif(d.lead_source, '')) AS source, d.name
        FROM (%2$s) AS d
        LEFT JOIN %1$I.contact AS p ON p.id = d.contact_id
        LEFT JOIN %1$I.campaign AS g ON g.id = d.campaign_id
        LEFT JOIN (SELECT l.created_opportunity_id, min(l.id) AS id FROM %1$I.lead AS l
                   WHERE l.deleted IS NOT TRUE GROUP BY l.created_opportunity_id) AS l ON l.created_opportunity_id = d.id
        LEFT JOIN %1$I."user" AS u ON u.id = d.assigned_user_id$$, source_schema, deals, user_name);

    RETURN QUERY SELECT 'stage_change', format($$
        WITH moves AS (%2$s
        ), deals AS (%1$s
        ), begun AS (
            -- what releases before 10 say of the first stage
            SELECT n.parent_id AS id, min(n.data ->> 'statusValue') AS stage
            FROM (SELECT n.parent_id, CASE WHEN n.type = 'Create' AND n.data <> '' THEN n.data::jsonb END AS data
                  FROM %6$I.note AS n
                  WHERE n.parent_type = 'Opportunity' AND n.type = 'Create' AND n.deleted IS NOT TRUE) AS n
            WHERE n.data ->> 'statusField' = 'stage'
            GROUP BY n.parent_id
        ), changes AS (
            (SELECT DISTINCT ON (d.id) d.id,
                    CASE WHEN m.id IS NULL THEN d.stage ELSE coalesce(m.before, b.stage, (%5$L::text[])[1], d.stage) END AS stage,
                    CASE WHEN m.id IS NULL THEN coalesce(d.closed_at, d.created_at AT TIME ZONE 'UTC')
                         ELSE d.created_at AT TIME ZONE 'UTC' END AS at
             FROM deals AS d
             LEFT JOIN moves AS m ON m.id = d.id
             LEFT JOIN begun AS b ON b.id = d.id
             ORDER BY d.id, m.moved_at, m.move)
            UNION ALL
            SELECT m.id, m.after, m.moved_at AT TIME ZONE 'UTC' FROM moves AS m JOIN deals AS d ON d.id = m.id
        )
        SELECT c.id AS opportunity_id, c.stage, c.at AS entered_at,
               array_position(%5$L::text[], c.stage) AS stage_position,
               CASE WHEN c.stage = ANY (%3$L) THEN 'won' WHEN c.stage = ANY (%4$L) THEN 'lost' ELSE 'open' END AS status
        FROM changes AS c$$, deals, moves, won, lost, ARRAY(SELECT jsonb_array_elements_text(setting -> 'stages')), source_schema);

    RETURN QUERY SELECT 'ticket', format($$
        SELECT c.id AS ticket_id, c.created_at AT TIME ZONE 'UTC' AS created_at, a.first_at AT TIME ZONE 'UTC' AS first_response_at,
               CASE WHEN c.status = ANY (%4$L) THEN coalesce(h.last_at, c.modified_at) AT TIME ZONE 'UTC' END AS resolved_at,
               CASE WHEN h.first_at IS NOT NULL THEN h.first_at AT TIME ZONE 'UTC'
                    WHEN c.status = ANY (%4$L) THEN c.modified_at AT TIME ZONE 'UTC' END AS first_resolved_at,
               coalesce(h.reopened, 0) AS reopened, coalesce(a.replies, 0) AS replies, c.priority,
               CASE WHEN c.inbound_email_id IS NOT NULL THEN 'Email' END AS channel, %3$s AS owner,
               coalesce(c.account_id, p.account_id) AS customer_id
        FROM %1$I."case" AS c
        LEFT JOIN (
            SELECT m.id, min(m.moved_at) FILTER (WHERE m.done AND NOT m.was_done) AS first_at,
                   max(m.moved_at) FILTER (WHERE m.done AND NOT m.was_done) AS last_at,
                   count(*) FILTER (WHERE NOT m.done AND m.was_done) AS reopened
            FROM (SELECT m.id, m.moved_at, m.after = ANY (%4$L) AS done,
                         coalesce(m.before, lag(m.after) OVER (PARTITION BY m.id ORDER BY m.moved_at, m.move), '') = ANY (%4$L) AS was_done
                  FROM (%2$s) AS m) AS m
            GROUP BY m.id) AS h ON h.id = c.id
        LEFT JOIN (
            SELECT n.parent_id AS id, min(n.created_at) AS first_at, count(*) AS replies
            FROM %1$I.note AS n
            LEFT JOIN %1$I."user" AS w ON w.id = n.created_by_id
            WHERE n.parent_type = 'Case' AND n.deleted IS NOT TRUE
              AND (n.type = 'EmailSent' OR n.type = 'Post' AND n.is_internal IS NOT TRUE AND w.type IN ('regular', 'admin', 'super-admin'))
            GROUP BY n.parent_id) AS a ON a.id = c.id
        LEFT JOIN %1$I.contact AS p ON p.id = c.contact_id
        LEFT JOIN %1$I."user" AS u ON u.id = c.assigned_user_id
        WHERE c.deleted IS NOT TRUE AND c.created_at IS NOT NULL AND c.status <> ALL (%5$L)$$,
        source_schema, format(stream, source_schema, 'Case', 'status'), user_name, resolved,
        ARRAY(SELECT jsonb_array_elements_text(setting -> 'case_ignored')));

    RETURN QUERY SELECT 'campaign_event', format($$
        SELECT r.campaign_id, r.action_date AT TIME ZONE 'UTC' AS occurred_at, e.event,
               coalesce(r.parent_type || ' ' || r.parent_id, r.string_data) AS recipient_id,
               CASE r.parent_type WHEN 'Account' THEN r.parent_id WHEN 'Contact' THEN p.account_id WHEN 'Lead' THEN l.created_account_id END AS customer_id,
               c.name AS campaign
        FROM %1$I.campaign_log_record AS r
        JOIN (VALUES ('Sent', 'sent'), ('Bounced', 'bounce'), ('Opened', 'open'), ('Clicked', 'click'), ('Opted Out', 'unsubscribe'))
             AS e (action, event) ON e.action = r.action
        LEFT JOIN %1$I.campaign AS c ON c.id = r.campaign_id
        LEFT JOIN %1$I.contact AS p ON p.id = r.parent_id AND r.parent_type = 'Contact'
        LEFT JOIN %1$I.lead AS l ON l.id = r.parent_id AND r.parent_type = 'Lead'
        WHERE r.deleted IS NOT TRUE AND r.is_test IS NOT TRUE AND r.campaign_id IS NOT NULL$$, source_schema);

    RETURN QUERY SELECT 'touchpoint', format($$
        SELECT l.created_at AT TIME ZONE 'UTC' AS occurred_at, 'enquiry' AS event, l.created_account_id AS customer_id,
               'Lead ' || l.id AS visitor_id, coalesce(c.type, nullif(l.source, '')) AS channel
        FROM %1$I.lead AS l LEFT JOIN %1$I.campaign AS c ON c.id = l.campaign_id
        WHERE l.deleted IS NOT TRUE AND l.created_at IS NOT NULL
        UNION ALL
        SELECT r.action_date AT TIME ZONE 'UTC', 'click',
               CASE r.parent_type WHEN 'Account' THEN r.parent_id WHEN 'Contact' THEN p.account_id WHEN 'Lead' THEN l.created_account_id END,
               r.parent_type || ' ' || r.parent_id, coalesce(c.type, 'Email')
        FROM %1$I.campaign_log_record AS r
        LEFT JOIN %1$I.campaign AS c ON c.id = r.campaign_id
        LEFT JOIN %1$I.contact AS p ON p.id = r.parent_id AND r.parent_type = 'Contact'
        LEFT JOIN %1$I.lead AS l ON l.id = r.parent_id AND r.parent_type = 'Lead'
        WHERE r.deleted IS NOT TRUE AND r.is_test IS NOT TRUE AND r.action = 'Clicked'$$, source_schema);
END
$function$;
COMMENT ON FUNCTION crm_adapter_espocrm(text, jsonb) IS
    'EspoCRM 8, 9 and 10 on PostgreSQL';

CREATE FUNCTION crm_adapter_espocrm_columns()
    RETURNS TABLE (entity text, table_name text, column_name text, releases text)
    LANGUAGE sql STABLE PARALLEL SAFE COST 10 ROWS 100
BEGIN ATOMIC
    SELECT n.entity, n.table_name, c.column_name,
           CASE WHEN (n.table_name, c.column_name) IN (('lead', 'converted_at'), ('note', 'is_internal')) THEN '8, 9, 10' END
    FROM (VALUES
        ('customer', 'account', '{id,name,deleted,type,billing_address_country,campaign_id,created_at,assigned_user_id}'::text[]),
        ('customer', 'campaign', '{id,type}'),
        ('customer', 'lead', '{id,deleted,source,campaign_id,created_account_id,created_at}'),
        ('customer', 'entity_email_address', '{entity_id,entity_type,email_address_id,primary,deleted}'),
        ('customer', 'email_address', '{id,name,deleted}'),
        ('customer', 'user', '{id,user_name,first_name,last_name}'),
        ('spend', 'campaign', '{id,deleted,status,type,start_date,end_date,budget,budget_currency}'),
        ('lead', 'lead', '{id,deleted,status,source,converted_at,created_at,campaign_id,created_account_id,assigned_user_id}'),
        ('lead', 'note', '{parent_id,parent_type,type,created_at,deleted}'),
        ('lead', 'call', '{parent_id,parent_type,status,direction,date_start,deleted}'),
        ('lead', 'campaign', '{id,type}'),
        ('lead', 'user', '{id,user_name,first_name,last_name}'),
        ('opportunity', 'opportunity', '{id,name,deleted,amount,amount_currency,stage,probability,lead_source,close_date,account_id,contact_id,campaign_id,assigned_user_id,created_at}'),
        ('opportunity', 'note', '{parent_id,parent_type,type,data,number,created_at,deleted}'),
        ('opportunity', 'contact', '{id,account_id}'),
        ('opportunity', 'campaign', '{id,type}'),
        ('opportunity', 'lead', '{id,deleted,created_opportunity_id}'),
        ('opportunity', 'user', '{id,user_name,first_name,last_name}'),
        ('stage_change', 'opportunity', '{id,deleted,stage,close_date,created_at}'),
        ('stage_change', 'note', '{parent_id,parent_type,type,data,number,created_at,deleted}'),
        ('ticket', 'case', '{id,deleted,status,priority,account_id,contact_id,inbound_email_id,assigned_user_id,created_at,modified_at}'),
        ('ticket', 'note', '{parent_id,parent_type,type,data,number,created_at,created_by_id,is_internal,deleted}'),
        ('ticket', 'contact', '{id,account_id}'),
        ('ticket', 'user', '{id,user_name,type,first_name,last_name}'),
        ('campaign_event', 'campaign_log_record', '{action,action_date,string_data,is_test,campaign_id,parent_id,parent_type,deleted}'),
        ('campaign_event', 'campaign', '{id,name}'),
        ('campaign_event', 'contact', '{id,account_id}'),
        ('campaign_event', 'lead', '{id,created_account_id}'),
        ('touchpoint', 'lead', '{id,deleted,source,campaign_id,created_account_id,created_at}'),
        ('touchpoint', 'campaign', '{id,type}'),
        ('touchpoint', 'contact', '{id,account_id}'),
        ('touchpoint', 'campaign_log_record', '{action,action_date,is_test,campaign_id,parent_id,parent_type,deleted}')
    ) AS n (entity, table_name, columns)
    CROSS JOIN unnest(n.columns) AS c (column_name);
END;
COMMENT ON FUNCTION crm_adapter_espocrm_columns() IS
    'the columns that the adapter for EspoCRM reads';
